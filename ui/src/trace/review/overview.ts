// The whole stay as one strip: one number as a band, the alerts, what is missing, and where one looks.

import type { Context } from "../strip";
import type { Envelope } from "./envelope";
import { type Ink, paintLane, paintSign } from "./paint";
import { seen, settled } from "./range";
import { lengthOf, type Span, tickWords, ticks, xOf, zoneOf } from "./span";
import type { Moment } from "./steps";

/** A narrower brush could not be caught. */
const BRUSH_LEAST = 8;

/** Where the brush of a span stands, px. */
export function brush(bounds: Span, span: Span, width: number): { left: number; right: number } {
  const left = xOf(bounds, width, span.from);
  const right = xOf(bounds, width, span.to);
  const room = Math.max(0, BRUSH_LEAST - (right - left)) / 2;
  return { left: left - room, right: right + room };
}

/** Paints the strip. */
export function paintOverview(
  context: Context,
  width: number,
  height: number,
  bounds: Span,
  spans: readonly Span[],
  lane: { envelope: Envelope | null; color: string } | null,
  moments: readonly Moment[],
  ink: Ink,
): void {
  context.fillStyle = ink.ground;
  context.fillRect(0, 0, width, height);
  const top = 16;
  const foot = 18;
  if (lane?.envelope != null) {
    const range = settled(null, seen(lane.envelope, bounds), 1);
    const picture = {
      envelope: lane.envelope,
      range,
      wave: false,
      color: lane.color,
      limits: [],
      alerts: [],
      decimals: 0,
    };
    paintLane(context, { x: 0, y: top, width, height: height - top - foot }, bounds, picture, ink);
  }
  const rank: Record<string, number> = { high: 3, medium: 2, low: 1 };
  const alerts = moments.filter((m) => rank[m.kind] !== undefined);
  alerts.sort((a, b) => (rank[a.kind] ?? 0) - (rank[b.kind] ?? 0));
  const taken = new Set<string>();
  for (const alert of alerts) {
    const x = xOf(bounds, width, alert.at);
    const cell = `${alert.kind}${Math.round(x / 4)}`;
    if (!taken.has(cell)) paintSign(context, x, 8, alert.kind, alert.technical, ink, 5);
    taken.add(cell);
  }
  const { step, at } = ticks(bounds, width, 90, zoneOf(bounds.from));
  context.fillStyle = ink.faint;
  context.font = `500 13px ${ink.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (const time of at) {
    const x = xOf(bounds, width, time);
    if (x > 20 && x < width - 20) context.fillText(tickWords(time, step), x, height - foot / 2);
  }
  for (const span of spans) {
    if (lengthOf(span) >= lengthOf(bounds) * 0.999) continue;
    const { left, right } = brush(bounds, span, width);
    context.fillStyle = ink.ground;
    context.globalAlpha = spans.length === 1 ? 0.55 : 0;
    context.fillRect(0, 0, left, height - foot);
    context.fillRect(right, 0, width - right, height - foot);
    context.globalAlpha = 1;
    context.strokeStyle = ink.focus;
    context.lineWidth = 2;
    context.strokeRect(left, 1, right - left, height - foot - 2);
  }
}
