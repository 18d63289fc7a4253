//! The load of a station: devices that cost as little as they can.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use acceptance::Trouble;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::HeaderValue;

use crate::waves::{self, CHANNELS, Loops, TURN};

/// Ends the configuration that the devices print.
pub const READY: &str = "# ready";

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
    let loops = Arc::new(Loops::new(|index, _, samples| {
        format!(r#"{{"channel":{index},"samples":[{samples}]}}"#)
    }));
    let mut tasks = tokio::task::JoinSet::new();
    println!("[station]\nname = \"Load\"");
    for bed in 1..=beds {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        println!("[[bed]]\nid = \"bed-{bed:04}\"\nlabel = \"Bed {bed}\"\nunit = \"Load\"");
        println!("[[bed.feed]]\nwebsocket = \"ws://127.0.0.1:{port}/feed\"");
        let phase = waves::phase(bed, beds);
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

async fn serve(stream: TcpStream, bed: u16, phase: Duration, loops: &Loops) -> Result<(), Trouble> {
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
        seq += 1;
        let blocks = loops.turn(bed, turn).map_or("[]", |t| t.blocks.as_str());
        // The stamp is the moment of sending: the viewer takes its delay from it.
        let stamp = stamp();
        socket
            .feed(Message::text(format!(
                r#"{{"type":"waves","seq":{seq},"t":{stamp},"blocks":{blocks}}}"#
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

/// Milliseconds with three places.
fn stamp() -> String {
    let us = waves::now_us();
    format!("{}.{:03}", us / 1_000, us % 1_000)
}

fn hello(bed: u16) -> String {
    let numerics: Vec<String> = NUMBERS
        .iter()
        .map(|(metric, unit, _)| format!(r#"{{"metric":"{metric}","unit":"{unit}","period_ms":1000}}"#))
        .collect();
    let waves: Vec<String> = CHANNELS
        .iter()
        .enumerate()
        .map(|(index, channel)| {
            let rate = f64::from(channel.in_two_seconds) / 2.0;
            format!(
                r#"{{"channel":{index},"metric":"{}","unit":"{}","rate":{rate},"resolution":0.005,"offset":0}}"#,
                channel.metric, channel.unit
            )
        })
        .collect();
    format!(
        r#"{{"type":"hello","seq":1,"t":{},"version":1,"device":{{"id":"load-{bed}","manufacturer":"Wardlight","model":"Load"}},"mode":"test","heartbeat_ms":1000,"numerics":[{}],"waves":[{}]}}"#,
        stamp(),
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
        r#"{{"type":"numerics","seq":{seq},"t":{},"values":[{}]}}"#,
        stamp(),
        values.join(",")
    )
}
