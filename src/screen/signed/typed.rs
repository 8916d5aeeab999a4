//! What is typed as the new answer of a signed line, read in one way.
//!
//!   2              the option 2, where it opens nothing
//!   2 1105         the option 2, and the day it opens
//!   2 20 30 12/24  a decision: dose, days, next visit
//!   -   .1 .. .5   not asked; the other reasons for no answer

use crate::domain::answer::{
    Absence, Action, Answer, Intake, Plan, PregnancyTest, TestKind, TestResult,
};
use crate::domain::catalogue::{Analyte, Asked, Check, check_after};
use crate::domain::date::{self, Meaning as Dates};
use crate::domain::observation::{Fasting, Observation, Reported, Specimen};
use crate::domain::protocol::{
    Choice, CounselSaid, Item, Kind, LastDoseSaid, Meaning, Opens, Protocol,
};
use crate::domain::quantity::{Comparator, Quantity};
use crate::domain::schedule::{Dosing, Schedule};
use crate::domain::situation::Situation;
use crate::shown;
use crate::text::{Text, fill};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::str::SplitWhitespace;

/// Why what was typed is not an answer: a sentence, and whether the same typed
/// again counts as a yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    Error(String),
    Question(String),
}

/// What an answer is read against.
pub(super) struct Reading<'a> {
    pub item: &'a Item,
    pub text: &'a Text,
    pub protocol: &'a Protocol,
    /// The visit as its rules see it.
    pub situation: &'a Situation,
    /// The day of the visit.
    pub day: NaiveDate,
    /// The decision as it stands now.
    pub plan: Option<&'a Plan>,
    /// The last capsule as it was known before this line.
    pub last_capsule: NaiveDate,
    /// The visit's draw, and whether the line may restate it.
    pub drawn: Option<&'a Specimen>,
}

/// What a line is amended to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum New {
    Answer(Answer),
    /// The draw of the visit stated again.
    Draw {
        drawn_on: NaiveDate,
        fasting: Fasting,
    },
}

/// Full-width forms read as the keys they stand on.
pub(super) fn plain(typed: &str) -> String {
    let meant = |c: char| match c {
        '\u{3000}' => ' ',
        '。' | '｡' => '.',
        'ー' | '−' | 'ｰ' => '-',
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFF01 + 0x21).unwrap_or(c),
        other => other,
    };
    typed.trim().chars().map(meant).collect()
}

/// `-` and `.1` to `.5`: why there is no answer.
pub(super) fn absence(typed: &str) -> Option<Absence> {
    Some(match plain(typed).trim() {
        "-" => Absence::NotAsked,
        ".1" => Absence::Unsure,
        ".2" => Absence::NotApplicable,
        ".3" => Absence::Declined,
        ".4" => Absence::Pending,
        ".5" => Absence::Unusable,
        _ => return None,
    })
}

impl Reading<'_> {
    /// The answer that was typed.
    pub(super) fn answer(&self, typed: &str) -> Result<New, Trouble> {
        if let Some(why) = absence(typed) {
            return Ok(New::Answer(Answer::Absent(why)));
        }
        // Words stay as they were typed.
        if self.item.kind == Kind::Text {
            let said = typed.trim();
            return match said.is_empty() {
                true => Err(error(self.text.trouble_empty)),
                false => Ok(New::Answer(Answer::Text(said.to_owned()))),
            };
        }
        let typed = plain(typed);
        let mut rest = typed.split_whitespace();
        let new = self.read(&mut rest)?;
        match rest.next() {
            None => Ok(new),
            Some(surplus) => Err(Trouble::Error(fill(
                self.text.close_surplus,
                &[("what", surplus)],
            ))),
        }
    }

    fn read(&self, rest: &mut SplitWhitespace<'_>) -> Result<New, Trouble> {
        let first = rest.next().ok_or_else(|| error(self.text.trouble_empty))?;
        let answer = match self.item.kind {
            Kind::Number => Answer::Number(self.within(first)?),
            Kind::Weight => Answer::Weight {
                kg: self.within(first)?,
                measured_on: match rest.next() {
                    Some(day) => self.past(day)?,
                    None => self.day,
                },
            },
            Kind::Day => Answer::Day(self.past(first)?),
            Kind::Many => self.many(first)?,
            _ => {
                let digit: u8 = first.parse().map_err(|_| self.no_such())?;
                let choice = self.item.option(digit).ok_or_else(|| self.no_such())?;
                return self.chosen(choice, rest);
            }
        };
        Ok(New::Answer(answer))
    }

    fn no_such(&self) -> Trouble {
        error(self.text.trouble_no_such_answer)
    }

    fn many(&self, typed: &str) -> Result<Answer, Trouble> {
        if typed == "0" {
            return Ok(Answer::Many(Vec::new()));
        }
        let digits = typed
            .chars()
            .map(|c| c.to_digit(10).and_then(|d| u8::try_from(d).ok()));
        let codes: Option<Vec<u8>> = digits.collect();
        codes
            .filter(|c| c.iter().all(|c| *c > 0 && self.item.option(*c).is_some()))
            .map(|mut codes| {
                codes.sort_unstable();
                codes.dedup();
                Answer::Many(codes)
            })
            .ok_or_else(|| self.no_such())
    }

    /// A number in the line's own bounds.
    fn within(&self, typed: &str) -> Result<Decimal, Trouble> {
        let value = self.decimal(typed)?;
        let low = self.item.min.is_some_and(|min| value < min);
        let high = self.item.max.is_some_and(|max| value > max);
        if low || high {
            return Err(error(self.text.trouble_out_of_range));
        }
        Ok(value)
    }

    fn decimal(&self, typed: &str) -> Result<Decimal, Trouble> {
        let read =
            Quantity::parse(typed).map_err(|why| error(shown::quantity_trouble(why, self.text)))?;
        match read.comparator {
            Comparator::Equal => Ok(read.number),
            _ => Err(error(self.text.trouble_number)),
        }
    }

    fn count(&self, typed: &str, most: u32) -> Result<u32, Trouble> {
        let n: u32 = typed.parse().map_err(|_| error(self.text.trouble_number))?;
        match n <= most {
            true => Ok(n),
            false => Err(error(self.text.trouble_out_of_range)),
        }
    }

    fn past(&self, typed: &str) -> Result<NaiveDate, Trouble> {
        let day = self.date(typed, Dates::Past)?;
        match day <= self.day {
            true => Ok(day),
            false => Err(error(self.text.trouble_future)),
        }
    }

    fn date(&self, typed: &str, meaning: Dates) -> Result<NaiveDate, Trouble> {
        date::parse(typed, self.day, meaning)
            .map_err(|why| error(shown::date_trouble(why, self.text)))
    }

    /// An option and what it opens.
    fn chosen(&self, choice: &Choice, rest: &mut SplitWhitespace<'_>) -> Result<New, Trouble> {
        if let Some(Meaning::Action(action)) = choice.means {
            return self
                .decided(action, rest)
                .map(|p| New::Answer(Answer::Plan(p)));
        }
        let mut got = Got::default();
        for asked in &choice.opens {
            self.opened(*asked, &mut got, rest)?;
        }
        let answer = match &choice.means {
            None => Answer::Code(choice.key),
            Some(Meaning::Test {
                result,
                kind,
                today,
            }) => Answer::Test(PregnancyTest {
                result: *result,
                done_on: today
                    .then_some(self.day)
                    .or(got.day)
                    .filter(|_| *result != TestResult::NotDone),
                kind: kind.or(got.place),
                kit: got.words,
            }),
            Some(Meaning::Potential { can, reason }) => Answer::Potential {
                can: *can,
                reason: *reason,
            },
            Some(Meaning::Intake(intake)) => Answer::Intake {
                intake: *intake,
                missed_days: got.count.filter(|_| *intake == Intake::Missed),
                stopped_on: got.day,
            },
            Some(Meaning::LastDose(said)) => Answer::LastDose {
                taken_on: got.day.unwrap_or(self.last_capsule),
                leftover: match said {
                    LastDoseSaid::AsPlanned => Some(0),
                    _ => got.count,
                },
            },
            Some(Meaning::Consent(given)) => Answer::Consent {
                given: *given,
                signed_on: given.then(|| got.day.unwrap_or(self.day)),
                form: self.protocol.consent_form.clone().filter(|_| *given),
            },
            Some(Meaning::Draw { fasting, today }) => {
                let known = self.drawn.map_or(self.day, |s| s.drawn_on);
                return Ok(New::Draw {
                    drawn_on: match today {
                        true => self.day,
                        false => got.day.unwrap_or(known),
                    },
                    fasting: fasting.or(got.fasting).unwrap_or(Fasting::Unknown),
                });
            }
            Some(Meaning::Counsel(said)) => Answer::Many(match said {
                CounselSaid::None => Vec::new(),
                CounselSaid::Singly => got.sentences,
                CounselSaid::Listed => {
                    let listed = self.protocol.sentences(self.situation);
                    listed.iter().map(|s| s.number).collect()
                }
            }),
            Some(Meaning::Action(_)) => return Err(self.no_such()),
        };
        Ok(New::Answer(answer))
    }

    fn opened(
        &self,
        asked: Opens,
        got: &mut Got,
        rest: &mut SplitWhitespace<'_>,
    ) -> Result<(), Trouble> {
        // What follows is taken as words; they may be left out.
        if matches!(asked, Opens::Text | Opens::Kit) {
            let words: Vec<&str> = rest.by_ref().collect();
            got.words = (!words.is_empty()).then(|| words.join(" "));
            return Ok(());
        }
        let text = self.text;
        let next = rest.next().ok_or_else(|| {
            Trouble::Error(fill(text.close_then, &[("what", opens(asked, text))]))
        })?;
        match asked {
            Opens::Day => got.day = Some(self.past(next)?),
            Opens::Count => got.count = Some(self.count(next, 999)?),
            Opens::Where => {
                got.place = Some(match next {
                    "1" => TestKind::ClinicUrine,
                    "2" => TestKind::Serum,
                    "3" => TestKind::Home,
                    _ => return Err(self.no_such()),
                });
            }
            Opens::Fasting => {
                got.fasting = Some(match next {
                    "1" => Fasting::Yes,
                    "2" => Fasting::No,
                    "3" => Fasting::Unknown,
                    _ => return Err(self.no_such()),
                });
            }
            Opens::Sentences => got.sentences = self.sentences(next)?,
            Opens::Dose | Opens::Text | Opens::Kit => {}
        }
        Ok(())
    }

    /// The sentences by their place in the list, as in the visit.
    fn sentences(&self, typed: &str) -> Result<Vec<u8>, Trouble> {
        let all = &self.protocol.sentences;
        let each = typed.chars().map(|c| {
            let at = c.to_digit(10)?.checked_sub(1)?;
            all.get(usize::try_from(at).ok()?).map(|s| s.number)
        });
        let numbers: Option<Vec<u8>> = each.collect();
        numbers.ok_or_else(|| self.no_such())
    }

    /// `2 20 30 12/24 1/24`: what is left out stays as it was decided.
    fn decided(&self, action: Action, rest: &mut SplitWhitespace<'_>) -> Result<Plan, Trouble> {
        let text = self.text;
        let was = self.plan;
        let same = was.is_some_and(|p| p.action == action);
        let mut plan = Plan {
            action,
            mg_per_day: was
                .and_then(|p| p.mg_per_day)
                .or(self.situation.dose_now)
                .filter(|_| action.prescribes()),
            schedule: was.map_or(Schedule::Daily, |p| p.schedule),
            days: was.and_then(|p| p.days).filter(|_| action.prescribes()),
            reason: was.and_then(|p| p.reason.clone()).filter(|_| same),
            next_visit: was.and_then(|p| p.next_visit),
            next_blood: was.and_then(|p| p.next_blood),
        };
        if action.prescribes() {
            if let Some(dose) = rest.next() {
                let dose = Dosing::parse(dose).ok_or_else(|| error(text.trouble_dose))?;
                (plan.mg_per_day, plan.schedule) = (Some(dose.mg), dose.schedule);
            }
            if let Some(days) = rest.next() {
                plan.days = match self.count(days, 365)? {
                    0 => return Err(error(text.trouble_days)),
                    n => Some(n),
                };
            }
            if plan.mg_per_day.is_none() {
                let what = [("what", text.close_dose)];
                return Err(Trouble::Error(fill(text.close_then, &what)));
            }
        }
        if let Some(next) = rest.next() {
            plan.next_visit = Some(self.ahead(next)?);
        }
        if let Some(next) = rest.next() {
            plan.next_blood = Some(self.ahead(next)?);
        }
        Ok(plan)
    }

    fn ahead(&self, typed: &str) -> Result<NaiveDate, Trouble> {
        let day = self.date(typed, Dates::Future)?;
        match day > self.day {
            true => Ok(day),
            false => Err(error(self.text.trouble_not_future)),
        }
    }
}

/// What an option opened, as far as it was typed.
#[derive(Default)]
struct Got {
    day: Option<NaiveDate>,
    count: Option<u32>,
    place: Option<TestKind>,
    fasting: Option<Fasting>,
    words: Option<String>,
    sentences: Vec<u8>,
}

/// What an option asks behind its digit.
pub(super) fn opens(asked: Opens, text: &Text) -> &'static str {
    match asked {
        Opens::Day => text.close_day,
        Opens::Count => text.close_count,
        Opens::Text => text.close_words,
        Opens::Where => text.close_where,
        Opens::Fasting => text.close_fasting,
        Opens::Kit => text.close_kit,
        Opens::Dose => text.close_dose,
        Opens::Sentences => text.close_sentences,
    }
}

/// A value of the draw stated again: in its own unit, or in the one typed behind
/// it, with the questions of the first time; `confirmed` answers the last one.
pub(super) fn value(
    typed: &str,
    analyte: &Analyte,
    unit: &str,
    last: Option<&Observation>,
    confirmed: bool,
    text: &Text,
) -> Result<(Reported, String), Trouble> {
    if let Some(why) = absence(typed) {
        let reported = match why {
            Absence::Pending => Reported::Pending,
            Absence::Unusable => Reported::Haemolysed,
            _ => Reported::NotDone,
        };
        return Ok((reported, unit.to_owned()));
    }
    let typed = plain(typed);
    let (number, named) = match typed.split_once(char::is_whitespace) {
        Some((number, named)) => (number, Some(named.trim())),
        None => (typed.as_str(), None),
    };
    let known = named.map(|n| {
        analyte
            .unit_named(n)
            .ok_or_else(|| error(text.trouble_unit))
    });
    let unit = known.transpose()?.map_or(unit, |u| u.name.as_str());
    let asked = Asked {
        unit: named.is_some(),
        unusual: confirmed,
    };
    match check_after(analyte, number, unit, last, asked) {
        Check::Fine(quantity) => Ok((Reported::Value(quantity), unit.to_owned())),
        Check::Unreadable(why) => Err(error(shown::quantity_trouble(why, text))),
        Check::UnknownUnit => Err(error(text.trouble_unit)),
        Check::UnitQuestion { unit } => Err(Trouble::Error(fill(
            text.close_unit_question,
            &[("unit", &unit)],
        ))),
        Check::Impossible { limit } => Err(Trouble::Error(fill(
            text.trouble_impossible,
            &[("limit", &shown::number(limit)), ("unit", &analyte.unit)],
        ))),
        Check::Unusual(why) => Err(Trouble::Question(shown::unusual(&why, analyte, text))),
    }
}

fn error(why: &str) -> Trouble {
    Trouble::Error(why.to_owned())
}
