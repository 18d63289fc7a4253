//! One connection to one device: messages in, observations out.

use std::collections::HashMap;
use std::time::Duration;

use model::{DeviceTime, LostBecause, MetricCode, Observation, ReceiptTime, RejectReason, SampleArray};

use super::alerts::{Alerts, alert_of_device};
use super::budget::{Budget, Verdict};
use super::decode::DecodeError;
use super::greeting::Greeting;
use super::timeline::{Arrival, Timeline};
use super::transit::Transit;
use super::{
    Answer, Block, Hello, MESSAGE_BYTES_MAX, Message, Step, VERSION, Waves, Word, decode_binary, decode_text,
    encode_answer,
};
use crate::step::{Tally, cleaned};

/// So many messages in a row that are of no use cut the connection: the peer is not a device, or has lost its way.
const USELESS_IN_A_ROW_MAX: u32 = 16;

/// The station complains at most once in this time: a device that floods must not be answered with a flood.
const COMPLAINT_EVERY: Duration = Duration::from_secs(1);

/// A device clock that stands behind the newest time seen for so long was set back; what it sends is of now.
const SET_BACK_AFTER: Duration = Duration::from_secs(10);

/// Longest name of the station that is said to a device, in characters.
const STATION_CHARS_MAX: usize = 64;

/// One connection to one device. Pure: when a message arrived is an argument.
///
/// ```
/// use model::{Observation, ReceiptTime};
/// use wire::native::Session;
/// let mut session = Session::new("Ward 3");
/// assert_eq!(session.opening(), r#"{"type":"subscribe","version":1,"station":"Ward 3"}"#);
/// let now = ReceiptTime::from_millis(1_800_000_000_000);
/// let step = session.text(now, br#"{"type":"clock","seq":1,"t":1800000000000}"#);
/// assert!(matches!(step.observations[..], [Observation::Rejects(_)])); // it has not greeted
/// ```
#[derive(Debug)]
pub struct Session {
    station: String,
    pub(super) greeting: Option<Greeting>,
    last_seq: Option<u32>,
    /// Messages that could not be read since the last one that could: they may account for a gap in `seq`.
    unreadable: u32,
    useless_in_a_row: u32,
    complained_at: Option<ReceiptTime>,
    pub(super) newest: Newest,
    transit: Transit,
    transit_of_waves: Transit,
    /// Kept over connections, so that a wave never lies over what was drawn before.
    lines: HashMap<MetricCode, Timeline>,
    /// Waves in whose line something is missing before the next block.
    broken: Vec<MetricCode>,
    budget: Budget,
    alerts: Alerts,
}

/// The newest time a device's clock has shown.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Newest {
    pub(super) at: Option<DeviceTime>,
    /// When it showed that.
    pub(super) received: Option<ReceiptTime>,
    behind_since: Option<ReceiptTime>,
}

impl Newest {
    /// Takes note of the clock. `certain` for messages that say nothing but the time.
    fn note(&mut self, now: ReceiptTime, t: DeviceTime, certain: bool) {
        if t.against(now) == model::DeviceClock::Absurd {
            return;
        }
        let set_back = match self.at {
            Some(newest) if t < newest => now.since(*self.behind_since.get_or_insert(now)) >= SET_BACK_AFTER,
            Some(_) | None => true,
        };
        if certain || set_back {
            self.at = Some(t);
            self.received = Some(now);
            self.behind_since = None;
        }
    }
}

impl Session {
    /// A session in the name of this station.
    pub fn new(station: &str) -> Self {
        Self {
            station: cleaned(station, STATION_CHARS_MAX),
            greeting: None,
            last_seq: None,
            unreadable: 0,
            useless_in_a_row: 0,
            complained_at: None,
            newest: Newest::default(),
            transit: Transit::default(),
            transit_of_waves: Transit::default(),
            lines: HashMap::new(),
            broken: Vec::new(),
            budget: Budget::default(),
            alerts: Alerts::default(),
        }
    }

    /// A new connection to the same device: counters and greeting start anew, the waves' time lines are kept, and
    /// the next block of each begins after a gap.
    pub fn reconnected(&mut self) {
        let lines = std::mem::take(&mut self.lines);
        let station = std::mem::take(&mut self.station);
        let complained_at = self.complained_at;
        // A device that spent its budget does not get a new one by calling again.
        let budget = std::mem::take(&mut self.budget);
        *self = Self::new(&station);
        self.complained_at = complained_at;
        self.budget = budget;
        self.broken = lines.keys().copied().collect();
        self.lines = lines;
    }

    /// What the station says first on a connection.
    pub fn opening(&self) -> String {
        said(&Answer::Subscribe {
            version: VERSION,
            station: Word::from(self.station.as_str()),
        })
    }

    /// What the station says last, before it closes the connection by itself.
    pub fn farewell(reason: &str) -> String {
        said(&Answer::Bye {
            reason: Word::from(reason),
        })
    }

    /// How often the device says that something comes. `None` before its greeting.
    pub fn heartbeat(&self) -> Option<Duration> {
        self.greeting.as_ref().map(|g| g.heartbeat)
    }

    /// Whether the device has greeted: before that nothing it sends is taken.
    pub const fn is_greeted(&self) -> bool {
        self.greeting.is_some()
    }

    /// Takes a text message.
    pub fn text(&mut self, now: ReceiptTime, bytes: &[u8]) -> Step {
        if let Err(step) = self.spend(now, bytes.len()) {
            return step;
        }
        match decode_text(bytes) {
            Ok(message) => self.message(now, message),
            Err(error) => self.unreadable(now, bytes, error),
        }
    }

    /// Takes a binary message.
    pub fn binary(&mut self, now: ReceiptTime, bytes: &[u8]) -> Step {
        if let Err(step) = self.spend(now, bytes.len()) {
            return step;
        }
        match decode_binary(bytes) {
            Ok(waves) => self.message(now, Message::Waves(waves)),
            Err(error) => self.unreadable(now, bytes, error),
        }
    }

    /// Takes what the transport itself sends (a ping): it says nothing and is no sign of life, but it costs.
    pub fn control(&mut self, now: ReceiptTime, bytes: usize) -> Step {
        self.spend(now, bytes).err().unwrap_or_default()
    }

    /// Whether there is room for a message in the device's budget; before it is read, for reading is what costs.
    fn spend(&mut self, now: ReceiptTime, bytes: usize) -> Result<(), Step> {
        let verdict = self.budget.spend(now, bytes);
        if verdict == Verdict::Taken {
            return Ok(());
        }
        let detail = format!(
            "expected at most {} messages and {} bytes a second from this device, got more; send less, or declare in hello \
             what is sent",
            self.budget.messages_a_second(),
            self.budget.bytes_a_second()
        );
        let mut step = Step::default();
        let mut tally = Tally::default();
        // Its number may be missing before the next one; it is counted here and not again as a gap.
        self.unreadable = self.unreadable.saturating_add(1);
        if verdict == Verdict::TooMuch {
            step.fatal = Some(LostBecause::Broken(detail.clone()));
        }
        tally.add(RejectReason::Oversized, 1, || detail);
        let useless = self.useless_in_a_row;
        let step = self.finish(now, None, step, tally, false);
        self.useless_in_a_row = useless;
        Err(step)
    }

    /// Takes a message that is already decoded.
    pub fn message(&mut self, now: ReceiptTime, message: Message<'_>) -> Step {
        let mut step = Step::default();
        let mut tally = Tally::default();
        let seq = message.seq();
        if !self.in_order(&message, &mut tally) {
            return self.finish(now, Some(seq), step, tally, false);
        }
        if self.greeting.is_none() && !matches!(message, Message::Hello(_)) {
            tally.add(RejectReason::OutOfPlace, 1, || {
                "expected hello as the first message, got another; greet first".to_owned()
            });
            return self.finish(now, Some(seq), step, tally, false);
        }
        let t = device_time(message.t());
        if t.against(now) == model::DeviceClock::Absurd {
            tally.add(RejectReason::AbsurdClock, 1, || {
                format!("expected a clock between 2000 and 2200, got {t}; set the device's clock, data are taken")
            });
        }
        self.alerts.due(now, &mut step.observations);
        let useful = match message {
            Message::Hello(hello) => self.hello(now, &hello, &mut step, &mut tally),
            Message::Numerics(numerics) => {
                self.newest.note(now, t, false);
                step.transit_ms = self.transit.excess_ms(now, t);
                self.numerics(now, t, &numerics, &mut step, &mut tally);
                true
            }
            Message::Waves(waves) => {
                self.waves(now, t, waves, &mut step, &mut tally);
                true
            }
            Message::Alert(alert) => {
                self.newest.note(now, t, false);
                step.transit_ms = self.transit.excess_ms(now, t);
                let alert = alert_of_device(now, &alert, &mut tally);
                self.alerts.changed(now, alert, &mut step.observations, &mut tally);
                true
            }
            Message::Clock(_) => {
                self.newest.note(now, t, true);
                step.transit_ms = self.transit.excess_ms(now, t);
                step.observations.push(Observation::Alive);
                true
            }
        };
        self.finish(now, Some(seq), step, tally, useful)
    }

    fn unreadable(&mut self, now: ReceiptTime, bytes: &[u8], error: DecodeError) -> Step {
        let mut step = Step::default();
        let mut tally = Tally::default();
        self.unreadable = self.unreadable.saturating_add(1);
        if bytes.len() > MESSAGE_BYTES_MAX {
            step.fatal = Some(LostBecause::Broken(error.detail.clone()));
        }
        tally.add(error.reason, 1, || error.detail);
        self.finish(now, error.seq, step, tally, false)
    }

    /// Whether the message is a new one; notes what is missing before it.
    fn in_order(&mut self, message: &Message<'_>, tally: &mut Tally) -> bool {
        let seq = message.seq();
        let unreadable = std::mem::take(&mut self.unreadable);
        let Some(last) = self.last_seq else {
            self.last_seq = Some(seq);
            return true;
        };
        let ahead = seq.wrapping_sub(last);
        if ahead == 0 || ahead > u32::MAX / 2 {
            self.unreadable = unreadable;
            tally.add(RejectReason::Duplicate, 1, || {
                format!("expected a number after {last}, got {seq}; count up by one a message, from 1 a connection")
            });
            return false;
        }
        self.last_seq = Some(seq);
        let missing = ahead - 1;
        if missing > 0 {
            self.broken = self.lines.keys().copied().collect();
            tally.add(RejectReason::SequenceGap, missing.saturating_sub(unreadable), || {
                format!(
                    "expected message {}, got {seq}; what was between is lost, look at the device's link",
                    last.wrapping_add(1)
                )
            });
        }
        true
    }

    fn hello(&mut self, now: ReceiptTime, hello: &Hello<'_>, step: &mut Step, tally: &mut Tally) -> bool {
        if hello.version != VERSION {
            let detail = format!(
                "expected protocol version {VERSION}, got {}; set the device to {VERSION} or update the station",
                hello.version
            );
            step.fatal = Some(LostBecause::Refused(detail.clone()));
            tally.add(RejectReason::Version, 1, || detail);
            return false;
        }
        let Some((greeting, device)) = Greeting::read(hello, tally) else {
            return false;
        };
        let t = device_time(hello.t);
        self.newest.note(now, t, true);
        step.transit_ms = self.transit.excess_ms(now, t);
        self.lines.retain(|metric, line| {
            greeting
                .channels()
                .all(|c| c.metric != *metric || c.rate == line.rate())
        });
        self.budget.allow(&greeting);
        self.greeting = Some(greeting);
        step.observations.push(Observation::Device(device));
        true
    }

    fn waves(&mut self, now: ReceiptTime, t: DeviceTime, waves: Waves, step: &mut Step, tally: &mut Tally) {
        let mut longest = 0;
        for block in waves.blocks {
            if let Some(array) = self.block(now, t, block, tally) {
                longest = longest.max(
                    array
                        .rate
                        .micros_of(u64::try_from(array.samples.len()).unwrap_or(u64::MAX)),
                );
                step.observations.push(Observation::Wave(array));
            }
        }
        let last_sample = t.plus(Duration::from_micros(longest.unsigned_abs()));
        step.transit_ms = self.transit_of_waves.excess_ms(now, last_sample);
    }

    fn block(&mut self, now: ReceiptTime, t: DeviceTime, block: Block, tally: &mut Tally) -> Option<SampleArray> {
        let greeting = self.greeting.as_ref()?;
        let channel = match greeting.channel(block.channel) {
            Ok(channel) => channel,
            Err(reason) => {
                tally.add(reason, 1, || {
                    format!(
                        "expected a channel that hello describes, got {}; describe it first",
                        block.channel
                    )
                });
                return None;
            }
        };
        tally.add(RejectReason::ImpossibleValue, block.samples.unreadable(), || {
            format!(
                "expected samples from -32767 to 32767 in {}, got others; taken as no sample",
                channel.metric
            )
        });
        if block.samples.is_empty() {
            tally.add(RejectReason::Malformed, 1, || {
                format!(
                    "expected samples in a block of {}, got none; leave empty blocks out",
                    channel.metric
                )
            });
            return None;
        }
        let samples = block.samples.into_vec();
        let arrival = Arrival {
            now,
            device: t,
            samples: u64::try_from(samples.len()).unwrap_or(u64::MAX),
            unbroken: !self.broken.contains(&channel.metric),
        };
        let place = if let Some(line) = self.lines.get_mut(&channel.metric) {
            self.broken.retain(|m| *m != channel.metric);
            line.place(arrival)
        } else {
            let (line, place) = Timeline::begin(channel.rate, arrival);
            self.lines.insert(channel.metric, line);
            place
        };
        Some(SampleArray {
            metric: channel.metric,
            measured_at: t,
            received_at: now,
            start: place.start,
            rate: channel.rate,
            scale: channel.scale,
            mode: greeting.mode,
            samples,
            gap_before: place.gap_before,
        })
    }

    /// Counts, complains and, when it is too much, says goodbye.
    fn finish(&mut self, now: ReceiptTime, seq: Option<u32>, mut step: Step, tally: Tally, useful: bool) -> Step {
        step.life = useful;
        self.useless_in_a_row = if useful {
            0
        } else {
            self.useless_in_a_row.saturating_add(1)
        };
        if self.useless_in_a_row >= USELESS_IN_A_ROW_MAX && step.fatal.is_none() {
            let last = tally.first().map_or_else(String::new, |r| r.example.clone());
            step.fatal = Some(LostBecause::Broken(format!(
                "{USELESS_IN_A_ROW_MAX} messages in a row were of no use; the last: {last}"
            )));
        }
        let may_complain = self.complained_at.is_none_or(|at| now.since(at) >= COMPLAINT_EVERY);
        if let Some(lost) = &step.fatal {
            step.answer = Some(Self::farewell(&lost.to_string()));
        } else if let Some(reject) = tally.first().filter(|_| may_complain) {
            self.complained_at = Some(now);
            step.answer = Some(said(&Answer::Rejected {
                seq,
                reason: Word::from(reject.reason.as_str()),
                detail: Word::from(reject.example.as_str()),
            }));
        }
        tally.into_observations(&mut step.observations);
        step
    }
}

fn said(answer: &Answer<'_>) -> String {
    // Words of three fields always make JSON.
    encode_answer(answer).unwrap_or_default()
}

/// A device's clock. What no clock can show (NaN, 1e300) ends at the rim of the range, where it counts as absurd.
pub(crate) fn device_time(t_ms: f64) -> DeviceTime {
    #[expect(clippy::cast_possible_truncation, reason = "a cast of a float saturates")]
    DeviceTime::from_micros((t_ms * 1_000.0).round() as i64)
}
