//! Who did not come, in words.

use super::day;
use crate::domain::follow::{Attempt, Followed, Means, Reached};
use crate::domain::record::Record;
use crate::text::{Text, fill};
use chrono::NaiveDate;

/// How somebody tried to reach the patient.
pub fn followed_by(means: Means, text: &Text) -> &'static str {
    match means {
        Means::Phone => text.follow_phone,
        Means::Letter => text.follow_letter,
        Means::Mail => text.follow_mail,
        Means::Other => text.follow_other,
    }
}

/// What came of it.
pub fn reached(reached: Reached, text: &Text) -> &'static str {
    match reached {
        Reached::Spoken => text.reached_spoken,
        Reached::Message => text.reached_message,
        Reached::NoAnswer => text.reached_no_answer,
        Reached::Returned => text.reached_returned,
    }
}

/// One thing recorded, such as `11/21(土) 電話 応答なし`.
pub fn followed(said: &Followed, text: &Text) -> String {
    match said {
        Followed::Missed(missed) => {
            format!("{} {}", day(missed.missed_on, text), text.follow_missed)
        }
        Followed::Attempt(attempt) => tried(attempt, text),
        Followed::Snooze(snooze) => left_out(snooze.back_on, &snooze.why, text),
    }
}

fn tried(attempt: &Attempt, text: &Text) -> String {
    let note = attempt.note.iter().map(|note| format!("  {note}"));
    format!(
        "{} {} {}{}",
        day(attempt.tried_on, text),
        followed_by(attempt.means, text),
        reached(attempt.outcome, text),
        note.collect::<String>()
    )
}

fn left_out(back_on: NaiveDate, why: &str, text: &Text) -> String {
    let day = day(back_on, text);
    fill(text.follow_left_out, &[("day", &day), ("why", why)])
}

/// What stands of a record now: left out of the lists, missed and looked for.
pub fn follow_lines(record: &Record, today: NaiveDate, text: &Text) -> Vec<String> {
    let snoozed = record.snoozed().filter(|(_, s)| today < s.back_on);
    let snoozed = snoozed.map(|(_, s)| left_out(s.back_on, &s.why, text));
    let missed = record.missed().map(|on| missed_days(on, text));
    let tried = record.attempts().last().map(|(_, last)| {
        let n = record.attempts().count().to_string();
        let last = tried(last, text);
        fill(text.follow_tried, &[("n", &n), ("last", &last)])
    });
    snoozed.into_iter().chain(missed).chain(tried).collect()
}

/// `来院せず 11/20(金)`
pub fn missed_days(on: NaiveDate, text: &Text) -> String {
    format!("{} {}", text.follow_missed, day(on, text))
}
