//! The chain: each entry carries a hash of all it says and of the hash before.
//!
//! The text that is hashed is described in `docs/record-format.md`, with an
//! example worked out by hand; it can be made again with common tools. A value
//! that is not there is left out of it, so that a column added later changes
//! no hash of an older entry.

use super::rows::{ENTRY, Row, Table, Value};
use crate::domain::change::Hash;
use sha2::{Digest, Sha256};

/// The first line of the text, naming its form.
const FORM: &str = "saishin entry 1\n";

/// The text of an entry that stands at `seq` behind an entry with hash `prev`.
pub fn text(seq: u64, prev: &Hash, header: &[Option<Value>], facts: &[Row]) -> String {
    let mut text = String::with_capacity(512);
    head(&mut text, seq, prev, header);
    for (n, row) in facts.iter().enumerate() {
        fact(&mut text, n, row);
    }
    text
}

/// Its hash.
pub fn hash(seq: u64, prev: &Hash, header: &[Option<Value>], facts: &[Row]) -> Hash {
    let mut hashing = Hashing::new(seq, prev, header);
    for row in facts {
        hashing.fact(row);
    }
    hashing.hash()
}

/// The hash, made a row at a time: a laboratory's file makes megabytes of text.
pub(super) struct Hashing {
    hash: Sha256,
    text: String,
    facts: usize,
}

impl Hashing {
    pub(super) fn new(seq: u64, prev: &Hash, header: &[Option<Value>]) -> Self {
        let mut text = String::with_capacity(1024);
        head(&mut text, seq, prev, header);
        Self {
            hash: Sha256::new_with_prefix(&text),
            text,
            facts: 0,
        }
    }

    /// The next row of the entry.
    pub(super) fn fact(&mut self, row: &Row) {
        self.text.clear();
        fact(&mut self.text, self.facts, row);
        self.hash.update(&self.text);
        self.facts += 1;
    }

    pub(super) fn hash(self) -> Hash {
        self.hash.finalize().into()
    }
}

fn head(text: &mut String, seq: u64, prev: &Hash, header: &[Option<Value>]) {
    text.push_str(FORM);
    number(text, "seq", seq as i64);
    bytes(text, "prev", prev);
    fields(text, &ENTRY, header);
}

fn fact(text: &mut String, n: usize, row: &Row) {
    field(text, "row", row.table.name);
    number(text, "n", n as i64);
    fields(text, row.table, &row.values);
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
            Some(Value::Int(held)) => number(text, column, *held),
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

fn number(text: &mut String, name: &str, value: i64) {
    let mut digits = [0; 20];
    let digits = decimal(value.unsigned_abs(), &mut digits);
    begin(text, name, digits.len() + usize::from(value < 0));
    if value < 0 {
        text.push('-');
    }
    text.push_str(digits);
    text.push('\n');
}

fn begin(text: &mut String, name: &str, length: usize) {
    text.push_str(name);
    text.push(' ');
    text.push_str(decimal(length as u64, &mut [0; 20]));
    text.push(':');
}

/// The digits of a number, put at the end of `room`: every value has its length
/// in front, and formatting takes longer than hashing.
fn decimal(mut number: u64, room: &mut [u8; 20]) -> &str {
    let mut from = room.len();
    loop {
        from -= 1;
        room[from] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    // Digits are text.
    std::str::from_utf8(&room[from..]).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_as_they_are_written() {
        for value in [0, 7, 10, -1, 1_234_567, i64::MIN, i64::MAX] {
            let (mut text, said) = (String::new(), value.to_string());
            number(&mut text, "at", value);
            assert_eq!(text, format!("at {}:{said}\n", said.len()));
        }
    }
}
