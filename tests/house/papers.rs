//! The papers keep up with the house.

use acceptance::source::root;

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
fn every_limit_in_the_table_is_what_the_code_says() {
    let text = read("src-tauri/ARCHITECTURE.md");
    let table = text
        .split("## The limits")
        .nth(1)
        .expect("ARCHITECTURE.md has a section `The limits`");
    let mut rows = 0;
    let mut offences = Vec::new();
    for line in table.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.split('`').skip(1).step_by(2).collect();
        let &[name, path, value] = cells.as_slice() else {
            offences.push(format!(
                "a row needs a name, a file and a value, each in backticks: {line}"
            ));
            continue;
        };
        rows += 1;
        let file = [root().join("src-tauri").join(path), root().join(path)]
            .into_iter()
            .find(|file| file.exists());
        let code = file
            .and_then(|file| std::fs::read_to_string(file).ok())
            .unwrap_or_default();
        let is_so = code
            .lines()
            .any(|line| line.contains(&format!("const {name}")) && line.contains(value));
        if !is_so {
            offences.push(format!("{path} does not say `const {name} … {value}`"));
        }
    }
    assert!(rows >= 20, "the table of limits is nearly empty");
    assert!(
        offences.is_empty(),
        "ARCHITECTURE.md and the code disagree about limits:\n{}",
        offences.join("\n")
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
