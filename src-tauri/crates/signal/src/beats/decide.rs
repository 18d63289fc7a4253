//! Which peaks are beats.

use std::collections::VecDeque;

use super::Beat;
use super::front::length;
use super::peaks::Peak;

/// Medians are over so many.
const REMEMBERED: usize = 8;
/// Where between the noise and the beats the threshold stands.
const THRESHOLD: f64 = 0.3;
/// What is looked back for may be this much lower.
const LOOK_BACK: f64 = 0.6;
/// One looks back when so many usual intervals have passed.
const LONG: f64 = 1.5;
/// Within this after a beat may be its T wave.
const T_WAVE_MS: f64 = 360.0;
/// A T wave is less than this steep, beside its beat.
const T_WAVE_SLOPE: f64 = 0.5;
/// How tall beats are here is learnt from so many seconds: two beats even at 30 a minute.
const LEARNT_FROM_S: usize = 4;
/// After so long without a beat it is learnt anew.
const SILENCE_MS: f64 = 8_000.0;
/// Beats that are learnt anew are at least this tall beside those before, …
const SHRUNK: f64 = 0.2;
/// … for so long: after standstill of the chambers P waves go on, a tenth as tall, and are no beats.
const SHRUNK_FOR_MS: f64 = 60_000.0;
/// What is smaller in the band is no beat. Monitors are asked to ignore complexes of 0.15 mV and to find those of 0.5 mV
/// (IEC 60601-2-27); the band leaves about two thirds of a narrow one.
const FLOOR_MV: f64 = 0.15;
/// How much taller, at most, beats are thought to become from one to the next, …
const GROWTH: f64 = 1.02;
/// … and so many times as tall as usual a beat counts at most: after a jerk the next beat is still found.
const TALL_MAX: f64 = 2.0;
/// Peaks that wait for a look back: 230 ms apart, 8 s are 35.
const WAITING_MAX: usize = 64;

/// The last few numbers, and their median.
#[derive(Clone, Debug, Default)]
struct Lately {
    numbers: VecDeque<f64>,
}

impl Lately {
    fn push(&mut self, number: f64) {
        if self.numbers.len() == REMEMBERED {
            self.numbers.pop_front();
        }
        self.numbers.push_back(number);
    }

    fn median(&self) -> Option<f64> {
        let mut sorted = [f64::INFINITY; REMEMBERED];
        for (place, number) in sorted.iter_mut().zip(&self.numbers) {
            *place = *number;
        }
        sorted.sort_unstable_by(f64::total_cmp);
        let count = self.numbers.len();
        let upper = sorted.get(count / 2)?;
        let lower = sorted.get(count.checked_sub(1)? / 2)?;
        Some(lower.midpoint(*upper))
    }
}

#[derive(Clone, Debug)]
pub(super) struct Decider {
    second: u64,
    silence: u64,
    t_wave: u64,
    shrunk_for: u64,
    /// The least activity of a beat.
    floor: f64,
    now: u64,
    /// Since when it has learnt; `None` when it knows.
    learns_since: Option<u64>,
    beats: Lately,
    /// How tall beats usually are; follows slowly when they grow.
    usual: f64,
    noise: Lately,
    intervals: Lately,
    last: Option<Peak>,
    /// When there was one, or a reason to believe so, last.
    alive_at: u64,
    /// Peaks since the last beat that were none.
    waiting: VecDeque<Peak>,
    told: Option<u64>,
}

impl Decider {
    /// For so many inner samples a second, and what activity of one is in millivolts.
    pub(super) fn new(hertz: f64, step_mv: Option<f64>) -> Self {
        let long = |ms: f64| u64::try_from(length(ms, hertz)).unwrap_or(u64::MAX);
        Self {
            second: long(1_000.0),
            silence: long(SILENCE_MS),
            t_wave: long(T_WAVE_MS),
            shrunk_for: long(SHRUNK_FOR_MS),
            floor: step_mv.map_or(f64::MIN_POSITIVE, |step| FLOOR_MV / step),
            now: 0,
            learns_since: Some(0),
            beats: Lately::default(),
            usual: 0.0,
            noise: Lately::default(),
            intervals: Lately::default(),
            last: None,
            alive_at: 0,
            waiting: VecDeque::new(),
            told: None,
        }
    }

    /// One inner sample has passed, and perhaps a peak became certain.
    pub(super) fn take(&mut self, peak: Option<Peak>, beats: &mut Vec<Beat>) {
        self.now += 1;
        if let Some(peak) = peak {
            if self.learns_since.is_some() {
                self.wait(peak);
            } else {
                self.judge(peak, beats);
            }
        }
        let learnt_from = self.second * LEARNT_FROM_S as u64;
        match self.learns_since {
            Some(since) if self.now - since >= learnt_from => self.learn(since, beats),
            None if self.now - self.alive_at > self.silence => self.learn(self.now - learnt_from, beats),
            Some(_) | None => {}
        }
    }

    /// The wave stops for a while: what comes after is not an interval.
    pub(super) fn breaks(&mut self, beats: &mut Vec<Beat>) {
        if self.learns_since.is_none() {
            self.look_back(self.now, beats);
            self.waiting.clear();
            self.last = None;
        }
    }

    /// Nothing more comes.
    pub(super) fn end(&mut self, beats: &mut Vec<Beat>) {
        match self.learns_since {
            Some(since) => self.learn(since, beats),
            None => self.look_back(self.now, beats),
        }
    }

    fn wait(&mut self, peak: Peak) {
        if self.waiting.len() == WAITING_MAX {
            self.waiting.pop_front();
        }
        self.waiting.push_back(peak);
    }

    /// How tall beats are: the second greatest of the greatest of each second, so that one jerk is not taken for a beat.
    fn learn(&mut self, since: u64, beats: &mut Vec<Beat>) {
        let mut greatest = [0.0_f64; LEARNT_FROM_S];
        for peak in &self.waiting {
            let second = peak.at.checked_sub(since).map(|after| after / self.second);
            let second = second.and_then(|s| usize::try_from(s).ok());
            if let Some(place) = second.and_then(|s| greatest.get_mut(s)) {
                *place = place.max(peak.height);
            }
        }
        greatest.sort_unstable_by(f64::total_cmp);
        let [.., tall, _] = greatest;
        let is_known = self.now - self.alive_at < self.shrunk_for;
        let least = if is_known {
            self.floor.max(self.usual * SHRUNK)
        } else {
            self.floor
        };
        if tall < least {
            // Again in a second, with the newest seconds.
            self.learns_since = Some(since + self.second);
            return;
        }
        self.learns_since = None;
        self.alive_at = self.now;
        self.beats = Lately::default();
        self.noise = Lately::default();
        self.beats.push(tall);
        self.usual = tall;
        self.last = None;
        for peak in std::mem::take(&mut self.waiting) {
            self.judge(peak, beats);
        }
    }

    fn threshold(&self) -> f64 {
        let beat = self.beats.median().unwrap_or(self.floor);
        let noise = self.noise.median().unwrap_or(0.0).min(beat);
        (noise + THRESHOLD * (beat - noise)).max(self.floor)
    }

    fn judge(&mut self, peak: Peak, beats: &mut Vec<Beat>) {
        self.look_back(peak.at, beats);
        let is_t_wave = |last: Peak| peak.at - last.at < self.t_wave && peak.slope < T_WAVE_SLOPE * last.slope;
        if peak.height > self.threshold() && !self.last.is_some_and(is_t_wave) {
            self.is_beat(peak, false, beats);
            self.waiting.clear();
        } else {
            self.noise.push(peak.height);
            self.wait(peak);
        }
    }

    /// Whether a beat was missed before `until`.
    fn look_back(&mut self, until: u64, beats: &mut Vec<Beat>) {
        while let (Some(last), Some(usual)) = (self.last, self.intervals.median()) {
            if interval(last.at, until) < LONG * usual {
                return;
            }
            let lower = (self.threshold() * LOOK_BACK).max(self.floor);
            let missed = self
                .waiting
                .iter()
                .filter(|p| p.at >= last.at + self.t_wave && p.height > lower);
            let Some(missed) = missed.max_by(|a, b| a.height.total_cmp(&b.height)).copied() else {
                return;
            };
            self.is_beat(missed, true, beats);
            self.waiting.retain(|p| p.at > missed.at);
        }
    }

    fn is_beat(&mut self, peak: Peak, is_looked_back: bool, beats: &mut Vec<Beat>) {
        if let Some(last) = self.last {
            self.intervals.push(interval(last.at, peak.at));
        }
        self.beats.push(peak.height.min(self.usual * TALL_MAX));
        self.usual = self.beats.median().unwrap_or(0.0).min(self.usual * GROWTH);
        self.last = Some(peak);
        self.alive_at = self.alive_at.max(peak.at);
        // Tops are looked for near their peaks: two of them are the same sample when one complex has two humps.
        if self.told.is_none_or(|told| peak.sample > told) {
            self.told = Some(peak.sample);
            beats.push(Beat {
                at: peak.sample,
                is_looked_back,
            });
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "an interval is below 2^52 samples")]
fn interval(from: u64, to: u64) -> f64 {
    to.saturating_sub(from) as f64
}
