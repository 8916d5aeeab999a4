//! A layout file as written, and its check.

use super::{Column, Layout, LayoutError, LayoutErrorKind as Kind, OwnCode};
use crate::domain::answer::Sex;
use crate::domain::catalogue::Catalogue;
use crate::domain::lang::Words;
use crate::domain::observation::{AnalyteId, Fasting};
use crate::domain::quantity::Comparator;
use crate::lab::Charset;
use crate::lab::received::Status;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use toml::Spanned;

type Word = Spanned<String>;
type Map = BTreeMap<String, Word>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    name: Word,
    label: Words,
    /// `columns`, the usual, or `hl7`: codes alone.
    format: Option<Word>,
    encoding: Option<Word>,
    separator: Option<Word>,
    #[serde(default)]
    header_lines: usize,
    #[serde(default)]
    header: Vec<String>,
    #[serde(default)]
    columns: Vec<Word>,
    #[serde(default)]
    optional_columns: usize,
    #[serde(default)]
    dates: Vec<Word>,
    empty_value: Option<Word>,
    status_other: Option<Word>,
    #[serde(default)]
    first_run: Vec<String>,
    #[serde(default)]
    status: Map,
    #[serde(default)]
    sex: Map,
    #[serde(default)]
    fasting: Map,
    #[serde(default)]
    value_form: Map,
    #[serde(default)]
    row_kind: Map,
    #[serde(default)]
    units: BTreeMap<String, String>,
    #[serde(default)]
    code: Vec<RawCode>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCode {
    code: Word,
    system: Option<Word>,
    analyte: Word,
    unit: Option<Word>,
}

pub(super) fn read(text: &str, catalogue: &Catalogue) -> Result<Layout, LayoutError> {
    let raw: Raw = toml::from_str(text).map_err(|error| syntax(text, &error))?;
    let check = Check { text, catalogue };
    check.layout(raw)
}

fn syntax(text: &str, error: &toml::de::Error) -> LayoutError {
    let span = error.span().unwrap_or(0..0);
    at(text, span, Kind::Syntax(error.message().to_owned()))
}

/// The place of a span, with the word that stands there.
fn at(text: &str, span: Range<usize>, kind: Kind) -> LayoutError {
    let start = span.start.min(text.len());
    let before = text.get(..start).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let word = text.get(span).unwrap_or_default();
    let word = word.lines().next().unwrap_or_default();
    LayoutError {
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
        word: word.trim_matches('"').chars().take(40).collect(),
        kind,
    }
}

struct Check<'a> {
    text: &'a str,
    catalogue: &'a Catalogue,
}

impl Check<'_> {
    fn fault<T>(&self, word: &Word, kind: Kind) -> Result<T, LayoutError> {
        Err(at(self.text, word.span(), kind))
    }

    fn layout(&self, raw: Raw) -> Result<Layout, LayoutError> {
        if raw.name.get_ref().trim().is_empty() {
            return self.fault(&raw.name, Kind::Empty);
        }
        let columns = self.columns(&raw)?;
        let name = raw.name.get_ref().clone();
        let codes = raw.code.iter().map(|code| self.code(code, &name));
        Ok(Layout {
            codes: codes.collect::<Result<_, _>>()?,
            encoding: self.known(&raw.encoding, Charset::ALL, |c: Charset| c.word())?,
            separator: self.separator(&raw.separator)?,
            empty_is_pending: self.choice(&raw.empty_value, &["pending", "empty"])?
                == Some("pending"),
            status_other: self
                .known(&raw.status_other, Status::ALL, |s: Status| s.word())?
                .unwrap_or(Status::Unknown),
            status: self.map(&raw.status, Status::ALL, |s: Status| s.word())?,
            sex: self.map(&raw.sex, Sex::ALL, |s: Sex| s.word())?,
            fasting: self.map(&raw.fasting, Fasting::ALL, |f: Fasting| f.word())?,
            value_form: self.value_forms(&raw.value_form)?,
            headings: self.headings(&raw.row_kind)?,
            dates: self.dates(&raw.dates)?,
            label: raw.label,
            header_lines: raw.header_lines,
            header: raw.header,
            optional: raw.optional_columns.min(columns.len()),
            first_run: raw.first_run,
            units: raw.units.into_iter().collect(),
            columns,
            name,
        })
    }

    fn columns(&self, raw: &Raw) -> Result<Vec<Option<Column>>, LayoutError> {
        if self.choice(&raw.format, &["columns", "hl7"])? == Some("hl7") {
            return match raw.columns.first() {
                Some(column) => self.fault(
                    column,
                    Kind::UnknownWord {
                        expected: "no columns".to_owned(),
                    },
                ),
                None => Ok(Vec::new()),
            };
        }
        let mut columns: Vec<Option<Column>> = Vec::new();
        for word in &raw.columns {
            let column = match word.get_ref().as_str() {
                "-" => None,
                _ => Some(self.one(word, Column::ALL, |c: Column| c.word())?),
            };
            let several = matches!(column, None | Some(Column::Comment | Column::DrawComment));
            if !several && columns.contains(&column) {
                return self.fault(word, Kind::Duplicate);
            }
            columns.push(column);
        }
        for needed in [Column::Value, Column::Drawn] {
            if !columns.contains(&Some(needed)) {
                return Err(self.missing(&raw.name, needed.word()));
            }
        }
        let named = [
            Column::Code,
            Column::TestName,
            Column::Jlac10,
            Column::Jlac10Analyte,
            Column::Loinc,
        ];
        if !named.iter().any(|c| columns.contains(&Some(*c))) {
            return Err(self.missing(&raw.name, Column::Code.word()));
        }
        Ok(columns)
    }

    /// What is missing is told at the layout's name.
    fn missing(&self, name: &Word, what: &str) -> LayoutError {
        LayoutError {
            word: what.to_owned(),
            ..at(self.text, name.span(), Kind::Missing)
        }
    }

    fn separator(&self, word: &Option<Word>) -> Result<char, LayoutError> {
        Ok(match self.choice(word, &[",", "tab", ";", "|"])? {
            Some("tab") => '\t',
            Some(one) => one.chars().next().unwrap_or(','),
            None => ',',
        })
    }

    fn value_forms(&self, map: &Map) -> Result<HashMap<String, Option<Comparator>>, LayoutError> {
        let words = ["none", "equal", "below", "at_most", "at_least", "above"];
        let form = |(key, word): (&String, &Word)| {
            let meaning = match self.choice_of(word, &words)? {
                "below" => Some(Comparator::Below),
                "at_most" => Some(Comparator::AtMost),
                "at_least" => Some(Comparator::AtLeast),
                "above" => Some(Comparator::Above),
                "equal" => Some(Comparator::Equal),
                _ => None,
            };
            Ok((key.clone(), meaning))
        };
        map.iter().map(form).collect()
    }

    fn headings(&self, map: &Map) -> Result<Vec<String>, LayoutError> {
        let mut headings = Vec::new();
        for (key, word) in map {
            if self.choice_of(word, &["result", "heading"])? == "heading" {
                headings.push(key.clone());
            }
        }
        Ok(headings)
    }

    /// Forms of days in chrono's letters; each must be able to give a day.
    fn dates(&self, words: &[Word]) -> Result<Vec<String>, LayoutError> {
        let day = chrono::NaiveDate::from_ymd_opt(2026, 11, 19).unwrap_or_default();
        for word in words {
            let form = word.get_ref();
            let known = chrono::format::StrftimeItems::new(form)
                .all(|item| !matches!(item, chrono::format::Item::Error));
            let back = known.then(|| day.format(form).to_string());
            let read = back.and_then(|text| chrono::NaiveDate::parse_from_str(&text, form).ok());
            if read != Some(day) {
                return self.fault(
                    word,
                    Kind::UnknownWord {
                        expected: "%Y%m%d, %y/%m/%d …".to_owned(),
                    },
                );
            }
        }
        Ok(words.iter().map(|word| word.get_ref().clone()).collect())
    }

    fn code(&self, raw: &RawCode, layout: &str) -> Result<OwnCode, LayoutError> {
        if raw.code.get_ref().is_empty() {
            return self.fault(&raw.code, Kind::Empty);
        }
        let analyte = AnalyteId(raw.analyte.get_ref().clone());
        let Some(known) = self.catalogue.get(&analyte) else {
            return self.fault(&raw.analyte, Kind::UnknownAnalyte);
        };
        if let Some(unit) = raw
            .unit
            .as_ref()
            .filter(|u| known.unit_named(u.get_ref()).is_none())
        {
            return self.fault(unit, Kind::UnknownUnit);
        }
        let text = |word: &Option<Word>| word.as_ref().map(|w| w.get_ref().clone());
        Ok(OwnCode {
            system: text(&raw.system).unwrap_or_else(|| layout.to_owned()),
            code: raw.code.get_ref().clone(),
            unit: text(&raw.unit),
            analyte,
        })
    }

    // --- Closed sets of words ---

    fn map<T: Copy>(
        &self,
        map: &Map,
        all: &[T],
        word_of: fn(T) -> &'static str,
    ) -> Result<HashMap<String, T>, LayoutError> {
        let one = |(key, word): (&String, &Word)| Ok((key.clone(), self.one(word, all, word_of)?));
        map.iter().map(one).collect()
    }

    fn known<T: Copy>(
        &self,
        word: &Option<Word>,
        all: &[T],
        word_of: fn(T) -> &'static str,
    ) -> Result<Option<T>, LayoutError> {
        word.as_ref()
            .map(|word| self.one(word, all, word_of))
            .transpose()
    }

    fn one<T: Copy>(
        &self,
        word: &Word,
        all: &[T],
        word_of: fn(T) -> &'static str,
    ) -> Result<T, LayoutError> {
        let found = all.iter().find(|t| word_of(**t) == word.get_ref());
        let expected = || {
            all.iter()
                .map(|t| word_of(*t))
                .collect::<Vec<_>>()
                .join(", ")
        };
        match found {
            Some(found) => Ok(*found),
            None => self.fault(
                word,
                Kind::UnknownWord {
                    expected: expected(),
                },
            ),
        }
    }

    fn choice(
        &self,
        word: &Option<Word>,
        all: &[&'static str],
    ) -> Result<Option<&'static str>, LayoutError> {
        word.as_ref()
            .map(|word| self.choice_of(word, all))
            .transpose()
    }

    fn choice_of(&self, word: &Word, all: &[&'static str]) -> Result<&'static str, LayoutError> {
        self.one(word, all, |word| word)
    }
}
