// @vitest-environment node
import { describe, expect, it } from "vitest";

import type { AlertFact, ScoreFact } from "../contract";
import { acceptWord } from "../ward/accept";
import {
  bareMessage,
  mayPause,
  mayRetire,
  rungWords,
  scoreLevel,
  scoreWords,
  silenceWords,
  untilWords,
} from "./alerts";

const NOW = 1_795_000_000_000;
const alert = (more: Partial<AlertFact>): AlertFact =>
  ({
    bed: 0,
    metric: "SPO2",
    side: "low",
    cause: "limit",
    response: "none",
    over: false,
    text: null,
    ...more,
  }) as AlertFact;

describe("an alert", () => {
  it("that is over says why apart from what it was", () => {
    const over = alert({ over: true, text: "back in limits", message: "** SpO₂ 84 < 88 · back in limits" });
    expect(bareMessage(over)).toBe("SpO₂ 84 < 88");
    expect(bareMessage({ ...over, over: false })).toBe("SpO₂ 84 < 88 · back in limits");
  });

  it("says who answers for its silence, and until when", () => {
    const silent = { owner: "DEMO Nurse", realertMs: NOW + 80_000 };
    expect(silenceWords({ ...silent, signal: "acknowledged" }, NOW)).toBe("Seen by DEMO Nurse, sounds again in 1:20");
    expect(silenceWords({ ...silent, signal: "paused", realertMs: NOW + 45_000 }, NOW)).toBe(
      "Paused by DEMO Nurse, heard again in 0:45",
    );
    expect(silenceWords({ ...silent, signal: "on" }, NOW)).toBe("");
  });

  it("that somebody goes to does not say that nobody has answered", () => {
    expect(rungWords({ rung: "louder", response: "none" })).toContain("nobody has answered");
    expect(rungWords({ rung: "louder", response: "accepted" })).toBe("sounds louder");
    expect(rungWords({ rung: "charge", response: "none" })).toBe("passed on to whoever is in charge");
    expect(rungWords({ rung: "first", response: "none" })).toBe("");
  });

  it("is taken over from somebody else, and taken back only by whoever said it", () => {
    const accepted = { response: "accepted", responder: "DEMO Nurse" };
    expect(acceptWord(accepted, "DEMO Nurse")).toBe("undo-accept");
    expect(acceptWord(accepted, "DEMO Charge")).toBe("accept");
    expect(acceptWord(accepted, null)).toBe("accept");
  });

  it("can be paused when it is about one direction, and retired when a sensor may be off", () => {
    expect(mayPause(alert({}))).toBe(true);
    expect(mayPause(alert({ side: null }))).toBe(false);
    expect(mayPause(alert({ over: true }))).toBe(false);
    expect([mayRetire(alert({}), true), mayRetire(alert({}), false)]).toEqual([false, true]);
    expect(mayRetire(alert({ cause: "stale" }), true)).toBe(true);
    expect(mayRetire(alert({ cause: "feed-lost", metric: null }), false)).toBe(false);
    expect(mayRetire(alert({ cause: "rule" }), false)).toBe(false);
  });
});

describe("a score", () => {
  const score = (total: number | null, ...points: (number | null)[]): ScoreFact =>
    ({ total, parts: points.map((p, at) => ({ part: String(at), label: `Part ${at}`, points: p })) }) as ScoreFact;

  it.each([
    [score(null, 1, null), "incomplete", "incomplete: Part 1 missing"],
    [score(4, 2, 2), "quiet", "below 5, no single 3"],
    [score(3, 3, 0), "urgent", "urgent: Part 0 alone scores 3"],
    [score(5, 2, 2, 1), "urgent", "urgent: 5 or more"],
    [score(7, 3, 3, 1), "emergency", "emergency: 7 or more"],
  ])("%j is %s", (fact, level, words) => {
    expect(scoreLevel(fact)).toBe(level);
    expect(scoreWords(fact)).toBe(words);
  });
});

it("a change holds for the whole stay, or until a time of day", () => {
  expect(untilWords(null)).toBe("for the whole stay");
  expect(untilWords(new Date(2026, 10, 24, 19).getTime())).toBe("until 19:00");
});
