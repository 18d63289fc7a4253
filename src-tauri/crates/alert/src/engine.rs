//! The engine: events in, transitions out.

use std::collections::HashMap;
use std::sync::Arc;

use model::{
    Actor, AlertId, AlertState, BedId, Cause, ConditionPresence, Pause, Quantity, ReceiptTime, SignalPresence,
};

use crate::deadlines::Deadlines;
use crate::limits::STATION_RESTARTED;
use crate::phase::{Condition, Desk, Draft, Phase, climbs_at};
use crate::place::{Place, is_spent};
use crate::{Answer, Effects, Event, Loudness, Refusal, Settings};

/// The place of the station itself.
const STATION: usize = 0;

/// All conditions of all beds and of the station.
///
/// Time is an argument and never goes back: an earlier one is read as the last one. What falls due between two
/// steps happens in its own order, at its own time, before the later step's event.
#[derive(Clone, Debug)]
pub struct Engine {
    settings: Settings,
    next_id: AlertId,
    now: ReceiptTime,
    places: Vec<Place>,
    beds: HashMap<BedId, usize>,
    homes: HashMap<AlertId, usize>,
    deadlines: Deadlines,
}

impl Engine {
    /// An engine that knows no bed. `next_id` is the id of the first alert it raises.
    pub fn new(settings: Settings, next_id: AlertId) -> Self {
        let mut deadlines = Deadlines::default();
        deadlines.grow(1);
        Self {
            settings,
            next_id,
            now: ReceiptTime::from_micros(i64::MIN),
            places: vec![Place::new(None)],
            beds: HashMap::new(),
            homes: HashMap::new(),
            deadlines,
        }
    }

    /// Takes over the alerts that were not over when the station stopped, each in its newest state, and goes on
    /// with them: acknowledged ones keep their owner and their re-alert time, and none is raised a second time.
    /// Those that are over are left out. Call it before [`Event::Bed`] and everything else of the day: rules and scores
    /// judge from then on whether one of these is over. A condition that went away meanwhile clears by the first value,
    /// state or report that says so; a limit alert says that it has no value. `pauses` are those whose time is not over.
    ///
    /// Whatever the clock was when they were written, no silence lasts longer from now than the site allows.
    pub fn restore(&mut self, now: ReceiptTime, alerts: Vec<AlertState>, pauses: Vec<Pause>) {
        self.now = self.now.max(now);
        for mut pause in pauses {
            pause.until = pause.until.min(now.plus(self.settings.pause_max));
            let place = self.place(&pause.bed);
            if let Some(place) = self.places.get_mut(place) {
                place.take_pause(&pause);
            }
            self.refresh(place);
        }
        for mut alert in alerts {
            self.next_id = self.next_id.max(AlertId(alert.id.0.saturating_add(1)));
            if alert.is_over() {
                continue;
            }
            let place = alert.bed.clone().map_or(STATION, |bed| self.place(&bed));
            if matches!(alert.cause, Cause::Limit { .. }) && alert.signal != SignalPresence::Latched {
                alert.text = Some(STATION_RESTARTED.to_owned());
            }
            self.homes.insert(alert.id, place);
            let restate_by = (place == STATION && alert.presence == ConditionPresence::Active)
                .then(|| now.plus(self.settings.restates_within));
            let cause = alert.cause.clone();
            let pause = self.places.get(place).and_then(|p| p.pause_of(&cause));
            let phase = phase_of(&self.settings, now, alert, pause);
            if let Some(place) = self.places.get_mut(place) {
                place.conditions.push(Condition {
                    cause,
                    feed: None,
                    restate_by,
                    phase,
                });
            }
            self.refresh(place);
        }
    }

    /// One event at one time. What falls due up to `now` happens first.
    pub fn step(&mut self, now: ReceiptTime, event: &Event) -> Effects {
        let mut out = Effects::default();
        self.now = self.now.max(now);
        self.fire_due(&mut out);
        self.take(event, &mut out);
        self.fire_due(&mut out);
        out.settle();
        out
    }

    /// When [`Engine::step`] must be called next although nothing happens; `None` while nothing runs. Exact: a step
    /// before it moves nothing by itself.
    pub fn next_deadline(&self) -> Option<ReceiptTime> {
        self.deadlines.all().due
    }

    /// Alerts that are not over: the station's first, then bed by bed in the order in which they became known.
    pub fn alerts(&self) -> impl Iterator<Item = &AlertState> {
        self.places.iter().flat_map(Place::alerts)
    }

    /// How the station sounds now: the highest priority, louder where one of that priority has not been answered. A
    /// latched alert is shown and does not sound.
    pub fn sounding(&self) -> Option<Loudness> {
        self.deadlines.all().loudest
    }

    /// Pauses in force.
    pub fn pauses(&self) -> impl Iterator<Item = &Pause> {
        self.places.iter().flat_map(|p| &p.pauses)
    }

    /// Limits of a bed that are crossed now: pending or alerts, not those that are over and latched. While there are
    /// none, a value inside its limits changes nothing about limits.
    pub fn live_limits(&self, bed: &BedId) -> usize {
        let place = self.beds.get(bed).and_then(|at| self.places.get(*at));
        let live = |c: &&Condition| c.is_live() && matches!(c.cause, Cause::Limit { .. });
        place.map_or(0, |p| p.conditions.iter().filter(live).count())
    }

    /// The id that the next alert gets.
    pub const fn next_id(&self) -> AlertId {
        self.next_id
    }

    fn take(&mut self, event: &Event, out: &mut Effects) {
        let now = self.now;
        match event {
            Event::Bed {
                bed,
                profile,
                rules,
                expected,
            } => self.at_bed(bed, out, |place, desk| {
                place.set_combined(desk, now, profile);
                place.profile = Arc::clone(profile);
                place.set_rules(desk, now, rules);
                place.set_scoring(desk, now);
                place.expect(desk, now, expected);
            }),
            Event::Rule { bed, metric, rule } => {
                self.at_bed(bed, out, |place, desk| place.set_rule(desk, now, *metric, *rule));
            }
            Event::Numeric { bed, feed, numeric } => {
                let mut taken = true;
                self.at_bed(bed, out, |place, desk| taken = place.numeric(desk, now, *feed, numeric));
                out.second_source = !taken;
            }
            Event::Connectivity { bed, feed, state } => {
                self.at_bed(bed, out, |place, desk| place.connectivity(desk, now, *feed, state));
            }
            Event::DeviceAlert { bed, feed, alert } => {
                self.at_bed(bed, out, |place, desk| place.device_alert(desk, now, *feed, alert));
            }
            Event::DeviceClock { bed, feed, absurd } => {
                self.at_bed(bed, out, |place, desk| place.device_clock(desk, now, *feed, *absurd));
            }
            Event::Station { cause, present, text } => self.at(STATION, out, |place, desk| {
                if *present {
                    let priority = desk.settings.station_priority(cause);
                    let draft = Draft::technical(priority, Some(text.clone()));
                    place.begin(desk, (cause.clone(), None), (now, now, now), draft);
                } else {
                    place.end(desk, now, cause, None, None);
                }
            }),
            Event::Answer { .. } | Event::Pause { .. } | Event::EndPause { .. } | Event::Assessed { .. } => {
                out.refused = self.asked(event, out).err();
            }
            Event::Leave { bed, by, why } => {
                self.at_bed(bed, out, |place, desk| place.leave(desk, now, by.as_ref(), why));
            }
            Event::Move { from, to, by } => self.move_patient((from, to), by.as_ref(), out),
            Event::Arrive { bed } => self.at_bed(bed, out, |place, desk| place.arrive(desk, now)),
            Event::Tick => {}
        }
    }

    fn move_patient(&mut self, (from, to): (&BedId, &BedId), by: Option<&model::Person>, out: &mut Effects) {
        if from == to {
            return;
        }
        let now = self.now;
        let mut luggage = crate::stay::Luggage::default();
        self.at_bed(from, out, |place, desk| luggage = place.pack(desk, now, by));
        self.at_bed(to, out, |place, desk| {
            let home = desk.place;
            place.unpack(desk.homes, home, to, luggage);
        });
    }

    /// What people ask for; refused, it has changed nothing.
    fn asked(&mut self, event: &Event, out: &mut Effects) -> Result<(), Refusal> {
        let now = self.now;
        let mut done = Ok(());
        match event {
            Event::Answer {
                alert,
                version,
                by,
                answer,
            } => return self.answer((*alert, *version), by, *answer, out),
            Event::Pause {
                bed,
                metric,
                side,
                seen,
                by,
                reason,
                lasts,
            } => self.at_bed(bed, out, |place, desk| {
                done = place
                    .is_as_seen(*seen)
                    .and_then(|()| place.begin_pause(desk, now, (*metric, *side), by, (reason, *lasts)));
            }),
            Event::EndPause { bed, metric, side, by } => {
                self.at_bed(bed, out, |place, desk| {
                    done = place.end_pause(desk, now, (*metric, *side), by);
                });
            }
            Event::Assessed { bed, assessment } => {
                self.at_bed(bed, out, |place, desk| place.assess(desk, now, assessment.clone()));
            }
            Event::Bed { .. }
            | Event::Rule { .. }
            | Event::Numeric { .. }
            | Event::Connectivity { .. }
            | Event::DeviceAlert { .. }
            | Event::DeviceClock { .. }
            | Event::Station { .. }
            | Event::Leave { .. }
            | Event::Move { .. }
            | Event::Arrive { .. }
            | Event::Tick => {}
        }
        done
    }

    fn answer(
        &mut self,
        (id, version): (AlertId, u32),
        by: &Actor,
        answer: Answer,
        out: &mut Effects,
    ) -> Result<(), Refusal> {
        let Some(home) = self.homes.get(&id).copied() else {
            let was_given = id.0 > 0 && id < self.next_id;
            return Err(if was_given { Refusal::Over } else { Refusal::NoSuchAlert });
        };
        let now = self.now;
        let mut done = Ok(());
        self.at(home, out, |place, desk| {
            done = place.answer(desk, now, (id, version), by, answer);
        });
        done
    }

    /// Everything due up to now, in the order of its times.
    fn fire_due(&mut self, out: &mut Effects) {
        while let Some((due, place)) = self.deadlines.first() {
            if due > self.now {
                break;
            }
            self.at(place, out, |place, desk| place.fire(desk, due));
        }
    }

    fn at_bed(&mut self, bed: &BedId, out: &mut Effects, act: impl FnOnce(&mut Place, &mut Desk<'_>)) {
        let place = self.place(bed);
        self.at(place, out, act);
    }

    fn at(&mut self, index: usize, out: &mut Effects, act: impl FnOnce(&mut Place, &mut Desk<'_>)) {
        if let Some(place) = self.places.get_mut(index) {
            let mut desk = Desk {
                settings: &self.settings,
                next_id: &mut self.next_id,
                homes: &mut self.homes,
                place: index,
                out,
            };
            act(place, &mut desk);
            debug_assert!(
                !place.conditions.iter().any(is_spent),
                "an alert that is over is still kept"
            );
        }
        self.refresh(index);
    }

    fn place(&mut self, bed: &BedId) -> usize {
        if let Some(place) = self.beds.get(bed) {
            return *place;
        }
        let place = self.places.len();
        self.places.push(Place::new(Some(bed.clone())));
        self.beds.insert(bed.clone(), place);
        self.deadlines.grow(self.places.len());
        place
    }

    fn refresh(&mut self, index: usize) {
        if let Some(place) = self.places.get(index) {
            self.deadlines.set(index, place.summary());
        }
    }
}

/// Where an alert of before the station stopped stands now.
fn phase_of(settings: &Settings, now: ReceiptTime, mut alert: AlertState, pause: Option<&Pause>) -> Phase {
    let reference: Option<Quantity> = alert.worst;
    match (alert.signal, alert.realert_at, pause) {
        (SignalPresence::Latched, _, _) => Phase::Latched { alert },
        (SignalPresence::Acknowledged, Some(realert_at), _) => {
            let realert_at = realert_at.min(now.plus(settings.realert));
            alert.realert_at = Some(realert_at);
            Phase::Acknowledged {
                alert,
                realert_at,
                reference,
            }
        }
        (SignalPresence::Paused, Some(_), Some(pause)) => {
            alert.realert_at = Some(pause.until);
            Phase::Paused {
                alert,
                until: pause.until,
                breaks_above: pause.breaks_above,
                reference,
            }
        }
        _ => {
            // Silent without a time at which it speaks again is not a state of this engine: it sounds.
            alert.signal = SignalPresence::On;
            alert.owner = None;
            alert.realert_at = None;
            let climbs_at = climbs_at(settings, now, &alert);
            Phase::Sounding {
                alert,
                reference,
                climbs_at,
            }
        }
    }
}
