//! Tells what a session makes of messages, one line for each observation.

use model::{Observation, Reading, ReceiptTime, Timeliness};
use wire::Step;
use wire::native::Session;

/// 2027-01-15T08:00:00Z: when the stories begin, by the station's clock and by the device's.
pub const START_MS: i64 = 1_800_000_000_000;

/// A device with a heart rate, a cuff, a temperature and two waves.
pub const HELLO: &str = r#"{"type":"hello","seq":1,"t":1800000000000,"version":1,"device":{"id":"mon-7","manufacturer":"Example","model":"One"},
"mode":"test","heartbeat_ms":1000,"numerics":[{"metric":"HR","unit":"/min","period_ms":1000},{"metric":"ART_MEAN","unit":"mm[Hg]","period_ms":1000},
{"metric":"NIBP_SYS","unit":"kPa","interval_ms":900000},{"metric":"TEMP","unit":"Cel","period_ms":10000}],
"waves":[{"channel":0,"metric":"ECG_II","unit":"mV","rate":250,"resolution":0.005},{"channel":1,"metric":"PLETH","unit":"1","rate":62.5,"resolution":0.01,"offset":1}]}"#;

/// Milliseconds after [`START_MS`].
pub const fn at(ms: i64) -> ReceiptTime {
    ReceiptTime::from_millis(START_MS + ms)
}

/// A session that has taken [`HELLO`].
pub fn greeted() -> Session {
    let mut session = Session::new("Ward 3");
    let step = session.text(at(0), HELLO.as_bytes());
    assert!(matches!(step.observations[..], [Observation::Device(_)]), "{step:?}");
    session
}

/// One message, and what comes of it.
pub fn tell(session: &mut Session, ms: i64, text: &str) -> String {
    said(&session.text(at(ms), text.as_bytes()))
}

/// A step, one line for each observation.
pub fn said(step: &Step) -> String {
    let mut lines: Vec<String> = step.observations.iter().map(line).collect();
    lines.extend(step.answer.as_ref().map(|a| format!("answer {a}")));
    lines.extend(step.fatal.as_ref().map(|f| format!("FATAL {f}")));
    lines.join("\n")
}

fn line(observation: &Observation) -> String {
    match observation {
        Observation::Numeric(n) => {
            let reading = match n.reading {
                Reading::Value(q) => q.to_string(),
                Reading::Questionable(q) => format!("{q}?"),
                Reading::Invalid(absence) => format!("-- {}", absence.as_str()),
            };
            let late = if n.timeliness == Timeliness::Late { " late" } else { "" };
            format!("{} {reading} {}{late}", n.metric, n.mode.as_str())
        }
        Observation::Wave(w) => {
            let start_ms = w.start.as_micros() - START_MS * 1_000;
            let gap = if w.gap_before { " after a gap" } else { "" };
            format!("{} {:?} from {start_ms} us{gap}", w.metric, w.samples)
        }
        Observation::DeviceAlert(a) => format!(
            "device alert {} {:?} {:?} {} {} {}",
            a.code,
            a.text,
            a.metric,
            a.priority.as_str(),
            a.kind.as_str(),
            if a.present { "present" } else { "over" }
        ),
        Observation::Connectivity(c) => format!("connectivity {}", c.as_str()),
        Observation::Device(d) => format!("device {} by {:?}", d.id, d.manufacturer),
        Observation::Rejects(r) => format!("{} x {}: {}", r.count, r.reason.as_str(), r.example),
        Observation::Alive => "alive".to_owned(),
    }
}
