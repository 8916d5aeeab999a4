//! What is due, on which day and why: tables by hand, properties by chance.

mod after;
mod follow;
mod properties;
mod tables;
mod told;
