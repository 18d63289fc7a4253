//! The polling adapter against servers on loopback that answer, and that do not.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails loudly, and looks at the one observation it is about"
)]

mod kit;

use std::time::{Duration, Instant};

use feed::{FeedSource, PollShape, Timing};
use kit::{SHORT, Station, T, answer, listen, patient, poll, request};
use model::{Connectivity, LostBecause, MetricCode, Observation, RejectReason, Timeliness};
use tokio::io::AsyncWriteExt;

fn page(heart_rate: u32, cursor: &str) -> String {
    let t = T + u64::from(heart_rate) * 1_000;
    format!(
        r#"{{"version":1,"device":{{"id":"scale-4"}},"mode":"test","t":{t},"cursor":"{cursor}",
        "numerics":[{{"metric":"HR","value":{heart_rate},"unit":"/min","period_ms":5000}}]}}"#
    )
}

fn numeric(observation: &Observation) -> Option<(MetricCode, Timeliness)> {
    match observation {
        Observation::Numeric(n) => Some((n.metric, n.timeliness)),
        _ => None,
    }
}

#[tokio::test]
async fn pages_arrive_and_the_next_is_asked_for_after_the_cursor() {
    let (listener, address) = listen().await;
    let source = poll(&format!("http://{address}/vitals?ward=3"), PollShape::Wardlight);
    let mut station = Station::watching(source, patient());
    let first = answer(&listener, "200 OK", "", &page(70, "p-2")).await;
    assert!(first.starts_with("GET /vitals?ward=3 HTTP/1.1"), "{first}");
    assert!(first.contains("api-secret: hush-hush"), "{first}");
    let second = answer(&listener, "200 OK", "", &page(71, "p-3")).await;
    assert!(second.starts_with("GET /vitals?ward=3&after=p-2 "), "{second}");

    let connecting = Observation::Connectivity(Connectivity::Connecting { attempt: 1 });
    assert_eq!(station.next().await, connecting);
    assert_eq!(station.next().await, Observation::Connectivity(Connectivity::Live));
    assert!(matches!(station.next().await, Observation::Device(d) if d.id.as_str() == "scale-4"));
    assert_eq!(station.find(numeric).await, (MetricCode::HeartRate, Timeliness::Live));
    let second = station.next().await;
    assert_eq!(
        numeric(&second),
        Some((MetricCode::HeartRate, Timeliness::Live)),
        "live is said once"
    );
    station.stop().await;
}

#[tokio::test]
async fn a_refusal_says_what_to_do_and_tells_no_secret() {
    let cases = [
        ("401 Unauthorized", "secret"),
        ("403 Forbidden", "secret"),
        ("404 Not Found", "path"),
        ("429 Too Many Requests", "less often"),
        ("503 Service Unavailable", "503"),
    ];
    for (status, word) in cases {
        let (listener, address) = listen().await;
        let source = poll(
            &format!("http://{address}/vitals?token=hush-hush"),
            PollShape::Wardlight,
        );
        let mut station = Station::watching(source, patient());
        answer(&listener, status, "", "").await;
        let because = station.lost().await;
        assert!(
            matches!(&because, LostBecause::Refused(why) if why.contains(word)),
            "{because}"
        );
        assert!(!because.to_string().contains("hush"), "{because}");
        // And it asks again.
        answer(&listener, "200 OK", "", &page(70, "p")).await;
        station.live().await;
    }
}

#[tokio::test]
async fn a_secret_is_not_carried_to_another_address() {
    let (listener, address) = listen().await;
    let (elsewhere, other) = listen().await;
    let mut station = Station::watching(poll(&format!("http://{address}/"), PollShape::Wardlight), patient());
    answer(&listener, "302 Found", &format!("Location: http://{other}/\r\n"), "").await;
    let because = station.lost().await;
    assert!(
        matches!(&because, LostBecause::Refused(why) if why.contains("another address")),
        "{because}"
    );
    answer(&listener, "200 OK", "", &page(70, "p")).await;
    station.live().await;
    let mut nobody = Box::pin(elsewhere.accept());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(nobody.as_mut().poll(&mut context).is_pending(), "the station followed");
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_a_timeout() {
    let (listener, address) = listen().await;
    let timing = Timing {
        poll: SHORT,
        ..patient()
    };
    let mut station = Station::watching(poll(&format!("http://{address}/"), PollShape::Wardlight), timing);
    let _open = request(&listener).await;
    assert_eq!(station.lost().await, LostBecause::TimedOut("the answer"));
}

#[tokio::test]
async fn an_answer_that_drips_is_a_timeout_too() {
    let (listener, address) = listen().await;
    let timing = Timing {
        poll: SHORT,
        ..patient()
    };
    let mut station = Station::watching(poll(&format!("http://{address}/"), PollShape::Wardlight), timing);
    let (mut tcp, _) = request(&listener).await;
    let drip = tokio::spawn(async move {
        tcp.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            .await
            .unwrap();
        while tcp.write_all(b" ").await.is_ok() {
            tokio::time::sleep(SHORT / 10).await;
        }
    });
    assert_eq!(station.lost().await, LostBecause::TimedOut("the answer"));
    drip.abort();
}

#[tokio::test]
async fn an_endless_answer_is_cut_at_the_limit() {
    let (listener, address) = listen().await;
    let mut station = Station::watching(poll(&format!("http://{address}/"), PollShape::Wardlight), patient());
    let (mut tcp, _) = request(&listener).await;
    let flood = tokio::spawn(async move {
        tcp.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            .await
            .unwrap();
        let chunk = format!("{:x}\r\n{}\r\n", 8_192, "9".repeat(8_192));
        let mut sent = 0;
        while tcp.write_all(chunk.as_bytes()).await.is_ok() {
            sent += 8_192;
        }
        sent
    });
    let rejects = station
        .find(|o| match o {
            Observation::Rejects(r) => Some(r.clone()),
            _ => None,
        })
        .await;
    assert_eq!((rejects.reason, rejects.count), (RejectReason::Oversized, 1));
    assert!(matches!(station.lost().await, LostBecause::Broken(why) if why.contains("262144")));
    assert!(flood.await.unwrap() > 262_144, "the station hung up");
}

#[tokio::test]
async fn an_answer_that_says_it_is_too_long_is_not_read() {
    let (listener, address) = listen().await;
    let mut station = Station::watching(poll(&format!("http://{address}/"), PollShape::Wardlight), patient());
    let (mut tcp, _) = request(&listener).await;
    tcp.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n")
        .await
        .unwrap();
    assert!(matches!(station.lost().await, LostBecause::Broken(why) if why.contains("262144")));
}

#[tokio::test]
async fn what_is_no_page_is_broken_and_never_live() {
    for body in ["<html>hush-hush</html>", "{", ""] {
        let (listener, address) = listen().await;
        let mut station = Station::watching(poll(&format!("http://{address}/"), PollShape::Wardlight), patient());
        answer(&listener, "200 OK", "", body).await;
        let because = station
            .find(|o| match o {
                Observation::Connectivity(Connectivity::Live) => panic!("live on {body:?}"),
                Observation::Connectivity(Connectivity::Lost(because)) => Some(because.clone()),
                _ => None,
            })
            .await;
        assert!(
            matches!(&because, LostBecause::Broken(why) if !why.contains("hush")),
            "{because}"
        );
    }
}

#[tokio::test]
async fn what_is_no_http_is_said_so() {
    let (listener, address) = listen().await;
    let mut station = Station::watching(poll(&format!("http://{address}/"), PollShape::Wardlight), patient());
    let (mut tcp, _) = request(&listener).await;
    tcp.write_all(b"\x0bMSH|^~\\&|\x1c\r").await.unwrap();
    drop(tcp);
    let because = station.lost().await;
    assert!(
        matches!(&because, LostBecause::Broken(_) | LostBecause::Closed),
        "{because:?}"
    );
}

#[tokio::test]
async fn an_address_where_nothing_listens_is_unreachable() {
    let (listener, address) = listen().await;
    drop(listener);
    let mut station = Station::watching(poll(&format!("http://{address}/"), PollShape::Wardlight), patient());
    assert_eq!(
        station.lost().await,
        LostBecause::Unreachable("connection refused".into())
    );
}

#[tokio::test]
async fn a_header_that_cannot_be_sent_is_named_without_its_value() {
    let FeedSource::Poll {
        url,
        shape,
        period,
        ca_file,
        ..
    } = poll("http://127.0.0.1:9/", PollShape::Wardlight)
    else {
        unreachable!("made as a poll")
    };
    let headers = vec![("api-secret".to_owned(), model::Redacted("hush\nhush".to_owned()))];
    let source = FeedSource::Poll {
        url,
        shape,
        period,
        headers,
        ca_file,
    };
    assert!(!format!("{source:?}").contains("hush"));
    let mut station = Station::watching(source, patient());
    let because = station.lost().await;
    assert!(matches!(&because, LostBecause::Refused(why) if why.contains("api-secret") && !why.contains("hush")));
}

#[tokio::test]
async fn stopping_does_not_wait_for_an_answer() {
    let (listener, address) = listen().await;
    let station = Station::watching(poll(&format!("http://{address}/"), PollShape::Wardlight), patient());
    let _open = request(&listener).await;
    station.stop().await;
}

#[tokio::test]
async fn a_server_that_refuses_is_asked_no_more_often_than_one_that_answers() {
    const PERIOD: Duration = Duration::from_millis(400);
    for headers in ["", "Retry-After: 0\r\n"] {
        let (listener, address) = listen().await;
        let mut source = poll(&format!("http://{address}/"), PollShape::Wardlight);
        if let FeedSource::Poll { period, .. } = &mut source {
            *period = PERIOD;
        }
        let _station = Station::watching(source, patient());
        let mut asked = Vec::new();
        for _ in 0..3 {
            answer(&listener, "503 Service Unavailable", headers, "").await;
            asked.push(Instant::now());
        }
        let apart = asked
            .windows(2)
            .map(|pair| pair[1].duration_since(pair[0]))
            .min()
            .unwrap();
        // The station counts from when it began to ask, the test from when it had answered.
        assert!(apart > PERIOD / 2, "{apart:?}");
    }
}

#[tokio::test]
async fn a_server_that_asks_for_a_rest_gets_it() {
    let (listener, address) = listen().await;
    let _station = Station::watching(poll(&format!("http://{address}/"), PollShape::Wardlight), patient());
    answer(&listener, "429 Too Many Requests", "Retry-After: 1\r\n", "").await;
    let answered = Instant::now();
    answer(&listener, "200 OK", "", &page(70, "p")).await;
    assert!(
        answered.elapsed() > Duration::from_millis(800),
        "{:?}",
        answered.elapsed()
    );
}
