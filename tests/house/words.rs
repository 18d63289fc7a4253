//! The words are the field's, and one thing has one word.

use acceptance::source::{code_only, files, texts};

#[test]
fn the_code_says_alert() {
    // Written apart, or this file would break its own rule.
    let word = concat!("ala", "rm");
    let mut offences = Vec::new();
    for (path, text) in texts(&["rs"]) {
        for (number, line) in code_only(&text).lines().enumerate() {
            if line.to_lowercase().contains(word) {
                offences.push(format!("{}:{}: {}", path.display(), number + 1, line.trim()));
            }
        }
    }
    assert!(
        offences.is_empty(),
        "the code says `alert`; `{word}` is a bedside monitor's, or a quotation:\n{}",
        offences.join("\n")
    );
}

#[test]
fn every_room_and_file_has_a_noun_of_its_own() {
    let empty_names = [
        "utils", "util", "helpers", "helper", "common", "misc", "manager", "service",
    ];
    let offences: Vec<String> = files()
        .iter()
        .filter(|path| {
            path.components().any(|part| {
                let name = part.as_os_str().to_string_lossy().to_lowercase();
                let stem = name.split('.').next().unwrap_or_default().to_owned();
                empty_names.contains(&stem.as_str())
            })
        })
        .map(|path| path.display().to_string())
        .collect();
    assert!(
        offences.is_empty(),
        "these names say nothing about what is inside:\n{}",
        offences.join("\n")
    );
}

#[test]
fn nothing_is_left_for_later() {
    let marks = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
    ];
    let mut offences = Vec::new();
    for (path, text) in texts(&["rs", "ts", "svelte", "css"]) {
        for (number, line) in text.lines().enumerate() {
            if marks.iter().any(|mark| line.contains(mark)) {
                offences.push(format!("{}:{}: {}", path.display(), number + 1, line.trim()));
            }
        }
    }
    assert!(
        offences.is_empty(),
        "finish it or open an issue:\n{}",
        offences.join("\n")
    );
}
