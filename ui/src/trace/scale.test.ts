import { describe, expect, it } from "vitest";
import { seeded } from "./kit";
import { Scale } from "./scale";

describe("Scale", () => {
  it("holds the signal and does not breathe with it", () => {
    const random = seeded(6);
    const scale = new Scale({ mode: "auto" }, 10);
    let changes = 0;
    for (let i = 0; i < 300; i += 1) {
      const swell = 1 + 0.15 * Math.sin(i / 3) + 0.02 * random();
      if (scale.look(-swell, swell, 0.001)) changes += 1;
      expect(scale.range.low).toBeLessThanOrEqual(-swell);
      expect(scale.range.high).toBeGreaterThanOrEqual(swell);
    }
    expect(changes).toBeLessThanOrEqual(3);
  });

  it("grows at once, shrinks only after a while", () => {
    const scale = new Scale({ mode: "auto" }, 10);
    scale.look(0, 1, 0.001);
    expect(scale.look(0, 4, 0.001)).toBe(true);
    const shrinks = Array.from({ length: 5 }, () => scale.look(0, 1, 0.001));
    expect(shrinks.slice(0, 3)).toEqual([false, false, false]);
    expect(shrinks).toContain(true);
    expect(scale.range.high - scale.range.low).toBeLessThan(1.5);
  });

  it("does not show noise as a wave", () => {
    const scale = new Scale({ mode: "auto" }, 10);
    scale.look(5, 5.002, 0.001);
    expect(scale.range.high - scale.range.low).toBeCloseTo(0.048);
    const pressure = new Scale({ mode: "auto", leastRange: 20 }, 10);
    pressure.look(80, 81, 0.1);
    expect(pressure.range.high - pressure.range.low).toBe(20);
  });

  it("keeps the gain of an ECG, moving only its zero line, and only when it must", () => {
    const scale = new Scale({ mode: "fixed", mmPerUnit: 10 }, 30);
    expect(scale.range.high - scale.range.low).toBeCloseTo(3);
    expect(scale.look(-0.4, 1.4, 0.005)).toBe(false);
    expect(scale.look(5, 6.5, 0.005)).toBe(true);
    expect(scale.range.high - scale.range.low).toBeCloseTo(3);
    expect(scale.range.low).toBeLessThan(5);
    expect(scale.range.high).toBeGreaterThan(6.5);
    expect(scale.look(4.5, 10, 0.005)).toBe(true);
    expect(scale.look(4.5, 10, 0.005)).toBe(false);
  });

  it("keeps a range that was given", () => {
    const scale = new Scale({ mode: "range", low: 0, high: 40 }, 10);
    expect(scale.look(-100, 100, 1)).toBe(false);
    expect(scale.range).toEqual({ low: 0, high: 40 });
  });
});
