//! The program from outside: its command line.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

use crate::Trouble;

/// The program that is tested: `WARDLIGHT_PROGRAM`, or `wardlight` beside the tests in the target folder.
pub fn path() -> Result<PathBuf, Trouble> {
    if let Some(path) = std::env::var_os("WARDLIGHT_PROGRAM") {
        return Ok(path.into());
    }
    let own = std::env::current_exe()?;
    // target/debug/deps/journeys-… or target/debug/portrait
    let found = own
        .ancestors()
        .skip(1)
        .take(2)
        .map(|folder| folder.join("wardlight"))
        .find(|path| path.is_file());
    found.ok_or_else(|| "the program is not built; `cargo xtask test` builds it, or: cargo build -p wardlight".into())
}

/// A call of the program with nothing of the caller's surroundings that could change what it does.
pub fn command(home: &Path) -> Result<Command, Trouble> {
    let mut command = Command::new(path()?);
    command
        .env("HOME", home)
        .env_remove("XDG_DATA_HOME")
        .env_remove("XDG_CONFIG_HOME")
        .env_remove("XDG_CACHE_HOME");
    command.stdin(Stdio::null());
    Ok(command)
}

/// Runs the program to its end.
pub fn run(home: &Path, arguments: &[&str]) -> Result<Output, Trouble> {
    Ok(command(home)?.args(arguments).output()?)
}

/// Runs a printing command (`beds`, `alerts`, `numerics`, `wave`) and reads its lines.
pub fn rows(data: &Path, arguments: &[&str]) -> Result<Vec<Value>, Trouble> {
    let mut command = command(data)?;
    command.args(arguments).arg("--data").arg(data).arg("--json");
    let output = command.output()?;
    if !output.status.success() {
        return Err(format!(
            "{command:?} ended with {}: {}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        )
        .into());
    }
    let text = String::from_utf8(output.stdout)?;
    text.lines()
        .map(|line| serde_json::from_str(line).map_err(|error| format!("{line}: {error}").into()))
        .collect()
}

/// A process of the program that says on its first line when it is ready. It is killed when this value goes.
pub struct Running {
    child: Child,
    /// What it said first.
    pub first_line: Value,
    /// Held so that the process never writes into a closed pipe.
    rest: BufReader<std::process::ChildStdout>,
}

impl Running {
    /// Starts the program and waits for its first line of JSON.
    pub fn start(home: &Path, arguments: &[&str]) -> Result<Self, Trouble> {
        let mut command = command(home)?;
        let mut child = command
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let pipe = child.stdout.take().ok_or("the program has no output")?;
        let mut errors = child.stderr.take().ok_or("the program has no error output")?;
        // Read on, or a program that logs much would stop in the middle of a word.
        let log = std::thread::spawn(move || {
            let mut text = Vec::new();
            std::io::copy(&mut errors, &mut text).map(|_| String::from_utf8_lossy(&text).into_owned())
        });
        let mut rest = BufReader::new(pipe);
        let mut line = String::new();
        rest.read_line(&mut line)?;
        match serde_json::from_str(&line) {
            Ok(first_line) => Ok(Self {
                child,
                first_line,
                rest,
            }),
            Err(error) => {
                drop(child.kill());
                drop(child.wait());
                let said = log.join().map_or_else(|_| String::new(), Result::unwrap_or_default);
                Err(format!("{command:?} said `{line}` instead of a line of JSON ({error}); on stderr: {said}").into())
            }
        }
    }

    /// Runs the station without a window on what `arguments` say (`--demo N` or `--config FILE`).
    pub fn serve(data: &Path, arguments: &[&str]) -> Result<Self, Trouble> {
        let folder = data.to_string_lossy();
        let mut all = vec!["serve", "--data", &folder];
        all.extend_from_slice(arguments);
        Self::start(data, &all)
    }

    /// Ends it in the middle of whatever it does.
    pub fn kill(mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }

    /// Asks it to stop, as a session manager would, and waits.
    pub fn stop(self) -> Result<std::process::ExitStatus, Trouble> {
        self.stop_by("TERM")
    }

    /// Asks it to stop by this signal, and waits.
    pub fn stop_by(mut self, name: &str) -> Result<std::process::ExitStatus, Trouble> {
        signal(name, self.child.id())?;
        let mut line = String::new();
        while self.rest.read_line(&mut line)? > 0 {
            line.clear();
        }
        Ok(self.child.wait()?)
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Sends a signal (`STOP`, `CONT`, `TERM`, `INT`, `HUP`, `KILL`) to a process the test started.
pub fn signal(name: &str, id: u32) -> Result<(), Trouble> {
    let status = Command::new("kill")
        .arg(format!("-{name}"))
        .arg(id.to_string())
        .status()?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("kill -{name} {id} ended with {status}").into())
    }
}
