//! All values by date: one line an analyte, one column a draw, the newest first.
//!
//! ```text
//!            11/24     10/29     09/20
//!            fasting   fasting   fasting
//!            20mg      20mg
//!  AST U/L     24        20        18
//!  TG mg/dL   512 H    pending     96
//! ```

use super::Labs;
use super::trend::flow;
use crate::domain::catalogue::Analyte;
use crate::domain::id::{ObservationId, SpecimenId};
use crate::domain::observation::{AnalyteId, Specimen};
use crate::domain::reading::Reading;
use crate::keys::{Command, Key, Place, command};
use crate::screen::frame;
use crate::screen::{Ctx, Go, Outcome};
use crate::shown;
use crate::shown::reading as words;
use crate::text::fill;
use crate::widget::canvas::{Canvas, window};
use crate::widget::cells;
use std::collections::BTreeMap;

/// The selected line and column.
#[derive(Clone, Debug, Default)]
pub struct TableScreen {
    row: usize,
    column: usize,
}

/// Rows above the first analyte: day, sample, dose.
const HEADS: u16 = 3;
/// Rows of what is known of the selected result.
const DETAIL: u16 = 3;
/// Cells of a column: a word such as `haemolysed` and a blank.
const COLUMN: u16 = 12;

/// Draws, newest first, and the results of each analyte by draw.
struct Grid<'a> {
    labs: Labs<'a>,
    draws: Vec<&'a Specimen>,
    rows: Vec<(&'a Analyte, BTreeMap<SpecimenId, Reading<'a>>)>,
}

impl<'a> Grid<'a> {
    fn of(ctx: &Ctx<'a>) -> Option<Self> {
        let labs = Labs::on(ctx, ctx.today)?;
        let mut draws: Vec<&'a Specimen> = Vec::new();
        let mut rows = Vec::new();
        for analyte in labs.analytes() {
            let mut cells = BTreeMap::new();
            for reading in labs.readings(analyte) {
                let specimen = reading.point.specimen;
                if draws.iter().all(|d| d.id != specimen.id) {
                    draws.push(specimen);
                }
                cells.insert(specimen.id, reading);
            }
            rows.push((analyte, cells));
        }
        draws.sort_by_key(|d| std::cmp::Reverse((d.drawn_on, d.id)));
        Some(Self { labs, draws, rows })
    }

    fn cell(&self, row: usize, column: usize) -> Option<&Reading<'a>> {
        self.rows.get(row)?.1.get(&self.draws.get(column)?.id)
    }
}

impl TableScreen {
    /// The table with this analyte's newest result selected.
    pub fn new(analyte: Option<&AnalyteId>, ctx: &Ctx<'_>) -> Self {
        let grid = Grid::of(ctx);
        let place = |grid: &Grid<'_>| grid.rows.iter().position(|(a, _)| Some(&a.id) == analyte);
        Self {
            row: grid.as_ref().and_then(place).unwrap_or(0),
            column: 0,
        }
    }

    /// One key.
    pub fn key(&mut self, key: Key, ctx: &Ctx<'_>) -> Outcome {
        let Some(command) = command(Place::Table, key) else {
            return Outcome::none();
        };
        let Some(grid) = Grid::of(ctx) else {
            return Outcome::go(Go::Back);
        };
        let (rows, columns) = (
            grid.rows.len().saturating_sub(1),
            grid.draws.len().saturating_sub(1),
        );
        match command {
            Command::Up => self.row = self.row.saturating_sub(1),
            Command::Down => self.row = (self.row + 1).min(rows),
            Command::PageUp => self.row = self.row.saturating_sub(10),
            Command::PageDown => self.row = (self.row + 10).min(rows),
            Command::Left => self.column = self.column.saturating_sub(1),
            Command::Right => self.column = (self.column + 1).min(columns),
            Command::First => self.column = 0,
            Command::Last => self.column = columns,
            Command::Enter => return self.trend(&grid),
            Command::Help => return Outcome::go(Go::Help),
            Command::Back => return Outcome::go(Go::Back),
            _ => {}
        }
        Outcome::none()
    }

    fn trend(&self, grid: &Grid<'_>) -> Outcome {
        let id = |r: &Reading<'_>| r.point.observation.id;
        let at: Option<ObservationId> = grid.cell(self.row, self.column).map(id);
        match (grid.rows.get(self.row), at) {
            (Some((analyte, _)), Some(at)) => Outcome::go(Go::TrendAt(analyte.id.clone(), at)),
            (Some((analyte, _)), None) => Outcome::go(Go::Trend(analyte.id.clone())),
            (None, _) => Outcome::none(),
        }
    }
}

/// Draws the table.
pub fn draw(screen: &TableScreen, canvas: &mut Canvas<'_>, ctx: &Ctx<'_>) {
    let Some(grid) = Grid::of(ctx) else { return };
    let header = frame::patient_header(ctx, grid.labs.desk, canvas.width());
    let body = frame::frame(canvas, ctx, &header, &hint_line(ctx, canvas.width()), None);
    let (width, height) = (canvas.width(), body.bottom.saturating_sub(body.top));
    let mut part = canvas.part(0, body.top, width, height);
    if grid.rows.is_empty() {
        part.put(1, 0, ctx.text.chart_no_values, ctx.theme.dim());
        return;
    }
    sheet(screen, &grid, &mut part, ctx);
    let mut below = canvas.part(0, body.bottom.saturating_sub(DETAIL), width, DETAIL);
    selected(screen, &grid, &mut below, ctx);
}

fn hint_line(ctx: &Ctx<'_>, width: u16) -> String {
    let commands = [
        Command::Left,
        Command::Right,
        Command::Enter,
        Command::First,
        Command::Last,
        Command::Back,
    ];
    frame::hint_line(Place::Table, &commands, ctx.text, width)
}

/// The first column stays, the draws move beside it.
fn sheet(screen: &TableScreen, grid: &Grid<'_>, canvas: &mut Canvas<'_>, ctx: &Ctx<'_>) {
    let (theme, text) = (ctx.theme, ctx.text);
    let name = |a: &Analyte| format!("{} {}", a.short.get(text.lang), a.unit);
    let widest = grid.rows.iter().map(|(a, _)| cells::width(&name(a))).max();
    let left = u16::try_from(widest.unwrap_or(0)).unwrap_or(16) + 4;
    let shown = usize::from(canvas.width().saturating_sub(left + 1) / COLUMN).max(1);
    let first = window(screen.column, shown, grid.draws.len());
    let height = usize::from(canvas.height().saturating_sub(HEADS + DETAIL + 1));
    let top = window(screen.row, height, grid.rows.len());
    more(first, shown, grid, canvas, ctx);
    for (i, draw) in grid.draws.iter().enumerate().skip(first).take(shown) {
        let x = left + COLUMN * u16::try_from(i - first).unwrap_or(0);
        let style = if i == screen.column {
            theme.bold()
        } else {
            theme.dim()
        };
        let day = draw.drawn_on.format("%y-%m-%d").to_string();
        canvas.put_within(x, 0, COLUMN - 1, &day, style);
        canvas.put_within(
            x,
            1,
            COLUMN - 1,
            &words::sample_brief(draw, text),
            theme.dim(),
        );
        canvas.put_within(x, 2, COLUMN - 1, &words::dose(draw), theme.dim());
    }
    for (i, (analyte, _)) in grid.rows.iter().enumerate().skip(top).take(height) {
        let y = HEADS + u16::try_from(i - top).unwrap_or(0);
        let here = i == screen.row;
        let style = if here { theme.bold() } else { theme.plain() };
        canvas.put(1, y, if here { ">" } else { " " }, theme.bold());
        let x = canvas.put(3, y, analyte.short.get(text.lang), style);
        canvas.put(x + 1, y, &analyte.unit, theme.dim());
        for column in first..(first + shown).min(grid.draws.len()) {
            let x = left + COLUMN * u16::try_from(column - first).unwrap_or(0);
            let at = (here && column == screen.column, column == 0);
            cell(grid.cell(i, column), analyte, (x, y), at, canvas, ctx);
        }
    }
}

/// One value with its flag behind it, the decimal points of a line below each
/// other; or the word that says why there is none.
fn cell(
    reading: Option<&Reading<'_>>,
    analyte: &Analyte,
    (x, y): (u16, u16),
    (selected, newest): (bool, bool),
    canvas: &mut Canvas<'_>,
    ctx: &Ctx<'_>,
) {
    let theme = ctx.theme;
    let mut style = match reading {
        Some(r) if !words::flag(r).is_empty() => theme.bold(),
        _ if newest => theme.plain(),
        _ => theme.dim(),
    };
    if selected {
        style = theme.focus().add_modifier(ratatui::style::Modifier::BOLD);
    }
    let Some(reading) = reading else {
        if selected {
            canvas.put(x, y, &" ".repeat(usize::from(COLUMN - 1)), style);
        }
        return;
    };
    let said = match reading
        .point
        .number()
        .filter(|_| !is_canonical(reading, analyte))
    {
        // Beside numbers of one unit, a number of another would be read as theirs.
        Some(_) => words::converted(reading.point.observation, analyte, ctx.text)
            .unwrap_or_default()
            .replace(&format!(" {}", analyte.unit), ""),
        None => words::value(reading.point.observation, analyte, ctx.text),
    };
    let flag = words::flag(reading);
    let words = match reading.point.number() {
        Some(_) => {
            let whole = said.find('.').unwrap_or(said.len());
            let pad = 5usize.saturating_sub(whole);
            format!("{}{said} {flag}", " ".repeat(pad))
        }
        None => said,
    };
    let words = if selected {
        cells::pad(&words, usize::from(COLUMN - 1))
    } else {
        words
    };
    canvas.put_within(x, y, COLUMN - 1, &words, style);
}

fn is_canonical(reading: &Reading<'_>, analyte: &Analyte) -> bool {
    words::canonical(reading.point.observation, analyte)
}

/// How many draws lie to each side, in the corner.
fn more(first: usize, shown: usize, grid: &Grid<'_>, canvas: &mut Canvas<'_>, ctx: &Ctx<'_>) {
    let behind = grid.draws.len().saturating_sub(first + shown);
    let text = ctx.text;
    let sides = [(text.table_newer, first), (text.table_older, behind)];
    for (y, (template, n)) in (0..).zip(sides) {
        if n > 0 {
            let words = fill(template, &[("n", &n.to_string())]);
            canvas.put(1, y, &words, ctx.theme.dim());
        }
    }
}

/// Everything known of the selected result.
fn selected(screen: &TableScreen, grid: &Grid<'_>, canvas: &mut Canvas<'_>, ctx: &Ctx<'_>) {
    let (Some((analyte, _)), Some(draw)) =
        (grid.rows.get(screen.row), grid.draws.get(screen.column))
    else {
        return;
    };
    let text = ctx.text;
    let said = match grid.cell(screen.row, screen.column) {
        Some(reading) => {
            let before = grid.labs.before;
            words::phrases(reading, analyte, before.first_dose, grid.labs.until, text)
        }
        None => vec![
            shown::full_day(draw.drawn_on, text),
            text.table_not_measured.to_owned(),
        ],
    };
    let room = usize::from(canvas.width().saturating_sub(2));
    let name = analyte.short.get(text.lang).to_owned();
    let said: Vec<String> = [name].into_iter().chain(said).collect();
    for (y, line) in (0..).zip(flow(&said, room)) {
        canvas.put(1, y, &line, ctx.theme.plain());
    }
}
