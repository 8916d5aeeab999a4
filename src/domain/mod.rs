//! The clinic's words as types: pure, without clock, file, terminal or database.

pub mod alert;
pub mod answer;
pub mod arrival;
pub mod assess;
pub mod catalogue;
pub mod change;
pub mod checklist;
pub mod condition;
pub mod course;
pub mod date;
pub mod due;
pub mod fold;
pub mod grade;
pub mod id;
pub mod lang;
pub mod line;
pub mod matching;
pub mod observation;
mod place;
pub mod procedure;
pub mod protocol;
pub mod quantity;
pub mod reading;
pub mod record;
pub mod series;
pub mod situation;
pub mod threshold;
