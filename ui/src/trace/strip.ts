import { type Pen, type TimeAxis, Walker } from "./columns";
import { paintGrid } from "./grid";
import { type Ring } from "./ring";
import { Scale } from "./scale";
import { CALIBRATION_MM, type StripSpec } from "./types";

/** What of a 2D context is drawn with. */
export type Context = CanvasRenderingContext2D;

/** How everything on a canvas is drawn, in device pixels. */
export interface Look {
  readonly dpr: number;
  /** Device pixels a mm. */
  readonly perMm: number;
  readonly lineWidth: number;
  readonly erase: number;
  readonly background: string | null;
  readonly hatch: string | CanvasPattern;
  /** Ground and grids, where a strip has a grid. */
  readonly underlay: HTMLCanvasElement | null;
}

/** Where a strip is, in device pixels. Its columns are `[left, left + columns)`; a line may go `pad` further. */
export interface Place {
  readonly left: number;
  readonly columns: number;
  readonly top: number;
  readonly height: number;
  readonly pad: number;
}

/** Device-pixel rectangle of a strip. */
export function place(spec: StripSpec, look: Look): Place {
  const pad = Math.ceil(look.lineWidth / 2) + 1;
  const inset = spec.grid === undefined ? 0 : Math.round(CALIBRATION_MM * look.perMm);
  const x = Math.round(spec.x * look.dpr);
  const y = Math.round(spec.y * look.dpr);
  const right = Math.round((spec.x + spec.width) * look.dpr);
  const bottom = Math.round((spec.y + spec.height) * look.dpr);
  const left = x + pad + inset;
  return { left, columns: Math.max(1, right - pad - left), top: y, height: Math.max(1, bottom - y), pad };
}

/** One strip on a canvas: where its pen is, and what is painted already. */
export class Strip implements Pen {
  readonly spec: StripSpec;
  readonly place: Place;
  readonly axis: TimeAxis;
  readonly scale: Scale;
  readonly walker = new Walker();
  ring: Ring | null = null;
  generation = -1;
  dirty = true;
  lost = false;
  /** Columns before this one are painted. */
  column = 0;
  /** The column to which this frame paints. */
  target = 0;
  /** The signal is looked at again for its scale, page ms. */
  lookAt = 0;
  looks = 0;
  private readonly context: Context;
  private readonly look: Look;
  private readonly erase: number;
  /** y = sample * gain + base, device px. */
  private gain = 0;
  private base = 0;
  private atX = 0;
  private atY = 0;

  constructor(spec: StripSpec, look: Look, context: Context, epochMs: number) {
    this.spec = spec;
    this.look = look;
    this.context = context;
    this.place = place(spec, look);
    this.axis = { epochMs, perMs: (spec.mmPerS * look.perMm) / 1000 };
    this.scale = new Scale(spec.scale, (this.place.height - 2 * this.place.pad) / look.perMm);
    this.erase = Math.min(look.erase, this.place.columns >> 2);
  }

  /** Goes on where the strip of the same wave in another place was. */
  follow(old: Strip): void {
    this.ring = old.ring;
    this.generation = old.generation;
    this.lookAt = old.lookAt;
    this.looks = old.looks;
    this.lost = old.lost;
    this.scale.adopt(old.scale);
  }

  /** How much time is on the strip, ms. */
  get spanMs(): number {
    return this.place.columns / this.axis.perMs;
  }

  /** The whole column the playhead is in. */
  columnAt(ms: number): number {
    return Math.floor((ms - this.axis.epochMs) * this.axis.perMs);
  }

  /** Takes the range of the scale into heights. */
  fit(): void {
    const { top, height, pad } = this.place;
    const { low, high } = this.scale.range;
    const perUnit = (height - 2 * pad) / (high - low);
    const ring = this.ring;
    this.gain = ring === null ? 0 : -ring.resolution * perUnit;
    this.base = top + height - pad - ((ring?.offset ?? 0) - low) * perUnit;
  }

  /** Clears what the pen needs next: the bar moves on by as many columns as the pen. */
  clearFor(to: number): void {
    const ahead = this.lost ? 0 : this.erase;
    this.clear(this.column + ahead, to + ahead);
  }

  /** Walks on to a column; lines go to the context's path. */
  advance(ring: Ring, to: number): void {
    this.walker.advance(ring, this.axis, to, this.lost, this);
    this.column = to;
  }

  /** Paints everything anew, up to a column: clears, hatches, and leaves lines in the context's path. */
  repaint(ring: Ring | null, to: number): void {
    const { columns } = this.place;
    this.dirty = false;
    this.clear(to, to + columns);
    if (ring === null || ring.isEmpty) {
      this.missing(to, to + columns);
      this.column = to;
      return;
    }
    this.fit();
    let from = to - columns + this.erase;
    if (this.lost) {
      // What is left standing is the sweep in which the data stopped; everything else is hatched.
      const tip = this.columnAt(ring.endMs);
      from = Math.max(to - columns, Math.floor(tip / columns) * columns);
      this.missing(to, from + columns);
    }
    this.walker.seek(ring, this.axis, from);
    this.advance(ring, to);
  }

  /** Whether nothing will change without new data. */
  isStill(ring: Ring | null): boolean {
    if (ring === null || ring.isEmpty) return true;
    return this.lost && this.column > this.columnAt(ring.endMs) + this.place.columns + this.place.pad;
  }

  move(column: number, sample: number): void {
    this.atX = column;
    this.atY = this.height(sample);
    this.context.moveTo(this.place.left + this.wrap(column), this.atY);
  }

  line(column: number, sample: number): void {
    const { columns, left } = this.place;
    const { context } = this;
    const y = this.height(sample);
    const turn = Math.floor(column / columns) * columns;
    if (this.atX < turn) {
      // Over the edge: the line is cut there, and its rest begins at the left.
      const cut = this.atY + ((y - this.atY) * (turn - this.atX)) / (column - this.atX);
      context.lineTo(left + columns, cut);
      context.moveTo(left, cut);
    }
    context.lineTo(left + column - turn, y);
    this.atX = column;
    this.atY = y;
  }

  missing(from: number, to: number): void {
    if (to <= from) return;
    const { context } = this;
    context.fillStyle = this.look.hatch;
    this.spans(from, to, (x, width) => context.fillRect(x, this.place.top, width, this.place.height));
  }

  private clear(from: number, to: number): void {
    if (to <= from) return;
    const { context, look } = this;
    const { top, height } = this.place;
    const { underlay } = look;
    if (this.spec.grid !== undefined && underlay !== null) {
      this.spans(from, to, (x, w) => context.drawImage(underlay, x, top, w, height, x, top, w, height));
    } else if (look.background === null) {
      this.spans(from, to, (x, w) => context.clearRect(x, top, w, height));
    } else {
      context.fillStyle = look.background;
      this.spans(from, to, (x, w) => context.fillRect(x, top, w, height));
    }
  }

  /** The one or two pieces of the strip that columns [from, to) are, with the padding at its edges. */
  private spans(from: number, to: number, each: (x: number, width: number) => void): void {
    const { left, columns, pad } = this.place;
    const piece = (a: number, b: number): void => {
      const x = a === 0 ? left - pad : left + a;
      each(x, (b === columns ? left + columns + pad : left + b) - x);
    };
    if (to - from >= columns) {
      piece(0, columns);
      return;
    }
    const a = this.wrap(from);
    const b = a + to - from;
    piece(a, Math.min(b, columns));
    if (b > columns) piece(0, b - columns);
  }

  private wrap(column: number): number {
    const { columns } = this.place;
    return column - Math.floor(column / columns) * columns;
  }

  private height(sample: number): number {
    const { top, height, pad } = this.place;
    const y = sample * this.gain + this.base;
    return y < top + pad ? top + pad : y > top + height - pad ? top + height - pad : y;
  }

  /** Draws the paper of this strip on the underlay. */
  paper(context: Context): void {
    if (this.spec.grid !== undefined) paintGrid(context, this.spec.grid, this.place, this.look, this.spec, this.scale);
  }
}
