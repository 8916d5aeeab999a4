//! By chance: what must hold of any record on any day.

use crate::told::*;
use proptest::prelude::*;
use saishin::domain::answer::*;
use saishin::domain::course::Treatment;
use saishin::domain::due::{DueLine, Need, State, at_hand, before_next, due, project, soon};
use saishin::domain::observation::Reported;
use saishin::domain::wanted::{Filter, Wanted};
use saishin::store::Store;
use saishin::store::memory::Memory;
use std::collections::BTreeSet;

/// Something that happens, some days after what happened before.
#[derive(Clone, Debug)]
enum Event {
    Draw,
    Sent,
    Test,
    Weight,
    Consent,
    Visit(Action, Option<u64>, bool),
    Guardian,
    Declined,
}

#[derive(Clone, Debug)]
struct Story {
    can: Can,
    born: &'static str,
    first: Option<u64>,
    transferred: bool,
    events: Vec<(u64, Event)>,
}

fn event() -> impl Strategy<Value = Event> {
    let action = prop::sample::select(Action::ALL);
    prop_oneof![
        2 => Just(Event::Draw),
        1 => Just(Event::Sent),
        2 => Just(Event::Test),
        1 => Just(Event::Weight),
        1 => Just(Event::Consent),
        5 => (action, prop::option::of(1..100u64), any::<bool>())
            .prop_map(|(action, next, stood)| Event::Visit(action, next, stood)),
        1 => Just(Event::Guardian),
        1 => Just(Event::Declined),
    ]
}

fn story() -> impl Strategy<Value = Story> {
    (
        prop::sample::select(Can::ALL.iter().collect::<Vec<_>>()),
        prop::sample::select(vec!["1990-03-03", "2008-02-29", "2008-09-01", "2010-01-01"]),
        prop::option::of(0..20u64),
        any::<bool>(),
        prop::collection::vec((0..50u64, event()), 0..14),
    )
        .prop_map(|(can, born, first, transferred, events)| Story {
            can: *can,
            born,
            first,
            transferred: transferred && first.is_some(),
            events,
        })
}

impl Story {
    /// The record it makes, and its last day. `keep` says which events happen.
    fn told(&self, keep: impl Fn(usize, &Event) -> bool) -> (Told, u64) {
        let mut told = Told::new(self.can, self.born);
        told.course(0, self.first, self.transferred);
        let mut n = 0;
        for (i, (gap, event)) in self.events.iter().enumerate() {
            n += gap;
            if keep(i, event) {
                happen(&mut told, n, event);
            }
        }
        (told, n)
    }
}

fn happen(told: &mut Told, n: u64, event: &Event) {
    let watching = || plan(Action::NoPrescription, None);
    match event {
        Event::Draw => told.drawn(n),
        Event::Sent => told.value(n, Reported::Pending),
        Event::Test => told.tested(n),
        Event::Weight => told.weighed(n),
        Event::Consent => told.consented(n),
        Event::Visit(action, next, stood) => {
            let stood: &[&str] = if *stood { &["critical"] } else { &[] };
            told.signed(n, &[], plan(*action, next.map(|gap| n + gap)), stood);
        }
        Event::Guardian => told.visit(n, &[("ident.minor", Answer::Code(1))], watching()),
        Event::Declined => {
            let no = ("preg.test", Answer::Absent(Absence::Declined));
            told.visit(n, &[no], watching());
        }
    }
}

fn lines(told: &Told, n: u64) -> Vec<DueLine> {
    due(settings(), &told.record, on(n))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    /// As days pass and nothing happens, nothing becomes less urgent, but for
    /// what is no longer needed from a day on that was known before.
    #[test]
    fn nothing_becomes_less_urgent_by_waiting(story in story()) {
        let (told, last) = story.told(|_, _| true);
        let mut before = lines(&told, last);
        for n in last + 1..last + 420 {
            let now = lines(&told, n);
            for (was, is) in before.iter().zip(&now) {
                let over = is.due.until() == Some(on(n)) && is.state == State::NotNeeded;
                prop_assert!(is.state >= was.state || over, "day {n}: {was:?} {is:?}");
                prop_assert_eq!(was.due, is.due, "the day itself does not move");
            }
            before = now;
        }
    }

    /// What was never done is due, wherever it is needed at all.
    #[test]
    fn never_done_means_due(story in story()) {
        let never = |event: &Event| matches!(event, Event::Visit(..) | Event::Guardian);
        let (told, last) = story.told(|_, event| never(event));
        let on_course = |line: &&DueLine| line.state != State::NotNeeded;
        for line in lines(&told, last + 1).iter().filter(on_course) {
            let counted = matches!(line.need, Need::Visit | Need::EndTest | Need::Guardian);
            let stopped = told.record.course().and_then(|c| {
                saishin::domain::record::ended(&told.record, c.course)
            });
            if !counted && stopped.is_none() {
                prop_assert!(line.state >= State::Due, "{line:?}");
            }
        }
    }

    /// An event changes only what it is about.
    #[test]
    fn an_event_makes_nothing_unrelated_due(story in story(), more in event()) {
        let (told, last) = story.told(|_, _| true);
        let about: &[Need] = match more {
            Event::Draw | Event::Sent => &[Need::Blood],
            // Once the tests are done nobody need come for them any longer.
            Event::Test => &[Need::Test, Need::EndTest, Need::Visit],
            Event::Weight => &[Need::Weight],
            Event::Consent => &[Need::Consent],
            Event::Visit(..) | Event::Guardian | Event::Declined => return Ok(()),
        };
        let mut with = told.clone();
        happen(&mut with, last, &more);
        for (was, is) in lines(&told, last + 40).iter().zip(&lines(&with, last + 40)) {
            if about.contains(&was.need) {
                prop_assert!(is.state <= was.state || matches!(more, Event::Sent), "{was:?} {is:?}");
            } else {
                prop_assert_eq!(was, is);
            }
        }
    }

    /// Knowing less never makes anything less urgent.
    #[test]
    fn what_is_unknown_lowers_nothing(story in story(), which in 0..14usize, later in 0..300u64) {
        let (known, last) = story.told(|_, _| true);
        let fact = |event: &Event| {
            matches!(event, Event::Draw | Event::Test | Event::Weight | Event::Consent)
        };
        let (unknown, _) = story.told(|i, event| i != which || !fact(event));
        for (k, u) in lines(&known, last + later).iter().zip(&lines(&unknown, last + later)) {
            prop_assert!(u.state >= k.state, "known {k:?} unknown {u:?}");
        }
        let cannot = Story { can: Can::No, ..story.clone() }.told(|_, _| true).0;
        let open = Story { can: Can::Unknown, ..story }.told(|_, _| true).0;
        for (no, u) in lines(&cannot, last + later).iter().zip(&lines(&open, last + later)) {
            let tests = matches!(no.need, Need::Test | Need::EndTest);
            prop_assert!(!tests || u.state >= no.state, "{no:?} {u:?}");
        }
    }

    /// The row kept of a patient says on every day what the record says, and is
    /// the same whatever day it was worked out on.
    #[test]
    fn the_row_says_what_the_record_says(story in story(), made in 0..60u64) {
        let (told, last) = story.told(|_, _| true);
        let row = |n| project(&told.record, settings(), [0; 32], on(n)).expect("a row").line;
        let kept = row(last + made);
        prop_assert_eq!(&kept, &row(last));
        for n in (last..last + 420).step_by(7) {
            for line in lines(&told, n) {
                let said = kept.state(line.need, on(n), soon(settings()));
                prop_assert_eq!(said, line.state, "day {} {:?}", n, line);
            }
        }
    }

    /// On the day of the visit the patient stands in today's list, and her row
    /// asks for all that falls due before the visit after it, as the record says.
    #[test]
    fn nobody_is_missed_whose_thing_falls_due_before_the_next_visit(story in story()) {
        let (told, last) = story.told(|_, _| true);
        let row = project(&told.record, settings(), [0; 32], on(last)).expect("a row");
        let Some(day) = row.line.visit_due.day() else { return Ok(()) };
        let wanted = Wanted {
            day,
            by: before_next(day, settings()).expect("an interval"),
            filter: None,
        };
        // A day that is past was another record's.
        if day < on(last) || row.line.visit_until.is_some_and(|until| day >= until) {
            return Ok(());
        }
        let mut store = Memory::new();
        store.project(&row).expect("a row is kept");
        let asked: BTreeSet<Need> = {
            let asks = |need: &Need| wanted.asks(&row.line, *need);
            Need::ALL.iter().copied().filter(asks).collect()
        };
        let treatment = Treatment::on(&told.record, day).expect("a course");
        prop_assert_eq!(&asked, &at_hand(&told.record, &treatment, settings(), day));
        for filter in [None, Some(Filter::Blood), Some(Filter::Test)] {
            let there = match filter {
                Some(Filter::Blood) => asked.contains(&Need::Blood),
                Some(Filter::Test) => asked.contains(&Need::Test) || asked.contains(&Need::EndTest),
                _ => true,
            };
            let lists = store.narrowed(&Wanted { filter, ..wanted }).expect("memory reads");
            prop_assert_eq!(lists.today.len(), usize::from(there), "{:?}", filter);
        }
    }

    /// However long somebody is left out of the lists: what a pregnancy hangs on
    /// places her there all the same.
    #[test]
    fn leaving_out_hides_nothing_a_pregnancy_hangs_on(story in story(), later in 0..200u64, back in 1..400u64) {
        let (told, last) = story.told(|_, _| true);
        let day = on(last + later);
        let mut row = project(&told.record, settings(), [0; 32], on(last)).expect("a row");
        row.line.back_on = Some(day + chrono::Days::new(back));
        let mut store = Memory::new();
        store.project(&row).expect("a row is kept");
        let lists = store.lists(day).expect("memory reads");
        let near = |need| {
            let by = day + chrono::Days::new(3);
            row.line.when(need).0.day().is_some_and(|due| due <= by)
        };
        let tested = row.line.phase != Some(Phase::Before) && near(Need::Test);
        let stands = tested || near(Need::EndTest) || near(Need::Outcome);
        prop_assert_eq!(lists.today.len() + lists.follow_up.len(), usize::from(stands));
    }
}
