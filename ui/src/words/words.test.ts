// @vitest-environment node
import { describe, expect, it } from "vitest";

import type { NumericFact } from "../contract";
import { alertColour, colourOf, waveLabel } from "./params";
import { absence, countdown, delay, journal, limit, marks, number, rejects, span, withoutMarks } from "./words";

describe("numbers", () => {
  it("keep zero, missing and impossible apart", () => {
    expect(number(0, 0)).toBe("0");
    expect(number(null, 0)).toBe("--");
    expect(number(Number.NaN, 0)).toBe("--");
    expect(number(-3, 0)).toBe("−3");
    expect(number(36.84, 1)).toBe("36.8");
  });

  it("of limits carry no needless zeros", () => {
    expect([limit(90), limit(36.5), limit(null), limit(-2)]).toEqual(["90", "36.5", "", "−2"]);
  });
});

describe("spans", () => {
  it.each([
    [-5, "0 s"],
    [4_999, "4 s"],
    [89_999, "89 s"],
    [90_000, "1 min"],
    [5_400_000, "1 h 30"],
    [50 * 3_600_000, "2 d"],
  ])("%d ms: %s", (ms, text) => expect(span(ms)).toBe(text));

  it("that run out are counted down in minutes and seconds, and never below none", () => {
    expect([80_000, 45_000, 44_001, 0, -9].map(countdown)).toEqual(["1:20", "0:45", "0:45", "0:00", "0:00"]);
  });

  it("of the way to the screen are exact where it matters", () => {
    expect([delay(null), delay(38.4), delay(1_240)]).toEqual(["--", "38 ms", "1.2 s"]);
  });
});

describe("alerts", () => {
  it("have three, two and one marks, of two kinds", () => {
    expect(marks("high", "physiological")).toBe("***");
    expect(marks("medium", "technical")).toBe("!!");
    expect(marks("low", "physiological")).toBe("*");
    expect(withoutMarks("** SpO₂ 84 < 88")).toBe("SpO₂ 84 < 88");
  });

  it("of an unknown priority get the colour of the highest", () => expect(alertColour("urgent")).toBe("high"));

  it("are told step by step, also a step this page does not know", () => {
    expect(journal("alert-declined")).toBe("cannot go");
    expect(journal("alert-handed-over")).toBe("handed over");
  });
});

describe("parameters", () => {
  it("have the colour of their wave", () => {
    expect(colourOf("HR")).toBe(colourOf("ECG_V5"));
    expect(colourOf("SPO2")).toBe(colourOf("PLETH"));
    expect(colourOf("SOMETHING")).toBe("--param-other");
    expect(waveLabel("ECG_II", "II")).toBe("ECG II");
  });

  it("say why they are missing, shortly where there is little room", () => {
    const off = { absence: "sensor-off" } as NumericFact;
    expect([absence(off, false), absence(off, true)]).toEqual(["sensor off", "off"]);
    expect(absence({ absence: null } as NumericFact, false)).toBe("");
    expect(absence({ absence: "lead-fell" } as NumericFact, false)).toBe("lead-fell");
  });
});

it("what was not taken is counted by reason", () => {
  expect(
    rejects([
      { reason: "sequence-gap", count: 3 },
      { reason: "wrong-unit", count: 1 },
    ]),
  ).toBe("sequence gap 3, wrong unit 1");
});
