//! The load of a peer: devices that connect as clients, and a viewer, both in one process.

use std::collections::VecDeque;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};

use acceptance::Trouble;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use crate::delays::Delays;
use crate::ours::{lock, obey};
use crate::waves::{self, Loops, TURN};

/// What each device sent and the viewer has not seen yet: microseconds, samples. The peer keeps each device's order.
type Sent = Vec<Mutex<VecDeque<(i64, usize)>>>;

/// Runs `beds` devices and a viewer against the server at `port` until standard input ends.
pub async fn load(port: u16, beds: u16) -> Result<(), Trouble> {
    let sent: Arc<Sent> = Arc::new((0..=beds).map(|_| Mutex::default()).collect());
    let delays = Arc::new(Mutex::new(Delays::default()));
    let viewer = connect(port, "view").await?;
    tokio::spawn(view(viewer, Arc::clone(&sent), Arc::clone(&delays)));
    let loops = Arc::new(Loops::new(|_, channel, samples| {
        format!(r#"{{"id":"{}","v":[{samples}]}}"#, channel.peer)
    }));
    for bed in 1..=beds {
        let socket = connect(port, "bed").await?;
        tokio::spawn(device(socket, bed, beds, Arc::clone(&loops), Arc::clone(&sent)));
    }
    tokio::task::spawn_blocking(move || obey(&delays)).await?
}

async fn connect(port: u16, path: &str) -> Result<WebSocketStream<TcpStream>, Trouble> {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    stream.set_nodelay(true)?;
    let (socket, _) = tokio_tungstenite::client_async(format!("ws://127.0.0.1:{port}/{path}"), stream).await?;
    Ok(socket)
}

async fn device(
    mut socket: WebSocketStream<TcpStream>,
    bed: u16,
    beds: u16,
    loops: Arc<Loops>,
    sent: Arc<Sent>,
) -> Result<(), Trouble> {
    let mut turns = tokio::time::interval_at(tokio::time::Instant::now() + waves::phase(bed, beds), TURN);
    let mut turn = 0_u32;
    let mut last_ms = 0;
    loop {
        turns.tick().await;
        turn += 1;
        let waves::Turn { blocks, samples } = loops.turn(bed, turn).ok_or("a turn that nobody made")?;
        let now_us = waves::now_us();
        // Whole milliseconds, each once: they are the peer's key.
        last_ms = (now_us / 1_000).max(last_ms + 1);
        if let Some(queue) = sent.get(usize::from(bed)) {
            queue
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push_back((now_us, *samples));
        }
        socket
            .feed(Message::text(format!(r#"{{"bed":{bed},"t":{last_ms},"w":{blocks}}}"#)))
            .await?;
        if turn.is_multiple_of(4) {
            socket
                .feed(Message::text(format!(
                    r#"{{"bed":{bed},"t":{last_ms},"n":{{"HR":72,"SpO2":97,"RR":14,"NIBP_S":121,"NIBP_D":76,"Temp":36.8}}}}"#
                )))
                .await?;
        }
        socket.flush().await?;
    }
}

async fn view(mut socket: WebSocketStream<TcpStream>, sent: Arc<Sent>, delays: Arc<Mutex<Delays>>) {
    while let Some(Ok(message)) = socket.next().await {
        let now_us = waves::now_us();
        let data = message.into_data();
        let Some(bed) = bed_of_waves(&data) else { continue };
        let front = sent
            .get(bed)
            .and_then(|queue| queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front());
        if let Some((sent_us, samples)) = front {
            lock(&delays).note(now_us - sent_us, samples);
        }
    }
}

/// The bed, where the message brings waves; the viewer reads no more of it than that.
fn bed_of_waves(message: &[u8]) -> Option<usize> {
    let head = std::str::from_utf8(message.get(..48)?).ok()?;
    let (bed, rest) = head.strip_prefix(r#"{"bed":"#)?.split_once(',')?;
    rest.contains(r#","w":["#).then(|| bed.parse().ok()).flatten()
}
