//! The window: Tauri around the page, and the one list of what the page may ask.

#![allow(
    clippy::let_underscore_must_use,
    clippy::needless_pass_by_value,
    reason = "the first is in what `tauri::command` writes, the second is the shape it demands of arguments"
)]

use std::collections::BTreeSet;
use std::sync::Arc;

use contract::{Command, ContractError, ErrorCode, Fact, Reply, ScreenReport, TrendPoint, TrendSeries, WaveScope};
use model::{AlertId, BedId, Limits, MetricCode, Person, Priority, Quantity, ReceiptTime};
use serde::Serialize;
use station::history::{JournalQuery, Order, Window};
use station::screen::WaveWish;
use station::{LimitsWish, Station};
use tauri::ipc::{Channel, Response};
use tauri::{State, WebviewUrl, WebviewWindowBuilder};
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::StationArguments;
use crate::screen::{self, ScreenState};
use crate::setup::{self, OnBrokenConfig, Setup};
use crate::sound::{self, SoundTest};
use crate::{Failure, page};

/// What commands need.
struct Desk {
    station: Station,
    screen: Arc<ScreenState>,
    sound: SoundTest,
}

/// Opens the window and runs until it is closed; the station then stops cleanly.
pub fn run(arguments: &StationArguments) -> Result<(), Failure> {
    let runtime = setup::runtime()?;
    let setup = runtime.block_on(setup::start(arguments, OnBrokenConfig::Show))?;
    tauri::async_runtime::set(runtime.handle().clone());
    let result = open(&setup, &runtime);
    // What was recorded is written down also when the window could not be opened.
    let stopped = runtime.block_on(setup.stop());
    result.and(stopped)
}

fn open(setup: &Setup, runtime: &tokio::runtime::Runtime) -> Result<(), Failure> {
    let station = setup.running.station();
    let screen = Arc::new(ScreenState::new(setup.config_path.display().to_string()));
    let sound = sound::start(station.clone(), runtime.handle().clone())?;
    let desk = Desk {
        station: station.clone(),
        screen: Arc::clone(&screen),
        sound,
    };
    let app = tauri::Builder::default()
        .manage(desk)
        .invoke_handler(tauri::generate_handler![open_screen, screen_report, call])
        .setup(move |app| {
            let window = WebviewWindowBuilder::new(app, "main", WebviewUrl::default())
                .title("Wardlight")
                .inner_size(1920.0, 1080.0)
                .min_inner_size(1024.0, 640.0)
                .background_color(tauri::window::Color(11, 15, 20, 255))
                .build()?;
            tauri::async_runtime::spawn(page::watch(window, screen, station));
            let handle = app.handle().clone();
            let mut terminate = {
                let _inside = tauri::async_runtime::handle().inner().enter();
                signal(SignalKind::terminate())?
            };
            tauri::async_runtime::spawn(async move {
                // A session manager that ends the program must not cost the last second of waves.
                terminate.recv().await;
                handle.exit(0);
            });
            Ok(())
        })
        .build(tauri::generate_context!())?;
    // `run_return` hands back control, so that the station is stopped before the process ends.
    app.run_return(|_, _| {});
    Ok(())
}

/// Connects the page.
#[tauri::command]
fn open_screen(desk: State<'_, Desk>, frames: Channel<Response>, facts: Channel<Vec<Fact>>) {
    tauri::async_runtime::spawn(screen::serve(
        Arc::clone(&desk.screen),
        desk.station.clone(),
        frames,
        facts,
    ));
}

/// The station's clock, for the page to take its offset from.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StationNow {
    now_ms: f64,
}

/// The page lives.
#[tauri::command]
fn screen_report(desk: State<'_, Desk>, report: ScreenReport) -> StationNow {
    desk.screen.report(&report);
    StationNow {
        now_ms: contract::frame::millis(desk.station.now().as_micros()),
    }
}

/// Everything a page may ask.
#[tauri::command]
async fn call(desk: State<'_, Desk>, command: Command) -> Result<Reply, ContractError> {
    match command {
        Command::Watch { beds, waves } => {
            let beds: BTreeSet<u16> = beds.into_iter().collect();
            desk.screen.watch(match waves {
                WaveScope::Two => WaveWish::Two(beds),
                WaveScope::All => WaveWish::All(beds),
            });
            Ok(Reply::Done)
        }
        Command::Acknowledge { alert, version, person } => {
            let by = parsed(Person::new(&person), "the name")?;
            done(desk.station.acknowledge(AlertId(alert), version, by).await)
        }
        Command::SetLimits {
            bed,
            metric,
            low,
            high,
            person,
            reason,
        } => {
            let limits = bounds(low, high)?;
            change_limits(&desk, (bed, metric), LimitsWish::To(limits), &person, reason).await
        }
        Command::RestoreLimits {
            bed,
            metric,
            person,
            reason,
        } => change_limits(&desk, (bed, metric), LimitsWish::Profile, &person, reason).await,
        Command::Trend {
            bed,
            metrics,
            from_ms,
            to_ms,
            bins,
        } => {
            let from = ReceiptTime::from_micros(micros(from_ms));
            trend(
                &desk,
                &bed,
                &metrics,
                (from, ReceiptTime::from_micros(micros(to_ms))),
                bins,
            )
            .await
        }
        Command::AlertHistory { bed, rows } => alert_history(&desk, bed, rows).await,
        Command::TestSound { priority } => {
            let priority = Priority::parse(&priority).ok_or_else(|| invalid("a priority is low, medium or high"))?;
            if desk.sound.play(priority) {
                Ok(Reply::Done)
            } else {
                Err(invalid("wait until the last test has sounded"))
            }
        }
        Command::PageFault { message } => {
            // Bounded, and without line breaks that could look like other entries of the log.
            let message: String = message.chars().filter(|c| !c.is_control()).take(500).collect();
            tracing::error!(%message, "the page reports an error");
            Ok(Reply::Done)
        }
    }
}

fn invalid(text: &str) -> ContractError {
    ContractError {
        code: ErrorCode::Invalid,
        text: text.to_owned(),
    }
}

fn parsed<T, E: std::fmt::Display>(value: Result<T, E>, what: &str) -> Result<T, ContractError> {
    value.map_err(|e| ContractError {
        code: ErrorCode::Invalid,
        text: format!("{what}: {e}"),
    })
}

fn done(result: Result<(), station::Refused>) -> Result<Reply, ContractError> {
    result
        .map(|()| Reply::Done)
        .map_err(|refused| contract::refusal(&refused))
}

fn bounds(low: Option<f64>, high: Option<f64>) -> Result<Limits, ContractError> {
    let bound = |value: Option<f64>| parsed(value.map(Quantity::from_f64).transpose(), "the limit");
    parsed(Limits::new(bound(low)?, bound(high)?), "the limits")
}

async fn change_limits(
    desk: &Desk,
    (bed, metric): (String, String),
    change: LimitsWish,
    person: &str,
    reason: String,
) -> Result<Reply, ContractError> {
    let bed = parsed(BedId::new(&bed), "the bed")?;
    let metric: MetricCode = parsed(metric.parse(), "the number")?;
    let by = parsed(Person::new(person), "the name")?;
    done(desk.station.change_limits(bed, metric, change, by, reason).await)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the cast saturates, and a time that far off finds nothing"
)]
fn micros(ms: f64) -> i64 {
    (ms * 1_000.0) as i64
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
    let bed = parsed(BedId::new(bed), "the bed")?;
    let metrics: Vec<MetricCode> = metrics
        .iter()
        .map(|m| parsed(m.parse(), "the number"))
        .collect::<Result<_, _>>()?;
    let series = desk
        .station
        .read(move |reader| {
            metrics
                .into_iter()
                .map(|metric| {
                    let window = Window::all(bed.clone(), metric).between(from, until);
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

async fn alert_history(desk: &Desk, bed: Option<String>, rows: u32) -> Result<Reply, ContractError> {
    let bed = bed.map(|b| parsed(BedId::new(&b), "the bed")).transpose()?;
    let query = JournalQuery {
        bed,
        alerts_only: true,
        order: Order::NewestFirst,
        rows_max: Some(rows.clamp(1, 1_000)),
    };
    let rows = desk
        .station
        .read(move |reader| reader.journal(&query))
        .await
        .map_err(|refused| contract::refusal(&refused))?;
    let rows = rows.into_iter().filter_map(|row| {
        let person = row.entry.person.as_ref().map(Person::as_str);
        let alert = row.entry.alert.clone()?;
        Some(contract::alert_row(
            row.entry.at,
            row.entry.kind.as_str(),
            person,
            alert,
        ))
    });
    Ok(Reply::AlertHistory { rows: rows.collect() })
}
