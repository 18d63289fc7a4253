//! What is said of a file that is not whole, and what is made of odd but allowed ones.

use super::super::open;
use super::kit::{all, folder, opened, said, samples_of};
use crate::recording::{NO_SAMPLE_WIDE, RecordingError, Run, Samples};

#[test]
fn what_is_wrong_with_a_file_is_said() {
    for (header, data, expected) in [
        (
            "r 2 360 3\nr.dat 16\nr.dat 16\n",
            &[0; 11][..],
            "r.dat: holds 5 samples; 3 frames of 2 need 6; was it cut?",
        ),
        (
            "r 1 360 3\nr.dat 16+99\n",
            &[0; 11],
            "r.dat: has 11 bytes; the samples should begin at 99",
        ),
        (
            "r 2 360\nr.dat 16\nr.dat 212\n",
            &[0; 12],
            "r.hea: its signals in \"r.dat\" are said to have different formats",
        ),
        (
            "r 2 360 3\nr.dat 16 200 16 0 0 0 0 I\nr.dat 16 200 16 0 257 7 0 II\n",
            &[1; 12],
            "r.dat, signal 0 (\"I\"): checksum is 771, the header says 0; the file is damaged or belongs to another record",
        ),
        ("r 1 360\nx.dat 16\n", &[], "x.dat: is not there"),
        (
            "r 1 360\n../r.dat 16\n",
            &[],
            "r.hea: it names a file outside its folder",
        ),
        (
            "r 1 360\n/etc/r.dat 16\n",
            &[],
            "r.hea: it names a file outside its folder",
        ),
        (
            "r 1 1e9\nr.dat 16\n",
            &[0; 4],
            "r.hea, signal \"\": a sample rate must be",
        ),
        ("r 1 360\nr.dat 516\n", b"RIFF", "r.dat, byte 0: no FLAC stream"),
        (
            "r 1 360\nr.dat 516\n",
            b"fLaC\x00\x00",
            "r.dat, byte 4: the FLAC metadata are cut",
        ),
        ("r 1 0\n", &[], "r.hea, header line 1, sampling frequency"),
    ] {
        let found = said(header, data);
        assert!(found.starts_with(expected), "{header}: {found}");
    }
}

#[test]
fn absurd_counts_cost_nothing() {
    for header in [
        "r 1 0.01 18446744073709551615\nr.dat 16x1000000\n",
        "r 1 250 18446744073709551615\nr.dat 32:4294967295\n",
        "r 2 0.01\nr.dat 8x1000000\nr.dat 8x1000000\n",
        "r/99999999999 4 250 4\n~ 4\n",
        "r 2048 250\n",
        "r 1 250\nr.dat 16+18446744073709551615\n",
    ] {
        let found = said(header, &[0; 64]);
        assert!(
            found.contains("r.dat") || found.contains("header line") || found == "nothing",
            "{found}"
        );
    }
    // A gap of five hundred million years, and a segment that is named ten thousand times, are read once.
    let mut asked = 0;
    let record = open("r.hea", &mut |name| {
        asked += 1;
        Ok(match name {
            "r.hea" => format!("r/10001 1 250\n~ 4000000000000000000\n{}", "a 2\n".repeat(10_000)).into_bytes(),
            "a.hea" => b"a 1 250 2\na.dat 16\n".to_vec(),
            _ => vec![1, 0, 2, 0],
        })
    });
    let record = record.unwrap();
    assert_eq!(asked, 3);
    assert_eq!(record.head().channels[0].runs.len(), 1);
    assert_eq!(all(&record, 0).len(), 20_000);
}

#[test]
fn segments_are_placed_and_gaps_are_gaps() {
    let files = folder(&[
        (
            "d/r.hea",
            b"r/4 2 100 9 10:00:00.25 01/02/2999\nlay 0\na 2\n~ 3\nsub/b 4\n# who\n",
        ),
        (
            "d/lay.hea",
            b"lay 2 100 0\n~ 0 10/mV 8 0 0 0 0 I\n~ 0 1/mmHg 8 0 0 0 0 P\n",
        ),
        ("d/a.hea", b"a 1 100 2\na.dat 16 10/mV 16 0 1 3 0 I\n"),
        ("d/a.dat", &[1, 0, 2, 0]),
        (
            "d/sub/b.hea",
            b"b 2 100 4\nb.dat 80 1/mmHg 8 0 0 0 0 P\nb.dat 80 20/mV 8 0 0 0 0 I\n",
        ),
        ("d/sub/b.dat", &[129, 130, 131, 0, 133, 134, 135, 136]),
    ]);
    let record = opened(&files, "d/r.hea").unwrap();
    let [i, p] = &record.head().channels[..] else { panic!() };
    let run = |start_us, first, count| Run { start_us, first, count };
    assert_eq!(i.runs, [run(0, 0, 2), run(50_000, 2, 4)]);
    assert_eq!(p.runs, [run(50_000, 0, 4)]);
    // 10 and 20 steps a millivolt meet at 20.
    assert_eq!(
        (i.resolution, all(&record, 0)),
        (0.05, vec![2, 4, 2, NO_SAMPLE_WIDE, 6, 8])
    );
    assert_eq!(all(&record, 1), [1, 3, 5, 7]);
    assert_eq!(record.head().start_us, Some(32_474_858_400_250_000));
    assert_eq!(record.head().notes, ["who"]);
    let mut across = Vec::new();
    record.samples(0, 1..3, &mut across).unwrap();
    assert_eq!(across, [4, 2]);
    assert!(record.samples(0, 5..7, &mut across).is_err());
    assert!(record.samples(2, 0..1, &mut across).is_err());
}

#[test]
fn segments_that_do_not_agree_are_named() {
    let part: &[u8] = b"a 1 100 2\nr.dat 16 10/mV\n";
    for (header, segment, expected) in [
        ("r/1 1 100 3\na 3\n", part, "a.hea: it has 2 frames; r.hea says 3"),
        ("r/1 1 50 2\na 2\n", part, "a.hea: its rate is 100; r.hea says 50"),
        ("r/1 2 100 2\na 2\n", part, "a.hea: it has 1 signals; r.hea says 2"),
        (
            "r/1 1 100 2\na 2\n",
            b"a/1 1 100\n~ 2\n",
            "a.hea: a segment of a record cannot",
        ),
        ("r/1 1 100 2\nb 2\n", part, "b.hea: is not there"),
        (
            "r/1 1 100 2\n../b 2\n",
            part,
            "r.hea: it names a file outside its folder",
        ),
    ] {
        let files = folder(&[
            ("r.hea", header.as_bytes()),
            ("a.hea", segment),
            ("r.dat", &[1, 0, 2, 0]),
        ]);
        let found = opened(&files, "r.hea").unwrap_err().to_string();
        assert!(found.starts_with(expected), "{header}: {found}");
    }
}

#[test]
fn skew_offset_and_differences() {
    assert_eq!(
        samples_of(
            "r 2 100 3\nr.dat 16:1+2\nr.dat 16+2\n",
            &[9, 9, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0]
        ),
        [vec![3, 5, NO_SAMPLE_WIDE], vec![2, 4, 6]]
    );
    assert_eq!(
        samples_of(
            "r 2 100\nr.dat 8x2 200 8 0 10 39\nr.dat 8 200 8 0 -5 -11\n",
            &[0, 1, 255, 255, 254, 1]
        ),
        [vec![10, 11, 10, 8], vec![-6, -5]]
    );
}

#[test]
fn a_record_without_a_day_says_so() {
    let record = |header: &str| opened(&folder(&[("r.hea", header.as_bytes())]), "r.hea").unwrap();
    let bare = record("r 0 250\n");
    assert_eq!((bare.head().start_us, bare.head().notes.len()), (None, 0));
    let timed = record("r 0 250 0 10:44:18.529\n");
    assert_eq!(timed.head().start_us, None);
    assert_eq!(
        timed.head().notes,
        ["Begins at 10:44:18 of a day that the record does not say."]
    );
}

#[test]
fn one_hundred_and_thirty_nine_channels_and_the_slowest_and_fastest_rates() {
    let line = |at: usize| format!("r.dat 16 200/mV 16 0 0 0 0 lead {at}\n");
    for (rate, hertz) in [("0.0002777777777777778", 1.0 / 3_600.0), ("100000", 100_000.0)] {
        let header = format!("r 139 {rate} 2\n{}", (0..139).map(line).collect::<String>());
        let files = folder(&[("r.hea", header.as_bytes()), ("r.dat", &[0; 556])]);
        let record = opened(&files, "r.hea").unwrap();
        assert_eq!(record.head().channels.len(), 139);
        assert!((record.head().channels[138].rate.hertz() / hertz - 1.0).abs() < 1e-9);
        assert_eq!(all(&record, 138), [0, 0]);
    }
}

#[test]
fn a_file_that_cannot_be_read_is_not_read_again() {
    let broken = open("r.hea", &mut |name| Err(RecordingError::new(name, "permission denied")));
    assert_eq!(broken.unwrap_err().to_string(), "r.hea: permission denied");
}
