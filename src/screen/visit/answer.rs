//! From a digit to the change it asks for.

use super::entry::{Detail, Got, Stage, Typing};
use super::{VisitScreen, Walk, typed};
use crate::domain::answer::{Absence, Action, Answer, PregnancyTest, TestKind, TestResult};
use crate::domain::change::{Change, Drawn, EntryKind, Measured};
use crate::domain::checklist::{Line, LineId};
use crate::domain::course::Treatment;
use crate::domain::date::age;
use crate::domain::due::{self, Proposal};
use crate::domain::id::{ObservationId, SpecimenId};
use crate::domain::observation::{AnalyteId, Fasting, Observation, Reported, Specimen};
use crate::domain::protocol::{
    Choice, CounselSaid, Item, Kind, LastDoseSaid, Meaning, Opens, Sentence,
};
use crate::domain::schedule::{Dosing, Schedule};
use crate::domain::situation::Verdict;
use crate::screen::Outcome;
use crate::text::fill;
use crate::widget::cells;

/// A digit at the focused line.
pub(super) fn digit(screen: &mut VisitScreen, line: &Line, digit: u8, walk: &Walk<'_>) -> Outcome {
    let item = walk.item(line);
    if let LineId::Analyte(analyte) = &line.id {
        let typing = Typing::value(analyte);
        screen.stage = Stage::typing(typing, &digit.to_string());
        return Outcome::none();
    }
    if typed(item.kind) {
        screen.stage = Stage::typing(Typing::Plain(item.id.clone()), &digit.to_string());
        return Outcome::none();
    }
    if item.kind == Kind::Many {
        if digit == 0 {
            return walk.respond(item, Answer::Many(Vec::new()));
        }
        return match offered(item, digit, walk) {
            Some(_) => {
                screen.stage = Stage::Toggle {
                    item: item.id.clone(),
                    codes: vec![digit],
                };
                Outcome::none()
            }
            None => refused(item, digit, walk),
        };
    }
    match offered(item, digit, walk) {
        Some(choice) => chosen(screen, item, choice, walk),
        None => refused(item, digit, walk),
    }
}

/// The option of this digit, where it is offered to this patient now.
fn offered<'a>(item: &'a Item, digit: u8, walk: &Walk<'_>) -> Option<&'a Choice> {
    let choice = item.option(digit)?;
    let may = choice
        .when
        .as_ref()
        .is_none_or(|w| w.holds(&walk.list.situation) != Verdict::Not);
    may.then_some(choice)
}

fn refused(item: &Item, digit: u8, walk: &Walk<'_>) -> Outcome {
    let text = walk.ctx.text;
    let template = if digit == 0 {
        text.say_zero_refused
    } else {
        text.say_digit_refused
    };
    let values = [
        ("item", &*cells::fit(item.label(text.lang), 30)),
        ("digit", &*digit.to_string()),
    ];
    Outcome::say(fill(template, &values))
}

/// An option was chosen: either it says everything, or it opens what is asked next.
fn chosen(screen: &mut VisitScreen, item: &Item, choice: &Choice, walk: &Walk<'_>) -> Outcome {
    let mut todo = choice.opens.clone();
    if let Some(Meaning::Action(action)) = choice.means {
        todo.extend(missing_dose(action, &todo, walk));
    }
    let detail = Detail {
        item: item.id.clone(),
        key: choice.key,
        todo,
        got: Vec::new(),
    };
    next(screen, detail, walk)
}

/// The dose is asked where the decision needs one and none is known.
fn missing_dose(action: Action, todo: &[Opens], walk: &Walk<'_>) -> Option<Opens> {
    let known = treatment(walk).and_then(|t| t.last_dosing).is_some();
    (action.prescribes() && !known && !todo.contains(&Opens::Dose)).then_some(Opens::Dose)
}

/// Asks what an option still opens, or makes the answer when nothing is left.
pub(super) fn next(screen: &mut VisitScreen, mut detail: Detail, walk: &Walk<'_>) -> Outcome {
    let Some(item) = walk.desk.protocol.item(detail.item.as_str()) else {
        return Outcome::none();
    };
    let Some(choice) = item.option(detail.key) else {
        return Outcome::none();
    };
    if !detail.todo.is_empty() {
        let asked = detail.todo.remove(0);
        screen.stage = Stage::ask(asked, detail, walk);
        return Outcome::none();
    }
    match &choice.means {
        Some(Meaning::Action(action)) if action.holds_back() && !detail.has_reason() => {
            screen.stage = Stage::Reason(detail);
            Outcome::none()
        }
        means => {
            screen.stage = Stage::Walk;
            made(item, means.as_ref(), &detail, walk)
        }
    }
}

/// The answer that an option and its details amount to.
fn made(item: &Item, means: Option<&Meaning>, detail: &Detail, walk: &Walk<'_>) -> Outcome {
    let today = walk.visit().day();
    let answer = match means {
        None => Answer::Code(detail.key),
        Some(Meaning::Test {
            result,
            kind,
            today: here,
        }) => test(*result, *kind, here.then_some(today), detail),
        Some(Meaning::Potential { can, reason }) => Answer::Potential {
            can: *can,
            reason: *reason,
        },
        Some(Meaning::Intake(intake)) => Answer::Intake {
            intake: *intake,
            missed_days: detail.count(),
            stopped_on: detail.day(),
        },
        Some(Meaning::LastDose(said)) => match last_dose(*said, detail, walk) {
            Some(answer) => answer,
            None => return Outcome::say(walk.ctx.text.say_no_planned_last_dose),
        },
        Some(Meaning::Consent(given)) => Answer::Consent {
            given: *given,
            signed_on: given.then(|| detail.day().unwrap_or(today)),
            form: walk.desk.protocol.consent_form.clone().filter(|_| *given),
        },
        Some(Meaning::Draw {
            fasting,
            today: drawn_today,
        }) => {
            let drawn_on = if *drawn_today {
                today
            } else {
                detail.day().unwrap_or(today)
            };
            let fasting = fasting.or(detail.fasting()).unwrap_or(Fasting::Unknown);
            return drawn(drawn_on, fasting, walk);
        }
        Some(Meaning::Action(action)) => return decided(item, *action, detail, walk),
        Some(Meaning::Counsel(said)) => counselled(*said, detail, walk),
    };
    with_words(walk.respond(item, answer), item, means, detail, walk)
}

/// What was typed behind an option that is no fact of its own is kept as a remark at the line.
fn with_words(
    mut outcome: Outcome,
    item: &Item,
    means: Option<&Meaning>,
    detail: &Detail,
    walk: &Walk<'_>,
) -> Outcome {
    let kit = matches!(means, Some(Meaning::Test { .. }));
    let words = detail.text().filter(|words| !kit && !words.is_empty());
    if let (Some(words), Some(draft)) = (words, &mut outcome.save) {
        draft.changes.push(walk.open.memo(&item.id, &words));
    }
    outcome
}

fn test(
    result: TestResult,
    kind: Option<TestKind>,
    here: Option<chrono::NaiveDate>,
    detail: &Detail,
) -> Answer {
    Answer::Test(PregnancyTest {
        result,
        done_on: here.or(detail.day()),
        kind: kind.or(detail.test_kind()),
        kit: detail.text().filter(|kit| !kit.is_empty()),
    })
}

fn last_dose(said: LastDoseSaid, detail: &Detail, walk: &Walk<'_>) -> Option<Answer> {
    let planned = treatment(walk)
        .and_then(|t| t.last_dose_on)
        .unwrap_or(walk.visit().day());
    Some(match said {
        LastDoseSaid::AsPlanned => Answer::LastDose {
            taken_on: planned,
            leftover: Some(0),
        },
        LastDoseSaid::TookAfter => Answer::LastDose {
            taken_on: detail.day()?,
            leftover: detail.count(),
        },
        LastDoseSaid::Leftover => Answer::LastDose {
            taken_on: detail.day().unwrap_or(planned),
            leftover: detail.count(),
        },
    })
}

fn counselled(said: CounselSaid, detail: &Detail, walk: &Walk<'_>) -> Answer {
    match said {
        CounselSaid::None => Answer::Many(Vec::new()),
        CounselSaid::Singly => Answer::Many(detail.sentences()),
        CounselSaid::Listed => Answer::Many(listed(walk).iter().map(|s| s.number).collect()),
    }
}

/// The sentences that belong to this visit and its decision.
pub(super) fn listed<'a>(walk: &Walk<'a>) -> Vec<&'a Sentence> {
    walk.desk.protocol.sentences(&walk.list.situation)
}

/// The course on the day of the visit.
pub(super) fn treatment(walk: &Walk<'_>) -> Option<Treatment> {
    Treatment::on(&walk.desk.record, walk.visit().day())
}

/// What a decision proposes: supply and dates worked out together.
pub(super) fn proposal(action: Action, walk: &Walk<'_>) -> Proposal {
    let clinic = walk.ctx.clinic;
    let (Some(t), Some(clinic)) = (treatment(walk), clinic) else {
        return Proposal {
            next_visit: None,
            next_blood: None,
            days: None,
        };
    };
    let rechecks = walk.list.alerts.iter().filter_map(|a| a.recheck);
    let recheck = rechecks.map(|r| r.days).min();
    let (record, today) = (&walk.desk.record, walk.visit().day());
    due::propose(
        record,
        &t,
        &walk.desk.settings,
        today,
        action,
        recheck,
        |d| clinic.closed.open(d),
    )
}

fn decided(item: &Item, action: Action, detail: &Detail, walk: &Walk<'_>) -> Outcome {
    let proposed = proposal(action, walk);
    let dose = detail
        .dose()
        .or_else(|| treatment(walk).and_then(|t| t.last_dosing));
    if let Some(why) = contradiction(action, dose, walk) {
        return Outcome::say(why);
    }
    let plan = crate::domain::answer::Plan {
        action,
        mg_per_day: dose.filter(|_| action.prescribes()).map(|d| d.mg),
        schedule: schedule(dose, action),
        days: proposed.days.filter(|_| action.prescribes()),
        reason: detail.reason(),
        next_visit: proposed.next_visit,
        next_blood: proposed.next_blood,
    };
    walk.respond(item, Answer::Plan(plan))
}

/// The days of capsules under a decision.
pub(super) fn schedule(dose: Option<Dosing>, action: Action) -> Schedule {
    let dose = dose.filter(|_| action.prescribes());
    dose.map_or(Schedule::Daily, |dose| dose.schedule)
}

/// A raised dose that is not higher, or a reduced one that is not lower.
pub(super) fn contradiction(
    action: Action,
    dose: Option<Dosing>,
    walk: &Walk<'_>,
) -> Option<String> {
    let before = treatment(walk)?.last_dosing?.average();
    let dose = dose?.average();
    let wrong = match action {
        Action::Continue => dose != before,
        Action::Increase => dose <= before,
        Action::Reduce => dose >= before,
        _ => false,
    };
    let text = walk.ctx.text;
    let now = crate::shown::number(before);
    wrong.then(|| fill(text.say_dose_contradicts, &[("mg", &now)]))
}

/// A line that has no answer, and why.
pub(super) fn absent(line: &Line, why: Absence, walk: &Walk<'_>) -> Outcome {
    match &line.id {
        LineId::Analyte(analyte) => {
            let reported = match why {
                Absence::Pending => Reported::Pending,
                Absence::Unusable => Reported::Haemolysed,
                _ => Reported::NotDone,
            };
            without_value(analyte, reported, walk)
        }
        _ => walk.respond(walk.item(line), Answer::Absent(why)),
    }
}

/// A draw, as the specimen it is.
fn drawn(drawn_on: chrono::NaiveDate, fasting: Fasting, walk: &Walk<'_>) -> Outcome {
    let known = walk.list.drawn.as_ref().map(|d| &d.specimen);
    let id = known.map_or_else(
        || SpecimenId::from(walk.ctx.ids.next(walk.ctx.now)),
        |s| s.id,
    );
    let specimen = Specimen {
        id,
        drawn_on,
        fasting,
        haemolysed: known.is_some_and(|s| s.haemolysed),
        lipaemic: known.is_some_and(|s| s.lipaemic),
        comment: known.and_then(|s| s.comment.clone()),
        laboratory: known.and_then(|s| s.laboratory.clone()),
        dose_at_draw: treatment(walk).and_then(|t| t.mg_per_day),
    };
    restated(specimen, walk)
}

/// A specimen stated, or stated again.
pub(super) fn restated(specimen: Specimen, walk: &Walk<'_>) -> Outcome {
    let text = walk.ctx.text;
    let what = fill(
        text.saved_draw,
        &[("day", &crate::shown::day(specimen.drawn_on, text))],
    );
    let change = Change::Specimen(Drawn {
        visit: Some(walk.visit().id()),
        specimen,
    });
    Outcome::save(walk.draft(EntryKind::Observe, vec![change], what))
}

/// The value of today's draw for `analyte`, where there is one.
pub(super) fn observed<'a>(analyte: &AnalyteId, walk: &Walk<'a>) -> Option<&'a Observation> {
    let specimen = walk.list.drawn.as_ref()?.specimen.id;
    walk.desk
        .record
        .observations()
        .iter()
        .map(|v| &v.observation)
        .find(|o| o.specimen == specimen && o.analyte == *analyte)
}

/// A test of the draw that gave no value.
pub(super) fn without_value(analyte: &AnalyteId, reported: Reported, walk: &Walk<'_>) -> Outcome {
    measured(analyte, reported, None, walk)
}

/// A value of the draw, or why there is none; stated again, it is corrected.
pub(super) fn measured(
    analyte: &AnalyteId,
    reported: Reported,
    unit: Option<&str>,
    walk: &Walk<'_>,
) -> Outcome {
    let (Some(clinic), Some(drawn)) = (walk.ctx.clinic, &walk.list.drawn) else {
        return Outcome::none();
    };
    let Some(known) = clinic.catalogue.get(analyte) else {
        return Outcome::none();
    };
    let before = observed(analyte, walk);
    let id = before.map_or_else(
        || ObservationId::from(walk.ctx.ids.next(walk.ctx.now)),
        |o| o.id,
    );
    let unit = unit.unwrap_or(&known.unit);
    let printed = before
        .and_then(|o| o.range)
        .filter(|_| before.is_some_and(|o| o.unit == unit));
    let range = printed.or_else(|| catalogue_range(known, unit, walk));
    let observation = Observation::of(id, drawn.specimen.id, known, reported, unit, range);
    stated(observation, walk)
}

/// One value saved.
pub(super) fn stated(observation: Observation, walk: &Walk<'_>) -> Outcome {
    let text = walk.ctx.text;
    let name = walk
        .ctx
        .clinic
        .and_then(|c| c.catalogue.get(&observation.analyte))
        .map_or_else(
            || observation.analyte.0.clone(),
            |a| a.short.get(text.lang).to_owned(),
        );
    let what = format!("{name} {}", crate::shown::reported(&observation, text));
    let measured = Measured {
        visit: Some(walk.visit().id()),
        observation,
    };
    Outcome::save(walk.draft(
        EntryKind::Observe,
        vec![Change::Observe(Box::new(measured))],
        what,
    ))
}

/// The catalogue's range by sex and age; where sex is not known, none.
fn catalogue_range(
    analyte: &crate::domain::catalogue::Analyte,
    unit: &str,
    walk: &Walk<'_>,
) -> Option<crate::domain::observation::ReferenceRange> {
    let identity = walk.desk.record.identity()?;
    let years = age(identity.birth_date, walk.ctx.today);
    analyte.range_for(identity.sex, Some(years), unit)
}

impl Detail {
    fn find<T>(&self, pick: impl Fn(&Got) -> Option<T>) -> Option<T> {
        self.got.iter().rev().find_map(pick)
    }

    fn day(&self) -> Option<chrono::NaiveDate> {
        self.find(|g| {
            if let Got::Day(day) = g {
                Some(*day)
            } else {
                None
            }
        })
    }

    fn count(&self) -> Option<u32> {
        self.find(|g| {
            if let Got::Count(n) = g {
                Some(*n)
            } else {
                None
            }
        })
    }

    fn text(&self) -> Option<String> {
        self.find(|g| {
            if let Got::Text(t) = g {
                Some(t.clone())
            } else {
                None
            }
        })
    }

    fn test_kind(&self) -> Option<TestKind> {
        self.find(|g| {
            if let Got::Where(kind) = g {
                Some(*kind)
            } else {
                None
            }
        })
    }

    fn dose(&self) -> Option<Dosing> {
        self.find(|g| {
            if let Got::Dose(mg) = g {
                Some(*mg)
            } else {
                None
            }
        })
    }

    fn fasting(&self) -> Option<Fasting> {
        self.find(|g| {
            if let Got::Fasting(f) = g {
                Some(*f)
            } else {
                None
            }
        })
    }

    fn reason(&self) -> Option<String> {
        self.find(|g| {
            if let Got::Reason(r) = g {
                Some(r.clone())
            } else {
                None
            }
        })
    }

    fn has_reason(&self) -> bool {
        self.reason().is_some()
    }

    fn sentences(&self) -> Vec<u8> {
        self.find(|g| {
            if let Got::Sentences(s) = g {
                Some(s.clone())
            } else {
                None
            }
        })
        .unwrap_or_default()
    }
}
