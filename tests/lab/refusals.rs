//! Files that are no laboratory's, and files made to do harm.

use crate::corpus::catalogue;
use saishin::lab::{MOST_BYTES, MOST_ROWS, Reading, Reason, Refusal, Tables, read};
use std::time::{Duration, Instant};

fn of(bytes: &[u8]) -> Result<Reading, Refusal> {
    let catalogue = catalogue();
    read(bytes, &Tables::built_in(&catalogue), &catalogue)
}

const HEAD: &str =
    "MSH|^~\\&|LIS|LAB|||20261120||ORU^R01|1|P|2.5\rPID|1||10023\rOBR|1||F-1||||20261119\r";

#[test]
fn what_is_no_text_is_refused_by_its_first_bytes() {
    for (start, kind) in [
        (&b"PK\x03\x04rest"[..], "zip"),
        (b"\x1F\x8B\x08rest", "gzip"),
        (b"%PDF-1.7", "pdf"),
        (b"\x89PNG\r\n", "png"),
        (b"\xFF\xD8\xFF\xE0", "jpeg"),
        (b"\x7FELF\x02", "program"),
        (b"SQLite format 3\x00", "sqlite"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "office"),
        (b"7z\xBC\xAF\x27\x1C", "7z"),
        (b"{\\rtf1", "rtf"),
        (b"MSH|^~\\&|\x00|", "data"),
    ] {
        assert_eq!(of(start), Err(Refusal::Binary(kind)), "{kind}");
    }
}

#[test]
fn what_holds_nothing_is_refused() {
    for bytes in [&b""[..], b"  \r\n ", b"\xEF\xBB\xBF", b"\x0B\r\n"] {
        assert_eq!(of(bytes), Err(Refusal::Empty), "{bytes:?}");
    }
}

#[test]
fn bytes_of_no_encoding_are_refused() {
    // 0xFF stands in none of Shift_JIS, EUC-JP and UTF-8.
    let bytes = [HEAD.as_bytes(), b"NTE|1||\x82\xA0\xFF\xFF\r"].concat();
    assert_eq!(of(&bytes), Err(Refusal::Encoding));
    // JIS X 0212 is not read: a name would be lost.
    let bytes = [HEAD.as_bytes(), b"NTE|1||\x1B$(D\x30\x21\x1B(B\r"].concat();
    assert_eq!(of(&bytes), Err(Refusal::Encoding));
}

#[test]
fn japanese_that_goes_on_over_a_delimiter_is_refused_with_its_line() {
    let after = |nte: &[u8]| of(&[HEAD.as_bytes(), nte].concat());
    let open = Err(Refusal::OpenEscape { line: 4 });
    // Never back to ASCII; begun twice; at the end of the file.
    assert_eq!(after(b"NTE|1||\x1B$B9qIB |X\rNTE|2\r"), open);
    assert_eq!(after(b"NTE|1||\x1B$B9qIB |X|\x1B$B;3\x1B(B\r"), open);
    assert_eq!(after(b"NTE|1||\x1B$B9qIB"), open);
}

#[test]
fn a_file_of_more_bytes_or_rows_than_any_laboratory_sends_is_refused() {
    assert_eq!(of(&vec![b' '; MOST_BYTES + 1]), Err(Refusal::TooLarge));
    let rows = "OBX|1|NM|1742-6^ALT^LN||24|U/L\r".repeat(MOST_ROWS + 1);
    let start = Instant::now();
    assert_eq!(
        of(format!("{HEAD}{rows}").as_bytes()),
        Err(Refusal::TooManyRows)
    );
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_megabyte_in_a_field_is_a_refused_line() {
    let long = "x".repeat(1 << 20);
    for field in [
        format!("OBX|1|ST|1742-6^ALT^LN||{long}|U/L"),
        format!("OBX|1|NM|1742-6^{long}^LN||24|U/L"),
        format!("OBX|1|NM|1742-6^ALT^LN||24|{long}"),
        format!("OBX|1|NM|1742-6^ALT^LN||24|U/L|{long}"),
    ] {
        let reading = of(format!("{HEAD}{field}\rOBX|2|NM|1742-6^ALT^LN||24|U/L\r").as_bytes());
        let reading = reading.expect("the rest is read");
        assert_eq!((reading.rows, reading.results()), (2, 1));
        assert_eq!(reading.refused[0].reason, Reason::TooLong);
        assert!(reading.refused[0].text.chars().count() < 130);
    }
}

#[test]
fn the_time_of_a_large_file_grows_with_its_size_alone() {
    let full = |piece: &str| {
        let mut text = HEAD.to_owned();
        text.push_str(&piece.repeat((MOST_BYTES / 8 - HEAD.len()) / piece.len()));
        text
    };
    for piece in [
        "|",
        "^",
        "~",
        "\\",
        "&",
        "\r",
        "a\r",
        "NTE|1||a\r",
        "PID|1||1\r",
        "OBR|1\r",
        "\\X",
        "\\F\\",
    ] {
        let start = Instant::now();
        let read = of(full(piece).as_bytes());
        assert!(read.is_ok_and(|reading| reading.adds_up()), "{piece:?}");
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "{piece:?}: {:?}",
            start.elapsed()
        );
    }
}
