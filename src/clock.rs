//! The workstation's clock: the one place where it is read.

use chrono::{DateTime, FixedOffset, Local, SubsecRound};

/// Now, to the millisecond, with the offset in force here.
#[allow(
    clippy::disallowed_methods,
    reason = "every other module is given the time"
)]
pub fn now() -> DateTime<FixedOffset> {
    Local::now().fixed_offset().trunc_subsecs(3)
}
