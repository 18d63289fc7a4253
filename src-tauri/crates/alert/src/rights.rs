//! Who may do what: the one table, read by the engine for alerts and by the station for everything else.

use model::{Actor, AlertKind, Role};

/// Something a person does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Deed {
    /// Acknowledge, accept, decline, pass on, mark as seen: an alert about the patient.
    AnswerPhysiological,
    /// The same for an alert about the equipment, and to say that a sensor was taken off on purpose.
    AnswerTechnical,
    /// Silence one direction of one number for a few minutes.
    Pause,
    /// Change limits within the floors of the profile.
    ChangeLimits,
    /// Write a note.
    Note,
    /// Enter consciousness and oxygen, check a bed at the start of a shift.
    Assess,
    /// Decide that SpO₂ is scored by scale 2.
    ChooseScale,
    /// Say who may sign in.
    ManagePeople,
    /// Admit, transfer and discharge.
    Admit,
}

impl Deed {
    /// Everything a person can do.
    pub const ALL: [Self; 9] = [
        Self::AnswerPhysiological,
        Self::AnswerTechnical,
        Self::Pause,
        Self::ChangeLimits,
        Self::Note,
        Self::Assess,
        Self::ChooseScale,
        Self::ManagePeople,
        Self::Admit,
    ];

    /// For people: "may not …".
    pub const fn words(self) -> &'static str {
        match self {
            Self::AnswerPhysiological => "answer an alert about a patient",
            Self::AnswerTechnical => "answer an alert about the equipment",
            Self::Pause => "pause an alert",
            Self::ChangeLimits => "change limits",
            Self::Note => "write notes",
            Self::Assess => "enter what was found at the bedside",
            Self::ChooseScale => "choose the SpO₂ scale",
            Self::ManagePeople => "say who may sign in",
            Self::Admit => "admit, transfer or discharge",
        }
    }

    /// Answering an alert of this kind.
    pub const fn answer(kind: AlertKind) -> Self {
        match kind {
            AlertKind::Physiological => Self::AnswerPhysiological,
            AlertKind::Technical => Self::AnswerTechnical,
        }
    }
}

/// Whether a person in this role may do it. Site policy in its plainest form: nurses watch, whoever is in charge also
/// manages people, clinicians decide on treatment, engineers look after equipment and touch no patient.
pub const fn may(role: Role, deed: Deed) -> bool {
    match deed {
        Deed::AnswerTechnical | Deed::Note => true,
        Deed::AnswerPhysiological | Deed::Pause | Deed::ChangeLimits | Deed::Assess | Deed::Admit => {
            matches!(role, Role::Nurse | Role::Charge | Role::Clinician)
        }
        Deed::ChooseScale => matches!(role, Role::Clinician),
        Deed::ManagePeople => matches!(role, Role::Charge | Role::Engineer),
    }
}

/// [`may`], for somebody.
pub const fn actor_may(actor: &Actor, deed: Deed) -> bool {
    may(actor.role, deed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_rights_reads_as_written() {
        let rights = Role::ALL.map(|role| {
            let marks = Deed::ALL.map(|deed| if may(role, deed) { 'x' } else { '.' });
            format!("{:9} {}", role.as_str(), marks.iter().collect::<String>())
        });
        // Patient, equipment, pause, limits, note, assess, scale, people, admit.
        let wanted = [
            "nurse     xxxxxx..x",
            "charge    xxxxxx.xx",
            "clinician xxxxxxx.x",
            "engineer  .x..x..x.",
        ];
        assert_eq!(rights, wanted);
    }
}
