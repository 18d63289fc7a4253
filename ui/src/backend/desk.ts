// The made-up ward's desk: who is signed in, what people do, and what stands because of it.

import type {
  AlertFact,
  AlertRow,
  BedFact,
  Command,
  ErrorCode,
  Fact,
  LimitsFact,
  PauseFact,
  PersonFact,
  Reply,
  StationFact,
} from "../contract";
import { Refused } from "./backend";
import { alertFacts, manyAlerts, pauseFacts } from "./alerts";
import { placeOf, whatIf } from "./history";
import { type Found, scoreFact } from "./score";
import * as story from "./story";

type Asked<Name extends Command["do"]> = Extract<Command, { do: Name }>;

const RUNGS = ["first", "louder", "second", "charge"] as const;
const MANAGERS = ["charge", "engineer"];

/** What stands in the made-up ward, and how people change it. */
export class Desk {
  readonly alerts = new Map<number, AlertFact>();
  readonly #limits = new Map<string, LimitsFact>();
  readonly #pauses = new Map<string, PauseFact>();
  readonly #beds = new Map<number, BedFact>();
  readonly #found = new Map<number, Found>();
  readonly #pins = new Map<string, string>();
  #rows: AlertRow[] = [];
  #station: StationFact;
  readonly #now: () => number;
  readonly #say: (facts: Fact[]) => void;

  constructor(station: StationFact, now: () => number, say: (facts: Fact[]) => void) {
    this.#station = station;
    this.#now = now;
    this.#say = say;
    for (const person of station.people) this.#pins.set(person.name, story.PIN);
  }

  /** Everything that stands at the opening, beds first. */
  opening(mode: string, scene: string): Fact[] {
    const now = this.#now();
    const beds = this.#station.bedCount;
    const facts: Fact[] = [{ fact: "station", ...this.#station }];
    for (let bed = 0; bed < beds; bed += 1) {
      const fact = story.bedFact(bed, mode, now);
      this.#beds.set(bed, fact);
      facts.push({ fact: "bed", ...fact });
      if (bed % 3 === 1) {
        const scale = bed === 4 ? "two" : "one";
        const breathing = bed === 4 ? "oxygen" : "air";
        this.#found.set(bed, { consciousness: "alert", breathing, scale, by: "DEMO Nurse", atMs: now - 2_400_000 });
      }
      for (const made of story.NUMBERS) {
        const limits = story.limitsFact(bed, made, now);
        if (limits === null) continue;
        this.#limits.set(`${bed} ${made.metric}`, limits);
        facts.push({ fact: "limits", ...limits });
      }
      facts.push(this.score(bed));
    }
    if (scene === "calm") return facts;
    const standing = alertFacts(beds, now);
    if (scene === "busy") standing.push(...manyAlerts(beds, now));
    for (const pause of pauseFacts(beds, now)) {
      this.#pauses.set(keyOf(pause), pause);
      facts.push({ fact: "pause", ...pause });
    }
    for (const alert of standing) {
      this.alerts.set(alert.id, alert);
      this.#remember(alert);
      facts.push({ fact: "alert", ...alert });
    }
    return facts;
  }

  /** The early warning score of a bed now. */
  score(bed: number): Fact {
    const applies = this.#beds.get(bed)?.profile === "Adult";
    return { fact: "score", ...scoreFact(bed, this.#now(), this.#found.get(bed) ?? null, applies) };
  }

  /** Pauses whose time is over. */
  tick(): Fact[] {
    const over = [...this.#pauses.values()].filter((pause) => pause.untilMs <= this.#now());
    return over.flatMap((pause) => this.#endPause(pause));
  }

  /** Takes what a test says of an alert. */
  told(alert: AlertFact): void {
    this.alerts.set(alert.id, alert);
  }

  /** The name of who is signed in. */
  get person(): string | null {
    return this.#station.signedIn?.name ?? null;
  }

  /** Signs somebody in without a PIN: for pictures and tests that begin there. */
  signedIn(name: string | null): void {
    this.#stationIs({ signedIn: this.#station.people.find((person) => person.name === name) ?? null });
  }

  /** Everything that needs a person, and the signing in itself. `null`: it is somebody else's to answer. */
  call(command: Command): Promise<Reply> | null {
    switch (command.do) {
      case "sign-in":
        return this.#signIn(command);
      case "sign-out":
        this.#stationIs({ signedIn: null });
        return done();
      case "put-person":
        return this.#putPerson(command);
      case "remove-person":
        return this.#removePerson(command);
      case "alert-history":
        return Promise.resolve({ reply: "alert-history", rows: this.#history(command) });
      case "what-if": {
        const change = command.changes[0];
        const now = this.#limits.get(`${placeOf(command.bed)} ${change?.metric ?? ""}`) ?? { low: null, high: null };
        return Promise.resolve({ reply: "what-if", ...whatIf(command, now) });
      }
      case "admit":
      case "join-patient":
      case "transfer":
      case "discharge":
      case "undo-adt":
      case "watch":
      case "waves":
      case "review":
      case "trend":
      case "test-sound":
      case "stop-watching":
      case "page-fault":
        return null;
      default:
        return this.#byPerson(command);
    }
  }

  #byPerson(
    command: Asked<
      | "answer"
      | "seen"
      | "pause"
      | "end-pause"
      | "set-limits"
      | "restore-limits"
      | "auto-limits"
      | "note"
      | "check-bed"
      | "assess"
    >,
  ): Promise<Reply> {
    const person = this.#station.signedIn;
    if (person === null)
      return refuse(
        "not-signed-in",
        "nobody is signed in; sign in with name and PIN, so that what is done has a person",
      );
    switch (command.do) {
      case "answer":
        return this.#answer(command, person);
      case "seen":
        return this.#seen(command);
      case "pause":
        return this.#pause(command, person);
      case "end-pause": {
        const pause = this.#pauses.get(keyOf({ ...command, bed: placeOf(command.bed) }));
        if (pause !== undefined) this.#say(this.#endPause(pause));
        return done();
      }
      case "set-limits":
      case "restore-limits":
        return this.#setLimits(command, person);
      case "auto-limits":
        return this.#autoLimits(command, person);
      case "note": {
        const alert = command.alert === null ? null : (this.alerts.get(command.alert) ?? null);
        this.#row("noted", alert, person.name, command.text);
        return done();
      }
      case "check-bed":
        return this.#changeBed(command.bed, { checkedBy: person.name, checkedMs: this.#now() });
      case "assess":
        return this.#assess(command, person);
    }
  }

  #signIn({ person, pin }: Asked<"sign-in">): Promise<Reply> {
    const known = this.#station.people.find((one) => one.name === person);
    if (known === undefined || this.#pins.get(person) !== pin)
      return refuse("invalid", "name and PIN do not fit; try again");
    this.#stationIs({ signedIn: known });
    return done();
  }

  #putPerson({ person, role, pin, replace }: Asked<"put-person">): Promise<Reply> {
    const { people, signedIn } = this.#station;
    if (people.length > 0 && signedIn === null)
      return refuse(
        "not-signed-in",
        "nobody is signed in; sign in with name and PIN, so that what is done has a person",
      );
    if (people.length > 0 && !MANAGERS.includes(signedIn?.role ?? ""))
      return refuse(
        "not-allowed",
        `a ${signedIn?.role ?? ""} may not say who may sign in; ask someone whose role allows it`,
      );
    if (!/^\d{4,12}$/.test(pin)) return refuse("invalid", "a PIN is 4 to 12 digits");
    if (!replace && people.some((one) => one.name === person))
      return refuse("invalid", `there is a ${person} already; give a name that tells them apart`);
    this.#pins.set(person, pin);
    const others = people.filter((one) => one.name !== person);
    this.#stationIs({ people: [...others, { name: person, role }] });
    return done();
  }

  #removePerson({ person }: Asked<"remove-person">): Promise<Reply> {
    if (!MANAGERS.includes(this.#station.signedIn?.role ?? ""))
      return refuse("not-allowed", "a nurse may not say who may sign in; ask someone whose role allows it");
    this.#stationIs({ people: this.#station.people.filter((one) => one.name !== person) });
    return done();
  }

  #answer({ alert: id, version, answer }: Asked<"answer">, person: PersonFact): Promise<Reply> {
    const alert = this.alerts.get(id);
    if (alert === undefined || alert.over) return refuse("not-found", "this alert is over; nothing is left to answer");
    if (alert.version !== version)
      return refuse("changed", "this alert changed while you looked at it; look again, then answer it");
    const name = person.name;
    const next: AlertFact = { ...alert, version: version + 1 };
    const climb = (): void => {
      next.rung = RUNGS.indexOf(alert.rung as (typeof RUNGS)[number]) < 2 ? "second" : "charge";
    };
    switch (answer) {
      case "acknowledge":
        Object.assign(next, { signal: "acknowledged", owner: name, realertMs: this.#now() + 120_000 });
        return this.#alertIs(next, "alert-acknowledged", name);
      case "accept":
        Object.assign(next, { response: "accepted", responder: name });
        return this.#alertIs(next, "alert-accepted", name);
      case "undo-accept":
        Object.assign(next, { response: "none", responder: null });
        return this.#alertIs(next, "alert-accept-undone", name);
      case "decline":
        Object.assign(next, { response: "declined", responder: name });
        climb();
        return this.#alertIs(next, "alert-declined", name);
      case "escalate":
        if (alert.rung === "charge") return refuse("invalid", "whoever is in charge has been called already");
        climb();
        return this.#alertIs(next, "alert-escalated", name);
      case "retire":
        Object.assign(next, {
          presence: "cleared",
          signal: "off",
          over: true,
          unseen: true,
          text: "taken off on purpose",
        });
        return this.#alertIs(next, "alert-cleared", name);
    }
  }

  #seen({ alerts }: Asked<"seen">): Promise<Reply> {
    for (const id of alerts) {
      const alert = this.alerts.get(id);
      if (alert !== undefined)
        void this.#alertIs({ ...alert, unseen: false }, "alert-seen", this.#station.signedIn?.name);
    }
    return done();
  }

  #pause(
    { bed, metric, side, alert: id, version, minutes, reason }: Asked<"pause">,
    person: PersonFact,
  ): Promise<Reply> {
    if (id !== null && this.alerts.get(id)?.version !== version)
      return refuse("changed", "this alert changed while you looked at it; look again, then answer it");
    if (reason.trim() === "") return refuse("invalid", "this needs a reason: say in a word why");
    const untilMs = this.#now() + minutes * 60_000;
    const label = story.NUMBERS.find((made) => made.metric === metric)?.label ?? metric;
    const pause = { bed: placeOf(bed), metric, label, side, by: person.name, reason, untilMs, over: false };
    this.#pauses.set(keyOf(pause), pause);
    this.#say([{ fact: "pause", ...pause }]);
    for (const alert of this.alerts.values()) {
      if (alert.over || alert.bed !== pause.bed || alert.metric !== metric || alert.side !== side) continue;
      const next = { ...alert, version: alert.version + 1, signal: "paused", owner: person.name, realertMs: untilMs };
      void this.#alertIs(next, "paused", person.name, reason);
    }
    return done();
  }

  #endPause(pause: PauseFact): Fact[] {
    this.#pauses.delete(keyOf(pause));
    const facts: Fact[] = [{ fact: "pause", ...pause, over: true }];
    for (const alert of this.alerts.values()) {
      if (alert.signal !== "paused" || alert.bed !== pause.bed || alert.metric !== pause.metric) continue;
      const next = { ...alert, version: alert.version + 1, signal: "on", owner: null, realertMs: null };
      this.alerts.set(next.id, next);
      facts.push({ fact: "alert", ...next });
    }
    return facts;
  }

  #setLimits(command: Asked<"set-limits" | "restore-limits">, person: PersonFact): Promise<Reply> {
    const key = `${placeOf(command.bed)} ${command.metric}`;
    const before = this.#limits.get(key);
    if (before === undefined) return refuse("not-found", `There are no limits for ${command.metric} here.`);
    const bounds =
      command.do === "restore-limits"
        ? {
            low: before.profileLow,
            high: before.profileHigh,
            changedBy: null,
            reason: null,
            changedMs: null,
            untilMs: null,
          }
        : {
            low: command.low,
            high: command.high,
            changedBy: person.name,
            reason: command.reason,
            changedMs: this.#now(),
            untilMs: command.untilMs,
          };
    const next = { ...before, ...bounds };
    this.#limits.set(key, next);
    this.#say([{ fact: "limits", ...next }]);
    return done();
  }

  #autoLimits({ bed, reason }: Asked<"auto-limits">, person: PersonFact): Promise<Reply> {
    const made = story.NUMBERS[0];
    if (made === undefined) return refuse("not-found", "no numbers");
    const value = story.valueAt(placeOf(bed), made, Math.floor(this.#now() / 1000));
    const low = Math.max(40, Math.round(value * 0.8));
    const high = Math.min(240, Math.round(value * 1.25));
    return this.#setLimits({ do: "set-limits", bed, metric: "HR", low, high, reason, untilMs: null }, person);
  }

  #assess(command: Asked<"assess">, person: PersonFact): Promise<Reply> {
    const bed = placeOf(command.bed);
    const before = this.#found.get(bed)?.scale ?? "one";
    if (command.scale !== before && person.role !== "clinician")
      return refuse("not-allowed", `a ${person.role} may not choose the SpO₂ scale; ask someone whose role allows it`);
    const { consciousness, breathing, scale } = command;
    this.#found.set(bed, { consciousness, breathing, scale, by: person.name, atMs: this.#now() });
    this.#say([this.score(bed)]);
    return done();
  }

  #changeBed(id: string, change: Partial<BedFact>): Promise<Reply> {
    const before = this.#beds.get(placeOf(id));
    if (before === undefined) return refuse("not-found", `there is no bed "${id}" in this station`);
    const next = { ...before, ...change };
    this.#beds.set(next.index, next);
    this.#say([{ fact: "bed", ...next }]);
    return done();
  }

  #stationIs(change: Partial<StationFact>): void {
    this.#station = { ...this.#station, ...change };
    this.#say([{ fact: "station", ...this.#station }]);
  }

  #alertIs(next: AlertFact, what: string, person: string | undefined, words: string | null = null): Promise<Reply> {
    this.alerts.set(next.id, next);
    this.#row(what, next, person ?? null, words);
    this.#say([{ fact: "alert", ...next }]);
    return done();
  }

  #row(what: string, alert: AlertFact | null, person: string | null, words: string | null): void {
    this.#rows.push({ atMs: this.#now(), what, alert, person, words });
  }

  /** What the journal has of an alert that stands at the opening, and of two like it before. */
  #remember(alert: AlertFact): void {
    const row = (atMs: number, what: string, of: AlertFact, person: string | null, words: string | null): void => {
      this.#rows.push({ atMs, what, alert: of, person, words });
    };
    for (const [ago, what, words] of [
      [5 * 3_600_000, "alert-acknowledged", "probe was loose, taped again"],
      [3_100_000, "alert-accepted", "turned, settled by itself"],
    ] as const) {
      if (alert.over) continue;
      const at = alert.raisedMs - ago;
      const old = { ...alert, id: alert.id + 1_000 + ago, raisedMs: at, sinceMs: at, over: true, presence: "cleared" };
      row(at, "alert-raised", old, null, null);
      row(at + 22_000, what, old, "DEMO Nurse", null);
      row(at + 60_000, "noted", old, "DEMO Nurse", words);
      row(at + 95_000, "alert-cleared", old, null, null);
    }
    row(alert.raisedMs, "alert-raised", alert, null, null);
    if (alert.owner !== null) row(alert.raisedMs + 40_000, "alert-acknowledged", alert, alert.owner, null);
  }

  #history({ bed, like, rows }: Asked<"alert-history">): AlertRow[] {
    const index = bed === null ? null : placeOf(bed);
    const model = like === null ? null : (this.alerts.get(like) ?? null);
    return this.#rows
      .filter(({ alert }) => index === null || alert === null || alert.bed === index)
      .filter(
        ({ alert }) =>
          model === null ||
          (alert?.cause === model.cause && alert.metric === model.metric && alert.side === model.side),
      )
      .sort((a, b) => b.atMs - a.atMs)
      .slice(0, rows);
  }
}

function keyOf({ bed, metric, side }: Pick<PauseFact, "bed" | "metric" | "side">): string {
  return `${bed} ${metric} ${side}`;
}

function done(): Promise<Reply> {
  return Promise.resolve({ reply: "done" });
}

function refuse(code: ErrorCode, text: string): Promise<never> {
  return Promise.reject(new Refused({ code, text }));
}
