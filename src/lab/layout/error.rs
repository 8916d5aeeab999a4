//! Why a layout file was refused, and where.

use crate::domain::lang::Lang;
use std::fmt;

/// A refusal: the place, the word, and the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayoutError {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// The word refused.
    pub word: String,
    pub kind: LayoutErrorKind,
}

/// Why a layout was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LayoutErrorKind {
    /// Not TOML, or a value of the wrong shape; the reader's words.
    Syntax(String),
    /// A word that is not one of these.
    UnknownWord { expected: String },
    /// A column or field that must be there is not.
    Missing,
    /// Given twice where one counts.
    Duplicate,
    /// No analyte of the catalogue has this id.
    UnknownAnalyte,
    /// The analyte has no unit of this name.
    UnknownUnit,
    /// A text that is empty or too long.
    Empty,
}

impl LayoutError {
    /// One sentence in `lang`, with line, column and word.
    pub fn message(&self, lang: Lang) -> String {
        let reason = match lang {
            Lang::En => self.reason_en(),
            Lang::Ja => self.reason_ja(),
        };
        format!("{}:{}: \"{}\": {reason}", self.line, self.column, self.word)
    }

    fn reason_en(&self) -> String {
        use LayoutErrorKind as K;
        match &self.kind {
            K::Syntax(why) => why.clone(),
            K::UnknownWord { expected } => format!("unknown word, expected {expected}"),
            K::Missing => "must be given".to_owned(),
            K::Duplicate => "is given twice".to_owned(),
            K::UnknownAnalyte => "is no analyte of the catalogue".to_owned(),
            K::UnknownUnit => "is no unit of this analyte".to_owned(),
            K::Empty => "is empty".to_owned(),
        }
    }

    fn reason_ja(&self) -> String {
        use LayoutErrorKind as K;
        match &self.kind {
            K::Syntax(why) => format!("読めません({why})"),
            K::UnknownWord { expected } => format!("知らない語です。使える語: {expected}"),
            K::Missing => "必要です".to_owned(),
            K::Duplicate => "二度書かれています".to_owned(),
            K::UnknownAnalyte => "検査項目の一覧にありません".to_owned(),
            K::UnknownUnit => "この検査項目の単位ではありません".to_owned(),
            K::Empty => "空です".to_owned(),
        }
    }
}

impl fmt::Display for LayoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(Lang::En))
    }
}

impl std::error::Error for LayoutError {}
