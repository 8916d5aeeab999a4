//! Due days in words: the state, and the sum that gives it.

use super::day;
use crate::domain::date;
use crate::domain::due::{Due, DueLine, Missing, Need, State, Sum, Why};
use crate::text::{Text, fill};
use chrono::NaiveDate;

/// Days from which two days are told with their years.
const FAR: i64 = 300;

/// What is due.
pub fn due_name(need: Need, text: &Text) -> &'static str {
    match need {
        Need::Outcome => text.due_outcome,
        Need::Visit => text.due_visit,
        Need::Blood => text.due_blood,
        Need::Test => text.due_test,
        Need::EndTest => text.due_end_test,
        Need::Consent => text.due_consent,
        Need::Guardian => text.due_guardian,
        Need::Weight => text.due_weight,
    }
}

/// How it stands and why, such as `last draw 12 Sep + 61 d = 12 Nov, 10 d over`.
pub fn due_line(line: &DueLine, on: NaiveDate, text: &Text) -> String {
    let fallen = fill_state(line, on, text);
    match &line.due {
        _ if line.state == State::NotNeeded => text.due_not_needed.to_owned(),
        Due::NotNeeded => text.due_not_needed.to_owned(),
        Due::CannotTell(untold) => {
            let why = missing(untold.missing, text);
            fill(text.due_untold, &[("why", why)])
        }
        Due::On(counted) => {
            let sum = sum(counted, text);
            fill(text.due_because, &[("sum", &sum), ("state", &fallen)])
        }
    }
}

fn fill_state(line: &DueLine, on: NaiveDate, text: &Text) -> String {
    match line.due.over(on) {
        Some(over) if over < 0 => fill(text.due_in, &[("n", &(-over).to_string())]),
        Some(over) if over > 0 => fill(text.due_over, &[("n", &over.to_string())]),
        _ => text.due_today.to_owned(),
    }
}

/// A due day as a state, such as `5日超過`.
pub fn due(due: &Due, today: NaiveDate, text: &Text) -> String {
    match due {
        Due::NotNeeded => text.due_not_needed.to_owned(),
        Due::CannotTell(_) => text.due_cannot_tell.to_owned(),
        Due::On(sum) => due_day(sum.on, today, text),
    }
}

/// The same in a few cells, for the header.
pub fn due_brief(due: &Due, today: NaiveDate, text: &Text) -> String {
    match due {
        Due::On(sum) if sum.on > today => date::short_in(sum.on, text.lang),
        due => self::due(due, today, text),
    }
}

/// A due day against today.
pub fn due_day(on: NaiveDate, today: NaiveDate, text: &Text) -> String {
    match (today - on).num_days() {
        0 => text.due_today.to_owned(),
        over if over > 0 => fill(text.due_over, &[("n", &over.to_string())]),
        _ => day(on, text),
    }
}

/// What is missing where nothing can be told.
pub fn missing(missing: Missing, text: &Text) -> &'static str {
    match missing {
        Missing::StoppedComing => text.missing_stopped,
        Missing::Start => text.missing_start,
        Missing::LastDose => text.missing_last_dose,
        Missing::Interval => text.missing_interval,
    }
}

/// The sum that gives a due day: `前回採血 9/19 + 61日 = 11/19`.
pub fn sum(sum: &Sum, text: &Text) -> String {
    // Far apart, the year is not understood.
    let years = sum.days.abs() > FAR;
    let shown = |day: NaiveDate| match years {
        true => date::iso(day),
        false => date::short_in(day, text.lang),
    };
    let from = match sum.why {
        Why::Never => return fill(text.sum_never, &[("day", &shown(sum.on))]),
        Why::AtStop => return fill(text.sum_at_stop, &[("day", &shown(sum.on))]),
        Why::Positive => return fill(text.sum_positive, &[("day", &shown(sum.on))]),
        Why::LastDraw => text.sum_last_draw,
        Why::Awaited => text.sum_awaited,
        Why::FirstDose => text.sum_first_dose,
        Why::Increase => text.sum_increase,
        Why::Recheck => text.sum_recheck,
        Why::LastVisit => text.sum_last_visit,
        Why::LastTest => text.sum_last_test,
        Why::LastDose | Why::WindowEnd => text.sum_last_dose,
        Why::LastWeight => text.sum_last_weight,
        Why::Planned => text.sum_planned,
    };
    let (day, days, on) = (shown(sum.from), sum.days.to_string(), shown(sum.on));
    fill(
        text.sum,
        &[("from", from), ("day", &day), ("n", &days), ("on", &on)],
    )
}
