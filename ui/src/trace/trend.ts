import { type AlertRow, type TrendSeries } from "../contract";

/** The columns of a trend plot: time in s, least, mean, greatest; `null` where nothing was measured. */
export type TrendColumns = [number[], (number | null)[], (number | null)[], (number | null)[]];

/** Limits in force, as lines. */
export interface TrendLimits {
  readonly low: number | null;
  readonly high: number | null;
}

/** An alert that was raised, as a mark on the time line. */
export interface TrendMark {
  /** s since 1970. */
  readonly at: number;
  readonly priority: "high" | "medium" | "low";
}

/**
 * Brings bins into columns. Where bins are missing a `null` stands, so that the line breaks: a gap is a gap.
 * `binMs` is the width of a bin; left out, the least distance of two.
 */
export function columnsOf(series: TrendSeries, binMs = binOf(series)): TrendColumns {
  const columns: TrendColumns = [[], [], [], []];
  let last = NaN;
  for (const { atMs, min, mean, max } of series.points) {
    if (atMs - last > 1.5 * binMs) push(columns, (last + binMs) / 1000, null, null, null);
    push(columns, atMs / 1000, min, mean, max);
    last = atMs;
  }
  return columns;
}

/** The least distance of two bins, ms; a minute when there are fewer. */
export function binOf(series: TrendSeries): number {
  let bin = Infinity;
  series.points.forEach((point, i) => {
    const before = series.points[i - 1];
    if (before !== undefined && point.atMs > before.atMs) bin = Math.min(bin, point.atMs - before.atMs);
  });
  return bin === Infinity ? 60_000 : bin;
}

/** Bottom and top of a plot: the values and the limits near them, with some room. */
export function rangeOf(series: TrendSeries, limits?: TrendLimits): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const { min, max } of series.points) {
    low = Math.min(low, min);
    high = Math.max(high, max);
  }
  if (low > high) {
    low = limits?.low ?? 0;
    high = limits?.high ?? low + 1;
  }
  const span = Math.max(high - low, 1);
  // A limit far from anything measured would press the trace flat: it is left out of the range.
  for (const limit of [limits?.low, limits?.high]) {
    if (limit === null || limit === undefined || limit < low - 2 * span || limit > high + 2 * span) continue;
    low = Math.min(low, limit);
    high = Math.max(high, limit);
  }
  const room = Math.max((high - low) * 0.08, 0.5);
  return [low - room, high + room];
}

/** The alerts to mark on the plot of a metric: those about it, and those about no metric (a lost feed). */
export function marksOf(rows: readonly AlertRow[], metric: string): TrendMark[] {
  return rows.flatMap(({ what, atMs, alert }) =>
    what === "alert-raised" && alert !== null && (alert.metric === null || alert.metric === metric)
      ? [{ at: atMs / 1000, priority: priorityOf(alert.priority) }]
      : [],
  );
}

/** `14:05`, by the clock of this machine. Without `Intl`, which fails where the system's language is "C". */
export function clockOf(seconds: number): string {
  const date = new Date(seconds * 1000);
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

function priorityOf(text: string): TrendMark["priority"] {
  return text === "high" || text === "medium" ? text : "low";
}

function push(columns: TrendColumns, at: number, min: number | null, mean: number | null, max: number | null): void {
  columns[0].push(at);
  columns[1].push(min);
  columns[2].push(mean);
  columns[3].push(max);
}
