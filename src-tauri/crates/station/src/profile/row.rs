//! One number's table of limits.

use std::ops::Range;
use std::time::Duration;

use alert::profile::{Around, AutoLimits, Lift, ProfileLimits};
use model::{Kind, LimitRule, Limits, LimitsError, MetricCode, Quantity, Side};
use serde::Deserialize;
use toml::Spanned;

use super::ProfileError;
use crate::lines::Lines;

/// Longest delay of a limit: beyond, it would hide what it is there to show.
const DELAY_MAX_S: f64 = 60.0;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LimitsTable {
    low: Option<Spanned<f64>>,
    high: Option<Spanned<f64>>,
    low_floor: Option<Spanned<f64>>,
    high_ceiling: Option<Spanned<f64>>,
    priority: Spanned<String>,
    delay_s: Spanned<f64>,
    hysteresis: Spanned<f64>,
    worse_by: Spanned<f64>,
    #[serde(default)]
    lifts: Vec<Spanned<LiftTable>>,
    auto: Option<Spanned<AutoTable>>,
    source: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LiftTable {
    below: Option<Spanned<f64>>,
    above: Option<Spanned<f64>>,
    to: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AutoTable {
    low_times: Option<Spanned<f64>>,
    low_plus: Option<Spanned<f64>>,
    high_times: Option<Spanned<f64>>,
    high_plus: Option<Spanned<f64>>,
    least: Spanned<f64>,
    most: Spanned<f64>,
}

/// One table of limits being read.
pub(super) struct Row<'a> {
    lines: &'a Lines<'a>,
    metric: MetricCode,
    at: Range<usize>,
    table: &'a LimitsTable,
}

impl<'a> Row<'a> {
    pub(super) fn of(
        lines: &'a Lines<'a>,
        key: &Spanned<String>,
        table: &'a Spanned<LimitsTable>,
    ) -> Result<Self, ProfileError> {
        let name = key.get_ref().parse::<MetricCode>();
        let row = Self {
            metric: name.map_err(|e| lines.complaint(&key.span(), e.to_string()))?,
            lines,
            at: key.span(),
            table: table.get_ref(),
        };
        if row.metric.kind() == Kind::Wave {
            return Err(row.complaint(&row.at, &LimitsError::Wave.to_string()));
        }
        if row.metric.is_derived() {
            return Err(row.complaint(&row.at, "the score has a table of its own; write [news2]"));
        }
        Ok(row)
    }

    pub(super) fn read(&self) -> Result<ProfileLimits, ProfileError> {
        let (metric, table) = (self.metric, self.table);
        let (low, high) = (self.bound(table.low.as_ref())?, self.bound(table.high.as_ref())?);
        let limits = Limits::new(low, high).map_err(|e| {
            let example = format!("{metric}: {e}; write for example low = 50 and high = 120");
            self.lines.complaint(&self.at, example)
        })?;
        let most_delay = 0.0..=DELAY_MAX_S;
        let delay = self
            .lines
            .within(&format!("{metric}: delay_s"), &table.delay_s, &most_delay)?;
        let rule = LimitRule {
            metric,
            limits,
            priority: self.lines.priority(&table.priority)?,
            delay: Duration::from_secs_f64(delay),
            hysteresis: self.step("hysteresis", &table.hysteresis, 0)?,
        };
        let rule = rule
            .checked()
            .map_err(|e| self.lines.complaint(&self.at, format!("{metric}: {e}")))?;
        let row = ProfileLimits {
            worse_by: self.step("worse_by", &table.worse_by, 1)?,
            lifts: table
                .lifts
                .iter()
                .map(|l| self.lift(l, &rule))
                .collect::<Result<_, _>>()?,
            low_floor: self.furthest(Side::Low, limits)?,
            high_ceiling: self.furthest(Side::High, limits)?,
            auto: table.auto.as_ref().map(|auto| self.auto(auto, limits)).transpose()?,
            source: self.lines.source(&table.source)?,
            rule,
        };
        Ok(row)
    }

    fn complaint(&self, at: &Range<usize>, text: &str) -> ProfileError {
        self.lines.complaint(at, format!("{}: {text}", self.metric))
    }

    fn quantity(&self, value: &Spanned<f64>) -> Result<Quantity, ProfileError> {
        Quantity::from_f64(*value.get_ref()).map_err(|e| self.complaint(&value.span(), &format!("{e}")))
    }

    fn bound(&self, value: Option<&Spanned<f64>>) -> Result<Option<Quantity>, ProfileError> {
        let Some(value) = value else { return Ok(None) };
        let bound = self.quantity(value)?;
        if self.metric.is_plausible(bound) {
            return Ok(Some(bound));
        }
        let (least, most) = self.metric.plausible_thousandths();
        let [least, most] = [least, most].map(Quantity::from_thousandths);
        Err(self.complaint(
            &value.span(),
            &format!("a value is from {least} to {most}; write one in between"),
        ))
    }

    /// A width in the metric's unit, of so many thousandths at least.
    fn step(&self, what: &str, value: &Spanned<f64>, least: i32) -> Result<Quantity, ProfileError> {
        let step = self.quantity(value)?;
        if step.thousandths() >= least {
            return Ok(step);
        }
        let write = if least == 0 { "0 or more" } else { "more than 0" };
        Err(self.complaint(&value.span(), &format!("{what} is a width; write {write}")))
    }

    /// Floor or ceiling: there exactly where the limit is, and at it or beyond.
    fn furthest(&self, side: Side, limits: Limits) -> Result<Option<Quantity>, ProfileError> {
        let (given, name, word) = match side {
            Side::Low => (self.table.low_floor.as_ref(), "low_floor", "lowest"),
            Side::High => (self.table.high_ceiling.as_ref(), "high_ceiling", "highest"),
        };
        let limit = limits.bound(side);
        match (limit, given) {
            (None, None) => Ok(None),
            (Some(_), None) => Err(self.complaint(
                &self.at,
                &format!(
                    "{name} is missing; write the {word} that a bed may set its {} limit to",
                    side.as_str()
                ),
            )),
            (None, Some(given)) => Err(self.complaint(
                &given.span(),
                &format!(
                    "{name} without a {0} limit; write {0} = … as well, or leave it out",
                    side.as_str()
                ),
            )),
            (Some(limit), Some(given)) => {
                let furthest = self.bound(Some(given))?;
                if furthest.is_some_and(|furthest| is_beyond_or_at(side, furthest, limit)) {
                    return Ok(furthest);
                }
                let relation = if side == Side::Low { "less" } else { "more" };
                Err(self.complaint(
                    &given.span(),
                    &format!(
                        "{name} is inside the {} limit; write {limit} or {relation}",
                        side.as_str()
                    ),
                ))
            }
        }
    }

    fn lift(&self, table: &Spanned<LiftTable>, rule: &LimitRule) -> Result<Lift, ProfileError> {
        let at = table.span();
        let lift = table.get_ref();
        let (side, given) = match (&lift.below, &lift.above) {
            (Some(below), None) => (Side::Low, below),
            (None, Some(above)) => (Side::High, above),
            (None, None) | (Some(_), Some(_)) => {
                return Err(self.complaint(&at, "a lift has one bound; write below = … or above = …"));
            }
        };
        let beyond = self.bound(Some(given))?;
        let limit = rule.limits.bound(side);
        let Some((beyond, limit)) = beyond.zip(limit) else {
            return Err(self.complaint(
                &given.span(),
                &format!("a lift needs the {0} limit; write {0} = … as well", side.as_str()),
            ));
        };
        if !is_beyond_or_at(side, beyond, limit) {
            let relation = if side == Side::Low { "less" } else { "more" };
            let inside = format!("a lift is at the limit or beyond it; write {limit} or {relation}");
            return Err(self.complaint(&given.span(), &inside));
        }
        let to = self.lines.priority(&lift.to)?;
        if to < rule.priority {
            let lower = format!(
                "a lift makes more urgent; the limit is \"{}\" already",
                rule.priority.as_str()
            );
            return Err(self.complaint(&lift.to.span(), &lower));
        }
        Ok(Lift { side, beyond, to })
    }

    fn auto(&self, table: &Spanned<AutoTable>, limits: Limits) -> Result<AutoLimits, ProfileError> {
        let (at, auto) = (table.span(), table.get_ref());
        if self.metric == MetricCode::SpO2 {
            return Err(self.complaint(&at, "auto limits must never loosen it; leave auto out"));
        }
        if limits.low().is_none() || limits.high().is_none() {
            return Err(self.complaint(
                &at,
                "auto limits are a low and a high one; write both limits, or leave auto out",
            ));
        }
        let (least, most) = (self.bound(Some(&auto.least))?, self.bound(Some(&auto.most))?);
        let Some((least, most)) = least.zip(most).filter(|(least, most)| least < most) else {
            return Err(self.complaint(
                &auto.most.span(),
                "least must be below most; write for example least = 40, most = 240",
            ));
        };
        Ok(AutoLimits {
            low: self.around(Side::Low, &at, auto.low_times.as_ref(), auto.low_plus.as_ref())?,
            high: self.around(Side::High, &at, auto.high_times.as_ref(), auto.high_plus.as_ref())?,
            least,
            most,
        })
    }

    fn around(
        &self,
        side: Side,
        at: &Range<usize>,
        times: Option<&Spanned<f64>>,
        plus: Option<&Spanned<f64>>,
    ) -> Result<Around, ProfileError> {
        let (example, outward) = match side {
            Side::Low => ("low_times = 0.8 or low_plus = -30", "below"),
            Side::High => ("high_times = 1.25 or high_plus = 40", "above"),
        };
        let (given, around, no_change) = match (times, plus) {
            (Some(times), None) => {
                let factor = self.quantity(times)?;
                (times, Around::Times(factor.thousandths()), Quantity::PER_UNIT)
            }
            (None, Some(plus)) => (plus, Around::Plus(self.quantity(plus)?), 0),
            (None, None) | (Some(_), Some(_)) => {
                return Err(self.complaint(at, &format!("write {example}")));
            }
        };
        let by = match around {
            Around::Times(thousandths) => thousandths,
            Around::Plus(by) => by.thousandths(),
        };
        let is_outward = match side {
            Side::Low => by < no_change,
            Side::High => by > no_change,
        };
        if is_outward {
            return Ok(around);
        }
        let inward = format!(
            "the {} limit must be {outward} the value; write for example {example}",
            side.as_str()
        );
        Err(self.complaint(&given.span(), &inward))
    }
}

fn is_beyond_or_at(side: Side, value: Quantity, bound: Quantity) -> bool {
    match side {
        Side::Low => value <= bound,
        Side::High => value >= bound,
    }
}
