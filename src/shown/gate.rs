//! Gates in words.

use crate::domain::gate::{Gate, State};
use crate::text::Text;

/// A gate's name.
pub fn gate(gate: Gate, text: &Text) -> &'static str {
    match gate {
        Gate::Potential => text.gate_potential,
        Gate::Possible => text.gate_possible,
        Gate::Test => text.gate_test,
        Gate::Contraception => text.gate_contraception,
        Gate::BreastFeeding => text.gate_breast_feeding,
        Gate::Consent => text.gate_consent,
        Gate::Guardian => text.gate_guardian,
    }
}

/// How it stands.
pub fn gate_state(state: State, text: &Text) -> &'static str {
    match state {
        State::NotNeeded => text.gate_not_needed,
        State::Open => text.gate_open,
        State::Pending => text.gate_pending,
        State::Lapsed => text.gate_lapsed,
        State::Missing => text.gate_missing,
        State::CannotTell => text.gate_cannot_tell,
        State::Closed => text.gate_closed,
    }
}
