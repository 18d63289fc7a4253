// What stands on the board, from what the review knows.

import { token } from "../../trace";
import {
  type Board,
  type LanePicture,
  type LimitSpan,
  marchOut,
  type Range,
  seen,
  settled,
  type Span,
  type Stretch,
} from "../../trace/review";
import type { Lane, Review } from "../../ward/review.svelte";
import { alertColour, colourOf } from "../../words/params";

/** More lines than this are no help. */
const MARCH_MAX = 200;

/** Everything on the board of one span; `ranges` are kept from picture to picture. */
export function boardOf(review: Review, span: Span, width: number, ranges: Map<number, Range>): Board {
  const shown = review.shown;
  const place = (index: number | null): number => shown.findIndex((lane) => lane.index === index);
  const { caliper, selected } = review;
  const of = caliper === null ? undefined : review.lanes[caliper.lane];
  return {
    span,
    lanes: shown.map((lane) => pictureOf(review, lane, span, width, ranges)),
    chosen: place(review.chosen),
    moments: review.moments,
    selected: review.moments.find((m) => m.key === selected) ?? null,
    marks: (review.marks?.marks ?? []).map((mark) => {
      const at = shown.findIndex((lane) => lane.about.label === mark.lane);
      return {
        from: mark.fromMs,
        to: mark.untilMs,
        lane: mark.lane === null || at < 0 ? null : at,
        palette: mark.palette,
        selected: selected === `mark-${mark.id}`,
      };
    }),
    caliper:
      caliper === null || of === undefined
        ? null
        : {
            lane: place(caliper.lane),
            first: caliper.first,
            second: caliper.second,
            march:
              review.march && caliper.second !== null
                ? marchOut(caliper.first.at, caliper.second.at, span, MARCH_MAX)
                : [],
            unit: of.about.unit,
            decimals: decimalsOf(of),
          },
    cursor: review.cursor?.at ?? null,
    playhead: review.replay.at,
    demo: review.opened?.demo === true,
  };
}

/** A wave is read finer than a number. */
export function decimalsOf(lane: Lane): number {
  return lane.about.wave ? Math.max(2, lane.about.decimals) : lane.about.decimals;
}

function pictureOf(review: Review, lane: Lane, span: Span, width: number, ranges: Map<number, Range>): LanePicture {
  const { about, pictures, index } = lane;
  const envelope = pictures.best(span, width);
  const least = about.wave ? 0.05 : 8 / Math.pow(10, about.decimals);
  const range = settled(ranges.get(index) ?? null, envelope === null ? null : seen(envelope, span), least);
  ranges.set(index, range);
  return {
    envelope,
    range,
    wave: about.wave,
    color: token(colourOf(about.metric ?? ""), "gray"),
    decimals: about.decimals,
    limits: about.metric === null ? [] : limitsOf(review, about.metric, span),
    alerts: about.metric === null ? [] : alertsOf(review, about.metric, span),
  };
}

function limitsOf(review: Review, metric: string, span: Span): LimitSpan[] {
  return (review.events?.limits ?? [])
    .filter((l) => l.metric === metric && (l.fromMs ?? -Infinity) < span.to && (l.untilMs ?? Infinity) > span.from)
    .map((l) => ({ from: l.fromMs ?? span.from, to: l.untilMs ?? span.to, low: l.low, high: l.high }));
}

function alertsOf(review: Review, metric: string, span: Span): Stretch[] {
  return (review.events?.alerts ?? [])
    .filter((a) => a.metric === metric && a.raisedMs < span.to && (a.overMs ?? Infinity) > span.from)
    .map((a) => ({
      from: a.raisedMs,
      to: a.overMs ?? review.bounds.to,
      color: token(`--alert-${alertColour(a.priority)}`, "gray"),
    }));
}
