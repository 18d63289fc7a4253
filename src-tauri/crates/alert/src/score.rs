//! The early warning score of a bed: worked out whenever a part of it changes, and judged.

use model::{
    AlertKind, Assessment, Breathing, Cause, Consciousness, EarlyWarningScore, MetricCode, Priority, Quantity,
    ReceiptTime, ScorePart, ScoreTrigger, SpO2Scale,
};

use crate::deadlines::earliest;
use crate::news2::{Inputs, score};
use crate::phase::{Desk, Draft};
use crate::place::Place;
use crate::profile::EarlyWarningRule;

/// Said of a score alert while the score is incomplete: nothing says that it is over.
const INCOMPLETE: &str = "the score is incomplete now";

/// Said of a score alert when the profile does not ask for it any more.
const NOT_SCORED: &str = "the profile does not score this any more";

/// Between the parts that an alert tells of.
const PARTS_JOINT: &str = ", ";

/// What is known for the score of one bed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scoring {
    /// By which rule it was judged last.
    rule: Option<EarlyWarningRule>,
    assessment: Option<Assessment>,
    /// The scale in force: a clinician's decision outlasts what was found with it.
    scale: Option<SpO2Scale>,
    /// Until when the assessment counts.
    assessed_until: Option<ReceiptTime>,
    inputs: Option<Inputs>,
    last: Option<EarlyWarningScore>,
    /// Parts that scored 3 and have not been seen to score less since.
    threes: Vec<ScorePart>,
}

impl Scoring {
    /// What goes with a patient to another bed: what was found and what scored 3, not the numbers.
    pub(crate) fn in_another_bed(self) -> Self {
        Self {
            inputs: None,
            last: None,
            ..self
        }
    }

    pub(crate) const fn due(&self) -> Option<ReceiptTime> {
        self.assessed_until
    }
}

impl Place {
    /// When the score changes by time alone: the assessment, or a cuff value, is too old.
    pub(crate) fn score_due(&self) -> Option<ReceiptTime> {
        self.profile.early_warning?;
        let fades = self.watches.iter().filter_map(|w| w.fades_at).min();
        earliest(self.scoring.due(), fades)
    }

    /// The bed's profile has changed: it may score otherwise, or not at all, and then nothing that was scored is there
    /// any more.
    pub(crate) fn set_scoring(&mut self, desk: &mut Desk<'_>, now: ReceiptTime) {
        let rule = self.profile.early_warning;
        if rule.is_none_or(|r| !r.single_three) {
            self.scoring.threes.clear();
            self.unscore(desk, now, ScoreTrigger::Single);
        }
        if rule.is_none() {
            self.unscore(desk, now, ScoreTrigger::Total);
        }
        if self.scoring.rule != rule {
            self.scoring.rule = rule;
            self.scoring.inputs = None;
            self.scoring.last = None;
            self.score_now(desk, now);
        }
    }

    fn unscore(&mut self, desk: &mut Desk<'_>, now: ReceiptTime, trigger: ScoreTrigger) {
        self.end(desk, now, &Cause::EarlyWarning { trigger }, None, Some(NOT_SCORED));
    }

    /// What a person found at the bedside, from now on.
    pub(crate) fn assess(&mut self, desk: &mut Desk<'_>, now: ReceiptTime, assessment: Option<Assessment>) {
        let lasts = self.profile.early_warning.map(|r| r.assessment_lasts);
        let until = assessment
            .as_ref()
            .zip(lasts)
            .map(|(a, lasts)| a.at.min(now).plus(lasts));
        self.scoring.scale = assessment.as_ref().map(|a| a.scale);
        // One from before a restart may be too old already.
        self.scoring.assessed_until = until.filter(|until| *until > now);
        self.scoring.assessment = assessment.filter(|_| self.scoring.assessed_until.is_some());
        self.score_now(desk, now);
    }

    /// A number of the bed changed.
    pub(crate) fn rescore(&mut self, desk: &mut Desk<'_>, now: ReceiptTime, metric: MetricCode) {
        if self.profile.early_warning.is_some() && part_of(metric) {
            self.score_now(desk, now);
        }
    }

    /// What is too old for the score at `at`.
    pub(crate) fn fire_score(&mut self, desk: &mut Desk<'_>, at: ReceiptTime) {
        if self.score_due().is_none_or(|due| due > at) {
            return;
        }
        if self.scoring.assessed_until.is_some_and(|until| until <= at) {
            self.scoring.assessed_until = None;
            self.scoring.assessment = None;
        }
        for watch in &mut self.watches {
            if watch.fades_at.is_some_and(|fades| fades <= at) {
                watch.fades_at = None;
            }
        }
        self.score_now(desk, at);
    }

    fn inputs(&self) -> Inputs {
        let fresh = |metrics: [MetricCode; 2]| {
            metrics.into_iter().find_map(|metric| {
                let watch = self.watches.iter().find(|w| w.metric == metric)?;
                let value = watch
                    .value
                    .filter(|_| watch.lasts.is_some() || watch.fades_at.is_some());
                Some((metric, value?))
            })
        };
        let found = self.scoring.assessment.as_ref();
        Inputs {
            respiration: fresh([MetricCode::RespirationRate, MetricCode::AirwayRespirationRate]),
            saturation: fresh([MetricCode::SpO2; 2]),
            systolic: fresh([MetricCode::ArterialSystolic, MetricCode::NibpSystolic]),
            pulse: fresh([MetricCode::HeartRate, MetricCode::PulseRate]),
            temperature: fresh([MetricCode::Temperature; 2]),
            assessment: found.map(|a: &Assessment| -> (Consciousness, Breathing) { (a.consciousness, a.breathing) }),
            scale: self.scoring.scale.unwrap_or(SpO2Scale::One),
        }
    }

    pub(crate) fn score_now(&mut self, desk: &mut Desk<'_>, now: ReceiptTime) {
        let Some(rule) = self.profile.early_warning else { return };
        let inputs = self.inputs();
        if self.scoring.inputs.as_ref() == Some(&inputs) {
            return;
        }
        let scored = score(&inputs);
        self.scoring.inputs = Some(inputs);
        if self.scoring.last.as_ref() == Some(&scored) {
            return;
        }
        if let Some(bed) = &self.bed {
            desk.out.scores.push((bed.clone(), scored.clone()));
        }
        self.judge_total(desk, now, &rule, scored.total);
        // A rule of the profile may look at the score as at any number.
        match scored.total {
            Some(total) => self.combine(desk, (now, now), MetricCode::EarlyWarningScore, points(total)),
            None => self.uncombine(now, MetricCode::EarlyWarningScore),
        }
        if rule.single_three {
            self.judge_single(desk, now, &rule, &scored);
        }
        self.scoring.last = Some(scored);
    }

    fn judge_total(&mut self, desk: &mut Desk<'_>, now: ReceiptTime, rule: &EarlyWarningRule, total: Option<u8>) {
        let cause = Cause::EarlyWarning {
            trigger: ScoreTrigger::Total,
        };
        let Some(total) = total else {
            if let Some(known) = self.live(&cause, None) {
                known.say(desk, Some(INCOMPLETE.to_owned()));
            }
            return;
        };
        if total < rule.urgent {
            self.end(desk, now, &cause, None, None);
            return;
        }
        let (priority, bound) = if total >= rule.emergency {
            (Priority::High, rule.emergency)
        } else {
            (Priority::Medium, rule.urgent)
        };
        let worst_yet = self.live(&cause, None).and_then(|c| c.alert()).and_then(|a| a.worst);
        let draft = Draft {
            kind: AlertKind::Physiological,
            worst: worst_yet.max(Some(points(total))),
            limit: Some(points(bound)),
            ..Draft::technical(priority, None)
        };
        self.begin(desk, (cause, None), (now, now.plus(rule.delay), now), draft);
    }

    fn judge_single(
        &mut self,
        desk: &mut Desk<'_>,
        now: ReceiptTime,
        rule: &EarlyWarningRule,
        scored: &EarlyWarningScore,
    ) {
        let cause = Cause::EarlyWarning {
            trigger: ScoreTrigger::Single,
        };
        // A part whose value is gone has not been seen to be better.
        let mut before = std::mem::take(&mut self.scoring.threes);
        if self.scoring.last.is_none() {
            before.extend(self.threes_told(&cause));
        }
        let still = |part: ScorePart, points: Option<u8>| match points {
            Some(points) => points == 3,
            None => before.contains(&part),
        };
        let threes = scored.parts.iter().filter(|p| still(p.part, p.points)).map(|p| p.part);
        self.scoring.threes = threes.collect();
        if self.scoring.threes.is_empty() {
            self.end(desk, now, &cause, None, None);
            return;
        }
        let labels: Vec<_> = self.scoring.threes.iter().map(|p| p.label()).collect();
        let draft = Draft {
            kind: AlertKind::Physiological,
            ..Draft::technical(Priority::Medium, Some(labels.join(PARTS_JOINT)))
        };
        self.begin(desk, (cause, None), (now, now.plus(rule.delay), now), draft);
    }
}

fn points(n: u8) -> Quantity {
    Quantity::from_thousandths(i32::from(n) * Quantity::PER_UNIT)
}

impl Place {
    /// Which parts an alert of before a restart tells of: nothing else remembers them.
    fn threes_told(&mut self, cause: &Cause) -> Vec<ScorePart> {
        let alert = self.live(cause, None).and_then(|c| c.alert());
        let text = alert.and_then(|a| a.text.as_deref()).unwrap_or_default();
        let told = |part: &&ScorePart| text.split(PARTS_JOINT).any(|label| label == part.label());
        ScorePart::ALL.iter().filter(told).copied().collect()
    }
}

/// Whether the score looks at this number.
const fn part_of(metric: MetricCode) -> bool {
    matches!(
        metric,
        MetricCode::RespirationRate
            | MetricCode::AirwayRespirationRate
            | MetricCode::SpO2
            | MetricCode::ArterialSystolic
            | MetricCode::NibpSystolic
            | MetricCode::HeartRate
            | MetricCode::PulseRate
            | MetricCode::Temperature
    )
}
