//! The clinic's words as types: pure, without clock, file, terminal or database.

pub mod answer;
pub mod change;
pub mod course;
pub mod id;
pub mod lang;
pub mod line;
pub mod observation;
pub mod quantity;
pub mod record;
