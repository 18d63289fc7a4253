//! The ways a person or the system ends the program, all of them clean: nothing that was taken is lost.

use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::Instant;

/// A second press of × within this closes a window whose page cannot ask.
const PRESSED_AGAIN_WITHIN: Duration = Duration::from_secs(10);

/// Signals that end the program: Ctrl-C, a closed terminal, a session manager or `kill`.
pub struct Signals([Option<Signal>; 3]);

impl Signals {
    /// Listens from now on. Call it inside a tokio runtime.
    pub fn listen() -> std::io::Result<Self> {
        let ignored = std::fs::read_to_string("/proc/self/status").map_or(0, |status| ignored(&status));
        let heard = |kind: SignalKind| {
            // `nohup` and a shell's `&` have these ignored, so that the station outlives the terminal: leave it so.
            let wanted = kind == SignalKind::terminate() || ignored >> (kind.as_raw_value() - 1) & 1 == 0;
            wanted.then(|| signal(kind)).transpose()
        };
        Ok(Self([
            heard(SignalKind::terminate())?,
            heard(SignalKind::interrupt())?,
            heard(SignalKind::hangup())?,
        ]))
    }

    /// Waits for one of them; its name.
    pub async fn received(&mut self) -> &'static str {
        let Self([terminate, interrupt, hangup]) = self;
        tokio::select! {
            () = next(terminate) => "SIGTERM",
            () = next(interrupt) => "SIGINT",
            () = next(hangup) => "SIGHUP",
        }
    }
}

async fn next(signal: &mut Option<Signal>) {
    // A signal that is not listened to never comes.
    if let Some(signal) = signal
        && signal.recv().await.is_some()
    {
        return;
    }
    std::future::pending::<()>().await;
}

/// The set of ignored signals in a `/proc/…/status`; empty where it does not say.
fn ignored(status: &str) -> u64 {
    status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}

/// What a press of the window's × does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pressed {
    /// Nobody is watched: the window closes.
    Close,
    /// The page asks the person.
    Ask,
    /// The page cannot ask; the next press within 10 s closes.
    Warn,
}

/// The window's ×.
#[derive(Debug, Default)]
pub struct Cross {
    warned_at: Option<Instant>,
}

impl Cross {
    /// × was pressed; `beds` are watched, and the page can ask or cannot.
    pub fn press(&mut self, now: Instant, beds: usize, page_lives: bool) -> Pressed {
        let warned_at = self.warned_at.take();
        if beds == 0 || (!page_lives && warned_at.is_some_and(|at| now - at <= PRESSED_AGAIN_WITHIN)) {
            return Pressed::Close;
        }
        if page_lives {
            return Pressed::Ask;
        }
        self.warned_at = Some(now);
        Pressed::Warn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cross_asks_and_closes_by_itself_only_where_nobody_is_watched_or_nobody_can_ask() {
        let mut cross = Cross::default();
        let start = Instant::now();
        let at = |s| start + Duration::from_secs(s);
        assert_eq!(cross.press(at(0), 0, true), Pressed::Close);
        for s in 0..5 {
            assert_eq!(
                cross.press(at(s), 16, true),
                Pressed::Ask,
                "however often it is pressed"
            );
        }
        assert_eq!(cross.press(at(20), 16, false), Pressed::Warn);
        assert_eq!(
            cross.press(at(31), 16, false),
            Pressed::Warn,
            "11 s later is another thought"
        );
        assert_eq!(cross.press(at(33), 16, true), Pressed::Ask, "the page has come back");
        assert_eq!(cross.press(at(40), 16, false), Pressed::Warn);
        assert_eq!(cross.press(at(50), 16, false), Pressed::Close);
    }

    #[test]
    fn a_hangup_that_nohup_ignores_stays_ignored() {
        assert_eq!(
            ignored("Name:\twardlight\nSigIgn:\t0000000000001001\nSigCgt:\t0\n"),
            0x1001
        );
        assert_eq!(ignored("Name:\twardlight\n"), 0);
    }
}
