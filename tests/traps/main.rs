//! The forty traps of a naive checklist, one test each, named after what stands
//! on the screen or in the record instead. `cargo test trap_` runs them all;
//! `docs/safety.md` ties each to the harm and to the control that it proves.

#[allow(dead_code, reason = "shared with the notes' tests")]
#[path = "../note/clinic.rs"]
mod clinic;
#[path = "../support/mod.rs"]
mod support;

mod answers;
mod blood;
mod course;
mod dose;
mod listed;
mod machine;
mod pregnancy;

use clinic::{Clinic, DEFAULT};
use saishin::domain::alert::{Alert, Assessed};
use saishin::domain::record::{Record, Visit};
use saishin::keys::Key;
use support::sitting::Sitting;
use support::told;

/// The record of a chart as it is stored.
fn record(sitting: &Sitting, chart: &str) -> Record {
    told::record(&sitting.shelf, chart).expect("the patient is known")
}

/// The visit of a chart that was opened last.
fn newest(sitting: &Sitting, chart: &str) -> Visit {
    let record = record(sitting, chart);
    told::visit(&record).expect("a visit").clone()
}

fn stored(sitting: &Sitting, chart: &str, line: &str) -> String {
    told::line(&record(sitting, chart), line)
}

fn type_in(sitting: &mut Sitting, words: &str) {
    for c in words.chars() {
        sitting.press(Key::Char(c));
    }
}

/// The alerts of the visit in hand.
fn alerts(clinic: &Clinic) -> Vec<Alert> {
    clinic.list().alerts
}

/// Whether a rule fires in the visit in hand.
fn fires(clinic: &Clinic, rule: &str) -> bool {
    let found = alerts(clinic);
    let known = clinic.protocol.rule(rule).is_some();
    assert!(known, "{rule} is no rule");
    found
        .iter()
        .any(|a| a.rule == rule && a.assessed == Assessed::Fires)
}

/// A routine visit of the invented clinic, from the list to its review.
const ROUTINE: &str = "427<Enter><Enter> 1 0120 * +++ 00 10 11 2 1 s";
