//! What is measured: one closed list, each with its codes, its one unit and its plausible range.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::Quantity;

/// A number now and then, or a wave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A slow value.
    Numeric,
    /// A sampled trace.
    Wave,
}

/// Canonical units, by their UCUM code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// `/min`
    PerMinute,
    /// `%`
    Percent,
    /// `mm[Hg]`
    MillimetreOfMercury,
    /// `Cel`
    DegreeCelsius,
    /// `mV`
    Millivolt,
    /// `mg/dL`
    MilligramPerDecilitre,
    /// `1`: a trace in the device's own arbitrary scale.
    One,
}

impl Unit {
    /// All units.
    pub const ALL: [Self; 7] = [
        Self::PerMinute,
        Self::Percent,
        Self::MillimetreOfMercury,
        Self::DegreeCelsius,
        Self::Millivolt,
        Self::MilligramPerDecilitre,
        Self::One,
    ];

    /// The UCUM code (case sensitive).
    pub const fn ucum(self) -> &'static str {
        match self {
            Self::PerMinute => "/min",
            Self::Percent => "%",
            Self::MillimetreOfMercury => "mm[Hg]",
            Self::DegreeCelsius => "Cel",
            Self::Millivolt => "mV",
            Self::MilligramPerDecilitre => "mg/dL",
            Self::One => "1",
        }
    }

    /// The unit of a UCUM code.
    pub fn from_ucum(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|u| u.ucum() == code)
    }

    /// What a person reads.
    pub const fn label(self) -> &'static str {
        match self {
            Self::PerMinute => "/min",
            Self::Percent => "%",
            Self::MillimetreOfMercury => "mmHg",
            Self::DegreeCelsius => "°C",
            Self::Millivolt => "mV",
            Self::MilligramPerDecilitre => "mg/dL",
            Self::One => "",
        }
    }
}

/// No metric has this name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("no metric is called {0:?}; known are {known}", known = MetricCode::known())]
pub struct UnknownMetric(pub String);

macro_rules! metrics {
    ($( $(#[$doc:meta])* $variant:ident = $id:literal, $name:literal, $label:literal, $refid:literal, $mdc:expr,
        $kind:ident, $unit:ident, $decimals:literal, $low:literal ..= $high:literal; )*) => {
        /// What is measured. The discriminant is stable: it stands in files and frames.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum MetricCode { $( $(#[$doc])* $variant = $id, )* }

        impl MetricCode {
            /// Every metric.
            pub const ALL: &'static [Self] = &[ $( Self::$variant, )* ];

            /// Name on the wire, in files and on the command line.
            pub const fn name(self) -> &'static str { match self { $( Self::$variant => $name, )* } }

            /// What a person reads.
            pub const fn label(self) -> &'static str { match self { $( Self::$variant => $label, )* } }

            /// IEEE 11073-10101 reference id; empty where none is verified.
            pub const fn refid(self) -> &'static str { match self { $( Self::$variant => $refid, )* } }

            /// IEEE 11073-10101 code (partition * 65536 + term), where verified.
            pub const fn mdc(self) -> Option<u32> { match self { $( Self::$variant => $mdc, )* } }

            /// A number or a wave.
            pub const fn kind(self) -> Kind { match self { $( Self::$variant => Kind::$kind, )* } }

            /// The one unit in which it is held.
            pub const fn unit(self) -> Unit { match self { $( Self::$variant => Unit::$unit, )* } }

            /// Decimals on screen.
            pub const fn decimals(self) -> u8 { match self { $( Self::$variant => $decimals, )* } }

            /// Bounds outside which a value is impossible rather than alarming, in thousandths, inclusive.
            /// A patient can be at 0; nobody is at 1,000 % or 90 °C.
            pub const fn plausible_thousandths(self) -> (i32, i32) {
                match self { $( Self::$variant => ($low * Quantity::PER_UNIT, $high * Quantity::PER_UNIT), )* }
            }
        }
    };
}

metrics! {
    /// Heart rate from the ECG.
    HeartRate = 1, "HR", "HR", "MDC_ECG_HEART_RATE", Some(147_842), Numeric, PerMinute, 0, 0..=350;
    /// Ventricular premature complexes a minute.
    VpcRate = 2, "PVC", "PVC", "MDC_ECG_V_P_C_RATE", Some(148_066), Numeric, PerMinute, 0, 0..=350;
    /// Oxygen saturation by pulse oximetry.
    SpO2 = 3, "SPO2", "SpO₂", "MDC_PULS_OXIM_SAT_O2", Some(150_456), Numeric, Percent, 0, 0..=100;
    /// Pulse rate from the oximeter.
    PulseRate = 4, "PR", "PR", "MDC_PULS_OXIM_PULS_RATE", Some(149_530), Numeric, PerMinute, 0, 0..=350;
    /// Perfusion index.
    PerfusionIndex = 5, "PI", "PI", "MDC_BLD_PERF_INDEX", Some(150_488), Numeric, Percent, 1, 0..=100;
    /// Respiratory rate.
    RespirationRate = 6, "RR", "RR", "MDC_RESP_RATE", Some(151_562), Numeric, PerMinute, 0, 0..=200;
    /// Respiratory rate from carbon dioxide.
    AirwayRespirationRate = 7, "AWRR", "awRR", "MDC_CO2_RESP_RATE", Some(151_594), Numeric, PerMinute, 0, 0..=200;
    /// End-tidal carbon dioxide.
    EndTidalCo2 = 8, "ETCO2", "etCO₂", "MDC_CONC_AWAY_CO2_ET", Some(151_708), Numeric, MillimetreOfMercury, 0, 0..=150;
    /// Non-invasive systolic pressure.
    NibpSystolic = 9, "NIBP_SYS", "NIBP sys", "MDC_PRESS_BLD_NONINV_SYS", Some(150_021), Numeric, MillimetreOfMercury, 0, 0..=350;
    /// Non-invasive diastolic pressure.
    NibpDiastolic = 10, "NIBP_DIA", "NIBP dia", "MDC_PRESS_BLD_NONINV_DIA", Some(150_022), Numeric, MillimetreOfMercury, 0, 0..=350;
    /// Non-invasive mean pressure.
    NibpMean = 11, "NIBP_MEAN", "NIBP mean", "MDC_PRESS_BLD_NONINV_MEAN", Some(150_023), Numeric, MillimetreOfMercury, 0, 0..=350;
    /// Arterial systolic pressure.
    ArterialSystolic = 12, "ART_SYS", "ART sys", "MDC_PRESS_BLD_ART_SYS", Some(150_033), Numeric, MillimetreOfMercury, 0, -50..=400;
    /// Arterial diastolic pressure.
    ArterialDiastolic = 13, "ART_DIA", "ART dia", "MDC_PRESS_BLD_ART_DIA", Some(150_034), Numeric, MillimetreOfMercury, 0, -50..=400;
    /// Arterial mean pressure.
    ArterialMean = 14, "ART_MEAN", "ART mean", "MDC_PRESS_BLD_ART_MEAN", Some(150_035), Numeric, MillimetreOfMercury, 0, -50..=400;
    /// Central venous mean pressure.
    CentralVenousMean = 15, "CVP", "CVP", "MDC_PRESS_BLD_VEN_CENT_MEAN", Some(150_087), Numeric, MillimetreOfMercury, 0, -50..=150;
    /// Body temperature.
    Temperature = 16, "TEMP", "Temp", "MDC_TEMP_BODY", Some(150_364), Numeric, DegreeCelsius, 1, 10..=50;
    /// Blood glucose.
    Glucose = 17, "GLU", "Glucose", "", None, Numeric, MilligramPerDecilitre, 0, 0..=2000;
    /// National Early Warning Score 2, worked out by this station.
    EarlyWarningScore = 18, "NEWS2", "NEWS2", "", None, Numeric, One, 0, 0..=20;

    /// ECG, lead not said.
    Ecg = 64, "ECG", "ECG", "MDC_ECG_ELEC_POTL", Some(131_328), Wave, Millivolt, 2, -100..=100;
    /// ECG lead I.
    EcgI = 65, "ECG_I", "I", "MDC_ECG_ELEC_POTL_I", Some(131_329), Wave, Millivolt, 2, -100..=100;
    /// ECG lead II.
    EcgII = 66, "ECG_II", "II", "MDC_ECG_ELEC_POTL_II", Some(131_330), Wave, Millivolt, 2, -100..=100;
    /// ECG lead III.
    EcgIII = 67, "ECG_III", "III", "MDC_ECG_ELEC_POTL_III", Some(131_389), Wave, Millivolt, 2, -100..=100;
    /// ECG lead V1. The codes of V1 to V6 are not verified.
    EcgV1 = 68, "ECG_V1", "V1", "MDC_ECG_ELEC_POTL_V1", Some(131_331), Wave, Millivolt, 2, -100..=100;
    /// ECG lead V2.
    EcgV2 = 69, "ECG_V2", "V2", "MDC_ECG_ELEC_POTL_V2", Some(131_332), Wave, Millivolt, 2, -100..=100;
    /// ECG lead V3.
    EcgV3 = 70, "ECG_V3", "V3", "MDC_ECG_ELEC_POTL_V3", Some(131_333), Wave, Millivolt, 2, -100..=100;
    /// ECG lead V4.
    EcgV4 = 71, "ECG_V4", "V4", "MDC_ECG_ELEC_POTL_V4", Some(131_334), Wave, Millivolt, 2, -100..=100;
    /// ECG lead V5.
    EcgV5 = 72, "ECG_V5", "V5", "MDC_ECG_ELEC_POTL_V5", Some(131_335), Wave, Millivolt, 2, -100..=100;
    /// ECG lead V6.
    EcgV6 = 73, "ECG_V6", "V6", "MDC_ECG_ELEC_POTL_V6", Some(131_336), Wave, Millivolt, 2, -100..=100;
    /// Plethysmogram.
    Pleth = 80, "PLETH", "Pleth", "MDC_PULS_OXIM_PLETH", Some(150_452), Wave, One, 2, -1_000_000..=1_000_000;
    /// Respiration trace (impedance or belt), in the device's own scale.
    Respiration = 81, "RESP", "Resp", "", None, Wave, One, 2, -1_000_000..=1_000_000;
    /// Airway carbon dioxide.
    AirwayCo2 = 82, "CO2", "CO₂", "MDC_CONC_AWAY_CO2", Some(151_700), Wave, MillimetreOfMercury, 1, -10..=200;
    /// Arterial pressure trace.
    ArterialPressure = 83, "ART", "ART", "MDC_PRESS_BLD_ART", Some(150_032), Wave, MillimetreOfMercury, 0, -100..=500;
    /// Central venous pressure trace.
    CentralVenousPressure = 84, "CVP_WAVE", "CVP", "MDC_PRESS_BLD_VEN_CENT", Some(150_084), Wave, MillimetreOfMercury, 0, -100..=500;
}

impl MetricCode {
    /// The number that stands for it in files and frames.
    pub const fn id(self) -> u8 {
        self as u8
    }

    /// The inverse of [`MetricCode::id`].
    pub fn from_id(id: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|m| m.id() == id)
    }

    /// Whether `value` can be a measurement at all.
    pub fn is_plausible(self, value: Quantity) -> bool {
        let (low, high) = self.plausible_thousandths();
        (low..=high).contains(&value.thousandths())
    }

    /// Measured now and then (a cuff) rather than continuously: its age is shown, and it greys after its interval.
    pub const fn is_intermittent(self) -> bool {
        matches!(
            self,
            Self::NibpSystolic | Self::NibpDiastolic | Self::NibpMean | Self::Glucose
        )
    }

    /// Worked out by this station: no device may send it.
    pub const fn is_derived(self) -> bool {
        matches!(self, Self::EarlyWarningScore)
    }

    fn known() -> String {
        Self::ALL
            .iter()
            .filter(|m| !m.is_derived())
            .map(|m| m.name())
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// The name on the wire.
impl fmt::Display for MetricCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// By name, upper or lower case.
///
/// ```
/// use model::MetricCode;
/// assert_eq!("SpO2".parse(), Ok(MetricCode::SpO2));
/// assert!("BP".parse::<MetricCode>().is_err());
/// ```
impl FromStr for MetricCode {
    type Err = UnknownMetric;

    fn from_str(name: &str) -> Result<Self, UnknownMetric> {
        Self::ALL
            .iter()
            .copied()
            .find(|m| m.name().eq_ignore_ascii_case(name))
            .ok_or_else(|| UnknownMetric(name.chars().take(40).collect()))
    }
}
