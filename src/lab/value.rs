//! What a value means, in the ways laboratories write one.
//!
//!   `＜0.5` below   `100<` above 100   `5未満` below   `(-)` a word   `溶血` no value
//!
//! A value is understood whole or shown as it is: no character is ever dropped
//! to make a number of it.

use super::received::{AbsentWhy, Value, Why};
use crate::domain::catalogue::{Analyte, Kind};
use crate::domain::plain::small;
use crate::domain::quantity::{Comparator, Quantity};
use std::borrow::Cow;

/// Reads a value written as text.
pub(super) fn of_text(sent: &str, analyte: Option<&Analyte>) -> Value {
    let trimmed = sent.trim();
    if trimmed.is_empty() {
        return Value::Absent(AbsentWhy::Empty);
    }
    let words = analyte.filter(|analyte| analyte.kind == Kind::Qualitative);
    if let (None, Some(quantity)) = (words, quantity(sent)) {
        return Value::Number(quantity);
    }
    match (absence(trimmed), words) {
        (Some(why), _) => Value::Absent(why),
        (None, Some(analyte)) => of_word(trimmed, analyte),
        (None, None) => Value::Text(Why::NotANumber),
    }
}

/// Reads a value said to be a number: nothing but a number counts.
pub(super) fn of_number(sent: &str, analyte: Option<&Analyte>) -> Value {
    match of_text(sent, analyte) {
        Value::Number(q) if q.comparator != Comparator::Equal => Value::Text(Why::NotANumber),
        other => other,
    }
}

/// Reads a structured numeric: comparator, number, separator, number. Only a
/// comparator and one number are judged; ranges and ratios are shown.
pub(super) fn of_structured(parts: &[Cow<'_, str>], analyte: Option<&Analyte>) -> Value {
    let part = |n: usize| parts.get(n).map_or("", |part| part);
    if parts.iter().all(|part| part.is_empty()) {
        return Value::Absent(AbsentWhy::Empty);
    }
    if !part(2).is_empty() || !part(3).is_empty() {
        return Value::Text(Why::NotANumber);
    }
    if !matches!(part(0), "" | "=" | "<" | ">" | "<=" | ">=") {
        return Value::Text(Why::NotANumber);
    }
    let sign = part(0).trim_start_matches('=');
    of_text(&format!("{sign}{}", part(1)), analyte)
}

/// A quantity as Japanese and other laboratories write one; the sign may stand
/// on either side.
pub(super) fn quantity(sent: &str) -> Option<Quantity> {
    if let Ok(plain) = Quantity::parse(sent) {
        return Some(plain);
    }
    let (comparator, number) = before(sent).or_else(|| behind(sent))?;
    let bare = Quantity::parse(number).ok()?;
    (bare.comparator == Comparator::Equal).then(|| Quantity {
        typed: sent.to_owned(),
        comparator,
        number: bare.number,
    })
}

/// Signs that Quantity does not read: `U100` above, `L5` below, `↑100` at least.
fn before(sent: &str) -> Option<(Comparator, &str)> {
    const SIGNS: [(&str, Comparator); 12] = [
        ("=<", Comparator::AtMost),
        ("=>", Comparator::AtLeast),
        ("＝＜", Comparator::AtMost),
        ("＝＞", Comparator::AtLeast),
        ("〈", Comparator::Below),
        ("〉", Comparator::Above),
        ("↑", Comparator::AtLeast),
        ("↓", Comparator::AtMost),
        ("U", Comparator::Above),
        ("L", Comparator::Below),
        ("Ｕ", Comparator::Above),
        ("Ｌ", Comparator::Below),
    ];
    let sent = sent.trim();
    let of = |(sign, meaning): &(&str, Comparator)| Some((*meaning, sent.strip_prefix(sign)?));
    SIGNS.iter().find_map(of)
}

/// What stands behind the number. A sign there is read from the number's side:
/// `100<` says that 100 is less than the amount.
fn behind(sent: &str) -> Option<(Comparator, &str)> {
    const WORDS: [(&str, Comparator); 29] = [
        ("未満", Comparator::Below),
        ("ミマン", Comparator::Below),
        ("ﾐﾏﾝ", Comparator::Below),
        ("以下", Comparator::AtMost),
        ("イカ", Comparator::AtMost),
        ("ｲｶ", Comparator::AtMost),
        ("↓", Comparator::AtMost),
        ("以上", Comparator::AtLeast),
        ("イジョウ", Comparator::AtLeast),
        ("ｲｼﾞｮｳ", Comparator::AtLeast),
        ("↑", Comparator::AtLeast),
        ("～", Comparator::AtLeast),
        ("〜", Comparator::AtLeast),
        ("超過", Comparator::Above),
        ("超", Comparator::Above),
        ("<=", Comparator::AtLeast),
        ("=<", Comparator::AtLeast),
        ("＜＝", Comparator::AtLeast),
        ("≦", Comparator::AtLeast),
        ("≤", Comparator::AtLeast),
        (">=", Comparator::AtMost),
        ("=>", Comparator::AtMost),
        ("＞＝", Comparator::AtMost),
        ("≧", Comparator::AtMost),
        ("≥", Comparator::AtMost),
        ("<", Comparator::Above),
        ("＜", Comparator::Above),
        (">", Comparator::Below),
        ("＞", Comparator::Below),
    ];
    let sent = sent.trim();
    let of = |(word, meaning): &(&str, Comparator)| Some((*meaning, sent.strip_suffix(word)?));
    WORDS.iter().find_map(of)
}

/// Words that stand where a value should and say why there is none.
fn absence(text: &str) -> Option<AbsentWhy> {
    let text = small(text);
    let text = text.trim_matches(|c: char| matches!(c, '*' | '(' | ')' | ' ' | '.' | '[' | ']'));
    Some(match text {
        "検査中" | "未報告" | "後日報告" | "後日" | "pending" | "to follow" | "in progress" => {
            AbsentWhy::Pending
        }
        "溶血"
        | "強溶血"
        | "溶血のため"
        | "乳び"
        | "強乳び"
        | "検体不良"
        | "検体不適"
        | "検体不足"
        | "検体量不足"
        | "量不足"
        | "凝固"
        | "フィブリン析出"
        | "hemolyzed"
        | "hemolysed"
        | "haemolysed"
        | "lipemic"
        | "lipaemic"
        | "clotted"
        | "qns"
        | "insufficient"
        | "quantity not sufficient"
        | "specimen rejected" => AbsentWhy::Unusable,
        "中止" | "検査中止" | "未検査" | "未実施" | "検査不能" | "測定不能" | "測定できず"
        | "不能" | "結果なし" | "依頼なし" | "cancelled" | "canceled" | "not done"
        | "not performed" | "test not performed" | "tnp" | "no result" => AbsentWhy::NotDone,
        _ => return None,
    })
}

/// One of the words of a qualitative test.
fn of_word(text: &str, analyte: &Analyte) -> Value {
    let word = word(text).filter(|word| analyte.values.iter().any(|v| v == word));
    match word {
        Some(word) => Value::Word(word.to_owned()),
        None => Value::Text(Why::WordUnknown),
    }
}

/// `negative`, `positive` or `invalid`, however written.
fn word(text: &str) -> Option<&'static str> {
    let text: String = small(text)
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '(' | ')' | '[' | ']' | '「' | '」'))
        .map(|c| match c {
            '−' | '‐' | '–' | '—' | '―' | 'ー' => '-',
            c => c,
        })
        .collect();
    Some(match text.as_str() {
        "-" | "陰性" | "インセイ" | "-陰性" | "陰性-" | "negative" | "neg" | "notdetected"
        | "検出せず" | "260385009" | "260415000" => "negative",
        "+" | "1+" | "2+" | "3+" | "++" | "+++" | "陽性" | "ヨウセイ" | "+陽性" | "陽性+"
        | "positive" | "pos" | "detected" | "10828004" | "260373001" => "positive",
        "±" | "+-" | "+/-" | "判定保留" | "保留" | "判定不能" | "疑陽性" | "invalid"
        | "indeterminate" | "equivocal" | "inconclusive" => "invalid",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::catalogue::{BUILT_IN, Catalogue};
    use crate::domain::observation::AnalyteId;
    use Comparator::*;

    #[test]
    fn signs_and_words_on_either_side_of_a_number() {
        for (sent, comparator, number) in [
            ("＜ 0.5", Below, "0.5"),
            ("100<", Above, "100"),
            ("300>", Below, "300"),
            ("300＞", Below, "300"),
            ("40≦", AtLeast, "40"),
            ("40≧", AtMost, "40"),
            ("40 >=", AtMost, "40"),
            ("40<=", AtLeast, "40"),
            ("U100", Above, "100"),
            ("L5", Below, "5"),
            ("↑500", AtLeast, "500"),
            ("500↑", AtLeast, "500"),
            ("5↓", AtMost, "5"),
            ("5未満", Below, "5"),
            ("５ﾐﾏﾝ", Below, "5"),
            ("5 ミマン", Below, "5"),
            ("5以下", AtMost, "5"),
            ("5ｲｶ", AtMost, "5"),
            ("1000以上", AtLeast, "1000"),
            ("1000超", Above, "1000"),
            ("1000超過", Above, "1000"),
            ("60～", AtLeast, "60"),
            ("=<40", AtMost, "40"),
            ("=>40", AtLeast, "40"),
        ] {
            let read = quantity(sent).expect(sent);
            assert_eq!(
                (read.comparator, read.number.to_string()),
                (comparator, number.to_owned()),
                "{sent}"
            );
            assert_eq!(read.typed, sent);
        }
    }

    #[test]
    fn what_is_not_one_number_is_never_made_one() {
        for sent in [
            "1-4",
            "27~25",
            "0 .07",
            "60~120",
            "2.3(±)",
            "2.3 x10^3",
            "1.3E+2",
            "3+(300)",
            "8.39(2)",
            "6 / 245.87",
            ">1:512",
            "-1.2",
            "85H",
            "H 85",
            "85*",
            "<",
            "未満",
            "<5未満",
            "<5>",
            "100<<",
            "U",
            "1+↓",
            "5,0",
            "１／２",
        ] {
            assert_eq!(quantity(sent), None, "{sent}");
            let read = of_text(sent, None);
            assert_eq!(read, Value::Text(Why::NotANumber), "{sent}");
        }
    }

    #[test]
    fn a_number_field_holds_a_number_or_nothing_judged() {
        assert!(matches!(of_number("24", None), Value::Number(_)));
        assert_eq!(of_number("<2.22", None), Value::Text(Why::NotANumber));
        assert_eq!(
            of_number("pending", None),
            Value::Absent(AbsentWhy::Pending)
        );
    }

    #[test]
    fn a_structured_numeric_is_judged_only_with_one_number() {
        let of = |parts: [&str; 4]| of_structured(&parts.map(Cow::from), None);
        for (parts, comparator, number) in [
            (["", "10", "", ""], Equal, "10"),
            (["=", "16", "", ""], Equal, "16"),
            (["<", "0.02", "", ""], Below, "0.02"),
            ([">=", "32", "", ""], AtLeast, "32"),
        ] {
            let Value::Number(q) = of(parts) else {
                panic!("{parts:?}")
            };
            assert_eq!(
                (q.comparator, q.number.to_string().as_str()),
                (comparator, number)
            );
        }
        for parts in [
            ["", "1", ":", "128"],
            ["", "2", "-", "4"],
            ["<>", "1", "", ""],
            ["", "3", "+", ""],
        ] {
            assert_eq!(of(parts), Value::Text(Why::NotANumber), "{parts:?}");
        }
        assert_eq!(of(["", "", "", ""]), Value::Absent(AbsentWhy::Empty));
    }

    #[test]
    fn words_are_read_for_tests_that_answer_in_words_only() {
        let catalogue = Catalogue::parse(BUILT_IN).expect("the catalogue");
        let get = |id: &str| catalogue.get(&AnalyteId(id.to_owned()));
        for (sent, word) in [
            ("(-)", "negative"),
            ("（－）", "negative"),
            ("陰性", "negative"),
            ("NEG", "negative"),
            ("(+)", "positive"),
            ("陽性", "positive"),
            ("ヨウセイ", "positive"),
            ("±", "invalid"),
            ("判定保留", "invalid"),
        ] {
            assert_eq!(
                of_text(sent, get("hcgu")),
                Value::Word(word.to_owned()),
                "{sent}"
            );
            assert_eq!(
                of_text(sent, get("alt")),
                Value::Text(Why::NotANumber),
                "{sent}"
            );
        }
        assert_eq!(of_text("12", get("hcgu")), Value::Text(Why::WordUnknown));
    }

    #[test]
    fn words_in_place_of_a_value_are_no_value() {
        for (sent, why) in [
            ("", AbsentWhy::Empty),
            (" ", AbsentWhy::Empty),
            ("検査中", AbsentWhy::Pending),
            ("溶血", AbsentWhy::Unusable),
            ("検体量不足", AbsentWhy::Unusable),
            ("QNS", AbsentWhy::Unusable),
            ("**測定不能**", AbsentWhy::NotDone),
            ("cancelled", AbsentWhy::NotDone),
        ] {
            assert_eq!(of_text(sent, None), Value::Absent(why), "{sent}");
        }
    }
}
