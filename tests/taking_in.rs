//! Files that a person takes in at the screen: shown first, stored at a word.

mod support;

use saishin::app::Msg;
use saishin::app::taking::{Intake, News, Progress, Sought, gather};
use saishin::domain::change::Setting;
use saishin::domain::lang::Lang;
use saishin::domain::matching::Scheme;
use saishin::domain::record::Record;
use saishin::store::{Arrivals, Store, StoreError};
use std::fs::File;
use std::path::Path;
use std::time::{Duration, SystemTime};
use support::shelf::{Fault, Shelf, clinic};
use support::sitting::{Begin, Sitting, today};

/// 10427 of the invented clinic.
const HERS: &str = "PID|1||10427||伊藤^さくら||20020707|F";

/// One message with one result of hers.
fn message(name: &str, made: &str, value: &str, status: &str) -> String {
    format!(
        "MSH|^~\\&|LIS|EXAMPLELAB|S|C|{made}||ORU^R01|{name}|P|2.5||||||UNICODE UTF-8\r\
         {HERS}\rOBR|1|O-1|F-1|CHEM|||20261120083000\r\
         OBX|1|NM|1742-6^ALT^LN||{value}|U/L|7-23||||{status}\r"
    )
}

/// Writes a file that was changed `age` seconds ago.
fn put(folder: &Path, name: &str, text: &str, age: u64) {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    let then = SystemTime::UNIX_EPOCH + Duration::from_secs(2_000_000_000 - age);
    File::options()
        .append(true)
        .open(&path)
        .unwrap()
        .set_modified(then)
        .unwrap();
}

/// A folder with a value, its correction, a copy, and something else.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let first = message("M1", "20261121090000", "50", "F");
    let second = first.clone() + &message("M2", "20261122090000", "25", "C");
    put(folder.path(), "z-first.hl7", &first, 300);
    put(folder.path(), "a-corrected.hl7", &second, 200);
    put(folder.path(), "copy.hl7", &first, 100);
    put(folder.path(), "picture.png", "\u{89}PNG\r\n\u{1a}\n", 50);
    folder
}

/// At the question where the file lies, with a path typed.
fn asked(path: &Path) -> Sitting {
    let mut sitting = Sitting::at(&Shelf::demo(today()), today(), Begin::default());
    sitting.keys("<F5><F2>");
    sitting.paste(&path.to_string_lossy());
    sitting
}

fn record(shelf: &Shelf) -> Record {
    let patient = shelf.find("10427").unwrap().expect("she is known");
    let stored = shelf.record(patient).unwrap();
    Record::of(patient, stored.into_iter().map(|kept| kept.entry))
}

fn alt(shelf: &Shelf) -> Vec<String> {
    let record = record(shelf);
    let sent = record.values().filter_map(|(value, _)| {
        let observation = &value.observation;
        observation.sent.as_ref()?;
        Some(observation.quantity()?.typed.clone())
    });
    sent.collect()
}

#[test]
fn a_folder_is_shown_whole_and_each_file_is_stored_in_its_order() {
    let folder = folder();
    let mut sitting = asked(folder.path());
    let before = sitting.shelf.appended();
    sitting.keys("<Enter>");
    sitting.must_see("z-first.hl7");
    sitting.must_see("新しい結果 1  取込済み 0  読めない行 0  照合待ち 0");
    sitting.must_see("新しい結果 1  取込済み 1  読めない行 0  照合待ち 0");
    sitting.must_see("この同じファイルは取込済み");
    sitting.must_see("取り込まない");
    assert_eq!(sitting.shelf.appended(), before, "nothing is stored yet");
    sitting.keys("<Enter>");
    sitting.must_see("ファイル 2 を保存: 結果 2、照合待ち 0");
    assert_eq!(alt(&sitting.shelf), ["25"], "the correction came behind");

    // The folder is proposed again, and holds nothing new.
    let stored = sitting.shelf.appended();
    sitting.keys("<F2><Enter><Enter>");
    sitting.must_see("新しく保存するものはありません");
    assert_eq!(sitting.shelf.appended(), stored);
}

#[test]
fn nothing_is_stored_before_a_word_and_escape_leaves_nothing() {
    let folder = folder();
    for keys in ["<Enter><Esc>", "<Enter><PageDown><End><Left>"] {
        let mut sitting = asked(folder.path());
        let before = sitting.shelf.appended();
        sitting.keys(keys);
        sitting.must_see("取込をやめました。何も保存していません。");
        assert_eq!(sitting.shelf.appended(), before, "{keys}");
        assert_eq!(
            sitting.shelf.waiting(9).unwrap().len(),
            1,
            "the clinic's own"
        );
    }
}

#[test]
fn while_files_are_looked_up_keys_are_answered_and_escape_calls_it_off() {
    let folder = folder();
    let mut sitting = asked(folder.path());
    sitting.slow();
    sitting.keys("<Enter>");
    sitting.must_see("読んでいます");
    sitting.keys("?").must_see("保存せず戻る");
    sitting.keys("<Esc>").must_see("読んでいます");
    sitting.keys("<Enter>").must_see("読んでいます");
    sitting.keys("<Esc>");
    sitting.must_see("届いた検査結果");
    sitting.arrive();
    sitting.must_see("届いた検査結果");
    sitting.must_see("何も保存していません");
    // What was read of it comes to nothing; the next one is another.
    sitting.keys("<F2><Esc>");
    assert_eq!(alt(&sitting.shelf), [""; 0]);
}

#[test]
fn what_another_window_stored_meanwhile_is_shown_again() {
    let folder = folder();
    let mut one = asked(folder.path());
    one.keys("<Enter>");
    one.must_see("新しい結果 1  取込済み 1");
    let mut two = Sitting::at(
        &one.shelf.clone(),
        today(),
        Begin {
            seed: 99,
            ..Begin::default()
        },
    );
    two.keys("<F5><F2>");
    two.paste(&folder.path().join("z-first.hl7").to_string_lossy());
    two.keys("<Enter><Enter>");
    two.must_see("ファイル 1 を保存");
    let stored = one.shelf.appended();
    one.keys("<Enter>");
    one.must_see("この間に記録が変わりました");
    assert_eq!(one.shelf.appended(), stored, "it is something else now");
    one.keys("<Enter>");
    one.must_see("ファイル 1 を保存: 結果 1、照合待ち 0");
    assert_eq!(alt(&one.shelf), ["25"]);
}

#[test]
fn another_save_that_changes_nothing_of_it_does_not_ask_again() {
    let folder = folder();
    let mut one = asked(folder.path());
    one.keys("<Enter>");
    let mut two = Sitting::at(
        &one.shelf.clone(),
        today(),
        Begin {
            seed: 99,
            ..Begin::default()
        },
    );
    let stored = two.shelf.appended();
    two.keys("10405<Enter><Enter>1");
    assert!(two.shelf.appended() > stored, "the other window saved");
    one.keys("<Enter>");
    one.must_see("ファイル 2 を保存");
}

#[test]
fn a_save_that_fails_is_said_and_can_be_tried_again() {
    let folder = folder();
    let mut sitting = asked(folder.path());
    sitting.keys("<Enter>");
    sitting.fail(Some(Fault::Not(StoreError::DiskFull)));
    sitting.keys("<Enter>");
    sitting.must_see("ディスク容量不足");
    sitting.must_see("z-first.hl7");
    assert_eq!(alt(&sitting.shelf), [""; 0]);
    sitting.fail(None);
    sitting.keys("<Enter>");
    sitting.must_see("ファイル 2 を保存");
    assert_eq!(alt(&sitting.shelf), ["25"]);
}

#[test]
fn a_file_that_vanished_is_said_in_one_sentence_and_asked_for_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut sitting = asked(&folder.path().join("none.hl7"));
    sitting.keys("<Enter>").must_see("! ファイルがない");
    let mut sitting = asked(folder.path());
    sitting
        .keys("<Enter>")
        .must_see("! フォルダにファイルがない");
    let mut sitting = Sitting::demo();
    sitting.keys("<F5><F2><Enter>");
    sitting.must_see("! どのファイルか入力してください");
}

#[test]
fn the_folder_that_is_watched_is_proposed_and_then_the_one_used_last() {
    let shelf = Shelf::demo(today());
    let setting = Setting {
        name: "import_folder".into(),
        number: None,
        text: Some("/mnt/laboratory".into()),
    };
    shelf.set(77, today(), setting);
    let mut sitting = Sitting::at(&shelf, today(), Begin::default());
    sitting.keys("<F5><F2>");
    sitting.must_see("[/mnt/laboratory");
    let folder = folder();
    sitting.keys("<C-u>");
    sitting.paste(&folder.path().to_string_lossy());
    sitting.keys("<Enter><Esc><F2>");
    let name = folder.path().file_name().unwrap().to_string_lossy();
    sitting.must_see(&format!("{name}/"));
    sitting.must_not_see("/mnt/laboratory");
}

#[test]
fn a_file_that_cannot_be_written_to_takes_nothing_in() {
    let begin = Begin {
        read_only: true,
        lang: Lang::En,
        ..Begin::default()
    };
    let mut sitting = Sitting::at(&Shelf::demo(today()), today(), begin);
    sitting.keys("<F5><F2>");
    sitting.must_see("Results that came");
}

#[test]
fn a_layout_that_is_not_understood_is_said_and_nothing_is_read() {
    let folder = folder();
    let layouts = tempfile::tempdir().unwrap();
    std::fs::write(layouts.path().join("ours.toml"), "name = 7\n").unwrap();
    let sought = Sought {
        run: 1,
        path: folder.path().to_string_lossy().into_owned(),
        person: Shelf::demo(today()).doctor(),
        now: today(),
        seed: 5,
    };
    let why = gather(&sought, clinic(), Some(layouts.path()), &mut |_| true).err();
    let mut sitting = asked(folder.path());
    sitting.slow();
    sitting.keys("<Enter>");
    sitting.feed(Msg::Intake(1, News::NoneRead(why.expect("it is refused"))));
    sitting.must_see("! ours.toml:1:8: \"7\"");
    sitting.must_see("ファイル・フォルダ");
}

/// Files of a folder, looked up in a store.
fn intake(path: &Path, shelf: &mut Shelf) -> Intake {
    let sought = Sought {
        run: 1,
        path: path.to_string_lossy().into_owned(),
        person: shelf.doctor(),
        now: today(),
        seed: 5,
    };
    let gathered = gather(&sought, clinic(), None, &mut |_| true);
    let Ok(gathered) = gathered else {
        panic!("it is read")
    };
    let mut intake = Intake::new(1, gathered, Scheme::default(), shelf).unwrap();
    while intake.works() {
        intake.step(shelf, &mut |_| false);
    }
    intake
}

#[test]
fn whoever_asks_while_a_file_is_saved_goes_first_and_it_is_saved_all_the_same() {
    let folder = folder();
    let mut shelf = Shelf::demo(today());
    let mut intake = intake(folder.path(), &mut shelf);
    let before = shelf.appended();
    intake.store(today());
    let mut asked: Vec<Progress> = Vec::new();
    for round in 0..100 {
        if !intake.works() {
            break;
        }
        let news = intake.step(&mut shelf, &mut |progress| {
            asked.push(progress);
            round < 5
        });
        assert!(!matches!(news, Some(News::NotStored(_))), "{news:?}");
        if round < 5 {
            assert_eq!(shelf.appended(), before, "called off, so nothing is there");
        }
    }
    assert!(!asked.is_empty());
    assert_eq!(alt(&shelf), ["25"]);
}

#[test]
fn news_of_a_taking_in_that_was_left_changes_no_picture() {
    let mut sitting = Sitting::demo();
    sitting.keys("<F5><F2>");
    let before = sitting.rows();
    for run in [0, 1, 7] {
        let late = News::LookingUp(Progress { done: 1, of: 2 });
        sitting.feed(Msg::Intake(run, late));
        sitting.feed(Msg::Intake(run, News::NotStored(StoreError::Busy)));
    }
    assert_eq!(sitting.rows(), before);
}
