//! What can be said of one result.

use crate::measured::{analyte, d, result, seen};
use proptest::prelude::*;
use rust_decimal::Decimal;
use saishin::domain::observation::*;
use saishin::domain::quantity::Truth;

fn flag(id: &str, typed: &str, unit: &str, range: &str) -> &'static str {
    judge(&seen(id, typed, unit, range), &analyte(id)).letters()
}

#[test]
fn ranges_are_read_as_reports_print_them() {
    for (text, printed) in [
        ("10-42", "10-42"),
        ("30–149", "30-149"),
        ("０．４～１．５", "0.4-1.5"),
        ("7 - 23", "7-23"),
        ("<150", "<150"),
        (">=40", ">=40"),
        ("≦1.0", "<=1.0"),
        ("＞5", ">5"),
    ] {
        let range = ReferenceRange::parse(text, RangeSource::Report).expect(text);
        assert_eq!(range.text(), printed, "{text}");
        assert_eq!(
            ReferenceRange::parse(printed, RangeSource::Report),
            Ok(range)
        );
    }
    for text in [
        "",
        "42",
        "42-10",
        "-5",
        "男:43～57",
        "Negative",
        "1-2-3",
        "<1-5",
    ] {
        assert!(
            ReferenceRange::parse(text, RangeSource::Report).is_err(),
            "{text}"
        );
    }
}

#[test]
fn a_result_is_judged_by_its_own_range() {
    for (typed, range, letters) in [
        ("23", "7-23", ""),
        ("23.1", "7-23", "H"),
        ("7", "7-23", ""),
        ("6.9", "7-23", "L"),
        ("150", "<150", "H"),
        ("149", "<150", ""),
        ("40", ">=40", ""),
        ("39", ">=40", "L"),
        ("24", "", "?"),
        ("<5", "7-23", "L"),
        ("<10", "7-23", "?"),
        (">20", "7-23", "?"),
        (">30", "7-23", "H"),
    ] {
        assert_eq!(flag("alt", typed, "U/L", range), letters, "{typed} {range}");
    }
}

#[test]
fn critical_limits_are_exact_and_need_no_range() {
    for (id, typed, unit, range, letters) in [
        ("alt", "499", "U/L", "7-23", "H"),
        ("alt", "500", "U/L", "7-23", "HH"),
        ("alt", "500", "U/L", "", "HH"),
        ("alt", ">400", "U/L", "7-23", "H"),
        ("alt", ">=500", "U/L", "7-23", "HH"),
        ("tg", "11.29", "mmol/L", "0.34-1.32", "H"),
        ("tg", "11.30", "mmol/L", "0.34-1.32", "HH"),
        ("wbc", "2.0", "10^3/uL", "3.3-8.6", "LL"),
        ("wbc", "2.1", "10^3/uL", "3.3-8.6", "L"),
        ("wbc", "2000", "/uL", "3300-8600", "LL"),
        ("neut", "0.5", "10^3/uL", "1.5-7.5", "L"),
        ("neut", "0.4", "10^3/uL", "1.5-7.5", "LL"),
        ("plt", "3.0", "万/uL", "15.8-34.8", "LL"),
        // No call-out value is known, so none is made up.
        ("tc", "1000", "mg/dL", "142-248", "H"),
    ] {
        assert_eq!(flag(id, typed, unit, range), letters, "{id} {typed}");
    }
}

#[test]
fn what_is_no_value_is_never_judged() {
    for reported in [
        Reported::Pending,
        Reported::Haemolysed,
        Reported::Lost,
        Reported::NotDone,
    ] {
        let result = result("alt", reported, "U/L", "7-23");
        assert_eq!(judge(&result, &analyte("alt")), Flag::NotJudged);
        assert_eq!(times_upper(&result), None);
        assert_eq!(percent_of(&result, &result), None);
    }
}

#[test]
fn ratios_are_told_only_of_exact_values() {
    let now = seen("alt", "75", "U/L", "7-23");
    let baseline = seen("alt", "20", "U/L", "10-42");
    assert_eq!(times_upper(&now), Some(d("3.3")));
    assert_eq!(percent_of(&now, &baseline), Some(d("375")));
    assert_eq!(change(&now, &baseline), Some(d("55")));
    assert_eq!(times_upper(&seen("alt", "75", "U/L", ">=7")), None);
    assert_eq!(times_upper(&seen("alt", ">75", "U/L", "7-23")), None);
    assert_eq!(change(&seen("alt", "<5", "U/L", ""), &baseline), None);
    assert_eq!(change(&seen("ast", "75", "U/L", ""), &baseline), None);
    let mmol = seen("tg", "2", "mmol/L", "");
    assert_eq!(
        change(&mmol, &seen("tg", "100", "mg/dL", "")),
        Some(d("77.14"))
    );
}

#[test]
fn three_times_upper_is_compared_exactly() {
    for (typed, truth) in [
        ("69", Truth::No),
        ("69.01", Truth::Yes),
        (">69", Truth::Yes),
        (">68", Truth::Undecidable),
    ] {
        let result = seen("alt", typed, "U/L", "7-23");
        assert_eq!(above_times_upper(&result, d("3")), truth, "{typed}");
    }
    assert_eq!(
        above_times_upper(&seen("alt", "900", "U/L", ""), d("3")),
        Truth::Undecidable
    );
}

proptest! {
    #[test]
    fn a_range_reads_back(low in 0u32..1000, more in 0u32..1000, scale in 0u32..3) {
        let range = ReferenceRange::between(
            Some(Decimal::new(low.into(), scale)),
            Some(Decimal::new((low + more).into(), scale)),
            RangeSource::Clinic,
        );
        prop_assert_eq!(ReferenceRange::parse(&range.text(), RangeSource::Clinic), Ok(range));
    }

    #[test]
    fn no_range_typed_panics(typed in "\\PC{0,12}") {
        let _ = ReferenceRange::parse(&typed, RangeSource::Report);
    }
}
