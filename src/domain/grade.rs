//! How severe a laboratory value is, on the scale of CTCAE version 5.0.
//!
//!   ALT 75, upper end 23  ->  grade 2, against the upper end
//!   TG 300.1 mg/dL        ->  grade 2, whatever the range
//!
//! Computed from value, range and baseline, never stored without them. Everything
//! is in the analyte's canonical unit: the scale gives triglycerides in two units
//! with a factor of its own, and 3.40 mmol/L is another grade by each.

use super::observation::AnalyteId;
use super::quantity::{Quantity, Truth};
use rust_decimal::Decimal;

/// The version of the scale, to be kept beside every grade.
pub const VERSION: &str = "CTCAE 5.0";

/// What a value is graded against, in the canonical unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Against {
    /// Ends of the range that came with the value.
    pub upper: Option<Decimal>,
    pub lower: Option<Decimal>,
    /// The patient's own value before the first dose. Where it was above the upper
    /// end already, enzymes and bilirubin are graded by it.
    pub baseline: Option<Decimal>,
}

/// A grade and where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Graded {
    /// 0 (none) to 4.
    pub grade: u8,
    pub basis: Basis,
}

/// What the limits of a grade were made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// Multiples of the upper end of the range.
    UpperEnd,
    /// Multiples of the patient's own baseline, which was high already.
    Baseline,
    /// Fixed numbers, the first of them perhaps the end of the range.
    Fixed,
}

/// Why a value has no grade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ungraded {
    /// The scale has no numbers for this analyte.
    NoScale,
    /// The end of the range that decides is not known.
    NoRange,
    /// A comparator that leaves several grades open.
    Undecidable,
}

/// The grade of a value in the canonical unit.
///
/// # Errors
/// Why there is none.
pub fn grade(analyte: &AnalyteId, value: &Quantity, against: &Against) -> Result<Graded, Ungraded> {
    let (basis, steps) = steps(analyte.0.as_str(), against).ok_or(Ungraded::NoScale)?;
    let held: Vec<Option<Truth>> = steps.iter().map(|step| step.holds(value)).collect();
    let highest = held.iter().rposition(|truth| *truth == Some(Truth::Yes));
    let open = &held[highest.map_or(0, |at| at + 1)..];
    if open.contains(&Some(Truth::Undecidable)) {
        return Err(Ungraded::Undecidable);
    }
    if open.contains(&None) {
        return Err(Ungraded::NoRange);
    }
    let grade = highest.map_or(0, |at| at + 1);
    Ok(Graded {
        grade: u8::try_from(grade).unwrap_or(u8::MAX),
        basis,
    })
}

/// Where one grade begins.
#[derive(Clone, Copy)]
enum Step {
    /// `None` where the end of the range is not known.
    Above(Option<Decimal>),
    AtLeast(Option<Decimal>),
    Below(Option<Decimal>),
}

impl Step {
    /// Whether the value has come so far; `None` where the limit is not known.
    fn holds(self, value: &Quantity) -> Option<Truth> {
        match self {
            Step::Above(limit) => Some(value.above(limit?)),
            Step::AtLeast(limit) => Some(value.at_least(limit?)),
            Step::Below(limit) => Some(value.below(limit?)),
        }
    }
}

/// The steps of an analyte, mildest first. Sources: CTCAE 5.0 (National Cancer
/// Institute, 2017) in its machine-readable copies; the rows for a high baseline of
/// GGT, ALP and bilirubin are recalled and to be checked.
fn steps(analyte: &str, against: &Against) -> Option<(Basis, Vec<Step>)> {
    let fixed = |steps: Vec<Step>| Some((Basis::Fixed, steps));
    match analyte {
        "alt" | "ast" => Some(multiples(against, [10, 30, 50, 200], Some(15))),
        "ggt" | "alp" => Some(multiples(against, [10, 25, 50, 200], Some(20))),
        "tbil" => Some(multiples(against, [10, 15, 30, 100], Some(10))),
        "ck" => Some(multiples(against, [10, 25, 50, 100], None)),
        "tg" => fixed(vec![
            Step::AtLeast(Some(tenths(1500))),
            Step::Above(Some(tenths(3000))),
            Step::Above(Some(tenths(5000))),
            Step::Above(Some(tenths(10_000))),
        ]),
        "tc" => fixed(rising(against.upper, [3000, 4000, 5000])),
        "wbc" => fixed(falling(against.lower, [30, 20, 10])),
        "neut" => fixed(falling(against.lower, [15, 10, 5])),
        "plt" => fixed(falling(against.lower, [750, 500, 250])),
        _ => None,
    }
}

/// Multiples, in tenths, of the upper end; of the baseline where that was above
/// it, the mildest of them then being `mildest` and reached by the limit itself,
/// unless it is the baseline alone.
fn multiples(against: &Against, times: [i64; 4], mildest: Option<i64>) -> (Basis, Vec<Step>) {
    let upper = against.upper.filter(|upper| !upper.is_zero());
    let high = against
        .baseline
        .filter(|b| upper.is_some_and(|upper| *b > upper));
    let (Some(baseline), Some(mildest)) = (high, mildest) else {
        let limit = |n: &i64| Step::Above(upper.and_then(|upper| upper.checked_mul(tenths(*n))));
        return (Basis::UpperEnd, times.iter().map(limit).collect());
    };
    let limit = |n: i64| baseline.checked_mul(tenths(n));
    let first = match mildest {
        10 => Step::Above(limit(10)),
        n => Step::AtLeast(limit(n)),
    };
    let others = times[1..].iter().map(|n| Step::Above(limit(*n)));
    (
        Basis::Baseline,
        std::iter::once(first).chain(others).collect(),
    )
}

/// Above the range, then above fixed limits, in tenths.
fn rising(upper: Option<Decimal>, limits: [i64; 3]) -> Vec<Step> {
    let fixed = limits.map(|n| Step::Above(Some(tenths(n))));
    std::iter::once(Step::Above(upper)).chain(fixed).collect()
}

/// Below the range, then below fixed limits, in tenths.
fn falling(lower: Option<Decimal>, limits: [i64; 3]) -> Vec<Step> {
    let fixed = limits.map(|n| Step::Below(Some(tenths(n))));
    std::iter::once(Step::Below(lower)).chain(fixed).collect()
}

fn tenths(n: i64) -> Decimal {
    Decimal::new(n, 1)
}
