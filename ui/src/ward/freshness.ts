// How old a number may be and still be drawn.

import type { NumericFact } from "../contract";

/** `fresh`: as it came. `ageing`: grey, with its age. `gone`: no number is drawn. */
export type Freshness = "fresh" | "ageing" | "gone";

/**
 * Judges a number by receipt time alone. It turns grey at half of `staleAfterMs` (one missed period of a stream, the interval
 * of a cuff) and is not drawn as a number beyond it. An age below zero is a clock not yet settled, and counts as none.
 */
export function freshness(fact: Pick<NumericFact, "receivedMs" | "staleAfterMs">, stationNow: number): Freshness {
  const age = stationNow - fact.receivedMs;
  if (age > fact.staleAfterMs) return "gone";
  return age > fact.staleAfterMs / 2 ? "ageing" : "fresh";
}
