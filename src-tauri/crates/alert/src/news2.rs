//! placeholder
use model::{Breathing, Consciousness, EarlyWarningScore, MetricCode, Quantity, SpO2Scale};
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inputs {
    pub respiration: Option<(MetricCode, Quantity)>,
    pub saturation: Option<(MetricCode, Quantity)>,
    pub systolic: Option<(MetricCode, Quantity)>,
    pub pulse: Option<(MetricCode, Quantity)>,
    pub temperature: Option<(MetricCode, Quantity)>,
    pub assessment: Option<(Consciousness, Breathing)>,
    pub scale: SpO2Scale,
}
pub fn score(i: &Inputs) -> EarlyWarningScore {
    EarlyWarningScore {
        total: None,
        parts: vec![],
        scale: i.scale,
    }
}
