//! Waves and numbers of a patient agree.

use model::MetricCode;

use super::Patient;
use crate::source::Channel;

/// A minute of every wave, and its numbers second by second.
struct Minute {
    channels: Vec<Channel>,
    samples: Vec<Vec<i16>>,
    numbers: Vec<(MetricCode, Vec<f64>)>,
}

/// Plays `seconds` from `skip` on, in quarters of a second as a device does.
fn play(patient: &mut Patient, skip: u64, seconds: u64) -> Minute {
    let channels = patient.channels().to_vec();
    let mut samples = vec![Vec::new(); channels.len()];
    let mut numbers: Vec<(MetricCode, Vec<f64>)> = patient.numbers().iter().map(|n| (n.metric, Vec::new())).collect();
    let mut made = vec![0; channels.len()];
    for turn in 1..=(skip + seconds) * 4 {
        for (at, channel) in channels.iter().enumerate() {
            let (count, span) = channel.rate.fraction();
            let due = turn * u64::from(count) / (4 * u64::from(span));
            let mut block = Vec::new();
            patient.samples(at, usize::try_from(due - made[at]).unwrap(), &mut block);
            made[at] = due;
            if turn > skip * 4 {
                samples[at].extend(block);
            }
        }
        if turn % 4 == 0 {
            for measured in patient.values(turn / 4 - 1) {
                let row = numbers.iter_mut().find(|(m, _)| *m == measured.metric).unwrap();
                if turn > skip * 4 {
                    row.1.extend(measured.value);
                }
            }
        }
    }
    Minute {
        channels,
        samples,
        numbers,
    }
}

impl Minute {
    fn wave(&self, metric: MetricCode) -> Vec<f64> {
        let at = self.channels.iter().position(|c| c.metric == metric).unwrap();
        let scale = self.channels[at].scale;
        self.samples[at]
            .iter()
            .map(|s| scale.offset() + scale.resolution() * f64::from(*s))
            .collect()
    }

    fn mean(&self, metric: MetricCode) -> f64 {
        let row = &self.numbers.iter().find(|(m, _)| *m == metric).unwrap().1;
        row.iter().sum::<f64>() / f64::from(u32::try_from(row.len()).unwrap())
    }

    fn all(&self, metric: MetricCode) -> &[f64] {
        &self.numbers.iter().find(|(m, _)| *m == metric).unwrap().1
    }
}

/// Times that a wave rises through `level`, at least `apart` samples from the time before.
fn rises(wave: &[f64], level: f64, apart: usize) -> u32 {
    let mut count = 0;
    let mut last = None;
    for (at, pair) in wave.windows(2).enumerate() {
        if pair[0] < level && pair[1] >= level && last.is_none_or(|l| at - l > apart) {
            count += 1;
            last = Some(at);
        }
    }
    count
}

#[test]
fn a_heart_rate_of_72_shows_72_beats_a_minute_in_every_wave() {
    let mut patient = Patient::calm(7);
    patient.steer(MetricCode::HeartRate, Some(72.0));
    let minute = play(&mut patient, 20, 60);
    let number = minute.mean(MetricCode::HeartRate);
    assert!((71.0..=73.0).contains(&number), "{number}");
    for (metric, level, apart) in [(MetricCode::EcgII, 0.6, 60), (MetricCode::Pleth, 0.8, 45)] {
        let beats = rises(&minute.wave(metric), level, apart);
        assert!((71..=73).contains(&beats), "{metric}: {beats}");
    }
    let pulse = minute.mean(MetricCode::PulseRate);
    assert!((number - pulse).abs() < 1.0, "{pulse}");
}

#[test]
fn every_demo_bed_shows_as_many_beats_as_its_number_says() {
    for bed in 0..16 {
        let mut patient = Patient::demo(bed, false);
        let minute = play(&mut patient, 20, 60);
        let counted = u32::try_from(patient.beats(75.0, 80.0).count()).unwrap();
        let metric = if minute.numbers.iter().any(|(m, _)| *m == MetricCode::HeartRate) {
            MetricCode::HeartRate
        } else {
            MetricCode::PulseRate
        };
        let number = minute.mean(metric);
        // Only the last beats are kept: five seconds hold the number's beats, one more or less, two where they are uneven.
        assert!(
            (f64::from(counted) * 12.0 - number).abs() <= 26.0,
            "bed {bed}: {counted} in 5 s, {number}"
        );
        if let Some(at) = minute.channels.iter().position(|c| c.metric == MetricCode::EcgII) {
            let hertz = minute.channels[at].rate.hertz();
            let found = crate::beats(&minute.samples[at], hertz).len();
            let found = f64::from(u32::try_from(found).unwrap());
            assert!(
                (found - number).abs() <= 2.5,
                "bed {bed}: {found} R peaks in a minute, the number says {number}"
            );
        }
    }
}

#[test]
fn breaths_counted_in_the_trace_are_the_number() {
    let minute = play(&mut Patient::calm(3), 40, 60);
    let breaths = rises(&minute.wave(MetricCode::Respiration), 0.0, 60);
    let number = minute.mean(MetricCode::RespirationRate);
    assert!((f64::from(breaths) - number).abs() <= 1.5, "{breaths} {number}");
}

#[test]
fn pressures_and_carbon_dioxide_are_read_off_their_traces() {
    let minute = play(&mut Patient::demo(5, false), 20, 60);
    let extremes = |metric| {
        let wave = minute.wave(metric);
        (
            wave.iter().copied().fold(f64::MAX, f64::min),
            wave.iter().copied().fold(f64::MIN, f64::max),
        )
    };
    let highest = |metric| minute.all(metric).iter().copied().fold(f64::MIN, f64::max);
    let lowest = |metric| minute.all(metric).iter().copied().fold(f64::MAX, f64::min);
    let (low, high) = extremes(MetricCode::ArterialPressure);
    assert!((high - highest(MetricCode::ArterialSystolic)).abs() <= 0.6, "{high}");
    assert!((low - lowest(MetricCode::ArterialDiastolic)).abs() <= 0.6, "{low}");
    assert!((extremes(MetricCode::AirwayCo2).1 - highest(MetricCode::EndTidalCo2)).abs() <= 0.6);
    let (systolic, mean, diastolic) = (
        minute.mean(MetricCode::ArterialSystolic),
        minute.mean(MetricCode::ArterialMean),
        minute.mean(MetricCode::ArterialDiastolic),
    );
    assert!(
        (105.0..=140.0).contains(&systolic) && (60.0..=95.0).contains(&diastolic),
        "{systolic}/{diastolic}"
    );
    assert!(
        diastolic + 8.0 < mean && mean + 8.0 < systolic,
        "{systolic} {mean} {diastolic}"
    );
}

#[test]
fn a_pulse_has_a_dicrotic_notch() {
    let mut patient = Patient::calm(5);
    patient.steer(MetricCode::HeartRate, Some(60.0));
    let pleth = play(&mut patient, 20, 10).wave(MetricCode::Pleth);
    // Smoothed over five samples, so that noise makes no top of its own.
    let smooth: Vec<f64> = pleth.windows(5).map(|w| w.iter().sum::<f64>() / 5.0).collect();
    let tops = smooth
        .windows(9)
        .filter(|w| w.iter().all(|v| *v <= w[4]) && w[4] > 0.2)
        .count();
    assert!((18..=22).contains(&tops), "two tops a beat: {tops} in 10 beats");
}

#[test]
fn the_same_seed_lives_the_same_life() {
    let whole = play(&mut Patient::calm(9), 0, 10).samples;
    let again = play(&mut Patient::calm(9), 0, 10).samples;
    assert_eq!(whole, again);
    let other = play(&mut Patient::calm(10), 0, 10).samples;
    assert_ne!(whole, other);
}

#[test]
fn within_the_first_minute_one_demo_bed_is_in_need_and_most_are_calm() {
    // Usual adult limits: HR 50 to 120, SpO2 from 90, RR 8 to 30.
    let usual = [
        (MetricCode::HeartRate, 50.0, 120.0),
        (MetricCode::SpO2, 90.0, 100.0),
        (MetricCode::RespirationRate, 8.0, 30.0),
    ];
    let mut in_need = Vec::new();
    for bed in 0..16 {
        let minute = play(&mut Patient::demo(bed, true), 0, 60);
        let outside = |(metric, low, high): &(MetricCode, f64, f64)| {
            minute
                .numbers
                .iter()
                .any(|(m, row)| m == metric && row.iter().filter(|v| !(*low..=*high).contains(*v)).count() > 15)
        };
        if usual.iter().any(outside) {
            in_need.push(bed);
        }
    }
    assert_eq!(in_need, [2], "the desaturating bed alone");
    let numbers = play(&mut Patient::demo(2, true), 0, 240);
    let spo2 = numbers.all(MetricCode::SpO2);
    let lowest = spo2.iter().copied().fold(100.0, f64::min);
    assert!((82.0..=85.0).contains(&lowest), "{lowest}");
    assert!(*spo2.last().unwrap() >= 93.0, "it recovers");
}

#[test]
fn the_tachycardia_reaches_about_135() {
    let minute = play(&mut Patient::demo(6, true), 70, 50);
    let rate = minute.mean(MetricCode::HeartRate);
    assert!((130.0..=142.0).contains(&rate), "{rate}");
}
