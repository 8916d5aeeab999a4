//! The dose ledger: every segment of every course, what they come to with and
//! without the days missed, the capsules, and where the present dose leads.

use super::Ledger;
use super::what_if::{Proposed, lasts};
use crate::domain::answer::Phase;
use crate::domain::change::CourseStart;
use crate::domain::course::Treatment;
use crate::domain::date::iso;
use crate::domain::dose::{self, Capsules, Segment, Sum, Total};
use crate::shown;
use crate::text::{Text, fill};
use rust_decimal::Decimal;

/// The ledger of all courses, oldest first, as it stands before today's capsules.
pub fn doses(of: &Ledger<'_>, text: &Text) -> String {
    let mut lines = vec![of.head(text)];
    let mut all = Vec::new();
    for course in of.record.courses() {
        let ledger = dose::ledger(of.record, course, of.on);
        lines.extend([String::new(), title(course, text)]);
        if ledger.segments.is_empty() {
            lines.push(format!("  {}", text.doses_nothing));
        }
        lines.extend(ledger.segments.iter().map(|s| segment(s, text)));
        lines.push(total(&dose::total(&ledger.segments), text));
        let before = ledger
            .elsewhere
            .map(|mg| elsewhere(mg, &ledger.segments, text));
        lines.extend(before);
        all.extend(ledger.segments);
    }
    if of.record.courses().len() > 1 {
        lines.extend([String::new(), text.doses_all.to_owned()]);
        lines.extend(by_product(&all, text));
    }
    lines.extend(ahead(of, text));
    lines.join("\n")
}

fn title(course: &CourseStart, text: &Text) -> String {
    match course.transferred {
        true => format!("{} ({})", course.product, text.doses_transferred),
        false => course.product.clone(),
    }
}

/// `2026-09-06 - 2026-10-02  27日  20mg/日  52.4kg  540mg  飲み忘れ 2日で 500mg`
fn segment(s: &Segment, text: &Text) -> String {
    let last = s.to.pred_opt().unwrap_or(s.to);
    let days = fill(text.doses_days, &[("n", &s.days().to_string())]);
    let span = format!("  {} - {}  {days}", iso(s.from), iso(last));
    let Some(dosing) = s.dosing else {
        return format!("{span}  {}", text.doses_held);
    };
    let kg = match s.kg {
        Some(kg) => format!("{}kg", shown::number(kg)),
        None => text.doses_no_weight.to_owned(),
    };
    let dose = shown::dosing(dosing, text);
    let mg = shown::thousands(s.prescribed());
    let mut line = format!("{span}  {dose}  {kg}  {mg}mg");
    if s.missed > 0 {
        let (n, mg) = (s.missed.to_string(), shown::thousands(s.taken()));
        line.push_str("  ");
        line.push_str(&fill(text.doses_missed, &[("n", &n), ("mg", &mg)]));
    }
    line
}

/// As prescribed and as taken.
fn total(total: &Total, text: &Text) -> String {
    let both = |sum: &Sum| {
        let per_kg = match sum.per_kg() {
            Some(n) => fill(text.doses_per_kg, &[("n", &n.round_dp(1).to_string())]),
            None => text.doses_no_per_kg.to_owned(),
        };
        format!("{}mg {per_kg}", shown::thousands(sum.mg))
    };
    let values = [
        ("prescribed", &*both(&total.prescribed)),
        ("taken", &*both(&total.taken)),
    ];
    fill(text.doses_total, &values)
}

/// Two lines a product: they are never added to each other.
fn by_product(segments: &[Segment], text: &Text) -> Vec<String> {
    let all = dose::by_product(segments).into_iter();
    all.flat_map(|(name, sum)| [format!("  {name}"), total(&sum, text)])
        .collect()
}

/// What was taken elsewhere is told apart, then with it.
fn elsewhere(mg: Decimal, segments: &[Segment], text: &Text) -> String {
    let here = dose::total(segments).taken.mg;
    let values = [
        ("mg", &*shown::thousands(mg)),
        ("sum", &*shown::thousands(mg + here)),
    ];
    fill(text.doses_elsewhere, &values)
}

/// The capsules, and on which days the marks are reached at the present dose.
fn ahead(of: &Ledger<'_>, text: &Text) -> Vec<String> {
    let Some(t) = Treatment::on(of.record, of.on).filter(|t| t.phase == Phase::On) else {
        return Vec::new();
    };
    let mut lines = vec![String::new()];
    lines.extend(t.last_dosing.into_iter().flat_map(|dosing| {
        let now = Proposed {
            record: of.record,
            t: &t,
            settings: of.settings,
            on: of.on,
            dosing,
            days: None,
            next_visit: None,
        };
        now.leads(text)
    }));
    let capsules = dose::capsules(of.record, &t.course, of.on);
    lines.extend(capsules.map(|c| left(&c, text)));
    lines
}

fn left(c: &Capsules, text: &Text) -> String {
    let n = |n: Decimal| shown::number(n.round_dp(1));
    let values = [
        ("dispensed", &*n(c.dispensed)),
        ("taken", &*n(c.taken)),
        ("left", &*n(c.left)),
    ];
    let line = fill(text.doses_capsules, &values);
    match c.runs_out {
        Some(day) => format!("{line}  {}", lasts(day, c.past_next_visit, text)),
        None => line,
    }
}
