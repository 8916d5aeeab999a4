//! Laboratory values as they are read: the line a result has in visit and chart,
//! the trend of one analyte, the table of all of them.

pub mod line;
mod plot;
pub mod returned;
pub mod scale;
pub mod table;
pub mod trend;

use super::{Clinic, Ctx, Desk};
use crate::domain::arrival::AsSent;
use crate::domain::catalogue::Analyte;
use crate::domain::course::Treatment;
use crate::domain::due;
use crate::domain::observation::AnalyteId;
use crate::domain::protocol::Kind;
use crate::domain::reading::{Before, Reading, readings};
use crate::domain::series::series;
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// What the values of one patient are read with on one day.
#[derive(Clone, Copy)]
pub struct Labs<'a> {
    pub desk: &'a Desk,
    pub clinic: &'a Clinic,
    /// Nothing drawn later is shown.
    pub until: NaiveDate,
    pub before: Before,
}

impl<'a> Labs<'a> {
    /// The values of the patient on the desk up to `until`; none before the
    /// analytes were read.
    pub fn on(ctx: &Ctx<'a>, until: NaiveDate) -> Option<Self> {
        let (desk, clinic) = (ctx.desk?, ctx.clinic?);
        let treatment = Treatment::on(&desk.record, until);
        Some(Self {
            desk,
            clinic,
            until,
            before: Before {
                first_dose: treatment.and_then(|t| t.first_dose_on),
                oldest: due::baseline_age(&desk.settings),
            },
        })
    }

    /// Every analyte that was ever measured: those of the slip in its order, then
    /// the others by name.
    pub fn analytes(&self) -> Vec<&'a Analyte> {
        let values = self.desk.record.values();
        let drawn = values.filter(|(_, s)| s.drawn_on <= self.until);
        let seen: BTreeSet<&AnalyteId> = drawn.map(|(v, _)| &v.observation.analyte).collect();
        let slip = self.desk.protocol.items().find(|i| i.kind == Kind::Labs);
        let slip = slip.map_or(&[][..], |i| i.panel.as_slice());
        let listed = slip.iter().filter(|id| seen.contains(id));
        let others = seen.iter().copied().filter(|id| !slip.contains(id));
        listed
            .chain(others)
            .filter_map(|id| self.clinic.catalogue.get(id))
            .collect()
    }

    /// The latest result of each analyte that is a word, such as a pregnancy test's.
    pub fn worded(&self) -> Vec<(&'a Analyte, &'a AsSent)> {
        let mut latest: Vec<(&Analyte, &AsSent)> = Vec::new();
        let sent = self.desk.record.as_sent().iter();
        for result in sent.filter(|r| r.word.is_some() && r.why.is_none()) {
            let known = result.analyte.as_ref();
            let Some(analyte) = known.and_then(|id| self.clinic.catalogue.get(id)) else {
                continue;
            };
            if result.drawn_on.is_some_and(|day| day > self.until) {
                continue;
            }
            match latest.iter_mut().find(|(known, _)| known.id == analyte.id) {
                Some((_, of)) if of.drawn_on > result.drawn_on => {}
                Some((_, of)) => *of = result,
                None => latest.push((analyte, result)),
            }
        }
        latest
    }

    /// The results of one analyte, oldest draw first.
    pub fn readings(&self, analyte: &'a Analyte) -> Vec<Reading<'a>> {
        let points = series(&self.desk.record, &analyte.id, self.until);
        readings(&points, analyte, self.before)
    }
}
