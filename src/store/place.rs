//! What is particular to a system about the place a file stands in.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Which file it is, whatever its name: it tells whether a name still leads
/// to the file that was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    #[cfg(unix)]
    device: u64,
    #[cfg(unix)]
    inode: u64,
}

/// The file behind `path`, as its name leads to it now.
#[cfg(unix)]
pub(super) fn identity(path: &Path) -> io::Result<Identity> {
    use std::os::unix::fs::MetadataExt;
    let found = fs::metadata(path)?;
    Ok(Identity {
        device: found.dev(),
        inode: found.ino(),
    })
}

/// An open file cannot be renamed here; that there is one is all there is to ask.
#[cfg(not(unix))]
pub(super) fn identity(path: &Path) -> io::Result<Identity> {
    fs::metadata(path).map(|_| Identity {})
}

/// The folder a file stands in.
pub(super) fn folder(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Makes the folder, where it is missing, for this account only.
pub(super) fn make_folder(folder: &Path) -> io::Result<()> {
    let mut maker = fs::DirBuilder::new();
    maker.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut maker, 0o700);
    maker.create(folder)
}

/// Makes an empty file for this account only; one that exists is left alone.
pub(super) fn make_file(path: &Path) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Gives a finished file its name, but never the name of one that exists.
pub(super) fn settle(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Ok(()) => fs::remove_file(from)?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
        // Some file systems of memory sticks know no second name.
        Err(_) if fs::symlink_metadata(to).is_ok() => {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        Err(_) => fs::rename(from, to)?,
    }
    sync_folder(&folder(to))
}

/// A name is on disk only when its folder is.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Whether new files can be made in the folder, as a save needs a journal.
#[cfg(unix)]
pub(super) fn writable(folder: &Path) -> bool {
    rustix::fs::access(folder, rustix::fs::Access::WRITE_OK).is_ok()
}

#[cfg(not(unix))]
pub(super) fn writable(_: &Path) -> bool {
    true
}

/// Whether the file stands on another computer, where locks cannot be trusted.
#[cfg(target_os = "linux")]
pub(super) fn network(path: &Path) -> bool {
    rustix::fs::statfs(path).is_ok_and(|found| network_kind(found.f_type as u32))
}

#[cfg(target_os = "macos")]
pub(super) fn network(path: &Path) -> bool {
    let Ok(found) = rustix::fs::statfs(path) else {
        return false;
    };
    let name = found
        .f_fstypename
        .iter()
        .map(|byte| *byte as u8)
        .take_while(|byte| *byte != 0);
    let name: Vec<u8> = name.collect();
    [&b"nfs"[..], b"smbfs", b"afpfs", b"webdav", b"ftp"].contains(&name.as_slice())
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
pub(super) fn network(_: &Path) -> bool {
    false
}

/// The numbers Linux gives to NFS, SMB (three), 9P, AFS, Ceph, Coda and NCP.
#[cfg(target_os = "linux")]
fn network_kind(kind: u32) -> bool {
    const KINDS: [u32; 9] = [
        0x6969,
        0x517b,
        0xff53_4d42,
        0xfe53_4d42,
        0x0102_1997,
        0x5346_414f,
        0x00c3_6400,
        0x7375_7245,
        0x564c,
    ];
    KINDS.contains(&kind)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::network_kind;

    #[test]
    fn shares_are_told_from_disks() {
        assert!(network_kind(0x6969));
        assert!(network_kind(0xfe53_4d42));
        assert!(!network_kind(0xef53), "ext4");
        assert!(!network_kind(0x0102_1994), "tmpfs");
    }
}
