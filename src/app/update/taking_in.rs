//! A laboratory's files on their way in: asked for, shown, stored, left.

use super::*;
use crate::app::taking::{News, NoneRead, Progress, Sought, Stored};
use crate::screen::take_in::TakeInScreen;

impl Step<'_> {
    pub(super) fn show_take_in(&mut self) {
        if self.model.read_only {
            self.model.said = Some(self.model.text.queue_read_only.to_owned());
            return;
        }
        let folder = self.model.folder.clone().unwrap_or_default();
        let screen = TakeInScreen::new(&folder, &self.model.text);
        self.model.screen = Screen::TakeIn(Box::new(screen));
    }

    pub(super) fn take_from(&mut self, path: String) {
        self.model.intake += 1;
        let sought = Sought {
            run: self.model.intake,
            path,
            person: self.model.me,
            now: self.now,
            seed: self.model.ids.next(self.now).as_u64_pair().1,
        };
        self.effects.push(Effect::TakeIn(Box::new(sought)));
    }

    pub(super) fn store_files(&mut self) {
        let run = self.model.intake;
        self.effects.push(Effect::StoreFiles(run, self.now));
    }

    /// Away; what is on disk by then is said.
    pub(super) fn leave_files(&mut self) {
        let stored = match &self.model.screen {
            Screen::TakeIn(screen) => screen.stored(),
            _ => (0, 0),
        };
        self.effects.push(Effect::Forget(self.model.intake));
        self.show_inbox();
        let text = &self.model.text;
        let words = match stored {
            (0, _) => text.take_called_off.to_owned(),
            (done, of) => {
                let values = [("done", &*done.to_string()), ("of", &*of.to_string())];
                fill(text.take_called_off_some, &values)
            }
        };
        self.model.said = Some(words);
    }

    pub(super) fn intake(&mut self, run: u32, news: News) {
        if let News::Stored(stored) = &news {
            // Whatever is shown by now: these records are others than before.
            for patient in &stored.patients {
                self.model.heads.remove(patient);
            }
        }
        let news = match news {
            News::Shown(shown) => {
                self.model.folder = Some(shown.folder.clone().into());
                News::Shown(shown)
            }
            other => other,
        };
        let words = self.sentence(&news);
        let current = run == self.model.intake;
        let screen = match &mut self.model.screen {
            Screen::TakeIn(screen) if current && screen.awaits() => screen,
            _ if current => return self.after_leaving(&news),
            _ => return,
        };
        let pair = |progress: Progress| (progress.done, progress.of);
        match news {
            News::Reading(progress) => screen.reading(pair(progress)),
            News::LookingUp(progress) => screen.looking_up(pair(progress)),
            News::Storing(progress) => screen.storing(pair(progress)),
            News::Shown(shown) => screen.show(shown.files, shown.more),
            News::NoneRead(_) => screen.refuse(words.clone().unwrap_or_default()),
            News::NotStored(_) => screen.not_stored(),
            News::Stored(stored) if stored.files < stored.of => {
                screen.went((stored.files, stored.of));
            }
            News::Stored(_) => self.show_inbox(),
        }
        if words.is_some() {
            self.model.said = words;
        }
    }

    /// It was left while its save was being made: what became of it is said all the same.
    fn after_leaving(&mut self, news: &News) {
        let News::Stored(stored) = news else { return };
        self.model.said = Some(self.all_stored(stored));
        if matches!(self.model.screen, Screen::Inbox(_)) {
            self.effects.push(Effect::Inbox);
        }
    }

    /// What the status line says of it.
    fn sentence(&self, news: &News) -> Option<String> {
        let text = &self.model.text;
        match news {
            News::NoneRead(NoneRead::Place(word)) => {
                Some(crate::screen::take_in::place_trouble(word, text))
            }
            News::NoneRead(NoneRead::Layout(why)) => {
                let place = |word: &str| crate::screen::take_in::place_trouble(word, text);
                Some(why.message(text.lang, place))
            }
            News::NoneRead(NoneRead::NoFiles) => Some(text.take_no_files.to_owned()),
            News::Shown(shown) if shown.changed => Some(text.take_changed.to_owned()),
            News::NotStored(why) => Some(self.not_stored(why)),
            News::Stored(stored) if stored.files >= stored.of => Some(self.all_stored(stored)),
            _ => None,
        }
    }

    /// Why, what of it is on disk all the same, and what can be done.
    fn not_stored(&self, why: &StoreError) -> String {
        let text = &self.model.text;
        let (done, of) = match &self.model.screen {
            Screen::TakeIn(screen) => screen.stored(),
            _ => (0, 0),
        };
        let words = match done {
            0 => text.take_not_stored,
            _ => text.take_not_stored_some,
        };
        let values = [
            ("why", &*self.store_trouble(why)),
            ("done", &*done.to_string()),
            ("of", &*of.to_string()),
        ];
        fill(words, &values)
    }

    fn all_stored(&self, stored: &Stored) -> String {
        let values = [
            ("files", &*stored.files.to_string()),
            ("results", &*stored.results.to_string()),
            ("unmatched", &*stored.unmatched.to_string()),
        ];
        fill(self.model.text.take_stored, &values)
    }
}
