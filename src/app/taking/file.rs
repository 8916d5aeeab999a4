//! A laboratory's file, read whole or not at all.

use crate::domain::answer::words;
use crate::lab::MOST_BYTES;
use std::fs::{File, Metadata};
use std::io::Read;
use std::path::Path;

words! {
    /// Why a file is not read. Nothing of it was used.
    FileTrouble {
        Missing = "missing",
        NotPermitted = "not_permitted",
        /// A link leads elsewhere, perhaps to something else next time.
        Link = "link",
        Directory = "directory",
        /// A pipe, a device: neither has an end that could be known.
        Device = "device",
        /// More than [`MOST_BYTES`].
        TooLarge = "too_large",
        /// It changed while it was read: whoever writes it has not finished.
        Growing = "growing",
        Io = "io",
    }
}

impl From<std::io::Error> for FileTrouble {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => Self::Missing,
            std::io::ErrorKind::PermissionDenied => Self::NotPermitted,
            _ => Self::Io,
        }
    }
}

/// The bytes of a plain file.
///
/// # Errors
/// Why it is not taken.
pub fn read(path: &Path) -> Result<Vec<u8>, FileTrouble> {
    let named = path.symlink_metadata()?;
    plain(&named)?;
    let mut file = File::open(path)?;
    let opened = file.metadata()?;
    if !same(&named, &opened) {
        return Err(FileTrouble::Growing);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(opened.len()).unwrap_or_default());
    let most = MOST_BYTES as u64 + 1;
    (&mut file).take(most).read_to_end(&mut bytes)?;
    if bytes.len() > MOST_BYTES {
        return Err(FileTrouble::TooLarge);
    }
    let now = file.metadata()?;
    let still = same(&opened, &now) && now.len() == bytes.len() as u64;
    if still {
        Ok(bytes)
    } else {
        Err(FileTrouble::Growing)
    }
}

fn plain(found: &Metadata) -> Result<(), FileTrouble> {
    let kind = found.file_type();
    match () {
        () if kind.is_symlink() => Err(FileTrouble::Link),
        () if kind.is_dir() => Err(FileTrouble::Directory),
        () if !kind.is_file() => Err(FileTrouble::Device),
        () if found.len() > MOST_BYTES as u64 => Err(FileTrouble::TooLarge),
        () => Ok(()),
    }
}

/// Whether two looks were at one file in one state.
fn same(a: &Metadata, b: &Metadata) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        if (a.dev(), a.ino()) != (b.dev(), b.ino()) {
            return false;
        }
    }
    a.len() == b.len() && a.modified().ok() == b.modified().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_file_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results.hl7");
        assert_eq!(read(&path), Err(FileTrouble::Missing));
        std::fs::write(&path, b"MSH|").unwrap();
        assert_eq!(read(&path).unwrap(), b"MSH|");
        assert_eq!(read(folder.path()), Err(FileTrouble::Directory));
        let large = folder.path().join("large");
        File::create(&large)
            .unwrap()
            .set_len(MOST_BYTES as u64 + 1)
            .unwrap();
        assert_eq!(read(&large), Err(FileTrouble::TooLarge));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_or_a_device_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results.hl7");
        std::fs::write(&path, b"MSH|").unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert_eq!(read(&link), Err(FileTrouble::Link));
        assert_eq!(read(Path::new("/dev/zero")), Err(FileTrouble::Device));
    }
}
