// How things are said on the screen.

import type { NumericFact } from "../contract";

/** Shown where a number is not known. */
export const NO_VALUE = "--";

/** A number as it stands on a tile: fixed decimals, no grouping, a true minus. */
export function number(value: number | null, decimals: number): string {
  if (value === null || !Number.isFinite(value)) return NO_VALUE;
  const text = value.toFixed(decimals);
  return text.startsWith("-") ? `−${text.slice(1)}` : text;
}

/** A limit without needless zeros. */
export function limit(value: number | null): string {
  if (value === null) return "";
  const text = String(Math.round(value * 1000) / 1000);
  return text.startsWith("-") ? `−${text.slice(1)}` : text;
}

/** How long ago, in the coarsest unit that helps: `4 s`, `12 min`, `3 h 05`, `2 d`. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${String(minutes % 60).padStart(2, "0")}`;
  return `${Math.floor(hours / 24)} d`;
}

/** What is left of a time that runs out: `1:20`, `0:45`. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
}

/** Time of day by the ward's clock: `10:42`. */
export function clock(ms: number): string {
  const at = new Date(ms);
  return `${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** Time of day with seconds: `10:42:07`. */
export function clockSeconds(ms: number): string {
  return `${clock(ms)}:${two(new Date(ms).getSeconds())}`;
}

/** Day and time: `24 Nov 10:42`. */
export function dayClock(ms: number): string {
  const at = new Date(ms);
  return `${at.getDate()} ${MONTHS[at.getMonth()] ?? ""} ${clock(ms)}`;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function two(value: number): string {
  return String(value).padStart(2, "0");
}

const ABSENCES: Record<string, readonly [long: string, short: string]> = {
  "not-available": ["no value", "none"],
  "sensor-off": ["sensor off", "off"],
  calibrating: ["calibrating", "calibr."],
  "out-of-range": ["out of range", "range"],
};

/** Why a number is not there; `short` where there is room for one word. */
export function absence(fact: NumericFact, short: boolean): string {
  if (fact.absence === null) return "";
  return ABSENCES[fact.absence]?.[short ? 1 : 0] ?? fact.absence;
}

/** Marks of a priority: `***` for a patient, `!!!` for equipment. */
export function marks(priority: string, kind: string): string {
  const mark = kind === "technical" ? "!" : "*";
  return mark.repeat(priority === "high" ? 3 : priority === "medium" ? 2 : 1);
}

/** The message without the marks in front, for places that draw them apart. */
export function withoutMarks(message: string): string {
  return message.replace(/^[*!]+\s*/, "");
}

/** The journal's word, as a person says it. */
export function journal(what: string): string {
  return JOURNAL[what] ?? what.replace(/^alert-/, "").replaceAll("-", " ");
}

const JOURNAL: Record<string, string> = {
  "alert-raised": "raised",
  "alert-worsened": "worse",
  "alert-acknowledged": "acknowledged",
  "alert-realerted": "sounds again",
  "alert-accepted": "accepted",
  "alert-accept-undone": "does not go after all",
  "alert-declined": "cannot go",
  "alert-escalated": "passed on",
  "alert-seen": "seen",
  "alert-cleared": "over",
  noted: "note",
  paused: "paused",
  "pause-ended": "pause ended",
};

/** The rejects of a feed in one line: `sequence gap 3, wrong unit 1`. */
export function rejects(counts: { reason: string; count: number }[]): string {
  return counts.map((r) => `${r.reason.replaceAll("-", " ")} ${r.count}`).join(", ");
}

/** A number of milliseconds for the strip: `38 ms`, `1.2 s`. */
export function delay(ms: number | null): string {
  if (ms === null) return NO_VALUE;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
