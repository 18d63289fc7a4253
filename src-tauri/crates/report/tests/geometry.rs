//! A second is 25.0 mm and a millivolt 10.0 mm on the page: measured in the PDF, with a reader of its own.

#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]
#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a made-up trace"
)]

mod kit;

use kit::{heading, wave};
use lopdf::content::Content;
use lopdf::{Document, Object};
use model::GenerationMode;
use report::Strip;

/// What a length on paper may be off by, in millimetres.
const WITHIN: f64 = 0.1;
const HERTZ: usize = 500;

type Point = (f64, f64);

/// A transformation of a PDF: the images of both axes and of the origin.
#[derive(Clone, Copy)]
struct Matrix([Point; 3]);

impl Matrix {
    fn of(numbers: &[f64]) -> Self {
        Self([
            (numbers[0], numbers[1]),
            (numbers[2], numbers[3]),
            (numbers[4], numbers[5]),
        ])
    }

    fn turn(self, (x, y): Point) -> Point {
        let [right, up, _] = self.0;
        (right.0 * x + up.0 * y, right.1 * x + up.1 * y)
    }

    fn apply(self, at: Point) -> Point {
        let (turned, origin) = (self.turn(at), self.0[2]);
        (turned.0 + origin.0, turned.1 + origin.1)
    }

    fn after(self, inner: Self) -> Self {
        let [right, up, origin] = inner.0;
        Self([self.turn(right), self.turn(up), self.apply(origin)])
    }

    /// In millimetres of the paper.
    fn place(self, at: Point) -> Point {
        let (x, y) = self.apply(at);
        (x * 25.4 / 72.0, y * 25.4 / 72.0)
    }
}

/// Every line that is drawn on the first page, in millimetres from its lower left corner.
fn lines(pdf: &[u8]) -> Vec<Vec<Point>> {
    let document = Document::load_mem(pdf).unwrap();
    let page = *document.get_pages().get(&1).unwrap();
    let content = Content::decode(&document.get_page_content(page)).unwrap();
    let (mut found, mut path) = (Vec::new(), Vec::new());
    let mut now = Matrix::of(&[1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
    let mut kept = Vec::new();
    for operation in content.operations {
        let number = |o: &Object| f64::from(o.as_float().unwrap());
        let numbers = || operation.operands.iter().map(number).collect::<Vec<_>>();
        match operation.operator.as_str() {
            "q" => kept.push(now),
            "Q" => now = kept.pop().unwrap(),
            "cm" => now = now.after(Matrix::of(&numbers())),
            "m" => {
                path.clear();
                path.push(now.place((numbers()[0], numbers()[1])));
            }
            "l" => path.push(now.place((numbers()[0], numbers()[1]))),
            "S" => found.push(std::mem::take(&mut path)),
            _ => {}
        }
    }
    found
}

fn strip(seconds: usize) -> Strip {
    // 1 mV for the first half of each second.
    let square = |n: usize| Some(if n % HERTZ < HERTZ / 2 { 1.0 } else { 0.0 });
    let values = (0..=seconds * HERTZ).map(square).collect();
    Strip {
        heading: heading(seconds as f64, GenerationMode::Test),
        waves: vec![wave("II", "mV", HERTZ as f64, values)],
        marks: Vec::new(),
    }
}

fn near(measured: f64, wanted: f64) {
    assert!((measured - wanted).abs() < WITHIN, "{measured} mm is not {wanted} mm");
}

fn span(values: impl Iterator<Item = f64> + Clone) -> f64 {
    values.clone().fold(f64::MIN, f64::max) - values.fold(f64::MAX, f64::min)
}

#[test]
fn a_second_is_25_mm_and_a_millivolt_10_mm() {
    let lines = lines(&strip(20).pages().unwrap().pdf().unwrap());
    let traces: Vec<_> = lines.iter().filter(|line| line.len() > 1_000).collect();
    assert_eq!(traces.len(), 2, "two rows of ten seconds");
    for trace in traces {
        near(span(trace.iter().map(|p| p.1)), 10.0);
        // Where the wave rises: each second once, after the first.
        let rises: Vec<f64> = trace
            .windows(2)
            .filter(|pair| pair[1].1 - pair[0].1 > 5.0)
            .map(|pair| pair[1].0)
            .collect();
        assert!(rises.len() >= 9, "{rises:?}");
        for pair in rises.windows(2) {
            near(pair[1] - pair[0], 25.0);
        }
        near(rises[8] - rises[0], 200.0);
        near(span(trace.iter().map(|p| p.0)), 250.0);
    }
}

#[test]
fn the_calibration_pulse_is_a_millivolt_for_a_fifth_of_a_second() {
    let lines = lines(&strip(10).pages().unwrap().pdf().unwrap());
    let pulse = lines.iter().find(|line| line.len() == 6).unwrap();
    near(pulse[2].1 - pulse[1].1, 10.0);
    near(pulse[3].0 - pulse[2].0, 5.0);
    near(pulse[1].1 - pulse[0].1, 0.0);
}

#[test]
fn the_paper_has_a_line_each_millimetre() {
    let lines = lines(&strip(10).pages().unwrap().pdf().unwrap());
    let is_upright = |line: &&Vec<Point>| line.len() == 2 && (line[0].0 - line[1].0).abs() < 1e-3;
    let tall = |line: &&Vec<Point>| (line[0].1 - line[1].1).abs() > 20.0;
    let mut at: Vec<f64> = lines.iter().filter(is_upright).filter(tall).map(|l| l[0].0).collect();
    at.sort_by(f64::total_cmp);
    at.dedup_by(|a, b| (*a - *b).abs() < 0.01);
    assert!(at.len() > 250, "{}", at.len());
    for pair in at.windows(2) {
        near(pair[1] - pair[0], 1.0);
    }
}

#[test]
fn a_page_is_a4() {
    let pages = strip(10).pages().unwrap();
    let document = Document::load_mem(&pages.pdf().unwrap()).unwrap();
    let page = document.get_dictionary(*document.get_pages().get(&1).unwrap()).unwrap();
    let size: Vec<f64> = page
        .get(b"MediaBox")
        .and_then(Object::as_array)
        .unwrap()
        .iter()
        .map(|o| f64::from(o.as_float().unwrap()) * 25.4 / 72.0)
        .collect();
    near(size[2] - size[0], 297.0);
    near(size[3] - size[1], 210.0);
    let svg = &pages.svg().unwrap()[0];
    assert!(
        svg.starts_with("<svg width=\"297mm\" height=\"210mm\""),
        "{}",
        &svg[..80]
    );
    let png = &pages.png().unwrap()[0];
    let dots = |at: usize| u32::from_be_bytes([png[at], png[at + 1], png[at + 2], png[at + 3]]);
    assert_eq!((dots(16), dots(20)), (3_508, 2_480), "300 dots an inch");
}
