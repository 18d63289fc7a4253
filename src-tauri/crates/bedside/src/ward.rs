//! A ward of beds: ports, schedules, beginning and end.

use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{Mutex, broadcast, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use wire::native::Message;

use crate::client::{Shared, Stamped, ended, serve};
use crate::device::{Device, TURN_MS, TURNS_A_SECOND};
use crate::item::Item;
use crate::options::BEDS_MAX;
use crate::physiology::Patient;
use crate::source::{Loop, Source, Tracks};
use crate::{BedsideError, FeedAddress, LoadProfile, Recording, Script, WardOptions};

/// Messages that a slow connection may lag behind: 16 s of a bed. Then it misses the oldest and sees a sequence gap.
const LAG_MESSAGES_MAX: usize = 80;
/// A bed that fell behind further than this (the machine slept) leaves the time out rather than sending it in a burst.
const CATCH_UP_MAX: Duration = Duration::from_secs(10);
/// Loops of [`LoadProfile::Full`]: few, so that they fit the processor's cache.
const LOOPS: u16 = 4;
/// How long each is. A whole number of seconds and of samples in every channel.
const LOOP_S: u64 = 60;
/// What is left out at the beginning of a loop: numbers are not there from the first second on. An even count.
const WARM_UP_S: u64 = 40;
/// What happens to equipment on a demo ward, beside what happens to patients.
pub(crate) const DEMO_EVENTS: &str = "at 100s bed 10 lead-off for 20s every 10m; at 190s bed 13 silence for 15s every 10m; \
                           at 290s bed 16 probe-off for 25s every 10m";

/// Running beds. Dropping it ends them at once; [`Ward::stop`] says farewell first.
pub struct Ward {
    feeds: Vec<FeedAddress>,
    warnings: Vec<String>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

/// Opens the ports and begins to measure. Every bed can be connected to once this returns.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// use bedside::{WardOptions, start};
/// let ward = start(WardOptions { beds: 2, ..WardOptions::default() }).await?;
/// assert_eq!(ward.feeds()[1].bed, "bed-02");
/// assert!(ward.station_toml().contains("DEMO, Bed 02"));
/// ward.stop().await;
/// # Ok::<(), bedside::BedsideError>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub async fn start(options: WardOptions) -> Result<Ward, BedsideError> {
    check(&options)?;
    let mut sources = Sources::new(&options)?;
    let (stop, stopped) = watch::channel(false);
    let mut ward = Ward {
        feeds: Vec::new(),
        warnings: std::mem::take(&mut sources.warnings),
        stop,
        tasks: JoinSet::new(),
    };
    let script = if options.profile == LoadProfile::Demo && options.record.is_none() && options.events {
        DEMO_EVENTS
            .parse()
            .unwrap_or_else(|_| Script::default())
            .and(&options.faults)
    } else {
        options.faults.clone()
    };
    let mut listeners = Vec::new();
    for bed in 0..options.beds {
        let port = if options.port == 0 { 0 } else { options.port + bed };
        let failed = |source| BedsideError::Listen { port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        ward.feeds.push(FeedAddress {
            bed: format!("bed-{:02}", bed + 1),
            url: format!("ws://{address}{}", wire::native::PATH),
        });
        listeners.push(listener);
    }
    let started = Instant::now() + Duration::from_millis(1);
    let started_ms = wall_clock_ms();
    for (bed, listener) in (0..options.beds).zip(listeners) {
        let name = format!("virtual-{:02}", bed + 1);
        let device = Device::new(
            name,
            sources.of_bed(bed),
            script.of_bed(bed + 1),
            options.mode,
            started_ms,
        )
        .with_json_waves(options.json_waves);
        let cannot = device.cannot_set();
        let cannot = cannot
            .iter()
            .map(|m| format!("bed {} sends no {m}; `set {m}` does nothing there", bed + 1));
        ward.warnings.extend(cannot);
        let schedule = Schedule::new(started, &options, bed);
        ward.tasks.spawn(bed_task(device, listener, schedule, stopped.clone()));
    }
    Ok(ward)
}

impl Ward {
    /// Where the beds listen, in order.
    pub fn feeds(&self) -> &[FeedAddress] {
        &self.feeds
    }

    /// What was left out: signals of a record without a name, values of a script that a bed does not send.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// A `station.toml` for this ward, each bed with a patient whose name says that there is none.
    pub fn station_toml(&self) -> String {
        let mut text = "[station]\nname = \"Demo ward\"\n".to_owned();
        for (at, feed) in self.feeds.iter().enumerate() {
            let number = at + 1;
            // Writing to a string cannot fail.
            write!(
                text,
                "\n[[bed]]\nid = \"{}\"\nlabel = \"Bed {number}\"\nunit = \"Demo ward\"\n\
                 patient = {{ id = \"DEMO-{number:04}\", name = \"DEMO, Bed {number:02}\" }}\n\
                 [[bed.feed]]\nwebsocket = \"{}\"\n",
                feed.bed, feed.url
            )
            .unwrap_or_default();
        }
        text
    }

    /// Waits until the ward has ended by itself ([`WardOptions::seconds`]).
    pub async fn finished(&mut self) {
        while self.tasks.join_next().await.is_some() {}
    }

    /// Ends all beds: connections are closed with a farewell, ports are free afterwards.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        self.finished().await;
    }
}

fn check(options: &WardOptions) -> Result<(), BedsideError> {
    let beds = options.beds;
    if !(1..=BEDS_MAX).contains(&beds) {
        return Err(BedsideError::Beds(beds));
    }
    if !(0.01..=10_000.0).contains(&options.speed) {
        return Err(BedsideError::Speed(options.speed));
    }
    if options.mode == model::GenerationMode::Real {
        return Err(BedsideError::Real);
    }
    let port = options.port;
    if port.checked_add(beds - 1).is_none() {
        return Err(BedsideError::Ports { port, beds });
    }
    let named = options.faults.entries().iter().filter_map(|e| e.bed);
    match named.max() {
        Some(bed) if bed > beds => Err(BedsideError::NoSuchBed { bed, beds }),
        Some(_) | None => Ok(()),
    }
}

/// When a bed's turns are due.
#[derive(Clone, Copy, Debug)]
struct Schedule {
    started: Instant,
    /// How long a turn takes at the ward's speed.
    turn: Duration,
    /// The bed's place within a turn, so that not all beds speak at once.
    phase: Duration,
    /// The ward ends with this turn.
    last: Option<u64>,
}

impl Schedule {
    fn new(started: Instant, options: &WardOptions, bed: u16) -> Self {
        let turn = Duration::from_millis(TURN_MS).div_f64(options.speed);
        Self {
            started,
            turn,
            phase: turn * u32::from(bed) / u32::from(options.beds),
            last: options.seconds.map(|s| s.saturating_mul(1_000 / TURN_MS)),
        }
    }

    /// Absolute, from the start: lateness of one turn moves no other.
    fn due(&self, turn: u64) -> Instant {
        let since = self.turn.as_nanos().saturating_mul(u128::from(turn));
        self.started + self.phase + Duration::from_nanos(u64::try_from(since).unwrap_or(u64::MAX / 2))
    }
}

impl Schedule {
    /// The greeting of this turn, with the time it is of.
    fn stamped(&self, device: &Device, turn: u64) -> Stamped {
        Stamped {
            greeting: device.greeting(turn),
            at: self.due(turn),
            speed: Duration::from_millis(TURN_MS).as_secs_f64() / self.turn.as_secs_f64(),
        }
    }
}

/// One bed: its device, its port and its connections.
async fn bed_task(mut device: Device, listener: TcpListener, schedule: Schedule, mut stopped: watch::Receiver<bool>) {
    let shared = Arc::new(Shared {
        items: broadcast::channel(LAG_MESSAGES_MAX).0,
        greeting: Mutex::new(schedule.stamped(&device, 0)),
        down: AtomicBool::new(false),
        over: AtomicBool::new(false),
    });
    let for_connections = stopped.clone();
    let mut connections = JoinSet::new();
    let mut turn = 1;
    loop {
        tokio::select! {
            () = ended(&mut stopped) => break,
            () = sleep_until(schedule.due(turn)) => {
                if schedule.last.is_some_and(|last| turn > last) {
                    shared.over.store(true, Ordering::SeqCst);
                    // An error says that nobody listens any more.
                    shared.items.send(Arc::new(Item::End)).ok();
                    break;
                }
                let behind = Instant::now().saturating_duration_since(schedule.due(turn)) > CATCH_UP_MAX;
                take_turn(&mut device, turn, &shared, &schedule, behind).await;
                // Where several turns are due at once, the connections send each before the next is made.
                tokio::task::yield_now().await;
                turn += 1;
            }
            accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                connections.spawn(serve(stream, Arc::clone(&shared), for_connections.clone()));
            },
            Some(_) = connections.join_next() => {}
        }
    }
    while connections.join_next().await.is_some() {}
}

async fn take_turn(device: &mut Device, turn: u64, shared: &Shared, schedule: &Schedule, behind: bool) {
    let brought = device.turn(turn);
    shared.down.store(brought.down, Ordering::Relaxed);
    let alert = |item: &Item| matches!(item, Item::Text(Message::Alert(_)));
    if turn.is_multiple_of(TURNS_A_SECOND) || brought.items.iter().any(alert) {
        *shared.greeting.lock().await = schedule.stamped(device, turn);
    }
    if !behind {
        for item in brought.items {
            // An error says that nobody listens: a device measures all the same.
            shared.items.send(Arc::new(item)).ok();
        }
    }
}

/// Makes the sources of beds.
struct Sources {
    profile: LoadProfile,
    events: bool,
    loops: Vec<Arc<Tracks>>,
    warnings: Vec<String>,
}

impl Sources {
    fn new(options: &WardOptions) -> Result<Self, BedsideError> {
        let mut warnings = Vec::new();
        let loops = match (&options.record, options.profile) {
            (Some(path), _) => {
                let recording = Recording::read(path)?;
                warnings.extend(
                    recording
                        .left_out
                        .iter()
                        .map(|why| format!("left out of the record: {why}")),
                );
                vec![Arc::new(recording.tracks())]
            }
            (None, LoadProfile::Full) => (0..LOOPS).map(|seed| Arc::new(full_load(seed))).collect(),
            (None, LoadProfile::Demo) => Vec::new(),
        };
        Ok(Self {
            profile: options.profile,
            events: options.events,
            loops,
            warnings,
        })
    }

    fn of_bed(&self, bed: u16) -> Source {
        let place = usize::from(bed);
        match self.loops.get(place % self.loops.len().max(1)) {
            // Neighbours that replay the same begin a few seconds apart, so that the wall does not beat as one heart.
            Some(tracks) => {
                let seconds = if self.profile == LoadProfile::Full {
                    place
                } else {
                    7 * place
                };
                Source::Loop(Loop::from(Arc::clone(tracks), seconds))
            }
            None => Source::Patient(Box::new(Patient::demo(bed, self.events))),
        }
    }
}

/// A minute of a calm patient, with exactly the load's waves and numbers.
fn full_load(seed: u16) -> Tracks {
    let mut patient = Patient::load(u64::from(seed) + 101);
    let channels = patient.channels().to_vec();
    let mut samples = vec![Vec::new(); channels.len()];
    let mut values = Vec::new();
    for second in 0..WARM_UP_S + LOOP_S {
        for ((at, channel), track) in channels.iter().enumerate().zip(&mut samples) {
            let (count, span) = channel.rate.fraction();
            let until = |second: u64| second * u64::from(count) / u64::from(span);
            let new = until(second + 1) - until(second);
            if second == WARM_UP_S {
                track.clear();
            }
            patient.samples(at, usize::try_from(new).unwrap_or(0), track);
        }
        values.push(patient.values(second));
    }
    values.drain(..usize::try_from(WARM_UP_S).unwrap_or(0));
    Tracks {
        channels,
        samples,
        numbers: patient.numbers().to_vec(),
        values,
    }
}

/// The device's own clock, read once: ms since the epoch.
fn wall_clock_ms() -> f64 {
    #[expect(
        clippy::disallowed_methods,
        reason = "a bedside device has a clock of its own; no alert follows it here"
    )]
    let now = std::time::SystemTime::now();
    let since = now.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    // Whole ms: fractions would be lost in an f64 anyway.
    (since.as_secs_f64() * 1_000.0).round()
}

#[cfg(test)]
mod tests {
    use model::MetricCode;

    use super::*;

    #[test]
    fn the_load_is_what_it_says_from_the_first_second_to_the_last() {
        for seed in 0..LOOPS {
            let tracks = full_load(seed);
            let counts: Vec<usize> = tracks.samples.iter().map(Vec::len).collect();
            assert_eq!(counts, [15_000, 15_000, 7_500, 3_750]);
            assert_eq!(tracks.values.len(), 60);
            assert!(
                tracks
                    .values
                    .iter()
                    .all(|row| row.len() == 8 && row.iter().all(|m| m.value.is_some()))
            );
            // Every five seconds of every wave move, and the beats are those of the number.
            for track in &tracks.samples {
                for part in track.chunks_exact(track.len() / 12) {
                    assert!(part.iter().max().unwrap() - part.iter().min().unwrap() > 100);
                }
            }
            let beats = f64::from(u32::try_from(crate::beats(&tracks.samples[0], 250.0).len()).unwrap());
            let rates = tracks
                .values
                .iter()
                .flatten()
                .filter(|m| m.metric == MetricCode::HeartRate);
            let mean = rates.filter_map(|m| m.value).sum::<f64>() / 60.0;
            assert!((beats - mean).abs() <= 2.0, "{beats} beats, the number says {mean}");
        }
    }
}
