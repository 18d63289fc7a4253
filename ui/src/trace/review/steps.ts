// The moments one jumps between.

import type { ReviewEvents, ReviewMarks } from "../../contract";

/** One thing on the time line. */
export interface Moment {
  readonly key: string;
  readonly at: number;
  readonly until: number | null;
  /** What kind: an alert's priority, or what of the journal. */
  readonly kind: "high" | "medium" | "low" | "note" | "limits" | "link" | "pause" | "mark" | "other";
  readonly technical: boolean;
  readonly text: string;
  readonly person: string | null;
}

/** Everything on the time line, in order of time. */
export function momentsOf(events: ReviewEvents | null, marks: ReviewMarks | null): Moment[] {
  const found: Moment[] = [];
  for (const alert of events?.alerts ?? []) {
    const kind = alert.priority === "high" || alert.priority === "medium" ? alert.priority : "low";
    found.push({
      key: `alert-${alert.id}`,
      at: alert.raisedMs,
      until: alert.overMs,
      kind,
      technical: alert.kind === "technical",
      text: alert.message,
      person: null,
    });
  }
  for (const [i, pause] of (events?.pauses ?? []).entries())
    found.push({
      key: `pause-${i}`,
      at: pause.fromMs,
      until: pause.untilMs,
      kind: "pause",
      technical: false,
      text: `${pause.metric} ${pause.side} paused: ${pause.reason}`,
      person: pause.by,
    });
  for (const [i, note] of (events?.notes ?? []).entries())
    found.push({
      key: `note-${i}`,
      at: note.atMs,
      until: null,
      kind: note.what === "note" || note.what === "limits" || note.what === "link" ? note.what : "other",
      technical: note.lost,
      text: note.text,
      person: note.person,
    });
  for (const mark of marks?.marks ?? [])
    found.push({
      key: `mark-${mark.id}`,
      at: mark.fromMs,
      until: mark.untilMs > mark.fromMs ? mark.untilMs : null,
      kind: "mark",
      technical: false,
      text: mark.text,
      person: mark.by,
    });
  return found.sort((a, b) => a.at - b.at);
}

/** The next moment after the selected one, or after a time; `null` behind the last. */
export function step(moments: readonly Moment[], selected: string | null, at: number, by: 1 | -1): Moment | null {
  const place = moments.findIndex((m) => m.key === selected);
  if (place >= 0) return moments[place + by] ?? null;
  if (by === 1) return moments.find((m) => m.at > at) ?? null;
  return moments.filter((m) => m.at < at).at(-1) ?? null;
}

/** The moment nearest to a pixel, within reach. */
export function momentAt(moments: readonly Moment[], at: number, reach: number): Moment | null {
  let best: Moment | null = null;
  let least = reach;
  for (const moment of moments) {
    const off = Math.abs(moment.at - at);
    if (off <= least) {
      least = off;
      best = moment;
    }
  }
  return best;
}
