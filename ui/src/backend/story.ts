// What happens in the made-up ward: who lies where, what goes wrong. Everything follows from the bed's place.

import type { BedFact, FeedFact, LimitsFact, NumericFact, PersonFact, StationFact } from "../contract";
import { sequence } from "./prng";
import { SHAPES } from "./waves";

/** One kind of number in the made-up ward. */
interface Made {
  readonly metric: string;
  readonly label: string;
  readonly unit: string;
  readonly decimals: number;
  readonly usual: number;
  readonly spread: number;
  readonly low: number | null;
  readonly high: number | null;
}

const CUFF_MS = 15 * 60_000;

/** The eight numbers of a made-up bed. */
export const NUMBERS: readonly Made[] = [
  { metric: "HR", label: "HR", unit: "/min", decimals: 0, usual: 74, spread: 18, low: 50, high: 120 },
  { metric: "SPO2", label: "SpO₂", unit: "%", decimals: 0, usual: 97, spread: 2, low: 90, high: null },
  { metric: "RR", label: "RR", unit: "/min", decimals: 0, usual: 16, spread: 4, low: 8, high: 30 },
  { metric: "NIBP_SYS", label: "NIBP sys", unit: "mmHg", decimals: 0, usual: 122, spread: 16, low: 80, high: 200 },
  { metric: "NIBP_DIA", label: "NIBP dia", unit: "mmHg", decimals: 0, usual: 74, spread: 9, low: 30, high: 120 },
  { metric: "NIBP_MEAN", label: "NIBP mean", unit: "mmHg", decimals: 0, usual: 90, spread: 9, low: null, high: null },
  { metric: "TEMP", label: "Temp", unit: "°C", decimals: 1, usual: 36.8, spread: 0.5, low: 35, high: 39 },
  { metric: "PR", label: "PR", unit: "/min", decimals: 0, usual: 74, spread: 18, low: null, high: null },
];

/** What is the matter with a bed, by its place; the same in every ward that is large enough. */
export const TROUBLES: Readonly<Record<number, string>> = {
  2: "desaturation",
  5: "tachycardia",
  6: "lost",
  9: "acknowledged",
  11: "sensor-off",
  13: "empty-bed",
};

/** A bed. */
export function bedFact(index: number, mode: string, nowMs: number): BedFact {
  const two = String(index + 1).padStart(2, "0");
  const admitted = TROUBLES[index] !== "empty-bed";
  return {
    index,
    id: `bed-${two}`,
    label: `Bed ${index + 1}`,
    unit: "Ward 3",
    room: String(301 + Math.floor(index / 4)),
    patientName: admitted ? `DEMO, Bed ${two}` : null,
    patientId: admitted ? `DEMO-00${two}` : null,
    waves: SHAPES.map(({ metric, id, label, unit, hertz }) => ({ metric, id, label, unit, hertz })),
    mode,
    profile: index === 12 ? "Paediatric" : "Adult",
    checkedBy: index % 4 === 1 ? "DEMO Nurse" : null,
    checkedMs: index % 4 === 1 ? nowMs - 60_000 : null,
  };
}

/** Who may sign in to the made-up ward, all by the PIN 0000. */
export const PEOPLE: readonly PersonFact[] = [
  { name: "DEMO Nurse", role: "nurse" },
  { name: "DEMO Charge", role: "charge" },
  { name: "DEMO Clinician", role: "clinician" },
  { name: "DEMO Engineer", role: "engineer" },
];

/** Their PIN. */
export const PIN = "0000";

/** The value of one number of one bed in one second. */
export function valueAt(index: number, made: Made, second: number): number {
  const level = sequence(index * 31 + made.metric.length * 7 + made.usual)();
  const wobble = sequence(index * 1_009 + second)() - 0.5;
  if (made.metric === "SPO2" && TROUBLES[index] === "desaturation") return 84 + Math.round(wobble);
  if ((made.metric === "HR" || made.metric === "PR") && TROUBLES[index] === "tachycardia")
    return 138 + Math.round(3 * wobble);
  const step = made.metric.startsWith("NIBP") ? 0 : wobble * (made.decimals > 0 ? 0.1 : 2);
  const value = made.usual + (level - 0.5) * made.spread + step;
  return made.metric === "SPO2" ? Math.min(100, value) : value;
}

/** A number as a fact. */
export function numericFact(bed: number, made: Made, nowMs: number, mode: string): NumericFact {
  const cuff = made.metric.startsWith("NIBP");
  const off = TROUBLES[bed] === "sensor-off" && (made.metric === "SPO2" || made.metric === "PR");
  const second = Math.floor(nowMs / 1000);
  return {
    bed,
    metric: made.metric,
    label: made.label,
    unit: made.unit,
    decimals: made.decimals,
    value: off ? null : Number(valueAt(bed, made, second).toFixed(made.decimals)),
    absence: off ? "sensor-off" : null,
    questionable: bed === 7 && made.metric === "RR",
    receivedMs: cuff ? nowMs - ((bed * 97_000) % (CUFF_MS * 1.2)) : nowMs,
    transitMs: 4,
    staleAfterMs: cuff ? CUFF_MS : 5_000,
    intermittent: cuff,
    mode,
  };
}

/** The limits of one number. Bed 4 has a changed one. */
export function limitsFact(bed: number, made: Made, nowMs: number): LimitsFact | null {
  if (made.low === null && made.high === null) return null;
  const changed = bed === 3 && made.metric === "SPO2";
  return {
    bed,
    metric: made.metric,
    low: changed ? 88 : made.low,
    high: made.high,
    priority: made.metric === "HR" ? "high" : made.metric === "TEMP" ? "low" : "medium",
    delayMs: made.metric === "HR" ? 4_000 : 10_000,
    hysteresis: 1,
    profileLow: made.low,
    profileHigh: made.high,
    changedBy: changed ? "DEMO Nurse" : null,
    reason: changed ? "COPD, target 88 to 92" : null,
    changedMs: changed ? nowMs - 5_400_000 : null,
    untilMs: changed ? nowMs + 3 * 3_600_000 : null,
    lowFloor: made.metric === "SPO2" ? 80 : made.metric === "HR" ? 30 : null,
    highCeiling: made.metric === "HR" ? 200 : null,
  };
}

/** The feed of a bed. */
export function feedFact(index: number, nowMs: number): FeedFact {
  const lost = TROUBLES[index] === "lost";
  return {
    index,
    bed: index,
    name: `ws://127.0.0.1:${9101 + index}/feed`,
    state: lost ? "lost" : "live",
    detail: lost ? "Nothing came for 5 s. Check the network cable of the bedside device; trying again." : "",
    sinceMs: nowMs - (lost ? 48_000 : 3_600_000),
    lastMs: lost ? nowMs - 53_000 : nowMs,
    attempt: lost ? 7 : 0,
    rejects: index === 8 ? [{ reason: "sequence-gap", count: 3 }] : [],
  };
}

/** The station. */
export function stationFact(beds: number, nowMs: number, mode: string): StationFact {
  return {
    version: "0.1.0",
    demo: mode === "demo",
    startedMs: nowMs - 3_600_000,
    bedCount: beds,
    configPath: "/etc/wardlight/station.toml",
    configError: null,
    sound: { ok: true, text: "" },
    store: { ok: true, text: "" },
    signedIn: null,
    people: [...PEOPLE],
  };
}
