import { describe, expect, it } from "vitest";
import { type TimeAxis, Walker } from "./columns";
import { block, Recorder, seeded } from "./kit";
import { Ring } from "./ring";
import { NO_SAMPLE } from "./types";

interface Told {
  readonly at: number;
  readonly sample: number;
  /** The first of a block after a gap. */
  readonly gap: boolean;
}

/** Pushes random blocks with gaps and absent samples while the pen follows with random steps. */
function play(
  seed: number,
  msPerSample: number,
  perMs: number,
): { recorder: Recorder; told: Told[]; limits: number[]; ring: Ring; axis: TimeAxis } {
  const random = seeded(seed);
  const axis = { epochMs: 0, perMs };
  const ring = new Ring(1e5);
  const walker = new Walker();
  const recorder = new Recorder();
  const told: Told[] = [];
  const limits: number[] = [];
  let start = 1000;
  let begun = false;
  let limit = Math.floor(start * perMs);
  for (let i = 0; i < 50; i += 1) {
    const gapBefore = random() < 0.15;
    if (gapBefore) start += random() * 900;
    const samples = Int16Array.from({ length: 1 + Math.floor(random() * 80) }, () =>
      random() < 0.02 ? NO_SAMPLE : Math.floor(random() * 2000) - 1000,
    );
    ring.push(block({ startMs: start, msPerSample, samples, gapBefore }));
    samples.forEach((sample, n) =>
      told.push({ at: (start + n * msPerSample) * perMs, sample, gap: gapBefore && n === 0 }),
    );
    start += samples.length * msPerSample;
    if (!begun) walker.seek(ring, axis, limit);
    begun = true;
    // The pen stays behind the data, runs up to them, or waits at their end.
    while (limit < (start - random() * 300) * perMs) {
      limit += Math.floor(random() * 5);
      const before = recorder.strokes.length;
      walker.advance(ring, axis, limit, false, recorder);
      for (let s = before; s < recorder.strokes.length; s += 1) limits.push(limit);
    }
  }
  limit = Math.ceil(start * perMs) + 1;
  const before = recorder.strokes.length;
  walker.advance(ring, axis, limit, true, recorder);
  for (let s = before; s < recorder.strokes.length; s += 1) limits.push(limit);
  return { recorder, told, limits, ring, axis };
}

const SHAPES: readonly [ms: number, perMs: number][] = [
  [4, 0.0945],
  [4, 0.189],
  [8, 0.0945],
  [16, 0.0945],
  [16, 0.378],
  [1, 0.0236],
];

describe("Walker", () => {
  it.each(SHAPES)("draws the least and the greatest sample of every column once (%d ms, %d px/ms)", (ms, perMs) => {
    for (let seed = 1; seed <= 12; seed += 1) {
      const { recorder, told } = play(seed, ms, perMs);
      // A pen that lifts within a column begins it anew, so the law is told per run of samples in a column.
      const wanted = new Map<string, number>();
      let run: Told[] = [];
      const close = (): void => {
        if (run.length > 0) {
          const lo = run.reduce((a, b) => (b.sample < a.sample ? b : a));
          const hi = run.reduce((a, b) => (b.sample > a.sample ? b : a));
          for (const { at, sample } of new Set([lo, hi])) wanted.set(`${at.toFixed(4)}/${sample}`, 0);
        }
        run = [];
      };
      told.forEach((t, i) => {
        const last = told[i - 1];
        if (last !== undefined && (Math.floor(last.at) !== Math.floor(t.at) || last.sample === NO_SAMPLE)) close();
        if (t.gap) close();
        if (t.sample === NO_SAMPLE) close();
        else run.push(t);
      });
      close();
      const drawn = new Map<string, number>();
      let last = "";
      for (const stroke of recorder.strokes) {
        if (stroke.to === "missing") continue;
        const key = `${stroke.column.toFixed(4)}/${stroke.sample}`;
        // A move to where the pen is continues a line; the end of a dot is not a sample.
        if (key !== last && (stroke.to === "move" || wanted.has(key))) drawn.set(key, (drawn.get(key) ?? 0) + 1);
        if (stroke.to === "move" || wanted.has(key)) last = key;
      }
      for (const key of wanted.keys()) expect(`${key} ${drawn.get(key) ?? 0}`).toBe(`${key} 1`);
      expect(drawn.size).toBe(wanted.size);
    }
  });

  it.each(SHAPES)("draws nothing beyond the playhead (%d ms, %d px/ms)", (ms, perMs) => {
    const { recorder, limits } = play(7, ms, perMs);
    recorder.strokes.forEach((stroke, i) => {
      const limit = limits[i] as number;
      if (stroke.to === "missing") expect(stroke.until).toBeLessThanOrEqual(limit);
      else expect(stroke.column).toBeLessThan(limit + 0.5);
    });
  });

  it("hatches each column without data once, and no other by more than a column", () => {
    for (let seed = 1; seed <= 12; seed += 1) {
      const { recorder, told } = play(seed, 4, 0.0945);
      const full = new Set(told.filter((t) => t.sample !== NO_SAMPLE).map((t) => Math.floor(t.at)));
      const hatched = new Set<number>();
      for (const stroke of recorder.strokes) {
        if (stroke.to !== "missing") continue;
        for (let c = stroke.from; c < stroke.until; c += 1) {
          expect(hatched.has(c)).toBe(false);
          hatched.add(c);
        }
      }
      const end = Math.floor((told[told.length - 1] as Told).at);
      for (let c = Math.floor((told[0] as Told).at); c < end; c += 1)
        if (!full.has(c)) expect(hatched.has(c)).toBe(true);
      for (const c of hatched)
        if (full.has(c))
          expect(full.has(c - 1) && full.has(c + 1) && hatched.has(c - 1) && hatched.has(c + 1)).toBe(false);
    }
  });

  it("keeps a spike that is one sample wide", () => {
    const ring = new Ring(10_000);
    const samples = new Int16Array(1000);
    samples[500] = 900;
    ring.push(block({ startMs: 0, samples, msPerSample: 1 }));
    const walker = new Walker();
    const recorder = new Recorder();
    const axis = { epochMs: 0, perMs: 0.02 };
    walker.seek(ring, axis, 0);
    for (let limit = 1; limit <= 20; limit += 1) walker.advance(ring, axis, limit, false, recorder);
    expect(recorder.strokes.filter((s) => s.to === "line" && s.sample === 900)).toEqual([
      { to: "line", column: 10, sample: 900 },
    ]);
  });

  it("waits at the last whole column when data stop, and hatches only when they are lost", () => {
    const ring = new Ring(10_000);
    ring.push(block({ startMs: 0, samples: new Int16Array(250) }));
    const walker = new Walker();
    const recorder = new Recorder();
    const axis = { epochMs: 0, perMs: 0.1 };
    walker.seek(ring, axis, 0);
    walker.advance(ring, axis, 130, false, recorder);
    expect(recorder.strokes.some((s) => s.to === "missing")).toBe(false);
    walker.advance(ring, axis, 200, true, recorder);
    walker.advance(ring, axis, 210, true, recorder);
    expect(recorder.strokes.filter((s) => s.to === "missing")).toEqual([
      { to: "missing", from: 100, until: 200 },
      { to: "missing", from: 200, until: 210 },
    ]);
  });
});
