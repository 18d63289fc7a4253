//! How late a viewer is: delays by hundredths of a millisecond, in bounded memory.

use std::fmt;
use std::str::FromStr;

use acceptance::Trouble;

/// Width of one drawer.
const STEP_US: usize = 10;
/// Five seconds; what is later stands in the last drawer, and the greatest delay is kept apart.
const DRAWERS: usize = 500_000;

/// Counts what a viewer sees.
pub struct Delays {
    drawers: Vec<u32>,
    seen: Seen,
}

/// What a viewer saw in the measured span. As text it is one line, which the viewer's process prints.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Seen {
    /// Samples in the span.
    pub samples: u64,
    /// Samples since the viewer opened.
    pub samples_ever: u64,
    /// Blocks or messages in the span.
    pub deliveries: u64,
    /// Blocks that were dropped on the way since the viewer opened.
    pub dropped: u64,
    /// Milliseconds: median, 99 of 100, 999 of 1,000, the greatest.
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub p999_ms: f64,
    pub max_ms: f64,
}

impl Default for Delays {
    fn default() -> Self {
        Self {
            drawers: vec![0; DRAWERS],
            seen: Seen::default(),
        }
    }
}

impl Delays {
    /// Something with so many samples came so many microseconds after it was sent.
    pub fn note(&mut self, delay_us: i64, samples: usize) {
        let delay = usize::try_from(delay_us).unwrap_or(0);
        if let Some(drawer) = self.drawers.get_mut((delay / STEP_US).min(DRAWERS - 1)) {
            *drawer += 1;
        }
        self.seen.max_ms = self.seen.max_ms.max(ms(delay));
        self.seen.deliveries += 1;
        self.seen.samples += samples as u64;
        self.seen.samples_ever += samples as u64;
    }

    /// So many blocks were dropped since the viewer opened.
    pub fn dropped(&mut self, blocks: u64) {
        self.seen.dropped = blocks;
    }

    /// The measured span begins.
    pub fn begin(&mut self) {
        self.drawers = vec![0; DRAWERS];
        self.seen = Seen {
            samples_ever: self.seen.samples_ever,
            dropped: self.seen.dropped,
            ..Seen::default()
        };
    }

    /// The measured span is over.
    pub fn end(&self) -> Seen {
        Seen {
            p50_ms: self.at(500),
            p99_ms: self.at(990),
            p999_ms: self.at(999),
            ..self.seen
        }
    }

    fn at(&self, permille: u64) -> f64 {
        let wanted = self.seen.deliveries * permille / 1_000;
        let mut sum = 0;
        let drawer = self.drawers.iter().position(|count| {
            sum += u64::from(*count);
            sum > wanted
        });
        // The upper end of the drawer: never better than it was.
        drawer.map_or(f64::NAN, |drawer| ms((drawer + 1) * STEP_US))
    }
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of a bench are far below 2^53")]
fn ms(us: usize) -> f64 {
    us as f64 / 1_000.0
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {} {} {} {} {} {} {}",
            self.samples,
            self.samples_ever,
            self.deliveries,
            self.dropped,
            self.p50_ms,
            self.p99_ms,
            self.p999_ms,
            self.max_ms
        )
    }
}

impl FromStr for Seen {
    type Err = Trouble;

    fn from_str(line: &str) -> Result<Self, Trouble> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [samples, ever, deliveries, dropped, p50, p99, p999, max] = words.as_slice() else {
            return Err(format!("the viewer said `{line}`").into());
        };
        Ok(Self {
            samples: samples.parse()?,
            samples_ever: ever.parse()?,
            deliveries: deliveries.parse()?,
            dropped: dropped.parse()?,
            p50_ms: p50.parse()?,
            p99_ms: p99.parse()?,
            p999_ms: p999.parse()?,
            max_ms: max.parse()?,
        })
    }
}
