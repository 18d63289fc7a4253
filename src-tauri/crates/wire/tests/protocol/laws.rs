//! What holds for all messages.

use crate::kit::{START_MS, at, greeted};
use model::{Observation, ReceiptTime};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use wire::native::{
    Alert, Answer, Block, Clock, DeviceInfo, Figure, Hello, Message, NumericInfo, Numerics, Session, Value, WaveInfo,
    Waves, Word, decode_binary, decode_text, encode_answer, encode_binary, encode_text,
};
use wire::{nightscout, poll};

fn word() -> impl Strategy<Value = Word<'static>> {
    prop_oneof![
        prop::sample::select(vec![
            "HR",
            "SPO2",
            "ECG_II",
            "/min",
            "mV",
            "high",
            "technical",
            "valid",
            "real"
        ])
        .prop_map(Word::from),
        ".{0,20}".prop_map(Word::from),
    ]
}

/// Milliseconds with three decimals: what a device's clock can say.
fn time() -> impl Strategy<Value = f64> {
    #[expect(clippy::cast_precision_loss, reason = "below 2^53")]
    (0..5_000_000_000_000_000_i64).prop_map(|micros| micros as f64 / 1_000.0)
}

/// Numbers that JSON and back leave as they are.
fn number() -> impl Strategy<Value = f64> {
    (-40_000_000..40_000_000_i32).prop_map(|n| f64::from(n) / 1_000.0)
}

fn hello() -> impl Strategy<Value = Message<'static>> {
    let numeric = (word(), word(), option::of(any::<u32>()), option::of(any::<u32>())).prop_map(
        |(metric, unit, period_ms, interval_ms)| NumericInfo {
            metric,
            unit,
            period_ms,
            interval_ms,
        },
    );
    let wave = (any::<u8>(), word(), word(), number(), number(), number()).prop_map(
        |(channel, metric, unit, rate, resolution, offset)| WaveInfo {
            channel,
            metric,
            unit,
            rate,
            resolution,
            offset,
        },
    );
    let device =
        (word(), word(), word(), option::of(word())).prop_map(|(id, manufacturer, model, version)| DeviceInfo {
            id,
            manufacturer,
            model,
            version,
        });
    let head = (any::<u32>(), time(), any::<u32>(), device, word(), any::<u32>());
    (head, vec(numeric, 0..6), vec(wave, 0..6)).prop_map(
        |((seq, t, version, device, mode, heartbeat_ms), numerics, waves)| {
            Message::Hello(Hello {
                seq,
                t,
                version,
                device,
                mode,
                heartbeat_ms,
                numerics,
                waves,
            })
        },
    )
}

fn numerics() -> impl Strategy<Value = Message<'static>> {
    let figure = option::of(number()).prop_map(Figure::from);
    let value = (
        word(),
        figure,
        option::of(word()),
        option::of(word()),
        option::of(time()),
    )
        .prop_map(|(metric, value, unit, validity, t)| Value {
            metric,
            value,
            unit,
            validity,
            t,
        });
    (any::<u32>(), time(), vec(value, 0..8)).prop_map(|(seq, t, values)| Message::Numerics(Numerics { seq, t, values }))
}

fn waves() -> impl Strategy<Value = Waves> {
    let block = (0..3_u8, vec(any::<i16>(), 0..40)).prop_map(|(channel, samples)| Block {
        channel,
        samples: samples.into(),
    });
    (2..100_u32, time(), vec(block, 0..5)).prop_map(|(seq, t, blocks)| Waves { seq, t, blocks })
}

fn alert() -> impl Strategy<Value = Message<'static>> {
    (
        any::<u32>(),
        time(),
        word(),
        word(),
        option::of(word()),
        word(),
        word(),
        any::<bool>(),
    )
        .prop_map(|(seq, t, code, text, metric, priority, kind, present)| {
            Message::Alert(Alert {
                seq,
                t,
                code,
                text,
                metric,
                priority,
                kind,
                present,
            })
        })
}

fn message() -> impl Strategy<Value = Message<'static>> {
    prop_oneof![
        hello(),
        numerics(),
        waves().prop_map(Message::Waves),
        alert(),
        (any::<u32>(), time()).prop_map(|(seq, t)| Message::Clock(Clock { seq, t })),
    ]
}

/// A message cut, or with a byte changed.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    (message(), any::<prop::sample::Index>(), any::<u8>(), any::<bool>()).prop_map(|(message, place, byte, cut)| {
        let mut bytes = encode_text(&message).unwrap_or_default().into_bytes();
        let place = place.index(bytes.len());
        if cut {
            bytes.truncate(place);
        } else if let Some(b) = bytes.get_mut(place) {
            *b = byte;
        }
        bytes
    })
}

/// One thing a device of `crate::kit::HELLO` may send: good, or bad without using up a number.
#[derive(Clone, Debug)]
enum Sent {
    Rate(f64),
    Samples(Vec<i16>),
    Alive,
    Useless(Value<'static>),
    Bad(Vec<u8>),
}

fn useless() -> impl Strategy<Value = Value<'static>> {
    let value = |metric: &'static str, value: Figure, unit: &'static str| Value {
        metric: metric.into(),
        value,
        unit: Some(unit.into()),
        ..Value::default()
    };
    prop::sample::select(vec![
        value("HR", 351.0.into(), "/min"),
        value("HR", 72.0.into(), "%"),
        value("HR", Figure::Foreign, "/min"),
        value("SPO2", 97.0.into(), "%"),
        value("MOOD", 1.0.into(), "1"),
    ])
}

fn sent() -> impl Strategy<Value = Sent> {
    prop_oneof![
        (0..350_i32).prop_map(|n| Sent::Rate(f64::from(n))),
        vec(any::<i16>(), 1..30).prop_map(Sent::Samples),
        Just(Sent::Alive),
        useless().prop_map(Sent::Useless),
        prop_oneof![
            vec(any::<u8>(), 0..40).prop_filter("not JSON", |b| decode_text(b).is_err()),
            damaged().prop_filter("unreadable", |b| decode_text(b).is_err()),
        ]
        .prop_map(Sent::Bad),
    ]
}

/// Everything but the rejects and the signs of life.
fn taken(session: &mut Session, story: &[Sent], with_bad: bool) -> Vec<Observation> {
    let mut taken = Vec::new();
    let mut seq = 1;
    for (i, sent) in (0_i32..).zip(story) {
        let t = f64::from(i) * 100.0 + 1_800_000_000_000.0;
        let now = at(i64::from(i) * 100 + 40);
        seq += u32::from(!matches!(sent, Sent::Bad(_)));
        let step = match sent {
            Sent::Rate(rate) => session.message(
                now,
                Message::Numerics(Numerics {
                    seq,
                    t,
                    values: vec![Value {
                        metric: "HR".into(),
                        value: (*rate).into(),
                        ..Value::default()
                    }],
                }),
            ),
            Sent::Samples(samples) => session.message(
                now,
                Message::Waves(Waves {
                    seq,
                    t,
                    blocks: vec![Block {
                        channel: 0,
                        samples: samples.clone().into(),
                    }],
                }),
            ),
            Sent::Useless(value) if with_bad => {
                let values = vec![value.clone()];
                session.message(now, Message::Numerics(Numerics { seq, t, values }))
            }
            Sent::Alive | Sent::Useless(_) => session.message(now, Message::Clock(Clock { seq, t })),
            Sent::Bad(bytes) if with_bad => session.text(now, bytes),
            Sent::Bad(_) => continue,
        };
        let kept = |o: &Observation| !matches!(o, Observation::Rejects(_) | Observation::Alive);
        taken.extend(step.observations.into_iter().filter(kept));
    }
    taken
}

proptest! {
    #[test]
    fn no_bytes_make_anything_panic(bytes in vec(any::<u8>(), 0..300), damaged in damaged()) {
        for bytes in [&bytes, &damaged] {
            let mut session = greeted();
            session.text(at(0), bytes);
            session.binary(at(1), bytes);
            poll::Session::new().body(at(0), bytes);
            nightscout::Session::new().body(at(0), None, bytes);
            prop_assert!(Answer::decode(bytes).is_ok() || Answer::decode(bytes).is_err());
        }
    }

    #[test]
    fn every_message_survives_json(message in message()) {
        let text = encode_text(&message).unwrap();
        let again = decode_text(text.as_bytes()).unwrap();
        prop_assert_eq!(&again, &message);
        prop_assert_eq!(encode_text(&again).unwrap(), text);
    }

    #[test]
    fn every_answer_survives_json(seq in option::of(any::<u32>()), reason in word(), detail in word(), version in any::<u32>()) {
        for answer in [
            Answer::Subscribe { version, station: reason.clone() },
            Answer::Rejected { seq, reason: reason.clone(), detail },
            Answer::Bye { reason },
        ] {
            let text = encode_answer(&answer).unwrap();
            prop_assert_eq!(Answer::decode(text.as_bytes()).unwrap(), answer);
        }
    }

    #[test]
    fn every_block_survives_binary(waves in waves()) {
        let bytes = encode_binary(&waves).unwrap();
        let again = decode_binary(&bytes).unwrap();
        prop_assert_eq!(&again, &waves);
        prop_assert_eq!(encode_binary(&again).unwrap(), bytes);
    }

    #[test]
    fn text_and_binary_of_the_same_samples_are_the_same(waves in waves(), received in 0..10_000_i64) {
        let text = greeted().text(at(received), encode_text(&Message::Waves(waves.clone())).unwrap().as_bytes());
        let binary = greeted().binary(at(received), &encode_binary(&waves).unwrap());
        prop_assert_eq!(text, binary);
    }

    #[test]
    fn bad_messages_change_nothing_of_the_good_ones(story in vec(sent(), 0..14)) {
        let with = taken(&mut greeted(), &story, true);
        let without = taken(&mut greeted(), &story, false);
        prop_assert_eq!(with, without);
    }

    #[test]
    fn any_messages_in_any_order_leave_a_session_that_goes_on(messages in vec(message(), 0..30), step_ms in 0..5_000_i64) {
        let mut session = Session::new("Ward 3");
        let mut now = ReceiptTime::from_millis(START_MS);
        for message in messages {
            session.message(now, message);
            now = ReceiptTime::from_millis(now.as_millis() + step_ms);
        }
        session.reconnected();
        let step = session.text(now, crate::kit::HELLO.as_bytes());
        prop_assert!(matches!(step.observations.first(), Some(Observation::Device(_))));
    }
}
