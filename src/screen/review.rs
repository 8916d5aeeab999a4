//! Before signing: the decision and its dates, what was not asked, which alerts
//! stand and what answers them, the note. Each gap is a jump.

mod picture;

use super::{Ctx, Desk, Draft, Go, LookedBack, Outcome, form};
use crate::domain::answer::{Absence, Answer, Manner};
use crate::domain::assess::Case;
use crate::domain::change::EntryKind;
use crate::domain::checklist::{Checklist, Line, LineId, LineState};
use crate::domain::gate::{self, Gate, State};
use crate::domain::lang::Lang;
use crate::domain::protocol::Kind;
use crate::keys::{Command, Key, Place, command};
use crate::note;
use crate::review::{Block, Review};
use crate::seal::{Texts, seal};
use crate::shown;
use crate::text::{Text, fill};
use crate::widget::cells;
use crate::widget::field::Field;
pub use picture::draw;
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
                let first = cells::fit(&self.label(&id), 40);
                let n = (lines.len() - 1).to_string();
                let what = match lines.len() {
                    1 => first,
                    _ => fill(text.close_and_more, &[("first", &first), ("n", &n)]),
                };
                (id, fill(text.close_not_entered, &[("what", &what)]))
            }
            Block::NoDecision => (of_kind(Kind::Plan)?, text.block_no_decision.to_owned()),
            Block::ReasonNeeded(_) => (of_kind(Kind::Plan)?, text.block_reason.to_owned()),
            Block::Gate(Gate::Test, State::Pending) => {
                (of_kind(Kind::Test)?, text.block_test_pending.to_owned())
            }
            Block::Gate(Gate::Test, _) => {
                (of_kind(Kind::Test)?, text.block_test_missing.to_owned())
            }
            Block::Gate(gate, state) => {
                let of_gate = |l: &&Line| gate::of_line(l.item(&self.desk.protocol)) == Some(*gate);
                let open = |l: &&Line| of_gate(l) && l.state == LineState::Open;
                let lines = || self.list.lines.iter();
                let line = lines().find(open).or_else(|| lines().find(of_gate))?;
                let (name, state) = (shown::gate(*gate, text), shown::gate_state(*state, text));
                let words = fill(text.block_gate, &[("gate", name), ("state", state)]);
                (line.id.clone(), words)
            }
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
            // Why stands first among the lines to jump to.
            self.top = 0;
            return Outcome::say(text.say_blocked);
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
