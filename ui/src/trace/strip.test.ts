import { beforeEach, describe, expect, it } from "vitest";
import { block, FakeContext, seeded } from "./kit";
import { Ring } from "./ring";
import { type Context, type Look, Strip } from "./strip";
import { type StripSpec } from "./types";

const LOOK: Look = {
  dpr: 1,
  perMm: 4,
  lineWidth: 1.5,
  erase: 14,
  background: "ground",
  hatch: "hatch",
  underlay: null,
};
const SPEC: StripSpec = {
  key: "a",
  bed: 0,
  metric: 66,
  x: 10,
  y: 20,
  width: 206,
  height: 60,
  color: "green",
  mmPerS: 25,
  scale: { mode: "fixed", mmPerUnit: 10 },
};

let fake: FakeContext;
let strip: Strip;
let ring: Ring;

/** Ten seconds of a steep saw tooth: five sweeps of the strip. */
function fill(): void {
  const samples = Int16Array.from({ length: 2500 }, (_, i) => (i % 50) * 8 - 100);
  ring.push(block({ startMs: 0, samples }));
}

/** The columns a rectangle covers, from the strip's left, without its padding. */
function columns(of: { x: number; width: number }): number[] {
  const { left, columns: count } = strip.place;
  return Array.from({ length: of.width }, (_, i) => of.x + i - left).filter((c) => c >= 0 && c < count);
}

beforeEach(() => {
  fake = new FakeContext();
  strip = new Strip(SPEC, LOOK, fake as unknown as Context, 0);
  ring = new Ring(20_000);
  strip.ring = ring;
});

describe("Strip", () => {
  it("fills its rectangle but for the padding", () => {
    expect(strip.place).toEqual({ left: 12, columns: 202, top: 20, height: 60, pad: 2 });
    expect(strip.spanMs).toBeCloseTo(2020);
  });

  it("keeps an erase bar of constant width before the pen: each column is cleared once a sweep", () => {
    fill();
    const random = seeded(9);
    strip.repaint(ring, 250);
    const painted = new Map<number, number>();
    const { columns: count } = strip.place;
    let to = 250;
    while (to < 900) {
      fake.forget();
      const from = to;
      to += Math.floor(random() * 4);
      strip.clearFor(to);
      const cleared = fake.rectangles.flatMap(columns);
      const wanted = Array.from({ length: to - from }, (_, i) => (from + 14 + i) % count);
      expect(cleared).toEqual(wanted);
      strip.advance(ring, to);
      for (const c of cleared) painted.set(c, (painted.get(c) ?? 0) + 1);
      // Nothing is drawn in the bar, but for the half width of a line.
      for (const { x } of fake.points) {
        const ahead = (((x - strip.place.left - to) % count) + count) % count;
        expect(ahead > 0.5 && ahead < 14 - 4).toBe(false);
      }
    }
  });

  it("clears its padding where a sweep begins and ends", () => {
    fill();
    strip.repaint(ring, 202 * 2 - 15);
    fake.forget();
    strip.clearFor(202 * 2 - 13);
    expect(fake.rectangles.map(({ x, width }) => [x, width])).toEqual([
      [213, 3],
      [10, 3],
    ]);
  });

  it("cuts a line at the edge: both halves meet there at one height, and nothing leaves the strip", () => {
    fill();
    strip.repaint(ring, 390);
    fake.forget();
    for (let to = 391; to < 425; to += 1) strip.advance(ring, to);
    const { left, columns: count } = strip.place;
    const edge = fake.points.findIndex((p) => p.drawn && p.x === left + count);
    expect(edge).toBeGreaterThan(0);
    expect(fake.points[edge + 1]).toEqual({ x: left, y: fake.points[edge]?.y, drawn: false });
    for (const { x, y } of fake.points) {
      expect(x).toBeGreaterThanOrEqual(left);
      expect(x).toBeLessThanOrEqual(left + count);
      expect(y).toBeGreaterThanOrEqual(SPEC.y + 2);
      expect(y).toBeLessThanOrEqual(SPEC.y + SPEC.height - 2);
    }
  });

  it("paints the same lines at once as step by step", () => {
    fill();
    strip.repaint(ring, 404);
    fake.forget();
    for (let to = 405; to <= 404 + 188; to += 1) strip.advance(ring, to);
    const steps = fake.points.filter((p) => p.drawn);
    const other = new FakeContext();
    const again = new Strip(SPEC, LOOK, other as unknown as Context, 0);
    again.ring = ring;
    again.repaint(ring, 404 + 188);
    const whole = other.points.filter((p) => p.drawn);
    const tail = steps.slice(-whole.length + 2);
    expect(whole.slice(-tail.length)).toEqual(tail);
  });

  it("continues a line where it ended, frame after frame", () => {
    fill();
    strip.repaint(ring, 250);
    let last = fake.points[fake.points.length - 1];
    for (let to = 251; to < 330; to += 1) {
      fake.forget();
      strip.advance(ring, to);
      expect(fake.points[0]).toEqual({ ...last, drawn: false });
      last = fake.points[fake.points.length - 1];
    }
  });

  it("is hatched all over while nothing came", () => {
    strip.repaint(ring, 0);
    const hatched = fake.rectangles.filter((r) => r.style === "hatch").flatMap(columns);
    expect(hatched.length).toBe(202);
    expect(strip.isStill(ring)).toBe(true);
  });

  it("leaves only the sweep in which data stopped, and in time hatches that as well", () => {
    fill();
    strip.lost = true;
    // Data end at column 1000: in the fifth sweep (808 to 1010).
    strip.repaint(ring, 1100);
    const hatched = new Set(fake.rectangles.filter((r) => r.style === "hatch").flatMap(columns));
    const standing = Array.from({ length: 202 }, (_, c) => c).filter((c) => !hatched.has(c));
    expect(standing[0]).toBe(1100 - 202 * 5);
    expect(standing[standing.length - 1]).toBe(999 - 202 * 4);
    expect(strip.isStill(ring)).toBe(false);
    for (let to = 1101; to < 1300; to += 1) {
      strip.clearFor(to);
      strip.advance(ring, to);
    }
    const all = new Set(fake.rectangles.filter((r) => r.style === "hatch").flatMap(columns));
    expect(all.size).toBe(202);
    expect(strip.isStill(ring)).toBe(true);
  });
});
