//! Whether a formula holds now.
//!
//! A value is a point in time: one counts for "rose by" while it is not older than the formula's time, whether or not
//! the number went missing in between. While a number has no value, its terms do not hold. Nothing is carried from
//! one stay to the next: a new patient gets a new [`Combined`].

use std::collections::VecDeque;
use std::time::Duration;

use model::{MetricCode, Quantity, ReceiptTime};

use crate::formula::{Formula, Term};
use crate::settings::Beyond;

/// Most points that a term keeps of one number. Whole numbers need fewer (each kept point is further in than the one
/// before: 201 for RR, 351 for HR), and are judged exactly. 512 points of 16 bytes are 8 KiB a term, 64 KiB a rule of
/// eight terms.
const POINTS_MAX: usize = 512;

/// Parts of the formula's time that are left when there are too many points: of each, the value furthest from the
/// value now is kept, at the time of the last. So a term can hold for longer than it should by 1/255 of its time (7 s
/// in 30 min), and never for shorter: the alert is made more likely, not less. Points that lie within the time touch
/// 256 parts at most, half of what fits.
const PARTS: u64 = 255;

/// A formula and what it must remember to be judged.
#[derive(Clone, Debug)]
pub struct Combined {
    terms: Vec<Judged>,
    /// No time given goes back behind this one.
    newest: ReceiptTime,
}

#[derive(Clone, Debug)]
struct Judged {
    term: Term,
    /// The value now.
    value: Option<Quantity>,
    /// Of a moving term, the values that can still be the furthest within its time: each further in than the one
    /// before (rising where the term looks for a rise), so the furthest is the first.
    points: VecDeque<(ReceiptTime, Quantity)>,
}

impl Combined {
    /// Knows no value yet.
    pub fn new(formula: &Formula) -> Self {
        let judged = |term: &Term| Judged {
            term: *term,
            value: None,
            points: VecDeque::new(),
        };
        Self {
            terms: formula.terms().iter().map(judged).collect(),
            newest: ReceiptTime::from_micros(i64::MIN),
        }
    }

    /// A number has this value from `at` on, or none. Times that go back count as the newest seen.
    pub fn numeric(&mut self, at: ReceiptTime, metric: MetricCode, value: Option<Quantity>) {
        self.newest = self.newest.max(at);
        for judged in self.terms.iter_mut().filter(|j| j.term.metric() == metric) {
            judged.take(self.newest, value);
        }
    }

    /// All terms hold at `now`; how long they must is the engine's part.
    pub fn holds(&self, now: ReceiptTime) -> bool {
        let now = self.newest.max(now);
        self.terms.iter().all(|j| j.holds(now))
    }

    /// A term whose number has a value does not hold at `now`: whatever the others would say, it is over. Neither
    /// holding nor over is a formula whose numbers are missing; that proves nothing.
    pub fn is_over(&self, now: ReceiptTime) -> bool {
        let now = self.newest.max(now);
        self.terms.iter().any(|j| j.value.is_some() && !j.holds(now))
    }

    /// When it stops to hold although no value comes: the points that a term counts from grow too old. `None` while it
    /// does not hold, or holds until a value says otherwise.
    pub fn next_change(&self, now: ReceiptTime) -> Option<ReceiptTime> {
        if !self.holds(now) {
            return None;
        }
        self.terms.iter().filter_map(Judged::holds_before).min()
    }
}

impl Judged {
    fn take(&mut self, at: ReceiptTime, value: Option<Quantity>) {
        self.value = value;
        let (Term::Moved { side, within, .. }, Some(value)) = (self.term, value) else {
            return;
        };
        while self.points.front().is_some_and(|(t, _)| *t < at.minus(within)) {
            self.points.pop_front();
        }
        // A point that is newer and as far from what may come makes an older one useless.
        while self.points.back().is_some_and(|(_, v)| !side.beyond(value, *v)) {
            self.points.pop_back();
        }
        if self.points.len() >= POINTS_MAX {
            self.coarsen(within);
        }
        self.points.push_back((at, value));
    }

    /// Parts lie fast on the time line: a point cannot creep on from one to the next however often this is done.
    fn coarsen(&mut self, within: Duration) {
        let micros = u64::try_from(within.as_micros()).unwrap_or(u64::MAX);
        let width = i64::try_from(micros.div_ceil(PARTS)).unwrap_or(i64::MAX).max(1);
        let part = |t: ReceiptTime| t.as_micros().div_euclid(width);
        let mut kept: VecDeque<(ReceiptTime, Quantity)> = VecDeque::with_capacity(POINTS_MAX);
        for (t, value) in self.points.drain(..) {
            match kept.back_mut() {
                // The first of a part has the furthest value.
                Some((last, _)) if part(*last) == part(t) => *last = t,
                _ => kept.push_back((t, value)),
            }
        }
        self.points = kept;
    }

    fn holds(&self, now: ReceiptTime) -> bool {
        match (self.term, self.value) {
            (_, None) => false,
            (Term::Beyond { side, bound, .. }, Some(value)) => side.beyond(value, bound),
            (Term::Moved { .. }, Some(_)) => self.holds_before().is_some_and(|end| now < end),
        }
    }

    /// Of a moving term whose value now is far enough from a point: the first moment at which no such point is young
    /// enough any more.
    fn holds_before(&self) -> Option<ReceiptTime> {
        let (Term::Moved { side, by, within, .. }, Some(value)) = (self.term, self.value) else {
            return None;
        };
        // The points from which it is far enough are the first ones; the last of them stays longest.
        let start = side.inward(value, by);
        let far = self.points.partition_point(|(_, v)| !side.beyond(*v, start));
        let (t, _) = self.points.get(far.checked_sub(1)?)?;
        Some(t.plus(within).plus(Duration::from_micros(1)))
    }
}

#[cfg(test)]
#[path = "combined_tests.rs"]
mod tests;
