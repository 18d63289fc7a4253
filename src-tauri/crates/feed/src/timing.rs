//! How long a feed waits for what.

use std::time::Duration;

/// All waits of a feed. The defaults are the constants of this type; tests bring shorter ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Name resolution and TCP connection together.
    pub connect: Duration,
    /// TLS handshake.
    pub tls: Duration,
    /// WebSocket upgrade.
    pub upgrade: Duration,
    /// From the upgrade to the device's `hello`.
    pub hello: Duration,
    /// Sending one message.
    pub send: Duration,
    /// A whole poll: connecting, asking, and the complete answer.
    pub poll: Duration,
    /// The shortest silence that counts as one.
    pub silence_min: Duration,
    /// The longest silence that is borne, whatever the device declared.
    pub silence_max: Duration,
    /// The first wait before trying again.
    pub retry_first: Duration,
    /// The longest wait during the first [`Timing::short_outage`].
    pub retry_short_max: Duration,
    /// The longest wait after that.
    pub retry_max: Duration,
    /// How long an outage counts as short.
    pub short_outage: Duration,
    /// A connection that lasted this long is stable, whether it brought data or not.
    pub stable: Duration,
    /// A device that says hello and goes again is not called more often than this.
    pub live_spacing: Duration,
}

impl Timing {
    /// Sends its SYN at 0, 1 and 3 s, as Linux does, and leaves the last one half a second.
    pub const CONNECT: Duration = Duration::from_millis(3_500);
    /// Two round trips on a bad radio link, and a slow device's arithmetic.
    pub const TLS: Duration = Duration::from_secs(3);
    /// One round trip.
    pub const UPGRADE: Duration = Duration::from_secs(3);
    /// A device may collect its channels first; heartbeats come every second.
    pub const HELLO: Duration = Duration::from_secs(5);
    /// An answer of 200 bytes that does not go out in this time meets a peer that does not read.
    pub const SEND: Duration = Duration::from_secs(2);
    /// 256 KiB at 50 KiB a second, and the connection.
    pub const POLL: Duration = Duration::from_secs(10);
    /// No value older than 5 s is shown as live, so nothing is gained by knowing sooner.
    pub const SILENCE_MIN: Duration = Duration::from_secs(5);
    /// A person must hear of a dead link within 10 s even when a device declares slow values only.
    pub const SILENCE_MAX: Duration = Duration::from_secs(10);
    /// Short enough not to be seen, long enough for a listener that restarts.
    pub const RETRY_FIRST: Duration = Duration::from_millis(250);
    /// Live again within 2 s of the link's return: 1.5 s of waiting and 0.5 s for the four steps.
    pub const RETRY_SHORT_MAX: Duration = Duration::from_millis(1_500);
    /// 1,000 absent devices then cost 130 attempts a second (7.5 s on average).
    pub const RETRY_MAX: Duration = Duration::from_secs(10);
    /// A pulled plug, a restarted access point.
    pub const SHORT_OUTAGE: Duration = Duration::from_mins(1);
    /// One minute.
    pub const STABLE: Duration = Duration::from_mins(1);
    /// At most one journal entry a second for a device that comes and goes.
    pub const LIVE_SPACING: Duration = Duration::from_secs(1);

    /// After how long without a message a device that declared `shortest` (its heartbeat or its shortest period,
    /// whichever is less) is called silent: three of them, within [`Timing::silence_min`] and [`Timing::silence_max`].
    ///
    /// ```
    /// use feed::Timing;
    /// use std::time::Duration;
    /// let timing = Timing::default();
    /// assert_eq!(timing.silence_after(Duration::from_secs(1)), Duration::from_secs(5));
    /// assert_eq!(timing.silence_after(Duration::from_secs(2)), Duration::from_secs(6));
    /// assert_eq!(timing.silence_after(Duration::from_secs(60)), Duration::from_secs(10));
    /// ```
    pub fn silence_after(&self, shortest: Duration) -> Duration {
        shortest.saturating_mul(3).max(self.silence_min).min(self.silence_max)
    }
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            connect: Self::CONNECT,
            tls: Self::TLS,
            upgrade: Self::UPGRADE,
            hello: Self::HELLO,
            send: Self::SEND,
            poll: Self::POLL,
            silence_min: Self::SILENCE_MIN,
            silence_max: Self::SILENCE_MAX,
            retry_first: Self::RETRY_FIRST,
            retry_short_max: Self::RETRY_SHORT_MAX,
            retry_max: Self::RETRY_MAX,
            short_outage: Self::SHORT_OUTAGE,
            stable: Self::STABLE,
            live_spacing: Self::LIVE_SPACING,
        }
    }
}
