//! A draw that is known to be a patient's becomes values of the patient.
//!
//! What a laboratory says again of a result stands in front of what it said
//! before, under the same id, so that both stay readable. What is older and
//! comes late is only shown, and a preliminary value never stands in front of
//! a final one.

use crate::domain::answer::Sex;
use crate::domain::arrival::{AsSent, Came, Draw, How, Link, Returned, moment};
use crate::domain::catalogue::{Analyte, Catalogue};
use crate::domain::change::{Change, Drawn, Hash, Measured};
use crate::domain::id::{ObservationId, SpecimenId};
use crate::domain::observation::{
    Flag, Observation, ReferenceRange, Reported, Sent, Specimen, judge,
};
use crate::domain::record::{Record, Value, decisions};
use crate::lab::{AbsentWhy, Status};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::cell::RefCell;
use uuid::Uuid;

/// How it is known whose the draw is, and what else is needed.
pub struct Grounds<'a> {
    pub how: How,
    /// By which identifiers: `number birth sex`.
    pub identifiers: String,
    /// The file it came in.
    pub file: Option<Hash>,
    pub catalogue: &'a Catalogue,
}

/// What is said of the patient by linking this draw: the link first.
pub fn linked(
    record: &Record,
    draw: &Draw,
    results: &[Returned],
    grounds: &Grounds<'_>,
    ids: &mut dyn FnMut() -> Uuid,
) -> Vec<Change> {
    let hexadecimal = |hash: &Hash| hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let linking = Linking {
        record,
        draw,
        grounds,
        file: grounds.file.as_ref().map(hexadecimal),
        ids: RefCell::new(ids),
    };
    linking.changes(results)
}

struct Linking<'a> {
    record: &'a Record,
    draw: &'a Draw,
    grounds: &'a Grounds<'a>,
    /// The hash of the file it came in, in hexadecimal digits.
    file: Option<String>,
    ids: RefCell<&'a mut dyn FnMut() -> Uuid>,
}

/// What becomes of one result.
enum Fate {
    Value(Box<Observation>),
    /// Shown as sent; why it is not judged.
    Shown(Option<String>),
    /// Stands there already.
    Nothing,
}

/// Why an older statement is only shown.
const LATE: &str = "late";

impl Linking<'_> {
    fn changes(&self, results: &[Returned]) -> Vec<Change> {
        let specimen = self.specimen(results);
        let fates: Vec<Fate> = results
            .iter()
            .map(|result| self.fate(result, specimen.as_ref()))
            .collect();
        let mut changes = vec![Change::Link(self.link(&fates))];
        let values = |fate: &Fate| matches!(fate, Fate::Value(_));
        if let Some(specimen) = specimen.filter(|_| fates.iter().any(values)) {
            let drawn = Drawn {
                visit: None,
                specimen,
            };
            changes.push(Change::Specimen(drawn));
        }
        for (result, fate) in results.iter().zip(fates) {
            match fate {
                Fate::Value(observation) => changes.push(Change::Observe(Box::new(Measured {
                    visit: None,
                    observation: *observation,
                }))),
                Fate::Shown(why) => changes.push(Change::AsSent(Box::new(self.shown(result, why)))),
                Fate::Nothing => {}
            }
        }
        changes
    }

    fn link(&self, fates: &[Fate]) -> Link {
        let late = |fate: &Fate| matches!(fate, Fate::Shown(Some(why)) if why == LATE);
        let critical: Vec<&str> = fates
            .iter()
            .filter_map(|fate| match fate {
                Fate::Value(observation) if self.is_critical(observation) => {
                    Some(observation.analyte.0.as_str())
                }
                _ => None,
            })
            .collect();
        Link {
            draw: self.draw.draw,
            how: self.grounds.how,
            identifiers: self.grounds.identifiers.clone(),
            who: self.draw.who(),
            late: !fates.is_empty() && fates.iter().all(late),
            critical: (!critical.is_empty()).then(|| critical.join("\n")),
        }
    }

    fn is_critical(&self, observation: &Observation) -> bool {
        let analyte = self.grounds.catalogue.get(&observation.analyte);
        let flag = analyte.map(|analyte| judge(observation, analyte));
        matches!(flag, Some(Flag::HighHigh | Flag::LowLow))
    }

    /// The draw as the record has it, where an earlier message told of it, with
    /// what this one says; none where no day is known.
    fn specimen(&self, results: &[Returned]) -> Option<Specimen> {
        let drawn_on = self.draw.drawn_on?;
        let of_draw = |value: &&Value| {
            let known = sent_key(value);
            known.is_some_and(|known| results.iter().any(|r| same_draw(known, &r.key)))
        };
        let known = self.record.observations().iter().find(of_draw);
        let id = known.map(|value| value.observation.specimen);
        Some(Specimen {
            id: id.unwrap_or_else(|| SpecimenId::from(self.id())),
            drawn_on,
            fasting: self.draw.fasting,
            haemolysed: self.draw.haemolysed,
            lipaemic: self.draw.lipaemic,
            comment: self.draw.comments.clone(),
            laboratory: self.draw.laboratory.clone(),
            dose_at_draw: dose_at(self.record, drawn_on),
        })
    }

    fn id(&self) -> Uuid {
        (self.ids.borrow_mut())()
    }

    fn fate(&self, result: &Returned, specimen: Option<&Specimen>) -> Fate {
        let before = self.before(result);
        if before.is_some_and(|before| self.is_late(result, before)) {
            return Fate::Shown(Some(LATE.to_owned()));
        }
        let known = result.analyte.as_ref();
        let known = known.and_then(|id| self.grounds.catalogue.get(id));
        let (Some(analyte), Some(specimen)) = (known, specimen) else {
            return Fate::Shown(result.why.clone());
        };
        let Some(reported) = self.reported(result, before.is_some()) else {
            return Fate::Shown(result.why.clone());
        };
        let observation = self.observation(result, analyte, reported, specimen, before);
        if before.is_some_and(|before| says_the_same(&before.observation, &observation)) {
            return Fate::Nothing;
        }
        Fate::Value(Box::new(observation))
    }

    /// What an earlier message said of this result.
    fn before(&self, result: &Returned) -> Option<&Value> {
        let mut values = self.record.observations().iter();
        values.find(|value| sent_key(value) == Some(&result.key))
    }

    /// Whether what stands there is the later word, or the firmer one.
    fn is_late(&self, result: &Returned, before: &Value) -> bool {
        let sent = before.observation.sent.as_ref();
        let then = sent.and_then(|sent| moment(sent.at.as_deref()?));
        let now = self.draw.sent();
        let firm = |word: Option<&str>| {
            word.and_then(Status::from_word)
                .is_some_and(Status::is_firm)
        };
        let was_firm = firm(sent.and_then(|sent| sent.status.as_deref()));
        let preliminary = Status::from_word(&result.status) == Some(Status::Preliminary);
        then.is_some() && now < then || was_firm && preliminary
    }

    /// What came of the test, where that is understood. What is taken back says so
    /// of the value that stood there; `corrects` tells whether one did.
    fn reported(&self, result: &Returned, corrects: bool) -> Option<Reported> {
        let status = Status::from_word(&result.status).unwrap_or(Status::Unknown);
        let absent = result.word.as_deref().and_then(AbsentWhy::from_word);
        if status.withdraws() || absent == Some(AbsentWhy::Withdrawn) {
            let cancelled = status == Status::Cancelled;
            return (corrects || cancelled).then_some(Reported::NotDone);
        }
        match (result.came, absent) {
            (Came::Number, _) if result.why.is_none() => result.quantity().map(Reported::Value),
            (Came::Absent, Some(AbsentWhy::Pending)) => Some(Reported::Pending),
            (Came::Absent, Some(AbsentWhy::NotDone)) => Some(Reported::NotDone),
            (Came::Absent, Some(AbsentWhy::Unusable)) if self.draw.haemolysed => {
                Some(Reported::Haemolysed)
            }
            (Came::Absent, Some(AbsentWhy::Unusable)) => Some(Reported::Lost),
            (Came::Absent, Some(AbsentWhy::Empty)) if status == Status::NotReady => {
                Some(Reported::Pending)
            }
            _ => None,
        }
    }

    fn observation(
        &self,
        result: &Returned,
        analyte: &Analyte,
        reported: Reported,
        specimen: &Specimen,
        before: Option<&Value>,
    ) -> Observation {
        let id = before.map(|before| before.observation.id);
        let id = id.unwrap_or_else(|| ObservationId::from(self.id()));
        let unit = result.unit_known.as_deref().unwrap_or(&result.unit);
        let range = result.printed().or_else(|| self.usual(analyte, unit));
        let sent = self.sent(result);
        Observation {
            sent: Some(sent),
            ..Observation::of(id, specimen.id, analyte, reported, unit, range)
        }
    }

    /// The catalogue's range by sex; where sex is not known, none.
    fn usual(&self, analyte: &Analyte, unit: &str) -> Option<ReferenceRange> {
        match self.record.identity()?.sex {
            Sex::Male => analyte.catalogue_range(true, unit),
            Sex::Female => analyte.catalogue_range(false, unit),
            Sex::Unknown => None,
        }
    }

    fn sent(&self, result: &Returned) -> Sent {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let mut code = result.codes.lines().next().unwrap_or_default().split('\t');
        Sent {
            status: some(&result.status),
            code_system: code.next().and_then(some),
            code: code.next().and_then(some),
            name: some(&result.name),
            unit: some(&result.unit),
            range: some(&result.range),
            flag: some(&result.flags),
            method: result.method.clone().or_else(|| result.method_sent.clone()),
            comment: result.comments.clone(),
            file: self.file.clone(),
            key: some(&result.key),
            at: self.draw.sent_at.clone(),
        }
    }

    fn shown(&self, result: &Returned, why: Option<String>) -> AsSent {
        let word = result.word.clone().filter(|_| result.came == Came::Word);
        AsSent {
            draw: self.draw.draw,
            returned: result.returned,
            drawn_on: self.draw.drawn_on,
            laboratory: self.draw.laboratory.clone(),
            analyte: result.analyte.clone(),
            name: result.name.clone(),
            value: result.value.clone(),
            unit: result.unit.clone(),
            range: result.range.clone(),
            flags: result.flags.clone(),
            status: result.status.clone(),
            why,
            word,
            comments: result.comments.clone(),
        }
    }
}

fn sent_key(value: &Value) -> Option<&String> {
    value.observation.sent.as_ref()?.key.as_ref()
}

/// Whether two keys are of one draw: laboratory, patient, order and time agree,
/// and the order is named.
fn same_draw(a: &str, b: &str) -> bool {
    a == b || draw_of(a).is_some_and(|a| Some(a) == draw_of(b))
}

/// What a key says of the draw; none where the order or the time is not named.
fn draw_of(key: &str) -> Option<[&str; 4]> {
    let mut parts = key.split('\u{1f}');
    let (laboratory, patient, order) = (parts.next()?, parts.next()?, parts.next()?);
    let drawn = parts.next_back()?;
    (!order.is_empty() && !drawn.is_empty()).then_some([laboratory, patient, order, drawn])
}

/// Whether a second statement adds nothing: only when it was made is another.
fn says_the_same(a: &Observation, b: &Observation) -> bool {
    let stripped = |observation: &Observation| {
        let mut plain = observation.clone();
        plain.specimen = b.specimen;
        if let Some(sent) = &mut plain.sent {
            sent.at = None;
            sent.file = None;
        }
        plain
    };
    stripped(a) == stripped(b)
}

/// mg a day that were taken on the day of the draw, by decisions of earlier days.
fn dose_at(record: &Record, drawn_on: NaiveDate) -> Option<Decimal> {
    let course = record.course()?;
    let decided = decisions(record, course.course);
    let last = decided.iter().rev().find(|(day, _)| *day < drawn_on);
    match last {
        Some((_, plan)) if plan.action.prescribes() => plan.average().or(course.mg_per_day),
        Some(_) => None,
        None => course
            .mg_per_day
            .filter(|_| course.first_dose_on.is_some_and(|d| d <= drawn_on)),
    }
}
