//! Unix: the terminal is a file, and signals arrive through pipes.

use crate::app::decode::{Decoded, Decoder};
use crate::app::input::{Input, Sorter};
use crate::app::process::Missing;
use crate::app::terminal;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Resource, Rlimit};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP, SIGWINCH, SIGXFSZ};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

const LOST: PollFlags = PollFlags::HUP.union(PollFlags::ERR).union(PollFlags::NVAL);

/// How much is read before what was read is handed on.
const MOST_AT_ONCE: usize = 64 * 1024;

/// The terminal for writing, past the line buffer of standard output: a frame is one write.
pub struct Output(File);

impl Output {
    pub fn open() -> io::Result<Self> {
        let own = io::stdout().as_fd().try_clone_to_owned()?;
        Ok(Self(File::from(own)))
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match self.0.write(bytes) {
                // Another program that shares the terminal may have set it so.
                Err(why) if why.kind() == io::ErrorKind::WouldBlock => {
                    let mut fds = [PollFd::new(&self.0, PollFlags::OUT)];
                    poll(&mut fds, None)?;
                }
                other => return other,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Columns and rows of the window, if the system knows them.
pub fn window_size() -> Option<(u16, u16)> {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
    Some((size.ws_col, size.ws_row))
}

/// Whether the terminal can still be written to.
pub fn terminal_is_there() -> bool {
    let output = io::stdout();
    let mut fds = [PollFd::new(&output, PollFlags::OUT)];
    let now = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    poll(&mut fds, Some(&now)).is_ok() && !fds[0].revents().intersects(LOST)
}

/// Stops the program, as Ctrl-Z does in a shell. Returns when the shell continues it.
///
/// The signal goes to this very thread: one to the whole process may be taken by
/// another, and this one would run on for a moment and draw over the shell.
pub fn stop() -> io::Result<()> {
    signal_hook::low_level::raise(SIGTSTP)
}

/// Keeps patients' data from other accounts and out of core files.
pub fn harden() -> Vec<Missing> {
    let mut missing = Vec::new();
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    if rustix::process::setrlimit(Resource::Core, none).is_err() {
        missing.push(Missing::CoreLimit);
    }
    if !hidden_from_debuggers() {
        missing.push(Missing::Undumpable);
    }
    // A handler that only sets a flag serves as well as ignoring: the write that
    // passes the limit then fails with an error instead of ending the program.
    if signal_hook::flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false))).is_err() {
        missing.push(Missing::FileSizeSignal);
    }
    missing
}

#[cfg(target_os = "linux")]
fn hidden_from_debuggers() -> bool {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    set_dumpable_behavior(DumpableBehavior::NotDumpable).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn hidden_from_debuggers() -> bool {
    false
}

/// The account's name as the system keeps it, read from the list of local accounts.
pub fn account_name() -> Option<String> {
    let list = std::fs::read_to_string("/etc/passwd").ok()?;
    name_of(&list, rustix::process::getuid().as_raw())
}

fn name_of(list: &str, id: u32) -> Option<String> {
    list.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        let its_id = fields.nth(1)?.parse::<u32>().ok()?;
        (its_id == id && !name.is_empty()).then(|| name.to_owned())
    })
}

/// Signals, each as a pipe that can be waited for together with the keys.
struct Signals {
    end: UnixStream,
    resized: UnixStream,
    continued: UnixStream,
}

impl Signals {
    fn catch() -> io::Result<Self> {
        Ok(Self {
            end: pipe_of(&[SIGTERM, SIGHUP, SIGINT])?,
            resized: pipe_of(&[SIGWINCH])?,
            continued: pipe_of(&[SIGCONT])?,
        })
    }
}

fn pipe_of(signals: &[i32]) -> io::Result<UnixStream> {
    let (ours, theirs) = UnixStream::pair()?;
    ours.set_nonblocking(true)?;
    for signal in signals {
        signal_hook::low_level::pipe::register(*signal, theirs.try_clone()?)?;
    }
    Ok(ours)
}

/// Signals that ask to end, waited for alone.
pub struct Ending(UnixStream);

impl Ending {
    pub fn heed() -> io::Result<Self> {
        let end = pipe_of(&[SIGTERM, SIGHUP, SIGINT])?;
        end.set_nonblocking(false)?;
        Ok(Self(end))
    }

    pub fn within(&mut self, time: Duration) -> bool {
        let asked = self.0.set_read_timeout(Some(time));
        asked.is_err() || matches!(self.0.read(&mut [0]), Ok(n) if n > 0)
    }
}

/// What ended a wait.
#[derive(Default)]
struct Woken {
    keys: bool,
    lost: bool,
    end: bool,
    resized: bool,
    continued: bool,
}

impl Woken {
    fn in_vain(&self) -> bool {
        !(self.keys || self.lost || self.end || self.resized || self.continued)
    }
}

/// Everything the terminal and the system have to tell, until the terminal is gone
/// or nobody wants to hear.
pub struct Source {
    signals: Signals,
    decoder: Decoder,
    sorter: Sorter,
}

impl Source {
    pub fn open() -> io::Result<Self> {
        Ok(Self {
            signals: Signals::catch()?,
            decoder: Decoder::default(),
            sorter: Sorter::default(),
        })
    }

    /// Runs on a thread of its own. The library's reader is not used: it does not
    /// return and keeps a core busy when the terminal goes away.
    pub fn run(mut self, mut take: impl FnMut(Input) -> bool) {
        loop {
            let Ok(woken) = self.wait() else {
                take(Input::Gone);
                return;
            };
            if woken.lost {
                take(Input::Gone);
                return;
            }
            if !self.tell(&woken, &mut take) {
                return;
            }
        }
    }

    fn tell(&mut self, woken: &Woken, take: &mut impl FnMut(Input) -> bool) -> bool {
        if woken.end && !take(Input::Terminate) {
            return false;
        }
        if woken.continued {
            terminal::retake();
        }
        if woken.continued || woken.resized {
            let (columns, rows) = terminal::size();
            if !take(Input::Resize(columns, rows)) {
                return false;
            }
        }
        let decoded = if woken.keys {
            match self.read() {
                Some(decoded) => decoded,
                None => {
                    take(Input::Gone);
                    return false;
                }
            }
        } else if woken.in_vain() {
            // The rest of a sequence did not come in time: what there is, is all.
            self.decoder.give_up()
        } else {
            Vec::new()
        };
        let sorted = self.sorter.sort(decoded, Instant::now());
        sorted.into_iter().all(take)
    }

    /// Sleeps until something happens. Only an unfinished sequence has a time limit,
    /// so that an idle program is never woken.
    fn wait(&self) -> io::Result<Woken> {
        let input = io::stdin();
        let mut fds = [
            PollFd::new(&input, PollFlags::IN),
            PollFd::new(&self.signals.end, PollFlags::IN),
            PollFd::new(&self.signals.resized, PollFlags::IN),
            PollFd::new(&self.signals.continued, PollFlags::IN),
        ];
        let limit = self.decoder.patience().map(timespec);
        loop {
            match poll(&mut fds, limit.as_ref()) {
                Err(Errno::INTR) => continue,
                other => other?,
            };
            break;
        }
        let came = |n: usize| !fds[n].revents().is_empty();
        Ok(Woken {
            keys: fds[0].revents().contains(PollFlags::IN),
            lost: fds[0].revents().intersects(LOST),
            end: came(1) && drained(&self.signals.end),
            resized: came(2) && drained(&self.signals.resized),
            continued: came(3) && drained(&self.signals.continued),
        })
    }

    /// Everything that is there to read; nothing if the terminal is gone.
    fn read(&mut self) -> Option<Vec<Decoded>> {
        let input = io::stdin();
        let mut bytes = [0; 4096];
        let mut decoded = Vec::new();
        let mut total = 0;
        loop {
            let count = match rustix::io::read(&input, &mut bytes) {
                Err(Errno::INTR) => continue,
                Err(Errno::AGAIN) => return Some(decoded),
                Err(_) | Ok(0) => return None,
                Ok(count) => count,
            };
            decoded.extend(self.decoder.feed(&bytes[..count]));
            total += count;
            if total >= MOST_AT_ONCE || !readable(&input) {
                return Some(decoded);
            }
        }
    }
}

fn readable(input: &io::Stdin) -> bool {
    let mut fds = [PollFd::new(input, PollFlags::IN)];
    let now = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    matches!(poll(&mut fds, Some(&now)), Ok(1)) && fds[0].revents() == PollFlags::IN
}

/// Empties a signal's pipe: one signal or a hundred of them say the same.
fn drained(mut pipe: &UnixStream) -> bool {
    let mut bytes = [0; 64];
    let mut any = false;
    while matches!(pipe.read(&mut bytes), Ok(count) if count > 0) {
        any = true;
    }
    any
}

fn timespec(time: Duration) -> Timespec {
    Timespec {
        tv_sec: i64::try_from(time.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: i64::from(time.subsec_nanos()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_is_found_by_its_number() {
        let list = "root:x:0:0:root:/root:/bin/sh\nmori:x:1000:1000::/home/mori:/bin/sh\nbad\n";
        assert_eq!(name_of(list, 1000), Some("mori".to_owned()));
        assert_eq!(name_of(list, 7), None);
    }
}
