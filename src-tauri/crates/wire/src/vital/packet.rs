//! One packet: a device, a track, a record.

/// What the file's head says.
#[derive(Default)]
pub(super) struct Header {
    /// Minutes from local time to UTC.
    pub offset_min: i16,
    /// Seconds since 1970 (UTC), 0 where it is not known.
    pub start: f64,
}

pub(super) enum Packet {
    Device(u32, String),
    Track(Track),
    Record(Record),
    /// A kind that carries nothing to keep: raw bytes of a port, the order on a screen.
    Other,
}

/// What a track is.
#[derive(Clone, Debug)]
pub(super) struct Track {
    pub id: u16,
    pub kind: u8,
    pub format: Format,
    pub name: String,
    pub unit: String,
    /// Samples a second; 0 for numbers and words.
    pub rate: f64,
    pub gain: f64,
    pub offset: f64,
    pub device: u32,
}

/// A record's time and track, and where its content begins in the packet.
pub(super) struct Record {
    pub track: u16,
    /// Seconds since 1970 (UTC).
    pub at: f64,
    pub content: usize,
}

/// How a number is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    F32,
    F64,
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
}

impl Format {
    const fn of(code: u8) -> Option<Self> {
        Some(match code {
            1 => Self::F32,
            2 => Self::F64,
            3 => Self::I8,
            4 => Self::U8,
            5 => Self::I16,
            6 => Self::U16,
            7 => Self::I32,
            8 => Self::U32,
            _ => return None,
        })
    }

    /// Bytes a number.
    pub const fn width(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::F32 | Self::I32 | Self::U32 => 4,
            Self::F64 => 8,
        }
    }

    /// Whether the numbers are whole steps of a gain.
    pub const fn is_whole(self) -> bool {
        !matches!(self, Self::F32 | Self::F64)
    }

    /// The number at the beginning of `bytes`.
    pub fn read(self, bytes: &[u8]) -> Option<f64> {
        Some(match self {
            Self::F32 => f32::from_le_bytes(*bytes.first_chunk()?).into(),
            Self::F64 => f64::from_le_bytes(*bytes.first_chunk()?),
            Self::I8 => i8::from_le_bytes(*bytes.first_chunk()?).into(),
            Self::U8 => u8::from_le_bytes(*bytes.first_chunk()?).into(),
            Self::I16 => i16::from_le_bytes(*bytes.first_chunk()?).into(),
            Self::U16 => u16::from_le_bytes(*bytes.first_chunk()?).into(),
            Self::I32 => i32::from_le_bytes(*bytes.first_chunk()?).into(),
            Self::U32 => u32::from_le_bytes(*bytes.first_chunk()?).into(),
        })
    }
}

/// Bytes read one field after the other; `None` at the end.
pub(super) struct Body<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Body<'a> {
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn field<const N: usize>(&mut self) -> Option<[u8; N]> {
        let field = self.bytes.get(self.at..)?.first_chunk().copied()?;
        self.at += N;
        Some(field)
    }

    pub fn u8(&mut self) -> Option<u8> {
        self.field().map(u8::from_le_bytes)
    }

    pub fn u16(&mut self) -> Option<u16> {
        self.field().map(u16::from_le_bytes)
    }

    pub fn u32(&mut self) -> Option<u32> {
        self.field().map(u32::from_le_bytes)
    }

    pub fn f32(&mut self) -> Option<f32> {
        self.field().map(f32::from_le_bytes)
    }

    pub fn f64(&mut self) -> Option<f64> {
        self.field().map(f64::from_le_bytes)
    }

    /// A length and as many bytes of UTF-8; what is none is replaced.
    pub fn text(&mut self) -> Option<String> {
        let len = usize::try_from(self.u32()?).ok()?;
        let bytes = self.bytes.get(self.at..self.at.checked_add(len)?)?;
        self.at += len;
        let text = String::from_utf8_lossy(bytes).replace(char::is_control, " ");
        Some(text.trim().to_owned())
    }
}

/// The head of the file; short ones of older versions lack its end.
pub(super) fn head(bytes: &[u8]) -> Header {
    let mut body = Body::new(bytes);
    let offset_min = body.u16().map_or(0, u16::cast_signed);
    // Instance and version of the program.
    let start = body.u32().and(body.u32()).and_then(|_| body.f64()).unwrap_or(0.0);
    Header { offset_min, start }
}

/// A packet of a kind; `None` where its content cannot be right.
pub(super) fn read(kind: u8, bytes: &[u8]) -> Option<Packet> {
    let mut body = Body::new(bytes);
    match kind {
        9 => {
            let id = body.u32()?;
            let (kind, name) = (body.text()?, body.text()?);
            Some(Packet::Device(id, if name.is_empty() { kind } else { name }))
        }
        0 => track(&mut body).map(Packet::Track),
        1 => {
            let info = usize::from(body.u16()?);
            let (at, track) = (body.f64()?, body.u16()?);
            Some(Packet::Record(Record {
                track,
                at,
                content: 2 + info,
            }))
        }
        _ => Some(Packet::Other),
    }
}

/// Everything after the name may be missing.
fn track(body: &mut Body<'_>) -> Option<Track> {
    let (id, kind, code) = (body.u16()?, body.u8()?, body.u8()?);
    let name = body.text()?;
    let unit = body.text().unwrap_or_default();
    // Lowest and highest on the screen, colour.
    let _shown = (body.f32(), body.f32(), body.u32());
    // The rate is a short float: 62.4725 is meant, not 62.47249984741211.
    let rate = body.f32().and_then(|rate| rate.to_string().parse().ok()).unwrap_or(0.0);
    let gain = body
        .f64()
        .filter(|gain| gain.is_finite() && gain.abs() > 0.0)
        .unwrap_or(1.0);
    let offset = body.f64().filter(|offset| offset.is_finite()).unwrap_or(0.0);
    let _monitor_type = body.u8();
    let device = body.u32().unwrap_or(0);
    let format = match Format::of(code) {
        Some(format) => format,
        None if kind == 5 => Format::U8,
        None => return None,
    };
    Some(Track {
        id,
        kind,
        format,
        name,
        unit,
        rate,
        gain,
        offset,
        device,
    })
}
