//! What the page asks, put into the station's words, and its answers put into the page's.

use std::collections::BTreeSet;
use std::time::Duration;

use contract::{AnswerWord, Command, ContractError, ErrorCode, Reply, TrendPoint, TrendSeries, WaveScope};
use model::{
    AlertId, BedId, Breathing, Consciousness, EncounterId, Limits, MetricCode, Patient, PatientId, Priority, Quantity,
    ReceiptTime, Redacted, Role, Side, SpO2Scale,
};
use station::history::{JournalQuery, Order, Window};
use station::screen::WaveWish;
use station::{Answer, LimitsWish, Refused, Wish};

use crate::window::Desk;
use crate::{review, strips, trial};

/// Answers one command.
pub async fn answer(desk: &Desk, command: Command) -> Result<Reply, ContractError> {
    match command {
        Command::Watch { beds, waves } => {
            desk.screen.watch(waves_of(beds, waves));
            Ok(Reply::Done)
        }
        Command::Trend {
            bed,
            metrics,
            from_ms,
            to_ms,
            bins,
        } => trend(desk, &bed, &metrics, (time(from_ms), time(to_ms)), bins).await,
        Command::AlertHistory { bed, like, rows } => alert_history(desk, bed, like, rows).await,
        Command::Waves { bed, from_ms, to_ms } => {
            strips::waves(&desk.station, id(&bed)?, (time(from_ms), time(to_ms))).await
        }
        Command::WhatIf {
            bed,
            from_ms,
            to_ms,
            changes,
        } => trial::what_if(&desk.station, id(&bed)?, (time(from_ms), time(to_ms)), changes).await,
        Command::Review(command) => review::answer(&desk.station, &desk.reviews, command).await,
        Command::TestSound { priority } => test_sound(desk, &priority).await,
        Command::StopWatching => {
            tracing::info!("a person has closed the window");
            desk.stop.send_replace(true);
            Ok(Reply::Done)
        }
        Command::PageFault { message } => {
            // Bounded, and without line breaks that could look like other entries of the log.
            let message: String = message.chars().filter(|c| !c.is_control()).take(500).collect();
            tracing::error!(%message, "the page reports an error");
            Ok(Reply::Done)
        }
        Command::SignIn { person, pin } => done(desk.station.sign_in(person, pin).await),
        Command::SignOut => done(desk.station.sign_out().await),
        Command::PutPerson {
            person,
            role,
            pin,
            replace,
        } => {
            let role = word(Role::parse(&role), "a role is nurse, charge, clinician or engineer")?;
            done(desk.station.put_person(person, role, pin, replace).await)
        }
        Command::RemovePerson { person } => done(desk.station.remove_person(person).await),
        Command::Answer { .. }
        | Command::Seen { .. }
        | Command::Pause { .. }
        | Command::EndPause { .. }
        | Command::SetLimits { .. }
        | Command::RestoreLimits { .. }
        | Command::AutoLimits { .. }
        | Command::Note { .. }
        | Command::CheckBed { .. }
        | Command::Admit { .. }
        | Command::JoinPatient { .. }
        | Command::Transfer { .. }
        | Command::Discharge { .. }
        | Command::UndoAdt { .. }
        | Command::Assess { .. } => match wish(command)? {
            Some(wish) => done(desk.station.wish(wish).await),
            None => Ok(Reply::Done),
        },
    }
}

fn waves_of(beds: Vec<u16>, waves: WaveScope) -> WaveWish {
    let beds: BTreeSet<u16> = beds.into_iter().collect();
    match waves {
        WaveScope::Two => WaveWish::Two(beds),
        WaveScope::All => WaveWish::All(beds),
    }
}

/// What a person wants done; `None` for what is no wish.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the list of commands is closed in `answer`; here some of them are put into words"
)]
fn wish(command: Command) -> Result<Option<Wish>, ContractError> {
    Ok(Some(match command {
        Command::Answer { alert, version, answer } => Wish::Answer {
            alert: AlertId(alert),
            version,
            answer: answer_of(answer),
        },
        Command::Seen { alerts } => Wish::Seen {
            alerts: alerts.into_iter().map(AlertId).collect(),
        },
        Command::Pause {
            bed,
            metric,
            side,
            alert,
            version,
            minutes,
            reason,
        } => Wish::Pause {
            seen: alert.map(AlertId).zip(version),
            bed: id(&bed)?,
            metric: number(&metric)?,
            side: side_of(&side)?,
            lasts: Duration::from_mins(minutes.into()),
            reason,
        },
        Command::EndPause { bed, metric, side } => Wish::EndPause {
            bed: id(&bed)?,
            metric: number(&metric)?,
            side: side_of(&side)?,
        },
        Command::Note { bed, alert, text } => Wish::Note {
            bed: id(&bed)?,
            alert: alert.map(AlertId),
            text,
        },
        Command::CheckBed { bed } => Wish::CheckBed { bed: id(&bed)? },
        Command::Assess {
            bed,
            consciousness,
            breathing,
            scale,
        } => Wish::Assess {
            bed: id(&bed)?,
            consciousness: word(
                Consciousness::parse(&consciousness),
                "consciousness is alert, confusion, voice, pain or unresponsive",
            )?,
            breathing: word(Breathing::parse(&breathing), "the patient breathes air or oxygen")?,
            scale: word(SpO2Scale::parse(&scale), "a scale is one or two")?,
        },
        other => match adt_wish(&other)? {
            Some(wish) => wish,
            None => return limits_wish(other),
        },
    }))
}

/// Who lies where.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the list of commands is closed in `answer`; here some of them are put into words"
)]
fn adt_wish(command: &Command) -> Result<Option<Wish>, ContractError> {
    Ok(Some(match command {
        Command::Admit {
            bed,
            patient_id,
            patient_name,
            admitted,
        } => Wish::Admit {
            bed: id(bed)?,
            patient: patient(patient_id, patient_name)?,
            admitted: admitted.clone(),
        },
        Command::JoinPatient {
            bed,
            patient_id,
            patient_name,
            from_ms,
        } => Wish::JoinPatient {
            bed: id(bed)?,
            patient: patient(patient_id, patient_name)?,
            from: time(*from_ms),
        },
        Command::Transfer { from, to } => Wish::Transfer {
            from: id(from)?,
            to: id(to)?,
        },
        Command::Discharge { bed } => Wish::Discharge { bed: id(bed)? },
        Command::UndoAdt { bed } => Wish::UndoAdt { bed: id(bed)? },
        _ => return Ok(None),
    }))
}

/// Both identifiers, or what is missing.
fn patient(number: &str, name: &str) -> Result<Patient, ContractError> {
    let name = name.trim();
    if name.is_empty() {
        return Err(invalid(
            "the patient's name is missing; name and number are always shown together",
        ));
    }
    Ok(Patient {
        id: Redacted(parsed(PatientId::new(number), "the patient's number")?),
        name: Redacted(name.chars().take(64).collect()),
    })
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the list of commands is closed in `answer`; here some of them are put into words"
)]
fn limits_wish(command: Command) -> Result<Option<Wish>, ContractError> {
    Ok(match command {
        Command::SetLimits {
            bed,
            metric,
            low,
            high,
            reason,
            until_ms,
        } => Some(Wish::Limits {
            bed: id(&bed)?,
            metric: number(&metric)?,
            change: LimitsWish::To(bounds(low, high)?),
            reason,
            until: until_ms.map(time),
        }),
        Command::RestoreLimits { bed, metric, reason } => Some(Wish::Limits {
            bed: id(&bed)?,
            metric: number(&metric)?,
            change: LimitsWish::Profile,
            reason,
            until: None,
        }),
        Command::AutoLimits { bed, reason } => Some(Wish::AutoLimits { bed: id(&bed)?, reason }),
        _ => None,
    })
}

const fn answer_of(word: AnswerWord) -> Answer {
    match word {
        AnswerWord::Acknowledge => Answer::Acknowledge,
        AnswerWord::Accept => Answer::Accept,
        AnswerWord::UndoAccept => Answer::UndoAccept,
        AnswerWord::Decline => Answer::Decline,
        AnswerWord::Escalate => Answer::Escalate,
        AnswerWord::Retire => Answer::Retire,
    }
}

/// Input that does not hold, said to whoever typed it.
pub fn invalid(text: &str) -> ContractError {
    ContractError {
        code: ErrorCode::Invalid,
        text: text.to_owned(),
    }
}

fn parsed<T, E: std::fmt::Display>(value: Result<T, E>, what: &str) -> Result<T, ContractError> {
    value.map_err(|e| invalid(&format!("{what}: {e}")))
}

fn word<T>(value: Option<T>, says: &str) -> Result<T, ContractError> {
    value.ok_or_else(|| invalid(says))
}

fn id(bed: &str) -> Result<BedId, ContractError> {
    parsed(BedId::new(bed), "the bed")
}

/// The metric of a name.
pub fn number(metric: &str) -> Result<MetricCode, ContractError> {
    parsed(metric.parse(), "the number")
}

fn side_of(side: &str) -> Result<Side, ContractError> {
    word(Side::parse(side), "a side is low or high")
}

fn done(result: Result<(), Refused>) -> Result<Reply, ContractError> {
    result
        .map(|()| Reply::Done)
        .map_err(|refused| contract::refusal(&refused))
}

/// Limits from two numbers.
pub fn bounds(low: Option<f64>, high: Option<f64>) -> Result<Limits, ContractError> {
    let bound = |value: Option<f64>| parsed(value.map(Quantity::from_f64).transpose(), "the limit");
    parsed(Limits::new(bound(low)?, bound(high)?), "the limits")
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the cast saturates, and a time that far off finds nothing"
)]
fn time(ms: f64) -> ReceiptTime {
    ReceiptTime::from_micros((ms * 1_000.0) as i64)
}

async fn test_sound(desk: &Desk, priority: &str) -> Result<Reply, ContractError> {
    let priority = word(Priority::parse(priority), "a priority is low, medium or high")?;
    desk.sound.test(priority).await.map_err(|text| ContractError {
        code: ErrorCode::Unavailable,
        text,
    })?;
    Ok(Reply::Done)
}

/// The stay that is in a bed now: a screen that shows a patient shows nobody else's history.
pub fn stay_of(
    reader: &station::history::Reader,
    bed: &BedId,
) -> Result<Option<EncounterId>, station::history::StoreError> {
    let beds = reader.beds()?;
    let row = beds.into_iter().find(|b| b.bed.id == *bed);
    Ok(row.and_then(|r| r.encounter).map(|e| e.id))
}

/// A window on one number of whoever lies in the bed now.
pub fn window_of(bed: &BedId, metric: MetricCode, stay: Option<&EncounterId>) -> Window {
    let window = Window::all(bed.clone(), metric);
    match stay {
        Some(stay) => window.of(stay.clone()),
        None => window,
    }
}

async fn trend(
    desk: &Desk,
    bed: &str,
    metrics: &[String],
    (from, until): (ReceiptTime, ReceiptTime),
    bins: u32,
) -> Result<Reply, ContractError> {
    if !(1..=4_000).contains(&bins) || until <= from || metrics.len() > 64 {
        return Err(invalid(
            "a trend needs 1 to 4000 bins, at most 64 metrics, and a start before its end",
        ));
    }
    let bed = id(bed)?;
    let metrics: Vec<MetricCode> = metrics.iter().map(|m| number(m)).collect::<Result<_, _>>()?;
    let series = desk
        .station
        .read(move |reader| {
            let stay = stay_of(reader, &bed)?;
            metrics
                .into_iter()
                .map(|metric| {
                    let window = window_of(&bed, metric, stay.as_ref()).between(from, until);
                    Ok((metric, reader.trend(&window, bins)?))
                })
                .collect::<Result<Vec<_>, _>>()
        })
        .await
        .map_err(|refused| contract::refusal(&refused))?;
    let series = series.into_iter().map(|(metric, bins)| TrendSeries {
        metric: metric.name().to_owned(),
        points: bins
            .into_iter()
            .map(|b| TrendPoint {
                at_ms: contract::frame::millis(b.at.as_micros()),
                min: b.min.to_f64(),
                mean: b.mean.to_f64(),
                max: b.max.to_f64(),
            })
            .collect(),
    });
    Ok(Reply::Trend {
        series: series.collect(),
    })
}

/// Rows looked through for those like one alert: a night of a noisy bed.
const LOOKED_THROUGH_MAX: u32 = 5_000;

async fn alert_history(desk: &Desk, bed: Option<String>, like: Option<u64>, rows: u32) -> Result<Reply, ContractError> {
    let bed = bed.map(|b| id(&b)).transpose()?;
    let rows_max = rows.clamp(1, 1_000);
    let rows = desk
        .station
        .read(move |reader| {
            let stay = match &bed {
                Some(bed) => stay_of(reader, bed)?,
                None => None,
            };
            let query = JournalQuery {
                bed,
                encounter: stay,
                about_alerts: true,
                order: Order::NewestFirst,
                alerts_only: false,
                rows_max: Some(if like.is_some() { LOOKED_THROUGH_MAX } else { rows_max }),
            };
            reader.journal(&query)
        })
        .await
        .map_err(|refused| contract::refusal(&refused))?;
    let cause = like.and_then(|id| {
        let found = rows
            .iter()
            .filter_map(|r| r.entry.alert.as_ref())
            .find(|a| a.id.0 == id);
        found.map(|a| a.cause.clone())
    });
    let is_like = |entry: &model::JournalEntry| match (&cause, like) {
        (Some(cause), _) => entry.alert.as_ref().is_some_and(|a| a.cause == *cause),
        (None, Some(_)) => false,
        (None, None) => true,
    };
    let rows = rows.iter().map(|r| &r.entry).filter(|e| is_like(e));
    Ok(Reply::AlertHistory {
        rows: rows
            .take(usize::try_from(rows_max).unwrap_or(usize::MAX))
            .map(contract::alert_row)
            .collect(),
    })
}
