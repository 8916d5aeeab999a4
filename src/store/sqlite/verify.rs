//! Reading the whole file to say whether it is what was saved.
//!
//! Each entry is checked against its own hash patient by patient, since that
//! is how rows lie; that each hash names the one before is checked in the
//! order of the chain. Both together are the whole of it.

use super::entries::{Read, Reader};
use super::fault::{Fallible, Fault};
use super::read::{head, patients};
use crate::domain::change::Hash;
use crate::domain::id::PatientId;
use crate::store::rows::{Scope, TABLES, Table};
use crate::store::{Head, Problem, Verdict, What, chain, schema};
use rusqlite::{Connection, OptionalExtension};
use std::collections::BTreeMap;

/// How many links are read in one go, so that a save never waits for long.
const STRETCH: u64 = 10_000;

/// Checks everything up to the entry that is last now.
pub(super) fn all(conn: &Connection, progress: &mut dyn FnMut(u64)) -> Fallible<Verdict> {
    let mut verdict = Verdict {
        head: head(conn)?,
        ..Verdict::default()
    };
    if !whole(conn)? {
        verdict.problems.push(Problem {
            seq: None,
            what: What::Structure,
        });
    }
    let changed = described(conn)?;
    let broken = references(conn)?;
    // A row of no entry breaks a reference of its table, as long as the tables
    // are as they were made; only then need each row's entry be looked for.
    let doubtful =
        |table: &Table| !changed.is_empty() || broken.iter().any(|name| name == table.name);
    let orphans = orphans(conn, doubtful)?;
    verdict.problems.extend(changed);
    verdict.problems.extend(tail(conn)?);
    verdict
        .problems
        .extend(broken.into_iter().map(|table| Problem {
            seq: None,
            what: What::Reference(table),
        }));
    verdict.problems.extend(orphans);
    let (linked, problems) = links(conn, verdict.head)?;
    verdict.problems.extend(problems);
    let everybody = patients(conn)?.into_iter().map(Some);
    let mut clinic = Reader::new(conn, Scope::Clinic)?;
    let mut records = Reader::new(conn, Scope::Patient)?;
    for patient in std::iter::once(None).chain(everybody) {
        let reader = match patient {
            Some(_) => &mut records,
            None => &mut clinic,
        };
        let (count, problems) = entries_of(reader, patient, verdict.head.seq)?;
        verdict.problems.extend(problems);
        verdict.entries += count;
        progress(verdict.entries);
    }
    if verdict.entries != linked {
        verdict.problems.push(Problem {
            seq: None,
            what: What::Structure,
        });
    }
    verdict.problems.sort_by_key(|problem| problem.seq);
    Ok(verdict)
}

/// Whether every table is whole. One table at a time: a save must wait for as
/// long as one statement reads. That the indexes agree is seen by reading each
/// patient through one and counting.
fn whole(conn: &Connection) -> Fallible<bool> {
    for table in tables(conn)? {
        if !structure(conn, &format!("quick_check('{table}')"))? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The names of all tables, as far as the file can say.
fn tables(conn: &Connection) -> Fallible<Vec<String>> {
    let described = schema::described(conn)?.into_iter();
    let names = described.filter_map(|(name, _)| name.strip_prefix("table ").map(str::to_owned));
    // A name with a quote is none of ours; the description says so already.
    Ok(names.filter(|name| !name.contains('\'')).collect())
}

/// Whether SQLite's own check finds the file, or a part of it, whole.
pub(super) fn structure(conn: &Connection, check: &str) -> Fallible<bool> {
    let said: rusqlite::Result<String> =
        conn.query_row(&format!("PRAGMA {check}"), [], |row| row.get(0));
    match said.map_err(Fault::from) {
        Ok(said) => Ok(said == "ok"),
        Err(fault) if fault.damaged() => Ok(false),
        Err(fault) => Err(fault),
    }
}

/// Entries against their own hashes: how many, and what is wrong with them.
pub(super) fn entries_of(
    reader: &mut Reader<'_>,
    patient: Option<PatientId>,
    up_to: u64,
) -> Fallible<(u64, Vec<Problem>)> {
    let (mut count, mut problems) = (0, Vec::new());
    let read = reader.each(patient, &mut |read| {
        if read.seq <= up_to {
            count += 1;
            problems.extend(wrong_with(&read).map(|what| Problem {
                seq: Some(read.seq),
                what,
            }));
        }
        Ok(())
    });
    match read {
        Ok(()) => Ok((count, problems)),
        Err(fault) if fault.damaged() => {
            let unreadable = Problem {
                seq: None,
                what: What::Unreadable,
            };
            Ok((0, vec![unreadable]))
        }
        Err(fault) => Err(fault),
    }
}

fn wrong_with(read: &Read) -> Option<What> {
    let (saved, found) = (read.facts_saved(), read.facts.len() as u64);
    if saved != found {
        Some(What::Rows { saved, found })
    } else if !read.in_place
        || chain::hash(read.seq, &read.prev, &read.header, &read.facts) != read.hash
    {
        Some(What::Altered)
    } else if read.stored().is_none() {
        Some(What::Unreadable)
    } else {
        None
    }
}

/// How many entries there are, with gaps and those that do not name the hash
/// before them.
fn links(conn: &Connection, head: Head) -> Fallible<(u64, Vec<Problem>)> {
    let (mut count, mut problems) = (0, Vec::new());
    let (mut at, mut before) = (0, Hash::default());
    while at < head.seq {
        let stretch: Vec<(u64, Hash, Hash)> = conn
            .prepare_cached(
                "SELECT seq, prev, hash FROM entry WHERE seq > $1 AND seq <= $2
                 ORDER BY seq LIMIT $3",
            )?
            .query_map([at, head.seq, STRETCH], |row| {
                Ok((row.get("seq")?, row.get("prev")?, row.get("hash")?))
            })?
            .collect::<rusqlite::Result<_>>()?;
        if stretch.is_empty() {
            break;
        }
        for (seq, prev, hash) in stretch {
            let what = match () {
                () if seq != at + 1 => Some(What::Gap),
                () if prev != before => Some(What::Link),
                () => None,
            };
            problems.extend(what.map(|what| Problem {
                seq: Some(seq),
                what,
            }));
            (at, before) = (seq, hash);
            count += 1;
        }
    }
    Ok((count, problems))
}

/// Whether the mark of the last entry is that of the last entry.
fn tail(conn: &Connection) -> Fallible<Option<Problem>> {
    let fits: Option<bool> = conn
        .prepare_cached(
            "SELECT missing = 0 AND seq = coalesce((SELECT max(seq) FROM entry), 0) AS fits
             FROM tail WHERE one = 1",
        )?
        .query_row([], |row| row.get("fits"))
        .optional()?;
    let wrong = fits != Some(true);
    Ok(wrong.then_some(Problem {
        seq: None,
        what: What::Tail,
    }))
}

/// Tables, indexes, views and triggers that are not as this program makes them.
fn described(conn: &Connection) -> Fallible<Vec<Problem>> {
    let found: BTreeMap<_, _> = schema::described(conn)?.into_iter().collect();
    let expected: BTreeMap<_, _> = schema::expected()?.into_iter().collect();
    // Statistics that a tool left behind change nothing that is kept.
    let names = found
        .keys()
        .chain(expected.keys())
        .filter(|name| !name.contains("sqlite_stat"));
    let mut wrong: Vec<&String> = names
        .filter(|name| found.get(*name) != expected.get(*name))
        .collect();
    wrong.sort();
    wrong.dedup();
    Ok(wrong
        .into_iter()
        .map(|name| Problem {
            seq: None,
            what: What::Schema(name.clone()),
        })
        .collect())
}

/// The tables with a row that names something that is not there.
fn references(conn: &Connection) -> Fallible<Vec<String>> {
    let mut broken = Vec::new();
    for table in tables(conn)? {
        let mut check = conn.prepare(&format!("PRAGMA foreign_key_check('{table}')"))?;
        if check.exists([])? {
            broken.push(table);
        }
    }
    Ok(broken)
}

/// Rows that belong to no entry: those no patient's record would show.
fn orphans(conn: &Connection, doubtful: impl Fn(&Table) -> bool) -> Fallible<Vec<Problem>> {
    let mut problems = Vec::new();
    for table in TABLES.iter().filter(|table| doubtful(table)) {
        let same_patient = match table.scope {
            Scope::Clinic => "",
            Scope::Patient => "AND entry.patient = fact.patient",
        };
        let sql = format!(
            "SELECT DISTINCT fact.entry AS seq FROM {} AS fact WHERE NOT EXISTS (
                SELECT 1 FROM entry WHERE entry.seq = fact.entry {same_patient}
             ) ORDER BY fact.entry LIMIT 100",
            table.name
        );
        let mut statement = conn.prepare(&sql)?;
        let found = statement.query_map([], |row| row.get("seq"))?;
        for seq in found {
            let what = What::Orphan(table.name.to_owned());
            problems.push(Problem {
                seq: Some(seq?),
                what,
            });
        }
    }
    Ok(problems)
}
