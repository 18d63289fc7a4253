// "Replay as the ward saw it": a playhead over a review, and the alerts that the engine gives.

import { Refused } from "../backend/backend";
import type { ReviewReplay } from "../contract";
import { lengthOf, pan } from "../trace/review";
import type { Review } from "./review.svelte";

/** How many times as fast. */
export const RATES = [1, 10, 60, 300, 1000] as const;

/** The playhead of one review. */
export class Replay {
  /** Where it is, ms; `null` while nothing is replayed. */
  at = $state<number | null>(null);
  playing = $state(false);
  rate = $state<number>(10);
  found = $state.raw<ReviewReplay | null>(null);
  failure = $state("");
  /** The alerts that stand at the playhead. */
  readonly standing = $derived.by(() => {
    const { at } = this;
    if (at === null) return [];
    return (this.found?.alerts ?? []).filter((a) => a.raisedMs <= at && (a.overMs === null || a.overMs > at));
  });
  readonly #review: Review;
  #frame = 0;
  #last = 0;

  constructor(review: Review) {
    this.#review = review;
  }

  /** Begins at the left edge of what is seen; the engine goes over the whole stay. */
  async start(): Promise<void> {
    const { opened, span, bounds } = this.#review;
    if (opened === null) return;
    this.at = span.from;
    this.failure = "";
    try {
      const reply = await this.#review.ask({
        ask: "replay",
        review: opened.review,
        fromMs: bounds.from,
        toMs: bounds.to + 1,
      });
      if (reply.reply === "review-replay") this.found = reply;
    } catch (thrown) {
      this.failure = Refused.from(thrown).message;
    }
    if (this.at !== null) this.play();
  }

  /** Plays on, or holds. */
  toggle(): void {
    if (this.at === null) void this.start();
    else if (this.playing) this.hold();
    else this.play();
  }

  play(): void {
    this.playing = true;
    this.#last = performance.now();
    this.#frame = requestAnimationFrame((now) => this.#step(now));
  }

  hold(): void {
    this.playing = false;
    cancelAnimationFrame(this.#frame);
  }

  /** Ends it. */
  stop(): void {
    this.hold();
    this.at = null;
    this.found = null;
  }

  #step(now: number): void {
    const { at } = this;
    if (!this.playing || at === null) return;
    const { bounds, span } = this.#review;
    const next = Math.min(bounds.to, at + (now - this.#last) * this.rate);
    this.#last = now;
    this.at = next;
    // The playhead stands at three quarters, and time moves under it.
    const edge = span.from + lengthOf(span) * 0.75;
    if (next > edge || next < span.from) this.#review.look(pan(span, next - edge, bounds));
    if (next >= bounds.to) this.hold();
    else this.#frame = requestAnimationFrame((later) => this.#step(later));
  }
}
