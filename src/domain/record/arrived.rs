//! What laboratories sent of one patient: linked draws, who has looked at them,
//! and what they changed of a visit that was signed.

use super::{Record, Stamp, Value, Visit};
use crate::domain::arrival::{AsSent, Link, Reviewed};
use crate::domain::change::{Change, EntryKind, Seen};
use crate::domain::id::{EntryId, ObservationId, SpecimenId, VisitId};
use crate::domain::observation::{Observation, Reported};

/// How many draws that came between visits a visit tells of.
const FEW: usize = 3;

/// A draw that was linked to the patient, and the looks it got.
#[derive(Clone, Debug, PartialEq)]
pub struct Linked {
    pub link: Link,
    pub stamp: Stamp,
    pub reviews: Vec<(Stamp, Reviewed)>,
}

/// A value that a signed visit rested on, and that is another by now.
#[derive(Clone, Debug, PartialEq)]
pub struct Overtaken<'a> {
    pub visit: VisitId,
    /// As it stood at signing.
    pub then: &'a Observation,
    /// As it stands; none where its draw was unlinked.
    pub now: Option<&'a Value>,
}

impl Record {
    /// Linked draws, in the order linked; what was unlinked is not among them.
    pub fn linked(&self) -> &[Linked] {
        &self.state.linked
    }

    /// Those nobody has looked at.
    pub fn unseen(&self) -> impl Iterator<Item = &Linked> {
        let linked = self.state.linked.iter();
        linked.filter(|linked| linked.reviews.is_empty())
    }

    /// Results that are shown as sent, and not judged.
    pub fn as_sent(&self) -> &[AsSent] {
        &self.state.as_sent
    }

    /// Draws whose values a laboratory sent after the last visit before `visit` was
    /// signed, drawn up to its day: the newest first, a few at most.
    pub fn came_before(&self, visit: &Visit) -> Vec<SpecimenId> {
        let signed = self.signed(visit.opening.course).into_iter().rev();
        let mut earlier = signed.filter(|v| v.id() != visit.id() && v.day() <= visit.day());
        let since = earlier.next().and_then(|v| v.signed.as_ref());
        let Some(since) = since.map(|signed| signed.stamp.order) else {
            return Vec::new();
        };
        let new = |id: SpecimenId| {
            let mut values = self.observations().iter();
            values.any(|v| {
                let new = v.stamp.order > since && !v.observation.is_typed();
                new && v.observation.specimen == id
            })
        };
        let mut came: Vec<_> = self
            .specimens()
            .filter(|d| d.visit.is_none() && d.specimen.drawn_on <= visit.day())
            .filter(|d| new(d.specimen.id))
            .map(|d| (d.specimen.drawn_on, d.specimen.id))
            .collect();
        came.sort();
        came.into_iter().rev().take(FEW).map(|(_, id)| id).collect()
    }

    /// The values stated by an entry, such as a link, as they stand now.
    pub fn stated_by(&self, entry: EntryId) -> impl Iterator<Item = &Value> {
        let values = self.state.observations.iter();
        values.filter(move |value| value.stamp.entry == entry)
    }

    /// Values that signed visits rested on and that a laboratory has corrected
    /// since, or that turned out to be somebody else's.
    pub fn overtaken(&self) -> Vec<Overtaken<'_>> {
        let visits = self.visits().iter().filter(|v| v.void.is_none());
        let seen = visits.flat_map(|visit| {
            let seen = visit.signed.iter().flat_map(|signed| &signed.seen);
            seen.map(|seen| (visit.id(), seen))
        });
        seen.filter_map(|(visit, seen)| self.overtaken_by(visit, seen))
            .collect()
    }

    /// Those of them that are told by draws nobody has looked at.
    pub fn corrected(&self) -> impl Iterator<Item = Overtaken<'_>> {
        // Most records have nothing unseen, and looking back through all visits costs.
        let any = self.unseen().next().is_some();
        let all = if any { self.overtaken() } else { Vec::new() };
        all.into_iter().filter(|o| {
            let told = |value: &Value| {
                self.unseen()
                    .any(|linked| linked.stamp.entry == value.stamp.entry)
            };
            o.now.is_some_and(told)
        })
    }

    fn overtaken_by(&self, visit: VisitId, seen: &Seen) -> Option<Overtaken<'_>> {
        let then = self.said(seen.stated_by, seen.observation)?;
        if then.reported == Reported::Pending {
            // What was awaited has come: nobody rested on it.
            return None;
        }
        let mut values = self.observations().iter();
        let now = values.find(|v| v.observation.id == seen.observation);
        let stands = now.filter(|v| v.stamp.entry == seen.stated_by);
        let now = match stands {
            Some(_) => Some(self.sent_otherwise(then)?),
            None => now,
        };
        let link = now.map_or(seen.stated_by, |v| v.stamp.entry);
        let same = now.is_some_and(|v| says_the_same(&v.observation, then));
        (!same && self.is_link(link)).then_some(Overtaken { visit, then, now })
    }

    /// What a laboratory sent of the day of a value that was typed by hand.
    fn sent_otherwise(&self, then: &Observation) -> Option<&Value> {
        if !then.is_typed() {
            return None;
        }
        let drawn_on = self.specimen(then.specimen)?.drawn_on;
        let mut values = self.values();
        let sent = values.find(|(value, specimen)| {
            let observation = &value.observation;
            let firm = !observation.is_typed() && !observation.is_preliminary();
            let day = specimen.drawn_on == drawn_on;
            firm && day && observation.analyte == then.analyte && observation.quantity().is_some()
        })?;
        Some(sent.0)
    }

    /// What was said of a value before the word that stands.
    pub fn said_before(&self, value: &Value) -> Option<&Observation> {
        let said = self
            .entries()
            .iter()
            .rev()
            .skip_while(|e| e.id != value.stamp.entry);
        let mut changes = said.skip(1).flat_map(|entry| &entry.changes);
        changes.find_map(|change| match change {
            Change::Observe(measured) if measured.observation.id == value.observation.id => {
                Some(&measured.observation)
            }
            _ => None,
        })
    }

    fn is_link(&self, entry: EntryId) -> bool {
        let mut entries = self.entries().iter();
        entries.any(|e| e.id == entry && e.kind == EntryKind::Link)
    }

    /// What an entry said of a value.
    fn said(&self, entry: EntryId, id: ObservationId) -> Option<&Observation> {
        let entry = self.entries().iter().find(|e| e.id == entry)?;
        entry.changes.iter().find_map(|change| match change {
            Change::Observe(measured) if measured.observation.id == id => {
                Some(&measured.observation)
            }
            _ => None,
        })
    }
}

/// Whether two statements come to the same result.
fn says_the_same(a: &Observation, b: &Observation) -> bool {
    match (a.canonical, b.canonical) {
        (Some(x), Some(y)) => {
            let sign = |o: &Observation| o.quantity().map(|quantity| quantity.comparator);
            x == y && sign(a) == sign(b)
        }
        _ => a.reported == b.reported,
    }
}
