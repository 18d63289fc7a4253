//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Watches a ward: waves, numbers and alerts of every bed in one window.
///
/// Wardlight supplements the bedside monitors, whose own alarms stay on. Without a verb it opens the window; with
/// `serve` the same station runs without one. The other verbs read what a station has stored, also while it records.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, after_long_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct Arguments {
    /// A recorded session to review, read-only: the window opens on it. Dropping it on an open window does the same.
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// What the window watches.
    #[command(flatten)]
    pub station: StationArguments,
    /// What to do instead of opening the window.
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

const EXAMPLES: &str = "\
Examples:
  wardlight --demo 16                        a ward of 16 virtual beds in a window
  wardlight --config ward3.toml              your own ward
  wardlight night.wardlight                  a recorded session, read-only
  wardlight serve --data /srv/ward3 --config ward3.toml
  wardlight bedside --beds 4 --port 9101 --config-out station.toml
  wardlight alerts --data /srv/ward3 --json
  wardlight export --data /srv/ward3 --bed bed-07 --out bed-07.wardlight --deidentify
  wardlight verify bed-07.wardlight
  wardlight backup --data /srv/ward3 --out /mnt/backup/ward3.db
  wardlight report --data /srv/ward3 --bed bed-07 --kind strip --out strip.pdf
  wardlight autostart on --config ward3.toml  open the window when this user signs in

Files:
  ~/.config/wardlight/station.toml           read when neither --config nor --demo is given
  ~/.local/share/wardlight/                  history, when --data is not given
  ~/.local/share/wardlight-demo/             history of the demo ward

A station.toml:
  [station]
  name = \"Ward 3\"

  [[bed]]
  id = \"bed-01\"                              # letters, digits, - _ .
  label = \"Bed 1\"
  unit = \"Ward 3\"
  room = \"301\"
  patient = { id = \"DEMO-0001\", name = \"DEMO, Bed 01\" }
  [bed.limits]                               # over the profile's
  HR = { low = 50, high = 120 }
  [[bed.feed]]
  websocket = \"ws://127.0.0.1:9101/feed\"     # or wss://, with ca_file = \"…\"
  [[bed.feed]]
  poll = \"https://glucose.example/api/v1/entries.json\"
  shape = \"nightscout\"                       # or \"wardlight\"
  every_s = 60
  headers = { api-secret = \"…\" }

Environment:
  RUST_LOG                                   what the log on standard error says, e.g. RUST_LOG=feed=debug

Exit status: 0 when done; 1 when something went wrong, said on standard error; 2 for a wrong command line.";

/// What a station watches and where it keeps history.
#[derive(Clone, Debug, Args)]
pub struct StationArguments {
    /// Directory for history; made when it is not there.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Beds, feeds, patients and limits.
    #[arg(long, value_name = "FILE", conflicts_with = "demo")]
    pub config: Option<PathBuf>,
    /// A demo ward of N virtual beds (1 to 64) instead of a configuration.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub demo: Option<u16>,
}

/// What `wardlight` can do beside opening its window.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Runs the station without a window.
    ///
    /// Prints one JSON line `{"ready":true,…}` when it runs, and stops cleanly on Ctrl-C, SIGTERM or SIGHUP.
    Serve(StationArguments),
    /// Opens the window by itself when this user signs in to the desktop, or no longer.
    ///
    /// Writes or removes one file in ~/.config/autostart.
    Autostart(AutostartArguments),
    /// Runs virtual bedside devices that speak the native feed protocol on loopback.
    ///
    /// Prints one JSON line a feed with its address.
    Bedside(BedsideArguments),
    /// Lists the beds that history knows.
    Beds(HistoryArguments),
    /// Lists the journal of alerts: every transition with time, value, limit and person.
    Alerts(AlertsArguments),
    /// Prints the stored values of one number of one bed.
    Numerics(SeriesArguments),
    /// Prints the stored samples of one wave of one bed, one JSON object a chunk.
    Wave(SeriesArguments),
    /// Checks everything that is stored, or one recorded session; exits with 1 when something is wrong.
    ///
    /// Names the first damaged row of each table.
    Verify(VerifyArguments),
    /// Writes a stay, a span of one, or a recording of any known format, to a file: a session that anyone can review
    /// without the station, WFDB, EDF+ or CSV.
    Export(ExportArguments),
    /// Copies the history as it stands at one moment, also while a station records.
    ///
    /// The copy gets its anchor beside it. To use it, put both into a directory of their own as wardlight.db and
    /// wardlight.anchor.
    Backup(BackupArguments),
    /// The ward as it was at a past second: who lay where, what stood open, who had answered it, which numbers were live.
    Ward(WardArguments),
    /// Takes recordings of others (WFDB, EDF, BDF, CSV, VitalDB) into history: each becomes a stay under a bed id of its own.
    ///
    /// Prints one JSON line a file. A file that cannot be read is named on standard error and costs only itself.
    Import(ImportArguments),
    /// Replays the recorded numbers of a bed through the alert engine with other limits.
    ///
    /// Lists every alert that would vanish, appear or come at another time, with its time and worst value. Compared with
    /// the limits that the station had in force last. Nobody acts in a trial, and only limits are tried.
    Whatif(WhatIfArguments),
    /// Finds the beats of one ECG channel of a recording and writes them as WFDB annotations.
    ///
    /// The method is that of Pan and Tompkins (1985). Prints how many there are, and how many of them were looked back for.
    Beats(BeatsArguments),
    /// Finds when it was like this, over all beds and stays and recorded sessions.
    ///
    /// The question is one or several conditions joined by `and`, such as "SpO2 < 88 for 20 s and HR < 50": METRIC < NUMBER,
    /// METRIC > NUMBER, METRIC rose by NUMBER in N s|min|h, METRIC fell by NUMBER in N s|min|h. A time (`for N s|min`) is that
    /// of the conditions before it, back to the time before: they must hold at once and for so long. Prints bed, stay, from,
    /// until and the worst value of each number.
    Find(FindArguments),
    /// Prints a page of what was recorded: PDF, PNG or SVG.
    ///
    /// The ending of the file's name says which. Waves stand at true size, 25 mm a second and 10 mm a millivolt, on A4.
    /// Of PNG and SVG there is one file a page: FILE-1.png, FILE-2.png … where there are several. Prints the names of
    /// the files.
    Report(ReportArguments),
    /// Says who may sign in, and changes it while no station runs on this data directory.
    People(PeopleArguments),
}

/// Whether the window opens by itself.
#[derive(Debug, Args)]
pub struct AutostartArguments {
    /// On or off.
    pub wish: Autostart,
    /// What the window watches then.
    #[command(flatten)]
    pub station: StationArguments,
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Autostart {
    /// Opens by itself.
    On,
    /// Does not.
    Off,
}

/// Virtual devices.
#[derive(Debug, Args)]
pub struct BedsideArguments {
    /// How many beds, one device each.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub beds: u16,
    /// Port of the first bed; the others follow. 0 takes free ones.
    #[arg(long, value_name = "P", default_value_t = 0)]
    pub port: u16,
    /// Replay this WFDB record (formats 16 and 212) instead of the built-in ones.
    #[arg(long, value_name = "FILE.hea")]
    pub record: Option<PathBuf>,
    /// End after this many seconds.
    #[arg(long, value_name = "S")]
    pub seconds: Option<u64>,
    /// Faults to play, as a file or as text: "at 10s bed 3 drop for 5s". See FAULTS.md of the crate bedside.
    #[arg(long, value_name = "SCRIPT")]
    pub faults: Option<String>,
    /// Write a configuration that subscribes to these devices.
    #[arg(long, value_name = "FILE")]
    pub config_out: Option<PathBuf>,
    /// Full load for measurements: two ECG at 250 Hz, pleth 125, resp 62.5, eight numbers a second.
    #[arg(long)]
    pub full: bool,
    /// Send waves as JSON text instead of binary blocks.
    #[arg(long)]
    pub json_waves: bool,
}

/// Where history is.
#[derive(Clone, Debug, Args)]
pub struct HistoryArguments {
    /// The station's data directory.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// One JSON object a line instead of a table.
    #[arg(long)]
    pub json: bool,
}

/// What to check.
#[derive(Debug, Args)]
pub struct VerifyArguments {
    /// A recorded session, or a copy of a history.
    #[arg(value_name = "FILE", conflicts_with = "data", required_unless_present = "data")]
    pub file: Option<PathBuf>,
    /// The station's data directory.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// One JSON object instead of a sentence.
    #[arg(long)]
    pub json: bool,
}

/// What to export.
#[derive(Debug, Args)]
pub struct ExportArguments {
    /// The station's data directory.
    #[arg(long, value_name = "DIR", requires = "bed", required_unless_present = "session")]
    pub data: Option<PathBuf>,
    /// The bed's id.
    #[arg(long, value_name = "ID")]
    pub bed: Option<String>,
    /// A session file, or a recording of any known format, instead of a bed in history.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["data", "bed"])]
    pub session: Option<PathBuf>,
    /// From then on (RFC 3339, inclusive); without it from the beginning.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub from: Option<model::ReceiptTime>,
    /// Until then (RFC 3339, exclusive); without it to the end.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub to: Option<model::ReceiptTime>,
    /// What kind of file.
    #[arg(long, value_name = "FORMAT", default_value = "session")]
    pub format: ExportFormat,
    /// The file to write. Nothing is overwritten.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Leave out names, numbers, places, dates and devices; times count from the start. Of a session only.
    #[arg(long)]
    pub deidentify: bool,
    /// Keep what people wrote all the same. Read it first: names in it stay.
    #[arg(long, requires = "deidentify")]
    pub keep_text: bool,
}

/// Kinds of files to export to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// One `.wardlight` file with everything: waves, numbers, alerts, actions, limits, notes.
    Session,
    /// Header, signal file, annotations. `--out` names the record.
    Wfdb,
    /// EDF+.
    Edf,
    /// One column a channel.
    Csv,
}

/// Where from and where to.
#[derive(Debug, Args)]
pub struct BackupArguments {
    /// The station's data directory.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// The file to write. Nothing is overwritten.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// Which transitions.
#[derive(Debug, Args)]
pub struct AlertsArguments {
    /// Where.
    #[command(flatten)]
    pub history: HistoryArguments,
    /// Only this bed.
    #[arg(long, value_name = "ID")]
    pub bed: Option<String>,
}

/// Which series, from when to when.
#[derive(Debug, Args)]
pub struct SeriesArguments {
    /// Where.
    #[command(flatten)]
    pub history: HistoryArguments,
    /// The bed's id.
    #[arg(long, value_name = "ID")]
    pub bed: String,
    /// The metric's name.
    #[arg(
        long,
        value_name = "NAME",
        help = "The metric's name: HR, SPO2, RR, NIBP_SYS, ECG_II, PLETH …"
    )]
    pub metric: model::MetricCode,
    /// From then on (RFC 3339, inclusive).
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub from: Option<model::ReceiptTime>,
    /// Until then (RFC 3339, exclusive).
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub to: Option<model::ReceiptTime>,
}

/// What to try on what was recorded.
#[derive(Debug, Args)]
pub struct WhatIfArguments {
    /// Where.
    #[command(flatten)]
    pub history: HistoryArguments,
    /// The bed's id.
    #[arg(long, value_name = "ID")]
    pub bed: String,
    /// The profile to try: a file, or `adult`, `paediatric`, `neonate`.
    #[arg(long, value_name = "FILE")]
    pub profile: String,
    /// The profile to compare with.
    #[arg(long, value_name = "FILE", default_value = "adult")]
    pub against: String,
    /// From then on (RFC 3339, inclusive).
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub from: Option<model::ReceiptTime>,
    /// Until then (RFC 3339, exclusive).
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub to: Option<model::ReceiptTime>,
}

/// Which channel, and where its beats go.
#[derive(Debug, Args)]
pub struct BeatsArguments {
    /// The recording: WFDB (its header), EDF, BDF, CSV, VitalDB.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The channel, counted from 0.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub channel: usize,
    /// The annotation file to write; it must not be there yet.
    #[arg(long, value_name = "FILE.qrs")]
    pub out: PathBuf,
}

/// What to look for.
#[derive(Debug, Args)]
pub struct FindArguments {
    /// Where.
    #[command(flatten)]
    pub history: HistoryArguments,
    /// The question.
    #[arg(value_name = "QUESTION")]
    pub asked: String,
}

/// Which second.
#[derive(Debug, Args)]
pub struct WardArguments {
    /// Where.
    #[command(flatten)]
    pub history: HistoryArguments,
    /// The second (RFC 3339).
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub at: model::ReceiptTime,
}

/// What to take in.
#[derive(Debug, Args)]
pub struct ImportArguments {
    /// Recordings: a WFDB header (.hea), .edf, .bdf, .csv, .vital.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The station's data directory; made when it is not there.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Does not say how far it is.
    #[arg(long)]
    pub quiet: bool,
}

/// What to print.
#[derive(Debug, Args)]
pub struct ReportArguments {
    /// The station's data directory.
    #[arg(long, value_name = "DIR", required_unless_present = "session")]
    pub data: Option<PathBuf>,
    /// A session file instead.
    #[arg(long, value_name = "FILE", conflicts_with = "data")]
    pub session: Option<PathBuf>,
    /// The bed's id; may be left out where there is one bed.
    #[arg(long, value_name = "ID")]
    pub bed: Option<String>,
    /// Which page.
    #[arg(long)]
    pub kind: PageKind,
    /// From then on (RFC 3339, inclusive); left out: 20 s of a strip, 24 h of a trend or of alerts, the whole stay.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub from: Option<model::ReceiptTime>,
    /// Until then (RFC 3339, exclusive); left out: the end of what was recorded.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub to: Option<model::ReceiptTime>,
    /// What to write; ends in .pdf, .png or .svg.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// Which page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PageKind {
    /// Waves at true size, at most ten minutes.
    Strip,
    /// Every number over hours, with limits and alerts.
    Trend,
    /// Counts, response times, causes and silence, and every alert.
    Alerts,
    /// A whole stay: what was recorded, alerted, changed and noted.
    Stay,
}

/// Who may sign in.
#[derive(Debug, Args)]
pub struct PeopleArguments {
    /// The station's data directory.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// What to do.
    #[command(subcommand)]
    pub verb: PeopleVerb,
}

/// What to do with the list of people. A PIN (4 to 12 digits) is read from standard input, one line.
#[derive(Debug, Subcommand)]
pub enum PeopleVerb {
    /// Lists them, name and role.
    List,
    /// Adds one.
    Add {
        /// The name, as it is to be shown beside alerts.
        name: String,
        /// nurse, charge, clinician or engineer.
        #[arg(long, value_name = "ROLE", value_parser = role)]
        role: model::Role,
    },
    /// Gives one who is there another role and PIN.
    Change {
        /// The name.
        name: String,
        /// nurse, charge, clinician or engineer.
        #[arg(long, value_name = "ROLE", value_parser = role)]
        role: model::Role,
    },
    /// Takes one off the list. What they did stays in the journal.
    Remove {
        /// The name.
        name: String,
    },
}

fn role(text: &str) -> Result<model::Role, String> {
    model::Role::parse(text).ok_or_else(|| format!("\"{text}\" is no role; write nurse, charge, clinician or engineer"))
}

fn time(text: &str) -> Result<model::ReceiptTime, String> {
    model::ReceiptTime::from_rfc3339(text)
        .ok_or_else(|| format!("\"{text}\" is no time; write for example 2026-03-01T04:00:00Z"))
}
