//! Answers, days and alerts in words: one place, so that screen, note and
//! frozen record say the same.

pub mod arrival;
mod clock;
mod due;
mod follow;
mod gate;
pub mod reading;

pub use clock::{clock_lines, closing, procedure, window_name};
pub use due::{due, due_brief, due_day, due_line, due_name, missing, sum};
pub use follow::{follow_lines, followed, followed_by, missed_days, reached};
pub use gate::{gate, gate_state};

use crate::domain::answer::{
    Absence, Action, Answer, Can, CannotReason, Intake, Plan, PregnancyTest, Sex, TestKind,
    TestResult,
};
use crate::domain::catalogue::{Analyte, Why as Unusual};
use crate::domain::change::Mode;
use crate::domain::date;
use crate::domain::lang::Lang;
use crate::domain::observation::{Fasting, Observation, Reported};
use crate::domain::protocol::{Choice, Item, Kind, Level, Meaning};
use crate::domain::quantity::QuantityError;
use crate::domain::schedule::{Dosing, Schedule};
use crate::text::{Text, fill};
use chrono::NaiveDate;
use rust_decimal::Decimal;

/// A decimal without needless zeros.
pub fn number(value: Decimal) -> String {
    value.normalize().to_string()
}

/// A decimal with a comma between thousands.
pub fn thousands(value: Decimal) -> String {
    let plain = number(value);
    let (whole, rest) = plain
        .split_once('.')
        .map_or((plain.as_str(), None), |(w, r)| (w, Some(r)));
    let mut out = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 && digit.is_ascii_digit() {
            out.push(',');
        }
        out.push(digit);
    }
    match rest {
        Some(rest) => format!("{out}.{rest}"),
        None => out,
    }
}

/// A day with its weekday, such as `11/24(火)`.
pub fn day(day: NaiveDate, text: &Text) -> String {
    date::short_weekday(day, text.lang)
}

/// A day with year and weekday, such as `2026-11-24(火)`.
pub fn full_day(day: NaiveDate, text: &Text) -> String {
    match text.lang {
        Lang::Ja => format!("{}({})", date::iso(day), date::weekday_ja(day)),
        Lang::En => format!("{} {}", date::weekday_en(day), date::iso(day)),
    }
}

/// A day with weekday and era, such as `2026-11-22(日) 令和8年`.
pub fn dated(day: NaiveDate, text: &Text) -> String {
    let era = era(day, text).map_or(String::new(), |era| format!(" {era}"));
    format!("{}{era}", full_day(day, text))
}

/// The year of its era, such as `令和8年`; none before there were such years here.
fn era(day: NaiveDate, text: &Text) -> Option<String> {
    date::era(day).map(|(era, year)| match text.lang {
        Lang::Ja => format!("{}{year}年", era.name),
        Lang::En => format!("({}{year})", era.letter.to_ascii_uppercase()),
    })
}

/// A day as a field has read it: weekday, distance, era, such as
/// `2026-11-22(日)  2日前  令和8年`. Two cells stand between the parts, so that
/// the last can be left out where room is short.
pub fn echo(read: NaiveDate, today: NaiveDate, text: &Text) -> String {
    let far = match (read - today).num_days() {
        0 => text.due_today.to_owned(),
        n if n < 0 => fill(text.days_ago, &[("n", &(-n).to_string())]),
        n => fill(text.due_in, &[("n", &n.to_string())]),
    };
    let parts = [Some(full_day(read, text)), Some(far), era(read, text)];
    parts.into_iter().flatten().collect::<Vec<_>>().join("  ")
}

/// Why there is no answer.
pub fn absence(why: Absence, text: &Text) -> &'static str {
    match why {
        Absence::NotAsked => text.absent_not_asked,
        Absence::Unsure => text.absent_unsure,
        Absence::NotApplicable => text.absent_not_applicable,
        Absence::Declined => text.absent_declined,
        Absence::Pending => text.absent_pending,
        Absence::Unusable => text.absent_unusable,
    }
}

/// Why there is no answer, in at most four cells.
pub fn absence_mark(why: Absence, text: &Text) -> &'static str {
    match why {
        Absence::NotAsked => text.mark_not_asked,
        Absence::Unsure => text.mark_unsure,
        Absence::NotApplicable => text.mark_not_applicable,
        Absence::Declined => text.mark_declined,
        Absence::Pending => text.mark_pending,
        Absence::Unusable => text.mark_unusable,
    }
}

/// A decision.
pub fn action(action: Action, text: &Text) -> &'static str {
    match action {
        Action::Start => text.action_start,
        Action::Continue => text.action_continue,
        Action::Increase => text.action_increase,
        Action::Reduce => text.action_reduce,
        Action::Hold => text.action_hold,
        Action::Finish => text.action_finish,
        Action::Stop => text.action_stop,
        Action::NoPrescription => text.action_none,
        Action::LostToFollowUp => text.action_lost,
    }
}

/// A level of alert.
pub fn level(level: Level, text: &Text) -> &'static str {
    match level {
        Level::Note => text.level_note,
        Level::Caution => text.level_caution,
        Level::Warning => text.level_warning,
        Level::Critical => text.level_critical,
    }
}

/// Sex, short.
pub fn sex(sex: Sex, text: &Text) -> &'static str {
    match sex {
        Sex::Female => text.sex_female,
        Sex::Male => text.sex_male,
        Sex::Unknown => text.sex_unknown,
    }
}

/// Whether a patient can become pregnant.
pub fn can(can: Can, text: &Text) -> &'static str {
    match can {
        Can::Yes => text.can_yes,
        Can::No => text.can_no,
        Can::Unknown => text.can_unknown,
    }
}

/// Why not.
pub fn cannot_reason(reason: CannotReason, text: &Text) -> &'static str {
    match reason {
        CannotReason::MaleOrgans => text.cannot_male,
        CannotReason::Hysterectomy => text.cannot_hysterectomy,
        CannotReason::OvariesRemoved => text.cannot_ovaries,
        CannotReason::Menopause => text.cannot_menopause,
        CannotReason::Other => text.cannot_other,
    }
}

/// How a visit is held.
pub fn mode(mode: Mode, text: &Text) -> &'static str {
    match mode {
        Mode::InPerson => text.mode_in_person,
        Mode::Online => text.mode_online,
        Mode::Phone => text.mode_phone,
    }
}

/// Whether the patient had fasted.
pub fn fasting(fasting: Fasting, text: &Text) -> &'static str {
    match fasting {
        Fasting::Yes => text.fasting_yes,
        Fasting::No => text.fasting_no,
        Fasting::Unknown => text.fasting_unknown,
    }
}

/// Where a pregnancy test was done.
pub fn test_kind(kind: TestKind, text: &Text) -> &'static str {
    match kind {
        TestKind::ClinicUrine => text.test_clinic,
        TestKind::Serum => text.test_serum,
        TestKind::Home => text.test_home,
    }
}

/// What a test showed.
pub fn test_result(result: TestResult, text: &Text) -> &'static str {
    match result {
        TestResult::Negative => text.test_negative,
        TestResult::Positive => text.test_positive,
        TestResult::Invalid => text.test_invalid,
        TestResult::NotDone => text.test_not_done,
        TestResult::Pending => text.absent_pending,
    }
}

/// The option an answer stands for, where it stands for one.
pub fn option<'a>(item: &'a Item, answer: &Answer) -> Option<&'a Choice> {
    match answer {
        Answer::Code(code) => item.option(*code),
        Answer::Test(test) => test_option(item, test),
        Answer::Intake { intake, .. } => {
            means(item, |m| matches!(m, Meaning::Intake(i) if i == intake))
        }
        Answer::Potential { can, reason } => means(
            item,
            |m| matches!(m, Meaning::Potential { can: c, reason: r } if c == can && r == reason),
        ),
        Answer::Consent { given, .. } => {
            means(item, |m| matches!(m, Meaning::Consent(g) if g == given))
        }
        Answer::Plan(plan) => means(
            item,
            |m| matches!(m, Meaning::Action(a) if *a == plan.action),
        ),
        _ => None,
    }
}

fn means(item: &Item, is: impl Fn(&Meaning) -> bool) -> Option<&Choice> {
    item.options
        .iter()
        .find(|o| o.means.as_ref().is_some_and(&is))
}

/// The first option that says this result; the one that asks a day where the
/// test was not done here today.
fn test_option<'a>(item: &'a Item, test: &PregnancyTest) -> Option<&'a Choice> {
    let clinic = test.kind == Some(TestKind::ClinicUrine);
    let exact = means(
        item,
        |m| matches!(m, Meaning::Test { result, today, .. } if *result == test.result && *today == clinic),
    );
    exact.or_else(|| {
        means(
            item,
            |m| matches!(m, Meaning::Test { result, .. } if *result == test.result),
        )
    })
}

/// An answer in words, as the screen shows it after the label.
pub fn answer(item: &Item, answer: &Answer, text: &Text) -> String {
    let label = option(item, answer).map(|o| o.label(text.lang).to_owned());
    match answer {
        Answer::Absent(why) => absence(*why, text).to_owned(),
        Answer::Code(code) => label.unwrap_or_else(|| code.to_string()),
        Answer::Many(codes) => many(item, codes, text),
        Answer::Number(value) => {
            format!(
                "{}{}",
                number(*value),
                item.unit.as_deref().unwrap_or_default()
            )
        }
        Answer::Day(on) => full_day(*on, text),
        Answer::Text(said) => said.clone(),
        Answer::Weight { kg, measured_on } => {
            format!("{} kg ({})", number(*kg), day(*measured_on, text))
        }
        Answer::Potential { can: c, reason } => match reason {
            Some(reason) => format!("{}: {}", can(*c, text), cannot_reason(*reason, text)),
            None => can(*c, text).to_owned(),
        },
        Answer::Test(test) => pregnancy_test(test, text),
        Answer::Intake {
            intake,
            missed_days,
            stopped_on,
        } => taken(label, *intake, *missed_days, *stopped_on, text),
        Answer::LastDose { taken_on, leftover } => {
            let last = fill(text.last_dose_on, &[("day", &full_day(*taken_on, text))]);
            match leftover {
                Some(left) if *left > 0 => {
                    format!(
                        "{last} {}",
                        fill(text.capsules_left, &[("n", &left.to_string())])
                    )
                }
                Some(_) => format!("{last} {}", text.close_none_left),
                None => last,
            }
        }
        Answer::Consent {
            given, signed_on, ..
        } => match (given, signed_on) {
            (true, Some(on)) => fill(text.consent_given_on, &[("day", &full_day(*on, text))]),
            (true, None) => text.consent_given.to_owned(),
            (false, _) => text.consent_missing.to_owned(),
        },
        Answer::Plan(decided) => plan(decided, text),
    }
}

/// The version of a consent form, behind the day it was signed on.
pub fn consent_form(form: Option<&str>, text: &Text) -> String {
    form.map_or(String::new(), |form| {
        fill(text.consent_form, &[("form", form)])
    })
}

/// An answer in the fewest words that say it: those of the note, where the option
/// has its own.
pub fn brief(item: &Item, given: &Answer, text: &Text) -> String {
    match (given, option(item, given)) {
        (Answer::Code(_), Some(choice)) => choice.note(text.lang).to_owned(),
        _ => answer(item, given, text),
    }
}

fn many(item: &Item, codes: &[u8], text: &Text) -> String {
    if item.kind == Kind::Counselling && !codes.is_empty() {
        return fill(text.n_explained, &[("n", &codes.len().to_string())]);
    }
    if codes.is_empty() {
        let none = item.option(0).map(|o| o.label(text.lang));
        return none.unwrap_or(text.none_of_these).to_owned();
    }
    let labels: Vec<&str> = codes
        .iter()
        .filter_map(|c| item.option(*c))
        .map(|o| o.label(text.lang))
        .collect();
    if labels.is_empty() {
        return fill(text.n_chosen, &[("n", &codes.len().to_string())]);
    }
    labels.join(text.list_separator)
}

/// A pregnancy test in words: result, where, day, kit.
pub fn pregnancy_test(test: &PregnancyTest, text: &Text) -> String {
    let mut out = test_result(test.result, text).to_owned();
    let mut more: Vec<String> = Vec::new();
    more.extend(test.kind.map(|k| test_kind(k, text).to_owned()));
    more.extend(test.done_on.map(|d| day(d, text)));
    more.extend(test.kit.clone());
    if !more.is_empty() {
        out.push_str(&format!(" ({})", more.join(" ")));
    }
    out
}

fn taken(
    label: Option<String>,
    intake: Intake,
    missed_days: Option<u32>,
    stopped_on: Option<NaiveDate>,
    text: &Text,
) -> String {
    let label = label.unwrap_or_default();
    match (intake, missed_days, stopped_on) {
        (Intake::Missed, Some(n), _) => fill(text.missed_days, &[("n", &n.to_string())]),
        (Intake::Stopped, _, Some(on)) => format!("{label} ({})", day(on, text)),
        _ => label,
    }
}

/// A dose with its days, such as `20 mg/day` or `20/40 mg alternating`.
pub fn dosing(dose: Dosing, text: &Text) -> String {
    let mg = number(dose.mg);
    let (template, n) = match dose.schedule {
        Schedule::Daily => (text.mg_per_day, String::new()),
        Schedule::EveryOther => (text.mg_every_other, String::new()),
        Schedule::PerWeek(n) => (text.mg_per_week, n.to_string()),
        Schedule::Alternating(other) => (text.mg_alternating, number(other)),
    };
    fill(template, &[("mg", &mg), ("n", &n)])
}

/// A decision in words: action, dose, supply, next dates, reason.
pub fn plan(plan: &Plan, text: &Text) -> String {
    let mut parts = vec![action(plan.action, text).to_owned()];
    if let Some(dose) = plan.dosing().filter(|_| plan.action.prescribes()) {
        parts.push(dosing(dose, text));
    }
    if let Some(days) = plan.days.filter(|_| plan.action.prescribes()) {
        parts.push(fill(text.supply_days, &[("n", &days.to_string())]));
    }
    if let Some(next) = plan.next_visit {
        parts.push(fill(text.next_on, &[("day", &day(next, text))]));
    }
    if let Some(reason) = &plan.reason {
        parts.push(fill(text.because, &[("reason", reason)]));
    }
    parts.join(" ")
}

/// An answer in a few cells, for columns and trends.
pub fn mark(item: &Item, answer: &Answer, text: &Text) -> String {
    if let Some(why) = answer.absence() {
        return absence_mark(why, text).to_owned();
    }
    let own = option(item, answer).and_then(|o| o.mark.as_ref());
    if let Some(own) = own {
        return own.get(text.lang).to_owned();
    }
    match answer {
        Answer::Code(code) => code.to_string(),
        Answer::Many(codes) if codes.is_empty() => "0".to_owned(),
        Answer::Many(codes) if item.kind == Kind::Counselling => codes.len().to_string(),
        Answer::Many(codes) => {
            let shown: Vec<String> = codes.iter().take(3).map(u8::to_string).collect();
            shown.join(",")
        }
        Answer::Number(value) => number(*value),
        Answer::Weight { kg, .. } => number(*kg),
        Answer::Day(on) | Answer::LastDose { taken_on: on, .. } => date::short(*on),
        other => option(item, other).map_or_else(|| "*".to_owned(), |o| o.key.to_string()),
    }
}

/// What came of a laboratory test, as reported, with its unit.
pub fn reported(observation: &Observation, text: &Text) -> String {
    match &observation.reported {
        Reported::Value(q) => format!("{} {}", q.typed.trim(), observation.unit),
        Reported::Pending => text.absent_pending.to_owned(),
        Reported::Haemolysed => text.lab_haemolysed.to_owned(),
        Reported::Lost => text.lab_lost.to_owned(),
        Reported::NotDone => text.lab_not_done.to_owned(),
    }
}

/// Why a day was not understood.
pub fn date_trouble(why: date::DateError, text: &Text) -> &'static str {
    match why {
        date::DateError::Unreadable => text.trouble_date,
        date::DateError::NoSuchDay => text.trouble_no_such_day,
        date::DateError::OutOfEra => text.trouble_out_of_era,
        date::DateError::Implausible => text.trouble_implausible_day,
    }
}

/// Why a value was not understood.
pub fn quantity_trouble(why: QuantityError, text: &Text) -> &'static str {
    match why {
        QuantityError::Empty => text.trouble_empty,
        QuantityError::Unreadable => text.trouble_value,
        QuantityError::Signed => text.trouble_signed,
        QuantityError::Grouping => text.trouble_grouping,
        QuantityError::TooLong => text.trouble_too_long,
    }
}

/// What is unusual about a value, as a question.
pub fn unusual(why: &[Unusual], analyte: &Analyte, text: &Text) -> String {
    let said: Vec<String> = why
        .iter()
        .map(|why| {
            let (template, value) = match why {
                Unusual::Low { limit } => (text.unusual_low, limit),
                Unusual::High { limit } => (text.unusual_high, limit),
                Unusual::FarAboveLast { last } => (text.unusual_above_last, last),
                Unusual::FarBelowLast { last } => (text.unusual_below_last, last),
            };
            fill(
                template,
                &[("value", &number(*value)), ("unit", &analyte.unit)],
            )
        })
        .collect();
    format!("{} {}", said.join(" "), text.unusual_confirm)
}
