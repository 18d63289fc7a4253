//! What is printed.

use crate::delays::Seen;

/// One server at one size of ward.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Beds.
    pub beds: u16,
    /// What the viewer saw.
    pub seen: Seen,
    /// The server's processor seconds in the span.
    pub cpu_s: f64,
    /// The span.
    pub took_s: f64,
    /// The server's greatest resident memory.
    pub resident_mb: f64,
    /// What it left on disk, from its first second to its last.
    pub disk_bytes: u64,
}

impl Row {
    fn cpu_per_million(&self) -> f64 {
        self.cpu_s / millions(self.seen.samples)
    }

    fn bytes_a_sample(&self) -> f64 {
        millions(self.disk_bytes) / millions(self.seen.samples_ever)
    }
}

fn millions(count: u64) -> f64 {
    i64::try_from(count).map_or(f64::NAN, |count| {
        #[expect(clippy::cast_precision_loss, reason = "counts of a bench are far below 2^53")]
        let count = count as f64;
        count / 1e6
    })
}

/// The names of the columns.
pub fn head() {
    println!(
        "{:>5} {:<5} {:>9} {:>8} {:>6} {:>9} {:>9} {:>9} {:>9} {:>7} {:>8}",
        "beds", "", "samples", "CPU s/M", "cores", "p50 ms", "p99 ms", "p99.9 ms", "max ms", "RSS MB", "bytes/s*"
    );
}

/// One line.
pub fn row(name: &str, row: &Row) {
    let Row { beds, seen, .. } = row;
    println!(
        "{beds:>5} {name:<5} {:>8.2}M {:>8.3} {:>6.2} {:>9.2} {:>9.2} {:>9.2} {:>9.2} {:>7.1} {:>8.2}",
        millions(seen.samples),
        row.cpu_per_million(),
        row.cpu_s / row.took_s,
        seen.p50_ms,
        seen.p99_ms,
        seen.p999_ms,
        seen.max_ms,
        row.resident_mb,
        row.bytes_a_sample(),
    );
    if seen.dropped > 0 {
        println!(
            "      {} wave blocks were dropped on the way to the viewer",
            seen.dropped
        );
    }
}

/// Ours beside the peer's, and the goals: those of a thousand beds and the memory of three hundred.
pub fn beside(ours: &Row, peer: &Row) {
    let goals = [
        ("CPU", ours.cpu_per_million() / peer.cpu_per_million(), 1.0 / 3.0),
        ("p99", ours.seen.p99_ms / peer.seen.p99_ms, 1.0 / 100.0),
        ("p99.9", ours.seen.p999_ms / peer.seen.p999_ms, 1.0 / 20.0),
        ("memory", ours.resident_mb / peer.resident_mb, 1.0 / 5.0),
    ];
    for (what, ratio, goal) in goals {
        println!(
            "      {what}: 1/{:.1} of the peer's; goal 1/{:.0}: {}",
            1.0 / ratio,
            1.0 / goal,
            verdict(ratio <= goal)
        );
    }
}

/// The goals that need no peer.
pub fn alone(ours: &Row) {
    let seen = ours.seen;
    println!(
        "      p99 at most 1 ms: {}; p99.9 at most 5 ms: {}; nothing dropped: {}",
        verdict(seen.p99_ms <= 1.0),
        verdict(seen.p999_ms <= 5.0),
        verdict(seen.dropped == 0)
    );
}

fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "MISSED" }
}
