import { beforeEach, describe, expect, it, vi } from "vitest";

import { ScriptedBackend } from "../backend/scripted";
import type { AlertFact, Fact, ScreenReport } from "../contract";
import type { Traces } from "../trace";
import { StationClock } from "./clock";
import { type By, Session } from "./session.svelte";

const START_MS = 1_795_000_000_000;

/** A page over a made-up ward, on a clock that stands until it is moved. */
class Page {
  now = 0;
  readonly backend = new ScriptedBackend({ beds: 16, startMs: START_MS });
  readonly session: Session;
  readonly forget = vi.fn();
  turn: (beds: ReadonlySet<number>) => void = () => undefined;
  /** The pulse that stands in the document: the last one, unless it has stopped. */
  inDocument = (): number => this.session.ward.pulse;

  constructor() {
    const traces = {
      take: vi.fn(),
      setClockOffset: vi.fn(),
      report: vi.fn(),
      forget: this.forget,
      onTurn: (listener: (beds: ReadonlySet<number>) => void) => (this.turn = listener),
    } as unknown as Traces;
    this.session = new Session(this.backend, traces, new StationClock(() => this.now), () => this.inDocument());
  }

  async open(): Promise<this> {
    await this.session.start();
    this.pass(1_000);
    return this;
  }

  /** Lets time go by for page and station alike. */
  pass(ms: number): void {
    this.now += ms;
    this.backend.advance(ms);
    this.session.ward.tick();
  }

  /** Time goes by, and the station says nothing. */
  silence(ms: number): void {
    this.now += ms;
    this.session.ward.tick();
  }

  alert(id: number): AlertFact {
    const found = this.session.ward.rail.find((alert) => alert.id === id);
    if (found === undefined) throw new Error(`no alert ${id} on the rail`);
    return found;
  }

  get answers() {
    return this.backend.calls.filter((call) => call.do === "answer");
  }

  async acknowledge(id: number, by: By = "pointer"): Promise<void> {
    await this.session.answer(this.alert(id), "acknowledge", by);
  }

  change(id: number, more: Partial<AlertFact>): void {
    const alert = this.alert(id);
    this.backend.say([{ fact: "alert", ...alert, version: alert.version + 1, ...more }]);
  }
}

let page: Page;
const ward = () => page.session.ward;

beforeEach(async () => {
  vi.restoreAllMocks();
  vi.useFakeTimers();
  page = await new Page().open();
});

describe("facts", () => {
  it("fill the ward on opening", () => {
    expect(ward().beds.map((bed) => bed.index)).toEqual([...Array(16).keys()]);
    expect(
      ward()
        .bed(0)
        ?.cells.map((cell) => cell.metric),
    ).toEqual(["HR", "SPO2", "RR", "NIBP_SYS", "NIBP_DIA", "NIBP_MEAN", "TEMP", "PR"]);
    expect(ward().demo).toBe(true);
    expect(ward().rail.map((alert) => alert.id)).toEqual([1, 2, 3, 5, 6, 4]);
  });

  it("leave every other number alone when one changes", () => {
    const heart = ward().bed(0)?.cell("HR");
    const other = ward().bed(1)?.cell("HR").fact;
    const cells = ward().bed(0)?.cells;
    page.backend.say([{ fact: "numeric", ...heart!.fact!, value: 61 }]);
    expect(heart?.fact?.value).toBe(61);
    expect(ward().bed(1)?.cell("HR").fact).toBe(other);
    expect(ward().bed(0)?.cells).toBe(cells);
  });

  it("never move a bed", () => {
    const before = ward().beds;
    page.backend.say([{ fact: "bed", ...ward().beds[3]!.fact, label: "Bed four", patientName: null }]);
    expect(ward().beds).toBe(before);
    expect(ward().beds[3]?.fact.label).toBe("Bed four");
  });

  it("about another patient make the bed forget the waves of the one before", () => {
    const bed = ward().beds[3]!.fact;
    page.backend.say([{ fact: "bed", ...bed, room: "9" }]);
    expect(page.forget).not.toHaveBeenCalled();
    page.backend.say([{ fact: "bed", ...bed, patientId: "DEMO-9999" }]);
    expect(page.forget).toHaveBeenCalledExactlyOnceWith(3);
  });

  it("about beds nobody told of change nothing", () => {
    const strange: Fact = { fact: "numeric", ...ward().beds[0]!.cell("HR").fact!, bed: 900 };
    expect(() => page.backend.say([strange])).not.toThrow();
    expect(ward().beds).toHaveLength(16);
  });

  it("take an alert off the rail and off its number when it is over", () => {
    expect(ward().bed(2)?.find("SPO2")?.alert?.id).toBe(2);
    page.change(2, { over: true, presence: "cleared", signal: "off" });
    expect(ward().rail.some((alert) => alert.id === 2)).toBe(false);
    expect(ward().bed(2)?.find("SPO2")?.alert).toBeNull();
    expect(ward().bed(2)?.worst).toBeNull();
  });

  it("put an alert on a number that arrives after it", () => {
    page.backend.say([{ fact: "alert", ...page.alert(2), id: 50, bed: 0, metric: "GLU" }]);
    page.backend.say([{ fact: "numeric", ...ward().beds[0]!.cell("HR").fact!, metric: "GLU" }]);
    expect(ward().bed(0)?.find("GLU")?.alert?.id).toBe(50);
  });
});

describe("silence", () => {
  it("greys numbers, then takes them away, then says the station is lost", () => {
    const heart = ward().bed(0)?.cell("HR");
    expect(heart?.freshness).toBe("fresh");
    page.silence(2_001);
    expect(ward().lost).toBe(true);
    page.silence(1_500);
    expect(heart?.freshness).toBe("ageing");
    expect(heart?.age).toMatch(/^[34] s$/);
    page.silence(2_500);
    expect(heart?.freshness).toBe("gone");
    page.pass(1_100);
    expect(ward().lost).toBe(false);
    expect(heart?.freshness).toBe("fresh");
  });

  it("of one feed shows on its bed alone, with its cause", () => {
    expect(
      ward()
        .beds.filter((bed) => bed.lost)
        .map((bed) => bed.index),
    ).toEqual([6]);
    expect(ward().bed(6)?.link.detail).toContain("Check the network cable");
    expect(ward().bed(6)?.cell("HR").freshness).toBe("gone");
  });
});

describe("answering", () => {
  const signIn = () => page.backend.signedIn("DEMO Nurse");

  it("asks who it is where nobody is signed in, and then repeats what was asked, with id and version", async () => {
    const asked = page.acknowledge(1, "key");
    await vi.advanceTimersByTimeAsync(0);
    expect(page.session.signIn.open).toBe(true);
    expect(page.session.signIn.why).toContain("Bed 6");
    expect(page.alert(1).signal).toBe("on");
    expect(await page.session.signIn.enter("DEMO Nurse", "1234")).toBe(false);
    expect(page.session.signIn.failure).toContain("do not fit");
    expect(await page.session.signIn.enter("DEMO Nurse", "0000")).toBe(true);
    await asked;
    const answer = { do: "answer", alert: 1, version: 1, answer: "acknowledge" };
    expect(page.answers).toEqual([answer, answer]);
    expect(page.alert(1)).toMatchObject({ signal: "acknowledged", owner: "DEMO Nurse" });
    expect(page.session.person).toEqual({ name: "DEMO Nurse", role: "nurse" });
    expect(page.session.signIn.open).toBe(false);
  });

  it("does nothing when the sign-in is left, and says so at the alert", async () => {
    const asked = page.acknowledge(1);
    await vi.advanceTimersByTimeAsync(0);
    page.session.back();
    await asked;
    expect(page.alert(1).signal).toBe("on");
    expect(page.session.refusals[1]).toContain("nobody is signed in");
  });

  it("does not wait longer than a minute for somebody: by then nobody knows what it was about", async () => {
    const asked = page.acknowledge(1);
    await vi.advanceTimersByTimeAsync(59_000);
    expect(page.session.signIn.open).toBe(true);
    await vi.advanceTimersByTimeAsync(1_000);
    await asked;
    expect(page.session.signIn.open).toBe(false);
    expect(page.session.refusals[1]).toContain("nobody signed in within a minute");
    expect(await page.session.signIn.enter("DEMO Nurse", "0000")).toBe(true);
    expect(page.answers).toHaveLength(1);
  });

  it("says so when a key came just after the alert moved", async () => {
    signIn();
    page.change(1, { worst: 150 });
    await page.acknowledge(1, "key");
    expect(page.answers).toEqual([]);
    expect(page.session.refusals[1]).toContain("press again");
    page.pass(1_000);
    await page.acknowledge(1, "key");
    expect(page.answers).toHaveLength(1);
    expect(page.session.refusals[1]).toBeUndefined();
  });

  it("ignores the key when a touch has just brought the selection or the card to another alert", async () => {
    signIn();
    page.session.openCard(2);
    await page.acknowledge(2, "key");
    page.session.close();
    await page.acknowledge(2, "key");
    expect(page.answers).toEqual([]);
    page.pass(1_000);
    await page.acknowledge(2, "key");
    expect(page.answers).toHaveLength(1);
  });

  it("goes on asking after signing out, and the wall stays", async () => {
    signIn();
    page.session.signInOrOut();
    await vi.advanceTimersByTimeAsync(0);
    expect(page.session.person).toBeNull();
    expect(ward().beds).toHaveLength(16);
    void page.acknowledge(2);
    await vi.advanceTimersByTimeAsync(0);
    expect(page.session.signIn.open).toBe(true);
  });

  it("shows nothing before the station says so", () => {
    signIn();
    page.backend.call = () => new Promise(() => undefined);
    void page.acknowledge(1, "key");
    expect(page.session.sending.has(1)).toBe(true);
    expect(page.alert(1).signal).toBe("on");
  });

  it("means the alert that was seen: one that changed while the PIN was asked is refused, in words", async () => {
    const asked = page.acknowledge(2);
    await vi.advanceTimersByTimeAsync(0);
    page.change(2, { worst: 79, message: "** SpO₂ 79 < 90" });
    await page.session.signIn.enter("DEMO Nurse", "0000");
    await asked;
    expect(page.session.refusals[2]).toContain("changed while you looked at it");
    expect(page.alert(2).signal).toBe("on");
    page.pass(1_000);
    await page.acknowledge(2);
    expect(page.session.refusals[2]).toBeUndefined();
    expect(page.alert(2).signal).toBe("acknowledged");
  });

  it("ignores a touch or key just after the alert under it changed or moved", async () => {
    signIn();
    page.change(1, { worst: 150 });
    await page.acknowledge(1);
    page.backend.say([{ fact: "alert", ...page.alert(1), id: 40, bed: 0, version: 1, raisedMs: START_MS + 60_000 }]);
    await page.acknowledge(1);
    await page.acknowledge(40, "key");
    expect(page.answers).toEqual([]);
    page.pass(400);
    await page.acknowledge(40, "key");
    expect(page.answers).toHaveLength(1);
  });

  it("ignores the key when the selection has just come to another alert by itself", async () => {
    signIn();
    page.session.select(1);
    expect(page.session.selectedAlert?.id).toBe(2);
    page.pass(1_000);
    page.change(2, { over: true });
    expect(page.session.selectedAlert?.id).toBe(1);
    await page.acknowledge(1, "key");
    expect(page.answers).toEqual([]);
  });

  it("keeps the selection on its alert when worse ones come above it", () => {
    page.session.select(1);
    page.session.select(1);
    expect(page.session.selectedAlert?.id).toBe(3);
    page.backend.say([{ fact: "alert", ...page.alert(1), id: 41 }]);
    expect(page.session.selectedAlert?.id).toBe(3);
  });

  it("accepts without silencing, takes it back, declines to the next", async () => {
    signIn();
    await page.session.answer(page.alert(1), "accept", "pointer");
    expect(page.alert(1)).toMatchObject({ signal: "on", response: "accepted", responder: "DEMO Nurse" });
    page.pass(400);
    await page.session.answer(page.alert(1), "undo-accept", "pointer");
    expect(page.alert(1).response).toBe("none");
    page.pass(400);
    await page.session.answer(page.alert(1), "decline", "pointer");
    expect(page.alert(1)).toMatchObject({ response: "declined", rung: "second" });
  });
});

describe("recent, until seen", () => {
  it("keeps what is over and unseen, and lets it go when it is seen", async () => {
    page.backend.signedIn("DEMO Nurse");
    expect(ward().recent.map((alert) => alert.id)).toEqual([7, 8]);
    page.change(2, { over: true, unseen: true, presence: "cleared", signal: "off", text: "back in limits" });
    expect(ward().rail.some((alert) => alert.id === 2)).toBe(false);
    expect(ward().recent.map((alert) => alert.id)).toEqual([2, 7, 8]);
    // What has just come was not read yet.
    await page.session.seen([2, 7]);
    expect(page.backend.calls.at(-1)).not.toMatchObject({ do: "seen" });
    page.pass(400);
    await page.session.seen([2, 7]);
    expect(page.backend.calls.at(-1)).toEqual({ do: "seen", alerts: [2, 7] });
    expect(ward().recent.map((alert) => alert.id)).toEqual([8]);
  });
});

describe("pauses", () => {
  it("stand at their number and their bed until they are over", () => {
    expect(ward().bed(8)?.find("RR")?.pauses).toMatchObject([{ side: "low", by: "DEMO Nurse", reason: "suction" }]);
    expect(ward().bed(8)?.pauses).toHaveLength(1);
    expect(page.alert(6).signal).toBe("paused");
    page.pass(94_001);
    expect(ward().bed(8)?.find("RR")?.pauses).toEqual([]);
    expect(ward().bed(8)?.pauses).toEqual([]);
    expect(page.alert(6).signal).toBe("on");
  });
});

describe("the waves of a card", () => {
  it("are asked for beside those of the wall, and given back", () => {
    page.session.watch([0, 1], "two");
    page.session.watchToo(5);
    expect(page.backend.calls.at(-1)).toEqual({ do: "watch", beds: [0, 1, 5], waves: "all" });
    page.session.watchToo(null);
    expect(page.backend.calls.at(-1)).toEqual({ do: "watch", beds: [0, 1], waves: "two" });
  });
});

describe("the delay of numbers", () => {
  it("counts only those that came after the screen opened, once each", () => {
    vi.advanceTimersByTime(50);
    ward().takeNumberDelays();
    page.pass(1_000);
    vi.advanceTimersByTime(50);
    const delays = ward().takeNumberDelays();
    expect(delays).toHaveLength(15 * 5);
    expect(delays.every((delay) => delay >= 0 && delay < 200)).toBe(true);
    expect(ward().takeNumberDelays()).toEqual([]);
  });
});

describe("numbers beside sweeping waves", () => {
  const hr = (bed: number, value: number): Fact => {
    const fact = ward().bed(bed)?.find("HR")?.fact;
    if (fact == null) throw new Error(`bed ${bed} has no HR`);
    return { ...fact, fact: "numeric", value };
  };
  const shown = (bed: number) => ward().bed(bed)?.find("HR")?.fact?.value;
  const turn = (...beds: number[]) => page.turn(new Set(beds));

  it("change in the frame in which the waves of their bed are painted, all together and in their order", () => {
    const before = shown(0);
    turn(0);
    page.session.take([hr(0, 61)]);
    page.session.take([hr(0, 62), hr(1, 81)]);
    expect(shown(0)).toBe(before);
    turn(1);
    expect([shown(0), shown(1)]).toEqual([before, 81]);
    turn(0);
    expect(shown(0)).toBe(62);
  });

  it("do not wait when no waves are painted, nor long when their bed has none", () => {
    page.session.take([hr(0, 61)]);
    expect(shown(0)).toBe(61);
    turn(1);
    page.session.take([hr(0, 62)]);
    expect(shown(0)).toBe(61);
    page.now += 70;
    turn(1);
    expect(shown(0)).toBe(62);
  });

  it("are shown before anything that was said after them: none comes to stand under the next patient", () => {
    const bed = ward().bed(0)?.fact;
    if (bed === undefined) throw new Error("there is no bed 0");
    turn(0);
    page.session.take([hr(0, 61)]);
    page.session.take([{ ...bed, fact: "bed", patientId: "DEMO-0099" }, hr(0, 88)]);
    turn(0);
    expect(shown(0)).toBe(88);
  });

  it("are shown within a quarter of a second by a page that gets no frames any more", () => {
    turn(0);
    page.session.take([hr(0, 61)]);
    vi.advanceTimersByTime(250);
    expect(shown(0)).toBe(61);
  });
});

describe("what the page says about itself", () => {
  const shown = (reports: { mock: { calls: [ScreenReport][] } }): number =>
    reports.mock.calls.at(-1)?.[0].pulseSeq ?? -1;

  it("is the newest pulse that a display frame has gone by for, not the newest that came", () => {
    const frames: FrameRequestCallback[] = [];
    // The frames of the pulses before go by.
    vi.advanceTimersByTime(50);
    vi.spyOn(window, "requestAnimationFrame").mockImplementation((paint) => frames.push(paint));
    const reports = vi.spyOn(page.backend, "report");
    page.backend.say([{ fact: "pulse", seq: 900, nowMs: START_MS }]);
    vi.advanceTimersByTime(400);
    expect(shown(reports)).toBeLessThan(900);
    for (const paint of frames.splice(0)) paint(0);
    vi.advanceTimersByTime(400);
    expect(shown(reports)).toBe(900);
  });

  it("is what stands in the document: one that has stopped, or lost its heartbeat, moves no more", () => {
    const frames: FrameRequestCallback[] = [];
    vi.spyOn(window, "requestAnimationFrame").mockImplementation((paint) => frames.push(paint));
    const reports = vi.spyOn(page.backend, "report");
    for (const [inDocument, seq] of [
      [7, 910],
      [Number.NaN, 920],
    ] as const) {
      page.inDocument = () => inDocument;
      page.backend.say([{ fact: "pulse", seq, nowMs: START_MS }]);
      for (const paint of frames.splice(0)) paint(0);
      vi.advanceTimersByTime(400);
      expect(shown(reports)).toBe(7);
    }
  });

  it("comes more than twice a second", () => {
    const reports = vi.spyOn(page.backend, "report");
    vi.advanceTimersByTime(2_000);
    expect(reports.mock.calls.length).toBeGreaterThanOrEqual(5);
  });

  it("is that of a page out of sight where no frame is painted", () => {
    vi.spyOn(document, "hidden", "get").mockReturnValue(true);
    const reports = vi.spyOn(page.backend, "report");
    page.backend.say([{ fact: "pulse", seq: 901, nowMs: START_MS }]);
    vi.advanceTimersByTime(400);
    expect(shown(reports)).toBe(901);
    expect(reports.mock.calls.at(-1)?.[0].hidden).toBe(true);
  });
});
