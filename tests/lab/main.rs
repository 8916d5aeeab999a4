//! What a laboratory's file becomes, result by result.
//!
//! Every file in `tests/fixtures/labs` has one beside it, `NAME.told`, that says what
//! it must be read as. `LABS=write cargo test --test lab` writes those anew: read the
//! difference before keeping it.

mod codes;
mod corpus;
mod layouts;
mod refusals;
mod tally;
mod told;
