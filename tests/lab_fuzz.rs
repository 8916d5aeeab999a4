//! The readers of laboratory files, fed with what mutation makes of the fixtures:
//! they never panic, and every row stays accounted for.
//!
//!   FUZZ=10000000 cargo test --release --test lab_fuzz -- --nocapture
//!
//! FUZZ is the number of inputs a reader; without it a short run. The inputs follow
//! from FUZZ_SEED (a number) alone; a failure names reader, number and input.

use saishin::domain::catalogue::{BUILT_IN, Catalogue};
use saishin::lab::{Layout, Tables, read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// Inputs of a run within the test suite.
const SHORT: u64 = 3_000;

/// Longest seed: long enough for every oddity, short enough for many inputs.
const LONGEST_SEED: usize = 1_500;

/// What readers look for; put in where it hurts.
const WORDS: [&[u8]; 40] = [
    b"|",
    b"^",
    b"~",
    b"\\",
    b"&",
    b"\r",
    b"\n",
    b"\r\n",
    b"\"",
    b"\"\"",
    b",",
    b"\t",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b"\\X1B\\",
    b"\\.br\\",
    b"\\S\\",
    b"\rMSH|^~\\&|",
    b"\rOBX|1|NM|1742-6^ALT^LN||24|U/L",
    b"\rPID|",
    b"\rOBR|",
    b"\rSPM|",
    b"\rNTE|1||",
    b"\x1B$B",
    b"\x1B(B",
    b"\x1B(J",
    b"\x1B(I",
    b"\x82\xA0",
    b"\x83|",
    b"\xEF\xBB\xBF",
    b"\xFF\xFE",
    b"\x00",
    b"1e9",
    b"<=",
    "未満".as_bytes(),
    "\u{202E}".as_bytes(),
    b"99999999999999999999",
];

/// A generator of numbers (xorshift), the same on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        (self.roll() % end.max(1) as u64) as usize
    }

    fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// One input: a seed with one to six mutations.
fn input(dice: &mut Dice, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = dice.pick(seeds).clone();
    for _ in 0..=dice.below(6) {
        let at = dice.below(bytes.len() + 1);
        let to = (at + dice.below(40)).min(bytes.len());
        match dice.below(8) {
            0 if at < bytes.len() => bytes[at] = dice.roll() as u8,
            1 if at < bytes.len() => bytes[at] ^= 1 << dice.below(8),
            2 => drop(bytes.drain(at..to)),
            3 => {
                let copied = bytes[at..to].to_vec();
                let into = dice.below(bytes.len() + 1);
                bytes.splice(into..into, copied);
            }
            4 => {
                let other = dice.pick(seeds);
                let from = dice.below(other.len());
                let end = (from + dice.below(200)).min(other.len());
                bytes.splice(at..to, other[from..end].iter().copied());
            }
            5 => bytes.truncate(at),
            _ => drop(bytes.splice(at..at, dice.pick(&WORDS).iter().copied())),
        }
    }
    bytes
}

fn run(reader: &str, seeds: &[Vec<u8>], check: impl Fn(&[u8])) {
    let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    let inputs = number("FUZZ").unwrap_or(SHORT);
    let mut dice = Dice(number("FUZZ_SEED").unwrap_or(0x5A15_4149).max(1));
    for at in 0..inputs {
        let bytes = input(&mut dice, seeds);
        let held = catch_unwind(AssertUnwindSafe(|| check(&bytes)));
        assert!(
            held.is_ok(),
            "{reader}, input {at}: {:?}",
            String::from_utf8_lossy(&bytes)
        );
        if at % 100_000 == 99_999 {
            println!("{reader}: {} inputs", at + 1);
        }
    }
}

fn reads(reader: &str, endings: &[&str]) {
    let catalogue = Catalogue::parse(BUILT_IN).expect("the catalogue");
    let tables = Tables::built_in(&catalogue);
    run(reader, &seeds("tests/fixtures/labs", endings), |bytes| {
        if let Ok(reading) = read(bytes, &tables, &catalogue) {
            assert!(reading.adds_up());
            for report in &reading.reports {
                for result in &report.results {
                    let _judged = report.judgeable(result);
                    assert!(!report.key(result).text().contains('\u{1B}'));
                }
            }
        }
    });
}

#[test]
fn hl7() {
    reads("hl7", &["hl7"]);
}

#[test]
fn columns() {
    reads("columns", &["dat", "csv", "txt"]);
}

#[test]
fn fhir() {
    reads("fhir", &["json", "ndjson"]);
}

#[test]
fn a_layout_is_read_or_refused_with_its_place() {
    let catalogue = Catalogue::parse(BUILT_IN).expect("the catalogue");
    run("layout", &seeds("assets/lab", &["toml"]), |bytes| {
        let text = String::from_utf8_lossy(bytes);
        if let Err(error) = Layout::read(&text, &catalogue) {
            assert!(error.line >= 1 && error.column >= 1);
            assert!(error.line <= text.matches('\n').count() + 1);
        }
    });
}

/// The files of a folder with these endings, cut to the length of a seed.
fn seeds(folder: &str, endings: &[&str]) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    let fits = |path: &&PathBuf| {
        path.extension()
            .is_some_and(|e| endings.iter().any(|ending| e == *ending))
    };
    let read = |path: &PathBuf| {
        let mut bytes = std::fs::read(path).expect("a seed");
        bytes.truncate(LONGEST_SEED);
        bytes
    };
    let seeds: Vec<Vec<u8>> = paths.iter().filter(fits).map(read).collect();
    assert!(!seeds.is_empty());
    seeds
}
