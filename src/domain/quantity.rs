//! A laboratory quantity: what was typed, and the exact decimal it means.
//!
//!   "＜0.5"  ->  Below 0.5     "1,234"  ->  Equal 1234     "12-15"  ->  refused
//!
//! Nothing typed is dropped to make a number out of it: either every
//! character is understood or the whole is refused.

use super::answer::words;
use rust_decimal::Decimal;
use std::borrow::Cow;

/// More digits than any analyser prints: a slipped key or a pasted number of
/// something else.
const MOST_DIGITS: usize = 12;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quantity {
    /// As entered, to the character.
    pub typed: String,
    pub comparator: Comparator,
    pub number: Decimal,
}

words! {
    /// How the true amount relates to the number.
    Comparator {
        Equal = "=",
        Below = "<",
        AtMost = "<=",
        AtLeast = ">=",
        Above = ">",
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuantityError {
    /// Nothing but blanks.
    Empty,
    /// Letters, ranges, two points, a comparator after the number.
    Unreadable,
    /// A sign before the number; nothing measured here is negative.
    Signed,
    /// Commas that do not part thousands ("1,2", "0,5").
    Grouping,
    /// More than twelve significant digits or twelve decimals.
    TooLong,
}

/// Answer to a comparison with a limit; `>400` against 500 has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Truth {
    Yes,
    No,
    Undecidable,
}

impl Truth {
    pub fn negated(self) -> Truth {
        match self {
            Truth::Yes => Truth::No,
            Truth::No => Truth::Yes,
            Truth::Undecidable => Truth::Undecidable,
        }
    }

    pub fn is_yes(self) -> bool {
        self == Truth::Yes
    }

    fn certain(holds: bool) -> Truth {
        if holds { Truth::Yes } else { Truth::No }
    }

    /// `answer` where `known`, else nothing can be said.
    fn when(known: bool, answer: Truth) -> Truth {
        if known { answer } else { Truth::Undecidable }
    }
}

impl Quantity {
    pub fn parse(typed: &str) -> Result<Quantity, QuantityError> {
        let plain = plain(typed);
        let plain = plain.trim();
        if plain.is_empty() {
            return Err(QuantityError::Empty);
        }
        let (comparator, rest) = comparator(plain);
        Ok(Quantity {
            typed: typed.to_owned(),
            comparator,
            number: number(rest.trim_start())?,
        })
    }

    /// Is the true amount greater than `limit`?
    pub fn above(&self, limit: Decimal) -> Truth {
        let n = self.number;
        match self.comparator {
            Comparator::Equal => Truth::certain(n > limit),
            Comparator::Above => Truth::when(n >= limit, Truth::Yes),
            Comparator::AtLeast => Truth::when(n > limit, Truth::Yes),
            Comparator::Below | Comparator::AtMost => Truth::when(n <= limit, Truth::No),
        }
    }

    /// Is the true amount `limit` or more?
    pub fn at_least(&self, limit: Decimal) -> Truth {
        let n = self.number;
        match self.comparator {
            Comparator::Equal => Truth::certain(n >= limit),
            Comparator::Above | Comparator::AtLeast => Truth::when(n >= limit, Truth::Yes),
            Comparator::Below => Truth::when(n <= limit, Truth::No),
            Comparator::AtMost => Truth::when(n < limit, Truth::No),
        }
    }

    /// Is the true amount less than `limit`?
    pub fn below(&self, limit: Decimal) -> Truth {
        self.at_least(limit).negated()
    }

    /// Is the true amount `limit` or less?
    pub fn at_most(&self, limit: Decimal) -> Truth {
        self.above(limit).negated()
    }

    /// The same amount in another unit; typed text and comparator are kept.
    /// `None` where the factor is not positive or the product cannot be held.
    pub fn scaled(&self, factor: Decimal) -> Option<Quantity> {
        if factor <= Decimal::ZERO {
            return None;
        }
        Some(Quantity {
            number: self.number.checked_mul(factor)?,
            ..self.clone()
        })
    }
}

/// Full-width and Japanese input forms of the characters a quantity may hold.
/// Not NFKC: that would turn `5²` into 52.
fn plain(typed: &str) -> Cow<'_, str> {
    if typed.is_ascii() {
        return Cow::Borrowed(typed);
    }
    let plain = |c: char| match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        '\u{3000}' | '\u{A0}' => ' ',
        '。' | '｡' => '.',
        '、' | '､' => ',',
        '≦' => '≤',
        '≧' => '≥',
        '−' | '‐' | '–' | '—' | 'ー' | 'ｰ' => '-',
        other => other,
    };
    Cow::Owned(typed.chars().map(plain).collect())
}

fn comparator(plain: &str) -> (Comparator, &str) {
    // Two-character signs first, or "<=" would be read as "<".
    let signs = [
        ("<=", Comparator::AtMost),
        (">=", Comparator::AtLeast),
        ("≤", Comparator::AtMost),
        ("≥", Comparator::AtLeast),
        ("<", Comparator::Below),
        (">", Comparator::Above),
    ];
    signs
        .into_iter()
        .find_map(|(sign, meaning)| Some((meaning, plain.strip_prefix(sign)?)))
        .unwrap_or((Comparator::Equal, plain))
}

fn number(text: &str) -> Result<Decimal, QuantityError> {
    if text.starts_with(['-', '+']) {
        return Err(QuantityError::Signed);
    }
    let (whole, fraction) = match text.split_once('.') {
        Some((_, "")) => return Err(QuantityError::Unreadable),
        Some((whole, fraction)) => (whole, fraction),
        None => (text, ""),
    };
    if !is_whole(whole) {
        return Err(QuantityError::Grouping);
    }
    let whole = whole.bytes().filter(|b| *b != b',');
    let digits = whole.chain(fraction.bytes());
    if digits.clone().next().is_none() || !digits.clone().all(|b| b.is_ascii_digit()) {
        return Err(QuantityError::Unreadable);
    }
    let significant = digits.clone().skip_while(|digit| *digit == b'0').count();
    if significant > MOST_DIGITS || fraction.len() > MOST_DIGITS {
        return Err(QuantityError::TooLong);
    }
    let all = digits.fold(0, |all, digit| all * 10 + i64::from(digit - b'0'));
    Ok(Decimal::new(all, fraction.len() as u32))
}

/// Whether the commas of `1,234`, if there are any, part thousands and nothing else.
fn is_whole(whole: &str) -> bool {
    if !whole.contains(',') {
        return true;
    }
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let led = (1..=3).contains(&first.len()) && !first.starts_with('0');
    led && groups.all(|g| g.len() == 3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn q(typed: &str) -> Quantity {
        Quantity::parse(typed).expect(typed)
    }

    fn d(text: &str) -> Decimal {
        Decimal::from_str_exact(text).expect(text)
    }

    #[test]
    fn what_a_report_prints_is_read() {
        use Comparator::*;
        for (typed, comparator, number) in [
            ("24", Equal, "24"),
            (" 24 ", Equal, "24"),
            ("0.5", Equal, "0.5"),
            (".5", Equal, "0.5"),
            ("0.50", Equal, "0.50"),
            ("007", Equal, "7"),
            ("<5", Below, "5"),
            ("< 5", Below, "5"),
            ("＜　５", Below, "5"),
            ("＞1000", Above, "1000"),
            (">=40", AtLeast, "40"),
            ("＞＝４０", AtLeast, "40"),
            ("≧40", AtLeast, "40"),
            ("≥40", AtLeast, "40"),
            ("≦ 0.1", AtMost, "0.1"),
            ("<=0.1", AtMost, "0.1"),
            ("1,234", Equal, "1234"),
            ("12,345,678.9", Equal, "12345678.9"),
            ("１２．３", Equal, "12.3"),
            ("１２。３", Equal, "12.3"),
            ("123456789012", Equal, "123456789012"),
            ("0.000000000001", Equal, "0.000000000001"),
        ] {
            let read = q(typed);
            assert_eq!(
                (read.comparator, read.number),
                (comparator, d(number)),
                "{typed}"
            );
            assert_eq!(read.typed, typed);
        }
    }

    #[test]
    fn what_is_not_one_quantity_is_refused_whole() {
        use QuantityError::*;
        for (typed, why) in [
            ("", Empty),
            (" 　", Empty),
            ("1,2,3", Grouping),
            ("0,5", Grouping),
            ("1234,567", Grouping),
            ("0,123", Grouping),
            ("1,23", Grouping),
            (",123", Grouping),
            ("12-15", Unreadable),
            ("60~120", Unreadable),
            ("0 .07", Unreadable),
            ("1 234", Unreadable),
            ("24H", Unreadable),
            ("H24", Unreadable),
            ("1.2.3", Unreadable),
            ("5.", Unreadable),
            (".", Unreadable),
            ("<", Unreadable),
            ("100<", Unreadable),
            ("<<5", Unreadable),
            ("5²", Unreadable),
            ("①", Unreadable),
            ("1e3", Unreadable),
            ("٣", Unreadable),
            ("-5", Signed),
            ("+5", Signed),
            ("−5", Signed),
            ("<-5", Signed),
            ("1234567890123", TooLong),
            ("0.0000000000001", TooLong),
        ] {
            assert_eq!(Quantity::parse(typed), Err(why), "{typed:?}");
        }
    }

    #[test]
    fn a_comparator_is_decided_only_where_it_is_sure() {
        use Truth::*;
        for (typed, limit, above, at_least) in [
            ("40", "40", No, Yes),
            ("40.1", "40", Yes, Yes),
            ("<5", "40", No, No),
            ("<40", "40", No, No),
            ("<41", "40", Undecidable, Undecidable),
            ("<=40", "40", No, Undecidable),
            ("<=39.9", "40", No, No),
            (">1000", "500", Yes, Yes),
            (">500", "500", Yes, Yes),
            (">400", "500", Undecidable, Undecidable),
            (">=500", "500", Undecidable, Yes),
            (">=500.1", "500", Yes, Yes),
        ] {
            let (q, limit) = (q(typed), d(limit));
            assert_eq!(q.above(limit), above, "{typed} above {limit}");
            assert_eq!(q.at_least(limit), at_least, "{typed} at least {limit}");
            assert_eq!(q.at_most(limit), above.negated());
            assert_eq!(q.below(limit), at_least.negated());
        }
    }

    #[test]
    fn scaling_keeps_what_was_typed() {
        let mg = q(">5.65").scaled(d("88.57")).expect("fits");
        assert_eq!(
            (mg.typed.as_str(), mg.comparator),
            (">5.65", Comparator::Above)
        );
        assert_eq!(mg.number, d("500.4205"));
        assert_eq!(q("1").scaled(Decimal::ZERO), None);
        assert_eq!(q("1").scaled(d("-2")), None);
    }

    proptest! {
        #[test]
        fn every_decimal_is_exact(whole in 0u64..1_000_000, fraction in "[0-9]{0,6}") {
            let typed = if fraction.is_empty() { whole.to_string() } else { format!("{whole}.{fraction}") };
            let read = q(&typed);
            // The scale too: 0.50 was measured to two decimals.
            prop_assert_eq!(read.number.to_string(), typed);
        }

        #[test]
        fn grouping_changes_nothing(n in 0u64..1_000_000_000) {
            let digits = n.to_string();
            let mut grouped = String::new();
            for (i, c) in digits.chars().enumerate() {
                if i > 0 && (digits.len() - i) % 3 == 0 { grouped.push(','); }
                grouped.push(c);
            }
            prop_assert_eq!(q(&grouped).number, q(&digits).number);
        }

        #[test]
        fn anything_else_is_refused_or_read_but_never_panics(typed in "\\PC{0,16}") {
            if let Ok(read) = Quantity::parse(&typed) {
                let digits = |s: &str| s.chars().filter(|c| c.is_numeric()).count();
                prop_assert!(digits(&typed) > 0);
                prop_assert!(read.number >= Decimal::ZERO);
            }
        }

        #[test]
        fn a_sure_answer_holds_for_every_amount_meant(
            sign in 0usize..4, bound in 0i64..200, limit in 0i64..200, amount in 0i64..400,
        ) {
            let (text, meant): (&str, fn(i64, i64) -> bool) = [
                ("<", (|a, b| a < b) as fn(i64, i64) -> bool),
                ("<=", |a, b| a <= b),
                (">", |a, b| a > b),
                (">=", |a, b| a >= b),
            ][sign];
            if !meant(amount, bound) {
                return Ok(());
            }
            let q = q(&format!("{text}{bound}"));
            let limit_d = Decimal::from(limit);
            prop_assert_ne!(q.above(limit_d), Truth::certain(amount <= limit));
            prop_assert_ne!(q.at_least(limit_d), Truth::certain(amount < limit));
        }
    }
}
