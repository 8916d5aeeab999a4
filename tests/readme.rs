//! The keys in both READMEs are those of the program's own table.
//! `README_KEYS=write cargo test --test readme` writes them anew.

use saishin::domain::lang::Lang;
use saishin::keys::{Place, bindings};
use saishin::text::Text;
use std::path::PathBuf;

const START: &str = "<!-- keys:start -->\n";
const END: &str = "<!-- keys:end -->";

fn table(lang: Lang) -> String {
    let text = Text::of(lang);
    let (key, does) = match lang {
        Lang::Ja => ("キー", "すること"),
        Lang::En => ("key", "what it does"),
    };
    let rows = bindings(Place::Visit).map(|b| format!("| `{}` | {} |\n", b.shown, (b.help)(&text)));
    format!(
        "| {key} | {does} |\n|---|---|\n{}",
        rows.collect::<String>()
    )
}

fn check(name: &str, lang: Lang) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name);
    let page = std::fs::read_to_string(&path).expect("the page is there");
    let (before, rest) = page.split_once(START).expect("where the keys start");
    let (keys, after) = rest.split_once(END).expect("where the keys end");
    let wanted = table(lang);
    if std::env::var_os("README_KEYS").is_some() {
        let whole = format!("{before}{START}{wanted}{END}{after}");
        std::fs::write(&path, whole).expect("written");
        return;
    }
    assert_eq!(
        keys, wanted,
        "{name}: README_KEYS=write cargo test --test readme writes them anew"
    );
}

#[test]
fn the_english_page_names_every_key_of_a_visit() {
    check("README.md", Lang::En);
}

#[test]
fn the_japanese_page_names_every_key_of_a_visit() {
    check("README.ja.md", Lang::Ja);
}
