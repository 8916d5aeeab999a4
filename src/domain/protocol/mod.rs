//! The protocol: which lines a visit asks, in what order, and what the rules say.
//!
//! It is data with its proof beside it: one text file, refused by line and word
//! when it contradicts itself.

mod check;
pub mod error;
mod example;
pub mod possible;
mod raw;
mod read;

pub use error::{ProtocolError, ProtocolErrorKind, SettingError};

use super::alert::words;
use super::answer::{
    Action, Can, CannotReason, Intake, ItemId, TestKind, TestResult, VisitKind, words,
};
use super::change::Setting as Own;
use super::condition::Condition;
use super::lang::{Lang, Words};
use super::observation::{AnalyteId, Fasting};
use super::situation::{Settings, Situation, Verdict};
use rust_decimal::Decimal;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The text of the protocol that ships with the program.
pub const ISOTRETINOIN: &str = include_str!("../../../assets/protocols/isotretinoin.toml");

/// A protocol as read and found whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protocol {
    /// Such as `isotretinoin`.
    pub id: String,
    pub version: String,
    pub title: Words,
    /// The drug as the header names it.
    pub drug: Words,
    /// The version of the consent form in use, kept with each consent.
    pub consent_form: Option<String>,
    pub settings: Vec<Setting>,
    pub sections: Vec<Section>,
    /// What is explained after the decision, in order.
    pub sentences: Vec<Sentence>,
    pub procedures: Vec<Procedure>,
    pub rules: Vec<Rule>,
}

words! {
    /// Where a rule or a setting comes from.
    Basis {
        /// A regulator's label.
        Label = "label",
        Guideline = "guideline",
        /// Published agreement of experts.
        Consensus = "consensus",
        /// A bound taken from a grading scale.
        Grading = "grading",
        /// The clinic's own choice.
        Clinic = "clinic",
    }
}

words! {
    /// How loud an alert is, lowest first.
    Level { Note = "note", Caution = "caution", Warning = "warning", Critical = "critical" }
}

/// An interval or limit the clinic may set for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    pub name: String,
    pub label: Words,
    /// In `unit`.
    pub value: Decimal,
    pub min: Option<Decimal>,
    pub max: Option<Decimal>,
    pub unit: String,
    pub basis: Basis,
    pub source: Words,
}

words! {
    /// What one key may say of a whole section.
    Sweep {
        /// "Asked, unchanged", for benign sections.
        Unchanged = "unchanged",
        /// "All asked, none", for the list of red flags.
        Denied = "none",
    }
}

/// A part of the visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    pub id: String,
    pub title: Words,
    /// The walks it belongs to.
    pub visits: Vec<VisitKind>,
    pub when: Option<Condition>,
    pub sweep: Option<Sweep>,
    /// The note's words where several lines are joined by a sweep.
    pub note: Option<Words>,
    pub items: Vec<Item>,
}

words! {
    /// What sort of answer a line takes.
    Kind {
        /// Codes 0..n, higher is worse.
        Grade = "grade",
        /// One code; order means nothing.
        Choice = "choice",
        /// Several codes; none of them is 0.
        Many = "many",
        Number = "number",
        Day = "day",
        Text = "text",
        Weight = "weight",
        Potential = "potential",
        /// A pregnancy test.
        Test = "test",
        Intake = "intake",
        LastDose = "last_dose",
        Consent = "consent",
        /// When blood was drawn and whether fasting.
        Draw = "draw",
        /// Values in the order of the laboratory's slip.
        Labs = "labs",
        /// The decision.
        Plan = "plan",
        Counselling = "counselling",
    }
}

/// One line of the visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub id: ItemId,
    pub label: Words,
    /// A sentence to say to the patient.
    pub ask: Words,
    /// The line in the note before its answer; the label where left out.
    pub note: Option<Words>,
    pub kind: Kind,
    pub when: Option<Condition>,
    pub required: bool,
    pub off: bool,
    /// Hidden while somebody else is in the room.
    pub private: bool,
    /// The last answer is never shown.
    pub no_last: bool,
    pub options: Vec<Choice>,
    /// Of a number.
    pub unit: Option<String>,
    pub min: Option<Decimal>,
    pub max: Option<Decimal>,
    /// Of a panel: what is typed, in the order of the slip.
    pub panel: Vec<AnalyteId>,
    /// Of a panel: what may be added to it.
    pub extras: Vec<AnalyteId>,
}

/// One key of a line.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// The digit, and the code kept.
    pub key: u8,
    pub label: Words,
    /// Words of the note; the label where left out.
    pub note: Option<Words>,
    /// As a last answer, it may be swept as unchanged.
    #[serde(default)]
    pub sweep: bool,
    /// One or two characters for a trend, where the code would mislead.
    pub mark: Option<Words>,
    /// What it says as a fact of its own.
    pub means: Option<Meaning>,
    /// What is asked next, in order.
    #[serde(default)]
    pub opens: Vec<Opens>,
    /// Offered only then, such as "start" before treatment.
    pub when: Option<Box<Condition>>,
}

words! {
    /// What an option asks further.
    Opens {
        Day = "day",
        /// A whole number: days missed, capsules left.
        Count = "count",
        Text = "text",
        /// Where a test was done: urine here, serum, at home.
        Where = "where",
        /// Whether a draw was fasting.
        Fasting = "fasting",
        /// The kit of a test done elsewhere.
        Kit = "kit",
        /// Milligrams a day.
        Dose = "dose",
        /// Single sentences, each with its key.
        Sentences = "sentences",
    }
}

words! {
    /// What became of the last capsules.
    LastDoseSaid {
        /// Taken to the end as planned, none left.
        AsPlanned = "as_planned",
        /// Capsules were taken after the planned day.
        TookAfter = "took_after",
        /// Some are left over.
        Leftover = "leftover",
    }
}

words! {
    /// What was explained.
    CounselSaid { None = "none", Listed = "listed", Singly = "singly" }
}

/// What an option says as a typed fact.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Meaning {
    Test {
        result: TestResult,
        kind: Option<TestKind>,
        #[serde(default)]
        today: bool,
    },
    Potential {
        can: Can,
        reason: Option<CannotReason>,
    },
    Intake(Intake),
    LastDose(LastDoseSaid),
    /// Whether a signed consent is on file; the day is today where not asked.
    Consent(bool),
    Draw {
        fasting: Option<Fasting>,
        #[serde(default)]
        today: bool,
    },
    Action(Action),
    Counsel(CounselSaid),
}

/// A sentence explained to the patient.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sentence {
    /// Kept in the record as a code of the counselling line.
    pub number: u8,
    /// As explained.
    pub say: Words,
    /// As the note names it.
    pub note: Words,
    pub when: Option<Condition>,
}

/// Something done to the skin, and when it may be.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Procedure {
    pub id: String,
    pub label: Words,
    /// Whether it may be done while capsules are taken.
    pub during: bool,
    /// The setting that says how many months it waits after the last capsule.
    pub after_months: Option<String>,
    pub source: Words,
    pub basis: Basis,
}

/// When to look again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recheck {
    /// Days from this visit, at the latest.
    pub days: u32,
    #[serde(default)]
    pub fasting: bool,
}

/// A fact worth a line, with its source and its proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub id: String,
    /// Where it is shown.
    pub item: ItemId,
    pub level: Level,
    pub when: Condition,
    pub say: Words,
    pub source: Words,
    pub basis: Basis,
    pub fold: bool,
    pub ladder: Option<String>,
    pub asks: Option<ItemId>,
    pub recheck: Option<Recheck>,
    pub reason: Words,
    /// Empty in a protocol read by [`Protocol::proven`].
    pub examples: Vec<Example>,
}

/// A case and whether the rule fires on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    pub given: Situation,
    pub fires: bool,
}

/// An example that does not do what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExampleFailure {
    pub rule: String,
    /// From 1.
    pub example: usize,
    /// What the file says it does.
    pub expected: bool,
    pub found: Verdict,
}

impl Protocol {
    /// Reads a protocol, or says where and why it is refused.
    pub fn parse(text: &str) -> Result<Self, ProtocolError> {
        read::checked(text)
    }

    /// Reads a text that [`Protocol::parse`] accepted before: the shipped one, which
    /// tests read, or one kept in the record. Nothing is checked again and the rules'
    /// examples are left out: a visit needs neither, and together they take most of
    /// the time and memory.
    pub fn proven(text: &str) -> Result<Self, ProtocolError> {
        read::proven(text)
    }

    /// The examples that do not do what they say.
    pub fn check_examples(&self) -> Vec<ExampleFailure> {
        example::failures(self)
    }

    /// The line `id`, switched off or not.
    pub fn item(&self, id: &str) -> Option<&Item> {
        self.items().find(|item| item.id.as_str() == id)
    }

    /// Every line in order.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.sections.iter().flat_map(|section| &section.items)
    }

    /// The section `id`.
    pub fn section(&self, id: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.id == id)
    }

    /// The section the line `id` stands in.
    pub fn section_of(&self, id: &str) -> Option<&Section> {
        self.sections
            .iter()
            .find(|s| s.items.iter().any(|item| item.id.as_str() == id))
    }

    /// The sections of a walk, in order.
    pub fn sections(&self, visit: VisitKind) -> impl Iterator<Item = &Section> {
        self.sections
            .iter()
            .filter(move |section| section.visits.contains(&visit))
    }

    /// Whether the line is part of this visit; what cannot be told is. Whoever
    /// knows its section asks [`Section::relevant`].
    pub fn relevant(&self, item: &Item, on: &Situation) -> bool {
        let section = self.section_of(item.id.as_str());
        section.is_some_and(|section| section.relevant(item, on))
    }

    /// The lines of this visit, in order.
    pub fn walk(&self, on: &Situation) -> Vec<&Item> {
        let open = self.sections.iter().filter(|section| section.open(on));
        open.flat_map(|section| &section.items)
            .filter(|item| item.open(on))
            .collect()
    }

    /// The rule `id`.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// The declaration of the setting `name`.
    pub fn setting(&self, name: &str) -> Option<&Setting> {
        self.settings.iter().find(|setting| setting.name == name)
    }

    /// The settings in force with the clinic's own values, refused outside their floors.
    pub fn settings(&self, own: &BTreeMap<String, Decimal>) -> Result<Settings, SettingError> {
        let mut all = self.values();
        for (name, value) in own {
            let Some(setting) = self.setting(name) else {
                return Err(SettingError::Unknown { name: name.clone() });
            };
            setting.check(*value)?;
            all.insert(name.clone(), *value);
        }
        Ok(Settings::new(all))
    }

    /// The settings a visit under this protocol runs with: the clinic's own over
    /// the protocol's. What this protocol does not know is left out; a value that
    /// it refuses is named, and its own holds for that one.
    pub fn settings_of(&self, own: &[Own]) -> (Settings, Option<SettingError>) {
        laid_over(&self.settings, own)
    }

    /// The same of a text as [`Protocol::proven`] takes it, without reading the rest:
    /// the first lists need one number of it.
    pub fn settings_in(text: &str, own: &[Own]) -> Result<Settings, ProtocolError> {
        Ok(laid_over(&read::settings(text)?, own).0)
    }

    /// The protocol's own settings.
    pub fn default_settings(&self) -> Settings {
        Settings::new(self.values())
    }

    fn values(&self) -> BTreeMap<String, Decimal> {
        values(&self.settings)
    }

    /// The sentences to explain in this situation, in order.
    pub fn sentences(&self, on: &Situation) -> Vec<&Sentence> {
        self.sentences
            .iter()
            .filter(|sentence| surely_holds(sentence.when.as_ref(), on))
            .collect()
    }
}

impl Section {
    /// Whether the section is part of this visit; what cannot be told is.
    pub fn open(&self, on: &Situation) -> bool {
        on.visit.is_none_or(|visit| self.visits.contains(&visit))
            && may_hold(self.when.as_ref(), on)
    }

    /// Whether one of its lines is part of this visit; what cannot be told is.
    pub fn relevant(&self, item: &Item, on: &Situation) -> bool {
        self.open(on) && item.open(on)
    }
}

fn may_hold(when: Option<&Condition>, on: &Situation) -> bool {
    when.is_none_or(|condition| condition.holds(on) != Verdict::Not)
}

fn surely_holds(when: Option<&Condition>, on: &Situation) -> bool {
    when.is_none_or(|condition| condition.holds(on) == Verdict::Holds)
}

impl ExampleFailure {
    /// One sentence in `lang`: which example, what it says, what was found.
    pub fn message(&self, lang: Lang) -> String {
        let Self { rule, example, .. } = self;
        let (said, found) = match lang {
            Lang::Ja => (
                if self.expected {
                    "該当"
                } else {
                    "該当しない"
                },
                match self.found {
                    Verdict::Holds => "該当",
                    Verdict::Not => "該当しない",
                    Verdict::Unknown => "判定できない",
                },
            ),
            Lang::En => (
                if self.expected {
                    "fires"
                } else {
                    "stays silent"
                },
                match self.found {
                    Verdict::Holds => "it fires",
                    Verdict::Not => "it stays silent",
                    Verdict::Unknown => "it cannot be judged",
                },
            ),
        };
        match lang {
            Lang::Ja => {
                format!("規則\"{rule}\"の例{example}: 「{said}」とあるが、結果は「{found}」")
            }
            Lang::En => format!("rule \"{rule}\", example {example} says it {said}, but {found}"),
        }
    }
}

impl Sentence {
    /// As explained, with the settings it names filled in.
    pub fn said(&self, settings: &Settings) -> Words {
        words::fill(&self.say, &words::Values::new(), settings)
    }
}

impl Setting {
    /// Refuses a value outside the floor and the ceiling.
    pub fn check(&self, value: Decimal) -> Result<(), SettingError> {
        let low = self.min.is_some_and(|min| value < min);
        let high = self.max.is_some_and(|max| value > max);
        if low || high {
            return Err(SettingError::OutOfRange {
                name: self.name.clone(),
                min: self.min,
                max: self.max,
            });
        }
        Ok(())
    }
}

impl Item {
    /// Whether the line is asked once its section is open.
    pub(crate) fn open(&self, on: &Situation) -> bool {
        let hidden = self.private && on.companion;
        !self.off && !hidden && may_hold(self.when.as_ref(), on)
    }

    /// What the digit `key` says here.
    pub fn option(&self, key: u8) -> Option<&Choice> {
        self.options.iter().find(|choice| choice.key == key)
    }

    /// The label in `lang`.
    pub fn label(&self, lang: Lang) -> &str {
        self.label.get(lang)
    }

    /// The sentence to say in `lang`.
    pub fn ask(&self, lang: Lang) -> &str {
        self.ask.get(lang)
    }

    /// The words of the note before the answer.
    pub fn note(&self, lang: Lang) -> &str {
        self.note.as_ref().unwrap_or(&self.label).get(lang)
    }

    /// Whether `last` may be swept as unchanged.
    pub fn sweepable(&self, last: &super::answer::Answer) -> bool {
        last.code()
            .and_then(|code| self.option(code))
            .is_some_and(|choice| choice.sweep)
    }

    /// Whether 0 is an answer here; where "none" would clear a gate it is not.
    pub fn takes_zero(&self) -> bool {
        self.kind == Kind::Many || self.option(0).is_some()
    }
}

impl Choice {
    /// The label in `lang`.
    pub fn label(&self, lang: Lang) -> &str {
        self.label.get(lang)
    }

    /// The words of the note in `lang`.
    pub fn note(&self, lang: Lang) -> &str {
        self.note.as_ref().unwrap_or(&self.label).get(lang)
    }
}

fn values(settings: &[Setting]) -> BTreeMap<String, Decimal> {
    let each = settings.iter();
    each.map(|setting| (setting.name.clone(), setting.value))
        .collect()
}

fn laid_over(settings: &[Setting], own: &[Own]) -> (Settings, Option<SettingError>) {
    let mut all = values(settings);
    let mut trouble = None;
    for own in own {
        let known = settings.iter().find(|setting| setting.name == own.name);
        let Some((setting, value)) = known.zip(own.number) else {
            continue;
        };
        match setting.check(value) {
            Ok(()) => {
                all.insert(setting.name.clone(), value);
            }
            Err(why) => trouble = trouble.or(Some(why)),
        }
    }
    (Settings::new(all), trouble)
}
