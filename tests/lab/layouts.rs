//! A clinic's own laboratory, added with a file and no code.

use crate::corpus::catalogue;
use crate::told;
use saishin::domain::catalogue::Catalogue;
use saishin::domain::lang::Lang;
use saishin::lab::{Format, Layout, LayoutErrorKind, Refusal, Tables, read};

const OWN: &str = r#"
name = "own"
label = { ja = "院内", en = "in house" }
encoding = "UTF-8"
separator = "tab"
header_lines = 1
header = ["patient"]
dates = ["%y%m%d"]
columns = ["chart_number", "birth", "sex", "drawn", "code", "value", "unit"]

[sex]
"女" = "female"

[units]
"×10^4" = "10^4/uL"

[[code]]
code = "12"
analyte = "alt"
unit = "U/L"

[[code]]
code = "30"
analyte = "plt"

[[code]]
system = "99OWN"
code = "0012"
analyte = "alt"
"#;

fn own(catalogue: &Catalogue) -> Tables {
    let layout = Layout::read(OWN, catalogue).expect("the layout");
    Tables::built_in(catalogue).with(layout)
}

#[test]
fn a_layout_of_the_clinics_own_is_read_like_the_others() {
    let catalogue = catalogue();
    let text = "patient\tborn\tsex\tday\tcode\tvalue\tunit\n\
                10023\t2001/04/03\t女\t261119\t12\t75\t\n\
                10023\t2001/04/03\t女\t261119\t30\t21.5\t×10^4\n\
                10023\t2001/04/03\t女\t261119\t99\t1\t\n";
    let told = told::of(&read(text.as_bytes(), &own(&catalogue), &catalogue));
    assert_eq!(
        told,
        "columns of own in UTF-8 (UTF-8)\n\
         3 rows = 3 results + 0 refused\n\
         \n\
         report, 2\n  \
           patient     10023 · born 2001-04-03 · female\n  \
           drawn       2026-11-19\n  \
           2         \"\" own:12 -> alt\n      \
               value \"75\" = 75\n      \
               unit \"\" = U/L\n      \
               status \"\" = unstated\n      \
               judged\n  \
           3         \"\" own:30 -> plt\n      \
               value \"21.5\" = 21.5\n      \
               unit \"×10^4\" = 10^4/uL\n      \
               status \"\" = unstated\n      \
               judged\n  \
           4         \"\" own:99 -> none (code_unknown)\n      \
               value \"1\" = 1\n      \
               unit \"\" = no_unit\n      \
               status \"\" = unstated\n      \
               not judged: code_unknown\n"
    );
}

#[test]
fn a_laboratorys_own_codes_count_in_hl7_under_their_system() {
    let catalogue = catalogue();
    let message = |system: &str| {
        format!(
            "MSH|^~\\&|L|L|||20261120||ORU^R01|1|P|2.5\rPID|||1\rOBR|1||F|||||20261119\rOBX|1|NM|0012^GPT^{system}||24|U/L|||||F\r"
        )
    };
    let analyte = |system: &str| {
        let reading = read(message(system).as_bytes(), &own(&catalogue), &catalogue).expect("read");
        reading.reports[0].results[0]
            .analyte
            .clone()
            .ok()
            .map(|id| id.0)
    };
    assert_eq!(analyte("99OWN").as_deref(), Some("alt"));
    assert_eq!(analyte("99ELSE"), None);
}

#[test]
fn columns_of_no_layout_or_of_two_are_not_guessed() {
    let catalogue = catalogue();
    let of =
        |text: &str, tables: &Tables| read(text.as_bytes(), tables, &catalogue).map(|r| r.format);
    let tables = Tables::built_in(&catalogue);
    assert_eq!(of("a,b,c,d\n1,2,3,4\n", &tables), Err(Refusal::NoLayout));
    assert_eq!(
        of("just a letter\nto somebody\n", &tables),
        Err(Refusal::UnknownFormat)
    );

    let narrow = |name: &str| {
        let text = format!(
            "name = \"{name}\"\nlabel = {{ ja = \"\", en = \"\" }}\n\
             columns = [\"chart_number\", \"drawn\", \"test_name\", \"value\"]\n"
        );
        Layout::read(&text, &catalogue).expect("a layout")
    };
    let row = "10023,20261119,ALT,24\n";
    let one = tables.clone().with(narrow("one"));
    assert_eq!(
        of(row, &one),
        Ok(Format::Csv {
            layout: "one".to_owned()
        })
    );
    let two = one.with(narrow("two"));
    let both = vec!["one".to_owned(), "two".to_owned()];
    assert_eq!(of(row, &two), Err(Refusal::SeveralLayouts(both)));
}

#[test]
fn a_layout_that_is_wrong_is_refused_with_line_column_and_word() {
    let catalogue = catalogue();
    let expected = |of: &str| LayoutErrorKind::UnknownWord {
        expected: of.to_owned(),
    };
    let status =
        "final, corrected, preliminary, not_ready, cancelled, deleted, wrong, unstated, unknown";
    for (was, becomes, place, word, kind) in [
        ("\"birth\"", "\"brith\"", (9, 28), "brith", None),
        (
            "\"birth\"",
            "\"drawn\"",
            (9, 44),
            "drawn",
            Some(LayoutErrorKind::Duplicate),
        ),
        (
            "\"value\"",
            "\"-\"",
            (2, 8),
            "value",
            Some(LayoutErrorKind::Missing),
        ),
        (
            "\"code\"",
            "\"-\"",
            (2, 8),
            "code",
            Some(LayoutErrorKind::Missing),
        ),
        (
            "analyte = \"plt\"",
            "analyte = \"plat\"",
            (24, 11),
            "plat",
            Some(LayoutErrorKind::UnknownAnalyte),
        ),
        (
            "unit = \"U/L\"",
            "unit = \"mg/dL\"",
            (20, 8),
            "mg/dL",
            Some(LayoutErrorKind::UnknownUnit),
        ),
        (
            "\"tab\"",
            "\"blank\"",
            (5, 13),
            "blank",
            Some(expected(",, tab, ;, |")),
        ),
        (
            "%y%m%d",
            "%y%m",
            (8, 10),
            "%y%m",
            Some(expected("%Y%m%d, %y/%m/%d …")),
        ),
        (
            "%y%m%d",
            "%Q",
            (8, 10),
            "%Q",
            Some(expected("%Y%m%d, %y/%m/%d …")),
        ),
        (
            "[sex]",
            "[status]\n\"F\" = \"done\"\n[sex]",
            (12, 7),
            "done",
            Some(expected(status)),
        ),
        (
            "encoding = \"UTF-8\"",
            "encodng = \"UTF-8\"",
            (4, 1),
            "encodng",
            None,
        ),
        (
            "name = \"own\"",
            "name = \" \"",
            (2, 8),
            "",
            Some(LayoutErrorKind::Empty),
        ),
        (
            "header_lines = 1",
            "header_lines = \"1\"",
            (6, 16),
            "1",
            None,
        ),
    ] {
        let text = OWN.replacen(was, becomes, 1);
        let error = Layout::read(&text, &catalogue).expect_err(becomes);
        assert_eq!((error.line, error.column), place, "{becomes}: {error}");
        assert_eq!(error.word.trim(), word, "{becomes}");
        if let Some(kind) = kind {
            assert_eq!(error.kind, kind, "{becomes}");
        }
        for lang in [Lang::Ja, Lang::En] {
            assert!(
                error
                    .message(lang)
                    .starts_with(&format!("{}:{}: ", place.0, place.1))
            );
        }
    }
}

/// The page that tells a clinic how.
const PAGE: &str = include_str!("../../docs/layouts.md");

#[test]
fn the_page_for_clinics_names_every_column_and_its_example_is_read() {
    for column in saishin::lab::Column::ALL {
        let word = format!("`{}`", column.word());
        assert!(PAGE.contains(&word), "{word} is not on the page");
    }
    let (_, after) = PAGE.split_once("```toml\n").expect("an example");
    let (example, _) = after.split_once("```").expect("its end");
    let catalogue = catalogue();
    let layout = Layout::read(example, &catalogue).expect("it is read");
    let tables = Tables::built_in(&catalogue).with(layout);
    let text = "受付番号,番号,カナ,生年月日,性別,採取日,コード,検査名,結果,単位,異常,基準値,備考\n\
                7,10427,ｲﾄｳ ｻｸﾗ,20020707,2,261120,0181,ＡＬＴ,75,,H,7-23,\n";
    let read = read(text.as_bytes(), &tables, &catalogue).expect("it is read");
    assert_eq!(
        read.format,
        Format::Csv {
            layout: "our-lab".into()
        }
    );
    let result = &read.reports[0].results[0];
    assert_eq!(result.analyte.as_ref().map(|id| id.0.as_str()), Ok("alt"));
}
