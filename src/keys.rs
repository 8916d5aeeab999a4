//! Keys as the program knows them, free of any terminal library.

/// One key press.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// A printable character, as it arrived.
    Char(char),
    /// Control and a lower-case letter.
    Ctrl(char),
    Enter,
    Esc,
    Tab,
    BackTab,
    Backspace,
    Delete,
    Insert,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
    /// F1 to F12.
    F(u8),
}

/// Where a key is pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    List,
    Chart,
    Visit,
    /// A visit that was signed: read, amend, void.
    Signed,
    Review,
    /// A text field: every other key is text.
    Field,
    /// A form of fields.
    Form,
    /// One of a few choices, by digit.
    Choice,
    /// Several of a few choices, by digit.
    Toggle,
    /// A page of text to scroll.
    Page,
    /// One analyte over time.
    Trend,
    /// All values by date.
    Table,
    /// Results that came, and draws that are nobody's yet.
    Inbox,
    /// One patient's results as they came.
    Results,
    /// Who did not come.
    Follow,
    /// What is still open of a day.
    Close,
    /// Where a laboratory's files lie.
    TakeFrom,
    /// Files on their way in, before they are stored.
    TakeIn,
    /// Whose a draw is: a form beside a chart.
    Tray,
}

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// The digit answers the focused line.
    Answer(u8),
    /// Asked, unchanged since last time: the rest of a benign section.
    Unchanged,
    /// All asked, none: the red-flag list.
    DenyAll,
    NotAsked,
    /// The next digit says why there is no answer.
    Absent,
    /// Jump to the lettered line of this section.
    Jump(char),
    Undo,
    Redo,
    Memo,
    Review,
    NextSection,
    PreviousSection,
    Up,
    Down,
    Left,
    Right,
    First,
    Last,
    PageUp,
    PageDown,
    /// Opens, confirms or ends.
    Enter,
    Back,
    SwitchList,
    /// Results that came.
    Results,
    /// What is still open of the day.
    CloseDay,
    /// Missed appointments, attempts to reach the patient, left out of the lists.
    Follow,
    /// The lists narrowed to one thing.
    Filter,
    /// The lists of another day.
    Day,
    /// A laboratory's file.
    TakeIn,
    /// A draw that is nobody's of this clinic.
    SetAside,
    Register,
    EditPatient,
    EditCourse,
    /// The trend of the selected analyte.
    Trend,
    /// All values by date.
    Table,
    Mode,
    Companion,
    HandOver,
    AddLine,
    Range,
    Dates,
    Note,
    /// Windows after the last capsule, and procedures.
    Clock,
    Copy,
    NoteLanguage,
    Reason,
    Amend,
    Remark,
    Void,
    /// The gate ledger.
    Gates,
    Doses,
    Retry,
    Language,
    Save,
    Help,
    Quit,
    /// A character of text, or an editing key, for the field.
    Text(Key),
}

/// The keys of one line of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    One(&'static [Key]),
    /// `0` to `9`.
    Digits,
    /// `a` to `z` as far as no other line of the place takes the letter.
    Letters,
    /// Whatever no other line of the place takes.
    Rest,
}

/// One line of the table: in a place, these keys ask for this.
pub struct Binding {
    pub place: Place,
    pub keys: Keys,
    /// How help, hint line and README name the keys.
    pub shown: &'static str,
    pub command: Command,
    /// Its words in help.
    pub help: fn(&Text) -> &'static str,
}

use crate::text::Text;
use Command as C;
use Key::{
    BackTab, Backspace, Char, Down, End, Enter, Esc, F, Home, Insert, Left, PageDown, PageUp,
    Right, Tab, Up,
};
use Place as P;

const fn bind(
    place: Place,
    keys: &'static [Key],
    shown: &'static str,
    command: Command,
    help: fn(&Text) -> &'static str,
) -> Binding {
    Binding {
        place,
        keys: Keys::One(keys),
        shown,
        command,
        help,
    }
}

const fn span(
    place: Place,
    keys: Keys,
    shown: &'static str,
    command: Command,
    help: fn(&Text) -> &'static str,
) -> Binding {
    Binding {
        place,
        keys,
        shown,
        command,
        help,
    }
}

const UP: &[Key] = &[Up];
const DOWN: &[Key] = &[Down];
const HELP: &[Key] = &[Char('?'), F(1)];

/// The one table of keys.
#[rustfmt::skip]
pub const TABLE: &[Binding] = &[
    span(P::Visit, Keys::Digits, "0-9", C::Answer(0), |t| t.key_answer),
    bind(P::Visit, &[Char('+'), Char(';'), Char('=')], "+", C::Unchanged, |t| t.key_unchanged),
    bind(P::Visit, &[Char('*'), Char(':')], "*", C::DenyAll, |t| t.key_deny),
    bind(P::Visit, &[Char('-')], "-", C::NotAsked, |t| t.key_not_asked),
    bind(P::Visit, &[Char('.')], ".", C::Absent, |t| t.key_absent),
    bind(P::Visit, &[Char('u'), Backspace], "u", C::Undo, |t| t.key_undo),
    bind(P::Visit, &[Char('U')], "U", C::Redo, |t| t.key_redo),
    bind(P::Visit, &[Char('m')], "m", C::Memo, |t| t.key_memo),
    bind(P::Visit, &[Char('s')], "s", C::Review, |t| t.key_review),
    bind(P::Visit, &[Enter], "Enter", C::Enter, |t| t.key_open_line),
    span(P::Visit, Keys::Letters, "a-l", C::Jump('a'), |t| t.key_jump),
    bind(P::Visit, UP, "↑", C::Up, |t| t.key_up),
    bind(P::Visit, DOWN, "↓", C::Down, |t| t.key_down),
    bind(P::Visit, &[PageDown, Tab], "PgDn", C::NextSection, |t| t.key_next_section),
    bind(P::Visit, &[PageUp, BackTab], "PgUp", C::PreviousSection, |t| t.key_previous_section),
    bind(P::Visit, &[Home], "Home", C::First, |t| t.key_first),
    bind(P::Visit, &[End], "End", C::Last, |t| t.key_last),
    bind(P::Visit, &[Insert], "Ins", C::AddLine, |t| t.key_add_line),
    bind(P::Visit, &[Char('t')], "t", C::Trend, |t| t.key_trend),
    bind(P::Visit, &[F(4)], "F4", C::Range, |t| t.key_range),
    bind(P::Visit, &[F(5)], "F5", C::Dates, |t| t.key_dates),
    bind(P::Visit, &[F(6)], "F6", C::Mode, |t| t.key_mode),
    bind(P::Visit, &[F(7)], "F7", C::Companion, |t| t.key_companion),
    bind(P::Visit, &[F(8)], "F8", C::Retry, |t| t.key_retry),
    bind(P::Visit, &[F(9)], "F9", C::HandOver, |t| t.key_hand_over),
    bind(P::Visit, &[Esc], "Esc", C::Back, |t| t.key_back),
    bind(P::Visit, HELP, "?", C::Help, |t| t.key_help),

    bind(P::List, &[Enter], "Enter", C::Enter, |t| t.key_open_chart),
    bind(P::List, UP, "↑", C::Up, |t| t.key_up),
    bind(P::List, DOWN, "↓", C::Down, |t| t.key_down),
    bind(P::List, &[Tab, BackTab], "Tab", C::SwitchList, |t| t.key_switch_list),
    bind(P::List, &[PageUp], "PgUp", C::PageUp, |t| t.key_page_up),
    bind(P::List, &[PageDown], "PgDn", C::PageDown, |t| t.key_page_down),
    bind(P::List, &[F(2), Insert], "F2", C::Register, |t| t.key_register),
    bind(P::List, &[F(3)], "F3", C::CloseDay, |t| t.key_close_day),
    bind(P::List, &[F(4)], "F4", C::Day, |t| t.key_list_day),
    bind(P::List, &[F(6)], "F6", C::Filter, |t| t.key_filter),
    bind(P::List, &[F(5)], "F5", C::Results, |t| t.key_results),
    bind(P::List, &[F(7)], "F7", C::Follow, |t| t.key_follow),
    bind(P::List, &[F(8)], "F8", C::Retry, |t| t.key_retry),
    bind(P::List, &[F(9)], "F9", C::HandOver, |t| t.key_hand_over),
    bind(P::List, &[F(12)], "F12", C::Language, |t| t.key_language),
    bind(P::List, &[F(10), Key::Ctrl('c')], "F10", C::Quit, |t| t.key_quit),
    bind(P::List, &[Esc], "Esc", C::Back, |t| t.key_clear_search),
    bind(P::List, HELP, "?", C::Help, |t| t.key_help),
    span(P::List, Keys::Rest, "…", C::Text(Enter), |t| t.key_search),

    bind(P::Chart, &[Enter], "Enter", C::Enter, |t| t.key_open_visit),
    bind(P::Chart, UP, "↑", C::Up, |t| t.key_up),
    bind(P::Chart, DOWN, "↓", C::Down, |t| t.key_down),
    bind(P::Chart, &[F(3), Char('e')], "F3", C::EditPatient, |t| t.key_edit_patient),
    bind(P::Chart, &[F(5), Char('p')], "F5", C::Clock, |t| t.key_clock),
    bind(P::Chart, &[F(4)], "F4", C::EditCourse, |t| t.key_edit_course),
    bind(P::Chart, &[Char('t')], "t", C::Trend, |t| t.key_trend),
    bind(P::Chart, &[Tab, BackTab], "Tab", C::Table, |t| t.key_table),
    bind(P::Chart, &[F(6), Char('l')], "F6", C::Results, |t| t.key_results),
    bind(P::Chart, &[F(7), Char('k')], "F7", C::Follow, |t| t.key_follow),
    bind(P::Chart, &[F(8)], "F8", C::Retry, |t| t.key_retry),
    bind(P::Chart, &[F(9)], "F9", C::HandOver, |t| t.key_hand_over),
    bind(P::Chart, &[Esc], "Esc", C::Back, |t| t.key_to_list),
    bind(P::Chart, &[Left], "←", C::Left, |t| t.key_chart_left),
    bind(P::Chart, HELP, "?", C::Help, |t| t.key_help),

    bind(P::Chart, &[Char('g')], "g", C::Gates, |t| t.key_gates),
    bind(P::Chart, &[Char('d')], "d", C::Doses, |t| t.key_doses),
    bind(P::Chart, &[Char('v')], "v", C::Void, |t| t.key_void),
    bind(P::Chart, &[PageDown, Right], "PgDn", C::PageDown, |t| t.close_see_values),
    bind(P::Chart, &[PageUp], "PgUp", C::PageUp, |t| t.close_see_visits),

    bind(P::Signed, UP, "↑", C::Up, |t| t.key_up),
    bind(P::Signed, DOWN, "↓", C::Down, |t| t.key_down),
    bind(P::Signed, &[PageUp], "PgUp", C::PageUp, |t| t.key_page_up),
    bind(P::Signed, &[PageDown], "PgDn", C::PageDown, |t| t.key_page_down),
    bind(P::Signed, &[Char('n')], "n", C::Note, |t| t.key_note),
    bind(P::Signed, &[Char('c')], "c", C::Copy, |t| t.key_copy),
    bind(P::Signed, &[Char('a'), Enter], "a", C::Amend, |t| t.key_amend),
    bind(P::Signed, &[Char('r')], "r", C::Remark, |t| t.key_remark),
    bind(P::Signed, &[Char('v')], "v", C::Void, |t| t.key_void),
    bind(P::Signed, &[F(8)], "F8", C::Retry, |t| t.key_retry),
    bind(P::Signed, &[Esc, Left], "Esc", C::Back, |t| t.key_back),
    bind(P::Signed, HELP, "?", C::Help, |t| t.key_help),

    bind(P::Review, &[Enter], "Enter", C::Enter, |t| t.key_sign),
    span(P::Review, Keys::Digits, "1-9", C::Answer(0), |t| t.key_jump_gap),
    bind(P::Review, &[Char('r')], "r", C::Reason, |t| t.key_reason),
    bind(P::Review, &[Char('d'), F(5)], "d", C::Dates, |t| t.key_dates),
    bind(P::Review, &[Char('n')], "n", C::Note, |t| t.key_note),
    bind(P::Review, &[Char('e')], "e", C::NoteLanguage, |t| t.key_note_language),
    bind(P::Review, &[Char('-')], "-", C::NotAsked, |t| t.key_not_asked),
    bind(P::Review, &[PageUp], "PgUp", C::PageUp, |t| t.key_page_up),
    bind(P::Review, &[PageDown, Char(' ')], "PgDn", C::PageDown, |t| t.key_page_down),
    bind(P::Review, UP, "↑", C::Up, |t| t.key_up),
    bind(P::Review, DOWN, "↓", C::Down, |t| t.key_down),
    bind(P::Review, &[F(8)], "F8", C::Retry, |t| t.key_retry),
    bind(P::Review, &[F(9)], "F9", C::HandOver, |t| t.key_hand_over),
    bind(P::Review, &[Esc, Left], "Esc", C::Back, |t| t.key_back_to_visit),
    bind(P::Review, HELP, "?", C::Help, |t| t.key_help),

    bind(P::Field, &[Enter], "Enter", C::Enter, |t| t.key_accept),
    bind(P::Field, &[Esc], "Esc", C::Back, |t| t.key_leave_field),
    bind(P::Field, &[F(8)], "F8", C::Retry, |t| t.key_retry),
    bind(P::Field, &[F(1)], "F1", C::Help, |t| t.key_help),
    span(P::Field, Keys::Rest, "…", C::Text(Enter), |t| t.key_type),

    bind(P::Form, &[Enter], "Enter", C::Enter, |t| t.key_next_or_save),
    bind(P::Form, &[Tab, Down], "↓", C::Down, |t| t.key_next_field),
    bind(P::Form, &[BackTab, Up], "↑", C::Up, |t| t.key_previous_field),
    bind(P::Form, &[F(2)], "F2", C::Save, |t| t.key_save),
    bind(P::Form, &[Esc], "Esc", C::Back, |t| t.key_cancel),
    bind(P::Form, &[F(8)], "F8", C::Retry, |t| t.key_retry),
    bind(P::Form, &[F(1)], "F1", C::Help, |t| t.key_help),
    span(P::Form, Keys::Rest, "…", C::Text(Enter), |t| t.key_type),

    span(P::Choice, Keys::Digits, "0-9", C::Answer(0), |t| t.key_choose),
    bind(P::Choice, &[Esc, Backspace], "Esc", C::Back, |t| t.key_back),
    bind(P::Choice, &[F(8)], "F8", C::Retry, |t| t.key_retry),
    bind(P::Choice, HELP, "?", C::Help, |t| t.key_help),

    span(P::Toggle, Keys::Digits, "0-8", C::Answer(0), |t| t.key_toggle),
    bind(P::Toggle, &[Enter], "Enter", C::Enter, |t| t.key_toggle_done),
    bind(P::Toggle, &[Esc, Backspace], "Esc", C::Back, |t| t.key_back),
    bind(P::Toggle, &[F(8)], "F8", C::Retry, |t| t.key_retry),
    bind(P::Toggle, HELP, "?", C::Help, |t| t.key_help),

    bind(P::Inbox, &[Enter], "Enter", C::Enter, |t| t.key_open_results),
    bind(P::Inbox, UP, "↑", C::Up, |t| t.key_up),
    bind(P::Inbox, DOWN, "↓", C::Down, |t| t.key_down),
    bind(P::Inbox, &[PageUp], "PgUp", C::PageUp, |t| t.key_page_up),
    bind(P::Inbox, &[PageDown], "PgDn", C::PageDown, |t| t.key_page_down),
    bind(P::Inbox, &[F(2), Insert], "F2", C::TakeIn, |t| t.key_take_in),
    bind(P::Inbox, &[F(8)], "F8", C::Retry, |t| t.key_retry),
    bind(P::Inbox, &[F(9)], "F9", C::HandOver, |t| t.key_hand_over),
    bind(P::Inbox, &[Esc, Left], "Esc", C::Back, |t| t.key_to_list),
    bind(P::Inbox, HELP, "?", C::Help, |t| t.key_help),

    bind(P::TakeFrom, &[Enter], "Enter", C::Enter, |t| t.key_look_in),
    bind(P::TakeFrom, &[Esc], "Esc", C::Back, |t| t.key_back),
    bind(P::TakeFrom, &[F(8)], "F8", C::Retry, |t| t.key_retry),
    bind(P::TakeFrom, &[F(1)], "F1", C::Help, |t| t.key_help),
    span(P::TakeFrom, Keys::Rest, "…", C::Text(Enter), |t| t.key_type),

    bind(P::TakeIn, &[Enter], "Enter", C::Enter, |t| t.key_store_files),
    bind(P::TakeIn, UP, "↑", C::Up, |t| t.key_up),
    bind(P::TakeIn, DOWN, "↓", C::Down, |t| t.key_down),
    bind(P::TakeIn, &[PageUp], "PgUp", C::PageUp, |t| t.key_page_up),
    bind(P::TakeIn, &[PageDown, Char(' ')], "PgDn", C::PageDown, |t| t.key_page_down),
    bind(P::TakeIn, &[Home], "Home", C::First, |t| t.key_first),
    bind(P::TakeIn, &[End], "End", C::Last, |t| t.key_last),
    bind(P::TakeIn, &[F(8)], "F8", C::Retry, |t| t.key_retry),
    bind(P::TakeIn, &[Esc, Left], "Esc", C::Back, |t| t.key_not_stored),
    bind(P::TakeIn, HELP, "?", C::Help, |t| t.key_help),

    bind(P::Tray, &[Enter], "Enter", C::Enter, |t| t.key_next_or_link),
    bind(P::Tray, &[Tab, Down], "↓", C::Down, |t| t.key_next_field),
    bind(P::Tray, &[BackTab, Up], "↑", C::Up, |t| t.key_previous_field),
    bind(P::Tray, &[PageDown], "PgDn", C::PageDown, |t| t.key_next_chart),
    bind(P::Tray, &[PageUp], "PgUp", C::PageUp, |t| t.key_previous_chart),
    bind(P::Tray, &[F(4)], "F4", C::SetAside, |t| t.key_set_aside),
    bind(P::Tray, &[Esc], "Esc", C::Back, |t| t.key_back),
    bind(P::Tray, &[F(8)], "F8", C::Retry, |t| t.key_retry),
    bind(P::Tray, &[F(1)], "F1", C::Help, |t| t.key_help),
    span(P::Tray, Keys::Rest, "…", C::Text(Enter), |t| t.key_type),

    span(P::Results, Keys::Digits, "1-4", C::Answer(0), |t| t.key_deed),
    bind(P::Results, &[Enter], "Enter", C::Enter, |t| t.key_acknowledge),
    bind(P::Results, &[Char('u'), Backspace], "u", C::Undo, |t| t.key_undo_review),
    bind(P::Results, &[Char('x')], "x", C::Void, |t| t.key_unlink),
    bind(P::Results, UP, "↑", C::Up, |t| t.key_up),
    bind(P::Results, DOWN, "↓", C::Down, |t| t.key_down),
    bind(P::Results, &[F(8)], "F8", C::Retry, |t| t.key_retry),
    bind(P::Results, &[F(9)], "F9", C::HandOver, |t| t.key_hand_over),
    bind(P::Results, &[Esc, Left], "Esc", C::Back, |t| t.key_back),
    bind(P::Results, HELP, "?", C::Help, |t| t.key_help),

    bind(P::Close, &[Enter], "Enter", C::Enter, |t| t.key_open_there),
    bind(P::Close, &[F(7), Char('k')], "F7", C::Follow, |t| t.key_follow),
    bind(P::Close, &[F(5)], "F5", C::Results, |t| t.key_results),
    bind(P::Close, UP, "↑", C::Up, |t| t.key_up),
    bind(P::Close, DOWN, "↓", C::Down, |t| t.key_down),
    bind(P::Close, &[PageUp], "PgUp", C::PageUp, |t| t.key_page_up),
    bind(P::Close, &[PageDown], "PgDn", C::PageDown, |t| t.key_page_down),
    bind(P::Close, &[F(8)], "F8", C::Retry, |t| t.key_retry),
    bind(P::Close, &[F(9)], "F9", C::HandOver, |t| t.key_hand_over),
    bind(P::Close, &[Esc, Left], "Esc", C::Back, |t| t.key_to_list),
    bind(P::Close, HELP, "?", C::Help, |t| t.key_help),

    span(P::Follow, Keys::Digits, "1-6", C::Answer(0), |t| t.key_follow_what),
    bind(P::Follow, &[Char('u'), Backspace], "u", C::Undo, |t| t.key_undo_follow),
    bind(P::Follow, UP, "↑", C::Up, |t| t.key_up),
    bind(P::Follow, DOWN, "↓", C::Down, |t| t.key_down),
    bind(P::Follow, &[F(8)], "F8", C::Retry, |t| t.key_retry),
    bind(P::Follow, &[F(9)], "F9", C::HandOver, |t| t.key_hand_over),
    bind(P::Follow, &[Esc, Left], "Esc", C::Back, |t| t.key_back),
    bind(P::Follow, HELP, "?", C::Help, |t| t.key_help),

    bind(P::Page, UP, "↑", C::Up, |t| t.key_up),
    bind(P::Page, DOWN, "↓", C::Down, |t| t.key_down),
    bind(P::Page, &[PageUp], "PgUp", C::PageUp, |t| t.key_page_up),
    bind(P::Page, &[PageDown, Char(' ')], "PgDn", C::PageDown, |t| t.key_page_down),
    bind(P::Page, &[Char('e')], "e", C::NoteLanguage, |t| t.key_note_language),
    bind(P::Page, &[Char('c')], "c", C::Copy, |t| t.key_copy),
    bind(P::Page, &[F(8)], "F8", C::Retry, |t| t.key_retry),
    bind(P::Page, &[Esc, Enter, Char('q'), Char('?'), F(1), Left, Right], "Esc", C::Back, |t| t.key_back),

    bind(P::Trend, &[Left], "←", C::Left, |t| t.key_earlier),
    bind(P::Trend, &[Right], "→", C::Right, |t| t.key_later),
    bind(P::Trend, UP, "↑", C::Up, |t| t.key_previous_analyte),
    bind(P::Trend, DOWN, "↓", C::Down, |t| t.key_next_analyte),
    span(P::Trend, Keys::Letters, "a-l", C::Jump('a'), |t| t.key_jump_analyte),
    bind(P::Trend, &[Home], "Home", C::First, |t| t.key_first_result),
    bind(P::Trend, &[End], "End", C::Last, |t| t.key_last_result),
    bind(P::Trend, &[Tab, BackTab], "Tab", C::Table, |t| t.key_table),
    bind(P::Trend, &[F(8)], "F8", C::Retry, |t| t.key_retry),
    bind(P::Trend, &[Esc, Char('t')], "Esc", C::Back, |t| t.key_back),
    bind(P::Trend, HELP, "?", C::Help, |t| t.key_help),

    bind(P::Table, &[Left], "←", C::Left, |t| t.key_newer_draw),
    bind(P::Table, &[Right], "→", C::Right, |t| t.key_older_draw),
    bind(P::Table, UP, "↑", C::Up, |t| t.key_previous_analyte),
    bind(P::Table, DOWN, "↓", C::Down, |t| t.key_next_analyte),
    bind(P::Table, &[PageUp], "PgUp", C::PageUp, |t| t.key_page_up),
    bind(P::Table, &[PageDown], "PgDn", C::PageDown, |t| t.key_page_down),
    bind(P::Table, &[Home], "Home", C::First, |t| t.key_newest),
    bind(P::Table, &[End], "End", C::Last, |t| t.key_oldest),
    bind(P::Table, &[Enter, Tab, BackTab, Char('t')], "Enter", C::Enter, |t| t.key_to_trend),
    bind(P::Table, &[F(8)], "F8", C::Retry, |t| t.key_retry),
    bind(P::Table, &[Esc], "Esc", C::Back, |t| t.key_back),
    bind(P::Table, HELP, "?", C::Help, |t| t.key_help),
];

/// The lines of one place, in the order help shows them.
pub fn bindings(place: Place) -> impl Iterator<Item = &'static Binding> {
    TABLE.iter().filter(move |b| b.place == place)
}

/// What `key` asks for in `place`.
pub fn command(place: Place, key: Key) -> Option<Command> {
    let exact = bindings(place).find(|b| matches!(b.keys, Keys::One(keys) if keys.contains(&key)));
    if let Some(binding) = exact {
        return Some(binding.command);
    }
    let span = bindings(place).find(|b| match (b.keys, key) {
        (Keys::Digits, Char('0'..='9')) | (Keys::Letters, Char('a'..='l')) => true,
        (Keys::Rest, _) => !matches!(key, F(_)),
        _ => false,
    })?;
    Some(match (span.command, key) {
        (C::Answer(_), Char(digit)) => C::Answer(digit as u8 - b'0'),
        (C::Jump(_), Char(letter)) => C::Jump(letter),
        (C::Text(_), key) => C::Text(key),
        (command, _) => command,
    })
}

/// A key pressed where commands are expected, with the input method perhaps left on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pressed {
    /// The key that was meant.
    Key(Key),
    /// A kana: the input method is on, and the letter meant is unknown.
    InputMethodOn,
}

/// Reads full-width forms as the keys they stand on, and names kana.
pub fn plain(key: Key) -> Pressed {
    let Char(typed) = key else {
        return Pressed::Key(key);
    };
    let meant = match typed {
        '。' | '．' | '｡' => '.',
        'ー' | '－' | '−' | 'ｰ' => '-',
        '＊' | '×' => '*',
        '＋' => '+',
        '？' => '?',
        '：' => ':',
        '；' => ';',
        '\u{3000}' => ' ',
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(typed as u32 - 0xFF01 + 0x21).unwrap_or(typed),
        '\u{3041}'..='\u{30FF}' | '\u{FF66}'..='\u{FF9F}' => return Pressed::InputMethodOn,
        other => other,
    };
    Pressed::Key(Char(meant))
}
