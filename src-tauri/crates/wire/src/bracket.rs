//! Labels that carry their unit.

/// A label that carries the unit in brackets, where nothing else says it.
pub(crate) fn split_unit(label: String, unit: String) -> (String, String) {
    if !unit.is_empty() {
        return (label, unit);
    }
    for (open, close) in [('[', ']'), ('(', ')')] {
        if let Some((name, inside)) = label.strip_suffix(close).and_then(|rest| rest.rsplit_once(open))
            && !name.trim().is_empty()
        {
            return (name.trim().to_owned(), inside.trim().to_owned());
        }
    }
    (label, unit)
}
