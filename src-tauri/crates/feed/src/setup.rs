//! Which device a feed reads, and how.

use std::path::PathBuf;
use std::time::Duration;

use model::{BedId, Redacted};

/// One feed: a device of a bed.
#[derive(Clone, Debug)]
pub struct FeedSetup {
    /// Its number: that of its outbox.
    pub index: u16,
    /// The bed it belongs to.
    pub bed: BedId,
    /// Where the data come from.
    pub source: FeedSource,
    /// What the station calls itself to the device.
    pub station_name: String,
}

/// Where a feed's data come from.
#[derive(Clone, Debug)]
pub enum FeedSource {
    /// A device that speaks the native protocol over a WebSocket.
    WebSocket {
        /// `ws://host:port/feed` or `wss://…`.
        url: String,
        /// PEM file of the authority to trust beside those of the system, for `wss://`.
        ca_file: Option<PathBuf>,
    },
    /// A server that is asked again and again.
    Poll {
        /// `http://…` or `https://…`.
        url: String,
        /// What its answers look like.
        shape: PollShape,
        /// How often it is asked.
        period: Duration,
        /// Headers sent with each request; their values are secrets and stand in no log.
        headers: Vec<(String, Redacted<String>)>,
        /// PEM file of the authority to trust beside those of the system, for `https://`.
        ca_file: Option<PathBuf>,
    },
}

/// What a polled server's answers look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PollShape {
    /// The documented shape of our own.
    Wardlight,
    /// Nightscout's `entries`.
    Nightscout,
}

impl FeedSource {
    /// The address as it may be shown and logged: without user, password, query and fragment, which may be secrets.
    ///
    /// ```
    /// use feed::FeedSource;
    /// let source = FeedSource::WebSocket { url: "wss://me:pw@10.0.0.7:9101/feed?token=abc".into(), ca_file: None };
    /// assert_eq!(source.display_name(), "wss://10.0.0.7:9101/feed");
    /// ```
    pub fn display_name(&self) -> String {
        let (Self::WebSocket { url, .. } | Self::Poll { url, .. }) = self;
        let shown = url.split(['?', '#']).next().unwrap_or_default();
        let Some((scheme, rest)) = shown.split_once("://") else {
            return shown.to_owned();
        };
        let (authority, path) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        let host = authority.rsplit('@').next().unwrap_or_default();
        format!("{scheme}://{host}{path}")
    }
}
