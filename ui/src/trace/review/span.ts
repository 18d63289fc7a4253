// Where a review looks: a stretch of time on a width of pixels. Pure arithmetic.

/** From (inclusive) to (exclusive), ms since the epoch. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Nothing is seen closer than this: a part of one beat. */
export const LEAST_MS = 100;

/** How long it is, ms. */
export function lengthOf(span: Span): number {
  return span.to - span.from;
}

/** Pixel of a time. */
export function xOf(span: Span, width: number, at: number): number {
  return ((at - span.from) / lengthOf(span)) * width;
}

/** Time of a pixel. */
export function timeOf(span: Span, width: number, x: number): number {
  return span.from + (x / width) * lengthOf(span);
}

/** The same length moved into `bounds`, or `bounds` where it is longer. */
export function inside(span: Span, bounds: Span): Span {
  const length = Math.min(Math.max(lengthOf(span), LEAST_MS), Math.max(lengthOf(bounds), LEAST_MS));
  const from = Math.min(Math.max(span.from, bounds.from), Math.max(bounds.from, bounds.to - length));
  return { from, to: from + length };
}

/** Closer (`factor` < 1) or farther; what is at `at` stays under the pointer. */
export function zoomAbout(span: Span, at: number, factor: number, bounds: Span): Span {
  const most = Math.max(lengthOf(bounds), LEAST_MS);
  const length = Math.min(Math.max(lengthOf(span) * factor, LEAST_MS), most);
  const part = (at - span.from) / lengthOf(span);
  const from = at - part * length;
  return inside({ from, to: from + length }, bounds);
}

/** Moved by `ms`. */
export function pan(span: Span, ms: number, bounds: Span): Span {
  return inside({ from: span.from + ms, to: span.to + ms }, bounds);
}

/** So long, about the middle of what is seen. */
export function resized(span: Span, ms: number, bounds: Span): Span {
  return zoomAbout(span, (span.from + span.to) / 2, ms / lengthOf(span), bounds);
}

/** So long as it is, about a moment. */
export function about(span: Span, at: number, bounds: Span): Span {
  return pan(span, at - (span.from + span.to) / 2, bounds);
}

/** The factor of one step of a wheel; a touch pad sends many small ones, a mouse few large ones. */
export function wheelFactor(deltaY: number, deltaMode: number): number {
  const pixels = deltaMode === 1 ? deltaY * 33 : deltaMode === 2 ? deltaY * 800 : deltaY;
  return Math.pow(1.0022, Math.min(Math.max(pixels, -600), 600));
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [
  10,
  20,
  50,
  100,
  200,
  500,
  SECOND,
  2 * SECOND,
  5 * SECOND,
  10 * SECOND,
  15 * SECOND,
  30 * SECOND,
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
];

/** Times to write on the axis, at least `apart` pixels from each other, on round times of the ward's clock. */
export function ticks(span: Span, width: number, apart: number, zoneMs: number): { step: number; at: number[] } {
  const least = (lengthOf(span) / width) * apart;
  const step = STEPS.find((s) => s >= least) ?? 30 * DAY;
  const at: number[] = [];
  const first = Math.ceil((span.from + zoneMs) / step) * step - zoneMs;
  for (let t = first; t < span.to; t += step) at.push(t);
  return { step, at };
}

/** Milliseconds that the ward's clock is ahead of UTC at a moment. */
export function zoneOf(at: number): number {
  return -new Date(at).getTimezoneOffset() * MINUTE;
}

/** How a tick reads: as fine as its step asks for. */
export function tickWords(at: number, step: number): string {
  const date = new Date(at);
  const two = (n: number): string => String(n).padStart(2, "0");
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (step >= DAY) return `${date.getDate()}.${date.getMonth() + 1}.`;
  if (step >= MINUTE) return clock;
  const seconds = `${clock}:${two(date.getSeconds())}`;
  if (step >= SECOND) return seconds;
  return `${seconds}.${String(date.getMilliseconds())
    .padStart(3, "0")
    .slice(0, step >= 100 ? 1 : 2)}`;
}

/** A length in words: `340 ms`, `12.5 s`, `38 min`, `6 h 20`, `3 d 4 h`. */
export function lengthWords(ms: number): string {
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < 10 * SECOND) return `${(ms / SECOND).toFixed(2)} s`;
  if (ms < 90 * SECOND) return `${(ms / SECOND).toFixed(1)} s`;
  if (ms < 90 * MINUTE) return `${Math.round(ms / MINUTE)} min`;
  const hours = Math.floor(ms / HOUR + 1e-9);
  const minutes = Math.round((ms - hours * HOUR) / MINUTE);
  if (hours < 48) return minutes === 0 ? `${hours} h` : `${hours} h ${two(minutes)}`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
