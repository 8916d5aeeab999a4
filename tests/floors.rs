//! Imports go down only: every file names what stands below it and nothing else.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What the files of a part of `src` may name: parts of the program and crates.
struct Floor {
    part: &'static str,
    own: &'static [&'static str],
    crates: &'static [&'static str],
}

/// Lowest first. A longer name counts before a shorter one.
const FLOORS: &[Floor] = &[
    Floor {
        part: "domain",
        own: &[],
        crates: &[
            "chrono",
            "rust_decimal",
            "serde",
            "toml",
            "unicode_normalization",
            "uuid",
        ],
    },
    Floor {
        part: "store",
        own: &["domain"],
        crates: &["chrono", "rusqlite", "rust_decimal", "rustix", "sha2"],
    },
    Floor {
        part: "text",
        own: &["domain"],
        crates: &[],
    },
    Floor {
        part: "keys",
        own: &["text"],
        crates: &[],
    },
    Floor {
        part: "clock",
        own: &[],
        crates: &["chrono"],
    },
    Floor {
        part: "paths",
        own: &[],
        crates: &["etcetera"],
    },
    Floor {
        part: "shown",
        own: &["domain", "lab", "text"],
        crates: &["chrono", "rust_decimal"],
    },
    Floor {
        part: "note",
        own: &["domain", "shown", "text"],
        crates: &["chrono", "rust_decimal"],
    },
    Floor {
        part: "seal",
        own: &["domain", "note", "shown", "text"],
        crates: &["chrono"],
    },
    Floor {
        part: "ledger",
        own: &["domain", "shown", "text"],
        crates: &["chrono", "rust_decimal"],
    },
    Floor {
        part: "review",
        own: &["domain", "note", "seal", "shown", "text"],
        crates: &["chrono"],
    },
    Floor {
        part: "lab",
        own: &["domain"],
        crates: &[
            "chrono",
            "encoding_rs",
            "rust_decimal",
            "serde",
            "serde_json",
            "toml",
            "unicode_normalization",
        ],
    },
    Floor {
        part: "incoming",
        own: &["domain", "lab"],
        crates: &["chrono", "rust_decimal", "sha2", "uuid"],
    },
    Floor {
        part: "widget",
        own: &["domain"],
        crates: &[
            "ratatui",
            "unicode_normalization",
            "unicode_segmentation",
            "unicode_width",
        ],
    },
    Floor {
        part: "screen",
        own: &[
            "domain", "incoming", "keys", "ledger", "note", "review", "seal", "shown", "text",
            "widget",
        ],
        crates: &["chrono", "ratatui", "rust_decimal", "uuid"],
    },
    Floor {
        part: "demo",
        own: &[
            "domain", "incoming", "lab", "note", "review", "seal", "text",
        ],
        crates: &["chrono", "rust_decimal", "serde", "sha2", "toml", "uuid"],
    },
    Floor {
        part: "app",
        own: &[
            "clock", "domain", "incoming", "keys", "lab", "screen", "seal", "store", "text",
            "widget",
        ],
        crates: &[
            "chrono",
            "crossterm",
            "ratatui",
            "rust_decimal",
            "rustix",
            "sha2",
            "signal_hook",
            "uuid",
        ],
    },
    Floor {
        part: "cli",
        own: &[
            "app", "clock", "demo", "domain", "lab", "ledger", "note", "paths", "screen", "shown",
            "store", "text", "widget",
        ],
        crates: &[
            "chrono",
            "clap",
            "clap_complete",
            "sha2",
            "sys_locale",
            "uuid",
        ],
    },
    Floor {
        part: "lib",
        own: &[],
        crates: &[],
    },
    Floor {
        part: "main",
        own: &[],
        crates: &["saishin"],
    },
];

#[test]
fn every_file_names_only_what_stands_below_it() {
    let mut wrong = Vec::new();
    for file in sources() {
        let Some(floor) = floor_of(&file) else {
            wrong.push(format!("{}: it stands on no floor", file.display()));
            continue;
        };
        let text = std::fs::read_to_string(source(&file)).expect("a source file");
        for (line, path) in paths(&text) {
            if !allowed(floor, &path) {
                wrong.push(format!(
                    "{}:{line}: {} names {path}",
                    file.display(),
                    floor.part
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_file_that_names_what_stands_above_it_is_found() {
    let found = |part: &str, line: &str| {
        let floor = FLOORS.iter().find(|f| f.part == part).expect("a floor");
        paths(line).iter().any(|(_, path)| !allowed(floor, path))
    };
    assert!(found("domain", "use crate::store::Store;"));
    assert!(found("screen", "use crate::app::Model;"));
    assert!(found(
        "screen",
        "    let rows = crate::store::Lists::default();"
    ));
    assert!(found("screen", "use crate::{app::Model, text::Text};"));
    assert!(found("store", "use ratatui::Frame;"));
    assert!(found("domain", "    rusqlite::Connection::open(path)"));
    assert!(found("screen", "use crate::{\n    app::Model,\n};"));
    assert!(!found(
        "screen",
        "use crate::domain::id::{self, PatientId};"
    ));
    assert!(!found("screen", "// crate::app reads the clock"));
    assert!(!found("domain", "use std::fmt;"));
}

#[test]
fn no_floor_is_named_without_a_file() {
    let parts: BTreeSet<&str> = sources()
        .iter()
        .filter_map(|f| floor_of(f))
        .map(|f| f.part)
        .collect();
    for floor in FLOORS {
        assert!(parts.contains(floor.part), "there is no `{}`", floor.part);
    }
}

#[test]
fn every_file_begins_by_saying_what_it_is_for() {
    for file in sources() {
        let text = std::fs::read_to_string(source(&file)).expect("a source file");
        let first = text.lines().next().unwrap_or_default();
        let says = first
            .strip_prefix("//! ")
            .is_some_and(|words| words.len() > 8);
        assert!(says, "{}: {first}", file.display());
    }
}

// ---- reading -------------------------------------------------------------------------

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn source(file: &Path) -> PathBuf {
    folder().join(file)
}

/// Every source file, as its path below `src`.
fn sources() -> Vec<PathBuf> {
    let (mut files, mut folders) = (Vec::new(), vec![folder()]);
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).expect("a folder of sources") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let below = path.strip_prefix(folder()).expect("a file below src");
                files.push(below.to_owned());
            }
        }
    }
    files.sort();
    files
}

/// The part of the program that a file belongs to: its first folder, or its name.
fn floor_of(file: &Path) -> Option<&'static Floor> {
    let first = file.iter().next()?.to_str()?;
    let part = first.strip_suffix(".rs").unwrap_or(first);
    FLOORS.iter().find(|floor| floor.part == part)
}

/// Whether a floor may name `path`, such as `crate::store` or `chrono`.
fn allowed(floor: &Floor, path: &str) -> bool {
    match path.strip_prefix("crate::") {
        Some(own) => own == floor.part || floor.own.contains(&own) || floor.part == "lib",
        None => floor.crates.contains(&path),
    }
}

/// Names of crates that a path may begin with, and none that is a module here.
const CRATES: [&str; 23] = [
    "chrono",
    "clap",
    "clap_complete",
    "crossterm",
    "encoding_rs",
    "etcetera",
    "ratatui",
    "rusqlite",
    "rust_decimal",
    "saishin",
    "serde",
    "serde_json",
    "sha2",
    "signal_hook",
    "sys_locale",
    "toml",
    "unicode_normalization",
    "unicode_segmentation",
    "unicode_width",
    "uuid",
    "rustix",
    "libc",
    "windows",
];

/// The parts and crates that a text names, with the line of each; not in tests
/// and remarks.
fn paths(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim() == "#[cfg(test)]" && index > 0 {
            break;
        }
        let code = line.split("//").next().unwrap_or_default();
        let named = own_parts(code).chain(crates(code).map(str::to_owned));
        found.extend(named.map(|name| (index + 1, name)));
        if code.trim_end().ends_with("crate::{") {
            // A list over several lines would not be read: it stands on one.
            found.push((index + 1, "crate::{".to_owned()));
        }
    }
    found
}

/// `crate::x` and each `x` of `crate::{x::…, y}`.
fn own_parts(code: &str) -> impl Iterator<Item = String> {
    let after = code
        .match_indices("crate::")
        .map(move |(at, word)| &code[at + word.len()..]);
    after
        .flat_map(|rest| match rest.strip_prefix('{') {
            Some(list) => heads(list),
            None => vec![word(rest)],
        })
        .filter(|name| !name.is_empty() && !name.starts_with(char::is_uppercase))
        .map(|name| format!("crate::{name}"))
}

/// The first word of each entry of a brace list.
fn heads(list: &str) -> Vec<&str> {
    let (mut depth, mut start, mut all) = (0, 0, Vec::new());
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                all.push(word(list[start..].trim_start()));
                start = at + 1;
            }
            _ => {}
        }
    }
    all.push(word(list[start..].trim_start()));
    all
}

fn word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_');
    &text[..end.unwrap_or(text.len())]
}

/// Crates named at the head of a path.
fn crates(code: &str) -> impl Iterator<Item = &'static str> {
    CRATES.into_iter().filter(move |name| {
        code.match_indices(name).any(|(at, _)| {
            let before = code[..at].chars().next_back();
            let fresh = before.is_none_or(|c| !c.is_alphanumeric() && !"_:\"`.".contains(c));
            fresh && code[at + name.len()..].starts_with("::")
        })
    })
}
