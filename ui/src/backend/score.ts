// The early warning score of a made-up bed, by the chart of NEWS2 (Royal College of Physicians 2017).

import type { ScoreFact, ScorePartFact } from "../contract";
import { NUMBERS, TROUBLES, valueAt } from "./story";

/** What somebody found at a made-up bedside. */
export interface Found {
  readonly consciousness: string;
  readonly breathing: string;
  readonly scale: string;
  readonly by: string;
  readonly atMs: number;
}

/** Points of a value: the first step whose upper bound it does not exceed. */
function points(value: number, steps: readonly (readonly [upTo: number, points: number])[]): number {
  return steps.find(([upTo]) => value <= upTo)?.[1] ?? 0;
}

const ABOVE = Number.POSITIVE_INFINITY;

function ofNumber(bed: number, metric: string, second: number): number | null {
  const made = NUMBERS.find((m) => m.metric === metric);
  const off = TROUBLES[bed] === "lost" || (TROUBLES[bed] === "sensor-off" && metric === "SPO2");
  return made === undefined || off ? null : Number(valueAt(bed, made, second).toFixed(made.decimals));
}

/** The score of one bed now. */
export function scoreFact(bed: number, nowMs: number, found: Found | null, applies: boolean): ScoreFact {
  const of = (metric: string): number | null => ofNumber(bed, metric, Math.floor(nowMs / 1000));
  const scored = (value: number | null, steps: Parameters<typeof points>[1]): number | null =>
    value === null ? null : points(value, steps);
  const oxygen = found?.breathing === "oxygen";
  const rich = oxygen
    ? ([
        [92, 0],
        [94, 1],
        [96, 2],
        [ABOVE, 3],
      ] as const)
    : ([[ABOVE, 0]] as const);
  const saturation =
    found?.scale === "two"
      ? ([[83, 3], [85, 2], [87, 1], ...rich] as const)
      : ([
          [91, 3],
          [93, 2],
          [95, 1],
          [ABOVE, 0],
        ] as const);
  const parts: ScorePartFact[] = [
    {
      part: "respiration",
      label: "RR",
      points: scored(of("RR"), [
        [8, 3],
        [11, 1],
        [20, 0],
        [24, 2],
        [ABOVE, 3],
      ]),
    },
    { part: "saturation", label: "SpO₂", points: scored(of("SPO2"), saturation) },
    { part: "breathing", label: "Air or oxygen", points: found === null ? null : oxygen ? 2 : 0 },
    {
      part: "systolic",
      label: "Systolic",
      points: scored(of("NIBP_SYS"), [
        [90, 3],
        [100, 2],
        [110, 1],
        [219, 0],
        [ABOVE, 3],
      ]),
    },
    {
      part: "pulse",
      label: "Pulse",
      points: scored(of("HR"), [
        [40, 3],
        [50, 1],
        [90, 0],
        [110, 1],
        [130, 2],
        [ABOVE, 3],
      ]),
    },
    {
      part: "consciousness",
      label: "Consciousness",
      points: found === null ? null : found.consciousness === "alert" ? 0 : 3,
    },
    {
      part: "temperature",
      label: "Temp",
      points: scored(of("TEMP"), [
        [35, 3],
        [36, 1],
        [38, 0],
        [39, 1],
        [ABOVE, 2],
      ]),
    },
  ];
  const whole = parts.every((part) => part.points !== null);
  return {
    bed,
    applies,
    total: whole && applies ? parts.reduce((sum, part) => sum + (part.points ?? 0), 0) : null,
    parts: applies ? parts : [],
    scale: found?.scale ?? "one",
    consciousness: found?.consciousness ?? null,
    breathing: found?.breathing ?? null,
    assessedBy: found?.by ?? null,
    assessedMs: found?.atMs ?? null,
  };
}
