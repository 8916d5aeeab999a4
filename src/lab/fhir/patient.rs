//! Who an Observation is about.

use super::shape::{HumanName, Identifier, Patient, Scalar};
use crate::domain::answer::Sex;
use crate::lab::report::{IdSent, Moment, PatientSent, is_kana};

/// Most numbers of one patient that are kept.
const MOST_IDS: usize = 32;

pub(super) fn id(identifier: &Identifier) -> Option<IdSent> {
    Some(IdSent {
        value: identifier.value.some().filter(|value| value != "\"\"")?,
        kind: identifier
            .kind
            .codes()
            .next()
            .map(str::to_owned)
            .filter(|k| !k.is_empty()),
        authority: identifier.system.some(),
    })
}

pub(super) fn named(patient: &Patient, birth: Option<Moment>) -> PatientSent {
    let mut sent = PatientSent {
        ids: patient
            .identifier
            .0
            .iter()
            .filter_map(id)
            .take(MOST_IDS)
            .collect(),
        birth: birth.map(|moment| moment.day),
        sex: match patient.gender.0.as_str() {
            "female" => Some(Sex::Female),
            "male" => Some(Sex::Male),
            "other" | "unknown" => Some(Sex::Unknown),
            _ => None,
        },
        ..PatientSent::default()
    };
    for name in patient.name.0.iter().filter(|name| name.usage.0 != "old") {
        add_name(&mut sent, name);
    }
    sent
}

/// An extension says whether a name is written in ideographs or as spoken.
fn add_name(patient: &mut PatientSent, name: &HumanName) {
    let given = name.given.0.iter().map(|part: &Scalar| part.0.as_str());
    let parts: Vec<&str> = std::iter::once(name.family.0.as_str())
        .chain(given)
        .collect();
    let parts = parts.join(" ").trim().to_owned();
    let text = if parts.is_empty() {
        name.text.0.trim().to_owned()
    } else {
        parts
    };
    if text.is_empty() {
        return;
    }
    let form = name
        .extension
        .0
        .iter()
        .find(|e| e.url.0.ends_with("EN-representation"));
    match form.map(|extension| extension.code.0.as_str()) {
        Some("SYL") => patient.kana.get_or_insert(text),
        None if is_kana(&text) => patient.kana.get_or_insert(text),
        _ => patient.name.get_or_insert(text),
    };
}
