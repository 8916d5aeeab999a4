//! What differs between systems, behind one interface.
//!
//! Linux is the system this was tried on. The plain variant does without signals,
//! without a way to stop, and without a look at whether the terminal is still there.

#[cfg(not(unix))]
mod plain;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
pub(super) use plain::*;
#[cfg(unix)]
pub(super) use unix::*;
