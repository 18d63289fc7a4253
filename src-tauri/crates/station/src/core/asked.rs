//! What people ask of the station, and the screens they open.

use std::sync::Arc;

use model::{Cause, ReceiptTime};

use super::Core;
use super::upkeep::fault;
use crate::event::{Answer, Refused, Request, Wish};
use crate::screen::{self, Screen};
use crate::view::News;

impl Core {
    pub(super) fn request(&mut self, now: ReceiptTime, request: Request) {
        match request {
            Request::Wish { wish, answer } => {
                if let Err((refused, answer)) = self.wish(now, wish, answer) {
                    // The asker may be gone; nothing depends on the answer.
                    drop(answer.send(Err(refused)));
                }
            }
            Request::SignedIn { actor, answer } => self.sign_in(now, actor, answer),
            Request::SignOut { answer } => self.sign_out(now, answer),
            Request::PeopleChanged { what, people, answer } => self.people_changed(now, what, people, answer),
            Request::MayI { deed, answer } => drop(answer.send(self.actor(now, Some(deed)))),
            Request::Rules { bed, answer } => {
                let place = self.place(Some(&bed));
                let state = place.and_then(|p| self.beds.get(usize::from(p)));
                let rules = state.map(|b| (Arc::clone(b.rules.profile()), b.rules.judged()));
                drop(answer.send(rules.ok_or_else(|| Refused::NoSuchBed(bed.to_string()))));
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

    fn wish(&mut self, now: ReceiptTime, wish: Wish, answer: Answer<()>) -> Result<(), (Refused, Answer<()>)> {
        match wish {
            Wish::Seen { alerts } => self.seen(now, &alerts, answer),
            Wish::Note { bed, alert, text } => self.note(now, (bed, alert), &text, answer),
            Wish::Annotate { bed, text, change } => self.annotate(now, bed, (text, change), answer),
            Wish::CheckBed { bed } => self.check_bed(now, bed, answer),
            Wish::Admit { .. }
            | Wish::JoinPatient { .. }
            | Wish::Transfer { .. }
            | Wish::Discharge { .. }
            | Wish::UndoAdt { .. } => self.adt(now, wish, answer),
            Wish::Assess {
                bed,
                consciousness,
                breathing,
                scale,
            } => self.assess(now, &bed, (consciousness, breathing, scale), answer),
            Wish::Limits {
                bed,
                metric,
                change,
                reason,
                until,
            } => self.limits(now, (bed, metric), change, (&reason, until), answer),
            Wish::AutoLimits { bed, reason } => self.auto_limits(now, &bed, &reason, answer),
            Wish::Answer { .. } | Wish::Pause { .. } | Wish::EndPause { .. } => self.alert_wish(now, wish, answer),
        }
    }

    /// What the engine decides: it checks rights, versions and lengths itself.
    fn alert_wish(&mut self, now: ReceiptTime, wish: Wish, answer: Answer<()>) -> Result<(), (Refused, Answer<()>)> {
        let by = match self.actor(now, None) {
            Ok(by) => by,
            Err(refused) => return Err((refused, answer)),
        };
        let event = match wish {
            Wish::Answer { alert, version, answer } => alert::Event::Answer {
                alert,
                version,
                by,
                answer,
            },
            Wish::Pause {
                bed,
                metric,
                side,
                seen,
                lasts,
                reason,
            } => alert::Event::Pause {
                seen,
                bed,
                metric,
                side,
                by,
                reason,
                lasts,
            },
            Wish::EndPause { bed, metric, side } => alert::Event::EndPause { bed, metric, side, by },
            Wish::Seen { .. }
            | Wish::Note { .. }
            | Wish::Annotate { .. }
            | Wish::CheckBed { .. }
            | Wish::Admit { .. }
            | Wish::JoinPatient { .. }
            | Wish::Transfer { .. }
            | Wish::Discharge { .. }
            | Wish::UndoAdt { .. }
            | Wish::Assess { .. }
            | Wish::Limits { .. }
            | Wish::AutoLimits { .. } => alert::Event::Tick,
        };
        if let alert::Event::Pause { bed, .. } | alert::Event::EndPause { bed, .. } = &event
            && self.place(Some(bed)).is_none()
        {
            return Err((Refused::NoSuchBed(bed.to_string()), answer));
        }
        let mut effects = self.engine.step(now, &event);
        if let Some(refused) = effects.refused.take() {
            self.effects(now, effects, None);
            return Err((refused.into(), answer));
        }
        self.effects(now, effects, Some(answer));
        Ok(())
    }

    fn open_screen(&mut self, now: ReceiptTime) -> Screen {
        let mut news = News {
            station: Some(self.station.clone()),
            pulse: Some((self.pulses, now)),
            ..News::default()
        };
        for bed in &self.beds {
            let place = bed.view.index;
            news.beds.insert(place, bed.view.clone());
            news.limits
                .extend(bed.rules.iter().map(|(m, r)| ((place, m), r.clone())));
            news.numerics
                .extend(bed.numerics.iter().map(|(m, n)| ((place, *m), n.clone())));
            news.scores.insert(place, bed.score.clone());
        }
        news.feeds
            .extend(self.feeds.iter().map(|f| (f.view.index, f.view.clone())));
        news.pauses
            .extend(self.durable.pauses().map(|(at, p)| (*at, Some(p.clone()))));
        news.alerts
            .extend(self.durable.shown().map(|a| (a.state.id, a.clone())));
        let (writer, screen) = screen::open(news);
        self.screens.push(writer);
        screen
    }
}
