// Reviews of the made-up ward: a day of every bed, with marks that live as long as the page.

import type {
  EnvelopeAsk,
  Reply,
  ReviewAlert,
  ReviewCommand,
  ReviewLane,
  ReviewMark,
  ReviewMarks,
  ReviewWhat,
} from "../contract";
import { placeOf, trend } from "./history";
import * as story from "./story";
import { SHAPES } from "./waves";

const DAY_MS = 24 * 3_600_000;

interface Open {
  readonly what: ReviewWhat;
  readonly fromMs: number;
  readonly untilMs: number;
  log: ({ put: ReviewMark } | { erase: number })[];
  undone: ({ put: ReviewMark } | { erase: number })[];
}

/** Every review that is open. */
export class ScriptedReviews {
  readonly #open: Open[] = [];
  readonly #now: () => number;
  readonly #person: () => string | null;

  constructor(now: () => number, person: () => string | null) {
    this.#now = now;
    this.#person = person;
  }

  answer(command: ReviewCommand): Reply {
    if (command.ask === "open") {
      const untilMs = this.#now();
      this.#open.push({ what: command.what, fromMs: untilMs - DAY_MS, untilMs, log: [], undone: [] });
      return this.#opened(this.#open.length);
    }
    const open = this.#open[command.review - 1];
    if (open === undefined) return { reply: "done" };
    switch (command.ask) {
      case "refresh":
        return this.#opened(command.review);
      case "events":
        return { reply: "review-events", alerts: alerts(open), limits: [], pauses: [], notes: notes(open) };
      case "replay":
        return {
          reply: "review-replay",
          recorded: 2,
          alerts: alerts(open).map((a) => ({
            metric: a.metric ?? "",
            side: a.side ?? "",
            priority: a.priority,
            raisedMs: a.raisedMs,
            overMs: a.overMs,
            worst: 130,
          })),
          differences: [],
        };
      case "mark":
        open.log.push({
          put: {
            ...command.mark,
            id: command.mark.id === 0 ? open.log.length + 1 : command.mark.id,
            by: this.#person() ?? command.by,
            atMs: this.#now(),
          },
        });
        open.undone = [];
        break;
      case "unmark":
        open.log.push({ erase: command.mark });
        open.undone = [];
        break;
      case "undo":
        open.undone.push(...open.log.splice(-1));
        break;
      case "redo":
        open.log.push(...open.undone.splice(-1));
        break;
      case "close":
        return { reply: "done" };
    }
    return { reply: "review-marks", ...marksOf(open) };
  }

  #opened(review: number): Reply {
    const open = this.#open[review - 1];
    if (open === undefined) return { reply: "done" };
    const bed = open.what.what === "bed" ? open.what.bed : "bed-03";
    const fact = story.bedFact(placeOf(bed), "demo", open.untilMs);
    return {
      reply: "review-opened",
      review,
      bed,
      title: fact.label,
      patientName: fact.patientName,
      patientId: fact.patientId,
      file: open.what.what === "file" ? open.what.path : null,
      live: open.what.what === "bed",
      demo: true,
      fromMs: open.fromMs,
      untilMs: open.untilMs,
      lanes: lanes(open),
      marks: marksOf(open),
    };
  }

  /** One lane, in the layout that `contract/envelope.rs` draws. */
  envelope(ask: EnvelopeAsk): ArrayBuffer {
    const open = this.#open[ask.review - 1];
    const lane = open === undefined ? undefined : lanes(open)[ask.lane];
    if (open === undefined || lane === undefined) return bytes(ask, false, []);
    const bed = open.what.what === "bed" ? open.what.bed : "bed-03";
    const shape = SHAPES.find((s) => s.metric === lane.metric);
    const from = Math.max(ask.fromMs, open.fromMs);
    const to = Math.min(ask.toMs, open.untilMs);
    if (shape === undefined) {
      const points = trend({ bed, fromMs: open.fromMs, toMs: open.untilMs, bins: 720 }, lane.metric ?? "");
      const inside = points.filter((p) => p.atMs >= from && p.atMs < to);
      return bytes(
        ask,
        false,
        inside.map((p, i) => ({
          at: p.atMs,
          width: 120_000,
          low: p.min,
          high: p.max,
          middle: p.mean,
          gap: i > 0 && p.atMs - (inside[i - 1]?.atMs ?? 0) > 130_000,
        })),
      );
    }
    const step = 1000 / shape.hertz;
    const perPixel = (ask.toMs - ask.fromMs) / ask.pixels / step;
    const exact = perPixel <= 1;
    const stride = exact ? 1 : Math.max(1, Math.floor(perPixel));
    const first = Math.ceil((from - open.fromMs) / step);
    const bins: Bin[] = [];
    for (let i = first; open.fromMs + i * step < to; i += stride) {
      const at = open.fromMs + i * step;
      const value = shape.at(((at / 1000) * (74 / 60)) % 1);
      const tall = exact ? 0 : 0.6;
      bins.push({ at, width: step * stride, low: value - tall, high: value + tall, middle: value, gap: false });
    }
    return bytes(ask, exact, bins);
  }
}

function lanes({ fromMs, untilMs }: Open): ReviewLane[] {
  const waves = SHAPES.map((s) => ({
    metric: s.metric,
    label: s.label,
    unit: s.unit,
    wave: true,
    hertz: s.hertz,
    decimals: 2,
    fromMs,
    untilMs,
  }));
  const numbers = story.NUMBERS.map((n) => ({
    metric: n.metric,
    label: n.metric,
    unit: n.unit,
    wave: false,
    hertz: null,
    decimals: n.decimals,
    fromMs,
    untilMs,
  }));
  return [...waves, ...numbers];
}

function alerts({ fromMs }: Open): ReviewAlert[] {
  const at = (hours: number): number => fromMs + hours * 3_600_000;
  const one = (id: number, priority: string, hours: number, message: string): ReviewAlert => ({
    id,
    message,
    metric: "HR",
    side: "high",
    kind: "physiological",
    priority,
    sinceMs: at(hours) - 5000,
    raisedMs: at(hours),
    overMs: at(hours) + 240_000,
    occurrence: 1,
    steps: [
      { atMs: at(hours), what: "alert-raised", person: null, words: null },
      { atMs: at(hours) + 30_000, what: "alert-acknowledged", person: "DEMO Nurse", words: null },
    ],
  });
  return [one(1, "medium", 6, "** HR 130 > 120"), one(2, "high", 15, "*** HR 162 > 120")];
}

function notes({ fromMs }: Open): { atMs: number; what: string; lost: boolean; text: string; person: string | null }[] {
  return [
    { atMs: fromMs + 7 * 3_600_000, what: "note", lost: false, text: "Turned to the left", person: "DEMO Nurse" },
  ];
}

function marksOf(open: Open): ReviewMarks {
  let marks: ReviewMark[] = [];
  for (const act of open.log) {
    if ("put" in act) marks = [...marks.filter((m) => m.id !== act.put.id), act.put];
    else marks = marks.filter((m) => m.id !== act.erase);
  }
  return { marks, undoable: open.log.length, redoable: open.undone.length, kept: "in this page" };
}

interface Bin {
  readonly at: number;
  readonly width: number;
  readonly low: number;
  readonly high: number;
  readonly middle: number;
  readonly gap: boolean;
}

function bytes(ask: EnvelopeAsk, exact: boolean, bins: readonly Bin[]): ArrayBuffer {
  const count = bins.length;
  const buffer = new ArrayBuffer(32 + count * 25);
  const view = new DataView(buffer);
  view.setUint32(0, 0x31454c57, true);
  view.setUint32(4, count, true);
  view.setFloat64(8, ask.fromMs, true);
  view.setFloat64(16, ask.toMs, true);
  view.setUint32(24, exact ? 1 : 0, true);
  bins.forEach((bin, i) => {
    view.setFloat64(32 + i * 8, bin.at, true);
    [bin.width, bin.low, bin.high, bin.middle].forEach((value, column) =>
      view.setFloat32(32 + count * (8 + 4 * column) + i * 4, value, true),
    );
    view.setUint8(32 + count * 24 + i, bin.gap ? 1 : 0);
  });
  return buffer;
}
