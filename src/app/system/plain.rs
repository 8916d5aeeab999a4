//! A system without signals: the library reads the keys, and the rest is left out.

use crate::app::input::{Input, Sorter, from_library};
use crate::app::process::Missing;
use std::io::{self, Write};
use std::time::{Duration, Instant};

/// The terminal for writing; the standard library translates for the console.
pub struct Output(io::Stdout);

impl Output {
    pub fn open() -> io::Result<Self> {
        Ok(Self(io::stdout()))
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.0.write(bytes)?;
        self.0.flush()?;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Nothing asks to end here but the system itself, which does not wait.
pub struct Ending;

impl Ending {
    pub fn heed() -> io::Result<Self> {
        Ok(Self)
    }

    pub fn within(&mut self, time: Duration) -> bool {
        std::thread::sleep(time);
        false
    }
}

/// Columns and rows of the window, if the system knows them.
pub fn window_size() -> Option<(u16, u16)> {
    crossterm::terminal::size().ok()
}

/// Taken to be so: a write that fails says otherwise.
pub fn terminal_is_there() -> bool {
    true
}

/// There is no shell that could continue the program.
pub fn stop() -> io::Result<()> {
    Ok(())
}

/// Files take the rights of their folder here.
pub fn harden() -> Vec<Missing> {
    vec![Missing::CoreLimit, Missing::Undumpable]
}

/// The environment is the only source.
pub fn account_name() -> Option<String> {
    None
}

/// Keys as the library reads them, one wait after the other.
pub struct Source {
    sorter: Sorter,
}

impl Source {
    pub fn open() -> io::Result<Self> {
        Ok(Self {
            sorter: Sorter::default(),
        })
    }

    pub fn run(mut self, mut take: impl FnMut(Input) -> bool) {
        loop {
            let mut decoded = Vec::new();
            match crossterm::event::read() {
                Ok(event) => decoded.extend(from_library(event)),
                Err(_) => {
                    take(Input::Gone);
                    return;
                }
            }
            while matches!(crossterm::event::poll(Duration::ZERO), Ok(true)) {
                match crossterm::event::read() {
                    Ok(event) => decoded.extend(from_library(event)),
                    Err(_) => break,
                }
            }
            if !self
                .sorter
                .sort(decoded, Instant::now())
                .into_iter()
                .all(&mut take)
            {
                return;
            }
        }
    }
}
