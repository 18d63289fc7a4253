// The board of a review: events on top, lanes under them, the time at the foot, and over all of it what a person placed.

import type { Context } from "../strip";
import { type Point, read, signed } from "./caliper";
import { type Ink, type LanePicture, paintAxis, paintLane, paintSign, type Place } from "./paint";
import { lengthOf, type Span, xOf } from "./span";
import type { Moment } from "./steps";

/** The line of events, and the line of times. */
export const EVENTS_PX = 38;
export const AXIS_PX = 26;
/** A lane is never lower. */
const LANE_LEAST = 40;

/** A mark as it is drawn. */
export interface MarkPicture {
  readonly from: number;
  readonly to: number;
  readonly lane: number | null;
  readonly palette: number;
  readonly selected: boolean;
}

/** A caliper as it is drawn. */
export interface CaliperPicture {
  readonly lane: number;
  readonly first: Point;
  readonly second: Point | null;
  readonly march: readonly number[];
  readonly decimals: number;
  readonly unit: string;
}

/** Everything on the board. */
export interface Board {
  readonly span: Span;
  readonly lanes: readonly LanePicture[];
  readonly chosen: number;
  readonly moments: readonly Moment[];
  readonly selected: Moment | null;
  readonly marks: readonly MarkPicture[];
  readonly caliper: CaliperPicture | null;
  readonly cursor: number | null;
  readonly playhead: number | null;
  readonly demo: boolean;
}

/** Top and height of each lane under the events: waves are higher than numbers. */
export function laneRows(waves: readonly boolean[], height: number): { top: number; height: number }[] {
  const room = Math.max(0, height - EVENTS_PX - AXIS_PX);
  const weights = waves.map((wave) => (wave ? 1.45 : 1));
  const sum = weights.reduce((a, b) => a + b, 0);
  let top = EVENTS_PX;
  return weights.map((weight) => {
    const own = Math.max(LANE_LEAST, Math.floor((room * weight) / sum));
    const row = { top, height: own };
    top += own;
    return row;
  });
}

/** Paints the board. */
export function paintBoard(context: Context, width: number, height: number, board: Board, ink: Ink): void {
  const rows = laneRows(
    board.lanes.map((lane) => lane.wave),
    height,
  );
  context.fillStyle = ink.ground;
  context.fillRect(0, 0, width, height);
  board.lanes.forEach((lane, i) => {
    const row = rows[i];
    if (row === undefined) return;
    paintLane(context, { x: 0, y: row.top, width, height: row.height }, board.span, lane, ink);
    if (i === board.chosen) {
      context.fillStyle = ink.focus;
      context.fillRect(0, row.top, 2, row.height - 1);
    }
  });
  if (board.demo) watermark(context, width, height, ink);
  events(context, width, board, ink);
  paintAxis(context, { x: 0, y: height - AXIS_PX, width, height: AXIS_PX }, board.span, ink);
  for (const mark of board.marks) paintMark(context, width, height, mark, rows, board.span, ink);
  const line = (at: number | null, color: string, wide: number): void => {
    if (at === null || at < board.span.from || at > board.span.to) return;
    context.fillStyle = color;
    context.fillRect(Math.round(xOf(board.span, width, at)), 0, wide, height - AXIS_PX);
  };
  line(board.selected?.at ?? null, ink.soft, 1);
  line(board.cursor, ink.strong, 1);
  line(board.playhead, ink.focus, 2);
  if (board.caliper !== null) paintCaliper(context, width, board.caliper, rows, board, ink);
}

function watermark(context: Context, width: number, height: number, ink: Ink): void {
  context.fillStyle = ink.watermark;
  context.font = `700 48px ${ink.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText("DEMO DATA · NOT A PATIENT", width / 2, EVENTS_PX + (height - EVENTS_PX) * 0.42);
}

const RANK: Record<string, number> = { high: 3, medium: 2, low: 1 };

/** How alerts stand in the line of events: for how long, and by their sign. Worse ones lie above. */
function events(context: Context, width: number, board: Board, ink: Ink): void {
  const middle = EVENTS_PX / 2;
  context.fillStyle = ink.line;
  context.fillRect(0, EVENTS_PX - 1, width, 1);
  const slack = (lengthOf(board.span) / width) * 10;
  const seen = board.moments.filter(
    (m) => (m.until ?? m.at) >= board.span.from - slack && m.at <= board.span.to + slack,
  );
  for (const moment of seen) {
    if (RANK[moment.kind] === undefined || moment.until === null) continue;
    const left = xOf(board.span, width, moment.at);
    const right = xOf(board.span, width, moment.until);
    context.globalAlpha = 0.5;
    context.fillStyle = moment.kind === "high" ? ink.high : moment.kind === "medium" ? ink.medium : ink.low;
    context.fillRect(left, middle + 9, Math.max(1, right - left), 4);
    context.globalAlpha = 1;
  }
  const taken = new Set<string>();
  const worstLast = [...seen].sort((a, b) => (RANK[a.kind] ?? 0) - (RANK[b.kind] ?? 0));
  for (const moment of worstLast) {
    const x = xOf(board.span, width, moment.at);
    const cell = `${moment.kind} ${Math.round(x / 3)}`;
    if (taken.has(cell)) continue;
    taken.add(cell);
    paintSign(context, x, middle - 2, moment.kind, moment.technical, ink, moment === board.selected ? 10 : 7);
  }
}

function paintMark(
  context: Context,
  width: number,
  height: number,
  mark: MarkPicture,
  rows: readonly { top: number; height: number }[],
  span: Span,
  ink: Ink,
): void {
  if (mark.to < span.from || mark.from > span.to) return;
  const left = xOf(span, width, mark.from);
  const right = Math.max(left + 2, xOf(span, width, mark.to));
  const row = mark.lane === null ? null : (rows[mark.lane] ?? null);
  const top = row?.top ?? EVENTS_PX;
  const bottom = row === null ? height - AXIS_PX : row.top + row.height;
  context.globalAlpha = mark.selected ? 0.24 : 0.11;
  context.fillStyle = ink.text;
  context.fillRect(left, top, right - left, bottom - top);
  context.globalAlpha = 1;
  context.fillRect(left, top, 1, bottom - top);
  context.fillRect(right - 1, top, 1, bottom - top);
  context.fillRect(left, top, 18, 18);
  context.fillStyle = ink.ground;
  context.font = `700 14px ${ink.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(String(mark.palette), left + 9, top + 9.5);
}

/** What a caliper says, in one line. */
export function caliperWords(caliper: CaliperPicture): string {
  const { first, second, decimals } = caliper;
  // A ratio has no unit to be read.
  const unit = caliper.unit === "1" ? "" : caliper.unit;
  if (second === null) return `${first.value.toFixed(decimals)} ${unit}`;
  const { ms, delta, perMinute } = read(first, second);
  const long = ms >= 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms)} ms`;
  const rate = perMinute === null || perMinute > 600 || perMinute < 1 ? "" : `  ·  ${perMinute.toFixed(0)} bpm`;
  return `${long}  ·  ${signed(delta, decimals)} ${unit}${rate}`;
}

function paintCaliper(
  context: Context,
  width: number,
  caliper: CaliperPicture,
  rows: readonly { top: number; height: number }[],
  board: Board,
  ink: Ink,
): void {
  const row = rows[caliper.lane];
  const lane = board.lanes[caliper.lane];
  if (row === undefined || lane === undefined) return;
  const place: Place = { x: 0, y: row.top, width, height: row.height };
  const x = (at: number): number => Math.round(xOf(board.span, width, at)) + 0.5;
  const yOf = (value: number): number =>
    place.y + place.height - 3 - ((value - lane.range.low) / (lane.range.high - lane.range.low)) * (place.height - 6);
  context.strokeStyle = ink.focus;
  context.fillStyle = ink.focus;
  context.lineWidth = 1;
  context.setLineDash([3, 4]);
  context.beginPath();
  for (const at of caliper.march) {
    context.moveTo(x(at), place.y);
    context.lineTo(x(at), place.y + place.height);
  }
  context.stroke();
  context.setLineDash([]);
  const points = caliper.second === null ? [caliper.first] : [caliper.first, caliper.second];
  context.beginPath();
  for (const point of points) {
    context.moveTo(x(point.at), EVENTS_PX);
    context.lineTo(x(point.at), place.y + place.height);
  }
  const bar = place.y + place.height - 12.5;
  const [first, second] = points;
  if (first !== undefined && second !== undefined) {
    context.moveTo(x(first.at), bar);
    context.lineTo(x(second.at), bar);
  }
  context.stroke();
  for (const point of points) {
    context.beginPath();
    context.arc(x(point.at), yOf(point.value), 4, 0, 2 * Math.PI);
    context.stroke();
  }
  const words = caliperWords(caliper);
  context.font = `600 16px ${ink.font}`;
  const wide = context.measureText(words).width + 16;
  const at = (x(points[0]?.at ?? 0) + x(points.at(-1)?.at ?? 0)) / 2;
  const left = Math.min(width - wide - 2, Math.max(2, at - wide / 2));
  context.fillStyle = ink.focus;
  context.fillRect(left, place.y + 4, wide, 24);
  context.fillStyle = ink.ground;
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.fillText(words, left + 8, place.y + 16.5);
}
