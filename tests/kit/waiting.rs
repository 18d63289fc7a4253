//! Waiting for something that must come true, with an end.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::{Trouble, program};

/// How often the program is asked again.
const ASK_PERIOD: Duration = Duration::from_millis(200);

/// Asks a printing command until its rows are as wanted. An error says what they were last.
pub async fn rows(
    data: &std::path::Path,
    arguments: &[&str],
    within: Duration,
    wanted: impl Fn(&[Value]) -> bool,
) -> Result<Vec<Value>, Trouble> {
    let begun = Instant::now();
    loop {
        let seen = program::rows(data, arguments);
        if let Ok(rows) = &seen
            && wanted(rows)
        {
            return Ok(rows.clone());
        }
        if begun.elapsed() > within {
            let newest: Vec<String> = seen.map_or_else(
                |error| vec![error.to_string()],
                |rows| rows.iter().rev().take(5).map(Value::to_string).collect(),
            );
            return Err(format!(
                "`{}` was not as wanted within {within:?}; newest rows: {newest:#?}",
                arguments.join(" ")
            )
            .into());
        }
        tokio::time::sleep(ASK_PERIOD).await;
    }
}

/// The text in one field of a row; empty where there is none.
pub fn word<'r>(row: &'r Value, field: &str) -> &'r str {
    row.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// The number in one field of a row.
pub fn number(row: &Value, field: &str) -> Option<f64> {
    row.get(field).and_then(Value::as_f64)
}
