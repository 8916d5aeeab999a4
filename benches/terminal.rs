//! How fast the program is beside an ordinary one of the same libraries, in one run.
//!
//!     cargo bench --bench terminal                 the program and the floor
//!     cargo bench --bench terminal -- aside        with a floor that saves on another thread
//!     cargo bench --bench terminal -- floor        the floor and itself: the noise
//!     cargo bench --bench terminal -- --starts 16 --keys 400
//!
//! Both run in terminals of their own and take turns, so that a busy machine slows
//! both. `SAISHIN_BENCH_FILE` names a data file to copy instead of the made one.
//! Ends with status 1 when a limit is passed.

#[path = "../tests/support/mod.rs"]
#[cfg(target_os = "linux")]
mod support;

/// Keys from the first screen into a visit.
#[cfg(target_os = "linux")]
const TO_VISIT: &str = "427<Enter><Enter>";
/// Keys that are answered by a frame each, in turn: an answer, and its undoing.
#[cfg(target_os = "linux")]
const ANSWERED: [&str; 2] = ["1", "<Backspace>"];
/// A key that may be waiting many times over.
#[cfg(target_os = "linux")]
const WAITING: &str = "<Down>";
/// What the program is started with; `{file}` is the data file.
#[cfg(target_os = "linux")]
const PROGRAM: [&str; 3] = ["--db", "{file}", "demo"];
/// What makes the data file, called before anything is measured; none while the
/// file with the bare table that the floor reads is enough.
#[cfg(target_os = "linux")]
const MAKES_FILE: Option<&[&str]> = Some(&["demo", "--write", "{file}"]);

#[cfg(target_os = "linux")]
fn main() -> std::io::Result<()> {
    linux::main()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("The measures come from the kernel's tables of Linux; nothing is measured here.");
}

#[cfg(target_os = "linux")]
mod linux {
    use super::support::{keys, proc, pty};
    use super::{ANSWERED, MAKES_FILE, PROGRAM, TO_VISIT, WAITING};
    use portable_pty::{Child, CommandBuilder, MasterPty, native_pty_system};
    use rusqlite::{Connection, params};
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use std::ffi::OsString;
    use std::io;
    use std::os::fd::OwnedFd;
    use std::path::{Path, PathBuf};
    use std::process::{Command, exit};
    use std::time::{Duration, Instant};

    const COLUMNS: u16 = 120;
    const ROWS: u16 = 40;
    /// A first frame is complete when nothing follows for this long.
    const START_GAP: Duration = Duration::from_millis(30);
    /// So is the frame that answers a key, in a program that does not mark its end.
    const KEY_GAP: Duration = Duration::from_millis(4);
    /// From one key to the next, of whichever program.
    const PACE: Duration = Duration::from_millis(40);
    const UNANSWERED: Duration = Duration::from_secs(1);
    const IDLE: Duration = Duration::from_secs(5);
    const MANY: usize = 20;
    const WARM_UP: usize = 20;

    const FRAME_BEGINS: &[u8] = b"\x1b[?2026h";
    const FRAME_ENDS: &[u8] = b"\x1b[?2026l";
    /// What a frame of a program without such marks contains once.
    const CURSOR_HIDDEN: &[u8] = b"\x1b[?25l";

    /// What a terminal would have to answer.
    const QUESTIONS: [&[u8]; 11] = [
        b"\x1b[c",
        b"\x1b[0c",
        b"\x1b[>",
        b"\x1b[=c",
        b"\x1b[5n",
        b"\x1b[6n",
        b"\x1b[?6n",
        b"\x1b[?u",
        b"$p",
        b"\x1b]1",
        b"\x1bP",
    ];

    pub fn main() -> io::Result<()> {
        let options = Options::read();
        let floor = built_floor()?;
        let product = PathBuf::from(env!("CARGO_BIN_EXE_saishin"));
        let folder = tempfile::tempdir()?;
        let [first, second] = [folder.path().join("a.db"), folder.path().join("b.db")];
        make_file(&product, &first)?;
        std::fs::copy(&first, &second)?;

        let plain = |name, file| Program::floor(name, &floor, file, &options);
        let ours = if options.floor_alone {
            plain("floor again", &first)
        } else {
            Program::product(&product, &first)
        };
        let measured = measure(&[ours, plain("floor", &second)], &options)?;
        // The floor beside itself shows the noise and has no limits to keep.
        exit(i32::from(!report(&measured) && !options.floor_alone))
    }

    struct Options {
        floor_alone: bool,
        floor_saves: &'static str,
        starts: usize,
        keys: usize,
    }

    impl Options {
        fn read() -> Self {
            let words: Vec<String> = std::env::args().skip(1).collect();
            let number = |name: &str, usual| {
                let at = words.iter().position(|word| word == name)?;
                Some(words.get(at + 1)?.parse().unwrap_or(usual))
            };
            Self {
                floor_alone: words.iter().any(|word| word == "floor"),
                floor_saves: match words.iter().any(|word| word == "aside") {
                    true => "--save-aside",
                    false => "--save",
                },
                starts: number("--starts", 16).unwrap_or(16).max(1),
                keys: number("--keys", 400).unwrap_or(400).max(1),
            }
        }
    }

    // ---- what is measured ---------------------------------------------------------

    struct Program {
        name: &'static str,
        path: PathBuf,
        arguments: Vec<OsString>,
        home: PathBuf,
        to_visit: &'static str,
    }

    impl Program {
        fn floor(name: &'static str, path: &Path, file: &Path, options: &Options) -> Self {
            Self {
                name,
                path: path.into(),
                arguments: vec![file.into(), options.floor_saves.into()],
                home: folder_of(file),
                to_visit: "",
            }
        }

        fn product(path: &Path, file: &Path) -> Self {
            Self {
                name: "saishin",
                path: path.into(),
                arguments: with_file(&PROGRAM, file),
                home: folder_of(file),
                to_visit: TO_VISIT,
            }
        }
    }

    fn folder_of(file: &Path) -> PathBuf {
        file.parent().map(Path::to_owned).unwrap_or_default()
    }

    fn with_file(words: &[&str], file: &Path) -> Vec<OsString> {
        let word = |word: &&str| match *word {
            "{file}" => file.into(),
            other => other.into(),
        };
        words.iter().map(word).collect()
    }

    fn built_floor() -> io::Result<PathBuf> {
        let release = Path::new(env!("CARGO_BIN_EXE_saishin"))
            .parent()
            .ok_or(io::ErrorKind::NotFound)?;
        let target = release.parent().ok_or(io::ErrorKind::NotFound)?;
        let status = Command::new(env!("CARGO"))
            .args([
                "build",
                "--quiet",
                "--release",
                "--example",
                "floor",
                "--target-dir",
            ])
            .arg(target)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status()?;
        if !status.success() {
            return Err(io::Error::other("the floor does not build"));
        }
        Ok(release.join("examples/floor"))
    }

    fn make_file(product: &Path, file: &Path) -> io::Result<()> {
        if let Some(given) = std::env::var_os("SAISHIN_BENCH_FILE") {
            std::fs::copy(given, file)?;
            return Ok(());
        }
        if let Some(words) = MAKES_FILE {
            let status = Command::new(product)
                .args(with_file(words, file))
                .status()?;
            return match status.success() {
                true => Ok(()),
                false => Err(io::Error::other("the data file is not made")),
            };
        }
        bare_table(file).map_err(io::Error::other)
    }

    /// A thousand invented patients in the one table that the floor reads.
    fn bare_table(file: &Path) -> rusqlite::Result<()> {
        let mut database = Connection::open(file)?;
        database.execute_batch(
            "CREATE TABLE line (chart_number TEXT NOT NULL, name TEXT NOT NULL, kana TEXT NOT NULL,
                 birth_date TEXT NOT NULL, visit_due TEXT, blood_due TEXT) STRICT;
             CREATE INDEX line_visit_due ON line (visit_due) WHERE visit_due IS NOT NULL;",
        )?;
        let all = database.transaction()?;
        for n in 0..1000 {
            let due = format!("2026-{:02}-{:02}", 1 + n % 12, 1 + n % 28);
            let birth = format!("19{:02}-{:02}-{:02}", 60 + n % 40, 1 + n % 12, 1 + n % 28);
            all.execute(
                "INSERT INTO line VALUES (?1, '見本 花子', 'ミホン ハナコ', ?2, ?3, ?3)",
                params![format!("{:06}", 427 + n), birth, due],
            )?;
        }
        all.commit()
    }

    // ---- one program in its terminal ----------------------------------------------

    struct Running {
        child: Box<dyn Child + Send + Sync>,
        end: OwnedFd,
        _master: Box<dyn MasterPty + Send>,
        begun: Instant,
    }

    /// What came in answer to something.
    struct Came {
        bytes: Vec<u8>,
        /// When the last byte of the frame came.
        at: Option<Instant>,
    }

    impl Running {
        fn start(program: &Program) -> io::Result<Self> {
            let pair = native_pty_system()
                .openpty(pty::size(COLUMNS, ROWS))
                .map_err(io::Error::other)?;
            let mut command = CommandBuilder::new(&program.path);
            command.env_clear();
            command.env("TERM", "xterm-256color");
            command.env("LANG", "ja_JP.UTF-8");
            command.env("HOME", &program.home);
            command.env("USER", "bench");
            command.args(&program.arguments);
            command.cwd(&program.home);
            let end = pty::own_end(&*pair.master)?;
            let begun = Instant::now();
            let child = pair
                .slave
                .spawn_command(command)
                .map_err(io::Error::other)?;
            Ok(Self {
                child,
                end,
                _master: pair.master,
                begun,
            })
        }

        fn pid(&self) -> u32 {
            self.child.process_id().unwrap_or_default()
        }

        /// Reads up to a gap of silence, or to the end of a marked frame.
        fn read(&self, gap: Duration, marked: bool) -> io::Result<Came> {
            let mut came = Came {
                bytes: Vec::new(),
                at: None,
            };
            let mut buffer = [0; 64 * 1024];
            loop {
                let patience = if came.at.is_some() { gap } else { UNANSWERED };
                if !self.readable(patience)? {
                    return Ok(came);
                }
                let count = rustix::io::read(&self.end, &mut buffer).unwrap_or(0);
                if count == 0 {
                    return Ok(came);
                }
                came.at = Some(Instant::now());
                came.bytes.extend_from_slice(&buffer[..count]);
                if marked && came.bytes.ends_with(FRAME_ENDS) {
                    return Ok(came);
                }
            }
        }

        fn readable(&self, patience: Duration) -> io::Result<bool> {
            let mut fds = [PollFd::new(&self.end, PollFlags::IN)];
            let limit = Timespec {
                tv_sec: i64::try_from(patience.as_secs()).unwrap_or(1),
                tv_nsec: i64::from(patience.subsec_nanos()),
            };
            Ok(poll(&mut fds, Some(&limit))? > 0)
        }

        /// Reads away what comes until `until`, and counts it.
        fn drain(&self, until: Instant) -> io::Result<usize> {
            let mut buffer = [0; 64 * 1024];
            let mut total = 0;
            loop {
                let left = until.saturating_duration_since(Instant::now());
                if !self.readable(left)? {
                    return Ok(total);
                }
                match rustix::io::read(&self.end, &mut buffer) {
                    Ok(count) if count > 0 => total += count,
                    _ => return Ok(total),
                }
            }
        }

        /// Presses one key and returns what answered it, and how soon.
        fn press(&self, bytes: &[u8]) -> io::Result<(Came, Option<Duration>)> {
            // A frame that came late answers the key before.
            self.drain(Instant::now())?;
            let begun = Instant::now();
            rustix::io::write(&self.end, bytes)?;
            let came = self.read(KEY_GAP, true)?;
            let took = came.at.map(|at| at - begun);
            Ok((came, took))
        }
    }

    impl Drop for Running {
        fn drop(&mut self) {
            // It may have ended by itself.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }

    // ---- measuring ----------------------------------------------------------------

    #[derive(Default)]
    struct Measured {
        name: &'static str,
        starts: Vec<Duration>,
        keys: Vec<Duration>,
        unanswered: usize,
        asked: usize,
        memory: u64,
        idle: Option<Idle>,
        frames: usize,
        size: u64,
    }

    struct Idle {
        cpu: Duration,
        wake_ups: u64,
        bytes: usize,
    }

    fn measure(programs: &[Program; 2], options: &Options) -> io::Result<[Measured; 2]> {
        let mut measured = programs.each_ref().map(|program| Measured {
            name: program.name,
            ..Measured::default()
        });
        for (program, measured) in programs.iter().zip(&mut measured) {
            measured.size = std::fs::metadata(&program.path)?.len();
        }
        for _ in 0..options.starts {
            for (program, measured) in programs.iter().zip(&mut measured) {
                start(program, measured)?;
            }
        }
        let running = [open(&programs[0])?, open(&programs[1])?];
        keys_in_turn(&running, &mut measured, options.keys)?;
        waiting_keys(&running, &mut measured)?;
        for (running, measured) in running.iter().zip(&mut measured) {
            measured.memory = proc::peak_memory(running.pid()).unwrap_or_default();
        }
        idle(&running, &mut measured)?;
        Ok(measured)
    }

    fn start(program: &Program, measured: &mut Measured) -> io::Result<()> {
        let running = Running::start(program)?;
        let came = running.read(START_GAP, false)?;
        let Some(at) = came.at else {
            return Err(io::Error::other(format!("{} shows nothing", program.name)));
        };
        measured.starts.push(at - running.begun);
        let asked = |question: &&[u8]| occurrences(&came.bytes, question);
        measured.asked += QUESTIONS.iter().map(asked).sum::<usize>();
        Ok(())
    }

    /// Starts a program and goes to where keys answer.
    fn open(program: &Program) -> io::Result<Running> {
        let running = Running::start(program)?;
        running.read(START_GAP, false)?;
        for key in keys::parse(program.to_visit).map_err(io::Error::other)? {
            let (_, took) = running.press(&keys::bytes(key))?;
            if took.is_none() {
                return Err(io::Error::other(
                    "a key on the way to the visit does nothing",
                ));
            }
            running.drain(Instant::now() + 2 * PACE)?;
        }
        Ok(running)
    }

    fn keys_in_turn(
        running: &[Running; 2],
        measured: &mut [Measured; 2],
        count: usize,
    ) -> io::Result<()> {
        let mut turn = Vec::new();
        for notation in ANSWERED {
            let keys = keys::parse(notation).map_err(io::Error::other)?;
            turn.extend(keys.into_iter().map(keys::bytes));
        }
        for n in 0..WARM_UP + count {
            for (running, measured) in running.iter().zip(measured.iter_mut()) {
                let next = Instant::now() + PACE;
                let (_, took) = running.press(&turn[n % turn.len()])?;
                match took {
                    _ if n < WARM_UP => {}
                    Some(took) => measured.keys.push(took),
                    None => measured.unanswered += 1,
                }
                running.drain(next)?;
            }
        }
        Ok(())
    }

    fn waiting_keys(running: &[Running; 2], measured: &mut [Measured; 2]) -> io::Result<()> {
        let keys = keys::parse(WAITING).map_err(io::Error::other)?;
        let once: Vec<u8> = keys.into_iter().flat_map(keys::bytes).collect();
        for (running, measured) in running.iter().zip(measured) {
            rustix::io::write(&running.end, &once.repeat(MANY))?;
            let came = running.read(START_GAP, false)?;
            let marked = occurrences(&came.bytes, FRAME_BEGINS);
            measured.frames = match marked {
                0 => occurrences(&came.bytes, CURSOR_HIDDEN),
                marked => marked,
            };
        }
        Ok(())
    }

    fn idle(running: &[Running; 2], measured: &mut [Measured; 2]) -> io::Result<()> {
        for (running, measured) in running.iter().zip(measured) {
            running.drain(Instant::now() + Duration::from_millis(500))?;
            let counts = || {
                Some((
                    proc::cpu_time(running.pid())?,
                    proc::wake_ups(running.pid())?,
                ))
            };
            let before = counts();
            let bytes = running.drain(Instant::now() + IDLE)?;
            measured.idle = before.zip(counts()).map(|(before, after)| Idle {
                cpu: after.0.saturating_sub(before.0),
                wake_ups: after.1.saturating_sub(before.1),
                bytes,
            });
        }
        Ok(())
    }

    fn occurrences(bytes: &[u8], what: &[u8]) -> usize {
        bytes
            .windows(what.len())
            .filter(|part| *part == what)
            .count()
    }

    // ---- telling ------------------------------------------------------------------

    /// Prints the table; whether all limits are kept.
    fn report(measured: &[Measured; 2]) -> bool {
        let [ours, floor] = measured;
        let name = "";
        println!(
            "\n{name:<34} {:>10} {:>10}      {:>6}   limit",
            ours.name, floor.name, "ratio"
        );
        let kept = [
            ratio(
                "start to first full frame, ms",
                measured,
                |m| millis(&m.starts, 0.5),
                1.5,
            ),
            ratio(
                "key to its frame, p50, ms",
                measured,
                |m| millis(&m.keys, 0.5),
                1.5,
            ),
            ratio(
                "key to its frame, p99, ms",
                measured,
                |m| millis(&m.keys, 0.99),
                2.0,
            ),
            ratio(
                "peak memory, MiB",
                measured,
                |m| m.memory as f64 / 1024.0,
                2.0,
            ),
            counts(
                "size of the program, MB",
                measured,
                |m| m.size as f64 / 1e6,
                8.0,
            ),
            counts(
                "questions before the first frame",
                measured,
                |m| m.asked as f64,
                0.0,
            ),
            counts("keys unanswered", measured, |m| m.unanswered as f64, 0.0),
            counts(
                "frames for 20 keys waiting",
                measured,
                |m| m.frames as f64,
                4.0,
            ),
            idle_rows(measured),
        ];
        kept.iter().all(|kept| *kept)
    }

    /// A row whose limit is how many times the floor's number it may be.
    fn ratio(
        what: &str,
        measured: &[Measured; 2],
        of: impl Fn(&Measured) -> f64,
        limit: f64,
    ) -> bool {
        let [a, b] = [of(&measured[0]), of(&measured[1])];
        let ratio = a / b;
        let kept = ratio <= limit;
        let mark = if kept { "" } else { "  OVER" };
        println!("{what:<34} {a:>10.2} {b:>10.2} {ratio:>11.2}   <= {limit:.1}{mark}");
        kept
    }

    fn idle_rows(measured: &[Measured; 2]) -> bool {
        let of =
            |read: fn(&Idle) -> f64| move |m: &Measured| m.idle.as_ref().map_or(f64::NAN, read);
        let rows = [
            counts(
                "idle for 5 s: processor ms",
                measured,
                of(|i| i.cpu.as_secs_f64() * 1e3),
                5.0,
            ),
            counts(
                "idle for 5 s: wake-ups",
                measured,
                of(|i| i.wake_ups as f64),
                1.0,
            ),
            counts("idle for 5 s: bytes", measured, of(|i| i.bytes as f64), 0.0),
        ];
        rows.iter().all(|kept| *kept)
    }

    /// A row whose limit is a number of its own and not a ratio.
    fn counts(
        what: &str,
        measured: &[Measured; 2],
        of: impl Fn(&Measured) -> f64,
        limit: f64,
    ) -> bool {
        let [a, b] = [of(&measured[0]), of(&measured[1])];
        let kept = a <= limit;
        let mark = if kept { "" } else { "  OVER" };
        println!(
            "{what:<34} {a:>10.2} {b:>10.2} {:>12}  <= {limit:.1}{mark}",
            ""
        );
        kept
    }

    fn millis(times: &[Duration], part: f64) -> f64 {
        let mut sorted = times.to_vec();
        sorted.sort_unstable();
        let last = sorted.len().saturating_sub(1);
        let at = (last as f64 * part).round() as usize;
        sorted
            .get(at)
            .map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
    }
}
