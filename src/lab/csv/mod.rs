//! Separated columns, by the layouts that are declared.
//!
//! `rows` cuts the text, `row` turns one row into a result. Which layout it is
//! shows in the header lines, in the number of columns and in what stands where
//! a day or a code must stand; where several fit, none is taken.

mod row;
mod rows;

use super::decode::Decoded;
use super::layout::{Column, Layout};
use super::report::{Carries, Moment, PatientSent, Report};
use super::tables::Knowing;
use super::{Charset, Encoding, Format, MOST_ROWS, Place, Reading, Reason, Refusal, WarningKind};
use super::{clean, when};
use rows::{Row, Rows};
use std::collections::HashMap;

/// How many rows are looked at to find the layout.
const LOOKED_AT: usize = 20;

/// Reads a text by the one layout that fits.
pub(super) fn read(decoded: &Decoded, knowing: &mut Knowing<'_>) -> Result<Reading, Refusal> {
    let layouts = knowing.layouts().iter();
    let mut fitting = layouts.filter(|layout| fits(layout, &decoded.text));
    let Some(layout) = fitting.next() else {
        return Err(no_layout(&decoded.text));
    };
    let others: Vec<String> = fitting.map(|layout| layout.name.clone()).collect();
    if !others.is_empty() {
        return Err(Refusal::SeveralLayouts(
            [vec![layout.name.clone()], others].concat(),
        ));
    }
    by_layout(decoded, layout, knowing)
}

fn by_layout(
    decoded: &Decoded,
    layout: &Layout,
    knowing: &mut Knowing<'_>,
) -> Result<Reading, Refusal> {
    let format = Format::Csv {
        layout: layout.name.clone(),
    };
    let mut reading = Reading::new(format, decoded.charset);
    encoding(layout, &mut reading);
    let mut reports = Reports::default();
    for row in rows(layout, &decoded.text) {
        reading.rows += 1;
        if reading.rows > MOST_ROWS {
            return Err(Refusal::TooManyRows);
        }
        if let Err(reason) = reports.take(&row, layout, knowing, &mut reading) {
            reading.refuse(Place::Row { line: row.line }, reason, row.text);
        }
    }
    reading.reports = reports.all;
    Ok(reading)
}

fn encoding(layout: &Layout, reading: &mut Reading) {
    let actual = reading.encoding.actual;
    let declared = layout.encoding.map(|charset| charset.word().to_owned());
    if layout.encoding.is_some_and(|c| c != actual) && actual != Charset::Ascii {
        let word = declared.clone().unwrap_or_default();
        reading.warn(Place::Row { line: 1 }, WarningKind::OtherEncoding, &word);
    }
    reading.encoding = Encoding { declared, actual };
}

/// The rows of a text behind the layout's header lines.
fn rows<'a>(layout: &Layout, text: &'a str) -> Rows<'a> {
    let most = layout.columns.len();
    let mut rows = Rows::of(text, layout.separator, most - layout.optional..=most + 1);
    rows.skip_lines(layout.header_lines);
    rows
}

// --- Which layout it is ---------------------------------------------------------------

fn fits(layout: &Layout, text: &str) -> bool {
    let head: Vec<&str> = text.lines().take(layout.header_lines).collect();
    let worded = layout
        .header
        .iter()
        .all(|word| head.iter().any(|line| line.contains(word)));
    if layout.columns.is_empty() || !worded {
        return false;
    }
    let looked_at: Vec<Row<'_>> = rows(layout, text).take(LOOKED_AT).collect();
    let fitting = looked_at.iter().filter(|row| row_fits(layout, row)).count();
    // One row in five may be spoilt without hiding what the file is.
    fitting > 0 && fitting * 5 >= looked_at.len() * 4
}

fn row_fits(layout: &Layout, row: &Row<'_>) -> bool {
    let Some(fields) = &row.fields else {
        return false;
    };
    if !counted(layout, fields) {
        return false;
    }
    let cells = row::Cells::of(layout, fields);
    let day = |column: Column| {
        let text = cells.one(column);
        text.is_empty() || row::moment(layout, text).is_some()
    };
    let drawn = !cells.one(Column::Drawn).is_empty() && day(Column::Drawn);
    let code = cells.one(Column::Jlac10);
    let coded = code.is_empty() || code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    drawn && day(Column::Birth) && coded
}

/// Whether a row has as many fields as the layout has columns; a separator at
/// the end of the line may add an empty one.
fn counted(layout: &Layout, fields: &[String]) -> bool {
    let most = layout.columns.len();
    let more = fields.len() == most + 1 && fields[most].is_empty();
    more || (most - layout.optional..=most).contains(&fields.len())
}

/// Text of a clinic's language without separators is no table at all.
fn no_layout(text: &str) -> Refusal {
    let line = text
        .lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or("");
    let columns = [',', '\t', ';', '|']
        .iter()
        .map(|c| line.matches(*c).count())
        .max();
    match columns {
        Some(3..) => Refusal::NoLayout,
        _ => Refusal::UnknownFormat,
    }
}

// --- Rows become draws ----------------------------------------------------------------

/// Draws in the order of their first rows.
#[derive(Default)]
struct Reports {
    all: Vec<Report>,
    by_head: HashMap<String, usize>,
}

impl Reports {
    fn take(
        &mut self,
        row: &Row<'_>,
        layout: &Layout,
        knowing: &mut Knowing<'_>,
        reading: &mut Reading,
    ) -> Result<(), Reason> {
        let fields = row.fields.as_ref().ok_or(Reason::Quote)?;
        if !counted(layout, fields) {
            return Err(Reason::Columns);
        }
        if fields.iter().any(|field| clean::is_hostile(field)) {
            return Err(Reason::Hostile);
        }
        let cells = row::Cells::of(layout, fields);
        if cells.is_too_long() {
            return Err(Reason::TooLong);
        }
        let head = cells.head();
        let known = self.by_head.get(&head).copied();
        let sex = known.map_or_else(|| row::sex(layout, &cells), |at| self.all[at].patient.sex);
        let result = row::result(layout, &cells, row.line, sex, knowing)?;
        let at = known.unwrap_or_else(|| {
            self.all
                .push(row::report(layout, &cells, row.line, reading));
            self.by_head.insert(head, self.all.len() - 1);
            self.all.len() - 1
        });
        row::remarks(&cells, &result, &mut self.all[at]);
        self.all[at].results.push(result);
        Ok(())
    }
}

/// A patient of a layout that carries what its columns hold.
fn carried(layout: &Layout) -> PatientSent {
    PatientSent {
        carries: Carries {
            id: layout.has(Column::PatientId) || layout.has(Column::ChartNumber),
            name: layout.has(Column::Name),
            kana: layout.has(Column::Kana),
            birth: layout.has(Column::Birth),
            sex: layout.has(Column::Sex),
        },
        ..PatientSent::default()
    }
}

/// A moment in the forms of the layout, else in those every reader knows.
fn moment(layout: &Layout, text: &str) -> Option<Moment> {
    let by = |form: &String| chrono::NaiveDate::parse_from_str(text, form).ok();
    let own = layout.dates.iter().find_map(by);
    own.map(Moment::of_day).or_else(|| when::written(text))
}
