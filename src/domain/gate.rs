//! The gates before the drug is handed over: that no pregnancy is possible or
//! runs, that contraception is used, that nobody is breast-fed, that consent was
//! given. How each stands on a day is worked out from what was said; what nobody
//! said is missing, and never open.

use super::answer::{Absence, Answer, Can, ItemId, Phase, PregnancyTest, TestResult, words};
use super::condition::Condition;
use super::course::Treatment;
use super::due::{self, Due, line, setting};
use super::protocol::{Item, Kind, Level, Protocol};
use super::record::{Consent, Record, Stamp, Stated, Visit};
use super::situation::{Settings, Situation, Verdict};
use chrono::{Days, NaiveDate};
use rust_decimal::prelude::ToPrimitive;

words! {
    /// What must be settled before capsules are handed over.
    Gate {
        /// Whether the patient can become pregnant; unknown counts as yes.
        Potential = "potential",
        /// Possibly pregnant now, or a late period.
        Possible = "possible",
        /// A negative pregnancy test within the days it is valid.
        Test = "test",
        /// A method, and no day without it.
        Contraception = "contraception",
        BreastFeeding = "breast_feeding",
        /// A signed consent to this course, to the form now in use.
        Consent = "consent",
        Guardian = "guardian",
    }
}

words! {
    /// How a gate stands, the quietest first.
    State {
        /// It does not apply.
        NotNeeded = "not_needed",
        Open = "open",
        /// Asked for, not back yet.
        Pending = "pending",
        /// It was open and no longer counts.
        Lapsed = "lapsed",
        /// Nobody said anything.
        Missing = "missing",
        /// Something was said that leaves it open: unsure, invalid, without a day.
        CannotTell = "cannot_tell",
        /// What was said stands against it.
        Closed = "closed",
    }
}

/// A gate on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub gate: Gate,
    pub state: State,
    /// The day of what it rests on.
    pub on: Option<NaiveDate>,
    /// The last day it counts, where it ends by itself.
    pub until: Option<NaiveDate>,
}

impl Standing {
    fn bare(gate: Gate, state: State) -> Self {
        let (on, until) = (None, None);
        Self {
            gate,
            state,
            on,
            until,
        }
    }
}

/// Everything a gate looks at.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    pub protocol: &'a Protocol,
    pub record: &'a Record,
    pub t: &'a Treatment,
    pub settings: &'a Settings,
    pub on: NaiveDate,
    /// The visit in hand: what is asked at each visit must be said in this one.
    pub visit: Option<&'a Visit>,
}

impl Asked<'_> {
    /// Every gate, in order.
    pub fn all(&self) -> Vec<Standing> {
        Gate::ALL.iter().map(|gate| self.of(*gate)).collect()
    }

    /// One gate.
    pub fn of(&self, gate: Gate) -> Standing {
        if !self.applies(gate) {
            return Standing::bare(gate, State::NotNeeded);
        }
        match gate {
            Gate::Potential => self.potential(),
            Gate::Possible => self.statement(gate, &[POSSIBLE], true),
            Gate::Test => self.test(),
            Gate::Contraception => self.statement(gate, &[METHOD, LAPSE], true),
            Gate::BreastFeeding => self.statement(gate, &[BREAST_FEEDING], false),
            Gate::Consent => self.consent(),
            Gate::Guardian => self.guardian(),
        }
    }

    fn applies(&self, gate: Gate) -> bool {
        let after = self.t.phase == Phase::After;
        let can = self.record.can_become_pregnant();
        let window = due::window(self.record, self.t, self.settings);
        let watched = !after || window.is_none_or(|until| self.on <= until);
        match gate {
            Gate::Potential => watched,
            Gate::Possible | Gate::Contraception => can && watched,
            Gate::Test => can && (!after || self.test_due() != Due::NotNeeded),
            Gate::BreastFeeding => can && !after,
            Gate::Consent => !after,
            // The day it ends is the birthday: nothing is needed from then on.
            Gate::Guardian => !after && self.minor(),
        }
    }

    fn test_due(&self) -> Due {
        due::any_test(self.record, self.t, self.settings, self.on)
    }

    fn minor(&self) -> bool {
        let of_age = due::of_age(self.record, self.settings);
        of_age.is_none_or(|day| self.on < day)
    }

    fn days(&self, name: &str) -> Option<u64> {
        self.settings.get(name)?.to_u64()
    }

    /// Settled by what was said of it, and looked at anew after a year.
    fn potential(&self) -> Standing {
        let bare = |state| Standing::bare(Gate::Potential, state);
        let (can, _, at) = self.record.potential();
        let Some(said) = at.map(|at| at.date_naive()) else {
            return bare(State::Missing);
        };
        let review = self.days(setting::POTENTIAL_REVIEW);
        let until = review.and_then(|n| said.checked_add_days(Days::new(n)));
        let standing = |state, until| Standing {
            on: Some(said),
            until,
            ..bare(state)
        };
        match can {
            Can::No => standing(State::Open, None),
            Can::Unknown => standing(State::CannotTell, None),
            Can::Yes if until.is_some_and(|until| self.on > until) => {
                standing(State::Lapsed, until)
            }
            Can::Yes => standing(State::Open, until),
        }
    }

    /// The worst that one of these lines says. What is asked at each visit must be
    /// said in the one in hand.
    fn statement(&self, gate: Gate, lines: &[&str], each_visit: bool) -> Standing {
        let asked = lines.iter().filter_map(|id| self.protocol.item(id));
        let asked = asked.filter(|item| !item.off && self.walked(item));
        let said = asked.map(|item| self.said(gate, item, each_visit));
        said.max_by_key(|standing| standing.state)
            .unwrap_or(Standing::bare(gate, State::NotNeeded))
    }

    /// Whether a line is part of the walk of the visit in hand.
    fn walked(&self, item: &Item) -> bool {
        let kinds = |visit: &Visit| match &item.when {
            Some(when) => of_kind(when, visit) != Verdict::Not,
            None => true,
        };
        self.visit.is_none_or(kinds)
    }

    fn said(&self, gate: Gate, item: &Item, each_visit: bool) -> Standing {
        let visits = self.record.visits().iter().rev();
        let of_course = |v: &&Visit| {
            let course = v.opening.course == self.t.course.course;
            let in_hand = self.visit.filter(|_| each_visit);
            let this = in_hand.is_none_or(|visit| visit.id() == v.id());
            course && this && v.void.is_none() && v.day() <= self.on
        };
        let said = visits.filter(of_course).find_map(|visit| {
            let answer = visit.answer(item.id.as_str())?;
            Some((visit.day(), answer))
        });
        let Some((day, answer)) = said else {
            return Standing::bare(gate, State::Missing);
        };
        let state = match answer.absence() {
            Some(Absence::NotAsked) => State::Missing,
            Some(Absence::Pending) => State::Pending,
            Some(_) => State::CannotTell,
            None => self.judged(item, answer),
        };
        Standing {
            on: Some(day),
            ..Standing::bare(gate, state)
        }
    }

    /// What the protocol's own rules say of an answer: against it, or that it no
    /// longer counts.
    fn judged(&self, item: &Item, answer: &Answer) -> State {
        let situation = Situation {
            answers: [(item.id.clone(), answer.clone())].into(),
            can_become_pregnant: Some(Can::Yes),
            settings: self.settings.clone(),
            ..Situation::default()
        };
        let rules = self.protocol.rules.iter().filter(|r| r.item == item.id);
        let fires = rules.filter(|r| r.when.holds(&situation) == Verdict::Holds);
        match fires.map(|rule| rule.level).max() {
            Some(Level::Critical) => State::Closed,
            Some(Level::Warning) => State::Lapsed,
            _ => State::Open,
        }
    }

    /// The last test that was said of, by its own day; that none was said of in the
    /// visit in hand goes before.
    fn test(&self) -> Standing {
        if let Some(path) = due::path(self.record) {
            // Until an outcome is recorded, whatever a later test shows.
            return Standing {
                on: Some(path.positive_on),
                ..Standing::bare(Gate::Test, State::Closed)
            };
        }
        let line = self.protocol.items().find(|item| item.kind == Kind::Test);
        let absent = self.visit.zip(line);
        let absent = absent.and_then(|(visit, item)| visit.answer(item.id.as_str())?.absence());
        match absent {
            Some(Absence::Pending) => return Standing::bare(Gate::Test, State::Pending),
            Some(_) => return Standing::bare(Gate::Test, State::Missing),
            None => {}
        }
        let (test, state) = match self.last_test() {
            None => return Standing::bare(Gate::Test, State::Missing),
            Some(test) => (test, self.state_of(test)),
        };
        let valid = self.days(setting::TEST_VALID);
        let until = test.done_on.zip(valid);
        let until = until.and_then(|(day, n)| day.checked_add_days(Days::new(n)));
        Standing {
            gate: Gate::Test,
            state,
            on: test.done_on,
            until: until.filter(|_| test.result == TestResult::Negative),
        }
    }

    fn last_test(&self) -> Option<&PregnancyTest> {
        let tests = self.record.facts().filter_map(|said| match said.answer {
            Answer::Test(test) => Some((day_of(&said), said.stamp.order, test)),
            _ => None,
        });
        let known = tests.filter(|(day, _, _)| *day <= self.on);
        known
            .max_by_key(|(day, order, _)| (*day, *order))
            .map(|(_, _, test)| test)
    }

    fn state_of(&self, test: &PregnancyTest) -> State {
        match test.result {
            TestResult::Positive => State::Closed,
            TestResult::Invalid => State::CannotTell,
            TestResult::Pending => State::Pending,
            TestResult::NotDone => State::Missing,
            TestResult::Negative => match (test.done_on, self.days(setting::TEST_VALID)) {
                (None, _) | (_, None) => State::CannotTell,
                (Some(day), Some(n)) if (self.on - day).num_days() > n as i64 => State::Lapsed,
                _ => State::Open,
            },
        }
    }

    /// A consent to the form now in use; one to an earlier form has lapsed.
    fn consent(&self) -> Standing {
        let course = self.t.course.course;
        let Some(consent) = self.record.consent_said(course) else {
            return Standing::bare(Gate::Consent, State::Missing);
        };
        let earlier = earlier_form(&consent, self.protocol);
        let state = match (consent.given, earlier) {
            (false, _) => State::Closed,
            (true, true) => State::Lapsed,
            (true, false) => State::Open,
        };
        Standing {
            on: consent.signed_on,
            ..Standing::bare(Gate::Consent, state)
        }
    }

    fn guardian(&self) -> Standing {
        let Some(item) = self.protocol.item(line::GUARDIAN) else {
            return Standing::bare(Gate::Guardian, State::NotNeeded);
        };
        Standing {
            until: due::of_age(self.record, self.settings).and_then(|day| day.pred_opt()),
            ..self.said(Gate::Guardian, item, false)
        }
    }
}

/// Whether a consent was to a form that is no longer in use; where its form is
/// not known, nothing is said against it.
pub fn earlier_form(consent: &Consent<'_>, protocol: &Protocol) -> bool {
    consent.form.is_some() && consent.form != protocol.consent_form.as_deref()
}

/// How a condition stands by the kind of the visit alone.
fn of_kind(when: &Condition, visit: &Visit) -> Verdict {
    when.holds(&Situation {
        visit: Some(visit.opening.kind),
        ..Situation::default()
    })
}

/// The lines that are asked.
const POSSIBLE: &str = "preg.possible";
const METHOD: &str = "preg.method";
const LAPSE: &str = "preg.lapse";
const BREAST_FEEDING: &str = "preg.breastfeeding";

/// Every line a gate names itself; the others are found by their kind.
pub const LINES: &[&str] = &[POSSIBLE, METHOD, LAPSE, BREAST_FEEDING, line::GUARDIAN];

/// The gate that a line belongs to.
pub fn of_line(item: &Item) -> Option<Gate> {
    match (item.kind, item.id.as_str()) {
        (Kind::Potential, _) => Some(Gate::Potential),
        (Kind::Test, _) => Some(Gate::Test),
        (Kind::Consent, _) => Some(Gate::Consent),
        (_, POSSIBLE) => Some(Gate::Possible),
        (_, METHOD | LAPSE) => Some(Gate::Contraception),
        (_, BREAST_FEEDING) => Some(Gate::BreastFeeding),
        (_, line::GUARDIAN) => Some(Gate::Guardian),
        _ => None,
    }
}

/// Something said of a gate: a row of the ledger.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    pub gate: Gate,
    /// The line it was said at; none outside visits.
    pub item: Option<&'a Item>,
    pub answer: &'a Answer,
    /// The day it speaks of: of the test, the signature, the visit.
    pub on: NaiveDate,
    pub stamp: Stamp,
    /// Said later of a signed visit.
    pub amended: bool,
}

/// Everything ever said of a gate, in visits that were not voided and outside
/// visits, the newest first.
pub fn ledger<'a>(record: &'a Record, protocol: &'a Protocol) -> Vec<Said<'a>> {
    let visits = record.visits().iter().filter(|v| v.void.is_none());
    let mut all: Vec<Said<'a>> = visits.flat_map(|v| of_visit(v, protocol)).collect();
    let outside = record.facts().filter(|said| said.visit.is_none());
    all.extend(outside.filter_map(|said| outside_visits(said, protocol)));
    all.sort_by_key(|said| std::cmp::Reverse((said.on, said.stamp.order)));
    all
}

fn of_visit<'a>(visit: &'a Visit, protocol: &'a Protocol) -> Vec<Said<'a>> {
    let said = |id: &ItemId, answer: &'a Answer, stamp: Stamp, amended: bool| {
        let item = protocol.item(id.as_str())?;
        Some(Said {
            gate: of_line(item)?,
            item: Some(item),
            answer,
            on: own_day(answer).unwrap_or(visit.day()),
            stamp,
            amended,
        })
    };
    let given = visit.responses.iter();
    let given = given.filter_map(|(id, r)| said(id, &r.answer, r.stamp, false));
    let amended = visit.amendments.iter().filter_map(|a| {
        let id = a.amendment.item.as_ref()?;
        said(id, a.answer.as_ref()?, a.stamp, true)
    });
    given.chain(amended).collect()
}

fn outside_visits<'a>(said: Stated<'a>, protocol: &'a Protocol) -> Option<Said<'a>> {
    let gate = match said.answer {
        Answer::Potential { .. } => Gate::Potential,
        Answer::Test(_) => Gate::Test,
        Answer::Consent { .. } => Gate::Consent,
        _ => return None,
    };
    Some(Said {
        gate,
        item: protocol.items().find(|item| of_line(item) == Some(gate)),
        answer: said.answer,
        on: day_of(&said),
        stamp: said.stamp,
        amended: false,
    })
}

/// The day a fact speaks of, else that of its visit, else that of its entry.
fn day_of(said: &Stated<'_>) -> NaiveDate {
    let visit = said.visit.map(Visit::day);
    own_day(said.answer)
        .or(visit)
        .unwrap_or(said.stamp.at.date_naive())
}

fn own_day(answer: &Answer) -> Option<NaiveDate> {
    match answer {
        Answer::Test(test) => test.done_on,
        Answer::Consent { signed_on, .. } => *signed_on,
        _ => None,
    }
}
