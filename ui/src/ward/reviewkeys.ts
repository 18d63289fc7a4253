// The keys of a review. While it is open the keys that answer alerts answer nothing: an alert is answered on its card.

import type { KeyPress } from "./keys";
import type { Review } from "./review.svelte";

/** What a key may need beside the review. */
export interface KeyPlace {
  /** Opens the words of a mark of the palette. */
  mark(palette: number): void;
}

/** How far an arrow moves, in screens. */
const ARROW = 0.1;
const CLOSER = 0.5;

/** Keys that are the frame's own whatever is open. */
const FRAME = new Set(["Escape", "Enter", " ", "Tab", "?", "i", "I", "f", "F", "u", "U", "o", "O"]);

/** Whether the key was the review's; also a letter that would answer an alert on the wall is, and does nothing here. */
export function reviewKey(review: Review, press: KeyPress & { readonly shiftKey: boolean }, place: KeyPlace): boolean {
  if (press.altKey || press.metaKey) return false;
  const letter = press.key.length === 1 ? press.key.toLowerCase() : press.key;
  if (press.ctrlKey) return undoKey(review, letter, press.shiftKey);
  if (FRAME.has(press.key)) return false;
  if (/^[1-9]$/.test(press.key)) {
    place.mark(Number(press.key));
    return true;
  }
  switch (letter) {
    case "ArrowLeft":
      review.move(press.shiftKey ? -ARROW / 10 : -ARROW);
      return true;
    case "ArrowRight":
      review.move(press.shiftKey ? ARROW / 10 : ARROW);
      return true;
    case "PageUp":
      review.move(-1);
      return true;
    case "PageDown":
      review.move(1);
      return true;
    case "Home":
      review.move(-1e9);
      return true;
    case "End":
      review.move(1e9);
      return true;
    case "ArrowUp":
    case "ArrowDown":
      if (press.shiftKey) review.shift(letter === "ArrowUp" ? -1 : 1);
      else review.choose(letter === "ArrowUp" ? -1 : 1);
      return true;
    case "+":
    case "=":
      review.zoom(CLOSER);
      return true;
    case "-":
      review.zoom(1 / CLOSER);
      return true;
    case "0":
      review.look(review.bounds);
      return true;
    case ",":
    case "[":
      review.jump(-1);
      return true;
    case ".":
    case "]":
      review.jump(1);
      return true;
    default:
      return letterKey(review, letter, press.repeat);
  }
}

function undoKey(review: Review, letter: string, shift: boolean): boolean {
  if (letter === "z") void (shift ? review.redo() : review.undo());
  else if (letter === "y") void review.redo();
  else return false;
  return true;
}

function letterKey(review: Review, letter: string, repeat: boolean): boolean {
  if (repeat) return letter.length === 1;
  switch (letter) {
    case "c":
      caliperKey(review);
      return true;
    case "x":
      review.caliper = null;
      review.march = false;
      return true;
    case "m":
      review.march = !review.march;
      return true;
    case "h":
      if (review.chosen !== null) review.toggle(review.chosen);
      return true;
    case "b":
      review.compare();
      return true;
    case "g":
      review.replay.toggle();
      return true;
    case "Delete":
      deleteKey(review);
      return true;
    default:
      // Any other letter means something on the wall: here it means nothing.
      return letter.length === 1;
  }
}

/** Without a pointer: on the chosen lane, where the cursor is, else at a third and two thirds of what is seen. */
function caliperKey(review: Review): void {
  const lane = review.cursor?.lane ?? review.chosen ?? review.order[0];
  if (lane === undefined) return;
  const { span, caliper } = review;
  const second = caliper !== null && caliper.second === null;
  const at = review.cursor?.at ?? span.from + (span.to - span.from) * (second ? 2 / 3 : 1 / 3);
  void review.place(lane, at);
}

function deleteKey(review: Review): void {
  const id = /^mark-(\d+)$/.exec(review.selected ?? "")?.[1];
  if (id !== undefined) void review.unmark(Number(id));
}

/** Every key, for the page that lists them. */
export const REVIEW_KEYS: readonly (readonly [string, string])[] = [
  ["← →", "move; with Shift by a hundredth of what is seen"],
  ["Page Up, Page Down, Home, End", "a screen back or on; to the beginning, to the end"],
  ["+ −, wheel", "closer, farther; 0 shows all of it"],
  [", .", "the event before, the next event"],
  ["↑ ↓", "choose a lane; with Shift move it; H hides it"],
  ["C", "put a caliper point; X takes the caliper away, M marches it out"],
  ["1 to 9", "put a mark over the caliper, or where the pointer is; Delete takes the selected one away"],
  ["Ctrl Z, Ctrl Y", "take back the last change of the marks, do it again"],
  ["B", "compare two times side by side"],
  ["G", "replay as the ward saw it; again: hold"],
];
