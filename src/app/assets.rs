//! The protocol, the analytes and the clinic's own settings, read once.

use super::Assets;
use crate::domain::catalogue::{self, Catalogue};
use crate::domain::change::{Hash, Setting};
use crate::domain::lang::Lang;
use crate::domain::protocol::Protocol;
use crate::domain::situation::Settings;
use crate::screen::{Clinic, ClosedDays};
use chrono::NaiveDate;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The protocol shipped with the program.
pub const PROTOCOL: &str = crate::domain::protocol::ISOTRETINOIN;

/// SHA-256 of a text.
pub fn hash(text: &str) -> Hash {
    Sha256::digest(text.as_bytes()).into()
}

/// Reads everything and lays the clinic's own settings over the protocol's. A
/// setting that the protocol refuses is named, and the protocol's own holds.
///
/// # Errors
/// Why the shipped protocol or catalogue was refused; tests read both.
pub fn read(own: &[Setting], lang: Lang) -> Result<Assets, String> {
    // The analytes first: what their reader needed serves the protocol's again.
    let catalogue = Catalogue::parse(catalogue::BUILT_IN)?;
    let protocol = Protocol::proven(PROTOCOL).map_err(|e| e.message(lang))?;
    let (settings, trouble) = settings(&protocol, own, lang);
    let clinic = Clinic {
        protocol: Arc::new(protocol),
        protocol_hash: hash(PROTOCOL),
        catalogue: Arc::new(catalogue),
        settings_hash: settings_hash(&settings),
        settings,
        closed: closed(own),
    };
    Ok(Assets { clinic, trouble })
}

/// The settings a visit under `protocol` runs with, and what the protocol refused
/// of the clinic's own, said: [`Protocol::settings_of`].
pub fn settings(protocol: &Protocol, own: &[Setting], lang: Lang) -> (Settings, Option<String>) {
    let (settings, trouble) = protocol.settings_of(own);
    (settings, trouble.map(|why| why.message(lang)))
}

/// The settings of this hash, among all that ever held under `protocol`; `own` are
/// the clinic's own values, the oldest first. None where they never did.
pub fn settings_then(protocol: &Protocol, own: &[Setting], wanted: &Hash) -> Option<Settings> {
    let own: Vec<Setting> = own.iter().filter(|s| s.number.is_some()).cloned().collect();
    let held = (0..=own.len()).rev().map(|n| {
        let latest: BTreeMap<&str, &Setting> =
            own[..n].iter().map(|s| (s.name.as_str(), s)).collect();
        let latest: Vec<Setting> = latest.into_values().cloned().collect();
        protocol.settings_of(&latest).0
    });
    let mut held = held;
    held.find(|settings| settings_hash(settings) == *wanted)
}

/// What a visit is pinned to: SHA-256 of the settings, a `name = value` a line.
fn settings_hash(settings: &Settings) -> Hash {
    hash(
        &settings
            .iter()
            .map(|(name, value)| format!("{name} = {value}\n"))
            .collect::<String>(),
    )
}

/// `closed_weekdays = "7"` (1 is Monday) and `closed_days = "2026-12-29 2026-12-30"`.
fn closed(own: &[Setting]) -> ClosedDays {
    let words = |name: &str| {
        let text = own
            .iter()
            .find(|s| s.name == name)
            .and_then(|s| s.text.as_deref());
        text.unwrap_or_default()
            .split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let weekdays = words("closed_weekdays");
    ClosedDays {
        weekdays: weekdays
            .iter()
            .filter_map(|w| w.parse::<u32>().ok())
            .filter(|n| (1..=7).contains(n))
            .map(|n| n - 1)
            .collect(),
        days: words("closed_days")
            .iter()
            .filter_map(|w| w.parse::<NaiveDate>().ok())
            .collect(),
    }
}
