//! One visit as it is walked: its lines in order, what is still open, what the
//! rules say. Worked out anew from the record after every change.

use super::alert::{Alert, evaluate};
use super::answer::{Absence, Answer, ItemId, Manner};
use super::assess::Case;
use super::change::Drawn;
use super::observation::AnalyteId;
use super::protocol::{Item, Kind, Level, Protocol, Section, Sweep};
use super::record::{Response, Value, Visit};
use super::situation::Situation;
use std::ops::Range;

/// What a line asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LineId {
    /// An item of the protocol.
    Item(ItemId),
    /// One value of today's draw.
    Analyte(AnalyteId),
    /// A red flag asked again by itself, because a value or answer calls for it.
    Again(ItemId),
}

/// How a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineState {
    /// Asked for, nothing entered.
    Open,
    Answered,
    /// May be answered, need not be.
    Optional,
    /// Answered, then made irrelevant by another answer.
    SetAside,
}

/// One line of the visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub id: LineId,
    /// Index of the section in the protocol, and of the item in the section.
    at: (usize, usize),
    pub state: LineState,
}

/// One section of the visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    section: usize,
    /// Its lines; none where nothing in it applies today. It keeps its place.
    pub lines: Range<usize>,
    pub open: usize,
    pub answered: usize,
    /// The loudest alert shown in it.
    pub worst: Option<Level>,
}

/// The visit as it is walked.
#[derive(Clone, Debug)]
pub struct Checklist {
    pub situation: Situation,
    pub alerts: Vec<Alert>,
    pub parts: Vec<Part>,
    pub lines: Vec<Line>,
    /// Today's draw, where one was entered.
    pub drawn: Option<Drawn>,
}

impl Checklist {
    /// The lines of `case`'s visit as they stand now.
    pub fn of(case: &Case<'_>) -> Self {
        let situation = case.situation();
        let alerts = evaluate(case.protocol, &situation);
        let drawn = drawn_in(case);
        let mut list = Self {
            situation,
            alerts,
            parts: Vec::new(),
            lines: Vec::new(),
            drawn,
        };
        for (index, section) in case.protocol.sections.iter().enumerate() {
            if section.visits.contains(&case.visit.opening.kind) {
                list.section(case, index, section);
            }
        }
        list
    }

    fn section(&mut self, case: &Case<'_>, index: usize, section: &Section) {
        let first = self.lines.len();
        let open = section.open(&self.situation);
        for (i, item) in section.items.iter().enumerate() {
            let at = (index, i);
            if item.kind == Kind::Labs {
                self.values(case, at, item);
            } else if let Some(state) = self.state(case, open, item) {
                self.lines.push(Line {
                    id: LineId::Item(item.id.clone()),
                    at,
                    state,
                });
            }
            if item.kind == Kind::Labs {
                self.asked_again(case);
            }
        }
        let lines = first..self.lines.len();
        let answered = self.lines[lines.clone()]
            .iter()
            .filter(|l| l.state == LineState::Answered)
            .count();
        let open = self.lines[lines.clone()]
            .iter()
            .filter(|l| l.state == LineState::Open)
            .count();
        let worst = self.alerts_among(&section.items).map(|a| a.level).max();
        self.parts.push(Part {
            section: index,
            lines,
            open,
            answered,
            worst,
        });
    }

    fn alerts_among<'a>(&'a self, items: &'a [Item]) -> impl Iterator<Item = &'a Alert> {
        self.alerts
            .iter()
            .filter(|a| items.iter().any(|i| i.id == a.item))
    }

    fn state(&self, case: &Case<'_>, open: bool, item: &Item) -> Option<LineState> {
        let relevant = open && item.open(&self.situation);
        let answered = match item.kind {
            Kind::Draw => self.drawn.is_some() || case.visit.responses.contains_key(&item.id),
            _ => case.visit.responses.contains_key(&item.id),
        };
        match (relevant, answered, item.kind) {
            (_, true, Kind::Draw) | (true, true, _) => Some(LineState::Answered),
            (false, true, _) => Some(LineState::SetAside),
            (true, false, _) if item.required => Some(LineState::Open),
            (true, false, _) => Some(LineState::Optional),
            (false, false, Kind::Draw) if !item.off => Some(LineState::Optional),
            (false, false, _) => None,
        }
    }

    /// The values of today's draw: the panel in the order of the slip, then
    /// whatever was added to it.
    fn values(&mut self, case: &Case<'_>, at: (usize, usize), item: &Item) {
        let Some(drawn) = &self.drawn else { return };
        let typed: Vec<&Value> = case
            .record
            .observations()
            .iter()
            .filter(|v| v.observation.specimen == drawn.specimen.id)
            .collect();
        let has = |id: &AnalyteId| typed.iter().any(|v| v.observation.analyte == *id);
        for id in &item.panel {
            let state = if has(id) {
                LineState::Answered
            } else {
                LineState::Open
            };
            self.lines.push(Line {
                id: LineId::Analyte(id.clone()),
                at,
                state,
            });
        }
        for value in &typed {
            let id = &value.observation.analyte;
            if !item.panel.contains(id) {
                let id = LineId::Analyte(id.clone());
                self.lines.push(Line {
                    id,
                    at,
                    state: LineState::Answered,
                });
            }
        }
    }

    /// Red flags that a value calls for, each as a question of its own.
    fn asked_again(&mut self, case: &Case<'_>) {
        let mut flags: Vec<&ItemId> = self.alerts.iter().filter_map(|a| a.asks.as_ref()).collect();
        flags.dedup();
        for flag in flags {
            let Some(at) = place(case.protocol, flag) else {
                continue;
            };
            let id = LineId::Again(flag.clone());
            if self.lines.iter().any(|l| l.id == id) || !asks_here(case, at) {
                continue;
            }
            let alone = case
                .visit
                .responses
                .get(flag)
                .is_some_and(|r| r.manner == Manner::Asked);
            let state = if alone {
                LineState::Answered
            } else {
                LineState::Open
            };
            self.lines.push(Line { id, at, state });
        }
    }

    /// The section a line stands under on the screen.
    pub fn part_of(&self, line: usize) -> Option<&Part> {
        self.parts.iter().find(|p| p.lines.contains(&line))
    }

    /// The first open line after `line`, else the first open one of all.
    pub fn next_open(&self, after: Option<usize>) -> Option<usize> {
        let from = after.map_or(0, |i| i + 1).min(self.lines.len());
        let open = |l: &Line| l.state == LineState::Open;
        self.lines[from..]
            .iter()
            .position(open)
            .map(|i| i + from)
            .or_else(|| self.lines.iter().position(open))
    }

    /// Where a line with this id stands.
    pub fn find(&self, id: &LineId) -> Option<usize> {
        self.lines.iter().position(|l| l.id == *id)
    }

    /// How many lines are open.
    pub fn open(&self) -> usize {
        self.parts.iter().map(|p| p.open).sum()
    }

    /// Alerts shown at `line`: those of its item, or of its analyte's own.
    pub fn alerts_at<'a>(
        &'a self,
        line: &'a Line,
        item: &'a Item,
    ) -> impl Iterator<Item = &'a Alert> {
        self.alerts.iter().filter(move |a| match &line.id {
            LineId::Item(id) => a.item == *id,
            LineId::Again(_) => false,
            LineId::Analyte(analyte) => {
                a.item == item.id && a.inputs.first().is_some_and(|i| i.name == analyte.0)
            }
        })
    }

    /// The lines that one key may answer as asked and unchanged: open, with a
    /// last answer that may be carried as "unchanged".
    pub fn sweepable<'a>(&self, protocol: &'a Protocol, part: &Part) -> Vec<(&'a Item, Answer)> {
        if protocol.sections[part.section].sweep != Some(Sweep::Unchanged) {
            return Vec::new();
        }
        let open = self.lines[part.lines.clone()]
            .iter()
            .filter(|l| l.state == LineState::Open);
        open.filter_map(|line| {
            let item = line.item(protocol);
            let last = self.situation.last.get(&item.id)?;
            item.sweepable(last).then(|| (item, last.clone()))
        })
        .collect()
    }

    /// The lines that one key may deny as a list.
    pub fn deniable<'a>(&self, protocol: &'a Protocol, part: &Part) -> Vec<&'a Item> {
        if protocol.sections[part.section].sweep != Some(Sweep::Denied) {
            return Vec::new();
        }
        let open = self.lines[part.lines.clone()]
            .iter()
            .filter(|l| l.state == LineState::Open);
        open.map(|line| line.item(protocol)).collect()
    }
}

impl Line {
    /// The protocol's item behind the line.
    pub fn item<'a>(&self, protocol: &'a Protocol) -> &'a Item {
        &protocol.sections[self.at.0].items[self.at.1]
    }

    /// The answer of a line that is an item.
    pub fn response<'a>(&self, visit: &'a Visit) -> Option<&'a Response> {
        match &self.id {
            LineId::Item(id) => visit.responses.get(id),
            LineId::Again(id) => visit
                .responses
                .get(id)
                .filter(|r| r.manner == Manner::Asked),
            LineId::Analyte(_) => None,
        }
    }
}

impl Part {
    /// The protocol's section.
    pub fn section<'a>(&self, protocol: &'a Protocol) -> &'a Section {
        &protocol.sections[self.section]
    }
}

/// The draw entered in this visit; the last one where there are several.
fn drawn_in(case: &Case<'_>) -> Option<Drawn> {
    let here = case
        .record
        .specimens()
        .filter(|d| d.visit == Some(case.visit.id()));
    here.last().cloned()
}

fn place(protocol: &Protocol, item: &ItemId) -> Option<(usize, usize)> {
    protocol
        .sections
        .iter()
        .enumerate()
        .find_map(|(s, section)| {
            section
                .items
                .iter()
                .position(|i| i.id == *item)
                .map(|i| (s, i))
        })
}

fn asks_here(case: &Case<'_>, at: (usize, usize)) -> bool {
    case.protocol.sections[at.0]
        .visits
        .contains(&case.visit.opening.kind)
}

/// How many answers of the visit are absent for each reason.
pub fn absences(visit: &Visit, why: Absence) -> usize {
    visit
        .responses
        .values()
        .filter(|r| r.answer.absence() == Some(why))
        .count()
}
