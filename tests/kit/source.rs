//! Source text as the house rules read it.

use std::path::{Path, PathBuf};

/// The root of the checkout.
pub fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_path_buf()
}

/// Folders that hold what was built or fetched, not what was written.
const NOT_WRITTEN: &[&str] = &["target", "node_modules", "dist", ".git", "gen"];

/// Every file of the checkout that was written by somebody, relative to its root, sorted.
pub fn files() -> Vec<PathBuf> {
    let root = root();
    let mut folders = vec![root.clone()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for path in entries.flatten().map(|entry| entry.path()) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() && !path.is_symlink() {
                if !NOT_WRITTEN.contains(&name.as_str()) {
                    folders.push(path);
                }
            } else if let Ok(relative) = path.strip_prefix(&root) {
                found.push(relative.to_path_buf());
            }
        }
    }
    found.sort();
    found
}

/// The files whose name ends so (`rs`, `svelte`), with their text. Files that are not UTF-8 are left out.
pub fn texts(endings: &[&str]) -> Vec<(PathBuf, String)> {
    files()
        .into_iter()
        .filter(|path| {
            path.extension()
                .is_some_and(|ending| endings.iter().any(|wanted| ending == *wanted))
        })
        .filter_map(|path| {
            std::fs::read_to_string(root().join(&path))
                .ok()
                .map(|text| (path, text))
        })
        .collect()
}

/// Rust text with comments, strings and character literals blanked out, line for line: what is left are words of the code.
pub fn code_only(text: &str) -> String {
    let bytes: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(&here) = bytes.get(at) {
        let end = match here {
            '/' if bytes.get(at + 1) == Some(&'/') => line_end(&bytes, at),
            '/' if bytes.get(at + 1) == Some(&'*') => comment_end(&bytes, at),
            '"' => string_end(&bytes, at),
            'r' | 'b' if !follows_word(&bytes, at) => raw_end(&bytes, at).unwrap_or(at),
            '\'' => character_end(&bytes, at),
            _ => at,
        };
        if end > at {
            code.extend(
                bytes
                    .iter()
                    .take(end)
                    .skip(at)
                    .map(|&c| if c == '\n' { '\n' } else { ' ' }),
            );
            at = end;
        } else {
            code.push(here);
            at += 1;
        }
    }
    code
}

fn follows_word(text: &[char], at: usize) -> bool {
    at.checked_sub(1)
        .and_then(|before| text.get(before))
        .is_some_and(|c| c.is_alphanumeric() || *c == '_')
}

fn line_end(text: &[char], at: usize) -> usize {
    text.iter()
        .skip(at)
        .position(|&c| c == '\n')
        .map_or(text.len(), |length| at + length)
}

fn comment_end(text: &[char], start: usize) -> usize {
    let mut depth = 0_u32;
    let mut at = start;
    while at < text.len() {
        match (text.get(at), text.get(at + 1)) {
            (Some('/'), Some('*')) => {
                depth += 1;
                at += 2;
            }
            (Some('*'), Some('/')) => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    text.len()
}

fn string_end(text: &[char], quote: usize) -> usize {
    let mut at = quote + 1;
    while let Some(&here) = text.get(at) {
        match here {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    text.len()
}

/// `r"…"`, `r#"…"#`, `b"…"`, `br#"…"#`; `None` for a word that only begins with these letters.
fn raw_end(text: &[char], start: usize) -> Option<usize> {
    let mut at = start;
    if text.get(at) == Some(&'b') {
        at += 1;
    }
    let is_raw = text.get(at) == Some(&'r');
    if is_raw {
        at += 1;
    }
    let hashes = text.iter().skip(at).take_while(|&&c| c == '#').count();
    at += hashes;
    if text.get(at) != Some(&'"') {
        return None;
    }
    if !is_raw {
        return Some(string_end(text, at));
    }
    let closing: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
    let rest = text.get(at + 1..)?;
    let length = rest.windows(closing.len()).position(|window| window == closing)?;
    Some(at + 1 + length + closing.len())
}

/// A character literal ends at its quote; a lifetime is not one.
fn character_end(text: &[char], quote: usize) -> usize {
    match (text.get(quote + 1), text.get(quote + 2)) {
        (Some('\\'), _) => text
            .iter()
            .skip(quote + 3)
            .position(|&c| c == '\'')
            .map_or(quote, |length| quote + 3 + length + 1),
        (Some(_), Some('\'')) => quote + 3,
        _ => quote,
    }
}

/// One function of a Rust file: its name, its first line (from 1) and how many lines it has.
#[derive(Debug, PartialEq, Eq)]
pub struct Function {
    /// The name after `fn`.
    pub name: String,
    /// The line of `fn`, from 1.
    pub line: usize,
    /// Lines from `fn` to the closing brace, both included.
    pub lines: usize,
}

/// The functions of a Rust file that have a body.
pub fn functions(text: &str) -> Vec<Function> {
    let code = code_only(text);
    let lines: Vec<&str> = code.lines().collect();
    let mut found = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(name) = name_after_fn(line) else { continue };
        let mut depth = 0_i32;
        let mut closed = None;
        'body: for (offset, text) in lines.iter().skip(index).enumerate() {
            // Before `fn` the first line may hold a brace that is not the function's.
            let text = if offset == 0 {
                text.split_once("fn ").map_or(*text, |(_, after)| after)
            } else {
                text
            };
            for character in text.chars() {
                match character {
                    // A declaration without a body.
                    ';' if depth == 0 => break 'body,
                    '{' | '[' | '(' => depth += 1,
                    ']' | ')' => depth -= 1,
                    '}' => {
                        depth -= 1;
                        if depth == 0 {
                            closed = Some(offset + 1);
                            break 'body;
                        }
                    }
                    _ => {}
                }
            }
        }
        if let Some(length) = closed {
            found.push(Function {
                name,
                line: index + 1,
                lines: length,
            });
        }
    }
    found
}

fn name_after_fn(line: &str) -> Option<String> {
    let (before, after) = line.split_once("fn ")?;
    let is_word = before.chars().last().is_none_or(|c| !c.is_alphanumeric() && c != '_');
    let name: String = after.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (is_word && !name.is_empty() && !before.contains('(')).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_strings_and_characters_are_blank_and_lines_stay() {
        let code = code_only(
            "let a = \"alarm\"; // alarm\n/* alarm\n /* alarm */ */ let b = r#\"al\"arm\"#; 'x'; '\\n'; &'a str",
        );
        assert!(!code.contains("alarm") && !code.contains("arm\""), "{code}");
        assert_eq!(code.lines().count(), 3);
        assert!(code.contains("let b =") && code.contains("&'a str"), "{code}");
    }

    #[test]
    fn functions_are_measured_from_fn_to_the_brace() {
        let text = "pub fn one() -> u8 {\n    1\n}\n\ntrait T { fn two(&self);\n    fn three(&self) {\n        let x = \"}\";\n    }\n}\n";
        let names: Vec<(String, usize)> = functions(text).into_iter().map(|f| (f.name, f.lines)).collect();
        assert_eq!(names, [("one".to_owned(), 3), ("three".to_owned(), 3)]);
    }
}
