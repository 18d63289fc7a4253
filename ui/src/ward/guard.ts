// An acknowledgement must mean the alert that the person saw.

/** A touch or key this soon after the alert under it changed was aimed at what stood there before. */
export const SETTLE_MS = 400;

/** One row as it stands: which alert, and at which version. */
export interface Row {
  readonly id: number;
  readonly version: number;
}

/** Remembers when each alert came to its present place and version. */
export class SettleGuard {
  #since = new Map<number, { place: number; version: number; at: number }>();

  /** The rows as they are drawn from now on. */
  drawn(rows: readonly Row[], now: number): void {
    const next = new Map<number, { place: number; version: number; at: number }>();
    rows.forEach((row, place) => {
      const before = this.#since.get(row.id);
      const same = before?.place === place && before.version === row.version;
      next.set(row.id, same ? before : { place, version: row.version, at: now });
    });
    this.#since = next;
  }

  /** Something about this alert came under the finger just now, at the same place and version. */
  unsettle(id: number, now: number): void {
    const since = this.#since.get(id);
    if (since !== undefined) this.#since.set(id, { ...since, at: now });
  }

  /** Whether the alert has stood still for long enough to be meant. */
  settled(id: number, now: number): boolean {
    const since = this.#since.get(id);
    return since !== undefined && now - since.at >= SETTLE_MS;
  }
}
