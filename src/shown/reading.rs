//! A result in words: each part by itself for a line of columns, and all of it
//! for the line below a picture.

use super::{number, reported};
use crate::domain::catalogue::Analyte;
use crate::domain::date;
use crate::domain::grade::{Basis, Graded, VERSION};
use crate::domain::observation::{
    Fasting, Flag, Observation, RangeSource, ReferenceRange, Reported, Specimen,
};
use crate::domain::reading::{Place, Reading};
use crate::domain::threshold::{Limit, Sense, Threshold};
use crate::text::{Text, fill};
use chrono::NaiveDate;
use rust_decimal::Decimal;

/// The value as reported, or in a word why there is none. A unit other than the
/// one this analyte is read in stands behind the number: 5.8 mmol/L beside
/// numbers in mg/dL would be read as one of them.
pub fn value(observation: &Observation, analyte: &Analyte, text: &Text) -> String {
    match observation.quantity() {
        Some(quantity) if canonical(observation, analyte) => quantity.typed.trim().to_owned(),
        Some(_) => reported(observation, text),
        None => absence(&observation.reported, text).to_owned(),
    }
}

/// Why there is no number, in a word.
pub fn absence(reported: &Reported, text: &Text) -> &'static str {
    match reported {
        Reported::Value(_) => "",
        Reported::Pending => text.read_pending,
        Reported::Haemolysed => text.read_none_haemolysed,
        Reported::Lost => text.read_none_lost,
        Reported::NotDone => text.read_none_not_done,
    }
}

/// Whether the value was reported in the unit the catalogue reckons in.
pub fn canonical(observation: &Observation, analyte: &Analyte) -> bool {
    let unit = analyte.unit_named(&observation.unit);
    unit.is_some_and(|u| u.name == analyte.unit)
}

/// `= 514`, where it was reported in another unit.
pub fn converted(observation: &Observation, analyte: &Analyte, text: &Text) -> Option<String> {
    let number = observation
        .canonical
        .filter(|_| !canonical(observation, analyte))?;
    let comparator = observation.quantity()?.comparator;
    let sign = match comparator {
        crate::domain::quantity::Comparator::Equal => "",
        other => other.word(),
    };
    let value = format!("{sign}{}", places(number));
    let values = [("value", value.as_str()), ("unit", &analyte.unit)];
    Some(fill(text.read_equals, &values))
}

/// A converted number with as many places as a laboratory prints.
fn places(number: Decimal) -> String {
    let places = if number >= Decimal::ONE_HUNDRED { 0 } else { 1 };
    super::number(number.round_dp(places))
}

/// `HH`, `H`, `L`, `LL`; nothing within the range; `?` where a number could not
/// be judged.
pub fn flag(reading: &Reading<'_>) -> &'static str {
    match reading.flag {
        Flag::NotJudged if reading.point.number().is_none() => "",
        flag => flag.letters(),
    }
}

/// The letters and the grade, and in a mark or two what else the eye must not miss:
/// that it is preliminary, and that something else was typed.
pub fn marks(reading: &Reading<'_>, analyte: &Analyte, text: &Text) -> String {
    let preliminary = reading.point.observation.is_preliminary();
    let grade = reading.grade(analyte).map(brief_grade);
    let marks = [
        (!flag(reading).is_empty(), flag(reading)),
        (grade.is_some(), grade.as_deref().unwrap_or_default()),
        (preliminary, text.brief_preliminary),
        (reading.point.differs(), text.brief_differs),
    ];
    let marks = marks.iter().filter(|(on, _)| *on).map(|(_, mark)| *mark);
    marks.collect::<Vec<_>>().join(" ")
}

/// `G2`.
pub fn brief_grade(graded: Graded) -> String {
    format!("G{}", graded.grade)
}

/// `CTCAE 5.0 G2`: the grade with its scale; that it goes by the value before the
/// first dose is said, since it is then another than by the range.
fn grade(reading: &Reading<'_>, analyte: &Analyte, text: &Text) -> Option<String> {
    let graded = reading.grade(analyte)?;
    let grade = brief_grade(graded);
    let values = [("scale", VERSION), ("grade", &*grade)];
    Some(match graded.basis {
        Basis::Baseline => fill(text.read_grade_baseline, &values),
        Basis::UpperEnd | Basis::Fixed => format!("{VERSION} {grade}"),
    })
}

/// How far the laboratory stands to it, and what was said of the same draw beside
/// it; then its grade.
pub fn standing(reading: &Reading<'_>, analyte: &Analyte, text: &Text) -> Vec<String> {
    let mut said = status(reading, text);
    said.extend(grade(reading, analyte, text));
    said
}

fn status(reading: &Reading<'_>, text: &Text) -> Vec<String> {
    let point = &reading.point;
    let sent = point.observation.sent.as_ref();
    let status = match sent.and_then(|sent| sent.status.as_deref()) {
        Some("preliminary") => Some(text.read_preliminary),
        Some("corrected") => Some(text.read_corrected),
        _ => None,
    };
    let mut said: Vec<String> = status.into_iter().map(str::to_owned).collect();
    if let Some(beside) = point.beside {
        let template = match (point.differs(), beside.is_typed()) {
            (false, _) => text.read_typed_same,
            (true, true) => text.read_typed_beside,
            (true, false) => text.read_sent_beside,
        };
        said.push(fill(template, &[("value", &reported(beside, text))]));
    }
    said
}

/// `x2.18`, above the upper limit only.
pub fn times_upper(reading: &Reading<'_>) -> String {
    let above = matches!(reading.flag, Flag::High | Flag::HighHigh);
    let times = reading.times_upper.filter(|_| above);
    times.map_or(String::new(), |n| format!("x{}", number(n)))
}

/// `+433%` against the value before the first dose.
pub fn percent(reading: &Reading<'_>) -> String {
    reading.percent.map_or(String::new(), |n| {
        if n.is_zero() {
            "0%".to_owned()
        } else {
            format!("{}%", signed(n))
        }
    })
}

/// `+394` against the result before.
pub fn change(reading: &Reading<'_>) -> String {
    reading.change.map_or(String::new(), |n| {
        if n.is_zero() {
            "0".to_owned()
        } else {
            signed(n.round_dp(2))
        }
    })
}

fn signed(number: Decimal) -> String {
    let sign = if number.is_sign_negative() { "" } else { "+" };
    format!("{sign}{}", super::number(number))
}

/// `26日`, from the hundredth day on in months: how old a sample is.
pub fn age(days: i64, text: &Text) -> String {
    let (template, n) = match days {
        0..100 => (text.read_days, days),
        _ => (text.read_months, days / 30),
    };
    fill(template, &[("n", &n.to_string())])
}

/// `20mg`: the dose a day at the draw.
pub fn dose(specimen: &Specimen) -> String {
    let mg = specimen.dose_at_draw;
    mg.map_or(String::new(), |mg| format!("{}mg", number(mg)))
}

/// Fasting and what the laboratory remarked of the sample.
pub fn sample(specimen: &Specimen, text: &Text) -> String {
    remarked(super::fasting(specimen.fasting, text), specimen, text)
}

/// The same in as few cells as it takes, for a column.
pub fn sample_brief(specimen: &Specimen, text: &Text) -> String {
    let fasting = match specimen.fasting {
        Fasting::Yes => text.brief_fasting,
        Fasting::No => text.brief_fed,
        Fasting::Unknown => text.brief_unknown,
    };
    remarked(fasting, specimen, text)
}

fn remarked(fasting: &str, specimen: &Specimen, text: &Text) -> String {
    let remarks = [
        (specimen.haemolysed, text.sample_haemolysed),
        (specimen.lipaemic, text.sample_lipaemic),
    ];
    let mut words = vec![fasting];
    words.extend(remarks.iter().filter(|(on, _)| *on).map(|(_, word)| *word));
    words.extend(specimen.comment.as_deref());
    words.join(" ")
}

/// The range as that laboratory printed it; no more than two decimals of a
/// converted one.
pub fn range(observation: &Observation) -> String {
    let short = |end: Option<Decimal>| end.map(|d| d.round_dp(2).normalize());
    observation.range.map_or(String::new(), |range| {
        let shown = ReferenceRange {
            low: short(range.low),
            high: short(range.high),
            ..range
        };
        shown.text()
    })
}

/// All of a result, in short phrases, what matters most first. `on` is the day
/// it is read on, `first_dose` the one days of treatment are counted from.
pub fn phrases(
    reading: &Reading<'_>,
    analyte: &Analyte,
    first_dose: Option<NaiveDate>,
    on: NaiveDate,
    text: &Text,
) -> Vec<String> {
    let observation = reading.point.observation;
    let specimen = reading.point.specimen;
    let mut said = vec![drawn_on(reading, on, text)];
    let value = reported(observation, text);
    said.push(format!("{value} {}", flag(reading)).trim_end().to_owned());
    said.extend(standing(reading, analyte, text));
    said.extend(converted(observation, analyte, text));
    if let Some(n) = reading.times_upper {
        said.push(fill(text.read_times, &[("n", &number(n))]));
    }
    said.extend(compared(reading, analyte, text));
    said.extend(range_words(observation, text));
    said.extend(drawn(specimen, first_dose, text));
    said.extend(sent(reading, text));
    said
}

/// The day of the draw and how long ago it was.
pub fn drawn_on(reading: &Reading<'_>, on: NaiveDate, text: &Text) -> String {
    let day = date::iso(reading.point.specimen.drawn_on);
    match reading.age(on) {
        0 => day,
        days => {
            let ago = fill(text.read_ago, &[("age", &age(days, text))]);
            format!("{day} {ago}")
        }
    }
}

/// The last result, for whoever is about to type the next: value, day, sample,
/// and the value before the first dose.
pub fn last(reading: &Reading<'_>, analyte: &Analyte, on: NaiveDate, text: &Text) -> Vec<String> {
    let specimen = reading.point.specimen;
    let value = |observation| value(observation, analyte, text);
    let last = format!("{} {}", value(reading.point.observation), flag(reading));
    let values = [
        ("value", last.trim_end()),
        ("day", &date::short_in(specimen.drawn_on, text.lang)),
        ("age", &age(reading.age(on), text)),
    ];
    let mut said = vec![format!(
        "{} {}",
        fill(text.read_last, &values),
        sample(specimen, text)
    )];
    if let Some(then) = reading.baseline {
        let values = [
            ("value", value(then.observation)),
            ("day", date::short_in(then.specimen.drawn_on, text.lang)),
        ];
        let values = values.each_ref().map(|(name, v)| (*name, v.as_str()));
        said.push(fill(text.read_baseline, &values));
    }
    said
}

/// Against the value before the first dose and the result before.
pub fn compared(reading: &Reading<'_>, analyte: &Analyte, text: &Text) -> Vec<String> {
    let mut said = Vec::new();
    let against = |template: &str, then: &crate::domain::series::Point<'_>, change: &str| {
        let then_value = value(then.observation, analyte, text);
        let on = date::short_in(then.specimen.drawn_on, text.lang);
        fill(
            template,
            &[("value", &then_value), ("day", &on), ("change", change)],
        )
    };
    if let Some(then) = reading.baseline.filter(|_| reading.percent.is_some()) {
        said.push(against(text.read_from_baseline, &then, &percent(reading)));
    }
    if let Some(then) = reading.previous.filter(|_| reading.change.is_some()) {
        said.push(against(text.read_from_last, &then, &change(reading)));
    }
    let unlike = |then: &crate::domain::series::Point<'_>| {
        let method = analyte.method_of(then.observation);
        method.map(|m| m.name.as_str()) != reading.method
    };
    if reading.point.number().is_some() && reading.previous.as_ref().is_some_and(unlike) {
        said.push(text.read_unlike_methods.to_owned());
    }
    said
}

fn range_words(observation: &Observation, text: &Text) -> Option<String> {
    let template = match observation.range?.source {
        RangeSource::Report => text.read_range_report,
        RangeSource::Clinic => text.read_range_clinic,
        RangeSource::Catalogue => text.read_range_catalogue,
    };
    let range = range(observation);
    (!range.is_empty()).then(|| fill(template, &[("range", &range)]))
}

/// The dose and the day of treatment at the draw, and the sample.
fn drawn(specimen: &Specimen, first_dose: Option<NaiveDate>, text: &Text) -> Vec<String> {
    let mut said = Vec::new();
    if let Some(mg) = specimen.dose_at_draw {
        said.push(fill(text.read_dose, &[("mg", &number(mg))]));
    }
    let since = first_dose.map(|first| (specimen.drawn_on - first).num_days() + 1);
    if let Some(n) = since.filter(|n| *n > 0) {
        said.push(fill(text.read_dose_day, &[("n", &n.to_string())]));
    }
    if specimen.fasting != Fasting::Unknown || specimen.haemolysed || specimen.lipaemic {
        said.push(sample(specimen, text));
    } else {
        said.push(text.fasting_unknown.to_owned());
        said.extend(specimen.comment.clone());
    }
    said.extend(specimen.laboratory.clone());
    said
}

/// What a laboratory's file said beside the value.
fn sent(reading: &Reading<'_>, text: &Text) -> Vec<String> {
    let mut said = Vec::new();
    if let Some(method) = reading.method {
        said.push(fill(text.read_method, &[("method", method)]));
    }
    let Some(sent) = &reading.point.observation.sent else {
        return said;
    };
    let differs = |sent: &&String| sent.trim() != reading.flag.letters();
    if let Some(letters) = sent
        .flag
        .as_ref()
        .filter(|f| !f.trim().is_empty())
        .filter(differs)
    {
        said.push(fill(text.read_sent_flag, &[("flag", letters)]));
    }
    said.extend(sent.comment.clone());
    said
}

/// What a rule compares with: `500以上`, `above 3 x upper limit`.
pub fn limit(rule: &Threshold<'_>, text: &Text) -> String {
    let limit = match rule.limit {
        Limit::Fixed(n) => number(n),
        Limit::TimesUpper(n) => fill(text.read_times, &[("n", &number(n))]),
        Limit::PercentOfBaseline(n) => fill(text.read_of_baseline, &[("n", &number(n))]),
    };
    let template = match rule.sense() {
        Sense::AtLeast => text.trend_at_least,
        Sense::Above => text.trend_above,
        Sense::AtMost => text.trend_at_most,
        Sense::Below => text.trend_below,
    };
    fill(template, &[("limit", &limit)])
}

/// The days of the values before the first dose, each once: with what they are,
/// and in fewer words.
pub fn baseline_days(readings: &[&Reading<'_>], text: &Text) -> [String; 2] {
    let days = readings.iter().filter_map(|r| r.baseline);
    let mut days: Vec<NaiveDate> = days.map(|b| b.specimen.drawn_on).collect();
    days.sort();
    days.dedup();
    if days.is_empty() {
        return [text.read_no_baseline.to_owned(), String::new()];
    }
    let each: Vec<String> = days.into_iter().map(date::iso).collect();
    let each = each.join(text.list_separator);
    [text.read_baseline_is, text.read_baseline_on].map(|t| fill(t, &[("each", &each)]))
}

/// Columns of a sparkline: heights of the latest `most` results. A full block is
/// the highest of them or the upper limit, whichever is more, so that values well
/// within their range look calm. Blank where there is no number, or one of another
/// method than the latest.
pub fn sparkline(readings: &[Reading<'_>], most: usize, ascii: bool) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    const PLAIN: [char; 4] = ['_', '.', '-', '\''];
    let last = &readings[readings.len().saturating_sub(most)..];
    let method = last.last().and_then(|r| r.method);
    let alike = |r: &&Reading<'_>| r.method == method;
    let tops = last
        .iter()
        .filter(alike)
        .flat_map(|r| [r.place().number(), r.upper])
        .flatten();
    let Some(top) = tops.max().filter(|top| !top.is_zero()) else {
        return String::new();
    };
    let marks: &[char] = if ascii { &PLAIN } else { &BLOCKS };
    let mark = |place: Place| {
        let part = place.number()?.checked_div(top)?;
        let steps = Decimal::from(marks.len());
        let step: usize = (part * steps).ceil().try_into().ok()?;
        marks.get(step.clamp(1, marks.len()) - 1)
    };
    let marked = |r: &Reading<'_>| Some(r).filter(alike).and_then(|r| mark(r.place()).copied());
    last.iter().map(|r| marked(r).unwrap_or(' ')).collect()
}
