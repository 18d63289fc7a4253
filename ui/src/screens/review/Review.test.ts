import { flushSync, mount, unmount } from "svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import App from "../../App.svelte";
import { ScriptedBackend } from "../../backend/scripted";
import type { Traces } from "../../trace";
import { lengthOf } from "../../trace/review";
import { StationClock } from "../../ward/clock";
import { Session } from "../../ward/session.svelte";
import type { Review } from "../../ward/review.svelte";

// No canvas in this browser: what is painted is tested beside the painter.
vi.mock("./fitted", () => ({ fitted: () => null }));
vi.mock("../../trace", async (original) => ({
  ...(await original<typeof import("../../trace")>()),
  createWall: () => ({
    setStrips: vi.fn(),
    setLost: vi.fn(),
    setOptions: vi.fn(),
    dispose: vi.fn(),
    stripState: () => null,
  }),
}));

let now = 0;
let session: Session;
let backend: ScriptedBackend;
let app: Record<string, unknown>;

const find = (id: string): HTMLElement | null => document.querySelector(`[data-testid="${id}"]`);
const text = (id: string): string => find(id)?.textContent.replace(/\s+/g, " ").trim() ?? "(not there)";
const answers = () => backend.calls.filter((call) => call.do === "answer");

function press(key: string, more: KeyboardEventInit = {}): void {
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));
  flushSync();
}

async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(50);
  flushSync();
}

function review(): Review {
  if (session.view.name !== "review") throw new Error("no review is open");
  return session.view.review;
}

async function open(signedIn: string | null = "DEMO Nurse"): Promise<void> {
  backend = new ScriptedBackend({ beds: 16, scene: "ward", startMs: 1_795_000_000_000, signedIn });
  const report = () => ({ frameSeq: 0, delaysMs: [], framesPerSecond: 60, mainMs: 2 });
  const traces = { take: vi.fn(), setClockOffset: vi.fn(), report, onTurn: vi.fn() } as unknown as Traces;
  session = new Session(backend, traces, new StationClock(() => now));
  app = mount(App, { target: document.body, props: { session } });
  await session.start();
  now += 1000;
  backend.advance(1000);
  session.ward.tick();
  flushSync();
}

async function openBed(signedIn: string | null = "DEMO Nurse"): Promise<void> {
  await open(signedIn);
  session.openBed(2);
  flushSync();
  press("h");
  await settle();
}

beforeEach(() => {
  now = 0;
  vi.useFakeTimers();
  localStorage.setItem("wardlight.first-start-read", "1");
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(1200);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(800);
  Element.prototype.scrollIntoView = vi.fn();
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe(): void {}
      unobserve(): void {}
      disconnect(): void {}
    },
  );
});

afterEach(() => {
  void unmount(app);
  document.body.innerHTML = "";
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("a review of a bed", () => {
  it("opens with H on the last day, names the patient twice over, and goes back with Escape", async () => {
    await openBed();
    expect(text("review-who")).toContain("Bed 3 DEMO, Bed 03 DEMO-0003");
    expect(lengthOf(review().span)).toBe(24 * 3_600_000);
    press("Escape");
    expect(find("review")).toBeNull();
    expect(find("bed-bed-03")).not.toBeNull();
  });

  it("answers no alert by a key, whatever is selected on the rail", async () => {
    await openBed();
    for (const key of ["k", "a", "e", "d", "p", "n", "r", "s"]) press(key);
    await settle();
    expect(answers()).toEqual([]);
    expect(session.dialog).toBeNull();
  });

  it("zooms and moves by keys, and jumps from event to event", async () => {
    await openBed();
    press("+");
    expect(lengthOf(review().span)).toBe(12 * 3_600_000);
    press("PageUp");
    press(".");
    expect(review().selected).not.toBeNull();
    const { moments } = review();
    review().selected = moments[0]?.key ?? null;
    press(".");
    expect(review().selected).toBe(moments[1]?.key);
    press("0");
    expect(review().span).toEqual(review().bounds);
  });

  it("reads a caliper in ms, in the unit and in beats a minute", async () => {
    await openBed();
    const { bounds, lanes } = review();
    const ecg = lanes.findIndex((lane) => lane.about.metric === "ECG_II");
    const middle = (bounds.from + bounds.to) / 2;
    await review().place(ecg, middle);
    await review().place(ecg, middle + 800);
    flushSync();
    expect(text("caliper")).toMatch(/800 ms · .*0\.\d\d mV · 75 bpm/);
  });

  it("marks by a key in the name of who is signed in, and takes back without end", async () => {
    await openBed();
    for (const key of ["2", "5", "9"]) {
      press(key);
      await settle();
    }
    expect(review().marks?.marks.map((m) => [m.palette, m.by])).toEqual([
      [2, "DEMO Nurse"],
      [5, "DEMO Nurse"],
      [9, "DEMO Nurse"],
    ]);
    for (let i = 0; i < 3; i += 1) {
      press("z", { ctrlKey: true });
      await settle();
    }
    expect(review().marks?.marks).toEqual([]);
    press("y", { ctrlKey: true });
    await settle();
    expect(review().marks?.marks.length).toBe(1);
  });

  it("moves and hides lanes by keys", async () => {
    await openBed();
    const [first, second] = review().order;
    press("ArrowDown");
    press("ArrowDown", { shiftKey: true });
    expect(review().order.slice(0, 2)).toEqual([second, first]);
    press("h");
    expect(review().order).not.toContain(first);
  });

  it("shows two times side by side, each with its own", async () => {
    await openBed();
    press("+");
    press("b");
    await settle();
    expect(find("review-board-1")).not.toBeNull();
    const before = review().spans[1];
    press("ArrowLeft");
    expect(review().spans[1]).toEqual(before);
    press("b");
    expect(find("review-board-1")).toBeNull();
  });

  it("replays, and says what the engine raised and what was recorded", async () => {
    await openBed();
    press("g");
    await settle();
    expect(text("replay-summary")).toContain("2 alerts of limits by the engine, 2 recorded; no difference");
    press("Escape");
    expect(review().replay.at).toBeNull();
  });
});

describe("a recorded file", () => {
  it("opens when the program is asked to, says that it is read-only, and wants an author for marks", async () => {
    await open(null);
    backend.say([{ fact: "review-asked", path: "/demo/night.wardlight" }]);
    await settle();
    expect(text("review-file")).toBe("READ-ONLY FILE · night.wardlight");
    expect(find("author")).not.toBeNull();
  });
});
