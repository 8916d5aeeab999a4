//! Whose results these are: the identity a laboratory sent beside the charts.
//!
//!   0123, 1999-04-01, F, サトウ ハナ  beside  123, 1999-04-01, F, 佐藤 花  ->  hers
//!
//! Nothing is guessed. Chart number, birth date and sex must agree and the name
//! must not contradict; what was not sent agrees with nothing. A name alone
//! finds nobody, and whoever is nearly right is only shown to a person.

use super::answer::{Sex, words};
use super::fold::{fold, romaji, romaji_typed};
use super::id::PatientId;
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// Who the patient is, as sent. What was not sent is empty or `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claim {
    /// Every number given.
    pub numbers: Vec<String>,
    pub name: Option<String>,
    pub kana: Option<String>,
    pub birth_date: Option<NaiveDate>,
    pub sex: Option<Sex>,
}

/// Who a chart is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    pub patient: PatientId,
    pub chart_number: String,
    pub name: String,
    pub kana: String,
    pub birth_date: NaiveDate,
    pub sex: Sex,
}

words! {
    /// What is compared.
    Part {
        Number = "number",
        Birth = "birth",
        Sex = "sex",
        Kana = "kana",
        Name = "name",
    }
}

words! {
    /// How one part of the two identities stands.
    Agreement {
        Same = "same",
        Differs = "differs",
        /// One side, or both, say nothing.
        Missing = "missing",
    }
}

/// A chart beside a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    pub chart: Chart,
    pub parts: [(Part, Agreement); 5],
}

impl Compared {
    /// How this part stands.
    pub fn of(&self, part: Part) -> Agreement {
        let found = self.parts.iter().find(|(p, _)| *p == part);
        found.map_or(Agreement::Missing, |(_, agreement)| *agreement)
    }

    /// Number, birth date and sex agree, and no name differs.
    pub fn is_certain(&self) -> bool {
        let same = |part| self.of(part) == Agreement::Same;
        let differs = |part| self.of(part) == Agreement::Differs;
        same(Part::Number)
            && same(Part::Birth)
            && same(Part::Sex)
            && !differs(Part::Kana)
            && !differs(Part::Name)
    }

    /// Enough to be shown to a person: the number, or the birth date with a name.
    pub fn is_near(&self) -> bool {
        let same = |part| self.of(part) == Agreement::Same;
        same(Part::Number) || same(Part::Birth) && (same(Part::Kana) || same(Part::Name))
    }

    fn agreeing(&self) -> usize {
        let same = self.parts.iter();
        same.filter(|(_, a)| *a == Agreement::Same).count()
    }
}

/// What comparing came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matching {
    Certain(Chart),
    /// For a person to decide; the nearest first, never empty.
    Near(Vec<Compared>),
    Nobody,
}

/// How this clinic writes its chart numbers: a prefix, then digits to a width,
/// as an example with zeros shows it.
///
///   `000000`    123 and 000123 are one number
///   `A-00000`   A-00123, A00123 and 123 are one number
///   (nothing)   numbers are the same when they are written the same
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scheme {
    prefix: String,
    /// Digits behind the prefix; 0 where nothing is declared.
    width: usize,
}

impl Scheme {
    /// The scheme of an example; `None` where it does not end in zeros.
    pub fn parse(example: &str) -> Option<Self> {
        let folded = fold(example);
        let prefix = folded.trim_end_matches('0');
        let width = folded.len() - prefix.len();
        // A digit before the zeros could not be told from the number.
        let plain = !prefix.chars().any(|c| c.is_ascii_digit());
        (plain && (1..=20).contains(&width)).then(|| Self {
            prefix: prefix.to_owned(),
            width,
        })
    }

    /// The one form of all writings of a number; `None` where it is none of this
    /// clinic's.
    ///
    /// ```
    /// # use saishin::domain::matching::Scheme;
    /// let scheme = Scheme::parse("000000").unwrap();
    /// assert_eq!(scheme.normal("123"), scheme.normal("000123"));
    /// assert_eq!(scheme.normal("1234567"), None);
    /// ```
    pub fn normal(&self, number: &str) -> Option<String> {
        let folded = fold(number);
        if self.width == 0 {
            return Some(folded).filter(|n| !n.is_empty());
        }
        let digits = folded.strip_prefix(&*self.prefix).unwrap_or(&folded);
        let bare = digits.trim_start_matches('0');
        let fits = !bare.is_empty()
            && bare.len() <= self.width
            && bare.chars().all(|c| c.is_ascii_digit());
        fits.then(|| format!("{}{bare:0>width$}", self.prefix, width = self.width))
    }

    /// Every writing under which a chart with this number may have been
    /// registered, folded.
    pub fn writings(&self, number: &str) -> BTreeSet<String> {
        let mut all = BTreeSet::from([fold(number)]);
        if let Some(normal) = self.normal(number).filter(|_| self.width > 0) {
            let bare = normal[self.prefix.len()..].trim_start_matches('0');
            for n in bare.len()..=self.width {
                all.insert(format!("{bare:0>n$}"));
                all.insert(format!("{}{bare:0>n$}", self.prefix));
            }
        }
        all.remove("");
        all
    }
}

/// Compares a claim with every chart that could be meant; `charts` must hold all
/// whose number is the same under `scheme`.
pub fn matching(claim: &Claim, charts: &[Chart], scheme: &Scheme) -> Matching {
    let mut near: Vec<Compared> = Vec::new();
    for chart in charts {
        let compared = compare(claim, chart, scheme);
        let known = near.iter().any(|c| c.chart.patient == chart.patient);
        if compared.is_near() && !known {
            near.push(compared);
        }
    }
    // Two charts of one number: the number tells nobody apart.
    let numbered = near
        .iter()
        .filter(|c| c.of(Part::Number) == Agreement::Same);
    let alone = numbered.count() == 1;
    if let Some(certain) = near.iter().find(|c| alone && c.is_certain()) {
        return Matching::Certain(certain.chart.clone());
    }
    near.sort_by_key(|c| std::cmp::Reverse(c.agreeing()));
    match near.is_empty() {
        true => Matching::Nobody,
        false => Matching::Near(near),
    }
}

/// One chart beside the claim, part by part.
pub fn compare(claim: &Claim, chart: &Chart, scheme: &Scheme) -> Compared {
    let sex = claim.sex.filter(|sex| *sex != Sex::Unknown);
    let charted = (chart.sex != Sex::Unknown).then_some(chart.sex);
    let kana = fold(&chart.kana);
    Compared {
        chart: chart.clone(),
        parts: [
            (Part::Number, number(claim, chart, scheme)),
            (Part::Birth, same(claim.birth_date, Some(chart.birth_date))),
            (Part::Sex, same(sex, charted)),
            (Part::Kana, spoken(claim.kana.as_deref(), &kana)),
            (Part::Name, written(claim.name.as_deref(), chart, &kana)),
        ],
    }
}

fn number(claim: &Claim, chart: &Chart, scheme: &Scheme) -> Agreement {
    let sent: Vec<&String> = claim
        .numbers
        .iter()
        .filter(|n| !fold(n).is_empty())
        .collect();
    let Some(charted) = scheme.normal(&chart.chart_number) else {
        // Registered in another form: only the very same writing counts.
        let written = fold(&chart.chart_number);
        let same = sent
            .iter()
            .any(|n| !written.is_empty() && fold(n) == written);
        return agreement(same, sent.is_empty());
    };
    let same = sent
        .iter()
        .any(|n| scheme.normal(n).as_ref() == Some(&charted));
    agreement(same, sent.is_empty())
}

fn agreement(same: bool, missing: bool) -> Agreement {
    match (missing, same) {
        (true, _) => Agreement::Missing,
        (false, true) => Agreement::Same,
        (false, false) => Agreement::Differs,
    }
}

fn same<T: PartialEq>(sent: Option<T>, charted: Option<T>) -> Agreement {
    match (sent, charted) {
        (Some(sent), Some(charted)) => agreement(sent == charted, false),
        _ => Agreement::Missing,
    }
}

/// `kana` is the chart's, folded.
fn spoken(sent: Option<&str>, kana: &str) -> Agreement {
    let sent = fold(sent.unwrap_or_default());
    agreement(sent == kana, sent.is_empty() || kana.is_empty())
}

/// A name in the field for the written one may come in kana or Latin letters:
/// then it is held against the chart's kana too. What cannot be compared differs.
fn written(sent: Option<&str>, chart: &Chart, kana: &str) -> Agreement {
    let sent = sent.unwrap_or_default();
    let folded = fold(sent);
    let charted = [&*fold(&chart.name), kana];
    let latin = folded.is_ascii() && !chart.kana.is_empty();
    let alike = latin && !folded.is_empty() && romaji_typed(sent) == romaji(&chart.kana);
    agreement(
        alike || charted.contains(&&*folded),
        folded.is_empty() || charted.iter().all(|name| name.is_empty()),
    )
}
