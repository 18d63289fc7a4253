// Draws lanes of a review on a canvas. Nothing here asks, and nothing is kept between two pictures.

import type { Context } from "../strip";
import { token } from "../token";
import { type Envelope, firstFrom } from "./envelope";
import { levels, type Range } from "./range";
import { lengthOf, type Span, ticks, tickWords, xOf, zoneOf } from "./span";

/** Colours and type, resolved. */
export interface Ink {
  readonly ground: string;
  readonly line: string;
  readonly strong: string;
  readonly text: string;
  readonly soft: string;
  readonly faint: string;
  readonly hatch: string;
  readonly watermark: string;
  readonly warn: string;
  readonly focus: string;
  readonly high: string;
  readonly medium: string;
  readonly low: string;
  readonly font: string;
}

/** Where a lane stands. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Limits over a time. */
export interface LimitSpan {
  readonly from: number;
  readonly to: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** A stretch in a colour: an alert, a mark. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly color: string;
}

/** One lane as it is to be drawn. */
export interface LanePicture {
  readonly envelope: Envelope | null;
  readonly range: Range;
  readonly wave: boolean;
  readonly color: string;
  readonly limits: readonly LimitSpan[];
  readonly alerts: readonly Stretch[];
  readonly decimals: number;
}

/** Reads the tokens. */
export function ink(): Ink {
  const of = (name: string): string => token(name, "gray");
  return {
    ground: of("--wave-ground"),
    line: of("--line"),
    strong: of("--line-strong"),
    text: of("--text"),
    soft: of("--text-soft"),
    faint: of("--text-faint"),
    hatch: of("--wave-hatch"),
    watermark: of("--watermark"),
    warn: of("--warn"),
    focus: of("--focus"),
    high: of("--alert-high"),
    medium: of("--alert-medium"),
    low: of("--alert-low"),
    font: token("--font", "sans-serif"),
  };
}

/** One lane: grid, limits behind, gaps hatched, the trace. */
export function paintLane(context: Context, place: Place, span: Span, lane: LanePicture, ink: Ink): void {
  const { x, y, width, height } = place;
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  const yOf = (value: number): number =>
    y + height - 3 - ((value - lane.range.low) / (lane.range.high - lane.range.low)) * (height - 6);
  grid(context, place, span, lane, ink, yOf);
  limits(context, place, span, lane, ink, yOf);
  if (lane.envelope !== null) {
    gaps(context, place, span, lane.envelope, ink);
    trace(context, place, span, lane, lane.envelope, yOf);
  }
  for (const { from, to, color } of lane.alerts) {
    const left = x + xOf(span, width, from);
    context.fillStyle = color;
    context.fillRect(left, y, Math.max(2, xOf(span, width, to) - xOf(span, width, from)), 4);
  }
  context.restore();
  context.fillStyle = ink.strong;
  context.fillRect(x, y + height - 1, width, 1);
}

function grid(
  context: Context,
  place: Place,
  span: Span,
  lane: LanePicture,
  ink: Ink,
  yOf: (value: number) => number,
): void {
  context.fillStyle = ink.line;
  for (const at of ticks(span, place.width, 110, zoneOf(span.from)).at)
    context.fillRect(Math.round(place.x + xOf(span, place.width, at)), place.y, 1, place.height);
  const values = levels(lane.range, place.height);
  context.font = `500 12px ${ink.font}`;
  context.textAlign = "left";
  context.textBaseline = "middle";
  for (const value of values) {
    const at = Math.round(yOf(value));
    context.fillStyle = ink.line;
    context.fillRect(place.x, at, place.width, 1);
    if (at < place.y + 8 || at > place.y + place.height - 8) continue;
    context.fillStyle = ink.faint;
    context.fillText(short(value), place.x + 4, at);
  }
}

function short(value: number): string {
  const text = String(Math.round(value * 1000) / 1000);
  return text.startsWith("-") ? `−${text.slice(1)}` : text;
}

function limits(
  context: Context,
  place: Place,
  span: Span,
  lane: LanePicture,
  ink: Ink,
  yOf: (value: number) => number,
): void {
  for (const limit of lane.limits) {
    const left = place.x + xOf(span, place.width, Math.max(limit.from, span.from));
    const right = place.x + xOf(span, place.width, Math.min(limit.to, span.to));
    if (right <= left) continue;
    for (const [bound, high] of [
      [limit.low, false],
      [limit.high, true],
    ] as const) {
      if (bound === null) continue;
      const at = yOf(bound);
      context.globalAlpha = 0.09;
      context.fillStyle = ink.warn;
      if (high) context.fillRect(left, place.y, right - left, Math.max(0, at - place.y));
      else context.fillRect(left, at, right - left, Math.max(0, place.y + place.height - at));
      context.globalAlpha = 0.75;
      context.fillRect(left, Math.round(at), right - left, 1);
      context.globalAlpha = 1;
    }
  }
}

/** Where nothing was recorded, or nothing arrived. */
function gaps(context: Context, place: Place, span: Span, envelope: Envelope, ink: Ink): void {
  const { at, width, gap } = envelope;
  const hatch = (from: number, to: number): void => {
    const left = Math.max(place.x, place.x + xOf(span, place.width, from));
    const right = Math.min(place.x + place.width, place.x + xOf(span, place.width, to));
    if (right - left > 0.5) hatched(context, { ...place, x: left, width: right - left }, ink);
  };
  const count = at.length;
  const ends = (i: number): number => (at[i] ?? 0) + (width[i] ?? 0);
  if (count === 0) {
    hatch(Math.max(envelope.from, span.from), Math.min(envelope.to, span.to));
    return;
  }
  const first = at[0] ?? 0;
  if (first - (width[0] ?? 0) - envelope.from > lengthOf(span) / 200) hatch(envelope.from, first);
  for (let i = Math.max(1, firstFrom(span.from, at)); i < count; i += 1) {
    if (gap[i] === 1) hatch(ends(i - 1), at[i] ?? 0);
    if ((at[i] ?? 0) > span.to) break;
  }
  const last = ends(count - 1);
  // What comes every few minutes is not missing in between.
  const usual = ((at[count - 1] ?? 0) - first) / Math.max(1, count - 1);
  if (envelope.to - last > Math.max(lengthOf(span) / 200, 5000, 3 * usual)) hatch(last, envelope.to);
}

/** Oblique lines: nothing is there. */
export function hatched(context: Context, place: Place, ink: Ink): void {
  const { x, y, width, height } = place;
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.strokeStyle = ink.hatch;
  context.lineWidth = 2;
  context.beginPath();
  const start = Math.floor((x - height) / 9) * 9;
  for (let at = start; at < x + width; at += 9) {
    context.moveTo(at, y + height);
    context.lineTo(at + height, y);
  }
  context.stroke();
  context.restore();
}

function trace(
  context: Context,
  place: Place,
  span: Span,
  lane: LanePicture,
  envelope: Envelope,
  yOf: (value: number) => number,
): void {
  const { at, width, low, high, middle, gap, exact } = envelope;
  const first = Math.max(0, firstFrom(span.from, at) - 2);
  const x = (ms: number): number => place.x + xOf(span, place.width, ms);
  const pixelMs = lengthOf(span) / place.width;
  context.lineJoin = "round";
  if (!exact) {
    // Least to greatest of each bin: no extreme is lost, however far one looks from.
    context.fillStyle = lane.color;
    context.globalAlpha = lane.wave ? 0.8 : 0.34;
    for (let i = first; i < at.length; i += 1) {
      const from = at[i] ?? 0;
      if (from > span.to) break;
      const top = yOf(high[i] ?? 0);
      const bottom = yOf(low[i] ?? 0);
      const left = x(from);
      const right = x(from + Math.max(width[i] ?? 0, pixelMs));
      context.fillRect(left, top - 0.5, Math.max(1, right - left), Math.max(1, bottom - top + 1));
    }
    context.globalAlpha = 1;
  }
  context.strokeStyle = lane.color;
  context.lineWidth = exact ? 1.6 : lane.wave ? 1 : 1.4;
  context.beginPath();
  const half = exact ? 0 : 0.5;
  for (let i = first; i < at.length; i += 1) {
    const px = x((at[i] ?? 0) + (width[i] ?? 0) * half);
    const py = yOf(middle[i] ?? 0);
    if (gap[i] === 1 || i === first) context.moveTo(px, py);
    else context.lineTo(px, py);
    if ((at[i] ?? 0) > span.to) break;
  }
  context.stroke();
  if (exact) points(context, place, span, lane, envelope, first, yOf);
}

/** Samples so far apart that each can be seen are drawn as what they are. */
function points(
  context: Context,
  place: Place,
  span: Span,
  lane: LanePicture,
  { at, middle }: Envelope,
  first: number,
  yOf: (value: number) => number,
): void {
  let count = 0;
  for (let i = first; i < at.length && (at[i] ?? Infinity) < span.to; i += 1) count += 1;
  if (count * 7 > place.width) return;
  context.fillStyle = lane.color;
  for (let i = first; i < at.length && (at[i] ?? Infinity) < span.to; i += 1) {
    context.beginPath();
    context.arc(place.x + xOf(span, place.width, at[i] ?? 0), yOf(middle[i] ?? 0), 2.4, 0, 2 * Math.PI);
    context.fill();
  }
}

/** The time axis. */
export function paintAxis(context: Context, place: Place, span: Span, ink: Ink): void {
  const { step, at } = ticks(span, place.width, 110, zoneOf(span.from));
  context.fillStyle = ink.soft;
  context.font = `500 14px ${ink.font}`;
  context.textBaseline = "middle";
  context.textAlign = "center";
  for (const time of at) {
    const x = place.x + xOf(span, place.width, time);
    if (x > 24 && x < place.x + place.width - 24)
      context.fillText(tickWords(time, step), x, place.y + place.height / 2);
  }
}

/** The sign of an event: its shape says what it is without its colour. */
export function paintSign(
  context: Context,
  x: number,
  y: number,
  kind: string,
  technical: boolean,
  ink: Ink,
  size = 6,
): void {
  context.beginPath();
  context.lineWidth = 2;
  switch (kind) {
    case "high":
      context.moveTo(x, y - size);
      context.lineTo(x + size, y + size * 0.8);
      context.lineTo(x - size, y + size * 0.8);
      context.closePath();
      break;
    case "medium":
      context.moveTo(x, y - size);
      context.lineTo(x + size, y);
      context.lineTo(x, y + size);
      context.lineTo(x - size, y);
      context.closePath();
      break;
    case "low":
      context.arc(x, y, size * 0.75, 0, 2 * Math.PI);
      break;
    case "note":
      context.rect(x - size * 0.8, y - size * 0.8, size * 1.6, size * 1.6);
      break;
    case "limits":
      context.moveTo(x - size, y - size * 0.5);
      context.lineTo(x + size, y - size * 0.5);
      context.moveTo(x - size, y + size * 0.5);
      context.lineTo(x + size, y + size * 0.5);
      break;
    case "link":
      context.moveTo(x - size * 0.7, y - size * 0.7);
      context.lineTo(x + size * 0.7, y + size * 0.7);
      context.moveTo(x + size * 0.7, y - size * 0.7);
      context.lineTo(x - size * 0.7, y + size * 0.7);
      break;
    case "mark":
      context.moveTo(x - size * 0.7, y - size);
      context.lineTo(x + size * 0.7, y - size);
      context.lineTo(x + size * 0.7, y + size);
      context.lineTo(x, y + size * 0.4);
      context.lineTo(x - size * 0.7, y + size);
      context.closePath();
      break;
    default:
      context.moveTo(x, y - size);
      context.lineTo(x, y + size);
  }
  const color = kind === "high" ? ink.high : kind === "medium" ? ink.medium : kind === "low" ? ink.low : ink.text;
  context.strokeStyle = color;
  context.fillStyle = color;
  const filled = (kind === "high" || kind === "medium" || kind === "low" || kind === "mark") && !technical;
  if (filled) context.fill();
  else context.stroke();
}
