//! For all inputs.

use proptest::prelude::*;

use super::super::{Annotation, Annotations, Definition, Format, annotations, header};
use super::kit::{Made, all, folder, opened, samples_of, saved};
use crate::recording::{NO_SAMPLE_WIDE, Run, Samples};

#[expect(clippy::wildcard_enum_match_arm, reason = "all others are whole bytes")]
/// Packs samples as a format says, sample by sample. The writer knows 16, 24 and 32 only; this is the other half of reading.
fn packed(format: Format, samples: &[i32]) -> Vec<u8> {
    let low = |sample: &i32, bits: u32| u64::from(sample.cast_unsigned()) & ((1 << bits) - 1);
    let mut bytes = Vec::new();
    let (group, size) = match format {
        Format::Bits212 => (2, 3),
        Format::Bits310 | Format::Bits311 => (3, 4),
        _ => (1, usize::from(format.bits() / 8)),
    };
    for part in samples.chunks(group) {
        let at = |at: usize, bits| part.get(at).map_or(0, |s| low(s, bits));
        let word = match format {
            Format::Bits80 => low(&(part[0] + 128), 8),
            Format::Bits160 => low(&(part[0] + 32_768), 16),
            Format::Bits61 => low(&part[0], 16) >> 8 | (low(&part[0], 8) << 8),
            Format::Bits212 => at(0, 8) | at(0, 12) >> 8 << 8 | at(1, 12) >> 8 << 12 | at(1, 8) << 16,
            Format::Bits310 => at(0, 10) << 1 | at(1, 10) << 17 | (at(2, 10) & 31) << 11 | at(2, 10) >> 5 << 27,
            Format::Bits311 => at(0, 10) | at(1, 10) << 10 | at(2, 10) << 20,
            _ => low(&part[0], u32::from(format.bits())),
        };
        bytes.extend(&word.to_le_bytes()[..size]);
    }
    let short = (group - samples.len() % group) % group;
    // The last samples need no more bytes than they reach into.
    let end = bytes.len() - [[0, 0, 0], [0, 1, 0], [0, 0, 2]][group - 1][short];
    bytes.truncate(end);
    bytes
}

fn any_format() -> impl Strategy<Value = Format> {
    prop::sample::select(vec![
        Format::Bits16,
        Format::Bits24,
        Format::Bits32,
        Format::Bits61,
        Format::Bits80,
        Format::Bits160,
        Format::Bits212,
        Format::Bits310,
        Format::Bits311,
    ])
}

fn annotation() -> impl Strategy<Value = Annotation> {
    let text = "[ -~äß]{0,60}";
    (
        -3_000_000_000_i64..3_000_000_000,
        1_u8..59,
        any::<i8>(),
        any::<u8>(),
        any::<i8>(),
        text,
    )
        .prop_map(|(at, code, subtype, channel, number, text)| Annotation {
            at,
            code,
            subtype,
            channel,
            number,
            text,
        })
}

proptest! {
    #[test]
    fn every_format_reads_any_count(
        format in any_format(),
        raw in prop::collection::vec(any::<i32>(), 1..70),
        columns in 1_usize..4,
    ) {
        let frames = raw.len() / columns;
        let raw: Vec<i32> = raw[..frames * columns].iter().map(|s| s >> (32 - format.bits())).collect();
        let line = format!("r.dat {}\n", format.number()).repeat(columns);
        let text = format!("r {columns} 360 {frames}\n{line}");
        let found = samples_of(&text, &packed(format, &raw));
        for (at, column) in found.iter().enumerate() {
            let wanted: Vec<i32> = raw.iter().skip(at).step_by(columns).map(|s| {
                if Some(*s) == format.missing() { NO_SAMPLE_WIDE } else { *s }
            }).collect();
            prop_assert_eq!(column, &wanted);
        }
    }

    #[test]
    fn what_is_written_reads_as_the_same(
        columns in prop::collection::vec((1_u32..=3, prop::collection::vec(any::<i32>(), 1..90)), 1..5),
        bits in prop::sample::select(vec![12_u32, 16, 17, 24, 25, 32]),
        start in any::<u32>(),
        zero in -20_i32..20,
    ) {
        let column = |(times, raw): &(u32, Vec<i32>)| {
            let samples = raw.iter().map(|s| s >> (32 - bits)).collect();
            (f64::from(times * 125), samples)
        };
        let mut made = Made::new(columns.iter().map(column).collect());
        made.head.start_us = Some(i64::from(start) * 1_000_003);
        made.head.subject = "DEMO, Bed 07".to_owned();
        made.head.notes = vec!["a note".to_owned()];
        for channel in &mut made.head.channels {
            channel.zero = f64::from(zero) * channel.resolution;
        }
        let (files, written) = saved(&made, "r").unwrap();
        let mut seen = 0;
        for name in &written.records {
            let record = opened(&files, &format!("{name}.hea")).unwrap();
            record.verify().unwrap();
            prop_assert_eq!(record.head().start_us, made.head.start_us);
            prop_assert_eq!(&record.head().subject, &made.head.subject);
            prop_assert_eq!(&record.head().notes, &made.head.notes);
            for (at, channel) in record.head().channels.iter().enumerate() {
                let before = made.head.channels.iter().position(|c| c.label == channel.label).unwrap();
                prop_assert_eq!(channel.rate, made.head.channels[before].rate);
                prop_assert_eq!(channel.resolution.to_bits(), made.head.channels[before].resolution.to_bits());
                prop_assert!((channel.zero - made.head.channels[before].zero).abs() < 1e-15);
                let (found, wanted) = (all(&record, at), &made.samples[before]);
                prop_assert_eq!(&found[..wanted.len()], &wanted[..]);
                prop_assert!(found[wanted.len()..].iter().all(|s| *s == NO_SAMPLE_WIDE));
                seen += 1;
            }
        }
        prop_assert_eq!(seen, columns.len());
    }

    #[test]
    fn a_gap_keeps_its_length(before in 1_u64..50, gap in 0_i64..400, after in 1_u64..50) {
        let samples: Vec<i32> = (0..).take(usize::try_from(before + after).unwrap()).collect();
        let mut made = Made::new(vec![(250.0, samples.clone())]);
        made.head.channels[0].runs = vec![
            Run { start_us: 0, first: 0, count: before },
            Run { start_us: i64::try_from(before).unwrap() * 4_000 + gap * 4_000, first: before, count: after },
        ];
        let (files, _) = saved(&made, "r").unwrap();
        let found = all(&opened(&files, "r.hea").unwrap(), 0);
        let (first, rest) = found.split_at(usize::try_from(before).unwrap());
        let (none, last) = rest.split_at(usize::try_from(gap).unwrap());
        prop_assert_eq!([first, last].concat(), samples);
        prop_assert!(none.iter().all(|s| *s == NO_SAMPLE_WIDE));
    }

    #[test]
    fn annotations_read_as_they_were_written(
        list in prop::collection::vec(annotation(), 0..20),
        resolution in prop::option::of(prop::sample::select(vec![360.0, 62.4725, 1e6, 1.0 / 60.0])),
        own in prop::bool::ANY,
    ) {
        let definitions = own.then(|| Definition {
            code: 42,
            symbol: "Sp".to_owned(),
            description: "sleep spindle".to_owned(),
        });
        let file = Annotations { resolution, definitions: definitions.into_iter().collect(), list };
        prop_assert_eq!(annotations(&file.to_bytes().unwrap()).unwrap(), file);
    }

    #[test]
    fn no_bytes_make_it_panic(text in prop::collection::vec(any::<u8>(), 0..300), data in prop::collection::vec(any::<u8>(), 0..300)) {
        let _unread = opened(&folder(&[("r.hea", &text), ("r.dat", &data)]), "r.hea");
        if let Ok(read) = annotations(&text) && let Ok(bytes) = read.to_bytes() {
            prop_assert_eq!(annotations(&bytes).unwrap(), read);
        }
    }

    #[test]
    fn no_header_of_its_own_words_makes_it_panic(line in "r(/[0-3])? [0-9]{1,2} [0-9./()-]{1,12} [0-9]{1,20} [0-9:.]{0,9} [0-9/]{0,10}\n(([r.]{1,2}|r.dat) (16|212|8|508|310)(x[0-9]{1,6})?(:[0-9]{1,9})?([+][0-9]{1,12})? [0-9./()e-]{0,9} [0-9-]{1,5}\n|[a~] [0-9]{1,20}\n){0,3}") {
        let files = folder(&[("r.hea", line.as_bytes()), ("r.dat", &[0; 64]), ("a.hea", b"a 1 250\nr.dat 16\n")]);
        if let Ok(head) = header(line.as_bytes()) {
            let text = head.to_text();
            prop_assert_eq!(header(text.as_bytes()).unwrap().to_text(), text);
        }
        if let Ok(record) = opened(&files, "r.hea") {
            for at in 0..record.head().channels.len() {
                let runs = &record.head().channels[at].runs;
                prop_assert!(runs.windows(2).all(|r| r[0].first + r[0].count == r[1].first));
                if runs.iter().map(|r| r.count).sum::<u64>() < 1_000 {
                    all(&record, at);
                }
            }
        }
    }
}
