//! What a process has used, as the kernel counts it.

use std::path::Path;

use acceptance::Trouble;

/// Clock ticks a second in `/proc/…/stat`: 100 on every Linux that Rust runs on.
const TICKS: f64 = 100.0;

/// Processor time and memory at one moment.
pub struct Usage {
    /// Seconds of processor time so far, user and system.
    pub cpu_s: f64,
    /// Greatest resident memory so far, in MB.
    pub resident_mb: f64,
}

impl Usage {
    /// Of a process, now.
    pub fn of(process: u32) -> Result<Self, Trouble> {
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
        let (_, after_name) = stat.rsplit_once(')').ok_or("/proc/…/stat has no name")?;
        let ticks: f64 = after_name
            .split_whitespace()
            .skip(11)
            .take(2)
            .filter_map(|word| word.parse::<f64>().ok())
            .sum();
        let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
        let peak = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .ok_or("/proc/…/status has no peak")?;
        let kib: f64 = peak.trim().trim_end_matches(" kB").trim().parse()?;
        Ok(Self {
            cpu_s: ticks / TICKS,
            resident_mb: kib / 1_024.0,
        })
    }
}

/// Bytes of all files in a folder.
pub fn folder_bytes(folder: &Path) -> Result<u64, Trouble> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        bytes += entry?.metadata()?.len();
    }
    Ok(bytes)
}
