//! Two windows that begin the same visit before either has answered go on in one:
//! the answers of the second are moved into the visit that the first has opened.

use super::*;

impl Step<'_> {
    /// Where another window has opened the visit that is still to be opened here,
    /// what is unsaved here goes into that one and nothing is opened twice.
    pub(super) fn join(&mut self, patient: PatientId, stored: &[Stored]) {
        let theirs = stored.iter().flat_map(|s| s.entry.changes.iter());
        let theirs: Vec<&Opening> = theirs.filter_map(Change::opening).collect();
        let ours = self.model.unsaved.iter().find_map(|pending| {
            let entry = &pending.entry;
            let mine = entry.changes.iter().find_map(Change::opening);
            let same = mine?.visit;
            let of = entry.patient == Some(patient) && theirs.iter().all(|t| t.visit != same);
            let joined = theirs.iter().rev().find(|t| of && same_visit(t, mine))?;
            Some((entry.id, same, joined.visit))
        });
        let Some((opened, from, to)) = ours else {
            return;
        };
        self.model.unsaved.retain(|p| p.entry.id != opened);
        for pending in &mut self.model.unsaved {
            pending.entry.move_visit(from, to);
        }
    }
}

/// Whether both windows meant one encounter, asked by the same text.
fn same_visit(theirs: &Opening, mine: Option<&Opening>) -> bool {
    let said = |o: &Opening| (o.course, o.kind, o.held_on, o.protocol);
    mine.is_some_and(|mine| said(mine) == said(theirs))
}
