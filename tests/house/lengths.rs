//! Files and functions stay short enough to be read in one go.

use acceptance::source::{functions, texts};

/// Lines a file has by habit: Rust, Svelte, TypeScript.
const FILE_HABITS: &[(&str, usize)] = &[("rs", 500), ("svelte", 200), ("ts", 500)];
/// Lines a function has by habit.
const FUNCTION_HABIT: usize = 70;
/// Over the habit it is printed; over this many times the habit it fails.
const PATIENCE: usize = 2;

#[test]
fn no_file_is_one_that_nobody_stopped() {
    let mut offences = Vec::new();
    for (ending, habit) in FILE_HABITS {
        // What is generated from Rust nobody reads through, and nobody edits.
        let written = |(path, _): &(std::path::PathBuf, String)| !path.to_string_lossy().contains("ui/src/contract/");
        for (path, text) in texts(&[ending]).into_iter().filter(written) {
            let lines = text.lines().count();
            if lines > *habit {
                println!("{}: {lines} lines, the habit is {habit}", path.display());
            }
            if lines > PATIENCE * habit {
                offences.push(format!(
                    "{}: {lines} lines where {habit} are the habit; give its second half a noun",
                    path.display()
                ));
            }
        }
    }
    assert!(offences.is_empty(), "{}", offences.join("\n"));
}

#[test]
fn no_function_needs_scrolling_twice() {
    let mut offences = Vec::new();
    for (path, text) in texts(&["rs"]) {
        for function in functions(&text)
            .into_iter()
            .filter(|function| function.lines > FUNCTION_HABIT)
        {
            let place = format!(
                "{}:{} `{}`: {} lines",
                path.display(),
                function.line,
                function.name,
                function.lines
            );
            println!("{place}, the habit is {FUNCTION_HABIT}");
            if function.lines > PATIENCE * FUNCTION_HABIT {
                offences.push(place);
            }
        }
    }
    assert!(
        offences.is_empty(),
        "functions of more than {} lines:\n{}",
        PATIENCE * FUNCTION_HABIT,
        offences.join("\n")
    );
}
