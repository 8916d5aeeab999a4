//! The built program in a terminal of its own: killed, signalled, pasted into,
//! left alone, and refused its disk.
#![cfg(target_os = "linux")]

mod support;

use rustix::process::{Resource, Rlimit, Signal, prlimit};
use saishin::domain::answer::ItemId;
use saishin::domain::assess::Case;
use saishin::domain::checklist::{Checklist, LineId};
use saishin::domain::lang::Lang;
use saishin::domain::record::Record;
use saishin::store::Store;
use saishin::store::sqlite::SqliteStore;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;
use support::proc;
use support::pty::Pty;
use support::shelf::clinic;
use support::told;
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_saishin");
const SOON: Duration = Duration::from_secs(10);
/// The invented woman whose visit is routine.
const CHART: &str = "10427";
const NAME: &str = "伊藤 さくら";

// ---- a file and a program on it ---------------------------------------------------------

/// A copy of the invented clinic, written once by the program itself.
struct Clinic {
    folder: TempDir,
}

impl Clinic {
    fn new() -> Self {
        static WRITTEN: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
        let (_, written) = WRITTEN.get_or_init(|| {
            let folder = tempfile::tempdir().expect("a folder");
            let file = folder.path().join("demo.sqlite");
            let ran = Command::new(PROGRAM)
                .args(["demo", "--write"])
                .arg(&file)
                .output();
            let ran = ran.expect("the program starts");
            assert!(
                ran.status.success(),
                "{}",
                String::from_utf8_lossy(&ran.stderr)
            );
            (folder, file)
        });
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::copy(written, folder.path().join("demo.sqlite")).expect("a copy");
        Self { folder }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("demo.sqlite")
    }

    fn start(&self) -> Pty {
        self.start_with(&[])
    }

    fn start_with(&self, env: &[(&str, &str)]) -> Pty {
        let file = self.file();
        let args = [
            "--db",
            file.to_str().expect("a path"),
            "--lang",
            "ja",
            "demo",
        ];
        let pty = Pty::spawn(PROGRAM, &args, env, 80, 24).expect("a program");
        assert!(pty.wait_for("本日 1", SOON), "no list:\n{}", pty.screen());
        pty
    }

    /// The record as a second connection reads it.
    fn record(&self, chart: &str) -> Record {
        let store = SqliteStore::open(&self.file()).expect("the file is whole");
        let patient = store
            .find(chart)
            .expect("it reads")
            .expect("the patient is known");
        let stored = store.record(patient).expect("it reads");
        Record::of(patient, stored.into_iter().map(|s| s.entry))
    }

    /// How many saves the file holds, if nothing in it is wrong.
    fn verified(&self) -> u64 {
        let store = SqliteStore::open(&self.file()).expect("the file is whole");
        let verdict = store.verify(&mut |_| {}).expect("it reads");
        assert!(verdict.problems.is_empty(), "{:?}", verdict.problems);
        verdict.entries
    }
}

/// To today's visit of the patient.
fn open_visit(pty: &mut Pty) {
    pty.type_keys("427<Enter>");
    assert!(pty.wait_for("次に必要なこと", SOON), "{}", pty.screen());
    pty.type_keys("<Enter>");
    let walked = |screen: &str| !focused(screen).is_empty() && !screen.contains("保存中");
    assert!(pty.wait_shown(SOON, walked), "{}", pty.screen());
}

/// How much of today's visit is open, and the line where it goes on; an untouched
/// visit leaves nothing in the file and begins at its first line.
fn progress(record: &Record) -> (usize, Option<LineId>) {
    let Some(open) = record.open_visit() else {
        return (usize::MAX, Some(LineId::Item(ItemId::new("ident.two"))));
    };
    let (visit, known) = (open.visit(), clinic());
    let list = Checklist::of(&Case {
        record,
        visit,
        protocol: &known.protocol,
        settings: &known.settings,
        catalogue: &known.catalogue,
    });
    let last = visit
        .last_item
        .clone()
        .and_then(|id| list.find(&LineId::Item(id)));
    let next = list.next_open(last).map(|at| list.lines[at].id.clone());
    (list.open(), next)
}

/// The key that a routine visit takes at a line.
fn routine_key(line: &LineId) -> &'static str {
    let LineId::Item(item) = line else { return "-" };
    match item.as_str() {
        "ident.two" | "preg.test" | "dose.taken" | "resp.acne" | "resp.change" | "couns.list" => {
            "1"
        }
        "preg.method" | "dec.action" => "2",
        "other.mood" | "flag.selfharm" | "drug.list" | "preg.possible" | "preg.lapse" => "0",
        flag if flag.starts_with("flag.") => "*",
        swept if swept.starts_with("dry.") || swept.starts_with("sun.") => "+",
        other if other.starts_with("other.") => "+",
        _ => "-",
    }
}

/// The first cells of a line's label, as the visit shows it.
fn label(line: &LineId) -> String {
    let LineId::Item(item) = line else {
        panic!("no value is asked in a routine visit")
    };
    let item = clinic()
        .protocol
        .item(item.as_str())
        .expect("a line of the protocol");
    item.label(Lang::Ja).chars().take(6).collect()
}

/// The row that has the focus.
fn focused(screen: &str) -> String {
    let row = screen.lines().find(|row| row.contains("│ > "));
    row.map_or(String::new(), |row| {
        row.split("│ > ").nth(1).unwrap_or_default().to_owned()
    })
}

/// What the status line says is on disk; nothing while it is on its way.
fn said_saved(screen: &str) -> Option<String> {
    let status = screen.lines().nth(22)?.trim_start();
    let saved = status.strip_prefix("保存 ")?;
    Some(saved.split("   ").next().unwrap_or_default().to_owned())
}

// ---- nothing is lost ---------------------------------------------------------------------

#[test]
fn after_every_key_of_a_visit_a_killed_program_goes_on_behind_the_last_saved_answer() {
    let clinic = Clinic::new();
    let mut presses = 0;
    let mut pty = clinic.start();
    open_visit(&mut pty);
    while let (left, Some(next)) = progress(&clinic.record(CHART)) {
        let shown = pty.screen();
        assert!(focused(&shown).contains(&label(&next)), "{next:?}\n{shown}");
        let before = said_saved(&shown);
        pty.key(routine_key(&next));
        presses += 1;
        let saved = pty.wait_shown(SOON, |screen| {
            let said = said_saved(screen);
            said.is_some() && said != before
        });
        assert!(saved, "not saved: {next:?}\n{}", pty.screen());
        pty.kill9();
        pty.wait_exit(SOON).expect("it is killed");
        let now = progress(&clinic.record(CHART)).0;
        assert!(now < left, "what was shown as saved is not there: {next:?}");
        pty = clinic.start();
        open_visit(&mut pty);
    }
    assert_eq!(presses, 17, "keys between the opening and the review");
    pty.type_keys("s");
    assert!(pty.wait_for("確認と署名", SOON));
    pty.kill9();
    pty.wait_exit(SOON).expect("it is killed");
    assert!(
        clinic.record(CHART).open_visit().is_some(),
        "looking at the review signs nothing"
    );
    sign(&clinic);
}

/// Signs the visit that is complete, kills the program, and finds it signed.
fn sign(clinic: &Clinic) {
    let mut pty = clinic.start();
    open_visit(&mut pty);
    pty.type_keys("s<Enter>");
    assert!(pty.wait_for("本日 1", SOON), "{}", pty.screen());
    assert!(pty.wait_for("署名", SOON), "{}", pty.screen());
    pty.kill9();
    pty.wait_exit(SOON).expect("it is killed");
    let record = clinic.record(CHART);
    let visit = told::visit(&record).expect("a visit");
    assert!(visit.signed.is_some(), "what was shown as signed is signed");
    assert_eq!(
        visit
            .responses
            .get("dec.action")
            .map(|r| r.answer.absence()),
        Some(None)
    );
    clinic.verified();
}

#[test]
fn a_program_killed_at_any_moment_has_kept_what_it_showed_as_saved() {
    let clinic = Clinic::new();
    for moment in 0..12_u64 {
        let mut pty = clinic.start();
        open_visit(&mut pty);
        let (_, Some(next)) = progress(&clinic.record(CHART)) else {
            break;
        };
        let before = said_saved(&pty.screen());
        pty.send(routine_key(&next));
        // Not a wait for anything: a moment of the save, another one each time.
        std::thread::sleep(Duration::from_micros(400 * moment));
        pty.kill9();
        pty.wait_exit(SOON).expect("it is killed");
        let after = said_saved(&pty.screen());
        let LineId::Item(item) = &next else { continue };
        let stored = told::line(&clinic.record(CHART), item.as_str());
        if after.is_some() && after != before {
            assert_ne!(stored, "nothing", "shown as saved: {after:?}");
        }
        clinic.verified();
    }
}

#[test]
fn a_remark_that_is_being_typed_is_saved_when_the_system_ends_the_program() {
    for signal in [Signal::TERM, Signal::HUP] {
        let clinic = Clinic::new();
        let mut pty = clinic.start();
        open_visit(&mut pty);
        pty.type_keys("m");
        pty.send("\x1b[200~先週から就職活動\x1b[201~");
        assert!(pty.wait_for("先週から就職活動", SOON), "{}", pty.screen());
        pty.signal(signal);
        pty.wait_exit(SOON).expect("it ends");
        let record = clinic.record(CHART);
        let visit = told::visit(&record).expect("a visit");
        let memos: Vec<&str> = visit
            .memos
            .iter()
            .map(|(_, memo)| memo.text.as_str())
            .collect();
        assert_eq!(memos, ["先週から就職活動"], "after {signal:?}");
    }
}

#[test]
fn a_remark_that_is_being_typed_is_saved_when_the_window_is_closed() {
    let clinic = Clinic::new();
    let mut pty = clinic.start();
    open_visit(&mut pty);
    pty.type_keys("m");
    pty.send("\x1b[200~閉じた窓\x1b[201~");
    assert!(pty.wait_for("閉じた窓", SOON), "{}", pty.screen());
    pty.hang_up();
    pty.wait_exit(SOON).expect("it ends");
    let record = clinic.record(CHART);
    assert_eq!(told::visit(&record).expect("a visit").memos.len(), 1);
}

#[test]
fn two_programs_on_one_file_keep_each_others_answers() {
    let clinic = Clinic::new();
    let mut one = clinic.start();
    open_visit(&mut one);
    one.type_keys("1");
    assert!(
        one.wait_shown(SOON, |s| said_saved(s).is_some()),
        "{}",
        one.screen()
    );
    let mut two = clinic.start();
    open_visit(&mut two);
    one.type_keys("0");
    assert!(one.wait_shown(SOON, |s| s.contains("未入力 30") && said_saved(s).is_some()));
    // The other window still shows that line open, and answers the next one.
    two.type_keys("<Down>1");
    let both = two.wait_shown(SOON, |s| s.contains("未入力 29") && said_saved(s).is_some());
    assert!(both, "{}", two.screen());
    let record = clinic.record(CHART);
    assert_eq!(told::line(&record, "ident.two"), "1");
    assert_eq!(told::line(&record, "preg.possible"), "0");
    assert_ne!(told::line(&record, "preg.test"), "nothing");
    clinic.verified();
}

// ---- the disk refuses ---------------------------------------------------------------------

#[test]
fn a_full_disk_is_shown_and_what_was_typed_is_saved_once_there_is_room() {
    let clinic = Clinic::new();
    let mut pty = clinic.start();
    open_visit(&mut pty);
    let pid = rustix::process::Pid::from_raw(i32::try_from(pty.pid()).expect("a number"));
    let limit = |most: Option<u64>| {
        let old = prlimit(
            pid,
            Resource::Fsize,
            Rlimit {
                current: most,
                maximum: None,
            },
        );
        old.expect("the limit of a child is ours to set");
    };
    limit(Some(4_096));
    pty.key("1");
    assert!(pty.wait_for("未保存", SOON), "{}", pty.screen());
    pty.key("0");
    assert!(pty.wait_for("未入力 30", SOON), "{}", pty.screen());
    assert!(
        clinic.record(CHART).open_visit().is_none(),
        "nothing is there yet"
    );
    limit(None);
    pty.key("F8");
    assert!(
        pty.wait_shown(SOON, |screen| said_saved(screen).is_some()),
        "{}",
        pty.screen()
    );
    let record = clinic.record(CHART);
    assert_eq!(told::line(&record, "ident.two"), "1");
    assert_eq!(told::line(&record, "preg.possible"), "0");
    clinic.verified();
}

#[test]
fn a_file_that_may_not_be_written_is_shown_and_nothing_seems_saved() {
    let clinic = Clinic::new();
    let folder = clinic.folder.path();
    let mode = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("a mode");
    };
    mode(&clinic.file(), 0o444);
    mode(folder, 0o555);
    let file = clinic.file();
    let mut args = vec![
        "--db",
        file.to_str().expect("a path"),
        "--lang",
        "ja",
        "demo",
    ];
    let mut program = PROGRAM;
    if rustix::process::getuid().is_root() {
        if Command::new("setpriv").arg("--version").output().is_err() {
            eprintln!("skipped: for the one who may write everything no file is read-only");
            return;
        }
        let nobody = [
            "--reuid",
            "65534",
            "--regid",
            "65534",
            "--clear-groups",
            PROGRAM,
        ];
        args.splice(0..0, nobody);
        program = "setpriv";
    }
    let mut pty = Pty::spawn(program, &args, &[], 80, 24).expect("a program");
    let begun = pty.wait_shown(SOON, |screen| {
        screen.contains("本日 1") || screen.contains("saishin:") || screen.contains("エラー")
    });
    if pty.screen().contains("本日 1") {
        assert!(pty.wait_for("書き込めません", SOON), "{}", pty.screen());
        pty.type_keys("427<Enter><Enter>1");
        assert!(pty.wait_for("書き込めません", SOON), "{}", pty.screen());
        assert_eq!(said_saved(&pty.screen()), None, "{}", pty.screen());
        assert!(clinic.record(CHART).open_visit().is_none());
    } else {
        let exit = pty.wait_exit(SOON).expect("it ends");
        assert_eq!(exit.code, 1, "{begun}:\n{}", pty.screen());
        assert!(!pty.screen().trim().is_empty(), "it says why");
    }
    mode(folder, 0o755);
}

// ---- the terminal --------------------------------------------------------------------------

fn occurrences(bytes: &[u8], what: &[u8]) -> usize {
    bytes
        .windows(what.len())
        .filter(|part| *part == what)
        .count()
}

fn position(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|part| part == what)
}

fn assert_given_back(pty: &Pty) {
    assert!(!pty.alternate_screen(), "the alternate screen is left");
    assert!(!pty.bracketed_paste(), "pastes are no longer marked");
    assert!(!pty.raw_mode(), "the line discipline is as it was");
    assert!(pty.cursor().2, "the cursor is to be seen");
}

#[test]
fn the_terminal_is_given_back_however_the_program_ends() {
    let clinic = Clinic::new();
    let mut pty = clinic.start();
    pty.key("F10");
    assert_eq!(pty.wait_exit(SOON).expect("it ends").code, 0);
    assert_given_back(&pty);
    assert!(
        !pty.screen().contains(NAME),
        "no patient stays on the screen:\n{}",
        pty.screen()
    );

    let mut pty = clinic.start();
    open_visit(&mut pty);
    pty.signal(Signal::TERM);
    pty.wait_exit(SOON).expect("it ends");
    assert_given_back(&pty);
    assert!(
        !pty.screen().contains(NAME),
        "no patient stays on the screen:\n{}",
        pty.screen()
    );
}

#[test]
fn nothing_is_asked_of_the_terminal_before_the_first_frame() {
    let clinic = Clinic::new();
    let pty = clinic.start();
    pty.settle(Duration::from_millis(100), SOON);
    let raw = pty.raw_output();
    let frame = position(&raw, b"saishin").expect("a first frame");
    for question in [
        &b"\x1b[c"[..],
        b"\x1b[0c",
        b"\x1b[>",
        b"\x1b[6n",
        b"\x1b[5n",
        b"\x1b]",
        b"\x1b[?u",
        b"\x1bP",
    ] {
        let asked = position(&raw, question);
        assert!(
            asked.is_none_or(|at| at > frame),
            "{question:?} is asked first"
        );
    }
}

#[test]
fn without_colours_an_alert_is_told_by_its_words() {
    let clinic = Clinic::new();
    let mut pty = clinic.start_with(&[("NO_COLOR", "1")]);
    pty.type_keys("388<Enter><Enter>1*+++00");
    pty.type_keys("2 24<Enter>31<Enter>512<Enter><Enter>");
    assert!(pty.wait_for("!!! 重大 TG 512", SOON), "{}", pty.screen());
    let raw = pty.raw_output();
    for colour in [
        "\x1b[31m", "\x1b[38;", "\x1b[48;", "\x1b[35m", ";31m", ";35m",
    ] {
        assert_eq!(occurrences(&raw, colour.as_bytes()), 0, "{colour:?}");
    }
    let looks = pty.styles_at("!!!").expect("the mark of the level");
    assert!(
        looks
            .iter()
            .all(|look| look.foreground == vt100::Color::Default)
    );
}

#[test]
fn left_alone_the_program_sleeps() {
    let clinic = Clinic::new();
    for keys in ["", "427<Enter><Enter>"] {
        let mut pty = clinic.start();
        pty.type_keys(keys);
        // What is read behind the first frame has been read: a busy machine takes its time.
        pty.settle(Duration::from_secs(2), SOON);
        let (bytes, wakes) = (pty.raw_len(), proc::wake_ups(pty.pid()).expect("it runs"));
        std::thread::sleep(Duration::from_secs(3));
        assert_eq!(pty.raw_len(), bytes, "nothing is written after {keys:?}");
        assert_eq!(
            proc::wake_ups(pty.pid()),
            Some(wakes),
            "nothing wakes up after {keys:?}"
        );
    }
}

#[test]
fn keys_that_wait_together_are_answered_in_one_frame() {
    let clinic = Clinic::new();
    let mut pty = clinic.start();
    pty.settle(Duration::from_millis(100), SOON);
    let before = pty.raw_len();
    pty.send(&"\x1b[B".repeat(9));
    let row = |screen: &str| screen.lines().position(|row| row.starts_with('>'));
    assert!(
        pty.wait_shown(SOON, |screen| row(screen) == Some(13)),
        "{}",
        pty.screen()
    );
    pty.settle(Duration::from_millis(50), SOON);
    let raw = pty.raw_output().split_off(before);
    assert_eq!(occurrences(&raw, b"\x1b[?2026h"), 1, "frames for nine keys");
}

// ---- what is pasted -------------------------------------------------------------------------

#[test]
fn a_megabyte_pasted_is_cut_and_the_program_goes_on() {
    let clinic = Clinic::new();
    let mut pty = clinic.start();
    let megabyte = "あ".repeat(350_000);
    pty.send(&format!("\x1b[200~{megabyte}\x1b[201~"));
    assert!(pty.wait_for("該当", SOON), "{}", pty.screen());
    pty.key("Esc");
    open_visit(&mut pty);
    pty.key("m");
    pty.send(&format!("\x1b[200~{megabyte}\x1b[201~"));
    assert!(pty.wait_for("ああああ", SOON), "{}", pty.screen());
    pty.key("Enter");
    assert!(
        pty.wait_for("保存 ", SOON) && pty.wait_for("メモ", SOON),
        "{}",
        pty.screen()
    );
    let record = clinic.record(CHART);
    let memos = &told::visit(&record).expect("a visit").memos;
    assert_eq!(memos.len(), 1);
    assert_eq!(
        memos[0].1.text.chars().count(),
        1_000,
        "as much as a remark takes"
    );
    assert_eq!(
        told::line(&record, "ident.two"),
        "nothing",
        "nothing of it was taken for keys"
    );
}

#[test]
fn what_is_pasted_never_speaks_to_the_terminal() {
    let clinic = Clinic::new();
    let mut pty = clinic.start();
    pty.settle(Duration::from_millis(100), SOON);
    let before = pty.raw_len();
    pty.key("F2");
    assert!(pty.wait_for("患者の登録", SOON), "{}", pty.screen());
    pty.type_keys("20099<Enter>");
    let hostile =
        "\u{1b}]0;title\u{7}\u{1b}[2J\u{9b}31m山\u{202e}田\u{2066}\u{200b}\u{feff}\u{61c}";
    pty.send(&format!("\x1b[200~{hostile}\x1b[201~"));
    assert!(pty.wait_for("山", SOON), "{}", pty.screen());
    pty.type_keys("<Enter><Enter>19900131<Enter>2<Enter>3<Enter>");
    assert!(pty.wait_for("20099", SOON), "{}", pty.screen());
    pty.type_keys("<Esc>");
    pty.type_keys("20099");
    assert!(pty.wait_for("20099", SOON), "{}", pty.screen());
    let raw = pty.raw_output().split_off(before);
    let text = String::from_utf8(raw).expect("what is written is text");
    assert!(!text.contains("\x1b]0;"), "the title is not set");
    assert!(!text.contains("\x1b[2J"), "the screen is not cleared");
    let bad = [
        '\u{7}', '\u{9b}', '\u{202e}', '\u{2066}', '\u{200b}', '\u{feff}', '\u{61c}',
    ];
    for character in bad {
        assert!(
            !text.contains(character),
            "{character:?} reaches the terminal"
        );
    }
}

// ---- what others may see ----------------------------------------------------------------------

#[test]
fn no_patient_is_named_where_other_programs_can_look() {
    let clinic = Clinic::new();
    let mut pty = clinic.start();
    open_visit(&mut pty);
    for place in ["cmdline", "environ", "comm", "status"] {
        let path = format!("/proc/{}/{place}", pty.pid());
        // What may not be read at all tells nobody anything.
        let told = std::fs::read(path).unwrap_or_default();
        for secret in [NAME, CHART, "イトウ"] {
            assert!(
                position(&told, secret.as_bytes()).is_none(),
                "{secret} stands in {place}"
            );
        }
    }
    let title = pty.raw_output();
    assert_eq!(
        occurrences(&title, b"\x1b]0;") + occurrences(&title, b"\x1b]2;"),
        0,
        "no title"
    );
    let files = std::fs::read_dir(clinic.folder.path()).expect("the folder");
    for file in files {
        let name = file.expect("a file").file_name();
        assert!(
            name.to_string_lossy().starts_with("demo.sqlite"),
            "{name:?} was left behind"
        );
    }
}

#[test]
fn told_to_end_while_nothing_can_be_saved_the_program_ends_and_says_so() {
    let clinic = Clinic::new();
    let mut pty = clinic.start();
    open_visit(&mut pty);
    let pid = rustix::process::Pid::from_raw(i32::try_from(pty.pid()).expect("a number"));
    let none = Rlimit {
        current: Some(4_096),
        maximum: None,
    };
    prlimit(pid, Resource::Fsize, none).expect("the limit of a child is ours to set");
    pty.key("1");
    assert!(pty.wait_for("未保存", SOON), "{}", pty.screen());
    pty.signal(Signal::TERM);
    let exit = pty.wait_exit(SOON).expect("it ends, saved or not");
    assert_eq!(exit.code, 1, "{}", pty.screen());
    assert_given_back(&pty);
    assert!(
        pty.screen().contains("保存できない"),
        "how much is lost:\n{}",
        pty.screen()
    );
}
