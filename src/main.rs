//! The program: it only hands over to the command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    saishin::cli::run()
}
