//! A laboratory's file becomes results and refused lines: bytes in, values out.
//!
//!   MSH|^~\&|…  OBX|1|NM|1742-6^ALT^LN||75|U/L|7-23|H|||F   ->  ALT 75 U/L, range 7-23, final
//!
//! Nothing is dropped between the two: every OBX segment, row or Observation of
//! the file stands in [`Reading::reports`] or in [`Reading::refused`], and
//! [`Reading::rows`] counts them on its own. Nothing here knows a clock, a file
//! or a patient of the clinic: whose results they are is decided elsewhere.

mod clean;
mod codes;
mod csv;
mod decode;
mod fhir;
mod hl7;
mod layout;
mod range;
mod received;
mod remark;
mod report;
mod tables;
mod units;
mod value;
mod when;

pub use layout::{Column, Layout, LayoutError, LayoutErrorKind, OwnCode};
pub use received::{
    AbsentWhy, CodeSent, CodeSystem, Key, Method, RangeSent, Received, Status, UnitSent, Value,
    ValueSent, Why,
};
pub use report::{Carries, IdSent, Moment, PatientSent, Remark, RemarkKind, Report};
pub use tables::Tables;

use crate::domain::answer::words;
use crate::domain::catalogue::Catalogue;
use std::fmt;
use tables::Knowing;

/// The largest file that is read, in bytes.
pub const MOST_BYTES: usize = 16 * 1024 * 1024;

/// The most results and refused lines of one file.
pub const MOST_ROWS: usize = 100_000;

/// The most warnings of one file that are kept.
pub const MOST_WARNINGS: usize = 200;

/// Reads one file.
///
/// # Errors
/// Why the file as a whole is not read; then nothing of it may be used.
pub fn read(bytes: &[u8], tables: &Tables, catalogue: &Catalogue) -> Result<Reading, Refusal> {
    if bytes.len() > MOST_BYTES {
        return Err(Refusal::TooLarge);
    }
    let declared = hl7::declared_in(bytes);
    let decoded = decode::decode(bytes, declared)?;
    if decoded.text.trim().is_empty() {
        return Err(Refusal::Empty);
    }
    let mut knowing = Knowing::of(tables, catalogue);
    let reading = if hl7::is_it(&decoded.text) {
        hl7::read(&decoded, &mut knowing)?
    } else if fhir::is_it(&decoded.text) {
        fhir::read(&decoded, &mut knowing)?
    } else {
        csv::read(&decoded, &mut knowing)?
    };
    debug_assert!(reading.adds_up());
    Ok(reading)
}

/// What became of one file.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    pub format: Format,
    pub encoding: Encoding,
    /// What was understood and is still worth a look.
    pub warnings: Vec<Warning>,
    /// How many more there were than [`MOST_WARNINGS`].
    pub more_warnings: usize,
    /// One a draw of one patient, in the order of the file.
    pub reports: Vec<Report>,
    pub refused: Vec<Refused>,
    /// Every OBX segment, CSV row or FHIR value there was.
    pub rows: usize,
}

impl Reading {
    /// Nothing read yet.
    fn new(format: Format, actual: Charset) -> Self {
        Self {
            format,
            encoding: Encoding {
                declared: None,
                actual,
            },
            warnings: Vec::new(),
            more_warnings: 0,
            reports: Vec::new(),
            refused: Vec::new(),
            rows: 0,
        }
    }

    fn refuse(&mut self, place: Place, reason: Reason, text: &str) {
        self.refused.push(Refused {
            place,
            reason,
            text: clean::shortened(text),
        });
    }

    fn warn(&mut self, place: Place, kind: WarningKind, text: &str) {
        if self.warnings.len() == MOST_WARNINGS {
            self.more_warnings += 1;
            return;
        }
        self.warnings.push(Warning {
            place: Some(place),
            kind,
            text: clean::shortened(text),
        });
    }

    /// How many results were read.
    pub fn results(&self) -> usize {
        self.reports.iter().map(|report| report.results.len()).sum()
    }

    /// Whether every row is accounted for. A reading where this is false is a
    /// fault of the program and must not be stored.
    pub fn adds_up(&self) -> bool {
        self.results() + self.refused.len() == self.rows
    }
}

/// What kind of file it is, found from its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Format {
    /// HL7 version 2: ORU or OUL messages.
    Hl7,
    /// Separated columns, by the layout of this name.
    Csv { layout: String },
    /// FHIR R4 as JSON.
    Fhir,
}

/// How the characters were written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoding {
    /// As the file says of itself (MSH-18, the layout); `None` where it does not.
    pub declared: Option<String>,
    /// As it was read.
    pub actual: Charset,
}

words! {
    /// The encodings files come in.
    Charset {
        /// Nothing that tells them apart.
        Ascii = "ASCII",
        Utf8 = "UTF-8",
        Utf16Le = "UTF-16LE",
        Utf16Be = "UTF-16BE",
        ShiftJis = "Shift_JIS",
        Iso2022Jp = "ISO-2022-JP",
        EucJp = "EUC-JP",
        Latin1 = "ISO-8859-1",
    }
}

/// Where in the file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A segment, by its line from 1 and its name.
    Segment { line: usize, name: String },
    /// A row, by the line from 1 on which it begins.
    Row { line: usize },
    /// A JSON value, by its path: `entry[3].component[0]`.
    Path(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Segment { line, name } => write!(f, "{line} {name}"),
            Place::Row { line } => write!(f, "{line}"),
            Place::Path(path) => f.write_str(path),
        }
    }
}

/// A row that gave no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub place: Place,
    pub reason: Reason,
    /// The row as it stands there, shortened, with nothing a terminal obeys.
    pub text: String,
}

words! {
    /// Why a row gave no result.
    Reason {
        /// In a message that is no laboratory report (an admission, an order).
        NotAReport = "not_a_report",
        /// Neither code nor name says what was measured.
        Nameless = "nameless",
        /// A stored document, no value.
        Document = "document",
        /// A field longer than any result.
        TooLong = "too_long",
        /// Characters that steer a terminal or turn the direction of a line.
        Hostile = "hostile",
        /// More or fewer columns than the layout says.
        Columns = "columns",
        /// A quotation mark out of place or never closed.
        Quote = "quote",
        /// A resource whose parts are of another shape than FHIR's.
        Shape = "shape",
        /// It stands in no message that can be cut into fields.
        NoMessage = "no_message",
    }
}

/// Something understood that is still worth a look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// `None` where it is of the whole file.
    pub place: Option<Place>,
    pub kind: WarningKind,
    /// What it is about, as sent, shortened and cleaned; may be empty.
    pub text: String,
}

words! {
    /// What a warning says.
    WarningKind {
        /// Encoding declared and encoding found differ.
        OtherEncoding = "other_encoding",
        /// A delimiter written with another character (`˜` for `~`).
        Delimiter = "delimiter",
        /// A line that begins no segment was joined to the one before it.
        JoinedLine = "joined_line",
        /// A date or time that could not be read; nothing stands in its place.
        Unreadable = "unreadable",
        /// Status of order and of result differ; the worse was taken.
        StatusConflict = "status_conflict",
        /// The batch says another number of messages than it holds.
        BatchCount = "batch_count",
        /// A message without a result.
        NoResults = "no_results",
        /// More numbers of a patient, or longer ones, than are kept.
        Shortened = "shortened",
    }
}

/// Why a whole file is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    Empty,
    /// More than [`MOST_BYTES`].
    TooLarge,
    /// More than [`MOST_ROWS`].
    TooManyRows,
    /// An archive, picture, program or database; its kind, such as `zip`.
    Binary(&'static str),
    /// No encoding fits all of its bytes.
    Encoding,
    /// Japanese that does not return to ASCII before the end of this line.
    OpenEscape {
        line: usize,
    },
    /// Neither HL7, nor FHIR, nor columns.
    UnknownFormat,
    /// Columns that no layout declares.
    NoLayout,
    /// Columns that several layouts could mean, by name.
    SeveralLayouts(Vec<String>),
    /// JSON that cannot be read, with the place.
    Json {
        line: usize,
        column: usize,
    },
    /// JSON that holds no results; its `resourceType`.
    NotFhir(String),
}

impl Refusal {
    /// A word for it that never changes.
    pub fn word(&self) -> &'static str {
        match self {
            Refusal::Empty => "empty",
            Refusal::TooLarge => "too_large",
            Refusal::TooManyRows => "too_many_rows",
            Refusal::Binary(_) => "binary",
            Refusal::Encoding => "encoding",
            Refusal::OpenEscape { .. } => "open_escape",
            Refusal::UnknownFormat => "unknown_format",
            Refusal::NoLayout => "no_layout",
            Refusal::SeveralLayouts(_) => "several_layouts",
            Refusal::Json { .. } => "json",
            Refusal::NotFhir(_) => "not_fhir",
        }
    }
}
