import { flushSync, mount, unmount } from "svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import App from "./App.svelte";
import { type Scene, ScriptedBackend } from "./backend/scripted";
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

let now = 0;
let session: Session;
let backend: ScriptedBackend;
let app: Record<string, unknown>;

async function open(scene: Scene, beds = 16): Promise<void> {
  now = 0;
  backend = new ScriptedBackend({ beds, scene, startMs: 1_795_000_000_000 });
  const traces = { take: vi.fn(), setClockOffset: vi.fn(), report: vi.fn(), onTurn: vi.fn() } as unknown as Traces;
  session = new Session(backend, traces, new StationClock(() => now));
  app = mount(App, { target: document.body, props: { session } });
  await session.start();
  pass(1_000);
}

function pass(ms: number): void {
  now += ms;
  backend.advance(ms);
  session.ward.tick();
  flushSync();
}

function press(key: string, more: KeyboardEventInit = {}, target: EventTarget = document.body): void {
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));
  flushSync();
}

const find = (id: string): HTMLElement | null => document.querySelector(`[data-testid="${id}"]`);
const text = (id: string): string => find(id)?.textContent.replace(/\s+/g, " ").trim() ?? "(not there)";
const acknowledgements = () => backend.calls.filter((call) => call.do === "acknowledge");

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.setItem("wardlight.first-start-read", "1");
  // A wall of this size, since nothing is laid out here.
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(1576);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(976);
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe = vi.fn();
      unobserve = vi.fn();
      disconnect = vi.fn();
    },
  );
});

afterEach(async () => {
  await unmount(app);
  vi.unstubAllGlobals();
});

describe("the wall", () => {
  it("shows the pulse rate while there is no heart rate, and the heart rate when it is back", async () => {
    await open("ward");
    const bed = session.ward.bed(0);
    const hr = bed?.find("HR")?.fact;
    const pulse = bed?.find("PR")?.fact;
    if (hr == null || pulse == null) throw new Error("bed 1 has no HR or no PR");
    const say = (value: number | null): void => {
      session.take([
        { ...hr, fact: "numeric", value },
        { ...pulse, fact: "numeric", value: 77 },
      ]);
      flushSync();
    };
    const shown = (): string => text("tile-bed-01");
    say(null);
    expect(shown()).toMatch(/PR .*77/);
    expect(find("numeric-bed-01-HR")).toBeNull();
    say(64);
    expect(text("numeric-bed-01-HR")).toMatch(/64$/);
  });

  it("shows every bed with its numbers, limits and patient", async () => {
    await open("ward");
    expect(document.querySelectorAll('[data-testid^="tile-"]')).toHaveLength(16);
    expect(text("tile-bed-01")).toContain("DEMO, Bed 01");
    expect(text("numeric-bed-01-HR")).toMatch(/HR \/min 120 50 \d\d$/);
  });

  it("marks demonstration data in the header and over every wave, and has no way to hide it", async () => {
    await open("ward");
    expect(text("watermark-label")).toContain("DEMO");
    // One bed has lost its feed and shows no waves.
    expect(document.querySelectorAll('[data-testid="watermark"]')).toHaveLength(15);
    press("Enter");
    expect(document.querySelectorAll('[data-testid="watermark"]')).toHaveLength(4);
  });

  it("marks no real data", async () => {
    await open("real");
    expect(find("watermark-label")).toBeNull();
    expect(find("watermark")).toBeNull();
  });

  it("says in words why a bed has no data, and shows no number for it", async () => {
    await open("ward");
    expect(text("cause-bed-07")).toContain("Check the network cable");
    expect(text("numeric-bed-07-HR")).toMatch(/--$/);
    expect(find("numeric-bed-07-HR")?.dataset["state"]).toBe("gone");
  });

  it("says why one number is missing", async () => {
    await open("ward");
    expect(text("numeric-bed-12-SPO2")).toMatch(/^SpO₂ off .*--$/);
  });

  it("flashes what nobody has seen, and keeps the colour of what somebody has", async () => {
    await open("ward");
    expect(find("numeric-bed-06-HR")?.querySelector(".flash-high")).not.toBeNull();
    expect(find("numeric-bed-10-RR")?.querySelector(".steady-medium")).not.toBeNull();
    expect(find("tile-bed-12")?.querySelector(".banner.flash-low")).not.toBeNull();
  });
});

describe("a bad hour", () => {
  it("keeps every alert on the rail, worst first, and the count in its head", async () => {
    await open("busy", 64);
    const rows = [...document.querySelectorAll('[data-testid^="alert-"]')];
    expect(rows).toHaveLength(26);
    expect(text("rail")).toContain("25 to see");
    expect(rows[0]?.querySelector(".marks")?.textContent).toBe("***");
    expect(rows.at(-1)?.querySelector(".marks")?.textContent).toMatch(/^[*!]$/);
  });
});

describe("the keyboard", () => {
  it("acknowledges the worst alert with K and a name, and refuses a held key", async () => {
    await open("ward");
    press("k", { repeat: true });
    expect(find("dialog-sign-on")).toBeNull();
    press("k");
    const name = find("name") as HTMLInputElement;
    expect(document.activeElement).toBe(name);
    press("k", {}, name);
    name.value = "Nurse Ada";
    name.dispatchEvent(new Event("input", { bubbles: true }));
    flushSync();
    find("sign-on")?.click();
    await vi.advanceTimersByTimeAsync(0);
    flushSync();
    expect(acknowledgements()).toEqual([{ do: "acknowledge", alert: 1, version: 1, person: "Nurse Ada" }]);
    expect(text("alert-1")).toContain("Nurse Ada");
    expect(text("person")).toContain("Nurse Ada");
  });

  it("takes a held Enter on a button for one press", async () => {
    await open("ward");
    const button = find("acknowledge-2");
    const held = new KeyboardEvent("keydown", { key: "Enter", repeat: true, bubbles: true, cancelable: true });
    button?.dispatchEvent(held);
    expect(held.defaultPrevented).toBe(true);
  });

  it("acknowledges nothing while the station is lost", async () => {
    await open("ward");
    session.person = "Ada";
    now += 2_500;
    session.ward.tick();
    flushSync();
    press("k");
    expect(acknowledgements()).toEqual([]);
  });

  it("selects with the arrows, opens with Enter, goes back with Escape", async () => {
    await open("ward");
    press("ArrowDown");
    press("ArrowDown");
    expect(find("alert-2")?.getAttribute("aria-current")).toBe("true");
    press("Enter");
    expect(find("bed-bed-03")).not.toBeNull();
    expect(backend.calls.at(-1)).not.toBeUndefined();
    expect(backend.calls).toContainEqual({ do: "watch", beds: [2], waves: "all" });
    press("?");
    expect(find("dialog-help")).not.toBeNull();
    press("Escape");
    expect(find("dialog-help")).toBeNull();
    press("Escape");
    expect(find("wall")).not.toBeNull();
  });

  it("moves over the beds once one of them has the focus", async () => {
    await open("ward");
    const buttons = [...document.querySelectorAll<HTMLElement>("button.open")];
    buttons[0]?.focus();
    press("ArrowDown", {}, buttons[0]);
    expect(document.activeElement).toBe(buttons[4]);
    press("ArrowRight", {}, buttons[4]);
    expect(document.activeElement).toBe(buttons[5]);
    expect(find("alert-1")?.getAttribute("aria-current")).toBe("true");
  });
});

describe("a touch", () => {
  it("acknowledges only what stood still under it", async () => {
    await open("ward");
    session.person = "Ada";
    const button = find("acknowledge-2");
    const tap = (): void => {
      button?.dispatchEvent(new Event("pointerdown", { bubbles: true }));
      button?.dispatchEvent(new MouseEvent("click", { bubbles: true, detail: 1 }));
    };
    const alert = session.ward.rail.find((a) => a.id === 2);
    backend.say([{ fact: "alert", ...alert!, version: 2, worst: 80 }]);
    flushSync();
    tap();
    // A click without its touch is a ghost.
    pass(1_000);
    button?.dispatchEvent(new MouseEvent("click", { bubbles: true, detail: 1 }));
    expect(acknowledgements()).toEqual([]);
    tap();
    expect(acknowledgements()).toEqual([{ do: "acknowledge", alert: 2, version: 2, person: "Ada" }]);
  });

  it("shows a refusal at its alert", async () => {
    await open("ward");
    session.person = "Ada";
    session.refusals = { 2: "The alert changed while you looked at it." };
    flushSync();
    expect(text("alert-2")).toContain("Not acknowledged: The alert changed");
  });
});

describe("limits", () => {
  it("change with a reason and a name, and go back in one click", async () => {
    await open("ward");
    session.openBed(2);
    flushSync();
    find("limits-SPO2")?.click();
    flushSync();
    const save = find("limit-save") as HTMLButtonElement;
    const fill = (id: string, value: string): void => {
      const field = find(id) as HTMLInputElement;
      field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      flushSync();
    };
    fill("limit-low", "85");
    fill("limit-person", "Nurse Ada");
    expect(save.disabled).toBe(true);
    fill("limit-reason", "COPD");
    expect(save.disabled).toBe(false);
    fill("limit-high", "80");
    expect(text("limit-fault")).toContain("must be below");
    fill("limit-high", "");
    save.click();
    await vi.advanceTimersByTimeAsync(0);
    flushSync();
    expect(backend.calls).toContainEqual({
      do: "set-limits",
      bed: "bed-03",
      metric: "SPO2",
      low: 85,
      high: null,
      person: "Nurse Ada",
      reason: "COPD",
    });
    expect(find("dialog-limits")).toBeNull();
    find("limits-SPO2")?.click();
    flushSync();
    find("limit-restore")?.click();
    await vi.advanceTimersByTimeAsync(0);
    expect(backend.calls.at(-1)).toMatchObject({
      do: "restore-limits",
      bed: "bed-03",
      metric: "SPO2",
      person: "Nurse Ada",
    });
  });
});

describe("about", () => {
  it("plays each priority's sound on demand", async () => {
    await open("ward");
    press("i");
    expect(text("dialog-about")).toContain("supplementary display");
    find("test-sound-high")?.click();
    expect(backend.calls.at(-1)).toEqual({ do: "test-sound", priority: "high" });
  });
});

describe("when something is wrong", () => {
  it("an empty ward says how to add a bed", async () => {
    await open("empty");
    expect(find("nothing")?.dataset["kind"]).toBe("empty");
    expect(text("nothing")).toContain("station.toml");
  });

  it("a broken configuration shows its line and what to write", async () => {
    await open("config-error");
    expect(text("config-error")).toContain("Line 12");
  });

  it("a silent station covers the screen and tells what to do", async () => {
    await open("ward");
    expect(find("lost")).toBeNull();
    now += 2_100;
    session.ward.tick();
    flushSync();
    expect(text("lost")).toContain("Look at the patients");
    pass(200);
    expect(find("lost")).toBeNull();
  });

  it("no sound and a full disk stand on the strip", async () => {
    await open("trouble");
    expect(text("sound")).toContain("no sound card");
    expect(text("store")).toContain("disk is full");
  });

  it("the first start says what the screen is not", async () => {
    localStorage.clear();
    await open("ward");
    expect(text("first-start")).toContain("bedside alarms stay on");
    find("first-start-read")?.click();
    flushSync();
    expect(find("first-start")).toBeNull();
  });
});

describe("the strip", () => {
  it("counts live feeds and opens their list", async () => {
    await open("ward");
    expect(text("feeds-live")).toBe("15/16");
    find("strip")?.click();
    flushSync();
    expect(find("feed-6")?.dataset["state"]).toBe("lost");
    expect(text("feed-8")).toContain("sequence gap 3");
  });

  it("beats with the data path, not by itself", async () => {
    await open("ward");
    const before = find("heartbeat")?.dataset["pulse"];
    now += 1_000;
    session.ward.tick();
    flushSync();
    expect(find("heartbeat")?.dataset["pulse"]).toBe(before);
    pass(200);
    expect(find("heartbeat")?.dataset["pulse"]).not.toBe(before);
  });
});
