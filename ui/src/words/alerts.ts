// How the state of an alert is said.

import type { AlertFact, PauseFact, ScoreFact } from "../contract";
import { unseen } from "../ward/order";
import { clock, countdown, limit, withoutMarks } from "./words";

/** Reasons of a pause that a gloved finger can pick. */
export const PAUSE_REASONS = ["suction", "turning", "washing", "probe moved"] as const;

/** The message without its marks and, for one that is over, without why it ended: that stands apart. */
export function bareMessage(alert: Pick<AlertFact, "message" | "text" | "over">): string {
  const message = withoutMarks(alert.message);
  const end = ` · ${alert.text ?? ""}`;
  return alert.over && alert.text !== null && message.endsWith(end) ? message.slice(0, -end.length) : message;
}

/** How far it has been passed on; empty while it has not. */
export function rungWords(alert: Pick<AlertFact, "rung" | "response">): string {
  const words: Record<string, string> = {
    first: "",
    louder: alert.response === "none" ? "sounds louder: nobody has answered" : "sounds louder",
    second: "passed on to the second",
    charge: "passed on to whoever is in charge",
  };
  return words[alert.rung] ?? `passed on: ${alert.rung}`;
}

/** Who goes or cannot; empty when nobody has said. */
export function responseWords(alert: Pick<AlertFact, "response" | "responder">): string {
  if (alert.response === "accepted") return `${alert.responder ?? "Somebody"} goes`;
  if (alert.response === "declined") return `${alert.responder ?? "Somebody"} cannot go`;
  return "";
}

/** Who answers for the silence, and until when; empty when it sounds. */
export function silenceWords(alert: Pick<AlertFact, "signal" | "owner" | "realertMs">, nowMs: number): string {
  const { signal, owner, realertMs } = alert;
  if (signal !== "acknowledged" && signal !== "paused") return "";
  const who = `${signal === "paused" ? "Paused" : "Seen"} by ${owner ?? "somebody"}`;
  if (realertMs === null) return who;
  return `${who}, ${signal === "paused" ? "heard" : "sounds"} again in ${countdown(realertMs - nowMs)}`;
}

/** How many wait for somebody; else who has been seen to. A paused one was silenced beforehand: nobody has seen it. */
export function countWords(alerts: readonly AlertFact[]): string {
  const waiting = alerts.filter(unseen).length;
  const paused = alerts.filter(({ signal }) => signal === "paused").length;
  if (alerts.length === 0) return "none";
  const silent = paused === 0 ? "" : `, ${paused} paused`;
  if (waiting > 0) return `${waiting} to see${silent}`;
  return paused === 0 ? `${alerts.length}, all seen` : `${alerts.length - paused} seen${silent}`;
}

/** The direction of a limit, as a sign and in words. */
export function sideWords(side: string): string {
  return side === "low" ? "▼ low" : "▲ high";
}

/** A pause as a sign beside its number: `▼1:27`. */
export function pauseSign(pause: Pick<PauseFact, "side" | "untilMs">, nowMs: number): string {
  return `${pause.side === "low" ? "▼" : "▲"}${countdown(pause.untilMs - nowMs)}`;
}

/** A pause, shortly: `RR ▼ low silent 1:35`. */
export function pauseWords(pause: Pick<PauseFact, "label" | "side" | "untilMs">, nowMs: number): string {
  return `${pause.label} ${sideWords(pause.side)} silent ${countdown(pause.untilMs - nowMs)}`;
}

/** Until when a change holds. */
export function untilWords(untilMs: number | null): string {
  return untilMs === null ? "for the whole stay" : `until ${clock(untilMs)}`;
}

/** Worst value and limit, each by its name. */
export function worstWords(alert: Pick<AlertFact, "worst" | "limit" | "side">): string {
  if (alert.worst === null) return "";
  const bound = alert.limit === null ? "" : `, limit ${limit(alert.limit)}`;
  return `worst ${limit(alert.worst)}${bound}`;
}

/** Whether a person can say that its sensor was taken off on purpose. */
export function mayRetire(alert: AlertFact, hasValue: boolean): boolean {
  if (alert.metric === null) return false;
  if (["stale", "sensor-off", "invalid-value"].includes(alert.cause)) return true;
  return alert.cause === "limit" && !hasValue;
}

/** Whether it is about one direction of one number, which is what can be paused. */
export function mayPause(alert: AlertFact): boolean {
  return alert.bed !== null && alert.metric !== null && alert.side !== null && !alert.over;
}

/** What a score asks for (NEWS2 chart). */
export function scoreWords(score: ScoreFact): string {
  if (score.total === null) {
    const missing = score.parts.filter((part) => part.points === null).map((part) => part.label);
    return missing.length === 0 ? "incomplete" : `incomplete: ${missing.join(", ")} missing`;
  }
  if (score.total >= 7) return "emergency: 7 or more";
  const three = score.parts.find((part) => part.points === 3);
  if (score.total >= 5) return "urgent: 5 or more";
  if (three !== undefined) return `urgent: ${three.label} alone scores 3`;
  return "below 5, no single 3";
}

/** How urgent a score is, for its frame. */
export function scoreLevel(score: ScoreFact): "emergency" | "urgent" | "quiet" | "incomplete" {
  if (score.total === null) return "incomplete";
  if (score.total >= 7) return "emergency";
  return score.total >= 5 || score.parts.some((part) => part.points === 3) ? "urgent" : "quiet";
}

/** A role, as a person says it. */
export function roleWords(role: string): string {
  const words: Record<string, string> = {
    charge: "in charge",
    nurse: "nurse",
    clinician: "clinician",
    engineer: "engineer",
  };
  return words[role] ?? role;
}
