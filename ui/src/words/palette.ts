// The palette of marks: keys 1 to 9.

/** What a mark of each key says by itself. */
export const PALETTE = [
  "Artefact",
  "Arrhythmia",
  "Desaturation",
  "Apnoea",
  "Pressure",
  "Procedure",
  "Drug given",
  "Position",
  "Look here",
] as const;

/** The word of a key. */
export function paletteWord(palette: number): string {
  return PALETTE[palette - 1] ?? "Mark";
}
