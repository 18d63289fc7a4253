use super::*;

#[test]
fn a_rhythm_a_beat_and_a_long_interval() {
    let word = |code: u16, low: u16| (code << 10 | low).to_le_bytes();
    let bytes = [
        word(28, 18),
        word(63, 2),
        *b"(N",
        word(1, 59),
        word(59, 0),
        [0x01, 0x00],
        [0x02, 0x00],
        word(5, 1),
        [0, 0],
    ]
    .concat();
    let found = annotations(&bytes).unwrap().list;
    assert_eq!(
        found.iter().map(|a| a.at).collect::<Vec<_>>(),
        [18, 77, 77 + 65_538 + 1]
    );
    assert_eq!(found[0].text, "(N");
    assert_eq!(found.iter().filter(|a| a.is_beat()).count(), 2);
    let cut = annotations(&bytes[..13]).unwrap_err();
    assert_eq!(
        cut.to_string(),
        "annotation file, byte 8: a long interval needs four bytes after it; the file was cut"
    );
}

#[test]
fn channel_and_number_stay_and_subtype_does_not() {
    let word = |code: u16, low: u16| (code << 10 | low).to_le_bytes();
    let bytes = [
        word(1, 5),
        word(61, 0xff),
        word(62, 3),
        word(60, 0xfe),
        word(1, 5),
        [0, 0],
    ]
    .concat();
    let list = annotations(&bytes).unwrap().list;
    assert_eq!((list[0].subtype, list[0].channel, list[0].number), (-1, 3, -2));
    assert_eq!((list[1].subtype, list[1].channel, list[1].number), (0, 3, -2));
}

#[test]
fn what_the_format_has_no_room_for_is_refused() {
    let one = |a: Annotation| Annotations {
        list: vec![a],
        ..Annotations::default()
    };
    let base = Annotation {
        code: 1,
        ..Annotation::default()
    };
    for wrong in [
        Annotation {
            code: 0,
            ..base.clone()
        },
        Annotation {
            code: 59,
            ..base.clone()
        },
        Annotation {
            at: i64::MAX,
            ..base.clone()
        },
        Annotation {
            text: "x".repeat(256),
            ..base.clone()
        },
        Annotation {
            text: "\0".to_owned(),
            ..base.clone()
        },
    ] {
        assert!(one(wrong).to_bytes().is_err());
    }
    let own = |symbol: &str| Annotations {
        definitions: vec![Definition {
            code: 42,
            symbol: symbol.to_owned(),
            description: "x".to_owned(),
        }],
        ..Annotations::default()
    };
    assert!(own("two words").to_bytes().is_err() && own("word").to_bytes().is_ok());
}

#[test]
fn old_texts_are_latin_1() {
    let word = |code: u16, low: u16| (code << 10 | low).to_le_bytes();
    let bytes = [word(22, 1), word(63, 1), [0xe4, 0], [0, 0]].concat();
    assert_eq!(annotations(&bytes).unwrap().list[0].text, "ä");
}
