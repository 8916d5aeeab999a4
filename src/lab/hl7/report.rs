//! The segments of one message become reports.

use super::message::Message;
use super::syntax::Segment;
use crate::domain::answer::Sex;
use crate::domain::catalogue::Catalogue;
use crate::domain::observation::{Fasting, RangeSource, ReferenceRange};
use crate::domain::quantity::Quantity;
use crate::lab::received::*;
use crate::lab::report::{IdSent, Moment, PatientSent, Report};
use crate::lab::{Place, Reading, Reason, Refusal, Refused, Tables};
use chrono::{NaiveDate, NaiveTime};

/// Adds what one message holds to `reading`.
pub(super) fn read(
    message: &Message<'_>,
    tables: &Tables,
    catalogue: &Catalogue,
    reading: &mut Reading,
) -> Result<(), Refusal> {
    let mut patient = PatientSent::default();
    let mut report: Option<Report> = None;
    for segment in &message.segments {
        match segment.name {
            "PID" => patient = self::patient(segment),
            "OBR" => reading
                .reports
                .extend(report.replace(order(segment, message, &patient))),
            "OBX" => {
                reading.rows += 1;
                if !message.is_report() {
                    reading.refused.push(refused(segment, Reason::NotAReport));
                    continue;
                }
                let result = result(segment, tables, catalogue);
                report
                    .get_or_insert_with(|| order(segment, message, &patient))
                    .results
                    .push(result);
            }
            _ => {}
        }
    }
    reading.reports.extend(report);
    Ok(())
}

fn patient(pid: &Segment<'_>) -> PatientSent {
    let ids = pid.repeats(3).map(|id| IdSent {
        value: pid.component(id, 1),
        authority: some(pid.component(id, 4)),
        kind: some(pid.component(id, 5)),
    });
    let name = [pid.part(5, 1), pid.part(5, 2)].join(" ");
    PatientSent {
        ids: ids.filter(|id| !id.value.is_empty()).collect(),
        name: some(name.trim().to_owned()),
        birth: moment(&pid.part(7, 1)).map(|moment| moment.day),
        sex: match pid.part(8, 1).as_str() {
            "F" => Some(Sex::Female),
            "M" => Some(Sex::Male),
            _ => None,
        },
        ..PatientSent::default()
    }
}

fn order(segment: &Segment<'_>, message: &Message<'_>, patient: &PatientSent) -> Report {
    let header = message.header();
    let is_order = segment.name == "OBR";
    let part = |number: usize| some(segment.part(number, 1)).filter(|_| is_order);
    Report {
        place: place(segment),
        patient: patient.clone(),
        laboratory: some(header.part(4, 1)).or_else(|| some(header.part(3, 1))),
        message: some(header.part(10, 1)),
        sent_at: moment(&header.part(7, 1)),
        order: part(2),
        filler: part(3),
        drawn: part(7).and_then(|sent| moment(&sent)),
        fasting: Fasting::Unknown,
        remarks: Vec::new(),
        material: None,
        comments: Vec::new(),
        results: Vec::new(),
    }
}

fn result(obx: &Segment<'_>, tables: &Tables, catalogue: &Catalogue) -> Received {
    let codes: Vec<CodeSent> = [1, 4].into_iter().filter_map(|at| code(obx, at)).collect();
    let analyte = tables.analyte(&codes, catalogue);
    let sent = obx.part(5, 1);
    let read = match Quantity::parse(&sent) {
        _ if sent.is_empty() => Value::Absent(AbsentWhy::Empty),
        Ok(quantity) => Value::Number(quantity),
        Err(_) => Value::Text(Why::NotANumber),
    };
    let unit = obx.part(6, 1);
    let known = analyte.as_ref().ok().and_then(|id| catalogue.get(id));
    let understood = match known.and_then(|analyte| analyte.unit_named(&unit)) {
        _ if unit.is_empty() => Err(Why::NoUnit),
        Some(unit) => Ok(unit.name.clone()),
        None => Err(Why::UnitUnknown),
    };
    let range = obx.part(7, 1);
    let status_sent = obx.part(11, 1);
    Received {
        place: place(obx),
        name: codes
            .first()
            .map_or(String::new(), |code| code.name.clone()),
        codes,
        analyte,
        value: ValueSent { sent, read },
        unit: UnitSent {
            sent: unit,
            understood,
        },
        range: RangeSent {
            read: ReferenceRange::parse(&range, RangeSource::Report).ok(),
            sent: range,
        },
        flags: obx
            .repeats(8)
            .map(|f| obx.component(f, 1))
            .filter(|f| !f.is_empty())
            .collect(),
        status: status(&status_sent),
        status_sent,
        method: None,
        method_sent: some(obx.part(17, 1)),
        fasting: None,
        comments: Vec::new(),
        sub_id: obx.part(4, 1),
    }
}

fn code(obx: &Segment<'_>, at: usize) -> Option<CodeSent> {
    let code = some(obx.part(3, at))?;
    let system = obx.part(3, at + 2);
    Some(CodeSent {
        code,
        name: obx.part(3, at + 1),
        system: match system.as_str() {
            "LN" => CodeSystem::Loinc,
            "JC10" => CodeSystem::Jlac10,
            "JC11" => CodeSystem::Jlac11,
            _ => CodeSystem::Other(system),
        },
    })
}

fn status(sent: &str) -> Status {
    match sent {
        "F" | "U" => Status::Final,
        "C" => Status::Corrected,
        "P" | "S" => Status::Preliminary,
        "O" | "I" | "R" | "N" => Status::NotReady,
        "X" => Status::Cancelled,
        "D" => Status::Deleted,
        "W" => Status::Wrong,
        "" => Status::Unstated,
        _ => Status::Unknown,
    }
}

/// `YYYYMMDD[HHMM[SS[.s…]]][+ZZZZ]`; `None` without a day.
fn moment(sent: &str) -> Option<Moment> {
    let (stamp, zone) = match sent.find(['+', '-']) {
        Some(at) => (&sent[..at], Some(&sent[at..])),
        None => (sent, None),
    };
    let digits = stamp.split('.').next()?;
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number = |from: usize, to: usize| digits.get(from..to)?.parse::<u32>().ok();
    let year = i32::try_from(number(0, 4)?).ok()?;
    let day = NaiveDate::from_ymd_opt(year, number(4, 6)?, number(6, 8)?)?;
    let time = number(8, 10).zip(number(10, 12));
    let time = time.and_then(|(h, m)| NaiveTime::from_hms_opt(h, m, number(12, 14).unwrap_or(0)));
    Some(Moment {
        day,
        time,
        offset: zone.and_then(offset),
    })
}

fn offset(zone: &str) -> Option<i32> {
    let (sign, digits) = zone.split_at_checked(1)?;
    let number = |from: usize| digits.get(from..from + 2)?.parse::<i32>().ok();
    let minutes = number(0)? * 60 + number(2)?;
    Some(if sign == "-" { -minutes } else { minutes })
}

fn place(segment: &Segment<'_>) -> Place {
    Place::Segment {
        line: segment.line,
        name: segment.name.to_owned(),
    }
}

fn refused(segment: &Segment<'_>, reason: Reason) -> Refused {
    Refused {
        place: place(segment),
        reason,
        text: segment.text.chars().take(120).collect(),
    }
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}
