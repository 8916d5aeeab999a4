//! What stands between a visit and its signature. Logic only; the screen draws it.

use crate::domain::alert::Alert;
use crate::domain::answer::{Absence, Action, Answer, ItemId, Manner, Plan};
use crate::domain::assess::Case;
use crate::domain::checklist::{Checklist, LineId};
use crate::domain::observation::Catalogue;
use crate::domain::protocol::Section;
use crate::seal::Stood;
use crate::text::Text;

/// A visit before its signature.
#[derive(Clone, Debug)]
pub struct Review<'a> {
    /// Required lines without any answer: red flags first, then in order. They
    /// never block; they are frozen as not entered.
    pub open: Vec<LineId>,
    /// How many lines have no answer for each reason, every reason listed.
    pub absent: Vec<(Absence, usize)>,
    /// Standing alerts, worst first, each with what answers it.
    pub alerts: Vec<Standing<'a>>,
    /// Warning and critical alerts that stood in this visit and no longer do.
    pub vanished: Vec<Stood>,
    /// Answers set aside that would raise a warning or a critical alert.
    pub must_resolve: Vec<MustResolve>,
    /// What one key said of several lines, in the order of the sections.
    pub swept: Vec<Swept<'a>>,
    /// Lines that are never carried over, asked by themselves.
    pub singly: Vec<LineId>,
    pub decision: Option<&'a Plan>,
    /// Going on under a critical alert without a typed reason.
    pub reason_needed: bool,
    pub blocks: Vec<Block>,
}

/// An alert that stands at review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing<'a> {
    pub alert: &'a Alert,
    pub answered: Vec<AnsweredBy<'a>>,
}

/// What in this visit answers an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnsweredBy<'a> {
    /// The decision reduces, holds or ends.
    Decision(Action),
    /// The decision goes on, for this typed reason.
    Reason(&'a str),
    /// The red flag it calls for was asked by itself.
    AskedAlone(ItemId),
    /// Advice given at this line.
    Advice(ItemId),
}

/// An answer set aside that may not simply vanish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MustResolve {
    pub item: ItemId,
    /// The loudest alert it would raise.
    pub alert: Alert,
}

/// Lines of one section answered by one key.
#[derive(Clone, Debug)]
pub struct Swept<'a> {
    pub section: &'a Section,
    pub manner: Manner,
    pub lines: Vec<(ItemId, &'a Answer)>,
}

/// What a signature waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// Nothing was decided.
    NoDecision,
    /// The decision goes on under this rule's critical alert; no typed reason.
    ReasonNeeded(String),
    /// Capsules are prescribed while a due pregnancy test is not back.
    TestPending,
    /// Capsules are prescribed while a due pregnancy test has no usable result.
    TestMissing,
    /// An answer set aside would raise a warning or a critical alert.
    MustResolve(ItemId),
    /// Nobody said that this is the right patient.
    IdentityNotConfirmed,
}

impl<'a> Review<'a> {
    /// The review of `case`'s visit as it stands now.
    pub fn of(case: &Case<'a>, list: &'a Checklist, catalogue: &Catalogue, text: &Text) -> Self {
        let _ = (case, list, catalogue, text);
        Self {
            open: Vec::new(),
            absent: Vec::new(),
            alerts: Vec::new(),
            vanished: Vec::new(),
            must_resolve: Vec::new(),
            swept: Vec::new(),
            singly: Vec::new(),
            decision: None,
            reason_needed: false,
            blocks: Vec::new(),
        }
    }

    /// Whether the visit may be signed.
    pub fn may_sign(&self) -> bool {
        self.blocks.is_empty()
    }
}
