//! A signed note with what was said of it later.
//!
//!   [10388 男 19歳] 2026-11-24(火) .. 【取り下げ】
//!   ..
//!   追記 2026-11-25(水) 09:10 佐藤: 口唇 乾燥・落屑(訂正前 亀裂・疼痛)。理由 入力誤り

use super::one_line;
use crate::domain::answer::{Answer, ItemId};
use crate::domain::id::PersonId;
use crate::domain::lang::Lang;
use crate::domain::protocol::{Item, Protocol};
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
    let later = Later {
        visit,
        protocol,
        name,
        text,
    };
    let mut lines: Vec<String> = note.lines().map(str::to_owned).collect();
    if let (Some(first), Some(_)) = (lines.first_mut(), &visit.void) {
        *first = format!("{first} {}", text.note_void_mark);
    }
    lines.extend((0..visit.amendments.len()).map(|index| one_line(&later.amendment(index))));
    lines.extend(later.voiding().map(|said| one_line(&said)));
    Some(lines.join("\n"))
}

/// What the lines after a signed note are written from.
struct Later<'a> {
    visit: &'a Visit,
    protocol: &'a Protocol,
    name: &'a dyn Fn(PersonId) -> String,
    text: &'a Text,
}

impl Later<'_> {
    /// The amendment of a line with what stood there before, or a remark.
    fn amendment(&self, index: usize) -> String {
        let Amended {
            stamp,
            amendment,
            answer,
        } = &self.visit.amendments[index];
        let (at, who) = self.stamped(stamp);
        let mut values = vec![
            ("at", at.as_str()),
            ("who", &who),
            ("reason", &amendment.reason),
        ];
        // A value or a draw restated is told in the words it was amended in.
        let line = amendment.item.as_ref();
        let Some(id) = line.filter(|_| amendment.text.is_none()) else {
            values.push(("said", amendment.text.as_deref().unwrap_or_default()));
            return fill(self.text.note_remarked, &values);
        };
        let item = self.protocol.item(id.as_str());
        let said = self.words(item, answer.as_ref());
        let was = self.words(item, self.before(index, id));
        let what = item.map_or(id.as_str(), |i| i.note(self.text.lang));
        values.extend([("what", what), ("said", &said), ("was", &was)]);
        fill(self.text.note_amended, &values)
    }

    /// The answer that stood before this amendment.
    fn before(&self, index: usize, id: &ItemId) -> Option<&Answer> {
        let mut earlier = self.visit.amendments[..index].iter().rev();
        let same = |a: &&Amended| a.amendment.item.as_ref() == Some(id) && a.answer.is_some();
        let amended = earlier.find(same).and_then(|a| a.answer.as_ref());
        amended.or_else(|| self.visit.responses.get(id).map(|r| &r.answer))
    }

    fn words(&self, item: Option<&Item>, answer: Option<&Answer>) -> String {
        match (item, answer) {
            (Some(item), Some(answer)) => shown::answer(item, answer, self.text),
            _ => self.text.note_not_entered.to_owned(),
        }
    }

    fn voiding(&self) -> Option<String> {
        let (stamp, void) = self.visit.void.as_ref()?;
        let (at, who) = self.stamped(stamp);
        let values = [("at", at.as_str()), ("who", &who), ("reason", &void.reason)];
        let said = fill(self.text.note_voided, &values);
        Some(match &void.entered_again {
            Some(place) => fill(
                self.text.note_entered_again,
                &[("voided", &said), ("where", place)],
            ),
            None => said,
        })
    }

    /// `2026-11-25(水) 09:10` and the name.
    fn stamped(&self, stamp: &Stamp) -> (String, String) {
        let day = shown::full_day(stamp.at.date_naive(), self.text);
        (
            format!("{day} {}", stamp.at.format("%H:%M")),
            (self.name)(stamp.person),
        )
    }
}
