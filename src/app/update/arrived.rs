//! Results that came from laboratories: shown, linked by a person's word.

use super::*;
use crate::app::worker::Linking;
use crate::domain::arrival::Aside;
use crate::domain::id::DrawId;
use crate::domain::line::Line;
use crate::screen::inbox::AsideRow;
use crate::store::SetAside;

impl Step<'_> {
    /// To what came and needs somebody, read anew.
    pub(super) fn show_inbox(&mut self) {
        self.drop_opening();
        self.model.desk = None;
        self.model.unchecked = None;
        self.model.screen = Screen::Inbox(InboxScreen::default());
        self.effects.push(Effect::Inbox);
    }

    pub(super) fn inbox(&mut self, unseen: Vec<Line>, tray: Vec<TrayRow>, aside: Vec<SetAside>) {
        if let Screen::Inbox(screen) = &mut self.model.screen {
            let aside = aside.into_iter().map(|set| AsideRow {
                entry: set.entry,
                draw: set.draw,
                why: set.why,
            });
            screen.filled(unseen, tray, aside.collect());
        }
    }

    /// A draw is nobody's of this clinic; it stands among those set aside.
    pub(super) fn set_aside(&mut self, aside: Aside) {
        if self.model.read_only {
            self.model.said = Some(self.model.text.queue_read_only.to_owned());
            return;
        }
        let what = self.model.text.aside_saved.to_owned();
        self.keep(EntryKind::Aside, Change::Aside(aside), what);
        self.show_inbox();
    }

    /// It waits again.
    pub(super) fn take_back(&mut self, entry: EntryId) {
        if self.model.read_only {
            self.model.said = Some(self.model.text.queue_read_only.to_owned());
            return;
        }
        let what = self.model.text.aside_taken_back.to_owned();
        self.keep_undo(entry, what);
        self.show_inbox();
    }

    pub(super) fn show_tray(&mut self, row: TrayRow) {
        let screen = self.with(|_, ctx| TrayScreen::new(row, ctx));
        self.model.screen = Screen::Tray(Box::new(screen));
    }

    pub(super) fn link(&mut self, draw: DrawId, patient: PatientId) {
        if self.model.read_only {
            self.model.said = Some(self.model.text.queue_read_only.to_owned());
            return;
        }
        let seed = self.model.ids.next(self.now).as_u64_pair().1;
        self.effects.push(Effect::Link(Linking {
            draw,
            patient,
            person: self.model.me,
            now: self.now,
            seed,
        }));
    }

    /// A person's word was saved, or why not; the draw stands there until it was.
    pub(super) fn linked(&mut self, patient: PatientId, done: Result<(), StoreError>) {
        match done {
            Ok(()) => {
                self.model.heads.remove(&patient);
                if matches!(self.model.screen, Screen::Tray(_)) {
                    self.show_inbox();
                }
                self.model.said = Some(self.model.text.tray_linked.to_owned());
            }
            Err(why) => self.model.said = Some(self.store_trouble(&why)),
        }
    }
}
