//! Every resource of a file, and what a reference names.

use super::shape::{DiagnosticReport, Id, Kind, List, Named, Patient, Reference, Scalar, Specimen};
use super::{DEEPEST, MOST_ROWS, Refusal, json};
use serde_json::value::RawValue;
use std::collections::HashMap;

/// The largest patient, specimen or organisation that is looked at, in bytes: it is
/// read again for every result that names it.
const LARGEST: usize = 100_000;

/// An Observation, not yet read.
pub(super) struct Found<'a> {
    pub(super) path: String,
    pub(super) raw: &'a str,
    /// The names it goes by.
    pub(super) names: Vec<String>,
    /// Where `#id` is looked for.
    pub(super) scope: usize,
    pub(super) bundle: Option<usize>,
    /// Its kind cannot be read.
    pub(super) broken: bool,
}

/// A Bundle's own words.
#[derive(Clone, Debug, Default)]
pub(super) struct BundleHead {
    pub(super) identifier: Option<String>,
    pub(super) timestamp: Option<String>,
}

/// The resources of a file.
#[derive(Default)]
pub(super) struct Resources<'a> {
    pub(super) observations: Vec<Found<'a>>,
    reports: Vec<DiagnosticReport>,
    /// Which report lists an Observation among its results, by each of its names.
    listed: HashMap<String, usize>,
    pub(super) bundles: Vec<BundleHead>,
    /// Everything else that a reference may name, by each of its names.
    by_name: HashMap<String, &'a str>,
    kinds: Vec<String>,
    scopes: usize,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Bundle<'a> {
    identifier: Option<super::shape::Identifier>,
    timestamp: Scalar,
    #[serde(borrow)]
    entry: Vec<Entry<'a>>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Entry<'a> {
    #[serde(rename = "fullUrl")]
    full_url: Scalar,
    #[serde(borrow)]
    resource: Option<&'a RawValue>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Container<'a> {
    #[serde(borrow)]
    contained: Vec<&'a RawValue>,
}

/// Where a resource stands.
struct Site {
    path: String,
    full_url: Option<String>,
    scope: usize,
    bundle: Option<usize>,
    depth: usize,
}

impl<'a> Resources<'a> {
    /// Adds one value of the file: a resource, or a list of them.
    pub(super) fn add(
        &mut self,
        raw: &'a RawValue,
        path: String,
        depth: usize,
    ) -> Result<(), Refusal> {
        if raw.get().starts_with('[') {
            let list: Vec<&RawValue> = serde_json::from_str(raw.get()).map_err(|e| json(&e))?;
            for (at, one) in list.into_iter().enumerate() {
                self.resource(one.get(), self.site(format!("{path}[{at}]"), depth))?;
            }
            return Ok(());
        }
        let site = self.site(path, depth);
        self.resource(raw.get(), site)
    }

    fn site(&self, path: String, depth: usize) -> Site {
        Site {
            path,
            full_url: None,
            scope: self.scopes,
            bundle: None,
            depth,
        }
    }

    fn resource(&mut self, raw: &'a str, site: Site) -> Result<(), Refusal> {
        // What does not even say its kind may be a result: it counts, and is refused.
        let read: Result<Kind, _> = serde_json::from_str(raw);
        let broken = read.is_err();
        let kind = read.unwrap_or_default();
        self.kinds
            .push(kind.resource_type.0.chars().take(40).collect());
        if self.kinds.len() > MOST_ROWS * 2 {
            return Err(Refusal::TooManyRows);
        }
        let names = self.names(&kind, raw, &site);
        let bundle = site.bundle;
        match kind.resource_type.0.as_str() {
            _ if broken => self.observations.push(Found {
                path: site.path.clone(),
                raw,
                names,
                scope: site.scope,
                bundle,
                broken,
            }),
            "Bundle" if site.depth < DEEPEST => return self.bundle(raw, &site),
            "Observation" => self.observations.push(Found {
                path: site.path.clone(),
                raw,
                names,
                scope: self.scopes + 1,
                bundle,
                broken,
            }),
            "DiagnosticReport" => {
                let report: DiagnosticReport = serde_json::from_str(raw).unwrap_or_default();
                self.list(&report, &site);
                self.reports.push(report);
            }
            _ => self
                .by_name
                .extend(names.into_iter().map(|name| (name, raw))),
        }
        self.contained(raw, &site)
    }

    /// `Type/id`, the full address, and `#id` within its container.
    fn names(&self, kind: &Kind, raw: &str, site: &Site) -> Vec<String> {
        let mut names: Vec<String> = site.full_url.iter().cloned().collect();
        let id: Id = serde_json::from_str(raw).unwrap_or_default();
        if let Some(id) = id.id.some() {
            let bundle = site.bundle.unwrap_or(usize::MAX);
            names.push(format!("{bundle}:{}/{id}", kind.resource_type.0));
            names.push(format!("{}#{id}", site.scope));
        }
        names
    }

    fn bundle(&mut self, raw: &'a str, site: &Site) -> Result<(), Refusal> {
        let bundle: Bundle<'a> = serde_json::from_str(raw).map_err(|e| json(&e))?;
        self.bundles.push(BundleHead {
            identifier: bundle.identifier.and_then(|i| i.value.some()),
            timestamp: bundle.timestamp.some(),
        });
        let number = self.bundles.len() - 1;
        for (at, entry) in bundle.entry.into_iter().enumerate() {
            let Some(resource) = entry.resource else {
                continue;
            };
            let inner = Site {
                path: format!("{}entry[{at}]", dotted(&site.path)),
                full_url: entry.full_url.some(),
                scope: self.scopes,
                bundle: Some(number),
                depth: site.depth + 1,
            };
            self.resource(resource.get(), inner)?;
        }
        Ok(())
    }

    fn contained(&mut self, raw: &'a str, site: &Site) -> Result<(), Refusal> {
        if site.depth > DEEPEST {
            return Ok(());
        }
        let container: Container<'a> = serde_json::from_str(raw).unwrap_or_default();
        self.scopes += 1;
        let scope = self.scopes;
        for (at, inner) in container.contained.into_iter().enumerate() {
            let inner_site = Site {
                path: format!("{}contained[{at}]", dotted(&site.path)),
                full_url: None,
                scope,
                bundle: site.bundle,
                depth: DEEPEST + 1,
            };
            let before = self.observations.len();
            self.resource(inner.get(), inner_site)?;
            // What is contained looks for `#id` where it lies itself.
            for found in &mut self.observations[before..] {
                found.scope = scope;
            }
        }
        Ok(())
    }

    /// Whether nothing here is of a laboratory.
    pub(super) fn is_empty(&self) -> bool {
        self.observations.is_empty() && self.reports.is_empty() && self.bundles.is_empty()
    }

    /// The type of the first resource; empty where it says none.
    pub(super) fn first_kind(&self) -> String {
        self.kinds.first().cloned().unwrap_or_default()
    }

    fn find(&self, reference: &Reference, from: &Found<'_>) -> Option<&'a str> {
        self.named(reference, from)
            .filter(|raw| raw.len() <= LARGEST)
    }

    fn named(&self, reference: &Reference, from: &Found<'_>) -> Option<&'a str> {
        let text = reference.reference.0.as_str();
        let bundle = from.bundle.unwrap_or(usize::MAX);
        let by = |name: String| self.by_name.get(&name).copied();
        if let Some(id) = text.strip_prefix('#') {
            return by(format!("{}#{id}", from.scope));
        }
        if !text.is_empty() {
            return by(text.to_owned()).or_else(|| by(format!("{bundle}:{text}")));
        }
        let (kind, id) = (reference.kind.some()?, reference.id.some()?);
        by(format!("{bundle}:{kind}/{id}"))
    }

    pub(super) fn patient(&self, reference: &Reference, from: &Found<'_>) -> Option<Patient> {
        serde_json::from_str(self.find(reference, from)?).ok()
    }

    pub(super) fn specimen(&self, reference: &Reference, from: &Found<'_>) -> Option<Specimen> {
        serde_json::from_str(self.find(reference, from)?).ok()
    }

    /// The name of a laboratory, as it stands at the reference or behind it.
    pub(super) fn performer(&self, list: &List<Reference>, from: &Found<'_>) -> Option<String> {
        list.0.iter().find_map(|reference| {
            reference.display.some().or_else(|| {
                let named: Named = serde_json::from_str(self.find(reference, from)?).ok()?;
                named.name.some()
            })
        })
    }

    /// The report that lists an Observation among its results.
    pub(super) fn report_of(&self, found: &Found<'_>) -> Option<&DiagnosticReport> {
        let at = found.names.iter().find_map(|name| self.listed.get(name))?;
        self.reports.get(*at)
    }

    fn list(&mut self, report: &DiagnosticReport, site: &Site) {
        let bundle = site.bundle.unwrap_or(usize::MAX);
        for reference in &report.results.0 {
            let text = match reference.reference.0.as_str() {
                "" => format!("{}/{}", reference.kind.0, reference.id.0),
                text => text.to_owned(),
            };
            let local = match text.strip_prefix('#') {
                // What it contains comes next.
                Some(id) => format!("{}#{id}", self.scopes + 1),
                None => format!("{bundle}:{text}"),
            };
            for name in [text, local] {
                self.listed.entry(name).or_insert(self.reports.len());
            }
        }
    }
}

fn dotted(path: &str) -> String {
    if path.is_empty() {
        String::new()
    } else {
        format!("{path}.")
    }
}
