//! The codes by which results are known: whole, each of one analyte, and those
//! that clinics use most as they are published.

use std::collections::BTreeMap;
use toml::{Table, Value};

const LABS: &str = include_str!("../../assets/labs.toml");
const CODES: &str = include_str!("../../assets/lab/codes.toml");

/// What the sources of the catalogue give for each analyte: LOINC, and the
/// analyte's five characters of JLAC10.
const FACTS: [(&str, &[&str], &str); 19] = [
    ("alt", &["1742-6"], "3B045"),
    ("ast", &["1920-8"], "3B035"),
    ("ggt", &["2324-2"], "3B090"),
    ("alp", &["6768-6"], "3B070"),
    ("tbil", &["1975-2"], "3J010"),
    ("tg", &["2571-8", "3048-6"], "3F015"),
    ("tc", &["2093-3"], "3F050"),
    ("ldl", &["18262-6", "13457-7"], "3F077"),
    ("hdl", &["2085-9"], "3F070"),
    ("ck", &["2157-6"], "3B010"),
    ("glu", &["2345-7", "1558-6"], "3D010"),
    ("hba1c", &["4548-4"], "3D046"),
    ("wbc", &["6690-2"], "2A990"),
    // Its JLAC10 is only recalled, so none is mapped.
    ("neut", &["751-8"], ""),
    ("plt", &["777-3"], "2A050"),
    ("hb", &["718-7"], "2A030"),
    ("cre", &["2160-0"], "3C015"),
    ("amy", &["1798-8"], "3B160"),
    ("ld", &["2532-0"], "3B050"),
];

fn analytes(text: &str) -> Vec<Table> {
    let file: Table = text.parse().expect("it is TOML");
    let all = file["analyte"].as_array().expect("a list").iter();
    all.map(|one| one.as_table().expect("a table").clone())
        .collect()
}

fn words(of: &Table, key: &str) -> Vec<String> {
    let list = of.get(key).and_then(Value::as_array);
    let words = list.into_iter().flatten().filter_map(Value::as_str);
    words.map(str::to_owned).collect()
}

fn id(of: &Table) -> String {
    of["id"].as_str().expect("an id").to_owned()
}

/// Every LOINC code with its analyte and the file it stands in.
fn loinc() -> Vec<(String, String, &'static str)> {
    let mut all = Vec::new();
    for (file, text) in [("labs.toml", LABS), ("codes.toml", CODES)] {
        for analyte in analytes(text) {
            for key in ["loinc", "loinc_fasting"] {
                let codes = words(&analyte, key).into_iter();
                all.extend(codes.map(|code| (code, id(&analyte), file)));
            }
        }
    }
    all
}

/// Whether the last digit is the one that the others ask for (mod 10).
fn whole(code: &str) -> bool {
    let Some((digits, check)) = code.split_once('-') else {
        return false;
    };
    let sum: Option<u32> = digits
        .chars()
        .rev()
        .enumerate()
        .map(|(at, c)| {
            let digit = c.to_digit(10)?;
            Some(match at % 2 {
                0 => digit * 2 / 10 + digit * 2 % 10,
                _ => digit,
            })
        })
        .sum();
    let wanted = sum.map(|sum| (10 - sum % 10) % 10);
    check.len() == 1 && check.chars().next().and_then(|c| c.to_digit(10)) == wanted
}

#[test]
fn every_loinc_code_has_its_check_digit() {
    assert!(whole("1742-6") && whole("2571-8") && whole("718-7"));
    assert!(!whole("1742-5") && !whole("1724-6") && !whole("1742") && !whole("x-1"));
    let codes = loinc();
    assert!(codes.len() > 40, "{}", codes.len());
    for (code, analyte, file) in codes {
        assert!(whole(&code), "{code} of {analyte} in {file}");
    }
}

#[test]
fn a_loinc_code_means_one_analyte() {
    let mut of: BTreeMap<String, String> = BTreeMap::new();
    for (code, analyte, _) in loinc() {
        let before = of.insert(code.clone(), analyte.clone());
        assert!(
            before.is_none_or(|b| b == analyte),
            "{code} is of two analytes"
        );
    }
}

#[test]
fn the_codes_of_the_sources_are_those_of_the_catalogue() {
    let labs = analytes(LABS);
    for (name, codes, jlac10) in FACTS {
        let known = labs.iter().find(|one| id(one) == name).expect(name);
        assert_eq!(words(known, "loinc"), codes, "{name}");
        let analyte: Vec<String> = analytes(CODES)
            .iter()
            .filter(|one| id(one) == name)
            .flat_map(|one| {
                one.get("jlac10")
                    .and_then(Value::as_array)
                    .cloned()
                    .unwrap_or_default()
            })
            .filter_map(|code| Some(code.as_table()?.get("code")?.as_str()?.to_owned()))
            .collect();
        assert!(
            analyte.is_empty() && jlac10.is_empty() || analyte.iter().any(|code| code == jlac10),
            "{name}: {analyte:?}"
        );
        assert!(
            analyte.iter().all(|code| code.len() == 5),
            "{name}: {analyte:?}"
        );
    }
}
