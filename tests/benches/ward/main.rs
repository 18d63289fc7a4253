//! A ward under full load, measured: what a sample costs, what memory the station takes, and how late a viewer is.
//!
//! `cargo xtask bench ward [BEDS …] [--peer DIR]`. Each bed sends 2 x 250 + 125 + 62.5 samples a second in four wave
//! messages and one message of numbers, as JSON; history is on disk, chunk closes and the durable tail included. With
//! `--peer` a server of another make runs under the same load right after ours: DIR holds a `server.js` that takes
//! `PORT blob DB`, says `ready`, listens for beds that send `{bed,t,w:[{id,v}]}` and `{bed,t,n:{…}}`, and relays them
//! to a viewer on `/view`; `npm install` must have been run there.
//!
//! The server's process has one core, devices and viewer the other. The station's viewer is a thread of its process, as
//! its window is; the peer's viewer reads a socket. Devices stamp each message at the moment they send it.

mod delays;
mod load;
mod ours;
mod peer;
mod report;
mod usage;
mod waves;

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use acceptance::Trouble;
use report::Row;
use usage::Usage;

/// Wards that are measured where nobody says otherwise.
const WARDS: [u16; 3] = [64, 300, 1_000];
/// Chunks are ten seconds long: thirty seconds see each series close three.
const SPAN: Duration = Duration::from_secs(30);
/// Connecting a thousand feeds and the first chunks are not what is measured.
const WARM_UP: Duration = Duration::from_secs(6);
/// The server's.
const SERVER_CORE: &str = "0";
/// The devices' and the viewer's.
const LOAD_CORE: &str = "1";
/// What a server may take to write everything down.
const ENDS_WITHIN: Duration = Duration::from_mins(1);

fn main() -> Result<(), Trouble> {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["devices", beds] => one_thread()?.block_on(load::devices(beds.parse()?)),
        ["peer-load", port, beds] => one_thread()?.block_on(peer::load(port.parse()?, beds.parse()?)),
        ["station", config, data] => ours::station(Path::new(config), Path::new(data)),
        other => compare(other),
    }
}

fn one_thread() -> Result<tokio::runtime::Runtime, Trouble> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

fn compare(words: &[&str]) -> Result<(), Trouble> {
    let mut sizes: Vec<u16> = Vec::new();
    let mut peer: Option<PathBuf> = None;
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        if *word == "--peer" {
            peer = Some(PathBuf::from(rest.next().ok_or("--peer needs a folder")?));
        } else {
            sizes.push(word.parse().map_err(|_| format!("`{word}` is not a number of beds"))?);
        }
    }
    if sizes.is_empty() {
        sizes.extend(WARDS);
    }
    println!("ours: the station's process, its viewer thread included; peer: node server.js PORT blob DB");
    println!("server on core {SERVER_CORE}, devices and viewer on core {LOAD_CORE}; {SPAN:?} after {WARM_UP:?}");
    report::head();
    for beds in sizes {
        let ours = measure_ours(beds)?;
        report::row("ours", &ours);
        report::alone(&ours);
        if let Some(folder) = &peer {
            let peer = measure_peer(folder, beds)?;
            report::row("peer", &peer);
            report::beside(&ours, &peer);
        }
    }
    println!("* bytes on disk a sample, everything included");
    Ok(())
}

/// A process that ends when this value goes.
struct Process {
    child: Child,
    says: BufReader<ChildStdout>,
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Process {
    /// Of this program, in another role.
    fn role(core: &str, words: &[&str]) -> Result<Self, Trouble> {
        let mut command = pinned(core);
        command.arg(std::env::current_exe()?).args(words);
        Self::start(command)
    }

    fn start(mut command: Command) -> Result<Self, Trouble> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{command:?}: {error}"))?;
        let pipe = child.stdout.take().ok_or("a process has no output")?;
        Ok(Self {
            child,
            says: BufReader::new(pipe),
        })
    }

    /// The next line, without its end.
    fn line(&mut self) -> Result<String, Trouble> {
        let mut line = String::new();
        if self.says.read_line(&mut line)? == 0 {
            return Err(format!("a process ended too early: {}", self.child.wait()?).into());
        }
        Ok(line.trim_end().to_owned())
    }

    fn tell(&mut self, word: &str) -> Result<(), Trouble> {
        let pipe = self.child.stdin.as_mut().ok_or("a process has no input")?;
        Ok(writeln!(pipe, "{word}")?)
    }

    /// Waits until it has ended by itself.
    fn ended(&mut self) -> Result<(), Trouble> {
        drop(self.child.stdin.take());
        let since = Instant::now();
        while since.elapsed() < ENDS_WITHIN {
            if let Some(status) = self.child.try_wait()? {
                return if status.success() {
                    Ok(())
                } else {
                    Err(format!("a process ended with {status}").into())
                };
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Err("a server did not end".into())
    }
}

fn pinned(core: &str) -> Command {
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", core]);
    command
}

fn measure_ours(beds: u16) -> Result<Row, Trouble> {
    let mut devices = Process::role(LOAD_CORE, &["devices", &beds.to_string()])?;
    let mut config = String::new();
    loop {
        let line = devices.line()?;
        if line == load::READY {
            break;
        }
        config.push_str(&line);
        config.push('\n');
    }
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("station.toml");
    std::fs::write(&file, config)?;
    let data = folder.path().join("data");
    std::fs::create_dir(&data)?;
    let mut server = Process::role(SERVER_CORE, &["station", &text(&file)?, &text(&data)?])?;
    let id = server.child.id();
    let mut row = span(beds, id, |word| speak(&mut server, word))?;
    server.ended()?;
    row.disk_bytes = usage::folder_bytes(&data)?;
    Ok(row)
}

fn measure_peer(folder: &Path, beds: u16) -> Result<Row, Trouble> {
    let data = tempfile::tempdir()?;
    let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let mut command = pinned(SERVER_CORE);
    command
        .current_dir(folder)
        .args(["node", "server.js", &port.to_string(), "blob"])
        .arg(data.path().join("peer.db"));
    let mut server = Process::start(command)?;
    while server.line()? != "ready" {}
    let id = server.child.id();
    let mut load = Process::role(LOAD_CORE, &["peer-load", &port.to_string(), &beds.to_string()])?;
    let mut row = span(beds, id, |word| speak(&mut load, word))?;
    // The peer writes everything down and ends when its last bed has gone.
    load.ended()?;
    server.ended()?;
    row.disk_bytes = usage::folder_bytes(data.path())?;
    Ok(row)
}

fn text(path: &Path) -> Result<String, Trouble> {
    Ok(path.to_str().ok_or("a path that is not text")?.to_owned())
}

/// Tells the viewer's process a word; the answer, where there is one.
fn speak(process: &mut Process, word: &str) -> Result<String, Trouble> {
    process.tell(word)?;
    if word == ours::END {
        process.line()
    } else {
        Ok(String::new())
    }
}

/// The measured span of the server with this process id.
fn span(beds: u16, server: u32, mut viewer: impl FnMut(&str) -> Result<String, Trouble>) -> Result<Row, Trouble> {
    std::thread::sleep(WARM_UP);
    viewer(ours::BEGIN)?;
    let before = Usage::of(server)?;
    let begun = Instant::now();
    std::thread::sleep(SPAN);
    let after = Usage::of(server)?;
    let took_s = begun.elapsed().as_secs_f64();
    let seen = viewer(ours::END)?.parse()?;
    Ok(Row {
        beds,
        seen,
        cpu_s: after.cpu_s - before.cpu_s,
        took_s,
        resident_mb: after.resident_mb,
        disk_bytes: 0,
    })
}
