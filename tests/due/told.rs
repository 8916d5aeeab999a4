//! An invented record told in a few words, entry by entry, without a screen.

use chrono::{DateTime, Days, FixedOffset, NaiveDate};
use rust_decimal::Decimal;
use saishin::domain::answer::*;
use saishin::domain::catalogue::{BUILT_IN, Catalogue};
use saishin::domain::change::*;
use saishin::domain::due::{DueLine, Need, due};
use saishin::domain::id::*;
use saishin::domain::observation::*;
use saishin::domain::protocol::{ISOTRETINOIN, Protocol};
use saishin::domain::quantity::Quantity;
use saishin::domain::record::Record;
use saishin::domain::schedule::Schedule;
use saishin::domain::situation::Settings;
use std::sync::OnceLock;

pub fn protocol() -> &'static Protocol {
    static READ: OnceLock<Protocol> = OnceLock::new();
    READ.get_or_init(|| Protocol::proven(ISOTRETINOIN).expect("the shipped protocol"))
}

pub fn settings() -> &'static Settings {
    static MADE: OnceLock<Settings> = OnceLock::new();
    MADE.get_or_init(|| protocol().default_settings())
}

fn catalogue() -> &'static Catalogue {
    static READ: OnceLock<Catalogue> = OnceLock::new();
    READ.get_or_init(|| Catalogue::parse(BUILT_IN).expect("the shipped catalogue"))
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// The day `n` days after the record begins.
pub fn on(n: u64) -> NaiveDate {
    day("2026-01-05") + Days::new(n)
}

pub fn mg(n: i64) -> Decimal {
    Decimal::from(n)
}

#[derive(Clone)]
pub struct Told {
    pub record: Record,
    made: u16,
    pub course: CourseId,
}

impl Told {
    /// Registered with a course on the first day; what she can is as said.
    pub fn new(can: Can, born: &str) -> Self {
        let mut told = Self {
            record: Record::new(PatientId::from_bytes([1; 16])),
            made: 0,
            course: CourseId::from_bytes([3; 16]),
        };
        let identity = Identity {
            chart_number: "1".into(),
            name: "誰か".into(),
            kana: "ダレカ".into(),
            birth_date: day(born),
            sex: Sex::Female,
        };
        told.save(0, EntryKind::Patient, None, vec![Change::Patient(identity)]);
        let reason = (can == Can::No).then_some(CannotReason::Hysterectomy);
        told.fact(0, Answer::Potential { can, reason });
        told
    }

    pub fn woman() -> Self {
        Self::new(Can::Yes, "1996-05-05")
    }

    fn bytes(&mut self) -> [u8; 16] {
        self.made += 1;
        let mut bytes = [0; 16];
        bytes[14..].copy_from_slice(&self.made.to_be_bytes());
        bytes
    }

    pub fn save(&mut self, n: u64, kind: EntryKind, visit: Option<VisitId>, changes: Vec<Change>) {
        let at: DateTime<FixedOffset> =
            format!("{}T10:00:00+09:00", on(n)).parse().expect("a time");
        let entry = Entry {
            id: EntryId::from_bytes(self.bytes()),
            patient: Some(self.record.patient),
            visit,
            person: PersonId::from_bytes([7; 16]),
            at,
            kind,
            undoes: None,
            reason: None,
            changes,
        };
        self.record.push(entry);
    }

    pub fn course(&mut self, n: u64, first: Option<u64>, transferred: bool) {
        let start = CourseStart {
            course: self.course,
            protocol: "isotretinoin".into(),
            product: "20mg".into(),
            first_dose_on: first.map(on),
            mg_per_day: first.map(|_| mg(20)),
            capsule_mg: None,
            earlier_mg: None,
            transferred,
        };
        self.save(n, EntryKind::Course, None, vec![Change::Course(start)]);
    }

    pub fn fact(&mut self, n: u64, answer: Answer) {
        let given = Given {
            visit: None,
            item: None,
            manner: Manner::Asked,
            answer,
        };
        self.save(n, EntryKind::Answer, None, vec![Change::Answer(given)]);
    }

    pub fn weighed(&mut self, n: u64) {
        let measured_on = on(n);
        let kg = mg(50);
        self.fact(n, Answer::Weight { kg, measured_on });
    }

    pub fn consented(&mut self, n: u64) {
        let signed_on = Some(on(n));
        let (given, form) = (true, None);
        let consent = Answer::Consent {
            given,
            signed_on,
            form,
        };
        self.fact(n, consent);
    }

    pub fn tested(&mut self, n: u64) {
        self.fact(n, tested(TestResult::Negative, n));
    }

    pub fn drawn(&mut self, n: u64) {
        self.value(n, Reported::Value(Quantity::parse("90").expect("a value")));
    }

    /// A draw with triglycerides on it.
    pub fn value(&mut self, n: u64, reported: Reported) {
        let specimen = Specimen {
            id: SpecimenId::from_bytes(self.bytes()),
            drawn_on: on(n),
            fasting: Fasting::Yes,
            haemolysed: false,
            lipaemic: false,
            comment: None,
            laboratory: None,
            dose_at_draw: None,
        };
        let analyte = catalogue()
            .get(&AnalyteId("tg".into()))
            .expect("tg")
            .clone();
        let id = ObservationId::from_bytes(self.bytes());
        let observation = Observation::of(id, specimen.id, &analyte, reported, "mg/dL", None);
        let visit = None;
        let changes = vec![
            Change::Specimen(Drawn { visit, specimen }),
            Change::Observe(Box::new(Measured { visit, observation })),
        ];
        self.save(n, EntryKind::Observe, None, changes);
    }

    /// A signed visit with these answers and this decision.
    pub fn visit(&mut self, n: u64, say: &[(&str, Answer)], plan: Plan) {
        self.signed(n, say, plan, &[]);
    }

    /// The same, with these alerts of the values standing.
    pub fn signed(&mut self, n: u64, say: &[(&str, Answer)], plan: Plan, stood: &[&str]) {
        let visit = VisitId::from_bytes(self.bytes());
        let opening = Opening {
            visit,
            course: self.course,
            kind: VisitKind::FollowUp,
            held_on: on(n),
            protocol: [0; 32],
            settings: [0; 32],
        };
        self.save(n, EntryKind::Open, Some(visit), vec![Change::Open(opening)]);
        let decided = ("dec.action", Answer::Plan(plan));
        for (item, answer) in say.iter().chain([&decided]) {
            let given = Given {
                visit: Some(visit),
                item: Some(ItemId::new(item)),
                manner: Manner::Asked,
                answer: answer.clone(),
            };
            self.save(
                n,
                EntryKind::Answer,
                Some(visit),
                vec![Change::Answer(given)],
            );
        }
        let signature = Signature {
            visit,
            protocol: [0; 32],
            protocol_id: "isotretinoin".into(),
            protocol_version: "1".into(),
            settings: [0; 32],
            note_ja: "記".into(),
            note_en: "note".into(),
        };
        let frozen = stood.iter().map(|level| {
            Change::FrozenAlert(Box::new(FrozenAlert {
                visit,
                rule: "tg.hold".into(),
                level: (*level).into(),
                item: "lab.panel".into(),
                text_ja: "高い".into(),
                text_en: "high".into(),
                inputs: "tg 512".into(),
                source: "clinic".into(),
                basis: "clinic".into(),
                settled: None,
            }))
        });
        let changes = [Change::Sign(Box::new(signature))]
            .into_iter()
            .chain(frozen)
            .collect();
        self.save(n, EntryKind::Sign, Some(visit), changes);
    }

    pub fn due(&self, need: Need, n: u64) -> DueLine {
        let lines = due(settings(), &self.record, on(n));
        *lines
            .iter()
            .find(|line| line.need == need)
            .expect("a line of every need")
    }
}

pub fn tested(result: TestResult, n: u64) -> Answer {
    Answer::Test(PregnancyTest {
        result,
        done_on: Some(on(n)),
        kind: Some(TestKind::ClinicUrine),
        kit: None,
    })
}

/// A decision; where it prescribes, 20 mg for 30 days.
pub fn plan(action: Action, next: Option<u64>) -> Plan {
    let prescribes = action.prescribes();
    Plan {
        action,
        mg_per_day: prescribes.then_some(mg(if action == Action::Increase { 30 } else { 20 })),
        schedule: Schedule::Daily,
        days: prescribes.then_some(30),
        reason: None,
        next_visit: next.map(on),
        next_blood: None,
    }
}
