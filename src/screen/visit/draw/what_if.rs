//! What a dose would come to, below the field it is typed into.

use super::*;
use crate::domain::date::{self, Meaning as Dates};
use crate::domain::protocol::Choice;
use crate::domain::schedule::Dosing;
use crate::ledger::Proposed;
use crate::screen::form::Form;
use chrono::NaiveDate;

/// Of the dose an option asks for, with the supply that the option proposes.
pub(super) fn of_option(
    rows: &mut Vec<Row<'_>>,
    canvas: &Canvas<'_>,
    walk: &Walk<'_>,
    option: Option<&Choice>,
    typed: &str,
) {
    if let Some(Meaning::Action(action)) = option.and_then(|o| o.means.as_ref()) {
        let proposed = proposal(*action, walk);
        told(
            rows,
            canvas,
            walk,
            typed,
            (proposed.days, proposed.next_visit),
        );
    }
}

/// Of the dose in the form of the decision, with the supply typed there.
pub(super) fn of_form(rows: &mut Vec<Row<'_>>, canvas: &Canvas<'_>, walk: &Walk<'_>, form: &Form) {
    let today = walk.visit().day();
    let days = form.text(1).trim().parse().ok();
    let next = date::parse(form.text(2), today, Dates::Future).ok();
    told(rows, canvas, walk, form.text(0), (days, next));
}

fn told(
    rows: &mut Vec<Row<'_>>,
    canvas: &Canvas<'_>,
    walk: &Walk<'_>,
    typed: &str,
    (days, next_visit): (Option<u32>, Option<NaiveDate>),
) {
    let Some((dosing, t)) = Dosing::parse(typed).zip(treatment(walk)) else {
        return;
    };
    let proposed = Proposed {
        record: &walk.desk.record,
        t: &t,
        settings: &walk.list.situation.settings,
        on: walk.visit().day(),
        dosing,
        days,
        next_visit,
    };
    let room = usize::from(canvas.width().saturating_sub(6));
    for line in proposed.lines(walk.ctx.text) {
        for piece in cells::wrap(&line, room) {
            rows.push(Row::Text(5, piece, canvas.theme.dim()));
        }
    }
}
