// How old a number may be and still be drawn.

import type { NumericFact } from "../contract";

/** `fresh`: as it came. `ageing`: grey, with its age. `gone`: no number is drawn. */
export type Freshness = "fresh" | "ageing" | "gone";

/** A stream's number turns grey at this part of its time: one missed value, and some patience for a late one. */
const GREY_AT = 0.6;

/**
 * Judges a number by receipt time alone. A stream's is not drawn as a number beyond `staleAfterMs`, and grey for the last part
 * before. A cuff's `staleAfterMs` is its interval: grey after one, gone after two. An age below zero is a clock not yet settled,
 * and counts as none.
 */
export function freshness(
  fact: Pick<NumericFact, "receivedMs" | "staleAfterMs" | "intermittent">,
  stationNow: number,
): Freshness {
  const age = stationNow - fact.receivedMs;
  const [grey, gone] = fact.intermittent ? [1, 2] : [GREY_AT, 1];
  if (age > gone * fact.staleAfterMs) return "gone";
  return age > grey * fact.staleAfterMs ? "ageing" : "fresh";
}
