// Lets a made-up ward run in real time, in a browser.

import type { ScriptedBackend } from "./scripted";

/** As the station does: one batch every 33 ms. */
const STEP_MS = 33;
/** A hidden page gets no time; what it missed is not made up for beyond this. */
const CATCH_UP_MS = 1_000;

/** Advances the ward by the page's clock. Returns what stops it. */
export function play(ward: ScriptedBackend): () => void {
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    ward.advance(Math.min(CATCH_UP_MS, now - last));
    last = now;
  }, STEP_MS);
  return () => clearInterval(timer);
}
