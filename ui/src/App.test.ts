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

async function open(scene: Scene, beds = 16, signedIn: string | null = null): Promise<void> {
  now = 0;
  backend = new ScriptedBackend({ beds, scene, startMs: 1_795_000_000_000, signedIn });
  const report = () => ({ frameSeq: 0, delaysMs: [], framesPerSecond: 60, mainMs: 2 });
  const traces = { take: vi.fn(), setClockOffset: vi.fn(), report, onTurn: vi.fn() } as unknown as Traces;
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
const pauses = () => backend.calls.filter((call) => call.do === "pause");
const answers = () => backend.calls.filter((call) => call.do === "answer");
const settle = async (): Promise<void> => {
  await vi.advanceTimersByTimeAsync(0);
  flushSync();
};

function fill(id: string, value: string): void {
  const field = find(id) as HTMLInputElement;
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  flushSync();
}

/** A touch: pointer down, then the click. */
function touch(id: string): void {
  find(id)?.dispatchEvent(new Event("pointerdown", { bubbles: true }));
  find(id)?.dispatchEvent(new MouseEvent("click", { bubbles: true, detail: 1 }));
  flushSync();
}

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
    press("b");
    expect(document.querySelectorAll('[data-testid="watermark"]')).toHaveLength(4);
    press("Enter");
    expect(find("card")?.querySelector('[data-testid="watermark"]')).not.toBeNull();
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

  it("shows a silent direction beside its number, for how long, and the score of a bed that has one", async () => {
    await open("ward");
    expect(text("numeric-bed-09-RR")).toMatch(/▼1:3\d/);
    expect(find("numeric-bed-09-RR")?.querySelector('[aria-label="silent"]')).not.toBeNull();
    pass(95_000);
    expect(text("numeric-bed-09-RR")).not.toContain("▼");
    expect(text("score-bed-05")).toMatch(/^NEWS2 \d+$/);
    expect(text("score-bed-01")).toBe("NEWS2 --");
    // A child: no score.
    expect(find("score-bed-13")).toBeNull();
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
    expect(rows).toHaveLength(27);
    expect(text("rail")).toContain("25 to see");
    expect(rows[0]?.querySelector(".marks")?.textContent).toBe("***");
    // What waits for nobody stands below all that waits, however urgent it is.
    expect(rows[24]?.querySelector(".marks")?.textContent).toMatch(/^[*!]$/);
    expect(rows.slice(25).map((row) => row.getAttribute("data-signal"))).toEqual(["paused", "acknowledged"]);
  });
});

describe("the keyboard", () => {
  it("acknowledges the worst alert with K, asks name and PIN once, and refuses a held key", async () => {
    await open("ward");
    press("k", { repeat: true });
    await settle();
    expect(find("dialog-sign-in")).toBeNull();
    press("k");
    await settle();
    expect(text("dialog-sign-in")).toContain("HR 141 > 120");
    expect(text("demo-pin")).toContain("0000");
    const who = find("who") as HTMLInputElement;
    expect(document.activeElement).toBe(who);
    fill("who", "clin");
    expect([...document.querySelectorAll('[data-testid^="who-"]')]).toHaveLength(1);
    fill("who", "demo");
    press("ArrowDown", {}, who);
    press("ArrowUp", {}, who);
    press("Enter", {}, who);
    const pin = find("pin") as HTMLInputElement;
    expect(document.activeElement).toBe(pin);
    fill("pin", "12x34");
    press("Enter", {}, pin);
    await settle();
    expect(text("sign-in-failure")).toContain("do not fit");
    fill("pin", "0000");
    press("Enter", {}, find("pin")!);
    await settle();
    expect(find("dialog-sign-in")).toBeNull();
    const answer = { do: "answer", alert: 1, version: 1, answer: "acknowledge" };
    expect(answers()).toEqual([answer, answer]);
    expect(text("alert-1")).toContain("Seen by DEMO Nurse, sounds again in 2:00");
    expect(text("person")).toContain("DEMO Nurse nurse");
  });

  it("answers only an alert of the bed that is open", async () => {
    await open("ward", 16, "DEMO Nurse");
    session.openBed(2);
    flushSync();
    expect(find("alert-2")?.getAttribute("aria-current")).toBe("true");
    session.select(-1);
    pass(1_000);
    press("k");
    expect(answers()).toEqual([]);
    expect(find("alert-2")?.getAttribute("aria-current")).toBe("true");
    expect(text("refusal")).toContain("the alert of Bed 3 is selected now");
    pass(1_000);
    press("k");
    expect(answers()).toEqual([{ do: "answer", alert: 2, version: 1, answer: "acknowledge" }]);
    expect(find("refusal")).toBeNull();
  });

  it("answers nothing for a bed in focus that has no alert, and comes to the alert of one that has", async () => {
    await open("ward", 16, "DEMO Nurse");
    const focus = (bed: string): HTMLElement => {
      const button = document.querySelector<HTMLElement>(`[data-testid="tile-${bed}"] button.open`)!;
      button.focus();
      flushSync();
      return button;
    };
    const first = focus("bed-01");
    pass(1_000);
    for (const key of ["k", "a", "e", "d", "p", "n", "r"]) press(key, {}, first);
    expect(answers()).toEqual([]);
    expect(find("card")).toBeNull();
    expect(text("refusal")).toContain("Bed 1 has no alert");
    const third = focus("bed-03");
    pass(1_000);
    press("k", {}, third);
    expect(answers()).toEqual([{ do: "answer", alert: 2, version: 1, answer: "acknowledge" }]);
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
    backend.signedIn("DEMO Nurse");
    now += 2_500;
    session.ward.tick();
    flushSync();
    press("k");
    press("a");
    expect(answers()).toEqual([]);
  });

  it("selects with the arrows, opens the card with Enter and the bed with B, goes back with Escape", async () => {
    await open("ward");
    press("ArrowDown");
    expect(find("alert-2")?.getAttribute("aria-current")).toBe("true");
    press("Enter");
    expect(text("card-message")).toBe("SpO₂ 83 < 90");
    press("ArrowDown");
    expect(text("card-message")).toContain("No data");
    press("ArrowUp");
    press("b");
    expect(find("card")).toBeNull();
    expect(find("bed-bed-03")).not.toBeNull();
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
    await open("ward", 16, "DEMO Nurse");
    const alert = session.ward.rail.find((a) => a.id === 2);
    backend.say([{ fact: "alert", ...alert!, version: 2, worst: 80 }]);
    flushSync();
    touch("acknowledge-2");
    // A click without its touch is a ghost.
    pass(1_000);
    find("acknowledge-2")?.dispatchEvent(new MouseEvent("click", { bubbles: true, detail: 1 }));
    expect(answers()).toEqual([]);
    touch("acknowledge-2");
    expect(answers()).toEqual([{ do: "answer", alert: 2, version: 2, answer: "acknowledge" }]);
  });

  it("shows a refusal at its alert", async () => {
    await open("ward", 16, "DEMO Nurse");
    session.refusals = { 2: "The alert changed while you looked at it." };
    flushSync();
    expect(text("alert-2")).toContain("Not done: The alert changed");
  });
});

describe("limits", () => {
  it("change with a reason and an end, ask who it is, and go back in one click", async () => {
    await open("ward");
    session.openBed(2);
    flushSync();
    find("limits-SPO2")?.click();
    flushSync();
    const save = find("limit-save") as HTMLButtonElement;
    fill("limit-low", "85");
    expect(save.disabled).toBe(true);
    fill("limit-reason", "COPD");
    expect(save.disabled).toBe(false);
    fill("limit-high", "80");
    expect(text("limit-fault")).toContain("must be below");
    fill("limit-high", "");
    fill("limit-low", "79");
    expect(text("limit-fault")).toContain("may not go below 80: that is the floor of the profile");
    fill("limit-low", "85");
    find("until-4h")?.click();
    flushSync();
    save.click();
    await settle();
    expect(text("dialog-sign-in")).toContain("Bed 3: limits of SpO₂");
    find("who-DEMO Nurse")?.click();
    flushSync();
    fill("pin", "0000");
    find("sign-in")?.click();
    await settle();
    const sent = backend.calls.filter((call) => call.do === "set-limits").at(-1);
    expect(sent).toMatchObject({ bed: "bed-03", metric: "SPO2", low: 85, high: null, reason: "COPD" });
    const until = sent?.do === "set-limits" ? (sent.untilMs ?? 0) : 0;
    expect(Math.abs(until - backend.nowMs - 4 * 3_600_000)).toBeLessThan(1_000);
    expect(find("dialog-limits")).toBeNull();
    expect(text("unusual")).toContain("DEMO Nurse: COPD, until");
    find("limits-SPO2")?.click();
    flushSync();
    find("limit-restore")?.click();
    await settle();
    expect(backend.calls.at(-1)).toMatchObject({ do: "restore-limits", bed: "bed-03", metric: "SPO2" });
  });

  it("say beforehand what they would have done in the last day", async () => {
    await open("ward");
    session.openBed(0);
    session.dialog = { name: "limits", bed: 0, metric: "HR" };
    flushSync();
    fill("limit-high", "70");
    await vi.advanceTimersByTimeAsync(400);
    flushSync();
    expect(backend.calls.at(-1)).toMatchObject({
      do: "what-if",
      bed: "bed-01",
      changes: [{ metric: "HR", low: 50, high: 70, delayMs: null }],
    });
    expect(text("what-if-sum")).toMatch(/^would have been \d+ alerts? instead of 0$/);
    expect(text("dialog-limits")).toMatch(/Outside these limits in [\d.]+ % of the recorded 3-min stretches/);
    expect(text("what-if")).toMatch(/\+ appears \d\d:\d\d ▲ high, worst \d+/);
    // The answer to other bounds is no answer to these.
    fill("limit-high", "75");
    expect(find("what-if-sum")).toBeNull();
  });

  it("are set around the values of now with a reason", async () => {
    await open("ward", 16, "DEMO Nurse");
    session.openBed(0);
    flushSync();
    find("auto-limits")?.click();
    flushSync();
    fill("auto-reason", "stable");
    find("auto-send")?.click();
    await settle();
    expect(backend.calls).toContainEqual({ do: "auto-limits", bed: "bed-01", reason: "stable" });
    expect(find("dialog-auto-limits")).toBeNull();
  });
});

describe("the card", () => {
  it("shows what led to the alert, how good the signal was, and what was done about the last ones", async () => {
    await open("ward", 16, "DEMO Nurse");
    press("Enter");
    await settle();
    expect(text("card")).toContain("high priority, about the patient");
    expect(text("card")).toContain("worst 141, limit 120");
    expect(text("still-PLETH")).toContain("signal: 2 s missing");
    expect(find("still-PLETH")?.querySelector("path")?.getAttribute("d")).toContain("M0");
    expect(text("card-alike")).toContain("“probe was loose, taped again” by DEMO Nurse after 60 s");
    const waves = backend.calls.find((call) => call.do === "waves");
    const raised = session.ward.alert(1)!.raisedMs;
    expect(waves).toMatchObject({ bed: "bed-06", fromMs: raised - 60_000 });
    expect(backend.calls).toContainEqual(expect.objectContaining({ do: "trend", metrics: ["HR"] }));
    expect(backend.calls).toContainEqual({ do: "alert-history", bed: "bed-06", like: 1, rows: 200 });
  });

  it("takes every answer by one key, with the version that was on screen", async () => {
    await open("ward", 16, "DEMO Nurse");
    press("Enter");
    press("a");
    await settle();
    expect(text("alert-1")).toContain("DEMO Nurse goes");
    expect(session.ward.alert(1)?.signal).toBe("on");
    // At once again: aimed at what stood there before.
    press("a");
    pass(500);
    press("a");
    await settle();
    pass(500);
    press("d");
    await settle();
    expect(text("card")).toContain("DEMO Nurse cannot go");
    expect(text("card")).toContain("passed on to the second");
    pass(500);
    press("e");
    await settle();
    expect(text("card")).toContain("passed on to whoever is in charge");
    expect(find("do-escalate")).toBeNull();
    expect(answers()).toEqual(
      (
        [
          [1, "accept"],
          [2, "undo-accept"],
          [3, "decline"],
          [4, "escalate"],
        ] as const
      ).map(([version, answer]) => ({ do: "answer", alert: 1, version, answer })),
    );
  });

  it("does not take back what somebody else said: A takes over", async () => {
    await open("ward", 16, "DEMO Charge");
    const alert = session.ward.alert(1)!;
    backend.say([{ fact: "alert", ...alert, response: "accepted", responder: "DEMO Nurse" }]);
    press("a");
    expect(answers().at(-1)).toMatchObject({ answer: "accept" });
  });

  it("pauses one direction of one number by P, a minute and a reason", async () => {
    await open("ward", 16, "DEMO Nurse");
    press("p");
    await settle();
    expect(text("pause-form")).toContain("Silence HR ▲ high");
    // While the form is open the answers' keys wait.
    press("k");
    expect(answers()).toEqual([]);
    press("3");
    press("4");
    await settle();
    expect(backend.calls).toContainEqual({
      do: "pause",
      bed: "bed-06",
      metric: "HR",
      side: "high",
      alert: 1,
      version: 1,
      minutes: 3,
      reason: "suction",
    });
    expect(find("pause-form")).toBeNull();
    expect(text("card")).toContain("Paused by DEMO Nurse, heard again in 3:00");
    expect(text("unusual")).toContain("HR ▲ high silent 3:00");
  });

  it("pauses the alert that stood there when the form opened, and not just after it changed", async () => {
    await open("ward", 16, "DEMO Nurse");
    press("p");
    await settle();
    const alert = session.ward.alert(1)!;
    backend.say([{ fact: "alert", ...alert, version: 2, worst: 170 }]);
    flushSync();
    press("4");
    await settle();
    expect(backend.calls.some((call) => call.do === "pause")).toBe(false);
    expect(text("pause-form")).toContain("changed just now");
    backend.say([{ fact: "alert", ...alert, version: 3, worst: 180 }]);
    pass(1_000);
    press("4");
    await settle();
    expect(pauses().at(-1)).toMatchObject({ alert: 1, version: 2 });
    expect(text("pause-form")).toContain("Not paused: this alert changed");
    press("4");
    await settle();
    expect(pauses().at(-1)).toMatchObject({ alert: 1, version: 3 });
    expect(find("pause-form")).toBeNull();
  });

  it("leaves digits to the PIN while the sign-in lies over the pause", async () => {
    await open("ward");
    press("p");
    session.signIn.show();
    flushSync();
    press("4");
    await settle();
    expect(backend.calls.some((call) => call.do === "pause")).toBe(false);
  });

  it("stays closed when the reply comes after it was closed", async () => {
    await open("ward", 16, "DEMO Nurse");
    press("n");
    fill("note-text", "talked to the family");
    find("note-send")?.click();
    press("Escape");
    press("Escape");
    expect(find("card")).toBeNull();
    await settle();
    expect(find("card")).toBeNull();
  });

  it("says over when its alert has ended and somebody has seen it, and offers no answers", async () => {
    await open("ward", 16, "DEMO Nurse");
    press("Enter");
    press("p");
    const alert = session.ward.alert(1)!;
    const over = { over: true, unseen: false, presence: "cleared", signal: "off", text: "back in limits" };
    backend.say([{ fact: "alert", ...alert, version: 2, ...over }]);
    pass(1_000);
    expect(text("card")).toContain("Over: back in limits");
    expect(find("pause-form")).toBeNull();
    expect(find("do-accept") ?? find("do-acknowledge") ?? find("do-decline")).toBeNull();
    for (const key of ["k", "a", "p"]) press(key);
    expect(answers()).toEqual([]);
  });

  it("writes a note while the person types freely", async () => {
    await open("ward", 16, "DEMO Nurse");
    press("n");
    const field = find("note-text")!;
    expect(document.activeElement).toBe(field);
    press("k", {}, field);
    fill("note-text", "talked to the family");
    find("note-send")?.click();
    await settle();
    expect(answers()).toEqual([]);
    expect(backend.calls).toContainEqual({ do: "note", bed: "bed-06", alert: 1, text: "talked to the family" });
    expect(text("card-story")).toContain("talked to the family");
  });

  it("offers 'taken off on purpose' only where a sensor may be off", async () => {
    await open("ward", 16, "DEMO Nurse");
    press("Enter");
    expect(find("do-retire")).toBeNull();
    press("r");
    expect(answers()).toEqual([]);
    find("card-5")?.click();
    flushSync();
    touch("do-retire");
    expect(text("retire-form")).toContain("sensor taken off on purpose?");
    // The second half of a double press is no answer.
    press("r");
    touch("retire-send");
    expect(answers()).toEqual([]);
    press("Escape");
    expect(find("retire-form")).toBeNull();
    pass(1_000);
    press("r");
    pass(1_000);
    press("r");
    await settle();
    expect(answers()).toEqual([{ do: "answer", alert: 5, version: 1, answer: "retire" }]);
    expect(text("card")).toContain("Over: taken off on purpose");
    expect(text("recent")).toContain("over: taken off on purpose");
  });

  it("takes no touch for an answer when 'taken off on purpose' has only now appeared, last", async () => {
    await open("ward", 16, "DEMO Nurse");
    press("Enter");
    const hr = session.ward.bed(5)!.find("HR")!.fact!;
    backend.say([{ fact: "numeric", ...hr, value: null }]);
    flushSync();
    expect([...document.querySelectorAll(".actions button")].at(-1)).toBe(find("do-retire"));
    touch("do-retire");
    touch("do-decline");
    expect(find("retire-form")).toBeNull();
    expect(answers()).toEqual([]);
    now += 1_000;
    touch("do-retire");
    expect(find("retire-form")).not.toBeNull();
  });

  it("stays on its alert until it is closed, also when that is over and seen", async () => {
    await open("ward", 16, "DEMO Nurse");
    find("recent-7")?.click();
    flushSync();
    expect(text("card")).toContain("Over: back in limits");
    press("s");
    await settle();
    expect(find("recent")).toBeNull();
    expect(text("card")).toContain("SpO₂ 87 < 90");
    press("Escape");
    expect(find("card")).toBeNull();
  });
});

describe("the rail", () => {
  it("scrolls to its top when a new worst alert comes, and for nothing else", async () => {
    await open("ward");
    const list = find("rail")!.querySelector("ol")!;
    list.scrollTop = 120;
    const alert = session.ward.alert(1)!;
    backend.say([{ fact: "alert", ...alert, version: 2, worst: 150 }]);
    flushSync();
    expect(list.scrollTop).toBe(120);
    backend.say([{ fact: "alert", ...alert, id: 60, bed: 0, raisedMs: alert.raisedMs + 90_000 }]);
    flushSync();
    expect(list.scrollTop).toBe(0);
  });

  it("does not count an alert that was paused beforehand as seen", async () => {
    await open("ward");
    for (const alert of session.ward.rail.filter(({ id }) => ![4, 6].includes(id)))
      backend.say([{ fact: "alert", ...alert, over: true }]);
    flushSync();
    expect(text("rail-count")).toBe("1 seen, 1 paused");
  });

  it("says how often, how far it was passed on, who cannot go and for how long it is silent", async () => {
    await open("ward");
    expect(text("alert-2")).toContain("×3");
    expect(text("alert-2")).toContain("passed on to the second");
    expect(text("alert-2")).toContain("DEMO Charge cannot go");
    expect(text("alert-4")).toMatch(/Seen by DEMO Nurse, sounds again in 0:5\d/);
    expect(text("alert-6")).toMatch(/Paused by DEMO Nurse, heard again in 1:3\d/);
  });

  it("keeps what is over until somebody has seen it, with why it ended", async () => {
    await open("ward", 16, "DEMO Nurse");
    expect(text("recent-7")).toContain("over: back in limits");
    press("s");
    await settle();
    expect(backend.calls).toContainEqual({ do: "seen", alerts: [7, 8] });
    expect(find("recent")).toBeNull();
  });
});

describe("people", () => {
  it("sign out by O, and the wall stays", async () => {
    await open("ward", 16, "DEMO Nurse");
    expect(find("people")).toBeNull();
    press("o");
    await settle();
    expect(text("person")).toContain("Nobody signed in");
    expect(document.querySelectorAll('[data-testid^="tile-"]')).toHaveLength(16);
  });

  it("begin with a first one, in charge", async () => {
    await open("first-person");
    press("o");
    expect(text("dialog-sign-in")).toContain("Add the first person");
    fill("first-name", "DEMO Ada");
    fill("pin", "4711");
    find("sign-in")?.click();
    await settle();
    expect(backend.calls).toContainEqual({
      do: "put-person",
      person: "DEMO Ada",
      role: "charge",
      pin: "4711",
      replace: false,
    });
    expect(text("person")).toContain("DEMO Ada in charge");
  });

  it("are added and removed by whoever is in charge, and by nobody else", async () => {
    await open("ward", 16, "DEMO Nurse");
    press("u");
    expect(find("dialog-people")).toBeNull();
    expect(text("refusal")).toContain("in charge");
    backend.signedIn("DEMO Charge");
    press("u");
    fill("people-name", "DEMO Bo");
    fill("people-pin", "1234");
    find("people-put")?.click();
    await settle();
    expect(text("dialog-people")).toContain("DEMO Bo can sign in now");
    const remove = find("people-remove-DEMO Bo");
    remove?.click();
    flushSync();
    expect(backend.calls.some((call) => call.do === "remove-person")).toBe(false);
    remove?.click();
    await settle();
    expect(session.ward.station?.people.some((person) => person.name === "DEMO Bo")).toBe(false);
  });
});

describe("a bed", () => {
  it("is checked by C, open or in focus, and the strip counts those that are not", async () => {
    await open("ward", 16, "DEMO Nurse");
    expect(text("unchecked")).toContain("12 beds");
    press("c");
    expect(text("refusal")).toContain("open it, or move to it");
    const tile = document.querySelector<HTMLElement>('[data-testid="tile-bed-01"] button.open');
    tile?.focus();
    press("c", {}, tile!);
    await settle();
    expect(backend.calls.at(-1)).toEqual({ do: "check-bed", bed: "bed-01" });
    session.openBed(2);
    flushSync();
    expect(text("check-bed")).toContain("Not checked");
    press("c");
    await settle();
    expect(text("check-bed")).toMatch(/DEMO Nurse \d\d:\d\d/);
    expect(text("unchecked")).toContain("10 beds");
  });

  it("shows a pause beside its number with a countdown, and ends it", async () => {
    await open("ward", 16, "DEMO Nurse");
    session.openBed(8);
    flushSync();
    expect(text("pause-RR-low")).toMatch(/▼ low 1:3\d/);
    find("end-pause-RR-low")?.click();
    await settle();
    expect(backend.calls.at(-1)).toMatchObject({ do: "alert-history" });
    expect(backend.calls).toContainEqual({ do: "end-pause", bed: "bed-09", metric: "RR", side: "low" });
    expect(find("pause-RR-low")).toBeNull();
  });

  it("has a score only when nothing is missing, and says what is", async () => {
    await open("ward", 16, "DEMO Nurse");
    session.openBed(0);
    flushSync();
    expect(text("score-total")).toBe("--");
    expect(text("score")).toContain("incomplete: Air or oxygen, Consciousness missing");
    expect(text("score")).toContain("NEWS2 © Royal College of Physicians 2017");
    press("w");
    expect(text("assess-send")).toBe("Record for Bed 1 Enter");
    const enter = (): KeyboardEvent => {
      const event = new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true });
      document.activeElement?.dispatchEvent(event);
      flushSync();
      return event;
    };
    // Nothing is chosen by Enter, whatever has the focus, and nothing half is sent.
    expect(document.activeElement).toBe(find("assess-form"));
    expect(enter().defaultPrevented).toBe(true);
    find("assess-voice")?.focus();
    expect(enter().defaultPrevented).toBe(true);
    expect(find("assess-alert")?.getAttribute("aria-pressed")).toBe("false");
    expect(backend.calls.some((call) => call.do === "assess")).toBe(false);
    press("a");
    press("r");
    enter();
    await settle();
    expect(backend.calls).toContainEqual({
      do: "assess",
      bed: "bed-01",
      consciousness: "alert",
      breathing: "air",
      scale: "one",
    });
    expect(find("dialog-assess")).toBeNull();
    expect(text("score-total")).toMatch(/^\d+$/);
    expect(text("score")).toContain("alert, on air, DEMO Nurse");
  });

  it("names first in its head what nobody has seen, and greys each pressure by its own age", async () => {
    await open("ward", 16, "DEMO Nurse");
    const alert = session.ward.alert(1)!;
    const of = (metric: string, more: object): void =>
      backend.say([{ fact: "alert", ...alert, bed: 0, metric, side: "low", ...more }]);
    of("NIBP_SYS", { id: 70, priority: "high", signal: "acknowledged", message: "systolic" });
    of("NIBP_DIA", { id: 71, priority: "medium", signal: "on", message: "diastolic" });
    const diastolic = session.ward.bed(0)!.find("NIBP_DIA")!.fact!;
    backend.say([
      { fact: "numeric", ...diastolic, receivedMs: session.clock.stationNow - 1.5 * diastolic.staleAfterMs },
    ]);
    pass(1_000);
    const value = find("numeric-bed-01-NIBP_SYS")?.parentElement;
    expect(value?.className).toContain("flash-medium");
    expect(find("numeric-bed-01-NIBP_SYS")?.classList.contains("quiet")).toBe(false);
    expect(find("numeric-bed-01-NIBP_DIA")?.classList.contains("quiet")).toBe(true);
    session.openBed(0);
    flushSync();
    expect(text("bed-bed-01")).toMatch(/diastolic.*systolic/);
  });

  it("changes the scale only by a clinician, and says so", async () => {
    await open("ward", 16, "DEMO Nurse");
    session.openBed(0);
    flushSync();
    press("w");
    for (const key of ["c", "o", "2"]) press(key);
    find("assess-send")?.click();
    await settle();
    expect(text("assess-failure")).toContain("may not choose the SpO₂ scale");
  });

  it("of a child has no score", async () => {
    await open("ward");
    session.openBed(12);
    flushSync();
    expect(find("score")).toBeNull();
    press("w");
    expect(find("dialog-assess")).toBeNull();
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

describe("closing the window", () => {
  it("asks first, and Enter at once goes on watching", async () => {
    await open("calm");
    backend.say([{ fact: "close-asked", beds: 16 }]);
    flushSync();
    expect(text("dialog-close")).toContain("Monitoring of 16 beds will stop");
    expect(document.activeElement).toBe(find("keep-watching"));
    find("keep-watching")?.click();
    flushSync();
    expect(find("dialog-close")).toBeNull();
    expect(backend.calls).not.toContainEqual({ do: "stop-watching" });
  });

  it("goes on watching with Escape, and stops only when told to", async () => {
    await open("calm");
    backend.say([{ fact: "close-asked", beds: 1 }]);
    flushSync();
    press("Escape");
    expect(find("dialog-close")).toBeNull();
    backend.say([{ fact: "close-asked", beds: 1 }]);
    flushSync();
    find("stop-watching")?.click();
    expect(backend.calls.at(-1)).toEqual({ do: "stop-watching" });
  });
});
