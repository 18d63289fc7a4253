import { describe, expect, it } from "vitest";
import { decodeFrame, type Frame, FrameError, type WaveBlock } from "./decode";
import { block, encode, seeded } from "./kit";

function randomBlocks(random: () => number): WaveBlock[] {
  return Array.from({ length: Math.floor(random() * 6) }, () =>
    block({
      bed: Math.floor(random() * 65536),
      metric: Math.floor(random() * 256),
      gapBefore: random() < 0.5,
      startMs: Math.floor(random() * 2e15) / 1000,
      receivedMs: Math.floor(random() * 2e15) / 1000,
      transitMs: Math.fround(random() * 100),
      resolution: Math.fround(random()),
      offset: Math.fround(random() * 10 - 5),
      msPerSample: [1, 2, 4, 8, 16][Math.floor(random() * 5)] as number,
      samples: Int16Array.from({ length: Math.floor(random() * 70) }, () => Math.floor(random() * 65536) - 32768),
    }),
  );
}

describe("decodeFrame", () => {
  it("reads what the station wrote, whatever it was", () => {
    const random = seeded(1);
    for (let i = 0; i < 300; i += 1) {
      const blocks = randomBlocks(random);
      const frame = decodeFrame(encode(i, i / 8, blocks));
      expect(frame).toEqual({ seq: i, nowMs: i / 8, blocks });
    }
  });

  it("gives views into the frame, not copies", () => {
    const buffer = encode(1, 0, [block({ startMs: 0, samples: Int16Array.of(1, 2, 3) })]);
    const frame = decodeFrame(buffer);
    expect(frame).not.toBeInstanceOf(FrameError);
    expect((frame as Frame).blocks[0]?.samples.buffer).toBe(buffer);
  });

  it("says what is wrong with every truncation and never throws", () => {
    const random = seeded(2);
    for (let i = 0; i < 15; i += 1) {
      const buffer = encode(i, 0, randomBlocks(random));
      for (let end = 0; end < buffer.byteLength; end += 1) {
        const frame = decodeFrame(buffer.slice(0, end));
        expect(frame).toBeInstanceOf(FrameError);
        expect(["too-short", "truncated"]).toContain((frame as FrameError).code);
      }
    }
  });

  it("never throws on noise, nor on a frame with a few bytes changed", () => {
    const random = seeded(3);
    for (let i = 0; i < 500; i += 1) {
      const bytes = new Uint8Array(encode(i, 0, randomBlocks(random)));
      for (let n = 0; n < 4; n += 1) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
      expect(() => decodeFrame(bytes.buffer)).not.toThrow();
    }
  });

  it("names the fault", () => {
    const good = encode(1, 0, [block({ startMs: 0, samples: Int16Array.of(1) })]);
    const changed = (at: number, value: number): unknown => {
      const copy = good.slice(0);
      new DataView(copy).setUint32(at, value, true);
      return (decodeFrame(copy) as FrameError).code;
    };
    expect(changed(0, 5)).toBe("magic");
    expect(changed(24 + 36, 0)).toBe("rate");
    expect(changed(24 + 12, 0x7ff00000)).toBe("time");
    expect(changed(24 + 28, 0x7fc00000)).toBe("scale");
    expect(changed(16, 0)).toBe("trailing");
  });
});
