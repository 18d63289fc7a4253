// What the made-up ward has recorded: trends, waves, and what other limits would have done.

import type { Command, TrendPoint, WaveSpan, WhatIfReply, WhatIfRow } from "../contract";
import * as story from "./story";
import { SHAPES } from "./waves";

type Asked<Name extends Command["do"]> = Extract<Command, { do: Name }>;

/** `bed-03` is at place 2. */
export function placeOf(bed: string): number {
  return Number(bed.replace("bed-", "")) - 1;
}

const SCORE = { metric: "NEWS2", usual: 3, spread: 4, decimals: 0 };

/** One number's bins. */
export function trend(command: Pick<Asked<"trend">, "bed" | "fromMs" | "toMs" | "bins">, metric: string): TrendPoint[] {
  const bed = placeOf(command.bed);
  const base = story.NUMBERS.find((m) => m.metric === metric);
  const like = story.NUMBERS[0];
  if (like === undefined || (base === undefined && metric !== SCORE.metric)) return [];
  const made = base ?? { ...like, ...SCORE };
  const bins = Math.min(command.bins, 720);
  const width = (command.toMs - command.fromMs) / bins;
  const most = metric === "SPO2" ? 100 : Number.POSITIVE_INFINITY;
  const points: TrendPoint[] = [];
  for (let i = 0; i < bins; i += 1) {
    // An hour without the device, so that a gap is seen.
    if (i > bins * 0.55 && i < bins * 0.59) continue;
    const slow = made.spread * 0.5 * (Math.sin(i / 53) + 0.6 * Math.sin(i / 17 + bed));
    const near = made.spread * 0.12 * (story.valueAt(bed, made, i) - story.valueAt(bed, made, i + 1));
    const level = base === undefined ? SCORE.usual : story.valueAt(bed, made, 0);
    const mean = Math.min(most, level + slow * (i < bins * 0.9 ? 1 : 0.4) + near);
    const step = base === undefined ? 0 : made.spread * 0.15;
    const whole = base === undefined ? Math.max(0, Math.round(mean)) : mean;
    points.push({
      atMs: command.fromMs + i * width,
      min: whole - step,
      mean: whole,
      max: Math.min(most, whole + step),
    });
  }
  return points;
}

/** Waves of a span, with two seconds missing and one at the end of its scale, so that quality has something to say. */
export function waves(command: Asked<"waves">): WaveSpan[] {
  const bed = placeOf(command.bed);
  const { fromMs, toMs } = command;
  const seconds = Math.ceil((toMs - fromMs) / 1000);
  return SHAPES.map((shape) => {
    const beat = shape.metric === "RESP" ? 16 / 60 : 74 / 60;
    const missing = shape.metric === "PLETH" ? Math.floor(fromMs / 1000) + 21 : Number.NaN;
    const kind = (at: number): string => {
      const second = Math.floor(fromMs / 1000) + at;
      if (second === missing || second === missing + 1) return "missing";
      return shape.metric === "RESP" && at === 40
        ? "flat"
        : shape.metric === "ECG_V5" && at === 33
          ? "clipped"
          : "good";
    };
    const runs: WaveSpan["runs"] = [];
    let run: (number | null)[] = [];
    for (let at = 0; at < seconds; at += 1) {
      if (kind(at) === "missing") {
        run = [];
        continue;
      }
      if (run.length === 0) runs.push({ startMs: fromMs + at * 1000, hertz: shape.hertz, values: run });
      for (let i = 0; i < shape.hertz; i += 1) {
        const t = fromMs / 1000 + at + i / shape.hertz;
        if (t * 1000 < toMs) run.push(shape.at((t * beat + bed * 0.37) % 1));
      }
    }
    const quality = Array.from({ length: seconds }, (_, at) => kind(at));
    return { metric: shape.metric, label: shape.label, unit: shape.unit, runs, quality };
  });
}

interface Crossing {
  readonly side: "low" | "high";
  readonly atMs: number;
  readonly lastsMs: number;
  readonly worst: number;
}

function crossings(points: readonly TrendPoint[], low: number | null, high: number | null): Crossing[] {
  const found: Crossing[] = [];
  for (const side of ["low", "high"] as const) {
    let run: TrendPoint[] = [];
    const close = (): void => {
      const [first] = run;
      const last = run.at(-1);
      if (first !== undefined && last !== undefined) {
        const worst = side === "low" ? Math.min(...run.map((p) => p.min)) : Math.max(...run.map((p) => p.max));
        found.push({ side, atMs: first.atMs, lastsMs: last.atMs - first.atMs + 120_000, worst: Math.round(worst) });
      }
      run = [];
    };
    for (const point of points) {
      const out = side === "low" ? low !== null && point.min < low : high !== null && point.max > high;
      if (out) run.push(point);
      else close();
    }
    close();
  }
  return found;
}

/** What other limits would have done, by the made-up trend. */
export function whatIf(command: Asked<"what-if">, now: { low: number | null; high: number | null }): WhatIfReply {
  const reply: WhatIfReply = { before: 0, after: 0, differences: [] };
  for (const change of command.changes) {
    const points = trend({ ...command, bins: 720 }, change.metric);
    const before = crossings(points, now.low, now.high);
    const after = crossings(points, change.low, change.high);
    reply.before += before.length;
    reply.after += after.length;
    const row = (what: string, from: Crossing | null, to: Crossing | null): WhatIfRow => ({
      what,
      metric: change.metric,
      side: (to ?? from)?.side ?? "low",
      beforeMs: from?.atMs ?? null,
      afterMs: to?.atMs ?? null,
      lastsMs: (to ?? from)?.lastsMs ?? null,
      worst: (to ?? from)?.worst ?? null,
    });
    const same = (a: Crossing, b: Crossing): boolean =>
      a.side === b.side && a.atMs < b.atMs + b.lastsMs && b.atMs < a.atMs + a.lastsMs;
    for (const from of before) {
      const to = after.find((other) => same(from, other));
      if (to === undefined) reply.differences.push(row("vanishes", from, null));
      else if (to.atMs !== from.atMs) reply.differences.push(row("moves", from, to));
    }
    for (const to of after)
      if (!before.some((from) => same(from, to))) reply.differences.push(row("appears", null, to));
  }
  const at = (r: WhatIfRow): number => r.beforeMs ?? r.afterMs ?? 0;
  reply.differences.sort((a, b) => at(a) - at(b));
  return reply;
}
