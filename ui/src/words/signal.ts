// How an alert looks, as classes of style/base.css.

import type { AlertFact } from "../contract";
import { unseen } from "../ward/order";
import { alertColour } from "./params";

/** `flash-high` while nobody has seen it, `steady-high` after; empty without an alert. */
export function signalClass(alert: AlertFact | null): string {
  if (alert === null) return "";
  return `${unseen(alert) ? "flash" : "steady"}-${alertColour(alert.priority)}`;
}
