import { type FrameErrorCode } from "./types";

/** One wave block of a frame. `samples` is a view into the frame: nothing is copied. */
export interface WaveBlock {
  readonly bed: number;
  readonly metric: number;
  /** Something is missing between the block before and this one. */
  readonly gapBefore: boolean;
  /** Time of the first sample, station ms. */
  readonly startMs: number;
  /** When the station received it, station ms. */
  readonly receivedMs: number;
  /** Transit above the quickest message of that feed, ms. */
  readonly transitMs: number;
  /** value = sample * resolution + offset */
  readonly resolution: number;
  readonly offset: number;
  /** Time from a sample to the next, ms. */
  readonly msPerSample: number;
  readonly samples: Int16Array;
}

/** A whole frame. */
export interface Frame {
  readonly seq: number;
  /** The station's clock when it was made, ms. */
  readonly nowMs: number;
  readonly blocks: readonly WaveBlock[];
}

/** A frame that is not one. */
export class FrameError extends Error {
  readonly code: FrameErrorCode;

  constructor(code: FrameErrorCode, message: string) {
    super(message);
    this.name = "FrameError";
    this.code = code;
  }
}

const MAGIC = 0x31464c57; // "WLF1", little-endian
const FRAME_HEADER_BYTES = 24;
const BLOCK_HEADER_BYTES = 48;
const FLAG_GAP_BEFORE = 1;

/**
 * Reads a frame whole, or says what is wrong with it; nothing of a broken frame is used. Never throws.
 * The layout stands in `src-tauri/crates/contract/src/frame.rs`. Int16Array views have the machine's byte
 * order, which is little-endian on every machine that runs this program.
 */
export function decodeFrame(buffer: ArrayBuffer): Frame | FrameError {
  const total = buffer.byteLength;
  if (total < FRAME_HEADER_BYTES) {
    return new FrameError("too-short", `a wave frame has at least ${FRAME_HEADER_BYTES} bytes, this one ${total}`);
  }
  const view = new DataView(buffer);
  if (view.getUint32(0, true) !== MAGIC) {
    return new FrameError(
      "magic",
      `a wave frame starts with WLF1, this one with 0x${view.getUint32(0, false).toString(16)}`,
    );
  }
  const count = view.getUint16(16, true);
  const blocks: WaveBlock[] = [];
  let at = FRAME_HEADER_BYTES;
  for (let i = 0; i < count; i += 1) {
    if (at + BLOCK_HEADER_BYTES > total) return truncated(i, count, total);
    const samples = view.getUint16(at + 4, true);
    const end = at + BLOCK_HEADER_BYTES + ((samples * 2 + 7) & ~7);
    if (end > total) return truncated(i, count, total);
    const block = decodeBlock(buffer, view, at, samples);
    if (block instanceof FrameError) return block;
    blocks.push(block);
    at = end;
  }
  if (at !== total) {
    return new FrameError("trailing", `${total - at} bytes are left after the last of ${count} wave blocks`);
  }
  return { seq: view.getUint32(4, true), nowMs: view.getFloat64(8, true), blocks };
}

function decodeBlock(buffer: ArrayBuffer, view: DataView, at: number, samples: number): WaveBlock | FrameError {
  const rateSamples = view.getUint32(at + 36, true);
  const rateSeconds = view.getUint32(at + 40, true);
  const startMs = view.getFloat64(at + 8, true);
  if (rateSamples === 0 || rateSeconds === 0) {
    return new FrameError("rate", `a wave block says ${rateSamples} samples in ${rateSeconds} s`);
  }
  const receivedMs = view.getFloat64(at + 16, true);
  const transitMs = view.getFloat32(at + 24, true);
  if (!Number.isFinite(startMs + receivedMs + transitMs)) {
    return new FrameError("time", `a wave block has the times ${startMs}, ${receivedMs} and ${transitMs}`);
  }
  const resolution = view.getFloat32(at + 28, true);
  const offset = view.getFloat32(at + 32, true);
  if (!Number.isFinite(resolution + offset)) {
    return new FrameError("scale", `a wave block has the resolution ${resolution} and the offset ${offset}`);
  }
  return {
    bed: view.getUint16(at, true),
    metric: view.getUint8(at + 2),
    gapBefore: (view.getUint8(at + 3) & FLAG_GAP_BEFORE) !== 0,
    startMs,
    receivedMs,
    transitMs,
    resolution,
    offset,
    msPerSample: (1000 * rateSeconds) / rateSamples,
    samples: new Int16Array(buffer, at + BLOCK_HEADER_BYTES, samples),
  };
}

function truncated(block: number, count: number, total: number): FrameError {
  return new FrameError("truncated", `wave block ${block + 1} of ${count} goes over the frame's end at ${total} bytes`);
}
