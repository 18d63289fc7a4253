//! `cargo xtask …`: the commands of this repository, in plain Rust without a dependency.
//!
//! Two of them matter to a newcomer: `cargo xtask run` opens the ward, `cargo xtask test` checks everything. Each looks
//! first for what the machine lacks, says what it will install and why, and installs it.

mod display;
mod house;
mod machine;
mod more;
mod node;
mod python;
mod stages;
mod ward;

use std::process::ExitCode;

/// What a command ends with: nothing to say, or one text for the person at the terminal.
type Outcome = Result<(), String>;

const HELP: &str = "\
The commands of this repository.

  cargo xtask run [-- ARGUMENTS]     build in release and open the window; ARGUMENTS go to wardlight
  cargo xtask test [--fast]          every check: formats, lints, Rust and UI tests, the real window under its own Xvfb
                                     (--fast leaves out the real window, the documentation examples and the
                                     readers in Python)
  cargo xtask bench [NAME [ARGUMENTS]]
                                     the benches; `bench ward 64 300` measures wards of so many beds under full load,
                                     `bench kill` kills the recording station fifty times
  cargo xtask fuzz [SECONDS]         every fuzz target for SECONDS each (60 if not said), by cargo-fuzz
  cargo xtask screenshot [--beds N] [--screen wall|bed] OUT.png
                                     a picture of the real window, taken under its own Xvfb
  cargo xtask contract               write ui/src/contract/index.ts anew from the Rust types
  cargo xtask deny                   licences and advisories of the dependencies, by cargo-deny

What the machine lacks is installed with apt on Debian and Ubuntu, after saying what and why.
Elsewhere the command says what to install.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut words = arguments.iter().map(String::as_str);
    let command = words.next().unwrap_or("help");
    let rest: Vec<&str> = words.collect();
    let outcome = match command {
        "run" => ward::run(&rest),
        "test" => ward::test(&rest),
        "bench" => more::bench(&rest),
        "fuzz" => more::fuzz(&rest),
        "screenshot" => more::screenshot(&rest),
        "contract" => more::contract(&rest),
        "deny" => more::deny(&rest),
        "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(())
        }
        other => Err(format!("there is no command `{other}`.\n\n{HELP}")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(text) => {
            eprintln!("\nxtask: {text}");
            ExitCode::FAILURE
        }
    }
}
