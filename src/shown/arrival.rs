//! What became of a laboratory's file, in words.

use super::{day, reported};
use crate::domain::arrival::{AsSent, AsideWhy, Deed};
use crate::domain::id::VisitId;
use crate::domain::matching::{Agreement, Compared, Part};
use crate::domain::record::Record;
use crate::lab::{Reason, Refusal, Why};
use crate::text::{Text, fill};

/// Why a file is not read as a whole.
pub fn refusal(why: &Refusal, text: &Text) -> String {
    let number = |line: &usize| line.to_string();
    match why {
        Refusal::Empty => text.file_empty.to_owned(),
        Refusal::TooLarge => text.file_too_large.to_owned(),
        Refusal::TooManyRows => text.file_too_many_rows.to_owned(),
        Refusal::Binary(kind) => fill(text.file_binary, &[("what", kind)]),
        Refusal::Encoding => text.file_encoding.to_owned(),
        Refusal::OpenEscape { line } => fill(text.file_open_escape, &[("line", &number(line))]),
        Refusal::UnknownFormat => text.file_unknown_format.to_owned(),
        Refusal::NoLayout => text.file_no_layout.to_owned(),
        Refusal::SeveralLayouts(names) => {
            fill(text.file_several_layouts, &[("what", &names.join(", "))])
        }
        Refusal::Json { line, .. } => fill(text.file_json, &[("line", &number(line))]),
        Refusal::NotFhir(kind) => fill(text.file_not_fhir, &[("what", kind)]),
    }
}

/// Why a row gave no result; `word` is the reader's.
pub fn reason(word: &str, text: &Text) -> String {
    let said = Reason::from_word(word).map(|reason| match reason {
        Reason::NotAReport => text.row_not_a_report,
        Reason::Nameless => text.row_nameless,
        Reason::Document => text.row_document,
        Reason::TooLong => text.row_too_long,
        Reason::Hostile => text.row_hostile,
        Reason::Columns => text.row_columns,
        Reason::Quote => text.row_quote,
        Reason::Shape => text.row_shape,
        Reason::NoMessage => text.row_no_message,
    });
    said.unwrap_or(word).to_owned()
}

/// Why a result is shown and not judged; `word` is what was kept.
pub fn why(word: &str, text: &Text) -> String {
    let said = Why::from_word(word).map(|why| match why {
        Why::NoCode => text.why_no_code,
        Why::CodeUnknown => text.why_code_unknown,
        Why::OtherMaterial => text.why_other_material,
        Why::NameContradicts => text.why_name_contradicts,
        Why::CodesContradict => text.why_codes_contradict,
        Why::NoValue => text.why_no_value,
        Why::NotANumber => text.why_not_a_number,
        Why::SeveralValues => text.why_several_values,
        Why::Impossible => text.why_impossible,
        Why::WordUnknown => text.why_word_unknown,
        Why::NoUnit => text.why_no_unit,
        Why::UnitUnknown => text.why_unit_unknown,
        Why::UnitAmbiguous => text.why_unit_ambiguous,
        Why::NoTime => text.why_no_time,
        Why::NotReady => text.why_not_ready,
        Why::Cancelled => text.why_cancelled,
        Why::Deleted => text.why_deleted,
        Why::Wrong => text.why_wrong,
        Why::StatusUnknown => text.why_status_unknown,
    });
    let late = (word == "late").then_some(text.why_late);
    said.or(late).unwrap_or(word).to_owned()
}

/// Why a file was not read from its place.
pub fn file_trouble(word: &str, text: &Text) -> String {
    let said = match word {
        "missing" => text.file_missing,
        "not_permitted" => text.file_not_permitted,
        "link" => text.file_link,
        "directory" => text.file_directory,
        "device" => text.file_device,
        "too_large" => text.file_too_large,
        "growing" => text.file_growing,
        _ => text.file_io,
    };
    said.to_owned()
}

/// What came of a test that is shown as sent: one of its words in the reader's
/// language, else as it stands in the file.
pub fn word(result: &AsSent, text: &Text) -> String {
    let said = match result.word.as_deref() {
        Some("negative") => text.test_negative,
        Some("positive") => text.test_positive,
        Some("invalid") => text.read_invalid,
        _ => return result.value.clone(),
    };
    said.to_owned()
}

/// Why a draw is nobody's of this clinic.
pub fn aside(why: AsideWhy, text: &Text) -> &'static str {
    match why {
        AsideWhy::Stranger => text.aside_stranger,
        AsideWhy::Twice => text.aside_twice,
        AsideWhy::Trial => text.aside_trial,
        AsideWhy::Other => text.aside_other,
    }
}

/// What was done about results.
pub fn deed(deed: Deed, text: &Text) -> &'static str {
    match deed {
        Deed::Seen => text.deed_seen,
        Deed::Phoned => text.deed_phoned,
        Deed::CalledIn => text.deed_called_in,
        Deed::Hold => text.deed_hold,
    }
}

/// A part of an identity.
pub fn part(part: Part, text: &Text) -> &'static str {
    match part {
        Part::Number => text.part_number,
        Part::Birth => text.part_birth,
        Part::Sex => text.part_sex,
        Part::Kana => text.part_kana,
        Part::Name => text.part_name,
    }
}

/// Why a draw waits for a person beside the chart that is `nearest`: what differs,
/// else what agrees.
pub fn unlike(nearest: &Compared, text: &Text) -> String {
    let parts = |is: Agreement| {
        let parts = nearest.parts.iter().filter(|(_, a)| *a == is);
        let names: Vec<&str> = parts.map(|(which, _)| part(*which, text)).collect();
        names.join(text.list_separator)
    };
    match parts(Agreement::Differs) {
        none if none.is_empty() => fill(text.part_agree, &[("parts", &parts(Agreement::Same))]),
        differs => fill(text.take_differs, &[("parts", &differs)]),
    }
}

/// What a laboratory corrected, or took back, after `visit` was signed on it; of
/// every visit where none is named.
pub fn overtaken(record: &Record, visit: Option<VisitId>, text: &Text) -> Vec<String> {
    let all = record.overtaken().into_iter();
    let of = all.filter(|o| visit.is_none_or(|visit| o.visit == visit));
    of.map(|o| {
        let on = record.visit(o.visit).map(|v| day(v.day(), text));
        let now = o.now.map(|value| reported(&value.observation, text));
        let values = [
            ("day", &*on.unwrap_or_default()),
            ("name", &*o.then.analyte.0.to_uppercase()),
            ("then", &*reported(o.then, text)),
            (
                "now",
                &*now.unwrap_or_else(|| text.results_withdrawn.to_owned()),
            ),
        ];
        fill(text.results_overtaken, &values)
    })
    .collect()
}
