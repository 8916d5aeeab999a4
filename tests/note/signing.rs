//! What a signature waits for, and what it freezes.

use crate::clinic::*;
use saishin::domain::answer::*;
use saishin::domain::change::*;
use saishin::domain::checklist::{LineId, LineState};
use saishin::domain::gate::{Gate, State};
use saishin::domain::observation::Fasting;
use saishin::review::{AnsweredBy, Block};

fn frozen_answers(changes: &[Change]) -> Vec<&FrozenAnswer> {
    let answers = changes.iter().filter_map(|c| match c {
        Change::FrozenAnswer(a) => Some(a),
        _ => None,
    });
    answers.collect()
}

fn frozen_alerts(changes: &[Change]) -> Vec<&FrozenAlert> {
    let alerts = changes.iter().filter_map(|c| match c {
        Change::FrozenAlert(a) => Some(&**a),
        _ => None,
    });
    alerts.collect()
}

#[test]
fn a_signature_freezes_every_line_alert_and_value() {
    let c = critical();
    let changes = c.sealed();
    let list = c.list();
    let answers = frozen_answers(&changes);
    let relevant = list
        .lines
        .iter()
        .filter(|l| l.state != LineState::Optional)
        .count();
    assert_eq!(answers.len(), relevant);
    let lips = answers
        .iter()
        .find(|a| a.item.as_str() == "dry.lips")
        .unwrap();
    assert_eq!(lips.label, "口唇");
    assert_eq!(
        lips.shown.as_deref(),
        Some("亀裂・疼痛(食事・会話でしみる)")
    );
    let again: Vec<_> = answers
        .iter()
        .filter(|a| a.item.as_str() == "flag.abdomen")
        .collect();
    assert_eq!(again.len(), 2);
    assert_eq!(again[1].label, "腹痛 強い、または続く(個別)");
    let tg = answers.iter().find(|a| a.label == "TG").unwrap();
    assert_eq!(
        (tg.item.as_str(), tg.shown.as_deref()),
        ("lab.panel", Some("512 mg/dL"))
    );
    let alerts = frozen_alerts(&changes);
    assert_eq!(alerts[0].rule, "tg.hold");
    assert_eq!(alerts[0].inputs, "tg 512 mg/dL (limit 500; 2026-11-24)");
    assert_eq!(alerts[0].settled, None);
    // Today's five; the five before treatment are no longer the latest.
    let seen = changes
        .iter()
        .filter(|x| matches!(x, Change::Seen(_)))
        .count();
    assert_eq!(seen, 5);
}

#[test]
fn the_signature_comes_first_so_that_the_record_keeps_what_it_freezes() {
    let mut c = critical();
    let note = c.note(&c.en);
    let changes = c.sign();
    assert!(matches!(changes[0], Change::Sign(_)));
    let signed = c.case().visit.signed.as_ref().unwrap();
    assert_eq!(signed.signature.note_en, note);
    assert_eq!(
        1 + signed.answers.len() + signed.alerts.len() + signed.seen.len(),
        changes.len()
    );
    assert_eq!(signed.signature.protocol, c.case().visit.opening.protocol);
}

#[test]
fn a_value_of_an_earlier_draw_that_was_on_the_screen_was_seen() {
    let c = routine();
    let changes = c.sealed();
    let seen: Vec<&Seen> = changes
        .iter()
        .filter_map(|x| match x {
            Change::Seen(seen) => Some(seen),
            _ => None,
        })
        .collect();
    let october: Vec<_> = c.record.observations()[5..].iter().collect();
    assert_eq!(seen.len(), 5);
    assert!(october.iter().all(|v| {
        seen.iter()
            .any(|s| s.observation == v.observation.id && s.stated_by == v.stamp.entry)
    }));
}

#[test]
fn what_was_not_entered_and_what_was_set_aside_are_frozen_as_such() {
    let mut c = critical();
    c.say("dry.lips", Answer::Code(1));
    let changes = c.sealed();
    let answers = frozen_answers(&changes);
    let care = answers
        .iter()
        .find(|a| a.item.as_str() == "dry.care")
        .unwrap();
    assert_eq!(care.standing, Standing::SetAside);
    let mut c = routine();
    c.sign();
    c.open(VisitKind::FollowUp, "2026-12-24", "10:00");
    let changes = c.sealed();
    let lips = frozen_answers(&changes);
    let lips = lips.iter().find(|a| a.item.as_str() == "dry.lips").unwrap();
    assert_eq!(
        (lips.standing, lips.shown.as_deref()),
        (Standing::NotEntered, None)
    );
}

#[test]
fn a_corrected_value_says_which_alert_it_ended() {
    let mut c = routine();
    let today = c.draw("2026-11-24", Fasting::Yes, Some(20));
    c.time("10:41");
    let tg = c.value(today, "tg", "512", "30-149");
    assert!(
        c.stood()
            .iter()
            .any(|s| s.alert.rule == "tg.hold" && s.settled.is_none())
    );
    c.time("10:44");
    c.state(tg, today, "tg", "152", "30-149");
    let stood = c.stood();
    let gone = stood.iter().find(|s| s.alert.rule == "tg.hold").unwrap();
    assert_eq!(
        gone.settled.as_deref(),
        Some("値の訂正 10:44 TG 512 mg/dL→152 mg/dL")
    );
    let changes = c.sealed();
    let frozen = frozen_alerts(&changes);
    let frozen = frozen.iter().find(|a| a.rule == "tg.hold").unwrap();
    assert_eq!(frozen.settled, gone.settled);
}

#[test]
fn an_answer_taken_back_or_given_anew_says_which_alert_it_ended() {
    let mut c = routine();
    c.time("10:41");
    let vision = c.code("flag.vision", 1);
    c.time("10:42");
    c.undo(vision);
    c.code("flag.abdomen", 1);
    c.time("10:43");
    c.code("flag.abdomen", 0);
    let settled: Vec<_> = c.stood().into_iter().filter_map(|s| s.settled).collect();
    assert_eq!(
        settled,
        [
            "取り消し 10:42 見え方 あり→なし",
            "回答 10:43 強い腹痛 あり→なし"
        ]
    );
    // Given back, it stands again and has not vanished.
    c.code("flag.abdomen", 1);
    assert!(
        c.stood()
            .iter()
            .any(|s| s.settled.is_none() && s.alert.item.as_str() == "flag.abdomen")
    );
}

#[test]
fn a_finished_routine_visit_may_be_signed() {
    let c = routine();
    c.review(|r| {
        assert!(r.blocks.is_empty(), "{:?}", r.blocks);
        assert!(r.open.is_empty() && r.vanished.is_empty() && r.must_resolve.is_empty());
        assert_eq!(r.decision.map(|p| p.action), Some(Action::Continue));
        let swept: Vec<_> = r
            .swept
            .iter()
            .map(|s| (s.section.id.as_str(), s.manner, s.lines.len()))
            .collect();
        assert_eq!(
            swept,
            [
                ("flag", Manner::Denied, 9),
                ("dry", Manner::Unchanged, 4),
                ("sun", Manner::Unchanged, 2),
                ("other", Manner::Unchanged, 4),
            ]
        );
        assert!(
            r.singly
                .contains(&LineId::Item(ItemId::new("flag.selfharm")))
        );
    });
}

#[test]
fn an_empty_visit_shows_the_red_flags_first_and_waits_for_identity_and_decision() {
    let mut c = routine();
    c.sign();
    c.open(VisitKind::FollowUp, "2026-12-24", "10:00");
    c.review(|r| {
        assert_eq!(r.open[0], LineId::Item(ItemId::new("flag.head")));
        assert_eq!(r.open[9], LineId::Item(ItemId::new("flag.selfharm")));
        let Block::NotEntered(dangers) = &r.blocks[0] else {
            panic!("{:?}", r.blocks);
        };
        let names: Vec<_> = dangers.iter().map(ItemId::as_str).collect();
        assert_eq!((names[0], names[1]), ("ident.two", "flag.head"));
        assert!(names.contains(&"flag.selfharm"), "{names:?}");
        assert_eq!(r.blocks[1..], [Block::NoDecision]);
    });
}

#[test]
fn going_on_under_a_critical_alert_needs_a_typed_reason() {
    let mut c = critical();
    c.review(|r| {
        assert!(r.blocks.is_empty(), "{:?}", r.blocks);
        assert_eq!(r.alerts[0].answered[0], AnsweredBy::Decision(Action::Hold));
        assert_eq!(
            r.alerts[0].answered[1],
            AnsweredBy::AskedAlone(ItemId::new("flag.abdomen"))
        );
        assert_eq!(
            r.alerts[1].answered,
            [AnsweredBy::Advice(ItemId::new("dry.care"))]
        );
    });
    let mut plan = decided(Action::Continue, Some(20), "2026-12-24", None);
    for reason in [None, Some("  "), Some("TG 512")] {
        plan.reason = reason.map(str::to_owned);
        c.plan(plan.clone());
        c.review(|r| {
            assert_eq!(r.blocks, [Block::ReasonNeeded("tg.hold".into())]);
        });
    }
    plan.reason = Some("食後2時間の採血、空腹で明日再検".into());
    c.plan(plan.clone());
    c.review(|r| {
        assert!(r.blocks.is_empty());
        let reason = plan.reason.as_deref().unwrap();
        assert_eq!(r.alerts[0].answered[0], AnsweredBy::Reason(reason));
    });
}

#[test]
fn a_pending_or_missing_test_blocks_prescribing_and_nothing_else() {
    let mut c = routine();
    c.say("preg.test", tested(TestResult::Pending, "2026-11-24"));
    c.review(|r| {
        assert!(r.blocks.contains(&Block::Gate(Gate::Test, State::Pending)));
        assert!(r.absent.contains(&(Absence::Pending, 1)));
    });
    for (answer, state) in [
        (tested(TestResult::NotDone, "2026-11-24"), State::Missing),
        (tested(TestResult::Invalid, "2026-11-24"), State::CannotTell),
        (Answer::Absent(Absence::Declined), State::Missing),
    ] {
        c.say("preg.test", answer);
        c.review(|r| assert!(r.blocks.contains(&Block::Gate(Gate::Test, state))));
    }
    c.plan(decided(Action::Reduce, Some(10), "2026-12-24", None));
    c.review(|r| assert!(r.blocks.contains(&Block::Gate(Gate::Test, State::Missing))));
    c.plan(decided(Action::Hold, None, "2026-12-24", None));
    c.review(|r| assert!(r.blocks.is_empty(), "{:?}", r.blocks));
}

#[test]
fn a_positive_test_cannot_vanish_because_she_cannot_become_pregnant() {
    let mut c = routine();
    c.say("preg.test", tested(TestResult::Positive, "2026-11-24"));
    c.plan(decided(Action::Stop, None, "2026-12-01", None));
    c.say(
        "preg.potential",
        Answer::Potential {
            can: Can::No,
            reason: Some(CannotReason::Menopause),
        },
    );
    c.review(|r| {
        let items: Vec<_> = r.must_resolve.iter().map(|m| m.item.as_str()).collect();
        assert_eq!(items, ["preg.test"]);
        assert_eq!(r.must_resolve[0].alert.rule, "preg.positive");
        assert!(
            r.blocks
                .contains(&Block::MustResolve(ItemId::new("preg.test")))
        );
        let gone = r
            .vanished
            .iter()
            .find(|s| s.alert.rule == "preg.positive")
            .unwrap();
        assert!(
            gone.settled
                .as_deref()
                .unwrap()
                .starts_with("回答 10:40 妊娠しうる")
        );
    });
    c.say("preg.test", Answer::Absent(Absence::NotApplicable));
    c.say(
        "dose.end",
        Answer::LastDose {
            taken_on: day("2026-11-24"),
            leftover: Some(0),
        },
    );
    c.review(|r| assert!(r.blocks.is_empty(), "{:?}", r.blocks));
}

#[test]
fn advice_about_something_else_settles_no_alert() {
    let mut c = critical();
    c.code("dry.care", 0);
    c.review(|r| {
        let lips = r
            .alerts
            .iter()
            .find(|s| s.alert.item.as_str() == "dry.lips");
        assert_eq!(lips.unwrap().answered, []);
    });
    c.code("ident.unapproved", 1);
    c.review(|r| {
        let advised = |a: &AnsweredBy<'_>| matches!(a, AnsweredBy::Advice(_));
        assert!(!r.alerts.iter().any(|s| s.answered.iter().any(advised)));
    });
}
