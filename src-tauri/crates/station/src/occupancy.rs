//! Who lies in a bed when a station starts: what it was told last, unless the configuration says otherwise since.

use model::{BedId, Encounter, EncounterId, JournalEntry, JournalKind, ReceiptTime};
use store::Stay;

use crate::config::{BedConfig, Config, encounter_id};

/// A stay that begins now, with an id that no other has: nothing of another stay is taken up for it.
pub(crate) fn begins(bed: &BedId, patient: Option<model::Patient>, now: ReceiptTime) -> Encounter {
    let id = match &patient {
        Some(_) => encounter_id(bed, patient.as_ref(), Some(&now.as_micros().to_string())),
        None => nobody(bed, now),
    };
    Encounter { id, patient }
}

/// A bed that records for nobody yet. The time comes first: a long bed id is cut, the time is not.
fn nobody(bed: &BedId, now: ReceiptTime) -> EncounterId {
    let text: String = format!("unassigned-{:x}-{bed}", now.as_micros())
        .chars()
        .take(64)
        .collect();
    EncounterId::new(&text).unwrap_or_else(|_| encounter_id(bed, None, None))
}

/// Puts into each bed who lies there by what `standing` says, and gives what is to be written down of it.
pub(crate) fn settle(
    now: ReceiptTime,
    config: &mut Config,
    standing: &[JournalEntry],
    stays: &[Stay],
) -> Vec<JournalEntry> {
    let mut entries = Vec::new();
    for bed in &mut config.beds {
        let (who, entry) = lies(now, bed, standing, stays);
        bed.encounter = who;
        entries.extend(entry);
    }
    entries
}

/// Who lies in a bed; an entry where the configuration puts somebody else there than it did before.
pub(crate) fn lies(
    now: ReceiptTime,
    config: &BedConfig,
    standing: &[JournalEntry],
    stays: &[Stay],
) -> (Encounter, Option<JournalEntry>) {
    let bed = &config.bed.id;
    let last = |is: &dyn Fn(JournalKind) -> bool| {
        let of_bed = standing.iter().filter(|e| e.bed.as_ref() == Some(bed) && is(e.kind));
        of_bed.last().and_then(|e| e.encounter.clone())
    };
    let before = last(&|kind| kind == JournalKind::BedConfigured);
    let as_configured = |id: EncounterId| Encounter {
        id,
        patient: config.encounter.patient.clone(),
    };
    if before.is_none_or(|before| before == config.configured) {
        let who = match last(&JournalKind::says_who_lies_there) {
            Some(id) if id != config.configured => stays
                .iter()
                .rfind(|s| s.encounter.id == id)
                .map_or(Encounter { id, patient: None }, |s| s.encounter.clone()),
            Some(_) | None => as_configured(config.configured.clone()),
        };
        return (who, None);
    }
    let was_here = stays.iter().any(|s| s.encounter.id == config.configured);
    let who = if was_here {
        begins(bed, config.encounter.patient.clone(), now)
    } else {
        as_configured(config.configured.clone())
    };
    let kind = if who.patient.is_some() {
        JournalKind::Admitted
    } else {
        JournalKind::Discharged
    };
    let mut entry = JournalEntry::new(now, kind);
    entry.bed = Some(bed.clone());
    entry.encounter = Some(who.id.clone());
    entry.detail = Some("by the configuration".to_owned());
    (who, Some(entry))
}
