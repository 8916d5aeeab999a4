//! What several test programs share. Each uses a part of it.
#![allow(dead_code)]

pub mod arrive;
pub mod keys;
#[cfg(target_os = "linux")]
pub mod proc;
#[cfg(target_os = "linux")]
pub mod pty;
pub mod shelf;
pub mod sitting;
pub mod told;
