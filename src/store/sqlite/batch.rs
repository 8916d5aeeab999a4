//! Many entries saved as one: all of them or none.
//!
//! Rows and hashes are arithmetic and take about as long as the file takes to
//! keep them, so for a large batch another thread makes them, as far ahead as it
//! gets: a file's own entry is half of its rows. The store's thread meanwhile
//! writes, and looks whether it is to stop.

use super::append::{insert_made, kept_before};
use super::fault::Fallible;
use super::read::{head, place_of};
use crate::domain::change::Entry;
use crate::domain::line::Projection;
use crate::store::chain::Hashing;
use crate::store::rows::Rows;
use crate::store::{Head, Receipt, StoreError, schema};
use rusqlite::Connection;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// An entry and what is kept beside the patient's facts with it.
type Told = (Entry, Option<Projection>);

/// From so many facts on, another thread makes the rows.
const MANY: usize = 500;

/// How long nobody looks whether to stop while no entry is made yet.
const PATIENCE: Duration = Duration::from_millis(5);

/// Whether so much is to be saved that another thread pays, and more room for pages.
pub(super) fn large(batch: &[Told]) -> bool {
    batch
        .iter()
        .map(|(entry, _)| entry.changes.len())
        .sum::<usize>()
        >= MANY
}

/// Saves what is not there yet behind the file's last entry, which must be `on`
/// where one is named.
pub(super) fn insert_all(
    conn: &Connection,
    on: Option<u64>,
    batch: &[Told],
    stop: &mut dyn FnMut(usize) -> bool,
) -> Fallible<Receipt> {
    let Some((first, _)) = batch.first() else {
        return head(conn);
    };
    let behind = head(conn)?;
    let elsewhere = on.is_some_and(|on| on != behind.seq);
    if elsewhere && place_of(conn, first.id)?.is_none() {
        return Err(StoreError::Conflict.into());
    }
    let mut new = Vec::with_capacity(batch.len());
    for told in batch {
        match place_of(conn, told.0.id)? {
            Some(_) => drop(kept_before(conn, &Rows::of(&told.0)?)?),
            None => new.push(told),
        }
    }
    let called_off = AtomicBool::new(false);
    let making = Making {
        entries: new.into_iter(),
        behind,
        called_off: &called_off,
    };
    let mut writing = Writing {
        conn,
        stop,
        written: 0,
    };
    if large(batch) {
        schema::cache(conn, schema::LARGE_CACHE)?;
        beside(making, &mut writing)?;
    } else {
        for made in making {
            writing.insert(made?)?;
        }
    }
    head(conn)
}

/// An entry that is ready to be written.
struct Made<'b> {
    rows: Rows,
    behind: Head,
    at: Head,
    projection: Option<&'b Projection>,
}

/// Makes one entry after the other, each behind the one before.
struct Making<'b, I> {
    entries: I,
    behind: Head,
    called_off: &'b AtomicBool,
}

impl<'b, I: Iterator<Item = &'b Told>> Iterator for Making<'b, I> {
    type Item = Result<Made<'b>, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        let (entry, projection) = self.entries.next()?;
        Some(self.make(entry, projection.as_ref()))
    }
}

impl<'b, I> Making<'b, I> {
    fn make(
        &mut self,
        entry: &Entry,
        projection: Option<&'b Projection>,
    ) -> Result<Made<'b>, StoreError> {
        let called_off = || self.called_off.load(Ordering::Relaxed);
        let rows = Rows::of_unless(entry, &called_off)?;
        let behind = self.behind;
        let seq = behind.seq + 1;
        let mut hashing = Hashing::new(seq, &behind.hash, &rows.header.values());
        for row in &rows.facts {
            if called_off() {
                return Err(StoreError::GaveWay);
            }
            hashing.fact(row);
        }
        let hash = hashing.hash();
        self.behind = Head { seq, hash };
        Ok(Made {
            rows,
            behind,
            at: self.behind,
            projection,
        })
    }
}

/// What the store's own thread does.
struct Writing<'a> {
    conn: &'a Connection,
    stop: &'a mut dyn FnMut(usize) -> bool,
    written: usize,
}

impl Writing<'_> {
    fn insert(&mut self, made: Made<'_>) -> Fallible<()> {
        let Self {
            conn,
            stop,
            written,
        } = self;
        if stop(*written) {
            return Err(StoreError::GaveWay.into());
        }
        let Made {
            rows,
            behind,
            at,
            projection,
        } = made;
        insert_made(conn, &rows, (behind, at), projection, &mut |more| {
            stop(*written + more)
        })?;
        *written += rows.facts.len();
        Ok(())
    }

    /// Writes what comes, for as long as something comes.
    fn take(&mut self, made: &Receiver<Result<Made<'_>, StoreError>>) -> Fallible<()> {
        loop {
            match made.recv_timeout(PATIENCE) {
                Ok(made) => self.insert(made?)?,
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
                Err(RecvTimeoutError::Timeout) if (self.stop)(self.written) => {
                    return Err(StoreError::GaveWay.into());
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}

/// The entries are made on a thread of their own and written on this one.
fn beside<'b, I>(making: Making<'b, I>, writing: &mut Writing<'_>) -> Fallible<()>
where
    I: Iterator<Item = &'b Told> + Send,
{
    let called_off = making.called_off;
    thread::scope(|scope| {
        let (sender, receiver) = channel();
        scope.spawn(move || {
            for made in making {
                // Nobody takes it any more: what went wrong is known there.
                if sender.send(made).is_err() {
                    break;
                }
            }
        });
        let written = writing.take(&receiver);
        called_off.store(true, Ordering::Relaxed);
        drop(receiver);
        written
    })
}
