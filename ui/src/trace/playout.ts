/**
 * Where in time the pen of a bed is. One for all its waves: they stay beside each other as they were measured.
 *
 * playhead = now - delay. A block's lateness is its arrival less its start; the delay is held just over the greatest
 * lateness lately seen (less what nobody sees on a slow sweep), so that a block's first sample is painted as soon as it is there and the next block arrives
 * before the pen runs dry. It follows by a slight change of pace; only after a gap does it jump.
 */

/** Pace differs from real time by at most this much. */
export const PACE_MAX = 0.02;
/** Lateness is watched over this many bins of a second. */
const BINS = 10;
const BIN_MS = 1000;
/** Arrivals less regular than this are caught up in one stroke rather than waited for, ms. */
const JITTER_MAX_MS = 45;
/** Allowed for before anything is known: one tick of the host's, ms. */
const JITTER_FIRST_MS = 18;
/** So that rounding does not run the pen dry, ms. */
const GUARD_MS = 2;
/** After a gap a difference above this is jumped, ms. */
const JUMP_MS = 80;
/** How long after a gap a jump is allowed, ms: the other waves of the bed say their gap in the same message. */
const JUMP_WINDOW_MS = 1500;

/** Lateness of one wave: least and greatest per second. */
class Lateness {
  private readonly min = new Float64Array(BINS).fill(Infinity);
  private readonly max = new Float64Array(BINS).fill(-Infinity);
  private bin = -1;
  private firstAt = 0;

  note(now: number, lateness: number): void {
    this.turn(now);
    const i = this.bin % BINS;
    this.min[i] = Math.min(this.min[i] as number, lateness);
    this.max[i] = Math.max(this.max[i] as number, lateness);
  }

  /** The delay this wave asks for; `-Infinity` when nothing came lately. A halt of `unseenMs` is not seen. */
  wanted(now: number, unseenMs: number): number {
    if (this.bin < 0) return -Infinity;
    this.turn(now);
    let min = Infinity;
    let max = -Infinity;
    for (let i = 0; i < BINS; i += 1) {
      min = Math.min(min, this.min[i] as number);
      max = Math.max(max, this.max[i] as number);
    }
    if (max < min) return -Infinity;
    const young = now - this.firstAt < 2 * BIN_MS ? JITTER_FIRST_MS : 0;
    const jitter = Math.max(max - min, young) - unseenMs;
    return min + Math.min(JITTER_MAX_MS, Math.max(0, jitter)) + GUARD_MS;
  }

  clear(): void {
    this.min.fill(Infinity);
    this.max.fill(-Infinity);
    this.bin = -1;
  }

  private turn(now: number): void {
    const bin = Math.floor(now / BIN_MS);
    if (this.bin < 0 || bin - this.bin >= BINS) {
      this.clear();
      this.firstAt = now;
    } else for (let b = this.bin + 1; b <= bin; b += 1) this.blank(b % BINS);
    this.bin = bin;
  }

  private blank(i: number): void {
    this.min[i] = Infinity;
    this.max[i] = -Infinity;
  }
}

/** The playhead of one bed. Times `now` are the page's, times of blocks the station's: only differences count. */
export class Playout {
  private readonly waves = new Map<number, Lateness>();
  private delay = NaN;
  private at = NaN;
  private jumpUntil = -Infinity;

  /** A block came. The first of a wave may be jumped to, as after a gap. */
  note(metric: number, startMs: number, now: number, gapBefore: boolean): void {
    let wave = this.waves.get(metric);
    if (wave === undefined) {
      wave = new Lateness();
      this.waves.set(metric, wave);
      this.jumpUntil = now + JUMP_WINDOW_MS;
    }
    if (gapBefore) {
      wave.clear();
      this.jumpUntil = now + JUMP_WINDOW_MS;
    }
    wave.note(now, now - startMs);
  }

  /** A wave ran dry for so long that it was hatched: what comes next may be jumped to. */
  ranDry(now: number): void {
    this.jumpUntil = now + JUMP_WINDOW_MS;
  }

  /**
   * Where the pen is at `now`, station ms; `NaN` before the first block. Never goes back but by a jump. `columnMs` is how long
   * the pen takes for a pixel: jitter of less is not allowed for, the pen halts within a pixel and nobody sees it.
   */
  playhead(now: number, columnMs = 0): number {
    if (now === this.at) return now - this.delay;
    let wanted = -Infinity;
    for (const wave of this.waves.values()) wanted = Math.max(wanted, wave.wanted(now, columnMs));
    if (wanted === -Infinity) {
      this.at = now;
      return now - this.delay;
    }
    const off = wanted - this.delay;
    if (Number.isNaN(this.delay) || (now < this.jumpUntil && Math.abs(off) > JUMP_MS)) {
      this.delay = wanted;
    } else {
      const most = PACE_MAX * Math.max(0, now - this.at);
      this.delay += Math.max(-most, Math.min(most, off));
    }
    this.at = now;
    return now - this.delay;
  }
}
