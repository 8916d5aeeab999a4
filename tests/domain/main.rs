//! The clinic's words: results, the catalogue, days, names.

mod catalogue;
mod date;
mod fold;
mod matching;
mod measured;
mod observation;
