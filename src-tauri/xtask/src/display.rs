//! A display of our own: windows of tests and screenshots never appear on the desk of the person who runs them.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

/// An X server without a screen. It ends when this value goes, and also when this process is killed.
pub struct Display {
    server: Child,
    name: String,
}

impl Display {
    /// Starts Xvfb on a display number it chooses itself, so that two checkouts never meet.
    pub fn start() -> Result<Self, String> {
        // `setpriv --pdeathsig`: the kernel ends the server when we die, even of a signal nobody can catch.
        let mut server = Command::new("setpriv")
            .args([
                "--pdeathsig",
                "TERM",
                "Xvfb",
                "-displayfd",
                "1",
                "-screen",
                "0",
                "1920x1080x24",
            ])
            .args(["-nolisten", "tcp", "-noreset"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("Xvfb did not start: {error}"))?;
        let mut line = String::new();
        if let Some(pipe) = server.stdout.take() {
            BufReader::new(pipe)
                .read_line(&mut line)
                .map_err(|error| format!("Xvfb said no display: {error}"))?;
        }
        let number = line.trim();
        if number.is_empty() {
            let status = server
                .wait()
                .map_or_else(|error| error.to_string(), |status| status.to_string());
            return Err(format!("Xvfb ended before it had a display ({status})"));
        }
        Ok(Self {
            name: format!(":{number}"),
            server,
        })
    }

    /// Lets a command draw on this display and on no other.
    pub fn lend<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command
            .env("DISPLAY", &self.name)
            .env_remove("WAYLAND_DISPLAY")
            .env("GDK_BACKEND", "x11")
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        drop(self.server.kill());
        drop(self.server.wait());
    }
}
