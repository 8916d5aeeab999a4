//! The measure for speed: an ordinary program of the same libraries.
//!
//! It opens a data file, asks it one question, and draws a list of patients beside
//! a panel of questions, the way a first version of such a program is written.
//! Nothing in it is slowed down and nothing is tuned.
//!
//!     floor FILE [--save | --save-aside]
//!
//! j and k move in the list, a digit answers the next question, Backspace takes the
//! last answer back, q quits. With `--save` each of both is committed to `FILE.floor`
//! before it is drawn; with `--save-aside` by another thread.

use ratatui::Frame;
use ratatui::crossterm::event::{Event, KeyCode, KeyEventKind, read};
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Modifier, Style, Stylize};
use ratatui::text::Line;
use ratatui::widgets::{Block, List, ListItem, ListState, Paragraph, Row, Table};
use rusqlite::{Connection, OpenFlags, params};
use std::error::Error;
use std::sync::mpsc::{Sender, channel};

/// As in the product.
const PRAGMAS: &str = "PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = EXTRA;
    PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON; PRAGMA trusted_schema = OFF;
    PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY;";

const QUESTIONS: [&str; 20] = [
    "口唇の乾燥",
    "皮膚の乾燥",
    "眼の乾燥",
    "鼻の乾燥・鼻出血",
    "光線過敏",
    "日焼け止めの使用",
    "筋肉痛・関節痛",
    "頭痛",
    "夜間の見え方",
    "脱毛",
    "気分の落ち込み",
    "睡眠",
    "腹痛・下痢",
    "避妊の継続",
    "妊娠検査",
    "授乳",
    "献血をしない",
    "併用薬",
    "初期悪化",
    "服薬の継続",
];

struct Patient {
    chart_number: String,
    name: String,
    kana: String,
    birth_date: String,
    visit_due: String,
    blood_due: String,
}

struct App {
    patients: Vec<Patient>,
    list: ListState,
    answers: Vec<u8>,
    save: Save,
}

enum Save {
    Nothing,
    Here(Connection),
    Aside(Sender<(u8, Option<u8>)>),
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let file = arguments
        .first()
        .ok_or("floor FILE [--save | --save-aside]")?;
    let patients = patients(file)?;
    let mut app = App {
        patients,
        list: ListState::default().with_selected(Some(0)),
        answers: Vec::new(),
        save: save(file, arguments.get(1).map(String::as_str))?,
    };
    let mut terminal = ratatui::init();
    let ended = run(&mut terminal, &mut app);
    ratatui::restore();
    ended
}

fn patients(file: &str) -> rusqlite::Result<Vec<Patient>> {
    let database = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    database.execute_batch(PRAGMAS)?;
    let mut query = database.prepare(
        "SELECT chart_number, name, kana, birth_date, visit_due, ifnull(blood_due, '') AS blood_due
         FROM line WHERE visit_due IS NOT NULL ORDER BY visit_due LIMIT 60",
    )?;
    let rows = query.query_map([], |row| {
        Ok(Patient {
            chart_number: row.get("chart_number")?,
            name: row.get("name")?,
            kana: row.get("kana")?,
            birth_date: row.get("birth_date")?,
            visit_due: row.get("visit_due")?,
            blood_due: row.get("blood_due")?,
        })
    })?;
    rows.collect()
}

fn save(file: &str, how: Option<&str>) -> Result<Save, Box<dyn Error>> {
    let open = || -> rusqlite::Result<Connection> {
        let database = Connection::open(format!("{file}.floor"))?;
        database.execute_batch(PRAGMAS)?;
        database.execute_batch(
            "CREATE TABLE IF NOT EXISTS answer (
                 id INTEGER PRIMARY KEY, question INTEGER NOT NULL, grade INTEGER) STRICT;",
        )?;
        Ok(database)
    };
    match how {
        None => Ok(Save::Nothing),
        Some("--save") => Ok(Save::Here(open()?)),
        Some("--save-aside") => {
            let database = open()?;
            let (sender, answers) = channel();
            std::thread::spawn(move || {
                for (question, grade) in answers {
                    insert(&database, question, grade).expect("the answer is saved");
                }
            });
            Ok(Save::Aside(sender))
        }
        Some(other) => Err(format!("unknown option {other}").into()),
    }
}

fn insert(database: &Connection, question: u8, grade: Option<u8>) -> rusqlite::Result<()> {
    let mut insert = database.prepare("INSERT INTO answer (question, grade) VALUES (?1, ?2)")?;
    insert.execute(params![question, grade])?;
    Ok(())
}

fn run(terminal: &mut ratatui::DefaultTerminal, app: &mut App) -> Result<(), Box<dyn Error>> {
    loop {
        terminal.draw(|frame| draw(frame, app))?;
        let Event::Key(key) = read()? else {
            continue;
        };
        if key.kind != KeyEventKind::Press {
            continue;
        }
        match key.code {
            KeyCode::Char('q') => return Ok(()),
            KeyCode::Char('j') | KeyCode::Down => app.list.select_next(),
            KeyCode::Char('k') | KeyCode::Up => app.list.select_previous(),
            KeyCode::Char(digit @ '0'..='9') => app.answer(digit as u8 - b'0')?,
            KeyCode::Backspace => app.take_back()?,
            _ => {}
        }
    }
}

impl App {
    fn answer(&mut self, grade: u8) -> Result<(), Box<dyn Error>> {
        if self.answers.len() == QUESTIONS.len() {
            self.answers.clear();
        }
        let question = self.answers.len();
        self.answers.push(grade);
        self.record(question, Some(grade))
    }

    fn take_back(&mut self) -> Result<(), Box<dyn Error>> {
        match self.answers.pop() {
            Some(_) => self.record(self.answers.len(), None),
            None => Ok(()),
        }
    }

    fn record(&self, question: usize, grade: Option<u8>) -> Result<(), Box<dyn Error>> {
        let question = u8::try_from(question)?;
        match &self.save {
            Save::Nothing => {}
            Save::Here(database) => insert(database, question, grade)?,
            Save::Aside(sender) => sender.send((question, grade))?,
        }
        Ok(())
    }
}

fn draw(frame: &mut Frame, app: &mut App) {
    let [head, body, foot] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(0),
        Constraint::Length(1),
    ])
    .areas(frame.area());
    let [left, right] =
        Layout::horizontal([Constraint::Percentage(60), Constraint::Percentage(40)]).areas(body);
    let title = Line::from(vec!["再診 ".bold(), "本日の一覧".into()]);
    frame.render_widget(Paragraph::new(title), head);

    draw_list(frame, app, left);
    draw_questions(frame, app, right);
    frame.render_widget(Paragraph::new("j/k 移動  0-9 回答  BS 取消  q 終了"), foot);
}

fn draw_list(frame: &mut Frame, app: &mut App, area: Rect) {
    let lines = app.patients.iter().map(|patient| {
        ListItem::new(format!(
            "{}  {}  {}  {}  {}  {}",
            patient.chart_number,
            patient.name,
            patient.kana,
            patient.birth_date,
            patient.visit_due,
            patient.blood_due
        ))
    });
    let list = List::new(lines)
        .block(Block::bordered().title("受診"))
        .highlight_style(Style::new().add_modifier(Modifier::REVERSED))
        .highlight_symbol("> ");
    frame.render_stateful_widget(list, area, &mut app.list);
}

fn draw_questions(frame: &mut Frame, app: &App, area: Rect) {
    let selected = app.list.selected().and_then(|row| app.patients.get(row));
    let rows = QUESTIONS.iter().enumerate().map(|(n, question)| {
        let marker = if n == app.answers.len() { ">" } else { " " };
        let answer = app.answers.get(n).map_or(String::new(), u8::to_string);
        Row::new([
            marker.into(),
            (*question).into(),
            format!("[{answer:1}]"),
            "前回 1".into(),
        ])
    });
    let widths = [
        Constraint::Length(1),
        Constraint::Min(20),
        Constraint::Length(3),
        Constraint::Length(6),
    ];
    let name = selected.map_or("", |patient| &patient.name);
    let table = Table::new(rows, widths).block(Block::bordered().title(name));
    frame.render_widget(table, area);
}
