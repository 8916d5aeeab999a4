//! The clinic's words as types: pure, without clock, file, terminal or database.

pub mod alert;
pub mod answer;
pub mod change;
pub mod course;
pub mod condition;
pub mod id;
pub mod lang;
pub mod line;
pub mod observation;
pub mod protocol;
pub mod quantity;
pub mod record;
pub mod situation;
pub mod series;
pub mod due;
pub mod assess;
