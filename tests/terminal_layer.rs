//! The terminal is taken, listened to and given back: by a small program that is
//! this test program itself, started again in a terminal of its own.
#![cfg(target_os = "linux")]

mod support;

use ratatui::Frame;
use ratatui::layout::Position;
use ratatui::style::Style;
use ratatui::widgets::Paragraph;
use rustix::process::Signal;
use saishin::app::input::{self, Input};
use saishin::app::process;
use saishin::app::terminal::{self, Screen};
use saishin::keys::Key;
use std::os::unix::fs::PermissionsExt;
use std::sync::mpsc;
use std::time::{Duration, Instant};
use support::proc;
use support::pty::{Exit, Pty};

const CHILD: &str = "SAISHIN_TEST_CHILD";
const SOON: Duration = Duration::from_secs(5);
const SECRET: &str = "a patient's name";

// ---- the program under test -------------------------------------------------------

#[derive(Default)]
struct Shown {
    lines: Vec<String>,
    panics: bool,
}

/// Does nothing as a test; as the child it is the program.
#[test]
fn child() {
    let Ok(mode) = std::env::var(CHILD) else {
        return;
    };
    terminal::install_panic_hook("The program has stopped; what was saved is safe.");
    let code = match run(&mode) {
        Ok(()) => 0,
        Err(why) => {
            eprintln!("error: {why}");
            3
        }
    };
    std::process::exit(code);
}

fn run(mode: &str) -> std::io::Result<()> {
    if mode == "hardened" {
        return harden();
    }
    terminal::check().map_err(std::io::Error::other)?;
    let (sender, inbox) = mpsc::channel();
    input::start(move |one| sender.send(one).is_ok())?;
    let mut screen = Screen::enter()?;
    let mut shown = Shown::default();
    screen.draw(|frame| view(&shown, frame))?;
    for one in inbox {
        let ends = matches!(one, Input::Gone) || (mode != "deaf" && one == Input::Terminate);
        if ends {
            if mode == "deaf" {
                // Left running without work, so that its idleness can be measured.
                std::thread::sleep(Duration::from_millis(700));
            }
            return Ok(());
        }
        if let Input::Resize(..) = one {
            screen.full_redraw();
        }
        if answer(&mut screen, &mut shown, &one)? {
            return Ok(());
        }
        screen.draw(|frame| view(&shown, frame))?;
    }
    Ok(())
}

/// Says what the protections at start have come to.
fn harden() -> std::io::Result<()> {
    println!("missing {:?}", process::harden());
    println!("{}", std::fs::read_to_string("/proc/self/status")?);
    println!("{}", std::fs::read_to_string("/proc/self/limits")?);
    let file = std::env::temp_dir().join(format!("hardened-{}", std::process::id()));
    std::fs::write(&file, [0; 100])?;
    let status = std::fs::metadata(&file)?;
    std::fs::remove_file(&file)?;
    println!("mode {:o}", status.permissions().mode() & 0o777);
    let dumpable = rustix::process::dumpable_behavior()?;
    println!("{dumpable:?}");
    Ok(())
}

/// Whether the program is to end.
fn answer(screen: &mut Screen, shown: &mut Shown, one: &Input) -> std::io::Result<bool> {
    shown.lines.push(told(one));
    let Input::Keys { keys, .. } = one else {
        return Ok(false);
    };
    match keys.as_slice() {
        [Key::Char('q')] => return Ok(true),
        [Key::Char('p')] => shown.panics = true,
        [Key::Char('P')] => {
            let other = std::thread::spawn(|| panic!("{SECRET}"));
            let _ = other.join();
        }
        [Key::Char('w')] => screen.ask_width()?,
        [Key::Ctrl('z')] => screen.suspend()?,
        _ => {}
    }
    Ok(false)
}

fn view(shown: &Shown, frame: &mut Frame) {
    assert!(!shown.panics, "{SECRET}");
    let area = frame.area();
    let first = shown.lines.len().saturating_sub(8);
    let text = format!(
        "ready {}x{} inputs {}\n{}",
        area.width,
        area.height,
        shown.lines.len(),
        shown.lines[first..].join("\n")
    );
    frame.render_widget(Paragraph::new(text), area);
    let marked = Style::new().red().bold().reversed();
    let last = area.bottom().saturating_sub(1);
    let buffer = frame.buffer_mut();
    buffer.set_stringn(0, last, "選択 marked", area.width.into(), marked);
    frame.set_cursor_position(Position::new(2, 1));
}

fn told(one: &Input) -> String {
    match one {
        Input::Keys { keys, .. } => format!("keys {keys:?}"),
        Input::Burst(text) => format!("burst {text:?}"),
        Input::Paste(text) if text.len() > 40 => format!("paste of {} bytes", text.len()),
        Input::Paste(text) => format!("paste {text:?}"),
        other => format!("{other:?}"),
    }
}

fn start(mode: &str, columns: u16, rows: u16) -> Pty {
    let program = std::env::current_exe().unwrap();
    let args = ["--exact", "child", "--nocapture"];
    Pty::spawn(program, &args, &[(CHILD, mode)], columns, rows).unwrap()
}

fn ready() -> Pty {
    let pty = start("plain", 80, 24);
    assert!(pty.wait_for("ready 80x24 inputs 0", SOON));
    pty
}

fn ended(pty: &mut Pty) -> Exit {
    pty.wait_exit(SOON).expect("the program ends")
}

fn assert_given_back(pty: &Pty) {
    assert!(!pty.alternate_screen(), "the alternate screen is left");
    assert!(!pty.bracketed_paste(), "pastes are no longer marked");
    assert!(!pty.raw_mode(), "the line discipline is as it was");
    assert!(pty.cursor().2, "the cursor is to be seen");
    let count = occurrences(&pty.raw_output(), b"\x1b[?1049l");
    assert_eq!(count, 1, "the terminal is given back once");
}

fn occurrences(bytes: &[u8], what: &[u8]) -> usize {
    bytes
        .windows(what.len())
        .filter(|part| *part == what)
        .count()
}

// ---- taking and giving back -------------------------------------------------------

#[test]
fn the_terminal_is_taken_and_given_back() {
    let mut pty = ready();
    assert!(pty.alternate_screen() && pty.bracketed_paste() && pty.raw_mode());
    assert_eq!(pty.cursor(), (1, 2, true));
    pty.key("q");
    assert_eq!(ended(&mut pty).code, 0);
    assert_given_back(&pty);
}

#[test]
fn a_panic_gives_the_terminal_back_and_tells_nothing_of_the_patient() {
    let mut pty = ready();
    pty.send("p");
    assert_eq!(ended(&mut pty).code, 1);
    assert_given_back(&pty);
    assert!(
        pty.screen()
            .contains("what was saved is safe. (tests/terminal_layer.rs:")
    );
    assert_eq!(occurrences(&pty.raw_output(), SECRET.as_bytes()), 0);
}

#[test]
fn a_panic_on_another_thread_ends_the_program() {
    let mut pty = ready();
    pty.send("P");
    assert_eq!(ended(&mut pty).code, 1);
    assert_given_back(&pty);
    assert_eq!(occurrences(&pty.raw_output(), SECRET.as_bytes()), 0);
}

#[test]
fn signals_that_ask_to_end_give_the_terminal_back() {
    for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
        let mut pty = ready();
        let begun = Instant::now();
        pty.signal(signal);
        assert_eq!(
            ended(&mut pty),
            Exit {
                code: 0,
                signal: None
            }
        );
        assert!(begun.elapsed() < Duration::from_secs(1));
        assert_given_back(&pty);
    }
}

#[test]
fn a_closed_window_ends_the_program_at_once() {
    let mut pty = ready();
    let begun = Instant::now();
    pty.hang_up();
    assert_eq!(ended(&mut pty).code, 0);
    assert!(begun.elapsed() < Duration::from_secs(1));
}

#[test]
fn a_closed_window_is_noticed_without_its_signal_and_keeps_no_core_busy() {
    let mut pty = start("deaf", 80, 24);
    assert!(pty.wait_for("ready", SOON));
    let before = proc::cpu_time(pty.pid()).unwrap();
    pty.hang_up();
    std::thread::sleep(Duration::from_millis(400));
    let after = proc::cpu_time(pty.pid()).unwrap();
    let used = after.saturating_sub(before);
    assert!(used < Duration::from_millis(50), "{used:?}");
    assert_eq!(ended(&mut pty).code, 0);
}

#[test]
fn a_closed_window_in_the_middle_of_a_sequence_is_noticed_too() {
    let mut pty = ready();
    pty.send("\x1b[1;");
    pty.hang_up();
    assert_eq!(ended(&mut pty).code, 0);
}

#[test]
fn a_stopped_program_draws_everything_when_continued() {
    let mut pty = ready();
    pty.signal(Signal::STOP);
    pty.signal(Signal::CONT);
    assert!(pty.wait_for("Resize(80, 24)", SOON));
    assert!(pty.alternate_screen() && pty.raw_mode());
    pty.key("q");
    assert_eq!(ended(&mut pty).code, 0);
    assert!(!pty.alternate_screen() && !pty.raw_mode());
}

#[test]
fn suspending_where_no_shell_waits_returns_to_the_picture() {
    let mut pty = ready();
    pty.key("C-z");
    assert!(pty.wait_for("keys [Ctrl('z')]", SOON));
    assert!(pty.alternate_screen() && pty.raw_mode());
    assert_eq!(occurrences(&pty.raw_output(), b"\x1b[?1049l"), 1);
    pty.key("q");
    assert_eq!(ended(&mut pty).code, 0);
}

#[test]
fn a_shell_gets_the_terminal_while_the_program_is_stopped() {
    let args = ["--norc", "--noprofile", "-i"];
    let mut pty = Pty::spawn("bash", &args, &[("PS1", "shell> ")], 80, 24).unwrap();
    assert!(pty.wait_for("shell>", SOON));
    let program = std::env::current_exe().unwrap();
    let command = format!(
        "{CHILD}=plain {} --exact child --nocapture\r",
        program.display()
    );
    pty.send(&command);
    assert!(pty.wait_for("ready 80x24", SOON));
    pty.key("C-z");
    assert!(pty.wait_for("Stopped", SOON), "{}", pty.screen());
    assert!(!pty.alternate_screen() && pty.cursor().2);
    pty.send("fg\r");
    assert!(pty.wait_for("keys [Ctrl('z')]", SOON), "{}", pty.screen());
    assert!(pty.alternate_screen() && pty.raw_mode());
    pty.key("Up");
    assert!(pty.wait_for("keys [Up]", SOON), "{}", pty.screen());
    pty.key("q");
    assert!(pty.wait_until(SOON, |screen| !screen.alternate_screen()));
}

#[test]
fn without_a_terminal_a_sentence_says_so() {
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env(CHILD, "plain")
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("standard input is not a terminal"), "{said}");
    assert_eq!(occurrences(&output.stdout, b"\x1b"), 0);
}

#[test]
fn memory_and_files_are_kept_from_others() {
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env(CHILD, "hardened")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    for one in ["missing []", "Umask:\t0077", "mode 600", "NotDumpable"] {
        assert!(said.contains(one), "{one}: {said}");
    }
    let core = said.lines().find(|line| line.starts_with("Max core"));
    let words: Vec<_> = core.unwrap().split_whitespace().collect();
    assert_eq!(words[4..6], ["0", "0"]);
}

#[test]
fn a_file_at_its_greatest_size_fails_a_write_and_not_the_program() {
    let program = std::env::current_exe().unwrap();
    // The limit is in blocks of 512 bytes, and the small file of the child passes it.
    let script = "ulimit -f 0; exec \"$0\" --exact child --nocapture";
    let output = std::process::Command::new("sh")
        .args(["-c", script])
        .arg(program)
        .env(CHILD, "hardened")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3), "{:?}", output.status);
    assert!(String::from_utf8_lossy(&output.stderr).contains("File too large"));
}

// ---- what comes in ----------------------------------------------------------------

#[test]
fn keys_come_as_keys() {
    let mut pty = ready();
    pty.type_keys("7<Enter><Up><F2><S-Tab><PgDn><C-x><Esc>");
    for one in [
        "Char('7')",
        "Enter",
        "Up",
        "F(2)",
        "BackTab",
        "PageDown",
        "Ctrl('x')",
        "Esc",
    ] {
        // The oldest have left the screen by the time the last one came.
        assert!(occurrences(&pty.raw_output(), one.as_bytes()) > 0 || pty.wait_for(one, SOON));
    }
}

#[test]
fn a_marked_paste_is_one_text() {
    let mut pty = ready();
    pty.send("\x1b[200~山田\r花子\x1b[201~");
    assert!(
        pty.wait_for(r#"paste "山田\n花子""#, SOON),
        "{}",
        pty.screen()
    );
    assert!(pty.wait_for("inputs 1", SOON));
}

#[test]
fn ten_megabytes_pasted_are_cut_and_answer_nothing() {
    let mut pty = ready();
    let begun = Instant::now();
    pty.send("\x1b[200~");
    pty.send(&"0123456789abcdef".repeat(640 * 1024));
    pty.send("\x1b[201~");
    assert!(
        pty.wait_for("paste of 65536 bytes", SOON),
        "{}",
        pty.screen()
    );
    assert!(pty.wait_for("inputs 1", SOON));
    assert!(begun.elapsed() < SOON);
}

#[test]
fn a_paste_without_marks_is_text_to_its_end() {
    let mut pty = ready();
    pty.send(&"1\r0\r".repeat(3000));
    pty.settle(Duration::from_millis(300), SOON);
    let written = String::from_utf8_lossy(&pty.raw_output()).into_owned();
    assert!(written.contains("burst"));
    assert!(!written.contains("keys ["));
}

#[test]
fn arrows_waiting_together_come_together() {
    let mut pty = ready();
    pty.send("\x1b[B\x1b[B\x1b[B\x1b[A");
    assert!(
        pty.wait_for("keys [Down, Down, Down, Up]", SOON),
        "{}",
        pty.screen()
    );
}

#[test]
fn the_window_tells_when_it_gets_the_keyboard() {
    let mut pty = ready();
    pty.send("\x1b[O");
    assert!(pty.wait_for("Focus(false)", SOON));
    pty.send("\x1b[I");
    assert!(pty.wait_for("Focus(true)", SOON));
}

#[test]
fn the_width_of_a_box_line_is_asked_for_on_demand() {
    let mut pty = ready();
    pty.key("w");
    assert_eq!(occurrences(&pty.raw_output(), b"\x1b[6n"), 1);
    pty.send("\x1b[24;3R");
    assert!(pty.wait_for("Width(2)", SOON));
}

// ---- sizes and quiet --------------------------------------------------------------

#[test]
fn a_storm_of_sizes_ends_in_the_last_one() {
    let mut pty = ready();
    for n in 0..200 {
        pty.resize(20 + n % 90, 5 + n % 37);
    }
    pty.resize(100, 30);
    assert!(pty.wait_for("ready 100x30", SOON), "{}", pty.screen());
    assert!(pty.wait_for("Resize(100, 30)", SOON));
    pty.key("q");
    assert_eq!(ended(&mut pty).code, 0);
}

#[test]
fn a_window_without_a_size_gets_a_usual_one() {
    let mut pty = start("plain", 0, 0);
    let told = || String::from_utf8_lossy(&pty.raw_output()).contains("80x24");
    assert!(pty.wait_until(SOON, |_| true));
    pty.settle(Duration::from_millis(300), SOON);
    assert!(told());
    pty.send("q");
    assert_eq!(ended(&mut pty).code, 0);
}

#[test]
fn a_window_of_one_cell_is_survived() {
    let mut pty = start("plain", 1, 1);
    assert!(pty.wait_until(SOON, vt100::Screen::alternate_screen));
    pty.resize(80, 24);
    assert!(pty.wait_for("ready 80x24", SOON));
    pty.resize(1, 1);
    pty.resize(80, 24);
    pty.key("q");
    assert_eq!(ended(&mut pty).code, 0);
}

#[test]
fn nothing_is_asked_of_the_terminal() {
    let mut pty = ready();
    pty.key("Up");
    pty.resize(60, 20);
    assert!(pty.wait_for("ready 60x20", SOON));
    let written = pty.raw_output();
    for question in [
        &b"\x1b[c"[..],
        b"\x1b[0c",
        b"\x1b[>",
        b"\x1b[6n",
        b"\x1b[5n",
        b"\x1b]",
        b"\x1b[?u",
        b"$p",
        b"\x1bP",
    ] {
        assert_eq!(occurrences(&written, question), 0, "{question:?}");
    }
}

#[test]
fn a_frame_is_framed_with_the_cursor_inside() {
    let mut pty = ready();
    let before = pty.raw_len();
    pty.key("Up");
    let written = pty.raw_output().split_off(before);
    assert!(written.starts_with(b"\x1b[?2026h"));
    assert!(written.ends_with(b"\x1b[2;3H\x1b[?2026l"));
}

#[test]
fn a_wish_for_no_colours_does_not_hide_the_selection() {
    let program = std::env::current_exe().unwrap();
    let args = ["--exact", "child", "--nocapture"];
    let env = [(CHILD, "plain"), ("NO_COLOR", "1")];
    let pty = Pty::spawn(program, &args, &env, 80, 24).unwrap();
    assert!(pty.wait_for("選択 marked", SOON));
    let looks = pty.styles_at("選択 marked").unwrap();
    assert_eq!(looks.len(), "選択 marked".chars().count());
    assert!(looks.iter().all(|look| look.reverse && look.bold));
    assert!(!pty.styles_at("ready").unwrap()[0].reverse);
}

#[test]
fn an_idle_program_sleeps() {
    let pty = ready();
    pty.settle(Duration::from_millis(200), SOON);
    let (bytes, wakes) = (pty.raw_len(), proc::wake_ups(pty.pid()).unwrap());
    let used = proc::cpu_time(pty.pid()).unwrap();
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(pty.raw_len(), bytes);
    assert_eq!(proc::wake_ups(pty.pid()).unwrap(), wakes);
    assert!(proc::cpu_time(pty.pid()).unwrap() - used < Duration::from_millis(2));
}

#[test]
fn the_notation_of_keys_says_keys() {
    let keys = support::keys::parse("4<Enter>1 0<C-x><F12><lt>").unwrap();
    let expected = [
        Key::Char('4'),
        Key::Enter,
        Key::Char('1'),
        Key::Char('0'),
        Key::Ctrl('x'),
        Key::F(12),
        Key::Char('<'),
    ];
    assert_eq!(keys, expected);
    assert!(support::keys::parse("<Nothing>").is_err());
    assert!(support::keys::parse("<Up").is_err());
}
