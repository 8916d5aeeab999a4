//! What comes in changes the model and asks the world for something. Nothing
//! here waits, reads a clock or touches a file.

use super::guard::{Did, Verdict};
use super::{Asked, Assets, Await, Effect, Model, Msg, Over, Pending, Screen};
use crate::domain::answer::Answer;
use crate::domain::assess::Case;
use crate::domain::change::{Change, Entry, EntryKind, Opening, Person, ProtocolText, Setting};
use crate::domain::checklist::{Checklist, LineId};
use crate::domain::course::Treatment;
use crate::domain::due;
use crate::domain::id::{EntryId, PatientId, PersonId, VisitId};
use crate::domain::lang::Lang;
use crate::domain::line::Projection;
use crate::domain::record::Record;
use crate::domain::wanted::Wanted;
use crate::keys::{self, Command, Key, Place, Pressed};
use crate::screen::chart::ChartScreen;
use crate::screen::close::{CloseScreen, Found};
use crate::screen::course_form::CourseForm;
use crate::screen::follow::FollowScreen;
use crate::screen::inbox::{InboxScreen, TrayRow};
use crate::screen::labs::table::TableScreen;
use crate::screen::labs::trend::TrendScreen;
use crate::screen::list::{Arrived, ListScreen, Rows};
use crate::screen::page::Page;
use crate::screen::patient_form::PatientForm;
use crate::screen::people::PeopleScreen;
use crate::screen::results::ResultsScreen;
use crate::screen::review::ReviewScreen;
use crate::screen::signed::SignedScreen;
use crate::screen::tray::TrayScreen;
use crate::screen::visit::{Stage, VisitScreen};
use crate::screen::{Clinic, Ctx, Desk, Draft, Go, LookedBack, Outcome, Saving};
use crate::store::{self, Lists, StoreError, Stored};
use crate::text::{Text, fill};
use chrono::{DateTime, FixedOffset};
use std::collections::BTreeSet;
use std::sync::Arc;

mod answered;
mod arrived;
mod failing;
mod going;
mod joining;
mod leaving;
mod pressed;
mod saving;
mod taking_in;

/// Whether trying the same save again may do.
pub(super) fn passing(why: &StoreError) -> bool {
    !matches!(
        why,
        StoreError::Refused(_) | StoreError::Conflict | StoreError::ChartNumberTaken
    )
}

/// One message: what changes, and what the world is asked for.
pub fn update(model: &mut Model, msg: Msg, now: DateTime<FixedOffset>) -> Vec<Effect> {
    let mut step = Step {
        model,
        now,
        effects: Vec::new(),
    };
    step.day();
    step.take(msg);
    step.effects
}

/// One message being worked on.
struct Step<'m> {
    model: &'m mut Model,
    now: DateTime<FixedOffset>,
    effects: Vec<Effect>,
}

impl Step<'_> {
    fn take(&mut self, msg: Msg) {
        match msg {
            Msg::Key(key, at) => self.key(key, at),
            Msg::Text(text) => self.text(&text),
            Msg::Resized => {}
            // Plain characters that were asked for stay, however wide a line is.
            Msg::Width(columns) => self.model.theme.ascii |= columns > 1,
            Msg::Terminate => self.terminate(),
            Msg::Tick => self.tick(),
            Msg::Lists(of, lists, clinic) => self.lists(of, *lists, clinic),
            Msg::Assets(assets) => self.assets(*assets),
            Msg::Found(keys, lines) => self.found(&keys, lines),
            Msg::Record(patient, stored, under) => self.record(patient, stored, under),
            Msg::Checked(patient, whole) => self.checked(patient, whole),
            Msg::NotChecked(patient) => self.not_checked(patient),
            Msg::Saved(entry, receipt) => self.saved(entry, receipt),
            Msg::Inbox(unseen, tray, aside) => self.inbox(unseen, tray, aside),
            Msg::Closing(day, found) => self.closing(day, found),
            Msg::Linked(patient, done) => self.linked(patient, done),
            Msg::Intake(run, news) => self.intake(run, news),
            Msg::NotSaved(entry, why) => self.not_saved(entry, why),
            Msg::NotRead(asked, why) => self.not_read(asked, &why),
            Msg::Copied(certain) => {
                let text = &self.model.text;
                let words = if certain {
                    text.say_copied
                } else {
                    text.say_sent
                };
                self.model.said = Some(words.to_owned());
            }
            Msg::NotCopied => self.model.said = Some(self.model.text.say_not_copied.to_owned()),
        }
    }
}

/// The parts of the model that a key may change directly.
struct Shown<'a> {
    screen: &'a mut Screen,
    list: &'a mut ListScreen,
    over: &'a mut Option<Over>,
    rows: &'a Rows,
}

impl Model {
    /// Whether a held key's answer is to be taken back: answers in a visit.
    fn guarded(&self, entry: &Entry) -> bool {
        entry.kind.undoable()
            && matches!(&self.screen, Screen::Visit(v) if matches!(v.stage, Stage::Walk))
    }
}

/// The desk with this record on it; the open visit is laid out anew, under the
/// protocol and the settings it is pinned to. None before the protocol was read.
fn desk(model: &Model, record: Record, verified: Option<bool>) -> Option<Desk> {
    let clinic = model.clinic.as_ref()?;
    let pins = &model.pins;
    let pinned = match record.open_visit().map(|v| &v.visit().opening) {
        Some(o) => (o.protocol, o.settings),
        None => (clinic.protocol_hash, clinic.settings_hash),
    };
    let found = pins.protocols.get(&pinned.0);
    let found = found.zip(pins.settings.get(&pinned.1));
    let open = record.open_visit().zip(found);
    let checklist = open.map(|(open, (protocol, settings))| {
        Checklist::of(&Case {
            record: &record,
            visit: open.visit(),
            protocol,
            settings,
            catalogue: &clinic.catalogue,
        })
    });
    let (protocol, settings) = match found {
        Some((protocol, settings)) => (Arc::clone(protocol), Arc::clone(settings)),
        // The visit cannot be walked; the chart shows what is in use.
        None => (
            Arc::clone(&clinic.protocol),
            Arc::new(clinic.settings.clone()),
        ),
    };
    Some(Desk {
        record,
        protocol,
        settings,
        checklist,
        stood: None,
        verified,
    })
}

/// Entries whose commit is waited for before the screen changes.
fn waits_for_commit(kind: EntryKind) -> bool {
    matches!(kind, EntryKind::Sign | EntryKind::Patient)
}

/// Whether an entry may move a patient's row in the lists.
fn moves_projection(entry: &Entry) -> bool {
    match entry.kind {
        EntryKind::Sweep | EntryKind::Deny | EntryKind::Memo | EntryKind::Context => false,
        EntryKind::Answer => entry.changes.iter().any(|c| {
            matches!(
                c,
                Change::Answer(given) if matches!(
                    given.answer,
                    // May stand in the place of one of the others.
                    Answer::Absent(_)
                        | Answer::LastDose { .. }
                        | Answer::Potential { .. }
                        | Answer::Test(_)
                )
            )
        }),
        _ => true,
    }
}

/// Whether an entry answers the focused line.
fn answers_line(entry: &Entry, focus: &LineId) -> bool {
    entry
        .changes
        .iter()
        .any(|c| line_of(c).as_ref() == Some(focus))
}

fn line_of(change: &Change) -> Option<LineId> {
    match change {
        Change::Answer(given) => given.item.clone().map(LineId::Item),
        Change::Observe(measured) => Some(LineId::Analyte(measured.observation.analyte.clone())),
        _ => None,
    }
}

/// The line an entry answered.
fn touched(record: &Record, entry: EntryId) -> Option<LineId> {
    let named = record.entries().iter().find(|e| e.id == entry)?;
    let edit = match named.kind {
        EntryKind::Undo => record
            .entries()
            .iter()
            .find(|e| Some(e.id) == named.undoes)?,
        _ => named,
    };
    edit.changes.iter().find_map(line_of)
}

/// Whether what another window saved speaks of the same, or closed the visit. A
/// signature is for what was on the screen: any other entry of its visit is too much.
fn contradicts(theirs: &Entry, mine: &Entry) -> bool {
    let same_visit = mine.visit.is_some() && theirs.visit == mine.visit;
    if same_visit && mine.kind == EntryKind::Sign {
        return true;
    }
    if same_visit && matches!(theirs.kind, EntryKind::Sign | EntryKind::Void) {
        return true;
    }
    let whole = [EntryKind::Patient, EntryKind::Course, EntryKind::Open];
    if theirs.kind == mine.kind && whole.contains(&mine.kind) {
        return true;
    }
    if mine.undoes.is_some() && theirs.undoes == mine.undoes {
        return true;
    }
    let lines: Vec<LineId> = mine.changes.iter().filter_map(line_of).collect();
    let mut others = theirs.changes.iter().filter_map(line_of);
    theirs.visit == mine.visit && others.any(|line| lines.contains(&line))
}
