//! Pages as files: PDF, PNG and SVG of one drawing.

use std::fs;
use std::path::{Path, PathBuf};

use krilla::geom::Size;
use krilla::metadata::{DateTime, Metadata};
use krilla::page::PageSettings;
use krilla_svg::{SurfaceExt, SvgSettings};
use model::ReceiptTime;
use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg::{Options, Tree, WriteOptions};
use thiserror::Error;

use crate::sheet::{POINT, Shape, Sheet};
use crate::{face, plot};

/// Dots in an inch of a PNG: what a printer of an office does.
const DOTS: f64 = 300.0;

/// Why a page could not be made.
#[derive(Debug, Error)]
pub enum ReportError {
    /// The ending of the name is none of the three.
    #[error("{}: the name must end in .pdf, .png or .svg; the ending says what is written", path.display())]
    Ending {
        /// The file that was asked for.
        path: PathBuf,
    },
    /// History could not be read.
    #[error("what was recorded cannot be read: {0}")]
    History(#[from] store::StoreError),
    /// History has nothing to print.
    #[error("{0}")]
    Nothing(String),
    /// A page could not be drawn.
    #[error("page {page} cannot be drawn: {why}; this is a fault of the program, please tell its makers")]
    Drawing {
        /// Which page, from 1.
        page: usize,
        /// What the drawing library says.
        why: String,
    },
    /// A file could not be written.
    #[error("{} cannot be written: {source}; check the folder and the room on the disk", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// What a page can be written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// All pages in one file, text as text.
    Pdf,
    /// A file a page, 300 dots an inch.
    Png,
    /// A file a page, text as outlines, so that it looks the same without the font.
    Svg,
}

impl Format {
    /// By the ending of a name.
    pub fn of(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        match ending.as_str() {
            "pdf" => Some(Self::Pdf),
            "png" => Some(Self::Png),
            "svg" => Some(Self::Svg),
            _ => None,
        }
    }
}

/// Pages that are laid out and wait to be written.
#[derive(Clone, Debug)]
pub struct Pages {
    pub(crate) title: String,
    pub(crate) printed: ReceiptTime,
    pub(crate) software: String,
    pub(crate) sheets: Vec<Sheet>,
}

impl Pages {
    /// How many; at least one.
    pub fn count(&self) -> usize {
        self.sheets.len()
    }

    /// The lines of words on a page, in the order in which they were laid; none beyond the last page.
    pub fn words(&self, page: usize) -> Vec<&str> {
        let shapes = self.sheets.get(page).map_or(&[] as &[Shape], |sheet| &sheet.shapes);
        let words = shapes.iter().filter_map(|shape| match shape {
            Shape::Words(label) => Some(label.text.as_str()),
            Shape::Line { .. } | Shape::Area { .. } | Shape::Disc { .. } => None,
        });
        words.collect()
    }

    fn trees(&self) -> Result<Vec<Tree>, ReportError> {
        let options = Options {
            font_family: face::FAMILY.to_owned(),
            fontdb: face::database(),
            ..Options::default()
        };
        let tree = |(index, sheet)| {
            let fault = |why| ReportError::Drawing { page: index + 1, why };
            let text = plot::svg(sheet).map_err(fault)?;
            Tree::from_str(&text, &options).map_err(|e| fault(e.to_string()))
        };
        self.sheets.iter().enumerate().map(tree).collect()
    }

    /// One PDF with every page.
    pub fn pdf(&self) -> Result<Vec<u8>, ReportError> {
        let mut document = krilla::Document::new();
        let mut metadata = Metadata::new()
            .title(self.title.clone())
            .creator(self.software.clone())
            .producer(self.software.clone())
            .language("en".to_owned());
        if let Some(at) = pdf_time(self.printed) {
            metadata = metadata.creation_date(at);
        }
        document.set_metadata(metadata);
        for (index, (tree, sheet)) in self.trees()?.iter().zip(&self.sheets).enumerate() {
            let fault = |why: &str| ReportError::Drawing {
                page: index + 1,
                why: why.to_owned(),
            };
            let (width, height) = (points(sheet.width), points(sheet.height));
            let settings = PageSettings::from_wh(width, height).ok_or_else(|| fault("its size is not one of paper"))?;
            let size = Size::from_wh(width, height).ok_or_else(|| fault("its size is not one of paper"))?;
            let mut page = document.start_page_with(settings);
            let mut surface = page.surface();
            surface
                .draw_svg(tree, size, SvgSettings::default())
                .ok_or_else(|| fault("the PDF library did not take it"))?;
            surface.finish();
            page.finish();
        }
        document.finish().map_err(|error| ReportError::Drawing {
            page: self.count(),
            why: format!("{error:?}"),
        })
    }

    /// A PNG of each page, at 300 dots an inch.
    pub fn png(&self) -> Result<Vec<Vec<u8>>, ReportError> {
        self.png_at(DOTS)
    }

    /// A PNG of each page, at `dots` an inch.
    pub fn png_at(&self, dots: f64) -> Result<Vec<Vec<u8>>, ReportError> {
        let picture = |(index, (tree, sheet)): (usize, (&Tree, &Sheet))| {
            let fault = |why: String| ReportError::Drawing { page: index + 1, why };
            let (width, height) = (dots_of(sheet.width, dots), dots_of(sheet.height, dots));
            let mut pixmap =
                Pixmap::new(width, height).ok_or_else(|| fault(format!("{width} by {height} dots are too many")))?;
            pixmap.fill(Color::WHITE);
            let size = tree.size();
            let scale = Transform::from_scale(ratio(width, size.width()), ratio(height, size.height()));
            resvg::render(tree, scale, &mut pixmap.as_mut());
            pixmap.encode_png().map_err(|e| fault(e.to_string()))
        };
        self.trees()?
            .iter()
            .zip(&self.sheets)
            .enumerate()
            .map(picture)
            .collect()
    }

    /// An SVG of each page. Text is drawn as outlines, and said once more for those who search or listen.
    pub fn svg(&self) -> Result<Vec<String>, ReportError> {
        let page = |(index, (tree, sheet)): (usize, (Tree, &Sheet))| {
            let text = tree.to_string(&WriteOptions::default());
            let (head, body) = text.split_once('>').unwrap_or((&text, ""));
            let rest = head.split_once("xmlns").map_or("", |(_, rest)| rest);
            let words = escaped(&self.words(index).join("\n"));
            let (wide, tall, size) = (sheet.width, sheet.height, tree.size());
            format!(
                "<svg width=\"{wide}mm\" height=\"{tall}mm\" viewBox=\"0 0 {} {}\" xmlns{rest}>\n    \
                 <title>{}</title>\n    <desc>{words}</desc>{body}",
                size.width(),
                size.height(),
                escaped(&self.title),
            )
        };
        Ok(self
            .trees()?
            .into_iter()
            .zip(&self.sheets)
            .enumerate()
            .map(page)
            .collect())
    }

    /// Writes the pages as the ending of `path` says and gives the files. A PDF holds all of them; of PNG and SVG there
    /// is one file a page, `NAME-1.png`, `NAME-2.png` …, where there are several. A file stands whole or not at all.
    pub fn write(&self, path: &Path) -> Result<Vec<PathBuf>, ReportError> {
        let ending = || ReportError::Ending { path: path.to_owned() };
        let contents: Vec<Vec<u8>> = match Format::of(path).ok_or_else(ending)? {
            Format::Pdf => vec![self.pdf()?],
            Format::Png => self.png()?,
            Format::Svg => self.svg()?.into_iter().map(String::into_bytes).collect(),
        };
        let many = contents.len() > 1;
        let mut written = Vec::new();
        for (index, bytes) in contents.iter().enumerate() {
            let path = if many {
                numbered(path, index + 1)
            } else {
                path.to_owned()
            };
            put(&path, bytes)?;
            written.push(path);
        }
        Ok(written)
    }
}

fn numbered(path: &Path, page: usize) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{stem}-{page}.{ending}"))
}

/// Beside it first, then in its place.
fn put(path: &Path, bytes: &[u8]) -> Result<(), ReportError> {
    let fault = |source| ReportError::File {
        path: path.to_owned(),
        source,
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let part = path.with_file_name(format!(".{name}.part"));
    let done = fs::write(&part, bytes).and_then(|()| fs::rename(&part, path));
    if done.is_err() && part.exists() {
        fs::remove_file(&part).map_err(fault)?;
    }
    done.map_err(fault)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn pdf_time(at: ReceiptTime) -> Option<DateTime> {
    let at = jiff::Timestamp::from_microsecond(at.as_micros()).ok()?;
    let at = at.to_zoned_datetime(jiff::tz::TimeZone::UTC);
    let part = |n: i8| u8::try_from(n).unwrap_or(0);
    let day = DateTime::new(u16::try_from(at.year()).ok()?)
        .month(part(at.month()))
        .day(part(at.day()));
    let time = day
        .hour(part(at.hour()))
        .minute(part(at.minute()))
        .second(part(at.second()));
    Some(time.utc_offset_hour(0).utc_offset_minute(0))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the PDF library counts in f32; 842 points keep six digits"
)]
fn points(mm: f64) -> f32 {
    (mm / POINT) as f32
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a page has some thousand dots; the cast saturates"
)]
fn dots_of(mm: f64, dots: f64) -> u32 {
    (mm / 25.4 * dots).round().max(1.0) as u32
}

#[expect(clippy::cast_precision_loss, reason = "some thousand dots are exact")]
fn ratio(dots: u32, size: f32) -> f32 {
    dots as f32 / size
}
