// Generated from src-tauri/crates/contract by `cargo xtask contract`. Never edited by hand.

export type WaveScope = "two" | "all";

export type Command = { "do": "watch", 
/**
 * Bed indices.
 */
beds: Array<number>, 
/**
 * How many waves a bed.
 */
waves: WaveScope, } | { "do": "acknowledge", 
/**
 * The alert's id.
 */
alert: number, 
/**
 * The version that was on screen.
 */
version: number, 
/**
 * Who.
 */
person: string, } | { "do": "set-limits", 
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
 * Who.
 */
person: string, 
/**
 * Why; must not be empty.
 */
reason: string, } | { "do": "restore-limits", 
/**
 * Bed id.
 */
bed: string, 
/**
 * Metric name.
 */
metric: string, 
/**
 * Who.
 */
person: string, 
/**
 * Why; must not be empty.
 */
reason: string, } | { "do": "trend", 
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
 * One bed, or all.
 */
bed: string | null, 
/**
 * Rows at most (1 to 1,000).
 */
rows: number, } | { "do": "test-sound", 
/**
 * Which.
 */
priority: string, } | { "do": "page-fault", 
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
 * `limit`, `feed-lost`, `stale`, `sensor-off`, `invalid-value`, `device-clock`, `device`, `disk`, `sound`, `page-dead`.
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
 * `on`, `off`, `latched` or `acknowledged`.
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
 * Who acknowledged.
 */
owner: string | null, 
/**
 * When it sounds again, ms.
 */
realertMs: number | null, 
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
 * The alert as it stood after it.
 */
alert: AlertFact, 
/**
 * Who.
 */
person: string | null, };

export type Reply = { "reply": "done" } | { "reply": "trend", 
/**
 * One a metric, in the order asked.
 */
series: Array<TrendSeries>, } | { "reply": "alert-history", 
/**
 * The rows.
 */
rows: Array<AlertRow>, };

export type ErrorCode = "not-found" | "changed" | "invalid" | "store" | "unavailable";

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
store: Trouble, };

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
mode: string, };

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
changedMs: number | null, };

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
dropped: number, };

export type Fact = { "fact": "station" } & StationFact | { "fact": "bed" } & BedFact | { "fact": "numeric" } & NumericFact | { "fact": "limits" } & LimitsFact | { "fact": "alert" } & AlertFact | { "fact": "feed" } & FeedFact | { "fact": "pulse" } & PulseFact | { "fact": "screen" } & ScreenFact;
