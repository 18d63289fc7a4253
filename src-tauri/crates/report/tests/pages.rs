//! Every kind of page, from recordings.

#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]
#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a made-up trace"
)]

mod kit;

use kit::{ECG, PLETH, after, heading, print, recording, ward, wave};
use model::{GenerationMode, Priority};
use report::{Asked, Mark, PageKind, Pages, Strip, from_history};
use store::Reader;

/// Writes pages where `WARDLIGHT_PAGES` says, for looking at.
fn look(pages: &Pages, name: &str) {
    if let Some(folder) = std::env::var_os("WARDLIGHT_PAGES") {
        let folder = std::path::PathBuf::from(folder);
        for ending in ["png", "pdf", "svg"] {
            pages.write(&folder.join(format!("{name}.{ending}"))).unwrap();
        }
    }
}

fn ward_strip(seconds: f64, mode: GenerationMode) -> Strip {
    let mut ecg = recording(ECG, 1024.0, 200.0);
    ecg.drain(..360 * 20);
    ecg.truncate((360.0 * seconds) as usize + 1);
    // A cable that was off for a second and a half.
    ecg[2_000..2_540].fill(None);
    let mut pleth = recording(PLETH, 512.0, 200.0);
    pleth.truncate((117.0 * seconds) as usize);
    let ii = wave("II", "mV", 360.0, ecg);
    Strip {
        heading: heading(seconds, mode),
        waves: vec![ii, wave("Pleth", "", 117.0, pleth)],
        marks: vec![
            Mark {
                at: after(4.2),
                priority: Priority::Medium,
                text: "PVC 12 > 10".to_owned(),
            },
            Mark {
                at: after(13.9),
                priority: Priority::High,
                text: "HR 131 > 120".to_owned(),
            },
        ],
    }
}

#[test]
fn a_strip_wraps_over_rows() {
    let pages = ward_strip(27.4, GenerationMode::Demo).pages().unwrap();
    look(&pages, "strip");
    assert_eq!(pages.count(), 2);
}

fn asked() -> Asked {
    Asked {
        bed: ward::bed(),
        from: None,
        until: None,
        print: print(),
    }
}

#[test]
fn a_day_is_printed_in_four_ways() {
    let dir = tempfile::tempdir().unwrap();
    ward::day(dir.path(), GenerationMode::Demo);
    let reader = Reader::open(dir.path()).unwrap();
    for (kind, name, pages_wanted) in [
        (PageKind::Strip, "history-strip", 1),
        (PageKind::Trend, "trend", 1),
        (PageKind::Alerts, "alerts", 2),
        (PageKind::Stay, "stay", 2),
    ] {
        let pages = from_history(&reader, kind, &asked()).unwrap();
        assert_eq!(pages.count(), pages_wanted, "{name}");
        look(&pages, name);
    }
}
