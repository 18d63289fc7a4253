//! The window opens by itself when its user signs in: one file where every desktop looks for it.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::Failure;
use crate::cli::{Autostart, AutostartArguments, StationArguments};
use crate::setup::home_path;

/// Writes the file, or removes it, and says so.
pub fn run(arguments: &AutostartArguments) -> Result<(), Failure> {
    let file = home_path(".config", "autostart/org.wardlight.desktop.desktop");
    match arguments.wish {
        Autostart::On => {
            let program = std::env::current_exe()?;
            let entry = entry(&program, &absolute(&arguments.station)?)?;
            if let Some(folder) = file.parent() {
                std::fs::create_dir_all(folder)?;
            }
            std::fs::write(&file, entry).map_err(|error| format!("cannot write {}: {error}", file.display()))?;
            println!("Wardlight opens when you sign in: {}", file.display());
        }
        Autostart::Off => match std::fs::remove_file(&file) {
            Ok(()) => println!("Wardlight does not open by itself any more."),
            Err(error) if error.kind() == ErrorKind::NotFound => println!("Wardlight did not open by itself."),
            Err(error) => return Err(format!("cannot remove {}: {error}", file.display()).into()),
        },
    }
    Ok(())
}

/// The words after the program's name; paths from here mean nothing at the next sign-in.
fn absolute(station: &StationArguments) -> std::io::Result<Vec<String>> {
    let mut words = Vec::new();
    let mut path = |flag: &str, value: &Option<PathBuf>| -> std::io::Result<()> {
        if let Some(value) = value {
            words.extend([flag.to_owned(), std::path::absolute(value)?.display().to_string()]);
        }
        Ok(())
    };
    path("--data", &station.data)?;
    path("--config", &station.config)?;
    if let Some(beds) = station.demo {
        words.extend(["--demo".to_owned(), beds.to_string()]);
    }
    Ok(words)
}

/// A desktop entry. An error where a path cannot be written in one.
fn entry(program: &Path, words: &[String]) -> Result<String, Failure> {
    let program = program.display().to_string();
    let mut exec = quoted(&program)?;
    for word in words {
        exec.push(' ');
        exec.push_str(&quoted(word)?);
    }
    Ok(format!(
        "[Desktop Entry]\nType=Application\nName=Wardlight\nComment=Watches a ward\nExec={exec}\nTerminal=false\n\
         X-GNOME-Autostart-enabled=true\n"
    ))
}

/// One word of an Exec line: in quotes, with what is special in them escaped twice over, as the specification has it.
fn quoted(word: &str) -> Result<String, Failure> {
    if word.chars().any(char::is_control) {
        return Err(format!("{word:?} has a control character and cannot stand in a desktop entry").into());
    }
    let mut text = String::from("\"");
    for letter in word.chars() {
        match letter {
            '"' | '`' | '$' => text.extend(['\\', '\\', letter]),
            '\\' => text.push_str("\\\\\\\\"),
            '%' => text.push_str("%%"),
            other => text.push(other),
        }
    }
    text.push('"');
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_starts_this_program_with_these_words() {
        let words = ["--config".to_owned(), "/srv/ward 3/100% $5.toml".to_owned()];
        let entry = entry(Path::new("/opt/wardlight"), &words).unwrap();
        assert!(entry.starts_with("[Desktop Entry]\nType=Application\n"), "{entry}");
        assert!(
            entry.contains("\nExec=\"/opt/wardlight\" \"--config\" \"/srv/ward 3/100%% \\\\$5.toml\"\n"),
            "{entry}"
        );
    }

    #[test]
    fn a_word_that_would_begin_a_line_of_its_own_is_refused() {
        assert!(entry(Path::new("/opt/wardlight"), &["a\nExec=rm".to_owned()]).is_err());
    }
}
