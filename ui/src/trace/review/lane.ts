// The pictures of one lane: the one on screen, what was asked for, what is kept for panning and zooming.
//
// One request a lane is under way. Until its answer comes the old picture is drawn, scaled to where it belongs: the hand
// never waits for the disk. A request reaches one screen beyond each side, so that panning finds its picture there.

import type { Envelope } from "./envelope";
import { inside, lengthOf, type Span } from "./span";

/** Asks for one lane. */
export type Ask = (span: Span, pixels: number) => Promise<Envelope>;

/** Pictures kept: the whole stay, and the last of a few depths. */
const KEPT_MAX = 6;
/** What is drawn is as fine as it is asked for, or up to this much coarser. */
const COARSER_MAX = 1.6;
/** Less than this part of a screen is left beside what is seen: ask for more. */
const LEFT_OVER = 0.35;
/** More pixels than this nobody asks for. */
const PIXELS_MAX = 8192;

/** A picture and how fine it is, ms a pixel. */
interface Picture {
  readonly envelope: Envelope;
  readonly msPerPixel: number;
}

/** The pictures of one lane. */
export class LanePictures {
  private readonly ask: Ask;
  private readonly changed: (failure: string) => void;
  private kept: Picture[] = [];
  private underWay = false;
  private wanted: { span: Span; width: number; bounds: Span } | null = null;

  /** `changed` is told when a picture has come, or why none came. */
  constructor(ask: Ask, changed: (failure: string) => void) {
    this.ask = ask;
    this.changed = changed;
  }

  /** This is looked at now. Asks for what is missing. */
  want(span: Span, width: number, bounds: Span): void {
    this.wanted = { span, width, bounds };
    this.next();
  }

  /** What was recorded has grown, or is another: nothing kept is of use. */
  forget(): void {
    this.kept = [];
  }

  /** The best picture of a span: of those that hold all of it the one that is fine enough and not finer; else the one that holds most of it. */
  best(span: Span, width: number): Envelope | null {
    const fine = lengthOf(span) / width;
    let best: Picture | null = null;
    let least = Infinity;
    for (const picture of this.kept) {
      const missing = 1 - covered(picture.envelope, span);
      const off = Math.abs(Math.log2(picture.msPerPixel / fine));
      const exact = picture.envelope.exact && picture.msPerPixel > fine ? 0 : off;
      const cost = missing * 40 + exact;
      if (cost < least) {
        least = cost;
        best = picture;
      }
    }
    return best?.envelope ?? null;
  }

  private next(): void {
    const { wanted } = this;
    if (wanted === null || this.underWay) return;
    const { span, width, bounds } = wanted;
    const fine = lengthOf(span) / width;
    const first = this.kept.length === 0;
    if (this.kept.some((picture) => serves(picture, span, fine, bounds, LEFT_OVER))) return;
    // The first picture is only what is seen: it is to stand at once. Then its neighbours.
    const seen = !this.kept.some((picture) => serves(picture, span, fine, bounds, 0));
    const beyond = seen && first ? 0 : lengthOf(span);
    const around = inside({ from: span.from - beyond, to: span.to + beyond }, bounds);
    const pixels = Math.min(PIXELS_MAX, Math.max(1, Math.ceil(lengthOf(around) / fine)));
    this.underWay = true;
    this.ask(around, pixels).then(
      (envelope) => {
        this.underWay = false;
        this.keep({ envelope, msPerPixel: lengthOf(around) / pixels });
        this.changed("");
        this.next();
      },
      (thrown: unknown) => {
        this.underWay = false;
        this.changed(thrown instanceof Error ? thrown.message : String(thrown));
      },
    );
  }

  private keep(picture: Picture): void {
    this.kept.push(picture);
    if (this.kept.length > KEPT_MAX) {
      // The coarsest is the whole stay: it is what is drawn when one zooms out at once.
      const coarsest = Math.max(...this.kept.map((p) => p.msPerPixel));
      const at = this.kept.findIndex((p) => p.msPerPixel < coarsest);
      this.kept.splice(Math.max(0, at), 1);
    }
  }
}

function covered(envelope: Envelope, span: Span): number {
  const shared = Math.min(envelope.to, span.to) - Math.max(envelope.from, span.from);
  return Math.max(0, shared) / lengthOf(span);
}

/** Whether a picture is fine enough for a span and reaches `beyond` screens to both sides of it, as far as there is anything. */
function serves(picture: Picture, span: Span, fine: number, bounds: Span, beyond: number): boolean {
  const { envelope, msPerPixel } = picture;
  const room = lengthOf(span) * beyond;
  const reaches =
    envelope.from <= Math.max(bounds.from, span.from - room) + 1e-6 &&
    envelope.to >= Math.min(bounds.to, span.to + room) - 1e-6;
  // Much finer than the screen is a waste at each frame; samples themselves are as fine as it gets.
  const right = msPerPixel <= fine * COARSER_MAX && msPerPixel >= fine / 4;
  return reaches && (right || (envelope.exact && msPerPixel >= fine));
}
