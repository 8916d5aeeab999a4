//! From the file's text to a protocol that has been checked.

use super::check::{Check, Source};
use super::error::{ProtocolError, ProtocolErrorKind as K};
use super::raw::{Exact, RawItem, RawLists, RawProtocol, RawRule, RawSection, RawSetting};
use super::{Choice, Example, Item, Level, Procedure, Protocol, Rule, Section, Sentence, Setting};
use crate::domain::answer::ItemId;
use crate::domain::lang::Words;
use crate::domain::place::{self, Placed};
use crate::domain::situation::Settings;

/// Reads `text` and checks all of it.
pub(super) fn checked(text: &str) -> Result<Protocol, ProtocolError> {
    let mut raw = head(text)?;
    for piece in lists(text) {
        let more = piece?;
        raw.settings.extend(more.settings);
        raw.sections.extend(more.sections);
        if let Some(section) = raw.sections.last_mut() {
            section.items.extend(more.items);
        }
        raw.sentences.extend(more.sentences);
        raw.procedures.extend(more.procedures);
        raw.rules.extend(more.rules);
    }
    let mut protocol = titled(&raw);
    protocol.settings = raw.settings.iter().map(setting).collect();
    protocol.sections = raw.sections.iter().map(section).collect();
    protocol.sentences = raw.sentences.iter().map(sentence).collect();
    protocol.procedures = raw.procedures.iter().map(procedure).collect();
    let settings = protocol.default_settings();
    let proofs = raw.rules.iter().map(|rule| proof(rule, &settings));
    let rules = raw.rules.iter().zip(proofs);
    protocol.rules = rules.map(|(raw, proof)| rule(raw, proof)).collect();
    Check::of(text, &protocol).run(&raw)?;
    Ok(protocol)
}

/// Reads a text that was checked before, a table at a time, so that no more than
/// one stands there as written; the rules' examples are left out.
pub(super) fn proven(text: &str) -> Result<Protocol, ProtocolError> {
    let mut protocol = titled(&head(text)?);
    for piece in lists(text) {
        let more = piece?;
        protocol.settings.extend(more.settings.iter().map(setting));
        protocol.sections.extend(more.sections.iter().map(section));
        if let Some(section) = protocol.sections.last_mut() {
            section.items.extend(more.items.iter().map(item));
        }
        protocol
            .sentences
            .extend(more.sentences.iter().map(sentence));
        let procedures = more.procedures.iter().map(procedure);
        protocol.procedures.extend(procedures);
        let rules = more.rules.iter().map(|raw| rule(raw, Vec::new()));
        protocol.rules.extend(rules);
    }
    protocol.rules.shrink_to_fit();
    Ok(protocol)
}

/// The settings of such a text, without the rest of it.
pub(super) fn settings(text: &str) -> Result<Vec<Setting>, ProtocolError> {
    let mut all = Vec::new();
    let pieces = place::pieces(text, RawLists::NAMES).into_iter();
    for piece in pieces.filter(|piece| piece.list == "setting") {
        let read: RawLists =
            place::read(piece.text, piece.from).map_err(|error| refused(text, &error))?;
        all.extend(read.settings.iter().map(setting));
    }
    Ok(all)
}

/// What stands before the first list.
fn head(text: &str) -> Result<RawProtocol, ProtocolError> {
    let head = place::pieces(text, RawLists::NAMES).swap_remove(0);
    place::read(head.text, 0).map_err(|error| refused(text, &error))
}

/// The tables of the lists, each read when it is asked for.
fn lists(text: &str) -> impl Iterator<Item = Result<RawLists, ProtocolError>> {
    let mut in_section = false;
    let pieces = place::pieces(text, RawLists::NAMES).into_iter().skip(1);
    pieces.map(move |piece| {
        let item = piece.list == RawLists::ITEM;
        in_section = piece.list == "section" || (item && in_section);
        if item && !in_section {
            let expected = "section".to_owned();
            let at = piece.from..piece.from;
            return Err(Source(text).at(at, piece.list, K::UnknownWord { expected }));
        }
        let read = if item {
            place::read(piece.text, piece.from).map(RawLists::of)
        } else {
            place::read(piece.text, piece.from)
        };
        read.map_err(|error| refused(text, &error))
    })
}

fn titled(raw: &RawProtocol) -> Protocol {
    Protocol {
        id: raw.id.clone(),
        version: raw.version.clone(),
        title: raw.title.get_ref().clone(),
        drug: raw.drug.get_ref().clone(),
        consent_form: raw.consent_form.clone(),
        settings: Vec::new(),
        sections: Vec::new(),
        sentences: Vec::new(),
        procedures: Vec::new(),
        rules: Vec::new(),
    }
}

fn sentence(raw: &Placed<Sentence>) -> Sentence {
    raw.get_ref().clone()
}

fn procedure(raw: &Placed<Procedure>) -> Procedure {
    raw.get_ref().clone()
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

/// A rule's examples.
fn proof(raw: &RawRule, settings: &Settings) -> Vec<Example> {
    let when = raw.when.get_ref();
    let examples = raw.examples.iter();
    examples
        .map(|case| case.get_ref().example(settings, when))
        .collect()
}

fn rule(raw: &RawRule, examples: Vec<Example>) -> Rule {
    let unsourced = || Words {
        ja: String::new(),
        en: String::new(),
    };
    Rule {
        id: raw.id.get_ref().clone(),
        item: ItemId::new(raw.item.get_ref()),
        level: raw.level,
        when: raw.when.get_ref().clone(),
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
