//! One HTTP client of one polled feed: bounded in time and size, and its errors hold no secret.

use std::error::Error as _;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use model::{DeviceTime, LostBecause, Redacted};
use reqwest::header::{DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode, Url};
use wire::nightscout::http_date;

use crate::connect::{is_hangup, reason, refusal};
use crate::names::Names;
use crate::{Timing, tls};

/// Longest answer, in bytes: that of the longest message of a WebSocket. 288 entries of Nightscout (a day) are 72 KiB.
pub const ANSWER_BYTES_MAX: usize = 256 * 1_024;

/// Room made for an answer before it is known how long it is.
const ANSWER_BYTES_FIRST: usize = 8 * 1_024;

/// An HTTP client for `url` with its secrets.
pub(crate) async fn client(
    url: &str,
    headers: &[(String, Redacted<String>)],
    ca_file: Option<&Path>,
    timing: &Timing,
) -> Result<Client, LostBecause> {
    let refused = |why: String| LostBecause::Refused(why);
    let mut map = HeaderMap::new();
    for (name, Redacted(secret)) in headers {
        let shown: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
        let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| {
            refused(format!(
                "{shown:?} cannot be the name of a header; correct it in station.toml"
            ))
        })?;
        let mut value = HeaderValue::from_str(secret).map_err(|_| {
            refused(format!(
                "the value of the header {shown} has characters that cannot be sent; correct it in station.toml"
            ))
        })?;
        value.set_sensitive(true);
        map.insert(key, value);
    }
    Client::builder()
        .tls_backend_preconfigured(tls::client_config(url, ca_file).await?)
        .default_headers(map)
        // A secret goes to the address that was configured, and nowhere else.
        .redirect(Policy::none())
        .no_proxy()
        .dns_resolver(Arc::new(Names::system()))
        .connect_timeout(timing.connect)
        .timeout(timing.poll)
        .pool_max_idle_per_host(1)
        .user_agent(concat!("wardlight/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|e| refused(format!("no connection can be prepared ({})", e.without_url())))
}

/// What an answer came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// A body, within [`ANSWER_BYTES_MAX`], and what the server's clock showed, where it says so.
    Body(Vec<u8>, Option<DeviceTime>),
    /// The server says that nothing is new.
    Unchanged,
    /// Longer than [`ANSWER_BYTES_MAX`]; reading stopped there.
    TooLong,
}

/// No body came.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) because: LostBecause,
    /// The server wants to be left alone for so long; at most [`RETRY_AFTER_MAX`].
    pub(crate) retry_after: Option<Duration>,
}

impl From<LostBecause> for Failure {
    fn from(because: LostBecause) -> Self {
        Self {
            because,
            retry_after: None,
        }
    }
}

/// A server that asks for a longer rest is asked again after this all the same: nobody would know that it is back.
const RETRY_AFTER_MAX: Duration = Duration::from_mins(10);

/// Asks for `url` once.
pub(crate) async fn get(client: &Client, url: Url) -> Result<Answer, Failure> {
    let response = client.get(url).send().await.map_err(explain)?;
    let status = response.status();
    if status == StatusCode::NOT_MODIFIED || status == StatusCode::NO_CONTENT {
        return Ok(Answer::Unchanged);
    } else if status.is_success() {
        return Ok(body(response).await?);
    }
    let because = if status.is_server_error() {
        format!(
            "the server has a fault of its own ({}); it is asked again, look at its log when this stays",
            status.as_u16()
        )
    } else {
        refusal(status)
    };
    Err(Failure {
        because: LostBecause::Refused(because),
        retry_after: retry_after(response.headers()),
    })
}

/// The rest that a server asks for: seconds, or a date by its own clock.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let word = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let asked = word(RETRY_AFTER)?.trim();
    let rest = if let Ok(seconds) = asked.parse() {
        Duration::from_secs(seconds)
    } else {
        let (until, now) = (http_date(asked)?, http_date(word(DATE)?)?);
        Duration::from_micros(u64::try_from(until.as_micros() - now.as_micros()).unwrap_or(0))
    };
    Some(rest.min(RETRY_AFTER_MAX))
}

async fn body(mut response: Response) -> Result<Answer, LostBecause> {
    let most = u64::try_from(ANSWER_BYTES_MAX).unwrap_or(u64::MAX);
    if response.content_length().is_some_and(|length| length > most) {
        return Ok(Answer::TooLong);
    }
    let date = response
        .headers()
        .get(DATE)
        .and_then(|date| http_date(date.to_str().ok()?));
    let mut body = Vec::with_capacity(ANSWER_BYTES_FIRST);
    while let Some(chunk) = response.chunk().await.map_err(explain)? {
        if body.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Ok(Answer::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer::Body(body, date))
}

/// An error of the client in words for people, without the address, which may hold a token.
fn explain(error: reqwest::Error) -> LostBecause {
    let error = error.without_url();
    if error.is_timeout() {
        return LostBecause::TimedOut(if error.is_connect() { "connecting" } else { "the answer" });
    }
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(error) = inner.downcast_ref::<io::Error>() {
            if let Some(error) = tls::inside(error) {
                return tls::explain(error);
            }
            if is_hangup(error) {
                return LostBecause::Closed;
            }
            return LostBecause::Unreachable(reason(error));
        }
        cause = inner.source();
    }
    if error.is_connect() {
        LostBecause::Unreachable("no connection; check the address and the network".into())
    } else {
        LostBecause::Broken("its answer is not HTTP, or broke off; check the address".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rest(asked: &str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_str(asked).unwrap());
        headers.insert(DATE, HeaderValue::from_static("Fri, 15 Jan 2027 08:00:00 GMT"));
        retry_after(&headers)
    }

    #[test]
    fn a_rest_is_asked_for_in_seconds_or_as_a_date_and_has_an_end() {
        assert_eq!(rest("30"), Some(Duration::from_secs(30)));
        assert_eq!(rest("Fri, 15 Jan 2027 08:02:00 GMT"), Some(Duration::from_mins(2)));
        assert_eq!(rest("Fri, 15 Jan 2027 07:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(rest("86400"), Some(RETRY_AFTER_MAX));
        assert_eq!(rest("soon"), None);
    }
}
