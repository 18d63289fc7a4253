//! Which licences may come in: those that let the whole be given away as MIT or Apache-2.0.

use acceptance::source::root;

use crate::imports::metadata;

/// The list `cargo xtask deny` uses as well.
fn allowed() -> Vec<String> {
    let text = std::fs::read_to_string(root().join(".deny.toml")).expect(".deny.toml");
    let list = text
        .split("allow = [")
        .nth(1)
        .and_then(|rest| rest.split(']').next())
        .expect("[licenses] allow = […]");
    list.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// True when an SPDX expression can be satisfied by allowed licences alone.
fn satisfied(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let holds = either(&words, &mut at, allowed);
    holds && at == words.len()
}

fn either(words: &[&str], at: &mut usize, allowed: &[String]) -> bool {
    let mut holds = both(words, at, allowed);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        // Evaluated first: the position must move on whatever the left side says.
        let right = both(words, at, allowed);
        holds |= right;
    }
    holds
}

fn both(words: &[&str], at: &mut usize, allowed: &[String]) -> bool {
    let mut holds = one(words, at, allowed);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        let right = one(words, at, allowed);
        holds &= right;
    }
    holds
}

fn one(words: &[&str], at: &mut usize, allowed: &[String]) -> bool {
    let Some(word) = words.get(*at) else { return false };
    *at += 1;
    if *word == "(" {
        let holds = either(words, at, allowed);
        *at += 1;
        return holds;
    }
    let mut name = (*word).to_owned();
    if words.get(*at) == Some(&"WITH") {
        name = format!("{name} WITH {}", words.get(*at + 1).unwrap_or(&""));
        *at += 2;
    }
    allowed.contains(&name)
}

#[test]
fn every_crate_may_be_given_away() {
    let allowed = allowed();
    let offences: Vec<String> = metadata()
        .packages
        .iter()
        .filter(|package| {
            !package
                .license
                .as_deref()
                .is_some_and(|licence| satisfied(licence, &allowed))
        })
        .map(|package| {
            format!(
                "{} {}: {}",
                package.name,
                package.version,
                package.license.as_deref().unwrap_or("says no licence")
            )
        })
        .collect();
    assert!(
        offences.is_empty(),
        "licences outside the list of .deny.toml:\n{}",
        offences.join("\n")
    );
}

#[test]
fn every_npm_package_may_be_given_away() {
    let mut allowed = allowed();
    // A font, data of browsers, and one more permissive text: in the page's tools and in the page only.
    allowed.extend(["OFL-1.1", "CC-BY-4.0", "BlueOak-1.0.0", "Python-2.0"].map(str::to_owned));
    let text = std::fs::read_to_string(root().join("ui/package-lock.json")).expect("ui/package-lock.json");
    let lock: serde_json::Value = serde_json::from_str(&text).expect("a lock file");
    let packages = lock
        .get("packages")
        .and_then(serde_json::Value::as_object)
        .expect("packages");
    let offences: Vec<String> = packages
        .iter()
        .filter(|(path, _)| !path.is_empty())
        .map(|(path, package)| {
            (
                path,
                package
                    .get("license")
                    .and_then(serde_json::Value::as_str)
                    .unwrap_or("says no licence"),
            )
        })
        .filter(|(_, licence)| !satisfied(licence, &allowed))
        .map(|(path, licence)| format!("{path}: {licence}"))
        .collect();
    assert!(
        offences.is_empty(),
        "licences outside the list:\n{}",
        offences.join("\n")
    );
}

#[test]
fn licence_expressions_are_understood() {
    let allowed = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "ISC"].map(str::to_owned);
    for good in [
        "MIT",
        "MIT/Apache-2.0",
        "GPL-3.0 OR MIT",
        "Apache-2.0 WITH LLVM-exception OR GPL-2.0",
        "(MIT OR GPL-2.0) AND ISC",
    ] {
        assert!(satisfied(good, &allowed), "{good}");
    }
    for bad in [
        "GPL-3.0",
        "MIT AND GPL-2.0",
        "AGPL-3.0-only",
        "",
        "says no licence",
        "(GPL-2.0 OR LGPL-2.1) AND MIT",
    ] {
        assert!(!satisfied(bad, &allowed), "{bad}");
    }
}
