// The ward as the page knows it: facts go in, cells come out.

import type { AlertFact, Fact, FeedFact, NumericFact, ScreenFact, StationFact } from "../contract";
import { Bed } from "./bed.svelte";
import type { StationClock } from "./clock";
import { railOrder } from "./order";

/** Number delays kept between two reports: 64 beds x 8 numbers a second, twice over for a late report. */
export const NUMBER_DELAYS_MAX = 1_024;

/** Everything that facts say. One a page. */
export class Ward {
  readonly clock: StationClock;
  station = $state.raw<StationFact | null>(null);
  /** By place on the wall. A bed that is there never moves. */
  beds = $state.raw<readonly Bed[]>([]);
  /** Alerts that are not over, worst first. */
  rail = $state.raw<readonly AlertFact[]>([]);
  /** Alerts that are over and that nobody has seen yet, newest first. */
  recent = $state.raw<readonly AlertFact[]>([]);
  feeds = $state.raw<readonly FeedFact[]>([]);
  screen = $state.raw<ScreenFact | null>(null);
  /** The last pulse's number: what the heartbeat on the strip beats by. */
  pulse = $state(0);
  /** Nothing came for 2 s. */
  lost = $state(false);
  /** Whole seconds of silence while lost. */
  silentSeconds = $state(0);
  /** The station's clock, whole seconds, for clocks and ages on screen. */
  nowSeconds = $state(0);
  /** The longest silence among the beds whose feed is live, ms, in steps of a tenth of a second. */
  quietMs = $state(0);
  /** The most that any number on screen spent on its way beyond its feed's quickest, ms. */
  latestMs = $state(0);
  readonly demo = $derived(this.station?.demo === true || this.beds.some((bed) => bed.demo));

  readonly #beds = new Map<number, Bed>();
  readonly #alerts = new Map<number, AlertFact>();
  readonly #recent = new Map<number, AlertFact>();
  readonly #feeds = new Map<number, FeedFact>();
  #numberDelays: number[] = [];

  constructor(clock: StationClock) {
    this.clock = clock;
  }

  /** Takes one message of facts. Lists are rebuilt once a message, however many facts it holds. */
  take(facts: readonly Fact[]): void {
    const touched: Touched = { beds: false, alerts: new Set(), rail: false, feeds: new Set() };
    for (const fact of facts) this.#takeOne(fact, touched);
    if (touched.beds) this.beds = [...this.#beds.values()].sort((a, b) => a.index - b.index);
    if (touched.feeds.size > 0) this.#sortFeeds(touched.feeds);
    if (touched.rail) {
      this.rail = [...this.#alerts.values()].sort(railOrder);
      this.recent = [...this.#recent.values()].sort((a, b) => b.raisedMs - a.raisedMs || b.id - a.id);
    }
    for (const index of touched.alerts) {
      this.#beds.get(index)?.setAlerts([...this.#alerts.values()].filter((alert) => alert.bed === index));
    }
  }

  /** The bed at a place. */
  bed(index: number): Bed | null {
    return this.#beds.get(index) ?? null;
  }

  /** An alert on the rail or under "recent". */
  alert(id: number): AlertFact | null {
    const found = this.rail.find((alert) => alert.id === id);
    return found ?? this.recent.find((alert) => alert.id === id) ?? null;
  }

  /** Judges ages and silence by the page's clock. Called four times a second. */
  tick(): void {
    const now = this.clock.stationNow;
    this.lost = this.clock.lost;
    this.silentSeconds = this.lost ? Math.floor(this.clock.silentMs / 1000) : 0;
    const seconds = Math.floor(now / 1000);
    const another = seconds !== this.nowSeconds;
    this.nowSeconds = seconds;
    let quiet = 0;
    let latest = 0;
    for (const bed of this.#beds.values()) {
      let newest = Number.NEGATIVE_INFINITY;
      for (const cell of bed.cells) {
        cell.judge(now);
        if (cell.fact === null || cell.fact.intermittent) continue;
        newest = Math.max(newest, cell.fact.receivedMs);
        if (cell.freshness === "fresh") latest = Math.max(latest, cell.fact.transitMs);
      }
      if (!bed.lost && newest > Number.NEGATIVE_INFINITY) quiet = Math.max(quiet, now - newest);
    }
    // With the clock, once a second: the strip and the clock are as far apart as can be, and all between is painted with them.
    if (!another) return;
    this.quietMs = Math.floor(quiet / 100) * 100;
    this.latestMs = Math.round(latest);
  }

  /** Delays of the numbers shown since the last call, device to screen, ms. */
  takeNumberDelays(): number[] {
    const delays = this.#numberDelays;
    this.#numberDelays = [];
    return delays;
  }

  /** The numbers of one message stand on the screen now. */
  numbersShown(numbers: readonly NumericFact[]): void {
    const now = this.clock.stationNow;
    for (const fact of numbers) {
      if (this.#numberDelays.length >= NUMBER_DELAYS_MAX) return;
      this.#numberDelays.push(Math.max(0, now - fact.receivedMs) + fact.transitMs);
    }
  }

  #takeOne(fact: Fact, touched: Touched): void {
    switch (fact.fact) {
      case "station":
        this.station = fact;
        return;
      case "bed":
        this.#takeBed(fact, touched);
        return;
      case "numeric":
        this.#takeNumeric(fact);
        return;
      case "limits": {
        const cell = this.#beds.get(fact.bed)?.cell(fact.metric);
        if (cell !== undefined) cell.limits = fact;
        return;
      }
      case "alert":
        if (fact.over) this.#alerts.delete(fact.id);
        else this.#alerts.set(fact.id, fact);
        if (fact.over && fact.unseen) this.#recent.set(fact.id, fact);
        else this.#recent.delete(fact.id);
        touched.rail = true;
        if (fact.bed !== null) touched.alerts.add(fact.bed);
        return;
      case "pause":
        this.#beds.get(fact.bed)?.setPause(fact);
        return;
      case "score": {
        const bed = this.#beds.get(fact.bed);
        if (bed !== undefined) bed.score = fact;
        return;
      }
      case "feed":
        this.#feeds.set(fact.index, fact);
        touched.feeds.add(fact.bed);
        return;
      case "pulse":
        this.pulse = fact.seq;
        this.clock.pulse(fact.nowMs);
        if (this.lost) this.lost = false;
        return;
      case "screen":
        this.screen = fact;
        return;
      case "close-asked":
      case "review-asked":
      // The session asks; the ward is as it was.
    }
  }

  #takeBed(fact: Extract<Fact, { fact: "bed" }>, touched: Touched): void {
    const bed = this.#beds.get(fact.index);
    if (bed !== undefined) {
      bed.fact = fact;
      return;
    }
    this.#beds.set(fact.index, new Bed(fact));
    touched.beds = true;
    touched.feeds.add(fact.index);
    touched.alerts.add(fact.index);
  }

  #takeNumeric(fact: Extract<Fact, { fact: "numeric" }>): void {
    const bed = this.#beds.get(fact.bed);
    if (bed === undefined) return;
    const known = bed.find(fact.metric);
    const cell = known ?? bed.cell(fact.metric);
    cell.fact = fact;
    cell.judge(this.clock.stationNow);
    if (known === null) bed.setAlerts([...bed.alerts]);
  }

  #sortFeeds(beds: Set<number>): void {
    this.feeds = [...this.#feeds.values()].sort((a, b) => a.bed - b.bed || a.index - b.index);
    for (const index of beds) {
      const bed = this.#beds.get(index);
      if (bed !== undefined) bed.feeds = this.feeds.filter((feed) => feed.bed === index);
    }
  }
}

interface Touched {
  beds: boolean;
  alerts: Set<number>;
  rail: boolean;
  feeds: Set<number>;
}
