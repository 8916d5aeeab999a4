//! What is asked, and what an answer may be read as.

use super::clinic::*;
use super::support::sitting::Sitting;
use super::{ROUTINE, alerts, fires, newest, record, stored};
use saishin::domain::answer::*;
use saishin::domain::change::Standing;
use saishin::domain::checklist::LineState;
use saishin::domain::lang::Lang;
use saishin::domain::protocol::{Kind, Level};

#[test]
fn trap_01_what_nobody_asked_reads_not_asked_and_never_none() {
    let mut sitting = Sitting::demo();
    sitting.keys("427<Enter><Enter> 1 0120 s - ");
    let visit = newest(&sitting, "10427");
    assert!(visit.answer("dry.lips").is_none(), "no answer was made up");
    let absent = visit.answer("flag.head").and_then(Answer::absence);
    assert_eq!(absent, Some(Absence::NotAsked));

    let mut c = routine();
    c.sign();
    c.open(VisitKind::FollowUp, "2026-12-24", "10:00");
    c.code("ident.two", 1);
    c.say("dry.lips", Answer::Absent(Absence::Unsure));
    c.say("dry.skin", Answer::Absent(Absence::NotAsked));
    let note = c.note(&c.ja);
    assert!(note.contains("本人わからず 口唇"), "{note}");
    assert!(note.contains("未聴取 皮膚"), "{note}");
    assert!(
        !note.contains("口唇 なし") && !note.contains("皮膚 なし"),
        "{note}"
    );
    for change in c.sealed() {
        if let saishin::domain::change::Change::FrozenAnswer(frozen) = change {
            let open = frozen.standing == Standing::NotEntered;
            assert!(!open || frozen.shown.is_none(), "{frozen:?}");
        }
    }
}

#[test]
fn trap_02_last_visits_answers_stand_beside_the_field_and_are_never_filled_in() {
    let mut sitting = Sitting::demo();
    sitting.keys("427<Enter><Enter>");
    let open = sitting.shelf.appended();
    sitting.keys("<PgDn><PgDn><PgDn>");
    sitting.must_see("[ ]");
    assert_eq!(sitting.shelf.appended(), open, "looking answers nothing");
    assert!(record(&sitting, "10427").open_visit().is_none());
    // One key for a list is kept as what it was.
    sitting.keys("<Home>1 0120 *+");
    assert_eq!(stored(&sitting, "10427", "flag.head"), "0, denied");
    assert_eq!(stored(&sitting, "10427", "dry.lips"), "1, unchanged");
    let protocol = Clinic::new().protocol;
    for section in &protocol.sections {
        let gate = ["preg", "mood", "ident", "lab", "decision"].contains(&section.id.as_str());
        assert!(!gate || section.sweep.is_none(), "{}", section.id);
    }
}

#[test]
fn trap_27_thoughts_of_self_harm_are_asked_at_each_visit_though_the_mood_is_unchanged() {
    let mut sitting = Sitting::demo();
    sitting.keys("427<Enter><Enter> 1 0120 * +++ 0 <End> s");
    assert_eq!(stored(&sitting, "10427", "other.mood"), "0");
    assert_eq!(stored(&sitting, "10427", "flag.selfharm"), "nothing");
    sitting.must_see("署名の前に必要: 希死念慮・自傷");
    let c = Clinic::new();
    let direct = c.protocol.item("flag.selfharm").expect("the question");
    assert!(direct.when.is_none() && !direct.off && direct.no_last);
    let section = c.protocol.section_of("flag.selfharm").expect("a section");
    assert_eq!(section.visits, VisitKind::ALL, "every kind of visit");
    assert!(section.sweep.is_none() && direct.options.iter().all(|o| !o.sweep));
    assert!(direct.ask(Lang::Ja).contains("死にたい"));
}

#[test]
fn trap_28_sexual_function_can_be_declined_and_is_hidden_while_a_parent_listens() {
    let mut c = routine();
    c.plan(decided(Action::Stop, None, "2026-12-24", None));
    c.say("other.sexual", Answer::Absent(Absence::Declined));
    assert!(
        c.note(&c.ja).contains("回答辞退 性機能"),
        "{}",
        c.note(&c.ja)
    );
    c.code("other.sexual", 2);
    c.companion();
    assert!(
        !c.note(&c.ja).contains("性機能"),
        "what is handed on is silent"
    );
    let item = c.protocol.item("other.sexual").expect("the question");
    assert!(item.private && item.no_last);
    let list = c.list();
    let shown = |l: &&saishin::domain::checklist::Line| {
        l.item(&c.protocol).id.as_str() == "other.sexual" && l.state == LineState::Open
    };
    assert!(
        !list.lines.iter().any(|l| shown(&l)),
        "nor is it asked then"
    );
}

#[test]
fn trap_29_a_mild_headache_does_not_answer_the_red_flag_of_the_head() {
    let mut c = routine();
    c.code("other.headache", 1);
    c.code("flag.head", 1);
    let loud = alerts(&c);
    let flag = loud
        .iter()
        .find(|a| a.rule == "flag.head")
        .expect("it fires");
    assert_eq!(flag.level, Level::Critical);
    let asked = c
        .protocol
        .item("flag.head")
        .expect("the flag")
        .ask
        .ja
        .clone();
    assert!(
        asked.contains("二重に見え"),
        "it asks for visual signs: {asked}"
    );
    let label = c
        .protocol
        .item("flag.head")
        .expect("the flag")
        .label(Lang::Ja);
    assert!(
        label.contains("かすみ") && label.contains("拍動性耳鳴"),
        "{label}"
    );
    // A grade never stands for the flag.
    let mut other = routine();
    other.sign();
    other.open(VisitKind::FollowUp, "2026-12-24", "10:00");
    other.code("other.headache", 0);
    assert!(other.case().visit.answer("flag.head").is_none());
}

#[test]
fn trap_30_other_doctors_tetracyclines_are_asked_for_by_brand_at_each_visit() {
    let c = Clinic::new();
    let item = c.protocol.item("drug.list").expect("the question");
    assert!(item.when.is_none() && !item.off && item.options.iter().all(|o| !o.sweep));
    for brand in ["ミノマイシン", "ビブラマイシン"] {
        assert!(item.ask(Lang::Ja).contains(brand), "{brand}");
    }
    for brand in ["Minocycline", "doxycycline"] {
        let asked = item.ask(Lang::En).to_lowercase();
        assert!(asked.contains(&brand.to_lowercase()), "{brand}: {asked}");
    }
    let mut c = routine();
    c.say("drug.list", Answer::Many(vec![1]));
    assert!(fires(&c, "drug.tetracycline"));
    let mut sitting = Sitting::demo();
    sitting.keys("427<Enter><Enter> 1 0120 * +++ 00 1");
    sitting.must_see("ミノマイシン");
    assert_eq!(stored(&sitting, "10427", "drug.list"), "nothing");
}

#[test]
fn trap_31_lips_without_dryness_after_four_weeks_are_remarked_on() {
    let mut c = routine();
    c.code("dry.lips", 0);
    let told = alerts(&c);
    let note = told.iter().find(|a| a.rule == "dry.lips.zero");
    let note = note.expect("a remark in week 12");
    assert_eq!(note.level, Level::Note);
    assert!(note.text.ja.contains("内服と食後"), "{}", note.text.ja);
}

#[test]
fn trap_32_sun_protection_shows_a_mark_and_no_digit_beside_the_grades() {
    let c = Clinic::new();
    let worse_is_more = |id: &str| c.protocol.item(id).expect("an item").kind == Kind::Grade;
    assert!(worse_is_more("dry.skin") && !worse_is_more("sun.protect"));
    // No choice of the walk shows a digit in the column of the last visit.
    let shown = |i: &&saishin::domain::protocol::Item| i.kind == Kind::Choice && !i.no_last;
    for item in c.protocol.items().filter(shown) {
        for option in item.options.iter().filter(|o| o.key > 1) {
            for text in [&c.ja, &c.en] {
                let mark = saishin::shown::mark(item, &Answer::Code(option.key), text);
                let digits = mark.chars().all(|c| c.is_ascii_digit());
                assert!(!digits || mark.is_empty(), "{}: {mark}", item.id);
            }
        }
    }
    let mut sitting = Sitting::demo();
    sitting.keys("463<Enter><Enter>1 010<PgDn><PgDn><PgDn>");
    sitting.must_see("毎");
}

#[test]
fn trap_40_drugs_from_the_internet_and_other_clinics_are_asked_for_at_each_visit() {
    let c = Clinic::new();
    let item = c.protocol.item("drug.list").expect("the question");
    let visits = &c
        .protocol
        .section_of("drug.list")
        .expect("a section")
        .visits;
    assert!(visits.contains(&VisitKind::Start) && visits.contains(&VisitKind::FollowUp));
    for words in ["他院", "通販"] {
        assert!(item.ask(Lang::Ja).contains(words) && item.label(Lang::Ja).contains(words));
    }
    let mut c = routine();
    c.say("drug.list", Answer::Many(vec![2]));
    assert!(fires(&c, "drug.retinoid"), "another retinoid is a warning");
    let mut sitting = Sitting::demo();
    sitting.keys(&ROUTINE.replace("00 10 11", "00 1- 11"));
    assert_eq!(stored(&sitting, "10427", "drug.list"), "not_asked");
    sitting.resize(120, 60);
    sitting.must_see("未聴取");
}
