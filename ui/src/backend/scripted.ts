// A made-up ward in the page itself: for tests, and for designing in a browser. Deterministic: the same calls, the same ward.

import type { Command, EnvelopeAsk, Fact, Reply, ScreenReport, StationFact } from "../contract";
import type { Backend, Listener } from "./backend";
import { Desk } from "./desk";
import { trend, waves } from "./history";
import { ScriptedReviews } from "./review";
import * as story from "./story";
import { type Block, frame, SHAPES } from "./waves";

/** What the made-up ward can show. */
export const SCENES = [
  "ward",
  "empty",
  "config-error",
  "silent",
  "calm",
  "real",
  "trouble",
  "busy",
  "first-person",
] as const;

/** One of them. */
export type Scene = (typeof SCENES)[number];

/** How it is set up. */
export interface Setup {
  readonly beds: number;
  readonly scene?: Scene;
  /** The station's clock at the start, ms. */
  readonly startMs?: number;
  /** Who is signed in when it opens. */
  readonly signedIn?: string | null;
}

/** A ward that plays itself while `advance` is called. */
export class ScriptedBackend implements Backend {
  readonly calls: Command[] = [];
  readonly #beds: number;
  readonly #scene: Scene;
  readonly #mode: string;
  readonly #desk: Desk;
  readonly #reviews = new ScriptedReviews(
    () => this.#nowMs,
    () => this.#desk.person,
  );
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
    this.#desk = new Desk(
      this.#station(),
      () => this.#nowMs,
      (facts) => this.#say(facts),
    );
    if (setup.signedIn != null) this.#desk.signedIn(setup.signedIn);
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
        lacks: [],
      },
    ]);
    return Promise.resolve(this.#nowMs);
  }

  envelope(ask: EnvelopeAsk): Promise<ArrayBuffer> {
    return Promise.resolve(this.#reviews.envelope(ask));
  }

  /** Moves the made-up clock on, sending what comes in that time. */
  advance(ms: number): void {
    const before = this.#nowMs;
    this.#nowMs += ms;
    if (this.#scene === "silent") return;
    this.#waves(before);
    const facts: Fact[] = this.#desk.tick();
    if (Math.floor(before / 100) !== Math.floor(this.#nowMs / 100)) facts.push(this.#pulseFact());
    for (let bed = 0; bed < this.#beds; bed += 1) {
      // Beds do not all report in the same instant.
      const own = bed * 137;
      if (Math.floor((before + own) / 1000) === Math.floor((this.#nowMs + own) / 1000)) continue;
      if (story.TROUBLES[bed] !== "lost") facts.push(...this.#numbers(bed, false), this.#desk.score(bed));
    }
    this.#say(facts);
  }

  /** Somebody is signed in from now on, or nobody. */
  signedIn(name: string | null): void {
    this.#desk.signedIn(name);
  }

  /** Sends facts as the station would: for tests that tell their own story. */
  say(facts: Fact[]): void {
    for (const fact of facts) if (fact.fact === "alert") this.#desk.told(fact);
    this.#say(facts);
  }

  call(command: Command): Promise<Reply> {
    this.calls.push(command);
    switch (command.do) {
      case "watch":
        this.#watched = command;
        return done();
      case "trend":
        return Promise.resolve({
          reply: "trend",
          series: command.metrics.map((metric) => ({ metric, points: trend(command, metric) })),
        });
      case "waves":
        return Promise.resolve({ reply: "waves", waves: waves(command) });
      case "review":
        return Promise.resolve(this.#reviews.answer(command));
      default:
        return this.#desk.call(command) ?? done();
    }
  }

  #opening(): Fact[] {
    const facts: Fact[] = [this.#pulseFact(), ...this.#desk.opening(this.#mode, this.#scene)];
    for (let bed = 0; bed < this.#beds; bed += 1) {
      facts.push({ fact: "feed", ...story.feedFact(bed, this.#nowMs) });
      facts.push(...this.#numbers(bed, true));
    }
    return facts;
  }

  #station(): StationFact {
    const station = story.stationFact(this.#beds, this.#nowMs, this.#mode);
    if (this.#scene === "config-error") {
      station.configError =
        'Line 12: `websocket = "ws:/127.0.0.1"` is not an address. Write `websocket = "ws://host:port/feed"`.';
    }
    if (this.#scene === "first-person") station.people = [];
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

  #say(facts: Fact[]): void {
    if (facts.length > 0) this.#listener?.facts(facts);
  }
}

function done(): Promise<Reply> {
  return Promise.resolve({ reply: "done" });
}
