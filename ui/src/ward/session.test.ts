import { beforeEach, describe, expect, it, vi } from "vitest";

import { ScriptedBackend } from "../backend/scripted";
import type { AlertFact, Fact } from "../contract";
import type { Traces } from "../trace";
import { StationClock } from "./clock";
import { Session } from "./session.svelte";

const START_MS = 1_795_000_000_000;

/** A page over a made-up ward, on a clock that stands until it is moved. */
class Page {
  now = 0;
  readonly backend = new ScriptedBackend({ beds: 16, startMs: START_MS });
  readonly session: Session;
  readonly forget = vi.fn();
  turn: (beds: ReadonlySet<number>) => void = () => undefined;

  constructor() {
    const traces = {
      take: vi.fn(),
      setClockOffset: vi.fn(),
      report: vi.fn(),
      forget: this.forget,
      onTurn: (listener: (beds: ReadonlySet<number>) => void) => (this.turn = listener),
    } as unknown as Traces;
    this.session = new Session(this.backend, traces, new StationClock(() => this.now));
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

  get acknowledgements() {
    return this.backend.calls.filter((call) => call.do === "acknowledge");
  }

  change(id: number, more: Partial<AlertFact>): void {
    const alert = this.alert(id);
    this.backend.say([{ fact: "alert", ...alert, version: alert.version + 1, ...more }]);
  }
}

let page: Page;
const ward = () => page.session.ward;

beforeEach(async () => {
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
    expect(ward().rail.map((alert) => alert.id)).toEqual([1, 3, 2, 4, 5]);
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

describe("acknowledging", () => {
  it("asks who it is once, then sends id and version", async () => {
    await page.session.acknowledge(page.alert(1), "key");
    expect(page.session.dialog?.name).toBe("sign-on");
    expect(page.acknowledgements).toEqual([]);
    await page.session.signOn("  Nurse Ada ");
    expect(page.acknowledgements).toEqual([{ do: "acknowledge", alert: 1, version: 1, person: "Nurse Ada" }]);
    page.pass(1_000);
    await page.session.acknowledge(page.alert(3), "pointer");
    expect(page.session.dialog).toBeNull();
    expect(page.acknowledgements).toHaveLength(2);
    expect(page.alert(1)).toMatchObject({ signal: "acknowledged", owner: "Nurse Ada" });
    page.session.signOff();
    page.pass(1_000);
    await page.session.acknowledge(page.alert(2), "pointer");
    expect(page.session.dialog?.name).toBe("sign-on");
  });

  it("shows nothing before the station says so", () => {
    page.session.person = "Ada";
    const answer = page.backend.call;
    page.backend.call = () => new Promise(() => undefined);
    void page.session.acknowledge(page.alert(1), "key");
    expect(page.session.sending.has(1)).toBe(true);
    expect(page.alert(1).signal).toBe("on");
    page.backend.call = answer;
  });

  it("means the alert that was seen: one that changed while the name was asked is refused, in words", async () => {
    await page.session.acknowledge(page.alert(2), "pointer");
    page.change(2, { worst: 79, message: "** SpO₂ 79 < 90" });
    await page.session.signOn("Ada");
    expect(page.session.refusals[2]).toContain("changed while you looked at it");
    expect(page.alert(2).signal).toBe("on");
    page.pass(1_000);
    await page.session.acknowledge(page.alert(2), "pointer");
    expect(page.session.refusals[2]).toBeUndefined();
    expect(page.alert(2).signal).toBe("acknowledged");
  });

  it("ignores a touch or key just after the alert under it changed or moved", async () => {
    page.session.person = "Ada";
    page.change(1, { worst: 150 });
    await page.session.acknowledge(page.alert(1), "pointer");
    page.backend.say([{ fact: "alert", ...page.alert(1), id: 40, bed: 0, version: 1, raisedMs: START_MS + 60_000 }]);
    await page.session.acknowledge(page.alert(1), "pointer");
    await page.session.acknowledge(page.alert(40), "key");
    expect(page.acknowledgements).toEqual([]);
    page.pass(400);
    await page.session.acknowledge(page.alert(40), "key");
    expect(page.acknowledgements).toHaveLength(1);
  });

  it("ignores the key when the selection has just come to another alert by itself", async () => {
    page.session.person = "Ada";
    page.session.select(1);
    expect(page.session.selectedAlert?.id).toBe(3);
    page.pass(1_000);
    page.change(3, { over: true });
    const now = page.session.selectedAlert;
    expect(now?.id).toBe(1);
    await page.session.acknowledge(now!, "key");
    expect(page.acknowledgements).toEqual([]);
  });

  it("keeps the selection on its alert when worse ones come above it", () => {
    page.session.select(1);
    page.session.select(1);
    expect(page.session.selectedAlert?.id).toBe(2);
    page.backend.say([{ fact: "alert", ...page.alert(1), id: 41 }]);
    expect(page.session.selectedAlert?.id).toBe(2);
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
