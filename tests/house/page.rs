//! The rules of the page: one door to the program, one place for colours.

use acceptance::source::{root, texts};

fn page_sources(endings: &[&str]) -> Vec<(String, String)> {
    texts(endings)
        .into_iter()
        .filter_map(|(path, text)| path.to_str().map(|path| (path.replace('\\', "/"), text)))
        .filter(|(path, _)| path.starts_with("ui/src/"))
        .collect()
}

#[test]
fn the_page_has_one_door() {
    let package = concat!("@tauri", "-apps");
    let offences: Vec<String> = page_sources(&["ts", "svelte"])
        .into_iter()
        .filter(|(path, text)| path != "ui/src/backend/desktop.ts" && text.contains(package))
        .map(|(path, _)| path)
        .collect();
    assert!(
        offences.is_empty(),
        "only ui/src/backend/desktop.ts imports {package}, so that the page also runs in a test and a browser:\n{}",
        offences.join("\n")
    );
}

#[test]
fn parts_have_no_backend() {
    let offences: Vec<String> = page_sources(&["ts", "svelte"])
        .into_iter()
        .filter(|(path, text)| {
            path.starts_with("ui/src/parts/")
                && text
                    .lines()
                    .any(|line| line.contains("import") && line.contains("/backend/") && !line.contains("import type"))
        })
        .map(|(path, _)| path)
        .collect();
    assert!(
        offences.is_empty(),
        "a part gets what it shows and tells what was done; screens call the backend:\n{}",
        offences.join("\n")
    );
}

#[test]
fn samples_never_meet_reactivity() {
    let offences: Vec<String> = page_sources(&["ts", "svelte"])
        .into_iter()
        .filter(|(path, text)| {
            path.starts_with("ui/src/trace/")
                && (path.ends_with(".svelte") || path.ends_with(".svelte.ts") || text.contains("$state"))
        })
        .map(|(path, _)| path)
        .collect();
    assert!(
        offences.is_empty(),
        "waves go from the frame to a ring to the canvas:\n{}",
        offences.join("\n")
    );
}

#[test]
fn colours_live_in_tokens() {
    let mut offences = Vec::new();
    for (path, text) in page_sources(&["ts", "svelte", "css"]) {
        if path == "ui/src/style/tokens.css" || path.ends_with(".test.ts") {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            if names_colour(line) {
                offences.push(format!("{path}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    assert!(
        offences.is_empty(),
        "every colour is a token of ui/src/style/tokens.css:\n{}",
        offences.join("\n")
    );
    assert!(root().join("ui/src/style/tokens.css").exists(), "the tokens are gone");
}

/// `#rgb`, `#rrggbb` and their kin after a colon, quote, bracket or comma, and the colour functions with a number inside;
/// comments may show an example.
fn names_colour(line: &str) -> bool {
    let start = line.trim_start();
    if start.starts_with("//") || start.starts_with('*') {
        return false;
    }
    let functions = ["rgb(", "rgba(", "hsl(", "hsla(", "oklch(", "oklab(", "lab(", "lch("];
    let by_function = functions.iter().any(|name| {
        line.match_indices(name).any(|(at, _)| {
            let is_word = line
                .get(..at)
                .and_then(|before| before.chars().last())
                .is_none_or(|c| !c.is_alphanumeric() && c != '-');
            is_word
                && line
                    .get(at + name.len()..)
                    .is_some_and(|rest| rest.trim_start().starts_with(|c: char| c.is_ascii_digit()))
        })
    });
    let by_number = line.match_indices('#').any(|(at, _)| {
        let before = line.get(..at).unwrap_or_default().trim_end().chars().last();
        let digits: String = line
            .get(at + 1..)
            .unwrap_or_default()
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect();
        let has_form = [3, 4, 6, 8].contains(&digits.len()) && digits.chars().all(|c| c.is_ascii_hexdigit());
        has_form && before.is_some_and(|c| ":'\"`(,".contains(c))
    });
    by_function || by_number
}

#[test]
fn a_colour_is_known_when_seen() {
    assert!(
        names_colour("color: #fff;") && names_colour("fill(\"#00ff88\")") && names_colour("background: rgb(1, 2, 3)")
    );
    assert!(!names_colour("  #bed = 3;") && !names_colour("this.#feed") && !names_colour("{#each beds as bed}"));
    assert!(!names_colour("color: rgb(from var(--ink) r g b / 50%)"));
}
