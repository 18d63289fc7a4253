// What was done about alerts, told from the journal.

import type { AlertFact, AlertRow } from "../contract";
import { clock, dayClock, journal, limit, span } from "../words/words";

/** An earlier alert like this one. */
export interface Earlier {
  readonly id: number;
  readonly when: string;
  readonly worst: string;
  /** What was done, in the order in which it was. */
  readonly done: readonly string[];
}

const EARLIER_MAX = 3;

/** The last three like `alert` before it, newest first, from rows of its kind. */
export function earlier(rows: readonly AlertRow[], alert: AlertFact): Earlier[] {
  const byId = new Map<number, AlertRow[]>();
  for (const row of rows) {
    if (row.alert === null || row.alert.id === alert.id) continue;
    byId.set(row.alert.id, [...(byId.get(row.alert.id) ?? []), row]);
  }
  return [...byId.values()]
    .map((group) => [...group].sort((a, b) => a.atMs - b.atMs))
    .sort((a, b) => (b[0]?.atMs ?? 0) - (a[0]?.atMs ?? 0))
    .slice(0, EARLIER_MAX)
    .map(tell);
}

function tell(rows: readonly AlertRow[]): Earlier {
  const first = rows[0];
  const last = rows.at(-1)?.alert ?? null;
  const begun = first?.atMs ?? 0;
  return {
    id: last?.id ?? 0,
    when: dayClock(begun),
    worst: last?.worst == null ? "" : limit(last.worst),
    done: rows.filter((row) => row.what !== "alert-raised").map((row) => told(row, begun)),
  };
}

function told(row: AlertRow, begun: number): string {
  const why = row.what === "alert-cleared" ? (row.alert?.text ?? null) : row.words;
  const what = row.what === "noted" ? `“${row.words ?? ""}”` : journal(row.what);
  const more = row.what === "noted" || why === null || why === "" ? "" : ` (${why})`;
  return `${what}${more}${row.person === null ? "" : ` by ${row.person}`} after ${span(row.atMs - begun)}`;
}

/** What was done about this alert so far, and what was noted on it or its bed; oldest first. */
export function soFar(rows: readonly AlertRow[], alert: AlertFact): string[] {
  return rows
    .filter((row) => row.alert?.id === alert.id || (row.alert === null && row.what === "noted"))
    .sort((a, b) => a.atMs - b.atMs)
    .map((row) => {
      const who = row.person === null ? "" : `, ${row.person}`;
      const words = row.words === null || row.words === "" ? "" : `: ${row.words}`;
      return `${clock(row.atMs)} ${journal(row.what)}${who}${words}`;
    });
}
