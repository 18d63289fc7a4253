//! The early warning score against the chart, copied out as a table and looked up by searching it.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// The chart: points 3, 2, 1, 0, 1, 2, 3 in columns; both ends belong to a cell; temperature in tenths.
const CHART: &str = "
    RR           |   0-8   |         |   9-11  |  12-20  |         |  21-24  | 25-999
    SPO2 one     |   0-91  |  92-93  |  94-95  |  96-100 |         |         |
    SPO2 air     |   0-83  |  84-85  |  86-87  |  88-100 |         |         |
    SPO2 oxygen  |   0-83  |  84-85  |  86-87  |  88-92  |  93-94  |  95-96  | 97-100
    SYS          |   0-90  |  91-100 | 101-110 | 111-219 |         |         | 220-999
    PULSE        |   0-40  |         |  41-50  |  51-90  |  91-110 | 111-130 | 131-999
    TEMP         |   0-350 |         | 351-360 | 361-380 | 381-390 | 391-999 |
";
const COLUMNS: [u8; 7] = [3, 2, 1, 0, 1, 2, 3];

/// A row of the chart: points and the cell's ends.
type Row = Vec<(u8, i32, i32)>;

fn row(name: &str) -> Row {
    let line = CHART
        .lines()
        .find_map(|line| line.trim().strip_prefix(name))
        .unwrap_or_else(|| panic!("the chart has no row {name}"));
    line.split('|')
        .skip(1)
        .zip(COLUMNS)
        .filter_map(|(cell, points)| {
            let (from, to) = cell.trim().split_once('-')?;
            Some((points, from.parse().unwrap(), to.parse().unwrap()))
        })
        .collect()
}

/// The step of the chart that is nearest; of two as near, the greater.
fn nearest(thousandths: i32, step: i32) -> i32 {
    (0..=999).rev().min_by_key(|n| (n * step - thousandths).abs()).unwrap()
}

fn points(row: &Row, thousandths: i32, step: i32) -> u8 {
    let n = nearest(thousandths, step);
    let cells: Vec<_> = row.iter().filter(|(_, from, to)| (*from..=*to).contains(&n)).collect();
    assert_eq!(cells.len(), 1, "{n} is in one cell");
    cells[0].0
}

/// At every boundary: one step before, one after, and where rounding changes its mind. In thousandths.
fn around(row: &Row, step: i32) -> Vec<i32> {
    let mut all: Vec<i32> = row
        .iter()
        .filter(|(_, from, _)| *from > 0)
        .flat_map(|(_, from, _)| {
            let at = from * step;
            [
                at - 2 * step,
                at - step,
                at - step / 2 - 1,
                at - step / 2,
                at,
                at + step,
            ]
        })
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// One number: what is normal and the step, both of the chart, and values to try in thousandths.
struct Column {
    normal: i32,
    step: i32,
    values: Vec<i32>,
}

fn column(names: &[&str], normal: i32, step: i32) -> Column {
    let mut values: Vec<i32> = names.iter().flat_map(|name| around(&row(name), step)).collect();
    values.sort_unstable();
    values.dedup();
    Column { normal, step, values }
}

const SCALES: [SpO2Scale; 2] = [SpO2Scale::One, SpO2Scale::Two];
const BREATHINGS: [Breathing; 2] = [Breathing::Air, Breathing::Oxygen];

/// Respiration, saturation, systolic, pulse, temperature.
fn inputs(values: [i32; 5], who: Option<(Consciousness, Breathing)>, scale: SpO2Scale) -> Inputs {
    let n = |metric, thousandths| -> Option<Measured> { Some((metric, Quantity::from_thousandths(thousandths))) };
    Inputs {
        respiration: n(MetricCode::RespirationRate, values[0]),
        saturation: n(MetricCode::SpO2, values[1]),
        systolic: n(MetricCode::ArterialSystolic, values[2]),
        pulse: n(MetricCode::PulseRate, values[3]),
        temperature: n(MetricCode::Temperature, values[4]),
        assessment: who,
        scale,
    }
}

/// A row with the points of each value that is tried, searched for once.
type LookUp = BTreeMap<i32, u8>;

fn look_up(name: &str, column: &Column) -> LookUp {
    let row = row(name);
    let all = column.values.iter().copied().chain([column.normal * column.step]);
    all.map(|value| (value, points(&row, value, column.step))).collect()
}

/// All seven points in the order of the chart.
fn oracle(
    rows: &[LookUp; 7],
    values: [i32; 5],
    (awake, breathing): (Consciousness, Breathing),
    scale: SpO2Scale,
) -> [u8; 7] {
    let saturation = match (scale, breathing) {
        (SpO2Scale::One, _) => &rows[1],
        (SpO2Scale::Two, Breathing::Air) => &rows[2],
        (SpO2Scale::Two, Breathing::Oxygen) => &rows[3],
    };
    [
        rows[0][&values[0]],
        saturation[&values[1]],
        if breathing == Breathing::Oxygen { 2 } else { 0 },
        rows[4][&values[2]],
        rows[5][&values[3]],
        if awake == Consciousness::Alert { 0 } else { 3 },
        rows[6][&values[4]],
    ]
}

fn columns() -> [Column; 5] {
    [
        column(&["RR"], 16, 1_000),
        column(&["SPO2 one", "SPO2 air", "SPO2 oxygen"], 97, 1_000),
        column(&["SYS"], 120, 1_000),
        column(&["PULSE"], 70, 1_000),
        column(&["TEMP"], 370, 100),
    ]
}

#[test]
fn every_boundary_of_every_pair_scores_as_the_chart_says() {
    let columns = columns();
    let names = ["RR", "SPO2 one", "SPO2 air", "SPO2 oxygen", "SYS", "PULSE", "TEMP"];
    let rows: [LookUp; 7] = std::array::from_fn(|i| look_up(names[i], &columns[[0, 1, 1, 1, 2, 3, 4][i]]));
    let normal = [0, 1, 2, 3, 4].map(|i: usize| columns[i].normal * columns[i].step);
    let mut cases = 0;
    let mut hold = |values: [i32; 5], awake, breathing, scale| {
        let got = score(&inputs(values, Some((awake, breathing)), scale));
        let want = oracle(&rows, values, (awake, breathing), scale);
        let parts: Vec<Option<u8>> = got.parts.iter().map(|p| p.points).collect();
        assert_eq!(parts, want.map(Some), "{values:?} {awake:?} {breathing:?} {scale:?}");
        assert_eq!(got.total, Some(want.iter().sum()));
        assert_eq!(got.scale, scale);
        cases += 1;
    };
    for (scale, breathing) in SCALES.into_iter().flat_map(|s| BREATHINGS.map(|b| (s, b))) {
        for (first, second) in (0..5).flat_map(|a| (a + 1..5).map(move |b| (a, b))) {
            for a in &columns[first].values {
                for b in &columns[second].values {
                    let mut values = normal;
                    (values[first], values[second]) = (*a, *b);
                    hold(values, Consciousness::Alert, breathing, scale);
                }
            }
        }
        for awake in Consciousness::ALL {
            for (i, a) in columns
                .iter()
                .enumerate()
                .flat_map(|(i, c)| c.values.iter().map(move |v| (i, v)))
            {
                let mut values = normal;
                values[i] = *a;
                hold(values, *awake, breathing, scale);
            }
        }
    }
    assert_eq!(cases, 32_100);
}

#[test]
fn the_parts_stand_in_the_order_of_the_chart_and_name_what_was_measured() {
    let who = Some((Consciousness::Alert, Breathing::Air));
    let got = score(&inputs([16_000, 97_000, 120_000, 70_000, 37_000], who, SpO2Scale::One));
    let parts: Vec<_> = got.parts.iter().map(|p| (p.part, p.from)).collect();
    assert_eq!(
        parts,
        [
            (ScorePart::Respiration, Some(MetricCode::RespirationRate)),
            (ScorePart::Saturation, Some(MetricCode::SpO2)),
            (ScorePart::Breathing, None),
            (ScorePart::Systolic, Some(MetricCode::ArterialSystolic)),
            (ScorePart::Pulse, Some(MetricCode::PulseRate)),
            (ScorePart::Consciousness, None),
            (ScorePart::Temperature, Some(MetricCode::Temperature)),
        ]
    );
}

#[test]
fn halves_are_rounded_away_from_zero() {
    let of = |part: usize, value: i32| {
        let mut values = [16_000, 97_000, 120_000, 70_000, 37_000];
        values[part] = value;
        let who = Some((Consciousness::Alert, Breathing::Air));
        score(&inputs(values, who, SpO2Scale::One)).total.unwrap()
    };
    assert_eq!((of(1, 95_499), of(1, 95_500)), (1, 0));
    assert_eq!((of(4, 38_049), of(4, 38_050)), (0, 1));
    assert_eq!((of(4, 35_049), of(4, 35_050)), (3, 1));
    assert_eq!(
        (of(2, -50_000), of(2, -499)),
        (3, 3),
        "an arterial line can read below zero"
    );
}

#[test]
fn on_the_second_scale_saturation_is_scored_without_an_assessment_only_where_it_makes_no_difference() {
    let of = |percent: i32| {
        let inputs = inputs([16_000, percent * 1_000, 120_000, 70_000, 37_000], None, SpO2Scale::Two);
        let got = score(&inputs);
        assert_eq!(got.total, None);
        got.missing().collect::<Vec<_>>()
    };
    assert_eq!(of(92), [ScorePart::Breathing, ScorePart::Consciousness]);
    assert_eq!(
        of(93),
        [ScorePart::Saturation, ScorePart::Breathing, ScorePart::Consciousness]
    );
}

fn anything() -> impl Strategy<Value = Inputs> {
    let values = (0..60_000, 60_000..100_001, 40_000..300_000, 0..250_000, 30_000..43_000);
    let who = (
        prop::sample::select(Consciousness::ALL),
        prop::sample::select(Breathing::ALL),
    );
    (values, who, prop::sample::select(SpO2Scale::ALL))
        .prop_map(|((a, b, c, d, e), who, scale)| inputs([a, b, c, d, e], Some(who), scale))
}

/// The same with its numbers moved by so many thousandths.
fn moved(inputs: &Inputs, part: usize, by: i32) -> Inputs {
    let mut inputs = *inputs;
    let of = [
        &mut inputs.respiration,
        &mut inputs.saturation,
        &mut inputs.systolic,
        &mut inputs.pulse,
        &mut inputs.temperature,
    ];
    if let Some((_, q)) = of.into_iter().nth(part).unwrap() {
        *q = Quantity::from_thousandths(q.thousandths() + by);
    }
    inputs
}

proptest! {
    #[test]
    fn the_total_is_the_sum_of_the_parts(inputs in anything()) {
        let got = score(&inputs);
        let sum: u8 = got.parts.iter().map(|p| p.points.unwrap()).sum();
        prop_assert_eq!(got.total, Some(sum));
        prop_assert!(sum <= 20);
        prop_assert!(got.parts.iter().all(|p| p.points.unwrap() <= 3));
    }

    #[test]
    fn whatever_is_missing_makes_it_incomplete(all in anything(), which in 1..64_u8) {
        let mut inputs = all;
        let numbers = [
            &mut inputs.respiration,
            &mut inputs.saturation,
            &mut inputs.systolic,
            &mut inputs.pulse,
            &mut inputs.temperature,
        ];
        for (i, number) in numbers.into_iter().enumerate() {
            if which & (1 << i) != 0 {
                *number = None;
            }
        }
        if which & 32 != 0 {
            inputs.assessment = None;
        }
        let got = score(&inputs);
        prop_assert_eq!(got.total, None);
        prop_assert_eq!(got.parts.len(), 7);
        prop_assert!(got.missing().count() >= usize::try_from(which.count_ones()).unwrap());
    }

    /// Beyond what is normal, further out never scores less; SpO2 of the first scale has one side only.
    #[test]
    fn further_out_never_scores_less(inputs in anything(), part in 0..5_usize, by in 0..30_000_i32) {
        let inputs = Inputs { scale: SpO2Scale::One, ..inputs };
        let normal = [(12_000, 20_000), (96_000, i32::MAX), (111_000, 219_000), (51_000, 90_000), (36_100, 38_000)];
        let value = [inputs.respiration, inputs.saturation, inputs.systolic, inputs.pulse, inputs.temperature][part]
            .unwrap()
            .1
            .thousandths();
        let outward = if value < normal[part].0 { -by } else { by };
        prop_assume!(value < normal[part].0 || value > normal[part].1);
        prop_assert!(score(&moved(&inputs, part, outward)).total >= score(&inputs).total);
    }

    /// With oxygen a score is never less than on air, and awake never more than not.
    #[test]
    fn oxygen_and_a_lower_consciousness_never_score_less(inputs in anything()) {
        let with = |c, b| score(&Inputs { assessment: Some((c, b)), ..inputs }).total;
        for c in Consciousness::ALL {
            prop_assert!(with(*c, Breathing::Oxygen) >= with(*c, Breathing::Air));
            prop_assert!(with(*c, Breathing::Air) >= with(Consciousness::Alert, Breathing::Air));
        }
    }
}
