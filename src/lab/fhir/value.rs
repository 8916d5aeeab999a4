//! The value of an Observation or of one of its components, with unit and range.

use super::shape::{Concept, List, Part, Quantity, Range};
use crate::domain::answer::Sex;
use crate::domain::catalogue::Analyte;
use crate::domain::observation::AnalyteId;
use crate::lab::received::{AbsentWhy, RangeSent, UnitSent, Value, ValueSent, Why};
use crate::lab::tables::Knowing;
use crate::lab::{range, value};

impl Part {
    /// The values it has, as text; one is usual.
    fn others(&self) -> Vec<String> {
        let raw = [
            &self.range,
            &self.ratio,
            &self.sampled,
            &self.time,
            &self.date,
            &self.span,
        ];
        let raw = raw
            .into_iter()
            .flatten()
            .map(|raw| raw.0.trim_matches('"').to_owned());
        let truth = self.boolean.iter().map(|scalar| scalar.0.clone());
        raw.chain(truth).collect()
    }

    fn count(&self) -> usize {
        let known = [
            self.value.is_some(),
            self.string.is_some(),
            self.concept.is_some(),
            self.integer.is_some(),
        ];
        known.iter().filter(|is| **is).count() + self.others().len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count() == 0 && self.absent.is_none()
    }
}

pub(super) fn value_of(part: &Part, analyte: Option<&Analyte>) -> ValueSent {
    let others = part.others();
    let value = match part {
        Part {
            value: Some(quantity),
            ..
        } => measured(quantity, analyte),
        Part {
            string: Some(text), ..
        }
        | Part {
            integer: Some(text),
            ..
        } => ValueSent {
            read: value::of_text(&text.0, analyte),
            sent: text.0.clone(),
        },
        Part {
            concept: Some(concept),
            ..
        } => coded(concept, analyte),
        _ if !others.is_empty() => ValueSent {
            sent: others.join(" "),
            read: Value::Text(Why::NotANumber),
        },
        Part { absent, .. } => return missing(absent.as_ref()),
    };
    if part.count() > 1 {
        return ValueSent {
            read: Value::Text(Why::SeveralValues),
            ..value
        };
    }
    value
}

fn measured(quantity: &Quantity, analyte: Option<&Analyte>) -> ValueSent {
    let sent = format!("{}{}", quantity.comparator.0, quantity.value.0);
    let read = match quantity.comparator.0.as_str() {
        "" | "<" | "<=" | ">=" | ">" => value::of_text(&sent, analyte),
        _ => Value::Text(Why::NotANumber),
    };
    ValueSent { sent, read }
}

/// A coded value: a word or text, never a number.
fn coded(concept: &Concept, analyte: Option<&Analyte>) -> ValueSent {
    let displays = concept
        .coding
        .0
        .iter()
        .map(|coding| coding.display.0.as_str());
    let mut said = std::iter::once(concept.text.0.as_str())
        .chain(displays)
        .chain(concept.codes());
    let word = said.find_map(|text| {
        let read = value::of_text(text, analyte);
        let known =
            matches!(read, Value::Word(_)) || !text.is_empty() && matches!(read, Value::Absent(_));
        known.then_some(read)
    });
    let unread = match analyte.is_some_and(|analyte| !analyte.values.is_empty()) {
        true => Value::Text(Why::WordUnknown),
        false => Value::Text(Why::NotANumber),
    };
    ValueSent {
        sent: concept.words(),
        read: word.unwrap_or(unread),
    }
}

fn missing(reason: Option<&Concept>) -> ValueSent {
    let code = reason
        .and_then(|concept| concept.codes().next())
        .unwrap_or("");
    let why = match code {
        "temp-unknown" => AbsentWhy::Pending,
        "not-performed" | "not-applicable" | "not-asked" => AbsentWhy::NotDone,
        "error" | "not-a-number" | "unsupported" => AbsentWhy::Unusable,
        _ => AbsentWhy::Empty,
    };
    ValueSent {
        sent: reason.map(Concept::words).unwrap_or_default(),
        read: Value::Absent(why),
    }
}

/// The unit as printed; its UCUM code where nothing is printed.
pub(super) fn unit(part: &Part, knowing: &mut Knowing<'_>, id: Option<&AnalyteId>) -> UnitSent {
    let (unit, code) = match &part.value {
        Some(quantity) => (quantity.unit.some(), quantity.code.some()),
        None => (None, None),
    };
    let sent = unit.clone().or_else(|| code.clone()).unwrap_or_default();
    let mut understood = knowing.unit(id, &sent);
    if let (Some(_), Some(code)) = (&unit, &code) {
        let by_code = knowing.unit(id, code);
        understood = match (understood, by_code) {
            (Ok(one), Ok(other)) if one != other => Err(Why::UnitAmbiguous),
            (Err(_), Ok(other)) => Ok(other),
            // A code that is some unit, and none of this analyte.
            (Ok(_), Err(_)) if knowing.unit(None, code).is_ok() => Err(Why::UnitAmbiguous),
            (one, _) => one,
        };
    }
    UnitSent { sent, understood }
}

/// The one range that applies; several are shown and none is picked, but by sex.
pub(super) fn ranges(list: &List<Range>, value: Option<&Quantity>, sex: Option<Sex>) -> RangeSent {
    let usual = |range: &&Range| {
        let mut codes = range.kind.codes().peekable();
        codes.peek().is_none() || codes.any(|code| code == "normal")
    };
    let usual: Vec<&Range> = list.0.iter().filter(usual).collect();
    match usual.as_slice() {
        [] => RangeSent::default(),
        [one] => ranged(one, value, sex),
        several => RangeSent {
            sent: several
                .iter()
                .map(|r| ranged(r, value, sex).sent)
                .collect::<Vec<_>>()
                .join("; "),
            read: None,
        },
    }
}

fn ranged(one: &Range, value: Option<&Quantity>, sex: Option<Sex>) -> RangeSent {
    let end = |end: &Option<Quantity>| end.as_ref().map_or(String::new(), |q| q.value.0.clone());
    let (low, high) = (end(&one.low), end(&one.high));
    let text = one.text.some().unwrap_or_default();
    if low.is_empty() && high.is_empty() {
        return range::of_text(&text, sex);
    }
    let mut read = range::of_ends(&low, &high);
    // Ends in another unit than the value are shown and not compared.
    let unit = |q: &Quantity| q.unit.some().or_else(|| q.code.some());
    let of_value = value.and_then(unit);
    let of_ends = [&one.low, &one.high].into_iter().flatten().filter_map(unit);
    let other = of_ends
        .into_iter()
        .any(|end| of_value.as_ref().is_some_and(|own| *own != end));
    if other || !one.applies_to.0.is_empty() {
        read.read = None;
    }
    if !text.is_empty() {
        read.sent = text;
    }
    read
}
