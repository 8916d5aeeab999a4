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
        let typed = matches!(
            place,
            Place::Field | Place::Form | Place::List | Place::TakeFrom | Place::Tray
        );
        let key = match keys::plain(key) {
            _ if typed => key,
            Pressed::Key(key) => key,
            Pressed::InputMethodOn => {
                self.model.said = Some(self.model.text.say_input_method_on.to_owned());
                return;
            }
        };
        let command = keys::command(place, key);
        self.model.leaving &= command == Some(Command::Quit);
        if command == Some(Command::Retry) {
            // What it does is the program's, whatever is being typed.
            return self.retry();
        }
        let moves = matches!(
            command,
            Some(
                Command::Up
                    | Command::Down
                    | Command::Left
                    | Command::Right
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
                for did in withdraw {
                    match did {
                        Did::Saved(entry) => self.withdraw(entry),
                        Did::Opened => self.close_untouched(),
                    }
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
        self.save(draft);
        // Back to the line that is open again.
        self.settle();
    }

    /// Back from a visit that a held key opened.
    fn close_untouched(&mut self) {
        if matches!(&self.model.screen, Screen::Visit(v) if matches!(v.stage, Stage::Walk)) {
            self.go(Go::Chart);
        }
    }

    pub(super) fn place(&self) -> Place {
        match (&self.model.over, &self.model.screen) {
            (Some(Over::Page(_)), _) => Place::Page,
            (Some(Over::People(people)), _) => people.place(),
            (Some(Over::Trend(_)), _) => Place::Trend,
            (Some(Over::Table(_)), _) => Place::Table,
            (None, Screen::List) => self.model.list.place(),
            (None, Screen::Chart(_)) => Place::Chart,
            (None, Screen::Visit(visit)) => visit.place(),
            (None, Screen::Review(review)) => review.place(),
            (None, Screen::Signed(signed)) => signed.place(),
            (None, Screen::Inbox(_)) => Place::Inbox,
            (None, Screen::Close(_)) => Place::Close,
            (None, Screen::Results(_)) => Place::Results,
            (None, Screen::Follow(follow)) => follow.place(),
            (None, Screen::TakeIn(files)) => files.place(),
            (None, Screen::Tray(tray)) => tray.place(),
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
            pins: &model.pins,
            desk: model.desk.as_ref(),
            saving: &model.saving,
            clock_behind: model.clock_behind(self.now),
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
            (Some(Over::Trend(trend)), _) => trend.key(key, ctx),
            (Some(Over::Table(table)), _) => table.key(key, ctx),
            (None, Screen::List) => shown.list.key(key, shown.rows, ctx),
            (None, Screen::Chart(chart)) => chart.key(key, ctx),
            (None, Screen::Visit(visit)) => visit.key(key, ctx),
            (None, Screen::Review(review)) => review.key(key, ctx),
            (None, Screen::Signed(signed)) => signed.key(key, ctx),
            (None, Screen::Patient(form)) => form.key(key, ctx),
            (None, Screen::Inbox(inbox)) => inbox.key(key, ctx),
            (None, Screen::Close(close)) => close.key(key, ctx),
            (None, Screen::Results(results)) => results.key(key, ctx),
            (None, Screen::Follow(follow)) => follow.key(key, ctx),
            (None, Screen::Tray(tray)) => tray.key(key, ctx),
            (None, Screen::TakeIn(files)) => files.key(key, ctx),
            (None, Screen::Course(form)) => form.key(key, ctx),
        })
    }

    /// Text that came as one piece: data for a field, never keys.
    pub(super) fn text(&mut self, text: &str) {
        self.model.said = None;
        let (taken, outcome) = self.with(|shown, _| match (&mut *shown.over, &mut *shown.screen) {
            (Some(Over::Page(_) | Over::Trend(_) | Over::Table(_)), _) => (false, Outcome::none()),
            (Some(Over::People(people)), _) => (people.paste(text), Outcome::none()),
            (None, Screen::List) => (true, shown.list.paste(text, shown.rows)),
            (None, Screen::Visit(visit)) => (visit.paste(text), Outcome::none()),
            (None, Screen::Review(review)) => (review.paste(text), Outcome::none()),
            (None, Screen::Signed(signed)) => (signed.paste(text), Outcome::none()),
            (None, Screen::Patient(form)) => (form.form.paste(text), Outcome::none()),
            (None, Screen::Course(form)) => (form.paste(text), Outcome::none()),
            (None, Screen::Tray(tray)) => (tray.paste(text), Outcome::none()),
            (None, Screen::Follow(follow)) => (follow.paste(text), Outcome::none()),
            (None, Screen::TakeIn(files)) => (files.paste(text), Outcome::none()),
            (None, Screen::Chart(_) | Screen::Inbox(_) | Screen::Results(_) | Screen::Close(_)) => {
                (false, Outcome::none())
            }
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
        let Some(draft) = outcome.save else {
            return self.then(outcome.go, outcome.copy);
        };
        if self.model.read_only {
            self.model.said = Some(self.model.text.queue_read_only.to_owned());
            return self.release_form();
        }
        if waits_for_commit(draft.kind) {
            return self.commit(draft, outcome.go, outcome.copy);
        }
        self.save(draft);
        self.settle();
        self.then(outcome.go, outcome.copy);
    }

    fn then(&mut self, go: Option<Go>, copy: Option<String>) {
        if let Some(go) = go {
            self.go(go);
        }
        if let Some(text) = copy {
            self.copy(text);
        }
    }

    /// From now on the clipboard may hold this patient's note.
    pub(super) fn copy(&mut self, text: String) {
        self.model.note_out = true;
        self.effects.push(Effect::Copy(text));
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
