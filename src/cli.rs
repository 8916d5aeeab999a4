//! The command line.

use std::process::ExitCode;

/// Reads the arguments and does what they say: 0 done, 1 something is wrong
/// and said, 2 wrong usage.
pub fn run() -> ExitCode {
    ExitCode::SUCCESS
}
