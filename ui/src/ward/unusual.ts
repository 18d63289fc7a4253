// What the next shift must know at a glance, bed by bed.

import type { LimitsFact } from "../contract";
import { pauseWords, untilWords } from "../words/alerts";
import { nameOf } from "../words/params";
import { limit, span } from "../words/words";
import type { Bed, NumericCell } from "./bed.svelte";
import { checkedThisShift } from "./shift";

/** One line. */
export interface Unusual {
  readonly key: string;
  readonly bed: Bed;
  readonly icon: "link-lost" | "edited" | "bell-off";
  readonly text: string;
  /** Who and why, where somebody did it. */
  readonly more: string;
}

/** Pauses first (they run out), then beds without data, then changed limits; within each in the order of the beds. */
export function unusual(beds: readonly Bed[], nowMs: number): Unusual[] {
  return [
    ...beds.flatMap((bed) =>
      bed.pauses.map((pause): Unusual => ({
        key: `${bed.index} ${pause.metric} ${pause.side}`,
        bed,
        icon: "bell-off",
        text: pauseWords(pause, nowMs),
        more: `${pause.by}: ${pause.reason}`,
      })),
    ),
    ...beds.filter((bed) => bed.lost).map((bed) => ({ key: `${bed.index} link`, bed, ...lost(bed, nowMs) })),
    ...beds.flatMap((bed) =>
      bed.changedLimits.flatMap((cell) => (cell.limits === null ? [] : [changed(bed, cell, cell.limits)])),
    ),
  ];
}

/** Beds that nobody has looked over in this shift. */
export function unchecked(beds: readonly Bed[], nowMs: number): Bed[] {
  return nowMs === 0 ? [] : beds.filter((bed) => !checkedThisShift(bed.fact, nowMs));
}

function lost(bed: Bed, nowMs: number): Pick<Unusual, "icon" | "text" | "more"> {
  const text = bed.link.state === "none" ? "no feed" : `no data for ${span(nowMs - bed.link.sinceMs)}`;
  return { icon: "link-lost", text, more: "" };
}

function changed(bed: Bed, cell: NumericCell, limits: LimitsFact): Unusual {
  const { low, high, changedBy, reason, untilMs } = limits;
  const off = low === null && high === null;
  const bounds = off ? "limits off" : `${limit(low) || "–"} … ${limit(high) || "–"}`;
  return {
    key: `${bed.index} ${cell.metric}`,
    bed,
    icon: off ? "bell-off" : "edited",
    text: `${cell.fact?.label ?? nameOf(cell.metric)} ${bounds}`,
    more: `${[changedBy, reason].filter((part) => part !== null && part !== "").join(": ")}, ${untilWords(untilMs)}`,
  };
}
