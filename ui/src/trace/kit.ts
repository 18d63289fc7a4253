// What the tests of this folder share. Not part of the page.
import { type Pen } from "./columns";
import { type WaveBlock } from "./decode";

/** A seeded generator (mulberry32): 0 <= x < 1. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A block with what a test does not care about filled in. */
export function block(part: Partial<WaveBlock> & { startMs: number; samples: Int16Array }): WaveBlock {
  return {
    bed: 0,
    metric: 66,
    gapBefore: false,
    receivedMs: part.startMs,
    transitMs: 0,
    resolution: 0.005,
    offset: 0,
    msPerSample: 4,
    ...part,
  };
}

/** Writes a frame as the station does (`frame.rs`); rates as samples in one second. */
export function encode(seq: number, nowMs: number, blocks: readonly WaveBlock[]): ArrayBuffer {
  const size = blocks.reduce((sum, b) => sum + 48 + ((b.samples.length * 2 + 7) & ~7), 24);
  const buffer = new ArrayBuffer(size);
  const view = new DataView(buffer);
  view.setUint32(0, 0x31464c57, true);
  view.setUint32(4, seq, true);
  view.setFloat64(8, nowMs, true);
  view.setUint16(16, blocks.length, true);
  let at = 24;
  for (const b of blocks) {
    view.setUint16(at, b.bed, true);
    view.setUint8(at + 2, b.metric);
    view.setUint8(at + 3, b.gapBefore ? 1 : 0);
    view.setUint16(at + 4, b.samples.length, true);
    view.setFloat64(at + 8, b.startMs, true);
    view.setFloat64(at + 16, b.receivedMs, true);
    view.setFloat32(at + 24, b.transitMs, true);
    view.setFloat32(at + 28, b.resolution, true);
    view.setFloat32(at + 32, b.offset, true);
    view.setUint32(at + 36, 2000 / b.msPerSample, true);
    view.setUint32(at + 40, 2, true);
    b.samples.forEach((sample, i) => view.setInt16(at + 48 + i * 2, sample, true));
    at += 48 + ((b.samples.length * 2 + 7) & ~7);
  }
  return buffer;
}

/** One thing a pen did. */
export type Stroke =
  | { readonly to: "move" | "line"; readonly column: number; readonly sample: number }
  | { readonly to: "missing"; readonly from: number; readonly until: number };

/** A pen that only remembers. */
export class Recorder implements Pen {
  readonly strokes: Stroke[] = [];

  move(column: number, sample: number): void {
    this.strokes.push({ to: "move", column, sample });
  }

  line(column: number, sample: number): void {
    this.strokes.push({ to: "line", column, sample });
  }

  missing(from: number, until: number): void {
    this.strokes.push({ to: "missing", from, until });
  }
}

/** A 2D context that remembers rectangles and paths, for jsdom, which has none. */
export class FakeContext {
  readonly rectangles: { x: number; y: number; width: number; height: number; style: unknown }[] = [];
  readonly points: { x: number; y: number; drawn: boolean }[] = [];
  strokes = 0;
  fillStyle: unknown = "";
  strokeStyle: unknown = "";
  lineWidth = 1;
  lineJoin = "";
  lineCap = "";

  fillRect(x: number, y: number, width: number, height: number): void {
    this.rectangles.push({ x, y, width, height, style: this.fillStyle });
  }

  clearRect(x: number, y: number, width: number, height: number): void {
    this.rectangles.push({ x, y, width, height, style: null });
  }

  moveTo(x: number, y: number): void {
    this.points.push({ x, y, drawn: false });
  }

  lineTo(x: number, y: number): void {
    this.points.push({ x, y, drawn: true });
  }

  beginPath(): void {
    // A path begins; points are remembered for all paths.
  }

  stroke(): void {
    this.strokes += 1;
  }

  drawImage(): void {
    // Pictures are looked at by people.
  }

  createPattern(): string {
    return "hatch";
  }

  forget(): void {
    this.rectangles.length = 0;
    this.points.length = 0;
    this.strokes = 0;
  }
}
