//! Who may import whom.

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

use acceptance::source::root;

/// A room: which siblings it may know, and which foreign crates it must not, with the reason.
struct Room {
    name: &'static str,
    siblings: &'static [&'static str],
    never: &'static [&'static str],
    why: &'static str,
}

const ROOMS: &[Room] = &[
    Room {
        name: "model",
        siblings: &[],
        never: &["serde", "serde_json", "tokio", "rusqlite", "tauri", "ts-rs"],
        why: "the words are not a format: a serialised type would freeze them, and every room would inherit the choice",
    },
    Room {
        name: "wire",
        siblings: &["model"],
        never: &["tokio", "tokio-tungstenite", "reqwest", "rustls", "rusqlite", "tauri"],
        why: "codecs are pure so that they can be fuzzed and replayed: no sockets, no clocks",
    },
    Room {
        name: "alert",
        siblings: &["model"],
        never: &[
            "tokio",
            "serde",
            "serde_json",
            "rusqlite",
            "reqwest",
            "tauri",
            "tracing",
        ],
        why: "the engine is a pure machine: the same events and times must give the same alerts, live and on replay",
    },
    Room {
        name: "feed",
        siblings: &["model", "wire"],
        never: &["rusqlite", "tauri", "ts-rs"],
        why: "a feed brings observations; whether they alert or are kept is not its business",
    },
    Room {
        name: "store",
        siblings: &["model"],
        never: &["tokio", "tauri", "reqwest", "ts-rs"],
        why: "history has its own thread and knows records only as words",
    },
    Room {
        name: "signal",
        siblings: &["model"],
        never: &["tokio", "serde", "serde_json", "rusqlite", "tauri", "tracing"],
        why: "the same samples give the same beats live, in review and on paper",
    },
    Room {
        name: "archive",
        siblings: &["model", "wire", "store", "signal"],
        never: &["tokio", "tauri", "reqwest", "ts-rs"],
        why: "a recorded session is opened without a running station",
    },
    Room {
        name: "report",
        siblings: &["model", "store"],
        never: &["tokio", "tauri", "reqwest"],
        why: "a printed page is made from history, without a running station",
    },
    Room {
        name: "station",
        siblings: &["model", "feed", "alert", "store", "signal"],
        never: &["tauri", "ts-rs"],
        why: "the loop must run without a window",
    },
    Room {
        name: "contract",
        siblings: &["model", "station"],
        never: &["tauri", "tokio-tungstenite", "rusqlite"],
        why: "what crosses to a screen is the same for every host of a screen",
    },
    Room {
        name: "bedside",
        siblings: &["model", "wire"],
        never: &["rusqlite", "tauri"],
        why: "a device knows nothing of who watches it; a shared mistake would hide in both ends",
    },
    Room {
        name: "wardlight",
        siblings: &[
            "model", "station", "contract", "report", "bedside", "store", "archive", "signal",
        ],
        never: &["rusqlite", "tokio-tungstenite", "reqwest"],
        why: "the program is the window and the command line, nothing else",
    },
    Room {
        name: "xtask",
        siblings: &[],
        never: &[],
        why: "the command that installs things must build before they are there",
    },
    Room {
        name: "acceptance",
        siblings: &[],
        never: &[],
        why: "whole-program tests know the program from outside: a mistake in a crate must not hide in the test as well",
    },
];

/// Metadata of the workspace and of what it depends on here; downloads nothing that a build would not.
pub fn metadata() -> Metadata {
    let host = std::process::Command::new("rustc")
        .arg("-vV")
        .output()
        .expect("rustc -vV");
    let host = String::from_utf8_lossy(&host.stdout)
        .lines()
        .find_map(|line| line.strip_prefix("host: ").map(str::to_owned))
        .expect("rustc names its host");
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .other_options(["--locked".to_owned(), "--filter-platform".to_owned(), host])
        .exec()
        .expect("cargo metadata")
}

#[test]
fn every_room_imports_only_what_it_may() {
    let metadata = metadata();
    let members = metadata.workspace_packages();
    let mut offences = Vec::new();
    for package in &members {
        let Some(room) = ROOMS.iter().find(|room| package.name == room.name) else {
            offences.push(format!(
                "`{}` is not in the table of rooms: a new crate needs an argument in ARCHITECTURE.md and a row here",
                package.name
            ));
            continue;
        };
        for dependency in package
            .dependencies
            .iter()
            .filter(|one| one.kind == DependencyKind::Normal)
        {
            let name = dependency.name.as_str();
            let is_sibling = members.iter().any(|member| member.name == name);
            if (is_sibling && !room.siblings.contains(&name)) || room.never.contains(&name) {
                offences.push(format!("`{}` must not import `{name}`: {}", room.name, room.why));
            }
        }
    }
    assert!(offences.is_empty(), "{}", offences.join("\n"));
}

#[test]
fn the_engine_needs_nothing_but_the_words() {
    let metadata = metadata();
    let alert = metadata
        .workspace_packages()
        .into_iter()
        .find(|package| package.name == "alert")
        .expect("the crate alert");
    let normal: Vec<&str> = alert
        .dependencies
        .iter()
        .filter(|one| one.kind == DependencyKind::Normal)
        .map(|one| one.name.as_str())
        .collect();
    assert_eq!(
        normal,
        ["model"],
        "the alert engine depends on `model` alone: no async, no input or output, no clock"
    );
}

#[test]
fn every_version_stands_at_the_root() {
    let mut offences = Vec::new();
    for package in metadata().workspace_packages() {
        let text = std::fs::read_to_string(&package.manifest_path).expect("a manifest");
        let mut in_dependencies = false;
        for line in text.lines() {
            if line.starts_with('[') {
                in_dependencies = line.contains("dependencies");
            } else if in_dependencies
                && line.contains('=')
                && !line.starts_with('#')
                && !line.contains("workspace = true")
            {
                offences.push(format!("{}: `{line}`", package.name));
            }
        }
    }
    assert!(
        offences.is_empty(),
        "write the version into the root Cargo.toml and `workspace = true` here:\n{}",
        offences.join("\n")
    );
}
