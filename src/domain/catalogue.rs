//! What can be measured: analytes with their units, ranges and limits, and the
//! checks of a value as it is typed.
//!
//!   TG 1.9 in a field of mg/dL  ->  asked whether mmol/L is meant
//!
//! A typed number is compared with the limits in the analyte's (canonical) unit.

mod method;

pub use method::Method;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, de::Error as _};

use super::answer::Sex;
use super::lang::Words;
use super::observation::{AnalyteId, Observation, RangeSource, ReferenceRange};
use super::place;
use super::plain::small;
use super::quantity::{Quantity, QuantityError, Truth};

/// Decimals kept in a canonical value, rounded half to even.
pub const CANONICAL_SCALE: u32 = 4;

/// The catalogue the program brings along.
pub const BUILT_IN: &str = include_str!("../../assets/labs.toml");

/// Everything that can be measured, as one TOML file lists it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// In the order of the file; no id stands twice.
    #[serde(default, rename = "analyte")]
    pub analytes: Vec<Analyte>,
}

/// One thing that can be measured.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Analyte {
    pub id: AnalyteId,
    pub label: Words,
    /// For columns and the note: ALT, TG.
    pub short: Words,
    pub kind: Kind,
    /// Canonical unit; also the first of `units`.
    pub unit: String,
    /// Every unit it is reported in; empty for a qualitative analyte.
    #[serde(default)]
    pub units: Vec<Unit>,
    /// What a qualitative analyte can be; empty for numbers.
    #[serde(default)]
    pub values: Vec<String>,
    #[serde(default)]
    pub loinc: Vec<String>,
    #[serde(default)]
    pub jlac10: Vec<String>,
    /// Where values of men are usual, in the canonical unit.
    pub male: Option<Range>,
    /// The same of women.
    pub female: Option<Range>,
    /// The age both hold from, where the young have other values.
    pub range_from_years: Option<i32>,
    /// Where both ranges come from.
    pub range_source: Option<String>,
    /// Asked once when crossed.
    pub soft: Option<Limits>,
    /// Refused when crossed.
    pub hard: Option<Limits>,
    /// HH or LL when crossed.
    pub critical: Option<Limits>,
    pub critical_source: Option<String>,
    /// Asked once when more than this many times the last value, or less than
    /// that part of it.
    #[serde(default, deserialize_with = "exact_if_any")]
    pub delta: Option<Decimal>,
    pub mixup: Option<Mixup>,
    /// Decimals usually printed, in the canonical unit.
    pub decimals: u32,
    /// Ways of measuring whose values may not be compared with each other; empty
    /// where they agree.
    #[serde(default)]
    pub methods: Vec<Method>,
    pub note: Option<String>,
}

/// What its results are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Numbers with a unit.
    Numeric,
    /// Words out of a list, such as a pregnancy test's.
    Qualitative,
}

/// A unit results come in: number x factor + offset = number in the canonical unit.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    pub name: String,
    /// Other names of it; spellings need none (see [`Analyte::unit_named`]).
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Positive.
    #[serde(deserialize_with = "exact")]
    pub factor: Decimal,
    #[serde(default, deserialize_with = "exact")]
    pub offset: Decimal,
    /// Where the factor comes from.
    pub source: String,
}

/// A catalogue range, in the canonical unit; both ends lie inside.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    #[serde(default, deserialize_with = "exact_if_any")]
    pub low: Option<Decimal>,
    #[serde(default, deserialize_with = "exact_if_any")]
    pub high: Option<Decimal>,
    /// Written from memory, not yet seen in print.
    #[serde(default)]
    pub recalled: bool,
}

/// Limits in the canonical unit; at most one on either side.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    #[serde(default, deserialize_with = "exact_if_any")]
    pub below: Option<Decimal>,
    #[serde(default, deserialize_with = "exact_if_any")]
    pub at_most: Option<Decimal>,
    #[serde(default, deserialize_with = "exact_if_any")]
    pub above: Option<Decimal>,
    #[serde(default, deserialize_with = "exact_if_any")]
    pub at_least: Option<Decimal>,
}

/// Typed as `typed_in` but this small or large (in that unit), it is probably
/// `suggest`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mixup {
    pub typed_in: String,
    #[serde(default, deserialize_with = "exact_if_any")]
    pub below: Option<Decimal>,
    #[serde(default, deserialize_with = "exact_if_any")]
    pub above: Option<Decimal>,
    pub suggest: String,
}

impl Catalogue {
    /// Reads the text of a catalogue; refuses the whole with the first fault, by
    /// line or by analyte, in English.
    pub fn parse(text: &str) -> Result<Catalogue, String> {
        let mut catalogue = Catalogue {
            analytes: Vec::new(),
        };
        for piece in place::pieces(text, &["analyte"]) {
            let read: Catalogue =
                place::read(piece.text, piece.from).map_err(|e| place::refusal(text, &e))?;
            catalogue.analytes.extend(read.analytes);
        }
        if catalogue.analytes.is_empty() {
            return Err("no analyte".to_owned());
        }
        for (n, analyte) in catalogue.analytes.iter().enumerate() {
            let named = |why: String| format!("analyte \"{}\": {why}", analyte.id.0);
            analyte.fault().map_or(Ok(()), |why| Err(named(why)))?;
            if catalogue.analytes[..n].iter().any(|a| a.id == analyte.id) {
                return Err(named("listed twice".to_owned()));
            }
        }
        Ok(catalogue)
    }

    /// The analyte of this id.
    pub fn get(&self, id: &AnalyteId) -> Option<&Analyte> {
        self.analytes.iter().find(|analyte| analyte.id == *id)
    }
}

impl Analyte {
    /// The unit of a name as reports spell it: `μL`, `10*3`, `×10³` and letter
    /// case make no difference.
    pub fn unit_named(&self, name: &str) -> Option<&Unit> {
        let spelt_alike = self.units.iter().find(|unit| unit.name == name);
        spelt_alike.or_else(|| {
            let key = unit_key(name);
            self.units.iter().find(|unit| unit.keys().any(|k| k == key))
        })
    }

    /// A quantity in the canonical unit, at [`CANONICAL_SCALE`], half to even;
    /// `None` where the unit is not known or the number leaves what is exact.
    pub fn canonical(&self, quantity: &Quantity, unit: &str) -> Option<Quantity> {
        let unit = self.unit_named(unit)?;
        let scaled = quantity.scaled(unit.factor)?;
        let number = scaled.number.checked_add(unit.offset)?;
        Some(Quantity {
            number: number.round_dp(CANONICAL_SCALE),
            ..scaled
        })
    }

    /// Whether a number lies beyond what can be (`hard`); no where the unit is not
    /// known.
    pub fn is_impossible(&self, quantity: &Quantity, unit: &str) -> bool {
        let canonical = self.canonical(quantity, unit);
        let beyond = |q: Quantity| self.hard.as_ref()?.beyond(q.number);
        canonical.and_then(beyond).is_some()
    }

    /// The same for a patient: none where the sex is not known, or where the range
    /// holds from an age on that the patient has not reached, or that is not known.
    pub fn range_for(&self, sex: Sex, years: Option<i32>, unit: &str) -> Option<ReferenceRange> {
        let from = self.range_from_years;
        if from.is_some_and(|from| years.is_none_or(|years| years < from)) {
            return None;
        }
        match sex {
            Sex::Male => self.catalogue_range(true, unit),
            Sex::Female => self.catalogue_range(false, unit),
            Sex::Unknown => None,
        }
    }

    /// The catalogue's own range in `unit`, for a report that printed none;
    /// `None` without a range or where the unit is not known.
    pub fn catalogue_range(&self, male: bool, unit: &str) -> Option<ReferenceRange> {
        let unit = self.unit_named(unit)?;
        let range = if male { &self.male } else { &self.female };
        let back = |end: Option<Decimal>| {
            let end = end?.checked_sub(unit.offset)?.checked_div(unit.factor)?;
            Some(end.round_dp(CANONICAL_SCALE).normalize())
        };
        let range = range.as_ref()?;
        Some(ReferenceRange::between(
            back(range.low),
            back(range.high),
            RangeSource::Catalogue,
        ))
    }

    /// How the value was measured, where the report says it; `None` where it says
    /// nothing, or names two of them.
    pub fn method_of(&self, observation: &Observation) -> Option<&Method> {
        let mut named = self.methods.iter().filter(|m| m.is_named_by(observation));
        let method = named.next()?;
        named.next().is_none().then_some(method)
    }

    fn mixup_of(&self, quantity: &Quantity, unit: &str) -> Option<&Mixup> {
        let n = quantity.number;
        self.mixup.as_ref().filter(|mixup| {
            unit_key(&mixup.typed_in)
                == self
                    .unit_named(unit)
                    .map_or(String::new(), |u| unit_key(&u.name))
                && (mixup.below.is_some_and(|limit| n < limit)
                    || mixup.above.is_some_and(|limit| n > limit))
        })
    }

    /// What is wrong with this entry, if anything.
    fn fault(&self) -> Option<String> {
        if self.kind == Kind::Qualitative {
            let only_words = !self.values.is_empty() && self.units.is_empty();
            return (!only_words)
                .then(|| "a qualitative analyte has values and no units".to_owned());
        }
        let Some(first) = self.units.first() else {
            return Some("no units".to_owned());
        };
        if first.name != self.unit || first.factor != Decimal::ONE || !first.offset.is_zero() {
            return Some(format!(
                "the first unit is not \"{}\" with factor 1",
                self.unit
            ));
        }
        if let Some(unit) = self.units.iter().find(|u| u.factor <= Decimal::ZERO) {
            return Some(format!(
                "unit \"{}\": the factor is not positive",
                unit.name
            ));
        }
        let mut keys: Vec<String> = self.units.iter().flat_map(Unit::keys).collect();
        keys.sort();
        if let Some(pair) = keys.windows(2).find(|pair| pair[0] == pair[1]) {
            return Some(format!("unit \"{}\" is named twice", pair[0]));
        }
        self.fault_of_numbers()
    }

    fn fault_of_numbers(&self) -> Option<String> {
        let reversed =
            |range: &Range| matches!((range.low, range.high), (Some(l), Some(h)) if l >= h);
        if [&self.male, &self.female]
            .into_iter()
            .flatten()
            .any(reversed)
        {
            return Some("a reference range ends before it begins".to_owned());
        }
        let limits = [&self.soft, &self.hard, &self.critical];
        if limits.into_iter().flatten().any(Limits::is_muddled) {
            return Some(
                "limits have two ends on one side, or the low one is not the lower".to_owned(),
            );
        }
        let unknown = |name: &String| self.unit_named(name).is_none();
        let mixup = self.mixup.as_ref()?;
        [&mixup.typed_in, &mixup.suggest]
            .into_iter()
            .find(|name| unknown(name))
            .map(|name| format!("mixup names an unknown unit \"{name}\""))
    }
}

impl Unit {
    fn keys(&self) -> impl Iterator<Item = String> {
        std::iter::once(&self.name)
            .chain(&self.aliases)
            .map(|name| unit_key(name))
    }
}

impl Limits {
    /// The lower limit: `below` or `at_most`.
    pub fn low(&self) -> Option<Decimal> {
        self.below.or(self.at_most)
    }

    /// The upper limit: `above` or `at_least`.
    pub fn high(&self) -> Option<Decimal> {
        self.above.or(self.at_least)
    }

    pub(super) fn crossed_below(&self, q: &Quantity) -> Truth {
        match (self.below, self.at_most) {
            (Some(limit), _) => q.below(limit),
            (_, Some(limit)) => q.at_most(limit),
            _ => Truth::No,
        }
    }

    pub(super) fn crossed_above(&self, q: &Quantity) -> Truth {
        match (self.above, self.at_least) {
            (Some(limit), _) => q.above(limit),
            (_, Some(limit)) => q.at_least(limit),
            _ => Truth::No,
        }
    }

    /// The limit a printed number itself lies beyond. The comparator is left
    /// out: `<5` under a lower limit of 5 is what such a report prints.
    fn beyond(&self, number: Decimal) -> Option<Decimal> {
        let under =
            self.below.is_some_and(|l| number < l) || self.at_most.is_some_and(|l| number <= l);
        let over =
            self.above.is_some_and(|l| number > l) || self.at_least.is_some_and(|l| number >= l);
        if under {
            self.low()
        } else if over {
            self.high()
        } else {
            None
        }
    }

    fn is_muddled(&self) -> bool {
        let twice = self.below.is_some() && self.at_most.is_some()
            || self.above.is_some() && self.at_least.is_some();
        twice || matches!((self.low(), self.high()), (Some(l), Some(h)) if l >= h)
    }
}

/// One spelling for the many a unit has.
fn unit_key(name: &str) -> String {
    let key: String = small(name)
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '^' | '*' | '×'))
        // Both micro signs, which NFKC has made one.
        .map(|c| if c == 'μ' { 'u' } else { c })
        .collect();
    match key.strip_prefix('x') {
        Some(rest) => rest.to_owned(),
        None => key,
    }
}

/// Decimals are written as text in the file; a TOML float would not be exact.
fn exact<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    let text = String::deserialize(deserializer)?;
    Decimal::from_str_exact(&text)
        .map_err(|_| D::Error::custom(format!("\"{text}\" is no decimal number")))
}

fn exact_if_any<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
    exact(deserializer).map(Some)
}

// --- Checking what is typed -----------------------------------------------

/// What is to be said of a typed value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// Nothing; the quantity in the unit it was typed in.
    Fine(Quantity),
    /// Not a number that can be kept.
    Unreadable(QuantityError),
    /// The analyte is not measured in this unit as far as is known.
    UnknownUnit,
    /// Looks like a number in another unit; nothing is converted until that
    /// unit is chosen.
    UnitQuestion { unit: String },
    /// Beyond what can be; `limit` in the canonical unit.
    Impossible { limit: Decimal },
    /// To be confirmed once.
    Unusual(Vec<Why>),
}

/// Why a value is unusual; limits and last value in the canonical unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    Low {
        limit: Decimal,
    },
    High {
        limit: Decimal,
    },
    /// More than [`Analyte::delta`] times the last value.
    FarAboveLast {
        last: Decimal,
    },
    /// Less than that part of it.
    FarBelowLast {
        last: Decimal,
    },
}

/// Questions already answered with "yes, as typed".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    pub unit: bool,
    pub unusual: bool,
}

/// Checks a typed value, nothing asked yet: unit mix-up first (1.9 in a mg/dL
/// field is no impossible value but another unit), then what cannot be, then
/// what is unusual.
pub fn check(analyte: &Analyte, typed: &str, unit: &str, last: Option<&Observation>) -> Check {
    check_after(analyte, typed, unit, last, Asked::default())
}

/// The same after some questions have been answered.
pub fn check_after(
    analyte: &Analyte,
    typed: &str,
    unit: &str,
    last: Option<&Observation>,
    asked: Asked,
) -> Check {
    let quantity = match Quantity::parse(typed) {
        Ok(quantity) => quantity,
        Err(why) => return Check::Unreadable(why),
    };
    let Some(canonical) = analyte.canonical(&quantity, unit) else {
        return Check::UnknownUnit;
    };
    if let Some(mixup) = analyte.mixup_of(&quantity, unit).filter(|_| !asked.unit) {
        return Check::UnitQuestion {
            unit: mixup.suggest.clone(),
        };
    }
    if let Some(limit) = analyte
        .hard
        .as_ref()
        .and_then(|hard| hard.beyond(canonical.number))
    {
        return Check::Impossible { limit };
    }
    let why = unusual(analyte, &canonical, last);
    if why.is_empty() || asked.unusual {
        Check::Fine(quantity)
    } else {
        Check::Unusual(why)
    }
}

fn unusual(analyte: &Analyte, canonical: &Quantity, last: Option<&Observation>) -> Vec<Why> {
    let mut why = Vec::new();
    if let Some(soft) = &analyte.soft {
        why.extend(
            soft.low()
                .filter(|_| soft.crossed_below(canonical).is_yes())
                .map(|limit| Why::Low { limit }),
        );
        why.extend(
            soft.high()
                .filter(|_| soft.crossed_above(canonical).is_yes())
                .map(|limit| Why::High { limit }),
        );
    }
    let last = last.filter(|last| last.analyte == analyte.id);
    if let (Some(delta), Some(last)) = (analyte.delta, last.and_then(Observation::exact)) {
        let times = last.checked_mul(delta);
        if times.is_some_and(|limit| canonical.above(limit).is_yes()) {
            why.push(Why::FarAboveLast { last });
        }
        // Multiplied rather than divided, so that a third stays exact.
        if canonical
            .scaled(delta)
            .is_some_and(|q| q.below(last).is_yes())
        {
            why.push(Why::FarBelowLast { last });
        }
    }
    why
}
