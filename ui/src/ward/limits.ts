// Limits as a person types them.

import type { LimitsFact } from "../contract";
import { limit } from "../words/words";
import { shiftEnds } from "./shift";

/** How far a bed's limits may go from the profile. */
export type Bounds = Pick<LimitsFact, "lowFloor" | "highCeiling" | "profileLow" | "profileHigh">;

/** A bound as typed: `null` when left empty, `undefined` when it is no number. A comma counts as a point. */
export function parseBound(text: string): number | null | undefined {
  const plain = text.trim().replace(",", ".").replace("−", "-");
  if (plain === "") return null;
  if (!/^-?\d+(\.\d+)?$/.test(plain)) return undefined;
  return Number(plain);
}

/** What is wrong with two bounds as typed, and what to do; empty when nothing is. The station checks again. */
export function checkLimits(low: string, high: string, bounds: Bounds | null = null): string {
  const from = parseBound(low);
  const to = parseBound(high);
  if (from === undefined) return `"${low.trim()}" is not a number. Write the low limit in digits, like 50.`;
  if (to === undefined) return `"${high.trim()}" is not a number. Write the high limit in digits, like 120.`;
  if (from === null && to === null) return "Give at least one limit: a number without any limit would never alert.";
  if (from !== null && to !== null && from >= to) return `The low limit ${from} must be below the high limit ${to}.`;
  return beyond(from, to, bounds);
}

function beyond(low: number | null, high: number | null, bounds: Bounds | null): string {
  if (bounds === null) return "";
  const { lowFloor, highCeiling, profileLow, profileHigh } = bounds;
  if (lowFloor !== null && low !== null && low < lowFloor)
    return `The low limit may not go below ${limit(lowFloor)}: that is the floor of the profile. Choose ${limit(lowFloor)} or more.`;
  if (highCeiling !== null && high !== null && high > highCeiling)
    return `The high limit may not go above ${limit(highCeiling)}: that is the ceiling of the profile. Choose ${limit(highCeiling)} or less.`;
  // A bound that is taken away has crossed its floor.
  if (lowFloor !== null && profileLow !== null && low === null)
    return `The low limit may go down to ${limit(lowFloor)}, but not away.`;
  if (highCeiling !== null && profileHigh !== null && high === null)
    return `The high limit may go up to ${limit(highCeiling)}, but not away.`;
  return "";
}

/** Until when a change holds. */
export const UNTIL = ["1h", "4h", "shift", "stay"] as const;

/** One of them. */
export type Until = (typeof UNTIL)[number];

/** The end of a change, ms; `null` for the whole stay. */
export function untilMs(until: Until, nowMs: number): number | null {
  if (until === "stay") return null;
  if (until === "shift") return shiftEnds(nowMs);
  return nowMs + (until === "1h" ? 1 : 4) * 3_600_000;
}
