//! What a condition says when something is missing, open-ended, or just at its bound.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use saishin::domain::answer::{Absence, Answer, ItemId};
use saishin::domain::condition::Condition;
use saishin::domain::observation::{AnalyteId, Fasting};
use saishin::domain::quantity::Comparator;
use saishin::domain::situation::{LabFact, Situation, Verdict};
use serde::Deserialize;

#[derive(Deserialize)]
struct File {
    when: Condition,
}

fn condition(text: &str) -> Condition {
    match toml::from_str::<File>(&format!("when = {text}")) {
        Ok(file) => file.when,
        Err(why) => panic!("{why}"),
    }
}

fn with(id: &str, answer: Answer) -> Situation {
    let mut on = Situation {
        held_on: NaiveDate::from_ymd_opt(2026, 11, 24),
        ..Situation::default()
    };
    on.answers.insert(ItemId::new(id), answer);
    on
}

#[test]
fn what_nobody_said_is_neither_yes_nor_no() {
    let pain = condition(r#"{ item = { id = "pain", is = [1] } }"#);
    assert_eq!(pain.holds(&Situation::default()), Verdict::Unknown);
    for why in Absence::ALL {
        assert_eq!(
            pain.holds(&with("pain", Answer::Absent(*why))),
            Verdict::Unknown,
            "{why:?}"
        );
    }
    assert_eq!(pain.holds(&with("pain", Answer::Code(0))), Verdict::Not);
    let denied = condition(r#"{ not = { item = { id = "pain", is = [1] } } }"#);
    assert_eq!(
        denied.holds(&Situation::default()),
        Verdict::Unknown,
        "nor does its opposite hold"
    );
    let surely = condition(r#"{ surely = { item = { id = "pain", is = [1] } } }"#);
    assert_eq!(surely.holds(&Situation::default()), Verdict::Not);
}

#[test]
fn one_known_part_settles_what_it_can() {
    let all =
        condition(r#"{ all = [{ item = { id = "pain", is = [1] } }, { age = { below = 18 } }] }"#);
    let any =
        condition(r#"{ any = [{ item = { id = "pain", is = [1] } }, { age = { below = 18 } }] }"#);
    let adult = with("pain", Answer::Code(0));
    assert_eq!(
        (all.holds(&adult), any.holds(&adult)),
        (Verdict::Not, Verdict::Unknown)
    );
    let pained = with("pain", Answer::Code(1));
    assert_eq!(
        (all.holds(&pained), any.holds(&pained)),
        (Verdict::Unknown, Verdict::Holds)
    );
}

#[test]
fn months_may_pass_the_new_year() {
    let winter = condition("{ month = { from = 11, to = 2 } }");
    let summer = condition("{ month = { from = 4, to = 9 } }");
    let november = with("x", Answer::Code(0));
    assert_eq!(
        (winter.holds(&november), summer.holds(&november)),
        (Verdict::Holds, Verdict::Not)
    );
}

#[test]
fn never_asked_is_longer_ago_than_any_number_of_days() {
    let due = condition(r#"{ days_since = { id = "weight", at_least = 28 } }"#);
    let mut on = Situation::default();
    assert_eq!(due.holds(&on), Verdict::Holds);
    for (days, verdict) in [
        (Some(28), Verdict::Holds),
        (Some(27), Verdict::Not),
        (None, Verdict::Unknown),
    ] {
        on.days_since.insert(ItemId::new("weight"), days);
        assert_eq!(due.holds(&on), verdict, "{days:?}");
    }
}

fn lab(comparator: Comparator, number: &str) -> Situation {
    let fact = LabFact {
        comparator,
        number: number.parse().unwrap(),
        unit: "mg/dL".into(),
        upper: None,
        lower: None,
        fasting: Fasting::Yes,
        haemolysed: false,
        lipaemic: false,
        baseline: Some(Decimal::from(96)),
        previous: None,
        days_ago: None,
        dose_at_draw: None,
    };
    let mut on = Situation::default();
    on.labs.insert(AnalyteId("tg".into()), fact);
    on
}

#[test]
fn a_bounded_result_is_judged_only_where_it_is_sure() {
    use Comparator as C;
    use Verdict::{Holds, Not, Unknown};
    let at_least = condition(r#"{ lab = { analyte = "tg", unit = "mg/dL", at_least = 500 } }"#);
    let above = condition(r#"{ lab = { analyte = "tg", unit = "mg/dL", above = 500 } }"#);
    let below = condition(r#"{ lab = { analyte = "tg", unit = "mg/dL", below = 500 } }"#);
    let at_most = condition(r#"{ lab = { analyte = "tg", unit = "mg/dL", at_most = 500 } }"#);
    for (comparator, number, verdicts) in [
        (C::Equal, "500", [Holds, Not, Not, Holds]),
        (C::Equal, "500.0000001", [Holds, Holds, Not, Not]),
        (C::Above, "500", [Holds, Holds, Not, Not]),
        (C::AtLeast, "500", [Holds, Unknown, Not, Unknown]),
        (C::Above, "400", [Unknown, Unknown, Unknown, Unknown]),
        (C::Above, "1000", [Holds, Holds, Not, Not]),
        (C::Below, "500", [Not, Not, Holds, Holds]),
        (C::AtMost, "500", [Unknown, Not, Unknown, Holds]),
        (C::Below, "5", [Not, Not, Holds, Holds]),
        (C::Below, "600", [Unknown, Unknown, Unknown, Unknown]),
    ] {
        let on = lab(comparator, number);
        let found = [&at_least, &above, &below, &at_most].map(|condition| condition.holds(&on));
        assert_eq!(found, verdicts, "{}{number}", comparator.word());
    }
}

#[test]
fn percent_of_the_own_baseline_is_exact() {
    let doubled =
        condition(r#"{ lab = { analyte = "tg", percent_of_baseline = { at_least = 200 } } }"#);
    assert_eq!(
        doubled.holds(&lab(Comparator::Equal, "192")),
        Verdict::Holds
    );
    assert_eq!(
        doubled.holds(&lab(Comparator::Equal, "191.99")),
        Verdict::Not
    );
    let upper = condition(r#"{ lab = { analyte = "tg", times_upper = { above = 1 } } }"#);
    assert_eq!(
        upper.holds(&lab(Comparator::Equal, "192")),
        Verdict::Unknown,
        "no upper limit came with it"
    );
}
