//! The journal: entries as rows, and the chain that shows whether any was changed or taken out.

use std::time::Duration;

use model::{
    AlertId, AlertKind, AlertState, Assessment, BedId, Breathing, Cause, ConditionPresence, Consciousness, EncounterId,
    JournalEntry, JournalKind, LimitRule, Limits, LimitsChange, MetricCode, Pause, Person, Priority, Quantity,
    ReceiptTime, Response, Rung, Side, SignalPresence, Source, SpO2Scale,
};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params_from_iter};
use sha2::{Digest, Sha256};

use crate::bytes::Pack;
use crate::{JournalRow, StoreError};

/// Every column but `chain`, in the order in which the chain covers them.
pub(crate) const COLUMNS: &str = "id, at_us, kind, bed, person, reason, detail, alert, version, alert_bed, cause, \
    cause_metric, cause_side, cause_code, alert_kind, priority, source, presence, signal, since_us, raised_us, \
    worst, crossed, owner, realert_us, text, limits_metric, before_low, before_high, before_priority, \
    before_delay_us, before_hysteresis, after_low, after_high, after_priority, after_delay_us, after_hysteresis, \
    encounter, response, responder, rung, occurrence, episode_us, limits_until_us, pause_metric, pause_side, \
    pause_by, pause_reason, pause_since_us, pause_until_us, pause_above, consciousness, breathing, spo2_scale";
/// How many they are.
const COLUMNS_COUNT: usize = 54;
/// How many of them the first format had: the chain of its rows covers these alone.
const FIRST_COLUMNS: usize = 37;
/// Columns of an alert and of one rule.
const ALERT_COLUMNS: usize = 19;
const RULE_COLUMNS: usize = 5;

/// A chain hash.
pub(crate) type Chain = [u8; 32];

/// Where the chain begins: before the first entry.
pub(crate) const CHAIN_START: Chain = [0; 32];

/// The last entry: what the next one is chained to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub id: i64,
    pub chain: Chain,
}

impl Head {
    pub(crate) fn read(connection: &Connection) -> Result<Self, StoreError> {
        let mut statement = connection.prepare("SELECT id, chain FROM journal ORDER BY id DESC LIMIT 1")?;
        let mut rows = statement.query([])?;
        match rows.next()? {
            Some(row) => Ok(Self {
                id: row.get(0)?,
                chain: row.get(1)?,
            }),
            None => Ok(Self {
                id: 0,
                chain: CHAIN_START,
            }),
        }
    }
}

/// Writes entries after `head`; the caller commits, and keeps the new head only then.
pub(crate) fn append(connection: &Connection, head: Head, entries: &[JournalEntry]) -> rusqlite::Result<Head> {
    let marks = vec!["?"; COLUMNS_COUNT + 1].join(", ");
    let mut statement =
        connection.prepare_cached(&format!("INSERT INTO journal ({COLUMNS}, chain) VALUES ({marks})"))?;
    let mut head = head;
    for entry in entries {
        let id = head.id + 1;
        let mut values = to_values(id, entry);
        let chain = link(&head.chain, &values);
        values.push(Value::Blob(chain.to_vec()));
        statement.execute(params_from_iter(values))?;
        head = Head { id, chain };
    }
    Ok(head)
}

/// What the head would be after `entry`.
pub(crate) fn after(head: Head, entry: &JournalEntry) -> Head {
    let id = head.id + 1;
    let chain = link(&head.chain, &to_values(id, entry));
    Head { id, chain }
}

/// The chain hash of an entry on disk; `None` where it is not.
pub(crate) fn chain_of(connection: &Connection, id: i64) -> rusqlite::Result<Option<Chain>> {
    let mut statement = connection.prepare_cached("SELECT chain FROM journal WHERE id = ?1")?;
    statement.query_row([id], |row| row.get(0)).optional()
}

/// The chain hash of a row: SHA-256 over the hash before it and every column as tag, length and bytes. Columns of
/// the second format count where any of them holds something: rows of the first keep their hashes.
pub(crate) fn link(before: &Chain, values: &[Value]) -> Chain {
    let (first, second) = values.split_at(FIRST_COLUMNS.min(values.len()));
    let second = if second.iter().all(|v| *v == Value::Null) {
        &[]
    } else {
        second
    };
    let mut pack = Pack(before.to_vec());
    for value in first.iter().chain(second) {
        match value {
            Value::Null => pack.u8(0),
            Value::Integer(i) => {
                pack.u8(1);
                pack.i64(*i);
            }
            Value::Real(r) => {
                pack.u8(2);
                pack.f64(*r);
            }
            Value::Text(text) => {
                pack.u8(3);
                counted(&mut pack, text.as_bytes());
            }
            Value::Blob(bytes) => {
                pack.u8(4);
                counted(&mut pack, bytes);
            }
        }
    }
    Sha256::digest(&pack.0).into()
}

fn counted(pack: &mut Pack, bytes: &[u8]) {
    pack.i64(i64::try_from(bytes.len()).unwrap_or(i64::MAX));
    pack.0.extend_from_slice(bytes);
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it is handed to `Option::map`, which gives values"
)]
fn text(value: impl ToString) -> Value {
    Value::Text(value.to_string())
}

fn maybe<T>(value: Option<T>, into: impl FnOnce(T) -> Value) -> Value {
    value.map_or(Value::Null, into)
}

fn quantity(q: Quantity) -> Value {
    Value::Integer(q.thousandths().into())
}

fn time(at: ReceiptTime) -> Value {
    Value::Integer(at.as_micros())
}

fn to_values(id: i64, entry: &JournalEntry) -> Vec<Value> {
    let mut values = vec![
        Value::Integer(id),
        time(entry.at),
        text(entry.kind.as_str()),
        maybe(entry.bed.as_ref(), text),
        maybe(entry.person.as_ref(), text),
        maybe(entry.reason.as_ref(), text),
        maybe(entry.detail.as_ref(), text),
    ];
    match &entry.alert {
        Some(alert) => values.extend(alert_values(alert)),
        None => values.extend(std::iter::repeat_n(Value::Null, ALERT_COLUMNS)),
    }
    values.push(maybe(entry.limits.as_ref(), |l| text(l.metric.name())));
    for rule in [
        entry.limits.as_ref().and_then(|l| l.before),
        entry.limits.as_ref().and_then(|l| l.after),
    ] {
        values.extend(rule_values(rule));
    }
    values.extend(second_values(entry));
    values
}

/// The columns of the second format.
fn second_values(entry: &JournalEntry) -> [Value; COLUMNS_COUNT - FIRST_COLUMNS] {
    let (alert, pause, found) = (entry.alert.as_ref(), entry.pause.as_ref(), entry.assessment.as_ref());
    [
        maybe(entry.encounter.as_ref(), text),
        maybe(alert, |a| text(a.response.as_str())),
        maybe(alert.and_then(|a| a.responder.as_ref()), text),
        maybe(alert, |a| text(a.rung.as_str())),
        maybe(alert, |a| Value::Integer(a.occurrence.into())),
        maybe(alert, |a| time(a.episode_since)),
        maybe(entry.limits.and_then(|l| l.until), time),
        maybe(pause, |p| text(p.metric.name())),
        maybe(pause, |p| text(p.side.as_str())),
        maybe(pause, |p| text(&p.by)),
        maybe(pause, |p| text(&p.reason)),
        maybe(pause, |p| time(p.since)),
        maybe(pause, |p| time(p.until)),
        maybe(pause, |p| text(p.breaks_above.as_str())),
        maybe(found, |a| text(a.consciousness.as_str())),
        maybe(found, |a| text(a.breathing.as_str())),
        maybe(found, |a| text(a.scale.as_str())),
    ]
}

fn alert_values(alert: &AlertState) -> [Value; ALERT_COLUMNS] {
    [
        Value::Integer(i64::try_from(alert.id.0).unwrap_or(i64::MAX)),
        Value::Integer(alert.version.into()),
        maybe(alert.bed.as_ref(), text),
        text(alert.cause.as_str()),
        maybe(alert.cause.metric(), |m| text(m.name())),
        maybe(alert.cause.side(), |s| text(s.as_str())),
        maybe(alert.cause.code(), text),
        text(alert.kind.as_str()),
        text(alert.priority.as_str()),
        text(alert.source.as_str()),
        text(alert.presence.as_str()),
        text(alert.signal.as_str()),
        time(alert.since),
        time(alert.raised_at),
        maybe(alert.worst, quantity),
        maybe(alert.limit, quantity),
        maybe(alert.owner.as_ref(), text),
        maybe(alert.realert_at, time),
        maybe(alert.text.as_ref(), text),
    ]
}

fn rule_values(rule: Option<LimitRule>) -> [Value; RULE_COLUMNS] {
    let delay = |d: Duration| Value::Integer(i64::try_from(d.as_micros()).unwrap_or(i64::MAX));
    [
        maybe(rule.and_then(|r| r.limits.low()), quantity),
        maybe(rule.and_then(|r| r.limits.high()), quantity),
        maybe(rule, |r| text(r.priority.as_str())),
        maybe(rule, |r| delay(r.delay)),
        maybe(rule, |r| quantity(r.hysteresis)),
    ]
}

/// Reads columns in order; every failure names the row.
struct Fields<'r, 's> {
    row: &'r Row<'s>,
    next: usize,
    id: i64,
}

impl Fields<'_, '_> {
    fn bad(&self, why: &impl ToString) -> StoreError {
        StoreError::Row {
            table: "journal",
            row: self.id,
            why: why.to_string(),
        }
    }

    fn maybe<T: rusqlite::types::FromSql>(&mut self) -> Result<Option<T>, StoreError> {
        let value = self.row.get(self.next).map_err(|e| self.bad(&e));
        self.next += 1;
        value
    }

    fn must<T: rusqlite::types::FromSql>(&mut self) -> Result<T, StoreError> {
        self.maybe()?.ok_or_else(|| self.bad(&"a value is missing"))
    }

    fn word<T>(&mut self, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>, StoreError> {
        let Some(word) = self.maybe::<String>()? else {
            return Ok(None);
        };
        parse(&word)
            .map(Some)
            .ok_or_else(|| self.bad(&format!("{word:?} is not known")))
    }

    fn must_word<T>(&mut self, parse: impl Fn(&str) -> Option<T>) -> Result<T, StoreError> {
        self.word(parse)?.ok_or_else(|| self.bad(&"a word is missing"))
    }

    fn time(&mut self) -> Result<Option<ReceiptTime>, StoreError> {
        Ok(self.maybe()?.map(ReceiptTime::from_micros))
    }

    fn quantity(&mut self) -> Result<Option<Quantity>, StoreError> {
        Ok(self.maybe()?.map(Quantity::from_thousandths))
    }

    fn bed(&mut self) -> Result<Option<BedId>, StoreError> {
        self.word(|w| BedId::new(w).ok())
    }

    fn person(&mut self) -> Result<Option<Person>, StoreError> {
        self.word(|w| Person::new(w).ok())
    }

    fn metric(&mut self) -> Result<Option<MetricCode>, StoreError> {
        self.word(|w| w.parse().ok())
    }

    fn alert(&mut self) -> Result<Option<AlertState>, StoreError> {
        let Some(id) = self.maybe::<i64>()? else {
            self.next += ALERT_COLUMNS - 1;
            return Ok(None);
        };
        let version = self.must()?;
        let bed = self.bed()?;
        let word: String = self.must()?;
        let (metric, side) = (self.metric()?, self.word(Side::parse)?);
        let code: Option<String> = self.maybe()?;
        let cause = Cause::from_parts(&word, metric, side, code.as_deref());
        Ok(Some(AlertState {
            id: AlertId(u64::try_from(id).unwrap_or(0)),
            version,
            bed,
            cause: cause.ok_or_else(|| self.bad(&format!("{word:?} is no cause")))?,
            kind: self.must_word(AlertKind::parse)?,
            priority: self.must_word(Priority::parse)?,
            source: self.must_word(Source::parse)?,
            presence: self.must_word(ConditionPresence::parse)?,
            signal: self.must_word(SignalPresence::parse)?,
            since: ReceiptTime::from_micros(self.must()?),
            raised_at: ReceiptTime::from_micros(self.must()?),
            worst: self.quantity()?,
            limit: self.quantity()?,
            owner: self.person()?,
            realert_at: self.time()?,
            text: self.maybe()?,
            response: Response::None,
            responder: None,
            rung: Rung::First,
            occurrence: 1,
            episode_since: ReceiptTime::from_micros(0),
        }))
    }

    /// What the second format says of an alert; a row of the first says nothing, and then it is the first of its kind.
    fn alert_responses(&mut self, alert: Option<&mut AlertState>) -> Result<(), StoreError> {
        let response = self.word(Response::parse)?;
        let responder = self.person()?;
        let rung = self.word(Rung::parse)?;
        let occurrence: Option<u32> = self.maybe()?;
        let episode_since = self.time()?;
        if let Some(alert) = alert {
            alert.response = response.unwrap_or(Response::None);
            alert.responder = responder;
            alert.rung = rung.unwrap_or(Rung::First);
            alert.occurrence = occurrence.unwrap_or(1);
            alert.episode_since = episode_since.unwrap_or(alert.since);
        }
        Ok(())
    }

    fn pause(&mut self, bed: Option<&BedId>) -> Result<Option<Pause>, StoreError> {
        let (metric, side) = (self.metric()?, self.word(Side::parse)?);
        let (by, reason): (_, Option<String>) = (self.person()?, self.maybe()?);
        let (since, until) = (self.time()?, self.time()?);
        let above = self.word(Priority::parse)?;
        let Some(metric) = metric else { return Ok(None) };
        let whole = || {
            Some(Pause {
                bed: bed?.clone(),
                metric,
                side: side?,
                by: by?,
                reason: reason?,
                since: since?,
                until: until?,
                breaks_above: above?,
            })
        };
        whole().map(Some).ok_or_else(|| self.bad(&"a pause is not whole"))
    }

    fn assessment(&mut self, by: Option<&Person>, at: ReceiptTime) -> Result<Option<Assessment>, StoreError> {
        let consciousness = self.word(Consciousness::parse)?;
        let breathing = self.word(Breathing::parse)?;
        let scale = self.word(SpO2Scale::parse)?;
        let Some(consciousness) = consciousness else {
            return Ok(None);
        };
        let whole = || {
            Some(Assessment {
                consciousness,
                breathing: breathing?,
                scale: scale?,
                by: by?.clone(),
                at,
            })
        };
        whole().map(Some).ok_or_else(|| self.bad(&"an assessment is not whole"))
    }

    fn rule(&mut self, metric: MetricCode) -> Result<Option<LimitRule>, StoreError> {
        let (low, high) = (self.quantity()?, self.quantity()?);
        let priority = self.word(Priority::parse)?;
        let delay: Option<i64> = self.maybe()?;
        let hysteresis = self.quantity()?;
        let (Some(priority), Some(delay), Some(hysteresis)) = (priority, delay, hysteresis) else {
            return Ok(None);
        };
        Ok(Some(LimitRule {
            metric,
            limits: Limits::new(low, high).map_err(|e| self.bad(&e))?,
            priority,
            delay: Duration::from_micros(u64::try_from(delay).unwrap_or(0)),
            hysteresis,
        }))
    }
}

/// Reads a row of [`COLUMNS`] and `chain`.
pub(crate) fn from_row(row: &Row) -> Result<JournalRow, StoreError> {
    let id: i64 = row.get(0)?;
    let mut fields = Fields { row, next: 1, id };
    let mut entry = JournalEntry::new(
        ReceiptTime::from_micros(fields.must()?),
        fields.must_word(JournalKind::parse)?,
    );
    entry.bed = fields.bed()?;
    entry.person = fields.person()?;
    entry.reason = fields.maybe()?;
    entry.detail = fields.maybe()?;
    entry.alert = fields.alert()?;
    if let Some(metric) = fields.metric()? {
        entry.limits = Some(LimitsChange {
            metric,
            before: fields.rule(metric)?,
            after: fields.rule(metric)?,
            until: None,
        });
    } else {
        fields.next += 2 * RULE_COLUMNS;
    }
    entry.encounter = fields.word(|w| EncounterId::new(w).ok())?;
    fields.alert_responses(entry.alert.as_mut())?;
    let until = fields.time()?;
    if let Some(limits) = &mut entry.limits {
        limits.until = until;
    }
    entry.pause = fields.pause(entry.bed.as_ref())?;
    entry.assessment = fields.assessment(entry.person.as_ref(), entry.at)?;
    let chain = row.get(COLUMNS_COUNT).map_err(|e| fields.bad(&e))?;
    Ok(JournalRow {
        id: u64::try_from(id).unwrap_or(0),
        entry,
        chain,
    })
}

/// Every column but `chain`, as it stands.
pub(crate) fn raw_values(row: &Row) -> rusqlite::Result<Vec<Value>> {
    (0..COLUMNS_COUNT).map(|i| row.get(i)).collect()
}

/// Rows of a query that ends in `tail` (`WHERE … ORDER BY … LIMIT …`).
pub(crate) fn select(
    connection: &Connection,
    tail: &str,
    params: &[&dyn rusqlite::ToSql],
) -> Result<Vec<JournalRow>, StoreError> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS}, chain FROM journal {tail}"))?;
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(from_row(row)?);
    }
    Ok(found)
}

/// The same without parameters, each row by itself: one that cannot be read does not cost the others.
pub(crate) fn select_each(
    connection: &Connection,
    tail: &str,
) -> Result<Vec<Result<JournalRow, StoreError>>, StoreError> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS}, chain FROM journal {tail}"))?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    loop {
        match rows.next() {
            Ok(Some(row)) => found.push(from_row(row)),
            Ok(None) => return Ok(found),
            Err(error) => {
                found.push(Err(error.into()));
                return Ok(found);
            }
        }
    }
}
