// What a hand does on the board: pan by dragging, zoom by wheel or two fingers, place and move calipers, choose events.

import {
  EVENTS_PX,
  laneRows,
  lengthOf,
  momentAt,
  pan,
  type Span,
  timeOf,
  wheelFactor,
  xOf,
  zoomAbout,
} from "../../trace/review";
import type { Review } from "../../ward/review.svelte";

/** A press that moves less is a press. */
const STILL_PX = 4;
/** So near to a caliper it is the caliper that is meant. */
const NEAR_PX = 6;

interface Finger {
  x: number;
  readonly startX: number;
}

/** The hand on one board. */
export class Hand {
  readonly #review: Review;
  readonly #which: number;
  readonly #size: () => { width: number; height: number };
  readonly #fingers = new Map<number, Finger>();
  #from: Span | null = null;
  #point: "first" | "second" | null = null;
  #moved = false;
  #apart = 0;

  constructor(review: Review, which: number, size: () => { width: number; height: number }) {
    this.#review = review;
    this.#which = which;
    this.#size = size;
  }

  get #span(): Span {
    return this.#review.spans[this.#which] ?? this.#review.span;
  }

  #time(x: number, span = this.#span): number {
    return timeOf(span, this.#size().width, x);
  }

  /** The lane at a height. */
  #lane(y: number): number | null {
    const rows = laneRows(
      this.#review.shown.map((lane) => lane.about.wave),
      this.#size().height,
    );
    const at = rows.findIndex((row) => y >= row.top && y < row.top + row.height);
    return this.#review.order[at] ?? null;
  }

  wheel(event: WheelEvent): void {
    event.preventDefault();
    const sideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (sideways) {
      const by = (event.deltaX === 0 ? event.deltaY : event.deltaX) / this.#size().width;
      this.#review.look(pan(this.#span, by * lengthOf(this.#span), this.#review.bounds), this.#which);
    } else {
      // Two fingers on a touch pad come as a wheel with Control, in small steps.
      const factor = wheelFactor(event.deltaY * (event.ctrlKey ? 4 : 1), event.deltaMode);
      this.#review.zoom(factor, this.#time(event.offsetX), this.#which);
    }
    this.#pointAt(event);
  }

  down(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.#review.active = this.#which;
    (event.target as Element).setPointerCapture(event.pointerId);
    this.#fingers.set(event.pointerId, { x: event.offsetX, startX: event.offsetX });
    this.#from = this.#span;
    this.#moved = false;
    this.#apart = this.#distance();
    this.#point = this.#caliperNear(event.offsetX);
  }

  move(event: PointerEvent): void {
    this.#pointAt(event);
    const finger = this.#fingers.get(event.pointerId);
    if (finger === undefined || this.#from === null) return;
    finger.x = event.offsetX;
    if (Math.abs(finger.x - finger.startX) > STILL_PX) this.#moved = true;
    if (!this.#moved) return;
    const { width } = this.#size();
    if (this.#fingers.size === 2) {
      const now = Math.max(1, this.#distance());
      const xs = [...this.#fingers.values()].map((f) => f.x);
      const middle = xs.reduce((a, b) => a + b, 0) / xs.length;
      const at = this.#time(middle, this.#from);
      this.#review.look(zoomAbout(this.#from, at, this.#apart / now, this.#review.bounds), this.#which);
    } else if (this.#point !== null) {
      void this.#review.drag(this.#point, this.#time(event.offsetX));
    } else {
      const by = ((finger.startX - finger.x) / width) * lengthOf(this.#from);
      this.#review.look(pan(this.#from, by, this.#review.bounds), this.#which);
    }
  }

  up(event: PointerEvent): void {
    if (!this.#fingers.delete(event.pointerId)) return;
    if (!this.#moved && event.type === "pointerup") this.#pressed(event);
    this.#point = null;
    this.#from = this.#fingers.size === 0 ? null : this.#span;
  }

  leave(): void {
    if (this.#fingers.size === 0) this.#review.cursor = null;
  }

  /** A press: an event on the line of events; on a lane its place, with Shift a caliper point. */
  #pressed(event: PointerEvent): void {
    const at = this.#time(event.offsetX);
    if (event.offsetY < EVENTS_PX) {
      const reach = (lengthOf(this.#span) / this.#size().width) * 10;
      const moment = momentAt(this.#review.moments, at, reach);
      this.#review.selected = moment?.key ?? null;
      return;
    }
    const lane = this.#lane(event.offsetY);
    this.#review.chosen = lane;
    if (lane !== null && (event.shiftKey || this.#review.placing)) void this.#review.place(lane, at);
  }

  #pointAt(event: MouseEvent): void {
    this.#review.cursor = { lane: this.#lane(event.offsetY), at: this.#time(event.offsetX) };
  }

  #distance(): number {
    const [a, b] = [...this.#fingers.values()];
    return a === undefined || b === undefined ? 0 : Math.abs(a.x - b.x);
  }

  #caliperNear(x: number): "first" | "second" | null {
    const { caliper } = this.#review;
    if (caliper === null) return null;
    const off = (at: number): number => Math.abs(xOf(this.#span, this.#size().width, at) - x);
    if (caliper.second !== null && off(caliper.second.at) < NEAR_PX) return "second";
    return off(caliper.first.at) < NEAR_PX ? "first" : null;
  }
}
