// @vitest-environment node
import { describe, expect, it } from "vitest";

import { columnsFor, type Rect, wallLayout, waveRects } from "./geometry";

const WIDTH = 1576;
const HEIGHT = 976;
const COUNTS = Array.from({ length: 64 }, (_, at) => at + 1);

const overlap = (a: Rect, b: Rect): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

describe("a wall", () => {
  it.each(COUNTS)("of %d beds fits without scrolling, and no bed covers another", (count) => {
    const { tiles } = wallLayout(count, WIDTH, HEIGHT);
    expect(tiles).toHaveLength(count);
    tiles.forEach((tile, at) => {
      expect(tile.x).toBeGreaterThanOrEqual(0);
      expect(tile.x + tile.width).toBeLessThanOrEqual(WIDTH);
      expect(tile.y + tile.height).toBeLessThanOrEqual(HEIGHT);
      expect(tiles.slice(at + 1).some((other) => overlap(tile, other))).toBe(false);
    });
  });

  it.each(COUNTS)("of %d beds: rows of a tile and its waves stay inside it", (count) => {
    const { tiles, sizes } = wallLayout(count, WIDTH, HEIGHT);
    for (const tile of tiles) {
      expect(sizes.head + sizes.banner + sizes.rowBig + sizes.rowPair).toBeLessThan(tile.height);
      for (const wave of waveRects(tile, sizes, 2)) {
        expect(wave.width).toBeGreaterThan(60);
        expect(wave.height).toBeGreaterThan(30);
        expect(wave.x + wave.width + sizes.numbers).toBeLessThanOrEqual(tile.x + tile.width);
        expect(wave.y + wave.height).toBeLessThanOrEqual(tile.y + tile.height);
      }
    }
  });

  it.each(COUNTS)("of %d beds: the heart rate is the biggest number, with room for three digits", (count) => {
    const { sizes } = wallLayout(count, WIDTH, HEIGHT);
    expect(sizes.big).toBeGreaterThan(sizes.middle);
    expect(sizes.middle).toBeGreaterThan(sizes.small);
    expect(sizes.big).toBeGreaterThanOrEqual(30);
    expect(3 * 0.53 * sizes.big).toBeLessThan(sizes.numbers);
  });

  it("keeps its usual shapes", () => {
    expect([1, 4, 9, 16, 64].map((count) => columnsFor(count, WIDTH, HEIGHT))).toEqual([1, 2, 3, 4, 8]);
  });

  it("leaves a bed where it is whatever is written on it", () => {
    expect(wallLayout(16, WIDTH, HEIGHT)).toEqual(wallLayout(16, WIDTH, HEIGHT));
  });
});
