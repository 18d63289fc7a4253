//! Stretches of waves for an alert's card, with what can be said of their quality.

use contract::{ContractError, Reply, WaveRun, WaveSpan};
use model::{BedId, Kind, MetricCode, NO_SAMPLE, ReceiptTime};
use station::Station;
use station::history::{Reader, StoreError};

use crate::asked::{invalid, stay_of, window_of};

/// Longest stretch: two minutes of five waves at 500 Hz are some 3 MB of JSON.
const SPAN_MAX_US: i64 = 120 * 1_000_000;

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
        quality: seconds.words(),
    })
}

/// What each second of a stretch holds.
struct Seconds {
    from: i64,
    each: Vec<Second>,
}

#[derive(Clone, Default)]
struct Second {
    wanted: u32,
    samples: u32,
    least: i16,
    greatest: i16,
    at_an_end: u32,
}

impl Seconds {
    fn new(from: ReceiptTime, until: ReceiptTime) -> Self {
        let span = until.as_micros() - from.as_micros();
        let count = usize::try_from(span.div_euclid(1_000_000) + 1).unwrap_or(0);
        let empty = Second {
            least: i16::MAX,
            greatest: i16::MIN,
            ..Second::default()
        };
        Self {
            from: from.as_micros(),
            each: vec![empty; count],
        }
    }

    fn take(&mut self, block: &model::SampleArray) {
        let period_us = 1_000_000.0 / block.rate.hertz();
        for (index, sample) in block.samples.iter().enumerate() {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_precision_loss,
                reason = "a block is seconds long, and a second is found to the microsecond"
            )]
            let at = block.start.as_micros() + (index as f64 * period_us) as i64;
            let second = usize::try_from((at - self.from).div_euclid(1_000_000)).ok();
            let Some(second) = second.and_then(|s| self.each.get_mut(s)) else {
                continue;
            };
            second.wanted += 1;
            if *sample == NO_SAMPLE {
                continue;
            }
            second.samples += 1;
            second.least = second.least.min(*sample);
            second.greatest = second.greatest.max(*sample);
            if *sample == i16::MAX || *sample == i16::MIN + 1 {
                second.at_an_end += 1;
            }
        }
    }

    /// A second is `missing` when fewer than half of its samples are there, `clipped` when one in ten stands at an end
    /// of the scale, `flat` when it does not move at all.
    fn words(&self) -> Vec<String> {
        let word = |s: &Second| {
            if s.samples == 0 || s.samples * 2 < s.wanted {
                "missing"
            } else if s.at_an_end * 10 >= s.samples {
                "clipped"
            } else if s.least == s.greatest {
                "flat"
            } else {
                "good"
            }
        };
        self.each.iter().map(|s| word(s).to_owned()).collect()
    }
}
