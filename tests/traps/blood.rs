//! Values from the laboratory: what is missing, in which unit, by which range,
//! of which day.

use super::clinic::*;
use super::support::arrive;
use super::support::shelf::Shelf;
use super::support::sitting::{Begin, Sitting, today};
use super::{alerts, fires, record, stored, type_in};
use saishin::domain::alert::Assessed;
use saishin::domain::answer::*;
use saishin::domain::catalogue::{Analyte, Check, check};
use saishin::domain::change::*;
use saishin::domain::course::Treatment;
use saishin::domain::due;
use saishin::domain::id::*;
use saishin::domain::observation::*;
use saishin::domain::protocol::Level;
use saishin::domain::quantity::Quantity;
use saishin::domain::series::series;

/// The visit of the man whose blood is due, up to the draw.
const TO_THE_DRAW: &str = "388<Enter><Enter> 1 * +++ 00";

fn analyte(c: &Clinic, id: &str) -> Analyte {
    let found = c.catalogue.get(&AnalyteId(id.into()));
    found.expect("an analyte").clone()
}

/// A value as reported, in a unit and with what a file said beside it.
fn reported(
    c: &mut Clinic,
    draw: SpecimenId,
    (id, typed, unit): (&str, &str, &str),
    range: &str,
    sent: Option<Sent>,
) {
    let known = analyte(c, id);
    let value = Reported::Value(Quantity::parse(typed).expect("a value"));
    let range = ReferenceRange::parse(range, RangeSource::Report).ok();
    let mut bytes = [8; 16];
    bytes[15] = u8::try_from(c.record.entries().len()).expect("few entries");
    let observation = Observation {
        sent,
        ..Observation::of(
            ObservationId::from_bytes(bytes),
            draw,
            &known,
            value,
            unit,
            range,
        )
    };
    let visit = c.record.open_visit().map(|v| v.visit().id());
    let measured = Measured { visit, observation };
    c.save(
        EntryKind::Observe,
        vec![Change::Observe(Box::new(measured))],
    );
}

/// A man on treatment at a visit with blood drawn that day.
fn drawn_today(fasting: Fasting) -> (Clinic, SpecimenId) {
    let mut c = Clinic::new();
    c.now = at("2026-09-01", "09:00");
    c.patient("00777", Sex::Male, "1996-02-03");
    c.course("2026-09-01", 20);
    c.open(VisitKind::FollowUp, "2026-11-02", "10:00");
    let draw = c.draw("2026-11-02", fasting, Some(20));
    (c, draw)
}

/// Whether a rule fires for one value of a draw.
fn says(rule: &str, id: &str, typed: &str, unit: &str, fasting: Fasting) -> bool {
    let (mut c, draw) = drawn_today(fasting);
    reported(&mut c, draw, (id, typed, unit), "", None);
    fires(&c, rule)
}

#[test]
fn trap_03_no_blood_is_called_unknown_and_a_pending_value_is_a_gap() {
    let mut c = Clinic::new();
    c.now = at("2026-09-01", "09:00");
    c.patient("00777", Sex::Male, "1996-02-03");
    c.course("2026-09-01", 20);
    c.open(VisitKind::FollowUp, "2026-11-02", "10:00");
    let found = alerts(&c);
    let none = found.iter().find(|a| a.rule == "blood.none");
    let none = none.expect("no blood at all is an alert");
    assert_eq!(none.level, Level::Critical);
    assert!(none.text.ja.contains("「正常」ではなく不明"));

    let draw = c.draw("2026-11-02", Fasting::Yes, Some(20));
    c.value(draw, "alt", "pending", "10-42");
    let alt = AnalyteId("alt".into());
    let points = series(&c.record, &alt, day("2026-11-02"));
    assert_eq!(points.len(), 1, "it stands in the row");
    assert_eq!(points[0].number(), None, "without a number");
    let letters = judge(points[0].observation, &analyte(&c, "alt")).letters();
    assert_eq!(letters, "?", "and is not judged");
    assert!(c.note(&c.ja).contains("結果待ち ALT"), "{}", c.note(&c.ja));
}

#[test]
fn trap_04_a_value_that_can_only_be_of_another_unit_is_asked_about() {
    let mut sitting = Sitting::demo();
    sitting
        .keys(TO_THE_DRAW)
        .keys("1 24<Enter> 31<Enter> 1.9<Enter>");
    assert_eq!(stored(&sitting, "10388", "tg"), "nothing");
    sitting.must_see("1.9 mmol/L として記録");
    sitting.must_see("1.9 mg/dL のまま");
    sitting.keys("1");
    assert!(stored(&sitting, "10388", "tg").starts_with("1.9 mmol/L"));
    // In the chart it stands in both.
    sitting.keys("<Esc>").resize(120, 36);
    sitting.must_see("168");
    sitting.must_see("1.9 mmol/L");
}

#[test]
fn trap_05_a_limit_falls_at_the_same_value_in_either_unit() {
    let over = |rule, typed, unit| says(rule, "tg", typed, unit, Fasting::Yes);
    // 1 mmol/L is 88.57 mg/dL, and every limit is held against mg/dL.
    assert!(!over("tg.300", "300", "mg/dL") && over("tg.300", "300.1", "mg/dL"));
    assert!(!over("tg.300", "3.38", "mmol/L") && over("tg.300", "3.40", "mmol/L"));
    assert!(!over("tg.hold", "499.9", "mg/dL") && over("tg.hold", "500", "mg/dL"));
    assert!(!over("tg.hold", "5.64", "mmol/L") && over("tg.hold", "5.65", "mmol/L"));
    let c = Clinic::new();
    let tg = analyte(&c, "tg");
    let letters = |typed: &str, unit: &str| {
        let value = Reported::Value(Quantity::parse(typed).expect("a value"));
        let ids = (
            ObservationId::from_bytes([1; 16]),
            SpecimenId::from_bytes([2; 16]),
        );
        let seen = Observation::of(ids.0, ids.1, &tg, value, unit, None);
        judge(&seen, &tg).letters()
    };
    assert_eq!(
        (letters("999.9", "mg/dL"), letters("1000", "mg/dL")),
        ("?", "HH")
    );
    assert_eq!(
        (letters("11.29", "mmol/L"), letters("11.3", "mmol/L")),
        ("?", "HH")
    );
}

#[test]
fn trap_06_platelets_in_ten_thousands_are_asked_about_and_raise_no_alarm() {
    let c = Clinic::new();
    let plt = analyte(&c, "plt");
    let asked = check(&plt, "15.8", "10^3/uL", None);
    let unit = "10^4/uL".to_owned();
    assert_eq!(asked, Check::UnitQuestion { unit });
    assert!(!says("plt.75", "plt", "15.8", "10^4/uL", Fasting::Yes));
    assert!(says("plt.75", "plt", "15.8", "10^3/uL", Fasting::Yes));
    let value = Quantity::parse("15.8").expect("a value");
    let canonical = plt.canonical(&value, "万/uL").expect("a known unit");
    assert_eq!(canonical.number.normalize().to_string(), "158");
}

#[test]
fn trap_07_a_womans_alt_is_held_against_her_own_upper_limit() {
    let mut sitting = Sitting::demo();
    sitting
        .keys(TO_THE_DRAW)
        .keys("1 24<Enter> 75<Enter><Enter>");
    assert_eq!(stored(&sitting, "10388", "alt"), "75 U/L (10-42)");
    sitting.must_see("x1.78");
    let mut woman = Sitting::demo();
    woman.keys("307<Enter><Enter><PgDn><PgDn><PgDn><PgDn><PgDn><PgDn><PgDn>");
    woman.must_see("血液検査");
    woman.keys("1 24<Enter> 75<Enter><Enter>");
    assert_eq!(stored(&woman, "10307", "alt"), "75 U/L (7-23)");
    woman.must_see("x3.26");
}

#[test]
fn trap_08_each_value_keeps_the_limit_and_the_method_it_came_with() {
    let (mut c, draw) = drawn_today(Fasting::Yes);
    let old = c.draw("2026-10-01", Fasting::Yes, Some(20));
    reported(&mut c, old, ("alt", "45", "U/L"), "8-50", None);
    reported(&mut c, draw, ("alt", "45", "U/L"), "10-42", None);
    let alt = AnalyteId("alt".into());
    let points = series(&c.record, &alt, day("2026-11-02"));
    let letters: Vec<&str> = points
        .iter()
        .map(|p| judge(p.observation, &analyte(&c, "alt")).letters())
        .collect();
    assert_eq!(letters, ["", "H"], "each by its own range");

    // Alkaline phosphatase by the JSCC method runs three times higher.
    let by = |method: &str| {
        Some(Sent {
            method: Some(method.to_owned()),
            ..Sent::default()
        })
    };
    reported(&mut c, old, ("alp", "280", "U/L"), "106-322", by("JSCC"));
    reported(&mut c, draw, ("alp", "92", "U/L"), "38-113", by("IFCC"));
    let alp = AnalyteId("alp".into());
    let points = series(&c.record, &alp, day("2026-11-02"));
    let latest = points.last().expect("two values");
    assert_eq!(latest.number(), Some(mg(92)));
    let known = c.list().situation.labs[&alp].clone();
    assert_eq!(known.previous, None, "no change is worked out between them");
}

#[test]
fn trap_09_triglycerides_say_whether_she_had_fasted() {
    let tg = |rule, typed, fasting| says(rule, "tg", typed, "mg/dL", fasting);
    assert!(tg("tg.150", "160", Fasting::Yes));
    assert!(!tg("tg.150", "160", Fasting::No) && !tg("tg.random", "160", Fasting::No));
    for fasting in [Fasting::No, Fasting::Unknown] {
        assert!(tg("tg.random", "180", fasting), "{fasting:?}");
    }
    let (mut c, draw) = drawn_today(Fasting::Unknown);
    reported(&mut c, draw, ("tg", "330", "mg/dL"), "30-149", None);
    let found = alerts(&c);
    let said = found.iter().find(|a| a.rule == "tg.300").expect("it fires");
    assert!(said.text.ja.contains("空腹か不明"), "{}", said.text.ja);
    assert!(said.text.ja.contains("空腹で再検"), "{}", said.text.ja);
    let mut sitting = Sitting::demo();
    sitting.keys(TO_THE_DRAW);
    for words in ["本日・空腹", "本日・食後", "本日・不明"] {
        sitting.must_see(words);
    }
}

#[test]
fn trap_10_no_ldl_is_worked_out_from_other_values() {
    let (mut c, draw) = drawn_today(Fasting::No);
    for (id, typed) in [("tc", "240"), ("hdl", "50"), ("tg", "450")] {
        reported(&mut c, draw, (id, typed, "mg/dL"), "", None);
    }
    let ldl = AnalyteId("ldl".into());
    assert!(series(&c.record, &ldl, day("2026-11-02")).is_empty());
    assert!(!c.list().situation.labs.contains_key(&ldl));
    let open = saishin::domain::checklist::LineId::Analyte(ldl);
    let list = c.list();
    let line = &list.lines[list.find(&open).expect("its line is asked")];
    assert_eq!(line.state, saishin::domain::checklist::LineState::Open);
    assert!(!c.note(&c.ja).contains("LDL-C 1"), "{}", c.note(&c.ja));
}

#[test]
fn trap_11_ast_of_a_haemolysed_sample_is_not_judged() {
    let (mut c, draw) = drawn_today(Fasting::Yes);
    let spoiled = Specimen {
        haemolysed: true,
        ..c.record.specimen(draw).expect("the draw").clone()
    };
    let visit = c.record.open_visit().map(|v| v.visit().id());
    let specimen = spoiled;
    c.save(
        EntryKind::Observe,
        vec![Change::Specimen(Drawn { visit, specimen })],
    );
    reported(&mut c, draw, ("ast", "240", "U/L"), "13-30", None);
    assert!(fires(&c, "ast.haemolysed"));
    for rule in ["ast.1", "ast.3", "ast.5", "ast.muscle"] {
        assert!(!fires(&c, rule), "{rule}");
    }
    let asked = alerts(&c);
    let silent = asked.iter().filter(|a| a.rule.starts_with("ast."));
    let mut judged = silent.filter(|a| a.rule != "ast.haemolysed");
    assert!(judged.all(|a| a.assessed == Assessed::Haemolysed));
}

#[test]
fn trap_12_ast_alone_is_said_to_point_to_muscle() {
    let (mut c, draw) = drawn_today(Fasting::Yes);
    reported(&mut c, draw, ("ast", "95", "U/L"), "13-30", None);
    reported(&mut c, draw, ("alt", "30", "U/L"), "10-42", None);
    let found = alerts(&c);
    let said = found.iter().find(|a| a.rule == "ast.muscle").expect("said");
    assert!(said.text.ja.contains("筋由来"), "{}", said.text.ja);
    reported(&mut c, draw, ("alt", "60", "U/L"), "10-42", None);
    assert!(!fires(&c, "ast.muscle"), "with ALT raised it is not said");
}

#[test]
fn trap_13_blood_of_the_lower_dose_says_so_and_is_due_again_after_28_days() {
    let (mut c, _) = drawn_today(Fasting::Yes);
    let draw = c.draw("2026-10-20", Fasting::Yes, Some(20));
    c.panel(draw, ["20", "20", "100", "100", "50"]);
    c.plan(decided(Action::Increase, Some(30), "2026-12-02", None));
    c.sign();
    c.open(VisitKind::FollowUp, "2026-12-02", "10:00");
    let found = alerts(&c);
    let said = found.iter().find(|a| a.rule == "lab.lower_dose");
    let said = &said.expect("said").text.ja;
    assert!(said.contains("採血時 20mg/日、現在 30mg/日"), "{said}");
    let t = Treatment::on(&c.record, day("2026-11-29")).expect("a course");
    let blood = due::blood(&c.record, &t, &c.settings, day("2026-11-29"));
    assert_eq!(blood.day(), Some(day("2026-11-30")), "2 November + 28");
}

#[test]
fn trap_14_blood_counts_from_the_day_it_was_drawn_and_no_draw_lies_ahead() {
    let mut sitting = Sitting::demo();
    sitting.keys(TO_THE_DRAW).keys("4");
    type_in(&mut sitting, "2026-11-30");
    sitting.keys("<Enter>");
    let drawn = |s: &Sitting, on: &str| {
        let record = record(s, "10388");
        record.specimens().any(|d| d.specimen.drawn_on == day(on))
    };
    assert!(!drawn(&sitting, "2026-11-30"), "the future is refused");
    sitting.must_see("2026-11-30");
    sitting.keys("<C-u>1120<Enter>1 24<Enter> 31<Enter> 96<Enter> 101<Enter> 52<Enter>");
    assert!(drawn(&sitting, "2026-11-20"));
    let record = record(&sitting, "10388");
    let visit = record.open_visit().expect("open").visit();
    let draw = record.specimens().find(|d| d.visit == Some(visit.id()));
    let entered = visit.opened.at.date_naive();
    assert_eq!(visit.day(), day("2026-11-24"), "the visit has its own day");
    assert_eq!(entered, day("2026-11-24"), "so has the entry");
    assert_eq!(draw.expect("a draw").specimen.drawn_on, day("2026-11-20"));
    let t = Treatment::on(&record, day("2026-11-24")).expect("a course");
    let settings = Clinic::new().settings;
    let blood = due::blood(&record, &t, &settings, day("2026-11-24"));
    assert_eq!(blood.day(), Some(day("2027-01-20")), "20 November + 61");
}

#[test]
fn trap_39_results_nobody_looked_at_are_counted_on_the_first_screen_until_somebody_has() {
    let shelf = Shelf::demo(today());
    arrive::take(&shelf, "critical.hl7", today()).expect("it is taken in");
    let mut sitting = Sitting::at(&shelf, today(), Begin::default());
    sitting.must_see("未確認3(重大2)");
    sitting.keys("<F5><Enter>");
    sitting.must_see("TG  1120 mg/dL HH");
    // Not past the critical value before it was named.
    let before = sitting.shelf.appended();
    sitting.keys("2");
    assert_eq!(sitting.shelf.appended(), before);
    sitting.must_see("先に重大値 TG");
    sitting.keys("<Enter>2");
    assert_eq!(sitting.shelf.appended(), before + 1);
    assert_eq!(record(&sitting, "10427").unseen().count(), 0);
    sitting.keys("<Esc><Esc>");
    sitting.must_see("未確認2(重大1)");
}
