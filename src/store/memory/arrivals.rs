//! What the memory knows of laboratories' files.

use super::Memory;
use crate::domain::arrival::{Draw, How, Returned};
use crate::domain::change::{Change, EntryKind, Hash};
use crate::domain::id::{DrawId, PatientId};
use crate::domain::line::Line;
use crate::store::{Arrivals, LIST_LIMIT, StoreError, Unseen};
use chrono::NaiveDate;
use std::cmp::Reverse;
use std::collections::BTreeSet;

impl Arrivals for Memory {
    fn imported(&self, file: &Hash) -> Result<bool, StoreError> {
        Ok(self
            .all()
            .any(|change| matches!(change, Change::Import(import) if import.file == *file)))
    }

    fn came_before(&self, digests: &[Hash]) -> Result<Vec<bool>, StoreError> {
        let came: BTreeSet<&Hash> = self
            .all()
            .filter_map(|change| match change {
                Change::Returned(result) => Some(&result.digest),
                _ => None,
            })
            .collect();
        Ok(digests.iter().map(|digest| came.contains(digest)).collect())
    }

    fn message_came(&self, laboratory: Option<&str>, message: &str) -> Result<bool, StoreError> {
        Ok(self.draws().any(|draw| {
            draw.message.as_deref() == Some(message) && draw.laboratory.as_deref() == laboratory
        }))
    }

    fn remembered(&self, who: &str) -> Result<Option<PatientId>, StoreError> {
        let entries = || self.kept.iter().map(|kept| &kept.stored.entry);
        let undone: BTreeSet<_> = entries()
            .filter(|entry| entry.kind == EntryKind::Undo)
            .filter_map(|entry| entry.undoes)
            .collect();
        let says = |change: &Change| matches!(change, Change::Link(link) if link.who == who && link.how != How::Matched);
        let found =
            entries().rfind(|entry| !undone.contains(&entry.id) && entry.changes.iter().any(says));
        Ok(found.and_then(|entry| entry.patient))
    }

    fn born(&self, day: NaiveDate) -> Result<Vec<Line>, StoreError> {
        let mut lines = self.lines();
        lines.retain(|line| line.birth_date == day);
        Ok(lines)
    }

    fn waiting(&self, limit: usize) -> Result<Vec<Draw>, StoreError> {
        let newest = self.kept.iter().rev();
        let draws = newest.flat_map(|kept| &kept.stored.entry.changes);
        Ok(draws
            .filter_map(of_draw)
            .filter(|draw| self.known.waits(draw.draw))
            .take(limit)
            .cloned()
            .collect())
    }

    fn draw(&self, id: DrawId) -> Result<Option<(Draw, Vec<Returned>)>, StoreError> {
        let Some(draw) = self.draws().find(|draw| draw.draw == id) else {
            return Ok(None);
        };
        let results = self.all().filter_map(|change| match change {
            Change::Returned(result) if result.draw == id => Some((**result).clone()),
            _ => None,
        });
        Ok(Some((draw.clone(), results.collect())))
    }

    fn unseen(&self) -> Result<Unseen, StoreError> {
        let mut lines = self.lines();
        lines.retain(|line| line.unseen > 0);
        lines.sort_by_key(|line| (Reverse((line.critical, line.unseen)), line.patient));
        lines.truncate(LIST_LIMIT);
        let waiting = self.draws().filter(|draw| self.known.waits(draw.draw));
        Ok(Unseen {
            lines,
            waiting: waiting.count() as u64,
        })
    }
}

impl Memory {
    fn draws(&self) -> impl Iterator<Item = &Draw> {
        self.all().filter_map(of_draw)
    }
}

fn of_draw(change: &Change) -> Option<&Draw> {
    match change {
        Change::Draw(draw) => Some(&**draw),
        _ => None,
    }
}
