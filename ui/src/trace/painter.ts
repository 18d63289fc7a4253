import { loop } from "./loop";
import { type Context, type Look, Strip } from "./strip";
import { token } from "./token";
import { TraceStore } from "./traces";
import {
  type StripSpec,
  type StripState,
  type Traces,
  UNCALIBRATED_PX_PER_MM,
  type Wall,
  type WallOptions,
} from "./types";

/** The signal is looked at for its scale this often, ms; at first more often, until a few beats were seen. */
const LOOK_MS = 1000;
const LOOK_FIRST_MS = 250;
const LOOKS_FIRST = 8;
/** How much of the signal is looked at, ms: two breaths. */
const LOOK_BACK_MS = 8000;
/** Held beyond what a strip shows, ms: the playhead's lead and a second. */
const RING_EXTRA_MS = 2500;
/** Between two frames lies more than this: the page slept, and what came meanwhile was not painted late. */
const SLEPT_MS = 500;

/** A frame of a display, ms. */
const FRAME_MS = 1000 / 60;
/** So that a page that gets few frames still moves on several times a second. */
const PARTS_MAX = 3;

/** Strips that are painted in the same frame. */
interface Part {
  readonly strips: Strip[];
  readonly beds: Set<number>;
  readonly byColor: Map<string, Strip[]>;
}

/** All strips of one canvas. Draws only what is new; repaints from the rings when anything else changed. */
export class Painter implements Wall {
  private readonly canvas: HTMLCanvasElement;
  private readonly store: TraceStore;
  private readonly context: Context;
  private options: WallOptions;
  private look: Look;
  private specs: readonly StripSpec[] = [];
  private strips: Strip[] = [];
  /** Parts of the canvas that take turns, left to right. */
  private parts: Part[] = [];
  private turn = 0;
  /** How long the quickest pen takes for a pixel, ms. */
  private columnMs = 0;
  private readonly lostBeds = new Set<number>();
  private readonly stops: (() => void)[] = [];
  private stale = true;
  private width = 0;
  private height = 0;
  private frameAt = 0;
  private readonly epochMs = 0;

  constructor(canvas: HTMLCanvasElement, store: TraceStore, options: WallOptions) {
    const context = canvas.getContext("2d", { alpha: options.background === undefined });
    if (context === null) throw new Error("this browser gives no 2D canvas; traces cannot be drawn");
    this.canvas = canvas;
    this.context = context;
    this.store = store;
    this.options = options;
    this.look = this.lookOf(options);
    this.measure();
    const sizes = new ResizeObserver(() => this.outdate());
    sizes.observe(canvas);
    const outdate = (): void => this.outdate();
    window.addEventListener("resize", outdate);
    const wake = (): void => loop.wake();
    document.addEventListener("visibilitychange", wake);
    this.stops.push(
      () => sizes.disconnect(),
      () => window.removeEventListener("resize", outdate),
      () => document.removeEventListener("visibilitychange", wake),
      store.onData(wake),
      loop.add((now) => this.paint(now)),
    );
  }

  setStrips(specs: readonly StripSpec[]): void {
    const old = new Map(this.specs.map((spec) => [spec.key, spec]));
    const same = specs.filter((spec) => sameSpec(old.get(spec.key), spec)).length;
    this.specs = specs;
    if (same === specs.length && same === old.size) return;
    // A strip that went or moved leaves paint behind: then everything is painted anew, else only what is new.
    if (same < old.size || this.stale || specs.some((spec) => spec.grid !== undefined)) this.stale = true;
    else {
      const kept = new Map(this.strips.map((strip) => [strip.spec.key, strip]));
      this.strips = specs.map((spec) => kept.get(spec.key) ?? this.strip(spec));
      this.sort();
    }
    loop.wake();
  }

  setOptions(options: WallOptions): void {
    this.options = options;
    this.stale = true;
    loop.wake();
  }

  setLost(bed: number, lost: boolean): void {
    if (lost) this.lostBeds.add(bed);
    else this.lostBeds.delete(bed);
    loop.wake();
  }

  stripState(key: string): StripState | null {
    const strip = this.strips.find((s) => s.spec.key === key);
    if (strip === undefined) return null;
    if (strip.ring === null || strip.ring.isEmpty) return { state: "empty", low: null, high: null };
    return { state: strip.lost ? "lost" : "live", ...strip.scale.range };
  }

  dispose(): void {
    for (const stop of this.stops) stop();
  }

  private outdate(): void {
    if (this.measure() || this.look.dpr !== window.devicePixelRatio) this.stale = true;
    loop.wake();
  }

  private measure(): boolean {
    const { clientWidth, clientHeight } = this.canvas;
    const changed = clientWidth !== this.width || clientHeight !== this.height;
    this.width = clientWidth;
    this.height = clientHeight;
    return changed;
  }

  private strip(spec: StripSpec): Strip {
    const strip = new Strip(spec, this.look, this.context, this.epochMs);
    this.store.reserve(spec.bed, spec.metric, strip.spanMs + RING_EXTRA_MS);
    return strip;
  }

  /**
   * A browser without a graphics card paints anew, with all that lies over it, the one rectangle around everything that
   * changed. Where pens take longer than a frame for a pixel, neighbours therefore share a frame, and the others have the next.
   */
  private sort(): void {
    const places = [...new Set(this.strips.map((strip) => strip.spec.x))].sort((a, b) => a - b);
    const quickest = Math.max(0, ...this.strips.map((strip) => strip.axis.perMs));
    this.columnMs = quickest > 0 ? 1 / quickest : 0;
    const count = Math.max(1, Math.min(PARTS_MAX, places.length, Math.round(this.columnMs / FRAME_MS)));
    this.parts = Array.from({ length: count }, () => ({ strips: [], beds: new Set(), byColor: new Map() }));
    for (const strip of this.strips) {
      const part = this.parts[Math.floor((places.indexOf(strip.spec.x) * count) / places.length)];
      if (part === undefined) continue;
      part.strips.push(strip);
      part.beds.add(strip.spec.bed);
      const group = part.byColor.get(strip.spec.color);
      if (group === undefined) part.byColor.set(strip.spec.color, [strip]);
      else group.push(strip);
    }
  }

  /** Size, theme or the set of strips changed: the canvas is set up and painted within this one frame. */
  private rebuild(): void {
    this.stale = false;
    this.look = this.lookOf(this.options);
    const { canvas, context, look } = this;
    const width = Math.max(1, Math.round(this.width * look.dpr));
    const height = Math.max(1, Math.round(this.height * look.dpr));
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    if (look.background === null) context.clearRect(0, 0, width, height);
    else {
      context.fillStyle = look.background;
      context.fillRect(0, 0, width, height);
    }
    const scales = new Map(this.strips.map((strip) => [strip.spec.key, strip]));
    this.strips = this.specs.map((spec) => this.strip(spec));
    for (const strip of this.strips) {
      const old = scales.get(strip.spec.key);
      if (old !== undefined && sameScale(old.spec, strip.spec)) strip.follow(old);
    }
    this.sort();
    if (look.underlay !== null) this.paper(look.underlay, width, height);
  }

  private paper(underlay: HTMLCanvasElement, width: number, height: number): void {
    underlay.width = width;
    underlay.height = height;
    const context = underlay.getContext("2d");
    if (context === null) return;
    if (this.look.background !== null) {
      context.fillStyle = this.look.background;
      context.fillRect(0, 0, width, height);
    }
    for (const strip of this.strips) strip.paper(context);
    this.context.drawImage(underlay, 0, 0);
  }

  private lookOf(options: WallOptions): Look {
    const dpr = window.devicePixelRatio || 1;
    const grids = this.specs.some((spec) => spec.grid !== undefined);
    return {
      dpr,
      perMm: (options.pxPerMm ?? UNCALIBRATED_PX_PER_MM) * dpr,
      lineWidth: (options.lineWidth ?? 1.5) * dpr,
      erase: Math.round((options.erasePx ?? 14) * dpr),
      background: options.background ?? null,
      hatch: hatching(this.context, options.hatch ?? token("--wave-hatch", "gray", this.canvas), dpr),
      underlay: grids ? document.createElement("canvas") : null,
    };
  }

  private paint(now: number): boolean {
    const began = performance.now();
    if (this.look.dpr !== (window.devicePixelRatio || 1)) this.stale = true;
    if (now - this.frameAt > SLEPT_MS) this.store.skipDue();
    this.frameAt = now;
    const whole = this.stale;
    if (this.stale) this.rebuild();
    this.turn = (this.turn + 1) % this.parts.length;
    for (const [at, part] of this.parts.entries()) {
      if (!whole && at !== this.turn) continue;
      this.store.turn(part.beds);
      this.paintPart(part, now);
    }
    const more = this.strips.some((strip) => strip.dirty || !strip.isStill(strip.ring));
    if (this.strips.length > 0) this.store.framePainted(performance.now() - began);
    else this.store.nothingToPaint();
    return more;
  }

  private paintPart({ strips, byColor }: Part, now: number): void {
    for (const strip of strips) this.prepare(strip, now);
    for (const strip of strips) if (!strip.dirty) strip.clearFor(strip.target);
    this.stroke(byColor);
    const ended = performance.now();
    for (const { ring, walker } of strips) {
      ring?.painted(walker.drawn, (sentMs) => this.store.painted(sentMs, ended));
    }
  }

  /** Works out to which column a strip goes, and whether it is to be painted anew. */
  private prepare(strip: Strip, now: number): void {
    const { bed, metric } = strip.spec;
    const ring = this.store.ring(bed, metric);
    if (ring !== strip.ring || (ring !== null && ring.generation !== strip.generation)) {
      strip.ring = ring;
      strip.generation = ring?.generation ?? -1;
      strip.scale.reset();
      strip.looks = 0;
      strip.lookAt = 0;
      strip.dirty = true;
    }
    strip.target = strip.column;
    if (ring === null || ring.isEmpty) return;
    const playout = this.store.playout(bed);
    const head = playout.playhead(now, this.columnMs);
    const behind = head - ring.endMs;
    const lost = behind > (this.options.lostAfterMs ?? 1000) || (behind > 0 && this.lostBeds.has(bed));
    if (lost !== strip.lost) {
      if (!lost) playout.ranDry(now);
      strip.lost = lost;
      strip.dirty = true;
    }
    // With the column the playhead is in, as far as its samples are there: on a slow sweep a column lasts 40 ms, and the
    // wall would be later by so much if it were painted only when the playhead leaves it.
    const to = strip.columnAt(head) + (lost ? 0 : 1);
    if (to < strip.column || to - strip.column > strip.place.columns / 2) strip.dirty = true;
    if (now >= strip.lookAt && !lost) this.rescale(strip, now, head);
    // What stands still is not painted: a strip that is hatched all over.
    if (strip.dirty || !strip.isStill(ring)) strip.target = to;
  }

  private rescale(strip: Strip, now: number, head: number): void {
    const { ring } = strip;
    if (ring === null) return;
    strip.looks += 1;
    strip.lookAt = now + (strip.looks < LOOKS_FIRST ? LOOK_FIRST_MS : LOOK_MS);
    const extent = ring.extent(head - LOOK_BACK_MS);
    if (extent === null) return;
    const a = extent.min * ring.resolution + ring.offset;
    const b = extent.max * ring.resolution + ring.offset;
    if (strip.scale.look(Math.min(a, b), Math.max(a, b), ring.resolution)) strip.dirty = true;
  }

  private stroke(byColor: ReadonlyMap<string, readonly Strip[]>): void {
    const { context, look } = this;
    context.lineWidth = look.lineWidth;
    context.lineJoin = "round";
    context.lineCap = "round";
    for (const [color, strips] of byColor) {
      context.beginPath();
      for (const strip of strips) {
        if (strip.dirty) strip.repaint(strip.ring, strip.target);
        else if (strip.target >= strip.column && strip.ring !== null) strip.advance(strip.ring, strip.target);
      }
      context.strokeStyle = color;
      context.stroke();
    }
  }
}

function sameSpec(a: StripSpec | undefined, b: StripSpec): boolean {
  return a !== undefined && JSON.stringify(a) === JSON.stringify(b);
}

function sameScale(a: StripSpec, b: StripSpec): boolean {
  return (
    a.bed === b.bed &&
    a.metric === b.metric &&
    a.height === b.height &&
    JSON.stringify(a.scale) === JSON.stringify(b.scale)
  );
}

/** Slanted lines, 45 degrees, anchored to the canvas: pieces painted one after another fit without a seam. */
function hatching(context: Context, color: string, dpr: number): string | CanvasPattern {
  const size = Math.round(8 * dpr);
  const tile = document.createElement("canvas");
  tile.width = size;
  tile.height = size;
  const pen = tile.getContext("2d");
  if (pen === null) return color;
  pen.strokeStyle = color;
  pen.lineWidth = dpr;
  pen.beginPath();
  for (const shift of [-size, 0, size]) {
    pen.moveTo(shift - 1, size + 1);
    pen.lineTo(shift + size + 1, -1);
  }
  pen.stroke();
  return context.createPattern(tile, "repeat") ?? color;
}

/** Draws strips on a canvas. */
export function createWall(canvas: HTMLCanvasElement, traces: Traces, options: WallOptions = {}): Wall {
  if (!(traces instanceof TraceStore)) throw new Error("createWall needs the traces of createTraces");
  return new Painter(canvas, traces, options);
}
