//! The picture of the whole program, from what it knows.

use super::{Model, Over, Screen};
use crate::screen::labs::{table, trend};
use crate::screen::{
    Ctx, chart, close, course_form, follow, frame, inbox, list, page, patient_form, people,
    results, review, signed, take_in, tray, visit,
};
use crate::widget::canvas::Canvas;
use chrono::{DateTime, FixedOffset};
use ratatui::Frame;

/// Draws the present screen, and puts the cursor where text is typed.
pub fn view(model: &Model, now: DateTime<FixedOffset>, target: &mut Frame<'_>) {
    let area = target.area();
    let clock_behind = model.clock_behind(now);
    let clock = clock_behind.map(|last| frame::clock_words(last, &model.text));
    let said = model.said.as_deref().or(model.standing.as_deref());
    let ctx = Ctx {
        text: &model.text,
        theme: model.theme,
        today: model.today,
        now,
        me: model.me,
        people: &model.people,
        demo: model.demo,
        clinic: model.clinic.as_ref(),
        pins: &model.pins,
        desk: model.desk.as_ref(),
        saving: &model.saving,
        clock_behind,
        said: said.or(clock.as_deref()),
        ids: &model.ids,
    };
    let mut cursor = None;
    let mut canvas = Canvas::new(target.buffer_mut(), area, model.theme, &mut cursor);
    if !frame::fits(area) {
        frame::too_small(&mut canvas, &ctx);
        return;
    }
    match (&model.over, &model.screen) {
        (Some(Over::Page(page)), _) => page::draw(page, &mut canvas, &ctx),
        (Some(Over::People(screen)), _) => people::draw(screen, &mut canvas, &ctx),
        (Some(Over::Trend(screen)), _) => trend::draw(screen, &mut canvas, &ctx),
        (Some(Over::Table(screen)), _) => table::draw(screen, &mut canvas, &ctx),
        (None, Screen::List) => list::draw(&model.list, &model.rows, &mut canvas, &ctx),
        (None, Screen::Chart(screen)) => chart::draw(screen, &mut canvas, &ctx),
        (None, Screen::Visit(screen)) => visit::draw(screen, &mut canvas, &ctx),
        (None, Screen::Review(screen)) => review::draw(screen, &mut canvas, &ctx),
        (None, Screen::Signed(screen)) => signed::draw(screen, &mut canvas, &ctx),
        (None, Screen::Patient(screen)) => patient_form::draw(screen, &mut canvas, &ctx),
        (None, Screen::Inbox(screen)) => inbox::draw(screen, &mut canvas, &ctx),
        (None, Screen::Close(screen)) => close::draw(screen, &mut canvas, &ctx),
        (None, Screen::Results(screen)) => results::draw(screen, &mut canvas, &ctx),
        (None, Screen::Follow(screen)) => follow::draw(screen, &mut canvas, &ctx),
        (None, Screen::TakeIn(screen)) => take_in::draw(screen, &mut canvas, &ctx),
        (None, Screen::Tray(screen)) => tray::draw(screen, &mut canvas, &ctx),
        (None, Screen::Course(screen)) => course_form::draw(screen, &mut canvas, &ctx),
    }
    if let Some(place) = cursor {
        target.set_cursor_position(place);
    }
}
