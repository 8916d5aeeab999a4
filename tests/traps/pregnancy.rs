//! Who is asked, which test counts, and what "contraception: yes" would hide.

use super::clinic::*;
use super::support::sitting::Sitting;
use super::{fires, stored, type_in};
use saishin::domain::answer::*;

fn asked_about_pregnancy(c: &Clinic) -> bool {
    let list = c.list();
    let ids = list.lines.iter().map(|l| l.item(&c.protocol).id.as_str());
    let ids: Vec<&str> = ids.collect();
    ids.contains(&"preg.possible") && ids.contains(&"preg.test")
}

fn of(sex: Sex, can: Option<(Can, Option<CannotReason>)>) -> Clinic {
    let mut c = Clinic::new();
    c.now = at("2026-09-01", "09:00");
    c.save(
        saishin::domain::change::EntryKind::Patient,
        vec![saishin::domain::change::Change::Patient(
            saishin::domain::change::Identity {
                chart_number: "00778".into(),
                name: "試験 太郎".into(),
                kana: "シケン タロウ".into(),
                birth_date: day("1996-02-03"),
                sex,
            },
        )],
    );
    if let Some((can, reason)) = can {
        c.outside(Answer::Potential { can, reason });
    }
    c.course("2026-09-01", 20);
    c.open(VisitKind::FollowUp, "2026-11-02", "10:00");
    c
}

#[test]
fn trap_18_who_can_become_pregnant_is_its_own_question_and_unknown_is_yes() {
    let yes = Some((Can::Yes, None));
    let hysterectomy = Some((Can::No, Some(CannotReason::Hysterectomy)));
    assert!(asked_about_pregnancy(&of(Sex::Male, yes)), "a trans man");
    assert!(!asked_about_pregnancy(&of(Sex::Female, hysterectomy)));
    for sex in [Sex::Female, Sex::Male, Sex::Unknown] {
        assert!(asked_about_pregnancy(&of(sex, None)), "nobody said");
        let unknown = Some((Can::Unknown, None));
        assert!(asked_about_pregnancy(&of(sex, unknown)), "nobody knows");
    }
    // Asked again after a year.
    let mut c = of(Sex::Female, yes);
    let asks = |c: &Clinic| {
        let list = c.list();
        let mut lines = list.lines.iter();
        lines.any(|l| l.item(&c.protocol).id.as_str() == "preg.potential")
    };
    assert!(!asks(&c));
    c.sign();
    c.open(VisitKind::FollowUp, "2027-10-01", "10:00");
    assert!(asks(&c), "395 days later");
}

#[test]
fn trap_19_a_negative_test_without_a_date_or_too_old_or_invalid_opens_nothing() {
    let with = |answer: Answer| {
        let mut c = of(Sex::Female, Some((Can::Yes, None)));
        c.say("preg.test", answer);
        c.plan(decided(Action::Continue, Some(20), "2026-12-02", None));
        c
    };
    let undated = Answer::Test(PregnancyTest {
        result: TestResult::Negative,
        done_on: None,
        kind: Some(TestKind::Home),
        kit: None,
    });
    let stopped = |c: &Clinic| c.review(|r| !r.blocks.is_empty());
    let gate = |c: &Clinic| fires(c, "preg.test.gate");
    let c = with(undated);
    assert!(fires(&c, "preg.test.undated") || gate(&c), "no date");
    assert!(stopped(&c));
    assert!(
        gate(&with(tested(TestResult::Negative, "2026-10-25"))),
        "8 days old"
    );
    assert!(
        !gate(&with(tested(TestResult::Negative, "2026-10-26"))),
        "7 days old"
    );
    let invalid = with(tested(TestResult::Invalid, "2026-11-02"));
    assert!(fires(&invalid, "preg.invalid") && stopped(&invalid));
    let note = invalid.note(&invalid.ja);
    assert!(!note.contains("妊娠検査 陰性"), "{note}");
    let mut sitting = Sitting::demo();
    sitting.keys("427<Enter><Enter> 1 0 2");
    type_in(&mut sitting, "2026-11-30");
    sitting.keys("<Enter>");
    assert_eq!(
        stored(&sitting, "10427", "preg.test"),
        "nothing",
        "no test lies ahead"
    );
}

#[test]
fn trap_20_contraception_is_a_method_and_its_lapse_is_asked_at_each_visit() {
    let c = Clinic::new();
    let method = c.protocol.item("preg.method").expect("the question");
    assert!(method.options.len() > 5 && !method.takes_zero());
    let lapse = c.protocol.item("preg.lapse").expect("the question");
    assert!(lapse.no_last && !lapse.off && lapse.options.iter().all(|o| !o.sweep));
    let mut c = routine();
    c.code("preg.method", 8);
    assert!(fires(&c, "preg.method.none"));
    c.code("preg.method", 2);
    c.code("preg.lapse", 1);
    assert!(fires(&c, "preg.lapse"));
    c.say("drug.list", Answer::Many(vec![5]));
    assert!(fires(&c, "preg.wort"), "the pill with St John's wort");
    let mut sitting = Sitting::demo();
    sitting.keys("427<Enter><Enter> 1 01");
    sitting.must_see("避妊できなかったこと");
    assert_eq!(stored(&sitting, "10427", "preg.method"), "nothing");
    assert_eq!(stored(&sitting, "10427", "preg.lapse"), "nothing");
}
