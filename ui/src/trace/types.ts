// What the screens may know of the traces. Samples never touch reactivity: frame -> ring -> canvas.
//
//   const traces = createTraces();                       // once a page
//   backend.onFrame((buffer) => traces.take(buffer));    // never throws
//   const wall = createWall(canvas, traces, { background: "#000" });   // once a canvas
//   wall.setStrips([...]);                               // rectangles in CSS px of the canvas
//   report = traces.report();                            // once a second, for ScreenReport
//   wall.dispose();
//
// All of it is exported from `trace/index.ts`.

/** Times of the trace's time line: the station's clock, milliseconds since 1970. */
export type StationMs = number;
/** Times of the page: `performance.now()`. */
export type PageMs = number;

/** How samples become heights. */
export type ScaleSpec =
  /** Follows the signal, with hysteresis: the picture does not breathe. For pleth, respiration, pressures. */
  | { readonly mode: "auto"; /** Least range shown, in the metric's unit. */ readonly leastRange?: number }
  /** A fixed gain, for the ECG. Moves its zero line only when the signal would leave the strip. */
  | { readonly mode: "fixed"; /** Gain, mm a unit (10 mm/mV). */ readonly mmPerUnit: number }
  /** A fixed range from the strip's bottom to its top, in the metric's unit. */
  | { readonly mode: "range"; readonly low: number; readonly high: number };

/** Paper under a strip (bed screen). Such strips begin `CALIBRATION_MM` from the left, with a mark or without: times align. */
export interface GridSpec {
  /** Colour of the 1 mm lines. */
  readonly fine: string;
  /** Colour of the 5 mm lines. */
  readonly coarse: string;
  /** Colour of the 1 mV calibration mark; left out = no mark. */
  readonly calibration?: string;
}

/** One strip: where, what and how. */
export interface StripSpec {
  /** Stable name of the strip on this canvas. The same key with the same spec is not repainted. */
  readonly key: string;
  /** Bed index. */
  readonly bed: number;
  /** Metric number, as in frames (`WaveFact.id`). */
  readonly metric: number;
  /** Rectangle in CSS px from the canvas's top left. Overlays of the same rectangle fit over it exactly. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** A CSS colour, resolved (no `var()`): see `token()`. */
  readonly color: string;
  /** Sweep speed, mm/s (25, 12.5, 6.25, 50). */
  readonly mmPerS: number;
  readonly scale: ScaleSpec;
  readonly grid?: GridSpec;
}

/** How a canvas is drawn. */
export interface WallOptions {
  /** Opaque ground, a resolved CSS colour. Left out: the canvas is transparent (dearer: the browser blends it). */
  readonly background?: string;
  /** CSS px a mm; default 96 dpi (3.7795), which is not calibrated: say so beside a grid. */
  readonly pxPerMm?: number;
  /** Line width, CSS px; default 1.5. */
  readonly lineWidth?: number;
  /** Width of the moving gap between new and old trace, CSS px; default 14. */
  readonly erasePx?: number;
  /** Colour of the hatching where there are no data; default a quiet grey. */
  readonly hatch?: string;
  /** A strip without data for this long is hatched, ms; default 1,000. */
  readonly lostAfterMs?: number;
}

/** One canvas of strips. It follows the canvas's CSS size and the device pixel ratio by itself. */
export interface Wall {
  /** Replaces the set of strips. Repaints what changed from the rings, within one frame. */
  setStrips(strips: readonly StripSpec[]): void;
  /** Changes how it is drawn (theme, calibration); repaints. */
  setOptions(options: WallOptions): void;
  /** The feed of a bed is lost (or back): hatches at once instead of after `lostAfterMs`. */
  setLost(bed: number, lost: boolean): void;
  /** What a strip shows now, for an overlay; `null` for an unknown key. */
  stripState(key: string): StripState | null;
  /** Stops painting and observing. */
  dispose(): void;
}

/** For overlays: what a strip is showing. */
export interface StripState {
  /** `empty`: nothing came yet; `live`; `lost`: hatched. */
  readonly state: "empty" | "live" | "lost";
  /** Value at the bottom and at the top of the strip, in the metric's unit; `null` while empty. */
  readonly low: number | null;
  readonly high: number | null;
}

/** Why a frame was not taken. `FrameError.code` says it; `FrameError.message` is for people. */
export type FrameErrorCode = "too-short" | "magic" | "truncated" | "rate" | "time" | "scale" | "trailing";

/** What came of a frame. */
export type Taken =
  | { readonly ok: true; readonly seq: number }
  | { readonly ok: false; readonly error: Error & { readonly code: FrameErrorCode } };

/** What happened since the last report; the wave half of `ScreenReport`. */
export interface TraceReport {
  /** Newest frame painted. */
  frameSeq: number;
  /** Device sending (above the quickest transit) to first pixel, one a block, ms. */
  delaysMs: number[];
  /** Frames painted a second. */
  framesPerSecond: number;
  /** Main-thread ms a frame, mean. */
  mainMs: number;
}

/** The counters of a page's traces, since it opened. */
export interface TraceCounts {
  /** Frames taken. */
  frames: number;
  /** Frames refused: broken. */
  badFrames: number;
  /** Blocks refused: older than what is on screen. */
  droppedBlocks: number;
  /** Gaps seen. */
  gaps: number;
}

/** Rings and playheads of all beds; outlives screens. */
export interface Traces {
  /** Takes a binary frame; `arrivedAt` defaults to now. Never throws: a broken frame is counted and returned. */
  take(buffer: ArrayBuffer, arrivedAt?: PageMs): Taken;
  /** `station clock - performance.now()`, ms, from the smallest round trip. Until told, estimated from frames. */
  setClockOffset(offsetMs: number): void;
  /** What happened since the last call. */
  report(): TraceReport;
  /**
   * Tells before each frame of waves whose they are: what else changes of these beds is best changed now. A browser without
   * a graphics card paints the one rectangle around everything that changed. Returns the way to stop listening.
   */
  onTurn(listener: (beds: ReadonlySet<number>) => void): () => void;
  readonly counts: Readonly<TraceCounts>;
  /** Forgets all rings of a bed (another patient). */
  forget(bed: number): void;
}

/** CSS px a mm at 96 dpi: nobody measured this screen. */
export const UNCALIBRATED_PX_PER_MM = 96 / 25.4;
/** What the place of the calibration mark takes from the left of a strip with a grid, mm. */
export const CALIBRATION_MM = 7;
/** "No sample", in frames. */
export const NO_SAMPLE = -32768;
