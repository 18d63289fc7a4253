// Bottom and top of a lane. It stands still while one pans: it moves only when what is seen does not fit any more, or has
// become small in it.

import { type Envelope, firstFrom } from "./envelope";
import type { Span } from "./span";

/** Bottom and top, in the lane's unit. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** Least and greatest of what is seen; `null` where nothing is. */
export function seen(envelope: Envelope, span: Span): Range | null {
  let low = Infinity;
  let high = -Infinity;
  const first = Math.max(0, firstFrom(span.from, envelope.at) - 1);
  for (let i = first; i < envelope.at.length && (envelope.at[i] ?? Infinity) < span.to; i += 1) {
    const l = envelope.low[i] ?? NaN;
    const h = envelope.high[i] ?? NaN;
    if (l < low) low = l;
    if (h > high) high = h;
  }
  return low > high ? null : { low, high };
}

/** The range to draw in: the one before where it still fits. */
export function settled(before: Range | null, now: Range | null, least: number): Range {
  if (now === null) return before ?? { low: 0, high: 1 };
  if (before !== null) {
    const height = before.high - before.low;
    const fits = now.low >= before.low && now.high <= before.high;
    if (fits && (now.high - now.low > height * 0.4 || height <= least * 1.3)) return before;
  }
  const middle = (now.low + now.high) / 2;
  const height = Math.max(now.high - now.low, least) * 1.16;
  return { low: middle - height / 2, high: middle + height / 2 };
}

/** Two to four round values inside a range. */
export function levels(range: Range, pixels: number): number[] {
  const rough = (range.high - range.low) / Math.max(2, Math.min(4, pixels / 26));
  if (!(rough > 0)) return [];
  const power = Math.pow(10, Math.floor(Math.log10(rough)));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough) ?? rough;
  const found: number[] = [];
  for (let v = Math.ceil(range.low / step) * step; v <= range.high; v += step) found.push(Number(v.toPrecision(12)));
  return found;
}
