//! A reading in plain words, one line a thing, for people to read and compare.

use saishin::domain::observation::ReferenceRange;
use saishin::domain::quantity::Comparator;
use saishin::lab::{
    CodeSent, Format, Moment, PatientSent, Reading, Received, Refusal, Report, Value, Warning,
};
use std::fmt::Write as _;

pub fn of(read: &Result<Reading, Refusal>) -> String {
    match read {
        Err(why) => format!("the whole file is refused: {why:?}\n"),
        Ok(reading) => reading_told(reading),
    }
}

fn reading_told(reading: &Reading) -> String {
    let mut out = String::new();
    let format = match &reading.format {
        Format::Hl7 => "HL7".to_owned(),
        Format::Fhir => "FHIR".to_owned(),
        Format::Csv { layout } => format!("columns of {layout}"),
    };
    let actual = reading.encoding.actual.word();
    let declared = reading
        .encoding
        .declared
        .as_deref()
        .unwrap_or("not declared");
    let (rows, results, refused) = (reading.rows, reading.results(), reading.refused.len());
    let _ = writeln!(out, "{format} in {actual} ({declared})");
    let _ = writeln!(out, "{rows} rows = {results} results + {refused} refused");
    for Warning { place, kind, text } in &reading.warnings {
        let place = place
            .as_ref()
            .map_or("file".to_owned(), ToString::to_string);
        let _ = writeln!(out, "warning, {place}: {} {text:?}", kind.word());
    }
    for line in &reading.refused {
        let _ = writeln!(
            out,
            "refused, {}: {} {:?}",
            line.place,
            line.reason.word(),
            line.text
        );
    }
    for report in &reading.reports {
        report_told(report, &mut out);
    }
    out
}

fn report_told(report: &Report, out: &mut String) {
    let _ = writeln!(out, "\nreport, {}", report.place);
    let _ = writeln!(out, "  patient     {}", patient(&report.patient));
    let moment = |m: &Option<Moment>| m.as_ref().map(Moment::iso);
    let fasting = Some(report.fasting.word().to_owned());
    for (name, value) in [
        ("laboratory", report.laboratory.clone()),
        ("message", report.message.clone()),
        ("sent", moment(&report.sent_at)),
        ("order", report.order.clone()),
        ("filler", report.filler.clone()),
        ("drawn", moment(&report.drawn)),
        ("material", report.material.clone()),
        ("fasting", fasting.filter(|word| word != "unknown")),
    ] {
        if let Some(value) = value {
            let _ = writeln!(out, "  {name:<11} {value}");
        }
    }
    for remark in &report.remarks {
        let _ = writeln!(
            out,
            "  remark      {} {:?}",
            remark.kind.word(),
            remark.sent
        );
    }
    for comment in &report.comments {
        let _ = writeln!(out, "  comment     {comment:?}");
    }
    for result in &report.results {
        result_told(report, result, out);
    }
}

fn patient(patient: &PatientSent) -> String {
    let ids = patient.ids.iter().map(|id| {
        let more = [&id.kind, &id.authority].map(|part| part.clone().unwrap_or_default());
        match more.join(" ").trim() {
            "" => id.value.clone(),
            more => format!("{} ({more})", id.value),
        }
    });
    let mut parts: Vec<String> = ids.collect();
    parts.extend(patient.name.clone());
    parts.extend(patient.kana.clone());
    parts.extend(patient.birth.map(|day| format!("born {day}")));
    parts.extend(patient.sex.map(|sex| sex.word().to_owned()));
    if parts.is_empty() {
        parts.push("nobody named".to_owned());
    }
    parts.join(" · ")
}

fn result_told(report: &Report, result: &Received, out: &mut String) {
    let codes: Vec<String> = result.codes.iter().map(code).collect();
    let analyte = match &result.analyte {
        Ok(id) => id.0.clone(),
        Err(why) => format!("none ({})", why.word()),
    };
    let place = result.place.to_string();
    let _ = writeln!(
        out,
        "  {place:<9} {:?} {} -> {analyte}",
        result.name,
        codes.join(" ")
    );
    let unit = match &result.unit.understood {
        Ok(unit) => unit.clone(),
        Err(why) => why.word().to_owned(),
    };
    let value = &result.value;
    let _ = writeln!(
        out,
        "      value {:?} = {}",
        value.sent,
        meaning(&value.read)
    );
    let _ = writeln!(out, "      unit {:?} = {unit}", result.unit.sent);
    if !result.range.sent.is_empty() {
        let read = result.range.read.as_ref();
        let read = read.map_or("words".to_owned(), ReferenceRange::text);
        let _ = writeln!(out, "      range {:?} = {read}", result.range.sent);
    }
    let mut more = vec![format!(
        "status {:?} = {}",
        result.status_sent,
        result.status.word()
    )];
    if !result.flags.is_empty() {
        more.push(format!("flags {}", result.flags.join(" ")));
    }
    if let Some(fasting) = result.fasting {
        more.push(format!("fasting {}", fasting.word()));
    }
    if result.method.is_some() || result.method_sent.is_some() {
        let method = result.method.map_or("not known", |m| m.word());
        let sent = result.method_sent.as_deref().unwrap_or_default();
        more.push(format!("method {sent:?} = {method}"));
    }
    if !result.sub_id.is_empty() {
        more.push(format!("sub-id {}", result.sub_id));
    }
    let _ = writeln!(out, "      {}", more.join(", "));
    for comment in &result.comments {
        let _ = writeln!(out, "      comment {comment:?}");
    }
    let judged = match report.judgeable(result) {
        Ok(()) if result.status.is_firm() => "judged".to_owned(),
        Ok(()) => "judged, may only raise an alert".to_owned(),
        Err(why) => format!("not judged: {}", why.word()),
    };
    let _ = writeln!(out, "      {judged}");
}

fn code(code: &CodeSent) -> String {
    format!("{}:{}", code.system.text(), code.code)
}

fn meaning(value: &Value) -> String {
    match value {
        Value::Number(q) if q.comparator == Comparator::Equal => format!("{}", q.number),
        Value::Number(q) => format!("{} {}", q.comparator.word(), q.number),
        Value::Word(word) => format!("the word {word}"),
        Value::Text(why) => format!("text ({})", why.word()),
        Value::Absent(why) => format!("absent ({})", why.word()),
    }
}
