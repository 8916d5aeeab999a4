//! Who is typing: one key hands the keyboard over, and both names stay.

use super::frame;
use super::{Ctx, Go, Outcome};
use crate::domain::change::Person;
use crate::keys::{Command, Key, Place, Pressed, command, plain};
use crate::screen::form::{self, field_at};
use crate::widget::canvas::Canvas;
use crate::widget::field::Field;

/// Digits that choose a person where there are more people than digits.
const PAGE: usize = 8;

/// The screen of people, by digit, and a new name.
#[derive(Clone, Debug, Default)]
pub struct PeopleScreen {
    name: Option<Field>,
    page: usize,
    trouble: bool,
}

impl PeopleScreen {
    /// Where keys are looked up.
    pub fn place(&self) -> Place {
        if self.name.is_some() {
            Place::Field
        } else {
            Place::Choice
        }
    }

    /// One key.
    pub fn key(&mut self, key: Key, ctx: &Ctx<'_>) -> Outcome {
        if let Some(field) = &mut self.name {
            return match command(Place::Field, key) {
                Some(Command::Enter) if field.text().trim().is_empty() => {
                    self.trouble = true;
                    Outcome::none()
                }
                Some(Command::Enter) => Outcome::go(Go::NewPerson(field.text().trim().to_owned())),
                Some(Command::Back) => Outcome::go(Go::Back),
                Some(Command::Help) => Outcome::go(Go::Help),
                Some(Command::Text(key)) => {
                    self.trouble = false;
                    form::edit(field, key);
                    Outcome::none()
                }
                _ => Outcome::none(),
            };
        }
        let Pressed::Key(key) = plain(key) else {
            return Outcome::none();
        };
        match command(Place::Choice, key) {
            Some(Command::Answer(0)) => {
                self.name = Some(Field::new(40));
                Outcome::none()
            }
            Some(Command::Answer(9)) if paged(ctx) => {
                self.page = (self.page + 1) % ctx.people.len().div_ceil(PAGE);
                Outcome::none()
            }
            Some(Command::Answer(n)) => match self.offered(ctx).nth(usize::from(n) - 1) {
                Some(person) => Outcome::go(Go::BecomePerson(person.person)),
                None => Outcome::none(),
            },
            Some(Command::Back) => Outcome::go(Go::Back),
            Some(Command::Help) => Outcome::go(Go::Help),
            _ => Outcome::none(),
        }
    }

    /// The people of the present page.
    fn offered<'a>(&self, ctx: &Ctx<'a>) -> impl Iterator<Item = &'a Person> + use<'a> {
        let size = if paged(ctx) { PAGE } else { 9 };
        ctx.people.iter().skip(self.page * size).take(size)
    }

    /// Text pasted into the name.
    pub fn paste(&mut self, text: &str) -> bool {
        self.name.as_mut().is_some_and(|field| {
            field.insert(text);
            true
        })
    }
}

/// Whether the digits do not reach everybody; then 9 turns the page.
fn paged(ctx: &Ctx<'_>) -> bool {
    ctx.people.len() > 9
}

/// Draws the people.
pub fn draw(screen: &PeopleScreen, canvas: &mut Canvas<'_>, ctx: &Ctx<'_>) {
    let (theme, text) = (ctx.theme, ctx.text);
    let header = match ctx.desk {
        Some(desk) => frame::patient_header(ctx, desk, canvas.width()),
        None => [text.product.to_owned(), String::new()],
    };
    let place = screen.place();
    let commands = if place == Place::Field {
        [Command::Enter, Command::Back]
    } else {
        [Command::Answer(0), Command::Back]
    };
    let line = frame::hint_line(place, &commands, text, canvas.width());
    let body = frame::frame(canvas, ctx, &header, &line, None);
    canvas.put(1, body.top, text.people_title, theme.bold());
    let mut y = body.top + 2;
    for (i, person) in screen.offered(ctx).enumerate() {
        let now = if person.person == ctx.me { "*" } else { " " };
        canvas.put(
            3,
            y,
            &format!("{now}{} {}", i + 1, person.name),
            theme.plain(),
        );
        y += 1;
    }
    if paged(ctx) {
        canvas.put(3, y, &format!(" 9 {}", text.next_page), theme.plain());
        y += 1;
    }
    canvas.put(3, y, &format!(" 0 {}", text.people_new), theme.plain());
    if let Some(field) = &screen.name {
        let x = canvas.put(3, y + 2, text.people_name, theme.bold()) + 1;
        field_at(canvas, x, y + 2, 40, field, true);
        if screen.trouble {
            canvas.put(
                x,
                y + 3,
                &format!("! {}", text.trouble_empty),
                theme.error(),
            );
        }
    }
}
