//! placeholder
use crate::formula::Formula;
use model::{MetricCode, Quantity, ReceiptTime};
#[derive(Clone, Debug)]
pub(crate) struct Combined;
impl Combined {
    pub(crate) fn new(_: &Formula) -> Self {
        Self
    }
    pub(crate) fn numeric(&mut self, _: ReceiptTime, _: MetricCode, _: Option<Quantity>) {}
    pub(crate) fn holds(&self, _: ReceiptTime) -> bool {
        false
    }
}
