//! The loop: one inbox of messages, the effects they ask for, one frame after
//! everything that was waiting. The only place that waits or reads the clock.

mod files;

use super::input::Input;
use super::taking::{FileTrouble, News, NoneRead, Sought};
use super::terminal::Screen as Terminal;
use super::worker::{self, Request};
use super::{Beginning, Effect, Model, Msg, clipboard, input, looks, update, view};
use crate::clock::now;
use crate::domain::id::{PatientId, PersonId};
use crate::domain::lang::Lang;
use crate::domain::wanted::Wanted;
use crate::keys::Key;
use crate::store::Store;
use crate::text::Text;
use files::Reading;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

/// How often a failed save is tried again.
const RETRY: Duration = Duration::from_secs(2);
/// Nothing is asked of the terminal before it has been quiet for this long.
const QUIET: Duration = Duration::from_millis(150);
/// How long the program waits for unsaved entries when it is told to end.
const LAST_WAIT: Duration = Duration::from_millis(2_700);
/// How often a failed save is tried again in that time.
const LAST_RETRY: Duration = Duration::from_millis(300);

/// What the interactive program starts from.
pub struct Start {
    pub store: Box<dyn Store>,
    /// Where the clinic's own layouts of laboratories' files are, if anywhere.
    pub layouts: PathBuf,
    pub lang: Lang,
    pub go: StartAt,
    /// The file cannot be written.
    pub read_only: bool,
    /// Invented patients only: the header says so.
    pub demo: bool,
    /// Who types.
    pub me: PersonId,
}

/// The first screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartAt {
    List,
    Chart(PatientId),
}

/// Why the program could not be run on this terminal.
#[derive(Debug)]
pub enum RunError {
    /// Standard input or output is no terminal, or one that cannot move its cursor.
    Terminal(super::terminal::Unusable),
    Io(io::Error),
    /// It ended with entries that could not be saved: how many.
    Unsaved(usize),
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Terminal(why) => why.fmt(f),
            Self::Io(why) => why.fmt(f),
            Self::Unsaved(n) => write!(f, "{n} entries were not saved"),
        }
    }
}

impl std::error::Error for RunError {}

impl From<io::Error> for RunError {
    fn from(why: io::Error) -> Self {
        Self::Io(why)
    }
}

/// Anything that reaches the loop.
enum Event {
    Msg(Msg),
    Keys(Vec<Key>, Instant),
    Gone,
}

/// Runs the program until it is left.
///
/// # Errors
/// See [`RunError`].
pub fn run(start: Start) -> Result<(), RunError> {
    super::terminal::check().map_err(RunError::Terminal)?;
    // What could not be had (a crash could leave a core file) is no reason not to work.
    let _ = super::process::harden();
    let (inbox, events) = mpsc::channel();
    let worker = Worker::start(start.store, &inbox)?;
    let now = now();
    worker.send(Request::Lists(Wanted::on(now.date_naive())));
    worker.send(Request::Assets(start.lang));
    read_input(inbox.clone())?;
    let model = Model::new(Beginning {
        text: Text::of(start.lang),
        theme: looks::asked(|name| {
            let value = std::env::var_os(name)?;
            Some(value.to_string_lossy().into_owned())
        }),
        now,
        me: start.me,
        demo: start.demo,
        seed: seed(),
        chart: match start.go {
            StartAt::List => None,
            StartAt::Chart(patient) => Some(patient),
        },
        read_only: start.read_only,
    });
    let unsaved = Loop {
        model,
        worker,
        copies: Copies {
            inbox: inbox.clone(),
            queue: None,
        },
        reading: Reading {
            inbox,
            layouts: start.layouts,
            wanted: Arc::default(),
        },
        events,
        begun: Instant::now(),
    }
    .run()?;
    if unsaved > 0 {
        Err(RunError::Unsaved(unsaved))
    } else {
        Ok(())
    }
}

/// Chance for the ids, from the system.
fn seed() -> u64 {
    let bytes = uuid::Uuid::now_v7().into_bytes();
    u64::from_be_bytes([
        bytes[8], bytes[9], bytes[10], bytes[11], bytes[12], bytes[13], bytes[14], bytes[15],
    ])
}

/// The store's thread, as seen from the loop.
struct Worker {
    requests: Sender<Request>,
}

impl Worker {
    fn start(store: Box<dyn Store>, inbox: &Sender<Event>) -> io::Result<Self> {
        let (requests, queue) = mpsc::channel();
        let inbox = inbox.clone();
        // A failed send means that the program is ending.
        worker::start(store, queue, move |msg| inbox.send(Event::Msg(msg)).is_ok())?;
        Ok(Self { requests })
    }

    fn send(&self, request: Request) {
        // The thread ends only with the program; a panic in it ends the program.
        let _ = self.requests.send(request);
    }
}

/// Sends what the terminal gives into the inbox.
fn read_input(inbox: Sender<Event>) -> io::Result<()> {
    input::start(move |came| {
        let event = match came {
            Input::Keys { keys, at } => Event::Keys(keys, at),
            Input::Burst(text) | Input::Paste(text) => Event::Msg(Msg::Text(text)),
            Input::Resize(..) | Input::Focus(true) => Event::Msg(Msg::Resized),
            Input::Focus(false) => return true,
            Input::Width(columns) => Event::Msg(Msg::Width(columns)),
            Input::Terminate => Event::Msg(Msg::Terminate),
            Input::Gone => Event::Gone,
        };
        inbox.send(event).is_ok()
    })
}

/// Copies, made in order by a thread of their own, for a clipboard program may
/// hang. Most days nothing is copied: it begins with the first.
struct Copies {
    inbox: Sender<Event>,
    /// A text to copy; none empties the clipboard after a copy.
    queue: Option<Sender<Option<String>>>,
}

impl Copies {
    fn send(&mut self, text: Option<String>) {
        let queue = match self.queue.take() {
            Some(queue) => queue,
            None => match clipboard_thread(self.inbox.clone()) {
                Ok(queue) => queue,
                Err(_) => {
                    // The inbox lives as long as the loop.
                    let _ = self.inbox.send(Event::Msg(Msg::NotCopied));
                    return;
                }
            },
        };
        // The thread ends only with the program.
        let _ = queue.send(text);
        self.queue = Some(queue);
    }
}

fn clipboard_thread(inbox: Sender<Event>) -> io::Result<Sender<Option<String>>> {
    let (copies, queue) = mpsc::channel();
    thread::Builder::new()
        .name("clipboard".to_owned())
        .spawn(move || make_copies(&queue, &inbox))?;
    Ok(copies)
}

fn make_copies(queue: &Receiver<Option<String>>, inbox: &Sender<Event>) {
    let environment = clipboard::Environment::of_process();
    for text in queue {
        let Some(text) = text else {
            // Nothing is said of a clipboard that could not be emptied: the
            // note in it names its patient in its first line.
            let _ = clipboard::clear(&environment);
            continue;
        };
        let msg = match clipboard::send(&text, &environment) {
            Ok(clipboard::Delivery::Confirmed) => Msg::Copied(true),
            Ok(clipboard::Delivery::SentOnly) => Msg::Copied(false),
            Err(_) => Msg::NotCopied,
        };
        if inbox.send(Event::Msg(msg)).is_err() {
            return;
        }
    }
}

struct Loop {
    model: Model,
    worker: Worker,
    copies: Copies,
    reading: Reading,
    events: Receiver<Event>,
    begun: Instant,
}

impl Loop {
    /// Until the program is left; how many entries could not be saved. Where the
    /// terminal fails, what is typed is still saved, as far as it goes.
    fn run(mut self) -> Result<usize, RunError> {
        match self.walk() {
            Err(RunError::Io(why)) => match self.last_saves() {
                0 => Err(RunError::Io(why)),
                unsaved => Ok(unsaved),
            },
            ended => ended,
        }
    }

    fn walk(&mut self) -> Result<usize, RunError> {
        let mut screen = Terminal::enter()?;
        match self.first_lists() {
            Step::On => {}
            Step::Leave => return Ok(self.model.unsaved.len()),
            Step::Gone => return Ok(self.last_saves()),
        }
        self.draw(&mut screen)?;
        let mut asked = false;
        loop {
            let event = match self.next(asked) {
                Ok(event) => event,
                Err(RecvTimeoutError::Timeout) if !asked => {
                    screen.ask_width()?;
                    asked = true;
                    self.draw(&mut screen)?;
                    continue;
                }
                Err(RecvTimeoutError::Timeout) => Event::Msg(Msg::Tick),
                Err(RecvTimeoutError::Disconnected) => return Ok(self.model.unsaved.len()),
            };
            let mut events = vec![event];
            events.extend(self.events.try_iter());
            for event in events {
                match self.take(event, &mut screen) {
                    Step::On => {}
                    Step::Leave => return Ok(self.model.unsaved.len()),
                    Step::Gone => return Ok(self.last_saves()),
                }
            }
            self.draw(&mut screen)?;
        }
    }

    /// The first frame shows the lists where they come at once.
    fn first_lists(&mut self) -> Step {
        while !self.model.rows.loaded {
            match self.events.recv_timeout(Duration::from_millis(100)) {
                Ok(Event::Msg(Msg::Terminate) | Event::Gone) => return Step::Gone,
                Ok(Event::Msg(msg)) => {
                    let effects = update(&mut self.model, msg, now());
                    if self.perform(effects) == Step::Leave {
                        return Step::Leave;
                    }
                }
                Ok(Event::Keys(keys, at)) => {
                    if self.keys(keys, at) == Step::Leave {
                        return Step::Leave;
                    }
                }
                Err(_) => return Step::On,
            }
        }
        Step::On
    }

    /// Waits for the next event: to the first quiet moment, in which the terminal
    /// is asked how wide it draws a line; then to the next day, or to the next try.
    fn next(&self, asked: bool) -> Result<Event, RecvTimeoutError> {
        self.events.recv_timeout(match asked {
            false => QUIET,
            true if self.model.retries() => RETRY,
            true => to_midnight(),
        })
    }

    fn take(&mut self, event: Event, screen: &mut Terminal) -> Step {
        match event {
            Event::Gone | Event::Msg(Msg::Terminate) => Step::Gone,
            Event::Keys(keys, at) => {
                for key in keys {
                    match key {
                        Key::Ctrl('z') => {
                            if screen.suspend().is_err() {
                                return Step::Gone;
                            }
                        }
                        Key::Ctrl('l') => screen.full_redraw(),
                        key => {
                            let at =
                                u64::try_from((at - self.begun).as_millis()).unwrap_or(u64::MAX);
                            let effects = update(&mut self.model, Msg::Key(key, at), now());
                            if self.perform(effects) == Step::Leave {
                                return Step::Leave;
                            }
                        }
                    }
                }
                Step::On
            }
            Event::Msg(msg) => {
                if matches!(msg, Msg::Resized | Msg::Width(_)) {
                    screen.full_redraw();
                }
                let effects = update(&mut self.model, msg, now());
                self.perform(effects)
            }
        }
    }

    fn keys(&mut self, keys: Vec<Key>, at: Instant) -> Step {
        let at =
            u64::try_from(at.saturating_duration_since(self.begun).as_millis()).unwrap_or(u64::MAX);
        for key in keys {
            let effects = update(&mut self.model, Msg::Key(key, at), now());
            if self.perform(effects) == Step::Leave {
                return Step::Leave;
            }
        }
        Step::On
    }

    fn perform(&mut self, effects: Vec<Effect>) -> Step {
        for effect in effects {
            match effect {
                Effect::Lists(wanted) => self.worker.send(Request::Lists(wanted)),
                Effect::Search(keys) => self.worker.send(Request::Search(keys)),
                Effect::Open(patient) => self.worker.send(Request::Open(patient)),
                Effect::Inbox => self.worker.send(Request::Inbox),
                Effect::Closing(day) => self.worker.send(Request::Closing(day)),
                Effect::Link(linking) => self.worker.send(Request::Link(linking)),
                Effect::TakeIn(sought) => self.take_in(*sought),
                Effect::StoreFiles(run, now) => self.worker.send(Request::StoreFiles(run, now)),
                Effect::Forget(run) => {
                    self.reading.wanted.store(0, Ordering::Relaxed);
                    self.worker.send(Request::Forget(run));
                }
                Effect::Check(patient) => self.worker.send(Request::Check(patient)),
                Effect::Append {
                    entry,
                    expected,
                    projection,
                } => {
                    self.worker.send(Request::Append {
                        entry,
                        expected,
                        projection,
                    });
                }
                Effect::Copy(text) => self.copies.send(Some(text)),
                Effect::ClearClipboard => self.copies.send(None),
                Effect::Quit => return Step::Leave,
            }
        }
        Step::On
    }

    fn take_in(&self, sought: Sought) {
        // Nothing is read before the analytes are; what is typed waits for them.
        let Some(clinic) = &self.model.clinic else {
            return;
        };
        let run = sought.run;
        if let Err(why) = self.reading.begin(sought, clinic.clone(), &self.worker) {
            let none = News::NoneRead(NoneRead::Place(FileTrouble::from(why).word()));
            // The inbox lives as long as the loop.
            let _ = self.reading.inbox.send(Event::Msg(Msg::Intake(run, none)));
        }
    }

    fn draw(&self, screen: &mut Terminal) -> Result<(), RunError> {
        let now = now();
        match screen.draw(|frame| view(&self.model, now, frame)) {
            Ok(()) => Ok(()),
            // A dead terminal tells so by itself; what is typed is saved meanwhile.
            Err(why) => Err(RunError::Io(why)),
        }
    }

    /// The terminal is gone: what was typed is still saved, as far as it goes.
    fn last_saves(&mut self) -> usize {
        let effects = update(&mut self.model, Msg::Terminate, now());
        if self.perform(effects) == Step::Leave {
            return 0;
        }
        let until = Instant::now() + LAST_WAIT;
        while let Some(left) = until.checked_duration_since(Instant::now()) {
            let msg = match self.events.recv_timeout(left.min(LAST_RETRY)) {
                Ok(Event::Msg(msg)) => msg,
                Ok(_) => continue,
                Err(RecvTimeoutError::Timeout) => Msg::Tick,
                Err(RecvTimeoutError::Disconnected) => break,
            };
            let effects = update(&mut self.model, msg, now());
            if self.perform(effects) == Step::Leave {
                break;
            }
        }
        self.model.unsaved.len()
    }
}

#[derive(PartialEq, Eq)]
enum Step {
    On,
    Leave,
    Gone,
}

/// How long until the day changes, so that the lists follow it.
fn to_midnight() -> Duration {
    let now = now();
    let tomorrow = now
        .date_naive()
        .succ_opt()
        .and_then(|d| d.and_hms_opt(0, 0, 1));
    let left = tomorrow
        .map(|t| t - now.naive_local())
        .and_then(|d| d.to_std().ok());
    left.unwrap_or(Duration::from_secs(3_600))
}
