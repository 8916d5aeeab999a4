//! What the rules say at a line, in full or as short as the room asks for.

use super::*;
use crate::domain::protocol::Level;

/// How the alerts of the lines that are not focused are told: in full, only the
/// warnings and critical ones in full, or each in one row.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Told {
    Whole,
    LoudWhole,
    Brief,
}

impl Told {
    fn is_brief(self, alert: &Alert) -> bool {
        match self {
            Self::Whole => false,
            Self::LoudWhole => alert.level < Level::Warning,
            Self::Brief => true,
        }
    }
}

/// The alerts that stand at a line, each with its basis and source. Notes and
/// cautions that stood at the last signed visit already are only counted.
pub(super) fn alerts<'a>(
    rows: &mut Vec<Row<'a>>,
    canvas: &Canvas<'_>,
    walk: &Walk<'a>,
    line: &'a Line,
    told: Told,
) {
    let item = walk.item(line);
    let known = known(walk);
    let mut folded = 0;
    for alert in walk
        .list
        .alerts_at(line, item)
        .chain(earlier_draws(walk, item))
    {
        if alert.fold && known.contains(alert.rule.as_str()) {
            folded += 1;
        } else {
            alert_rows(rows, canvas, walk, alert, told);
        }
    }
    if folded > 0 {
        let words = fill(walk.ctx.text.known_folded, &[("n", &folded.to_string())]);
        rows.push(Row::Text(5, words, canvas.theme.dim()));
    }
}

/// Rules that stood when the last visit was signed.
fn known<'a>(walk: &Walk<'a>) -> BTreeSet<&'a str> {
    let signed = walk.desk.record.signed(walk.visit().opening.course);
    let last = signed.last().and_then(|v| v.signed.as_ref());
    let stood = last
        .into_iter()
        .flat_map(|s| &s.alerts)
        .filter(|a| a.settled.is_none());
    stood.map(|a| a.rule.as_str()).collect()
}

/// At the line of the draw: alerts on values that no line of today shows.
fn earlier_draws<'a>(walk: &Walk<'a>, item: &Item) -> impl Iterator<Item = &'a Alert> {
    let panel = walk
        .desk
        .protocol
        .items()
        .find(|i| i.kind == Kind::Labs)
        .map(|i| &i.id);
    let here = item.kind == Kind::Draw;
    let list = walk.list;
    list.alerts.iter().filter(move |alert| {
        let shown = alert.inputs.first().is_some_and(|input| {
            list.find(&LineId::Analyte(AnalyteId(input.name.clone())))
                .is_some()
        });
        here && Some(&alert.item) == panel && !shown
    })
}

fn alert_rows(
    rows: &mut Vec<Row<'_>>,
    canvas: &Canvas<'_>,
    walk: &Walk<'_>,
    alert: &Alert,
    told: Told,
) {
    let text = walk.ctx.text;
    let fires = alert.assessed == Assessed::Fires;
    let (sign, level, style) = if fires {
        let style = canvas
            .theme
            .alert(alert.level)
            .remove_modifier(Modifier::REVERSED);
        (mark(alert.level), shown::level(alert.level, text), style)
    } else {
        ("?", text.not_assessed, canvas.theme.dim())
    };
    let basis = note::basis(alert.basis, text);
    let source = alert.source.get(text.lang);
    let words = format!("{level} {} [{basis}: {source}]", alert.text.get(text.lang));
    let room = usize::from(canvas.width().saturating_sub(10));
    let pieces = match told.is_brief(alert) {
        true => vec![cells::fit(&words, room)],
        false => cells::wrap(&words, room),
    };
    for (i, piece) in pieces.into_iter().enumerate() {
        let sign = if i == 0 { sign } else { "" };
        rows.push(Row::Text(5, format!("{sign:<3} {piece}"), style));
    }
}
