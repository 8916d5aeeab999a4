//! Who did not come: what was recorded of it, and recording more.
//!
//! ```text
//!  1 来院せず  2 電話  3 手紙  4 メール  5 その他の連絡  6 一覧から外す
//!
//! > 11/21(土) 電話 応答なし                         11/21 佐藤 由美
//!   11/20(金) 来院せず                              11/20 佐藤 由美
//! ```

use super::form::{self, Form, Step};
use super::frame;
use super::{Ctx, Desk, Draft, Go, Outcome};
use crate::domain::change::{Change, EntryKind};
use crate::domain::course::Treatment;
use crate::domain::date::{self, Meaning};
use crate::domain::due;
use crate::domain::follow::{
    Attempt, Followed, Means, Missed, Reached, Refused, Snooze, may_snooze,
};
use crate::domain::record::Stamp;
use crate::domain::situation::Settings;
use crate::keys::{Command, Key, Place, Pressed, command, plain};
use crate::shown;
use crate::text::Text;
use crate::widget::canvas::{Canvas, window};
use chrono::NaiveDate;

/// State of the screen.
#[derive(Clone, Debug, Default)]
pub struct FollowScreen {
    at: usize,
    adding: Option<(What, Form)>,
}

/// What is being recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Missed,
    Attempt(Means),
    Snooze,
}

impl What {
    /// What a digit stands for.
    fn of(digit: u8) -> Option<Self> {
        Some(match digit {
            1 => Self::Missed,
            2 => Self::Attempt(Means::Phone),
            3 => Self::Attempt(Means::Letter),
            4 => Self::Attempt(Means::Mail),
            5 => Self::Attempt(Means::Other),
            6 => Self::Snooze,
            _ => return None,
        })
    }

    /// Which line of its form holds a day, and what the day may be.
    fn day_line(self) -> (usize, Meaning) {
        match self {
            Self::Missed => (0, Meaning::Past),
            Self::Attempt(_) => (1, Meaning::Past),
            Self::Snooze => (0, Meaning::Future),
        }
    }
}

/// Newest first.
fn rows(desk: &Desk) -> Vec<&(Stamp, Followed)> {
    desk.record.followed().iter().rev().collect()
}

fn settings<'a>(desk: &'a Desk, ctx: &Ctx<'a>) -> &'a Settings {
    ctx.clinic.map_or(&desk.settings, |clinic| &clinic.settings)
}

impl FollowScreen {
    /// Where keys are looked up.
    pub fn place(&self) -> Place {
        match self.adding {
            Some(_) => Place::Form,
            None => Place::Follow,
        }
    }

    /// One key.
    pub fn key(&mut self, key: Key, ctx: &Ctx<'_>) -> Outcome {
        let Some(desk) = ctx.desk else {
            return Outcome::go(Go::List);
        };
        if self.adding.is_some() {
            return self.form_key(key, desk, ctx);
        }
        let Pressed::Key(key) = plain(key) else {
            return Outcome::say(ctx.text.say_input_method_on);
        };
        let last = rows(desk).len().saturating_sub(1);
        match command(Place::Follow, key) {
            Some(Command::Answer(digit)) => {
                self.adding = What::of(digit).map(|what| (what, blank(what, desk, ctx)));
                self.echo(ctx);
            }
            Some(Command::Undo) => return take_back(desk, ctx),
            Some(Command::Up) => self.at = self.at.saturating_sub(1),
            Some(Command::Down) => self.at = (self.at + 1).min(last),
            Some(Command::Back) => return Outcome::go(Go::FromFollow),
            Some(Command::HandOver) => return Outcome::go(Go::HandOver),
            Some(Command::Help) => return Outcome::go(Go::Help),
            _ => {}
        }
        Outcome::none()
    }

    fn form_key(&mut self, key: Key, desk: &Desk, ctx: &Ctx<'_>) -> Outcome {
        let (Some(command), Some((what, form))) = (command(Place::Form, key), &mut self.adding)
        else {
            return Outcome::none();
        };
        if command == Command::Help {
            return Outcome::go(Go::Help);
        }
        match form.key(command) {
            Step::Stay => {}
            Step::Leave => self.adding = None,
            Step::Save => match said(*what, form, desk, ctx) {
                Ok(said) => {
                    self.adding = None;
                    self.at = 0;
                    return Outcome::save(draft(said, desk, ctx.text));
                }
                Err((at, why)) => form.refuse(at, why),
            },
        }
        self.echo(ctx);
        Outcome::none()
    }

    /// Text pasted into the focused line.
    pub fn paste(&mut self, text: &str) -> bool {
        self.adding
            .as_mut()
            .is_some_and(|(_, form)| form.paste(text))
    }

    fn echo(&mut self, ctx: &Ctx<'_>) {
        let Some((what, form)) = &mut self.adding else {
            return;
        };
        let (at, meaning) = what.day_line();
        let read = date::parse(form.text(at), ctx.today, meaning).ok();
        if let Some(line) = form.lines.get_mut(at) {
            line.echo = read.map_or(String::new(), |d| shown::echo(d, ctx.today, ctx.text));
        }
    }
}

/// A form with what is likely filled in.
fn blank(what: What, desk: &Desk, ctx: &Ctx<'_>) -> Form {
    let text = ctx.text;
    let today = date::iso(ctx.today);
    Form::new(match what {
        What::Missed => {
            let planned = planned(desk, ctx).filter(|day| *day <= ctx.today);
            let day = planned.map_or(today, date::iso);
            vec![form::line(text.follow_missed_on, &day)]
        }
        What::Attempt(_) => {
            let outcomes: Vec<&str> = Reached::ALL
                .iter()
                .map(|outcome| shown::reached(*outcome, text))
                .collect();
            vec![
                form::choice(text.follow_outcome, &outcomes, None),
                form::line(text.follow_tried_on, &today),
                form::line(text.follow_note, ""),
            ]
        }
        What::Snooze => vec![
            form::line(text.follow_back_on, ""),
            form::line(text.follow_why, ""),
        ],
    })
}

/// The day on which the patient was to come.
fn planned(desk: &Desk, ctx: &Ctx<'_>) -> Option<NaiveDate> {
    let t = Treatment::on(&desk.record, ctx.today)?;
    due::visit(&desk.record, &t, settings(desk, ctx)).day()
}

/// What the form says, or which line is wrong and why.
fn said(what: What, form: &Form, desk: &Desk, ctx: &Ctx<'_>) -> Result<Followed, (usize, String)> {
    let text = ctx.text;
    let (at, meaning) = what.day_line();
    let read = form.optional(at, |typed| {
        date::parse(typed, ctx.today, meaning).map_err(|why| shown::date_trouble(why, text))
    })?;
    let day = read.ok_or_else(|| (at, text.trouble_empty.to_owned()))?;
    let typed = |at: usize| form.text(at).trim().to_owned();
    Ok(match what {
        What::Missed => {
            let known = Followed::Missed(Missed { missed_on: day });
            if desk
                .record
                .followed()
                .iter()
                .any(|(_, said)| *said == known)
            {
                return Err((at, text.follow_known.to_owned()));
            }
            known
        }
        What::Attempt(means) => {
            let chosen = form.chosen(0).and_then(|n| Reached::ALL.get(n));
            let outcome = chosen.ok_or_else(|| (0, text.follow_no_outcome.to_owned()))?;
            Followed::Attempt(Attempt {
                tried_on: day,
                means,
                outcome: *outcome,
                note: Some(typed(2)).filter(|note| !note.is_empty()),
            })
        }
        What::Snooze => {
            let why = typed(1);
            may_snooze(&desk.record, settings(desk, ctx), ctx.today, day)
                .map_err(|why| (at, refused(why, text).to_owned()))?;
            if why.is_empty() {
                return Err((1, text.follow_no_reason.to_owned()));
            }
            Followed::Snooze(Snooze { back_on: day, why })
        }
    })
}

fn refused(why: Refused, text: &Text) -> &'static str {
    match why {
        Refused::NoDay => text.follow_not_later,
        Refused::TooLong => text.follow_too_long,
        Refused::Test => text.follow_test_first,
        Refused::Outcome => text.follow_outcome_first,
    }
}

fn draft(said: Followed, desk: &Desk, text: &Text) -> Draft {
    let what = shown::followed(&said, text);
    let (kind, change) = match said {
        Followed::Missed(missed) => (EntryKind::Missed, Change::Missed(missed)),
        Followed::Attempt(attempt) => (EntryKind::Attempt, Change::Attempt(attempt)),
        Followed::Snooze(snooze) => (EntryKind::Snooze, Change::Snooze(snooze)),
    };
    Draft {
        patient: desk.record.patient,
        visit: None,
        kind,
        undoes: None,
        reason: None,
        changes: vec![change],
        what,
    }
}

/// Takes back what was recorded last.
fn take_back(desk: &Desk, ctx: &Ctx<'_>) -> Outcome {
    let Some((stamp, _)) = desk.record.followed().last() else {
        return Outcome::say(ctx.text.follow_nothing_to_undo);
    };
    Outcome::save(Draft {
        patient: desk.record.patient,
        visit: None,
        kind: EntryKind::Undo,
        undoes: Some(stamp.entry),
        reason: None,
        changes: Vec::new(),
        what: ctx.text.saved_undo.to_owned(),
    })
}

/// Draws the screen.
pub fn draw(screen: &FollowScreen, canvas: &mut Canvas<'_>, ctx: &Ctx<'_>) {
    let (text, theme) = (ctx.text, ctx.theme);
    let Some(desk) = ctx.desk else { return };
    let header = frame::patient_header(ctx, desk, canvas.width());
    let commands: &[Command] = match screen.adding {
        Some(_) => &[Command::Enter, Command::Save, Command::Back],
        None => &[Command::Answer(0), Command::Undo, Command::Back],
    };
    let place = screen.place();
    let line = frame::hint_line(place, commands, text, canvas.width());
    let body = frame::frame(canvas, ctx, &header, &line, None);
    let (width, height) = (canvas.width(), body.bottom.saturating_sub(body.top));
    let part = &mut canvas.part(0, body.top, width, height);
    part.put_within(1, 0, width - 2, text.follow_keys, theme.bold());
    if let Some((what, form)) = &screen.adding {
        part.put(1, 2, title(*what, text), theme.bold());
        form.draw(&mut part.part(0, 3, width, height.saturating_sub(3)));
        return;
    }
    recorded(
        screen,
        desk,
        &mut part.part(0, 2, width, height.saturating_sub(2)),
        ctx,
    );
}

fn title(what: What, text: &Text) -> &'static str {
    match what {
        What::Missed => text.follow_missed,
        What::Attempt(means) => shown::followed_by(means, text),
        What::Snooze => text.follow_snooze,
    }
}

/// What was recorded, by whom and when.
fn recorded(screen: &FollowScreen, desk: &Desk, canvas: &mut Canvas<'_>, ctx: &Ctx<'_>) {
    let (text, theme) = (ctx.text, ctx.theme);
    let rows = rows(desk);
    if rows.is_empty() {
        canvas.put(3, 0, text.follow_none, theme.dim());
    }
    let first = window(screen.at, usize::from(canvas.height()), rows.len());
    let width = canvas.width();
    for (y, (n, (stamp, said))) in (0..canvas.height()).zip(rows.iter().enumerate().skip(first)) {
        let focused = n == screen.at;
        let style = if focused { theme.bold() } else { theme.plain() };
        canvas.put(0, y, if focused { ">" } else { " " }, style);
        let day = shown::day(stamp.at.date_naive(), text);
        let who = format!("{day} {}", ctx.name(stamp.person));
        let end = canvas.put_right(width - 1, y, &who, theme.dim());
        canvas.put_within(
            2,
            y,
            end.saturating_sub(4),
            &shown::followed(said, text),
            style,
        );
        if focused {
            canvas.focus(y);
        }
    }
}
