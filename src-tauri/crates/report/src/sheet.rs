//! A sheet of paper as a list of shapes, in millimetres from its upper left corner.
//!
//! Pages are laid out on it first and drawn later, so that a page can say how many there are, and so that a test can
//! ask whether two labels overlap.

use crate::face;

/// Millimetres in a point.
pub(crate) const POINT: f64 = 25.4 / 72.0;

/// A colour with its opacity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ink {
    pub red: u8,
    pub green: u8,
    pub blue: u8,
    pub opacity: f64,
}

const fn ink(red: u8, green: u8, blue: u8) -> Ink {
    Ink {
        red,
        green,
        blue,
        opacity: 1.0,
    }
}

impl Ink {
    pub(crate) const BLACK: Self = ink(0x14, 0x14, 0x18);
    pub(crate) const WHITE: Self = ink(0xff, 0xff, 0xff);
    /// Words that explain.
    pub(crate) const SOFT: Self = ink(0x5a, 0x5c, 0x66);
    /// Rules and axes.
    pub(crate) const RULE: Self = ink(0x9a, 0x9c, 0xa6);
    /// Lines behind data.
    pub(crate) const FAINT: Self = ink(0xdf, 0xe0, 0xe6);
    /// Behind a band of a table.
    pub(crate) const WASH: Self = ink(0xf4, 0xf5, 0xf8);
    /// ECG paper, each millimetre.
    pub(crate) const PAPER_FINE: Self = ink(0xfa, 0xdf, 0xdf);
    /// ECG paper, each fifth.
    pub(crate) const PAPER_BOLD: Self = ink(0xee, 0xa9, 0xa9);
    /// The trace itself; nothing else has this colour.
    pub(crate) const TRACE: Self = ink(0x08, 0x08, 0x0a);
    /// The calibration pulse; nothing else has this colour.
    pub(crate) const PULSE: Self = ink(0x09, 0x09, 0x30);
    /// A series of numbers.
    pub(crate) const SERIES: Self = ink(0x1f, 0x3d, 0x6e);
    /// Between its least and its greatest.
    pub(crate) const BAND: Self = ink(0xbc, 0xcb, 0xe2);
    /// Limits.
    pub(crate) const LIMIT: Self = ink(0x8a, 0x4b, 0x08);
    pub(crate) const HIGH: Self = ink(0xb3, 0x12, 0x1f);
    pub(crate) const MEDIUM: Self = ink(0xf0, 0xb4, 0x1c);
    pub(crate) const LOW: Self = ink(0xa9, 0xdd, 0xe8);
    /// Demo data.
    pub(crate) const WATERMARK: Self = Self {
        opacity: 0.09,
        ..ink(0x30, 0x30, 0x30)
    };
}

/// Which end of a label stands at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    Left,
    Middle,
    Right,
}

/// A line of words. `y` is where it stands: its baseline.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Label {
    pub x: f64,
    pub y: f64,
    /// In points.
    pub size: f64,
    pub bold: bool,
    pub anchor: Anchor,
    pub ink: Ink,
    pub text: String,
}

impl Label {
    /// How wide it is, in millimetres.
    #[cfg(test)]
    pub(crate) fn width(&self) -> f64 {
        width(&self.text, self.size, self.bold)
    }

    /// Left, top, right and bottom, by the height of its capitals.
    #[cfg(test)]
    pub(crate) fn bounds(&self) -> [f64; 4] {
        let left = match self.anchor {
            Anchor::Left => self.x,
            Anchor::Middle => self.x - self.width() / 2.0,
            Anchor::Right => self.x - self.width(),
        };
        [left, self.y - self.size * POINT * 0.72, left + self.width(), self.y]
    }
}

/// How wide `text` is at `size` points, in millimetres.
pub(crate) fn width(text: &str, size: f64, bold: bool) -> f64 {
    face::width(text, bold) * size * POINT
}

/// Something on the sheet.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    Line {
        points: Vec<(f64, f64)>,
        width: f64,
        ink: Ink,
    },
    Area {
        points: Vec<(f64, f64)>,
        ink: Ink,
    },
    Disc {
        at: (f64, f64),
        radius: f64,
        ink: Ink,
    },
    Words(Label),
}

/// One sheet of paper.
#[derive(Clone, Debug)]
pub(crate) struct Sheet {
    pub width: f64,
    pub height: f64,
    pub shapes: Vec<Shape>,
}

/// How words look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    pub size: f64,
    pub bold: bool,
    pub anchor: Anchor,
    pub ink: Ink,
}

impl Style {
    pub(crate) const fn new(size: f64) -> Self {
        Self {
            size,
            bold: false,
            anchor: Anchor::Left,
            ink: Ink::BLACK,
        }
    }

    pub(crate) const fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    pub(crate) const fn soft(self) -> Self {
        Self { ink: Ink::SOFT, ..self }
    }

    pub(crate) const fn ink(self, ink: Ink) -> Self {
        Self { ink, ..self }
    }

    pub(crate) const fn right(self) -> Self {
        Self {
            anchor: Anchor::Right,
            ..self
        }
    }

    pub(crate) const fn middle(self) -> Self {
        Self {
            anchor: Anchor::Middle,
            ..self
        }
    }

    /// How wide `text` is in it, in millimetres.
    pub(crate) fn width(self, text: &str) -> f64 {
        width(&face::printable(text), self.size, self.bold)
    }
}

impl Sheet {
    /// A4, upright.
    pub(crate) const fn portrait() -> Self {
        Self {
            width: 210.0,
            height: 297.0,
            shapes: Vec::new(),
        }
    }

    /// A4, lying.
    pub(crate) const fn landscape() -> Self {
        Self {
            width: 297.0,
            height: 210.0,
            shapes: Vec::new(),
        }
    }

    pub(crate) fn line(&mut self, points: Vec<(f64, f64)>, width: f64, ink: Ink) {
        if points.len() > 1 {
            self.shapes.push(Shape::Line { points, width, ink });
        }
    }

    pub(crate) fn across(&mut self, x: (f64, f64), y: f64, width: f64, ink: Ink) {
        self.line(vec![(x.0, y), (x.1, y)], width, ink);
    }

    pub(crate) fn down(&mut self, x: f64, y: (f64, f64), width: f64, ink: Ink) {
        self.line(vec![(x, y.0), (x, y.1)], width, ink);
    }

    pub(crate) fn area(&mut self, points: Vec<(f64, f64)>, ink: Ink) {
        self.shapes.push(Shape::Area { points, ink });
    }

    /// A filled box.
    pub(crate) fn block(&mut self, x: (f64, f64), y: (f64, f64), ink: Ink) {
        self.area(vec![(x.0, y.0), (x.1, y.0), (x.1, y.1), (x.0, y.1)], ink);
    }

    /// The outline of a box.
    pub(crate) fn frame(&mut self, x: (f64, f64), y: (f64, f64), width: f64, ink: Ink) {
        let corners = vec![(x.0, y.0), (x.1, y.0), (x.1, y.1), (x.0, y.1), (x.0, y.0)];
        self.line(corners, width, ink);
    }

    pub(crate) fn disc(&mut self, at: (f64, f64), radius: f64, ink: Ink) {
        self.shapes.push(Shape::Disc { at, radius, ink });
    }

    /// A line of dashes, each `dash` long and as far apart, along `points`.
    pub(crate) fn dashes(&mut self, points: &[(f64, f64)], dash: f64, width: f64, ink: Ink) {
        for pair in points.windows(2) {
            let [from, to] = pair else { continue };
            let (dx, dy) = (to.0 - from.0, to.1 - from.1);
            let length = dx.hypot(dy);
            let mut at = 0.0;
            while at < length {
                let end = (at + dash).min(length);
                let place = |d: f64| (from.0 + dx * d / length, from.1 + dy * d / length);
                self.line(vec![place(at), place(end)], width, ink);
                at += 2.0 * dash;
            }
        }
    }

    /// Slanting lines over a box: nothing was measured here.
    pub(crate) fn hatch(&mut self, x: (f64, f64), y: (f64, f64), ink: Ink) {
        const STEP: f64 = 2.0;
        let height = y.1 - y.0;
        let mut start = x.0 - height;
        while start < x.1 {
            let (left, right) = (start.max(x.0), (start + height).min(x.1));
            if right > left {
                let low = y.1 - (left - start);
                self.line(vec![(left, low), (right, low - (right - left))], 0.12, ink);
            }
            start += STEP;
        }
    }

    pub(crate) fn words(&mut self, at: (f64, f64), style: Style, text: &str) {
        let text = face::printable(text);
        if text.trim().is_empty() {
            return;
        }
        self.shapes.push(Shape::Words(Label {
            x: at.0,
            y: at.1,
            size: style.size,
            bold: style.bold,
            anchor: style.anchor,
            ink: style.ink,
            text,
        }));
    }

    /// Words that are no wider than `room`: smaller where they must be, down to seven tenths, and cut with a sign at last.
    pub(crate) fn words_within(&mut self, at: (f64, f64), style: Style, room: f64, text: &str) {
        let (style, text) = fitted(style, room, text);
        self.words(at, style, &text);
    }
}

/// `text` made to fit into `room` millimetres.
pub(crate) fn fitted(style: Style, room: f64, text: &str) -> (Style, String) {
    let whole = style.width(text);
    if whole <= room {
        return (style, text.to_owned());
    }
    let smaller = Style {
        size: (style.size * room / whole).max(style.size * 0.7),
        ..style
    };
    if smaller.width(text) <= room + 0.01 {
        return (smaller, text.to_owned());
    }
    let mut text = text.to_owned();
    while !text.is_empty() && smaller.width(&format!("{text}…")) > room {
        text.pop();
    }
    text.push('…');
    (smaller, text)
}

/// `text` in lines of at most `room` millimetres, broken at spaces (not at those that do not break) and,
/// where a word is longer, within it.
pub(crate) fn wrapped(style: Style, room: f64, text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split([' ', '\n', '\t']).filter(|word| !word.is_empty()) {
        let longer = if line.is_empty() {
            word.to_owned()
        } else {
            format!("{line} {word}")
        };
        if style.width(&longer) <= room {
            line = longer;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for c in word.chars() {
            line.push(c);
            if style.width(&line) > room && line.chars().count() > 1 {
                line.pop();
                lines.push(std::mem::take(&mut line));
                line.push(c);
            }
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}
