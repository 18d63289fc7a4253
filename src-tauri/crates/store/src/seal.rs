//! The seal of a session: one hash chained over every row of every table, with a stop every thousand rows.
//!
//! Rows have hashes of their own, which name a damaged one. The seal shows what they cannot: that rows were taken out or
//! put in, and that a table without hashes was changed.

use rusqlite::Connection;
use rusqlite::types::Value;
use sha2::{Digest, Sha256};

use crate::StoreError;
use crate::journal::{CHAIN_START, Chain};

/// What a session has beside the tables of a history.
pub(crate) const TABLES: &str = "
CREATE TABLE about (id INTEGER PRIMARY KEY, name TEXT NOT NULL, value TEXT NOT NULL, hash INTEGER NOT NULL);
CREATE TABLE seal (id INTEGER PRIMARY KEY, name TEXT NOT NULL, last INTEGER NOT NULL, count INTEGER NOT NULL,
    chain BLOB NOT NULL);
";

/// Rows between two stops of the chain.
const ROWS_A_STOP: u64 = 1_024;

/// A stop of the chain: the hash over everything up to row `last` of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stop {
    table: String,
    last: i64,
    count: u64,
    chain: Chain,
}

/// Seals the file as it is. Says the hash over everything in it.
pub(crate) fn close(connection: &Connection) -> Result<Chain, StoreError> {
    let stops = stops(connection)?;
    let mut insert = connection.prepare("INSERT INTO seal (name, last, count, chain) VALUES (?1, ?2, ?3, ?4)")?;
    for stop in &stops {
        let count = i64::try_from(stop.count).unwrap_or(i64::MAX);
        insert.execute((&stop.table, stop.last, count, stop.chain))?;
    }
    Ok(stops.last().map_or(CHAIN_START, |stop| stop.chain))
}

/// A place where a file is not what was sealed: the table, a row where there is one, and what is wrong.
type Broken = (String, Option<i64>, String);

/// The first place where the file is not what was sealed.
pub(crate) fn check(connection: &Connection) -> Result<Option<Broken>, StoreError> {
    let mut statement = connection.prepare("SELECT name, last, count, chain FROM seal ORDER BY id")?;
    let sealed = statement.query_map([], |row| {
        Ok(Stop {
            table: row.get(0)?,
            last: row.get(1)?,
            count: u64::try_from(row.get::<_, i64>(2)?).unwrap_or(0),
            chain: row.get(3)?,
        })
    })?;
    let sealed: Vec<Stop> = sealed.collect::<Result<_, _>>()?;
    if sealed.is_empty() {
        return Ok(Some(("seal".to_owned(), None, "the session is not sealed".to_owned())));
    }
    let found = stops(connection)?;
    let mut before = (String::new(), 0);
    for (index, was) in sealed.iter().enumerate() {
        let since = if before.0 == was.table { before.1 } else { 0 };
        match found.get(index) {
            Some(is) if is == was => before = (was.table.clone(), was.last),
            Some(is) if is.table < was.table => return Ok(Some(unsealed(is))),
            Some(_) | None => {
                let what = format!(
                    "rows {} to {} are not the {} that were sealed: one was changed, taken out or put in",
                    since + 1,
                    was.last,
                    was.count
                );
                return Ok(Some((was.table.clone(), Some(since + 1), what)));
            }
        }
    }
    Ok(found.get(sealed.len()).map(unsealed))
}

fn unsealed(stop: &Stop) -> Broken {
    let what = "it has rows that were not sealed".to_owned();
    (stop.table.clone(), Some(stop.last), what)
}

/// The chain over the whole file.
fn stops(connection: &Connection) -> Result<Vec<Stop>, StoreError> {
    let mut names = connection.prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'seal' AND name NOT LIKE 'sqlite_%' \
         ORDER BY name",
    )?;
    let names: Vec<String> = names.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut stops = Vec::new();
    let mut chain = CHAIN_START;
    for table in names {
        let mut statement = connection.prepare(&format!("SELECT * FROM {table} ORDER BY id"))?;
        let columns = statement.column_count();
        let mut rows = statement.query([])?;
        let (mut count, mut last) = (0, 0);
        while let Some(row) = rows.next()? {
            let mut hash = Sha256::new_with_prefix(chain);
            for column in 0..columns {
                take_in(&mut hash, row.get(column)?);
            }
            chain = hash.finalize().into();
            last = row.get(0)?;
            count += 1;
            if count == ROWS_A_STOP {
                let table = table.clone();
                stops.push(Stop {
                    table,
                    last,
                    count,
                    chain,
                });
                count = 0;
            }
        }
        if count > 0 {
            stops.push(Stop {
                table,
                last,
                count,
                chain,
            });
        }
    }
    Ok(stops)
}

/// A cell as tag, length and bytes.
fn take_in(hash: &mut Sha256, cell: Value) {
    let mut counted = |tag: u8, bytes: &[u8]| {
        hash.update([tag]);
        hash.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_le_bytes());
        hash.update(bytes);
    };
    match cell {
        Value::Null => counted(0, &[]),
        Value::Integer(number) => counted(1, &number.to_le_bytes()),
        Value::Real(number) => counted(2, &number.to_le_bytes()),
        Value::Text(text) => counted(3, text.as_bytes()),
        Value::Blob(bytes) => counted(4, &bytes),
    }
}
