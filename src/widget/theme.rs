//! Looks: the terminal's own sixteen colours and its own background, so that
//! light and dark both work. Only an alert has a colour, and never a colour alone.

use crate::domain::protocol::Level;
use ratatui::style::{Color, Modifier, Style};

/// How the program looks on this terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Theme {
    /// No colour at all (`NO_COLOR`).
    pub mono: bool,
    /// Lines and marks in plain ASCII, for terminals that draw them two cells wide.
    pub ascii: bool,
}

impl Theme {
    /// Plain text.
    pub fn plain(self) -> Style {
        Style::new()
    }

    /// Titles and what was entered today.
    pub fn bold(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// What is only there for comparison: last time, hints, set aside.
    pub fn dim(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    /// The focused line.
    pub fn focus(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// What went wrong and must be seen.
    pub fn error(self) -> Style {
        self.colour(Color::Red).add_modifier(Modifier::BOLD)
    }

    /// An alert of this level.
    pub fn alert(self, level: Level) -> Style {
        match level {
            Level::Note => self.dim(),
            Level::Caution => self.bold(),
            Level::Warning => self.colour(Color::Magenta).add_modifier(Modifier::BOLD),
            Level::Critical => self
                .colour(Color::Red)
                .add_modifier(Modifier::BOLD | Modifier::REVERSED),
        }
    }

    fn colour(self, colour: Color) -> Style {
        if self.mono {
            Style::new()
        } else {
            Style::new().fg(colour)
        }
    }
}

/// The mark of a level, which says the same without its colour.
pub fn mark(level: Level) -> &'static str {
    match level {
        Level::Note => "i",
        Level::Caution => "!",
        Level::Warning => "!!",
        Level::Critical => "!!!",
    }
}
