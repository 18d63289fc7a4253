import type UPlot from "uplot";
import { type TrendSeries } from "../contract";
import { token } from "./token";
import { clockOf, columnsOf, rangeOf, type TrendLimits, type TrendMark } from "./trend";

/** uPlot, or why there is none. */
export type Loaded = { readonly ok: true; readonly plot: typeof UPlot } | { readonly ok: false; readonly text: string };

/**
 * Loads uPlot. It asks the browser for number formats as it is loaded, and WebKitGTK refuses where the system's language
 * is "C": then people are told, and everything else on the page works.
 */
export async function loadPlot(
  load: () => Promise<{ default: typeof UPlot }> = () => import("uplot"),
): Promise<Loaded> {
  try {
    return { ok: true, plot: (await load()).default };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const text = `Trends cannot be drawn: the system's language is not set (${why}). Start Wardlight with LANG=en_US.UTF-8. Waves, numbers and alerts are not affected.`;
    return { ok: false, text };
  }
}

/** One metric's trend. */
export interface TrendPlot {
  readonly series: TrendSeries;
  readonly limits: TrendLimits | undefined;
  readonly marks: readonly TrendMark[];
  /** Style token of the metric's colour, `--param-ecg`. */
  readonly color: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly width: number;
  readonly height: number;
  /** Times under the plot: only under the lowest of several. */
  readonly times: boolean;
}

/** Room for values at the left, and for times below, CSS px. */
const LEFT = 40;
const BELOW = 20;

/** What uPlot is to draw. Colours come from tokens: a canvas knows no `var()`. */
export function optionsOf(trend: TrendPlot): UPlot.Options {
  const color = token(trend.color, "white");
  const soft = token("--text-soft", "gray");
  const line = token("--line", "gray");
  const font = `${token("--t-1", "12px")} ${token("--font", "sans-serif")}`;
  const grid = { stroke: line, width: 1 };
  const ticks = { show: false };
  const edge = { show: true, stroke: "transparent", points: { show: false } };
  return {
    width: trend.width,
    height: trend.height,
    padding: [6, 8, 0, 0],
    legend: { show: false },
    cursor: { points: { show: false }, drag: { x: false, y: false }, sync: { key: "trend" } },
    scales: {
      x: { time: true, range: [trend.fromMs / 1000, trend.toMs / 1000] },
      y: { range: rangeOf(trend.series, trend.limits) },
    },
    axes: [
      {
        stroke: soft,
        font,
        size: trend.times ? BELOW : 0,
        gap: 4,
        grid,
        ticks,
        values: (_, times) => times.map((time) => (trend.times ? clockOf(time) : "")),
      },
      {
        stroke: soft,
        font,
        size: LEFT,
        gap: 6,
        space: 22,
        grid,
        ticks,
        values: (_, values) =>
          values.map((value) => (trend.series.points.length === 0 ? "" : `${Math.round(value * 10) / 10}`)),
      },
    ],
    series: [{}, edge, { stroke: color, width: 1.5, points: { show: false } }, edge],
    bands: [{ series: [3, 1], fill: faint(color) }],
    hooks: { draw: [(plot) => overlay(plot, trend)] },
  };
}

/** The data of a trend, as uPlot takes them. */
export function dataOf(trend: TrendPlot): UPlot.AlignedData {
  return columnsOf(trend.series);
}

/** Limits as dashed lines, alerts as marks at the top with a line through the plot. */
function overlay(plot: UPlot, trend: TrendPlot): void {
  const { ctx, bbox } = plot;
  const ratio = window.devicePixelRatio || 1;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.lineWidth = ratio;
  ctx.strokeStyle = token("--text-faint", "gray");
  ctx.setLineDash([5 * ratio, 4 * ratio]);
  for (const limit of [trend.limits?.low, trend.limits?.high]) {
    if (limit === null || limit === undefined) continue;
    const y = Math.round(plot.valToPos(limit, "y", true)) + 0.5;
    stroke(ctx, bbox.left, y, bbox.left + bbox.width, y);
  }
  ctx.setLineDash([]);
  for (const { at, priority } of trend.marks) {
    const x = Math.round(plot.valToPos(at, "x", true));
    const color = token(`--alert-${priority}`, "white");
    ctx.strokeStyle = color;
    ctx.fillStyle = color;
    ctx.globalAlpha = 0.35;
    stroke(ctx, x + 0.5, bbox.top, x + 0.5, bbox.top + bbox.height);
    ctx.globalAlpha = 1;
    triangle(ctx, x, bbox.top, 5 * ratio);
  }
  ctx.restore();
}

function stroke(ctx: CanvasRenderingContext2D, x0: number, y0: number, x1: number, y1: number): void {
  ctx.beginPath();
  ctx.moveTo(x0, y0);
  ctx.lineTo(x1, y1);
  ctx.stroke();
}

function triangle(ctx: CanvasRenderingContext2D, x: number, y: number, size: number): void {
  ctx.beginPath();
  ctx.moveTo(x - size, y);
  ctx.lineTo(x + size, y);
  ctx.lineTo(x, y + 1.4 * size);
  ctx.fill();
}

function faint(color: string): string {
  return `color-mix(in srgb, ${color} 28%, transparent)`;
}
