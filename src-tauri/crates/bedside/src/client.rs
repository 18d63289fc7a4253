//! One connection to a bed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::sync::{Mutex, broadcast, watch};
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
    pub(crate) greeting: Mutex<Greeting>,
    /// The device drops connections now.
    pub(crate) down: AtomicBool,
    /// The ward is over; set before [`Item::End`] is sent.
    pub(crate) over: AtomicBool,
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
    let greeting = shared.greeting.lock().await.clone();
    send(peer, &mut numbering, &Item::Text(Message::Hello(greeting.hello))).await?;
    for message in greeting.standing {
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
            Err(error) => tracing::debug!(%error, "not understood"),
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
