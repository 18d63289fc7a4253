//! When to look at which place next, and how loud it is: a tournament over all places.
//!
//! Each event touches one place, and one leaf-to-root walk brings the answers for all of them up to date: no scan
//! of the ward, no allocation, however many beds.

use model::ReceiptTime;

use crate::Loudness;

/// What one place asks of the loop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Summary {
    /// When something falls due.
    pub(crate) due: Option<ReceiptTime>,
    /// How it sounds.
    pub(crate) loudest: Option<Loudness>,
}

impl Summary {
    fn with(self, other: Self) -> Self {
        Self {
            due: earliest(self.due, other.due),
            loudest: self.loudest.max(other.loudest),
        }
    }
}

/// The earlier of two times that may not be.
pub(crate) fn earliest(a: Option<ReceiptTime>, b: Option<ReceiptTime>) -> Option<ReceiptTime> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    }
}

/// The tournament: node `n` sums up nodes `2n` and `2n + 1`; the leaves are the places.
#[derive(Clone, Debug, Default)]
pub(crate) struct Deadlines {
    nodes: Vec<Summary>,
    leaves: usize,
}

impl Deadlines {
    /// Makes room for `places` places; what is known of them stays.
    pub(crate) fn grow(&mut self, places: usize) {
        if places <= self.leaves {
            return;
        }
        let old: Vec<Summary> = self.nodes.iter().skip(self.leaves).copied().collect();
        self.leaves = places.next_power_of_two();
        self.nodes = vec![Summary::default(); 2 * self.leaves];
        for (place, summary) in old.into_iter().enumerate() {
            self.set(place, summary);
        }
    }

    /// What `place` asks from now on.
    pub(crate) fn set(&mut self, place: usize, summary: Summary) {
        let mut node = place + self.leaves;
        let Some(leaf) = self.nodes.get_mut(node) else { return };
        if *leaf == summary {
            return;
        }
        *leaf = summary;
        while node > 1 {
            node /= 2;
            let sum = self.node(2 * node).with(self.node(2 * node + 1));
            if let Some(parent) = self.nodes.get_mut(node) {
                *parent = sum;
            }
        }
    }

    /// Over all places.
    pub(crate) fn all(&self) -> Summary {
        self.node(1)
    }

    /// The first place, in order, at which something falls due earliest.
    pub(crate) fn first(&self) -> Option<(ReceiptTime, usize)> {
        let due = self.all().due?;
        let mut node = 1;
        while node < self.leaves {
            node *= 2;
            if self.node(node).due != Some(due) {
                node += 1;
            }
        }
        Some((due, node - self.leaves))
    }

    fn node(&self, node: usize) -> Summary {
        self.nodes.get(node).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use model::Priority;

    use super::*;

    #[test]
    fn the_earliest_and_the_loudest_of_many_places_are_found_while_they_grow_and_change() {
        let mut deadlines = Deadlines::default();
        assert_eq!(deadlines.first(), None);
        let mut plain: Vec<Summary> = Vec::new();
        let mut seed = 7_u64;
        for turn in 0..2_000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            if turn % 50 == 0 {
                plain.push(Summary::default());
                deadlines.grow(plain.len());
            }
            let place = usize::try_from(seed >> 33).unwrap() % plain.len();
            let summary = Summary {
                due: (!seed.is_multiple_of(5))
                    .then(|| ReceiptTime::from_millis(i64::try_from(seed >> 50).unwrap() % 100)),
                loudest: [None, Some(Priority::Low), Some(Priority::High)][usize::try_from(seed >> 20).unwrap() % 3]
                    .map(|priority| Loudness {
                        priority,
                        louder: seed.is_multiple_of(2),
                    }),
            };
            plain[place] = summary;
            deadlines.set(place, summary);
            let due = plain.iter().filter_map(|s| s.due).min();
            let first = due.map(|d| (d, plain.iter().position(|s| s.due == Some(d)).unwrap()));
            assert_eq!(deadlines.first(), first);
            assert_eq!(deadlines.all().loudest, plain.iter().filter_map(|s| s.loudest).max());
        }
    }
}
