//! A signed visit: read as it was signed, with every later word beside it.
//! Nothing in it changes; a line is amended, the whole is remarked on or voided,
//! each with a reason, each signed at once.

mod echo;
mod picture;
mod typed;

pub use self::picture::draw;
use self::typed::{New, Reading, Trouble};
use super::form;
use super::{Ctx, Desk, Draft, Go, Outcome};
use crate::domain::alert::{Alert, Assessed, evaluate};
use crate::domain::answer::{Answer, ItemId};
use crate::domain::assess::Case;
use crate::domain::catalogue::Analyte;
use crate::domain::change::{Change, Drawn, Entry, EntryKind, FrozenAnswer, Measured, Void};
use crate::domain::course::Treatment;
use crate::domain::date;
use crate::domain::id::{EntryId, ObservationId, SpecimenId, VisitId};
use crate::domain::lang::Lang;
use crate::domain::observation::{Fasting, Observation, Specimen};
use crate::domain::protocol::{Item, Kind, Level, Protocol};
use crate::domain::record::{Record, SignedVisit, Value, Visit, ended};
use crate::domain::situation::Situation;
use crate::keys::{Command, Key, Place, command};
use crate::note;
use crate::shown;
use crate::text::{Text, fill};
use crate::widget::field::Field;
use crate::widget::theme::mark;
use chrono::NaiveDate;

/// The signed visit's own state.
#[derive(Clone, Debug)]
pub struct SignedScreen {
    pub visit: VisitId,
    at: usize,
    step: Step,
    trouble: Option<Trouble>,
}

#[derive(Clone, Debug)]
enum Step {
    Read,
    /// The new answer of a line, by digit or typed.
    Answer(Field),
    /// Why: for an amended line with its new answer, a remark, or a void; with
    /// the alerts that the amendment raises.
    Reason {
        what: Word,
        field: Field,
        raised: Vec<String>,
    },
    Remark(Field),
    /// Under which chart number a voided visit was entered again.
    Where {
        why: String,
        field: Field,
    },
}

#[derive(Clone, Debug)]
enum Word {
    Amend(ItemId, Answer),
    /// A value or a draw stated again, in words and as the fact it is.
    Restate(ItemId, String, Box<Change>),
    Remark(String),
    Void,
}

/// What a frozen line speaks of.
#[derive(Clone, Copy)]
enum Subject<'a> {
    Item(&'a Item),
    /// One value of the visit's draw, under the line of its panel.
    Value(&'a Item, &'a Analyte),
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
            Step::Answer(field)
            | Step::Remark(field)
            | Step::Reason { field, .. }
            | Step::Where { field, .. } => {
                self.trouble = None;
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
            (Step::Read, command) => self.read(command, visit, ctx),
            (_, Command::Back) => {
                self.step = Step::Read;
                self.trouble = None;
                Outcome::none()
            }
            (
                Step::Answer(field)
                | Step::Remark(field)
                | Step::Reason { field, .. }
                | Step::Where { field, .. },
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

    fn read(&mut self, command: Command, visit: &Visit, ctx: &Ctx<'_>) -> Outcome {
        let text = ctx.text;
        let last = lines(visit).len().saturating_sub(1);
        match command {
            Command::Up => self.at = self.at.saturating_sub(1),
            Command::Down => self.at = (self.at + 1).min(last),
            Command::PageUp => self.at = self.at.saturating_sub(10),
            Command::PageDown => self.at = (self.at + 10).min(last),
            Command::Note => return note_page(visit, ctx),
            Command::Copy => return copy(visit, ctx),
            Command::Help => return Outcome::go(Go::Help),
            Command::Back => return Outcome::go(Go::Chart),
            _ if visit.void.is_some() => return Outcome::say(text.say_voided),
            Command::Void => self.step = reason(Word::Void),
            _ if visit.closed().is_none() => {}
            Command::Amend => return self.amend(visit, ctx),
            Command::Remark => self.step = Step::Remark(Field::new(1_000)),
            _ => {}
        }
        Outcome::none()
    }

    fn amend(&mut self, visit: &Visit, ctx: &Ctx<'_>) -> Outcome {
        let Some(line) = lines(visit).get(self.at).copied() else {
            return Outcome::none();
        };
        if subject(line, visit, ctx).is_none() {
            return Outcome::say(ctx.text.say_amend_by_remark);
        }
        self.step = Step::Answer(Field::new(200));
        Outcome::none()
    }

    fn accept(&mut self, desk: &Desk, visit: &Visit, ctx: &Ctx<'_>) -> Outcome {
        let text = ctx.text;
        match self.step.clone() {
            Step::Read => {}
            Step::Answer(field) => {
                // Enter once more on the same words says that they are meant.
                let confirmed = matches!(self.trouble, Some(Trouble::Question(_)));
                let line = lines(visit).get(self.at).copied();
                let read = line.and_then(|l| word(l, visit, desk, ctx, field.text(), confirmed));
                match read {
                    Some(Ok(what)) => {
                        self.trouble = None;
                        let raised = would_raise(&what, visit, desk, ctx);
                        self.step = Step::Reason {
                            what,
                            field: Field::new(500),
                            raised,
                        };
                    }
                    Some(Err(why)) => self.trouble = Some(why),
                    None => self.step = Step::Read,
                }
            }
            Step::Remark(field) if field.text().trim().is_empty() => {
                self.trouble = refused(text.trouble_empty);
            }
            Step::Remark(field) => {
                self.step = reason(Word::Remark(field.text().trim().to_owned()));
            }
            Step::Reason { field, .. } if field.text().trim().is_empty() => {
                self.trouble = refused(text.trouble_reason);
            }
            Step::Reason {
                what: Word::Void,
                field,
                ..
            } => {
                self.step = Step::Where {
                    why: field.text().trim().to_owned(),
                    field: Field::new(64),
                };
            }
            Step::Reason { what, field, .. } => {
                self.step = Step::Read;
                return save(desk, visit, what, field.text().trim(), ctx);
            }
            Step::Where { why, field } => {
                self.step = Step::Read;
                return void(desk, visit, &why, field.text().trim(), ctx);
            }
        }
        Outcome::none()
    }
}

fn reason(what: Word) -> Step {
    Step::Reason {
        what,
        field: Field::new(500),
        raised: Vec::new(),
    }
}

fn refused(why: &str) -> Option<Trouble> {
    Some(Trouble::Error(why.to_owned()))
}

// ---- what a line is amended to ------------------------------------------------------

/// The protocol the visit was done under, where it is at hand.
fn pinned<'a>(visit: &Visit, ctx: &Ctx<'a>) -> Option<&'a Protocol> {
    let read = ctx.pins.protocols.get(&visit.opening.protocol);
    read.map(|protocol| &**protocol)
}

fn subject<'a>(line: &FrozenAnswer, visit: &Visit, ctx: &Ctx<'a>) -> Option<Subject<'a>> {
    let item = pinned(visit, ctx)?.item(line.item.as_str())?;
    if item.kind != Kind::Labs {
        return Some(Subject::Item(item));
    }
    // A value is frozen under the line of its panel, by its own short name.
    let named = |a: &&Analyte| [&a.short.ja, &a.short.en, &a.id.0].contains(&&line.label);
    let analyte = ctx.clinic?.catalogue.analytes.iter().find(named)?;
    Some(Subject::Value(item, analyte))
}

fn case<'a>(record: &'a Record, visit: &'a Visit, ctx: &Ctx<'a>) -> Option<Case<'a>> {
    let clinic = ctx.clinic?;
    Some(Case {
        record,
        visit,
        protocol: pinned(visit, ctx)?,
        settings: ctx.pins.settings.get(&visit.opening.settings)?,
        catalogue: &clinic.catalogue,
    })
}

/// The visit's own draw.
fn drawn<'a>(visit: &Visit, desk: &'a Desk) -> Option<&'a Specimen> {
    let here = desk
        .record
        .specimens()
        .filter(|d| d.visit == Some(visit.id()));
    here.last().map(|d| &d.specimen)
}

/// What was typed at a line, as what is to be saved.
fn word(
    line: &FrozenAnswer,
    visit: &Visit,
    desk: &Desk,
    ctx: &Ctx<'_>,
    typed: &str,
    confirmed: bool,
) -> Option<Result<Word, Trouble>> {
    let case = case(&desk.record, visit, ctx)?;
    match subject(line, visit, ctx)? {
        Subject::Value(item, analyte) => {
            Some(valued(item, analyte, visit, desk, ctx, typed, confirmed))
        }
        Subject::Item(item) => {
            let situation = case.situation();
            let reading = reading(item, &case, &situation, desk, ctx);
            Some(reading.answer(typed).map(|new| match new {
                New::Answer(answer) => Word::Amend(item.id.clone(), answer),
                New::Draw { drawn_on, fasting } => {
                    redrawn(item, visit, desk, ctx, drawn_on, fasting)
                }
            }))
        }
    }
}

fn reading<'a>(
    item: &'a Item,
    case: &Case<'a>,
    situation: &'a Situation,
    desk: &'a Desk,
    ctx: &Ctx<'a>,
) -> Reading<'a> {
    Reading {
        item,
        text: ctx.text,
        protocol: case.protocol,
        situation,
        day: case.visit.day(),
        plan: case.visit.plan(),
        last_capsule: last_capsule(case.visit, &desk.record),
        drawn: drawn(case.visit, desk),
    }
}

/// The last capsule as other visits know it, else the day the course ended.
fn last_capsule(visit: &Visit, record: &Record) -> NaiveDate {
    let course = visit.opening.course;
    let others = record.signed(course).into_iter().rev();
    let mut earlier = others.filter(|v| v.id() != visit.id() && v.day() <= visit.day());
    let asked = earlier.find_map(|v| {
        let answers = v.responses.keys().filter_map(|id| v.answer(id.as_str()));
        answers.into_iter().find_map(|a| match a {
            Answer::LastDose { taken_on, .. } => Some(*taken_on),
            _ => None,
        })
    });
    let ended = ended(record, course).map(|(day, _)| day);
    asked
        .or(ended.filter(|day| *day <= visit.day()))
        .unwrap_or(visit.day())
}

fn redrawn(
    item: &Item,
    visit: &Visit,
    desk: &Desk,
    ctx: &Ctx<'_>,
    drawn_on: NaiveDate,
    fasting: Fasting,
) -> Word {
    let text = ctx.text;
    let was = drawn(visit, desk);
    let said = |on: NaiveDate, fasting: Fasting| {
        format!(
            "{} {}",
            shown::full_day(on, text),
            shown::fasting(fasting, text)
        )
    };
    let before = was.map_or(text.not_entered.to_owned(), |s| said(s.drawn_on, s.fasting));
    let specimen = match was {
        Some(known) => Specimen {
            drawn_on,
            fasting,
            ..known.clone()
        },
        None => Specimen {
            id: SpecimenId::from(ctx.ids.next(ctx.now)),
            drawn_on,
            fasting,
            haemolysed: false,
            lipaemic: false,
            comment: None,
            laboratory: None,
            dose_at_draw: Treatment::on(&desk.record, drawn_on).and_then(|t| t.mg_per_day),
        },
    };
    let words = from(
        item.label(text.lang),
        &before,
        &said(drawn_on, fasting),
        text,
    );
    let visit = Some(visit.id());
    let change = Change::Specimen(Drawn { visit, specimen });
    Word::Restate(item.id.clone(), words, Box::new(change))
}

fn from(what: &str, was: &str, now: &str, text: &Text) -> String {
    fill(
        text.close_from,
        &[("what", what), ("was", was), ("now", now)],
    )
}

fn value_now<'a>(visit: &Visit, desk: &'a Desk, analyte: &Analyte) -> Option<&'a Value> {
    let specimen = drawn(visit, desk)?.id;
    let mut values = desk.record.observations().iter();
    values.find(|v| v.observation.specimen == specimen && v.observation.analyte == analyte.id)
}

/// A value stated again under its own id, so that whatever saw it finds it.
fn valued(
    item: &Item,
    analyte: &Analyte,
    visit: &Visit,
    desk: &Desk,
    ctx: &Ctx<'_>,
    typed: &str,
    confirmed: bool,
) -> Result<Word, Trouble> {
    let text = ctx.text;
    let Some(specimen) = drawn(visit, desk) else {
        return Err(Trouble::Error(text.close_no_draw.to_owned()));
    };
    let was = value_now(visit, desk, analyte).map(|v| &v.observation);
    let unit = was.map(|o| o.unit.as_str()).filter(|u| !u.is_empty());
    let unit = unit.unwrap_or(&analyte.unit);
    let last = earlier_value(visit, desk, analyte, specimen);
    let (reported, unit) = typed::value(typed, analyte, unit, last, confirmed, text)?;
    let printed = was.filter(|o| o.unit == unit).and_then(|o| o.range);
    let by_sex = || {
        let identity = desk.record.identity()?;
        let years = date::age(identity.birth_date, specimen.drawn_on);
        analyte.range_for(identity.sex, Some(years), &unit)
    };
    let id = was.map_or_else(|| ObservationId::from(ctx.ids.next(ctx.now)), |o| o.id);
    let range = printed.or_else(by_sex);
    let observation = Observation::of(id, specimen.id, analyte, reported, &unit, range);
    let before = was.map_or(text.not_entered.to_owned(), |o| shown::reported(o, text));
    let after = shown::reported(&observation, text);
    let words = from(analyte.short.get(text.lang), &before, &after, text);
    let visit = Some(visit.id());
    let change = Change::Observe(Box::new(Measured { visit, observation }));
    Ok(Word::Restate(item.id.clone(), words, Box::new(change)))
}

/// The value before this draw, against which a strange one is questioned.
fn earlier_value<'a>(
    visit: &Visit,
    desk: &'a Desk,
    analyte: &Analyte,
    specimen: &Specimen,
) -> Option<&'a Observation> {
    let points = crate::domain::series::series(&desk.record, &analyte.id, visit.day());
    let earlier = points.iter().rev();
    earlier
        .filter(|p| p.specimen.id != specimen.id && p.number().is_some())
        .map(|p| p.observation)
        .next()
}

// ---- what an amendment raises -------------------------------------------------------

/// Warning and critical alerts of a visit as a record knows it.
fn loud(record: &Record, id: VisitId, ctx: &Ctx<'_>) -> Vec<Alert> {
    let case = record.visit(id).and_then(|visit| case(record, visit, ctx));
    let alerts = case.map_or(Vec::new(), |c| evaluate(c.protocol, &c.situation()));
    let loud = alerts
        .into_iter()
        .filter(|a| a.level >= Level::Warning && a.assessed == Assessed::Fires);
    loud.collect()
}

fn only_after(before: &[Alert], after: Vec<Alert>) -> Vec<Alert> {
    let new = after
        .into_iter()
        .filter(|a| !before.iter().any(|b| b.rule == a.rule));
    new.collect()
}

/// What the amendments of a signed visit raise that its signature did not show.
pub(super) fn raised(visit: &Visit, ctx: &Ctx<'_>) -> Vec<Alert> {
    let Some(desk) = ctx.desk.filter(|_| visit.void.is_none()) else {
        return Vec::new();
    };
    if visit.amendments.is_empty() {
        return Vec::new();
    }
    let amends = |id: EntryId| visit.amendments.iter().any(|a| a.stamp.entry == id);
    let entries = desk.record.entries().iter().filter(|e| !amends(e.id));
    let before = Record::of(desk.record.patient, entries.cloned());
    only_after(
        &loud(&before, visit.id(), ctx),
        loud(&desk.record, visit.id(), ctx),
    )
}

/// The same for an amendment that is about to be saved, in words.
fn would_raise(what: &Word, visit: &Visit, desk: &Desk, ctx: &Ctx<'_>) -> Vec<String> {
    let Some(signed) = visit.closed() else {
        return Vec::new();
    };
    let entry = Entry {
        id: EntryId::from_bytes([0; 16]),
        patient: Some(desk.record.patient),
        visit: Some(visit.id()),
        person: ctx.me,
        at: ctx.now,
        kind: EntryKind::Amend,
        undoes: None,
        reason: None,
        changes: changes(signed, what.clone(), ""),
    };
    let after = desk.record.clone().after(entry);
    let new = only_after(
        &loud(&desk.record, visit.id(), ctx),
        loud(&after, visit.id(), ctx),
    );
    new.iter().map(|a| raises(a, ctx.text)).collect()
}

fn raises(alert: &Alert, text: &Text) -> String {
    let said = format!(
        "{} {} {}",
        mark(alert.level),
        shown::level(alert.level, text),
        alert.text.get(text.lang)
    );
    fill(text.close_new_alert, &[("alert", &said)])
}

// ---- saving -------------------------------------------------------------------------

fn changes(signed: SignedVisit<'_>, what: Word, why: &str) -> Vec<Change> {
    match what {
        Word::Amend(item, Answer::Plan(mut plan)) => {
            // The reason of the amendment is the reason to hold back, too.
            if plan.reason.is_none() && plan.action.holds_back() {
                plan.reason = Some(why.to_owned());
            }
            signed.amend(&item, Answer::Plan(plan), why)
        }
        Word::Amend(item, answer) => signed.amend(&item, answer, why),
        Word::Restate(item, words, fact) => signed.restate(&item, &words, why, *fact),
        Word::Remark(remark) => signed.remark(&remark, why),
        Word::Void => Vec::new(),
    }
}

fn save(desk: &Desk, visit: &Visit, what: Word, why: &str, ctx: &Ctx<'_>) -> Outcome {
    let text = ctx.text;
    let Some(signed) = visit.closed() else {
        return Outcome::say(text.say_voided);
    };
    Outcome::save(Draft {
        patient: desk.record.patient,
        visit: Some(visit.id()),
        kind: EntryKind::Amend,
        undoes: None,
        reason: Some(why.to_owned()),
        changes: changes(signed, what, why),
        what: text.saved_amendment.to_owned(),
    })
}

/// Voids a visit, signed or still open; `place` is where it was entered again.
fn void(desk: &Desk, visit: &Visit, why: &str, place: &str, ctx: &Ctx<'_>) -> Outcome {
    let text = ctx.text;
    if visit.void.is_some() {
        return Outcome::say(text.say_voided);
    }
    let void = Void {
        visit: visit.id(),
        reason: why.to_owned(),
        entered_again: (!place.is_empty()).then(|| place.to_owned()),
    };
    Outcome {
        go: visit.open().map(|_| Go::Chart),
        ..Outcome::save(Draft {
            patient: desk.record.patient,
            visit: Some(visit.id()),
            kind: EntryKind::Void,
            undoes: None,
            reason: Some(why.to_owned()),
            changes: vec![Change::Void(void)],
            what: text.saved_void.to_owned(),
        })
    }
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
        .map(|d| pinned(visit, ctx).unwrap_or(&d.protocol))
        .and_then(|protocol| note::of_signed(visit, protocol, &name, &words));
    note.unwrap_or_default()
}

/// The lines as they were frozen.
fn lines(visit: &Visit) -> Vec<&FrozenAnswer> {
    visit.signed.iter().flat_map(|s| &s.answers).collect()
}
