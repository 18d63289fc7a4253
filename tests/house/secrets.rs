//! What must never be in the repository: paths of somebody's machine, hosts of somebody's registry, keys.

use std::path::Path;

use acceptance::source::{files, root, texts};

/// Endings of text files; everything else is a picture or a recording.
const TEXT: &[&str] = &[
    "rs", "ts", "js", "svelte", "css", "html", "json", "toml", "md", "yml", "yaml", "sh", "txt", "svg", "hea", "lock",
    "snap",
];

fn lines_with(found: impl Fn(&Path, &str) -> bool) -> Vec<String> {
    let mut offences = Vec::new();
    for (path, text) in texts(TEXT) {
        for (number, line) in text.lines().enumerate() {
            if found(&path, line) {
                let shown: String = line.trim().chars().take(100).collect();
                offences.push(format!("{}:{}: {shown}", path.display(), number + 1));
            }
        }
    }
    offences
}

#[test]
fn no_path_of_a_machine() {
    let beginnings = [
        concat!("/ro", "ot/"),
        concat!("/ho", "me/"),
        concat!("/wo", "rk/"),
        concat!("/Us", "ers/"),
        concat!("C:", "\\Users"),
    ];
    let offences = lines_with(|_, line| {
        beginnings.iter().any(|beginning| {
            line.match_indices(beginning).any(|(at, _)| {
                // `station/workers/` is not a path from the root of a machine.
                line.get(..at)
                    .and_then(|before| before.chars().last())
                    .is_none_or(|c| !c.is_alphanumeric() && !"._-/~>".contains(c))
            })
        })
    });
    assert!(
        offences.is_empty(),
        "a path that exists on one machine only:\n{}",
        offences.join("\n")
    );
}

#[test]
fn lock_files_name_only_the_public_registries() {
    let mut offences = lines_with(|path, line| {
        let is_npm = path.ends_with("package-lock.json");
        is_npm && line.contains("\"resolved\":") && !line.contains("\"https://registry.npmjs.org/")
    });
    offences.extend(lines_with(|path, line| {
        let is_cargo = path.ends_with("Cargo.lock");
        is_cargo
            && line.starts_with("source = ")
            && !line.contains("registry+https://github.com/rust-lang/crates.io-index")
    }));
    assert!(
        offences.is_empty(),
        "these packages come from elsewhere:\n{}",
        offences.join("\n")
    );
    let npmrc: Vec<_> = files().into_iter().filter(|path| path.ends_with(".npmrc")).collect();
    for path in npmrc {
        let text = std::fs::read_to_string(root().join(&path)).expect("an .npmrc");
        let names_host = |line: &str| line.contains("://") || line.contains("_auth") || line.contains("_password");
        assert!(
            !text.lines().any(names_host),
            "{} names a registry or a token",
            path.display()
        );
    }
}

#[test]
fn no_key_or_token() {
    let marks = [
        concat!("PRIVATE ", "KEY-----"),
        concat!("AK", "IA"),
        concat!("gh", "p_"),
        concat!("github", "_pat_"),
        concat!("npm", "_token"),
        concat!("xo", "xb-"),
    ];
    let offences = lines_with(|path, line| {
        // Hashes of a lock file may contain anything.
        !path.ends_with("package-lock.json") && marks.iter().any(|mark| line.contains(mark))
    });
    assert!(
        offences.is_empty(),
        "this looks like a secret:\n{}",
        offences.join("\n")
    );
}

#[test]
fn the_top_of_the_house_is_as_designed() {
    let allowed = [
        "Cargo.toml",
        "Cargo.lock",
        "README.md",
        "LICENSE-MIT",
        "LICENSE-APACHE",
        "src-tauri",
        "ui",
        "tests",
        "icons",
    ];
    let mut offences: Vec<String> = files()
        .iter()
        .filter_map(|path| {
            path.components()
                .next()
                .map(|first| first.as_os_str().to_string_lossy().into_owned())
        })
        .filter(|first| !first.starts_with('.') && !allowed.contains(&first.as_str()))
        .collect();
    offences.dedup();
    assert!(
        offences.is_empty(),
        "the top level is fixed; find these a room: {}",
        offences.join(", ")
    );
}
