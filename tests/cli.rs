//! The built program as a shell drives it: every command, every refusal, its
//! status and its one sentence, in both languages.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use tempfile::TempDir;

const PROTOCOL: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/assets/protocols/isotretinoin.toml"
);

/// The program with a home of its own, in English unless told otherwise.
fn saishin(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_saishin"));
    command
        .env_clear()
        .env("HOME", home)
        .env("LC_ALL", "C")
        .current_dir(home);
    if let Some(root) = std::env::var_os("SystemRoot") {
        command.env("SystemRoot", root);
    }
    command
}

fn home() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

struct Ran {
    status: i32,
    out: String,
    err: String,
}

fn run(command: &mut Command) -> Ran {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("readable text");
    Ran {
        status: status.code().expect("it ends by itself"),
        out: text(stdout),
        err: text(stderr),
    }
}

fn say<S: AsRef<OsStr>>(home: &Path, args: &[S]) -> Ran {
    run(saishin(home).args(args))
}

/// Wrong and said: status 1, nothing on standard output, one sentence.
fn refused<S: AsRef<OsStr>>(home: &Path, args: &[S], sentence: &str) {
    let ran = say(home, args);
    assert_eq!((ran.status, ran.out.as_str()), (1, ""), "{}", ran.err);
    assert_eq!(ran.err.trim_end(), sentence);
}

/// The invented clinic, written once.
fn demo() -> &'static Path {
    static MADE: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, file) = MADE.get_or_init(|| {
        let folder = home();
        let file = folder.path().join("demo.sqlite");
        let ran = say(
            folder.path(),
            &["demo".as_ref(), "--write".as_ref(), file.as_os_str()],
        );
        assert_eq!(ran.status, 0, "{}", ran.err);
        assert!(
            ran.out.starts_with("Wrote 34 invented patients to "),
            "{}",
            ran.out
        );
        (folder, file)
    });
    file
}

fn on_demo(args: &[&str]) -> Ran {
    let home = home();
    run(saishin(home.path()).arg("--db").arg(demo()).args(args))
}

#[test]
fn help_and_version_need_nothing_and_speak_both_languages() {
    let home = home();
    let ja = say(home.path(), &["--lang", "ja", "--help"]);
    assert_eq!((ja.status, ja.err.as_str()), (0, ""));
    for word in [
        "使い方: saishin [オプション] [コマンド]",
        "コマンド:",
        "オプション:",
        "--db <FILE>",
    ] {
        assert!(ja.out.contains(word), "{word} in {}", ja.out);
    }
    let en = say(home.path(), &["--help"]);
    assert!(en.out.contains("Usage: saishin [OPTIONS] [COMMAND]"));
    assert!(en.out.contains("dermatologist's signature"));
    for command in [
        "demo",
        "init",
        "open",
        "note",
        "import",
        "verify",
        "protocol",
        "completions",
    ] {
        assert!(en.out.contains(&format!("  {command} ")), "{command}");
        let ran = say(home.path(), &["--lang=ja", command, "--help"]);
        assert_eq!(ran.status, 0);
        assert!(
            ran.out.contains("使い方: saishin [オプション] "),
            "{}",
            ran.out
        );
        assert!(
            !ran.out.contains("Usage") && !ran.out.contains("Options"),
            "{}",
            ran.out
        );
    }
    for lang in ["ja", "en"] {
        let ran = say(home.path(), &["--version", "--lang", lang]);
        assert_eq!(
            ran.out.trim_end(),
            concat!("saishin ", env!("CARGO_PKG_VERSION"))
        );
    }
}

#[test]
fn the_locale_chooses_the_language_and_plain_posix_is_english() {
    let home = home();
    for (locale, japanese) in [
        ("ja_JP.UTF-8", true),
        ("C", false),
        ("POSIX", false),
        ("de_DE", false),
    ] {
        let ran = run(saishin(home.path()).env("LC_ALL", locale).arg("--help"));
        assert_eq!(ran.out.contains("使い方"), japanese, "{locale}");
    }
    let ran = run(saishin(home.path())
        .env("LC_ALL", "ja_JP.UTF-8")
        .args(["--lang", "en", "--help"]));
    assert!(ran.out.contains("Usage"));
}

#[test]
fn wrong_usage_ends_with_two_and_one_sentence() {
    let home = home();
    let cases: &[(&[&str], &str, &str)] = &[
        (
            &["foo"],
            "“foo” is not known here. See saishin --help.",
            "「foo」は知らない引数です。saishin --help で一覧を見られます。",
        ),
        (
            &["--foo"],
            "“--foo” is not known here. See saishin --help.",
            "「--foo」は知らない引数です。saishin --help で一覧を見られます。",
        ),
        (
            &["init"],
            "<FILE> is missing. See saishin --help.",
            "<FILE> が足りません。saishin --help で使い方を見られます。",
        ),
        (
            &["open"],
            "<CHART-NUMBER> is missing. See saishin --help.",
            "<CHART-NUMBER> が足りません。saishin --help で使い方を見られます。",
        ),
        (
            &["protocol"],
            "COMMAND is missing. See saishin --help.",
            "コマンド が足りません。saishin --help で使い方を見られます。",
        ),
        (
            &["completions", "cmd"],
            "“cmd” cannot be used. Use one of bash, elvish, fish, powershell, zsh.",
            "「cmd」は使えません。使えるのは bash, elvish, fish, powershell, zsh です。",
        ),
        (
            &["verify", "--db", "a", "--db", "b"],
            "--db <FILE> can be used only once.",
            "--db <FILE> は一度だけ使えます。",
        ),
        (
            &["--db", "a", "init", "b"],
            "--db FILE, FILE cannot be used together. Leave one out.",
            "--db FILE, FILE は一緒に使えません。どちらかを省いてください。",
        ),
    ];
    for (args, en, ja) in cases {
        for (lang, sentence) in [("en", en), ("ja", ja)] {
            let ran = run(saishin(home.path()).args(*args).args(["--lang", lang]));
            assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{args:?}");
            assert_eq!(ran.err.trim_end(), *sentence);
        }
    }
    let ran = say(home.path(), &["--lang", "xx", "verify"]);
    assert_eq!(
        (ran.status, ran.err.trim_end()),
        (2, "“xx” cannot be used. Use one of ja, en.")
    );
}

#[cfg(unix)]
#[test]
fn what_is_no_text_is_refused_and_never_a_crash() {
    use std::os::unix::ffi::OsStrExt;
    let home = home();
    let broken = OsStr::from_bytes(b"1\xff\x1b[2J");
    let cases: &[(&[&OsStr], i32)] = &[
        (&[broken], 2),
        (&["open".as_ref(), broken], 2),
        (&["note".as_ref(), broken], 2),
        (
            &["note".as_ref(), "1".as_ref(), "--date".as_ref(), broken],
            2,
        ),
        (&["--lang".as_ref(), broken], 2),
        (&["completions".as_ref(), broken], 2),
        (&["--db".as_ref(), broken, "verify".as_ref()], 1),
        (&["protocol".as_ref(), "check".as_ref(), broken], 1),
    ];
    for (args, status) in cases {
        let ran = say(home.path(), args);
        assert_eq!(ran.status, *status, "{args:?} {}", ran.err);
        assert!(
            !ran.err.is_empty() && !ran.err.contains(['\x1b', '\u{7}']),
            "{:?}",
            ran.err
        );
        assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
    }
}

#[test]
fn the_screens_need_a_terminal_and_touch_nothing_without_one() {
    let home = home();
    for args in [&[][..], &["open", "10427"], &["demo"]] {
        refused(
            home.path(),
            args,
            "saishin needs a terminal. Start it without a pipe.",
        );
    }
    assert_eq!(home.path().read_dir().expect("a folder").count(), 0);
    let ran = say(home.path(), &["--lang", "ja"]);
    assert_eq!(
        ran.err.trim_end(),
        "端末の画面が必要です。パイプを通さずに起動してください。"
    );
}

#[test]
fn init_makes_a_file_once() {
    let home = home();
    let ran = say(home.path(), &["init", "clinic.sqlite"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert_eq!(
        ran.out.trim_end(),
        "Made clinic.sqlite. To start: saishin --db clinic.sqlite"
    );
    let sentence = "clinic.sqlite exists already. Choose another name; nothing was changed.";
    refused(home.path(), &["init", "clinic.sqlite"], sentence);
    refused(home.path(), &["demo", "--write", "clinic.sqlite"], sentence);
    let ran = run(saishin(home.path())
        .env("SAISHIN_DB", "clinic.sqlite")
        .arg("verify"));
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(
        (ran.status, lines[1], lines[3]),
        (0, "entries 0", "intact"),
        "{}",
        ran.err
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = home
            .path()
            .join("clinic.sqlite")
            .metadata()
            .expect("there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn a_file_that_is_not_there_is_refused_with_the_command_that_makes_it() {
    let home = home();
    refused(
        home.path(),
        &["--db", "no such.sqlite", "verify"],
        "There is no 'no such.sqlite'. To make it: saishin init 'no such.sqlite'",
    );
    let ran = run(saishin(home.path())
        .env("SAISHIN_DB", "nix")
        .args(["--lang", "ja", "note", "1"]));
    assert_eq!(ran.status, 1);
    assert_eq!(
        ran.err.trim_end(),
        "nix がありません。新しく作るには: saishin init nix"
    );
    refused(
        home.path(),
        &["verify"],
        "There is no record yet. Start saishin and register a patient.",
    );
    assert_eq!(home.path().read_dir().expect("a folder").count(), 0);
}

#[test]
fn files_of_other_kinds_are_refused_untouched() {
    let home = home();
    let file = |name: &str| home.path().join(name);
    std::fs::write(file("empty"), "").expect("written");
    std::fs::write(file("text"), "x".repeat(4000)).expect("written");
    std::fs::create_dir(file("folder")).expect("made");
    let foreign = rusqlite::Connection::open(file("foreign")).expect("made");
    foreign
        .execute_batch("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
        .expect("filled");
    drop(foreign);
    assert_eq!(say(home.path(), &["init", "newer"]).status, 0);
    let newer = rusqlite::Connection::open(file("newer")).expect("opened");
    newer
        .execute_batch("PRAGMA user_version = 99")
        .expect("raised");
    drop(newer);
    let cases = [
        (
            "empty",
            "empty is empty. Restore it from a backup, or delete it and run saishin init empty.",
        ),
        (
            "text",
            "text is not a file of records. Check what --db names.",
        ),
        ("folder", "folder is a folder. Name a file in it."),
        (
            "foreign",
            "foreign belongs to another program. Check what --db names; nothing was changed.",
        ),
        (
            "newer",
            "newer was written by a newer version (format 99). Update saishin; nothing was changed.",
        ),
    ];
    for (name, sentence) in cases {
        let before = std::fs::read(file(name)).ok();
        refused(home.path(), &["--db", name, "verify"], sentence);
        refused(home.path(), &["--db", name, "note", "1"], sentence);
        assert_eq!(std::fs::read(file(name)).ok(), before, "{name}");
    }
    assert_eq!(
        home.path().read_dir().expect("a folder").count(),
        cases.len()
    );
}

#[test]
fn the_invented_clinic_is_intact_and_its_notes_can_be_read() {
    let verified = on_demo(&["verify"]);
    let lines: Vec<&str> = verified.out.lines().collect();
    assert_eq!(
        (verified.status, lines.len(), lines[3]),
        (0, 4, "intact"),
        "{}",
        verified.out
    );
    assert!(lines[2].starts_with("head ") && lines[2].len() == 69);
    assert_eq!(verified.err, "", "no progress where nobody watches");

    let ja = on_demo(&["note", "10388", "--lang", "ja"]);
    assert_eq!(
        (ja.status, ja.err.trim_end()),
        (0, "架空の患者の記載です。")
    );
    assert!(ja.out.starts_with("[10388 男 19歳] "), "{}", ja.out);
    let en = on_demo(&["note", "１０３８８"]);
    assert!(en.out.starts_with("[10388 M 19"), "{}", en.out);

    let amended = on_demo(&["note", "10330"]);
    assert!(amended.out.contains("部活"), "{}", amended.out);
}

#[test]
fn an_unsigned_visit_is_said_to_be_one() {
    let latest = on_demo(&["note", "10512"]);
    assert_eq!(latest.status, 0);
    assert!(
        latest
            .err
            .contains("is not signed yet. This is the note of "),
        "{}",
        latest.err
    );
    assert!(!latest.out.contains("UNSIGNED"));
    let today = on_demo(&["note", "10512", "--date", "today"]);
    assert_eq!(today.status, 0, "{}", today.err);
    assert!(today.out.starts_with("[DRAFT, UNSIGNED] "), "{}", today.out);
    let voided = on_demo(&["note", "10379", "--date", "-68d"]);
    assert_eq!(voided.status, 0, "{}", voided.err);
    assert!(
        voided.out.contains("10512"),
        "where it was entered again: {}",
        voided.out
    );
}

#[test]
fn a_note_that_is_not_there_is_said_not_to_be() {
    let ran = on_demo(&["note", "99999"]);
    let sentence = "No patient has chart number 99999. Check the number.";
    assert_eq!(
        (ran.status, ran.out.as_str(), ran.err.trim_end()),
        (1, "", sentence)
    );
    let ran = on_demo(&["note", "10555", "--lang", "ja"]);
    assert_eq!(
        (ran.status, ran.err.trim_end()),
        (1, "カルテ番号 10555 に署名された受診はありません。")
    );
    let ran = on_demo(&["note", "10388", "--date", "2001-02-03"]);
    assert_eq!(ran.status, 1);
    assert!(
        ran.err.starts_with("Chart number 10388 has no visit on "),
        "{}",
        ran.err
    );
    let ran = on_demo(&["note", "10388", "--date", "2026-02-30"]);
    assert_eq!(
        (ran.status, ran.err.trim_end()),
        (2, "“2026-02-30”: there is no such day")
    );
}

#[test]
fn an_altered_record_is_found_and_named() {
    let home = home();
    let file = home.path().join("altered.sqlite");
    std::fs::copy(demo(), &file).expect("copied");
    let conn = rusqlite::Connection::open(&file).expect("opened");
    let guards: Vec<String> = conn
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
        .and_then(|mut s| s.query_map([], |row| row.get(0))?.collect())
        .expect("read");
    for guard in guards {
        conn.execute_batch(&format!("DROP TRIGGER {guard}"))
            .expect("dropped");
    }
    conn.execute_batch("UPDATE person SET name = 'X'")
        .expect("altered");
    drop(conn);
    for (lang, last) in [("en", "entry 1: "), ("ja", "記録1: ")] {
        let ran = say(
            home.path(),
            &["--lang", lang, "--db", "altered.sqlite", "verify"],
        );
        assert_eq!(ran.status, 1);
        assert!(
            ran.out.lines().any(|line| line.starts_with(last)),
            "{}",
            ran.out
        );
        assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
    }
}

#[test]
fn a_row_of_the_lists_that_differs_from_the_record_is_found_and_told() {
    let home = home();
    let file = home.path().join("strayed.sqlite");
    std::fs::copy(demo(), &file).expect("copied");
    let conn = rusqlite::Connection::open(&file).expect("opened");
    // The lists are no facts: any tool may write there.
    let sql = "UPDATE line SET last_visit = '2001-01-01' WHERE chart_number = '10427'";
    assert_eq!(conn.execute(sql, []).expect("altered"), 1);
    drop(conn);
    for (lang, row) in [("en", "(last_visit)"), ("ja", "(last_visit)")] {
        let ran = say(
            home.path(),
            &["--lang", lang, "--db", "strayed.sqlite", "verify"],
        );
        assert_eq!(ran.status, 1, "{}", ran.out);
        let told = ran.out.lines().filter(|line| line.ends_with(row));
        assert_eq!(told.count(), 1, "{}", ran.out);
        assert!(ran.err.contains("saishin due --rebuild"), "{}", ran.err);
        assert!(!(ran.out + &ran.err).contains("10427"));
    }
}

#[test]
fn a_protocol_file_is_checked_to_the_word() {
    let home = home();
    let good = say(home.path(), &["protocol", "check", PROTOCOL]);
    assert_eq!(good.status, 0, "{}", good.err);
    assert!(
        good.out.starts_with("protocol isotretinoin 1.0\n"),
        "{}",
        good.out
    );
    assert!(good.out.contains("SHA-256 ") && good.out.contains(" rules, "));

    let source = std::fs::read_to_string(PROTOCOL).expect("there");
    let wrong = source.replacen("kind = \"grade\"", "kind = \"grad\"", 1);
    std::fs::write(home.path().join("wrong.toml"), wrong).expect("written");
    let ran = say(home.path(), &["protocol", "check", "wrong.toml"]);
    let line = 1 + source
        .lines()
        .position(|l| l == "kind = \"grade\"")
        .expect("a grade");
    assert_eq!((ran.status, ran.out.as_str()), (1, ""));
    assert!(
        ran.err.starts_with(&format!("wrong.toml:{line}:")),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("grad"), "{}", ran.err);

    let untrue = source.replacen("fires = true", "fires = false", 1);
    std::fs::write(home.path().join("untrue.toml"), untrue).expect("written");
    let ran = say(home.path(), &["protocol", "check", "untrue.toml"]);
    assert_eq!(ran.status, 1, "{}", ran.out);

    std::fs::write(home.path().join("latin"), b"id = \"\xe9\"").expect("written");
    refused(
        home.path(),
        &["protocol", "check", "latin"],
        "latin is not UTF-8 text.",
    );
    let ran = say(home.path(), &["protocol", "check", "nix"]);
    assert_eq!(ran.status, 1);
    assert!(ran.err.starts_with("nix cannot be read ("), "{}", ran.err);
}

#[test]
fn every_shell_gets_its_completions() {
    let home = home();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ran = say(home.path(), &["completions", shell]);
        assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{shell}");
        assert!(
            ran.out.contains("saishin") && ran.out.contains("verify"),
            "{shell}"
        );
    }
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_error() {
    use std::process::Stdio;
    let home = home();
    let mut child = saishin(home.path())
        .args(["completions", "bash"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    drop(child.stdout.take());
    let ended = child.wait_with_output().expect("it ends");
    assert_eq!((ended.status.code(), ended.stderr.len()), (Some(0), 0));
}

/// With a terminal of its own, so that it gets past the first refusal.
#[cfg(target_os = "linux")]
mod in_a_terminal {
    use super::*;
    use portable_pty::{CommandBuilder, PtySize, native_pty_system};
    use std::io::{Read, Write};

    /// F10 leaves the lists.
    const LEAVE: &[u8] = b"\x1b[21~";

    fn shown(home: &Path, env: &[(&str, &str)], args: &[&str]) -> (u32, String) {
        let pty = native_pty_system();
        let size = PtySize {
            rows: 24,
            cols: 80,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = pty.openpty(size).expect("a terminal");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_saishin"));
        command.env_clear();
        command.env("LC_ALL", "C");
        command.env("TERM", "xterm");
        command.env("HOME", home);
        env.iter()
            .for_each(|(name, value)| command.env(name, value));
        command.cwd(home);
        command.args(args);
        let mut child = pair.slave.spawn_command(command).expect("it starts");
        drop(pair.slave);
        // Waits in the terminal for a program that gets as far as reading it.
        let mut keys = pair.master.take_writer().expect("a keyboard");
        keys.write_all(LEAVE).expect("typed");
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let mut out = Vec::new();
        // The terminal ends with an error when the program does.
        let _ = reader.read_to_end(&mut out);
        let status = child.wait().expect("it ends");
        // A terminal in its own mode echoes what is typed.
        let said = String::from_utf8_lossy(&out).replacen("^[[21~", "", 1);
        (status.exit_code(), said.trim_end().to_owned())
    }

    #[test]
    fn the_screens_refuse_the_wrong_kind_of_file() {
        let home = home();
        let made = demo().to_string_lossy().into_owned();
        let (status, said) = shown(home.path(), &[], &["--db", &made]);
        let sentence =
            format!("{made} holds invented patients only. To see it: saishin demo --db {made}");
        assert_eq!((status, said.replace("\r\n", "")), (1, sentence));
        assert_eq!(say(home.path(), &["init", "own"]).status, 0);
        let (status, said) = shown(home.path(), &[], &["demo", "--db", "own"]);
        assert_eq!(
            (status, &*said),
            (1, "own is a clinic's own record, so demo does not open it.")
        );
        let (status, said) = shown(home.path(), &[], &["--db", "nix"]);
        assert_eq!(
            (status, &*said),
            (1, "There is no nix. To make it: saishin init nix")
        );
        let (status, said) = shown(home.path(), &[], &["demo", "--db", "nix"]);
        let sentence =
            "There is no nix. To make it with invented patients: saishin demo --write nix";
        assert_eq!((status, &*said), (1, sentence));
        let (status, said) = shown(home.path(), &[("SAISHIN_DB", "own")], &["open", "7"]);
        assert_eq!(
            (status, &*said),
            (1, "No patient has chart number 7. Check the number.")
        );
    }

    #[test]
    fn the_usual_place_is_made_on_first_use_for_this_account_only() {
        use std::os::unix::fs::PermissionsExt;
        let home = home();
        let (status, said) = shown(home.path(), &[], &["open", "7"]);
        assert_eq!(
            (status, &*said),
            (1, "No patient has chart number 7. Check the number.")
        );
        let folder = home.path().join(".local/share/saishin");
        let mode = |path: &Path| path.metadata().expect("there").permissions().mode() & 0o777;
        assert_eq!(
            (mode(&folder), mode(&folder.join("saishin.sqlite"))),
            (0o700, 0o600)
        );
        let elsewhere = home.path().join("data");
        let data = elsewhere.to_string_lossy().into_owned();
        shown(home.path(), &[("XDG_DATA_HOME", &data)], &["open", "7"]);
        assert!(elsewhere.join("saishin/saishin.sqlite").exists());
    }

    #[test]
    fn a_home_that_is_not_there_or_cannot_be_written_is_named() {
        let home = home();
        let blocked = home.path().join("blocked");
        std::fs::write(&blocked, "x").expect("written");
        let nowhere = blocked.to_string_lossy().into_owned();
        let (status, said) = shown(home.path(), &[("HOME", &nowhere)], &["open", "7"]);
        let sentence = format!(
            "{nowhere}/.local/share/saishin/saishin.sqlite cannot be opened. \
             Check the permissions of the file and its folder."
        );
        assert_eq!((status, said.replace("\r\n", "")), (1, sentence));
        let ran = run(saishin(home.path()).env("HOME", &nowhere).arg("--help"));
        assert_eq!(ran.status, 0, "{}", ran.err);
    }

    #[test]
    fn the_throwaway_clinic_leaves_nothing_behind() {
        let home = home();
        let temp = home.path().join("tmp");
        std::fs::create_dir(&temp).expect("made");
        let there = temp.to_string_lossy().into_owned();
        let nowhere = home.path().join("nowhere").to_string_lossy().into_owned();
        let (status, said) = shown(home.path(), &[("TMPDIR", &nowhere)], &["demo"]);
        assert_eq!(status, 1);
        assert!(
            said.starts_with("No temporary folder could be made"),
            "{said}"
        );
        let (_, said) = shown(home.path(), &[("TMPDIR", &there)], &["demo"]);
        assert_eq!(temp.read_dir().expect("a folder").count(), 0, "{said}");
    }
}

#[test]
fn what_is_due_is_told_with_its_sum_in_both_languages() {
    let one = on_demo(&["due", "10388", "--explain"]);
    assert_eq!(one.status, 0, "{}", one.err);
    let said = |ran: &Ran, start: &str, end: &str| {
        let found = |line: &str| line.trim_start().starts_with(start) && line.ends_with(end);
        assert!(ran.out.lines().any(found), "{start} .. {end}\n{}", ran.out);
    };
    said(&one, "blood: last draw ", ", 5 d over");
    said(&one, "visit: planned ", ", today");
    assert_eq!(one.err.trim_end(), "These patients are invented.");
    let ja = on_demo(&["--lang", "ja", "due", "10388", "--explain"]);
    said(&ja, "採血: 前回採血 ", "、5日超過");
    let brief = on_demo(&["due", "10388"]);
    said(&brief, "blood 5 d over", "");
    assert!(!brief.out.contains("last draw"));
}

#[test]
fn the_gate_ledger_is_one_page_that_says_who_asked_and_when() {
    for (args, first, test) in [
        (
            &["gates", "10427"][..],
            "Gate ledger",
            "pregnancy test negative",
        ),
        (
            &["--lang", "ja", "gates", "１０４２７"],
            "処方前確認の記録",
            "妊娠検査 陰性",
        ),
    ] {
        let ran = on_demo(args);
        assert_eq!(ran.status, 0, "{}", ran.err);
        assert!(ran.out.starts_with(first), "{}", ran.out);
        for words in ["10427 伊藤 さくら", test, "2026-04", "鈴木 恵 09:05"] {
            let there = ran.out.to_lowercase().contains(words);
            assert!(there, "{words}:\n{}", ran.out);
        }
        // A sheet of A4 has some sixty lines; the patient is named once.
        assert!(ran.out.lines().count() <= 60, "{}", ran.out);
        assert_eq!(ran.out.matches("10427").count(), 1);
    }
    let nobody = on_demo(&["gates", "99999"]);
    assert_eq!((nobody.status, nobody.out.as_str()), (1, ""));
}

#[test]
fn the_lists_of_a_day_give_every_patient_a_reason() {
    for args in [&["due"][..], &["due", "--on", "+4w"], &["due", "--explain"]] {
        let ran = on_demo(args);
        assert_eq!(ran.status, 0, "{}", ran.err);
        assert!(ran.out.starts_with("Today "), "{}", ran.out);
        assert!(ran.out.contains("\nFollow-up: "), "{}", ran.out);
        let rows = ran.out.lines().filter(|line| line.starts_with("  1"));
        let mut count = 0;
        for row in rows {
            count += 1;
            // Number, name, sex and age; then two blanks and why.
            assert!(row.trim_start().contains("  "), "no reason: {row}");
        }
        assert!(count > 10, "{}", ran.out);
    }
    let explained = on_demo(&["due", "--explain"]).out;
    assert!(explained.contains("      blood: last draw "), "{explained}");
    let (now, later) = (on_demo(&["due"]).out, on_demo(&["due", "--on", "+4w"]).out);
    assert_ne!(now, later);
}

#[test]
fn a_day_that_cannot_be_read_is_a_wrong_argument() {
    let ran = on_demo(&["due", "--on", "soon"]);
    assert_eq!((ran.status, ran.out.as_str()), (2, ""));
    let nobody = on_demo(&["due", "99999"]);
    assert_eq!((nobody.status, nobody.out.as_str()), (1, ""));
}

#[test]
fn the_rows_of_the_lists_are_rebuilt_and_then_the_same() {
    let home = home();
    let file = home.path().join("copy.sqlite");
    std::fs::copy(demo(), &file).expect("a copy");
    let rebuild = |lang: &str| {
        run(saishin(home.path())
            .arg("--db")
            .arg(&file)
            .args(["due", "--rebuild", "--lang", lang]))
    };
    for lang in ["en", "ja"] {
        let ran = rebuild(lang);
        assert_eq!(ran.status, 0, "{}", ran.err);
        assert!(
            ran.out.contains("34") && ran.out.contains('0'),
            "{}",
            ran.out
        );
    }
    let both = on_demo(&["due", "--rebuild", "--explain"]);
    assert_eq!(both.status, 2, "{}", both.err);
}

// ---- a laboratory that nobody knows --------------------------------------------------

const OUR_LAB: &str = r#"
name = "next-door"
label = { ja = "隣の検査所", en = "The laboratory next door" }
separator = "|"
header_lines = 1
header = ["WHO", "WHAT"]
dates = ["%d.%m.%Y"]
columns = ["chart_number", "birth", "sex", "drawn", "code", "value", "unit", "flag"]

[sex]
"w" = "female"

[[code]]
code = "K7"
analyte = "alt"
"#;

const OUR_ROWS: &str = "WHO|BORN|SEX|DAY|WHAT|VALUE|UNIT|FLAG\n\
                        10427|07.07.2002|w|20.11.2026|K7|75|U/L|H\n\
                        10427|07.07.2002|w|20.11.2026|Q1|negative||\n";

#[test]
fn a_layout_of_the_clinics_own_is_found_beside_its_record_or_named() {
    let home = home();
    let at = |name: &str| home.path().join(name);
    std::fs::create_dir_all(at("clinic/layouts")).unwrap();
    std::fs::write(at("ours.toml"), OUR_LAB).unwrap();
    std::fs::write(at("results.txt"), OUR_ROWS).unwrap();
    assert_eq!(say(home.path(), &["init", "clinic/c.db"]).status, 0);
    let import = ["--db", "clinic/c.db", "import", "results.txt"];
    let ran = say(home.path(), &import);
    assert_eq!(ran.status, 1, "{}", ran.out);
    assert!(
        ran.out.contains("no layout declares its columns"),
        "{}",
        ran.out
    );

    let named = [
        "--db",
        "clinic/c.db",
        "import",
        "--dry-run",
        "--layout",
        "ours.toml",
        "results.txt",
    ];
    let ran = say(home.path(), &named);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{}", ran.out);
    assert!(
        ran.out
            .starts_with("results.txt: csv next-door ASCII  2 results"),
        "{}",
        ran.out
    );

    std::fs::rename(at("ours.toml"), at("clinic/layouts/ours.toml")).unwrap();
    std::fs::write(at("clinic/layouts/notes.txt"), "not a layout").unwrap();
    let ran = say(home.path(), &import);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{}", ran.out);
    assert_eq!(
        ran.out.lines().last(),
        Some("2 results, 0 refused, 2 unmatched, 1 files")
    );
}

#[test]
fn a_wrong_layout_is_refused_by_file_line_column_and_word() {
    let home = home();
    let at = |name: &str| home.path().join(name);
    std::fs::create_dir_all(at("layouts")).unwrap();
    std::fs::write(at("results.txt"), OUR_ROWS).unwrap();
    let wrong = OUR_LAB.replace("\"drawn\"", "\"drwan\"");
    std::fs::write(at("layouts/ours.toml"), wrong).unwrap();
    assert_eq!(say(home.path(), &["init", "c.db"]).status, 0);
    let import = ["--db", "c.db", "import", "results.txt"];
    let ran = say(home.path(), &import);
    assert_eq!((ran.status, ran.out.as_str()), (1, ""));
    let sentence = "ours.toml:8:44: \"drwan\": unknown word, expected laboratory, patient_id";
    assert!(ran.err.starts_with(sentence), "{}", ran.err);
    let japanese = ["--lang", "ja", "--db", "c.db", "import", "results.txt"];
    let ran = say(home.path(), &japanese);
    assert!(
        ran.err
            .contains("ours.toml:8:44: \"drwan\": 知らない語です"),
        "{}",
        ran.err
    );

    // Of two files with one name neither is taken.
    std::fs::write(at("layouts/ours.toml"), OUR_LAB).unwrap();
    std::fs::write(at("layouts/z.toml"), OUR_LAB).unwrap();
    refused(
        home.path(),
        &import,
        "z.toml:2:9: \"next-door\": is given twice",
    );
    std::fs::write(
        at("layouts/z.toml"),
        b"name = \"a\"\nlabel = \"\x83\x65\"\n",
    )
    .unwrap();
    refused(home.path(), &import, "z.toml:2:1: \"\": UTF-8");
    // Nothing else asks for layouts.
    assert_eq!(say(home.path(), &["--db", "c.db", "verify"]).status, 0);
}
