//! Samples on their way into a file.

use super::Format;
use super::gain::Plan;
use super::single::low_word;
use crate::recording::NO_SAMPLE_WIDE;

/// One signal: what is written, and what the header says of it.
#[derive(Debug)]
pub(super) struct Packer {
    pub(super) plan: Plan,
    missing: i32,
    pub(super) initial: Option<i32>,
    pub(super) checksum: u16,
}

impl Packer {
    pub(super) fn new(plan: Plan, format: Format) -> Self {
        Self {
            plan,
            missing: format.missing().unwrap_or(NO_SAMPLE_WIDE),
            initial: None,
            checksum: 0,
        }
    }

    /// Turns samples of the channel into those of the file.
    pub(super) fn convert(&mut self, samples: &mut [i32]) {
        for sample in samples.iter_mut() {
            *sample = if *sample == NO_SAMPLE_WIDE {
                self.missing
            } else {
                self.plan.apply(*sample)
            };
            self.checksum = self.checksum.wrapping_add(low_word(*sample));
        }
        self.initial = self.initial.or(samples.first().copied());
    }
}
