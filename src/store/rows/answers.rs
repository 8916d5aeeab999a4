//! Answers as rows: those with a table of their own, and all others in one.

use super::table::{Fact, Row, Scope, Table, table};
use super::values::{Cell, Value, closed};
use crate::domain::answer::*;
use crate::domain::change::{Change, Given};
use crate::domain::id::*;
use crate::domain::schedule::Schedule;
use chrono::NaiveDate;
use rust_decimal::Decimal;

/// An answer without a table of its own; several codes are several rows.
struct Response {
    visit: Option<VisitId>,
    item: Option<ItemId>,
    manner: Manner,
    state: State,
    code: Option<u8>,
    number: Option<Decimal>,
    day: Option<NaiveDate>,
    text: Option<String>,
    /// Of several codes: which this is, from 1; 0 says "none of these".
    part: Option<u32>,
    /// Of several codes: how many there are.
    parts: Option<u32>,
}
table! { RESPONSE Patient "response" Response {
    visit, item, manner, state, code, number, day, text, part, parts,
} }

words! {
    /// What a row of `response` holds: an answer, or why there is none.
    State {
        NotAsked = "not_asked",
        Unsure = "unsure",
        NotApplicable = "not_applicable",
        Declined = "declined",
        Pending = "pending",
        Unusable = "unusable",
        Code = "code",
        Number = "number",
        Day = "day",
        Text = "text",
        Many = "many",
    }
}
closed!(State);

/// Declares the answers with a table of their own: how the answer is written
/// and read, and the columns behind the three that all of them begin with.
macro_rules! answers {
    ($($table:ident $name:literal $row:ident [$($answer:tt)+] {
        $($column:ident: $type:ty),+ $(,)?
    })+) => {
        $(
            struct $row {
                visit: Option<VisitId>,
                item: Option<ItemId>,
                manner: Manner,
                $($column: $type),+
            }
            table! { $table Patient $name $row { visit, item, manner, $($column),+ } }
        )+

        /// The row of an answer that has a table of its own.
        fn own_row(given: &Given) -> Option<Row> {
            let Given { visit, item, manner, answer } = given.clone();
            match answer {
                $($($answer)+ => Some($row { visit, item, manner, $($column),+ }.row()),)+
                _ => None,
            }
        }

        /// The answer of such a row.
        fn read_own(row: &Row) -> Option<Given> {
            $(if row.table == &$table {
                let $row { visit, item, manner, $($column),+ } = Fact::read(&row.values)?;
                return Some(Given { visit, item, manner, answer: $($answer)+ });
            })+
            None
        }
    };
}

answers! {
    WEIGHT "weight" Weight [Answer::Weight { kg, measured_on }] {
        kg: Decimal,
        measured_on: NaiveDate,
    }
    POTENTIAL "potential" Potential [Answer::Potential { can, reason }] {
        can: Can,
        reason: Option<CannotReason>,
    }
    PREGNANCY_TEST "pregnancy_test" Tested
    [Answer::Test(PregnancyTest { result, done_on, kind, kit })] {
        result: TestResult,
        done_on: Option<NaiveDate>,
        kind: Option<TestKind>,
        kit: Option<String>,
    }
    INTAKE "intake" Taken [Answer::Intake { intake, missed_days, stopped_on }] {
        intake: Intake,
        missed_days: Option<u32>,
        stopped_on: Option<NaiveDate>,
    }
    LAST_DOSE "last_dose" LastDose [Answer::LastDose { taken_on, leftover }] {
        taken_on: NaiveDate,
        leftover: Option<u32>,
    }
    CONSENT "consent" Consent [Answer::Consent { given, signed_on, form }] {
        given: bool,
        signed_on: Option<NaiveDate>,
        form: Option<String>,
    }
    PLAN "plan" Decided
    [Answer::Plan(Plan { action, mg_per_day, schedule, days, reason, next_visit, next_blood })] {
        action: Action,
        mg_per_day: Option<Decimal>,
        schedule: Schedule,
        days: Option<u32>,
        reason: Option<String>,
        next_visit: Option<NaiveDate>,
        next_blood: Option<NaiveDate>,
    }
}

pub(super) fn write_answer(given: &Given, rows: &mut Vec<Row>) {
    match own_row(given) {
        Some(row) => rows.push(row),
        None => rows.extend(Response::all(given).iter().map(Fact::row)),
    }
}

impl Response {
    /// The rows of a plain answer: one, but for several codes at once.
    fn all(given: &Given) -> Vec<Self> {
        let of = |state| Self::blank(given, state);
        let one = match &given.answer {
            Answer::Absent(why) => State::from_word(why.word()).map(of),
            Answer::Code(code) => Some(Self {
                code: Some(*code),
                ..of(State::Code)
            }),
            Answer::Number(number) => Some(Self {
                number: Some(*number),
                ..of(State::Number)
            }),
            Answer::Day(day) => Some(Self {
                day: Some(*day),
                ..of(State::Day)
            }),
            Answer::Text(text) => Some(Self {
                text: Some(text.clone()),
                ..of(State::Text)
            }),
            Answer::Many(codes) => return Self::parts(codes, || of(State::Many)),
            // The others have tables of their own.
            _ => None,
        };
        one.into_iter().collect()
    }

    fn parts(codes: &[u8], blank: impl Fn() -> Self) -> Vec<Self> {
        let parts = Some(codes.len() as u32);
        if codes.is_empty() {
            return vec![Self {
                part: Some(0),
                parts,
                ..blank()
            }];
        }
        let part = |(part, code): (u32, &u8)| Self {
            code: Some(*code),
            part: Some(part),
            parts,
            ..blank()
        };
        (1..).zip(codes).map(part).collect()
    }

    fn blank(given: &Given, state: State) -> Self {
        Self {
            visit: given.visit,
            item: given.item.clone(),
            manner: given.manner,
            state,
            code: None,
            number: None,
            day: None,
            text: None,
            part: None,
            parts: None,
        }
    }

    /// The answer of a row that stands alone.
    fn answer(self) -> Option<Answer> {
        Some(match self.state {
            State::Code => Answer::Code(self.code?),
            State::Number => Answer::Number(self.number?),
            State::Day => Answer::Day(self.day?),
            State::Text => Answer::Text(self.text?),
            State::Many => return None,
            why => Answer::Absent(Absence::from_word(why.word())?),
        })
    }
}

/// Several codes at once, where the first of these rows begins them, and how
/// many rows they took. None where rows of them are missing or out of order.
pub(super) fn several(rows: &[Row]) -> Option<Option<(Change, usize)>> {
    let Some(first) = rows.first().filter(|row| row.table == &RESPONSE) else {
        return Some(None);
    };
    let first = Response::read(&first.values)?;
    if first.state != State::Many {
        return Some(None);
    }
    let parts = first.parts?;
    let taken = (parts as usize).max(1);
    let mut codes = Vec::new();
    for (place, row) in (1..=parts).zip(rows) {
        let part = Response::read(&row.values).filter(|_| row.table == &RESPONSE)?;
        if (part.part, part.parts) != (Some(place), Some(parts)) {
            return None;
        }
        codes.push(part.code?);
    }
    let given = Given {
        visit: first.visit,
        item: first.item,
        manner: first.manner,
        answer: Answer::Many(codes),
    };
    let whole = given_parts(&given) == taken && rows.len() >= taken;
    whole.then_some(Some((Change::Answer(given), taken)))
}

fn given_parts(given: &Given) -> usize {
    Response::all(given).len()
}

pub(super) fn read_answer(row: &Row) -> Option<Given> {
    if row.table != &RESPONSE {
        return read_own(row);
    }
    let response = Response::read(&row.values)?;
    let (visit, item, manner) = (response.visit, response.item.clone(), response.manner);
    let answer = response.answer()?;
    Some(Given {
        visit,
        item,
        manner,
        answer,
    })
}
