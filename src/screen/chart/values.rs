//! The latest value of each analyte, one line each.

use crate::domain::arrival::AsSent;
use crate::domain::catalogue::Analyte;
use crate::domain::observation::{AnalyteId, Flag};
use crate::domain::reading::Reading;
use crate::screen::Ctx;
use crate::screen::labs::Labs;
use crate::screen::labs::line::{Line, Look, Part, columns, heads};
use crate::shown::reading::baseline_days;
use crate::text::fill;
use crate::widget::canvas::{Canvas, window};
use crate::widget::cells;

/// Lines that the strips above must leave room for.
const LINES: usize = 6;

/// The parts of a line that the chart shows, the most important first.
const PARTS: [Part; 12] = [
    Part::Name,
    Part::Value,
    Part::Flag,
    Part::Times,
    Part::Converted,
    Part::Percent,
    Part::Spark,
    Part::Age,
    Part::Change,
    Part::Range,
    Part::Dose,
    Part::Sample,
];

/// Every analyte of the patient with its results.
pub(super) struct Values<'a> {
    labs: Labs<'a>,
    all: Vec<(&'a Analyte, Vec<Reading<'a>>)>,
    /// The latest of each analyte that is a word, behind the others.
    worded: Vec<(&'a Analyte, &'a AsSent)>,
}

impl<'a> Values<'a> {
    /// Those of the patient on the desk; none where there are none.
    pub fn of(ctx: &Ctx<'a>) -> Option<Self> {
        let labs = Labs::on(ctx, ctx.today)?;
        let analytes = labs.analytes().into_iter();
        let all: Vec<_> = analytes.map(|a| (a, labs.readings(a))).collect();
        let worded = labs.worded();
        let any = !all.is_empty() || !worded.is_empty();
        any.then_some(Self { labs, all, worded })
    }

    pub fn len(&self) -> usize {
        self.all.len() + self.worded.len()
    }

    /// Rows the strips leave: title, lines, what the comparison is with.
    pub fn rows(&self) -> u16 {
        u16::try_from(self.len().min(LINES)).unwrap_or(0) + 2
    }

    /// The selected line; before a key moved it, the first one beyond a limit.
    pub fn at(&self, value: Option<usize>) -> usize {
        let stands_out = |r: Option<&Reading<'_>>| {
            r.is_some_and(|r| !matches!(r.flag, Flag::Within | Flag::NotJudged))
        };
        let first = || self.all.iter().position(|(_, r)| stands_out(r.last()));
        let at = value.or_else(first).unwrap_or(0);
        at.min(self.len().saturating_sub(1))
    }

    /// The lines that have room for `height` of them, in their order: those beyond a
    /// limit before the others.
    fn loudest(&self, height: usize) -> Vec<usize> {
        let calm = |i: &usize| {
            let last = self.all.get(*i).and_then(|(_, readings)| readings.last());
            last.is_some_and(|r| matches!(r.flag, Flag::Within | Flag::NotJudged))
        };
        let mut all: Vec<usize> = (0..self.len()).collect();
        all.sort_by_key(calm);
        all.truncate(height);
        all.sort_unstable();
        all
    }

    pub fn analyte(&self, value: Option<usize>) -> Option<&'a AnalyteId> {
        self.all.get(self.at(value)).map(|(analyte, _)| &analyte.id)
    }
}

/// Draws title, heads and lines; `focus` is the selected line where the keys are here.
pub(super) fn draw(
    values: Option<&Values<'_>>,
    focus: Option<Option<usize>>,
    canvas: &mut Canvas<'_>,
    ctx: &Ctx<'_>,
) {
    let (theme, text) = (ctx.theme, ctx.text);
    canvas.put(1, 0, text.chart_values, theme.bold());
    let Some(values) = values else {
        canvas.put(3, 1, text.chart_no_values, theme.dim());
        return;
    };
    let lines = lines(values, ctx);
    let room = canvas.width().saturating_sub(4);
    let columns = columns(&lines, &PARTS, false, (3, room), text);
    // The title stands over names and values.
    heads(&columns[2..], canvas, 0, text);
    let at = values.at(focus.flatten());
    let height = usize::from(canvas.height().saturating_sub(2));
    let shown = match focus {
        Some(_) => {
            let first = window(at, height, lines.len());
            (first..lines.len()).take(height).collect()
        }
        None => values.loudest(height),
    };
    let mut y = 1;
    for (i, line) in shown.into_iter().filter_map(|i| Some((i, lines.get(i)?))) {
        let focused = focus.is_some() && i == at;
        line.draw(&columns, canvas, y, focused.then(|| theme.bold()));
        if focused {
            canvas.put(1, y, ">", theme.bold());
            canvas.focus(y);
        }
        y += 1;
    }
    let latest: Vec<&Reading<'_>> = values.all.iter().filter_map(|(_, r)| r.last()).collect();
    let mut x = 3;
    if lines.len() > height {
        let n = (lines.len() - height).to_string();
        x = canvas.put(x, y, &fill(text.review_more, &[("n", &n)]), theme.dim()) + 2;
    }
    let room = usize::from(canvas.width().saturating_sub(x));
    let said = baseline_days(&latest, text);
    let fits = said.iter().find(|words| cells::width(words) <= room);
    canvas.put(x, y, fits.unwrap_or(&said[1]), theme.dim());
}

fn lines(values: &Values<'_>, ctx: &Ctx<'_>) -> Vec<Line> {
    let look = Look {
        theme: ctx.theme,
        text: ctx.text,
        on: values.labs.until,
        units: false,
    };
    let drawn = |r: &Reading<'_>| r.point.specimen.drawn_on;
    let newest = values
        .all
        .iter()
        .filter_map(|(_, r)| r.last())
        .map(drawn)
        .max();
    let line = |(analyte, readings): &(&Analyte, Vec<Reading<'_>>)| {
        let line = Line::of(analyte, readings, false, look);
        // What another draw has left behind is fainter.
        if readings.last().map(drawn) == newest {
            line
        } else {
            line.faint()
        }
    };
    let worded = values.worded.iter();
    let worded = worded.map(|(analyte, result)| Line::worded(analyte, result, look));
    values.all.iter().map(line).chain(worded).collect()
}
