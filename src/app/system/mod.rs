//! What differs between systems, behind one interface.
//!
//! Linux is the system this was tried on. The plain variant does without signals,
//! without a way to stop, and without a look at whether the terminal is still there.

// Built for the tests everywhere, so that a change here is noticed where it is made.
#[cfg(any(not(unix), test))]
#[cfg_attr(unix, allow(dead_code))]
mod plain;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
pub(super) use plain::*;
#[cfg(unix)]
pub(super) use unix::*;
