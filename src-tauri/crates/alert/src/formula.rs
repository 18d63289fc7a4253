//! Conditions over several numbers, or over how one moves, in one small form:
//!
//! ```text
//! TERM and TERM …  [for N s|min]        all terms at once, for that long (0 to 60 min; at once where not said)
//! TERM:  METRIC < NUMBER                below; a value equal to the bound is not
//!        METRIC > NUMBER                above
//!        METRIC rose by NUMBER in N s|min|h    by so much or more, from its least value in that time (10 s to 12 h)
//!        METRIC fell by NUMBER in N s|min|h    from its greatest
//! ```
//!
//! A metric is called as on the wire (`SPO2`, `HR`, `NEWS2` …); waves cannot be compared. Upper and lower case are
//! the same. A number has three decimals at most and is in the metric's one unit. There are 1 to 8 terms, no `or`
//! (write two rules) and nothing else.
//!
//! A formula that could never hold is refused: it would look like protection.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use model::{Kind, MetricCode, Quantity, Side};

use crate::settings::Beyond;

/// Most terms of one formula: more is a sign of two rules in one.
pub const TERMS_MAX: usize = 8;
/// Longest time that a formula can be asked to last.
pub const LASTS_MAX: Duration = Duration::from_hours(1);
/// Shortest time over which a number's moving is judged: some values a second, and a cuff's are minutes apart.
pub const WITHIN_MIN: Duration = Duration::from_secs(10);
/// Longest time over which a number's moving is judged: a shift.
pub const WITHIN_MAX: Duration = Duration::from_hours(12);

/// All of its terms must hold at once, for as long as it says.
///
/// ```
/// use alert::formula::Formula;
/// let formula: Formula = "spo2 < 90 and HR<50 for 20 s".parse()?;
/// assert_eq!(formula.to_string(), "SPO2 < 90 and HR < 50 for 20 s");
/// let error = "SPO2 < 90 or HR < 50".parse::<Formula>().unwrap_err();
/// assert_eq!(error.to_string(), "column 11: there is no \"or\"; write two rules");
/// # Ok::<(), alert::formula::FormulaError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formula {
    terms: Vec<Term>,
    lasts: Duration,
}

/// One part of a formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// The number is beyond a bound (exclusive, as limits are): `SPO2 < 90`.
    Beyond {
        /// Which number.
        metric: MetricCode,
        /// `Low`: below; `High`: above.
        side: Side,
        /// The bound.
        bound: Quantity,
    },
    /// The number has moved by so much or more within a time: `RR rose by 8 in 30 min`.
    Moved {
        /// Which number.
        metric: MetricCode,
        /// `High`: it rose, counted from its least value within the time; `Low`: it fell, from its greatest.
        side: Side,
        /// By how much, in the metric's unit.
        by: Quantity,
        /// Within this time before now.
        within: Duration,
    },
}

/// Where a formula cannot be understood, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormulaError {
    /// The byte at which the word begins; all before it is ASCII.
    pub at: usize,
    /// What is wrong there and what to write.
    pub what: String,
}

impl fmt::Display for FormulaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {}: {}", self.at.saturating_add(1), self.what)
    }
}

impl std::error::Error for FormulaError {}

impl Formula {
    /// Its terms: one at least.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// How long it must hold before it is an alert.
    pub const fn lasts(&self) -> Duration {
        self.lasts
    }

    /// What is asked of history: formulas joined by `and`, each with its own time, which must hold at once. A time is
    /// that of the terms before it, back to the time before.
    ///
    /// ```
    /// use alert::formula::Formula;
    /// let asked = Formula::several("SpO2 < 88 for 20 s and HR < 50")?;
    /// assert_eq!(asked.iter().map(|f| f.lasts().as_secs()).collect::<Vec<_>>(), [20, 0]);
    /// let error = Formula::several("SpO2 < 88 for 20 s HR < 50").unwrap_err();
    /// assert_eq!(error.to_string(), r#"column 20: "HR" comes after a time; write "and" before it"#);
    /// # Ok::<(), alert::formula::FormulaError>(())
    /// ```
    ///
    /// # Errors
    /// As for one formula: the word, and what to write there.
    pub fn several(text: &str) -> Result<Vec<Self>, FormulaError> {
        let mut words = Words { text, at: 0 };
        let mut formulas = Vec::new();
        loop {
            let (formula, next) = formula(&mut words, &formulas)?;
            formulas.push(formula);
            if next.is_end() {
                return Ok(formulas);
            }
            if !next.is("and") {
                return Err(next.error(format!("{} comes after a time; write \"and\" before it", next.said())));
            }
        }
    }
}

impl Term {
    /// Which number it looks at.
    pub const fn metric(&self) -> MetricCode {
        match self {
            Self::Beyond { metric, .. } | Self::Moved { metric, .. } => *metric,
        }
    }
}

/// The form that is read, with single spaces and the metric's own name.
impl fmt::Display for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, term) in self.terms.iter().enumerate() {
            write!(f, "{}{term}", if i == 0 { "" } else { " and " })?;
        }
        if self.lasts.is_zero() {
            return Ok(());
        }
        let seconds = self.lasts.as_secs();
        match seconds % 60 {
            0 => write!(f, " for {} min", seconds / 60),
            _ => write!(f, " for {seconds} s"),
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Beyond { metric, side, bound } => {
                let sign = match side {
                    Side::Low => '<',
                    Side::High => '>',
                };
                write!(f, "{metric} {sign} {bound}")
            }
            Self::Moved {
                metric,
                side,
                by,
                within,
            } => {
                let moved = match side {
                    Side::Low => "fell",
                    Side::High => "rose",
                };
                write!(f, "{metric} {moved} by {by} in ")?;
                let seconds = within.as_secs();
                if seconds % 3_600 == 0 {
                    write!(f, "{} h", seconds / 3_600)
                } else if seconds % 60 == 0 {
                    write!(f, "{} min", seconds / 60)
                } else {
                    write!(f, "{seconds} s")
                }
            }
        }
    }
}

impl FromStr for Formula {
    type Err = FormulaError;

    fn from_str(text: &str) -> Result<Self, FormulaError> {
        let mut words = Words { text, at: 0 };
        let (formula, next) = formula(&mut words, &[])?;
        if next.is_end() {
            return Ok(formula);
        }
        Err(next.error(format!(
            "{} comes after the end; write nothing after the time",
            next.said()
        )))
    }
}

/// One formula, and the word after it.
fn formula<'a>(words: &mut Words<'a>, before: &[Formula]) -> Result<(Formula, Word<'a>), FormulaError> {
    let mut terms: Vec<Term> = Vec::new();
    let known: usize = before.iter().map(|f| f.terms.len()).sum();
    loop {
        let begins = words.peek();
        let term = term(words)?;
        if known + terms.len() == TERMS_MAX {
            return Err(begins.error(format!("a formula has {TERMS_MAX} terms at most; write two rules")));
        }
        let mut others = before.iter().flat_map(|f| &f.terms).chain(&terms);
        if let Some(other) = others.find(|other| exclude_each_other(other, &term)) {
            return Err(begins.error(format!("this and \"{other}\" can never hold at once; change a bound")));
        }
        terms.push(term);
        let next = words.take();
        if next.is("and") {
            continue;
        }
        let mut lasts = Duration::ZERO;
        let mut after = next;
        if next.is("for") {
            lasts = duration(words, &UNITS_OF_LASTS, Duration::ZERO..=LASTS_MAX)?;
            after = words.take();
        } else if !next.is_end() {
            return Err(next.error(if next.is("or") {
                "there is no \"or\"; write two rules".to_owned()
            } else {
                format!(
                    "{} is not expected here; write \"and\", or \"for 20 s\" at the end",
                    next.said()
                )
            }));
        }
        return Ok((Formula { terms, lasts }, after));
    }
}

/// Seconds in each unit of `for`.
const UNITS_OF_LASTS: [(&str, u64); 2] = [("s", 1), ("min", 60)];
/// Seconds in each unit of `in`.
const UNITS_OF_WITHIN: [(&str, u64); 3] = [("s", 1), ("min", 60), ("h", 3_600)];

fn exclude_each_other(a: &Term, b: &Term) -> bool {
    let (
        Term::Beyond { metric, side, bound },
        Term::Beyond {
            metric: other_metric,
            side: other_side,
            bound: other_bound,
        },
    ) = (*a, *b)
    else {
        return false;
    };
    // A thousandth further out than one bound must still be beyond the other.
    let first = side.out(bound, Quantity::from_thousandths(1));
    metric == other_metric && side != other_side && !other_side.beyond(first, other_bound)
}

fn term(words: &mut Words<'_>) -> Result<Term, FormulaError> {
    let metric = metric(words)?;
    let verb = words.take();
    match verb.text {
        "<" => bound(words, metric, Side::Low),
        ">" => bound(words, metric, Side::High),
        "=" | "≤" | "≥" => Err(verb.error(format!(
            "{} is not known; bounds are exclusive: write < or >",
            verb.said()
        ))),
        _ if verb.is("rose") => moved(words, metric, Side::High),
        _ if verb.is("fell") => moved(words, metric, Side::Low),
        _ => Err(verb.error(format!(
            "{} cannot follow {metric}; write \"<\" or \">\" and a bound, or for example \"rose by 8 in 30 min\"",
            verb.said()
        ))),
    }
}

fn metric(words: &mut Words<'_>) -> Result<MetricCode, FormulaError> {
    let word = words.take();
    if !word.text.starts_with(char::is_alphabetic) {
        return Err(word.error(format!(
            "{} stands where a metric belongs; write for example \"SPO2 < 90\"",
            word.said()
        )));
    }
    let metric: MetricCode = word.text.parse().map_err(|e| word.error(format!("{e}")))?;
    match metric.kind() {
        Kind::Numeric => Ok(metric),
        Kind::Wave => Err(word.error(format!("{metric} is a wave; write a number such as HR or SPO2"))),
    }
}

fn bound(words: &mut Words<'_>, metric: MetricCode, side: Side) -> Result<Term, FormulaError> {
    if words.peek().text == "=" {
        let word = words.take();
        return Err(word.error("bounds are exclusive: write < or > without =, and the next value".to_owned()));
    }
    let (word, bound) = number(words)?;
    let (least, most) = metric.plausible_thousandths();
    let n = bound.thousandths();
    let crossable = match side {
        Side::Low => least < n && n <= most,
        Side::High => least <= n && n < most,
    };
    if crossable {
        Ok(Term::Beyond { metric, side, bound })
    } else {
        Err(word.error(format!(
            "{metric} is from {} to {}; write a bound that it can be beyond",
            Quantity::from_thousandths(least),
            Quantity::from_thousandths(most)
        )))
    }
}

fn moved(words: &mut Words<'_>, metric: MetricCode, side: Side) -> Result<Term, FormulaError> {
    words.expect("by", metric)?;
    let (word, by) = number(words)?;
    let (least, most) = metric.plausible_thousandths();
    let span = most.saturating_sub(least);
    if !(1..=span).contains(&by.thousandths()) {
        return Err(word.error(format!(
            "{metric} cannot move by {by}; write more than 0 and not more than {}",
            Quantity::from_thousandths(span)
        )));
    }
    words.expect("in", metric)?;
    let within = duration(words, &UNITS_OF_WITHIN, WITHIN_MIN..=WITHIN_MAX)?;
    Ok(Term::Moved {
        metric,
        side,
        by,
        within,
    })
}

fn number<'a>(words: &mut Words<'a>) -> Result<(Word<'a>, Quantity), FormulaError> {
    let word = words.take();
    match thousandths(word.text) {
        Some(n) => Ok((word, Quantity::from_thousandths(n))),
        None => Err(word.error(format!(
            "{} is no number; write for example 90 or 38.5 (a point, three decimals at most)",
            word.said()
        ))),
    }
}

/// `-12.5` in thousandths; digits on both sides of a point, three decimals at most.
fn thousandths(text: &str) -> Option<i32> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(whole) || !all_digits(decimals) || decimals.len() > 3 {
        return None;
    }
    let whole: i32 = whole.parse().ok()?;
    let decimals: i32 = format!("{decimals:0<3}").parse().ok()?;
    whole
        .checked_mul(Quantity::PER_UNIT)?
        .checked_add(decimals)?
        .checked_mul(sign)
}

fn duration(
    words: &mut Words<'_>,
    units: &[(&str, u64)],
    allowed: std::ops::RangeInclusive<Duration>,
) -> Result<Duration, FormulaError> {
    let word = words.take();
    let names = || units.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    let is_whole = !word.text.is_empty() && word.text.bytes().all(|b| b.is_ascii_digit());
    let Some(n) = word.text.parse::<u64>().ok().filter(|_| is_whole) else {
        return Err(word.error(format!("{} is no time; write for example \"20 s\"", word.said())));
    };
    let unit = words.take();
    let Some((_, seconds)) = units.iter().find(|(name, _)| unit.is(name)) else {
        return Err(unit.error(format!(
            "{} is no unit of this time; write one of {}",
            unit.said(),
            names()
        )));
    };
    let duration = Duration::from_secs(n.saturating_mul(*seconds));
    if allowed.contains(&duration) {
        Ok(duration)
    } else {
        Err(word.error(format!(
            "this time is from {} s to {} min; write one in between",
            allowed.start().as_secs(),
            allowed.end().as_secs() / 60
        )))
    }
}

/// What is left of a text, in words.
struct Words<'a> {
    text: &'a str,
    at: usize,
}

/// A run of letters and digits, a number, a sign, or nothing at the end.
#[derive(Clone, Copy)]
struct Word<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Words<'a> {
    fn take(&mut self) -> Word<'a> {
        let word = self.peek();
        self.at = word.at + word.text.len();
        word
    }

    fn peek(&self) -> Word<'a> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let trimmed = rest.trim_ascii_start();
        let at = self.at + (rest.len() - trimmed.len());
        let in_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '+');
        let in_name = |c: char| c.is_alphanumeric() || c == '_';
        let first = trimmed.chars().next();
        let end = match first {
            None => 0,
            Some(c) if in_number(c) => trimmed.find(|c| !in_number(c)).unwrap_or(trimmed.len()),
            Some(c) if in_name(c) => trimmed.find(|c| !in_name(c)).unwrap_or(trimmed.len()),
            Some(c) => c.len_utf8(),
        };
        Word {
            text: trimmed.get(..end).unwrap_or_default(),
            at,
        }
    }

    fn expect(&mut self, keyword: &str, metric: MetricCode) -> Result<(), FormulaError> {
        let word = self.take();
        if word.is(keyword) {
            return Ok(());
        }
        Err(word.error(format!(
            "{} stands where \"{keyword}\" belongs; write for example \"{metric} rose by 8 in 30 min\"",
            word.said()
        )))
    }
}

impl Word<'_> {
    fn is(self, keyword: &str) -> bool {
        self.text.eq_ignore_ascii_case(keyword)
    }

    const fn is_end(self) -> bool {
        self.text.is_empty()
    }

    /// As an error says it: cut, for a text that is no formula at all.
    fn said(self) -> String {
        if self.is_end() {
            "the end".to_owned()
        } else {
            format!("\"{}\"", self.text.chars().take(40).collect::<String>())
        }
    }

    const fn error(self, what: String) -> FormulaError {
        FormulaError { at: self.at, what }
    }
}

#[cfg(test)]
#[path = "formula_tests.rs"]
mod tests;
