// Worst first.

import type { AlertFact } from "../contract";

/** Greater is worse. A word this page does not know counts as the worst: better shown too high than too low. */
export function urgency(priority: string): number {
  return priority === "low" ? 1 : priority === "medium" ? 2 : 3;
}

/** Whether somebody still has to look: it sounds, or it is latched until seen. */
export function unseen(alert: AlertFact): boolean {
  return alert.signal === "on" || alert.signal === "latched";
}

/** Order of the rail: priority, then unacknowledged, then newest, then the later id: a total order, so rows never swap by chance. */
export function worstFirst(a: AlertFact, b: AlertFact): number {
  return (
    urgency(b.priority) - urgency(a.priority) ||
    Number(unseen(b)) - Number(unseen(a)) ||
    b.raisedMs - a.raisedMs ||
    b.id - a.id
  );
}
