//! Finding a patient however the name is typed.
//!
//! A patient has prefix keys (`search_keys`), a typed search has readings
//! (`query_keys`); the patient matches when any reading is a prefix of any
//! key. Folding is for comparing only: names are stored as they were typed.
//!
//!   ﾔﾏﾀﾞ · やまだ · yamada · Ｙａｍａｄａ  ->  ヤマダ / yamada

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::compose;

use super::date;
use super::plain::{compatible, is_its_own_form, small};

/// One form for all writings of a text: NFKC, katakana, large kana, lower
/// case, common name variants of kanji brought together; without variation
/// selectors, blanks, middle dots and hyphens.
pub fn fold(text: &str) -> String {
    let chosen: String = text.chars().filter(|c| !is_selector(*c)).collect();
    let folded = fold_once(&chosen);
    if is_its_own_form(&chosen) {
        return folded;
    }
    // Once more, since removing a blank can bring a kana and its voicing mark
    // together (゛ is a blank and a mark under NFKC).
    fold_once(&folded)
}

/// Canonical romanisation of a kana name: letters only, long vowels and
/// doubled consonants single, every glide written out.
///
///   サトウ -> sato   ショウジ -> siyozi   ハットリ -> hatori   ナンバ -> nanba
pub fn romaji(kana: &str) -> String {
    canonical(&spelling(kana)).swap_remove(0)
}

/// What people type in Latin letters, in the form of [`romaji`]. A part of a
/// usual spelling gives a prefix of the whole's form; where its end could
/// still become two things (`nam`, `oh`), what both share.
pub fn romaji_typed(latin: &str) -> String {
    let readings = canonical(&letters(latin));
    readings
        .into_iter()
        .reduce(|a, b| {
            let shared = a.chars().zip(b.chars()).take_while(|(x, y)| x == y);
            shared.map(|(x, _)| x).collect()
        })
        .unwrap_or_default()
}

/// All prefix keys of one patient. Keys that begin with `=` are dates in
/// writings of their own, so that typing `h` does not find all born in Heisei.
pub fn search_keys(
    chart_number: &str,
    name: &str,
    kana: &str,
    birth: NaiveDate,
) -> BTreeSet<String> {
    let number = fold(chart_number);
    let mut keys = BTreeSet::from([number.trim_start_matches('0').to_owned(), number]);
    for order in orders(name) {
        keys.insert(fold(&order));
        // Müller is typed muller where the keyboard has no umlaut.
        keys.insert(letters(&order));
    }
    for order in orders(kana) {
        keys.insert(fold(&order));
        keys.insert(romaji(&order));
        keys.insert(romaji(&small_tsu(&order)));
    }
    keys.extend(birth_keys(birth));
    keys.remove("");
    keys
}

/// Everything a typed search may mean. Empty when nothing but blanks is typed.
pub fn query_keys(typed: &str) -> Vec<String> {
    let mut keys = BTreeSet::from([fold(typed)]);
    let latin = letters(typed);
    if !latin.is_empty() && latin.len() == without_marks(typed).len() {
        keys.extend(canonical(&latin));
    }
    keys.extend(date_prefixes(typed));
    keys.remove("");
    keys.into_iter().collect()
}

/// Joins what a Mac's file names and some input methods leave apart: kana and
/// voicing mark, Latin letter and accent. Nothing else is touched, least of
/// all kanji: NFC itself would replace 神 (U+FA19) by another character.
pub fn compose_typed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let joined = out
            .chars()
            .next_back()
            .filter(|base| joins(*base, c))
            .and_then(|base| compose(base, c));
        if let Some(joined) = joined {
            out.pop();
            out.push(joined);
        } else {
            out.push(c);
        }
    }
    out
}

/// Half-width katakana and punctuation (U+FF61 to U+FF9F) in full width; a
/// voicing mark that no kana takes stands by itself, not on its neighbour.
pub fn full_width_kana(run: &str) -> String {
    run.nfkc()
        .map(|c| match c {
            '\u{3099}' => '\u{309B}',
            '\u{309A}' => '\u{309C}',
            other => other,
        })
        .collect()
}

fn joins(base: char, mark: char) -> bool {
    let kana = matches!(base, '\u{3041}'..='\u{30FF}');
    let latin = base.is_ascii_alphabetic()
        || matches!(base, '\u{C0}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}');
    match mark {
        '\u{3099}' | '\u{309A}' => kana,
        '\u{300}'..='\u{36F}' => latin,
        _ => false,
    }
}

fn is_selector(c: char) -> bool {
    matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

fn fold_once(text: &str) -> String {
    let folded: String = small(text)
        .chars()
        .filter(|c| !is_filler(*c))
        .map(|c| same_kanji(large_kana(katakana(c))))
        .collect();
    compatible(&folded).into_owned()
}

fn is_filler(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(
            c,
            '-' | '・' | '·' | '\u{2027}' | '\u{2010}'
                ..='\u{2015}' | '\u{2212}' | '\u{200B}' | '\u{FEFF}'
        )
}

fn katakana(c: char) -> char {
    match c {
        '\u{3041}'..='\u{3096}' | '\u{309D}' | '\u{309E}' => {
            char::from_u32(c as u32 + 0x60).unwrap_or(c)
        }
        other => other,
    }
}

/// Insurance files print シヨウコ for ショウコ.
fn large_kana(c: char) -> char {
    const SMALL: &str = "ァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿ";
    const LARGE: &str = "アイウエオツヤユヨワカケクシストヌハヒフヘホムラリルレロ";
    let small = matches!(c, 'ァ'..='ヶ' | 'ㇰ'..='ㇿ').then(|| SMALL.chars().position(|s| s == c));
    small
        .flatten()
        .and_then(|n| LARGE.chars().nth(n))
        .unwrap_or(c)
}

/// Name kanji that a keyboard does not easily give, and what is typed instead.
fn same_kanji(c: char) -> char {
    match c {
        '髙' => '高',
        '﨑' | '嵜' => '崎',
        '邊' | '邉' => '辺',
        '齋' | '齊' | '斎' => '斉',
        '濵' | '濱' => '浜',
        '澤' => '沢',
        '德' => '徳',
        '廣' => '広',
        '櫻' => '桜',
        '國' => '国',
        '惠' => '恵',
        '眞' => '真',
        '嶋' | '嶌' => '島',
        '瀨' => '瀬',
        '冨' => '富',
        '條' => '条',
        '榮' => '栄',
        '龍' => '竜',
        '\u{20BB7}' => '吉',
        other => other,
    }
}

/// The words of a name in every rotation: family name first, given name first.
fn orders(name: &str) -> Vec<String> {
    let parting = |c: char| c.is_whitespace() || matches!(c, '・' | '･' | ',' | '、' | '，');
    let words: Vec<&str> = name.split(parting).filter(|w| !w.is_empty()).collect();
    (0..words.len())
        .map(|n| [&words[n..], &words[..n]].concat().concat())
        .collect()
}

/// A large ツ before k, s, t or p may stand for the small one (ﾊﾂﾄﾘ).
fn small_tsu(kana: &str) -> String {
    let kana: Vec<char> = kana.nfkc().map(katakana).collect();
    let doubled = |next: Option<&char>| {
        next.is_some_and(|c| "カキクケコサシスセソタチツテトパピプペポ".contains(*c))
    };
    kana.iter()
        .enumerate()
        .filter(|(n, c)| **c != 'ツ' || *n == 0 || !doubled(kana.get(n + 1)))
        .map(|(_, c)| *c)
        .collect()
}

// --- Romanisation ---------------------------------------------------------

/// Hepburn spelling of kana; small tsu and long marks leave nothing, other
/// characters pass as letters if they are any.
fn spelling(kana: &str) -> String {
    let mut out = String::new();
    for c in kana.nfkc().map(katakana) {
        match (glide(c), small_vowel(c)) {
            (Some(glide), _) => push_glide(&mut out, glide),
            (_, Some(vowel)) => push_small_vowel(&mut out, vowel),
            _ => match syllable(c) {
                Some(syllable) => out.push_str(syllable),
                None => out.extend(c.to_lowercase().filter(char::is_ascii_alphabetic)),
            },
        }
    }
    out
}

fn glide(c: char) -> Option<&'static str> {
    Some(match c {
        'ャ' => "ya",
        'ュ' => "yu",
        'ョ' => "yo",
        _ => return None,
    })
}

fn small_vowel(c: char) -> Option<char> {
    let n = "ァィゥェォ".chars().position(|s| s == c)?;
    "aiueo".chars().nth(n)
}

/// キ + ョ: ki -> kyo, chi -> cho.
fn push_glide(out: &mut String, glide: &str) {
    let hushing = ["shi", "chi", "ji"].iter().any(|s| out.ends_with(s));
    if out.ends_with(['i', 'e', 'u']) {
        out.pop();
    }
    out.push_str(if hushing { &glide[1..] } else { glide });
}

/// フ + ァ: fu -> fa, u -> wa, i -> ye.
fn push_small_vowel(out: &mut String, vowel: char) {
    let last = out.pop();
    let bare = !out.ends_with(|c: char| c.is_ascii_alphabetic() && !"aiueon".contains(c));
    match last {
        Some('u') if bare => out.push('w'),
        Some('i') if bare => out.push('y'),
        Some(last) if bare => out.push(last),
        _ => {}
    }
    out.push(vowel);
}

#[rustfmt::skip]
fn syllable(c: char) -> Option<&'static str> {
    const KANA: &str = "アイウエオカキクケコガギグゲゴサシスセソザジズゼゾ\
                        タチツテトダヂヅデドナニヌネノハヒフヘホバビブベボ\
                        パピプペポマミムメモヤユヨラリルレロワヰヱヲンヴヮヵヶ";
    const LATIN: [&str; 77] = [
        "a", "i", "u", "e", "o", "ka", "ki", "ku", "ke", "ko", "ga", "gi", "gu", "ge", "go",
        "sa", "shi", "su", "se", "so", "za", "ji", "zu", "ze", "zo",
        "ta", "chi", "tsu", "te", "to", "da", "ji", "zu", "de", "do",
        "na", "ni", "nu", "ne", "no", "ha", "hi", "fu", "he", "ho",
        "ba", "bi", "bu", "be", "bo", "pa", "pi", "pu", "pe", "po",
        "ma", "mi", "mu", "me", "mo", "ya", "yu", "yo", "ra", "ri", "ru", "re", "ro",
        "wa", "i", "e", "o", "n", "vu", "wa", "ka", "ke",
    ];
    let n = KANA.chars().position(|k| k == c)?;
    LATIN.get(n).copied()
}

/// Only the letters of what was typed, lower case, without macrons, apostrophes
/// and blanks.
fn letters(latin: &str) -> String {
    without_marks(latin)
        .chars()
        .filter(char::is_ascii_alphabetic)
        .collect()
}

fn without_marks(latin: &str) -> String {
    latin
        .nfkd()
        .flat_map(char::to_lowercase)
        .filter(|c| !is_filler(*c) && !matches!(c, '\u{300}'..='\u{36F}' | '\'' | '’' | '`'))
        .collect()
}

/// The canonical forms of letters read from the left; more than one where the
/// last letter could still become two things.
fn canonical(latin: &str) -> Vec<String> {
    let latin: Vec<char> = latin.chars().collect();
    let mut out = String::new();
    let mut other = None;
    let mut n = 0;
    while n < latin.len() {
        if n + 1 == latin.len() {
            other = other_ending(&out, latin[n]);
        }
        n += step(&mut out, &latin[n..]);
    }
    std::iter::once(out).chain(other).collect()
}

/// Reads one letter or digraph off `rest` into `out`, and says how many
/// letters it took.
fn step(out: &mut String, rest: &[char]) -> usize {
    let after_vowel = out.ends_with(is_vowel);
    let (c, next) = (rest[0], rest.get(1).copied());
    match (c, next) {
        ('s', Some('h')) => hushed(out, "si", rest, 2),
        // The first half of a doubled consonant: tch, cc, jj.
        ('t' | 'c', Some('c')) | ('j', Some('j')) | ('f', Some('f')) | ('d', Some('d' | 'z')) => 1,
        ('c', Some('h')) => hushed(out, "ti", rest, 2),
        ('j', _) => hushed(out, "zi", rest, 1),
        ('t', Some('s')) => push(out, "tu", 2),
        ('c', None | Some('y')) => push(out, "t", 1),
        ('c' | 'q', _) => push(out, "k", 1),
        ('f', _) => push(out, "hu", 1),
        ('v', _) => push(out, "b", 1),
        ('l', _) => push(out, "r", 1),
        ('d', Some('i' | 'u' | 'y')) => push(out, "z", 1),
        ('m', Some('b' | 'p' | 'm')) => push(out, "n", 1),
        ('w', Some('o')) => 1,
        // The h of satoh and ohno only lengthens.
        ('h', next) if after_vowel && !next.is_some_and(is_vowel) => 1,
        // A glide is written out, so that ショ and シヨ are one.
        ('y', _) if !after_vowel && !out.is_empty() => push(out, "iy", 1),
        _ => push(out, c.encode_utf8(&mut [0; 4]), 1),
    }
}

/// sha, cho, ju: the glide is in the consonant; written out here too.
fn hushed(out: &mut String, canonical: &str, rest: &[char], taken: usize) -> usize {
    push(out, canonical, taken);
    if matches!(rest.get(taken), Some('a' | 'u' | 'o')) {
        push(out, "y", 1);
    }
    taken
}

/// Appends, writing doubled letters once and `ou` as `o`.
fn push(out: &mut String, canonical: &str, taken: usize) -> usize {
    for c in canonical.chars() {
        let lengthens = c == 'u' && out.ends_with('o');
        if !out.ends_with(c) && !lengthens {
            out.push(c);
        }
    }
    taken
}

/// What else `before` + `last` may be the start of: namba, dzu or wo.
fn other_ending(before: &str, last: char) -> Option<String> {
    let mut other = before.to_owned();
    match last {
        'm' if before.ends_with(is_vowel) => push(&mut other, "n", 1),
        'd' => push(&mut other, "z", 1),
        'w' => push(&mut other, "o", 1),
        _ => return None,
    };
    Some(other)
}

fn is_vowel(c: char) -> bool {
    matches!(c, 'a' | 'i' | 'u' | 'e' | 'o')
}

// --- Birth dates ----------------------------------------------------------

/// `20070308`, `=y070308`, `=m0308`, `=h190308`.
fn birth_keys(birth: NaiveDate) -> Vec<String> {
    let (month, day) = (birth.month(), birth.day());
    let mut keys = vec![
        format!("{:04}{month:02}{day:02}", birth.year()),
        format!("=y{:02}{month:02}{day:02}", birth.year().rem_euclid(100)),
        format!("=m{month:02}{day:02}"),
    ];
    if let Some((era, year)) = date::era(birth) {
        keys.push(format!("={}{year:02}{month:02}{day:02}", era.letter));
    }
    keys
}

/// The birth keys a typed text may be the start of.
fn date_prefixes(typed: &str) -> Vec<String> {
    let plain: String = typed
        .nfkc()
        .flat_map(char::to_lowercase)
        .filter(|c| !c.is_whitespace())
        .map(|c| if is_filler(c) || c == 'ー' { '-' } else { c })
        .collect();
    if let Some(era) = date::ERAS.iter().find(|era| era.name == plain) {
        return vec![format!("={}", era.letter)];
    }
    if let Some((era, rest)) = date::leading_era(&plain) {
        let rest = rest
            .trim_start_matches(['.', '-', '/'])
            .replacen('元', "1", 1);
        return era_prefixes(era.letter, &rest);
    }
    let Some((parts, ended)) = date_parts(&plain) else {
        return Vec::new();
    };
    match (parts.as_slice(), parts[0].len()) {
        ([six], 6) => vec![format!("=y{six}")],
        ([_], _) if !ended => Vec::new(),
        (_, 4) => prefixes("", &parts, ended),
        ([_] | [_, _], 1..=2) => prefixes("=m", &parts, ended),
        ([_, _, _], 2) => prefixes("=y", &parts, ended),
        _ => Vec::new(),
    }
}

fn era_prefixes(letter: char, rest: &str) -> Vec<String> {
    let start = format!("={letter}");
    match date_parts(rest) {
        // The letter alone is the start of a name; the era's whole name is not.
        None => Vec::new(),
        Some((parts, false)) if parts.len() == 1 && parts[0].len() > 2 => {
            vec![format!("{start}{}", parts[0])]
        }
        Some((parts, ended)) => prefixes(&start, &parts, ended),
    }
}

/// Up to three runs of digits, and whether the last was ended by a separator.
fn date_parts(plain: &str) -> Option<(Vec<&str>, bool)> {
    let mut parts: Vec<&str> = plain.split(['-', '/', '.', '年', '月', '日']).collect();
    let ended = parts.len() > 1 && parts.last().is_some_and(|p| p.is_empty());
    if ended {
        parts.pop();
    }
    let digits = |p: &&str| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit());
    let readable = (1..=3).contains(&parts.len()) && parts.iter().all(digits);
    readable.then_some((parts, ended))
}

/// Ended parts are padded to two digits; a single last digit may be whole or
/// the start of two.
fn prefixes(start: &str, parts: &[&str], ended: bool) -> Vec<String> {
    let Some((last, whole)) = parts.split_last() else {
        return Vec::new();
    };
    let start = whole
        .iter()
        .fold(start.to_owned(), |key, part| format!("{key}{part:0>2}"));
    let mut keys = vec![format!("{start}{last:0>2}")];
    if !ended && last.len() == 1 {
        keys.push(format!("{start}{last}"));
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::string::string_regex;

    const KANA: &str = "[アイウエオカキクケコガギグゲゴサシスセソザジズゼゾタチツテトダデドナニヌネノハヒフヘホバビブベボパピプペポマミムメモヤユヨラリルレロワン]";

    proptest! {
        #[test]
        fn what_is_folded_once_would_stay_so(text in "[\\x00-\\x7fぁ-ゖァ-ー髙齋澤條\u{4E00}-\u{9FFF}]{0,12}") {
            prop_assert!(is_its_own_form(&text));
            prop_assert_eq!(fold(&text), fold_once(&fold_once(&text)));
        }

        #[test]
        fn any_prefix_of_the_hepburn_spelling_finds(
            kana in string_regex(&format!("({KANA}|[キシチニヒミリギジビピ][ャュョ]|ッ[カキサシタチツトパ]){{1,6}}"))
                .expect("a pattern"),
        ) {
            let birth = NaiveDate::default();
            let keys = search_keys("", "", &kana, birth);
            let typed = spelling(&kana);
            for end in 1..=typed.len() {
                let part = &typed[..end];
                let found = query_keys(part)
                    .iter()
                    .any(|query| keys.iter().any(|key| key.starts_with(query)));
                prop_assert!(found, "{} of {}", part, typed);
            }
        }
    }
}
