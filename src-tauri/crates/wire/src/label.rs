//! What a channel of a foreign recording is, by its label and unit.
//!
//! Labels of recordings are free text: `MLII`, `ECG II`, `Solar8000/HR`, `ABP Sys`, `SpO2 [%]`. Only labels that can mean
//! one thing are taken; every other channel keeps its own words and is drawn, exported and measured all the same.

use model::{Kind, MetricCode};

use crate::nomenclature::{self, Conversion};

/// Labels of waves as recordings write them, upper case, without blanks, hyphens, underscores and a leading `ECG`.
const WAVES: &[(&str, MetricCode)] = &[
    ("", MetricCode::Ecg),
    ("ECG1", MetricCode::Ecg),
    ("I", MetricCode::EcgI),
    ("II", MetricCode::EcgII),
    ("MLII", MetricCode::EcgII),
    ("LEADII", MetricCode::EcgII),
    ("III", MetricCode::EcgIII),
    ("V", MetricCode::Ecg),
    ("MCL", MetricCode::Ecg),
    ("MCL1", MetricCode::EcgV1),
    ("V1", MetricCode::EcgV1),
    ("MV1", MetricCode::EcgV1),
    ("V2", MetricCode::EcgV2),
    ("MV2", MetricCode::EcgV2),
    ("V3", MetricCode::EcgV3),
    ("V4", MetricCode::EcgV4),
    ("V5", MetricCode::EcgV5),
    ("V6", MetricCode::EcgV6),
    ("PLETH", MetricCode::Pleth),
    ("PPG", MetricCode::Pleth),
    ("RESP", MetricCode::Respiration),
    ("CO2", MetricCode::AirwayCo2),
    ("ABP", MetricCode::ArterialPressure),
    ("ART", MetricCode::ArterialPressure),
    ("CVP", MetricCode::CentralVenousPressure),
];

/// Labels of numbers, written the same way.
const NUMBERS: &[(&str, MetricCode)] = &[
    ("HR", MetricCode::HeartRate),
    ("HEARTRATE", MetricCode::HeartRate),
    ("PVC", MetricCode::VpcRate),
    ("SPO2", MetricCode::SpO2),
    ("%SPO2", MetricCode::SpO2),
    ("PLETHSPO2", MetricCode::SpO2),
    ("PR", MetricCode::PulseRate),
    ("PULSE", MetricCode::PulseRate),
    ("PLETHHR", MetricCode::PulseRate),
    ("PI", MetricCode::PerfusionIndex),
    ("RR", MetricCode::RespirationRate),
    ("RESP", MetricCode::RespirationRate),
    ("RESPRATE", MetricCode::RespirationRate),
    ("ETCO2", MetricCode::EndTidalCo2),
    ("NBPSYS", MetricCode::NibpSystolic),
    ("NIBPSYS", MetricCode::NibpSystolic),
    ("NIBPSBP", MetricCode::NibpSystolic),
    ("NBPDIAS", MetricCode::NibpDiastolic),
    ("NIBPDIA", MetricCode::NibpDiastolic),
    ("NIBPDBP", MetricCode::NibpDiastolic),
    ("NBPMEAN", MetricCode::NibpMean),
    ("NIBPMEAN", MetricCode::NibpMean),
    ("NIBPMBP", MetricCode::NibpMean),
    ("ABPSYS", MetricCode::ArterialSystolic),
    ("ARTSYS", MetricCode::ArterialSystolic),
    ("ARTSBP", MetricCode::ArterialSystolic),
    ("ABPDIAS", MetricCode::ArterialDiastolic),
    ("ARTDIA", MetricCode::ArterialDiastolic),
    ("ARTDBP", MetricCode::ArterialDiastolic),
    ("ABPMEAN", MetricCode::ArterialMean),
    ("ARTMEAN", MetricCode::ArterialMean),
    ("ARTMBP", MetricCode::ArterialMean),
    ("CVP", MetricCode::CentralVenousMean),
    ("TEMP", MetricCode::Temperature),
    ("GLU", MetricCode::Glucose),
    ("GLUCOSE", MetricCode::Glucose),
];

/// The metric of a label, and how its unit becomes ours. `None` where either is not known for certain.
///
/// An empty unit is taken as ours for numbers whose names leave no doubt; a wave needs its unit, but for those that have a
/// scale of their own (pleth, respiration).
///
/// ```
/// use model::{Kind, MetricCode};
/// use wire::label::metric;
/// assert_eq!(metric("MLII", "mV", Kind::Wave).unwrap().0, MetricCode::EcgII);
/// assert_eq!(metric("ECG V1", "uV", Kind::Wave).unwrap().1.apply(1_500.0), 1.5);
/// assert_eq!(metric("Solar8000/HR", "/min", Kind::Numeric).unwrap().0, MetricCode::HeartRate);
/// assert_eq!(metric("RESP", "NU", Kind::Wave).unwrap().0, MetricCode::Respiration);
/// assert_eq!(metric("RESP", "bpm", Kind::Numeric).unwrap().0, MetricCode::RespirationRate);
/// assert!(metric("EEG Fpz-Cz", "uV", Kind::Wave).is_none());
/// assert!(metric("HR", "mmHg", Kind::Numeric).is_none());
/// ```
pub fn metric(label: &str, unit: &str, kind: Kind) -> Option<(MetricCode, Conversion)> {
    // `Device/Track` of VitalDB: the device is not part of the name.
    let label = label.rsplit('/').next().unwrap_or(label);
    let word: String = label
        .chars()
        .filter(|c| !matches!(c, ' ' | '-' | '_'))
        .collect::<String>()
        .to_ascii_uppercase();
    let table = match kind {
        Kind::Wave => WAVES,
        Kind::Numeric => NUMBERS,
    };
    let short = match kind {
        Kind::Wave => word.strip_prefix("ECG").unwrap_or(&word),
        Kind::Numeric => &word,
    };
    let known = |name: &str| table.iter().find(|(n, _)| *n == name).map(|(_, m)| *m);
    let found = (!word.is_empty())
        .then(|| known(&word).or_else(|| known(short)))
        .flatten();
    let metric = found.or_else(|| nomenclature::metric(label).filter(|m| m.kind() == kind))?;
    let conversion = nomenclature::conversion(metric, unit).or_else(|| {
        let own_scale = matches!(metric, MetricCode::Pleth | MetricCode::Respiration);
        (own_scale || (unit.is_empty() && kind == Kind::Numeric)).then_some(Conversion::NONE)
    });
    Some((metric, conversion?))
}
