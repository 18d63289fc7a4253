//! Stories: `play("0 88 · 5 87 · 60 ack · 90 95")`. This file knows the engine; stories know medicine.
//!
//! Each step is a time in seconds and what happens then, to one bed with the adult profile:
//! `88` an SpO2 · `HR=45` another number · `~88` a doubtful one · `88@4` received at 4 s · `late88` back-filled ·
//! `off`, `none`, `cal`, `range` no number · `every=1` numbers come each second from here on (else an hour may
//! pass) · `cuff` they are measured now and then · `live`, `connecting`, `lost` (`lost:1` for feed 1, else 0) ·
//! `rule=88-100`, `rule=` · `ack`, `ack#1`, `ack#1v2` (by Kim; `sam#1` by Sam) · `clock!`, `clock-` ·
//! `dev!code:high`, `dev-code`, `dev!code@HR`, `dev!code/1` (feed 1) · `disk!`, `disk-`, `page!`, `page-` · `restart` · `tick`.

use std::fmt::Write as _;
use std::time::Duration;

use alert::{Effects, Engine, Event, Refusal, Settings, profile};
use model::{
    Absence, AlertId, AlertKind, AlertState, BedId, Cause, Connectivity, DeviceAlert, DeviceTime, GenerationMode,
    LimitRule, Limits, LostBecause, MetricCode, Numeric, NumericTiming, Person, Priority, Quantity, Reading,
    ReceiptTime, Timeliness,
};

pub const EVERY_HALF_HOUR: NumericTiming = NumericTiming::Every(Duration::from_mins(30));

/// How long a number may stay away in a story in which values come seldom.
const SELDOM: Duration = Duration::from_mins(29);

pub fn bed() -> BedId {
    BedId::new("bed-07").unwrap()
}

pub fn person(name: &str) -> Person {
    Person::new(name).unwrap()
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
    let exact = Story::new(settings.clone(), Ticking::Exact).told(script);
    for ticking in [Ticking::Never, Ticking::EverySecond] {
        let other = Story::new(settings.clone(), ticking).told(script);
        assert_eq!(exact.alerts(), other.alerts(), "ticking changes what is open");
        if !script.contains('v') && !script.contains("restart") {
            assert_eq!(
                transitions(&exact.lines),
                transitions(&other.lines),
                "ticking changes the story"
            );
        }
    }
    if exact.lines.lines().count() == 1 {
        exact.lines.trim().to_owned()
    } else {
        exact.lines
    }
}

fn transitions(lines: &str) -> Vec<&str> {
    lines.lines().filter(|line| !line.contains(" shown ")).collect()
}

fn engine(settings: &Settings) -> Engine {
    let mut engine = Engine::new(settings.clone(), AlertId(1));
    let rules = profile::adult();
    engine.step(ReceiptTime::from_micros(0), &Event::Bed { bed: bed(), rules });
    engine
}

impl Story {
    pub fn new(settings: Settings, ticking: Ticking) -> Self {
        Self {
            engine: engine(&settings),
            settings,
            timing: EVERY_HALF_HOUR,
            now: ReceiptTime::from_micros(0),
            ticking,
            lines: String::new(),
            effects: Vec::new(),
        }
    }

    pub fn told(mut self, script: &str) -> Self {
        // Values come seldom in a story. It is about numbers that stop only when it says how often they come.
        if self.effects.is_empty() && !script.contains("every=") {
            self.settings.stale.delay = SELDOM;
            self.engine = engine(&self.settings);
        }
        for step in script.split('·') {
            let (at, what) = step.trim().split_once(' ').unwrap();
            self.go(seconds(at), what.trim());
        }
        self
    }

    pub fn alerts(&self) -> Vec<AlertState> {
        self.engine.alerts().cloned().collect()
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
            self.now = at;
            let open = self.alerts();
            self.engine = Engine::new(self.settings.clone(), AlertId(1));
            self.engine.restore(at, open);
            let rules = profile::adult();
            self.step(at, &Event::Bed { bed: bed(), rules });
            return;
        }
        if let Some(event) = self.event(at, what) {
            self.step(at, &event);
        }
    }

    pub fn step(&mut self, at: ReceiptTime, event: &Event) {
        self.now = at;
        let effects = self.engine.step(at, event);
        for transition in &effects.transitions {
            let s = &transition.state;
            write!(
                self.lines,
                "{:>7} {} #{}v{} {}",
                short(transition.at),
                transition.kind.as_str().trim_start_matches("alert-"),
                s.id,
                s.version,
                alert::message(s),
            )
            .unwrap();
            write!(self.lines, " [{}, {}", s.presence.as_str(), s.signal.as_str()).unwrap();
            if let Some(owner) = &s.owner {
                write!(self.lines, " by {owner}").unwrap();
            }
            if let Some(at) = s.realert_at {
                write!(self.lines, " until {}", short(at)).unwrap();
            }
            writeln!(self.lines, "]").unwrap();
        }
        for s in &effects.shown {
            writeln!(
                self.lines,
                "{:>7} shown #{}v{} {}",
                short(at),
                s.id,
                s.version,
                alert::message(s)
            )
            .unwrap();
        }
        match effects.refused {
            Some(Refusal::Changed { now_version }) => {
                writeln!(self.lines, "{:>7} refused: changed, now v{now_version}", short(at)).unwrap();
            }
            Some(refusal) => writeln!(self.lines, "{:>7} refused: {refusal:?}", short(at)).unwrap(),
            None => {}
        }
        self.effects.push(effects);
    }

    fn event(&mut self, at: ReceiptTime, what: &str) -> Option<Event> {
        let bed = bed();
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
        if let Some(limits) = what.strip_prefix("rule=") {
            let metric = MetricCode::SpO2;
            let rule = limits.split_once('-').map(|(low, high)| LimitRule {
                limits: Limits::new(Some(quantity(low)), Some(quantity(high))).unwrap(),
                ..profile::adult().into_iter().find(|r| r.metric == metric).unwrap()
            });
            return Some(Event::Rule { bed, metric, rule });
        }
        for (name, by) in [("ack", "Kim"), ("sam", "Sam")] {
            if let Some(which) = what.strip_prefix(name) {
                return Some(self.acknowledge(which, by));
            }
        }
        station(what)
            .or_else(|| device(what, feed, at))
            .or_else(|| Some(self.number(what, at)))
    }

    fn acknowledge(&self, which: &str, by: &str) -> Event {
        let which = which.trim_start_matches('#');
        let (id, version) = which.split_once('v').unwrap_or((which, ""));
        let id = id.parse().map_or_else(
            |_| self.engine.alerts().map(|a| a.id).max().unwrap_or(AlertId(1)),
            AlertId,
        );
        let current = self.engine.alerts().find(|a| a.id == id).map_or(1, |a| a.version);
        Event::Acknowledge {
            alert: id,
            version: version.parse().unwrap_or(current),
            by: person(by),
        }
    }

    fn number(&self, what: &str, at: ReceiptTime) -> Event {
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
            feed: 0,
            numeric,
        }
    }
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

fn short(at: ReceiptTime) -> String {
    let micros = at.as_micros();
    if micros % 1_000_000 == 0 {
        (micros / 1_000_000).to_string()
    } else {
        format!(
            "{:.3}",
            std::time::Duration::from_micros(micros.unsigned_abs()).as_secs_f64()
        )
    }
}
