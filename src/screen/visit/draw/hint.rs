//! The keys that count at the focused line.

use super::*;

/// The keys that count at this line, most useful first.
pub(super) fn hint_line(screen: &VisitScreen, walk: &Walk<'_>, width: u16) -> String {
    let text = walk.ctx.text;
    let place = screen.place();
    let known = |command| hint(place, command, text);
    let at = screen.at(walk.list);
    let mut pairs: Vec<(String, &str)> = Vec::new();
    match place {
        Place::Visit => {
            match walk.list.lines.get(at) {
                Some(line) if matches!(line.id, LineId::Analyte(_)) => {
                    pairs.push(("0-9".to_owned(), text.hint_value));
                    pairs.push(own(known(Command::Trend)));
                }
                Some(line) => {
                    let digits = digits(walk.item(line));
                    pairs.extend(digits.map(|digits| (digits, text.hint_answer)));
                }
                None => {}
            }
            if let Some(part) = walk.list.part_of(at) {
                if !walk.list.sweepable(&walk.desk.protocol, part).is_empty() {
                    pairs.push(("+".to_owned(), text.hint_unchanged));
                }
                if !walk.list.deniable(&walk.desk.protocol, part).is_empty() {
                    pairs.push(("*".to_owned(), text.hint_deny));
                }
                pairs.push(("-".to_owned(), text.absent_not_asked));
                pairs.push((".".to_owned(), text.hint_absent));
                if part.lines.len() > 1 {
                    let last = b'a' + u8::try_from(part.lines.len() - 1).unwrap_or(11).min(11);
                    pairs.push((format!("a-{}", char::from(last)), text.hint_jump));
                }
            }
            pairs.extend([
                ("u".to_owned(), text.hint_undo),
                ("s".to_owned(), text.hint_review),
            ]);
        }
        Place::Field => pairs.extend([Command::Enter, Command::Back].map(|c| own(known(c)))),
        Place::Form => {
            pairs.extend([Command::Enter, Command::Save, Command::Back].map(|c| own(known(c))))
        }
        Place::Toggle => {
            pairs.extend([Command::Answer(0), Command::Enter, Command::Back].map(|c| own(known(c))))
        }
        _ => pairs.extend([Command::Answer(0), Command::Back].map(|c| own(known(c)))),
    }
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(k, w)| (k.as_str(), *w)).collect();
    hints(&pairs, text, place, width)
}

pub(super) fn own((key, words): (&'static str, &'static str)) -> (String, &'static str) {
    (key.to_owned(), words)
}

/// The digits a line takes, such as `0-3`.
pub(super) fn digits(item: &Item) -> Option<String> {
    let keys: Vec<u8> = item.options.iter().map(|o| o.key).collect();
    let (low, high) = (keys.iter().min()?, keys.iter().max()?);
    let low = if item.kind == Kind::Many { 0 } else { *low };
    Some(if low == *high {
        low.to_string()
    } else {
        format!("{low}-{high}")
    })
}
