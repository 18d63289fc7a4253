// How fast a trace runs.

/** Sweep speeds a clinician knows, mm/s. */
export const SPEEDS = [6.25, 12.5, 25, 50] as const;

/** Gains a clinician knows, mm/mV. */
export const GAINS = [5, 10, 20] as const;

/** A tile's trace must show at least this long: about four beats. */
export const LEAST_SECONDS = 3;

/** The speed for a tile's trace of so many mm: 25 mm/s where that shows enough, slower where the trace is short. */
export function sweepFor(lengthMm: number): number {
  for (const speed of [25, 12.5]) if (lengthMm / speed >= LEAST_SECONDS) return speed;
  return 6.25;
}
