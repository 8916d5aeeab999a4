//! One encounter as the record holds it: what was answered, what was signed, and
//! what may still be done in it.

use super::Stamp;
use crate::domain::answer::{Answer, ItemId, Manner, Plan, VisitKind};
use crate::domain::change::{
    Amendment, Change, Context, FrozenAlert, FrozenAnswer, Given, Memo, Mode, Opening, Seen,
    Signature, Void,
};
use crate::domain::id::{EntryId, ObservationId, VisitId};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// An answer as it stands in a visit.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    pub answer: Answer,
    pub manner: Manner,
    pub stamp: Stamp,
}

/// A visit's signature with what it froze.
#[derive(Clone, Debug, PartialEq)]
pub struct Signed {
    pub stamp: Stamp,
    pub signature: Signature,
    pub answers: Vec<FrozenAnswer>,
    pub alerts: Vec<FrozenAlert>,
    pub seen: Vec<Seen>,
}

/// A later word on a signed visit.
#[derive(Clone, Debug, PartialEq)]
pub struct Amended {
    pub stamp: Stamp,
    pub amendment: Amendment,
    /// The new answer, where a line was amended.
    pub answer: Option<Answer>,
}

/// One encounter.
#[derive(Clone, Debug, PartialEq)]
pub struct Visit {
    pub opening: Opening,
    pub opened: Stamp,
    pub context: Context,
    pub responses: BTreeMap<ItemId, Response>,
    pub memos: Vec<(Stamp, Memo)>,
    /// The line last answered, which is where a resumed visit goes on from.
    pub last_item: Option<ItemId>,
    pub signed: Option<Signed>,
    pub amendments: Vec<Amended>,
    pub void: Option<(Stamp, Void)>,
    /// Edits in force, oldest first, and edits taken back with the undo that did it.
    pub(super) done: Vec<EntryId>,
    pub(super) undone: Vec<(EntryId, EntryId)>,
}

/// A visit that still takes answers. A signed visit cannot be seen as one, so
/// nothing can be answered in it.
#[derive(Clone, Copy, Debug)]
pub struct OpenVisit<'a>(&'a Visit);

/// A visit that was signed: it takes amendments only.
#[derive(Clone, Copy, Debug)]
pub struct SignedVisit<'a>(&'a Visit);

impl Visit {
    /// Its id.
    pub fn id(&self) -> VisitId {
        self.opening.visit
    }

    /// The day it is held on.
    pub fn day(&self) -> NaiveDate {
        self.opening.held_on
    }

    /// The visit, if it still takes answers.
    pub fn open(&self) -> Option<OpenVisit<'_>> {
        (self.signed.is_none() && self.void.is_none()).then_some(OpenVisit(self))
    }

    /// The visit, if it was signed and not voided.
    pub fn closed(&self) -> Option<SignedVisit<'_>> {
        (self.signed.is_some() && self.void.is_none()).then_some(SignedVisit(self))
    }

    /// The answer to `item` as it stands now: the last amendment, else as given.
    pub fn answer(&self, item: &str) -> Option<&Answer> {
        let amended = self.amendments.iter().rev().find_map(|a| {
            let same = a
                .amendment
                .item
                .as_ref()
                .is_some_and(|i| i.as_str() == item);
            same.then_some(a.answer.as_ref()).flatten()
        });
        amended.or_else(|| self.responses.get(item).map(|r| &r.answer))
    }

    /// The decision, as it stands now.
    pub fn plan(&self) -> Option<&Plan> {
        let amended = self.amendments.iter().rev().find_map(|a| match &a.answer {
            Some(Answer::Plan(plan)) => Some(plan),
            _ => None,
        });
        amended.or_else(|| {
            self.responses.values().find_map(|r| match &r.answer {
                Answer::Plan(plan) => Some(plan),
                _ => None,
            })
        })
    }
}

impl Visit {
    pub(super) fn opened(opening: &Opening, stamp: Stamp) -> Self {
        let context = Context {
            visit: opening.visit,
            mode: Mode::InPerson,
            companion: false,
        };
        Self {
            opening: opening.clone(),
            opened: stamp,
            context,
            responses: BTreeMap::new(),
            memos: Vec::new(),
            last_item: None,
            signed: None,
            amendments: Vec::new(),
            void: None,
            done: Vec::new(),
            undone: Vec::new(),
        }
    }

    pub(super) fn freeze(&mut self, change: &Change) {
        let Some(signed) = &mut self.signed else {
            return;
        };
        match change {
            Change::FrozenAnswer(answer) => signed.answers.push(answer.clone()),
            Change::FrozenAlert(alert) => signed.alerts.push((**alert).clone()),
            Change::Seen(seen) => signed.seen.push(seen.clone()),
            _ => {}
        }
    }

    /// Whether this visit follows the walk of `kind`.
    pub fn is(&self, kind: VisitKind) -> bool {
        self.opening.kind == kind
    }

    /// The observations this visit's signature saw.
    pub fn saw(&self, id: ObservationId) -> bool {
        self.signed
            .as_ref()
            .is_some_and(|s| s.seen.iter().any(|o| o.observation == id))
    }
}

impl<'a> OpenVisit<'a> {
    /// A line answered.
    pub fn respond(self, item: &ItemId, answer: Answer, manner: Manner) -> Change {
        Change::Answer(Given {
            visit: Some(self.0.id()),
            item: Some(item.clone()),
            manner,
            answer,
        })
    }

    /// A remark at a line.
    pub fn memo(self, item: &ItemId, text: &str) -> Change {
        Change::Memo(Memo {
            visit: self.0.id(),
            item: item.clone(),
            text: text.to_owned(),
        })
    }

    /// How the visit is held and who else is there.
    pub fn context(self, mode: Mode, companion: bool) -> Change {
        Change::Context(Context {
            visit: self.0.id(),
            mode,
            companion,
        })
    }

    /// The edit that `u` takes back.
    pub fn undo_target(self) -> Option<EntryId> {
        self.0.done.last().copied()
    }

    /// The undo that `U` takes back.
    pub fn redo_target(self) -> Option<EntryId> {
        self.0.undone.last().map(|(_, undo)| *undo)
    }

    /// The visit itself.
    pub fn visit(self) -> &'a Visit {
        self.0
    }
}

impl<'a> SignedVisit<'a> {
    /// A line amended: the reason and the new answer, for one entry.
    pub fn amend(self, item: &ItemId, answer: Answer, reason: &str) -> Vec<Change> {
        let visit = self.0.id();
        let amendment = Amendment {
            visit,
            item: Some(item.clone()),
            reason: reason.to_owned(),
            text: None,
        };
        let given = Given {
            visit: Some(visit),
            item: Some(item.clone()),
            manner: Manner::Asked,
            answer,
        };
        vec![Change::Amend(amendment), Change::Answer(given)]
    }

    /// A value or a draw of the visit stated again: in words, with the reason, and
    /// as the fact it is, for one entry.
    pub fn restate(self, item: &ItemId, words: &str, reason: &str, fact: Change) -> Vec<Change> {
        let amendment = Amendment {
            visit: self.0.id(),
            item: Some(item.clone()),
            reason: reason.to_owned(),
            text: Some(words.to_owned()),
        };
        vec![Change::Amend(amendment), fact]
    }

    /// A remark on the whole visit.
    pub fn remark(self, text: &str, reason: &str) -> Vec<Change> {
        vec![Change::Amend(Amendment {
            visit: self.0.id(),
            item: None,
            reason: reason.to_owned(),
            text: Some(text.to_owned()),
        })]
    }

    /// The visit itself.
    pub fn visit(self) -> &'a Visit {
        self.0
    }
}
