//! A signed visit: read as it was signed, with every later word beside it.
//! Nothing in it changes; a line is amended, the whole is remarked on or voided,
//! each with a reason, each signed at once.

use super::form::{self, field_at};
use super::frame::{self, hints};
use super::{Ctx, Desk, Draft, Go, Outcome};
use crate::domain::answer::Answer;
use crate::domain::change::{Change, EntryKind, FrozenAnswer, Standing, Void};
use crate::domain::id::VisitId;
use crate::domain::lang::Lang;
use crate::domain::protocol::{Item, Kind};
use crate::domain::record::Visit;
use crate::keys::{Command, Key, Place, command};
use crate::note;
use crate::shown;
use crate::text::{Text, fill};
use crate::widget::canvas::{Canvas, window};
use crate::widget::cells;
use crate::widget::field::Field;

/// The signed visit's own state.
#[derive(Clone, Debug)]
pub struct SignedScreen {
    pub visit: VisitId,
    at: usize,
    step: Step,
    trouble: Option<&'static str>,
}

#[derive(Clone, Debug)]
enum Step {
    Read,
    /// The new answer of a line, by digit or typed.
    Answer(Field),
    /// Why: for an amended line with its new answer, a remark, or a void.
    Reason {
        what: Word,
        field: Field,
    },
    Remark(Field),
}

#[derive(Clone, Debug)]
enum Word {
    Amend(FrozenAnswer, Answer),
    Remark(String),
    Void,
}

impl SignedScreen {
    /// The visit `visit`, from its first line.
    pub fn new(visit: VisitId) -> Self {
        Self {
            visit,
            at: 0,
            step: Step::Read,
            trouble: None,
        }
    }

    /// Where keys are looked up.
    pub fn place(&self) -> Place {
        match self.step {
            Step::Read => Place::Signed,
            _ => Place::Field,
        }
    }

    /// Text pasted into the open field.
    pub fn paste(&mut self, text: &str) -> bool {
        match &mut self.step {
            Step::Read => false,
            Step::Answer(field) | Step::Remark(field) | Step::Reason { field, .. } => {
                field.insert(text);
                true
            }
        }
    }

    /// One key.
    pub fn key(&mut self, key: Key, ctx: &Ctx<'_>) -> Outcome {
        let Some((desk, visit)) = self.on(ctx) else {
            return Outcome::go(Go::Chart);
        };
        let Some(command) = command(self.place(), key) else {
            return Outcome::none();
        };
        match (&mut self.step, command) {
            (Step::Read, command) => self.read(command, desk, visit, ctx),
            (_, Command::Back) => {
                self.step = Step::Read;
                self.trouble = None;
                Outcome::none()
            }
            (
                Step::Answer(field) | Step::Remark(field) | Step::Reason { field, .. },
                Command::Text(key),
            ) => {
                self.trouble = None;
                form::edit(field, key);
                Outcome::none()
            }
            (_, Command::Enter) => self.accept(desk, visit, ctx),
            (_, Command::Help) => Outcome::go(Go::Help),
            _ => Outcome::none(),
        }
    }

    fn on<'a>(&self, ctx: &Ctx<'a>) -> Option<(&'a Desk, &'a Visit)> {
        let desk = ctx.desk?;
        Some((desk, desk.record.visit(self.visit)?))
    }

    fn read(&mut self, command: Command, desk: &Desk, visit: &Visit, ctx: &Ctx<'_>) -> Outcome {
        let text = ctx.text;
        let last = lines(visit).len().saturating_sub(1);
        match command {
            Command::Up => self.at = self.at.saturating_sub(1),
            Command::Down => self.at = (self.at + 1).min(last),
            Command::PageUp => self.at = self.at.saturating_sub(10),
            Command::PageDown => self.at = (self.at + 10).min(last),
            Command::Note => return note_page(visit, ctx),
            Command::Copy => return copy(visit, ctx),
            Command::Retry => return Outcome::go(Go::Retry),
            Command::Help => return Outcome::go(Go::Help),
            Command::Back => return Outcome::go(Go::Chart),
            _ if visit.closed().is_none() => return Outcome::say(text.say_voided),
            Command::Amend => return self.amend(desk, visit, ctx),
            Command::Remark => self.step = Step::Remark(Field::new(1_000)),
            Command::Void => self.step = reason(Word::Void),
            _ => {}
        }
        Outcome::none()
    }

    fn amend(&mut self, desk: &Desk, visit: &Visit, ctx: &Ctx<'_>) -> Outcome {
        let Some(line) = lines(visit).get(self.at).copied() else {
            return Outcome::none();
        };
        match desk.protocol.item(line.item.as_str()).map(|i| i.kind) {
            Some(Kind::Grade | Kind::Choice | Kind::Number | Kind::Text | Kind::Many) => {
                self.step = Step::Answer(Field::new(200));
                Outcome::none()
            }
            _ => Outcome::say(ctx.text.say_amend_by_remark),
        }
    }

    fn accept(&mut self, desk: &Desk, visit: &Visit, ctx: &Ctx<'_>) -> Outcome {
        match self.step.clone() {
            Step::Read => Outcome::none(),
            Step::Answer(field) => {
                let Some(line) = lines(visit).get(self.at).copied().cloned() else {
                    return Outcome::none();
                };
                let item = desk.protocol.item(line.item.as_str());
                match item.and_then(|i| typed_answer(i, field.text().trim())) {
                    Some(answer) => self.step = reason(Word::Amend(line, answer)),
                    None => self.trouble = Some(ctx.text.trouble_no_such_answer),
                }
                Outcome::none()
            }
            Step::Remark(field) if field.text().trim().is_empty() => {
                self.trouble = Some(ctx.text.trouble_empty);
                Outcome::none()
            }
            Step::Remark(field) => {
                self.step = reason(Word::Remark(field.text().trim().to_owned()));
                Outcome::none()
            }
            Step::Reason { field, .. } if field.text().trim().is_empty() => {
                self.trouble = Some(ctx.text.trouble_reason);
                Outcome::none()
            }
            Step::Reason { what, field } => {
                self.step = Step::Read;
                save(desk, visit, what, field.text().trim(), ctx)
            }
        }
    }
}

fn reason(what: Word) -> Step {
    Step::Reason {
        what,
        field: Field::new(500),
    }
}

/// A digit of the line's own, or what the line is typed as.
fn typed_answer(item: &Item, typed: &str) -> Option<Answer> {
    let digits = || {
        typed
            .chars()
            .map(|c| c.to_digit(10).and_then(|d| u8::try_from(d).ok()))
    };
    match item.kind {
        Kind::Grade | Kind::Choice => {
            let code: u8 = typed.parse().ok()?;
            let choice = item.option(code)?;
            choice.means.is_none().then_some(Answer::Code(code))
        }
        Kind::Many if typed == "0" => Some(Answer::Many(Vec::new())),
        Kind::Many => {
            let codes: Option<Vec<u8>> = digits().filter(|d| *d != Some(0)).collect();
            codes
                .filter(|c| !c.is_empty() && c.iter().all(|c| item.option(*c).is_some()))
                .map(Answer::Many)
        }
        Kind::Number => typed.parse().ok().map(Answer::Number),
        Kind::Text => (!typed.is_empty()).then(|| Answer::Text(typed.to_owned())),
        _ => None,
    }
}

fn save(desk: &Desk, visit: &Visit, what: Word, why: &str, ctx: &Ctx<'_>) -> Outcome {
    let text = ctx.text;
    let Some(signed) = visit.closed() else {
        return Outcome::say(text.say_voided);
    };
    let (kind, changes, said) = match what {
        Word::Amend(line, answer) => (
            EntryKind::Amend,
            signed.amend(&line.item, answer, why),
            text.saved_amendment,
        ),
        Word::Remark(remark) => (
            EntryKind::Amend,
            signed.remark(&remark, why),
            text.saved_amendment,
        ),
        Word::Void => {
            let void = Void {
                visit: visit.id(),
                reason: why.to_owned(),
                entered_again: None,
            };
            (EntryKind::Void, vec![Change::Void(void)], text.saved_void)
        }
    };
    Outcome::save(Draft {
        patient: desk.record.patient,
        visit: Some(visit.id()),
        kind,
        undoes: None,
        reason: Some(why.to_owned()),
        changes,
        what: said.to_owned(),
    })
}

fn note_page(visit: &Visit, ctx: &Ctx<'_>) -> Outcome {
    let (ja, en) = (
        whole_note(visit, ctx, Lang::Ja),
        whole_note(visit, ctx, Lang::En),
    );
    Outcome::go(Go::Page {
        title: ctx.text.note_title.to_owned(),
        ja,
        en,
    })
}

fn copy(visit: &Visit, ctx: &Ctx<'_>) -> Outcome {
    let words = whole_note(visit, ctx, ctx.lang());
    Outcome {
        copy: Some(words),
        say: Some(ctx.text.say_note_sent.to_owned()),
        ..Outcome::default()
    }
}

/// The note as signed, with every later word.
fn whole_note(visit: &Visit, ctx: &Ctx<'_>, lang: Lang) -> String {
    let name = |person| ctx.name(person).to_owned();
    let words = Text::of(lang);
    let note = ctx
        .desk
        .and_then(|d| note::of_signed(visit, &d.protocol, &name, &words));
    note.unwrap_or_default()
}

/// The lines as they were frozen.
fn lines(visit: &Visit) -> Vec<&FrozenAnswer> {
    visit.signed.iter().flat_map(|s| &s.answers).collect()
}

/// Draws the signed visit.
pub fn draw(screen: &SignedScreen, canvas: &mut Canvas<'_>, ctx: &Ctx<'_>) {
    let Some((desk, visit)) = screen.on(ctx) else {
        return;
    };
    let theme = ctx.theme;
    let header = frame::patient_header(ctx, desk, canvas.width());
    let body = frame::frame(
        canvas,
        ctx,
        &header,
        &hint_line(screen, ctx, canvas.width()),
        None,
    );
    canvas.put(1, body.top, &title(visit, ctx), theme.bold());
    let later = later_words(desk, visit, ctx);
    let room = usize::from(canvas.width().saturating_sub(4));
    let later: Vec<String> = later.iter().flat_map(|w| cells::wrap(w, room)).collect();
    let shown_later = later.len().min(6);
    let entry = u16::from(!matches!(screen.step, Step::Read)) * 3;
    let bottom = body.bottom.saturating_sub(shown_later as u16 + entry);
    frozen(screen, visit, canvas, ctx, body.top + 1, bottom);
    for (i, words) in later.iter().rev().take(shown_later).rev().enumerate() {
        canvas.put(2, bottom + i as u16, words, theme.bold());
    }
    entry_lines(screen, canvas, ctx, body.bottom.saturating_sub(entry));
}

fn title(visit: &Visit, ctx: &Ctx<'_>) -> String {
    let text = ctx.text;
    let day = shown::full_day(visit.day(), text);
    let Some(signed) = &visit.signed else {
        return format!("{day}  {}", text.void_mark);
    };
    let at = signed.stamp.at.format("%H:%M").to_string();
    let who = ctx.name(signed.stamp.person);
    let version = &signed.signature.protocol_version;
    let mut title = fill(
        text.signed_title,
        &[
            ("day", &day),
            ("who", who),
            ("at", &at),
            ("version", version),
        ],
    );
    if visit.void.is_some() {
        title.push_str(&format!("  {}", text.void_mark));
    }
    title
}

fn frozen(
    screen: &SignedScreen,
    visit: &Visit,
    canvas: &mut Canvas<'_>,
    ctx: &Ctx<'_>,
    top: u16,
    bottom: u16,
) {
    let (theme, text) = (ctx.theme, ctx.text);
    let all = lines(visit);
    let height = usize::from(bottom.saturating_sub(top));
    let first = window(screen.at, height, all.len());
    for (i, line) in all.iter().enumerate().skip(first).take(height) {
        let y = top + (i - first) as u16;
        let focused = i == screen.at;
        let style = match line.standing {
            Standing::Answered => theme.plain(),
            Standing::NotEntered => theme.bold(),
            Standing::SetAside => theme.dim(),
        };
        canvas.put(1, y, if focused { ">" } else { " " }, theme.bold());
        canvas.put_within(3, y, 26, &line.label, style);
        let words = match (line.standing, &line.shown) {
            (Standing::NotEntered, _) => text.not_entered.to_owned(),
            (Standing::SetAside, Some(shown)) => format!("{shown} {}", text.set_aside),
            (_, Some(shown)) => shown.clone(),
            (_, None) => String::new(),
        };
        canvas.put(30, y, &words, style);
        if focused {
            canvas.focus(y);
        }
    }
}

/// Amendments and a void, in words.
fn later_words(desk: &Desk, visit: &Visit, ctx: &Ctx<'_>) -> Vec<String> {
    let text = ctx.text;
    let when = |at: &chrono::DateTime<chrono::FixedOffset>| at.format("%Y-%m-%d %H:%M").to_string();
    let mut words: Vec<String> = visit
        .amendments
        .iter()
        .map(|a| {
            let item = a
                .amendment
                .item
                .as_ref()
                .and_then(|i| desk.protocol.item(i.as_str()));
            let what = match (item, &a.answer) {
                (Some(item), Some(answer)) => {
                    format!(
                        "{} → {}",
                        item.label(text.lang),
                        shown::answer(item, answer, text)
                    )
                }
                _ => a.amendment.text.clone().unwrap_or_default(),
            };
            let (who, at) = (ctx.name(a.stamp.person), when(&a.stamp.at));
            let values = [
                ("what", &*what),
                ("who", who),
                ("at", &at),
                ("why", &a.amendment.reason),
            ];
            fill(text.amendment_line, &values)
        })
        .collect();
    if let Some((stamp, void)) = &visit.void {
        let at = when(&stamp.at);
        let values = [
            ("who", ctx.name(stamp.person)),
            ("at", &at),
            ("why", &void.reason),
        ];
        words.push(fill(text.void_line, &values));
    }
    words
}

fn entry_lines(screen: &SignedScreen, canvas: &mut Canvas<'_>, ctx: &Ctx<'_>, y: u16) {
    let text = ctx.text;
    let (label, field) = match &screen.step {
        Step::Read => return,
        Step::Answer(field) => (text.amend_answer, field),
        Step::Remark(field) => (text.amend_remark, field),
        Step::Reason {
            what: Word::Void,
            field,
        } => (text.void_reason, field),
        Step::Reason { field, .. } => (text.amend_reason, field),
    };
    let x = canvas.put(1, y, label, ctx.theme.bold()) + 1;
    let width = canvas.width().saturating_sub(x + 2);
    field_at(canvas, x, y, width, field, true);
    if let Some(trouble) = screen.trouble {
        canvas.put(x, y + 1, &format!("! {trouble}"), ctx.theme.error());
    }
}

fn hint_line(screen: &SignedScreen, ctx: &Ctx<'_>, width: u16) -> String {
    let place = screen.place();
    let commands: &[Command] = match place {
        Place::Signed => &[
            Command::Note,
            Command::Copy,
            Command::Amend,
            Command::Remark,
            Command::Void,
            Command::Back,
        ],
        _ => &[Command::Enter, Command::Back],
    };
    let pairs: Vec<_> = commands
        .iter()
        .map(|c| frame::hint(place, *c, ctx.text))
        .collect();
    hints(&pairs, ctx.text, place, width)
}
