//! Whether a condition can hold, against trying every small situation.

use crate::refusals::SMALL;
use chrono::NaiveDate;
use proptest::prelude::*;
use saishin::domain::answer::{Absence, Answer, ItemId, Phase, VisitKind};
use saishin::domain::condition::{Amount, Bounds, Condition, ItemTest, WorseTest};
use saishin::domain::protocol::Protocol;
use saishin::domain::protocol::possible::{Possible, possible};
use saishin::domain::situation::{Situation, Verdict};

fn item(id: &str) -> ItemTest {
    ItemTest {
        id: ItemId::new(id),
        is: None,
        at_least: None,
        at_most: None,
        above: None,
        below: None,
        none: None,
        unanswered: None,
        absent: None,
        days_ago: None,
        dated: None,
        test: None,
        intake: None,
        can: None,
        consent: None,
        leftover: None,
    }
}

fn bounds() -> impl Strategy<Value = Bounds> {
    let amount = || prop::option::of((0_i64..6).prop_map(|n| Amount::Number(n.into())));
    (amount(), amount()).prop_map(|(at_least, below)| Bounds {
        at_least,
        below,
        ..Bounds::default()
    })
}

fn fact() -> impl Strategy<Value = Condition> {
    let graded = || {
        (0_i64..4, any::<bool>()).prop_map(|(limit, up)| {
            let limit = Some(Amount::Number(limit.into()));
            if up {
                ItemTest {
                    at_least: limit,
                    ..item("lips")
                }
            } else {
                ItemTest {
                    at_most: limit,
                    ..item("lips")
                }
            }
        })
    };
    prop_oneof![
        graded().prop_map(|test| Condition::Item(Box::new(test))),
        graded().prop_map(|test| Condition::Last(Box::new(test))),
        (1_u8..4).prop_map(|by| Condition::WorseThanLast(WorseTest {
            id: ItemId::new("lips"),
            by
        })),
        prop::collection::vec(0_u8..2, 0..3).prop_map(|codes| Condition::Item(Box::new(
            ItemTest {
                is: Some(codes),
                ..item("flag")
            }
        ))),
        any::<bool>().prop_map(|is| Condition::Item(Box::new(ItemTest {
            unanswered: Some(is),
            ..item("flag")
        }))),
        Just(Condition::Item(Box::new(ItemTest {
            absent: Some(vec![Absence::NotAsked]),
            ..item("flag")
        }))),
        bounds().prop_map(Condition::Age),
        prop::collection::vec(prop::sample::select(VisitKind::ALL), 0..3)
            .prop_map(Condition::Visit),
        prop::collection::vec(prop::sample::select(Phase::ALL), 0..3).prop_map(Condition::Phase),
    ]
}

fn condition() -> impl Strategy<Value = Condition> {
    fact().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Condition::All),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Condition::Any),
            inner
                .clone()
                .prop_map(|part| Condition::Not(Box::new(part))),
            inner.prop_map(|part| Condition::Surely(Box::new(part))),
        ]
    })
}

fn answers(codes: u8) -> Vec<Option<Answer>> {
    let absent = [Absence::NotAsked, Absence::Declined].map(|why| Some(Answer::Absent(why)));
    (0..codes)
        .map(|code| Some(Answer::Code(code)))
        .chain(absent)
        .chain([None])
        .collect()
}

/// Every situation the small protocol can be in, as far as these facts see it.
fn every_situation(protocol: &Protocol) -> Vec<Situation> {
    let walks = [
        (None, None),
        (Some(VisitKind::Start), Some(Phase::Before)),
        (Some(VisitKind::FollowUp), Some(Phase::On)),
        (Some(VisitKind::FollowUp), Some(Phase::Paused)),
        (Some(VisitKind::After), Some(Phase::After)),
    ];
    let mut all = Vec::new();
    for (visit, phase) in walks {
        for age in (0..8).map(Some).chain([None]) {
            for (lips, last) in answers(3)
                .into_iter()
                .flat_map(|now| answers(3).into_iter().map(move |last| (now.clone(), last)))
            {
                for flag in answers(2) {
                    let mut on = Situation {
                        visit,
                        phase,
                        age,
                        held_on: NaiveDate::from_ymd_opt(2026, 11, 24),
                        ..Situation::default()
                    };
                    on.settings = protocol.default_settings();
                    on.answers
                        .extend(lips.clone().map(|answer| (ItemId::new("lips"), answer)));
                    on.answers
                        .extend(flag.map(|answer| (ItemId::new("flag"), answer)));
                    on.last
                        .extend(last.clone().map(|answer| (ItemId::new("lips"), answer)));
                    all.push(on);
                }
            }
        }
    }
    all
}

#[test]
fn the_check_agrees_with_trying_every_situation() {
    let protocol = Protocol::parse(SMALL).unwrap_or_else(|refused| panic!("{refused}"));
    let situations = every_situation(&protocol);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 300,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let outcome = runner.run(&condition(), |condition| {
        let found = situations
            .iter()
            .any(|on| condition.holds(on) == Verdict::Holds);
        let checked = possible(&condition, &protocol);
        prop_assert_eq!(
            checked,
            if found {
                Possible::Yes
            } else {
                Possible::Never
            }
        );
        Ok(())
    });
    outcome.unwrap_or_else(|failed| panic!("{failed}"));
}
