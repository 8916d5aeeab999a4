//! The store's own thread: the only one that touches the file. What it is asked
//! for comes in one queue, what it answers goes into the program's inbox.

use super::taking::{self, Gathered, Intake, News, Progress, Under};
use super::{Asked, Msg, assets};
use crate::domain::change::{Change, Entry, Hash};
use crate::domain::due;
use crate::domain::id::{DrawId, PatientId, PersonId};
use crate::domain::lang::Lang;
use crate::domain::line::Projection;
use crate::domain::matching::Scheme;
use crate::domain::protocol::Protocol;
use crate::domain::wanted::Wanted;
use crate::screen::close::Found;
use crate::screen::{Clinic, Ids};
use crate::store::{Closing, Store, StoreError, Stored};
use chrono::{DateTime, FixedOffset, NaiveDate};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::thread::{self, JoinHandle};

/// How many patients a search shows.
const FOUND: usize = 50;

/// What the store is asked for.
pub enum Request {
    Lists(Wanted),
    Assets(Lang),
    Search(Vec<String>),
    Open(PatientId),
    Check(PatientId),
    /// What came from laboratories and needs somebody.
    Inbox,
    /// What is still open of a day.
    Closing(NaiveDate),
    /// A person says whose a draw is.
    Link(Linking),
    /// Files that were read are to be looked up, then shown.
    TakeIn(u32, Gathered),
    /// What was shown is to be stored, with this moment.
    StoreFiles(u32, DateTime<FixedOffset>),
    /// Nothing more of it is wanted.
    Forget(u32),
    Append {
        entry: Box<Entry>,
        expected: Option<u64>,
        projection: Option<Box<Projection>>,
    },
}

/// A person's word on whose a draw is.
#[derive(Clone, Debug, PartialEq)]
pub struct Linking {
    pub draw: DrawId,
    pub patient: PatientId,
    pub person: PersonId,
    pub now: DateTime<FixedOffset>,
    /// What the ids are made of.
    pub seed: u64,
}

/// How many draws that are nobody's are shown.
const TRAY: usize = 100;

/// How many of those that were set aside.
const ASIDE: usize = 20;

/// Starts the thread. It ends when the sender of requests is dropped, or when
/// `tell` says that nobody hears its answers any more.
///
/// # Errors
/// The system's, where no thread can be had.
pub fn start(
    store: Box<dyn Store>,
    requests: Receiver<Request>,
    tell: impl Fn(Msg) -> bool + Send + 'static,
) -> std::io::Result<JoinHandle<()>> {
    let worker = Worker::new(store);
    thread::Builder::new()
        .name("store".to_owned())
        .spawn(move || worker.run(&requests, &tell))
}

/// Does what the store is asked for, one request after the other.
pub struct Worker {
    store: Box<dyn Store>,
    /// Protocols kept in the file that were parsed, for visits pinned to them.
    protocols: BTreeMap<Hash, Option<Arc<Protocol>>>,
    /// The analytes and the settings in force, once they were read.
    clinic: Option<Clinic>,
    /// Files that somebody takes in.
    intake: Option<Box<Intake>>,
}

impl Worker {
    /// A worker on `store`.
    pub fn new(store: Box<dyn Store>) -> Self {
        Self {
            store,
            protocols: BTreeMap::new(),
            clinic: None,
            intake: None,
        }
    }

    fn run(mut self, requests: &Receiver<Request>, tell: &dyn Fn(Msg) -> bool) {
        let mut queue = VecDeque::new();
        loop {
            // What is asked for goes before what takes long.
            queue.extend(requests.try_iter());
            let request = match queue.pop_front() {
                Some(request) => request,
                None if self.works() => {
                    if !self.work_beside(&mut queue, requests, tell) {
                        return;
                    }
                    continue;
                }
                None => match requests.recv() {
                    Ok(request) => request,
                    Err(_) => return,
                },
            };
            if !self.serve(request, tell) {
                return;
            }
        }
    }

    /// Answers, and looks at what was opened only then. False when nobody hears.
    fn serve(&mut self, request: Request, tell: &dyn Fn(Msg) -> bool) -> bool {
        let opened = match &request {
            Request::Open(patient) => Some(*patient),
            _ => None,
        };
        let answer = self.answer(request);
        answer.is_none_or(tell) && opened.is_none_or(|patient| tell(self.check(patient)))
    }

    /// Goes on with the files, until somebody asks for something.
    fn work_beside(
        &mut self,
        queue: &mut VecDeque<Request>,
        requests: &Receiver<Request>,
        tell: &dyn Fn(Msg) -> bool,
    ) -> bool {
        let run = self.intake.as_ref().map_or(0, |intake| intake.run);
        let msg = self.work(&mut |progress| {
            queue.extend(requests.try_iter());
            let heard = tell(Msg::Intake(run, News::Storing(progress)));
            !queue.is_empty() || !heard
        });
        msg.is_none_or(tell)
    }

    /// Whether files wait for it to go on.
    pub fn works(&self) -> bool {
        self.intake.as_ref().is_some_and(|intake| intake.works())
    }

    /// Goes on with them for a moment; `stop` calls a save off.
    pub fn work(&mut self, stop: &mut dyn FnMut(Progress) -> bool) -> Option<Msg> {
        let intake = self.intake.as_mut()?;
        let news = intake.step(&mut *self.store, stop)?;
        Some(Msg::Intake(intake.run, news))
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
    pub fn answer(&mut self, request: Request) -> Option<Msg> {
        Some(match request {
            Request::Lists(wanted) => {
                let wanted = self.known(wanted);
                let lists = self.store.narrowed(&wanted);
                let both = lists.and_then(|lists| Ok((lists, self.store.clinic()?)));
                both.map_or_else(
                    |why| Msg::NotRead(Asked::Lists, why),
                    |(lists, clinic)| Msg::Lists(wanted, Box::new(lists), clinic),
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
            Request::Inbox => self
                .inbox()
                .unwrap_or_else(|why| Msg::NotRead(Asked::Inbox, why)),
            Request::Closing(day) => self
                .closing(day)
                .unwrap_or_else(|why| Msg::NotRead(Asked::Closing, why)),
            Request::Link(linking) => self.link(&linking),
            Request::TakeIn(run, gathered) => return self.take_in(run, gathered),
            Request::StoreFiles(run, now) => {
                let intake = self.intake.as_mut().filter(|intake| intake.run == run);
                intake?.store(now);
                return None;
            }
            Request::Forget(run) => {
                self.intake.take_if(|intake| intake.run == run);
                return None;
            }
            Request::Append {
                entry,
                expected,
                projection,
            } => match self.store.append(&entry, expected, projection.as_deref()) {
                Ok(receipt) => Msg::Saved(entry.id, receipt),
                Err(why) => Msg::NotSaved(entry.id, why),
            },
        })
    }

    fn take_in(&mut self, run: u32, gathered: Gathered) -> Option<Msg> {
        let scheme = self.scheme();
        let begun = scheme.and_then(|scheme| Intake::new(run, gathered, scheme, &*self.store));
        match begun {
            Ok(intake) => {
                self.intake = Some(Box::new(intake));
                None
            }
            Err(why) => Some(Msg::Intake(run, News::NotStored(why))),
        }
    }

    fn closing(&self, day: NaiveDate) -> Result<Msg, StoreError> {
        let Closing { rows, more } = self.store.closing(day)?;
        let waiting = self.store.clinic()?.waiting;
        let found = Found {
            rows,
            more,
            waiting,
        };
        Ok(Msg::Closing(day, found))
    }

    /// The first lists are asked for before the protocol is read, and need its
    /// interval between visits: their rows stay as they are once it is there.
    fn known(&self, wanted: Wanted) -> Wanted {
        if self.clinic.is_some() {
            return wanted;
        }
        // A file that cannot be read is said by the lists, which are read next.
        let own = self.store.settings().unwrap_or_default();
        let settings = Protocol::settings_in(assets::PROTOCOL, &own).ok();
        let by = settings.and_then(|settings| due::before_next(wanted.day, &settings));
        Wanted {
            by: by.unwrap_or(wanted.by),
            ..wanted
        }
    }

    fn inbox(&self) -> Result<Msg, StoreError> {
        let scheme = self.scheme()?;
        let tray = taking::tray(&*self.store, &scheme, TRAY)?;
        let aside = self.store.set_aside(ASIDE)?;
        Ok(Msg::Inbox(self.store.unseen()?.lines, tray, aside))
    }

    /// An example that cannot be read declares nothing: then only the very same
    /// writing of a number counts.
    fn scheme(&self) -> Result<Scheme, StoreError> {
        Ok(taking::scheme(&self.store.clinic()?.settings).unwrap_or_default())
    }

    fn link(&mut self, linking: &Linking) -> Msg {
        let linked = self.linked(linking);
        Msg::Linked(linking.patient, linked.map(|_| ()))
    }

    fn linked(&mut self, linking: &Linking) -> Result<(), StoreError> {
        if self.clinic.is_none() {
            // The words are not needed; what is wrong with a setting was said at start.
            self.assets(Lang::En);
        }
        let Some(clinic) = &self.clinic else {
            return Err(StoreError::Busy);
        };
        let under = Under {
            catalogue: Arc::clone(&clinic.catalogue),
            settings: clinic.settings.clone(),
            settings_hash: clinic.settings_hash,
            scheme: self.scheme()?,
            person: linking.person,
            now: linking.now,
        };
        let ids = Ids::new(linking.seed);
        let mut next = || ids.next(linking.now);
        let (draw, patient) = (linking.draw, linking.patient);
        taking::confirm(&mut *self.store, &under, draw, patient, &mut next).map(|_| ())
    }

    fn assets(&mut self, lang: Lang) -> Msg {
        let own = self.store.clinic().map(|c| c.settings).unwrap_or_default();
        match assets::read(&own, lang) {
            Ok(assets) => {
                self.clinic = Some(assets.clinic.clone());
                Msg::Assets(Box::new(assets))
            }
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
        let under = super::Under {
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
