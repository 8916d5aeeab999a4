//! From the file's text to a protocol that has been checked.

use super::check::{Check, Source};
use super::error::{ProtocolError, ProtocolErrorKind as K};
use super::place::Placed;
use super::place::{self, Piece};
use super::raw::{Exact, RawItem, RawLists, RawProtocol, RawRule, RawSection, RawSetting};
use super::{Choice, Item, Level, Protocol, Rule, Section, Setting};
use crate::domain::answer::ItemId;
use crate::domain::lang::Words;
use crate::domain::situation::Settings;

/// How far a text was checked before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    Nothing,
    Proven,
}

/// Reads `text`, and checks of it what was not checked before.
pub(super) fn parse(text: &str, trust: Trust) -> Result<Protocol, ProtocolError> {
    let pieces = place::pieces(text, RawLists::NAMES);
    let (rules, rest): (Vec<_>, Vec<_>) = pieces
        .into_iter()
        .partition(|piece| piece.list == Some("rule"));
    let raw = lists(text, rest)?;
    let mut protocol = Protocol {
        id: raw.id.clone(),
        version: raw.version.clone(),
        title: raw.title.get_ref().clone(),
        drug: raw.drug.get_ref().clone(),
        settings: raw.settings.iter().map(setting).collect(),
        sections: raw.sections.iter().map(section).collect(),
        sentences: raw.sentences.iter().map(|s| s.get_ref().clone()).collect(),
        rules: Vec::new(),
    };
    Check {
        source: Source(text),
        protocol: &protocol,
        trust,
    }
    .run(&raw)?;
    drop(raw);
    protocol.rules = read_rules(text, rules, &protocol, trust)?;
    Ok(protocol)
}

/// Everything but the rules, a piece at a time.
fn lists(text: &str, pieces: Vec<Piece<'_>>) -> Result<RawProtocol, ProtocolError> {
    let mut pieces = pieces.into_iter();
    let head = pieces.next().map_or("", |head| head.text);
    let mut raw: RawProtocol = place::read(head, 0).map_err(|error| refused(text, &error))?;
    for piece in pieces {
        let lists: RawLists =
            place::read(piece.text, piece.from).map_err(|error| refused(text, &error))?;
        raw.settings.extend(lists.settings);
        raw.sections.extend(lists.sections);
        raw.sentences.extend(lists.sentences);
    }
    Ok(raw)
}

/// The rules, one after the other, so that no more than one stands there as written.
fn read_rules(
    text: &str,
    pieces: Vec<Piece<'_>>,
    protocol: &Protocol,
    trust: Trust,
) -> Result<Vec<Rule>, ProtocolError> {
    let settings = protocol.default_settings();
    let mut rules: Vec<Rule> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let lists: RawLists =
            place::read(piece.text, piece.from).map_err(|error| refused(text, &error))?;
        for raw in &lists.rules {
            let known = |id: &str| rules.iter().any(|rule| rule.id == id);
            Check {
                source: Source(text),
                protocol,
                trust,
            }
            .rule(raw, known)?;
            let mut rule = rule(raw, &settings);
            if trust == Trust::Proven {
                rule.examples = Vec::new();
            }
            rules.push(rule);
        }
    }
    Ok(rules)
}

fn setting(raw: &RawSetting) -> Setting {
    let exact = |number: Option<Exact>| number.map(|exact| exact.0);
    Setting {
        name: raw.name.get_ref().clone(),
        label: raw.label.get_ref().clone(),
        value: raw.value.get_ref().0,
        min: exact(raw.min),
        max: exact(raw.max),
        unit: raw.unit.clone(),
        basis: raw.basis,
        source: raw.source.get_ref().clone(),
    }
}

fn words(raw: &Option<Placed<Words>>) -> Option<Words> {
    raw.as_ref().map(|words| words.get_ref().clone())
}

fn section(raw: &RawSection) -> Section {
    Section {
        id: raw.id.get_ref().clone(),
        title: raw.title.get_ref().clone(),
        visits: raw.visits.clone(),
        when: raw.when.as_ref().map(|when| when.get_ref().clone()),
        sweep: raw.sweep,
        note: words(&raw.note),
        items: raw.items.iter().map(item).collect(),
    }
}

fn item(raw: &RawItem) -> Item {
    let swept = |key: u8| raw.sweep.iter().any(|code| *code.get_ref() == key);
    let option = |choice: &Placed<Choice>| {
        let choice = choice.get_ref().clone();
        Choice {
            sweep: choice.sweep || swept(choice.key),
            ..choice
        }
    };
    Item {
        id: ItemId::new(raw.id.get_ref()),
        label: raw.label.get_ref().clone(),
        ask: raw.ask.get_ref().clone(),
        note: words(&raw.note),
        kind: *raw.kind.get_ref(),
        when: raw.when.as_ref().map(|when| when.get_ref().clone()),
        required: raw.required,
        off: raw.off,
        private: raw.private,
        no_last: raw.no_last,
        options: raw.options.iter().map(option).collect(),
        unit: raw.unit.clone(),
        min: raw.min.map(|exact| exact.0),
        max: raw.max.map(|exact| exact.0),
        panel: raw.panel.clone(),
        extras: raw.extras.clone(),
    }
}

fn rule(raw: &RawRule, settings: &Settings) -> Rule {
    let when = raw.when.get_ref().clone();
    let examples = raw
        .examples
        .iter()
        .map(|case| case.get_ref().example(settings, &when))
        .collect();
    let unsourced = || Words {
        ja: String::new(),
        en: String::new(),
    };
    Rule {
        id: raw.id.get_ref().clone(),
        item: ItemId::new(raw.item.get_ref()),
        level: raw.level,
        when,
        say: raw.say.get_ref().clone(),
        // A rule without a source was refused before this.
        source: words(&raw.source).unwrap_or_else(unsourced),
        basis: raw.basis,
        fold: raw.fold.unwrap_or(raw.level <= Level::Caution),
        ladder: raw.ladder.clone(),
        asks: raw.asks.as_ref().map(|id| ItemId::new(id.get_ref())),
        recheck: raw.recheck,
        reason: raw.reason.get_ref().clone(),
        examples,
    }
}

/// What the reader of TOML refused, in this program's words where it can be told.
fn refused(text: &str, error: &toml::de::Error) -> ProtocolError {
    let message = error.message();
    let span = place::moved(error.span().unwrap_or(0..0));
    let written = text.get(span.clone()).unwrap_or_default();
    let named = message.split('`').nth(1).unwrap_or(written).to_owned();
    let expected = message
        .split_once("expected ")
        .map(|(_, rest)| rest.replace('`', ""));
    let source = Source(text);
    if message.starts_with("unknown field") || message.starts_with("unknown variant") {
        let at = span.start
            + written
                .find(&format!("\"{named}\""))
                .or_else(|| written.find(&named))
                .unwrap_or(0);
        let expected = expected.unwrap_or_default();
        return source.at(at..at, &named, K::UnknownWord { expected });
    }
    if message.starts_with("missing field") {
        return source.at(span, &named, K::Missing);
    }
    let word = written.lines().next().unwrap_or_default();
    source.at(
        span,
        word,
        K::Syntax(message.lines().next().unwrap_or_default().to_owned()),
    )
}
