//! One window a data directory: a second start shows the first window instead of failing where nobody reads why.
//!
//! The lock on the directory is the store's. This is only the bell: an abstract Unix socket named after the directory,
//! which leaves no file behind and vanishes with the process.

use std::io::Read;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::path::Path;
use std::time::Duration;

/// A first window that does not answer within this is not shown; the lock then says what is wrong.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);
/// What the first window answers.
const SHOWN: &[u8] = b"wardlight: shown\n";

/// The bell's name. `None` while the directory is not there: then nobody records in it.
fn address(data_dir: &Path) -> Option<SocketAddr> {
    let about = std::fs::metadata(data_dir).ok()?;
    SocketAddr::from_abstract_name(format!("org.wardlight.desktop/{}-{}", about.dev(), about.ino())).ok()
}

/// Asks a window that is open on this directory to show itself; whether it did.
pub fn show_first(data_dir: &Path) -> bool {
    let Some(mut first) = address(data_dir).and_then(|address| UnixStream::connect_addr(&address).ok()) else {
        return false;
    };
    let mut answer = Vec::new();
    first.set_read_timeout(Some(ANSWER_WITHIN)).is_ok() && first.read_to_end(&mut answer).is_ok() && answer == SHOWN
}

/// Shows this window whenever a later start rings. Runs until the program ends; call it inside a tokio runtime.
pub async fn answer_later_ones(data_dir: &Path, show: impl Fn()) -> std::io::Result<()> {
    let Some(address) = address(data_dir) else {
        return Ok(());
    };
    let bell = UnixListener::bind_addr(&address)?;
    bell.set_nonblocking(true)?;
    let bell = tokio::net::UnixListener::from_std(bell)?;
    let own = std::fs::metadata("/proc/self")?.uid();
    loop {
        let (mut visitor, _) = bell.accept().await?;
        // Abstract sockets have no permissions: only this user may ring.
        if visitor.peer_cred().is_ok_and(|peer| peer.uid() == own) {
            show();
            // A visitor who has gone again needs no answer.
            drop(tokio::io::AsyncWriteExt::write_all(&mut visitor, SHOWN).await);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_second_start_shows_the_first_window_and_one_elsewhere_does_not() {
        let first = tempfile::tempdir().unwrap();
        let other = tempfile::tempdir().unwrap();
        let path = first.path().to_owned();
        assert!(!show_first(&path), "nobody is there yet");
        let shown = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&shown);
        let dir = path.clone();
        tokio::spawn(async move {
            answer_later_ones(&dir, || {
                count.fetch_add(1, Ordering::Relaxed);
            })
            .await
        });
        let rang = tokio::task::spawn_blocking(move || (0..1_000).any(|_| show_first(&path)))
            .await
            .unwrap();
        assert!(rang);
        assert_eq!(shown.load(Ordering::Relaxed), 1);
        assert!(!show_first(other.path()));
        assert!(!show_first(&other.path().join("missing")));
    }
}
