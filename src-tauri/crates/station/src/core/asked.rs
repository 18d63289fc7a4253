//! What people ask of the station, and the screens they open.

use alert::Refusal;
use model::{BedId, Cause, JournalEntry, JournalKind, LimitsChange, MetricCode, Person, ReceiptTime};

use super::Core;
use super::upkeep::fault;
use crate::durable::Publication;
use crate::event::{Answer, LimitsWish, Refused, Request};
use crate::rules::Changed;
use crate::screen::{self, Screen};
use crate::view::News;

impl Core {
    pub(super) fn request(&mut self, now: ReceiptTime, request: Request) {
        match request {
            Request::Acknowledge {
                alert,
                version,
                by,
                answer,
            } => {
                let mut effects = self.engine.step(now, &alert::Event::Acknowledge { alert, version, by });
                let refused = effects.refused.take().map(|r| match r {
                    Refusal::Changed { .. } => Refused::AlertChanged,
                    Refusal::NoSuchAlert | Refusal::Over => Refused::AlertOver,
                });
                if let Some(refused) = refused {
                    self.effects(effects, None);
                    // The asker may be gone; nothing depends on the answer.
                    drop(answer.send(Err(refused)));
                } else {
                    self.effects(effects, Some(answer));
                }
            }
            Request::ChangeLimits {
                bed,
                metric,
                change,
                by,
                reason,
                answer,
            } => {
                if let Err((refused, answer)) = self.change_limits(now, &bed, metric, change, by, &reason, answer) {
                    drop(answer.send(Err(refused)));
                }
            }
            Request::OpenScreen { answer } => drop(answer.send(self.open_screen(now))),
            Request::Sound(health) => {
                let (present, text) = fault(&health);
                self.station.sound = health;
                self.screens.iter().for_each(|s| s.station(&self.station));
                self.step(
                    now,
                    &alert::Event::Station {
                        cause: Cause::Sound,
                        present,
                        text,
                    },
                );
            }
            Request::PageDead(present) => {
                let text = "it is being started again".to_owned();
                self.step(
                    now,
                    &alert::Event::Station {
                        cause: Cause::PageDead,
                        present,
                        text,
                    },
                );
            }
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "a change of a limit is that many words: bed, number, what, who, why"
    )]
    fn change_limits(
        &mut self,
        now: ReceiptTime,
        bed: &BedId,
        metric: MetricCode,
        change: LimitsWish,
        by: Person,
        reason: &str,
        answer: Answer<()>,
    ) -> Result<(), (Refused, Answer<()>)> {
        let state = self.places.get(bed).and_then(|p| self.beds.get(usize::from(*p)));
        let Some(state) = state else {
            return Err((Refused::NoSuchBed(bed.to_string()), answer));
        };
        if reason.trim().is_empty() {
            return Err((Refused::NoReason, answer));
        }
        let after = match change {
            LimitsWish::To(limits) => match state.rules.with_limits(metric, limits).checked() {
                Ok(rule) => Some(rule),
                Err(e) => return Err((e.into(), answer)),
            },
            LimitsWish::Profile => match state.rules.get(metric).and_then(|r| r.profile) {
                Some(rule) => Some(rule),
                None => return Err((Refused::NoProfile(metric), answer)),
            },
        };
        let change = LimitsChange {
            metric,
            before: state.rules.get(metric).and_then(|r| r.rule),
            after,
        };
        let place = state.view.index;
        let mut entry = JournalEntry::new(now, JournalKind::LimitsChanged);
        entry.bed = Some(bed.clone());
        entry.person = Some(by.clone());
        entry.reason = Some(reason.trim().to_owned());
        entry.limits = Some(change);
        let changed = Changed {
            person: by,
            reason: reason.trim().to_owned(),
            at: now,
        };
        self.durable.journal(
            vec![entry],
            vec![Publication::Limits(place, change, changed), Publication::Answer(answer)],
        );
        // The engine judges by the new limit at once; screens show it when it is on disk.
        self.step(
            now,
            &alert::Event::Rule {
                bed: bed.clone(),
                metric,
                rule: after,
            },
        );
        Ok(())
    }

    fn open_screen(&mut self, now: ReceiptTime) -> Screen {
        let mut news = News {
            station: Some(self.station.clone()),
            pulse: Some((self.pulses, now)),
            ..News::default()
        };
        for bed in &self.beds {
            news.beds.insert(bed.view.index, bed.view.clone());
            news.limits
                .extend(bed.rules.iter().map(|(m, r)| ((bed.view.index, m), r.clone())));
            news.numerics
                .extend(bed.numerics.iter().map(|(m, n)| ((bed.view.index, *m), n.clone())));
        }
        news.feeds
            .extend(self.feeds.iter().map(|f| (f.view.index, f.view.clone())));
        news.alerts
            .extend(self.durable.shown().map(|a| (a.state.id, a.clone())));
        let (writer, screen) = screen::open(news);
        self.screens.push(writer);
        screen
    }
}
