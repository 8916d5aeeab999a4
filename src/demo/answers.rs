//! From what a story says of a line to the answer that the line takes.

use super::story::{More, Said};
use super::{Teller, Told, decimal};
use crate::domain::answer::{Absence, Answer, ItemId, PregnancyTest, TestResult};
use crate::domain::checklist::Checklist;
use crate::domain::course::Treatment;
use crate::domain::protocol::{Choice, CounselSaid, Item, Kind, LastDoseSaid, Meaning};
use chrono::{Days, NaiveDate};

impl Teller<'_, '_> {
    /// The answer of a line on `day`, told or usual.
    pub(super) fn answer(
        &self,
        item: &Item,
        said: Option<&Said>,
        day: NaiveDate,
        list: &Checklist,
    ) -> Told<Answer> {
        let said = said
            .or_else(|| self.story.usual.get(item.id.as_str()))
            .or_else(|| self.stories.usual.get(item.id.as_str()));
        match (said, item.kind) {
            (Some(Said::Word(word)), _) => self.word(item, word, day),
            (Some(Said::Keys(keys)), _) => keys_of(item, keys),
            (Some(Said::Key(key)), Kind::Many) => keys_of(item, &[*key]),
            (Some(Said::Key(key)), _) => self.key(item, &More::of(*key), day, list),
            (Some(Said::More(more)), _) => self.key(item, more, day, list),
            (None, _) => self.unsaid(item, day, list),
        }
    }

    fn word(&self, item: &Item, word: &str, day: NaiveDate) -> Told<Answer> {
        if let Some(why) = Absence::from_word(word) {
            return Ok(Answer::Absent(why));
        }
        match item.kind {
            Kind::Weight => Ok(Answer::Weight {
                kg: decimal(word)?,
                measured_on: day,
            }),
            Kind::Number => Ok(Answer::Number(decimal(word)?)),
            Kind::Text => Ok(Answer::Text(word.to_owned())),
            _ => Err(format!("{}: `{word}` is no answer", item.id)),
        }
    }

    /// What is answered where nobody says anything: "none", else the first choice.
    fn unsaid(&self, item: &Item, day: NaiveDate, list: &Checklist) -> Told<Answer> {
        match item.kind {
            Kind::Many => return Ok(Answer::Many(Vec::new())),
            Kind::Weight => {
                let kg = self.story.kg.as_ref().ok_or("no weight is told")?;
                return Ok(Answer::Weight {
                    kg: decimal(kg)?,
                    measured_on: day,
                });
            }
            Kind::Potential => {
                let (can, reason) = (self.story.can, self.story.cannot);
                return Ok(Answer::Potential { can, reason });
            }
            Kind::Consent => {
                let signed_on = self.story.consent.map(|ago| self.day(ago)).transpose()?;
                let form = self.ground.protocol.consent_form.clone();
                return Ok(Answer::Consent {
                    given: signed_on.is_some(),
                    form: form.filter(|_| signed_on.is_some()),
                    signed_on,
                });
            }
            Kind::Day => {
                let earlier = day.checked_sub_days(Days::new(19)).ok_or("no such day")?;
                return Ok(Answer::Day(earlier));
            }
            Kind::Number | Kind::Text => return Ok(Answer::Absent(Absence::NotAsked)),
            _ => {}
        }
        let key = match item.kind {
            Kind::Counselling => listed_key(item),
            _ => item
                .options
                .iter()
                .find(|o| o.key == 0)
                .or(item.options.first())
                .map(|o| o.key),
        };
        let key = key.ok_or_else(|| format!("{} has no choice", item.id))?;
        self.key(item, &More::of(key), day, list)
    }

    fn key(&self, item: &Item, more: &More, day: NaiveDate, list: &Checklist) -> Told<Answer> {
        let choice = item.option(more.key);
        let choice = choice.ok_or_else(|| format!("{} has no key {}", item.id, more.key))?;
        let told_day = more.ago.map(|ago| self.day(ago)).transpose()?;
        Ok(match &choice.means {
            None => Answer::Code(more.key),
            Some(Meaning::Potential { can, reason }) => Answer::Potential {
                can: *can,
                reason: *reason,
            },
            Some(Meaning::Test { .. }) => test(choice, more, told_day, day),
            Some(Meaning::Intake(intake)) => Answer::Intake {
                intake: *intake,
                missed_days: more.count,
                stopped_on: told_day,
            },
            Some(Meaning::LastDose(said)) => self.last_dose(*said, more, told_day, day),
            Some(Meaning::Consent(given)) => {
                let signed_on = given.then(|| told_day.unwrap_or(day));
                let form = self.ground.protocol.consent_form.clone();
                Answer::Consent {
                    given: *given,
                    signed_on,
                    form: form.filter(|_| *given),
                }
            }
            Some(Meaning::Counsel(CounselSaid::Listed)) => {
                let listed = self.ground.protocol.sentences(&list.situation);
                Answer::Many(listed.into_iter().map(|sentence| sentence.number).collect())
            }
            Some(Meaning::Counsel(_)) => Answer::Many(Vec::new()),
            Some(Meaning::Draw { .. } | Meaning::Action(_)) => {
                return Err(format!("{} is told by `draw` or `plan`", item.id));
            }
        })
    }

    fn last_dose(
        &self,
        said: LastDoseSaid,
        more: &More,
        told_day: Option<NaiveDate>,
        day: NaiveDate,
    ) -> Answer {
        let known = Treatment::on(&self.record, day).and_then(|t| t.last_dose_on);
        let taken_on = told_day.or(known).unwrap_or(day);
        let leftover = match said {
            LastDoseSaid::AsPlanned => Some(0),
            LastDoseSaid::TookAfter | LastDoseSaid::Leftover => more.count,
        };
        Answer::LastDose { taken_on, leftover }
    }

    /// What the visit tells of a line, if anything.
    pub(super) fn told_of<'t>(told: &'t super::story::Told, item: &ItemId) -> Option<&'t Said> {
        told.say.get(item.as_str())
    }
}

impl More {
    fn of(key: u8) -> Self {
        Self {
            key,
            ago: None,
            count: None,
            place: None,
            kit: None,
        }
    }
}

fn keys_of(item: &Item, keys: &[u8]) -> Told<Answer> {
    match keys.iter().find(|key| item.option(**key).is_none()) {
        Some(key) => Err(format!("{} has no key {key}", item.id)),
        None => Ok(Answer::Many(
            keys.iter().copied().filter(|key| *key != 0).collect(),
        )),
    }
}

/// The key that says the listed sentences were explained.
fn listed_key(item: &Item) -> Option<u8> {
    let listed = Some(Meaning::Counsel(CounselSaid::Listed));
    item.options
        .iter()
        .find(|o| o.means == listed)
        .map(|o| o.key)
}

fn test(choice: &Choice, more: &More, told_day: Option<NaiveDate>, day: NaiveDate) -> Answer {
    let Some(Meaning::Test {
        result,
        kind,
        today,
    }) = &choice.means
    else {
        return Answer::Code(more.key);
    };
    let done = !matches!(result, TestResult::NotDone);
    let done_on = if *today {
        Some(day)
    } else {
        told_day.filter(|_| done)
    };
    Answer::Test(PregnancyTest {
        result: *result,
        done_on,
        kind: kind.or(more.place),
        kit: more.kit.clone(),
    })
}
