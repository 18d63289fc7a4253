//! The codes of annot(5) and the symbols that stand for them.

/// Code and symbol.
const SYMBOLS: [(u8, &str); 39] = [
    (1, "N"),
    (2, "L"),
    (3, "R"),
    (4, "a"),
    (5, "V"),
    (6, "F"),
    (7, "J"),
    (8, "A"),
    (9, "S"),
    (10, "E"),
    (11, "j"),
    (12, "/"),
    (13, "Q"),
    (14, "~"),
    (16, "|"),
    (18, "s"),
    (19, "T"),
    (20, "*"),
    (21, "D"),
    (22, "\""),
    (23, "="),
    (24, "p"),
    (25, "B"),
    (26, "^"),
    (27, "t"),
    (28, "+"),
    (29, "u"),
    (30, "?"),
    (31, "!"),
    (32, "["),
    (33, "]"),
    (34, "e"),
    (35, "n"),
    (36, "@"),
    (37, "x"),
    (38, "f"),
    (39, "("),
    (40, ")"),
    (41, "r"),
];

/// The symbol of a code; `None` where annot(5) gives none.
pub(super) fn symbol_of(code: u8) -> Option<&'static str> {
    SYMBOLS.iter().find(|(c, _)| *c == code).map(|(_, symbol)| *symbol)
}

/// The code of a symbol.
pub(super) fn code_of(symbol: &str) -> Option<u8> {
    SYMBOLS.iter().find(|(_, s)| *s == symbol).map(|(code, _)| *code)
}
