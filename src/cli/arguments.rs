//! The command line's grammar, in both languages.

use super::import::Wanted;
use super::wrong::Wrong;
use crate::domain::lang::Lang;
use crate::text::{Text, fill};
use crate::widget::cells::display;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use clap_complete::Shell;
use std::ffi::OsString;
use std::path::PathBuf;

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub db: Option<PathBuf>,
    pub lang: Lang,
    pub what: What,
}

/// The commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The clinic's lists.
    Start,
    Demo,
    WriteDemo(PathBuf),
    Init(PathBuf),
    Open(String),
    Note {
        chart: String,
        date: Option<String>,
    },
    /// What is due: of everybody in the lists, or of one patient.
    Due {
        chart: Option<String>,
        on: Option<String>,
        explain: bool,
    },
    /// Laboratories' files.
    Import(Wanted),
    /// The gate ledger of one patient.
    Gates(String),
    /// The rows of the lists are worked out anew.
    RebuildDue,
    Verify,
    CheckProtocol(PathBuf),
    Completions(Shell),
    /// The help or the version, ready to print.
    Print(String),
}

/// The language asked for: by option, else by locale. Looked for before the
/// arguments are understood, so that a mistake in them is told in it too.
pub fn language(args: &[OsString], locale: Option<&str>) -> Lang {
    let mut asked = None;
    for (place, arg) in args.iter().enumerate() {
        let arg = arg.to_str().unwrap_or_default();
        match arg.strip_prefix("--lang") {
            Some("") => asked = args.get(place + 1).and_then(|next| next.to_str()),
            Some(rest) => asked = rest.strip_prefix('='),
            None if arg == "--" => break,
            None => {}
        }
    }
    match asked {
        Some("ja") => Lang::Ja,
        Some("en") => Lang::En,
        _ => of_locale(locale),
    }
}

/// Whether a language was named.
pub fn names_language(args: &[OsString]) -> bool {
    args.iter()
        .filter_map(|a| a.to_str())
        .any(|a| a == "--lang" || a.starts_with("--lang="))
}

fn of_locale(locale: Option<&str>) -> Lang {
    let language = locale.unwrap_or_default().split(['-', '_', '.']).next();
    match language {
        Some(word) if word.eq_ignore_ascii_case("ja") => Lang::Ja,
        _ => Lang::En,
    }
}

/// Understands the arguments, the program's own name first.
///
/// # Errors
/// What is wrong with them, in `text`'s language.
pub fn read(args: &[OsString], text: &Text) -> Result<Asked, Wrong> {
    let what = match grammar(text).try_get_matches_from(args) {
        Ok(matches) => return asked(&matches, text),
        Err(error) if is_print(error.kind()) => What::Print(error.render().to_string()),
        Err(error) => return Err(Wrong::Usage(mistake(&error, text))),
    };
    Ok(Asked {
        db: None,
        lang: text.lang,
        what,
    })
}

fn is_print(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::DisplayHelp | ErrorKind::DisplayVersion)
}

fn asked(matches: &ArgMatches, text: &Text) -> Result<Asked, Wrong> {
    let what = match matches.subcommand() {
        None => What::Start,
        Some(("demo", m)) => match m.get_one::<PathBuf>("write") {
            Some(file) => What::WriteDemo(file.clone()),
            None => What::Demo,
        },
        Some(("init", m)) => What::Init(path(m, "file")),
        Some(("open", m)) => What::Open(word(m, "chart", text)?),
        Some(("note", m)) => What::Note {
            chart: word(m, "chart", text)?,
            date: optional(m, "date", text)?,
        },
        Some(("due", m)) if m.get_flag("rebuild") => What::RebuildDue,
        Some(("due", m)) => What::Due {
            chart: optional(m, "chart", text)?,
            on: optional(m, "on", text)?,
            explain: m.get_flag("explain"),
        },
        Some(("import", m)) => What::Import(Wanted {
            files: m
                .get_many::<PathBuf>("files")
                .map(|files| files.cloned().collect())
                .unwrap_or_default(),
            dry_run: m.get_flag("dry-run"),
            watch: m.get_one::<PathBuf>("watch").cloned(),
            layouts: m
                .get_many::<PathBuf>("layout")
                .map(|files| files.cloned().collect())
                .unwrap_or_default(),
        }),
        Some(("gates", m)) => What::Gates(word(m, "chart", text)?),
        Some(("verify", _)) => What::Verify,
        Some(("protocol", m)) => match m.subcommand() {
            Some((_, check)) => What::CheckProtocol(path(check, "file")),
            None => return Err(Wrong::Usage(text.cli_bad_other.to_owned())),
        },
        Some(("completions", m)) => match m.get_one::<Shell>("shell") {
            Some(shell) => What::Completions(*shell),
            None => return Err(Wrong::Usage(text.cli_bad_other.to_owned())),
        },
        Some(_) => return Err(Wrong::Usage(text.cli_bad_other.to_owned())),
    };
    let db = matches.get_one::<PathBuf>("db").cloned();
    if db.is_some() && matches!(what, What::WriteDemo(_) | What::Init(_)) {
        let both = fill(text.cli_bad_conflict, &[("word", "--db FILE, FILE")]);
        return Err(Wrong::Usage(both));
    }
    Ok(Asked {
        db,
        lang: text.lang,
        what,
    })
}

fn path(matches: &ArgMatches, id: &str) -> PathBuf {
    matches.get_one::<PathBuf>(id).cloned().unwrap_or_default()
}

/// A word that must be readable text.
fn word(matches: &ArgMatches, id: &str, text: &Text) -> Result<String, Wrong> {
    let word = matches
        .get_one::<OsString>(id)
        .and_then(|word| word.to_str());
    word.map(str::to_owned)
        .ok_or_else(|| Wrong::Usage(text.cli_bad_utf8.to_owned()))
}

/// The same where it may be left out.
fn optional(matches: &ArgMatches, id: &str, text: &Text) -> Result<Option<String>, Wrong> {
    let given = matches.contains_id(id);
    given.then(|| word(matches, id, text)).transpose()
}

/// One sentence for what is wrong with the arguments.
fn mistake(error: &clap::Error, text: &Text) -> String {
    let found = |kind| match error.get(kind) {
        Some(ContextValue::String(one)) => Some(display(one).into_owned()),
        Some(ContextValue::Strings(all)) => Some(display(&all.join(", ")).into_owned()),
        _ => None,
    };
    let arg = found(ContextKind::InvalidArg);
    let word = arg
        .or_else(|| found(ContextKind::InvalidSubcommand))
        .unwrap_or_default();
    let value = found(ContextKind::InvalidValue).filter(|value| !value.is_empty());
    let expected = found(ContextKind::ValidValue).unwrap_or_default();
    match (error.kind(), value) {
        (ErrorKind::InvalidValue, Some(value)) => fill(
            text.cli_bad_value,
            &[("word", &value), ("expected", &expected)],
        ),
        (ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand, _) => {
            fill(text.cli_bad_unknown, &[("word", &word)])
        }
        (ErrorKind::InvalidValue | ErrorKind::MissingRequiredArgument, _) => {
            fill(text.cli_bad_missing, &[("word", &word)])
        }
        (ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand, _) => {
            fill(text.cli_bad_missing, &[("word", text.cli_command_word)])
        }
        (ErrorKind::ArgumentConflict, _) => fill(text.cli_bad_twice, &[("word", &word)]),
        (ErrorKind::InvalidUtf8, _) => text.cli_bad_utf8.to_owned(),
        _ => text.cli_bad_other.to_owned(),
    }
}

/// The grammar with its help in `text`'s language.
pub fn grammar(text: &Text) -> Command {
    let about = format!("{}\n{}", text.cli_about, text.cli_caveat);
    base(Command::new("saishin"), text)
        .version(env!("CARGO_PKG_VERSION"))
        .about(about)
        .disable_help_subcommand(true)
        .disable_version_flag(true)
        .override_usage(usage(&format!("[{}]", text.cli_command_word), text))
        .subcommand_help_heading(text.cli_commands)
        .arg(flag(
            "version",
            'V',
            ArgAction::Version,
            text.cli_help_version,
            text,
        ))
        .arg(global("db", "FILE", text.cli_help_db, text).value_parser(value_parser!(PathBuf)))
        .arg(global("lang", "ja|en", text.cli_help_lang, text).value_parser(["ja", "en"]))
        .subcommands(commands(text))
}

/// Headings and the help option of one command.
fn base(command: Command, text: &Text) -> Command {
    let template = format!(
        "{{about-with-newline}}\n{}: {{usage}}\n\n{{all-args}}",
        text.cli_usage
    );
    command
        .help_template(template)
        .disable_help_flag(true)
        .arg(flag("help", 'h', ArgAction::Help, text.cli_help_help, text).global(true))
}

fn flag(
    name: &'static str,
    short: char,
    action: ArgAction,
    help: &'static str,
    text: &Text,
) -> Arg {
    Arg::new(name)
        .long(name)
        .short(short)
        .action(action)
        .help(help)
        .help_heading(text.cli_options)
}

fn global(name: &'static str, value: &'static str, help: &'static str, text: &Text) -> Arg {
    Arg::new(name)
        .long(name)
        .value_name(value)
        .help(help)
        .help_heading(text.cli_options)
        .hide_possible_values(true)
        .global(true)
}

fn positional(name: &'static str, value: &'static str, help: &'static str, text: &Text) -> Arg {
    Arg::new(name)
        .value_name(value)
        .help(help)
        .help_heading(text.cli_arguments)
        .required(true)
}

fn command(name: &'static str, rest: &str, about: &'static str, text: &Text) -> Command {
    base(Command::new(name), text)
        .about(about)
        .override_usage(usage(rest, text))
        .disable_help_subcommand(true)
}

fn usage(rest: &str, text: &Text) -> String {
    format!("saishin [{}] {rest}", text.cli_options_word)
}

fn commands(text: &Text) -> [Command; 10] {
    let file = || {
        positional("file", "FILE", text.cli_help_file, text).value_parser(value_parser!(PathBuf))
    };
    let chart = || {
        positional("chart", "CHART-NUMBER", text.cli_help_chart, text)
            .value_parser(value_parser!(OsString))
    };
    let write = Arg::new("write")
        .long("write")
        .value_name("FILE")
        .help(text.cli_help_write)
        .help_heading(text.cli_options)
        .value_parser(value_parser!(PathBuf));
    let shell = positional(
        "shell",
        "SHELL",
        "bash, elvish, fish, powershell, zsh",
        text,
    )
    .hide_possible_values(true)
    .value_parser(value_parser!(Shell));
    [
        command("demo", "demo [--write FILE]", text.cli_help_demo, text).arg(write),
        command("init", "init FILE", text.cli_help_init, text).arg(file()),
        command("open", "open CHART-NUMBER", text.cli_help_open, text).arg(chart()),
        command(
            "note",
            "note CHART-NUMBER [--date D]",
            text.cli_help_note,
            text,
        )
        .arg(chart())
        .arg(day("date", text.cli_help_date, text)),
        due(text).arg(chart().required(false)),
        import(text),
        command("gates", "gates CHART-NUMBER", text.cli_help_gates, text).arg(chart()),
        command("verify", "verify", text.cli_help_verify, text),
        command(
            "protocol",
            "protocol check FILE",
            text.cli_help_protocol,
            text,
        )
        .subcommand_required(true)
        .subcommand_help_heading(text.cli_commands)
        .subcommand(command("check", "protocol check FILE", text.cli_help_check, text).arg(file())),
        command(
            "completions",
            "completions SHELL",
            text.cli_help_completions,
            text,
        )
        .arg(shell),
    ]
}

/// An option that takes a day; `-1w` is one too.
fn day(name: &'static str, help: &'static str, text: &Text) -> Arg {
    Arg::new(name)
        .long(name)
        .value_name("D")
        .help(help)
        .help_heading(text.cli_options)
        .allow_hyphen_values(true)
        .value_parser(value_parser!(OsString))
}

fn due(text: &Text) -> Command {
    let switch = |name: &'static str, help: &'static str| {
        Arg::new(name)
            .long(name)
            .action(ArgAction::SetTrue)
            .help(help)
            .help_heading(text.cli_options)
    };
    command(
        "due",
        "due [--on D] [--explain] [--rebuild] [CHART-NUMBER]",
        text.cli_help_due,
        text,
    )
    .arg(day("on", text.cli_help_on, text))
    .arg(switch("explain", text.cli_help_explain))
    .arg(switch("rebuild", text.cli_help_rebuild).conflicts_with_all(["chart", "on", "explain"]))
}

fn import(text: &Text) -> Command {
    let files = positional("files", "FILE", text.cli_help_import_file, text)
        .required(false)
        .num_args(1..)
        .value_parser(value_parser!(PathBuf));
    let dry_run = Arg::new("dry-run")
        .long("dry-run")
        .action(ArgAction::SetTrue)
        .conflicts_with("watch")
        .help(text.cli_help_dry_run)
        .help_heading(text.cli_options);
    let watch = Arg::new("watch")
        .long("watch")
        .value_name("FOLDER")
        .help(text.cli_help_watch)
        .help_heading(text.cli_options)
        .value_parser(value_parser!(PathBuf));
    let layout = Arg::new("layout")
        .long("layout")
        .value_name("FILE")
        .action(ArgAction::Append)
        .help(text.cli_help_layout)
        .help_heading(text.cli_options)
        .value_parser(value_parser!(PathBuf));
    let usage = "import [--dry-run] [--watch FOLDER] [--layout FILE]… [FILE…]";
    command("import", usage, text.cli_help_import, text)
        .arg(files)
        .arg(dry_run)
        .arg(watch)
        .arg(layout)
}
