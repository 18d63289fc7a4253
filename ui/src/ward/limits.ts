// Limits as a person types them.

/** A bound as typed: `null` when left empty, `undefined` when it is no number. A comma counts as a point. */
export function parseBound(text: string): number | null | undefined {
  const plain = text.trim().replace(",", ".").replace("−", "-");
  if (plain === "") return null;
  if (!/^-?\d+(\.\d+)?$/.test(plain)) return undefined;
  return Number(plain);
}

/** What is wrong with two bounds as typed, and what to do; empty when nothing is. The station checks again. */
export function checkLimits(low: string, high: string): string {
  const from = parseBound(low);
  const to = parseBound(high);
  if (from === undefined) return `"${low.trim()}" is not a number. Write the low limit in digits, like 50.`;
  if (to === undefined) return `"${high.trim()}" is not a number. Write the high limit in digits, like 120.`;
  if (from === null && to === null) return "Give at least one limit: a number without any limit would never alert.";
  if (from !== null && to !== null && from >= to) return `The low limit ${from} must be below the high limit ${to}.`;
  return "";
}
