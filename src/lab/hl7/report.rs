//! The segments of one message become draws of a patient.

use super::message::{Kind, Message};
use super::patient;
use super::result;
use super::segment_place;
use super::syntax::Segment;
use crate::domain::observation::AnalyteId;
use crate::domain::observation::Fasting;
use crate::lab::received::{Status, Why};
use crate::lab::report::{Moment, PatientSent, Remark, Report};
use crate::lab::tables::Knowing;
use crate::lab::{Place, Reading, Reason, WarningKind, clean, remark, when};

/// Longest field of a header, patient or order, in bytes.
const LONGEST_HEAD: usize = 4_000;

/// Adds what one message holds to `reading`.
pub(super) fn read(message: &Message<'_>, knowing: &mut Knowing<'_>, reading: &mut Reading) {
    let before = reading.rows;
    let mut walk = Walk {
        kind: message.kind,
        head: Head::of(&message.header(), reading),
        patient: PatientSent::default(),
        draw: None,
        specimen: None,
        common: None,
        notes: Vec::new(),
        last: Last::Head,
        spoilt: spoilt(message),
        knowing,
        reading,
    };
    for segment in message.segments() {
        walk.segment(&segment);
    }
    walk.close();
    if reading.rows == before && message.kind != Kind::Other {
        let header = message.header();
        let place = segment_place(header.line, header.name);
        reading.warn(place, WarningKind::NoResults, "");
    }
}

/// What stands in the header and is of every draw.
struct Head {
    laboratory: Option<String>,
    message: Option<String>,
    sent_at: Option<Moment>,
}

impl Head {
    fn of(msh: &Segment<'_>, reading: &mut Reading) -> Self {
        Self {
            laboratory: msh.some(4, 1).or_else(|| msh.some(3, 1)),
            message: msh.some(10, 1),
            sent_at: moment(msh, 7, reading),
        }
    }
}

/// A specimen segment (SPM), or what OBR-15 says.
#[derive(Clone, Default)]
struct Specimen {
    drawn: Option<Moment>,
    material: Option<String>,
    jlac10: Option<String>,
    remarks: Vec<Remark>,
}

impl Specimen {
    fn of(spm: &Segment<'_>, reading: &mut Reading) -> Self {
        let condition = |field: usize| {
            let code = spm.part(field, 1);
            Some(Remark {
                kind: remark::of_condition(&code)?,
                sent: spm.some(field, 2).unwrap_or_else(|| code.into_owned()),
            })
        };
        let remarks = [24, 21].into_iter().filter_map(condition);
        Self {
            drawn: moment(spm, 17, reading),
            remarks: remarks.collect(),
            ..Self::of_material(spm, 4)
        }
    }

    fn of_material(segment: &Segment<'_>, field: usize) -> Self {
        let part = |n: usize| segment.first_of(&segment.part(field, n));
        let (code, name, system) = (part(1), part(2), part(3));
        let jlac10 = match code.as_str() {
            _ if matches!(system.as_str(), "JC10" | "JLAC10") => Some(code.clone()),
            "UR" | "URN" | "URC" | "URINE" => Some("001".to_owned()),
            _ => None,
        };
        Self {
            material: Some(if name.is_empty() { code } else { name }).filter(|m| !m.is_empty()),
            jlac10,
            ..Self::default()
        }
    }
}

/// A draw being read.
struct Draw {
    report: Report,
    /// What OBR-25 says of all its results.
    status: Option<Status>,
    /// Whether its time stands above its results.
    timed: bool,
    /// The material's code in JLAC10, where it is known.
    jlac10: Option<String>,
}

impl Draw {
    /// The same with no results and no time.
    fn another(&self, place: Place) -> Draw {
        let report = Report {
            place,
            drawn: None,
            results: Vec::new(),
            ..self.report.clone()
        };
        Draw {
            report,
            jlac10: self.jlac10.clone(),
            ..*self
        }
    }

    /// What a specimen says of this draw.
    fn take(&mut self, specimen: Specimen) {
        let report = &mut self.report;
        self.timed |= specimen.drawn.is_some();
        report.drawn = specimen.drawn.or_else(|| report.drawn.take());
        report.material = specimen.material.or_else(|| report.material.take());
        self.jlac10 = specimen.jlac10.or_else(|| self.jlac10.take());
        self.remark(specimen.remarks);
    }

    fn remark(&mut self, remarks: Vec<Remark>) {
        for remark in remarks {
            if !self.report.remarks.contains(&remark) {
                self.report.remarks.push(remark);
            }
        }
    }

    fn add(&mut self, obx: &Segment<'_>, read: result::Read, reading: &mut Reading) {
        let mut result = read.result;
        if let Some(order) = self.status
            && order.says_less_than(result.status)
        {
            reading.warn(place(obx), WarningKind::StatusConflict, &result.status_sent);
            result.status = order;
        }
        if read.fasting != Fasting::Unknown {
            self.report.fasting = read.fasting;
        }
        self.remark(read.remark.into_iter().collect());
        self.report.results.push(result);
    }

    /// A result whose sample is of another material than its analyte's is none of
    /// the analyte.
    fn hold_to_material(&mut self, knowing: &Knowing<'_>) {
        let Some(material) = &self.jlac10 else { return };
        for result in &mut self.report.results {
            let fits = |id: &AnalyteId| knowing.fits(id, material);
            if result.analyte.as_ref().is_ok_and(|id| !fits(id)) {
                result.analyte = Err(Why::OtherMaterial);
            }
        }
    }
}

/// What a remark (NTE) behind the last segment is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Head,
    Draw,
    Result,
    /// A refused result: its remarks go with it.
    Refused,
}

/// One message, segment by segment.
struct Walk<'a, 'k> {
    kind: Kind,
    head: Head,
    patient: PatientSent,
    draw: Option<Draw>,
    /// The specimen of what follows (OUL^R22), or of the next order.
    specimen: Option<Specimen>,
    /// Order numbers of the ORC before the next OBR.
    common: Option<(Option<String>, Option<String>)>,
    notes: Vec<String>,
    last: Last,
    /// Why nothing of this message may be read.
    spoilt: Option<Reason>,
    knowing: &'a mut Knowing<'k>,
    reading: &'a mut Reading,
}

impl Walk<'_, '_> {
    fn segment(&mut self, segment: &Segment<'_>) {
        match segment.name {
            "PID" => {
                self.close();
                self.patient = patient::read(segment, self.reading);
                self.common = None;
                self.specimen = None;
                self.last = Last::Head;
            }
            "ORC" => self.common(segment),
            "SPM" => self.specimen(segment),
            "OBR" => self.order(segment),
            "OBX" => self.result(segment),
            "NTE" => self.note(segment),
            _ => {}
        }
    }

    /// Ends the draw being read.
    fn close(&mut self) {
        let Some(mut draw) = self.draw.take() else {
            return;
        };
        draw.hold_to_material(self.knowing);
        if !draw.report.results.is_empty() {
            self.reading.reports.push(draw.report);
        }
    }

    fn common(&mut self, orc: &Segment<'_>) {
        let numbers = (orc.some(2, 1), orc.some(3, 1));
        // In OUL the common order stands behind the OBR it belongs to.
        let behind = self.kind == Kind::SpecimenFirst;
        match &mut self.draw {
            Some(draw) if behind && draw.report.results.is_empty() => {
                let report = &mut draw.report;
                report.order = report.order.take().or(numbers.0);
                report.filler = report.filler.take().or(numbers.1);
            }
            _ => self.common = Some(numbers),
        }
    }

    fn specimen(&mut self, spm: &Segment<'_>) {
        let specimen = Specimen::of(spm, self.reading);
        match &mut self.draw {
            Some(draw) if self.kind == Kind::OrderFirst => draw.take(specimen),
            _ => {
                self.close();
                self.specimen = Some(specimen);
            }
        }
        self.last = Last::Draw;
    }

    fn order(&mut self, obr: &Segment<'_>) {
        self.close();
        let (placer, filler) = self.common.take().unwrap_or_default();
        let mut draw = self.empty(obr);
        let report = &mut draw.report;
        report.order = obr.some(2, 1).or(placer);
        report.filler = obr.some(3, 1).or(filler);
        report.fasting = remark::fasting(&obr.part(13, 1));
        draw.status = obr.some(25, 1).map(|sent| result::order_status(&sent));
        if report.drawn.is_none() {
            report.drawn = moment(obr, 7, self.reading);
            draw.timed = report.drawn.is_some();
        }
        if report.material.is_none() {
            let source = Specimen::of_material(obr, 15);
            report.material = source.material;
            draw.jlac10 = source.jlac10;
        }
        self.draw = Some(draw);
        self.last = Last::Draw;
    }

    /// A draw that begins at `segment`, of the present specimen.
    fn empty(&mut self, segment: &Segment<'_>) -> Draw {
        let specimen = self.specimen.clone().unwrap_or_default();
        let mut draw = Draw {
            report: Report {
                place: place(segment),
                patient: self.patient.clone(),
                laboratory: self.head.laboratory.clone(),
                message: self.head.message.clone(),
                sent_at: self.head.sent_at.clone(),
                order: None,
                filler: None,
                drawn: None,
                fasting: Fasting::Unknown,
                remarks: Vec::new(),
                material: None,
                comments: std::mem::take(&mut self.notes),
                results: Vec::new(),
            },
            status: None,
            timed: false,
            jlac10: None,
        };
        draw.take(specimen);
        draw
    }

    fn result(&mut self, obx: &Segment<'_>) {
        self.reading.rows += 1;
        let not_a_report = (self.kind == Kind::Other).then_some(Reason::NotAReport);
        let read = match not_a_report.or(self.spoilt) {
            Some(reason) => Err(reason),
            None => {
                let sex = self.patient.sex;
                result::read(obx, sex, self.knowing)
            }
        };
        match read {
            Err(reason) => {
                self.reading.refuse(place(obx), reason, obx.text);
                self.last = Last::Refused;
            }
            Ok(read) => self.add(obx, read),
        }
    }

    fn add(&mut self, obx: &Segment<'_>, read: result::Read) {
        let mut draw = match self.draw.take() {
            Some(draw) => draw,
            None => self.empty(obx),
        };
        if let Some(at) = read.at.clone().filter(|_| !draw.timed) {
            // Without a time above them, results may be of several draws.
            let other = draw.report.drawn.as_ref().is_some_and(|drawn| *drawn != at);
            if other && !draw.report.results.is_empty() {
                let next = draw.another(place(obx));
                self.draw = Some(std::mem::replace(&mut draw, next));
                self.close();
            }
            draw.report.drawn = Some(at);
        }
        draw.add(obx, read, self.reading);
        self.draw = Some(draw);
        self.last = Last::Result;
    }

    fn note(&mut self, nte: &Segment<'_>) {
        let lines = nte.repeats(3).map(|line| nte.unescaped(line));
        let text = clean::cleaned(lines.collect::<Vec<_>>().join("\n").trim());
        if text.is_empty() || text == "\"\"" {
            return;
        }
        let text = clean::kept(text);
        let Some(draw) = &mut self.draw else {
            if self.last != Last::Refused {
                self.notes.push(text);
            }
            return;
        };
        match self.last {
            Last::Refused => return,
            Last::Head => return self.notes.push(text),
            _ => {}
        }
        draw.remark(remark::in_comment(&text));
        match draw.report.results.last_mut() {
            Some(result) if self.last == Last::Result => result.comments.push(text),
            _ => draw.report.comments.push(text),
        }
    }
}

/// Why nothing of a message is read: what steers a terminal in its header,
/// patient or orders, or a field there longer than any name.
fn spoilt(message: &Message<'_>) -> Option<Reason> {
    let mut heads = message.named(&["MSH", "PID", "OBR", "SPM", "ORC"]);
    heads.find_map(|segment| head_spoilt(&segment))
}

fn head_spoilt(segment: &Segment<'_>) -> Option<Reason> {
    if clean::is_hostile(&segment.unescaped(segment.text)) {
        return Some(Reason::Hostile);
    }
    let used: &[usize] = match segment.name {
        "MSH" => &[3, 4, 7, 9, 10, 18],
        "PID" => &[2, 3, 5, 7, 8],
        "OBR" => &[2, 3, 7, 13, 15, 25],
        "SPM" => &[4, 17, 21, 24],
        _ => &[2, 3],
    };
    let long = used
        .iter()
        .any(|field| segment.field(*field).len() > LONGEST_HEAD);
    long.then_some(Reason::TooLong)
}

/// A moment in a field; a warning where one stands there that cannot be read.
pub(super) fn moment(segment: &Segment<'_>, field: usize, reading: &mut Reading) -> Option<Moment> {
    let sent = segment.part(field, 1);
    let read = when::hl7(&sent);
    if read.is_none() && !sent.is_empty() {
        reading.warn(place(segment), WarningKind::Unreadable, &sent);
    }
    read
}

fn place(segment: &Segment<'_>) -> Place {
    segment_place(segment.line, segment.name)
}
