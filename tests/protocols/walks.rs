//! How many answers each walk asks, and that nothing shifts under the fingers.

use crate::default_protocol;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use saishin::domain::alert::evaluate;
use saishin::domain::answer::{
    Action, Answer, Can, Intake, ItemId, Phase, PregnancyTest, Sex, TestKind, TestResult, VisitKind,
};
use saishin::domain::observation::{AnalyteId, Fasting};
use saishin::domain::protocol::{Kind, Protocol};
use saishin::domain::quantity::Comparator;
use saishin::domain::situation::{LabFact, Situation};

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 24).unwrap()
}

/// A routine follow-up with nothing due.
fn routine(protocol: &Protocol, sex: Sex) -> Situation {
    let can = if sex == Sex::Female {
        Can::Yes
    } else {
        Can::No
    };
    Situation {
        visit: Some(VisitKind::FollowUp),
        phase: Some(Phase::On),
        held_on: Some(day()),
        age: Some(24),
        sex: Some(sex),
        can_become_pregnant: Some(can),
        day_of_treatment: Some(84),
        days_since: [
            "dose.weight",
            "preg.potential",
            "preg.breastfeeding",
            "resp.scar",
        ]
        .map(|id| (ItemId::new(id), Some(84)))
        .into(),
        blood_due: Some(false),
        blood_overdue_days: Some(-35),
        days_since_blood: Some(26),
        no_blood_ever: Some(false),
        test_due: Some(true),
        settings: protocol.default_settings(),
        ..Situation::default()
    }
}

/// Answers every relevant line with what a normal visit says, one after the other.
fn answer_all(protocol: &Protocol, on: &mut Situation) -> Vec<String> {
    let mut asked = Vec::new();
    while let Some(item) = protocol
        .walk(on)
        .into_iter()
        .find(|item| !asked.contains(&item.id.to_string()))
    {
        let (id, kind) = (item.id.clone(), item.kind);
        asked.push(id.to_string());
        let answer = on
            .answers
            .get(&id)
            .cloned()
            .unwrap_or_else(|| normal(protocol, &id, kind));
        if let Answer::Plan(plan) = &answer {
            on.decision.get_or_insert(plan.action);
        }
        on.answers.insert(id, answer);
    }
    asked
}

fn normal(protocol: &Protocol, id: &ItemId, kind: Kind) -> Answer {
    match kind {
        Kind::Test => Answer::Test(PregnancyTest {
            result: TestResult::Negative,
            done_on: Some(day()),
            kind: Some(TestKind::ClinicUrine),
            kit: None,
        }),
        Kind::Intake => Answer::Intake {
            intake: Intake::AsPlanned,
            missed_days: None,
            stopped_on: None,
        },
        Kind::Many | Kind::Counselling => Answer::Many(Vec::new()),
        Kind::Weight => Answer::Weight {
            kg: Decimal::from(60),
            measured_on: day(),
        },
        _ if id.as_str() == "ident.two" => Answer::Code(1),
        _ => Answer::Code(
            protocol
                .item(id.as_str())
                .and_then(|item| item.options.first())
                .map_or(0, |o| o.key),
        ),
    }
}

fn core(asked: &[String], protocol: &Protocol) -> usize {
    asked
        .iter()
        .filter(|id| {
            protocol
                .section_of(id)
                .is_some_and(|section| section.id != "today")
        })
        .count()
}

#[test]
fn a_woman_answers_32_lines_and_a_man_28() {
    let protocol = default_protocol();
    for (sex, count) in [(Sex::Female, 32), (Sex::Male, 28)] {
        let mut on = routine(&protocol, sex);
        on.decision = Some(Action::Continue);
        let asked = answer_all(&protocol, &mut on);
        assert_eq!(asked.len(), count, "{asked:?}");
        assert_eq!(
            core(&asked, &protocol),
            count,
            "nothing is added: {asked:?}"
        );
    }
}

#[test]
fn before_anything_is_answered_no_addition_is_shown() {
    let protocol = default_protocol();
    let on = routine(&protocol, Sex::Female);
    assert_eq!(protocol.walk(&on).len(), 32);
}

#[test]
fn breast_feeding_is_asked_once_of_a_course_that_began_elsewhere() {
    let protocol = default_protocol();
    let asked = |on: &Situation| {
        let walk = protocol.walk(on);
        walk.iter()
            .any(|item| item.id.as_str() == "preg.breastfeeding")
    };
    let mut on = routine(&protocol, Sex::Female);
    assert!(!asked(&on), "it was asked at the first visit");
    on.days_since.remove(&ItemId::new("preg.breastfeeding"));
    assert!(asked(&on));
    // The line stays while it is answered.
    let no = Answer::Code(0);
    on.answers.insert(ItemId::new("preg.breastfeeding"), no);
    assert!(asked(&on));
    on.can_become_pregnant = Some(Can::No);
    assert!(!asked(&on));
}

#[test]
fn unknown_potential_is_asked_like_yes() {
    let protocol = default_protocol();
    let on = Situation {
        can_become_pregnant: None,
        ..routine(&protocol, Sex::Male)
    };
    assert!(
        protocol
            .walk(&on)
            .iter()
            .any(|item| item.id.as_str() == "preg.test")
    );
}

#[test]
fn cracked_lips_and_high_triglycerides_add_exactly_two_lines() {
    let protocol = default_protocol();
    let mut on = Situation {
        day_of_treatment: Some(60),
        age: Some(19),
        blood_due: Some(true),
        ..routine(&protocol, Sex::Male)
    };
    on.last.insert(ItemId::new("dry.lips"), Answer::Code(1));
    on.answers.insert(ItemId::new("dry.lips"), Answer::Code(2));
    on.labs.insert(AnalyteId("tg".into()), triglycerides("512"));
    on.decision = Some(Action::Hold);
    let asked = answer_all(&protocol, &mut on);
    let added: Vec<&String> = asked
        .iter()
        .filter(|id| protocol.section_of(id).is_some_and(|s| s.id == "today"))
        .collect();
    assert_eq!(added, ["dry.care", "drug.alcohol"]);
    let alerts = evaluate(&protocol, &on);
    let shown: Vec<&str> = alerts.iter().map(|alert| alert.rule.as_str()).collect();
    assert_eq!(shown, ["tg.hold", "dry.lips.worse"]);
    assert_eq!(alerts[0].asks, Some(ItemId::new("flag.abdomen")));
    assert_eq!(alerts[0].reason.ja, "TG 512");
    assert_eq!(
        alerts[0].text.ja,
        "TG 512 mg/dL(食後): 500以上。当院基準では休薬、1週以内に空腹で再検。EU添付文書は800超"
    );
    assert_eq!(
        alerts[1].text.ja,
        "口唇 亀裂・疼痛: 前回(乾燥・落屑)から悪化"
    );
    let said: Vec<&str> = protocol
        .sentences(&on)
        .into_iter()
        .map(|sentence| sentence.note.ja.as_str())
        .collect();
    assert_eq!(
        said,
        [
            "残薬を飲まない",
            "腹痛・嘔吐時は受診",
            "飲酒と食事",
            "空腹で採血"
        ]
    );
}

fn triglycerides(number: &str) -> LabFact {
    LabFact {
        comparator: Comparator::Equal,
        number: number.parse().unwrap(),
        unit: "mg/dL".into(),
        upper: Some(Decimal::from(149)),
        lower: Some(Decimal::from(30)),
        fasting: Fasting::No,
        haemolysed: false,
        lipaemic: false,
        baseline: Some(Decimal::from(96)),
        previous: Some(Decimal::from(96)),
        days_ago: Some(0),
        dose_at_draw: Some(Decimal::from(20)),
    }
}

#[test]
fn the_same_man_with_normal_values_has_no_addition() {
    let protocol = default_protocol();
    let mut on = Situation {
        day_of_treatment: Some(60),
        blood_due: Some(true),
        ..routine(&protocol, Sex::Male)
    };
    on.labs.insert(AnalyteId("tg".into()), triglycerides("96"));
    on.answers.insert(ItemId::new("dry.lips"), Answer::Code(1));
    on.decision = Some(Action::Continue);
    let asked = answer_all(&protocol, &mut on);
    assert_eq!(asked.len(), 28 + 2, "the draw and its values: {asked:?}");
    assert!(evaluate(&protocol, &on).is_empty());
}

#[test]
fn after_treatment_eleven_answers_then_decision_and_counselling() {
    let protocol = default_protocol();
    let mut on = Situation {
        visit: Some(VisitKind::After),
        phase: Some(Phase::After),
        days_since_last_dose: Some(31),
        window_days_left: Some(151),
        ..routine(&protocol, Sex::Female)
    };
    on.decision = Some(Action::NoPrescription);
    let asked = answer_all(&protocol, &mut on);
    assert_eq!(
        asked,
        [
            "ident.two",
            "dose.last",
            "preg.possible",
            "preg.test",
            "preg.method",
            "preg.lapse",
            "other.mood",
            "flag.selfharm",
            "after.symptoms",
            "resp.acne",
            "drug.procedure",
            "dec.action",
            "couns.list"
        ]
    );
}

#[test]
fn the_start_visit_asks_what_must_be_settled_before_the_first_capsule() {
    let protocol = default_protocol();
    let start = |sex| Situation {
        visit: Some(VisitKind::Start),
        phase: Some(Phase::Before),
        age: Some(17),
        blood_due: Some(true),
        days_since: Default::default(),
        day_of_treatment: None,
        ..routine(&protocol, sex)
    };
    let asked = |sex| answer_all(&protocol, &mut start(sex));
    let (woman, man) = (asked(Sex::Female), asked(Sex::Male));
    let both = [
        "ident.consent",
        "ident.unapproved",
        "ident.minor",
        "ident.history",
        "preg.potential",
        "dose.product",
        "drug.topical",
        "dose.weight",
        "resp.scar",
        "other.sexual",
        "lab.sample",
        "drug.list",
        "flag.selfharm",
    ];
    for id in both {
        assert!(
            woman.iter().any(|asked| asked == id) && man.iter().any(|asked| asked == id),
            "{id}"
        );
    }
    assert!(woman.contains(&"preg.breastfeeding".into()) && !woman.contains(&"preg.male".into()));
    assert!(man.contains(&"preg.male".into()) && !man.contains(&"preg.test".into()));
    assert!(
        !woman.iter().any(|id| id.starts_with("dry.")),
        "no grades before the first capsule"
    );
}

#[test]
fn ending_the_course_adds_the_last_capsule() {
    let protocol = default_protocol();
    let mut on = Situation {
        decision: Some(Action::Finish),
        ..routine(&protocol, Sex::Female)
    };
    let asked = answer_all(&protocol, &mut on);
    let added: Vec<&String> = asked
        .iter()
        .filter(|id| protocol.section_of(id).is_some_and(|s| s.id == "today"))
        .collect();
    assert_eq!(added, ["other.sexual", "resp.scar", "dose.end"]);
}

#[test]
fn somebody_in_the_room_hides_the_private_lines() {
    let protocol = default_protocol();
    let alone = Situation {
        decision: Some(Action::Finish),
        ..routine(&protocol, Sex::Male)
    };
    let accompanied = Situation {
        companion: true,
        ..alone.clone()
    };
    let asks = |on: &Situation| {
        protocol
            .walk(on)
            .iter()
            .any(|item| item.id.as_str() == "other.sexual")
    };
    assert!(asks(&alone) && !asks(&accompanied));
}

#[test]
fn an_absent_sample_closes_the_panel() {
    let protocol = default_protocol();
    let mut on = Situation {
        blood_due: Some(true),
        ..routine(&protocol, Sex::Male)
    };
    let asks = |on: &Situation| {
        protocol
            .walk(on)
            .iter()
            .any(|item| item.id.as_str() == "lab.panel")
    };
    assert!(asks(&on));
    on.answers.insert(
        ItemId::new("lab.sample"),
        Answer::Absent(saishin::domain::answer::Absence::NotAsked),
    );
    assert!(!asks(&on));
}

#[test]
fn conditional_lines_live_in_one_section_only() {
    use saishin::domain::condition::Condition;
    // Elsewhere a line may come and go with the walk, the day of treatment or
    // the draw, which are fixed before the visit opens, but never with an answer.
    for section in default_protocol()
        .sections
        .iter()
        .filter(|s| s.id != "today" && s.id != "lab")
    {
        for item in &section.items {
            let parts = item.when.iter().flat_map(Condition::parts);
            let fixed = |part: &&Condition| {
                matches!(
                    part,
                    Condition::Visit(_) | Condition::Phase(_) | Condition::DayOfTreatment(_)
                )
            };
            assert!(parts.into_iter().all(|part| fixed(&part)), "{}", item.id);
        }
    }
}

#[test]
fn what_would_open_a_gate_has_no_zero() {
    let protocol = default_protocol();
    for id in [
        "preg.test",
        "preg.method",
        "dose.taken",
        "resp.change",
        "dec.action",
        "lab.sample",
        "preg.potential",
    ] {
        assert!(
            protocol.item(id).is_some_and(|item| !item.takes_zero()),
            "{id}"
        );
    }
}

#[test]
fn only_light_grades_of_benign_sections_are_swept() {
    let protocol = default_protocol();
    for item in protocol.items() {
        let benign = protocol
            .section_of(item.id.as_str())
            .is_some_and(|s| ["dry", "sun", "other"].contains(&s.id.as_str()));
        for choice in item.options.iter().filter(|choice| choice.sweep) {
            assert!(benign, "{}", item.id);
            assert!(item.kind != Kind::Grade || choice.key <= 1, "{}", item.id);
        }
    }
}
