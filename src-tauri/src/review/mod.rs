//! Open reviews: a stay in history or a recorded file, read for the review screen on threads that may block.
//!
//! Nothing here alters what was recorded: marks are a layer of their own ([`marks`]).

mod events;
mod marks;
mod replay;
mod source;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use contract::{
    ContractError, EnvelopeAsk, ErrorCode, Reply, ReviewCommand, ReviewMark, ReviewMarks, ReviewOpened, ReviewWhat,
};
use model::{BedId, ReceiptTime};
use station::{Station, Wish};

use crate::asked::invalid;
use marks::{Act, MarkLog, Write};
use source::Source;

/// Reviews open at a time: one a screen, some to compare with, some of a page that was loaded again. The oldest goes.
const REVIEWS_MAX: usize = 8;
/// Bins of one envelope: more than any screen is wide.
const PIXELS_MAX: u32 = 8_192;

/// Every open review.
#[derive(Default)]
pub struct Reviews {
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    last: u32,
    reviews: BTreeMap<u32, Arc<Review>>,
}

/// One open review.
struct Review {
    what: ReviewWhat,
    source: Mutex<Source>,
    marks: Mutex<MarkLog>,
}

impl Reviews {
    fn lock(&self) -> MutexGuard<'_, Open> {
        held(&self.open)
    }

    fn find(&self, review: u32) -> Result<Arc<Review>, ContractError> {
        self.lock().reviews.get(&review).cloned().ok_or_else(|| ContractError {
            code: ErrorCode::NotFound,
            text: "this review is not open any more; open it again".to_owned(),
        })
    }

    fn put(&self, review: Review) -> u32 {
        let mut open = self.lock();
        open.last = open.last.wrapping_add(1);
        let id = open.last;
        open.reviews.insert(id, Arc::new(review));
        while open.reviews.len() > REVIEWS_MAX {
            open.reviews.pop_first();
        }
        id
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Answers what the review screen asks.
pub async fn answer(station: &Station, reviews: &Reviews, command: ReviewCommand) -> Result<Reply, ContractError> {
    match command {
        ReviewCommand::Open { what } => open(station, reviews, what).await.map(Reply::ReviewOpened),
        ReviewCommand::Refresh { review } => refresh(station, reviews, review).await.map(Reply::ReviewOpened),
        ReviewCommand::Events { review } => {
            let rules = rules_in_force(station, &*reviews.find(review)?).await?;
            let found = on_source(reviews.find(review)?, move |source| events::of(source, &rules)).await?;
            Ok(Reply::ReviewEvents(found))
        }
        ReviewCommand::Mark { review, mark, by } => {
            let act = Act::Put(checked(mark)?);
            change(station, reviews, review, act, by).await.map(Reply::ReviewMarks)
        }
        ReviewCommand::Unmark { review, mark, by } => change(station, reviews, review, Act::Erase(mark), by)
            .await
            .map(Reply::ReviewMarks),
        ReviewCommand::Undo { review, by } => change(station, reviews, review, Act::Undo, by)
            .await
            .map(Reply::ReviewMarks),
        ReviewCommand::Redo { review, by } => change(station, reviews, review, Act::Redo, by)
            .await
            .map(Reply::ReviewMarks),
        ReviewCommand::Replay { review, from_ms, to_ms } => {
            let span = (time(from_ms), time(to_ms));
            if span.1 <= span.0 {
                return Err(invalid("a replay needs a start before its end"));
            }
            let found = reviews.find(review)?;
            let rules = rules_in_force(station, &found).await?;
            let profile = profile_of(station, &found).await?;
            on_source(found, move |source| replay::of(source, span, &profile, &rules))
                .await
                .map(Reply::ReviewReplay)
        }
        ReviewCommand::Close { review } => {
            reviews.lock().reviews.remove(&review);
            Ok(Reply::Done)
        }
    }
}

/// One lane as bytes: see [`mod@contract::envelope`].
pub async fn envelope(reviews: &Reviews, ask: EnvelopeAsk) -> Result<Vec<u8>, ContractError> {
    let span = (time(ask.from_ms), time(ask.to_ms));
    if !(1..=PIXELS_MAX).contains(&ask.pixels) || span.1 <= span.0 {
        return Err(invalid("a lane needs 1 to 8192 pixels, and a start before its end"));
    }
    on_source(reviews.find(ask.review)?, move |source| {
        let (exact, bins) = source.envelope(ask.lane, span, ask.pixels)?;
        Ok(contract::envelope::bytes((ask.from_ms, ask.to_ms), exact, &bins))
    })
    .await
}

async fn open(station: &Station, reviews: &Reviews, what: ReviewWhat) -> Result<ReviewOpened, ContractError> {
    let (source, log) = opened(station, what.clone()).await?;
    let review = Review {
        what,
        source: Mutex::new(source),
        marks: Mutex::new(log),
    };
    let id = reviews.put(review);
    described(station, reviews, id).await
}

/// History grows, and may go on in another file: it is opened anew.
async fn refresh(station: &Station, reviews: &Reviews, id: u32) -> Result<ReviewOpened, ContractError> {
    let review = reviews.find(id)?;
    if matches!(review.what, ReviewWhat::Bed { .. }) {
        let (source, log) = opened(station, review.what.clone()).await?;
        *held(&review.source) = source;
        *held(&review.marks) = log;
    }
    described(station, reviews, id).await
}

async fn opened(station: &Station, what: ReviewWhat) -> Result<(Source, MarkLog), ContractError> {
    match what {
        ReviewWhat::Bed { bed } => {
            let bed = bed_id(&bed)?;
            let source = station
                .read(move |reader| Source::history(reader, &bed))
                .await
                .map_err(|refused| contract::refusal(&refused))?;
            let log = on_own_thread(move || {
                let log = MarkLog::of_journal(source.mark_entries()?);
                Ok((source, log))
            });
            log.await
        }
        ReviewWhat::File { path } => {
            on_own_thread(move || {
                let path = PathBuf::from(path);
                let source = Source::file(&path)?;
                let log = MarkLog::of_file(&beside(&path)).map_err(|error| marks_failed(&beside(&path), &error))?;
                Ok((source, log))
            })
            .await
        }
    }
}

async fn described(station: &Station, reviews: &Reviews, id: u32) -> Result<ReviewOpened, ContractError> {
    let review = reviews.find(id)?;
    let marks = marks_of(&review);
    let file = match &review.what {
        ReviewWhat::File { path } => Some(path.clone()),
        ReviewWhat::Bed { .. } => None,
    };
    let now = station.now();
    on_source(review, move |source| {
        let about = source.about();
        let lanes = source.lanes();
        let least = lanes.iter().map(|l| l.from_ms).fold(f64::INFINITY, f64::min);
        let most = lanes.iter().map(|l| l.until_ms).fold(f64::NEG_INFINITY, f64::max);
        let now_ms = contract::frame::millis(now.as_micros());
        Ok(ReviewOpened {
            review: id,
            bed: about.bed,
            title: about.title,
            patient_name: about.patient_name,
            patient_id: about.patient_id,
            live: file.is_none(),
            file,
            demo: about.demo,
            from_ms: if least.is_finite() { least } else { now_ms - 3_600_000.0 },
            until_ms: if most.is_finite() { most } else { now_ms },
            lanes,
            marks,
        })
    })
    .await
}

/// Changes the marks: in history in the name of whoever is signed in, in a file in the name that was typed.
async fn change(
    station: &Station,
    reviews: &Reviews,
    id: u32,
    act: Act,
    by: String,
) -> Result<ReviewMarks, ContractError> {
    let review = reviews.find(id)?;
    if held(&review.marks).does_nothing(&act) {
        return Ok(marks_of(&review));
    }
    match &review.what {
        ReviewWhat::Bed { bed } => {
            let wish = Wish::Annotate {
                bed: bed_id(bed)?,
                text: act.says(),
                change: act.line(),
            };
            station
                .wish(wish)
                .await
                .map_err(|refused| contract::refusal(&refused))?;
            let entries = on_source(Arc::clone(&review), Source::mark_entries).await?;
            *held(&review.marks) = MarkLog::of_journal(entries);
        }
        ReviewWhat::File { path } => {
            let by = by.trim().to_owned();
            if by.is_empty() {
                return Err(invalid("a mark needs an author: type your name"));
            }
            let path = beside(Path::new(path));
            let write = Write {
                at_ms: contract::frame::millis(station.now().as_micros()),
                by,
                act,
            };
            let review = Arc::clone(&review);
            on_own_thread(move || {
                let mut log = held(&review.marks);
                log.append(&path, write).map_err(|error| marks_failed(&path, &error))
            })
            .await?;
        }
    }
    Ok(marks_of(&review))
}

fn marks_of(review: &Review) -> ReviewMarks {
    let kept = match &review.what {
        ReviewWhat::File { path } => format!("beside the file, in {}", beside(Path::new(path)).display()),
        ReviewWhat::Bed { .. } => "in the journal of this station".to_owned(),
    };
    held(&review.marks).marks(kept)
}

/// The marks of a file lie beside it: the file itself is never altered.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".marks.jsonl");
    PathBuf::from(name)
}

fn marks_failed(path: &Path, error: &std::io::Error) -> ContractError {
    ContractError {
        code: ErrorCode::Store,
        text: format!(
            "the marks in {} cannot be read or written: {error}; copy the recording to a folder you may write in",
            path.display()
        ),
    }
}

/// Longest text of a mark.
const TEXT_CHARS_MAX: usize = 2_000;

fn checked(mut mark: ReviewMark) -> Result<ReviewMark, ContractError> {
    let sound = mark.from_ms.is_finite() && mark.until_ms.is_finite() && mark.from_ms <= mark.until_ms;
    if !sound || !(1..=9).contains(&mark.palette) {
        return Err(invalid("a mark has a palette of 1 to 9, and a start not after its end"));
    }
    mark.text = mark.text.trim().chars().take(TEXT_CHARS_MAX).collect();
    Ok(mark)
}

/// The limits in force now in the bed of a review of history; none for a file, whose journal says all there is.
async fn rules_in_force(station: &Station, review: &Review) -> Result<Vec<model::LimitRule>, ContractError> {
    match &review.what {
        ReviewWhat::Bed { bed } => {
            let found = station.rules(bed_id(bed)?).await;
            Ok(found.map_err(|refused| contract::refusal(&refused))?.1)
        }
        ReviewWhat::File { .. } => Ok(Vec::new()),
    }
}

async fn profile_of(station: &Station, review: &Review) -> Result<Arc<station::Profile>, ContractError> {
    match &review.what {
        ReviewWhat::Bed { bed } => {
            let found = station.rules(bed_id(bed)?).await;
            Ok(found.map_err(|refused| contract::refusal(&refused))?.0)
        }
        ReviewWhat::File { .. } => station::profile::built_in("adult")
            .map(Arc::new)
            .ok_or_else(|| invalid("there is no profile for adults")),
    }
}

async fn on_source<T: Send + 'static>(
    review: Arc<Review>,
    question: impl FnOnce(&Source) -> Result<T, ContractError> + Send + 'static,
) -> Result<T, ContractError> {
    on_own_thread(move || question(&held(&review.source))).await
}

async fn on_own_thread<T: Send + 'static>(
    question: impl FnOnce() -> Result<T, ContractError> + Send + 'static,
) -> Result<T, ContractError> {
    tokio::task::spawn_blocking(question).await.map_err(|_| ContractError {
        code: ErrorCode::Unavailable,
        text: "reading history broke off; try again".to_owned(),
    })?
}

fn bed_id(bed: &str) -> Result<BedId, ContractError> {
    BedId::new(bed).map_err(|error| invalid(&format!("the bed: {error}")))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the cast saturates, and a time that far off finds nothing"
)]
fn time(ms: f64) -> ReceiptTime {
    ReceiptTime::from_micros((ms * 1_000.0).round() as i64)
}
