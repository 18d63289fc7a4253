//! Tables that go on over as many pages as they need.

use crate::heading::{BODY_TOP, Heading, MARGIN, body_bottom};
use crate::sheet::{Ink, Sheet, Style, wrapped};

const SIZE: f64 = 7.0;
const LINE: f64 = 3.2;
const ROW_AIR: f64 = 1.3;

/// A column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    pub name: &'static str,
    /// Share of the width.
    pub share: f64,
    pub right: bool,
}

pub(crate) const fn column(name: &'static str, share: f64) -> Column {
    Column {
        name,
        share,
        right: false,
    }
}

pub(crate) const fn number(name: &'static str, share: f64) -> Column {
    Column {
        name,
        share,
        right: true,
    }
}

/// Sheets being filled from top to bottom.
pub(crate) struct Paper<'h> {
    heading: &'h Heading,
    title: &'h str,
    pub sheets: Vec<Sheet>,
    /// How far the last sheet is filled.
    pub y: f64,
}

impl<'h> Paper<'h> {
    pub(crate) fn new(heading: &'h Heading, title: &'h str) -> Self {
        let mut paper = Self {
            heading,
            title,
            sheets: Vec::new(),
            y: 0.0,
        };
        paper.turn();
        paper
    }

    /// A new sheet.
    fn turn(&mut self) {
        let mut sheet = Sheet::portrait();
        self.heading.draw(&mut sheet, self.title);
        self.sheets.push(sheet);
        self.y = BODY_TOP;
    }

    /// Makes sure that `height` millimetres are free, on a new sheet where they are not.
    pub(crate) fn need(&mut self, height: f64) {
        if self.y + height > self.bottom() {
            self.turn();
        }
    }

    fn bottom(&self) -> f64 {
        self.sheets.last().map_or(0.0, body_bottom)
    }

    /// Left and right of the body.
    pub(crate) fn sides(&self) -> (f64, f64) {
        let width = self.sheets.last().map_or(0.0, |s| s.width);
        (MARGIN, width - MARGIN)
    }

    pub(crate) fn draw(&mut self, shapes: impl FnOnce(&mut Sheet)) {
        if let Some(sheet) = self.sheets.last_mut() {
            shapes(sheet);
        }
    }

    /// A heading within the page, and room for a little of what follows.
    pub(crate) fn section(&mut self, title: &str, note: &str) {
        self.need(24.0);
        let (left, right) = self.sides();
        let y = self.y + 4.5;
        self.draw(|sheet| {
            let style = Style::new(10.0).bold();
            sheet.words((left, y), style, title);
            let after = left + style.width(title) + 3.0;
            sheet.words_within((after, y), Style::new(7.0).soft(), right - after, note);
        });
        self.y += 7.5;
    }

    /// A table; its head is repeated on each sheet. `none` is said where there is no row.
    pub(crate) fn table(&mut self, columns: &[Column], rows: &[Vec<String>], none: &str) {
        let (left, right) = self.sides();
        if rows.is_empty() {
            let y = self.y + 2.5;
            self.draw(|sheet| sheet.words((left, y), Style::new(8.0).soft(), none));
            self.y += 6.0;
            return;
        }
        self.head(columns);
        let wide = right - left;
        for (index, row) in rows.iter().enumerate() {
            let cells: Vec<Vec<String>> = columns
                .iter()
                .zip(row)
                .map(|(column, cell)| wrapped(Style::new(SIZE), column.share * wide - 2.2, cell))
                .collect();
            let lines = cells.iter().map(Vec::len).max().unwrap_or(1);
            let height = f64::from(u32::try_from(lines).unwrap_or(1)) * LINE + ROW_AIR;
            if self.y + height > self.bottom() {
                self.turn();
                self.head(columns);
            }
            let top = self.y;
            self.draw(|sheet| {
                if index % 2 == 1 {
                    sheet.block((left, right), (top, top + height), Ink::WASH);
                }
                let mut x = left;
                for (column, lines) in columns.iter().zip(&cells) {
                    let room = column.share * wide;
                    let mut y = top + LINE - 0.3;
                    for line in lines {
                        cell(sheet, (x, y), room, column.right, line);
                        y += LINE;
                    }
                    x += room;
                }
            });
            self.y += height;
        }
        let y = self.y;
        self.draw(|sheet| sheet.across((left, right), y, 0.15, Ink::RULE));
        self.y += 3.0;
    }

    fn head(&mut self, columns: &[Column]) {
        let (left, right) = self.sides();
        let (top, wide) = (self.y, right - left);
        self.draw(|sheet| {
            let mut x = left;
            for column in columns {
                let room = column.share * wide;
                let style = Style::new(6.0).soft();
                let (at, style) = if column.right {
                    (x + room - 1.4, style.right())
                } else {
                    (x + 0.8, style)
                };
                sheet.words((at, top + 2.4), style, column.name);
                x += room;
            }
            sheet.across((left, right), top + 3.6, 0.25, Ink::BLACK);
        });
        self.y += 3.9;
    }
}

fn cell(sheet: &mut Sheet, (x, y): (f64, f64), room: f64, right: bool, text: &str) {
    let style = Style::new(SIZE);
    if right {
        sheet.words((x + room - 1.4, y), style.right(), text);
    } else {
        sheet.words((x + 0.8, y), style, text);
    }
}
