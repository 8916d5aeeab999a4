//! What the memory knows of laboratories' files.

use super::Memory;
use crate::domain::arrival::{Draw, How, Returned};
use crate::domain::change::{Change, EntryKind, Hash};
use crate::domain::id::{DrawId, EntryId, PatientId};
use crate::domain::line::Line;
use crate::store::{Arrivals, LIST_LIMIT, SetAside, StoreError, Unseen};
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
        let undone = self.undone();
        let entries = || self.kept.iter().map(|kept| &kept.stored.entry);
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

    fn set_aside(&self, limit: usize) -> Result<Vec<SetAside>, StoreError> {
        let undone = self.undone();
        let newest = self.kept.iter().rev().map(|kept| &kept.stored.entry);
        let standing = newest.filter(|entry| !undone.contains(&entry.id));
        let said = standing.flat_map(|entry| {
            let changes = entry.changes.iter();
            changes.filter_map(move |change| match change {
                Change::Aside(aside) => Some((entry.id, aside)),
                _ => None,
            })
        });
        let found = said.filter_map(|(entry, aside)| {
            let draw = self.draws().find(|draw| draw.draw == aside.draw)?.clone();
            let why = aside.why;
            Some(SetAside { entry, draw, why })
        });
        Ok(found.take(limit).collect())
    }

    fn file_of(&self, id: DrawId) -> Result<Option<Hash>, StoreError> {
        let mut entries = self.kept.iter().map(|kept| &kept.stored.entry.changes);
        let of = |changes: &&Vec<Change>| {
            let mut draws = changes.iter().filter_map(of_draw);
            draws.any(|draw| draw.draw == id)
        };
        let changes = entries.find(of).into_iter().flatten();
        let mut files = changes.filter_map(|change| match change {
            Change::Import(import) => Some(import.file),
            _ => None,
        });
        Ok(files.next())
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
        lines.sort_by_key(|line| {
            (
                Reverse((line.critical, line.corrected, line.unseen)),
                line.patient,
            )
        });
        lines.truncate(LIST_LIMIT);
        let waiting = self.draws().filter(|draw| self.known.waits(draw.draw));
        Ok(Unseen {
            lines,
            waiting: waiting.count() as u64,
        })
    }
}

impl Memory {
    /// The entries that were taken back.
    fn undone(&self) -> BTreeSet<EntryId> {
        let entries = self.kept.iter().map(|kept| &kept.stored.entry);
        let undos = entries.filter(|entry| entry.kind == EntryKind::Undo);
        undos.filter_map(|entry| entry.undoes).collect()
    }

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
