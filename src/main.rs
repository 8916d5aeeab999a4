use std::process::ExitCode;

fn main() -> ExitCode {
    saishin::cli::run()
}
