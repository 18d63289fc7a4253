import { type Ring } from "./ring";
import { NO_SAMPLE } from "./types";

/** How times become columns: column = (ms - epochMs) * perMs. Columns only grow; where they wrap is the painter's. */
export interface TimeAxis {
  readonly epochMs: number;
  /** Device pixels a millisecond. */
  readonly perMs: number;
}

/** Who draws. Columns are absolute, with a fraction; samples raw. */
export interface Pen {
  /** Goes there without drawing. */
  move(column: number, sample: number): void;
  /** Draws a line there. */
  line(column: number, sample: number): void;
  /** There are no data in the columns [from, to). */
  missing(from: number, to: number): void;
}

const NONE = -1;

/**
 * Walks a ring in time and gives each pixel column's least and greatest sample to a pen, in their order of time, each
 * once: a spike that is one sample wide survives, however many samples fall on a column. A column is drawn when it is
 * whole, so that no column is ever drawn over.
 */
export class Walker {
  /** Samples before this index are drawn. */
  drawn = 0;
  private next = 0;
  private stretch = 0;
  /** The column being gathered, and its extremes. */
  private column = NONE;
  private loAt = 0;
  private lo = 0;
  private hiAt = 0;
  private hi = 0;
  private count = 0;
  private down = false;
  /** Whether the pen only moved: a lone point is drawn as a dot. */
  private lone = false;
  private lastAt = 0;
  private last = 0;
  private missingFrom = NONE;

  /** Starts at a column. */
  seek(ring: Ring, axis: TimeAxis, column: number): void {
    const ms = axis.epochMs + column / axis.perMs;
    const index = ring.indexAt(ms);
    this.next = index;
    this.drawn = index;
    this.column = NONE;
    this.count = 0;
    this.down = false;
    this.lone = false;
    // Started within a gap, what is left of it is missing; started among samples, nothing is.
    const older = index > ring.tail;
    const step = older && index < ring.head ? ring.timeOf(index) - ring.timeOf(index - 1) : 0;
    this.missingFrom = step > 1.5 * ring.msPerSample || (older && index === ring.head) ? column : NONE;
  }

  /** Draws what is before column `limit`. `lost`: nothing more is awaited, columns without samples are missing. */
  advance(ring: Ring, axis: TimeAxis, limit: number, lost: boolean, pen: Pen): void {
    if (this.down) pen.move(this.lastAt, this.last);
    if (this.next < ring.tail) this.skipTo(ring, axis, limit);
    const { perMs } = axis;
    // The ring forgets old stretches, so their numbers change.
    this.stretch = ring.stretchOf(Math.max(this.next - 1, ring.tail));
    let stretch = ring.stretches[this.stretch];
    while (this.next < ring.head && stretch !== undefined) {
      const following = ring.stretches[this.stretch + 1];
      if (following !== undefined && this.next >= following.first) {
        this.stretch += 1;
        stretch = following;
        if (following.gap) this.lift(pen);
      }
      const at = (stretch.startMs + (this.next - stretch.first) * ring.msPerSample - axis.epochMs) * perMs;
      const column = Math.floor(at);
      if (column >= limit) {
        this.flushBefore(column, pen);
        this.hatch(Math.min(column, limit), pen);
        return;
      }
      this.take(ring.at(this.next), at, column, pen);
      this.next += 1;
    }
    const end = Math.floor((ring.endMs - axis.epochMs) * perMs);
    if (lost) {
      this.lift(pen);
      this.hatch(limit, pen);
    } else this.flushBefore(end, pen);
  }

  private take(sample: number, at: number, column: number, pen: Pen): void {
    if (sample === NO_SAMPLE) {
      this.lift(pen);
      if (this.missingFrom === NONE) this.missingFrom = column;
      this.hatch(column + 1, pen);
      this.drawn = this.next + 1;
      return;
    }
    if (column !== this.column) {
      this.flush(pen);
      this.column = column;
    }
    if (this.count === 0) {
      this.loAt = at;
      this.lo = sample;
      this.hiAt = at;
      this.hi = sample;
    } else if (sample < this.lo) {
      this.lo = sample;
      this.loAt = at;
    } else if (sample > this.hi) {
      this.hi = sample;
      this.hiAt = at;
    }
    this.count += 1;
  }

  private flushBefore(column: number, pen: Pen): void {
    if (this.column < column) this.flush(pen);
  }

  private flush(pen: Pen): void {
    if (this.count === 0) return;
    this.hatch(this.column, pen);
    this.missingFrom = NONE;
    const loFirst = this.loAt <= this.hiAt;
    this.point(loFirst ? this.loAt : this.hiAt, loFirst ? this.lo : this.hi, pen);
    if (this.loAt !== this.hiAt) this.point(loFirst ? this.hiAt : this.loAt, loFirst ? this.hi : this.lo, pen);
    this.count = 0;
    this.drawn = this.next;
  }

  private point(at: number, sample: number, pen: Pen): void {
    if (this.down) pen.line(at, sample);
    else pen.move(at, sample);
    this.lone = !this.down;
    this.down = true;
    this.lastAt = at;
    this.last = sample;
  }

  /** Ends the line: data are missing after its last point. */
  private lift(pen: Pen): void {
    this.flush(pen);
    if (!this.down) return;
    if (this.lone) pen.line(this.lastAt + DOT, this.last);
    this.down = false;
    this.missingFrom = Math.floor(this.lastAt) + 1;
    this.column = NONE;
  }

  private hatch(to: number, pen: Pen): void {
    if (this.missingFrom === NONE || to <= this.missingFrom) return;
    pen.missing(this.missingFrom, to);
    this.missingFrom = to;
  }

  /** The ring overwrote what was not drawn yet. */
  private skipTo(ring: Ring, axis: TimeAxis, limit: number): void {
    this.lift(pen0);
    this.next = ring.tail;
    this.drawn = ring.tail;
    this.missingFrom = Math.min(limit, Math.floor((ring.startMs - axis.epochMs) * axis.perMs));
  }
}

/** Length of a dot, columns. */
const DOT = 0.5;

const pen0: Pen = { move: () => undefined, line: () => undefined, missing: () => undefined };
