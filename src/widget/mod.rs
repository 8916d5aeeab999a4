//! Pieces every screen is drawn with.

pub mod cells;
pub mod field;
