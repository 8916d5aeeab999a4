//! What fits a column: values as the file holds them, and what they mean.

use crate::domain::answer::*;
use crate::domain::change::*;
use crate::domain::follow::{Means, Reached};
use crate::domain::id::*;
use crate::domain::line::When;
use crate::domain::observation::{AnalyteId, Fasting, RangeSource};
use crate::domain::quantity::Comparator;
use crate::domain::schedule::Schedule;
use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;

/// What one column of one row holds; NULL is no value at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Int(i64),
    Text(String),
    Blob(Vec<u8>),
}

/// No store can be asked for a NUL character within a text.
pub(super) fn portable(value: &Value) -> bool {
    !matches!(value, Value::Text(text) if text.contains('\0'))
}

/// The text of a column, where it holds one.
fn text(value: Option<&Value>) -> Option<&str> {
    match value {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}

/// What fits one column.
pub trait Cell: Sized + PartialEq {
    fn put(&self) -> Option<Value>;
    /// None where the column holds something else.
    fn take(value: Option<&Value>) -> Option<Self>;
    /// Whether the column gives this back.
    fn is(&self, value: Option<&Value>) -> bool {
        Self::take(value).is_some_and(|taken| taken == *self)
    }
}

impl<T: Cell> Cell for Option<T> {
    fn put(&self) -> Option<Value> {
        self.as_ref().and_then(Cell::put)
    }
    fn take(value: Option<&Value>) -> Option<Self> {
        match value {
            None => Some(None),
            some => T::take(some).map(Some),
        }
    }
    fn is(&self, value: Option<&Value>) -> bool {
        match (self, value) {
            (None, None) => true,
            (Some(own), Some(_)) => own.is(value),
            _ => false,
        }
    }
}

impl Cell for String {
    fn put(&self) -> Option<Value> {
        Some(Value::Text(self.clone()))
    }
    fn take(value: Option<&Value>) -> Option<Self> {
        text(value).map(str::to_owned)
    }
    fn is(&self, value: Option<&Value>) -> bool {
        text(value).is_some_and(|text| text == self)
    }
}

impl Cell for i64 {
    fn put(&self) -> Option<Value> {
        Some(Value::Int(*self))
    }
    fn take(value: Option<&Value>) -> Option<Self> {
        match value {
            Some(Value::Int(number)) => Some(*number),
            _ => None,
        }
    }
}

impl Cell for u32 {
    fn put(&self) -> Option<Value> {
        i64::from(*self).put()
    }
    fn take(value: Option<&Value>) -> Option<Self> {
        i64::take(value)?.try_into().ok()
    }
}

impl Cell for u8 {
    fn put(&self) -> Option<Value> {
        i64::from(*self).put()
    }
    fn take(value: Option<&Value>) -> Option<Self> {
        i64::take(value)?.try_into().ok()
    }
}

impl Cell for bool {
    fn put(&self) -> Option<Value> {
        i64::from(*self).put()
    }
    fn take(value: Option<&Value>) -> Option<Self> {
        match i64::take(value)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl Cell for Decimal {
    /// With the digits behind the point as they were: 40.0 stays 40.0.
    fn put(&self) -> Option<Value> {
        self.to_string().put()
    }
    fn take(value: Option<&Value>) -> Option<Self> {
        text(value)?.parse().ok()
    }
}

impl Cell for NaiveDate {
    /// YYYY-MM-DD; a year that needs more digits has no place in a record.
    fn put(&self) -> Option<Value> {
        (0..=9999)
            .contains(&self.year())
            .then(|| Value::Text(self.to_string()))
    }
    fn take(value: Option<&Value>) -> Option<Self> {
        day_of(text(value)?.as_bytes())
    }
}

/// A day written as this program writes it, and in no other way.
fn day_of(text: &[u8]) -> Option<NaiveDate> {
    let number = |digits: &[u8]| {
        let digit = |number: u32, byte: &u8| match byte {
            b'0'..=b'9' => Some(number * 10 + u32::from(byte - b'0')),
            _ => None,
        };
        digits.iter().try_fold(0, digit)
    };
    match text {
        [year @ .., b'-', m1, m2, b'-', d1, d2] if year.len() == 4 => {
            let year = i32::try_from(number(year)?).ok()?;
            NaiveDate::from_ymd_opt(year, number(&[*m1, *m2])?, number(&[*d1, *d2])?)
        }
        _ => None,
    }
}

impl Cell for Schedule {
    fn put(&self) -> Option<Value> {
        self.to_string().put()
    }
    fn take(value: Option<&Value>) -> Option<Self> {
        String::take(value)?.parse().ok()
    }
}

/// A day; `?` where it cannot be told; nothing where nothing is needed.
impl Cell for When {
    fn put(&self) -> Option<Value> {
        match self {
            Self::NotNeeded => None,
            Self::CannotTell => Some(Value::Text("?".to_owned())),
            Self::On(day) => day.put(),
        }
    }
    fn take(value: Option<&Value>) -> Option<Self> {
        match value {
            None => Some(Self::NotNeeded),
            Some(Value::Text(text)) if text == "?" => Some(Self::CannotTell),
            some => NaiveDate::take(some).map(Self::On),
        }
    }
}

impl Cell for Hash {
    fn put(&self) -> Option<Value> {
        Some(Value::Blob(self.to_vec()))
    }
    fn take(value: Option<&Value>) -> Option<Self> {
        match value {
            Some(Value::Blob(bytes)) => bytes.as_slice().try_into().ok(),
            _ => None,
        }
    }
}

/// Sixteen bytes.
macro_rules! ids {
    ($($id:ty),+) => {$(
        impl Cell for $id {
            fn put(&self) -> Option<Value> {
                Some(Value::Blob(self.bytes().to_vec()))
            }
            fn take(value: Option<&Value>) -> Option<Self> {
                match value {
                    Some(Value::Blob(bytes)) => bytes.as_slice().try_into().ok().map(Self::from_bytes),
                    _ => None,
                }
            }
        }
    )+};
}
ids!(
    PatientId,
    CourseId,
    VisitId,
    EntryId,
    PersonId,
    SpecimenId,
    ObservationId,
    DrawId,
    ReturnedId
);

/// Names that a protocol or a catalogue made up.
macro_rules! names {
    ($($name:ident),+) => {$(
        impl Cell for $name {
            fn put(&self) -> Option<Value> {
                self.0.put()
            }
            fn take(value: Option<&Value>) -> Option<Self> {
                String::take(value).map($name)
            }
            fn is(&self, value: Option<&Value>) -> bool {
                self.0.is(value)
            }
        }
    )+};
}
names!(ItemId, AnalyteId);

/// One word out of a closed set.
macro_rules! closed {
    ($($word:ty),+ $(,)?) => {$(
        impl Cell for $word {
            fn put(&self) -> Option<Value> {
                Some(Value::Text(self.word().to_owned()))
            }
            fn take(value: Option<&Value>) -> Option<Self> {
                match value {
                    Some(Value::Text(word)) => Self::from_word(word),
                    _ => None,
                }
            }
        }
    )+};
}
pub(super) use closed;
closed!(
    EntryKind,
    Sex,
    VisitKind,
    Mode,
    Manner,
    Can,
    CannotReason,
    TestResult,
    TestKind,
    Intake,
    Action,
    Fasting,
    Comparator,
    RangeSource,
    Standing,
    Phase,
    Means,
    Reached,
);
