//! What a protocol must keep to: the first thing wrong is refused by its place.

use super::error::{ProtocolError, ProtocolErrorKind as K};
use super::possible::{Possible, possible};
use super::raw::{RawItem, RawProtocol, RawRule, RawSection};
use super::{Item, Kind, Protocol};
use crate::domain::alert::words::{fillable, placeholders};
use crate::domain::condition::{Amount, Condition, ItemTest, LabTest};
use crate::domain::lang::{Lang, Words};
use crate::domain::place::Placed;
use std::collections::BTreeSet;
use std::ops::Range;

/// The text, to tell where a word stands.
pub(super) struct Source<'a>(pub(super) &'a str);

impl Source<'_> {
    /// A refusal at `at`, naming the word written there.
    pub(super) fn at(&self, at: Range<usize>, word: &str, kind: K) -> ProtocolError {
        let before = self.0.get(..at.start).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .chars()
            .count()
            + 1;
        ProtocolError {
            line,
            column,
            word: word.to_owned(),
            kind,
        }
    }

    /// A refusal of `word` where it is first written in `within`.
    fn word(&self, within: Range<usize>, word: &str, kind: K) -> ProtocolError {
        let text = self.0.get(within.clone()).unwrap_or_default();
        let quoted = text
            .find(&format!("\"{word}\""))
            .or_else(|| whole_word(text, word));
        let start = within.start + quoted.unwrap_or(0);
        self.at(start..start, word, kind)
    }
}

/// Where `word` stands in `text` with no letter or digit beside it.
fn whole_word(text: &str, word: &str) -> Option<usize> {
    let part = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    text.match_indices(word)
        .map(|(at, _)| at)
        .find(|&at| !text[..at].ends_with(part) && !text[at + word.len()..].starts_with(part))
}

pub(super) struct Check<'a> {
    source: Source<'a>,
    protocol: &'a Protocol,
}

type Checked = Result<(), ProtocolError>;

impl<'a> Check<'a> {
    /// Of a protocol as it was read from `text`.
    pub(super) fn of(text: &'a str, protocol: &'a Protocol) -> Self {
        let source = Source(text);
        Self { source, protocol }
    }

    /// Everything that is written.
    pub(super) fn run(&self, raw: &RawProtocol) -> Checked {
        if *raw.schema.get_ref() != 1 {
            let found = raw.schema.get_ref().to_string();
            return Err(self.source.at(raw.schema.span(), &found, K::Schema));
        }
        self.texts(&[&raw.title, &raw.drug])?;
        self.settings(raw)?;
        self.unique(raw.sections.iter().map(|section| &section.id))?;
        self.unique(
            raw.sections
                .iter()
                .flat_map(|s| s.items.iter().map(|item| &item.id)),
        )?;
        for section in &raw.sections {
            self.section(section)?;
        }
        self.sentences(raw)?;
        self.procedures(raw)?;
        self.unique(raw.rules.iter().map(|rule| &rule.id))?;
        raw.rules.iter().try_for_each(|rule| self.rule(rule))
    }

    fn unique<'b>(&self, ids: impl Iterator<Item = &'b Placed<String>>) -> Checked {
        let mut seen = BTreeSet::new();
        for id in ids {
            if id.get_ref().is_empty() {
                return Err(self.source.at(id.span(), "", K::Empty));
            }
            if !seen.insert(id.get_ref()) {
                return Err(self.source.at(id.span(), id.get_ref(), K::Duplicate));
            }
        }
        Ok(())
    }

    fn texts(&self, all: &[&Placed<Words>]) -> Checked {
        all.iter()
            .try_for_each(|words| self.words(words.get_ref(), words.span()))
    }

    fn words(&self, words: &Words, at: Range<usize>) -> Checked {
        for (lang, text) in [("ja", &words.ja), ("en", &words.en)] {
            if text.trim().is_empty() {
                return Err(self.source.word(at, lang, K::Empty));
            }
        }
        Ok(())
    }

    fn settings(&self, raw: &RawProtocol) -> Checked {
        self.unique(raw.settings.iter().map(|setting| &setting.name))?;
        for (raw, setting) in raw.settings.iter().zip(&self.protocol.settings) {
            self.texts(&[&raw.label, &raw.source])?;
            if setting.check(setting.value).is_err() {
                return Err(self.source.at(
                    raw.value.span(),
                    &setting.value.to_string(),
                    K::OutOfRange,
                ));
            }
        }
        Ok(())
    }

    fn section(&self, raw: &RawSection) -> Checked {
        self.texts(&[&raw.title])?;
        self.texts(&raw.note.iter().collect::<Vec<_>>())?;
        let visits = Condition::Visit(raw.visits.clone());
        if let Some(when) = &raw.when {
            self.condition(when, &[&visits])?;
        }
        let around: Vec<&Condition> = [&visits]
            .into_iter()
            .chain(raw.when.as_ref().map(Placed::get_ref))
            .collect();
        raw.items
            .iter()
            .try_for_each(|item| self.item(item, &around))
    }

    fn item(&self, raw: &RawItem, around: &[&Condition]) -> Checked {
        self.texts(&[&raw.label, &raw.ask])?;
        self.texts(&raw.note.iter().collect::<Vec<_>>())?;
        let mut around = around.to_vec();
        if let Some(when) = &raw.when {
            self.condition(when, &around)?;
            around.push(when.get_ref());
        }
        let mut keys = BTreeSet::new();
        for spanned in &raw.options {
            let (choice, at) = (spanned.get_ref(), spanned.span());
            self.words(&choice.label, at.clone())?;
            choice
                .note
                .iter()
                .chain(&choice.mark)
                .try_for_each(|words| self.words(words, at.clone()))?;
            if choice.key > 9 || !keys.insert(choice.key) {
                return Err(self.source.word(at, &choice.key.to_string(), K::KeyTwice));
            }
            if !fits_meaning(*raw.kind.get_ref(), choice.means.as_ref()) {
                return Err(self.source.word(at, &choice.key.to_string(), K::WrongKind));
            }
            if let Some(when) = &choice.when {
                self.condition_at(when, at, &around)?;
            }
        }
        for code in &raw.sweep {
            if !keys.contains(code.get_ref()) {
                return Err(self.source.at(
                    code.span(),
                    &code.get_ref().to_string(),
                    K::UndeclaredCode,
                ));
            }
        }
        let bare = matches!(
            raw.kind.get_ref(),
            Kind::Number | Kind::Day | Kind::Text | Kind::Weight | Kind::Labs
        );
        if bare != raw.options.is_empty() {
            return Err(self
                .source
                .at(raw.kind.span(), raw.kind.get_ref().word(), K::WrongKind));
        }
        Ok(())
    }

    fn sentences(&self, raw: &RawProtocol) -> Checked {
        let mut numbers = BTreeSet::new();
        for spanned in &raw.sentences {
            let (sentence, at) = (spanned.get_ref(), spanned.span());
            self.words(&sentence.say, at.clone())?;
            self.words(&sentence.note, at.clone())?;
            if !numbers.insert(sentence.number) {
                return Err(self
                    .source
                    .word(at, &sentence.number.to_string(), K::Duplicate));
            }
            let named = [Lang::Ja, Lang::En].map(|lang| placeholders(sentence.say.get(lang)));
            for name in named.into_iter().flatten() {
                if self.protocol.setting(name).is_none() {
                    return Err(self.source.word(
                        at,
                        &format!("{{{name}}}"),
                        K::UnfilledPlaceholder,
                    ));
                }
            }
            if let Some(when) = &sentence.when {
                self.condition_at(when, at, &[])?;
            }
        }
        Ok(())
    }

    fn procedures(&self, raw: &RawProtocol) -> Checked {
        let mut ids = BTreeSet::new();
        for spanned in &raw.procedures {
            let (procedure, at) = (spanned.get_ref(), spanned.span());
            self.words(&procedure.label, at.clone())?;
            self.words(&procedure.source, at.clone())?;
            if !ids.insert(&procedure.id) {
                return Err(self.source.word(at, &procedure.id, K::Duplicate));
            }
            if let Some(name) = &procedure.after_months
                && self.protocol.setting(name).is_none()
            {
                return Err(self.source.word(at, name, K::UnknownName));
            }
        }
        Ok(())
    }

    fn rule(&self, raw: &RawRule) -> Checked {
        self.texts(&[&raw.say, &raw.reason])?;
        let Some(source) = &raw.source else {
            return Err(self.source.at(raw.id.span(), raw.id.get_ref(), K::NoSource));
        };
        self.texts(&[source]).map_err(|empty| ProtocolError {
            kind: K::NoSource,
            ..empty
        })?;
        for named in [Some(&raw.item), raw.asks.as_ref()].into_iter().flatten() {
            self.named(named.get_ref(), named.span())?;
        }
        self.condition(&raw.when, &[])?;
        self.placeholders(raw)?;
        self.examples(raw)
    }

    fn placeholders(&self, raw: &RawRule) -> Checked {
        let known = fillable(raw.when.get_ref());
        for words in [&raw.say, &raw.reason] {
            for lang in [Lang::Ja, Lang::En] {
                for name in placeholders(words.get_ref().get(lang)) {
                    if !known.contains(name) && self.protocol.setting(name).is_none() {
                        return Err(self.source.word(
                            words.span(),
                            &format!("{{{name}}}"),
                            K::UnfilledPlaceholder,
                        ));
                    }
                }
            }
        }
        Ok(())
    }

    fn examples(&self, raw: &RawRule) -> Checked {
        for (fires, kind) in [(true, K::NoFiringExample), (false, K::NoSilentExample)] {
            if !raw
                .examples
                .iter()
                .any(|case| case.get_ref().fires == fires)
            {
                return Err(self.source.at(raw.id.span(), raw.id.get_ref(), kind));
            }
        }
        for case in &raw.examples {
            let given = &case.get_ref().given;
            let items = given
                .answers
                .keys()
                .chain(given.last.keys())
                .chain(given.before.keys());
            for id in items.chain(given.days_since.keys()) {
                self.named(id, case.span())?;
            }
            for analyte in given.labs.keys() {
                self.analyte(analyte, case.span())?;
            }
        }
        Ok(())
    }

    fn named(&self, id: &str, at: Range<usize>) -> Result<&Item, ProtocolError> {
        match self.protocol.item(id) {
            None => Err(self.source.word(at, id, K::UnknownName)),
            Some(item) if item.off => Err(self.source.word(at, id, K::SwitchedOff)),
            Some(item) => Ok(item),
        }
    }

    fn analyte(&self, id: &str, at: Range<usize>) -> Checked {
        let known = self
            .protocol
            .items()
            .flat_map(|item| item.panel.iter().chain(&item.extras))
            .any(|a| a.0 == id);
        if known {
            Ok(())
        } else {
            Err(self.source.word(at, id, K::UnknownName))
        }
    }

    fn condition(&self, when: &Placed<Condition>, around: &[&Condition]) -> Checked {
        self.condition_at(when.get_ref(), when.span(), around)
    }

    fn condition_at(&self, when: &Condition, at: Range<usize>, around: &[&Condition]) -> Checked {
        when.parts()
            .into_iter()
            .try_for_each(|part| self.part(part, at.clone()))?;
        let whole = Condition::All(
            around
                .iter()
                .map(|c| (*c).clone())
                .chain([when.clone()])
                .collect(),
        );
        match possible(&whole, self.protocol) {
            Possible::Yes => Ok(()),
            Possible::Never => Err(self.source.at(at, self.first_word(when), K::Impossible)),
            Possible::TooManyCases => Err(self.source.at(at, self.first_word(when), K::TooComplex)),
        }
    }

    fn first_word<'b>(&self, when: &'b Condition) -> &'b str {
        when.name()
    }

    fn part(&self, part: &Condition, at: Range<usize>) -> Checked {
        for amount in part.amounts() {
            if let Amount::Setting(name) = amount
                && self.protocol.setting(&name).is_none()
            {
                return Err(self.source.word(at, &name, K::UnknownName));
            }
        }
        match part {
            Condition::Item(test) | Condition::Last(test) | Condition::Before(test) => {
                self.item_test(test, at)
            }
            Condition::WorseThanLast(test) => {
                match self.named(test.id.as_str(), at.clone())?.kind {
                    Kind::Grade => Ok(()),
                    _ => Err(self.source.word(at, test.id.as_str(), K::WrongKind)),
                }
            }
            Condition::DaysSince(test) => self.named(test.id.as_str(), at).map(|_| ()),
            Condition::Lab(test) => self.lab_test(test, at),
            _ => Ok(()),
        }
    }

    fn lab_test(&self, test: &LabTest, at: Range<usize>) -> Checked {
        self.analyte(&test.analyte.0, at.clone())?;
        if test.bounds().amounts().next().is_some() && test.unit.is_none() {
            return Err(self.source.word(at, "unit", K::Missing));
        }
        Ok(())
    }

    fn item_test(&self, test: &ItemTest, at: Range<usize>) -> Checked {
        let item = self.named(test.id.as_str(), at.clone())?;
        if !fits(test, item.kind) {
            return Err(self.source.word(at, test.id.as_str(), K::WrongKind));
        }
        for code in test.is.iter().flatten() {
            let sentence = item.kind == Kind::Counselling
                && self.protocol.sentences.iter().any(|s| s.number == *code);
            if !sentence && item.option(*code).is_none() {
                return Err(self.source.word(
                    self.after(at, test.id.as_str()),
                    &code.to_string(),
                    K::UndeclaredCode,
                ));
            }
        }
        Ok(())
    }

    /// The part of a condition from the line it names on.
    fn after(&self, at: Range<usize>, id: &str) -> Range<usize> {
        let text = self.source.0.get(at.clone()).unwrap_or_default();
        at.start + text.find(id).map_or(0, |found| found + id.len())..at.end
    }
}

/// Whether an answer of this kind can be asked this.
fn fits(test: &ItemTest, kind: Kind) -> bool {
    let coded = matches!(
        kind,
        Kind::Grade | Kind::Choice | Kind::Many | Kind::Counselling | Kind::Draw
    );
    let many = matches!(kind, Kind::Many | Kind::Counselling);
    let dated = matches!(
        kind,
        Kind::Day | Kind::Weight | Kind::Test | Kind::LastDose | Kind::Consent
    );
    let bounded = test.bounds().amounts().next().is_some();
    (test.is.is_none() || coded)
        && (test.none.is_none() || many)
        && (!bounded || matches!(kind, Kind::Grade | Kind::Number | Kind::Weight))
        && ((test.days_ago.is_none() && test.dated.is_none()) || dated)
        && (test.test.is_none() || kind == Kind::Test)
        && (test.intake.is_none() || kind == Kind::Intake)
        && (test.can.is_none() || kind == Kind::Potential)
        && (test.consent.is_none() || kind == Kind::Consent)
        && (test.leftover.is_none() || kind == Kind::LastDose)
        && kind != Kind::Plan
}

/// Whether an option says what a line of this kind needs said.
fn fits_meaning(kind: Kind, means: Option<&super::Meaning>) -> bool {
    use super::Meaning as M;
    matches!(
        (kind, means),
        (Kind::Grade | Kind::Choice | Kind::Many, None)
            | (Kind::Test, Some(M::Test { .. }))
            | (Kind::Potential, Some(M::Potential { .. }))
            | (Kind::Intake, Some(M::Intake(_)))
            | (Kind::LastDose, Some(M::LastDose(_)))
            | (Kind::Consent, Some(M::Consent(_)))
            | (Kind::Draw, Some(M::Draw { .. }))
            | (Kind::Plan, Some(M::Action(_)))
            | (Kind::Counselling, Some(M::Counsel(_)))
    )
}
