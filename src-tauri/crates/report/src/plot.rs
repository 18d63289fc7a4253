//! From a sheet to SVG, by plotters. One of its pixels is a hundredth of a millimetre.

use plotters::prelude::{DrawingBackend, IntoFont, RGBAColor, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, ShapeStyle, TextStyle};

use crate::face;
use crate::sheet::{Anchor, Ink, Label, POINT, Shape, Sheet};

/// Pixels of the SVG in a millimetre.
const PER_MM: f64 = 100.0;

/// plotters divides a font's size by this for SVG; it is multiplied back so that a point is a point.
const SVG_FONT_SHRINK: f64 = 1.24;

/// A label anchored at the bottom stands half an ex above its place, and an ex is half an em for every renderer here.
const BOTTOM_LIFT: f64 = 0.25;

#[expect(
    clippy::cast_possible_truncation,
    reason = "a sheet is some hundred millimetres; the cast saturates where a wave runs beyond it"
)]
fn pixels(mm: f64) -> i32 {
    (mm * PER_MM).round() as i32
}

fn place(at: (f64, f64)) -> (i32, i32) {
    (pixels(at.0), pixels(at.1))
}

fn colour(ink: Ink) -> RGBAColor {
    RGBAColor(ink.red, ink.green, ink.blue, ink.opacity)
}

fn style(ink: Ink, width: f64) -> ShapeStyle {
    let stroke = u32::try_from(pixels(width)).unwrap_or(1).max(1);
    colour(ink).filled().stroke_width(stroke)
}

/// The SVG of one sheet. Its text names the font and is drawn by whoever has it.
pub(crate) fn svg(sheet: &Sheet) -> Result<String, String> {
    let mut out = String::new();
    let size = (pixels(sheet.width).unsigned_abs(), pixels(sheet.height).unsigned_abs());
    let drawn = {
        let mut backend = SVGBackend::with_string(&mut out, size);
        sheet
            .shapes
            .iter()
            .try_for_each(|shape| draw(&mut backend, shape))
            .and_then(|()| backend.present().map_err(|e| e.to_string()))
    };
    drawn?;
    // The size of the paper, so that a printer and a viewer know it.
    let pixels = format!("width=\"{}\" height=\"{}\"", size.0, size.1);
    let paper = format!("width=\"{}mm\" height=\"{}mm\"", sheet.width, sheet.height);
    Ok(out.replacen(&pixels, &paper, 1))
}

fn draw<B: DrawingBackend>(backend: &mut B, shape: &Shape) -> Result<(), String> {
    let drawn = match shape {
        Shape::Line { points, width, ink } => backend.draw_path(points.iter().map(|p| place(*p)), &style(*ink, *width)),
        Shape::Area { points, ink } => backend.fill_polygon(points.iter().map(|p| place(*p)), &style(*ink, 0.0)),
        Shape::Disc { at, radius, ink } => {
            let radius = u32::try_from(pixels(*radius)).unwrap_or(1);
            backend.draw_circle(place(*at), radius, &style(*ink, 0.0), true)
        }
        Shape::Words(label) => return words(backend, label),
    };
    drawn.map_err(|e| e.to_string())
}

fn words<B: DrawingBackend>(backend: &mut B, label: &Label) -> Result<(), String> {
    let size = label.size * POINT * PER_MM;
    let weight = if label.bold { FontStyle::Bold } else { FontStyle::Normal };
    let anchor = match label.anchor {
        Anchor::Left => HPos::Left,
        Anchor::Middle => HPos::Center,
        Anchor::Right => HPos::Right,
    };
    let font = (face::FAMILY, size * SVG_FONT_SHRINK).into_font().style(weight);
    let colour = colour(label.ink);
    let style = TextStyle::from(font).color(&colour).pos(Pos::new(anchor, VPos::Bottom));
    let at = (pixels(label.x), pixels(label.y + BOTTOM_LIFT * label.size * POINT));
    backend.draw_text(&label.text, &style, at).map_err(|e| e.to_string())
}
