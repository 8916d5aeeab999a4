//! What a signature freezes.

use crate::domain::alert::Alert;
use crate::domain::assess::Case;
use crate::domain::change::Change;
use crate::domain::checklist::Checklist;
use crate::domain::observation::Catalogue;
use crate::text::Text;
use chrono::{DateTime, FixedOffset};

/// A warning or critical alert that stood at some moment of a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stood {
    /// As it stood last.
    pub alert: Alert,
    /// The act that ended it, in words; none while it stands.
    pub settled: Option<String>,
}

/// Every warning and critical alert of this visit: standing ones first.
pub fn stood(case: &Case<'_>, catalogue: &Catalogue, text: &Text) -> Vec<Stood> {
    let _ = (case, catalogue, text);
    Vec::new()
}

/// Both languages, and the one the screen was read in.
#[derive(Clone, Copy, Debug)]
pub struct Texts<'a> {
    pub ja: &'a Text,
    pub en: &'a Text,
    pub lang: crate::domain::lang::Lang,
}

/// The changes of the entry that signs `case`'s visit, in order.
pub fn seal(
    case: &Case<'_>,
    list: &Checklist,
    catalogue: &Catalogue,
    texts: Texts<'_>,
    signer: &str,
    now: DateTime<FixedOffset>,
) -> Vec<Change> {
    let _ = (case, list, catalogue, texts, signer, now);
    Vec::new()
}
