//! Days: one reader for everything people type, and the printers.
