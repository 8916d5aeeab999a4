//! Why a protocol file was refused, and where.

use crate::domain::lang::Lang;
use std::fmt;

/// Why a protocol was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProtocolErrorKind {
    /// The file is not TOML, or a value has the wrong shape; the reader's words.
    Syntax(String),
    /// A word that is not one of these.
    UnknownWord { expected: String },
    /// A field that must be there is not, such as a language.
    Missing,
    /// An id or name used twice.
    Duplicate,
    /// Names a line, section, setting or analyte that is not declared.
    UnknownName,
    /// Names a line that is switched off.
    SwitchedOff,
    /// Can never hold over its declared answers.
    Impossible,
    /// Too many combinations to check.
    TooComplex,
    /// A rule without a source.
    NoSource,
    /// A rule without an example that fires.
    NoFiringExample,
    /// A rule without an example that stays silent.
    NoSilentExample,
    /// A key used twice, or not one digit.
    KeyTwice,
    /// A code the line does not declare.
    UndeclaredCode,
    /// A setting outside its own floor and ceiling.
    OutOfRange,
    /// A `{placeholder}` no value fills.
    UnfilledPlaceholder,
    /// A test that does not fit the kind of line, or an option without its meaning.
    WrongKind,
    /// A text that is empty.
    Empty,
    /// A file of a later format.
    Schema,
}

/// A refusal: the place, the word, and the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtocolError {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// The word refused.
    pub word: String,
    pub kind: ProtocolErrorKind,
}

impl ProtocolError {
    /// One sentence in `lang`, with line, column and word.
    pub fn message(&self, lang: Lang) -> String {
        let reason = match lang {
            Lang::En => self.reason_en(),
            Lang::Ja => self.reason_ja(),
        };
        format!("{}:{}: \"{}\": {reason}", self.line, self.column, self.word)
    }

    fn reason_en(&self) -> String {
        use ProtocolErrorKind as K;
        match &self.kind {
            K::Syntax(why) => return why.clone(),
            K::UnknownWord { expected } => return format!("unknown word, expected {expected}"),
            K::Missing => "must be given here",
            K::Duplicate => "is used twice",
            K::UnknownName => "is not declared in this protocol",
            K::SwitchedOff => "is switched off, so nothing may depend on it",
            K::Impossible => "can never hold with the declared answers",
            K::TooComplex => "has too many combinations to check",
            K::NoSource => "has no source",
            K::NoFiringExample => "has no example that fires",
            K::NoSilentExample => "has no example that stays silent",
            K::KeyTwice => "is a key used twice in this line",
            K::UndeclaredCode => "is a code this line does not declare",
            K::OutOfRange => "is outside its own floor and ceiling",
            K::UnfilledPlaceholder => "is filled by nothing in this rule",
            K::WrongKind => "does not fit this kind of line",
            K::Empty => "is empty",
            K::Schema => "is a format this version does not read",
        }
        .to_owned()
    }

    fn reason_ja(&self) -> String {
        use ProtocolErrorKind as K;
        match &self.kind {
            K::Syntax(why) => return format!("読めません({why})"),
            K::UnknownWord { expected } => return format!("知らない語です。使える語: {expected}"),
            K::Missing => "ここに必要です",
            K::Duplicate => "二度使われています",
            K::UnknownName => "このプロトコルに宣言がありません",
            K::SwitchedOff => "使わない項目なので、条件に使えません",
            K::Impossible => "宣言された回答では決して成り立ちません",
            K::TooComplex => "組み合わせが多すぎて確かめられません",
            K::NoSource => "出典がありません",
            K::NoFiringExample => "該当する例がありません",
            K::NoSilentExample => "該当しない例がありません",
            K::KeyTwice => "この項目で二度使われているキーです",
            K::UndeclaredCode => "この項目にない回答番号です",
            K::OutOfRange => "下限と上限の外です",
            K::UnfilledPlaceholder => "この規則では埋まりません",
            K::WrongKind => "この種類の項目には合いません",
            K::Empty => "空です",
            K::Schema => "この版では読めない形式です",
        }
        .to_owned()
    }
}

impl fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(Lang::En))
    }
}

impl std::error::Error for ProtocolError {}

/// A clinic's own value that may not be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingError {
    /// No setting has this name.
    Unknown { name: String },
    /// Outside what the protocol allows.
    OutOfRange {
        name: String,
        min: Option<rust_decimal::Decimal>,
        max: Option<rust_decimal::Decimal>,
    },
}

impl SettingError {
    /// One sentence in `lang`.
    pub fn message(&self, lang: Lang) -> String {
        let shown =
            |bound: &Option<rust_decimal::Decimal>| bound.map_or("-".to_owned(), |b| b.to_string());
        match (self, lang) {
            (Self::Unknown { name }, Lang::En) => {
                format!("\"{name}\" is not a setting of this protocol")
            }
            (Self::Unknown { name }, Lang::Ja) => format!("「{name}」という設定はありません"),
            (Self::OutOfRange { name, min, max }, Lang::En) => {
                format!(
                    "\"{name}\" must lie between {} and {}",
                    shown(min),
                    shown(max)
                )
            }
            (Self::OutOfRange { name, min, max }, Lang::Ja) => {
                format!("「{name}」は{}から{}までです", shown(min), shown(max))
            }
        }
    }
}

impl fmt::Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(Lang::En))
    }
}

impl std::error::Error for SettingError {}
