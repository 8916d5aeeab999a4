//! Keys and pasted text: which screen takes them, and what it answers.

use super::*;

impl Step<'_> {
    pub(super) fn key(&mut self, key: Key, at: u64) {
        if self.model.waiting.is_some() && key != Key::F(8) {
            self.model.kept_keys.push_back((key, at));
            return;
        }
        self.model.said = None;
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
                Command::Up
                    | Command::Down
                    | Command::PageUp
                    | Command::PageDown
                    | Command::Text(_)
                    | Command::NextSection
                    | Command::PreviousSection
            )
        );
        if !moves && self.held(key, at) {
            return;
        }
        let outcome = self.press(key);
        self.act(outcome);
    }

    /// Whether the key is a held one: then it is not taken, and said so.
    pub(super) fn held(&mut self, key: Key, at: u64) -> bool {
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
    pub(super) fn withdraw(&mut self, entry: EntryId) {
        let Some(desk) = &self.model.desk else { return };
        let Some(open) = desk.record.open_visit() else {
            return;
        };
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
    }

    pub(super) fn place(&self) -> Place {
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
    pub(super) fn with<T>(&mut self, on: impl FnOnce(&mut Shown<'_>, &Ctx<'_>) -> T) -> T {
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

    pub(super) fn press(&mut self, key: Key) -> Outcome {
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
    pub(super) fn text(&mut self, text: &str) {
        self.model.said = None;
        let (taken, outcome) = self.with(|shown, _| match (&mut *shown.over, &mut *shown.screen) {
            (Some(Over::Page(_)), _) => (false, Outcome::none()),
            (Some(Over::People(people)), _) => (people.paste(text), Outcome::none()),
            (None, Screen::List) => (true, shown.list.paste(text, shown.rows)),
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

    pub(super) fn act(&mut self, outcome: Outcome) {
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
        if let Some(text) = outcome.copy {
            self.effects.push(Effect::Copy(text));
        }
    }

    /// After a save in the visit, the focus moves on; after an undo, to what was undone.
    pub(super) fn settle(&mut self) {
        if matches!(self.model.screen, Screen::Review(_)) {
            self.look_back();
        }
        let Some(desk) = &self.model.desk else { return };
        let Screen::Visit(visit) = &mut self.model.screen else {
            return;
        };
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
}
