//! The one mapping between changes and rows of typed tables.
//!
//! Each kind of fact has a table; each table is declared here once, by the
//! struct whose fields are its columns. The INSERT statements, reading, the
//! text the chain is made of and the memory store all go by these tables, so
//! none of them can know a column the others do not.

mod answers;
mod arrivals;
mod facts;
mod laboratory;
mod lines;
mod table;
mod values;

pub use answers::State;
pub use arrivals::{DRAW, RETURNED};
pub use facts::{PERSON, SETTING, TABLES, read};
pub use laboratory::Outcome;
pub use lines::{LINE, LISTED, line_values, listed, projection_of};
pub use table::{Row, Scope, Table};
pub use values::{Cell, Value};

use super::{Refusal, StoreError, chain};
use crate::domain::change::*;
use crate::domain::id::*;
use chrono::{DateTime, FixedOffset};
use facts::{changes, write};
use table::{Fact, table};
use values::portable;

/// An entry as rows: its own, and those of its changes by their place in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows {
    pub header: Header,
    pub facts: Vec<Row>,
}

/// An entry's own row, without its place in the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub id: EntryId,
    pub patient: Option<PatientId>,
    pub visit: Option<VisitId>,
    pub person: PersonId,
    /// Milliseconds since 1970, UTC.
    pub at: i64,
    pub offset_min: i64,
    pub kind: EntryKind,
    pub undoes: Option<EntryId>,
    pub reason: Option<String>,
    /// How many rows belong to it.
    pub facts: i64,
}

table! { ENTRY Clinic "entry" Header {
    id, patient, visit, person, at, offset_min, kind, undoes, reason, facts,
} }

/// The changes of an entry in the order their rows are inserted.
pub fn in_insert_order(changes: &[Change]) -> Vec<&Change> {
    let mut ordered: Vec<&Change> = changes.iter().collect();
    ordered.sort_by_key(|change| {
        let mut rows = Vec::new();
        let _ = write(change, &mut rows);
        rows.first().map(|row| row.table.rank())
    });
    ordered
}

impl Header {
    /// The values of its columns, in their order.
    pub fn values(&self) -> Vec<Option<Value>> {
        Fact::values(self)
    }

    /// None where the values are not those of an entry.
    pub fn read(values: &[Option<Value>]) -> Option<Self> {
        Fact::read(values)
    }

    fn of(entry: &Entry, facts: usize) -> Self {
        Self {
            id: entry.id,
            patient: entry.patient,
            visit: entry.visit,
            person: entry.person,
            at: entry.at.timestamp_millis(),
            offset_min: i64::from(entry.at.offset().local_minus_utc() / 60),
            kind: entry.kind,
            undoes: entry.undoes,
            reason: entry.reason.clone(),
            facts: facts as i64,
        }
    }

    fn when(&self) -> Option<DateTime<FixedOffset>> {
        when(self.at, self.offset_min)
    }
}

/// A moment as it is kept: milliseconds since 1970, and minutes ahead of UTC.
pub(super) fn when(at: i64, offset_min: i64) -> Option<DateTime<FixedOffset>> {
    let offset = FixedOffset::east_opt(i32::try_from(offset_min.checked_mul(60)?).ok()?)?;
    Some(DateTime::from_timestamp_millis(at)?.with_timezone(&offset))
}

impl Rows {
    /// The rows of an entry. Refuses what no store may keep.
    pub fn of(entry: &Entry) -> Result<Self, StoreError> {
        Self::of_unless(entry, &|| false)
    }

    /// The same; asked at every change, `stop` may call it off.
    pub(super) fn of_unless(entry: &Entry, stop: &dyn Fn() -> bool) -> Result<Self, StoreError> {
        let mut facts = Vec::with_capacity(entry.changes.len());
        for change in &entry.changes {
            if stop() {
                return Err(StoreError::GaveWay);
            }
            let from = facts.len();
            write(change, &mut facts).ok_or(Refusal::Malformed)?;
            if !sound(change, entry, &facts[from..]) {
                return Err(Refusal::Malformed.into());
            }
        }
        let rows = Self {
            header: Header::of(entry, facts.len()),
            facts,
        };
        if rows.fit(entry) {
            Ok(rows)
        } else {
            Err(Refusal::Malformed.into())
        }
    }

    /// The entry these rows were made from; none where they make none.
    pub fn entry(&self) -> Option<Entry> {
        entry_of(&self.header, &self.facts)
    }

    /// Its hash at `seq`, behind an entry with hash `prev`.
    pub fn hash(&self, seq: u64, prev: &Hash) -> Hash {
        chain::hash(seq, prev, &self.header.values(), &self.facts)
    }

    /// The places of the facts in the order they are inserted.
    pub fn insert_order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.facts.len()).collect();
        order.sort_by_cached_key(|n| (self.facts[*n].table.rank(), *n));
        order
    }

    /// Whether the entry is one that may bring these rows.
    fn fit(&self, entry: &Entry) -> bool {
        let takes_back = matches!(entry.kind, EntryKind::Undo | EntryKind::Redo);
        takes_back == entry.undoes.is_some()
            && (takes_back || !self.facts.is_empty())
            && (entry.patient.is_some() || entry.visit.is_none())
            && self.header.values().iter().flatten().all(portable)
    }
}

/// Whether a change, as these rows, may stand in this entry.
fn sound(change: &Change, entry: &Entry, rows: &[Row]) -> bool {
    let whose = |row: &Row| entry.patient.is_some() || row.table.scope == Scope::Clinic;
    let values = || rows.iter().flat_map(|row| &row.values).flatten();
    made_in(change, entry.visit) && rows.iter().all(whose) && values().all(portable)
}

/// The entry that these rows were made from; none where they make none.
pub fn entry_of(header: &Header, facts: &[Row]) -> Option<Entry> {
    Some(Entry {
        id: header.id,
        patient: header.patient,
        visit: header.visit,
        person: header.person,
        at: header.when()?,
        kind: header.kind,
        undoes: header.undoes,
        reason: header.reason.clone(),
        changes: changes(facts)?,
    })
}

/// Whether a fact that can be undone names the visit its entry was made in, or
/// none: a signed visit could otherwise be reached through another's undo.
fn made_in(change: &Change, visit: Option<VisitId>) -> bool {
    let named = match change {
        Change::Context(context) => Some(context.visit),
        Change::Answer(given) => given.visit,
        Change::Memo(memo) => Some(memo.visit),
        Change::Specimen(drawn) => drawn.visit,
        Change::Observe(measured) => measured.visit,
        _ => None,
    };
    named.is_none() || named == visit
}
