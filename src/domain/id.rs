//! Identities: sixteen bytes, one type per thing, so that a visit's id can
//! never be handed in where a patient's is meant.

/// Defines one id type. The bytes are made elsewhere (time and chance are no
/// business of the domain); ids made from later times order later.
#[macro_export]
macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(::uuid::Uuid);

        impl $name {
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(::uuid::Uuid::from_bytes(bytes))
            }

            pub const fn bytes(self) -> [u8; 16] {
                self.0.into_bytes()
            }
        }

        impl ::std::fmt::Display for $name {
            /// Hyphenated, lower case: 36 characters.
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                write!(f, "{}", self.0.hyphenated())
            }
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0.hyphenated())
            }
        }
    };
}

id!(
    /// Someone treated here.
    PatientId
);
id!(
    /// One run of treatment with the drug.
    CourseId
);
id!(
    /// One visit.
    VisitId
);
id!(
    /// One save: everything one person recorded in one go.
    EntryId
);
id!(
    /// Someone who records.
    PersonId
);
id!(
    /// One draw of blood or urine.
    SpecimenId
);
id!(
    /// One result of one analyte in one specimen.
    ObservationId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_keeps_its_bytes_and_prints_hyphenated() {
        let bytes = *b"\x01\x93\xe4\xf0\x00\x01\x70\x00\x80\x00\x00\x00\x00\x00\x00\x2a";
        let id = PatientId::from_bytes(bytes);
        assert_eq!(id.bytes(), bytes);
        assert_eq!(id.to_string(), "0193e4f0-0001-7000-8000-00000000002a");
        assert_eq!(
            format!("{id:?}"),
            "PatientId(0193e4f0-0001-7000-8000-00000000002a)"
        );
    }

    #[test]
    fn a_later_id_orders_later() {
        assert!(EntryId::from_bytes([1; 16]) < EntryId::from_bytes([2; 16]));
    }
}
