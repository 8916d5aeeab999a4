//! What fires, what is not assessed, and what stays silent.

use crate::default_protocol;
use rust_decimal::Decimal;
use saishin::domain::alert::{Alert, Assessed, evaluate};
use saishin::domain::answer::{Absence, Action, Answer, Can, ItemId, PregnancyTest, TestResult};
use saishin::domain::observation::{AnalyteId, Fasting};
use saishin::domain::protocol::{Level, SettingError};
use saishin::domain::quantity::Comparator;
use saishin::domain::situation::{LabFact, Situation};
use std::collections::BTreeMap;

fn lab(comparator: Comparator, number: &str, unit: &str, upper: Option<i64>) -> LabFact {
    LabFact {
        comparator,
        number: number.parse().unwrap(),
        unit: unit.into(),
        upper: upper.map(Decimal::from),
        lower: None,
        fasting: Fasting::Unknown,
        haemolysed: false,
        lipaemic: false,
        baseline: None,
        previous: None,
        days_ago: Some(1),
        dose_at_draw: None,
    }
}

fn with(analyte: &str, fact: LabFact) -> Vec<Alert> {
    let protocol = default_protocol();
    let mut on = Situation {
        settings: protocol.default_settings(),
        ..Situation::default()
    };
    on.labs.insert(AnalyteId(analyte.into()), fact);
    evaluate(&protocol, &on)
}

fn names(alerts: &[Alert]) -> Vec<(&str, Assessed)> {
    alerts
        .iter()
        .map(|alert| (alert.rule.as_str(), alert.assessed))
        .collect()
}

#[test]
fn only_the_highest_step_of_a_ladder_shows() {
    let alerts = with("tg", lab(Comparator::Equal, "801", "mg/dL", None));
    assert_eq!(names(&alerts), [("tg.label", Assessed::Fires)]);
    assert_eq!(alerts[0].level, Level::Critical);
    assert_eq!(alerts[0].inputs[0].limit, Some(Decimal::from(800)));
    assert_eq!(alerts[0].inputs[0].days_ago, Some(1));
}

#[test]
fn an_open_ended_result_fires_what_is_sure_and_says_what_is_not() {
    let alerts = with("tg", lab(Comparator::Above, "400", "mg/dL", None));
    assert_eq!(
        names(&alerts),
        [
            ("tg.hold", Assessed::OpenEnded),
            ("tg.reduce", Assessed::Fires)
        ]
    );
    assert_eq!(
        alerts[0].text.en,
        "TG >400: limit 500 not assessed (the result is open-ended)"
    );
    let sure = with("tg", lab(Comparator::Above, "1000", "mg/dL", None));
    assert_eq!(names(&sure), [("tg.label", Assessed::Fires)]);
    assert!(with("tg", lab(Comparator::Below, "40", "mg/dL", None)).is_empty());
}

#[test]
fn the_upper_limit_printed_on_the_slip_decides_not_the_number() {
    let man = with("alt", lab(Comparator::Equal, "75", "U/L", Some(42)));
    let woman = with("alt", lab(Comparator::Equal, "75", "U/L", Some(23)));
    assert_eq!(names(&man), [("alt.1", Assessed::Fires)]);
    assert_eq!(names(&woman), [("alt.3", Assessed::Fires)]);
    assert!(
        woman[0].text.en.contains("3.26 x upper limit 23"),
        "{}",
        woman[0].text.en
    );
    let bare = with("alt", lab(Comparator::Equal, "75", "U/L", None));
    assert_eq!(names(&bare), [("alt.1", Assessed::NoUpperLimit)]);
}

#[test]
fn a_haemolysed_ast_is_not_graded() {
    let fact = LabFact {
        haemolysed: true,
        ..lab(Comparator::Equal, "200", "U/L", Some(30))
    };
    let alerts = with("ast", fact);
    assert_eq!(
        names(&alerts),
        [
            ("ast.haemolysed", Assessed::Fires),
            ("ast.1", Assessed::Haemolysed)
        ]
    );
}

#[test]
fn another_unit_is_not_compared() {
    let alerts = with("tg", lab(Comparator::Equal, "5.65", "mmol/L", None));
    assert!(
        alerts
            .iter()
            .all(|alert| alert.assessed == Assessed::OtherUnit),
        "{:?}",
        names(&alerts)
    );
    assert!(!alerts.is_empty());
}

fn test_answered(answer: Answer, decision: Action) -> Vec<Alert> {
    let protocol = default_protocol();
    let mut on = Situation {
        settings: protocol.default_settings(),
        ..Situation::default()
    };
    on.can_become_pregnant = Some(Can::Yes);
    on.decision = Some(decision);
    on.days_since.insert(ItemId::new("dose.weight"), Some(30));
    on.answers.insert(ItemId::new("preg.test"), answer);
    evaluate(&protocol, &on)
}

#[test]
fn a_pending_test_stands_in_the_way_of_continuing_like_a_missing_one() {
    let result = |result| {
        Answer::Test(PregnancyTest {
            result,
            done_on: None,
            kind: None,
            kit: None,
        })
    };
    for answer in [
        result(TestResult::Pending),
        result(TestResult::NotDone),
        Answer::Absent(Absence::NotAsked),
    ] {
        let alerts = test_answered(answer.clone(), Action::Continue);
        assert_eq!(names(&alerts), [("preg.test.gate", Assessed::Fires)]);
        assert_eq!(alerts[0].level, Level::Critical);
        assert_eq!(
            names(&test_answered(answer, Action::Hold)),
            [("preg.test.missing", Assessed::Fires)]
        );
    }
    for (found, rule) in [
        (TestResult::Positive, "preg.positive"),
        (TestResult::Invalid, "preg.invalid"),
    ] {
        assert_eq!(
            names(&test_answered(result(found), Action::Hold)),
            [(rule, Assessed::Fires)]
        );
    }
}

#[test]
fn nothing_known_raises_nothing() {
    let protocol = default_protocol();
    let on = Situation {
        settings: protocol.default_settings(),
        ..Situation::default()
    };
    assert!(evaluate(&protocol, &on).is_empty());
}

#[test]
fn the_clinics_own_limit_holds_within_its_floor() {
    let protocol = default_protocol();
    let own = |name: &str, value: i64| {
        protocol.settings(&BTreeMap::from([(name.to_owned(), Decimal::from(value))]))
    };
    let settings = own("tg_hold", 600).unwrap();
    let mut on = Situation {
        settings,
        ..Situation::default()
    };
    on.labs.insert(
        AnalyteId("tg".into()),
        lab(Comparator::Equal, "512", "mg/dL", None),
    );
    assert_eq!(
        names(&evaluate(&protocol, &on)),
        [("tg.reduce", Assessed::Fires)]
    );
    assert!(matches!(
        own("contraception_after_months", 0),
        Err(SettingError::OutOfRange { .. })
    ));
    assert!(matches!(
        own("nonsense", 1),
        Err(SettingError::Unknown { .. })
    ));
}
