//! What can be answered to one line of the checklist.
//!
//! Most lines take a code (one digit). Some say something the chart reads as a
//! fact of its own (a weight, a pregnancy test, a dose decided): they are kept
//! once, as that fact, and the line shows it.

use super::schedule::{Dosing, Schedule};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::fmt;

/// The id of a checklist line, such as `dry.lips`, as the protocol spells it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(transparent)]
pub struct ItemId(pub String);

impl ItemId {
    /// The id spelt `id`.
    pub fn new(id: &str) -> Self {
        Self(id.to_owned())
    }
    /// As the protocol spells it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::borrow::Borrow<str> for ItemId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// Declares a closed set of words that the file keeps as text.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $word)] $variant),+
        }

        impl $name {
            /// Every one of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word the file keeps.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The one that `word` stands for.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}
pub(crate) use words;

words! {
    /// Why a line has no answer. None of these ever turns into "none" or "normal".
    Absence {
        /// The clinician did not ask.
        NotAsked = "not_asked",
        /// The patient could not say.
        Unsure = "unsure",
        /// Does not apply to this patient.
        NotApplicable = "not_applicable",
        /// The patient would not say.
        Declined = "declined",
        /// Asked for or sent; not back yet.
        Pending = "pending",
        /// The sample could not be used.
        Unusable = "unusable",
    }
}

words! {
    /// How an answer came to be.
    Manner {
        /// The line was asked by itself.
        Asked = "asked",
        /// One key for the section: asked, unchanged since last time.
        Unchanged = "unchanged",
        /// One key for the list: all asked, none.
        Denied = "denied",
    }
}

words! {
    /// Whether a course is running.
    Phase {
        /// Not begun.
        Before = "before",
        /// On treatment.
        On = "on",
        /// Held, to be resumed.
        Paused = "paused",
        /// After the last dose.
        After = "after",
    }
}

words! {
    /// Which walk a visit follows.
    VisitKind {
        /// Before the first capsule.
        Start = "start",
        /// On treatment or paused.
        FollowUp = "follow_up",
        /// After the last capsule.
        After = "after",
    }
}

words! {
    /// Sex as recorded; it decides reference ranges and nothing else.
    Sex { Female = "female", Male = "male", Unknown = "unknown" }
}

words! {
    /// Whether the patient can become pregnant; `Unknown` counts as yes.
    Can { Yes = "yes", No = "no", Unknown = "unknown" }
}

words! {
    /// Why a patient cannot become pregnant.
    CannotReason {
        MaleOrgans = "male_organs",
        Hysterectomy = "hysterectomy",
        OvariesRemoved = "ovaries_removed",
        Menopause = "menopause",
        Other = "other",
    }
}

words! {
    /// Result of a pregnancy test; `Invalid` is not negative.
    TestResult {
        Negative = "negative",
        Positive = "positive",
        Invalid = "invalid",
        NotDone = "not_done",
        Pending = "pending",
    }
}

words! {
    /// Where and on what a pregnancy test was done.
    TestKind { ClinicUrine = "clinic_urine", Serum = "serum", Home = "home" }
}

words! {
    /// How the capsules were taken since the last visit.
    Intake {
        /// Daily, with food, none missed.
        AsPlanned = "as_planned",
        /// Some days missed.
        Missed = "missed",
        /// Taken on an empty stomach.
        WithoutFood = "without_food",
        /// The patient stopped by themselves.
        Stopped = "stopped",
    }
}

words! {
    /// What was decided at a visit.
    Action {
        Start = "start",
        Continue = "continue",
        Increase = "increase",
        Reduce = "reduce",
        Hold = "hold",
        /// The course is complete.
        Finish = "finish",
        /// Ended for a reason other than completion.
        Stop = "stop",
        /// Nothing prescribed: watching.
        NoPrescription = "no_prescription",
        /// The patient stopped coming; the window still runs.
        LostToFollowUp = "lost",
    }
}

impl Action {
    /// Whether the patient goes on taking capsules after this decision.
    pub fn prescribes(self) -> bool {
        matches!(
            self,
            Self::Start | Self::Continue | Self::Increase | Self::Reduce
        )
    }
    /// Whether a standing critical alert asks a typed reason first.
    pub fn goes_on(self) -> bool {
        matches!(self, Self::Start | Self::Continue | Self::Increase)
    }
    /// Whether the safe direction takes a one-key reason.
    pub fn holds_back(self) -> bool {
        matches!(self, Self::Reduce | Self::Hold | Self::Stop)
    }
    /// Whether the course ends here.
    pub fn ends(self) -> bool {
        matches!(self, Self::Finish | Self::Stop | Self::LostToFollowUp)
    }
}

/// A pregnancy test: done or not, when, where, on which kit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PregnancyTest {
    /// What it showed.
    pub result: TestResult,
    /// The day it was done, where it was done.
    pub done_on: Option<NaiveDate>,
    /// Where and on what.
    pub kind: Option<TestKind>,
    /// The kit's name, for a test done elsewhere.
    pub kit: Option<String>,
}

/// What was decided: the dose, its supply, and the next dates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The decision.
    pub action: Action,
    /// Milligrams on a day of capsules from now on; none where nothing is prescribed.
    pub mg_per_day: Option<Decimal>,
    /// On which days.
    pub schedule: Schedule,
    /// Days prescribed.
    pub days: Option<u32>,
    /// Why, where a reason is asked: from an open alert, or typed.
    pub reason: Option<String>,
    /// Day of the next visit.
    pub next_visit: Option<NaiveDate>,
    /// Day the next blood is due.
    pub next_blood: Option<NaiveDate>,
}

impl Plan {
    /// The dose with its days.
    pub fn dosing(&self) -> Option<Dosing> {
        let schedule = self.schedule;
        self.mg_per_day.map(|mg| Dosing { mg, schedule })
    }

    /// Milligrams a day on average.
    pub fn average(&self) -> Option<Decimal> {
        self.dosing().map(|dosing| dosing.average())
    }
}

/// The answer to one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// No answer, and why.
    Absent(Absence),
    /// One of the line's own codes: a grade, yes or no, a choice.
    Code(u8),
    /// Several codes at once; empty means "none of these" was said.
    Many(Vec<u8>),
    /// A number in the line's unit.
    Number(Decimal),
    /// A day.
    Day(NaiveDate),
    /// Free text.
    Text(String),
    /// Body weight in kilograms and the day it was taken.
    Weight { kg: Decimal, measured_on: NaiveDate },
    /// Whether the patient can become pregnant, and why not.
    Potential {
        can: Can,
        reason: Option<CannotReason>,
    },
    /// A pregnancy test.
    Test(PregnancyTest),
    /// How the capsules were taken.
    Intake {
        intake: Intake,
        missed_days: Option<u32>,
        stopped_on: Option<NaiveDate>,
    },
    /// The day of the last capsule, and what was left over.
    LastDose {
        taken_on: NaiveDate,
        leftover: Option<u32>,
    },
    /// Consent: whether a signed form is on file, since when, and which version of
    /// the form, where that is known.
    Consent {
        given: bool,
        signed_on: Option<NaiveDate>,
        form: Option<String>,
    },
    /// The decision.
    Plan(Plan),
}

impl Answer {
    /// Why there is no answer, where there is none.
    pub fn absence(&self) -> Option<Absence> {
        match self {
            Self::Absent(why) => Some(*why),
            _ => None,
        }
    }
    /// The code, where the answer is one.
    pub fn code(&self) -> Option<u8> {
        match self {
            Self::Code(code) => Some(*code),
            _ => None,
        }
    }
}
