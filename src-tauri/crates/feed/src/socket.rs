//! The native protocol over a WebSocket: the station is the client, `wire::native::Session` knows the protocol.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use model::{Connectivity, LostBecause, Observation, RejectReason, Rejects};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Error, Message, error::ProtocolError};
use wire::native::{MESSAGE_BYTES_MAX, Session, Step};

use crate::connect::{Stream, connect, is_hangup, reason, within};
use crate::link::{End, Link};
use crate::run::stopped;
use crate::{FeedSource, Timing};

/// How long a farewell may take to leave: it delays the news that the feed is lost.
const GOODBYE_SENT: Duration = Duration::from_millis(200);

/// One connection, from the first packet to its end. `session` is that of the connection before, or a new one.
pub(crate) async fn run(
    session: &mut Session,
    source: &FeedSource,
    link: &mut Link,
    timing: &Timing,
    stop: &watch::Receiver<bool>,
) -> End {
    let (FeedSource::WebSocket { url, ca_file } | FeedSource::Poll { url, ca_file, .. }) = source;
    let mut stop = stop.clone();
    let socket = tokio::select! {
        biased;
        () = stopped(&mut stop) => return End::Stopped,
        socket = connect(url, ca_file.as_deref(), timing) => socket,
    };
    let mut talk = match socket {
        Ok(socket) => Talk {
            socket,
            session,
            link,
            timing,
            live: false,
            spoken: false,
        },
        Err(because) => return because.into(),
    };
    let end = talk.run(&mut stop).await;
    talk.farewell(&end).await;
    end
}

/// Whether a message of the device came that says something.
enum Heard {
    Something,
    Nothing,
}

/// A connection that stands.
struct Talk<'a> {
    socket: WebSocketStream<Stream>,
    session: &'a mut Session,
    link: &'a mut Link,
    timing: &'a Timing,
    /// The device has greeted.
    live: bool,
    /// The session has said its farewell itself.
    spoken: bool,
}

impl Talk<'_> {
    async fn run(&mut self, stop: &mut watch::Receiver<bool>) -> End {
        self.session.reconnected();
        if let Err(end) = self.send(self.session.opening()).await {
            return end;
        }
        // One timer for both waits; it is moved only when it fires, not at each message.
        let mut heard = Instant::now();
        let timer = sleep_until(heard + self.timing.hello);
        tokio::pin!(timer);
        loop {
            tokio::select! {
                biased;
                () = stopped(stop) => return End::Stopped,
                message = self.socket.next() => {
                    let was_live = self.live;
                    match self.take(message).await {
                        // A library's ping shows that a process runs, not that a patient is measured. A flood of them
                        // never lets the timer have its turn, so it is looked at here.
                        Ok(Heard::Nothing) if self.is_due(heard) => return self.silent(),
                        Ok(Heard::Nothing) => {}
                        Ok(Heard::Something) => heard = Instant::now(),
                        Err(end) => return end,
                    }
                    if self.live && !was_live {
                        timer.as_mut().reset(heard + self.silence());
                    }
                }
                () = &mut timer => {
                    if self.is_due(heard) {
                        return self.silent();
                    }
                    timer.as_mut().reset(heard + self.patience());
                }
            }
        }
    }

    /// Nothing came for too long.
    fn is_due(&self, heard: Instant) -> bool {
        heard + self.patience() <= Instant::now()
    }

    fn patience(&self) -> Duration {
        if self.live { self.silence() } else { self.timing.hello }
    }

    fn silent(&self) -> End {
        if self.live {
            LostBecause::Silent.into()
        } else {
            LostBecause::TimedOut("the device's greeting").into()
        }
    }

    fn silence(&self) -> Duration {
        self.timing.silence_after(self.session.heartbeat().unwrap_or_default())
    }

    async fn take(&mut self, message: Option<Result<Message, Error>>) -> Result<Heard, End> {
        let now = self.link.now();
        let step = match message {
            Some(Ok(Message::Text(text))) => self.session.text(now, text.as_bytes()),
            Some(Ok(Message::Binary(bytes))) => self.session.binary(now, &bytes),
            Some(Ok(Message::Ping(bytes) | Message::Pong(bytes))) => self.session.control(now, bytes.len()),
            Some(Ok(Message::Frame(_))) => return Ok(Heard::Nothing),
            Some(Ok(Message::Close(_))) | None => return Err(LostBecause::Closed.into()),
            Some(Err(error)) => return Err(self.failed(error).await),
        };
        let heard = if step.life { Heard::Something } else { Heard::Nothing };
        self.follow(step).await?;
        Ok(heard)
    }

    /// Does what the session says.
    async fn follow(&mut self, step: Step) -> Result<(), End> {
        if !self.live && self.session.is_greeted() {
            self.live = true;
            self.link.connectivity(Connectivity::Live).await?;
        }
        self.link.relay(step.observations, step.transit_ms).await?;
        if let Some(answer) = step.answer {
            self.spoken = step.fatal.is_some();
            self.send(answer).await?;
        }
        step.fatal.map_or(Ok(()), |because| Err(because.into()))
    }

    async fn failed(&mut self, error: Error) -> End {
        match error {
            Error::Capacity(_) => {
                let rejects = Rejects {
                    reason: RejectReason::Oversized,
                    count: 1,
                    example: format!(
                        "a message of more than {MESSAGE_BYTES_MAX} bytes; send shorter blocks more often"
                    ),
                };
                if let Err(gone) = self.link.relay(vec![Observation::Rejects(rejects)], 0.0).await {
                    return gone.into();
                }
                LostBecause::Broken(format!("a message of more than {MESSAGE_BYTES_MAX} bytes")).into()
            }
            Error::ConnectionClosed
            | Error::AlreadyClosed
            | Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => LostBecause::Closed.into(),
            Error::Io(error) if is_hangup(&error) => LostBecause::Closed.into(),
            Error::Io(error) => LostBecause::Unreachable(reason(&error)).into(),
            // The library's text may repeat what the device sent.
            Error::Utf8(_) => LostBecause::Broken("a text message that is not UTF-8; send text as UTF-8".into()).into(),
            Error::WriteBufferFull(_) => {
                LostBecause::Broken("the device does not read what the station says; it must read its socket".into())
                    .into()
            }
            Error::Protocol(_)
            | Error::Tls(_)
            | Error::AttackAttempt
            | Error::Url(_)
            | Error::Http(_)
            | Error::HttpFormat(_) => {
                LostBecause::Broken("it does not keep to WebSocket (RFC 6455); check the device's software".into())
                    .into()
            }
        }
    }

    async fn send(&mut self, text: String) -> Result<(), End> {
        match within(self.timing.send, "sending", self.socket.send(Message::text(text))).await? {
            Ok(()) => Ok(()),
            Err(error) => Err(self.failed(error).await),
        }
    }

    /// Tells the device why it is left, where that can be told, and closes. The connection is dropped in any case, so
    /// a device that does not take it is not waited for.
    async fn farewell(&mut self, end: &End) {
        let reason = match end {
            End::Lost(LostBecause::Closed | LostBecause::Unreachable(_)) | End::Gone => return,
            End::Lost(because) => because.to_string(),
            End::Stopped => "the station stops".to_owned(),
        };
        let goodbye = async {
            if self.spoken || self.send(Session::farewell(&reason)).await.is_ok() {
                drop(self.socket.close(None).await);
            }
        };
        drop(timeout(GOODBYE_SENT, goodbye).await);
    }
}
