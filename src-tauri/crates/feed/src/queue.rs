//! One feed's bounded queue: pure, no async, no clock.
//!
//! | class | bound | when full |
//! |---|---|---|
//! | waves | [`WAVE_BLOCKS_MAX`] and [`WAVE_SAMPLES_MAX`] | [`WhenFull::DropOldest`]; the next block of that wave says `gap_before` |
//! | live numerics | [`NUMERICS_MAX`] | [`WhenFull::KeepNewestPerMetric`] |
//! | device alerts, connectivity, device, back-filled numerics | [`OTHERS_MAX`] | [`WhenFull::Wait`] |
//! | rejects | one per reason, counts added up | never full |
//! | signs of life | one | never full: a second one says nothing new |

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use model::{MetricCode, Numeric, Observation, RejectReason, Rejects, SampleArray, Timeliness};

/// Wave blocks of one feed that wait at most: 8 waves x 4 messages a second x 4 s.
pub const WAVE_BLOCKS_MAX: usize = 8 * 4 * 4;

/// Wave samples of one feed that wait at most: 8 waves x 500 samples a second x 64 s = 256,000, rounded up to
/// 512 KiB of `i16`. It is also more than the largest message holds (256 KiB / 2 bytes a sample).
pub const WAVE_SAMPLES_MAX: usize = 512 * 1_024 / 2;

/// Live numerics of one feed that wait at most: 8 numerics a second x 8 s. More than there are metrics, so the
/// newest of each always finds room.
pub const NUMERICS_MAX: usize = 8 * 8;

/// Other observations of one feed that wait at most: a device that raises all of some thirty alerts of its own and
/// takes them back at once.
pub const OTHERS_MAX: usize = 64;

/// What happens when a bound is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenFull {
    /// The oldest goes, is counted, and the gap is marked.
    DropOldest,
    /// The oldest value that has a newer one of the same metric behind it goes, and is counted.
    KeepNewestPerMetric,
    /// The sender waits: nothing of this class is ever lost.
    Wait,
}

impl WhenFull {
    /// The policy of an observation's class.
    pub const fn of(observation: &Observation) -> Self {
        match observation {
            Observation::Wave(_) => Self::DropOldest,
            Observation::Numeric(n) => match n.timeliness {
                Timeliness::Live => Self::KeepNewestPerMetric,
                // No newer value replaces a back-filled one: dropping it would leave a hole in history.
                Timeliness::Late => Self::Wait,
            },
            Observation::DeviceAlert(_)
            | Observation::Connectivity(_)
            | Observation::Device(_)
            | Observation::Rejects(_)
            | Observation::Alive => Self::Wait,
        }
    }
}

/// An observation with its place in the feed's order and its transit time in milliseconds.
#[derive(Debug)]
struct Entry<T> {
    order: u64,
    transit_ms: f32,
    what: T,
}

/// The queue of one feed. Popped in the order of pushing, but for rejects, which come first.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    next_order: u64,
    waves: VecDeque<Entry<SampleArray>>,
    wave_samples: usize,
    numerics: VecDeque<Entry<Numeric>>,
    others: VecDeque<Entry<Observation>>,
    alive: Option<Entry<()>>,
    rejects: BTreeMap<RejectReason, Rejects>,
    /// Waves whose next block must say that something is missing before it.
    torn: BTreeSet<MetricCode>,
}

impl Queue {
    /// Puts `observation` in. Gives it back when its class waits and is full.
    pub(crate) fn push(&mut self, observation: Observation, transit_ms: f32) -> Result<(), Observation> {
        if WhenFull::of(&observation) == WhenFull::Wait && self.others.len() >= OTHERS_MAX {
            match observation {
                Observation::Rejects(_) | Observation::Alive => {}
                Observation::Numeric(_)
                | Observation::Wave(_)
                | Observation::DeviceAlert(_)
                | Observation::Connectivity(_)
                | Observation::Device(_) => return Err(observation),
            }
        }
        let order = self.next_order;
        self.next_order += 1;
        match observation {
            Observation::Wave(what) => self.push_wave(Entry {
                order,
                transit_ms,
                what,
            }),
            Observation::Numeric(what) if what.timeliness == Timeliness::Live => {
                self.push_numeric(Entry {
                    order,
                    transit_ms,
                    what,
                });
            }
            Observation::Rejects(rejects) => self.count(rejects),
            Observation::Alive => {
                self.alive.get_or_insert(Entry {
                    order,
                    transit_ms,
                    what: (),
                });
            }
            what @ (Observation::Numeric(_)
            | Observation::DeviceAlert(_)
            | Observation::Connectivity(_)
            | Observation::Device(_)) => self.others.push_back(Entry {
                order,
                transit_ms,
                what,
            }),
        }
        Ok(())
    }

    /// Takes the next one out, with its transit time.
    pub(crate) fn pop(&mut self) -> Option<(Observation, f32)> {
        if let Some((_, rejects)) = self.rejects.pop_first() {
            return Some((Observation::Rejects(rejects), 0.0));
        }
        let fronts = [
            self.waves.front().map(|e| e.order),
            self.numerics.front().map(|e| e.order),
            self.others.front().map(|e| e.order),
            self.alive.as_ref().map(|e| e.order),
        ];
        let first = fronts.iter().flatten().min().copied();
        let [waves, numerics, others, _] = fronts;
        if first.is_none() {
            None
        } else if first == waves {
            let entry = self.waves.pop_front()?;
            self.wave_samples -= entry.what.samples.len();
            Some((Observation::Wave(entry.what), entry.transit_ms))
        } else if first == numerics {
            let entry = self.numerics.pop_front()?;
            Some((Observation::Numeric(entry.what), entry.transit_ms))
        } else if first == others {
            self.others.pop_front().map(|e| (e.what, e.transit_ms))
        } else {
            self.alive.take().map(|e| (Observation::Alive, e.transit_ms))
        }
    }

    /// Nothing in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.rejects.is_empty()
            && self.waves.is_empty()
            && self.numerics.is_empty()
            && self.others.is_empty()
            && self.alive.is_none()
    }

    /// Whether a class that waits has room.
    pub(crate) fn has_room(&self) -> bool {
        self.others.len() < OTHERS_MAX
    }

    fn push_wave(&mut self, mut entry: Entry<SampleArray>) {
        let metric = entry.what.metric;
        let samples = entry.what.samples.len();
        if samples > WAVE_SAMPLES_MAX {
            self.torn.insert(metric);
            self.count(dropped(metric));
            return;
        }
        if self.torn.remove(&metric) {
            entry.what.gap_before = true;
        }
        while self.waves.len() >= WAVE_BLOCKS_MAX || self.wave_samples + samples > WAVE_SAMPLES_MAX {
            let Some(oldest) = self.waves.pop_front() else { break };
            self.wave_samples -= oldest.what.samples.len();
            self.count(dropped(oldest.what.metric));
            let torn = oldest.what.metric;
            let next = self.waves.iter_mut().map(|e| &mut e.what).find(|w| w.metric == torn);
            if let Some(next) = next {
                next.gap_before = true;
            } else if torn == metric {
                entry.what.gap_before = true;
            } else {
                self.torn.insert(torn);
            }
        }
        self.wave_samples += samples;
        self.waves.push_back(entry);
    }

    fn push_numeric(&mut self, entry: Entry<Numeric>) {
        if self.numerics.len() >= NUMERICS_MAX {
            // Oldest first: the first that is not the newest of its metric. There is one, for the queue is longer
            // than the list of metrics; were there none, the oldest of all would go.
            let superseded = self.numerics.iter().enumerate().position(|(at, old)| {
                let metric = old.what.metric;
                metric == entry.what.metric || self.numerics.iter().skip(at + 1).any(|e| e.what.metric == metric)
            });
            if let Some(old) = self.numerics.remove(superseded.unwrap_or(0)) {
                self.count(dropped(old.what.metric));
            }
        }
        self.numerics.push_back(entry);
    }

    fn count(&mut self, rejects: Rejects) {
        self.rejects
            .entry(rejects.reason)
            .and_modify(|r| r.count = r.count.saturating_add(rejects.count))
            .or_insert(rejects);
    }
}

fn dropped(metric: MetricCode) -> Rejects {
    Rejects {
        reason: RejectReason::QueueFull,
        count: 1,
        example: format!("{metric}: the station was too busy to take it"),
    }
}

#[cfg(test)]
impl Queue {
    /// How many wait: wave blocks, wave samples, live numerics, others.
    pub(crate) fn lengths(&self) -> (usize, usize, usize, usize) {
        (
            self.waves.len(),
            self.wave_samples,
            self.numerics.len(),
            self.others.len(),
        )
    }
}
