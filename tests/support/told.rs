//! A record told in a few words, as stories expect it.

use super::shelf::Shelf;
use saishin::domain::answer::{Answer, Manner, Plan, PregnancyTest};
use saishin::domain::change::Person;
use saishin::domain::fold::fold;
use saishin::domain::observation::Reported;
use saishin::domain::record::{Record, Response, Visit};
use saishin::store::Store;

/// The record of the patient with this chart number, as the store keeps it.
pub fn record(shelf: &Shelf, chart_number: &str) -> Option<Record> {
    let patient = shelf.find(&fold(chart_number)).expect("memory reads")?;
    let stored = shelf.record(patient).expect("memory reads");
    Some(Record::of(patient, stored.into_iter().map(|s| s.entry)))
}

/// The visit in hand: the open one, else the one opened last.
pub fn visit(record: &Record) -> Option<&Visit> {
    let open = record.open_visit().map(|v| v.visit());
    open.or_else(|| record.visits().iter().max_by_key(|v| v.opened.at))
}

/// What the visit in hand says of a line, or of a value of its draw.
pub fn line(record: &Record, name: &str) -> String {
    let Some(visit) = visit(record) else {
        return "no visit".to_owned();
    };
    if let Some(response) = visit.responses.get(name) {
        return response_words(response);
    }
    let mut values = record
        .observations()
        .iter()
        .filter(|v| v.visit == Some(visit.id()));
    match values.find(|v| v.observation.analyte.0 == name) {
        Some(value) => value_words(&value.observation),
        None => "nothing".to_owned(),
    }
}

fn value_words(observation: &saishin::domain::observation::Observation) -> String {
    let range = observation
        .range
        .as_ref()
        .map(|r| format!(" ({})", r.text()));
    match &observation.reported {
        Reported::Value(q) => {
            format!(
                "{} {}{}",
                q.typed,
                observation.unit,
                range.unwrap_or_default()
            )
        }
        Reported::Pending => "pending".to_owned(),
        Reported::Haemolysed => "haemolysed".to_owned(),
        Reported::Lost => "lost".to_owned(),
        Reported::NotDone => "not done".to_owned(),
    }
}

/// Who gave the answer of a line.
pub fn who(record: &Record, people: &[Person], name: &str) -> String {
    let response = visit(record).and_then(|v| v.responses.get(name));
    let person = response.map(|r| r.stamp.person);
    let known = people.iter().find(|p| Some(p.person) == person);
    known.map_or_else(|| "nobody".to_owned(), |p| p.name.clone())
}

pub fn response_words(response: &Response) -> String {
    let answer = answer(&response.answer);
    match response.manner {
        Manner::Asked => answer,
        manner => format!("{answer}, {}", manner.word()),
    }
}

/// An answer in the file's own words.
pub fn answer(answer: &Answer) -> String {
    match answer {
        Answer::Absent(why) => why.word().to_owned(),
        Answer::Code(code) => code.to_string(),
        Answer::Many(codes) if codes.is_empty() => "none of these".to_owned(),
        Answer::Many(codes) => codes
            .iter()
            .map(u8::to_string)
            .collect::<Vec<_>>()
            .join(" "),
        Answer::Number(number) => number.to_string(),
        Answer::Day(day) => day.to_string(),
        Answer::Text(text) => format!("\"{text}\""),
        Answer::Weight { kg, measured_on } => format!("{kg} kg on {measured_on}"),
        Answer::Potential { can, reason } => parts([
            Some(can.word().to_owned()),
            reason.map(|r| r.word().to_owned()),
        ]),
        Answer::Test(test) => pregnancy_test(test),
        Answer::Intake {
            intake,
            missed_days,
            stopped_on,
        } => parts([
            Some(intake.word().to_owned()),
            missed_days.map(|n| format!("{n} days")),
            stopped_on.map(|d| d.to_string()),
        ]),
        Answer::LastDose { taken_on, leftover } => parts([
            Some(taken_on.to_string()),
            leftover.map(|n| format!("{n} left")),
        ]),
        Answer::Consent {
            given,
            signed_on,
            form,
        } => {
            let word = if *given { "given" } else { "not given" };
            parts([
                Some(word.to_owned()),
                signed_on.map(|d| d.to_string()),
                form.as_ref().map(|form| format!("form {form}")),
            ])
        }
        Answer::Plan(plan) => decision(plan),
    }
}

fn pregnancy_test(test: &PregnancyTest) -> String {
    parts([
        Some(test.result.word().to_owned()),
        test.done_on.map(|d| d.to_string()),
        test.kind.map(|k| k.word().to_owned()),
        test.kit.clone(),
    ])
}

fn decision(plan: &Plan) -> String {
    parts([
        Some(plan.action.word().to_owned()),
        plan.mg_per_day.map(|mg| format!("{mg} mg")),
        plan.days.map(|n| format!("{n} days")),
        plan.next_visit.map(|d| format!("visit {d}")),
        plan.next_blood.map(|d| format!("blood {d}")),
        plan.reason.as_ref().map(|r| format!("\"{r}\"")),
    ])
}

fn parts<const N: usize>(parts: [Option<String>; N]) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
