//! A result beside what it is read against, and the lines a picture of it has.

use crate::measured::{analyte, d, result, seen};
use chrono::{DateTime, NaiveDate};
use rust_decimal::Decimal;
use saishin::domain::id::{EntryId, PersonId, SpecimenId};
use saishin::domain::observation::*;
use saishin::domain::protocol::{ISOTRETINOIN, Level, Protocol};
use saishin::domain::reading::{Before, Place, Reading, readings};
use saishin::domain::record::Stamp;
use saishin::domain::series::Point;
use saishin::domain::threshold::{Limit, Sense, thresholds};

fn day(text: &str) -> NaiveDate {
    text.parse().expect(text)
}

fn drawn(on: &str, fasting: Fasting) -> Specimen {
    Specimen {
        id: SpecimenId::from_bytes([2; 16]),
        drawn_on: day(on),
        fasting,
        haemolysed: false,
        lipaemic: false,
        comment: None,
        laboratory: None,
        dose_at_draw: None,
    }
}

fn point<'a>(observation: &'a Observation, specimen: &'a Specimen) -> Point<'a> {
    let at = DateTime::parse_from_rfc3339("2026-11-24T10:00:00+09:00").expect("a moment");
    Point {
        observation,
        specimen,
        visit: None,
        stamp: Stamp {
            entry: EntryId::from_bytes([3; 16]),
            person: PersonId::from_bytes([4; 16]),
            at,
            order: 0,
        },
        beside: None,
    }
}

/// The patient took the first capsule on the first of October.
fn first_dose() -> Before {
    Before {
        first_dose: Some(day("2026-10-01")),
        oldest: Some(90),
    }
}

/// Results of one analyte with their days, as they are read.
fn told(id: &str, results: &[(Observation, Specimen)], check: impl Fn(&[Reading<'_>])) {
    let known = analyte(id);
    let points: Vec<Point<'_>> = results.iter().map(|(o, s)| point(o, s)).collect();
    check(&readings(&points, &known, first_dose()));
}

fn tg(on: &str, typed: &str) -> (Observation, Specimen) {
    (
        seen("tg", typed, "mg/dL", "40-234"),
        drawn(on, Fasting::Yes),
    )
}

#[test]
fn a_result_is_read_against_its_range_the_baseline_and_the_last() {
    let results = [
        tg("2026-09-20", "96"),
        tg("2026-10-29", "118"),
        tg("2026-11-24", "512"),
    ];
    told("tg", &results, |read| {
        let [before, on, now] = read else {
            panic!("three results")
        };
        assert_eq!((before.percent, before.change), (None, None));
        assert_eq!(before.times_upper, Some(d("0.41")));
        assert_eq!((on.percent, on.change), (Some(d("23")), Some(d("22"))));
        assert_eq!((now.flag, now.times_upper), (Flag::High, Some(d("2.18"))));
        assert_eq!((now.percent, now.change), (Some(d("433")), Some(d("394"))));
        let baseline = now.baseline.expect("a value before the first dose");
        assert_eq!(baseline.specimen.drawn_on, day("2026-09-20"));
        assert_eq!(now.age(day("2026-12-01")), 7);
    });
}

#[test]
fn times_the_upper_limit_is_cut_and_never_shows_more_than_there_is() {
    // 126.9 is 2.99 times 42.4…: rounded it would read 3.0 and lie below the limit.
    for (typed, range, shown) in [
        ("126.9", "10-42.4", "2.99"),
        ("127.2", "10-42.4", "3.00"),
        ("42.5", "10-42.4", "1.00"),
    ] {
        let results = [(
            seen("alt", typed, "U/L", range),
            drawn("2026-11-24", Fasting::Yes),
        )];
        told("alt", &results, |read| {
            assert_eq!(read[0].times_upper, Some(d(shown)), "{typed}");
        });
    }
}

#[test]
fn the_baseline_is_the_last_accepted_value_before_the_first_dose() {
    let mut spoilt = tg("2026-09-28", "300");
    spoilt.1.haemolysed = true;
    let pending = (
        result("tg", Reported::Pending, "mg/dL", ""),
        drawn("2026-09-30", Fasting::Yes),
    );
    let results = [
        tg("2025-01-10", "60"),
        tg("2026-09-01", "90"),
        tg("2026-09-20", "100"),
        spoilt,
        pending,
        tg("2026-10-02", "80"),
        tg("2026-11-24", "150"),
    ];
    told("tg", &results, |read| {
        let now = read.last().expect("a result");
        let baseline = now.baseline.expect("a baseline");
        assert_eq!(baseline.specimen.drawn_on, day("2026-09-20"));
        assert_eq!(now.percent, Some(d("50")));
        assert_eq!(
            now.change,
            Some(d("70")),
            "from the last result that gave a number"
        );
        assert!(read[..5].iter().all(|r| r.percent.is_none()));
    });
    // Too old to be one of this course.
    let results = [tg("2025-01-10", "60"), tg("2026-11-24", "150")];
    told("tg", &results, |read| {
        assert!(read[1].baseline.is_none() && read[1].percent.is_none());
    });
}

#[test]
fn nothing_is_reckoned_with_an_open_number() {
    let results = [
        tg("2026-09-20", "<50"),
        tg("2026-10-29", "90"),
        tg("2026-11-24", ">400"),
    ];
    told("tg", &results, |read| {
        assert_eq!(read[1].percent, None, "the baseline is open");
        assert_eq!((read[2].percent, read[2].change), (None, None));
        assert_eq!(read[2].times_upper, None);
        let places: Vec<Place> = read.iter().map(Reading::place).collect();
        let wanted = [
            Place::Under(d("50")),
            Place::At(d("90")),
            Place::Over(d("400")),
        ];
        assert_eq!(places, wanted);
        assert!(!read[0].joins(&read[1]) && !read[1].joins(&read[2]));
    });
}

#[test]
fn what_gave_no_number_stands_nowhere_and_joins_nothing() {
    let mut haemolysed = tg("2026-10-15", "120");
    haemolysed.1.haemolysed = true;
    let none = |reported, on| (result("tg", reported, "mg/dL", ""), drawn(on, Fasting::Yes));
    let results = [
        tg("2026-10-02", "100"),
        tg("2026-10-10", "110"),
        haemolysed,
        tg("2026-10-20", "130"),
        none(Reported::Pending, "2026-10-25"),
        tg("2026-10-30", "140"),
        none(Reported::Lost, "2026-11-05"),
        none(Reported::Haemolysed, "2026-11-10"),
        none(Reported::NotDone, "2026-11-15"),
    ];
    told("tg", &results, |read| {
        let joined: Vec<bool> = read.windows(2).map(|w| w[0].joins(&w[1])).collect();
        assert_eq!(
            joined,
            [true, false, false, false, false, false, false, false]
        );
        assert_eq!(read[2].place(), Place::Doubtful(d("120")));
        assert_eq!(read[4].place(), Place::Pending);
        assert!(read[6..].iter().all(|r| r.place() == Place::Nowhere));
    });
}

fn alp(on: &str, typed: &str, sent: Sent) -> (Observation, Specimen) {
    let mut observation = seen("alp", typed, "U/L", "38-113");
    observation.sent = Some(sent);
    (observation, drawn(on, Fasting::Yes))
}

fn coded(code: &str) -> Sent {
    Sent {
        code_system: Some("JLAC10".to_owned()),
        code: Some(code.to_owned()),
        ..Sent::default()
    }
}

#[test]
fn methods_that_do_not_agree_are_neither_joined_nor_compared() {
    let named = |method: &str| Sent {
        method: Some(method.to_owned()),
        ..Sent::default()
    };
    let results = [
        alp("2026-09-10", "212", coded("3B070000002327101")),
        alp("2026-09-20", "208", named("JSCC標準化対応法")),
        alp("2026-10-29", "72", coded("3B070-0000-023-275-01")),
        alp("2026-11-10", "75", named("IFCC")),
        alp("2026-11-24", "74", Sent::default()),
    ];
    told("alp", &results, |read| {
        let methods: Vec<_> = read.iter().map(|r| r.method).collect();
        let (jscc, ifcc) = (Some("JSCC"), Some("IFCC"));
        assert_eq!(methods, [jscc, jscc, ifcc, ifcc, None]);
        let joined: Vec<bool> = read.windows(2).map(|w| w[0].joins(&w[1])).collect();
        assert_eq!(joined, [true, false, true, false]);
        assert_eq!((read[2].percent, read[2].change), (None, None));
        assert_eq!(read[3].change, Some(d("3")));
        assert_eq!(read[3].percent, None, "the baseline is of another method");
    });
}

#[test]
fn a_method_is_told_by_code_name_or_unit_and_by_nothing_else() {
    let known = analyte("alp");
    let method = |unit: &str, sent: Sent| {
        let mut observation = seen("alp", "74", unit, "");
        observation.sent = Some(sent);
        known.method_of(&observation).map(|m| m.name.clone())
    };
    let name = |name: &str| Sent {
        name: Some(name.to_owned()),
        ..Sent::default()
    };
    assert_eq!(method("U/L", name("ALP(IFCC)")).as_deref(), Some("IFCC"));
    assert_eq!(method("U/L", name("ALP/IF")).as_deref(), Some("IFCC"));
    assert_eq!(method("JSCC U/L", Sent::default()).as_deref(), Some("JSCC"));
    assert_eq!(method("U/L", name("ALP")), None);
    assert_eq!(method("U/L", name("IFN")), None, "no word of its own");
    // Digits of another system, and of a code too short to have a method.
    let other = Sent {
        code_system: Some("L".to_owned()),
        ..coded("3B070000002327501")
    };
    assert_eq!(method("U/L", other), None);
    assert_eq!(method("U/L", coded("3B070")), None);
    let torn = Sent {
        method: Some("JSCC".to_owned()),
        ..coded("3B070000002327501")
    };
    assert_eq!(
        method("U/L", torn),
        None,
        "code and words contradict each other"
    );
    assert!(analyte("alt").methods.is_empty());
}

#[test]
fn the_limits_to_draw_are_those_of_the_rules() {
    let protocol = Protocol::parse(ISOTRETINOIN).expect("the protocol reads");
    let settings = protocol.default_settings();
    let drawn: Vec<(Level, Limit)> = thresholds(&protocol, &settings, &analyte("tg"))
        .iter()
        .map(|t| (t.rule.level, t.limit))
        .collect();
    let fixed = |n: i64| Limit::Fixed(Decimal::from(n));
    let wanted = [
        (Level::Note, fixed(175)),
        (Level::Note, fixed(150)),
        (Level::Caution, fixed(300)),
        (Level::Warning, fixed(400)),
        (Level::Critical, fixed(500)),
        (Level::Critical, fixed(800)),
    ];
    assert_eq!(drawn, wanted);
    let alt: Vec<(&str, Limit, bool)> = thresholds(&protocol, &settings, &analyte("alt"))
        .iter()
        .map(|t| (t.rule.id.as_str(), t.limit, t.with_others))
        .collect();
    let times = |n: i64| Limit::TimesUpper(Decimal::from(n));
    let wanted = [
        ("alt.1", times(1), false),
        ("alt.3", times(3), false),
        ("alt.5", times(5), false),
        ("alt.bilirubin", times(3), true),
        ("ast.muscle", times(1), true),
    ];
    assert_eq!(alt, wanted);
}

/// The protocol with the condition of the rule for total cholesterol as given here;
/// its sentence then names no value, since it may have none.
fn with_condition(when: &str) -> Protocol {
    let own = r#"when = { lab = { analyte = "tc", unit = "mg/dL", above = 300 } }"#;
    let (before, after) = ISOTRETINOIN.split_once(own).expect("the rule's condition");
    let (rule, after) = after.split_once("[[rule]]").expect("a rule behind it");
    let rule = ["{value}", "{unit}", "{limit}"]
        .iter()
        .fold(rule.to_owned(), |rule, word| rule.replace(word, ""));
    let text = format!("{before}when = {when}{rule}[[rule]]{after}");
    Protocol::parse(&text).expect("the protocol reads")
}

#[test]
fn a_limit_that_is_not_enough_for_its_rule_is_known_as_such() {
    let limits = |when: &str| {
        let protocol = with_condition(when);
        let lines = thresholds(&protocol, &protocol.default_settings(), &analyte("tc"));
        let told = lines.iter().map(|l| (l.limit, l.sense(), l.with_others));
        told.collect::<Vec<_>>()
    };
    let fixed = |n: i64| Limit::Fixed(Decimal::from(n));
    let lab = r#"lab = { analyte = "tc", unit = "mg/dL""#;
    let one = limits(&format!("{{ {lab}, above = 250 }} }}"));
    assert_eq!(one, [(fixed(250), Sense::Above, false)]);
    // Known to hold, or one of several: it is enough by itself.
    let surely = limits(&format!("{{ surely = {{ {lab}, above = 250 }} }} }}"));
    assert_eq!(surely, one);
    let any = limits(&format!(
        "{{ any = [{{ {lab}, above = 250 }} }}, {{ phase = [\"on\"] }}] }}"
    ));
    assert_eq!(any, one);
    // Beside a symptom, a phase, another value.
    let all = limits(&format!(
        "{{ all = [{{ {lab}, above = 250 }} }}, {{ phase = [\"on\"] }}] }}"
    ));
    assert_eq!(all, [(fixed(250), Sense::Above, true)]);
    // Both ends of a span, and a number beside a multiple.
    let span = limits(&format!("{{ {lab}, above = 250, at_most = 400 }} }}"));
    let ends = [
        (fixed(250), Sense::Above, true),
        (fixed(400), Sense::AtMost, true),
    ];
    assert_eq!(span, ends);
    let with_times = limits(&format!(
        "{{ {lab}, above = 250, times_upper = {{ above = 2 }} }} }}"
    ));
    let times = (Limit::TimesUpper(Decimal::from(2)), Sense::Above, true);
    assert_eq!(with_times, [(fixed(250), Sense::Above, true), times]);
    // A change since the last result draws nothing, and is more than a limit.
    let change = limits(&format!(
        "{{ {lab}, above = 250, percent_of_previous = {{ above = 200 }} }} }}"
    ));
    assert_eq!(change, [(fixed(250), Sense::Above, true)]);
    // The opposite of a condition draws nothing.
    let not = limits(&format!("{{ not = {{ {lab}, above = 250 }} }} }}"));
    assert_eq!(not, []);
}

#[test]
fn a_limit_against_the_value_before_treatment_lies_where_that_value_puts_it() {
    let protocol =
        with_condition(r#"{ lab = { analyte = "tg", percent_of_baseline = { above = 300 } } }"#);
    let (settings, known) = (protocol.default_settings(), analyte("tg"));
    let lines = thresholds(&protocol, &settings, &known);
    let line = lines
        .iter()
        .find(|l| matches!(l.limit, Limit::PercentOfBaseline(_)))
        .expect("a line of the value before treatment");
    assert!(!line.with_others);
    let (before, early) = tg("2026-09-19", "90");
    let (after, late) = tg("2026-11-24", "271");
    let points = [point(&before, &early), point(&after, &late)];
    let read = readings(&points, &known, first_dose());
    let at = |n: usize| line.at(None, &read[n], &known);
    assert_eq!(at(0), None, "it is not held against itself");
    assert_eq!(at(1), Some(Decimal::from(270)));
    assert!(line.crossed(&read[1], &known, &settings));
    // Without one there is no line.
    let alone = [point(&after, &late)];
    let read = readings(&alone, &known, first_dose());
    assert_eq!(line.at(None, &read[0], &known), None);
}

#[test]
fn a_limit_is_crossed_where_its_rule_fires() {
    let protocol = Protocol::parse(ISOTRETINOIN).expect("the protocol reads");
    let settings = protocol.default_settings();
    let known = analyte("tg");
    let lines = thresholds(&protocol, &settings, &known);
    let crossed = |typed: &str, fasting: Fasting| {
        let (observation, mut specimen) = tg("2026-11-24", typed);
        specimen.fasting = fasting;
        let points = [point(&observation, &specimen)];
        let read = readings(&points, &known, first_dose());
        let fired = lines
            .iter()
            .filter(|l| l.crossed(&read[0], &known, &settings));
        fired
            .map(|l| l.rule.id.clone())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(crossed("300", Fasting::Yes), "tg.150");
    assert_eq!(crossed("300.1", Fasting::No), "tg.random tg.300");
    assert_eq!(crossed("499.9", Fasting::Yes), "tg.150 tg.300 tg.reduce");
    assert_eq!(
        crossed("500", Fasting::Yes),
        "tg.150 tg.300 tg.reduce tg.hold"
    );
    // >400 may lie on either side of 500.
    assert_eq!(crossed(">400", Fasting::Yes), "tg.150 tg.300 tg.reduce");
    assert_eq!(crossed("<5", Fasting::Yes), "");
}

/// The same as a laboratory sent it, with this status.
fn sent(
    (mut observation, specimen): (Observation, Specimen),
    status: &str,
) -> (Observation, Specimen) {
    observation.sent = Some(Sent {
        status: Some(status.to_owned()),
        ..Sent::default()
    });
    (observation, specimen)
}

#[test]
fn a_preliminary_result_is_neither_a_baseline_nor_the_last_one() {
    let results = [
        tg("2026-09-20", "96"),
        sent(tg("2026-09-28", "300"), "preliminary"),
        sent(tg("2026-10-20", "118"), "final"),
        sent(tg("2026-11-10", "400"), "preliminary"),
        sent(tg("2026-11-24", "120"), "corrected"),
    ];
    told("tg", &results, |read| {
        let now = read.last().expect("a result");
        let day_of = |p: Option<Point<'_>>| p.map(|p| p.specimen.drawn_on);
        assert_eq!(day_of(now.baseline), Some(day("2026-09-20")));
        assert_eq!(day_of(now.previous), Some(day("2026-10-20")));
        assert_eq!(now.percent, Some(d("25")));
        // It is read like any other itself.
        assert_eq!(read[3].flag, Flag::High);
        assert_eq!(read[3].percent, Some(d("317")));
    });
}

#[test]
fn a_result_has_its_grade_by_its_own_range_and_on_treatment_by_a_high_baseline() {
    let alt = |on: &str, typed: &str| (seen("alt", typed, "U/L", "7-23"), drawn(on, Fasting::Yes));
    let known = analyte("alt");
    let grades = |results: &[(Observation, Specimen)]| {
        let points: Vec<Point<'_>> = results.iter().map(|(o, s)| point(o, s)).collect();
        let read = readings(&points, &known, first_dose());
        let grade = |r: &Reading<'_>| r.grade(&known).map(|graded| graded.grade);
        read.iter().map(grade).collect::<Vec<_>>()
    };
    let usual = [
        alt("2026-09-20", "20"),
        alt("2026-11-24", "75"),
        alt("2026-12-24", "23"),
    ];
    assert_eq!(grades(&usual), [None, Some(2), None]);
    // Above the end before treatment already: 75 is 1.5 times 50, and 50 itself has
    // its grade by the end of the range.
    let high = [
        alt("2026-09-20", "50"),
        alt("2026-11-24", "74"),
        alt("2026-12-24", "75"),
    ];
    assert_eq!(grades(&high), [Some(1), None, Some(1)]);
    let mut spoilt = usual;
    spoilt[1].1.haemolysed = true;
    assert_eq!(grades(&spoilt)[1], None);
}
