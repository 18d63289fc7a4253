//! National Early Warning Score 2 (Royal College of Physicians, 2017): numbers and an assessment in, points out.
//!
//! Not for patients under 16 years and not in pregnancy. The second SpO₂ scale counts only by a clinician's recorded
//! decision; who may make it is not judged here.
//!
//! **A number is rounded to the chart's precision first**: whole numbers, temperature to 0.1 °C, halves away from
//! zero. 95.5 % scores as 96 %, 38.05 °C as 38.1 °C.

use model::{Breathing, Consciousness, EarlyWarningScore, MetricCode, Quantity, ScorePart, ScoredPart, SpO2Scale};

/// A number and what it was measured by: a pulse may be heart rate or pulse rate.
pub type Measured = (MetricCode, Quantity);

/// What is scored. `None` is "missing or too old", and makes the score incomplete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inputs {
    /// Breaths a minute.
    pub respiration: Option<Measured>,
    /// Oxygen saturation in per cent.
    pub saturation: Option<Measured>,
    /// Systolic pressure in mmHg.
    pub systolic: Option<Measured>,
    /// Beats a minute.
    pub pulse: Option<Measured>,
    /// Body temperature in °C.
    pub temperature: Option<Measured>,
    /// What a person found at the bedside.
    pub assessment: Option<(Consciousness, Breathing)>,
    /// The scale of SpO₂ in force.
    pub scale: SpO2Scale,
}

/// Scores by the chart: the parts in its order, and their sum when none is missing.
///
/// ```
/// use alert::news2::{Inputs, score};
/// use model::{Breathing, Consciousness, MetricCode, Quantity, SpO2Scale};
/// let n = |metric, tenths: i32| Some((metric, Quantity::from_thousandths(tenths * 100)));
/// let mut inputs = Inputs {
///     respiration: n(MetricCode::RespirationRate, 220),
///     saturation: n(MetricCode::SpO2, 940),
///     systolic: n(MetricCode::NibpSystolic, 1_200),
///     pulse: n(MetricCode::HeartRate, 950),
///     temperature: n(MetricCode::Temperature, 385),
///     assessment: Some((Consciousness::Alert, Breathing::Air)),
///     scale: SpO2Scale::One,
/// };
/// assert_eq!(score(&inputs).total, Some(2 + 1 + 1 + 1));
/// inputs.temperature = None;
/// assert_eq!(score(&inputs).total, None); // incomplete, never a number
/// ```
pub fn score(inputs: &Inputs) -> EarlyWarningScore {
    let consciousness = inputs.assessment.map(|(c, _)| c);
    let breathing = inputs.assessment.map(|(_, b)| b);
    let whole = |points: fn(i32) -> u8| move |q| Some(points(rounded(q, WHOLE)));
    let parts = vec![
        measured(ScorePart::Respiration, inputs.respiration, whole(respiration)),
        measured(ScorePart::Saturation, inputs.saturation, |q| {
            saturation(rounded(q, WHOLE), inputs.scale, breathing)
        }),
        observed(ScorePart::Breathing, breathing.map(oxygen)),
        measured(ScorePart::Systolic, inputs.systolic, whole(systolic)),
        measured(ScorePart::Pulse, inputs.pulse, whole(pulse)),
        observed(ScorePart::Consciousness, consciousness.map(awake)),
        measured(ScorePart::Temperature, inputs.temperature, |q| {
            Some(temperature(rounded(q, TENTH)))
        }),
    ];
    EarlyWarningScore {
        total: parts.iter().map(|p| p.points).sum(),
        parts,
        scale: inputs.scale,
    }
}

fn measured(part: ScorePart, from: Option<Measured>, points: impl FnOnce(Quantity) -> Option<u8>) -> ScoredPart {
    ScoredPart {
        part,
        points: from.and_then(|(_, q)| points(q)),
        from: from.map(|(metric, _)| metric),
    }
}

const fn observed(part: ScorePart, points: Option<u8>) -> ScoredPart {
    ScoredPart {
        part,
        points,
        from: None,
    }
}

/// Thousandths in one step of the chart.
const WHOLE: i32 = Quantity::PER_UNIT;
/// Thousandths in one step of the chart's temperature.
const TENTH: i32 = Quantity::PER_UNIT / 10;

/// In steps of the chart, halves away from zero.
const fn rounded(value: Quantity, step: i32) -> i32 {
    let thousandths = value.thousandths();
    let (whole, rest) = (thousandths / step, thousandths % step);
    if rest.abs() * 2 < step {
        whole
    } else {
        whole + rest.signum()
    }
}

const fn respiration(per_minute: i32) -> u8 {
    match per_minute {
        ..=8 | 25.. => 3,
        21..=24 => 2,
        9..=11 => 1,
        12..=20 => 0,
    }
}

/// On the second scale, 93 % and more is good on air and too much on oxygen: unknown which, there are no points.
const fn saturation(percent: i32, scale: SpO2Scale, breathing: Option<Breathing>) -> Option<u8> {
    match scale {
        SpO2Scale::One => Some(match percent {
            ..=91 => 3,
            92..=93 => 2,
            94..=95 => 1,
            96.. => 0,
        }),
        SpO2Scale::Two => match (percent, breathing) {
            (..=83, _) => Some(3),
            (84..=85, _) => Some(2),
            (86..=87, _) => Some(1),
            (88..=92, _) => Some(0),
            (93.., Some(breathing)) => Some(above_target(percent, breathing)),
            (93.., None) => None,
        },
    }
}

const fn above_target(percent: i32, breathing: Breathing) -> u8 {
    match (breathing, percent) {
        (Breathing::Air, _) => 0,
        (Breathing::Oxygen, ..=94) => 1,
        (Breathing::Oxygen, 95..=96) => 2,
        (Breathing::Oxygen, 97..) => 3,
    }
}

const fn oxygen(breathing: Breathing) -> u8 {
    match breathing {
        Breathing::Air => 0,
        Breathing::Oxygen => 2,
    }
}

const fn systolic(mmhg: i32) -> u8 {
    match mmhg {
        ..=90 | 220.. => 3,
        91..=100 => 2,
        101..=110 => 1,
        111..=219 => 0,
    }
}

const fn pulse(per_minute: i32) -> u8 {
    match per_minute {
        ..=40 | 131.. => 3,
        111..=130 => 2,
        41..=50 | 91..=110 => 1,
        51..=90 => 0,
    }
}

const fn awake(consciousness: Consciousness) -> u8 {
    match consciousness {
        Consciousness::Alert => 0,
        Consciousness::Confusion | Consciousness::Voice | Consciousness::Pain | Consciousness::Unresponsive => 3,
    }
}

const fn temperature(tenths: i32) -> u8 {
    match tenths {
        ..=350 => 3,
        391.. => 2,
        351..=360 | 381..=390 => 1,
        361..=380 => 0,
    }
}

#[cfg(test)]
#[path = "news2_tests.rs"]
mod tests;
