// A stretch of a wave that stands still, as a path: least and greatest of each pixel column, so that no QRS is lost.

import type { WaveRun, WaveSpan } from "../contract";

/** Least and greatest value of a stretch; `null` where nothing was measured. */
export function rangeOfRuns(runs: readonly WaveRun[]): { low: number; high: number } | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { values } of runs) {
    for (const value of values) {
      if (value === null) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low > high ? null : { low, high };
}

/** Where it is drawn: `fromMs` is at x = 0, `toMs` at `width`, px. */
export interface StillPlace {
  readonly fromMs: number;
  readonly toMs: number;
  readonly width: number;
  readonly height: number;
}

/** The SVG path of the runs; empty where nothing was measured. A gap in time or in values lifts the pen. */
export function stillPath(runs: readonly WaveRun[], place: StillPlace): string {
  const range = rangeOfRuns(runs);
  if (range === null) return "";
  const { fromMs, toMs, width, height } = place;
  const perMs = width / (toMs - fromMs);
  const room = Math.max((range.high - range.low) * 0.08, 1e-6);
  const perUnit = height / (range.high - range.low + 2 * room);
  const y = (value: number): string => (height - (value - range.low + room) * perUnit).toFixed(1);
  const parts: string[] = [];
  for (const { startMs, hertz, values } of runs) {
    let pen = false;
    let column = Number.NaN;
    let low = 0;
    let high = 0;
    const put = (): void => {
      if (Number.isNaN(column)) return;
      parts.push(`${pen ? "L" : "M"}${column} ${y(low)}`);
      if (high !== low) parts.push(`L${column} ${y(high)}`);
      pen = true;
      column = Number.NaN;
    };
    values.forEach((value, i) => {
      if (value === null) {
        put();
        pen = false;
        return;
      }
      const at = Math.floor((startMs + (i * 1000) / hertz - fromMs) * perMs);
      if (at === column) {
        low = Math.min(low, value);
        high = Math.max(high, value);
        return;
      }
      put();
      column = at;
      low = high = value;
    });
    put();
  }
  return parts.join("");
}

/** What is wrong with a stretch, in words: `good`, or `2 s missing, 1 s noisy`. */
export function qualityWords(quality: WaveSpan["quality"]): string {
  const counted = ["missing", "flat", "clipped", "noisy"].flatMap((kind) => {
    const seconds = quality.filter((second) => second === kind).length;
    return seconds === 0 ? [] : [`${seconds} s ${kind === "clipped" ? "at the end of the scale" : kind}`];
  });
  return counted.length === 0 ? "good" : counted.join(", ");
}
