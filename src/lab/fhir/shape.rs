//! What is looked at of each resource. Everything is optional, lists may be
//! written as one, and numbers as text: senders do.

use crate::lab::clean;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// A number, text or truth value, to the character.
#[derive(Clone, Debug, Default)]
pub(super) struct Scalar(pub(super) String);

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(from)?.get();
        match raw.as_bytes().first() {
            Some(b'"') => serde_json::from_str::<Cow<'_, str>>(raw)
                .map(|text| Self(text.into_owned()))
                .map_err(de::Error::custom),
            Some(b'{' | b'[') => Err(de::Error::custom(
                "a list or object where a word must stand",
            )),
            _ if raw == "null" => Ok(Self::default()),
            _ => Ok(Self(raw.to_owned())),
        }
    }
}

/// A list, or what should be one and was written alone.
#[derive(Clone, Debug)]
pub(super) struct List<T>(pub(super) Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(ListVisitor(PhantomData))
    }
}

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
    type Value = List<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list or one of it")
    }

    fn visit_unit<E: de::Error>(self) -> Result<List<T>, E> {
        Ok(List::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<List<T>, A::Error> {
        let mut all = Vec::new();
        while let Some(one) = list.next_element()? {
            all.push(one);
        }
        Ok(List(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<List<T>, A::Error> {
        let one = T::deserialize(de::value::MapAccessDeserializer::new(map))?;
        Ok(List(vec![one]))
    }
}

/// Declares structs whose every field may be missing.
macro_rules! shapes {
    ($($(#[$doc:meta])* $name:ident { $($field:ident $json:literal : $kind:ty),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, serde::Deserialize)]
        #[serde(default)]
        pub(super) struct $name {
            $(#[serde(rename = $json)] pub(super) $field: $kind),+
        }
    )+};
}

shapes! {
    Kind {
        resource_type "resourceType": Scalar,
    }
    Id {
        id "id": Scalar,
    }
    Coding {
        system "system": Scalar,
        code "code": Scalar,
        display "display": Scalar,
    }
    Concept {
        coding "coding": List<Coding>,
        text "text": Scalar,
    }
    Identifier {
        system "system": Scalar,
        value "value": Scalar,
        kind "type": Concept,
    }
    /// What a reference says; some senders write type and id instead of one.
    Reference {
        reference "reference": Scalar,
        id "id": Scalar,
        kind "type": Scalar,
        display "display": Scalar,
        identifier "identifier": Option<Box<Identifier>>,
    }
    Quantity {
        value "value": Scalar,
        comparator "comparator": Scalar,
        unit "unit": Scalar,
        code "code": Scalar,
    }
    Range {
        low "low": Option<Quantity>,
        high "high": Option<Quantity>,
        kind "type": Concept,
        applies_to "appliesTo": List<Concept>,
        text "text": Scalar,
    }
    Period {
        start "start": Scalar,
    }
    Note {
        text "text": Scalar,
    }
    HumanName {
        usage "use": Scalar,
        text "text": Scalar,
        family "family": Scalar,
        given "given": List<Scalar>,
        extension "extension": List<Extension>,
    }
    Extension {
        url "url": Scalar,
        code "valueCode": Scalar,
    }
    Patient {
        identifier "identifier": List<Identifier>,
        name "name": List<HumanName>,
        gender "gender": Scalar,
        birth_date "birthDate": Scalar,
    }
    Named {
        name "name": Scalar,
    }
    Collection {
        at "collectedDateTime": Scalar,
        period "collectedPeriod": Option<Period>,
        fasting "fastingStatusCodeableConcept": Option<Concept>,
    }
    Specimen {
        kind "type": Concept,
        collection "collection": Collection,
        condition "condition": List<Concept>,
        note "note": List<Note>,
    }
    DiagnosticReport {
        identifier "identifier": List<Identifier>,
        status "status": Scalar,
        issued "issued": Scalar,
        performer "performer": List<Reference>,
        results "result": List<Reference>,
        conclusion "conclusion": Scalar,
    }
    Observation {
        identifier "identifier": List<Identifier>,
        based_on "basedOn": List<Reference>,
        status "status": Scalar,
        category "category": List<Concept>,
        code "code": Concept,
        subject "subject": Option<Reference>,
        at "effectiveDateTime": Scalar,
        instant "effectiveInstant": Scalar,
        period "effectivePeriod": Option<Period>,
        issued "issued": Scalar,
        performer "performer": List<Reference>,
        value "valueQuantity": Option<Quantity>,
        string "valueString": Option<Scalar>,
        concept "valueCodeableConcept": Option<Concept>,
        integer "valueInteger": Option<Scalar>,
        boolean "valueBoolean": Option<Scalar>,
        range "valueRange": Option<Raw>,
        ratio "valueRatio": Option<Raw>,
        sampled "valueSampledData": Option<Raw>,
        time "valueTime": Option<Raw>,
        date "valueDateTime": Option<Raw>,
        span "valuePeriod": Option<Raw>,
        absent "dataAbsentReason": Option<Concept>,
        interpretation "interpretation": List<Concept>,
        note "note": List<Note>,
        method "method": Option<Concept>,
        specimen "specimen": Option<Reference>,
        ranges "referenceRange": List<Range>,
        members "hasMember": List<Reference>,
        component "component": List<Part>,
    }
    /// An Observation's component: a value with a code of its own.
    Part {
        code "code": Concept,
        value "valueQuantity": Option<Quantity>,
        string "valueString": Option<Scalar>,
        concept "valueCodeableConcept": Option<Concept>,
        integer "valueInteger": Option<Scalar>,
        boolean "valueBoolean": Option<Scalar>,
        range "valueRange": Option<Raw>,
        ratio "valueRatio": Option<Raw>,
        sampled "valueSampledData": Option<Raw>,
        time "valueTime": Option<Raw>,
        date "valueDateTime": Option<Raw>,
        span "valuePeriod": Option<Raw>,
        absent "dataAbsentReason": Option<Concept>,
        interpretation "interpretation": List<Concept>,
        ranges "referenceRange": List<Range>,
    }
}

/// A value that is shown as it stands, its beginning at least.
#[derive(Clone, Debug)]
pub(super) struct Raw(pub(super) String);

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(from)?.get();
        Ok(Self(raw.chars().take(clean::LONGEST_FIELD).collect()))
    }
}

impl Scalar {
    pub(super) fn some(&self) -> Option<String> {
        let text = self.0.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }
}

impl Concept {
    /// Its words: text, else the first display, else the first code.
    pub(super) fn words(&self) -> String {
        let displays = self.coding.0.iter().map(|coding| &coding.display);
        let codes = self.coding.0.iter().map(|coding| &coding.code);
        let mut all = std::iter::once(&self.text).chain(displays).chain(codes);
        all.find_map(Scalar::some).unwrap_or_default()
    }

    pub(super) fn codes(&self) -> impl Iterator<Item = &str> {
        self.coding.0.iter().map(|coding| coding.code.0.as_str())
    }
}
