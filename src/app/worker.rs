//! The store's own thread: the only one that touches the file. What it is asked
//! for comes in one queue, what it answers goes into the program's inbox.

use super::{Asked, Msg, Under, assets};
use crate::domain::change::{Change, Entry, Hash};
use crate::domain::id::PatientId;
use crate::domain::lang::Lang;
use crate::domain::line::Projection;
use crate::domain::protocol::Protocol;
use crate::store::{Store, StoreError, Stored};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};
use std::thread::{self, JoinHandle};

/// How many patients a search shows.
const FOUND: usize = 50;

/// What the store is asked for.
#[derive(Debug)]
pub enum Request {
    Lists(NaiveDate),
    Assets(Lang),
    Search(Vec<String>),
    Open(PatientId),
    Check(PatientId),
    Append {
        entry: Box<Entry>,
        expected: Option<u64>,
        projection: Option<Box<Projection>>,
    },
}

/// Starts the thread; it ends when the sender of requests is dropped.
///
/// # Errors
/// The system's, where no thread can be had.
pub fn start(
    store: Box<dyn Store>,
    requests: Receiver<Request>,
    answers: Sender<Msg>,
) -> std::io::Result<JoinHandle<()>> {
    let worker = Worker::new(store);
    thread::Builder::new()
        .name("store".to_owned())
        .spawn(move || worker.run(&requests, &answers))
}

/// Does what the store is asked for, one request after the other.
pub struct Worker {
    store: Box<dyn Store>,
    /// Protocols kept in the file that were parsed, for visits pinned to them.
    protocols: BTreeMap<Hash, Option<Arc<Protocol>>>,
}

impl Worker {
    /// A worker on `store`.
    pub fn new(store: Box<dyn Store>) -> Self {
        Self {
            store,
            protocols: BTreeMap::new(),
        }
    }

    fn run(mut self, requests: &Receiver<Request>, answers: &Sender<Msg>) {
        while let Ok(request) = requests.recv() {
            let checked = match &request {
                Request::Open(patient) => Some(*patient),
                _ => None,
            };
            let answer = self.answer(request);
            // A failed send means that the program is ending.
            if answers.send(answer).is_err() {
                return;
            }
            if let Some(patient) = checked {
                let _ = answers.send(self.check(patient));
            }
        }
    }

    /// Whether the chain of a patient's entries is whole.
    pub fn check(&self, patient: PatientId) -> Msg {
        match self.store.check(patient) {
            Ok(found) => Msg::Checked(patient, found.is_empty()),
            // The second look has found it so; anything else says nothing of the file.
            Err(StoreError::Damaged) => Msg::Checked(patient, false),
            Err(_) => Msg::NotChecked(patient),
        }
    }

    /// What the store says to a request.
    pub fn answer(&mut self, request: Request) -> Msg {
        match request {
            Request::Lists(day) => {
                let both = self
                    .store
                    .lists(day)
                    .and_then(|l| Ok((l, self.store.clinic()?)));
                both.map_or_else(
                    |why| Msg::NotRead(Asked::Lists, why),
                    |(lists, clinic)| Msg::Lists(lists, clinic),
                )
            }
            Request::Assets(lang) => self.assets(lang),
            Request::Search(keys) => {
                let found = self.store.search(&keys, FOUND);
                match found {
                    Ok(lines) => Msg::Found(keys, lines),
                    Err(why) => Msg::NotRead(Asked::Search(keys), why),
                }
            }
            Request::Open(patient) => self
                .open(patient)
                .unwrap_or_else(|why| Msg::NotRead(Asked::Open(patient), why)),
            Request::Check(patient) => self.check(patient),
            Request::Append {
                entry,
                expected,
                projection,
            } => match self.store.append(&entry, expected, projection.as_deref()) {
                Ok(receipt) => Msg::Saved(entry.id, receipt),
                Err(why) => Msg::NotSaved(entry.id, why),
            },
        }
    }

    fn assets(&self, lang: Lang) -> Msg {
        let own = self.store.clinic().map(|c| c.settings).unwrap_or_default();
        match assets::read(&own, lang) {
            Ok(assets) => Msg::Assets(Box::new(assets)),
            // The shipped files are read by tests; what reaches a clinic is whole.
            Err(why) => panic!("assets: {why}"),
        }
    }

    fn open(&mut self, patient: PatientId) -> Result<Msg, StoreError> {
        let stored = self.store.record(patient)?;
        let mut protocols = Vec::new();
        for hash in pinned(&stored) {
            if let Some(protocol) = self.protocol(hash)? {
                protocols.push((hash, protocol));
            }
        }
        let settings = self.store.settings()?;
        let under = Under {
            protocols,
            settings,
        };
        Ok(Msg::Record(patient, stored, under))
    }

    fn protocol(&mut self, hash: Hash) -> Result<Option<Arc<Protocol>>, StoreError> {
        if let Some(known) = self.protocols.get(&hash) {
            return Ok(known.clone());
        }
        let shipped = hash == assets::hash(assets::PROTOCOL);
        let text = if shipped {
            None
        } else {
            self.store.protocol(&hash)?
        };
        let parsed = text
            .and_then(|t| Protocol::proven(&t.text).ok())
            .map(Arc::new);
        self.protocols.insert(hash, parsed.clone());
        Ok(parsed)
    }
}

/// The protocols that a record's visits are pinned to.
fn pinned(stored: &[Stored]) -> BTreeSet<Hash> {
    let changes = stored.iter().flat_map(|s| &s.entry.changes);
    changes
        .filter_map(|c| match c {
            Change::Open(opening) => Some(opening.protocol),
            _ => None,
        })
        .collect()
}
