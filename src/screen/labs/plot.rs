//! The picture of one analyte over time: its results, the limits they are held
//! against, and beneath, on the same axis of days, what was taken.
//!
//! ```text
//!        ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌●╌╌  500 !!! critical
//!                             ·
//!        ──────────────────··──────  234 upper limit
//!             ●········●··
//!        ─────────────────────?────
//!        09/20    10/19      11/24
//!        ├20mg────├30mg────────────
//! ```

use super::scale::{Days, Scale, between};
use crate::domain::catalogue::Analyte;
use crate::domain::course::doses;
use crate::domain::date;
use crate::domain::protocol::Level;
use crate::domain::reading::{Place, Reading};
use crate::domain::record::Record;
use crate::domain::situation::Settings;
use crate::domain::threshold::Threshold;
use crate::shown;
use crate::text::{Text, fill};
use crate::widget::canvas::Canvas;
use crate::widget::cells;
use crate::widget::theme::{Theme, mark};
use chrono::NaiveDate;
use ratatui::style::{Modifier, Style};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// Rows below the results: the axis with what is missing, days, doses.
pub const BELOW: u16 = 3;

/// One picture: what is drawn, before it is known how large.
pub struct Plot<'a> {
    subject: Subject<'a>,
    readings: &'a [Reading<'a>],
    lines: Vec<Limit<'a>>,
    doses: Vec<(NaiveDate, Decimal)>,
    days: Days,
    pub scale: Option<Scale>,
}

/// What the results are of, and by which limits the clinic reads them.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    pub analyte: &'a Analyte,
    pub settings: &'a Settings,
}

/// A line across, at its height for each result.
struct Limit<'a> {
    what: What<'a>,
    at: Vec<Option<Decimal>>,
    /// The loudest rule that asks for more than this same limit.
    more: Option<Level>,
}

/// Whose line it is.
#[derive(Clone, Copy)]
enum What<'a> {
    Upper,
    Lower,
    Rule(&'a Threshold<'a>),
}

/// The characters of a picture.
struct Marks {
    limit: char,
    rule: char,
    way: char,
    axis: char,
    step: char,
    /// Results by method, in the order in which the methods appear.
    points: [char; 3],
}

const DRAWN: Marks = Marks {
    limit: '─',
    rule: '╌',
    way: '·',
    axis: '─',
    step: '├',
    points: ['●', '◆', '■'],
};

const PLAIN: Marks = Marks {
    limit: '=',
    rule: '-',
    way: '.',
    axis: '-',
    step: '|',
    points: ['o', '+', '#'],
};

fn marks(theme: Theme) -> &'static Marks {
    if theme.ascii { &PLAIN } else { &DRAWN }
}

impl<'a> Plot<'a> {
    /// Everything to be drawn of `readings` up to the day `until`.
    pub fn of(
        subject: Subject<'a>,
        readings: &'a [Reading<'a>],
        thresholds: &'a [Threshold<'a>],
        record: &Record,
        until: NaiveDate,
    ) -> Self {
        let doses = doses(record, until);
        let until = end(readings, &doses, until);
        let drawn = readings.iter().map(|r| r.point.specimen.drawn_on);
        let from = drawn.chain(doses.iter().map(|(day, _)| *day)).min();
        let lines = lines(readings, thresholds, subject.analyte);
        let numbers = readings.iter().filter_map(|r| r.place().number());
        let heights = lines.iter().flat_map(|l| l.at.iter().flatten().copied());
        Self {
            scale: Scale::over(numbers.chain(heights).filter_map(|n| n.to_f64())),
            days: Days {
                from: from.unwrap_or(until),
                until,
            },
            subject,
            readings,
            lines,
            doses,
        }
    }

    /// Draws it, the names of the limits to the right; `at` is the selected result.
    pub fn draw(&self, at: usize, canvas: &mut Canvas<'_>, text: &Text) {
        let gutter = self.names(text).map(|n| cells::width(&n)).max();
        let gutter = u16::try_from(gutter.unwrap_or(0)).unwrap_or(0) + 1;
        let columns = canvas.width().saturating_sub(gutter);
        let rows = canvas.height().saturating_sub(BELOW);
        if let Some(scale) = self.scale {
            let ground = Ground {
                scale,
                rows,
                columns,
            };
            self.limits(&ground, canvas, text);
            self.way(&ground, canvas);
            self.points(&ground, at, canvas);
        }
        self.axis(rows, columns, at, canvas);
        self.dates(rows + 1, columns, at, canvas, text);
        self.taken(rows + 2, columns, canvas, text);
    }

    fn x(&self, reading: &Reading<'_>, columns: u16) -> u16 {
        self.days.column(reading.point.specimen.drawn_on, columns)
    }

    fn names<'t>(&'t self, text: &'t Text) -> impl Iterator<Item = String> + 't {
        let each = |line: &'t Limit<'a>| line.at.iter().flatten().map(move |n| (line, *n));
        let each = self.lines.iter().flat_map(each);
        each.map(move |(line, number)| line.name(number, text))
    }

    /// The limits, each as far as the results it holds for; where two share a row
    /// only the louder one, whose name stands there. A limit that is not enough
    /// for its rule is drawn with gaps.
    fn limits(&self, on: &Ground, canvas: &mut Canvas<'_>, text: &Text) {
        let signs = marks(canvas.theme);
        let dim = canvas.theme.dim();
        let owners = self.owners(on);
        for (n, line) in self.lines.iter().enumerate() {
            let (sign, every) = match line.what {
                What::Rule(rule) if rule.with_others => (signs.rule, 3),
                What::Rule(_) => (signs.rule, 1),
                What::Upper | What::Lower => (signs.limit, 1),
            };
            for (i, reach) in self.reaches(on.columns).into_iter().enumerate() {
                let row = line.at[i].and_then(|n| on.row(n));
                let Some(y) = row.filter(|y| owners.get(usize::from(*y)) == Some(&n)) else {
                    continue;
                };
                for x in reach.filter(|x| x % every == 0) {
                    dot(canvas, x, y, sign, dim);
                }
            }
            self.name(line, on, canvas, text);
        }
    }

    /// Whose each row is: of the lines in it the last.
    fn owners(&self, on: &Ground) -> Vec<usize> {
        let mut owners = vec![usize::MAX; usize::from(on.rows)];
        for (n, line) in self.lines.iter().enumerate() {
            for y in line
                .at
                .iter()
                .flatten()
                .filter_map(|number| on.row(*number))
            {
                if let Some(owner) = owners.get_mut(usize::from(y)) {
                    *owner = n;
                }
            }
        }
        owners
    }

    /// The number of a limit and whose it is, to the right of each row it has.
    fn name(&self, line: &Limit<'_>, on: &Ground, canvas: &mut Canvas<'_>, text: &Text) {
        let width = usize::from(canvas.width() - on.columns - 1);
        let style = alone(self.name_style(line, canvas.theme));
        let mut numbers: Vec<Decimal> = line.at.iter().flatten().copied().collect();
        numbers.dedup();
        for number in numbers {
            if let Some(y) = on.row(number) {
                let name = cells::pad(&line.name(number, text), width);
                canvas.put(on.columns + 1, y, &name, style);
            }
        }
    }

    /// The columns that are nearer to each result than to its neighbours.
    fn reaches(&self, columns: u16) -> Vec<std::ops::Range<u16>> {
        let xs: Vec<u16> = self.readings.iter().map(|r| self.x(r, columns)).collect();
        let middle = |i: usize| (xs[i - 1] + xs[i]).div_ceil(2);
        let count = xs.len();
        let reach = |i: usize| {
            let from = if i == 0 { 0 } else { middle(i) };
            let to = if i + 1 == count {
                columns
            } else {
                middle(i + 1)
            };
            from..to
        };
        (0..count).map(reach).collect()
    }

    /// Only a limit that the latest result has passed is named in its colour.
    fn name_style(&self, line: &Limit<'_>, theme: Theme) -> Style {
        let latest = self.readings.iter().rfind(|r| r.place().number().is_some());
        match (line.what, latest) {
            (What::Rule(rule), Some(latest)) if self.fires(rule, latest) => {
                flat(theme.alert(rule.rule.level))
            }
            _ => theme.dim(),
        }
    }

    /// Dots from result to result where these may be joined.
    fn way(&self, on: &Ground, canvas: &mut Canvas<'_>) {
        let sign = marks(canvas.theme).way;
        let dim = canvas.theme.dim();
        for pair in self.readings.windows(2).filter(|p| p[0].joins(&p[1])) {
            let at = |r: &Reading<'_>| {
                let y = r.place().number().and_then(|n| on.row(n))?;
                Some((self.x(r, on.columns), y))
            };
            let Some((from, to)) = at(&pair[0]).zip(at(&pair[1])) else {
                continue;
            };
            for (x, y) in between(from, to) {
                dot(canvas, x, y, sign, dim);
            }
        }
    }

    fn points(&self, on: &Ground, at: usize, canvas: &mut Canvas<'_>) {
        let theme = canvas.theme;
        let methods = self.methods();
        // The selected one last, so that no neighbour of its column covers it.
        let order = (0..self.readings.len()).filter(|i| *i != at).chain([at]);
        for i in order {
            let Some(reading) = self.readings.get(i) else {
                continue;
            };
            let Some(y) = reading.place().number().and_then(|n| on.row(n)) else {
                continue;
            };
            let method = methods.iter().position(|m| *m == reading.method);
            let sign = match reading.place() {
                Place::Under(_) => '<',
                Place::Over(_) => '>',
                Place::Doubtful(_) => 'h',
                _ => marks(theme).points[method.unwrap_or(0).min(2)],
            };
            let mut style = self.look(reading, theme);
            if i == at {
                style = style.add_modifier(Modifier::REVERSED | Modifier::BOLD);
            }
            dot(canvas, self.x(reading, on.columns), y, sign, style);
        }
    }

    /// The look of the loudest rule that fires on a result.
    fn look(&self, reading: &Reading<'_>, theme: Theme) -> Style {
        match self.loudest(reading).map(|rule| rule.rule.level) {
            Some(level) if level > Level::Note => flat(theme.alert(level)),
            _ => theme.plain(),
        }
    }

    /// The loudest rule drawn here that fires on a result.
    fn loudest(&self, reading: &Reading<'_>) -> Option<&'a Threshold<'a>> {
        let rules = self.lines.iter().filter_map(|line| match line.what {
            What::Rule(rule) => Some(rule),
            _ => None,
        });
        let fired = rules.filter(|rule| self.fires(rule, reading));
        fired.max_by_key(|rule| rule.rule.level)
    }

    fn fires(&self, rule: &Threshold<'_>, reading: &Reading<'_>) -> bool {
        rule.crossed(reading, self.subject.analyte, self.subject.settings)
    }

    /// The methods in the order in which they appear.
    pub fn methods(&self) -> Vec<Option<&'a str>> {
        let mut all: Vec<Option<&'a str>> = Vec::new();
        for reading in self
            .readings
            .iter()
            .filter(|r| r.place().number().is_some())
        {
            if !all.contains(&reading.method) {
                all.push(reading.method);
            }
        }
        all
    }

    /// The axis, with a mark where a result gave no number.
    fn axis(&self, y: u16, columns: u16, at: usize, canvas: &mut Canvas<'_>) {
        let sign = marks(canvas.theme).axis;
        let (dim, bold) = (canvas.theme.dim(), canvas.theme.bold());
        for x in 0..columns {
            dot(canvas, x, y, sign, dim);
        }
        for (i, reading) in self.readings.iter().enumerate() {
            let sign = match reading.place() {
                Place::Pending => '?',
                Place::Nowhere => 'x',
                _ => continue,
            };
            let style = match i == at {
                true => bold.add_modifier(Modifier::REVERSED),
                false => bold,
            };
            dot(canvas, self.x(reading, columns), y, sign, style);
        }
    }

    /// The days of the results as far as there is room, the selected one's first.
    fn dates(&self, y: u16, columns: u16, at: usize, canvas: &mut Canvas<'_>, text: &Text) {
        let mut taken: Vec<(u16, u16)> = Vec::new();
        let last = self.readings.len().saturating_sub(1);
        let order = [at, 0, last].into_iter().chain(0..=last);
        for i in order {
            let Some(reading) = self.readings.get(i) else {
                continue;
            };
            let words = date::short_in(reading.point.specimen.drawn_on, text.lang);
            let width = u16::try_from(words.len()).unwrap_or(u16::MAX);
            let middle = self.x(reading, columns).saturating_sub(width / 2);
            let x = middle.min(columns.saturating_sub(width));
            let free = |(from, to): &(u16, u16)| x > *to || x + width < *from;
            if taken.iter().all(free) {
                let theme = canvas.theme;
                canvas.put(
                    x,
                    y,
                    &words,
                    if i == at { theme.bold() } else { theme.dim() },
                );
                taken.push((x, x + width));
            }
        }
    }

    /// What was taken when: each dose from the day on which it began.
    fn taken(&self, y: u16, columns: u16, canvas: &mut Canvas<'_>, text: &Text) {
        let signs = marks(canvas.theme);
        let dim = canvas.theme.dim();
        for (i, (day, mg)) in self.doses.iter().enumerate() {
            let from = self.days.column(*day, columns);
            let next = self.doses.get(i + 1);
            let to = next.map_or(columns, |(day, _)| self.days.column(*day, columns));
            dot(canvas, from, y, signs.step, dim);
            if !mg.is_zero() {
                for x in from + 1..to {
                    dot(canvas, x, y, signs.axis, dim);
                }
            }
            let words = match mg.is_zero() {
                true => text.trend_nothing_taken.to_owned(),
                false => format!("{}mg", shown::number(*mg)),
            };
            let room = to.saturating_sub(from + 1);
            if cells::width(&words) <= usize::from(room) {
                canvas.put(from + 1, y, &words, canvas.theme.plain());
            }
        }
    }
}

/// The rows and columns of the results.
struct Ground {
    scale: Scale,
    rows: u16,
    columns: u16,
}

impl Ground {
    /// The row of a number; none where the scale does not reach it.
    fn row(&self, number: Decimal) -> Option<u16> {
        let value = number.to_f64().filter(|v| self.scale.holds(*v))?;
        Some(self.scale.row(value, self.rows))
    }
}

impl Limit<'_> {
    /// Whether its rule asks for more.
    fn is_conditional(&self) -> bool {
        matches!(self.what, What::Rule(rule) if rule.with_others)
    }

    /// `234 upper limit`, `500 !!! critical`, `150 i fasting`; `3 +!!! critical`
    /// and `1240 !! warning +!!!` where something else must hold too.
    fn name(&self, number: Decimal, text: &Text) -> String {
        let number = shown::number(number.round_dp(2));
        let words = match self.what {
            What::Upper => text.trend_upper.to_owned(),
            What::Lower => text.trend_lower.to_owned(),
            What::Rule(rule) => rule_words(rule, text),
        };
        let more = self.more.map(|level| format!(" +{}", mark(level)));
        format!("{number:>5} {words}{}", more.unwrap_or_default())
    }
}

fn rule_words(rule: &Threshold<'_>, text: &Text) -> String {
    let level = rule.rule.level;
    let sign = mark(level);
    if rule.with_others {
        return format!("+{sign} {}", shown::level(level, text));
    }
    match rule.fasting() {
        Some([only]) => format!("{sign:<3} {}", shown::fasting(*only, text)),
        _ if rule.fasting().is_some() => format!("{sign:<3} {}", text.trend_not_fasting),
        _ => format!("{sign:<3} {}", shown::level(level, text)),
    }
}

/// An alert's look without its bar: a single character that stands out enough.
pub fn flat(style: Style) -> Style {
    style.remove_modifier(Modifier::REVERSED)
}

/// A look that keeps nothing of what was drawn there before.
fn alone(style: Style) -> Style {
    let before = Modifier::DIM | Modifier::BOLD;
    let Style { add_modifier, .. } = style;
    style.remove_modifier(before).add_modifier(add_modifier)
}

fn dot(canvas: &mut Canvas<'_>, x: u16, y: u16, sign: char, style: Style) {
    let mut bytes = [0; 4];
    canvas.put_within(x, y, 1, sign.encode_utf8(&mut bytes), alone(style));
}

/// The last day to be drawn: today while capsules are taken, else that of the last
/// result or of the last capsule.
fn end(readings: &[Reading<'_>], doses: &[(NaiveDate, Decimal)], today: NaiveDate) -> NaiveDate {
    let last = doses.last();
    if last.is_some_and(|(_, mg)| !mg.is_zero()) {
        return today;
    }
    let drawn = readings.last().map(|r| r.point.specimen.drawn_on);
    drawn.max(last.map(|(day, _)| *day)).unwrap_or(today)
}

/// The limits to draw, quiet ones first: those of the results' own ranges, and
/// the rules' as far as the results reach and one step on.
fn lines<'a>(
    readings: &[Reading<'a>],
    thresholds: &'a [Threshold<'a>],
    analyte: &Analyte,
) -> Vec<Limit<'a>> {
    let uppers = filled(readings.iter().map(|r| r.upper).collect());
    let low = readings.iter().any(|r| is_low(r));
    let lowers = filled(readings.iter().map(|r| r.lower.filter(|_| low)).collect());
    let numbers = readings.iter().filter_map(|r| r.place().number());
    let highest = numbers.chain(uppers.iter().flatten().copied()).max();
    let each = uppers.iter().zip(readings);
    let mut rules: Vec<Limit<'a>> = thresholds
        .iter()
        .map(|t| Limit {
            what: What::Rule(t),
            at: each.clone().map(|(u, r)| t.at(*u, r, analyte)).collect(),
            more: None,
        })
        .filter(|line| line.at.iter().any(Option::is_some))
        .collect();
    // A limit of once the upper limit is the upper limit.
    rules.retain(|line| line.at != uppers);
    let (conditional, rules) = rules.into_iter().partition(Limit::is_conditional);
    let mut rules = reached(rules, highest);
    let conditional = merged(conditional, &mut rules);
    let conditional = reached(conditional, rules.iter().filter_map(top).max().max(highest));
    rules.sort_by_key(level);
    let mut all = Vec::new();
    for (what, at) in [(What::Lower, lowers), (What::Upper, uppers)] {
        if at.iter().any(Option::is_some) {
            let more = None;
            all.push(Limit { what, at, more });
        }
    }
    // Notes behind the range's own ends, the others before them.
    let quiet = rules.iter().take_while(|l| level(l) == Some(Level::Note));
    let quiet = quiet.count();
    let loud = rules.split_off(quiet);
    conditional
        .into_iter()
        .chain(rules)
        .chain(all)
        .chain(loud)
        .collect()
}

/// As far as the `highest` number, and the next one where it is near.
fn reached<'a>(mut rules: Vec<Limit<'a>>, highest: Option<Decimal>) -> Vec<Limit<'a>> {
    rules.sort_by_key(top);
    let reached = rules.iter().filter(|l| top(l) <= highest).count();
    let most = highest.and_then(|h| h.checked_mul(Decimal::from(3)));
    let next = rules.get(reached).filter(|l| top(l) <= most).is_some();
    rules.truncate(reached + usize::from(next));
    rules
}

/// Of the limits that are not enough by themselves, those that no limit of `rules`
/// has the height of; the loudest of one height. A rule's line says of the others
/// how loud they are.
fn merged<'a>(mut conditional: Vec<Limit<'a>>, rules: &mut [Limit<'a>]) -> Vec<Limit<'a>> {
    conditional.sort_by_key(|line| std::cmp::Reverse(level(line)));
    let mut alone: Vec<Limit<'a>> = Vec::new();
    for line in conditional {
        match rules.iter_mut().find(|rule| rule.at == line.at) {
            Some(rule) if level(rule) < level(&line) => rule.more = rule.more.max(level(&line)),
            Some(_) => {}
            None if alone.iter().any(|other| other.at == line.at) => {}
            None => alone.push(line),
        }
    }
    alone
}

fn top(line: &Limit<'_>) -> Option<Decimal> {
    line.at.iter().flatten().max().copied()
}

fn level(line: &Limit<'_>) -> Option<Level> {
    match line.what {
        What::Rule(rule) => Some(rule.rule.level),
        _ => None,
    }
}

fn is_low(reading: &Reading<'_>) -> bool {
    use crate::domain::observation::Flag;
    matches!(reading.flag, Flag::Low | Flag::LowLow)
}

/// Where a result has no range of its own, the one before it holds, else the next.
fn filled(mut ends: Vec<Option<Decimal>>) -> Vec<Option<Decimal>> {
    let mut last = ends.iter().find_map(|e| *e);
    for end in &mut ends {
        last = end.or(last);
        *end = last;
    }
    ends
}

/// What the marks of a picture mean, those that are on it only.
pub fn legend(plot: &Plot<'_>, theme: Theme, text: &Text) -> String {
    let signs = marks(theme);
    let mut said: Vec<String> = Vec::new();
    let methods = plot.methods();
    if methods.len() > 1 || methods.iter().any(Option::is_some) {
        for (method, sign) in methods.iter().zip(signs.points) {
            said.push(format!("{sign} {}", method.unwrap_or(text.trend_no_method)));
        }
    }
    let any = |is: fn(Place) -> bool| plot.readings.iter().any(|r| is(r.place()));
    let marks = [
        (
            "< >",
            text.trend_open,
            any(|p| matches!(p, Place::Under(_) | Place::Over(_))),
        ),
        (
            "h",
            text.read_none_haemolysed,
            any(|p| matches!(p, Place::Doubtful(_))),
        ),
        ("?", text.read_pending, any(|p| p == Place::Pending)),
        ("x", text.trend_no_number, any(|p| p == Place::Nowhere)),
    ];
    let there = marks.iter().filter(|(.., there)| *there);
    said.extend(there.map(|(sign, words, _)| format!("{sign} {words}")));
    let more = |l: &Limit<'_>| l.is_conditional() || l.more.is_some();
    if plot.lines.iter().any(more) {
        said.push(format!("+ {}", text.trend_with_others));
    }
    said.join("  ")
}

/// The scale in words: its kind and its ends.
pub fn scale_words(scale: &Scale, text: &Text) -> String {
    use super::scale::Kind;
    let template = match scale.kind {
        Kind::Linear => text.trend_linear,
        Kind::Logarithmic => text.trend_logarithmic,
    };
    let (low, high) = scale.ends();
    let short = |n: f64| {
        let places = if n < 10.0 { 2 } else { 0 };
        let number = Decimal::from_f64_retain(n).unwrap_or_default();
        shown::number(number.round_dp(places))
    };
    fill(template, &[("low", &short(low)), ("high", &short(high))])
}

#[cfg(test)]
mod tests;
