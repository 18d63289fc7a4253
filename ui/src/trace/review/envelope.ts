// A lane between two times, as `contract/envelope.rs` draws its bytes.

/** Columns of bins that have a value, in order of time. */
export interface Envelope {
  readonly from: number;
  readonly to: number;
  /** Each bin is one sample. */
  readonly exact: boolean;
  readonly at: Float64Array;
  readonly width: Float32Array;
  readonly low: Float32Array;
  readonly high: Float32Array;
  readonly middle: Float32Array;
  /** Something is missing between the bin before and this one. */
  readonly gap: Uint8Array;
}

const MAGIC = 0x31454c57;
const HEADER = 32;

/** Reads an envelope; throws when the bytes are not one. */
export function decodeEnvelope(bytes: ArrayBuffer): Envelope {
  const view = new DataView(bytes);
  if (bytes.byteLength < HEADER || view.getUint32(0, true) !== MAGIC) throw new Error("this is no lane of a review");
  const count = view.getUint32(4, true);
  if (bytes.byteLength !== HEADER + count * 25) throw new Error("a lane of a review is not whole");
  const floats = (column: number): Float32Array => new Float32Array(bytes, HEADER + count * (8 + 4 * column), count);
  return {
    from: view.getFloat64(8, true),
    to: view.getFloat64(16, true),
    exact: (view.getUint32(24, true) & 1) === 1,
    at: new Float64Array(bytes, HEADER, count),
    width: floats(0),
    low: floats(1),
    high: floats(2),
    middle: floats(3),
    gap: new Uint8Array(bytes, HEADER + count * 24, count),
  };
}

/** The first bin that does not lie before `at`. */
export function firstFrom(at: number, column: Float64Array): number {
  let low = 0;
  let high = column.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((column[middle] ?? Infinity) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The sample nearest to a time: its place, or -1 without any. */
export function nearest(at: number, column: Float64Array): number {
  if (column.length === 0) return -1;
  const after = firstFrom(at, column);
  const before = after - 1;
  if (before < 0) return 0;
  if (after >= column.length) return before;
  return at - (column[before] ?? 0) <= (column[after] ?? 0) - at ? before : after;
}
