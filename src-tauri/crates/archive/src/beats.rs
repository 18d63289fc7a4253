//! The beats of one ECG channel of a recording, and the file that other programs read them from.

use std::ops::Range;
use std::path::Path;

use model::SampleRate;
use signal::BeatFinder;
use wire::recording::{Channel, RecordingError, Run, Samples};
use wire::wfdb::{Annotation, Annotations};

use crate::{ArchiveError, detect};

/// Samples that are decoded at once: two minutes at 500 Hz.
const AT_ONCE: u64 = 1 << 16;
/// A beat whose kind is not said: `N` of annot(5).
const NORMAL: u8 = 1;

/// Beats by the sample they stand at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beats {
    /// Samples a second.
    pub rate: SampleRate,
    /// Which channel they are of.
    pub channel: usize,
    /// Samples from the start of the recording, gaps counted as if samples were in them, in order.
    pub at: Vec<i64>,
    /// How many of them were found by looking back: smaller than the others, and less certain.
    pub looked_back: usize,
}

impl Beats {
    /// Finds the beats of a channel of a file of any format that is known.
    ///
    /// # Errors
    /// The file does not open, or as [`Beats::of`].
    pub fn in_file(file: &Path, channel: usize) -> Result<Self, ArchiveError> {
        let recording = detect::open(file)?;
        let name = &recording.head().name;
        Self::of(name, &*recording, channel).map_err(|source| ArchiveError::Recording {
            file: file.to_owned(),
            source,
        })
    }

    /// Finds the beats of a channel, from 0, of the recording called `name`: see [`signal::BeatFinder`].
    ///
    /// # Errors
    /// There is no such channel, it has too few samples a second, or it does not decode.
    pub fn of(name: &str, recording: &dyn Samples, channel: usize) -> Result<Self, RecordingError> {
        let channels = &recording.head().channels;
        let described = channels.get(channel).ok_or_else(|| {
            let known: Vec<String> = channels
                .iter()
                .enumerate()
                .map(|(n, c)| format!("{n} ({})", c.label))
                .collect();
            let problem = format!("is not there; there are {}", known.join(", "));
            RecordingError::new(format!("{name}, channel {channel}"), problem)
        })?;
        let place = || format!("{name}, channel {channel} ({})", described.label);
        let too_few = |error: signal::RateError| RecordingError::new(place(), error.to_string());
        let mut finder = BeatFinder::new(described.rate, millivolts(described)).map_err(too_few)?;
        let (mut beats, mut pushed, mut runs) = (Vec::new(), 0, Vec::new());
        let pause = vec![signal::NO_SAMPLE_WIDE; whole_second(described.rate)];
        let mut samples = Vec::new();
        for run in &described.runs {
            // However long a gap is, a second of it is enough to break the rhythm.
            finder.push(&pause, &mut beats);
            pushed += count(pause.len());
            runs.push((pushed, *run));
            for range in parts(run.first..run.first + run.count) {
                samples.clear();
                recording.samples(channel, range, &mut samples)?;
                finder.push(&samples, &mut beats);
                pushed += count(samples.len());
            }
        }
        finder.finish(&mut beats);
        Ok(Self {
            rate: described.rate,
            channel,
            at: beats
                .iter()
                .filter_map(|beat| placed(described.rate, &runs, beat.at))
                .collect(),
            looked_back: beats.iter().filter(|beat| beat.is_looked_back).count(),
        })
    }

    /// As a WFDB annotation file, with its time resolution written into it.
    ///
    /// # Errors
    /// What the format has no room for.
    pub fn to_wfdb(&self) -> Result<Vec<u8>, RecordingError> {
        let annotation = |at: &i64| Annotation {
            at: *at,
            code: NORMAL,
            channel: u8::try_from(self.channel).unwrap_or(0),
            ..Annotation::default()
        };
        let annotations = Annotations {
            resolution: Some(self.rate.hertz()),
            list: self.at.iter().map(annotation).collect(),
            ..Annotations::default()
        };
        annotations.to_bytes()
    }
}

/// What a step is in millivolts, where the unit says so.
fn millivolts(channel: &Channel) -> Option<f64> {
    let unit = match channel.unit.as_str() {
        "mV" | "mv" | "MV" => 1.0,
        "uV" | "µV" | "μV" | "uv" => 0.001,
        "V" => 1_000.0,
        _ => return None,
    };
    Some(channel.resolution * unit)
}

fn parts(range: Range<u64>) -> impl Iterator<Item = Range<u64>> {
    let end = range.end;
    let step = usize::try_from(AT_ONCE).unwrap_or(usize::MAX);
    range.step_by(step).map(move |from| from..(from + AT_ONCE).min(end))
}

fn count(samples: usize) -> u64 {
    u64::try_from(samples).unwrap_or(u64::MAX)
}

fn whole_second(rate: SampleRate) -> usize {
    let (samples, seconds) = rate.fraction();
    usize::try_from(samples.div_ceil(seconds)).unwrap_or(usize::MAX)
}

/// Where a sample that was pushed as the `at`th stands in the recording; `None` in a gap.
fn placed(rate: SampleRate, runs: &[(u64, Run)], at: u64) -> Option<i64> {
    let (begins, run) = runs.iter().rev().find(|(begins, _)| *begins <= at)?;
    let inside = at - begins;
    if inside >= run.count {
        return None;
    }
    let (samples, seconds) = rate.fraction();
    // The gap in whole samples, to the nearest: a run need not begin where a sample would have been.
    let per = i128::from(seconds) * 1_000_000;
    let before = (i128::from(run.start_us) * i128::from(samples) + per / 2).div_euclid(per);
    i64::try_from(before + i128::from(inside)).ok()
}

#[cfg(test)]
mod tests {
    use wire::recording::{Head, NO_SAMPLE_WIDE};

    use super::*;

    struct Lead {
        head: Head,
        samples: Vec<i32>,
    }

    impl Samples for Lead {
        fn head(&self) -> &Head {
            &self.head
        }

        fn samples(&self, _: usize, range: Range<u64>, into: &mut Vec<i32>) -> Result<(), RecordingError> {
            let (from, to) = (
                usize::try_from(range.start).unwrap(),
                usize::try_from(range.end).unwrap(),
            );
            into.extend(&self.samples[from..to]);
            Ok(())
        }
    }

    /// Twenty seconds with a triangle of 1 mV each second, in two runs with a minute between them.
    fn lead(hertz: u32, unit: &str, resolution: f64) -> Lead {
        let each = i32::try_from(hertz).unwrap();
        let tall = |n: i32| 200 - 20 * (n % each - each / 2).abs().min(10);
        let runs = [(0, 0), (70_000_000, 10)];
        let channel = Channel {
            label: "II".to_owned(),
            unit: unit.to_owned(),
            rate: SampleRate::new(hertz, 1).unwrap(),
            resolution,
            zero: 0.0,
            bits: 16,
            runs: runs
                .map(|(start_us, first)| Run {
                    start_us,
                    first: first * u64::from(hertz),
                    count: 10 * u64::from(hertz),
                })
                .to_vec(),
        };
        Lead {
            head: Head {
                channels: vec![channel],
                ..Head::default()
            },
            samples: (0..20 * each).map(tall).collect(),
        }
    }

    #[test]
    fn beats_stand_where_they_are_in_time_and_the_file_says_so() {
        let beats = Beats::of("demo", &lead(250, "mV", 0.005), 0).unwrap();
        let wanted: Vec<i64> = (0..10).chain(70..80).map(|second| second * 250 + 125).collect();
        assert_eq!(beats.at, wanted);
        assert_eq!(beats.looked_back, 0);
        let read = wire::wfdb::annotations(&beats.to_wfdb().unwrap()).unwrap();
        assert_eq!(read.resolution, Some(250.0));
        assert_eq!(read.list.iter().map(|a| a.at).collect::<Vec<_>>(), wanted);
        assert!(read.list.iter().all(Annotation::is_beat));
    }

    #[test]
    fn a_record_of_mit_bih_gives_the_beats_that_its_annotators_marked() {
        let dir = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared/data/mitdb"));
        if !dir.is_dir() {
            println!("left out: 1 tests that need ../shared/data");
            return;
        }
        let beats = Beats::in_file(&dir.join("100.hea"), 0).unwrap();
        assert_eq!((beats.at.len(), beats.rate.hertz()), (2_273, 360.0));
        // Ten minutes of another record, as EDF+.
        let edf = Beats::in_file(&dir.join("../edf/mitdb119_10min_annotated.edf"), 0).unwrap();
        let whole = Beats::in_file(&dir.join("119.hea"), 0).unwrap();
        let ten_minutes = whole.at.iter().filter(|at| **at < 600 * 360 - 360).count();
        assert_eq!(edf.at.iter().filter(|at| **at < 600 * 360 - 360).count(), ten_minutes);
        assert!(
            Beats::in_file(&dir.join("1.hea"), 0)
                .unwrap_err()
                .to_string()
                .contains("1.hea")
        );
    }

    #[test]
    fn microvolts_are_not_millivolts() {
        // 200 steps of a microvolt are 0.2 mV, and of a tenth of one are no beat.
        assert_eq!(Beats::of("demo", &lead(250, "uV", 5.0), 0).unwrap().at.len(), 20);
        assert_eq!(
            Beats::of("demo", &lead(250, "uV", 0.1), 0).unwrap().at,
            Vec::<i64>::new()
        );
        assert_eq!(
            Beats::of("demo", &lead(250, "", 0.1), 0).unwrap().at.len(),
            20,
            "a unit that is not known"
        );
    }

    #[test]
    fn a_channel_that_is_not_there_or_too_slow_is_said() {
        let error = Beats::of("demo", &lead(250, "mV", 0.005), 3).unwrap_err();
        assert_eq!(error.to_string(), "demo, channel 3: is not there; there are 0 (II)");
        let error = Beats::of("demo", &lead(50, "mV", 0.005), 0).unwrap_err();
        assert_eq!(
            error.to_string(),
            "demo, channel 0 (II): 50 samples a second are too few to find beats; 80 are needed"
        );
        assert_eq!(NO_SAMPLE_WIDE, signal::NO_SAMPLE_WIDE);
    }
}
