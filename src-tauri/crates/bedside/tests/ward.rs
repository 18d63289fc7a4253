//! A ward over real sockets, seen from a client of another make.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers of tests: a failure here fails the test"
)]

use std::time::Duration;

use bedside::{BedsideError, LoadProfile, Script, Ward, WardOptions, start};
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Error, Message as Socket};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use wire::native::{Message, SUBPROTOCOL, decode_binary, decode_text};

type Client = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A hang is a failure, not a stop of the whole run. No test decides by it.
const HANGS_AFTER: Duration = Duration::from_mins(1);

async fn connect(url: &str, protocol: &'static str) -> Result<Client, Error> {
    let mut request = url.into_client_request().unwrap();
    request
        .headers_mut()
        .insert("Sec-WebSocket-Protocol", HeaderValue::from_static(protocol));
    connect_async(request).await.map(|(client, _)| client)
}

async fn next(client: &mut Client) -> Option<Message<'static>> {
    let message = tokio::time::timeout(HANGS_AFTER, client.next())
        .await
        .expect("a message within a minute");
    match message? {
        Ok(Socket::Text(text)) => {
            let bytes = text.as_bytes().to_vec();
            // The borrowed parts are copied by leaking: a test lives short.
            Some(decode_text(bytes.leak()).unwrap())
        }
        Ok(Socket::Binary(bytes)) => Some(Message::Waves(decode_binary(&bytes).unwrap())),
        Ok(_) | Err(_) => None,
    }
}

async fn fast(options: WardOptions) -> Ward {
    let options = WardOptions {
        speed: 100.0,
        ..options
    };
    start(options).await.unwrap()
}

#[tokio::test]
async fn hello_comes_first_and_the_numbers_run_without_gaps() {
    let ward = fast(WardOptions {
        beds: 3,
        ..WardOptions::default()
    })
    .await;
    for feed in ward.feeds() {
        let mut client = connect(&feed.url, SUBPROTOCOL).await.unwrap();
        let subscribe = r#"{"type":"subscribe","version":1,"station":"test"}"#;
        client.send(Socket::text(subscribe)).await.unwrap();
        let Some(Message::Hello(hello)) = next(&mut client).await else {
            panic!("hello first")
        };
        assert_eq!((hello.seq, hello.version, &*hello.mode), (1, 1, "demo"));
        for expected in 2..300 {
            assert_eq!(next(&mut client).await.unwrap().seq(), expected);
        }
    }
    ward.stop().await;
}

#[tokio::test]
async fn ten_seconds_of_the_load_hold_ten_times_its_rates_and_eighty_numbers() {
    let options = WardOptions {
        beds: 1,
        profile: LoadProfile::Full,
        ..WardOptions::default()
    };
    let ward = fast(options).await;
    let mut client = connect(&ward.feeds()[0].url, SUBPROTOCOL).await.unwrap();
    let Some(Message::Hello(hello)) = next(&mut client).await else {
        panic!("hello first")
    };
    let rates: Vec<(String, f64)> = hello.waves.iter().map(|w| (w.metric.to_string(), w.rate)).collect();
    let expected = [("ECG_II", 250.0), ("ECG_V1", 250.0), ("PLETH", 125.0), ("RESP", 62.5)];
    assert_eq!(rates, expected.map(|(name, rate)| (name.to_owned(), rate)));
    let (mut samples, mut blocks, mut numbers) = ([0; 4], 0, 0);
    while blocks < 40 {
        match next(&mut client).await.unwrap() {
            Message::Waves(waves) => {
                blocks += 1;
                for block in waves.blocks {
                    samples[usize::from(block.channel)] += block.samples.len();
                }
            }
            Message::Numerics(numerics) => numbers += numerics.values.len(),
            other @ (Message::Hello(_) | Message::Alert(_) | Message::Clock(_)) => panic!("{other:?}"),
        }
    }
    // Ten seconds may begin between two samples of the slowest wave, and before or after a second's numbers.
    assert_eq!(samples[..2], [2_500, 2_500]);
    assert!(
        (1_249..=1_251).contains(&samples[2]) && (624..=626).contains(&samples[3]),
        "{samples:?}"
    );
    assert!(numbers == 72 || numbers == 80, "{numbers}");
    ward.stop().await;
}

#[tokio::test]
async fn two_clients_hear_the_same_each_with_its_own_count() {
    let ward = fast(WardOptions {
        beds: 1,
        ..WardOptions::default()
    })
    .await;
    let url = &ward.feeds()[0].url;
    let mut one = connect(url, SUBPROTOCOL).await.unwrap();
    let mut two = connect(url, SUBPROTOCOL).await.unwrap();
    let mut heard = Vec::new();
    for client in [&mut one, &mut two] {
        let mut blocks = Vec::new();
        for expected in 1..200 {
            let message = next(client).await.unwrap();
            assert_eq!(message.seq(), expected);
            if let Message::Waves(waves) = message {
                blocks.push((waves.t.to_bits(), waves.blocks));
            }
        }
        heard.push(blocks);
    }
    let common = heard[0].iter().filter(|block| heard[1].contains(block)).count();
    assert!(common > 50, "{common} blocks are the same");
    ward.stop().await;
}

#[tokio::test]
async fn a_drop_cuts_the_connection_and_a_later_one_is_served() {
    let options = WardOptions {
        beds: 1,
        faults: "at 20s bed 1 drop for 20s".parse().unwrap(),
        ..WardOptions::default()
    };
    let ward = fast(options).await;
    let url = ward.feeds()[0].url.clone();
    let mut client = connect(&url, SUBPROTOCOL).await.unwrap();
    while next(&mut client).await.is_some() {}
    // During the fault the port answers and the handshake fails; afterwards a hello comes.
    let mut refused = 0;
    let mut client = loop {
        match connect(&url, SUBPROTOCOL).await {
            Ok(client) => break client,
            Err(_) => refused += 1,
        }
    };
    let Some(Message::Hello(hello)) = next(&mut client).await else {
        panic!("hello first")
    };
    assert_eq!(hello.seq, 1);
    assert!(refused > 0);
    ward.stop().await;
}

#[tokio::test]
async fn garbage_reaches_the_client_between_good_messages() {
    let options = WardOptions {
        beds: 1,
        faults: "at 0s bed 1 garbage for 1h".parse().unwrap(),
        ..WardOptions::default()
    };
    let ward = fast(options).await;
    let mut client = connect(&ward.feeds()[0].url, SUBPROTOCOL).await.unwrap();
    let (mut good, mut bad) = (0, 0);
    while good < 40 {
        let ok = match client.next().await.unwrap().unwrap() {
            Socket::Text(text) => decode_text(text.as_bytes()).is_ok(),
            Socket::Binary(bytes) => decode_binary(&bytes).is_ok(),
            Socket::Ping(_) | Socket::Pong(_) | Socket::Close(_) | Socket::Frame(_) => continue,
        };
        *if ok { &mut good } else { &mut bad } += 1;
    }
    assert!(bad >= 10, "{bad}");
    ward.stop().await;
}

#[tokio::test]
async fn another_path_or_protocol_is_refused_with_a_reason() {
    let ward = fast(WardOptions {
        beds: 1,
        ..WardOptions::default()
    })
    .await;
    let url = &ward.feeds()[0].url;
    for (url, protocol, status) in [
        (url.replace("/feed", "/other"), SUBPROTOCOL, 404),
        (url.clone(), "mqtt", 400),
    ] {
        let Err(Error::Http(response)) = connect(&url, protocol).await else {
            panic!("refused")
        };
        assert_eq!(response.status().as_u16(), status);
    }
    ward.stop().await;
}

#[tokio::test]
async fn a_ward_ends_by_itself_and_frees_its_ports() {
    let options = WardOptions {
        beds: 2,
        seconds: Some(10),
        ..WardOptions::default()
    };
    let mut ward = fast(options.clone()).await;
    let mut ends = Vec::new();
    for feed in ward.feeds() {
        let mut client = connect(&feed.url, SUBPROTOCOL).await.unwrap();
        ends.push(tokio::spawn(async move {
            let mut last = 0;
            while let Some(message) = next(&mut client).await {
                // A greeting has the time of its sending; turns have that of the bed.
                if matches!(message, Message::Waves(_)) {
                    last = last.max(message.t().to_bits());
                }
            }
            last
        }));
    }
    ward.finished().await;
    let (one, two) = (ends.remove(0).await.unwrap(), ends.remove(0).await.unwrap());
    assert_eq!(one, two, "the beds' turns are spread, and each has all of them");
    let port: u16 = ward.feeds()[0].url.split([':', '/']).nth(4).unwrap().parse().unwrap();
    tokio::net::TcpListener::bind(("127.0.0.1", port)).await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_started_says_why() {
    let said = |options| async { start(options).await.err().unwrap().to_string() };
    let default = WardOptions::default;
    assert_eq!(
        said(WardOptions { beds: 0, ..default() }).await,
        "a ward of virtual beds has 1 to 2000 beds, not 0"
    );
    let faults: Script = "at 1s bed 9 drop".parse().unwrap();
    let none = said(WardOptions {
        beds: 4,
        faults,
        ..default()
    })
    .await;
    assert_eq!(none, "the fault script names bed 9, the ward has 4");
    let real = said(WardOptions {
        mode: model::GenerationMode::Real,
        ..default()
    })
    .await;
    assert!(real.starts_with("virtual beds have no patients"), "{real}");
    let high = said(WardOptions {
        port: 65_530,
        ..default()
    })
    .await;
    assert!(
        high.starts_with("16 beds from port 65530 on would need ports above 65535"),
        "{high}"
    );
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = start(WardOptions {
        beds: 1,
        port,
        ..default()
    })
    .await
    .err()
    .unwrap();
    assert!(matches!(error, BedsideError::Listen { .. }), "{error}");
}

#[tokio::test]
async fn a_record_is_replayed_with_its_numbers() {
    let record = concat!(env!("CARGO_MANIFEST_DIR"), "/recordings/ecg208.hea");
    let options = WardOptions {
        beds: 2,
        record: Some(record.into()),
        ..WardOptions::default()
    };
    let ward = fast(options).await;
    let mut client = connect(&ward.feeds()[1].url, SUBPROTOCOL).await.unwrap();
    let Some(Message::Hello(hello)) = next(&mut client).await else {
        panic!("hello first")
    };
    assert_eq!((&*hello.waves[0].metric, hello.waves[0].rate), ("ECG_II", 360.0));
    assert_eq!(&*hello.numerics[0].metric, "HR");
    let missing = WardOptions {
        record: Some("no-such.hea".into()),
        ..WardOptions::default()
    };
    assert!(
        start(missing)
            .await
            .err()
            .unwrap()
            .to_string()
            .starts_with("cannot read no-such.hea")
    );
    ward.stop().await;
}

#[tokio::test]
async fn the_station_file_names_every_bed_and_nobody() {
    let ward = fast(WardOptions {
        beds: 12,
        ..WardOptions::default()
    })
    .await;
    let text = ward.station_toml();
    assert_eq!(text.matches("[[bed]]").count(), 12);
    assert_eq!(text.matches("name = \"DEMO, Bed ").count(), 12);
    for feed in ward.feeds() {
        assert!(text.contains(&format!("id = \"{}\"", feed.bed)) && text.contains(&feed.url));
    }
    ward.stop().await;
}
