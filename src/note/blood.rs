//! The blood of a visit: only what was drawn for it, else when it was last drawn.

use super::Sheet;
use crate::domain::catalogue::Analyte;
use crate::domain::change::Drawn;
use crate::domain::date::short;
use crate::domain::due::baseline_age;
use crate::domain::grade::{Graded, VERSION};
use crate::domain::observation::{Flag, Observation, Reported, Specimen, judge, times_upper};
use crate::domain::quantity::Comparator;
use crate::domain::reading::{Before, Reading};
use crate::domain::record::Value;
use crate::domain::series::{Point, baseline, last_draw, series};
use crate::shown;
use crate::shown::reading::brief_grade;
use crate::text::fill;
use rust_decimal::Decimal;

/// What the note says of the blood.
pub(super) struct Blood {
    pub said: Vec<String>,
    /// Something in it stands out, so that it takes a line of its own.
    pub unusual: bool,
}

impl<'a> Sheet<'a> {
    pub(super) fn blood(&self) -> Blood {
        let told =
            |drawn: &&Drawn| !self.values(drawn).is_empty() || !self.is_told_elsewhere(drawn);
        let drawn: Vec<&Drawn> = self.drawn().filter(told).collect();
        if drawn.is_empty() {
            return Blood {
                said: vec![self.not_drawn()],
                unusual: false,
            };
        }
        let usual = |v: &&Value| {
            let analyte = self.catalogue.get(&v.observation.analyte);
            let within = analyte.is_some_and(|a| judge(&v.observation, a) == Flag::Within);
            within && self.standing(&v.observation).is_empty()
        };
        let unusual = drawn.iter().any(|d| !self.values(d).iter().all(usual));
        Blood {
            said: drawn.into_iter().map(|d| self.draw(d)).collect(),
            unusual,
        }
    }

    /// Draws typed in this visit, those of the same day from elsewhere, and what came
    /// since the last signature.
    fn drawn(&self) -> impl Iterator<Item = &'a Drawn> {
        let (id, day) = (self.case.visit.id(), self.case.visit.day());
        let came = self.case.record.came_before(self.case.visit);
        let specimens = self.case.record.specimens();
        specimens.filter(move |d| {
            let elsewhere = d.visit.is_none();
            let today = d.specimen.drawn_on == day;
            d.visit == Some(id) || elsewhere && (today || came.contains(&d.specimen.id))
        })
    }

    /// The values of a draw in the order of the slip.
    fn values(&self, drawn: &Drawn) -> Vec<&'a Value> {
        let all = self.case.record.observations().iter();
        let mut values: Vec<&Value> = all
            .filter(|v| v.observation.specimen == drawn.specimen.id)
            .filter(|v| self.stands(&v.observation))
            .collect();
        let panel: Vec<_> = self.case.protocol.items().flat_map(|i| &i.panel).collect();
        values.sort_by_key(|v| {
            panel
                .iter()
                .position(|id| **id == v.observation.analyte)
                .unwrap_or(usize::MAX)
        });
        values
    }

    /// Whether a value is one that stands, and not the same result from the other
    /// side: typed by hand where the laboratory's stands.
    fn stands(&self, observation: &Observation) -> bool {
        let points = self.points(observation);
        points.is_empty() || points.iter().any(|p| p.observation.id == observation.id)
    }

    /// Whether a draw had values, and all of them stand under another one.
    fn is_told_elsewhere(&self, drawn: &Drawn) -> bool {
        let mut all = self.case.record.observations().iter();
        all.any(|v| v.observation.specimen == drawn.specimen.id)
    }

    /// Its grade, read as everywhere else.
    fn lab_grade(&self, observation: &Observation) -> Option<Graded> {
        let analyte = self.catalogue.get(&observation.analyte)?;
        let points = self.points(observation);
        let at = points
            .iter()
            .position(|p| p.observation.id == observation.id)?;
        let before = Before {
            first_dose: self.case.treatment().and_then(|t| t.first_dose_on),
            oldest: baseline_age(self.case.settings),
        };
        Reading::at(&points, at, analyte, before)?.grade(analyte)
    }

    fn points(&self, observation: &Observation) -> Vec<Point<'a>> {
        let (record, day) = (self.case.record, self.case.visit.day());
        series(record, &observation.analyte, day)
    }

    /// How far the laboratory stands to it, and what was typed beside it.
    fn standing(&self, observation: &Observation) -> Vec<String> {
        let text = self.text;
        let mut said = Vec::new();
        if observation.is_preliminary() {
            said.push(text.read_preliminary.to_owned());
        }
        let points = self.points(observation);
        let point = points.iter().find(|p| p.observation.id == observation.id);
        if let Some(beside) = point.filter(|p| p.differs()).and_then(|p| p.beside) {
            let template = match beside.is_typed() {
                true => text.read_typed_beside,
                false => text.read_sent_beside,
            };
            let value = shown::reported(beside, text);
            said.push(fill(template, &[("value", &value)]));
        }
        said
    }

    /// Every value of this visit that the laboratory has not sent yet.
    pub(super) fn pending_values(&self) -> Vec<String> {
        let values = self.drawn().flat_map(|d| self.values(d));
        let pending = values.filter(|v| v.observation.reported == Reported::Pending);
        pending.map(|v| self.analyte_name(&v.observation)).collect()
    }

    fn analyte_name(&self, observation: &Observation) -> String {
        let analyte = self.catalogue.get(&observation.analyte);
        analyte.map_or(observation.analyte.0.clone(), |a| {
            a.short.get(self.text.lang).to_owned()
        })
    }

    fn draw(&self, drawn: &Drawn) -> String {
        let text = self.text;
        let specimen = &drawn.specimen;
        let more = self.circumstances(specimen);
        let fasting = shown::fasting(specimen.fasting, text);
        let mut said = fill(
            text.note_draw,
            &[("day", &short(specimen.drawn_on)), ("fasting", fasting)],
        );
        if !more.is_empty() {
            said += &fill(
                text.note_draw_more,
                &[("more", &more.join(text.list_separator))],
            );
        }
        let values = self.values(drawn);
        let values = values
            .into_iter()
            .filter(|v| v.observation.reported != Reported::Pending);
        let values: Vec<&Value> = values.collect();
        let graded = values
            .iter()
            .any(|v| self.lab_grade(&v.observation).is_some());
        let mut values: Vec<String> = values.iter().map(|v| self.value(&v.observation)).collect();
        if graded {
            values.push(fill(text.note_grades, &[("scale", VERSION)]));
        }
        if !values.is_empty() {
            said += &fill(
                text.note_values,
                &[("values", &values.join(text.list_separator))],
            );
        }
        said
    }

    /// Dose and day of treatment at the draw, and what was remarked on the sample.
    fn circumstances(&self, specimen: &Specimen) -> Vec<String> {
        let text = self.text;
        let mut more = Vec::new();
        more.extend(
            specimen
                .dose_at_draw
                .map(|mg| fill(text.mg_per_day, &[("mg", &shown::number(mg))])),
        );
        let first = self.case.treatment().and_then(|t| t.first_dose_on);
        let day = first
            .map(|f| (specimen.drawn_on - f).num_days() + 1)
            .filter(|n| *n > 0);
        more.extend(day.map(|n| fill(text.note_draw_day, &[("n", &n.to_string())])));
        more.extend(specimen.haemolysed.then(|| text.note_haemolysed.to_owned()));
        more.extend(specimen.lipaemic.then(|| text.note_lipaemic.to_owned()));
        more
    }

    /// `TG 512 H(基準30-149、開始前96の5.3倍)`: more is said only where it stands out.
    fn value(&self, observation: &Observation) -> String {
        let name = self.analyte_name(observation);
        let Some(quantity) = observation.quantity() else {
            return format!("{name} {}", shown::reported(observation, self.text));
        };
        let Some(analyte) = self.catalogue.get(&observation.analyte) else {
            return format!("{name} {}", shown::reported(observation, self.text));
        };
        let flag = judge(observation, analyte);
        let canonical = analyte
            .unit_named(&observation.unit)
            .is_some_and(|u| u.name == analyte.unit);
        let mut value = format!("{name} {}", quantity.typed.trim());
        if !canonical {
            value += &format!(" {}", observation.unit);
        }
        if flag != Flag::Within && flag != Flag::NotJudged {
            value += &format!(" {}", flag.letters());
        }
        if let Some(graded) = self.lab_grade(observation) {
            value += &format!(" {}", brief_grade(graded));
        }
        let mut more = self.standing_out(observation, analyte, flag);
        more.extend(self.standing(observation));
        if more.is_empty() {
            return value;
        }
        let more = more.join(self.text.list_separator);
        fill(
            self.text.note_value_more,
            &[("value", &value), ("more", &more)],
        )
    }

    fn standing_out(
        &self,
        observation: &Observation,
        analyte: &Analyte,
        flag: Flag,
    ) -> Vec<String> {
        let text = self.text;
        let range = observation
            .range
            .map(|r| r.text())
            .filter(|r| !r.is_empty());
        let range = range.map(|r| fill(text.note_range, &[("range", &r)]));
        let missing = || text.note_no_range.to_owned();
        match flag {
            Flag::Within => Vec::new(),
            // A bare number would read as a usual one.
            Flag::NotJudged => match range {
                Some(range) => vec![range, text.note_not_judged.to_owned()],
                None => vec![missing()],
            },
            _ => {
                let mut more = vec![range.unwrap_or_else(missing)];
                more.extend(self.times(observation, analyte));
                more
            }
        }
    }

    /// An enzyme against its upper limit; anything else against the patient's own
    /// value before treatment, because a multiple of a lipid's limit means nothing.
    fn times(&self, observation: &Observation, analyte: &Analyte) -> Option<String> {
        let text = self.text;
        if analyte.unit == "U/L" {
            let times = times_upper(observation).filter(|t| *t > Decimal::ONE)?;
            return Some(fill(text.note_times_upper, &[("n", &shown::number(times))]));
        }
        let first = self.case.treatment()?.first_dose_on;
        let points = self.points(observation);
        let before = baseline(&points, first, baseline_age(self.case.settings))?;
        let exact = observation.quantity()?.comparator == Comparator::Equal;
        let own = points.iter().any(|p| {
            p.observation.id == observation.id && first.is_some_and(|f| p.specimen.drawn_on <= f)
        });
        let times = observation
            .canonical
            .filter(|_| exact && !own)?
            .checked_div(before)?
            .round_dp(1);
        let (value, n) = (shown::number(before), shown::number(times));
        (times > Decimal::ONE)
            .then(|| fill(text.note_times_baseline, &[("value", &value), ("n", &n)]))
    }

    fn not_drawn(&self) -> String {
        let text = self.text;
        let template = match self.list.situation.blood_due {
            Some(false) => text.note_no_blood,
            Some(true) => text.note_blood_due,
            None => text.note_blood_unknown,
        };
        let last = last_draw(self.case.record, self.case.visit.day());
        let last = last.map_or(text.note_no_draw.to_owned(), short);
        fill(template, &[("last", &last)])
    }
}
