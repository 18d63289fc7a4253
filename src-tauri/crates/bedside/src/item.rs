//! What a bed hands to its connections. Sequence numbers are each connection's own, so they are put in there.

use wire::native::{Message, encode_text};

/// Where the sequence number stands in a binary block.
const BINARY_SEQ_AT: usize = 4;
/// What stands for the sequence number in a [`Item::Template`].
pub(crate) const SEQ: &str = "@seq@";

/// One thing to send.
#[derive(Clone, Debug)]
pub(crate) enum Item {
    /// A message.
    Text(Message<'static>),
    /// A wave block, made once for all connections.
    Binary(Vec<u8>),
    /// Text with [`SEQ`] in it: what the typed messages cannot say.
    Template(String),
    /// Text as it is; takes no sequence number.
    RawText(&'static str),
    /// Bytes as they are; take no sequence number.
    RawBytes(&'static [u8]),
    /// The message before, once more.
    Again,
    /// A sequence number that is never sent.
    Lost,
    /// The connection is cut.
    Cut,
    /// The ward is over: the connection is closed with a farewell.
    End,
}

/// What goes into the socket.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Frame {
    Text(String),
    Binary(Vec<u8>),
}

/// Numbers the messages of one connection.
#[derive(Debug, Default)]
pub(crate) struct Numbering {
    seq: u32,
    last: Option<Frame>,
}

impl Numbering {
    /// The frame of an item; `None` where nothing is sent.
    pub(crate) fn frame(&mut self, item: &Item) -> Option<Frame> {
        let frame = match item {
            Item::Text(message) => Frame::Text(encode_text(&numbered(message, self.next())).ok()?),
            Item::Binary(block) => {
                let seq = self.next().to_le_bytes();
                let mut bytes = block.clone();
                bytes.get_mut(BINARY_SEQ_AT..BINARY_SEQ_AT + 4)?.copy_from_slice(&seq);
                Frame::Binary(bytes)
            }
            Item::Template(text) => Frame::Text(text.replace(SEQ, &self.next().to_string())),
            Item::RawText(text) => return Some(Frame::Text((*text).to_owned())),
            Item::RawBytes(bytes) => return Some(Frame::Binary(bytes.to_vec())),
            Item::Again => return self.last.clone(),
            Item::Lost => {
                self.next();
                return None;
            }
            Item::Cut | Item::End => return None,
        };
        self.last = Some(frame.clone());
        Some(frame)
    }

    /// Leaves out the numbers of messages that a slow connection missed.
    pub(crate) fn lost(&mut self, messages: u64) {
        self.seq = self.seq.saturating_add(u32::try_from(messages).unwrap_or(u32::MAX));
    }

    fn next(&mut self) -> u32 {
        self.seq = self.seq.saturating_add(1);
        self.seq
    }
}

fn numbered(message: &Message<'static>, number: u32) -> Message<'static> {
    let mut message = message.clone();
    let seq = match &mut message {
        Message::Hello(m) => &mut m.seq,
        Message::Numerics(m) => &mut m.seq,
        Message::Waves(m) => &mut m.seq,
        Message::Alert(m) => &mut m.seq,
        Message::Clock(m) => &mut m.seq,
    };
    *seq = number;
    message
}
