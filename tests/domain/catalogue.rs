//! What can be measured, and what is said of a value as it is typed.

use crate::measured::{CATALOGUE, analyte, d, result, seen};
use proptest::prelude::*;
use saishin::domain::catalogue::*;
use saishin::domain::observation::Reported;
use saishin::domain::quantity::QuantityError;

#[test]
fn the_catalogue_holds_every_analyte() {
    let ids: Vec<String> = CATALOGUE.analytes.iter().map(|a| a.id.0.clone()).collect();
    assert_eq!(
        ids.join(" "),
        "alt ast ggt alp tbil tg tc ldl hdl ck glu hba1c wbc neut plt hb cre amy ld hcgu"
    );
    assert!(analyte("tg").male.expect("range").recalled);
    assert!(!analyte("alt").male.expect("range").recalled);
}

#[test]
fn a_faulty_catalogue_is_refused_with_its_place() {
    let with = |from: &str, to: &str| Catalogue::parse(&BUILT_IN.replacen(from, to, 1));
    for (from, to, why) in [
        ("decimals = ", "decimal = ", "unknown field"),
        ("factor = \"88.57\"", "factor = 88.57", "invalid type"),
        (
            "factor = \"88.57\"",
            "factor = \"88,57\"",
            "no decimal number",
        ),
        ("factor = \"88.57\"", "factor = \"-1\"", "\"tg\""),
        ("id = \"ast\"", "id = \"alt\"", "listed twice"),
        ("suggest = \"mmol/L\"", "suggest = \"mol\"", "unknown unit"),
        ("low = \"10\"", "low = \"43\"", "\"alt\""),
    ] {
        let refused = with(from, to).expect_err(to);
        assert!(refused.contains(why), "{to}: {refused}");
    }
    let twice = BUILT_IN.replacen("decimals = 0\n", "decimals = 0\ndecimal = 0\n", 1);
    let line = twice
        .lines()
        .position(|l| l == "decimal = 0")
        .expect("written")
        + 1;
    let refused = Catalogue::parse(&twice).expect_err("an unknown word");
    assert!(refused.starts_with(&format!("line {line}: ")), "{refused}");
    assert!(Catalogue::parse("").is_err());
}

#[test]
fn units_are_known_in_their_many_spellings() {
    let plt = analyte("plt");
    for name in [
        "10^3/uL",
        "10^3/µL",
        "10*3/μL",
        "×10³/μL",
        "x10^3/ul",
        "10^9/L",
    ] {
        assert_eq!(
            plt.unit_named(name).map(|u| u.name.as_str()),
            Some("10^3/uL"),
            "{name}"
        );
    }
    assert_eq!(plt.unit_named("万/μL").map(|u| u.factor), Some(d("10")));
    assert_eq!(
        analyte("alt").unit_named("IU/l").map(|u| u.name.as_str()),
        Some("U/L")
    );
    assert_eq!(analyte("tg").unit_named("U/L"), None);
    assert_eq!(analyte("tg").unit_named(""), None);
}

#[test]
fn values_become_canonical_exactly() {
    for (id, typed, unit, canonical) in [
        ("tg", "3.40", "mmol/L", "301.138"),
        ("tg", "5.65", "mmol/L", "500.4205"),
        ("tg", "512", "mg/dL", "512"),
        ("plt", "15.8", "万/μL", "158"),
        ("wbc", "5600", "/µL", "5.6"),
        ("hba1c", "42", "mmol/mol", "5.993"),
        ("cre", "70", "µmol/L", "0.7917"),
        ("alt", "<5", "U/L", "5"),
    ] {
        assert_eq!(
            seen(id, typed, unit, "").canonical,
            Some(d(canonical)),
            "{id} {typed}"
        );
    }
    // Half to even at the fourth decimal.
    assert_eq!(
        seen("wbc", "5.0005", "10^2/uL", "").canonical,
        Some(d("0.5000"))
    );
    assert_eq!(
        seen("wbc", "5.0015", "10^2/uL", "").canonical,
        Some(d("0.5002"))
    );
    assert_eq!(seen("tg", "512", "mol", "").canonical, None);
    assert_eq!(result("alt", Reported::Pending, "U/L", "").canonical, None);
}

fn ask(id: &str, typed: &str, unit: &str) -> Check {
    check(&analyte(id), typed, unit, None)
}

#[test]
fn a_unit_mix_up_is_asked_before_anything_is_refused() {
    for (id, typed, unit, suggested) in [
        ("tg", "1.9", "mg/dL", "mmol/L"),
        ("tg", "11.9", "mg/dL", "mmol/L"),
        ("tc", "14.9", "mg/dL", "mmol/L"),
        ("ldl", "7.9", "mg/dL", "mmol/L"),
        ("hdl", "1.2", "mg/dL", "mmol/L"),
        ("plt", "15.8", "10^3/uL", "10^4/uL"),
        ("plt", "59.9", "×10³/µL", "10^4/uL"),
        ("wbc", "5600", "10^3/uL", "/uL"),
    ] {
        let unit_question = Check::UnitQuestion {
            unit: suggested.into(),
        };
        assert_eq!(ask(id, typed, unit), unit_question, "{id} {typed}");
    }
    assert!(matches!(ask("tg", "12", "mg/dL"), Check::Unusual(_)));
    assert!(matches!(ask("tg", "1.9", "mmol/L"), Check::Fine(_)));
    assert!(matches!(ask("plt", "15.8", "万/uL"), Check::Fine(_)));
    assert!(matches!(ask("plt", "60", "10^3/uL"), Check::Unusual(_)));
    assert_eq!(
        ask("wbc", "1000", "10^3/uL"),
        Check::Impossible { limit: d("500") }
    );
}

#[test]
fn once_the_unit_is_affirmed_the_limits_speak() {
    let asked = Asked {
        unit: true,
        unusual: false,
    };
    let affirmed = |typed| check_after(&analyte("tg"), typed, "mg/dL", None, asked);
    assert_eq!(affirmed("1.9"), Check::Impossible { limit: d("5") });
    assert_eq!(
        affirmed("8"),
        Check::Unusual(vec![Why::Low { limit: d("20") }])
    );
}

#[test]
fn hard_limits_refuse_and_soft_ones_ask() {
    for (id, typed, unit, refused) in [
        ("alt", "20000", "U/L", false),
        ("alt", "20000.1", "U/L", true),
        ("alt", "0", "U/L", true),
        ("neut", "0", "10^3/uL", false),
        ("hb", "2", "g/dL", false),
        ("hb", "1.9", "g/dL", true),
        ("hb", "19", "g/L", true),
        ("cre", "<0.1", "mg/dL", false),
    ] {
        let impossible = matches!(ask(id, typed, unit), Check::Impossible { .. });
        assert_eq!(impossible, refused, "{id} {typed}");
    }
    for (typed, asked) in [
        ("200", false),
        ("200.1", true),
        ("3", false),
        ("2.9", true),
        ("<3", true),
        (">150", false),
    ] {
        assert_eq!(
            matches!(ask("alt", typed, "U/L"), Check::Unusual(_)),
            asked,
            "{typed}"
        );
    }
    let confirmed = Asked {
        unit: true,
        unusual: true,
    };
    assert!(matches!(
        check_after(&analyte("alt"), "300", "U/L", None, confirmed),
        Check::Fine(_)
    ));
}

#[test]
fn a_leap_from_the_last_value_is_asked() {
    let last = seen("alt", "30", "U/L", "");
    let against_last = |typed: &str| check(&analyte("alt"), typed, "U/L", Some(&last));
    let last = d("30");
    assert!(matches!(against_last("90"), Check::Fine(_)));
    assert_eq!(
        against_last("91"),
        Check::Unusual(vec![Why::FarAboveLast { last }])
    );
    assert!(matches!(against_last("10"), Check::Fine(_)));
    assert_eq!(
        against_last("9.9"),
        Check::Unusual(vec![Why::FarBelowLast { last }])
    );
    assert_eq!(
        against_last("<10"),
        Check::Unusual(vec![Why::FarBelowLast { last }])
    );
    let pending = result("alt", Reported::Pending, "U/L", "");
    assert!(matches!(
        check(&analyte("alt"), "150", "U/L", Some(&pending)),
        Check::Fine(_)
    ));
}

#[test]
fn what_cannot_be_understood_is_said_so() {
    assert_eq!(
        ask("alt", "12-15", "U/L"),
        Check::Unreadable(QuantityError::Unreadable)
    );
    assert_eq!(ask("alt", "12", "mg/dL"), Check::UnknownUnit);
    assert_eq!(ask("hcgu", "5", ""), Check::UnknownUnit);
}

#[test]
fn catalogue_ranges_follow_the_unit() {
    let range =
        |id: &str, male, unit: &str| analyte(id).catalogue_range(male, unit).map(|r| r.text());
    assert_eq!(range("alt", false, "U/L").as_deref(), Some("7-23"));
    assert_eq!(range("alt", true, "U/L").as_deref(), Some("10-42"));
    assert_eq!(range("plt", true, "万/uL").as_deref(), Some("15.8-34.8"));
    assert_eq!(range("wbc", true, "/uL").as_deref(), Some("3300-8600"));
    assert_eq!(range("neut", true, "/uL"), None);
    assert_eq!(range("alt", true, "mg/dL"), None);
}

proptest! {
    #[test]
    fn a_fine_value_is_kept_as_typed(whole in 3u32..200, fraction in 0u32..10) {
        let typed = format!("{whole}.{fraction}");
        prop_assume!(whole < 200 || fraction == 0);
        match ask("alt", &typed, "U/L") {
            Check::Fine(q) => prop_assert_eq!(q.typed, typed),
            other => prop_assert!(false, "{:?}", other),
        }
    }

    #[test]
    fn nothing_typed_panics(typed in "\\PC{0,12}", unit in "\\PC{0,8}") {
        let _ = ask("tg", &typed, &unit);
    }
}
