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
use crate::domain::schedule::Dosing;
use crate::keys::{Command, Key, Place};
use crate::screen::Outcome;
use crate::screen::form::{self, Form};
use crate::text::fill;
use crate::widget::field::Field;
use chrono::NaiveDate;
use rust_decimal::Decimal;

mod choice;
mod dates;
mod ended;
mod field;

use choice::{choose, toggle};
use dates::in_dates;
use field::{accept, accept_detail};

pub(super) use choice::{OTHER, WISH, reasons};
pub(super) use dates::dates;
pub(super) use ended::ended;

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
    /// A value, in the unit chosen where the number looked like another.
    Value {
        analyte: AnalyteId,
        unit: Option<String>,
    },
    /// The range printed beside a value.
    Range {
        analyte: AnalyteId,
    },
    Memo(ItemId),
    SampleComment,
    /// The words behind one of several marked codes.
    Words {
        item: ItemId,
        codes: Vec<u8>,
    },
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
    Dose(Dosing),
    Fasting(Fasting),
    Reason(String),
    Sentences(Vec<u8>),
}

impl Typing {
    /// The value of `analyte`, in its present unit.
    pub(super) fn value(analyte: &AnalyteId) -> Self {
        Self::Value {
            analyte: analyte.clone(),
            unit: None,
        }
    }
}

impl Stage {
    /// A field with something already in it.
    pub fn typing(what: Typing, text: &str) -> Self {
        let limit = match what {
            Typing::Memo(_) | Typing::SampleComment | Typing::Words { .. } => LONG,
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
        screen.stage = Stage::typing(Typing::value(analyte), &text);
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

/// Whether `key` would begin a value at an analyte's line, such as `<`.
pub(super) fn begins_value(key: Key) -> bool {
    matches!(key, Key::Char('<' | '>' | '≦' | '≧' | '＜' | '＞'))
}
