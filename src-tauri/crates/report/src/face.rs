//! The one typeface: Noto Sans, which comes with the program, so that a page is the same on every machine.

use std::sync::{Arc, OnceLock};

use resvg::usvg::fontdb::Database;
use ttf_parser::Face;

/// Its name, as it stands in the font.
pub(crate) const FAMILY: &str = "Noto Sans";

/// How wide a character is taken to be that the font cannot measure, in ems.
const UNKNOWN_WIDTH: f64 = 0.6;

/// One weight, parsed.
struct Weight {
    face: Face<'static>,
}

impl Weight {
    fn parse(bytes: &'static [u8]) -> Option<Self> {
        Face::parse(bytes, 0).ok().map(|face| Self { face })
    }

    /// In ems.
    fn advance(&self, character: char) -> f64 {
        let em = f64::from(self.face.units_per_em()).max(1.0);
        self.face
            .glyph_index(character)
            .and_then(|glyph| self.face.glyph_hor_advance(glyph))
            .map_or(UNKNOWN_WIDTH, |width| f64::from(width) / em)
    }
}

fn weight(bold: bool) -> Option<&'static Weight> {
    static REGULAR: OnceLock<Option<Weight>> = OnceLock::new();
    static BOLD: OnceLock<Option<Weight>> = OnceLock::new();
    if bold {
        BOLD.get_or_init(|| Weight::parse(notosans::BOLD_TTF)).as_ref()
    } else {
        REGULAR.get_or_init(|| Weight::parse(notosans::REGULAR_TTF)).as_ref()
    }
}

/// How wide `text` is in ems. Kerning is left out, which makes it a little more than it is.
pub(crate) fn width(text: &str, bold: bool) -> f64 {
    text.chars()
        .map(|c| weight(bold).map_or(UNKNOWN_WIDTH, |w| w.advance(c)))
        .sum()
}

/// `text` with nothing in it that the font cannot draw: what it lacks is named by its code point rather than left
/// out, because half a name is another name. Subscript digits become plain ones.
pub(crate) fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let plain = match c {
            '₀'..='₉' => char::from_digit(u32::from(c) - u32::from('₀'), 10).unwrap_or(c),
            c if c.is_whitespace() => ' ',
            c => c,
        };
        let is_drawn = weight(false).is_some_and(|w| w.face.glyph_index(plain).is_some());
        if is_drawn {
            out.push(plain);
        } else if !plain.is_control() {
            let code = format!("[U+{:04X}]", u32::from(plain));
            out.push_str(&code);
        }
    }
    out
}

/// The fonts for those who draw: these two and none of the machine's.
pub(crate) fn database() -> Arc<Database> {
    static FONTS: OnceLock<Arc<Database>> = OnceLock::new();
    Arc::clone(FONTS.get_or_init(|| {
        let mut fonts = Database::new();
        fonts.load_font_data(notosans::REGULAR_TTF.to_vec());
        fonts.load_font_data(notosans::BOLD_TTF.to_vec());
        fonts.set_sans_serif_family(FAMILY);
        fonts.set_serif_family(FAMILY);
        Arc::new(fonts)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_font_lacks_is_named_and_not_left_out() {
        assert_eq!(printable("SpO₂ ≥ 90 °C – Łódź"), "SpO2 ≥ 90 °C – Łódź");
        assert_eq!(printable("王\n1"), "[U+738B] 1");
    }

    #[test]
    fn bold_is_wider_and_both_weights_are_there() {
        let text = "Wardlight 0123";
        assert!(width(text, true) > width(text, false));
        assert_eq!(database().len(), 2);
    }
}
