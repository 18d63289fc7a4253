//! What must stand in the environment before GTK starts.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::Failure;

/// Set in the second start of the program, so that there is no third.
const PREPARED: &str = "WARDLIGHT_ENVIRONMENT_PREPARED";

/// What keeps the page's engine small. It sizes its heap by the machine's memory, and lets 32 MB of garbage gather on a large
/// one; a wall of 64 beds keeps 35. What is set already is left alone.
const SMALL: [(&str, &str); 3] = [
    // As if the machine had 1 GiB: above 16 GiB the heap grows by another, more generous rule.
    ("JSC_forceRAMSize", "1073741824"),
    // Collected after so much of new garbage at least, bytes.
    ("JSC_largeHeapSize", "4194304"),
    // The last tier of its compiler takes more memory than the painter gains by it.
    ("JSC_useFTLJIT", "0"),
];

/// Checks that a window can open, and starts the program again under a better environment where that is needed.
///
/// The program starts itself anew (same process id) rather than change its own environment, which is not safe once
/// threads run.
pub fn prepared_for_a_window() -> Result<(), Failure> {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty());
    if !is_set("DISPLAY") && !is_set("WAYLAND_DISPLAY") {
        return Err(
            "there is no display to open a window on (DISPLAY and WAYLAND_DISPLAY are not set).\n\
             To run the station without a window: wardlight serve --data DIR --config station.toml\n\
             To try the window without a screen:  xvfb-run wardlight --demo 16"
                .into(),
        );
    }
    if is_set(PREPARED) {
        return Ok(());
    }
    let mut again = Command::new(std::env::current_exe()?);
    again.args(std::env::args_os().skip(1)).env(PREPARED, "1");
    let mut needed = false;
    let lang = std::env::var("LC_ALL")
        .or_else(|_| std::env::var("LANG"))
        .unwrap_or_default();
    if lang.is_empty() || lang == "C" || lang == "POSIX" || lang.starts_with("C.") {
        // Under locale C the page's language is "C" and Intl throws: charts would stay empty without a word.
        again
            .env("LANG", "en_US.UTF-8")
            .env_remove("LC_ALL")
            .env_remove("LC_MESSAGES");
        needed = true;
    }
    if !is_set("WEBKIT_DISABLE_DMABUF_RENDERER") && !has_render_node() {
        // Without a GPU WebKit's DMA-BUF renderer halves the frame rate (34 instead of 61 frames a second).
        again.env("WEBKIT_DISABLE_DMABUF_RENDERER", "1");
        needed = true;
    }
    for (name, value) in SMALL {
        if !is_set(name) {
            again.env(name, value);
            needed = true;
        }
    }
    if needed { Err(again.exec().into()) } else { Ok(()) }
}

fn has_render_node() -> bool {
    Path::new("/dev/dri")
        .read_dir()
        .is_ok_and(|mut nodes| nodes.any(|n| n.is_ok_and(|n| n.file_name().to_string_lossy().starts_with("renderD"))))
}
