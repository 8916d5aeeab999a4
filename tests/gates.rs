//! The gates before the drug: how each stands by what was said, that prescribing
//! stops at one that is not open, and the ledger of everything said.

#[allow(dead_code, reason = "shared with the notes' tests")]
#[path = "note/clinic.rs"]
mod clinic;
mod support;

use clinic::*;
use saishin::domain::answer::*;
use saishin::domain::change::*;
use saishin::domain::course::Treatment;
use saishin::domain::gate::{self, Asked, Gate, Standing, State};
use saishin::domain::id::CourseId;
use saishin::ledger::{self, Ledger};
use saishin::review::Block;
use support::sitting::Sitting;

/// Registered with a course, and nothing said of any gate.
fn silent(born: &str) -> Clinic {
    let mut c = Clinic::new();
    c.now = at("2026-11-02", "09:00");
    c.save(
        EntryKind::Patient,
        vec![Change::Patient(Identity {
            chart_number: "00901".into(),
            name: "試験 花".into(),
            kana: "シケン ハナ".into(),
            birth_date: day(born),
            sex: Sex::Female,
        })],
    );
    c.save(
        EntryKind::Course,
        vec![Change::Course(CourseStart {
            course: CourseId::from_bytes([3; 16]),
            protocol: "isotretinoin".into(),
            product: "20mg".into(),
            first_dose_on: None,
            mg_per_day: None,
            transferred: false,
            capsule_mg: None,
            earlier_mg: None,
        })],
    );
    c
}

/// The same at her first visit.
fn first_visit(born: &str) -> Clinic {
    let mut c = silent(born);
    c.open(VisitKind::Start, "2026-11-02", "10:00");
    c
}

fn standing(c: &Clinic, gate: Gate, on: &str) -> Standing {
    let t = Treatment::on(&c.record, day(on)).expect("a course");
    let asked = Asked {
        protocol: &c.protocol,
        record: &c.record,
        t: &t,
        settings: &c.settings,
        on: day(on),
        visit: c.record.open_visit().map(|open| open.visit()),
    };
    asked.of(gate)
}

fn state(c: &Clinic, gate: Gate) -> State {
    standing(c, gate, "2026-11-02").state
}

fn potential(can: Can) -> Answer {
    Answer::Potential { can, reason: None }
}

fn consent(given: bool, form: Option<&str>) -> Answer {
    Answer::Consent {
        given,
        signed_on: given.then(|| day("2026-11-02")),
        form: form.map(str::to_owned),
    }
}

#[test]
fn what_nobody_said_leaves_no_gate_open() {
    for c in [silent("2010-01-01"), first_visit("2010-01-01")] {
        for gate in Gate::ALL {
            assert_eq!(state(&c, *gate), State::Missing, "{gate:?}");
        }
    }
    // "Not asked" is no more than silence, and a sweep never settles one.
    let mut c = first_visit("2010-01-01");
    for id in gate::LINES {
        c.say(id, Answer::Absent(Absence::NotAsked));
    }
    c.say("preg.test", Answer::Absent(Absence::NotAsked));
    for gate in Gate::ALL {
        assert_eq!(state(&c, *gate), State::Missing, "{gate:?}");
    }
    let named = gate::LINES.iter().all(|id| c.protocol.item(id).is_some());
    assert!(named, "every line a gate looks at is in the protocol");
}

#[test]
fn each_gate_says_what_was_said() {
    use State::*;
    let on = "2026-11-02";
    let undated = Answer::Test(PregnancyTest {
        result: TestResult::Negative,
        done_on: None,
        kind: None,
        kit: None,
    });
    let absent = |why| Answer::Absent(why);
    let table: Vec<(Gate, &str, Answer, State)> = vec![
        (Gate::Potential, "preg.potential", potential(Can::Yes), Open),
        (
            Gate::Potential,
            "preg.potential",
            potential(Can::Unknown),
            CannotTell,
        ),
        (Gate::Possible, "preg.possible", Answer::Code(0), Open),
        (Gate::Possible, "preg.possible", Answer::Code(1), Closed),
        (
            Gate::Possible,
            "preg.possible",
            absent(Absence::Unsure),
            CannotTell,
        ),
        (
            Gate::Possible,
            "preg.possible",
            absent(Absence::Declined),
            CannotTell,
        ),
        (
            Gate::Test,
            "preg.test",
            tested(TestResult::Negative, on),
            Open,
        ),
        (
            Gate::Test,
            "preg.test",
            tested(TestResult::Negative, "2026-10-26"),
            Open,
        ),
        (
            Gate::Test,
            "preg.test",
            tested(TestResult::Negative, "2026-10-25"),
            Lapsed,
        ),
        (
            Gate::Test,
            "preg.test",
            tested(TestResult::Positive, on),
            Closed,
        ),
        (
            Gate::Test,
            "preg.test",
            tested(TestResult::Invalid, on),
            CannotTell,
        ),
        (
            Gate::Test,
            "preg.test",
            tested(TestResult::Pending, on),
            Pending,
        ),
        (
            Gate::Test,
            "preg.test",
            tested(TestResult::NotDone, on),
            Missing,
        ),
        (Gate::Test, "preg.test", undated, CannotTell),
        (Gate::Contraception, "preg.method", Answer::Code(1), Open),
        (Gate::Contraception, "preg.method", Answer::Code(8), Closed),
        (
            Gate::BreastFeeding,
            "preg.breastfeeding",
            Answer::Code(0),
            Open,
        ),
        (
            Gate::BreastFeeding,
            "preg.breastfeeding",
            Answer::Code(1),
            Closed,
        ),
        (Gate::Consent, "ident.consent", consent(true, None), Open),
        (
            Gate::Consent,
            "ident.consent",
            consent(true, Some("2026-04")),
            Open,
        ),
        (
            Gate::Consent,
            "ident.consent",
            consent(true, Some("2019-01")),
            Lapsed,
        ),
        (Gate::Consent, "ident.consent", consent(false, None), Closed),
        (Gate::Guardian, "ident.minor", Answer::Code(1), Open),
        (Gate::Guardian, "ident.minor", Answer::Code(0), Closed),
    ];
    for (gate, line, answer, expected) in table {
        let mut c = first_visit("2010-01-01");
        c.say(line, answer.clone());
        assert_eq!(state(&c, gate), expected, "{gate:?} {answer:?}");
    }
}

#[test]
fn what_does_not_apply_is_no_gate() {
    let mut man = first_visit("1996-01-01");
    man.say(
        "preg.potential",
        Answer::Potential {
            can: Can::No,
            reason: Some(CannotReason::MaleOrgans),
        },
    );
    for gate in [
        Gate::Possible,
        Gate::Test,
        Gate::Contraception,
        Gate::BreastFeeding,
        Gate::Guardian,
    ] {
        assert_eq!(state(&man, gate), State::NotNeeded, "{gate:?}");
    }
    assert_eq!(state(&man, Gate::Potential), State::Open);
    assert_eq!(state(&man, Gate::Consent), State::Missing);
    // A guardian is needed to the day before the birthday.
    let c = silent("2008-11-10");
    let of = |on| standing(&c, Gate::Guardian, on).state;
    assert_eq!(
        (of("2026-11-09"), of("2026-11-10")),
        (State::Missing, State::NotNeeded)
    );
}

#[test]
fn a_statement_of_an_earlier_visit_does_not_open_todays() {
    let mut c = routine();
    c.sign();
    c.open(VisitKind::FollowUp, "2026-12-24", "10:00");
    let of = |c: &Clinic, gate| standing(c, gate, "2026-12-24").state;
    assert_eq!(of(&c, Gate::Possible), State::Missing);
    assert_eq!(of(&c, Gate::Contraception), State::Missing);
    assert_eq!(of(&c, Gate::Test), State::Lapsed, "a month old");
    // A method alone is half of it; a day without it is a lapse.
    c.code("preg.method", 2);
    assert_eq!(of(&c, Gate::Contraception), State::Missing);
    c.code("preg.lapse", 0);
    assert_eq!(of(&c, Gate::Contraception), State::Open);
    c.code("preg.lapse", 1);
    assert_eq!(of(&c, Gate::Contraception), State::Lapsed);
    assert_eq!(
        of(&c, Gate::Consent),
        State::Open,
        "consent is to the course"
    );
}

#[test]
fn who_can_become_pregnant_is_looked_at_anew_after_a_year() {
    let mut c = silent("1996-01-01");
    c.outside(potential(Can::Yes));
    let of = |on| standing(&c, Gate::Potential, on);
    assert_eq!(of("2027-11-02").state, State::Open);
    assert_eq!(of("2027-11-02").until, Some(day("2027-11-02")));
    assert_eq!(of("2027-11-03").state, State::Lapsed);
}

fn stops(c: &Clinic) -> Vec<(Gate, State)> {
    c.review(|r| {
        let gates = r.blocks.iter().filter_map(|b| match b {
            Block::Gate(gate, state) => Some((*gate, *state)),
            _ => None,
        });
        gates.collect()
    })
}

#[test]
fn prescribing_is_stopped_by_the_name_of_each_gate_that_is_not_open() {
    let mut c = first_visit("2010-01-01");
    c.say("preg.potential", potential(Can::Yes));
    let mut plan = decided(Action::Start, Some(20), "2026-12-02", None);
    c.plan(plan.clone());
    let all: Vec<(Gate, State)> = [
        Gate::Possible,
        Gate::Test,
        Gate::Contraception,
        Gate::BreastFeeding,
        Gate::Consent,
        Gate::Guardian,
    ]
    .map(|gate| (gate, State::Missing))
    .to_vec();
    assert_eq!(stops(&c), all);
    // A typed reason goes past all but a test without a result.
    plan.reason = Some("紹介元で確認済、書面は来週".into());
    c.plan(plan.clone());
    assert_eq!(stops(&c), [(Gate::Test, State::Missing)]);
    // Nothing handed over, nothing stopped.
    c.plan(decided(Action::NoPrescription, None, "2026-12-02", None));
    assert_eq!(stops(&c), []);
    // Each answer opens its own gate and no other.
    plan.reason = None;
    c.plan(plan);
    let answers = [
        ("preg.possible", Answer::Code(0)),
        ("preg.test", tested(TestResult::Negative, "2026-11-02")),
        ("preg.method", Answer::Code(1)),
        ("preg.breastfeeding", Answer::Code(0)),
        ("ident.consent", consent(true, Some("2026-04"))),
        ("ident.minor", Answer::Code(1)),
    ];
    for (at, (line, answer)) in answers.into_iter().enumerate() {
        c.say(line, answer);
        assert_eq!(stops(&c), all[at + 1..], "after {line}");
    }
}

#[test]
fn a_reduced_dose_stops_at_a_closed_gate_like_the_others() {
    let mut c = routine();
    c.say("preg.test", tested(TestResult::Positive, "2026-11-24"));
    for action in [Action::Continue, Action::Reduce] {
        c.plan(decided(action, Some(10), "2026-12-24", None));
        assert_eq!(stops(&c), [(Gate::Test, State::Closed)], "{action:?}");
    }
    c.plan(decided(Action::Stop, None, "2026-12-24", None));
    assert_eq!(stops(&c), []);
}

#[test]
fn a_consent_to_an_earlier_form_is_asked_anew_and_stops_the_review_until_then() {
    let asked = |c: &Clinic| {
        let list = c.list();
        list.lines
            .iter()
            .any(|line| line.item(&c.protocol).id.as_str() == "ident.consent")
    };
    let mut c = routine();
    assert!(!asked(&c), "the form of its consent is not known");
    c.outside(consent(true, Some("2026-04")));
    assert!(!asked(&c), "the form in use");
    assert_eq!(stops(&c), []);
    c.outside(consent(true, Some("2025-10")));
    assert!(asked(&c), "an earlier form");
    assert_eq!(stops(&c), [(Gate::Consent, State::Lapsed)]);
    // Signed anew at this visit; the line stays with its answer.
    c.say("ident.consent", consent(true, Some("2026-04")));
    assert!(asked(&c));
    assert_eq!(stops(&c), []);
}

#[test]
fn breast_feeding_is_asked_of_a_course_taken_over_from_elsewhere() {
    let mut c = Clinic::new();
    c.patient("00905", Sex::Female, "1996-02-03");
    c.course("2026-09-05", 20);
    c.open(VisitKind::FollowUp, "2026-10-25", "10:00");
    let gate = |c: &Clinic| {
        let found = stops(c);
        let mut gates = found.into_iter().filter(|(g, _)| *g == Gate::BreastFeeding);
        gates.next().map(|(_, state)| state)
    };
    c.plan(decided(Action::Continue, Some(20), "2026-11-24", None));
    assert_eq!(gate(&c), Some(State::Missing));
    c.code("preg.breastfeeding", 1);
    assert_eq!(gate(&c), Some(State::Closed));
    c.code("preg.breastfeeding", 0);
    assert_eq!(gate(&c), None);
}

#[test]
fn the_review_names_the_gate_and_its_number_leads_to_the_line() {
    let mut sitting = Sitting::demo();
    sitting.keys("427<Enter><Enter> 1 01 <Down>0 * +++ 00 10 11 2 1 s");
    sitting.must_see("処方前の確認「避妊」記録なし");
    sitting.keys("<Enter>");
    sitting.must_see("署名できません");
    let rows = sitting.rows();
    let row = rows
        .iter()
        .find(|r| r.contains("「避妊」"))
        .expect("the stop");
    let digit = row.trim_start().chars().next().expect("its number");
    sitting.keys(&digit.to_string());
    sitting.must_see("> c 避妊法");
    sitting.keys("2 s");
    sitting.must_not_see("処方前の確認");
}

fn page(c: &Clinic, on: &str, text: &saishin::text::Text) -> String {
    let of = Ledger {
        record: &c.record,
        protocol: &c.protocol,
        settings: &c.settings,
        on: day(on),
        people: &c.people,
    };
    ledger::gates(&of, text)
}

#[test]
fn the_ledger_holds_every_statement_the_newest_first_with_who_and_when() {
    let mut c = routine();
    c.people = vec![Person {
        person: c.person,
        name: "佐藤 由美".into(),
    }];
    c.sign();
    let said = gate::ledger(&c.record, &c.protocol);
    let days: Vec<_> = said.iter().map(|s| s.on).collect();
    assert!(days.windows(2).all(|pair| pair[0] >= pair[1]), "{days:?}");
    let of = |gate: Gate| said.iter().filter(|s| s.gate == gate).count();
    assert_eq!((of(Gate::Test), of(Gate::Contraception)), (2, 3));
    assert_eq!((of(Gate::Consent), of(Gate::Potential)), (1, 1));
    for (text, test, head) in [
        (&c.ja, "妊娠検査 陰性", "10427 高橋 蓮"),
        (&c.en, "pregnancy test negative", "10427 高橋 蓮"),
    ] {
        let page = page(&c, "2026-11-24", text).to_lowercase();
        let line = page
            .lines()
            .find(|l| l.starts_with("2026-11-24") && l.contains(test));
        let line = line.unwrap_or_else(|| panic!("no test:\n{page}"));
        assert!(line.contains("佐藤 由美 10:"), "{line}");
        assert!(page.contains(head), "{page}");
    }
}

#[test]
fn a_voided_visit_leaves_the_ledger_and_an_amendment_joins_it() {
    let mut c = routine();
    c.sign();
    let before = gate::ledger(&c.record, &c.protocol).len();
    let visit = c.record.visits().last().expect("a visit").clone();
    let closed = visit.closed().expect("signed");
    let amended = closed.amend(&ItemId::new("preg.method"), Answer::Code(4), "聞き違い");
    c.save_in(EntryKind::Amend, Some(visit.id()), None, amended);
    let said = gate::ledger(&c.record, &c.protocol);
    assert_eq!(said.len(), before + 1);
    assert!(
        said.iter()
            .any(|s| s.amended && s.answer == &Answer::Code(4))
    );
    assert!(page(&c, "2026-11-24", &c.ja).contains("コンドームのみ (訂正)"));
    let void = Change::Void(Void {
        visit: visit.id(),
        reason: "別の患者".into(),
        entered_again: None,
    });
    c.save_in(EntryKind::Void, Some(visit.id()), None, vec![void]);
    let left = gate::ledger(&c.record, &c.protocol);
    assert!(
        left.iter().all(|s| s.on != day("2026-11-24")),
        "nothing of it"
    );
}

#[test]
fn the_consent_keeps_the_version_of_the_form_without_another_key() {
    let mut sitting = Sitting::demo();
    sitting.keys("427<Enter>g").resize(120, 60);
    sitting.must_see("書式2026-04");
    sitting.keys("e");
    sitting.must_see("form 2026-04");
}
