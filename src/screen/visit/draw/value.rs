//! The values of a draw: one line each, and behind the focused one what has no
//! room in it.

use super::*;
use crate::domain::reading::Reading;
use crate::screen::labs::Labs;
use crate::screen::labs::line::{self, Column, Part as Cell};
use crate::screen::labs::trend::flow;
use crate::screen::visit::answer::observed;
use crate::shown::reading as words;

/// The parts of a line that a visit shows, the most important first.
const PARTS: [Cell; 14] = [
    Cell::Name,
    Cell::Value,
    Cell::Unit,
    Cell::Flag,
    Cell::Times,
    Cell::Percent,
    Cell::Range,
    Cell::Spark,
    Cell::Change,
    Cell::Baseline,
    Cell::Converted,
    Cell::Age,
    Cell::Dose,
    Cell::Sample,
];

/// The lines of a section's values and their common columns.
pub(super) struct Sheet {
    lines: Vec<(AnalyteId, line::Line)>,
    columns: Vec<Column>,
}

impl Sheet {
    /// Those of `part`; none where it asks for no values.
    pub fn of(walk: &Walk<'_>, part: &Part, canvas: &Canvas<'_>) -> Option<Self> {
        let labs = Labs::on(walk.ctx, walk.visit().day())?;
        let lines = walk.list.lines[part.lines.clone()].iter();
        let lines: Vec<_> = lines
            .filter_map(|l| match &l.id {
                LineId::Analyte(id) => Some((id.clone(), line_of(id, &labs, walk)?)),
                _ => None,
            })
            .collect();
        let came = came(walk, part, &labs);
        let lines: Vec<_> = lines.into_iter().chain(came).collect();
        let only: Vec<line::Line> = lines.iter().map(|(_, line)| line.clone()).collect();
        let room = canvas.width().saturating_sub(6);
        let columns = line::columns(&only, &PARTS, true, (5, room), walk.ctx.text);
        (!lines.is_empty()).then_some(Self { lines, columns })
    }

    /// The analytes that stand in lines of their own, since they came in a file.
    pub fn came(&self) -> impl Iterator<Item = &AnalyteId> {
        self.lines.iter().map(|(id, _)| id)
    }

    /// What the columns are.
    pub fn heads(&self, canvas: &mut Canvas<'_>, walk: &Walk<'_>) {
        line::heads(&self.columns, canvas, 1, walk.ctx.text);
    }

    /// Whether its lines show everything that [`behind`] says of a value.
    pub fn is_whole(&self) -> bool {
        let has = |part| self.columns.iter().any(|c| c.shows(part));
        has(Cell::Baseline) && has(Cell::Change)
    }

    /// One line of them at row `y`.
    pub fn draw(&self, canvas: &mut Canvas<'_>, analyte: &AnalyteId, style: Style, y: u16) {
        let line = self.lines.iter().find(|(id, _)| id == analyte);
        if let Some((_, line)) = line {
            line.draw(&self.columns, canvas, y, Some(style));
        }
    }
}

/// What came from a laboratory since the last visit, where no draw of this visit
/// is entered: each analyte whose latest result is among it.
fn came(walk: &Walk<'_>, part: &Part, labs: &Labs<'_>) -> Vec<(AnalyteId, line::Line)> {
    if !shows_came(walk, part) {
        return Vec::new();
    }
    let draws = walk.desk.record.came_before(walk.visit());
    let look = look(labs, walk);
    let told = labs.analytes().into_iter().filter_map(|analyte| {
        let readings = labs.readings(analyte);
        let last = readings.last()?.point.specimen.id;
        let line = || line::Line::of(analyte, &readings, false, look);
        draws.contains(&last).then(|| (analyte.id.clone(), line()))
    });
    told.collect()
}

/// Whether `part` asks for a draw and none of this visit is entered.
pub(super) fn shows_came(walk: &Walk<'_>, part: &Part) -> bool {
    let mut lines = walk.list.lines[part.lines.clone()].iter();
    walk.list.drawn.is_none() && lines.any(|line| walk.item(line).kind == Kind::Draw)
}

fn look<'t>(labs: &Labs<'_>, walk: &Walk<'t>) -> line::Look<'t> {
    line::Look {
        theme: walk.ctx.theme,
        text: walk.ctx.text,
        on: labs.until,
        units: true,
    }
}

fn line_of(id: &AnalyteId, labs: &Labs<'_>, walk: &Walk<'_>) -> Option<line::Line> {
    let analyte = labs.clinic.catalogue.get(id)?;
    let readings = labs.readings(analyte);
    let today = today(&readings, id, walk);
    let shown = today.map_or(&readings[..], |at| &readings[..=at]);
    let look = look(labs, walk);
    Some(line::Line::of(analyte, shown, today.is_none(), look))
}

/// Which of the results is that of this visit's draw.
fn today(readings: &[Reading<'_>], id: &AnalyteId, walk: &Walk<'_>) -> Option<usize> {
    let observed = observed(id, walk)?.id;
    readings.iter().position(|r| r.point.stands_for(observed))
}

/// Under the focused value: what it is compared with, where its line has no room
/// for that; before it is typed, the last one.
pub(super) fn behind(
    rows: &mut Vec<Row<'_>>,
    canvas: &Canvas<'_>,
    walk: &Walk<'_>,
    line: &Line,
    sheet: Option<&Sheet>,
) {
    let LineId::Analyte(id) = &line.id else {
        return;
    };
    let Some(labs) = Labs::on(walk.ctx, walk.visit().day()) else {
        return;
    };
    let Some(analyte) = labs.clinic.catalogue.get(id) else {
        return;
    };
    let text = walk.ctx.text;
    let readings = labs.readings(analyte);
    let said = match (today(&readings, id, walk), readings.last()) {
        (Some(at), _) => {
            let reading = &readings[at];
            let converted = words::converted(reading.point.observation, analyte, text);
            let mut compared = words::compared(reading, analyte, text);
            if sheet.is_some_and(Sheet::is_whole) {
                compared.clear();
            }
            let standing = words::standing(reading, analyte, text).into_iter();
            standing.chain(converted).chain(compared).collect()
        }
        (None, Some(last)) => words::last(last, analyte, labs.until, text),
        (None, None) => return,
    };
    let room = usize::from(canvas.width().saturating_sub(8));
    for line in flow(&said, room) {
        rows.push(Row::Text(7, line, canvas.theme.dim()));
    }
}

/// What "before" means in the lines of `part`: said once, with its day.
pub(super) fn baseline(walk: &Walk<'_>, part: &Part, room: usize) -> Option<String> {
    let labs = Labs::on(walk.ctx, walk.visit().day())?;
    let lines = walk.list.lines[part.lines.clone()].iter();
    let known = lines.filter_map(|line| match &line.id {
        LineId::Analyte(id) => labs.clinic.catalogue.get(id),
        _ => None,
    });
    let readings: Vec<_> = known.flat_map(|a| labs.readings(a).pop()).collect();
    let latest: Vec<&Reading<'_>> = readings.iter().collect();
    let said = words::baseline_days(&latest, walk.ctx.text);
    let [long, short] = said;
    let words = if cells::width(&long) <= room {
        long
    } else {
        short
    };
    (!latest.is_empty()).then_some(words)
}
