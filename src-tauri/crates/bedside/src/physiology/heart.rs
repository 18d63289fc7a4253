//! Heart beats and breaths: the one rhythm from which waves and numbers are made.

use std::collections::VecDeque;

use super::random::Random;

/// One heart beat.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beat {
    /// The R peak, in seconds since the patient's beginning.
    pub at: f64,
    /// Seconds since the beat before.
    pub interval: f64,
    /// Begun in a ventricle: wide, early, with a weaker pulse.
    pub ventricular: bool,
}

/// One breath.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Breath {
    pub(crate) at: f64,
    pub(crate) length: f64,
}

/// How the heart keeps time.
#[derive(Clone, Debug)]
pub(crate) enum Rhythm {
    /// Sinus rhythm that follows breathing.
    Sinus {
        /// How much breathing moves the interval, as a part of it.
        arrhythmia: f64,
        /// A ventricular beat in so many, at random; 0 for none.
        ectopic_in: u32,
    },
    /// Atrial fibrillation: every interval is its own.
    Fibrillation,
    /// Beats of a recording, in seconds from its beginning, and its length; over and over.
    Recorded { beats: Vec<f64>, length: f64 },
}

/// Beats and breaths so far and a little ahead.
#[derive(Clone, Debug)]
pub(crate) struct Heart {
    rhythm: Rhythm,
    beats: VecDeque<Beat>,
    breaths: VecDeque<Breath>,
    random: Random,
    /// Next beat of a recording, counted over all rounds.
    recorded: usize,
    /// The pause after a ventricular beat, in seconds.
    pause: f64,
}

/// Beats and breaths older than this are of no use to any number (30 s of breaths is the longest look back).
const KEPT_S: f64 = 45.0;

impl Heart {
    pub(crate) fn new(rhythm: Rhythm, seed: u64) -> Self {
        Self {
            rhythm,
            beats: VecDeque::new(),
            breaths: VecDeque::new(),
            random: Random::new(seed),
            recorded: 0,
            pause: 0.0,
        }
    }

    /// Makes beats and breaths up to `until`, at the rates that hold now, a minute.
    pub(crate) fn advance(&mut self, until: f64, heart_rate: f64, breath_rate: f64) {
        while self.breaths.back().is_none_or(|b| b.at < until) {
            let at = self.breaths.back().map_or(-KEPT_S, |b| b.at + b.length);
            let length = 60.0 / breath_rate.max(2.0) * (1.0 + 0.04 * self.random.normal());
            self.breaths.push_back(Breath { at, length });
        }
        while self.beats.back().is_none_or(|b| b.at < until) {
            let last = self.beats.back().map_or(-KEPT_S, |b| b.at);
            let beat = self.next_beat(last, heart_rate);
            self.beats.push_back(beat);
        }
        while self.beats.front().is_some_and(|b| b.at < until - KEPT_S) {
            self.beats.pop_front();
        }
        while self.breaths.front().is_some_and(|b| b.at < until - KEPT_S) {
            self.breaths.pop_front();
        }
    }

    fn next_beat(&mut self, last: f64, heart_rate: f64) -> Beat {
        let mean = 60.0 / heart_rate.clamp(10.0, 320.0);
        let (interval, ventricular) = match &self.rhythm {
            Rhythm::Recorded { beats, length } => {
                let round = self.recorded / beats.len().max(1);
                let place = beats.get(self.recorded % beats.len().max(1)).copied().unwrap_or(0.0);
                self.recorded += 1;
                let at = place + f64::from(u32::try_from(round).unwrap_or(u32::MAX)) * length;
                return Beat {
                    at,
                    // Before the recording there was none: the first interval is that of its first two beats.
                    interval: if last < 0.0 { mean } else { at - last },
                    ventricular: false,
                };
            }
            Rhythm::Fibrillation => (mean * (1.0 + 0.2 * self.random.normal()), false),
            Rhythm::Sinus { arrhythmia, ectopic_in } => {
                let breath = (self.breath_phase(last) * std::f64::consts::TAU).sin();
                let even = mean * (1.0 + arrhythmia * breath + 0.008 * self.random.normal());
                // A ventricular beat comes early and the next one waits, so that the mean rate stays.
                let early = *ectopic_in > 0
                    && self.pause == 0.0
                    && f64::midpoint(self.random.even(), 1.0) * f64::from(*ectopic_in) < 1.0;
                if early {
                    self.pause = even * 0.36;
                    (even * 0.64, true)
                } else {
                    (even + std::mem::take(&mut self.pause), false)
                }
            }
        };
        let interval = interval.max(0.18);
        Beat {
            at: last + interval,
            interval,
            ventricular,
        }
    }

    /// Beats from `from` until before `to`.
    pub(crate) fn beats(&self, from: f64, to: f64) -> impl Iterator<Item = &Beat> {
        let first = self.beats.partition_point(|b| b.at < from);
        self.beats.range(first..).take_while(move |b| b.at < to)
    }

    /// The breath at `at`, and how far it is, 0 to 1.
    pub(crate) fn breath(&self, at: f64) -> Option<(&Breath, f64)> {
        let after = self.breaths.partition_point(|b| b.at <= at);
        let breath = self.breaths.get(after.checked_sub(1)?)?;
        Some((breath, ((at - breath.at) / breath.length).clamp(0.0, 1.0)))
    }

    pub(crate) fn breath_phase(&self, at: f64) -> f64 {
        self.breath(at).map_or(0.0, |(_, phase)| phase)
    }

    /// Beats a minute over the last 10 s before `now` (at least the last two beats).
    pub(crate) fn heart_rate(&self, now: f64) -> Option<f64> {
        rate(self.beats(now - 10.0, now).map(|b| b.interval))
            .or_else(|| self.beats(now - 6.0, now).last().map(|b| 60.0 / b.interval))
    }

    /// Breaths a minute over the last 30 s before `now`.
    pub(crate) fn breath_rate(&self, now: f64) -> Option<f64> {
        let ended = |b: &&Breath| b.at + b.length <= now && b.at + b.length > now - 30.0;
        rate(self.breaths.iter().filter(ended).map(|b| b.length))
    }
}

fn rate(lengths: impl Iterator<Item = f64>) -> Option<f64> {
    let (count, sum) = lengths.fold((0.0, 0.0), |(count, sum), length| (count + 1.0, sum + length));
    (count >= 2.0).then(|| 60.0 * count / sum)
}
