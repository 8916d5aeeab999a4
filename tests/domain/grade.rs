//! Grades of laboratory values, exactly at the bounds.

use rust_decimal::Decimal;
use saishin::domain::catalogue::{BUILT_IN, Catalogue};
use saishin::domain::grade::{Against, Basis, Graded, Ungraded, grade};
use saishin::domain::observation::AnalyteId;
use saishin::domain::quantity::Quantity;

fn d(text: &str) -> Decimal {
    Decimal::from_str_exact(text).expect(text)
}

/// The grade of a value as printed, with the upper end of its range.
fn of(analyte: &str, value: &str, unit: &str, against: Against) -> Result<Graded, Ungraded> {
    let catalogue = Catalogue::parse(BUILT_IN).expect("the catalogue");
    let id = AnalyteId(analyte.to_owned());
    let typed = Quantity::parse(value).expect(value);
    let known = catalogue.get(&id).expect(analyte);
    let canonical = known.canonical(&typed, unit).expect(unit);
    grade(&id, &canonical, &against)
}

fn upper(end: &str) -> Against {
    Against {
        upper: Some(d(end)),
        ..Against::default()
    }
}

fn lower(end: &str) -> Against {
    Against {
        lower: Some(d(end)),
        ..Against::default()
    }
}

fn number(graded: Result<Graded, Ungraded>) -> u8 {
    graded.expect("a grade").grade
}

#[test]
fn triglycerides_are_graded_in_one_unit() {
    let tg = |value: &str, unit: &str| number(of("tg", value, unit, Against::default()));
    for (value, expected) in [
        ("149.9", 0),
        ("150", 1),
        ("300.0", 1),
        ("300.1", 2),
        ("500", 2),
        ("500.1", 3),
        ("1000", 3),
        ("1000.1", 4),
    ] {
        assert_eq!(tg(value, "mg/dL"), expected, "{value} mg/dL");
    }
    // 301.1 mg/dL by the molar mass; the scale's own table in mmol/L would say 1.
    assert_eq!(tg("3.40", "mmol/L"), 2);
    assert_eq!(tg("3.38", "mmol/L"), 1);
    assert_eq!(tg("5.65", "mmol/L"), 3);
    assert_eq!(tg("11.3", "mmol/L"), 4);
}

#[test]
fn one_alt_is_another_grade_for_a_man_and_a_woman() {
    let alt = |value: &str, end: &str| of("alt", value, "U/L", upper(end));
    let of_upper = |grade: u8| {
        Ok(Graded {
            grade,
            basis: Basis::UpperEnd,
        })
    };
    assert_eq!(alt("75", "42"), of_upper(1));
    assert_eq!(alt("75", "23"), of_upper(2));
    for (value, expected) in [
        ("23", 0),
        ("23.1", 1),
        ("69", 1),
        ("69.1", 2),
        ("115", 2),
        ("115.1", 3),
        ("460", 3),
        ("460.1", 4),
    ] {
        assert_eq!(alt(value, "23"), of_upper(expected), "{value}");
    }
    assert_eq!(of("alt", "1.25", "ukat/L", upper("23")), of_upper(2));
}

#[test]
fn a_high_baseline_is_what_enzymes_are_graded_by() {
    let with = |analyte: &str, value: &str, baseline: &str| {
        let against = Against {
            baseline: Some(d(baseline)),
            ..upper("40")
        };
        of(analyte, value, "U/L", against)
    };
    let by_baseline = |grade: u8| {
        Ok(Graded {
            grade,
            basis: Basis::Baseline,
        })
    };
    for (value, expected) in [
        ("89.9", 0),
        ("90", 1),
        ("180", 1),
        ("180.1", 2),
        ("300", 2),
        ("300.1", 3),
        ("1200", 3),
        ("1200.1", 4),
    ] {
        assert_eq!(with("alt", value, "60"), by_baseline(expected), "{value}");
    }
    for (value, expected) in [("119.9", 0), ("120", 1), ("150", 1), ("150.1", 2)] {
        assert_eq!(with("ggt", value, "60"), by_baseline(expected), "{value}");
    }
    // A baseline at the end itself was not high.
    assert_eq!(
        with("alt", "41", "40"),
        Ok(Graded {
            grade: 1,
            basis: Basis::UpperEnd
        })
    );
    // Creatine kinase has no row for it.
    assert_eq!(
        with("ck", "60", "60"),
        Ok(Graded {
            grade: 1,
            basis: Basis::UpperEnd
        })
    );
}

#[test]
fn the_other_analytes_at_their_bounds() {
    for (analyte, end, unit, values) in [
        (
            "ck",
            "100",
            "U/L",
            [
                ("100", 0),
                ("100.1", 1),
                ("250", 1),
                ("250.1", 2),
                ("500.1", 3),
                ("1000.1", 4),
            ],
        ),
        (
            "tbil",
            "1.5",
            "mg/dL",
            [
                ("1.5", 0),
                ("1.6", 1),
                ("2.25", 1),
                ("2.26", 2),
                ("4.6", 3),
                ("15.1", 4),
            ],
        ),
        (
            "alp",
            "113",
            "U/L",
            [
                ("113", 0),
                ("113.1", 1),
                ("282.5", 1),
                ("282.6", 2),
                ("565.1", 3),
                ("2260.1", 4),
            ],
        ),
        (
            "tc",
            "248",
            "mg/dL",
            [
                ("248", 0),
                ("248.1", 1),
                ("300", 1),
                ("300.1", 2),
                ("400.1", 3),
                ("500.1", 4),
            ],
        ),
    ] {
        for (value, expected) in values {
            assert_eq!(
                number(of(analyte, value, unit, upper(end))),
                expected,
                "{analyte} {value}"
            );
        }
    }
    for (analyte, end, values) in [
        (
            "wbc",
            "3.3",
            [
                ("3.3", 0),
                ("3.2", 1),
                ("3.0", 1),
                ("2.9", 2),
                ("1.9", 3),
                ("0.9", 4),
            ],
        ),
        (
            "neut",
            "1.8",
            [
                ("1.8", 0),
                ("1.7", 1),
                ("1.5", 1),
                ("1.4", 2),
                ("0.9", 3),
                ("0.4", 4),
            ],
        ),
        (
            "plt",
            "158",
            [
                ("158", 0),
                ("157", 1),
                ("75", 1),
                ("74.9", 2),
                ("49.9", 3),
                ("24.9", 4),
            ],
        ),
    ] {
        for (value, expected) in values {
            let graded = of(analyte, value, "10^3/uL", lower(end));
            assert_eq!(number(graded), expected, "{analyte} {value}");
        }
    }
}

#[test]
fn what_cannot_be_graded_says_why() {
    let none = Against::default();
    assert_eq!(of("alt", "75", "U/L", none), Err(Ungraded::NoRange));
    assert_eq!(of("alt", "75", "U/L", upper("0")), Err(Ungraded::NoRange));
    assert_eq!(
        of("glu", "300", "mg/dL", upper("109")),
        Err(Ungraded::NoScale)
    );
    // Above 300 the end of the range decides nothing any more.
    assert_eq!(of("tc", "260", "mg/dL", none), Err(Ungraded::NoRange));
    assert_eq!(number(of("tc", "310", "mg/dL", none)), 2);
    // Comparators: sure, or not at all.
    assert_eq!(number(of("tg", ">1000", "mg/dL", none)), 4);
    assert_eq!(number(of("tg", "<30", "mg/dL", none)), 0);
    assert_eq!(of("tg", ">400", "mg/dL", none), Err(Ungraded::Undecidable));
    assert_eq!(of("tg", "<200", "mg/dL", none), Err(Ungraded::Undecidable));
    assert_eq!(of("tg", "<=150", "mg/dL", none), Err(Ungraded::Undecidable));
}
