//! The command line: `saishin [--db FILE] [--lang ja|en] [COMMAND]`.
//!
//! It ends with 0 when done, with 1 when something is wrong and was said in one
//! sentence, with 2 when the arguments make no sense.

mod arguments;
mod begin;
mod due;
mod gates;
mod import;
mod note;
mod protocol;
mod verify;
mod wrong;

use crate::app::terminal;
use crate::clock;
use crate::store::schema::Mark;
use crate::store::sqlite::SqliteStore;
use crate::text::Text;
use arguments::{Asked, What};
use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use wrong::{Done, Wrong};

/// Reads the arguments and does what they say.
pub fn run() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().collect();
    let locale = sys_locale::get_locale();
    let text = Text::of(arguments::language(&args, locale.as_deref()));
    terminal::install_panic_hook(text.panicked);
    let done = arguments::read(&args, &text)
        .and_then(|asked| perform(&asked, &text, arguments::names_language(&args)));
    let (sentence, code) = match done {
        Ok(()) | Err(Wrong::Gone) => return ExitCode::SUCCESS,
        Err(Wrong::Said(sentence)) => (sentence, 1),
        Err(Wrong::Usage(sentence)) => (sentence, 2),
    };
    // Where not even this can be written, the status still tells.
    let _ = writeln!(std::io::stderr(), "{sentence}");
    ExitCode::from(code)
}

/// `fixed` tells that the language was named, so that the clinic's setting does not count.
fn perform(asked: &Asked, text: &Text, fixed: bool) -> Done {
    let named = asked.db.as_deref();
    match &asked.what {
        What::Start => begin::list(named, text, fixed),
        What::Open(chart) => begin::chart(named, chart, text, fixed),
        What::Demo => begin::demo(named, text, fixed),
        What::WriteDemo(file) => said(&begin::write_demo(file, text)?),
        What::Init(file) => said(&begin::init(file, text)?),
        What::Note { chart, date } => print_note(asked, chart, date.as_deref(), text),
        What::Due { chart, on, explain } => {
            let wanted = due::Wanted {
                chart: chart.as_deref(),
                on: on.as_deref(),
                explain: *explain,
            };
            print_due(asked, wanted, text)
        }
        What::Import(wanted) => import::run(named, wanted, text),
        What::Gates(chart) => print_gates(asked, chart, text),
        What::RebuildDue => {
            let mut store = begin::writing(named, text)?;
            let today = clock::now().date_naive();
            said(&due::rebuild(&mut store, today, text)?)
        }
        What::Verify => {
            let (file, store) = begin::read_only(named, text)?;
            verify::run(&store, &file, std::io::stderr().is_terminal(), text)
        }
        What::CheckProtocol(file) => said(&protocol::check(file, text)?),
        What::Completions(shell) => {
            let mut script = Vec::new();
            let mut grammar = arguments::grammar(text);
            clap_complete::generate(*shell, &mut grammar, "saishin", &mut script);
            Ok(std::io::stdout().write_all(&script)?)
        }
        What::Print(ready) => Ok(std::io::stdout().write_all(ready.as_bytes())?),
    }
}

fn print_note(asked: &Asked, chart: &str, date: Option<&str>, text: &Text) -> Done {
    let (_, store) = begin::read_only(asked.db.as_deref(), text)?;
    let found = note::find(&store, chart, date, clock::now().date_naive(), text)?;
    let invented = invented(&store, text.cli_note_demo);
    beside(invented.iter().chain(&found.beside));
    said(&found.text)
}

fn print_due(asked: &Asked, wanted: due::Wanted<'_>, text: &Text) -> Done {
    let (_, store) = begin::read_only(asked.db.as_deref(), text)?;
    let found = due::find(&store, wanted, clock::now().date_naive(), text)?;
    beside(invented(&store, text.cli_due_demo).iter());
    said(&found)
}

fn print_gates(asked: &Asked, chart: &str, text: &Text) -> Done {
    let (_, store) = begin::read_only(asked.db.as_deref(), text)?;
    let found = gates::find(&store, chart, clock::now().date_naive(), text)?;
    beside(invented(&store, text.cli_due_demo).iter());
    said(&found)
}

fn invented(store: &SqliteStore, words: &str) -> Option<String> {
    (store.mark() == Mark::Demo).then_some(words.to_owned())
}

/// What stands beside the output is no part of it: it must not be pasted along.
fn beside<'a>(lines: impl Iterator<Item = &'a String>) {
    for line in lines {
        let _ = writeln!(std::io::stderr(), "{line}");
    }
}

/// Lines for whoever asked.
fn said(lines: &str) -> Done {
    Ok(writeln!(std::io::stdout(), "{lines}")?)
}
