//! The note of a visit, its review and its signature, over a record in memory.

mod clinic;
mod signing;
mod writing;
