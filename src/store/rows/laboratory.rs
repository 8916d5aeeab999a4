//! Draws and measured values as rows.

use super::table::{Fact, Row, Scope, Table, table};
use super::values::{Cell, Value, closed};
use crate::domain::answer::words;
use crate::domain::change::{Drawn, Measured};
use crate::domain::id::*;
use crate::domain::observation::*;
use crate::domain::quantity::{Comparator, Quantity};
use chrono::NaiveDate;
use rust_decimal::Decimal;

pub(super) struct SpecimenRow {
    visit: Option<VisitId>,
    specimen: SpecimenId,
    drawn_on: NaiveDate,
    fasting: Fasting,
    haemolysed: bool,
    lipaemic: bool,
    comment: Option<String>,
    laboratory: Option<String>,
    dose_at_draw: Option<Decimal>,
}
table! { SPECIMEN Patient "specimen" SpecimenRow {
    visit, specimen, drawn_on, fasting, haemolysed, lipaemic, comment, laboratory, dose_at_draw,
} }

words! {
    /// What came of a test, in the file's words.
    Outcome {
        Value = "value",
        Pending = "pending",
        Haemolysed = "haemolysed",
        Lost = "lost",
        NotDone = "not_done",
    }
}
closed!(Outcome);

pub(super) struct ObservationRow {
    visit: Option<VisitId>,
    observation: ObservationId,
    specimen: SpecimenId,
    analyte: AnalyteId,
    outcome: Outcome,
    typed: Option<String>,
    comparator: Option<Comparator>,
    number: Option<Decimal>,
    unit: String,
    canonical: Option<Decimal>,
    range_low: Option<Decimal>,
    range_high: Option<Decimal>,
    range_low_open: Option<bool>,
    range_high_open: Option<bool>,
    range_source: Option<RangeSource>,
    /// Whether a file said anything beside the value, be it only empty fields.
    sent: bool,
    sent_status: Option<String>,
    sent_code_system: Option<String>,
    sent_code: Option<String>,
    sent_name: Option<String>,
    sent_unit: Option<String>,
    sent_range: Option<String>,
    sent_flag: Option<String>,
    sent_method: Option<String>,
    sent_comment: Option<String>,
    sent_file: Option<String>,
    sent_key: Option<String>,
    sent_at: Option<String>,
}
table! { OBSERVATION Patient "observation" ObservationRow {
    visit, observation, specimen, analyte, outcome, typed, comparator, number, unit, canonical,
    range_low, range_high, range_low_open, range_high_open, range_source, sent, sent_status, sent_code_system, sent_code,
    sent_name, sent_unit, sent_range, sent_flag, sent_method, sent_comment, sent_file, sent_key, sent_at,
} }

impl SpecimenRow {
    /// The row of a draw; none where it would not give it back.
    pub(super) fn kept_of(drawn: &Drawn) -> Option<Row> {
        let own = Self::of(drawn);
        let row = own.kept()?;
        (own.drawn() == *drawn).then_some(row)
    }

    fn of(drawn: &Drawn) -> Self {
        let Specimen {
            id,
            drawn_on,
            fasting,
            haemolysed,
            lipaemic,
            comment,
            laboratory,
            dose_at_draw,
        } = drawn.specimen.clone();
        Self {
            visit: drawn.visit,
            specimen: id,
            drawn_on,
            fasting,
            haemolysed,
            lipaemic,
            comment,
            laboratory,
            dose_at_draw,
        }
    }

    pub(super) fn drawn(self) -> Drawn {
        Drawn {
            visit: self.visit,
            specimen: Specimen {
                id: self.specimen,
                drawn_on: self.drawn_on,
                fasting: self.fasting,
                haemolysed: self.haemolysed,
                lipaemic: self.lipaemic,
                comment: self.comment,
                laboratory: self.laboratory,
                dose_at_draw: self.dose_at_draw,
            },
        }
    }
}

impl ObservationRow {
    /// The row of a measured value; none where it would not give it back.
    pub(super) fn kept_of(measured: &Measured) -> Option<Row> {
        let own = Self::of(measured);
        let row = own.kept()?;
        own.measured()
            .is_some_and(|read| read == *measured)
            .then_some(row)
    }

    fn of(measured: &Measured) -> Self {
        let seen = measured.observation.clone();
        let (outcome, quantity) = match seen.reported {
            Reported::Value(quantity) => (Outcome::Value, Some(quantity)),
            Reported::Pending => (Outcome::Pending, None),
            Reported::Haemolysed => (Outcome::Haemolysed, None),
            Reported::Lost => (Outcome::Lost, None),
            Reported::NotDone => (Outcome::NotDone, None),
        };
        let sent = seen.sent.is_some();
        let said = seen.sent.unwrap_or_default();
        Self {
            visit: measured.visit,
            observation: seen.id,
            specimen: seen.specimen,
            analyte: seen.analyte,
            outcome,
            typed: quantity.as_ref().map(|quantity| quantity.typed.clone()),
            comparator: quantity.as_ref().map(|quantity| quantity.comparator),
            number: quantity.as_ref().map(|quantity| quantity.number),
            unit: seen.unit,
            canonical: seen.canonical,
            range_low: seen.range.as_ref().and_then(|range| range.low),
            range_high: seen.range.as_ref().and_then(|range| range.high),
            range_low_open: seen.range.as_ref().map(|range| range.low_open),
            range_high_open: seen.range.as_ref().map(|range| range.high_open),
            range_source: seen.range.as_ref().map(|range| range.source),
            sent,
            sent_status: said.status,
            sent_code_system: said.code_system,
            sent_code: said.code,
            sent_name: said.name,
            sent_unit: said.unit,
            sent_range: said.range,
            sent_flag: said.flag,
            sent_method: said.method,
            sent_comment: said.comment,
            sent_file: said.file,
            sent_key: said.key,
            sent_at: said.at,
        }
    }

    pub(super) fn measured(self) -> Option<Measured> {
        let reported = self.reported()?;
        let range = self.range()?;
        let (visit, id, specimen, canonical) =
            (self.visit, self.observation, self.specimen, self.canonical);
        let (analyte, unit) = (self.analyte.clone(), self.unit.clone());
        let sent = self.said();
        let observation = Observation {
            id,
            specimen,
            analyte,
            reported,
            unit,
            canonical,
            range,
            sent,
        };
        Some(Measured { visit, observation })
    }

    fn reported(&self) -> Option<Reported> {
        Some(match self.outcome {
            Outcome::Value => Reported::Value(Quantity {
                typed: self.typed.clone()?,
                comparator: self.comparator?,
                number: self.number?,
            }),
            Outcome::Pending => Reported::Pending,
            Outcome::Haemolysed => Reported::Haemolysed,
            Outcome::Lost => Reported::Lost,
            Outcome::NotDone => Reported::NotDone,
        })
    }

    /// Where there is a range, it is known whether its ends belong to it.
    fn range(&self) -> Option<Option<ReferenceRange>> {
        let Some(source) = self.range_source else {
            return Some(None);
        };
        Some(Some(ReferenceRange {
            low: self.range_low,
            high: self.range_high,
            low_open: self.range_low_open?,
            high_open: self.range_high_open?,
            source,
        }))
    }

    fn said(self) -> Option<Sent> {
        self.sent.then_some(Sent {
            status: self.sent_status,
            code_system: self.sent_code_system,
            code: self.sent_code,
            name: self.sent_name,
            unit: self.sent_unit,
            range: self.sent_range,
            flag: self.sent_flag,
            method: self.sent_method,
            comment: self.sent_comment,
            file: self.sent_file,
            key: self.sent_key,
            at: self.sent_at,
        })
    }
}
