//! The values of a lane of numbers, each with its time.

use model::{Quantity, ReceiptTime};

use crate::codec::position;
use crate::cursor::{Merged, NumbersLook};
use crate::{Reader, SeriesId, StoreError};

impl Reader {
    /// The values of a lane of numbers from `from` (inclusive) until `until` (exclusive), in order of time; what is absent
    /// is left out. A screen takes [`Reader::envelope`]; this is for writing every value somewhere else.
    pub fn values(
        &self,
        series: SeriesId,
        from: ReceiptTime,
        until: ReceiptTime,
    ) -> Result<Vec<(ReceiptTime, Quantity)>, StoreError> {
        let (from, until) = (from.as_micros(), until.as_micros());
        let mut values = Vec::new();
        let mut chunks = Merged::<NumbersLook>::new(&self.connection, vec![self.span(series)?], from, until);
        while let Some(look) = chunks.next() {
            let Some(row) = look?.load(&self.connection)? else {
                continue;
            };
            for value in row.decode()? {
                let at = position(row.head.timeliness, &value);
                if let Some(quantity) = value.reading.quantity().filter(|_| (from..until).contains(&at)) {
                    values.push((ReceiptTime::from_micros(at), quantity));
                }
            }
        }
        values.sort_by_key(|(at, _)| *at);
        Ok(values)
    }
}
