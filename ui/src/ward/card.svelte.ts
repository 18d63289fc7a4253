// What a card shows beside the alert itself, read from history while it is open.

import { Refused } from "../backend/backend";
import type { AlertFact, AlertRow, Reply, TrendSeries, WaveSpan } from "../contract";
import type { Bed } from "./bed.svelte";
import type { Session } from "./session.svelte";

/** Waves before the alert was raised. */
export const SPAN_BEFORE_MS = 60_000;
/** Waves after it: what follows is live beside them. */
export const SPAN_AFTER_MS = 15_000;
/** The trend. */
export const TREND_MS = 6 * 3_600_000;

const AGAIN_MS = 1_000;
const ROWS_MAX = 200;
/** One bin is a minute. */
const BINS = 360;
/** Trends of an alert that is about no number. */
const GENERAL = ["HR", "SPO2"];

/** One a card. */
export class CardData {
  waves = $state.raw<readonly WaveSpan[]>([]);
  trend = $state.raw<readonly TrendSeries[]>([]);
  trendTo = $state(0);
  /** Earlier alerts like it, and it. */
  alike = $state.raw<readonly AlertRow[]>([]);
  /** What was done in this bed lately. */
  rows = $state.raw<readonly AlertRow[]>([]);
  failure = $state("");
  journalFailure = $state("");
  readonly raisedMs: number;

  readonly #session: Session;
  readonly #alert: AlertFact;
  readonly #where: Bed | null;

  constructor(session: Session, alert: AlertFact, bed: Bed | null) {
    this.#session = session;
    this.#alert = alert;
    this.#where = bed;
    this.raisedMs = alert.raisedMs;
  }

  /** Reads waves and trend; the waves again each second until their span is over. Returns what stops it. */
  follow(): () => void {
    const bed = this.#where?.fact.id;
    if (bed === undefined) return () => undefined;
    void this.#readTrend(bed);
    const until = this.raisedMs + SPAN_AFTER_MS;
    let timer: ReturnType<typeof setTimeout> | null = null;
    let open = true;
    const read = async (): Promise<void> => {
      const now = this.#session.clock.stationNow;
      await this.#readWaves(bed, Math.min(until, now));
      // One reading more after the end: the last second of it was still on its way to the disk.
      if (open && now < until + 2 * AGAIN_MS) timer = setTimeout(() => void read(), AGAIN_MS);
    };
    void read();
    return () => {
      open = false;
      if (timer !== null) clearTimeout(timer);
    };
  }

  /** Reads what was done, again whenever something was. */
  readJournal(): void {
    const bed = this.#where?.fact.id ?? null;
    const ask = (like: number | null): Promise<Reply> =>
      this.#session.call({ do: "alert-history", bed, like, rows: ROWS_MAX });
    Promise.all([ask(this.#alert.id), ask(null)])
      .then(([alike, all]) => {
        if (alike.reply === "alert-history") this.alike = alike.rows;
        if (all.reply === "alert-history") this.rows = all.rows;
        this.journalFailure = "";
      })
      .catch((thrown: unknown) => (this.journalFailure = Refused.from(thrown).message));
  }

  async #readWaves(bed: string, toMs: number): Promise<void> {
    try {
      const reply = await this.#session.call({ do: "waves", bed, fromMs: this.raisedMs - SPAN_BEFORE_MS, toMs });
      if (reply.reply === "waves") this.waves = reply.waves;
      this.failure = "";
    } catch (thrown) {
      this.failure = Refused.from(thrown).message;
    }
  }

  async #readTrend(bed: string): Promise<void> {
    const toMs = this.#session.clock.stationNow;
    const about = this.#alert.cause === "early-warning" ? "NEWS2" : this.#alert.metric;
    const metrics = about === null ? GENERAL : [about];
    try {
      const reply = await this.#session.call({ do: "trend", bed, metrics, fromMs: toMs - TREND_MS, toMs, bins: BINS });
      if (reply.reply !== "trend") return;
      this.trend = reply.series;
      this.trendTo = toMs;
    } catch (thrown) {
      this.failure = Refused.from(thrown).message;
    }
  }
}
