//! The side of the program that touches the world.

pub mod clipboard;
#[cfg(any(unix, test))]
mod decode;
pub mod input;
pub mod process;
mod system;
pub mod terminal;
