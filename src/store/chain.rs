//! The chain: each entry carries a hash of all it says and of the hash before.
//!
//! The text that is hashed is described in `docs/record-format.md`, with an
//! example worked out by hand; it can be made again with common tools. A value
//! that is not there is left out of it, so that a column added later changes
//! no hash of an older entry.

use super::rows::{ENTRY, Row, Table, Value};
use crate::domain::change::Hash;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// The first line of the text, naming its form.
const FORM: &str = "saishin entry 1\n";

/// The text of an entry that stands at `seq` behind an entry with hash `prev`.
pub fn text(seq: u64, prev: &Hash, header: &[Option<Value>], facts: &[Row]) -> String {
    let mut text = String::with_capacity(512);
    text.push_str(FORM);
    field(&mut text, "seq", &seq.to_string());
    bytes(&mut text, "prev", prev);
    fields(&mut text, &ENTRY, header);
    for (n, row) in facts.iter().enumerate() {
        field(&mut text, "row", row.table.name);
        field(&mut text, "n", &n.to_string());
        fields(&mut text, row.table, &row.values);
    }
    text
}

/// Its hash.
pub fn hash(seq: u64, prev: &Hash, header: &[Option<Value>], facts: &[Row]) -> Hash {
    Sha256::digest(text(seq, prev, header, facts)).into()
}

/// Lowercase hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    push_hex(&mut text, bytes);
    text
}

/// By hand and in place, since half of what is hashed is bytes.
fn push_hex(text: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        for half in [byte >> 4, byte & 15] {
            text.push(char::from(DIGITS[usize::from(half)]));
        }
    }
}

fn fields(text: &mut String, table: &Table, values: &[Option<Value>]) {
    for (column, value) in table.columns.iter().zip(values) {
        match value {
            None => {}
            Some(Value::Int(number)) => field(text, column, &number.to_string()),
            Some(Value::Text(said)) => field(text, column, said),
            Some(Value::Blob(held)) => bytes(text, column, held),
        }
    }
}

/// The length in bytes stands before the value, so that no two sets of values
/// make the same text.
fn field(text: &mut String, name: &str, value: &str) {
    begin(text, name, value.len());
    text.push_str(value);
    text.push('\n');
}

/// A field of bytes, which are written as hexadecimal.
fn bytes(text: &mut String, name: &str, value: &[u8]) {
    begin(text, name, 2 * value.len());
    push_hex(text, value);
    text.push('\n');
}

fn begin(text: &mut String, name: &str, length: usize) {
    text.push_str(name);
    // Writing to a String cannot fail.
    let _ = write!(text, " {length}:");
}
