//! The note of a visit, as it goes into the main chart.

use crate::domain::assess::Case;
use crate::domain::checklist::Checklist;
use crate::domain::id::PersonId;
use crate::domain::lang::Lang;
use crate::domain::observation::Catalogue;
use crate::domain::protocol::Protocol;
use crate::domain::record::Visit;
use crate::text::Text;
use chrono::{DateTime, FixedOffset};

/// Who signs, and when.
pub type Signer<'a> = Option<(&'a str, DateTime<FixedOffset>)>;

/// The note: at most nine lines for a routine visit.
pub fn compose(
    case: &Case<'_>,
    list: &Checklist,
    catalogue: &Catalogue,
    signer: Signer<'_>,
    text: &Text,
) -> String {
    let _ = (case, list, catalogue, signer, text);
    String::new()
}

/// The note with every red flag by name, and private lines also where somebody
/// else was in the room.
pub fn compose_in_full(
    case: &Case<'_>,
    list: &Checklist,
    catalogue: &Catalogue,
    signer: Signer<'_>,
    text: &Text,
) -> String {
    compose(case, list, catalogue, signer, text)
}

/// The note as it was signed, to the character; none while the visit is open.
pub fn frozen(visit: &Visit, lang: Lang) -> Option<&str> {
    let signature = &visit.signed.as_ref()?.signature;
    Some(match lang {
        Lang::Ja => &signature.note_ja,
        Lang::En => &signature.note_en,
    })
}

/// The signed note with what was said of it later: amendments, then the
/// voiding. `name` gives a person's name.
pub fn of_signed(
    visit: &Visit,
    protocol: &Protocol,
    name: &dyn Fn(PersonId) -> String,
    text: &Text,
) -> Option<String> {
    let _ = (protocol, name);
    frozen(visit, text.lang).map(str::to_owned)
}
