//! What the clinic means: dates, quantities, observations. No clock, no file,
//! no terminal.

pub mod date;
pub mod fold;
pub mod id;
pub mod lang;
pub mod observation;
pub mod quantity;
