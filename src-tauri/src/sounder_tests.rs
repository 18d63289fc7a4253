//! A device that stalls, hangs or is not there, in virtual time: nothing is ever waited for, and it is always said.

use std::sync::{Arc, Mutex};

use super::*;
use crate::speaker::{Orders, Voice};

/// A look of the thread.
const STEP: Duration = Duration::from_millis(100);
/// What a device takes in that time.
const STEP_SAMPLES: usize = tone::RATE_HZ as usize / 10;

/// What a made-up sound card does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    Plays,
    /// Opens, and takes no samples.
    Stalls,
    /// Plays at a tenth of its speed.
    Crawls,
    /// Never answers to being opened.
    HangsAtOpening,
    IsMissing,
}

#[derive(Default)]
struct Card {
    does: Option<Does>,
    opened: usize,
    voices: Vec<Voice>,
    never: Vec<oneshot::Sender<Result<Device, String>>>,
}

/// Closing a device of a hung driver never returns; the thread that does it is left behind with the test.
struct NeverCloses;

impl Drop for NeverCloses {
    fn drop(&mut self) {
        // Where the program closes devices; the end of the test may let go of one.
        while std::thread::current().name() == Some("sound-close") {
            std::thread::park();
        }
    }
}

impl Card {
    fn open(&mut self) -> oneshot::Receiver<Result<Device, String>> {
        self.opened += 1;
        let (answer, answered) = oneshot::channel();
        match self.does {
            Some(Does::HangsAtOpening) => self.never.push(answer),
            Some(Does::Plays | Does::Stalls | Does::Crawls) => {
                let orders = Arc::new(Orders::default());
                self.voices.push(Voice::new(Arc::clone(&orders)));
                let held = Box::new(NeverCloses);
                drop(answer.send(Ok(Device { orders, held })));
            }
            Some(Does::IsMissing) | None => drop(answer.send(Err("this computer has no sound card".to_owned()))),
        }
        answered
    }

    /// A tenth of a second of the device's own thread: how many loud samples come out.
    fn pull(&mut self) -> usize {
        let samples = match self.does {
            Some(Does::Plays) => STEP_SAMPLES,
            Some(Does::Crawls) => STEP_SAMPLES / 10,
            Some(Does::Stalls | Does::HangsAtOpening | Does::IsMissing) | None => 0,
        };
        let voice = self.voices.last_mut();
        voice.map_or(0, |voice| {
            voice.by_ref().take(samples).filter(|s| s.abs() > 1e-3).count()
        })
    }
}

/// The thread's looks, one after the other.
struct Room {
    sounder: Sounder,
    card: Arc<Mutex<Card>>,
    now: Instant,
    order: Option<Priority>,
    loop_lives: bool,
}

impl Room {
    fn with(does: Does) -> Self {
        let card = Arc::new(Mutex::new(Card {
            does: Some(does),
            ..Card::default()
        }));
        let opener = Arc::clone(&card);
        let now = Instant::now();
        Self {
            sounder: Sounder::new(Box::new(move || opener.lock().unwrap().open()), now),
            card,
            now,
            order: None,
            loop_lives: true,
        }
    }

    fn card_now(&self, does: Does) {
        self.card.lock().unwrap().does = Some(does);
    }

    fn opened(&self) -> usize {
        self.card.lock().unwrap().opened
    }

    /// Lets time go by; how many loud samples were heard in it.
    fn pass(&mut self, seconds: f64) -> usize {
        let end = self.now + Duration::from_secs_f64(seconds);
        let mut heard = 0;
        while self.now < end {
            self.now += STEP;
            if self.loop_lives {
                self.sounder.beat(self.now);
            }
            let ordered = self.order.map(|priority| Loudness {
                priority,
                louder: false,
            });
            self.sounder.turn(self.now, ordered);
            heard += self.card.lock().unwrap().pull();
        }
        heard
    }

    fn is_ok(&self) -> bool {
        self.sounder.health() == Some(&Health::Ok)
    }

    fn fault(&self) -> &str {
        match self.sounder.health() {
            Some(Health::Faulty(why)) => why,
            other => panic!("sound is {other:?}"),
        }
    }
}

#[test]
fn an_alert_is_heard_for_as_long_as_it_stands_and_not_longer() {
    let mut room = Room::with(Does::Plays);
    assert_eq!(room.pass(3.0), 0);
    assert!(room.is_ok());
    room.order = Some(Priority::High);
    for _ in 0..5 {
        assert!(room.pass(6.0) > 0);
    }
    room.order = None;
    room.pass(0.2);
    assert_eq!(room.pass(10.0), 0, "an acknowledged alert stops in mid burst");
}

#[test]
fn a_more_urgent_alert_is_heard_at_once_and_a_less_urgent_one_goes_on_after_it() {
    let mut room = Room::with(Does::Plays);
    room.order = Some(Priority::Low);
    room.pass(3.0);
    assert_eq!(room.pass(2.0), 0, "the pause of a low alert is long");
    room.order = Some(Priority::High);
    assert!(room.pass(0.3) > 0);
}

#[test]
fn a_device_that_stalls_in_a_burst_is_said_within_two_seconds_and_another_one_sounds() {
    let mut room = Room::with(Does::Plays);
    room.order = Some(Priority::High);
    assert!(room.pass(30.0) > 0);
    room.card_now(Does::Stalls);
    room.pass(1.5);
    assert!(room.fault().contains("takes no sound"), "{}", room.fault());
    room.pass(8.0);
    assert!(!room.is_ok(), "a device that opens and takes nothing is no sound");
    room.card_now(Does::Plays);
    assert!(room.pass(8.0) > 0, "although the first device never closed");
    assert!(room.is_ok());
}

#[test]
fn a_device_that_crawls_is_no_sound() {
    let mut room = Room::with(Does::Crawls);
    room.order = Some(Priority::Low);
    room.pass(2.5);
    assert!(room.fault().contains("too slowly"), "{}", room.fault());
}

#[test]
fn devices_that_never_close_are_not_opened_without_end() {
    let mut room = Room::with(Does::Stalls);
    room.pass(600.0);
    assert!(room.opened() <= 5, "{}", room.opened());
    assert!(room.fault().contains("restart"), "{}", room.fault());
}

#[test]
fn a_device_that_does_not_answer_is_said_within_two_seconds_and_holds_nothing_up() {
    let mut room = Room::with(Does::HangsAtOpening);
    room.pass(1.9);
    assert!(room.fault().contains("does not answer"), "{}", room.fault());
    room.pass(60.0);
    assert_eq!(room.opened(), 1);
}

#[test]
fn a_test_says_in_words_when_nothing_can_be_heard_and_never_replaces_an_alert() {
    let mut room = Room::with(Does::IsMissing);
    room.pass(0.5);
    let refused = room.sounder.test(room.now, Priority::High).unwrap_err();
    assert!(refused.contains("no sound card"), "{refused}");
    room.card_now(Does::Plays);
    room.pass(6.0);
    assert_eq!(room.sounder.test(room.now, Priority::High), Ok(()));
    assert!(room.pass(1.0) > 0);
    let refused = room.sounder.test(room.now, Priority::Low).unwrap_err();
    assert!(refused.contains("last test"), "{refused}");
    room.pass(5.0);
    room.order = Some(Priority::High);
    room.pass(0.5);
    let refused = room.sounder.test(room.now, Priority::Low).unwrap_err();
    assert!(refused.contains("an alert sounds now"), "{refused}");
}

#[test]
fn a_loop_that_stalls_is_heard_within_two_seconds_and_until_it_answers() {
    let mut room = Room::with(Does::Plays);
    room.pass(20.0);
    room.loop_lives = false;
    assert_eq!(room.pass(1.8), 0);
    assert!(room.pass(0.4) > 0);
    assert!(room.pass(6.0) > 0, "again and again");
    room.loop_lives = true;
    room.pass(0.5);
    assert_eq!(room.pass(10.0), 0);
}

#[test]
fn a_loop_that_ended_is_heard_also_where_no_device_was_there_at_that_time() {
    let mut room = Room::with(Does::IsMissing);
    room.pass(20.0);
    room.loop_lives = false;
    room.pass(60.0);
    room.card_now(Does::Plays);
    assert!(room.pass(8.0) > 0);
}

#[test]
fn a_stop_that_a_person_wants_is_quiet_and_one_that_never_ends_is_not() {
    let mut room = Room::with(Does::Plays);
    room.pass(20.0);
    room.sounder.leave(room.now);
    room.loop_lives = false;
    assert_eq!(room.pass(11.0), 0);
    assert!(room.pass(4.0) > 0);
}

#[test]
fn a_thread_that_was_stopped_itself_accuses_nobody() {
    let mut room = Room::with(Does::Plays);
    room.pass(20.0);
    room.now += Duration::from_mins(10);
    assert_eq!(room.pass(5.0), 0);
    assert!(room.is_ok());
}
