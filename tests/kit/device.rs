//! A bedside device under exact control, written from `FEED.md` alone: what it sends, and when it falls silent, is the
//! test's to say.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::http::HeaderValue;

use crate::Trouble;

/// The subprotocol of the native feed.
const SUBPROTOCOL: &str = "wardlight.v1";
/// ECG samples a second, and in one block of a quarter of a second.
const ECG_RATE: u32 = 248;
const ECG_BLOCK: u32 = 62;
/// A block every quarter of a second; numbers with every fourth.
const BLOCK_PERIOD: Duration = Duration::from_millis(250);

/// What the device does at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    Sending,
    /// The socket stays open and nothing comes: the worst way to be lost.
    Silent,
    /// Connections are closed and none is taken.
    Gone,
}

/// One number as it went over the socket.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    /// Metric name.
    pub metric: String,
    /// The value.
    pub value: f64,
    /// By the device's clock, ms since 1970, just before it went out.
    pub at_ms: f64,
}

#[derive(Default)]
struct Shared {
    values: BTreeMap<String, (f64, &'static str)>,
    sent: Vec<Sent>,
    restless: bool,
}

/// A device with one ECG lead and the numbers it is told to send.
pub struct Device {
    address: SocketAddr,
    mood: watch::Sender<Mood>,
    shared: Arc<Mutex<Shared>>,
    task: tokio::task::JoinHandle<()>,
}

impl Device {
    /// Listens on a free port of loopback and sends `values` (metric, value, UCUM unit) once a second.
    pub async fn start(values: &[(&str, f64, &'static str)]) -> Result<Self, Trouble> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (mood, watching) = watch::channel(Mood::Sending);
        let shared = Arc::new(Mutex::new(Shared::default()));
        lock(&shared).values = values
            .iter()
            .map(|(metric, value, unit)| ((*metric).to_owned(), (*value, *unit)))
            .collect();
        let task = tokio::spawn(listen(listener, watching, Arc::clone(&shared)));
        Ok(Self {
            address,
            mood,
            shared,
            task,
        })
    }

    /// The URL a station subscribes to.
    pub fn url(&self) -> String {
        format!("ws://{}/feed", self.address)
    }

    /// The next message carries this value instead.
    pub fn set(&self, metric: &str, value: f64) {
        if let Some(entry) = lock(&self.shared).values.get_mut(metric) {
            entry.0 = value;
        }
    }

    /// From now on an alert of the device itself begins with one block and ends with the next.
    pub fn be_restless(&self) {
        lock(&self.shared).restless = true;
    }

    /// Falls silent with the socket open.
    pub fn fall_silent(&self) {
        self.mood.send_replace(Mood::Silent);
    }

    /// Closes every connection and takes none.
    pub fn go(&self) {
        self.mood.send_replace(Mood::Gone);
    }

    /// Sends again, and takes connections again.
    pub fn come_back(&self) {
        self.mood.send_replace(Mood::Sending);
    }

    /// Every number that went over the socket so far, in order.
    pub fn sent(&self) -> Vec<Sent> {
        lock(&self.shared).sent.clone()
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A configuration with one bed for each device: `bed-01`, `bed-02` … with the limits the program's profile has.
pub fn station_toml(devices: &[&Device]) -> String {
    let head = "[station]\nname = \"Ward T\"\n".to_owned();
    let beds = devices.iter().zip(1..).map(|(device, number): (_, u32)| {
        format!(
            "\n[[bed]]\nid = \"bed-{number:02}\"\nlabel = \"Bed {number}\"\nunit = \"Ward T\"\n\
             patient = {{ id = \"TEST-{number:04}\", name = \"TEST, Bed {number:02}\" }}\n\
             [[bed.feed]]\nwebsocket = \"{}\"\n",
            device.url()
        )
    });
    std::iter::once(head).chain(beds).collect()
}

async fn listen(listener: TcpListener, mood: watch::Receiver<Mood>, shared: Arc<Mutex<Shared>>) {
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        if *mood.borrow() == Mood::Gone {
            continue;
        }
        let mood = mood.clone();
        let shared = Arc::clone(&shared);
        // A connection that breaks is the station's to notice; the device takes the next.
        connections.spawn(async move { drop(serve(stream, mood, shared).await) });
    }
}

async fn serve(stream: TcpStream, mut mood: watch::Receiver<Mood>, shared: Arc<Mutex<Shared>>) -> Result<(), Trouble> {
    stream.set_nodelay(true)?;
    let mut socket = tokio_tungstenite::accept_hdr_async(stream, with_subprotocol).await?;
    let mut clock = Clock::start();
    socket.send(text(&hello(&mut clock, &shared))).await?;
    let mut ticks = tokio::time::interval(BLOCK_PERIOD);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            changed = mood.changed() => {
                changed?;
                if *mood.borrow() == Mood::Gone {
                    return Ok(());
                }
            }
            said = socket.next() => match said {
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error.into()),
                None => return Ok(()),
            },
            _ = ticks.tick() => {
                let now = clock.block_time();
                if *mood.borrow() == Mood::Silent {
                    continue;
                }
                socket.send(text(&wave(&mut clock, now))).await?;
                if lock(&shared).restless {
                    socket.send(text(&alert(&mut clock, now))).await?;
                }
                if clock.blocks.is_multiple_of(4) {
                    let message = numerics(&mut clock, now, &shared);
                    socket.send(text(&message)).await?;
                }
            }
        }
    }
}

#[expect(
    clippy::result_large_err,
    clippy::unnecessary_wraps,
    reason = "the callback's type is tungstenite's"
)]
fn with_subprotocol(
    _: &Request,
    mut response: Response,
) -> Result<Response, tokio_tungstenite::tungstenite::handshake::server::ErrorResponse> {
    response
        .headers_mut()
        .insert("sec-websocket-protocol", HeaderValue::from_static(SUBPROTOCOL));
    Ok(response)
}

/// The device's sequence and its own time line, which runs on while it is silent.
struct Clock {
    seq: u32,
    blocks: u32,
    begun_ms: f64,
}

impl Clock {
    fn start() -> Self {
        Self {
            seq: 0,
            blocks: 0,
            begun_ms: Self::wall_ms(),
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a device has a wall clock of its own; no alert is timed by it"
    )]
    fn wall_ms() -> f64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        now.as_secs_f64() * 1000.0
    }

    fn next_seq(&mut self) -> u32 {
        self.seq += 1;
        self.seq
    }

    fn block_time(&mut self) -> f64 {
        self.blocks += 1;
        self.begun_ms + f64::from(self.blocks) * 250.0
    }
}

fn hello(clock: &mut Clock, shared: &Mutex<Shared>) -> Value {
    let numerics: Vec<Value> = lock(shared)
        .values
        .iter()
        .map(|(metric, (_, unit))| json!({"metric": metric, "unit": unit, "period_ms": 1000}))
        .collect();
    json!({
        "type": "hello", "seq": clock.next_seq(), "t": clock.begun_ms, "version": 1,
        "device": {"id": "test-device", "manufacturer": "Wardlight tests", "model": "Exact"},
        "mode": "test", "heartbeat_ms": 1000, "numerics": numerics,
        "waves": [{"channel": 0, "metric": "ECG_II", "unit": "mV", "rate": ECG_RATE, "resolution": 0.005, "offset": 0}],
    })
}

fn numerics(clock: &mut Clock, now: f64, shared: &Mutex<Shared>) -> Value {
    let mut shared = lock(shared);
    let pairs: Vec<(String, f64)> = shared
        .values
        .iter()
        .map(|(metric, (value, _))| (metric.clone(), *value))
        .collect();
    let values: Vec<Value> = pairs
        .iter()
        .map(|(metric, value)| json!({"metric": metric, "value": value}))
        .collect();
    let at_ms = Clock::wall_ms();
    shared
        .sent
        .extend(pairs.into_iter().map(|(metric, value)| Sent { metric, value, at_ms }));
    json!({"type": "numerics", "seq": clock.next_seq(), "t": now, "values": values})
}

/// One beat a second, drawn with ruler and compass: a spike of ten samples on a flat line.
fn wave(clock: &mut Clock, now: f64) -> Value {
    let first = (clock.blocks * ECG_BLOCK) % ECG_RATE;
    let samples: Vec<i32> = (first..first + ECG_BLOCK)
        .map(|at| match at {
            20..25 => 200,
            25..30 => -60,
            _ => 0,
        })
        .collect();
    json!({"type": "waves", "seq": clock.next_seq(), "t": now, "blocks": [{"channel": 0, "samples": samples}]})
}

fn alert(clock: &mut Clock, now: f64) -> Value {
    json!({
        "type": "alert", "seq": clock.next_seq(), "t": now, "code": "LEAD_OFF", "text": "Check the leads",
        "priority": "medium", "kind": "technical", "present": !clock.blocks.is_multiple_of(2),
    })
}

fn text(value: &Value) -> Message {
    Message::text(value.to_string())
}

fn lock(shared: &Mutex<Shared>) -> std::sync::MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
