//! A dose and how it is spread over days, as doctors write it.
//!
//!   20 · 20 隔日 · 20 qod · 20 週3 · 20 3/w · 20/40

use rust_decimal::Decimal;
use std::fmt;
use std::str::FromStr;

use super::plain::small;

/// On which days capsules are taken, counted from the first day of the dose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Schedule {
    #[default]
    Daily,
    /// The first day, the third, the fifth ..
    EveryOther,
    /// So many days of every seven, evenly spread; 1 to 6.
    PerWeek(u8),
    /// Every day, on the second, fourth .. with this many milligrams instead.
    Alternating(Decimal),
}

/// Milligrams on a capsule day, and the days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dosing {
    pub mg: Decimal,
    pub schedule: Schedule,
}

const WEEK: u64 = 7;

/// Milligrams a day beyond which it is a slipped key.
const MOST: u32 = 300;

impl Dosing {
    /// The same every day.
    pub fn daily(mg: Decimal) -> Self {
        Self {
            mg,
            schedule: Schedule::Daily,
        }
    }

    /// Milligrams on day `day` of the dose, the first being 0.
    pub fn on_day(&self, day: u64) -> Decimal {
        let even = day.is_multiple_of(2);
        match self.schedule {
            Schedule::Daily => self.mg,
            Schedule::EveryOther if even => self.mg,
            Schedule::EveryOther => Decimal::ZERO,
            Schedule::PerWeek(n) if day * u64::from(n) % WEEK < u64::from(n) => self.mg,
            Schedule::PerWeek(_) => Decimal::ZERO,
            Schedule::Alternating(_) if even => self.mg,
            Schedule::Alternating(other) => other,
        }
    }

    /// Milligrams of `days` days from day `offset` on.
    pub fn total(&self, offset: u64, days: u64) -> Decimal {
        self.first(offset.saturating_add(days)) - self.first(offset)
    }

    /// Milligrams of the first `days` days.
    fn first(&self, days: u64) -> Decimal {
        let n = Decimal::from;
        match self.schedule {
            Schedule::Daily => n(days) * self.mg,
            Schedule::EveryOther => n(days.div_ceil(2)) * self.mg,
            Schedule::PerWeek(per) => {
                // One more each time the day passes another seventh of the week.
                let last = days.checked_sub(1);
                n(last.map_or(0, |last| last * u64::from(per) / WEEK + 1)) * self.mg
            }
            Schedule::Alternating(other) => n(days.div_ceil(2)) * self.mg + n(days / 2) * other,
        }
    }

    /// Milligrams a day on average, to two decimals.
    pub fn average(&self) -> Decimal {
        let exact = match self.schedule {
            Schedule::Daily => self.mg,
            Schedule::EveryOther => self.mg / Decimal::TWO,
            Schedule::PerWeek(n) => self.mg * Decimal::from(n) / Decimal::from(WEEK),
            Schedule::Alternating(other) => (self.mg + other) / Decimal::TWO,
        };
        exact.round_dp(2)
    }

    /// Milligrams of a capsule day, the mean of two that alternate.
    pub fn capsule_day(&self) -> Decimal {
        match self.schedule {
            Schedule::Alternating(other) => (self.mg + other) / Decimal::TWO,
            _ => self.mg,
        }
    }

    /// Milligrams of the day with most.
    fn most(&self) -> Decimal {
        match self.schedule {
            Schedule::Alternating(other) => self.mg.max(other),
            _ => self.mg,
        }
    }

    /// Reads what a doctor types; none where it is no dose.
    pub fn parse(typed: &str) -> Option<Self> {
        let plain = small(typed).replace("mg", " ");
        let mut parts = plain.split_whitespace();
        let first = parts.next()?;
        let rest: String = parts.collect();
        let (mg, schedule) = match (first.split_once('/'), rest.as_str()) {
            (Some((mg, other)), "") => (mg, Schedule::Alternating(amount(other)?)),
            (None, "") => glued(first)?,
            (None, rest) => (first, spread(rest)?),
            _ => return None,
        };
        let mg = amount(mg)?;
        Some(Self { mg, schedule }).filter(|dosing| dosing.most() <= Decimal::from(MOST))
    }
}

/// As it is typed, in the fewest characters: it reads back as itself.
impl fmt::Display for Dosing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mg = self.mg.normalize();
        match self.schedule {
            Schedule::Daily => write!(f, "{mg}"),
            Schedule::EveryOther => write!(f, "{mg} qod"),
            Schedule::PerWeek(n) => write!(f, "{mg} x{n}"),
            Schedule::Alternating(other) => write!(f, "{mg}/{}", other.normalize()),
        }
    }
}

/// `20隔日`, `20x3`, `20`.
fn glued(typed: &str) -> Option<(&str, Schedule)> {
    let end = typed.find(|c: char| !c.is_ascii_digit() && c != '.');
    match end.map(|at| typed.split_at(at)) {
        None => Some((typed, Schedule::Daily)),
        Some((mg, rest)) => Some((mg, spread(rest)?)),
    }
}

fn spread(typed: &str) -> Option<Schedule> {
    let days = |text: &str| text.parse().ok().filter(|n| (1..=6).contains(n));
    let week = typed
        .strip_prefix('週')
        .map(|n| n.trim_end_matches(['回', '日']))
        .or_else(|| typed.strip_suffix("/w"))
        .or_else(|| typed.strip_prefix('x'));
    match (typed, week) {
        ("毎日" | "daily" | "qd" | "/day" | "/日", _) => Some(Schedule::Daily),
        ("隔日" | "qod" | "eod", _) => Some(Schedule::EveryOther),
        (_, Some(n)) => days(n).map(Schedule::PerWeek),
        _ => None,
    }
}

fn amount(typed: &str) -> Option<Decimal> {
    let digits = |c: char| c.is_ascii_digit() || c == '.';
    let mg: Decimal = typed.chars().all(digits).then(|| typed.parse().ok())??;
    (mg > Decimal::ZERO).then_some(mg)
}

/// As the file keeps it.
impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Daily => f.write_str("daily"),
            Self::EveryOther => f.write_str("every_other"),
            Self::PerWeek(n) => write!(f, "per_week {n}"),
            Self::Alternating(other) => write!(f, "alternating {other}"),
        }
    }
}

impl FromStr for Schedule {
    type Err = ();

    fn from_str(kept: &str) -> Result<Self, ()> {
        let read = match kept.split_once(' ') {
            None if kept == "daily" => Some(Self::Daily),
            None if kept == "every_other" => Some(Self::EveryOther),
            Some(("per_week", n)) => n
                .parse()
                .ok()
                .filter(|n| (1..=6).contains(n))
                .map(Self::PerWeek),
            Some(("alternating", other)) => amount(other).map(Self::Alternating),
            _ => None,
        };
        read.filter(|schedule| schedule.to_string() == kept)
            .ok_or(())
    }
}

/// Milligrams a capsule holds, as the product's name says: `20mg`.
pub fn strength(product: &str) -> Option<Decimal> {
    let plain = small(product);
    let (before, _) = plain.split_once("mg")?;
    let digits = |c: char| c.is_ascii_digit() || c == '.';
    let number = before.trim_end();
    let from = number.rfind(|c| !digits(c)).map_or(0, |at| {
        at + number[at..].chars().next().map_or(1, char::len_utf8)
    });
    number[from..].parse().ok().filter(|mg| *mg > Decimal::ZERO)
}
