//! One row becomes a result, and the first row of a draw its report.

use super::carried;
use crate::domain::answer::Sex;
use crate::domain::catalogue::Analyte;
use crate::domain::observation::Fasting;
use crate::domain::quantity::{Comparator, Quantity};
use crate::lab::codes::method_named;
use crate::lab::layout::{Column, Layout, OwnCode};
use crate::lab::received::{
    AbsentWhy, CodeSent, CodeSystem, Received, Status, UnitSent, Value, ValueSent, Why,
};
use crate::lab::report::{IdSent, PatientSent, RemarkKind, Report, is_kana};
use crate::lab::tables::Knowing;
use crate::lab::{Place, Reading, Reason, WarningKind, clean, range, remark, value};

pub(super) use super::moment;

/// The fields of a row by what they hold.
pub(super) struct Cells<'a> {
    layout: &'a Layout,
    fields: &'a [String],
}

impl<'a> Cells<'a> {
    pub(super) fn of(layout: &'a Layout, fields: &'a [String]) -> Self {
        Self { layout, fields }
    }

    /// Every field of a column, without blanks around it.
    fn all(&self, column: Column) -> impl Iterator<Item = &'a str> + use<'a> {
        let columns = self.layout.columns.iter().zip(self.fields);
        columns.filter_map(move |(c, field)| (*c == Some(column)).then_some(field.trim()))
    }

    /// The field of a column; empty where there is none.
    pub(super) fn one(&self, column: Column) -> &'a str {
        self.all(column).next().unwrap_or("")
    }

    fn some(&self, column: Column) -> Option<String> {
        Some(self.one(column).to_owned()).filter(|text| !text.is_empty())
    }

    /// What all rows of one draw have in common.
    pub(super) fn head(&self) -> String {
        let columns = [
            Column::Laboratory,
            Column::PatientId,
            Column::ChartNumber,
            Column::Name,
            Column::Kana,
            Column::Birth,
            Column::Sex,
            Column::Order,
            Column::Filler,
            Column::Drawn,
            Column::DrawnTime,
        ];
        columns.map(|column| self.one(column)).join("\u{1F}")
    }

    pub(super) fn is_too_long(&self) -> bool {
        let comment = [
            Some(Column::Comment),
            Some(Column::DrawComment),
            Some(Column::Value),
        ];
        let mut columns = self.layout.columns.iter().zip(self.fields);
        columns.any(|(column, field)| {
            let most = match comment.contains(column) {
                true => clean::LONGEST_VALUE,
                false => clean::LONGEST_FIELD,
            };
            clean::is_longer(field, most)
        })
    }
}

// --- The draw ---------------------------------------------------------------------------

pub(super) fn report(
    layout: &Layout,
    cells: &Cells<'_>,
    line: usize,
    reading: &mut Reading,
) -> Report {
    let place = Place::Row { line };
    let mut day = |column: Column| {
        let text = cells.one(column);
        let read = moment(layout, text);
        if read.is_none() && !text.is_empty() {
            reading.warn(place.clone(), WarningKind::Unreadable, text);
        }
        read
    };
    let drawn = day(Column::Drawn).map(|mut drawn| {
        let clock = cells.one(Column::DrawnTime);
        drawn.time = drawn.time.or_else(|| crate::lab::when::clock(clock));
        drawn
    });
    let (birth, sent_at) = (day(Column::Birth), day(Column::Sent));
    let comments = cells
        .all(Column::DrawComment)
        .filter(|text| !text.is_empty());
    let mut comments: Vec<String> = comments.map(clean::cleaned).collect();
    comments.extend(
        cells
            .some(Column::Pregnancy)
            .map(|weeks| format!("妊娠週数 {weeks}")),
    );
    Report {
        patient: patient(layout, cells, birth.map(|moment| moment.day)),
        laboratory: cells.some(Column::Laboratory),
        message: None,
        sent_at,
        order: cells.some(Column::Order),
        filler: cells.some(Column::Filler),
        drawn,
        fasting: fasting(layout, cells),
        remarks: Vec::new(),
        material: None,
        comments,
        results: Vec::new(),
        place,
    }
}

fn patient(layout: &Layout, cells: &Cells<'_>, birth: Option<chrono::NaiveDate>) -> PatientSent {
    let id = |column: Column, kind: Option<&str>| {
        Some(IdSent {
            value: cells.some(column)?,
            kind: kind.map(str::to_owned),
            authority: None,
        })
    };
    // The clinic's own number first, where the file tells them apart.
    let both = layout.has(Column::ChartNumber) && layout.has(Column::PatientId);
    let ids = [
        id(Column::ChartNumber, both.then_some("chart")),
        id(Column::PatientId, both.then_some("laboratory")),
    ];
    let (name, kana) = (cells.some(Column::Name), cells.some(Column::Kana));
    // Some columns of names hold them as spoken.
    let (name, kana) = match name {
        Some(name) if kana.is_none() && is_kana(&name) => (None, Some(name)),
        name => (name, kana),
    };
    PatientSent {
        ids: ids.into_iter().flatten().collect(),
        name,
        kana,
        birth,
        sex: sex(layout, cells),
        ..carried(layout)
    }
}

pub(super) fn sex(layout: &Layout, cells: &Cells<'_>) -> Option<Sex> {
    layout.sex.get(cells.one(Column::Sex)).copied()
}

fn fasting(layout: &Layout, cells: &Cells<'_>) -> Fasting {
    let sent = cells.one(Column::Fasting);
    match layout.fasting.get(sent) {
        Some(declared) => *declared,
        None => remark::fasting(sent),
    }
}

/// What a row says of the sample, for the whole draw.
pub(super) fn remarks(cells: &Cells<'_>, result: &Received, report: &mut Report) {
    let fields = [
        (Column::Haemolysis, RemarkKind::Haemolysis),
        (Column::Lipaemia, RemarkKind::Lipaemia),
        (Column::Icterus, RemarkKind::Icterus),
    ];
    let said = fields.into_iter().filter_map(|(column, kind)| {
        let sent = cells.one(column);
        remark::in_field(kind, sent)
    });
    let written = cells
        .all(Column::Comment)
        .chain(cells.all(Column::DrawComment));
    let written = written.flat_map(remark::in_comment);
    for remark in said.chain(written).chain(remark::of_result(result)) {
        if !report.remarks.contains(&remark) {
            report.remarks.push(remark);
        }
    }
    if report.material.is_none() {
        report.material = cells.some(Column::Material);
    }
}

// --- The result -------------------------------------------------------------------------

pub(super) fn result(
    layout: &Layout,
    cells: &Cells<'_>,
    line: usize,
    sex: Option<Sex>,
    knowing: &mut Knowing<'_>,
) -> Result<Received, Reason> {
    let codes = codes(layout, cells);
    let name = cells.one(Column::TestName).to_owned();
    if codes.is_empty() && name.is_empty() {
        return Err(Reason::Nameless);
    }
    let mut meant = knowing.meant(&codes, &name);
    let material = cells.one(Column::MaterialCode);
    if !material.is_empty()
        && meant
            .analyte
            .as_ref()
            .is_ok_and(|id| !knowing.fits(id, material))
    {
        meant.analyte = Err(Why::OtherMaterial);
    }
    let analyte = meant
        .analyte
        .as_ref()
        .ok()
        .and_then(|id| knowing.analyte(id));
    let unit = unit(layout, cells, meant.analyte.as_ref().ok(), knowing);
    let mut value = value(layout, cells, analyte);
    value.hold_to(analyte, &unit);
    let status_sent = cells.one(Column::Status).to_owned();
    let method_sent = cells.some(Column::Method);
    let comments = cells.all(Column::Comment).filter(|text| !text.is_empty());
    let run = cells.one(Column::Run);
    Ok(Received {
        place: Place::Row { line },
        range: match cells.one(Column::Range) {
            "" => range::of_ends(cells.one(Column::RangeLow), cells.one(Column::RangeHigh)),
            text => knowing.range(text, sex),
        },
        flags: cells.some(Column::Flag).into_iter().collect(),
        status: status(layout, &status_sent),
        status_sent,
        method: meant
            .method
            .or_else(|| method_sent.as_deref().and_then(method_named)),
        method_sent,
        fasting: meant.fasting,
        comments: comments.map(clean::cleaned).collect(),
        sub_id: match layout.first_run.iter().any(|first| first == run) {
            true => String::new(),
            false => run.to_owned(),
        },
        analyte: meant.analyte,
        codes,
        name,
        value,
        unit,
    })
}

/// The laboratory's own code first, as the one that never changes, then the others.
fn codes(layout: &Layout, cells: &Cells<'_>) -> Vec<CodeSent> {
    let name = cells.one(Column::TestName);
    let code = |code: String, system: CodeSystem| {
        (!code.is_empty()).then(|| CodeSent {
            code,
            system,
            name: name.to_owned(),
        })
    };
    let own = CodeSystem::Other(layout.name.clone());
    let codes = [
        code(cells.one(Column::Code).to_owned(), own),
        code(cells.one(Column::Jlac10).to_owned(), CodeSystem::Jlac10),
        code(jlac10_of_parts(cells), CodeSystem::Jlac10),
        code(cells.one(Column::Loinc).to_owned(), CodeSystem::Loinc),
    ];
    codes.into_iter().flatten().collect()
}

/// Analyte and material in columns of their own, as the first fifteen characters;
/// none where the draw was done under a load, whose code is another.
fn jlac10_of_parts(cells: &Cells<'_>) -> String {
    let (analyte, material) = (
        cells.one(Column::Jlac10Analyte),
        cells.one(Column::Jlac10Material),
    );
    let load = cells.one(Column::Jlac10Load).trim_matches('0');
    if analyte.len() != 5 || material.len() != 3 || !load.is_empty() {
        return String::new();
    }
    format!("{analyte}0000{material}000")
}

fn unit(
    layout: &Layout,
    cells: &Cells<'_>,
    analyte: Option<&crate::domain::observation::AnalyteId>,
    knowing: &mut Knowing<'_>,
) -> UnitSent {
    let sent = cells.one(Column::Unit).to_owned();
    let code = cells.one(Column::Code);
    let own = |own: &&OwnCode| own.system == layout.name && own.code == code;
    let declared = match sent.as_str() {
        "" => layout
            .codes
            .iter()
            .find(own)
            .and_then(|own| own.unit.as_ref()),
        sent => layout.units.get(sent),
    };
    let understood = knowing.unit(analyte, declared.unwrap_or(&sent));
    UnitSent { sent, understood }
}

fn value(layout: &Layout, cells: &Cells<'_>, analyte: Option<&Analyte>) -> ValueSent {
    let sent = cells.one(Column::Value).to_owned();
    let kind = cells.one(Column::RowKind);
    let form = cells.one(Column::ValueForm);
    let read = match sent.is_empty() {
        _ if layout.headings.iter().any(|heading| heading == kind) => {
            Value::Absent(AbsentWhy::Heading)
        }
        true if layout.empty_is_pending => Value::Absent(AbsentWhy::Pending),
        _ => formed(layout, form, value::of_text(&sent, analyte)),
    };
    match read {
        // What stands beside the number belongs to what was sent.
        Value::Number(number) if !form.is_empty() => {
            let sent = format!("{}{sent}", sign(number.comparator));
            ValueSent {
                read: Value::Number(Quantity {
                    typed: sent.clone(),
                    ..number
                }),
                sent,
            }
        }
        read => ValueSent { sent, read },
    }
}

/// A value with what its form says of it; a form not declared is not guessed.
fn formed(layout: &Layout, form: &str, value: Value) -> Value {
    if form.is_empty() {
        return value;
    }
    match (layout.value_form.get(form), value) {
        (Some(Some(comparator)), Value::Number(number))
            if number.comparator == Comparator::Equal || number.comparator == *comparator =>
        {
            Value::Number(Quantity {
                comparator: *comparator,
                ..number
            })
        }
        (Some(None), Value::Number(_) | Value::Text(_) | Value::Word(_)) => {
            Value::Text(Why::NotANumber)
        }
        (Some(None), absent) => absent,
        (_, Value::Number(_)) => Value::Text(Why::NotANumber),
        (_, other) => other,
    }
}

fn sign(comparator: Comparator) -> &'static str {
    match comparator {
        Comparator::Equal => "",
        other => other.word(),
    }
}

fn status(layout: &Layout, sent: &str) -> Status {
    match layout.status.get(sent) {
        Some(declared) => *declared,
        None if sent.is_empty() => Status::Unstated,
        None => layout.status_other,
    }
}
