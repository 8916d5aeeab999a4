//! One line a result: its parts in columns as wide as what stands in them. Where
//! the room is narrow whole columns are left out, the least important first, so
//! that no number is ever cut.
//!
//!   TG     512 H  x2.18  +433%  ▂▃▃█  26d

use crate::domain::arrival::AsSent;
use crate::domain::catalogue::Analyte;
use crate::domain::observation::Flag;
use crate::domain::reading::Reading;
use crate::shown;
use crate::shown::reading as words;
use crate::text::Text;
use crate::widget::canvas::Canvas;
use crate::widget::cells;
use crate::widget::theme::Theme;
use chrono::NaiveDate;
use ratatui::style::{Modifier, Style};

/// What a column shows, in the order in which they stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    Name,
    Value,
    Unit,
    Flag,
    Converted,
    Times,
    Range,
    Baseline,
    Percent,
    Change,
    Spark,
    Age,
    Dose,
    Sample,
}

/// How many there are.
const PARTS: usize = Part::Sample as usize + 1;

/// Results of a sparkline.
const SPARKS: usize = 8;

/// The text of one cell.
#[derive(Clone, Debug, Default)]
struct Cell {
    text: String,
    style: Style,
}

/// How lines are written.
#[derive(Clone, Copy)]
pub struct Look<'t> {
    pub theme: Theme,
    pub text: &'t Text,
    /// The day they are read on.
    pub on: NaiveDate,
    /// A column of units stands beside the values; without one, a number in
    /// another unit than the others carries its own.
    pub units: bool,
}

/// The parts of one result, by [`Part`].
#[derive(Clone, Debug)]
pub struct Line {
    cells: [Cell; PARTS],
}

/// Where a column stands.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    part: Part,
    x: u16,
    width: u16,
    /// Cells before the decimal point, where the column is aligned by it.
    whole: u16,
}

impl Line {
    /// The latest of `readings` with its past; `open` where it is still to be
    /// typed: then only the past is shown.
    pub fn of(analyte: &Analyte, readings: &[Reading<'_>], open: bool, look: Look<'_>) -> Self {
        let mut line = Self {
            cells: Default::default(),
        };
        let (theme, text) = (look.theme, look.text);
        let dim = theme.dim();
        line.set(Part::Name, analyte.short.get(text.lang), theme.plain());
        line.set(Part::Unit, &analyte.unit, dim);
        let spark = words::sparkline(readings, SPARKS, theme.ascii);
        line.set(Part::Spark, spark.trim_start(), dim);
        if open {
            line.set(Part::Value, "[ ]", theme.plain());
        }
        let Some(last) = readings.last() else {
            return line;
        };
        if let Some(baseline) = &last.baseline {
            let value = words::value(baseline.observation, analyte, text);
            line.set(Part::Baseline, &value, dim);
        }
        line.set(Part::Age, &words::age(last.age(look.on), text), dim);
        if !open {
            line.measured(analyte, last, look);
        }
        line
    }

    /// A result that is a word of its analyte's.
    pub fn worded(analyte: &Analyte, result: &AsSent, look: Look<'_>) -> Self {
        let mut line = Self {
            cells: Default::default(),
        };
        let (theme, text) = (look.theme, look.text);
        line.set(Part::Name, analyte.short.get(text.lang), theme.plain());
        line.set(
            Part::Value,
            &shown::arrival::word(result, text),
            theme.plain(),
        );
        if result.status == "preliminary" {
            line.set(Part::Flag, text.brief_preliminary, theme.plain());
        }
        if let Some(day) = result.drawn_on {
            let days = (look.on - day).num_days();
            line.set(Part::Age, &words::age(days, text), theme.dim());
        }
        line
    }

    fn measured(&mut self, analyte: &Analyte, last: &Reading<'_>, look: Look<'_>) {
        let (observation, text) = (last.point.observation, look.text);
        let (plain, dim) = (look.theme.plain(), look.theme.dim());
        let style = flag_style(last.flag, look.theme);
        match observation.quantity().filter(|_| look.units) {
            Some(quantity) => {
                self.set(Part::Value, quantity.typed.trim(), style);
                self.set(Part::Unit, &observation.unit, plain);
            }
            None => self.set(
                Part::Value,
                &words::value(observation, analyte, text),
                style,
            ),
        }
        self.set(Part::Flag, &words::marks(last, analyte, text), style);
        let converted = words::converted(observation, analyte, text);
        self.set(Part::Converted, &converted.unwrap_or_default(), plain);
        self.set(Part::Times, &words::times_upper(last), style);
        self.set(Part::Range, &words::range(observation), dim);
        self.set(Part::Percent, &words::percent(last), plain);
        self.set(Part::Change, &words::change(last), dim);
        self.set(Part::Dose, &words::dose(last.point.specimen), dim);
        self.set(
            Part::Sample,
            &words::sample_brief(last.point.specimen, text),
            dim,
        );
    }

    /// Everything fainter: the sample is older than the others'.
    pub fn faint(mut self) -> Self {
        for cell in &mut self.cells {
            cell.style = cell.style.remove_modifier(Modifier::BOLD);
            cell.style = cell.style.add_modifier(Modifier::DIM);
        }
        self
    }

    fn set(&mut self, part: Part, text: &str, style: Style) {
        self.cells[part as usize] = Cell {
            text: cells::display(text).into_owned(),
            style,
        };
    }

    fn cell(&self, part: Part) -> &Cell {
        &self.cells[part as usize]
    }

    /// Draws it at row `y`; the focused one's name in `style`.
    pub fn draw(&self, columns: &[Column], canvas: &mut Canvas<'_>, y: u16, focus: Option<Style>) {
        for column in columns {
            let cell = self.cell(column.part);
            let style = focus
                .filter(|_| column.part == Part::Name)
                .unwrap_or(cell.style);
            let x = column.x + column.indent(&cell.text);
            canvas.put(x, y, &cell.text, style);
        }
    }
}

/// Letters and numbers beyond a limit are heavier.
pub fn flag_style(flag: Flag, theme: Theme) -> Style {
    match flag {
        Flag::Within | Flag::NotJudged => theme.plain(),
        _ => theme.bold(),
    }
}

/// The columns that fit into `room` cells from `x` on. Of `parts` the most
/// important stands first, and the last is left out first. `kept` keeps room for
/// what is not there yet, so that nothing moves while values are typed.
pub fn columns(
    lines: &[Line],
    parts: &[Part],
    kept: bool,
    (x, room): (u16, u16),
    text: &Text,
) -> Vec<Column> {
    let there = parts
        .iter()
        .filter_map(|p| Column::of(*p, lines, kept, text));
    let mut columns: Vec<Column> = there.collect();
    while columns.iter().map(|c| c.width + 1).sum::<u16>() > room + 1 {
        columns.pop();
    }
    columns.sort_by_key(|c| c.part);
    let mut at = x;
    for column in &mut columns {
        column.x = at;
        at += column.width + 1;
    }
    columns
}

/// Draws the heads of the columns.
pub fn heads(columns: &[Column], canvas: &mut Canvas<'_>, y: u16, text: &Text) {
    for column in columns {
        let words = head(column.part, text);
        let left = matches!(
            column.part,
            Part::Unit | Part::Range | Part::Spark | Part::Sample
        );
        if left {
            canvas.put(column.x, y, words, canvas.theme.dim());
        } else {
            canvas.put_right(column.x + column.width, y, words, canvas.theme.dim());
        }
    }
}

fn head(part: Part, text: &Text) -> &'static str {
    match part {
        Part::Name | Part::Flag | Part::Converted => "",
        Part::Value => text.column_now,
        Part::Unit => text.column_unit,
        Part::Times => text.head_times,
        Part::Range => text.column_range,
        Part::Baseline => text.column_baseline,
        Part::Percent => text.head_percent,
        Part::Change => text.head_change,
        Part::Spark => text.column_trend,
        Part::Age => text.head_age,
        Part::Dose => text.head_dose,
        Part::Sample => text.head_sample,
    }
}

impl Column {
    /// Whether it is the column of this part.
    pub fn shows(&self, part: Part) -> bool {
        self.part == part
    }

    /// The cell behind it.
    pub fn end(&self) -> u16 {
        self.x + self.width
    }

    /// As wide as its widest cell; none where all of them are empty.
    fn of(part: Part, lines: &[Line], kept: bool, text: &Text) -> Option<Self> {
        let cells = || lines.iter().map(|l| l.cell(part).text.as_str());
        let least = usual(part).filter(|_| kept);
        if cells().all(str::is_empty) && least.is_none() {
            return None;
        }
        let whole = cells().map(|c| split(part, c).0).max().unwrap_or(0);
        let rest = cells().map(|c| split(part, c).1).max().unwrap_or(0);
        let head = cells_of(head(part, text));
        let width = (whole + rest).max(head).max(least.unwrap_or(0));
        Some(Self {
            part,
            x: 0,
            width,
            // What is left over stands in front.
            whole: width - rest,
        })
    }

    /// Blanks in front of a cell.
    fn indent(&self, text: &str) -> u16 {
        match self.part {
            Part::Value | Part::Baseline => self.whole.saturating_sub(split(self.part, text).0),
            Part::Times | Part::Percent | Part::Change | Part::Age | Part::Dose => {
                self.width.saturating_sub(cells_of(text))
            }
            _ => 0,
        }
    }
}

/// Cells that a part usually takes, where room is kept for it.
fn usual(part: Part) -> Option<u16> {
    Some(match part {
        // `H G2`: a grade that appears moves nothing.
        Part::Flag => 4,
        Part::Value | Part::Times | Part::Percent => 5,
        Part::Range => 7,
        Part::Spark => 4,
        _ => return None,
    })
}

/// Cells before the decimal point and from it on; words stand before it.
fn split(part: Part, text: &str) -> (u16, u16) {
    if !matches!(part, Part::Value | Part::Baseline) {
        return (cells_of(text), 0);
    }
    let number = text.chars().any(|c| c.is_ascii_digit());
    let at = text.find(['.', ' ']).filter(|_| number);
    let (whole, rest) = text.split_at(at.unwrap_or(text.len()));
    (cells_of(whole), cells_of(rest))
}

fn cells_of(text: &str) -> u16 {
    u16::try_from(cells::width(text)).unwrap_or(u16::MAX)
}
