//! The sound device: what it is asked to play, and whether it really takes the samples.
//!
//! The device pulls one endless [`Voice`]. To play a burst is to write one number that the voice reads within 5 ms:
//! nothing here waits for a device, and a device that has stopped is seen by the samples it does not take.

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use model::Priority;
use rodio::{CpalErrorKind, DeviceSinkBuilder, Source};
use station::Loudness;
use tokio::sync::oneshot;

use crate::tone;

/// The voice looks for a new order each 5 ms of sound.
const LOOK_EVERY_SAMPLES: u32 = tone::RATE_HZ / 200;
/// An order is a count shifted by so many bits, and what to play in the bits below.
const WHAT_BITS: u32 = 3;
/// How loud a burst is that somebody may still answer soon; one that nobody answered is played in full, 6 dB more.
const USUAL_LEVEL: f32 = 0.5;

/// What the program and the device's own thread share.
#[derive(Debug, Default)]
pub struct Orders {
    /// The newest order. The count makes two bursts of one priority two orders.
    order: AtomicU64,
    /// The last order whose burst was played to its end.
    done: AtomicU64,
    /// Samples the device has taken.
    taken: AtomicU64,
    /// Why the device cannot go on.
    broken: OnceLock<String>,
}

impl Orders {
    /// Plays one burst from its beginning, instead of whatever plays now. The number of the order.
    pub fn play(&self, Loudness { priority, louder }: Loudness) -> u64 {
        let burst = match priority {
            Priority::Low => 1,
            Priority::Medium => 2,
            Priority::High => 3,
        };
        self.give(if louder { burst + 3 } else { burst })
    }

    /// Falls silent, also in mid burst.
    pub fn hush(&self) {
        self.give(0);
    }

    fn give(&self, what: u64) -> u64 {
        let order = (((self.order.load(Ordering::Relaxed) >> WHAT_BITS) + 1) << WHAT_BITS) | what;
        self.order.store(order, Ordering::Relaxed);
        order
    }

    /// Whether the burst of this order, or of a later one, was played to its end.
    pub fn is_done(&self, order: u64) -> bool {
        self.done.load(Ordering::Relaxed) >= order
    }

    /// Samples the device has taken since it was opened: the sign that somebody plays them.
    pub fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// What the device complains of, when it cannot go on.
    pub fn broken(&self) -> Option<&str> {
        self.broken.get().map(String::as_str)
    }
}

/// The endless sound that the device pulls: silence, and bursts where they are ordered.
#[derive(Debug)]
pub struct Voice {
    orders: Arc<Orders>,
    /// The three at their usual level, then the three in full.
    bursts: Vec<Vec<f32>>,
    playing: u64,
    at: usize,
    until_look: u32,
}

impl Voice {
    /// A silent voice.
    pub fn new(orders: Arc<Orders>) -> Self {
        Self {
            orders,
            bursts: [USUAL_LEVEL, 1.0]
                .iter()
                .flat_map(|level| {
                    let bursts = [Priority::Low, Priority::Medium, Priority::High].map(tone::burst);
                    bursts.map(|burst| burst.into_iter().map(|sample| sample * level).collect())
                })
                .collect(),
            playing: 0,
            at: 0,
            until_look: 0,
        }
    }

    fn burst(&self) -> Option<&Vec<f32>> {
        let what = usize::try_from(self.playing & ((1 << WHAT_BITS) - 1)).ok()?;
        self.bursts.get(what.checked_sub(1)?)
    }
}

impl Iterator for Voice {
    type Item = f32;

    fn next(&mut self) -> Option<f32> {
        if self.until_look == 0 {
            self.until_look = LOOK_EVERY_SAMPLES;
            let order = self.orders.order.load(Ordering::Relaxed);
            if order != self.playing {
                self.playing = order;
                self.at = 0;
            }
        }
        self.until_look -= 1;
        self.orders.taken.fetch_add(1, Ordering::Relaxed);
        let sample = self.burst().and_then(|burst| burst.get(self.at)).copied();
        if sample.is_some() {
            self.at += 1;
        } else {
            self.orders.done.store(self.playing, Ordering::Relaxed);
        }
        Some(sample.unwrap_or(0.0))
    }
}

impl Source for Voice {
    fn current_span_len(&self) -> Option<usize> {
        None
    }

    fn channels(&self) -> NonZero<u16> {
        NonZero::<u16>::MIN
    }

    fn sample_rate(&self) -> NonZero<u32> {
        const { NonZero::new(tone::RATE_HZ).unwrap() }
    }

    fn total_duration(&self) -> Option<Duration> {
        None
    }
}

/// A device that is open.
pub struct Device {
    /// What it is asked to play.
    pub orders: Arc<Orders>,
    /// Whatever must live as long as it plays. May take for ever to go: see [`retire`].
    pub held: Box<dyn Send>,
}

/// Lets a device go on a thread of its own: closing one that hangs may never return.
pub fn retire(device: Device, pending: &Arc<()>) {
    let mark = Arc::clone(pending);
    let gone = std::thread::Builder::new()
        .name("sound-close".to_owned())
        .spawn(move || {
            drop(device.held);
            drop(mark);
        });
    if let Err(error) = gone {
        // The device went with the thread that could not start; the caller has waited for it then.
        tracing::error!(%error, "no thread to close the sound device on");
    }
}

/// Opens the default device on a thread of its own: a sound server that hangs must not hold up the watch.
pub fn open_elsewhere() -> oneshot::Receiver<Result<Device, String>> {
    let (answer, answered) = oneshot::channel();
    let started = std::thread::Builder::new()
        .name("sound-open".to_owned())
        .spawn(move || {
            // Nobody waits any more when the program ends.
            drop(answer.send(open()));
        });
    if let Err(error) = started {
        tracing::error!(%error, "no thread to open the sound device on");
    }
    answered
}

fn open() -> Result<Device, String> {
    if !has_output() {
        return Err("this computer has no sound card".to_owned());
    }
    let orders = Arc::new(Orders::default());
    let told = Arc::clone(&orders);
    let sink = DeviceSinkBuilder::from_default_device()
        .map(|builder| builder.with_error_callback(move |error| hear(&told, &error)))
        .and_then(DeviceSinkBuilder::open_stream);
    match sink {
        Ok(mut sink) => {
            sink.log_on_drop(false);
            sink.mixer().add(Voice::new(Arc::clone(&orders)));
            tracing::debug!(config = ?sink.config(), "sound device");
            Ok(Device {
                orders,
                held: Box::new(sink),
            })
        }
        Err(error) => Err(format!("the sound device cannot be opened ({error})")),
    }
}

/// A stutter on a busy machine is not a lost device: to open it anew would cost more silence than the stutter did.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the list of kinds is not closed, and every other one ends the sound"
)]
fn hear(orders: &Orders, error: &rodio::CpalError) {
    match error.kind() {
        CpalErrorKind::Xrun | CpalErrorKind::DeviceChanged | CpalErrorKind::RealtimeDenied => {
            tracing::debug!(%error, "sound");
        }
        _ => drop(
            orders
                .broken
                .set(format!("the sound device reports an error ({error})")),
        ),
    }
}

/// Whether there is anything to play on. Asked first, because ALSA writes a page of its own complaints to standard
/// error for each try without a card.
fn has_output() -> bool {
    if !cfg!(target_os = "linux") {
        return true;
    }
    let is_there = |path: Option<PathBuf>| path.is_some_and(|p| p.exists());
    let under = |variable: &str, rest: &str| std::env::var_os(variable).map(|root| PathBuf::from(root).join(rest));
    let has_card = Path::new("/dev/snd")
        .read_dir()
        .is_ok_and(|mut nodes| nodes.any(|n| n.is_ok_and(|n| n.file_name().to_string_lossy().starts_with("pcm"))));
    has_card
        || is_there(under("XDG_RUNTIME_DIR", "pulse/native"))
        || is_there(under("XDG_RUNTIME_DIR", "pipewire-0"))
        || is_there(under("HOME", ".asoundrc"))
        || is_there(Some(PathBuf::from("/etc/asound.conf")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quietly(priority: Priority) -> Loudness {
        Loudness {
            priority,
            louder: false,
        }
    }

    fn at_usual_level(priority: Priority) -> Vec<f32> {
        tone::burst(priority).into_iter().map(|s| s * USUAL_LEVEL).collect()
    }

    #[test]
    fn what_nobody_answered_is_twice_as_high() {
        let orders = Arc::new(Orders::default());
        let mut voice = Voice::new(Arc::clone(&orders));
        let mut peak = |louder| {
            orders.play(Loudness {
                priority: Priority::Medium,
                louder,
            });
            pull(&mut voice, 20_000)
                .iter()
                .fold(0.0_f32, |peak, s| peak.max(s.abs()))
        };
        let (usual, louder) = (peak(false), peak(true));
        assert!((louder / usual - 2.0).abs() < 0.01, "{usual} {louder}");
        assert!(louder <= 1.0);
    }

    fn pull(voice: &mut Voice, count: usize) -> Vec<f32> {
        voice.by_ref().take(count).collect()
    }

    #[test]
    fn a_voice_is_silent_plays_what_is_ordered_and_says_when_it_is_over() {
        let orders = Arc::new(Orders::default());
        let mut voice = Voice::new(Arc::clone(&orders));
        assert!(pull(&mut voice, 1_000).iter().all(|s| *s == 0.0));
        let order = orders.play(quietly(Priority::Low));
        let wanted = at_usual_level(Priority::Low);
        let heard = pull(&mut voice, wanted.len() + 2 * LOOK_EVERY_SAMPLES as usize);
        assert!(heard.windows(wanted.len()).any(|part| part == wanted));
        assert!(orders.is_done(order));
        assert_eq!(orders.taken(), 1_000 + heard.len() as u64);
    }

    #[test]
    fn the_same_priority_twice_is_two_bursts_and_a_hush_ends_one_in_its_middle() {
        let orders = Arc::new(Orders::default());
        let mut voice = Voice::new(Arc::clone(&orders));
        let first = orders.play(quietly(Priority::High));
        pull(&mut voice, 5_000);
        assert!(!orders.is_done(first));
        let second = orders.play(quietly(Priority::High));
        assert_ne!(first, second);
        let again = pull(&mut voice, 5_000);
        assert!(
            again
                .windows(1_000)
                .any(|part| part == &at_usual_level(Priority::High)[..1_000])
        );
        orders.hush();
        pull(&mut voice, LOOK_EVERY_SAMPLES as usize);
        assert!(pull(&mut voice, 5_000).iter().all(|s| *s == 0.0));
    }

    #[test]
    fn a_stutter_is_no_lost_device_and_a_device_that_is_gone_is() {
        let orders = Orders::default();
        hear(&orders, &rodio::CpalError::from(CpalErrorKind::Xrun));
        assert_eq!(orders.broken(), None);
        hear(&orders, &rodio::CpalError::from(CpalErrorKind::DeviceNotAvailable));
        assert!(orders.broken().is_some_and(|why| why.contains("sound device")));
    }
}
