//! Going from one screen to another.

use super::*;

impl Step<'_> {
    pub(super) fn go(&mut self, go: Go) {
        match go {
            Go::List => self.leave_chart(),
            Go::NextPatient => {
                let signed = self.model.desk.as_ref().map(|d| d.record.patient);
                self.show_list(signed);
            }
            Go::Open(patient) => self.open_then(patient, None),
            Go::Inbox => self.show_inbox(),
            Go::OpenResults(patient) => self.open_then(patient, Some(Go::Results)),
            Go::Close => self.close_day(),
            Go::FromFollow => match self.model.close {
                Some(_) => self.leave_chart(),
                None => self.go(Go::Chart),
            },
            Go::OpenFollow(patient) => self.open_then(patient, Some(Go::Follow)),
            Go::Follow => {
                self.drop_opening();
                self.model.screen = Screen::Follow(FollowScreen::default());
            }
            Go::Results => self.model.screen = Screen::Results(ResultsScreen::default()),
            Go::Tray(row) => self.show_tray(*row),
            Go::Link { draw, patient } => self.link(draw, patient),
            Go::SetAside(aside) => self.set_aside(aside),
            Go::TakeBack(entry) => self.take_back(entry),
            Go::TakeIn => self.show_take_in(),
            Go::TakeFrom(path) => self.take_from(path),
            Go::StoreFiles => self.store_files(),
            Go::LeaveFiles => self.leave_files(),
            Go::Chart => {
                self.drop_opening();
                self.model.screen = Screen::Chart(ChartScreen::default());
            }
            Go::Visit => self.visit(),
            Go::VisitAt(line) => self.visit_at(&line),
            Go::Review => {
                self.look_back();
                self.model.screen = Screen::Review(ReviewScreen::default());
            }
            Go::Signed(visit) => self.model.screen = Screen::Signed(SignedScreen::new(visit)),
            Go::Trend(analyte) => self.model.over = Some(Over::Trend(TrendScreen::new(analyte))),
            Go::TrendAt(analyte, at) => {
                self.model.over = Some(Over::Trend(TrendScreen::at(analyte, at)));
            }
            Go::Table => self.table(),
            Go::Register => {
                let form = self.with(|_, ctx| PatientForm::register(ctx));
                self.model.desk = None;
                self.model.screen = Screen::Patient(form);
            }
            Go::EditPatient => self.edit_patient(),
            Go::EditCourse => self.edit_course(),
            Go::Page { title, ja, en } => {
                let page = Page::note(title, ja, en, self.model.text.lang);
                self.model.over = Some(Over::Page(page));
            }
            Go::Language => self.switch_language(),
            Go::HandOver => self.model.over = Some(Over::People(PeopleScreen::default())),
            Go::BecomePerson(person) => {
                self.model.me = person;
                self.model.over = None;
            }
            Go::NewPerson(name) => self.new_person(name),
            Go::Relist => self.relist(),
            Go::Search(keys) => self.effects.push(Effect::Search(keys)),
            Go::Help => self.help(),
            Go::Quit => self.quit(),
            Go::Back => self.back(),
        }
    }

    /// To a patient's chart, or from it at once to a screen of the patient's.
    fn open_then(&mut self, patient: PatientId, then: Option<Go>) {
        self.model.then = then;
        self.open(patient);
    }

    fn edit_patient(&mut self) {
        let form = self.with(|_, ctx| ctx.desk.map(|d| PatientForm::edit(ctx, d)));
        self.model.screen = form.map_or(Screen::List, Screen::Patient);
    }

    fn edit_course(&mut self) {
        let form = self.with(|_, ctx| ctx.desk.map(|d| CourseForm::of(ctx, d)));
        self.model.screen = form.map_or(Screen::List, Screen::Course);
    }

    pub(super) fn back(&mut self) {
        if self.model.over.take().is_some() {
            self.model.over = self.model.behind.take();
            return;
        }
        match (&self.model.screen, &self.model.desk) {
            (Screen::Patient(_) | Screen::Course(_), Some(_)) => self.go(Go::Chart),
            _ => self.show_list(None),
        }
    }

    /// All values by date; from a trend on the line of its analyte.
    fn table(&mut self) {
        let screen = self.with(|shown, ctx| {
            let analyte = match &shown.over {
                Some(Over::Trend(trend)) => Some(trend.analyte()),
                _ => None,
            };
            TableScreen::new(analyte, ctx)
        });
        self.model.over = Some(Over::Table(screen));
    }

    pub(super) fn help(&mut self) {
        let place = self.place();
        let page = self.with(|_, ctx| Page::help(place, ctx));
        self.model.behind = self.model.over.replace(Over::Page(page));
    }

    /// To what is still open of the day of the lists, read anew.
    fn close_day(&mut self) {
        let day = self.with(|shown, ctx| shown.list.wanted(ctx).day);
        self.show_close(CloseScreen::new(day));
    }

    fn show_close(&mut self, screen: CloseScreen) {
        self.drop_opening();
        self.model.desk = None;
        self.model.unchecked = None;
        self.effects.push(Effect::Closing(screen.day()));
        self.model.screen = Screen::Close(screen);
    }

    /// Back to where the chart was opened from.
    fn leave_chart(&mut self) {
        match self.model.close.take() {
            Some(screen) => self.show_close(screen),
            None => self.show_list(None),
        }
    }

    /// To the list; after signing, onto the row behind the signed patient's.
    pub(super) fn show_list(&mut self, signed: Option<PatientId>) {
        self.drop_opening();
        self.model.close = None;
        self.model.screen = Screen::List;
        self.model.desk = None;
        self.model.unchecked = None;
        if self.model.unsaved.is_empty() && matches!(self.model.saving, Saving::Failed { .. }) {
            self.model.saving = Saving::Idle;
        }
        if let Some(signed) = signed {
            self.model.list.settle(&self.model.rows, signed);
        }
        self.relist();
    }

    /// The lists as the first screen wants them, read anew.
    pub(super) fn relist(&mut self) {
        let wanted = self.with(|shown, ctx| shown.list.wanted(ctx));
        self.effects.push(Effect::Lists(wanted));
    }

    pub(super) fn open(&mut self, patient: PatientId) {
        self.drop_opening();
        if self.model.note_out {
            // The clipboard may still hold the patient before: not into this chart.
            self.effects.push(Effect::ClearClipboard);
            self.model.note_out = false;
        }
        if let Screen::Close(screen) = &self.model.screen {
            self.model.close = Some(screen.left());
        }
        self.model.waiting = Some(Await::Record(patient));
        self.effects.push(Effect::Open(patient));
    }

    /// Opens today's visit, or goes on with the open one.
    pub(super) fn visit(&mut self) {
        let open = self
            .model
            .desk
            .as_ref()
            .is_some_and(|d| d.visit().is_some());
        if !open && self.model.read_only {
            self.model.said = Some(self.model.text.queue_read_only.to_owned());
            return;
        }
        if !open && let Some(draft) = self.opening() {
            // Nothing is kept of it before the first answer.
            let what = draft.what.clone();
            let entry = self.entry(draft);
            let projection = self.lay(&entry);
            self.model.opening = Some(Pending {
                entry,
                projection,
                on: None,
                what,
            });
        }
        let Some(desk) = &self.model.desk else {
            return self.show_list(None);
        };
        if desk.checklist.is_none() {
            self.model.said = Some(self.model.text.say_protocol_unread.to_owned());
            return;
        }
        let opened = matches!(self.model.screen, Screen::Chart(_));
        self.model.screen = Screen::Visit(VisitScreen::resume(desk, self.model.me));
        if opened {
            self.model.guard.did(Did::Opened);
        }
    }

    /// What stood in the open visit and no longer does, for its review.
    pub(super) fn look_back(&mut self) {
        let model = &mut *self.model;
        let (Some(desk), Some(clinic)) = (&mut model.desk, &model.clinic) else {
            return;
        };
        let Some(open) = desk.record.open_visit() else {
            return;
        };
        let case = Case {
            record: &desk.record,
            visit: open.visit(),
            protocol: &desk.protocol,
            settings: &desk.settings,
            catalogue: &clinic.catalogue,
        };
        let Some(list) = &desk.checklist else { return };
        desk.stood = Some(LookedBack::on(&case, list, &model.people, &model.text));
    }

    pub(super) fn visit_at(&mut self, line: &LineId) {
        self.visit();
        let Some(list) = self.model.desk.as_ref().and_then(|d| d.checklist.as_ref()) else {
            return;
        };
        if let Screen::Visit(visit) = &mut self.model.screen {
            visit.show(list, line);
        }
    }

    /// Today's visit, as the entry that opens it.
    pub(super) fn opening(&self) -> Option<Draft> {
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
    pub(super) fn keep_protocol(&mut self) {
        let Some(clinic) = &self.model.clinic else {
            return;
        };
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

    pub(super) fn new_person(&mut self, name: String) {
        if self.model.read_only {
            self.model.said = Some(self.model.text.queue_read_only.to_owned());
            return;
        }
        let person = PersonId::from(self.model.ids.next(self.now));
        let known = Person {
            person,
            name: name.clone(),
        };
        self.model.people.push(known.clone());
        self.keep(EntryKind::Person, Change::Person(known), name);
        self.model.me = person;
        self.model.over = None;
    }

    pub(super) fn switch_language(&mut self) {
        let lang = match self.model.text.lang {
            Lang::Ja => Lang::En,
            Lang::En => Lang::Ja,
        };
        self.model.text = Text::of(lang);
        let word = if lang == Lang::Ja { "ja" } else { "en" };
        let setting = Setting {
            name: "language".to_owned(),
            number: None,
            text: Some(word.to_owned()),
        };
        let what = self.model.text.language_name.to_owned();
        self.keep(EntryKind::Setting, Change::Setting(setting), what);
    }
}
