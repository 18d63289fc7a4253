// Worst first.

import type { AlertFact } from "../contract";

/** Greater is worse. A word this page does not know counts as the worst: better shown too high than too low. */
export function urgency(priority: string): number {
  return priority === "low" ? 1 : priority === "medium" ? 2 : 3;
}

const RUNGS: readonly string[] = ["first", "louder", "second", "charge"];

/** How far it has been passed on; a rung this page does not know counts as the last. */
export function rungOf(rung: string): number {
  const at = RUNGS.indexOf(rung);
  return at < 0 ? RUNGS.length : at;
}

/** Whether somebody still has to look: it sounds, or it is latched until seen. */
export function unseen(alert: AlertFact): boolean {
  return alert.signal === "on" || alert.signal === "latched";
}

/** Order of a bed's alerts: priority, then unacknowledged, then as on the rail. */
export function worstFirst(a: AlertFact, b: AlertFact): number {
  return urgency(b.priority) - urgency(a.priority) || railOrder(a, b);
}

/**
 * Order of the rail: what waits for somebody before what somebody has answered for, then priority, then how far it was passed
 * on, then the newest, then the later id: a total order, so rows never swap by chance.
 */
export function railOrder(a: AlertFact, b: AlertFact): number {
  return (
    Number(unseen(b)) - Number(unseen(a)) ||
    urgency(b.priority) - urgency(a.priority) ||
    rungOf(b.rung) - rungOf(a.rung) ||
    b.raisedMs - a.raisedMs ||
    b.id - a.id
  );
}
