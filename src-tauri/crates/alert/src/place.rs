//! One place: a bed, or the station itself. Its numbers, its feeds, its conditions.

use std::sync::Arc;

use model::{AlertState, BedId, Cause, JournalKind, LimitRule, MetricCode, Pause, Quantity, ReceiptTime};

use crate::deadlines::{Summary, earliest};
use crate::episode::Episode;
use crate::feeds::{Feed, FeedPhase, NOT_CONNECTED};
use crate::limits::NO_NEW_VALUES;
use crate::phase::{Condition, Desk, Draft, Phase};
use crate::profile::Profile;
use crate::rules::Watched;
use crate::score::Scoring;

/// Said of an alert that gave way to a new one of the same cause.
const SUPERSEDED: &str = "it came again and is a new alert";
/// Said of a condition that nobody reported again after a loss of the feed or a restart of the station.
const NOT_RESTATED: &str = "not reported again since";

/// Causes remembered as episodes, a bed: four times what one device may alert about. The oldest goes.
const EPISODES_MAX: usize = 256;

/// What is known of one number of a bed.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    pub(crate) metric: MetricCode,
    pub(crate) rule: Option<LimitRule>,
    /// The feed that brought it last.
    pub(crate) feed: Option<u16>,
    /// The value now; `None` when there is none or it is too old.
    pub(crate) value: Option<Quantity>,
    /// It has had a number since the station started, or had when it stopped: it is missed when it does not come.
    pub(crate) measured: bool,
    /// How long a value lasts; `None` for one that is measured now and then.
    pub(crate) lasts: Option<std::time::Duration>,
    /// When the value is too old, unless another comes.
    pub(crate) stale_at: Option<ReceiptTime>,
    /// When a value that is measured now and then is too old to be scored.
    pub(crate) fades_at: Option<ReceiptTime>,
    /// A person said that its sensor was taken off on purpose: it is not missed until it is measured again.
    pub(crate) retired: bool,
}

/// One place.
#[derive(Clone, Debug, Default)]
pub(crate) struct Place {
    pub(crate) bed: Option<BedId>,
    pub(crate) watches: Vec<Watch>,
    pub(crate) feeds: Vec<Feed>,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) profile: Arc<Profile>,
    pub(crate) pauses: Vec<Pause>,
    /// Causes that were alerts and are over, within the window of an episode.
    pub(crate) episodes: Vec<Episode>,
    /// The profile's rules over several numbers.
    pub(crate) combined: Vec<Watched>,
    pub(crate) scoring: Scoring,
}

impl Place {
    pub(crate) fn new(bed: Option<BedId>) -> Self {
        Self { bed, ..Self::default() }
    }

    /// What this place asks of the loop.
    pub(crate) fn summary(&self) -> Summary {
        let mut due = None;
        for watch in &self.watches {
            due = earliest(due, watch.stale_at);
        }
        for feed in &self.feeds {
            due = earliest(due, feed.due());
        }
        for pause in &self.pauses {
            due = earliest(due, Some(pause.until));
        }
        due = earliest(due, self.score_due());
        let mut loudest = None;
        for condition in &self.conditions {
            due = earliest(due, condition.due());
            loudest = loudest.max(condition.sounds());
        }
        Summary { due, loudest }
    }

    /// Alerts that are not over.
    pub(crate) fn alerts(&self) -> impl Iterator<Item = &AlertState> {
        self.conditions.iter().filter_map(Condition::alert)
    }

    pub(crate) fn watch(&mut self, metric: MetricCode) -> &mut Watch {
        let at = self.watches.iter().position(|w| w.metric == metric);
        let at = at.unwrap_or_else(|| {
            self.watches.push(Watch {
                metric,
                rule: None,
                feed: None,
                value: None,
                measured: false,
                lasts: None,
                stale_at: None,
                fades_at: None,
                retired: false,
            });
            self.watches.len() - 1
        });
        #[expect(clippy::indexing_slicing, reason = "found or pushed on the lines above")]
        &mut self.watches[at]
    }

    pub(crate) fn rule(&self, metric: MetricCode) -> Option<LimitRule> {
        self.watches.iter().find(|w| w.metric == metric)?.rule
    }

    /// The live condition of this cause: the feed's own, else one that was open before the station stopped and
    /// that no feed has claimed.
    pub(crate) fn live(&mut self, cause: &Cause, feed: Option<u16>) -> Option<&mut Condition> {
        let found = |c: &Condition, of: Option<u16>| c.is_live() && c.feed == of && c.cause == *cause;
        let at = self
            .conditions
            .iter()
            .position(|c| found(c, feed))
            .or_else(|| self.conditions.iter().position(|c| found(c, None)))?;
        let condition = self.conditions.get_mut(at)?;
        condition.feed = feed;
        Some(condition)
    }

    /// A condition is there. New: pending until `due`. Known: perhaps more urgent, or with other words.
    pub(crate) fn begin(
        &mut self,
        desk: &mut Desk<'_>,
        (cause, feed): (Cause, Option<u16>),
        (since, due, now): (ReceiptTime, ReceiptTime, ReceiptTime),
        draft: Draft,
    ) {
        if let Some(known) = self.live(&cause, feed) {
            known.report_again(desk, now, draft);
        } else {
            self.conditions.push(Condition {
                cause,
                feed,
                restate_by: None,
                phase: Phase::Pending { since, due, draft },
            });
        }
    }

    /// A condition is over. Nothing when it was not there.
    pub(crate) fn end(
        &mut self,
        desk: &mut Desk<'_>,
        at: ReceiptTime,
        cause: &Cause,
        feed: Option<u16>,
        why: Option<&str>,
    ) {
        let Some(condition) = self.live(cause, feed) else {
            return;
        };
        let episode = condition.episode(at);
        let stays = condition.clear(desk, at, why);
        if !stays {
            self.conditions
                .retain(|c| !(is_spent(c) || (pending(c) && c.feed == feed && c.cause == *cause)));
        }
        self.remember(desk, at, episode);
    }

    /// What is over stays in memory for the window of an episode.
    fn remember(&mut self, desk: &Desk<'_>, at: ReceiptTime, episode: Option<Episode>) {
        if let Some(episode) = episode {
            let window = desk.settings.episode_window;
            self.episodes
                .retain(|e| at <= e.over_at.plus(window) && !(e.cause == episode.cause && e.feed == episode.feed));
            if self.episodes.len() >= EPISODES_MAX {
                self.episodes.remove(0);
            }
            self.episodes.push(episode);
        }
    }

    /// Everything that falls due at `at`, the time of [`Summary::due`].
    pub(crate) fn fire(&mut self, desk: &mut Desk<'_>, at: ReceiptTime) {
        self.fire_feeds(desk, at);
        self.fire_watches(desk, at);
        self.fire_pauses(desk, at);
        self.fire_score(desk, at);
        while let Some(index) = self
            .conditions
            .iter()
            .position(|c| c.due().is_some_and(|due| due <= at))
        {
            self.fire_condition(desk, index, at);
        }
    }

    fn fire_feeds(&mut self, desk: &mut Desk<'_>, at: ReceiptTime) {
        for index in 0..self.feeds.len() {
            let Some(feed) = self.feeds.get_mut(index) else {
                continue;
            };
            if let FeedPhase::Connecting { since, lost_at } = feed.phase
                && lost_at <= at
            {
                feed.phase = FeedPhase::Lost;
                let number = feed.number;
                self.lose(desk, number, (since, at, at), NOT_CONNECTED.to_owned());
            }
        }
    }

    fn fire_watches(&mut self, desk: &mut Desk<'_>, at: ReceiptTime) {
        for index in 0..self.watches.len() {
            let Some(watch) = self.watches.get_mut(index) else {
                continue;
            };
            let Some(stale_at) = watch.stale_at.filter(|due| *due <= at) else {
                continue;
            };
            watch.stale_at = None;
            watch.value = None;
            let metric = watch.metric;
            let rule = &desk.settings.stale;
            let priority = if watch.rule.is_some() {
                rule.with_limits
            } else {
                rule.without_limits
            };
            let due = stale_at.plus(rule.delay);
            self.mark(desk, metric, Some(NO_NEW_VALUES));
            self.uncombine(at, metric);
            self.rescore(desk, at, metric);
            let draft = Draft::technical(priority, None);
            self.begin(desk, (Cause::Stale { metric }, None), (stale_at, due, at), draft);
        }
    }

    fn fire_condition(&mut self, desk: &mut Desk<'_>, index: usize, at: ReceiptTime) {
        // Taken out while it moves: two open when the station stopped may read the same until their feeds claim them.
        let mut condition = self.conditions.remove(index);
        if matches!(condition.phase, Phase::Pending { due, .. } if due <= at) {
            self.supersede(desk, at, &condition.cause, condition.feed);
            let window = desk.settings.episode_window;
            // One from before a restart that no feed has claimed may have been of any.
            let is_of = |feed: Option<u16>| feed == condition.feed || feed.is_none();
            let again = self
                .episodes
                .iter()
                .rfind(|e| e.cause == condition.cause && is_of(e.feed) && at <= e.over_at.plus(window));
            let hush = self.pause_of(&condition.cause).cloned();
            condition.raise(desk, self.bed.as_ref(), again, hush.as_ref());
        } else if condition.restate_by.is_some_and(|by| by <= at) {
            self.remember(desk, at, condition.episode(at));
            if !condition.clear(desk, at, Some(NOT_RESTATED)) {
                return;
            }
        } else if let (Phase::Sounding { .. }, Some(rung)) =
            (&condition.phase, condition.alert().and_then(|a| a.rung.next()))
        {
            condition.climb(desk, at, rung, None);
        } else {
            condition.sound_again(desk, at, JournalKind::AlertRealerted);
        }
        self.conditions.insert(index.min(self.conditions.len()), condition);
    }

    /// A latched alert gives way to a new occurrence of its cause: one line, not two.
    fn supersede(&mut self, desk: &mut Desk<'_>, at: ReceiptTime, cause: &Cause, feed: Option<u16>) {
        for condition in &mut self.conditions {
            let same = condition.cause == *cause && (condition.feed == feed || condition.feed.is_none());
            if same && !condition.is_live() {
                // The answer is always "not latched": a latched alert does not latch again.
                let _stays = condition.clear(desk, at, Some(SUPERSEDED));
            }
        }
        self.conditions.retain(|c| !is_spent(c));
    }
}

const fn pending(condition: &Condition) -> bool {
    matches!(condition.phase, Phase::Pending { .. })
}

/// Over altogether: neither there nor latched.
pub(crate) fn is_spent(condition: &Condition) -> bool {
    condition.alert().is_some_and(AlertState::is_over)
}
