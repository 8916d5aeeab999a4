//! A measured number as it was typed (types only; arithmetic follows).
use super::answer::words;
use rust_decimal::Decimal;

words! {
    /// How a laboratory bounds a number.
    Comparator {
        Equal = "=",
        Below = "<",
        AtMost = "<=",
        AtLeast = ">=",
        Above = ">",
    }
}

/// A measured number: what was typed, beside the exact number it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quantity {
    /// Digits and signs as typed.
    pub typed: String,
    pub comparator: Comparator,
    pub number: Decimal,
}
