//! A program in a terminal of its own, watched from outside (Linux).
//!
//! A thread reads what the program writes as soon as it comes and keeps both the
//! bytes and the picture they make. Everything that waits, waits for a condition.

use super::keys;
use portable_pty::{CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{
    Pid, PidfdFlags, PidfdGetfdFlags, Signal, kill_process, pidfd_getfd, pidfd_open,
};
use saishin::keys::Key;
use std::ffi::OsStr;
use std::io::{self, Write};
use std::num::NonZeroU16;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The program ignores the same key again within 60 ms.
const SAME_KEY: Duration = Duration::from_millis(75);

pub struct Pty {
    master: Option<Box<dyn MasterPty + Send>>,
    end: Option<OwnedFd>,
    child: Box<dyn portable_pty::Child + Send + Sync>,
    seen: Arc<Seen>,
    stop: UnixStream,
    reader: Option<JoinHandle<()>>,
    last_key: Option<(Key, Instant)>,
}

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exit {
    pub code: u32,
    /// The signal's name, if one ended it.
    pub signal: Option<String>,
}

/// How one cell looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    pub text: String,
    pub reverse: bool,
    pub bold: bool,
    pub dim: bool,
    pub underline: bool,
    pub foreground: vt100::Color,
    pub background: vt100::Color,
}

struct Seen {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    picture: vt100::Parser,
    raw: Vec<u8>,
    /// When bytes came last.
    last: Option<Instant>,
    ended: bool,
}

impl Pty {
    /// Starts `program` in a terminal of `cols` by `rows`, with nothing in its
    /// environment but a path, a terminal type, a locale and `env`.
    pub fn spawn<A: AsRef<OsStr>>(
        program: impl AsRef<OsStr>,
        args: &[A],
        env: &[(&str, &str)],
        cols: u16,
        rows: u16,
    ) -> io::Result<Self> {
        let pair = native_pty_system()
            .openpty(size(cols, rows))
            .map_err(io::Error::other)?;
        let mut command = CommandBuilder::new(program);
        command.env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        for (name, value) in env {
            command.env(name, value);
        }
        command.args(args);
        command.cwd(std::env::current_dir()?);
        let child = pair
            .slave
            .spawn_command(command)
            .map_err(io::Error::other)?;
        drop(pair.slave);
        let end = own_end(&*pair.master)?;
        let seen = Arc::new(Seen::new(cols, rows));
        let (stop, stopped) = UnixStream::pair()?;
        let reader = {
            let (seen, end) = (seen.clone(), end.try_clone()?);
            std::thread::spawn(move || read_all(&end, &stopped, &seen))
        };
        Ok(Self {
            master: Some(pair.master),
            end: Some(end),
            child,
            seen,
            stop,
            reader: Some(reader),
            last_key: None,
        })
    }

    /// Writes all of `text` at once, as a terminal does with a paste.
    pub fn send(&mut self, text: &str) {
        self.send_bytes(text.as_bytes());
    }

    pub fn send_bytes(&mut self, mut bytes: &[u8]) {
        let end = self.end.as_ref().expect("the terminal is open");
        while !bytes.is_empty() {
            let count = rustix::io::write(end, bytes).expect("the terminal takes bytes");
            bytes = &bytes[count..];
        }
    }

    /// Presses one key by its name or character: `Enter`, `C-z`, `F2`, `7`.
    pub fn key(&mut self, name: &str) {
        let mut characters = name.chars();
        let pressed = match (characters.next(), characters.next()) {
            (Some(c), None) => Key::Char(c),
            _ => keys::named(name).expect("a key's name"),
        };
        self.press(pressed);
    }

    /// Presses the keys of a notation one by one, each after the program has
    /// answered the one before, or has had the time to.
    pub fn type_keys(&mut self, notation: &str) {
        for key in keys::parse(notation).expect("a notation of keys") {
            self.press(key);
        }
    }

    fn press(&mut self, key: Key) {
        if let Some((last, at)) = self.last_key
            && last == key
        {
            // The one wait for a time: the program itself measures it.
            std::thread::sleep(SAME_KEY.saturating_sub(at.elapsed()));
        }
        let before = self.raw_len();
        self.send_bytes(&keys::bytes(key));
        self.last_key = Some((key, Instant::now()));
        self.seen.wait(Duration::from_millis(100), |state| {
            state.ended || state.raw.len() > before
        });
        self.settle(Duration::from_millis(10), Duration::from_millis(200));
    }

    /// Waits until nothing has been written for `quiet`.
    pub fn settle(&self, quiet: Duration, at_most: Duration) {
        let begun = Instant::now();
        while begun.elapsed() < at_most {
            let last = self.seen.lock().last;
            let since = last.map_or(begun, |last| last.max(begun));
            let Some(left) = quiet.checked_sub(since.elapsed()) else {
                return;
            };
            self.seen.wait(left, |state| state.last != last);
        }
    }

    /// The picture as lines of text; a wide character stands once.
    pub fn screen(&self) -> String {
        text_of(self.seen.lock().picture.screen())
    }

    /// Whether `text` comes to stand on the screen in time.
    pub fn wait_for(&self, text: &str, timeout: Duration) -> bool {
        self.wait_until(timeout, |screen| text_of(screen).contains(text))
    }

    /// Whether `text` leaves the screen in time.
    pub fn wait_gone(&self, text: &str, timeout: Duration) -> bool {
        self.wait_until(timeout, |screen| !text_of(screen).contains(text))
    }

    /// Whether the picture, as lines of text, comes to be so in time.
    pub fn wait_shown(&self, timeout: Duration, is: impl Fn(&str) -> bool) -> bool {
        self.wait_until(timeout, |screen| is(&text_of(screen)))
    }

    pub fn wait_until(&self, timeout: Duration, is: impl Fn(&vt100::Screen) -> bool) -> bool {
        self.seen.wait(timeout, |state| is(state.picture.screen()))
    }

    /// Row, column and whether the cursor is to be seen.
    pub fn cursor(&self) -> (u16, u16, bool) {
        let state = self.seen.lock();
        let screen = state.picture.screen();
        let (row, column) = screen.cursor_position();
        (row, column, !screen.hide_cursor())
    }

    /// The cell at a place; nothing outside the window.
    pub fn look_at(&self, row: u16, column: u16) -> Option<Look> {
        let state = self.seen.lock();
        state.picture.screen().cell(row, column).map(|cell| Look {
            text: cell.contents().to_owned(),
            reverse: cell.inverse(),
            bold: cell.bold(),
            dim: cell.dim(),
            underline: cell.underline(),
            foreground: cell.fgcolor(),
            background: cell.bgcolor(),
        })
    }

    /// The looks of the characters of the first `text` on the screen, within one row.
    pub fn styles_at(&self, text: &str) -> Option<Vec<Look>> {
        let (rows, columns) = {
            let (rows, columns) = self.seen.lock().picture.screen().size();
            (rows.get(), columns.get())
        };
        (0..rows).find_map(|row| {
            let cells: Vec<Look> = (0..columns)
                .filter_map(|column| self.look_at(row, column))
                .collect();
            styles_in(&cells, text)
        })
    }

    pub fn alternate_screen(&self) -> bool {
        self.seen.lock().picture.screen().alternate_screen()
    }

    pub fn bracketed_paste(&self) -> bool {
        self.seen.lock().picture.screen().bracketed_paste()
    }

    /// Whether the line discipline hands over every key, as a full-screen program wants it.
    pub fn raw_mode(&self) -> bool {
        let end = self.end.as_ref().expect("the terminal is open");
        let modes = rustix::termios::tcgetattr(end).expect("the terminal's modes");
        !modes
            .local_modes
            .contains(rustix::termios::LocalModes::ICANON)
    }

    /// All that the program has written.
    pub fn raw_output(&self) -> Vec<u8> {
        self.seen.lock().raw.clone()
    }

    pub fn raw_len(&self) -> usize {
        self.seen.lock().raw.len()
    }

    pub fn resize(&mut self, cols: u16, rows: u16) {
        let master = self.master.as_ref().expect("the terminal is open");
        // Without a size the picture stays as it is; the program is told all the same.
        if let (Some(cols), Some(rows)) = (NonZeroU16::new(cols), NonZeroU16::new(rows)) {
            self.seen.lock().picture.screen_mut().set_size(rows, cols);
        }
        master.resize(size(cols, rows)).expect("a new size");
    }

    /// Closes the terminal's window.
    pub fn hang_up(&mut self) {
        self.stop_reading();
        self.end = None;
        self.master = None;
    }

    pub fn pid(&self) -> u32 {
        self.child.process_id().expect("a process id")
    }

    pub fn kill9(&mut self) {
        self.signal(Signal::KILL);
    }

    pub fn signal(&mut self, signal: Signal) {
        let pid = i32::try_from(self.pid()).ok().and_then(Pid::from_raw);
        kill_process(pid.expect("a process id"), signal).expect("a signal is taken");
    }

    /// How the program ended, if it does in time. What it wrote last is then read.
    pub fn wait_exit(&mut self, timeout: Duration) -> Option<Exit> {
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("a child of this process") {
                break status;
            }
            if begun.elapsed() > timeout {
                return None;
            }
            std::thread::sleep(Duration::from_millis(1));
        };
        if self.end.is_some() {
            self.seen.wait(Duration::from_secs(1), |state| state.ended);
        }
        Some(Exit {
            code: status.exit_code(),
            signal: status.signal().map(str::to_owned),
        })
    }

    fn stop_reading(&mut self) {
        if let Some(reader) = self.reader.take() {
            // The reader may have ended by itself.
            let _ = self.stop.write_all(b"!");
            reader.join().expect("the reader does not panic");
        }
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            // It may end between the question and this.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        self.stop_reading();
    }
}

impl Seen {
    fn new(cols: u16, rows: u16) -> Self {
        let size = |n| NonZeroU16::new(n).unwrap_or(NonZeroU16::MIN);
        Self {
            state: Mutex::new(State {
                picture: vt100::Parser::new(size(rows), size(cols), 200),
                raw: Vec::new(),
                last: None,
                ended: false,
            }),
            changed: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("the reader does not panic")
    }

    fn wait(&self, timeout: Duration, is: impl Fn(&State) -> bool) -> bool {
        let state = self.lock();
        let (state, _) = self
            .changed
            .wait_timeout_while(state, timeout, |state| !is(state))
            .expect("the reader does not panic");
        is(&state)
    }

    fn came(&self, bytes: &[u8]) {
        let mut state = self.lock();
        state.last = Some(Instant::now());
        state.raw.extend_from_slice(bytes);
        state.picture.process(bytes);
        self.changed.notify_all();
    }
}

fn read_all(end: &OwnedFd, stopped: &UnixStream, seen: &Seen) {
    let mut bytes = [0; 64 * 1024];
    loop {
        let mut fds = [
            PollFd::new(end, PollFlags::IN),
            PollFd::new(stopped, PollFlags::IN),
        ];
        if poll(&mut fds, None).is_err() {
            continue;
        }
        if !fds[1].revents().is_empty() {
            break;
        }
        match rustix::io::read(end, &mut bytes) {
            Ok(count) if count > 0 => seen.came(&bytes[..count]),
            // The other end is closed when the program has ended.
            _ => break,
        }
    }
    seen.lock().ended = true;
    seen.changed.notify_all();
}

/// A file of our own for the terminal's outer end: the library's reader cannot be
/// waited for together with something else, nor ended from outside.
pub fn own_end(master: &dyn MasterPty) -> io::Result<OwnedFd> {
    let number = master.as_raw_fd().ok_or(io::ErrorKind::Unsupported)?;
    let ourselves = pidfd_open(rustix::process::getpid(), PidfdFlags::empty())?;
    Ok(pidfd_getfd(ourselves, number, PidfdGetfdFlags::empty())?)
}

pub fn size(cols: u16, rows: u16) -> PtySize {
    PtySize {
        rows,
        cols,
        pixel_width: 0,
        pixel_height: 0,
    }
}

fn text_of(screen: &vt100::Screen) -> String {
    let (_, columns) = screen.size();
    let rows: Vec<String> = screen
        .rows(0, columns.get())
        .map(|row| row.trim_end().to_owned())
        .collect();
    rows.join("\n")
}

/// The second half of a wide character is left out: the emulator gives it no look.
fn styles_in(cells: &[Look], text: &str) -> Option<Vec<Look>> {
    let mut shown = Vec::new();
    let mut behind_wide = false;
    for cell in cells {
        if !(behind_wide && cell.text.is_empty()) {
            shown.push(cell);
        }
        behind_wide = is_wide(&cell.text);
    }
    (0..shown.len()).find_map(|begin| {
        let mut so_far = String::new();
        for (count, cell) in shown[begin..].iter().enumerate() {
            so_far.push_str(if cell.text.is_empty() {
                " "
            } else {
                &cell.text
            });
            if so_far == text {
                let found = &shown[begin..=begin + count];
                return Some(found.iter().map(|cell| (*cell).clone()).collect());
            }
            if !text.starts_with(&so_far) {
                return None;
            }
        }
        None
    })
}

fn is_wide(text: &str) -> bool {
    unicode_width::UnicodeWidthStr::width(text) > 1
}
