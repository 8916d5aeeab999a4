//! A laboratory's file is taken in: where it lies, then what it would bring, and
//! only then is it stored.
//!
//! ```text
//!  results.hl7  HL7  UTF-8  EXAMPLELAB
//!  結果 2  読めない行 1  照合待ち 0
//!   10427 伊藤 さくら 2002-07-07 女      =  10427 伊藤 さくら 2002-07-07 女
//!   採取 2026-11-20
//!     TG        612 mg/dL   HH  (30-149)
//!  ! 12 OBX  文書であり値ではない  ED^...
//! ```

mod rows;

use super::frame;
use super::{Ctx, Go, Outcome};
use crate::incoming::Found;
use crate::keys::{Command, Key, Place, Pressed, command, plain};
use crate::screen::form::{self, Form, Step};
use crate::shown;
use crate::text::{Text, fill};
use crate::widget::canvas::Canvas;
use rows::Lines;
use std::cell::Cell;

/// State of the screen.
#[derive(Clone, Debug)]
pub struct TakeInScreen {
    form: Form,
    stage: Stage,
    /// How many files are on disk, and of how many.
    stored: (usize, usize),
}

#[derive(Clone, Debug)]
enum Stage {
    Asking,
    Reading(usize, usize),
    LookingUp(usize, usize),
    Shown(Shown),
    /// With what was shown behind it.
    Storing(usize, usize, Shown),
}

#[derive(Clone, Debug)]
struct Shown {
    files: Vec<Found>,
    more: bool,
    lines: Lines,
    top: usize,
    /// How far the last picture could be scrolled: only drawing knows the rows.
    furthest: Cell<usize>,
}

/// What is wrong with a path, in words.
pub fn place_trouble(word: &str, text: &Text) -> String {
    shown::arrival::file_trouble(word, text)
}

impl TakeInScreen {
    /// Asks where the file lies; `folder` was used last.
    pub fn new(folder: &str, text: &Text) -> Self {
        let line = form::line(text.take_path, folder);
        Self {
            form: Form::new(vec![line]),
            stage: Stage::Asking,
            stored: (0, 0),
        }
    }

    /// Which keys hold.
    pub fn place(&self) -> Place {
        match self.stage {
            Stage::Asking => Place::TakeFrom,
            _ => Place::TakeIn,
        }
    }

    /// How many files are on disk, and of how many.
    pub fn stored(&self) -> (usize, usize) {
        self.stored
    }

    /// Whether something was asked for of which news may come.
    pub fn awaits(&self) -> bool {
        !matches!(self.stage, Stage::Asking)
    }

    /// So many files are read.
    pub fn reading(&mut self, (done, of): (usize, usize)) {
        if matches!(self.stage, Stage::Reading(..)) {
            self.stage = Stage::Reading(done, of);
        }
    }

    /// So many draws are looked up.
    pub fn looking_up(&mut self, (done, of): (usize, usize)) {
        if !matches!(self.stage, Stage::Shown(_) | Stage::Storing(..)) {
            self.stage = Stage::LookingUp(done, of);
        }
    }

    /// So much of the present file is stored.
    pub fn storing(&mut self, (done, of): (usize, usize)) {
        if let Stage::Storing(now, all, _) = &mut self.stage {
            (*now, *all) = (done, of);
        }
    }

    /// What would be stored.
    pub fn show(&mut self, files: Vec<Found>, more: bool) {
        let lines = Lines::of(&files);
        self.stage = Stage::Shown(Shown {
            files,
            more,
            lines,
            top: 0,
            furthest: Cell::new(usize::MAX),
        });
    }

    /// So many files are on disk by now.
    pub fn went(&mut self, stored: (usize, usize)) {
        self.stored = stored;
    }

    /// Nothing could be read there: asked again.
    pub fn refuse(&mut self, why: String) {
        self.stage = Stage::Asking;
        self.form.refuse(0, why);
    }

    /// A save did not go: what was shown stands there again.
    pub fn not_stored(&mut self) {
        self.stage = match std::mem::replace(&mut self.stage, Stage::Asking) {
            Stage::Storing(_, _, shown) | Stage::Shown(shown) => Stage::Shown(shown),
            _ => Stage::Asking,
        };
    }

    /// One key.
    pub fn key(&mut self, key: Key, ctx: &Ctx<'_>) -> Outcome {
        if matches!(self.stage, Stage::Asking) {
            return self.asking(key, ctx);
        }
        let Pressed::Key(key) = plain(key) else {
            return Outcome::say(ctx.text.say_input_method_on);
        };
        match command(Place::TakeIn, key) {
            Some(Command::Back) => Outcome::go(Go::LeaveFiles),
            Some(Command::Help) => Outcome::go(Go::Help),
            Some(Command::Enter) => self.store(ctx),
            Some(command) => {
                if let Stage::Shown(shown) = &mut self.stage {
                    shown.scroll(command);
                }
                Outcome::none()
            }
            None => Outcome::none(),
        }
    }

    fn asking(&mut self, key: Key, ctx: &Ctx<'_>) -> Outcome {
        let Some(command) = command(Place::TakeFrom, key) else {
            return Outcome::none();
        };
        if command == Command::Help {
            return Outcome::go(Go::Help);
        }
        match self.form.key(command) {
            Step::Leave => Outcome::go(Go::Inbox),
            Step::Save if self.form.text(0).trim().is_empty() => {
                self.form.refuse(0, ctx.text.take_which.to_owned());
                Outcome::none()
            }
            Step::Save => {
                self.stage = Stage::Reading(0, 0);
                Outcome::go(Go::TakeFrom(self.form.text(0).to_owned()))
            }
            Step::Stay => Outcome::none(),
        }
    }

    fn store(&mut self, ctx: &Ctx<'_>) -> Outcome {
        match std::mem::replace(&mut self.stage, Stage::Asking) {
            Stage::Shown(shown) if shown.storable() => {
                self.stage = Stage::Storing(0, 0, shown);
                Outcome::go(Go::StoreFiles)
            }
            Stage::Shown(shown) => {
                self.stage = Stage::Shown(shown);
                Outcome::say(ctx.text.take_nothing)
            }
            stage => {
                self.stage = stage;
                Outcome::none()
            }
        }
    }

    /// Text pasted into the field.
    pub fn paste(&mut self, text: &str) -> bool {
        matches!(self.stage, Stage::Asking) && self.form.paste(text.trim_end_matches(['\r', '\n']))
    }
}

impl Shown {
    /// Whether anything is there to be stored.
    fn storable(&self) -> bool {
        self.files.iter().any(|file| file.what.is_ok())
    }

    /// Rows below those that are shown on so many.
    fn below(&self, height: usize) -> usize {
        let height = height.saturating_sub(usize::from(self.more));
        let furthest = self.lines.len().saturating_sub(height);
        furthest - self.top.min(furthest)
    }

    fn scroll(&mut self, command: Command) {
        let last = self.furthest.get();
        let top = self.top.min(last);
        self.top = match command {
            Command::Up => top.saturating_sub(1),
            Command::Down => (top + 1).min(last),
            Command::PageUp => top.saturating_sub(15),
            Command::PageDown => (top + 15).min(last),
            Command::First => 0,
            Command::Last => last,
            _ => top,
        };
    }
}

/// Draws the screen.
pub fn draw(screen: &TakeInScreen, canvas: &mut Canvas<'_>, ctx: &Ctx<'_>) {
    let text = ctx.text;
    let header = [text.take_title.to_owned(), text.take_about.to_owned()];
    let place = screen.place();
    let commands = match &screen.stage {
        Stage::Asking => &[Command::Enter, Command::Back][..],
        Stage::Shown(shown) if shown.storable() => {
            &[Command::Enter, Command::PageDown, Command::Back]
        }
        Stage::Shown(_) => &[Command::PageDown, Command::Back],
        _ => &[Command::Back],
    };
    let line = frame::hint_line(place, commands, text, canvas.width());
    let body = frame::frame(canvas, ctx, &header, &line, None);
    let (width, height) = (canvas.width(), body.bottom.saturating_sub(body.top));
    if let Stage::Shown(shown) = &screen.stage {
        let below = shown.below(usize::from(height));
        frame::more_below(canvas, body.bottom, below, text);
    }
    let part = &mut canvas.part(0, body.top, width, height);
    match &screen.stage {
        Stage::Asking => {
            screen.form.draw(&mut part.part(0, 1, width, 3));
            for (y, line) in (5..).zip(text.take_help.split('/')) {
                part.put(3, y, line.trim(), ctx.theme.dim());
            }
        }
        Stage::Reading(done, of) => progress(text.take_reading, *done, *of, part, ctx),
        Stage::LookingUp(done, of) => progress(text.take_looking_up, *done, *of, part, ctx),
        Stage::Shown(shown) => preview(shown, part, ctx),
        Stage::Storing(done, of, _) => {
            progress(text.take_storing, *done, *of, part, ctx);
            let (done, of) = screen.stored;
            if of > 1 {
                progress(
                    text.take_files,
                    done,
                    of,
                    &mut part.part(0, 3, width, 3),
                    ctx,
                );
            }
        }
    }
}

/// Words and a bar, as far as it is known how far it is.
fn progress(words: &str, done: usize, of: usize, canvas: &mut Canvas<'_>, ctx: &Ctx<'_>) {
    let values = [("done", &*done.to_string()), ("of", &*of.to_string())];
    canvas.put(3, 1, &fill(words, &values), ctx.theme.plain());
    let room = usize::from(canvas.width().saturating_sub(8)).min(60);
    let full = (done * room).checked_div(of).unwrap_or(0).min(room);
    let bar = "#".repeat(full) + &".".repeat(room - full);
    canvas.put(3, 2, &format!("[{bar}]"), ctx.theme.dim());
}

fn preview(shown: &Shown, canvas: &mut Canvas<'_>, ctx: &Ctx<'_>) {
    let head = u16::from(shown.more);
    if shown.more {
        canvas.put_within(
            1,
            0,
            canvas.width() - 2,
            ctx.text.take_more,
            ctx.theme.bold(),
        );
    }
    let height = usize::from(canvas.height().saturating_sub(head));
    let furthest = shown.lines.len().saturating_sub(height);
    shown.furthest.set(furthest);
    let top = shown.top.min(furthest);
    let last = (top + height).min(shown.lines.len());
    for (y, at) in (head..).zip(top..last) {
        rows::draw(shown.lines.at(at), &shown.files, canvas, y, ctx);
    }
}
