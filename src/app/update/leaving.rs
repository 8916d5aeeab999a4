//! The end of the program: asked for by a key or by the system, and only once what
//! waits is saved or the person has been told.

use super::*;

impl Step<'_> {
    pub(super) fn quit(&mut self) {
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

    /// Asked to end by the system: what is being entered is kept first.
    pub(super) fn terminate(&mut self) {
        self.model.ending = true;
        self.model.over = None;
        self.model.behind = None;
        if self.model.waiting.is_none() {
            self.flush();
        }
        if self.model.failed.as_ref().is_some_and(passing) {
            self.model.failed = None;
            self.pump();
        }
        if self.model.unsaved.is_empty() {
            self.effects.push(Effect::Quit);
        }
    }

    /// What is being entered at a line, or as a reason, is kept.
    fn flush(&mut self) {
        let outcome = self.with(|shown, ctx| match &mut *shown.screen {
            Screen::Visit(visit) => visit.flush(ctx),
            Screen::Review(review) if review.place() == Place::Field => review.key(Key::Enter, ctx),
            _ => Outcome::none(),
        });
        self.act(outcome);
    }

    pub(super) fn leave_if_asked(&mut self) {
        if (self.model.leaving || self.model.ending) && self.model.unsaved.is_empty() {
            self.effects.push(Effect::Quit);
        }
    }
}
