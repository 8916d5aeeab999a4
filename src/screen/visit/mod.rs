//! Today's checklist, one key an item.
//!
//! ```text
//! > 4 乾燥       残3 !│     !  注意 前回1から悪化
//!   5 光線過敏   残2  │ > b 皮膚                        1       [ ]    0 1
//! ```

mod answer;
mod draw;
mod entry;

use super::labs::Labs;
use super::{Ctx, Desk, Draft, Go, Outcome};
use crate::domain::answer::{Absence, Answer, ItemId, Manner};
use crate::domain::change::{Change, EntryKind, Mode};
use crate::domain::checklist::{Checklist, Line, LineId, LineState, Part};
use crate::domain::id::PersonId;
use crate::domain::protocol::{Item, Kind};
use crate::domain::record::{OpenVisit, Visit};
use crate::keys::{Command, Key, Place, command};
use crate::text::fill;
use crate::widget::cells;
pub use draw::draw;
pub use entry::Stage;

/// The visit's own state: the focused line and what is being entered.
#[derive(Clone, Debug)]
pub struct VisitScreen {
    pub focus: LineId,
    pub stage: Stage,
}

/// What the keys of a visit work on.
#[derive(Clone, Copy)]
pub(super) struct Walk<'a> {
    pub ctx: &'a Ctx<'a>,
    pub desk: &'a Desk,
    pub list: &'a Checklist,
    pub open: OpenVisit<'a>,
}

impl<'a> Walk<'a> {
    /// The open visit on the desk; none where nothing is open.
    pub fn of(ctx: &'a Ctx<'a>) -> Option<Self> {
        let desk = ctx.desk?;
        Some(Self {
            ctx,
            desk,
            list: desk.checklist.as_ref()?,
            open: desk.record.open_visit()?,
        })
    }

    pub fn visit(&self) -> &'a Visit {
        self.open.visit()
    }

    pub fn item(&self, line: &Line) -> &'a Item {
        line.item(&self.desk.protocol)
    }

    /// An entry of this visit.
    pub fn draft(&self, kind: EntryKind, changes: Vec<Change>, what: String) -> Draft {
        Draft {
            patient: self.desk.record.patient,
            visit: Some(self.visit().id()),
            kind,
            undoes: None,
            reason: None,
            changes,
            what,
        }
    }

    /// The answer to one item, as an entry.
    pub fn respond(&self, item: &Item, answer: Answer) -> Outcome {
        let shown = crate::shown::mark(item, &answer, self.ctx.text);
        // So long that time, label and answer are whole in the status line.
        let label = cells::fit(item.label(self.ctx.lang()), 60);
        let what = format!("{label} {shown}");
        let change = self.open.respond(&item.id, answer, Manner::Asked);
        Outcome::save(self.draft(EntryKind::Answer, vec![change], what))
    }
}

impl VisitScreen {
    /// The screen of the visit on the desk, at the next open line after the last
    /// saved answer; after somebody else's, at the first open line of all.
    pub fn resume(desk: &Desk, me: PersonId) -> Self {
        let first = LineId::Item(ItemId::new(""));
        let mut screen = Self {
            focus: first,
            stage: Stage::Walk,
        };
        if let (Some(list), Some(visit)) = (&desk.checklist, desk.visit()) {
            let mine = |id: &ItemId| {
                visit
                    .responses
                    .get(id)
                    .is_some_and(|r| r.stamp.person == me)
            };
            let last = visit
                .last_item
                .clone()
                .filter(mine)
                .and_then(|id| list.find(&LineId::Item(id)));
            let at = list.next_open(last).or(last).unwrap_or(0);
            screen.focus_on(list, at);
        }
        screen
    }

    fn focus_on(&mut self, list: &Checklist, at: usize) {
        if let Some(line) = list.lines.get(at) {
            self.focus = line.id.clone();
        }
    }

    /// Index of the focused line; the first where it is no longer there.
    pub fn at(&self, list: &Checklist) -> usize {
        list.find(&self.focus).unwrap_or(0)
    }

    /// After a save: on to the next open line behind the one just answered.
    pub fn advance(&mut self, list: &Checklist) {
        let at = self.at(list);
        let answered = list
            .lines
            .get(at)
            .is_none_or(|l| l.state != LineState::Open);
        if let Some(next) = list.next_open(Some(at)).filter(|_| answered) {
            self.focus_on(list, next);
        }
    }

    /// To the line of this item, wherever it stands.
    pub fn show(&mut self, list: &Checklist, id: &LineId) {
        self.stage = Stage::Walk;
        if let Some(at) = list.find(id) {
            self.focus_on(list, at);
        }
    }

    /// Where keys are looked up.
    pub fn place(&self) -> Place {
        self.stage.place()
    }

    /// One key.
    pub fn key(&mut self, key: Key, ctx: &Ctx<'_>) -> Outcome {
        let Some(walk) = Walk::of(ctx) else {
            return Outcome::go(Go::Chart);
        };
        if let (Stage::Walk, LineId::Analyte(analyte)) = (&self.stage, &self.focus)
            && entry::begins_value(key)
        {
            let mut stage = Stage::typing(entry::Typing::value(analyte), "");
            stage.press(key);
            self.stage = stage;
            return Outcome::none();
        }
        let Some(command) = command(self.place(), key) else {
            return Outcome::none();
        };
        match self.stage {
            Stage::Walk => self.walk(command, &walk),
            _ => entry::key(self, command, &walk),
        }
    }

    /// Text pasted or committed by an input method: only a field takes it.
    pub fn paste(&mut self, text: &str) -> bool {
        self.stage.paste(text)
    }

    /// What is being entered and not yet saved, kept now: the program is being ended.
    pub fn flush(&mut self, ctx: &Ctx<'_>) -> Outcome {
        Walk::of(ctx).map_or_else(Outcome::none, |walk| entry::ended(self, &walk))
    }

    fn walk(&mut self, command: Command, walk: &Walk<'_>) -> Outcome {
        let list = walk.list;
        let Some(line) = list.lines.get(self.at(list)) else {
            return self.elsewhere(command, walk);
        };
        match command {
            Command::Answer(digit) => answer::digit(self, line, digit, walk),
            Command::NotAsked => answer::absent(line, Absence::NotAsked, walk),
            Command::Absent => {
                self.stage = Stage::Absent;
                Outcome::none()
            }
            Command::Unchanged => sweep(self.part(list), walk),
            Command::DenyAll => deny(self.part(list), walk),
            Command::Enter => entry::open(self, line, walk),
            Command::Memo => entry::memo(self, line, walk),
            Command::Range => entry::range(self, line, walk),
            Command::AddLine => entry::add(self, walk),
            Command::Dates => entry::dates(self, walk),
            _ => self.elsewhere(command, walk),
        }
    }

    fn part<'a>(&self, list: &'a Checklist) -> Option<&'a Part> {
        list.part_of(self.at(list))
    }

    /// Commands that do not answer the focused line.
    fn elsewhere(&mut self, command: Command, walk: &Walk<'_>) -> Outcome {
        let list = walk.list;
        let at = self.at(list);
        let last = list.lines.len().saturating_sub(1);
        match command {
            Command::Up => self.focus_on(list, at.saturating_sub(1)),
            Command::Down => self.focus_on(list, (at + 1).min(last)),
            Command::First => self.focus_on(list, 0),
            Command::Last => self.focus_on(list, last),
            Command::NextSection => self.section(list, 1),
            Command::PreviousSection => self.section(list, -1),
            Command::Jump(letter) => return self.jump(letter, walk),
            Command::Undo => return undo(EntryKind::Undo, walk),
            Command::Redo => return undo(EntryKind::Redo, walk),
            Command::Mode => return context(walk, true),
            Command::Companion => return context(walk, false),
            Command::Review => return Outcome::go(Go::Review),
            Command::Trend => return self.trend(walk),
            Command::HandOver => return Outcome::go(Go::HandOver),
            Command::Help => return Outcome::go(Go::Help),
            Command::Back => return Outcome::go(Go::Chart),
            _ => {}
        }
        Outcome::none()
    }

    /// To the trend of the focused value; from any other line, of the first there is.
    fn trend(&self, walk: &Walk<'_>) -> Outcome {
        let labs = Labs::on(walk.ctx, walk.ctx.today);
        let known = labs.map_or(Vec::new(), |labs| labs.analytes());
        let focused = match &self.focus {
            LineId::Analyte(id) => known.iter().find(|a| a.id == *id),
            _ => known.first(),
        };
        match focused {
            Some(analyte) => Outcome::go(Go::Trend(analyte.id.clone())),
            None => Outcome::say(walk.ctx.text.chart_no_values),
        }
    }

    /// To the next or previous section: its first open line, else its first.
    fn section(&mut self, list: &Checklist, step: isize) {
        let at = self.at(list);
        let parts: Vec<&Part> = list.parts.iter().filter(|p| !p.lines.is_empty()).collect();
        let here = parts
            .iter()
            .position(|p| p.lines.contains(&at))
            .unwrap_or(0);
        let target = here
            .saturating_add_signed(step)
            .min(parts.len().saturating_sub(1));
        let Some(part) = parts.get(target) else {
            return;
        };
        let open = part
            .lines
            .clone()
            .find(|i| list.lines[*i].state == LineState::Open);
        self.focus_on(list, open.unwrap_or(part.lines.start));
    }

    fn jump(&mut self, letter: char, walk: &Walk<'_>) -> Outcome {
        let Some(part) = self.part(walk.list) else {
            return Outcome::none();
        };
        let index = part.lines.start + (letter as usize).saturating_sub('a' as usize);
        if part.lines.contains(&index) {
            self.focus_on(walk.list, index);
            return Outcome::none();
        }
        Outcome::say(fill(
            walk.ctx.text.say_no_such_letter,
            &[("letter", &letter.to_string())],
        ))
    }
}

/// "Asked, unchanged": the open lines of a benign section whose last answer may
/// be carried so.
fn sweep(part: Option<&Part>, walk: &Walk<'_>) -> Outcome {
    let text = walk.ctx.text;
    let lines = part
        .map(|p| walk.list.sweepable(&walk.desk.protocol, p))
        .unwrap_or_default();
    if lines.is_empty() {
        return Outcome::say(text.say_nothing_to_sweep);
    }
    let what = fill(text.saved_sweep, &[("n", &lines.len().to_string())]);
    let respond =
        |(item, last): (&Item, Answer)| walk.open.respond(&item.id, last, Manner::Unchanged);
    let changes = lines.into_iter().map(respond).collect();
    Outcome::save(walk.draft(EntryKind::Sweep, changes, what))
}

/// "All asked, none": the open lines of the red-flag list.
fn deny(part: Option<&Part>, walk: &Walk<'_>) -> Outcome {
    let text = walk.ctx.text;
    let items = part
        .map(|p| walk.list.deniable(&walk.desk.protocol, p))
        .unwrap_or_default();
    if items.is_empty() {
        return Outcome::say(text.say_nothing_to_deny);
    }
    let what = fill(text.saved_deny, &[("n", &items.len().to_string())]);
    let respond = |item: &Item| walk.open.respond(&item.id, Answer::Code(0), Manner::Denied);
    let changes = items.into_iter().map(respond).collect();
    Outcome::save(walk.draft(EntryKind::Deny, changes, what))
}

/// Undo or redo, as an entry that names what it takes back.
fn undo(kind: EntryKind, walk: &Walk<'_>) -> Outcome {
    let text = walk.ctx.text;
    let (target, nothing, what) = match kind {
        EntryKind::Undo => (
            walk.open.undo_target(),
            text.say_nothing_to_undo,
            text.saved_undo,
        ),
        _ => (
            walk.open.redo_target(),
            text.say_nothing_to_redo,
            text.saved_redo,
        ),
    };
    let Some(target) = target else {
        return Outcome::say(nothing);
    };
    let mut draft = walk.draft(kind, Vec::new(), what.to_owned());
    draft.undoes = Some(target);
    Outcome::save(draft)
}

fn context(walk: &Walk<'_>, mode: bool) -> Outcome {
    let now = &walk.visit().context;
    let next = match now.mode {
        Mode::InPerson => Mode::Online,
        Mode::Online => Mode::Phone,
        Mode::Phone => Mode::InPerson,
    };
    let change = if mode {
        walk.open.context(next, now.companion)
    } else {
        walk.open.context(now.mode, !now.companion)
    };
    let text = walk.ctx.text;
    let what = match (mode, now.companion) {
        (true, _) => crate::shown::mode(next, text),
        (false, true) => text.saved_alone,
        (false, false) => text.companion,
    };
    Outcome::save(walk.draft(EntryKind::Context, vec![change], what.to_owned()))
}

/// Whether digits are taken as the beginning of a number or day here.
pub(super) fn typed(kind: Kind) -> bool {
    matches!(kind, Kind::Number | Kind::Weight | Kind::Day)
}
