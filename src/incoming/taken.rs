//! A file as it was read, put into the facts that are kept of it.

use crate::domain::arrival::{Came, Draw, Import, Refused, Returned};
use crate::domain::change::Hash;
use crate::domain::id::{DrawId, ReturnedId};
use crate::domain::matching::Claim;
use crate::domain::observation::Fasting;
use crate::lab::{
    Carries, CodeSent, Format, Key, Moment, PatientSent, Reading, Received, RemarkKind, Report,
    Value,
};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use uuid::Uuid;

/// What a file brought, nobody's yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Taken {
    pub refused: Vec<Refused>,
    pub draws: Vec<TakenDraw>,
}

/// One draw with its results, and who it says the patient is.
#[derive(Clone, Debug, PartialEq)]
pub struct TakenDraw {
    pub draw: Draw,
    pub results: Vec<Returned>,
    pub claim: Claim,
    /// Whether a file of this kind can say enough to match by.
    pub can_match: bool,
}

/// Puts a reading into facts. Times without an offset are `local` minutes east
/// of Greenwich; `ids` makes a new id each time.
pub fn taken(reading: &Reading, local: i32, ids: &mut dyn FnMut() -> Uuid) -> Taken {
    let refused = reading.refused.iter().map(|line| Refused {
        place: line.place.to_string(),
        reason: line.reason.word().to_owned(),
        text: line.text.clone(),
    });
    let reports = reading.reports.iter();
    Taken {
        refused: refused.collect(),
        draws: reports.map(|report| draw(report, local, ids)).collect(),
    }
}

/// What is kept of the file as a whole; `known` of its results came before.
pub fn import(reading: &Reading, file: Hash, name: &str, known: usize) -> Import {
    let format = match &reading.format {
        Format::Hl7 => "hl7".to_owned(),
        Format::Fhir => "fhir".to_owned(),
        Format::Csv { layout } => format!("csv {layout}"),
    };
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Import {
        file,
        name: name.to_owned(),
        format,
        declared: reading.encoding.declared.clone(),
        encoding: reading.encoding.actual.word().to_owned(),
        rows: count(reading.rows),
        refused: count(reading.refused.len()),
        known: count(known),
    }
}

/// The draw of a result, with what all its results have in common.
struct Of<'a> {
    draw: DrawId,
    report: &'a Report,
    key: Key<'a>,
    /// Patient and message, for the digests.
    said: String,
}

fn draw(report: &Report, local: i32, ids: &mut dyn FnMut() -> Uuid) -> TakenDraw {
    let patient = &report.patient;
    let id = DrawId::from(ids());
    let sent_at = report.sent_at.as_ref();
    let sent_at = sent_at.map(|at| at.instant(local).format("%Y-%m-%dT%H:%M:%S").to_string());
    let remarked = |kind| report.remarks.iter().any(|remark| remark.kind == kind);
    let numbers = patient.ids.iter().map(|id| id.value.as_str());
    let draw = Draw {
        draw: id,
        place: report.place.to_string(),
        numbers: lines(numbers).unwrap_or_default(),
        name: patient.name.clone(),
        kana: patient.kana.clone(),
        birth_date: patient.birth,
        sex: patient.sex,
        carries: carries(patient.carries),
        laboratory: report.laboratory.clone(),
        message: report.message.clone(),
        sent_at,
        order_number: report.order.clone(),
        filler_number: report.filler.clone(),
        drawn_on: report.drawn.as_ref().map(|at| at.day),
        drawn_at: report.drawn.as_ref().map(Moment::iso),
        fasting: fasting(report),
        haemolysed: remarked(RemarkKind::Haemolysis),
        lipaemic: remarked(RemarkKind::Lipaemia),
        material: report.material.clone(),
        comments: lines(remarks(report).chain(report.comments.iter().cloned())),
        contradicts: false,
        results: u32::try_from(report.results.len()).unwrap_or(u32::MAX),
    };
    let of = Of {
        draw: id,
        report,
        key: report.key_of_all(),
        said: draw.who() + "\t" + draw.sent_at.as_deref().unwrap_or_default(),
    };
    let results = report.results.iter();
    TakenDraw {
        results: results.map(|result| returned(&of, result, ids)).collect(),
        draw,
        claim: claim(patient),
        can_match: patient.carries.id && patient.carries.birth && patient.carries.sex,
    }
}

/// What is wrong with the sample and has no column of its own.
fn remarks(report: &Report) -> impl Iterator<Item = String> {
    let own = [RemarkKind::Haemolysis, RemarkKind::Lipaemia];
    let other = report.remarks.iter();
    other
        .filter(move |remark| !own.contains(&remark.kind))
        .map(|remark| format!("{} {}", remark.kind.word(), remark.sent))
}

/// As said of the draw, else as its codes agree in saying.
fn fasting(report: &Report) -> Fasting {
    if report.fasting != Fasting::Unknown {
        return report.fasting;
    }
    let mut said = report.results.iter().filter_map(|result| result.fasting);
    let first = said.next().unwrap_or(Fasting::Unknown);
    match said.all(|next| next == first) {
        true => first,
        false => Fasting::Unknown,
    }
}

fn claim(patient: &PatientSent) -> Claim {
    Claim {
        numbers: patient.ids.iter().map(|id| id.value.clone()).collect(),
        name: patient.name.clone(),
        kana: patient.kana.clone(),
        birth_date: patient.birth,
        sex: patient.sex,
    }
}

fn carries(carries: Carries) -> String {
    let parts = [
        (carries.id, "number"),
        (carries.birth, "birth"),
        (carries.sex, "sex"),
        (carries.kana, "kana"),
        (carries.name, "name"),
    ];
    let held = parts.iter().filter(|(held, _)| *held);
    held.map(|(_, part)| *part).collect::<Vec<_>>().join(" ")
}

fn returned(of: &Of<'_>, result: &Received, ids: &mut dyn FnMut() -> Uuid) -> Returned {
    let (came, word) = match &result.value.read {
        Value::Number(_) => (Came::Number, None),
        Value::Word(word) => (Came::Word, Some(word.clone())),
        Value::Text(_) => (Came::Text, None),
        Value::Absent(why) => (Came::Absent, Some(why.word().to_owned())),
    };
    let number = match &result.value.read {
        Value::Number(quantity) => Some(quantity),
        _ => None,
    };
    let range = result.range.read.as_ref();
    let made = Returned {
        returned: ReturnedId::from(ids()),
        draw: of.draw,
        place: result.place.to_string(),
        codes: lines(result.codes.iter().map(code)).unwrap_or_default(),
        name: result.name.clone(),
        analyte: result.analyte.as_ref().ok().cloned(),
        why: of
            .report
            .judgeable(result)
            .err()
            .map(|why| why.word().to_owned()),
        value: result.value.sent.clone(),
        came,
        word,
        comparator: number.map(|q| q.comparator),
        number: number.map(|q| q.number),
        unit: result.unit.sent.clone(),
        unit_known: result.unit.understood.as_ref().ok().cloned(),
        range: result.range.sent.clone(),
        range_low: range.and_then(|r| r.low),
        range_high: range.and_then(|r| r.high),
        range_low_open: range.map(|r| r.low_open),
        range_high_open: range.map(|r| r.high_open),
        flags: lines(&result.flags).unwrap_or_default(),
        status: result.status.word().to_owned(),
        status_sent: result.status_sent.clone(),
        method: result.method.map(|method| method.word().to_owned()),
        method_sent: result.method_sent.clone(),
        fasting: result.fasting,
        comments: lines(&result.comments),
        sub_id: result.sub_id.clone(),
        key: of.key.clone().of(result).text(),
        digest: Hash::default(),
    };
    Returned {
        digest: digest(&made, &of.said),
        ..made
    }
}

fn code(code: &CodeSent) -> String {
    let CodeSent { code, system, name } = code;
    [system.text(), code, name].join("\t")
}

/// Everything that was said of a result, and `said` of its patient and message:
/// what is said again is nothing new.
fn digest(result: &Returned, said: &str) -> Hash {
    let mut hash = Sha256::new();
    let parts: [&str; 10] = [
        &result.key,
        &result.name,
        &result.value,
        &result.unit,
        &result.range,
        &result.flags,
        &result.status_sent,
        result.method_sent.as_deref().unwrap_or_default(),
        result.comments.as_deref().unwrap_or_default(),
        said,
    ];
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().into()
}

/// One item a line; line ends within an item become blanks. None of nothing.
fn lines<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> Option<String> {
    let mut out: Option<String> = None;
    for item in items {
        match &mut out {
            None => out = Some(one_line(item.as_ref()).into_owned()),
            Some(out) => {
                out.push('\n');
                out.push_str(&one_line(item.as_ref()));
            }
        }
    }
    out
}

fn one_line(item: &str) -> Cow<'_, str> {
    match item.contains(['\n', '\r']) {
        true => Cow::Owned(item.replace(['\n', '\r'], " ")),
        false => Cow::Borrowed(item),
    }
}
