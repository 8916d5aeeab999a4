//! The many spellings of a unit.
//!
//!   `ＩＵ／Ｌ／37℃` -> IU/L     `×10^4/μL` -> 10^4/uL     `mg/d` -> ambiguous

use super::received::Why;
use crate::domain::catalogue::Analyte;
use crate::domain::plain::small;
use serde::Deserialize;
use std::collections::{HashMap, HashSet};

/// Spellings by their key.
#[derive(Clone, Debug)]
pub(super) struct Units {
    names: HashMap<String, String>,
    ambiguous: HashSet<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    unit: Vec<Spelt>,
    ambiguous: Spellings,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Spelt {
    name: String,
    spellings: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Spellings {
    spellings: Vec<String>,
}

impl Units {
    /// Reads the text of the file; refuses a spelling of two units.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let written: Written = toml::from_str(text).map_err(|e| e.to_string())?;
        let mut units = Self {
            names: HashMap::new(),
            ambiguous: written.ambiguous.spellings.iter().map(|s| key(s)).collect(),
        };
        for unit in &written.unit {
            for spelling in unit.spellings.iter().chain([&unit.name]) {
                let before = units.names.insert(key(spelling), unit.name.clone());
                if before.is_some_and(|before| before != unit.name) {
                    return Err(format!("units: \"{spelling}\" is spelt for two units"));
                }
            }
        }
        Ok(units)
    }

    /// The catalogue's name of a unit as sent for `analyte`; of a result that is
    /// no analyte of ours, the common spelling.
    pub(super) fn read(&self, analyte: Option<&Analyte>, sent: &str) -> Result<String, Why> {
        let key = key(sent);
        if key.is_empty() {
            return Err(Why::NoUnit);
        }
        if self.ambiguous.contains(&key) {
            return Err(Why::UnitAmbiguous);
        }
        let common = self.names.get(&key).map(String::as_str);
        match analyte {
            None => common.map(str::to_owned).ok_or(Why::UnitUnknown),
            Some(analyte) => common
                .and_then(|common| analyte.unit_named(common))
                .or_else(|| analyte.unit_named(sent))
                .map(|unit| unit.name.clone())
                .ok_or(Why::UnitUnknown),
        }
    }
}

/// One key for spellings that differ in nothing but how they are typed.
fn key(spelling: &str) -> String {
    let plain: String = small(spelling)
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '^' | '*' | '\u{309A}' | '\u{309C}'))
        .map(|c| if c == 'μ' { 'u' } else { c })
        .collect();
    let plain = without_temperature(&plain);
    let plain = plain.strip_prefix('.').unwrap_or(plain);
    let times = |c: char| matches!(c, '×' | 'x' | '✕' | '╳');
    match plain.strip_prefix(times) {
        Some(rest) if rest.starts_with("10") => rest.to_owned(),
        _ => plain.to_owned(),
    }
}

/// `iu/l/37°c` -> `iu/l`: enzymes are measured at 37 degrees, said or not.
fn without_temperature(unit: &str) -> &str {
    let Some(at) = unit.rfind("37") else {
        return unit;
    };
    let (before, after) = unit.split_at(at);
    let degrees =
        after[2..].trim_matches(|c| matches!(c, '°' | 'c' | '度' | '゜' | '゚' | '(' | ')'));
    let unit_only = before.trim_end_matches(['/', '・', '･', '(', ',', '-', ':', '@']);
    if degrees.is_empty() && unit_only.ends_with("u/l") {
        unit_only
    } else {
        unit
    }
}
