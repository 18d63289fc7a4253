// The station's clock, seen from the page.
//
// Ages are judged by the page's own monotonic clock (`performance.now`), moved by an offset to the station's. Each report
// is a round trip; the one that took least time says the offset best: the station read its clock within that time.

/** Reads a monotonic clock, ms. */
export type Monotonic = () => number;

/** No pulse for this long: the station is lost, whatever the numbers look like. */
export const LOST_AFTER_MS = 2_000;

/** The best round trip is forgotten after this long, so that a clock set on the station is followed. */
export const BEST_KEPT_MS = 60_000;

/** Both clocks are read in whole milliseconds. */
const STEP_MS = 2;

/** The offset between two clocks and the time of the last sign of life. */
export class StationClock {
  readonly #now: Monotonic;
  #offset = 0;
  #tripMs = Number.POSITIVE_INFINITY;
  #bestAt = 0;
  #lastPulse: number;

  constructor(now: Monotonic) {
    this.#now = now;
    this.#lastPulse = now();
  }

  /** The page's monotonic clock, ms. */
  get pageNow(): number {
    return this.#now();
  }

  /** The station's clock now, ms since the epoch. */
  get stationNow(): number {
    return this.#now() + this.#offset;
  }

  /** The least round trip known, ms; infinite before the first. */
  get tripMs(): number {
    return this.#tripMs;
  }

  /** The data path lives: the station's clock stood at `stationMs` when it sent this. */
  pulse(stationMs: number): void {
    this.#lastPulse = this.#now();
    // Before the first round trip a pulse is the only hint; it is late by its way here, so ages start too young by that.
    // A pulse from what would be the future says that the computer was suspended: the page's clock stood still, the
    // station's did not, and every age on the screen is too young until the next round trip.
    const ahead = stationMs - this.stationNow;
    if (this.#tripMs === Number.POSITIVE_INFINITY || ahead > this.#tripMs / 2 + STEP_MS) {
      this.#offset = stationMs - this.#lastPulse;
      this.#tripMs = Number.POSITIVE_INFINITY;
    }
  }

  /** A round trip from `sentAt` to now (page clock); the station read `stationMs` in between. */
  roundTrip(sentAt: number, stationMs: number): void {
    const now = this.#now();
    const trip = now - sentAt;
    const offset = stationMs - (sentAt + now) / 2;
    // Two estimates that cannot both be true: the clocks have moved against each other, and the newer one holds.
    const moved = Math.abs(offset - this.#offset) > (trip + this.#tripMs) / 2 + STEP_MS;
    if (!moved && trip > this.#tripMs && now - this.#bestAt < BEST_KEPT_MS) return;
    this.#tripMs = trip;
    this.#bestAt = now;
    this.#offset = offset;
  }

  /** Milliseconds since the last sign of life. */
  get silentMs(): number {
    return this.#now() - this.#lastPulse;
  }

  /** Whether nothing came for so long that nothing on screen can be trusted. */
  get lost(): boolean {
    return this.silentMs > LOST_AFTER_MS;
  }
}
