//! Stories: keys in, frames out, as plain text in `tests/journeys`.
//!
//! A story is a header, then steps, one a line:
//!
//! ```text
//! # What it tells.
//! lang: ja
//! size: 80x24
//! today: 2026-11-24
//! clinic: demo
//!
//! keys: 427<Enter><Enter>
//! see: 未入力 32
//! stored: dry.lips = nothing
//! frame:
//! | 10427 …
//! ```
//!
//! A row of a frame stands behind `|`; the row under the caret's has a `^` in its
//! column. `JOURNEYS=write cargo test --test journeys` draws every frame anew;
//! what `see`, `not`, `stored` and the other steps expect is written by hand.

mod support;

use saishin::app::Msg;
use saishin::domain::lang::Lang;
use saishin::store::{Store, StoreError};
use saishin::widget::theme::Theme;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use support::shelf::{Fault, Shelf};
use support::sitting::{Begin, Picture, Sitting, moment, rows};
use support::{arrive, keys, told};

#[test]
fn every_story_is_seen_as_it_is_told() {
    let wanted = std::env::var("STORY").unwrap_or_default();
    let write = std::env::var("JOURNEYS").is_ok_and(|v| v == "write");
    let stories: Vec<PathBuf> = files()
        .into_iter()
        .filter(|path| path.to_string_lossy().contains(&wanted))
        .collect();
    let mut wrong = Vec::new();
    for path in &stories {
        if let Err(why) = tell(path, write) {
            wrong.push(format!("{}: {why}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n\n"));
    assert!(!stories.is_empty(), "no story is called `{wanted}`");
}

#[test]
fn two_windows_that_begin_the_same_visit_go_on_in_one() {
    let (mut one, mut two) = two_windows();
    one.keys("427<Enter><Enter>");
    two.keys("427<Enter><Enter>");
    one.keys("1");
    two.keys("<PgDn>0").keys("1");
    let record = told::record(&one.shelf, "10427").expect("the patient is known");
    assert_eq!(told::line(&record, "ident.two"), "1");
    assert_eq!(told::line(&record, "preg.possible"), "0");
    assert!(two.model.unsaved.is_empty());
    // Both go on in the one visit.
    let today = moment("2026-11-24T10:30:00").date_naive();
    let visits = record.visits().iter().filter(|v| v.day() == today);
    assert_eq!(visits.count(), 1);
    one.keys("c2");
    let record = told::record(&one.shelf, "10427").expect("the patient is known");
    assert_eq!(told::line(&record, "preg.method"), "2");
}

#[test]
fn two_windows_that_begin_a_visit_with_the_same_line_are_in_conflict_about_it() {
    let (mut one, mut two) = two_windows();
    one.keys("427<Enter><Enter>");
    two.keys("427<Enter><Enter>");
    one.keys("<PgDn>0");
    two.keys("<PgDn>1");
    let line = |shelf: &Shelf| {
        let record = told::record(shelf, "10427").expect("the patient is known");
        told::line(&record, "preg.possible")
    };
    assert_eq!(line(&one.shelf), "0");
    assert_eq!(two.model.unsaved.len(), 1);
    two.must_see("F8");
    two.keys("<F8>");
    assert_eq!(line(&one.shelf), "1");
    assert!(two.model.unsaved.is_empty());
}

/// Two rooms at the invented clinic.
fn two_windows() -> (Sitting, Sitting) {
    let now = moment("2026-11-24T10:30:00");
    let shelf = Shelf::demo(now);
    let other = Begin {
        seed: 99,
        ..Begin::default()
    };
    let one = Sitting::at(&shelf, now, Begin::default());
    let two = Sitting::at(&shelf, now, other);
    (one, two)
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/journeys");
    let entries = std::fs::read_dir(folder).expect("the stories");
    let mut files: Vec<PathBuf> = entries.map(|e| e.expect("a file").path()).collect();
    files.sort();
    files
}

/// Tells one story; drawn anew where `write` says so.
fn tell(path: &Path, write: bool) -> Result<(), String> {
    let text = std::fs::read_to_string(path).map_err(|e| e.to_string())?;
    let drawn = Story::play(&text)?;
    if drawn == text {
        return Ok(());
    }
    if write {
        return std::fs::write(path, drawn).map_err(|e| e.to_string());
    }
    let (line, was, is) = first_difference(&text, &drawn);
    Err(format!(
        "line {line}: the picture is another one\n  told {was}\n  seen {is}\n\
         JOURNEYS=write draws it anew; as it is seen now:\n{drawn}"
    ))
}

fn first_difference<'a>(told: &'a str, seen: &'a str) -> (usize, &'a str, &'a str) {
    let mut lines = told
        .lines()
        .chain(std::iter::repeat(""))
        .zip(seen.lines())
        .enumerate();
    let differs = lines.find(|(_, (a, b))| a != b);
    differs.map_or((0, "", ""), |(i, (a, b))| (i + 1, a, b))
}

/// A story being played.
struct Story {
    sitting: Sitting,
    begin: Begin,
    /// A second window on the same records.
    other: Option<Sitting>,
    /// Whose record `stored` speaks of.
    chart: String,
    /// The store's saves when `saved` was last counted.
    counted: usize,
    number: usize,
}

/// What stands before the first step.
#[derive(Default)]
struct Header {
    lang: String,
    size: String,
    today: String,
    clinic: String,
    theme: String,
    open: Option<String>,
}

impl Header {
    /// Takes a line of the header; whether it was one.
    fn take(&mut self, name: &str, value: &str) -> bool {
        let at = match name {
            "lang" => &mut self.lang,
            "size" if self.size.is_empty() => &mut self.size,
            "today" => &mut self.today,
            "clinic" => &mut self.clinic,
            "theme" => &mut self.theme,
            "open" => self.open.insert(String::new()),
            _ => return false,
        };
        *at = value.to_owned();
        true
    }

    fn begin(&self) -> Result<Story, String> {
        let now = moment(&format!("{}T10:30:00", self.today));
        let shelf = match self.clinic.as_str() {
            "demo" => Shelf::demo(now),
            "empty" => Shelf::empty(now),
            other => return Err(format!("`clinic: {other}` is none")),
        };
        let begin = Begin {
            lang: if self.lang == "en" {
                Lang::En
            } else {
                Lang::Ja
            },
            size: size(&self.size)?,
            theme: theme(&self.theme),
            first: self.open.clone(),
            ..Begin::default()
        };
        let sitting = Sitting::at(&shelf, now, begin.clone());
        Ok(Story {
            sitting,
            begin,
            other: None,
            chart: String::new(),
            counted: 0,
            number: 0,
        })
    }
}

fn theme(words: &str) -> Theme {
    Theme {
        mono: words.contains("mono"),
        ascii: words.contains("ascii"),
    }
}

fn size(words: &str) -> Result<(u16, u16), String> {
    let parts = words.split_once('x').map(|(w, h)| (w.parse(), h.parse()));
    match parts {
        Some((Ok(columns), Ok(rows))) => Ok((columns, rows)),
        _ => Err(format!("`size: {words}` is none")),
    }
}

impl Story {
    /// The story with its frames as they are now.
    fn play(text: &str) -> Result<String, String> {
        let mut header = Header::default();
        let mut story: Option<Self> = None;
        let mut drawn = String::new();
        for (index, line) in text.lines().enumerate() {
            if line.starts_with('|') || line.starts_with('^') {
                continue;
            }
            drawn.push_str(line);
            drawn.push('\n');
            let Some((name, value)) = step(line) else {
                continue;
            };
            if story.is_none() && header.take(name, value) {
                continue;
            }
            if story.is_none() {
                story = Some(header.begin()?);
            }
            let Some(story) = &mut story else { continue };
            story.number = index + 1;
            let done = story.step(name, value, &mut drawn);
            done.map_err(|why| format!("line {}: {line}\n{why}\n{}", index + 1, story.screen()))?;
        }
        story
            .map(|_| drawn)
            .ok_or_else(|| "nothing happens".to_owned())
    }

    fn step(&mut self, name: &str, value: &str, drawn: &mut String) -> Result<(), String> {
        if name == "frame" {
            frame(&self.sitting.picture(), drawn);
            return Ok(());
        }
        if self.happens(name, value) {
            return Ok(());
        }
        match name {
            "keys" => self.keys(value),
            "held" => self.held(value),
            "paste" => unescaped(value).map(|text| self.sitting.paste(&text)),
            "fail" => self.fail(value),
            "file" => self.file(value),
            "size" => size(value).map(|(columns, rows)| self.sitting.resize(columns, rows)),
            "wait" => value
                .parse()
                .map(|n| self.sitting.wait(n))
                .map_err(|e| format!("{e}")),
            "other" => self.other(value),
            _ => self.expect(name, value),
        }
    }

    /// A laboratory's file is taken in by another program meanwhile.
    fn file(&mut self, name: &str) -> Result<(), String> {
        arrive::take(&self.sitting.shelf, name, self.sitting.now())
    }

    /// What cannot be told wrongly; whether it was such a step.
    fn happens(&mut self, name: &str, value: &str) -> bool {
        match name {
            "heal" => self.sitting.fail(None),
            "slow" => self.sitting.slow(),
            "arrive" => self.sitting.arrive(),
            "wide lines" => self.sitting.feed(Msg::Width(2)),
            "terminate" => self.sitting.terminate(),
            "clock" => self.sitting.set_clock(moment(value)),
            "reopen" => self.reopen(value),
            "chart" => value.clone_into(&mut self.chart),
            _ => return false,
        }
        true
    }

    fn keys(&mut self, notation: &str) -> Result<(), String> {
        for key in keys::parse(notation)? {
            if self.sitting.ended {
                return Err(format!("the program has left before {key:?}"));
            }
            self.sitting.press(key);
        }
        Ok(())
    }

    /// `0x5@33`: five times `0`, 33 ms apart; `0x5@500,33` with a longer first pause.
    fn held(&mut self, notation: &str) -> Result<(), String> {
        let wrong = || format!("`{notation}` is no held key");
        let (key, rest) = notation.split_once('x').ok_or_else(wrong)?;
        let (times, pace) = rest.split_once('@').ok_or_else(wrong)?;
        let (first, then) = pace.split_once(',').unwrap_or((pace, pace));
        let number = |text: &str| text.parse::<u64>().map_err(|_| wrong());
        let (times, first, then) = (number(times)?, number(first)?, number(then)?);
        let key = keys::parse(key)?.first().copied().ok_or_else(wrong)?;
        self.sitting.press(key);
        for time in 1..times {
            self.sitting
                .press_after(key, if time == 1 { first } else { then });
        }
        Ok(())
    }

    fn fail(&mut self, how: &str) -> Result<(), String> {
        let fault = match how {
            "disk-full" => Fault::Not(StoreError::DiskFull),
            "read-only" => Fault::Not(StoreError::ReadOnly),
            "busy" => Fault::Not(StoreError::Busy),
            "unknown" => Fault::Unknown,
            other => return Err(format!("saves do not fail by `{other}`")),
        };
        self.sitting.fail(Some(fault));
        Ok(())
    }

    /// The program is gone, without a word, and started again on the same records.
    fn reopen(&mut self, chart: &str) {
        let now = self.sitting.now();
        let first = (!chart.is_empty()).then(|| chart.to_owned());
        let begin = Begin {
            seed: self.begin.seed + 1,
            first,
            ..self.begin.clone()
        };
        self.begin.seed += 1;
        self.sitting = Sitting::at(&self.sitting.shelf.clone(), now, begin);
    }

    /// Keys in another window on the same records.
    fn other(&mut self, notation: &str) -> Result<(), String> {
        let now = self.sitting.now();
        let shelf = self.sitting.shelf.clone();
        let begin = Begin {
            seed: 99,
            ..self.begin.clone()
        };
        let other = self
            .other
            .get_or_insert_with(|| Sitting::at(&shelf, now, begin));
        for key in keys::parse(notation)? {
            other.press(key);
        }
        Ok(())
    }

    // ---- what is expected -----------------------------------------------------------

    fn expect(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "see" => held_to(self.sitting.sees(value), "it is not on the screen"),
            "not" => held_to(!self.sitting.sees(value), "it is on the screen"),
            "other sees" => {
                let sees = self.other.as_ref().is_some_and(|o| o.sees(value));
                held_to(sees, "the other window does not show it")
            }
            "stored" | "by" => self.stored(name, value),
            "signed" => self.signed(value),
            "saves" => self.saves(value),
            "unsaved" => equal(&self.sitting.model.unsaved.len().to_string(), value),
            "ended" => equal(if self.sitting.ended { "yes" } else { "no" }, value),
            "copied" => {
                let clipboard = self.sitting.clipboard.as_deref().unwrap_or("nothing");
                held_to(
                    clipboard.contains(value),
                    &format!("the clipboard holds: {clipboard}"),
                )
            }
            "not copied" => {
                let clipboard = self.sitting.clipboard.as_deref().unwrap_or_default();
                held_to(
                    !clipboard.contains(value),
                    &format!("the clipboard holds: {clipboard}"),
                )
            }
            "colours" => equal(&colours(&self.sitting.picture()), value),
            other => Err(format!("`{other}` is no step")),
        }
    }

    /// `dry.lips = 2`: what the store keeps of a line, or with `by` who gave it.
    fn stored(&self, name: &str, value: &str) -> Result<(), String> {
        let (item, wanted) = value
            .split_once(" = ")
            .ok_or("`ITEM = VALUE` is expected")?;
        let record = told::record(&self.sitting.shelf, &self.chart);
        let record = record.ok_or_else(|| format!("nobody has the number `{}`", self.chart))?;
        if name == "stored" {
            return equal(&told::line(&record, item), wanted);
        }
        let people = self
            .sitting
            .shelf
            .clinic()
            .map_err(|e| e.to_string())?
            .people;
        equal(&told::who(&record, &people, item), wanted)
    }

    fn signed(&self, wanted: &str) -> Result<(), String> {
        let record = told::record(&self.sitting.shelf, &self.chart);
        let visit = record.as_ref().and_then(told::visit);
        let is = match visit {
            Some(visit) if visit.void.is_some() => "void",
            Some(visit) if !visit.amendments.is_empty() => "amended",
            Some(visit) if visit.signed.is_some() => "yes",
            Some(_) => "no",
            None => "no visit",
        };
        equal(is, wanted)
    }

    /// How many saves the store took since this was last counted.
    fn saves(&mut self, wanted: &str) -> Result<(), String> {
        let now = self.sitting.shelf.appended();
        let new = now - std::mem::replace(&mut self.counted, now);
        if wanted == "?" {
            Ok(())
        } else {
            equal(&new.to_string(), wanted)
        }
    }

    fn screen(&self) -> String {
        rows(&self.sitting.picture().buffer).join("\n")
    }
}

fn held_to(holds: bool, why: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(why.to_owned()) }
}

fn equal(is: &str, wanted: &str) -> Result<(), String> {
    held_to(is == wanted, &format!("it is `{is}`"))
}

/// The name and the value of a step; none for a remark or an empty line.
fn step(line: &str) -> Option<(&str, &str)> {
    if line.trim().is_empty() || line.starts_with('#') {
        return None;
    }
    let (name, value) = line.split_once(':').unwrap_or((line, ""));
    Some((name.trim(), value.trim()))
}

/// `\n`, `\e` and `\u{202e}` as what they stand for.
fn unescaped(text: &str) -> Result<String, String> {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        plain.push_str(&rest[..at]);
        let (character, after) = escape(&rest[at + 1..])?;
        plain.push(character);
        rest = after;
    }
    Ok(plain + rest)
}

fn escape(text: &str) -> Result<(char, &str), String> {
    if let Some(hex) = text.strip_prefix("u{") {
        let (hex, rest) = hex.split_once('}').ok_or("an escape is not closed")?;
        let number = u32::from_str_radix(hex, 16).map_err(|e| e.to_string())?;
        return Ok((char::from_u32(number).ok_or("no character")?, rest));
    }
    match text.chars().next() {
        Some('n') => Ok(('\n', &text[1..])),
        Some('e') => Ok(('\u{1b}', &text[1..])),
        _ => Err(format!("`\\{text}` is no escape")),
    }
}

/// The rows behind bars, and the caret under its row.
fn frame(picture: &Picture, drawn: &mut String) {
    for (y, row) in rows(&picture.buffer).iter().enumerate() {
        // Writing to a string does not fail.
        let _ = writeln!(drawn, "|{row}");
        if let Some(caret) = picture.caret.filter(|c| usize::from(c.y) == y) {
            let _ = writeln!(drawn, "^{}^", " ".repeat(usize::from(caret.x)));
        }
    }
}

/// The colours of the picture, by name, each once.
fn colours(picture: &Picture) -> String {
    let mut seen = std::collections::BTreeSet::new();
    for cell in picture.buffer.content() {
        seen.insert(format!("{:?}", cell.fg));
        seen.insert(format!("{:?}", cell.bg));
    }
    seen.remove("Reset");
    if seen.is_empty() {
        "none".to_owned()
    } else {
        seen.into_iter().collect::<Vec<_>>().join(" ")
    }
}
