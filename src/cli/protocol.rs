//! `saishin protocol check`: a protocol file read, and its rules' examples run.

use super::wrong::{Wrong, name};
use crate::domain::protocol::{ExampleFailure, Protocol};
use crate::domain::situation::Verdict;
use crate::text::{Text, fill};
use crate::widget::cells::display;
use sha2::{Digest, Sha256};
use std::io::Read;
use std::path::Path;

/// Larger than any protocol, small enough to be read whole.
const LARGEST: u64 = 4 * 1024 * 1024;

/// What the file holds, or the first word that is wrong with it.
pub fn check(file: &Path, text: &Text) -> Result<String, Wrong> {
    let source = read(file, text)?;
    let protocol = Protocol::parse(&source)
        .map_err(|e| Wrong::Said(format!("{}:{}", name(file), display(&e.message(text.lang)))))?;
    let failures = protocol.check_examples();
    if !failures.is_empty() {
        let lines: Vec<String> = failures.iter().map(|f| failure(f, text)).collect();
        return Err(Wrong::Said(lines.join("\n")));
    }
    let id = [
        ("id", &*display(&protocol.id)),
        ("version", &*display(&protocol.version)),
    ];
    let hash: String = Sha256::digest(source.as_bytes())
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    let lines = [
        fill(text.cli_protocol_is, &id),
        counts(&protocol, text),
        fill(text.cli_protocol_hash, &[("hash", &hash)]),
        text.cli_protocol_good.to_owned(),
    ];
    Ok(lines.join("\n"))
}

fn read(file: &Path, text: &Text) -> Result<String, Wrong> {
    let mut bytes = Vec::new();
    let taken = std::fs::File::open(file)
        .and_then(|opened| opened.take(LARGEST + 1).read_to_end(&mut bytes));
    if let Err(why) = taken {
        let why = display(&why.to_string()).into_owned();
        return Err(Wrong::said(
            text.cli_file_unreadable,
            &[("file", &name(file)), ("why", &why)],
        ));
    }
    if bytes.len() as u64 > LARGEST {
        let n = LARGEST.to_string();
        return Err(Wrong::said(
            text.cli_file_too_large,
            &[("file", &name(file)), ("n", &n)],
        ));
    }
    let not_text = |_| Wrong::said(text.cli_file_not_text, &[("file", &name(file))]);
    String::from_utf8(bytes).map_err(not_text)
}

fn counts(protocol: &Protocol, text: &Text) -> String {
    let examples: usize = protocol.rules.iter().map(|rule| rule.examples.len()).sum();
    let values = [
        ("sections", protocol.sections.len()),
        ("items", protocol.items().count()),
        ("rules", protocol.rules.len()),
        ("examples", examples),
        ("settings", protocol.settings.len()),
    ]
    .map(|(gap, n)| (gap, n.to_string()));
    fill(
        text.cli_protocol_counts,
        &values.each_ref().map(|(gap, n)| (*gap, n.as_str())),
    )
}

fn failure(failure: &ExampleFailure, text: &Text) -> String {
    let expected = if failure.expected {
        text.cli_fires
    } else {
        text.cli_silent
    };
    let found = match failure.found {
        Verdict::Holds => text.cli_fires,
        Verdict::Not => text.cli_silent,
        Verdict::Unknown => text.cli_undecided,
    };
    let values = [
        ("rule", &*display(&failure.rule)),
        ("n", &*failure.example.to_string()),
        ("expected", expected),
        ("found", found),
    ];
    fill(text.cli_protocol_example, &values)
}
