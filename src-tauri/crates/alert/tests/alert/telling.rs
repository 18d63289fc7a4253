//! What happened, in one line each.

use std::fmt::Write as _;

use alert::{PauseChange, Transition};
use model::{JournalKind, Person, ReceiptTime, Response, Rung};

pub fn told_pause(change: &PauseChange) -> String {
    let PauseChange {
        kind,
        at,
        pause,
        person,
    } = change;
    let mut line = format!("{:>7} {}", short(*at), kind.as_str());
    write!(line, " {} {}", pause.metric.name(), pause.side.as_str()).unwrap();
    if *kind == JournalKind::Paused {
        write!(line, " until {}: {}", short(pause.until), pause.reason).unwrap();
    }
    if let Some(person) = person {
        write!(line, " [by {person}]").unwrap();
    }
    line + "\n"
}

pub fn told(transition: &Transition) -> String {
    let s = &transition.state;
    let word = transition.kind.as_str().trim_start_matches("alert-");
    let mut line = format!(
        "{:>7} {word} #{}v{} {}",
        short(transition.at),
        s.id,
        s.version,
        alert::message(s)
    );
    write!(line, " [{}, {}", s.presence.as_str(), s.signal.as_str()).unwrap();
    if let Some(owner) = &s.owner {
        write!(line, " by {owner}").unwrap();
    }
    if let Some(at) = s.realert_at {
        write!(line, " until {}", short(at)).unwrap();
    }
    let responder = s.responder.as_ref().map(Person::to_string).unwrap_or_default();
    match s.response {
        Response::None => {}
        Response::Accepted => write!(line, ", {responder} goes").unwrap(),
        Response::Declined => write!(line, ", {responder} cannot go").unwrap(),
    }
    match s.rung {
        Rung::First => {}
        Rung::Louder => line.push_str(", louder"),
        Rung::Second | Rung::Charge => write!(line, ", to {}", s.rung.as_str()).unwrap(),
    }
    if s.occurrence > 1 {
        write!(line, ", {} times since {}", s.occurrence, short(s.episode_since)).unwrap();
    }
    line + "]\n"
}

pub fn short(at: ReceiptTime) -> String {
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
