//! Laboratory values: one result as reported, the catalogue of what can be
//! measured, and what can be said of a result before any clinic's rule.
//!
//!   ALT 75 U/L, range 7-23  ->  H, 3.3 x upper
//!
//! A number is compared with its range in the unit it was reported in, and
//! with the catalogue's limits in the catalogue's (canonical) unit.

use super::answer::words;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, de::Error as _};
use unicode_normalization::UnicodeNormalization;

use super::id::{ObservationId, SpecimenId};
use super::lang::Words;
use super::quantity::{Comparator, Quantity, QuantityError, Truth};

/// Decimals kept in a canonical value, rounded half to even.
pub const CANONICAL_SCALE: u32 = 4;

/// The catalogue the program brings along.
pub const BUILT_IN: &str = include_str!("../../assets/labs.toml");

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    pub id: ObservationId,
    pub specimen: SpecimenId,
    pub analyte: AnalyteId,
    pub reported: Reported,
    /// As reported; empty where none was given.
    pub unit: String,
    /// The number in the analyte's canonical unit; the comparator stays with
    /// `reported`. `None` without a value or where the unit is not known.
    pub canonical: Option<Decimal>,
    /// In the reported unit.
    pub range: Option<ReferenceRange>,
    /// What an imported file said beside it.
    pub sent: Option<Sent>,
}

/// What a laboratory's file said beside a value, kept as sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Result status as sent: final, preliminary, corrected, cancelled.
    pub status: Option<String>,
    pub code_system: Option<String>,
    pub code: Option<String>,
    pub name: Option<String>,
    pub unit: Option<String>,
    pub range: Option<String>,
    pub flag: Option<String>,
    pub method: Option<String>,
    pub comment: Option<String>,
    /// SHA-256 of the file it came in, in hexadecimal.
    pub file: Option<String>,
}

/// Pending, haemolysed, lost and not done are never a number and never 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reported {
    Value(Quantity),
    Pending,
    Haemolysed,
    Lost,
    NotDone,
}

/// One draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Specimen {
    pub id: SpecimenId,
    pub drawn_on: NaiveDate,
    pub fasting: Fasting,
    pub haemolysed: bool,
    pub lipaemic: bool,
    pub comment: Option<String>,
    pub laboratory: Option<String>,
    /// mg a day taken when the specimen was drawn.
    pub dose_at_draw: Option<Decimal>,
}

words! {
    /// Whether the patient had fasted ten hours at the draw.
    Fasting { Yes = "yes", No = "no", Unknown = "unknown" }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(transparent)]
pub struct AnalyteId(pub String);

impl Observation {
    /// Works out the canonical value; everything else is kept as given.
    pub fn of(
        id: ObservationId,
        specimen: SpecimenId,
        analyte: &Analyte,
        reported: Reported,
        unit: &str,
        range: Option<ReferenceRange>,
    ) -> Observation {
        let canonical = match &reported {
            Reported::Value(quantity) => analyte.canonical(quantity, unit).map(|q| q.number),
            _ => None,
        };
        Observation {
            id,
            specimen,
            analyte: analyte.id.clone(),
            reported,
            unit: unit.to_owned(),
            canonical,
            range,
            sent: None,
        }
    }

    pub fn quantity(&self) -> Option<&Quantity> {
        match &self.reported {
            Reported::Value(quantity) => Some(quantity),
            _ => None,
        }
    }

    /// Value and comparator in the canonical unit.
    fn in_canonical(&self) -> Option<Quantity> {
        Some(Quantity {
            number: self.canonical?,
            ..self.quantity()?.clone()
        })
    }

    /// The canonical number, only where it is exactly known: no arithmetic is
    /// done on `<5`.
    fn exact(&self) -> Option<Decimal> {
        let equal = self.quantity()?.comparator == Comparator::Equal;
        self.canonical.filter(|_| equal)
    }
}

// --- Reference ranges -----------------------------------------------------

/// Where a result is usual. A range `<150` has an open upper end: 150 itself
/// is high.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReferenceRange {
    pub low: Option<Decimal>,
    pub high: Option<Decimal>,
    /// The end itself lies outside.
    pub low_open: bool,
    pub high_open: bool,
    pub source: RangeSource,
}

words! {
    /// Where a reference range came from: printed with this result, the
    /// clinic's own, or the catalogue's by sex.
    RangeSource { Report = "report", Clinic = "clinic", Catalogue = "catalogue" }
}

impl ReferenceRange {
    /// `10-42`, `30–149`, `7～23`, `<150`, `>=40`.
    pub fn parse(text: &str, source: RangeSource) -> Result<ReferenceRange, QuantityError> {
        let dash = |c: char| matches!(c, '-' | '–' | '—' | '－' | '−' | '~' | '～' | '〜');
        if let Some((low, high)) = text.split_once(dash) {
            let end = |text: &str| match Quantity::parse(text)? {
                q if q.comparator == Comparator::Equal => Ok(q.number),
                _ => Err(QuantityError::Unreadable),
            };
            let (low, high) = (end(low)?, end(high)?);
            if low > high {
                return Err(QuantityError::Unreadable);
            }
            return Ok(Self::between(Some(low), Some(high), source));
        }
        let end = Quantity::parse(text)?;
        let number = Some(end.number);
        let range = match end.comparator {
            Comparator::Equal => return Err(QuantityError::Unreadable),
            Comparator::Below | Comparator::AtMost => Self::between(None, number, source),
            Comparator::Above | Comparator::AtLeast => Self::between(number, None, source),
        };
        Ok(ReferenceRange {
            low_open: end.comparator == Comparator::Above,
            high_open: end.comparator == Comparator::Below,
            ..range
        })
    }

    /// Both ends lie inside.
    pub fn between(low: Option<Decimal>, high: Option<Decimal>, source: RangeSource) -> Self {
        ReferenceRange {
            low,
            high,
            low_open: false,
            high_open: false,
            source,
        }
    }

    /// Reads back with [`ReferenceRange::parse`]. Empty without any end.
    pub fn text(&self) -> String {
        let low_sign = if self.low_open { ">" } else { ">=" };
        let high_sign = if self.high_open { "<" } else { "<=" };
        match (self.low, self.high) {
            (Some(low), Some(high)) => format!("{low}-{high}"),
            (Some(low), None) => format!("{low_sign}{low}"),
            (None, Some(high)) => format!("{high_sign}{high}"),
            (None, None) => String::new(),
        }
    }

    fn too_high(&self, q: &Quantity) -> Truth {
        match self.high {
            Some(high) if self.high_open => q.at_least(high),
            Some(high) => q.above(high),
            None => Truth::No,
        }
    }

    fn too_low(&self, q: &Quantity) -> Truth {
        match self.low {
            Some(low) if self.low_open => q.at_most(low),
            Some(low) => q.below(low),
            None => Truth::No,
        }
    }
}

// --- What can be said of one result ---------------------------------------

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flag {
    LowLow,
    Low,
    Within,
    High,
    HighHigh,
    /// No value, no range, or a comparator that leaves it open. Not "normal".
    NotJudged,
}

impl Flag {
    pub fn letters(self) -> &'static str {
        match self {
            Flag::LowLow => "LL",
            Flag::Low => "L",
            Flag::Within => "",
            Flag::High => "H",
            Flag::HighHigh => "HH",
            Flag::NotJudged => "?",
        }
    }
}

/// HH and LL come from the catalogue's critical limits alone: where it has
/// none, no call-out value is known and none is made up. They need no range,
/// since ALT 900 is a call-out on any report; everything milder does.
pub fn judge(observation: &Observation, analyte: &Analyte) -> Flag {
    if let (Some(canonical), Some(critical)) = (observation.in_canonical(), &analyte.critical) {
        if critical.crossed_above(&canonical).is_yes() {
            return Flag::HighHigh;
        }
        if critical.crossed_below(&canonical).is_yes() {
            return Flag::LowLow;
        }
    }
    let (Some(quantity), Some(range)) = (observation.quantity(), &observation.range) else {
        return Flag::NotJudged;
    };
    if range.low.is_none() && range.high.is_none() {
        return Flag::NotJudged;
    }
    match (range.too_low(quantity), range.too_high(quantity)) {
        (_, Truth::Yes) => Flag::High,
        (Truth::Yes, _) => Flag::Low,
        (Truth::No, Truth::No) => Flag::Within,
        _ => Flag::NotJudged,
    }
}

/// How many times the upper end of its range, to one decimal, for display
/// only: rules compare with [`above_times_upper`]. `None` without an exact
/// value or an upper end.
pub fn times_upper(observation: &Observation) -> Option<Decimal> {
    let quantity = observation.quantity()?;
    if quantity.comparator != Comparator::Equal {
        return None;
    }
    let times = quantity.number.checked_div(upper(observation)?)?;
    Some(times.round_dp(1))
}

/// Is the value more than `times` the upper end of its range? Exact, and
/// undecidable without a range.
pub fn above_times_upper(observation: &Observation, times: Decimal) -> Truth {
    let limit = upper(observation).and_then(|upper| upper.checked_mul(times));
    match (observation.quantity(), limit) {
        (Some(quantity), Some(limit)) => quantity.above(limit),
        _ => Truth::Undecidable,
    }
}

fn upper(observation: &Observation) -> Option<Decimal> {
    observation.range?.high.filter(|high| !high.is_zero())
}

/// Per cent of the patient's own baseline, no decimals; both exact values of
/// one analyte.
pub fn percent_of(observation: &Observation, baseline: &Observation) -> Option<Decimal> {
    let (now, then) = both(observation, baseline)?;
    let percent = now.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(then)?;
    Some(percent.round_dp(0))
}

/// Difference from an earlier value in the canonical unit; both exact values
/// of one analyte.
pub fn change(observation: &Observation, previous: &Observation) -> Option<Decimal> {
    let (now, then) = both(observation, previous)?;
    now.checked_sub(then)
}

fn both(a: &Observation, b: &Observation) -> Option<(Decimal, Decimal)> {
    if a.analyte != b.analyte {
        return None;
    }
    Some((a.exact()?, b.exact()?))
}

// --- Checking what is typed -----------------------------------------------

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    Fine(Quantity),
    Unreadable(QuantityError),
    /// The analyte is not measured in this unit as far as is known.
    UnknownUnit,
    /// Looks like a number in another unit; nothing is converted until that
    /// unit is chosen.
    UnitQuestion {
        unit: String,
    },
    /// Beyond what can be; `limit` in the canonical unit.
    Impossible {
        limit: Decimal,
    },
    /// To be confirmed once.
    Unusual(Vec<Why>),
}

/// Limits and last value in the canonical unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    Low { limit: Decimal },
    High { limit: Decimal },
    FarAboveLast { last: Decimal },
    FarBelowLast { last: Decimal },
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

// --- The catalogue --------------------------------------------------------

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    #[serde(rename = "analyte")]
    pub analytes: Vec<Analyte>,
}

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
    #[serde(default)]
    pub units: Vec<Unit>,
    /// What a qualitative analyte can be; empty for numbers.
    #[serde(default)]
    pub values: Vec<String>,
    #[serde(default)]
    pub loinc: Vec<String>,
    #[serde(default)]
    pub jlac10: Vec<String>,
    pub male: Option<Range>,
    pub female: Option<Range>,
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
    pub note: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Numeric,
    Qualitative,
}

/// number x factor + offset = number in the canonical unit.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    pub name: String,
    #[serde(default)]
    pub aliases: Vec<String>,
    #[serde(deserialize_with = "exact")]
    pub factor: Decimal,
    #[serde(default, deserialize_with = "exact")]
    pub offset: Decimal,
    /// Where the factor comes from.
    pub source: String,
}

/// A catalogue range, in the canonical unit.
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

/// Typed as `typed_in` but this small or large, it is probably `suggest`.
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
    /// Refuses the whole with the first fault, by line or by analyte.
    pub fn parse(text: &str) -> Result<Catalogue, String> {
        let catalogue: Catalogue = toml::from_str(text).map_err(|e| e.to_string())?;
        for (n, analyte) in catalogue.analytes.iter().enumerate() {
            let named = |why: String| format!("analyte \"{}\": {why}", analyte.id.0);
            analyte.fault().map_or(Ok(()), |why| Err(named(why)))?;
            if catalogue.analytes[..n].iter().any(|a| a.id == analyte.id) {
                return Err(named("listed twice".to_owned()));
            }
        }
        Ok(catalogue)
    }

    pub fn get(&self, id: &AnalyteId) -> Option<&Analyte> {
        self.analytes.iter().find(|analyte| analyte.id == *id)
    }
}

impl Analyte {
    /// The unit of a name as reports spell it: `μL`, `10*3`, `×10³` and letter
    /// case make no difference.
    pub fn unit_named(&self, name: &str) -> Option<&Unit> {
        let key = unit_key(name);
        self.units.iter().find(|unit| unit.keys().any(|k| k == key))
    }

    /// A quantity in the canonical unit, at [`CANONICAL_SCALE`], half to even.
    pub fn canonical(&self, quantity: &Quantity, unit: &str) -> Option<Quantity> {
        let unit = self.unit_named(unit)?;
        let scaled = quantity.scaled(unit.factor)?;
        let number = scaled.number.checked_add(unit.offset)?;
        Some(Quantity {
            number: number.round_dp(CANONICAL_SCALE),
            ..scaled
        })
    }

    /// The catalogue's own range in `unit`, for a report that printed none.
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
    pub fn low(&self) -> Option<Decimal> {
        self.below.or(self.at_most)
    }

    pub fn high(&self) -> Option<Decimal> {
        self.above.or(self.at_least)
    }

    fn crossed_below(&self, q: &Quantity) -> Truth {
        match (self.below, self.at_most) {
            (Some(limit), _) => q.below(limit),
            (_, Some(limit)) => q.at_most(limit),
            _ => Truth::No,
        }
    }

    fn crossed_above(&self, q: &Quantity) -> Truth {
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
    let key: String = name
        .nfkc()
        .flat_map(char::to_lowercase)
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    static CATALOGUE: LazyLock<Catalogue> =
        LazyLock::new(|| Catalogue::parse(BUILT_IN).expect("the built-in catalogue"));

    fn analyte(id: &str) -> Analyte {
        CATALOGUE.get(&AnalyteId(id.into())).expect(id).clone()
    }

    fn d(text: &str) -> Decimal {
        Decimal::from_str_exact(text).expect(text)
    }

    fn seen(id: &str, typed: &str, unit: &str, range: &str) -> Observation {
        let reported = Reported::Value(Quantity::parse(typed).expect(typed));
        result(id, reported, unit, range)
    }

    fn result(id: &str, reported: Reported, unit: &str, range: &str) -> Observation {
        Observation::of(
            ObservationId::from_bytes([1; 16]),
            SpecimenId::from_bytes([2; 16]),
            &analyte(id),
            reported,
            unit,
            ReferenceRange::parse(range, RangeSource::Report).ok(),
        )
    }

    fn flag(id: &str, typed: &str, unit: &str, range: &str) -> &'static str {
        judge(&seen(id, typed, unit, range), &analyte(id)).letters()
    }

    #[test]
    fn the_catalogue_holds_every_analyte() {
        let ids: Vec<String> = CATALOGUE.analytes.iter().map(|a| a.id.0.clone()).collect();
        assert_eq!(
            ids.join(" "),
            "alt ast ggt alp tbil tg tc ldl hdl ck glu hba1c wbc neut plt hb cre amy ld hcgu"
        );
        assert!(analyte("tg").male.expect("range").recalled);
        assert!(!analyte("alt").male.expect("range").recalled);
    }

    #[test]
    fn a_faulty_catalogue_is_refused_with_its_place() {
        let with = |from: &str, to: &str| Catalogue::parse(&BUILT_IN.replacen(from, to, 1));
        for (from, to, why) in [
            ("decimals = ", "decimal = ", "unknown field"),
            ("factor = \"88.57\"", "factor = 88.57", "invalid type"),
            (
                "factor = \"88.57\"",
                "factor = \"88,57\"",
                "no decimal number",
            ),
            ("factor = \"88.57\"", "factor = \"-1\"", "\"tg\""),
            ("id = \"ast\"", "id = \"alt\"", "listed twice"),
            ("suggest = \"mmol/L\"", "suggest = \"mol\"", "unknown unit"),
            ("low = \"10\"", "low = \"43\"", "\"alt\""),
        ] {
            let refused = with(from, to).expect_err(to);
            assert!(refused.contains(why), "{to}: {refused}");
        }
    }

    #[test]
    fn units_are_known_in_their_many_spellings() {
        let plt = analyte("plt");
        for name in [
            "10^3/uL",
            "10^3/µL",
            "10*3/μL",
            "×10³/μL",
            "x10^3/ul",
            "10^9/L",
        ] {
            assert_eq!(
                plt.unit_named(name).map(|u| u.name.as_str()),
                Some("10^3/uL"),
                "{name}"
            );
        }
        assert_eq!(plt.unit_named("万/μL").map(|u| u.factor), Some(d("10")));
        assert_eq!(
            analyte("alt").unit_named("IU/l").map(|u| u.name.as_str()),
            Some("U/L")
        );
        assert_eq!(analyte("tg").unit_named("U/L"), None);
        assert_eq!(analyte("tg").unit_named(""), None);
    }

    #[test]
    fn values_become_canonical_exactly() {
        for (id, typed, unit, canonical) in [
            ("tg", "3.40", "mmol/L", "301.138"),
            ("tg", "5.65", "mmol/L", "500.4205"),
            ("tg", "512", "mg/dL", "512"),
            ("plt", "15.8", "万/μL", "158"),
            ("wbc", "5600", "/µL", "5.6"),
            ("hba1c", "42", "mmol/mol", "5.993"),
            ("cre", "70", "µmol/L", "0.7917"),
            ("alt", "<5", "U/L", "5"),
        ] {
            assert_eq!(
                seen(id, typed, unit, "").canonical,
                Some(d(canonical)),
                "{id} {typed}"
            );
        }
        // Half to even at the fourth decimal.
        assert_eq!(
            seen("wbc", "5.0005", "10^2/uL", "").canonical,
            Some(d("0.5000"))
        );
        assert_eq!(
            seen("wbc", "5.0015", "10^2/uL", "").canonical,
            Some(d("0.5002"))
        );
        assert_eq!(seen("tg", "512", "mol", "").canonical, None);
        assert_eq!(result("alt", Reported::Pending, "U/L", "").canonical, None);
    }

    #[test]
    fn ranges_are_read_as_reports_print_them() {
        for (text, printed) in [
            ("10-42", "10-42"),
            ("30–149", "30-149"),
            ("０．４～１．５", "0.4-1.5"),
            ("7 - 23", "7-23"),
            ("<150", "<150"),
            (">=40", ">=40"),
            ("≦1.0", "<=1.0"),
            ("＞5", ">5"),
        ] {
            let range = ReferenceRange::parse(text, RangeSource::Report).expect(text);
            assert_eq!(range.text(), printed, "{text}");
            assert_eq!(
                ReferenceRange::parse(printed, RangeSource::Report),
                Ok(range)
            );
        }
        for text in [
            "",
            "42",
            "42-10",
            "-5",
            "男:43～57",
            "Negative",
            "1-2-3",
            "<1-5",
        ] {
            assert!(
                ReferenceRange::parse(text, RangeSource::Report).is_err(),
                "{text}"
            );
        }
    }

    #[test]
    fn a_result_is_judged_by_its_own_range() {
        for (typed, range, letters) in [
            ("23", "7-23", ""),
            ("23.1", "7-23", "H"),
            ("7", "7-23", ""),
            ("6.9", "7-23", "L"),
            ("150", "<150", "H"),
            ("149", "<150", ""),
            ("40", ">=40", ""),
            ("39", ">=40", "L"),
            ("24", "", "?"),
            ("<5", "7-23", "L"),
            ("<10", "7-23", "?"),
            (">20", "7-23", "?"),
            (">30", "7-23", "H"),
        ] {
            assert_eq!(flag("alt", typed, "U/L", range), letters, "{typed} {range}");
        }
    }

    #[test]
    fn critical_limits_are_exact_and_need_no_range() {
        for (id, typed, unit, range, letters) in [
            ("alt", "499", "U/L", "7-23", "H"),
            ("alt", "500", "U/L", "7-23", "HH"),
            ("alt", "500", "U/L", "", "HH"),
            ("alt", ">400", "U/L", "7-23", "H"),
            ("alt", ">=500", "U/L", "7-23", "HH"),
            ("tg", "11.29", "mmol/L", "0.34-1.32", "H"),
            ("tg", "11.30", "mmol/L", "0.34-1.32", "HH"),
            ("wbc", "2.0", "10^3/uL", "3.3-8.6", "LL"),
            ("wbc", "2.1", "10^3/uL", "3.3-8.6", "L"),
            ("wbc", "2000", "/uL", "3300-8600", "LL"),
            ("neut", "0.5", "10^3/uL", "1.5-7.5", "L"),
            ("neut", "0.4", "10^3/uL", "1.5-7.5", "LL"),
            ("plt", "3.0", "万/uL", "15.8-34.8", "LL"),
            // No call-out value is known, so none is made up.
            ("tc", "1000", "mg/dL", "142-248", "H"),
        ] {
            assert_eq!(flag(id, typed, unit, range), letters, "{id} {typed}");
        }
    }

    #[test]
    fn what_is_no_value_is_never_judged() {
        for reported in [
            Reported::Pending,
            Reported::Haemolysed,
            Reported::Lost,
            Reported::NotDone,
        ] {
            let result = result("alt", reported, "U/L", "7-23");
            assert_eq!(judge(&result, &analyte("alt")), Flag::NotJudged);
            assert_eq!(times_upper(&result), None);
            assert_eq!(percent_of(&result, &result), None);
        }
    }

    #[test]
    fn ratios_are_told_only_of_exact_values() {
        let now = seen("alt", "75", "U/L", "7-23");
        let baseline = seen("alt", "20", "U/L", "10-42");
        assert_eq!(times_upper(&now), Some(d("3.3")));
        assert_eq!(percent_of(&now, &baseline), Some(d("375")));
        assert_eq!(change(&now, &baseline), Some(d("55")));
        assert_eq!(times_upper(&seen("alt", "75", "U/L", ">=7")), None);
        assert_eq!(times_upper(&seen("alt", ">75", "U/L", "7-23")), None);
        assert_eq!(change(&seen("alt", "<5", "U/L", ""), &baseline), None);
        assert_eq!(change(&seen("ast", "75", "U/L", ""), &baseline), None);
        let mmol = seen("tg", "2", "mmol/L", "");
        assert_eq!(
            change(&mmol, &seen("tg", "100", "mg/dL", "")),
            Some(d("77.14"))
        );
    }

    #[test]
    fn three_times_upper_is_compared_exactly() {
        for (typed, truth) in [
            ("69", Truth::No),
            ("69.01", Truth::Yes),
            (">69", Truth::Yes),
            (">68", Truth::Undecidable),
        ] {
            let result = seen("alt", typed, "U/L", "7-23");
            assert_eq!(above_times_upper(&result, d("3")), truth, "{typed}");
        }
        assert_eq!(
            above_times_upper(&seen("alt", "900", "U/L", ""), d("3")),
            Truth::Undecidable
        );
    }

    fn ask(id: &str, typed: &str, unit: &str) -> Check {
        check(&analyte(id), typed, unit, None)
    }

    #[test]
    fn a_unit_mix_up_is_asked_before_anything_is_refused() {
        for (id, typed, unit, suggested) in [
            ("tg", "1.9", "mg/dL", "mmol/L"),
            ("tg", "11.9", "mg/dL", "mmol/L"),
            ("tc", "14.9", "mg/dL", "mmol/L"),
            ("ldl", "7.9", "mg/dL", "mmol/L"),
            ("hdl", "1.2", "mg/dL", "mmol/L"),
            ("plt", "15.8", "10^3/uL", "10^4/uL"),
            ("plt", "59.9", "×10³/µL", "10^4/uL"),
            ("wbc", "5600", "10^3/uL", "/uL"),
        ] {
            let unit_question = Check::UnitQuestion {
                unit: suggested.into(),
            };
            assert_eq!(ask(id, typed, unit), unit_question, "{id} {typed}");
        }
        assert!(matches!(ask("tg", "12", "mg/dL"), Check::Unusual(_)));
        assert!(matches!(ask("tg", "1.9", "mmol/L"), Check::Fine(_)));
        assert!(matches!(ask("plt", "15.8", "万/uL"), Check::Fine(_)));
        assert!(matches!(ask("plt", "60", "10^3/uL"), Check::Unusual(_)));
        assert_eq!(
            ask("wbc", "1000", "10^3/uL"),
            Check::Impossible { limit: d("500") }
        );
    }

    #[test]
    fn once_the_unit_is_affirmed_the_limits_speak() {
        let asked = Asked {
            unit: true,
            unusual: false,
        };
        let affirmed = |typed| check_after(&analyte("tg"), typed, "mg/dL", None, asked);
        assert_eq!(affirmed("1.9"), Check::Impossible { limit: d("5") });
        assert_eq!(
            affirmed("8"),
            Check::Unusual(vec![Why::Low { limit: d("20") }])
        );
    }

    #[test]
    fn hard_limits_refuse_and_soft_ones_ask() {
        for (id, typed, unit, refused) in [
            ("alt", "20000", "U/L", false),
            ("alt", "20000.1", "U/L", true),
            ("alt", "0", "U/L", true),
            ("neut", "0", "10^3/uL", false),
            ("hb", "2", "g/dL", false),
            ("hb", "1.9", "g/dL", true),
            ("hb", "19", "g/L", true),
            ("cre", "<0.1", "mg/dL", false),
        ] {
            let impossible = matches!(ask(id, typed, unit), Check::Impossible { .. });
            assert_eq!(impossible, refused, "{id} {typed}");
        }
        for (typed, asked) in [
            ("200", false),
            ("200.1", true),
            ("3", false),
            ("2.9", true),
            ("<3", true),
            (">150", false),
        ] {
            assert_eq!(
                matches!(ask("alt", typed, "U/L"), Check::Unusual(_)),
                asked,
                "{typed}"
            );
        }
        let confirmed = Asked {
            unit: true,
            unusual: true,
        };
        assert!(matches!(
            check_after(&analyte("alt"), "300", "U/L", None, confirmed),
            Check::Fine(_)
        ));
    }

    #[test]
    fn a_leap_from_the_last_value_is_asked() {
        let last = seen("alt", "30", "U/L", "");
        let against_last = |typed: &str| check(&analyte("alt"), typed, "U/L", Some(&last));
        let last = d("30");
        assert!(matches!(against_last("90"), Check::Fine(_)));
        assert_eq!(
            against_last("91"),
            Check::Unusual(vec![Why::FarAboveLast { last }])
        );
        assert!(matches!(against_last("10"), Check::Fine(_)));
        assert_eq!(
            against_last("9.9"),
            Check::Unusual(vec![Why::FarBelowLast { last }])
        );
        assert_eq!(
            against_last("<10"),
            Check::Unusual(vec![Why::FarBelowLast { last }])
        );
        let pending = result("alt", Reported::Pending, "U/L", "");
        assert!(matches!(
            check(&analyte("alt"), "150", "U/L", Some(&pending)),
            Check::Fine(_)
        ));
    }

    #[test]
    fn what_cannot_be_understood_is_said_so() {
        assert_eq!(
            ask("alt", "12-15", "U/L"),
            Check::Unreadable(QuantityError::Unreadable)
        );
        assert_eq!(ask("alt", "12", "mg/dL"), Check::UnknownUnit);
        assert_eq!(ask("hcgu", "5", ""), Check::UnknownUnit);
    }

    #[test]
    fn catalogue_ranges_follow_the_unit() {
        let range =
            |id: &str, male, unit: &str| analyte(id).catalogue_range(male, unit).map(|r| r.text());
        assert_eq!(range("alt", false, "U/L").as_deref(), Some("7-23"));
        assert_eq!(range("alt", true, "U/L").as_deref(), Some("10-42"));
        assert_eq!(range("plt", true, "万/uL").as_deref(), Some("15.8-34.8"));
        assert_eq!(range("wbc", true, "/uL").as_deref(), Some("3300-8600"));
        assert_eq!(range("neut", true, "/uL"), None);
        assert_eq!(range("alt", true, "mg/dL"), None);
    }

    proptest! {
        #[test]
        fn a_fine_value_is_kept_as_typed(whole in 3u32..200, fraction in 0u32..10) {
            let typed = format!("{whole}.{fraction}");
            prop_assume!(whole < 200 || fraction == 0);
            match ask("alt", &typed, "U/L") {
                Check::Fine(q) => prop_assert_eq!(q.typed, typed),
                other => prop_assert!(false, "{:?}", other),
            }
        }

        #[test]
        fn a_range_reads_back(low in 0u32..1000, more in 0u32..1000, scale in 0u32..3) {
            let range = ReferenceRange::between(
                Some(Decimal::new(low.into(), scale)),
                Some(Decimal::new((low + more).into(), scale)),
                RangeSource::Clinic,
            );
            prop_assert_eq!(ReferenceRange::parse(&range.text(), RangeSource::Clinic), Ok(range));
        }

        #[test]
        fn nothing_typed_panics(typed in "\\PC{0,12}", unit in "\\PC{0,8}") {
            let _ = ask("tg", &typed, &unit);
            let _ = ReferenceRange::parse(&typed, RangeSource::Report);
        }
    }
}
