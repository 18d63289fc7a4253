//! What the machine must have, what it lacks, and how it gets it.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::{Outcome, house, node};

/// One thing the machine must have.
struct Need {
    /// What it is and what it is for, in the words of the person who is asked to let it in.
    why: &'static str,
    /// The packages of Debian and Ubuntu that bring it.
    packages: &'static [&'static str],
    present: fn() -> bool,
}

const TO_BUILD: &[Need] = &[
    Need {
        why: "a C compiler: SQLite and the cryptography are compiled here",
        packages: &["gcc", "libc6-dev"],
        present: || on_path("cc"),
    },
    Need {
        why: "pkg-config: finds the libraries below",
        packages: &["pkgconf"],
        present: || on_path("pkg-config"),
    },
    Need {
        why: "WebKitGTK 4.1: the window",
        packages: &["libwebkit2gtk-4.1-dev"],
        present: || library("webkit2gtk-4.1"),
    },
    Need {
        why: "ALSA: the sound of alerts",
        packages: &["libasound2-dev"],
        present: || library("alsa"),
    },
    Need {
        why: "npm and Node: build the page",
        packages: &["npm"],
        present: || on_path("npm") && on_path("node"),
    },
    Need {
        why: "a font the numbers are legible in",
        packages: &["fonts-dejavu-core"],
        present: dejavu,
    },
];

const TO_TEST: &[Need] = &[
    Need {
        why: "Xvfb: a display for the window tests",
        packages: &["xvfb"],
        present: || on_path("Xvfb"),
    },
    Need {
        why: "WebKitWebDriver: drives the window",
        packages: &["webkit2gtk-driver"],
        present: || on_path("WebKitWebDriver"),
    },
];

const FOR_PYTHON: &[Need] = &[Need {
    why: "Python with venv and pip: the readers that others use on the files we write",
    packages: &["python3", "python3-venv"],
    present: || says(Command::new("python3").args(["-c", "import venv, ensurepip"])).is_some(),
}];

/// The version the tests were last run with; an installed one of any version is used as it is.
const NEXTEST_VERSION: &str = "0.9.143";

/// Sees to everything the program is built with.
pub fn ready_to_build() -> Outcome {
    ready(&[TO_BUILD])?;
    node::ensure()
}

/// Sees to everything the tests need besides: a display, a driver, nextest, rustfmt and clippy.
pub fn ready_to_test() -> Outcome {
    ready(&[TO_BUILD, TO_TEST])?;
    node::ensure()?;
    components()?;
    nextest()
}

/// Sees to a Python that can make an environment.
pub fn ready_for_python() -> Outcome {
    ready(&[FOR_PYTHON])
}

/// Sees to everything a picture of the window needs.
pub fn ready_to_picture() -> Outcome {
    ready(&[TO_BUILD, TO_TEST])?;
    node::ensure()
}

fn ready(lists: &[&[Need]]) -> Outcome {
    let missing: Vec<&Need> = lists
        .iter()
        .flat_map(|list| list.iter())
        .filter(|need| !(need.present)())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("This machine lacks:");
    for need in &missing {
        println!("  - {} ({})", need.why, need.packages.join(", "));
    }
    let packages: Vec<&str> = missing.iter().flat_map(|need| need.packages.iter().copied()).collect();
    if !is_debian() {
        return Err(format!(
            "install the above and call again. The names in brackets are Debian's and Ubuntu's;\n\
             Fedora: gcc pkgconf-pkg-config webkit2gtk4.1-devel alsa-lib-devel nodejs npm dejavu-sans-fonts xorg-x11-server-Xvfb webkit2gtk4.1;\n\
             Arch: base-devel pkgconf webkit2gtk-4.1 alsa-lib nodejs npm ttf-dejavu xorg-server-xvfb.\n\
             Missing here: {}",
            packages.join(" ")
        ));
    }
    apt(&packages)?;
    let still: Vec<&str> = missing
        .iter()
        .filter(|need| !(need.present)())
        .map(|need| need.why)
        .collect();
    if still.is_empty() {
        Ok(())
    } else {
        Err(format!(
            "apt installed the packages, but these are still not found: {}",
            still.join("; ")
        ))
    }
}

fn apt(packages: &[&str]) -> Outcome {
    println!("Installing with apt: {}", packages.join(" "));
    let as_root = says(Command::new("id").arg("-u")).is_some_and(|id| id.trim() == "0");
    if !as_root && !on_path("sudo") {
        return Err(format!(
            "that needs root and there is no sudo; as root: apt-get install --no-install-recommends {}",
            packages.join(" ")
        ));
    }
    let call = |arguments: &[&str]| {
        let mut command = if as_root {
            Command::new("env")
        } else {
            let mut sudo = Command::new("sudo");
            sudo.arg("env");
            sudo
        };
        // Another apt may hold the lock for a while (unattended upgrades): wait for it instead of failing.
        command
            .args([
                "DEBIAN_FRONTEND=noninteractive",
                "apt-get",
                "-o",
                "DPkg::Lock::Timeout=300",
            ])
            .args(arguments);
        done(&mut command)
    };
    let mut install = vec!["install", "-y", "--no-install-recommends"];
    install.extend_from_slice(packages);
    // The lists of a machine that has some are usually good enough; when not, bring them up to date and try once more.
    if has_package_lists() && call(&install).is_ok() {
        return Ok(());
    }
    call(&["update"])?;
    call(&install)
}

fn components() -> Outcome {
    let missing: Vec<&str> = [("rustfmt", "fmt"), ("clippy", "clippy")]
        .iter()
        .filter(|(_, command)| says(house::cargo().args([*command, "--version"])).is_none())
        .map(|(name, _)| *name)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !on_path("rustup") {
        return Err(format!(
            "cargo lacks {}; they come with rustup (`rustup component add rustfmt clippy`) or your distribution",
            missing.join(" and ")
        ));
    }
    println!("Adding to the toolchain: {} (formats and lints)", missing.join(", "));
    done(
        Command::new("rustup")
            .args(["component", "add"])
            .args(missing)
            .current_dir(house::root()),
    )
}

fn nextest() -> Outcome {
    if says(house::cargo().args(["nextest", "--version"])).is_some() {
        return Ok(());
    }
    println!(
        "This machine lacks cargo-nextest, which runs the tests: building version {NEXTEST_VERSION} once, some minutes"
    );
    done(house::cargo().args(["install", "cargo-nextest", "--locked", "--version", NEXTEST_VERSION]))
}

/// Runs a command with its output on the terminal; anything but success is an error that names it.
pub fn done(command: &mut Command) -> Outcome {
    let shown = shown(command);
    let status = command
        .status()
        .map_err(|error| format!("`{shown}` did not start: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("`{shown}` ended with {status}"))
    }
}

/// What a command prints when it succeeds.
pub fn says(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// True when a program of this name is on the search path.
pub fn on_path(program: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}

fn shown(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(
        command
            .get_args()
            .map(|argument| argument.to_string_lossy().into_owned()),
    );
    words.join(" ")
}

fn library(name: &str) -> bool {
    says(Command::new("pkg-config").args(["--exists", name])).is_some()
}

fn dejavu() -> bool {
    Path::new("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf").exists()
        || says(Command::new("fc-list").arg("DejaVu Sans")).is_some_and(|list| !list.trim().is_empty())
}

fn is_debian() -> bool {
    on_path("apt-get")
        && std::fs::read_to_string("/etc/os-release").is_ok_and(|text| {
            text.lines()
                .filter(|line| line.starts_with("ID=") || line.starts_with("ID_LIKE="))
                .any(|line| line.contains("debian") || line.contains("ubuntu"))
        })
}

fn has_package_lists() -> bool {
    std::fs::read_dir("/var/lib/apt/lists").is_ok_and(|entries| {
        entries.flatten().any(|entry| {
            entry.file_name().to_string_lossy().ends_with("Packages")
                || entry.file_name().to_string_lossy().ends_with(".lz4")
        })
    })
}
