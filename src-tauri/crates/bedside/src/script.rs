//! What goes wrong on a ward, and when: a text of one line each.

use std::str::FromStr;
use std::time::Duration;

use model::MetricCode;
use thiserror::Error;

use crate::Fault;

/// How long a fault lasts that does not say.
const LASTS_S: u64 = 10;
/// Lines of a script: a day with an event every 20 s.
const ENTRIES_MAX: usize = 4_320;

/// One line of a [`Script`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    /// From when on, since the ward's start.
    pub at: Duration,
    /// Which bed, counted from 1; `None`: every bed.
    pub bed: Option<u16>,
    /// What goes wrong.
    pub fault: Fault,
    /// For how long.
    pub lasts: Duration,
    /// Again and again after so long.
    pub every: Option<Duration>,
}

impl Entry {
    /// Whether it is going on at `now`.
    pub fn is_on(&self, now: Duration) -> bool {
        let Some(into) = now.checked_sub(self.at) else {
            return false;
        };
        match self.every {
            Some(every) if !every.is_zero() => into.as_nanos() % every.as_nanos() < self.lasts.as_nanos(),
            Some(_) | None => into < self.lasts,
        }
    }
}

/// What goes wrong, and when. One line each, or lines parted by `;`; `#` begins a comment:
///
/// ```text
/// at 10s bed 3 drop for 5s
/// at 1m  all beds slow for 20s
/// at 5s  bed 2 set HR 140 for 30s
/// at 90s bed 10 lead-off for 20s every 10m
/// ```
///
/// Times are `500ms`, `10s`, `2m` or `1h` since the ward's start; without `for` a fault lasts ten seconds. Beds count
/// from 1. The words for faults stand in [`Fault::WORDS`] and, with what each does, in `FAULTS.md`.
///
/// ```
/// use bedside::Script;
/// let script: Script = "at 10s bed 3 drop for 5s; at 5s bed 2 set HR 140".parse()?;
/// assert_eq!(script.entries().len(), 2);
/// let error = "at 10s bed 3 dorp".parse::<Script>().unwrap_err();
/// assert_eq!(error.to_string(), "line 1, \"dorp\": no such fault; write drop, silence, garbage, lead-off, probe-off, \
///     slow, late, backfill, duplicate, seq-gap, wrong-unit, nan, sentinel, impossible, unknown-metric, oversized, \
///     clock-1970, clock-2704, not-available, questionable, wrong-version, alert or set");
/// # Ok::<(), bedside::ScriptError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Script {
    entries: Vec<Entry>,
}

/// Why a script is not understood: where, what, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line}, {word:?}: {problem}")]
pub struct ScriptError {
    /// Counted from 1.
    pub line: usize,
    /// The word that is not understood; empty at the end of a line.
    pub word: String,
    /// What is wrong and what to write.
    pub problem: String,
}

impl Script {
    /// Reads a script; the same as [`str::parse`].
    pub fn parse(text: &str) -> Result<Self, ScriptError> {
        text.parse()
    }

    /// Its lines, in the order written.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Both scripts.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.entries.extend_from_slice(&other.entries);
        self
    }

    /// What concerns one bed, counted from 1.
    pub(crate) fn of_bed(&self, bed: u16) -> Vec<Entry> {
        let concerns = |e: &&Entry| e.bed.is_none_or(|b| b == bed);
        self.entries.iter().filter(concerns).copied().collect()
    }
}

impl FromStr for Script {
    type Err = ScriptError;

    fn from_str(text: &str) -> Result<Self, ScriptError> {
        let mut entries = Vec::new();
        for (at, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default();
            for part in line.split(';').filter(|p| !p.trim().is_empty()) {
                let mut words = Words {
                    line: at + 1,
                    words: part.split_whitespace(),
                };
                entries.push(words.entry()?);
                if entries.len() > ENTRIES_MAX {
                    return Err(words.wrong(part.trim(), format!("a script has at most {ENTRIES_MAX} faults")));
                }
            }
        }
        Ok(Self { entries })
    }
}

/// The words of one entry that are not read yet.
struct Words<'a> {
    line: usize,
    words: std::str::SplitWhitespace<'a>,
}

impl<'a> Words<'a> {
    fn entry(&mut self) -> Result<Entry, ScriptError> {
        self.expect("at")?;
        let at = self.time()?;
        let bed = self.bed()?;
        let fault = self.fault()?;
        let mut entry = Entry {
            at,
            bed,
            fault,
            lasts: Duration::from_secs(LASTS_S),
            every: None,
        };
        while let Some(word) = self.words.next() {
            match word {
                "for" => entry.lasts = self.time()?,
                "every" => entry.every = Some(self.time()?),
                _ => return Err(self.wrong(word, "write `for 5s`, `every 10m` or nothing here".to_owned())),
            }
        }
        Ok(entry)
    }

    fn next(&mut self, instead: &str) -> Result<&'a str, ScriptError> {
        let word = self.words.next();
        word.ok_or_else(|| self.wrong("", format!("the line ends here; write {instead}")))
    }

    fn expect(&mut self, expected: &str) -> Result<(), ScriptError> {
        let instead = format!("`{expected}`, as in `at 10s bed 3 drop for 5s`");
        match self.next(&instead)? {
            word if word == expected => Ok(()),
            word => Err(self.wrong(word, format!("write {instead}"))),
        }
    }

    fn time(&mut self) -> Result<Duration, ScriptError> {
        let instead = "a time such as 500ms, 10s, 2m or 1h";
        let word = self.next(instead)?;
        let digits = word.find(|c: char| !c.is_ascii_digit()).unwrap_or(word.len());
        let (count, unit) = word.split_at(digits);
        let millis = match unit {
            "ms" => Some(1),
            "s" => Some(1_000),
            "m" => Some(60_000),
            "h" => Some(3_600_000),
            _ => None,
        };
        let total = count
            .parse::<u64>()
            .ok()
            .zip(millis)
            .and_then(|(c, m)| c.checked_mul(m));
        total
            .map(Duration::from_millis)
            .ok_or_else(|| self.wrong(word, format!("write {instead}")))
    }

    fn bed(&mut self) -> Result<Option<u16>, ScriptError> {
        let instead = "`bed 3` or `all beds`";
        match self.next(instead)? {
            "all" => self.expect("beds").map(|()| None),
            "bed" => {
                let word = self.next("the bed's number, counted from 1")?;
                let number = word.parse().ok().filter(|n| *n > 0);
                number
                    .map(Some)
                    .ok_or_else(|| self.wrong(word, "write the bed's number, counted from 1".to_owned()))
            }
            word => Err(self.wrong(word, format!("write {instead}"))),
        }
    }

    fn fault(&mut self) -> Result<Fault, ScriptError> {
        let known = Fault::WORDS.map(|(word, _)| word).join(", ");
        let word = self.next(&format!("what goes wrong: {known} or set"))?;
        if word == "set" {
            return self.set();
        }
        let fault = Fault::WORDS
            .iter()
            .find(|(name, _)| *name == word)
            .map(|(_, fault)| *fault);
        fault.ok_or_else(|| self.wrong(word, format!("no such fault; write {known} or set")))
    }

    fn set(&mut self) -> Result<Fault, ScriptError> {
        let word = self.next("a number's name, as in `set HR 140`")?;
        let metric: MetricCode = word.parse().map_err(|e| self.wrong(word, format!("{e}")))?;
        if metric.kind() != model::Kind::Numeric {
            return Err(self.wrong(
                word,
                "this is a wave; `set` is for numbers such as HR, SPO2 or RR".to_owned(),
            ));
        }
        let instead = format!("a value in {}, as in `set HR 140`", metric.unit().ucum());
        let word = self.next(&instead)?;
        let value = f64::from_str(word).ok().filter(|v| v.is_finite());
        value
            .map(|v| Fault::Set(metric, v))
            .ok_or_else(|| self.wrong(word, format!("write {instead}")))
    }

    fn wrong(&self, word: &str, problem: String) -> ScriptError {
        ScriptError {
            line: self.line,
            word: word.chars().take(40).collect(),
            problem,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn every_word_of_a_fault_is_read_back() {
        for (word, fault) in Fault::WORDS {
            let script: Script = format!("at 1s all beds {word}").parse().unwrap();
            assert_eq!(script.entries()[0].fault, fault);
            assert_eq!(script.entries()[0].lasts, s(LASTS_S));
        }
    }

    #[test]
    fn comments_several_lines_and_repetition() {
        let script: Script =
            "# a night\nat 90s bed 10 lead-off for 20s every 10m # electrode\n\n at 5s bed 2 set spo2 84.5 for 1m"
                .parse()
                .unwrap();
        let [off, set] = script.entries() else {
            panic!("two entries")
        };
        assert_eq!((off.bed, off.every), (Some(10), Some(s(600))));
        assert_eq!(set.fault, Fault::Set(MetricCode::SpO2, 84.5));
        for (second, on) in [
            (89, false),
            (90, true),
            (109, true),
            (110, false),
            (690, true),
            (710, false),
        ] {
            assert_eq!(off.is_on(s(second)), on, "{second}");
        }
        assert_eq!(script.of_bed(2), [*set]);
    }

    #[test]
    fn errors_name_line_word_and_what_to_write() {
        for (text, expected) in [
            ("\nfoo", "line 2, \"foo\": write `at`, as in `at 10s bed 3 drop for 5s`"),
            (
                "at 10 bed 1 drop",
                "line 1, \"10\": write a time such as 500ms, 10s, 2m or 1h",
            ),
            (
                "at 10s",
                "line 1, \"\": the line ends here; write `bed 3` or `all beds`",
            ),
            (
                "at 10s bed 0 drop",
                "line 1, \"0\": write the bed's number, counted from 1",
            ),
            (
                "at 10s bed 1 drop until 5s",
                "line 1, \"until\": write `for 5s`, `every 10m` or nothing here",
            ),
            ("at 10s bed 1 set ECG_II 4", "line 1, \"ECG_II\": this is a wave;"),
            ("at 10s bed 1 set BP 4", "line 1, \"BP\": no metric is called"),
            (
                "at 10s bed 1 set HR fast",
                "line 1, \"fast\": write a value in /min, as in `set HR 140`",
            ),
        ] {
            let said = text.parse::<Script>().unwrap_err().to_string();
            assert!(said.starts_with(expected), "{text:?}: {said}");
        }
    }
}
