//! What a person finds at the bedside and no sensor sends, and the early warning score that needs it.

use crate::{MetricCode, Person, ReceiptTime};

macro_rules! words {
    ($( $(#[$doc:meta])* $name:ident { $( #[$each:meta] $variant:ident = $word:literal, )* } )*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $( #[$each] $variant, )* }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[ $( Self::$variant, )* ];

            /// The word in files and on the wire.
            pub const fn as_str(self) -> &'static str { match self { $( Self::$variant => $word, )* } }

            /// The inverse of `as_str`.
            pub fn parse(word: &str) -> Option<Self> { Self::ALL.iter().copied().find(|w| w.as_str() == word) }
        }
    )* };
}

words! {
    /// Level of consciousness (ACVPU).
    Consciousness {
        /// Awake and as usual.
        Alert = "alert",
        /// New confusion.
        Confusion = "confusion",
        /// Answers to a voice.
        Voice = "voice",
        /// Answers to pain.
        Pain = "pain",
        /// Answers to nothing.
        Unresponsive = "unresponsive",
    }

    /// What the patient breathes.
    Breathing {
        /// Room air.
        Air = "air",
        /// Air with oxygen added.
        Oxygen = "oxygen",
    }

    /// Which scale SpO₂ is scored by. The second is for patients in hypercapnic respiratory failure, by a
    /// clinician's recorded decision only.
    SpO2Scale {
        /// The usual one.
        One = "one",
        /// For a target of 88-92 %.
        Two = "two",
    }

    /// A part of the early warning score.
    ScorePart {
        /// Respiratory rate.
        Respiration = "respiration",
        /// Oxygen saturation, by its scale.
        Saturation = "saturation",
        /// Air or oxygen.
        Breathing = "breathing",
        /// Systolic pressure.
        Systolic = "systolic",
        /// Pulse.
        Pulse = "pulse",
        /// Level of consciousness.
        Consciousness = "consciousness",
        /// Temperature.
        Temperature = "temperature",
    }

    /// What of the early warning score raises an alert.
    ScoreTrigger {
        /// The sum: 5 and more is urgent, 7 and more an emergency.
        Total = "total",
        /// One part alone that scores 3.
        Single = "single",
    }
}

impl ScorePart {
    /// What a person reads.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Respiration => "RR",
            Self::Saturation => "SpO₂",
            Self::Breathing => "Air or oxygen",
            Self::Systolic => "Systolic",
            Self::Pulse => "Pulse",
            Self::Consciousness => "Consciousness",
            Self::Temperature => "Temp",
        }
    }
}

/// What a person found at the bedside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// How awake.
    pub consciousness: Consciousness,
    /// Air or oxygen.
    pub breathing: Breathing,
    /// Which scale is in force.
    pub scale: SpO2Scale,
    /// Who looked.
    pub by: Person,
    /// When.
    pub at: ReceiptTime,
}

/// One part of a score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScoredPart {
    /// Which.
    pub part: ScorePart,
    /// 0 to 3; `None` while its value is missing or too old.
    pub points: Option<u8>,
    /// The number that was scored, for parts that are one.
    pub from: Option<MetricCode>,
}

/// National Early Warning Score 2 (Royal College of Physicians, 2017) of one bed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlyWarningScore {
    /// 0 to 20; `None` when anything is missing: "incomplete", never a number.
    pub total: Option<u8>,
    /// Its seven parts, in the order of the chart.
    pub parts: Vec<ScoredPart>,
    /// Which scale SpO₂ was scored by.
    pub scale: SpO2Scale,
}

impl EarlyWarningScore {
    /// Parts that are missing.
    pub fn missing(&self) -> impl Iterator<Item = ScorePart> {
        self.parts.iter().filter(|p| p.points.is_none()).map(|p| p.part)
    }
}
