//! The station's words put into the border's: news into facts and a frame.

use model::{
    Actor, Connectivity, GenerationMode, JournalEntry, MetricCode, Numeric, Pause, Quantity, Reading, ReceiptTime,
};
use station::view::{AlertView, BedDirection, BedView, FeedView, Health, News, ScoreView, StationView};
use station::{Refused, RuleInForce};

use crate::frame::{FrameWriter, millis};
use crate::{
    AlertFact, AlertRow, BedFact, ContractError, ErrorCode, Fact, FeedFact, LimitsFact, NumericFact, PauseFact,
    PersonFact, PulseFact, RejectCount, ScoreFact, ScorePartFact, StationFact, Trouble, WaveFact,
};

/// The facts in `news`, in an order in which a screen can take them: beds before what lies in them.
///
/// `version` is the program's, `config_path` what a "what to do" screen names.
pub fn facts(news: &News, version: &str, config_path: &str) -> Vec<Fact> {
    let mut facts = Vec::new();
    // The clock first: a page that does not know it yet would take the age of every number for none.
    facts.extend(news.pulse.map(|(seq, now)| {
        Fact::Pulse(PulseFact {
            seq,
            now_ms: millis(now.as_micros()),
        })
    }));
    facts.extend(
        news.station
            .as_ref()
            .map(|s| Fact::Station(station(s, version, config_path))),
    );
    facts.extend(news.beds.values().map(|b| Fact::Bed(bed(b))));
    facts.extend(news.feeds.values().map(|f| Fact::Feed(feed(f))));
    facts.extend(
        news.limits
            .iter()
            .map(|((bed, metric), rule)| Fact::Limits(limits(*bed, *metric, rule))),
    );
    facts.extend(
        news.numerics
            .iter()
            .map(|((bed, _), (n, transit_ms))| Fact::Numeric(numeric(*bed, n, *transit_ms))),
    );
    facts.extend(news.scores.iter().map(|(bed, s)| Fact::Score(score(*bed, s))));
    facts.extend(news.pauses.iter().map(|(at, p)| Fact::Pause(pause(*at, p.as_ref()))));
    facts.extend(news.alerts.values().map(|a| Fact::Alert(Box::new(alert(a)))));
    facts
}

/// The waves in `news` as one frame; `None` when there are none.
///
/// A frame holds at most 65,535 blocks, far above what a screen's queue holds.
pub fn frame_of(news: &News, seq: u32, now: ReceiptTime) -> Option<Vec<u8>> {
    let mut writer = FrameWriter::new(seq, millis(now.as_micros()));
    for (bed, block, transit_ms) in &news.waves {
        writer.push(*bed, block, *transit_ms);
    }
    (!writer.is_empty()).then(|| writer.finish())
}

/// A refusal of the station, with its code.
pub fn refusal(refused: &Refused) -> ContractError {
    let code = match refused {
        Refused::NoSuchBed(_) | Refused::AlertOver => ErrorCode::NotFound,
        Refused::AlertChanged => ErrorCode::Changed,
        Refused::NotSignedIn => ErrorCode::NotSignedIn,
        Refused::NotAllowed { .. } => ErrorCode::NotAllowed,
        Refused::Limits(_)
        | Refused::Floor(_)
        | Refused::NoProfile(_)
        | Refused::NothingToGoBy
        | Refused::NoReason
        | Refused::TooLate
        | Refused::PauseLength(_)
        | Refused::People(_)
        | Refused::Answer(_) => ErrorCode::Invalid,
        Refused::Store(_) | Refused::NotRecorded => ErrorCode::Store,
        Refused::Stopping => ErrorCode::Unavailable,
    };
    ContractError {
        code,
        text: refused.to_string(),
    }
}

/// A journalled transition, note or pause.
pub fn alert_row(entry: &JournalEntry) -> AlertRow {
    AlertRow {
        at_ms: ms(entry.at),
        what: entry.kind.as_str().to_owned(),
        alert: entry.alert.clone().map(|state| alert(&AlertView::new(None, state))),
        person: entry.person.as_ref().map(ToString::to_string),
        words: entry.reason.clone(),
    }
}

fn ms(time: ReceiptTime) -> f64 {
    millis(time.as_micros())
}

fn trouble(health: &Health) -> Trouble {
    match health {
        Health::Ok => Trouble {
            ok: true,
            text: String::new(),
        },
        Health::Faulty(text) => Trouble {
            ok: false,
            text: text.clone(),
        },
    }
}

fn station(view: &StationView, version: &str, config_path: &str) -> StationFact {
    StationFact {
        version: version.to_owned(),
        demo: view.demo,
        started_ms: ms(view.started),
        bed_count: u32::try_from(view.bed_count).unwrap_or(u32::MAX),
        config_path: config_path.to_owned(),
        config_error: view.config_error.clone(),
        sound: trouble(&view.sound),
        store: trouble(&view.store),
        signed_in: view.signed_in.as_ref().map(person),
        people: view.people.iter().map(person).collect(),
    }
}

fn person(actor: &Actor) -> PersonFact {
    PersonFact {
        name: actor.person.to_string(),
        role: actor.role.as_str().to_owned(),
    }
}

fn pause((bed, metric, side): BedDirection, pause: Option<&Pause>) -> PauseFact {
    PauseFact {
        bed,
        metric: metric.name().to_owned(),
        label: metric.label().to_owned(),
        side: side.as_str().to_owned(),
        by: pause.map(|p| p.by.to_string()).unwrap_or_default(),
        reason: pause.map(|p| p.reason.clone()).unwrap_or_default(),
        until_ms: pause.map_or(0.0, |p| ms(p.until)),
        over: pause.is_none(),
    }
}

fn score(bed: u16, view: &ScoreView) -> ScoreFact {
    let parts = view.score.iter().flat_map(|s| &s.parts);
    let found = view.assessment.as_ref();
    let scale = view.scale.unwrap_or(model::SpO2Scale::One);
    ScoreFact {
        bed,
        applies: view.applies,
        total: view.score.as_ref().and_then(|s| s.total),
        parts: parts
            .map(|p| ScorePartFact {
                part: p.part.as_str().to_owned(),
                label: p.part.label().to_owned(),
                points: p.points,
            })
            .collect(),
        scale: scale.as_str().to_owned(),
        consciousness: found.map(|a| a.consciousness.as_str().to_owned()),
        breathing: found.map(|a| a.breathing.as_str().to_owned()),
        assessed_by: found.map(|a| a.by.to_string()),
        assessed_ms: found.map(|a| ms(a.at)),
    }
}

fn bed(view: &BedView) -> BedFact {
    let patient = view.config.encounter.patient.as_ref();
    BedFact {
        index: view.index,
        id: view.config.bed.id.to_string(),
        label: view.config.bed.label.clone(),
        unit: view.config.bed.location.unit.clone(),
        room: view.config.bed.location.room.clone(),
        patient_name: patient.map(|p| p.name.0.clone()),
        patient_id: patient.map(|p| p.id.0.to_string()),
        waves: view
            .waves
            .iter()
            .map(|(metric, rate)| WaveFact {
                metric: metric.name().to_owned(),
                id: metric.id(),
                label: metric.label().to_owned(),
                unit: metric.unit().ucum().to_owned(),
                hertz: rate.hertz(),
            })
            .collect(),
        mode: mode(view.mode),
        profile: view.profile.to_string(),
        checked_by: view.checked.as_ref().map(|(person, _)| person.to_string()),
        checked_ms: view.checked.as_ref().map(|(_, at)| ms(*at)),
    }
}

fn mode(mode: GenerationMode) -> String {
    mode.as_str().to_owned()
}

fn numeric(bed: u16, numeric: &Numeric, transit_ms: f32) -> NumericFact {
    let metric = numeric.metric;
    let (value, absence, questionable) = match numeric.reading {
        Reading::Value(q) => (Some(q.to_f64()), None, false),
        Reading::Questionable(q) => (Some(q.to_f64()), None, true),
        Reading::Invalid(absence) => (None, Some(absence.as_str().to_owned()), false),
    };
    NumericFact {
        bed,
        metric: metric.name().to_owned(),
        label: metric.label().to_owned(),
        unit: metric.unit().label().to_owned(),
        decimals: metric.decimals(),
        value,
        absence,
        questionable,
        received_ms: ms(numeric.received_at),
        transit_ms,
        stale_after_ms: numeric.timing.stale_after().as_secs_f64() * 1_000.0,
        intermittent: matches!(numeric.timing, model::NumericTiming::Intermittent(_)),
        mode: mode(numeric.mode),
    }
}

fn limits(bed: u16, metric: MetricCode, rule: &RuleInForce) -> LimitsFact {
    let value = |q: Option<Quantity>| q.map(Quantity::to_f64);
    let shown = rule.rule.or(rule.profile);
    LimitsFact {
        bed,
        metric: metric.name().to_owned(),
        low: value(rule.rule.and_then(|r| r.limits.low())),
        high: value(rule.rule.and_then(|r| r.limits.high())),
        priority: shown.map_or("", |r| r.priority.as_str()).to_owned(),
        delay_ms: shown.map_or(0.0, |r| r.delay.as_secs_f64() * 1_000.0),
        hysteresis: shown.map_or(0.0, |r| r.hysteresis.to_f64()),
        profile_low: value(rule.profile.and_then(|r| r.limits.low())),
        profile_high: value(rule.profile.and_then(|r| r.limits.high())),
        changed_by: rule.changed.as_ref().map(|c| c.person.to_string()),
        reason: rule.changed.as_ref().map(|c| c.reason.clone()),
        changed_ms: rule.changed.as_ref().map(|c| ms(c.at)),
        until_ms: rule.changed.as_ref().and_then(|c| c.until).map(ms),
        low_floor: value(rule.low_floor),
        high_ceiling: value(rule.high_ceiling),
    }
}

fn alert(view: &AlertView) -> AlertFact {
    let state = &view.state;
    let place = view.label.clone().unwrap_or_else(|| "Station".to_owned());
    AlertFact {
        id: state.id.0,
        version: state.version,
        bed: view.place,
        place,
        cause: state.cause.as_str().to_owned(),
        metric: state.cause.metric().map(|m| m.name().to_owned()),
        side: state.cause.side().map(|s| s.as_str().to_owned()),
        kind: state.kind.as_str().to_owned(),
        priority: state.priority.as_str().to_owned(),
        source: state.source.as_str().to_owned(),
        presence: state.presence.as_str().to_owned(),
        signal: state.signal.as_str().to_owned(),
        since_ms: ms(state.since),
        raised_ms: ms(state.raised_at),
        worst: state.worst.map(Quantity::to_f64),
        limit: state.limit.map(Quantity::to_f64),
        owner: state.owner.as_ref().map(ToString::to_string),
        realert_ms: state.realert_at.map(ms),
        response: state.response.as_str().to_owned(),
        responder: state.responder.as_ref().map(ToString::to_string),
        rung: state.rung.as_str().to_owned(),
        occurrence: state.occurrence,
        episode_ms: ms(state.episode_since),
        unseen: view.unseen,
        text: state.text.clone(),
        message: view.message.clone(),
        remedy: view.remedy.clone(),
        over: state.is_over(),
    }
}

fn feed(view: &FeedView) -> FeedFact {
    let (detail, attempt) = match &view.state {
        Connectivity::Connecting { attempt } => (format!("connecting, try {attempt}"), *attempt),
        Connectivity::Live => (String::new(), 0),
        Connectivity::Lost(why) => (why.to_string(), 0),
    };
    FeedFact {
        index: view.index,
        bed: view.bed,
        name: view.name.to_string(),
        state: view.state.as_str().to_owned(),
        detail,
        since_ms: ms(view.since),
        last_ms: view.last.map(ms),
        attempt,
        rejects: view
            .rejects
            .iter()
            .map(|(reason, count)| RejectCount {
                reason: reason.as_str().to_owned(),
                count: *count,
            })
            .collect(),
    }
}
