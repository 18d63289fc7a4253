import { type ScaleSpec } from "./types";

/** Bottom and top of a strip, in the metric's unit. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** Room above and below the signal when an automatic scale is chosen, part of the signal's range. */
const ROOM = 0.12;
/** The signal fills less than this of the strip for `PATIENCE` looks in a row: the scale is chosen anew. */
const TOO_SMALL = 0.45;
const PATIENCE = 4;
/** Where the zero line of an ECG stands, from the bottom. */
const ZERO_AT = 0.38;
/** Least range in resolution steps, when the metric names none: noise is not shown as a wave. */
const LEAST_STEPS = 48;

/** The scale of a strip. It changes seldom: the picture must not breathe. */
export class Scale {
  range: Range;
  private small = 0;
  private settled = false;
  private readonly spec: ScaleSpec;
  private readonly heightMm: number;

  constructor(spec: ScaleSpec, heightMm: number) {
    this.spec = spec;
    this.heightMm = heightMm;
    this.range = start(spec, heightMm);
  }

  /** Looks at the newest signal (about once a second); says whether the scale is another one now. */
  look(min: number, max: number, resolution: number): boolean {
    if (this.spec.mode === "range") return false;
    return this.spec.mode === "fixed"
      ? this.recentre(min, max)
      : this.refit(min, max, resolution, this.spec.leastRange);
  }

  /** Goes on where the scale of the same wave on another canvas set-up was. */
  adopt(other: Scale): void {
    this.range = other.range;
    this.settled = other.settled;
    this.small = other.small;
  }

  /** Forgets the signal: another source. */
  reset(): void {
    this.range = start(this.spec, this.heightMm);
    this.settled = false;
    this.small = 0;
  }

  private recentre(min: number, max: number): boolean {
    const { low, high } = this.range;
    const span = high - low;
    if (min >= low && max <= high) return false;
    const middle = (min + max) / 2;
    // Larger than the strip: it is clipped; its middle stays in sight.
    if (max - min > span && middle > low + span / 4 && middle < high - span / 4) return false;
    this.range = { low: middle - span / 2, high: middle + span / 2 };
    return true;
  }

  private refit(min: number, max: number, resolution: number, least = LEAST_STEPS * Math.abs(resolution)): boolean {
    const { low, high } = this.range;
    const inside = min >= low && max <= high;
    const small = Math.max(max - min, least / (1 + 2 * ROOM)) < TOO_SMALL * (high - low);
    this.small = inside && small ? this.small + 1 : 0;
    if (this.settled && inside && this.small < PATIENCE) return false;
    this.small = 0;
    this.settled = true;
    const span = Math.max((max - min) * (1 + 2 * ROOM), least);
    const middle = (min + max) / 2;
    this.range = { low: middle - span / 2, high: middle + span / 2 };
    return true;
  }
}

function start(spec: ScaleSpec, heightMm: number): Range {
  if (spec.mode === "range") return { low: spec.low, high: spec.high };
  if (spec.mode === "auto") return { low: -0.5, high: 0.5 };
  const span = heightMm / spec.mmPerUnit;
  return { low: -span * ZERO_AT, high: span * (1 - ZERO_AT) };
}
