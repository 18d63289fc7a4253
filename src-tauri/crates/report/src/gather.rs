//! Waves and numbers of a stay, as strips and trends need them.

use model::{Cause, JournalEntry, Kind, LimitRule, MetricCode, Quantity, ReceiptTime, Side};
use store::{Lane, NO_SAMPLE_WIDE, WideBlock};

use crate::axis;
use crate::heading::Heading;
use crate::history::Source;
use crate::output::ReportError;
use crate::strip::{Mark, Piece, Wave};
use crate::tally::{Occurrence, cause, crossing, occurrences};
use crate::trend::{AlertSpan, Bin, LimitsSpan, Panel, Series, Summary};

/// The most bins of a trend: about one each half millimetre.
const BINS: f64 = 288.0;
const FOREIGN_BINS: u32 = 288;

/// Numbers that share a scale, in the order of a screen: heart, pressures, oxygen, breath, the rest.
const PANELS: &[(&str, &[MetricCode])] = &[
    ("HR", &[MetricCode::HeartRate]),
    (
        "ART",
        &[
            MetricCode::ArterialSystolic,
            MetricCode::ArterialMean,
            MetricCode::ArterialDiastolic,
        ],
    ),
    (
        "NIBP",
        &[
            MetricCode::NibpSystolic,
            MetricCode::NibpMean,
            MetricCode::NibpDiastolic,
        ],
    ),
    ("CVP", &[MetricCode::CentralVenousMean]),
    ("SpO₂", &[MetricCode::SpO2]),
    ("PR", &[MetricCode::PulseRate]),
    ("PI", &[MetricCode::PerfusionIndex]),
    ("RR", &[MetricCode::RespirationRate]),
    ("awRR", &[MetricCode::AirwayRespirationRate]),
    ("etCO₂", &[MetricCode::EndTidalCo2]),
    ("Temp", &[MetricCode::Temperature]),
    ("Glucose", &[MetricCode::Glucose]),
    ("NEWS2", &[MetricCode::EarlyWarningScore]),
    ("PVC", &[MetricCode::VpcRate]),
];

/// Where a wave stands on a strip: ECG, pressures, oxygen, breath.
fn rank(metric: MetricCode) -> (u8, u8) {
    const GROUPS: [&[MetricCode]; 3] = [
        &[MetricCode::ArterialPressure, MetricCode::CentralVenousPressure],
        &[MetricCode::Pleth],
        &[MetricCode::Respiration, MetricCode::AirwayCo2],
    ];
    let group = (1..).zip(GROUPS).find(|(_, group)| group.contains(&metric));
    let group = group.map_or(0, |(n, _)| n);
    (group, metric.id())
}

/// Every wave of the span.
pub(crate) fn waves(source: &mut Source) -> Result<Vec<Wave>, ReportError> {
    let mut lanes: Vec<_> = source.lanes.iter().filter(|l| l.kind == Kind::Wave).cloned().collect();
    lanes.sort_by_key(|lane| lane.metric.map_or((u8::MAX, 0), rank));
    let mut waves = Vec::new();
    for lane in lanes {
        let mut pieces = Vec::new();
        let reader = source.reader;
        for block in reader.blocks(lane.series, source.heading.from, source.heading.until) {
            let block = block?;
            source.note(block.mode);
            pieces.push(piece(&block));
        }
        if !pieces.is_empty() {
            waves.push(Wave {
                label: lane.label,
                unit: lane.unit,
                pieces,
            });
        }
    }
    Ok(waves)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "paper shows some thousand steps, and f32 has sixteen million"
)]
fn piece(block: &WideBlock) -> Piece {
    let (offset, step) = (block.scale.offset(), block.scale.resolution());
    let value = |sample: &i32| (*sample != NO_SAMPLE_WIDE).then(|| (offset + step * f64::from(*sample)) as f32);
    Piece {
        from: block.start,
        rate: block.rate,
        values: block.samples.iter().map(value).collect(),
    }
}

/// Alerts raised in the span, for a strip.
pub(crate) fn marks(source: &Source, alerts: &[Occurrence]) -> Vec<Mark> {
    let here = alerts.iter().filter(|a| source.holds(a.state.raised_at));
    let mark = |alert: &Occurrence| {
        let crossing = crossing(&alert.state);
        let label = match (&alert.state.cause, crossing.is_empty()) {
            (Cause::Limit { metric, .. }, false) => metric.label().to_owned(),
            _ => cause(&alert.state),
        };
        Mark {
            at: alert.state.raised_at,
            priority: alert.priority,
            text: format!("{label} {crossing}").trim_end().to_owned(),
        }
    };
    here.map(mark).collect()
}

/// How long a bin of a trend is: a span of whole seconds, minutes or hours.
pub(crate) fn bin_s(heading: &Heading) -> f64 {
    let step = axis::time_step(heading.length(), BINS);
    i32::try_from(step).map_or(f64::MAX, f64::from)
}

/// Every number of the span.
pub(crate) fn panels(source: &mut Source, journal: &[JournalEntry], bin_s: f64) -> Result<Vec<Panel>, ReportError> {
    let alerts = occurrences(journal);
    let mut panels = Vec::new();
    for (label, metrics) in PANELS {
        let mut all = Vec::new();
        let here: Vec<_> = metrics.iter().filter(|m| source.has(**m)).collect();
        for metric in here {
            let found = series(source, (journal, &alerts), *metric, bin_s)?;
            if !found.bins.is_empty() {
                all.push((*metric, found));
            }
        }
        let Some((first, _)) = all.first() else { continue };
        panels.push(Panel {
            label: (*label).to_owned(),
            unit: first.unit().label().to_owned(),
            decimals: usize::from(first.decimals()),
            alerts: alert_spans(source, &alerts, metrics),
            series: all.into_iter().map(|(_, series)| series).collect(),
        });
    }
    foreign(source, &mut panels)?;
    Ok(panels)
}

/// Numbers of a recording that are none of our metrics: the mean of each bin, since no more is kept of them at once.
fn foreign(source: &Source, panels: &mut Vec<Panel>) -> Result<(), ReportError> {
    let (from, until) = (source.heading.from, source.heading.until);
    let is_foreign = |lane: &&Lane| lane.kind == Kind::Numeric && lane.metric.is_none();
    for lane in source.lanes.iter().filter(is_foreign) {
        let found = source.reader.envelope(lane.series, from, until, FOREIGN_BINS)?;
        let bins: Vec<_> = found
            .bins
            .iter()
            .map(|bin| Bin {
                from: ReceiptTime::from_micros(bin.from_us),
                until: ReceiptTime::from_micros(bin.until_us),
                low: bin.low,
                median: bin.mean.unwrap_or(f64::midpoint(bin.low, bin.high)),
                high: bin.high,
            })
            .collect();
        if bins.is_empty() {
            continue;
        }
        panels.push(Panel {
            label: lane.label.clone(),
            unit: format!("{} (mean)", lane.unit).trim_start().to_owned(),
            decimals: 1,
            series: vec![Series {
                label: lane.label.clone(),
                bins,
                intermittent: false,
                limits: Vec::new(),
                summary: None,
            }],
            alerts: Vec::new(),
        });
    }
    Ok(())
}

fn alert_spans(source: &Source, alerts: &[Occurrence], metrics: &[MetricCode]) -> Vec<AlertSpan> {
    let is_about = |alert: &&Occurrence| {
        let is_score = matches!(alert.state.cause, Cause::EarlyWarning { .. });
        let score = is_score.then_some(MetricCode::EarlyWarningScore);
        let metric = alert.state.cause.metric().or(score);
        metric.is_some_and(|m| metrics.contains(&m))
    };
    let span = |alert: &Occurrence| AlertSpan {
        from: alert.state.raised_at.max(source.heading.from),
        until: alert
            .cleared_at
            .unwrap_or(source.heading.until)
            .min(source.heading.until),
        priority: alert.priority,
    };
    let here = alerts.iter().filter(is_about).map(span);
    here.filter(|span| span.until > source.heading.from && span.from < source.heading.until)
        .collect()
}

/// Values of a bin that is being filled.
#[derive(Default)]
struct Filling {
    index: i64,
    values: Vec<Quantity>,
}

fn series(
    source: &mut Source,
    (journal, alerts): (&[JournalEntry], &[Occurrence]),
    metric: MetricCode,
    bin_s: f64,
) -> Result<Series, ReportError> {
    let (from, until) = (source.heading.from, source.heading.until);
    let limits = limits(journal, alerts, metric, (from, until));
    let intermittent = metric.is_intermittent();
    let width = micros(bin_s);
    let (mut found, mut filling) = (Vec::new(), Filling::default());
    let (mut all, mut beyond) = (Vec::new(), 0_usize);
    let reader = source.reader;
    for item in reader.numerics(&source.window(metric)) {
        let (at, numeric) = item?;
        source.note(numeric.mode);
        let Some(value) = numeric.reading.quantity() else {
            continue;
        };
        all.push(value);
        beyond += usize::from(is_beyond(&limits, at, value));
        if intermittent {
            found.extend(bin(&mut [value], (at, at)));
            continue;
        }
        let index = (at.as_micros() - from.as_micros()).div_euclid(width);
        if index != filling.index {
            found.extend(closed(&mut filling, from, width));
            filling.index = index;
        }
        filling.values.push(value);
    }
    found.extend(closed(&mut filling, from, width));
    let has_limits = !limits.is_empty();
    let share = crate::figures::float(beyond) / crate::figures::float(all.len().max(1));
    let whole = bin(&mut all, (from, until));
    Ok(Series {
        label: metric.label().to_owned(),
        bins: found,
        intermittent,
        limits,
        summary: whole.map(|b| Summary {
            low: b.low,
            median: b.median,
            high: b.high,
            beyond: has_limits.then_some(share),
        }),
    })
}

fn closed(filling: &mut Filling, from: ReceiptTime, width: i64) -> Option<Bin> {
    let edge = |index: i64| ReceiptTime::from_micros(from.as_micros().saturating_add(index.saturating_mul(width)));
    let ends = (edge(filling.index), edge(filling.index + 1));
    bin(&mut std::mem::take(&mut filling.values), ends)
}

/// Least, median and greatest; of an even number of values the lower of the two in the middle, so that it is one that
/// was measured.
fn bin(values: &mut [Quantity], (from, until): (ReceiptTime, ReceiptTime)) -> Option<Bin> {
    values.sort_unstable();
    let median = values.get(values.len().checked_sub(1)? / 2)?;
    Some(Bin {
        from,
        until,
        low: values.first()?.to_f64(),
        median: median.to_f64(),
        high: values.last()?.to_f64(),
    })
}

fn is_beyond(limits: &[LimitsSpan], at: ReceiptTime, value: Quantity) -> bool {
    let value = value.to_f64();
    limits
        .iter()
        .find(|l| (l.from..l.until).contains(&at))
        .is_some_and(|l| l.low.is_some_and(|low| value < low) || l.high.is_some_and(|high| value > high))
}

/// Limits that were in force, as far as the journal tells: by changes, and by alerts, which name the limit crossed.
fn limits(
    journal: &[JournalEntry],
    alerts: &[Occurrence],
    metric: MetricCode,
    (from, until): (ReceiptTime, ReceiptTime),
) -> Vec<LimitsSpan> {
    let changes = journal
        .iter()
        .filter_map(|e| Some((e.at, e.limits.filter(|l| l.metric == metric)?)));
    let changes: Vec<_> = changes.collect();
    let bounds = |rule: Option<LimitRule>| {
        let bound = |side| rule.and_then(|r| r.limits.bound(side)).map(Quantity::to_f64);
        (bound(Side::Low), bound(Side::High))
    };
    let mut steps = match changes.first() {
        Some((_, change)) => vec![(from, bounds(change.before))],
        None => vec![(
            from,
            (crossed(alerts, metric, Side::Low), crossed(alerts, metric, Side::High)),
        )],
    };
    steps.extend(changes.iter().map(|(at, change)| (*at, bounds(change.after))));
    let ends = steps.iter().skip(1).map(|(at, _)| *at).chain([until]);
    let spans = steps.iter().zip(ends).map(|((start, (low, high)), end)| LimitsSpan {
        from: (*start).max(from),
        until: end.min(until),
        low: *low,
        high: *high,
    });
    spans
        .filter(|span| span.until > span.from && (span.low.is_some() || span.high.is_some()))
        .collect()
}

fn crossed(alerts: &[Occurrence], metric: MetricCode, side: Side) -> Option<f64> {
    let wanted = Cause::Limit { metric, side };
    let limit = alerts.iter().find(|a| a.state.cause == wanted)?.state.limit?;
    Some(limit.to_f64())
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a bin of some years at most; it saturates"
)]
fn micros(seconds: f64) -> i64 {
    ((seconds * 1e6).round() as i64).max(1)
}
