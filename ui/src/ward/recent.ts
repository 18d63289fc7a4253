// What of "recent" stands on the screen.

import type { AlertFact } from "../contract";

/** Rows under "recent"; more wait below, counted, until these are seen: what was not shown was not seen. */
export const RECENT_ROWS = 4;

/** Those that stand on the screen. */
export function recentShown(recent: readonly AlertFact[]): readonly AlertFact[] {
  return recent.slice(0, RECENT_ROWS);
}
