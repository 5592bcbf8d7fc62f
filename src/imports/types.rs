//! Imports in the API.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::book::Format;
use super::kind::ImportKind;
use super::layout::Why;
use super::mapping::MappingRule;
use crate::kernel::ids::{ImportId, OrganizationId};
use crate::kernel::language::Message;
use crate::kernel::values::{Meta, OrganizationRef, Revision, Versioned};

/// Status of an import. `failed`: the last attempt to apply it recorded nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportStatus {
    #[default]
    Ready,
    Failed,
    Applied,
    Undone,
}

/// Corrections of an import. Each member is merged by itself: a null takes a correction
/// back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct ImportContent {
    /// Name of the sheet with the table; null for the one that was found.
    #[schema(max_length = 200, example = "협약현황")]
    pub sheet: Option<String>,
    /// Numbers of the header's rows, from 1; empty for a table without a header, null for those that were
    /// found.
    #[schema(max_items = 5, example = json!([4, 5]))]
    pub header_rows: Option<Vec<u32>>,
    /// The field that a column states, by the column's letters. `note` keeps the column in the
    /// remarks.
    #[serde(default)]
    #[schema(example = json!({"C": "parties"}))]
    pub mapping: BTreeMap<String, String>,
    /// Texts that replace single cells, by address.
    #[serde(default)]
    #[schema(example = json!({"B7": "2023.2.28"}))]
    pub cells: BTreeMap<String, String>,
    /// Answers to questions, by the question's id: the `value` of one of its choices.
    #[serde(default)]
    #[schema(example = json!({"D5": "2019-11-22"}))]
    pub answers: BTreeMap<String, String>,
}

/// A sheet of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportSheet {
    /// Name of the sheet; empty for a file of text.
    #[schema(example = "협약현황")]
    pub name: String,
    /// Whether it is hidden. A hidden sheet is read only if `sheet` names it.
    pub hidden: bool,
    /// Number of its rows.
    #[schema(minimum = 0, example = 9)]
    pub rows: usize,
}

/// A column of the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportColumn {
    /// Place of the column, from 0.
    #[schema(minimum = 0, example = 2)]
    pub index: usize,
    /// Letters of the column.
    #[schema(example = "C")]
    pub letters: String,
    /// Header of the column; the rows of a header in several rows are joined by a blank.
    #[schema(example = "협약기관")]
    pub header: String,
    /// Field that the column states; null if none takes it, and its content is kept in the remarks.
    #[schema(example = "parties")]
    pub field: Option<String>,
    /// How well the header fits the field, from 0 to 100.
    #[schema(minimum = 0, maximum = 100, example = 100)]
    pub score: u8,
    /// Rule by which the field was found.
    pub rule: MappingRule,
    /// Up to three cells of the column.
    #[schema(example = json!(["을전자㈜"]))]
    pub samples: Vec<String>,
}

/// A row of the file that is no record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportLeftOut {
    /// Number of the row, from 1.
    #[schema(minimum = 1, example = 11)]
    pub row: usize,
    /// Why it is no record.
    pub why: Why,
    /// Its text.
    #[schema(example = "계 5건")]
    pub text: String,
}

/// Something to know about a file or a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportNote {
    /// Address of the cell; null if it is about a row or the file.
    #[schema(example = "D10")]
    pub cell: Option<String>,
    /// JSON Pointer into the row's `body`; null if it is about none of its members.
    #[schema(example = "/signed_on")]
    pub pointer: Option<String>,
    /// Machine-readable code.
    #[schema(example = "no_such_day")]
    pub code: String,
    /// Description, in both languages.
    pub message: Message,
}

/// One of the answers to a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportChoice {
    /// Value to send in `answers`.
    #[schema(example = "2019-11-22")]
    pub value: String,
    /// Description of the choice, in both languages.
    pub message: Message,
}

/// Question that neither form nor wording settles, with the answers to choose from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportQuestion {
    /// Id of the question within the import.
    #[schema(example = "D5")]
    pub id: String,
    /// Address of the cell; null if it is about the row.
    #[schema(example = "D5")]
    pub cell: Option<String>,
    /// Machine-readable code.
    #[schema(example = "several_readings")]
    pub code: String,
    /// The question, in both languages.
    pub message: Message,
    /// The answers.
    pub choices: Vec<ImportChoice>,
}

/// How a row compares with the records of the registry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportOutcome {
    /// No record is like it.
    #[default]
    New,
    /// A record says the same.
    Same,
    /// The record with the same id, or with the same number, or the same title, parties and day of
    /// signing, says something else.
    Change,
}

/// A row of the table, and the record that it becomes.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ImportRow {
    /// Number of the row, from 1.
    #[schema(minimum = 1, example = 5)]
    pub row: usize,
    /// Address of the record's cell, where a row holds several records: of a milestone, where each
    /// column is one. Null for others.
    #[schema(example = json!(null))]
    pub cell: Option<String>,
    /// Numbers of further rows of the same record.
    pub also_rows: Vec<usize>,
    /// Whether the row is hidden in the file. It is recorded only if it is named.
    pub hidden: bool,
    /// Whether it can be recorded: it has no problem and no open question.
    pub valid: bool,
    /// How it compares with the records of the registry.
    pub outcome: ImportOutcome,
    /// Id of the record that says the same, that it changes, or that it became.
    #[schema(example = json!(null))]
    pub record_id: Option<Uuid>,
    /// Version of the record that it changes; null for others. It is changed only while it has this
    /// version.
    #[schema(example = json!(null))]
    pub record_version: Option<i64>,
    /// The change as the merge patch of the record; null if it changes none. Of a milestone, `forecasts`
    /// and `outcomes` are those that are added.
    #[schema(value_type = Option<Object>, example = json!(null))]
    pub changes: Option<Value>,
    /// The record, as the body of the POST that records it.
    #[schema(value_type = Object)]
    pub body: Value,
    /// Problems that keep the row from being recorded.
    pub problems: Vec<ImportNote>,
    /// Notes, which keep nothing from being recorded.
    pub notes: Vec<ImportNote>,
    /// Questions that are not answered.
    pub questions: Vec<ImportQuestion>,
}

/// Numbers of rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportCounts {
    /// Rows that are records.
    #[schema(minimum = 0, example = 5)]
    pub rows: usize,
    /// Rows that can be recorded.
    #[schema(minimum = 0, example = 4)]
    pub valid: usize,
    /// Rows with open questions.
    #[schema(minimum = 0, example = 1)]
    pub with_questions: usize,
    /// Rows with problems.
    #[schema(minimum = 0, example = 0)]
    pub with_problems: usize,
    /// Hidden rows.
    #[schema(minimum = 0, example = 0)]
    pub hidden: usize,
    /// Rows that are no records.
    #[schema(minimum = 0, example = 2)]
    pub left_out: usize,
    /// Rows without a record like them.
    #[schema(minimum = 0, example = 5)]
    pub new: usize,
    /// Rows that say the same as a record.
    #[schema(minimum = 0, example = 0)]
    pub same: usize,
    /// Rows that say something else than a record.
    #[schema(minimum = 0, example = 0)]
    pub change: usize,
    /// Rows that this import has recorded.
    #[schema(minimum = 0, example = 0)]
    pub recorded: usize,
}

/// An import, without its rows.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ImportSummary {
    #[serde(flatten)]
    pub meta: Meta<ImportId>,
    /// Municipality whose records the file holds.
    pub municipality: OrganizationRef,
    /// Kind of the records.
    pub kind: ImportKind,
    /// Status of the import.
    pub status: ImportStatus,
    /// Name of the file; null if it was not stated.
    #[schema(example = "협약관리대장.xlsx")]
    pub file_name: Option<String>,
    /// Format of the file.
    pub format: Format,
    /// Number of rows that this import has recorded.
    #[schema(minimum = 0, example = 4)]
    pub recorded: usize,
    /// How far the recording is that runs now; null if none runs at the server that answers.
    pub progress: Option<ImportProgress>,
}

/// Progress of the recording of an import. All of it counts once the request that records it is
/// answered, and nothing before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportProgress {
    /// Number of rows that are done.
    #[schema(minimum = 0, example = 3100)]
    pub done: usize,
    /// Number of rows to record.
    #[schema(minimum = 0, example = 10000)]
    pub all: usize,
}

/// An imported file with its rows and the records made of them.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LedgerImport {
    #[serde(flatten)]
    pub summary: ImportSummary,
    /// Encoding of a file of text; null for others.
    #[schema(example = "cp949")]
    pub encoding: Option<String>,
    /// Sheets of the file.
    pub sheets: Vec<ImportSheet>,
    /// Name of the sheet with the table.
    #[schema(example = "협약현황")]
    pub sheet: String,
    /// Numbers of the header's rows, from 1; empty if the table has none.
    #[schema(example = json!([4]))]
    pub header_rows: Vec<usize>,
    /// Columns of the table.
    pub columns: Vec<ImportColumn>,
    /// Fields to which a column can be mapped.
    #[schema(example = json!(["note", "parties", "signed_on", "title"]))]
    pub fields: Vec<String>,
    /// Numbers of rows.
    pub counts: ImportCounts,
    /// Rows that are no records.
    pub left_out: Vec<ImportLeftOut>,
    /// Numbers of hidden rows, from 1.
    pub hidden_rows: Vec<usize>,
    /// Texts above the header and below the table.
    #[schema(example = json!(["(2024. 12. 31. 기준)"]))]
    pub remarks: Vec<String>,
    /// Problems of the file as a whole.
    pub problems: Vec<ImportNote>,
    /// Corrections of the caller.
    pub corrections: ImportContent,
    /// Rows of the table.
    pub rows: Vec<ImportRow>,
    /// Records that could not be taken back when the import was undone, since they had been changed.
    pub not_undone: Vec<Uuid>,
    /// Organizations that the import recorded and that could not be taken back when it was undone,
    /// since they had been changed or other records refer to them.
    pub organizations_not_undone: Vec<OrganizationRef>,
}

/// Rows of an import to record.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema, Validate)]
pub struct ImportApply {
    /// Numbers of the rows, from 1; null for all rows that are new or change a record, valid and not
    /// hidden.
    #[schema(max_items = 500, example = json!([5, 6]))]
    pub rows: Option<Vec<u32>>,
}

impl Versioned for ImportSummary {
    fn revision(&self) -> Revision {
        self.meta.revision()
    }
}

impl Versioned for LedgerImport {
    fn revision(&self) -> Revision {
        self.summary.revision()
    }
}

/// The file of an import, beside its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    pub municipality_id: OrganizationId,
    pub file_name: Option<String>,
    /// The day on which it came, in EDTF.
    pub received_on: String,
}
