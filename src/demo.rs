//! The invented clinic: about thirty patients whose days are told from today.
//!
//! The stories say only what is out of the ordinary. The visits between are
//! walked as a clinician would walk them, by the protocol's own checklist, so
//! that every line, rule and date in the record is a true one.

mod answers;
mod files;
pub mod story;
mod walk;

use crate::domain::answer::{Answer, Manner};
use crate::domain::catalogue::Catalogue;
use crate::domain::change::{
    Change, CourseStart, Entry, EntryKind, Given, Hash, Identity, Person, ProtocolText,
};
use crate::domain::date::add_months;
use crate::domain::id::{CourseId, EntryId, PatientId, PersonId, VisitId};
use crate::domain::line::Projection;
use crate::domain::protocol::Protocol;
use crate::domain::record::Record;
use crate::domain::schedule::strength;
use crate::domain::situation::Settings;
use crate::domain::{due, lang::Lang};
use crate::text::Text;
use chrono::{DateTime, Days, FixedOffset, NaiveDate, TimeDelta};
use rust_decimal::Decimal;
use std::fmt;
use std::ops::Deref;
use story::{Stories, Story};
use uuid::Uuid;

/// What the invented history stands on.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// No entry is later than this, and it is today.
    pub now: DateTime<FixedOffset>,
    pub protocol: &'a Protocol,
    pub protocol_text: &'a str,
    pub protocol_hash: Hash,
    pub catalogue: &'a Catalogue,
    pub settings: &'a Settings,
    /// Hash of the settings in force.
    pub settings_hash: Hash,
}

impl Ground<'_> {
    /// The day everything is told from.
    pub fn today(&self) -> NaiveDate {
        self.now.date_naive()
    }
}

/// Why the invented clinic cannot be told: a fault of the program or of its stories.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoError {
    /// The patient, where it is about one.
    pub chart_number: Option<String>,
    pub what: String,
}

impl fmt::Display for DemoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.chart_number {
            Some(number) => write!(f, "invented patient {number}: {}", self.what),
            None => write!(f, "invented clinic: {}", self.what),
        }
    }
}

impl std::error::Error for DemoError {}

/// Makes ids, each for the moment it is used at.
pub type Ids<'a> = dyn FnMut(DateTime<FixedOffset>) -> Uuid + 'a;

/// The whole history in the order it would have been saved, each patient's row
/// of the lists beside their last entry. `ids` is asked for one id after the other.
///
/// # Errors
/// The story that does not fit the protocol, and the word it stumbles over.
pub fn entries(
    ground: &Ground<'_>,
    ids: &mut Ids<'_>,
) -> Result<Vec<(Entry, Option<Projection>)>, DemoError> {
    told(ground, story::SHIPPED, ids)
}

/// The same for other stories.
///
/// # Errors
/// As [`entries`], and where the stories cannot be read.
pub fn told(
    ground: &Ground<'_>,
    stories: &str,
    ids: &mut Ids<'_>,
) -> Result<Vec<(Entry, Option<Projection>)>, DemoError> {
    let stories = Stories::parse(stories).map_err(|what| DemoError {
        chart_number: None,
        what,
    })?;
    let staff: Vec<Person> = stories
        .people
        .iter()
        .map(|name| Person {
            person: PersonId::from(ids(ground.now)),
            name: name.clone(),
        })
        .collect();
    let mut all: Vec<(Entry, Option<Projection>)> = Vec::new();
    let texts = (Text::of(Lang::Ja), Text::of(Lang::En));
    for (place, story) in stories.patients.iter().enumerate() {
        let told = Telling {
            ground,
            stories: &stories,
            staff: &staff,
            texts: &texts,
            place,
        };
        let mut teller = Teller::new(told, story, ids);
        teller.tell().map_err(|what| DemoError {
            chart_number: Some(story.chart.clone()),
            what,
        })?;
        all.extend(teller.finish());
    }
    // Stable: what one patient's entries say of each other keeps its order.
    all.sort_by_key(|(entry, _)| entry.at);
    if let Some(doctor) = staff.first() {
        files::add(&mut all, ground, &stories, doctor.person, ids)?;
    }
    let first = all.first().map_or(ground.now, |(entry, _)| entry.at);
    let mut whole = opening(ground, &staff, first, ids)?;
    whole.append(&mut all);
    Ok(whole)
}

/// Who works here and by which protocol, before the first patient.
fn opening(
    ground: &Ground<'_>,
    staff: &[Person],
    first: DateTime<FixedOffset>,
    ids: &mut Ids<'_>,
) -> Result<Vec<(Entry, Option<Projection>)>, DemoError> {
    let nobody = || DemoError {
        chart_number: None,
        what: "nobody works here".to_owned(),
    };
    let at = first - TimeDelta::minutes(30);
    let person = staff.first().ok_or_else(nobody)?.person;
    let text = ProtocolText {
        hash: ground.protocol_hash,
        id: ground.protocol.id.clone(),
        version: ground.protocol.version.clone(),
        text: ground.protocol_text.to_owned(),
    };
    let people = staff
        .iter()
        .map(|p| (EntryKind::Person, Change::Person(p.clone())));
    let facts = people.chain([(EntryKind::Protocol, Change::Protocol(text))]);
    Ok(facts
        .map(|(kind, change)| {
            let entry = Entry {
                id: EntryId::from(ids(at)),
                patient: None,
                visit: None,
                person,
                at,
                kind,
                undoes: None,
                reason: None,
                changes: vec![change],
            };
            (entry, None)
        })
        .collect())
}

/// What all stories share, and whose turn it is.
struct Telling<'a> {
    ground: &'a Ground<'a>,
    stories: &'a Stories,
    staff: &'a [Person],
    /// Japanese and English, for the notes.
    texts: &'a (Text, Text),
    /// Where the patient stands among all: their minutes of the day.
    place: usize,
}

/// Tells one patient's story, entry by entry.
struct Teller<'a, 'i> {
    telling: Telling<'a>,
    story: &'a Story,
    ids: &'a mut Ids<'i>,
    record: Record,
    course: Option<CourseId>,
    at: DateTime<FixedOffset>,
}

impl<'a> Deref for Teller<'a, '_> {
    type Target = Telling<'a>;

    fn deref(&self) -> &Telling<'a> {
        &self.telling
    }
}

/// What goes wrong in a story, in words for whoever tells it.
type Told<T> = Result<T, String>;

impl<'a, 'i> Teller<'a, 'i> {
    fn new(telling: Telling<'a>, story: &'a Story, ids: &'a mut Ids<'i>) -> Self {
        let at = telling.ground.now;
        let record = Record::new(PatientId::from(ids(at)));
        Self {
            telling,
            story,
            ids,
            record,
            course: None,
            at,
        }
    }

    fn tell(&mut self) -> Told<()> {
        self.register()?;
        let mut results = self.story.results.iter().peekable();
        for visit in &self.story.visits {
            while let Some(draw) = results.next_if(|r| r.came.unwrap_or(r.ago) > visit.ago) {
                self.result(draw)?;
            }
            self.visit(visit)?;
        }
        results.try_for_each(|draw| self.result(draw))
    }

    /// Every entry; beside the last, the patient's row as it stands today.
    fn finish(self) -> Vec<(Entry, Option<Projection>)> {
        let ground = self.ground;
        let projection = due::project(
            &self.record,
            ground.settings,
            ground.settings_hash,
            ground.today(),
        );
        let mut entries: Vec<_> = self
            .record
            .entries()
            .iter()
            .map(|entry| (entry.clone(), None))
            .collect();
        if let Some(last) = entries.last_mut() {
            last.1 = projection;
        }
        entries
    }

    /// Who the patient is, what is known at the desk, and the course.
    fn register(&mut self) -> Told<()> {
        let story = self.story;
        self.at = self.moment(story.registered, 0)?;
        let identity = Identity {
            chart_number: story.chart.clone(),
            name: story.name.clone(),
            kana: story.kana.clone(),
            birth_date: self.birth_date()?,
            sex: story.sex,
        };
        let mut changes = vec![Change::Patient(identity)];
        let can = Answer::Potential {
            can: story.can,
            reason: story.cannot,
        };
        changes.push(outside(can));
        self.save(EntryKind::Patient, None, changes);
        self.begin()
    }

    fn begin(&mut self) -> Told<()> {
        let story = self.story;
        let Some(product) = &story.product else {
            return Ok(());
        };
        let course = CourseId::from((self.ids)(self.at));
        self.course = Some(course);
        let begun = story.begun.as_ref();
        let start = CourseStart {
            course,
            protocol: self.ground.protocol.id.clone(),
            product: product.clone(),
            first_dose_on: begun.map(|b| self.day(b.ago)).transpose()?,
            mg_per_day: begun.map(|b| decimal(&b.mg)).transpose()?,
            capsule_mg: strength(product),
            earlier_mg: None,
            transferred: begun.is_some(),
        };
        let mut changes = vec![Change::Course(start)];
        if let Some(kg) = &story.kg {
            let measured_on = self.day(story.registered)?;
            changes.push(outside(Answer::Weight {
                kg: decimal(kg)?,
                measured_on,
            }));
        }
        if let Some(signed) = story.consent.filter(|ago| *ago >= story.registered) {
            let signed_on = Some(self.day(signed)?);
            changes.push(outside(Answer::Consent {
                given: true,
                signed_on,
                form: self.ground.protocol.consent_form.clone(),
            }));
        }
        self.save(EntryKind::Course, None, changes);
        Ok(())
    }

    fn birth_date(&self) -> Told<NaiveDate> {
        let birthday = self.day(self.story.since_birthday)?;
        let months = i32::try_from(self.story.age * 12).map_err(|e| e.to_string())?;
        Ok(add_months(birthday, -months))
    }

    /// The day so many days ago.
    fn day(&self, ago: u32) -> Told<NaiveDate> {
        let day = self
            .ground
            .today()
            .checked_sub_days(Days::new(u64::from(ago)));
        day.ok_or_else(|| format!("there is no day {ago} days ago"))
    }

    /// The patient's own time of that day, `step` minutes on; never after now.
    fn moment(&self, ago: u32, step: i64) -> Told<DateTime<FixedOffset>> {
        let minutes = 9 * 60 + (self.place as i64) * 9 + step;
        let morning = self.day(ago)?.and_hms_opt(0, 0, 0).ok_or("no midnight")?;
        let offset = *self.ground.now.offset();
        let midnight = morning
            .and_local_timezone(offset)
            .single()
            .ok_or("no such time")?;
        let usual = midnight + TimeDelta::minutes(minutes);
        if usual + TimeDelta::minutes(20) <= self.ground.now {
            return Ok(usual);
        }
        // Early in the day: shortly before now, but still on the day it is told of.
        Ok((self.ground.now - TimeDelta::minutes(20) + TimeDelta::minutes(step)).max(midnight))
    }

    /// Saves what one of the staff has typed, a few seconds after the last.
    fn save(&mut self, kind: EntryKind, visit: Option<VisitId>, changes: Vec<Change>) -> EntryId {
        let person = self.staff[0].person;
        self.save_by(person, kind, visit, changes)
    }

    fn save_by(
        &mut self,
        person: PersonId,
        kind: EntryKind,
        visit: Option<VisitId>,
        changes: Vec<Change>,
    ) -> EntryId {
        let entry = self.entry(person, kind, visit, changes);
        let id = entry.id;
        self.push(entry);
        id
    }

    fn entry(
        &mut self,
        person: PersonId,
        kind: EntryKind,
        visit: Option<VisitId>,
        changes: Vec<Change>,
    ) -> Entry {
        Entry {
            id: EntryId::from((self.ids)(self.at)),
            patient: Some(self.record.patient),
            visit,
            person,
            at: self.at,
            kind,
            undoes: None,
            reason: None,
            changes,
        }
    }

    fn push(&mut self, entry: Entry) {
        self.record.push(entry);
        let next = self.at + TimeDelta::seconds(4);
        self.at = next.min(self.ground.now);
    }
}

/// A fact stated at the desk.
fn outside(answer: Answer) -> Change {
    Change::Answer(Given {
        visit: None,
        item: None,
        manner: Manner::Asked,
        answer,
    })
}

fn decimal(text: &str) -> Told<Decimal> {
    text.parse().map_err(|_| format!("`{text}` is no number"))
}
