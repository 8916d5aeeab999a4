//! The one line for what was not asked, not known, declined, pending, not entered.

use super::{IDENTITY, Sheet};
use crate::domain::answer::{Absence, Answer, TestResult};
use crate::domain::checklist::{Line, LineId, LineState};
use crate::shown;
use crate::text::fill;

/// Lines of one section with the same reason, from which on they are counted.
const COUNTED: usize = 3;

impl Sheet<'_> {
    /// The line, where there is anything to say.
    pub(super) fn absent(&self) -> Option<String> {
        let text = self.text;
        let mut said: Vec<String> = Vec::new();
        for why in Absence::ALL {
            let mut names = self.gathered(|line| self.why(line) == Some(*why));
            if *why == Absence::Pending {
                names.extend(self.pending_values());
            }
            said.extend(self.listed(shown::absence(*why, text), &names));
        }
        let open = self.gathered(|line| line.state == LineState::Open);
        said.extend(self.listed(text.note_not_entered, &open));
        (!said.is_empty()).then(|| self.sentences(&said))
    }

    fn listed(&self, why: &str, names: &[String]) -> Option<String> {
        let joined = names.join(self.text.note_items);
        (!names.is_empty()).then(|| fill(self.text.note_said, &[("what", why), ("said", &joined)]))
    }

    fn why(&self, line: &Line) -> Option<Absence> {
        let LineId::Item(id) = &line.id else {
            return None;
        };
        let answer = self.case.visit.answer(id.as_str())?;
        // Who the patient is stands in the last line.
        let counts = line.state == LineState::Answered && id.as_str() != IDENTITY;
        match answer {
            answer if pending_test(answer) => Some(Absence::Pending),
            answer => answer.absence(),
        }
        .filter(|_| counts)
    }

    /// The names of the lines that `is` holds for; a section that has nothing
    /// else is counted.
    fn gathered(&self, is: impl Fn(&Line) -> bool) -> Vec<String> {
        let lang = self.text.lang;
        let mut names = Vec::new();
        for part in &self.list.parts {
            let lines = &self.list.lines[part.lines.clone()];
            let found: Vec<&Line> = lines.iter().filter(|l| is(l) && !identity(l)).collect();
            if found.len() >= COUNTED && found.len() == lines.len() {
                let title = part.section(self.case.protocol).title.get(lang);
                let n = found.len().to_string();
                names.push(fill(self.text.note_lines, &[("title", title), ("n", &n)]));
            } else {
                names.extend(found.into_iter().map(|line| self.name(line)));
            }
        }
        names
    }

    fn name(&self, line: &Line) -> String {
        let name = line.item(self.case.protocol).note(self.text.lang);
        match &line.id {
            LineId::Item(_) => name.to_owned(),
            LineId::Again(id) => {
                let item = self.case.protocol.item(id.as_str());
                let name = item.map_or(name, |i| i.note(self.text.lang));
                fill(self.text.note_again_line, &[("what", name)])
            }
            LineId::Analyte(id) => {
                let analyte = self.catalogue.get(id);
                analyte.map_or(id.0.clone(), |a| a.short.get(self.text.lang).to_owned())
            }
        }
    }
}

/// A pregnancy test that is not back stands among what is pending.
pub(super) fn pending_test(answer: &Answer) -> bool {
    matches!(answer, Answer::Test(test) if test.result == TestResult::Pending)
}

/// Who the patient is stands in the last line.
fn identity(line: &Line) -> bool {
    matches!(&line.id, LineId::Item(id) if id.as_str() == IDENTITY)
}
