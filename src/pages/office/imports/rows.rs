//! The rows of an import as its page shows them: what each becomes, what is wrong with it, and the
//! cells and answers by which it is mended.

use serde_json::Value;

use super::corrections::present;
use super::words::{Said, field};
use crate::http::forms::Form;
use crate::imports::book::address;
use crate::imports::kind::ImportKind;
use crate::imports::store::Stored;
use crate::imports::types::{ImportNote, ImportOutcome, ImportQuestion, ImportRow, LedgerImport};
use crate::kernel::error::{FieldError, Place};
use crate::pages::markup::{Link, Text};
use crate::pages::reader::Frame;
use crate::pages::words::Words;

/// Name of the boxes that choose rows to record.
pub const ROW: &str = "row";

/// The rows that a page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Those with problems or questions.
    ToMend,
    /// Those that would be recorded.
    Ready,
    Done,
    All,
}

impl Part {
    pub const EACH: [(Self, &str, &str, &str); 4] = [
        (Self::ToMend, "mend", "수정할 행", "To mend"),
        (Self::Ready, "ready", "기록할 행", "To record"),
        (Self::Done, "done", "기록한 행", "Recorded"),
        (Self::All, "all", "모든 행", "All rows"),
    ];

    /// Returns whether a row is one of them.
    pub fn holds(self, stored: &Stored, row: &ImportRow) -> bool {
        let is_recorded = stored.doc.recorded.keys().any(|at| at.is_of(row));
        match self {
            Self::ToMend => !row.valid && !is_recorded,
            Self::Ready => is_ready(row) && !row.hidden,
            Self::Done => is_recorded,
            Self::All => true,
        }
    }
}

/// Returns whether recording a row would do something. The rows that an import recorded are the same
/// as their records.
pub fn is_ready(row: &ImportRow) -> bool {
    row.valid && row.outcome != ImportOutcome::Same
}

/// What was typed into a form that was refused.
#[derive(Clone, Copy)]
pub struct Typed<'a> {
    pub form: Option<&'a Form>,
    pub errors: &'a [FieldError],
    pub w: Words,
}

impl Typed<'_> {
    /// Returns what was typed into a field, or else what it holds.
    pub fn value(&self, name: &str, held: String) -> String {
        match self.form {
            Some(form) if form.has(name) => form.get(name).to_owned(),
            _ => held,
        }
    }

    pub fn has(&self, name: &str, value: &str) -> bool {
        let mut fields = self.form.into_iter().flat_map(Form::fields);
        fields.any(|field| field == (name, value))
    }

    /// Returns what is wrong with a field.
    pub fn errors(&self, name: &str) -> Vec<String> {
        let here = self.errors.iter().filter(|error| match &error.place {
            Place::Body(pointer) => {
                let rest = pointer.trim_start_matches('/').strip_prefix(name);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }
            Place::Query(_) | Place::Header(_) => false,
        });
        here.map(|error| self.w.message(&error.message)).collect()
    }
}

pub struct RowView {
    pub number: usize,
    pub legend: String,
    pub title: Text,
    pub link: Option<Link>,
    pub outcome: String,
    /// Whether it can be chosen; a box that is checked or not.
    pub choice: Option<bool>,
    pub facts: Vec<(String, Text)>,
    pub changes: Vec<(String, Text)>,
    /// Problems of no cell.
    pub problems: Vec<String>,
    pub notes: Vec<String>,
    pub questions: Vec<QuestionView>,
    /// Cells with something wrong.
    pub wrong: Vec<CellView>,
    pub others: Vec<CellView>,
    /// Whether the other cells are shown at once: what is wrong is in none of the cells above.
    pub is_open: bool,
}

pub struct QuestionView {
    pub name: String,
    pub id: String,
    pub text: String,
    /// Value, label, and whether it is chosen.
    pub choices: Vec<(String, String, bool)>,
}

pub struct CellView {
    pub id: String,
    pub name: String,
    pub label: String,
    pub value: String,
    pub lines: bool,
    pub errors: Vec<String>,
}

/// What rows are shown with.
pub struct Shower<'a> {
    pub frame: &'a Frame,
    pub stored: &'a Stored,
    pub import: &'a LedgerImport,
    pub said: Said<'a>,
    pub typed: Typed<'a>,
}

impl Shower<'_> {
    pub fn row(&self, row: &ImportRow) -> RowView {
        let w = self.frame.w;
        let is_recorded = self.stored.doc.recorded.keys().any(|at| at.is_of(row));
        let told: Vec<(&str, String)> = row
            .problems
            .iter()
            .filter_map(|note| Some((note.cell.as_deref()?, w.message(&note.message))))
            .collect();
        let asked = row
            .questions
            .iter()
            .filter_map(|question| question.cell.as_deref());
        let mut addresses: Vec<&str> = told.iter().map(|(cell, _)| *cell).chain(asked).collect();
        addresses.sort_unstable();
        addresses.dedup();
        let wrong: Vec<CellView> = addresses
            .iter()
            .map(|at| {
                let here = told.iter().filter(|(cell, _)| cell == at);
                self.cell(row.row, at, here.map(|(_, text)| text.clone()).collect())
            })
            .collect();
        let columns = self.import.columns.iter();
        let others = columns
            .map(|column| address(row.row - 1, column.index))
            .filter(|at| !addresses.contains(&at.as_str()))
            .map(|at| self.cell(row.row, &at, Vec::new()));
        let others: Vec<CellView> = others.filter(|_| !is_recorded).collect();
        let problems = row.problems.iter().filter(|note| note.cell.is_none());
        let problems: Vec<String> = problems.map(|note| w.message(&note.message)).collect();
        RowView {
            number: row.row,
            legend: self.legend(row),
            title: Text::stated(self.said.heading(&row.body), w),
            link: self.link(row),
            outcome: match (is_recorded, row.valid) {
                (true, _) => w
                    .t("이 가져오기로 기록함", "Recorded by this import")
                    .to_owned(),
                (false, true) => w.label("ImportOutcome", &row.outcome),
                (false, false) => w
                    .t("수정해야 기록할 수 있음", "To be mended first")
                    .to_owned(),
            },
            choice: is_ready(row).then(|| self.typed.has(ROW, &row.row.to_string())),
            facts: self.facts(&row.body),
            changes: row
                .changes
                .as_ref()
                .map_or_else(Vec::new, |all| self.facts(all)),
            notes: row.notes.iter().map(|note| told_at(note, w)).collect(),
            questions: row.questions.iter().map(|one| self.question(one)).collect(),
            is_open: !problems.is_empty() || others.iter().any(|cell| !cell.errors.is_empty()),
            problems,
            wrong: if is_recorded { Vec::new() } else { wrong },
            others,
        }
    }

    fn legend(&self, row: &ImportRow) -> String {
        let w = self.frame.w;
        let also = row.also_rows.iter().map(|row| format!(", {row}"));
        let numbers = format!("{}{}", row.row, also.collect::<String>());
        let hidden = match row.hidden {
            true => w.t(" (숨긴 행)", " (hidden)"),
            false => "",
        };
        match w.tag() {
            "ko" => format!("{numbers}행{hidden}"),
            _ => format!("Row {numbers}{hidden}"),
        }
    }

    fn link(&self, row: &ImportRow) -> Option<Link> {
        let id = row.record_id?;
        let path = match self.import.summary.kind {
            ImportKind::Agreements => format!("office/agreements/{id}"),
            ImportKind::Organizations => format!("organizations/{id}"),
            ImportKind::Announcements => format!("office/announcements/{id}"),
            ImportKind::Meetings | ImportKind::Milestones => return None,
        };
        let w = self.frame.w;
        let text = w.t("기록 보기", "Show the record").to_owned();
        Some(Link::to(self.frame.to(&path), Text::stated(text, w)))
    }

    fn facts(&self, body: &Value) -> Vec<(String, Text)> {
        let members = body.as_object().map(|body| self.said.members(body));
        let members = members.into_iter().flatten();
        members
            .map(|(name, said)| (name, Text::stated(said, self.frame.w)))
            .collect()
    }

    fn question(&self, one: &ImportQuestion) -> QuestionView {
        let w = self.frame.w;
        let name = format!("answers/{}", one.id);
        let choices = one.choices.iter().map(|choice| {
            let is_chosen = self.typed.has(&name, &choice.value);
            (choice.value.clone(), w.message(&choice.message), is_chosen)
        });
        QuestionView {
            choices: choices.collect(),
            id: format!("q-{}", one.id.replace([':', '/'], "-")),
            text: w.message(&one.message),
            name,
        }
    }

    /// Returns a cell to mend; `told` is what is wrong with it.
    fn cell(&self, row: usize, at: &str, told: Vec<String>) -> CellView {
        let w = self.frame.w;
        let name = format!("cells/{at}");
        let letters = at.trim_end_matches(|c: char| c.is_ascii_digit());
        let column = self.import.columns.iter().find(|c| c.letters == letters);
        let header = column.map_or("", |column| column.header.as_str());
        let label = match (header, column.and_then(|column| column.field.as_deref())) {
            ("", Some(name)) => field(name, w),
            (header, _) => header.to_owned(),
        };
        let held = present(self.stored, self.import, at);
        let mut errors = told;
        errors.extend(self.typed.errors(&name));
        CellView {
            id: format!("c-{row}-{at}"),
            label: format!("{label} ({at})"),
            lines: held.contains('\n'),
            value: self.typed.value(&name, held),
            errors,
            name,
        }
    }
}

/// Returns a note with the address of its cell.
fn told_at(note: &ImportNote, w: Words) -> String {
    let text = w.message(&note.message);
    match &note.cell {
        Some(cell) => format!("{cell}: {text}"),
        None => text,
    }
}
