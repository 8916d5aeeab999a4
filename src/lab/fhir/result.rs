//! One Observation becomes a result, or one for each of its components.

use super::patient::{id, named};
use super::shape::{Concept, Identifier, List, Observation, Part, Period, Reference, Specimen};
use super::store::{Found, Resources};
use super::value::{ranges, unit, value_of};
use super::{Place, Reading, Reason, WarningKind};
use crate::domain::observation::Fasting;
use crate::lab::codes::method_named;
use crate::lab::received::{
    AbsentWhy, CodeSent, CodeSystem, Received, Status, Value, ValueSent, Why,
};
use crate::lab::report::{Moment, PatientSent, Remark, Report};
use crate::lab::tables::Knowing;
use crate::lab::{clean, remark, when};
use std::collections::HashMap;

/// Most codes and flags of one value that are kept.
const MOST: usize = 32;

/// Observation after Observation.
pub(super) struct Walk<'a, 'k, 'r> {
    resources: &'r Resources<'a>,
    knowing: &'r mut Knowing<'k>,
    reading: &'r mut Reading,
    reports: Vec<Report>,
    by_head: HashMap<String, usize>,
}

/// What an Observation says of all its values.
struct Above {
    report: Report,
    status: Status,
    status_sent: String,
    sub_id: String,
    comments: Vec<String>,
    method_sent: Option<String>,
    /// The material's code in JLAC10.
    jlac10: Option<String>,
}

impl<'a, 'k, 'r> Walk<'a, 'k, 'r> {
    pub(super) fn over(
        resources: &'r Resources<'a>,
        knowing: &'r mut Knowing<'k>,
        reading: &'r mut Reading,
    ) -> Self {
        Self {
            resources,
            knowing,
            reading,
            reports: Vec::new(),
            by_head: HashMap::new(),
        }
    }

    pub(super) fn rows(&self) -> usize {
        self.reading.rows
    }

    pub(super) fn end(self) {
        self.reading.reports = self.reports;
    }

    /// An Observation is a row of its own unless it has components alone.
    pub(super) fn observation(&mut self, found: &Found<'a>) {
        let place = Place::Path(found.path.clone());
        let read: Result<Observation, _> = serde_json::from_str(found.raw);
        let Some(observation) = read.ok().filter(|_| !found.broken) else {
            self.reading.rows += 1;
            self.reading.refuse(place, Reason::Shape, found.raw);
            return;
        };
        let parts = parts(&observation);
        self.reading.rows += parts.len();
        let above = self.above(&observation, found, &place);
        for (at, part) in parts {
            let place = match at {
                Some(at) => Place::Path(format!("{}.component[{at}]", found.path)),
                None => place.clone(),
            };
            let read = match &above {
                Ok(above) => self.part(&part, above, place.clone(), &observation),
                Err(reason) => Err(*reason),
            };
            match (read, &above) {
                (Ok(result), Ok(above)) => self.add(result, above),
                (Err(reason), _) => self.reading.refuse(place, reason, found.raw),
                (_, Err(reason)) => self.reading.refuse(place, *reason, found.raw),
            }
        }
    }

    fn add(&mut self, result: Received, above: &Above) {
        let head = head(&above.report);
        let at = *self.by_head.entry(head).or_insert_with(|| {
            self.reports.push(above.report.clone());
            self.reports.len() - 1
        });
        let report = &mut self.reports[at];
        let written = above
            .comments
            .iter()
            .flat_map(|text| remark::in_comment(text));
        for remark in written.chain(remark::of_result(&result)) {
            if !report.remarks.contains(&remark) {
                report.remarks.push(remark);
            }
        }
        report.results.push(result);
    }

    // --- What is of all values -----------------------------------------------------------

    fn above(
        &mut self,
        observation: &Observation,
        found: &Found<'a>,
        place: &Place,
    ) -> Result<Above, Reason> {
        if is_other_kind(&observation.category) {
            return Err(Reason::NotAReport);
        }
        let specimen = observation.specimen.as_ref();
        let specimen = specimen.and_then(|reference| self.resources.specimen(reference, found));
        let specimen = specimen.unwrap_or_default();
        let report = self.resources.report_of(found);
        let bundle = found.bundle.and_then(|at| self.resources.bundles.get(at));
        let issued = observation.issued.some();
        let issued = issued.or_else(|| report.and_then(|report| report.issued.some()));
        let issued = issued.or_else(|| bundle.and_then(|bundle| bundle.timestamp.clone()));
        let first =
            |list: &List<Identifier>| list.0.iter().find_map(|identifier| identifier.value.some());
        let performer = self.resources.performer(&observation.performer, found);
        let laboratory = performer.or_else(|| {
            report.and_then(|report| self.resources.performer(&report.performer, found))
        });
        let conclusion = report.and_then(|report| report.conclusion.some());
        let comments = specimen.note.0.iter().filter_map(|note| note.text.some());
        let comments: Vec<String> = comments.chain(conclusion).collect();
        let (status_sent, status) = status(observation, report);
        let above = Above {
            report: Report {
                place: place.clone(),
                patient: self.patient(observation.subject.as_ref(), found, place),
                laboratory,
                message: bundle.and_then(|bundle| bundle.identifier.clone()),
                sent_at: self.moment(issued, place),
                order: observation.based_on.0.iter().find_map(order),
                filler: report.and_then(|report| first(&report.identifier)),
                drawn: self.moment(drawn(observation, &specimen), place),
                fasting: fasting(specimen.collection.fasting.as_ref()),
                remarks: remarks(&specimen.condition, &comments),
                material: Some(specimen.kind.words()).filter(|words| !words.is_empty()),
                comments,
                results: Vec::new(),
            },
            status,
            status_sent,
            sub_id: first(&observation.identifier).unwrap_or_default(),
            comments: observation
                .note
                .0
                .iter()
                .filter_map(|note| note.text.some())
                .collect(),
            method_sent: observation
                .method
                .as_ref()
                .map(Concept::words)
                .filter(|m| !m.is_empty()),
            jlac10: specimen
                .kind
                .coding
                .0
                .iter()
                .find(|c| system(&c.system.0) == CodeSystem::Jlac10)
                .map(|coding| coding.code.0.clone()),
        };
        above.refusal().map_or(Ok(above), Err)
    }

    fn moment(&mut self, sent: Option<String>, place: &Place) -> Option<Moment> {
        let sent = sent?;
        let read = when::iso(&sent);
        if read.is_none() {
            self.reading
                .warn(place.clone(), WarningKind::Unreadable, &sent);
        }
        read
    }

    fn patient(
        &mut self,
        subject: Option<&Reference>,
        found: &Found<'a>,
        place: &Place,
    ) -> PatientSent {
        let Some(subject) = subject else {
            return PatientSent::default();
        };
        let Some(patient) = self.resources.patient(subject, found) else {
            return PatientSent {
                ids: subject.identifier.iter().filter_map(|i| id(i)).collect(),
                name: subject.display.some(),
                ..PatientSent::default()
            };
        };
        let birth = self.moment(patient.birth_date.some(), place);
        named(&patient, birth)
    }

    // --- One value ------------------------------------------------------------------------

    fn part(
        &mut self,
        part: &Part,
        above: &Above,
        place: Place,
        whole: &Observation,
    ) -> Result<Received, Reason> {
        let codes = codes(&part.code);
        let name = part.code.words();
        if codes.is_empty() && name.is_empty() {
            return Err(Reason::Nameless);
        }
        let mut meant = self.knowing.meant(&codes, &name);
        if let (Ok(id), Some(material)) = (&meant.analyte, &above.jlac10)
            && !self.knowing.fits(id, material)
        {
            meant.analyte = Err(Why::OtherMaterial);
        }
        let id = meant.analyte.as_ref().ok();
        let analyte = id.and_then(|id| self.knowing.analyte(id));
        let unit = unit(part, self.knowing, id);
        let heading = part.is_empty() && !whole.members.0.is_empty();
        let mut value = match heading {
            true => ValueSent {
                sent: String::new(),
                read: Value::Absent(AbsentWhy::Heading),
            },
            false => value_of(part, analyte),
        };
        value.hold_to(analyte, &unit);
        let flags = part.interpretation.0.iter().flat_map(Concept::codes);
        let method_sent = above.method_sent.clone();
        let result = Received {
            place,
            range: ranges(&part.ranges, part.value.as_ref(), above.report.patient.sex),
            flags: flags
                .filter(|f| !f.is_empty())
                .take(MOST)
                .map(str::to_owned)
                .collect(),
            status: above.status,
            status_sent: above.status_sent.clone(),
            method: meant
                .method
                .or_else(|| method_sent.as_deref().and_then(method_named)),
            method_sent,
            fasting: meant.fasting,
            comments: above
                .comments
                .iter()
                .map(|text| clean::kept(clean::cleaned(text)))
                .collect(),
            sub_id: above.sub_id.clone(),
            analyte: meant.analyte,
            codes,
            name,
            value,
            unit,
        };
        refusal(&result).map_or(Ok(result), Err)
    }
}

impl Above {
    /// Why no value below this is read.
    fn refusal(&self) -> Option<Reason> {
        let report = &self.report;
        let patient = &report.patient;
        let ids = patient
            .ids
            .iter()
            .flat_map(|id| [Some(&id.value), id.kind.as_ref(), id.authority.as_ref()]);
        let texts = [
            &patient.name,
            &patient.kana,
            &report.laboratory,
            &report.message,
            &report.order,
            &report.filler,
            &report.material,
            &self.method_sent,
        ];
        let texts = texts.map(Option::as_ref).into_iter().chain(ids).flatten();
        bad(
            texts.chain([&self.status_sent, &self.sub_id]),
            clean::LONGEST_FIELD,
        )
    }
}

fn refusal(result: &Received) -> Option<Reason> {
    let codes = result.codes.iter().flat_map(|c| [&c.code, &c.name]);
    let fields =
        codes
            .chain(&result.flags)
            .chain([&result.name, &result.unit.sent, &result.range.sent]);
    bad(fields, clean::LONGEST_FIELD).or_else(|| bad([&result.value.sent], clean::LONGEST_VALUE))
}

fn bad<'s>(texts: impl IntoIterator<Item = &'s String>, most: usize) -> Option<Reason> {
    texts.into_iter().find_map(|text| {
        if clean::is_longer(text, most) {
            Some(Reason::TooLong)
        } else {
            clean::is_hostile(text).then_some(Reason::Hostile)
        }
    })
}

/// What of an Observation is a row: itself, its components, or both.
fn parts(o: &Observation) -> Vec<(Option<usize>, Part)> {
    let own = Part {
        code: o.code.clone(),
        value: o.value.clone(),
        string: o.string.clone(),
        concept: o.concept.clone(),
        integer: o.integer.clone(),
        boolean: o.boolean.clone(),
        range: o.range.clone(),
        ratio: o.ratio.clone(),
        sampled: o.sampled.clone(),
        time: o.time.clone(),
        date: o.date.clone(),
        span: o.span.clone(),
        absent: o.absent.clone(),
        interpretation: o.interpretation.clone(),
        ranges: o.ranges.clone(),
    };
    let components = o.component.0.iter().cloned().enumerate();
    let components = components.map(|(at, part)| (Some(at), part));
    let alone = o.component.0.is_empty() || !own.is_empty();
    alone
        .then_some((None, own))
        .into_iter()
        .chain(components)
        .collect()
}

fn codes(concept: &Concept) -> Vec<CodeSent> {
    let coded = concept
        .coding
        .0
        .iter()
        .filter(|coding| !coding.code.0.is_empty());
    let sent = coded.take(MOST).map(|coding| CodeSent {
        code: coding.code.0.clone(),
        system: system(&coding.system.0),
        name: coding.display.0.clone(),
    });
    sent.collect()
}

fn system(uri: &str) -> CodeSystem {
    match uri {
        "http://loinc.org" | "urn:oid:2.16.840.1.113883.6.1" | "LN" => CodeSystem::Loinc,
        "urn:oid:1.2.392.200119.4.504" | "JC10" => CodeSystem::Jlac10,
        _ if uri.contains("JLAC10") || uri.contains("CoreLabo") => CodeSystem::Jlac10,
        _ if uri.contains("JLAC11") => CodeSystem::Jlac11,
        _ => CodeSystem::Other(uri.chars().take(clean::LONGEST_FIELD).collect()),
    }
}

/// Whether a category says that this is no laboratory's.
fn is_other_kind(categories: &List<Concept>) -> bool {
    let codes: Vec<&str> = categories.0.iter().flat_map(Concept::codes).collect();
    let others = [
        "vital-signs",
        "social-history",
        "imaging",
        "procedure",
        "survey",
        "exam",
        "therapy",
        "activity",
    ];
    !codes.contains(&"laboratory") && codes.iter().any(|code| others.contains(code))
}

/// When the sample was taken: as the Observation says it, else its specimen.
fn drawn(observation: &Observation, specimen: &Specimen) -> Option<String> {
    let start = |period: &Option<Period>| period.as_ref()?.start.some();
    let said = observation.at.some().or_else(|| observation.instant.some());
    said.or_else(|| start(&observation.period))
        .or_else(|| specimen.collection.at.some())
        .or_else(|| start(&specimen.collection.period))
}

/// The status of an Observation, or its report's where that says less of it.
fn status(
    observation: &Observation,
    report: Option<&super::shape::DiagnosticReport>,
) -> (String, Status) {
    let own = observation.status.0.clone();
    let read = match own.as_str() {
        "final" => Status::Final,
        "amended" | "corrected" => Status::Corrected,
        "preliminary" => Status::Preliminary,
        "registered" => Status::NotReady,
        "cancelled" => Status::Cancelled,
        "entered-in-error" => Status::Wrong,
        "" => Status::Unstated,
        _ => Status::Unknown,
    };
    let of_report = match report.map(|report| report.status.0.as_str()) {
        Some("preliminary") => Status::Preliminary,
        Some("registered") => Status::NotReady,
        Some("cancelled") => Status::Cancelled,
        Some("entered-in-error") => Status::Wrong,
        _ => Status::Final,
    };
    let read = if of_report.says_less_than(read) {
        of_report
    } else {
        read
    };
    (own, read)
}

fn order(reference: &Reference) -> Option<String> {
    let identifier = reference.identifier.as_ref();
    identifier
        .and_then(|i| i.value.some())
        .or_else(|| reference.reference.some())
}

fn fasting(concept: Option<&Concept>) -> Fasting {
    let said = concept
        .into_iter()
        .flat_map(Concept::codes)
        .map(remark::fasting);
    said.into_iter()
        .find(|f| *f != Fasting::Unknown)
        .unwrap_or(Fasting::Unknown)
}

fn remarks(conditions: &List<Concept>, comments: &[String]) -> Vec<Remark> {
    let coded = conditions.0.iter().filter_map(|condition| {
        Some(Remark {
            kind: condition.codes().find_map(remark::of_condition)?,
            sent: condition.words(),
        })
    });
    coded
        .chain(comments.iter().flat_map(|text| remark::in_comment(text)))
        .collect()
}

/// What all values of one draw have in common.
fn head(report: &Report) -> String {
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    let moment = |moment: &Option<Moment>| moment.as_ref().map_or(String::new(), Moment::iso);
    let patient = &report.patient;
    let ids = patient
        .ids
        .iter()
        .map(|id| format!("{}|{}", id.value, text(&id.authority)));
    [
        ids.collect::<Vec<_>>().join("~"),
        text(&patient.name),
        text(&patient.kana),
        patient.birth.map_or(String::new(), |day| day.to_string()),
        text(&report.laboratory),
        text(&report.message),
        text(&report.order),
        text(&report.filler),
        text(&report.material),
        moment(&report.sent_at),
        moment(&report.drawn),
    ]
    .join("\u{1F}")
}
