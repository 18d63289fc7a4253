//! Whether the page lives: judged by what it has painted of what it was sent, not by its timers.

use std::time::Duration;

use contract::ScreenReport;
use tokio::time::Instant;

/// A page in sight reports every 0.4 s; with a look it is missed within 2 s.
const SILENT_AFTER: Duration = Duration::from_millis(1_900);
/// What a page is behind with for so long, without having moved, it will not paint any more. A page that still reports
/// is given a little more than one that does not: on a busy machine painting is what waits.
const STUCK_AFTER: Duration = Duration::from_secs(2);
/// A page out of sight has its timers slowed down to one a second, and paints nothing.
const HIDDEN_SILENT_AFTER: Duration = Duration::from_secs(5);
/// A page that has just been opened is given this long for its first report.
const FIRST_REPORT_WITHIN: Duration = Duration::from_secs(10);

/// What is wrong with a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ailment {
    /// It does not report.
    Silent,
    /// It reports, but what it is sent does not get onto the screen.
    Stuck,
}

/// One stream to the page: what was sent of it, and what of that stands on the screen.
#[derive(Debug, Default)]
struct Stream {
    sent: Option<u64>,
    seen: Option<u64>,
    /// Since when the page is behind without having moved.
    behind_since: Option<Instant>,
}

impl Stream {
    fn sent(&mut self, seq: u64, now: Instant) {
        self.sent = Some(seq);
        // A page may be quicker to say that it has painted something than we are to write down that we sent it.
        if self.seen != Some(seq) {
            self.behind_since.get_or_insert(now);
        }
    }

    fn seen(&mut self, seq: u64, now: Instant) {
        if self.sent == Some(seq) {
            self.behind_since = None;
        } else if self.seen != Some(seq) && self.behind_since.is_some() {
            self.behind_since = Some(now);
        }
        self.seen = Some(seq);
    }

    fn is_stuck(&self, now: Instant) -> bool {
        self.behind_since.is_some_and(|since| now - since >= STUCK_AFTER)
    }
}

/// The page's signs of life.
#[derive(Debug)]
pub struct Liveness {
    silent_at: Instant,
    hidden: bool,
    pulses: Stream,
    frames: Stream,
}

impl Liveness {
    /// A page that has just been opened, or is being opened.
    pub fn opened(now: Instant) -> Self {
        Self {
            silent_at: now + FIRST_REPORT_WITHIN,
            hidden: false,
            pulses: Stream::default(),
            frames: Stream::default(),
        }
    }

    /// A pulse went to the page.
    pub fn pulse_sent(&mut self, seq: u64, now: Instant) {
        self.pulses.sent(seq, now);
    }

    /// A frame of waves went to the page.
    pub fn frame_sent(&mut self, seq: u32, now: Instant) {
        self.frames.sent(u64::from(seq), now);
    }

    /// The page says what it has painted.
    pub fn report(&mut self, report: &ScreenReport, now: Instant) {
        let silent_after = if report.hidden {
            HIDDEN_SILENT_AFTER
        } else {
            SILENT_AFTER
        };
        if self.hidden && !report.hidden {
            // What was sent while nobody could see it is not held against the page.
            self.pulses.behind_since = None;
            self.frames.behind_since = None;
        }
        self.hidden = report.hidden;
        self.silent_at = now + silent_after;
        self.pulses.seen(report.pulse_seq, now);
        self.frames.seen(u64::from(report.frame_seq), now);
    }

    /// Whether the page has reported since it was opened.
    pub fn has_reported(&self) -> bool {
        self.pulses.seen.is_some()
    }

    /// Whether the page has not reported in time; one that never connected has not either.
    pub fn is_silent(&self, now: Instant) -> bool {
        now >= self.silent_at
    }

    /// What is wrong with the page now.
    pub fn ailment(&self, now: Instant) -> Option<Ailment> {
        if self.is_silent(now) {
            return Some(Ailment::Silent);
        }
        // Before its first report a page is still being loaded.
        let is_up = self.has_reported() && !self.hidden;
        (is_up && (self.pulses.is_stuck(now) || self.frames.is_stuck(now))).then_some(Ailment::Stuck)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page told as a story: each tenth of a second a pulse and a frame are sent, each 0.4 s the page reports.
    #[expect(
        clippy::struct_excessive_bools,
        reason = "each is one way for a page to fail, and a story sets them"
    )]
    struct Page {
        now: Instant,
        liveness: Liveness,
        sent: u64,
        paints_pulses: bool,
        paints_frames: bool,
        reports: bool,
        hidden: bool,
        painted: (u64, u64),
    }

    impl Page {
        fn open() -> Self {
            let now = Instant::now();
            Self {
                now,
                liveness: Liveness::opened(now),
                sent: 0,
                paints_pulses: true,
                paints_frames: true,
                reports: true,
                hidden: false,
                painted: (0, 0),
            }
        }

        /// Milliseconds until something is wrong, at most `ms`; and what.
        fn lives(&mut self, ms: u64) -> Option<(u64, Ailment)> {
            for step in 1..=ms / 100 {
                self.now += Duration::from_millis(100);
                self.sent += 1;
                self.liveness.pulse_sent(self.sent, self.now);
                self.liveness.frame_sent(u32::try_from(self.sent).unwrap(), self.now);
                if self.paints_pulses {
                    self.painted.0 = self.sent;
                }
                if self.paints_frames {
                    self.painted.1 = self.sent;
                }
                if self.reports && self.sent.is_multiple_of(4) {
                    let report = ScreenReport {
                        frame_seq: u32::try_from(self.painted.1).unwrap(),
                        pulse_seq: self.painted.0,
                        hidden: self.hidden,
                        delays_ms: Vec::new(),
                        number_delays_ms: Vec::new(),
                        frames_per_second: 60.0,
                        main_ms: 1.0,
                    };
                    self.liveness.report(&report, self.now);
                }
                if let Some(ailment) = self.liveness.ailment(self.now) {
                    return Some((step * 100, ailment));
                }
            }
            None
        }
    }

    #[test]
    fn a_page_that_reports_but_paints_no_numbers_is_dead_after_two_seconds() {
        let mut page = Page::open();
        assert_eq!(page.lives(60_000), None);
        page.paints_pulses = false;
        let (ms, ailment) = page.lives(60_000).expect("it is seen");
        assert_eq!(ailment, Ailment::Stuck);
        assert!((2_000..2_500).contains(&ms), "{ms}");
        page.paints_pulses = true;
        for _ in 0..4 {
            page.lives(100);
        }
        assert_eq!(page.lives(60_000), None, "it lives again as soon as it gets on");
    }

    #[test]
    fn a_page_whose_waves_stand_still_is_dead_after_two_seconds() {
        let mut page = Page::open();
        assert_eq!(page.lives(10_000), None);
        page.paints_frames = false;
        let (ms, ailment) = page.lives(60_000).expect("it is seen");
        assert_eq!(ailment, Ailment::Stuck);
        assert!((2_000..2_500).contains(&ms), "{ms}");
    }

    #[test]
    fn a_page_that_falls_silent_is_dead_within_two_seconds() {
        let mut page = Page::open();
        assert_eq!(page.lives(10_000), None);
        page.reports = false;
        let (ms, _) = page.lives(60_000).expect("it is seen");
        assert!(ms < 2_000, "{ms}");
    }

    #[test]
    fn a_page_that_never_reports_is_missed_after_ten_seconds() {
        let mut page = Page::open();
        page.reports = false;
        assert_eq!(page.lives(60_000), Some((10_000, Ailment::Silent)));
    }

    #[test]
    fn a_page_that_is_sent_nothing_is_behind_with_nothing() {
        let mut page = Page::open();
        assert_eq!(page.lives(10_000), None);
        let report = |liveness: &mut Liveness, now| {
            let painted = ScreenReport {
                frame_seq: 100,
                pulse_seq: 100,
                hidden: false,
                delays_ms: Vec::new(),
                number_delays_ms: Vec::new(),
                frames_per_second: 0.0,
                main_ms: 0.0,
            };
            liveness.report(&painted, now);
        };
        for _ in 0..20 {
            page.now += Duration::from_secs(1);
            report(&mut page.liveness, page.now);
            assert_eq!(
                page.liveness.ailment(page.now),
                None,
                "the station stands still, not the page"
            );
        }
    }

    #[test]
    fn a_page_out_of_sight_paints_nothing_and_is_not_dead() {
        let mut page = Page::open();
        assert_eq!(page.lives(10_000), None);
        (page.hidden, page.paints_frames, page.paints_pulses) = (true, false, false);
        page.lives(400);
        assert_eq!(page.lives(60_000), None);
        (page.hidden, page.paints_frames, page.paints_pulses) = (false, true, true);
        assert_eq!(page.lives(60_000), None);
    }
}
