import { type WaveBlock } from "./decode";
import { NO_SAMPLE } from "./types";

/** A stretch of samples without a break in time. */
export interface Stretch {
  /** Absolute index of its first sample. */
  first: number;
  /** Time of its first sample, station ms. */
  startMs: number;
  /** Data are missing before it. */
  gap: boolean;
}

/** A block whose first pixel is still to come. */
interface Due {
  first: number;
  /** When the station received it less its transit above the quickest, station ms. */
  sentMs: number;
}

/** What became of a block. */
export type Pushed = "taken" | "restarted" | "late";

/** Blocks waiting for their first pixel, at most: 16 s of four a second. A strip off screen counts none. */
const DUE_MAX = 64;
/** So many late blocks in a row, two seconds of them, begin a new time line. */
const LATE_MAX = 8;

/**
 * The newest samples of one wave of one bed, with their times.
 *
 * Samples have absolute indices that only grow; `[tail, head)` are held. A sample's time comes from the stretch it is
 * in. Bounded: what is older than `capacity` samples is overwritten.
 */
export class Ring {
  readonly stretches: Stretch[] = [];
  msPerSample = 0;
  resolution = 1;
  offset = 0;
  /** Counts restarts: a painter that sees another number paints anew. */
  generation = 0;
  head = 0;
  tail = 0;
  private data = new Int16Array(0);
  private mask = 0;
  private spanMs: number;
  private due: Due[] = [];
  private lateInARow = 0;

  constructor(spanMs: number) {
    this.spanMs = spanMs;
  }

  /** Holds at least this much from now on. */
  reserve(spanMs: number): void {
    if (spanMs <= this.spanMs) return;
    this.spanMs = spanMs;
    if (this.msPerSample > 0) this.grow();
  }

  /** Takes a block. One that is older than what is held is refused: the past is not rewritten. */
  push(block: WaveBlock): Pushed {
    const count = block.samples.length;
    if (count === 0) return "taken";
    let result: Pushed = "taken";
    if (
      block.msPerSample !== this.msPerSample ||
      block.resolution !== this.resolution ||
      block.offset !== this.offset
    ) {
      this.restart(block);
      result = "restarted";
    }
    const ahead = this.head === this.tail ? 0 : (block.startMs - this.endMs) / this.msPerSample;
    if (ahead < -0.5) {
      // The station's time line went back: with a gap it starts anew, without one the block is late. When nothing but
      // late blocks come, it is the ring that is wrong: it must not stay dead for ever.
      this.lateInARow += 1;
      if (!block.gapBefore && this.lateInARow < LATE_MAX) return "late";
      this.restart(block);
      result = "restarted";
    }
    this.lateInARow = 0;
    this.append(block, ahead, count);
    return result;
  }

  /** Time after the newest sample, station ms. */
  get endMs(): number {
    const last = this.stretches[this.stretches.length - 1];
    return last === undefined ? 0 : last.startMs + (this.head - last.first) * this.msPerSample;
  }

  /** Time of the oldest sample held, station ms. */
  get startMs(): number {
    return this.timeOf(this.tail);
  }

  get isEmpty(): boolean {
    return this.head === this.tail;
  }

  /** A sample; `NO_SAMPLE` where there is none. */
  at(index: number): number {
    return index >= this.tail && index < this.head ? (this.data[index & this.mask] as number) : NO_SAMPLE;
  }

  /** The number of the stretch a sample is in. */
  stretchOf(index: number): number {
    for (let s = this.stretches.length - 1; s > 0; s -= 1) {
      if ((this.stretches[s] as Stretch).first <= index) return s;
    }
    return 0;
  }

  /** Time of a sample, station ms. */
  timeOf(index: number): number {
    const stretch = this.stretches[this.stretchOf(index)];
    return stretch === undefined ? 0 : stretch.startMs + (index - stretch.first) * this.msPerSample;
  }

  /** The first sample at or after a time; `head` when all are older. */
  indexAt(ms: number): number {
    for (let s = this.stretches.length - 1; s >= 0; s -= 1) {
      const stretch = this.stretches[s] as Stretch;
      if (stretch.startMs > ms) continue;
      const next = this.stretches[s + 1]?.first ?? this.head;
      const index = stretch.first + Math.ceil((ms - stretch.startMs) / this.msPerSample - 1e-6);
      return Math.max(this.tail, Math.min(index, next));
    }
    return this.tail;
  }

  /** Least and greatest sample since a time; `null` when there is none. */
  extent(sinceMs: number): { min: number; max: number } | null {
    let min = 32767;
    let max = NO_SAMPLE;
    for (let i = this.indexAt(sinceMs); i < this.head; i += 1) {
      const v = this.data[i & this.mask] as number;
      if (v === NO_SAMPLE) continue;
      if (v < min) min = v;
      if (v > max) max = v;
    }
    return max < min ? null : { min, max };
  }

  /** Takes out the blocks whose first sample is before `index`, giving each one's sending time to `each`. */
  painted(index: number, each: (sentMs: number) => void): void {
    let done = 0;
    for (const due of this.due) {
      if (due.first >= index) break;
      each(due.sentMs);
      done += 1;
    }
    if (done > 0) this.due.splice(0, done);
  }

  /** Forgets which blocks wait for their first pixel: nobody was looking. */
  skipDue(): void {
    this.due.length = 0;
  }

  private restart(block: WaveBlock): void {
    this.generation += 1;
    this.stretches.length = 0;
    this.due.length = 0;
    this.tail = this.head;
    this.msPerSample = block.msPerSample;
    this.resolution = block.resolution;
    this.offset = block.offset;
    this.grow();
  }

  private append(block: WaveBlock, ahead: number, count: number): void {
    const last = this.stretches[this.stretches.length - 1];
    // Rounding to microseconds adds up: a quarter sample off, the time line is set anew, without a gap.
    const gap = last !== undefined && (block.gapBefore || ahead > 0.5);
    if (last === undefined || gap || Math.abs(ahead) > 0.25) {
      this.stretches.push({ first: this.head, startMs: block.startMs, gap });
    }
    if (this.due.length === DUE_MAX) this.due.shift();
    this.due.push({ first: this.head, sentMs: block.receivedMs - block.transitMs });
    const { data, mask } = this;
    for (let i = 0; i < count; i += 1) data[(this.head + i) & mask] = block.samples[i] as number;
    this.head += count;
    this.tail = Math.max(this.tail, this.head - data.length);
    while (this.stretches.length > 1 && (this.stretches[1] as Stretch).first <= this.tail) this.stretches.shift();
  }

  private grow(): void {
    const needed = Math.ceil(this.spanMs / this.msPerSample);
    let size = 64;
    while (size < needed && size < CAPACITY_MAX) size *= 2;
    if (size <= this.data.length) return;
    const data = new Int16Array(size);
    for (let i = this.tail; i < this.head; i += 1) data[i & (size - 1)] = this.data[i & this.mask] as number;
    this.data = data;
    this.mask = size - 1;
  }
}

/** 131,072 samples, 256 KiB: two minutes at 1,000 a second. */
const CAPACITY_MAX = 1 << 17;
