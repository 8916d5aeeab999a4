//! Before signing: the decision and its dates, what was not asked, which alerts
//! stand and what answers them, the note. Each gap is a jump.

use super::form::field_at;
use super::frame::{self, hints};
use super::{Ctx, Desk, Draft, Go, LookedBack, Outcome, form};
use crate::domain::alert::{Alert, Assessed};
use crate::domain::answer::{Absence, Action, Answer, ItemId, Manner, Phase, Plan};
use crate::domain::assess::Case;
use crate::domain::change::EntryKind;
use crate::domain::checklist::{Checklist, LineId};
use crate::domain::lang::Lang;
use crate::domain::protocol::{Kind, Level};
use crate::keys::{Command, Key, Place, command};
use crate::note;
use crate::review::{AnsweredBy, Block, Review, Standing, Swept};
use crate::seal::{Texts, seal};
use crate::shown;
use crate::text::{Text, fill};
use crate::widget::canvas::Canvas;
use crate::widget::cells;
use crate::widget::field::Field;
use crate::widget::theme::mark;
use ratatui::style::Style;
use std::borrow::Cow;
use std::cell::Cell;

/// The review's own state.
#[derive(Clone, Debug, Default)]
pub struct ReviewScreen {
    top: usize,
    /// How far the last picture could be scrolled: only drawing knows the rows.
    furthest: Cell<Option<usize>>,
    english: Option<bool>,
    reason: Option<Field>,
}

/// Gaps that a digit jumps to.
const JUMPS: usize = 9;

/// What the review works on.
struct Work<'a> {
    ctx: &'a Ctx<'a>,
    desk: &'a Desk,
    list: &'a Checklist,
    case: Case<'a>,
    looked: Cow<'a, LookedBack>,
    review: Review<'a>,
}

impl<'a> Work<'a> {
    fn of(ctx: &'a Ctx<'a>) -> Option<Self> {
        let (desk, clinic) = (ctx.desk?, ctx.clinic?);
        let list = desk.checklist.as_ref()?;
        let visit = desk.visit()?;
        let case = Case {
            record: &desk.record,
            visit,
            protocol: &desk.protocol,
            settings: &desk.settings,
            catalogue: &clinic.catalogue,
        };
        let looked = match &desk.stood {
            Some(looked) => Cow::Borrowed(looked),
            None => Cow::Owned(LookedBack::on(&case, list, ctx.people, ctx.text)),
        };
        let (stood, resolve) = (looked.stood.clone(), looked.must_resolve.clone());
        let review = Review::of(&case, list, stood, resolve);
        Some(Self {
            ctx,
            desk,
            list,
            case,
            looked,
            review,
        })
    }

    /// Where to go from the review: what blocks first, then what is open.
    fn jumps(&self) -> Vec<(LineId, String)> {
        let text = self.ctx.text;
        let mut all: Vec<(LineId, String)> = self
            .review
            .blocks
            .iter()
            .filter_map(|b| self.block(b))
            .collect();
        for id in &self.review.open {
            if !all.iter().any(|(known, _)| known == id) {
                all.push((id.clone(), self.label(id)));
            }
        }
        let rows = all.into_iter().take(JUMPS).enumerate();
        rows.map(|(i, (id, words))| {
            (
                id,
                fill(
                    text.review_jump,
                    &[("n", &(i + 1).to_string()), ("what", &words)],
                ),
            )
        })
        .collect()
    }

    fn label(&self, id: &LineId) -> String {
        let lang = self.ctx.lang();
        match id {
            LineId::Item(item) | LineId::Again(item) => {
                let item = self.desk.protocol.item(item.as_str());
                item.map_or(String::new(), |i| i.label(lang).to_owned())
            }
            LineId::Analyte(analyte) => {
                let known = self.ctx.clinic.and_then(|c| c.catalogue.get(analyte));
                known.map_or_else(|| analyte.0.clone(), |a| a.short.get(lang).to_owned())
            }
        }
    }

    /// A block in words, and the line that lifts it.
    fn block(&self, block: &Block) -> Option<(LineId, String)> {
        let text = self.ctx.text;
        let of_kind = |kind: Kind| {
            let item = self
                .desk
                .protocol
                .items()
                .find(|i| i.kind == kind && !i.off);
            item.map(|i| LineId::Item(i.id.clone()))
        };
        Some(match block {
            Block::NotEntered(lines) => {
                let id = LineId::Item(lines.first()?.clone());
                let (first, n) = (self.label(&id), (lines.len() - 1).to_string());
                let what = match lines.len() {
                    1 => first,
                    _ => fill(text.close_and_more, &[("first", &first), ("n", &n)]),
                };
                (id, fill(text.close_not_entered, &[("what", &what)]))
            }
            Block::NoDecision => (of_kind(Kind::Plan)?, text.block_no_decision.to_owned()),
            Block::ReasonNeeded(_) => (of_kind(Kind::Plan)?, text.block_reason.to_owned()),
            Block::TestPending => (of_kind(Kind::Test)?, text.block_test_pending.to_owned()),
            Block::TestMissing => (of_kind(Kind::Test)?, text.block_test_missing.to_owned()),
            Block::MustResolve(item) => {
                let id = LineId::Item(item.clone());
                let label = self.label(&id);
                (id, fill(text.block_resolve, &[("label", &label)]))
            }
            Block::IdentityNotConfirmed => {
                let first = self.list.lines.first()?;
                (first.id.clone(), text.block_identity.to_owned())
            }
        })
    }
}

impl ReviewScreen {
    /// Where keys are looked up.
    pub fn place(&self) -> Place {
        if self.reason.is_some() {
            Place::Field
        } else {
            Place::Review
        }
    }

    /// Text pasted into the reason.
    pub fn paste(&mut self, text: &str) -> bool {
        self.reason.as_mut().is_some_and(|field| {
            field.insert(text);
            true
        })
    }

    /// One key.
    pub fn key(&mut self, key: Key, ctx: &Ctx<'_>) -> Outcome {
        let Some(work) = Work::of(ctx) else {
            return Outcome::go(Go::Chart);
        };
        let Some(command) = command(self.place(), key) else {
            return Outcome::none();
        };
        if self.reason.is_some() {
            return self.typing(command, &work);
        }
        match command {
            Command::Up => self.scroll(-1),
            Command::Down => self.scroll(1),
            Command::PageUp => self.scroll(-10),
            Command::PageDown => self.scroll(10),
            Command::NotAsked => return not_asked(&work),
            Command::Answer(digit) => {
                let jumps = work.jumps();
                let jump = jumps.into_iter().nth(usize::from(digit).wrapping_sub(1));
                return jump.map_or_else(Outcome::none, |(id, _)| Outcome::go(Go::VisitAt(id)));
            }
            Command::Reason => self.reason = Some(Field::with_text(500, reason_now(&work))),
            Command::Dates => return dates(&work),
            Command::Note => return note_page(&work),
            Command::NoteLanguage => self.english = Some(!self.english(ctx)),
            Command::Enter => return self.sign(&work),
            Command::HandOver => return Outcome::go(Go::HandOver),
            Command::Retry => return Outcome::go(Go::Retry),
            Command::Help => return Outcome::go(Go::Help),
            Command::Back => return Outcome::go(Go::Visit),
            _ => {}
        }
        Outcome::none()
    }

    fn scroll(&mut self, rows: isize) {
        let furthest = self.furthest.get().unwrap_or(usize::MAX);
        self.top = self
            .top
            .min(furthest)
            .saturating_add_signed(rows)
            .min(furthest);
    }

    fn english(&self, ctx: &Ctx<'_>) -> bool {
        self.english.unwrap_or(ctx.lang() == Lang::En)
    }

    fn typing(&mut self, command: Command, work: &Work<'_>) -> Outcome {
        let Some(field) = &mut self.reason else {
            return Outcome::none();
        };
        match command {
            Command::Text(key) => form::edit(field, key),
            Command::Back => self.reason = None,
            Command::Enter => {
                let reason = field.text().trim().to_owned();
                self.reason = None;
                return decide_again(work, &reason);
            }
            _ => {}
        }
        Outcome::none()
    }

    /// Enter: signs where nothing blocks; else says what does.
    fn sign(&mut self, work: &Work<'_>) -> Outcome {
        let ctx = work.ctx;
        let text = ctx.text;
        if let Some(block) = work.review.blocks.first() {
            if matches!(block, Block::ReasonNeeded(_)) {
                self.reason = Some(Field::new(500));
            }
            let why = work.block(block).map_or(String::new(), |(_, words)| words);
            return Outcome::say(fill(text.say_blocked, &[("why", &why)]));
        }
        if work.desk.verified != Some(true) {
            return Outcome::say(text.say_unverified);
        }
        let Some(clinic) = ctx.clinic else {
            return Outcome::say(text.loading);
        };
        let (ja, en) = (Text::of(Lang::Ja), Text::of(Lang::En));
        let texts = Texts {
            ja: &ja,
            en: &en,
            lang: ctx.lang(),
            people: ctx.people,
        };
        let signer = (ctx.name(ctx.me), ctx.now);
        let changes = seal(
            &work.case,
            work.list,
            &clinic.catalogue,
            texts,
            signer.0,
            signer.1,
        );
        let words = if self.english(ctx) { &en } else { &ja };
        let copy = note::compose(
            &work.case,
            work.list,
            &clinic.catalogue,
            ctx.people,
            Some(signer),
            words,
        );
        Outcome {
            save: Some(Draft {
                patient: work.desk.record.patient,
                visit: Some(work.case.visit.id()),
                kind: EntryKind::Sign,
                undoes: None,
                reason: None,
                changes,
                what: text.saved_signature.to_owned(),
            }),
            go: Some(Go::NextPatient),
            say: None,
            copy: Some(copy),
        }
    }
}

fn reason_now<'a>(work: &'a Work<'_>) -> &'a str {
    work.review
        .decision
        .and_then(|p| p.reason.as_deref())
        .unwrap_or_default()
}

/// The decision again, with a reason typed.
fn decide_again(work: &Work<'_>, reason: &str) -> Outcome {
    let text = work.ctx.text;
    let item = work
        .desk
        .protocol
        .items()
        .find(|i| i.kind == Kind::Plan && !i.off);
    let (Some(plan), Some(item)) = (work.review.decision, item) else {
        return Outcome::say(text.say_decide_first);
    };
    if reason.is_empty() {
        return Outcome::say(text.trouble_reason);
    }
    let plan = crate::domain::answer::Plan {
        reason: Some(reason.to_owned()),
        ..plan.clone()
    };
    let Some(open) = work.desk.record.open_visit() else {
        return Outcome::none();
    };
    Outcome::save(Draft {
        patient: work.desk.record.patient,
        visit: Some(work.case.visit.id()),
        kind: EntryKind::Answer,
        undoes: None,
        reason: None,
        changes: vec![open.respond(&item.id, Answer::Plan(plan), Manner::Asked)],
        what: text.form_reason.to_owned(),
    })
}

/// Every danger that nobody entered anything for, recorded as not asked: one
/// entry, taken back as one.
fn not_asked(work: &Work<'_>) -> Outcome {
    let text = work.ctx.text;
    let lines = work.review.not_entered();
    let Some(open) = work.desk.record.open_visit().filter(|_| !lines.is_empty()) else {
        return Outcome::none();
    };
    let absent = || Answer::Absent(Absence::NotAsked);
    let changes = lines
        .iter()
        .map(|item| open.respond(item, absent(), Manner::Asked));
    Outcome::save(Draft {
        patient: work.desk.record.patient,
        visit: Some(work.case.visit.id()),
        kind: EntryKind::Answer,
        undoes: None,
        reason: None,
        changes: changes.collect(),
        what: fill(
            text.close_saved_not_asked,
            &[("n", &lines.len().to_string())],
        ),
    })
}

fn dates(work: &Work<'_>) -> Outcome {
    let item = work
        .desk
        .protocol
        .items()
        .find(|i| i.kind == Kind::Plan && !i.off);
    match item.filter(|_| work.review.decision.is_some()) {
        Some(item) => Outcome {
            go: Some(Go::VisitAt(LineId::Item(item.id.clone()))),
            say: Some(work.ctx.text.say_dates.to_owned()),
            ..Outcome::default()
        },
        None => Outcome::say(work.ctx.text.say_decide_first),
    }
}

fn note_page(work: &Work<'_>) -> Outcome {
    let Some(clinic) = work.ctx.clinic else {
        return Outcome::none();
    };
    let signer = Some((work.ctx.name(work.ctx.me), work.ctx.now));
    let note = |lang| {
        note::compose_in_full(
            &work.case,
            work.list,
            &clinic.catalogue,
            work.ctx.people,
            signer,
            &Text::of(lang),
        )
    };
    let title = work.ctx.text.note_title.to_owned();
    Outcome::go(Go::Page {
        title,
        ja: note(Lang::Ja),
        en: note(Lang::En),
    })
}

/// Draws the review.
pub fn draw(screen: &ReviewScreen, canvas: &mut Canvas<'_>, ctx: &Ctx<'_>) {
    let Some(work) = Work::of(ctx) else { return };
    let header = frame::patient_header(ctx, work.desk, canvas.width());
    let body = frame::frame(
        canvas,
        ctx,
        &header,
        &hint_line(screen, &work, canvas.width()),
        None,
    );
    let rows = rows(screen, &work, canvas);
    let entry = u16::from(screen.reason.is_some());
    let height = usize::from(body.bottom.saturating_sub(body.top + entry));
    let furthest = rows.len().saturating_sub(height);
    screen.furthest.set(Some(furthest));
    let top = screen.top.min(furthest);
    for (i, (x, words, style)) in rows.iter().skip(top).take(height).enumerate() {
        canvas.put(*x, body.top + i as u16, words, *style);
    }
    if rows.len() > top + height {
        let more = fill(
            ctx.text.more_below,
            &[("n", &(rows.len() - top - height).to_string())],
        );
        canvas.put_right(
            canvas.width() - 1,
            body.bottom,
            &format!(" {more} "),
            ctx.theme.bold(),
        );
    }
    if let Some(field) = &screen.reason {
        let y = body.bottom.saturating_sub(1);
        let x = canvas.put(1, y, ctx.text.reason_label, ctx.theme.bold()) + 1;
        let width = canvas.width().saturating_sub(x + 1);
        field_at(canvas, x, y, width, field, true);
    }
}

type Rows = Vec<(u16, String, Style)>;

fn rows(screen: &ReviewScreen, work: &Work<'_>, canvas: &Canvas<'_>) -> Rows {
    let (theme, text) = (work.ctx.theme, work.ctx.text);
    let width = canvas.width();
    let mut rows: Rows = vec![(1, counts(work), theme.bold())];
    decision_rows(&mut rows, work, width);
    rows.push((0, String::new(), theme.plain()));
    let jumps = work.jumps();
    let left = (work.review.blocks.len() + work.review.open.len()).saturating_sub(jumps.len());
    for (_, words) in &jumps {
        rows.push((3, words.clone(), theme.bold()));
    }
    if left > 0 && jumps.len() == JUMPS {
        rows.push((
            5,
            fill(text.review_more, &[("n", &left.to_string())]),
            theme.dim(),
        ));
    }
    let dangers = work.review.not_entered().len();
    if dangers > 0 {
        let n = dangers.to_string();
        rows.push((3, fill(text.close_not_asked, &[("n", &n)]), theme.bold()));
    }
    if !jumps.is_empty() {
        rows.push((0, String::new(), theme.plain()));
    }
    alert_rows(&mut rows, work, width);
    for swept in &work.review.swept {
        push(
            &mut rows,
            text.review_swept,
            &swept_line(work, swept),
            theme.plain(),
            width,
        );
    }
    push(
        &mut rows,
        text.review_singly,
        &singly_line(work),
        theme.plain(),
        width,
    );
    note_rows(&mut rows, screen, work, width);
    rows
}

/// What the signature will prescribe, where it is read before Enter.
fn decision_rows(rows: &mut Rows, work: &Work<'_>, width: u16) {
    let (theme, text) = (work.ctx.theme, work.ctx.text);
    let decision = work
        .review
        .decision
        .map_or(text.block_no_decision.to_owned(), |p| decided(work, p));
    push(rows, text.review_decision, &decision, theme.bold(), width);
    if let Some(next) = work.review.decision.and_then(|p| p.next_blood) {
        push(
            rows,
            text.review_blood,
            &shown::full_day(next, text),
            theme.plain(),
            width,
        );
    }
}

/// One key starts and resumes; the record knows which it was.
fn decided(work: &Work<'_>, plan: &Plan) -> String {
    let text = work.ctx.text;
    let said = shown::plan(plan, text);
    let resumed = plan.action == Action::Start && work.list.situation.phase == Some(Phase::Paused);
    match said.strip_prefix(text.action_start).filter(|_| resumed) {
        Some(rest) => format!("{}{rest}", text.close_resumed),
        None => said,
    }
}

/// A row with its heading in the left margin, wrapped under itself.
fn push(rows: &mut Rows, heading: &str, words: &str, style: Style, width: u16) {
    if words.is_empty() {
        return;
    }
    let room = usize::from(width.saturating_sub(12));
    for (i, piece) in cells::wrap(words, room).into_iter().enumerate() {
        let head = if i == 0 { heading } else { "" };
        rows.push((1, format!("{}{piece}", cells::pad(head, 9)), style));
    }
}

fn counts(work: &Work<'_>) -> String {
    let text = work.ctx.text;
    let mut parts = vec![fill(
        text.open_count,
        &[("n", &work.review.open.len().to_string())],
    )];
    for (why, n) in work.review.absent.iter().filter(|(_, n)| *n > 0) {
        parts.push(format!("{} {n}", shown::absence(*why, text)));
    }
    let undecided = unjudged(work).count();
    if undecided > 0 {
        parts.push(format!("{} {undecided}", text.close_undecided));
    }
    format!("{}    {}", text.review_title, parts.join("   "))
}

/// Rules that could not be judged although a value is there.
fn unjudged<'a>(work: &'a Work<'_>) -> impl Iterator<Item = &'a Standing<'a>> {
    let alerts = work.review.alerts.iter();
    alerts.filter(|s| s.alert.assessed != Assessed::Fires)
}

fn alert_rows(rows: &mut Rows, work: &Work<'_>, width: u16) {
    let (theme, text) = (work.ctx.theme, work.ctx.text);
    let mut heading = text.review_alerts;
    let loud =
        |s: &&Standing<'_>| s.alert.assessed == Assessed::Fires && s.alert.level > Level::Note;
    for standing in work.review.alerts.iter().filter(loud) {
        let alert = standing.alert;
        let sign = mark(alert.level);
        let mut words = format!(
            "{sign} {} {}",
            shown::level(alert.level, text),
            alert.text.get(text.lang)
        );
        words.push_str(&format!(" [{}]", source(alert, text)));
        let answered: Vec<String> = standing
            .answered
            .iter()
            .map(|a| answered_by(work, a))
            .collect();
        if !answered.is_empty() {
            words.push_str(&format!("  -> {}", answered.join(", ")));
        }
        let style = theme
            .alert(alert.level)
            .remove_modifier(ratatui::style::Modifier::REVERSED);
        push(rows, heading, &words, style, width);
        heading = "";
    }
    if heading == text.review_alerts {
        let open = work.review.open.len();
        let n = [("said", text.no_alert), ("n", &*open.to_string())];
        let said = match open {
            0 => text.no_alert.to_owned(),
            _ => fill(text.close_gaps, &n),
        };
        push(rows, heading, &said, theme.plain(), width);
    }
    for alert in work.review.undecided() {
        let words = format!(
            "? {} {} {} [{}]",
            text.close_undecided,
            shown::level(alert.level, text),
            alert.text.get(text.lang),
            source(alert, text)
        );
        push(rows, "", &words, theme.bold(), width);
    }
    for stood in &work.review.vanished {
        let settled = stood.settled.as_deref().unwrap_or_default();
        let values = [("alert", stood.alert.text.get(text.lang)), ("why", settled)];
        push(
            rows,
            text.review_vanished,
            &fill(text.vanished_line, &values),
            theme.bold(),
            width,
        );
    }
    let named = work.review.alerts.iter().filter(loud).count() + work.review.undecided().count();
    let notes = work.review.alerts.len() - named;
    if notes > 0 {
        let words = fill(text.notes_folded, &[("n", &notes.to_string())]);
        push(rows, "", &words, theme.dim(), width);
    }
}

/// Whose rule it is, and where it is written.
fn source(alert: &Alert, text: &Text) -> String {
    let (basis, source) = (note::basis(alert.basis, text), alert.source.get(text.lang));
    match source.starts_with(basis) {
        true => source.to_owned(),
        false => format!("{basis}: {source}"),
    }
}

fn answered_by(work: &Work<'_>, by: &AnsweredBy<'_>) -> String {
    let text = work.ctx.text;
    let label = |item: &ItemId| work.label(&LineId::Item(item.clone()));
    match by {
        AnsweredBy::Decision(action) => shown::action(*action, text).to_owned(),
        AnsweredBy::Reason(reason) => fill(text.because, &[("reason", reason)]),
        AnsweredBy::AskedAlone(item) => fill(text.asked_alone, &[("label", &label(item))]),
        AnsweredBy::Advice(item) => label(item),
    }
}

fn swept_line(work: &Work<'_>, swept: &Swept<'_>) -> String {
    let text = work.ctx.text;
    let title = swept.section.title.get(text.lang);
    let n = swept.lines.len().to_string();
    if swept.manner == Manner::Denied {
        return fill(text.review_denied, &[("title", title), ("n", &n)]);
    }
    let marks: Vec<String> = swept
        .lines
        .iter()
        .filter_map(|(id, answer)| {
            let item = work.desk.protocol.item(id.as_str())?;
            Some(format!(
                "{}{}",
                item.label(text.lang),
                shown::mark(item, answer, text)
            ))
        })
        .collect();
    fill(
        text.review_unchanged,
        &[("title", title), ("n", &n), ("each", &marks.join(" "))],
    )
}

fn singly_line(work: &Work<'_>) -> String {
    let text = work.ctx.text;
    let each: Vec<String> = work
        .review
        .singly
        .iter()
        .filter_map(|id| {
            let LineId::Item(item) = id else { return None };
            let item = work.desk.protocol.item(item.as_str())?;
            let answer = work.case.visit.answer(item.id.as_str())?;
            Some(format!(
                "{} {}",
                item.label(text.lang),
                shown::answer(item, answer, text)
            ))
        })
        .collect();
    each.join("  ")
}

fn note_rows(rows: &mut Rows, screen: &ReviewScreen, work: &Work<'_>, width: u16) {
    let (theme, text) = (work.ctx.theme, work.ctx.text);
    let note = match screen.english(work.ctx) {
        true => &work.looked.note_en,
        false => &work.looked.note_ja,
    };
    let n = note.lines().count().to_string();
    rows.push((1, fill(text.review_note, &[("n", &n)]), theme.dim()));
    for line in note.lines() {
        for piece in cells::wrap(line, usize::from(width.saturating_sub(3))) {
            rows.push((1, piece, theme.plain()));
        }
    }
}

fn hint_line(screen: &ReviewScreen, work: &Work<'_>, width: u16) -> String {
    let text = work.ctx.text;
    let place = screen.place();
    if place == Place::Field {
        let pairs = [Command::Enter, Command::Back].map(|c| frame::hint(place, c, text));
        return hints(&pairs, text, place, width);
    }
    let sign = fill(text.hint_sign, &[("who", work.ctx.name(work.ctx.me))]);
    let mut pairs = vec![("Enter", sign.as_str())];
    if !work.review.not_entered().is_empty() {
        pairs.push(frame::hint(place, Command::NotAsked, text));
    }
    if !work.jumps().is_empty() {
        pairs.push(frame::hint(place, Command::Answer(0), text));
    }
    let more = [
        Command::Dates,
        Command::Note,
        Command::NoteLanguage,
        Command::Back,
    ];
    pairs.extend(more.map(|c| frame::hint(place, c, text)));
    hints(&pairs, text, place, width)
}
