import { flushSync, mount, unmount } from "svelte";
import { expect, it, vi } from "vitest";

import { ScriptedBackend } from "./backend/scripted";
import type { AlertFact } from "./contract";
import Root from "./Root.svelte";
import type { Traces } from "./trace";
import { StationClock } from "./ward/clock";
import { Session } from "./ward/session.svelte";

// No canvas in this browser: what is painted is tested beside the painter.
vi.mock("./trace", async (original) => ({
  ...(await original<typeof import("./trace")>()),
  createWall: () => ({
    setStrips: vi.fn(),
    setLost: vi.fn(),
    setOptions: vi.fn(),
    dispose: vi.fn(),
    stripState: () => null,
  }),
}));

it("a part that fails takes the screen with it: it says so, and the pulse that is reported moves no more", async () => {
  vi.useFakeTimers();
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe = vi.fn();
      unobserve = vi.fn();
      disconnect = vi.fn();
    },
  );
  let now = 0;
  const backend = new ScriptedBackend({ beds: 2, scene: "calm" });
  const report = () => ({ frameSeq: 0, delaysMs: [], framesPerSecond: 60, mainMs: 2 });
  const traces = { take: vi.fn(), setClockOffset: vi.fn(), report, onTurn: vi.fn() } as unknown as Traces;
  const session = new Session(backend, traces, new StationClock(() => now));
  const onfault = vi.fn();
  const root = mount(Root, { target: document.body, props: { session, onfault } });
  const reports = vi.spyOn(backend, "report");
  const reported = async (): Promise<number> => {
    now += 1_000;
    backend.advance(1_000);
    flushSync();
    await vi.advanceTimersByTimeAsync(1_000);
    return reports.mock.calls.at(-1)?.[0].pulseSeq ?? Number.NaN;
  };
  await session.start();
  const first = await reported();
  const second = await reported();
  expect(second).toBeGreaterThan(first);
  // An alert that no part of the page can say.
  backend.say([{ fact: "alert", id: 1, bed: null, message: null } as unknown as { fact: "alert" } & AlertFact]);
  flushSync();
  expect(onfault).toHaveBeenCalledOnce();
  expect(document.body.textContent).toContain("This screen has stopped. Look at the patients.");
  expect(await reported()).toBe(await reported());
  expect(reports.mock.calls.at(-1)?.[0].pulseSeq).toBeLessThanOrEqual(second + 5);
  await unmount(root);
  vi.unstubAllGlobals();
});
