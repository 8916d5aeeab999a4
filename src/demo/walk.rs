//! One visit, walked by the checklist as a clinician would walk it.

use super::story::{self, Amended, Beside, Draw, Said, Voided};
use super::{Teller, Told};
use crate::domain::answer::{Action, Answer, ItemId, Manner, Phase, Plan};
use crate::domain::assess::Case;
use crate::domain::catalogue::Analyte;
use crate::domain::change::{
    Change, Context, Drawn, EntryKind, Given, Measured, Memo, Mode, Opening, Void,
};
use crate::domain::checklist::{Checklist, LineId, LineState, Part};
use crate::domain::course::Treatment;
use crate::domain::due;
use crate::domain::id::{ObservationId, PersonId, SpecimenId, VisitId};
use crate::domain::lang::Lang;
use crate::domain::observation::{
    AnalyteId, Fasting, Observation, RangeSource, ReferenceRange, Reported, Sent, Specimen,
};
use crate::domain::protocol::{Item, Kind, Protocol};
use crate::domain::quantity::Quantity;
use crate::domain::record::{Record, Visit};
use crate::domain::schedule::{Dosing, Schedule};
use crate::seal::{Texts, seal};
use chrono::{Days, NaiveDate};
use std::collections::BTreeMap;

/// More steps than any walk has lines: a story that goes on is a fault.
const STEPS: usize = 60;

impl Teller<'_, '_> {
    /// Opens a visit, walks it and signs it, unless it is left a draft.
    pub(super) fn visit(&mut self, told: &story::Told) -> Told<()> {
        self.at = self.moment(told.ago, 5)?.max(self.at);
        let visit = self.open(told)?;
        for _ in 0..STEPS {
            if !self.step(visit, told)? {
                self.remarks(visit, told);
                if told.draft.is_none() {
                    self.sign(visit)?;
                }
                return self.afterwards(visit, told);
            }
        }
        Err(format!("the visit {} days ago never ends", told.ago))
    }

    fn open(&mut self, told: &story::Told) -> Told<VisitId> {
        let day = self.day(told.ago)?;
        let kind = Treatment::on(&self.record, day)
            .ok_or("no course to visit for")?
            .visit_kind();
        let visit = VisitId::from((self.ids)(self.at));
        let opening = Opening {
            visit,
            course: self.course.ok_or("no course to visit for")?,
            kind,
            held_on: day,
            protocol: self.ground.protocol_hash,
            settings: self.ground.settings_hash,
        };
        let first = self.first_person(told);
        self.save_by(
            first,
            EntryKind::Open,
            Some(visit),
            vec![Change::Open(opening)],
        );
        if told.mode.is_some() || told.companion {
            let mode = told.mode.unwrap_or(Mode::InPerson);
            let context = Context {
                visit,
                mode,
                companion: told.companion,
            };
            self.save_by(
                first,
                EntryKind::Context,
                Some(visit),
                vec![Change::Context(context)],
            );
        }
        Ok(visit)
    }

    /// A draft is the nurse's.
    fn first_person(&self, told: &story::Told) -> PersonId {
        let nurse = usize::from(told.draft.is_some()).min(self.staff.len() - 1);
        self.staff[nurse].person
    }

    /// Who answers in this section.
    fn person_for(&self, section: &str, told: &story::Told) -> PersonId {
        let nurse = told.draft.is_some() || self.stories.nurse.iter().any(|s| s == section);
        self.staff[usize::from(nurse).min(self.staff.len() - 1)].person
    }

    /// Answers what is open up to where the rest may depend on it; whether
    /// there was anything.
    fn step(&mut self, id: VisitId, told: &story::Told) -> Told<bool> {
        let list = self.checklist(id)?;
        if let Some(draw) = told.draw.as_ref()
            && list.drawn.is_none()
            && told.draft.is_none()
            && !waits_before_the_draw(&list, self.ground.protocol)
        {
            self.drawn(Some(id), draw)?;
            return Ok(true);
        }
        let protocol = self.ground.protocol;
        let open = list.parts.iter().filter(|p| p.open > 0);
        let waiting: Vec<&Part> = open
            .filter(|p| self.draft_has(told, &p.section(protocol).id))
            .collect();
        // What stands before a turning point does not change by what is answered there.
        let calm = waiting
            .iter()
            .take_while(|part| !turns(part, protocol))
            .count();
        for part in &waiting[..calm.max(1).min(waiting.len())] {
            self.answer_part(id, told, &list, part)?;
        }
        Ok(!waiting.is_empty())
    }

    /// Whether the section is answered at all.
    fn draft_has(&self, told: &story::Told, section: &str) -> bool {
        told.draft
            .as_ref()
            .is_none_or(|sections| sections.iter().any(|s| s == section))
    }

    fn checklist(&self, id: VisitId) -> Told<Checklist> {
        Ok(Checklist::of(&self.case(id)?))
    }

    fn case(&self, id: VisitId) -> Told<Case<'_>> {
        Ok(Case {
            record: &self.record,
            visit: self.record.visit(id).ok_or("the visit is not there")?,
            protocol: self.ground.protocol,
            settings: self.ground.settings,
            catalogue: self.ground.catalogue,
        })
    }

    fn answer_part(
        &mut self,
        id: VisitId,
        told: &story::Told,
        list: &Checklist,
        part: &Part,
    ) -> Told<()> {
        let protocol = self.ground.protocol;
        let person = self.person_for(&part.section(protocol).id, told);
        let alone = |item: &Item| {
            let id = item.id.as_str();
            told.say.contains_key(id) || told.slip.contains_key(id)
        };
        let swept = list.sweepable(protocol, part);
        let swept: Vec<_> = swept.into_iter().filter(|(item, _)| !alone(item)).collect();
        let denied = list.deniable(protocol, part);
        let denied: Vec<_> = denied.into_iter().filter(|item| !alone(item)).collect();
        for line in list.lines[part.lines.clone()]
            .iter()
            .filter(|l| l.state == LineState::Open)
        {
            let item = line.item(protocol);
            let by_list = swept.iter().any(|(i, _)| i.id == item.id)
                || denied.iter().any(|i| i.id == item.id);
            match &line.id {
                LineId::Analyte(analyte) => self.value_left(id, list, analyte)?,
                LineId::Again(flag) => self.again(id, told, list, flag)?,
                LineId::Item(_) if by_list => {}
                LineId::Item(_) => self.line(id, told, list, item, person)?,
            }
        }
        let unchanged = swept
            .into_iter()
            .map(|(i, last)| given(id, i, Manner::Unchanged, last));
        self.together(person, EntryKind::Sweep, id, unchanged.collect());
        let none = denied
            .into_iter()
            .map(|i| given(id, i, Manner::Denied, Answer::Code(0)));
        self.together(person, EntryKind::Deny, id, none.collect());
        Ok(())
    }

    fn together(&mut self, by: PersonId, kind: EntryKind, id: VisitId, changes: Vec<Change>) {
        if !changes.is_empty() {
            self.save_by(by, kind, Some(id), changes);
        }
    }

    /// One line by itself.
    fn line(
        &mut self,
        id: VisitId,
        told: &story::Told,
        list: &Checklist,
        item: &Item,
        person: PersonId,
    ) -> Told<()> {
        if let Some(slip) = told.slip.get(item.id.as_str()) {
            self.slipped(id, told, list, item, slip, person)?;
        }
        let answer = match item.kind {
            Kind::Draw => return self.due_draw(id, told, item),
            Kind::Plan => self.plan(told, list)?,
            _ => {
                let said = Self::told_of(told, &item.id);
                self.answer(item, said, self.day(told.ago)?, list)?
            }
        };
        let change = given(id, item, Manner::Asked, answer);
        self.save_by(person, EntryKind::Answer, Some(id), vec![change]);
        Ok(())
    }

    /// A wrong key, taken back.
    fn slipped(
        &mut self,
        id: VisitId,
        told: &story::Told,
        list: &Checklist,
        item: &Item,
        slip: &Said,
        person: PersonId,
    ) -> Told<()> {
        let answer = self.answer(item, Some(slip), self.day(told.ago)?, list)?;
        let wrong = given(id, item, Manner::Asked, answer);
        let edit = self.save_by(person, EntryKind::Answer, Some(id), vec![wrong]);
        let mut undo = self.entry(person, EntryKind::Undo, Some(id), Vec::new());
        undo.undoes = Some(edit);
        self.push(undo);
        Ok(())
    }

    /// A red flag that a value has brought up again.
    fn again(
        &mut self,
        id: VisitId,
        told: &story::Told,
        list: &Checklist,
        flag: &ItemId,
    ) -> Told<()> {
        let item = self
            .ground
            .protocol
            .item(flag.as_str())
            .ok_or("no such red flag")?;
        let answer = self.answer(item, Self::told_of(told, flag), self.day(told.ago)?, list)?;
        let change = given(id, item, Manner::Asked, answer);
        self.save(EntryKind::Answer, Some(id), vec![change]);
        Ok(())
    }

    fn remarks(&mut self, id: VisitId, told: &story::Told) {
        for (item, text) in &told.memo {
            let memo = Memo {
                visit: id,
                item: ItemId::new(item),
                text: text.clone(),
            };
            self.save(EntryKind::Memo, Some(id), vec![Change::Memo(memo)]);
        }
    }

    // ------------------------------------------------------------ the decision

    fn plan(&self, told: &story::Told, list: &Checklist) -> Told<Answer> {
        let day = self.day(told.ago)?;
        let t = Treatment::on(&self.record, day).ok_or("no course to decide on")?;
        let action = told.plan.action.unwrap_or(usual_action(&t));
        let recheck = list
            .alerts
            .iter()
            .filter_map(|a| a.recheck)
            .map(|r| r.days)
            .min();
        let open = |_: NaiveDate| true;
        let proposed = due::propose(
            &self.record,
            &t,
            self.ground.settings,
            day,
            action,
            recheck,
            open,
        );
        let dose = told
            .plan
            .mg
            .as_deref()
            .map(|typed| Dosing::parse(typed).ok_or_else(|| format!("`{typed}` is no dose")))
            .transpose()?
            .or(t.last_dosing);
        if action.prescribes() && dose.is_none() {
            return Err(format!("no dose is told {} days ago", told.ago));
        }
        let set = |days: Option<u32>| days.map(|n| self.after(told.ago, n)).transpose();
        let (next, blood) = (set(told.plan.next)?, set(told.plan.blood)?);
        let days = match (next, proposed.days) {
            (Some(next), Some(_)) => u32::try_from((next - day).num_days()).ok(),
            (_, days) => days,
        };
        Ok(Answer::Plan(Plan {
            action,
            mg_per_day: dose.filter(|_| action.prescribes()).map(|d| d.mg),
            schedule: dose.map_or(Schedule::Daily, |d| d.schedule),
            days: days.filter(|_| action.prescribes()),
            reason: told
                .plan
                .reason
                .clone()
                .or_else(|| held_back_for(action, list)),
            next_visit: next.or(proposed.next_visit),
            next_blood: blood.or(proposed.next_blood),
        }))
    }

    /// The day `n` days after the one so many days ago.
    fn after(&self, ago: u32, n: u32) -> Told<NaiveDate> {
        let day = self.day(ago)?.checked_add_days(Days::new(u64::from(n)));
        day.ok_or_else(|| "there is no such day".to_owned())
    }

    // ---------------------------------------------------------- the laboratory

    /// A draw that is due and not told of: as usual, or why there is none.
    fn due_draw(&mut self, id: VisitId, told: &story::Told, item: &Item) -> Told<()> {
        if let Some(why) = told.no_draw {
            let change = given(id, item, Manner::Asked, Answer::Absent(why));
            self.save(EntryKind::Answer, Some(id), vec![change]);
            return Ok(());
        }
        let usual = Draw {
            ago: told.ago,
            came: None,
            fasting: Fasting::Yes,
            lipaemic: false,
            laboratory: None,
            values: self.usual_values(told.ago),
            sent: BTreeMap::new(),
        };
        self.drawn(Some(id), &usual)
    }

    /// Values as they usually are, a little different each time.
    fn usual_values(&self, ago: u32) -> BTreeMap<String, String> {
        let mut vary = u64::from(ago) * 7 + self.place as u64 * 13;
        let values = self.stories.values.iter().map(|(analyte, usual)| {
            vary = vary
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let percent = 88 + (vary >> 33) % 25;
            let value = usual
                .parse::<u64>()
                .map(|n| (n * percent / 100).to_string());
            (analyte.clone(), value.unwrap_or_else(|_| usual.clone()))
        });
        values.collect()
    }

    /// A result that came without a visit.
    pub(super) fn result(&mut self, draw: &Draw) -> Told<()> {
        self.at = self.moment(draw.came.unwrap_or(draw.ago), 2)?.max(self.at);
        self.drawn(None, draw)
    }

    fn drawn(&mut self, visit: Option<VisitId>, draw: &Draw) -> Told<()> {
        let drawn_on = self.day(draw.ago)?;
        let treatment = Treatment::on(&self.record, drawn_on);
        let specimen = Specimen {
            id: SpecimenId::from((self.ids)(self.at)),
            drawn_on,
            fasting: draw.fasting,
            haemolysed: draw.values.values().any(|v| v == "haemolysed"),
            lipaemic: draw.lipaemic,
            comment: None,
            laboratory: draw.laboratory.clone(),
            dose_at_draw: treatment.and_then(|t| t.mg_per_day),
        };
        let id = specimen.id;
        self.save(
            EntryKind::Observe,
            visit,
            vec![Change::Specimen(Drawn { visit, specimen })],
        );
        let told = draw
            .values
            .iter()
            .map(|(analyte, value)| (analyte.as_str(), value.as_str()));
        for (analyte, value) in self.in_slip_order(told.collect()) {
            let beside = draw.sent.get(analyte);
            self.observe(visit, id, analyte, reported(value)?, beside)?;
        }
        Ok(())
    }

    /// As the slip lists them, then the others.
    fn in_slip_order<'v>(&self, mut values: Vec<(&'v str, &'v str)>) -> Vec<(&'v str, &'v str)> {
        let items = self.ground.protocol.items();
        let panel: Vec<&AnalyteId> = items.flat_map(|item| &item.panel).collect();
        values.sort_by_key(|(analyte, _)| {
            panel
                .iter()
                .position(|id| id.0 == *analyte)
                .unwrap_or(usize::MAX)
        });
        values
    }

    /// A test of the slip that the draw did not bring.
    fn value_left(&mut self, id: VisitId, list: &Checklist, analyte: &AnalyteId) -> Told<()> {
        let specimen = list
            .drawn
            .as_ref()
            .ok_or("a value without a draw")?
            .specimen
            .id;
        self.observe(Some(id), specimen, &analyte.0, Reported::NotDone, None)
    }

    fn observe(
        &mut self,
        visit: Option<VisitId>,
        specimen: SpecimenId,
        analyte: &str,
        reported: Reported,
        beside: Option<&Beside>,
    ) -> Told<()> {
        let known = self.ground.catalogue.get(&AnalyteId(analyte.to_owned()));
        let known = known.ok_or_else(|| format!("no analyte `{analyte}`"))?;
        let id = ObservationId::from((self.ids)(self.at));
        let range = match beside {
            Some(beside) => Some(printed(&beside.range)?),
            None => self.range(known),
        };
        let mut observation = Observation::of(id, specimen, known, reported, &known.unit, range);
        observation.sent = beside.map(sent);
        let measured = Measured { visit, observation };
        self.save(
            EntryKind::Observe,
            visit,
            vec![Change::Observe(Box::new(measured))],
        );
        Ok(())
    }

    fn range(&self, analyte: &Analyte) -> Option<ReferenceRange> {
        let years = i32::try_from(self.story.age).ok();
        analyte.range_for(self.story.sex, years, &analyte.unit)
    }

    // ----------------------------------------------------------- the signature

    fn sign(&mut self, id: VisitId) -> Told<()> {
        let changes = self.sealed(id)?;
        self.save(EntryKind::Sign, Some(id), changes);
        Ok(())
    }

    /// What the signature freezes.
    fn sealed(&self, id: VisitId) -> Told<Vec<Change>> {
        let case = self.case(id)?;
        let list = Checklist::of(&case);
        let texts = Texts {
            ja: &self.texts.0,
            en: &self.texts.1,
            lang: Lang::Ja,
            people: self.staff,
        };
        let signer = &self.staff[0].name;
        Ok(seal(
            &case,
            &list,
            self.ground.catalogue,
            texts,
            signer,
            self.at,
        ))
    }

    /// What was added to the visit days later.
    fn afterwards(&mut self, id: VisitId, told: &story::Told) -> Told<()> {
        if let Some(amended) = &told.amend {
            self.amend(id, told, amended)?;
        }
        match &told.void {
            Some(voided) => self.void(id, told, voided),
            None => Ok(()),
        }
    }

    fn amend(&mut self, id: VisitId, told: &story::Told, amended: &Amended) -> Told<()> {
        self.at = self
            .moment(told.ago.saturating_sub(amended.after), 7)?
            .max(self.at);
        let changes = match (&amended.item, &amended.to, &amended.text) {
            (Some(item), Some(said), _) => {
                let item = self
                    .ground
                    .protocol
                    .item(item)
                    .ok_or("no such line to amend")?;
                let list = self.checklist(id)?;
                let answer = self.answer(item, Some(said), self.day(told.ago)?, &list)?;
                signed(&self.record, id)?
                    .closed()
                    .map(|v| v.amend(&item.id, answer, &amended.reason))
            }
            (_, _, Some(text)) => signed(&self.record, id)?
                .closed()
                .map(|v| v.remark(text, &amended.reason)),
            _ => None,
        };
        let changes = changes.ok_or("an amendment without a line or a remark")?;
        self.save(EntryKind::Amend, Some(id), changes);
        Ok(())
    }

    fn void(&mut self, id: VisitId, told: &story::Told, voided: &Voided) -> Told<()> {
        self.at = self
            .moment(told.ago.saturating_sub(voided.after), 8)?
            .max(self.at);
        let void = Void {
            visit: id,
            reason: voided.reason.clone(),
            entered_again: voided.again.clone(),
        };
        self.save(EntryKind::Void, Some(id), vec![Change::Void(void)]);
        Ok(())
    }
}

fn signed(record: &Record, id: VisitId) -> Told<&Visit> {
    record
        .visit(id)
        .ok_or_else(|| "the visit is not there".to_owned())
}

fn given(visit: VisitId, item: &Item, manner: Manner, answer: Answer) -> Change {
    Change::Answer(Given {
        visit: Some(visit),
        item: Some(item.id.clone()),
        manner,
        answer,
    })
}

/// Whether lines elsewhere come and go by what is answered in this section.
fn turns(part: &Part, protocol: &Protocol) -> bool {
    let kinds = [Kind::Draw, Kind::Plan, Kind::Counselling, Kind::Potential];
    part.section(protocol)
        .items
        .iter()
        .any(|item| kinds.contains(&item.kind))
}

/// Whether something before the laboratory still waits for an answer.
fn waits_before_the_draw(list: &Checklist, protocol: &Protocol) -> bool {
    let mut before = list
        .lines
        .iter()
        .take_while(|line| line.item(protocol).kind != Kind::Draw);
    before.any(|line| line.state == LineState::Open)
}

fn usual_action(t: &Treatment) -> Action {
    match t.phase {
        Phase::Before | Phase::Paused => Action::Start,
        Phase::On => Action::Continue,
        Phase::After => Action::NoPrescription,
    }
}

/// The few words of the worst alert, where a decision needs a reason.
fn held_back_for(action: Action, list: &Checklist) -> Option<String> {
    let worst = list.alerts.first()?;
    action.holds_back().then(|| worst.reason.ja.clone())
}

fn printed(range: &str) -> Told<ReferenceRange> {
    let range_read = ReferenceRange::parse(range, RangeSource::Report);
    range_read.map_err(|_| format!("`{range}` is no range"))
}

fn sent(beside: &Beside) -> Sent {
    Sent {
        code_system: Some("JLAC10".to_owned()),
        code: Some(beside.code.clone()),
        method: Some(beside.method.clone()),
        range: Some(beside.range.clone()),
        ..Sent::default()
    }
}

/// A value as the slip prints it, or why there is none.
fn reported(value: &str) -> Told<Reported> {
    Ok(match value {
        "pending" => Reported::Pending,
        "haemolysed" => Reported::Haemolysed,
        "lost" => Reported::Lost,
        "not_done" => Reported::NotDone,
        typed => {
            let quantity = Quantity::parse(typed);
            Reported::Value(quantity.map_err(|_| format!("`{typed}` is no value"))?)
        }
    })
}
