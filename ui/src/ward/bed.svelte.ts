// One bed, one cell per number.

import type { AlertFact, BedFact, FeedFact, LimitsFact, NumericFact, PauseFact, ScoreFact } from "../contract";
import { type Freshness, freshness } from "./freshness";
import { unseen, worstFirst } from "./order";
import { pauseSign } from "../words/alerts";
import { span } from "../words/words";

/** One number of one bed. A new value wakes nothing but the places that draw this number. */
export class NumericCell {
  readonly metric: string;
  fact = $state.raw<NumericFact | null>(null);
  limits = $state.raw<LimitsFact | null>(null);
  freshness = $state<Freshness>("gone");
  /** `12 s`, when not fresh; empty when fresh. */
  age = $state("");
  /** The alert about this number: the worst that nobody has seen, or else the worst. */
  alert = $state.raw<AlertFact | null>(null);
  /** Its directions that are silent now. */
  pauses = $state.raw<readonly PauseFact[]>([]);

  constructor(metric: string) {
    this.metric = metric;
  }

  /** Which directions are silent and for how long: `▼1:27`; empty when none is. */
  silence = $state("");

  /** Judges its age, and what is left of its pauses. */
  judge(stationNow: number): void {
    const silence = this.pauses.map((pause) => pauseSign(pause, stationNow)).join(" ");
    if (silence !== this.silence) this.silence = silence;
    const fact = this.fact;
    if (fact === null) return;
    const now = freshness(fact, stationNow);
    if (now !== this.freshness) this.freshness = now;
    const age = now === "fresh" ? "" : span(stationNow - fact.receivedMs);
    if (age !== this.age) this.age = age;
  }
}

/** How the feeds of a bed stand together. */
export interface Link {
  /** `live` when any feed is live; `none` when the bed has no feed at all. */
  readonly state: "live" | "connecting" | "lost" | "none";
  /** Why and what to do. */
  readonly detail: string;
  /** Since when, ms. */
  readonly sinceMs: number;
}

/** One bed. */
export class Bed {
  readonly index: number;
  fact = $state.raw<BedFact>() as BedFact;
  /** Its numbers, in the order in which a clinician reads them. */
  cells = $state.raw<readonly NumericCell[]>([]);
  /** Its alerts, worst first. */
  alerts = $state.raw<readonly AlertFact[]>([]);
  feeds = $state.raw<readonly FeedFact[]>([]);
  /** Directions of its numbers that are silent now. */
  pauses = $state.raw<readonly PauseFact[]>([]);
  /** Its early warning score; `null` until the station said. */
  score = $state.raw<ScoreFact | null>(null);
  readonly worst = $derived(this.alerts[0] ?? null);
  readonly flashing = $derived(this.alerts.find(unseen) ?? null);
  readonly link = $derived(linkOf(this.feeds));
  readonly lost = $derived(this.link.state !== "live");
  readonly demo = $derived(this.fact.mode === "demo");
  readonly changedLimits = $derived(this.cells.filter((cell) => cell.limits?.changedBy != null));

  constructor(fact: BedFact) {
    this.index = fact.index;
    this.fact = fact;
  }

  /** The cell of a metric, made when it is not there yet. */
  cell(metric: string): NumericCell {
    const found = this.cells.find((cell) => cell.metric === metric);
    if (found !== undefined) return found;
    const made = new NumericCell(metric);
    this.cells = [...this.cells, made].sort((a, b) => place(a.metric) - place(b.metric));
    return made;
  }

  /** The cell of a metric, when the bed has it. */
  find(metric: string): NumericCell | null {
    return this.cells.find((cell) => cell.metric === metric) ?? null;
  }

  /** Takes its alerts anew. */
  setAlerts(alerts: AlertFact[]): void {
    this.alerts = alerts.sort(worstFirst);
    for (const cell of this.cells) {
      const about = this.alerts.filter((alert) => alert.metric === cell.metric);
      const alert = about.find(unseen) ?? about[0] ?? null;
      if (alert !== cell.alert) cell.alert = alert;
    }
  }

  /** Takes one pause, or its end. */
  setPause(pause: PauseFact): void {
    const others = this.pauses.filter((other) => pauseKey(other) !== pauseKey(pause));
    this.pauses = pause.over ? others : [...others, pause].sort((a, b) => a.untilMs - b.untilMs);
    const cell = this.cell(pause.metric);
    cell.pauses = this.pauses.filter((other) => other.metric === pause.metric);
  }
}

/** How it is found: one direction of one number. */
export function pauseKey(pause: Pick<PauseFact, "bed" | "metric" | "side">): string {
  return `${pause.bed} ${pause.metric} ${pause.side}`;
}

/** Reading order; what is not named comes last, by name. */
export const READING_ORDER: readonly string[] = [
  "HR",
  "SPO2",
  "RR",
  "NIBP_SYS",
  "NIBP_DIA",
  "NIBP_MEAN",
  "ART_SYS",
  "ART_DIA",
  "ART_MEAN",
  "CVP",
  "TEMP",
  "PR",
  "ETCO2",
  "AWRR",
  "PI",
  "PVC",
  "GLU",
];

function place(metric: string): number {
  const at = READING_ORDER.indexOf(metric);
  return at < 0 ? READING_ORDER.length : at;
}

function linkOf(feeds: readonly FeedFact[]): Link {
  const [first] = feeds;
  if (first === undefined) return { state: "none", detail: "No feed is set up for this bed.", sinceMs: 0 };
  const shown = feeds.find((f) => f.state === "live") ?? feeds.find((f) => f.state === "lost") ?? first;
  const state = shown.state === "live" || shown.state === "connecting" ? shown.state : "lost";
  return { state, detail: shown.detail, sinceMs: shown.sinceMs };
}
