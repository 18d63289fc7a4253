// Two points on a lane and what lies between them. Points stand on samples, never between them.

import { type Envelope, nearest } from "./envelope";
import type { Span } from "./span";

/** A point on a lane: a sample. */
export interface Point {
  readonly at: number;
  readonly value: number;
}

/** What two points say. */
export interface Reading {
  readonly ms: number;
  /** The later minus the earlier, in the lane's unit. */
  readonly delta: number;
  /** So many of this length in a minute; `null` for none. */
  readonly perMinute: number | null;
}

/** The sample nearest to a time. Only an exact envelope has samples; `null` without one. */
export function snap(envelope: Envelope, at: number): Point | null {
  if (!envelope.exact) return null;
  const place = nearest(at, envelope.at);
  const found = envelope.at[place];
  const value = envelope.middle[place];
  return found === undefined || value === undefined ? null : { at: found, value };
}

/** What lies between two points. */
export function read(first: Point, second: Point): Reading {
  const ms = Math.abs(second.at - first.at);
  const later = second.at >= first.at ? 1 : -1;
  return { ms, delta: later * (second.value - first.value), perMinute: ms > 0 ? 60_000 / ms : null };
}

/** Where the same distance comes again, before and after, inside a span: regular beats stand on these lines. */
export function marchOut(first: number, second: number, span: Span, most: number): number[] {
  const step = Math.abs(second - first);
  if (step <= 0 || (span.to - span.from) / step > most) return [];
  const start = Math.min(first, second);
  const from = Math.ceil((span.from - start) / step);
  const to = Math.floor((span.to - start) / step);
  const found: number[] = [];
  for (let k = from; k <= to; k += 1) if (k !== 0 && k !== 1) found.push(start + k * step);
  return found;
}

/** A value with its sign and the lane's decimals. */
export function signed(value: number, decimals: number): string {
  const text = Math.abs(value).toFixed(decimals);
  return Number(text) === 0 ? text : `${value < 0 ? "−" : "+"}${text}`;
}
