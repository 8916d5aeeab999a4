//! Pieces every screen is drawn with.

pub mod canvas;
pub mod cells;
pub mod field;
pub mod theme;
