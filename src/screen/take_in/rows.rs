//! The rows of what a file would bring; one is put into words when it is seen.

use crate::domain::arrival::How;
use crate::domain::date;
use crate::domain::matching::Chart;
use crate::incoming::{Found, Judged, NotTaken, Preview, Verdict, unmatched};
use crate::screen::Ctx;
use crate::screen::labs::returned;
use crate::shown;
use crate::shown::arrival::{file_trouble, reason, refusal, unlike};
use crate::text::{Text, fill};
use crate::widget::canvas::Canvas;

/// What stands in a row: which file, and what of it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Line {
    File(u32),
    Counts(u32),
    Who(u32, u32),
    Drawn(u32, u32),
    Result(u32, u32, u32),
    Refused(u32, u32),
    Gap,
}

/// Every row there is.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines(Vec<Line>);

impl Lines {
    /// Files that are not taken in stand behind the others, those of before last.
    pub(super) fn of(files: &[Found]) -> Self {
        let mut lines = Self::default();
        let mut order: Vec<usize> = (0..files.len()).collect();
        order.sort_by_key(|at| match &files[*at].what {
            Ok(_) => 0,
            Err(NotTaken::Before) => 2,
            Err(_) => 1,
        });
        for at in order {
            lines.file(index(at), &files[at]);
        }
        lines
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn at(&self, row: usize) -> Line {
        self.0[row]
    }

    fn file(&mut self, file: u32, found: &Found) {
        self.0.extend([Line::File(file), Line::Counts(file)]);
        let Ok(preview) = &found.what else { return };
        for (at, judged) in preview.draws.iter().enumerate() {
            let draw = index(at);
            self.0
                .extend([Line::Who(file, draw), Line::Drawn(file, draw)]);
            let results = 0..index(judged.draw.results.len());
            self.0.extend(results.map(|n| Line::Result(file, draw, n)));
        }
        let refused = 0..index(preview.refused.len());
        self.0.extend(refused.map(|n| Line::Refused(file, n)));
        self.0.push(Line::Gap);
    }
}

fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Draws one row.
pub(super) fn draw(line: Line, files: &[Found], canvas: &mut Canvas<'_>, y: u16, ctx: &Ctx<'_>) {
    let found = |file: u32| files.get(file as usize);
    let preview = |file: u32| found(file).and_then(|found| found.what.as_ref().ok());
    match line {
        Line::File(file) => {
            let told = found(file).map(heading).unwrap_or_default();
            canvas.put_within(1, y, canvas.width() - 2, &told, ctx.theme.bold());
        }
        Line::Counts(file) => {
            if let Some(found) = found(file) {
                counts(found, canvas, y, ctx);
            }
        }
        Line::Who(file, draw) => {
            if let Some(judged) = preview(file).and_then(|p| p.draws.get(draw as usize)) {
                who(judged, canvas, y, ctx);
            }
        }
        Line::Drawn(file, draw) => {
            if let Some(judged) = preview(file).and_then(|p| p.draws.get(draw as usize)) {
                drawn(judged, canvas, y, ctx);
            }
        }
        Line::Result(file, draw, n) => {
            let judged = preview(file).and_then(|p| p.draws.get(draw as usize));
            if let Some(result) = judged.and_then(|j| j.draw.results.get(n as usize)) {
                returned::draw(result, 5, canvas, y, ctx);
            }
        }
        Line::Refused(file, n) => {
            if let Some(row) = preview(file).and_then(|p| p.refused.get(n as usize)) {
                let why = reason(&row.reason, ctx.text);
                let told = format!("! {}  {why}  {}", row.place, row.text);
                canvas.put_within(1, y, canvas.width() - 2, &told, ctx.theme.error());
            }
        }
        Line::Gap => {}
    }
}

fn heading(found: &Found) -> String {
    let Ok(preview) = &found.what else {
        return found.name.clone();
    };
    let import = &preview.import;
    let laboratory = preview.draws.first();
    let laboratory = laboratory.and_then(|judged| judged.draw.draw.laboratory.clone());
    let format = import.format.to_uppercase();
    let laboratory = laboratory.unwrap_or_default();
    format!(
        "{}  {format}  {}  {laboratory}",
        found.name, import.encoding
    )
}

fn counts(found: &Found, canvas: &mut Canvas<'_>, y: u16, ctx: &Ctx<'_>) {
    let (text, theme) = (ctx.text, ctx.theme);
    let (told, style) = match &found.what {
        Ok(preview) => (counted(preview, text), theme.plain()),
        Err(NotTaken::Before) => (text.take_before.to_owned(), theme.dim()),
        Err(NotTaken::Place(word)) => (not_taken(&file_trouble(word, text), text), theme.error()),
        Err(NotTaken::Refused(why)) => (not_taken(&refusal(why, text), text), theme.error()),
        Err(NotTaken::Fault) => (not_taken(text.file_fault, text), theme.error()),
    };
    canvas.put_within(2, y, canvas.width() - 3, &told, style);
}

fn not_taken(why: &str, text: &Text) -> String {
    fill(text.take_not, &[("why", why)])
}

fn counted(preview: &Preview, text: &Text) -> String {
    let import = &preview.import;
    let new: usize = preview.draws.iter().map(|j| j.draw.results.len()).sum();
    let values = [
        ("new", &*new.to_string()),
        ("known", &*import.known.to_string()),
        ("refused", &*import.refused.to_string()),
        ("unmatched", &*unmatched(&preview.draws).to_string()),
    ];
    fill(text.take_counts, &values)
}

/// File and chart side by side.
fn who(judged: &Judged, canvas: &mut Canvas<'_>, y: u16, ctx: &Ctx<'_>) {
    let theme = ctx.theme;
    let half = canvas.width() / 2;
    canvas.put_within(2, y, half - 5, &sent(judged, ctx.text), theme.bold());
    let (mark, told, style) = match &judged.verdict {
        Verdict::Certain(chart, how) => {
            let mark = if *how == How::Matched { "=" } else { "~" };
            (mark, charted(chart, ctx.text), theme.plain())
        }
        Verdict::Near(near) => {
            let told = near.first().map(|near| charted(&near.chart, ctx.text));
            ("?", told.unwrap_or_default(), theme.error())
        }
        Verdict::Nobody => ("?", ctx.text.inbox_nobody.to_owned(), theme.error()),
        Verdict::Known => ("", ctx.text.take_known.to_owned(), theme.dim()),
    };
    canvas.put(half - 2, y, mark, style);
    canvas.put_within(half + 1, y, half - 2, &told, style);
}

fn sent(judged: &Judged, text: &Text) -> String {
    let draw = &judged.draw.draw;
    let name = draw.name.as_deref().or(draw.kana.as_deref());
    let born = draw.birth_date.map(date::iso).unwrap_or_default();
    let sex = draw.sex.map_or("", |sex| shown::sex(sex, text));
    let number = draw.numbers.lines().next().unwrap_or("–");
    format!("{number} {} {born} {sex}", name.unwrap_or("–"))
}

fn charted(chart: &Chart, text: &Text) -> String {
    let born = date::iso(chart.birth_date);
    let sex = shown::sex(chart.sex, text);
    format!("{} {} {born} {sex}", chart.chart_number, chart.name)
}

/// When it was drawn; on the side of the chart, why a person is needed.
fn drawn(judged: &Judged, canvas: &mut Canvas<'_>, y: u16, ctx: &Ctx<'_>) {
    let (text, draw) = (ctx.text, &judged.draw.draw);
    let half = canvas.width() / 2;
    let day = match draw.drawn_on {
        Some(day) => fill(text.take_drawn, &[("day", &date::iso(day))]),
        None => text.take_no_day.to_owned(),
    };
    let laboratory = draw.laboratory.as_deref().unwrap_or_default();
    let known = match judged.known {
        0 => String::new(),
        n => fill(text.take_known_some, &[("n", &n.to_string())]),
    };
    let told = format!("{day}  {laboratory}  {known}");
    let room = if judged.waits() {
        half - 6
    } else {
        canvas.width() - 4
    };
    canvas.put_within(3, y, room, &told, ctx.theme.dim());
    if judged.waits() {
        let why = why_waits(judged, text);
        let told = match why.is_empty() {
            true => text.take_waits_alone.to_owned(),
            false => format!("{} {why}", text.take_waits),
        };
        canvas.put_within(half + 1, y, half - 2, &told, ctx.theme.error());
    }
}

/// What differs from the nearest chart, else what agrees with it.
fn why_waits(judged: &Judged, text: &Text) -> String {
    let Verdict::Near(near) = &judged.verdict else {
        return String::new();
    };
    match near.first() {
        Some(_) if judged.draw.draw.contradicts => text.inbox_contradicts.to_owned(),
        Some(nearest) => unlike(nearest, text),
        None => String::new(),
    }
}
