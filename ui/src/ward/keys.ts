// What a key asks for. Pure: the screens carry it out.

/** What a person wants. */
export type KeyAction =
  | "up"
  | "down"
  | "left"
  | "right"
  | "acknowledge"
  | "open"
  | "back"
  | "help"
  | "feeds"
  | "about"
  | "sign-off"
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
  k: "acknowledge",
  Enter: "open",
  Escape: "back",
  "?": "help",
  f: "feeds",
  i: "about",
  o: "sign-off",
};

/** Actions that a held key may go on doing: moving harms nobody. */
const MAY_REPEAT = new Set<KeyAction>(["up", "down", "left", "right"]);

/**
 * The action of a key, or `null`. A held key acknowledges nothing; with Control, Alt or Meta the key belongs to somebody else.
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
  ["K", "acknowledge the selected alert, in your name"],
  ["Enter", "open the bed of the selected alert, or the bed in focus"],
  ["Tab, then ← ↑ ↓ →", "move over the beds"],
  ["Esc", "back: close what is open, then back to the wall"],
  ["F", "feeds: which are live, how late, what was refused"],
  ["O", "sign off: the next acknowledgement asks who you are"],
  ["I", "about Wardlight"],
  ["?", "this page"],
];
