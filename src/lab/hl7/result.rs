//! One OBX segment becomes one result.

use super::segment_place;
use super::syntax::Segment;
use crate::domain::answer::Sex;
use crate::domain::catalogue::Analyte;
use crate::domain::observation::{AnalyteId, Fasting};
use crate::lab::codes::method_named;
use crate::lab::received::{
    AbsentWhy, CodeSent, CodeSystem, Received, Status, UnitSent, Value, ValueSent, Why,
};
use crate::lab::report::{Moment, Remark};
use crate::lab::tables::Knowing;
use crate::lab::{Reason, clean, remark, value, when};
use std::borrow::Cow;

/// Most flags of one result that are kept.
const MOST_FLAGS: usize = 8;

/// The LOINC code of the question whether the patient had fasted.
const FASTING: &str = "49541-6";

/// A result and what it says of the whole draw.
pub(super) struct Read {
    pub(super) result: Received,
    /// When the sample was drawn, if said here (OBX-14).
    pub(super) at: Option<Moment>,
    pub(super) remark: Option<Remark>,
    pub(super) fasting: Fasting,
}

/// Reads one OBX; `sex` picks a range where several are printed.
///
/// # Errors
/// Why it gives no result.
pub(super) fn read(
    obx: &Segment<'_>,
    sex: Option<Sex>,
    knowing: &mut Knowing<'_>,
) -> Result<Read, Reason> {
    let kind = obx.part(2, 1);
    refusal(obx, &kind).map_or(Ok(()), Err)?;
    let codes: Vec<CodeSent> = [1, 4].into_iter().filter_map(|at| code(obx, at)).collect();
    let name = name(obx, &codes);
    if codes.is_empty() && name.is_empty() {
        return Err(Reason::Nameless);
    }
    let meant = knowing.meant(&codes, &name);
    let id = meant.analyte.as_ref().ok();
    let analyte = id.and_then(|id| knowing.analyte(id));
    let mut value = value(obx, &kind, analyte);
    let fasting = match codes
        .iter()
        .any(|c| c.system == CodeSystem::Loinc && c.code == FASTING)
    {
        true => fasting(obx, &value),
        false => Fasting::Unknown,
    };
    let status_sent = obx.part(11, 1).into_owned();
    let method_sent = obx.some(17, 2).or_else(|| obx.some(17, 1));
    let unit = unit(obx, knowing, id);
    value.hold_to(analyte, &unit);
    let result = Received {
        place: segment_place(obx.line, obx.name),
        unit,
        range: knowing.range(&obx.part(7, 1), sex),
        flags: flags(obx),
        status: status(&status_sent),
        status_sent,
        method: meant
            .method
            .or_else(|| method_sent.as_deref().and_then(method_named)),
        method_sent,
        fasting: meant.fasting,
        comments: Vec::new(),
        sub_id: obx.part(4, 1).into_owned(),
        analyte: meant.analyte,
        codes,
        name,
        value,
    };
    Ok(Read {
        at: when::hl7(&obx.part(14, 1)),
        remark: remark::of_result(&result),
        fasting,
        result,
    })
}

/// Why a segment cannot be a result, before its fields are looked at.
fn refusal(obx: &Segment<'_>, kind: &str) -> Option<Reason> {
    if matches!(kind, "ED" | "RP") {
        return Some(Reason::Document);
    }
    if clean::is_longer(obx.field(5), clean::LONGEST_VALUE) {
        return Some(Reason::TooLong);
    }
    let long = |field: usize| clean::is_longer(obx.field(field), clean::LONGEST_FIELD);
    if [2, 3, 4, 6, 7, 8, 11, 14, 17].into_iter().any(long) {
        return Some(Reason::TooLong);
    }
    let hostile = |field: usize| clean::is_hostile(&obx.unescaped(obx.field(field)));
    (2..=17).any(hostile).then_some(Reason::Hostile)
}

/// Code, name and system that begin at component `at`.
fn code(obx: &Segment<'_>, at: usize) -> Option<CodeSent> {
    let code = obx.some(3, at)?;
    let system = obx.part(3, at + 2);
    Some(CodeSent {
        code,
        name: obx.part(3, at + 1).into_owned(),
        system: match &*system {
            "LN" | "LOINC" => CodeSystem::Loinc,
            "JC10" | "JLAC10" => CodeSystem::Jlac10,
            "JC11" | "JLAC11" => CodeSystem::Jlac11,
            _ => CodeSystem::Other(system.into_owned()),
        },
    })
}

/// The laboratory's name of the test: beside its code, else the original text.
fn name(obx: &Segment<'_>, codes: &[CodeSent]) -> String {
    let beside = codes.iter().map(|code| Cow::Borrowed(&*code.name));
    let others = [2, 5, 9].into_iter().map(|at| obx.part(3, at));
    beside
        .chain(others)
        .find(|name| !name.is_empty())
        .unwrap_or_default()
        .into_owned()
}

fn value(obx: &Segment<'_>, kind: &str, analyte: Option<&Analyte>) -> ValueSent {
    let field = obx.field(5);
    if field.trim() == "\"\"" {
        return ValueSent {
            sent: "\"\"".to_owned(),
            read: Value::Absent(AbsentWhy::Withdrawn),
        };
    }
    let mut filled = obx.repeats(5).filter(|part| !part.trim().is_empty());
    let first = filled.next().unwrap_or("");
    let several = filled.next().is_some();
    let parts = |most| -> Vec<Cow<'_, str>> {
        let parts = (1..=most).map(|n| obx.component(first, n));
        parts.collect()
    };
    let read = |value: Value| {
        if several {
            Value::Text(Why::SeveralValues)
        } else {
            value
        }
    };
    match kind {
        "SN" => ValueSent {
            read: read(value::of_structured(&parts(4), analyte)),
            sent: match several {
                true => obx.unescaped(field).into_owned(),
                false => parts(9).concat(),
            },
        },
        "CE" | "CWE" | "CNE" | "CF" => {
            let (sent, meant) = coded(&parts(9), analyte);
            ValueSent {
                sent,
                read: read(meant),
            }
        }
        _ => {
            let sent = obx.unescaped(field).trim().to_owned();
            let meant = match kind {
                "NM" => value::of_number(&sent, analyte),
                "DT" | "TM" | "TS" | "DTM" if !sent.is_empty() => Value::Text(Why::NotANumber),
                _ => value::of_text(&sent, analyte),
            };
            ValueSent {
                sent,
                read: read(meant),
            }
        }
    }
}

/// A coded value: its words, else its code. It is a word or text, never a number.
fn coded(parts: &[Cow<'_, str>], analyte: Option<&Analyte>) -> (String, Value) {
    let at = |n: usize| &*parts[n - 1];
    let words = [2, 5, 9, 1, 4].into_iter().map(at);
    let said: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let Some(sent) = said.first() else {
        return (String::new(), Value::Absent(AbsentWhy::Empty));
    };
    let mut read = said.iter().map(|word| value::of_text(word, analyte));
    let word = read.find(|value| matches!(value, Value::Word(_) | Value::Absent(_)));
    let unread = match analyte.is_some_and(|a| !a.values.is_empty()) {
        true => Value::Text(Why::WordUnknown),
        false => Value::Text(Why::NotANumber),
    };
    ((*sent).to_owned(), word.unwrap_or(unread))
}

/// The unit's code, else its words. A sender that does not escape the `^` of
/// `10^9/L` has parted it into components.
fn unit(obx: &Segment<'_>, knowing: &mut Knowing<'_>, id: Option<&AnalyteId>) -> UnitSent {
    let (first, second) = (obx.part(6, 1), obx.part(6, 2));
    let power = first.ends_with("10") && second.starts_with(|c: char| c.is_ascii_digit());
    let sent = match (first.is_empty(), power) {
        (true, _) => second.clone().into_owned(),
        (_, true) => format!("{first}^{second}"),
        _ => first.into_owned(),
    };
    let mut understood = knowing.unit(id, &sent);
    if let (Ok(unit), false) = (&understood, power || second.is_empty()) {
        let other = knowing.unit(id, &second);
        if other.is_ok_and(|other| other != *unit) {
            understood = Err(Why::UnitAmbiguous);
        }
    }
    UnitSent { sent, understood }
}

fn flags(obx: &Segment<'_>) -> Vec<String> {
    let sent = obx.repeats(8).map(|flag| obx.component(flag, 1));
    sent.filter(|flag| !flag.is_empty())
        .take(MOST_FLAGS)
        .map(Cow::into_owned)
        .collect()
}

/// OBX-11 (table 0085).
fn status(sent: &str) -> Status {
    match sent {
        "F" | "U" => Status::Final,
        "C" => Status::Corrected,
        "P" | "S" => Status::Preliminary,
        "O" | "I" | "R" | "N" => Status::NotReady,
        "X" => Status::Cancelled,
        "D" => Status::Deleted,
        "W" => Status::Wrong,
        "" => Status::Unstated,
        _ => Status::Unknown,
    }
}

/// OBR-25 (table 0123), as far as it says something of each result.
pub(super) fn order_status(sent: &str) -> Status {
    match sent {
        "P" | "S" => Status::Preliminary,
        "O" | "I" | "R" => Status::NotReady,
        "X" => Status::Cancelled,
        "W" => Status::Wrong,
        "D" => Status::Deleted,
        _ => Status::Final,
    }
}

fn fasting(obx: &Segment<'_>, value: &ValueSent) -> Fasting {
    let code = remark::fasting(&obx.part(5, 1));
    match code {
        Fasting::Unknown => remark::fasting(&value.sent),
        known => known,
    }
}
