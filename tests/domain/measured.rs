//! Results of the built-in catalogue's analytes, as the tests type them.

use rust_decimal::Decimal;
use saishin::domain::catalogue::{Analyte, BUILT_IN, Catalogue};
use saishin::domain::id::{ObservationId, SpecimenId};
use saishin::domain::observation::*;
use saishin::domain::quantity::Quantity;
use std::sync::LazyLock;

pub static CATALOGUE: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::parse(BUILT_IN).expect("the built-in catalogue"));

pub fn analyte(id: &str) -> Analyte {
    CATALOGUE.get(&AnalyteId(id.into())).expect(id).clone()
}

pub fn d(text: &str) -> Decimal {
    Decimal::from_str_exact(text).expect(text)
}

pub fn seen(id: &str, typed: &str, unit: &str, range: &str) -> Observation {
    let reported = Reported::Value(Quantity::parse(typed).expect(typed));
    result(id, reported, unit, range)
}

pub fn result(id: &str, reported: Reported, unit: &str, range: &str) -> Observation {
    Observation::of(
        ObservationId::from_bytes([1; 16]),
        SpecimenId::from_bytes([2; 16]),
        &analyte(id),
        reported,
        unit,
        ReferenceRange::parse(range, RangeSource::Report).ok(),
    )
}
