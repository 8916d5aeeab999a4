//! Days: one reader for everything people type, month and age arithmetic, and
//! the printers.
//!
//!   11/22 · 1122 · 2026-11-22 · R8.11.22 · 令和8年11月22日 · +4w · 金 · today

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

use super::lang::Lang;
use super::plain::small;

/// What the day is for; it decides the year where none is typed, the direction
/// of a weekday's name, and what is plausible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// 0 to 120 years before today. The year must be typed.
    Birth,
    /// Not after today, at most 120 years back. A missing year: the latest
    /// such day. A weekday: the last one before today.
    Past,
    /// Not before today, at most 10 years ahead. A missing year: the earliest
    /// such day. A weekday: the first one after today.
    Future,
    /// 120 years back to 10 ahead. A missing year: the nearest such day. A
    /// weekday: the first one after today.
    Any,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateError {
    /// No form of a date.
    Unreadable,
    /// A date, but the calendar has no such day (31 November).
    NoSuchDay,
    /// A real day, but not in the era named (Showa 64, 8 January).
    OutOfEra,
    /// A real day that cannot be meant here (born tomorrow).
    Implausible,
}

const OLDEST_YEARS: i32 = 120;
const FURTHEST_YEARS: i32 = 10;

pub fn parse(typed: &str, today: NaiveDate, meaning: Meaning) -> Result<NaiveDate, DateError> {
    let plain = plain(typed);
    let date = match named_day(&plain, today, meaning)? {
        Some(date) => date,
        None if plain.starts_with(['+', '-']) => offset(&plain, today)?,
        None => calendar_day(&plain, today, meaning)?,
    };
    plausible(date, today, meaning)
}

/// `n` calendar months on (or back); the 31st becomes the month's last day.
/// Stops at the ends of the calendar.
pub fn add_months(date: NaiveDate, n: i32) -> NaiveDate {
    let months = Months::new(n.unsigned_abs());
    if n >= 0 {
        date.checked_add_months(months).unwrap_or(NaiveDate::MAX)
    } else {
        date.checked_sub_months(months).unwrap_or(NaiveDate::MIN)
    }
}

/// Last day, inclusive, of a window of `months` after the last dose taken:
/// the later of calendar months and 30 days each, because 31 January and a
/// month is only 28 days.
pub fn window_end(last_dose: NaiveDate, months: u32) -> NaiveDate {
    let by_calendar = add_months(last_dose, i32::try_from(months).unwrap_or(i32::MAX));
    let by_days = last_dose
        .checked_add_days(Days::new(30 * u64::from(months)))
        .unwrap_or(NaiveDate::MAX);
    by_calendar.max(by_days)
}

/// Full years on the day `on`; negative before birth. Born on 29 February,
/// one is a year older on 1 March of a common year.
pub fn age(birth: NaiveDate, on: NaiveDate) -> i32 {
    let before_birthday = (on.month(), on.day()) < (birth.month(), birth.day());
    on.year() - birth.year() - i32::from(before_birthday)
}

/// The day on which one becomes `years` old, as [`age`] counts.
pub fn birthday(birth: NaiveDate, years: i32) -> NaiveDate {
    let day = add_months(birth, years.saturating_mul(12));
    let leapt = (day.month(), day.day()) < (birth.month(), birth.day());
    match day.succ_opt().filter(|_| leapt) {
        Some(next) => next,
        None => day,
    }
}

/// `2026-11-24`
pub fn iso(date: NaiveDate) -> String {
    date.format("%Y-%m-%d").to_string()
}

/// `11/24`
pub fn short(date: NaiveDate) -> String {
    format!("{}/{}", date.month(), date.day())
}

/// `11/24` or `24 Nov`
pub fn short_in(date: NaiveDate, lang: Lang) -> String {
    match lang {
        Lang::Ja => short(date),
        Lang::En => date.format("%-d %b").to_string(),
    }
}

/// `11/24(火)` or `Tue 24 Nov`
pub fn short_weekday(date: NaiveDate, lang: Lang) -> String {
    match lang {
        Lang::Ja => format!("{}({})", short(date), weekday_ja(date)),
        Lang::En => date.format("%a %-d %b").to_string(),
    }
}

/// `火`
pub fn weekday_ja(date: NaiveDate) -> &'static str {
    ["月", "火", "水", "木", "金", "土", "日"][date.weekday().num_days_from_monday() as usize]
}

/// `Tue`
pub fn weekday_en(date: NaiveDate) -> &'static str {
    ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
        [date.weekday().num_days_from_monday() as usize]
}

/// A Japanese era. Meiji and Taisho only serve very old birth dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Era {
    /// Lower-case initial: m t s h r.
    pub letter: char,
    pub name: &'static str,
    /// Year 1 of the era, as a western year.
    first_year: i32,
    first_day: (u32, u32),
}

pub(super) const ERAS: [Era; 5] = [
    era_of('m', "明治", 1868, (1, 25)),
    era_of('t', "大正", 1912, (7, 30)),
    era_of('s', "昭和", 1926, (12, 25)),
    era_of('h', "平成", 1989, (1, 8)),
    era_of('r', "令和", 2019, (5, 1)),
];

const fn era_of(letter: char, name: &'static str, first_year: i32, first_day: (u32, u32)) -> Era {
    Era {
        letter,
        name,
        first_year,
        first_day,
    }
}

/// The era of a day and the year in it; `None` before 1868.
pub fn era(date: NaiveDate) -> Option<(Era, u32)> {
    let era = ERAS.into_iter().rev().find(|era| {
        (date.year(), date.month(), date.day())
            >= (era.first_year, era.first_day.0, era.first_day.1)
    })?;
    let year = u32::try_from(date.year() - era.first_year + 1).ok()?;
    Some((era, year))
}

/// The era a text starts with, by name or initial, and what follows. Expects lower case and NFKC.
pub fn leading_era(text: &str) -> Option<(Era, &str)> {
    ERAS.into_iter().find_map(|era| {
        let rest = text
            .strip_prefix(era.name)
            .or_else(|| text.strip_prefix(era.letter))?;
        Some((era, rest))
    })
}

/// Half-width, lower case, without blanks, one hyphen for all the dashes an
/// input method may leave.
fn plain(typed: &str) -> String {
    small(typed)
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            '\u{2010}'..='\u{2015}' | '\u{2212}' | 'ー' => '-',
            '。' => '.',
            other => other,
        })
        .collect()
}

/// Today, tomorrow, yesterday, or a weekday by name.
fn named_day(
    plain: &str,
    today: NaiveDate,
    meaning: Meaning,
) -> Result<Option<NaiveDate>, DateError> {
    let weekday = weekday_named(plain);
    let day = match plain {
        "今日" | "本日" | "today" | "0" => Some(today),
        "明日" | "tomorrow" => today.succ_opt(),
        "昨日" | "yesterday" => today.pred_opt(),
        _ => weekday.and_then(|weekday| nearest_weekday(weekday, today, meaning)),
    };
    // Nobody is born on "Friday"; a slipped key in that field is an error.
    if meaning == Meaning::Birth && (weekday.is_some() || plain == "0") {
        return Err(DateError::Unreadable);
    }
    Ok(day)
}

fn weekday_named(plain: &str) -> Option<Weekday> {
    let ja = plain
        .strip_suffix("曜日")
        .or_else(|| plain.strip_suffix('曜'))
        .unwrap_or(plain);
    Some(match ja {
        "月" | "mon" | "monday" => Weekday::Mon,
        "火" | "tue" | "tuesday" => Weekday::Tue,
        "水" | "wed" | "wednesday" => Weekday::Wed,
        "木" | "thu" | "thursday" => Weekday::Thu,
        "金" | "fri" | "friday" => Weekday::Fri,
        "土" | "sat" | "saturday" => Weekday::Sat,
        "日" | "sun" | "sunday" => Weekday::Sun,
        _ => return None,
    })
}

fn nearest_weekday(weekday: Weekday, today: NaiveDate, meaning: Meaning) -> Option<NaiveDate> {
    (1..=7).find_map(|n| {
        let day = match meaning {
            Meaning::Past => today.checked_sub_days(Days::new(n)),
            _ => today.checked_add_days(Days::new(n)),
        }?;
        (day.weekday() == weekday).then_some(day)
    })
}

/// `+4w`, `-3d`, `+1m`, `+2週`: counted from today.
fn offset(plain: &str, today: NaiveDate) -> Result<NaiveDate, DateError> {
    let digits: String = plain[1..]
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    let unit = &plain[1 + digits.len()..];
    let n: u32 = match digits.len() {
        1..=4 => digits.parse().map_err(|_| DateError::Unreadable)?,
        0 => return Err(DateError::Unreadable),
        _ => return Err(DateError::Implausible),
    };
    let back = plain.starts_with('-');
    let days = |n: u32| {
        let days = Days::new(u64::from(n));
        if back {
            today.checked_sub_days(days)
        } else {
            today.checked_add_days(days)
        }
    };
    let months = |n: u32| {
        let n = i32::try_from(n).ok()?;
        Some(add_months(today, if back { -n } else { n }))
    };
    match unit {
        "d" | "日" => days(n),
        "w" | "週" | "週間" => days(n * 7),
        "m" | "月" | "か月" | "ヶ月" | "カ月" | "ヵ月" => months(n),
        "y" | "年" => months(n * 12),
        _ => return Err(DateError::Unreadable),
    }
    .ok_or(DateError::Implausible)
}

fn calendar_day(plain: &str, today: NaiveDate, meaning: Meaning) -> Result<NaiveDate, DateError> {
    if let Some((era, rest)) = leading_era(plain) {
        return era_day(era, rest);
    }
    let parts = parts(plain).ok_or(DateError::Unreadable)?;
    let widths: Vec<usize> = parts.iter().map(|p| p.len()).collect();
    match widths.as_slice() {
        [4, 1..=2, 1..=2] => day(number(parts[0]), number(parts[1]), number(parts[2])),
        [1..=2, 1..=2] => unyeared(number(parts[0]), number(parts[1]), today, meaning),
        [8] => {
            let (year, rest) = parts[0].split_at(4);
            let (month, of_month) = rest.split_at(2);
            day(number(year), number(month), number(of_month))
        }
        [4] => {
            let (month, of_month) = parts[0].split_at(2);
            unyeared(number(month), number(of_month), today, meaning)
        }
        _ => Err(DateError::Unreadable),
    }
}

/// What follows the era's name: `8.11.22`, `-8-11-22`, `081122`, `元年11月22日`.
fn era_day(era: Era, rest: &str) -> Result<NaiveDate, DateError> {
    let rest = rest.strip_prefix(['.', '-', '/']).unwrap_or(rest);
    let first = rest.strip_prefix('元').map(|rest| format!("1{rest}"));
    let rest = first.as_deref().unwrap_or(rest);
    let parts = parts(rest).ok_or(DateError::Unreadable)?;
    let widths: Vec<usize> = parts.iter().map(|p| p.len()).collect();
    let (year, month, of_month) = match widths.as_slice() {
        [1..=2, 1..=2, 1..=2] => (parts[0], parts[1], parts[2]),
        [6] => (&parts[0][..2], &parts[0][2..4], &parts[0][4..]),
        _ => return Err(DateError::Unreadable),
    };
    let in_era = number(year);
    if in_era == 0 {
        return Err(DateError::OutOfEra);
    }
    let western = u32::try_from(era.first_year).unwrap_or(0) + in_era - 1;
    let date = day(western, number(month), number(of_month))?;
    match self::era(date) {
        Some((actual, _)) if actual == era => Ok(date),
        _ => Err(DateError::OutOfEra),
    }
}

/// Two or three runs of digits with one separator between, or one run alone.
fn parts(plain: &str) -> Option<Vec<&str>> {
    let plain = plain.strip_suffix('日').unwrap_or(plain);
    let parts: Vec<&str> = plain.split(['-', '/', '.', '年', '月']).collect();
    let digits = |p: &&str| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit());
    parts.iter().all(digits).then_some(parts)
}

/// At most eight digits ever reach here; 0 stands for the unreadable and is no
/// year, month or day.
fn number(digits: &str) -> u32 {
    digits.parse().unwrap_or(0)
}

fn day(year: u32, month: u32, day: u32) -> Result<NaiveDate, DateError> {
    i32::try_from(year)
        .ok()
        .and_then(|year| NaiveDate::from_ymd_opt(year, month, day))
        .ok_or(DateError::NoSuchDay)
}

/// A day without a year, placed by what it is for.
fn unyeared(
    month: u32,
    of_month: u32,
    today: NaiveDate,
    meaning: Meaning,
) -> Result<NaiveDate, DateError> {
    // Eight years always hold a 29 February, even across 1900 or 2100.
    let candidates: Vec<NaiveDate> = (today.year() - 8..=today.year() + 8)
        .filter_map(|year| NaiveDate::from_ymd_opt(year, month, of_month))
        .collect();
    if candidates.is_empty() {
        return Err(DateError::NoSuchDay);
    }
    match meaning {
        Meaning::Birth => None,
        Meaning::Past => candidates.into_iter().rev().find(|day| *day <= today),
        Meaning::Future => candidates.into_iter().find(|day| *day >= today),
        Meaning::Any => candidates
            .into_iter()
            .min_by_key(|day| (*day - today).num_days().abs()),
    }
    .ok_or(DateError::Unreadable)
}

fn plausible(date: NaiveDate, today: NaiveDate, meaning: Meaning) -> Result<NaiveDate, DateError> {
    let oldest = add_months(today, -12 * OLDEST_YEARS);
    let furthest = add_months(today, 12 * FURTHEST_YEARS);
    let (from, to) = match meaning {
        Meaning::Birth | Meaning::Past => (oldest, today),
        Meaning::Future => (today, furthest),
        Meaning::Any => (oldest, furthest),
    };
    if (from..=to).contains(&date) {
        Ok(date)
    } else {
        Err(DateError::Implausible)
    }
}
