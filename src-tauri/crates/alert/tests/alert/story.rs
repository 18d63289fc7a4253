//! Stories: `play("0 88 · 5 87 · 60 ack · 90 95")`. This file knows the engine; stories know medicine.
//!
//! Each step is a time in seconds and what happens then, to one bed with the adult profile:
//! `88` an SpO2 · `HR=45` another number, `HR=45:1` by feed 1 · `~88` a doubtful one · `88@4` received at 4 s ·
//! `late88` back-filled · `off`, `none`, `cal`, `range` no number · `every=1` numbers come each second from here on
//! (else one stands until the next) · `cuff` they are measured now and then · `live`, `connecting`, `lost` (`lost:1` for feed 1,
//! else 0) · `rule=88-100`, `rule=` · `clock!`, `clock-` · `dev!code:high`, `dev-code`, `dev!code@HR`, `dev!code/1`
//! (feed 1) · `disk!`, `disk-`, `page!`, `page-` · `restart`, `expect=HR` what a restart misses · `tick`.
//!
//! People: `ack`, `ack#1`, `ack#1v2`, and so `accept`, `undo`, `decline`, `escalate`, `retire`, of the newest alert, of
//! one, of one as it was seen; `pause SPO2 low 60 suctioning`, `unpause SPO2 low`. By Kim, a nurse, unless it ends in
//! `by Sam` or `by Eli (engineer)`; `assess alert air` what Kim found at the bedside.

use std::fmt::Write as _;
use std::time::Duration;

use alert::profile::Profile;
use alert::{Answer, Effects, Engine, Event, Refusal, Settings};
use model::{
    Absence, Actor, AlertId, AlertKind, AlertState, Assessment, BedId, Breathing, Cause, Connectivity, Consciousness,
    DeviceAlert, DeviceTime, GenerationMode, LimitRule, Limits, LostBecause, MetricCode, Numeric, NumericTiming, Pause,
    Person, Priority, Quantity, Reading, ReceiptTime, Role, Side, SpO2Scale, Timeliness,
};

use crate::adult;
use crate::telling::{short, told, told_pause};

/// A number stands until the next.
pub const STANDS: NumericTiming = NumericTiming::Intermittent(Duration::from_hours(24));

pub fn bed() -> BedId {
    BedId::new("bed-07").unwrap()
}

pub fn person(name: &str) -> Person {
    Person::new(name).unwrap()
}

pub fn actor(name: &str, role: Role) -> Actor {
    Actor {
        person: person(name),
        role,
    }
}

/// Somebody who may answer any alert.
pub fn nurse(name: &str) -> Actor {
    actor(name, Role::Nurse)
}

pub fn seconds(text: &str) -> ReceiptTime {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let micros: i64 = format!("{part:0<6}").parse().unwrap();
    ReceiptTime::from_micros(whole.parse::<i64>().unwrap() * 1_000_000 + micros)
}

pub fn quantity(text: &str) -> Quantity {
    Quantity::from_f64(text.parse().unwrap()).unwrap()
}

pub fn numeric(metric: MetricCode, reading: Reading, at: ReceiptTime, timing: NumericTiming) -> Numeric {
    Numeric {
        metric,
        reading,
        measured_at: DeviceTime::from_micros(0),
        received_at: at,
        timing,
        mode: GenerationMode::Demo,
        timeliness: Timeliness::Live,
    }
}

/// How often the loop looks between the events of a story.
#[derive(Clone, Copy, PartialEq)]
pub enum Ticking {
    /// At each deadline, as the loop does.
    Exact,
    /// Never: only when an event comes.
    Never,
    /// Far too often.
    EverySecond,
}

pub struct Story {
    pub engine: Engine,
    settings: Settings,
    profile: Profile,
    expected: Vec<MetricCode>,
    timing: NumericTiming,
    now: ReceiptTime,
    ticking: Ticking,
    lines: String,
    pub effects: Vec<Effects>,
}

/// The transitions of a story, one a line; and that ticking makes no difference to them.
pub fn play(script: &str) -> String {
    play_with(&Settings::default(), script)
}

pub fn play_with(settings: &Settings, script: &str) -> String {
    play_by(settings, &adult::profile(), script)
}

pub fn play_by(settings: &Settings, profile: &Profile, script: &str) -> String {
    let told = |ticking| Story::of(settings.clone(), profile.clone(), ticking).told(script);
    let exact = told(Ticking::Exact);
    for ticking in [Ticking::Never, Ticking::EverySecond] {
        let other = told(ticking);
        assert_eq!(exact.alerts(), other.alerts(), "ticking changes what is open");
        let tell = (transitions(&exact.lines), transitions(&other.lines));
        assert_eq!(tell.0, tell.1, "ticking changes the story");
    }
    if exact.lines.lines().count() == 1 {
        exact.lines.trim().to_owned()
    } else {
        exact.lines
    }
}

/// Without what is shown only; pauses apart, which are a list of their own within a step.
fn transitions(lines: &str) -> (Vec<&str>, Vec<&str>) {
    let is_pause = |line: &&str| !line.contains('#');
    let told = lines
        .lines()
        .filter(|line| !line.contains(" shown ") && !line.contains(" score "));
    told.partition(is_pause)
}

impl Story {
    pub fn new(settings: Settings, ticking: Ticking) -> Self {
        Self::of(settings, adult::profile(), ticking)
    }

    pub fn of(settings: Settings, profile: Profile, ticking: Ticking) -> Self {
        let mut engine = Engine::new(settings.clone(), AlertId(1));
        let set_up = adult::set_up(bed(), profile.clone(), &[]);
        engine.step(ReceiptTime::from_micros(0), &set_up);
        Self {
            engine,
            settings,
            profile,
            expected: Vec::new(),
            timing: STANDS,
            now: ReceiptTime::from_micros(0),
            ticking,
            lines: String::new(),
            effects: Vec::new(),
        }
    }

    pub fn told(mut self, script: &str) -> Self {
        for step in script.split('·') {
            let (at, what) = step.trim().split_once(' ').unwrap();
            self.go(seconds(at), what.trim());
        }
        self
    }

    pub fn alerts(&self) -> Vec<AlertState> {
        self.engine.alerts().cloned().collect()
    }

    pub const fn now(&self) -> ReceiptTime {
        self.now
    }

    pub fn newest(&self) -> AlertState {
        self.engine.alerts().max_by_key(|a| a.id).unwrap().clone()
    }

    /// Lets time pass to `at`, then does `what`.
    pub fn go(&mut self, at: ReceiptTime, what: &str) {
        match self.ticking {
            Ticking::Exact => {
                while let Some(due) = self.engine.next_deadline().filter(|due| *due <= at) {
                    self.step(due, &Event::Tick);
                    assert_ne!(self.engine.next_deadline(), Some(due), "a deadline that stays");
                }
            }
            Ticking::Never => {}
            Ticking::EverySecond => {
                while self.now.plus(Duration::from_secs(1)) < at {
                    self.step(self.now.plus(Duration::from_secs(1)), &Event::Tick);
                }
            }
        }
        if what == "restart" {
            self.restart(at);
        } else if let Some(event) = self.event(at, what) {
            self.step(at, &event);
        }
    }

    fn restart(&mut self, at: ReceiptTime) {
        // It lived until then: what was due is in the journal.
        self.step(at, &Event::Tick);
        let open = self.alerts();
        let pauses: Vec<Pause> = self.engine.pauses().cloned().collect();
        self.engine = Engine::new(self.settings.clone(), AlertId(1));
        self.engine.restore(at, open, pauses);
        self.step(at, &adult::set_up(bed(), self.profile.clone(), &self.expected));
    }

    pub fn step(&mut self, at: ReceiptTime, event: &Event) {
        self.now = at;
        let effects = self.engine.step(at, event);
        let pauses = effects.pauses.iter().map(|p| (p.at, told_pause(p)));
        let mut lines: Vec<_> = pauses
            .chain(effects.transitions.iter().map(|t| (t.at, told(t))))
            .collect();
        lines.sort_by_key(|(at, _)| *at);
        self.lines.extend(lines.into_iter().map(|(_, line)| line));
        for (_, score) in &effects.scores {
            let missing: Vec<_> = score.missing().map(model::ScorePart::label).collect();
            let total = score
                .total
                .map_or_else(|| format!("without {}", missing.join(", ")), |t| t.to_string());
            writeln!(self.lines, "{:>7} score {total}", short(at)).unwrap();
        }
        for s in &effects.shown {
            let (id, version, message) = (s.id, s.version, alert::message(s));
            writeln!(self.lines, "{:>7} shown #{id}v{version} {message}", short(at)).unwrap();
        }
        if effects.second_source {
            writeln!(self.lines, "{:>7} not taken: another feed brings it", short(at)).unwrap();
        }
        match effects.refused {
            Some(Refusal::Changed { now_version }) => {
                writeln!(self.lines, "{:>7} refused: changed, now v{now_version}", short(at)).unwrap();
            }
            Some(Refusal::NotAllowed { role, deed }) => {
                let (role, words) = (role.as_str(), deed.words());
                writeln!(self.lines, "{:>7} refused: {role} may not {words}", short(at)).unwrap();
            }
            Some(refusal) => writeln!(self.lines, "{:>7} refused: {refusal:?}", short(at)).unwrap(),
            None => {}
        }
        self.effects.push(effects);
    }

    fn event(&mut self, at: ReceiptTime, what: &str) -> Option<Event> {
        let bed = bed();
        if let Some(event) = self.people(at, what) {
            return Some(event);
        }
        let (word, feed) = match what.split_once(':') {
            Some((word, feed)) if feed.parse::<u16>().is_ok() => (word, feed.parse().unwrap()),
            _ => (what, 0),
        };
        let connectivity = |state| {
            Some(Event::Connectivity {
                bed: bed.clone(),
                feed,
                state,
            })
        };
        match word {
            "tick" => return Some(Event::Tick),
            "live" => return connectivity(Connectivity::Live),
            "connecting" => return connectivity(Connectivity::Connecting { attempt: 1 }),
            "lost" => return connectivity(Connectivity::Lost(LostBecause::Closed)),
            "silent" => return connectivity(Connectivity::Lost(LostBecause::Silent)),
            "clock!" | "clock-" => {
                let absurd = word == "clock!";
                return Some(Event::DeviceClock { bed, feed, absurd });
            }
            "cuff" => {
                self.timing = NumericTiming::Intermittent(Duration::from_mins(15));
                return None;
            }
            _ => {}
        }
        if let Some(period) = what.strip_prefix("every=") {
            self.timing = NumericTiming::Every(Duration::from_secs(period.parse().unwrap()));
            return None;
        }
        if let Some(metrics) = what.strip_prefix("expect=") {
            self.expected = metrics.split(',').map(|m| m.parse().unwrap()).collect();
            return None;
        }
        if let Some(limits) = what.strip_prefix("rule=") {
            let metric = MetricCode::SpO2;
            let rule = limits.split_once('-').map(|(low, high)| LimitRule {
                limits: Limits::new(Some(quantity(low)), Some(quantity(high))).unwrap(),
                ..adult::rule(metric)
            });
            return Some(Event::Rule { bed, metric, rule });
        }
        station(what)
            .or_else(|| device(what, feed, at))
            .or_else(|| Some(self.number(word, feed, at)))
    }

    /// What a person does; what they saw is what was on the screen then.
    fn people(&mut self, at: ReceiptTime, what: &str) -> Option<Event> {
        if let Some(found) = what.strip_prefix("assess") {
            return Some(assessed(at, found));
        }
        let (what, by) = what.split_once(" by ").unwrap_or((what, "Kim"));
        let (name, role) = by.split_once(" (").unwrap_or((by, "nurse"));
        let by = actor(name, Role::parse(role.trim_end_matches(')')).unwrap());
        let mut words = what.splitn(5, ' ');
        match words.next() {
            Some("pause") => {
                let (metric, side) = direction(&mut words);
                let lasts = seconds(words.next().unwrap()).since(seconds("0"));
                let reason = words.next().unwrap_or_default().to_owned();
                let bed = bed();
                return Some(Event::Pause {
                    seen: None,
                    bed,
                    metric,
                    side,
                    by,
                    reason,
                    lasts,
                });
            }
            Some("unpause") => {
                let (metric, side) = direction(&mut words);
                let bed = bed();
                return Some(Event::EndPause { bed, metric, side, by });
            }
            _ => {}
        }
        let (word, which) = what.split_once('#').unwrap_or((what, ""));
        let (_, answer) = ANSWERS.into_iter().find(|(name, _)| *name == word)?;
        if self.ticking == Ticking::Never {
            self.step(at, &Event::Tick);
        }
        let (id, version) = which.split_once('v').unwrap_or((which, ""));
        let newest = || self.engine.alerts().map(|a| a.id).max().unwrap_or(AlertId(1));
        let alert = id.parse().map_or_else(|_| newest(), AlertId);
        let current = self.engine.alerts().find(|a| a.id == alert).map_or(1, |a| a.version);
        let version = version.parse().unwrap_or(current);
        Some(Event::Answer {
            alert,
            version,
            by,
            answer,
        })
    }

    fn number(&self, what: &str, feed: u16, at: ReceiptTime) -> Event {
        let (metric, value) = match what.split_once('=') {
            Some((metric, value)) => (metric.parse().unwrap(), value),
            None => (MetricCode::SpO2, what),
        };
        let late = value.strip_prefix("late");
        let (value, received) = late
            .unwrap_or(value)
            .split_once('@')
            .unwrap_or((late.unwrap_or(value), ""));
        let reading = match value {
            "off" => Reading::Invalid(Absence::SensorOff),
            "none" => Reading::Invalid(Absence::NotAvailable),
            "cal" => Reading::Invalid(Absence::Calibrating),
            "range" => Reading::Invalid(Absence::OutOfRange),
            value => match value.strip_prefix('~') {
                Some(value) => Reading::Questionable(quantity(value)),
                None => Reading::Value(quantity(value)),
            },
        };
        let received = if received.is_empty() { at } else { seconds(received) };
        let mut numeric = numeric(metric, reading, received, self.timing);
        if late.is_some() {
            numeric.timeliness = Timeliness::Late;
        }
        Event::Numeric {
            bed: bed(),
            feed,
            numeric,
        }
    }
}

const ANSWERS: [(&str, Answer); 6] = [
    ("ack", Answer::Acknowledge),
    ("accept", Answer::Accept),
    ("undo", Answer::UndoAccept),
    ("decline", Answer::Decline),
    ("escalate", Answer::Escalate),
    ("retire", Answer::Retire),
];

/// `assess pain oxygen two`, `assess alert air@5` found at 5 s, `assess-` nothing that counts for this stay.
fn assessed(at: ReceiptTime, found: &str) -> Event {
    let (found, then) = found.split_once('@').unwrap_or((found, ""));
    let words: Vec<&str> = found.split_whitespace().collect();
    let assessment = (words.len() > 1).then(|| Assessment {
        consciousness: Consciousness::parse(words[0]).unwrap(),
        breathing: Breathing::parse(words[1]).unwrap(),
        scale: words.get(2).map_or(SpO2Scale::One, |w| SpO2Scale::parse(w).unwrap()),
        by: person("Kim"),
        at: if then.is_empty() { at } else { seconds(then) },
    });
    let bed = bed();
    Event::Assessed { bed, assessment }
}

fn direction<'a>(words: &mut impl Iterator<Item = &'a str>) -> (MetricCode, Side) {
    let metric = words.next().unwrap().parse().unwrap();
    (metric, Side::parse(words.next().unwrap()).unwrap())
}

fn station(what: &str) -> Option<Event> {
    let causes = [
        ("disk", Cause::Disk),
        ("sound", Cause::Sound),
        ("page", Cause::PageDead),
    ];
    causes.into_iter().find_map(|(name, cause)| {
        let rest = what.strip_prefix(name)?;
        Some(Event::Station {
            cause,
            present: rest.starts_with('!'),
            text: rest.trim_start_matches(['!', '-']).to_owned(),
        })
    })
}

fn device(what: &str, feed: u16, at: ReceiptTime) -> Option<Event> {
    let rest = what.strip_prefix("dev")?;
    let (rest, feed) = rest
        .split_once('/')
        .map_or((rest, feed), |(rest, feed)| (rest, feed.parse().unwrap()));
    let present = rest.starts_with('!');
    let (code, priority) = rest[1..].split_once(':').unwrap_or((&rest[1..], "medium"));
    let (code, metric) = code.split_once('@').unwrap_or((code, ""));
    Some(Event::DeviceAlert {
        bed: bed(),
        feed,
        alert: DeviceAlert {
            code: code.to_owned(),
            text: format!("{code} {metric} {priority}").replace("  ", " "),
            metric: metric.parse().ok(),
            priority: Priority::parse(priority).unwrap_or(Priority::Medium),
            kind: AlertKind::Technical,
            present,
            received_at: at,
        },
    })
}
