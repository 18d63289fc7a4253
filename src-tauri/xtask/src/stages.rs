//! Stages of a long command: a heading, the output as it comes, the seconds, and a summary at the end.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::Outcome;

/// What the test runners said of their tests, summed over all stages.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Tests that ran and passed.
    pub passed: u64,
    /// Tests that ran and failed.
    pub failed: u64,
}

/// The stages done so far.
pub struct Stages {
    started: Instant,
    done: Vec<(String, Duration)>,
    counts: Counts,
    notes: Vec<String>,
}

impl Stages {
    /// Nothing done yet; the clock starts here.
    pub fn new() -> Self {
        Self {
            started: Instant::now(),
            done: Vec::new(),
            counts: Counts::default(),
            notes: Vec::new(),
        }
    }

    /// A line that belongs into the summary, such as what was left out and why.
    pub fn note(&mut self, text: String) {
        println!("{text}");
        self.notes.push(text);
    }

    /// Runs one command as a stage: output is passed on line by line and read for the counts of test runners.
    pub fn run(&mut self, name: &str, command: &mut Command) -> Outcome {
        self.work(name, |counts| watched(command, counts))
    }

    /// Runs any piece of work as a stage.
    pub fn work(&mut self, name: &str, work: impl FnOnce(&mut Counts) -> Outcome) -> Outcome {
        println!("\n==> {name}");
        let begun = Instant::now();
        let outcome = work(&mut self.counts);
        let took = begun.elapsed();
        println!("    {name}: {:.1} s", took.as_secs_f64());
        self.done.push((name.to_owned(), took));
        outcome.map_err(|text| {
            self.counts.failed = self.counts.failed.max(1);
            format!("`{name}` failed: {text}")
        })
    }

    /// The summary, with the sum of all tests as its last line.
    pub fn summary(&self) {
        println!("\n==> Summary");
        for (name, took) in &self.done {
            println!("    {:>7.1} s  {name}", took.as_secs_f64());
        }
        println!("    {:>7.1} s  all of it", self.started.elapsed().as_secs_f64());
        for note in &self.notes {
            println!("{note}");
        }
        println!("{} passed, {} failed", self.counts.passed, self.counts.failed);
    }
}

/// Runs a command with its output passed on, and adds what test runners count.
fn watched(command: &mut Command, counts: &mut Counts) -> Outcome {
    let program = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{program} did not start: {error}"))?;
    let out = child.stdout.take();
    let err = child.stderr.take();
    let (first, second) = std::thread::scope(|scope| {
        let first = scope.spawn(move || out.map(|pipe| pass_on(pipe, false)).unwrap_or_default());
        let second = scope.spawn(move || err.map(|pipe| pass_on(pipe, true)).unwrap_or_default());
        (first.join().unwrap_or_default(), second.join().unwrap_or_default())
    });
    counts.passed += first.passed + second.passed;
    counts.failed += first.failed + second.failed;
    let status = child
        .wait()
        .map_err(|error| format!("{program} could not be waited for: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{program} ended with {status}"))
    }
}

fn pass_on(pipe: impl Read, is_error: bool) -> Counts {
    let mut counts = Counts::default();
    let mut reader = BufReader::new(pipe);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).is_ok_and(|bytes| bytes > 0) {
        let text = String::from_utf8_lossy(&line);
        // A terminal that is gone must not end the tests: what cannot be printed is dropped.
        let written = if is_error {
            write!(std::io::stderr(), "{text}")
        } else {
            write!(std::io::stdout(), "{text}")
        };
        drop(written);
        let said = closing_line(&text);
        counts.passed += said.passed;
        counts.failed += said.failed;
        line.clear();
    }
    counts
}

/// Reads the closing line of nextest (`Summary […] 5 tests run: 4 passed, 1 failed`), of cargo's own runner
/// (`test result: ok. 5 passed; 0 failed; …`) or of Vitest (`Tests  1 failed | 4 passed (5)`). Any other line counts nothing.
fn closing_line(line: &str) -> Counts {
    let plain = without_colour(line);
    let text = plain.trim_start();
    if !["Summary [", "test result:", "Tests  "]
        .iter()
        .any(|start| text.starts_with(start))
    {
        return Counts::default();
    }
    let mut counts = Counts::default();
    let mut number = 0;
    for word in text.split_whitespace() {
        let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        match word {
            "passed" => counts.passed += number,
            "failed" | "timed" => counts.failed += number,
            _ => {}
        }
        number = word.parse().unwrap_or(0);
    }
    counts
}

fn without_colour(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut in_escape = false;
    for character in line.chars() {
        match character {
            '\u{1b}' => in_escape = true,
            'm' if in_escape => in_escape = false,
            _ if in_escape => {}
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passed: u64, failed: u64) -> Counts {
        Counts { passed, failed }
    }

    #[test]
    fn the_closing_lines_of_the_three_runners_are_counted() {
        assert_eq!(
            closing_line("     Summary [   0.012s] 5 tests run: 5 passed, 2 skipped"),
            counts(5, 0)
        );
        assert_eq!(
            closing_line("     Summary [   0.1s] 9 tests run: 7 passed (1 slow), 1 failed, 1 timed out"),
            counts(7, 2)
        );
        assert_eq!(
            closing_line("test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured"),
            counts(5, 0)
        );
        assert_eq!(
            closing_line("\u{1b}[2m      Tests \u{1b}[22m \u{1b}[1m1 failed\u{1b}[39m | 11 passed\u{1b}[39m (12)"),
            counts(11, 1)
        );
    }

    #[test]
    fn other_lines_count_nothing() {
        assert_eq!(closing_line("the test of 5 passed gates"), Counts::default());
        assert_eq!(closing_line(""), Counts::default());
    }
}
