//! A signed note with what was said of it later.
//!
//!   [10388 男 19歳] 2026-11-24(火) .. 【取り下げ】
//!   ..
//!   追記 2026-11-25(水) 09:10 佐藤: 口唇 乾燥・落屑(訂正前 亀裂・疼痛)。理由 入力誤り

use crate::domain::answer::Answer;
use crate::domain::id::PersonId;
use crate::domain::lang::Lang;
use crate::domain::protocol::Protocol;
use crate::domain::record::{Amended, Stamp, Visit};
use crate::shown;
use crate::text::{Text, fill};

/// The note as it was signed, to the character; none while the visit is open.
pub fn frozen(visit: &Visit, lang: Lang) -> Option<&str> {
    let signature = &visit.signed.as_ref()?.signature;
    Some(match lang {
        Lang::Ja => &signature.note_ja,
        Lang::En => &signature.note_en,
    })
}

/// The signed note, the amendments after it, and the voiding: who, when, why.
/// A voided note says so in its first line as well, because it may be copied.
pub fn of_signed(
    visit: &Visit,
    protocol: &Protocol,
    name: &dyn Fn(PersonId) -> String,
    text: &Text,
) -> Option<String> {
    let note = frozen(visit, text.lang)?;
    let mut lines: Vec<String> = note.lines().map(str::to_owned).collect();
    if let (Some(first), Some(_)) = (lines.first_mut(), &visit.void) {
        *first = format!("{first} {}", text.note_void_mark);
    }
    for (index, amended) in visit.amendments.iter().enumerate() {
        lines.push(amendment(visit, index, amended, protocol, name, text));
    }
    lines.extend(voided(visit, name, text));
    Some(lines.join("\n"))
}

fn amendment(
    visit: &Visit,
    index: usize,
    amended: &Amended,
    protocol: &Protocol,
    name: &dyn Fn(PersonId) -> String,
    text: &Text,
) -> String {
    let (at, who) = stamped(&amended.stamp, name, text);
    let reason = amended.amendment.reason.as_str();
    let Some(id) = &amended.amendment.item else {
        let said = amended.amendment.text.as_deref().unwrap_or_default();
        let values = [
            ("at", at.as_str()),
            ("who", &who),
            ("said", said),
            ("reason", reason),
        ];
        return fill(text.note_remarked, &values);
    };
    let item = protocol.item(id.as_str());
    let words = |answer: Option<&Answer>| match (item, answer) {
        (Some(item), Some(answer)) => shown::answer(item, answer, text),
        _ => text.note_not_entered.to_owned(),
    };
    let earlier = visit.amendments[..index]
        .iter()
        .rev()
        .find(|a| a.amendment.item.as_ref() == Some(id) && a.answer.is_some());
    let before = earlier
        .and_then(|a| a.answer.as_ref())
        .or_else(|| visit.responses.get(id).map(|r| &r.answer));
    let what = item.map_or(id.as_str(), |i| i.note(text.lang));
    let (said, was) = (words(amended.answer.as_ref()), words(before));
    let values = [
        ("at", at.as_str()),
        ("who", &who),
        ("what", what),
        ("said", &said),
        ("was", &was),
        ("reason", reason),
    ];
    fill(text.note_amended, &values)
}

fn voided(visit: &Visit, name: &dyn Fn(PersonId) -> String, text: &Text) -> Option<String> {
    let (stamp, void) = visit.void.as_ref()?;
    let (at, who) = stamped(stamp, name, text);
    let said = fill(
        text.note_voided,
        &[("at", &at), ("who", &who), ("reason", &void.reason)],
    );
    Some(match &void.entered_again {
        Some(place) => fill(
            text.note_entered_again,
            &[("voided", &said), ("where", place)],
        ),
        None => said,
    })
}

fn stamped(stamp: &Stamp, name: &dyn Fn(PersonId) -> String, text: &Text) -> (String, String) {
    let day = shown::full_day(stamp.at.date_naive(), text);
    (
        format!("{day} {}", stamp.at.format("%H:%M")),
        name(stamp.person),
    )
}
