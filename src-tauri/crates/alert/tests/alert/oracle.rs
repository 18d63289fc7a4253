//! The engine told a second time, naively and apart: second by second, with counters that run down, and every cause of
//! every bed looked at each time. No deadline is worked out, nothing is shared with the engine but the model's words.

use alert::{Event, Loudness, Refusal};
use model::{
    AlertKind, AlertState, BedId, Cause, MetricCode, Person, Priority, ReceiptTime, Rung, Side, SignalPresence, Source,
};

use crate::history::{BEDS, METRICS, bed};
use crate::life::Life;
use crate::ward::Ward;

/// A pause and how long it still lasts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hush {
    pub bed: BedId,
    pub metric: MetricCode,
    pub side: Side,
    pub by: Person,
    pub breaks_above: Priority,
    pub left: u64,
}

/// Everything, at one second.
pub struct Oracle {
    now: u64,
    wards: Vec<Ward>,
}

pub fn seconds(n: u64) -> ReceiptTime {
    ReceiptTime::from_millis(i64::try_from(n).unwrap() * 1_000)
}

fn causes() -> Vec<Cause> {
    let of = |metric| {
        [
            Cause::Limit {
                metric,
                side: Side::Low,
            },
            Cause::Limit {
                metric,
                side: Side::High,
            },
            Cause::Stale { metric },
            Cause::SensorOff { metric },
            Cause::InvalidValue { metric },
        ]
    };
    let devices = ["a", "b"].map(|code| Cause::Device { code: code.to_owned() });
    let mut all: Vec<Cause> = METRICS.into_iter().flat_map(of).collect();
    all.extend(devices);
    all.push(Cause::FeedLost);
    all
}

impl Oracle {
    pub fn new() -> Self {
        let station = [Cause::Disk, Cause::PageDead].map(Life::new);
        let mut wards = vec![Ward::new(None, station.into())];
        wards.extend((0..BEDS).map(|n| Ward::new(Some(bed(n)), causes().into_iter().map(Life::new).collect())));
        Self { now: 0, wards }
    }

    /// Lets seconds pass, one by one.
    pub fn pass(&mut self, seconds: u64) {
        for _ in 0..seconds {
            self.now += 1;
            for ward in &mut self.wards {
                ward.count_down();
                ward.fall_due(self.now);
            }
        }
    }

    pub fn restart(&mut self) {
        for ward in &mut self.wards {
            ward.restart(self.now);
        }
    }

    /// What happens now. Answers name the alert they mean by what it was: ids are the engine's business.
    pub fn event(&mut self, event: &Event, meant: Option<&AlertState>) -> (Option<Refusal>, bool) {
        let now = self.now;
        let place = match event {
            Event::Numeric { bed, .. }
            | Event::DeviceAlert { bed, .. }
            | Event::Rule { bed, .. }
            | Event::Connectivity { bed, .. }
            | Event::Pause { bed, .. }
            | Event::EndPause { bed, .. } => Some(bed),
            Event::Answer { .. } => match meant {
                Some(alert) => alert.bed.as_ref(),
                None => return (Some(Refusal::Over), false),
            },
            _ => None,
        };
        let ward = self.wards.iter_mut().find(|w| w.bed.as_ref() == place).unwrap();
        let mut second_source = false;
        let mut refused = None;
        match event {
            Event::Numeric { feed, numeric, .. } => second_source = !ward.numeric(now, *feed, numeric),
            Event::DeviceAlert { alert, .. } => ward.device(now, alert),
            Event::Rule { metric, rule, .. } => ward.rule(now, *metric, *rule),
            Event::Connectivity { state, .. } => ward.connectivity(now, state),
            Event::Station { cause, present, .. } => {
                let priority = if *cause == Cause::Disk {
                    Priority::Medium
                } else {
                    Priority::High
                };
                if *present {
                    ward.life(cause)
                        .said(now, priority, Source::Station, AlertKind::Technical);
                } else {
                    ward.life(cause).over(now);
                }
            }
            Event::Pause {
                metric,
                side,
                by,
                reason,
                lasts,
                ..
            } => {
                refused = ward.pause((*metric, *side), by, reason, lasts.as_secs(), now).err();
            }
            Event::EndPause { metric, side, by, .. } => refused = ward.end_pause((*metric, *side), by, now).err(),
            Event::Answer {
                by, answer, version, ..
            } => {
                let meant = meant.unwrap();
                refused = ward.answer(now, meant, *version, by, *answer).err();
            }
            _ => {}
        }
        ward.fall_due(now);
        (refused, second_source)
    }

    /// Alerts that are not over, in the order of their names.
    pub fn alerts(&self) -> Vec<AlertState> {
        let lives = self.wards.iter().flat_map(|w| w.lives.iter().map(move |l| (w, l)));
        let mut all: Vec<AlertState> = lives.flat_map(|(w, l)| l.alerts(w.bed.as_ref())).collect();
        all.sort_by_cached_key(name);
        all
    }

    pub fn hushes(&self) -> Vec<Hush> {
        let mut all: Vec<Hush> = self.wards.iter().flat_map(|w| w.hushes.clone()).collect();
        all.sort_by_key(|h| (h.bed.clone(), h.metric, h.side));
        all
    }

    pub fn sounding(&self) -> Option<Loudness> {
        let sounds = self.alerts().into_iter().filter(|a| a.signal == SignalPresence::On);
        let loud = sounds.map(|a| (a.priority, a.rung != Rung::First));
        loud.max().map(|(priority, louder)| Loudness { priority, louder })
    }
}

/// By what alerts are told apart here.
pub fn name(a: &AlertState) -> (Option<BedId>, Cause, bool) {
    (a.bed.clone(), a.cause.clone(), a.signal == SignalPresence::Latched)
}
