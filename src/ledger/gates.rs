//! The gates as they stand, and below them everything ever said of them.

use super::Ledger;
use crate::domain::answer::Answer;
use crate::domain::course::Treatment;
use crate::domain::date::iso;
use crate::domain::gate::{self, Asked, Said, Standing, State};
use crate::shown;
use crate::text::{Text, fill};

/// The gate ledger, a statement a line, the newest first.
pub fn gates(of: &Ledger<'_>, text: &Text) -> String {
    let mut lines = vec![of.head(text), String::new()];
    match Treatment::on(of.record, of.on) {
        Some(t) => {
            let asked = Asked {
                protocol: of.protocol,
                record: of.record,
                t: &t,
                settings: of.settings,
                on: of.on,
                visit: None,
            };
            lines.extend(asked.all().iter().map(|gate| standing(gate, text)));
        }
        None => lines.push(text.gates_no_course.to_owned()),
    }
    lines.extend([String::new(), text.gates_said.to_owned()]);
    let said = gate::ledger(of.record, of.protocol);
    if said.is_empty() {
        lines.push(text.gates_none.to_owned());
    }
    lines.extend(said.iter().map(|said| statement(said, of, text)));
    lines.join("\n")
}

/// What is not settled stands out by its mark.
fn standing(gate: &Standing, text: &Text) -> String {
    let mark = match gate.state {
        State::NotNeeded | State::Open => "  ",
        _ => "! ",
    };
    let name = shown::gate(gate.gate, text);
    let mut line = format!("{mark}{name}: {}", shown::gate_state(gate.state, text));
    if let Some(on) = gate.on {
        line.push_str(&format!("  {}", shown::full_day(on, text)));
    }
    if let Some(until) = gate.until {
        let day = shown::full_day(until, text);
        line.push_str(&format!("  {}", fill(text.gates_until, &[("day", &day)])));
    }
    line
}

/// `2026-11-24  妊娠検査 陰性 院内尿  鈴木 恵 10:31`
fn statement(said: &Said<'_>, of: &Ledger<'_>, text: &Text) -> String {
    let answer = match said.item {
        Some(item) => shown::answer(item, said.answer, text),
        None => String::new(),
    };
    let label = said
        .item
        .map(|item| item.note(text.lang))
        .unwrap_or_default();
    let form = match said.answer {
        Answer::Consent { form, .. } => shown::consent_form(form.as_deref(), text),
        _ => String::new(),
    };
    let what = match said.answer {
        // The words of these name their gate.
        Answer::Consent { given: true, .. } | Answer::Potential { .. } => answer,
        _ => format!("{label} {answer}"),
    };
    let amended = match said.amended {
        true => format!(" ({})", text.gates_amended),
        false => String::new(),
    };
    // The day stands once where it is the same.
    let at = match said.stamp.at.date_naive() == said.on {
        true => said.stamp.at.format("%H:%M"),
        false => said.stamp.at.format("%Y-%m-%d %H:%M"),
    };
    format!(
        "{}  {what}{form}{amended}  {} {at}",
        iso(said.on),
        of.name(said.stamp.person)
    )
}
