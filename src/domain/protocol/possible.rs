//! Whether a condition can ever hold over the declared answers.
//!
//! The condition is written as alternatives of single facts. Within one
//! alternative the facts are grouped by what they look at (one line, one
//! analyte, the age); the groups do not touch each other, so each is tried by
//! itself on every case that can make a difference: all declared codes, and
//! for numbers each limit, a step to either side of it, and between two limits.

mod cases;

use super::Protocol;
use crate::domain::answer::ItemId;
use crate::domain::condition::Condition;
use crate::domain::situation::{Settings, Verdict};
use cases::Cases;
use std::collections::BTreeMap;

/// Whether a condition can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Possible {
    Yes,
    Never,
    TooManyCases,
}

/// Alternatives, and cases of one group, beyond which nothing is tried.
const MOST: usize = 200_000;

/// Which verdicts are wanted of a fact.
type Wanted = &'static [Verdict];
const HOLDS: Wanted = &[Verdict::Holds];
const NOT: Wanted = &[Verdict::Not];
const NOT_HOLDS: Wanted = &[Verdict::Not, Verdict::Unknown];
const NOT_NOT: Wanted = &[Verdict::Holds, Verdict::Unknown];

/// A single fact and what is wanted of it.
type Literal<'a> = (&'a Condition, Wanted);

struct TooMany;

/// Whether `condition` can hold over what `protocol` declares, under its own settings.
pub fn possible(condition: &Condition, protocol: &Protocol) -> Possible {
    let settings = protocol.default_settings();
    let Ok(alternatives) = alternatives(condition, HOLDS) else {
        return Possible::TooManyCases;
    };
    let mut found = Possible::Never;
    for facts in &alternatives {
        match agree(facts, protocol, &settings) {
            Ok(true) => return Possible::Yes,
            Ok(false) => {}
            Err(TooMany) => found = Possible::TooManyCases,
        }
    }
    found
}

/// The condition as alternatives of single facts.
fn alternatives<'a>(
    condition: &'a Condition,
    wanted: Wanted,
) -> Result<Vec<Vec<Literal<'a>>>, TooMany> {
    match condition {
        // "All" holds, or is not refuted, part by part; "any" the other way round.
        Condition::All(parts) if wanted == HOLDS || wanted == NOT_NOT => every(parts, wanted),
        Condition::Any(parts) if wanted == NOT || wanted == NOT_HOLDS => every(parts, wanted),
        Condition::All(parts) | Condition::Any(parts) => {
            let mut each = Vec::new();
            for part in parts {
                each.extend(alternatives(part, wanted)?);
            }
            Ok(each)
        }
        Condition::Not(part) => alternatives(part, flipped(wanted)),
        // "Surely" is never unknown: it holds, or it does not.
        Condition::Surely(part) if wanted == HOLDS || wanted == NOT_NOT => {
            alternatives(part, HOLDS)
        }
        Condition::Surely(part) => alternatives(part, NOT_HOLDS),
        single => Ok(vec![vec![(single, wanted)]]),
    }
}

fn flipped(wanted: Wanted) -> Wanted {
    if wanted == HOLDS {
        NOT
    } else if wanted == NOT {
        HOLDS
    } else if wanted == NOT_HOLDS {
        NOT_NOT
    } else {
        NOT_HOLDS
    }
}

fn every<'a>(parts: &'a [Condition], wanted: Wanted) -> Result<Vec<Vec<Literal<'a>>>, TooMany> {
    let mut all: Vec<Vec<Literal<'a>>> = vec![Vec::new()];
    for part in parts {
        let options = alternatives(part, wanted)?;
        if all.len().saturating_mul(options.len()) > MOST {
            return Err(TooMany);
        }
        let joined = |so_far: &Vec<Literal<'a>>| {
            let so_far = so_far.clone();
            options
                .iter()
                .map(move |more| so_far.iter().chain(more).copied().collect())
                .collect::<Vec<_>>()
        };
        all = all.iter().flat_map(joined).collect();
    }
    Ok(all)
}

/// What a fact looks at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    Line(ItemId),
    Since(ItemId),
    Analyte(String),
    /// The walk and the phase, which go together.
    Walk,
    Supply,
    Other(&'static str),
}

fn subject(fact: &Condition) -> Subject {
    match fact {
        Condition::Item(test) | Condition::Last(test) | Condition::Before(test) => {
            Subject::Line(test.id.clone())
        }
        Condition::WorseThanLast(test) => Subject::Line(test.id.clone()),
        Condition::DaysSince(test) => Subject::Since(test.id.clone()),
        Condition::Lab(test) => Subject::Analyte(test.analyte.0.clone()),
        Condition::Phase(_) | Condition::Visit(_) => Subject::Walk,
        Condition::SupplyDays(_) | Condition::SupplyPastNextVisit(_) => Subject::Supply,
        other => Subject::Other(other.name()),
    }
}

/// Whether all these facts can be so at once.
fn agree(facts: &[Literal], protocol: &Protocol, settings: &Settings) -> Result<bool, TooMany> {
    let mut groups: BTreeMap<Subject, Vec<Literal>> = BTreeMap::new();
    for literal in facts {
        groups.entry(subject(literal.0)).or_default().push(*literal);
    }
    for (subject, group) in &groups {
        let cases = Cases {
            group,
            protocol,
            settings,
        };
        let possible = cases.of(subject)?.iter().any(|case| {
            group
                .iter()
                .all(|(fact, wanted)| wanted.contains(&fact.holds(case)))
        });
        if !possible {
            return Ok(false);
        }
    }
    Ok(true)
}
