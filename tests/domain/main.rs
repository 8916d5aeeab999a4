//! The clinic's words: results and how they are read, the catalogue, days, names.

mod catalogue;
mod date;
mod fold;
mod grade;
mod matching;
mod measured;
mod observation;
mod reading;
