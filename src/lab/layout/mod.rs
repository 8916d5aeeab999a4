//! How a laboratory's columns are laid out, as one TOML file declares it.
//!
//! A clinic adds its laboratory with such a file and no code. Every column is
//! named in its order; `-` is one that is not read. A file that says something
//! else than the program understands is refused with line, column and word.

mod error;
mod raw;

pub use error::{LayoutError, LayoutErrorKind};

use super::Charset;
use super::received::Status;
use crate::domain::answer::{Sex, words};
use crate::domain::catalogue::Catalogue;
use crate::domain::lang::Words;
use crate::domain::observation::{AnalyteId, Fasting};
use crate::domain::quantity::Comparator;
use std::collections::HashMap;

/// One layout, or a laboratory's own codes in HL7 (without columns).
#[derive(Clone, Debug)]
pub struct Layout {
    /// A short word; a layout of the same name replaces the one there was.
    pub name: String,
    pub label: Words,
    /// As the file says; the bytes decide.
    pub encoding: Option<Charset>,
    pub separator: char,
    pub header_lines: usize,
    /// Words that stand in the header lines; all of them.
    pub header: Vec<String>,
    /// What each column holds; `None` where it is not read. Empty for HL7.
    pub columns: Vec<Option<Column>>,
    /// How many of the last columns a row may leave out.
    pub optional: usize,
    /// Forms of days, tried before those every reader knows (`%y%m%d`).
    pub dates: Vec<String>,
    /// What an empty value means: pending, or nothing known.
    pub empty_is_pending: bool,
    /// What a status means that is not declared.
    pub status_other: Status,
    pub status: HashMap<String, Status>,
    pub sex: HashMap<String, Sex>,
    pub fasting: HashMap<String, Fasting>,
    /// What stands beside a value and how it relates to it; `None`: no value.
    pub value_form: HashMap<String, Option<Comparator>>,
    /// Kinds of rows that head others.
    pub headings: Vec<String>,
    /// Words for a first run of a test, as against a repeated one.
    pub first_run: Vec<String>,
    /// Spellings of units that mean one thing at this laboratory.
    pub units: HashMap<String, String>,
    /// The laboratory's own codes.
    pub codes: Vec<OwnCode>,
}

/// A code of a laboratory's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnCode {
    /// In HL7 what stands as its coding system; in columns the layout's name.
    pub system: String,
    pub code: String,
    pub analyte: AnalyteId,
    /// The unit it is reported in where the file leaves it empty.
    pub unit: Option<String>,
}

words! {
    /// What a column can hold.
    Column {
        Laboratory = "laboratory",
        /// The number the laboratory knows the patient by.
        PatientId = "patient_id",
        /// The clinic's own number of the patient.
        ChartNumber = "chart_number",
        Name = "name",
        Kana = "kana",
        Birth = "birth",
        Sex = "sex",
        /// Day of the draw, perhaps with the time.
        Drawn = "drawn",
        /// Time of the draw, where it has a column of its own.
        DrawnTime = "drawn_time",
        /// When the laboratory reported.
        Sent = "sent",
        Order = "order",
        Filler = "filler",
        Fasting = "fasting",
        /// Weeks of pregnancy on the order.
        Pregnancy = "pregnancy",
        Haemolysis = "haemolysis",
        Lipaemia = "lipaemia",
        Icterus = "icterus",
        DrawComment = "draw_comment",
        Status = "status",
        /// The laboratory's own code of the test.
        Code = "code",
        TestName = "test_name",
        Loinc = "loinc",
        /// 15 or 17 characters.
        Jlac10 = "jlac10",
        Jlac10Analyte = "jlac10_analyte",
        Jlac10Material = "jlac10_material",
        Jlac10Load = "jlac10_load",
        RowKind = "row_kind",
        /// Which run of the test it is.
        Run = "run",
        Value = "value",
        ValueForm = "value_form",
        Unit = "unit",
        Flag = "flag",
        Range = "range",
        RangeLow = "range_low",
        RangeHigh = "range_high",
        Material = "material",
        /// JLAC10, three characters.
        MaterialCode = "material_code",
        Method = "method",
        Comment = "comment",
    }
}

impl Layout {
    /// Reads the text of a layout file.
    ///
    /// # Errors
    /// The first thing that is not understood, with line, column and word.
    pub fn read(text: &str, catalogue: &Catalogue) -> Result<Layout, LayoutError> {
        raw::read(text, catalogue)
    }

    /// Whether some column holds this.
    pub fn has(&self, column: Column) -> bool {
        self.columns.contains(&Some(column))
    }
}
