//! `saishin due`: what is due on a day, of the lists or of one patient, each with
//! its reason.

use super::begin::no_patient;
use super::wrong::{Wrong, not_stored};
use crate::app::assets;
use crate::domain::date::{self, Meaning};
use crate::domain::due::{self, DueLine, Need, State};
use crate::domain::fold::fold;
use crate::domain::id::PatientId;
use crate::domain::line::{Line, When};
use crate::domain::protocol::Protocol;
use crate::domain::record::Record;
use crate::domain::situation::Settings;
use crate::domain::wanted;
use crate::shown;
use crate::store::Store;
use crate::text::{Text, fill};
use crate::widget::cells::display;
use chrono::NaiveDate;

/// What was asked for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    pub chart: Option<&'a str>,
    pub on: Option<&'a str>,
    /// With the sum that gives each day.
    pub explain: bool,
}

/// Works out every patient's row of the lists anew; what to say of it.
///
/// # Errors
/// A store that fails; rows already written stay.
pub fn rebuild(store: &mut dyn Store, today: NaiveDate, text: &Text) -> Result<String, Wrong> {
    let trouble = |e| not_stored(&e, text);
    let clinic = store.clinic().map_err(trouble)?;
    let shipped = assets::read(&clinic.settings, text.lang)
        .map_err(|why| Wrong::said(text.cli_stopped, &[("why", &why)]))?;
    let (settings, hash) = (shipped.clinic.settings, shipped.clinic.settings_hash);
    let (mut all, mut changed) = (0_u64, 0_u64);
    for patient in store.patients().map_err(trouble)? {
        let stored = store.record(patient).map_err(trouble)?;
        let record = Record::of(patient, stored.into_iter().map(|kept| kept.entry));
        let kept = store.projection(patient).map_err(trouble)?;
        let Some(row) = due::project(&record, &settings, hash, today) else {
            continue;
        };
        all += 1;
        if kept.as_ref() != Some(&row) {
            changed += 1;
            store.project(&row).map_err(trouble)?;
        }
    }
    let values = [("n", &*all.to_string()), ("changed", &*changed.to_string())];
    Ok(fill(text.cli_due_rebuilt, &values))
}

/// Everything an answer looks at.
struct Desk<'a> {
    store: &'a dyn Store,
    settings: Settings,
    protocol: Protocol,
    on: NaiveDate,
    explain: bool,
    text: &'a Text,
}

/// The lists of the day asked for, or one patient's due lines.
///
/// # Errors
/// A day that cannot be read, nobody with that number, a store that fails.
pub fn find(
    store: &dyn Store,
    wanted: Wanted<'_>,
    today: NaiveDate,
    text: &Text,
) -> Result<String, Wrong> {
    let on = wanted.on.map(|typed| day(typed, today, text)).transpose()?;
    let clinic = store.clinic().map_err(|e| not_stored(&e, text))?;
    let protocol = Protocol::proven(assets::PROTOCOL)
        .map_err(|e| Wrong::said(text.cli_stopped, &[("why", &e.message(text.lang))]))?;
    let desk = Desk {
        store,
        settings: assets::settings(&protocol, &clinic.settings, text.lang).0,
        protocol,
        on: on.unwrap_or(today),
        explain: wanted.explain,
        text,
    };
    match wanted.chart {
        Some(chart) => desk.patient(chart),
        None => desk.lists(),
    }
}

fn day(typed: &str, today: NaiveDate, text: &Text) -> Result<NaiveDate, Wrong> {
    date::parse(typed, today, Meaning::Any).map_err(|why| {
        let why = shown::date_trouble(why, text);
        let values = [("word", &*display(typed)), ("why", why)];
        Wrong::Usage(fill(text.cli_bad_date, &values))
    })
}

impl Desk<'_> {
    fn patient(&self, chart: &str) -> Result<String, Wrong> {
        let found = self.store.find(&fold(chart));
        let found = found.map_err(|e| not_stored(&e, self.text))?;
        let patient = found.ok_or_else(|| no_patient(chart, self.text))?;
        let lines = self.sums(patient)?;
        let said = lines.iter().map(|line| match self.explain {
            true => self.explained(line),
            false => self.brief(line),
        });
        let mut said: Vec<String> = said.collect();
        if self.explain {
            said.extend(self.clock(patient)?);
        }
        Ok(match said.is_empty() {
            true => self.text.cli_due_nothing.to_owned(),
            false => said.join("\n"),
        })
    }

    /// What must pass after the last capsule, and which procedures wait.
    fn clock(&self, patient: PatientId) -> Result<Vec<String>, Wrong> {
        let record = self.record(patient)?;
        Ok(shown::clock_lines(
            &self.protocol,
            &record,
            &self.settings,
            self.on,
            self.text,
        ))
    }

    fn record(&self, patient: PatientId) -> Result<Record, Wrong> {
        let stored = self.store.record(patient);
        let stored = stored.map_err(|e| not_stored(&e, self.text))?;
        Ok(Record::of(
            patient,
            stored.into_iter().map(|kept| kept.entry),
        ))
    }

    /// What is or will be due of one patient, by the record itself.
    fn sums(&self, patient: PatientId) -> Result<Vec<DueLine>, Wrong> {
        let record = self.record(patient)?;
        let mut lines = due::due(&self.settings, &record, self.on);
        lines.retain(|line| line.state != State::NotNeeded);
        lines.sort_by_key(|line| std::cmp::Reverse(line.state));
        Ok(lines)
    }

    fn brief(&self, line: &DueLine) -> String {
        let state = shown::due(&line.due, self.on, self.text);
        format!("{} {state}", shown::due_name(line.need, self.text))
    }

    fn explained(&self, line: &DueLine) -> String {
        let name = shown::due_name(line.need, self.text);
        format!("{name}: {}", shown::due_line(line, self.on, self.text))
    }

    fn lists(&self) -> Result<String, Wrong> {
        let text = self.text;
        let lists = self
            .store
            .lists(self.on)
            .map_err(|e| not_stored(&e, text))?;
        let day = shown::full_day(self.on, text);
        let parts = [
            (text.cli_due_today, &lists.today, lists.more_today),
            (text.cli_due_follow, &lists.follow_up, lists.more_follow_up),
        ];
        let mut out = Vec::new();
        for (title, lines, more) in parts {
            let n = format!("{}{}", lines.len(), if more { "+" } else { "" });
            out.push(fill(title, &[("day", &day), ("n", &n)]));
            for line in lines {
                self.row(line, &mut out)?;
            }
        }
        Ok(out.join("\n"))
    }

    /// One patient's row with the reasons, below it their sums where asked for.
    fn row(&self, line: &Line, out: &mut Vec<String>) -> Result<(), Wrong> {
        let (text, on) = (self.text, self.on);
        let sex = shown::sex(line.sex, text);
        let age = date::age(line.birth_date, on);
        let who = format!("{} {} {sex}{age}", line.chart_number, line.name);
        out.push(format!(
            "  {}  {}",
            display(&who),
            self.reasons(line).join("  ")
        ));
        if self.explain {
            let sums = self.sums(line.patient)?;
            out.extend(
                sums.iter()
                    .map(|sum| format!("      {}", self.explained(sum))),
            );
        }
        Ok(())
    }

    /// Why a row stands in a list: its draft, what is due by then, its window.
    fn reasons(&self, line: &Line) -> Vec<String> {
        let text = self.text;
        let draft = line.draft.map(|_| text.row_draft.to_owned());
        let soon = due::soon(&self.settings);
        let wanted = wanted::Wanted {
            by: due::before_next(self.on, &self.settings).unwrap_or(self.on),
            ..wanted::Wanted::on(self.on)
        };
        let near = |need: Need| line.state(need, self.on, soon) >= State::Soon;
        let standing = |need: &&Need| near(**need) || wanted.asks(line, **need);
        let due = Need::ALL.iter().filter(standing).map(|need| {
            let state = match line.when(*need).0 {
                When::On(day) => shown::due_day(day, self.on, text),
                _ => text.due_cannot_tell.to_owned(),
            };
            format!("{} {state}", shown::due_name(*need, text))
        });
        let left = |until: Option<NaiveDate>, template| {
            let until = until.filter(|until| *until >= self.on)?;
            let n = (until - self.on).num_days().to_string();
            Some(fill(template, &[("n", &n)]))
        };
        let contraception = left(line.window_until, text.row_window);
        let window = contraception.or_else(|| left(line.watch_until, text.row_watch));
        let missed = line.missed_on.map(|on| shown::missed_days(on, text));
        let tried = line.tried_on.map(|on| {
            let (n, day) = (line.attempts.to_string(), shown::day(on, text));
            fill(text.follow_tried, &[("n", &n), ("last", &day)])
        });
        let more = window.into_iter().chain(missed).chain(tried);
        draft.into_iter().chain(due).chain(more).collect()
    }
}
