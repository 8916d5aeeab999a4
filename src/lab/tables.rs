//! What a reader of laboratory files must know beforehand: codes and layouts.

use super::received::{CodeSent, CodeSystem, Why};
use crate::domain::catalogue::Catalogue;
use crate::domain::observation::AnalyteId;

/// Built once where files are read; nothing of it is needed to start.
#[derive(Clone, Debug, Default)]
pub struct Tables {}

impl Tables {
    /// What the program brings along.
    pub fn built_in() -> Self {
        Self::default()
    }

    /// The analyte of the codes sent with a result.
    pub(super) fn analyte(
        &self,
        codes: &[CodeSent],
        catalogue: &Catalogue,
    ) -> Result<AnalyteId, Why> {
        let known = |code: &CodeSent| {
            let of = |a: &&crate::domain::catalogue::Analyte| {
                code.system == CodeSystem::Loinc && a.loinc.contains(&code.code)
            };
            catalogue.analytes.iter().find(of).map(|a| a.id.clone())
        };
        if codes.is_empty() {
            return Err(Why::NoCode);
        }
        codes.iter().find_map(known).ok_or(Why::CodeUnknown)
    }
}
