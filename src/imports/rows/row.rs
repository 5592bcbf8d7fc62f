//! One row while it is read: its record, and notes, problems and questions about it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::columns::Ledger;
use crate::http::tables;
use crate::imports::book::{Cell, address, place};
use crate::imports::layout::DataRow;
use crate::imports::types::{ImportChoice, ImportNote, ImportQuestion, ImportRow};
use crate::kernel::language::Message;
use crate::kernel::values::ImpreciseDate;
use crate::kernel::wording::{Note, Reading, read_date};

/// Code of the note that an officer was told apart from the department.
pub const OFFICER_APART: &str = "officer_apart";

/// Answer that keeps the wording alone.
pub const WORDING: &str = "wording";

/// Where a record stands in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Position {
    /// Number of the row, from 1.
    pub row: usize,
    /// The column, from 0, where a row holds several records.
    pub column: Option<usize>,
}

impl Position {
    /// Returns the address of the record's cell, where a row holds several records.
    pub fn cell(self) -> Option<String> {
        Some(address(self.row.checked_sub(1)?, self.column?))
    }

    /// Returns whether it is the place of a row as it is shown.
    pub fn is_of(self, row: &ImportRow) -> bool {
        self.row == row.row && self.cell() == row.cell
    }
}

impl From<Position> for String {
    fn from(position: Position) -> Self {
        position.cell().unwrap_or_else(|| position.row.to_string())
    }
}

impl TryFrom<String> for Position {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if let Some((row, column)) = place(&text) {
            let (row, column) = (row + 1, Some(column));
            return Ok(Self { row, column });
        }
        let row = text.parse().map_err(|_| text)?;
        Ok(Self { row, column: None })
    }
}

/// The record of a row, with notes, problems and questions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    pub row: usize,
    /// The column, from 0, where the row holds several records.
    pub column: Option<usize>,
    /// Number of columns by which its cells stand right of those of the table; see [`DataRow`].
    pub shift: usize,
    pub also_rows: Vec<usize>,
    pub hidden: bool,
    pub body: Map<String, Value>,
    pub problems: Vec<ImportNote>,
    pub notes: Vec<ImportNote>,
    pub questions: Vec<ImportQuestion>,
    /// Lines of the remarks.
    pub remarks: Vec<String>,
    /// Those of them that columns of remarks state.
    pub stated_note: Vec<String>,
    /// Words for parties without a name.
    pub unnamed: Vec<String>,
    /// Members that the row does not state.
    pub assumed: Vec<&'static str>,
    /// Members of the record whose cells were emptied, to be cleared.
    pub cleared: Vec<&'static str>,
    /// Id of the record, in an exported file.
    pub record: Option<Uuid>,
}

impl Row {
    pub fn position(&self) -> Position {
        let Self { row, column, .. } = *self;
        Position { row, column }
    }

    pub fn has_contact(&self) -> bool {
        self.body.contains_key("contact")
    }

    /// Returns whether an officer was told apart from the department.
    pub fn tells_officer_apart(&self) -> bool {
        self.notes.iter().any(|note| note.code == OFFICER_APART)
    }
}

/// A row that is read.
pub struct Reader<'a> {
    pub ledger: &'a Ledger<'a>,
    pub data: &'a DataRow,
    pub out: Row,
}

impl<'a> Reader<'a> {
    pub fn new(ledger: &'a Ledger<'a>, data: &'a DataRow) -> Self {
        let out = Row {
            row: data.row + 1,
            column: (data.shift > 0).then_some(data.shift),
            shift: data.shift,
            hidden: data.hidden,
            record: ledger.exported.and_then(|exported| exported.record(data)),
            ..Row::default()
        };
        Self { ledger, data, out }
    }

    /// Returns the address of the row's cell in a column; of a merged cell, that of its first.
    pub fn address(&self, column: usize) -> String {
        let row = self.data.shared[column].unwrap_or(self.data.row);
        address(row, column + self.data.shift)
    }

    pub fn cell(&self, column: usize) -> &'a Cell {
        &self.data.cells[column]
    }

    /// Returns the text of a column; `None` if it is blank, a dash or a formula in error.
    pub fn stated(&self, column: usize) -> Option<String> {
        match self.cell(column) {
            Cell::Error { .. } => None,
            cell => cell.stated(),
        }
    }

    /// Returns the code of an enumeration that a cell of an export names by its label.
    pub fn code(&self, enumeration: &str, words: &str) -> Option<&'static str> {
        self.ledger.exported?;
        tables::code_of(enumeration, words)
    }

    /// Returns the values in a cell that an export joined; `None` for another cell.
    pub fn values(&self, column: usize, text: &str) -> Option<Vec<String>> {
        self.ledger.values(column, text)
    }

    pub fn set(&mut self, member: &str, value: Value) {
        self.out.body.insert(member.to_owned(), value);
    }

    /// Keeps a column in the remarks.
    pub fn keep(&mut self, column: usize, words: &str) {
        let header = &self.ledger.columns[column].header;
        let line = match header.is_empty() {
            true => words.to_owned(),
            false => format!("{header}: {words}"),
        };
        self.out.remarks.push(line);
    }

    pub fn note(&mut self, column: Option<usize>, pointer: &str, code: &str, message: Message) {
        let note = self.told(column, pointer, code, message);
        if !self.out.notes.contains(&note) {
            self.out.notes.push(note);
        }
    }

    pub fn problem(&mut self, column: Option<usize>, pointer: &str, code: &str, message: Message) {
        let problem = self.told(column, pointer, code, message);
        self.out.problems.push(problem);
    }

    fn told(
        &self,
        column: Option<usize>,
        pointer: &str,
        code: &str,
        message: Message,
    ) -> ImportNote {
        ImportNote {
            cell: column.map(|c| self.address(c)),
            pointer: (!pointer.is_empty()).then(|| pointer.to_owned()),
            code: code.to_owned(),
            message,
        }
    }

    /// Adds a note about a cell by its row and column, from 0.
    pub fn note_in(&mut self, (row, column): (usize, usize), code: &str, message: Message) {
        let note = ImportNote {
            cell: Some(address(row, column)),
            pointer: None,
            code: code.to_owned(),
            message,
        };
        if !self.out.notes.contains(&note) {
            self.out.notes.push(note);
        }
    }

    /// Adds a problem of a cell by its row and column, from 0.
    pub fn problem_in(&mut self, (row, column): (usize, usize), code: &str, message: Message) {
        self.out.problems.push(ImportNote {
            cell: Some(address(row, column)),
            pointer: None,
            code: code.to_owned(),
            message,
        });
    }

    pub fn wording_notes(&mut self, column: usize, pointer: &str, notes: Vec<Note>) {
        for note in notes {
            self.note(Some(column), pointer, &note.code, note.message);
        }
    }

    /// Returns the caller's answer to a question, or asks it.
    pub fn ask(
        &mut self,
        column: Option<usize>,
        code: &str,
        message: Message,
        choices: Vec<ImportChoice>,
    ) -> Option<String> {
        let cell = column.map(|c| self.address(c));
        let base = cell.clone().unwrap_or_else(|| self.out.row.to_string());
        let id = match code {
            SEVERAL => base,
            code => format!("{base}:{code}"),
        };
        let is_choice = |answer: &str| choices.iter().any(|choice| choice.value == answer);
        if let Some(answer) = self.ledger.answer(&id, is_choice) {
            return Some(answer);
        }
        self.out.questions.push(ImportQuestion {
            id,
            cell,
            code: code.to_owned(),
            message,
            choices,
        });
        None
    }

    /// Returns the reading of a text; of several readings, the one that the caller chose.
    pub fn settled<T>(
        &mut self,
        column: usize,
        pointer: &str,
        reading: Reading<T>,
        key: impl Fn(&T) -> String,
    ) -> Option<T> {
        let Reading {
            as_stated,
            value,
            choices,
            notes,
        } = reading;
        self.wording_notes(column, pointer, notes);
        if choices.is_empty() {
            return value;
        }
        let mut offered: Vec<ImportChoice> = Vec::new();
        for choice in &choices {
            let value = key(&choice.value);
            let Message { ko, en } = &choice.reason;
            let message = Message::new(format!("{value}: {ko}"), format!("{value}: {en}"));
            if offered.iter().all(|o| o.value != value) {
                offered.push(ImportChoice { value, message });
            }
        }
        if offered.iter().all(|o| o.value != WORDING) {
            offered.push(ImportChoice {
                value: WORDING.to_owned(),
                message: Message::fixed("적힌 글만 남김", "Keep the wording alone"),
            });
        }
        let question = Message::new(
            format!("“{as_stated}”은(는) 여러 가지로 읽을 수 있습니다. 어느 것입니까?"),
            format!("“{as_stated}” can be read in several ways. Which one is meant?"),
        );
        let answer = self.ask(Some(column), SEVERAL, question, offered)?;
        choices
            .into_iter()
            .map(|c| c.value)
            .find(|v| key(v) == answer)
    }

    /// Returns the date in a column; only its wording while a question about it is open.
    pub fn date(&mut self, column: usize, pointer: &str) -> Option<Value> {
        if let Cell::Date { date } = self.cell(column) {
            return Some(json!({ "edtf": date, "as_stated": null }));
        }
        let text = self.stated(column)?;
        if let Cell::Number(number) = self.cell(column) {
            if let Some(date) = serial(*number) {
                return self.serial_date(column, &text, &date);
            }
            if let Some(months) = first_or_tenth(*number) {
                return self.month(column, &text, months);
            }
        }
        Some(self.date_in(column, pointer, &text))
    }

    /// Asks whether a number such as 2021.1 is a January, or an October without its zero.
    fn month(&mut self, column: usize, text: &str, [first, tenth]: [String; 2]) -> Option<Value> {
        let choices = vec![
            ImportChoice {
                message: Message::new(format!("{first}: 1월"), format!("{first}: January")),
                value: first,
            },
            ImportChoice {
                message: Message::new(format!("{tenth}: 10월"), format!("{tenth}: October")),
                value: tenth,
            },
            ImportChoice {
                value: WORDING.to_owned(),
                message: Message::fixed("적힌 글만 남김", "Keep the wording alone"),
            },
        ];
        let question = Message::new(
            format!("숫자로 저장된 “{text}”은(는) 1월입니까, 10월입니까?"),
            format!("Is “{text}”, stored as a number, January or October?"),
        );
        let answer = self.ask(Some(column), SEVERAL, question, choices);
        let edtf = answer.filter(|answer| answer != WORDING);
        Some(json!({ "edtf": edtf, "as_stated": text }))
    }

    /// Returns the date that a text of a column states.
    pub fn date_in(&mut self, column: usize, pointer: &str, text: &str) -> Value {
        let reading = read_date(text, &self.ledger.columns[column].context);
        let is_asked = reading.is_question();
        let date = self.settled(column, pointer, reading, date_key);
        let words = json!({ "edtf": null, "as_stated": line(text, 500) });
        let Some(mut date) = date.map(|date| date.as_sent()) else {
            return words;
        };
        let field = self.ledger.columns[column].field.as_deref();
        let start = date["edtf"]
            .as_str()
            .and_then(|edtf| edtf.strip_suffix("/.."));
        // What happened on a day has one: `2021. 4. 16. ~` is that day, or only a wording.
        let Some(start) = start.filter(|_| field.is_some_and(|f| HAPPENED.contains(&f))) else {
            return date;
        };
        let start = start.to_owned();
        if !is_asked && !self.is_day(column, text, &start) {
            return words;
        }
        date["edtf"] = json!(start);
        date
    }

    /// Asks whether an event took place on the day from which an open range goes on.
    fn is_day(&mut self, column: usize, text: &str, start: &str) -> bool {
        let choices = vec![
            ImportChoice {
                value: start.to_owned(),
                message: Message::new(format!("{start}: 이날"), format!("{start}: on this day")),
            },
            ImportChoice {
                value: WORDING.to_owned(),
                message: Message::fixed("적힌 글만 남김", "Keep the wording alone"),
            },
        ];
        let question = Message::new(
            format!("“{text}”은(는) 끝이 없는 기간입니다. 언제 있었던 일입니까?"),
            format!("“{text}” is a period without an end. On which day did it happen?"),
        );
        let answer = self.ask(Some(column), SEVERAL, question, choices);
        answer.is_some_and(|answer| answer != WORDING)
    }

    /// Asks whether a bare number is the day that a spreadsheet counts by it.
    fn serial_date(&mut self, column: usize, text: &str, date: &str) -> Option<Value> {
        let choices = vec![
            ImportChoice {
                value: date.to_owned(),
                message: Message::new(
                    format!("{date}: 엑셀의 날짜 번호로 읽음"),
                    format!("{date}: Read as the number of a day in a spreadsheet"),
                ),
            },
            ImportChoice {
                value: WORDING.to_owned(),
                message: Message::fixed("적힌 글만 남김", "Keep the wording alone"),
            },
        ];
        let question = Message::new(
            format!("“{text}”은(는) 날짜 번호입니까?"),
            format!("Is “{text}” the number of a day?"),
        );
        match self.ask(Some(column), SEVERAL, question, choices) {
            Some(answer) if answer == date => Some(json!({ "edtf": date, "as_stated": null })),
            _ => Some(json!({ "edtf": null, "as_stated": text })),
        }
    }
}

/// Fields that are days of events, which have happened on a day.
const HAPPENED: [&str; 10] = [
    "signed_on",
    "held_on",
    "founded",
    "stated_on",
    "outcome_on",
    "announced_on",
    "happened_on",
    "terminated_on",
    "completed_on",
    "ended_on",
];

/// Code of a question between readings of a cell.
const SEVERAL: &str = "several_readings";

/// Returns the day that a spreadsheet counts by a number, between 1982 and 2064.
fn serial(number: f64) -> Option<String> {
    if number.fract() != 0.0 || !(30_000.0..=60_000.0).contains(&number) {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number within bounds"
    )]
    let days = chrono::Days::new(number as u64);
    let first = chrono::NaiveDate::from_ymd_opt(1899, 12, 30)?;
    first.checked_add_days(days).map(|day| day.to_string())
}

/// Returns the months that a number of a year with one decimal can be: 2021.1 is also 2021.10 where the cell
/// shows no zero.
fn first_or_tenth(number: f64) -> Option<[String; 2]> {
    let text = number.to_string();
    let year = text.strip_suffix(".1")?;
    let is_year = (1_900.0..2_100.0).contains(&number);
    is_year.then(|| ["01", "10"].map(|month| format!("{year}-{month}")))
}

/// Returns a date as a request states it.
fn date_key(date: &ImpreciseDate) -> String {
    let all = serde_json::to_value(date).unwrap_or_default();
    match (&all["edtf"], &all["as_stated"]) {
        (Value::String(edtf), _) => edtf.clone(),
        (_, Value::String(_)) => WORDING.to_owned(),
        _ => String::new(),
    }
}

/// Returns a text on one line, cut to a number of characters.
pub fn line(text: &str, most: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(most) {
        Some((end, _)) => line[..end].to_owned(),
        None => line,
    }
}
