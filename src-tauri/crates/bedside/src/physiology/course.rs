//! Who lies in the demo ward and what happens to them.

use std::sync::Arc;

use model::MetricCode;

use super::heart::Rhythm;

/// After so many seconds a patient's episodes come again.
const ROUND_S: f64 = 600.0;
/// How different patients there are.
const KINDS: u16 = 16;

/// A change that comes, stays and goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Episode {
    metric: MetricCode,
    /// What is added to the patient's usual value while it stays.
    by: f64,
    start_s: f64,
    come_s: f64,
    stay_s: f64,
    go_s: f64,
}

impl Episode {
    /// What it adds at `t` seconds.
    fn at(&self, t: f64) -> f64 {
        let into = (t - self.start_s).rem_euclid(ROUND_S);
        // Before its first beginning it does not happen, though a round later it would.
        if t < self.start_s {
            return 0.0;
        }
        let back = into - self.come_s - self.stay_s;
        let part = if into < self.come_s {
            into / self.come_s
        } else {
            (1.0 - back / self.go_s).min(1.0)
        };
        self.by * part.clamp(0.0, 1.0)
    }
}

/// A wave of a demo patient.
#[derive(Clone, Debug)]
pub(crate) enum Trace {
    EcgII,
    EcgV1,
    EcgV5,
    Pleth,
    Respiration,
    Arterial,
    Co2,
    /// A recording in place of the model's own ECG or pleth.
    Recorded(Arc<crate::record::RecordedSignal>),
}

/// What is usual for a patient, and what happens.
#[derive(Clone, Debug)]
pub(crate) struct Course {
    pub(crate) heart_rate: f64,
    pub(crate) breath_rate: f64,
    pub(crate) spo2: f64,
    pub(crate) systolic: f64,
    pub(crate) diastolic: f64,
    pub(crate) temperature: f64,
    pub(crate) perfusion: f64,
    pub(crate) end_tidal: f64,
    pub(crate) rhythm: Rhythm,
    pub(crate) traces: Vec<Trace>,
    pub(crate) episodes: Vec<Episode>,
    /// Seconds between two cuff measurements; `None`: no cuff.
    pub(crate) cuff_s: Option<u32>,
    /// How much slow wandering there is, 1 being usual.
    pub(crate) wander: f64,
}

impl Course {
    /// An adult at rest with ECG, pleth and resp.
    pub(crate) fn calm() -> Self {
        Self {
            heart_rate: 72.0,
            breath_rate: 14.0,
            spo2: 97.0,
            systolic: 124.0,
            diastolic: 76.0,
            temperature: 36.8,
            perfusion: 3.2,
            end_tidal: 38.0,
            rhythm: Rhythm::Sinus {
                arrhythmia: 0.035,
                ectopic_in: 0,
            },
            traces: vec![Trace::EcgII, Trace::EcgV1, Trace::Pleth, Trace::Respiration],
            episodes: Vec::new(),
            cuff_s: Some(300),
            wander: 1.0,
        }
    }

    /// The patient of a demo bed, counted from 0. Beds 16 and on are like the first sixteen, with other rates and later.
    pub(crate) fn demo(bed: u16, events: bool) -> Self {
        let mut course = Self::kind(bed % KINDS);
        let round = f64::from(bed / KINDS);
        // No two beds beat alike: up to 6 % faster or slower, by a sequence that never repeats.
        let shift = (f64::from(bed) * 0.618_034).fract() - 0.5;
        course.heart_rate *= 1.0 + 0.12 * shift;
        course.breath_rate *= 1.0 - 0.1 * shift;
        course.systolic += 8.0 * shift;
        course.temperature += 0.5 * shift;
        for episode in &mut course.episodes {
            episode.start_s += 70.0 * round;
        }
        if !events {
            course.episodes.clear();
        }
        course
    }

    fn kind(kind: u16) -> Self {
        let calm = Self::calm();
        match kind {
            1 => crate::record::ecg_208().map_or(calm.clone(), |ecg| Self {
                rhythm: ecg.rhythm(),
                traces: vec![Trace::Recorded(ecg), Trace::Pleth, Trace::Respiration],
                ..calm
            }),
            2 => Self::desaturating(),
            3 => Self::with_recorded_pleth(crate::record::ppg_2(), vec![Trace::EcgII], vec![Trace::Respiration]),
            4 => Self {
                heart_rate: 88.0,
                rhythm: Rhythm::Fibrillation,
                traces: vec![Trace::EcgII, Trace::EcgV1, Trace::Pleth],
                ..calm
            },
            5 => Self::ventilated(),
            6 => Self {
                heart_rate: 86.0,
                episodes: vec![
                    episode(MetricCode::HeartRate, 52.0, 50.0, [9.0, 80.0, 40.0]),
                    episode(MetricCode::SpO2, -2.0, 60.0, [20.0, 60.0, 40.0]),
                ],
                ..calm
            },
            7 => Self {
                heart_rate: 56.0,
                breath_rate: 11.0,
                rhythm: sinus(0.09, 0),
                ..calm
            },
            8 => Self {
                heart_rate: 104.0,
                breath_rate: 22.0,
                systolic: 102.0,
                diastolic: 62.0,
                ..calm
            },
            10 => Self {
                spo2: 95.0,
                traces: vec![Trace::EcgII, Trace::Pleth, Trace::Co2],
                end_tidal: 44.0,
                episodes: vec![episode(MetricCode::RespirationRate, -8.0, 260.0, [20.0, 60.0, 30.0])],
                ..calm
            },
            11 => Self {
                systolic: 172.0,
                diastolic: 94.0,
                cuff_s: Some(180),
                traces: vec![Trace::EcgII, Trace::EcgV5, Trace::Pleth, Trace::Respiration],
                ..calm
            },
            13 => Self {
                heart_rate: 80.0,
                rhythm: sinus(0.02, 14),
                ..calm
            },
            14 => Self::with_recorded_pleth(crate::record::ppg_1(), Vec::new(), Vec::new()),
            15 => Self {
                spo2: 95.0,
                wander: 1.6,
                cuff_s: Some(600),
                traces: vec![Trace::Pleth],
                ..calm
            },
            _ => calm,
        }
    }

    /// Falls from 95 to 84 within half a minute, stays there for a minute and recovers; the heart answers.
    fn desaturating() -> Self {
        Self {
            spo2: 95.0,
            heart_rate: 78.0,
            episodes: vec![
                episode(MetricCode::SpO2, -11.0, 6.0, [26.0, 75.0, 60.0]),
                episode(MetricCode::HeartRate, 18.0, 20.0, [30.0, 60.0, 60.0]),
                episode(MetricCode::RespirationRate, 8.0, 25.0, [30.0, 60.0, 60.0]),
            ],
            ..Self::calm()
        }
    }

    fn ventilated() -> Self {
        Self {
            heart_rate: 92.0,
            breath_rate: 16.0,
            rhythm: sinus(0.012, 0),
            traces: vec![
                Trace::EcgII,
                Trace::Arterial,
                Trace::Pleth,
                Trace::Co2,
                Trace::Respiration,
            ],
            episodes: vec![
                episode(MetricCode::ArterialSystolic, -38.0, 330.0, [40.0, 60.0, 60.0]),
                episode(MetricCode::HeartRate, 16.0, 345.0, [40.0, 60.0, 60.0]),
            ],
            ..Self::calm()
        }
    }

    fn with_recorded_pleth(
        pleth: Option<Arc<crate::record::RecordedSignal>>,
        mut before: Vec<Trace>,
        after: Vec<Trace>,
    ) -> Self {
        let calm = Self::calm();
        let Some(pleth) = pleth else { return calm };
        let rhythm = pleth.rhythm();
        before.push(Trace::Recorded(pleth));
        before.extend(after);
        Self {
            rhythm,
            traces: before,
            ..calm
        }
    }

    /// What the patient's body aims at, `t` seconds after the beginning.
    pub(crate) fn target(&self, metric: MetricCode, t: f64, phase: f64) -> f64 {
        // Two slow waves whose periods do not fit into each other, so that it looks like no wave.
        let slow = 0.6 * (t / 53.0 + phase).sin() + 0.4 * (t / 21.7 + 2.0 * phase).sin();
        let slow = slow * self.wander;
        #[expect(clippy::wildcard_enum_match_arm, reason = "only what the model aims at has a target")]
        let usual = match metric {
            MetricCode::HeartRate => self.heart_rate * (1.0 + 0.025 * slow),
            MetricCode::RespirationRate => self.breath_rate * (1.0 + 0.06 * slow),
            MetricCode::SpO2 => self.spo2 + 0.8 * slow,
            MetricCode::ArterialSystolic => self.systolic + 4.0 * slow,
            MetricCode::Temperature => self.temperature + 0.05 * slow,
            MetricCode::PerfusionIndex => self.perfusion * (1.0 + 0.15 * slow),
            MetricCode::EndTidalCo2 => self.end_tidal + 0.8 * slow,
            _ => 0.0,
        };
        let happens: f64 = self
            .episodes
            .iter()
            .filter(|e| e.metric == metric)
            .map(|e| e.at(t))
            .sum();
        usual + happens
    }
}

fn sinus(arrhythmia: f64, ectopic_in: u32) -> Rhythm {
    Rhythm::Sinus { arrhythmia, ectopic_in }
}

fn episode(metric: MetricCode, by: f64, start_s: f64, [come_s, stay_s, go_s]: [f64; 3]) -> Episode {
    Episode {
        metric,
        by,
        start_s,
        come_s,
        stay_s,
        go_s,
    }
}
