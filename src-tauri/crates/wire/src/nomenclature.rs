//! Codes and units of others to ours, once, here.
//!
//! Codes are those of IEEE 11073-10101 (MDC), LOINC and UCUM as public secondary sources give them; the paid
//! standards were not read. What could not be checked is marked **\[unverified\]** in the tables.

use model::{MetricCode, Quantity, Unit};

/// The metric that a peer calls by this word: our own name, an MDC reference id, an MDC code as digits, or LOINC.
///
/// ```
/// use model::MetricCode;
/// use wire::nomenclature::metric;
/// for word in ["HR", "MDC_ECG_HEART_RATE", "147842", "8867-4"] {
///     assert_eq!(metric(word), Some(MetricCode::HeartRate));
/// }
/// assert_eq!(metric("BP"), None);
/// assert_eq!(metric("NEWS2"), None); // the station works it out itself
/// ```
pub fn metric(word: &str) -> Option<MetricCode> {
    if word.starts_with("MDC_") {
        return by_refid(word);
    }
    // Our names begin with a letter, codes with a digit: most words are ours and take the short way.
    if word.starts_with(|c: char| c.is_ascii_digit()) {
        return word.parse().ok().and_then(by_mdc).or_else(|| by_loinc(word));
    }
    MetricCode::ALL
        .iter()
        .copied()
        .find(|m| !m.is_derived() && m.name().eq_ignore_ascii_case(word))
}

/// The metric of an MDC code (partition * 65536 + term).
pub fn by_mdc(code: u32) -> Option<MetricCode> {
    match code {
        // MDC_TTHOR_RESP_RATE: the same number, measured across the chest.
        151_578 => Some(MetricCode::RespirationRate),
        // MDC_PRESS_CUFF_*: the pressures of a cuff under their older names.
        150_301 => Some(MetricCode::NibpSystolic),
        150_302 => Some(MetricCode::NibpDiastolic),
        150_303 => Some(MetricCode::NibpMean),
        // MDC_TEMP: a temperature, site not said.
        150_344 => Some(MetricCode::Temperature),
        _ => MetricCode::ALL.iter().copied().find(|m| m.mdc() == Some(code)),
    }
}

/// The metric of an MDC reference id, in its exact spelling.
pub fn by_refid(refid: &str) -> Option<MetricCode> {
    match refid {
        "" => None,
        "MDC_TTHOR_RESP_RATE" => Some(MetricCode::RespirationRate),
        "MDC_PRESS_CUFF_SYS" => Some(MetricCode::NibpSystolic),
        "MDC_PRESS_CUFF_DIA" => Some(MetricCode::NibpDiastolic),
        "MDC_PRESS_CUFF_MEAN" => Some(MetricCode::NibpMean),
        "MDC_TEMP" => Some(MetricCode::Temperature),
        _ => MetricCode::ALL.iter().copied().find(|m| m.refid() == refid),
    }
}

/// The metric of a LOINC code. The blood pressure codes say no site; they are taken as the cuff's, which is what
/// the FHIR vital signs profile uses them for.
pub fn by_loinc(code: &str) -> Option<MetricCode> {
    Some(match code {
        "8867-4" => MetricCode::HeartRate,
        "2708-6" | "59408-5" => MetricCode::SpO2,
        "8889-8" => MetricCode::PulseRate,
        "9279-1" => MetricCode::RespirationRate,
        "19889-5" => MetricCode::EndTidalCo2,
        "8480-6" => MetricCode::NibpSystolic,
        "8462-4" => MetricCode::NibpDiastolic,
        "8478-0" => MetricCode::NibpMean,
        "8310-5" => MetricCode::Temperature,
        "99504-3" | "15074-8" => MetricCode::Glucose,
        _ => return None,
    })
}

/// From another unit to the canonical one: `canonical = factor * value + shift`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conversion {
    factor: f64,
    shift: f64,
}

impl Conversion {
    /// Nothing to convert.
    pub const NONE: Self = Self {
        factor: 1.0,
        shift: 0.0,
    };

    const fn times(factor: f64) -> Self {
        Self { factor, shift: 0.0 }
    }

    /// Canonical units in one unit of the other, for differences and resolutions.
    pub const fn factor(self) -> f64 {
        self.factor
    }

    /// The value in the canonical unit.
    pub fn apply(self, value: f64) -> f64 {
        self.factor * value + self.shift
    }
}

/// Millimetres of mercury in a kilopascal: 1 mmHg is 133.322387415 Pa.
const MMHG_PER_KPA: f64 = 1_000.0 / 133.322_387_415;

/// Millimetres of mercury in a centimetre of water, which is 98.0665 Pa.
const MMHG_PER_CMH2O: f64 = 98.066_5 / 133.322_387_415;

/// Milligrams a decilitre in a millimole a litre of glucose, C6H12O6, of 180.156 g/mol.
const GLUCOSE_MG_DL_PER_MMOL_L: f64 = 18.015_6;

/// The canonical unit of a unit word, and the way there. UCUM is case sensitive, and so is this.
fn unit(word: &str) -> Option<(Unit, Conversion)> {
    let same = |unit| Some((unit, Conversion::NONE));
    let times = |unit, factor| Some((unit, Conversion::times(factor)));
    match word {
        "/min"
        | "{beats}/min"
        | "{breaths}/min"
        | "{beat}/min"
        | "{breath}/min"
        | "1/min"
        | "min-1"
        | "bpm"
        | "BPM"
        | "beats/min"
        | "breaths/min"
        | "rpm"
        | "264864"
        | "264928"
        | "MDC_DIM_BEAT_PER_MIN"
        | "MDC_DIM_RESP_PER_MIN" => same(Unit::PerMinute),
        "%" | "percent" | "262688" | "MDC_DIM_PERCENT" => same(Unit::Percent),
        "mm[Hg]" | "mmHg" | "mmhg" | "MMHG" | "266016" | "MDC_DIM_MMHG" => same(Unit::MillimetreOfMercury),
        "kPa" | "kpa" | "KPA" | "265987" | "MDC_DIM_KILO_PASCAL" => times(Unit::MillimetreOfMercury, MMHG_PER_KPA),
        "cm[H2O]" | "cmH2O" => times(Unit::MillimetreOfMercury, MMHG_PER_CMH2O),
        "Cel" | "degC" | "°C" | "268192" | "MDC_DIM_DEGC" => same(Unit::DegreeCelsius),
        // The code is [unverified].
        "[degF]" | "degF" | "°F" | "266560" | "MDC_DIM_FAHR" => Some((
            Unit::DegreeCelsius,
            Conversion {
                factor: 5.0 / 9.0,
                shift: -160.0 / 9.0,
            },
        )),
        "K" => Some((
            Unit::DegreeCelsius,
            Conversion {
                factor: 1.0,
                shift: -273.15,
            },
        )),
        "mV" | "266418" | "MDC_DIM_MILLI_VOLT" => same(Unit::Millivolt),
        // The code is [unverified].
        "uV" | "µV" | "μV" | "266419" | "MDC_DIM_MICRO_VOLT" => times(Unit::Millivolt, 0.001),
        "V" => times(Unit::Millivolt, 1_000.0),
        "mg/dL" | "mg/dl" | "264274" | "MDC_DIM_MILLI_G_PER_DL" => same(Unit::MilligramPerDecilitre),
        // Only glucose is held in mg/dL.
        "mmol/L" | "mmol/l" | "266866" | "MDC_DIM_MILLI_MOLE_PER_L" => {
            times(Unit::MilligramPerDecilitre, GLUCOSE_MG_DL_PER_MMOL_L)
        }
        "1" | "{arb}" | "262656" | "MDC_DIM_DIMLESS" => same(Unit::One),
        _ => None,
    }
}

/// How values of `metric` that come in the unit `word` (UCUM, MDC code or reference id, common spellings) become
/// canonical. `None` when the unit is unknown or measures something else.
///
/// ```
/// use model::MetricCode;
/// use wire::nomenclature::conversion;
/// let fahrenheit = conversion(MetricCode::Temperature, "[degF]").unwrap();
/// assert!((fahrenheit.apply(98.6) - 37.0).abs() < 1e-9);
/// assert_eq!(conversion(MetricCode::Temperature, "mm[Hg]"), None);
/// ```
pub fn conversion(metric: MetricCode, word: &str) -> Option<Conversion> {
    unit(word).and_then(|(unit, conversion)| (unit == metric.unit()).then_some(conversion))
}

/// Numbers that devices send where they have none. Each counts as one only where it cannot be a value.
pub const SENTINELS: [f64; 6] = [-1.0, -100.0, -999.0, -9_999.0, 32_767.0, 65_535.0];

/// What a number of a peer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// A value, in the canonical unit. 0 is one.
    Value(Quantity),
    /// A number that stands for "no value".
    Sentinel,
    /// Not a value of this metric.
    Impossible,
}

/// Reads a number: what is plausible is a value, what is not is a sentinel or impossible. An arterial pressure of
/// -1 mmHg is a value (the transducer is not at heart level), a heart rate of -1 is none.
///
/// ```
/// use model::{MetricCode, Quantity};
/// use wire::nomenclature::{Conversion, Read, read};
/// let pressure = read(MetricCode::ArterialMean, Conversion::NONE, -1.0);
/// assert_eq!(pressure, Read::Value(Quantity::from_thousandths(-1_000)));
/// assert_eq!(read(MetricCode::HeartRate, Conversion::NONE, -1.0), Read::Sentinel);
/// assert_eq!(read(MetricCode::HeartRate, Conversion::NONE, 900.0), Read::Impossible);
/// assert_eq!(read(MetricCode::HeartRate, Conversion::NONE, 0.0), Read::Value(Quantity::from_thousandths(0)));
/// ```
pub fn read(metric: MetricCode, conversion: Conversion, number: f64) -> Read {
    match Quantity::from_f64(conversion.apply(number)) {
        Ok(quantity) if metric.is_plausible(quantity) => Read::Value(quantity),
        Ok(_) | Err(_) if is_sentinel(number) => Read::Sentinel,
        Ok(_) | Err(_) => Read::Impossible,
    }
}

fn is_sentinel(number: f64) -> bool {
    SENTINELS.iter().any(|s| s.total_cmp(&number).is_eq())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: 98.6 °F is 37 °C; 310.15 K is 37 °C; 5.3 kPa is 39.753 mmHg; 10 cmH2O is 7.356 mmHg;
    /// 5.5 mmol/L is 99.086 mg/dL; 1500 µV is 1.5 mV; 0.0015 V is 1.5 mV.
    #[test]
    fn units_convert_to_what_a_hand_computes() {
        let cases = [
            (MetricCode::Temperature, "degF", 98.6, 37_000),
            (MetricCode::Temperature, "°F", 104.0, 40_000),
            (MetricCode::Temperature, "K", 310.15, 37_000),
            (MetricCode::Temperature, "degC", 36.6, 36_600),
            (MetricCode::EndTidalCo2, "kPa", 5.3, 39_753),
            (MetricCode::NibpSystolic, "kPa", 16.0, 120_010),
            (MetricCode::CentralVenousMean, "cm[H2O]", 10.0, 7_356),
            (MetricCode::Glucose, "mmol/L", 5.5, 99_086),
            (MetricCode::Glucose, "mg/dL", 125.0, 125_000),
            (MetricCode::HeartRate, "bpm", 72.0, 72_000),
            (MetricCode::HeartRate, "264864", 72.0, 72_000),
            (MetricCode::RespirationRate, "264928", 14.0, 14_000),
            (MetricCode::SpO2, "262688", 97.0, 97_000),
            (MetricCode::NibpMean, "266016", 93.0, 93_000),
            (MetricCode::Ecg, "uV", 1_500.0, 1_500),
            (MetricCode::Ecg, "V", 0.001_5, 1_500),
            (MetricCode::Ecg, "266418", 1.5, 1_500),
        ];
        for (metric, unit, number, thousandths) in cases {
            let conversion = conversion(metric, unit).unwrap();
            let expected = Read::Value(Quantity::from_thousandths(thousandths));
            assert_eq!(
                read(metric, conversion, number),
                expected,
                "{number} {unit} of {metric}"
            );
        }
    }

    #[test]
    fn a_unit_of_another_kind_is_refused() {
        for (metric, unit) in [
            (MetricCode::HeartRate, "%"),
            (MetricCode::SpO2, "1"),
            (MetricCode::EndTidalCo2, "%"),
            (MetricCode::Temperature, "C"),
            (MetricCode::Ecg, "MV"),
            (MetricCode::Glucose, ""),
        ] {
            assert_eq!(conversion(metric, unit), None, "{unit} for {metric}");
        }
    }

    #[test]
    fn every_metric_is_found_by_each_of_its_codes_and_has_its_own_unit() {
        for &m in MetricCode::ALL.iter().filter(|m| !m.is_derived()) {
            assert_eq!(metric(m.name()), Some(m));
            assert_eq!(metric(&m.name().to_lowercase()), Some(m));
            assert_eq!(conversion(m, m.unit().ucum()), Some(Conversion::NONE), "{m}");
            if let Some(code) = m.mdc() {
                assert_eq!(metric(&code.to_string()), Some(m));
            }
            if !m.refid().is_empty() {
                assert_eq!(metric(m.refid()), Some(m));
            }
        }
    }

    #[test]
    fn other_codes_of_the_same_number_are_known() {
        for (word, expected) in [
            ("8867-4", MetricCode::HeartRate),
            ("59408-5", MetricCode::SpO2),
            ("8480-6", MetricCode::NibpSystolic),
            ("15074-8", MetricCode::Glucose),
            ("151578", MetricCode::RespirationRate),
            ("MDC_PRESS_CUFF_DIA", MetricCode::NibpDiastolic),
            ("150344", MetricCode::Temperature),
        ] {
            assert_eq!(metric(word), Some(expected), "{word}");
        }
        for word in ["", "0", "150020", "8867-5", "MDC_", "99999999999999999999", "HRR"] {
            assert_eq!(metric(word), None, "{word}");
        }
    }

    #[test]
    fn sentinels_are_no_values_only_where_they_cannot_be_one() {
        for number in SENTINELS {
            assert_eq!(read(MetricCode::SpO2, Conversion::NONE, number), Read::Sentinel);
        }
        let kept = |m, n| matches!(read(m, Conversion::NONE, n), Read::Value(_));
        assert!(kept(MetricCode::ArterialMean, -1.0));
        assert!(kept(MetricCode::CentralVenousMean, -1.0));
        assert!(kept(MetricCode::SpO2, 0.0));
        assert!(!kept(MetricCode::ArterialMean, -100.0));
        for number in [f64::NAN, f64::INFINITY, -2.0, 1e300] {
            assert_eq!(read(MetricCode::SpO2, Conversion::NONE, number), Read::Impossible);
        }
    }
}
