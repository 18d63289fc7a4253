import "./style/tokens.css";
import "./style/base.css";

import { mount } from "svelte";

import type { Backend } from "./backend/backend";
import { play } from "./backend/play";
import { ScriptedBackend } from "./backend/scripted";
import Root from "./Root.svelte";
import { lockPhases } from "./style/animations";
import { createTraces } from "./trace";
import { StationClock } from "./ward/clock";
import { Session } from "./ward/session.svelte";

/** Puts the screen up. */
export function start(backend: Backend): void {
  lockPhases(document);
  const session = new Session(backend, createTraces(), new StationClock(() => performance.now()));
  const target = document.getElementById("app");
  if (target === null) throw new Error("index.html has no #app");
  // Caught by the frame, it would never come to those who listen for errors.
  mount(Root, { target, props: { session, onfault: (thrown: unknown) => reportError(thrown) } });
  void session.start();
  if (backend instanceof ScriptedBackend) play(backend);
}
