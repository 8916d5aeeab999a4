//! A result in a row as a laboratory sent it, before it is anybody's.

use crate::domain::arrival::Returned;
use crate::domain::catalogue::Catalogue;
use crate::domain::id::{ObservationId, SpecimenId};
use crate::domain::observation::{Flag, Observation, Reported, judge};
use crate::screen::Ctx;
use crate::shown::arrival::why;
use crate::widget::canvas::Canvas;
use crate::widget::cells;

/// Draws `ALT  75 U/L  H  (7-23)` from column `x` on, and why it is only shown,
/// where it is.
pub fn draw(result: &Returned, x: u16, canvas: &mut Canvas<'_>, y: u16, ctx: &Ctx<'_>) {
    let known = ctx.clinic.map(|clinic| &*clinic.catalogue);
    let (flag, critical) = flag(result, known);
    let name = cells::pad(&result.name, 18);
    let value = cells::pad_left(&cells::fit(&result.value.replace('\n', " "), 24), 10);
    let range = match result.range.is_empty() {
        true => String::new(),
        false => format!("({})", result.range),
    };
    let flag = cells::pad(&flag, 4);
    let unit = cells::pad(&result.unit, 9);
    let mut told = format!("{name} {value} {unit} {flag} {range}");
    if result.status == "preliminary" {
        told = format!("{told} {}", ctx.text.read_preliminary);
    }
    if let Some(word) = &result.why {
        told = format!("{told}  [{}]", why(word, ctx.text));
    }
    let style = match critical {
        true => ctx.theme.error(),
        false => ctx.theme.plain(),
    };
    canvas.put_within(x, y, canvas.width() - x - 1, &told, style);
}

/// Our flag where the value is judged, else what was sent; whether it is critical.
fn flag(result: &Returned, known: Option<&Catalogue>) -> (String, bool) {
    let sent = || (result.flags.replace('\n', " "), false);
    let analyte = known.zip(result.analyte.as_ref());
    let Some(analyte) = analyte.and_then(|(known, id)| known.get(id)) else {
        return sent();
    };
    let (None, Some(value), Some(unit)) = (&result.why, result.quantity(), &result.unit_known)
    else {
        return sent();
    };
    // Only for its flag: it is nobody's and goes nowhere.
    let nobody = [0; 16];
    let observation = Observation::of(
        ObservationId::from_bytes(nobody),
        SpecimenId::from_bytes(nobody),
        analyte,
        Reported::Value(value),
        unit,
        result.printed(),
    );
    match judge(&observation, analyte) {
        Flag::NotJudged => sent(),
        flag => {
            let critical = matches!(flag, Flag::HighHigh | Flag::LowLow);
            (flag.letters().to_owned(), critical)
        }
    }
}
