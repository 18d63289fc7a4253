//! Connectivity is data: it reaches the loop, the journal and the screen.

use std::fmt;

/// Why a feed is not live. Each has a plain sentence for the person who reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LostBecause {
    /// Nothing answers at the address.
    Unreachable(String),
    /// A step of connecting took too long.
    TimedOut(&'static str),
    /// TLS failed.
    Tls(String),
    /// The peer refused: wrong path, wrong secret, wrong protocol version.
    Refused(String),
    /// The link is open and nothing arrives.
    Silent,
    /// The peer closed the link.
    Closed,
    /// The peer sent what cannot be read, and was cut off.
    Broken(String),
}

impl fmt::Display for LostBecause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(why) => write!(f, "nothing answers ({why}); is the device on and the address right?"),
            Self::TimedOut(step) => write!(f, "{step} took too long; is the network up?"),
            Self::Tls(why) => write!(f, "no secure connection ({why}); check the certificate"),
            Self::Refused(why) => write!(f, "the device refused: {why}"),
            Self::Silent => f.write_str("connected, but the device sends nothing"),
            Self::Closed => f.write_str("the device closed the connection"),
            Self::Broken(why) => write!(f, "the device sent what cannot be read: {why}"),
        }
    }
}

/// The state of a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Connectivity {
    /// Trying, for the `attempt`-th time since it was last live.
    Connecting {
        /// 1 for the first.
        attempt: u32,
    },
    /// Data arrive.
    Live,
    /// Not live; it tries again by itself.
    Lost(LostBecause),
}

impl Connectivity {
    /// The word in files and on the wire.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Connecting { .. } => "connecting",
            Self::Live => "live",
            Self::Lost(_) => "lost",
        }
    }
}
