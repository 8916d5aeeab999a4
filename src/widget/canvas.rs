//! Drawing straight into the frame's cells, by arithmetic: rows and columns
//! counted in cells, every text passed through [`cells::display`].

use super::cells;
use super::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};

/// A part of the frame to draw on; coordinates count from its upper left corner.
pub struct Canvas<'a> {
    buffer: &'a mut Buffer,
    pub area: Rect,
    pub theme: Theme,
    cursor: &'a mut Option<Position>,
}

impl<'a> Canvas<'a> {
    /// The whole of `area`; a caret set on it is told through `cursor`.
    pub fn new(
        buffer: &'a mut Buffer,
        area: Rect,
        theme: Theme,
        cursor: &'a mut Option<Position>,
    ) -> Self {
        Self {
            buffer,
            area,
            theme,
            cursor,
        }
    }

    /// Columns.
    pub fn width(&self) -> u16 {
        self.area.width
    }

    /// Rows.
    pub fn height(&self) -> u16 {
        self.area.height
    }

    /// The part of this canvas at `x`, `y`, cut to what there is.
    pub fn part(&mut self, x: u16, y: u16, width: u16, height: u16) -> Canvas<'_> {
        let x = x.min(self.area.width);
        let y = y.min(self.area.height);
        let area = Rect::new(
            self.area.x + x,
            self.area.y + y,
            width.min(self.area.width - x),
            height.min(self.area.height - y),
        );
        Canvas {
            buffer: self.buffer,
            area,
            theme: self.theme,
            cursor: self.cursor,
        }
    }

    /// Writes `text` at `x`, `y`, cut with `..` where it does not fit; the column after it.
    pub fn put(&mut self, x: u16, y: u16, text: &str, style: Style) -> u16 {
        self.put_within(x, y, self.area.width.saturating_sub(x), text, style)
    }

    /// Writes `text` in at most `width` cells; the column after it.
    pub fn put_within(&mut self, x: u16, y: u16, width: u16, text: &str, style: Style) -> u16 {
        if y >= self.area.height || x >= self.area.width || width == 0 {
            return x;
        }
        let room = usize::from(width.min(self.area.width - x));
        let shown = cells::display(text);
        let fitted = if cells::width(&shown) > room {
            cells::fit(&shown, room).into()
        } else {
            shown
        };
        let (end, _) =
            self.buffer
                .set_stringn(self.area.x + x, self.area.y + y, &*fitted, room, style);
        end - self.area.x
    }

    /// Writes `text` so that it ends before column `end`; the column it begins at.
    pub fn put_right(&mut self, end: u16, y: u16, text: &str, style: Style) -> u16 {
        let width = u16::try_from(cells::width(&cells::display(text))).unwrap_or(u16::MAX);
        let x = end.saturating_sub(width);
        self.put_within(x, y, end - x, text, style);
        x
    }

    /// A line across, with a joint at each of `joints`.
    pub fn rule(&mut self, y: u16, joints: &[(u16, char)]) {
        let (line, plain) = if self.theme.ascii {
            ("-", true)
        } else {
            ("─", false)
        };
        let row = line.repeat(usize::from(self.area.width));
        self.raw(0, y, &row);
        for (x, joint) in joints {
            let mut bytes = [0; 4];
            let joint = if plain {
                "+"
            } else {
                joint.encode_utf8(&mut bytes)
            };
            self.raw(*x, y, joint);
        }
    }

    /// A line down from `from` to before `to`.
    pub fn upright(&mut self, x: u16, from: u16, to: u16) {
        let bar = if self.theme.ascii { "|" } else { "│" };
        for y in from..to {
            self.raw(x, y, bar);
        }
    }

    fn raw(&mut self, x: u16, y: u16, text: &str) {
        if x < self.area.width && y < self.area.height {
            let room = usize::from(self.area.width - x);
            let style = self.theme.dim();
            self.buffer
                .set_stringn(self.area.x + x, self.area.y + y, text, room, style);
        }
    }

    /// Lays `style` over a row.
    pub fn lay(&mut self, y: u16, style: Style) {
        if y < self.area.height {
            let row = Rect::new(self.area.x, self.area.y + y, self.area.width, 1);
            self.buffer.set_style(row, style);
        }
    }

    /// Makes a row stand out as the focused one, whatever is written on it.
    pub fn focus(&mut self, y: u16) {
        self.lay(y, Style::new().add_modifier(Modifier::REVERSED));
    }

    /// Puts the terminal's own cursor here, where an input method composes.
    pub fn caret(&mut self, x: u16, y: u16) {
        if self.area.width > 0 && self.area.height > 0 {
            let x = x.min(self.area.width - 1);
            let y = y.min(self.area.height - 1);
            *self.cursor = Some(Position::new(self.area.x + x, self.area.y + y));
        }
    }
}

/// The first of `len` rows to show in `height` rows so that `selected` is seen.
pub fn window(selected: usize, height: usize, len: usize) -> usize {
    if len <= height || height == 0 {
        return 0;
    }
    selected.saturating_sub(height / 2).min(len - height)
}
