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
