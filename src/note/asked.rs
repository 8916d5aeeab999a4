//! Who asked what, where more than one person answered.

use super::Sheet;
use crate::domain::checklist::{Line, LineState};
use crate::domain::id::PersonId;
use crate::text::fill;

/// Lines of one section by the same person, from which on it is named as a whole.
const WHOLE: usize = 3;

impl Sheet<'_> {
    /// `聴取 鈴木(本人確認、内服)`: everyone but the signer, in the order of the
    /// visit. None where one person did it all.
    pub(super) fn asked_by(&self, signer: Option<&str>) -> Option<String> {
        let mut others: Vec<PersonId> = Vec::new();
        for person in self.list.lines.iter().filter_map(|l| self.person(l)) {
            if !others.contains(&person) {
                others.push(person);
            }
        }
        match signer {
            Some(name) => others.retain(|p| self.called(*p) != name),
            // Nobody signs a draft yet: whoever answered the most most likely will.
            None => {
                let most = others.iter().copied().max_by_key(|p| self.answered(*p));
                others.retain(|p| Some(*p) != most);
            }
        }
        let text = self.text;
        let each = others.into_iter().filter_map(|person| {
            let (who, what) = (self.called(person), self.part_of(person));
            let what = what.join(text.note_items);
            (!who.is_empty()).then(|| fill(text.close_asked_what, &[("who", who), ("what", &what)]))
        });
        let each: Vec<String> = each.collect();
        let joined = each.join(text.list_separator);
        (!each.is_empty()).then(|| fill(text.close_asked_by, &[("each", &joined)]))
    }

    fn called(&self, person: PersonId) -> &str {
        let known = self.people.iter().rev().find(|p| p.person == person);
        known.map_or("", |p| p.name.as_str())
    }

    fn answered(&self, person: PersonId) -> usize {
        let lines = self.list.lines.iter();
        lines.filter(|l| self.person(l) == Some(person)).count()
    }

    fn person(&self, line: &Line) -> Option<PersonId> {
        let answered = line.state == LineState::Answered;
        line.response(self.case.visit)
            .filter(|_| answered)
            .map(|r| r.stamp.person)
    }

    /// The lines a person answered; a section that is theirs alone by its title.
    fn part_of(&self, person: PersonId) -> Vec<String> {
        let lang = self.text.lang;
        let mut names: Vec<String> = Vec::new();
        for part in &self.list.parts {
            let lines = &self.list.lines[part.lines.clone()];
            let answered = lines.iter().filter(|l| self.person(l).is_some());
            let all = answered.count();
            let theirs: Vec<&Line> = lines
                .iter()
                .filter(|l| self.person(l) == Some(person))
                .collect();
            if theirs.len() >= WHOLE && theirs.len() == all {
                let title = part.section(self.case.protocol).title.get(lang);
                let n = theirs.len().to_string();
                names.push(fill(self.text.note_lines, &[("title", title), ("n", &n)]));
                continue;
            }
            for line in theirs {
                let name = line.item(self.case.protocol).note(lang).to_owned();
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        names
    }
}
