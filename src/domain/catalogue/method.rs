//! Ways of measuring that do not agree: ALP by JSCC is three times ALP by IFCC.

use crate::domain::observation::{Observation, Sent};
use serde::Deserialize;

/// A way of measuring, and how a report tells that it is this one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Method {
    pub name: String,
    /// Digits 13 to 15 of a JLAC10 code.
    pub jlac10: Vec<String>,
    /// Words of a method, of an analyte's name or of a unit, in any case.
    pub words: Vec<String>,
}

impl Method {
    /// Whether the report says that it is this one.
    pub(super) fn is_named_by(&self, observation: &Observation) -> bool {
        let sent = observation.sent.as_ref();
        let coded = sent.and_then(jlac10_method);
        let said = sent.into_iter().flat_map(|s| [&s.method, &s.name]);
        let mut words = said
            .flatten()
            .chain([&observation.unit])
            .flat_map(|text| text.split(|c: char| !c.is_ascii_alphanumeric()));
        coded.is_some_and(|digits| self.jlac10.contains(&digits))
            || words.any(|word| self.words.iter().any(|w| w.eq_ignore_ascii_case(word)))
    }
}

/// The three digits of a JLAC10 code that stand for the method.
fn jlac10_method(sent: &Sent) -> Option<String> {
    let system = sent.code_system.as_deref()?.to_ascii_uppercase();
    let code = sent.code.as_deref().filter(|_| system.contains("JLAC10"))?;
    let digits: String = code.chars().filter(|c| *c != '-').collect();
    digits.get(12..15).map(str::to_owned)
}
