//! Records of the registry that rows of a file perhaps repeat.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::book::{address, place};
use super::exported::Exported;
use super::layout::DataRow;
use super::records::Records;
use super::rows::{Ledger, Row};
use super::types::{ImportChoice, ImportNote, ImportOutcome, ImportQuestion};
use crate::kernel::language::Message;

/// A recorded record.
#[derive(Clone, Debug, Default)]
pub struct Known {
    pub id: Uuid,
    pub version: i64,
    /// Its content, in the members of the body that records it.
    pub content: Value,
    /// The record as its list shows it; null unless the file is an export.
    pub shown: Value,
    /// Whether the importing municipality can correct it.
    pub is_own: bool,
    /// Whether it is a statement, which is never edited.
    pub is_fixed: bool,
}

/// Recorded records, by their ids and by the keys of rows.
#[derive(Default)]
pub struct Existing {
    all: Vec<Known>,
    by_id: HashMap<Uuid, usize>,
    by_key: HashMap<String, Vec<usize>>,
}

/// How a row compares with the records.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Compared {
    pub outcome: ImportOutcome,
    pub record_id: Option<Uuid>,
    /// Version of the record.
    pub version: Option<i64>,
    /// Merge patch with the members of the record that the row changes.
    pub changes: Map<String, Value>,
}

impl Existing {
    /// Adds a record under its keys.
    pub fn add(&mut self, known: Known, keys: impl IntoIterator<Item = String>) {
        let place = self.all.len();
        if self.by_id.contains_key(&known.id) {
            return;
        }
        self.by_id.insert(known.id, place);
        for key in keys {
            self.by_key.entry(key).or_default().push(place);
        }
        self.all.push(known);
    }

    /// Adds a part of a record, such as a statement, that a list shows under an id of its own.
    pub fn add_part(&mut self, of: Uuid, shown: Value) {
        let id = shown["id"].as_str().and_then(|id| id.parse().ok());
        let (Some(id), Some(whole)) = (id, self.by_id.get(&of)) else {
            return;
        };
        let part = Known {
            shown,
            is_fixed: true,
            ..self.all[*whole].clone()
        };
        // Later points under the same id follow from it.
        if let Entry::Vacant(entry) = self.by_id.entry(id) {
            entry.insert(self.all.len());
            self.all.push(part);
        }
    }

    pub fn all_mut(&mut self) -> impl Iterator<Item = &mut Known> {
        self.all.iter_mut()
    }

    /// Returns the record of a row: by the id in it, else by its key.
    fn of(&self, records: &dyn Records, row: &Row) -> Option<&Known> {
        if let Some(place) = row.record.and_then(|id| self.by_id.get(&id)) {
            return self.all.get(*place);
        }
        let places = self.by_key.get(&records.key(&row.body)?)?;
        let mut all = places.iter().filter_map(|place| self.all.get(*place));
        all.find(|known| records.is_meant(&row.body, known))
    }

    /// Compares a row with its record. Drops what is told of cells that change nothing, and asks
    /// about what is not corrected by an import.
    pub fn compare(
        &self,
        records: &dyn Records,
        (ledger, data): (&Ledger<'_>, &DataRow),
        row: &mut Row,
    ) -> Compared {
        let Some(known) = self.of(records, row) else {
            return Compared::default();
        };
        let mut members: Vec<&str> = records.compared().to_vec();
        members.retain(|member| !row.assumed.contains(member));
        if let Some(exported) = ledger.exported.filter(|_| !known.shown.is_null()) {
            let changed = changed(records, (ledger, exported), (data, known), row);
            members.retain(|member| changed.contains(member));
            row.body
                .insert("note".into(), note(row).unwrap_or_default());
        }
        let mut compared = Compared {
            outcome: ImportOutcome::Same,
            record_id: Some(known.id),
            version: Some(known.version),
            changes: Map::new(),
        };
        for member in members {
            let stated = row.body.get(member).unwrap_or(&Value::Null);
            if stated.is_null() || !records.differs(member, stated, &known.content[member]) {
                continue;
            }
            if let Some((code, message)) = records.not_corrected(member) {
                if is_kept(ledger, (member, code), message, row) {
                    continue;
                }
            } else {
                let value = records.merged(member, stated, &known.content[member]);
                compared.changes.insert(member.to_owned(), value);
            }
            compared.outcome = ImportOutcome::Change;
        }
        for member in std::mem::take(&mut row.cleared) {
            compared.outcome = ImportOutcome::Change;
            compared.changes.insert(member.to_owned(), Value::Null);
        }
        if compared.outcome == ImportOutcome::Change && known.is_fixed {
            let message = Message::fixed(
                "밝힌 것은 고치지 않습니다. 철회하고 새로 밝히거나, 이 행의 ID를 지워 따로 밝히십시오.",
                "A statement is never edited. Retract it and state another, or delete the ID in this row to state this one beside it.",
            );
            row.problems.push(about("", "statement_fixed", message));
        }
        if compared.outcome == ImportOutcome::Change && !known.is_own {
            let message = Message::fixed(
                "다른 지방자치단체의 기록입니다. 이 가져오기로는 고칠 수 없습니다.",
                "The record belongs to another municipality; this import cannot correct it.",
            );
            row.problems.push(about("", "not_own_record", message));
        }
        if row.body.get("note").is_some_and(Value::is_null) {
            row.body.remove("note");
        }
        compared
    }
}

/// Returns whether a member that an import does not correct stays as it is recorded, so that the row corrects
/// the others, as the caller answers; otherwise asks, or reports the difference.
fn is_kept(
    ledger: &Ledger<'_>,
    (member, code): (&str, &str),
    message: Message,
    row: &mut Row,
) -> bool {
    let position = row.position();
    let id = format!("{}:{code}", String::from(position));
    let answer = ledger.answer(&id, |answer| matches!(answer, "keep" | "hold"));
    match answer.as_deref() {
        Some("keep") => return true,
        Some("hold") => row.problems.push(about(member, code, message)),
        _ => row.questions.push(ImportQuestion {
            id,
            cell: position.cell(),
            code: code.to_owned(),
            message,
            choices: [
                (
                    "keep",
                    Message::fixed(
                        "그대로 두고 나머지만 고침",
                        "Keep it as recorded, and correct the rest",
                    ),
                ),
                (
                    "hold",
                    Message::fixed("이 행은 고치지 않음", "Correct nothing of the row"),
                ),
            ]
            .map(|(value, message)| ImportChoice {
                value: value.into(),
                message,
            })
            .to_vec(),
        }),
    }
    false
}

fn about(member: &str, code: &str, message: Message) -> ImportNote {
    ImportNote {
        cell: None,
        pointer: (!member.is_empty()).then(|| format!("/{member}")),
        code: code.to_owned(),
        message,
    }
}

/// Returns the remarks that the columns of remarks state.
fn note(row: &Row) -> Option<Value> {
    (!row.stated_note.is_empty()).then(|| json!({ "ko": row.stated_note.join("\n") }))
}

/// Returns the members that the changed cells of an exported row state. Drops what was told of the
/// others, which change nothing.
fn changed<'a>(
    records: &'a dyn Records,
    (ledger, exported): (&Ledger<'_>, &Exported),
    (data, known): (&DataRow, &Known),
    row: &mut Row,
) -> Vec<&'a str> {
    let unchanged = exported.unchanged(data, &known.shown);
    let is_changed = |cell: Option<&String>| {
        let column = cell.and_then(|cell| place(cell)).map(|(_, column)| column);
        column.is_some_and(|column| unchanged.get(column) == Some(&false))
    };
    row.problems.retain(|note| is_changed(note.cell.as_ref()));
    row.notes.retain(|note| is_changed(note.cell.as_ref()));
    row.questions
        .retain(|asked| asked.code == "repeated" || is_changed(asked.cell.as_ref()));
    let mut members = Vec::new();
    for (column, _) in unchanged.iter().enumerate().filter(|(_, same)| !**same) {
        if let Some(field) = ledger.columns[column].field.as_deref() {
            members.extend_from_slice(records.members(field));
        }
        let field = ledger.columns[column].field.as_deref();
        let is_empty = data.cells[column].is_empty();
        if let Some(member) = field
            .filter(|_| is_empty)
            .and_then(|f| clearable(records, f))
        {
            emptied(ledger, (data, column), member, row);
        } else if exported.is_fixed(column) || is_empty {
            row.notes.push(ImportNote {
                cell: Some(address(data.row, column)),
                pointer: None,
                code: "not_corrected".into(),
                message: Message::fixed(
                    "이 칸은 가져오기로 고치지 않습니다. 그 기록에서 고치십시오.",
                    "An import does not correct this cell. Correct the record itself.",
                ),
            });
        }
    }
    members
}

/// Returns the member that an emptied cell of a field can clear.
fn clearable(records: &dyn Records, field: &str) -> Option<&'static str> {
    let mut members = records.clearable().iter();
    members.find(|member| **member == field).copied()
}

/// Clears a member whose cell was emptied, if the caller answers so; otherwise asks.
fn emptied(
    ledger: &Ledger<'_>,
    (data, column): (&DataRow, usize),
    member: &'static str,
    row: &mut Row,
) {
    let cell = address(data.row, column);
    let id = format!("{cell}:emptied");
    let answer = ledger.answer(&id, |answer| matches!(answer, "clear" | "keep"));
    match answer.as_deref() {
        Some("clear") => row.cleared.push(member),
        Some("keep") => {}
        _ => row.questions.push(ImportQuestion {
            id,
            cell: Some(cell),
            code: "emptied".into(),
            message: Message::fixed(
                "칸이 비었습니다. 기록의 값을 지웁니까?",
                "The cell is empty now. Clear the value of the record?",
            ),
            choices: [
                ("keep", Message::fixed("그대로 둠", "Keep it")),
                ("clear", Message::fixed("지움", "Clear it")),
            ]
            .map(|(value, message)| ImportChoice {
                value: value.into(),
                message,
            })
            .to_vec(),
        }),
    }
}

/// Returns whether lists of objects name other organizations, in any order.
pub fn names_others(stated: &Value, recorded: &Value) -> bool {
    let ids = |list: &Value| {
        let items = list.as_array().into_iter().flatten();
        let ids = items.map(|item| item["organization_id"].as_str().map(str::to_owned));
        let mut ids: Vec<Option<String>> = ids.collect();
        ids.sort_unstable();
        ids
    };
    let stated = ids(stated);
    // An organization without an id is not recorded yet.
    stated.contains(&None) || stated != ids(recorded)
}
