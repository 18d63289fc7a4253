//! The codecs as they are used, misused and flooded. One binary, so that the stories share their teller.

mod feed_md;
mod floods;
mod kit;
mod laws;
mod native_stories;
mod off_clocks;
mod polls;
mod timeline;
