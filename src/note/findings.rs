//! S) and O): what the patient told, what was found.

use super::{Place, Said, Sheet, place, prefix};
use crate::domain::alert::Assessed;
use crate::domain::answer::{Answer, ItemId, Manner};
use crate::domain::assess::Case;
use crate::domain::change::{Change, EntryKind};
use crate::domain::checklist::{LineId, LineState};
use crate::domain::protocol::{Kind, Level, Section, Sweep};
use crate::shown;
use crate::text::fill;
use std::collections::BTreeSet;

impl<'a> Sheet<'a> {
    /// The lines of S): what raised a warning, the swept sections, mood and red
    /// flags, then one line a section.
    pub(super) fn told(&self) -> Vec<String> {
        let told: Vec<Said<'a>> = self
            .said()
            .into_iter()
            .filter(|s| place(s.item) == Place::Told)
            .collect();
        let (loud, quiet): (Vec<_>, Vec<_>) = told.into_iter().partition(|s| self.loud(s));
        let (benign, quiet): (Vec<_>, Vec<_>) = quiet
            .into_iter()
            .partition(|s| s.section.sweep == Some(Sweep::Unchanged));
        let (grave, other): (Vec<_>, Vec<_>) = quiet.into_iter().partition(|s| grave(s.section));
        let mut lines = vec![
            self.sentences(&loud.iter().map(|s| self.one(s)).collect::<Vec<_>>()),
            self.sentences(&self.benign(&benign)),
            self.sentences(&self.grave(&grave, &loud)),
        ];
        lines.extend(self.by_section(&other));
        lines.push(self.sentences(&self.memos()));
        lines
    }

    /// The lines of O): what was seen and measured, then the blood; usual values
    /// and "not due" close the same line.
    pub(super) fn found(&self) -> Vec<String> {
        let said = self.said();
        let mut seen: Vec<String> = said
            .iter()
            .filter(|s| place(s.item) == Place::Found && s.item.kind != Kind::Draw)
            .filter(|s| !super::absent::pending_test(s.answer))
            .map(|s| self.one(s))
            .collect();
        let blood = self.blood();
        if !blood.unusual {
            seen.extend(blood.said);
            return vec![self.sentences(&seen)];
        }
        vec![self.sentences(&seen), self.sentences(&blood.said)]
    }

    /// Whether the answer raised a warning or a critical alert at its own line.
    fn loud(&self, said: &Said<'_>) -> bool {
        self.list.alerts.iter().any(|a| {
            a.item == said.item.id && a.level >= Level::Warning && a.assessed == Assessed::Fires
        })
    }

    /// One line in one sentence: a grade above 0 with its scale and the last one.
    pub(super) fn one(&self, said: &Said<'_>) -> String {
        let words = self.words(said.item, said.answer);
        if let (Answer::Intake { .. }, Some(mg)) = (said.answer, self.list.situation.dose_now) {
            let dose = fill(self.text.mg_per_day, &[("mg", &shown::number(mg))]);
            let what = fill(
                self.text.note_intake,
                &[("what", said.item.note(self.text.lang)), ("dose", &dose)],
            );
            return fill(self.text.note_said, &[("what", &what), ("said", &words)]);
        }
        let graded = said.item.kind == Kind::Grade && place(said.item) == Place::Told;
        match said.answer.code().filter(|code| graded && *code > 0) {
            Some(code) => self.graded(said, code, &words),
            None => self.what(said.item, &words),
        }
    }

    fn graded(&self, said: &Said<'_>, code: u8, words: &str) -> String {
        let max = said
            .item
            .options
            .iter()
            .map(|o| o.key)
            .max()
            .unwrap_or(code);
        let last = self
            .list
            .situation
            .last
            .get(&said.item.id)
            .and_then(Answer::code);
        let last = last.filter(|_| !said.item.no_last).map(|l| l.to_string());
        let template = match last {
            Some(_) => self.text.note_grade,
            None => self.text.note_grade_first,
        };
        fill(
            template,
            &[
                ("what", said.item.note(self.text.lang)),
                ("said", words),
                ("max", &max.to_string()),
                ("grade", &code.to_string()),
                ("last", &last.unwrap_or_default()),
            ],
        )
    }

    /// The benign sections as one: what has a grade first, the worst ahead, then
    /// what was asked and is none, then what was swept.
    fn benign(&self, said: &[Said<'_>]) -> Vec<String> {
        let (swept, asked): (Vec<&Said<'_>>, Vec<&Said<'_>>) =
            said.iter().partition(|s| s.manner == Manner::Unchanged);
        let (zero, mut found): (Vec<&Said<'_>>, Vec<&Said<'_>>) =
            asked.into_iter().partition(|s| is_zero(s));
        found.sort_by_key(|s| {
            let grade = s.answer.code().filter(|_| s.item.kind == Kind::Grade);
            std::cmp::Reverse(grade.unwrap_or(0))
        });
        let mut out: Vec<String> = found.into_iter().map(|s| self.one(s)).collect();
        out.extend(self.asked_none(&zero));
        out.extend(self.swept(&swept));
        out
    }

    /// `眼・鼻 なし`: lines asked by themselves, joined where the words agree.
    fn asked_none(&self, zero: &[&Said<'_>]) -> Vec<String> {
        let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
        for said in zero {
            let (words, name) = (
                self.words(said.item, said.answer),
                said.item.note(self.text.lang),
            );
            match groups.iter_mut().find(|(w, _)| *w == words) {
                Some((_, names)) => names.push(name),
                None => groups.push((words, vec![name])),
            }
        }
        let said = groups.into_iter().map(|(words, names)| {
            fill(
                self.text.note_said,
                &[("what", &self.names(names)), ("said", &words)],
            )
        });
        said.collect()
    }

    /// `皮膚1・鼻1は聴取し変わりなし`, then the zeros by name.
    fn swept(&self, swept: &[&Said<'_>]) -> Vec<String> {
        let mut tails: Vec<&str> = Vec::new();
        for said in swept {
            let tail = self.tail(said.section);
            if !tails.contains(&tail) {
                tails.push(tail);
            }
        }
        let mut out = Vec::new();
        for tail in tails {
            let (zero, graded): (Vec<&Said<'_>>, Vec<&Said<'_>>) = swept
                .iter()
                .filter(|s| self.tail(s.section) == tail)
                .partition(|s| is_zero(s));
            let names: Vec<String> = graded.iter().map(|s| self.short(s)).collect();
            let zeros = zero.iter().map(|s| s.item.note(self.text.lang));
            let each = format!("{tail}{}", self.text.note_all_zero);
            let parts = [
                (self.names(names.iter().map(String::as_str)), tail),
                (self.names(zeros), &each),
            ];
            let filled = parts.iter().filter(|(names, _)| !names.is_empty());
            out.extend(filled.map(|(names, tail)| {
                fill(self.text.note_swept, &[("names", names), ("tail", tail)])
            }));
        }
        out
    }

    fn tail(&self, section: &'a Section) -> &'a str {
        section
            .note
            .as_ref()
            .map_or(self.text.note_unchanged, |n| n.get(self.text.lang))
    }

    /// `皮膚1`, `日焼け止め毎日`: name and grade, or the words where it has none.
    fn short(&self, said: &Said<'_>) -> String {
        let name = said.item.note(self.text.lang);
        match said.answer.code().filter(|_| said.item.kind == Kind::Grade) {
            Some(code) => format!("{name}{}{code}", self.gap()),
            None => format!("{name}{}{}", self.gap(), self.words(said.item, said.answer)),
        }
    }

    /// What parts a name from its grade.
    fn gap(&self) -> &'static str {
        match self.text.lang {
            crate::domain::lang::Lang::Ja => "",
            crate::domain::lang::Lang::En => " ",
        }
    }

    /// Mood and self-harm, then the list of red flags.
    fn grave(&self, said: &[Said<'_>], loud: &[Said<'_>]) -> Vec<String> {
        let (flags, mood): (Vec<&Said<'_>>, Vec<&Said<'_>>) = said
            .iter()
            .partition(|s| s.section.sweep == Some(Sweep::Denied));
        let mut out: Vec<String> = mood.into_iter().map(|s| self.one(s)).collect();
        let again = self.asked_again();
        let listed = denied_as_list(self.case);
        let (yes, none): (Vec<&Said<'_>>, Vec<&Said<'_>>) =
            flags.into_iter().partition(|s| s.answer.code() != Some(0));
        out.extend(yes.into_iter().map(|s| self.one(s)));
        let (denied, singly): (Vec<&Said<'_>>, Vec<&Said<'_>>) = none
            .iter()
            .copied()
            .partition(|s| s.manner == Manner::Denied || listed.contains(&s.item.id));
        let by_itself = |s: &&&Said<'_>| !again.iter().any(|(id, _)| *id == s.item.id);
        let singly: Vec<&Said<'_>> = singly.iter().filter(by_itself).copied().collect();
        let text = self.text;
        out.extend(self.list_of(&denied, text.note_denied, text.note_denied_named));
        out.extend(self.list_of(&singly, text.note_singly, text.note_singly_named));
        let told = |id: &ItemId| loud.iter().any(|s| s.item.id == *id);
        out.extend(
            again
                .iter()
                .filter(|(id, _)| !told(id))
                .filter_map(|(id, why)| {
                    let said = none.iter().find(|s| s.item.id == *id)?;
                    let words = self.words(said.item, said.answer);
                    let what = said.item.note(text.lang);
                    Some(fill(
                        text.note_again,
                        &[("what", what), ("why", why), ("said", &words)],
                    ))
                }),
        );
        out
    }

    /// Counted, or by name in full.
    fn list_of(&self, said: &[&Said<'_>], counted: &str, named: &str) -> Option<String> {
        let first = said.first()?;
        let lang = self.text.lang;
        let names = self.names(said.iter().map(|s| s.item.note(lang)));
        let template = if self.full { named } else { counted };
        let n = said.len().to_string();
        let title = first.section.title.get(lang);
        Some(fill(
            template,
            &[("title", title), ("names", &names), ("n", &n)],
        ))
    }

    /// Flags asked again by themselves, and the value that called for it.
    fn asked_again(&self) -> Vec<(ItemId, String)> {
        let lines = self
            .list
            .lines
            .iter()
            .filter(|l| l.state == LineState::Answered);
        let again = lines.filter_map(|l| match &l.id {
            LineId::Again(id) => Some(id),
            _ => None,
        });
        again
            .filter_map(|id| {
                let alert = self
                    .list
                    .alerts
                    .iter()
                    .find(|a| a.asks.as_ref() == Some(id))?;
                Some((id.clone(), alert.reason.get(self.text.lang).to_owned()))
            })
            .collect()
    }

    /// One line for each section that is left, in the order of the visit.
    fn by_section(&self, said: &[Said<'_>]) -> Vec<String> {
        let mut groups: Vec<(&str, Vec<String>)> = Vec::new();
        for one in said {
            let id = one.section.id.as_str();
            match groups.iter_mut().find(|(section, _)| *section == id) {
                Some((_, sentences)) => sentences.push(self.one(one)),
                None => groups.push((id, vec![self.one(one)])),
            }
        }
        groups
            .into_iter()
            .map(|(_, sentences)| self.sentences(&sentences))
            .collect()
    }

    fn memos(&self) -> Vec<String> {
        let visit = self.case.visit;
        let memos = visit.memos.iter().filter_map(|(_, memo)| {
            let item = self.case.protocol.item(memo.item.as_str());
            let private = item.is_some_and(|i| i.private) && visit.context.companion;
            if private && !self.full {
                return None;
            }
            let what = item.map_or(memo.item.as_str(), |i| i.note(self.text.lang));
            Some(fill(
                self.text.note_memo,
                &[("what", what), ("said", memo.text.trim())],
            ))
        });
        memos.collect()
    }
}

/// The lines that were denied as a list in this visit, those among them that
/// were asked by themselves later.
pub(crate) fn denied_as_list(case: &Case<'_>) -> BTreeSet<ItemId> {
    let back = case.record.taken_back();
    let entries = case.record.entries().iter().filter(|e| {
        e.kind == EntryKind::Deny && e.visit == Some(case.visit.id()) && !back.contains(&e.id)
    });
    let given = entries.flat_map(|e| &e.changes).filter_map(|c| match c {
        Change::Answer(given) if given.manner == Manner::Denied => given.item.clone(),
        _ => None,
    });
    given.collect()
}

/// A section of red flags, or the one where thoughts of self-harm are asked.
fn grave(section: &Section) -> bool {
    section.sweep == Some(Sweep::Denied) || section.items.iter().any(|i| prefix(&i.id) == "flag")
}

fn is_zero(said: &Said<'_>) -> bool {
    said.item.kind == Kind::Grade && said.answer.code() == Some(0)
}
