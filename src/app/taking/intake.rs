//! Files that a person takes in together: looked up one behind the other, shown,
//! and stored when that person says so, each all or nothing.
//!
//!   Gathered -> step.. -> Shown -> store -> step.. -> Stored, one a file
//!
//! A step is short, so that whoever holds the store can do something else in
//! between. What is stored is what was shown: where another window changed the
//! outcome meanwhile, it is shown again.

use super::gather::{Came, Gathered, NoneRead};
use super::job::{Job, Progress, Told};
use crate::domain::change::Hash;
use crate::domain::id::PatientId;
use crate::domain::matching::Scheme;
use crate::incoming::{Found, NotTaken};
use crate::store::{Store, StoreError};
use chrono::{DateTime, FixedOffset};
use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

/// What is said of a taking-in.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    NoneRead(NoneRead),
    Reading(Progress),
    LookingUp(Progress),
    Shown(Shown),
    Storing(Progress),
    Stored(Stored),
    /// Why a file was not stored; it can be tried again.
    NotStored(StoreError),
}

/// What would be stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    pub folder: String,
    pub files: Vec<Found>,
    /// Older files of the folder were left.
    pub more: bool,
    /// It was shown before, and is something else now.
    pub changed: bool,
}

/// How much is stored by now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stored {
    pub files: usize,
    /// Of how many.
    pub of: usize,
    /// New ones.
    pub results: usize,
    pub unmatched: usize,
    /// Whose records were moved by the last file.
    pub patients: BTreeSet<PatientId>,
}

/// How long a step may take; then somebody else may ask the store for something.
const STEP: Duration = Duration::from_millis(10);

/// How often a file is worked out anew because somebody else saved meanwhile.
const TRIES: usize = 20;

enum Stage {
    LookingUp,
    Shown,
    Storing,
}

/// Files on their way into the store.
pub struct Intake {
    pub run: u32,
    folder: String,
    more: bool,
    files: Vec<Came>,
    scheme: Scheme,
    /// Hashes of the files, and what they told, as far as they are looked up.
    hashes: BTreeSet<Hash>,
    told: Told,
    /// The file that is worked on; those before it are done.
    at: usize,
    /// The store's last entry when the look began.
    on: u64,
    stage: Stage,
    /// What was shown, where storing was asked for.
    agreed: Option<Vec<Found>>,
    tries: usize,
    stored: Stored,
}

impl Intake {
    /// What was read, to be looked up.
    ///
    /// # Errors
    /// The store's.
    pub fn new(
        run: u32,
        gathered: Gathered,
        scheme: Scheme,
        store: &dyn Store,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            run,
            folder: gathered.folder,
            more: gathered.more,
            files: gathered.files,
            scheme,
            hashes: BTreeSet::new(),
            told: Told::default(),
            at: 0,
            on: store.head()?.seq,
            stage: Stage::LookingUp,
            agreed: None,
            tries: 0,
            stored: Stored::default(),
        })
    }

    /// Whether there is something to do.
    pub fn works(&self) -> bool {
        !matches!(self.stage, Stage::Shown)
    }

    /// What was shown is to be stored.
    pub fn store(&mut self, now: DateTime<FixedOffset>) {
        if self.works() {
            return;
        }
        for job in self.jobs() {
            job.at(now);
        }
        self.agreed = Some(self.found());
        self.stored.of = self.stored.files + self.files.iter().filter(|c| c.what.is_ok()).count();
        self.at = 0;
        self.tries = 0;
        self.stage = Stage::Storing;
    }

    /// Goes on for a moment. `stop` is asked while a file is saved, and calls the
    /// save off, which is then begun again by another step.
    pub fn step(
        &mut self,
        store: &mut dyn Store,
        stop: &mut dyn FnMut(Progress) -> bool,
    ) -> Option<News> {
        let went = match self.stage {
            Stage::LookingUp => self.look_up(store),
            Stage::Storing => self.save(store, stop),
            Stage::Shown => Ok(None),
        };
        went.unwrap_or_else(|why| {
            self.stage = Stage::Shown;
            Some(News::NotStored(why))
        })
    }

    fn jobs(&mut self) -> impl Iterator<Item = &mut Box<Job>> {
        self.files
            .iter_mut()
            .filter_map(|came| came.what.as_mut().ok())
    }

    fn look_up(&mut self, store: &dyn Store) -> Result<Option<News>, StoreError> {
        let until = Instant::now() + STEP;
        while self.at < self.files.len() {
            if self.look_at_next(store)? {
                self.at += 1;
            }
            if Instant::now() >= until {
                return Ok(Some(News::LookingUp(self.progress())));
            }
        }
        Ok(self.looked_up())
    }

    /// One step at the present file; whether it is done.
    fn look_at_next(&mut self, store: &dyn Store) -> Result<bool, StoreError> {
        let came = &mut self.files[self.at];
        let Ok(job) = &mut came.what else {
            return Ok(true);
        };
        if job.progress().done == 0 {
            let twice = !self.hashes.insert(job.hash());
            if twice || store.imported(&job.hash())? {
                came.what = Err(NotTaken::Before);
                return Ok(true);
            }
            job.scheme(&self.scheme);
        }
        let done = job.look_up_behind(&self.told, store)?;
        if done {
            self.told.add(job.told());
        }
        Ok(done)
    }

    /// All is looked up: shown, or stored where it is what was agreed to.
    fn looked_up(&mut self) -> Option<News> {
        let found = self.found();
        let changed = match &self.agreed {
            Some(agreed) if *agreed == found => {
                self.at = 0;
                self.stage = Stage::Storing;
                return None;
            }
            agreed => agreed.is_some(),
        };
        self.agreed = None;
        self.stage = Stage::Shown;
        Some(News::Shown(Shown {
            folder: self.folder.clone(),
            files: found,
            more: self.more,
            changed,
        }))
    }

    fn found(&self) -> Vec<Found> {
        let found = self.files.iter().map(|came| Found {
            name: came.name.clone(),
            what: came
                .what
                .as_ref()
                .map(|job| job.preview())
                .map_err(Clone::clone),
        });
        found.collect()
    }

    fn progress(&self) -> Progress {
        let jobs = self.files.iter().filter_map(|came| came.what.as_ref().ok());
        jobs.map(|job| job.progress())
            .fold(Progress { done: 0, of: 0 }, |sum, one| Progress {
                done: sum.done + one.done,
                of: sum.of + one.of,
            })
    }

    /// A moment of linking, or the save of the present file.
    fn save(
        &mut self,
        store: &mut dyn Store,
        stop: &mut dyn FnMut(Progress) -> bool,
    ) -> Result<Option<News>, StoreError> {
        while self
            .files
            .get(self.at)
            .is_some_and(|came| came.what.is_err())
        {
            self.at += 1;
        }
        if store.head()?.seq != self.on {
            return self.again(store);
        }
        let Some(Ok(job)) = self.files.get_mut(self.at).map(|came| &mut came.what) else {
            self.stage = Stage::Shown;
            return Ok(None);
        };
        let until = Instant::now() + STEP;
        while !job.link(store)? {
            if Instant::now() >= until {
                return Ok(Some(News::Storing(job.linked())));
            }
        }
        let of = job.rows();
        let saved = job.save(store, &mut |done| stop(Progress { done, of }));
        match saved {
            Ok(receipt) => {
                self.on = receipt.seq;
                Ok(Some(self.stored()))
            }
            Err(StoreError::GaveWay) => Ok(None),
            Err(StoreError::Conflict) => self.again(store),
            Err(why) => Err(why),
        }
    }

    /// The present file is on disk: it is not kept here any longer.
    fn stored(&mut self) -> News {
        let came = &mut self.files[self.at];
        if let Ok(job) = std::mem::replace(&mut came.what, Err(NotTaken::Before)) {
            self.stored.files += 1;
            self.stored.results += job.new_results();
            self.stored.unmatched += job.unmatched();
            self.stored.patients = job.patients();
            // A large file takes as long to let go of as to save: not on the store's thread.
            thread::spawn(move || drop(job));
        }
        if let Some(agreed) = self.agreed.as_mut().and_then(|all| all.get_mut(self.at)) {
            agreed.what = Err(NotTaken::Before);
        }
        News::Stored(self.stored.clone())
    }

    /// Somebody else has saved: what is left is looked up once more.
    fn again(&mut self, store: &dyn Store) -> Result<Option<News>, StoreError> {
        self.tries += 1;
        if self.tries > TRIES {
            return Err(StoreError::Busy);
        }
        self.on = store.head()?.seq;
        for job in self.jobs() {
            job.again();
        }
        self.hashes.clear();
        self.told = Told::default();
        self.at = 0;
        self.stage = Stage::LookingUp;
        Ok(None)
    }
}
