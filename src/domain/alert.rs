//! What the rules say of a situation: facts with their source, worst first.

use super::answer::ItemId;
use super::lang::Words;
use super::protocol::{Basis, Level, Protocol, Recheck};
use super::situation::Situation;
use rust_decimal::Decimal;

/// Whether a rule fired, or could not be judged although its value is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assessed {
    /// Its condition holds.
    Fires,
    /// The laboratory's `<` or `>` leaves both sides of the limit open.
    OpenEnded,
    /// The sample was haemolysed.
    Haemolysed,
    /// No upper limit came with the result.
    NoUpperLimit,
    /// Nothing to compare with: no value before treatment, or none before this.
    NoEarlierValue,
    /// The result is kept in another unit than the rule's.
    OtherUnit,
}

/// A value an alert rests on, as the record keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// A line's id, an analyte's id, or the name of something computed.
    pub name: String,
    /// As shown: a number with its comparator, or a code.
    pub value: String,
    /// What it was compared with, in `unit`; none for a code.
    pub limit: Option<Decimal>,
    pub unit: Option<String>,
    /// Days from the draw or the fact to the visit.
    pub days_ago: Option<i64>,
}

/// One rule that fired, or could not be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    pub rule: String,
    pub level: Level,
    /// Where it is shown.
    pub item: ItemId,
    pub assessed: Assessed,
    /// The sentence, values filled in, in both languages.
    pub text: Words,
    pub inputs: Vec<Input>,
    /// Where the rule comes from, as the protocol cites it.
    pub source: Words,
    pub basis: Basis,
    /// Whether it folds into "known n" once seen.
    pub fold: bool,
    /// The red flag that is asked again by itself.
    pub asks: Option<ItemId>,
    pub recheck: Option<Recheck>,
    /// A few words for the one-key reason of a decision.
    pub reason: Words,
    /// Steps of one scale, of which only the highest shows.
    pub ladder: Option<String>,
}

/// Every alert of `protocol` for this situation, worst first, then in file order.
pub fn evaluate(protocol: &Protocol, situation: &Situation) -> Vec<Alert> {
    let _ = (protocol, situation);
    Vec::new()
}
