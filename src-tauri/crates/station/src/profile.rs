//! Profiles as files: limits and rules of one kind of patient, as data with their sources.
//!
//! A profile is TOML. The comments at the top of the built-in `profiles/adult.toml` describe every field, and the file
//! is a complete example; in short:
//!
//! ```toml
//! name = "dialysis"
//! title = "Dialysis"
//!
//! [limits.HR]                    # one table a number
//! low = 50                       # exclusive: 50 is inside
//! high = 120
//! low_floor = 30                 # what a bed may set at the lowest …
//! high_ceiling = 200             # … and at the highest
//! priority = "medium"
//! delay_s = 5
//! hysteresis = 2
//! worse_by = 10
//! lifts = [{ below = 50, to = "high" }]
//! auto = { low_times = 0.8, least = 40, high_times = 1.25, most = 240 }
//! source = "…"
//!
//! [[rule]]                       # several numbers, or how one moves
//! id = "breathing-faster"
//! when = "RR rose by 8 in 30 min"
//! priority = "low"
//! source = "…"
//!
//! [news2]                        # left out for patients under 16 and in pregnancy
//! urgent = 5
//! emergency = 7
//! single_three = true
//! delay_s = 60
//! assessment_lasts_h = 12
//! source = "…"
//! ```
//!
//! Nothing has a default: what a profile does not say, it does not watch. An error names the line and what to write.

mod row;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::{Range, RangeInclusive};
use std::time::Duration;

use alert::profile::{CombinedRule, EarlyWarningRule, Profile, ProfileLimits};
use model::{MetricCode, Priority};
use serde::Deserialize;
use thiserror::Error;
use toml::Spanned;

use self::row::{LimitsTable, Row};
use crate::lines::Lines;

/// Most rules of one profile: each is judged at every number it names, and a person must be able to know them.
pub const RULES_MAX: usize = 32;
/// Longest delay of a score, which moves slowly.
const SCORE_DELAY_MAX_S: f64 = 600.0;
/// How long an assessment can count: the score's longest interval between two is 12 h, and a day is surely too old.
const ASSESSMENT_H: RangeInclusive<f64> = 1.0..=24.0;

const BUILT_IN: [(&str, &str); 3] = [
    ("adult", include_str!("../profiles/adult.toml")),
    ("paediatric", include_str!("../profiles/paediatric.toml")),
    ("neonate", include_str!("../profiles/neonate.toml")),
];

/// Names of the built-in profiles.
pub fn built_in_names() -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().map(|(name, _)| *name)
}

/// A built-in profile.
///
/// ```
/// use model::{MetricCode, Quantity};
/// let adult = station::profile::built_in("adult").expect("it is built in");
/// let hr = adult.of(MetricCode::HeartRate).expect("it has limits for HR");
/// assert_eq!(hr.rule.limits.low(), Quantity::from_integer(50).ok());
/// assert!(station::profile::built_in("martian").is_none());
/// ```
///
/// # Panics
///
/// Never: a test reads each of them.
pub fn built_in(name: &str) -> Option<Profile> {
    let (_, text) = BUILT_IN.iter().find(|(n, _)| *n == name)?;
    #[expect(clippy::expect_used, reason = "the text is part of the program, and a test reads it")]
    Some(parse(text).expect("a built-in profile can be read"))
}

/// What is wrong with a profile, where, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct ProfileError {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong and what to write instead.
    pub text: String,
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.text)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: Spanned<String>,
    title: Spanned<String>,
    #[serde(default)]
    limits: BTreeMap<Spanned<String>, Spanned<LimitsTable>>,
    #[serde(default)]
    rule: Vec<RuleTable>,
    news2: Option<ScoreTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleTable {
    id: Spanned<String>,
    when: Spanned<String>,
    priority: Spanned<String>,
    source: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScoreTable {
    urgent: Spanned<u8>,
    emergency: Spanned<u8>,
    single_three: bool,
    delay_s: Spanned<f64>,
    assessment_lasts_h: Spanned<f64>,
    source: Spanned<String>,
}

/// Reads the text of a profile.
///
/// ```
/// let error = station::profile::parse("name = \"x\"\ntitle = \"\"\n").unwrap_err();
/// assert_eq!(error.to_string(), "line 2: title is empty; write what a person reads");
/// ```
pub fn parse(text: &str) -> Result<Profile, ProfileError> {
    let lines = Lines(text);
    let file: File = toml::from_str(text).map_err(|e| {
        let complaint = format!("{}. The built-in profile adult.toml is a complete example", e.message());
        lines.complaint(&e.span().unwrap_or(0..0), complaint)
    })?;
    let name = lines.id("name", &file.name)?;
    let title = lines.words("title", &file.title, "what a person reads")?;
    let mut limits: Vec<ProfileLimits> = Vec::with_capacity(file.limits.len());
    for (key, table) in &file.limits {
        let row = Row::of(&lines, key, table)?.read()?;
        if limits.iter().any(|other| other.rule.metric == row.rule.metric) {
            let twice = format!("limits of {} stand twice; write one table", row.rule.metric);
            return Err(lines.complaint(&key.span(), twice));
        }
        limits.push(row);
    }
    // In the order of the numbers, whatever that of the file: two texts that say the same are the same profile.
    limits.sort_by_key(|row| row.rule.metric);
    let early_warning = file.news2.as_ref().map(|table| score(&lines, table)).transpose()?;
    let rules = rules(&lines, &file.rule, early_warning.is_some())?;
    if limits.is_empty() && rules.is_empty() && early_warning.is_none() {
        return Err(lines.complaint(
            &file.name.span(),
            "the profile watches nothing; write [limits.HR] and so on",
        ));
    }
    Ok(Profile {
        name,
        title,
        limits,
        rules,
        early_warning,
    })
}

impl Lines<'_> {
    fn complaint(&self, at: &Range<usize>, text: impl Into<String>) -> ProfileError {
        ProfileError {
            line: self.line(at),
            text: text.into(),
        }
    }

    /// One of a person's words: not empty.
    fn words(&self, what: &str, words: &Spanned<String>, write: &str) -> Result<String, ProfileError> {
        let trimmed = words.get_ref().trim();
        if trimmed.is_empty() {
            return Err(self.complaint(&words.span(), format!("{what} is empty; write {write}")));
        }
        Ok(trimmed.to_owned())
    }

    fn source(&self, source: &Spanned<String>) -> Result<String, ProfileError> {
        self.words("source", source, "where the values come from")
    }

    fn id(&self, what: &str, id: &Spanned<String>) -> Result<String, ProfileError> {
        let text = id.get_ref();
        let is_id = (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if is_id {
            return Ok(text.clone());
        }
        Err(self.complaint(
            &id.span(),
            format!("{what} is 1 to 64 letters, digits and \"-\"; write for example {what} = \"adult\""),
        ))
    }

    fn priority(&self, word: &Spanned<String>) -> Result<Priority, ProfileError> {
        Priority::parse(word.get_ref()).ok_or_else(|| {
            let what = format!(
                "\"{}\" is no priority; write \"low\", \"medium\" or \"high\"",
                word.get_ref()
            );
            self.complaint(&word.span(), what)
        })
    }

    fn within(&self, what: &str, value: &Spanned<f64>, range: &RangeInclusive<f64>) -> Result<f64, ProfileError> {
        if range.contains(value.get_ref()) {
            return Ok(*value.get_ref());
        }
        let what = format!("{what} is from {} to {}", range.start(), range.end());
        Err(self.complaint(&value.span(), format!("{what}; write a number in between")))
    }
}

fn rules(lines: &Lines<'_>, tables: &[RuleTable], scored: bool) -> Result<Vec<CombinedRule>, ProfileError> {
    if let Some(one_more) = tables.get(RULES_MAX) {
        let many = format!("a profile has {RULES_MAX} rules at most; leave some out");
        return Err(lines.complaint(&one_more.id.span(), many));
    }
    let mut seen = BTreeSet::new();
    let mut rules = Vec::with_capacity(tables.len());
    for table in tables {
        let rule = rule(lines, table, scored)?;
        if !seen.insert(rule.id.clone()) {
            let twice = format!("rule \"{}\" stands twice; give each an id of its own", rule.id);
            return Err(lines.complaint(&table.id.span(), twice));
        }
        rules.push(rule);
    }
    Ok(rules)
}

fn rule(lines: &Lines<'_>, table: &RuleTable, scored: bool) -> Result<CombinedRule, ProfileError> {
    let id = lines.id("id", &table.id)?;
    let when: alert::formula::Formula = table
        .when
        .get_ref()
        .parse()
        .map_err(|e| lines.complaint(&table.when.span(), format!("rule \"{id}\", {e}")))?;
    let on_score = |term: &alert::formula::Term| term.metric() == MetricCode::EarlyWarningScore;
    if !scored && when.terms().iter().any(on_score) {
        let unscored =
            format!("rule \"{id}\" looks at NEWS2, and the profile has no [news2]; write one, or another rule");
        return Err(lines.complaint(&table.when.span(), unscored));
    }
    lines.source(&table.source)?;
    Ok(CombinedRule {
        priority: lines.priority(&table.priority)?,
        when,
        id,
    })
}

fn score(lines: &Lines<'_>, table: &ScoreTable) -> Result<EarlyWarningRule, ProfileError> {
    let (urgent, emergency) = (*table.urgent.get_ref(), *table.emergency.get_ref());
    if !(1..emergency).contains(&urgent) || emergency > 20 {
        return Err(lines.complaint(
            &table.emergency.span(),
            "news2: urgent is 1 or more, emergency is more than urgent and 20 at most; write for example 5 and 7",
        ));
    }
    let delay = lines.within("news2: delay_s", &table.delay_s, &(0.0..=SCORE_DELAY_MAX_S))?;
    let hours = lines.within("news2: assessment_lasts_h", &table.assessment_lasts_h, &ASSESSMENT_H)?;
    lines.source(&table.source)?;
    Ok(EarlyWarningRule {
        urgent,
        emergency,
        single_three: table.single_three,
        delay: Duration::from_secs_f64(delay),
        assessment_lasts: Duration::from_secs_f64(hours * 3_600.0),
    })
}

#[cfg(test)]
#[path = "profile_tests.rs"]
mod tests;
