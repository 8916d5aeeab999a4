//! Where the clinic's own file is kept.

use std::ffi::OsString;
use std::path::PathBuf;

/// The file that was asked for, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Named on the command line or in the environment: must exist.
    Named(PathBuf),
    /// The platform's own: made on first use.
    Default(PathBuf),
}

/// The file to open: `--db`, else `SAISHIN_DB`, else the platform's data folder.
/// `None` where the system names no home folder.
pub fn database(option: Option<OsString>, environment: Option<OsString>) -> Option<Place> {
    let named = option.or(environment.filter(|path| !path.is_empty()));
    match named {
        Some(path) => Some(Place::Named(path.into())),
        None => default_database().map(Place::Default),
    }
}

/// `saishin/saishin.sqlite` in the platform's data folder.
pub fn default_database() -> Option<PathBuf> {
    use etcetera::BaseStrategy;
    let base = etcetera::base_strategy::choose_native_strategy().ok()?;
    // The roaming folder of Windows is copied over the network behind the
    // program's back; the local one stays on this computer.
    let data = if cfg!(windows) {
        base.cache_dir()
    } else {
        base.data_dir()
    };
    Some(data.join("saishin").join("saishin.sqlite"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_goes_before_the_environment_and_both_before_the_usual_place() {
        let named = |text: &str| Some(OsString::from(text));
        let place = |path: &str| Some(Place::Named(PathBuf::from(path)));
        assert_eq!(database(named("a"), named("b")), place("a"));
        assert_eq!(database(None, named("b")), place("b"));
        let usual = database(None, named(""));
        assert!(matches!(usual, Some(Place::Default(path)) if path.ends_with("saishin.sqlite")));
    }
}
