//! Identifiers, made by the program before anything is saved, so that a
//! commit of unknown outcome can be looked up by the id it was sent with.

use uuid::Uuid;

/// Makes a newtype over a UUID: sixteen bytes, ordered by the time it was made.
macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// The id of these sixteen bytes.
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// The sixteen bytes, as the file keeps them.
            pub fn bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }
    )+};
}

id! {
    /// One person under care.
    PatientId,
    /// One course of treatment.
    CourseId,
    /// One encounter.
    VisitId,
    /// One save.
    EntryId,
    /// One who types or signs.
    PersonId,
    /// One draw of blood.
    SpecimenId,
    /// One measured value.
    ObservationId,
    /// One draw as a laboratory's file told of it.
    DrawId,
    /// One result of such a draw.
    ReturnedId,
}
