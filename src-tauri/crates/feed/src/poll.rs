//! Polling over HTTP: a server that is asked again and again.
