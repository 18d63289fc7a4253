//! Recordings: those that come with the demo ward, and any WFDB record.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use model::{MetricCode, NO_SAMPLE, NumericTiming, SampleRate, Scale, Unit};
use wire::native::Validity;
use wire::recording::{self, NO_SAMPLE_WIDE, RecordingError, Samples};
use wire::wfdb;

use crate::options::BedsideError;
use crate::physiology::{FINGER_DELAY_S, PULSE_RISE_S, Rhythm, rounded};
use crate::rpeak::{beats, pulses};
use crate::source::{Channel, Measured, NumberSpec, Tracks};

/// What the header of a recording inside the program is asked for as.
const HEADER: &str = "demo.hea";
/// Samples of one wave that are held in memory for replay: a day at 500 Hz.
const SAMPLES_MAX: usize = 86_400 * 500;

/// A recorded wave, with the heart beats found in it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RecordedSignal {
    pub(crate) channel: Channel,
    pub(crate) samples: Vec<i16>,
    /// Heart beats (R peaks), in seconds from the beginning.
    pub(crate) beats: Vec<f64>,
}

impl RecordedSignal {
    /// Seconds from the first sample to the end of the last.
    pub(crate) fn length_s(&self) -> f64 {
        float(self.samples.len()) / self.channel.rate.hertz()
    }

    pub(crate) fn rhythm(&self) -> Rhythm {
        Rhythm::Recorded {
            beats: self.beats.clone(),
            length: self.length_s(),
        }
    }

    /// Finds the beats: R peaks of an ECG; the tops of a pleth, put back to where their heart beat was.
    fn new(channel: Channel, samples: Vec<i16>) -> Self {
        let hertz = channel.rate.hertz();
        let found: Vec<f64> = if channel.metric.unit() == Unit::Millivolt {
            beats(&samples, hertz).into_iter().map(|at| float(at) / hertz).collect()
        } else if matches!(channel.metric, MetricCode::Pleth | MetricCode::ArterialPressure) {
            let delay = FINGER_DELAY_S + PULSE_RISE_S;
            let back = |at| (float(at) / hertz - delay).max(0.0);
            pulses(&samples, hertz).into_iter().map(back).collect()
        } else {
            Vec::new()
        };
        Self {
            channel,
            samples,
            beats: found,
        }
    }
}

/// The signals of a WFDB record that the protocol has names for.
#[derive(Clone, Debug)]
pub struct Recording {
    pub(crate) signals: Vec<RecordedSignal>,
    /// Each signal that is left out, and why.
    pub left_out: Vec<String>,
}

impl Recording {
    /// Reads a record by its header, with the signal files beside it.
    pub fn read(path: &Path) -> Result<Self, BedsideError> {
        let broken = |source: RecordingError| BedsideError::Record {
            path: path.to_owned(),
            source,
        };
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let mut unread = None;
        let opened = wfdb::open(&name, &mut |name| {
            let path = path.with_file_name(name);
            std::fs::read(&path).map_err(|source| {
                let error = RecordingError::new(name, source.to_string());
                unread = Some(BedsideError::Read { path, source });
                error
            })
        });
        let record = opened.map_err(|error| unread.take().unwrap_or_else(|| broken(error)))?;
        record.verify().map_err(broken)?;
        let recording = Self::choose(&record).map_err(broken)?;
        if recording.signals.is_empty() {
            return Err(BedsideError::NoSignals {
                path: path.to_owned(),
                left_out: recording.left_out,
            });
        }
        Ok(recording)
    }

    /// Keeps the signals that have a name and a unit in the protocol, each metric once.
    fn choose(record: &dyn Samples) -> Result<Self, RecordingError> {
        let mut recording = Self {
            signals: Vec::new(),
            left_out: Vec::new(),
        };
        for (index, found) in record.head().channels.iter().enumerate() {
            let label = &found.label;
            let taken = |metric| {
                recording
                    .signals
                    .iter()
                    .any(|s: &RecordedSignal| s.channel.metric == metric)
            };
            let channel = match channel_of(found) {
                Ok(channel) if taken(channel.metric) => Err(format!("is a second {}", channel.metric)),
                other => other,
            };
            let kept = match channel {
                Ok(channel) => samples_of(record, index, found)?.map(|samples| (channel, samples)),
                Err(why) => Err(why),
            };
            match kept {
                Ok((channel, samples)) => recording.signals.push(RecordedSignal::new(channel, samples)),
                Err(why) => recording.left_out.push(format!("{label:?} {why}")),
            }
        }
        Ok(recording)
    }

    /// Waves and the numbers that can be read off them, as a loop: heart rate from the R peaks, pulse rate from the pleth,
    /// arterial pressures from their trace.
    pub(crate) fn tracks(&self) -> Tracks {
        let length = self.signals.iter().map(RecordedSignal::length_s).fold(0.0, f64::max);
        let seconds = whole(length.floor()).max(1);
        let specs: Vec<(MetricCode, &RecordedSignal)> = self.signals.iter().flat_map(numbers_of).collect();
        let mut numbers: Vec<(MetricCode, &RecordedSignal)> = Vec::new();
        for (metric, signal) in specs {
            if !numbers.iter().any(|(m, _)| *m == metric) {
                numbers.push((metric, signal));
            }
        }
        let row = |second: usize| {
            let now = float(second + 1);
            numbers
                .iter()
                .map(|(metric, signal)| measured(*metric, signal, now))
                .collect()
        };
        Tracks {
            channels: self.signals.iter().map(|s| s.channel).collect(),
            samples: self.signals.iter().map(|s| s.samples.clone()).collect(),
            numbers: numbers
                .iter()
                .map(|(metric, _)| NumberSpec {
                    metric: *metric,
                    timing: NumericTiming::Every(Duration::from_secs(1)),
                })
                .collect(),
            values: (0..seconds).map(row).collect(),
        }
    }
}

/// The numbers that can be read off a wave.
fn numbers_of(signal: &RecordedSignal) -> Vec<(MetricCode, &RecordedSignal)> {
    let metrics: &[MetricCode] = if signal.channel.metric.unit() == Unit::Millivolt {
        &[MetricCode::HeartRate]
    } else if signal.channel.metric == MetricCode::Pleth {
        &[MetricCode::PulseRate]
    } else if signal.channel.metric == MetricCode::ArterialPressure {
        &[
            MetricCode::ArterialSystolic,
            MetricCode::ArterialDiastolic,
            MetricCode::ArterialMean,
        ]
    } else {
        &[]
    };
    metrics.iter().map(|m| (*m, signal)).collect()
}

fn measured(metric: MetricCode, signal: &RecordedSignal, now: f64) -> Measured {
    let rate = matches!(metric, MetricCode::HeartRate | MetricCode::PulseRate);
    let value = if rate {
        beat_rate(signal, now)
    } else {
        pressure(metric, signal, now)
    };
    let value = value.map(|v| rounded(metric, v));
    Measured {
        metric,
        value,
        validity: value.map_or(Validity::Absent(model::Absence::NotAvailable), |_| Validity::Valid),
    }
}

/// Beats a minute over the 10 s before `now`; none where fewer than two intervals are whole.
fn beat_rate(signal: &RecordedSignal, now: f64) -> Option<f64> {
    let from = signal.beats.partition_point(|b| *b < now - 10.0);
    let to = signal.beats.partition_point(|b| *b < now);
    let recent = signal.beats.get(from..to)?;
    let (first, last) = (recent.first()?, recent.last()?);
    (recent.len() > 2).then(|| 60.0 * float(recent.len() - 1) / (last - first))
}

/// A pressure over the 4 s before `now`: highest, lowest or mean.
fn pressure(metric: MetricCode, signal: &RecordedSignal, now: f64) -> Option<f64> {
    let hertz = signal.channel.rate.hertz();
    let from = whole((now - 4.0).max(0.0) * hertz);
    let part = signal.samples.get(from..whole(now * hertz).min(signal.samples.len()))?;
    let values = || part.iter().filter(|s| **s != NO_SAMPLE).map(|s| i32::from(*s));
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the third number of a pressure is its mean"
    )]
    let step = match metric {
        MetricCode::ArterialSystolic => f64::from(values().max()?),
        MetricCode::ArterialDiastolic => f64::from(values().min()?),
        _ => values().map(f64::from).sum::<f64>() / float(values().count().max(1)),
    };
    Some(signal.channel.scale.offset() + signal.channel.scale.resolution() * step)
}

/// The wave that a signal is, or why it is none.
fn channel_of(found: &recording::Channel) -> Result<Channel, String> {
    let metric = metric_of(&found.label).ok_or("has no name that the protocol knows")?;
    let factor = match (metric.unit(), found.unit.as_str()) {
        (Unit::Millivolt, "uV") => 0.001,
        // A trace in the device's own scale takes any unit.
        (Unit::One, _) | (Unit::Millivolt, "mV") | (Unit::MillimetreOfMercury, "mmHg" | "mm[Hg]") => 1.0,
        (unit, other) => return Err(format!("is in {other:?}; {metric} is measured in {}", unit.label())),
    };
    // An inverted channel has no scale of the protocol: refused rather than drawn upside down.
    let scale = Scale::new(found.resolution * factor, found.zero * factor)
        .map_err(|_| format!("has {} {} a step, which cannot be drawn", found.resolution, found.unit))?;
    Ok(Channel {
        metric,
        rate: found.rate,
        scale,
    })
}

/// The samples of a signal as the protocol sends them, gaps filled with "no sample"; or why it has no such samples.
fn samples_of(
    record: &dyn Samples,
    index: usize,
    found: &recording::Channel,
) -> Result<Result<Vec<i16>, String>, RecordingError> {
    let hertz = found.rate.hertz();
    let (mut samples, mut part): (Vec<i16>, Vec<i32>) = (Vec::new(), Vec::new());
    for run in &found.runs {
        #[expect(clippy::cast_precision_loss, reason = "a time within a recording")]
        let begin = whole((run.start_us as f64 / 1e6 * hertz).round());
        if begin > SAMPLES_MAX {
            return Ok(Err("has gaps that are too long to be replayed".to_owned()));
        }
        samples.resize(begin.max(samples.len()), NO_SAMPLE);
        part.clear();
        record.samples(index, run.first..run.first + run.count, &mut part)?;
        for sample in &part {
            match i16::try_from(*sample) {
                _ if *sample == NO_SAMPLE_WIDE => samples.push(NO_SAMPLE),
                Ok(sample) if sample != NO_SAMPLE => samples.push(sample),
                Ok(_) | Err(_) => return Ok(Err("needs more than 16 bits a sample".to_owned())),
            }
        }
    }
    if samples.is_empty() {
        return Ok(Err("has no samples".to_owned()));
    }
    Ok(Ok(samples))
}

/// The wave of a signal's name, as PhysioNet's records write them.
fn metric_of(description: &str) -> Option<MetricCode> {
    let name = description.trim().to_ascii_uppercase();
    let lead = name
        .strip_prefix("ECG LEAD ")
        .or_else(|| name.strip_prefix("ECG "))
        .unwrap_or(&name);
    Some(match lead {
        "II" | "MLII" => MetricCode::EcgII,
        "I" => MetricCode::EcgI,
        "III" | "MLIII" => MetricCode::EcgIII,
        "V1" | "MCL1" => MetricCode::EcgV1,
        "V2" => MetricCode::EcgV2,
        "V3" => MetricCode::EcgV3,
        "V4" => MetricCode::EcgV4,
        "V5" => MetricCode::EcgV5,
        "V6" => MetricCode::EcgV6,
        "ECG" | "V" => MetricCode::Ecg,
        "PLETH" | "PPG" | "SPO2" => MetricCode::Pleth,
        "RESP" | "RESP." | "RESP. IMP." | "RESPIRATION" => MetricCode::Respiration,
        "ABP" | "ART" | "AOBP" | "BP" | "PRESSURE" => MetricCode::ArterialPressure,
        "CVP" => MetricCode::CentralVenousPressure,
        "CO2" => MetricCode::AirwayCo2,
        other => {
            return other
                .parse()
                .ok()
                .filter(|m: &MetricCode| m.kind() == model::Kind::Wave);
        }
    })
}

/// The ECG of the demo ward: MIT-BIH record 208, five minutes.
pub(crate) fn ecg_208() -> Option<Arc<RecordedSignal>> {
    static ONCE: OnceLock<Option<Arc<RecordedSignal>>> = OnceLock::new();
    let head = include_bytes!("../recordings/ecg208.hea");
    embedded(&ONCE, head, include_bytes!("../recordings/ecg208.dat"))
}

/// The shorter pleth of the demo ward, 25 s.
pub(crate) fn ppg_1() -> Option<Arc<RecordedSignal>> {
    static ONCE: OnceLock<Option<Arc<RecordedSignal>>> = OnceLock::new();
    let head = include_bytes!("../recordings/ppg1.hea");
    embedded(&ONCE, head, include_bytes!("../recordings/ppg1.dat"))
}

/// The longer pleth of the demo ward, 92 s.
pub(crate) fn ppg_2() -> Option<Arc<RecordedSignal>> {
    static ONCE: OnceLock<Option<Arc<RecordedSignal>>> = OnceLock::new();
    let head = include_bytes!("../recordings/ppg2.hea");
    embedded(&ONCE, head, include_bytes!("../recordings/ppg2.dat"))
}

/// Reads a recording that comes with the program, once. A test reads all three, so `None` does not happen; a bed
/// would fall back on the model.
fn embedded(once: &OnceLock<Option<Arc<RecordedSignal>>>, head: &[u8], data: &[u8]) -> Option<Arc<RecordedSignal>> {
    once.get_or_init(|| {
        let mut files = |name: &str| Ok(if name == HEADER { head } else { data }.to_vec());
        let record = wfdb::open(HEADER, &mut files).ok()?;
        let signals = Recording::choose(&record).ok()?.signals;
        signals.into_iter().next().map(Arc::new)
    })
    .clone()
}

/// A rate that is written down in this crate.
#[expect(
    clippy::expect_used,
    reason = "the arguments are constants of this crate, and tests make every one"
)]
pub(crate) fn rate(samples: u32, seconds: u32) -> SampleRate {
    SampleRate::new(samples, seconds).expect("a rate between the bounds of the model")
}

/// A scale that is written down in this crate.
#[expect(
    clippy::expect_used,
    reason = "the arguments are constants of this crate, and tests make every one"
)]
pub(crate) fn scale(resolution: f64, offset: f64) -> Scale {
    Scale::new(resolution, offset).expect("a resolution above zero")
}

fn float(count: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "sample counts stay far below 2^52")]
    let value = count as f64;
    value
}

fn whole(value: f64) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "negative becomes 0, as wanted"
    )]
    let count = value as usize;
    count
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn shared(record: &str) -> Option<PathBuf> {
        let dir = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared/data"));
        if !dir.is_dir() {
            println!("left out: 1 tests that need ../shared/data");
            return None;
        }
        Some(dir.join(record))
    }

    #[test]
    fn an_intensive_care_record_brings_its_pressures() {
        let Some(path) = shared("icu-wfdb/03700181.hea") else {
            return;
        };
        let tracks = Recording::read(&path).unwrap().tracks();
        let metrics: Vec<&str> = tracks.channels.iter().map(|c| c.metric.name()).collect();
        assert_eq!(metrics, ["ECG_V1", "ART", "RESP"]);
        assert!(
            (tracks.channels[0].rate.hertz() - 500.0).abs() < 1e-9,
            "four samples a frame of 125 Hz"
        );
        assert_eq!(tracks.values.len(), 600);
        let at = |metric| {
            tracks.values[60]
                .iter()
                .find(|m| m.metric == metric)
                .unwrap()
                .value
                .unwrap()
        };
        let (systolic, mean, diastolic) = (
            at(MetricCode::ArterialSystolic),
            at(MetricCode::ArterialMean),
            at(MetricCode::ArterialDiastolic),
        );
        assert!(
            17.0 <= diastolic && diastolic < mean && mean < systolic && systolic <= 64.5,
            "{systolic} {diastolic}"
        );
    }

    #[test]
    fn compressed_and_segmented_records_are_replayed() {
        let Some(path) = shared("icu-wfdb/mixedsignals.hea") else {
            return;
        };
        let compressed = Recording::read(&path).unwrap();
        assert_eq!(compressed.signals.len(), 6, "{:?}", compressed.left_out);
        let Some(path) = shared("icu-wfdb/s25047/s25047-2704-05-04-10-44.hea") else {
            return;
        };
        // Its ECG is in steps that all its segments' gains meet in: wider than the protocol's.
        let segmented = Recording::read(&path).unwrap();
        let metrics: Vec<&str> = segmented.signals.iter().map(|s| s.channel.metric.name()).collect();
        assert_eq!(metrics, ["ART"], "{:?}", segmented.left_out);
        assert_eq!(segmented.left_out.len(), 2, "{:?}", segmented.left_out);
    }

    #[test]
    fn what_cannot_be_read_names_the_file() {
        let Some(path) = shared("wfdb-formats/1003.hea") else {
            return;
        };
        let said = Recording::read(&path).unwrap_err().to_string();
        assert!(said.contains("1003.dat"), "{said}");
    }

    #[test]
    fn signals_without_a_name_or_unit_are_left_out_and_named() {
        let head = b"r 4 250 2\nr.dat 16 200/mV 12 0 0 0 0 II\nr.dat 16 200/mV 12 0 0 0 0 MLII\n\
            r.dat 16 200/mV 12 0 0 0 0 EEG\nr.dat 16 200/V 12 0 0 0 0 ABP\n";
        let mut files = |name: &str| Ok(if name == "r.hea" { head.to_vec() } else { vec![0; 16] });
        let record = wfdb::open("r.hea", &mut files).unwrap();
        let recording = Recording::choose(&record).unwrap();
        assert_eq!(recording.signals.len(), 1);
        assert_eq!(
            recording.left_out,
            [
                "\"MLII\" is a second ECG_II",
                "\"EEG\" has no name that the protocol knows",
                "\"ABP\" is in \"V\"; ART is measured in mmHg",
            ]
        );
    }
}
