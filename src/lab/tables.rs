//! What a reader of laboratory files must know beforehand: codes, spellings of
//! units and layouts. Read from text once where files are read, not at start.

use super::codes::Codes;
use super::layout::Layout;
use super::range;
use super::received::{CodeSent, Method, RangeSent, Why};
use super::units::Units;
use crate::domain::answer::Sex;
use crate::domain::catalogue::{Analyte, Catalogue};
use crate::domain::observation::{AnalyteId, Fasting};
use std::collections::HashMap;

/// The layouts the program brings along.
const LAYOUTS: [&str; 4] = [
    include_str!("../../assets/lab/nlab.toml"),
    include_str!("../../assets/lab/dat2.toml"),
    include_str!("../../assets/lab/wolf.toml"),
    include_str!("../../assets/lab/hospital45.toml"),
];

const CODES: &str = include_str!("../../assets/lab/codes.toml");
const UNITS: &str = include_str!("../../assets/lab/units.toml");

/// Codes, spellings and layouts.
#[derive(Clone, Debug)]
pub struct Tables {
    codes: Codes,
    units: Units,
    layouts: Vec<Layout>,
}

impl Tables {
    /// What the program brings along.
    ///
    /// # Panics
    /// Never in a program whose tests passed: they read the same files.
    pub fn built_in(catalogue: &Catalogue) -> Self {
        let read = || -> Result<Self, String> {
            let tables = Self {
                codes: Codes::parse(CODES, catalogue)?,
                units: Units::parse(UNITS)?,
                layouts: Vec::new(),
            };
            LAYOUTS.iter().try_fold(tables, |tables, text| {
                let layout = Layout::read(text, catalogue).map_err(|error| error.to_string())?;
                Ok(tables.with(layout))
            })
        };
        match read() {
            Ok(tables) => tables,
            Err(why) => panic!("assets/lab: {why}"),
        }
    }

    /// The same with one more layout, or with another of the same name; its codes
    /// count in HL7 too, under the system it names.
    pub fn with(mut self, layout: Layout) -> Self {
        for own in &layout.codes {
            self.codes.add(&own.system, &own.code, own.analyte.clone());
        }
        self.layouts.retain(|known| known.name != layout.name);
        self.layouts.push(layout);
        self
    }

    /// Every layout, the clinic's own behind the program's.
    pub fn layouts(&self) -> &[Layout] {
        &self.layouts
    }
}

/// What a unit was understood as, of a test or of none.
type UnitOf = (Option<AnalyteId>, Result<String, Why>);

/// The tables beside the catalogue while one file is read. What was worked out
/// for one row is kept for the next, by all that was asked: a file names the same
/// few tests, units and ranges again and again.
pub(super) struct Knowing<'a> {
    tables: &'a Tables,
    catalogue: &'a Catalogue,
    meant: HashMap<Vec<CodeSent>, HashMap<String, Meant>>,
    units: HashMap<String, Vec<UnitOf>>,
    ranges: HashMap<String, Vec<(Option<Sex>, RangeSent)>>,
}

/// What the codes of a result say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Meant {
    pub(super) analyte: Result<AnalyteId, Why>,
    pub(super) fasting: Option<Fasting>,
    pub(super) method: Option<Method>,
}

impl<'a> Knowing<'a> {
    pub(super) fn of(tables: &'a Tables, catalogue: &'a Catalogue) -> Self {
        Self {
            tables,
            catalogue,
            meant: HashMap::new(),
            units: HashMap::new(),
            ranges: HashMap::new(),
        }
    }

    /// What codes and name mean together.
    pub(super) fn meant(&mut self, codes: &[CodeSent], name: &str) -> Meant {
        let known = self.meant.get(codes).and_then(|named| named.get(name));
        if let Some(known) = known {
            return known.clone();
        }
        let meant = self.tables.codes.meant(codes, name, self.catalogue);
        let named = self.meant.entry(codes.to_vec()).or_default();
        named.insert(name.to_owned(), meant.clone());
        meant
    }

    pub(super) fn layouts(&self) -> &'a [Layout] {
        &self.tables.layouts
    }

    pub(super) fn analyte(&self, id: &AnalyteId) -> Option<&'a Analyte> {
        self.catalogue.get(id)
    }

    /// Whether a material (JLAC10, three characters) is one the analyte is
    /// measured in; yes where none is declared.
    pub(super) fn fits(&self, id: &AnalyteId, material: &str) -> bool {
        self.tables.codes.fits(id, material)
    }

    /// The catalogue's name of a unit as sent.
    pub(super) fn unit(&mut self, analyte: Option<&AnalyteId>, sent: &str) -> Result<String, Why> {
        let known = self.units.get(sent).map_or(&[][..], Vec::as_slice);
        if let Some((_, known)) = known.iter().find(|(of, _)| of.as_ref() == analyte) {
            return known.clone();
        }
        let of = analyte.and_then(|id| self.catalogue.get(id));
        let read = self.tables.units.read(of, sent);
        let known = self.units.entry(sent.to_owned()).or_default();
        known.push((analyte.cloned(), read.clone()));
        read
    }

    /// A range as sent, for a patient of this sex.
    pub(super) fn range(&mut self, sent: &str, sex: Option<Sex>) -> RangeSent {
        let known = self.ranges.get(sent).map_or(&[][..], Vec::as_slice);
        if let Some((_, known)) = known.iter().find(|(of, _)| *of == sex) {
            return known.clone();
        }
        let read = range::of_text(sent, sex);
        let known = self.ranges.entry(sent.to_owned()).or_default();
        known.push((sex, read.clone()));
        read
    }
}
