//! `wardlight beats`: the beats of an ECG channel, as a file that other programs read.

use archive::Beats;
use serde::Serialize;

use crate::Failure;
use crate::cli::BeatsArguments;

#[derive(Serialize)]
struct Line<'a> {
    beats: usize,
    looked_back: usize,
    channel: usize,
    samples_per_second: f64,
    out: &'a str,
}

/// Writes the annotations, then says what they are. A file that is there already is not written over.
pub fn run(arguments: &BeatsArguments) -> Result<(), Failure> {
    let beats = Beats::in_file(&arguments.file, arguments.channel)?;
    let out = arguments.out.display().to_string();
    let bytes = beats.to_wfdb()?;
    let mut file = std::fs::File::create_new(&arguments.out)
        .map_err(|e| format!("{out} cannot be made: {e}; name a file that is not there yet with --out"))?;
    std::io::Write::write_all(&mut file, &bytes)
        .and_then(|()| file.sync_all())
        .map_err(|e| format!("{out} is not whole: {e}"))?;
    let line = Line {
        beats: beats.at.len(),
        looked_back: beats.looked_back,
        channel: beats.channel,
        samples_per_second: beats.rate.hertz(),
        out: &out,
    };
    println!("{}", serde_json::to_string(&line)?);
    Ok(())
}
