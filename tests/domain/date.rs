//! Days: what is typed, counted and printed.

use chrono::{Datelike, NaiveDate};
use proptest::prelude::*;
use saishin::domain::date::*;
use saishin::domain::lang::Lang;

fn d(iso: &str) -> NaiveDate {
    NaiveDate::parse_from_str(iso, "%Y-%m-%d").expect(iso)
}

/// A Sunday.
fn today() -> NaiveDate {
    d("2026-11-22")
}

fn any(typed: &str) -> Result<NaiveDate, DateError> {
    parse(typed, today(), Meaning::Any)
}

#[test]
fn every_usual_writing_of_one_day_is_read() {
    for typed in [
        "2026-11-24",
        "2026/11/24",
        "2026.11.24",
        "20261124",
        "2026年11月24日",
        "11/24",
        "11-24",
        "1124",
        "11月24日",
        "R8.11.24",
        "r8-11-24",
        "R081124",
        "令和8年11月24日",
        "令和８年１１月２４日",
        "２０２６－１１－２４",
        "２０２６／１１／２４",
        "2026ー11ー24",
        " 2026 - 11 - 24 ",
        "+2d",
        "＋２ｄ",
        "+2日",
        "火",
        "火曜日",
        "tue",
        "Tuesday",
    ] {
        assert_eq!(any(typed), Ok(d("2026-11-24")), "{typed}");
    }
}

#[test]
fn relative_days_count_from_today() {
    for (typed, expected) in [
        ("today", "2026-11-22"),
        ("今日", "2026-11-22"),
        ("0", "2026-11-22"),
        ("明日", "2026-11-23"),
        ("yesterday", "2026-11-21"),
        ("+4w", "2026-12-20"),
        ("+30d", "2026-12-22"),
        ("-3d", "2026-11-19"),
        ("−3d", "2026-11-19"),
        ("+1m", "2026-12-22"),
        ("+1か月", "2026-12-22"),
        ("-1y", "2025-11-22"),
    ] {
        assert_eq!(any(typed), Ok(d(expected)), "{typed}");
    }
    assert_eq!(any("+4"), Err(DateError::Unreadable));
    assert_eq!(any("+w"), Err(DateError::Unreadable));
    assert_eq!(any("+99999d"), Err(DateError::Implausible));
    assert_eq!(any("+1€"), Err(DateError::Unreadable));
}

#[test]
fn a_missing_year_follows_what_the_day_is_for() {
    for (typed, meaning, expected) in [
        ("11/22", Meaning::Past, Ok("2026-11-22")),
        ("11/22", Meaning::Future, Ok("2026-11-22")),
        ("11/23", Meaning::Past, Ok("2025-11-23")),
        ("11/21", Meaning::Future, Ok("2027-11-21")),
        ("1/5", Meaning::Any, Ok("2027-01-05")),
        ("8/5", Meaning::Any, Ok("2026-08-05")),
        ("2/29", Meaning::Past, Ok("2024-02-29")),
        ("2/29", Meaning::Future, Ok("2028-02-29")),
        ("2/30", Meaning::Past, Err(DateError::NoSuchDay)),
        ("3/8", Meaning::Birth, Err(DateError::Unreadable)),
    ] {
        assert_eq!(parse(typed, today(), meaning), expected.map(d), "{typed}");
    }
}

#[test]
fn a_weekday_is_the_next_or_the_last_never_today() {
    for (typed, meaning, expected) in [
        ("金", Meaning::Future, "2026-11-27"),
        ("fri", Meaning::Past, "2026-11-20"),
        ("日", Meaning::Future, "2026-11-29"),
        ("sun", Meaning::Past, "2026-11-15"),
    ] {
        assert_eq!(parse(typed, today(), meaning), Ok(d(expected)), "{typed}");
    }
    assert_eq!(
        parse("金", today(), Meaning::Birth),
        Err(DateError::Unreadable)
    );
}

#[test]
fn an_era_is_held_to_its_days() {
    let birth = |typed: &str| parse(typed, today(), Meaning::Birth);
    for (typed, expected) in [
        ("H19.3.8", "2007-03-08"),
        ("平成19年3月8日", "2007-03-08"),
        ("S64.1.7", "1989-01-07"),
        ("H1.1.8", "1989-01-08"),
        ("平成元年1月8日", "1989-01-08"),
        ("㍻元年1月8日", "1989-01-08"),
        ("H31.4.30", "2019-04-30"),
        ("R1.5.1", "2019-05-01"),
        ("昭和1.12.25", "1926-12-25"),
        ("T15.12.24", "1926-12-24"),
    ] {
        assert_eq!(birth(typed), Ok(d(expected)), "{typed}");
    }
    for typed in [
        "S64.1.8", "H1.1.7", "H31.5.1", "R1.4.30", "R0.5.1", "S1.12.24",
    ] {
        assert_eq!(birth(typed), Err(DateError::OutOfEra), "{typed}");
    }
    assert_eq!(birth("R2.2.30"), Err(DateError::NoSuchDay));
}

#[test]
fn an_implausible_day_is_refused() {
    for (typed, meaning) in [
        ("2026-11-23", Meaning::Birth),
        ("1906-11-21", Meaning::Birth),
        ("2026-11-23", Meaning::Past),
        ("2026-11-21", Meaning::Future),
        ("2036-11-23", Meaning::Future),
        ("2926-11-22", Meaning::Any),
    ] {
        let read = parse(typed, today(), meaning);
        assert_eq!(read, Err(DateError::Implausible), "{typed}");
    }
    assert!(parse("1906-11-22", today(), Meaning::Birth).is_ok());
    assert!(parse("2026-11-22", today(), Meaning::Birth).is_ok());
}

#[test]
fn what_is_no_date_is_refused() {
    for typed in [
        "",
        "x",
        "2026",
        "20261",
        "261122",
        "11/",
        "/11",
        "11//22",
        "26/11/22",
        "R8",
        "R8.11",
        "+",
        "-",
        "令和",
        "2026-11-22-1",
        "葛",
    ] {
        let read = any(typed);
        let no_such = typed == "2026"; // 20 months, 26 days
        let expected = if no_such {
            DateError::NoSuchDay
        } else {
            DateError::Unreadable
        };
        assert_eq!(read, Err(expected), "{typed}");
    }
    assert_eq!(any("2026-13-01"), Err(DateError::NoSuchDay));
    assert_eq!(any("2026-11-31"), Err(DateError::NoSuchDay));
    assert_eq!(any("2025-02-29"), Err(DateError::NoSuchDay));
}

#[test]
fn months_end_where_the_month_ends() {
    for (from, n, to) in [
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2026-03-31", -1, "2026-02-28"),
        ("2026-11-22", 0, "2026-11-22"),
        ("2024-02-29", 12, "2025-02-28"),
    ] {
        assert_eq!(add_months(d(from), n), d(to), "{from} {n}");
    }
    assert_eq!(add_months(today(), i32::MAX), NaiveDate::MAX);
    assert_eq!(add_months(today(), i32::MIN), NaiveDate::MIN);
}

#[test]
fn a_window_takes_the_later_of_months_and_thirty_days_each() {
    for (last, months, end) in [
        ("2026-01-31", 1, "2026-03-02"),
        ("2026-11-22", 1, "2026-12-22"),
        ("2026-12-22", 1, "2027-01-22"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2026-09-01", 6, "2027-03-01"),
        ("2026-01-31", 0, "2026-01-31"),
    ] {
        assert_eq!(window_end(d(last), months), d(end), "{last} {months}");
    }
}

#[test]
fn age_turns_on_the_birthday() {
    for (birth, on, years) in [
        ("2007-03-08", "2026-03-07", 18),
        ("2007-03-08", "2026-03-08", 19),
        ("2008-02-29", "2026-02-28", 17),
        ("2008-02-29", "2026-03-01", 18),
        ("2008-02-29", "2028-02-29", 20),
        ("2026-11-22", "2026-11-22", 0),
        ("2026-11-23", "2026-11-22", -1),
    ] {
        assert_eq!(age(d(birth), d(on)), years, "{birth} on {on}");
    }
}

#[test]
fn days_print_in_both_languages() {
    let day = d("2026-11-24");
    assert_eq!(iso(day), "2026-11-24");
    assert_eq!(short(day), "11/24");
    assert_eq!(short_weekday(day, Lang::Ja), "11/24(火)");
    assert_eq!(short_weekday(day, Lang::En), "Tue 24 Nov");
    assert_eq!(short_weekday(d("2026-03-08"), Lang::En), "Sun 8 Mar");
    assert_eq!((weekday_ja(day), weekday_en(day)), ("火", "Tue"));
}

fn days() -> impl Strategy<Value = NaiveDate> {
    (0i64..43_000).prop_map(|n| today() - chrono::Duration::days(n))
}

proptest! {
    #[test]
    fn every_printed_birth_date_reads_back(date in days()) {
        let (era, year) = era(date).expect("after 1868");
        let (m, day) = (date.month(), date.day());
        for typed in [
            iso(date),
            iso(date).replace('-', "/"),
            iso(date).replace('-', ""),
            format!("{}{year}.{m}.{day}", era.letter),
            format!("{}{year:02}{m:02}{day:02}", era.letter.to_ascii_uppercase()),
            format!("{}{year}年{m}月{day}日", era.name),
        ] {
            prop_assert_eq!(parse(&typed, today(), Meaning::Birth), Ok(date), "{}", typed);
        }
    }

    #[test]
    fn a_short_day_reads_back_within_a_year(n in 0i64..365) {
        let past = today() - chrono::Duration::days(n);
        let future = today() + chrono::Duration::days(n);
        prop_assert_eq!(parse(&short(past), today(), Meaning::Past), Ok(past));
        prop_assert_eq!(parse(&short(future), today(), Meaning::Future), Ok(future));
    }

    /// Whatever form a day is typed in, full-width too, it is the same day.
    #[test]
    fn a_day_typed_full_width_is_the_same_day(date in days()) {
        let wide = |typed: String| -> String {
            let widen = |c: char| match c {
                '!'..='~' => char::from_u32(c as u32 + 0xFEE0).unwrap_or(c),
                other => other,
            };
            typed.chars().map(widen).collect()
        };
        let (era, year) = era(date).expect("after 1868");
        let in_era = format!("{}{year}.{}.{}", era.letter, date.month(), date.day());
        for typed in [iso(date), iso(date).replace('-', "/"), in_era] {
            let narrow = parse(&typed, today(), Meaning::Birth);
            prop_assert_eq!(parse(&wide(typed), today(), Meaning::Birth), narrow);
            prop_assert_eq!(narrow, Ok(date));
        }
    }

    /// Whatever is read lies where its meaning allows.
    #[test]
    fn what_is_read_is_plausible(typed in "[-+/.0-9rhsdwm年月日金土]{1,10}") {
        for meaning in [Meaning::Birth, Meaning::Past, Meaning::Future, Meaning::Any] {
            let Ok(day) = parse(&typed, today(), meaning) else { continue };
            prop_assert!(!matches!(meaning, Meaning::Birth | Meaning::Past) || day <= today());
            prop_assert!(meaning != Meaning::Future || day >= today());
        }
    }

    /// Offsets count from today, there and back.
    #[test]
    fn an_offset_goes_there_and_back(n in 0u32..9_999) {
        let there = parse(&format!("+{n}d"), today(), Meaning::Any);
        let back = parse(&format!("-{n}d"), today(), Meaning::Any);
        let far = chrono::Duration::days(n.into());
        prop_assert!(there == Ok(today() + far) || there == Err(DateError::Implausible));
        prop_assert_eq!(back, Ok(today() - far));
    }

    /// One is `years` old from the birthday on and not the day before, also born
    /// on 29 February.
    #[test]
    fn the_birthday_is_the_first_day_of_an_age(date in days(), leap in 1900i32..2020, years in 1i32..90) {
        let leap_day = NaiveDate::from_ymd_opt(leap / 4 * 4, 2, 29);
        for birth in leap_day.into_iter().chain([date]) {
            let day = birthday(birth, years);
            prop_assert_eq!(age(birth, day), years);
            prop_assert_eq!(age(birth, day.pred_opt().expect("a day before")), years - 1);
        }
    }

    #[test]
    fn nothing_typed_panics(typed in "\\PC{0,12}") {
        for meaning in [Meaning::Birth, Meaning::Past, Meaning::Future, Meaning::Any] {
            let _ = parse(&typed, today(), meaning);
        }
    }

    #[test]
    fn near_dates_do_not_panic(typed in "[-+/.0-9rhsdwm年月日元令和]{0,10}") {
        let _ = parse(&typed, today(), Meaning::Any);
    }

    #[test]
    fn a_window_is_never_shorter_than_either_count(date in days(), months in 0u32..12) {
        let end = window_end(date, months);
        prop_assert!(end >= add_months(date, months as i32));
        prop_assert!((end - date).num_days() >= 30 * i64::from(months));
        prop_assert!((end - date).num_days() <= 31 * i64::from(months));
    }
}
