//! A form of a few lines: text fields and short choices, each with its trouble
//! shown under it.

use crate::keys::{Command, Key};
use crate::widget::canvas::Canvas;
use crate::widget::cells;
use crate::widget::field::Field;

/// Graphemes a line takes at most.
const LIMIT: usize = 200;

/// One line of a form.
#[derive(Clone, Debug)]
pub struct FormLine {
    label: String,
    input: Input,
    trouble: Option<String>,
    /// What the entry is read as, shown beside it.
    pub echo: String,
}

#[derive(Clone, Debug)]
enum Input {
    Text(Field),
    /// Options from 1, and the chosen one.
    Choice {
        options: Vec<String>,
        chosen: Option<usize>,
    },
}

/// A text line.
pub fn line(label: &str, text: &str) -> FormLine {
    let input = Input::Text(Field::with_text(LIMIT, text));
    FormLine {
        label: label.to_owned(),
        input,
        trouble: None,
        echo: String::new(),
    }
}

/// A line that takes one of `options`, by its digit from 1.
pub fn choice(label: &str, options: &[&str], chosen: Option<usize>) -> FormLine {
    let options = options.iter().map(|o| (*o).to_owned()).collect();
    let input = Input::Choice { options, chosen };
    FormLine {
        label: label.to_owned(),
        input,
        trouble: None,
        echo: String::new(),
    }
}

/// A form and its focused line.
#[derive(Clone, Debug)]
pub struct Form {
    pub lines: Vec<FormLine>,
    at: usize,
}

/// What a key came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Stay,
    Leave,
    Save,
}

impl Form {
    /// A form with its first line focused.
    pub fn new(lines: Vec<FormLine>) -> Self {
        Self { lines, at: 0 }
    }

    /// One key.
    pub fn key(&mut self, command: Command) -> Step {
        let last = self.lines.len().saturating_sub(1);
        match command {
            Command::Enter if self.at == last => return Step::Save,
            Command::Save => return Step::Save,
            Command::Back => return Step::Leave,
            Command::Enter | Command::Down => self.at = (self.at + 1).min(last),
            Command::Up => self.at = self.at.saturating_sub(1),
            Command::Text(key) => self.text_key(key),
            _ => {}
        }
        Step::Stay
    }

    fn text_key(&mut self, key: Key) {
        let Some(line) = self.lines.get_mut(self.at) else {
            return;
        };
        line.trouble = None;
        match &mut line.input {
            Input::Text(field) => edit(field, key),
            Input::Choice { options, chosen } => {
                let crate::keys::Pressed::Key(Key::Char(c)) = crate::keys::plain(key) else {
                    return;
                };
                let index = (c as usize).wrapping_sub('1' as usize);
                if index < options.len() {
                    *chosen = Some(index);
                }
            }
        }
    }

    /// Text pasted into the focused line.
    pub fn paste(&mut self, text: &str) -> bool {
        match self.lines.get_mut(self.at).map(|l| &mut l.input) {
            Some(Input::Text(field)) => {
                field.insert(text);
                true
            }
            _ => false,
        }
    }

    /// The text of line `at`.
    pub fn text(&self, at: usize) -> &str {
        match self.lines.get(at).map(|l| &l.input) {
            Some(Input::Text(field)) => field.text(),
            _ => "",
        }
    }

    /// The choice of line `at`, from 0.
    pub fn chosen(&self, at: usize) -> Option<usize> {
        match self.lines.get(at).map(|l| &l.input) {
            Some(Input::Choice { chosen, .. }) => *chosen,
            _ => None,
        }
    }

    /// The line `at` read by `read`, or nothing where it is empty.
    pub fn optional<T>(
        &self,
        at: usize,
        read: impl Fn(&str) -> Result<T, &'static str>,
    ) -> Result<Option<T>, (usize, String)> {
        let text = self.text(at).trim();
        if text.is_empty() {
            return Ok(None);
        }
        read(text).map(Some).map_err(|why| (at, why.to_owned()))
    }

    /// Shows why line `at` was not accepted, and goes there.
    pub fn refuse(&mut self, at: usize, why: String) {
        self.at = at;
        if let Some(line) = self.lines.get_mut(at) {
            line.trouble = Some(why);
        }
    }

    /// Draws the form from the top of `canvas`.
    pub fn draw(&self, canvas: &mut Canvas<'_>) {
        let theme = canvas.theme;
        let labels = self
            .lines
            .iter()
            .map(|l| cells::width(&l.label))
            .max()
            .unwrap_or(0);
        let x = u16::try_from(labels + 5)
            .unwrap_or(20)
            .min(canvas.width() / 2);
        let mut y = 0;
        for (i, line) in self.lines.iter().enumerate() {
            let focused = i == self.at;
            canvas.put(1, y, if focused { ">" } else { " " }, theme.bold());
            let style = if focused { theme.bold() } else { theme.plain() };
            canvas.put_within(3, y, x.saturating_sub(4), &line.label, style);
            y += self.input(canvas, x, y, line, focused);
            if let Some(why) = &line.trouble {
                canvas.put(x, y, &format!("! {why}"), theme.error());
                y += 1;
            }
        }
    }

    /// Draws what a line takes; how many rows it needs.
    fn input(
        &self,
        canvas: &mut Canvas<'_>,
        x: u16,
        y: u16,
        line: &FormLine,
        focused: bool,
    ) -> u16 {
        let theme = canvas.theme;
        match &line.input {
            Input::Text(field) => {
                let echo = u16::try_from(cells::width(&line.echo)).unwrap_or(u16::MAX);
                let left = canvas.width().saturating_sub(x + 2);
                // What is read must be seen; a day needs ten cells, brackets and the cursor.
                let room = left
                    .saturating_sub(echo.saturating_add(1))
                    .clamp(13, 44)
                    .min(left);
                let end = field_at(canvas, x, y, room, field, focused);
                let beside = canvas.width().saturating_sub(end + 1);
                let echo = cells::parts(&line.echo, beside.into());
                canvas.put(end + 1, y, echo, theme.dim());
                1
            }
            Input::Choice { options, chosen } => {
                let labels: Vec<String> = options
                    .iter()
                    .enumerate()
                    .map(|(n, option)| {
                        let on = *chosen == Some(n);
                        format!("{}{} {option}", if on { "*" } else { " " }, n + 1)
                    })
                    .collect();
                let across: usize = labels.iter().map(|l| cells::width(l) + 2).sum();
                let below = across > usize::from(canvas.width().saturating_sub(x));
                let (mut at, mut row) = (x, y);
                for (n, label) in labels.iter().enumerate() {
                    let on = *chosen == Some(n);
                    let end = canvas.put(
                        at,
                        row,
                        label,
                        if on { theme.bold() } else { theme.plain() },
                    );
                    if below {
                        row += 1;
                    } else {
                        at = end + 2;
                    }
                }
                if focused {
                    canvas.caret(x, y);
                }
                if below { row - y } else { 1 }
            }
        }
    }
}

/// Draws a field in brackets, with the caret where it is focused; the column after it.
pub fn field_at(
    canvas: &mut Canvas<'_>,
    x: u16,
    y: u16,
    width: u16,
    field: &Field,
    focused: bool,
) -> u16 {
    let theme = canvas.theme;
    let inner = width.saturating_sub(2).max(1);
    let (shown, caret) = field.view(usize::from(inner));
    let style = if focused { theme.bold() } else { theme.plain() };
    canvas.put(x, y, "[", theme.dim());
    canvas.put_within(
        x + 1,
        y,
        inner,
        &cells::pad(&shown, usize::from(inner)),
        style,
    );
    canvas.put(x + 1 + inner, y, "]", theme.dim());
    if focused {
        canvas.caret(x + 1 + caret, y);
    }
    x + inner + 2
}

/// An editing key or a character, for a field.
pub fn edit(field: &mut Field, key: Key) {
    match key {
        Key::Char(c) => {
            field.insert(c.encode_utf8(&mut [0; 4]));
        }
        Key::Backspace => field.backspace(),
        Key::Delete => field.delete(),
        Key::Left => field.left(),
        Key::Right => field.right(),
        Key::Home => field.home(),
        Key::End => field.end(),
        Key::Ctrl('u') => field.clear(),
        _ => {}
    }
}
