//! What laboratories write about a sample, in a code, a column or a comment.

use super::received::{Received, Value};
use super::report::{Remark, RemarkKind};
use crate::domain::observation::Fasting;
use crate::domain::plain::small;

/// As [`small`] leaves them.
const WORDS: [(RemarkKind, &[&str]); 5] = [
    (
        RemarkKind::Haemolysis,
        &["溶血", "ヨウケツ", "hemoly", "haemoly"],
    ),
    (
        RemarkKind::Lipaemia,
        &[
            "乳び",
            "乳ビ",
            "乳糜",
            "にゅうび",
            "lipem",
            "lipaem",
            "chylous",
        ],
    ),
    (RemarkKind::Icterus, &["黄疸", "icter"]),
    (
        RemarkKind::Clotted,
        &["凝固あり", "凝血", "フィブリン析出", "clotted"],
    ),
    (
        RemarkKind::Insufficient,
        &[
            "検体不足",
            "検体量不足",
            "量不足",
            "insufficient",
            "not sufficient",
        ],
    ),
];

/// Behind a word, what turns it into its contrary: `溶血(-)`, `乳びなし`.
const NOT_BEHIND: [&str; 10] = [
    "(-)",
    "-",
    "なし",
    "無し",
    "は認め",
    "を認め",
    "認め",
    "陰性",
    "0",
    "none",
];

/// Before a word: `no hemolysis`, `non-hemolyzed`.
const NOT_BEFORE: [&str; 5] = ["no", "not", "non", "without", "absence of"];

/// The remarks in a comment. One that is denied (`溶血(-)`) is none.
pub(super) fn in_comment(text: &str) -> Vec<Remark> {
    let plain = small(text);
    let of = |(kind, words): &(RemarkKind, &[&str])| {
        let said = words.iter().any(|word| says(&plain, word));
        said.then(|| Remark {
            kind: *kind,
            sent: text.to_owned(),
        })
    };
    WORDS.iter().filter_map(of).collect()
}

/// Whether `word` stands in `text` and is not denied there.
fn says(text: &str, word: &str) -> bool {
    let found = text.match_indices(word);
    found.into_iter().any(|(at, _)| {
        let mark = |c: char| matches!(c, ':' | ' ' | '　' | '=' | 'は');
        let behind = text[at + word.len()..].trim_start_matches(mark);
        let before = text[..at].trim_end_matches(['-', ' ']);
        let denied = NOT_BEHIND.iter().any(|no| behind.starts_with(no))
            || NOT_BEFORE.iter().any(|no| before.ends_with(no));
        !denied
    })
}

/// The remark of a field made for it: anything but a denial counts.
pub(super) fn in_field(kind: RemarkKind, sent: &str) -> Option<Remark> {
    let plain: String = small(sent)
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '(' | ')'))
        .collect();
    let denied = matches!(
        plain.as_str(),
        "" | "0" | "-" | "−" | "n" | "no" | "none" | "なし" | "無" | "無し" | "陰性" | "negative"
    );
    (!denied).then(|| Remark {
        kind,
        sent: sent.to_owned(),
    })
}

/// The kind of a result that itself says something of the sample, such as a
/// haemolysis index, by its name.
fn of_test(name: &str) -> Option<RemarkKind> {
    let plain = small(name);
    let short = plain.chars().count() <= 24;
    let of = |(kind, words): &(RemarkKind, &[&str])| {
        let said = words.iter().any(|word| plain.contains(word));
        (said && short).then_some(*kind)
    };
    WORDS.iter().find_map(of)
}

/// What a test of the sample itself says, such as a haemolysis index in words.
pub(super) fn of_result(result: &Received) -> Option<Remark> {
    // A bare number is an index whose limit only the laboratory knows.
    match result.value.read {
        Value::Text(_) | Value::Word(_) => in_field(of_test(&result.name)?, &result.value.sent),
        _ => None,
    }
}

/// Specimen conditions and reasons of rejection (HL7 tables 0493 and 0490).
pub(super) fn of_condition(code: &str) -> Option<RemarkKind> {
    Some(match code {
        "HEM" | "RH" => RemarkKind::Haemolysis,
        "CLOT" | "RC" => RemarkKind::Clotted,
        "QS" => RemarkKind::Insufficient,
        _ => return None,
    })
}

/// Whether the patient had fasted, as a field for it says.
pub(super) fn fasting(sent: &str) -> Fasting {
    let plain: String = small(sent).chars().filter(|c| !c.is_whitespace()).collect();
    match plain.as_str() {
        "f" | "yes" | "y" | "fasting" | "空腹" | "空腹時" | "絶食" | "食前" | "la33-6" => {
            Fasting::Yes
        }
        "nf" | "no" | "n" | "nonfasting" | "non-fasting" | "notfasting" | "食後" | "随時"
        | "非空腹" | "la32-8" => Fasting::No,
        _ => Fasting::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_written_as_they_are_compared() {
        for word in WORDS.iter().flat_map(|(_, words)| *words) {
            assert_eq!(small(word), *word);
        }
    }

    #[test]
    fn a_remark_is_found_and_its_denial_is_none() {
        let kinds = |text: &str| in_comment(text).iter().map(|r| r.kind).collect::<Vec<_>>();
        assert_eq!(kinds("溶血(+)"), [RemarkKind::Haemolysis]);
        assert_eq!(kinds("強溶血のため参考値"), [RemarkKind::Haemolysis]);
        assert_eq!(
            kinds("乳び(2+) 溶血(1+)"),
            [RemarkKind::Haemolysis, RemarkKind::Lipaemia]
        );
        assert_eq!(
            kinds("Specimen grossly hemolyzed"),
            [RemarkKind::Haemolysis]
        );
        assert_eq!(kinds("乳糜血清"), [RemarkKind::Lipaemia]);
        assert_eq!(kinds("溶血（－）"), []);
        assert_eq!(kinds("溶血なし"), []);
        assert_eq!(kinds("No hemolysis"), []);
        assert_eq!(kinds("溶血(+) 乳び(-)"), [RemarkKind::Haemolysis]);
        assert_eq!(kinds("溶血は認めません。乳び: 2+"), [RemarkKind::Lipaemia]);
        assert_eq!(kinds("non-hemolyzed, lipemic"), [RemarkKind::Lipaemia]);
        assert_eq!(kinds("quantity not sufficient"), [RemarkKind::Insufficient]);
        assert_eq!(kinds("再検済"), []);
    }

    #[test]
    fn a_field_for_it_says_more_or_less() {
        let said = |sent: &str| in_field(RemarkKind::Haemolysis, sent).is_some();
        assert!(said("1") && said("(+)") && said("2+") && said("±") && said("中"));
        assert!(!said("") && !said("0") && !said("(-)") && !said("（－）") && !said("なし"));
    }
}
