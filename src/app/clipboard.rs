//! The note, on its way to another program.
//!
//! The text goes through a pipe or to the terminal, never onto a command line,
//! where every program of the machine could read it.

use super::terminal;
use crossterm::clipboard::CopyToClipboard;
use std::ffi::OsString;
use std::io::{self, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a clipboard program may take before the terminal is asked instead.
const PATIENCE: Duration = Duration::from_secs(1);

/// How far the text is known to have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The system's clipboard has taken it.
    Confirmed,
    /// The terminal was asked to take it and does not answer.
    SentOnly,
}

/// Where the clipboard is to be found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    pub wayland: bool,
    pub x11: bool,
    /// Over SSH the clipboard of this machine is not the one the doctor looks at.
    pub ssh: bool,
    pub tmux: bool,
    /// Folders that programs are looked for in; what was set at start if none.
    pub path: Option<OsString>,
}

impl Environment {
    pub fn of_process() -> Self {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        Self {
            wayland: set("WAYLAND_DISPLAY"),
            x11: set("DISPLAY"),
            ssh: set("SSH_CONNECTION") || set("SSH_TTY"),
            tmux: set("TMUX"),
            path: None,
        }
    }

    /// The programs to try, the likeliest first, with the arguments that copy and
    /// those that clear.
    fn tools(&self) -> Vec<Tool> {
        if self.ssh {
            return Vec::new();
        }
        let mut tools = Vec::new();
        if cfg!(target_os = "macos") {
            tools.push(Tool::new("pbcopy", &[], &[]));
        }
        if self.wayland {
            tools.push(Tool::new("wl-copy", &[], &["--clear"]));
        }
        if self.x11 {
            let xclip = &["-selection", "clipboard", "-in"];
            tools.push(Tool::new("xclip", xclip, xclip));
            tools.push(Tool::new(
                "xsel",
                &["--clipboard", "--input"],
                &["--clipboard", "--delete"],
            ));
        }
        // Also there on Linux under Windows.
        tools.push(Tool::new("clip.exe", &[], &[]));
        tools
    }
}

struct Tool {
    program: &'static str,
    copies: &'static [&'static str],
    clears: &'static [&'static str],
}

impl Tool {
    fn new(
        program: &'static str,
        copies: &'static [&'static str],
        clears: &'static [&'static str],
    ) -> Self {
        Self {
            program,
            copies,
            clears,
        }
    }

    /// What this program takes on its standard input for `text`.
    fn bytes(&self, text: &str) -> Vec<u8> {
        if self.program != "clip.exe" {
            return text.as_bytes().to_vec();
        }
        // It takes anything without this mark for the code page of the console.
        let mark = std::iter::once(0xfeff);
        let units = mark.chain(text.encode_utf16());
        units.flat_map(u16::to_le_bytes).collect()
    }

    fn run(&self, arguments: &[&str], text: &str, environment: &Environment) -> io::Result<()> {
        let mut command = Command::new(self.program);
        command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if let Some(path) = &environment.path {
            command.env("PATH", path);
        }
        let mut child = command.spawn()?;
        let bytes = self.bytes(text);
        // On a thread of its own, for a program that does not read must not hold
        // this one; it ends when the program does.
        if let Some(mut input) = child.stdin.take() {
            std::thread::spawn(move || input.write_all(&bytes));
        }
        finished(child)
    }
}

/// Waits for the exit status, and ends a program that does not come to one.
fn finished(mut child: Child) -> io::Result<()> {
    let begun = Instant::now();
    loop {
        match child.try_wait()? {
            Some(status) if status.success() => return Ok(()),
            Some(_) => return Err(io::Error::other("the clipboard refused")),
            None if begun.elapsed() > PATIENCE => {
                child.kill()?;
                child.wait()?;
                return Err(io::ErrorKind::TimedOut.into());
            }
            // Such programs take some milliseconds; there is nothing to wait on.
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    }
}

/// Copies `text`. May take a second where a clipboard program hangs: not for the
/// thread that draws.
pub fn send(text: &str, environment: &Environment) -> io::Result<Delivery> {
    for tool in environment.tools() {
        // One that is missing or fails leaves the next to be tried, and at last the
        // terminal, whose answer is the one that counts.
        if tool.run(tool.copies, text, environment).is_ok() {
            return Ok(Delivery::Confirmed);
        }
    }
    to_terminal(text, environment)
}

/// Empties the clipboard, so that a note does not outlive its patient's visit there.
pub fn clear(environment: &Environment) -> io::Result<Delivery> {
    for tool in environment.tools() {
        if tool.run(tool.clears, "", environment).is_ok() {
            return Ok(Delivery::Confirmed);
        }
    }
    to_terminal("", environment)
}

fn to_terminal(text: &str, environment: &Environment) -> io::Result<Delivery> {
    terminal::send_aside(&request(text, environment.tmux))?;
    Ok(Delivery::SentOnly)
}

/// The terminal's own copy command; inside tmux also wrapped, so that it reaches the
/// terminal behind where tmux does not pass it on by itself.
fn request(text: &str, tmux: bool) -> Vec<u8> {
    let plain = terminal::ansi(CopyToClipboard::to_clipboard_from(text));
    if !tmux {
        return plain;
    }
    let mut both = plain.clone();
    both.extend_from_slice(b"\x1bPtmux;");
    for byte in plain {
        if byte == 0x1b {
            both.push(0x1b);
        }
        both.push(byte);
    }
    both.extend_from_slice(b"\x1b\\");
    both
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_terminal_is_asked_with_the_text_encoded() {
        assert_eq!(request("note", false), b"\x1b]52;c;bm90ZQ==\x1b\\");
        assert_eq!(request("", false), b"\x1b]52;c;\x1b\\");
    }

    #[test]
    fn inside_tmux_it_is_asked_twice() {
        let expected: &[u8] =
            b"\x1b]52;c;bm90ZQ==\x1b\\\x1bPtmux;\x1b\x1b]52;c;bm90ZQ==\x1b\x1b\\\x1b\\";
        assert_eq!(request("note", true), expected);
    }

    #[test]
    fn over_ssh_no_program_of_this_machine_is_asked() {
        let environment = Environment {
            ssh: true,
            x11: true,
            wayland: true,
            ..Environment::default()
        };
        assert!(environment.tools().is_empty());
    }

    #[test]
    fn the_console_s_program_is_given_its_own_encoding() {
        let tool = Tool::new("clip.exe", &[], &[]);
        assert_eq!(tool.bytes("花"), [0xff, 0xfe, 0xb1, 0x82]);
    }

    #[cfg(unix)]
    mod with_a_program {
        use super::*;
        use std::fs;
        use std::os::unix::fs::PermissionsExt;
        use std::path::Path;

        fn x11(folder: &Path) -> Environment {
            let mut path = OsString::from(folder);
            path.push(":/usr/bin:/bin");
            Environment {
                x11: true,
                path: Some(path),
                ..Environment::default()
            }
        }

        fn program(folder: &Path, name: &str, script: &str) {
            let file = folder.join(name);
            fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        }

        #[test]
        fn a_program_that_takes_the_text_confirms_it() {
            let folder = tempfile::tempdir().unwrap();
            let taken = folder.path().join("taken");
            let told = folder.path().join("told");
            let script = format!("cat >{}; echo \"$@\" >{}", taken.display(), told.display());
            program(folder.path(), "xclip", &script);
            let delivery = send("再診\nnote", &x11(folder.path())).unwrap();
            assert_eq!(delivery, Delivery::Confirmed);
            assert_eq!(fs::read_to_string(taken).unwrap(), "再診\nnote");
            let arguments = fs::read_to_string(told).unwrap();
            assert_eq!(arguments.trim(), "-selection clipboard -in");
        }

        #[test]
        fn a_program_that_fails_leaves_it_to_the_next() {
            let folder = tempfile::tempdir().unwrap();
            let taken = folder.path().join("taken");
            program(folder.path(), "xclip", "exit 1");
            program(folder.path(), "xsel", &format!("cat >{}", taken.display()));
            let delivery = send("note", &x11(folder.path())).unwrap();
            assert_eq!(delivery, Delivery::Confirmed);
            assert_eq!(fs::read_to_string(taken).unwrap(), "note");
        }

        #[test]
        fn a_program_that_hangs_is_ended_and_nothing_is_called_sent() {
            let folder = tempfile::tempdir().unwrap();
            program(folder.path(), "xclip", "exec sleep 60");
            program(folder.path(), "xsel", "exit 1");
            let begun = Instant::now();
            // No screen is held here, so the terminal cannot be asked either.
            assert!(send("note", &x11(folder.path())).is_err());
            assert!(begun.elapsed() < Duration::from_secs(10));
        }
    }
}
