import { describe, expect, it } from "vitest";
import { seeded } from "./kit";
import { PACE_MAX, Playout } from "./playout";

const FRAME = 1000 / 60;
/** Station clock less page clock. */
const OFFSET = 1_790_000_000_000;

interface Feed {
  readonly blockMs: number;
  readonly jitter: () => number;
  readonly drift?: number;
  readonly seconds: number;
}

interface Run {
  /** Arrival to the playhead reaching the block's first sample, ms, after the first 5 s. */
  readonly delays: number[];
  /** How much data the pen had left at each frame, ms, after the first 5 s. */
  readonly left: number[];
  /** Playhead's pace at each frame. */
  readonly paces: number[];
  readonly playout: Playout;
}

/** Virtual time: blocks arrive, frames are painted. */
function run({ blockMs, jitter, drift = 0, seconds }: Feed): Run {
  const playout = new Playout();
  const result: Run = { delays: [], left: [], paces: [], playout };
  let number = 0;
  let arrival = blockMs + jitter();
  let before = NaN;
  let end = 0;
  const due: { start: number; arrival: number }[] = [];
  for (let now = 0; now < seconds * 1000; now += FRAME) {
    while (arrival <= now) {
      const start = OFFSET + number * blockMs * (1 + drift);
      playout.note(66, start, arrival, false);
      end = start + blockMs * (1 + drift);
      due.push({ start, arrival });
      number += 1;
      arrival = Math.max(arrival, (number + 1) * blockMs + jitter());
    }
    const head = playout.playhead(now);
    if (!Number.isNaN(before)) result.paces.push((head - before) / FRAME);
    before = head;
    while (due.length > 0 && (due[0] as { start: number }).start <= head) {
      const d = due.shift() as { start: number; arrival: number };
      if (now > 5000) result.delays.push(now - d.arrival);
    }
    if (now > 5000) result.left.push(end - head);
  }
  return result;
}

describe("Playout", () => {
  it.each([100, 250, 500])("paints a block of %d ms within 60 ms of its arrival and never runs dry", (blockMs) => {
    const random = seeded(blockMs);
    const { delays, left } = run({ blockMs, jitter: () => random() * 33, seconds: 60 });
    expect(delays.length).toBeGreaterThan(50);
    expect(Math.max(...delays)).toBeLessThanOrEqual(60);
    expect(Math.min(...left)).toBeGreaterThan(-20);
    expect(left.filter((ms) => ms < 0).length / left.length).toBeLessThan(0.01);
  });

  it("stays near real pace whatever the network does", () => {
    const random = seeded(5);
    const { paces } = run({ blockMs: 250, jitter: () => (random() < 0.05 ? 800 : random() * 20), seconds: 60 });
    for (const pace of paces) {
      expect(pace).toBeGreaterThanOrEqual(1 - PACE_MAX - 1e-3);
      expect(pace).toBeLessThanOrEqual(1 + PACE_MAX + 1e-3);
    }
  });

  it.each([2e-4, -2e-4])("follows a device clock that drifts by %d", (drift) => {
    const { delays, left } = run({ blockMs: 250, jitter: () => 10, drift, seconds: 600 });
    expect(Math.max(...delays)).toBeLessThanOrEqual(60);
    expect(left.filter((ms) => ms < 0).length / left.length).toBeLessThan(0.01);
  });

  it("does not let one late block hold up the trace", () => {
    let n = 0;
    const { delays } = run({ blockMs: 250, jitter: () => ((n += 1) === 60 ? 2000 : 5), seconds: 60 });
    expect(Math.max(...delays)).toBeLessThanOrEqual(70);
  });

  it("jumps only after a gap", () => {
    const playout = new Playout();
    playout.note(66, OFFSET, 250, false);
    const first = playout.playhead(300);
    playout.note(66, OFFSET + 250, 1500, false);
    expect(playout.playhead(1516) - first).toBeLessThanOrEqual(1216 * (1 + PACE_MAX));
    playout.note(66, OFFSET + 60_000, 2000, true);
    expect(Math.abs(playout.playhead(2016) - (OFFSET + 60_000))).toBeLessThan(60);
  });

  it("has no playhead before the first block, and keeps it when blocks stop", () => {
    const playout = new Playout();
    expect(playout.playhead(5)).toBeNaN();
    playout.note(66, OFFSET, 250, false);
    const a = playout.playhead(1000);
    expect(playout.playhead(61_000) - a).toBeCloseTo(60_000, 6);
  });

  it("lets the slowest wave of a bed lead", () => {
    const playout = new Playout();
    for (let i = 0; i < 40; i += 1) {
      playout.note(66, OFFSET + i * 100, (i + 1) * 100, false);
      if (i % 10 === 9) playout.note(81, OFFSET + (i - 9) * 100, (i + 1) * 100, false);
      playout.playhead((i + 1) * 100);
    }
    expect(4000 + OFFSET - playout.playhead(4000)).toBeGreaterThanOrEqual(1000);
  });

  it("allows for no jitter within a pixel: on a slow sweep blocks are painted as they come", () => {
    const lead = (columnMs: number): number => {
      const random = seeded(11);
      const playout = new Playout();
      let now = 0;
      for (let i = 0; i < 200; i += 1) {
        now = i * 250 + random() * 30;
        playout.note(66, OFFSET + i * 250 - 250, now, false);
        playout.playhead(now, columnMs);
      }
      return now - (playout.playhead(now, columnMs) - OFFSET) - 250;
    };
    expect(lead(42)).toBeLessThanOrEqual(4);
    expect(lead(10.6)).toBeLessThanOrEqual(30 - 10.6 + 4);
    expect(lead(0)).toBeGreaterThan(25);
  });
});
