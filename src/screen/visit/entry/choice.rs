//! Short choices and sets of marks, by digit.

use super::field::{finish, judged};
use super::*;

/// A digit in a short choice.
pub(super) fn choose(screen: &mut VisitScreen, digit: u8, walk: &Walk<'_>) -> Outcome {
    match screen.stage.clone() {
        Stage::Absent => absent(screen, digit, walk),
        Stage::Where(detail) => match digit {
            1 => goes_on(screen, detail, Got::Where(TestKind::ClinicUrine), walk),
            2 => goes_on(screen, detail, Got::Where(TestKind::Serum), walk),
            3 => goes_on(screen, detail, Got::Where(TestKind::Home), walk),
            _ => Outcome::none(),
        },
        Stage::Fasting(detail) => match digit {
            1 => goes_on(screen, detail, Got::Fasting(Fasting::Yes), walk),
            2 => goes_on(screen, detail, Got::Fasting(Fasting::No), walk),
            3 => goes_on(screen, detail, Got::Fasting(Fasting::Unknown), walk),
            _ => Outcome::none(),
        },
        Stage::Reason(detail) => reason(screen, detail, digit, walk),
        Stage::Unit {
            analyte,
            typed,
            suggested,
        } => unit(screen, &analyte, &typed, &suggested, digit, walk),
        Stage::Sample => sample(screen, digit, walk),
        Stage::Add { page } => added(screen, page, digit, walk),
        _ => Outcome::none(),
    }
}

pub(super) fn goes_on(
    screen: &mut VisitScreen,
    mut detail: Detail,
    got: Got,
    walk: &Walk<'_>,
) -> Outcome {
    detail.got.push(got);
    answer::next(screen, detail, walk)
}

pub(super) fn absent(screen: &mut VisitScreen, digit: u8, walk: &Walk<'_>) -> Outcome {
    screen.stage = Stage::Walk;
    let Some(line) = walk.list.lines.get(screen.at(walk.list)) else {
        return Outcome::none();
    };
    if let (LineId::Analyte(analyte), 6 | 7) = (&line.id, digit) {
        let reported = if digit == 6 {
            Reported::Lost
        } else {
            Reported::NotDone
        };
        return answer::without_value(analyte, reported, walk);
    }
    let why = match digit {
        1 => Absence::Unsure,
        2 => Absence::NotApplicable,
        3 => Absence::Declined,
        4 => Absence::Pending,
        5 => Absence::Unusable,
        _ => return Outcome::none(),
    };
    answer::absent(line, why, walk)
}

/// The one-key reasons: those of the open alerts, worst first.
pub(in crate::screen::visit) fn reasons(walk: &Walk<'_>) -> Vec<String> {
    let lang = walk.ctx.lang();
    let mut reasons: Vec<String> = Vec::new();
    for alert in walk
        .list
        .alerts
        .iter()
        .filter(|a| a.assessed == crate::domain::alert::Assessed::Fires)
    {
        let reason = alert.reason.get(lang).to_owned();
        if !reasons.contains(&reason) && reasons.len() < 6 {
            reasons.push(reason);
        }
    }
    reasons
}

/// Key of "the patient's wish" and of a reason typed freely.
pub(in crate::screen::visit) const WISH: u8 = 7;
pub(in crate::screen::visit) const OTHER: u8 = 8;

pub(super) fn reason(
    screen: &mut VisitScreen,
    detail: Detail,
    digit: u8,
    walk: &Walk<'_>,
) -> Outcome {
    let chosen = match digit {
        WISH => Some(walk.ctx.text.reason_wish.to_owned()),
        OTHER => {
            let field = Field::new(LONG);
            screen.stage = Stage::Detail {
                asked: Opens::Text,
                detail,
                field,
                trouble: None,
            };
            return Outcome::none();
        }
        n => reasons(walk).get(usize::from(n).wrapping_sub(1)).cloned(),
    };
    match chosen {
        Some(reason) => goes_on(screen, detail, Got::Reason(reason), walk),
        None => Outcome::none(),
    }
}

pub(super) fn unit(
    screen: &mut VisitScreen,
    analyte: &AnalyteId,
    typed: &str,
    suggested: &str,
    digit: u8,
    walk: &Walk<'_>,
) -> Outcome {
    let Some(known) = walk.ctx.clinic.and_then(|c| c.catalogue.get(analyte)) else {
        return Outcome::none();
    };
    let unit = match digit {
        1 => suggested.to_owned(),
        2 => known.unit.clone(),
        _ => return Outcome::none(),
    };
    let what = Typing::Value {
        analyte: analyte.clone(),
        unit: Some(unit.clone()),
    };
    screen.stage = Stage::typing(what, typed);
    let asked = Asked {
        unit: true,
        unusual: false,
    };
    match judged(screen, known, typed, &unit, asked, walk) {
        Some(done) => finish(screen, done),
        None => Outcome::none(),
    }
}

pub(super) fn sample(screen: &mut VisitScreen, digit: u8, walk: &Walk<'_>) -> Outcome {
    screen.stage = Stage::Walk;
    let Some(drawn) = &walk.list.drawn else {
        return Outcome::none();
    };
    let mut specimen = drawn.specimen.clone();
    match digit {
        0 => (specimen.haemolysed, specimen.lipaemic) = (false, false),
        1 => specimen.haemolysed = true,
        2 => specimen.lipaemic = true,
        3 => {
            let text = specimen.comment.unwrap_or_default();
            screen.stage = Stage::typing(Typing::SampleComment, &text);
            return Outcome::none();
        }
        _ => return Outcome::none(),
    }
    answer::restated(specimen, walk)
}

pub(super) fn added(screen: &mut VisitScreen, page: usize, digit: u8, walk: &Walk<'_>) -> Outcome {
    let all = addable(walk);
    if digit == 9 && all.len() > PAGE {
        let pages = all.len().div_ceil(PAGE);
        screen.stage = Stage::Add {
            page: (page + 1) % pages,
        };
        return Outcome::none();
    }
    let index = page * PAGE + usize::from(digit).wrapping_sub(1);
    if let Some(analyte) = all
        .get(index)
        .filter(|_| (1..=PAGE).contains(&usize::from(digit)))
    {
        screen.stage = Stage::typing(Typing::value(&analyte.id), "");
    }
    Outcome::none()
}

/// Digits mark and unmark; 0 says none; Enter ends.
pub(super) fn toggle(screen: &mut VisitScreen, command: Command, walk: &Walk<'_>) -> Outcome {
    match (&mut screen.stage, command) {
        (Stage::Toggle { item, codes }, Command::Answer(digit)) => {
            let Some(item) = walk.desk.protocol.item(item.as_str()) else {
                return Outcome::none();
            };
            if digit == 0 && codes.is_empty() {
                screen.stage = Stage::Walk;
                return walk.respond(item, Answer::Many(Vec::new()));
            }
            if digit == 0 {
                return Outcome::say(walk.ctx.text.say_zero_with_marks);
            }
            if item.option(digit).is_some() {
                mark(codes, digit);
            }
            Outcome::none()
        }
        (Stage::Toggle { item, codes }, Command::Enter) => {
            let Some(item) = walk.desk.protocol.item(item.as_str()) else {
                return Outcome::none();
            };
            let codes = codes.clone();
            screen.stage = Stage::Walk;
            if codes.is_empty() {
                return Outcome::say(walk.ctx.text.say_nothing_marked);
            }
            let asks = |code: &u8| {
                item.option(*code)
                    .is_some_and(|o| o.opens.contains(&Opens::Text))
            };
            if codes.iter().any(asks) {
                let item = item.id.clone();
                screen.stage = Stage::typing(Typing::Words { item, codes }, "");
                return Outcome::none();
            }
            walk.respond(item, Answer::Many(codes))
        }
        (Stage::Sentences { chosen, .. }, Command::Answer(digit)) => {
            let all = &walk.desk.protocol.sentences;
            if let Some(sentence) = all.get(usize::from(digit).wrapping_sub(1)) {
                mark(chosen, sentence.number);
            }
            Outcome::none()
        }
        (Stage::Sentences { detail, chosen }, Command::Enter) => {
            let (mut detail, chosen) = (detail.clone(), chosen.clone());
            detail.got.push(Got::Sentences(chosen));
            answer::next(screen, detail, walk)
        }
        _ => Outcome::none(),
    }
}

pub(super) fn mark(codes: &mut Vec<u8>, code: u8) {
    match codes.iter().position(|c| *c == code) {
        Some(at) => {
            codes.remove(at);
        }
        None => {
            codes.push(code);
            codes.sort_unstable();
        }
    }
}
