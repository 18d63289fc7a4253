//! From a configuration and what history says stands to a ward that is watched.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{
    AlertState, Assessment, BedId, Cause, ConditionPresence, EncounterId, GenerationMode, JournalEntry, JournalKind,
    MetricCode, ReceiptTime, SignalPresence,
};

use store::Opened;

use super::{BedState, Core, feed_state};
use crate::config::{BedConfig, Config};
use crate::rules::{BedRules, remembered};
use crate::view::{BedView, ScoreView};

impl Core {
    /// Puts the beds in their places. What is judged from then on is in the events that come back: to be stepped when
    /// the alerts of before are restored, because a rule or a score may say at once that one of them is over.
    pub(super) fn set_up(
        &mut self,
        now: ReceiptTime,
        config: Config,
        standing: &[JournalEntry],
        expected: &[(BedId, MetricCode)],
    ) -> Vec<alert::Event> {
        let entries = vec![JournalEntry::new(now, JournalKind::StationStarted)];
        self.writer.beds(
            now,
            config
                .beds
                .iter()
                .map(|b| (b.bed.clone(), b.encounter.clone()))
                .collect(),
        );
        self.journal(entries, Vec::new());
        let numbered = config.beds.into_iter().zip(0_u16..);
        numbered
            .map(|(bed, index)| self.set_up_bed(now, bed, index, standing, expected))
            .collect()
    }

    fn set_up_bed(
        &mut self,
        now: ReceiptTime,
        config: BedConfig,
        index: u16,
        standing: &[JournalEntry],
        expected: &[(BedId, MetricCode)],
    ) -> alert::Event {
        let bed = config.bed.id.clone();
        let mut rules = BedRules::new(Arc::clone(&config.profile), &config.limits);
        let mut checked = None;
        for entry in standing.iter().filter(|e| is_of(e, &config.encounter.id)) {
            rules.recall(entry);
            if entry.kind == JournalKind::BedChecked {
                checked = entry.person.clone().map(|person| (person, entry.at));
            }
        }
        for source in &config.feeds {
            let feed = u16::try_from(self.feeds.len()).unwrap_or(u16::MAX);
            self.feeds
                .push(feed_state(now, feed, index, bed.clone(), &source.display_name()));
        }
        let mut entry = JournalEntry::new(now, JournalKind::BedConfigured);
        entry.bed = Some(bed.clone());
        entry.encounter = Some(config.configured.clone());
        entry.detail = Some(format!("profile {}, {} feeds", config.profile.name, config.feeds.len()));
        self.places.insert(bed.clone(), index);
        let judged = rules.judged();
        let score = ScoreView {
            applies: rules.profile().early_warning.is_some(),
            ..ScoreView::default()
        };
        let expected = expected.iter().filter(|(b, _)| *b == bed).map(|(_, m)| *m).collect();
        let event = alert::Event::Bed {
            bed,
            profile: Arc::clone(rules.profile()),
            rules: judged,
            expected,
        };
        self.beds.push(BedState {
            stay: config.encounter.clone(),
            since: now,
            view: BedView {
                index,
                profile: rules.profile().title.as_str().into(),
                config: Arc::new(config),
                waves: BTreeMap::new(),
                mode: GenerationMode::Real,
                checked,
            },
            rules,
            numerics: BTreeMap::new(),
            score,
        });
        self.journal(vec![entry], Vec::new());
        event
    }

    /// Takes up what history left open for the stays that are here now. What is open for another stay, or for a bed
    /// that is gone, ends here, and the journal says why; but only where the configuration says who lies where.
    pub(super) fn take_up(&mut self, now: ReceiptTime, standing: Vec<JournalEntry>) -> Vec<(BedId, Assessment)> {
        let (mut alerts, mut pauses, mut assessments) = (Vec::new(), Vec::new(), Vec::new());
        for entry in standing {
            let place = self.place(entry.bed.as_ref());
            let here = place.and_then(|p| self.beds.get(usize::from(p)));
            let stay = here.map(|b| &b.stay.id);
            // A stay that was moved has its things in the bed it is in now.
            let home = self.beds.iter().find(|b| entry.encounter.as_ref() == Some(&b.stay.id));
            let home = home.map(|b| b.view.config.bed.id.clone());
            let is_here = entry.bed.is_none() || home.is_some();
            if !is_here {
                if self.whole && entry.alert.as_ref().is_some_and(|a| !a.is_over()) {
                    self.end_orphan(now, entry, here_is_another(stay));
                }
                continue;
            }
            if let Some(pause) = entry.pause.clone()
                && entry.kind == JournalKind::Paused
                && pause.until > now
            {
                pauses.push(pause);
            }
            if let (Some(found), Some(bed)) = (entry.assessment.clone(), home.clone()) {
                assessments.push((bed, found));
            }
            alerts.extend(entry.alert.map(|alert| AlertState {
                bed: alert.bed.as_ref().and(home),
                ..alert
            }));
        }
        let (open, over): (Vec<AlertState>, Vec<AlertState>) = alerts.into_iter().partition(|a| !a.is_over());
        self.engine.restore(now, open, pauses);
        let restored: Vec<AlertState> = self.engine.alerts().cloned().chain(over).collect();
        for alert in restored {
            let place = self.place(alert.bed.as_ref());
            let at = place.and_then(|p| self.beds.get(usize::from(p)).map(|b| (p, b.label())));
            self.durable.show_at_once(at, alert, &self.screens);
        }
        // With the ends that the engine allows them.
        let pauses: Vec<_> = self.engine.pauses().cloned().collect();
        for pause in pauses {
            if let Some(place) = self.place(Some(&pause.bed)) {
                self.durable.pause_at_once((place, pause.metric, pause.side), pause);
            }
        }
        assessments
    }

    /// What was wrong with the station itself when it stopped is reported anew if it still is.
    pub(super) fn begin_well(&mut self, now: ReceiptTime) {
        for cause in [Cause::Disk, Cause::Sound, Cause::PageDead] {
            self.step(
                now,
                &alert::Event::Station {
                    cause,
                    present: false,
                    text: String::new(),
                },
            );
        }
    }

    /// A history that could not be opened at the start: its limits come into force where nobody has changed any since,
    /// and its open alerts are taken up where the same condition has not been raised anew.
    pub(super) fn opened_late(&mut self, now: ReceiptTime, opened: Opened) {
        self.note_history(now, opened.notices);
        self.occupied_late(now, &opened.standing, &opened.stays);
        let mut changed = Vec::new();
        for (place, bed) in (0_u16..).zip(&mut self.beds) {
            let id = bed.view.config.bed.id.clone();
            let stay = bed.stay.id.clone();
            for entry in opened.standing.iter().filter(|e| is_of(e, &stay)) {
                let Some((change, by)) = remembered(entry) else {
                    continue;
                };
                if bed.rules.get(change.metric).is_none_or(|r| r.changed.is_none()) {
                    bed.rules.apply(&change, Some(by));
                    changed.push((place, id.clone(), change));
                }
            }
        }
        for (place, bed, change) in changed {
            let metric = change.metric;
            let rule = self.beds.get(usize::from(place)).and_then(|b| b.rules.get(metric));
            if let Some(rule) = rule {
                self.screens.iter().for_each(|s| s.limits(place, metric, rule));
            }
            let rule = change.after;
            self.step(now, &alert::Event::Rule { bed, metric, rule });
        }
        let (anew, open): (Vec<_>, Vec<_>) = opened.standing.into_iter().partition(|entry| {
            let was = entry.alert.as_ref().filter(|a| !a.is_over());
            was.is_some_and(|was| self.engine.alerts().any(|a| a.bed == was.bed && a.cause == was.cause))
        });
        for entry in anew {
            self.end_orphan(now, entry, "it was raised anew while history could not be opened");
        }
        for (bed, found) in self.take_up(now, open) {
            self.take_assessment(now, &bed, found);
        }
    }

    fn end_orphan(&mut self, now: ReceiptTime, was: JournalEntry, why: &str) {
        let Some(mut alert) = was.alert else { return };
        alert.version += 1;
        alert.presence = ConditionPresence::Cleared;
        alert.signal = SignalPresence::Off;
        alert.realert_at = None;
        let mut entry = JournalEntry::new(now, JournalKind::AlertCleared);
        entry.bed = was.bed;
        // Unknown for entries of before stays were written: then it stays unknown, rather than become this one.
        entry.encounter = was.encounter.or_else(|| EncounterId::new("not-recorded").ok());
        entry.detail = Some(why.to_owned());
        entry.alert = Some(alert);
        self.journal(vec![entry], Vec::new());
    }
}

const fn here_is_another(stay: Option<&EncounterId>) -> &'static str {
    match stay {
        Some(_) => "another patient lies in this bed now",
        None => "the bed is not in the configuration any more",
    }
}

fn is_of(entry: &JournalEntry, stay: &EncounterId) -> bool {
    entry.encounter.as_ref() == Some(stay)
}
