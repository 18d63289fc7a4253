//! WFDB records of several files: the input is `r.hea`, `a.hea`, `b.hea` and one signal file for all, between lines of `==`.
//! What opens is read, written, opened again and is the same.
#![no_main]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::Write;
use std::rc::Rc;

use libfuzzer_sys::fuzz_target;
use wire::recording::{NO_SAMPLE_WIDE, Samples};
use wire::wfdb::{Record, open, write};

type Folder = Rc<RefCell<BTreeMap<String, Vec<u8>>>>;

struct Landing(String, Vec<u8>, Folder);

impl Write for Landing {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.1.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.2.borrow_mut().insert(self.0.clone(), self.1.clone());
        Ok(())
    }
}

/// The values of a channel, without what is missing.
fn values(record: &Record, at: usize) -> Option<Vec<f64>> {
    let channel = &record.head().channels[at];
    let count: u64 = channel.runs.iter().map(|r| r.count).sum();
    let mut samples = Vec::new();
    (count < 1 << 16).then(|| record.samples(at, 0..count, &mut samples).ok())??;
    assert_eq!(samples.len() as u64, count);
    let present = samples.into_iter().filter(|s| *s != NO_SAMPLE_WIDE);
    Some(present.map(|s| f64::from(s) * channel.resolution + channel.zero).collect())
}

fuzz_target!(|bytes: &[u8]| {
    let mut parts: Vec<&[u8]> = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest.windows(4).position(|w| w == b"\n==\n").filter(|_| parts.len() < 3) {
        parts.push(&rest[..=at]);
        rest = &rest[at + 4..];
    }
    parts.push(rest);
    let file = |name: &str| match name {
        "r.hea" => parts[0],
        "a.hea" => parts.get(1).copied().unwrap_or_default(),
        "b.hea" => parts.get(2).copied().unwrap_or_default(),
        _ => rest,
    };
    let Ok(record) = open("r.hea", &mut |name| Ok(file(name).to_vec())) else {
        return;
    };
    drop(record.verify());
    let channels = &record.head().channels;
    let last = channels.iter().flat_map(|c| &c.runs).map(|r| r.start_us).max().unwrap_or(0);
    let wide: f64 = channels.iter().map(|c| c.rate.hertz()).sum();
    if wide * last as f64 / 1e6 > 1e6 || channels.iter().any(|c| !(1e-6..1e6).contains(&c.resolution)) {
        return;
    }
    let Some(before): Option<Vec<Vec<f64>>> = (0..channels.len()).map(|at| values(&record, at)).collect() else {
        return;
    };
    let folder = Folder::default();
    let make = &mut |name: &str| -> Result<Box<dyn Write>, _> {
        Ok(Box::new(Landing(name.to_owned(), Vec::new(), Rc::clone(&folder))))
    };
    let Ok(written) = write(&record, "w", make) else { return };
    let folder = folder.borrow();
    let mut after: Vec<Vec<f64>> = Vec::new();
    for name in &written.records {
        let copy = open(&format!("{name}.hea"), &mut |name| Ok(folder[name].clone())).expect("what was written opens");
        copy.verify().expect("what was written has its checksums");
        after.extend((0..copy.head().channels.len()).map(|at| values(&copy, at).expect("what was written reads")));
    }
    let mut before: Vec<Vec<f64>> = before.into_iter().filter(|v| !v.is_empty()).collect();
    after.retain(|v| !v.is_empty());
    // Records by rate come in another order.
    let key = |a: &Vec<f64>, b: &Vec<f64>| (a.len(), a[0]).partial_cmp(&(b.len(), b[0])).expect("finite");
    before.sort_by(key);
    after.sort_by(key);
    assert_eq!(
        before.iter().map(Vec::len).collect::<Vec<_>>(),
        after.iter().map(Vec::len).collect::<Vec<_>>()
    );
});
