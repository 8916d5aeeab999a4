//! A monkey at the keyboard: whatever is pressed, nothing breaks, nothing is
//! lost, and what the lists say is what the record says.

mod support;

use chrono::{DateTime, Days, FixedOffset, NaiveDate};
use saishin::domain::due;
use saishin::domain::lang::Lang;
use saishin::domain::line::{Projection, When};
use saishin::domain::record::Record;
use saishin::keys::Key;
use saishin::screen::Clinic;
use saishin::store::{Store, misprojected};
use support::shelf::{Shelf, clinic};
use support::sitting::{Begin, Sitting, today};

/// Steps of one run; a longer one by `SAISHIN_STEPS`.
const STEPS: usize = 20_000;
/// Steps of one sitting: then the program is gone and started again.
const SITTING: usize = 500;

/// Chance that can be told again: SplitMix64.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).expect("a small number")
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

/// A number of the environment, or the usual one.
fn wished(name: &str, usual: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(usual)
}

#[test]
fn whatever_is_pressed_nothing_breaks_and_nothing_is_lost() {
    let seed = wished("SAISHIN_SEED", 20_261_124);
    let steps = usize::try_from(wished("SAISHIN_STEPS", STEPS as u64)).expect("a number of steps");
    println!("seed {seed}, {steps} steps");
    let mut chance = Chance(seed);
    let shelf = Shelf::demo(today());
    let mut sitting = begin(&shelf, today(), &mut chance);
    let mut saves = 0;
    for step in 0..steps {
        if sitting.ended || step % SITTING == SITTING - 1 {
            // Later, never earlier: a clock set back is another story.
            sitting = begin(&shelf, sitting.now(), &mut chance);
        }
        let told = act(&mut sitting, &mut chance);
        let told = format!("seed {seed}, step {step}: {told}");
        check(&sitting, &mut chance, &told);
        if std::mem::replace(&mut saves, shelf.appended()) != shelf.appended() {
            check_desk(&sitting, &told);
        }
    }
    let wrong = wrongly_projected(&shelf, sitting.model.today);
    assert!(wrong.is_empty(), "seed {seed}: {wrong:?}");
    let verdict = shelf.verify(&mut |_| {}).expect("memory reads");
    assert!(
        verdict.problems.is_empty(),
        "seed {seed}: {:?}",
        verdict.problems
    );
    println!("{saves} saves");
    assert!(
        saves > steps / 40,
        "the monkey hardly saved anything: {saves}"
    );
}

/// The program started again, on the list or on a chart.
fn begin(shelf: &Shelf, now: DateTime<FixedOffset>, chance: &mut Chance) -> Sitting {
    let chart = chance.of(&CHARTS);
    // The monkey also corrects chart numbers.
    let known = shelf.find(chart).expect("memory reads").is_some();
    let first = (known && chance.below(3) > 0).then(|| chart.to_owned());
    let lang = chance.of(&[Lang::Ja, Lang::En]);
    let begin = Begin {
        lang,
        first,
        seed: chance.next(),
        ..Begin::default()
    };
    Sitting::at(shelf, now, begin)
}

const CHARTS: [&str; 8] = [
    "10427", "10388", "10291", "10470", "10512", "10540", "10476", "10307",
];

/// Keys of the visit count double: there is most to break.
const KEYS: [Key; 32] = [
    Key::Enter,
    Key::Enter,
    Key::Enter,
    Key::Esc,
    Key::Tab,
    Key::BackTab,
    Key::Backspace,
    Key::Delete,
    Key::Insert,
    Key::Up,
    Key::Down,
    Key::Down,
    Key::Left,
    Key::Right,
    Key::Home,
    Key::End,
    Key::PageUp,
    Key::PageDown,
    Key::PageDown,
    Key::F(1),
    Key::F(2),
    Key::F(3),
    Key::F(4),
    Key::F(5),
    Key::F(6),
    Key::F(7),
    Key::F(8),
    Key::F(9),
    Key::F(10),
    Key::F(12),
    Key::Ctrl('u'),
    Key::Ctrl('c'),
];
const SIGNS: [char; 40] = [
    '0', '0', '1', '1', '1', '2', '2', '3', '4', '5', '6', '7', '8', '9', '+', '+', '*', '*', '-',
    '.', '<', '>', 'a', 'b', 'c', 'd', 'e', 'l', 'm', 'n', 'r', 's', 's', 'u', 'U', 'v', '?', '１',
    'あ', '𠮷',
];
const PASTES: [&str; 8] = [
    "10427",
    "000",
    "山田 花子",
    "\u{1b}[31m\u{202e}\u{0}",
    "e\u{301}👩\u{200d}👩\u{200d}👧",
    "2026-11-20",
    "1e9999999999",
    "ﾔﾏﾀﾞ\n\n\n",
];

/// Does one thing, and tells what.
fn act(sitting: &mut Sitting, chance: &mut Chance) -> String {
    match chance.below(100) {
        0..=2 => {
            let text = chance.of(&PASTES);
            sitting.paste(text);
            format!("paste {text:?}")
        }
        3 => {
            let seconds = chance.next() % 40_000;
            sitting.wait(seconds);
            format!("wait {seconds}")
        }
        5..=10 => go(sitting, chance.of(&CHARTS)),
        4 => {
            sitting.resize(chance.below(131) as u16, chance.below(46) as u16);
            format!("size {:?}", sitting.size)
        }
        _ => {
            let key = if chance.below(4) == 0 {
                chance.of(&KEYS)
            } else {
                Key::Char(chance.of(&SIGNS))
            };
            sitting.press_after(key, chance.of(&[20, 70, 200, 900]));
            format!("key {key:?}")
        }
    }
}

/// Back to the list and into a visit, as a hand would.
fn go(sitting: &mut Sitting, chart: &str) -> String {
    let mut way = vec![Key::Esc; 5];
    way.extend(chart.chars().map(Key::Char).chain([Key::Enter, Key::Enter]));
    for key in way {
        if !sitting.ended {
            sitting.press(key);
        }
    }
    format!("to {chart}")
}

/// What holds after every step.
fn check(sitting: &Sitting, chance: &mut Chance, told: &str) {
    let model = &sitting.model;
    assert!(model.unsaved.is_empty(), "{told}: {:?}", model.unsaved);
    assert!(model.failed.is_none(), "{told}: {:?}", model.failed);
    // Every frame can be drawn, also in a window of another size.
    let (columns, rows) = sitting.size;
    sitting.picture_at(columns, rows);
    if chance.below(8) == 0 {
        sitting.picture_at(chance.below(131) as u16, chance.below(46) as u16);
    }
}

/// What is on the desk is what is kept, and the lists say the same.
fn check_desk(sitting: &Sitting, told: &str) {
    let model = &sitting.model;
    let Some(desk) = &model.desk else { return };
    let stored = sitting
        .shelf
        .record(desk.record.patient)
        .expect("memory reads");
    let kept: Vec<_> = stored.iter().map(|s| &s.entry).collect();
    assert!(
        kept.iter().copied().eq(desk.record.entries()),
        "{told}: the desk shows another record"
    );
    let projected = sitting
        .shelf
        .projection(desk.record.patient)
        .expect("memory reads");
    let computed = project(&desk.record, model.clinic.as_ref(), model.today);
    assert_eq!(
        projected,
        computed,
        "{told}: after {:#?}",
        kept.iter().rev().take(2).collect::<Vec<_>>()
    );
}

/// The row as the domain computes it.
fn project(record: &Record, clinic: Option<&Clinic>, on: NaiveDate) -> Option<Projection> {
    let clinic = clinic?;
    due::project(record, &clinic.settings, clinic.settings_hash, on)
}

fn wrongly_projected(shelf: &Shelf, on: NaiveDate) -> Vec<String> {
    let compute = |patient, stored: &[saishin::store::Stored]| {
        let record = Record::of(patient, stored.iter().map(|s| s.entry.clone()));
        project(&record, Some(clinic()), on)
    };
    let wrong = misprojected(shelf, &compute).expect("memory reads");
    wrong.iter().map(ToString::to_string).collect()
}

// ---- the rows of the lists -------------------------------------------------------------

#[test]
fn the_lists_say_what_the_records_say_on_any_day() {
    for later in [0, 1, 2, 9, 27, 45, 80, 200, 400, 1_200] {
        let now = today() + Days::new(later);
        let shelf = Shelf::demo(now);
        let wrong = wrongly_projected(&shelf, now.date_naive());
        assert!(wrong.is_empty(), "{later} days later: {wrong:?}");
    }
}

#[test]
fn a_row_that_was_kept_yesterday_still_says_the_truth_today() {
    let shelf = Shelf::demo(today());
    for later in [1, 3, 10, 31, 62, 190, 365] {
        let on = today().date_naive() + Days::new(later);
        let wrong = wrongly_projected(&shelf, on);
        assert!(wrong.is_empty(), "{later} days later: {wrong:?}");
    }
}

#[test]
fn a_row_that_says_something_else_is_found() {
    let mut shelf = Shelf::demo(today());
    let patient = shelf
        .find("10427")
        .expect("memory reads")
        .expect("the patient is known");
    let mut row = shelf
        .projection(patient)
        .expect("memory reads")
        .expect("a row");
    let moved = row.line.visit_due.day().and_then(|day| day.succ_opt());
    row.line.visit_due = moved.map_or(When::CannotTell, When::On);
    shelf.project(&row).expect("memory takes it");
    assert_eq!(
        wrongly_projected(&shelf, today().date_naive()),
        [patient.to_string()]
    );
}

#[test]
fn a_test_that_was_not_asked_after_all_is_due_again_in_the_lists() {
    let mut sitting = Sitting::demo();
    sitting.keys("427<Enter><Enter> 1 0 1");
    check_desk(&sitting, "a test was answered");
    sitting.keys("b-");
    check_desk(&sitting, "it was not asked");
    sitting.keys("u");
    check_desk(&sitting, "and undone");
}

#[test]
fn every_screen_can_be_drawn_in_a_window_of_any_size() {
    for keys in [
        "",
        "427",
        "<F2>",
        "<F9>0",
        "427<Enter>",
        "427<Enter><Enter>1 0120*2",
        "388<Enter><Enter>1*+++00 2 512",
        "427<Enter><Enter>s",
        "427<Enter><Down><Enter>a",
        "?",
    ] {
        let mut sitting = Sitting::demo();
        sitting.keys(keys);
        for columns in (0..131)
            .step_by(3)
            .chain([59, 60, 61, 75, 76, 77, 79, 80, 81])
        {
            for rows in (0..46).step_by(4).chain([1, 2, 3, 19, 20, 21, 23, 25]) {
                sitting.picture_at(columns, rows);
            }
        }
    }
}
