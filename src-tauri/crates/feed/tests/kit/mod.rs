//! What the tests share: a station that watches one feed, and devices on loopback that behave as they are told.

#![allow(dead_code, reason = "each test binary uses its part of it")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use feed::{Delivery, FeedSetup, FeedSource, Inbox, PollShape, Timing, inbox, run_with};
use futures_util::{SinkExt, StreamExt};
use model::{BedId, Clock, Connectivity, LostBecause, Observation, ReceiptTime, Redacted};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};

/// When a test gives up. Not a promise of speed: nothing that works comes near it.
const GIVE_UP: Duration = Duration::from_secs(30);

/// A step that must not be the one that fails.
const LONG: Duration = Duration::from_secs(25);

/// A step that is meant to fail.
pub const SHORT: Duration = Duration::from_millis(150);

/// The device clock in the tests: 2027-01-15.
pub const T: u64 = 1_800_000_000_000;

/// Waits that only end when something is wrong; tries again at once.
pub fn patient() -> Timing {
    Timing {
        connect: LONG,
        tls: LONG,
        upgrade: LONG,
        hello: LONG,
        send: LONG,
        poll: LONG,
        silence_min: LONG,
        silence_max: LONG,
        retry_first: Duration::from_millis(10),
        retry_short_max: Duration::from_millis(20),
        retry_max: Duration::from_millis(20),
        short_outage: LONG,
        stable: LONG,
        live_spacing: Duration::ZERO,
    }
}

/// A clock that starts at [`T`].
pub struct TestClock(pub Instant);

impl Clock for TestClock {
    fn now(&self) -> ReceiptTime {
        ReceiptTime::from_millis(i64::try_from(T).unwrap()).plus(self.0.elapsed())
    }
}

/// A station that watches one feed.
pub struct Station {
    pub inbox: Inbox,
    pub stop: watch::Sender<bool>,
    pub task: JoinHandle<()>,
    /// Received and not yet looked at.
    ahead: std::collections::VecDeque<Delivery>,
}

impl Station {
    pub fn watching(source: FeedSource, timing: Timing) -> Self {
        Self::with_clock(source, timing, Arc::new(TestClock(Instant::now())))
    }

    pub fn with_clock(source: FeedSource, timing: Timing, clock: Arc<dyn Clock>) -> Self {
        let (mut outboxes, inbox) = inbox(1);
        let (stop, stopped) = watch::channel(false);
        let setup = FeedSetup {
            index: 0,
            bed: BedId::new("bed-07").unwrap(),
            source,
            station_name: "Ward 3".into(),
        };
        let task = tokio::spawn(run_with(setup, outboxes.remove(0), clock, stopped, timing));
        Self {
            inbox,
            stop,
            task,
            ahead: std::collections::VecDeque::new(),
        }
    }

    /// The next observation.
    pub async fn next(&mut self) -> Observation {
        if self.ahead.is_empty() {
            let mut into = Vec::new();
            timeout(GIVE_UP, self.inbox.recv_many(&mut into, 64))
                .await
                .expect("something arrives");
            self.ahead.extend(into);
        }
        self.ahead.pop_front().expect("the feed still runs").observation
    }

    /// The next observation that `wanted` makes something of.
    pub async fn find<T>(&mut self, wanted: impl Fn(&Observation) -> Option<T>) -> T {
        let found = async {
            loop {
                if let Some(found) = wanted(&self.next().await) {
                    return found;
                }
            }
        };
        timeout(GIVE_UP, found).await.expect("it comes")
    }

    /// The next reason for which the feed is lost.
    pub async fn lost(&mut self) -> LostBecause {
        self.find(|o| match o {
            Observation::Connectivity(Connectivity::Lost(because)) => Some(because.clone()),
            _ => None,
        })
        .await
    }

    /// Waits until the feed is live.
    pub async fn live(&mut self) {
        self.find(|o| (*o == Observation::Connectivity(Connectivity::Live)).then_some(()))
            .await;
    }

    /// Tells the feed to stop, and waits until it has.
    pub async fn stop(self) {
        self.stop.send(true).unwrap();
        timeout(GIVE_UP, self.task).await.expect("it stops").unwrap();
    }
}

pub fn websocket(url: &str) -> FeedSource {
    FeedSource::WebSocket {
        url: url.into(),
        ca_file: None,
    }
}

pub fn poll(url: &str, shape: PollShape) -> FeedSource {
    FeedSource::Poll {
        url: url.into(),
        shape,
        period: Duration::from_millis(10),
        headers: vec![("api-secret".into(), Redacted("hush-hush".into()))],
        ca_file: None,
    }
}

/// A free port with a listener, and its address.
pub async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    (listener, address)
}

/// A device at the other end of one connection.
pub struct Device<S = TcpStream> {
    pub socket: WebSocketStream<S>,
    seq: u32,
}

impl Device {
    /// Takes the next connection and upgrades it.
    pub async fn accept(listener: &TcpListener) -> Self {
        let (tcp, _) = timeout(GIVE_UP, listener.accept())
            .await
            .expect("the station calls")
            .unwrap();
        Self::upgrade(tcp).await
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Device<S> {
    pub async fn upgrade(stream: S) -> Self {
        #[expect(clippy::result_large_err, reason = "the type of the library's callback")]
        let choose = |request: &Request, mut response: Response| -> Result<Response, ErrorResponse> {
            assert_eq!(request.uri().path(), "/feed");
            let protocol = request.headers()["sec-websocket-protocol"].clone();
            assert_eq!(protocol, "wardlight.v1");
            response.headers_mut().insert("sec-websocket-protocol", protocol);
            Ok(response)
        };
        let socket = tokio_tungstenite::accept_hdr_async(stream, choose).await.unwrap();
        Self { socket, seq: 0 }
    }

    /// Sends `text` after filling in the message's number for `SEQ`.
    pub async fn say(&mut self, text: &str) {
        self.seq += 1;
        let text = text.replace("SEQ", &self.seq.to_string());
        self.socket.send(Message::text(text)).await.unwrap();
    }

    pub async fn hello(&mut self) {
        self.say(&format!(
            r#"{{"type":"hello","seq":SEQ,"t":{T},"version":1,"device":{{"id":"fake-1","manufacturer":"Tests","model":"Fake"}},
            "mode":"test","heartbeat_ms":1000,"numerics":[{{"metric":"HR","unit":"/min","period_ms":1000}}],
            "waves":[{{"channel":0,"metric":"ECG_II","unit":"mV","rate":250,"resolution":0.005,"offset":0}}]}}"#
        ))
        .await;
    }

    pub async fn waves(&mut self) {
        self.say(&format!(
            r#"{{"type":"waves","seq":SEQ,"t":{T},"blocks":[{{"channel":0,"samples":[1,2,null,4]}}]}}"#
        ))
        .await;
    }

    pub async fn heart_rate(&mut self, value: u32) {
        self.say(&format!(
            r#"{{"type":"numerics","seq":SEQ,"t":{T},"values":[{{"metric":"HR","value":{value}}}]}}"#
        ))
        .await;
    }

    /// The next text from the station; `None` when it closed.
    pub async fn heard(&mut self) -> Option<String> {
        loop {
            match timeout(GIVE_UP, self.socket.next()).await.expect("the station speaks") {
                Some(Ok(Message::Text(text))) => return Some(text.to_string()),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                _ => return None,
            }
        }
    }

    /// Everything the station still says.
    pub async fn rest(&mut self) -> String {
        let mut all = String::new();
        while let Some(text) = self.heard().await {
            all.push_str(&text);
        }
        all
    }
}

/// Takes the next connection, reads the head of its HTTP request, and gives both.
pub async fn request(listener: &TcpListener) -> (TcpStream, String) {
    let (mut tcp, _) = timeout(GIVE_UP, listener.accept())
        .await
        .expect("the station asks")
        .unwrap();
    let head = read_head(&mut tcp).await;
    (tcp, head)
}

/// The head of an HTTP request, up to the empty line.
pub async fn read_head(tcp: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(tcp.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

/// Answers one request with `status`, more `headers` (each ended by `\r\n`) and `body`, and closes.
pub async fn answer(listener: &TcpListener, status: &str, headers: &str, body: &str) -> String {
    let (mut tcp, head) = request(listener).await;
    let text = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n{body}",
        body.len()
    );
    tcp.write_all(text.as_bytes()).await.unwrap();
    head
}
