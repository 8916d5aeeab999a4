//! What is typed at a line: read, questioned, refused, or saved.

use super::*;
use crate::domain::protocol::Meaning;

/// A plain decimal, full width or not.
pub(super) fn decimal(text: &str) -> Option<Decimal> {
    crate::domain::quantity::Quantity::parse(text)
        .ok()
        .filter(|q| q.comparator == crate::domain::quantity::Comparator::Equal)
        .map(|q| q.number)
}

/// A number without a fraction.
pub(super) fn whole(number: Decimal) -> Option<u32> {
    number
        .is_integer()
        .then(|| u32::try_from(number).ok())
        .flatten()
}

/// Enter in a field of the walk.
pub(super) fn accept(screen: &mut VisitScreen, walk: &Walk<'_>) -> Outcome {
    let Stage::Typing {
        what,
        field,
        trouble,
    } = &screen.stage
    else {
        return Outcome::none();
    };
    let text = field.text().trim().to_owned();
    let confirmed = matches!(trouble, Some(Trouble::Question(_)));
    let done = match what.clone() {
        _ if text.is_empty() => {
            screen.stage = Stage::Walk;
            return Outcome::none();
        }
        Typing::Value { analyte, unit } => {
            return value(screen, &analyte, unit, &text, confirmed, walk);
        }
        Typing::Plain(item) => match walk.desk.protocol.item(item.as_str()) {
            Some(item) => plain(item, &text, confirmed, walk),
            None => Ok(Outcome::none()),
        },
        Typing::Range { analyte } => printed_range(&analyte, &text, walk),
        Typing::Memo(item) => {
            let change = walk.open.memo(&item, &text);
            let what = walk.ctx.text.saved_memo.to_owned();
            Ok(Outcome::save(walk.draft(
                EntryKind::Memo,
                vec![change],
                what,
            )))
        }
        Typing::Words { item, codes } => Ok(with_words(&item, codes, &text, walk)),
        Typing::SampleComment => match walk.list.drawn.as_ref() {
            Some(drawn) => {
                let mut specimen = drawn.specimen.clone();
                specimen.comment = Some(text);
                Ok(answer::restated(specimen, walk))
            }
            None => Ok(Outcome::none()),
        },
    };
    finish(screen, done)
}

pub(super) fn finish(screen: &mut VisitScreen, done: Result<Outcome, Trouble>) -> Outcome {
    match done {
        Ok(outcome) => {
            screen.stage = Stage::Walk;
            outcome
        }
        Err(trouble) => {
            screen.stage.trouble(trouble);
            Outcome::none()
        }
    }
}

/// Several codes, and the words that one of them asks.
fn with_words(item: &ItemId, codes: Vec<u8>, words: &str, walk: &Walk<'_>) -> Outcome {
    let Some(item) = walk.desk.protocol.item(item.as_str()) else {
        return Outcome::none();
    };
    let mut outcome = walk.respond(item, Answer::Many(codes));
    if let Some(draft) = &mut outcome.save {
        draft.changes.push(walk.open.memo(&item.id, words));
    }
    outcome
}

/// A number, day, weight or text typed at its line.
pub(super) fn plain(
    item: &Item,
    typed: &str,
    confirmed: bool,
    walk: &Walk<'_>,
) -> Result<Outcome, Trouble> {
    let text = walk.ctx.text;
    let today = walk.visit().day();
    let error = |why: &str| Trouble::Error(why.to_owned());
    let answer = match item.kind {
        Kind::Day => {
            let day = date::parse(typed, today, Dates::Past)
                .map_err(|e| Trouble::Error(crate::shown::date_trouble(e, text).to_owned()))?;
            Answer::Day(day)
        }
        Kind::Text => Answer::Text(typed.to_owned()),
        kind => {
            let number = decimal(typed).ok_or_else(|| error(text.trouble_number))?;
            let low = item.min.is_some_and(|min| number < min);
            let high = item.max.is_some_and(|max| number > max);
            if low || high {
                return Err(error(text.trouble_out_of_range));
            }
            if kind == Kind::Weight && !confirmed && weight_jumps(number, walk) {
                return Err(Trouble::Question(text.question_weight.to_owned()));
            }
            match kind {
                Kind::Weight => Answer::Weight {
                    kg: number,
                    measured_on: today,
                },
                _ => Answer::Number(number),
            }
        }
    };
    Ok(walk.respond(item, answer))
}

/// More than a tenth away from the last weight: a slipped key, or real?
pub(super) fn weight_jumps(kg: Decimal, walk: &Walk<'_>) -> bool {
    let last = walk.desk.record.weight().map(|(kg, _)| kg);
    last.is_some_and(|last| (kg - last).abs() * Decimal::TEN > last)
}

pub(super) fn printed_range(
    analyte: &AnalyteId,
    typed: &str,
    walk: &Walk<'_>,
) -> Result<Outcome, Trouble> {
    let Some(observation) = observed(analyte, walk) else {
        return Ok(Outcome::none());
    };
    let range = ReferenceRange::parse(typed, RangeSource::Report)
        .map_err(|_| Trouble::Error(walk.ctx.text.trouble_range.to_owned()))?;
    Ok(answer::stated(
        Observation {
            range: Some(range),
            ..observation.clone()
        },
        walk,
    ))
}

/// A laboratory value typed: refused, asked about, or saved.
pub(super) fn value(
    screen: &mut VisitScreen,
    analyte: &AnalyteId,
    chosen: Option<String>,
    typed: &str,
    confirmed: bool,
    walk: &Walk<'_>,
) -> Outcome {
    let Some(known) = walk.ctx.clinic.and_then(|c| c.catalogue.get(analyte)) else {
        return Outcome::none();
    };
    let asked = Asked {
        unit: confirmed || chosen.is_some(),
        unusual: confirmed,
    };
    let stated = || observed(analyte, walk).map(|o| o.unit.clone());
    let unit = chosen.or_else(stated).unwrap_or_else(|| known.unit.clone());
    let done = judged(screen, known, typed, &unit, asked, walk);
    match done {
        Some(done) => finish(screen, done),
        None => Outcome::none(),
    }
}

/// The verdict on a typed value; none where the unit question was opened.
pub(super) fn judged(
    screen: &mut VisitScreen,
    analyte: &Analyte,
    typed: &str,
    unit: &str,
    asked: Asked,
    walk: &Walk<'_>,
) -> Option<Result<Outcome, Trouble>> {
    let text = walk.ctx.text;
    let last = last_value(&analyte.id, walk);
    Some(match check_after(analyte, typed, unit, last, asked) {
        Check::Fine(q) => Ok(measured(&analyte.id, Reported::Value(q), Some(unit), walk)),
        Check::Unreadable(why) => Err(Trouble::Error(
            crate::shown::quantity_trouble(why, text).to_owned(),
        )),
        Check::UnknownUnit => Err(Trouble::Error(text.trouble_unit.to_owned())),
        Check::Impossible { limit } => {
            let limit = crate::shown::number(limit);
            Err(Trouble::Error(fill(
                text.trouble_impossible,
                &[("limit", &limit), ("unit", &analyte.unit)],
            )))
        }
        Check::Unusual(why) => Err(Trouble::Question(crate::shown::unusual(
            &why, analyte, text,
        ))),
        Check::UnitQuestion { unit: suggested } => {
            screen.stage = Stage::Unit {
                analyte: analyte.id.clone(),
                typed: typed.to_owned(),
                suggested,
            };
            return None;
        }
    })
}

/// The value of the draw before this one.
pub(super) fn last_value<'a>(analyte: &AnalyteId, walk: &Walk<'a>) -> Option<&'a Observation> {
    let here = walk.list.drawn.as_ref()?.specimen.id;
    let points = crate::domain::series::series(&walk.desk.record, analyte, walk.visit().day());
    let earlier = points.into_iter().rev().filter(|p| p.specimen.id != here);
    earlier
        .filter(|p| p.number().is_some())
        .map(|p| p.observation)
        .next()
}

/// Enter in a field that an option opened.
pub(super) fn accept_detail(screen: &mut VisitScreen, walk: &Walk<'_>) -> Outcome {
    let Stage::Detail {
        asked,
        detail,
        field,
        ..
    } = &screen.stage
    else {
        return Outcome::none();
    };
    match got(*asked, detail, field.text().trim(), walk) {
        Ok(got) => {
            let mut detail = detail.clone();
            detail.got.push(got);
            answer::next(screen, detail, walk)
        }
        Err(why) => {
            screen.stage.trouble(Trouble::Error(why));
            Outcome::none()
        }
    }
}

pub(super) fn got(
    asked: Opens,
    detail: &Detail,
    typed: &str,
    walk: &Walk<'_>,
) -> Result<Got, String> {
    let text = walk.ctx.text;
    let item = walk.desk.protocol.item(detail.item.as_str());
    let action = match item
        .and_then(|i| i.option(detail.key))
        .and_then(|c| c.means.as_ref())
    {
        Some(Meaning::Action(action)) => Some(*action),
        _ => None,
    };
    match asked {
        Opens::Day => {
            let day = date::parse(typed, walk.visit().day(), Dates::Past)
                .map_err(|e| crate::shown::date_trouble(e, text).to_owned())?;
            if day > walk.visit().day() {
                Err(text.trouble_future.to_owned())
            } else {
                Ok(Got::Day(day))
            }
        }
        Opens::Count => {
            let count = decimal(typed).and_then(whole).filter(|n| *n <= 1_000);
            count
                .map(Got::Count)
                .ok_or_else(|| text.trouble_number.to_owned())
        }
        Opens::Dose => {
            let dose = Dosing::parse(typed).ok_or_else(|| text.trouble_dose.to_owned())?;
            let wrong = action.and_then(|a| answer::contradiction(a, Some(dose), walk));
            wrong.map_or(Ok(Got::Dose(dose)), Err)
        }
        Opens::Text if typed.is_empty() => Err(text.trouble_empty.to_owned()),
        Opens::Text if action.is_some() => Ok(Got::Reason(typed.to_owned())),
        _ => Ok(Got::Text(typed.to_owned())),
    }
}
