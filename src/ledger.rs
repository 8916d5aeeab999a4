//! Pages told from a whole record, for the screen, the clipboard and the printer:
//! each in either language, the patient in its first line.

mod doses;
mod gates;
mod what_if;

pub use doses::doses;
pub use gates::gates;
pub use what_if::Proposed;

use crate::domain::change::Person;
use crate::domain::date::{age, iso};
use crate::domain::id::PersonId;
use crate::domain::protocol::Protocol;
use crate::domain::record::Record;
use crate::domain::situation::Settings;
use crate::shown;
use crate::text::{Text, fill};
use chrono::NaiveDate;

/// What a page is told from.
#[derive(Clone, Copy, Debug)]
pub struct Ledger<'a> {
    pub record: &'a Record,
    pub protocol: &'a Protocol,
    pub settings: &'a Settings,
    /// The day it is told for.
    pub on: NaiveDate,
    pub people: &'a [Person],
}

impl Ledger<'_> {
    /// Whose page it is, and of which day.
    fn head(&self, text: &Text) -> String {
        let Some(known) = self.record.identity() else {
            return String::new();
        };
        let years = age(known.birth_date, self.on).to_string();
        let who = format!("{} {}", known.chart_number, known.name);
        fill(
            text.gates_head,
            &[
                ("who", &who),
                ("sex", shown::sex(known.sex, text)),
                ("age", &fill(text.age, &[("n", &years)])),
                ("born", &fill(text.born, &[("day", &iso(known.birth_date))])),
                ("day", &shown::full_day(self.on, text)),
            ],
        )
    }

    fn name(&self, person: PersonId) -> &str {
        let known = self.people.iter().find(|p| p.person == person);
        known.map_or("", |p| p.name.as_str())
    }
}
