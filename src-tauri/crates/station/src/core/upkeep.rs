//! What the loop does by the clock: heartbeat, counts, clocks that are good again, the last words.

use std::time::Duration;

use model::{BedId, Cause, JournalEntry, JournalKind, ReceiptTime};
use store::StoreHealth;

use super::{Core, FeedState, SCORE_EVERY};
use crate::view::Health;

/// A device clock that was absurd is called good again after this long without a complaint.
const CLOCK_GOOD_AFTER: Duration = Duration::from_secs(30);
/// What was not taken is journalled at most this often for a feed; the screen has the counts at once.
const REJECTS_JOURNALLED_EVERY: Duration = Duration::from_mins(1);

impl Core {
    pub(super) fn store_health(&mut self, now: ReceiptTime, health: StoreHealth) {
        let health = match health {
            StoreHealth::Ok => Health::Ok,
            StoreHealth::Faulty { text, .. } => Health::Faulty(text),
        };
        if health == self.station.store {
            return;
        }
        let (present, text) = fault(&health);
        self.station.store = health;
        self.screens.iter().for_each(|s| s.station(&self.station));
        let mut entry = JournalEntry::new(now, JournalKind::StoreFault);
        entry.detail = Some(if present {
            text.clone()
        } else {
            "history is written again".to_owned()
        });
        self.journal(vec![entry], Vec::new());
        self.step(
            now,
            &alert::Event::Station {
                cause: Cause::Disk,
                present,
                text,
            },
        );
    }

    pub(super) fn pulse(&mut self, now: ReceiptTime) {
        self.pulses += 1;
        self.screens.retain(|s| !s.is_closed());
        self.screens.iter().for_each(|s| s.pulse(self.pulses, now));
        self.durable.show_overdue(now, &self.screens, &mut self.beds);
        if self.pulses.is_multiple_of(10) {
            self.second(now);
        }
    }

    /// What needs no more than once a second: counts of feeds, clocks that are good again, times that are over.
    fn second(&mut self, now: ReceiptTime) {
        self.sign_out_idle(now);
        self.limits_run_out(now);
        self.assessments_run_out(now);
        if self.pulses.is_multiple_of(10 * SCORE_EVERY.as_secs()) {
            for bed in self.beds.iter().filter(|b| b.score.score.is_some()) {
                self.writer.numeric(&bed.view.config.bed.id, &bed.score_numeric(now));
            }
        }
        let mut entries = Vec::new();
        for feed in &mut self.feeds {
            if std::mem::take(&mut feed.changed)
                || feed.view.last.is_some_and(|l| now.since(l) < Duration::from_secs(2))
            {
                self.screens.iter().for_each(|s| s.feed(&feed.view));
            }
            let due = now.since(feed.rejects_journalled_at) >= REJECTS_JOURNALLED_EVERY;
            if due && !feed.rejects_unjournalled.is_empty() {
                entries.push(rejects_entry(now, feed));
            }
        }
        if !entries.is_empty() {
            self.journal(entries, Vec::new());
        }
        let good: Vec<(BedId, u16)> = self
            .feeds
            .iter_mut()
            .filter(|f| f.absurd_clock_at.is_some_and(|at| now.since(at) > CLOCK_GOOD_AFTER))
            .map(|f| {
                f.absurd_clock_at = None;
                (f.bed.clone(), f.view.index)
            })
            .collect();
        for (bed, feed) in good {
            self.step(
                now,
                &alert::Event::DeviceClock {
                    bed,
                    feed,
                    absurd: false,
                },
            );
        }
    }

    /// The last words: what is not journalled yet, and that the station stopped.
    pub(crate) fn stop(&mut self, now: ReceiptTime) {
        let mut entries: Vec<_> = self
            .feeds
            .iter_mut()
            .filter(|f| !f.rejects_unjournalled.is_empty())
            .map(|f| rejects_entry(now, f))
            .collect();
        entries.push(JournalEntry::new(now, JournalKind::StationStopped));
        self.journal(entries, Vec::new());
        self.durable.send(now, &self.screens, &mut self.beds);
    }

    /// Whether everything journalled has been answered by the store.
    pub(crate) fn settled(&self) -> bool {
        self.durable.settled()
    }
}

fn rejects_entry(now: ReceiptTime, feed: &mut FeedState) -> JournalEntry {
    let counts: Vec<String> = std::mem::take(&mut feed.rejects_unjournalled)
        .into_iter()
        .map(|(reason, count)| format!("{} {count}", reason.as_str()))
        .collect();
    feed.rejects_journalled_at = now;
    let mut entry = JournalEntry::new(now, JournalKind::Rejected);
    entry.bed = Some(feed.bed.clone());
    entry.detail = Some(format!(
        "{}: {} (last: {})",
        feed.view.name,
        counts.join(", "),
        feed.rejects_example
    ));
    entry
}

/// Whether there is a fault, and its text.
pub(super) fn fault(health: &Health) -> (bool, String) {
    match health {
        Health::Ok => (false, String::new()),
        Health::Faulty(text) => (true, text.clone()),
    }
}
