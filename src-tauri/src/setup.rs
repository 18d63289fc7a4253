//! From the command line to a running station: which configuration, which data directory, which demo ward.

use std::path::{Path, PathBuf};

use bedside::{Ward, WardOptions};
use model::Role;
use station::people::People;
use station::{Config, Running};

use crate::Failure;
use crate::cli::StationArguments;

/// A station that runs, with the demo ward it may have brought along.
pub struct Setup {
    /// The station.
    pub running: Running,
    /// The virtual devices of a demo.
    demo: Option<Ward>,
    /// Where its configuration is or should be, for "what to do" screens.
    pub config_path: PathBuf,
    /// Where history is.
    pub data_dir: PathBuf,
    /// How many beds.
    pub beds: usize,
    /// How many feeds.
    pub feeds: usize,
}

/// What a broken or missing configuration does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum OnBrokenConfig {
    /// The window opens and says what is wrong.
    Show,
    /// The command fails.
    Fail,
}

/// Starts what the command line asks for. Call it inside a tokio runtime.
pub async fn start(arguments: &StationArguments, on_broken: OnBrokenConfig) -> Result<Setup, Failure> {
    let config_path = arguments
        .config
        .clone()
        .unwrap_or_else(|| home_path(".config", "wardlight/station.toml"));
    let (demo, text) = match arguments.demo {
        Some(beds) => {
            let ward = bedside::start(WardOptions {
                beds,
                ..WardOptions::default()
            })
            .await?;
            let text = ward.station_toml();
            (Some(ward), Some(text))
        }
        None => (None, read(&config_path, arguments.config.is_some())?),
    };
    let beside = config_path.parent().unwrap_or(Path::new("."));
    let (config, problem) = match text.as_deref().map(|text| Config::parse_beside(text, beside)) {
        Some(Ok(config)) => (config, None),
        Some(Err(error)) => (empty(), Some(format!("{}, {error}", config_path.display()))),
        None => (empty(), None),
    };
    if on_broken == OnBrokenConfig::Fail {
        if let Some(problem) = problem {
            return Err(problem.into());
        }
        if text.is_none() {
            return Err(format!(
                "there is no {}; give --config FILE, or --demo N for a ward of virtual beds",
                config_path.display()
            )
            .into());
        }
    }
    let data_dir = arguments.data.clone().unwrap_or_else(|| {
        // Demo data never lie beside those of patients.
        home_path(
            ".local/share",
            if demo.is_some() { "wardlight-demo" } else { "wardlight" },
        )
    });
    if demo.is_some() {
        let data_dir = data_dir.clone();
        tokio::task::spawn_blocking(move || demo_people(&data_dir)).await??;
    }
    let beds = config.beds.len();
    let feeds = config.beds.iter().map(|b| b.feeds.len()).sum();
    let running = station::start(&data_dir, config, problem)?;
    Ok(Setup {
        running,
        demo,
        config_path,
        data_dir,
        beds,
        feeds,
    })
}

impl Setup {
    /// Stops the station, then the demo ward.
    pub async fn stop(self) -> Result<(), Failure> {
        let stopped = self.running.stop().await;
        if let Some(ward) = self.demo {
            ward.stop().await;
        }
        Ok(stopped?)
    }
}

/// The runtime of feeds, loop and screens. Two threads: one for the loop, one for the rim.
pub fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    Ok(tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?)
}

/// The PIN of the people of a demo; the sign-in dialog of a demo says so.
const DEMO_PIN: &str = "0000";

/// A demo has made-up people from the start, so that it can be tried without setting anything up.
fn demo_people(data_dir: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(data_dir)?;
    let mut people = People::open(data_dir)?;
    if people.all().is_empty() {
        let made_up = [
            ("DEMO Nurse", Role::Nurse),
            ("DEMO Charge", Role::Charge),
            ("DEMO Clinician", Role::Clinician),
            ("DEMO Engineer", Role::Engineer),
        ];
        for (name, role) in made_up {
            people.put(name, role, DEMO_PIN, false)?;
        }
    }
    Ok(())
}

fn empty() -> Config {
    Config {
        name: "Wardlight".to_owned(),
        beds: Vec::new(),
    }
}

/// `None` when there is none and none was named.
fn read(path: &Path, named: bool) -> Result<Option<String>, Failure> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !named => Ok(None),
        Err(error) => Err(format!("cannot read the configuration {}: {error}", path.display()).into()),
    }
}

fn home_path(base: &str, rest: &str) -> PathBuf {
    let variable = if base == ".config" {
        "XDG_CONFIG_HOME"
    } else {
        "XDG_DATA_HOME"
    };
    let root = match std::env::var_os(variable).filter(|v| !v.is_empty()) {
        Some(root) => PathBuf::from(root),
        None => std::env::var_os("HOME")
            .map_or_else(|| PathBuf::from("."), PathBuf::from)
            .join(base),
    };
    root.join(rest)
}
