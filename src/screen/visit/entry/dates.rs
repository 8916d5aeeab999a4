//! Dose, supply and dates of a decision, as a form.

use super::field::{decimal, whole};
use super::*;

/// The lines that take a day.
const DAYS: [usize; 2] = [2, 3];

/// Dose, supply and dates of the decision, as a form.
pub(in crate::screen::visit) fn dates(screen: &mut VisitScreen, walk: &Walk<'_>) -> Outcome {
    let Some(plan) = walk.visit().plan() else {
        return Outcome::say(walk.ctx.text.say_decide_first);
    };
    screen.stage = Stage::Dates {
        form: plan_form(plan, walk),
        plan: plan.clone(),
    };
    Outcome::none()
}

pub(super) fn plan_form(plan: &Plan, walk: &Walk<'_>) -> Form {
    let text = walk.ctx.text;
    let dose = plan.dosing().map_or(String::new(), |dose| dose.to_string());
    let day = |d: Option<NaiveDate>| d.map_or(String::new(), date::iso);
    let mut form = Form::new(vec![
        form::line(text.form_mg_per_day, &dose),
        form::line(
            text.form_days,
            &plan.days.map_or(String::new(), |d| d.to_string()),
        ),
        form::line(text.form_next_visit, &day(plan.next_visit)),
        form::line(text.form_next_blood, &day(plan.next_blood)),
        form::line(text.form_reason, plan.reason.as_deref().unwrap_or_default()),
    ]);
    echo(&mut form, walk);
    form
}

/// Each day as it is read, with its weekday and how far off it is.
fn echo(form: &mut Form, walk: &Walk<'_>) {
    let today = walk.visit().day();
    for at in DAYS {
        let read = date::parse(form.text(at), today, Dates::Future).ok();
        let echo = read.map(|day| crate::shown::echo(day, today, walk.ctx.text));
        if let Some(line) = form.lines.get_mut(at) {
            line.echo = echo.unwrap_or_default();
        }
    }
}

pub(super) fn in_dates(screen: &mut VisitScreen, command: Command, walk: &Walk<'_>) -> Outcome {
    let Stage::Dates { form, plan } = &mut screen.stage else {
        return Outcome::none();
    };
    match form.key(command) {
        form::Step::Stay => {
            echo(form, walk);
            Outcome::none()
        }
        form::Step::Leave => {
            screen.stage = Stage::Walk;
            Outcome::none()
        }
        form::Step::Save => match plan_of(form, plan, walk) {
            Ok(plan) => {
                screen.stage = Stage::Walk;
                let item = walk.desk.protocol.items().find(|i| i.kind == Kind::Plan);
                item.map_or_else(Outcome::none, |item| walk.respond(item, Answer::Plan(plan)))
            }
            Err((at, why)) => {
                form.refuse(at, why);
                Outcome::none()
            }
        },
    }
}

pub(super) fn plan_of(form: &Form, plan: &Plan, walk: &Walk<'_>) -> Result<Plan, (usize, String)> {
    let text = walk.ctx.text;
    let today = walk.visit().day();
    let dose = form.optional(0, |t| Dosing::parse(t).ok_or(text.trouble_dose))?;
    let days = form.optional(1, |t| decimal(t).and_then(whole).ok_or(text.trouble_number))?;
    let day = |at| {
        form.optional(at, |t| {
            date::parse(t, today, Dates::Future).map_err(|e| crate::shown::date_trouble(e, text))
        })
    };
    let (next_visit, next_blood) = (day(2)?, day(3)?);
    if next_visit.is_some_and(|d| d <= today) {
        return Err((2, text.trouble_not_future.to_owned()));
    }
    if days.is_some_and(|d| d == 0 || d > 365) {
        return Err((1, text.trouble_days.to_owned()));
    }
    if let Some(why) = answer::contradiction(plan.action, dose, walk) {
        return Err((0, why));
    }
    let reason = Some(form.text(4).trim().to_owned()).filter(|r| !r.is_empty());
    Ok(Plan {
        mg_per_day: dose.map(|dose| dose.mg),
        schedule: answer::schedule(dose, plan.action),
        days,
        next_visit,
        next_blood,
        reason,
        ..plan.clone()
    })
}
