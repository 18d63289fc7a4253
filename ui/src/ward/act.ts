// Carries out what a key asks for.

import type { AlertFact } from "../contract";
import { mayPause, mayRetire } from "../words/alerts";
import { acceptWord } from "./accept";
import type { Bed } from "./bed.svelte";
import type { KeyAction } from "./keys";
import { unseen } from "./order";
import { recentShown } from "./recent";
import type { CardForm, Session } from "./session.svelte";

/** Keys that go on while a card is open; everything else waits until what is open is closed. */
const ON_CARD = new Set<KeyAction>([
  "accept",
  "acknowledge",
  "pause",
  "escalate",
  "decline",
  "note",
  "retire",
  "bed",
  "seen",
]);

/** Keys that answer an alert, or open what does. */
const ANSWERS = new Set<KeyAction>(["acknowledge", "accept", "escalate", "decline", "retire", "pause", "note"]);

/** Whether the key was ours. */
export function act(session: Session, action: KeyAction): boolean {
  if (action === "back") {
    session.back();
    return true;
  }
  const { dialog } = session;
  // Up and down go on over the rail with the card following.
  const moving = action === "up" || action === "down";
  if (session.signIn.open) return false;
  if (dialog !== null && dialog.name !== "card") return false;
  if (dialog !== null && dialog.form !== null) return false;
  if (dialog !== null && !moving && !ON_CARD.has(action)) return false;
  if (moving) {
    session.select(action === "up" ? -1 : 1);
    const selected = session.selectedAlert;
    if (dialog !== null && selected !== null) session.openCard(selected.id);
    return true;
  }
  if (dialog === null && ANSWERS.has(action)) {
    if (turned(session)) return true;
    // What was said about the key before is done with.
    session.refusal = "";
  }
  const alert = dialog === null ? session.selectedAlert : session.ward.alert(dialog.alert);
  if (alert !== null && answer(session, action, alert)) return true;
  return elsewhere(session, action);
}

/**
 * Whether the selected alert is of another bed than the one the person looks at: then the key answers nothing, and the
 * selection comes to the bed in view.
 */
function turned(session: Session): boolean {
  const bed = inView(session);
  if (bed === null || session.selectedAlert === null || session.selectedAlert.bed === bed.index) return false;
  const { label } = bed.fact;
  session.refusal = session.lookAt(bed.index)
    ? `Nothing was answered: the alert of ${label} is selected now. Press again to answer it.`
    : `Nothing was answered: ${label} has no alert. Open the card of the alert you mean.`;
  return true;
}

function answer(session: Session, action: KeyAction, alert: AlertFact): boolean {
  const standing = !alert.over && alert.presence !== "cleared";
  const say = (word: Parameters<Session["answer"]>[1]): true => {
    void session.answer(alert, word, "key");
    return true;
  };
  switch (action) {
    case "acknowledge":
      return !alert.over && (unseen(alert) || alert.signal === "paused") ? say("acknowledge") : true;
    case "accept":
      return standing ? say(acceptWord(alert, session.person?.name ?? null)) : true;
    case "escalate":
      return standing ? say("escalate") : true;
    case "decline":
      return standing ? say("decline") : true;
    case "retire":
      return openForm(session, alert, "retire", standing && mayRetire(alert, measured(session, alert)));
    case "pause":
      return openForm(session, alert, "pause", standing && mayPause(alert));
    case "note":
      return openForm(session, alert, "note", alert.bed !== null);
    case "open":
      session.openCard(alert.id);
      return true;
    case "bed":
      if (alert.bed !== null) session.openBed(alert.bed);
      return true;
    default:
      return false;
  }
}

function openForm(session: Session, alert: AlertFact, form: CardForm, may: boolean): boolean {
  if (may && (alert.over || session.mayOpen(alert, "key"))) session.openCard(alert.id, form);
  return true;
}

function measured(session: Session, alert: AlertFact): boolean {
  if (alert.bed === null || alert.metric === null) return false;
  const cell = session.ward.bed(alert.bed)?.find(alert.metric) ?? null;
  return cell?.fact?.value != null && cell.freshness !== "gone";
}

function elsewhere(session: Session, action: KeyAction): boolean {
  const { view, ward } = session;
  switch (action) {
    case "first":
      session.selected = ward.rail[0]?.id ?? null;
      return true;
    case "seen":
      void session.seen(recentShown(ward.recent).map((alert) => alert.id));
      return true;
    case "check":
      return checkBed(session);
    case "day":
      return openDay(session);
    case "assess":
      if (view.name !== "bed" || ward.bed(view.bed)?.score?.applies !== true) return false;
      session.dialog = { name: "assess", bed: view.bed };
      return true;
    case "help":
    case "feeds":
    case "about":
      session.dialog = { name: action };
      return true;
    case "people":
      return openPeople(session);
    case "sign-out":
      session.signInOrOut();
      return true;
    default:
      return false;
  }
}

function openDay(session: Session): boolean {
  const bed = inView(session)?.index ?? session.selectedAlert?.bed ?? null;
  if (bed === null) session.refusal = "History: open a bed, or move to it with Tab and the arrows, then press H.";
  else session.openDay(bed);
  return true;
}

function openPeople(session: Session): boolean {
  const role = session.person?.role;
  if (session.person === null) session.signIn.show();
  else if (role === "charge" || role === "engineer") session.dialog = { name: "people" };
  else session.refusal = "People: only whoever is in charge, or an engineer, says who may sign in.";
  return true;
}

/** The bed that is open, or the one in focus on the wall. */
function inView(session: Session): Bed | null {
  const { view, ward } = session;
  if (view.name === "bed") return ward.bed(view.bed);
  const tile = document.activeElement?.closest<HTMLElement>('[data-testid^="tile-"]')?.dataset["testid"];
  return ward.beds.find(({ fact }) => `tile-${fact.id}` === tile) ?? null;
}

function checkBed(session: Session): boolean {
  const bed = inView(session);
  if (bed === null) session.refusal = "Check a bed: open it, or move to it with Tab and the arrows, then press C.";
  else void session.wish({ do: "check-bed", bed: bed.fact.id }, `${bed.fact.label} checked`);
  return true;
}
