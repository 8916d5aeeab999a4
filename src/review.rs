//! What stands between a visit and its signature. Logic only; the screen draws it.

use crate::domain::alert::{Alert, Assessed, evaluate};
use crate::domain::answer::{Absence, Action, Answer, Can, ItemId, Manner, Plan, TestResult};
use crate::domain::assess::Case;
use crate::domain::checklist::{Checklist, Line, LineId, LineState};
use crate::domain::due::{self, Due};
use crate::domain::gate::{self, Asked, Gate, Standing as Stands, State};
use crate::domain::observation::Reported;
use crate::domain::protocol::{Item, Kind, Level, Section, Sweep};
use crate::note;
use crate::seal::Stood;

/// The lines of dryness, and the line that says what was advised for them: no
/// other advice settles an alert.
const DRYNESS: &str = "dry.";
const CARE: &str = "dry.care";

/// A visit before its signature.
#[derive(Clone, Debug)]
pub struct Review<'a> {
    /// Required lines without any answer: red flags first, then in order. All but
    /// the dangers among them are frozen as not entered.
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
    /// The care for dryness that was advised at this line.
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
    /// Dangers without any answer: identity, red flags, self-harm, the last
    /// capsule at a stop, blood that is due. One key records all of them as not
    /// asked, so that saying so costs no more than passing over it.
    NotEntered(Vec<ItemId>),
    /// Nothing was decided.
    NoDecision,
    /// The decision goes on under this rule's critical alert; no typed reason.
    ReasonNeeded(String),
    /// Capsules are prescribed while this gate is not open. A due pregnancy test
    /// without a usable result stops for good; a typed reason goes past the others.
    Gate(Gate, State),
    /// An answer set aside would raise a warning or a critical alert.
    MustResolve(ItemId),
    /// It was said that this is not the right patient.
    IdentityNotConfirmed,
}

impl<'a> Review<'a> {
    /// The review of `case`'s visit as it stands now. What stood in the visit and
    /// what must be resolved in it goes through everything once more: work those
    /// out after a change, not for every frame.
    pub fn of(
        case: &Case<'a>,
        list: &'a Checklist,
        stood: Vec<Stood>,
        must_resolve: Vec<MustResolve>,
    ) -> Self {
        let decision = list.situation.answers.values().find_map(|a| match a {
            Answer::Plan(plan) => Some(plan),
            _ => None,
        });
        let unreasoned = decision.and_then(|plan| unreasoned(plan, list));
        let mut vanished = stood;
        vanished.retain(|s| s.settled.is_some());
        Self {
            open: open(case, list),
            absent: absent(case, list),
            alerts: list
                .alerts
                .iter()
                .map(|a| standing(case, list, a, decision))
                .collect(),
            vanished,
            swept: swept(case, list),
            singly: singly(case, list),
            blocks: blocks(case, list, decision, unreasoned, &must_resolve),
            must_resolve,
            decision,
        }
    }

    /// Warning and critical rules that could not be judged although a value is there.
    pub fn undecided(&self) -> impl Iterator<Item = &'a Alert> {
        let alerts = self.alerts.iter().map(|s| s.alert);
        alerts.filter(|a| a.assessed != Assessed::Fires && a.level >= Level::Warning)
    }

    /// The dangers that nobody entered anything for.
    pub fn not_entered(&self) -> &[ItemId] {
        let lines = self.blocks.iter().find_map(|b| match b {
            Block::NotEntered(lines) => Some(lines.as_slice()),
            _ => None,
        });
        lines.unwrap_or_default()
    }
}

/// Other open lines do not block: they are shown, and frozen as not entered. What
/// blocks is only what would make the signature itself untrue or harmful.
fn blocks(
    case: &Case<'_>,
    list: &Checklist,
    decision: Option<&Plan>,
    unreasoned: Option<&Alert>,
    must_resolve: &[MustResolve],
) -> Vec<Block> {
    let said = list.situation.answers.get(note::IDENTITY);
    let another = said.and_then(Answer::code) == Some(0);
    let dangers = dangers(case, list);
    let mut blocks = Vec::new();
    blocks.extend(another.then_some(Block::IdentityNotConfirmed));
    blocks.extend((!dangers.is_empty()).then_some(Block::NotEntered(dangers)));
    blocks.extend(
        must_resolve
            .iter()
            .map(|m| Block::MustResolve(m.item.clone())),
    );
    match decision {
        None => blocks.push(Block::NoDecision),
        Some(plan) => blocks.extend(gates(case, list, plan)),
    }
    // One typed reason answers a gate and an alert; the gate names itself.
    let asked = decision.is_some_and(|plan| !typed(plan, list));
    let gate = |b: &Block| matches!(b, Block::Gate(gate, _) if *gate != Gate::Test);
    if !(asked && blocks.iter().any(gate)) {
        blocks.extend(unreasoned.map(|alert| Block::ReasonNeeded(alert.rule.clone())));
    }
    blocks
}

/// Lines that may not be passed over in silence. A flag that was denied with the
/// list has an answer; that a value asks for it again is shown among the open lines.
fn dangers(case: &Case<'_>, list: &Checklist) -> Vec<ItemId> {
    let open = list.lines.iter().filter(|l| l.state == LineState::Open);
    let found = open.filter_map(|line| match &line.id {
        LineId::Item(id) if danger(case, line, line.item(case.protocol)) => Some(id.clone()),
        _ => None,
    });
    found.collect()
}

fn danger(case: &Case<'_>, line: &Line, item: &Item) -> bool {
    item.id.as_str() == note::IDENTITY
        || matches!(item.kind, Kind::LastDose | Kind::Draw)
        || red_flag(case, line)
}

/// The gates that are not open where capsules would be handed over. A reduced
/// dose harms a pregnancy as well, so it waits like the others.
fn gates(case: &Case<'_>, list: &Checklist, plan: &Plan) -> Vec<Block> {
    let treatment = case.treatment().filter(|_| plan.action.prescribes());
    let Some(t) = treatment else {
        return Vec::new();
    };
    let asked = Asked {
        protocol: case.protocol,
        record: case.record,
        t: &t,
        settings: case.settings,
        on: case.visit.day(),
        visit: Some(case.visit),
    };
    let stops = asked.all().into_iter().filter(|s| match s.state {
        State::NotNeeded | State::Open => false,
        _ if unusable(case, list, plan, s) => true,
        // What this visit does not ask cannot be settled in it.
        _ => applies(case, list, plan, s) && !typed(plan, list),
    });
    stops.map(|s| Block::Gate(s.gate, s.state)).collect()
}

fn applies(case: &Case<'_>, list: &Checklist, plan: &Plan, on: &Stands) -> bool {
    let mut lines = list.lines.iter().filter(|l| l.state != LineState::SetAside);
    let here = lines.any(|l| gate::of_line(l.item(case.protocol)) == Some(on.gate));
    match on.gate {
        // Unknown counts as yes, so the others stand in its place.
        Gate::Potential => false,
        Gate::Test => here && (on.state == State::Closed || test_due(case, plan)),
        _ => here,
    }
}

/// A due test without a usable result. A positive one is usable: it stands
/// against the drug, and takes a typed reason like an old one.
fn unusable(case: &Case<'_>, list: &Checklist, plan: &Plan, on: &Stands) -> bool {
    let answers = list.situation.answers.values();
    let mut usable = answers.filter_map(|a| match a {
        Answer::Test(test) => Some(test.result),
        _ => None,
    });
    let usable = usable.any(|r| matches!(r, TestResult::Negative | TestResult::Positive));
    on.gate == Gate::Test && !usable && applies(case, list, plan, on)
}

/// Whether a test falls due before the patient is seen again; what cannot be
/// told counts as due.
fn test_due(case: &Case<'_>, plan: &Plan) -> bool {
    let Some(t) = case.treatment() else {
        return true;
    };
    let day = case.visit.day();
    match due::any_test(case.record, &t, case.settings, day) {
        Due::NotNeeded => false,
        Due::CannotTell(_) => true,
        Due::On(sum) => sum.on <= day || plan.next_visit.is_none_or(|next| sum.on < next),
    }
}

/// The critical alert under which the decision goes on without a typed reason.
/// The few words a rule offers for the one-key reason are no reason to go on.
fn unreasoned<'a>(plan: &Plan, list: &'a Checklist) -> Option<&'a Alert> {
    let critical = |a: &&Alert| a.level == Level::Critical && a.assessed == Assessed::Fires;
    let alert = list
        .alerts
        .iter()
        .find(critical)
        .filter(|_| plan.action.goes_on())?;
    (!typed(plan, list)).then_some(alert)
}

fn typed(plan: &Plan, list: &Checklist) -> bool {
    let reason = plan.reason.as_deref().map(str::trim).unwrap_or_default();
    let offered = |a: &Alert| a.reason.ja == reason || a.reason.en == reason;
    !reason.is_empty() && !list.alerts.iter().any(offered)
}

/// Answers set aside that would raise a warning or a critical alert if they
/// counted. What hides them (that she cannot become pregnant, that somebody
/// came in) is undone for the trial, because a rule may ask for it as well.
///
/// Resolved by answering the line again, by taking back what hid it, or by
/// saying at the line that it does not apply: each of them a recorded act.
pub fn must_resolve(case: &Case<'_>, list: &Checklist) -> Vec<MustResolve> {
    let aside = list.lines.iter().filter(|l| l.state == LineState::SetAside);
    let found = aside.filter_map(|line| {
        let item = line.item(case.protocol);
        // An absence holds nothing that could vanish.
        let answer = case
            .visit
            .answer(item.id.as_str())
            .filter(|a| a.absence().is_none())?;
        let mut without = list.situation.clone();
        without.companion = false;
        without.can_become_pregnant = Some(Can::Yes);
        let mut with = without.clone();
        with.answers.insert(item.id.clone(), answer.clone());
        let quiet = evaluate(case.protocol, &without);
        let raised = evaluate(case.protocol, &with)
            .into_iter()
            .find(|a| a.level >= Level::Warning && !quiet.iter().any(|q| q.rule == a.rule));
        raised.map(|alert| MustResolve {
            item: item.id.clone(),
            alert,
        })
    });
    found.collect()
}

fn open(case: &Case<'_>, list: &Checklist) -> Vec<LineId> {
    let open = list.lines.iter().filter(|l| l.state == LineState::Open);
    let (mut flags, rest): (Vec<_>, Vec<_>) = open.partition(|l| red_flag(case, l));
    flags.extend(rest);
    flags.into_iter().map(|l| l.id.clone()).collect()
}

/// A red flag, one asked again, or thoughts of self-harm.
fn red_flag(case: &Case<'_>, line: &Line) -> bool {
    match &line.id {
        LineId::Again(_) => true,
        LineId::Analyte(_) => false,
        LineId::Item(id) => {
            let section = case.protocol.section_of(id.as_str());
            section.is_some_and(|s| s.sweep == Some(Sweep::Denied))
                || id.as_str().starts_with("flag.")
        }
    }
}

/// Absences among the lines that count; a test or a value that is not back is
/// pending as well.
fn absent(case: &Case<'_>, list: &Checklist) -> Vec<(Absence, usize)> {
    let answers = || list.situation.answers.values();
    let drawn = list.drawn.as_ref().map(|d| d.specimen.id);
    let waiting = answers()
        .filter(|a| matches!(a, Answer::Test(t) if t.result == TestResult::Pending))
        .count();
    let values = case.record.observations().iter().filter(|v| {
        drawn == Some(v.observation.specimen) && v.observation.reported == Reported::Pending
    });
    let waiting = waiting + values.count();
    let count = |why: Absence| {
        let said = answers().filter(|a| a.absence() == Some(why)).count();
        (
            why,
            if why == Absence::Pending {
                said + waiting
            } else {
                said
            },
        )
    };
    Absence::ALL.iter().map(|why| count(*why)).collect()
}

fn standing<'a>(
    case: &Case<'_>,
    list: &'a Checklist,
    alert: &'a Alert,
    decision: Option<&'a Plan>,
) -> Standing<'a> {
    let mut answered = Vec::new();
    if let Some(plan) = decision.filter(|_| alert.level >= Level::Warning) {
        if plan.action.holds_back() || plan.action.ends() {
            answered.push(AnsweredBy::Decision(plan.action));
        } else if typed(plan, list) {
            answered.extend(plan.reason.as_deref().map(AnsweredBy::Reason));
        }
    }
    let alone = |flag: &&ItemId| {
        let id = LineId::Again((*flag).clone());
        list.lines
            .iter()
            .any(|l| l.id == id && l.state == LineState::Answered)
    };
    answered.extend(
        alert
            .asks
            .as_ref()
            .filter(alone)
            .cloned()
            .map(AnsweredBy::AskedAlone),
    );
    let cared = list.situation.answers.get(CARE).and_then(Answer::code);
    let dry = alert.item.as_str().starts_with(DRYNESS);
    let cared = dry && case.protocol.item(CARE).is_some() && cared.is_some_and(|code| code > 0);
    answered.extend(cared.then(|| AnsweredBy::Advice(ItemId::new(CARE))));
    Standing { alert, answered }
}

fn swept<'a>(case: &Case<'a>, list: &Checklist) -> Vec<Swept<'a>> {
    let mut out: Vec<Swept<'a>> = Vec::new();
    let listed = note::denied_as_list(case);
    for line in list.lines.iter().filter(|l| l.state == LineState::Answered) {
        let LineId::Item(id) = &line.id else { continue };
        let (Some(response), Some(section)) = (
            case.visit.responses.get(id),
            case.protocol.section_of(id.as_str()),
        ) else {
            continue;
        };
        // Denied with the list, then asked again by itself: counted in both.
        let again = response.answer.code() == Some(0) && listed.contains(id);
        let manner = if again {
            Manner::Denied
        } else {
            response.manner
        };
        if manner == Manner::Asked {
            continue;
        }
        let one = (id.clone(), &response.answer);
        let same = |s: &&mut Swept<'_>| s.section.id == section.id && s.manner == manner;
        match out.iter_mut().find(same) {
            Some(known) => known.lines.push(one),
            None => out.push(Swept {
                section,
                manner,
                lines: vec![one],
            }),
        }
    }
    out
}

/// Answered lines whose last answer is never shown, outside the list of red
/// flags, and flags asked again: each had a key of its own.
fn singly(case: &Case<'_>, list: &Checklist) -> Vec<LineId> {
    let answered = list.lines.iter().filter(|l| l.state == LineState::Answered);
    let alone = answered.filter(|line| match &line.id {
        LineId::Item(id) => {
            let section = case.protocol.section_of(id.as_str());
            line.item(case.protocol).no_last && section.is_some_and(|s| s.sweep.is_none())
        }
        LineId::Again(_) => true,
        LineId::Analyte(_) => false,
    });
    alone.map(|l| l.id.clone()).collect()
}
