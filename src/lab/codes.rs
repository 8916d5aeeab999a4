//! Codes and names of laboratory tests, and which analyte they mean.
//!
//!   LN 1742-6 -> alt      JC10 3F015130002327101 -> tg, fasting
//!
//! A code counts only together with its system, and only where the name beside
//! it does not say something else.

use super::received::{CodeSent, CodeSystem, Method, Why};
use crate::domain::catalogue::Catalogue;
use crate::domain::observation::{AnalyteId, Fasting};
use crate::domain::plain::{capital, small};
use serde::Deserialize;
use std::collections::HashMap;

use super::tables::Meant;

/// The table of codes and names.
#[derive(Clone, Debug)]
pub(super) struct Codes {
    analytes: Vec<Known>,
    /// What a name says, by its key; `None` for analytes that have no place here.
    names: HashMap<String, Option<AnalyteId>>,
    /// Codes of a laboratory's own, by system and code.
    own: HashMap<(String, String), AnalyteId>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    analyte: Vec<Known>,
    #[serde(default)]
    other: Vec<Other>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Other {
    names: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    id: AnalyteId,
    #[serde(default)]
    jlac10: Vec<Jlac10>,
    #[serde(default)]
    loinc: Vec<String>,
    #[serde(default)]
    loinc_fasting: Vec<String>,
    #[serde(default)]
    ifcc: Vec<String>,
    #[serde(default)]
    jscc: Vec<String>,
    names: Vec<String>,
}

/// A pattern of JLAC10 codes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Jlac10 {
    code: String,
    #[serde(default = "no_state")]
    idents: Vec<Ident>,
    #[serde(default = "serum_or_plasma")]
    materials: Vec<String>,
    #[serde(default = "first_result")]
    results: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ident {
    code: String,
    fasting: Fasting,
}

fn no_state() -> Vec<Ident> {
    vec![Ident {
        code: "0000".to_owned(),
        fasting: Fasting::Unknown,
    }]
}

fn serum_or_plasma() -> Vec<String> {
    ["022", "023"].map(str::to_owned).to_vec()
}

fn first_result() -> Vec<String> {
    vec!["01".to_owned()]
}

/// What one code says.
enum Says<'a> {
    /// An analyte of the table, with what else the code tells.
    Analyte(&'a AnalyteId, Option<Fasting>, Option<Method>),
    OtherMaterial,
    /// A code of a known system that is none of ours.
    Nothing,
    /// A system that is not known.
    Foreign,
}

impl Codes {
    /// Reads the text of the table; refuses a name of two analytes, and an analyte
    /// that the catalogue does not have.
    pub(super) fn parse(text: &str, catalogue: &Catalogue) -> Result<Self, String> {
        let written: Written = toml::from_str(text).map_err(|e| e.to_string())?;
        let unknown = |known: &&Known| catalogue.get(&known.id).is_none();
        if let Some(unknown) = written.analyte.iter().find(unknown) {
            return Err(format!("codes: \"{}\" is no analyte", unknown.id.0));
        }
        let mut codes = Self {
            analytes: written.analyte,
            names: HashMap::new(),
            own: HashMap::new(),
        };
        let ours = codes.analytes.iter();
        let ours = ours.flat_map(|a| a.names.iter().map(|name| (name, Some(a.id.clone()))));
        let other = written.other.iter().flat_map(|o| &o.names);
        for (name, id) in ours.chain(other.map(|name| (name, None))) {
            let before = codes.names.insert(name_key(name), id.clone());
            if before.is_some_and(|before| before != id) {
                return Err(format!(
                    "codes: the name \"{name}\" stands for two analytes"
                ));
            }
        }
        Ok(codes)
    }

    /// Lets a code of a laboratory's own mean an analyte.
    pub(super) fn add(&mut self, system: &str, code: &str, analyte: AnalyteId) {
        self.own
            .insert((system.to_owned(), code.to_owned()), analyte);
    }

    /// What the codes and the names beside them mean together.
    pub(super) fn meant(&self, codes: &[CodeSent], name: &str, catalogue: &Catalogue) -> Meant {
        let none = |why| Meant {
            analyte: Err(why),
            fasting: None,
            method: None,
        };
        let named = self.named(name);
        let (mut found, mut material, mut known) = (None::<Meant>, false, false);
        for code in codes {
            let (id, fasting, method) = match self.says(code, catalogue) {
                Says::Analyte(id, fasting, method) => (id, fasting, method),
                Says::OtherMaterial => {
                    material = true;
                    continue;
                }
                Says::Nothing => {
                    known = true;
                    continue;
                }
                Says::Foreign => continue,
            };
            let contradicts = |name: &str| {
                self.named(name)
                    .is_some_and(|named| named.as_ref() != Some(id))
            };
            if contradicts(&code.name) || contradicts(name) {
                return none(Why::NameContradicts);
            }
            let of = Meant {
                analyte: Ok(id.clone()),
                fasting,
                method,
            };
            match &found {
                None => found = Some(of),
                Some(before) if before.analyte != of.analyte => return none(Why::CodesContradict),
                Some(before) => found = Some(before.clone().with(of)),
            }
        }
        if codes.is_empty() {
            return none(Why::NoCode);
        }
        if material {
            // Also beside a local code that means it: the material is another.
            return none(Why::OtherMaterial);
        }
        match found {
            Some(meant) => meant.with(Meant {
                method: method_named(name),
                ..none(Why::NoCode)
            }),
            // A code of something else beside a name of ours.
            None if known && matches!(named, Some(Some(_))) => none(Why::NameContradicts),
            None => none(Why::CodeUnknown),
        }
    }

    fn says<'a>(&'a self, code: &CodeSent, catalogue: &'a Catalogue) -> Says<'a> {
        let own = (code.system.text().to_owned(), code.code.clone());
        if let Some(id) = self.own.get(&own) {
            return Says::Analyte(id, None, method_named(&code.name));
        }
        match code.system {
            CodeSystem::Loinc => self.loinc(code, catalogue),
            CodeSystem::Jlac10 => self.jlac10(code),
            CodeSystem::Jlac11 | CodeSystem::Other(_) => Says::Foreign,
        }
    }

    fn loinc<'a>(&'a self, code: &CodeSent, catalogue: &'a Catalogue) -> Says<'a> {
        let has = |list: &[String]| list.contains(&code.code);
        let method = method_named(&code.name);
        for known in &self.analytes {
            if has(&known.loinc_fasting) {
                return Says::Analyte(&known.id, Some(Fasting::Yes), method);
            }
            if has(&known.loinc) {
                return Says::Analyte(&known.id, None, method);
            }
        }
        match catalogue.analytes.iter().find(|a| has(&a.loinc)) {
            Some(analyte) => Says::Analyte(&analyte.id, None, method),
            None => Says::Nothing,
        }
    }

    fn jlac10(&self, sent: &CodeSent) -> Says<'_> {
        let code: String = sent.code.chars().filter(|c| *c != '-').collect();
        // Fifteen characters leave out which result of the test it is.
        if !code.is_ascii() || !matches!(code.len(), 15 | 17) {
            return Says::Nothing;
        }
        let (test, ident, material, method) =
            (&code[..5], &code[5..9], &code[9..12], &code[12..15]);
        let mut elsewhere = false;
        for known in &self.analytes {
            for pattern in known.jlac10.iter().filter(|p| p.code == test) {
                let ident = pattern.idents.iter().find(|i| i.code == ident);
                let result = code.len() == 15 || pattern.results.iter().any(|r| *r == code[15..]);
                let Some(ident) = ident.filter(|_| result) else {
                    continue;
                };
                if !pattern.materials.iter().any(|m| m == material) {
                    elsewhere = true;
                    continue;
                }
                let said = (ident.fasting != Fasting::Unknown).then_some(ident.fasting);
                let method = known.method(method).or_else(|| method_named(&sent.name));
                return Says::Analyte(&known.id, said, method);
            }
        }
        if elsewhere {
            Says::OtherMaterial
        } else {
            Says::Nothing
        }
    }

    /// What a name says: `None` where it is not known, `Some(None)` where it is
    /// something that has no place here.
    fn named(&self, name: &str) -> Option<&Option<AnalyteId>> {
        let key = name_key(name);
        if key.is_empty() {
            return None;
        }
        self.names.get(&key).or_else(|| {
            let head = name.split(['(', '（', '[', ',', '_', '/', '／']).next()?;
            self.names.get(&name_key(head))
        })
    }

    /// See [`super::tables::Knowing::fits`].
    pub(super) fn fits(&self, id: &AnalyteId, material: &str) -> bool {
        let known = self.analytes.iter().find(|known| known.id == *id);
        let mut patterns = known.iter().flat_map(|known| &known.jlac10).peekable();
        patterns.peek().is_none() || patterns.any(|p| p.materials.iter().any(|m| m == material))
    }
}

impl Known {
    fn method(&self, code: &str) -> Option<Method> {
        let has = |list: &[String]| list.iter().any(|c| c == code);
        if has(&self.ifcc) {
            Some(Method::Ifcc)
        } else if has(&self.jscc) {
            Some(Method::Jscc)
        } else {
            None
        }
    }
}

impl Meant {
    /// What either of the two says beside the analyte.
    fn with(self, other: Meant) -> Meant {
        Meant {
            fasting: self.fasting.or(other.fasting),
            method: self.method.or(other.method),
            ..self
        }
    }
}

/// The method that a name or a remark on the method says.
pub(super) fn method_named(text: &str) -> Option<Method> {
    let text = capital(text);
    if text.contains("IFCC")
        || text.ends_with("/IF")
        || text.ends_with("(IF)")
        || text.ends_with("-IF")
    {
        Some(Method::Ifcc)
    } else if text.contains("JSCC") {
        Some(Method::Jscc)
    } else {
        None
    }
}

fn name_key(name: &str) -> String {
    small(name)
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '‐' | '−' | 'ー' | '.' | '・' | ':'))
        .collect()
}
