//! Shapes of one beat and one breath. Fitted by eye to textbook tracings; they teach nobody cardiology.

use super::heart::{Beat, Breath};

/// Seconds from the R peak to the foot of the pulse at the finger.
pub(crate) const FINGER_DELAY_S: f64 = 0.18;
/// Seconds from the R peak to the foot of the pulse at the wrist.
pub(crate) const WRIST_DELAY_S: f64 = 0.12;
/// Seconds from the foot of a pulse to its top.
pub(crate) const PULSE_RISE_S: f64 = 0.14;

/// How the five waves look from one place on the body, in mV: P, Q, R, S, T.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lead {
    pub(crate) amplitudes: [f64; 5],
    /// How a beat from the ventricle looks there.
    pub(crate) ventricular: [f64; 2],
}

/// Lead II.
pub(crate) const LEAD_II: Lead = Lead {
    amplitudes: [0.14, -0.10, 1.10, -0.22, 0.30],
    ventricular: [1.35, -0.50],
};
/// Lead V1: a small R and a deep S.
pub(crate) const LEAD_V1: Lead = Lead {
    amplitudes: [0.07, 0.0, 0.25, -0.95, 0.08],
    ventricular: [-1.10, 0.45],
};
/// Lead V5: a tall R.
pub(crate) const LEAD_V5: Lead = Lead {
    amplitudes: [0.10, -0.12, 1.45, -0.30, 0.38],
    ventricular: [1.60, -0.55],
};

/// Where the waves stand around the R peak at 60 beats a minute, and how wide they are (standard deviation), in s.
const PLACES_S: [f64; 5] = [-0.17, -0.028, 0.0, 0.028, 0.27];
const WIDTHS_S: [f64; 5] = [0.022, 0.009, 0.011, 0.010, 0.045];

/// What a beat adds to the ECG `dt` seconds after its R peak, in mV.
pub(crate) fn ecg(lead: &Lead, beat: &Beat, dt: f64, with_p: bool) -> f64 {
    // Before its P wave and after its T wave a beat adds nothing (the widest reach is that of a slow beat).
    if !(-0.35..=0.75).contains(&dt) {
        return 0.0;
    }
    // QT shortens with the square root of the interval (Bazett), PR less.
    let pace = beat.interval.clamp(0.3, 1.5).sqrt();
    if beat.ventricular {
        let [qrs, t] = lead.ventricular;
        return bell(dt, 0.0, 0.042, 0.042) * qrs + bell(dt, 0.30 * pace, 0.07, 0.06) * t;
    }
    let mut sum = 0.0;
    for (wave, ((amplitude, place), width)) in lead.amplitudes.iter().zip(PLACES_S).zip(WIDTHS_S).enumerate() {
        let (centre, width) = match wave {
            0 if !with_p => continue,
            0 => (place * (0.6 + 0.4 * pace), width),
            4 => (place * pace, width * pace),
            _ => (place, width),
        };
        sum += bell(dt, centre, width, width) * amplitude;
    }
    sum
}

/// A pulse `dt` seconds after its foot: 1 at its top, then the dicrotic notch and the second wave.
pub(crate) fn pulse(beat: &Beat, dt: f64) -> f64 {
    if !(-0.1..=1.2).contains(&dt) {
        return 0.0;
    }
    let pace = beat.interval.clamp(0.3, 1.3).sqrt();
    let second = PULSE_RISE_S + 0.26 * pace;
    // A beat that comes early finds a half-filled heart.
    let strength = if beat.ventricular { 0.45 } else { 1.0 };
    strength * (bell(dt, PULSE_RISE_S, 0.055, 0.10) + 0.42 * bell(dt, second, 0.05, 0.14 * pace))
}

/// Chest movement within a breath, -0.5 to 0.5: in for two fifths, then out.
pub(crate) fn chest(phase: f64) -> f64 {
    let turn = if phase < 0.4 {
        phase / 0.4
    } else {
        1.0 + (phase - 0.4) / 0.6
    };
    -0.5 * (std::f64::consts::PI * turn).cos()
}

/// Carbon dioxide at the mouth within a breath, as a part of its end-tidal value: none while breathing in, then up
/// quickly and slowly on to the end.
pub(crate) fn capnogram(breath: &Breath, phase: f64) -> f64 {
    let since = |edge: f64| (phase - edge) * breath.length;
    if phase < 0.4 {
        // The first quarter of a second washes the rest of the last breath out.
        return (1.0 - since(0.0) / 0.25).clamp(0.0, 1.0);
    }
    let plateau = 0.88 + 0.12 * (phase - 0.4) / 0.6;
    plateau * (1.0 - (-since(0.4) / 0.12).exp())
}

/// A bell with its top, 1, at `centre`, and a width for each side.
fn bell(x: f64, centre: f64, left: f64, right: f64) -> f64 {
    let offset = x - centre;
    let scaled = offset / if offset < 0.0 { left } else { right };
    // Beyond four widths it adds less than one step of any converter here.
    if scaled.abs() > 4.0 {
        0.0
    } else {
        (-0.5 * scaled * scaled).exp()
    }
}
