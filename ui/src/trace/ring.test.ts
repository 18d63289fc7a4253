import { describe, expect, it } from "vitest";
import { block, seeded } from "./kit";
import { Ring } from "./ring";
import { NO_SAMPLE } from "./types";

const ramp = (first: number, count: number): Int16Array => Int16Array.from({ length: count }, (_, i) => first + i);

describe("Ring", () => {
  it("holds the newest samples with their times, and no more than it must", () => {
    const ring = new Ring(1000);
    for (let i = 0; i < 40; i += 1) {
      expect(ring.push(block({ startMs: 5000 + i * 100, samples: ramp(i * 25, 25) }))).not.toBe("late");
    }
    expect(ring.endMs).toBe(9000);
    expect(ring.head - ring.tail).toBe(256);
    expect(ring.at(ring.head - 1)).toBe(999);
    expect(ring.timeOf(ring.head - 1)).toBe(8996);
    expect(ring.at(ring.tail - 1)).toBe(NO_SAMPLE);
    expect(ring.indexAt(8996)).toBe(ring.head - 1);
    expect(ring.indexAt(0)).toBe(ring.tail);
    expect(ring.stretches.length).toBe(1);
  });

  it("keeps gaps apart from joins", () => {
    const ring = new Ring(10_000);
    ring.push(block({ startMs: 0, samples: ramp(0, 25) }));
    ring.push(block({ startMs: 100.9, samples: ramp(25, 25) }));
    expect(ring.stretches.length).toBe(1);
    ring.push(block({ startMs: 201.5, samples: ramp(50, 25) }));
    expect(ring.stretches.map((s) => s.gap)).toEqual([false, false]);
    ring.push(block({ startMs: 500, samples: ramp(75, 25) }));
    ring.push(block({ startMs: 600, samples: ramp(100, 25), gapBefore: true }));
    expect(ring.stretches.map((s) => s.gap)).toEqual([false, false, true, true]);
    expect(ring.timeOf(75)).toBe(500);
    expect(ring.indexAt(400)).toBe(75);
  });

  it("does not rewrite the past", () => {
    const ring = new Ring(10_000);
    ring.push(block({ startMs: 1000, samples: ramp(0, 25) }));
    expect(ring.push(block({ startMs: 500, samples: ramp(0, 25) }))).toBe("late");
    expect(ring.head).toBe(25);
    expect(ring.push(block({ startMs: 500, samples: ramp(0, 25), gapBefore: true }))).toBe("restarted");
    expect(ring.head - ring.tail).toBe(25);
    expect(ring.startMs).toBe(500);
  });

  it("follows when the whole time line went back", () => {
    const ring = new Ring(10_000);
    ring.push(block({ startMs: 90_000, samples: ramp(0, 25) }));
    const pushed = Array.from({ length: 10 }, (_, i) => ring.push(block({ startMs: i * 100, samples: ramp(0, 25) })));
    expect(pushed).toEqual([...Array<string>(7).fill("late"), "restarted", "taken", "taken"]);
    expect(ring.endMs).toBe(1000);
  });

  it("begins anew when the scale or the rate of a wave changes", () => {
    const ring = new Ring(1000);
    ring.push(block({ startMs: 0, samples: ramp(0, 25) }));
    const { generation } = ring;
    expect(ring.push(block({ startMs: 100, samples: ramp(0, 25), resolution: 0.01 }))).toBe("restarted");
    expect(ring.push(block({ startMs: 200, samples: ramp(0, 25), resolution: 0.01, msPerSample: 8 }))).toBe(
      "restarted",
    );
    expect(ring.generation).toBe(generation + 2);
    expect(ring.head - ring.tail).toBe(25);
  });

  it("grows without losing what it has", () => {
    const ring = new Ring(500);
    ring.push(block({ startMs: 0, samples: ramp(0, 100) }));
    ring.reserve(20_000);
    ring.push(block({ startMs: 400, samples: ramp(100, 500) }));
    expect(ring.tail).toBe(0);
    for (let i = 0; i < 600; i += 1) expect(ring.at(i)).toBe(i);
  });

  it("finds for every time the first sample at or after it", () => {
    const random = seeded(4);
    const ring = new Ring(60_000);
    let start = 0;
    for (let i = 0; i < 60; i += 1) {
      const gapBefore = random() < 0.3;
      if (gapBefore) start += Math.floor(random() * 700);
      const count = 1 + Math.floor(random() * 60);
      ring.push(block({ startMs: start, samples: ramp(0, count), gapBefore }));
      start += count * 4;
    }
    for (let i = 0; i < 500; i += 1) {
      const ms = random() * start;
      const index = ring.indexAt(ms);
      if (index < ring.head) expect(ring.timeOf(index)).toBeGreaterThanOrEqual(ms - 1e-3);
      if (index > ring.tail) expect(ring.timeOf(index - 1)).toBeLessThan(ms);
    }
  });

  it("counts each block as painted once", () => {
    const ring = new Ring(1000);
    for (let i = 0; i < 3; i += 1) {
      ring.push(block({ startMs: i * 100, receivedMs: i * 100 + 130, transitMs: 5, samples: ramp(0, 25) }));
    }
    const sent: number[] = [];
    for (const index of [0, 1, 30, 30, 75, 75]) ring.painted(index, (ms) => sent.push(ms));
    expect(sent).toEqual([125, 225, 325]);
  });

  it("takes an empty block as nothing", () => {
    const ring = new Ring(1000);
    expect(ring.push(block({ startMs: 0, samples: ramp(0, 0) }))).toBe("taken");
    expect(ring.isEmpty).toBe(true);
    expect(ring.extent(0)).toBeNull();
  });
});
