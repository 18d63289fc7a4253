//! One bed of the naive telling: its numbers, its feed, its pauses and its causes, second by second.

use alert::rights::{Deed, may};
use alert::{Answer, Refusal};
use model::{
    Absence, Actor, AlertKind, AlertState, BedId, Cause, Connectivity, DeviceAlert, LimitRule, MetricCode, Numeric,
    NumericTiming, Priority, Quantity, Role, Side, SignalPresence, Source, Timeliness,
};

use crate::adult;
use crate::history::METRICS;
use crate::life::Life;
use crate::oracle::Hush;

/// What a number does to its bed, as a naive reader keeps it. Counters in seconds.
#[derive(Clone, Default)]
struct Watch {
    rule: Option<LimitRule>,
    feed: Option<u16>,
    value: Option<Quantity>,
    lasts: Option<u64>,
    stale_left: Option<u64>,
    cuff_left: Option<u64>,
    measured: bool,
    retired: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Link {
    Unknown,
    Trying { left: u64, tried: u64 },
    Live,
    Lost,
}

/// One bed, or the station.
pub struct Ward {
    pub bed: Option<BedId>,
    watches: Vec<(MetricCode, Watch)>,
    link: Link,
    pub hushes: Vec<Hush>,
    pub lives: Vec<Life>,
}

impl Ward {
    pub fn new(bed: Option<BedId>, lives: Vec<Life>) -> Self {
        let profile = adult::profile();
        let rule = |metric| profile.of(metric).map(|l| l.rule);
        let watch = |metric| Watch {
            rule: rule(metric),
            ..Watch::default()
        };
        Self {
            bed,
            watches: METRICS.map(|m| (m, watch(m))).into(),
            link: Link::Unknown,
            hushes: Vec::new(),
            lives,
        }
    }

    pub fn life(&mut self, cause: &Cause) -> &mut Life {
        self.lives.iter_mut().find(|l| l.cause == *cause).unwrap()
    }

    fn watch(&mut self, metric: MetricCode) -> &mut Watch {
        &mut self.watches.iter_mut().find(|(m, _)| *m == metric).unwrap().1
    }

    pub fn count_down(&mut self) {
        let less = |left: &mut Option<u64>| *left = left.map(|n| n.saturating_sub(1));
        for (_, watch) in &mut self.watches {
            less(&mut watch.stale_left);
            less(&mut watch.cuff_left);
        }
        if let Link::Trying { left, tried } = &mut self.link {
            (*left, *tried) = (*left - 1, *tried + 1);
        }
        for hush in &mut self.hushes {
            hush.left -= 1;
        }
        for life in &mut self.lives {
            life.count_down();
        }
    }

    pub fn fall_due(&mut self, now: u64) {
        if let Link::Trying { left: 0, tried } = self.link {
            self.lost(now, tried);
        }
        for metric in METRICS {
            let watch = self.watch(metric);
            if watch.stale_left == Some(0) {
                watch.stale_left = None;
                watch.value = None;
                let priority = if watch.rule.is_some() {
                    Priority::Medium
                } else {
                    Priority::Low
                };
                self.life(&Cause::Stale { metric }).begins(now, 5, priority, None, None);
            }
        }
        let over: Vec<Hush> = self.hushes.iter().filter(|h| h.left == 0).cloned().collect();
        self.hushes.retain(|h| h.left > 0);
        for hush in over {
            self.unhush(hush.metric, hush.side, now);
        }
        for life in &mut self.lives {
            let (metric, side) = (life.cause.metric(), life.cause.side());
            let hush = self
                .hushes
                .iter()
                .find(|h| side == Some(h.side) && metric == Some(h.metric));
            life.fall_due(now, hush);
        }
    }

    fn unhush(&mut self, metric: MetricCode, side: Side, now: u64) {
        let life = self.life(&Cause::Limit { metric, side });
        if life.is(SignalPresence::Paused) {
            life.sounds_anew(now);
        }
    }

    pub fn numeric(&mut self, now: u64, feed: u16, numeric: &Numeric) -> bool {
        if numeric.timeliness == Timeliness::Late {
            return true;
        }
        let metric = numeric.metric;
        let lives = self.link == Link::Live;
        let watch = self.watch(metric);
        let lasts = watch.stale_left.is_some() || watch.cuff_left.is_some_and(|left| left > 0);
        let speaks = lasts && watch.value.is_some();
        if watch.feed == Some(0) && feed == 1 && lives && speaks {
            return false;
        }
        let value = numeric.reading.quantity();
        watch.feed = Some(feed);
        watch.value = value;
        watch.cuff_left = None;
        watch.lasts = match numeric.timing {
            NumericTiming::Every(period) => Some((2 * period.as_secs()).clamp(5, 60)),
            NumericTiming::Intermittent(interval) => {
                watch.cuff_left = value.map(|_| interval.as_secs());
                None
            }
        };
        if value.is_some() {
            (watch.measured, watch.retired) = (true, false);
        }
        watch.stale_left = if watch.retired { None } else { watch.lasts };
        self.life(&Cause::Stale { metric }).over(now);
        match numeric.reading {
            model::Reading::Invalid(absence) => self.absent(now, metric, absence),
            model::Reading::Questionable(value) => self.doubted(now, metric, value),
            model::Reading::Value(value) => {
                self.life(&Cause::SensorOff { metric }).over(now);
                self.life(&Cause::InvalidValue { metric }).over(now);
                self.judge(now, metric, value);
            }
        }
        true
    }

    fn absent(&mut self, now: u64, metric: MetricCode, absence: Absence) {
        let watch = self.watch(metric).clone();
        if watch.retired {
            return;
        }
        let (off, invalid) = (Cause::SensorOff { metric }, Cause::InvalidValue { metric });
        let missed = watch.measured && watch.lasts.is_some();
        let (gone, comes, delay) = if absence == Absence::SensorOff {
            (invalid, off, 10)
        } else {
            (off, invalid, 30)
        };
        let since = self.life(&gone).waits.as_ref().map_or(now, |w| w.since);
        self.life(&gone).over(now);
        let speaks = matches!(absence, Absence::SensorOff | Absence::OutOfRange) || missed;
        let life = self.life(&comes);
        if speaks || life.waits.is_some() || life.live.is_some() {
            let is_new = life.waits.is_none() && life.live.is_none();
            life.begins(now, u64::saturating_sub(delay, now - since), Priority::Low, None, None);
            if let Some(waits) = life.waits.as_mut().filter(|_| is_new) {
                waits.since = since;
            }
        }
    }

    /// A value that the device doubts counts only where it is beyond a limit.
    fn doubted(&mut self, now: u64, metric: MetricCode, value: Quantity) {
        let rule = self.watch(metric).rule;
        for side in [Side::Low, Side::High] {
            if let Some((rule, bound)) = rule.and_then(|r| r.limits.bound(side).map(|bound| (r, bound))) {
                let is_beyond = match side {
                    Side::Low => value < bound,
                    Side::High => value > bound,
                };
                if is_beyond {
                    self.life(&Cause::Limit { metric, side })
                        .measured(now, &rule, side, bound, value);
                }
            }
        }
    }

    /// A value against both of its limits.
    fn judge(&mut self, now: u64, metric: MetricCode, value: Quantity) {
        let rule = self.watch(metric).rule;
        for side in [Side::Low, Side::High] {
            let life = self.life(&Cause::Limit { metric, side });
            match rule.and_then(|r| r.limits.bound(side).map(|bound| (r, bound))) {
                Some((rule, bound)) => life.measured(now, &rule, side, bound, value),
                None => life.over(now),
            }
        }
    }

    pub fn rule(&mut self, now: u64, metric: MetricCode, rule: Option<LimitRule>) {
        let watch = self.watch(metric);
        if watch.rule == rule {
            return;
        }
        watch.rule = rule;
        let value = watch.value;
        for side in [Side::Low, Side::High] {
            let life = self.life(&Cause::Limit { metric, side });
            match rule.and_then(|r| r.limits.bound(side).map(|bound| (r, bound))) {
                Some((rule, bound)) => life.moved(now, &rule, side, bound),
                None => life.over(now),
            }
        }
        if let Some(value) = value {
            self.judge(now, metric, value);
        }
    }

    pub fn device(&mut self, now: u64, alert: &DeviceAlert) {
        let life = self.life(&Cause::Device {
            code: alert.code.clone(),
        });
        if alert.present {
            life.said(now, alert.priority, Source::Device, alert.kind);
        } else {
            life.over(now);
        }
    }

    pub fn connectivity(&mut self, now: u64, state: &Connectivity) {
        match (state, self.link) {
            (Connectivity::Lost(_), Link::Trying { tried, .. }) => self.lost(now, tried),
            (Connectivity::Lost(_), _) => self.lost(now, 0),
            (Connectivity::Connecting { .. }, Link::Unknown | Link::Live) => {
                self.link = Link::Trying { left: 10, tried: 0 };
                self.forget_values();
            }
            (Connectivity::Live, Link::Unknown | Link::Trying { .. } | Link::Lost) => self.found(now),
            _ => {}
        }
    }

    fn forget_values(&mut self) {
        for metric in METRICS {
            let watch = self.watch(metric);
            if watch.feed == Some(0) {
                (watch.value, watch.stale_left, watch.cuff_left) = (None, None, None);
                for cause in [
                    Cause::Stale { metric },
                    Cause::SensorOff { metric },
                    Cause::InvalidValue { metric },
                ] {
                    self.life(&cause).waits = None;
                }
            }
        }
    }

    fn lost(&mut self, now: u64, tried: u64) {
        self.link = Link::Lost;
        self.forget_values();
        for metric in METRICS {
            if self.watch(metric).feed == Some(0) {
                self.life(&Cause::Stale { metric }).over(now);
            }
        }
        let life = self.life(&Cause::FeedLost);
        life.begins(now, 0, Priority::Medium, None, None);
        if let Some(waits) = &mut life.waits {
            waits.since = now - tried;
        }
    }

    fn found(&mut self, now: u64) {
        self.link = Link::Live;
        self.life(&Cause::FeedLost).over(now);
        for (_, watch) in &mut self.watches {
            if watch.feed == Some(0) {
                watch.stale_left = watch.lasts.filter(|_| !watch.retired);
            }
        }
        for life in &mut self.lives {
            if matches!(life.cause, Cause::Device { .. }) {
                life.must_be_said_again();
            }
        }
    }

    pub fn pause(
        &mut self,
        (metric, side): (MetricCode, Side),
        by: &Actor,
        reason: &str,
        lasts: u64,
        now: u64,
    ) -> Result<(), Refusal> {
        rights(by, Deed::Pause)?;
        if reason.trim() == "" {
            return Err(Refusal::NoReason);
        }
        if lasts == 0 || lasts > 180 {
            let max = std::time::Duration::from_mins(3);
            return Err(Refusal::PauseLength { max });
        }
        let rule = self.watch(metric).rule.filter(|r| r.limits.bound(side).is_some());
        let there = self
            .life(&Cause::Limit { metric, side })
            .live
            .as_ref()
            .map(|l| l.state.priority);
        let known: Vec<Priority> = rule.map(|r| r.priority).into_iter().chain(there).collect();
        let breaks_above = *known.iter().max().ok_or(Refusal::NothingToPause)?;
        let hush = Hush {
            bed: self.bed.clone().unwrap(),
            metric,
            side,
            by: by.person.clone(),
            breaks_above,
            left: lasts,
        };
        self.hushes.retain(|h| (h.metric, h.side) != (metric, side));
        self.life(&Cause::Limit { metric, side }).hushed(now, &hush);
        self.hushes.push(hush);
        Ok(())
    }

    pub fn end_pause(&mut self, (metric, side): (MetricCode, Side), by: &Actor, now: u64) -> Result<(), Refusal> {
        rights(by, Deed::Pause)?;
        let before = self.hushes.len();
        self.hushes.retain(|h| (h.metric, h.side) != (metric, side));
        if self.hushes.len() == before {
            return Err(Refusal::NotPaused);
        }
        self.unhush(metric, side, now);
        Ok(())
    }

    pub fn answer(
        &mut self,
        now: u64,
        meant: &AlertState,
        seen: u32,
        by: &Actor,
        answer: Answer,
    ) -> Result<(), Refusal> {
        let value = meant
            .cause
            .side()
            .and_then(|_| self.watch(meant.cause.metric().unwrap()).value);
        let latched = meant.signal == SignalPresence::Latched;
        let life = self.life(&meant.cause);
        let state = if latched {
            life.latched.as_ref()
        } else {
            life.live.as_ref().map(|l| &l.state)
        };
        let state = state.unwrap();
        if state.version != seen {
            let now_version = state.version;
            return Err(Refusal::Changed { now_version });
        }
        let physiological = state.kind == AlertKind::Physiological;
        rights(
            by,
            if physiological {
                Deed::AnswerPhysiological
            } else {
                Deed::AnswerTechnical
            },
        )?;
        if latched {
            if answer != Answer::Acknowledge {
                return Err(Refusal::Over);
            }
            life.latched = None;
            life.somebody_answered();
            return Ok(());
        }
        if answer == Answer::Retire {
            return self.retire(&meant.cause);
        }
        life.answered(now, by, answer, value)
    }

    fn retire(&mut self, cause: &Cause) -> Result<(), Refusal> {
        let metric = cause.metric().ok_or(Refusal::NotAboutASensor)?;
        let watch = self.watch(metric);
        if watch.value.is_some() {
            return Err(Refusal::StillMeasured);
        }
        (watch.retired, watch.measured, watch.stale_left) = (true, false, None);
        let and_crossings = cause.side().is_some();
        let meant = |l: &&mut Life| l.cause.metric() == Some(metric) && (and_crossings || l.cause.side().is_none());
        for life in self.lives.iter_mut().filter(meant) {
            (life.waits, life.live) = (None, None);
        }
        Ok(())
    }

    pub fn restart(&mut self, now: u64) {
        let again = Self::new(self.bed.clone(), Vec::new());
        self.watches = again.watches;
        self.link = Link::Unknown;
        for life in &mut self.lives {
            life.restart(self.bed.is_none());
            let (Some(metric), Some(side)) = (life.cause.metric(), life.cause.side()) else {
                continue;
            };
            let rule = adult::rule(metric);
            match rule.limits.bound(side) {
                Some(bound) => life.moved(now, &rule, side, bound),
                None => life.over(now),
            }
        }
    }
}

fn rights(by: &Actor, deed: Deed) -> Result<(), Refusal> {
    let role: Role = by.role;
    if may(role, deed) {
        Ok(())
    } else {
        Err(Refusal::NotAllowed { role, deed })
    }
}
