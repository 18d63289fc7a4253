//! Names to addresses. The system's resolver blocks a thread and cannot be cancelled, so a name is asked for once at a time
//! and whoever else wants it waits for that answer: a resolver that hangs costs one thread a name, not one a try.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use model::LostBecause;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::watch;

use crate::connect::reason;

/// What a lookup came to; the error is said for people.
type Found = Result<Vec<SocketAddr>, String>;

/// The lookups of this process.
static SYSTEM: LazyLock<Names> =
    LazyLock::new(|| Names::new(|host| (host, 0).to_socket_addrs().map(Iterator::collect)));

/// Names that are being looked up.
#[derive(Clone)]
pub(crate) struct Names {
    running: Arc<Mutex<HashMap<String, watch::Receiver<Option<Found>>>>>,
    resolve: Arc<Resolver>,
}

/// Looks a name up; blocks.
type Resolver = dyn Fn(&str) -> io::Result<Vec<SocketAddr>> + Send + Sync;

impl Names {
    /// The system's resolver.
    pub(crate) fn system() -> Self {
        SYSTEM.clone()
    }

    /// `resolve` blocks.
    fn new(resolve: impl Fn(&str) -> io::Result<Vec<SocketAddr>> + Send + Sync + 'static) -> Self {
        Self {
            running: Arc::default(),
            resolve: Arc::new(resolve),
        }
    }

    /// The addresses of `host` with `port`. Waits as long as the resolver does: give it an end.
    pub(crate) async fn addresses(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, LostBecause> {
        if let Ok(address) = host.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        let mut answer = self.asked(host);
        let found = match answer.wait_for(Option::is_some).await {
            Ok(found) => found.clone(),
            // The thread is gone without an answer.
            Err(_) => None,
        };
        let unknown = |why: String| {
            LostBecause::Unreachable(format!(
                "its name leads to no address ({why}); check the address in station.toml"
            ))
        };
        let mut addresses = found
            .unwrap_or_else(|| Err("the lookup failed".to_owned()))
            .map_err(unknown)?;
        for address in &mut addresses {
            address.set_port(port);
        }
        Ok(addresses)
    }

    /// The lookup of `host` that runs, or a new one.
    fn asked(&self, host: &str) -> watch::Receiver<Option<Found>> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = running.get(host) {
            return answer.clone();
        }
        let (tell, answer) = watch::channel(None);
        running.insert(host.to_owned(), answer.clone());
        drop(running);
        let names = self.clone();
        let host = host.to_owned();
        tokio::task::spawn_blocking(move || {
            let found = (names.resolve)(&host).map_err(|error| reason(&error));
            let mut running = names.running.lock().unwrap_or_else(PoisonError::into_inner);
            running.remove(&host);
            drop(running);
            tell.send_replace(Some(found));
        });
        answer
    }
}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let names = self.clone();
        Box::pin(async move {
            let found = names
                .addresses(name.as_str(), 0)
                .await
                .map_err(|why| io::Error::other(why.to_string()))?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::mpsc;
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn a_resolver_that_hangs_is_asked_once_however_often_a_feed_tries() {
        let asked = Arc::new(AtomicU32::new(0));
        let (release, hangs) = mpsc::sync_channel::<()>(2);
        let (count, hangs) = (Arc::clone(&asked), Mutex::new(hangs));
        let names = Names::new(move |_| {
            count.fetch_add(1, Ordering::SeqCst);
            // An error says that the test is over.
            hangs.lock().unwrap().recv().ok();
            Ok(vec![SocketAddr::from(([10, 0, 0, 7], 0))])
        });
        for _ in 0..20 {
            let tried = timeout(Duration::from_millis(5), names.addresses("monitor.ward", 9_101)).await;
            assert!(tried.is_err(), "{tried:?}");
        }
        let waiting = tokio::spawn({
            let names = names.clone();
            async move { names.addresses("monitor.ward", 9_102).await }
        });
        tokio::task::yield_now().await;
        release.send(()).unwrap();
        assert_eq!(
            waiting.await.unwrap(),
            Ok(vec![SocketAddr::from(([10, 0, 0, 7], 9_102))])
        );
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        // The next try asks anew.
        release.send(()).unwrap();
        assert!(names.addresses("monitor.ward", 9_101).await.is_ok());
        assert_eq!(asked.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_name_that_is_unknown_says_what_to_do_and_an_address_asks_nobody() {
        let names = Names::new(|_| Err(io::Error::other("no such name")));
        let unknown = names.addresses("monitor.ward", 1).await;
        assert!(
            matches!(&unknown, Err(LostBecause::Unreachable(why)) if why.contains("station.toml")),
            "{unknown:?}"
        );
        let address = names.addresses("::1", 7).await.unwrap();
        assert_eq!(address, ["[::1]:7".parse().unwrap()]);
    }
}
