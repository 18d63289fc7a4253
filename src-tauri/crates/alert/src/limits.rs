//! Numbers against limits.

use model::{
    Absence, AlertKind, Cause, LimitRule, MetricCode, Numeric, NumericTiming, Quantity, Reading, ReceiptTime, Side,
    Source, Timeliness,
};

use crate::feeds::FeedPhase;
use crate::phase::{Desk, Draft, Phase};
use crate::place::Place;
use crate::settings::Beyond;

/// Marks of a limit alert whose value is gone: it stays until a value says otherwise.
pub(crate) const NO_NEW_VALUES: &str = "no value now: no new ones come";
pub(crate) const FEED_IS_LOST: &str = "no value now: no data from the monitor";
pub(crate) const STATION_RESTARTED: &str = "no value since the station started";
const SENSOR_IS_OFF: &str = "no value now: the sensor is off";
const NOT_VALID: &str = "no value now: the monitor cannot measure";

const LIMIT_TAKEN_OFF: &str = "the limit was taken off";
const LIMIT_CHANGED: &str = "the limit was changed";

const SIDES: [Side; 2] = [Side::Low, Side::High];

impl Place {
    /// A number arrived. One that is late says nothing about now. `false`: another live feed brings this number, and
    /// it is not taken.
    pub(crate) fn numeric(&mut self, desk: &mut Desk<'_>, now: ReceiptTime, feed: u16, numeric: &Numeric) -> bool {
        if numeric.timeliness == Timeliness::Late {
            return true;
        }
        if self.has_other_source(now, numeric.metric, feed) {
            return false;
        }
        let at = numeric.received_at.min(now);
        let watch = self.watch(numeric.metric);
        watch.feed = Some(feed);
        watch.value = numeric.reading.quantity();
        (watch.lasts, watch.fades_at) = match numeric.timing {
            timing @ NumericTiming::Every(_) => (Some(timing.stale_after()), None),
            NumericTiming::Intermittent(interval) => (None, watch.value.map(|_| at.plus(interval))),
        };
        watch.stale_at = watch.lasts.map(|lasts| at.plus(lasts));
        if watch.value.is_some() {
            watch.measured = true;
            watch.retired = false;
        }
        if watch.retired {
            watch.stale_at = None;
        }
        self.take_numeric(desk, (at, now), numeric);
        true
    }

    /// Two feeds of a bed may bring the same number: the first that lives has it, until it is silent about it. A cuff
    /// is silent when its interval is over.
    fn has_other_source(&self, now: ReceiptTime, metric: MetricCode, feed: u16) -> bool {
        let watch = self.watches.iter().find(|w| w.metric == metric);
        watch.is_some_and(|w| {
            // A feed that lists the number and has no value of it does not speak for it.
            let lasts = w.stale_at.is_some() || (w.lasts.is_none() && w.fades_at.is_some_and(|fades| fades > now));
            let speaks = w.value.is_some() && lasts;
            let lives = |number: u16| {
                self.feeds
                    .iter()
                    .any(|f| f.number == number && f.phase == FeedPhase::Live)
            };
            w.feed.is_some_and(|owner| owner != feed && speaks && lives(owner))
        })
    }

    fn take_numeric(&mut self, desk: &mut Desk<'_>, (at, now): (ReceiptTime, ReceiptTime), numeric: &Numeric) {
        let (metric, value) = (numeric.metric, numeric.reading.quantity());
        match value {
            Some(value) => self.combine(desk, (at, now), metric, value),
            None => self.uncombine(at, metric),
        }
        self.rescore(desk, now, metric);
        let watch = self.watch(metric);
        let (rule, measured, retired) = (watch.rule, watch.measured, watch.retired);
        if self.conditions.is_empty() && is_inside(numeric.reading, rule) {
            return;
        }
        self.end(desk, now, &Cause::Stale { metric }, None, None);
        match numeric.reading {
            // A value that the device doubts may raise an alert and worsen it; it ends none.
            Reading::Questionable(value) => {
                if let Some(rule) = rule {
                    for side in SIDES {
                        let beyond = rule.limits.bound(side).is_some_and(|bound| side.beyond(value, bound));
                        if beyond {
                            self.judge(desk, (at, now), &rule, side, value);
                        }
                    }
                }
            }
            Reading::Value(value) => {
                self.end(desk, now, &Cause::SensorOff { metric }, None, None);
                self.end(desk, now, &Cause::InvalidValue { metric }, None, None);
                self.mark(desk, metric, None);
                for side in SIDES {
                    match rule {
                        Some(rule) => self.judge(desk, (at, now), &rule, side, value),
                        None => self.end(desk, now, &Cause::Limit { metric, side }, None, Some(LIMIT_TAKEN_OFF)),
                    }
                }
            }
            Reading::Invalid(_) if retired => {}
            Reading::Invalid(absence) => self.absent(desk, (at, now), metric, absence, measured),
        }
    }

    fn absent(
        &mut self,
        desk: &mut Desk<'_>,
        (at, now): (ReceiptTime, ReceiptTime),
        metric: MetricCode,
        absence: Absence,
        measured: bool,
    ) {
        let has_limits = self.rule(metric).is_some();
        let (rule, begins, ends, mark, text) = match absence {
            Absence::SensorOff => (
                desk.settings.sensor_off,
                Cause::SensorOff { metric },
                Cause::InvalidValue { metric },
                SENSOR_IS_OFF,
                None,
            ),
            Absence::NotAvailable | Absence::Calibrating | Absence::OutOfRange => (
                desk.settings.invalid,
                Cause::InvalidValue { metric },
                Cause::SensorOff { metric },
                NOT_VALID,
                Some(words(absence).to_owned()),
            ),
        };
        self.mark(desk, metric, Some(mark));
        // A probe that searches says now the one, now the other: the number is missing since the first of them.
        let since = self
            .live(&ends, None)
            .and_then(|c| c.pending_since())
            .map_or(at, |since| since.min(at));
        self.end(desk, now, &ends, None, None);
        // A number that never was is nothing to miss: a monitor lists what it could measure, plugged in or not,
        // and a cuff has no number between measurements.
        let expected = measured && !self.is_intermittent(metric);
        let speaks = matches!(absence, Absence::SensorOff | Absence::OutOfRange) || expected;
        if !speaks && self.live(&begins, None).is_none() {
            return;
        }
        let priority = if has_limits {
            rule.with_limits
        } else {
            rule.without_limits
        };
        self.begin(
            desk,
            (begins, None),
            (since, since.plus(rule.delay).max(at), now),
            Draft::technical(priority, text),
        );
    }

    fn is_intermittent(&self, metric: MetricCode) -> bool {
        self.watches.iter().any(|w| w.metric == metric && w.lasts.is_none())
    }

    fn judge(
        &mut self,
        desk: &mut Desk<'_>,
        (at, now): (ReceiptTime, ReceiptTime),
        rule: &LimitRule,
        side: Side,
        value: Quantity,
    ) {
        let cause = Cause::Limit {
            metric: rule.metric,
            side,
        };
        let Some(bound) = rule.limits.bound(side) else {
            self.end(desk, now, &cause, None, Some(LIMIT_TAKEN_OFF));
            return;
        };
        let beyond = side.beyond(value, bound);
        let profile = std::sync::Arc::clone(&self.profile);
        let Some(condition) = self.live(&cause, None) else {
            if beyond {
                let draft = self.limit_draft(rule, side, value, bound);
                self.begin(desk, (cause, None), (at, at.plus(rule.delay), now), draft);
            }
            return;
        };
        match &mut condition.phase {
            Phase::Pending { draft, .. } if beyond => {
                let worst = draft.worst.map_or(value, |w| side.worse(w, value));
                draft.worst = Some(worst);
                draft.priority = profile.lifted(rule.metric, side, worst, draft.priority);
            }
            Phase::Pending { .. } => self.end(desk, now, &cause, None, None),
            Phase::Sounding { alert, reference, .. }
            | Phase::Paused { alert, reference, .. }
            | Phase::Acknowledged { alert, reference, .. } => {
                if is_back(rule, side, bound, value) {
                    self.end(desk, now, &cause, None, None);
                    return;
                }
                let worst = alert.worst.map_or(value, |w| side.worse(w, value));
                let step = profile
                    .of(rule.metric)
                    .map_or_else(|| desk.settings.worse_step(rule.metric), |p| p.worse_by);
                let lifted = profile.lifted(rule.metric, side, worst, alert.priority);
                let stepped = reference.is_none_or(|r| !side.beyond(side.out(r, step), value));
                let is_new = alert.worst != Some(worst) || alert.limit != Some(bound);
                alert.worst = Some(worst);
                // After a restart the rule may be another than the one under which it was raised.
                alert.limit = Some(bound);
                if beyond && (stepped || lifted > alert.priority) {
                    alert.priority = lifted;
                    condition.worsen(desk, now);
                } else if is_new {
                    desk.out.shown.push(alert.clone());
                }
            }
            Phase::Latched { .. } => {}
        }
    }

    fn limit_draft(&self, rule: &LimitRule, side: Side, value: Quantity, bound: Quantity) -> Draft {
        Draft {
            kind: AlertKind::Physiological,
            priority: self.profile.lifted(rule.metric, side, value, rule.priority),
            source: Source::Station,
            worst: Some(value),
            limit: Some(bound),
            text: None,
        }
    }

    /// Says on each limit alert of `metric` why it has no value, or that it has one again.
    pub(crate) fn mark(&mut self, desk: &mut Desk<'_>, metric: MetricCode, why: Option<&str>) {
        for condition in &mut self.conditions {
            if matches!(condition.cause, Cause::Limit { metric: m, .. } if m == metric) {
                condition.say(desk, why.map(str::to_owned));
            }
        }
    }

    /// All rules of the bed: a metric that is not named has none.
    pub(crate) fn set_rules(&mut self, desk: &mut Desk<'_>, now: ReceiptTime, rules: &[LimitRule]) {
        let mut metrics: Vec<MetricCode> = self.watches.iter().map(|w| w.metric).collect();
        metrics.extend(self.conditions.iter().filter_map(|c| c.cause.metric()));
        metrics.extend(rules.iter().map(|r| r.metric));
        metrics.sort_unstable();
        metrics.dedup();
        for metric in metrics {
            let rule = rules.iter().rfind(|r| r.metric == metric).copied();
            self.set_rule(desk, now, metric, rule);
        }
    }

    /// One rule. What is known of the number is judged again at once.
    pub(crate) fn set_rule(
        &mut self,
        desk: &mut Desk<'_>,
        now: ReceiptTime,
        metric: MetricCode,
        rule: Option<LimitRule>,
    ) {
        let watch = self.watch(metric);
        if watch.rule == rule && rule.is_some() {
            return;
        }
        watch.rule = rule;
        let value = watch.value;
        for side in SIDES {
            let cause = Cause::Limit { metric, side };
            match rule.and_then(|r| Some((r, r.limits.bound(side)?))) {
                None => self.end(desk, now, &cause, None, Some(LIMIT_TAKEN_OFF)),
                Some((rule, bound)) => self.rejudge(desk, now, &rule, (side, bound), value),
            }
        }
    }

    /// A condition under a new rule: over if it would not have begun under it, else with the new limit.
    fn rejudge(
        &mut self,
        desk: &mut Desk<'_>,
        now: ReceiptTime,
        rule: &LimitRule,
        (side, bound): (Side, Quantity),
        value: Option<Quantity>,
    ) {
        let cause = Cause::Limit {
            metric: rule.metric,
            side,
        };
        if let Some(condition) = self.live(&cause, None) {
            let worst = match &condition.phase {
                Phase::Pending { draft, .. } => draft.worst,
                Phase::Sounding { alert, .. }
                | Phase::Paused { alert, .. }
                | Phase::Acknowledged { alert, .. }
                | Phase::Latched { alert } => alert.worst,
            };
            if worst.is_some_and(|w| side.beyond(w, bound)) {
                condition.move_limit(desk, now, rule, bound);
            } else {
                self.end(desk, now, &cause, None, Some(LIMIT_CHANGED));
            }
        }
        if let Some(value) = value {
            self.judge(desk, (now, now), rule, side, value);
        }
    }
}

fn is_inside(reading: Reading, rule: Option<LimitRule>) -> bool {
    reading
        .quantity()
        .is_some_and(|value| rule.is_none_or(|r| r.limits.crossed_by(value).is_none()))
}

/// Back inside by the hysteresis. Where limits are nearer to each other than the hysteresis, reaching the other
/// limit, or the end of what the metric can be, is enough: else the alert could never clear.
fn is_back(rule: &LimitRule, side: Side, bound: Quantity, value: Quantity) -> bool {
    let (least, most) = rule.metric.plausible_thousandths();
    let (other, end) = match side {
        Side::Low => (rule.limits.high(), most),
        Side::High => (rule.limits.low(), least),
    };
    let far = other.unwrap_or(Quantity::from_thousandths(end));
    let wanted = side.inward(bound, rule.hysteresis);
    let reachable = match side {
        Side::Low => wanted.min(far),
        Side::High => wanted.max(far),
    };
    !side.beyond(value, reachable)
}

const fn words(absence: Absence) -> &'static str {
    match absence {
        Absence::NotAvailable => "the monitor has none",
        Absence::SensorOff => "the sensor is off",
        Absence::Calibrating => "the monitor calibrates",
        Absence::OutOfRange => "out of the monitor's range",
    }
}
