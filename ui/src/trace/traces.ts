import { decodeFrame, FrameError } from "./decode";
import { Playout } from "./playout";
import { Ring } from "./ring";
import { type PageMs, type Taken, type TraceCounts, type TraceReport, type Traces } from "./types";

/** Held before a strip asks for more, ms: a wall tile's sweep and a second. */
const SPAN_FIRST_MS = 12_000;
/** Delays kept between two reports: 64 beds of four waves four times a second, for two seconds. */
const DELAYS_MAX = 2_048;

/** The rings and playheads of all beds. What painters see beyond `Traces`. */
export class TraceStore implements Traces {
  readonly counts: TraceCounts = { frames: 0, badFrames: 0, droppedBlocks: 0, gaps: 0 };
  private readonly rings = new Map<number, Ring>();
  private readonly spans = new Map<number, number>();
  private readonly playouts = new Map<number, Playout>();
  private readonly listeners = new Set<() => void>();
  private readonly turns = new Set<(beds: ReadonlySet<number>) => void>();
  private offset = -Infinity;
  private offsetTold = false;
  private seq = 0;
  private delays: number[] = [];
  private paintedSeq = 0;
  private framesPainted = 0;
  private mainMs = 0;
  private reportedAt = performance.now();

  take(buffer: ArrayBuffer, arrivedAt: PageMs = performance.now()): Taken {
    const frame = decodeFrame(buffer);
    if (frame instanceof FrameError) {
      this.counts.badFrames += 1;
      return { ok: false, error: frame };
    }
    this.counts.frames += 1;
    this.seq = frame.seq;
    if (!this.offsetTold) this.offset = Math.max(this.offset, frame.nowMs - arrivedAt);
    for (const block of frame.blocks) {
      const key = keyOf(block.bed, block.metric);
      let ring = this.rings.get(key);
      if (ring === undefined) {
        ring = new Ring(this.spans.get(key) ?? SPAN_FIRST_MS);
        this.rings.set(key, ring);
      }
      if (block.gapBefore) this.counts.gaps += 1;
      const pushed = ring.push(block);
      if (pushed === "late") {
        this.counts.droppedBlocks += 1;
        continue;
      }
      this.playout(block.bed).note(block.metric, block.startMs, arrivedAt, block.gapBefore || pushed === "restarted");
    }
    // Where nothing is drawn nothing is owed: the program would take the page for one that has stopped painting.
    if (this.listeners.size === 0 || document.hidden) this.paintedSeq = frame.seq;
    for (const listener of this.listeners) listener();
    return { ok: true, seq: frame.seq };
  }

  setClockOffset(offsetMs: number): void {
    this.offset = offsetMs;
    this.offsetTold = true;
  }

  forget(bed: number): void {
    for (const key of this.rings.keys()) if (key >> 8 === bed) this.rings.delete(key);
    this.playouts.delete(bed);
    for (const listener of this.listeners) listener();
  }

  report(): TraceReport {
    const now = performance.now();
    const seconds = (now - this.reportedAt) / 1000;
    const report: TraceReport = {
      frameSeq: this.paintedSeq,
      delaysMs: this.delays,
      framesPerSecond: seconds > 0 ? this.framesPainted / seconds : 0,
      mainMs: this.framesPainted > 0 ? this.mainMs / this.framesPainted : 0,
    };
    this.delays = [];
    this.framesPainted = 0;
    this.mainMs = 0;
    this.reportedAt = now;
    return report;
  }

  /** The ring of a wave; `null` before its first block. */
  ring(bed: number, metric: number): Ring | null {
    return this.rings.get(keyOf(bed, metric)) ?? null;
  }

  /** A strip shows this much of a wave, and needs it to be held. */
  reserve(bed: number, metric: number, spanMs: number): void {
    const key = keyOf(bed, metric);
    if (spanMs <= (this.spans.get(key) ?? SPAN_FIRST_MS)) return;
    this.spans.set(key, spanMs);
    this.rings.get(key)?.reserve(spanMs);
  }

  playout(bed: number): Playout {
    let playout = this.playouts.get(bed);
    if (playout === undefined) {
      playout = new Playout();
      this.playouts.set(bed, playout);
    }
    return playout;
  }

  /** Data came. Returns the way to stop listening. */
  onData(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  onTurn(listener: (beds: ReadonlySet<number>) => void): () => void {
    this.turns.add(listener);
    return () => this.turns.delete(listener);
  }

  /** The strips of these beds are painted in this frame. */
  turn(beds: ReadonlySet<number>): void {
    for (const listener of this.turns) listener(beds);
  }

  /** A block's first sample was painted at `paintedAt`. */
  painted(sentMs: number, paintedAt: PageMs): void {
    if (this.delays.length < DELAYS_MAX && this.offset > -Infinity) {
      this.delays.push(Math.max(0, paintedAt + this.offset - sentMs));
    }
  }

  /** A frame was painted in `mainMs`. */
  framePainted(mainMs: number): void {
    this.framesPainted += 1;
    this.mainMs += mainMs;
    this.paintedSeq = this.seq;
  }

  /** There was nothing to paint: what came is on no strip. */
  nothingToPaint(): void {
    this.paintedSeq = this.seq;
  }

  /** Nobody looked for a while: what came meanwhile is not counted as late. */
  skipDue(): void {
    for (const ring of this.rings.values()) ring.skipDue();
  }
}

function keyOf(bed: number, metric: number): number {
  return bed * 256 + metric;
}

/** The traces of this page. */
export function createTraces(): Traces {
  return new TraceStore();
}
