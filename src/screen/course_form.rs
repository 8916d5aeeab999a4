//! Starting a course, and correcting how it started.

use super::form::{self, Form, Step};
use super::frame::{self, hints};
use super::{Ctx, Desk, Draft, Go, Outcome};
use crate::domain::answer::{Answer, Manner};
use crate::domain::change::{Change, CourseStart, EntryKind, Given};
use crate::domain::date::{self, Meaning};
use crate::domain::id::CourseId;
use crate::domain::quantity::{Comparator, Quantity};
use crate::keys::{Command, Key, Place, command};
use crate::shown;
use crate::widget::canvas::Canvas;
use chrono::NaiveDate;
use rust_decimal::Decimal;

const PRODUCT: usize = 0;
const DOSE: usize = 1;
const FIRST: usize = 2;
const WEIGHT: usize = 3;
const CONSENT: usize = 4;

/// The form of a course.
#[derive(Clone, Debug)]
pub struct CourseForm {
    form: Form,
    /// The course corrected; none where one is started.
    course: Option<CourseId>,
}

impl CourseForm {
    /// The form of the running course, or of a new one after it ended.
    pub fn of(ctx: &Ctx<'_>, desk: &Desk) -> Self {
        let running = crate::domain::course::Treatment::on(&desk.record, ctx.today)
            .filter(|t| t.phase != crate::domain::answer::Phase::After);
        let course = running.as_ref().map(|t| &t.course);
        let text = ctx.text;
        let product = course.map_or(text.default_product.to_owned(), |c| c.product.clone());
        let dose = course
            .and_then(|c| c.mg_per_day)
            .map_or(String::new(), shown::number);
        let first = course
            .and_then(|c| c.first_dose_on)
            .map_or(String::new(), date::iso);
        let weight = desk
            .record
            .weight()
            .map_or(String::new(), |(kg, _)| shown::number(kg));
        let consent = consent(desk).map_or(String::new(), date::iso);
        let form = Form::new(vec![
            form::line(text.form_product, &product),
            form::line(text.form_mg_per_day, &dose),
            form::line(text.form_first_dose, &first),
            form::line(text.form_weight, &weight),
            form::line(text.form_consent, &consent),
        ]);
        Self {
            form,
            course: course.map(|c| c.course),
        }
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
            let read = date::parse(self.form.text(at), ctx.today, meaning).ok();
            if let Some(line) = self.form.lines.get_mut(at) {
                line.echo = read.map_or(String::new(), |d| shown::full_day(d, ctx.text));
            }
        }
    }

    fn changes(&self, ctx: &Ctx<'_>) -> Result<Vec<Change>, (usize, String)> {
        let text = ctx.text;
        let product = self.form.text(PRODUCT).trim().to_owned();
        if product.is_empty() {
            return Err((PRODUCT, text.trouble_empty.to_owned()));
        }
        let mg_per_day = self.number(DOSE, 300, text.trouble_dose, ctx)?;
        let weight = self.number(WEIGHT, 400, text.trouble_weight, ctx)?;
        let first_dose_on = self.day(FIRST, Meaning::Any, ctx)?;
        let signed_on = self.day(CONSENT, Meaning::Past, ctx)?;
        let protocol = ctx.clinic.map_or(String::new(), |c| c.protocol.id.clone());
        let course = self
            .course
            .unwrap_or_else(|| CourseId::from(ctx.ids.next(ctx.now)));
        let mut changes = vec![Change::Course(CourseStart {
            course,
            protocol,
            product,
            first_dose_on,
            mg_per_day,
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
        if let Some(day) = signed_on.filter(|day| desk.and_then(consent) != Some(*day)) {
            changes.push(outside(Answer::Consent {
                given: true,
                signed_on: Some(day),
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
        self.form.optional(at, |t| {
            date::parse(t, ctx.today, meaning).map_err(|e| shown::date_trouble(e, ctx.text))
        })
    }
}

fn consent(desk: &Desk) -> Option<NaiveDate> {
    desk.record
        .answers()
        .into_iter()
        .rev()
        .find_map(|(_, _, a)| match a {
            Answer::Consent {
                given: true,
                signed_on,
            } => *signed_on,
            _ => None,
        })
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
    let pairs = [Command::Enter, Command::Up, Command::Save, Command::Back]
        .map(|c| frame::hint(Place::Form, c, text));
    let line = hints(&pairs, text, Place::Form, canvas.width());
    let body = frame::frame(canvas, ctx, &header, &line, None);
    let title = if screen.course.is_some() {
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
