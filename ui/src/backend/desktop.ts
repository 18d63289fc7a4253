// The only file that knows the program's window.

import { Channel, invoke, isTauri } from "@tauri-apps/api/core";

import type { Command, EnvelopeAsk, Fact, Reply, ScreenReport } from "../contract";
import { type Backend, type Listener, Refused } from "./backend";

/** Whether the page runs inside the program rather than in a browser. */
export const insideProgram = isTauri;

/** The station in the same program. */
export class DesktopBackend implements Backend {
  async open(listener: Listener): Promise<void> {
    const frames = new Channel<ArrayBuffer>();
    const facts = new Channel<Fact[]>();
    frames.onmessage = (bytes) => listener.frame(bytes);
    facts.onmessage = (batch) => listener.facts(batch);
    await invoke("open_screen", { frames, facts }).catch(refuse);
  }

  async call(command: Command): Promise<Reply> {
    return await invoke<Reply>("call", { command }).catch(refuse);
  }

  async envelope(ask: EnvelopeAsk): Promise<ArrayBuffer> {
    return await invoke<ArrayBuffer>("envelope", { ask }).catch(refuse);
  }

  async report(report: ScreenReport): Promise<number> {
    const answer = await invoke<{ nowMs: number }>("screen_report", { report }).catch(refuse);
    return answer.nowMs;
  }
}

function refuse(thrown: unknown): never {
  throw Refused.from(thrown);
}
