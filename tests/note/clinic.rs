//! A small clinic in memory: one invented patient under the default protocol,
//! written into entry by entry as the program does.

use chrono::{DateTime, FixedOffset, NaiveDate, TimeZone};
use rust_decimal::Decimal;
use saishin::domain::answer::*;
use saishin::domain::assess::Case;
use saishin::domain::catalogue::{BUILT_IN, Catalogue};
use saishin::domain::change::*;
use saishin::domain::checklist::Checklist;
use saishin::domain::id::*;
use saishin::domain::lang::Lang;
use saishin::domain::observation::*;
use saishin::domain::protocol::{Protocol, Sweep};
use saishin::domain::quantity::Quantity;
use saishin::domain::record::Record;
use saishin::domain::schedule::Schedule;
use saishin::domain::situation::Settings;
use saishin::review::{Review, must_resolve};
use saishin::seal::{self, Texts};
use saishin::text::Text;
use saishin::{note, seal::Stood};

pub const DEFAULT: &str = include_str!("../../assets/protocols/isotretinoin.toml");

pub struct Clinic {
    pub protocol: Protocol,
    pub settings: Settings,
    pub catalogue: Catalogue,
    pub ja: Text,
    pub en: Text,
    pub record: Record,
    pub now: DateTime<FixedOffset>,
    pub people: Vec<Person>,
    /// Who types.
    pub person: PersonId,
    made: u8,
}

pub fn day(text: &str) -> NaiveDate {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").unwrap()
}

pub fn mg(n: i64) -> Decimal {
    Decimal::from(n)
}

impl Clinic {
    pub fn new() -> Self {
        let protocol = Protocol::parse(DEFAULT).unwrap();
        Self {
            settings: protocol.default_settings(),
            protocol,
            catalogue: Catalogue::parse(BUILT_IN).unwrap(),
            ja: Text::of(Lang::Ja),
            en: Text::of(Lang::En),
            record: Record::new(PatientId::from_bytes([1; 16])),
            now: at("2026-09-19", "09:00"),
            people: Vec::new(),
            person: PersonId::from_bytes([7; 16]),
            made: 0,
        }
    }

    fn bytes(&mut self) -> [u8; 16] {
        self.made += 1;
        let mut bytes = [0; 16];
        bytes[15] = self.made;
        bytes
    }

    pub fn save(&mut self, kind: EntryKind, changes: Vec<Change>) -> EntryId {
        let visit = self.record.open_visit().map(|v| v.visit().id());
        self.save_in(kind, visit, None, changes)
    }

    pub fn save_in(
        &mut self,
        kind: EntryKind,
        visit: Option<VisitId>,
        undoes: Option<EntryId>,
        changes: Vec<Change>,
    ) -> EntryId {
        let id = EntryId::from_bytes(self.bytes());
        self.record.push(Entry {
            id,
            patient: Some(self.record.patient),
            visit,
            person: self.person,
            at: self.now,
            kind,
            undoes,
            reason: None,
            changes,
        });
        id
    }

    pub fn patient(&mut self, number: &str, sex: Sex, born: &str) {
        self.save(
            EntryKind::Patient,
            vec![Change::Patient(Identity {
                chart_number: number.into(),
                name: "高橋 蓮".into(),
                kana: "タカハシ レン".into(),
                birth_date: day(born),
                sex,
            })],
        );
        let can = match sex {
            Sex::Male => (Can::No, Some(CannotReason::MaleOrgans)),
            _ => (Can::Yes, None),
        };
        self.outside(Answer::Potential {
            can: can.0,
            reason: can.1,
        });
    }

    pub fn outside(&mut self, answer: Answer) {
        let given = Given {
            visit: None,
            item: None,
            manner: Manner::Asked,
            answer,
        };
        self.save(EntryKind::Answer, vec![Change::Answer(given)]);
    }

    pub fn course(&mut self, first: &str, dose: i64) {
        self.save(
            EntryKind::Course,
            vec![Change::Course(CourseStart {
                course: CourseId::from_bytes([3; 16]),
                protocol: "isotretinoin".into(),
                product: "通常製剤 20mg".into(),
                first_dose_on: Some(day(first)),
                mg_per_day: Some(mg(dose)),
                capsule_mg: None,
                earlier_mg: None,
                transferred: true,
            })],
        );
        self.outside(Answer::Consent {
            given: true,
            signed_on: Some(day(first)),
            form: None,
        });
    }

    pub fn open(&mut self, kind: VisitKind, on: &str, time: &str) -> VisitId {
        self.now = at(on, time);
        let visit = VisitId::from_bytes(self.bytes());
        let opening = Opening {
            visit,
            course: CourseId::from_bytes([3; 16]),
            kind,
            held_on: day(on),
            protocol: {
                let mut hash = [0; 32];
                hash[..3].copy_from_slice(&[0x3f, 0xa2, 0xc1]);
                hash
            },
            settings: [9; 32],
        };
        self.save_in(
            EntryKind::Open,
            Some(visit),
            None,
            vec![Change::Open(opening)],
        );
        visit
    }

    pub fn time(&mut self, time: &str) {
        self.now = at(&self.now.date_naive().to_string(), time);
    }

    pub fn say(&mut self, item: &str, answer: Answer) -> EntryId {
        let change =
            self.record
                .open_visit()
                .unwrap()
                .respond(&ItemId::new(item), answer, Manner::Asked);
        self.save(EntryKind::Answer, vec![change])
    }

    pub fn code(&mut self, item: &str, code: u8) -> EntryId {
        self.say(item, Answer::Code(code))
    }

    /// `+` in the section, or `*` where it is the list of red flags.
    pub fn sweep(&mut self, section: &str) -> EntryId {
        let list = self.list();
        let part = list
            .parts
            .iter()
            .find(|p| p.section(&self.protocol).id == section)
            .unwrap()
            .clone();
        let denied = part.section(&self.protocol).sweep == Some(Sweep::Denied);
        let (kind, manner) = match denied {
            true => (EntryKind::Deny, Manner::Denied),
            false => (EntryKind::Sweep, Manner::Unchanged),
        };
        let answers: Vec<(ItemId, Answer)> = match denied {
            true => list
                .deniable(&self.protocol, &part)
                .into_iter()
                .map(|i| (i.id.clone(), Answer::Code(0)))
                .collect(),
            false => list
                .sweepable(&self.protocol, &part)
                .into_iter()
                .map(|(i, a)| (i.id.clone(), a))
                .collect(),
        };
        let visit = self.record.open_visit().unwrap();
        let changes = answers
            .into_iter()
            .map(|(id, a)| visit.respond(&id, a, manner))
            .collect();
        self.save(kind, changes)
    }

    pub fn plan(&mut self, plan: Plan) -> EntryId {
        self.say("dec.action", Answer::Plan(plan))
    }

    pub fn memo(&mut self, item: &str, text: &str) {
        let change = self
            .record
            .open_visit()
            .unwrap()
            .memo(&ItemId::new(item), text);
        self.save(EntryKind::Memo, vec![change]);
    }

    pub fn companion(&mut self) {
        let change = self
            .record
            .open_visit()
            .unwrap()
            .context(Mode::InPerson, true);
        self.save(EntryKind::Context, vec![change]);
    }

    pub fn undo(&mut self, entry: EntryId) {
        let visit = self.record.open_visit().map(|v| v.visit().id());
        self.save_in(EntryKind::Undo, visit, Some(entry), Vec::new());
    }

    pub fn draw(&mut self, on: &str, fasting: Fasting, dose: Option<i64>) -> SpecimenId {
        let id = SpecimenId::from_bytes(self.bytes());
        let visit = self.record.open_visit().map(|v| v.visit().id());
        let specimen = Specimen {
            id,
            drawn_on: day(on),
            fasting,
            haemolysed: false,
            lipaemic: false,
            comment: None,
            laboratory: None,
            dose_at_draw: dose.map(mg),
        };
        self.save(
            EntryKind::Observe,
            vec![Change::Specimen(Drawn { visit, specimen })],
        );
        id
    }

    pub fn value(
        &mut self,
        specimen: SpecimenId,
        id: &str,
        typed: &str,
        range: &str,
    ) -> ObservationId {
        let observation = ObservationId::from_bytes(self.bytes());
        self.state(observation, specimen, id, typed, range);
        observation
    }

    /// States a value, or states it anew.
    pub fn state(
        &mut self,
        observation: ObservationId,
        specimen: SpecimenId,
        id: &str,
        typed: &str,
        range: &str,
    ) {
        let analyte = self.catalogue.get(&AnalyteId(id.into())).unwrap().clone();
        let reported = match typed {
            "pending" => Reported::Pending,
            typed => Reported::Value(Quantity::parse(typed).unwrap()),
        };
        let range = ReferenceRange::parse(range, RangeSource::Report).ok();
        let visit = self.record.open_visit().map(|v| v.visit().id());
        let observation = Observation::of(
            observation,
            specimen,
            &analyte,
            reported,
            &analyte.unit,
            range,
        );
        self.save(
            EntryKind::Observe,
            vec![Change::Observe(Box::new(Measured { visit, observation }))],
        );
    }

    pub fn panel(&mut self, specimen: SpecimenId, values: [&str; 5]) {
        let slip = [
            ("ast", "13-30"),
            ("alt", "10-42"),
            ("tg", "30-149"),
            ("ldl", "70-139"),
            ("hdl", "40-90"),
        ];
        for ((id, range), typed) in slip.into_iter().zip(values) {
            self.value(specimen, id, typed, range);
        }
    }

    pub fn sign(&mut self) -> Vec<Change> {
        let visit = self.record.open_visit().unwrap().visit().id();
        let changes = self.sealed();
        self.save_in(EntryKind::Sign, Some(visit), None, changes.clone());
        changes
    }

    /// What a signature would freeze now.
    pub fn sealed(&self) -> Vec<Change> {
        let texts = Texts {
            ja: &self.ja,
            en: &self.en,
            lang: Lang::Ja,
            people: &self.people,
        };
        let case = self.case();
        seal::seal(
            &case,
            &self.list(),
            &self.catalogue,
            texts,
            "佐藤",
            self.now,
        )
    }

    /// The open visit, else the one last opened.
    pub fn case(&self) -> Case<'_> {
        let open = self.record.open_visit().map(|v| v.visit());
        let visit = open.or(self.record.visits().last()).unwrap();
        Case {
            record: &self.record,
            visit,
            protocol: &self.protocol,
            settings: &self.settings,
            catalogue: &self.catalogue,
        }
    }

    pub fn list(&self) -> Checklist {
        Checklist::of(&self.case())
    }

    pub fn note(&self, text: &Text) -> String {
        let signer = Some(("佐藤", self.now));
        note::compose(
            &self.case(),
            &self.list(),
            &self.catalogue,
            &self.people,
            signer,
            text,
        )
    }

    pub fn note_in_full(&self, text: &Text) -> String {
        note::compose_in_full(
            &self.case(),
            &self.list(),
            &self.catalogue,
            &self.people,
            None,
            text,
        )
    }

    pub fn stood(&self) -> Vec<Stood> {
        seal::stood(&self.case(), &self.catalogue, &self.ja)
    }

    pub fn review<T>(&self, look: impl FnOnce(&Review<'_>) -> T) -> T {
        let list = self.list();
        let (case, stood) = (self.case(), self.stood());
        let resolve = must_resolve(&case, &list);
        look(&Review::of(&case, &list, stood, resolve))
    }
}

pub fn at(on: &str, time: &str) -> DateTime<FixedOffset> {
    let zone = FixedOffset::east_opt(9 * 3600).unwrap();
    let naive = chrono::NaiveDateTime::parse_from_str(&format!("{on} {time}"), "%Y-%m-%d %H:%M");
    zone.from_local_datetime(&naive.unwrap()).unwrap()
}

pub fn decided(action: Action, dose: Option<i64>, next: &str, blood: Option<&str>) -> Plan {
    Plan {
        action,
        mg_per_day: dose.map(mg),
        schedule: Schedule::Daily,
        days: dose.map(|_| 30),
        reason: None,
        next_visit: Some(day(next)),
        next_blood: blood.map(day),
    }
}

pub fn taken() -> Answer {
    Answer::Intake {
        intake: Intake::AsPlanned,
        missed_days: None,
        stopped_on: None,
    }
}

pub fn tested(result: TestResult, on: &str) -> Answer {
    Answer::Test(PregnancyTest {
        result,
        done_on: Some(day(on)),
        kind: Some(TestKind::ClinicUrine),
        kit: None,
    })
}

/// The benign sections answered one by one, as at a first visit on treatment.
pub fn benign(clinic: &mut Clinic, lips: u8) {
    let grades = [
        ("dry.lips", lips),
        ("dry.skin", 1),
        ("dry.eyes", 0),
        ("dry.nose", 1),
        ("sun.reaction", 0),
        ("sun.protect", 1),
        ("other.flare", 0),
        ("other.muscle", 0),
        ("other.headache", 0),
        ("other.hair", 0),
    ];
    for (item, grade) in grades {
        clinic.code(item, grade);
    }
}

/// A woman in week 12, blood drawn on 10/29 and not due: the routine visit.
pub fn routine() -> Clinic {
    let mut c = Clinic::new();
    c.patient("10427", Sex::Female, "2002-05-01");
    c.outside(Answer::Weight {
        kg: mg(52),
        measured_on: day("2026-09-02"),
    });
    c.now = at("2026-09-02", "10:00");
    let before = c.draw("2026-09-02", Fasting::Yes, None);
    c.panel(before, ["19", "17", "96", "101", "52"]);
    c.course("2026-09-05", 20);
    c.open(VisitKind::FollowUp, "2026-10-25", "10:00");
    benign(&mut c, 1);
    c.code("ident.two", 1);
    c.say("preg.test", tested(TestResult::Negative, "2026-10-25"));
    c.code("preg.method", 2);
    c.code("preg.breastfeeding", 0);
    c.code("resp.acne", 2);
    c.say("resp.scar", Answer::Many(vec![]));
    c.plan(decided(
        Action::Continue,
        Some(20),
        "2026-11-24",
        Some("2026-10-29"),
    ));
    c.sign();
    c.now = at("2026-10-29", "15:00");
    let since = c.draw("2026-10-29", Fasting::Yes, Some(20));
    c.panel(since, ["20", "18", "110", "104", "55"]);
    c.open(VisitKind::FollowUp, "2026-11-24", "10:40");
    routine_answers(&mut c);
    c
}

pub fn routine_answers(c: &mut Clinic) {
    c.code("ident.two", 1);
    c.code("preg.possible", 0);
    c.say("preg.test", tested(TestResult::Negative, "2026-11-24"));
    c.code("preg.method", 2);
    c.code("preg.lapse", 0);
    for section in ["flag", "dry", "sun", "other"] {
        c.sweep(section);
    }
    c.code("other.mood", 0);
    c.code("flag.selfharm", 0);
    c.say("dose.taken", taken());
    c.say("drug.list", Answer::Many(vec![]));
    c.code("resp.acne", 1);
    c.code("resp.change", 1);
    c.plan(decided(
        Action::Continue,
        Some(20),
        "2026-12-24",
        Some("2026-12-24"),
    ));
    c.say("couns.list", Answer::Many(vec![1, 2, 3, 4, 5]));
}

/// A man in week 9 whose lips are worse and whose triglycerides came back at 512.
pub fn critical() -> Clinic {
    let mut c = Clinic::new();
    c.patient("10388", Sex::Male, "2007-03-08");
    c.outside(Answer::Weight {
        kg: mg(62),
        measured_on: day("2026-09-19"),
    });
    let before = c.draw("2026-09-19", Fasting::Yes, None);
    c.panel(before, ["19", "17", "96", "101", "52"]);
    c.course("2026-09-26", 20);
    c.open(VisitKind::FollowUp, "2026-10-26", "10:00");
    benign(&mut c, 1);
    c.code("ident.two", 1);
    c.code("other.sexual", 0);
    c.say("resp.scar", Answer::Many(vec![]));
    c.code("resp.acne", 2);
    c.plan(decided(
        Action::Continue,
        Some(20),
        "2026-11-24",
        Some("2026-11-19"),
    ));
    c.sign();
    c.open(VisitKind::FollowUp, "2026-11-24", "10:40");
    c.code("ident.two", 1);
    c.sweep("flag");
    c.code("dry.lips", 2);
    for section in ["dry", "sun", "other"] {
        c.sweep(section);
    }
    c.code("other.mood", 0);
    c.code("flag.selfharm", 0);
    c.time("10:43");
    let today = c.draw("2026-11-24", Fasting::No, Some(20));
    c.panel(today, ["24", "31", "512", "128", "45"]);
    c.time("10:45");
    c.code("flag.abdomen", 0);
    c.say("dose.taken", taken());
    c.say("drug.list", Answer::Many(vec![]));
    c.code("drug.alcohol", 2);
    c.code("resp.acne", 2);
    c.code("resp.change", 1);
    c.code("dry.care", 1);
    let mut plan = decided(Action::Hold, None, "2026-12-01", Some("2026-12-01"));
    plan.reason = Some("TG 512".into());
    c.plan(plan);
    c.say("couns.list", Answer::Many(vec![11, 12, 13, 14]));
    c.time("10:47");
    c
}
