import { describe, expect, it } from "vitest";

import { marchOut, read, signed, snap } from "./caliper";
import { decodeEnvelope, type Envelope, nearest } from "./envelope";
import { LanePictures } from "./lane";
import { levels, settled } from "./range";
import { inside, lengthOf, lengthWords, pan, ticks, timeOf, wheelFactor, xOf, zoomAbout } from "./span";
import { momentAt, momentsOf, step } from "./steps";

const DAY = 24 * 3_600_000;
const bounds = { from: 1_795_000_000_000, to: 1_795_000_000_000 + 30 * DAY };

/** An envelope of samples every `stepMs` from `from`, as the program sends it. */
function bytesOf(from: number, stepMs: number, count: number, exact: boolean): ArrayBuffer {
  const bytes = new ArrayBuffer(32 + count * 25);
  const view = new DataView(bytes);
  view.setUint32(0, 0x31454c57, true);
  view.setUint32(4, count, true);
  view.setFloat64(8, from, true);
  view.setFloat64(16, from + count * stepMs, true);
  view.setUint32(24, exact ? 1 : 0, true);
  for (let i = 0; i < count; i += 1) {
    view.setFloat64(32 + i * 8, from + i * stepMs, true);
    view.setFloat32(32 + count * 8 + i * 4, stepMs, true);
    for (const column of [1, 2, 3]) view.setFloat32(32 + count * (8 + 4 * column) + i * 4, i, true);
  }
  return bytes;
}

describe("where one looks", () => {
  it("keeps what is under the pointer there, from weeks to one beat and back", () => {
    let span = bounds;
    const at = bounds.from + 17.3 * DAY;
    const x = xOf(span, 1400, at);
    for (let i = 0; i < 400 && lengthOf(span) > 1000; i += 1) span = zoomAbout(span, at, wheelFactor(-100, 0), bounds);
    expect(lengthOf(span)).toBeLessThanOrEqual(1000);
    expect(Math.abs(xOf(span, 1400, at) - x)).toBeLessThan(0.5);
    for (let i = 0; i < 400; i += 1) span = zoomAbout(span, at, wheelFactor(100, 0), bounds);
    expect(lengthOf(span)).toBeCloseTo(30 * DAY);
  });

  it("never leaves what was recorded", () => {
    const span = { from: bounds.to - 1000, to: bounds.to };
    expect(pan(span, DAY, bounds)).toEqual(span);
    expect(pan(span, -60 * DAY, bounds).from).toBe(bounds.from);
    expect(inside({ from: 0, to: 1e15 }, bounds)).toEqual(bounds);
  });

  it("writes round times of the ward's clock on the axis", () => {
    const hour = 3_600_000;
    const { step: apart, at } = ticks({ from: 0, to: DAY }, 1400, 110, 1.5 * hour);
    expect(apart).toBe(2 * hour);
    expect(at[0]).toBe(0.5 * hour);
    expect(timeOf({ from: 100, to: 200 }, 50, 25)).toBe(150);
  });

  it("says a length as a person does", () => {
    expect([340, 1500, 38 * 60_000 * 1.0, 6.333 * 3_600_000, 76 * 3_600_000].map(lengthWords)).toEqual([
      "340 ms",
      "1.50 s",
      "38 min",
      "6 h 20",
      "3 d 4 h",
    ]);
  });
});

describe("calipers", () => {
  const envelope = decodeEnvelope(bytesOf(1000, 4, 500, true));

  it("stand on samples: off by half a sample at most, wherever one clicks", () => {
    for (let i = 0; i < 2000; i += 1) {
      const at = 1000 + ((i * 7919) % 1996);
      const point = snap(envelope, at + 0.37);
      expect(point).not.toBeNull();
      expect(Math.abs((point?.at ?? 0) - at - 0.37)).toBeLessThanOrEqual(2);
      expect(((point?.at ?? 0) - 1000) % 4).toBe(0);
    }
  });

  it("never stand on a bin of many samples", () => {
    expect(snap(decodeEnvelope(bytesOf(0, 4, 5, false)), 4)).toBeNull();
  });

  it("read milliseconds, the unit and beats a minute", () => {
    const reading = read({ at: 2000, value: 0.2 }, { at: 1200, value: 1.2 });
    expect(reading).toEqual({ ms: 800, delta: -1, perMinute: 75 });
    expect(signed(-0.0004, 2)).toBe("0.00");
    expect(signed(-1.5, 1)).toBe("−1.5");
  });

  it("march out to both sides at the same distance", () => {
    expect(marchOut(1000, 1800, { from: 0, to: 4000 }, 200)).toEqual([200, 2600, 3400]);
    expect(marchOut(1000, 1001, { from: 0, to: 1e6 }, 200)).toEqual([]);
  });
});

describe("an envelope", () => {
  it("is read column by column, and refused when it is not whole", () => {
    const envelope = decodeEnvelope(bytesOf(1000, 4, 3, true));
    expect([...envelope.at]).toEqual([1000, 1004, 1008]);
    expect([...envelope.high]).toEqual([0, 1, 2]);
    expect(nearest(1005, envelope.at)).toBe(1);
    expect(() => decodeEnvelope(new ArrayBuffer(8))).toThrow("no lane");
    expect(() => decodeEnvelope(bytesOf(0, 1, 3, true).slice(0, 60))).toThrow("not whole");
  });
});

describe("the pictures of a lane", () => {
  function lane(): {
    pictures: LanePictures;
    asked: { from: number; to: number; pixels: number }[];
    answer: () => Promise<void>;
  } {
    const asked: { from: number; to: number; pixels: number }[] = [];
    let waiting: ((envelope: Envelope) => void)[] = [];
    const pictures = new LanePictures(
      (span, pixels) => {
        asked.push({ ...span, pixels });
        return new Promise((resolve) => waiting.push(resolve));
      },
      () => undefined,
    );
    const answer = async (): Promise<void> => {
      const last = asked.at(-1);
      const now = waiting;
      waiting = [];
      for (const resolve of now) {
        const { from, to } = last ?? { from: 0, to: 1 };
        resolve(decodeEnvelopeOver(from, to));
      }
      await Promise.resolve();
      await Promise.resolve();
    };
    return { pictures, asked, answer };
  }

  function decodeEnvelopeOver(from: number, to: number): Envelope {
    return { ...decodeEnvelope(bytesOf(from, (to - from) / 10, 10, false)), from, to };
  }

  const all = { from: 0, to: 1_000_000 };

  it("asks for one at a time, first what is seen, then what lies beside it", async () => {
    const { pictures, asked, answer } = lane();
    const span = { from: 400_000, to: 500_000 };
    pictures.want(span, 1000, all);
    pictures.want({ from: 410_000, to: 510_000 }, 1000, all);
    pictures.want(span, 1000, all);
    expect(asked).toEqual([{ ...span, pixels: 1000 }]);
    await answer();
    expect(asked.at(-1)).toEqual({ from: 300_000, to: 600_000, pixels: 3000 });
    await answer();
    expect(asked.length).toBe(2);
  });

  it("asks for nothing while one pans inside what it has", async () => {
    const { pictures, asked, answer } = lane();
    pictures.want({ from: 400_000, to: 500_000 }, 1000, all);
    await answer();
    await answer();
    for (let from = 400_000; from < 440_000; from += 1000) pictures.want({ from, to: from + 100_000 }, 1000, all);
    expect(asked.length).toBe(2);
    expect(pictures.best({ from: 440_000, to: 540_000 }, 1000)?.from).toBe(300_000);
  });

  it("draws the old picture, scaled, until the finer one is there", async () => {
    const { pictures, answer } = lane();
    pictures.want(all, 1000, all);
    await answer();
    const closer = { from: 500_000, to: 501_000 };
    pictures.want(closer, 1000, all);
    expect(pictures.best(closer, 1000)?.to).toBe(1_000_000);
    await answer();
    expect(pictures.best(closer, 1000)?.to).toBeLessThan(510_000);
    expect(pictures.best(all, 1000)?.to).toBe(1_000_000);
  });
});

describe("the range of a lane", () => {
  it("stands still while what is seen fits it, and moves when it does not", () => {
    const first = settled(null, { low: 60, high: 100 }, 1);
    expect(settled(first, { low: 62, high: 98 }, 1)).toBe(first);
    expect(settled(first, { low: 62, high: 180 }, 1).high).toBeGreaterThan(180);
    expect(settled(first, { low: 80, high: 82 }, 1).high).toBeLessThan(90);
    expect(levels({ low: 57, high: 103 }, 100)).toEqual([60, 80, 100]);
  });
});

describe("moments", () => {
  const moments = momentsOf(
    {
      alerts: [
        {
          id: 4,
          message: "** HR 130 > 120",
          metric: "HR",
          side: "high",
          kind: "physiological",
          priority: "medium",
          sinceMs: 90,
          raisedMs: 100,
          overMs: 150,
          occurrence: 1,
          steps: [],
        },
      ],
      limits: [],
      pauses: [],
      notes: [{ atMs: 50, what: "note", lost: false, text: "turned", person: "TEST Nurse" }],
    },
    null,
  );

  it("follow one another, from what is selected or from where one looks", () => {
    expect(moments.map((m) => m.key)).toEqual(["note-0", "alert-4"]);
    expect(step(moments, null, 60, 1)?.key).toBe("alert-4");
    expect(step(moments, "alert-4", 0, -1)?.key).toBe("note-0");
    expect(step(moments, "alert-4", 0, 1)).toBeNull();
    expect(momentAt(moments, 97, 5)?.key).toBe("alert-4");
    expect(momentAt(moments, 70, 5)).toBeNull();
  });
});
