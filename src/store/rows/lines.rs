//! A patient's row in the lists: no fact, rebuilt from the facts at any time.

use super::table::{Fact, Scope, Table, table};
use super::values::{Cell, Value, portable};
use crate::domain::answer::{Phase, Sex};
use crate::domain::change::Hash;
use crate::domain::id::PatientId;
use crate::domain::line::{Line, Projection, When};
use crate::store::{Refusal, StoreError};
use chrono::NaiveDate;
use rust_decimal::Decimal;

/// A patient's row in the lists, with what finds the patient: no fact.
struct LineRow {
    patient: PatientId,
    chart_key: String,
    chart_number: String,
    name: String,
    kana: String,
    birth_date: NaiveDate,
    sex: Sex,
    phase: Option<Phase>,
    mg_per_day: Option<Decimal>,
    first_dose_on: Option<NaiveDate>,
    last_dose_on: Option<NaiveDate>,
    outcome_due: When,
    visit_due: When,
    visit_until: Option<NaiveDate>,
    blood_due: When,
    test_due: When,
    end_test_due: When,
    consent_due: When,
    guardian_due: When,
    guardian_until: Option<NaiveDate>,
    weight_due: When,
    window_until: Option<NaiveDate>,
    watch_until: Option<NaiveDate>,
    draft: Option<NaiveDate>,
    last_visit: Option<NaiveDate>,
    awaiting: Option<NaiveDate>,
    missed_on: Option<NaiveDate>,
    attempts: u32,
    tried_on: Option<NaiveDate>,
    back_on: Option<NaiveDate>,
    unseen: u32,
    critical: u32,
    corrected: u32,
    settings: Hash,
    /// One a line.
    search_keys: String,
}
table! { LINE Patient "line" LineRow {
    patient, chart_key, chart_number, name, kana, birth_date, sex, phase, mg_per_day,
    first_dose_on, last_dose_on, outcome_due, visit_due, visit_until, blood_due, test_due, end_test_due,
    consent_due, guardian_due, guardian_until, weight_due, window_until, watch_until, draft, last_visit,
    awaiting, missed_on, attempts, tried_on, back_on, unseen, critical,
    corrected,
    settings, search_keys,
} }

table! { LISTED Patient "line" Line {
    patient, chart_number, name, kana, birth_date, sex, phase, mg_per_day, first_dose_on,
    last_dose_on, outcome_due, visit_due, visit_until, blood_due, test_due, end_test_due, consent_due,
    guardian_due, guardian_until, weight_due, window_until, watch_until, draft, last_visit,
    awaiting, missed_on, attempts, tried_on, back_on, unseen, critical, corrected,
} }

/// A patient's row in the lists, without what finds the patient.
pub fn listed(values: &[Option<Value>]) -> Option<Line> {
    Line::read(values)
}

/// The row of a projection; none where it holds what no row can.
pub fn line_values(projection: &Projection) -> Result<Vec<Option<Value>>, StoreError> {
    let line = projection.line.clone();
    let keys: Vec<&str> = projection.keys.iter().map(String::as_str).collect();
    let values = LineRow {
        patient: line.patient,
        chart_key: projection.chart_key.clone(),
        chart_number: line.chart_number,
        name: line.name,
        kana: line.kana,
        birth_date: line.birth_date,
        sex: line.sex,
        phase: line.phase,
        mg_per_day: line.mg_per_day,
        first_dose_on: line.first_dose_on,
        last_dose_on: line.last_dose_on,
        outcome_due: line.outcome_due,
        visit_due: line.visit_due,
        visit_until: line.visit_until,
        blood_due: line.blood_due,
        test_due: line.test_due,
        end_test_due: line.end_test_due,
        consent_due: line.consent_due,
        guardian_due: line.guardian_due,
        guardian_until: line.guardian_until,
        weight_due: line.weight_due,
        window_until: line.window_until,
        watch_until: line.watch_until,
        draft: line.draft,
        last_visit: line.last_visit,
        awaiting: line.awaiting,
        missed_on: line.missed_on,
        attempts: line.attempts,
        tried_on: line.tried_on,
        back_on: line.back_on,
        unseen: line.unseen,
        critical: line.critical,
        corrected: line.corrected,
        settings: projection.settings,
        search_keys: keys.join("\n"),
    }
    .values();
    let back = projection_of(&values);
    let whole = values.iter().flatten().all(portable) && back.as_ref() == Some(projection);
    if whole {
        Ok(values)
    } else {
        Err(Refusal::Malformed.into())
    }
}

/// The projection of a row.
pub fn projection_of(values: &[Option<Value>]) -> Option<Projection> {
    let row = LineRow::read(values)?;
    let line = Line {
        patient: row.patient,
        chart_number: row.chart_number,
        name: row.name,
        kana: row.kana,
        birth_date: row.birth_date,
        sex: row.sex,
        phase: row.phase,
        mg_per_day: row.mg_per_day,
        first_dose_on: row.first_dose_on,
        last_dose_on: row.last_dose_on,
        outcome_due: row.outcome_due,
        visit_due: row.visit_due,
        visit_until: row.visit_until,
        blood_due: row.blood_due,
        test_due: row.test_due,
        end_test_due: row.end_test_due,
        consent_due: row.consent_due,
        guardian_due: row.guardian_due,
        guardian_until: row.guardian_until,
        weight_due: row.weight_due,
        window_until: row.window_until,
        watch_until: row.watch_until,
        draft: row.draft,
        last_visit: row.last_visit,
        awaiting: row.awaiting,
        missed_on: row.missed_on,
        attempts: row.attempts,
        tried_on: row.tried_on,
        back_on: row.back_on,
        unseen: row.unseen,
        critical: row.critical,
        corrected: row.corrected,
    };
    Some(Projection {
        keys: row
            .search_keys
            .split('\n')
            .filter(|key| !key.is_empty())
            .map(str::to_owned)
            .collect(),
        chart_key: row.chart_key,
        line,
        settings: row.settings,
    })
}
