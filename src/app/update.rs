//! What comes in changes the model and asks the world for something. Nothing
//! here waits, reads a clock or touches a file.

use super::guard::Verdict;
use super::{Assets, Await, Effect, Model, Msg, Over, Pending, Screen};
use crate::domain::answer::Answer;
use crate::domain::assess::Case;
use crate::domain::change::{
    Change, Entry, EntryKind, Opening, Person, ProtocolText, Setting,
};
use crate::domain::checklist::{Checklist, LineId};
use crate::domain::course::Treatment;
use crate::domain::due;
use crate::domain::id::{EntryId, PatientId, PersonId, VisitId};
use crate::domain::lang::Lang;
use crate::domain::line::Projection;
use crate::domain::protocol::Protocol;
use crate::domain::record::Record;
use crate::keys::{self, Command, Key, Place, Pressed};
use crate::screen::chart::ChartScreen;
use crate::screen::course_form::CourseForm;
use crate::screen::list::{ListScreen, Rows};
use crate::screen::page::Page;
use crate::screen::patient_form::PatientForm;
use crate::screen::people::PeopleScreen;
use crate::screen::review::ReviewScreen;
use crate::screen::signed::SignedScreen;
use crate::screen::visit::{Stage, VisitScreen};
use crate::screen::{Clinic, Ctx, Desk, Draft, Go, Outcome, Saving};
use crate::seal::stood;
use crate::store::{self, Lists, StoreError, Stored};
use crate::text::{Text, fill};
use chrono::{DateTime, FixedOffset};
use std::sync::Arc;

/// Whether trying the same save again may do.
pub(super) fn passing(why: &StoreError) -> bool {
    !matches!(why, StoreError::Refused(_) | StoreError::Conflict | StoreError::ChartNumberTaken)
}

/// One message: what changes, and what the world is asked for.
pub fn update(model: &mut Model, msg: Msg, now: DateTime<FixedOffset>) -> Vec<Effect> {
    let mut step = Step { model, now, effects: Vec::new() };
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
            Msg::Width(columns) => self.model.theme.ascii = columns > 1,
            Msg::Terminate => self.terminate(),
            Msg::Tick => self.tick(),
            Msg::Lists(lists, clinic) => self.lists(lists, clinic),
            Msg::Assets(assets) => self.assets(*assets),
            Msg::Found(keys, lines) => self.found(&keys, lines),
            Msg::Looked(found) => self.looked(found),
            Msg::Record(patient, stored, protocols) => self.record(patient, stored, protocols),
            Msg::Checked(patient, whole) => {
                if let Some(desk) = self.model.desk.as_mut().filter(|d| d.record.patient == patient) {
                    desk.verified = Some(whole);
                }
            }
            Msg::Saved(entry, receipt) => self.saved(entry, receipt),
            Msg::NotSaved(entry, why) => self.not_saved(entry, why),
            Msg::NotRead(why) => {
                self.model.waiting = None;
                let words = self.store_trouble(&why);
                self.model.said = Some(words);
            }
            Msg::Copied(certain) => {
                self.model.note_out = true;
                let text = &self.model.text;
                let words = if certain { text.say_copied } else { text.say_sent };
                self.model.said = Some(words.to_owned());
            }
            Msg::NotCopied => self.model.said = Some(self.model.text.say_not_copied.to_owned()),
        }
    }

    // ---- keys ------------------------------------------------------------

    fn key(&mut self, key: Key, at: u64) {
        if self.model.waiting.is_some() {
            return self.meanwhile(key, at);
        }
        self.model.said = None;
        if !matches!(key, Key::F(8 | 10) | Key::Ctrl('c')) {
            // Who goes on working does not want to leave any more.
            self.model.leaving = false;
        }
        let place = self.place();
        let typed = matches!(place, Place::Field | Place::Form | Place::List);
        let key = match keys::plain(key) {
            _ if typed => key,
            Pressed::Key(key) => key,
            Pressed::InputMethodOn => {
                self.model.said = Some(self.model.text.say_input_method_on.to_owned());
                return;
            }
        };
        let moves = matches!(
            keys::command(place, key),
            Some(
                Command::Up | Command::Down | Command::PageUp | Command::PageDown | Command::Text(_)
                    | Command::NextSection | Command::PreviousSection
            )
        );
        if !moves && self.held(key, at) {
            return;
        }
        if key == Key::F(12) {
            return self.switch_language();
        }
        let outcome = self.press(key);
        self.act(outcome);
    }

    /// A key while the store is awaited: kept for afterwards, unless the store has
    /// failed; then only trying again and leaving are open.
    fn meanwhile(&mut self, key: Key, at: u64) {
        match (key, &self.model.failed) {
            (Key::F(8), _) => self.retry(),
            (_, None) => self.model.kept_keys.push_back((key, at)),
            (Key::F(10) | Key::Ctrl('c'), Some(_)) => self.quit(),
            (_, Some(_)) => {}
        }
    }

    /// Whether the key is a held one: then it is not taken, and said so.
    fn held(&mut self, key: Key, at: u64) -> bool {
        match self.model.guard.judge(key, at) {
            Verdict::Take => false,
            Verdict::Held { withdraw } => {
                self.model.said = Some(self.model.text.say_held_key.to_owned());
                if let Some(entry) = withdraw {
                    self.withdraw(entry);
                }
                true
            }
        }
    }

    /// Takes back the answer that a held key gave.
    fn withdraw(&mut self, entry: EntryId) {
        let Some(desk) = &self.model.desk else { return };
        let Some(open) = desk.record.open_visit() else { return };
        if open.undo_target() != Some(entry) {
            return;
        }
        let draft = Draft {
            patient: desk.record.patient,
            visit: Some(open.visit().id()),
            kind: EntryKind::Undo,
            undoes: Some(entry),
            reason: None,
            changes: Vec::new(),
            what: self.model.text.saved_undo.to_owned(),
        };
        let _ = self.save(draft);
        self.settle();
    }

    fn place(&self) -> Place {
        match (&self.model.over, &self.model.screen) {
            (Some(Over::Page(_)), _) => Place::Page,
            (Some(Over::People(people)), _) => people.place(),
            (None, Screen::List) => Place::List,
            (None, Screen::Chart(_)) => Place::Chart,
            (None, Screen::Visit(visit)) => visit.place(),
            (None, Screen::Review(review)) => review.place(),
            (None, Screen::Signed(signed)) => signed.place(),
            (None, Screen::Patient(_) | Screen::Course(_)) => Place::Form,
        }
    }

    /// Lets the present screen answer with the model it may look at.
    fn with<T>(&mut self, on: impl FnOnce(&mut Shown<'_>, &Ctx<'_>) -> T) -> T {
        let model = &mut *self.model;
        let ctx = Ctx {
            text: &model.text,
            theme: model.theme,
            today: model.today,
            now: self.now,
            me: model.me,
            people: &model.people,
            demo: model.demo,
            clinic: model.clinic.as_ref(),
            desk: model.desk.as_ref(),
            saving: &model.saving,
            said: model.said.as_deref(),
            ids: &model.ids,
        };
        let mut shown = Shown {
            screen: &mut model.screen,
            list: &mut model.list,
            over: &mut model.over,
            rows: &model.rows,
        };
        on(&mut shown, &ctx)
    }

    fn press(&mut self, key: Key) -> Outcome {
        self.with(|shown, ctx| match (&mut *shown.over, &mut *shown.screen) {
            (Some(Over::Page(page)), _) => page.key(key, ctx),
            (Some(Over::People(people)), _) => people.key(key, ctx),
            (None, Screen::List) => shown.list.key(key, shown.rows, ctx),
            (None, Screen::Chart(chart)) => chart.key(key, ctx),
            (None, Screen::Visit(visit)) => visit.key(key, ctx),
            (None, Screen::Review(review)) => review.key(key, ctx),
            (None, Screen::Signed(signed)) => signed.key(key, ctx),
            (None, Screen::Patient(form)) => form.key(key, ctx),
            (None, Screen::Course(form)) => form.key(key, ctx),
        })
    }

    /// Text that came as one piece: data for a field, never keys.
    fn text(&mut self, text: &str) {
        self.model.said = None;
        let (taken, outcome) = self.with(|shown, _| match (&mut *shown.over, &mut *shown.screen) {
            (Some(Over::Page(_)), _) => (false, Outcome::none()),
            (Some(Over::People(people)), _) => (people.paste(text), Outcome::none()),
            (None, Screen::List) => (true, shown.list.paste(text)),
            (None, Screen::Visit(visit)) => (visit.paste(text), Outcome::none()),
            (None, Screen::Review(review)) => (review.paste(text), Outcome::none()),
            (None, Screen::Signed(signed)) => (signed.paste(text), Outcome::none()),
            (None, Screen::Patient(form)) => (form.form.paste(text), Outcome::none()),
            (None, Screen::Course(form)) => (form.paste(text), Outcome::none()),
            (None, Screen::Chart(_)) => (false, Outcome::none()),
        });
        if !taken {
            let n = text.chars().count().to_string();
            self.model.said = Some(fill(self.model.text.say_burst, &[("n", &n)]));
        }
        self.act(outcome);
    }

    fn act(&mut self, outcome: Outcome) {
        if let Some(words) = outcome.say {
            self.model.said = Some(words);
        }
        let waits = matches!(&outcome.save, Some(d) if waits_for_commit(d.kind));
        let saved = outcome.save.map(|draft| (draft.patient, self.save(draft)));
        match (saved, outcome.go) {
            (Some((patient, entry)), go) if waits => {
                let go = go.unwrap_or(Go::Open(patient));
                self.model.waiting = Some(Await::Commit(entry, go));
            }
            (Some(_), go) => {
                self.settle();
                if let Some(go) = go {
                    self.go(go);
                }
            }
            (None, Some(go)) => self.go(go),
            (None, None) => {}
        }
        match outcome.copy {
            Some(note) if waits => self.model.note_after = Some(note),
            Some(note) => self.effects.push(Effect::Copy(note)),
            None => {}
        }
    }

    /// After a save in the visit, the focus moves on; after an undo, to what was undone.
    fn settle(&mut self) {
        if matches!(self.model.screen, Screen::Review(_)) {
            self.look_back();
        }
        let Some(desk) = &self.model.desk else { return };
        let Screen::Visit(visit) = &mut self.model.screen else { return };
        let Some(list) = &desk.checklist else { return };
        match desk.record.entries().last() {
            Some(last) if matches!(last.kind, EntryKind::Undo | EntryKind::Redo) => {
                let undone = last.undoes.and_then(|id| touched(&desk.record, id));
                if let Some(line) = undone {
                    visit.show(list, &line);
                }
            }
            Some(last) if last.kind == EntryKind::Context || last.kind == EntryKind::Memo => {}
            Some(last) if answers_line(last, &visit.focus) => visit.advance(list),
            Some(last) if last.kind == EntryKind::Observe => {
                let at = touched(&desk.record, last.id);
                if let Some(line) = at {
                    visit.show(list, &line);
                }
                visit.advance(list);
            }
            Some(_) => visit.advance(list),
            None => {}
        }
    }

    // ---- going -------------------------------------------------------------

    fn go(&mut self, go: Go) {
        match go {
            Go::List => self.to_list(None),
            Go::NextPatient => {
                let signed = self.model.desk.as_ref().map(|d| d.record.patient);
                self.to_list(signed);
            }
            Go::Open(patient) => self.open(patient),
            Go::Chart => self.model.screen = Screen::Chart(ChartScreen::default()),
            Go::Visit => self.visit(),
            Go::VisitAt(line) => self.visit_at(&line),
            Go::Review => {
                self.look_back();
                self.model.screen = Screen::Review(ReviewScreen::default());
            }
            Go::Signed(visit) => self.model.screen = Screen::Signed(SignedScreen::new(visit)),
            Go::Register => {
                let form = self.with(|_, ctx| PatientForm::register(ctx));
                self.model.desk = None;
                self.model.screen = Screen::Patient(form);
            }
            Go::EditPatient => {
                let form = self.with(|_, ctx| ctx.desk.map(|d| PatientForm::edit(ctx, d)));
                self.model.screen = form.map_or(Screen::List, Screen::Patient);
            }
            Go::EditCourse => {
                let form = self.with(|_, ctx| ctx.desk.map(|d| CourseForm::of(ctx, d)));
                self.model.screen = form.map_or(Screen::List, Screen::Course);
            }
            Go::Page { title, ja, en } => {
                let page = Page::note(title, ja, en, self.model.text.lang);
                self.model.over = Some(Over::Page(page));
            }
            Go::HandOver => self.model.over = Some(Over::People(PeopleScreen::default())),
            Go::BecomePerson(person) => {
                self.model.me = person;
                self.model.over = None;
            }
            Go::NewPerson(name) => self.new_person(name),
            Go::Search(keys) => self.effects.push(Effect::Search(keys)),
            Go::Retry => self.retry(),
            Go::Help => self.help(),
            Go::Quit => self.quit(),
            Go::Back => self.back(),
        }
    }

    fn back(&mut self) {
        if self.model.over.take().is_some() {
            self.model.over = self.model.behind.take();
            return;
        }
        match (&self.model.screen, &self.model.desk) {
            (Screen::Patient(_) | Screen::Course(_), Some(_)) => self.go(Go::Chart),
            _ => self.to_list(None),
        }
    }

    fn help(&mut self) {
        let place = self.place();
        let page = self.with(|_, ctx| Page::help(place, ctx));
        self.model.behind = self.model.over.replace(Over::Page(page));
    }

    /// To the list; after signing, onto the row behind the signed patient's.
    fn to_list(&mut self, signed: Option<PatientId>) {
        let row = signed.and_then(|p| ListScreen::row_of(&self.model.rows, p));
        self.model.screen = Screen::List;
        self.model.desk = None;
        if signed.is_some() {
            self.model.list.settle(&self.model.rows, row);
        }
        self.effects.push(Effect::Lists(self.model.today));
    }

    fn open(&mut self, patient: PatientId) {
        if self.model.note_out {
            // The clipboard may still hold the patient before: not into this chart.
            self.effects.push(Effect::ClearClipboard);
            self.model.note_out = false;
        }
        self.model.waiting = Some(Await::Record(patient));
        self.effects.push(Effect::Open(patient));
    }

    /// Opens today's visit, or goes on with the open one.
    fn visit(&mut self) {
        let open = self.model.desk.as_ref().is_some_and(|d| d.visit().is_some());
        if !open {
            if let Some(draft) = self.opening() {
                self.keep_protocol();
                let _ = self.save(draft);
            }
        }
        let Some(desk) = &self.model.desk else { return self.to_list(None) };
        if desk.checklist.is_none() {
            self.model.said = Some(self.model.text.say_protocol_unread.to_owned());
            return;
        }
        self.model.screen = Screen::Visit(VisitScreen::resume(desk));
    }

    /// What stood in the open visit and no longer does, for its review.
    fn look_back(&mut self) {
        let model = &mut *self.model;
        let (Some(desk), Some(clinic)) = (&mut model.desk, &model.clinic) else { return };
        let Some(open) = desk.record.open_visit() else { return };
        let case = Case {
            record: &desk.record,
            visit: open.visit(),
            protocol: &desk.protocol,
            settings: &clinic.settings,
            catalogue: &clinic.catalogue,
        };
        desk.stood = Some(stood(&case, &clinic.catalogue, &model.text));
    }

    fn visit_at(&mut self, line: &LineId) {
        self.visit();
        let Some(list) = self.model.desk.as_ref().and_then(|d| d.checklist.as_ref()) else { return };
        if let Screen::Visit(visit) = &mut self.model.screen {
            visit.show(list, line);
        }
    }

    /// Today's visit, as the entry that opens it.
    fn opening(&self) -> Option<Draft> {
        let (desk, clinic) = (self.model.desk.as_ref()?, self.model.clinic.as_ref()?);
        let today = self.model.today;
        let treatment = Treatment::on(&desk.record, today)?;
        let visit = VisitId::from(self.model.ids.next(self.now));
        let opening = Opening {
            visit,
            course: treatment.course.course,
            kind: treatment.visit_kind(),
            held_on: today,
            protocol: clinic.protocol_hash,
            settings: clinic.settings_hash,
        };
        Some(Draft {
            patient: desk.record.patient,
            visit: Some(visit),
            kind: EntryKind::Open,
            undoes: None,
            reason: None,
            changes: vec![Change::Open(opening)],
            what: self.model.text.saved_opening.to_owned(),
        })
    }

    /// The file keeps the protocol's text before the first visit that is done under it.
    fn keep_protocol(&mut self) {
        let Some(clinic) = &self.model.clinic else { return };
        if !self.model.stored_protocols.insert(clinic.protocol_hash) {
            return;
        }
        let kept = ProtocolText {
            hash: clinic.protocol_hash,
            id: clinic.protocol.id.clone(),
            version: clinic.protocol.version.clone(),
            text: self.model.protocol_text.to_owned(),
        };
        self.keep(EntryKind::Protocol, Change::Protocol(kept), String::new());
    }

    fn new_person(&mut self, name: String) {
        let person = PersonId::from(self.model.ids.next(self.now));
        let known = Person { person, name: name.clone() };
        self.model.people.push(known.clone());
        self.keep(EntryKind::Person, Change::Person(known), name);
        self.model.me = person;
        self.model.over = None;
    }

    fn switch_language(&mut self) {
        let lang = match self.model.text.lang {
            Lang::Ja => Lang::En,
            Lang::En => Lang::Ja,
        };
        self.model.text = Text::of(lang);
        let word = if lang == Lang::Ja { "ja" } else { "en" };
        let setting =
            Setting { name: "language".to_owned(), number: None, text: Some(word.to_owned()) };
        let what = self.model.text.language_name.to_owned();
        self.keep(EntryKind::Setting, Change::Setting(setting), what);
    }

    // ---- saving ------------------------------------------------------------

    /// Makes the entry of a draft, lets the desk show it, and hands it to the store.
    fn save(&mut self, draft: Draft) -> EntryId {
        let id = EntryId::from(self.model.ids.next(self.now));
        let entry = Entry {
            id,
            patient: Some(draft.patient),
            visit: draft.visit,
            person: self.model.me,
            at: self.now,
            kind: draft.kind,
            undoes: draft.undoes,
            reason: draft.reason,
            changes: draft.changes,
        };
        let (mut record, verified) = match self.model.desk.take() {
            Some(desk) if desk.record.patient == draft.patient => (desk.record, desk.verified),
            // Nothing is kept of a new patient, so nothing waits to be verified.
            _ => (Record::new(draft.patient), Some(true)),
        };
        // A visit is shown as signed only once the signature is on disk.
        let unsigned = (entry.kind == EntryKind::Sign).then(|| record.clone());
        record.push(entry.clone());
        let projection = self.projection(&record, &entry);
        self.model.desk = desk(self.model, unsigned.unwrap_or(record), verified);
        if self.model.guarded(&entry) {
            self.model.guard.saved(id);
        }
        self.queue(entry, projection, draft.what);
        id
    }

    /// An entry that belongs to no patient.
    fn keep(&mut self, kind: EntryKind, change: Change, what: String) {
        let entry = Entry {
            id: EntryId::from(self.model.ids.next(self.now)),
            patient: None,
            visit: None,
            person: self.model.me,
            at: self.now,
            kind,
            undoes: None,
            reason: None,
            changes: vec![change],
        };
        self.queue(entry, None, what);
    }

    /// The patient's row and keys, where this entry may have changed them.
    fn projection(&self, record: &Record, entry: &Entry) -> Option<Projection> {
        let clinic = self.model.clinic.as_ref().filter(|_| moves_projection(entry))?;
        let drug = clinic.protocol.drug.get(self.model.text.lang);
        due::project(record, drug, &clinic.settings, clinic.settings_hash, self.model.today)
    }

    fn queue(&mut self, entry: Entry, projection: Option<Projection>, what: String) {
        self.model.unsaved.push_back(Pending { entry, projection, what });
        match &mut self.model.saving {
            Saving::Failed { waiting, .. } => *waiting = self.model.unsaved.len(),
            saving => *saving = Saving::Waiting,
        }
        self.pump();
    }

    /// Sends the first unsaved entry, one at a time.
    fn pump(&mut self) {
        if self.model.in_flight || self.model.failed.is_some() {
            return;
        }
        let Some(first) = self.model.unsaved.front() else { return };
        let head = first.entry.patient.and_then(|p| self.model.heads.get(&p).copied()).flatten();
        self.model.in_flight = true;
        self.effects.push(Effect::Append {
            entry: Box::new(first.entry.clone()),
            expected: head,
            projection: first.projection.clone().map(Box::new),
        });
    }

    fn saved(&mut self, id: EntryId, receipt: store::Receipt) {
        self.model.in_flight = false;
        self.model.failed = None;
        let Some(done) = self.model.unsaved.pop_front_if(|p| p.entry.id == id) else { return };
        if let Some(patient) = done.entry.patient {
            self.model.heads.insert(patient, Some(receipt.seq));
        }
        if self.model.unsaved.is_empty() {
            let at = self.now.format("%H:%M").to_string();
            self.model.saving = match done.what.as_str() {
                "" => Saving::Idle,
                what => Saving::Saved { what: what.to_owned(), at },
            };
        }
        self.pump();
        if let Some(Await::Commit(waited, go)) = self.model.waiting.clone() {
            if waited == id {
                self.model.waiting = None;
                self.effects.extend(self.model.note_after.take().map(Effect::Copy));
                self.go(go);
                self.replay();
            }
        }
        if self.model.leaving && self.model.unsaved.is_empty() {
            self.effects.push(Effect::Quit);
        }
    }

    fn not_saved(&mut self, id: EntryId, why: StoreError) {
        self.model.in_flight = false;
        if self.model.unsaved.front().is_none_or(|p| p.entry.id != id) {
            return;
        }
        let words = self.store_trouble(&why);
        self.model.saving = Saving::Failed { why: words, waiting: self.model.unsaved.len() };
        if why == StoreError::ChartNumberTaken {
            return self.number_taken();
        }
        self.model.failed = Some(why.clone());
        if why == StoreError::Conflict {
            return self.reload_conflict();
        }
        if matches!(self.model.waiting, Some(Await::Commit(..))) {
            // What was typed in the belief that it would be saved is not done later.
            self.model.kept_keys.clear();
        }
    }

    /// The form says so, and nothing of it is kept.
    fn number_taken(&mut self) {
        self.model.unsaved.pop_front();
        self.model.waiting = None;
        self.model.failed = None;
        self.model.saving = Saving::Idle;
        let patient = self.model.desk.as_ref().map(|d| d.record.patient);
        self.with(|shown, ctx| {
            if let Screen::Patient(form) = &mut *shown.screen {
                form.taken(ctx);
            }
        });
        match patient.filter(|p| self.model.heads.contains_key(p)) {
            Some(patient) => self.effects.push(Effect::Open(patient)),
            None => self.model.desk = None,
        }
        self.replay();
    }

    /// Another window saved for this patient: its record is read again, and what
    /// is unsaved here is laid over it.
    fn reload_conflict(&mut self) {
        let patient = self.model.unsaved.front().and_then(|p| p.entry.patient);
        if let Some(patient) = patient {
            self.effects.push(Effect::Open(patient));
        }
    }

    fn retry(&mut self) {
        if self.model.failed.take().is_some() || !self.model.unsaved.is_empty() {
            self.model.saving = Saving::Waiting;
            self.pump();
        } else {
            self.model.said = Some(self.model.text.say_nothing_unsaved.to_owned());
        }
    }

    fn tick(&mut self) {
        let today = self.now.date_naive();
        if today != self.model.today {
            self.model.today = today;
            self.effects.push(Effect::Lists(today));
        }
        if self.model.failed.as_ref().is_some_and(passing) {
            self.model.failed = None;
            self.pump();
        }
    }

    fn quit(&mut self) {
        if self.model.unsaved.is_empty() {
            self.effects.push(Effect::Quit);
            return;
        }
        if self.model.leaving && self.model.failed.is_some() {
            self.effects.push(Effect::Quit);
            return;
        }
        self.model.leaving = true;
        let n = self.model.unsaved.len().to_string();
        self.model.said = Some(fill(self.model.text.say_unsaved_quit, &[("n", &n)]));
    }

    /// Asked to end by the system: what is typed is saved first.
    fn terminate(&mut self) {
        let outcome = self.with(|shown, ctx| match &mut *shown.screen {
            Screen::Visit(visit) => visit.flush(ctx),
            _ => Outcome::none(),
        });
        self.act(outcome);
        self.model.leaving = true;
        if self.model.unsaved.is_empty() {
            self.effects.push(Effect::Quit);
        }
    }

    // ---- what the store answered --------------------------------------------

    fn lists(&mut self, lists: Lists, clinic: store::Clinic) {
        self.model.rows = Rows {
            today: lists.today,
            follow_up: lists.follow_up,
            more: [lists.more_today, lists.more_follow_up],
            patients: clinic.patients,
            loaded: true,
        };
        for person in clinic.people {
            if !self.model.people.iter().any(|p| p.person == person.person) {
                self.model.people.push(person);
            }
        }
        self.model.stored_protocols.extend(clinic.protocols.iter().map(|p| p.hash));
        self.model.demo |= clinic.demo;
        if let Some(number) = self.model.first.take() {
            self.effects.push(Effect::Look(crate::domain::fold::fold(&number)));
        }
    }

    fn looked(&mut self, found: Option<PatientId>) {
        match found {
            Some(patient) => self.open(patient),
            None => self.model.said = Some(self.model.text.say_no_such_number.to_owned()),
        }
    }

    fn assets(&mut self, assets: Assets) {
        self.model.said = assets.trouble.or(self.model.said.take());
        let Clinic { protocol, protocol_hash, .. } = &assets.clinic;
        self.model.protocols.insert(*protocol_hash, Arc::clone(protocol));
        self.model.clinic = Some(assets.clinic);
        if self.model.waiting == Some(Await::Assets) {
            self.model.waiting = None;
            self.replay();
        }
    }

    fn found(&mut self, keys: &[String], lines: Vec<crate::domain::line::Line>) {
        self.model.list.take_found(keys, lines);
        if matches!(&self.model.waiting, Some(Await::Search(waited)) if waited == keys) {
            self.model.waiting = None;
            self.replay();
        }
    }

    fn record(
        &mut self,
        patient: PatientId,
        stored: Vec<Stored>,
        protocols: Vec<(crate::domain::change::Hash, Arc<Protocol>)>,
    ) {
        self.model.protocols.extend(protocols);
        self.model.heads.insert(patient, stored.last().map(|s| s.seq));
        let mut entries: Vec<Entry> = stored.into_iter().map(|s| s.entry).collect();
        let mine = self.model.unsaved.iter().filter(|p| p.entry.patient == Some(patient));
        let overtaken = mine.clone().any(|p| contradicts(&entries, &p.entry));
        entries.extend(mine.map(|p| p.entry.clone()));
        let record = Record::of(patient, entries);
        let conflict = self.model.failed == Some(StoreError::Conflict);
        let unverified = self.model.desk.as_ref().and_then(|d| d.verified);
        self.model.desk = desk(self.model, record, unverified.filter(|_| conflict));
        if conflict {
            return self.resend(overtaken);
        }
        if self.model.waiting == Some(Await::Record(patient)) {
            self.model.waiting = None;
            self.model.screen = Screen::Chart(ChartScreen::default());
            self.replay();
        }
    }

    /// After another window's save: what is unsaved here goes after it, unless it
    /// speaks of the same line; then F8 says that it shall.
    fn resend(&mut self, overtaken: bool) {
        if overtaken {
            self.model.said = Some(self.model.text.say_conflict.to_owned());
            return;
        }
        self.model.failed = None;
        self.model.saving = Saving::Waiting;
        self.pump();
    }

    /// Takes the keys typed while something was awaited.
    fn replay(&mut self) {
        while self.model.waiting.is_none() {
            let Some((key, at)) = self.model.kept_keys.pop_front() else { return };
            self.key(key, at);
        }
    }

    fn store_trouble(&self, why: &StoreError) -> String {
        let text = &self.model.text;
        match why {
            StoreError::DiskFull => text.store_full.to_owned(),
            StoreError::ReadOnly => text.store_read_only.to_owned(),
            StoreError::Busy => text.store_busy.to_owned(),
            StoreError::Conflict => text.store_conflict.to_owned(),
            StoreError::ChartNumberTaken => text.trouble_number_taken.to_owned(),
            StoreError::Moved => text.store_moved.to_owned(),
            StoreError::Refused(why) => fill(text.store_refused, &[("why", why.word())]),
            StoreError::Unknown => text.store_unknown.to_owned(),
            StoreError::Damaged => text.store_damaged.to_owned(),
            StoreError::Io(code) => fill(text.store_io, &[("code", &code.to_string())]),
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
        entry.kind.undoable() && matches!(&self.screen, Screen::Visit(v) if matches!(v.stage, Stage::Walk))
    }
}

/// The desk with this record on it; the open visit is laid out anew, under the
/// protocol it is pinned to. None before the protocol was read.
fn desk(model: &Model, record: Record, verified: Option<bool>) -> Option<Desk> {
    let clinic = model.clinic.as_ref()?;
    let pinned = record.open_visit().map(|v| v.visit().opening.protocol);
    let found = match pinned {
        Some(hash) => model.protocols.get(&hash),
        None => Some(&clinic.protocol),
    };
    let open = record.open_visit().zip(found);
    let checklist = open.map(|(open, protocol)| {
        Checklist::of(&Case {
            record: &record,
            visit: open.visit(),
            protocol,
            settings: &clinic.settings,
            catalogue: &clinic.catalogue,
        })
    });
    let protocol = Arc::clone(found.unwrap_or(&clinic.protocol));
    Some(Desk { record, protocol, checklist, stood: None, verified })
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
                    Answer::Absent(_) | Answer::LastDose { .. } | Answer::Potential { .. } | Answer::Test(_)
                )
            )
        }),
        _ => true,
    }
}

/// Whether an entry answers the focused line.
fn answers_line(entry: &Entry, focus: &LineId) -> bool {
    entry.changes.iter().any(|c| line_of(c).as_ref() == Some(focus))
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
        EntryKind::Undo => record.entries().iter().find(|e| Some(e.id) == named.undoes)?,
        _ => named,
    };
    edit.changes.iter().find_map(line_of)
}

/// Whether what others saved meanwhile speaks of the same line or closed the visit.
fn contradicts(stored: &[Entry], mine: &Entry) -> bool {
    let later = stored.iter().filter(|e| e.at >= mine.at && e.visit == mine.visit);
    let lines: Vec<LineId> = mine.changes.iter().filter_map(line_of).collect();
    later.into_iter().any(|e| {
        e.kind == EntryKind::Sign || e.changes.iter().filter_map(line_of).any(|l| lines.contains(&l))
    })
}
