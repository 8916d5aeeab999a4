//! Who a message is about: the PID segment.

use super::report::moment;
use super::segment_place;
use super::syntax::Segment;
use crate::domain::answer::Sex;
use crate::lab::report::{IdSent, PatientSent, is_kana};
use crate::lab::{Reading, WarningKind};

/// Most numbers of one patient that are kept.
const MOST_IDS: usize = 32;

pub(super) fn read(pid: &Segment<'_>, reading: &mut Reading) -> PatientSent {
    let mut patient = PatientSent {
        ids: ids(pid, reading),
        birth: moment(pid, 7, reading).map(|moment| moment.day),
        sex: sex(&pid.part(8, 1)),
        ..PatientSent::default()
    };
    for name in pid.repeats(5) {
        add_name(&mut patient, pid, name);
    }
    patient
}

fn ids(pid: &Segment<'_>, reading: &mut Reading) -> Vec<IdSent> {
    let id = |field: usize, id: &str| IdSent {
        value: pid.component(id, 1).into_owned(),
        authority: Some(pid.first_of(&pid.component(id, 4))).filter(|a| !a.is_empty()),
        kind: Some(pid.component(id, 5).into_owned())
            .filter(|kind| !kind.is_empty())
            .or_else(|| (field == 2).then(|| "PID-2".to_owned())),
    };
    let of = |field: usize| {
        let ids = pid.repeats(field).map(move |text| id(field, text));
        ids.filter(|id| !id.value.is_empty())
            .take(MOST_IDS)
            .collect::<Vec<_>>()
    };
    if pid.repeats(3).nth(MOST_IDS).is_some() {
        let place = segment_place(pid.line, pid.name);
        reading.warn(place, WarningKind::Shortened, pid.field(3));
    }
    // Old senders know only the number in PID-2.
    let own = of(3);
    if own.is_empty() { of(2) } else { own }
}

fn sex(sent: &str) -> Option<Sex> {
    match sent {
        "F" => Some(Sex::Female),
        "M" => Some(Sex::Male),
        "U" | "O" | "A" | "N" => Some(Sex::Unknown),
        _ => None,
    }
}

/// Component 8 says how a name is written: ideographs, as spoken, Latin letters.
fn add_name(patient: &mut PatientSent, pid: &Segment<'_>, repetition: &str) {
    let family = pid.first_of(&pid.component(repetition, 1));
    let given = pid.component(repetition, 2);
    let name = format!("{family} {given}").trim().to_owned();
    if name.is_empty() {
        return;
    }
    match &*pid.component(repetition, 8) {
        "P" => patient.kana.get_or_insert(name),
        "" if is_kana(&name) => patient.kana.get_or_insert(name),
        _ => patient.name.get_or_insert(name),
    };
}
