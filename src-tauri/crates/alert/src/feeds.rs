//! Feeds of a bed: lost and found, and what the device says of itself.

use model::{AlertKind, Cause, Connectivity, DeviceAlert, MetricCode, ReceiptTime, Source};

use crate::limits::FEED_IS_LOST;
use crate::phase::{Desk, Draft, Phase};
use crate::place::{Place, Watch};

/// Said when a feed never came to a connection.
pub(crate) const NOT_CONNECTED: &str = "no connection yet; is the monitor on and the network up?";
/// Said of a stale number whose whole feed went.
const WHOLE_FEED_LOST: &str = "the whole feed is lost";
/// Said in place of a device's alerts beyond [`DEVICE_ALERTS_MAX`].
const TOO_MANY: &str = "more alerts than can be listed here";
/// Code of the alert that stands for those beyond [`DEVICE_ALERTS_MAX`].
const TOO_MANY_CODE: &str = "more-alerts";

/// Alerts of a device kept apart, a bed: more than a monitor can show, and a device gone mad costs 64 x about
/// 0.5 KB. What comes beyond shares one line.
const DEVICE_ALERTS_MAX: usize = 64;
/// Longest text kept of a device or a feed, in characters: two lines of a rail.
const TEXT_CHARS_MAX: usize = 200;

/// One feed of a bed.
#[derive(Clone, Debug)]
pub(crate) struct Feed {
    pub(crate) number: u16,
    pub(crate) phase: FeedPhase,
}

/// Where a feed stands. A lost feed that tries again is still lost: only data find it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FeedPhase {
    /// Trying; lost at `lost_at` if nothing comes of it.
    Connecting { since: ReceiptTime, lost_at: ReceiptTime },
    /// Data arrive.
    Live,
    /// Lost.
    Lost,
}

impl Feed {
    pub(crate) const fn due(&self) -> Option<ReceiptTime> {
        match self.phase {
            FeedPhase::Connecting { lost_at, .. } => Some(lost_at),
            FeedPhase::Live | FeedPhase::Lost => None,
        }
    }
}

impl Place {
    pub(crate) fn connectivity(&mut self, desk: &mut Desk<'_>, now: ReceiptTime, number: u16, state: &Connectivity) {
        let before = self.feeds.iter().find(|f| f.number == number).map(|f| f.phase);
        match (state, before) {
            (Connectivity::Connecting { .. }, None | Some(FeedPhase::Live)) => {
                let lost_at = now.plus(desk.settings.connecting_is_lost_after);
                self.set_feed(number, FeedPhase::Connecting { since: now, lost_at });
                self.lose_values(desk, now, number);
            }
            (Connectivity::Connecting { .. }, Some(FeedPhase::Connecting { .. } | FeedPhase::Lost))
            | (Connectivity::Live, Some(FeedPhase::Live)) => {}
            (Connectivity::Lost(why), _) => {
                let since = match before {
                    Some(FeedPhase::Connecting { since, .. }) => since,
                    None | Some(FeedPhase::Live | FeedPhase::Lost) => now,
                };
                self.set_feed(number, FeedPhase::Lost);
                let due = now.plus(desk.settings.feed_lost_delay);
                self.lose(desk, number, (since, due, now), short(&why.to_string()));
            }
            (Connectivity::Live, None | Some(FeedPhase::Connecting { .. } | FeedPhase::Lost)) => {
                self.set_feed(number, FeedPhase::Live);
                self.find_again(desk, now, number);
            }
        }
    }

    fn set_feed(&mut self, number: u16, phase: FeedPhase) {
        match self.feeds.iter_mut().find(|f| f.number == number) {
            Some(feed) => feed.phase = phase,
            None => self.feeds.push(Feed { number, phase }),
        }
    }

    /// A feed is lost: one alert, whatever number of values went with it.
    pub(crate) fn lose(
        &mut self,
        desk: &mut Desk<'_>,
        number: u16,
        times: (ReceiptTime, ReceiptTime, ReceiptTime),
        why: String,
    ) {
        self.lose_values(desk, times.2, number);
        for metric in self.metrics_of(number) {
            self.end(desk, times.2, &Cause::Stale { metric }, None, Some(WHOLE_FEED_LOST));
        }
        let priority = if self.is_watched_without(number) {
            desk.settings.part_lost
        } else {
            desk.settings.bed_lost
        };
        let draft = Draft::technical(priority, Some(why));
        self.begin(desk, (Cause::FeedLost, Some(number)), times, draft);
    }

    /// Whether another live feed watches whatever this one watched by limits. A glucose poll does not stand in for a
    /// monitor, and a feed of which nothing is known yet may have been the monitor.
    fn is_watched_without(&self, number: u16) -> bool {
        let lives = |feed: u16| {
            self.feeds
                .iter()
                .any(|f| f.number == feed && f.phase == FeedPhase::Live)
        };
        let watches_by_limits = |number: u16| {
            let of_it = self.watches.iter().filter(move |w| w.feed == Some(number));
            of_it.filter(|w| w.rule.is_some() && w.lasts.is_some()).count() > 0
        };
        let another = self.feeds.iter().map(|f| f.number).filter(|f| *f != number);
        !watches_by_limits(number) && another.into_iter().any(|f| lives(f) && watches_by_limits(f))
    }

    /// No value of this feed is of now any more. Limit crossings stay: nothing says that they are over. What only
    /// waits to be told about a single number is told by the loss of the feed.
    fn lose_values(&mut self, desk: &mut Desk<'_>, now: ReceiptTime, number: u16) {
        for metric in self.metrics_of(number) {
            let watch = self.watch(metric);
            watch.value = None;
            watch.stale_at = None;
            watch.fades_at = None;
            self.mark(desk, metric, Some(FEED_IS_LOST));
            self.conditions.retain(|c| {
                let waits = matches!(c.phase, Phase::Pending { .. });
                let single = matches!(
                    &c.cause,
                    Cause::Stale { metric: m } | Cause::SensorOff { metric: m } | Cause::InvalidValue { metric: m }
                        if *m == metric
                );
                !(waits && single)
            });
            self.uncombine(now, metric);
            self.rescore(desk, now, metric);
        }
    }

    fn metrics_of(&self, number: u16) -> Vec<MetricCode> {
        let of_feed = self.watches.iter().filter(|w| w.feed == Some(number));
        of_feed.map(|w| w.metric).collect()
    }

    /// A feed is back. Its numbers have as long to come as they last; its device has a while to say which of its
    /// own alerts are still there.
    fn find_again(&mut self, desk: &mut Desk<'_>, now: ReceiptTime, number: u16) {
        self.end(desk, now, &Cause::FeedLost, Some(number), None);
        for watch in self.watches.iter_mut().filter(|w| w.feed == Some(number)) {
            watch.stale_at = watch.lasts.filter(|_| !watch.retired).map(|lasts| now.plus(lasts));
        }
        self.miss_expected(desk, now);
        let restate_by = now.plus(desk.settings.restates_within);
        for condition in &mut self.conditions {
            // Clocks and losses are watched by the station itself: only one from before a restart waits to be said
            // again. A feed that is still lost says so in time; one that the bed has no more never does.
            let unclaimed = condition.feed.is_none();
            let must_say = match condition.cause {
                Cause::Device { .. } => unclaimed || condition.feed == Some(number),
                Cause::DeviceClock | Cause::FeedLost => unclaimed,
                Cause::Limit { .. }
                | Cause::Stale { .. }
                | Cause::SensorOff { .. }
                | Cause::InvalidValue { .. }
                | Cause::Rule { .. }
                | Cause::EarlyWarning { .. }
                | Cause::Disk
                | Cause::Sound
                | Cause::PageDead => false,
            };
            if must_say && condition.is_live() {
                condition.restate_by = Some(restate_by);
            }
        }
    }

    /// Numbers that were measured when the station stopped are missed when they do not come.
    pub(crate) fn expect(&mut self, desk: &Desk<'_>, now: ReceiptTime, metrics: &[MetricCode]) {
        for metric in metrics {
            self.watch(*metric).measured = true;
        }
        if self.feeds.iter().any(|f| f.phase == FeedPhase::Live) {
            self.miss_expected(desk, now);
        }
    }

    /// A feed lives: what was measured when the station stopped and has come from no feed yet is missed from now on.
    fn miss_expected(&mut self, desk: &Desk<'_>, now: ReceiptTime) {
        let due = now.plus(desk.settings.expected_within);
        let waits = |w: &&mut Watch| w.feed.is_none() && w.measured && !w.retired && w.stale_at.is_none();
        for watch in self.watches.iter_mut().filter(waits) {
            watch.stale_at = Some(due);
        }
    }

    pub(crate) fn device_alert(&mut self, desk: &mut Desk<'_>, now: ReceiptTime, feed: u16, alert: &DeviceAlert) {
        let mut causes = self.named(feed, alert);
        if !alert.present {
            for cause in causes {
                self.end(desk, now, &cause, Some(feed), None);
            }
            if self.device_alerts() < DEVICE_ALERTS_MAX {
                let code = TOO_MANY_CODE.to_owned();
                self.end(desk, now, &Cause::Device { code }, Some(feed), None);
            }
            return;
        }
        let at = alert.received_at.min(now);
        let mut draft = Draft {
            kind: alert.kind,
            source: Source::Device,
            ..Draft::technical(alert.priority, Some(short(&alert.text)))
        };
        if causes.is_empty() {
            let full = self.device_alerts() >= DEVICE_ALERTS_MAX;
            if full {
                draft.kind = AlertKind::Technical;
                draft.text = Some(TOO_MANY.to_owned());
            }
            let code = if full { TOO_MANY_CODE.to_owned() } else { code_of(alert) };
            causes.push(Cause::Device { code });
        }
        // The device has judged already: no second delay.
        for cause in causes {
            self.begin(desk, (cause, Some(feed)), (at, at, now), draft.clone());
        }
    }

    /// The live conditions that a device means: by code and metric, or, where it leaves the metric out, all by code.
    fn named(&self, feed: u16, alert: &DeviceAlert) -> Vec<Cause> {
        let whole = code_of(alert);
        let prefix = alert.metric.is_none().then(|| format!("{}:", alert.code));
        let is_meant = |code: &str| code == whole || prefix.as_ref().is_some_and(|p| code.starts_with(p));
        let live = self
            .conditions
            .iter()
            .filter(|c| c.is_live() && c.feed.is_none_or(|f| f == feed));
        live.map(|c| &c.cause)
            .filter(|cause| matches!(cause, Cause::Device { code } if is_meant(code)))
            .cloned()
            .collect()
    }

    fn device_alerts(&self) -> usize {
        let of_device = |cause: &Cause| matches!(cause, Cause::Device { code } if code != TOO_MANY_CODE);
        let live = self.conditions.iter().filter(|c| c.is_live());
        live.filter(|c| of_device(&c.cause)).count()
    }

    pub(crate) fn device_clock(&mut self, desk: &mut Desk<'_>, now: ReceiptTime, feed: u16, absurd: bool) {
        if absurd {
            let due = now.plus(desk.settings.device_clock_delay);
            let draft = Draft::technical(desk.settings.device_clock, None);
            self.begin(desk, (Cause::DeviceClock, Some(feed)), (now, due, now), draft);
        } else {
            self.end(desk, now, &Cause::DeviceClock, Some(feed), None);
        }
    }
}

/// A device may use one code for several of its numbers: each is a condition of its own.
fn code_of(alert: &DeviceAlert) -> String {
    match alert.metric {
        Some(metric) => format!("{}:{}", alert.code, metric.name()),
        None => alert.code.clone(),
    }
}

fn short(text: &str) -> String {
    text.chars().take(TEXT_CHARS_MAX).collect()
}
