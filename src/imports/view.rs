//! Imports as the API shows them.

use serde_json::Value;

use super::book::{Cell, letters};
use super::existing::Compared;
use super::layout::Layout;
use super::mapping::{MappingRule, fields};
use super::plan::Table;
use super::planned::Rows;
use super::rows::Row;
use super::store::Stored;
use super::types::{
    ImportColumn, ImportCounts, ImportLeftOut, ImportNote, ImportOutcome, ImportRow, ImportSheet,
    ImportSummary, LedgerImport,
};
use crate::kernel::language::Message;
use crate::kernel::values::OrganizationRef;

/// Number of samples of a column.
const SAMPLES: usize = 3;

/// Returns an import with its planned rows.
pub fn import(
    stored: &Stored,
    table: &Table<'_>,
    Rows {
        rows, mut compared, ..
    }: Rows,
    municipality: OrganizationRef,
) -> LedgerImport {
    let layout = &table.layout;
    let rows = rows.into_iter().map(|row| {
        let compared = compared.remove(&row.position());
        shown(row, compared.unwrap_or_default())
    });
    let rows: Vec<ImportRow> = rows.collect();
    let sheets = table.book.sheets.iter().map(|sheet| ImportSheet {
        name: sheet.name.clone(),
        hidden: sheet.hidden,
        rows: sheet.rows.len(),
    });
    let chosen = table.book.sheets.get(layout.sheet);
    let hidden_rows = layout.rows.iter().filter(|row| row.hidden);
    LedgerImport {
        summary: ImportSummary {
            meta: stored.meta.clone(),
            municipality,
            kind: stored.doc.kind,
            status: stored.doc.status,
            file_name: stored.doc.file_name.clone(),
            format: stored.book.format,
            recorded: stored.doc.recorded.len(),
            progress: None,
        },
        encoding: stored.book.encoding.clone(),
        sheets: sheets.collect(),
        sheet: chosen.map(|sheet| sheet.name.clone()).unwrap_or_default(),
        header_rows: layout.header_rows.iter().map(|row| row + 1).collect(),
        columns: columns(table),
        fields: fields(stored.doc.kind)
            .iter()
            .map(|field| (*field).to_owned())
            .collect(),
        counts: counts(stored, layout, &rows),
        left_out: left_out(layout),
        hidden_rows: hidden_rows.map(|row| row.row + 1).collect(),
        remarks: layout.remarks.clone(),
        problems: problems(table),
        corrections: stored.doc.content.clone(),
        rows,
        not_undone: stored.doc.not_undone.clone(),
        organizations_not_undone: Vec::new(),
    }
}

/// Returns a row as the API shows it.
fn shown(row: Row, compared: Compared) -> ImportRow {
    let valid = is_valid(&row);
    let is_change = compared.outcome == ImportOutcome::Change;
    ImportRow {
        row: row.row,
        cell: row.position().cell(),
        body: Value::Object(row.body),
        also_rows: row.also_rows,
        hidden: row.hidden,
        valid,
        outcome: compared.outcome,
        record_id: compared.record_id,
        record_version: compared.version.filter(|_| is_change),
        changes: is_change.then_some(Value::Object(compared.changes)),
        problems: row.problems,
        notes: row.notes,
        questions: row.questions,
    }
}

/// Returns whether a row can be recorded.
pub fn is_valid(row: &Row) -> bool {
    row.problems.is_empty() && row.questions.is_empty()
}

fn columns(table: &Table<'_>) -> Vec<ImportColumn> {
    let headers = table.layout.headers.iter().zip(&table.mapping).enumerate();
    let column = |(index, (header, found)): (usize, (&String, &super::mapping::Match))| {
        let cells = table.layout.rows.iter().map(|row| &row.cells[index]);
        let stated = cells.filter(|cell| !cell.is_empty()).map(Cell::words);
        ImportColumn {
            index,
            letters: letters(index),
            header: header.clone(),
            field: found.field.clone(),
            score: found.score,
            rule: found.rule,
            samples: stated.take(SAMPLES).collect(),
        }
    };
    let columns = headers.map(column);
    // A margin left of the table is no column of it.
    columns
        .filter(|c| !c.header.is_empty() || !c.samples.is_empty())
        .collect()
}

fn left_out(layout: &Layout) -> Vec<ImportLeftOut> {
    let left_out = layout.left_out.iter().map(|left| ImportLeftOut {
        row: left.row + 1,
        why: left.why,
        text: left.text.clone(),
    });
    left_out.collect()
}

fn counts(stored: &Stored, layout: &Layout, rows: &[ImportRow]) -> ImportCounts {
    let of = |is: &dyn Fn(&ImportRow) -> bool| rows.iter().filter(|row| is(row)).count();
    ImportCounts {
        rows: rows.len(),
        valid: of(&|row| row.valid),
        with_questions: of(&|row| !row.questions.is_empty()),
        with_problems: of(&|row| !row.problems.is_empty()),
        hidden: of(&|row| row.hidden),
        left_out: layout.left_out.len(),
        new: of(&|row| row.outcome == ImportOutcome::New),
        same: of(&|row| row.outcome == ImportOutcome::Same),
        change: of(&|row| row.outcome == ImportOutcome::Change),
        recorded: stored.doc.recorded.len(),
    }
}

/// Returns the problems of the file as a whole.
fn problems(table: &Table<'_>) -> Vec<ImportNote> {
    let mut problems = Vec::new();
    let mut tell = |code: &str, message: Message| {
        problems.push(ImportNote {
            cell: None,
            pointer: None,
            code: code.to_owned(),
            message,
        });
    };
    if table.mapping.iter().all(|found| found.field.is_none()) {
        tell(
            "no_known_header",
            Message::fixed(
                "알아볼 수 있는 머리글이 없습니다. 머리글 행(header_rows)이나 열의 뜻(mapping)을 알려 주십시오.",
                "No header is known. State the rows of the header (header_rows) or what the columns mean (mapping).",
            ),
        );
    }
    for sheet in &table.layout.others {
        let name = &table.book.sheets[*sheet].name;
        tell(
            "other_sheet",
            Message::new(
                format!(
                    "“{name}” 시트에도 표가 있으나 읽지 않았습니다. 파일을 다시 보내고 그 시트(sheet)를 지정하십시오."
                ),
                format!(
                    "The sheet “{name}” holds a table too, which is not read. Send the file again and state that sheet (`sheet`)."
                ),
            ),
        );
    }
    further_tables(table, &mut tell);
    let hidden = table.mapping.iter().enumerate();
    let hidden = hidden.filter(|(_, found)| found.rule == MappingRule::Hidden);
    let hidden: Vec<String> = hidden.map(|(column, _)| letters(column)).collect();
    if !hidden.is_empty() {
        let columns = hidden.join(", ");
        tell(
            "hidden_columns",
            Message::new(
                format!(
                    "숨긴 열({columns})은 적지 않습니다. 적으려면 열의 뜻(mapping)을 정하십시오."
                ),
                format!(
                    "Hidden columns ({columns}) are left out. To record one, state what it means (mapping)."
                ),
            ),
        );
    }
    if table.layout.rows.is_empty() {
        tell(
            "no_rows",
            Message::fixed("기록할 행이 없습니다.", "No row is a record."),
        );
    }
    problems
}

/// Tells of further tables in the sheet.
fn further_tables(table: &Table<'_>, tell: &mut impl FnMut(&str, Message)) {
    for row in &table.layout.tables {
        let row = row + 1;
        tell(
            "other_table",
            Message::new(
                format!(
                    "{row}행에 다른 표가 있으나 읽지 않았고, 그 행들은 제외한 행에 있습니다. 파일을 다시 보내고 머리글 행(header_rows)을 {row}(으)로 지정하십시오."
                ),
                format!(
                    "Another table begins in row {row}, which is not read; its rows are left out (`other_table`). Send the file again and state {row} as the row of the header (`header_rows`)."
                ),
            ),
        );
    }
    if let Some(column) = table.layout.beside {
        let column = letters(column);
        tell(
            "table_beside",
            Message::new(
                format!(
                    "{column}열부터 표가 하나 더 나란히 있으나 읽지 않았습니다. 그 표를 다른 시트나 파일로 옮겨 보내십시오."
                ),
                format!(
                    "Another table stands beside this one, from column {column} on, and is not read. Send it in a sheet or file of its own."
                ),
            ),
        );
    }
}
