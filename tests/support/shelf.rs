//! Records in memory that several programs share and whose saves can be made to fail.

use chrono::{DateTime, FixedOffset, NaiveDate};
use saishin::app::assets;
use saishin::demo::{self, Ground};
use saishin::domain::arrival::{Draw, Returned};
use saishin::domain::change::{Change, Entry, EntryKind, Hash, Person, ProtocolText, Setting};
use saishin::domain::id::{DrawId, EntryId, PatientId, PersonId};
use saishin::domain::lang::Lang;
use saishin::domain::line::{Line, Projection};
use saishin::domain::wanted::Wanted;
use saishin::screen;
use saishin::store::memory::Memory;
use saishin::store::{
    Arrivals, Clinic, Closing, Lists, Problem, Receipt, SetAside, Store, StoreError, Stored,
    Unseen, Verdict,
};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

/// One store behind several doors.
#[derive(Clone, Default)]
pub struct Shelf(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    memory: Memory,
    fails: Option<Fault>,
    appended: usize,
}

/// How saves go wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing is saved.
    Not(StoreError),
    /// It is saved, and the answer is lost.
    Unknown,
}

impl Shelf {
    /// The invented clinic, told from this moment.
    pub fn demo(now: DateTime<FixedOffset>) -> Self {
        static TOLD: OnceLock<Mutex<BTreeMap<DateTime<FixedOffset>, Memory>>> = OnceLock::new();
        let told = TOLD.get_or_init(Mutex::default);
        let mut told = told.lock().expect("the demo is told without a panic");
        let memory = told.entry(now).or_insert_with(|| invented(now)).clone();
        Self::of(memory)
    }

    /// A clinic where nobody is registered yet; one person works there.
    pub fn empty(now: DateTime<FixedOffset>) -> Self {
        let mut memory = Memory::new();
        let person = PersonId::from_bytes([1; 16]);
        let known = Person {
            person,
            name: "佐藤 由美".to_owned(),
        };
        let entry = Entry {
            id: EntryId::from_bytes([2; 16]),
            patient: None,
            visit: None,
            person,
            at: now,
            kind: EntryKind::Person,
            undoes: None,
            reason: None,
            changes: vec![Change::Person(known)],
        };
        memory.append(&entry, None, None).expect("a person is kept");
        Self::of(memory)
    }

    fn of(memory: Memory) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            memory,
            fails: None,
            appended: 0,
        })))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().expect("the store does not panic")
    }

    /// From now on every save goes wrong so; `None` heals it.
    pub fn fail(&self, fault: Option<Fault>) {
        self.lock().fails = fault;
    }

    /// The records themselves.
    pub fn memory(&self) -> Memory {
        self.lock().memory.clone()
    }

    /// How many saves were taken since the beginning.
    pub fn appended(&self) -> usize {
        self.lock().appended
    }

    /// Who was entered first: the doctor.
    pub fn doctor(&self) -> PersonId {
        let clinic = self.lock().memory.clinic().expect("memory reads");
        clinic.people.first().expect("somebody works here").person
    }

    /// The clinic gives a setting another value.
    pub fn set(&self, id: u8, at: DateTime<FixedOffset>, setting: Setting) {
        self.keep(&Entry {
            id: EntryId::from_bytes([id; 16]),
            patient: None,
            visit: None,
            person: self.doctor(),
            at,
            kind: EntryKind::Setting,
            undoes: None,
            reason: None,
            changes: vec![Change::Setting(setting)],
        });
    }

    /// Keeps an entry as another program saves it.
    pub fn keep(&self, entry: &Entry) {
        let mut inner = self.lock();
        inner
            .memory
            .append(entry, None, None)
            .expect("an entry is kept");
    }
}

impl Store for Shelf {
    fn clinic(&self) -> Result<Clinic, StoreError> {
        self.lock().memory.clinic()
    }

    fn narrowed(&self, wanted: &Wanted) -> Result<Lists, StoreError> {
        self.lock().memory.narrowed(wanted)
    }

    fn closing(&self, day: NaiveDate) -> Result<Closing, StoreError> {
        self.lock().memory.closing(day)
    }

    fn search(&self, keys: &[String], limit: usize) -> Result<Vec<Line>, StoreError> {
        self.lock().memory.search(keys, limit)
    }

    fn find(&self, chart_key: &str) -> Result<Option<PatientId>, StoreError> {
        self.lock().memory.find(chart_key)
    }

    fn record(&self, patient: PatientId) -> Result<Vec<Stored>, StoreError> {
        self.lock().memory.record(patient)
    }

    fn settings(&self) -> Result<Vec<Setting>, StoreError> {
        self.lock().memory.settings()
    }

    fn protocol(&self, hash: &Hash) -> Result<Option<ProtocolText>, StoreError> {
        self.lock().memory.protocol(hash)
    }

    fn append(
        &mut self,
        entry: &Entry,
        expected: Option<u64>,
        projection: Option<&Projection>,
    ) -> Result<Receipt, StoreError> {
        let mut inner = self.lock();
        if let Some(Fault::Not(why)) = &inner.fails {
            return Err(why.clone());
        }
        let receipt = inner.memory.append(entry, expected, projection)?;
        inner.appended += 1;
        match inner.fails {
            Some(Fault::Unknown) => Err(StoreError::Unknown),
            _ => Ok(receipt),
        }
    }

    fn append_unless(
        &mut self,
        on: Option<u64>,
        batch: &[(Entry, Option<Projection>)],
        stop: &mut dyn FnMut(usize) -> bool,
    ) -> Result<Receipt, StoreError> {
        let mut inner = self.lock();
        if let Some(Fault::Not(why)) = &inner.fails {
            return Err(why.clone());
        }
        inner.memory.append_unless(on, batch, stop)
    }

    fn patients(&self) -> Result<Vec<PatientId>, StoreError> {
        self.lock().memory.patients()
    }

    fn projection(&self, patient: PatientId) -> Result<Option<Projection>, StoreError> {
        self.lock().memory.projection(patient)
    }

    fn project(&mut self, projection: &Projection) -> Result<(), StoreError> {
        self.lock().memory.project(projection)
    }

    fn verify(&self, progress: &mut dyn FnMut(u64)) -> Result<Verdict, StoreError> {
        self.lock().memory.verify(progress)
    }

    fn check(&self, _patient: PatientId) -> Result<Vec<Problem>, StoreError> {
        // The whole file would be read each time a chart is opened; other tests do that.
        Ok(Vec::new())
    }
}

impl Arrivals for Shelf {
    fn imported(&self, file: &Hash) -> Result<bool, StoreError> {
        self.lock().memory.imported(file)
    }

    fn came_before(&self, digests: &[Hash]) -> Result<Vec<bool>, StoreError> {
        self.lock().memory.came_before(digests)
    }

    fn message_came(&self, laboratory: Option<&str>, message: &str) -> Result<bool, StoreError> {
        self.lock().memory.message_came(laboratory, message)
    }

    fn remembered(&self, who: &str) -> Result<Option<PatientId>, StoreError> {
        self.lock().memory.remembered(who)
    }

    fn born(&self, day: NaiveDate) -> Result<Vec<Line>, StoreError> {
        self.lock().memory.born(day)
    }

    fn waiting(&self, limit: usize) -> Result<Vec<Draw>, StoreError> {
        self.lock().memory.waiting(limit)
    }

    fn set_aside(&self, limit: usize) -> Result<Vec<SetAside>, StoreError> {
        self.lock().memory.set_aside(limit)
    }

    fn file_of(&self, draw: DrawId) -> Result<Option<Hash>, StoreError> {
        self.lock().memory.file_of(draw)
    }

    fn draw(&self, draw: DrawId) -> Result<Option<(Draw, Vec<Returned>)>, StoreError> {
        self.lock().memory.draw(draw)
    }

    fn unseen(&self) -> Result<Unseen, StoreError> {
        self.lock().memory.unseen()
    }
}

/// What the program parses at start, parsed once for all tests.
pub fn clinic() -> &'static screen::Clinic {
    static READ: OnceLock<screen::Clinic> = OnceLock::new();
    READ.get_or_init(|| {
        assets::read(&[], Lang::Ja)
            .expect("the shipped files are whole")
            .clinic
    })
}

fn invented(now: DateTime<FixedOffset>) -> Memory {
    let known = clinic();
    let ground = Ground {
        now,
        protocol: &known.protocol,
        protocol_text: assets::PROTOCOL,
        protocol_hash: known.protocol_hash,
        catalogue: &known.catalogue,
        settings: &known.settings,
        settings_hash: known.settings_hash,
    };
    let ids = screen::Ids::new(7);
    let entries = demo::entries(&ground, &mut |at| ids.next(at)).expect("the demo is told");
    let mut memory = Memory::demo();
    memory.append_all(&entries).expect("the demo is kept");
    memory
}
