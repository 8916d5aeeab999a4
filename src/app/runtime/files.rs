//! A laboratory's files, read beside everything else.

use super::{Event, Worker};
use crate::app::Msg;
use crate::app::taking::{News, Sought, gather};
use crate::app::worker::Request;
use crate::screen::Clinic;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::Sender;
use std::{io, thread};

/// Reads files on a thread of its own, which ends with the last of them.
pub(super) struct Reading {
    pub(super) inbox: Sender<Event>,
    pub(super) layouts: PathBuf,
    /// Which taking-in is still wanted; 0 for none.
    pub(super) wanted: Arc<AtomicU32>,
}

impl Reading {
    /// Reads what is sought, then hands it to the store's thread.
    ///
    /// # Errors
    /// The system's, where no thread can be had.
    pub(super) fn begin(&self, sought: Sought, clinic: Clinic, worker: &Worker) -> io::Result<()> {
        let (run, still) = (sought.run, Arc::clone(&self.wanted));
        let (inbox, requests) = (self.inbox.clone(), worker.requests.clone());
        let layouts = self.layouts.clone();
        still.store(run, Ordering::Relaxed);
        let read = move || {
            let say = |news| inbox.send(Event::Msg(Msg::Intake(run, news))).is_ok();
            let mut go_on = |done| say(News::Reading(done)) && still.load(Ordering::Relaxed) == run;
            // A failed send means that the program is ending.
            match gather(&sought, &clinic, Some(&layouts), &mut go_on) {
                Ok(gathered) => requests.send(Request::TakeIn(run, gathered)).is_ok(),
                Err(why) => say(News::NoneRead(why)),
            };
        };
        thread::Builder::new()
            .name("files".to_owned())
            .spawn(read)?;
        Ok(())
    }
}
