//! One connection to a bed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::sync::{Mutex, broadcast, watch};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::{HeaderValue, StatusCode, header::SEC_WEBSOCKET_PROTOCOL};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message as Socket};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async_with_config};
use wire::native::{Answer, Message, PATH, SUBPROTOCOL};

use crate::device::Greeting;
use crate::item::{Frame, Item, Numbering};

/// A station sends a few hundred bytes now and then; the default of 128 KiB for each bed would be 128 MB a thousand beds.
const READ_BUFFER_BYTES: usize = 2 * 1024;
/// Longest message of a station.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// A peer that does not finish the handshake, or does not read, is let go after so long.
const PATIENCE: Duration = Duration::from_secs(10);

/// What all connections of a bed share.
pub(crate) struct Shared {
    pub(crate) items: broadcast::Sender<Arc<Item>>,
    pub(crate) greeting: Mutex<Stamped>,
    /// The device drops connections now.
    pub(crate) down: AtomicBool,
    /// The ward is over; set before [`Item::End`] is sent.
    pub(crate) over: AtomicBool,
}

/// A greeting, and when the device's clock showed the time in it.
pub(crate) struct Stamped {
    pub(crate) greeting: Greeting,
    pub(crate) at: Instant,
    /// Seconds of the device's clock in a second.
    pub(crate) speed: f64,
}

impl Stamped {
    /// The messages of the greeting with what the clock shows at `now`, which may be before `at`: a bed's clock begins with
    /// its first turn. A message stamped by another clock than those that follow would be the measure of their delay.
    fn sent_at(&self, now: Instant) -> Vec<Message<'static>> {
        let after = now.saturating_duration_since(self.at).as_secs_f64();
        let before = self.at.saturating_duration_since(now).as_secs_f64();
        let more_ms = (after - before) * self.speed * 1_000.0;
        let hello = Message::Hello(self.greeting.hello.clone());
        let mut messages = vec![hello];
        messages.extend(self.greeting.standing.iter().cloned());
        for message in &mut messages {
            match message {
                Message::Hello(m) => m.t += more_ms,
                Message::Numerics(m) => m.t = self.greeting.hello.t + more_ms,
                Message::Alert(m) => m.t = self.greeting.hello.t + more_ms,
                Message::Waves(_) | Message::Clock(_) => {}
            }
        }
        messages
    }
}

type Peer = WebSocketStream<TcpStream>;

/// Serves one connection until the peer leaves or the ward stops.
pub(crate) async fn serve(stream: TcpStream, shared: Arc<Shared>, mut stop: watch::Receiver<bool>) {
    if shared.down.load(Ordering::Relaxed) {
        return;
    }
    let nodelay = stream.set_nodelay(true);
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(0)
        .max_message_size(Some(ANSWER_BYTES_MAX))
        .max_frame_size(Some(ANSWER_BYTES_MAX));
    let handshake = accept_hdr_async_with_config(stream, check, Some(config));
    let Ok(Ok(mut peer)) = tokio::time::timeout(PATIENCE, handshake).await else {
        return;
    };
    tracing::debug!(nodelay = nodelay.is_ok(), "connection opened");
    let outcome = tokio::select! {
        outcome = talk(&mut peer, &shared) => outcome,
        () = ended(&mut stop) => Ok(()),
    };
    if let Err(error) = outcome {
        tracing::debug!(%error, "connection ended");
        return;
    }
    // Whether the peer still hears the farewell makes no difference to a device.
    tokio::time::timeout(Duration::from_secs(1), peer.close(None))
        .await
        .ok();
}

/// Waits for the end of the ward.
pub(crate) async fn ended(stop: &mut watch::Receiver<bool>) {
    // An error says that the ward is gone, which is an end too.
    stop.wait_for(|stop| *stop).await.ok();
}

/// Sends what the bed brings, and listens. Ends with `Ok` where the device cuts.
async fn talk(peer: &mut Peer, shared: &Shared) -> Result<(), Error> {
    let mut numbering = Numbering::default();
    // Taken before the greeting is read, so that nothing falls between the two.
    let mut items = shared.items.subscribe();
    if shared.over.load(Ordering::SeqCst) {
        return Ok(());
    }
    let greeting = shared.greeting.lock().await.sent_at(Instant::now());
    for message in greeting {
        send(peer, &mut numbering, &Item::Text(message)).await?;
    }
    loop {
        tokio::select! {
            item = items.recv() => match item {
                Ok(item) if matches!(*item, Item::Cut) => return Err(Error::ConnectionClosed),
                Ok(item) if matches!(*item, Item::End) => return Ok(()),
                Ok(item) => send(peer, &mut numbering, &item).await?,
                Err(broadcast::error::RecvError::Lagged(missed)) => numbering.lost(missed),
                Err(broadcast::error::RecvError::Closed) => return Ok(()),
            },
            heard = peer.next() => match heard {
                Some(Ok(message)) => hear(&message),
                Some(Err(error)) => return Err(error),
                None => return Err(Error::ConnectionClosed),
            },
        }
    }
}

async fn send(peer: &mut Peer, numbering: &mut Numbering, item: &Item) -> Result<(), Error> {
    let message = match numbering.frame(item) {
        None => return Ok(()),
        Some(Frame::Text(text)) => Socket::text(text),
        Some(Frame::Binary(bytes)) => Socket::binary(bytes),
    };
    let sent = tokio::time::timeout(PATIENCE, peer.send(message)).await;
    sent.unwrap_or(Err(Error::ConnectionClosed))
}

/// A device does nothing with what the station says but note it.
fn hear(message: &Socket) {
    if let Socket::Text(text) = message {
        match Answer::decode(text.as_bytes()) {
            Ok(Answer::Subscribe { version, station }) => tracing::debug!(version, %station, "subscribed"),
            Ok(Answer::Rejected { seq, reason, detail }) => tracing::debug!(?seq, %reason, %detail, "rejected"),
            Ok(Answer::Bye { reason }) => tracing::debug!(%reason, "bye"),
            // serde's text may repeat what was sent.
            Err(error) => tracing::debug!(line = error.line(), column = error.column(), "not understood"),
        }
    }
}

/// Takes `/feed` and our subprotocol; a peer that names none is served as well.
#[expect(clippy::result_large_err, reason = "the shape of tungstenite's callback")]
fn check(request: &Request, mut response: Response) -> Result<Response, ErrorResponse> {
    let refuse = |status: StatusCode, why: String| {
        let mut refusal = ErrorResponse::new(Some(why));
        *refusal.status_mut() = status;
        refusal
    };
    if request.uri().path() != PATH {
        return Err(refuse(StatusCode::NOT_FOUND, format!("the feed is at {PATH}")));
    }
    let mut asked = request
        .headers()
        .get_all(SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .peekable();
    if asked.peek().is_some() {
        if !asked.any(|protocol| protocol == SUBPROTOCOL) {
            return Err(refuse(
                StatusCode::BAD_REQUEST,
                format!("this device speaks {SUBPROTOCOL}"),
            ));
        }
        response
            .headers_mut()
            .insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use wire::native::{Hello, Numerics, Value};

    use super::*;

    #[test]
    fn a_greeting_is_stamped_when_it_is_sent_by_the_clock_of_what_follows() {
        let t = 1_800_000_000_000.0;
        let hello = Hello {
            seq: 0,
            t,
            version: 1,
            device: wire::native::DeviceInfo::default(),
            mode: "demo".into(),
            heartbeat_ms: 1_000,
            numerics: Vec::new(),
            waves: Vec::new(),
        };
        let cuff = Value {
            t: Some(t - 60_000.0),
            ..Value::default()
        };
        let standing = vec![Message::Numerics(Numerics {
            seq: 0,
            t: t - 60_000.0,
            values: vec![cuff.clone()],
        })];
        let stamped = Stamped {
            greeting: Greeting { hello, standing },
            at: Instant::now() + Duration::from_secs(1),
            speed: 2.0,
        };
        let times = |now: Instant| -> Vec<f64> { stamped.sent_at(now).iter().map(Message::t).collect() };
        // Before the first turn of the bed, and between two turns.
        let early = Duration::from_millis(220);
        assert_eq!(times(stamped.at - early), [t - 440.0, t - 440.0]);
        assert_eq!(times(stamped.at + early), [t + 440.0, t + 440.0]);
        // When the cuff measured stays as it is.
        let sent = stamped.sent_at(stamped.at);
        assert!(matches!(&sent[1], Message::Numerics(n) if n.values == [cuff]));
    }
}
