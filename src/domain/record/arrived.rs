//! What laboratories sent of one patient: linked draws, who has looked at them,
//! and what they changed of a visit that was signed.

use super::{Record, Stamp, Value};
use crate::domain::arrival::{AsSent, Link, Reviewed};
use crate::domain::change::{Change, EntryKind};
use crate::domain::id::{EntryId, ObservationId, VisitId};
use crate::domain::observation::Observation;

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

    /// The values stated by an entry, such as a link, as they stand now.
    pub fn stated_by(&self, entry: EntryId) -> impl Iterator<Item = &Value> {
        let values = self.state.observations.iter();
        values.filter(move |value| value.stamp.entry == entry)
    }

    /// Values that signed visits rested on and that a laboratory has corrected
    /// since, or that turned out to be somebody else's.
    pub fn overtaken(&self) -> Vec<Overtaken<'_>> {
        let mut overtaken = Vec::new();
        for visit in self.visits().iter().filter(|v| v.void.is_none()) {
            let seen = visit.signed.iter().flat_map(|signed| &signed.seen);
            for seen in seen {
                let mut values = self.observations().iter();
                let now = values.find(|v| v.observation.id == seen.observation);
                let stated = now.map_or(seen.stated_by, |v| v.stamp.entry);
                let same = now.is_some() && stated == seen.stated_by;
                if same || !self.is_link(stated) {
                    continue;
                }
                let then = self.said(seen.stated_by, seen.observation);
                overtaken.extend(then.map(|then| Overtaken {
                    visit: visit.id(),
                    then,
                    now,
                }));
            }
        }
        overtaken
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
