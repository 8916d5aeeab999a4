//! Finding a patient however the name is typed.

use chrono::{Datelike, NaiveDate};
use proptest::prelude::*;
use saishin::domain::date;
use saishin::domain::fold::*;
use std::collections::BTreeSet;
use unicode_segmentation::UnicodeSegmentation;

fn birth() -> NaiveDate {
    NaiveDate::from_ymd_opt(2007, 3, 8).expect("a day")
}

fn keys(name: &str, kana: &str) -> BTreeSet<String> {
    search_keys("0012345", name, kana, birth())
}

fn finds(keys: &BTreeSet<String>, typed: &str) -> bool {
    query_keys(typed)
        .iter()
        .any(|q| keys.iter().any(|k| k.starts_with(q.as_str())))
}

fn prefixes_of(text: &str) -> impl Iterator<Item = &str> {
    text.grapheme_indices(true)
        .map(|(n, g)| &text[..n + g.len()])
}

#[test]
fn widths_and_kana_fold_alike() {
    for typed in [
        "ヤマダ",
        "ﾔﾏﾀﾞ",
        "やまだ",
        "やまた\u{3099}",
        "やまた゛",
        "ヤ マ　ダ",
    ] {
        assert_eq!(fold(typed), "ヤマダ", "{typed}");
    }
    assert_eq!(fold("シヨウコ"), fold("しょうこ"));
    assert_eq!(fold("ｼｮｳｺ"), "シヨウコ");
    assert_eq!(fold("Anne-Marie O・B"), "annemarieob");
    assert_eq!(fold("ＡＢＣ－００１"), "abc001");
    assert_eq!(fold("葛\u{E0100}城"), "葛城");
    assert_eq!(fold("辻\u{FE00}"), "辻");
    assert_eq!(fold("髙橋"), fold("高橋"));
    assert_eq!(fold("\u{20BB7}田"), fold("吉田"));
    assert_eq!(fold("ローラ"), "ローラ");
    assert_eq!(fold(" 　-"), "");
}

#[test]
fn romaji_has_one_form_for_all_spellings() {
    for (kana, spellings) in [
        (
            "サトウ",
            &["sato", "satou", "satoh", "satō", "satô", "Sato"][..],
        ),
        ("オオノ", &["ono", "oono", "ohno", "Ōno"]),
        (
            "ショウジ",
            &["shoji", "shouji", "syouji", "syozi", "shohji"],
        ),
        ("シミズ", &["shimizu", "simizu", "shimidzu", "simidu"]),
        ("ツチヤ", &["tsuchiya", "tutiya"]),
        ("フジタ", &["fujita", "huzita", "fuzita"]),
        ("ジュンコ", &["junko", "zyunko", "jyunko", "zyunnko"]),
        ("ナンバ", &["namba", "nanba", "nannba"]),
        ("ホンマ", &["homma", "honma", "hon'ma"]),
        ("サンペイ", &["sampei", "sanpei"]),
        ("ケンイチ", &["kenichi", "ken'ichi", "kennichi", "ken’iti"]),
        ("シンヤ", &["shinya", "shin'ya", "sinnya"]),
        ("ハットリ", &["hattori"]),
        ("イッシキ", &["isshiki", "issiki"]),
        ("ホッチ", &["hotchi", "hocchi", "hotti"]),
        ("ミッツ", &["mittsu", "mittu"]),
        ("チヅル", &["chizuru", "chiduru", "tizuru", "tiduru"]),
        ("キョウコ", &["kyoko", "kyouko", "kyohko"]),
        ("チャコ", &["chako", "tyako", "cyako"]),
        ("ユウキ", &["yuki", "yuuki", "yuhki"]),
        ("カヲリ", &["kaori", "kawori"]),
        ("リョウ", &["ryo", "ryou", "ryoh"]),
        ("アンナ", &["anna", "annna"]),
        ("イノウエ", &["inoue"]),
        ("ヒャクタケ", &["hyakutake"]),
        ("ウィン", &["win"]),
        ("ティナ", &["tina"]),
        ("ファン", &["fan"]),
        ("ローラ", &["rora", "rohra", "lora"]),
        ("シェリー", &["sheri", "sherii"]),
    ] {
        let whole = romaji(kana);
        for spelling in spellings {
            assert_eq!(romaji_typed(spelling), whole, "{kana} {spelling}");
            for part in prefixes_of(spelling) {
                let typed = romaji_typed(part);
                assert!(whole.starts_with(&typed), "{kana} {part}: {typed} {whole}");
            }
        }
    }
}

#[test]
fn kana_in_any_width_has_one_romanisation() {
    assert_eq!(romaji("ｼｮｳｺ"), romaji("しょうこ"));
    // As insurance files print it.
    assert_eq!(romaji("シヨウコ"), romaji("ショウコ"));
    assert_eq!(romaji("サトウ"), "sato");
    assert_eq!(romaji("ショウジ"), "siyozi");
    assert_eq!(romaji("ナンバ"), "nanba");
}

#[test]
fn a_patient_is_found_by_any_beginning_of_any_writing() {
    let keys = keys("山田　花子", "ヤマダ　ハナコ");
    for written in [
        "山田花子",
        "山田 花子",
        "花子",
        "ヤマダ　ハナコ",
        "やまだはなこ",
        "ﾔﾏﾀﾞ ﾊﾅｺ",
        "はなこ",
        "yamada hanako",
        "Ｙａｍａｄａ",
        "hanako yamada",
        "0012345",
        "12345",
        "１２３４５",
        "2007-03-08",
        "2007/3/8",
        "2007/03/08",
        "2007.3.8",
        "20070308",
        "２００７年３月８日",
        "2007年03月08日",
    ] {
        for part in prefixes_of(written).filter(|p| !fold(p).is_empty()) {
            assert!(finds(&keys, part), "{part:?} of {written}");
        }
    }
}

#[test]
fn a_birth_date_is_found_in_the_japanese_era() {
    let keys = keys("山田 亜紀", "ヤマダ アキ");
    for written in ["H19.3.8", "h19-03-08", "H190308", "Ｈ１９．３．８"] {
        for part in prefixes_of(written).skip(1) {
            assert!(finds(&keys, part), "{part:?} of {written}");
        }
    }
    for part in prefixes_of("平成19年3月8日").skip(1) {
        assert!(finds(&keys, part), "{part:?}");
    }
    for typed in ["070308", "3/8", "3月8日", "3月", "07.3.8"] {
        assert!(finds(&keys, typed), "{typed}");
    }
    for typed in [
        "H18",
        "S19",
        "2007/4",
        "2007-03-09",
        "3/9",
        "070309",
        "H",
        "h",
        "平",
        "7/3/8/1",
    ] {
        assert!(!finds(&keys, typed), "{typed}");
    }
}

#[test]
fn names_in_latin_letters_are_found_by_each_word() {
    let keys = keys("Anna-Maria  Müller", "アンナ・マリア　ミュラー");
    for typed in [
        "anna",
        "Müller",
        "müller anna",
        "annamaria",
        "アンナマリア",
        "みゅら",
        "マリア",
        "muller",
        "myura",
    ] {
        assert!(finds(&keys, typed), "{typed}");
    }
    assert!(!finds(&keys, "schmidt"));
}

#[test]
fn a_large_tsu_may_stand_for_a_small_one() {
    let keys = keys("服部", "ﾊﾂﾄﾘ");
    assert!(finds(&keys, "hattori") && finds(&keys, "hatsutori") && finds(&keys, "はっとり"));
}

#[test]
fn blanks_alone_search_for_nothing() {
    assert!(query_keys("").is_empty());
    assert!(query_keys(" 　").is_empty());
    assert!(!keys("", "").contains(""));
}

#[test]
fn only_kana_and_latin_are_composed() {
    assert_eq!(compose_typed("か\u{3099}は\u{309A}e\u{301}"), "がぱé");
    assert_eq!(compose_typed("e\u{302}\u{303}"), "ễ");
    assert_eq!(compose_typed("\u{FA19}\u{FA1B}"), "\u{FA19}\u{FA1B}");
    assert_eq!(compose_typed("葛\u{E0100}"), "葛\u{E0100}");
    assert_eq!(compose_typed("\u{3099}あ\u{3099}"), "\u{3099}あ\u{3099}");
}

const KANA: &str = "[アイウエオカキクケコガギグゲゴサシスセソザジズゼゾタチツテトダデドナニヌネノハヒフヘホバビブベボパピプペポマミムメモヤユヨラリルレロワン]";

fn matching(pattern: String) -> impl Strategy<Value = String> {
    proptest::string::string_regex(&pattern).expect("a pattern")
}

proptest! {
    #[test]
    fn any_prefix_of_kana_finds_in_every_script(
        family in matching(format!("{KANA}{{1,6}}")), given in matching(format!("{KANA}{{1,6}}")),
    ) {
        let kana = format!("{family}　{given}");
        let keys = keys("", &kana);
        let hiragana: String = kana.chars().map(|c| match c {
            'ァ'..='ヶ' => char::from_u32(c as u32 - 0x60).unwrap_or(c),
            c => c,
        }).collect();
        for written in [kana.as_str(), &hiragana, &given] {
            for part in prefixes_of(written) {
                prop_assert!(finds(&keys, part), "{}", part);
            }
        }
    }

    #[test]
    fn any_prefix_of_name_and_number_finds(
        name in "[\\p{Han}A-Za-z]{1,5}[ 　][\\p{Han}A-Za-z]{1,5}", number in "[A-Z]?[0-9]{1,8}",
    ) {
        let keys = search_keys(&number, &name, "", birth());
        for part in prefixes_of(&name).chain(prefixes_of(&number)) {
            prop_assert!(finds(&keys, part), "{}", part);
        }
    }

    #[test]
    fn every_birth_date_is_found_as_written(n in 0i64..43_000) {
        let day = birth() - chrono::Duration::days(n);
        let keys = search_keys("", "", "", day);
        let (era, year) = date::era(day).expect("after 1868");
        let (m, d) = (day.month(), day.day());
        for written in [
            date::iso(day),
            format!("{}/{m}/{d}", day.year()),
            format!("{}年{m}月{d}日", day.year()),
            format!("{}{year}.{m}.{d}", era.letter),
            format!("{}{year}年{m}月{d}日", era.name),
        ] {
            for part in prefixes_of(&written).skip(1) {
                prop_assert!(finds(&keys, part), "{}", part);
            }
        }
    }

    #[test]
    fn nothing_typed_panics(typed in "\\PC{0,12}") {
        let _ = query_keys(&typed);
        let _ = search_keys(&typed, &typed, &typed, birth());
    }
}
