//! A clinician at the program, without threads: a key goes in, everything it
//! asks of the store is done at once, and the picture is there.

use super::keys;
use super::shelf::{Fault, Shelf, clinic};
use chrono::{DateTime, FixedOffset, TimeDelta};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;
use saishin::app::taking::{News, Sought, gather};
use saishin::app::worker::{Request, Worker};
use saishin::app::{Assets, Beginning, Effect, Model, Msg, update, view};
use saishin::domain::fold::fold;
use saishin::domain::lang::Lang;
use saishin::domain::wanted::Wanted;
use saishin::keys::Key;
use saishin::store::Store;
use saishin::text::Text;
use saishin::widget::theme::Theme;
use std::collections::VecDeque;
use unicode_width::UnicodeWidthStr;

/// Between two keys of a hand, in milliseconds.
const STROKE: u64 = 200;

pub struct Sitting {
    pub model: Model,
    worker: Worker,
    pub shelf: Shelf,
    begun: DateTime<FixedOffset>,
    /// Milliseconds since then.
    elapsed: u64,
    pub size: (u16, u16),
    pub clipboard: Option<String>,
    /// How often the clipboard was emptied.
    pub cleared: usize,
    /// The program has left.
    pub ended: bool,
    /// Requests wait until [`Sitting::arrive`].
    slow: bool,
    waiting: VecDeque<Request>,
    /// Presses so far.
    pub pressed: usize,
}

/// What is drawn, and where the caret is.
pub struct Picture {
    pub buffer: Buffer,
    pub caret: Option<Position>,
}

/// How a sitting begins.
#[derive(Clone)]
pub struct Begin {
    pub lang: Lang,
    pub size: (u16, u16),
    pub theme: Theme,
    /// The chart number to open first.
    pub first: Option<String>,
    pub read_only: bool,
    pub seed: u64,
}

impl Default for Begin {
    fn default() -> Self {
        Self {
            lang: Lang::Ja,
            size: (80, 24),
            theme: Theme::default(),
            first: None,
            read_only: false,
            seed: 11,
        }
    }
}

/// A moment on a day the tests are told from.
pub fn moment(text: &str) -> DateTime<FixedOffset> {
    format!("{text}+09:00").parse().expect("a moment")
}

/// The day most stories are told on.
pub fn today() -> DateTime<FixedOffset> {
    moment("2026-11-24T10:30:00")
}

impl Sitting {
    /// Opens the program on `shelf`.
    pub fn at(shelf: &Shelf, now: DateTime<FixedOffset>, begin: Begin) -> Self {
        let demo = Store::clinic(shelf).expect("memory reads").demo;
        let model = Model::new(Beginning {
            text: Text::of(begin.lang),
            theme: begin.theme,
            now,
            me: shelf.doctor(),
            demo,
            seed: begin.seed,
            chart: begin.first.map(|number| {
                let found = shelf.find(&fold(&number)).expect("memory reads");
                found.expect("the patient is known")
            }),
            read_only: begin.read_only,
        });
        let mut sitting = Self {
            model,
            worker: Worker::new(Box::new(shelf.clone())),
            shelf: shelf.clone(),
            begun: now,
            elapsed: 0,
            size: begin.size,
            clipboard: None,
            cleared: 0,
            ended: false,
            slow: false,
            waiting: VecDeque::new(),
            pressed: 0,
        };
        // The store is asked for the lists and what is parsed, then for the rest.
        sitting.slow();
        sitting.ask(Request::Lists(Wanted::on(now.date_naive())));
        let assets = Assets {
            clinic: clinic().clone(),
            trouble: None,
        };
        sitting.feed(Msg::Assets(Box::new(assets)));
        sitting.arrive();
        sitting
    }

    /// The invented clinic on the usual day.
    pub fn demo() -> Self {
        Self::at(&Shelf::demo(today()), today(), Begin::default())
    }

    /// The time on the program's clock.
    pub fn now(&self) -> DateTime<FixedOffset> {
        self.begun + TimeDelta::milliseconds(i64::try_from(self.elapsed).unwrap_or(0))
    }

    /// Sets the clock, forward or back.
    pub fn set_clock(&mut self, now: DateTime<FixedOffset>) {
        let elapsed = TimeDelta::milliseconds(i64::try_from(self.elapsed).unwrap_or(0));
        self.begun = now - elapsed;
    }

    /// Presses the keys of a notation, a hand's pace apart.
    pub fn keys(&mut self, notation: &str) -> &mut Self {
        for key in keys::parse(notation).expect("a notation of keys") {
            self.press(key);
        }
        self
    }

    pub fn press(&mut self, key: Key) {
        self.press_after(key, STROKE);
    }

    /// A key this many milliseconds after the last one.
    pub fn press_after(&mut self, key: Key, millis: u64) {
        assert!(!self.ended, "the program has left; {key:?} goes nowhere");
        self.elapsed += millis;
        self.pressed += 1;
        self.feed(Msg::Key(key, self.elapsed));
    }

    /// Text that comes in one piece.
    pub fn paste(&mut self, text: &str) {
        self.elapsed += STROKE;
        self.feed(Msg::Text(text.to_owned()));
    }

    /// Time passes, and the program is told.
    pub fn wait(&mut self, seconds: u64) {
        self.elapsed += seconds * 1_000;
        self.feed(Msg::Tick);
    }

    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.size = (columns, rows);
        self.feed(Msg::Resized);
    }

    pub fn terminate(&mut self) {
        self.feed(Msg::Terminate);
    }

    pub fn fail(&self, fault: Option<Fault>) {
        self.shelf.fail(fault);
    }

    /// From now on the store takes its time.
    pub fn slow(&mut self) {
        self.slow = true;
    }

    /// The store has done everything it was asked for.
    pub fn arrive(&mut self) {
        self.slow = false;
        while let Some(request) = self.waiting.pop_front() {
            self.ask(request);
        }
    }

    pub fn feed(&mut self, msg: Msg) {
        let now = self.now();
        let effects = update(&mut self.model, msg, now);
        for effect in effects {
            self.perform(effect);
        }
    }

    fn perform(&mut self, effect: Effect) {
        let request = match effect {
            Effect::Lists(wanted) => Request::Lists(wanted),
            Effect::Search(keys) => Request::Search(keys),
            Effect::Open(patient) => Request::Open(patient),
            Effect::Inbox => Request::Inbox,
            Effect::Closing(day) => Request::Closing(day),
            Effect::Link(linking) => Request::Link(linking),
            Effect::TakeIn(sought) => return self.read(&sought),
            Effect::StoreFiles(run, now) => Request::StoreFiles(run, now),
            Effect::Forget(run) => Request::Forget(run),
            Effect::Check(patient) => Request::Check(patient),
            Effect::Append {
                entry,
                expected,
                projection,
            } => Request::Append {
                entry,
                expected,
                projection,
            },
            Effect::Copy(text) => {
                self.clipboard = Some(text);
                return self.feed(Msg::Copied(true));
            }
            Effect::ClearClipboard => {
                self.clipboard = None;
                self.cleared += 1;
                return;
            }
            Effect::Quit => {
                self.ended = true;
                return;
            }
        };
        if self.slow {
            self.waiting.push_back(request)
        } else {
            self.ask(request)
        }
    }

    /// What the thread of its own does with files.
    fn read(&mut self, sought: &Sought) {
        let mut told = Vec::new();
        let gathered = gather(sought, clinic(), None, &mut |progress| {
            told.push(News::Reading(progress));
            true
        });
        for news in told {
            self.feed(Msg::Intake(sought.run, news));
        }
        match gathered {
            Ok(gathered) if self.slow => {
                self.waiting
                    .push_back(Request::TakeIn(sought.run, gathered));
            }
            Ok(gathered) => self.ask(Request::TakeIn(sought.run, gathered)),
            Err(why) => self.feed(Msg::Intake(sought.run, News::NoneRead(why))),
        }
    }

    fn ask(&mut self, request: Request) {
        let opened = match &request {
            Request::Open(patient) => Some(*patient),
            _ => None,
        };
        if let Some(answer) = self.worker.answer(request) {
            self.feed(answer);
        }
        while self.worker.works() {
            if let Some(msg) = self.worker.work(&mut |_| false) {
                self.feed(msg);
            }
        }
        if let Some(patient) = opened {
            let checked = self.worker.check(patient);
            self.feed(checked);
        }
    }

    // ---- what is seen -----------------------------------------------------------

    pub fn picture(&self) -> Picture {
        self.picture_at(self.size.0, self.size.1)
    }

    /// The picture in a window of this size.
    pub fn picture_at(&self, columns: u16, rows: u16) -> Picture {
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).expect("a screen");
        terminal
            .draw(|frame| view(&self.model, self.now(), frame))
            .expect("a frame");
        let backend = terminal.backend();
        let caret = backend.cursor_visible().then(|| backend.cursor_position());
        Picture {
            buffer: backend.buffer().clone(),
            caret,
        }
    }

    /// The rows of the picture, blanks at their ends cut.
    pub fn rows(&self) -> Vec<String> {
        rows(&self.picture().buffer)
    }

    /// Whether these words stand on the screen, in one row.
    pub fn sees(&self, words: &str) -> bool {
        self.rows().iter().any(|row| row.contains(words))
    }

    /// Fails with the picture where the words are not on the screen.
    #[track_caller]
    pub fn must_see(&self, words: &str) {
        assert!(
            self.sees(words),
            "`{words}` is not on the screen:\n{}",
            self.rows().join("\n")
        );
    }

    /// Fails with the picture where the words are on the screen.
    #[track_caller]
    pub fn must_not_see(&self, words: &str) {
        assert!(
            !self.sees(words),
            "`{words}` is on the screen:\n{}",
            self.rows().join("\n")
        );
    }
}

/// A picture's rows; a wide character stands once.
pub fn rows(buffer: &Buffer) -> Vec<String> {
    let columns = usize::from(buffer.area.width.max(1));
    buffer.content().chunks(columns).map(row).collect()
}

fn row(cells: &[ratatui::buffer::Cell]) -> String {
    let mut text = String::new();
    let mut skip = 0;
    for cell in cells {
        if skip > 0 {
            skip -= 1;
            continue;
        }
        text.push_str(cell.symbol());
        skip = cell.symbol().width().saturating_sub(1);
    }
    text.trim_end().to_owned()
}
