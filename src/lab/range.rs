//! Reference ranges as laboratories print them.
//!
//!   `10-42`   `<150`   `>=40`   `40以下`   `男:43～57 女:38～50` by the patient's sex

use super::received::RangeSent;
use crate::domain::answer::Sex;
use crate::domain::observation::{RangeSource, ReferenceRange};
use crate::domain::plain::compatible;
use crate::domain::quantity::Comparator;

/// Reads a range; `sex` picks one where two are printed. What is not understood
/// whole stays words.
pub(super) fn of_text(sent: &str, sex: Option<Sex>) -> RangeSent {
    let read = match by_sex(sent) {
        Some((male, female)) => match sex {
            Some(Sex::Male) => one(&male),
            Some(Sex::Female) => one(&female),
            _ => None,
        },
        None => one(sent),
    };
    RangeSent {
        sent: sent.to_owned(),
        read,
    }
}

/// Reads two ends sent in fields of their own; either may be empty.
pub(super) fn of_ends(low: &str, high: &str) -> RangeSent {
    let (low, high) = (low.trim(), high.trim());
    let text = match (low, high) {
        ("", "") => String::new(),
        (low, "") => format!(">={low}"),
        ("", high) => format!("<={high}"),
        (low, high) => format!("{low}-{high}"),
    };
    RangeSent {
        read: one(&text),
        sent: text,
    }
}

fn one(text: &str) -> Option<ReferenceRange> {
    let text = text
        .trim()
        .trim_matches(['(', ')', '（', '）', '[', ']'])
        .trim();
    if let Ok(range) = ReferenceRange::parse(text, RangeSource::Report) {
        return Some(range);
    }
    if let Some((low, high)) = text.split_once(" to ").or_else(|| text.split_once("から")) {
        return ReferenceRange::parse(&format!("{low}-{high}"), RangeSource::Report).ok();
    }
    let end = super::value::quantity(text)?;
    let sign = match end.comparator {
        Comparator::Equal => return None,
        other => other.word(),
    };
    ReferenceRange::parse(&format!("{sign}{}", end.number), RangeSource::Report).ok()
}

/// The parts for men and for women, where a text has both.
fn by_sex(sent: &str) -> Option<(String, String)> {
    let text = compatible(sent);
    let (male, female) = [("男性", "女性"), ("男", "女"), ("M:", "F:"), ("M ", "F ")]
        .into_iter()
        .find(|(male, female)| text.contains(male) && text.contains(female))?;
    let after = |word: &str| {
        let (before, rest) = text.split_once(word)?;
        // A letter before it makes it part of a word.
        let alone = !before.ends_with(|c: char| c.is_alphabetic());
        alone.then(|| rest.trim_start_matches([':', ' ', '(']).to_owned())
    };
    let until = |part: String, other: &str| {
        let part = part.split(other).next().unwrap_or_default();
        let edge = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '/' | '、' | ')' | '|');
        part.trim_matches(edge).to_owned()
    };
    Some((until(after(male)?, female), until(after(female)?, male)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_in_the_ways_they_are_printed() {
        for (sent, read) in [
            ("10-42", "10-42"),
            ("9.9 - 9.9", "9.9-9.9"),
            ("7～23", "7-23"),
            ("30–149", "30-149"),
            ("(0.4-1.5)", "0.4-1.5"),
            ("<150", "<150"),
            ("< 150", "<150"),
            (">=40", ">=40"),
            ("40以上", ">=40"),
            ("150未満", "<150"),
            ("149以下", "<=149"),
            ("0.4 to 1.5", "0.4-1.5"),
        ] {
            let range = of_text(sent, None);
            assert_eq!(
                range.read.map(|r| r.text()).as_deref(),
                Some(read),
                "{sent}"
            );
            assert_eq!(range.sent, sent);
        }
    }

    #[test]
    fn what_is_not_one_range_stays_words() {
        for sent in [
            "",
            "Negative",
            "陰性",
            "9_9",
            "9-9+",
            "<9 = Susceptible",
            "^^9.9",
            "9.9&9.9",
            "12",
            "42-10",
            "成人:10-20 小児:20-30",
        ] {
            assert_eq!(of_text(sent, Some(Sex::Male)).read, None, "{sent}");
        }
    }

    #[test]
    fn a_range_by_sex_needs_the_sex() {
        let sent = "男:43～57　女:38～50";
        let of = |sex| of_text(sent, sex).read.map(|r| r.text());
        assert_eq!(of(Some(Sex::Male)).as_deref(), Some("43-57"));
        assert_eq!(of(Some(Sex::Female)).as_deref(), Some("38-50"));
        assert_eq!(of(None), None);
        assert_eq!(of(Some(Sex::Unknown)), None);
        let latin = of_text("M: 10-42; F: 7-23", Some(Sex::Female));
        assert_eq!(latin.read.map(|r| r.text()).as_deref(), Some("7-23"));
        assert_eq!(
            of_text("男性 40-80 / 女性 45-90", Some(Sex::Female))
                .read
                .map(|r| r.text())
                .as_deref(),
            Some("45-90")
        );
    }
}
