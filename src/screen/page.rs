//! A page of text over the present screen: the note, or the keys of a place.

mod signs;

use super::frame;
use super::{Ctx, Go, Outcome};
use crate::domain::lang::Lang;
use crate::keys::{self, Command, Key, Place, command};
use crate::widget::canvas::Canvas;
use crate::widget::cells;
use std::cell::Cell;

/// A page and how far it is scrolled.
#[derive(Clone, Debug)]
pub struct Page {
    title: String,
    ja: String,
    en: String,
    lang: Lang,
    top: usize,
    /// How far the last picture could be scrolled: only drawing knows the rows.
    furthest: Cell<usize>,
    /// Whether it is the help page, which has no note to copy.
    help: bool,
}

/// Lines of signs that the keys of a place may stand below.
const FEW: usize = 4;

impl Page {
    /// A note in both languages.
    pub fn note(title: String, ja: String, en: String, lang: Lang) -> Self {
        Self {
            title,
            ja,
            en,
            lang,
            top: 0,
            furthest: Cell::new(usize::MAX),
            help: false,
        }
    }

    /// The keys of `place`, and the signs of its screen.
    pub fn help(place: Place, ctx: &Ctx<'_>) -> Self {
        let line =
            |b: &keys::Binding| format!("{}  {}", cells::pad(b.shown, 7), (b.help)(ctx.text));
        let mut lines: Vec<String> = keys::bindings(place).map(line).collect();
        let signs = signs::signs(place, ctx.theme.ascii, ctx.text);
        let widest = signs.iter().map(|(sign, _)| cells::width(sign)).max();
        let widest = widest.unwrap_or(0).max(7);
        let sign = |(sign, words): &signs::Sign| format!("{}  {words}", cells::pad(sign, widest));
        let mut signs: Vec<String> = signs.iter().map(sign).collect();
        if !signs.is_empty() {
            signs.insert(0, ctx.text.help_signs.to_owned());
            // A few stand where they are seen without a key, many behind the keys.
            let gap = vec![String::new()];
            lines = match signs.len() <= FEW {
                true => [signs, gap, lines].concat(),
                false => [lines, gap, signs].concat(),
            };
        }
        let text = lines.join("\n");
        Self {
            title: ctx.text.help_title.to_owned(),
            ja: text.clone(),
            en: text,
            lang: ctx.lang(),
            top: 0,
            furthest: Cell::new(usize::MAX),
            help: true,
        }
    }

    fn text(&self) -> &str {
        match self.lang {
            Lang::Ja => &self.ja,
            Lang::En => &self.en,
        }
    }

    /// One key.
    pub fn key(&mut self, key: Key, ctx: &Ctx<'_>) -> Outcome {
        let Some(command) = command(Place::Page, key) else {
            return Outcome::none();
        };
        let last = self.furthest.get();
        match command {
            Command::Up => self.top = self.top.min(last).saturating_sub(1),
            Command::Down => self.top = (self.top + 1).min(last),
            Command::PageUp => self.top = self.top.min(last).saturating_sub(10),
            Command::PageDown => self.top = (self.top + 10).min(last),
            Command::Back => return Outcome::go(Go::Back),
            Command::NoteLanguage if !self.help => {
                self.lang = if self.lang == Lang::Ja {
                    Lang::En
                } else {
                    Lang::Ja
                };
                self.top = 0;
            }
            Command::Copy if !self.help => {
                return Outcome {
                    copy: Some(self.text().to_owned()),
                    say: Some(ctx.text.say_note_sent.to_owned()),
                    ..Outcome::default()
                };
            }
            _ => {}
        }
        Outcome::none()
    }
}

/// Draws the page.
pub fn draw(page: &Page, canvas: &mut Canvas<'_>, ctx: &Ctx<'_>) {
    let header = match ctx.desk {
        Some(desk) => frame::patient_header(ctx, desk, canvas.width()),
        None => [ctx.text.product.to_owned(), String::new()],
    };
    let commands: &[Command] = if page.help {
        &[Command::PageDown, Command::Back]
    } else {
        &[
            Command::PageDown,
            Command::Copy,
            Command::NoteLanguage,
            Command::Back,
        ]
    };
    let hints = frame::hint_line(Place::Page, commands, ctx.text, canvas.width());
    let body = frame::frame(canvas, ctx, &header, &hints, None);
    canvas.put(1, body.top, &page.title, ctx.theme.bold());
    let room = usize::from(canvas.width().saturating_sub(4));
    let wrapped = page.text().lines().flat_map(|l| match l {
        "" => vec![String::new()],
        line => cells::wrap(line, room),
    });
    let wrapped: Vec<String> = wrapped.collect();
    let height = usize::from(body.bottom.saturating_sub(body.top + 2));
    page.furthest.set(wrapped.len().saturating_sub(height));
    let top = page.top.min(page.furthest.get());
    for (i, line) in wrapped.iter().skip(top).take(height).enumerate() {
        canvas.put(2, body.top + 2 + i as u16, line, ctx.theme.plain());
    }
    let below = page.furthest.get() - top;
    frame::more_below(canvas, body.bottom, below, ctx.text);
}
