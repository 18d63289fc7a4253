// One review: what is opened, where one looks, what is placed on it. The painter is told; nothing here draws.

import { Refused } from "../backend/backend";
import type {
  EnvelopeAsk,
  Reply,
  ReviewCommand,
  ReviewEvents,
  ReviewLane,
  ReviewMarks,
  ReviewOpened,
  ReviewWhat,
} from "../contract";
import {
  about,
  decodeEnvelope,
  inside,
  LanePictures,
  lengthOf,
  type Moment,
  momentsOf,
  pan,
  type Point,
  type Span,
  snap,
  step,
  zoomAbout,
} from "../trace/review";
import { Replay } from "./replay.svelte";

/** How a review asks. */
export interface Asker {
  review(command: ReviewCommand, why: string): Promise<Reply>;
  envelope(ask: EnvelopeAsk): Promise<ArrayBuffer>;
}

/** A lane with its pictures. */
export interface Lane {
  readonly index: number;
  readonly about: ReviewLane;
  readonly pictures: LanePictures;
}

/** A caliper: one point, or two. */
export interface Caliper {
  readonly lane: number;
  readonly first: Point;
  readonly second: Point | null;
}

/** A place on the time line under the pointer or the keys. */
export interface Cursor {
  readonly lane: number | null;
  readonly at: number;
}

/** Lanes at the beginning: more numbers and waves are a press away. */
const NUMBERS_AT_FIRST = 7;
const WAVES_AT_FIRST = 4;
/** History goes on: so often it is looked at again, ms. */
const AGAIN_MS = 10_000;
/** Samples to both sides of a place at which a caliper is put. */
const SNAP_SAMPLES = 40;

/** One open review. */
export class Review {
  readonly what: ReviewWhat;
  opened = $state.raw<ReviewOpened | null>(null);
  events = $state.raw<ReviewEvents | null>(null);
  marks = $state.raw<ReviewMarks | null>(null);
  /** What is seen; two when two times are compared. */
  spans = $state.raw<readonly Span[]>([{ from: 0, to: 1 }]);
  /** Which of the two the keys move. */
  active = $state(0);
  /** Lanes that are shown, in their order, by index. */
  order = $state.raw<readonly number[]>([]);
  chosen = $state<number | null>(null);
  caliper = $state.raw<Caliper | null>(null);
  march = $state(false);
  /** A press on a lane puts a caliper point. */
  placing = $state(false);
  cursor = $state.raw<Cursor | null>(null);
  selected = $state<string | null>(null);
  failure = $state("");
  /** The author of marks on a file. */
  author = $state("");
  /** Counts pictures that came: what is drawn is drawn again. */
  pictured = $state(0);
  lanes = $state.raw<readonly Lane[]>([]);
  readonly replay: Replay;
  readonly moments = $derived(momentsOf(this.events, this.marks));
  readonly bounds = $derived.by((): Span => {
    const { opened } = this;
    return opened === null ? { from: 0, to: 1 } : { from: opened.fromMs, to: opened.untilMs };
  });
  readonly span = $derived(this.spans[this.active] ?? this.spans[0] ?? { from: 0, to: 1 });
  readonly shown = $derived(
    this.order.flatMap((index) => {
      const lane = this.lanes[index];
      return lane === undefined ? [] : [lane];
    }),
  );
  readonly isFile: boolean;
  readonly #asker: Asker;
  #timer: ReturnType<typeof setInterval> | null = null;
  #closed = false;

  constructor(what: ReviewWhat, asker: Asker, firstMs: number | null) {
    this.what = what;
    this.isFile = what.what === "file";
    this.#asker = asker;
    this.replay = new Replay(this);
    void this.#open(firstMs);
  }

  /** Lets it go. */
  close(): void {
    this.#closed = true;
    this.replay.stop();
    if (this.#timer !== null) clearInterval(this.#timer);
    const { opened } = this;
    // A review that the program has let go already is closed too.
    if (opened !== null) void this.ask({ ask: "close", review: opened.review }).catch(() => undefined);
  }

  async #open(firstMs: number | null): Promise<void> {
    try {
      const reply = await this.ask({ ask: "open", what: this.what });
      if (reply.reply !== "review-opened" || this.#closed) return;
      this.#take(reply);
      const { bounds } = this;
      const from = firstMs === null ? bounds.from : Math.max(bounds.from, bounds.to - firstMs);
      this.spans = [inside({ from, to: bounds.to }, bounds)];
      this.order = firstLanes(this.lanes, firstMs !== null);
      if (reply.live) this.#timer = setInterval(() => void this.refresh(), AGAIN_MS);
      await this.#readEvents();
    } catch (thrown) {
      this.failure = Refused.from(thrown).message;
    }
  }

  #take(opened: ReviewOpened): void {
    this.opened = opened;
    this.marks = opened.marks;
    if (this.lanes.length === opened.lanes.length) return;
    this.lanes = opened.lanes.map((lane, index) => ({
      index,
      about: lane,
      pictures: new LanePictures(
        async (span, pixels) =>
          decodeEnvelope(
            await this.#asker.envelope({
              review: this.opened?.review ?? 0,
              lane: index,
              fromMs: span.from,
              toMs: span.to,
              pixels,
            }),
          ),
        (failure) => {
          this.failure = failure;
          this.pictured += 1;
        },
      ),
    }));
  }

  async #readEvents(): Promise<void> {
    const { opened } = this;
    if (opened === null) return;
    const reply = await this.ask({ ask: "events", review: opened.review });
    if (reply.reply === "review-events") this.events = reply;
  }

  /** History has gone on. Who looks at its end goes with it. */
  async refresh(): Promise<void> {
    const { opened } = this;
    if (opened === null) return;
    try {
      const reply = await this.ask({ ask: "refresh", review: opened.review });
      if (reply.reply !== "review-opened" || this.#closed) return;
      const before = this.bounds;
      this.#take(reply);
      const { bounds } = this;
      this.spans = this.spans.map((span) => (span.to >= before.to - 1 ? pan(span, bounds.to - span.to, bounds) : span));
      await this.#readEvents();
    } catch (thrown) {
      this.failure = Refused.from(thrown).message;
    }
  }

  /** Looks elsewhere. */
  look(span: Span, which = this.active): void {
    this.spans = this.spans.map((known, at) => (at === which ? inside(span, this.bounds) : known));
  }

  /** Closer or farther about a time. */
  zoom(factor: number, at: number | null = null, which = this.active): void {
    const span = this.spans[which] ?? this.span;
    this.look(zoomAbout(span, at ?? this.anchor(span), factor, this.bounds), which);
  }

  /** What a zoom by keys keeps in place: what is under the cursor, else the middle. */
  anchor(span: Span): number {
    const at = this.cursor?.at;
    return at !== undefined && at > span.from && at < span.to ? at : (span.from + span.to) / 2;
  }

  /** Moves by parts of what is seen. */
  move(screens: number): void {
    this.look(pan(this.span, screens * lengthOf(this.span), this.bounds));
  }

  /** The next event, or the one before. */
  jump(by: 1 | -1): void {
    const found = step(this.moments, this.selected, (this.span.from + this.span.to) / 2, by);
    if (found !== null) this.goTo(found);
  }

  /** Looks at an event. From far away one comes closer, so that it can be seen. */
  goTo(moment: Moment): void {
    this.selected = moment.key;
    const wanted = Math.min(lengthOf(this.span), 600_000);
    const at = moment.at;
    this.look(about({ from: at - wanted / 2, to: at + wanted / 2 }, at, this.bounds));
  }

  /** Chooses the next lane, or the one before. */
  choose(by: 1 | -1): void {
    const at = this.chosen === null ? -1 : this.order.indexOf(this.chosen);
    const next = at < 0 ? (by === 1 ? 0 : this.order.length - 1) : at + by;
    this.chosen = this.order[Math.min(this.order.length - 1, Math.max(0, next))] ?? null;
  }

  /** Moves a lane to a place. */
  put(index: number, place: number): void {
    const others = this.order.filter((other) => other !== index);
    others.splice(Math.min(others.length, Math.max(0, place)), 0, index);
    this.order = others;
  }

  /** Moves the chosen lane up or down. */
  shift(by: 1 | -1): void {
    if (this.chosen !== null) this.put(this.chosen, this.order.indexOf(this.chosen) + by);
  }

  /** Shows or hides a lane. */
  toggle(index: number): void {
    if (!this.order.includes(index)) this.order = [...this.order, index];
    else if (this.order.length > 1) this.order = this.order.filter((other) => other !== index);
    if (this.chosen !== null && !this.order.includes(this.chosen)) this.chosen = this.order[0] ?? null;
  }

  /** Puts a point of the caliper on the sample nearest to a place: the first, then the second, then the first again. */
  async place(index: number, at: number): Promise<void> {
    const point = await this.#sample(index, at);
    if (point === null) return;
    const { caliper } = this;
    this.caliper =
      caliper === null || caliper.second !== null || caliper.lane !== index
        ? { lane: index, first: point, second: null }
        : { ...caliper, second: point };
  }

  /** Moves a point of the caliper. */
  async drag(which: "first" | "second", at: number): Promise<void> {
    const { caliper } = this;
    if (caliper === null) return;
    const point = await this.#sample(caliper.lane, at);
    if (point !== null && this.caliper !== null) this.caliper = { ...this.caliper, [which]: point };
  }

  /** The sample nearest to a time: asked for where the picture on screen is coarser than samples. */
  async #sample(index: number, at: number): Promise<Point | null> {
    const lane = this.lanes[index];
    const { opened } = this;
    if (lane === undefined || opened === null) return null;
    const near = lane.pictures.best({ from: at - 1, to: at + 1 }, 1);
    const known = near === null ? null : snap(near, at);
    if (known !== null) return known;
    const around = SNAP_SAMPLES * (lane.about.hertz === null ? 1500 : 1000 / lane.about.hertz);
    try {
      const bytes = await this.#asker.envelope({
        review: opened.review,
        lane: index,
        fromMs: at - around,
        toMs: at + around,
        pixels: 8192,
      });
      return snap(decodeEnvelope(bytes), at);
    } catch (thrown) {
      this.failure = Refused.from(thrown).message;
      return null;
    }
  }

  /** Two times side by side, or one again. */
  compare(): void {
    const { span } = this;
    if (this.spans.length === 2) this.spans = [span];
    else this.spans = [span, pan(span, -lengthOf(span), this.bounds)];
    this.active = 0;
  }

  /** Puts a mark of the palette: over the caliper, or where the cursor is. */
  async mark(palette: number, text: string): Promise<void> {
    const { caliper, cursor, span } = this;
    const second = caliper?.second ?? null;
    const at = caliper?.first.at ?? this.anchor(span);
    const lane = caliper?.lane ?? cursor?.lane ?? null;
    await this.#change((review) => ({
      ask: "mark",
      review,
      by: this.author,
      mark: {
        id: 0,
        palette,
        fromMs: second === null ? at : Math.min(at, second.at),
        untilMs: second === null ? at : Math.max(at, second.at),
        lane: lane === null ? null : (this.lanes[lane]?.about.label ?? null),
        text,
        by: "",
        atMs: 0,
      },
    }));
  }

  /** Takes a mark away. */
  async unmark(mark: number): Promise<void> {
    await this.#change((review) => ({ ask: "unmark", review, mark, by: this.author }));
  }

  async undo(): Promise<void> {
    await this.#change((review) => ({ ask: "undo", review, by: this.author }));
  }

  async redo(): Promise<void> {
    await this.#change((review) => ({ ask: "redo", review, by: this.author }));
  }

  async #change(command: (review: number) => ReviewCommand): Promise<void> {
    const { opened } = this;
    if (opened === null) return;
    try {
      const reply = await this.ask(command(opened.review), "Marks");
      if (reply.reply === "review-marks") this.marks = reply;
      this.failure = "";
    } catch (thrown) {
      this.failure = Refused.from(thrown).message;
    }
  }

  /** Asks about this review. Throws a `Refused`. */
  async ask(command: ReviewCommand, why = ""): Promise<Reply> {
    return await this.#asker.review(command, why);
  }
}

/** A day is read by its numbers, a recording by its waves. */
function firstLanes(lanes: readonly Lane[], numbersFirst: boolean): number[] {
  const waves = lanes.filter((lane) => lane.about.wave).slice(0, WAVES_AT_FIRST);
  const numbers = lanes.filter((lane) => !lane.about.wave).slice(0, NUMBERS_AT_FIRST);
  return (numbersFirst ? [...numbers, ...waves] : [...waves, ...numbers]).map(({ index }) => index);
}
