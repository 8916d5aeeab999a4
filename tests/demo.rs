//! The invented clinic, told from many days: month ends, a leap day, New Year,
//! the first minutes of a day.

use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta};
use saishin::demo::{Ground, entries, told};
use saishin::domain::answer::{Action, Phase};
use saishin::domain::assess::Case;
use saishin::domain::catalogue::{BUILT_IN, Catalogue};
use saishin::domain::change::{Change, Entry, EntryKind, Hash};
use saishin::domain::checklist::Checklist;
use saishin::domain::course::Treatment;
use saishin::domain::due;
use saishin::domain::id::PatientId;
use saishin::domain::line::{Line, Projection};
use saishin::domain::observation::AnalyteId;
use saishin::domain::protocol::{Level, Protocol};
use saishin::domain::reading::{Before, Place, readings};
use saishin::domain::record::Record;
use saishin::domain::series::{last_draw, series};
use saishin::domain::situation::Settings;
use saishin::store::memory::Memory;
use saishin::store::schema::Mark;
use saishin::store::sqlite::SqliteStore;
use saishin::store::{Store, misprojected};
use std::collections::{BTreeMap, BTreeSet};
use uuid::{Builder, Uuid};

const PROTOCOL: &str = include_str!("../assets/protocols/isotretinoin.toml");
const SETTINGS: Hash = [1; 32];

type Batch = Vec<(Entry, Option<Projection>)>;

/// The clinic as it is told at one moment.
struct Clinic {
    now: DateTime<FixedOffset>,
    protocol: Protocol,
    settings: Settings,
    catalogue: Catalogue,
}

fn at(now: &str) -> Clinic {
    let protocol = Protocol::parse(PROTOCOL).expect("the protocol reads");
    Clinic {
        now: now.parse().expect("a moment"),
        settings: protocol.default_settings(),
        protocol,
        catalogue: Catalogue::parse(BUILT_IN).expect("the catalogue reads"),
    }
}

fn ids() -> impl FnMut(DateTime<FixedOffset>) -> Uuid {
    let mut count = 0u64;
    move |at| {
        count += 1;
        let mut random = [0; 10];
        random[2..].copy_from_slice(&count.to_be_bytes());
        Builder::from_unix_timestamp_millis(at.timestamp_millis() as u64, &random).into_uuid()
    }
}

impl Clinic {
    fn today(&self) -> NaiveDate {
        self.now.date_naive()
    }

    fn ground(&self) -> Ground<'_> {
        Ground {
            now: self.now,
            protocol: &self.protocol,
            protocol_text: PROTOCOL,
            protocol_hash: [7; 32],
            catalogue: &self.catalogue,
            settings: &self.settings,
            settings_hash: SETTINGS,
        }
    }

    fn batch(&self) -> Batch {
        entries(&self.ground(), &mut ids()).expect("every story fits the protocol")
    }

    fn records(&self, batch: &Batch) -> BTreeMap<String, Record> {
        let mut entries: BTreeMap<PatientId, Vec<Entry>> = BTreeMap::new();
        for (entry, _) in batch {
            if let Some(patient) = entry.patient {
                entries.entry(patient).or_default().push(entry.clone());
            }
        }
        let named = entries.into_iter().map(|(patient, entries)| {
            let record = Record::of(patient, entries);
            (
                record.identity().expect("an identity").chart_number.clone(),
                record,
            )
        });
        named.collect()
    }

    fn days_from_today(&self, day: Option<NaiveDate>) -> Option<i64> {
        day.map(|day| (day - self.today()).num_days())
    }

    /// Everything that must hold on any day.
    fn check(&self) {
        let batch = self.batch();
        let records = self.records(&batch);
        self.in_order(&batch);
        self.three_walks(&records);
        self.lists(&batch);
        self.phases(&records);
        for (number, record) in &records {
            self.visits(number, record);
        }
    }

    fn in_order(&self, batch: &Batch) {
        let times: Vec<_> = batch.iter().map(|(entry, _)| entry.at).collect();
        assert!(times.is_sorted());
        assert!(times.last().is_some_and(|last| *last <= self.now));
        let ids: BTreeSet<_> = batch.iter().map(|(entry, _)| entry.id).collect();
        assert_eq!(ids.len(), batch.len());
        let opened_today = batch
            .iter()
            .filter(|(e, _)| e.at.date_naive() == self.today());
        assert!(opened_today.count() > 3, "somebody was here today");
    }

    fn three_walks(&self, records: &BTreeMap<String, Record>) {
        let today = self.today();
        let due = |number: &str| {
            let record = &records[number];
            let t = Treatment::on(record, today).expect("a course");
            let blood = due::blood(record, &t, &self.settings, today);
            (
                self.days_from_today(due::visit(record, &t, &self.settings).day()),
                self.days_from_today(blood.day()),
                self.days_from_today(last_draw(record, today)),
                t,
            )
        };
        let (visit, blood, draw, t) = due("10427");
        assert_eq!((visit, blood, draw), (Some(0), Some(35), Some(-26)));
        assert_eq!(
            (t.week(), t.day, t.mg_per_day),
            (Some(12), Some(80), Some(20.into()))
        );
        let (visit, blood, draw, t) = due("10388");
        assert_eq!((visit, blood, draw), (Some(0), Some(-5), Some(-66)));
        assert_eq!(
            (t.week(), t.day, t.cumulative_mg),
            (Some(9), Some(60), 1180.into())
        );
        let (visit, _, _, t) = due("10291");
        assert_eq!((visit, t.phase), (Some(0), Phase::After));
        assert_eq!(self.days_from_today(t.last_dose_on), Some(-31));
        let test = due::test(&records["10291"], &t, &self.settings, today);
        assert_eq!(self.days_from_today(test.day()), Some(-1));
        let ages = [("10427", 24), ("10388", 19), ("10291", 26)];
        for (number, years) in ages {
            let birth = records[number].identity().expect("an identity").birth_date;
            assert_eq!(saishin::domain::date::age(birth, today), years, "{number}");
        }
    }

    fn lists(&self, batch: &Batch) {
        let mut store = Memory::demo();
        store.append_all(batch).expect("the memory takes it");
        let lists = store.lists(self.today()).expect("lists");
        let numbers = |lines: &[Line]| -> Vec<String> {
            lines.iter().map(|line| line.chart_number.clone()).collect()
        };
        let (today, later) = (numbers(&lists.today), numbers(&lists.follow_up));
        assert_eq!(
            today.first().map(String::as_str),
            Some("10512"),
            "the draft is on top"
        );
        for ending in ["427", "388", "291"] {
            let matching = today.iter().filter(|number| number.contains(ending));
            assert_eq!(matching.count(), 1, "{ending} in {today:?}");
        }
        assert!((10..=16).contains(&today.len()), "{today:?}");
        assert!((6..=14).contains(&later.len()), "{later:?}");
        assert!(later.iter().any(|n| n == "10307"), "overdue for long");
        assert!(later.iter().any(|n| n == "10266"), "stopped coming");
        let all_over = |list: &[String]| list.iter().any(|n| n == "10205");
        assert!(!all_over(&today) && !all_over(&later), "the window is over");
    }

    fn phases(&self, records: &BTreeMap<String, Record>) {
        let mut count: BTreeMap<Option<Phase>, usize> = BTreeMap::new();
        for record in records.values() {
            let phase = Treatment::on(record, self.today()).map(|t| t.phase);
            *count.entry(phase).or_default() += 1;
        }
        assert_eq!(records.len(), 34);
        let expected = [
            (None, 1),
            (Some(Phase::Before), 3),
            (Some(Phase::On), 19),
            (Some(Phase::Paused), 4),
            (Some(Phase::After), 7),
        ];
        assert_eq!(count, expected.into());
    }

    /// Nothing signed is left open, and nobody goes on under a critical alert
    /// or holds back without a reason.
    fn visits(&self, number: &str, record: &Record) {
        for visit in record.visits() {
            let case = Case {
                record,
                visit,
                protocol: &self.protocol,
                settings: &self.settings,
                catalogue: &self.catalogue,
            };
            let Some(signed) = &visit.signed else {
                assert_eq!((number, visit.day()), ("10512", self.today()));
                assert!(Checklist::of(&case).open() > 10);
                continue;
            };
            let day = visit.day();
            assert!(!signed.signature.note_ja.is_empty() && !signed.signature.note_en.is_empty());
            let plan = visit
                .plan()
                .unwrap_or_else(|| panic!("{number} {day}: no decision"));
            let stood = |a: &saishin::domain::change::FrozenAlert| {
                a.level == Level::Critical.word() && a.settled.is_none()
            };
            let critical = signed.alerts.iter().find(|a| stood(a));
            if plan.action.goes_on() && plan.reason.is_none() {
                assert_eq!(critical.map(|a| &a.rule), None, "{number} {day}");
            }
            if plan.action.holds_back() {
                assert!(plan.reason.is_some(), "{number} {day}");
            }
            let required = |id: &str| self.protocol.item(id).is_none_or(|item| item.required);
            let left = signed
                .answers
                .iter()
                .find(|a| a.standing.word() == "not_entered" && required(a.item.as_str()));
            assert_eq!(left.map(|a| &a.item), None, "{number} {day}");
        }
    }
}

#[test]
fn an_ordinary_tuesday() {
    at("2026-11-24T10:41:00+09:00").check();
}

#[test]
fn a_leap_day() {
    at("2028-02-29T16:00:00+09:00").check();
}

#[test]
fn the_day_after_a_leap_day() {
    at("2028-03-01T08:00:00-05:00").check();
}

#[test]
fn the_last_of_a_long_month_in_summer() {
    at("2027-07-31T12:00:00+09:00").check();
}

#[test]
fn the_first_minutes_of_a_year() {
    at("2027-01-01T00:03:00+09:00").check();
}

#[test]
fn both_stores_keep_the_same_clinic_and_prove_it() {
    let clinic = at("2026-11-24T10:41:00+09:00");
    let batch = clinic.batch();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("demo.sqlite");
    let mut sqlite = SqliteStore::create(&file, Mark::Demo).expect("a file");
    let mut memory = Memory::demo();
    let heads = (
        sqlite.append_all(&batch).expect("saved"),
        memory.append_all(&batch).expect("kept"),
    );
    assert_eq!(heads.0, heads.1);
    let stores: [&dyn Store; 2] = [&sqlite, &memory];
    for store in stores {
        let verdict = store.verify(&mut |_| {}).expect("read");
        assert_eq!(
            (verdict.entries as usize, verdict.problems.len()),
            (batch.len(), 0)
        );
        assert!(store.clinic().expect("read").demo);
        let wrong = misprojected(store, &|patient, stored| {
            let record = Record::of(patient, stored.iter().map(|kept| kept.entry.clone()));
            due::project(&record, &clinic.settings, SETTINGS, clinic.today())
        });
        assert_eq!(wrong.expect("read"), Vec::new());
    }
    let day = clinic.today();
    assert_eq!(
        sqlite.lists(day).expect("lists"),
        memory.lists(day).expect("lists")
    );
}

#[test]
fn every_way_a_record_grows_is_in_it() {
    let batch = at("2026-11-24T10:41:00+09:00").batch();
    let kinds: BTreeSet<_> = batch.iter().map(|(entry, _)| entry.kind).collect();
    let mut absent: Vec<_> = EntryKind::ALL
        .iter()
        .filter(|kind| !kinds.contains(kind))
        .collect();
    // Who did not come is not among the invented stories yet.
    let untold = [EntryKind::Missed, EntryKind::Attempt, EntryKind::Snooze];
    absent.retain(|kind| !untold.contains(kind));
    assert_eq!(absent, [&EntryKind::Setting, &EntryKind::Redo]);
    let actions: BTreeSet<Action> = batch
        .iter()
        .flat_map(|(entry, _)| &entry.changes)
        .filter_map(|change| match change {
            Change::Answer(given) => match &given.answer {
                saishin::domain::answer::Answer::Plan(plan) => Some(plan.action),
                _ => None,
            },
            _ => None,
        })
        .collect();
    assert_eq!(actions.len(), Action::ALL.len(), "{actions:?}");
    let levels: BTreeSet<&str> = batch
        .iter()
        .flat_map(|(entry, _)| &entry.changes)
        .filter_map(|c| {
            if let Change::FrozenAlert(a) = c {
                Some(a.level.as_str())
            } else {
                None
            }
        })
        .collect();
    assert_eq!(levels.len(), 4);
}

#[test]
fn a_result_that_came_between_visits_was_seen_by_no_signature() {
    let clinic = at("2026-11-24T10:41:00+09:00");
    let records = clinic.records(&clinic.batch());
    for number in ["10419", "10393"] {
        let record = &records[number];
        let outside = record.observations().iter().filter(|v| v.visit.is_none());
        let unseen = outside.filter(|value| {
            record
                .visits()
                .iter()
                .all(|visit| !visit.saw(value.observation.id))
        });
        assert_eq!(unseen.count(), 3, "{number}");
    }
}

/// What the trends have to show: a rise, an open number, gaps, two methods.
#[test]
fn the_values_of_the_clinic_tell_their_stories() {
    let clinic = at("2026-11-24T10:41:00+09:00");
    let records = clinic.records(&clinic.batch());
    let places = |number: &str, id: &str| -> Vec<(Place, Option<String>)> {
        let analyte = clinic.catalogue.get(&AnalyteId(id.to_owned()));
        let analyte = analyte.expect("a known analyte");
        let points = series(&records[number], &analyte.id, clinic.today());
        let read = readings(&points, analyte, Before::default());
        let told = read
            .iter()
            .map(|r| (r.place(), r.method.map(str::to_owned)));
        told.collect()
    };
    let rising: Vec<_> = places("10330", "tg").iter().map(|p| p.0.number()).collect();
    assert!(rising.len() == 4 && rising.is_sorted(), "{rising:?}");
    let open = places("10416", "tg");
    assert!(matches!(open[2], (Place::Over(_), _)), "{open:?}");
    let gaps: Vec<Place> = places("10358", "alt").iter().map(|p| p.0).collect();
    assert!(matches!(gaps[2], Place::Doubtful(_)), "{gaps:?}");
    assert_eq!(gaps[3], Place::Nowhere);
    assert!(matches!(gaps[4], Place::At(_)), "{gaps:?}");
    let methods: Vec<_> = places("10205", "alp").into_iter().map(|p| p.1).collect();
    let named = |name: &str| Some(name.to_owned());
    let (jscc, ifcc) = (named("JSCC"), named("IFCC"));
    assert_eq!(methods, [jscc.clone(), jscc, ifcc.clone(), ifcc]);
}

#[test]
fn what_the_laboratory_sent_waits_to_be_looked_at() {
    let clinic = at("2026-11-24T10:41:00+09:00");
    let batch = clinic.batch();
    let mut store = Memory::new();
    store.append_all(&batch).expect("the clinic is kept");
    let arrived = store.clinic().expect("memory reads");
    assert_eq!(
        (arrived.unseen, arrived.critical, arrived.waiting),
        (2, 1, 1)
    );
    let records = clinic.records(&batch);
    let critical = records["10416"].unseen().next().expect("a draw");
    assert_eq!(critical.link.critical.as_deref(), Some("tg"));
    let looked: Vec<_> = records["10371"]
        .linked()
        .iter()
        .map(|l| l.reviews.len())
        .collect();
    assert_eq!(looked, [1]);
    // What was awaited has come, and stands once.
    let alt = AnalyteId("alt".into());
    let points = series(&records["10455"], &alt, clinic.today());
    let last = points.last().expect("a result").specimen.drawn_on;
    let of_draw = points.iter().filter(|p| p.specimen.drawn_on == last);
    assert_eq!(of_draw.count(), 1);
    assert!(points.last().is_some_and(|p| p.firm().is_some()));
    let tg = series(&records["10455"], &AnalyteId("tg".into()), clinic.today());
    assert!(tg.last().is_some_and(|p| p.observation.is_preliminary()));
}

#[test]
fn a_story_that_does_not_fit_names_its_patient_and_its_word() {
    let clinic = at("2026-11-24T10:41:00+09:00");
    let told = |stories: &str| told(&clinic.ground(), stories, &mut ids()).map(|_| ());
    let story = r#"
        people = ["A", "B"]
        nurse = []
        usual = {}
        values = {}
        [[patient]]
        chart = "7"
        name = "Nobody"
        kana = "ノーバディ"
        age = 30
        since_birthday = 3
        sex = "male"
        can = "no"
        registered = 9
        kg = "70"
        product = "capsules"
        visit = [{ ago = 9, say = { "other.mood" = 8 }, plan = { mg = "20" } }]
    "#;
    let wrong = told(story).expect_err("8 is no mood");
    assert_eq!(wrong.chart_number.as_deref(), Some("7"));
    assert_eq!(wrong.what, "other.mood has no key 8");
    assert!(
        told("people = 3")
            .expect_err("no list")
            .what
            .contains("line 1")
    );
}

#[test]
fn the_first_entry_is_not_later_than_the_first_patient() {
    let clinic = at("2026-11-24T10:41:00+09:00");
    let batch = clinic.batch();
    assert!(batch[..3].iter().all(|(entry, _)| entry.patient.is_none()));
    let gap = batch[3].0.at - batch[0].0.at;
    assert_eq!(gap, TimeDelta::minutes(30));
}
