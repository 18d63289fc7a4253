// @vitest-environment node
import { describe, expect, it } from "vitest";

import type { AlertFact } from "../contract";
import { StationClock } from "./clock";
import { freshness } from "./freshness";
import { SettleGuard } from "./guard";
import { keyAction } from "./keys";
import { checkLimits, parseBound, untilMs } from "./limits";
import { railOrder, worstFirst } from "./order";
import { checkedThisShift, shiftBegan, shiftEnds } from "./shift";
import { qualityWords, stillPath } from "./still";
import { sweepFor } from "./sweep";

function alert(id: number, more: Partial<AlertFact> = {}): AlertFact {
  return {
    id,
    version: 1,
    bed: 0,
    place: "Bed 1",
    cause: "limit",
    metric: "HR",
    side: "high",
    kind: "physiological",
    priority: "medium",
    source: "station",
    presence: "active",
    signal: "on",
    sinceMs: 0,
    raisedMs: 0,
    worst: null,
    limit: null,
    owner: null,
    realertMs: null,
    response: "none",
    responder: null,
    rung: "first",
    occurrence: 1,
    episodeMs: 0,
    unseen: false,
    text: null,
    message: "",
    remedy: "",
    over: false,
    ...more,
  };
}

describe("a number's age", () => {
  const heart = { receivedMs: 10_000, staleAfterMs: 5_000, intermittent: false };

  it.each([
    [10_000, "fresh"],
    [13_000, "fresh"],
    [13_001, "ageing"],
    [15_000, "ageing"],
    [15_001, "gone"],
    [9_000, "fresh"],
  ])("at %d ms is %s", (now, expected) => expect(freshness(heart, now)).toBe(expected));

  it("of a cuff turns grey after its interval of 15 min, and goes after two", () => {
    const cuff = { receivedMs: 0, staleAfterMs: 15 * 60_000, intermittent: true };
    expect(freshness(cuff, 15 * 60_000)).toBe("fresh");
    expect(freshness(cuff, 15 * 60_000 + 1)).toBe("ageing");
    expect(freshness(cuff, 30 * 60_000)).toBe("ageing");
    expect(freshness(cuff, 30 * 60_000 + 1)).toBe("gone");
  });
});

describe("the station's clock", () => {
  it("believes the shortest round trip", () => {
    let now = 1_000;
    const clock = new StationClock(() => now);
    clock.pulse(50_000);
    expect(clock.stationNow).toBe(50_000);
    now = 2_000;
    clock.roundTrip(1_900, 51_080); // 100 ms: the station read its clock at 1,950 or so
    expect(clock.stationNow).toBe(51_130);
    now = 3_000;
    clock.roundTrip(2_000, 51_200); // a second on the way says nothing
    expect(clock.stationNow).toBe(52_130);
    now = 4_000;
    clock.roundTrip(3_990, 53_100);
    expect(clock.stationNow).toBe(53_105);
  });

  it("forgets the best round trip after a minute, so that a changed clock is followed", () => {
    let now = 0;
    const clock = new StationClock(() => now);
    now = 10;
    clock.roundTrip(0, 1_000);
    now = 61_000;
    clock.roundTrip(60_900, 500_000);
    expect(clock.stationNow).toBe(500_050);
  });

  it("follows a station that went on while the computer was suspended, with the first pulse or report after it", () => {
    let now = 0;
    const clock = new StationClock(() => now);
    now = 10;
    clock.roundTrip(0, 1_000);
    now = 1_000;
    clock.pulse(1_993);
    expect(clock.stationNow).toBe(1_995); // late by its way here: no news
    const hour = 3_600_000;
    now = 1_100;
    clock.pulse(hour + 2_093);
    expect(clock.stationNow).toBe(hour + 2_093);
    now = 1_400;
    clock.roundTrip(1_390, hour + 2_390);
    expect(clock.stationNow).toBe(hour + 2_395);
    now = 1_800;
    clock.roundTrip(1_780, 2 * hour + 2_785); // longer on the way than the best, and yet it cannot be ignored
    expect(clock.stationNow).toBe(2 * hour + 2_795);
  });

  it("says lost after two seconds of silence, by its own clock", () => {
    let now = 0;
    const clock = new StationClock(() => now);
    clock.pulse(9_999);
    now = 2_000;
    expect(clock.lost).toBe(false);
    now = 2_001;
    expect(clock.lost).toBe(true);
    clock.pulse(10_000);
    expect(clock.lost).toBe(false);
  });
});

describe("the rail", () => {
  it("goes by who waits for somebody, then priority, then how far it was passed on, then newest", () => {
    const rows = [
      alert(1, { priority: "low", raisedMs: 9 }),
      alert(2, { priority: "high", signal: "acknowledged", raisedMs: 8 }),
      alert(3, { priority: "medium", raisedMs: 5 }),
      alert(4, { priority: "medium", raisedMs: 1, rung: "second" }),
      alert(5, { priority: "high", signal: "latched", presence: "cleared", raisedMs: 2 }),
      alert(6, { priority: "high", signal: "paused", raisedMs: 9 }),
      alert(7, { priority: "medium", raisedMs: 0, rung: "charge" }),
    ];
    expect(rows.sort(railOrder).map((row) => row.id)).toEqual([5, 7, 4, 3, 1, 6, 2]);
  });

  it("gives a bed the frame of its most urgent alert, seen or not, then as above", () => {
    const rows = [
      alert(1, { priority: "low", raisedMs: 9 }),
      alert(2, { priority: "high", signal: "acknowledged", raisedMs: 8 }),
      alert(3, { priority: "medium", raisedMs: 5 }),
      alert(4, { priority: "high", raisedMs: 1 }),
      alert(5, { priority: "high", signal: "latched", presence: "cleared", raisedMs: 2 }),
      alert(6, { priority: "medium", raisedMs: 5 }),
    ];
    expect(rows.sort(worstFirst).map((row) => row.id)).toEqual([5, 4, 2, 6, 3, 1]);
  });

  it("shows a priority it does not know as the worst", () => {
    expect(
      [alert(1, { priority: "high" }), alert(2, { priority: "highest", raisedMs: 1 })].sort(worstFirst)[0]?.id,
    ).toBe(2);
  });
});

describe("a touch", () => {
  it("means an alert that stood still for 400 ms, at its place and version", () => {
    const guard = new SettleGuard();
    guard.drawn([{ id: 1, version: 1 }], 0);
    expect(guard.settled(1, 399)).toBe(false);
    expect(guard.settled(1, 400)).toBe(true);
    guard.drawn(
      [
        { id: 2, version: 1 },
        { id: 1, version: 1 },
      ],
      1_000,
    );
    expect(guard.settled(1, 1_100)).toBe(false);
    guard.drawn(
      [
        { id: 2, version: 1 },
        { id: 1, version: 1 },
      ],
      1_300,
    );
    expect(guard.settled(1, 1_400)).toBe(true);
    guard.drawn(
      [
        { id: 2, version: 1 },
        { id: 1, version: 2 },
      ],
      2_000,
    );
    expect(guard.settled(1, 2_100)).toBe(false);
    expect(guard.settled(7, 9_000)).toBe(false);
  });
});

describe("keys", () => {
  const press = (key: string, more = {}) => ({
    key,
    repeat: false,
    ctrlKey: false,
    altKey: false,
    metaKey: false,
    ...more,
  });

  it("acknowledge with K once, never by holding it", () => {
    expect(keyAction(press("k"), false)).toBe("acknowledge");
    expect(keyAction(press("K"), false)).toBe("acknowledge");
    expect(keyAction(press("k", { repeat: true }), false)).toBeNull();
  });

  it("leave the browser's and the typist's keys alone", () => {
    expect(keyAction(press("k", { ctrlKey: true }), false)).toBeNull();
    expect(keyAction(press("k"), true)).toBeNull();
    expect(keyAction(press("Escape"), true)).toBe("back");
    expect(keyAction(press("x"), false)).toBeNull();
  });

  it("answer in every way with one letter, and never by holding it", () => {
    const keys = {
      a: "accept",
      p: "pause",
      e: "escalate",
      d: "decline",
      n: "note",
      r: "retire",
      s: "seen",
      c: "check",
    };
    for (const [key, action] of Object.entries(keys)) {
      expect(keyAction(press(key), false)).toBe(action);
      expect(keyAction(press(key, { repeat: true }), false)).toBeNull();
      expect(keyAction(press(key), true)).toBeNull();
    }
  });

  it("move on while held", () => expect(keyAction(press("ArrowDown", { repeat: true }), false)).toBe("down"));
});

describe("limits as typed", () => {
  it("read commas and true minus signs, and tell nothing from nonsense", () => {
    expect(parseBound(" 36,5 ")).toBe(36.5);
    expect(parseBound("−2")).toBe(-2);
    expect(parseBound("")).toBeNull();
    expect(parseBound("1e3")).toBeUndefined();
  });

  it.each([
    ["50", "120", ""],
    ["", "120", ""],
    ["", "", "at least one"],
    ["120", "120", "must be below"],
    ["a", "120", "not a number"],
  ])("%s to %s: %s", (low, high, fault) =>
    fault === "" ? expect(checkLimits(low, high)).toBe("") : expect(checkLimits(low, high)).toContain(fault),
  );
});

describe("limits of a bed with a floor and a ceiling", () => {
  const bounds = { lowFloor: 80, highCeiling: 200, profileLow: 90, profileHigh: 120 };

  it.each([
    ["80", "200", ""],
    ["79.9", "120", "may not go below 80"],
    ["90", "200.1", "may not go above 200"],
    ["", "120", "down to 80, but not away"],
    ["90", "", "up to 200, but not away"],
  ])("%s to %s: %s", (low, high, fault) =>
    fault === ""
      ? expect(checkLimits(low, high, bounds)).toBe("")
      : expect(checkLimits(low, high, bounds)).toContain(fault),
  );

  it("need no bound that the profile does not have", () => {
    expect(checkLimits("85", "", { ...bounds, highCeiling: 100, profileHigh: null })).toBe("");
  });
});

describe("a shift", () => {
  const at = (hour: number, minute = 0) => new Date(2026, 10, 24, hour, minute).getTime();

  it.each([
    [at(3), new Date(2026, 10, 23, 19).getTime(), at(7)],
    [at(7), at(7), at(19)],
    [at(18, 59), at(7), at(19)],
    [at(19), at(19), new Date(2026, 10, 25, 7).getTime()],
  ])("of %d begins and ends at 07:00 and 19:00", (now, begun, ends) => {
    expect([shiftBegan(now), shiftEnds(now)]).toEqual([begun, ends]);
  });

  it("counts a bed as checked only when somebody looked in this shift", () => {
    expect(checkedThisShift({ checkedMs: at(6, 59) }, at(8))).toBe(false);
    expect(checkedThisShift({ checkedMs: at(7, 1) }, at(8))).toBe(true);
    expect(checkedThisShift({ checkedMs: null }, at(8))).toBe(false);
  });

  it("gives a changed limit its end", () => {
    expect([untilMs("1h", at(3)), untilMs("4h", at(3)), untilMs("shift", at(3)), untilMs("stay", at(3))]).toEqual([
      at(4),
      at(7),
      at(7),
      null,
    ]);
  });
});

describe("a wave that stands still", () => {
  const place = { fromMs: 0, toMs: 10_000, width: 10, height: 100 };

  it("keeps the least and greatest of each column, so that a spike survives", () => {
    const values = Array.from({ length: 100 }, (_, at) => (at === 55 ? 10 : 0));
    const path = stillPath([{ startMs: 0, hertz: 10, values }], place);
    expect(path.match(/M/g)).toHaveLength(1);
    expect(path).toMatch(/L5 93\.1L5 6\.9L6 93\.1/);
  });

  it("lifts the pen where nothing was measured, between runs and inside one", () => {
    const runs = [
      { startMs: 0, hertz: 1, values: [1, 2, null, 3] },
      { startMs: 6_000, hertz: 1, values: [1, 2] },
    ];
    expect(stillPath(runs, place).match(/M/g)).toHaveLength(3);
    expect(stillPath([], place)).toBe("");
    expect(stillPath([{ startMs: 0, hertz: 1, values: [null] }], place)).toBe("");
  });

  it("says in words what its seconds were worth", () => {
    expect(qualityWords(["good", "good"])).toBe("good");
    expect(qualityWords(["good", "missing", "missing", "flat", "clipped", "noisy"])).toBe(
      "2 s missing, 1 s flat, 1 s at the end of the scale, 1 s noisy",
    );
  });
});

describe("a tile's sweep", () => {
  it("is 25 mm/s where that shows three seconds, slower where it does not", () => {
    expect(sweepFor(80)).toBe(25);
    expect(sweepFor(50)).toBe(12.5);
    expect(sweepFor(20)).toBe(6.25);
  });
});
