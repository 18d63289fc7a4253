// Generated from src-tauri/crates/contract by `cargo xtask contract`. Never edited by hand.

export type WaveScope = "two" | "all";

export type AnswerWord = "acknowledge" | "accept" | "undo-accept" | "decline" | "escalate" | "retire";

export type LimitsTrial = { 
/**
 * Metric name.
 */
metric: string, 
/**
 * Low bound; `null` for none.
 */
low: number | null, 
/**
 * High bound; `null` for none.
 */
high: number | null, 
/**
 * A crossing must last this long, ms; `null` for as now.
 */
delayMs: number | null, };

export type ReviewWhat = { "what": "bed", 
/**
 * Bed id.
 */
bed: string, } | { "what": "file", 
/**
 * Its path.
 */
path: string, };

export type ReviewMark = { 
/**
 * Counts from 1.
 */
id: number, 
/**
 * Which of the palette (1 to 9).
 */
palette: number, 
/**
 * From, ms.
 */
fromMs: number, 
/**
 * To, ms; the same as `fromMs` for one moment.
 */
untilMs: number, 
/**
 * The lane's label; `null` for all lanes.
 */
lane: string | null, 
/**
 * What it says; at most 2,000 characters.
 */
text: string, 
/**
 * Who put it or changed it last.
 */
by: string, 
/**
 * When, ms.
 */
atMs: number, };

export type ReviewCommand = { "ask": "open", 
/**
 * Which.
 */
what: ReviewWhat, } | { "ask": "refresh", 
/**
 * Which.
 */
review: number, } | { "ask": "events", 
/**
 * Which.
 */
review: number, } | { "ask": "mark", 
/**
 * Which.
 */
review: number, 
/**
 * The mark; its id `0` for a new one.
 */
mark: ReviewMark, 
/**
 * Who, for a file; in history it is whoever is signed in.
 */
by: string, } | { "ask": "unmark", 
/**
 * Which.
 */
review: number, 
/**
 * The mark's id.
 */
mark: number, 
/**
 * Who, for a file.
 */
by: string, } | { "ask": "undo", 
/**
 * Which.
 */
review: number, 
/**
 * Who, for a file.
 */
by: string, } | { "ask": "redo", 
/**
 * Which.
 */
review: number, 
/**
 * Who, for a file.
 */
by: string, } | { "ask": "replay", 
/**
 * Which.
 */
review: number, 
/**
 * From, inclusive, ms.
 */
fromMs: number, 
/**
 * To, exclusive, ms.
 */
toMs: number, } | { "ask": "close", 
/**
 * Which.
 */
review: number, };

export type Command = { "do": "watch", 
/**
 * Bed indices.
 */
beds: Array<number>, 
/**
 * How many waves a bed.
 */
waves: WaveScope, } | { "do": "answer", 
/**
 * The alert's id.
 */
alert: number, 
/**
 * The version that was on screen.
 */
version: number, 
/**
 * What they do.
 */
answer: AnswerWord, } | { "do": "seen", 
/**
 * Ids.
 */
alerts: number[], } | { "do": "pause", 
/**
 * Bed id.
 */
bed: string, 
/**
 * Metric name.
 */
metric: string, 
/**
 * `low` or `high`.
 */
side: string, 
/**
 * The alert on screen that the pause is meant for, and its version: one that changed meanwhile is refused. Both
 * `null` for a pause without an alert.
 */
alert: number | null, 
/**
 * Its version.
 */
version: number | null, 
/**
 * 1, 2 or 3.
 */
minutes: number, 
/**
 * Why; must not be empty.
 */
reason: string, } | { "do": "end-pause", 
/**
 * Bed id.
 */
bed: string, 
/**
 * Metric name.
 */
metric: string, 
/**
 * `low` or `high`.
 */
side: string, } | { "do": "set-limits", 
/**
 * Bed id.
 */
bed: string, 
/**
 * Metric name.
 */
metric: string, 
/**
 * New low bound, in the metric's unit; `null` for none.
 */
low: number | null, 
/**
 * New high bound; `null` for none.
 */
high: number | null, 
/**
 * Why; must not be empty.
 */
reason: string, 
/**
 * Until when it holds, ms; `null` for the whole stay.
 */
untilMs: number | null, } | { "do": "restore-limits", 
/**
 * Bed id.
 */
bed: string, 
/**
 * Metric name.
 */
metric: string, 
/**
 * Why; must not be empty.
 */
reason: string, } | { "do": "auto-limits", 
/**
 * Bed id.
 */
bed: string, 
/**
 * Why; must not be empty.
 */
reason: string, } | { "do": "note", 
/**
 * Bed id.
 */
bed: string, 
/**
 * The alert's id.
 */
alert: number | null, 
/**
 * What; at most 2,000 characters.
 */
text: string, } | { "do": "check-bed", 
/**
 * Bed id.
 */
bed: string, } | { "do": "assess", 
/**
 * Bed id.
 */
bed: string, 
/**
 * `alert`, `confusion`, `voice`, `pain`, `unresponsive`.
 */
consciousness: string, 
/**
 * `air` or `oxygen`.
 */
breathing: string, 
/**
 * `one` or `two`: by which scale SpO₂ is scored. Another than the one in force needs a clinician.
 */
scale: string, } | { "do": "admit", 
/**
 * Bed id.
 */
bed: string, 
/**
 * The hospital's number.
 */
patientId: string, 
/**
 * The name as shown.
 */
patientName: string, 
/**
 * When they came, in any words; `null` for now.
 */
admitted: string | null, } | { "do": "join-patient", 
/**
 * Bed id.
 */
bed: string, 
/**
 * The hospital's number.
 */
patientId: string, 
/**
 * The name as shown.
 */
patientName: string, 
/**
 * From then on, ms.
 */
fromMs: number, } | { "do": "transfer", 
/**
 * Bed id.
 */
from: string, 
/**
 * Bed id.
 */
to: string, } | { "do": "discharge", 
/**
 * Bed id.
 */
bed: string, } | { "do": "undo-adt", 
/**
 * Bed id.
 */
bed: string, } | { "do": "sign-in", 
/**
 * Name.
 */
person: string, 
/**
 * PIN.
 */
pin: string, } | { "do": "sign-out" } | { "do": "put-person", 
/**
 * Name.
 */
person: string, 
/**
 * `nurse`, `charge`, `clinician`, `engineer`.
 */
role: string, 
/**
 * PIN: 4 to 12 digits.
 */
pin: string, 
/**
 * The person is there already.
 */
replace: boolean, } | { "do": "remove-person", 
/**
 * Name.
 */
person: string, } | { "do": "what-if", 
/**
 * Bed id.
 */
bed: string, 
/**
 * From, inclusive, ms.
 */
fromMs: number, 
/**
 * To, exclusive, ms.
 */
toMs: number, 
/**
 * What is changed.
 */
changes: Array<LimitsTrial>, } | { "do": "waves", 
/**
 * Bed id.
 */
bed: string, 
/**
 * From, inclusive, ms.
 */
fromMs: number, 
/**
 * To, exclusive, ms.
 */
toMs: number, } | { "do": "trend", 
/**
 * Bed id.
 */
bed: string, 
/**
 * Metric names.
 */
metrics: Array<string>, 
/**
 * From, inclusive, ms.
 */
fromMs: number, 
/**
 * To, exclusive, ms.
 */
toMs: number, 
/**
 * Bins at most (1 to 4,000).
 */
bins: number, } | { "do": "alert-history", 
/**
 * One bed and its stay of now, or all.
 */
bed: string | null, 
/**
 * Only alerts like this one: the same cause in the same bed.
 */
like: number | null, 
/**
 * Rows at most (1 to 1,000).
 */
rows: number, } | { "do": "review" } & ReviewCommand | { "do": "test-sound", 
/**
 * Which.
 */
priority: string, } | { "do": "stop-watching" } | { "do": "page-fault", 
/**
 * What the browser said.
 */
message: string, };

export type ScreenReport = { 
/**
 * Newest frame painted.
 */
frameSeq: number, 
/**
 * Newest pulse whose facts stand on the screen: applied, and a display frame has gone by.
 */
pulseSeq: number, 
/**
 * The page is not in sight (minimised): nothing is painted, and its timers are slow.
 */
hidden: boolean, 
/**
 * Milliseconds from the device sending to the first pixel, one for each block painted since the last report.
 */
delaysMs: Array<number>, 
/**
 * Milliseconds from the device sending to the number on screen, one for each number since the last report.
 */
numberDelaysMs: Array<number>, 
/**
 * Frames a second over the last second.
 */
framesPerSecond: number, 
/**
 * Main-thread milliseconds a frame, mean over the last second.
 */
mainMs: number, };

export type TrendPoint = { 
/**
 * Start of the bin, ms.
 */
atMs: number, 
/**
 * Least value.
 */
min: number, 
/**
 * Mean value.
 */
mean: number, 
/**
 * Greatest value.
 */
max: number, };

export type TrendSeries = { 
/**
 * Metric name.
 */
metric: string, 
/**
 * Bins with data, oldest first. Bins without are left out: a gap is a gap.
 */
points: Array<TrendPoint>, };

export type AlertFact = { 
/**
 * Its id.
 */
id: number, 
/**
 * Its version: an acknowledgement names it.
 */
version: number, 
/**
 * Bed index; `null` for the station itself.
 */
bed: number | null, 
/**
 * Bed label, or `Station`.
 */
place: string, 
/**
 * `limit`, `feed-lost`, `stale`, `sensor-off`, `invalid-value`, `device-clock`, `device`, `rule`, `early-warning`,
 * `disk`, `sound`, `page-dead`.
 */
cause: string, 
/**
 * Metric name, where it is about one.
 */
metric: string | null, 
/**
 * `low` or `high`, for a limit.
 */
side: string | null, 
/**
 * `physiological` or `technical`.
 */
kind: string, 
/**
 * `high`, `medium` or `low`.
 */
priority: string, 
/**
 * `station` or `device`.
 */
source: string, 
/**
 * `active` or `cleared`.
 */
presence: string, 
/**
 * `on`, `off`, `latched`, `acknowledged` or `paused`.
 */
signal: string, 
/**
 * When it began, ms.
 */
sinceMs: number, 
/**
 * When it was raised, ms.
 */
raisedMs: number, 
/**
 * Worst value so far.
 */
worst: number | null, 
/**
 * Limit crossed.
 */
limit: number | null, 
/**
 * Who acknowledged it, or paused its direction: who answers for the silence.
 */
owner: string | null, 
/**
 * When it sounds again, ms.
 */
realertMs: number | null, 
/**
 * `none`, `accepted` or `declined`.
 */
response: string, 
/**
 * Who goes, or who could not.
 */
responder: string | null, 
/**
 * `first`, `louder`, `second` or `charge`: how far it has been passed on.
 */
rung: string, 
/**
 * Which occurrence of its episode, from 1.
 */
occurrence: number, 
/**
 * When the first of the episode began, ms.
 */
episodeMs: number, 
/**
 * Over, and nobody has seen it yet.
 */
unseen: boolean, 
/**
 * What the device or the station adds; for an alert that is over, why.
 */
text: string | null, 
/**
 * The message with its marks: `** SpO₂ 84 < 88`.
 */
message: string, 
/**
 * What to do, in a sentence; empty where the message says it all.
 */
remedy: string, 
/**
 * Over: take it off the rail.
 */
over: boolean, };

export type AlertRow = { 
/**
 * When, ms.
 */
atMs: number, 
/**
 * Journal kind: `alert-raised`, `alert-acknowledged` …
 */
what: string, 
/**
 * The alert as it stood after it; `null` for a note on the bed, or a pause.
 */
alert: AlertFact | null, 
/**
 * Who.
 */
person: string | null, 
/**
 * Their words: a note, the reason of a pause.
 */
words: string | null, };

export type WhatIfRow = { 
/**
 * `vanishes`, `appears` or `moves`.
 */
what: string, 
/**
 * Metric name.
 */
metric: string, 
/**
 * `low` or `high`.
 */
side: string, 
/**
 * When it was raised by the limits in force, ms.
 */
beforeMs: number | null, 
/**
 * When it would be raised, ms.
 */
afterMs: number | null, 
/**
 * How long it lasted or would last, ms; `null` while it goes on at the end of the span.
 */
lastsMs: number | null, 
/**
 * Its worst value.
 */
worst: number | null, };

export type WhatIfReply = { 
/**
 * Alerts by the limits that were in force.
 */
before: number, 
/**
 * Alerts by the limits that are tried.
 */
after: number, 
/**
 * Every alert that would vanish, appear or come at another time, in order of time.
 */
differences: Array<WhatIfRow>, };

export type WaveRun = { 
/**
 * Time of the first sample, ms.
 */
startMs: number, 
/**
 * Samples a second.
 */
hertz: number, 
/**
 * Values in the unit; `null` where there was none.
 */
values: Array<number | null>, };

export type WaveSpan = { 
/**
 * Metric name.
 */
metric: string, 
/**
 * What a person reads.
 */
label: string, 
/**
 * UCUM unit.
 */
unit: string, 
/**
 * Runs without a gap, oldest first.
 */
runs: Array<WaveRun>, 
/**
 * How far each second of it can be trusted, by the second from the span's start:
 * `good`, `noisy`, `flat`, `clipped`, `missing`.
 */
quality: Array<string>, };

export type EnvelopeAsk = { 
/**
 * Which review.
 */
review: number, 
/**
 * Which lane: its place in `lanes`.
 */
lane: number, 
/**
 * From, inclusive, ms.
 */
fromMs: number, 
/**
 * To, exclusive, ms.
 */
toMs: number, 
/**
 * Bins at most (1 to 8,192).
 */
pixels: number, };

export type ReviewLane = { 
/**
 * Metric name; `null` for a channel that only its label names.
 */
metric: string | null, 
/**
 * What a person reads.
 */
label: string, 
/**
 * Unit, as a person reads it.
 */
unit: string, 
/**
 * A wave, rather than numbers.
 */
wave: boolean, 
/**
 * Samples a second, for a wave.
 */
hertz: number | null, 
/**
 * Decimals that a value is shown with.
 */
decimals: number, 
/**
 * Where it begins, ms.
 */
fromMs: number, 
/**
 * Where it ends, ms.
 */
untilMs: number, };

export type ReviewMarks = { 
/**
 * In order of time.
 */
marks: Array<ReviewMark>, 
/**
 * How many changes can be taken back.
 */
undoable: number, 
/**
 * How many can be done again.
 */
redoable: number, 
/**
 * Where they are kept, for a person.
 */
kept: string, };

export type ReviewOpened = { 
/**
 * Names it in what is asked later.
 */
review: number, 
/**
 * Of which bed; `null` for a file that names none.
 */
bed: string | null, 
/**
 * What a person calls it: the bed's label, the file's name.
 */
title: string, 
/**
 * The patient's name; `null` where nobody knows it.
 */
patientName: string | null, 
/**
 * The patient's number.
 */
patientId: string | null, 
/**
 * The file, where it is one.
 */
file: string | null, 
/**
 * It still goes on.
 */
live: boolean, 
/**
 * Demonstration data are in it.
 */
demo: boolean, 
/**
 * Where it begins, ms.
 */
fromMs: number, 
/**
 * Where it ends so far, ms.
 */
untilMs: number, 
/**
 * Its lanes: waves first.
 */
lanes: Array<ReviewLane>, 
/**
 * Its marks.
 */
marks: ReviewMarks, };

export type ReviewStep = { 
/**
 * When, ms.
 */
atMs: number, 
/**
 * The journal's word: `alert-raised`, `alert-acknowledged` …
 */
what: string, 
/**
 * Who.
 */
person: string | null, 
/**
 * Their words.
 */
words: string | null, };

export type ReviewAlert = { 
/**
 * Its id.
 */
id: number, 
/**
 * What it said at its worst.
 */
message: string, 
/**
 * Metric name, where it is about one.
 */
metric: string | null, 
/**
 * `low` or `high`, for a limit.
 */
side: string | null, 
/**
 * `physiological` or `technical`.
 */
kind: string, 
/**
 * The highest it had: `high`, `medium`, `low`.
 */
priority: string, 
/**
 * When its condition began, ms.
 */
sinceMs: number, 
/**
 * When it was raised, ms.
 */
raisedMs: number, 
/**
 * When its condition was over, ms; `null` while it is not.
 */
overMs: number | null, 
/**
 * Which occurrence of its episode.
 */
occurrence: number, 
/**
 * Everything that was done about it, and that it did.
 */
steps: Array<ReviewStep>, };

export type ReviewLimits = { 
/**
 * Metric name.
 */
metric: string, 
/**
 * Since when, ms; `null` from the beginning.
 */
fromMs: number | null, 
/**
 * Until when, ms; `null` to the end.
 */
untilMs: number | null, 
/**
 * Low bound.
 */
low: number | null, 
/**
 * High bound.
 */
high: number | null, 
/**
 * Who set them; `null` for those of the profile.
 */
person: string | null, 
/**
 * Why.
 */
reason: string | null, };

export type ReviewPause = { 
/**
 * Metric name.
 */
metric: string, 
/**
 * `low` or `high`.
 */
side: string, 
/**
 * Since when, ms.
 */
fromMs: number, 
/**
 * Until when, ms.
 */
untilMs: number, 
/**
 * Who.
 */
by: string, 
/**
 * Why.
 */
reason: string, };

export type ReviewNote = { 
/**
 * When, ms.
 */
atMs: number, 
/**
 * `note`, `limits`, `link`, `device`, `assessed`, `checked`, `station`.
 */
what: string, 
/**
 * For a link: it was lost.
 */
lost: boolean, 
/**
 * What a person reads.
 */
text: string, 
/**
 * Who.
 */
person: string | null, };

export type ReviewEvents = { 
/**
 * Alerts.
 */
alerts: Array<ReviewAlert>, 
/**
 * Limits in force.
 */
limits: Array<ReviewLimits>, 
/**
 * Directions that were silent.
 */
pauses: Array<ReviewPause>, 
/**
 * Notes, changes of limits, devices that came and went, and the like.
 */
notes: Array<ReviewNote>, };

export type ReplayedAlert = { 
/**
 * Metric name.
 */
metric: string, 
/**
 * `low` or `high`.
 */
side: string, 
/**
 * `high`, `medium`, `low`.
 */
priority: string, 
/**
 * When raised, ms.
 */
raisedMs: number, 
/**
 * When over, ms; `null` while it goes on at the end of the span.
 */
overMs: number | null, 
/**
 * Its worst value.
 */
worst: number | null, };

export type ReplayDifference = { 
/**
 * `missing` (recorded, but the engine gives none), `new` (the engine gives one that was not recorded), `moved`.
 */
what: string, 
/**
 * Metric name.
 */
metric: string, 
/**
 * `low` or `high`.
 */
side: string, 
/**
 * When it was raised then, ms.
 */
recordedMs: number | null, 
/**
 * When the engine raises it, ms.
 */
replayedMs: number | null, };

export type ReviewReplay = { 
/**
 * The alerts of limits that the engine gives.
 */
alerts: Array<ReplayedAlert>, 
/**
 * Alerts of limits that were recorded.
 */
recorded: number, 
/**
 * Where the two differ.
 */
differences: Array<ReplayDifference>, };

export type Reply = { "reply": "done" } | { "reply": "trend", 
/**
 * One a metric, in the order asked.
 */
series: Array<TrendSeries>, } | { "reply": "alert-history", 
/**
 * The rows.
 */
rows: Array<AlertRow>, } | { "reply": "what-if" } & WhatIfReply | { "reply": "waves", 
/**
 * One a metric, in display order.
 */
waves: Array<WaveSpan>, } | { "reply": "review-opened" } & ReviewOpened | { "reply": "review-events" } & ReviewEvents | { "reply": "review-marks" } & ReviewMarks | { "reply": "review-replay" } & ReviewReplay;

export type ErrorCode = "not-found" | "changed" | "not-signed-in" | "not-allowed" | "invalid" | "store" | "unavailable";

export type ContractError = { 
/**
 * For the program.
 */
code: ErrorCode, 
/**
 * For the person: what happened, where, what to do.
 */
text: string, };

export type Trouble = { 
/**
 * It works.
 */
ok: boolean, 
/**
 * For people, when it does not.
 */
text: string, };

export type PersonFact = { 
/**
 * Name.
 */
name: string, 
/**
 * `nurse`, `charge`, `clinician`, `engineer`.
 */
role: string, };

export type StationFact = { 
/**
 * Program version.
 */
version: string, 
/**
 * Demonstration data are shown: the watermark is on.
 */
demo: boolean, 
/**
 * When it started, ms.
 */
startedMs: number, 
/**
 * Beds configured.
 */
bedCount: number, 
/**
 * Where the configuration is, for "what to do" screens.
 */
configPath: string, 
/**
 * What is wrong with it, line and remedy, when something is.
 */
configError: string | null, 
/**
 * Sound.
 */
sound: Trouble, 
/**
 * History.
 */
store: Trouble, 
/**
 * Who is signed in; `null` when nobody is.
 */
signedIn: PersonFact | null, 
/**
 * Everybody who may sign in. Empty: the first person is still to be added.
 */
people: Array<PersonFact>, };

export type PauseFact = { 
/**
 * Bed index.
 */
bed: number, 
/**
 * Metric name.
 */
metric: string, 
/**
 * What a person reads.
 */
label: string, 
/**
 * `low` or `high`.
 */
side: string, 
/**
 * Who answers for it; empty when it is over.
 */
by: string, 
/**
 * Why; empty when it is over.
 */
reason: string, 
/**
 * Until when, ms.
 */
untilMs: number, 
/**
 * It is over.
 */
over: boolean, };

export type ScorePartFact = { 
/**
 * `respiration`, `saturation`, `breathing`, `systolic`, `pulse`, `consciousness`, `temperature`.
 */
part: string, 
/**
 * What a person reads.
 */
label: string, 
/**
 * 0 to 3; `null`: missing.
 */
points: number | null, };

export type ScoreFact = { 
/**
 * Bed index.
 */
bed: number, 
/**
 * The profile has a score: the patient is of an age it applies to.
 */
applies: boolean, 
/**
 * 0 to 20; `null`: incomplete.
 */
total: number | null, 
/**
 * Its parts, in the order of the chart.
 */
parts: Array<ScorePartFact>, 
/**
 * `one` or `two`.
 */
scale: string, 
/**
 * `alert`, `confusion`, `voice`, `pain`, `unresponsive`; `null` when nobody entered it, or too long ago.
 */
consciousness: string | null, 
/**
 * `air` or `oxygen`.
 */
breathing: string | null, 
/**
 * Who entered it.
 */
assessedBy: string | null, 
/**
 * When, ms.
 */
assessedMs: number | null, };

export type WaveFact = { 
/**
 * Metric name: `ECG_II`.
 */
metric: string, 
/**
 * Metric number, as in frames.
 */
id: number, 
/**
 * What a person reads.
 */
label: string, 
/**
 * UCUM unit.
 */
unit: string, 
/**
 * Samples a second.
 */
hertz: number, };

export type BedFact = { 
/**
 * Its place on the wall, from 0. Never changes while the station runs.
 */
index: number, 
/**
 * Its id.
 */
id: string, 
/**
 * What the tile says.
 */
label: string, 
/**
 * Ward.
 */
unit: string, 
/**
 * Room.
 */
room: string | null, 
/**
 * Patient's name; `null` when nobody is admitted.
 */
patientName: string | null, 
/**
 * Patient's number.
 */
patientId: string | null, 
/**
 * Waves it has sent so far, in display order.
 */
waves: Array<WaveFact>, 
/**
 * `real`, `test` or `demo`.
 */
mode: string, 
/**
 * Title of its profile: `Adult`.
 */
profile: string, 
/**
 * Who looked it over last in this stay.
 */
checkedBy: string | null, 
/**
 * When, ms.
 */
checkedMs: number | null, };

export type NumericFact = { 
/**
 * Bed index.
 */
bed: number, 
/**
 * Metric name.
 */
metric: string, 
/**
 * What a person reads.
 */
label: string, 
/**
 * What a person reads as unit.
 */
unit: string, 
/**
 * Decimals to show.
 */
decimals: number, 
/**
 * The value, or `null`.
 */
value: number | null, 
/**
 * Why there is none: `not-available`, `sensor-off`, `calibrating`, `out-of-range`.
 */
absence: string | null, 
/**
 * The device doubts it.
 */
questionable: boolean, 
/**
 * When it arrived, ms.
 */
receivedMs: number, 
/**
 * Milliseconds it spent on the way beyond the quickest message of that feed.
 */
transitMs: number, 
/**
 * Not to be drawn as a number when older than this, ms.
 */
staleAfterMs: number, 
/**
 * A cuff rather than a stream: show its time.
 */
intermittent: boolean, 
/**
 * `real`, `test` or `demo`.
 */
mode: string, };

export type LimitsFact = { 
/**
 * Bed index.
 */
bed: number, 
/**
 * Metric name.
 */
metric: string, 
/**
 * Low bound in force; `null` for none.
 */
low: number | null, 
/**
 * High bound in force.
 */
high: number | null, 
/**
 * `high`, `medium` or `low`.
 */
priority: string, 
/**
 * A crossing must last this long, ms.
 */
delayMs: number, 
/**
 * Comes back inside by this much before it clears.
 */
hysteresis: number, 
/**
 * Low bound of the profile.
 */
profileLow: number | null, 
/**
 * High bound of the profile.
 */
profileHigh: number | null, 
/**
 * Who changed it from the profile; `null` when nobody did.
 */
changedBy: string | null, 
/**
 * Why.
 */
reason: string | null, 
/**
 * When, ms.
 */
changedMs: number | null, 
/**
 * Until when it holds, ms; `null` for the whole stay.
 */
untilMs: number | null, 
/**
 * The low bound may not be set below this; `null` for no floor.
 */
lowFloor: number | null, 
/**
 * The high bound may not be set above this; `null` for no ceiling.
 */
highCeiling: number | null, };

export type RejectCount = { 
/**
 * The reason's word.
 */
reason: string, 
/**
 * How many since start.
 */
count: number, };

export type FeedFact = { 
/**
 * Its number.
 */
index: number, 
/**
 * Bed index.
 */
bed: number, 
/**
 * Name: adapter and address, without secrets.
 */
name: string, 
/**
 * `connecting`, `live` or `lost`.
 */
state: string, 
/**
 * Why and what to do, for people.
 */
detail: string, 
/**
 * Since when, ms.
 */
sinceMs: number, 
/**
 * Last sign of life, ms; `null` before the first.
 */
lastMs: number | null, 
/**
 * Tries since it was last live.
 */
attempt: number, 
/**
 * What was not taken since start.
 */
rejects: Array<RejectCount>, };

export type PulseFact = { 
/**
 * Counts up.
 */
seq: number, 
/**
 * The station's clock, ms. The page takes its own offset from it.
 */
nowMs: number, };

export type ScreenFact = { 
/**
 * Device to screen, median, ms; `null` before the first.
 */
p50Ms: number | null, 
/**
 * Device to screen, 99th percentile, ms.
 */
p99Ms: number | null, 
/**
 * How many blocks and numbers that is.
 */
samples: number, 
/**
 * Frames a second.
 */
framesPerSecond: number, 
/**
 * Main-thread milliseconds a frame.
 */
mainMs: number, 
/**
 * Wave blocks not sent because the page was behind, since it opened.
 */
dropped: number, 
/**
 * What this computer does not grant, in words: that it will not go to sleep. Empty when all is well.
 */
lacks: Array<string>, };

export type CloseFact = { 
/**
 * Beds that nobody would watch any more.
 */
beds: number, };

export type ReviewAsked = { 
/**
 * Its path.
 */
path: string, };

export type Fact = { "fact": "station" } & StationFact | { "fact": "bed" } & BedFact | { "fact": "numeric" } & NumericFact | { "fact": "limits" } & LimitsFact | { "fact": "alert" } & AlertFact | { "fact": "pause" } & PauseFact | { "fact": "score" } & ScoreFact | { "fact": "feed" } & FeedFact | { "fact": "pulse" } & PulseFact | { "fact": "screen" } & ScreenFact | { "fact": "close-asked" } & CloseFact | { "fact": "review-asked" } & ReviewAsked;
