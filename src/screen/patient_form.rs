//! Registering a patient, and correcting who they are.

use super::form::{self, Form, Step};
use super::frame;
use super::{Ctx, Desk, Draft, Go, Outcome};
use crate::domain::answer::{Answer, Can, CannotReason, Manner, Sex};
use crate::domain::change::{Change, EntryKind, Given, Identity};
use crate::domain::date::{self, Meaning};
use crate::domain::id::PatientId;
use crate::keys::{Command, Key, Place, command};
use crate::shown;
use crate::text::fill;
use crate::widget::canvas::Canvas;

/// Lines of the form.
const NUMBER: usize = 0;
const NAME: usize = 1;
const KANA: usize = 2;
const BIRTH: usize = 3;
const SEX: usize = 4;
const CAN: usize = 5;

/// The form, for a new patient or one on the desk.
#[derive(Clone, Debug)]
pub struct PatientForm {
    pub form: Form,
    /// None while registering.
    editing: Option<PatientId>,
    /// Waiting for the store's answer about the chart number.
    pub waiting: bool,
}

impl PatientForm {
    /// An empty form.
    pub fn register(ctx: &Ctx<'_>) -> Self {
        Self {
            form: fields(ctx, None, None),
            editing: None,
            waiting: false,
        }
    }

    /// The form of the patient on the desk.
    pub fn edit(ctx: &Ctx<'_>, desk: &Desk) -> Self {
        let potential = desk.record.potential();
        let chosen = potential
            .2
            .and_then(|_| choice_of(potential.0, potential.1));
        let form = fields(ctx, desk.record.identity(), chosen);
        Self {
            form,
            editing: Some(desk.record.patient),
            waiting: false,
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
        if self.waiting {
            return Outcome::none();
        }
        let step = self.form.key(command);
        self.echo(ctx);
        match step {
            Step::Stay => Outcome::none(),
            Step::Leave => Outcome::go(Go::Back),
            Step::Save => self.save(ctx),
        }
    }

    /// It was not saved: it can be tried again, or left.
    pub fn release(&mut self) {
        self.waiting = false;
    }

    /// The chart number belongs to somebody else.
    pub fn taken(&mut self, ctx: &Ctx<'_>) {
        self.waiting = false;
        self.form
            .refuse(NUMBER, ctx.text.trouble_number_taken.to_owned());
    }

    /// The birth date as it is read.
    fn echo(&mut self, ctx: &Ctx<'_>) {
        let typed = self.form.text(BIRTH).trim().to_owned();
        let read = date::parse(&typed, ctx.today, Meaning::Birth).ok();
        let age = |day| date::age(day, ctx.today).to_string();
        let echo = read.map_or(String::new(), |day| {
            let years = fill(ctx.text.age, &[("n", &age(day))]);
            format!("{} {years}", shown::dated(day, ctx.text))
        });
        if let Some(line) = self.form.lines.get_mut(BIRTH) {
            line.echo = echo;
        }
    }

    fn save(&mut self, ctx: &Ctx<'_>) -> Outcome {
        match self.identity(ctx) {
            Err((at, why)) => {
                self.form.refuse(at, why);
                Outcome::none()
            }
            Ok(identity) => {
                let patient = self
                    .editing
                    .unwrap_or_else(|| PatientId::from(ctx.ids.next(ctx.now)));
                let mut changes = vec![Change::Patient(identity)];
                changes.extend(self.potential(ctx));
                self.waiting = true;
                Outcome::save(Draft {
                    patient,
                    visit: None,
                    kind: EntryKind::Patient,
                    undoes: None,
                    reason: None,
                    changes,
                    what: ctx.text.saved_patient.to_owned(),
                })
            }
        }
    }

    fn identity(&self, ctx: &Ctx<'_>) -> Result<Identity, (usize, String)> {
        let text = ctx.text;
        let needed = |at: usize| {
            let typed = self.form.text(at).trim();
            if typed.is_empty() {
                Err((at, text.trouble_empty.to_owned()))
            } else {
                Ok(typed.to_owned())
            }
        };
        let (chart_number, name) = (needed(NUMBER)?, needed(NAME)?);
        let birth_date = date::parse(&needed(BIRTH)?, ctx.today, Meaning::Birth)
            .map_err(|e| (BIRTH, shown::date_trouble(e, text).to_owned()))?;
        let sex = match self.form.chosen(SEX) {
            Some(0) => Sex::Female,
            Some(1) => Sex::Male,
            Some(2) => Sex::Unknown,
            _ => return Err((SEX, text.trouble_choose.to_owned())),
        };
        if self.form.chosen(CAN).is_none() {
            return Err((CAN, text.trouble_choose.to_owned()));
        }
        Ok(Identity {
            chart_number,
            name,
            kana: self.form.text(KANA).trim().to_owned(),
            birth_date,
            sex,
        })
    }

    /// Whether the patient can become pregnant, where it is new.
    fn potential(&self, ctx: &Ctx<'_>) -> Option<Change> {
        let (can, reason) = POTENTIAL.get(self.form.chosen(CAN)?).copied()?;
        let known = ctx
            .desk
            .filter(|_| self.editing.is_some())
            .map(|d| d.record.potential());
        if known.is_some_and(|(c, r, at)| at.is_some() && (c, r) == (can, reason)) {
            return None;
        }
        Some(Change::Answer(Given {
            visit: None,
            item: None,
            manner: Manner::Asked,
            answer: Answer::Potential { can, reason },
        }))
    }
}

/// What the last line offers, in order.
const POTENTIAL: [(Can, Option<CannotReason>); 7] = [
    (Can::Yes, None),
    (Can::Unknown, None),
    (Can::No, Some(CannotReason::MaleOrgans)),
    (Can::No, Some(CannotReason::Hysterectomy)),
    (Can::No, Some(CannotReason::OvariesRemoved)),
    (Can::No, Some(CannotReason::Menopause)),
    (Can::No, Some(CannotReason::Other)),
];

fn choice_of(can: Can, reason: Option<CannotReason>) -> Option<usize> {
    POTENTIAL.iter().position(|p| *p == (can, reason))
}

fn fields(ctx: &Ctx<'_>, known: Option<&Identity>, potential: Option<usize>) -> Form {
    let text = ctx.text;
    let field = |label: &str, value: Option<String>| form::line(label, &value.unwrap_or_default());
    let sexes = [text.sex_female, text.sex_male, text.sex_unknown];
    let sex = known.map(|i| match i.sex {
        Sex::Female => 0,
        Sex::Male => 1,
        Sex::Unknown => 2,
    });
    let can = [
        text.can_yes_short,
        text.can_unknown_short,
        text.can_no_male,
        text.can_no_hysterectomy,
        text.can_no_ovaries,
        text.can_no_menopause,
        text.can_no_other,
    ];
    Form::new(vec![
        field(
            text.form_chart_number,
            known.map(|i| i.chart_number.clone()),
        ),
        field(text.form_name, known.map(|i| i.name.clone())),
        field(text.form_kana, known.map(|i| i.kana.clone())),
        field(text.form_birth, known.map(|i| date::iso(i.birth_date))),
        form::choice(text.form_sex, &sexes, sex),
        form::choice(text.form_can, &can, potential),
    ])
}

/// Draws the form.
pub fn draw(screen: &PatientForm, canvas: &mut Canvas<'_>, ctx: &Ctx<'_>) {
    let text = ctx.text;
    let header = match ctx.desk.filter(|_| screen.editing.is_some()) {
        Some(desk) => frame::patient_header(ctx, desk, canvas.width()),
        None => [text.patient_new.to_owned(), String::new()],
    };
    let commands = [Command::Enter, Command::Up, Command::Save, Command::Back];
    let line = frame::hint_line(Place::Form, &commands, text, canvas.width());
    let body = frame::frame(canvas, ctx, &header, &line, None);
    let title = if screen.editing.is_some() {
        text.edit_title
    } else {
        text.register_title
    };
    canvas.put(1, body.top, title, ctx.theme.bold());
    let (width, height) = (canvas.width(), body.bottom.saturating_sub(body.top + 2));
    screen
        .form
        .draw(&mut canvas.part(0, body.top + 2, width, height));
    if screen.waiting {
        canvas.put(
            3,
            body.bottom.saturating_sub(1),
            text.saving,
            ctx.theme.dim(),
        );
    }
}
