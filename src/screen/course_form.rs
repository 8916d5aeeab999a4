//! Starting a course, and correcting how it started.

use super::form::{self, Form, Step};
use super::frame;
use super::{Ctx, Desk, Draft, Go, Outcome};
use crate::domain::answer::{Answer, Manner, Phase};
use crate::domain::change::{Change, CourseStart, EntryKind, Given};
use crate::domain::course::Treatment;
use crate::domain::date::{self, Meaning};
use crate::domain::id::CourseId;
use crate::domain::quantity::{Comparator, Quantity};
use crate::domain::schedule;
use crate::keys::{Command, Key, Place, command};
use crate::shown;
use crate::text::Text;
use crate::widget::canvas::Canvas;
use chrono::NaiveDate;
use rust_decimal::Decimal;

const PRODUCT: usize = 0;
const DOSE: usize = 1;
const FIRST: usize = 2;
const WEIGHT: usize = 3;
const CONSENT: usize = 4;
const EARLIER: usize = 5;
const ORIGIN: usize = 6;

/// The form of a course.
#[derive(Clone, Debug)]
pub struct CourseForm {
    form: Form,
    /// The course that runs, or that may be corrected after it ended.
    course: Option<CourseId>,
    /// After a course ended: what the form is for, once it was said.
    ended: Option<Option<Which>>,
    /// What the lines held when they were filled in; a line typed over is kept.
    filled: Vec<String>,
}

/// What is entered after a course ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    Correct,
    New,
}

impl CourseForm {
    /// The form of the running course, or of the first. After a course ended it
    /// asks whether that one is corrected or a new one started.
    pub fn of(ctx: &Ctx<'_>, desk: &Desk) -> Self {
        let text = ctx.text;
        let known = Treatment::on(&desk.record, ctx.today);
        let ended = known.as_ref().is_some_and(|t| t.phase == Phase::After);
        let course = known.as_ref().map(|t| &t.course);
        let mut lines = Vec::new();
        if ended {
            let options = [text.rules_correct_course, text.rules_new_course];
            lines.push(form::choice(text.rules_which_course, &options, None));
        }
        let filled = texts(course.filter(|_| !ended), desk, text);
        lines.extend(
            labels(text)
                .iter()
                .zip(&filled)
                .map(|(l, t)| form::line(l, t)),
        );
        let transferred = course.is_some_and(|c| c.transferred && !ended);
        lines.push(origin(transferred, ctx));
        Self {
            form: Form::new(lines),
            course: course.map(|c| c.course),
            ended: ended.then_some(None),
            filled,
        }
    }

    /// Where a line stands: the choice of the course is above the others.
    fn at(&self, line: usize) -> usize {
        line + usize::from(self.ended.is_some())
    }

    /// The course whose lines are entered; none for a new one.
    fn corrected(&self) -> Option<CourseId> {
        match self.ended {
            None | Some(Some(Which::Correct)) => self.course,
            Some(_) => None,
        }
    }

    /// Fills the lines in for the course that was chosen. What was typed stays.
    fn choose(&mut self, ctx: &Ctx<'_>) {
        let (Some(before), Some(desk)) = (self.ended, ctx.desk) else {
            return;
        };
        let which = self.form.chosen(0).map(|at| match at {
            0 => Which::Correct,
            _ => Which::New,
        });
        if which == before {
            return;
        }
        self.ended = Some(which);
        let corrected = self.corrected();
        let courses = desk.record.courses().iter();
        let course = courses.rev().find(|c| Some(c.course) == corrected);
        let filled = texts(course, desk, ctx.text);
        for (line, label) in labels(ctx.text).iter().enumerate() {
            let at = self.at(line);
            if self.form.text(at) == self.filled[line] {
                self.form.lines[at] = form::line(label, &filled[line]);
            }
        }
        let at = self.at(ORIGIN);
        self.form.lines[at] = origin(course.is_some_and(|c| c.transferred), ctx);
        self.filled = filled;
    }

    /// One key.
    pub fn key(&mut self, key: Key, ctx: &Ctx<'_>) -> Outcome {
        let Some(command) = command(Place::Form, key) else {
            return Outcome::none();
        };
        if command == Command::Help {
            return Outcome::go(Go::Help);
        }
        let step = self.form.key(command);
        self.choose(ctx);
        self.echo(ctx);
        match step {
            Step::Stay => Outcome::none(),
            Step::Leave => Outcome::go(Go::Back),
            Step::Save => match self.changes(ctx) {
                Ok(changes) => saved(changes, ctx),
                Err((at, why)) => {
                    self.form.refuse(at, why);
                    Outcome::none()
                }
            },
        }
    }

    /// Text pasted into the focused line.
    pub fn paste(&mut self, text: &str) -> bool {
        self.form.paste(text)
    }

    fn echo(&mut self, ctx: &Ctx<'_>) {
        for (at, meaning) in [(FIRST, Meaning::Any), (CONSENT, Meaning::Past)] {
            let at = self.at(at);
            let read = date::parse(self.form.text(at), ctx.today, meaning).ok();
            if let Some(line) = self.form.lines.get_mut(at) {
                line.echo = read.map_or(String::new(), |d| shown::echo(d, ctx.today, ctx.text));
            }
        }
    }

    fn changes(&self, ctx: &Ctx<'_>) -> Result<Vec<Change>, (usize, String)> {
        let text = ctx.text;
        if self.ended == Some(None) {
            return Err((0, text.rules_which_missing.to_owned()));
        }
        let product = self.form.text(self.at(PRODUCT)).trim().to_owned();
        if product.is_empty() {
            return Err((self.at(PRODUCT), text.trouble_empty.to_owned()));
        }
        let capsule_mg = schedule::strength(&product);
        let earlier_mg = self.number(EARLIER, 1_000_000, text.trouble_number, ctx)?;
        let mg_per_day = self.number(DOSE, 300, text.trouble_dose, ctx)?;
        let weight = self.number(WEIGHT, 400, text.trouble_weight, ctx)?;
        let first_dose_on = self.day(FIRST, Meaning::Any, ctx)?;
        let signed_on = self.day(CONSENT, Meaning::Past, ctx)?;
        let transferred = self.form.chosen(self.at(ORIGIN)) == Some(1);
        if transferred && first_dose_on.is_none_or(|day| day > ctx.today) {
            return Err((self.at(FIRST), text.rules_transferred_first.to_owned()));
        }
        let protocol = ctx.clinic.map_or(String::new(), |c| c.protocol.id.clone());
        let course = self
            .corrected()
            .unwrap_or_else(|| CourseId::from(ctx.ids.next(ctx.now)));
        let mut changes = vec![Change::Course(CourseStart {
            course,
            protocol,
            product,
            first_dose_on,
            mg_per_day,
            capsule_mg,
            earlier_mg,
            transferred,
        })];
        let desk = ctx.desk;
        if let Some(kg) =
            weight.filter(|kg| desk.and_then(|d| d.record.weight()).map(|w| w.0) != Some(*kg))
        {
            changes.push(outside(Answer::Weight {
                kg,
                measured_on: ctx.today,
            }));
        }
        if let Some(day) =
            signed_on.filter(|day| desk.and_then(|d| d.record.consent(course)) != Some(*day))
        {
            changes.push(outside(Answer::Consent {
                given: true,
                signed_on: Some(day),
                form: desk.and_then(|d| d.protocol.consent_form.clone()),
            }));
        }
        Ok(changes)
    }

    fn number(
        &self,
        at: usize,
        most: u32,
        trouble: &str,
        ctx: &Ctx<'_>,
    ) -> Result<Option<Decimal>, (usize, String)> {
        let at = self.at(at);
        let number = self.form.optional(at, |t| {
            Quantity::parse(t)
                .ok()
                .filter(|q| q.comparator == Comparator::Equal)
                .map(|q| q.number)
                .ok_or(ctx.text.trouble_number)
        })?;
        match number {
            Some(n) if n <= Decimal::ZERO || n > Decimal::from(most) => {
                Err((at, trouble.to_owned()))
            }
            number => Ok(number),
        }
    }

    fn day(
        &self,
        at: usize,
        meaning: Meaning,
        ctx: &Ctx<'_>,
    ) -> Result<Option<NaiveDate>, (usize, String)> {
        self.form.optional(self.at(at), |t| {
            date::parse(t, ctx.today, meaning).map_err(|e| shown::date_trouble(e, ctx.text))
        })
    }
}

/// The text lines, in order.
fn labels(text: &Text) -> [&'static str; 6] {
    [
        text.form_product,
        text.form_mg_per_day,
        text.form_first_dose,
        text.form_weight,
        text.form_consent,
        text.form_earlier,
    ]
}

/// What the text lines hold for `course`, or for a new one. The consent to an
/// earlier course is not one to this.
fn texts(course: Option<&CourseStart>, desk: &Desk, text: &Text) -> Vec<String> {
    let day = |day: Option<NaiveDate>| day.map_or(String::new(), date::iso);
    let number = |n: Option<Decimal>| n.map_or(String::new(), shown::number);
    vec![
        course.map_or(text.default_product.to_owned(), |c| c.product.clone()),
        number(course.and_then(|c| c.mg_per_day)),
        day(course.and_then(|c| c.first_dose_on)),
        number(desk.record.weight().map(|(kg, _)| kg)),
        day(course.and_then(|c| desk.record.consent(c.course))),
        number(course.and_then(|c| c.earlier_mg)),
    ]
}

/// Whether the course starts here; one taken over gets no first visit.
fn origin(transferred: bool, ctx: &Ctx<'_>) -> form::FormLine {
    let text = ctx.text;
    let options = [text.rules_starts_here, text.rules_transferred];
    form::choice(text.rules_origin, &options, Some(usize::from(transferred)))
}

fn outside(answer: Answer) -> Change {
    Change::Answer(Given {
        visit: None,
        item: None,
        manner: Manner::Asked,
        answer,
    })
}

fn saved(changes: Vec<Change>, ctx: &Ctx<'_>) -> Outcome {
    let Some(desk) = ctx.desk else {
        return Outcome::go(Go::List);
    };
    Outcome {
        save: Some(Draft {
            patient: desk.record.patient,
            visit: None,
            kind: EntryKind::Course,
            undoes: None,
            reason: None,
            changes,
            what: ctx.text.saved_course.to_owned(),
        }),
        go: Some(Go::Chart),
        ..Outcome::default()
    }
}

/// Draws the form.
pub fn draw(screen: &CourseForm, canvas: &mut Canvas<'_>, ctx: &Ctx<'_>) {
    let text = ctx.text;
    let header = ctx.desk.map_or_else(Default::default, |d| {
        frame::patient_header(ctx, d, canvas.width())
    });
    let commands = [Command::Enter, Command::Up, Command::Save, Command::Back];
    let line = frame::hint_line(Place::Form, &commands, text, canvas.width());
    let body = frame::frame(canvas, ctx, &header, &line, None);
    let title = if screen.corrected().is_some() {
        text.course_edit_title
    } else {
        text.course_title
    };
    canvas.put(1, body.top, title, ctx.theme.bold());
    if let Some(clinic) = ctx.clinic {
        let protocol = &clinic.protocol;
        let name = format!("{} {}", protocol.title.get(text.lang), protocol.version);
        canvas.put(3, body.top + 1, &name, ctx.theme.dim());
    }
    let (width, height) = (canvas.width(), body.bottom.saturating_sub(body.top + 3));
    screen
        .form
        .draw(&mut canvas.part(0, body.top + 3, width, height));
}
