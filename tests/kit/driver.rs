//! `WebKitWebDriver`: starts the program with its window and lets a test see and type.

use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::{Trouble, program};

/// How often a driver is asked whether it listens yet: for 20 s in all, enough on a busy machine.
const LISTEN_TRIES: u32 = 400;
const LISTEN_PAUSE: Duration = Duration::from_millis(50);

/// A driver on a port of its own. It is killed, and the program with it, when this value goes.
pub struct Driver {
    process: Child,
    port: u16,
    launcher: PathBuf,
    id_file: PathBuf,
}

impl Driver {
    /// Starts a driver whose windows run the program with these arguments, at home in `folder`.
    pub fn start(folder: &Path, arguments: &[&str]) -> Result<Self, Trouble> {
        if std::env::var_os("DISPLAY").is_none() {
            return Err("the window tests need a display; `cargo xtask test` brings its own".into());
        }
        let id_file = folder.join("program.pid");
        let launcher = launcher(folder, &id_file, arguments)?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let process = Command::new("WebKitWebDriver")
            .arg(format!("--port={port}"))
            .arg("--host=127.0.0.1")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("HOME", folder)
            .env("LANG", "en_US.UTF-8")
            .env_remove("XDG_DATA_HOME")
            .env_remove("XDG_CACHE_HOME")
            .env_remove("XDG_CONFIG_HOME")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| {
                format!("WebKitWebDriver did not start ({error}); Debian and Ubuntu: webkit2gtk-driver")
            })?;
        let mut driver = Self {
            process,
            port,
            launcher,
            id_file,
        };
        driver.wait_until_it_listens()?;
        Ok(driver)
    }

    fn wait_until_it_listens(&mut self) -> Result<(), Trouble> {
        for _ in 0..LISTEN_TRIES {
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return Ok(());
            }
            if let Some(status) = self.process.try_wait()? {
                return Err(format!("WebKitWebDriver ended at once: {status}").into());
            }
            std::thread::sleep(LISTEN_PAUSE);
        }
        Err("WebKitWebDriver does not listen".into())
    }

    /// Where the driver listens.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What the driver is asked to start.
    pub fn launcher(&self) -> &Path {
        &self.launcher
    }

    /// The process id of the program behind the window.
    pub fn program_id(&self) -> Result<u32, Trouble> {
        Ok(std::fs::read_to_string(&self.id_file)?.trim().parse()?)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
        if let Ok(id) = self.program_id() {
            // Usually gone already: the driver ends it, and the kernel does when the driver dies.
            drop(program::signal("KILL", id));
        }
    }
}

/// A script that notes the program's process id and becomes the program; the kernel ends it when the driver dies.
fn launcher(folder: &Path, id_file: &Path, arguments: &[&str]) -> Result<PathBuf, Trouble> {
    let path = folder.join("launch");
    let mut script = std::fs::File::create(&path)?;
    let program = program::path()?;
    let words: Vec<String> = arguments
        .iter()
        .map(|word| format!("'{}'", word.replace('\'', "'\\''")))
        .collect();
    writeln!(
        script,
        "#!/bin/sh\necho $$ > '{}'\nexec setpriv --pdeathsig KILL '{}' {} 2> '{}'",
        id_file.display(),
        program.display(),
        words.join(" "),
        folder.join("program.log").display()
    )?;
    script.set_permissions(std::fs::Permissions::from_mode(0o755))?;
    Ok(path)
}
