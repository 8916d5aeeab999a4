//! What is being entered at a line: a field, a short choice, a set of marks.
//!
//! A field's text is saved when the field is left by Enter; until then the
//! screen shows it as unsaved. Esc leaves it without saving.

use super::answer::{self, listed, measured, observed};
use super::{VisitScreen, Walk};
use crate::domain::answer::{Absence, Answer, ItemId, Plan, TestKind};
use crate::domain::catalogue::{Analyte, Asked, Check, check_after};
use crate::domain::change::EntryKind;
use crate::domain::checklist::{Line, LineId};
use crate::domain::date::{self, Meaning as Dates};
use crate::domain::observation::{
    AnalyteId, Fasting, Observation, RangeSource, ReferenceRange, Reported,
};
use crate::domain::protocol::{Item, Kind, Opens};
use crate::keys::{Command, Key, Place};
use crate::screen::Outcome;
use crate::screen::form::{self, Form};
use crate::text::fill;
use crate::widget::field::Field;
use chrono::NaiveDate;
use rust_decimal::Decimal;

/// Graphemes a field takes at most.
const SHORT: usize = 40;
const LONG: usize = 1_000;

/// What the keys go to.
#[derive(Clone, Debug)]
pub enum Stage {
    /// To the checklist.
    Walk,
    /// After `.`: the digit that says why there is no answer.
    Absent,
    /// To a field.
    Typing {
        what: Typing,
        field: Field,
        trouble: Option<Trouble>,
    },
    /// To a field that an option opened.
    Detail {
        asked: Opens,
        detail: Detail,
        field: Field,
        trouble: Option<Trouble>,
    },
    /// Where a pregnancy test was done.
    Where(Detail),
    /// Whether the patient had fasted.
    Fasting(Detail),
    /// Why the dose is reduced, held or stopped: from the open alerts, or typed.
    Reason(Detail),
    /// Sentences explained, one by one.
    Sentences { detail: Detail, chosen: Vec<u8> },
    /// Several codes of a line.
    Toggle { item: ItemId, codes: Vec<u8> },
    /// A number that looks like another unit: which is it?
    Unit {
        analyte: AnalyteId,
        typed: String,
        suggested: String,
    },
    /// What is remarked of the sample.
    Sample,
    /// An analyte to add, by digit.
    Add { page: usize },
    /// Dose, supply and dates of the decision.
    Dates { form: Form, plan: Plan },
}

/// What a field of the walk is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typing {
    /// A line that takes a number, day, weight or text.
    Plain(ItemId),
    Value {
        analyte: AnalyteId,
    },
    /// The range printed beside a value.
    Range {
        analyte: AnalyteId,
    },
    Memo(ItemId),
    SampleComment,
}

/// Why a field was not accepted, or what it asks before it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    Error(String),
    /// Enter once more accepts it.
    Question(String),
}

/// An option chosen, and what it opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    pub item: ItemId,
    pub key: u8,
    pub todo: Vec<Opens>,
    pub got: Vec<Got>,
}

/// One thing an opened entry gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Got {
    Day(NaiveDate),
    Count(u32),
    Text(String),
    Where(TestKind),
    Dose(Decimal),
    Fasting(Fasting),
    Reason(String),
    Sentences(Vec<u8>),
}

impl Stage {
    /// A field with something already in it.
    pub fn typing(what: Typing, text: &str) -> Self {
        let limit = match what {
            Typing::Memo(_) | Typing::SampleComment => LONG,
            Typing::Plain(_) | Typing::Value { .. } | Typing::Range { .. } => SHORT,
        };
        Self::Typing {
            what,
            field: Field::with_text(limit, text),
            trouble: None,
        }
    }

    /// The entry that asks `asked`.
    pub(super) fn ask(asked: Opens, detail: Detail, walk: &Walk<'_>) -> Self {
        match asked {
            Opens::Where => Self::Where(detail),
            Opens::Fasting => Self::Fasting(detail),
            Opens::Sentences => {
                let chosen = listed(walk).iter().map(|s| s.number).collect();
                Self::Sentences { detail, chosen }
            }
            _ => Self::Detail {
                asked,
                detail,
                field: Field::new(SHORT),
                trouble: None,
            },
        }
    }

    /// Where keys are looked up.
    pub fn place(&self) -> Place {
        match self {
            Self::Walk => Place::Visit,
            Self::Typing { .. } | Self::Detail { .. } => Place::Field,
            Self::Toggle { .. } | Self::Sentences { .. } => Place::Toggle,
            Self::Dates { .. } => Place::Form,
            _ => Place::Choice,
        }
    }

    /// Whether a field holds text that is not saved.
    pub fn holds_text(&self) -> bool {
        match self {
            Self::Typing { field, .. } | Self::Detail { field, .. } => !field.is_empty(),
            Self::Dates { .. } => true,
            _ => false,
        }
    }

    /// Text pasted into the field, where there is one.
    pub fn paste(&mut self, text: &str) -> bool {
        match self {
            Self::Typing { field, trouble, .. } | Self::Detail { field, trouble, .. } => {
                *trouble = None;
                field.insert(text);
                true
            }
            Self::Dates { form, .. } => form.paste(text),
            _ => false,
        }
    }

    /// An editing key or a character for the walk's field.
    pub(super) fn press(&mut self, key: Key) {
        if let Self::Typing { field, trouble, .. } | Self::Detail { field, trouble, .. } = self {
            *trouble = None;
            form::edit(field, key);
        }
    }

    fn trouble(&mut self, new: Trouble) {
        if let Self::Typing { trouble, .. } | Self::Detail { trouble, .. } = self {
            *trouble = Some(new);
        }
    }
}

/// A key in the present stage.
pub(super) fn key(screen: &mut VisitScreen, command: Command, walk: &Walk<'_>) -> Outcome {
    if command == Command::Help {
        return Outcome::go(crate::screen::Go::Help);
    }
    if command == Command::Back && screen.stage.place() != Place::Form {
        return leave(screen, walk);
    }
    match (&mut screen.stage, command) {
        (stage @ (Stage::Typing { .. } | Stage::Detail { .. }), Command::Text(key)) => {
            stage.press(key);
            Outcome::none()
        }
        (Stage::Typing { .. }, Command::Enter) => accept(screen, walk),
        (Stage::Detail { .. }, Command::Enter) => accept_detail(screen, walk),
        (Stage::Toggle { .. }, _) | (Stage::Sentences { .. }, _) => toggle(screen, command, walk),
        (Stage::Dates { .. }, _) => in_dates(screen, command, walk),
        (_, Command::Answer(digit)) => choose(screen, digit, walk),
        _ => Outcome::none(),
    }
}

/// Esc: back to the checklist; what was typed is not saved, and said so.
fn leave(screen: &mut VisitScreen, walk: &Walk<'_>) -> Outcome {
    let typed = screen.stage.holds_text();
    screen.stage = Stage::Walk;
    if typed {
        Outcome::say(walk.ctx.text.say_left_unsaved)
    } else {
        Outcome::none()
    }
}

/// Enter at a line: opens its entry; an answer is never given by it.
pub(super) fn open(screen: &mut VisitScreen, line: &Line, walk: &Walk<'_>) -> Outcome {
    let item = walk.item(line);
    if let LineId::Analyte(analyte) = &line.id {
        let typed = observed(analyte, walk).and_then(Observation::quantity);
        let text = typed.map_or(String::new(), |q| q.typed.clone());
        screen.stage = Stage::typing(
            Typing::Value {
                analyte: analyte.clone(),
            },
            &text,
        );
        return Outcome::none();
    }
    let answer = line.response(walk.visit()).map(|r| &r.answer);
    match item.kind {
        Kind::Number | Kind::Weight | Kind::Day | Kind::Text => {
            let text = answer.map_or(String::new(), typed_again);
            let mut stage = Stage::typing(Typing::Plain(item.id.clone()), &text);
            if let (Kind::Text, Stage::Typing { field, .. }) = (item.kind, &mut stage) {
                *field = Field::with_text(LONG, &text);
            }
            screen.stage = stage;
        }
        Kind::Many => {
            let codes = match answer {
                Some(Answer::Many(codes)) => codes.clone(),
                _ => Vec::new(),
            };
            screen.stage = Stage::Toggle {
                item: item.id.clone(),
                codes,
            };
        }
        Kind::Plan => return dates(screen, walk),
        Kind::Draw if walk.list.drawn.is_some() => screen.stage = Stage::Sample,
        _ => return Outcome::say(walk.ctx.text.say_enter_never_answers),
    }
    Outcome::none()
}

/// An answer as it would be typed.
fn typed_again(answer: &Answer) -> String {
    match answer {
        Answer::Number(value) => crate::shown::number(*value),
        Answer::Weight { kg, .. } => crate::shown::number(*kg),
        Answer::Day(day) => date::iso(*day),
        Answer::Text(text) => text.clone(),
        _ => String::new(),
    }
}

/// A remark at the focused line.
pub(super) fn memo(screen: &mut VisitScreen, line: &Line, walk: &Walk<'_>) -> Outcome {
    screen.stage = Stage::typing(Typing::Memo(walk.item(line).id.clone()), "");
    Outcome::none()
}

/// The range printed beside the focused value.
pub(super) fn range(screen: &mut VisitScreen, line: &Line, walk: &Walk<'_>) -> Outcome {
    let LineId::Analyte(analyte) = &line.id else {
        return Outcome::say(walk.ctx.text.say_range_only_values);
    };
    let Some(observation) = observed(analyte, walk) else {
        return Outcome::say(walk.ctx.text.say_range_needs_value);
    };
    let text = observation
        .range
        .as_ref()
        .map_or(String::new(), ReferenceRange::text);
    screen.stage = Stage::typing(
        Typing::Range {
            analyte: analyte.clone(),
        },
        &text,
    );
    Outcome::none()
}

/// Another analyte for today's draw.
pub(super) fn add(screen: &mut VisitScreen, walk: &Walk<'_>) -> Outcome {
    if walk.list.drawn.is_none() {
        return Outcome::say(walk.ctx.text.say_draw_first);
    }
    screen.stage = Stage::Add { page: 0 };
    Outcome::none()
}

/// The analytes that may be added, as the protocol lists them, not yet there.
pub(super) fn addable<'a>(walk: &Walk<'a>) -> Vec<&'a Analyte> {
    let Some(clinic) = walk.ctx.clinic else {
        return Vec::new();
    };
    let panel = walk.desk.protocol.items().find(|i| i.kind == Kind::Labs);
    let extras = panel.map(|p| p.extras.as_slice()).unwrap_or_default();
    extras
        .iter()
        .filter(|id| observed(id, walk).is_none())
        .filter_map(|id| clinic.catalogue.get(id))
        .collect()
}

/// How many analytes one page of digits offers: 1 to 8; 9 turns the page.
pub(super) const PAGE: usize = 8;

/// Dose, supply and dates of the decision, as a form.
pub(super) fn dates(screen: &mut VisitScreen, walk: &Walk<'_>) -> Outcome {
    let Some(plan) = walk.visit().plan() else {
        return Outcome::say(walk.ctx.text.say_decide_first);
    };
    screen.stage = Stage::Dates {
        form: plan_form(plan, walk),
        plan: plan.clone(),
    };
    Outcome::none()
}

fn plan_form(plan: &Plan, walk: &Walk<'_>) -> Form {
    let text = walk.ctx.text;
    let number = |n: Option<Decimal>| n.map_or(String::new(), crate::shown::number);
    let day = |d: Option<NaiveDate>| d.map_or(String::new(), date::iso);
    Form::new(vec![
        form::line(text.form_mg_per_day, &number(plan.mg_per_day)),
        form::line(
            text.form_days,
            &plan.days.map_or(String::new(), |d| d.to_string()),
        ),
        form::line(text.form_next_visit, &day(plan.next_visit)),
        form::line(text.form_next_blood, &day(plan.next_blood)),
        form::line(text.form_reason, plan.reason.as_deref().unwrap_or_default()),
    ])
}

fn in_dates(screen: &mut VisitScreen, command: Command, walk: &Walk<'_>) -> Outcome {
    let Stage::Dates { form, plan } = &mut screen.stage else {
        return Outcome::none();
    };
    match form.key(command) {
        form::Step::Stay => Outcome::none(),
        form::Step::Leave => {
            screen.stage = Stage::Walk;
            Outcome::none()
        }
        form::Step::Save => match plan_of(form, plan, walk) {
            Ok(plan) => {
                screen.stage = Stage::Walk;
                let item = walk.desk.protocol.items().find(|i| i.kind == Kind::Plan);
                item.map_or_else(Outcome::none, |item| walk.respond(item, Answer::Plan(plan)))
            }
            Err((at, why)) => {
                form.refuse(at, why);
                Outcome::none()
            }
        },
    }
}

fn plan_of(form: &Form, plan: &Plan, walk: &Walk<'_>) -> Result<Plan, (usize, String)> {
    let text = walk.ctx.text;
    let today = walk.visit().day();
    let mg = form.optional(0, |t| decimal(t).ok_or(text.trouble_number))?;
    let days = form.optional(1, |t| {
        t.trim().parse::<u32>().map_err(|_| text.trouble_number)
    })?;
    let day = |at| {
        form.optional(at, |t| {
            date::parse(t, today, Dates::Future).map_err(|e| crate::shown::date_trouble(e, text))
        })
    };
    let (next_visit, next_blood) = (day(2)?, day(3)?);
    if next_visit.is_some_and(|d| d <= today) {
        return Err((2, text.trouble_not_future.to_owned()));
    }
    if mg.is_some_and(|mg| mg <= Decimal::ZERO || mg > Decimal::from(300)) {
        return Err((0, text.trouble_dose.to_owned()));
    }
    if days.is_some_and(|d| d == 0 || d > 365) {
        return Err((1, text.trouble_days.to_owned()));
    }
    let reason = Some(form.text(4).trim().to_owned()).filter(|r| !r.is_empty());
    Ok(Plan {
        mg_per_day: mg,
        days,
        next_visit,
        next_blood,
        reason,
        ..plan.clone()
    })
}

/// A plain decimal, full width or not.
fn decimal(text: &str) -> Option<Decimal> {
    crate::domain::quantity::Quantity::parse(text)
        .ok()
        .filter(|q| q.comparator == crate::domain::quantity::Comparator::Equal)
        .map(|q| q.number)
}

/// Enter in a field of the walk.
fn accept(screen: &mut VisitScreen, walk: &Walk<'_>) -> Outcome {
    let Stage::Typing {
        what,
        field,
        trouble,
    } = &screen.stage
    else {
        return Outcome::none();
    };
    let text = field.text().trim().to_owned();
    let confirmed = matches!(trouble, Some(Trouble::Question(_)));
    let done = match what.clone() {
        _ if text.is_empty() => {
            screen.stage = Stage::Walk;
            return Outcome::none();
        }
        Typing::Value { analyte } => return value(screen, &analyte, &text, confirmed, walk),
        Typing::Plain(item) => match walk.desk.protocol.item(item.as_str()) {
            Some(item) => plain(item, &text, confirmed, walk),
            None => Ok(Outcome::none()),
        },
        Typing::Range { analyte } => printed_range(&analyte, &text, walk),
        Typing::Memo(item) => {
            let change = walk.open.memo(&item, &text);
            let what = walk.ctx.text.saved_memo.to_owned();
            Ok(Outcome::save(walk.draft(
                EntryKind::Memo,
                vec![change],
                what,
            )))
        }
        Typing::SampleComment => match walk.list.drawn.as_ref() {
            Some(drawn) => {
                let mut specimen = drawn.specimen.clone();
                specimen.comment = Some(text);
                Ok(answer::restated(specimen, walk))
            }
            None => Ok(Outcome::none()),
        },
    };
    finish(screen, done)
}

fn finish(screen: &mut VisitScreen, done: Result<Outcome, Trouble>) -> Outcome {
    match done {
        Ok(outcome) => {
            screen.stage = Stage::Walk;
            outcome
        }
        Err(trouble) => {
            screen.stage.trouble(trouble);
            Outcome::none()
        }
    }
}

/// A number, day, weight or text typed at its line.
fn plain(item: &Item, typed: &str, confirmed: bool, walk: &Walk<'_>) -> Result<Outcome, Trouble> {
    let text = walk.ctx.text;
    let today = walk.visit().day();
    let error = |why: &str| Trouble::Error(why.to_owned());
    let answer = match item.kind {
        Kind::Day => {
            let day = date::parse(typed, today, Dates::Past)
                .map_err(|e| Trouble::Error(crate::shown::date_trouble(e, text).to_owned()))?;
            Answer::Day(day)
        }
        Kind::Text => Answer::Text(typed.to_owned()),
        kind => {
            let number = decimal(typed).ok_or_else(|| error(text.trouble_number))?;
            let low = item.min.is_some_and(|min| number < min);
            let high = item.max.is_some_and(|max| number > max);
            if low || high {
                return Err(error(text.trouble_out_of_range));
            }
            if kind == Kind::Weight && !confirmed && weight_jumps(number, walk) {
                return Err(Trouble::Question(text.question_weight.to_owned()));
            }
            match kind {
                Kind::Weight => Answer::Weight {
                    kg: number,
                    measured_on: today,
                },
                _ => Answer::Number(number),
            }
        }
    };
    Ok(walk.respond(item, answer))
}

/// More than a tenth away from the last weight: a slipped key, or real?
fn weight_jumps(kg: Decimal, walk: &Walk<'_>) -> bool {
    let last = walk.desk.record.weight().map(|(kg, _)| kg);
    last.is_some_and(|last| (kg - last).abs() * Decimal::TEN > last)
}

fn printed_range(analyte: &AnalyteId, typed: &str, walk: &Walk<'_>) -> Result<Outcome, Trouble> {
    let Some(observation) = observed(analyte, walk) else {
        return Ok(Outcome::none());
    };
    let range = ReferenceRange::parse(typed, RangeSource::Report)
        .map_err(|_| Trouble::Error(walk.ctx.text.trouble_range.to_owned()))?;
    Ok(answer::stated(
        Observation {
            range: Some(range),
            ..observation.clone()
        },
        walk,
    ))
}

/// A laboratory value typed: refused, asked about, or saved.
fn value(
    screen: &mut VisitScreen,
    analyte: &AnalyteId,
    typed: &str,
    confirmed: bool,
    walk: &Walk<'_>,
) -> Outcome {
    let Some(known) = walk.ctx.clinic.and_then(|c| c.catalogue.get(analyte)) else {
        return Outcome::none();
    };
    let unit = observed(analyte, walk).map_or(known.unit.clone(), |o| o.unit.clone());
    let asked = Asked {
        unit: confirmed,
        unusual: confirmed,
    };
    let done = judged(screen, known, typed, &unit, asked, walk);
    match done {
        Some(done) => finish(screen, done),
        None => Outcome::none(),
    }
}

/// The verdict on a typed value; none where the unit question was opened.
fn judged(
    screen: &mut VisitScreen,
    analyte: &Analyte,
    typed: &str,
    unit: &str,
    asked: Asked,
    walk: &Walk<'_>,
) -> Option<Result<Outcome, Trouble>> {
    let text = walk.ctx.text;
    let last = last_value(&analyte.id, walk);
    Some(match check_after(analyte, typed, unit, last, asked) {
        Check::Fine(q) => Ok(measured(&analyte.id, Reported::Value(q), Some(unit), walk)),
        Check::Unreadable(why) => Err(Trouble::Error(
            crate::shown::quantity_trouble(why, text).to_owned(),
        )),
        Check::UnknownUnit => Err(Trouble::Error(text.trouble_unit.to_owned())),
        Check::Impossible { limit } => {
            let limit = crate::shown::number(limit);
            Err(Trouble::Error(fill(
                text.trouble_impossible,
                &[("limit", &limit), ("unit", &analyte.unit)],
            )))
        }
        Check::Unusual(why) => Err(Trouble::Question(crate::shown::unusual(
            &why, analyte, text,
        ))),
        Check::UnitQuestion { unit: suggested } => {
            screen.stage = Stage::Unit {
                analyte: analyte.id.clone(),
                typed: typed.to_owned(),
                suggested,
            };
            return None;
        }
    })
}

/// The value of the draw before this one.
fn last_value<'a>(analyte: &AnalyteId, walk: &Walk<'a>) -> Option<&'a Observation> {
    let here = walk.list.drawn.as_ref()?.specimen.id;
    let points = crate::domain::series::series(&walk.desk.record, analyte, walk.visit().day());
    let earlier = points.into_iter().rev().filter(|p| p.specimen.id != here);
    earlier
        .filter(|p| p.number().is_some())
        .map(|p| p.observation)
        .next()
}

/// Enter in a field that an option opened.
fn accept_detail(screen: &mut VisitScreen, walk: &Walk<'_>) -> Outcome {
    let Stage::Detail {
        asked,
        detail,
        field,
        ..
    } = &screen.stage
    else {
        return Outcome::none();
    };
    match got(*asked, field.text().trim(), walk) {
        Ok(got) => {
            let mut detail = detail.clone();
            detail.got.push(got);
            answer::next(screen, detail, walk)
        }
        Err(why) => {
            screen.stage.trouble(Trouble::Error(why));
            Outcome::none()
        }
    }
}

fn got(asked: Opens, typed: &str, walk: &Walk<'_>) -> Result<Got, String> {
    let text = walk.ctx.text;
    match asked {
        Opens::Day => {
            let day = date::parse(typed, walk.visit().day(), Dates::Past)
                .map_err(|e| crate::shown::date_trouble(e, text).to_owned())?;
            if day > walk.visit().day() {
                Err(text.trouble_future.to_owned())
            } else {
                Ok(Got::Day(day))
            }
        }
        Opens::Count => {
            let count = decimal(typed)
                .and_then(|n| u32::try_from(n).ok())
                .filter(|n| *n <= 1_000);
            count
                .map(Got::Count)
                .ok_or_else(|| text.trouble_number.to_owned())
        }
        Opens::Dose => {
            let dose = decimal(typed).filter(|mg| *mg > Decimal::ZERO && *mg <= Decimal::from(300));
            dose.map(Got::Dose)
                .ok_or_else(|| text.trouble_dose.to_owned())
        }
        Opens::Text if typed.is_empty() => Err(text.trouble_empty.to_owned()),
        _ => Ok(Got::Text(typed.to_owned())),
    }
}

/// A digit in a short choice.
fn choose(screen: &mut VisitScreen, digit: u8, walk: &Walk<'_>) -> Outcome {
    match screen.stage.clone() {
        Stage::Absent => absent(screen, digit, walk),
        Stage::Where(detail) => match digit {
            1 => goes_on(screen, detail, Got::Where(TestKind::ClinicUrine), walk),
            2 => goes_on(screen, detail, Got::Where(TestKind::Serum), walk),
            3 => goes_on(screen, detail, Got::Where(TestKind::Home), walk),
            _ => Outcome::none(),
        },
        Stage::Fasting(detail) => match digit {
            1 => goes_on(screen, detail, Got::Fasting(Fasting::Yes), walk),
            2 => goes_on(screen, detail, Got::Fasting(Fasting::No), walk),
            3 => goes_on(screen, detail, Got::Fasting(Fasting::Unknown), walk),
            _ => Outcome::none(),
        },
        Stage::Reason(detail) => reason(screen, detail, digit, walk),
        Stage::Unit {
            analyte,
            typed,
            suggested,
        } => unit(screen, &analyte, &typed, &suggested, digit, walk),
        Stage::Sample => sample(screen, digit, walk),
        Stage::Add { page } => added(screen, page, digit, walk),
        _ => Outcome::none(),
    }
}

fn goes_on(screen: &mut VisitScreen, mut detail: Detail, got: Got, walk: &Walk<'_>) -> Outcome {
    detail.got.push(got);
    answer::next(screen, detail, walk)
}

fn absent(screen: &mut VisitScreen, digit: u8, walk: &Walk<'_>) -> Outcome {
    screen.stage = Stage::Walk;
    let Some(line) = walk.list.lines.get(screen.at(walk.list)) else {
        return Outcome::none();
    };
    if let (LineId::Analyte(analyte), 6 | 7) = (&line.id, digit) {
        let reported = if digit == 6 {
            Reported::Lost
        } else {
            Reported::NotDone
        };
        return answer::without_value(analyte, reported, walk);
    }
    let why = match digit {
        1 => Absence::Unsure,
        2 => Absence::NotApplicable,
        3 => Absence::Declined,
        4 => Absence::Pending,
        5 => Absence::Unusable,
        _ => return Outcome::none(),
    };
    answer::absent(line, why, walk)
}

/// The one-key reasons: those of the open alerts, worst first.
pub(super) fn reasons(walk: &Walk<'_>) -> Vec<String> {
    let lang = walk.ctx.lang();
    let mut reasons: Vec<String> = Vec::new();
    for alert in walk
        .list
        .alerts
        .iter()
        .filter(|a| a.assessed == crate::domain::alert::Assessed::Fires)
    {
        let reason = alert.reason.get(lang).to_owned();
        if !reasons.contains(&reason) && reasons.len() < 6 {
            reasons.push(reason);
        }
    }
    reasons
}

/// Key of "the patient's wish" and of a reason typed freely.
pub(super) const WISH: u8 = 7;
pub(super) const OTHER: u8 = 8;

fn reason(screen: &mut VisitScreen, detail: Detail, digit: u8, walk: &Walk<'_>) -> Outcome {
    let chosen = match digit {
        WISH => Some(walk.ctx.text.reason_wish.to_owned()),
        OTHER => {
            let field = Field::new(LONG);
            screen.stage = Stage::Detail {
                asked: Opens::Text,
                detail,
                field,
                trouble: None,
            };
            return Outcome::none();
        }
        n => reasons(walk).get(usize::from(n).wrapping_sub(1)).cloned(),
    };
    match chosen {
        Some(reason) => goes_on(screen, detail, Got::Reason(reason), walk),
        None => Outcome::none(),
    }
}

fn unit(
    screen: &mut VisitScreen,
    analyte: &AnalyteId,
    typed: &str,
    suggested: &str,
    digit: u8,
    walk: &Walk<'_>,
) -> Outcome {
    let Some(known) = walk.ctx.clinic.and_then(|c| c.catalogue.get(analyte)) else {
        return Outcome::none();
    };
    let unit = match digit {
        1 => suggested.to_owned(),
        2 => known.unit.clone(),
        _ => return Outcome::none(),
    };
    screen.stage = Stage::typing(
        Typing::Value {
            analyte: analyte.clone(),
        },
        typed,
    );
    let asked = Asked {
        unit: true,
        unusual: false,
    };
    match judged(screen, known, typed, &unit, asked, walk) {
        Some(done) => finish(screen, done),
        None => Outcome::none(),
    }
}

fn sample(screen: &mut VisitScreen, digit: u8, walk: &Walk<'_>) -> Outcome {
    screen.stage = Stage::Walk;
    let Some(drawn) = &walk.list.drawn else {
        return Outcome::none();
    };
    let mut specimen = drawn.specimen.clone();
    match digit {
        0 => (specimen.haemolysed, specimen.lipaemic) = (false, false),
        1 => specimen.haemolysed = true,
        2 => specimen.lipaemic = true,
        3 => {
            let text = specimen.comment.unwrap_or_default();
            screen.stage = Stage::typing(Typing::SampleComment, &text);
            return Outcome::none();
        }
        _ => return Outcome::none(),
    }
    answer::restated(specimen, walk)
}

fn added(screen: &mut VisitScreen, page: usize, digit: u8, walk: &Walk<'_>) -> Outcome {
    let all = addable(walk);
    if digit == 9 && all.len() > PAGE {
        let pages = all.len().div_ceil(PAGE);
        screen.stage = Stage::Add {
            page: (page + 1) % pages,
        };
        return Outcome::none();
    }
    let index = page * PAGE + usize::from(digit).wrapping_sub(1);
    if let Some(analyte) = all
        .get(index)
        .filter(|_| (1..=PAGE).contains(&usize::from(digit)))
    {
        screen.stage = Stage::typing(
            Typing::Value {
                analyte: analyte.id.clone(),
            },
            "",
        );
    }
    Outcome::none()
}

/// Digits mark and unmark; 0 says none; Enter ends.
fn toggle(screen: &mut VisitScreen, command: Command, walk: &Walk<'_>) -> Outcome {
    match (&mut screen.stage, command) {
        (Stage::Toggle { item, codes }, Command::Answer(digit)) => {
            let Some(item) = walk.desk.protocol.item(item.as_str()) else {
                return Outcome::none();
            };
            if digit == 0 {
                screen.stage = Stage::Walk;
                return walk.respond(item, Answer::Many(Vec::new()));
            }
            if item.option(digit).is_some() {
                mark(codes, digit);
            }
            Outcome::none()
        }
        (Stage::Toggle { item, codes }, Command::Enter) => {
            let Some(item) = walk.desk.protocol.item(item.as_str()) else {
                return Outcome::none();
            };
            let codes = codes.clone();
            screen.stage = Stage::Walk;
            if codes.is_empty() {
                return Outcome::say(walk.ctx.text.say_nothing_marked);
            }
            walk.respond(item, Answer::Many(codes))
        }
        (Stage::Sentences { chosen, .. }, Command::Answer(digit)) => {
            let all = &walk.desk.protocol.sentences;
            if let Some(sentence) = all.get(usize::from(digit).wrapping_sub(1)) {
                mark(chosen, sentence.number);
            }
            Outcome::none()
        }
        (Stage::Sentences { detail, chosen }, Command::Enter) => {
            let (mut detail, chosen) = (detail.clone(), chosen.clone());
            detail.got.push(Got::Sentences(chosen));
            answer::next(screen, detail, walk)
        }
        _ => Outcome::none(),
    }
}

fn mark(codes: &mut Vec<u8>, code: u8) {
    match codes.iter().position(|c| *c == code) {
        Some(at) => {
            codes.remove(at);
        }
        None => {
            codes.push(code);
            codes.sort_unstable();
        }
    }
}

/// Whether `key` would begin a value at an analyte's line, such as `<`.
pub(super) fn begins_value(key: Key) -> bool {
    matches!(key, Key::Char('<' | '>' | '≦' | '≧' | '＜' | '＞'))
}
