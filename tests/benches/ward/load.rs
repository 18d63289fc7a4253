//! The load: a thousand devices that cost as little as they can, so that the machine is the station's.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use acceptance::Trouble;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::HeaderValue;

/// Ends the configuration that the devices print.
pub const READY: &str = "# ready";

/// A turn: one message with a block of each wave. Every fourth brings the numbers as well.
const TURN: Duration = Duration::from_millis(250);
/// Turns after which a bed's waves begin again: a minute.
const TURNS: u32 = 240;
/// Waves that differ between beds: a few, so that they fit the processor's cache.
const LOOPS: u32 = 4;
/// Metric, unit, samples in two seconds.
const CHANNELS: [(&str, &str, u32); 4] = [
    ("ECG_II", "mV", 500),
    ("ECG_V1", "mV", 500),
    ("PLETH", "1", 250),
    ("RESP", "1", 125),
];
/// Metric, unit, value.
const NUMBERS: [(&str, &str, f64); 8] = [
    ("HR", "/min", 72.0),
    ("SPO2", "%", 97.0),
    ("PR", "/min", 72.0),
    ("RR", "/min", 14.0),
    ("NIBP_SYS", "mm[Hg]", 121.0),
    ("NIBP_DIA", "mm[Hg]", 76.0),
    ("NIBP_MEAN", "mm[Hg]", 91.0),
    ("TEMP", "Cel", 36.8),
];

/// Runs `beds` devices until the process is ended; prints a configuration for them first.
pub async fn devices(beds: u16) -> Result<(), Trouble> {
    let loops: Arc<Vec<Vec<String>>> = Arc::new((0..LOOPS).map(blocks_of_a_minute).collect());
    let mut tasks = tokio::task::JoinSet::new();
    println!("[station]\nname = \"Load\"");
    for bed in 1..=beds {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        println!("[[bed]]\nid = \"bed-{bed:04}\"\nlabel = \"Bed {bed}\"\nunit = \"Load\"");
        println!("[[bed.feed]]\nwebsocket = \"ws://127.0.0.1:{port}/feed\"");
        let phase = TURN * u32::from(bed) / u32::from(beds);
        let loops = Arc::clone(&loops);
        tasks.spawn(async move {
            // A station that goes away ends its connection; the device waits for the next.
            while let Ok((stream, _)) = listener.accept().await {
                drop(serve(stream, bed, phase, &loops).await);
            }
        });
    }
    println!("{READY}");
    while tasks.join_next().await.is_some() {}
    Ok(())
}

async fn serve(stream: TcpStream, bed: u16, phase: Duration, loops: &[Vec<String>]) -> Result<(), Trouble> {
    stream.set_nodelay(true)?;
    let mut socket = tokio_tungstenite::accept_hdr_async(stream, with_subprotocol).await?;
    socket.send(Message::text(hello(bed))).await?;
    let mut turns = tokio::time::interval_at(tokio::time::Instant::now() + phase, TURN);
    let mut seq = 1_u32;
    let mut turn = 0_u32;
    loop {
        tokio::select! {
            _ = turns.tick() => {}
            said = socket.next() => match said {
                Some(Ok(_)) => continue,
                Some(Err(_)) | None => return Ok(()),
            },
        }
        turn += 1;
        let blocks = loops
            .get(usize::from(bed) % loops.len())
            .and_then(|turns| turns.get((turn % TURNS) as usize));
        seq += 1;
        // The stamp is the moment of sending: the viewer takes its delay from it.
        let stamp = now_ms();
        let blocks = blocks.map_or("", String::as_str);
        socket
            .feed(Message::text(format!(
                r#"{{"type":"waves","seq":{seq},"t":{stamp:.3},"blocks":{blocks}}}"#
            )))
            .await?;
        if turn.is_multiple_of(4) {
            seq += 1;
            socket.feed(Message::text(numbers(seq))).await?;
        }
        socket.flush().await?;
    }
}

#[expect(
    clippy::result_large_err,
    clippy::unnecessary_wraps,
    reason = "the callback's type is tungstenite's"
)]
fn with_subprotocol(_: &Request, mut response: Response) -> Result<Response, ErrorResponse> {
    response
        .headers_mut()
        .insert("sec-websocket-protocol", HeaderValue::from_static("wardlight.v1"));
    Ok(response)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a device has a wall clock of its own; no alert is timed by it"
)]
fn now_ms() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs_f64()
        * 1_000.0
}

fn hello(bed: u16) -> String {
    let numerics: Vec<String> = NUMBERS
        .iter()
        .map(|(metric, unit, _)| format!(r#"{{"metric":"{metric}","unit":"{unit}","period_ms":1000}}"#))
        .collect();
    let waves: Vec<String> = CHANNELS
        .iter()
        .enumerate()
        .map(|(channel, (metric, unit, in_two_seconds))| {
            let rate = f64::from(*in_two_seconds) / 2.0;
            format!(r#"{{"channel":{channel},"metric":"{metric}","unit":"{unit}","rate":{rate},"resolution":0.005,"offset":0}}"#)
        })
        .collect();
    format!(
        r#"{{"type":"hello","seq":1,"t":{:.3},"version":1,"device":{{"id":"load-{bed}","manufacturer":"Wardlight","model":"Load"}},"mode":"test","heartbeat_ms":1000,"numerics":[{}],"waves":[{}]}}"#,
        now_ms(),
        numerics.join(","),
        waves.join(",")
    )
}

fn numbers(seq: u32) -> String {
    let values: Vec<String> = NUMBERS
        .iter()
        .map(|(metric, _, value)| format!(r#"{{"metric":"{metric}","value":{value}}}"#))
        .collect();
    format!(
        r#"{{"type":"numerics","seq":{seq},"t":{:.3},"values":[{}]}}"#,
        now_ms(),
        values.join(",")
    )
}

/// The text of every turn's blocks: beats, pulses and breaths with a little noise, so that they compress as real ones do.
fn blocks_of_a_minute(seed: u32) -> Vec<String> {
    let mut dice = seed.wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
    (0..TURNS)
        .map(|turn| {
            let blocks: Vec<String> = CHANNELS
                .iter()
                .enumerate()
                .map(|(channel, (_, _, in_two_seconds))| {
                    let (from, until) = (turn * in_two_seconds / 8, (turn + 1) * in_two_seconds / 8);
                    let samples: Vec<String> = (from..until)
                        .map(|at| {
                            dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                            let noise = f64::from(dice >> 29) - 3.5;
                            let seconds = f64::from(at) * 2.0 / f64::from(*in_two_seconds);
                            format!("{:.0}", shape(channel, seconds) + noise)
                        })
                        .collect();
                    format!(r#"{{"channel":{channel},"samples":[{}]}}"#, samples.join(","))
                })
                .collect();
            format!("[{}]", blocks.join(","))
        })
        .collect()
}

/// In steps of the device: 72 beats and 14 breaths a minute.
fn shape(channel: usize, seconds: f64) -> f64 {
    let beat = (seconds * 1.2).fract();
    let bump = |place: f64, width: f64, height: f64| height * (-((beat - place) / width).powi(2)).exp();
    match channel {
        0 => bump(0.12, 0.025, 25.0) + bump(0.30, 0.012, 220.0) - bump(0.33, 0.012, 50.0) + bump(0.55, 0.05, 55.0),
        1 => bump(0.12, 0.025, 12.0) + bump(0.30, 0.012, 60.0) - bump(0.33, 0.014, 160.0) + bump(0.55, 0.05, 20.0),
        2 => bump(0.45, 0.10, 900.0) + bump(0.68, 0.12, 320.0),
        _ => 600.0 * (seconds * std::f64::consts::TAU * 14.0 / 60.0).sin(),
    }
}
