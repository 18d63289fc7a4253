//! Stretches of waves for an alert's card, with what can be said of their quality.

use contract::{ContractError, Reply, WaveRun, WaveSpan};
use model::{BedId, Kind, MetricCode, NO_SAMPLE, ReceiptTime, SampleRate};
use signal::{Quality, QualityMeter, WaveClass};
use station::Station;
use station::history::{Reader, StoreError};

use crate::asked::{invalid, stay_of, window_of};

/// Longest stretch: two minutes of five waves at 500 Hz are some 3 MB of JSON.
const SPAN_MAX_US: i64 = 120 * SECOND_US;
/// What a word of quality is about.
const SECOND_US: i64 = 1_000_000;

/// The waves of a bed over a span, as they were sent.
pub async fn waves(
    station: &Station,
    bed: BedId,
    (from, until): (ReceiptTime, ReceiptTime),
) -> Result<Reply, ContractError> {
    if until <= from || until.as_micros() - from.as_micros() > SPAN_MAX_US {
        return Err(invalid(
            "waves are shown for two minutes at most, with a start before the end",
        ));
    }
    let waves = station.read(move |reader| spans(reader, &bed, from, until)).await;
    Ok(Reply::Waves {
        waves: waves.map_err(|refused| contract::refusal(&refused))?,
    })
}

fn spans(reader: &Reader, bed: &BedId, from: ReceiptTime, until: ReceiptTime) -> Result<Vec<WaveSpan>, StoreError> {
    let stay = stay_of(reader, bed)?;
    let mut metrics: Vec<MetricCode> = reader
        .series()?
        .into_iter()
        .filter(|s| s.bed == *bed && s.encounter == stay && s.metric.kind() == Kind::Wave)
        .map(|s| s.metric)
        .collect();
    metrics.sort_unstable();
    metrics.dedup();
    metrics
        .into_iter()
        .map(|metric| span(reader, bed, metric, stay.as_ref(), (from, until)))
        .collect()
}

fn span(
    reader: &Reader,
    bed: &BedId,
    metric: MetricCode,
    stay: Option<&model::EncounterId>,
    (from, until): (ReceiptTime, ReceiptTime),
) -> Result<WaveSpan, StoreError> {
    let window = window_of(bed, metric, stay).between(from, until);
    let mut runs: Vec<WaveRun> = Vec::new();
    let mut seconds = Seconds::new(from, until);
    let mut last_rate = None;
    for block in reader.wave(&window) {
        let block = block?;
        let values = block.samples.iter().map(|s| {
            (*s != NO_SAMPLE).then(|| {
                #[expect(clippy::cast_possible_truncation, reason = "a pixel needs no more than 24 bits")]
                let value = block.scale.value(*s) as f32;
                value
            })
        });
        let values: Vec<_> = values.collect();
        seconds.take(&block);
        let start_ms = contract::frame::millis(block.start.as_micros());
        let hertz = block.rate.hertz();
        let goes_on = runs.last().is_some_and(|run| {
            #[expect(clippy::cast_precision_loss, reason = "two minutes of samples")]
            let end_ms = run.start_ms + run.values.len() as f64 / run.hertz * 1_000.0;
            last_rate == Some(block.rate) && (start_ms - end_ms).abs() < 1_000.0 / hertz
        });
        last_rate = Some(block.rate);
        match runs.last_mut().filter(|_| goes_on && !block.gap_before) {
            Some(run) => run.values.extend(values),
            None => runs.push(WaveRun {
                start_ms,
                hertz,
                values,
            }),
        }
    }
    Ok(WaveSpan {
        metric: metric.name().to_owned(),
        label: metric.label().to_owned(),
        unit: metric.unit().ucum().to_owned(),
        runs,
        quality: seconds.words(metric),
    })
}

/// The samples of each second of a stretch, to be judged.
struct Seconds {
    from: i64,
    until: i64,
    each: Vec<Vec<i32>>,
    /// Of the newest block: how often samples come, and what a step is worth.
    last: Option<(SampleRate, f64)>,
}

impl Seconds {
    fn new(from: ReceiptTime, until: ReceiptTime) -> Self {
        let (from, until) = (from.as_micros(), until.as_micros());
        let count = (until - from).cast_unsigned().div_ceil(SECOND_US.cast_unsigned());
        Self {
            from,
            until,
            each: vec![Vec::new(); usize::try_from(count).unwrap_or(0)],
            last: None,
        }
    }

    fn take(&mut self, block: &model::SampleArray) {
        self.last = Some((block.rate, block.scale.resolution()));
        let period_us = 1_000_000.0 / block.rate.hertz();
        for (index, sample) in block.samples.iter().enumerate().filter(|(_, s)| **s != NO_SAMPLE) {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_precision_loss,
                reason = "a block is seconds long, and a second is found to the microsecond"
            )]
            let at = block.start.as_micros() + (index as f64 * period_us) as i64;
            let second = usize::try_from((at - self.from).div_euclid(SECOND_US)).ok();
            if let Some(second) = second.and_then(|s| self.each.get_mut(s)) {
                second.push(i32::from(*sample));
            }
        }
    }

    /// A word for each second, of [`signal::Quality`]. A wave that is not there at all is missing.
    fn words(&self, metric: MetricCode) -> Vec<String> {
        let meter = WaveClass::of(metric).zip(self.last);
        let mut meter = meter.map(|(class, (rate, step))| {
            let ends = (i32::from(i16::MIN) + 1, i32::from(i16::MAX));
            (rate, QualityMeter::new(class, rate, step, Some(ends)))
        });
        let mut begins = self.from;
        let mut words = Vec::with_capacity(self.each.len());
        for samples in &self.each {
            let ends = begins.saturating_add(SECOND_US).min(self.until);
            let quality = meter.as_mut().map_or(Quality::Missing, |(rate, meter)| {
                meter.second(samples, samples_in(*rate, ends - begins))
            });
            words.push(quality.as_str().to_owned());
            begins = ends;
        }
        words
    }
}

/// How many samples stand in so many microseconds, at most a second.
fn samples_in(rate: SampleRate, micros: i64) -> usize {
    let (samples, seconds) = rate.fraction();
    let count = u64::from(samples) * micros.max(0).cast_unsigned() / (u64::from(seconds) * SECOND_US.cast_unsigned());
    usize::try_from(count).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use model::{DeviceTime, GenerationMode, SampleArray, Scale};

    use super::*;

    fn block(start_us: i64, samples: Vec<i16>) -> Arc<SampleArray> {
        Arc::new(SampleArray {
            metric: MetricCode::EcgII,
            measured_at: DeviceTime::from_micros(start_us),
            received_at: ReceiptTime::from_micros(start_us),
            start: ReceiptTime::from_micros(start_us),
            rate: SampleRate::new(250, 1).unwrap(),
            scale: Scale::new(0.005, 0.0).unwrap(),
            mode: GenerationMode::Demo,
            samples,
            gap_before: false,
        })
    }

    #[test]
    fn each_second_has_the_word_of_what_is_in_it_and_there_is_none_after_the_end() {
        let mut seconds = Seconds::new(ReceiptTime::from_micros(0), ReceiptTime::from_micros(4_500_000));
        let beat = |n: i16| if n % 250 == 100 { 200 } else { n % 3 };
        seconds.take(&block(0, (0..250).map(beat).collect()));
        seconds.take(&block(1_000_000, vec![7; 250]));
        // Nothing in the third second, and a device that stands at the end of its scale in the fourth.
        seconds.take(&block(3_000_000, vec![i16::MAX; 250]));
        seconds.take(&block(4_000_000, (0..125).map(beat).collect()));
        let words = seconds.words(MetricCode::EcgII);
        assert_eq!(words, ["good", "flat", "missing", "clipped", "good"]);
        let nothing = Seconds::new(ReceiptTime::from_micros(0), ReceiptTime::from_micros(2_000_000));
        assert_eq!(nothing.words(MetricCode::Pleth), ["missing", "missing"]);
    }
}
