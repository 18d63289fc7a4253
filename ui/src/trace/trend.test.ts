import { describe, expect, it } from "vitest";
import { type AlertRow, type TrendSeries } from "../contract";
import { loadPlot } from "./plot";
import { binOf, clockOf, columnsOf, marksOf, rangeOf } from "./trend";

const series = (...at: number[]): TrendSeries => ({
  metric: "HR",
  points: at.map((atMs) => ({ atMs, min: 60, mean: 70, max: 80 })),
});

describe("a trend", () => {
  it("breaks where bins are missing", () => {
    const [time, min] = columnsOf(series(0, 60_000, 300_000, 360_000));
    expect(time).toEqual([0, 60, 120, 300, 360]);
    expect(min).toEqual([60, 60, null, 60, 60]);
  });

  it("takes an empty and a single bin", () => {
    expect(columnsOf(series())).toEqual([[], [], [], []]);
    expect(columnsOf(series(5000))[0]).toEqual([5]);
    expect(binOf(series(5000))).toBe(60_000);
  });

  it("shows limits that are near and leaves out those that would press it flat", () => {
    const [low, high] = rangeOf(series(0, 60_000), { low: 50, high: 120 });
    expect(low).toBeLessThan(50);
    expect(high).toBeGreaterThan(120);
    expect(rangeOf(series(0), { low: null, high: 1000 })[1]).toBeLessThan(90);
    expect(rangeOf(series(), { low: null, high: null })[0]).toBeLessThan(1);
  });

  it("marks alerts about the metric and about the feed, once each", () => {
    const row = (what: string, metric: string | null, priority: string): AlertRow =>
      ({ atMs: 1000, what, person: null, alert: { metric, priority } }) as AlertRow;
    const rows = [
      row("alert-raised", "HR", "high"),
      row("alert-acknowledged", "HR", "high"),
      row("alert-raised", "SPO2", "medium"),
      row("alert-raised", null, "low"),
    ];
    expect(marksOf(rows, "HR")).toEqual([
      { at: 1, priority: "high" },
      { at: 1, priority: "low" },
    ]);
  });

  it("tells the time without Intl", () => {
    expect(clockOf(new Date(2026, 0, 2, 4, 5).getTime() / 1000)).toBe("04:05");
  });

  it("says in words why it cannot be drawn", async () => {
    const loaded = await loadPlot(() => Promise.reject(new RangeError("invalid language tag: C")));
    expect(loaded.ok).toBe(false);
    expect(loaded.ok ? "" : loaded.text).toContain("LANG=en_US.UTF-8");
  });
});
