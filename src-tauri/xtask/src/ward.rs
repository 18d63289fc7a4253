//! The two commands a newcomer needs: see the ward, and check everything.

use std::path::Path;
use std::process::Command;

use crate::display::Display;
use crate::stages::Stages;
use crate::{Outcome, house, machine, node, python};

/// The real-window tests: a test binary of the package `acceptance` that needs a display.
const WINDOW_TESTS: &str = "binary(journeys)";

/// A ward that fits a screen and shows what there is to see.
const DEMO_BEDS: &str = "16";

/// `cargo xtask run [-- ARGUMENTS]`.
pub fn run(arguments: &[&str]) -> Outcome {
    let passed_on = match arguments.split_first() {
        None => &[][..],
        Some((&"--", rest)) => rest,
        Some((other, _)) => return Err(format!("`{other}`: arguments for wardlight stand after `--`")),
    };
    // The headless commands need no display; the window does, and it is better said before minutes of building.
    let wants_window = passed_on.first().is_none_or(|word| word.starts_with('-')) && !passed_on.contains(&"--help");
    let has_display = ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
    if wants_window && !has_display {
        return Err(
            "there is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set), so no window can open.\n\
             Without one:    cargo xtask run -- serve --demo 16 --data DIR\n\
             With a virtual: xvfb-run -a cargo xtask run   (package xvfb)"
                .to_owned(),
        );
    }
    machine::ready_to_build()?;
    build_page()?;
    machine::done(house::cargo().args(["build", "--release", "--package", "wardlight"]))?;
    let mut wardlight = Command::new(house::target()?.join("release/wardlight"));
    wardlight.args(passed_on);
    if wants_window && !is_configured(passed_on) {
        println!(
            "No configuration: a demo ward of {DEMO_BEDS} virtual beds. Your own: cargo xtask run -- --config FILE"
        );
        wardlight.args(["--demo", DEMO_BEDS]);
    }
    machine::done(&mut wardlight)
}

/// Whether the window has something to watch: named on the command line, or where the program looks by itself.
fn is_configured(arguments: &[&str]) -> bool {
    let is_named = |word: &&&str| {
        ["--config", "--demo"]
            .iter()
            .any(|flag| word.split('=').next() == Some(*flag))
    };
    let home = std::env::var_os("XDG_CONFIG_HOME")
        .map(std::path::PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".config")));
    arguments.iter().any(|word| is_named(&word)) || home.is_some_and(|dir| dir.join("wardlight/station.toml").exists())
}

/// `cargo xtask test [--fast]`: the first failure ends it.
pub fn test(arguments: &[&str]) -> Outcome {
    let is_fast = match arguments {
        [] => false,
        ["--fast"] => true,
        other => return Err(format!("`{}`: test knows only --fast", other.join(" "))),
    };
    let mut stages = Stages::new();
    let outcome = every_stage(&mut stages, is_fast);
    stages.summary();
    outcome
}

fn every_stage(stages: &mut Stages, is_fast: bool) -> Outcome {
    stages.work("What the machine lacks", |_| machine::ready_to_test())?;
    stages.run("Rust: format", house::cargo().args(["fmt", "--all", "--check"]))?;
    page_stages(stages)?;
    let lint = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ];
    stages.run("Rust: lints", house::cargo().args(lint))?;
    // Programs and tests in one call: the same features everywhere, so that nothing is compiled twice.
    stages.run(
        "Rust: build",
        house::cargo().args(["build", "--workspace", "--bins", "--tests", "--locked"]),
    )?;
    nextest(
        stages,
        "Contract: the page's types are those of the Rust code",
        "package(contract) & test(committed_typescript)",
        None,
    )?;
    if !is_fast {
        stages.work("Readers in Python", |_| python::ensure())?;
    }
    let others = format!("not {WINDOW_TESTS} & not (package(contract) & test(committed_typescript))");
    nextest(stages, "Rust: tests", &others, None)?;
    left_out(stages)?;
    if is_fast {
        stages.note("left out by --fast: documentation examples and the real window".to_owned());
        return Ok(());
    }
    stages.run(
        "Rust: documentation examples",
        house::cargo().args(["test", "--workspace", "--doc", "--locked", "--quiet"]),
    )?;
    let display = Display::start()?;
    nextest(stages, "The real window", WINDOW_TESTS, Some(&display))
}

/// Builds the page the program embeds.
pub fn build_page() -> Outcome {
    node::install()?;
    machine::done(node::npm()?.args(["run", "--silent", "build"]))
}

fn page_stages(stages: &mut Stages) -> Outcome {
    stages.work("UI: packages", |_| node::install())?;
    for (name, script) in [
        ("UI: format", "format:check"),
        ("UI: lints", "lint"),
        ("UI: types", "check"),
        ("UI: tests", "test"),
        ("UI: build", "build"),
    ] {
        stages.run(name, node::npm()?.args(["run", "--silent", script]))?;
    }
    Ok(())
}

fn nextest(stages: &mut Stages, name: &str, filter: &str, display: Option<&Display>) -> Outcome {
    let mut command = house::cargo();
    command.args([
        "nextest",
        "run",
        "--workspace",
        "--locked",
        "--show-progress=none",
        "-E",
        filter,
    ]);
    if let Some(display) = display {
        display.lend(&mut command);
    }
    if let Some(python) = python::ready() {
        command.env(python::VARIABLE, python);
    }
    stages.run(name, &mut command)
}

/// Tests that need what most machines do not have print `left out: N tests that need …`; nextest hides what a passing
/// test prints, but keeps it in its report.
fn left_out(stages: &mut Stages) -> Outcome {
    let report = std::fs::read_to_string(house::target()?.join("nextest/default/junit.xml"))
        .map_err(|error| format!("nextest left no report: {error}"))?;
    for need in ["../shared/data", python::VARIABLE] {
        let count = count_left_out(&report, need);
        if count > 0 {
            stages.note(format!("left out: {count} tests that need {need}"));
        }
    }
    Ok(())
}

fn count_left_out(report: &str, need: &str) -> u64 {
    report
        .split("left out: ")
        .skip(1)
        .filter(|rest| rest.split_once('\n').map_or(*rest, |(line, _)| line).contains(need))
        .filter_map(|rest| rest.split_whitespace().next()?.parse::<u64>().ok())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::count_left_out;

    #[test]
    fn what_was_left_out_is_summed_over_the_report() {
        let report = "<system-out>left out: 3 tests that need ../shared/data\n</system-out>\n<x>left out: 2 tests that need ../shared/data\nleft out: 1 tests that need the readers in Python (WARDLIGHT_PYTHON)\n";
        assert_eq!(count_left_out(report, "../shared/data"), 5);
        assert_eq!(count_left_out(report, "WARDLIGHT_PYTHON"), 1);
        assert_eq!(
            count_left_out("left out: 4 tests that need a display", "../shared/data"),
            0
        );
    }
}
