//! The papers keep up with the house.

use acceptance::source::{root, texts};

use crate::imports::metadata;

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn the_architecture_names_every_crate() {
    let text = read("src-tauri/ARCHITECTURE.md");
    let missing: Vec<String> = metadata()
        .workspace_packages()
        .iter()
        .map(|package| format!("`{}`", package.name))
        .filter(|name| !text.contains(name.as_str()))
        .collect();
    assert!(
        missing.is_empty(),
        "ARCHITECTURE.md says nothing of {}",
        missing.join(", ")
    );
}

#[test]
fn every_limit_in_the_table_is_a_constant_of_the_code() {
    let text = read("src-tauri/ARCHITECTURE.md");
    let code: String = texts(&["rs", "ts"]).into_iter().map(|(_, text)| text).collect();
    let table = text
        .split("## The limits")
        .nth(1)
        .expect("ARCHITECTURE.md has a section `The limits`");
    let names: Vec<&str> = table
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .filter(|name| {
            name.chars()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
        })
        .collect();
    assert!(names.len() >= 5, "the table of limits is nearly empty");
    let gone: Vec<&&str> = names
        .iter()
        .filter(|name| !code.contains(&format!("const {name}")))
        .collect();
    assert!(
        gone.is_empty(),
        "ARCHITECTURE.md lists limits the code no longer has: {gone:?}"
    );
}

#[test]
fn the_readme_says_what_this_is_not() {
    let text = read("README.md");
    assert!(
        text.contains("supplements"),
        "README.md no longer says that Wardlight supplements the bedside monitors"
    );
    assert!(
        text.contains("cargo xtask run") && text.contains("cargo xtask test"),
        "README.md no longer names the two commands"
    );
    let picture = text.split("](").skip(1).find_map(|rest| {
        rest.split(')').next().filter(|path| {
            std::path::Path::new(path)
                .extension()
                .is_some_and(|ending| ending == "png")
        })
    });
    let picture = picture.expect("README.md opens with a picture");
    assert!(
        root().join(picture).exists(),
        "README.md shows {picture}, which is not there"
    );
}

#[test]
fn the_changelog_has_its_drawers() {
    let text = read("src-tauri/CHANGELOG.md");
    for drawer in ["### Safety", "### Added", "### Changed", "### Fixed", "### Internal"] {
        assert!(text.contains(drawer), "CHANGELOG.md has no drawer `{drawer}`");
    }
}
