//! From an address to an upgraded WebSocket: name and TCP, TLS, upgrade, each under its own timeout.

use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use model::LostBecause;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::http::header::SEC_WEBSOCKET_PROTOCOL;
use tokio_tungstenite::tungstenite::http::{HeaderValue, StatusCode};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, error::ProtocolError};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use wire::native::{MESSAGE_BYTES_MAX, SUBPROTOCOL};

use crate::names::Names;
use crate::{Timing, tls};

/// Bytes read at once: 16 messages of a bed. The default costs 157 KB a bed.
const READ_BUFFER_BYTES: usize = 8 * 1_024;

/// Bytes that may wait to be sent: the station says some 200 bytes a second at most, so this is a peer that has not
/// read for minutes.
const WRITE_BUFFER_BYTES_MAX: usize = 64 * 1_024;

/// A TCP stream with or without TLS.
#[derive(Debug)]
pub(crate) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// Connects to `url`. Whatever goes wrong is said for people.
pub(crate) async fn connect(
    url: &str,
    ca_file: Option<&Path>,
    timing: &Timing,
) -> Result<WebSocketStream<Stream>, LostBecause> {
    let bad = |why: &str| LostBecause::Refused(format!("{why}; write ws://host:port/feed or wss://host:port/feed"));
    let mut request = url
        .into_client_request()
        .map_err(|_| bad("the address cannot be read"))?;
    request
        .headers_mut()
        .insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
    let secure = match request.uri().scheme_str() {
        Some("ws") => false,
        Some("wss") => true,
        _ => return Err(bad("the address is not one of a WebSocket")),
    };
    let host = request.uri().host().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let port = request.uri().port_u16().unwrap_or(if secure { 443 } else { 80 });

    let tcp = within(timing.connect, "connecting", reached(&host, port)).await??;
    tcp.set_nodelay(true)
        .map_err(|e| LostBecause::Unreachable(reason(&e)))?;
    let stream = if secure {
        let shake = secured(tcp, host, url, ca_file);
        within(timing.tls, "the secure connection", shake).await??
    } else {
        Stream::Plain(tcp)
    };
    within(timing.upgrade, "the upgrade to a WebSocket", upgraded(request, stream)).await?
}

async fn reached(host: &str, port: u16) -> Result<TcpStream, LostBecause> {
    let addresses = Names::system().addresses(host, port).await?;
    TcpStream::connect(addresses.as_slice())
        .await
        .map_err(|e| LostBecause::Unreachable(reason(&e)))
}

async fn secured(tcp: TcpStream, host: String, url: &str, ca_file: Option<&Path>) -> Result<Stream, LostBecause> {
    let config = tls::client_config(url, ca_file).await?;
    let name = ServerName::try_from(host).map_err(|_| LostBecause::Tls("the address has no valid host".into()))?;
    match TlsConnector::from(Arc::new(config)).connect(name, tcp).await {
        Ok(stream) => Ok(Stream::Tls(Box::new(stream))),
        Err(error) => Err(tls::inside(&error).map_or_else(|| LostBecause::Tls(reason(&error)), tls::explain)),
    }
}

async fn upgraded(request: Request, stream: Stream) -> Result<WebSocketStream<Stream>, LostBecause> {
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(0)
        .max_write_buffer_size(WRITE_BUFFER_BYTES_MAX)
        .max_message_size(Some(MESSAGE_BYTES_MAX))
        .max_frame_size(Some(MESSAGE_BYTES_MAX));
    match client_async_with_config(request, stream, Some(config)).await {
        Ok((socket, _)) => Ok(socket),
        Err(Error::Http(response)) => Err(LostBecause::Refused(refusal(response.status()))),
        Err(Error::Protocol(ProtocolError::SecWebSocketSubProtocolError(_))) => Err(LostBecause::Refused(format!(
            "it does not speak {SUBPROTOCOL}; is it a feed of this kind, and its software new enough?"
        ))),
        Err(Error::Protocol(ProtocolError::HandshakeIncomplete) | Error::ConnectionClosed) => Err(LostBecause::Closed),
        Err(Error::Io(error)) if is_hangup(&error) => Err(LostBecause::Closed),
        Err(Error::Io(error)) => Err(LostBecause::Unreachable(reason(&error))),
        // The library's text may repeat what the peer sent.
        Err(_) => Err(LostBecause::Broken(
            "it does not answer as a WebSocket does; is the address that of a feed?".into(),
        )),
    }
}

/// A refusing HTTP status in words for people, with what to do.
pub(crate) fn refusal(status: StatusCode) -> String {
    let code = status.as_u16();
    match code {
        401 | 403 => format!("it does not accept the secret ({code}); check the headers of this feed in station.toml"),
        404 => "there is nothing at this path (404); check the address".into(),
        300..=399 => format!("it points to another address ({code}); write that one instead"),
        429 => "it is asked too often (429); ask less often".into(),
        _ => format!("it answers with status {code}; check the address and what serves it"),
    }
}

/// An I/O error without the operating system's number.
pub(crate) fn reason(error: &io::Error) -> String {
    if error.kind() == io::ErrorKind::ConnectionRefused {
        "connection refused".into()
    } else if error.raw_os_error().is_some() {
        error.kind().to_string()
    } else {
        error.to_string()
    }
}

/// Whether the peer hung up, politely or not.
pub(crate) fn is_hangup(error: &io::Error) -> bool {
    [
        io::ErrorKind::ConnectionReset,
        io::ErrorKind::ConnectionAborted,
        io::ErrorKind::BrokenPipe,
        io::ErrorKind::UnexpectedEof,
    ]
    .contains(&error.kind())
}

/// `step` within `limit`, or the end that names it.
pub(crate) async fn within<T>(
    limit: Duration,
    name: &'static str,
    step: impl Future<Output = T>,
) -> Result<T, LostBecause> {
    timeout(limit, step).await.map_err(|_| LostBecause::TimedOut(name))
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
