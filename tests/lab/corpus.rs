//! Each invented file is read as the text beside it says.

use crate::told;
use saishin::domain::catalogue::{BUILT_IN, Catalogue};
use saishin::lab::{Tables, read};
use std::path::{Path, PathBuf};

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/labs")
}

pub fn catalogue() -> Catalogue {
    Catalogue::parse(BUILT_IN).expect("the catalogue")
}

/// Every file of the corpus, without what is told of it.
pub fn files() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder()).expect("the folder of fixtures");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut files: Vec<PathBuf> = paths
        .filter(|path| path.is_file() && path.extension().is_some_and(|e| e != "told"))
        .collect();
    files.sort();
    files
}

#[test]
fn every_file_is_read_as_the_text_beside_it_says() {
    let catalogue = catalogue();
    let tables = Tables::built_in(&catalogue);
    let write = std::env::var("LABS").is_ok_and(|v| v == "write");
    let mut wrong = Vec::new();
    for file in files() {
        let bytes = std::fs::read(&file).expect("a fixture");
        let read = read(&bytes, &tables, &catalogue);
        assert!(
            read.as_ref().map_or(true, |r| r.adds_up()),
            "{}",
            file.display()
        );
        let told = told::of(&read);
        let beside = beside(&file);
        if write {
            std::fs::write(&beside, &told).expect("written");
        }
        let expected = std::fs::read_to_string(&beside).unwrap_or_default();
        if told != expected {
            wrong.push(format!("{}\n--- read:\n{told}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "not as told:\n{}", wrong.join("\n"));
}

/// `crlf.hl7` has `crlf.hl7.told` beside it.
fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".told");
    PathBuf::from(name)
}

/// Five hundred messages of twenty results: what a month of a busy clinic brings.
#[test]
fn ten_thousand_results_are_read_at_once() {
    let message = |n: usize| {
        let results = (1..=20).map(|at| {
            format!("OBX|{at}|NM|3B045000002327201^ALT(GPT)^JC10||{at}|U/L^U/L^ISO+|7-23||||F\r")
        });
        let head = format!(
            "MSH|^~\\&|LIS|LAB|||20261120||OUL^R22^OUL_R22|{n}|P|2.5||||||UNICODE UTF-8\r\
             PID|||{n}^^^^PI||山田^花子^^^^^L^I||20010403|F\r\
             SPM|1|||023^血清^JC10|||||||||||||202611190830\rOBR|1|O-{n}|F-{n}\r"
        );
        std::iter::once(head).chain(results).collect::<String>()
    };
    let bytes: String = (0..500).map(message).collect();
    let catalogue = catalogue();
    let tables = Tables::built_in(&catalogue);
    let start = std::time::Instant::now();
    let reading = read(bytes.as_bytes(), &tables, &catalogue).expect("the messages");
    println!(
        "{} results of {} bytes in {:?}",
        reading.results(),
        bytes.len(),
        start.elapsed()
    );
    assert_eq!(
        (reading.rows, reading.results(), reading.reports.len()),
        (10_000, 10_000, 500)
    );
    let judged =
        |r: &saishin::lab::Report| r.results.iter().filter(|s| r.judgeable(s).is_ok()).count();
    assert_eq!(reading.reports.iter().map(judged).sum::<usize>(), 10_000);
}
