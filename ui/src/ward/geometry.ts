// Where everything stands on the wall. Pure arithmetic: the painter gets its rectangles without measuring the page.

/** A rectangle in CSS px. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Sizes inside a tile, CSS px; the same for every tile of a wall. */
export interface TileSizes {
  /** Height of the line with bed and patient. */
  readonly head: number;
  /** Height of the line with the alert. */
  readonly banner: number;
  /** Width of the numbers, at the right. */
  readonly numbers: number;
  /** Width of the waves: the same in every tile, so that all pens turn at one moment. */
  readonly waves: number;
  /** Height of the heart rate's row. */
  readonly rowBig: number;
  /** Height of the row of SpO2 and RR. */
  readonly rowPair: number;
  /** Size of the heart rate. */
  readonly big: number;
  /** Size of SpO2 and RR. */
  readonly middle: number;
  /** Size of the pressure. */
  readonly small: number;
  /** Size of labels, units and limits. */
  readonly fine: number;
  /** Size of an alert's message. */
  readonly message: number;
  /** Size of the bed's label. */
  readonly title: number;
}

/** The whole wall. */
export interface WallLayout {
  readonly columns: number;
  readonly rows: number;
  readonly tiles: readonly Rect[];
  /** Waves a tile has room for. */
  readonly waves: number;
  readonly sizes: TileSizes;
}

/** Space between tiles. */
export const GAP = 4;
/** A tile's line, drawn inside it. */
export const EDGE = 2;
/** A wave as near to this shape as can be is the best: 0.4 s/mV reads well at about four times as wide as high. */
const SHAPE = 1.62;

/** Columns for so many beds: the tile nearest to `SHAPE`, with few empty places. */
export function columnsFor(count: number, width: number, height: number): number {
  let best = 1;
  let least = Number.POSITIVE_INFINITY;
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const shape = width / columns / (height / rows);
    const empty = (columns * rows - count) / (columns * rows);
    const cost = Math.abs(Math.log(shape / SHAPE)) + empty * 1.2;
    if (cost < least) {
      least = cost;
      best = columns;
    }
  }
  return best;
}

/** Lays `count` beds out in `width` x `height`. */
export function wallLayout(count: number, width: number, height: number): WallLayout {
  const columns = columnsFor(Math.max(1, count), width, height);
  const rows = Math.max(1, Math.ceil(count / columns));
  const tiles: Rect[] = [];
  for (let at = 0; at < count; at += 1) {
    const column = at % columns;
    const row = Math.floor(at / columns);
    // Whole pixels, the rest shared out: no hairlines between a tile and its wave.
    const x = edge(column, columns, width);
    const y = edge(row, rows, height);
    tiles.push({
      x,
      y,
      width: edge(column + 1, columns, width) - x - GAP,
      height: edge(row + 1, rows, height) - y - GAP,
    });
  }
  const tileWidth = Math.floor((width + GAP) / columns) - GAP;
  const tileHeight = Math.floor((height + GAP) / rows) - GAP;
  return { columns, rows, tiles, waves: 2, sizes: tileSizes(tileWidth, tileHeight) };
}

function edge(at: number, of: number, length: number): number {
  return Math.round((at * (length + GAP)) / of);
}

/** Width of a digit of the typeface, and height of one without the space around it, in parts of its size. */
const DIGIT = 0.56;
const DIGIT_HEIGHT = 0.88;

/** Whether tiles are so small that their limits stand above the numbers rather than beside them. */
export function isDense(fine: number): boolean {
  return fine < 12;
}

/** Sizes for a tile. What must be read from afar grows with the tile; what is read from near stops at a comfortable size. */
export function tileSizes(width: number, height: number): TileSizes {
  const fine = clamp(Math.round(height * 0.06), 10, 22);
  const dense = isDense(fine);
  const head = clamp(Math.round(height * 0.115), 16, 48);
  const banner = clamp(Math.round(height * 0.115), 16, 44);
  const numbers = Math.round(clamp(width * (width < 260 ? 0.55 : width < 600 ? 0.47 : 0.5), 96, 640));
  const inside = numbers - 1.6 * fine;
  const body = height - head - banner - 2 * EDGE;
  const rowBig = Math.round(body * 0.41);
  const rowPair = Math.round(body * (dense ? 0.42 : 0.4));
  // Three digits must fit, the heart rate's beside a column of limits: 300 /min and 100 % are real values.
  const bigWide = (inside - 3.2 * fine) / (3 * DIGIT);
  const middleWide = (inside / 2 - 0.3 * fine) / (3 * DIGIT);
  const smallWide = (inside - 5.2 * fine) / (9.5 * DIGIT);
  return {
    head,
    banner,
    numbers,
    waves: width - numbers - 2 * EDGE,
    rowBig,
    rowPair,
    fine,
    big: clamp(Math.floor(Math.min((rowBig - 0.3 * fine) / DIGIT_HEIGHT, bigWide)), 24, 300),
    middle: clamp(Math.floor(Math.min((rowPair - 1.3 * fine) / DIGIT_HEIGHT, middleWide)), 16, 160),
    small: clamp(Math.floor(Math.min((body - rowBig - rowPair) * 0.82, smallWide)), 12, 72),
    message: clamp(Math.round(banner * 0.72), 12, 28),
    title: clamp(Math.round(head * 0.72), 13, 32),
  };
}

/** Where the waves of a tile stand: at the left under head and banner, one over the other. */
export function waveRects(tile: Rect, sizes: TileSizes, count: number): Rect[] {
  const top = tile.y + EDGE + sizes.head + sizes.banner;
  const height = tile.y + tile.height - EDGE - top;
  const width = sizes.waves;
  const rects: Rect[] = [];
  for (let at = 0; at < count; at += 1) {
    const y = top + Math.round((at * height) / count);
    rects.push({ x: tile.x + EDGE, y, width, height: top + Math.round(((at + 1) * height) / count) - y });
  }
  return rects;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
