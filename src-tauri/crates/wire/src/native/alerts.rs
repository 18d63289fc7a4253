//! Alerts of a device itself, and how often they may change.

use std::collections::HashMap;

use model::{AlertKind, DeviceAlert, Observation, Priority, ReceiptTime, RejectReason};

use super::Alert;
use crate::nomenclature;
use crate::step::{Tally, cleaned, shown};

/// Longest text of a device alert, in characters: two lines on a tile.
const ALERT_TEXT_CHARS_MAX: usize = 200;

/// Longest code of a device alert, in characters.
const ALERT_CODE_CHARS_MAX: usize = 64;

/// An alert changes once in so long, in microseconds: twice a second. Each change is a line in the journal.
const CHANGE_MICROS: i64 = 500_000;

/// So many changes may come at once before that counts.
const CHANGES_AT_ONCE: i64 = 4;

/// Alerts of one device whose changes are counted: twice what the station shows of one device.
const CODES_MAX: usize = 128;

/// The alerts that changed of late.
#[derive(Debug, Default)]
pub(super) struct Alerts(HashMap<String, Changes>);

/// The changes of one alert.
#[derive(Debug)]
struct Changes {
    /// When it may change again [`CHANGES_AT_ONCE`] times, in microseconds of the receipt.
    rested_at: i64,
    /// Its last state, where that has not been told.
    untold: Option<DeviceAlert>,
}

impl Changes {
    /// Whether it may change now; notes that it does.
    fn may(&mut self, now: ReceiptTime) -> bool {
        let now = now.as_micros();
        let next = self.rested_at.max(now).saturating_add(CHANGE_MICROS);
        let may = next.saturating_sub(now) <= CHANGE_MICROS * CHANGES_AT_ONCE;
        if may {
            self.rested_at = next;
        }
        may
    }
}

impl Alerts {
    /// An alert changed. One that changes faster than a person could follow is told of later: its last state wins, and the
    /// states between are counted.
    pub(super) fn changed(
        &mut self,
        now: ReceiptTime,
        alert: DeviceAlert,
        told: &mut Vec<Observation>,
        tally: &mut Tally,
    ) {
        if self.0.len() >= CODES_MAX {
            self.0
                .retain(|_, changes| changes.untold.is_some() || changes.rested_at > now.as_micros());
        }
        if self.0.len() >= CODES_MAX && !self.0.contains_key(&alert.code) {
            tally.add(RejectReason::Oversized, 1, || {
                format!("expected at most {CODES_MAX} alerts that change at once, got more; tell of the gravest alone")
            });
            return;
        }
        let changes = self.0.entry(alert.code.clone()).or_insert(Changes {
            rested_at: 0,
            untold: None,
        });
        if changes.untold.is_none() && changes.may(now) {
            told.push(Observation::DeviceAlert(alert));
            return;
        }
        let replaced = changes.untold.replace(alert).is_some();
        tally.add(RejectReason::Oversized, u32::from(replaced), || {
            "expected an alert that changes at most twice a second, got more; its last state is taken, let it stand longer"
                .to_owned()
        });
    }

    /// Tells the last state of those that may change again.
    pub(super) fn due(&mut self, now: ReceiptTime, told: &mut Vec<Observation>) {
        for changes in self.0.values_mut() {
            if changes.untold.is_some() && changes.may(now) {
                told.extend(changes.untold.take().map(Observation::DeviceAlert));
            }
        }
    }
}

/// An alert is never lost to a wrong word in it: what cannot be understood is taken as the graver.
pub(super) fn alert_of_device(now: ReceiptTime, alert: &Alert<'_>, tally: &mut Tally) -> DeviceAlert {
    let mut metric = None;
    if let Some(word) = &alert.metric {
        metric = nomenclature::metric(word);
        tally.add(RejectReason::UnknownMetric, u32::from(metric.is_none()), || {
            format!(
                "expected a known metric in an alert, got {}; the alert is taken without",
                shown(word)
            )
        });
    }
    let priority = Priority::parse(&alert.priority).unwrap_or_else(|| {
        tally.add(RejectReason::Malformed, 1, || {
            format!(
                "expected the priority high, medium or low, got {}; taken as high",
                shown(&alert.priority)
            )
        });
        Priority::High
    });
    let kind = AlertKind::parse(&alert.kind).unwrap_or_else(|| {
        tally.add(RejectReason::Malformed, 1, || {
            format!(
                "expected the kind physiological or technical, got {}; taken as physiological",
                shown(&alert.kind)
            )
        });
        AlertKind::Physiological
    });
    let code = cleaned(&alert.code, ALERT_CODE_CHARS_MAX);
    let code = if code.is_empty() { "unnamed".to_owned() } else { code };
    DeviceAlert {
        code,
        text: cleaned(&alert.text, ALERT_TEXT_CHARS_MAX),
        metric,
        priority,
        kind,
        present: alert.present,
        received_at: now,
    }
}
