//! TLS: who is trusted, who is not, and what is said about it.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails loudly, and looks at the one observation it is about"
)]

mod kit;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use feed::{FeedSource, PollShape, Timing};
use kit::{Device, SHORT, Station, listen, patient, websocket};
use model::LostBecause;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// An authority of the hospital's own, a device certificate by it for `name`, and the authority as a PEM file.
struct Authority {
    acceptor: TlsAcceptor,
    folder: tempfile::TempDir,
}

impl Authority {
    fn certifying(name: &str, expired: bool) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let authority = params.self_signed(&key).unwrap();
        let issuer = Issuer::new(params, key);
        let device_key = KeyPair::generate().unwrap();
        let mut device = CertificateParams::new(vec![name.to_owned()]).unwrap();
        if expired {
            device.not_after = rcgen::date_time_ymd(2001, 1, 1);
        }
        let device = device.signed_by(&device_key, &issuer).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), authority.pem()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![device.der().clone()],
                PrivateKeyDer::Pkcs8(device_key.serialize_der().into()),
            )
            .unwrap();
        Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            folder,
        }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    async fn accept(&self, listener: &TcpListener) -> std::io::Result<TlsStream<tokio::net::TcpStream>> {
        let (tcp, _) = listener.accept().await?;
        self.acceptor.accept(tcp).await
    }
}

fn secure(address: &str, ca_file: Option<PathBuf>) -> FeedSource {
    FeedSource::WebSocket {
        url: format!("wss://{address}/feed"),
        ca_file,
    }
}

fn secure_poll(address: &str, ca_file: Option<PathBuf>) -> FeedSource {
    FeedSource::Poll {
        url: format!("https://{address}/vitals"),
        shape: PollShape::Nightscout,
        period: Duration::from_millis(10),
        headers: Vec::new(),
        ca_file,
    }
}

#[tokio::test]
async fn a_device_of_the_hospitals_own_authority_is_live() {
    let authority = Authority::certifying("127.0.0.1", false);
    let (listener, address) = listen().await;
    let mut station = Station::watching(secure(&address, Some(authority.file())), patient());
    let mut device = Device::upgrade(authority.accept(&listener).await.unwrap()).await;
    device.hello().await;
    station.live().await;
    station.stop().await;
}

#[tokio::test]
async fn a_polled_server_of_the_hospitals_own_authority_is_live() {
    let authority = Authority::certifying("127.0.0.1", false);
    let (listener, address) = listen().await;
    let mut station = Station::watching(secure_poll(&address, Some(authority.file())), patient());
    let mut stream = authority.accept(&listener).await.unwrap();
    stream
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]")
        .await
        .unwrap();
    station.live().await;
}

/// Why `source` is lost when it meets `authority`'s device.
async fn lost(authority: &Authority, listener: &TcpListener, source: FeedSource) -> String {
    let mut station = Station::watching(source, patient());
    assert!(authority.accept(listener).await.is_err(), "the station must hang up");
    match station.lost().await {
        LostBecause::Tls(why) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_unknown_authority_is_not_trusted() {
    let authority = Authority::certifying("127.0.0.1", false);
    let (listener, address) = listen().await;
    let why = lost(&authority, &listener, secure(&address, None)).await;
    assert!(why.contains("ca_file"), "{why}");
    let why = lost(&authority, &listener, secure_poll(&address, None)).await;
    assert!(why.contains("ca_file"), "{why}");
}

#[tokio::test]
async fn another_name_and_an_old_certificate_are_not_trusted() {
    for (name, expired, word) in [
        ("bed-08.invalid", false, "another address"),
        ("127.0.0.1", true, "expired"),
    ] {
        let authority = Authority::certifying(name, expired);
        let (listener, address) = listen().await;
        let why = lost(&authority, &listener, secure(&address, Some(authority.file()))).await;
        assert!(why.contains(word), "{why}");
        let why = lost(&authority, &listener, secure_poll(&address, Some(authority.file()))).await;
        assert!(why.contains(word), "{why}");
    }
}

#[tokio::test]
async fn a_ca_file_that_is_none_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "nothing").unwrap();
    for file in [empty, folder.path().join("missing.pem")] {
        let (listener, address) = listen().await;
        let mut station = Station::watching(secure(&address, Some(file.clone())), patient());
        let _open = listener.accept().await.unwrap();
        let because = station.lost().await;
        let name = file.file_name().unwrap().to_str().unwrap();
        assert!(
            matches!(&because, LostBecause::Tls(why) if why.contains(name)),
            "{because}"
        );
    }
}

#[tokio::test]
async fn a_peer_that_never_shakes_hands_is_left() {
    let (listener, address) = listen().await;
    let timing = Timing {
        tls: SHORT,
        ..patient()
    };
    let mut station = Station::watching(secure(&address, None), timing);
    let _open = listener.accept().await.unwrap();
    assert_eq!(station.lost().await, LostBecause::TimedOut("the secure connection"));
}

#[tokio::test]
async fn a_peer_that_speaks_in_the_clear_is_no_secure_peer() {
    let (listener, address) = listen().await;
    let mut station = Station::watching(websocket(&format!("wss://{address}/feed")), patient());
    let (mut tcp, _) = listener.accept().await.unwrap();
    tcp.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
    let because = station.lost().await;
    assert!(matches!(because, LostBecause::Tls(_)), "{because}");
}
