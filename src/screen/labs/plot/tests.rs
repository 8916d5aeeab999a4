//! The picture itself: what stands where in the buffer.

use super::*;
use crate::domain::catalogue::{BUILT_IN, Catalogue};
use crate::domain::id::{EntryId, ObservationId, PatientId, PersonId, SpecimenId};
use crate::domain::lang::Lang;
use crate::domain::observation::{
    AnalyteId, Fasting, Observation, RangeSource, ReferenceRange, Reported, Specimen,
};
use crate::domain::protocol::{ISOTRETINOIN, Protocol};
use crate::domain::quantity::Quantity;
use crate::domain::reading::{Before, readings};
use crate::domain::record::Stamp;
use crate::domain::series::Point;
use crate::domain::threshold::thresholds;
use chrono::{DateTime, Days as Add};
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::sync::LazyLock;

static CATALOGUE: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::parse(BUILT_IN).expect("the catalogue"));
static PROTOCOL: LazyLock<Protocol> =
    LazyLock::new(|| Protocol::parse(ISOTRETINOIN).expect("the protocol"));

fn first() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day")
}

/// A result so many days on, in this range; none of it where nothing was typed.
fn result(
    analyte: &Analyte,
    range: &str,
    day: u64,
    typed: Option<&str>,
) -> (Observation, Specimen) {
    let reported = typed.map_or(Reported::Pending, |typed| {
        Reported::Value(Quantity::parse(typed).expect("a value"))
    });
    let specimen = SpecimenId::from_bytes([2; 16]);
    let range = ReferenceRange::parse(range, RangeSource::Report).ok();
    let id = ObservationId::from_bytes([1; 16]);
    let observation = Observation::of(id, specimen, analyte, reported, &analyte.unit, range);
    let drawn = Specimen {
        id: specimen,
        drawn_on: first() + Add::new(day),
        fasting: Fasting::Yes,
        haemolysed: false,
        lipaemic: false,
        comment: None,
        laboratory: None,
        dose_at_draw: None,
    };
    (observation, drawn)
}

fn stamp() -> Stamp {
    Stamp {
        entry: EntryId::from_bytes([3; 16]),
        person: PersonId::from_bytes([4; 16]),
        at: DateTime::parse_from_rfc3339("2026-11-24T10:00:00+09:00").expect("a moment"),
        order: 0,
    }
}

/// Draws triglycerides and hands over what was drawn.
fn drawn(values: &[(u64, Option<String>)], size: (u16, u16), check: impl Fn(&Plot<'_>, &Buffer)) {
    drawn_of(("tg", "40-234"), values, size, Theme::default(), check);
}

/// Draws an analyte whose results have this range.
fn drawn_of(
    (analyte, range): (&str, &str),
    values: &[(u64, Option<String>)],
    size: (u16, u16),
    theme: Theme,
    check: impl Fn(&Plot<'_>, &Buffer),
) {
    let analyte = CATALOGUE
        .get(&AnalyteId(analyte.to_owned()))
        .expect("an analyte");
    let results: Vec<_> = values
        .iter()
        .map(|(day, typed)| result(analyte, range, *day, typed.as_deref()))
        .collect();
    let points: Vec<Point<'_>> = results
        .iter()
        .map(|(observation, specimen)| Point {
            observation,
            specimen,
            visit: None,
            stamp: stamp(),
            beside: None,
        })
        .collect();
    let read = readings(&points, analyte, Before::default());
    let settings = PROTOCOL.default_settings();
    let rules = thresholds(&PROTOCOL, &settings, analyte);
    let subject = Subject {
        analyte,
        settings: &settings,
    };
    let record = Record::new(PatientId::from_bytes([5; 16]));
    let plot = Plot::of(subject, &read, &rules, &record, first());
    let area = Rect::new(0, 0, size.0, size.1);
    let (mut buffer, mut caret) = (Buffer::empty(area), None);
    let mut canvas = Canvas::new(&mut buffer, area, theme, &mut caret);
    plot.draw(0, &mut canvas, &Text::of(Lang::En));
    check(&plot, &buffer);
}

/// Cells that the results have: the names of the limits take the rest.
fn columns(plot: &Plot<'_>, buffer: &Buffer) -> u16 {
    let text = Text::of(Lang::En);
    let widest = plot.names(&text).map(|n| cells::width(&n)).max();
    buffer.area.width - 1 - u16::try_from(widest.unwrap_or(0)).expect("a few cells")
}

fn symbols(buffer: &Buffer, y: u16, columns: u16) -> Vec<&str> {
    (0..columns).map(|x| buffer[(x, y)].symbol()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_result_and_every_limit_stand_in_the_row_of_their_value(
        mut days in proptest::collection::vec(0u64..900, 1..12),
        numbers in proptest::collection::vec(6u32..3000, 12),
        width in 50u16..120,
        height in 10u16..40,
    ) {
        days.sort_unstable();
        let numbers = numbers.iter().map(|n| Some(n.to_string()));
        let values: Vec<_> = days.into_iter().zip(numbers).collect();
        drawn(&values, (width, height), |plot, buffer| {
            let scale = plot.scale.expect("a scale");
            let (columns, rows) = (columns(plot, buffer), height - BELOW);
            let row = |n: Decimal| scale.row(n.to_f64().expect("a number"), rows);
            for reading in plot.readings {
                let y = row(reading.place().number().expect("a number"));
                let x = plot.x(reading, columns);
                assert!(x < columns && y < rows);
                assert_eq!(buffer[(x, y)].symbol(), "●");
            }
            let limits = plot.lines.iter().flat_map(|l| l.at.iter().flatten());
            let limits: Vec<u16> = limits.map(|n| row(*n)).collect();
            for y in 0..rows {
                let line = symbols(buffer, y, columns);
                if limits.contains(&y) {
                    assert!(line.iter().all(|s| *s != " "), "row {y} has a hole: {line:?}");
                } else {
                    let drawn = line.iter().any(|s| *s == "─" || *s == "╌");
                    assert!(!drawn, "row {y} is of no limit: {line:?}");
                }
            }
        });
    }
}

#[test]
fn nothing_is_drawn_over_a_result_that_is_missing() {
    let typed = |n: &str| Some(n.to_owned());
    let values = [(0, typed("100")), (50, None), (100, typed("100"))];
    drawn(&values, (80, 20), |plot, buffer| {
        let (columns, rows) = (columns(plot, buffer), 20 - BELOW);
        let all = (0..rows).flat_map(|y| symbols(buffer, y, columns));
        assert_eq!(all.filter(|s| *s == "·").count(), 0);
        let middle = plot.x(&plot.readings[1], columns);
        assert_eq!(buffer[(middle, rows)].symbol(), "?");
    });
    let values = [(0, typed("100")), (50, typed("110")), (100, typed("100"))];
    drawn(&values, (80, 20), |plot, buffer| {
        let (columns, rows) = (columns(plot, buffer), 20 - BELOW);
        let all = (0..rows).flat_map(|y| symbols(buffer, y, columns));
        assert!(all.filter(|s| *s == "·").count() > 10);
    });
}

#[test]
fn open_numbers_have_marks_of_their_own() {
    let typed = |n: &str| Some(n.to_owned());
    let values = [(0, typed("<50")), (50, typed("90")), (100, typed(">400"))];
    drawn(&values, (80, 20), |plot, buffer| {
        let (columns, rows) = (columns(plot, buffer), 20 - BELOW);
        let all: Vec<&str> = (0..rows)
            .flat_map(|y| symbols(buffer, y, columns))
            .collect();
        for sign in ["<", ">", "●"] {
            assert_eq!(all.iter().filter(|s| **s == sign).count(), 1, "{sign}");
        }
        assert!(!all.contains(&"·"), "no line leads to an open number");
    });
}

/// The row of the picture with these words to its right.
fn row_named(buffer: &Buffer, words: &str) -> Option<(u16, String)> {
    let row = |y| -> String { symbols(buffer, y, buffer.area.width).concat() };
    (0..buffer.area.height)
        .map(|y| (y, row(y)))
        .find(|(_, row)| row.contains(words))
}

/// The plain characters of a terminal that has no others.
fn plain() -> Theme {
    Theme {
        ascii: true,
        ..Theme::default()
    }
}

#[test]
fn a_limit_that_is_not_enough_for_its_rule_has_gaps_and_a_sign() {
    let typed = |n: &str| Some(n.to_owned());
    // Bilirubin above twice its limit counts with raised ALT only.
    let values = [(0, typed("0.8")), (100, typed("3.4"))];
    for (theme, dash, solid) in [(Theme::default(), '╌', '─'), (plain(), '-', '=')] {
        drawn_of(
            ("tbil", "0.4-1.5"),
            &values,
            (80, 20),
            theme,
            |plot, buffer| {
                let text = Text::of(Lang::En);
                let (y, row) = row_named(buffer, "3 +!!! critical").expect("the rule's line");
                let columns = columns(plot, buffer);
                let line: Vec<_> = symbols(buffer, y, columns);
                let dashes = line.iter().filter(|s| s.starts_with(dash)).count();
                assert!(dashes > usize::from(columns) / 4, "{row}");
                assert!(dashes < usize::from(columns) / 2, "{row}");
                let (y, _) = row_named(buffer, "1.5 upper limit").expect("the range's end");
                let whole = symbols(buffer, y, columns);
                assert!(whole.iter().any(|s| s.starts_with(solid)));
                assert!(legend(plot, theme, &text).contains("+ with other conditions"));
                // By itself the value does not raise that alert, nor take its look.
                assert!(plot.loudest(&plot.readings[1]).is_none());
            },
        );
    }
}

#[test]
fn a_rule_that_asks_for_more_than_anothers_limit_is_named_beside_it() {
    let typed = |n: &str| Some(n.to_owned());
    // Five times the limit is a warning; with weakness it is critical.
    let values = [(0, typed("180")), (100, typed("1400"))];
    drawn_of(
        ("ck", "59-248"),
        &values,
        (80, 20),
        Theme::default(),
        |plot, buffer| {
            let text = Text::of(Lang::En);
            let (y, row) = row_named(buffer, "1240 !!  warning +!!!").expect("one line for both");
            let columns = columns(plot, buffer);
            assert!(
                symbols(buffer, y, columns).iter().all(|s| *s != " "),
                "{row}"
            );
            assert!(legend(plot, Theme::default(), &text).contains("+ with other conditions"));
        },
    );
    // Without such a rule nothing is said of it.
    drawn(&[(0, typed("100"))], (80, 20), |plot, _| {
        assert_eq!(legend(plot, Theme::default(), &Text::of(Lang::En)), "");
    });
}
