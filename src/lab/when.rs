//! Days and times as files write them.
//!
//!   HL7 `202611190830+0900`   ISO `2026-11-19T08:30:00+09:00`
//!   layouts `%Y/%m/%d`, `yyyyMMdd`, `R8.11.19`

use super::report::Moment;
use crate::domain::date::{self, Meaning};
use chrono::{NaiveDate, NaiveTime};

/// `YYYYMMDD[HHMM[SS[.s…]]][±ZZZZ]`; `None` without a whole day.
pub(super) fn hl7(sent: &str) -> Option<Moment> {
    let (stamp, zone) = match sent.find(['+', '-']) {
        Some(at) => sent.split_at(at),
        None => (sent, ""),
    };
    let digits = stamp.split('.').next()?.trim();
    if !digits.bytes().all(|b| b.is_ascii_digit()) || !matches!(digits.len(), 8 | 10 | 12 | 14) {
        return None;
    }
    Some(Moment {
        day: eight_digits(&digits[..8])?,
        time: time_of(&digits[8..])?,
        offset: offset_if_any(zone)?,
    })
}

/// `2026-11-19`, `2026-11-19T08:30:00[.s…](Z|±hh:mm)`.
pub(super) fn iso(sent: &str) -> Option<Moment> {
    let day = NaiveDate::parse_from_str(sent.get(..10)?, "%Y-%m-%d").ok()?;
    let Some(rest) = sent.get(10..).filter(|rest| !rest.is_empty()) else {
        return Some(Moment::of_day(day));
    };
    let rest = rest.strip_prefix('T')?;
    let cut = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
    let (clock, zone) = rest.split_at(cut);
    let clock: String = clock
        .split('.')
        .next()?
        .chars()
        .filter(|c| *c != ':')
        .collect();
    let zone: String = zone
        .replace('Z', "+0000")
        .chars()
        .filter(|c| *c != ':')
        .collect();
    Some(Moment {
        day,
        time: Some(time_of(&clock)??),
        offset: offset_if_any(&zone)?,
    })
}

/// A day with or without a time in any form people and programs write:
/// `20261119`, `2026/11/19 08:30`, `2026-11-19`, `R8.11.19`, `令和8年11月19日`.
/// A year of two digits is not read: it could be of either calendar.
pub(super) fn written(sent: &str) -> Option<Moment> {
    let sent = sent.trim();
    if let Some(moment) = iso(sent).or_else(|| hl7(sent)) {
        return Some(moment);
    }
    let (day, clock) = match sent.rsplit_once([' ', '　', 'T']) {
        Some((day, clock)) if clock.contains(':') => (day, Some(clock)),
        _ => (sent, None),
    };
    let time = match clock {
        Some(text) => Some(self::clock(text)?),
        None => None,
    };
    Some(Moment {
        time,
        ..Moment::of_day(with_year(day.trim())?)
    })
}

/// A time of day: `8:30`, `08:30:15`, `0830`; `None` of anything else.
pub(super) fn clock(text: &str) -> Option<NaiveTime> {
    let two = |part: &str| format!("{part:0>2}");
    let digits: String = match text.contains(':') {
        true => text.split(':').map(two).collect(),
        false => text.to_owned(),
    };
    time_of(&digits)?
}

/// A day that holds its year. The reader of typed days looks 120 years back from
/// a day it is given; two of them cover every day a file may hold.
fn with_year(day: &str) -> Option<NaiveDate> {
    if day.chars().count() < 6 {
        return None;
    }
    let before = |year: i32| {
        let horizon = NaiveDate::from_ymd_opt(year, 12, 31)?;
        date::parse(day, horizon, Meaning::Birth).ok()
    };
    before(2100).or_else(|| before(1980))
}

fn eight_digits(digits: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(digits, "%Y%m%d").ok()
}

/// A clock's digits, `HH`, `HHMM` or `HHMMSS`; `Some(None)` of no digits, `None`
/// of what is no time.
fn time_of(digits: &str) -> Option<Option<NaiveTime>> {
    if digits.is_empty() {
        return Some(None);
    }
    if !digits.bytes().all(|b| b.is_ascii_digit()) || digits.len() > 6 {
        return None;
    }
    let number = |at: usize| digits.get(at..at + 2).map_or(Some(0), |d| d.parse().ok());
    NaiveTime::from_hms_opt(number(0)?, number(2)?, number(4)?).map(Some)
}

/// `+0900` in minutes; `Some(None)` of nothing.
fn offset_if_any(zone: &str) -> Option<Option<i32>> {
    let (sign, digits) = match zone.split_at_checked(1) {
        None => return Some(None),
        Some(parts) => parts,
    };
    if digits.len() != 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let hours: i32 = digits[..2].parse().ok()?;
    let minutes: i32 = digits[2..].parse().ok()?;
    let minutes = (hours <= 14 && minutes < 60).then_some(hours * 60 + minutes)?;
    Some(Some(if sign == "-" { -minutes } else { minutes }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_times_as_messages_write_them() {
        for (sent, read) in [
            ("20261119", "2026-11-19"),
            ("202611190830", "2026-11-19T08:30:00"),
            ("20261119083015.1234+0900", "2026-11-19T08:30:15+0900"),
            ("20261119083015-0330", "2026-11-19T08:30:15-0330"),
            ("2026111908", "2026-11-19T08:00:00"),
        ] {
            assert_eq!(hl7(sent).map(|m| m.iso()).as_deref(), Some(read), "{sent}");
        }
        for sent in [
            "",
            "2026",
            "202611",
            "20261131",
            "2026111925",
            "20261119+9",
            "2026/11/19",
            "20261119083",
        ] {
            assert_eq!(hl7(sent), None, "{sent}");
        }
    }

    #[test]
    fn days_and_times_as_layouts_and_people_write_them() {
        for (sent, read) in [
            ("2026/11/19", "2026-11-19"),
            ("2026/11/19 8:30", "2026-11-19T08:30:00"),
            ("2026/11/19 08:30:15", "2026-11-19T08:30:15"),
            ("2026-11-19T08:30:00+09:00", "2026-11-19T08:30:00+0900"),
            ("2026-11-19T08:30:00.5Z", "2026-11-19T08:30:00+0000"),
            ("R8.11.19", "2026-11-19"),
            ("令和8年11月19日", "2026-11-19"),
            ("H13/4/3", "2001-04-03"),
            ("S550403", "1980-04-03"),
            ("1935/01/02", "1935-01-02"),
            ("２０２６年１１月１９日", "2026-11-19"),
        ] {
            assert_eq!(
                written(sent).map(|m| m.iso()).as_deref(),
                Some(read),
                "{sent}"
            );
        }
        for sent in [
            "",
            "11/19",
            "1119",
            "26/11/19",
            "today",
            "金",
            "+4w",
            "2026/13/01",
            "0",
            "2026/11/19 25:00",
        ] {
            assert_eq!(written(sent), None, "{sent}");
        }
    }

    #[test]
    fn a_moment_with_an_offset_is_put_in_order_with_one_without() {
        let local = hl7("202611190830").expect("a moment");
        let greenwich = hl7("202611182330+0000").expect("a moment");
        assert_eq!(local.instant(540), greenwich.instant(540));
        let later = hl7("202611190031+0100").expect("a moment");
        assert!(later.instant(540) > local.instant(540));
    }
}
