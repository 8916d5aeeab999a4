//! The note of a visit, as it goes into the main chart.
//!
//!   [10388 男 19歳] 2026-11-24(火) イソトレチノイン再診(対面) 9週目
//!   S) 口唇 亀裂・疼痛(0-3で2、前回1)。皮膚1・鼻1は聴取し変わりなし。
//!   O) 炎症性皮疹 片顔 中等症(6-20個)。採血11/24 食後(20mg/日、60日目) AST 24、..
//!   A) 重大 TG 512 mg/dL(食後): 500以上。当院基準では休薬、..
//!   P) 休薬(理由 TG 512)。本日処方なし。
//!   本人確認 済。佐藤 10:47 署名。isotretinoin 1.0 #3fa2c1
//!
//! It states what was asked and found and what was not. It coins nothing: what
//! stands under A) are the alerts in the words of their rules.

mod absent;
mod asked;
mod blood;
mod findings;
mod later;
mod plan;

pub(crate) use findings::denied_as_list;
pub use later::{frozen, of_signed};

use crate::domain::alert::{Alert, Assessed};
use crate::domain::answer::{
    Answer, Intake, ItemId, Manner, PregnancyTest, TestKind, TestResult, VisitKind,
};
use crate::domain::assess::Case;
use crate::domain::catalogue::Catalogue;
use crate::domain::change::Person;
use crate::domain::checklist::{Checklist, LineId, LineState};
use crate::domain::date::age;
use crate::domain::lang::Lang;
use crate::domain::protocol::{Basis, Item, Kind, Level, Section};
use crate::shown;
use crate::text::{Text, fill};
use chrono::{DateTime, FixedOffset};

/// Who signs, and when; none for a draft.
pub type Signer<'a> = Option<(&'a str, DateTime<FixedOffset>)>;

/// The line that says this is the right patient.
pub(crate) const IDENTITY: &str = "ident.two";

/// Lines that record what was advised or handed over: they belong to the plan.
pub(crate) const ADVISED: [&str; 6] = [
    "dry.care",
    "ident.consent",
    "ident.unapproved",
    "ident.minor",
    "preg.male",
    "dose.product",
];

/// The section whose lines come and go. In the note each stands with its kind.
const ADDED: &str = "today";

/// The note: at most nine lines for a routine visit, the red flags counted.
pub fn compose(
    case: &Case<'_>,
    list: &Checklist,
    catalogue: &Catalogue,
    people: &[Person],
    signer: Signer<'_>,
    text: &Text,
) -> String {
    Sheet {
        case,
        list,
        catalogue,
        people,
        text,
        full: false,
    }
    .note(signer)
}

/// The note with every red flag by name, and with private lines also where
/// somebody else was in the room.
pub fn compose_in_full(
    case: &Case<'_>,
    list: &Checklist,
    catalogue: &Catalogue,
    people: &[Person],
    signer: Signer<'_>,
    text: &Text,
) -> String {
    Sheet {
        case,
        list,
        catalogue,
        people,
        text,
        full: true,
    }
    .note(signer)
}

/// What a note is written from.
struct Sheet<'a> {
    case: &'a Case<'a>,
    list: &'a Checklist,
    catalogue: &'a Catalogue,
    people: &'a [Person],
    text: &'a Text,
    full: bool,
}

/// A line of the visit with what was said to it; never an absent answer.
#[derive(Clone, Copy)]
struct Said<'a> {
    item: &'a Item,
    answer: &'a Answer,
    manner: Manner,
    /// The section the note puts it under.
    section: &'a Section,
}

/// The part of the note a line belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Told,
    Found,
    Planned,
    Last,
}

impl<'a> Sheet<'a> {
    fn note(&self, signer: Signer<'_>) -> String {
        let mut lines = vec![self.first_line()];
        lines.extend(headed("S", self.told()));
        lines.extend(headed("O", self.found()));
        lines.extend(headed("A", self.alerts()));
        lines.extend(headed("P", self.planned()));
        lines.extend(self.absent());
        lines.push(self.last_line(signer));
        lines.join("\n")
    }

    /// Names the patient: a note pasted into the wrong chart shows it at once.
    fn first_line(&self) -> String {
        let (text, visit) = (self.text, self.case.visit);
        let identity = self.case.record.identity();
        let number = identity.map_or("", |i| i.chart_number.as_str());
        let sex = identity.map_or("", |i| shown::sex(i.sex, text));
        let years = identity.map_or(String::new(), |i| {
            age(i.birth_date, visit.day()).to_string()
        });
        let kind = match visit.opening.kind {
            VisitKind::Start => text.note_kind_start,
            VisitKind::FollowUp => text.note_kind_follow_up,
            VisitKind::After => text.note_kind_after,
        };
        let mode = shown::mode(visit.context.mode, text);
        let companion = fill(text.note_companion, &[("mode", mode)]);
        let mode = if visit.context.companion {
            companion.as_str()
        } else {
            mode
        };
        let line = fill(
            text.note_header,
            &[
                ("number", number),
                ("sex", sex),
                ("age", &years),
                ("day", &shown::full_day(visit.day(), text)),
                ("drug", self.case.protocol.drug.get(text.lang)),
                ("kind", kind),
                ("mode", mode),
                ("when", &self.when()),
            ],
        );
        line.trim_end().to_owned()
    }

    /// Week of treatment, or days since the last dose after it.
    fn when(&self) -> String {
        let n = |n: i64| n.to_string();
        match self.case.visit.opening.kind {
            VisitKind::Start => String::new(),
            VisitKind::FollowUp => {
                let week = self.case.treatment().and_then(|t| t.week());
                week.map_or(String::new(), |w| {
                    fill(self.text.note_week, &[("n", &n(w))])
                })
            }
            VisitKind::After => self
                .list
                .situation
                .days_since_last_dose
                .map_or(String::new(), |d| {
                    fill(self.text.note_after_days, &[("n", &n(d))])
                }),
        }
    }

    /// Every line with an answer, in the order of the visit.
    fn said(&self) -> Vec<Said<'a>> {
        let items = self.list.lines.iter().filter_map(|line| match &line.id {
            LineId::Item(_) if self.shows(line.state, line.item(self.case.protocol)) => {
                Some(line.item(self.case.protocol))
            }
            _ => None,
        });
        let said = items.filter_map(|item| {
            let answer = self.case.visit.answer(item.id.as_str())?;
            let manner = self.case.visit.responses.get(&item.id)?.manner;
            let section = self.home(item)?;
            answer.absence().is_none().then_some(Said {
                item,
                answer,
                manner,
                section,
            })
        });
        said.collect()
    }

    /// An answer counts where its line is part of the visit. A private one, set
    /// aside because somebody came in, is shown in full all the same.
    fn shows(&self, state: LineState, item: &Item) -> bool {
        let private = item.private && self.case.visit.context.companion;
        state == LineState::Answered && !private
            || state == LineState::SetAside && private && self.full
    }

    /// The section a line is told under: an added line joins its own kind.
    fn home(&self, item: &Item) -> Option<&'a Section> {
        let protocol = self.case.protocol;
        let own = protocol.section_of(item.id.as_str())?;
        if own.id != ADDED {
            return Some(own);
        }
        let kind = prefix(&item.id);
        let mut others = protocol
            .sections(self.case.visit.opening.kind)
            .filter(|s| s.id != ADDED);
        let home = others.find(|s| s.items.iter().any(|i| prefix(&i.id) == kind));
        Some(home.unwrap_or(own))
    }

    /// Caution and above, each in the words of its rule with whose rule it is.
    fn alerts(&self) -> Vec<String> {
        let loud: Vec<String> = self
            .list
            .alerts
            .iter()
            .filter(|a| a.level > Level::Note)
            .map(|a| self.alert(a))
            .collect();
        let none = match self
            .list
            .alerts
            .iter()
            .any(|a| a.assessed == Assessed::Fires)
        {
            true => self.text.note_no_caution,
            false => self.text.note_no_alert,
        };
        match loud.len() {
            0 => vec![self.sentences(&[self.with_gaps(none)])],
            1 | 2 => vec![self.sentences(&loud)],
            _ => loud
                .into_iter()
                .map(|alert| self.sentences(&[alert]))
                .collect(),
        }
    }

    /// A rule is silent as well where nobody asked: that is said beside it.
    fn with_gaps(&self, none: &str) -> String {
        let absent = self
            .list
            .situation
            .answers
            .values()
            .filter(|a| a.absence().is_some());
        match self.list.open() + absent.count() {
            0 => none.to_owned(),
            n => fill(
                self.text.note_alert_gaps,
                &[("said", none), ("n", &n.to_string())],
            ),
        }
    }

    fn alert(&self, alert: &Alert) -> String {
        let text = self.text;
        let basis = basis(alert.basis, text);
        let words = alert.text.get(text.lang);
        // Many sentences already say whose limit it is.
        let named = words.to_lowercase().contains(basis);
        let said = match named {
            true => words.to_owned(),
            false => fill(text.note_alert_basis, &[("said", words), ("basis", basis)]),
        };
        fill(
            text.note_alert,
            &[("level", shown::level(alert.level, text)), ("said", &said)],
        )
    }

    fn last_line(&self, signer: Signer<'_>) -> String {
        let (text, protocol) = (self.text, self.case.protocol);
        let identity = protocol.item(IDENTITY).map(|item| {
            let answer = self.case.visit.answer(IDENTITY);
            let said = answer.map_or(text.note_not_entered.to_owned(), |a| self.words(item, a));
            self.what(item, &said)
        });
        let signed = match signer {
            Some((who, at)) => {
                let (day, at) = (at.date_naive(), at.format("%H:%M").to_string());
                let template = match day == self.case.visit.day() {
                    true => text.note_signed,
                    false => text.close_signed_on,
                };
                let day = shown::full_day(day, text);
                fill(template, &[("who", who), ("day", &day), ("at", &at)])
            }
            None => text.note_unsigned.to_owned(),
        };
        let asked = self.asked_by(signer.map(|(who, _)| who));
        let said = identity.into_iter().chain(asked).chain([signed]);
        let said: Vec<String> = said.collect();
        let hash: String = self.case.visit.opening.protocol[..3]
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        let said = self.sentences(&said);
        let said = said.trim_end_matches(self.text.note_stop.trim_end());
        format!("{said}  {} {} #{hash}", protocol.id, protocol.version)
    }

    /// `what said`, with the line's name as the note writes it.
    fn what(&self, item: &Item, said: &str) -> String {
        // The words of an answer may bring a colon of their own.
        let said = said.replacen(": ", ", ", 1);
        fill(
            self.text.note_said,
            &[("what", item.note(self.text.lang)), ("said", &said)],
        )
    }

    /// An answer in the note's words.
    fn words(&self, item: &Item, answer: &Answer) -> String {
        match answer {
            // Done elsewhere or another day: where and when must be said.
            Answer::Test(test) if !self.done_here(test) => shown::pregnancy_test(test, self.text),
            _ => answer_words(item, answer, self.text),
        }
    }

    fn done_here(&self, test: &PregnancyTest) -> bool {
        let undone = matches!(test.result, TestResult::NotDone | TestResult::Pending);
        undone
            || test.kind == Some(TestKind::ClinicUrine)
                && test.done_on == Some(self.case.visit.day())
    }

    /// Sentences on one line, each closed in the manner of the language.
    fn sentences(&self, said: &[String]) -> String {
        let stop = self.text.note_stop;
        let closed: Vec<String> = said
            .iter()
            .map(|s| {
                let s = one_line(s);
                let s = s.trim_end_matches(['。', '.']);
                format!("{}{stop}", capital(s, self.text.lang))
            })
            .collect();
        closed.concat().trim_end().to_owned()
    }

    fn names<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> String {
        let lang = self.text.lang;
        names
            .into_iter()
            .map(|n| small(n, lang))
            .collect::<Vec<_>>()
            .join(self.text.note_names)
    }
}

/// An answer in the words the protocol keeps for the note.
pub(crate) fn answer_words(item: &Item, answer: &Answer, text: &Text) -> String {
    let option = shown::option(item, answer).map(|o| o.note(text.lang).to_owned());
    match answer {
        Answer::Code(_) | Answer::Consent { given: false, .. } => option,
        Answer::Test(_) | Answer::Plan(_) | Answer::Potential { .. } => option,
        Answer::Consent {
            signed_on: Some(on),
            form,
            ..
        } => option.map(|said| {
            let form = shown::consent_form(form.as_deref(), text);
            format!("{said} {}{form}", shown::full_day(*on, text))
        }),
        Answer::Many(codes) if codes.is_empty() => {
            item.option(0).map(|o| o.note(text.lang).to_owned())
        }
        Answer::Many(codes) => {
            let chosen = codes.iter().filter_map(|c| item.option(*c));
            let each: Vec<&str> = chosen.map(|o| o.note(text.lang)).collect();
            (!each.is_empty()).then(|| each.join(text.note_items))
        }
        Answer::Intake {
            intake: Intake::AsPlanned | Intake::WithoutFood,
            ..
        } => option,
        // The line's own name says already that it is the last capsule.
        Answer::LastDose { taken_on, leftover } => {
            let left = leftover.map(|n| match n {
                0 => text.close_none_left.to_owned(),
                n => fill(text.capsules_left, &[("n", &n.to_string())]),
            });
            let day = [shown::full_day(*taken_on, text)];
            let said: Vec<String> = day.into_iter().chain(left).collect();
            Some(said.join(" "))
        }
        _ => None,
    }
    .unwrap_or_else(|| shown::answer(item, answer, text))
}

/// Where a line belongs. What the doctor saw and measured is found; what the
/// patient said is told.
fn place(item: &Item) -> Place {
    match item.kind {
        Kind::Test | Kind::Weight | Kind::Draw | Kind::Labs => Place::Found,
        Kind::Plan | Kind::Counselling => Place::Planned,
        _ if item.id.as_str() == IDENTITY => Place::Last,
        _ if ADVISED.contains(&item.id.as_str()) => Place::Planned,
        _ if prefix(&item.id) == "resp" => Place::Found,
        _ => Place::Told,
    }
}

/// `dry` of `dry.lips`.
fn prefix(id: &ItemId) -> &str {
    id.as_str().split('.').next().unwrap_or_default()
}

/// `S) first line`, the others indented under it.
fn headed(letter: &str, lines: Vec<String>) -> Vec<String> {
    let said = lines.into_iter().filter(|l| !l.is_empty()).enumerate();
    said.map(|(i, line)| match i {
        0 => format!("{letter}) {line}"),
        _ => format!("   {line}"),
    })
    .collect()
}

/// What was typed over several lines stays with its own topic.
fn one_line(said: &str) -> String {
    said.split(['\n', '\r'])
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// A sentence begins with a capital where the language has them.
fn capital(said: &str, lang: Lang) -> String {
    let mut chars = said.chars();
    match (lang, chars.next()) {
        (Lang::En, Some(first)) => first.to_uppercase().chain(chars).collect(),
        _ => said.to_owned(),
    }
}

/// A name within a sentence: `Lips` is written small, `TG` is not.
fn small(name: &str, lang: Lang) -> String {
    let mut chars = name.chars();
    match (lang, chars.next()) {
        (Lang::En, Some(first)) if chars.clone().next().is_some_and(char::is_lowercase) => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => name.to_owned(),
    }
}

/// Whose rule it is.
pub fn basis(basis: Basis, text: &Text) -> &'static str {
    match basis {
        Basis::Label => text.note_basis_label,
        Basis::Guideline => text.note_basis_guideline,
        Basis::Consensus => text.note_basis_consensus,
        Basis::Grading => text.note_basis_grading,
        Basis::Clinic => text.note_basis_clinic,
    }
}
