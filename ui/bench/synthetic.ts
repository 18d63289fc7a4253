// Frames like the station's, made in the page: an ECG at 250/s and a pleth at 125/s a bed, four messages a second,
// beds staggered, one frame each 33 ms.

const BLOCK_MS = 250;

interface Wave {
  readonly metric: number;
  readonly rate: number;
  readonly resolution: number;
  readonly offset: number;
  readonly at: (seconds: number, bed: number) => number;
}

const bump = (x: number, centre: number, width: number): number => Math.exp(-(((x - centre) / width) ** 2));

function beat(seconds: number, bed: number): number {
  const period = 0.62 + (bed % 9) * 0.06;
  return (seconds / period) % 1;
}

const WAVES: readonly Wave[] = [
  {
    metric: 66,
    rate: 250,
    resolution: 0.005,
    offset: 0,
    at: (s, bed) => {
      const x = beat(s, bed);
      return (
        0.12 * bump(x, 0.2, 0.03) -
        0.12 * bump(x, 0.335, 0.009) +
        1.2 * bump(x, 0.355, 0.011) -
        0.25 * bump(x, 0.378, 0.01) +
        0.28 * bump(x, 0.62, 0.06) +
        0.01 * Math.sin(s * 311)
      );
    },
  },
  {
    metric: 80,
    rate: 125,
    resolution: 0.01,
    offset: 50,
    at: (s, bed) => {
      const x = beat(s + 0.2, bed);
      return 50 + 20 * (bump(x, 0.3, 0.14) + 0.4 * bump(x, 0.6, 0.13)) + Math.sin(s * 1.5);
    },
  },
  {
    metric: 81,
    rate: 62.5,
    resolution: 0.01,
    offset: 0,
    at: (s, bed) => Math.sin(s * (1.3 + (bed % 5) * 0.1)),
  },
];

/** What a bed misses, for looking at gaps: pieces of time (s, from the start) without data. */
export type Silence = (bed: number, metric: number, seconds: number) => boolean;

/** Makes one frame of all blocks that are complete at `now`. */
export class Station {
  private readonly sent: number[] = [];
  private seq = 0;
  private readonly beds: number;
  private readonly waves: number;
  private readonly startMs: number;
  private readonly silence: Silence;
  /** Station clock less page clock. */
  readonly offset = 1_790_000_000_000;

  constructor(beds: number, waves: number, now: number, silence: Silence = () => false) {
    this.beds = beds;
    this.waves = waves;
    this.startMs = now;
    this.silence = silence;
    for (let bed = 0; bed < beds; bed += 1) this.sent.push(now - (bed * BLOCK_MS) / beds);
  }

  frame(now: number, historyMs = 0): ArrayBuffer | null {
    const parts: ArrayBuffer[] = [];
    for (let bed = 0; bed < this.beds; bed += 1) {
      if (historyMs > 0) this.sent[bed] = (this.sent[bed] as number) - historyMs;
      while ((this.sent[bed] as number) + BLOCK_MS <= now) {
        const start = this.sent[bed] as number;
        for (const wave of WAVES.slice(0, this.waves)) {
          const block = this.block(bed, wave, start);
          if (block !== null) parts.push(block);
        }
        this.sent[bed] = start + BLOCK_MS;
      }
    }
    return parts.length === 0 ? null : this.join(parts, now);
  }

  private readonly quiet = new Set<number>();

  private block(bed: number, wave: Wave, start: number): ArrayBuffer | null {
    const key = bed * 256 + wave.metric;
    if (this.silence(bed, wave.metric, (start - this.startMs) / 1000)) {
      this.quiet.add(key);
      return null;
    }
    // Whole samples on the wave's own grid: a block ends where the next begins.
    const first = Math.ceil((start * wave.rate) / 1000);
    const last = Math.ceil(((start + BLOCK_MS) * wave.rate) / 1000);
    const count = last - first;
    const buffer = new ArrayBuffer(48 + ((count * 2 + 7) & ~7));
    const view = new DataView(buffer);
    view.setUint16(0, bed, true);
    view.setUint8(2, wave.metric);
    view.setUint8(3, this.quiet.delete(key) ? 1 : 0);
    view.setUint16(4, count, true);
    view.setFloat64(8, (first * 1000) / wave.rate + this.offset, true);
    view.setFloat64(16, start + BLOCK_MS + this.offset, true);
    view.setFloat32(28, wave.resolution, true);
    view.setFloat32(32, wave.offset, true);
    view.setUint32(36, wave.rate * 2, true);
    view.setUint32(40, 2, true);
    const samples = new Int16Array(buffer, 48, count);
    for (let i = 0; i < count; i += 1) {
      samples[i] = Math.round((wave.at((first + i) / wave.rate, bed) - wave.offset) / wave.resolution);
    }
    return buffer;
  }

  private join(parts: readonly ArrayBuffer[], now: number): ArrayBuffer {
    const buffer = new ArrayBuffer(24 + parts.reduce((sum, part) => sum + part.byteLength, 0));
    const view = new DataView(buffer);
    this.seq += 1;
    view.setUint32(0, 0x31464c57, true);
    view.setUint32(4, this.seq, true);
    view.setFloat64(8, now + this.offset, true);
    view.setUint16(16, parts.length, true);
    let at = 24;
    for (const part of parts) {
      new Uint8Array(buffer, at).set(new Uint8Array(part));
      at += part.byteLength;
    }
    return buffer;
  }
}
