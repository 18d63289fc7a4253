//! The WebSocket adapter against devices on loopback that behave, and that do not.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails loudly, and looks at the one observation it is about"
)]

mod kit;

use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use feed::Timing;
use futures_util::SinkExt;
use kit::{Device, SHORT, Station, TestClock, answer, listen, patient, request, websocket};
use model::{Clock, Connectivity, LostBecause, NO_SAMPLE, Observation, ReceiptTime, RejectReason};
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn a_device_is_live_from_its_hello_on_and_its_data_arrive_in_order() {
    let (listener, address) = listen().await;
    let mut station = Station::watching(websocket(&format!("ws://{address}/feed")), patient());
    let mut device = Device::accept(&listener).await;
    let subscribe = device.heard().await.unwrap();
    assert!(
        subscribe.contains("\"subscribe\"") && subscribe.contains("Ward 3"),
        "{subscribe}"
    );
    device.hello().await;
    device.waves().await;
    device.heart_rate(72).await;

    let first = station.next().await;
    assert_eq!(
        first,
        Observation::Connectivity(Connectivity::Connecting { attempt: 1 })
    );
    assert_eq!(station.next().await, Observation::Connectivity(Connectivity::Live));
    assert!(matches!(station.next().await, Observation::Device(d) if d.id.as_str() == "fake-1"));
    assert!(matches!(station.next().await, Observation::Wave(w) if w.samples == [1, 2, NO_SAMPLE, 4]));
    assert!(matches!(station.next().await, Observation::Numeric(_)));

    station.stop().await;
    assert!(device.rest().await.contains("\"bye\""));
}

#[tokio::test]
async fn an_address_where_nothing_listens_is_unreachable_and_tried_again() {
    let (listener, address) = listen().await;
    drop(listener);
    let mut station = Station::watching(websocket(&format!("ws://{address}/feed")), patient());
    for attempt in 1..=3 {
        let connecting = Observation::Connectivity(Connectivity::Connecting { attempt });
        assert_eq!(station.next().await, connecting);
        assert_eq!(
            station.lost().await,
            LostBecause::Unreachable("connection refused".into())
        );
    }
}

#[tokio::test]
async fn a_refusal_says_what_to_do() {
    for (status, word) in [
        ("401 Unauthorized", "secret"),
        ("404 Not Found", "path"),
        ("302 Found", "another address"),
    ] {
        let (listener, address) = listen().await;
        let mut station = Station::watching(websocket(&format!("ws://{address}/feed")), patient());
        answer(&listener, status, "", "").await;
        let because = station.lost().await;
        assert!(
            matches!(&because, LostBecause::Refused(why) if why.contains(word)),
            "{because}"
        );
    }
}

#[tokio::test]
async fn an_address_that_is_none_is_said_so() {
    for url in ["http://127.0.0.1/feed", "bed seven", "ws:///feed"] {
        let mut station = Station::watching(websocket(url), patient());
        let because = station.lost().await;
        assert!(
            matches!(&because, LostBecause::Refused(why) if why.contains("ws://host:port/feed")),
            "{url}: {because}"
        );
    }
}

#[tokio::test]
async fn a_server_that_does_not_choose_the_protocol_is_refused() {
    let (listener, address) = listen().await;
    let mut station = Station::watching(websocket(&format!("ws://{address}/feed")), patient());
    let (tcp, _) = listener.accept().await.unwrap();
    let _socket = tokio_tungstenite::accept_async(tcp).await.unwrap();
    let because = station.lost().await;
    assert!(
        matches!(&because, LostBecause::Refused(why) if why.contains("wardlight.v1")),
        "{because}"
    );
}

#[tokio::test]
async fn a_peer_that_never_answers_the_upgrade_is_left() {
    let (listener, address) = listen().await;
    let timing = Timing {
        upgrade: SHORT,
        ..patient()
    };
    let mut station = Station::watching(websocket(&format!("ws://{address}/feed")), timing);
    let _open = request(&listener).await;
    assert_eq!(
        station.lost().await,
        LostBecause::TimedOut("the upgrade to a WebSocket")
    );
}

#[tokio::test]
async fn a_peer_that_hangs_up_during_the_upgrade_has_closed() {
    let (listener, address) = listen().await;
    let mut station = Station::watching(websocket(&format!("ws://{address}/feed")), patient());
    drop(request(&listener).await);
    assert_eq!(station.lost().await, LostBecause::Closed);
}

#[tokio::test]
async fn a_device_that_does_not_greet_is_left_and_was_never_live() {
    let (listener, address) = listen().await;
    let timing = Timing {
        hello: SHORT,
        ..patient()
    };
    let mut station = Station::watching(websocket(&format!("ws://{address}/feed")), timing);
    let mut device = Device::accept(&listener).await;
    let because = station
        .find(|o| match o {
            Observation::Connectivity(Connectivity::Live) => panic!("live without a greeting"),
            Observation::Connectivity(Connectivity::Lost(because)) => Some(because.clone()),
            _ => None,
        })
        .await;
    assert_eq!(because, LostBecause::TimedOut("the device's greeting"));
    assert!(device.rest().await.contains("\"bye\""));
}

#[tokio::test]
async fn a_silent_device_is_lost_and_called_again() {
    let (listener, address) = listen().await;
    let timing = Timing {
        silence_min: SHORT,
        silence_max: SHORT,
        ..patient()
    };
    let mut station = Station::watching(websocket(&format!("ws://{address}/feed")), timing);
    let mut device = Device::accept(&listener).await;
    device.hello().await;
    station.live().await;
    assert_eq!(station.lost().await, LostBecause::Silent);
    assert!(device.rest().await.contains("sends nothing"));
    let mut again = Device::accept(&listener).await;
    again.hello().await;
    station.live().await;
}

#[tokio::test]
async fn pings_alone_are_silence() {
    let (listener, address) = listen().await;
    let timing = Timing {
        silence_min: SHORT,
        silence_max: SHORT,
        ..patient()
    };
    let mut station = Station::watching(websocket(&format!("ws://{address}/feed")), timing);
    let mut device = Device::accept(&listener).await;
    device.hello().await;
    let pings = tokio::spawn(async move {
        while device.socket.send(Message::Ping(Vec::new().into())).await.is_ok() {
            tokio::time::sleep(SHORT / 10).await;
        }
    });
    assert_eq!(station.lost().await, LostBecause::Silent);
    pings.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_pings_does_not_hide_the_silence() {
    let (listener, address) = listen().await;
    let timing = Timing {
        silence_min: SHORT,
        silence_max: SHORT,
        ..patient()
    };
    let mut station = Station::watching(websocket(&format!("ws://{address}/feed")), timing);
    let mut device = Device::accept(&listener).await;
    device.hello().await;
    let pings = tokio::spawn(async move {
        loop {
            for _ in 0..64 {
                if device.socket.feed(Message::Ping(Vec::new().into())).await.is_err() {
                    return;
                }
            }
            if device.socket.flush().await.is_err() {
                return;
            }
        }
    });
    assert_eq!(station.lost().await, LostBecause::Silent);
    pings.await.unwrap();
}

#[tokio::test]
async fn garbage_is_counted_and_cuts_the_connection_only() {
    let (listener, address) = listen().await;
    let mut station = Station::watching(websocket(&format!("ws://{address}/feed")), patient());
    let mut device = Device::accept(&listener).await;
    device.hello().await;
    station.live().await;
    for _ in 0..16 {
        device.say("}{").await;
    }
    let mut malformed = 0;
    let because = loop {
        match station.next().await {
            Observation::Rejects(r) if r.reason == RejectReason::Malformed => malformed += r.count,
            Observation::Connectivity(Connectivity::Lost(because)) => break because,
            _ => {}
        }
    };
    assert_eq!(malformed, 16);
    assert!(matches!(because, LostBecause::Broken(_)), "{because}");
    let mut again = Device::accept(&listener).await;
    again.hello().await;
    station.live().await;
}

#[tokio::test]
async fn an_oversized_message_is_counted_and_cuts_the_connection() {
    let (listener, address) = listen().await;
    let mut station = Station::watching(websocket(&format!("ws://{address}/feed")), patient());
    let mut device = Device::accept(&listener).await;
    device.hello().await;
    station.live().await;
    let sender = tokio::spawn(async move { device.socket.send(Message::binary(vec![1; 300_000])).await });
    let rejects = station
        .find(|o| match o {
            Observation::Rejects(r) => Some(r.clone()),
            _ => None,
        })
        .await;
    assert_eq!((rejects.reason, rejects.count), (RejectReason::Oversized, 1));
    assert!(matches!(station.lost().await, LostBecause::Broken(why) if why.contains("262144")));
    // Whether its last byte went out is the device's affair.
    drop(sender.await.unwrap());
}

#[tokio::test]
async fn another_version_is_refused() {
    let (listener, address) = listen().await;
    let mut station = Station::watching(websocket(&format!("ws://{address}/feed")), patient());
    let mut device = Device::accept(&listener).await;
    device
        .say(r#"{"type":"hello","seq":SEQ,"t":0,"version":9,"device":{"id":"x"},"mode":"test","heartbeat_ms":1000}"#)
        .await;
    let because = station.lost().await;
    assert!(
        matches!(&because, LostBecause::Refused(why) if why.contains("version 1")),
        "{because}"
    );
    assert!(device.rest().await.contains("\"bye\""));
}

#[tokio::test]
async fn a_device_that_closes_and_comes_back_goes_on_after_a_gap() {
    let (listener, address) = listen().await;
    let mut station = Station::watching(websocket(&format!("ws://{address}/feed")), patient());
    let gap = |o: &Observation| match o {
        Observation::Wave(w) => Some(w.gap_before),
        _ => None,
    };
    let mut device = Device::accept(&listener).await;
    device.hello().await;
    device.waves().await;
    station.find(gap).await;
    device.waves().await;
    assert!(!station.find(gap).await);
    device.socket.close(None).await.unwrap();
    assert_eq!(station.lost().await, LostBecause::Closed);
    let connecting = Observation::Connectivity(Connectivity::Connecting { attempt: 2 });
    assert_eq!(station.next().await, connecting);

    drop(device);
    let mut again = Device::accept(&listener).await;
    again.hello().await;
    station.live().await;
    again.waves().await;
    assert!(station.find(gap).await);
    drop(again);
    assert_eq!(station.lost().await, LostBecause::Closed);
}

/// A clock that fails once.
struct FailingOnce(TestClock, AtomicBool);

impl Clock for FailingOnce {
    fn now(&self) -> ReceiptTime {
        assert!(self.1.swap(true, Ordering::SeqCst), "this failure is part of the test");
        self.0.now()
    }
}

#[tokio::test]
async fn a_panic_is_the_end_of_a_connection_and_of_nothing_else() {
    let (listener, address) = listen().await;
    let clock = FailingOnce(TestClock(Instant::now()), AtomicBool::new(false));
    let source = websocket(&format!("ws://{address}/feed"));
    let mut station = Station::with_clock(source, patient(), Arc::new(clock));
    let mut device = Device::accept(&listener).await;
    device.hello().await;
    let because = station.lost().await;
    assert!(
        matches!(&because, LostBecause::Broken(why) if why.contains("inside this station")),
        "{because}"
    );
    let mut again = Device::accept(&listener).await;
    again.hello().await;
    station.live().await;
}

#[tokio::test]
async fn stopping_does_not_wait_for_a_device_that_hangs() {
    let (listener, address) = listen().await;
    let mut station = Station::watching(websocket(&format!("ws://{address}/feed")), patient());
    let _open = request(&listener).await;
    assert_eq!(
        station.next().await,
        Observation::Connectivity(Connectivity::Connecting { attempt: 1 })
    );
    station.stop().await;
}
