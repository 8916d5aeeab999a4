//! What the letters and marks of a place mean, for the help page: only those that
//! stand on its screen.

use crate::keys::Place;
use crate::text::Text;

/// A sign as it stands on the screen, and what it means.
pub(super) type Sign = (String, &'static str);

/// The signs of a place in the order in which the eye meets them.
pub(super) fn signs(place: Place, ascii: bool, text: &Text) -> Vec<Sign> {
    match place {
        Place::List => list(text),
        Place::Chart | Place::Visit => line(ascii, text),
        Place::Trend => [trend(ascii, text), judged(text)].concat(),
        Place::Table | Place::Results | Place::Inbox => judged(text),
        Place::TakeIn => [take_in(text), judged(text)].concat(),
        Place::Tray => tray(text),
        _ => Vec::new(),
    }
}

fn sign(sign: &str, words: &'static str) -> Sign {
    (sign.to_owned(), words)
}

/// Words where there is room, else letters.
fn list(text: &Text) -> Vec<Sign> {
    let both = |word: &str, letter: &str| format!("{word} {letter}");
    vec![
        (both(text.row_blood, text.row_blood_letter), text.sign_blood),
        (both(text.row_test, text.row_test_letter), text.sign_test),
    ]
}

/// How a result is judged.
fn judged(text: &Text) -> Vec<Sign> {
    vec![
        sign("H L", text.sign_flags),
        sign("HH LL", text.sign_calls),
        sign("?", text.sign_not_judged),
        sign("G1-4", text.sign_grade),
    ]
}

/// A result in one line.
fn line(ascii: bool, text: &Text) -> Vec<Sign> {
    let bars = if ascii { "_.-'" } else { "▁▃█" };
    let rest = vec![
        sign("x2.18", text.sign_times),
        sign("+40%", text.sign_percent),
        sign(bars, text.sign_spark),
        sign(text.brief_preliminary, text.sign_preliminary),
        sign(text.brief_differs, text.sign_differs),
        sign(text.brief_unknown, text.sign_meal),
    ];
    [judged(text), rest].concat()
}

fn trend(ascii: bool, text: &Text) -> Vec<Sign> {
    let [limit, rule, gaps, step] = match ascii {
        true => ["===", "---", "-  - +", "|20mg"],
        false => ["───", "╌╌╌", "╌  ╌ +", "├20mg"],
    };
    vec![
        sign(limit, text.sign_ends),
        sign(rule, text.sign_rule),
        sign(gaps, text.trend_with_others),
        sign("< >", text.trend_open),
        sign(step, text.sign_dose),
    ]
}

fn take_in(text: &Text) -> Vec<Sign> {
    vec![
        sign("=", text.sign_matched),
        sign("~", text.sign_remembered),
        sign("?", text.sign_waits),
        sign("!", text.sign_refused),
    ]
}

fn tray(text: &Text) -> Vec<Sign> {
    vec![
        sign("=", text.sign_same),
        sign("×", text.sign_other),
        sign("?", text.sign_missing),
    ]
}
