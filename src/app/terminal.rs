//! The terminal, taken at start and given back exactly once.
//!
//! Whoever ends the program (the end of `main`, a panic on any thread, a signal)
//! gives the terminal back through [`restore`]; the first one does it, the others
//! find it done. Nothing is written to a terminal that is gone, and nothing is
//! asked of it before the first frame.

use super::system;
use crossterm::cursor::{Hide, Show};
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange,
};
use crossterm::style::ResetColor;
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode,
};
use crossterm::{Command, queue};
use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use ratatui::{Frame, Terminal};
use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::panic::PanicHookInfo;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is drawn for a terminal that does not tell its size.
const USUAL_SIZE: Size = Size::new(80, 24);

/// Whether this program holds the terminal. The lock is held while bytes are
/// written, so that giving back never cuts a frame in two.
static HELD: Mutex<bool> = Mutex::new(false);

/// Why the program cannot be used here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// Standard input is a file or a pipe.
    InputIsNoTerminal,
    /// Standard output is a file or a pipe.
    OutputIsNoTerminal,
    /// The terminal says of itself that it cannot move its cursor.
    Dumb,
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InputIsNoTerminal => "standard input is not a terminal",
            Self::OutputIsNoTerminal => "standard output is not a terminal",
            Self::Dumb => "the terminal cannot move its cursor (TERM=dumb)",
        })
    }
}

impl std::error::Error for Unusable {}

/// Looks, without touching anything, whether a screen can be shown.
pub fn check() -> Result<(), Unusable> {
    if !io::stdin().is_terminal() {
        return Err(Unusable::InputIsNoTerminal);
    }
    if !io::stdout().is_terminal() {
        return Err(Unusable::OutputIsNoTerminal);
    }
    if std::env::var_os("TERM").is_some_and(|term| term == "dumb") {
        return Err(Unusable::Dumb);
    }
    Ok(())
}

/// The screen while the program holds it.
pub struct Screen {
    terminal: Terminal<Page>,
    output: system::Output,
    redraw: bool,
}

impl Screen {
    /// Takes the terminal: raw mode, alternate screen, marked pastes, focus
    /// reports, no cursor. The mouse stays with the terminal's own selection.
    pub fn enter() -> io::Result<Self> {
        check().map_err(|why| io::Error::new(io::ErrorKind::Unsupported, why))?;
        // The program has a theme without colours of its own. The library's way of
        // honouring NO_COLOR also wipes reverse and bold, which show the selection.
        crossterm::style::force_color_output(true);
        let mut output = system::Output::open()?;
        let terminal = Terminal::new(Page::default())?;
        take(&mut output)?;
        Ok(Self {
            terminal,
            output,
            redraw: false,
        })
    }

    /// Draws one frame and sends it in one write, the cursor's place included, so
    /// that neither the picture nor an input method's window flickers.
    pub fn draw(&mut self, view: impl FnOnce(&mut Frame)) -> io::Result<()> {
        self.page().clear();
        queue!(self.page(), BeginSynchronizedUpdate)?;
        if std::mem::take(&mut self.redraw) {
            self.terminal.clear()?;
        }
        self.terminal.draw(view)?;
        if !self.terminal.backend_mut().changed() {
            // Nothing on the screen is different: an input method's window stays still.
            return Ok(());
        }
        queue!(self.page(), EndSynchronizedUpdate)?;
        send(&mut self.output, &self.terminal.backend().bytes)
    }

    /// Makes the next frame draw every cell: after a resize, a return from the
    /// background, or when something else has written on the screen.
    pub fn full_redraw(&mut self) {
        self.redraw = true;
    }

    /// Asks how wide the terminal draws a box line. To be called after the first
    /// frame only; the answer, if one comes, arrives as `Input::Width`.
    ///
    /// The line is drawn in the last row, which the next frame draws again.
    pub fn ask_width(&mut self) -> io::Result<()> {
        let last = self.terminal.size()?.height.max(1);
        self.redraw = true;
        send(
            &mut self.output,
            format!("\x1b7\x1b[{last};1H─\x1b[6n\x1b8").as_bytes(),
        )
    }

    /// Gives the terminal back to the shell, stops, and takes the terminal again
    /// when the shell continues the program.
    pub fn suspend(&mut self) -> io::Result<()> {
        restore();
        system::stop()?;
        take(&mut self.output)?;
        self.full_redraw();
        Ok(())
    }

    fn page(&mut self) -> &mut Vec<u8> {
        &mut self.terminal.backend_mut().bytes
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

/// Gives the terminal back, if this program holds it. May be called from any
/// thread and any number of times.
pub fn restore() {
    let mut held = lock();
    if !std::mem::replace(&mut *held, false) || !system::terminal_is_there() {
        return;
    }
    // A terminal that vanishes between the look and the write makes both fail;
    // there is then nobody to tell, and nothing left to give back.
    if let Ok(mut output) = system::Output::open() {
        let _ = output.write_all(&leaving());
    }
    let _ = disable_raw_mode();
}

/// Takes the terminal again after the shell has had it: a stopped program that is
/// continued finds the modes that the shell left.
pub(super) fn retake() {
    let held = lock();
    if !*held || !system::terminal_is_there() {
        return;
    }
    // If this fails the terminal is gone, and the input thread says so next.
    let _ = disable_raw_mode();
    let _ = enable_raw_mode();
    if let Ok(mut output) = system::Output::open() {
        let _ = output.write_all(&entering());
    }
}

/// The size of the window, or a usual one where the terminal does not tell.
pub fn size() -> (u16, u16) {
    let size = window();
    (size.width, size.height)
}

/// Writes bytes that are not part of a frame, such as a copy to the clipboard.
pub(super) fn send_aside(bytes: &[u8]) -> io::Result<()> {
    send(&mut system::Output::open()?, bytes)
}

/// From here on a panic on any thread gives the terminal back, prints one sentence
/// with the place in the source, and ends the program with status 1. What the panic
/// says is left out: it may name a patient.
pub fn install_panic_hook(message: &'static str) {
    std::panic::set_hook(Box::new(move |panic| {
        restore();
        say(message, panic);
        // As good as a kill to the file, which stands that; nothing is unwound.
        std::process::exit(1);
    }));
}

fn say(message: &str, panic: &PanicHookInfo<'_>) {
    let place = panic
        .location()
        .map(|at| format!(" ({}:{})", at.file(), at.line()))
        .unwrap_or_default();
    // Nothing can be done about a standard error that is closed.
    let _ = writeln!(io::stderr(), "{message}{place}");
}

fn take(output: &mut system::Output) -> io::Result<()> {
    let mut held = lock();
    enable_raw_mode()?;
    *held = true;
    let sent = output.write_all(&entering());
    drop(held);
    if sent.is_err() {
        restore();
    }
    sent
}

fn send(output: &mut system::Output, bytes: &[u8]) -> io::Result<()> {
    let held = lock();
    if !*held {
        // Another thread has panicked or the terminal was given back on a signal:
        // a frame now would be scribbled over the shell.
        return Err(io::ErrorKind::BrokenPipe.into());
    }
    output.write_all(bytes)
}

fn entering() -> Vec<u8> {
    let mut bytes = ansi(EnterAlternateScreen);
    bytes.extend(ansi(EnableBracketedPaste));
    bytes.extend(ansi(EnableFocusChange));
    bytes.extend(ansi(Hide));
    bytes
}

fn leaving() -> Vec<u8> {
    let mut bytes = ansi(EndSynchronizedUpdate);
    bytes.extend(ansi(ResetColor));
    bytes.extend(ansi(DisableFocusChange));
    bytes.extend(ansi(DisableBracketedPaste));
    bytes.extend(ansi(LeaveAlternateScreen));
    bytes.extend(ansi(Show));
    bytes
}

/// The bytes of a terminal command, whatever the system's console can do by itself.
pub(super) fn ansi(command: impl Command) -> Vec<u8> {
    let mut text = String::new();
    // Writing to a String does not fail.
    let _ = command.write_ansi(&mut text);
    text.into_bytes()
}

fn lock() -> MutexGuard<'static, bool> {
    // A panic while the lock was held leaves a plain flag behind, which is still true.
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

fn window() -> Size {
    match system::window_size() {
        Some((width, height)) if width > 0 && height > 0 => Size::new(width, height),
        _ => USUAL_SIZE,
    }
}

/// One frame's bytes before they are sent. Asks nothing: the size comes from the
/// system, and the cursor is where it was last put.
#[derive(Default)]
struct Page {
    bytes: Vec<u8>,
    cursor: Position,
    /// Where the cursor is shown; none while it is hidden.
    caret: Option<Position>,
    /// What the last frame sent left of the cursor.
    sent_caret: Option<Position>,
    /// Whether this frame writes any cell.
    writes: bool,
}

impl Page {
    /// Whether the terminal has to be told anything of this frame.
    fn changed(&mut self) -> bool {
        let moved = std::mem::replace(&mut self.sent_caret, self.caret) != self.caret;
        std::mem::take(&mut self.writes) || moved
    }

    /// The library's writer of cells and movements, over these bytes.
    fn ansi(&mut self) -> CrosstermBackend<&mut Vec<u8>> {
        CrosstermBackend::new(&mut self.bytes)
    }
}

impl Backend for Page {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut content = content.peekable();
        self.writes |= content.peek().is_some();
        self.ansi().draw(content)
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.caret = None;
        self.ansi().hide_cursor()
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.caret = Some(self.cursor);
        self.ansi().show_cursor()
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(self.cursor)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.cursor = position.into();
        let cursor = self.cursor;
        self.caret = self.caret.map(|_| cursor);
        self.ansi().set_cursor_position(cursor)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.writes = true;
        self.ansi().clear()
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
        self.ansi().clear_region(region)
    }

    fn size(&self) -> io::Result<Size> {
        Ok(window())
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize {
            columns_rows: window(),
            pixels: Size::ZERO,
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
