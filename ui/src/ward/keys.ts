// What a key asks for. Pure: the screens carry it out.

/** What a person wants. */
export type KeyAction =
  | "up"
  | "down"
  | "left"
  | "right"
  | "acknowledge"
  | "accept"
  | "pause"
  | "escalate"
  | "decline"
  | "note"
  | "retire"
  | "seen"
  | "open"
  | "bed"
  | "back"
  | "check"
  | "day"
  | "assess"
  | "help"
  | "feeds"
  | "about"
  | "people"
  | "sign-out"
  | "first";

/** As much of a keyboard event as matters. */
export interface KeyPress {
  readonly key: string;
  readonly repeat: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

const ACTIONS: Record<string, KeyAction> = {
  ArrowUp: "up",
  ArrowDown: "down",
  ArrowLeft: "left",
  ArrowRight: "right",
  Home: "first",
  a: "accept",
  k: "acknowledge",
  p: "pause",
  e: "escalate",
  d: "decline",
  n: "note",
  r: "retire",
  s: "seen",
  Enter: "open",
  b: "bed",
  Escape: "back",
  c: "check",
  h: "day",
  w: "assess",
  "?": "help",
  f: "feeds",
  i: "about",
  u: "people",
  o: "sign-out",
};

/** Actions that a held key may go on doing: moving harms nobody. */
const MAY_REPEAT = new Set<KeyAction>(["up", "down", "left", "right"]);

/**
 * The action of a key, or `null`. A held key answers nothing; with Control, Alt or Meta the key belongs to somebody else.
 * While a person types (`typing`), only Escape is ours.
 */
export function keyAction(press: KeyPress, typing: boolean): KeyAction | null {
  if (press.ctrlKey || press.altKey || press.metaKey) return null;
  const action = ACTIONS[press.key.length === 1 ? press.key.toLowerCase() : press.key] ?? null;
  if (action === null) return null;
  if (press.repeat && !MAY_REPEAT.has(action)) return null;
  if (typing && action !== "back") return null;
  return action;
}

/** Every key, for the page that lists them. */
export const KEYS: readonly (readonly [string, string])[] = [
  ["↑ ↓", "select an alert on the rail"],
  ["Enter", "open the card of the selected alert, or the bed in focus"],
  ["A", "accept: you go. Again: you do not, after all"],
  ["K", "acknowledge: seen, silent until it is worse or its time is over"],
  ["P, then 1 2 3, then 4 to 7", "pause this number in this direction, for minutes, for a reason"],
  ["E", "escalate: call the next person"],
  ["D", "decline: you cannot go; it is passed on at once"],
  ["N", "write a note"],
  ["R, then R again", "the sensor was taken off on purpose"],
  ["B", "open the bed of the selected alert"],
  ["S", "all under “Recent” that stand on the screen are seen"],
  ["C", "this bed was looked over at the start of the shift"],
  ["H", "the history of this bed: its last 24 hours, and back from there"],
  ["W", "on a bed: consciousness and oxygen for NEWS2"],
  ["Tab, then ← ↑ ↓ →", "move over the beds"],
  ["Esc", "back: close what is open, then back to the wall"],
  ["F", "feeds: which are live, how late, what was refused"],
  ["U", "people who may sign in"],
  ["O", "sign out; what is done next asks who you are"],
  ["I", "about Wardlight"],
  ["?", "this page"],
];
