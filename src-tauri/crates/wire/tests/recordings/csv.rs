//! Tables that other programs wrote, and that other programs read.

use wire::csv;
use wire::recording::Samples;

use crate::kit::{shared, values};
use crate::readers::{Python, floats, folder, read_by_pyedflib};

const PANDAS: &str = r"
import sys, json, pandas
table = pandas.read_csv(sys.argv[1])
for i, name in enumerate(table.columns[1:]):
    table[name].to_numpy(dtype='<f8').tofile(f'{sys.argv[1]}.{i}')
print(json.dumps({'columns': list(table.columns), 'rows': len(table), 'first': str(table.iloc[0, 0])}))
";

/// File, samples a second, rows, labels and the first values.
type Told<'a> = (&'a str, f64, u64, &'a [&'a str], &'a [f64]);

const FILES: &[Told<'_>] = &[
    (
        "bidmc_01_Signals.csv",
        125.0,
        60_001,
        &["RESP", "PLETH", "V", "AVR", "II"],
        &[0.353_86, 0.356_79, 0.358_75],
    ),
    (
        "heartpy_data2_timer_ms.csv",
        116.987_75,
        15_000,
        &["hr"],
        &[515.0, 514.0, 514.0],
    ),
    (
        "biosppy_ecg.txt",
        1_000.0,
        15_000,
        &["ECG"],
        &[2_044.0, 2_044.0, 2_044.0],
    ),
];

#[test]
fn exports_are_read_with_their_rates_and_values() {
    let Some(dir) = shared() else { return };
    for (name, rate, rows, labels, first) in FILES {
        let file = csv::open(name, &std::fs::read(dir.join("csv").join(name)).unwrap()).unwrap();
        let head = file.head();
        let found: Vec<_> = head.channels.iter().map(|c| c.label.as_str()).collect();
        assert_eq!(&found, labels, "{name}");
        assert!(head.numerics.is_empty() && head.marks.is_empty(), "{name}");
        for channel in &head.channels {
            assert!(
                (channel.rate.hertz() / rate - 1.0).abs() < 1e-6,
                "{name} {:?}",
                channel.rate
            );
            assert_eq!((channel.total(), channel.runs.len()), (*rows, 1), "{name}");
        }
        for (value, meant) in values(&file, 0).iter().zip(*first) {
            assert!((value - meant).abs() < 1e-9, "{name}: {value} for {meant}");
        }
    }
    let packed = std::fs::read(dir.join("csv/scipy_ecg_mitdb208.dat")).unwrap();
    assert!(csv::open("ecg", &packed).unwrap_err().to_string().contains("no text"));
}

#[test]
fn tables_are_read_by_pandas_without_options_as_the_same() {
    let Some(python) = Python::find() else { return };
    let Some(dir) = shared() else { return };
    for (name, _, rows, ..) in FILES {
        let file = csv::open(name, &std::fs::read(dir.join("csv").join(name)).unwrap()).unwrap();
        let path = folder(&format!("pandas_{name}")).join("written.csv");
        let mut out = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
        csv::write(&file, &mut out).unwrap();
        drop(out);
        let read = python.run(PANDAS, &[path.to_str().unwrap()]);
        assert_eq!(read["rows"].as_u64(), Some(*rows), "{name}");
        assert_eq!(read["columns"][0], "time_s", "{name}");
        for i in 0..file.head().channels.len() {
            let found = floats(&path.with_file_name(format!("written.csv.{i}")));
            for (found, meant) in found.iter().zip(values(&file, i)) {
                assert!((found - meant).abs() < 1e-9, "{name}: {found} for {meant}");
            }
        }
        read_by_pyedflib(&python, &[(format!("csv/{name}"), &file)]);
    }
}
