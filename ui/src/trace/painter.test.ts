import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type WaveBlock } from "./decode";
import { block, encode, FakeContext } from "./kit";
import { Painter } from "./painter";
import { TraceStore } from "./traces";
import { type StripSpec } from "./types";

/** Station clock less page clock, ms. */
const OFFSET = 1_790_000_000_000;
const FRAME = 1000 / 60;

let page = 0;
let callbacks: FrameRequestCallback[] = [];
let fake: FakeContext;
let store: TraceStore;
let painter: Painter;
let canvas: HTMLCanvasElement;
let seq = 0;
let size = { width: 400, height: 100 };

/** Virtual time: frames are painted, and what is sent arrives, until `ms`. */
function until(ms: number, send: (now: number) => void = () => undefined): void {
  while (page < ms) {
    page += FRAME;
    send(page);
    const due = callbacks;
    callbacks = [];
    for (const callback of due) callback(page);
  }
}

function spec(metric: number, part: Partial<StripSpec> = {}): StripSpec {
  return {
    key: `${metric}`,
    bed: 0,
    metric,
    x: 0,
    y: metric === 66 ? 0 : 50,
    width: 400,
    height: 48,
    color: "green",
    mmPerS: 25,
    scale: { mode: "range", low: -2, high: 2 },
    ...part,
  };
}

/** A device that sends 250 ms of both waves four times a second. */
function device(stopped: () => boolean = () => false): (now: number) => void {
  let sent = page;
  let missed = false;
  return (now) => {
    while (sent + 250 <= now) {
      const startMs = sent + OFFSET;
      const samples = Int16Array.from({ length: 62 }, (_, i) => (i % 31) * 5);
      const make = (metric: number): WaveBlock =>
        block({ metric, startMs, receivedMs: startMs + 250, samples, gapBefore: missed, msPerSample: 4 });
      if (!stopped()) store.take(encode((seq += 1), now + OFFSET, [make(66), make(80)]), now);
      missed = stopped();
      sent += 248;
    }
  };
}

const hatched = (): number => fake.rectangles.filter((r) => r.style === "hatch").reduce((sum, r) => sum + r.width, 0);

beforeEach(() => {
  page = 0;
  seq = 0;
  callbacks = [];
  size = { width: 400, height: 100 };
  fake = new FakeContext();
  vi.spyOn(performance, "now").mockImplementation(() => page);
  vi.stubGlobal("requestAnimationFrame", (callback: FrameRequestCallback) => callbacks.push(callback));
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe(): void {
        // Sizes change by window events here.
      }
      disconnect(): void {
        // Nothing to stop.
      }
    },
  );
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockImplementation((() => fake) as never);
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockImplementation(() => size.width);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockImplementation(() => size.height);
  canvas = document.createElement("canvas");
  store = new TraceStore();
  painter = new Painter(canvas, store, { background: "ground", hatch: "gray" });
});

afterEach(() => {
  painter.dispose();
  until(page + 100);
  vi.unstubAllGlobals();
});

describe("Painter", () => {
  it("hatches strips until data come, then rests", () => {
    painter.setStrips([spec(66), spec(80)]);
    until(100);
    expect(hatched()).toBe(800);
    expect(callbacks).toEqual([]);
    expect(painter.stripState("66")).toEqual({ state: "empty", low: null, high: null });
  });

  it("strokes once a colour and frame, and draws only what is new", () => {
    painter.setStrips([spec(66), spec(80), spec(66, { key: "c", color: "white" })]);
    const send = device();
    until(3000, send);
    fake.forget();
    until(3000 + 20 * FRAME, send);
    expect(fake.strokes).toBe(40);
    // 94.5 columns a second, two points a column at most, three strips.
    expect(fake.points.filter((p) => p.drawn).length).toBeLessThan(3 * 2 * 34);
    expect(painter.stripState("66")).toEqual({ state: "live", low: -2, high: 2 });
  });

  it("tells the delay from sending to first pixel, once a block", () => {
    painter.setStrips([spec(66), spec(80)]);
    store.setClockOffset(OFFSET);
    const send = device();
    until(6000, send);
    store.report();
    until(16_000, send);
    const { delaysMs, frameSeq, framesPerSecond } = store.report();
    expect(delaysMs.length).toBeGreaterThanOrEqual(78);
    expect(delaysMs.length).toBeLessThanOrEqual(84);
    expect(Math.max(...delaysMs)).toBeLessThanOrEqual(60);
    expect(frameSeq).toBe(seq);
    expect(framesPerSecond).toBeCloseTo(60, 0);
  });

  it("stops the trace at its last sample, hatches after a second, in the end all over, and rests", () => {
    painter.setStrips([spec(66)]);
    let stopped = false;
    const send = device(() => stopped);
    until(3000, send);
    stopped = true;
    until(3800, send);
    expect(painter.stripState("66")?.state).toBe("live");
    until(4600, send);
    expect(painter.stripState("66")?.state).toBe("lost");
    until(12_000, send);
    expect(callbacks).toEqual([]);
    fake.forget();
    stopped = false;
    until(13_000, send);
    expect(painter.stripState("66")?.state).toBe("live");
    expect(fake.points.some((p) => p.drawn)).toBe(true);
  });

  it("hatches at once when the feed is said to be lost", () => {
    painter.setStrips([spec(66)]);
    let stopped = false;
    const send = device(() => stopped);
    until(3000, send);
    stopped = true;
    painter.setLost(0, true);
    until(3500, send);
    expect(painter.stripState("66")?.state).toBe("lost");
  });

  it("paints anew within one frame when the size changes, and does nothing for the same strips again", () => {
    painter.setStrips([spec(66)]);
    const send = device();
    until(5000, send);
    size = { width: 500, height: 100 };
    window.dispatchEvent(new Event("resize"));
    fake.forget();
    until(5000 + FRAME, send);
    expect(canvas.width).toBe(500);
    expect(fake.points.filter((p) => p.drawn).length).toBeGreaterThan(300);
    painter.setStrips([spec(66)]);
    fake.forget();
    until(page + FRAME, send);
    expect(fake.points.filter((p) => p.drawn).length).toBeLessThan(10);
  });

  it("catches up at once after the page was hidden, and counts nothing of it as late", () => {
    painter.setStrips([spec(66)]);
    store.setClockOffset(OFFSET);
    const send = device();
    until(4000, send);
    store.report();
    const held = callbacks;
    callbacks = [];
    for (let i = 0; i < 300; i += 1) {
      page += 100;
      send(page);
    }
    callbacks = held;
    fake.forget();
    until(page + FRAME, send);
    expect(fake.points.filter((p) => p.drawn).length).toBeGreaterThan(300);
    expect(Math.max(0, ...store.report().delaysMs)).toBeLessThan(60);
  });

  it("counts what it refuses and goes on", () => {
    const taken = store.take(new ArrayBuffer(3));
    expect(taken.ok).toBe(false);
    store.take(encode(1, OFFSET, [block({ startMs: OFFSET, samples: new Int16Array(25) })]), 10);
    store.take(encode(2, OFFSET, [block({ startMs: OFFSET - 5000, samples: new Int16Array(25) })]), 20);
    expect(store.counts).toEqual({ frames: 2, badFrames: 1, droppedBlocks: 1, gaps: 0 });
    store.forget(0);
    expect(store.ring(0, 66)).toBeNull();
  });

  it("takes turns where pens are slow: parts of the wall in turn, each bed's numbers told with its waves", () => {
    // 6.25 mm/s are 23.6 columns a second: a pen takes longer for one than two frames last.
    const tile = (bed: number): StripSpec =>
      spec(66, { key: `${bed}`, bed, x: bed * 100, width: 100, mmPerS: 6.25, color: `of ${bed}` });
    painter.setStrips([0, 1, 2, 3].map(tile));
    until(100);
    const turns: string[] = [];
    store.onTurn((beds) => turns.push([...beds].join()));
    for (let i = 0; i < 6; i += 1) {
      const startMs = page + OFFSET;
      const blocks = [0, 1, 2, 3].map((bed) => block({ bed, startMs, samples: new Int16Array(62) }));
      store.take(encode((seq += 1), startMs, blocks), page);
      until(page + FRAME / 2);
    }
    expect([...turns.slice(0, 6)].sort()).toEqual(["0,1", "0,1", "2", "2", "3", "3"]);
    for (let i = 1; i < turns.length; i += 1) expect(turns[i]).not.toBe(turns[i - 1]);
  });

  it("takes no turns where pens are quick, or where there is but one column", () => {
    const turns: string[] = [];
    store.onTurn((beds) => turns.push([...beds].join()));
    painter.setStrips([spec(66, { key: "a" }), spec(66, { key: "b", bed: 1, x: 200, width: 200 })]);
    until(50);
    expect(new Set(turns)).toEqual(new Set(["0,1"]));
    turns.length = 0;
    painter.setStrips([spec(66, { mmPerS: 6.25 }), spec(80, { bed: 1, mmPerS: 6.25 })]);
    until(100);
    expect(new Set(turns)).toEqual(new Set(["0,1"]));
  });
});
