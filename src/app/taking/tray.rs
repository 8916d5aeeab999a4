//! Draws that are nobody's yet, and a person's word on whose one is.

use super::job::{Under, whose};
use crate::domain::arrival::{Draw, How, Returned};
use crate::domain::change::{Entry, EntryKind};
use crate::domain::due;
use crate::domain::id::{DrawId, EntryId, PatientId};
use crate::domain::matching::{Claim, Scheme, compare};
use crate::domain::record::Record;
use crate::incoming::{Grounds, TakenDraw, Verdict, linked};
use crate::screen::inbox::TrayRow;
use crate::store::{Receipt, Refusal, Store, StoreError};
use uuid::Uuid;

/// The newest draws that are nobody's, with the charts that are near.
///
/// # Errors
/// The store's.
pub fn tray(store: &dyn Store, scheme: &Scheme, limit: usize) -> Result<Vec<TrayRow>, StoreError> {
    let mut rows = Vec::new();
    for waiting in store.waiting(limit)? {
        let Some((draw, results)) = store.draw(waiting.draw)? else {
            continue;
        };
        let told = again(draw, results);
        let near = match whose(&told, scheme, store)? {
            Verdict::Certain(chart, _) => vec![compare(&told.claim, &chart, scheme)],
            Verdict::Near(near) => near,
            Verdict::Nobody | Verdict::Known => Vec::new(),
        };
        rows.push(TrayRow {
            draw: told.draw,
            results: told.results,
            near,
        });
    }
    Ok(rows)
}

/// A draw as it was kept, as it was when it came.
fn again(draw: Draw, results: Vec<Returned>) -> TakenDraw {
    let claim = Claim {
        numbers: draw.numbers.lines().map(str::to_owned).collect(),
        name: draw.name.clone(),
        kana: draw.kana.clone(),
        birth_date: draw.birth_date,
        sex: draw.sex,
    };
    let carries = |part| draw.carries.split(' ').any(|held| held == part);
    TakenDraw {
        can_match: ["number", "birth", "sex"].into_iter().all(carries),
        claim,
        results,
        draw,
    }
}

/// A person has compared a draw with a chart and typed two identifiers of it.
///
/// # Errors
/// The store's; nothing was saved.
pub fn confirm(
    store: &mut dyn Store,
    under: &Under,
    draw: DrawId,
    patient: PatientId,
    ids: &mut dyn FnMut() -> Uuid,
) -> Result<Receipt, StoreError> {
    let (draw, results) = store.draw(draw)?.ok_or(Refusal::Unknown)?;
    let file = store.file_of(draw.draw)?;
    let stored = store.record(patient)?;
    let head = stored.last().map(|kept| kept.seq);
    let mut record = Record::of(patient, stored.into_iter().map(|kept| kept.entry));
    let grounds = Grounds {
        how: How::Confirmed,
        identifiers: "number birth".to_owned(),
        file,
        catalogue: &under.catalogue,
    };
    let entry = Entry {
        id: EntryId::from(ids()),
        patient: Some(patient),
        visit: None,
        person: under.person,
        at: under.now,
        kind: EntryKind::Link,
        undoes: None,
        reason: None,
        changes: linked(&record, &draw, &results, &grounds, ids),
    };
    record.push(entry.clone());
    let today = under.now.date_naive();
    let row = due::project(&record, &under.settings, under.settings_hash, today);
    store.append(&entry, head, row.as_ref())
}
