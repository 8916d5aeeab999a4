//! Every kind of change, with every optional field both set and unset.
#![allow(dead_code, reason = "each test file uses a part of it")]

use crate::kept::*;
use saishin::domain::answer::*;
use saishin::domain::arrival::*;
use saishin::domain::change::*;
use saishin::domain::follow::*;
use saishin::domain::observation::*;
use saishin::domain::quantity::{Comparator, Quantity};
use saishin::domain::schedule::Schedule;

/// One value of an optional field each way.
fn both<T>(value: T) -> [Option<T>; 2] {
    [Some(value), None]
}

/// Every answer a line can have.
pub fn answers() -> Vec<Answer> {
    let mut answers: Vec<Answer> = Absence::ALL.iter().copied().map(Answer::Absent).collect();
    answers.extend([0, 8, 255].map(Answer::Code));
    answers.extend([vec![], vec![3], vec![2, 1, 1, 255]].map(Answer::Many));
    answers
        .extend(["0", "-1.50", "79228162514264337593543950335"].map(|n| Answer::Number(number(n))));
    answers.push(Answer::Day(day("0000-01-01")));
    answers.push(Answer::Day(day("9999-12-31")));
    answers.extend(["", "頭痛。\nrow 1:x \u{202e}'; --"].map(|text| Answer::Text(text.into())));
    answers.push(Answer::Weight {
        kg: number("52.40"),
        measured_on: day("2031-04-08"),
    });
    for can in Can::ALL {
        answers.push(Answer::Potential {
            can: *can,
            reason: None,
        });
    }
    for reason in CannotReason::ALL {
        answers.push(Answer::Potential {
            can: Can::No,
            reason: Some(*reason),
        });
    }
    answers.extend(tests());
    answers.extend(doses());
    answers
}

fn tests() -> Vec<Answer> {
    let mut tests = Vec::new();
    for result in TestResult::ALL.iter().copied() {
        for kind in TestKind::ALL.iter().copied().map(Some).chain([None]) {
            for (done_on, kit) in both(day("2031-04-07"))
                .into_iter()
                .zip(both("キット A".to_owned()))
            {
                tests.push(Answer::Test(PregnancyTest {
                    result,
                    done_on,
                    kind,
                    kit,
                }));
            }
        }
    }
    tests
}

fn doses() -> Vec<Answer> {
    let mut answers = Vec::new();
    for intake in Intake::ALL.iter().copied() {
        for (missed_days, stopped_on) in both(u32::MAX).into_iter().zip(both(day("2031-03-01"))) {
            answers.push(Answer::Intake {
                intake,
                missed_days,
                stopped_on,
            });
        }
    }
    for leftover in both(0) {
        answers.push(Answer::LastDose {
            taken_on: day("2031-04-01"),
            leftover,
        });
    }
    for signed_on in both(day("2031-01-09")) {
        answers.push(Answer::Consent {
            given: signed_on.is_some(),
            signed_on,
            form: signed_on.map(|_| "2031-01".into()),
        });
    }
    for action in Action::ALL.iter().copied() {
        let whole = Plan {
            action,
            mg_per_day: Some(number("40")),
            schedule: Schedule::Daily,
            days: Some(28),
            reason: Some("肝機能".into()),
            next_visit: Some(day("2031-05-06")),
            next_blood: Some(day("2031-06-03")),
        };
        let bare = Plan {
            mg_per_day: None,
            days: None,
            reason: None,
            next_visit: None,
            next_blood: None,
            ..whole.clone()
        };
        answers.extend([Answer::Plan(whole), Answer::Plan(bare)]);
    }
    answers
}

/// Draws and values in visit 1 and outside one.
pub fn laboratory() -> Vec<Change> {
    let mut changes = Vec::new();
    for (place, fasting) in Fasting::ALL.iter().copied().enumerate() {
        for set in [true, false] {
            changes.push(Change::Specimen(Drawn {
                visit: set.then_some(visit(1)),
                specimen: Specimen {
                    id: specimen(1 + place as u32),
                    drawn_on: day("2031-04-01"),
                    fasting,
                    haemolysed: set,
                    lipaemic: !set,
                    comment: set.then(|| "乳び".into()),
                    laboratory: set.then(|| "Laboratory X".into()),
                    dose_at_draw: set.then(|| number("20.0")),
                },
            }));
        }
    }
    for (place, reported) in outcomes().into_iter().enumerate() {
        changes.push(Change::Observe(Box::new(value(
            place as u32,
            reported,
            true,
        ))));
    }
    changes.push(Change::Observe(Box::new(value(
        90,
        Reported::Pending,
        false,
    ))));
    let empty = Observation {
        sent: Some(Sent::default()),
        ..value(91, Reported::Lost, false).observation
    };
    changes.push(Change::Observe(Box::new(Measured {
        visit: None,
        observation: empty,
    })));
    changes
}

fn outcomes() -> Vec<Reported> {
    let quantity = |comparator| Quantity {
        typed: "< 5,0".into(),
        comparator,
        number: number("5.0"),
    };
    let values = Comparator::ALL
        .iter()
        .map(|comparator| Reported::Value(quantity(*comparator)));
    values
        .chain([
            Reported::Pending,
            Reported::Haemolysed,
            Reported::Lost,
            Reported::NotDone,
        ])
        .collect()
}

fn value(place: u32, reported: Reported, set: bool) -> Measured {
    let text = |text: &str| set.then(|| text.to_owned());
    let sources = RangeSource::ALL;
    let range = ReferenceRange {
        low: (place.is_multiple_of(2)).then(|| number("30")),
        high: (place % 2 == 1).then(|| number("149.0")),
        low_open: place.is_multiple_of(3),
        high_open: place % 3 == 1,
        source: sources[place as usize % sources.len()],
    };
    let sent = Sent {
        status: text("F"),
        code_system: text("JC10"),
        code: text("3F015"),
        name: text("中性脂肪"),
        unit: text("mg/dl"),
        range: text("30-149"),
        flag: text("HH"),
        method: text("enzymatic"),
        comment: text(""),
        file: text(&"0f".repeat(32)),
        key: text("X\t123\t3F015"),
        at: text("2031-04-02T03:04:05"),
    };
    Measured {
        visit: set.then_some(visit(1)),
        observation: Observation {
            id: observation(place),
            specimen: specimen(1),
            analyte: AnalyteId("tg".into()),
            reported,
            unit: "mg/dL".into(),
            canonical: set.then(|| number("5.00")),
            range: set.then_some(range),
            sent: set.then_some(sent),
        },
    }
}

/// What a signature freezes of visit 1, and the signature.
pub fn signing(stated_by: u32) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    for standing in Standing::ALL.iter().copied() {
        for shown in both("1 軽度".to_owned()) {
            changes.push(Change::FrozenAnswer(FrozenAnswer {
                visit: visit(1),
                item: item("dry.lips"),
                standing,
                label: "口唇の乾燥".into(),
                shown,
            }));
        }
    }
    for settled in both("entered again".to_owned()) {
        changes.push(Change::FrozenAlert(Box::new(FrozenAlert {
            visit: visit(1),
            rule: "tg-500".into(),
            level: "critical".into(),
            item: "lab.tg".into(),
            text_ja: "TG 512".into(),
            text_en: "TG 512".into(),
            inputs: "tg=512 mg/dL 2031-04-01".into(),
            source: "invented source".into(),
            basis: "clinic".into(),
            settled,
        })));
    }
    changes.push(Change::Seen(Seen {
        visit: visit(1),
        observation: observation(1),
        stated_by: entry_id(stated_by),
    }));
    changes.push(signature(1));
    changes
}

/// The course and the identity with and without what is optional.
pub fn registrations() -> Vec<Change> {
    let mut changes = vec![identity("00123")];
    for (first_dose_on, mg_per_day) in both(day("2031-01-10")).into_iter().zip(both(number("20"))) {
        changes.push(Change::Course(CourseStart {
            course: course(1),
            protocol: "isotretinoin".into(),
            product: "capsules 10 mg".into(),
            first_dose_on,
            mg_per_day,
            capsule_mg: Some(number("20")),
            earlier_mg: Some(number("1800")),
            transferred: first_dose_on.is_some(),
        }));
    }
    changes
}

/// A whole life of a record: every kind of entry and of change.
pub fn entries() -> Vec<Entry> {
    let mut all = vec![
        beginning(),
        entry(2, EntryKind::Patient, registrations()),
        entry(
            3,
            EntryKind::Answer,
            vec![given(None, None, Answer::Absent(Absence::Unsure))],
        ),
        opened(1, 4),
    ];
    for (place, mode) in Mode::ALL.iter().copied().enumerate() {
        let context = Context {
            visit: visit(1),
            mode,
            companion: place.is_multiple_of(2),
        };
        all.push(within(
            1,
            5 + place as u32,
            EntryKind::Context,
            vec![Change::Context(context)],
        ));
    }
    let given = |answer, manner| {
        Change::Answer(Given {
            visit: Some(visit(1)),
            item: Some(item("any.line")),
            manner,
            answer,
        })
    };
    for (place, manner) in Manner::ALL.iter().copied().enumerate() {
        let changes = answers()
            .into_iter()
            .map(|answer| given(answer, manner))
            .collect();
        all.push(within(1, 10 + place as u32, EntryKind::Sweep, changes));
    }
    let memo = Memo {
        visit: visit(1),
        item: item("dry.lips"),
        text: "割れる".into(),
    };
    all.push(within(1, 20, EntryKind::Memo, vec![Change::Memo(memo)]));
    all.push(within(1, 21, EntryKind::Observe, laboratory()));
    all.push(takes_back(EntryKind::Undo, 22, 20));
    all.push(Entry {
        visit: Some(visit(1)),
        ..takes_back(EntryKind::Redo, 23, 22)
    });
    all.push(Entry {
        reason: Some("patient called".into()),
        ..answered(1, 24, 2)
    });
    // The one who signs may be named by the very entry that signs.
    let name = Change::Person(Person {
        person: person(3),
        name: "医師 三".into(),
    });
    let changes = [vec![name], signing(21)].concat();
    all.push(Entry {
        person: person(3),
        ..within(1, 30, EntryKind::Sign, changes)
    });
    all.push(within(
        1,
        31,
        EntryKind::Amend,
        vec![given_code(1, 2), amendment(1)],
    ));
    let remark = Amendment {
        visit: visit(1),
        item: None,
        reason: "late".into(),
        text: Some("電話あり".into()),
    };
    all.push(within(1, 32, EntryKind::Amend, vec![Change::Amend(remark)]));
    all.push(voided(1, 33));
    all.push(opened(2, 34));
    let void = Void {
        visit: visit(2),
        reason: "twice".into(),
        entered_again: None,
    };
    all.push(within(2, 35, EntryKind::Void, vec![Change::Void(void)]));
    all.extend(arrivals());
    all.extend(followed());
    all
}

/// Who did not come, how she was looked for, and left out of the lists.
fn followed() -> Vec<Entry> {
    let missed_on = day("2031-04-05");
    let missed = vec![Change::Missed(Missed { missed_on })];
    let outcomes = Reached::ALL.iter().cycle();
    let tried = Means::ALL.iter().zip(outcomes).map(|(means, outcome)| {
        Change::Attempt(Attempt {
            tried_on: day("2031-04-06"),
            means: *means,
            outcome: *outcome,
            note: (*means == Means::Other).then(|| "家族".into()),
        })
    });
    let snooze = Change::Snooze(Snooze {
        back_on: day("2031-05-01"),
        why: "留学".into(),
    });
    vec![
        entry(46, EntryKind::Missed, missed),
        entry(47, EntryKind::Attempt, tried.collect()),
        entry(48, EntryKind::Snooze, vec![snooze]),
        takes_back(EntryKind::Undo, 49, 48),
    ]
}

/// A draw that is nobody's of this clinic.
fn set_aside(id: u32, of: u32) -> Entry {
    let why = AsideWhy::ALL[id as usize % AsideWhy::ALL.len()];
    let aside = Aside {
        draw: draw(of),
        why,
    };
    outside(entry(id, EntryKind::Aside, vec![Change::Aside(aside)]))
}

/// An entry of no patient's.
fn outside(entry: Entry) -> Entry {
    Entry {
        patient: None,
        ..entry
    }
}

/// A laboratory's file, what was linked of it, and who looked.
fn arrivals() -> Vec<Entry> {
    let mut file = import(40, 1);
    for change in &mut file.changes {
        if let Change::Import(import) = change {
            import.declared = Some("ISO IR87".into());
        }
    }
    file.changes.push(Change::Draw(Box::new(told(90, false))));
    for (place, came) in Came::ALL.iter().copied().enumerate() {
        let number_of = 90 + place as u32;
        let set = came == Came::Number;
        file.changes.push(Change::Returned(Box::new(Returned {
            came,
            ..sent(number_of, 90, set)
        })));
    }
    let mut linked = vec![];
    for set in [true, false] {
        let text = |text: &str| set.then(|| text.to_owned());
        linked.push(Change::AsSent(Box::new(AsSent {
            draw: draw(2),
            returned: returned(2),
            drawn_on: set.then(|| day("2031-04-01")),
            laboratory: text("Laboratory X"),
            analyte: set.then(|| AnalyteId("hcg".into())),
            name: "hCG".into(),
            value: "(-)".into(),
            unit: String::new(),
            range: "(-)".into(),
            flags: "A\nH".into(),
            status: "final".into(),
            why: text("word_unknown"),
            word: text("negative"),
            comments: text("one"),
        })));
    }
    let late = Link {
        late: true,
        critical: Some("tg\nalt".into()),
        ..link(2, How::Matched)
    };
    linked.insert(0, Change::Link(late));
    let again = vec![Change::Link(link(3, How::Remembered))];
    let looks = Deed::ALL.iter().copied().map(|deed| {
        Change::Reviewed(Reviewed {
            draw: draw(2),
            deed,
            acknowledged: (deed == Deed::Seen).then(|| "tg\nalt".into()),
            note: (deed != Deed::Seen).then(|| "電話".into()),
        })
    });
    vec![
        file,
        entry(41, EntryKind::Link, linked),
        entry(42, EntryKind::Link, again),
        entry(43, EntryKind::Review, looks.collect()),
        takes_back(EntryKind::Undo, 44, 43),
        takes_back(EntryKind::Undo, 45, 42),
        set_aside(903, 3),
        outside(takes_back(EntryKind::Undo, 904, 903)),
        set_aside(905, 3),
    ]
}

fn given_code(visit_number: u32, code: u8) -> Change {
    given(Some(visit_number), Some("dry.lips"), Answer::Code(code))
}
