//! How the program looks, by what the environment asks for.

use crate::widget::theme::Theme;

/// No colour where `NO_COLOR` is set; plain characters in place of lines and blocks
/// where `SAISHIN_PLAIN` is set (`0` says no), else where the locale is one of
/// another encoding than UTF-8. A locale that is not set says nothing.
pub fn asked(env: impl Fn(&str) -> Option<String>) -> Theme {
    let set = |name: &str| env(name).filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set);
    let plain = match set("SAISHIN_PLAIN") {
        Some(wish) => wish != "0",
        None => locale.is_some_and(|locale| !speaks_utf8(&locale)),
    };
    Theme {
        mono: set("NO_COLOR").is_some(),
        ascii: plain,
    }
}

/// `ja_JP.UTF-8`, `C.utf8`; not `C`, nor `ja_JP.eucJP`.
fn speaks_utf8(locale: &str) -> bool {
    let encoding = locale.split_once('.').map_or("", |(_, rest)| rest);
    let encoding = encoding.split('@').next().unwrap_or_default();
    encoding.eq_ignore_ascii_case("utf-8") || encoding.eq_ignore_ascii_case("utf8")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn theme(set: &[(&str, &str)]) -> (bool, bool) {
        let find = |name: &str| set.iter().find(|(n, _)| *n == name);
        let theme = asked(|name| find(name).map(|(_, value)| (*value).to_owned()));
        (theme.mono, theme.ascii)
    }

    #[test]
    fn plain_characters_come_with_the_locale_or_by_wish() {
        for (set, plain) in [
            (&[][..], false),
            (&[("LANG", "ja_JP.UTF-8")], false),
            (&[("LANG", "C.utf8")], false),
            (&[("LANG", "de_DE.UTF-8@euro")], false),
            (&[("LANG", "ja_JP.eucJP")], true),
            (&[("LANG", "C")], true),
            (&[("LANG", "ja_JP.UTF-8"), ("LC_ALL", "POSIX")], true),
            (&[("LANG", "C"), ("LC_CTYPE", "en_US.UTF-8")], false),
            (&[("LANG", "C"), ("LC_ALL", "")], true),
            (&[("LANG", "ja_JP.UTF-8"), ("SAISHIN_PLAIN", "1")], true),
            (&[("LANG", "C"), ("SAISHIN_PLAIN", "0")], false),
        ] {
            assert_eq!(theme(set), (false, plain), "{set:?}");
        }
        assert_eq!(theme(&[("NO_COLOR", "1")]), (true, false));
        assert_eq!(theme(&[("NO_COLOR", "")]), (false, false));
    }
}
