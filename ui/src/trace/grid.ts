import { type Scale } from "./scale";
import { type Context, type Look, type Place } from "./strip";
import { CALIBRATION_MM, type GridSpec, type StripSpec } from "./types";

/** Draws 1 mm and 5 mm paper, and the 1 mV mark of a strip with a fixed gain at its left. */
export function paintGrid(
  context: Context,
  grid: GridSpec,
  place: Place,
  look: Look,
  spec: StripSpec,
  scale: Scale,
): void {
  const { left, columns, top, height } = place;
  const middle = top + Math.round(height / 2);
  for (const [color, every] of [
    [grid.fine, 1],
    [grid.coarse, 5],
  ] as const) {
    const step = every * look.perMm;
    context.fillStyle = color;
    for (let i = 0; i * step <= columns; i += 1) context.fillRect(left + Math.round(i * step), top, 1, height);
    for (let i = -Math.floor((middle - top) / step); middle + Math.round(i * step) < top + height; i += 1) {
      context.fillRect(left, middle + Math.round(i * step), columns, 1);
    }
  }
  if (grid.calibration === undefined || spec.scale.mode !== "fixed") return;
  paintMark(context, grid.calibration, place, look, spec.scale.mmPerUnit, scale);
}

/** 1 mm of zero line, 3 mm of 1 mV, 1 mm of zero line. */
function paintMark(context: Context, color: string, place: Place, look: Look, mmPerUnit: number, scale: Scale): void {
  const { top, height, pad } = place;
  const { low, high } = scale.range;
  const zero = top + height - pad - (-low / (high - low)) * (height - 2 * pad);
  const one = zero - mmPerUnit * look.perMm;
  const x = place.left - (CALIBRATION_MM - 1) * look.perMm;
  context.strokeStyle = color;
  context.lineWidth = look.lineWidth;
  context.beginPath();
  context.moveTo(x, zero);
  context.lineTo(x + look.perMm, zero);
  context.lineTo(x + look.perMm, one);
  context.lineTo(x + 4 * look.perMm, one);
  context.lineTo(x + 4 * look.perMm, zero);
  context.lineTo(x + 5 * look.perMm, zero);
  context.stroke();
}
