//! The commands that are needed now and then.

use std::path::PathBuf;

use crate::display::Display;
use crate::{Outcome, house, machine, ward};

/// Rounds of `cargo xtask bench kill`; the tests do five.
const KILL_ROUNDS: &str = "50";

/// `cargo xtask bench [NAME [ARGUMENTS]]`: the benches of every room, or the one that is named.
pub fn bench(arguments: &[&str]) -> Outcome {
    machine::ready_to_build()?;
    match arguments {
        [] => {
            machine::done(house::cargo().args(["bench", "--package", "store", "--package", "acceptance", "--locked"]))
        }
        ["kill"] => {
            ward::build_page()?;
            machine::done(house::cargo().args(["build", "--workspace", "--bins", "--tests", "--locked"]))?;
            machine::done(house::cargo().env("WARDLIGHT_KILL_ROUNDS", KILL_ROUNDS).args([
                "nextest",
                "run",
                "--workspace",
                "--locked",
                "--no-capture",
                "-E",
                "test(killed_again_and_again)",
            ]))
        }
        ["crossings", rest @ ..] => {
            ward::build_page()?;
            machine::done(house::cargo().args(["build", "--package", "wardlight", "--release", "--locked"]))?;
            let display = Display::start()?;
            machine::done(
                display
                    .lend(&mut house::cargo())
                    .args([
                        "bench",
                        "--package",
                        "acceptance",
                        "--bench",
                        "crossings",
                        "--locked",
                        "--",
                    ])
                    .args(rest),
            )
        }
        [name, rest @ ..] => machine::done(
            house::cargo()
                .args(["bench", "--package", room_of(name), "--bench", name, "--locked", "--"])
                .args(rest),
        ),
    }
}

/// The package that holds a bench.
fn room_of(name: &str) -> &str {
    match name {
        "whatif" => "station",
        "store" | "history" => "store",
        _ => "acceptance",
    }
}

/// `cargo xtask fuzz [SECONDS]`: every target of `tests/fuzz`, one after the other.
pub fn fuzz(arguments: &[&str]) -> Outcome {
    let seconds: u32 = match arguments {
        [] => 60,
        [seconds] => seconds
            .parse()
            .map_err(|_| format!("`{seconds}` is not a number of seconds"))?,
        other => {
            return Err(format!(
                "`{}`: fuzz takes one number of seconds or none",
                other.join(" ")
            ));
        }
    };
    let folder = house::root().join("tests/fuzz");
    if machine::says(house::cargo().args(["fuzz", "--version"])).is_none() {
        println!("cargo-fuzz drives the fuzz targets and is not here; installing it from crates.io");
        machine::done(house::cargo().args(["install", "cargo-fuzz", "--locked"]))?;
    }
    let listed = machine::says(house::cargo().args(["fuzz", "list", "--fuzz-dir"]).arg(&folder))
        .ok_or("the fuzz targets of tests/fuzz could not be listed")?;
    for target in listed.lines() {
        println!("\n==> {target}");
        let corpus = folder.join("corpus").join(target);
        std::fs::create_dir_all(&corpus).map_err(|error| format!("cannot make {}: {error}", corpus.display()))?;
        machine::done(
            house::cargo()
                // The sanitizers' flags are unstable; with this the installed stable compiler takes them.
                .env("RUSTC_BOOTSTRAP", "1")
                .args(["fuzz", "run", "--fuzz-dir"])
                .arg(&folder)
                .arg(target)
                .arg(&corpus)
                .arg(folder.join("seeds").join(target))
                .args([
                    "--",
                    &format!("-max_total_time={seconds}"),
                    "-rss_limit_mb=512",
                    "-timeout=1",
                ]),
        )?;
    }
    Ok(())
}

/// `cargo xtask screenshot [--beds N] [--screen wall|bed] OUT.png`.
pub fn screenshot(arguments: &[&str]) -> Outcome {
    let mut beds = "16";
    let mut screen = "wall";
    let mut out: Option<PathBuf> = None;
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match *word {
            "--beds" => beds = words.next().ok_or("--beds needs a number")?,
            "--screen" => screen = words.next().ok_or("--screen needs `wall` or `bed`")?,
            path if !path.starts_with('-') && out.is_none() => out = Some(PathBuf::from(path)),
            other => {
                return Err(format!(
                    "`{other}` is not understood: screenshot [--beds N] [--screen wall|bed] OUT.png"
                ));
            }
        }
    }
    let out = out.ok_or("say where the picture goes: cargo xtask screenshot OUT.png")?;
    let out = std::path::absolute(&out).map_err(|error| format!("{}: {error}", out.display()))?;
    machine::ready_to_picture()?;
    ward::build_page()?;
    machine::done(house::cargo().args(["build", "--workspace", "--bins", "--tests", "--locked"]))?;
    let display = Display::start()?;
    let mut portrait = std::process::Command::new(house::target()?.join("debug/portrait"));
    portrait.args(["--beds", beds, "--screen", screen]).arg(out);
    machine::done(display.lend(&mut portrait))
}

/// `cargo xtask contract`: the page's types, written anew from the Rust ones.
pub fn contract(arguments: &[&str]) -> Outcome {
    none(arguments)?;
    machine::done(house::cargo().env("WARDLIGHT_WRITE_CONTRACT", "1").args([
        "test",
        "--package",
        "contract",
        "--quiet",
        "committed_typescript",
    ]))
}

/// `cargo xtask deny`.
pub fn deny(arguments: &[&str]) -> Outcome {
    none(arguments)?;
    if machine::says(house::cargo().args(["deny", "--version"])).is_none() {
        return Err("cargo-deny is missing: cargo install cargo-deny --locked (some minutes)".to_owned());
    }
    machine::done(house::cargo().args(["deny", "--all-features", "check", "--config", ".deny.toml"]))
}

fn none(arguments: &[&str]) -> Outcome {
    if arguments.is_empty() {
        Ok(())
    } else {
        Err(format!("`{}`: this command takes no arguments", arguments.join(" ")))
    }
}
