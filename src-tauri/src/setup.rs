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
            (Some(ward), Ok(text))
        }
        None => (None, std::fs::read_to_string(&config_path)),
    };
    let (config, problem) = match usable(&config_path, text) {
        Ok(config) => (config, None),
        Err(problem) => (empty(), Some(problem)),
    };
    if let (OnBrokenConfig::Fail, Some(problem)) = (on_broken, &problem) {
        return Err(problem.as_str().into());
    }
    let data_dir = data_dir(arguments);
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

/// What a window that only reviews a file runs on: a station of no bed in a place of its own, so that it opens beside one
/// that watches a ward. Whoever names a ward gets it.
pub fn beside_a_ward(arguments: &StationArguments) -> StationArguments {
    let mut arguments = arguments.clone();
    if arguments.data.is_none() && arguments.config.is_none() && arguments.demo.is_none() {
        arguments.data = Some(home_path(".local/share", "wardlight-review"));
        arguments.config = Some(home_path(".config", "wardlight/review.toml"));
    }
    arguments
}

/// Where history of this station is.
pub fn data_dir(arguments: &StationArguments) -> PathBuf {
    arguments.data.clone().unwrap_or_else(|| {
        // Demo data never lie beside those of patients.
        let name = if arguments.demo.is_some() {
            "wardlight-demo"
        } else {
            "wardlight"
        };
        home_path(".local/share", name)
    })
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

/// A configuration with beds in it, or what is wrong and what to write where. The station must know of every reason
/// why it watches nobody: without it, it would take the beds of open alerts for beds that are gone.
fn usable(path: &Path, text: std::io::Result<String>) -> Result<Config, String> {
    let shown = path.display();
    let text = text.map_err(|error| {
        if error.kind() == std::io::ErrorKind::NotFound {
            format!("there is no {shown}; write the ward's beds there, or start with --config FILE or --demo N")
        } else {
            format!("{shown} cannot be read: {error}; let the person who starts Wardlight read it")
        }
    })?;
    let beside = path.parent().unwrap_or(Path::new("."));
    let config = Config::parse_beside(&text, beside).map_err(|error| format!("{shown}, {error}"))?;
    if config.beds.is_empty() {
        return Err(format!(
            "{shown} names no bed; write one [[bed]] for each bed of the ward"
        ));
    }
    Ok(config)
}

/// A path of the user's own, as the desktop's conventions have it.
pub fn home_path(base: &str, rest: &str) -> PathBuf {
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

#[cfg(test)]
mod tests {
    use std::io::{Error, ErrorKind};

    use super::*;

    fn problem(text: std::io::Result<String>) -> String {
        usable(Path::new("ward.toml"), text).unwrap_err()
    }

    #[test]
    fn every_way_to_have_no_ward_reaches_the_station_as_a_sentence() {
        let missing = problem(Err(Error::from(ErrorKind::NotFound)));
        assert!(
            missing.contains("there is no ward.toml") && missing.contains("write"),
            "{missing}"
        );
        let unreadable = problem(Err(Error::from(ErrorKind::PermissionDenied)));
        assert!(unreadable.contains("cannot be read"), "{unreadable}");
        let broken = problem(Ok("[[bed]\n".to_owned()));
        assert!(broken.contains("line 1"), "{broken}");
        for text in ["", "\n", "[station]\nname = \"Ward T\"\n"] {
            let none = problem(Ok(text.to_owned()));
            assert!(none.contains("names no bed"), "{none}");
        }
        let bed = "[[bed]]\nid = \"bed-01\"\nlabel = \"Bed 1\"\nunit = \"Ward T\"\n";
        assert_eq!(
            usable(Path::new("ward.toml"), Ok(bed.to_owned())).unwrap().beds.len(),
            1
        );
    }
}
