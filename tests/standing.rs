//! How a laboratory stands to a value, and what that does: preliminary, corrected,
//! a word, or what somebody had typed from the slip.

mod support;

use saishin::domain::lang::Lang;
use support::arrive::take_bytes;
use support::shelf::Shelf;
use support::sitting::{Begin, Sitting, today};
use support::told;

/// A message of one draw: who, its name, the day of the draw, its rows.
fn message(pid: &str, name: &str, drawn: &str, rows: &[&str]) -> String {
    let mut text = format!(
        "MSH|^~\\&|LIS|EXAMPLELAB|S|C|{name}||ORU^R01|M{name}|P|2.5||||||UNICODE UTF-8\r\
         PID|1||{pid}\rOBR|1|O{drawn}|F{drawn}|CHEM|||{drawn}\r"
    );
    for (n, row) in rows.iter().enumerate() {
        text += &format!("OBX|{}|{row}\r", n + 1);
    }
    text
}

const ITO: &str = "10427||伊藤^さくら||20020707|F";
/// The day of the laboratory for 10470; born 1996.
const SHIMIZU: &str = "10470||清水^里奈||19960528|F";

fn tg(value: &str, status: &str) -> String {
    format!("NM|2571-8^TG^LN||{value}|mg/dL|30-149||||{status}")
}

fn take(shelf: &Shelf, text: &str) {
    take_bytes(shelf, "results.hl7", text.as_bytes(), today()).expect("it is taken in");
}

fn english() -> Begin {
    Begin {
        lang: Lang::En,
        size: (120, 36),
        ..Begin::default()
    }
}

/// In the review of Ito's visit, with these results.
fn review(files: &[String]) -> Sitting {
    let shelf = Shelf::demo(today());
    for file in files {
        take(&shelf, file);
    }
    let mut sitting = Sitting::at(&shelf, today(), english());
    sitting.keys("427<Enter><Enter>s");
    sitting
}

#[test]
fn a_preliminary_value_quiets_no_alert() {
    let high = message(ITO, "20261119", "20261118", &[&tg("1120", "F")]);
    let low = message(ITO, "20261121", "20261120", &[&tg("120", "P")]);
    let sitting = review(&[high.clone(), low.clone()]);
    sitting.must_see("TG 1120 mg/dL");
    sitting.must_not_see("by a preliminary");
    // The final word of the same draw does.
    let firm = message(ITO, "20261122", "20261120", &[&tg("120", "F")]);
    review(&[high, low, firm]).must_not_see("TG 1120 mg/dL");
}

#[test]
fn a_preliminary_value_raises_an_alert_and_is_said_to_be_one() {
    let usual = message(ITO, "20261119", "20261118", &[&tg("100", "F")]);
    let high = message(ITO, "20261121", "20261120", &[&tg("1120", "P")]);
    let sitting = review(&[usual, high]);
    sitting.must_see("TG 1120 mg/dL");
    let whole = sitting.rows().join(" ");
    let words: Vec<&str> = whole.split_whitespace().collect();
    assert!(
        words.join(" ").contains("by a preliminary result"),
        "{whole}"
    );
}

#[test]
fn a_preliminary_result_leaves_blood_awaited() {
    let shelf = Shelf::demo(today());
    let due = |shelf: &Shelf| {
        let record = told::record(shelf, "10470").expect("she is known");
        let on = today().date_naive();
        (
            saishin::domain::series::last_result(&record, on),
            saishin::domain::series::last_pending(&record, on),
        )
    };
    let before = due(&shelf).0;
    take(
        &shelf,
        &message(SHIMIZU, "20261124", "20261123", &[&tg("100", "P")]),
    );
    let drawn = "2026-11-23".parse().ok();
    assert_eq!(due(&shelf), (before, drawn), "drawn, and not back");
    take(
        &shelf,
        &message(SHIMIZU, "20261125", "20261123", &[&tg("100", "F")]),
    );
    assert_eq!(due(&shelf).0, drawn);
}

#[test]
fn in_the_chart_a_preliminary_value_is_marked_and_a_word_is_read_in_ones_language() {
    let shelf = Shelf::demo(today());
    let urine = "CE|2106-3^hCG urine^LN||NEG||||||F";
    let rows = [&*tg("180", "P"), urine];
    take(&shelf, &message(ITO, "20261121", "20261120", &rows));
    let mut sitting = Sitting::at(&shelf, today(), english());
    sitting.keys("427<Enter>");
    sitting.must_see("H G1 prelim");
    sitting.must_see("negative");
    sitting.keys("t").must_see("preliminary");
    sitting.keys("<Esc><F6>");
    let row = row_of(&sitting, "TG");
    assert!(row.starts_with("TG 180 mg/dL H G1 prelim "), "{row}");
    assert!(row.contains(" 30-149 "), "{row}");
    assert!(row.ends_with(" preliminary"), "{row}");
    sitting.must_see("negative");
    let mut sitting = Sitting::at(&shelf, today(), Begin::default());
    sitting.keys("427<Enter>");
    sitting.must_see("H G1 仮");
    sitting.must_see("陰性");
}

#[test]
fn a_corrected_value_says_what_it_corrects() {
    let shelf = Shelf::demo(today());
    take(
        &shelf,
        &message(ITO, "20261121", "20261120", &[&tg("180", "F")]),
    );
    take(
        &shelf,
        &message(ITO, "20261122", "20261120", &[&tg("118", "C")]),
    );
    let mut sitting = Sitting::at(&shelf, today(), english());
    sitting.keys("427<Enter><F6>");
    let row = row_of(&sitting, "TG");
    assert!(row.starts_with("TG 118 mg/dL 30-149 "), "{row}");
    assert!(row.ends_with(" corrected from 180 mg/dL"), "{row}");
}

/// The first row of the screen that begins with this name, its columns one blank apart.
fn row_of(sitting: &Sitting, name: &str) -> String {
    let rows = sitting.rows();
    let row = rows.iter().find(|row| row.trim().starts_with(name));
    let row = row.unwrap_or_else(|| panic!("no {name}:\n{}", rows.join("\n")));
    row.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Shimizu's visit with five values typed, TG 118 among them, up to the review.
fn typed() -> Sitting {
    let shelf = Shelf::demo(today());
    let mut sitting = Sitting::at(&shelf, today(), english());
    sitting.keys("470<Enter><Enter> 1 0120 * +++ 00 1 21 ");
    sitting.keys("<Enter> 18<Enter> 118<Enter> 102<Enter> 61<Enter>");
    sitting
}

#[test]
fn what_was_typed_and_then_sent_is_one_line_and_a_difference_is_said() {
    for (sent, line, phrase) in [
        ("118", None, "as typed by hand"),
        ("181", Some("differs"), "typed by hand: 118 mg/dL"),
    ] {
        let mut sitting = typed();
        sitting.keys("10 11 2 1 s<Enter>");
        let shelf = sitting.shelf.clone();
        take(
            &shelf,
            &message(SHIMIZU, "20261125", "20261124", &[&tg(sent, "F")]),
        );
        let mut sitting = Sitting::at(&shelf, today(), english());
        sitting.keys("10470<Enter>");
        let rows = sitting.rows();
        let of_tg: Vec<&String> = rows.iter().filter(|row| row.contains(" TG ")).collect();
        assert_eq!(of_tg.len(), 1, "{}", rows.join("\n"));
        match line {
            Some(mark) => assert!(of_tg[0].contains(mark), "{}", of_tg[0]),
            None => assert!(!of_tg[0].contains("differs"), "{}", of_tg[0]),
        }
        let record = told::record(&shelf, "10470").expect("she is known");
        // A signed visit that rested on another number is told so.
        assert_eq!(record.overtaken().len(), usize::from(line.is_some()));
        let tg = saishin::domain::observation::AnalyteId("tg".into());
        let on = today().date_naive();
        let points = saishin::domain::series::series(&record, &tg, on);
        let today = points.iter().filter(|p| p.specimen.drawn_on == on);
        assert_eq!(today.count(), 1, "one result");
        sitting.keys("tc");
        let whole = sitting.rows().join("\n");
        assert!(whole.contains(phrase), "{phrase} in\n{whole}");
    }
}

#[test]
fn in_the_open_visit_the_line_shows_the_laboratorys_number_and_what_was_typed() {
    let sitting = typed();
    let shelf = sitting.shelf.clone();
    take(
        &shelf,
        &message(SHIMIZU, "20261125", "20261124", &[&tg("181", "F")]),
    );
    let mut sitting = Sitting::at(&shelf, today(), english());
    sitting.keys("470<Enter><Enter>");
    // The note of the visit says both, and the draw once.
    sitting.keys("sn");
    let note = sitting.rows().join(" ");
    let note = note.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(note.contains("TG 181 H G1"), "{note}");
    assert!(note.contains("laboratory grades by CTCAE 5.0"), "{note}");
    assert!(note.contains("typed by hand: 118 mg/dL"), "{note}");
    assert_eq!(note.matches("TG ").count(), 1, "{note}");
}
