//! Whose results a laboratory's file brings.

use proptest::prelude::*;
use saishin::domain::answer::Sex;
use saishin::domain::id::PatientId;
use saishin::domain::matching::*;

fn chart(of: u8, number: &str, name: &str, kana: &str, birth: &str, sex: Sex) -> Chart {
    Chart {
        patient: PatientId::from_bytes([of; 16]),
        chart_number: number.into(),
        name: name.into(),
        kana: kana.into(),
        birth_date: birth.parse().unwrap(),
        sex,
    }
}

/// Takahashi Hana, a twin of hers, and a man with a number near hers.
fn charts() -> Vec<Chart> {
    use Sex::{Female, Male};
    vec![
        chart(
            1,
            "000123",
            "高橋 花",
            "タカハシ ハナ",
            "1999-04-01",
            Female,
        ),
        chart(
            2,
            "000124",
            "高橋 雪",
            "タカハシ ユキ",
            "1999-04-01",
            Female,
        ),
        chart(3, "001230", "佐藤 健", "サトウ ケン", "1999-04-01", Male),
    ]
}

fn six() -> Scheme {
    Scheme::parse("000000").unwrap()
}

/// `number birth sex kana name`, apart by commas; `-` for nothing.
fn claim(told: &str) -> Claim {
    let parts: Vec<Option<&str>> = told
        .split(',')
        .map(|part| Some(part.trim()).filter(|part| *part != "-"))
        .collect();
    Claim {
        numbers: parts[0]
            .map(|n| n.split('~').map(str::to_owned).collect())
            .unwrap_or_default(),
        birth_date: parts[1].map(|day| day.parse().unwrap()),
        sex: parts[2].and_then(Sex::from_word),
        kana: parts[3].map(str::to_owned),
        name: parts[4].map(str::to_owned),
    }
}

fn told(claim: &Claim, charts: &[Chart], scheme: &Scheme) -> String {
    match matching(claim, charts, scheme) {
        Matching::Certain(chart) => format!("certain {}", chart.chart_number),
        Matching::Near(near) => {
            let numbers: Vec<&str> = near.iter().map(|c| &*c.chart.chart_number).collect();
            format!("near {}", numbers.join(" "))
        }
        Matching::Nobody => "nobody".to_owned(),
    }
}

#[test]
fn who_is_matched_who_is_near_and_who_is_nobody() {
    let table = [
        // All agrees, however it is written.
        (
            "000123, 1999-04-01, female, タカハシ ハナ, 高橋 花",
            "certain 000123",
        ),
        (
            "123, 1999-04-01, female, ﾀｶﾊｼ ﾊﾅ, 髙橋　花",
            "certain 000123",
        ),
        (
            "0000000123, 1999-04-01, female, たかはしはな, -",
            "certain 000123",
        ),
        (
            "123, 1999-04-01, female, -, TAKAHASHI HANA",
            "certain 000123",
        ),
        ("123, 1999-04-01, female, -, ﾀｶﾊｼ ﾊﾅ", "certain 000123"),
        (
            "NHI77~123, 1999-04-01, female, タカハシハナ, -",
            "certain 000123",
        ),
        // A name was not sent, and nothing contradicts.
        ("123, 1999-04-01, female, -, -", "certain 000123"),
        // Something is missing.
        ("123, 1999-04-01, -, タカハシハナ, 高橋花", "near 000123"),
        (
            "123, 1999-04-01, unknown, タカハシハナ, 高橋花",
            "near 000123",
        ),
        ("123, -, female, タカハシハナ, 高橋花", "near 000123"),
        ("-, 1999-04-01, female, タカハシハナ, 高橋花", "near 000123"),
        // Only the name differs: the number was used again, or typed for a twin.
        (
            "123, 1999-04-01, female, タカハシユキ, 高橋雪",
            "near 000124 000123",
        ),
        ("123, 1999-04-01, female, -, 佐藤 健", "near 000123 001230"),
        // Another script: cannot be compared, so it does not agree.
        ("123, 1999-04-01, female, -, 田中 花", "near 000123"),
        // The number is another patient's, or was padded at the wrong end.
        (
            "124, 1999-04-01, female, タカハシハナ, 高橋花",
            "near 000123 000124",
        ),
        (
            "1230, 1999-04-01, female, タカハシハナ, 高橋花",
            "near 000123 001230",
        ),
        // Sex or birth date differ.
        ("123, 1999-04-01, male, タカハシハナ, 高橋花", "near 000123"),
        (
            "123, 1999-01-04, female, タカハシハナ, 高橋花",
            "near 000123",
        ),
        // A name alone finds nobody, nor does a birthday, nor nothing at all.
        ("999, 1980-01-01, female, タカハシハナ, 高橋花", "nobody"),
        ("999, 1999-04-01, female, スズキアイ, 鈴木愛", "nobody"),
        ("-, -, female, タカハシハナ, 高橋花", "nobody"),
        ("-, -, -, -, -", "nobody"),
        // Two numbers of two patients.
        (
            "123~124, 1999-04-01, female, タカハシハナ, 高橋花",
            "near 000123 000124",
        ),
        // Longer than any number of this clinic.
        (
            "1000123, 1999-04-01, female, タカハシハナ, 高橋花",
            "near 000123",
        ),
    ];
    for (sent, expected) in table {
        assert_eq!(told(&claim(sent), &charts(), &six()), expected, "{sent}");
    }
}

#[test]
fn without_a_scheme_a_zero_in_front_is_another_number() {
    let sent = claim("123, 1999-04-01, female, タカハシハナ, 高橋花");
    let none = Scheme::default();
    assert_eq!(told(&sent, &charts(), &none), "near 000123");
    let written = claim("０００-１２３, 1999-04-01, female, タカハシハナ, 高橋花");
    assert_eq!(told(&written, &charts(), &none), "certain 000123");
}

#[test]
fn two_charts_that_are_one_number_under_the_scheme_are_left_to_a_person() {
    let mut both = charts();
    both.push(chart(
        9,
        "123",
        "高橋 花",
        "タカハシ ハナ",
        "1999-04-01",
        Sex::Female,
    ));
    let sent = claim("123, 1999-04-01, female, タカハシハナ, 高橋花");
    assert_eq!(told(&sent, &both, &six()), "near 000123 123");
}

#[test]
fn a_chart_without_number_name_or_sex_is_never_matched_by_what_is_blank() {
    let blank = vec![chart(7, "", "", "", "1999-04-01", Sex::Unknown)];
    for sent in ["-, 1999-04-01, -, -, -", " , 1999-04-01, unknown, , "] {
        assert_eq!(told(&claim(sent), &blank, &six()), "nobody", "{sent}");
        assert_eq!(told(&claim(sent), &blank, &Scheme::default()), "nobody");
    }
    assert_eq!(six().normal("000000"), None, "zeros alone are no number");
}

#[test]
fn a_scheme_is_read_from_an_example() {
    for (example, same) in [
        ("000000", vec!["1", "000001", "１", "0000-01"]),
        ("A-0000", vec!["A-0001", "a1", "1", "A0001"]),
    ] {
        let scheme = Scheme::parse(example).unwrap();
        let normal = scheme.normal(same[0]);
        assert!(normal.is_some());
        for number in same {
            assert_eq!(scheme.normal(number), normal, "{example} {number}");
            assert!(scheme.writings(number).contains(&normal.clone().unwrap()));
        }
        assert_eq!(scheme.normal("B-0001"), None);
        assert_eq!(scheme.normal("1234567"), None);
        assert_eq!(scheme.normal("12x"), None);
    }
    for bad in ["", "123", "A", "2000", "０１", &"0".repeat(21)] {
        assert_eq!(Scheme::parse(bad), None, "{bad}");
    }
}

fn part(of: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop::sample::select(of)
}

prop_compose! {
    fn any_claim()(
        number in part(&["-", "123", "000123", "124", "1230", "123~124", "x", "000000"]),
        birth in part(&["-", "1999-04-01", "1999-01-04"]),
        sex in part(&["-", "female", "male", "unknown"]),
        kana in part(&["-", "タカハシハナ", "ﾀｶﾊｼﾕｷ", "サトウ ケン", ""]),
        name in part(&["-", "髙橋花", "高橋雪", "佐藤健", "Sato Ken", ""]),
    ) -> Claim {
        claim(&[number, birth, sex, kana, name].join(","))
    }
}

proptest! {
    #[test]
    fn nobody_is_matched_without_number_birth_date_and_sex(sent in any_claim()) {
        let scheme = six();
        let Matching::Certain(found) = matching(&sent, &charts(), &scheme) else {
            return Ok(());
        };
        prop_assert_eq!(sent.birth_date, Some(found.birth_date));
        prop_assert_eq!(sent.sex, Some(found.sex));
        let number = scheme.normal(&found.chart_number);
        prop_assert!(sent.numbers.iter().any(|n| scheme.normal(n) == number));
        for less in [
            Claim { numbers: vec![], ..sent.clone() },
            Claim { birth_date: None, ..sent.clone() },
            Claim { sex: None, ..sent.clone() },
        ] {
            prop_assert!(!matches!(matching(&less, &charts(), &scheme), Matching::Certain(_)));
        }
    }

    #[test]
    fn a_name_never_makes_a_match_that_was_none_without_it(sent in any_claim()) {
        let nameless = Claim { name: None, kana: None, ..sent.clone() };
        let without = matching(&nameless, &charts(), &six());
        if let Matching::Certain(found) = matching(&sent, &charts(), &six()) {
            prop_assert_eq!(without, Matching::Certain(found));
        }
    }

    #[test]
    fn the_order_of_the_charts_and_a_chart_told_twice_change_nothing(sent in any_claim()) {
        let mut turned = charts();
        turned.reverse();
        turned.extend(charts());
        let found = |all: &[Chart]| match matching(&sent, all, &six()) {
            Matching::Certain(chart) => Some(chart.patient),
            _ => None,
        };
        prop_assert_eq!(found(&charts()), found(&turned));
    }

    #[test]
    fn a_writing_of_a_number_is_the_same_number(number in "[0-9]{1,8}|A?-?[0-9]{1,5}|[a-c]{0,3}") {
        for scheme in [six(), Scheme::parse("A-00000").unwrap(), Scheme::default()] {
            let Some(normal) = scheme.normal(&number) else { continue };
            prop_assert_eq!(scheme.normal(&normal), Some(normal.clone()));
            for writing in scheme.writings(&number) {
                prop_assert_eq!(scheme.normal(&writing), Some(normal.clone()), "{}", writing);
            }
        }
    }
}
