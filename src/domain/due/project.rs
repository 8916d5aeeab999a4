//! A patient's row of the lists, worked out from the record.

use super::{Need, of, window, windows_end};
use crate::domain::change::Hash;
use crate::domain::course::Treatment;
use crate::domain::fold;
use crate::domain::follow::awaiting;
use crate::domain::line::{Line, Projection, When};
use crate::domain::record::Record;
use crate::domain::situation::Settings;
use chrono::NaiveDate;

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
    let when = |need: Need| {
        let due = course.map(|t| of(need, record, t, settings, today));
        due.map_or((When::NotNeeded, None), |due| ((&due).into(), due.until()))
    };
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
        outcome_due: when(Need::Outcome).0,
        visit_due: when(Need::Visit).0,
        visit_until: when(Need::Visit).1,
        blood_due: when(Need::Blood).0,
        test_due: when(Need::Test).0,
        end_test_due: when(Need::EndTest).0,
        consent_due: when(Need::Consent).0,
        guardian_due: when(Need::Guardian).0,
        guardian_until: when(Need::Guardian).1,
        weight_due: when(Need::Weight).0,
        window_until: course.and_then(|t| window(record, t, settings)),
        watch_until: course.and_then(|t| windows_end(record, t, settings)),
        draft: record.open_visit().map(|v| v.visit().day()),
        last_visit: course.and_then(|t| record.signed(t.course.course).last().map(|v| v.day())),
        awaiting: awaiting(record),
        missed_on: record.missed(),
        attempts: record.attempts().count() as u32,
        tried_on: record.attempts().map(|(_, a)| a.tried_on).max(),
        back_on: record.snoozed().map(|(_, snooze)| snooze.back_on),
        unseen: record.unseen().count() as u32,
        critical: record
            .unseen()
            .filter(|l| l.link.critical.is_some())
            .count() as u32,
        corrected: record.corrected().count() as u32,
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
