// When a shift begins and ends, by the ward's clock.

/** Hours at which shifts change. */
export const SHIFTS_AT = [7, 19] as const;

/** The last change of shift at or before `nowMs`, ms. */
export function shiftBegan(nowMs: number): number {
  return changes(nowMs, [-1, 0])
    .filter((at) => at <= nowMs)
    .reduce((a, b) => Math.max(a, b));
}

/** The next change of shift after `nowMs`, ms. */
export function shiftEnds(nowMs: number): number {
  return changes(nowMs, [0, 1])
    .filter((at) => at > nowMs)
    .reduce((a, b) => Math.min(a, b));
}

/** Built from the calendar, not from hours: a night with a changed clock has 11 or 13 of them. */
function changes(nowMs: number, days: readonly number[]): number[] {
  const now = new Date(nowMs);
  return days.flatMap((day) =>
    SHIFTS_AT.map((hour) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + day, hour).getTime()),
  );
}

/** Whether a bed was looked over in the shift of now. */
export function checkedThisShift(fact: { readonly checkedMs: number | null }, nowMs: number): boolean {
  return fact.checkedMs !== null && fact.checkedMs >= shiftBegan(nowMs);
}
