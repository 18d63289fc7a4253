//! Where the heart beats in a recorded ECG, and where the pulse is in a recorded pleth.

/// Half the span of the slope, in s: the steep parts of a QRS complex last about that long.
const SLOPE_S: f64 = 0.012;
/// The energy of the slope is summed over about the width of a wide complex.
const WINDOW_S: f64 = 0.120;
/// No heart beats twice within this time.
const REFRACTORY_S: f64 = 0.22;
/// How far the highest point of a beat may stand from the middle of its energy.
const REFINE_S: f64 = 0.09;

/// R peaks of an ECG, in samples.
///
/// The method of Pan and Tompkins (1985) in its simplest sound form: the squared slope, summed over 120 ms, has one
/// hill a beat; a hill counts when it is above a threshold that follows the beats and the noise; where a beat is missing
/// for 1.66 intervals the highest hill left out is taken. The peak is then put where the trace is farthest
/// from its mean. It is meant for the demo recordings and for `--record`, where number and wave should agree; it is
/// no diagnostic device.
///
/// ```
/// // A spike every 250 samples at 250 Hz: 60 a minute.
/// let ecg: Vec<i16> = (0..2500).map(|i| if i % 250 == 125 { 900 } else { i % 3 }).collect();
/// assert_eq!(bedside::beats(&ecg, 250.0), (0..10).map(|i| 125 + 250 * i).collect::<Vec<_>>());
/// ```
pub fn beats(ecg: &[i16], hertz: f64) -> Vec<usize> {
    let energy = slope_energy(ecg, hertz);
    let hills = hills(&energy, samples_in(REFRACTORY_S, hertz));
    let reach = samples_in(REFINE_S, hertz);
    let mut found: Vec<usize> = choose(&hills, samples_in(1.0, hertz))
        .into_iter()
        .map(|at| farthest(ecg, at.saturating_sub(reach), at + reach + 1))
        .collect();
    found.dedup();
    found
}

/// Tops of the pulse in a pleth, in samples: the highest point within a third of a second to each side that stands clearly
/// above the mean of two seconds around it.
pub(crate) fn pulses(pleth: &[i16], hertz: f64) -> Vec<usize> {
    let reach = samples_in(0.33, hertz);
    let around = samples_in(1.0, hertz);
    let mut found: Vec<usize> = Vec::new();
    for (at, &top) in pleth.iter().enumerate() {
        let near = window(pleth, at, reach);
        if near.iter().any(|&s| s > top) || found.last().is_some_and(|&last| at - last < reach) {
            continue;
        }
        let wide = window(pleth, at, around);
        let highest = wide.iter().copied().max().unwrap_or(top);
        let mean = wide.iter().map(|&s| i64::from(s)).sum::<i64>() / i64::try_from(wide.len().max(1)).unwrap_or(1);
        if 3 * (i64::from(top) - mean) > i64::from(highest) - mean && i64::from(top) > mean {
            found.push(at);
        }
    }
    found
}

fn window(samples: &[i16], at: usize, reach: usize) -> &[i16] {
    let to = (at + reach + 1).min(samples.len());
    samples.get(at.saturating_sub(reach)..to).unwrap_or_default()
}

fn samples_in(seconds: f64, hertz: f64) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "small and positive"
    )]
    let count = (seconds * hertz).round() as usize;
    count.max(1)
}

/// The squared slope, summed over [`WINDOW_S`] around each sample.
fn slope_energy(ecg: &[i16], hertz: f64) -> Vec<i64> {
    let half = samples_in(SLOPE_S, hertz);
    let window = samples_in(WINDOW_S, hertz);
    let slope = |at: usize| {
        let before = ecg.get(at.checked_sub(half)?)?;
        let after = ecg.get(at + half)?;
        // A gap has no slope.
        let both = *before != model::NO_SAMPLE && *after != model::NO_SAMPLE;
        both.then(|| (i64::from(*after) - i64::from(*before)).pow(2))
    };
    let squares: Vec<i64> = (0..ecg.len()).map(|at| slope(at).unwrap_or(0)).collect();
    let mut sum: i64 = squares.iter().take(window / 2).sum();
    (0..ecg.len())
        .map(|at| {
            sum += squares.get(at + window / 2).copied().unwrap_or(0);
            let gone = at.checked_sub(window - window / 2);
            sum -= gone.and_then(|i| squares.get(i)).copied().unwrap_or(0);
            sum
        })
        .collect()
}

/// Local tops, each the highest within `apart` to both sides, as (place, height).
fn hills(energy: &[i64], apart: usize) -> Vec<(usize, i64)> {
    let mut found: Vec<(usize, i64)> = Vec::new();
    for (at, &height) in energy.iter().enumerate() {
        let rises = at
            .checked_sub(1)
            .and_then(|i| energy.get(i))
            .is_none_or(|&e| e < height);
        let falls = energy.get(at + 1).is_none_or(|&e| e <= height);
        if !(rises && falls) || height == 0 {
            continue;
        }
        match found.last_mut() {
            Some(last) if at - last.0 < apart => {
                if height > last.1 {
                    *last = (at, height);
                }
            }
            Some(_) | None => found.push((at, height)),
        }
    }
    found
}

/// The hills that are beats.
fn choose(hills: &[(usize, i64)], second: usize) -> Vec<usize> {
    // The first threshold comes from the first eight seconds.
    let first: Vec<i64> = hills.iter().take_while(|h| h.0 < 8 * second).map(|h| h.1).collect();
    let mut beat = first.iter().copied().max().unwrap_or(0) / 2;
    let mut noise = 0;
    let mut found: Vec<usize> = Vec::new();
    let mut left_out: Vec<(usize, i64)> = Vec::new();
    for &(at, height) in hills {
        if let (Some(&last), Some(usual)) = (found.last(), usual_interval(&found)) {
            let missing = at - last > usual + usual * 2 / 3;
            let highest = left_out
                .iter()
                .copied()
                .filter(|h| h.1 > noise / 2 + beat / 8)
                .max_by_key(|h| h.1);
            if let (true, Some((place, hill))) = (missing, highest) {
                found.push(place);
                beat += (hill - beat) / 4;
            }
        }
        if height > noise + (beat - noise) / 4 {
            found.push(at);
            // One artefact must not deafen the detector for the beats that follow.
            beat += (height.min(beat * 4) - beat) / 8;
            left_out.clear();
        } else {
            noise += (height - noise) / 8;
            left_out.push((at, height));
        }
    }
    found
}

/// The median of the last eight intervals.
fn usual_interval(found: &[usize]) -> Option<usize> {
    let last = found.get(found.len().checked_sub(9)?..)?;
    let mut intervals: Vec<usize> = last.iter().zip(last.iter().skip(1)).map(|(a, b)| b - a).collect();
    intervals.sort_unstable();
    intervals.get(intervals.len() / 2).copied()
}

/// The sample from `from` until before `to` that is farthest from their mean.
fn farthest(ecg: &[i16], from: usize, to: usize) -> usize {
    let Some(part) = ecg.get(from..to.min(ecg.len())) else {
        return from;
    };
    let mean = part.iter().map(|&s| i64::from(s)).sum::<i64>() / i64::try_from(part.len().max(1)).unwrap_or(1);
    part.iter()
        .enumerate()
        .max_by_key(|(_, s)| (i64::from(**s) - mean).abs())
        .map_or(from, |(at, _)| from + at)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use wire::recording::{RecordingError, Samples};
    use wire::wfdb::{annotations, open};

    use super::*;
    use crate::record::{ecg_208, ppg_1, ppg_2};

    /// Beats found and beats missed, and what was found where no beat is, within the 150 ms that are usual in the field.
    fn compare(found: &[usize], truth: &[usize], hertz: f64) -> (usize, usize, usize) {
        let near = samples_in(0.15, hertz);
        let has = |list: &[usize], at: usize| list.iter().any(|b| b.abs_diff(at) <= near);
        let hit = truth.iter().filter(|t| has(found, **t)).count();
        let wrong = found.iter().filter(|f| !has(truth, **f)).count();
        (hit, truth.len() - hit, wrong)
    }

    #[test]
    fn beats_that_cardiologists_marked_are_found() {
        let dir = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared/data/mitdb"));
        if !dir.is_dir() {
            println!("left out: 1 tests that need ../shared/data");
            return;
        }
        // Records, and the parts in a hundred that may be missed or wrong. 203 is "very difficult, even for humans".
        for (record, limit) in [("100", 1), ("106", 3), ("119", 1), ("208", 3)] {
            let read = |name: &str| std::fs::read(dir.join(name)).map_err(|e| RecordingError::new(name, e.to_string()));
            let found = open(&format!("{record}.hea"), &mut |name| read(name)).unwrap();
            let (channel, mut ecg) = (&found.head().channels[0], Vec::new());
            found.samples(0, 0..channel.runs[0].count, &mut ecg).unwrap();
            let ecg: Vec<i16> = ecg.into_iter().map(|s| i16::try_from(s).unwrap()).collect();
            let hertz = channel.rate.hertz();
            let marked = annotations(&read(&format!("{record}.atr")).unwrap()).unwrap().list;
            let marked: Vec<usize> = marked
                .iter()
                .filter(|a| a.is_beat())
                .map(|a| usize::try_from(a.at).unwrap())
                .collect();
            let (hit, missed, wrong) = compare(&beats(&ecg, hertz), &marked, hertz);
            println!("{record}: {hit} found, {missed} missed, {wrong} wrong");
            assert!(
                missed * 100 <= marked.len() * limit && wrong * 100 <= marked.len() * limit,
                "{record}"
            );
        }
    }

    #[test]
    fn the_demo_recordings_have_plausible_beats() {
        for (name, signal, count) in [
            ("ecg208", ecg_208(), 490..530),
            ("ppg1", ppg_1(), 22..33),
            ("ppg2", ppg_2(), 85..110),
        ] {
            let signal = signal.unwrap();
            println!("{name}: {} beats in {} s", signal.beats.len(), signal.length_s());
            assert!(count.contains(&signal.beats.len()), "{name}: {}", signal.beats.len());
            let uneven = signal
                .beats
                .windows(2)
                .filter(|b| !(0.3..=1.6).contains(&(b[1] - b[0])))
                .count();
            assert!(
                uneven * 50 <= signal.beats.len(),
                "{name}: {uneven} intervals that no heart has"
            );
        }
    }

    #[test]
    fn silence_and_gaps_hold_no_beats() {
        assert!(beats(&[], 250.0).is_empty());
        assert!(beats(&[5; 2_000], 250.0).is_empty());
        assert!(beats(&[model::NO_SAMPLE; 2_000], 250.0).is_empty());
        assert!(pulses(&[5; 2_000], 125.0).is_empty());
    }
}
