//! The first screen: who is due today, who must not be lost, and the search.
//!
//! ```text
//!  本日 12                                │ 追跡 8
//! > 10427 佐藤 花  女24 受診 本日         │   10511 …  受診 12日超過
//! ```

mod picture;
mod row;

use super::{Ctx, Go, Outcome};
use crate::domain::date::{self, Meaning};
use crate::domain::due;
use crate::domain::fold;
use crate::domain::id::PatientId;
use crate::domain::line::Line;
use crate::domain::wanted::{Filter, Wanted};
use crate::keys::{Command, Key, Place, command};
use crate::screen::form;
use crate::shown;
use crate::widget::field::Field;
use chrono::NaiveDate;
pub use picture::draw;

/// The two lists as the store gave them.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    pub today: Vec<Line>,
    pub follow_up: Vec<Line>,
    /// Whether more stand behind the last row.
    pub more: [bool; 2],
    /// All patients there are.
    pub patients: u64,
    /// What came from laboratories and needs somebody.
    pub arrived: Arrived,
    /// What these rows were asked for; none before the store has answered.
    pub of: Option<Wanted>,
    /// How many the filter keeps back, and whether it may be more.
    pub hidden: usize,
    pub more_hidden: bool,
    /// Whether the store has answered at all.
    pub loaded: bool,
}

/// How much came from laboratories and needs somebody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Arrived {
    /// Patients with results nobody has looked at, and those with a critical value.
    pub unseen: u64,
    pub critical: u64,
    /// Draws that are nobody's yet.
    pub waiting: u64,
}

/// State of the first screen.
#[derive(Clone, Debug)]
pub struct ListScreen {
    search: Field,
    /// Whether a patient was opened from what was searched for: what is typed next
    /// is the next patient.
    looked: bool,
    /// What the store found for the search; none while it has not answered.
    found: Option<Vec<Line>>,
    follow_up: bool,
    at: usize,
    /// Whom the cursor stands on; it stays there when the rows change.
    on: Option<PatientId>,
    /// The day of the lists, where it is not today.
    day: Option<NaiveDate>,
    filter: Option<Filter>,
    /// That day while it is typed.
    typing: Option<Field>,
}

impl Default for ListScreen {
    fn default() -> Self {
        Self {
            search: Field::new(60),
            looked: false,
            found: None,
            follow_up: false,
            at: 0,
            on: None,
            day: None,
            filter: None,
            typing: None,
        }
    }
}

impl ListScreen {
    /// One key.
    pub fn key(&mut self, key: Key, rows: &Rows, ctx: &Ctx<'_>) -> Outcome {
        let outcome = self.pressed(key, rows, ctx);
        self.stand(rows);
        outcome
    }

    /// Where keys are looked up.
    pub fn place(&self) -> Place {
        match self.typing {
            Some(_) => Place::Field,
            None => Place::List,
        }
    }

    /// What the lists are to show.
    pub fn wanted(&self, ctx: &Ctx<'_>) -> Wanted {
        let day = self.day.unwrap_or(ctx.today);
        let by = ctx.clinic.and_then(|c| due::before_next(day, &c.settings));
        Wanted {
            day,
            by: by.unwrap_or(day),
            filter: self.filter,
        }
    }

    /// Typing the day of the lists.
    fn day_key(&mut self, key: Key, ctx: &Ctx<'_>) -> Outcome {
        let Some(field) = &mut self.typing else {
            return Outcome::none();
        };
        match command(Place::Field, key) {
            Some(Command::Enter) => match date::parse(field.text(), ctx.today, Meaning::Any) {
                Ok(day) => return self.turn_to((day != ctx.today).then_some(day)),
                Err(why) => return Outcome::say(shown::date_trouble(why, ctx.text)),
            },
            Some(Command::Back) => self.typing = None,
            Some(Command::Help) => return Outcome::go(Go::Help),
            Some(Command::Text(key)) => form::edit(field, key),
            _ => {}
        }
        Outcome::none()
    }

    fn turn_to(&mut self, day: Option<NaiveDate>) -> Outcome {
        self.typing = None;
        self.day = day;
        self.at = 0;
        Outcome::go(Go::Relist)
    }

    /// Narrowed to the next thing; what is searched for is not narrowed.
    fn narrow(&mut self) -> Outcome {
        self.clear();
        self.filter = Filter::after(self.filter);
        Outcome::go(Go::Relist)
    }

    /// First what is searched for goes, then the filter and the other day.
    fn widen(&mut self) -> Outcome {
        let searched = !self.search.is_empty();
        let whole = self.filter.is_none() && self.day.is_none();
        self.clear();
        if searched || whole {
            return Outcome::none();
        }
        self.filter = None;
        self.turn_to(None)
    }

    fn pressed(&mut self, key: Key, rows: &Rows, ctx: &Ctx<'_>) -> Outcome {
        if self.typing.is_some() {
            return self.day_key(key, ctx);
        }
        let Some(command) = command(Place::List, key) else {
            return Outcome::none();
        };
        let last = self.shown(rows).len().saturating_sub(1);
        match command {
            Command::Up => self.at = self.at.saturating_sub(1),
            Command::Down => self.at = (self.at + 1).min(last),
            Command::PageUp => self.at = self.at.saturating_sub(10),
            Command::PageDown => self.at = (self.at + 10).min(last),
            Command::SwitchList => self.switch(),
            Command::Enter => return self.open(rows, ctx),
            Command::Back => return self.widen(),
            Command::Filter => return self.narrow(),
            Command::Day => self.typing = Some(Field::new(20)),
            Command::Register => return Outcome::go(Go::Register),
            Command::CloseDay => return Outcome::go(Go::Close),
            Command::Follow => return self.follow(rows, ctx),
            Command::Results => return Outcome::go(Go::Inbox),
            Command::HandOver => return Outcome::go(Go::HandOver),
            Command::Language => return Outcome::go(Go::Language),
            Command::Help => return Outcome::go(Go::Help),
            Command::Quit => return Outcome::go(Go::Quit),
            Command::Text(key) => {
                self.next_patient(matches!(key, Key::Char(_)));
                form::edit(&mut self.search, key);
                return self.searched();
            }
            _ => {}
        }
        Outcome::none()
    }

    /// Text pasted or committed by an input method: into the search.
    pub fn paste(&mut self, text: &str, rows: &Rows) -> Outcome {
        if let Some(field) = &mut self.typing {
            field.insert(text);
            return Outcome::none();
        }
        self.next_patient(true);
        self.search.insert(text);
        let outcome = self.searched();
        self.stand(rows);
        outcome
    }

    fn switch(&mut self) {
        self.follow_up = !self.follow_up;
        self.at = 0;
    }

    /// Typing after a look at a patient begins a search anew; rubbing out goes on
    /// with the old one.
    fn next_patient(&mut self, typed: bool) {
        if std::mem::take(&mut self.looked) && typed {
            self.search.clear();
        }
    }

    fn clear(&mut self) {
        self.search.clear();
        self.looked = false;
        self.found = None;
        self.at = 0;
    }

    fn searched(&mut self) -> Outcome {
        self.at = 0;
        self.found = None;
        if self.search.text().trim().is_empty() {
            return Outcome::none();
        }
        Outcome::go(Go::Search(fold::query_keys(self.search.text())))
    }

    /// The store's answer to the search of these keys.
    pub fn take_found(&mut self, keys: &[String], found: Vec<Line>, rows: &Rows) {
        if fold::query_keys(self.search.text()) == keys {
            self.found = Some(found);
            self.refreshed(rows);
        }
    }

    /// After signing: the search cleared, the row behind the signed patient's.
    pub fn settle(&mut self, rows: &Rows, signed: PatientId) {
        self.clear();
        self.follow_up = false;
        let row = rows.today.iter().position(|l| l.patient == signed);
        let last = rows.today.len().saturating_sub(1);
        self.at = row.map_or(0, |row| row + 1).min(last);
        self.stand(rows);
        // The last row's patient is the signed one, who may go: then the row counts.
        self.on = self.on.filter(|on| *on != signed);
    }

    /// The rows were read again: the cursor stays with its patient.
    pub fn refreshed(&mut self, rows: &Rows) {
        let shown = self.shown(rows);
        let row = self
            .on
            .and_then(|on| shown.iter().position(|l| l.patient == on));
        self.at = row.unwrap_or(self.at).min(shown.len().saturating_sub(1));
        self.stand(rows);
    }

    /// Remembers whom the cursor stands on.
    fn stand(&mut self, rows: &Rows) {
        self.on = self.shown(rows).get(self.at).map(|l| l.patient);
    }

    fn follow(&self, rows: &Rows, ctx: &Ctx<'_>) -> Outcome {
        match self.shown(rows).get(self.at) {
            Some(line) => Outcome::go(Go::OpenFollow(line.patient)),
            None => Outcome::say(ctx.text.say_nobody_selected),
        }
    }

    fn open(&mut self, rows: &Rows, ctx: &Ctx<'_>) -> Outcome {
        if !self.search.is_empty() && self.found.is_none() && self.shown(rows).is_empty() {
            return Outcome::say(ctx.text.say_still_searching);
        }
        let Some(patient) = self.shown(rows).get(self.at).map(|line| line.patient) else {
            return Outcome::say(ctx.text.say_nobody_selected);
        };
        self.looked = !self.search.is_empty();
        Outcome::go(Go::Open(patient))
    }

    /// The rows that Enter would open: today's rows whose chart number holds the
    /// typed digits come first, then what the store found.
    fn shown<'a>(&'a self, rows: &'a Rows) -> Vec<&'a Line> {
        let typed = fold::fold(self.search.text());
        if typed.is_empty() {
            return if self.follow_up {
                &rows.follow_up
            } else {
                &rows.today
            }
            .iter()
            .collect();
        }
        let here = rows.today.iter().chain(&rows.follow_up);
        let mut all: Vec<&Line> = here
            .filter(|l| fold::fold(&l.chart_number).contains(&typed))
            .collect();
        for line in self.found.iter().flatten() {
            if !all.iter().any(|l| l.patient == line.patient) {
                all.push(line);
            }
        }
        all
    }
}
