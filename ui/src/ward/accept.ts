// Who goes to an alert.

import type { AlertFact } from "../contract";

/** Whether `person` said that they go. */
export function isGoing(alert: Pick<AlertFact, "response" | "responder">, person: string | null): boolean {
  return person !== null && alert.response === "accepted" && alert.responder === person;
}

/** What A asks for: to go, or not after all. Somebody else's word is taken over, never taken back. */
export function acceptWord(alert: Pick<AlertFact, "response" | "responder">, person: string | null) {
  return isGoing(alert, person) ? ("undo-accept" as const) : ("accept" as const);
}
