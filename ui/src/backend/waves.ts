// Made-up waves and the frames that carry them (`contract/frame.rs` draws the layout).

/** One wave of a made-up bed. */
export interface Shape {
  readonly id: number;
  readonly metric: string;
  readonly label: string;
  readonly unit: string;
  readonly hertz: number;
  readonly resolution: number;
  /** Value at a phase of the beat (or breath) from 0 to 1. */
  at(phase: number): number;
}

/** A bell on the circle of phases: what leaves at the end of a beat comes in at its start. */
function bump(phase: number, centre: number, width: number, height: number): number {
  const apart = Math.abs(phase - centre) % 1;
  const distance = Math.min(apart, 1 - apart) / width;
  return height * Math.exp(-distance * distance);
}

function ecg(scale: number, t: number) {
  return (phase: number): number =>
    scale *
    (bump(phase, 0.18, 0.025, 0.14) -
      bump(phase, 0.275, 0.008, 0.13) +
      bump(phase, 0.3, 0.011, 1.15) -
      bump(phase, 0.327, 0.011, 0.26) +
      bump(phase, 0.54, 0.055, t));
}

/** The waves, in display order. */
export const SHAPES: readonly Shape[] = [
  { id: 66, metric: "ECG_II", label: "II", unit: "mV", hertz: 250, resolution: 0.005, at: ecg(1, 0.3) },
  {
    id: 80,
    metric: "PLETH",
    label: "Pleth",
    unit: "1",
    hertz: 125,
    resolution: 0.001,
    at: (phase) => bump(phase, 0.42, 0.1, 1) + bump(phase, 0.68, 0.16, 0.42),
  },
  {
    id: 81,
    metric: "RESP",
    label: "Resp",
    unit: "1",
    hertz: 62.5,
    resolution: 0.001,
    at: (phase) => 0.5 - 0.5 * Math.cos(2 * Math.PI * phase ** 0.85),
  },
  { id: 72, metric: "ECG_V5", label: "V5", unit: "mV", hertz: 250, resolution: 0.005, at: ecg(0.8, 0.42) },
];

/** One block on its way into a frame. */
export interface Block {
  readonly bed: number;
  readonly shape: Shape;
  readonly startMs: number;
  readonly receivedMs: number;
  readonly gapBefore: boolean;
  readonly samples: Int16Array;
}

const HEADER = 24;
const BLOCK_HEADER = 48;

/** Blocks as one frame, ready for the painter. */
export function frame(seq: number, nowMs: number, blocks: readonly Block[]): ArrayBuffer {
  const bytes = blocks.reduce((sum, block) => sum + BLOCK_HEADER + Math.ceil(block.samples.length / 4) * 8, HEADER);
  const view = new DataView(new ArrayBuffer(bytes));
  new Uint8Array(view.buffer).set([0x57, 0x4c, 0x46, 0x31]);
  view.setUint32(4, seq, true);
  view.setFloat64(8, nowMs, true);
  view.setUint16(16, blocks.length, true);
  let at = HEADER;
  for (const block of blocks) {
    view.setUint16(at, block.bed, true);
    view.setUint8(at + 2, block.shape.id);
    view.setUint8(at + 3, block.gapBefore ? 1 : 0);
    view.setUint16(at + 4, block.samples.length, true);
    view.setFloat64(at + 8, block.startMs, true);
    view.setFloat64(at + 16, block.receivedMs, true);
    view.setFloat32(at + 24, 2, true);
    view.setFloat32(at + 28, block.shape.resolution, true);
    view.setFloat32(at + 32, 0, true);
    view.setUint32(at + 36, block.shape.hertz * 2, true);
    view.setUint32(at + 40, 2, true);
    block.samples.forEach((sample, i) => view.setInt16(at + BLOCK_HEADER + 2 * i, sample, true));
    at += BLOCK_HEADER + Math.ceil(block.samples.length / 4) * 8;
  }
  return view.buffer as ArrayBuffer;
}
