//! The arithmetic of a picture: which row a value stands in, which column a day.

use chrono::NaiveDate;

/// How values are laid out over the rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    pub kind: Kind,
    low: f64,
    high: f64,
}

/// Equal steps, or equal factors where the values span more than tenfold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Linear,
    Logarithmic,
}

/// From this factor between the lowest and the highest value on a linear scale
/// would press the low ones together.
const WIDE: f64 = 10.0;

impl Scale {
    /// The scale that holds all of `values`, none of them negative; none without
    /// any. It begins at 0 unless that would waste most of it.
    pub fn over(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut ends: Option<(f64, f64)> = None;
        for value in values {
            let (low, high) = ends.unwrap_or((value, value));
            ends = Some((low.min(value), high.max(value)));
        }
        let (low, high) = ends?;
        if low > 0.0 && high >= low * WIDE {
            let kind = Kind::Logarithmic;
            return Some(Self { kind, low, high });
        }
        let from_zero = low < high * 0.6 || low == high;
        let low = if from_zero { 0.0 } else { low };
        // One value of 0 alone still needs a height.
        let high = if high > low { high } else { low + 1.0 };
        let kind = Kind::Linear;
        Some(Self { kind, low, high })
    }

    /// The row of a value among `rows`, 0 at the top; what lies outside stands at
    /// the edge.
    pub fn row(&self, value: f64, rows: u16) -> u16 {
        let last = rows.saturating_sub(1);
        let part = match self.kind {
            Kind::Linear => (value - self.low) / (self.high - self.low),
            Kind::Logarithmic => {
                (value.max(self.low) / self.low).ln() / (self.high / self.low).ln()
            }
        };
        last - cell(part, last)
    }

    /// Whether the scale reaches so far.
    pub fn holds(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }

    /// Its lowest and its highest value.
    pub fn ends(&self) -> (f64, f64) {
        (self.low, self.high)
    }
}

/// Days over the columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    pub from: NaiveDate,
    pub until: NaiveDate,
}

impl Days {
    /// The column of a day among `columns`; earlier and later days stand at the edge.
    pub fn column(&self, day: NaiveDate, columns: u16) -> u16 {
        let last = columns.saturating_sub(1);
        let all = (self.until - self.from).num_days();
        if all <= 0 {
            return last / 2;
        }
        cell((day - self.from).num_days() as f64 / all as f64, last)
    }
}

/// The nearest of the cells 0 to `last` for a part of 1.
fn cell(part: f64, last: u16) -> u16 {
    // A cast of a float saturates and takes what is no number for 0.
    (part.clamp(0.0, 1.0) * f64::from(last)).round() as u16
}

/// The cells between two of them, without the ends, in steps along the longer way.
pub fn between(from: (u16, u16), to: (u16, u16)) -> impl Iterator<Item = (u16, u16)> {
    let steps = from.0.abs_diff(to.0).max(from.1.abs_diff(to.1));
    let at = move |a: u16, b: u16, step: u16| {
        let part = f64::from(step) / f64::from(steps.max(1));
        (f64::from(a) + (f64::from(b) - f64::from(a)) * part).round() as u16
    };
    (1..steps).map(move |step| (at(from.0, to.0, step), at(from.1, to.1, step)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value() -> impl Strategy<Value = f64> {
        prop_oneof![0.0..5.0, 0.0..500.0, 1.0..20_000.0, Just(0.0)]
    }

    fn day(n: u32) -> NaiveDate {
        let first = NaiveDate::from_ymd_opt(2020, 1, 1).expect("a day");
        first + chrono::Days::new(u64::from(n))
    }

    proptest! {
        #[test]
        fn every_value_stands_in_the_plot(
            values in proptest::collection::vec(value(), 1..20),
            rows in 1u16..60,
        ) {
            let scale = Scale::over(values.iter().copied()).expect("a scale");
            for value in &values {
                prop_assert!(scale.row(*value, rows) < rows);
                prop_assert!(scale.holds(*value));
            }
        }

        #[test]
        fn a_higher_value_never_stands_lower(
            values in proptest::collection::vec(value(), 2..20),
            rows in 1u16..60,
        ) {
            let scale = Scale::over(values.iter().copied()).expect("a scale");
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            for pair in sorted.windows(2) {
                prop_assert!(scale.row(pair[0], rows) >= scale.row(pair[1], rows));
            }
        }

        #[test]
        fn the_ends_stand_at_the_edges(
            values in proptest::collection::vec(value(), 1..20),
            rows in 2u16..60,
        ) {
            let scale = Scale::over(values.iter().copied()).expect("a scale");
            let (low, high) = scale.ends();
            prop_assert_eq!(scale.row(high, rows), 0);
            prop_assert_eq!(scale.row(low, rows), rows - 1);
            // And what lies beyond them stays on the plot.
            prop_assert_eq!(scale.row(high * 3.0 + 1.0, rows), 0);
            prop_assert_eq!(scale.row(0.0, rows), rows - 1);
        }

        #[test]
        fn a_value_stands_in_the_row_nearest_to_it(
            values in proptest::collection::vec(value(), 2..20),
            rows in 2u16..60,
        ) {
            let scale = Scale::over(values.iter().copied()).expect("a scale");
            let (low, high) = scale.ends();
            let by = |row: u16| {
                let part = 1.0 - f64::from(row) / f64::from(rows - 1);
                match scale.kind {
                    Kind::Linear => low + part * (high - low),
                    Kind::Logarithmic => low * (high / low).powf(part),
                }
            };
            for value in values {
                let row = scale.row(value, rows);
                let half = 0.5 + 1e-6;
                if let Some(above) = row.checked_sub(1) {
                    let (here, there) = (far(&scale, value, by(row)), far(&scale, value, by(above)));
                    prop_assert!(here <= there + half * 1e-6);
                }
                if row + 1 < rows {
                    let (here, there) = (far(&scale, value, by(row)), far(&scale, value, by(row + 1)));
                    prop_assert!(here <= there + half * 1e-6);
                }
            }
        }

        #[test]
        fn days_keep_their_order_and_stay_in_the_plot(
            mut days in proptest::collection::vec(0u32..4000, 1..20),
            columns in 1u16..200,
        ) {
            days.sort_unstable();
            let axis = Days { from: day(days[0]), until: day(days[days.len() - 1]) };
            let placed: Vec<u16> = days.iter().map(|d| axis.column(day(*d), columns)).collect();
            prop_assert!(placed.is_sorted());
            prop_assert!(placed.iter().all(|x| *x < columns));
        }

        #[test]
        fn the_way_between_two_cells_leaves_no_hole(
            a in (0u16..80, 0u16..30),
            b in (0u16..80, 0u16..30),
        ) {
            let way: Vec<_> = [a].into_iter().chain(between(a, b)).chain([b]).collect();
            for pair in way.windows(2) {
                prop_assert!(pair[0].0.abs_diff(pair[1].0) <= 1);
                prop_assert!(pair[0].1.abs_diff(pair[1].1) <= 1);
            }
        }
    }

    /// How far two values lie from each other on the scale.
    fn far(scale: &Scale, a: f64, b: f64) -> f64 {
        match scale.kind {
            Kind::Linear => (a - b).abs() / (scale.high - scale.low),
            Kind::Logarithmic => (a / b).ln().abs(),
        }
    }

    #[test]
    fn the_scale_follows_the_range() {
        let over = |values: &[f64]| Scale::over(values.iter().copied());
        assert_eq!(over(&[]), None);
        let kind = |values: &[f64]| over(values).map(|s| (s.kind, s.ends()));
        assert_eq!(kind(&[96.0, 512.0]), Some((Kind::Linear, (0.0, 512.0))));
        let wide = Some((Kind::Logarithmic, (20.0, 2000.0)));
        assert_eq!(kind(&[20.0, 2000.0]), wide);
        // 12 to 15 g/dL would lie in the uppermost fifth of a scale from 0.
        assert_eq!(kind(&[12.0, 15.0]), Some((Kind::Linear, (12.0, 15.0))));
        assert_eq!(kind(&[7.0]), Some((Kind::Linear, (0.0, 7.0))));
        assert_eq!(kind(&[0.0]), Some((Kind::Linear, (0.0, 1.0))));
    }
}
