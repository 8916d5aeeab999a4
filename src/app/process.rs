//! What is set once at start, so that patients' data stay with the account that
//! may read them.

use super::system;

/// A protection that this system did not give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// A crash may leave the memory in a core file.
    CoreLimit,
    /// Another program of the same account may read the memory.
    Undumpable,
    /// A file that grows past the account's limit ends the program.
    FileSizeSignal,
}

/// New files are the account's own, a crash leaves no core file, other programs may
/// not look into the memory, and a file-size limit fails a write instead of ending
/// the program. Returns what could not be had.
pub fn harden() -> Vec<Missing> {
    system::harden()
}

/// The name of the account, for naming the first person who signs.
///
/// It is what the system or the environment says, not a proof of who is typing.
pub fn account_name() -> Option<String> {
    let said = ["USER", "LOGNAME", "USERNAME"]
        .into_iter()
        .filter_map(|variable| std::env::var(variable).ok())
        .find_map(|name| usable(&name));
    said.or_else(|| system::account_name().and_then(|name| usable(&name)))
}

/// A name that can be shown and stored: no blanks around it, nothing invisible in it.
fn usable(name: &str) -> Option<String> {
    let name = name.trim();
    let fits = !name.is_empty() && name.chars().count() <= 64 && !name.contains(char::is_control);
    fits.then(|| name.to_owned())
}

/// Somebody's wish that the program end, for a command without a screen.
pub struct Ending(system::Ending);

impl Ending {
    /// From now on such a wish does not end the program by itself.
    ///
    /// # Errors
    /// The system's.
    pub fn heed() -> std::io::Result<Self> {
        system::Ending::heed().map(Self)
    }

    /// Sleeps; whether the wish was made meanwhile.
    pub fn within(&mut self, time: std::time::Duration) -> bool {
        self.0.within(time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_shown_as_it_is_or_not_at_all() {
        assert_eq!(usable(" 山田 "), Some("山田".to_owned()));
        assert_eq!(usable("  "), None);
        assert_eq!(usable("a\u{1b}[31m"), None);
        assert_eq!(usable(&"x".repeat(65)), None);
    }
}
