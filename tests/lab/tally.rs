//! Files nobody here wrote: every row of them ends as a result or as a refused
//! line, and the counts add up.
//!
//!   SAISHIN_LAB_SAMPLES=/a/folder cargo test --release --test lab tally -- --nocapture

use crate::corpus::catalogue;
use saishin::lab::{Reading, Tables, read};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// No file of at most 16 MiB may take longer.
const SLOWEST: Duration = Duration::from_secs(20);

#[derive(Default)]
struct Tally {
    files: usize,
    read: usize,
    rows: usize,
    results: usize,
    refused: usize,
    judged: usize,
    kinds: BTreeMap<String, usize>,
}

impl Tally {
    fn count(&mut self, what: String) {
        *self.kinds.entry(what).or_default() += 1;
    }

    fn add(&mut self, reading: &Reading) {
        self.read += 1;
        self.rows += reading.rows;
        self.results += reading.results();
        self.refused += reading.refused.len();
        self.count(format!(
            "file read as {:?} in {}",
            reading.format,
            reading.encoding.actual.word()
        ));
        for warning in &reading.warnings {
            self.count(format!("warning {}", warning.kind.word()));
        }
        for line in &reading.refused {
            self.count(format!("refused {}", line.reason.word()));
        }
        let reports = reading.reports.iter();
        for (report, result) in reports.flat_map(|r| r.results.iter().map(move |s| (r, s))) {
            match report.judgeable(result) {
                Ok(()) => self.judged += 1,
                Err(why) => self.count(format!("not judged {}", why.word())),
            }
        }
    }
}

#[test]
fn every_row_of_files_from_outside_is_accounted_for() {
    let Ok(folder) = std::env::var("SAISHIN_LAB_SAMPLES") else {
        println!("skipped: SAISHIN_LAB_SAMPLES names no folder of files to read");
        return;
    };
    let catalogue = catalogue();
    let tables = Tables::built_in(&catalogue);
    let mut tally = Tally::default();
    for file in files(Path::new(&folder)) {
        let bytes = std::fs::read(&file).expect("a file of the folder");
        let start = Instant::now();
        let reading = read(&bytes, &tables, &catalogue);
        assert!(start.elapsed() < SLOWEST, "{}", file.display());
        tally.files += 1;
        match &reading {
            Ok(reading) => {
                assert!(reading.adds_up(), "{}", file.display());
                let lines = obx_lines(&bytes);
                if reading.format == saishin::lab::Format::Hl7 {
                    assert_eq!(reading.rows, lines, "{}", file.display());
                }
                tally.add(reading);
            }
            Err(why) => tally.count(format!("file refused: {}", why.word())),
        }
    }
    assert!(tally.files > 0, "no file in {folder}");
    for (what, count) in &tally.kinds {
        println!("{count:>7}  {what}");
    }
    println!(
        "{} results, {} refused of {} rows; {} judged; {} of {} files read",
        tally.results, tally.refused, tally.rows, tally.judged, tally.read, tally.files
    );
}

/// Lines that begin with `OBX` and a delimiter, counted without the reader.
fn obx_lines(bytes: &[u8]) -> usize {
    let lines = bytes.split(|b| matches!(b, b'\r' | b'\n'));
    let is_obx = |line: &&[u8]| {
        let start = line
            .iter()
            .position(|b| !b.is_ascii_whitespace() && *b != 0x0B);
        start.is_some_and(|at| line[at..].starts_with(b"OBX|"))
    };
    lines.filter(is_obx).count()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let (mut files, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// One file from outside in plain words: for looking, not for checking.
#[test]
fn one_file_from_outside_is_told() {
    let Ok(file) = std::env::var("SAISHIN_LAB_FILE") else {
        println!("skipped: SAISHIN_LAB_FILE names no file to tell");
        return;
    };
    let bytes = std::fs::read(&file).expect("the file");
    println!(
        "{}",
        crate::told::of(&read(&bytes, &Tables::built_in(&catalogue()), &catalogue()))
    );
}
