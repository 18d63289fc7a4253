//! Starting, running and stopping the loop.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use alert::profile::Profile;
use alert::rights::Deed;
use alert::{Engine, Loudness, Settings};
use feed::{Delivery, FeedSetup, Inbox};
use model::{Actor, AlertId, BedId, Clock, EncounterId, LimitRule, MetricCode, ReceiptTime, Role};
use store::{Opened, Reader, StoreError, StoreHealth, StoreOptions, Writer};
use thiserror::Error;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;

use crate::clock::StationClock;
use crate::config::Config;
use crate::core::{Beginning, Core};
use crate::event::{Answer, Event, Refused, Request, Wish};
use crate::people::{People, PeopleError};
use crate::screen::Screen;
use crate::view::Health;

/// Requests that may wait: a ward of people pressing keys, with room. `WhenFull::Wait`.
const REQUESTS_MAX: usize = 256;
/// Answers of the store that may wait; one a commit, and the loop reads them first. `WhenFull::Wait`.
const COMMITS_MAX: usize = 1_024;
/// Histories that opened late and wait to be taken up; a disk that comes and goes opens one at a time.
const LATE_MAX: usize = 8;
/// A number whose last value came so long before the last of its bed was still measured when the station stopped.
const MEASURED_WITHIN: Duration = Duration::from_mins(1);
/// Deliveries taken in one turn: some 20 ms of a thousand beds, so that a request never waits longer.
const BATCH_MAX: usize = 256;
/// The heartbeat of the loop.
const PULSE: Duration = Duration::from_millis(100);
/// What a stopping station waits for the store to confirm its last entries.
const LAST_WORDS_WITHIN: Duration = Duration::from_secs(5);

/// Why a station does not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// History cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Who may sign in cannot be read.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// The loop ended in a panic; everything committed is on disk.
    #[error("the station's loop ended unexpectedly: {0}")]
    Loop(String),
}

/// A handle on a running station; clone it freely.
#[derive(Clone, Debug)]
pub struct Station {
    requests: mpsc::Sender<Request>,
    data_dir: Arc<Path>,
    clock: Arc<StationClock>,
    people: Arc<Mutex<People>>,
    sound: watch::Receiver<Option<Loudness>>,
}

/// A running station.
#[derive(Debug)]
pub struct Running {
    station: Station,
    stop: watch::Sender<bool>,
    core: JoinHandle<Result<(), StoreError>>,
}

/// Opens history in `data_dir`, starts every feed of `config`, and runs. Call it inside a tokio runtime.
///
/// `config_error` is shown on screens: a window with a broken configuration says so rather than stay shut.
pub fn start(data_dir: &Path, config: Config, config_error: Option<String>) -> Result<Running, StartError> {
    let clock = Arc::new(StationClock::start());
    let mut notices = Vec::new();
    std::fs::create_dir_all(data_dir).map_err(|error| PeopleError::File {
        path: data_dir.to_owned(),
        what: format!("cannot be made ({error}); choose another data directory, or give the right to write there"),
    })?;
    // A list that cannot be read stops nobody from being watched.
    let people = People::open(data_dir).unwrap_or_else(|error| {
        tracing::error!(%error, "nobody can sign in");
        notices.push(format!("nobody can sign in: {error}"));
        People::unusable(data_dir, &error)
    });
    let (health, health_seen) = watch::channel(StoreHealth::Ok);
    let on_health = Box::new(move |h| {
        health.send_replace(h);
    });
    let (late, late_in) = mpsc::channel(LATE_MAX);
    let on_opened = Box::new(move |opened: Opened| {
        if late.try_send(opened).is_err() {
            tracing::error!("what history says stands came while the station was not listening; start it again");
        }
    });
    let mut config = config;
    let (writer, opened) = store::open(data_dir, StoreOptions::default(), on_health, on_opened)?;
    let arrivals = crate::occupancy::settle(clock.now(), &mut config, &opened.standing, &opened.stays);
    let expected = expected(data_dir, &config);
    let (requests, requests_in) = mpsc::channel(REQUESTS_MAX);
    let (commits, commits_in) = mpsc::channel(COMMITS_MAX);
    let (sound, sound_out) = watch::channel(None);
    let (stop, stop_seen) = watch::channel(false);
    let inbox = start_feeds(&config, &clock, &stop_seen);
    let core = Core::new(
        clock.now(),
        Beginning {
            config,
            config_error,
            people: people.all(),
            standing: opened.standing,
            arrivals,
            stays: opened.stays,
            expected,
            notices: notices.into_iter().chain(opened.notices).collect(),
            engine: Engine::new(Settings::default(), AlertId(opened.next_alert_id)),
            writer: writer.clone(),
            sound,
            commits,
        },
    );
    let rim = Rim {
        inbox,
        requests: requests_in,
        commits: commits_in,
        late: late_in,
        health: health_seen,
        stop: stop_seen,
    };
    let task = tokio::spawn(run(core, rim, Arc::clone(&clock), writer));
    let station = Station {
        requests,
        data_dir: data_dir.into(),
        clock,
        people: Arc::new(Mutex::new(people)),
        sound: sound_out,
    };
    Ok(Running {
        station,
        stop,
        core: task,
    })
}

/// Numbers that were measured when the station stopped, of the stays that are here now: they are missed when they do
/// not come again. A history that cannot be read misses nothing, and is said to be faulty elsewhere.
fn expected(data_dir: &Path, config: &Config) -> Vec<(BedId, MetricCode)> {
    let lately = Reader::open(data_dir).and_then(|reader| reader.measured_lately(MEASURED_WITHIN));
    let lately = lately.unwrap_or_else(|error| {
        tracing::warn!(%error, "which numbers were measured before the start is not known");
        Vec::new()
    });
    let is_here = |bed: &BedId, stay: &Option<EncounterId>| {
        let stays = config.beds.iter().filter(|b| b.bed.id == *bed).map(|b| &b.encounter.id);
        stays.into_iter().any(|here| stay.as_ref() == Some(here))
    };
    let here = lately.into_iter().filter(|(bed, stay, _)| is_here(bed, stay));
    here.map(|(bed, _, metric)| (bed, metric)).collect()
}

fn start_feeds(config: &Config, clock: &Arc<StationClock>, stop: &watch::Receiver<bool>) -> Inbox {
    let sources: Vec<_> = config
        .beds
        .iter()
        .flat_map(|b| b.feeds.iter().map(|f| (b.bed.id.clone(), f.clone())))
        .collect();
    let (outboxes, inbox) = feed::inbox(u16::try_from(sources.len()).unwrap_or(u16::MAX));
    for (((bed, source), outbox), index) in sources.into_iter().zip(outboxes).zip(0_u16..) {
        let setup = FeedSetup {
            index,
            bed,
            source,
            station_name: config.name.clone(),
        };
        let clock: Arc<dyn Clock> = Arc::clone(clock) as Arc<dyn Clock>;
        tokio::spawn(feed::run(setup, outbox, clock, stop.clone()));
    }
    inbox
}

/// Where the loop's events come from.
struct Rim {
    inbox: Inbox,
    requests: mpsc::Receiver<Request>,
    commits: mpsc::Receiver<(u64, Result<(), StoreError>)>,
    late: mpsc::Receiver<Opened>,
    health: watch::Receiver<StoreHealth>,
    stop: watch::Receiver<bool>,
}

async fn run(mut core: Core, mut rim: Rim, clock: Arc<StationClock>, writer: Writer) -> Result<(), StoreError> {
    let mut pulse = tokio::time::interval(PULSE);
    pulse.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut batch: Vec<Delivery> = Vec::with_capacity(BATCH_MAX);
    let mut feeds_gone = false;
    loop {
        let wake = core.next_deadline().map(|at| at.since(clock.now()));
        let event = tokio::select! {
            biased;
            Some((ticket, result)) = rim.commits.recv() => Event::Committed(ticket, result),
            Some(opened) = rim.late.recv() => Event::OpenedLate(Box::new(opened)),
            Some(request) = rim.requests.recv() => Event::Asked(request),
            Ok(()) = rim.health.changed() => Event::Store(rim.health.borrow_and_update().clone()),
            _ = pulse.tick() => Event::Pulse,
            () = sleep_for(wake) => Event::Deadline,
            taken = rim.inbox.recv_many(&mut batch, BATCH_MAX), if !feeds_gone => {
                feeds_gone = taken == 0;
                Event::Deliveries(std::mem::take(&mut batch))
            }
            _ = rim.stop.wait_for(|stop| *stop) => break,
        };
        if let Some(emptied) = core.turn(clock.now(), event) {
            batch = emptied;
        }
    }
    finish(core, rim, &clock, writer).await
}

async fn sleep_for(span: Option<Duration>) {
    match span {
        Some(span) => tokio::time::sleep(span).await,
        None => std::future::pending().await,
    }
}

/// A clean end loses nothing: what the feeds still hand over is taken, then the last entries, then the store's files.
async fn finish(mut core: Core, mut rim: Rim, clock: &StationClock, writer: Writer) -> Result<(), StoreError> {
    let last_deliveries = async {
        let mut batch = Vec::with_capacity(BATCH_MAX);
        while rim.inbox.recv_many(&mut batch, BATCH_MAX).await > 0 {
            core.turn(clock.now(), Event::Deliveries(std::mem::take(&mut batch)));
        }
    };
    // Feeds end by themselves when told; one that does not must not keep the station from closing its files.
    if tokio::time::timeout(LAST_WORDS_WITHIN, last_deliveries).await.is_err() {
        tracing::warn!("a feed did not end in time");
    }
    core.stop(clock.now());
    let settle = async {
        while !core.settled() {
            let Some((ticket, result)) = rim.commits.recv().await else {
                break;
            };
            core.turn(clock.now(), Event::Committed(ticket, result));
        }
    };
    if tokio::time::timeout(LAST_WORDS_WITHIN, settle).await.is_err() {
        tracing::error!("the store did not confirm the last entries in time");
    }
    // A commit that is answered after this finds no reader; nobody waits for it any more.
    drop(rim);
    tokio::task::spawn_blocking(move || writer.close())
        .await
        .unwrap_or(Ok(()))
}

impl Running {
    /// A handle for screens and commands.
    pub fn station(&self) -> Station {
        self.station.clone()
    }

    /// Stops feeds, writes everything down and closes history.
    pub async fn stop(self) -> Result<(), StartError> {
        self.stop.send_replace(true);
        match self.core.await {
            Ok(result) => Ok(result?),
            Err(panic) => Err(StartError::Loop(panic.to_string())),
        }
    }
}

impl Station {
    /// The station's clock.
    pub fn now(&self) -> ReceiptTime {
        self.clock.now()
    }

    /// How the station sounds now; changes are published when they are on disk.
    pub fn sound(&self) -> watch::Receiver<Option<Loudness>> {
        self.sound.clone()
    }

    /// Opens a screen. `None` when the station is stopping.
    pub async fn open_screen(&self) -> Option<Screen> {
        let (answer, screen) = oneshot::channel();
        self.requests.send(Request::OpenScreen { answer }).await.ok()?;
        screen.await.ok()
    }

    /// What the signed-in person wants done. Returns when it is on disk, or, while the disk refuses, kept in memory to be
    /// tried again; the alert of the disk says so then.
    pub async fn wish(&self, wish: Wish) -> Result<(), Refused> {
        self.ask(|answer| Request::Wish { wish, answer }).await
    }

    /// Signs a person in. Whoever was signed in is signed out.
    pub async fn sign_in(&self, name: String, pin: String) -> Result<(), Refused> {
        let actor = self.people(move |people| people.verify(&name, &pin)).await?;
        self.ask(|answer| Request::SignedIn { actor, answer }).await
    }

    /// Signs out whoever is signed in.
    pub async fn sign_out(&self) -> Result<(), Refused> {
        self.ask(|answer| Request::SignOut { answer }).await
    }

    /// Adds a person, or gives one another role and PIN (`replace`). The first one needs nobody's leave and is in
    /// charge: somebody must be able to add the others.
    pub async fn put_person(&self, name: String, role: Role, pin: String, replace: bool) -> Result<(), Refused> {
        let is_first = self.people(|people| Ok(people.all().is_empty())).await?;
        if !is_first {
            let by = self.may(Deed::ManagePeople).await?;
            // Whoever looks after the equipment does not make themself somebody who treats patients.
            if by.role == Role::Engineer && role != Role::Engineer {
                return Err(Refused::Answer(
                    "an engineer may add engineers; whoever is in charge adds those who look after patients",
                ));
            }
        } else if !alert::rights::may(role, Deed::ManagePeople) {
            return Err(Refused::Answer(
                "the first person must be one who may say who signs in: choose charge or engineer",
            ));
        }
        let (put, people) = self
            .people(move |people| Ok((people.put(&name, role, &pin, replace)?, people.all())))
            .await?;
        let verb = if replace { "changed" } else { "added" };
        let what = format!("{verb} {} as {}", put.person, put.role.as_str());
        self.ask(|answer| Request::PeopleChanged { what, people, answer }).await
    }

    /// Takes a person off the list of those who may sign in.
    pub async fn remove_person(&self, name: String) -> Result<(), Refused> {
        self.may(Deed::ManagePeople).await?;
        let (gone, people) = self
            .people(move |people| Ok((people.remove(&name)?, people.all())))
            .await?;
        let what = format!("removed {}", gone.person);
        self.ask(|answer| Request::PeopleChanged { what, people, answer }).await
    }

    /// The profile of a bed and its limits in force.
    pub async fn rules(&self, bed: BedId) -> Result<(Arc<Profile>, Vec<LimitRule>), Refused> {
        self.ask(|answer| Request::Rules { bed, answer }).await
    }

    /// Who is signed in, if their role allows it.
    pub async fn may(&self, deed: Deed) -> Result<Actor, Refused> {
        self.ask(|answer| Request::MayI { deed, answer }).await
    }

    /// The list of people, on a thread that may block: a PIN is slow to check on purpose.
    async fn people<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut People) -> Result<T, PeopleError> + Send + 'static,
    ) -> Result<T, Refused> {
        let people = Arc::clone(&self.people);
        let done = tokio::task::spawn_blocking(move || act(&mut people.lock().unwrap_or_else(PoisonError::into_inner)));
        Ok(done.await.map_err(|_| Refused::Stopping)??)
    }

    async fn ask<T>(&self, request: impl FnOnce(Answer<T>) -> Request) -> Result<T, Refused> {
        let (answer, answered) = oneshot::channel();
        self.requests
            .send(request(answer))
            .await
            .map_err(|_| Refused::Stopping)?;
        answered.await.map_err(|_| Refused::Stopping)?
    }

    /// Says whether alerts can sound.
    pub async fn report_sound(&self, health: Health) {
        // A stopping station has no use for it.
        drop(self.requests.send(Request::Sound(health)).await);
    }

    /// Says whether the page answers.
    pub async fn report_page_dead(&self, dead: bool) {
        drop(self.requests.send(Request::PageDead(dead)).await);
    }

    /// Reads history beside the running station, on a thread that may block.
    pub async fn read<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Reader) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Refused> {
        let dir: PathBuf = self.data_dir.to_path_buf();
        let answer = tokio::task::spawn_blocking(move || question(&Reader::open(&dir)?)).await;
        answer.map_err(|_| Refused::Stopping)?.map_err(Refused::Store)
    }
}
