//! Chunks: what stands in a row, and how its samples become bytes and come back the same.

use model::{
    Absence, DeviceTime, GenerationMode, MetricCode, Numeric, NumericTiming, Quantity, Reading, ReceiptTime,
    SampleArray, SampleRate, Scale, Timeliness,
};

use pco::data_types::Number;
use pco::standalone::{simple_compress, simple_decompress_into};
use pco::{ChunkConfig, DeltaSpec, ModeSpec};
use sha2::{Digest, Sha256};
use std::ops::Range;
use std::time::Duration;

use crate::bytes::{Pack, Unpack};
use crate::pages;
use crate::samples::Samples;

/// Level 8: 0.576 bytes a sample at 10 s, and 32 M samples a second; higher levels gain nothing on 2,500 samples.
const PCO_LEVEL: usize = 8;
/// Samples as they are, little-endian.
pub(crate) const CODEC_RAW: i64 = 0;
/// pco, one stream.
pub(crate) const CODEC_PCO: i64 = 1;
/// pco, in pages.
pub(crate) const CODEC_PCO_PAGES: i64 = 2;
/// A linear predictor and Rice codes, in pages.
pub(crate) const CODEC_RICE: i64 = 3;
/// Added to the codec of samples of 32 bits.
pub(crate) const WIDE: i64 = 16;
/// Most items one chunk may hold: 16 s at the highest rate a feed may declare, and a whole message beyond it.
/// A row that claims more is damaged; nothing larger is ever allocated for it.
pub(crate) const ITEMS_MAX: usize = 1 << 21;

/// What all samples of a wave chunk share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct WaveHead {
    pub start: i64,
    pub measured: i64,
    pub received: i64,
    pub rate: SampleRate,
    pub scale: Scale,
    pub mode: GenerationMode,
    pub gap_before: bool,
}

/// What all values of a chunk of numerics share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct NumbersHead {
    pub first_at: i64,
    pub timing: NumericTiming,
    pub mode: GenerationMode,
    pub timeliness: Timeliness,
}

/// One value of a chunk of numerics.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Value {
    pub received: i64,
    pub measured: i64,
    pub reading: Reading,
}

pub(crate) const fn mode_number(mode: GenerationMode) -> u8 {
    match mode {
        GenerationMode::Real => 0,
        GenerationMode::Test => 1,
        GenerationMode::Demo => 2,
    }
}

pub(crate) fn mode_of(number: i64) -> Option<GenerationMode> {
    [GenerationMode::Real, GenerationMode::Test, GenerationMode::Demo]
        .into_iter()
        .find(|m| i64::from(mode_number(*m)) == number)
}

/// Kind of timing and its span in microseconds.
pub(crate) fn timing_numbers(timing: NumericTiming) -> (u8, i64) {
    let micros = |d: Duration| i64::try_from(d.as_micros()).unwrap_or(i64::MAX);
    match timing {
        NumericTiming::Every(period) => (0, micros(period)),
        NumericTiming::Intermittent(interval) => (1, micros(interval)),
    }
}

pub(crate) fn timing_of(kind: i64, micros: i64) -> Option<NumericTiming> {
    let span = Duration::from_micros(u64::try_from(micros).ok()?);
    match kind {
        0 => Some(NumericTiming::Every(span)),
        1 => Some(NumericTiming::Intermittent(span)),
        _ => None,
    }
}

impl WaveHead {
    pub(crate) fn of(block: &SampleArray) -> Self {
        Self {
            start: block.start.as_micros(),
            measured: block.measured_at.as_micros(),
            received: block.received_at.as_micros(),
            rate: block.rate,
            scale: block.scale,
            mode: block.mode,
            gap_before: block.gap_before,
        }
    }

    /// Where sample `index` stands.
    pub(crate) fn at(&self, index: usize) -> i64 {
        self.start
            .saturating_add(self.rate.micros_of(u64::try_from(index).unwrap_or(u64::MAX)))
    }

    /// The first of `count` samples that stands at or after `time`; `count` where none does.
    pub(crate) fn first_at(&self, count: usize, time: i64) -> usize {
        if time <= self.start {
            return 0;
        }
        if count == 0 || time > self.at(count - 1) {
            return count;
        }
        let (samples, seconds) = self.rate.fraction();
        let after = time.abs_diff(self.start);
        let parts = u64::from(seconds) * 1_000_000;
        let guess = match after.checked_mul(samples.into()) {
            Some(product) => product / parts,
            None => u64::try_from(u128::from(after) * u128::from(samples) / u128::from(parts)).unwrap_or(u64::MAX),
        };
        // Times of samples are rounded to the microsecond, so it is off by one or, at high rates, by a few.
        let mut index = usize::try_from(guess).unwrap_or(usize::MAX).min(count - 1);
        while index > 0 && self.at(index - 1) >= time {
            index -= 1;
        }
        while index < count && self.at(index) < time {
            index += 1;
        }
        index
    }

    /// Half the way to the neighbouring quarter: nearer than this, two times are the same sample's.
    pub(crate) fn tolerance(&self) -> i64 {
        self.rate.micros_of(1) / 4
    }

    pub(crate) fn pack(&self, into: &mut Pack) {
        into.i64(self.start);
        into.i64(self.measured);
        into.i64(self.received);
        let (samples, seconds) = self.rate.fraction();
        into.u32(samples);
        into.u32(seconds);
        into.f64(self.scale.resolution());
        into.f64(self.scale.offset());
        into.u8(mode_number(self.mode));
        into.u8(u8::from(self.gap_before));
    }

    pub(crate) fn unpack(from: &mut Unpack) -> Option<Self> {
        Some(Self {
            start: from.i64()?,
            measured: from.i64()?,
            received: from.i64()?,
            rate: SampleRate::new(from.u32()?, from.u32()?).ok()?,
            scale: Scale::new(from.f64()?, from.f64()?).ok()?,
            mode: mode_of(from.u8()?.into())?,
            gap_before: from.u8()? != 0,
        })
    }

    /// The block of samples from `skip` on.
    pub(crate) fn block(&self, metric: MetricCode, samples: Vec<i16>) -> SampleArray {
        SampleArray {
            metric,
            measured_at: DeviceTime::from_micros(self.measured),
            received_at: ReceiptTime::from_micros(self.received),
            start: ReceiptTime::from_micros(self.start),
            rate: self.rate,
            scale: self.scale,
            mode: self.mode,
            samples,
            gap_before: self.gap_before,
        }
    }
}

impl NumbersHead {
    pub(crate) fn of(numeric: &Numeric) -> Self {
        Self {
            first_at: position(numeric.timeliness, &Value::of(numeric)),
            timing: numeric.timing,
            mode: numeric.mode,
            timeliness: numeric.timeliness,
        }
    }

    pub(crate) fn pack(&self, into: &mut Pack) {
        into.i64(self.first_at);
        let (kind, micros) = timing_numbers(self.timing);
        into.u8(kind);
        into.i64(micros);
        into.u8(mode_number(self.mode));
        into.u8(u8::from(self.timeliness == Timeliness::Late));
    }

    pub(crate) fn unpack(from: &mut Unpack) -> Option<Self> {
        Some(Self {
            first_at: from.i64()?,
            timing: timing_of(from.u8()?.into(), from.i64()?)?,
            mode: mode_of(from.u8()?.into())?,
            timeliness: timeliness_of(from.u8()?.into()),
        })
    }

    pub(crate) fn numeric(&self, metric: MetricCode, value: &Value) -> Numeric {
        Numeric {
            metric,
            reading: value.reading,
            measured_at: DeviceTime::from_micros(value.measured),
            received_at: ReceiptTime::from_micros(value.received),
            timing: self.timing,
            mode: self.mode,
            timeliness: self.timeliness,
        }
    }
}

pub(crate) const fn timeliness_of(late: i64) -> Timeliness {
    if late == 0 { Timeliness::Live } else { Timeliness::Late }
}

/// Where a value stands on the time line: a live one at its receipt; a late one where it was measured, unless
/// the device's clock cannot be.
pub(crate) fn position(timeliness: Timeliness, value: &Value) -> i64 {
    let clock = DeviceTime::from_micros(value.measured).against(ReceiptTime::from_micros(value.received));
    match timeliness {
        Timeliness::Late if clock != model::DeviceClock::Absurd => value.measured,
        Timeliness::Late | Timeliness::Live => value.received,
    }
}

impl Value {
    pub(crate) fn of(numeric: &Numeric) -> Self {
        Self {
            received: numeric.received_at.as_micros(),
            measured: numeric.measured_at.as_micros(),
            reading: numeric.reading,
        }
    }

    pub(crate) fn pack(&self, into: &mut Pack) {
        let (kind, thousandths) = reading_numbers(self.reading);
        into.i64(self.received);
        into.i64(self.measured);
        into.i32(thousandths);
        into.u8(kind);
    }

    pub(crate) fn unpack(from: &mut Unpack) -> Option<Self> {
        let (received, measured, thousandths) = (from.i64()?, from.i64()?, from.i32()?);
        Some(Self {
            received,
            measured,
            reading: reading_of(from.u8()?, thousandths)?,
        })
    }
}

const ABSENCES: [(u8, Absence); 4] = [
    (2, Absence::NotAvailable),
    (3, Absence::SensorOff),
    (4, Absence::Calibrating),
    (5, Absence::OutOfRange),
];

fn reading_numbers(reading: Reading) -> (u8, i32) {
    match reading {
        Reading::Value(q) => (0, q.thousandths()),
        Reading::Questionable(q) => (1, q.thousandths()),
        Reading::Invalid(absence) => (ABSENCES.iter().find(|(_, a)| *a == absence).map_or(2, |(n, _)| *n), 0),
    }
}

fn reading_of(kind: u8, thousandths: i32) -> Option<Reading> {
    let quantity = Quantity::from_thousandths(thousandths);
    match kind {
        0 => Some(Reading::Value(quantity)),
        1 => Some(Reading::Questionable(quantity)),
        _ => ABSENCES
            .iter()
            .find(|(n, _)| *n == kind)
            .map(|(_, a)| Reading::Invalid(*a)),
    }
}

/// pco would try every way on every chunk, which costs more than the compression; here the ways that win on some
/// signal are named, and who encodes chooses among them.
fn config(delta: &DeltaSpec) -> ChunkConfig {
    ChunkConfig::default()
        .with_compression_level(PCO_LEVEL)
        .with_mode_spec(ModeSpec::Classic)
        .with_delta_spec(delta.clone())
}

/// Ways to tell a sample from those before it: differences win on steps and noise, differences of differences on
/// smooth traces (recorded ECG and pleth). pco's filters (`TryConv1`) would save 3 % more on those, but in pco 1.1.0
/// they panic on some lengths.
static SAMPLE_DELTAS: [DeltaSpec; 3] = [
    DeltaSpec::TryConsecutive(1),
    DeltaSpec::TryConsecutive(2),
    DeltaSpec::TryConsecutive(3),
];
/// A chunk of more samples is kept in pages.
const LONG: usize = 4 * pages::PAGE;
/// Chunks after which all ways are tried again: five minutes.
const CHUNKS_PER_TRIAL: u32 = 32;

/// How samples are compressed.
#[derive(Clone, Copy, Debug)]
enum Way {
    Pco(&'static DeltaSpec),
    Rice,
}

/// The way that fits a series. A signal keeps its kind, so the trial of one chunk serves the next ones.
#[derive(Debug, Default)]
pub(crate) struct Fit {
    way: Option<Way>,
    left: u32,
}

impl Fit {
    fn compress<T: Number + Into<i32>>(&mut self, samples: &[T]) -> Option<(i64, Vec<u8>)> {
        if let Some(way) = self.way
            && self.left > 0
        {
            self.left -= 1;
            return compress(samples, way);
        }
        let ways = SAMPLE_DELTAS.iter().map(Way::Pco).chain([Way::Rice]);
        let tried = ways.filter_map(|way| Some((compress(samples, way)?, way)));
        let (found, way) = tried.min_by_key(|((_, bytes), _)| bytes.len())?;
        self.way = Some(way);
        self.left = CHUNKS_PER_TRIAL;
        Some(found)
    }
}

fn compress<T: Number + Into<i32>>(samples: &[T], way: Way) -> Option<(i64, Vec<u8>)> {
    match way {
        Way::Pco(delta) if samples.len() > LONG => Some((CODEC_PCO_PAGES, pages::pco(samples, config(delta))?)),
        Way::Pco(delta) => Some((CODEC_PCO, simple_compress(samples, &config(delta)).ok()?)),
        Way::Rice => Some((CODEC_RICE, pages::rice(samples)?)),
    }
}

/// Samples as bytes, and with which codec.
pub(crate) fn encode_samples(samples: &Samples, fit: &mut Fit) -> (i64, Vec<u8>) {
    let (compressed, width, wide) = match samples {
        Samples::Narrow(samples) => (fit.compress(samples), 2, 0),
        Samples::Wide(samples) => (fit.compress(samples), 4, WIDE),
    };
    match compressed {
        Some((codec, bytes)) if bytes.len() < samples.len() * width => (codec + wide, bytes),
        Some(_) | None => {
            let mut pack = Pack::default();
            match samples {
                Samples::Narrow(samples) => pack.samples(samples),
                Samples::Wide(samples) => samples.iter().for_each(|sample| pack.i32(*sample)),
            }
            (CODEC_RAW + wide, pack.0)
        }
    }
}

/// The samples `wanted` of the `count` that [`encode_samples`] took, and those before and after them that had to be
/// decoded too; beside them which is the first. Says why not.
pub(crate) fn decode_part(
    codec: i64,
    count: usize,
    bytes: &[u8],
    wanted: &Range<usize>,
) -> Result<(usize, Samples), String> {
    if count > ITEMS_MAX {
        return Err(format!("it claims {count} samples"));
    }
    let kind = codec & !WIDE;
    let width = if kind == codec { 2 } else { 4 };
    if kind == CODEC_RAW && bytes.len() != count * width {
        return Err(format!("{} bytes for {count} samples", bytes.len()));
    }
    let mut from = Unpack(bytes);
    let short = || "it is too short".to_owned();
    let narrow = |(first, samples)| (first, Samples::Narrow(samples));
    let wide = |(first, samples)| (first, Samples::Wide(samples));
    match (kind, kind == codec) {
        (CODEC_RAW, true) => from.samples(count).map(|s| narrow((0, s))).ok_or_else(short),
        (CODEC_RAW, false) => {
            let samples: Option<_> = (0..count).map(|_| from.i32()).collect();
            samples.map(|s| wide((0, s))).ok_or_else(short)
        }
        (CODEC_PCO, true) => unpco(count, bytes).map(|s| narrow((0, s))),
        (CODEC_PCO, false) => unpco(count, bytes).map(|s| wide((0, s))),
        (CODEC_PCO_PAGES, true) => pages::unpco(bytes, count, wanted).map(narrow),
        (CODEC_PCO_PAGES, false) => pages::unpco(bytes, count, wanted).map(wide),
        (CODEC_RICE, true) => pages::unrice(bytes, count, wanted).map(narrow),
        (CODEC_RICE, false) => pages::unrice(bytes, count, wanted).map(wide),
        _ => Err(format!("codec {codec} is not known")),
    }
}

fn unpco<T: Number + Default>(count: usize, bytes: &[u8]) -> Result<Vec<T>, String> {
    let mut out = vec![T::default(); count];
    match simple_decompress_into(bytes, &mut out) {
        Ok(progress) if progress.n_processed == count && progress.finished => Ok(out),
        Ok(_) => Err(format!("it does not hold {count} items")),
        Err(error) => Err(error.to_string()),
    }
}

/// Values as bytes: receipt, measurement, thousandths, kind; each a pco stream after its length.
pub(crate) fn encode_values(values: &[Value]) -> Result<Vec<u8>, String> {
    let mut pack = Pack::default();
    let numbers: Vec<(u8, i32)> = values.iter().map(|v| reading_numbers(v.reading)).collect();
    let received: Vec<i64> = values.iter().map(|v| v.received).collect();
    let measured: Vec<i64> = values.iter().map(|v| v.measured).collect();
    let thousandths: Vec<i32> = numbers.iter().map(|(_, t)| *t).collect();
    // pco refuses bytes; a constant column costs the same in 16 bits.
    let kinds: Vec<u16> = numbers.iter().map(|(k, _)| u16::from(*k)).collect();
    let difference = config(&DeltaSpec::TryConsecutive(1));
    let as_it_is = config(&DeltaSpec::NoOp);
    // A number that moves is told by its difference, one that stands but for a few by itself.
    let moving = simple_compress(&thousandths, &difference);
    let standing = simple_compress(&thousandths, &as_it_is);
    let shorter = moving.and_then(|moving| {
        let standing = standing?;
        Ok(if standing.len() < moving.len() {
            standing
        } else {
            moving
        })
    });
    for stream in [
        simple_compress(&received, &difference),
        simple_compress(&measured, &difference),
        shorter,
        simple_compress(&kinds, &as_it_is),
    ] {
        let stream = stream.map_err(|e| e.to_string())?;
        pack.u32(u32::try_from(stream.len()).map_err(|e| e.to_string())?);
        pack.0.extend_from_slice(&stream);
    }
    Ok(pack.0)
}

/// The inverse of [`encode_values`]; says why not.
pub(crate) fn decode_values(count: usize, bytes: &[u8]) -> Result<Vec<Value>, String> {
    if count > ITEMS_MAX {
        return Err(format!("it claims {count} values"));
    }
    let mut from = Unpack(bytes);
    let mut stream = || {
        let length = usize::try_from(from.u32()?).ok()?;
        from.take(length)
    };
    let short = || "it is too short".to_owned();
    let received: Vec<i64> = unpco(count, stream().ok_or_else(short)?)?;
    let measured: Vec<i64> = unpco(count, stream().ok_or_else(short)?)?;
    let thousandths: Vec<i32> = unpco(count, stream().ok_or_else(short)?)?;
    let kinds: Vec<u16> = unpco(count, stream().ok_or_else(short)?)?;
    received
        .into_iter()
        .zip(measured)
        .zip(thousandths.into_iter().zip(kinds))
        .map(|((received, measured), (thousandths, kind))| {
            let kind_now = u8::try_from(kind).unwrap_or(u8::MAX);
            let reading = reading_of(kind_now, thousandths).ok_or_else(|| format!("kind {kind} is not known"))?;
            Ok(Value {
                received,
                measured,
                reading,
            })
        })
        .collect()
}

/// 64 bits of SHA-256 over a row: `integrity_check` does not see a flipped bit in a BLOB.
pub(crate) fn row_hash(head: &[u8], data: &[u8]) -> i64 {
    let mut hasher = Sha256::new();
    hasher.update(head);
    hasher.update(data);
    let digest = hasher.finalize();
    Unpack(digest.as_slice()).i64().unwrap_or(0)
}

#[cfg(test)]
#[path = "codec_tests.rs"]
mod tests;
