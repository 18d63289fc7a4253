//! Long chunks in pages, so that ten seconds of ten minutes are read without the rest.
//!
//! `samples in a page, bytes of what all pages share (32 bits each), that, bytes of each page (32 bits each), pages`.

use std::ops::Range;

use pco::data_types::Number;
use pco::wrapped::{FileCompressor, FileDecompressor};
use pco::{ChunkConfig, PagingSpec};

use crate::bytes::{Pack, Unpack};
use crate::codec::ITEMS_MAX;
use crate::rice;

/// Samples in a page: 8 s of ECG at 250 Hz, 10 microseconds to decode.
pub(crate) const PAGE: usize = 2_048;

fn put(shared: &[u8], pages: &[Vec<u8>]) -> Option<Vec<u8>> {
    let number = |count: usize| u32::try_from(count).ok();
    let mut pack = Pack::default();
    pack.u32(number(PAGE)?);
    pack.u32(number(shared.len())?);
    pack.0.extend_from_slice(shared);
    for page in pages {
        pack.u32(number(page.len())?);
    }
    for page in pages {
        pack.0.extend_from_slice(page);
    }
    Some(pack.0)
}

/// By pco. All pages share what it learned of the chunk.
pub(crate) fn pco<T: Number>(samples: &[T], config: ChunkConfig) -> Option<Vec<u8>> {
    let sizes = samples.chunks(PAGE).map(<[T]>::len).collect();
    let config = config.with_paging_spec(PagingSpec::Exact(sizes));
    let file = FileCompressor::default();
    let mut shared = Vec::new();
    file.write_header(&mut shared).ok()?;
    let mut chunk = file.chunk_compressor(samples, &config).ok()?;
    chunk.write_meta(&mut shared).ok()?;
    let mut pages = Vec::new();
    for index in 0..chunk.n_per_page().len() {
        let mut page = Vec::new();
        chunk.write_page(index, &mut page).ok()?;
        pages.push(page);
    }
    put(&shared, &pages)
}

/// By a linear predictor.
pub(crate) fn rice<T: Copy + Into<i32>>(samples: &[T]) -> Option<Vec<u8>> {
    let page = |page: &[T]| rice::pack_page(&page.iter().map(|s| (*s).into()).collect::<Vec<i32>>());
    let pages: Vec<_> = samples.chunks(PAGE).map(page).collect();
    put(&[], &pages)
}

/// Pages as they lie.
struct Paged<'a> {
    each: usize,
    count: usize,
    shared: &'a [u8],
    pages: Vec<&'a [u8]>,
}

impl<'a> Paged<'a> {
    fn read(bytes: &'a [u8], count: usize) -> Option<Self> {
        let mut from = Unpack(bytes);
        let each = usize::try_from(from.u32()?).ok()?;
        if each == 0 || each > ITEMS_MAX || count > ITEMS_MAX {
            return None;
        }
        let length = usize::try_from(from.u32()?).ok()?;
        let shared = from.take(length)?;
        let mut lengths = Vec::new();
        for _ in 0..count.div_ceil(each) {
            lengths.push(usize::try_from(from.u32()?).ok()?);
        }
        let pages = lengths
            .into_iter()
            .map(|length| from.take(length))
            .collect::<Option<_>>()?;
        Some(Self {
            each,
            count,
            shared,
            pages,
        })
    }

    /// The pages that hold `wanted`, each with how many samples it has, and the number of the first such sample.
    fn of(&self, wanted: &Range<usize>) -> (usize, impl Iterator<Item = (&'a [u8], usize)>) {
        let first = wanted.start / self.each;
        let last = wanted.end.div_ceil(self.each);
        let length = |index: usize| (self.count - index * self.each).min(self.each);
        let pages = self.pages.iter().enumerate().take(last).skip(first);
        (
            first * self.each,
            pages.map(move |(index, page)| (*page, length(index))),
        )
    }
}

const BROKEN: &str = "its pages do not hold what it says";

/// The samples `wanted` and those that share a page with them, and which the first of these is.
pub(crate) fn unpco<T: Number + Default>(
    bytes: &[u8],
    count: usize,
    wanted: &Range<usize>,
) -> Result<(usize, Vec<T>), String> {
    let held = Paged::read(bytes, count).ok_or(BROKEN)?;
    let said = |error: pco::errors::PcoError| error.to_string();
    let (file, rest) = FileDecompressor::new(held.shared).map_err(said)?;
    let (mut chunk, _) = file.chunk_decompressor::<T, _>(rest).map_err(said)?;
    let (first, pages) = held.of(wanted);
    let mut samples = Vec::new();
    for (page, length) in pages {
        let start = samples.len();
        samples.resize(start + length, T::default());
        let mut page = chunk.page_decompressor(page, length).map_err(said)?;
        let progress = page.read(samples.get_mut(start..).unwrap_or(&mut [])).map_err(said)?;
        if progress.n_processed != length {
            return Err(BROKEN.to_owned());
        }
    }
    Ok((first, samples))
}

/// The same of pages by the linear predictor.
pub(crate) fn unrice<T: TryFrom<i32>>(
    bytes: &[u8],
    count: usize,
    wanted: &Range<usize>,
) -> Result<(usize, Vec<T>), String> {
    let held = Paged::read(bytes, count).ok_or(BROKEN)?;
    let (first, pages) = held.of(wanted);
    let mut samples = Vec::new();
    for (page, length) in pages {
        for value in rice::unpack_page(page, length).ok_or(BROKEN)? {
            samples.push(T::try_from(value).map_err(|_| BROKEN)?);
        }
    }
    Ok((first, samples))
}
