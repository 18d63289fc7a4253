//! `station.toml`: beds, feeds, patients, limits. Errors name the line and say what to write instead.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use alert::profile::Profile;
use feed::{FeedSource, PollShape};
use model::{
    Bed, BedId, Encounter, EncounterId, LimitRule, Limits, Location, MetricCode, Patient, PatientId, Quantity,
    Redacted, Side,
};
use serde::Deserialize;
use thiserror::Error;
use toml::Spanned;

use crate::lines::Lines;

/// Most beds of one station: what one wall shows, with room for benches.
pub const BEDS_MAX: usize = 1_024;
/// Most feeds of one bed: a monitor, a ventilator, pumps, a glucose meter.
pub const FEEDS_PER_BED_MAX: usize = 8;

/// What a station watches.
#[derive(Clone, Debug)]
pub struct Config {
    /// Its name, as devices see it.
    pub name: String,
    /// Its beds, in their places on the wall.
    pub beds: Vec<BedConfig>,
}

/// One bed.
#[derive(Clone, Debug)]
pub struct BedConfig {
    /// The bed.
    pub bed: Bed,
    /// Who lies in it.
    pub encounter: Encounter,
    /// The stay that the configuration names. Who lies in the bed may be another, when the station was told so.
    pub configured: EncounterId,
    /// Its profile.
    pub profile: Arc<Profile>,
    /// Limits over those of the profile.
    pub limits: Vec<(MetricCode, Limits)>,
    /// Where its data come from.
    pub feeds: Vec<FeedSource>,
}

/// What is wrong with a configuration, where, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct ConfigError {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong and what to write instead.
    pub text: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.text)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    station: Option<StationTable>,
    #[serde(default)]
    bed: Vec<Spanned<BedTable>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StationTable {
    name: Option<String>,
    profile: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BedTable {
    id: Spanned<String>,
    label: Option<String>,
    unit: Option<String>,
    room: Option<String>,
    patient: Option<PatientTable>,
    profile: Option<Spanned<String>>,
    #[serde(default)]
    limits: BTreeMap<Spanned<String>, Spanned<LimitsTable>>,
    #[serde(default)]
    feed: Vec<Spanned<FeedTable>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PatientTable {
    id: Spanned<String>,
    name: Spanned<String>,
    /// When they came, in any words: another stay of the same patient in the same bed.
    admitted: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitsTable {
    low: Option<f64>,
    high: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FeedTable {
    websocket: Option<Spanned<String>>,
    poll: Option<Spanned<String>>,
    shape: Option<Spanned<String>>,
    every_s: Option<Spanned<f64>>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    ca_file: Option<PathBuf>,
}

impl Lines<'_> {
    fn error(&self, at: &Range<usize>, text: impl Into<String>) -> ConfigError {
        ConfigError {
            line: self.line(at),
            text: text.into(),
        }
    }
}

impl Config {
    /// Reads the text of a `station.toml` whose profiles are the built-in ones, or files beside the working directory.
    ///
    /// ```
    /// let text = "[[bed]]\nid = \"bed 1\"\n";
    /// let error = station::Config::parse(text).unwrap_err();
    /// assert_eq!(error.line, 2);
    /// ```
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        Self::parse_beside(text, Path::new("."))
    }

    /// Reads the text of a `station.toml` in the folder `beside`: profiles that are files are looked for there.
    pub fn parse_beside(text: &str, beside: &Path) -> Result<Self, ConfigError> {
        let lines = Lines(text);
        let file: File =
            toml::from_str(text).map_err(|e| lines.error(&e.span().unwrap_or(0..0), explained(e.message())))?;
        let mut profiles = Profiles {
            beside,
            known: BTreeMap::new(),
        };
        let usual = file.station.as_ref().and_then(|s| s.profile.as_ref());
        let usual = match usual {
            Some(name) => profiles.get(&lines, name)?,
            None => profiles.named("adult")?,
        };
        let mut beds = Vec::with_capacity(file.bed.len());
        let mut seen = BTreeSet::new();
        for table in &file.bed {
            let own = table.get_ref().profile.as_ref();
            let profile = own.map_or_else(|| Ok(Arc::clone(&usual)), |p| profiles.get(&lines, p))?;
            let bed = bed(&lines, table.get_ref(), profile)?;
            if !seen.insert(bed.bed.id.clone()) {
                return Err(lines.error(
                    &table.get_ref().id.span(),
                    format!("bed id \"{}\" stands twice; give each bed an id of its own", bed.bed.id),
                ));
            }
            beds.push(bed);
        }
        if beds.len() > BEDS_MAX {
            let place = file.bed.get(BEDS_MAX).map_or(0..0, Spanned::span);
            return Err(lines.error(
                &place,
                format!("more than {BEDS_MAX} beds; run a second station for the rest"),
            ));
        }
        let name = file
            .station
            .and_then(|s| s.name)
            .unwrap_or_else(|| "Wardlight".to_owned());
        Ok(Self { name, beds })
    }
}

fn explained(message: &str) -> String {
    format!("{message}. See `wardlight serve --help` for a complete example")
}

/// Profiles that this configuration uses, each read once.
struct Profiles<'a> {
    beside: &'a Path,
    known: BTreeMap<String, Arc<Profile>>,
}

impl Profiles<'_> {
    fn named(&mut self, name: &str) -> Result<Arc<Profile>, ConfigError> {
        let missing = || ConfigError {
            line: 1,
            text: format!(
                "there is no profile \"{name}\"; write \"adult\", \"paediatric\", \"neonate\", or the name of a file beside this one, with its ending"
            ),
        };
        let profile = crate::profile::built_in(name).map(Arc::new).ok_or_else(missing)?;
        self.known.insert(name.to_owned(), Arc::clone(&profile));
        Ok(profile)
    }

    fn get(&mut self, lines: &Lines<'_>, name: &Spanned<String>) -> Result<Arc<Profile>, ConfigError> {
        let text = name.get_ref();
        if let Some(known) = self.known.get(text) {
            return Ok(Arc::clone(known));
        }
        let here = |error: ConfigError| lines.error(&name.span(), error.text);
        if Path::new(text).extension().is_none() {
            return self.named(text).map_err(here);
        }
        let path = self.beside.join(text);
        let file = std::fs::read_to_string(&path).map_err(|e| {
            lines.error(
                &name.span(),
                format!(
                    "the profile {} cannot be read: {e}; write the name of a file beside this one",
                    path.display()
                ),
            )
        })?;
        let profile = crate::profile::parse(&file)
            .map_err(|e| lines.error(&name.span(), format!("the profile {}, {e}", path.display())))?;
        let profile = Arc::new(profile);
        self.known.insert(text.clone(), Arc::clone(&profile));
        Ok(profile)
    }
}

fn bed(lines: &Lines<'_>, table: &BedTable, profile: Arc<Profile>) -> Result<BedConfig, ConfigError> {
    let id = BedId::new(table.id.get_ref()).map_err(|e| {
        lines.error(
            &table.id.span(),
            format!(
                "bed id \"{}\" {e}; write for example id = \"bed-01\"",
                table.id.get_ref()
            ),
        )
    })?;
    let patient = table.patient.as_ref().map(|p| patient(lines, p)).transpose()?;
    if table.feed.len() > FEEDS_PER_BED_MAX {
        return Err(lines.error(
            &table.id.span(),
            format!("a bed can have {FEEDS_PER_BED_MAX} feeds at most"),
        ));
    }
    let feeds = table
        .feed
        .iter()
        .map(|f| source(lines, &f.span(), f.get_ref()))
        .collect::<Result<_, _>>()?;
    let limits = table
        .limits
        .iter()
        .map(|(name, limits)| limit(lines, &profile, name, limits))
        .collect::<Result<_, _>>()?;
    let configured = encounter_id(
        &id,
        patient.as_ref(),
        table.patient.as_ref().and_then(|p| p.admitted.as_deref()),
    );
    Ok(BedConfig {
        encounter: Encounter {
            id: configured.clone(),
            patient,
        },
        configured,
        bed: Bed {
            label: table.label.clone().unwrap_or_else(|| id.as_str().to_owned()),
            location: Location {
                unit: table.unit.clone().unwrap_or_default(),
                room: table.room.clone(),
            },
            id,
        },
        profile,
        limits,
        feeds,
    })
}

fn patient(lines: &Lines<'_>, table: &PatientTable) -> Result<Patient, ConfigError> {
    let id = PatientId::new(table.id.get_ref()).map_err(|e| {
        lines.error(
            &table.id.span(),
            format!("the patient's id {e}; write the hospital's number"),
        )
    })?;
    if table.name.get_ref().trim().is_empty() {
        return Err(lines.error(
            &table.name.span(),
            "the patient's name is empty; two identifiers are always shown",
        ));
    }
    Ok(Patient {
        id: Redacted(id),
        name: Redacted(table.name.get_ref().trim().to_owned()),
    })
}

/// A stay keeps its id over restarts and says nothing about the patient: a hash of bed, number and, where
/// it is written, the time of admission (FNV-1a, 64 bits). A patient who comes back to the same bed needs another one.
pub(crate) fn encounter_id(bed: &BedId, patient: Option<&Patient>, admitted: Option<&str>) -> EncounterId {
    let text = match patient {
        None => format!("unassigned-{bed}"),
        Some(p) => {
            let admitted = admitted.map(|at| format!("\n{at}")).unwrap_or_default();
            let key = format!("{bed}\n{}{admitted}", p.id.0);
            let hash = key.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| {
                (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3)
            });
            format!("stay-{hash:016x}")
        }
    };
    // A bed id has at most 64 characters; cut so that the prefix fits.
    let short: String = text.chars().take(64).collect();
    #[expect(
        clippy::expect_used,
        reason = "made of a checked bed id and hexadecimal digits, 1 to 64 characters"
    )]
    EncounterId::new(&short).expect("an encounter id made here is valid")
}

fn limit(
    lines: &Lines<'_>,
    profile: &Profile,
    name: &Spanned<String>,
    table: &Spanned<LimitsTable>,
) -> Result<(MetricCode, Limits), ConfigError> {
    let metric: MetricCode = name
        .get_ref()
        .parse()
        .map_err(|e| lines.error(&name.span(), format!("{e}")))?;
    let bound = |value: Option<f64>| {
        value
            .map(Quantity::from_f64)
            .transpose()
            .map_err(|e| lines.error(&table.span(), format!("limit of {metric}: {e}")))
    };
    let row = profile.of(metric);
    // A side that is not written is the profile's: leaving it out must not take a limit off.
    let usual = |side: Side| row.and_then(|r| r.rule.limits.bound(side));
    let (low, high) = (bound(table.get_ref().low)?, bound(table.get_ref().high)?);
    let (low, high) = match (low, high) {
        // Nothing written is not "the profile's": it is a slip.
        (None, None) => (None, None),
        (low, high) => (low.or_else(|| usual(Side::Low)), high.or_else(|| usual(Side::High))),
    };
    let limits = Limits::new(low, high).map_err(|e| {
        lines.error(
            &table.span(),
            format!("limits of {metric}: {e}; write for example {metric} = {{ low = 50, high = 120 }}"),
        )
    })?;
    if let Some(row) = row {
        row.within_floors(limits)
            .map_err(|bound| lines.error(&table.span(), format!("limits of {metric}: {bound}")))?;
    }
    LimitRule {
        metric,
        limits,
        priority: model::Priority::Medium,
        delay: Duration::ZERO,
        hysteresis: Quantity::from_thousandths(0),
    }
    .checked()
    .map_err(|e| lines.error(&table.span(), format!("limits of {metric}: {e}")))?;
    Ok((metric, limits))
}

fn source(lines: &Lines<'_>, span: &Range<usize>, table: &FeedTable) -> Result<FeedSource, ConfigError> {
    match (&table.websocket, &table.poll) {
        (Some(url), None) => {
            if !(url.get_ref().starts_with("ws://") || url.get_ref().starts_with("wss://")) {
                return Err(lines.error(
                    &url.span(),
                    format!(
                        "\"{}\" is no WebSocket address; write websocket = \"ws://HOST:PORT/feed\" or wss://",
                        url.get_ref()
                    ),
                ));
            }
            Ok(FeedSource::WebSocket {
                url: url.get_ref().clone(),
                ca_file: table.ca_file.clone(),
            })
        }
        (None, Some(url)) => poll(lines, url, table),
        (Some(_), Some(_)) => Err(lines.error(
            span,
            "a feed is either websocket = … or poll = …; write two [[bed.feed]] tables for two feeds",
        )),
        (None, None) => Err(lines.error(
            span,
            "a feed needs websocket = \"ws://HOST:PORT/feed\" or poll = \"http://HOST/PATH\"",
        )),
    }
}

fn poll(lines: &Lines<'_>, url: &Spanned<String>, table: &FeedTable) -> Result<FeedSource, ConfigError> {
    if !(url.get_ref().starts_with("http://") || url.get_ref().starts_with("https://")) {
        return Err(lines.error(
            &url.span(),
            format!(
                "\"{}\" is no HTTP address; write poll = \"https://HOST/PATH\"",
                url.get_ref()
            ),
        ));
    }
    let shape = match table.shape.as_ref().map(|s| s.get_ref().as_str()) {
        None | Some("wardlight") => PollShape::Wardlight,
        Some("nightscout") => PollShape::Nightscout,
        Some(other) => {
            let span = table.shape.as_ref().map_or(0..0, Spanned::span);
            return Err(lines.error(
                &span,
                format!("shape \"{other}\" is not known; write \"wardlight\" or \"nightscout\""),
            ));
        }
    };
    let every_s = table.every_s.as_ref().map_or(5.0, |s| *s.get_ref());
    if !(0.2..=3_600.0).contains(&every_s) {
        let span = table.every_s.as_ref().map_or(0..0, Spanned::span);
        return Err(lines.error(
            &span,
            "every_s is a number of seconds from 0.2 to 3600; write for example every_s = 5",
        ));
    }
    let headers = table
        .headers
        .iter()
        .map(|(k, v)| (k.clone(), Redacted(v.clone())))
        .collect();
    Ok(FeedSource::Poll {
        url: url.get_ref().clone(),
        shape,
        period: Duration::from_secs_f64(every_s),
        headers,
        ca_file: table.ca_file.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
[station]
name = "Ward 3"

[[bed]]
id = "bed-01"
label = "Bed 1"
unit = "Ward 3"
patient = { id = "DEMO-0001", name = "DEMO, Bed 01" }
[bed.limits]
HR = { low = 45, high = 130.5 }
[[bed.feed]]
websocket = "ws://127.0.0.1:9101/feed"
[[bed.feed]]
poll = "http://127.0.0.1:1337/api/v1/entries.json"
shape = "nightscout"
every_s = 60
headers = { api-secret = "x" }

[[bed]]
id = "bed-02"
"#;

    fn complaint(text: &str) -> String {
        Config::parse(text).map_or_else(|e| e.to_string(), |_| "fine".to_owned())
    }

    #[test]
    fn a_whole_configuration_is_read() {
        let config = Config::parse(GOOD).unwrap();
        assert_eq!(config.beds.len(), 2);
        let bed = &config.beds[0];
        assert_eq!(bed.feeds.len(), 2);
        assert_eq!(bed.limits[0].1.high(), Some(Quantity::from_thousandths(130_500)));
        assert!(bed.encounter.id.as_str().starts_with("stay-"));
        assert_eq!(config.beds[1].encounter.id.as_str(), "unassigned-bed-02");
    }

    #[test]
    fn a_stay_keeps_its_id_when_the_file_is_read_again() {
        let (a, b) = (Config::parse(GOOD).unwrap(), Config::parse(GOOD).unwrap());
        assert_eq!(a.beds[0].encounter.id, b.beds[0].encounter.id);
    }

    #[test]
    fn every_complaint_names_the_line_and_what_to_write() {
        insta::assert_snapshot!(complaint("[[bed]]\nid = \"bed 1\""), @r#"line 2: bed id "bed 1" may hold letters, digits, '-', '_' and '.' only; write for example id = "bed-01""#);
        insta::assert_snapshot!(complaint("[[bed]]\nid='a'\n[[bed]]\nid='a'"), @r#"line 4: bed id "a" stands twice; give each bed an id of its own"#);
        insta::assert_snapshot!(complaint("[[bed]]\nid='a'\n[[bed.feed]]\nwebsocket='http://x'"), @r#"line 4: "http://x" is no WebSocket address; write websocket = "ws://HOST:PORT/feed" or wss://"#);
        insta::assert_snapshot!(complaint("[[bed]]\nid='a'\n[bed.limits]\nHR = { low = 120, high = 50 }"), @"line 4: limits of HR: the low limit must be below the high limit; write for example HR = { low = 50, high = 120 }");
        insta::assert_snapshot!(complaint("[[bed]]\nid='a'\n[bed.limits]\nHR = {}"), @"line 4: limits of HR: limits need at least one bound; to take them off altogether, remove them with a person and a reason; write for example HR = { low = 50, high = 120 }");
        insta::assert_snapshot!(complaint("[[bed]]\nid='a'\n[[bed.feed]]\npoll='http://x'\nevery_s=0"), @"line 5: every_s is a number of seconds from 0.2 to 3600; write for example every_s = 5");
        assert!(complaint("[[bed]]\nid='a'\ncolour='red'").starts_with("line 3: unknown field `colour`"));
        assert!(complaint("[[bed]\n").starts_with("line 1: "));
    }
}
