// A made-up ward in the page itself: for tests, and for designing in a browser. Deterministic: the same calls, the same ward.

import type { AlertFact, Command, Fact, LimitsFact, Reply, ScreenReport, TrendPoint } from "../contract";
import { type Backend, type Listener, Refused } from "./backend";
import * as story from "./story";
import { type Block, frame, SHAPES } from "./waves";

/** What the made-up ward can show. */
export const SCENES = ["ward", "empty", "config-error", "silent", "calm", "real", "trouble", "busy"] as const;

/** One of them. */
export type Scene = (typeof SCENES)[number];

/** How it is set up. */
export interface Setup {
  readonly beds: number;
  readonly scene?: Scene;
  /** The station's clock at the start, ms. */
  readonly startMs?: number;
}

/** A ward that plays itself while `advance` is called. */
export class ScriptedBackend implements Backend {
  readonly calls: Command[] = [];
  readonly #beds: number;
  readonly #scene: Scene;
  readonly #mode: string;
  readonly #alerts = new Map<number, AlertFact>();
  readonly #limits = new Map<string, LimitsFact>();
  readonly #phases: { beat: number; breath: number }[] = [];
  #listener: Listener | null = null;
  #nowMs: number;
  #seq = 0;
  #pulse = 0;
  #watched: Extract<Command, { do: "watch" }> | null = null;

  constructor(setup: Setup) {
    this.#beds = setup.scene === "empty" || setup.scene === "config-error" ? 0 : setup.beds;
    this.#scene = setup.scene ?? "ward";
    this.#mode = this.#scene === "real" ? "real" : "demo";
    this.#nowMs = setup.startMs ?? 1_795_000_000_000;
    for (let bed = 0; bed < this.#beds; bed += 1)
      this.#phases.push({ beat: (bed * 0.37) % 1, breath: (bed * 0.61) % 1 });
  }

  /** The made-up station's clock, ms. */
  get nowMs(): number {
    return this.#nowMs;
  }

  open(listener: Listener): Promise<void> {
    this.#listener = listener;
    listener.facts(this.#opening());
    return Promise.resolve();
  }

  report(report: ScreenReport): Promise<number> {
    this.#say([
      {
        fact: "screen",
        p50Ms: 31,
        p99Ms: 58,
        samples: 12_400,
        framesPerSecond: report.framesPerSecond,
        mainMs: report.mainMs,
        dropped: 0,
      },
    ]);
    return Promise.resolve(this.#nowMs);
  }

  /** Moves the made-up clock on, sending what comes in that time. */
  advance(ms: number): void {
    const before = this.#nowMs;
    this.#nowMs += ms;
    if (this.#scene === "silent") return;
    this.#waves(before);
    const facts: Fact[] = [];
    if (Math.floor(before / 100) !== Math.floor(this.#nowMs / 100)) facts.push(this.#pulseFact());
    for (let bed = 0; bed < this.#beds; bed += 1) {
      // Beds do not all report in the same instant.
      const own = bed * 137;
      if (Math.floor((before + own) / 1000) === Math.floor((this.#nowMs + own) / 1000)) continue;
      if (story.TROUBLES[bed] !== "lost") facts.push(...this.#numbers(bed, false));
    }
    this.#say(facts);
  }

  /** Sends facts as the station would: for tests that tell their own story. */
  say(facts: Fact[]): void {
    for (const fact of facts) if (fact.fact === "alert") this.#alerts.set(fact.id, fact);
    this.#say(facts);
  }

  call(command: Command): Promise<Reply> {
    this.calls.push(command);
    switch (command.do) {
      case "watch":
        this.#watched = command;
        return done();
      case "acknowledge":
        return this.#acknowledge(command);
      case "set-limits":
      case "restore-limits":
        return this.#setLimits(command);
      case "trend":
        return Promise.resolve({
          reply: "trend",
          series: command.metrics.map((metric) => ({ metric, points: this.#trend(command, metric) })),
        });
      case "alert-history":
        return Promise.resolve({ reply: "alert-history", rows: this.#history(command.bed) });
      case "test-sound":
      case "page-fault":
        return done();
    }
  }

  #opening(): Fact[] {
    const facts: Fact[] = [{ fact: "station", ...this.#station() }, this.#pulseFact()];
    for (let bed = 0; bed < this.#beds; bed += 1) {
      facts.push({ fact: "bed", ...story.bedFact(bed, this.#mode) });
      facts.push({ fact: "feed", ...story.feedFact(bed, this.#nowMs) });
      facts.push(...this.#numbers(bed, true));
      for (const made of story.NUMBERS) {
        const limits = story.limitsFact(bed, made, this.#nowMs);
        if (limits === null) continue;
        this.#limits.set(`${bed} ${made.metric}`, limits);
        facts.push({ fact: "limits", ...limits });
      }
    }
    if (this.#scene !== "calm") {
      const standing = story.alertFacts(this.#beds, this.#nowMs);
      if (this.#scene === "busy") standing.push(...story.manyAlerts(this.#beds, this.#nowMs));
      for (const alert of standing) {
        this.#alerts.set(alert.id, alert);
        facts.push({ fact: "alert", ...alert });
      }
    }
    return facts;
  }

  #station() {
    const station = story.stationFact(this.#beds, this.#nowMs, this.#mode);
    if (this.#scene === "config-error") {
      station.configError =
        'Line 12: `websocket = "ws:/127.0.0.1"` is not an address. Write `websocket = "ws://host:port/feed"`.';
    }
    if (this.#scene === "trouble") {
      station.sound = {
        ok: false,
        text: "There is no sound card. Alerts do not sound here: watch the screen, or plug in a loudspeaker.",
      };
      station.store = {
        ok: false,
        text: "The disk is full. Monitoring goes on; nothing is recorded until there is room.",
      };
    }
    return station;
  }

  #numbers(bed: number, opening: boolean): Fact[] {
    return story.NUMBERS.filter((made) => opening || !made.metric.startsWith("NIBP")).map((made) => {
      const fact = story.numericFact(bed, made, this.#nowMs, this.#mode);
      if (story.TROUBLES[bed] === "lost") fact.receivedMs = Math.min(fact.receivedMs, this.#nowMs - 53_000);
      return { fact: "numeric", ...fact };
    });
  }

  #pulseFact(): Fact {
    this.#pulse += 1;
    return { fact: "pulse", seq: this.#pulse, nowMs: this.#nowMs };
  }

  #waves(before: number): void {
    const watched = this.#watched;
    if (watched === null) return;
    const blocks: Block[] = [];
    for (let bed = 0; bed < this.#beds; bed += 1) {
      if (story.TROUBLES[bed] === "lost" || !watched.beds.includes(bed)) continue;
      const shapes = watched.waves === "two" ? SHAPES.slice(0, 2) : SHAPES;
      for (const shape of shapes) blocks.push(this.#block(bed, shape, before));
    }
    this.#movePhases(this.#nowMs - before);
    this.#seq += 1;
    if (blocks.length > 0) this.#listener?.frame(frame(this.#seq, this.#nowMs, blocks));
  }

  #rates(bed: number): { beat: number; breath: number } {
    const second = Math.floor(this.#nowMs / 1000);
    const rate = (metric: string, or: number): number => {
      const made = story.NUMBERS.find((m) => m.metric === metric);
      return made === undefined ? or : story.valueAt(bed, made, second);
    };
    return { beat: rate("HR", 70) / 60_000, breath: rate("RR", 15) / 60_000 };
  }

  #block(bed: number, shape: (typeof SHAPES)[number], before: number): Block {
    const first = Math.ceil((before * shape.hertz) / 1000);
    const end = Math.ceil((this.#nowMs * shape.hertz) / 1000);
    const samples = new Int16Array(end - first);
    const rates = this.#rates(bed);
    const phases = this.#phases[bed] ?? { beat: 0, breath: 0 };
    for (let i = 0; i < samples.length; i += 1) {
      const elapsed = ((first + i) * 1000) / shape.hertz - before;
      const breath = phases.breath + elapsed * rates.breath;
      const phase = shape.metric === "RESP" ? breath : phases.beat + elapsed * rates.beat;
      const sway = shape.metric === "PLETH" ? 1 + 0.12 * Math.sin(2 * Math.PI * breath) : 1;
      samples[i] = Math.round((sway * shape.at(((phase % 1) + 1) % 1)) / shape.resolution);
    }
    const startMs = (first * 1000) / shape.hertz;
    return { bed, shape, startMs, receivedMs: this.#nowMs, gapBefore: false, samples };
  }

  #movePhases(ms: number): void {
    this.#phases.forEach((phases, bed) => {
      const rates = this.#rates(bed);
      phases.beat = (phases.beat + ms * rates.beat) % 1;
      phases.breath = (phases.breath + ms * rates.breath) % 1;
    });
  }

  #acknowledge(command: Extract<Command, { do: "acknowledge" }>): Promise<Reply> {
    const alert = this.#alerts.get(command.alert);
    if (alert === undefined || alert.over)
      return refuse("not-found", "This alert is over already: nothing to acknowledge.");
    if (alert.version !== command.version) {
      return refuse("changed", "The alert changed while you looked at it. Read it again, then acknowledge.");
    }
    const next: AlertFact = {
      ...alert,
      version: alert.version + 1,
      signal: "acknowledged",
      owner: command.person,
      realertMs: this.#nowMs + 120_000,
    };
    this.#alerts.set(next.id, next);
    this.#say([{ fact: "alert", ...next }]);
    return done();
  }

  #setLimits(command: Extract<Command, { do: "set-limits" | "restore-limits" }>): Promise<Reply> {
    const bed = Number(command.bed.replace("bed-", "")) - 1;
    const before = this.#limits.get(`${bed} ${command.metric}`);
    if (before === undefined) return refuse("not-found", `There are no limits for ${command.metric} here.`);
    const restore = command.do === "restore-limits";
    const next: LimitsFact = {
      ...before,
      low: restore ? before.profileLow : command.low,
      high: restore ? before.profileHigh : command.high,
      changedBy: restore ? null : command.person,
      reason: restore ? null : command.reason,
      changedMs: restore ? null : this.#nowMs,
    };
    this.#limits.set(`${bed} ${command.metric}`, next);
    this.#say([{ fact: "limits", ...next }]);
    return done();
  }

  #trend(command: Extract<Command, { do: "trend" }>, metric: string): TrendPoint[] {
    const bed = Number(command.bed.replace("bed-", "")) - 1;
    const made = story.NUMBERS.find((m) => m.metric === metric);
    if (made === undefined) return [];
    const bins = Math.min(command.bins, 720);
    const width = (command.toMs - command.fromMs) / bins;
    const points: TrendPoint[] = [];
    for (let i = 0; i < bins; i += 1) {
      // An hour without the device, so that a gap is seen.
      if (i > bins * 0.55 && i < bins * 0.59) continue;
      const slow = made.spread * 0.5 * (Math.sin(i / 53) + 0.6 * Math.sin(i / 17 + bed));
      const near = made.spread * 0.12 * (story.valueAt(bed, made, i) - story.valueAt(bed, made, i + 1));
      const most = metric === "SPO2" ? 100 : Number.POSITIVE_INFINITY;
      const mean = Math.min(most, story.valueAt(bed, made, 0) + slow * (i < bins * 0.9 ? 1 : 0.4) + near);
      points.push({
        atMs: command.fromMs + i * width,
        min: mean - made.spread * 0.15,
        mean,
        max: Math.min(most, mean + made.spread * 0.15),
      });
    }
    return points;
  }

  #history(bed: string | null) {
    const index = bed === null ? null : Number(bed.replace("bed-", "")) - 1;
    return [...this.#alerts.values()]
      .filter((alert) => index === null || alert.bed === index)
      .flatMap((alert) => [
        ...(alert.owner === null
          ? []
          : [{ atMs: alert.raisedMs + 40_000, what: "alert-acknowledged", alert, person: alert.owner }]),
        { atMs: alert.raisedMs, what: "alert-raised", alert, person: null },
      ])
      .sort((a, b) => b.atMs - a.atMs);
  }

  #say(facts: Fact[]): void {
    if (facts.length > 0) this.#listener?.facts(facts);
  }
}

function done(): Promise<Reply> {
  return Promise.resolve({ reply: "done" });
}

function refuse(code: "not-found" | "changed", text: string): Promise<never> {
  return Promise.reject(new Refused({ code, text }));
}
