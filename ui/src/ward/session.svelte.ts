// What this screen is doing: which view, what lies over it, what it asked and what it was answered.

import { type Backend, Refused } from "../backend/backend";
import type {
  AlertFact,
  AnswerWord,
  BedFact,
  Command,
  Fact,
  NumericFact,
  PersonFact,
  PulseFact,
  Reply,
  ReviewWhat,
  WaveScope,
} from "../contract";
import type { Traces } from "../trace";
import type { StationClock } from "./clock";
import { SETTLE_MS, SettleGuard } from "./guard";
import { unseen } from "./order";
import { Review } from "./review.svelte";
import { SignIn } from "./signin.svelte";
import { Ward } from "./ward.svelte";

/** The whole-window views. */
export type View =
  | { readonly name: "wall" }
  | { readonly name: "bed"; readonly bed: number }
  | { readonly name: "review"; readonly review: Review; readonly from: number | null };

/** What is being filled in on a card. */
export type CardForm = "pause" | "note" | "retire" | null;

/** What lies over the view. */
export type Dialog =
  | { readonly name: "help" | "about" | "feeds" | "people" }
  | { readonly name: "card"; readonly alert: number; readonly form: CardForm }
  | { readonly name: "assess" | "auto-limits"; readonly bed: number }
  | { readonly name: "limits"; readonly bed: number; readonly metric: string }
  | { readonly name: "close"; readonly beds: number };

/** How an answer was given. */
export type By = "key" | "pointer";

const TICK_MS = 250;
/** The program takes a page for dead that says nothing for four reports. */
const REPORT_MS = 400;
/** A number waits for its bed's waves no longer than this, ms: it may have none on screen. */
const WAIT_MAX_MS = 60;

/** What a round looks at first. */
const DAY_MS = 24 * 3_600_000;

const MOVED = "it moved or changed just now; look at it and press again";

/** A number that waits, and since when, page ms. */
interface Waiting {
  readonly fact: Extract<Fact, { fact: "numeric" }>;
  readonly sinceMs: number;
}

/** The pulse that the heartbeat on the strip beats by; not a number when there is no heartbeat. */
function heartbeat(): number {
  return Number(document.querySelector<HTMLElement>('[data-testid="heartbeat"]')?.dataset["pulse"]);
}

/** One a page. */
export class Session {
  readonly ward: Ward;
  readonly clock: StationClock;
  readonly traces: Traces;
  readonly signIn: SignIn;
  view = $state.raw<View>({ name: "wall" });
  dialog = $state.raw<Dialog | null>(null);
  /** The alert a person selected; `null`: the worst. */
  selected = $state<number | null>(null);
  /** Alerts whose answer is on its way. */
  sending = $state.raw<ReadonlySet<number>>(new Set());
  /** Why the station refused, by alert. */
  refusals = $state.raw<Readonly<Record<number, string>>>({});
  /** Why it refused what is not about an alert; empty when it did not. */
  refusal = $state("");
  /** The last word on an alert that ended while its card was open. */
  ended = $state.raw<AlertFact | null>(null);
  /** Sweep of the waves on screen, mm/s. */
  mmPerS = $state(25);
  /** Why the page has no station at all; empty when it has. */
  failure = $state("");

  /** Who is signed in. */
  readonly person = $derived.by((): PersonFact | null => this.ward.station?.signedIn ?? null);
  readonly selectedAlert = $derived.by((): AlertFact | null => {
    const rail = this.ward.rail;
    return rail.find((alert) => alert.id === this.selected) ?? rail[0] ?? null;
  });

  readonly #backend: Backend;
  readonly #pulseInDocument: () => number;
  readonly #guard = new SettleGuard();
  readonly #recentGuard = new SettleGuard();
  #selectionAt = Number.NEGATIVE_INFINITY;
  #openedMs = Number.POSITIVE_INFINITY;
  #fresh: NumericFact[] = [];
  /** Numbers that wait for the frame in which the waves of their bed are painted. */
  #waiting: Waiting[] = [];
  #turnAt = Number.NEGATIVE_INFINITY;
  #watched: { beds: number[]; waves: WaveScope } | null = null;
  #alsoWatched: number | null = null;
  #unsaid: Extract<Command, { do: "watch" }> | null = null;
  /** The pulse that stood in the document at the last display frame. */
  #pulseShown = 0;

  constructor(backend: Backend, traces: Traces, clock: StationClock, pulseInDocument = heartbeat) {
    this.#backend = backend;
    this.#pulseInDocument = pulseInDocument;
    this.traces = traces;
    this.clock = clock;
    this.ward = new Ward(clock);
    this.signIn = new SignIn((command) => backend.call(command));
  }

  /** Opens the streams and starts the page's own clocks. */
  async start(): Promise<void> {
    setInterval(() => this.#tick(), TICK_MS);
    this.traces.onTurn((beds) => this.#turn(beds));
    setInterval(() => void this.#report(), REPORT_MS);
    try {
      await this.#backend.open({
        frame: (bytes) => void this.traces.take(bytes),
        facts: (facts) => this.take(facts),
      });
    } catch (thrown) {
      this.failure = Refused.from(thrown).message;
    }
  }

  /** Takes one message of facts. Mere numbers wait for the frame in which the waves of their bed are painted. */
  take(facts: Fact[]): void {
    const now = this.clock.pageNow;
    const sweeping = now - this.#turnAt < WAIT_MAX_MS;
    if (!sweeping || facts.some(({ fact }) => fact !== "numeric" && fact !== "pulse")) {
      // What was said before is taken before: no number comes to stand under the patient who came after it.
      this.#takeWaiting(() => true);
      this.#take(facts);
      if (this.#fresh.length > 0) requestAnimationFrame(() => this.#shown());
      return;
    }
    const pulses = facts.filter(({ fact }) => fact === "pulse");
    if (pulses.length > 0) this.#take(pulses);
    for (const fact of facts) if (fact.fact === "numeric") this.#waiting.push({ fact, sinceMs: now });
  }

  #takeWaiting(due: (waiting: Waiting) => boolean): void {
    const now = this.#waiting.filter(due);
    if (now.length === 0) return;
    this.#waiting = this.#waiting.filter((waiting) => !due(waiting));
    this.#take(now.map(({ fact }) => fact));
    // After the microtask in which the page is changed.
    if (this.#fresh.length > 0) queueMicrotask(() => this.#shown());
  }

  /** The waves of these beds are painted in this frame. */
  #turn(beds: ReadonlySet<number>): void {
    this.#turnAt = this.clock.pageNow;
    const before = this.#turnAt - WAIT_MAX_MS;
    this.#takeWaiting(({ fact, sinceMs }) => beds.has(fact.bed) || sinceMs < before);
  }

  #tick(): void {
    // A page that is hidden has no frames.
    this.#takeWaiting(() => true);
    this.ward.tick();
  }

  #take(facts: readonly Fact[]): void {
    const before = this.selectedAlert;
    for (const fact of facts) if (fact.fact === "bed") this.#forgetWaves(fact);
    this.ward.take(facts);
    const now = this.clock.pageNow;
    this.#guard.drawn(this.ward.rail, now);
    this.#recentGuard.drawn(this.ward.recent, now);
    if (before?.id !== this.selectedAlert?.id) this.#selectionAt = now;
    this.#forgetAnswered();
    for (const fact of facts) {
      if (fact.fact === "pulse") this.#takePulse(fact);
      if (fact.fact === "alert" && fact.over) this.#end(fact);
      if (fact.fact === "review-asked") this.openReview({ what: "file", path: fact.path }, null);
      if (fact.fact === "close-asked") this.dialog = { name: "close", beds: fact.beds };
      // Numbers from before the opening are old by no fault of the way here.
      if (fact.fact === "numeric" && fact.receivedMs >= this.#openedMs) this.#fresh.push(fact);
    }
  }

  /** A person has said that nobody is to be watched any more. */
  async stopWatching(): Promise<void> {
    await this.call({ do: "stop-watching" });
  }

  /** Asks one thing, and first who it is where the station wants to know. `why` says what for. Throws a `Refused`. */
  async call(command: Command, why = ""): Promise<Reply> {
    return await this.signIn.ask(command, why);
  }

  /** Asks for something that has no place of its own to show a refusal in. */
  async wish(command: Command, why: string): Promise<void> {
    try {
      await this.call(command, why);
      this.refusal = "";
    } catch (thrown) {
      this.refusal = `${why}: ${Refused.from(thrown).message}`;
    }
  }

  /** Says which waves this screen shows; others are not sent. Said again with the next report when it failed. */
  watch(beds: number[], waves: WaveScope): void {
    this.#watched = { beds, waves };
    this.#wantWaves();
  }

  /** All waves of one bed more, while its card is open. */
  watchToo(bed: number | null): void {
    this.#alsoWatched = bed;
    this.#wantWaves();
  }

  /** Selects the next alert on the rail, or the one before. */
  select(step: 1 | -1): void {
    const rail = this.ward.rail;
    const at = rail.findIndex((alert) => alert.id === this.selectedAlert?.id);
    const next = rail[Math.min(rail.length - 1, Math.max(0, at + step))];
    if (next !== undefined) this.selected = next.id;
  }

  /** Whether an alert stood still for long enough to be meant by a touch now. */
  settled(id: number): boolean {
    return this.#guard.settled(id, this.clock.pageNow);
  }

  /**
   * Answers an alert at the version on screen. Does nothing when the alert changed or moved just now, or when the selection came
   * to it by itself. The screen changes when the station says so, not before.
   */
  async answer(alert: AlertFact, answer: AnswerWord, by: By): Promise<void> {
    const { id, version, message, place } = alert;
    if (!this.#meant(alert, by)) {
      if (by === "key" && !this.ward.lost && !this.sending.has(id)) this.#refuse(id, MOVED);
      return;
    }
    this.sending = new Set([...this.sending, id]);
    try {
      await this.call({ do: "answer", alert: id, version, answer }, `${place}: ${message}`);
      this.#refuse(id, null);
    } catch (thrown) {
      this.#refuse(id, Refused.from(thrown).message);
    } finally {
      this.sending = new Set([...this.sending].filter((other) => other !== id));
    }
  }

  /** Whether a form about an alert may open now: the same guard as for an answer. */
  mayOpen(alert: AlertFact, by: By): boolean {
    return this.#meant(alert, by);
  }

  /** Those that are over, stand on the screen and have stood there long enough to be read, are seen. */
  async seen(ids: readonly number[]): Promise<void> {
    const now = this.clock.pageNow;
    const alerts = ids.filter((id) => this.#recentGuard.settled(id, now));
    if (this.ward.lost || alerts.length === 0) return;
    await this.wish({ do: "seen", alerts }, alerts.length === 1 ? "Seen: 1 alert" : `Seen: ${alerts.length} alerts`);
  }

  /** Signs out, or asks who it is. */
  signInOrOut(): void {
    if (this.person === null) this.signIn.show();
    else void this.wish({ do: "sign-out" }, "Sign out");
  }

  /** What stands under a finger has only now come there: no touch is meant for it yet. */
  unsettle(id: number): void {
    this.#guard.unsettle(id, this.clock.pageNow);
  }

  /** Selects the alert of the bed that a person turned to. Whether it has one. */
  lookAt(bed: number): boolean {
    const { selectedAlert } = this;
    if (selectedAlert?.bed === bed && unseen(selectedAlert)) return true;
    const found = this.ward.bed(bed);
    const alert = found?.flashing ?? found?.worst ?? null;
    if (alert !== null) this.comeTo(alert.id);
    return alert !== null;
  }

  /** The selection comes to an alert that no key chose. */
  comeTo(alert: number): void {
    if (this.selected !== alert && this.selectedAlert?.id !== alert) this.#selectionAt = this.clock.pageNow;
    this.selected = alert;
  }

  /** Opens the card of an alert over whatever is shown. */
  openCard(alert: number, form: CardForm = null): void {
    this.comeTo(alert);
    this.dialog = { name: "card", alert, form };
  }

  /** Opens a bed. */
  openBed(bed: number): void {
    this.#leaveReview();
    this.dialog = null;
    this.view = { name: "bed", bed };
    this.lookAt(bed);
  }

  /** Opens a stay or a file; at first its last `firstMs`, or all of it. */
  openReview(what: ReviewWhat, firstMs: number | null): void {
    this.#leaveReview();
    this.dialog = null;
    const from = this.view.name === "bed" ? this.view.bed : null;
    const review = new Review(
      what,
      {
        review: (command, why) => this.call({ do: "review", ...command }, why),
        envelope: (ask) => this.#backend.envelope(ask),
      },
      firstMs,
    );
    this.view = { name: "review", review, from };
  }

  /** The last day of a bed. */
  openDay(bed: number): void {
    const fact = this.ward.bed(bed)?.fact;
    if (fact !== undefined) this.openReview({ what: "bed", bed: fact.id }, DAY_MS);
  }

  #leaveReview(): void {
    if (this.view.name === "review") this.view.review.close();
  }

  /** A touch closes what is open; the keys then mean what is selected behind it, which has to be looked at first. */
  close(): void {
    this.dialog = null;
    this.#selectionAt = this.clock.pageNow;
  }

  /** What was filled in is sent: its form closes, if it is still the one that is open. */
  closeForm(alert: number, form: CardForm): void {
    const { dialog } = this;
    if (dialog?.name === "card" && dialog.alert === alert && dialog.form === form)
      this.dialog = { ...dialog, form: null };
  }

  /** An alert is over. Its open card says so, and asks nothing more about it. */
  #end(alert: AlertFact): void {
    const { dialog } = this;
    if (dialog?.name !== "card" || dialog.alert !== alert.id) return;
    this.ended = alert;
    if (dialog.form !== "note") this.dialog = { ...dialog, form: null };
  }

  /** Closes what is open: the sign-in, the form on a card, the dialog, the refusal, then the bed. */
  back(): void {
    if (this.signIn.open) this.signIn.cancel();
    else if (this.dialog?.name === "card" && this.dialog.form !== null) this.dialog = { ...this.dialog, form: null };
    else if (this.dialog !== null) this.dialog = null;
    else if (this.refusal !== "") this.refusal = "";
    else if (this.view.name === "review") this.#backFromReview(this.view.review, this.view.from);
    else this.view = { name: "wall" };
  }

  #backFromReview(review: Review, from: number | null): void {
    if (review.replay.at !== null) review.replay.stop();
    else if (review.caliper !== null) review.caliper = null;
    else if (from !== null && this.ward.bed(from) !== null) this.openBed(from);
    else {
      this.#leaveReview();
      this.view = { name: "wall" };
    }
  }

  #meant(alert: AlertFact, by: By): boolean {
    // What a lost station shows last is nothing to answer.
    if (this.ward.lost || this.sending.has(alert.id) || !this.settled(alert.id)) return false;
    return by === "pointer" || this.clock.pageNow - this.#selectionAt >= SETTLE_MS;
  }

  /** Another patient: the waves of the one before do not sweep on under the new name. */
  #forgetWaves(fact: BedFact): void {
    const before = this.ward.bed(fact.index)?.fact;
    if (before !== undefined && before.patientId !== fact.patientId) this.traces.forget(fact.index);
  }

  #wantWaves(): void {
    if (this.#watched === null) return;
    const { beds, waves } = this.#watched;
    const also = this.#alsoWatched;
    this.#unsaid =
      also === null
        ? { do: "watch", beds, waves }
        : { do: "watch", beds: beds.includes(also) ? beds : [...beds, also], waves: "all" };
    void this.#sayWatch();
  }

  async #sayWatch(): Promise<void> {
    const said = this.#unsaid;
    if (said === null) return;
    try {
      await this.#backend.call(said);
      if (this.#unsaid === said) this.#unsaid = null;
    } catch {
      // Without waves the strips hatch, which is true; the next report tries again.
    }
  }

  #refuse(id: number, text: string | null): void {
    const { [id]: _gone, ...others } = this.refusals;
    this.refusals = text === null ? others : { ...others, [id]: text };
  }

  /** A refusal stands until its alert is over or acknowledged. */
  #forgetAnswered(): void {
    for (const id of Object.keys(this.refusals).map(Number)) {
      const alert = this.ward.rail.find((a) => a.id === id);
      if (alert === undefined || alert.signal === "acknowledged") this.#refuse(id, null);
    }
  }

  /**
   * A pulse counts as shown when it stands in the document once a display frame has gone by: a page whose document has
   * stopped does not count as alive. Out of sight there are no frames, and the report reads it.
   */
  #takePulse(pulse: PulseFact): void {
    this.#openedMs = Math.min(this.#openedMs, pulse.nowMs);
    if (!document.hidden) requestAnimationFrame(() => this.#readPulse());
  }

  #readPulse(): void {
    const pulse = this.#pulseInDocument();
    if (Number.isFinite(pulse)) this.#pulseShown = pulse;
  }

  #shown(): void {
    const shown = this.#fresh;
    this.#fresh = [];
    this.ward.numbersShown(shown);
  }

  async #report(): Promise<void> {
    void this.#sayWatch();
    if (document.hidden) this.#readPulse();
    const report = this.traces.report();
    const sentAt = this.clock.pageNow;
    try {
      const stationMs = await this.#backend.report({
        ...report,
        pulseSeq: this.#pulseShown,
        hidden: document.hidden,
        numberDelaysMs: this.ward.takeNumberDelays(),
      });
      this.clock.roundTrip(sentAt, stationMs);
      this.traces.setClockOffset(this.clock.stationNow - this.clock.pageNow);
    } catch {
      // A station that does not answer stops pulsing too, and that is what the screen shows.
    }
  }
}
