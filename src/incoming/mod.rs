//! From a file that was read to what is kept of it, and to the patient's values.
//!
//!   Reading -> taken: Import, Refused, Draw, Returned     as sent
//!   Draw + what the store knows -> Judged: whose it is   shown before it is stored
//!   Draw + the patient's record -> linked: Link, Specimen, Observation, AsSent
//!
//! Nothing here asks a store: what must be known beforehand is handed in.

mod judged;
mod linked;
mod taken;

pub use judged::{Found, Judged, NotTaken, Preview, Verdict, unmatched};
pub use linked::{Grounds, linked};
pub use taken::{Taken, TakenDraw, import, taken};
