//! What is due and when: each day with the sum that gives it.

use super::answer::{Absence, Action, Answer, ItemId, Phase, Plan, TestResult};
use super::change::Hash;
use super::course::Treatment;
use super::date::window_end;
use super::fold;
use super::line::{Line, Projection};
use super::record::{Record, decisions};
use super::series::{PENDING_DAYS, last_draw, last_pending, last_result};
use super::situation::Settings;
use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// Names of the settings the sums use; a test holds the protocol to them.
pub mod setting {
    pub const VISIT: &str = "visit_interval_days";
    pub const BLOOD: &str = "lab_interval_days";
    pub const BLOOD_AFTER_INCREASE: &str = "lab_after_increase_days";
    pub const TEST: &str = "preg_test_interval_days";
    pub const TEST_AFTER_STOP: &str = "preg_test_after_stop_days";
    pub const CONTRACEPTION: &str = "contraception_after_months";
    pub const SUPPLY: &str = "max_days_supply";
    pub const AFTER_VISIT: &str = "after_visit_interval_days";
    pub const BASELINE: &str = "lab_max_age_days";
}

/// The line that asks for a draw, by the protocol's name; a test holds it to that.
pub const DRAW_LINE: &str = "lab.sample";

/// Why a day is what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Never done: due now.
    Never,
    LastDraw,
    FirstDose,
    Increase,
    LastVisit,
    LastTest,
    LastDose,
    /// Set at the last visit.
    Planned,
}

/// A day and the sum that gives it: `from` + `days` = `on`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sum {
    pub from: NaiveDate,
    pub days: i64,
    pub on: NaiveDate,
    pub why: Why,
}

/// Whether something is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    NotNeeded,
    /// Something the sum needs is missing. It stands first, never last.
    CannotTell,
    On(Sum),
}

impl Due {
    /// The day, where there is one.
    pub fn day(&self) -> Option<NaiveDate> {
        match self {
            Self::On(sum) => Some(sum.on),
            _ => None,
        }
    }

    /// Days past the day; negative before it.
    pub fn over(&self, today: NaiveDate) -> Option<i64> {
        self.day().map(|day| (today - day).num_days())
    }
}

fn days(settings: &Settings, name: &str) -> Option<i64> {
    settings.get(name)?.to_i64()
}

fn plus(from: NaiveDate, days: i64, why: Why) -> Due {
    match from.checked_add_signed(chrono::Duration::days(days)) {
        Some(on) => Due::On(Sum {
            from,
            days,
            on,
            why,
        }),
        None => Due::CannotTell,
    }
}

fn planned(from: NaiveDate, on: NaiveDate) -> Due {
    Due::On(Sum {
        from,
        days: (on - from).num_days(),
        on,
        why: Why::Planned,
    })
}

fn last_plan<'a>(record: &'a Record, t: &Treatment) -> Option<(NaiveDate, &'a Plan)> {
    decisions(record, t.course.course).into_iter().next_back()
}

/// Next visit: the day set at the last one, else the interval after it. Nobody
/// can tell when a patient who stopped coming comes back.
pub fn visit(record: &Record, t: &Treatment, settings: &Settings) -> Due {
    if let Some((day, plan)) = last_plan(record, t) {
        match plan.next_visit {
            Some(next) => return planned(day, next),
            None if plan.action == Action::LostToFollowUp => return Due::CannotTell,
            None => {}
        }
    }
    let interval = match t.phase {
        Phase::After => setting::AFTER_VISIT,
        _ => setting::VISIT,
    };
    let last = record.signed(t.course.course).last().map(|v| v.day());
    match (last, t.first_dose_on, days(settings, interval)) {
        (None, _, _) if t.phase == Phase::Before => {
            begun(record, t).map_or(Due::CannotTell, |day| plus(day, 0, Why::Never))
        }
        (Some(last), _, Some(n)) => plus(last, n, Why::LastVisit),
        (None, Some(first), Some(n)) => plus(first, n, Why::FirstDose),
        _ => Due::CannotTell,
    }
}

/// The day the course was entered.
fn begun(record: &Record, t: &Treatment) -> Option<NaiveDate> {
    let entered = record.entered(t.course.course)?;
    Some(entered.at.date_naive())
}

/// Days before the first capsule within which blood counts as the baseline.
pub fn baseline_age(settings: &Settings) -> Option<i64> {
    days(settings, setting::BASELINE)
}

/// The first day on which blood counts as this course's own baseline.
fn baseline_from(record: &Record, t: &Treatment, settings: &Settings) -> Option<NaiveDate> {
    let start = t.first_dose_on.or_else(|| begun(record, t))?;
    let age = baseline_age(settings)?;
    start.checked_sub_signed(chrono::Duration::days(age))
}

/// `drawn`, unless it is from before this course.
fn of_course(
    drawn: Option<NaiveDate>,
    record: &Record,
    t: &Treatment,
    settings: &Settings,
) -> Option<NaiveDate> {
    let from = baseline_from(record, t, settings);
    drawn.filter(|day| from.is_none_or(|from| *day >= from))
}

/// Day of the last draw for this course, up to `until`.
pub fn last_of_course(
    record: &Record,
    t: &Treatment,
    settings: &Settings,
    until: NaiveDate,
) -> Option<NaiveDate> {
    of_course(last_draw(record, until), record, t, settings)
}

/// Next blood: the interval after the last draw, or sooner after a raised dose;
/// a day set by a decision stands until blood was drawn after it. After the
/// course it stands until a visit has judged that draw and set no new day.
pub fn blood(record: &Record, t: &Treatment, settings: &Settings, today: NaiveDate) -> Due {
    let result = of_course(last_result(record, today), record, t, settings);
    let pending = of_course(last_pending(record, today), record, t, settings);
    let computed = computed_blood(record, t, settings, result);
    let (last, computed) = match pending.filter(|day| Some(*day) > result) {
        None => (result, computed),
        Some(sent) => {
            let with = computed_blood(record, t, settings, Some(sent));
            (Some(sent), not_back(sent, with, computed))
        }
    };
    let after = t.phase == Phase::After;
    let set = last_plan(record, t).and_then(|(day, plan)| {
        let next = plan
            .next_blood
            .filter(|_| after || last.is_none_or(|l| l <= day))?;
        (computed.day() != Some(next)).then(|| planned(day, next))
    });
    match set {
        // The day was set for blood whose results then never came.
        Some(set) if pending > result && computed.day().is_some_and(|d| Some(d) < set.day()) => {
            computed
        }
        Some(set) => set,
        None => computed,
    }
}

/// What is due while results are awaited: what would be with them, but no later
/// than when a draw without results stops counting.
fn not_back(sent: NaiveDate, with: Due, without: Due) -> Due {
    let (Some(with_day), Some(without_day)) = (with.day(), without.day()) else {
        return with;
    };
    let waited = plus(sent, PENDING_DAYS + 1, Why::LastDraw);
    let without = match waited.day() {
        Some(day) if day > without_day => waited,
        _ => without,
    };
    if without.day().is_some_and(|day| day < with_day) {
        without
    } else {
        with
    }
}

fn computed_blood(
    record: &Record,
    t: &Treatment,
    settings: &Settings,
    last: Option<NaiveDate>,
) -> Due {
    match (t.phase, last) {
        (Phase::After, _) => Due::NotNeeded,
        (Phase::Before, None) => {
            begun(record, t).map_or(Due::CannotTell, |day| plus(day, 0, Why::Never))
        }
        // The same sum that holds from the first capsule on.
        (Phase::Before | Phase::On | Phase::Paused, last) => {
            blood_on_treatment(record, t, settings, last)
        }
    }
}

fn blood_on_treatment(
    record: &Record,
    t: &Treatment,
    settings: &Settings,
    last: Option<NaiveDate>,
) -> Due {
    let (Some(last), Some(interval)) = (last, days(settings, setting::BLOOD)) else {
        return match (last, t.first_dose_on) {
            (None, Some(first)) => plus(first, 0, Why::Never),
            _ => Due::CannotTell,
        };
    };
    let mut sums = vec![plus(last, interval, Why::LastDraw)];
    if let Some(raised) = last_increase(record, t).filter(|day| last <= *day) {
        sums.extend(
            days(settings, setting::BLOOD_AFTER_INCREASE).map(|n| plus(raised, n, Why::Increase)),
        );
    }
    sums.into_iter()
        .min_by_key(|d| d.day())
        .unwrap_or(Due::CannotTell)
}

/// The day the daily dose was last raised.
pub fn last_increase(record: &Record, t: &Treatment) -> Option<NaiveDate> {
    let mut dose = t.course.mg_per_day;
    let mut raised = None;
    for (day, plan) in decisions(record, t.course.course) {
        if let Some(mg) = plan.mg_per_day {
            if dose.is_some_and(|d| mg > d) {
                raised = Some(day);
            }
            dose = Some(mg);
        }
    }
    raised
}

/// Day of the last pregnancy test that says negative or positive, up to `until`.
pub fn last_test(record: &Record, until: NaiveDate) -> Option<NaiveDate> {
    let days = record.facts().filter_map(|said| match said.answer {
        Answer::Test(test)
            if matches!(test.result, TestResult::Negative | TestResult::Positive) =>
        {
            test.done_on
        }
        _ => None,
    });
    days.filter(|day| *day <= until).max()
}

/// Next pregnancy test: monthly on treatment, and once after the last dose.
pub fn test(record: &Record, t: &Treatment, settings: &Settings, today: NaiveDate) -> Due {
    if !record.can_become_pregnant() {
        return Due::NotNeeded;
    }
    let last = last_test(record, today);
    match t.phase {
        Phase::Before | Phase::On | Phase::Paused => match (last, days(settings, setting::TEST)) {
            (Some(last), Some(n)) => plus(last, n, Why::LastTest),
            (None, Some(_)) => begun(record, t).map_or(Due::CannotTell, |d| plus(d, 0, Why::Never)),
            _ => Due::CannotTell,
        },
        Phase::After => match (t.last_dose_on, days(settings, setting::TEST_AFTER_STOP)) {
            (Some(dose), Some(n)) if last.is_some_and(|l| (l - dose).num_days() >= n) => {
                Due::NotNeeded
            }
            (Some(dose), Some(n)) => plus(dose, n, Why::LastDose),
            _ => Due::CannotTell,
        },
    }
}

/// Last day of the contraception window, where one runs: the latest of all
/// courses. During a course contraception goes on anyway.
pub fn window(record: &Record, t: &Treatment, settings: &Settings) -> Option<NaiveDate> {
    if matches!(t.phase, Phase::On | Phase::Paused) || !record.can_become_pregnant() {
        return None;
    }
    let months = settings.get(setting::CONTRACEPTION)?.to_u32()?;
    let earlier = record
        .courses()
        .iter()
        .filter(|course| course.course != t.course.course)
        .filter_map(|course| {
            // Which day it is decides nothing of a course that ended.
            let day = record.entered(course.course)?.at.date_naive();
            Treatment::of(record, course.clone(), day).last_dose_on
        });
    let end = window_end(earlier.chain(t.last_dose_on).max()?, months);
    // A window that had passed when this course was entered is no news.
    let over = t.phase == Phase::Before && begun(record, t).is_some_and(|day| end < day);
    (!over).then_some(end)
}

/// Whether what is due is due at a visit on `today`: its day falls before the
/// next visit.
pub fn at_visit(due: &Due, today: NaiveDate, settings: &Settings) -> Option<bool> {
    match due {
        Due::NotNeeded => Some(false),
        Due::CannotTell => None,
        Due::On(sum) => {
            let next =
                today.checked_add_days(Days::new(days(settings, setting::VISIT)?.max(0) as u64))?;
            Some(sum.on < next)
        }
    }
}

/// The days a decision proposes, worked out together: supply, visit, blood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proposal {
    pub next_visit: Option<NaiveDate>,
    pub next_blood: Option<NaiveDate>,
    /// Days prescribed.
    pub days: Option<u32>,
}

/// What `action` taken on `today` proposes. `recheck` is the shortest recheck
/// that a standing alert asks; `open` tells whether the clinic is open on a day.
///
/// The recheck is in the plan whatever is decided, and after a course it is what
/// keeps blood due until a value is normal or the draw declined. It moves the
/// visit itself only where the doctor holds back.
pub fn propose(
    record: &Record,
    t: &Treatment,
    settings: &Settings,
    today: NaiveDate,
    action: Action,
    recheck: Option<u32>,
    open: impl Fn(NaiveDate) -> bool,
) -> Proposal {
    let interval = match action {
        Action::NoPrescription if t.phase == Phase::After => days(settings, setting::AFTER_VISIT),
        _ => days(settings, setting::VISIT),
    };
    let in_days = |n: i64| today.checked_add_signed(chrono::Duration::days(n));
    let recheck = recheck.map(i64::from);
    let held_back = recheck.filter(|_| action.holds_back());
    let wanted = held_back.or(interval).and_then(in_days);
    let bounded = match window(record, t, settings) {
        Some(end) if end > today => wanted.map(|day| day.min(end)),
        _ => wanted,
    };
    let next_visit = bounded
        .filter(|_| action != Action::LostToFollowUp)
        .map(|day| earlier_open(day, today, &open));
    let prescribed = next_visit
        .filter(|_| action.prescribes())
        .map(|day| (day - today).num_days());
    let most = days(settings, setting::SUPPLY).unwrap_or(i64::MAX);
    let ended = action.ends() || action == Action::NoPrescription;
    let planned = (!ended)
        .then(|| blood_after(record, t, settings, today, action))
        .flatten()
        .map(|due| kept(due, next_visit, interval, today, &open));
    let again = recheck
        .filter(|_| !(ended && declined(record)))
        .and_then(in_days)
        .map(|day| earlier_open(day, today, &open));
    Proposal {
        next_visit,
        next_blood: [planned, again].into_iter().flatten().min(),
        days: prescribed.and_then(|d| d.min(most).to_u32()),
    }
}

/// A day the patient can keep for blood due on `due`: never in the past, and
/// where it falls before the next visit or on a closed day, a day of a visit:
/// the last one not after it, else the next.
fn kept(
    due: NaiveDate,
    next_visit: Option<NaiveDate>,
    interval: Option<i64>,
    today: NaiveDate,
    open: impl Fn(NaiveDate) -> bool,
) -> NaiveDate {
    let Some(next) = next_visit else {
        return due.max(today);
    };
    if due <= next {
        return next;
    }
    if open(due) {
        return due;
    }
    let step = interval.unwrap_or(0);
    let later = (1..)
        .map_while(|n| next.checked_add_signed(chrono::Duration::days(step * n)))
        .take_while(|day| step > 0 && *day <= due);
    later
        .map(|day| earlier_open(day, today, &open))
        .last()
        .unwrap_or(next)
}

/// Whether blood was asked for at the visit in hand and the patient declined.
fn declined(record: &Record) -> bool {
    record.open_visit().is_some_and(|open| {
        let said = open.visit().responses.get(DRAW_LINE);
        said.is_some_and(|said| said.answer.absence() == Some(Absence::Declined))
    })
}

/// The blood that stays due after today's visit.
fn blood_after(
    record: &Record,
    t: &Treatment,
    settings: &Settings,
    today: NaiveDate,
    action: Action,
) -> Option<NaiveDate> {
    let drawn_today = last_draw(record, today).filter(|day| *day == today);
    let due = match (drawn_today, days(settings, setting::BLOOD)) {
        (Some(day), Some(n)) => plus(day, n, Why::LastDraw),
        _ => blood(record, t, settings, today),
    };
    let raised = (action == Action::Increase)
        .then(|| days(settings, setting::BLOOD_AFTER_INCREASE))
        .flatten()
        .and_then(|n| plus(today, n, Why::Increase).day());
    [due.day(), raised].into_iter().flatten().min()
}

/// `day`, or the open day before it; never today or earlier.
fn earlier_open(day: NaiveDate, today: NaiveDate, open: impl Fn(NaiveDate) -> bool) -> NaiveDate {
    let mut candidate = day;
    while candidate > today {
        if open(candidate) {
            return candidate;
        }
        match candidate.pred_opt() {
            Some(before) => candidate = before,
            None => break,
        }
    }
    day
}

/// A patient's row for the lists, and the keys under which they are found.
pub fn project(
    record: &Record,
    settings: &Settings,
    settings_hash: Hash,
    today: NaiveDate,
) -> Option<Projection> {
    let identity = record.identity()?;
    let t = Treatment::on(record, today);
    let course = t.as_ref();
    let line = Line {
        patient: record.patient,
        chart_number: identity.chart_number.clone(),
        name: identity.name.clone(),
        kana: identity.kana.clone(),
        birth_date: identity.birth_date,
        sex: identity.sex,
        phase: course.map(|t| t.phase),
        mg_per_day: course.and_then(|t| t.mg_per_day),
        first_dose_on: course.and_then(|t| t.first_dose_on),
        last_dose_on: course.and_then(|t| t.last_dose_on),
        visit_due: course.and_then(|t| visit(record, t, settings).day()),
        blood_due: course.and_then(|t| blood(record, t, settings, today).day()),
        test_due: course.and_then(|t| test(record, t, settings, today).day()),
        window_until: course.and_then(|t| window(record, t, settings)),
        draft: record.open_visit().map(|v| v.visit().day()),
        last_visit: course.and_then(|t| record.signed(t.course.course).last().map(|v| v.day())),
    };
    Some(Projection {
        keys: fold::search_keys(
            &identity.chart_number,
            &identity.name,
            &identity.kana,
            identity.birth_date,
        ),
        chart_key: fold::fold(&identity.chart_number),
        line,
        settings: settings_hash,
    })
}

/// Days between the last answer to `item` and `on`, where the record has one.
pub fn answered_days_ago(record: &Record, item: &ItemId, on: NaiveDate) -> Option<i64> {
    let visits = record.visits().iter().rev();
    let mut answered = visits.filter(|v| v.closed().is_some() && v.day() < on);
    answered
        .find(|v| v.answer(item.as_str()).is_some())
        .map(|v| (on - v.day()).num_days())
}

/// The dose under a decision, per kilogram, to two decimals.
pub fn mg_per_kg(t: &Treatment, mg: Option<Decimal>) -> Option<Decimal> {
    t.per_kg(mg?)
}
