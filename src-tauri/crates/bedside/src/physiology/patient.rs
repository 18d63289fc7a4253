//! A patient: samples and numbers on demand.

use std::collections::VecDeque;
use std::time::Duration;

use model::{MetricCode, NumericTiming, SampleRate, Scale};
use wire::native::Validity;

use super::Beat;
use super::course::{Course, Trace};
use super::heart::{Heart, Rhythm};
use super::random::Random;
use super::shape::{FINGER_DELAY_S, LEAD_II, LEAD_V1, LEAD_V5, Lead, WRIST_DELAY_S, capnogram, chest, ecg, pulse};
use crate::source::{Channel, Measured, NumberSpec};

/// How far beats are known ahead of the sample that is made: the P wave comes before its beat.
const AHEAD_S: f64 = 0.6;
/// How long a beat still shows: its T wave, its pulse and the second wave of that.
const BEHIND_S: f64 = 1.6;
/// Pressures and carbon dioxide are read off so many seconds of their own trace.
const LOOK_BACK: usize = 6;

/// A patient who lives by a seed.
pub struct Patient {
    course: Course,
    heart: Heart,
    noise: Random,
    phase: f64,
    with_p: bool,
    channels: Vec<Channel>,
    numbers: Vec<NumberSpec>,
    /// Samples made so far, by channel.
    made: Vec<u64>,
    /// Extremes of the last seconds of the arterial trace and of carbon dioxide.
    arterial: VecDeque<Extremes>,
    co2: VecDeque<Extremes>,
    /// Numbers that a script holds.
    steered: Vec<(MetricCode, f64)>,
    /// Seconds from the beginning to the first cuff measurement.
    cuff_first: u64,
}

/// What a trace did within a second.
#[derive(Clone, Copy, Debug)]
struct Extremes {
    second: u64,
    low: f64,
    high: f64,
    sum: f64,
    count: f64,
}

impl Patient {
    /// A calm adult: leads II and V1 at 250 Hz, pleth at 125, resp at 62.5.
    pub fn calm(seed: u64) -> Self {
        Self::new(Course::calm(), seed)
    }

    /// The patient whose loop loads a station: exactly four waves and eight numbers a second.
    pub(crate) fn load(seed: u64) -> Self {
        let mut patient = Self::new(
            Course {
                cuff_s: None,
                ..Course::calm()
            },
            seed,
        );
        patient.numbers.push(NumberSpec {
            metric: MetricCode::AirwayRespirationRate,
            timing: NumericTiming::Every(Duration::from_secs(1)),
        });
        patient
    }

    /// The patient of a demo bed, counted from 0; `events` says whether anything happens to them.
    pub fn demo(bed: u16, events: bool) -> Self {
        Self::new(Course::demo(bed, events), u64::from(bed) + 1)
    }

    fn new(course: Course, seed: u64) -> Self {
        let channels: Vec<Channel> = course.traces.iter().map(channel).collect();
        let numbers = numbers(&course, &channels);
        let mut noise = Random::new(seed);
        Self {
            heart: Heart::new(course.rhythm.clone(), seed ^ 0x5eed),
            phase: noise.even() * std::f64::consts::PI,
            noise,
            with_p: !matches!(course.rhythm, Rhythm::Fibrillation),
            made: vec![0; channels.len()],
            arterial: VecDeque::new(),
            co2: VecDeque::new(),
            steered: Vec::new(),
            cuff_first: 4 + seed % 17,
            course,
            channels,
            numbers,
        }
    }

    /// The waves.
    pub fn channels(&self) -> &[Channel] {
        &self.channels
    }

    /// The numbers.
    pub fn numbers(&self) -> &[NumberSpec] {
        &self.numbers
    }

    /// Makes the body follow `value`, or its own course again.
    pub fn steer(&mut self, metric: MetricCode, value: Option<f64>) {
        self.steered.retain(|(m, _)| *m != metric);
        self.steered.extend(value.map(|v| (metric, v)));
    }

    /// The beats from `from` until before `to`, in seconds since the beginning, as far as they are made.
    pub fn beats(&self, from: f64, to: f64) -> impl Iterator<Item = &Beat> {
        self.heart.beats(from, to)
    }

    /// Appends the next `count` samples of a channel, in the steps of its scale.
    ///
    /// Ask for all channels in turn, a few seconds at a time: beats that are long past are forgotten.
    pub fn samples(&mut self, channel: usize, count: usize, into: &mut Vec<i16>) {
        let (Some(shape), Some(made)) = (self.channels.get(channel).copied(), self.made.get_mut(channel)) else {
            return;
        };
        let first = *made;
        *made += u64::try_from(count).unwrap_or(0);
        let end = *made;
        if let Some(Trace::Recorded(signal)) = self.course.traces.get(channel) {
            let length = signal.samples.len().max(1);
            let start = usize::try_from(first).unwrap_or(0) % length;
            into.extend(signal.samples.iter().cycle().skip(start).take(count));
            return;
        }
        let step = seconds(shape.rate, 1);
        let from = seconds(shape.rate, first);
        self.advance(seconds(shape.rate, end));
        let beats: Vec<Beat> = self
            .heart
            .beats(from - BEHIND_S, from + step * count_f64(count) + AHEAD_S)
            .copied()
            .collect();
        for at in first..end {
            let t = seconds(shape.rate, at);
            let value = self.value(channel, t, &beats);
            into.push(steps(value, shape.scale));
        }
    }

    fn advance(&mut self, until: f64) {
        let heart_rate = self.target(MetricCode::HeartRate, until);
        let breath_rate = self.target(MetricCode::RespirationRate, until);
        self.heart.advance(until + AHEAD_S, heart_rate, breath_rate);
    }

    /// What the body aims at: what a script holds, or its own course.
    fn target(&self, metric: MetricCode, t: f64) -> f64 {
        let held = self.steered.iter().find(|(m, _)| *m == metric).map(|(_, v)| *v);
        held.unwrap_or_else(|| self.course.target(metric, t, self.phase))
    }

    /// The value of a wave at `t`, in its unit.
    fn value(&mut self, channel: usize, t: f64, beats: &[Beat]) -> f64 {
        let lead = match self.course.traces.get(channel) {
            Some(Trace::EcgII) => LEAD_II,
            Some(Trace::EcgV1) => LEAD_V1,
            Some(Trace::EcgV5) => LEAD_V5,
            Some(Trace::Pleth) => return self.pleth(t, beats),
            Some(Trace::Respiration) => return chest(self.heart.breath_phase(t)) + 0.004 * self.noise.normal(),
            Some(Trace::Arterial) => return self.arterial(t, beats),
            Some(Trace::Co2) => return self.carbon_dioxide(t),
            Some(Trace::Recorded(_)) | None => return 0.0,
        };
        self.ecg(&lead, t, beats)
    }

    fn ecg(&mut self, lead: &Lead, t: f64, beats: &[Beat]) -> f64 {
        let heart: f64 = beats.iter().map(|b| ecg(lead, b, t - b.at, self.with_p)).sum();
        let breathing = 0.04 * chest(self.heart.breath_phase(t));
        // Fibrillating atria leave a fine, uneven ripple where P waves would be.
        let ripple = if self.with_p {
            0.0
        } else {
            0.03 * (t * 41.0).sin() + 0.02 * (t * 53.0 + 1.0).sin()
        };
        heart + breathing + ripple + 0.006 * self.noise.normal()
    }

    fn pleth(&mut self, t: f64, beats: &[Beat]) -> f64 {
        let pulses: f64 = beats.iter().map(|b| pulse(b, t - b.at - FINGER_DELAY_S)).sum();
        let strength = (self.course.perfusion / 3.0).clamp(0.3, 1.3);
        let breathing = 0.06 * chest(self.heart.breath_phase(t));
        strength * (pulses + breathing) + 0.003 * self.noise.normal()
    }

    fn arterial(&mut self, t: f64, beats: &[Beat]) -> f64 {
        let pulses: f64 = beats.iter().map(|b| pulse(b, t - b.at - WRIST_DELAY_S)).sum();
        let systolic = self.target(MetricCode::ArterialSystolic, t);
        let diastolic = self.diastolic(t);
        let breathing = 2.0 * chest(self.heart.breath_phase(t));
        let value = diastolic + (systolic - diastolic) * pulses + breathing + 0.2 * self.noise.normal();
        note(&mut self.arterial, t, value);
        value
    }

    /// The diastolic pressure follows the systolic one half the way.
    fn diastolic(&self, t: f64) -> f64 {
        let systolic = self.target(MetricCode::ArterialSystolic, t);
        self.course.diastolic + 0.5 * (systolic - self.course.systolic)
    }

    fn carbon_dioxide(&mut self, t: f64) -> f64 {
        let end_tidal = self.target(MetricCode::EndTidalCo2, t);
        let part = self
            .heart
            .breath(t)
            .map_or(0.0, |(breath, phase)| capnogram(breath, phase));
        let value = end_tidal * part;
        note(&mut self.co2, t, value);
        value
    }

    /// The numbers of second `second`, which has just ended. A cuff's numbers are in it only when it has measured.
    pub(crate) fn values(&mut self, second: u64) -> Vec<Measured> {
        let now = float(second) + 1.0;
        self.advance(now);
        let measures = self.course.cuff_s.is_some_and(|interval| {
            second >= self.cuff_first && (second - self.cuff_first).is_multiple_of(u64::from(interval))
        });
        let metrics: Vec<MetricCode> = self.numbers.iter().map(|n| n.metric).collect();
        metrics
            .into_iter()
            .filter(|m| measures || !m.is_intermittent())
            .map(|metric| {
                let value = self.number(metric, now).map(|v| rounded(metric, v));
                let absent = Validity::Absent(model::Absence::NotAvailable);
                Measured {
                    metric,
                    value,
                    validity: if value.is_some() { Validity::Valid } else { absent },
                }
            })
            .collect()
    }

    fn number(&self, metric: MetricCode, now: f64) -> Option<f64> {
        let arterial =
            |read: fn(&Extremes) -> f64, better: fn(f64, f64) -> f64| self.arterial.iter().map(read).reduce(better);
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "the rest are targets, or not in this ward"
        )]
        match metric {
            MetricCode::HeartRate => self.heart.heart_rate(now),
            MetricCode::PulseRate => self.heart.heart_rate(now - FINGER_DELAY_S),
            MetricCode::RespirationRate | MetricCode::AirwayRespirationRate => self.heart.breath_rate(now),
            MetricCode::VpcRate => {
                let ectopic = self.heart.beats(now - 30.0, now).filter(|b| b.ventricular).count();
                Some(2.0 * count_f64(ectopic))
            }
            MetricCode::SpO2 => Some(self.target(metric, now).clamp(0.0, 100.0)),
            MetricCode::ArterialSystolic => arterial(|e| e.high, f64::max),
            MetricCode::ArterialDiastolic => arterial(|e| e.low, f64::min),
            MetricCode::ArterialMean => {
                let (sum, count) = self
                    .arterial
                    .iter()
                    .fold((0.0, 0.0), |(s, c), e| (s + e.sum, c + e.count));
                (count > 0.0).then_some(sum / count)
            }
            MetricCode::EndTidalCo2 => self.co2.iter().map(|e| e.high).reduce(f64::max),
            MetricCode::NibpSystolic => Some(self.target(MetricCode::ArterialSystolic, now)),
            MetricCode::NibpDiastolic => Some(self.diastolic(now)),
            MetricCode::NibpMean => {
                let systolic = self.target(MetricCode::ArterialSystolic, now);
                let diastolic = self.diastolic(now);
                Some(diastolic + (systolic - diastolic) / 3.0)
            }
            _ => Some(self.target(metric, now)),
        }
    }
}

fn channel(trace: &Trace) -> Channel {
    let (metric, rate, resolution) = match trace {
        Trace::EcgII => (MetricCode::EcgII, (250, 1), 0.005),
        Trace::EcgV1 => (MetricCode::EcgV1, (250, 1), 0.005),
        Trace::EcgV5 => (MetricCode::EcgV5, (250, 1), 0.005),
        Trace::Pleth => (MetricCode::Pleth, (125, 1), 0.001),
        Trace::Respiration => (MetricCode::Respiration, (125, 2), 0.001),
        Trace::Arterial => (MetricCode::ArterialPressure, (125, 1), 0.1),
        Trace::Co2 => (MetricCode::AirwayCo2, (125, 2), 0.05),
        Trace::Recorded(signal) => return signal.channel,
    };
    Channel {
        metric,
        rate: crate::record::rate(rate.0, rate.1),
        scale: crate::record::scale(resolution, 0.0),
    }
}

/// The numbers that go with a patient's waves.
fn numbers(course: &Course, channels: &[Channel]) -> Vec<NumberSpec> {
    let has = |metric| channels.iter().any(|c| c.metric == metric);
    let mut found = Vec::new();
    if channels.iter().any(|c| c.metric.unit() == model::Unit::Millivolt) {
        found.extend([MetricCode::HeartRate, MetricCode::VpcRate]);
        if matches!(course.rhythm, Rhythm::Recorded { .. }) {
            // A detector of peaks does not tell where a beat began.
            found.pop();
        }
    }
    found.extend([MetricCode::SpO2, MetricCode::PulseRate, MetricCode::PerfusionIndex]);
    if has(MetricCode::Respiration) {
        found.push(MetricCode::RespirationRate);
    }
    if has(MetricCode::AirwayCo2) {
        found.extend([MetricCode::AirwayRespirationRate, MetricCode::EndTidalCo2]);
    }
    if has(MetricCode::ArterialPressure) {
        found.extend([
            MetricCode::ArterialSystolic,
            MetricCode::ArterialDiastolic,
            MetricCode::ArterialMean,
        ]);
    }
    found.push(MetricCode::Temperature);
    let second = Duration::from_secs(1);
    let mut specs: Vec<NumberSpec> = found
        .into_iter()
        .map(|metric| NumberSpec {
            metric,
            timing: NumericTiming::Every(second),
        })
        .collect();
    if let Some(interval) = course.cuff_s {
        let cuff = [
            MetricCode::NibpSystolic,
            MetricCode::NibpDiastolic,
            MetricCode::NibpMean,
        ];
        specs.extend(cuff.map(|metric| NumberSpec {
            metric,
            timing: NumericTiming::Intermittent(second * interval),
        }));
    }
    specs
}

fn note(window: &mut VecDeque<Extremes>, t: f64, value: f64) {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole seconds since the beginning"
    )]
    let second = t.max(0.0) as u64;
    match window.back_mut() {
        Some(last) if last.second == second => {
            last.low = last.low.min(value);
            last.high = last.high.max(value);
            last.sum += value;
            last.count += 1.0;
        }
        Some(_) | None => window.push_back(Extremes {
            second,
            low: value,
            high: value,
            sum: value,
            count: 1.0,
        }),
    }
    while window.len() > LOOK_BACK {
        window.pop_front();
    }
}

/// As a monitor shows it: whole numbers, or as many decimals as the metric has.
pub(crate) fn rounded(metric: MetricCode, value: f64) -> f64 {
    let places = 10_f64.powi(i32::from(metric.decimals()));
    (value * places).round() / places
}

fn steps(value: f64, scale: Scale) -> i16 {
    let steps = ((value - scale.offset()) / scale.resolution()).round();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "clamped to the range, -32768 being no sample"
    )]
    let steps = steps.clamp(f64::from(-i16::MAX), f64::from(i16::MAX)) as i16;
    steps
}

fn seconds(rate: SampleRate, samples: u64) -> f64 {
    float(samples) / rate.hertz()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "exact for nine thousand million million samples"
)]
fn float(count: u64) -> f64 {
    count as f64
}

fn count_f64(count: usize) -> f64 {
    float(u64::try_from(count).unwrap_or(0))
}
