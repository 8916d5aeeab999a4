//! The file as it is written, before anything is checked: each word with its place.

use super::example::Case;
use super::{Basis, Choice, Kind, Level, Procedure, Recheck, Sentence, Sweep};
use crate::domain::answer::VisitKind;
use crate::domain::condition::Condition;
use crate::domain::lang::Words;
use crate::domain::observation::AnalyteId;
use crate::domain::place::Placed;
use rust_decimal::Decimal;
use serde::Deserialize;

/// An exact decimal: a whole number, or in quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Exact(pub(super) Decimal);

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl serde::de::Visitor<'_> for Reader {
            type Value = Exact;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a whole number, or a decimal in quotes such as \"1.5\"")
            }
            fn visit_i64<E>(self, number: i64) -> Result<Exact, E> {
                Ok(Exact(number.into()))
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Exact, E> {
                text.parse()
                    .map(Exact)
                    .map_err(|_| E::invalid_value(serde::de::Unexpected::Str(text), &self))
            }
        }
        from.deserialize_any(Reader)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawProtocol {
    pub(super) schema: Placed<u32>,
    pub(super) id: String,
    pub(super) version: String,
    pub(super) title: Placed<Words>,
    pub(super) drug: Placed<Words>,
    pub(super) consent_form: Option<String>,
    #[serde(default, rename = "setting")]
    pub(super) settings: Vec<RawSetting>,
    #[serde(default, rename = "section")]
    pub(super) sections: Vec<RawSection>,
    #[serde(default, rename = "sentence")]
    pub(super) sentences: Vec<Placed<Sentence>>,
    #[serde(default, rename = "procedure")]
    pub(super) procedures: Vec<Placed<Procedure>>,
    #[serde(default, rename = "rule")]
    pub(super) rules: Vec<RawRule>,
}

/// The tables of one piece of the file: in practice one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLists {
    #[serde(default, rename = "setting")]
    pub(super) settings: Vec<RawSetting>,
    #[serde(default, rename = "section")]
    pub(super) sections: Vec<RawSection>,
    #[serde(default, rename = "sentence")]
    pub(super) sentences: Vec<Placed<Sentence>>,
    #[serde(default, rename = "procedure")]
    pub(super) procedures: Vec<Placed<Procedure>>,
    #[serde(default, rename = "rule")]
    pub(super) rules: Vec<RawRule>,
    /// Of the section before.
    #[serde(skip)]
    pub(super) items: Vec<RawItem>,
}

impl RawLists {
    /// The lists a file may hold.
    pub(super) const NAMES: &[&str] = &[
        "setting",
        "section",
        Self::ITEM,
        "sentence",
        "procedure",
        "rule",
    ];
    /// The list within a list: a long section is read a line at a time.
    pub(super) const ITEM: &str = "section.item";

    /// What a piece with an item in front says of the section before it.
    pub(super) fn of(items: RawItems) -> Self {
        Self {
            items: items.section.items,
            settings: Vec::new(),
            sections: Vec::new(),
            sentences: Vec::new(),
            procedures: Vec::new(),
            rules: Vec::new(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawItems {
    section: RawSectionItems,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSectionItems {
    #[serde(rename = "item")]
    items: Vec<RawItem>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSetting {
    pub(super) name: Placed<String>,
    pub(super) label: Placed<Words>,
    pub(super) value: Placed<Exact>,
    pub(super) min: Option<Exact>,
    pub(super) max: Option<Exact>,
    pub(super) unit: String,
    pub(super) basis: Basis,
    pub(super) source: Placed<Words>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSection {
    pub(super) id: Placed<String>,
    pub(super) title: Placed<Words>,
    pub(super) visits: Vec<VisitKind>,
    pub(super) when: Option<Placed<Condition>>,
    pub(super) sweep: Option<Sweep>,
    pub(super) note: Option<Placed<Words>>,
    #[serde(default, rename = "item")]
    pub(super) items: Vec<RawItem>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawItem {
    pub(super) id: Placed<String>,
    pub(super) label: Placed<Words>,
    pub(super) ask: Placed<Words>,
    pub(super) note: Option<Placed<Words>>,
    pub(super) kind: Placed<Kind>,
    pub(super) when: Option<Placed<Condition>>,
    #[serde(default = "yes")]
    pub(super) required: bool,
    #[serde(default)]
    pub(super) off: bool,
    #[serde(default)]
    pub(super) private: bool,
    #[serde(default)]
    pub(super) no_last: bool,
    #[serde(default)]
    pub(super) options: Vec<Placed<Choice>>,
    /// Codes that may be swept as unchanged, beside those marked in `options`.
    #[serde(default)]
    pub(super) sweep: Vec<Placed<u8>>,
    pub(super) unit: Option<String>,
    pub(super) min: Option<Exact>,
    pub(super) max: Option<Exact>,
    #[serde(default)]
    pub(super) panel: Vec<AnalyteId>,
    #[serde(default)]
    pub(super) extras: Vec<AnalyteId>,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRule {
    pub(super) id: Placed<String>,
    pub(super) item: Placed<String>,
    pub(super) level: Level,
    pub(super) when: Placed<Condition>,
    pub(super) say: Placed<Words>,
    pub(super) source: Option<Placed<Words>>,
    pub(super) basis: Basis,
    pub(super) fold: Option<bool>,
    pub(super) ladder: Option<String>,
    pub(super) asks: Option<Placed<String>>,
    pub(super) recheck: Option<Recheck>,
    pub(super) reason: Placed<Words>,
    #[serde(default)]
    pub(super) examples: Vec<Placed<Case>>,
}
