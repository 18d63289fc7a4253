//! What is read from files that are as they should be, and from those that are not.

use model::SampleRate;
use proptest::prelude::*;

use super::*;
use crate::recording::{NumericTrack, Recording};

/// A file of one signal, field by field, with the records after it.
struct File {
    recording: &'static str,
    date: &'static str,
    kind: &'static str,
    records: &'static str,
    duration: &'static str,
    label: &'static str,
    unit: &'static str,
    physical: [&'static str; 2],
    samples: &'static str,
    data: Vec<u8>,
}

impl File {
    fn new(samples: &[i16]) -> Self {
        Self {
            recording: "Startdate 03-MAR-2031 X X Demo",
            date: "03.03.31",
            kind: "",
            records: "2",
            duration: "1",
            label: "II",
            unit: "mV",
            physical: ["-3.2768", "3.2767"],
            samples: "3",
            data: samples.iter().flat_map(|sample| sample.to_le_bytes()).collect(),
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut field = |text: &str, width: usize| {
            let padded = text.bytes().chain(std::iter::repeat(b' ')).take(width);
            out.extend(padded);
        };
        field("0", 8);
        field("X F X DEMO_Bed_07", 80);
        field(self.recording, 80);
        field(self.date, 8);
        field("23.59.58", 8);
        field("512", 8);
        field(self.kind, 44);
        field(self.records, 8);
        field(self.duration, 8);
        field("1", 4);
        field(self.label, 16);
        field("electrode", 80);
        field(self.unit, 8);
        field(self.physical[0], 8);
        field(self.physical[1], 8);
        field("-32768", 8);
        field("32767", 8);
        field("", 80);
        field(self.samples, 8);
        field("", 32);
        out.extend_from_slice(&self.data);
        out
    }

    fn open(&self) -> Edf {
        open("demo", self.bytes()).unwrap()
    }
}

fn all(file: &dyn Samples, channel: usize) -> Vec<i32> {
    let mut samples = Vec::new();
    file.samples(channel, 0..file.head().channels[channel].total(), &mut samples)
        .unwrap();
    samples
}

#[test]
fn a_plain_file_is_read_by_range() {
    let file = File::new(&[1, -2, 3, 32_767, -32_768, 0]).open();
    let head = file.head();
    assert_eq!((head.format.as_str(), head.name.as_str()), ("EDF", "demo"));
    assert_eq!(head.start_us, Some(1_930_348_798_000_000));
    assert_eq!(
        head.channels[0].runs,
        [Run {
            start_us: 0,
            first: 0,
            count: 6
        }]
    );
    assert!((head.channels[0].value(1).unwrap() - 0.000_1).abs() < 1e-12);
    assert_eq!(all(&file, 0), [1, -2, 3, 32_767, -32_768, 0]);
    let mut middle = Vec::new();
    file.samples(0, 2..4, &mut middle).unwrap();
    assert_eq!(middle, [3, 32_767]);
    assert!(file.samples(0, 2..7, &mut middle).is_err());
    assert!(file.samples(1, 0..1, &mut middle).is_err());
    assert!(head.notes.iter().any(|note| note == "transducer of II: electrode"));
}

#[test]
fn a_record_count_that_is_not_true_is_noted_and_everything_is_read() {
    for (records, samples, word) in [
        ("-1", 6, "does not say"),
        ("3", 6, "says 3 records; the file ends after 2 and 0 of 6 bytes"),
        ("1", 6, "the file has 2, and all are read"),
        ("2", 5, "ends after 1 and 4 of 6 bytes"),
    ] {
        let mut file = File::new(&[1, 2, 3, 4, 5, 6]);
        file.records = records;
        file.data.truncate(samples * 2);
        let file = file.open();
        assert_eq!(all(&file, 0).len(), samples, "{records}");
        assert!(
            file.head().notes.iter().any(|note| note.contains(word)),
            "{:?}",
            file.head().notes
        );
    }
}

#[test]
fn a_range_that_runs_backwards_is_inverted_and_one_of_nothing_is_shown_as_stored() {
    let mut file = File::new(&[100, 0, 0, 0, 0, 0]);
    file.physical = ["327,67", " -327.68"];
    let inverted = file.open();
    assert!((inverted.head().channels[0].value(100).unwrap() + 1.01).abs() < 1e-9);
    file.physical = ["0", "0"];
    let flat = file.open();
    assert!((flat.head().channels[0].value(100).unwrap() - 100.0).abs() < 1e-9);
    assert!(flat.head().notes.iter().any(|note| note.contains("equals its maximum")));
}

#[test]
fn headers_that_cannot_be_right_name_the_field() {
    let broken = |change: fn(&mut File)| {
        let mut file = File::new(&[0; 6]);
        change(&mut file);
        open("demo", file.bytes()).unwrap_err().to_string()
    };
    insta::assert_snapshot!(broken(|f| f.duration = "soon"), @r#"demo, byte 244 (duration of a record): "soon" is not a number of seconds"#);
    insta::assert_snapshot!(broken(|f| f.samples = "-4"), @r#"demo, signal 0 ("II"), samples a record: "-4" is not a count"#);
    insta::assert_snapshot!(broken(|f| f.physical = ["low", "1"]), @r#"demo, signal 0 ("II"), physical minimum: "low" is not a number"#);
    let mut bytes = File::new(&[]).bytes();
    bytes[252..256].copy_from_slice(b"9999");
    insta::assert_snapshot!(open("demo", bytes).unwrap_err(), @"demo, byte 256 (signal headers): 9999 signals need a header of 2560000 bytes, the file has 512");
    insta::assert_snapshot!(open("demo", b"MThd".repeat(70)).unwrap_err(), @r#"demo, byte 0 (version): begins with "MThdMThd"; EDF begins with "0", BDF with 0xFF and "BIOSEMI""#);
}

#[test]
fn years_are_those_of_edf_plus_or_1985_to_2084() {
    let start = |kind, date, recording| {
        let mut file = File::new(&[0; 6]);
        (file.kind, file.date, file.recording) = (kind, date, recording);
        let opened = file.open();
        opened.head().start_us.map(|us| crate::civil::Civil::of_micros(us).year)
    };
    assert_eq!(start("", "03.03.85", ""), Some(1985));
    assert_eq!(start("", "03.03.84", ""), Some(2084));
    assert_eq!(start("", " 3/ 3/99", ""), Some(1999));
    assert_eq!(start("EDF+C", "03.03.yy", "Startdate 03-MAR-2704 X X X"), Some(2704));
    assert_eq!(start("EDF+C", "03.03.85", "Startdate 03-MAR-1902 X X X"), Some(1902));
    assert_eq!(start("EDF+C", "01.01.85", "Startdate X X X X"), None);
    assert_eq!(start("", "gestern", ""), None);
}

#[test]
fn words_keep_their_letters_and_units_leave_the_label() {
    let mut file = File::new(&[0; 6]);
    (file.kind, file.label, file.unit) = ("EDF+C", "Härte [µV]", "");
    let opened = file.open();
    assert_eq!(opened.head().subject, "F DEMO Bed 07");
    assert_eq!(
        (
            opened.head().channels[0].label.as_str(),
            opened.head().channels[0].unit.as_str()
        ),
        ("Härte", "µV")
    );
}

#[test]
fn three_bytes_a_sample_are_read_with_their_sign() {
    let mut file = File::new(&[]);
    file.data = vec![
        1, 0, 0, 0xFF, 0xFF, 0xFF, 0, 0, 0x80, 0xFF, 0xFF, 0x7F, 2, 0, 0, 3, 0, 0,
    ];
    let mut bytes = file.bytes();
    bytes[0..8].copy_from_slice(b"\xFFBIOSEMI");
    bytes[192..197].copy_from_slice(b"24BIT");
    let file = open("demo", bytes).unwrap();
    assert_eq!((file.head().format.as_str(), file.head().channels[0].bits), ("BDF", 24));
    assert_eq!(all(&file, 0), [1, -1, -8_388_608, 8_388_607, 2, 3]);
}

#[test]
fn odd_rates_are_fractions() {
    let mut file = File::new(&[0; 6]);
    file.duration = "0.0480";
    assert_eq!(file.open().head().channels[0].rate, SampleRate::new(125, 2).unwrap());
    file.duration = "86400";
    let opened = file.open();
    assert!(opened.head().channels.is_empty());
    assert!(opened.head().notes.iter().any(|note| note.contains("is left out")));
}

fn channel(label: &str, rate: (u32, u32), runs: &[(i64, u64)]) -> Channel {
    let mut first = 0;
    let runs = runs
        .iter()
        .map(|(start_us, count)| {
            let run = Run {
                start_us: *start_us,
                first,
                count: *count,
            };
            first += count;
            run
        })
        .collect();
    Channel {
        label: label.to_owned(),
        unit: "mV".to_owned(),
        rate: SampleRate::new(rate.0, rate.1).unwrap(),
        resolution: 0.005,
        zero: -1.0,
        bits: 16,
        runs,
    }
}

fn made(channels: Vec<Channel>) -> Recording {
    let samples = channels
        .iter()
        .map(|c| {
            (0..i32::try_from(c.total()).unwrap())
                .map(|i| i * 37 % 4_000 - 2_000)
                .collect()
        })
        .collect();
    let head = Head {
        start_us: Some(951_782_400_250_000),
        subject: "DEMO, Bed 07".to_owned(),
        channels,
        marks: vec![
            Mark {
                at_us: 0,
                duration_us: None,
                channel: None,
                code: "N".to_owned(),
                text: String::new(),
            },
            Mark {
                at_us: 1_500_000,
                duration_us: Some(250_000),
                channel: None,
                code: String::new(),
                text: "Größe 中".to_owned(),
            },
        ],
        ..Head::default()
    };
    Recording::new(head, samples).unwrap()
}

/// Every moment with a sample, and its value in steps.
fn moments(file: &dyn Samples, channel: usize) -> Vec<(i64, i32)> {
    let samples = all(file, channel);
    let spec = &file.head().channels[channel];
    let mut found = Vec::new();
    for run in &spec.runs {
        for i in 0..run.count {
            let at = run.start_us + spec.rate.micros_of(i);
            found.push((at, samples[usize::try_from(run.first + i).unwrap()]));
        }
    }
    found.retain(|(_, sample)| *sample != NO_SAMPLE_WIDE);
    found
}

#[test]
fn what_is_written_is_read_as_the_same() {
    let recording = made(vec![
        channel("II", (250, 1), &[(0, 1_000)]),
        channel("RESP", (125, 2), &[(0, 250)]),
    ]);
    let mut bytes = Vec::new();
    let said = write(&recording, &mut bytes).unwrap();
    assert_eq!(said, ["II: step 0.005 mV", "RESP: step 0.005 mV"]);
    let read = open("demo", bytes).unwrap();
    assert_eq!(read.head().format, "EDF+C");
    assert_eq!(read.head().subject, "DEMO, Bed 07");
    assert_eq!(read.head().start_us, recording.head().start_us);
    for i in 0..2 {
        assert_eq!(all(&read, i), all(&recording, i));
        assert_eq!(read.head().channels[i].rate, recording.head().channels[i].rate);
        assert!((read.head().channels[i].resolution - 0.005).abs() < 1e-15);
    }
    let marks: Vec<_> = read
        .head()
        .marks
        .iter()
        .map(|m| (m.at_us, m.duration_us, m.text.as_str()))
        .collect();
    assert_eq!(marks, [(0, None, "N"), (1_500_000, Some(250_000), "Größe 中")]);
}

#[test]
fn gaps_are_a_value_that_the_file_names_or_records_that_are_not_there() {
    let recording = made(vec![
        channel("II", (250, 1), &[(0, 500), (60_000_000, 500)]),
        channel("ABP", (125, 1), &[(1_000_000, 125), (61_000_000, 125)]),
    ]);
    let mut filled = Vec::new();
    let said = write(&recording, &mut filled).unwrap();
    assert!(said[0].contains("is no sample"), "{said:?}");
    let mut gappy = Vec::new();
    write_discontinuous(&recording, &mut gappy).unwrap();
    assert!(gappy.len() < filled.len() / 8);
    let (filled, gappy) = (open("demo", filled).unwrap(), open("demo", gappy).unwrap());
    assert_eq!(
        (filled.head().format.as_str(), gappy.head().format.as_str()),
        ("EDF+C", "EDF+D")
    );
    for i in 0..2 {
        assert_eq!(moments(&filled, i), moments(&recording, i));
        assert_eq!(moments(&gappy, i), moments(&recording, i));
    }
    assert_eq!(gappy.head().channels[0].runs[1].start_us, 60_000_000);
}

#[test]
fn samples_beyond_sixteen_bits_share_a_step_and_it_is_said() {
    let mut head = Head {
        channels: vec![channel("CVP", (1, 1), &[(0, 4)])],
        ..Head::default()
    };
    head.channels[0].resolution = 0.001;
    let wide = [-1_000_000, 0, 123_456, 1_000_000];
    let recording = Recording::new(head, vec![wide.to_vec()]).unwrap();
    let mut bytes = Vec::new();
    let said = write(&recording, &mut bytes).unwrap();
    assert!(said[0].contains("step 0.031 mV, 31 times"), "{said:?}");
    let read = open("demo", bytes).unwrap();
    for (stored, meant) in all(&read, 0).into_iter().zip(wide) {
        let meant = -1.0 + 0.001 * f64::from(meant);
        assert!((read.head().channels[0].value(stored).unwrap() - meant).abs() <= 0.031);
    }
}

#[test]
fn numbers_become_a_channel_of_one_a_second() {
    let track = |label: &str, points: &[(i64, f64)]| NumericTrack {
        label: label.to_owned(),
        unit: "%".to_owned(),
        points: points.to_vec(),
    };
    let head = Head {
        numerics: vec![
            track("SpO2", &[(0, 98.0), (2_100_000, 97.5), (2_900_000, 97.0)]),
            track("none", &[]),
        ],
        ..Head::default()
    };
    let recording = Recording::new(head, Vec::new()).unwrap();
    let mut bytes = Vec::new();
    let said = write(&recording, &mut bytes).unwrap();
    assert!(said[0].contains("1 are left out"), "{said:?}");
    let read = open("demo", bytes).unwrap();
    let spec = &read.head().channels[0];
    let values: Vec<_> = all(&read, 0).into_iter().map(|s| spec.value(s)).collect();
    assert_eq!(values, [Some(98.0), None, Some(97.0)]);
    assert_eq!(read.head().start_us, None);
}

#[test]
fn a_day_of_four_channels_opens_without_its_samples_being_decoded() {
    // 24 h of 4 channels at 250 Hz: what opening looks at is the header and the annotations of each record.
    let per_record = 4 * 250 * 2 + 16;
    let mut recording = File::new(&[]);
    recording.records = "86400";
    recording.samples = "250";
    let mut bytes = recording.bytes();
    bytes.resize(512 + 86_400 * per_record, 0);
    let opened = open("day", bytes).unwrap();
    assert!(opened.head().channels[0].total() >= 86_400 * 250);
    let mut samples = Vec::new();
    opened.samples(0, 21_000_000..21_000_500, &mut samples).unwrap();
    assert_eq!(samples.len(), 500);
}

proptest! {
    #[test]
    fn any_recording_is_written_and_read_as_the_same(
        rates in prop::collection::vec((1_u32..500, 1_u32..5), 1..4),
        counts in prop::collection::vec(1_u64..700, 4),
        gap_us in 0_i64..20_000_000,
        with_gaps in any::<bool>(),
    ) {
        let channels: Vec<Channel> = rates.iter().zip(&counts).enumerate().map(|(i, (rate, count))| {
            let spec = SampleRate::new(rate.0, rate.1).unwrap();
            // The second part begins on a moment of the rate.
            let moment = count + u64::try_from(gap_us).unwrap() * u64::from(rate.0) / u64::from(rate.1) / 1_000_000;
            channel(&format!("C{i}"), *rate, &[(0, *count), (spec.micros_of(moment), 9)])
        }).collect();
        let recording = made(channels);
        let mut bytes = Vec::new();
        if with_gaps { write_discontinuous(&recording, &mut bytes) } else { write(&recording, &mut bytes) }.unwrap();
        let read = open("demo", bytes).unwrap();
        for i in 0..recording.head().channels.len() {
            let (here, there) = (moments(&read, i), moments(&recording, i));
            prop_assert_eq!(here.len(), there.len());
            for ((at, sample), (meant_at, meant)) in here.into_iter().zip(there) {
                // A record whose duration does not print exactly is off by less than six millionths.
                prop_assert!((at - meant_at).abs() <= 2 + meant_at / 166_000, "{} {}", at, meant_at);
                prop_assert_eq!(sample, meant);
            }
        }
        prop_assert_eq!(read.head().marks.len(), 2);
    }

    #[test]
    fn no_bytes_are_too_strange(header in prop::collection::vec(any::<u8>(), 0..1_200), good in any::<bool>()) {
        let mut bytes = File::new(&[1, 2, 3, 4, 5, 6]).bytes();
        if good {
            for (i, byte) in header.iter().enumerate().filter(|(i, _)| i % 7 == 0) {
                if let Some(place) = bytes.get_mut(i * 3 % 512) { *place = *byte; }
            }
        } else {
            bytes = header;
        }
        if let Ok(file) = open("x", bytes) {
            for i in 0..file.head().channels.len() {
                prop_assert_eq!(all(&file, i).len() as u64, file.head().channels[i].total());
            }
        }
    }
}
