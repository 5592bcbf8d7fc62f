//! The plan of an import: the table of its file, and the record of each row.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::{Value, json};
use uuid::Uuid;

use super::book::{Book, Cell, letters, place};
use super::exported::Exported;
use super::kind::ImportKind;
use super::layout::{self, Layout};
use super::mapping::{self, MappingRule, Match};
use super::personal::{self, Personal};
use super::records::{self, Records};
use super::rows::{
    Ledger, Names, Row, agreement, announcement, groups, meeting, milestones, organization,
    without_persons,
};
use super::types::{ImportChoice, ImportContent, ImportNote, ImportQuestion, Origin};
use crate::http::contract::{self, Members};
use crate::http::input_name;
use crate::kernel::error::{ApiError, FieldError, Place};
use crate::kernel::language::Message;
use crate::kernel::personal::{Reach, Withheld};
use crate::kernel::values::past_events::PastDays;

/// The table of a file, with what its columns state.
pub struct Table<'a> {
    pub book: Cow<'a, Book>,
    pub layout: Layout,
    pub mapping: Vec<Match>,
    /// The columns of an export of the registry.
    pub exported: Option<Exported>,
}

/// Finds the table of a file, as the caller corrected it.
pub fn table<'a>(kind: ImportKind, book: &'a Book, content: &ImportContent) -> Table<'a> {
    let sheet = content.sheet.as_ref().and_then(|name| {
        let mut sheets = book.sheets.iter();
        sheets.position(|sheet| sheet.name == *name)
    });
    let rows: Option<Vec<usize>> = content.header_rows.as_ref().map(|rows| {
        let rows = rows.iter().map(|row| (*row as usize).saturating_sub(1));
        let mut rows: Vec<usize> = rows.collect();
        rows.sort_unstable();
        rows
    });
    let mut layout = layout::find(kind, book, sheet, rows.as_deref());
    let mut book = Cow::Borrowed(book);
    if !content.cells.is_empty() {
        let corrected = book.to_mut();
        if let Some(sheet) = corrected.sheets.get_mut(layout.sheet) {
            let height = sheet.rows.len();
            for (address, text) in &content.cells {
                if let Some((row, column)) = place(address).filter(|(row, _)| *row < height) {
                    sheet.put(row, column, Cell::text(text));
                }
            }
        }
        let others = std::mem::take(&mut layout.others);
        layout = layout::find(kind, corrected, Some(layout.sheet), rows.as_deref());
        layout.others = others;
    }
    let exported = Exported::find(kind, &layout.headers);
    let mapped = visible_columns(kind, &layout);
    let mut table = Table {
        mapping: match &exported {
            Some(exported) => exported.map(mapped),
            None => mapped,
        },
        exported,
        book,
        layout,
    };
    table.state(&content.mapping, MappingRule::Given);
    table
}

/// Returns what each column states. A hidden column states nothing until the caller says so: it perhaps
/// holds what nobody was meant to see.
fn visible_columns(kind: ImportKind, layout: &Layout) -> Vec<Match> {
    let hidden = |column: usize| layout.hidden.get(column) == Some(&true);
    let headers = layout.headers.iter().enumerate();
    let headers = headers.map(|(column, header)| match hidden(column) {
        true => String::new(),
        false => header.clone(),
    });
    let headers: Vec<String> = headers.collect();
    let mut mapped = mapping::map(kind, &headers);
    for (_, found) in mapped.iter_mut().enumerate().filter(|(c, _)| hidden(*c)) {
        found.rule = MappingRule::Hidden;
    }
    mapped
}

impl Table<'_> {
    /// Maps columns as the municipality mapped them before, except for those that the caller maps.
    /// `fields` are by the letters of columns.
    pub fn remember(&mut self, fields: &BTreeMap<String, String>) {
        self.state(fields, MappingRule::Remembered);
    }

    fn state(&mut self, fields: &BTreeMap<String, String>, rule: MappingRule) {
        for (column, found) in self.mapping.iter_mut().enumerate() {
            if let Some(field) = fields.get(&letters(column))
                && !matches!(found.rule, MappingRule::Given)
                && !(rule == MappingRule::Remembered && found.rule == MappingRule::Exported)
            {
                *found = Match {
                    field: Some(field.clone()),
                    score: 100,
                    rule,
                };
            }
        }
    }
}

impl Table<'_> {
    /// Leaves out of the cells what is personal and has no place in their columns. An export holds what the
    /// registry shows already.
    pub fn withhold(&mut self) {
        // By column: whether it holds numbers of persons, what it may hold beside them, and whether
        // anything can stand in it.
        let headers = self.layout.headers.iter().enumerate();
        let policies = headers.map(|(column, header)| {
            let is_number = personal::of_header(header) == Some(Personal::Number);
            Some((is_number, self.policy(column)?, self.is_free(column)))
        });
        let policies: Vec<Option<(bool, Reach, bool)>> = policies.collect();
        let Layout { headers, rows, .. } = &mut self.layout;
        for data in rows {
            for (column, policy) in policies.iter().enumerate() {
                let Some((is_number, reach, is_free)) = *policy else {
                    continue;
                };
                let header = &headers[column];
                let cell = &mut data.cells[column];
                if matches!(cell, Cell::Empty | Cell::Date { .. } | Cell::Error { .. }) {
                    continue;
                }
                if is_number {
                    *cell = Cell::Empty;
                    data.withheld.push((column, Withheld::Number));
                } else if let Some((kept, all)) =
                    without_persons(&cell.words(), header, (reach, is_free))
                {
                    *cell = Cell::text(&kept);
                    data.withheld
                        .extend(all.into_iter().map(|one| (column, one)));
                }
            }
        }
        let texts = self.layout.left_out.iter_mut().map(|left| &mut left.text);
        for text in texts.chain(&mut self.layout.remarks) {
            if let Some((kept, _)) = without_persons(text, "", (Reach::None, true)) {
                *text = kept;
            }
        }
    }

    /// Returns whether a column holds texts in which anything can stand, and the caller did not take them
    /// for public.
    fn is_free(&self, column: usize) -> bool {
        const FREE: [&str; 9] = [
            "",
            "note",
            "purpose",
            "activities",
            "outcome",
            "reason",
            "agenda",
            "decisions",
            "status",
        ];
        let found = self.mapping.get(column);
        let field = found.and_then(|found| found.field.as_deref());
        let is_free = FREE.contains(&field.unwrap_or_default());
        is_free && self.policy(column).is_some_and(|reach| reach != Reach::All)
    }

    /// Returns which telephone numbers and addresses of mail a column may hold; `None` if it is never read.
    fn policy(&self, column: usize) -> Option<Reach> {
        const NUMBERS: [&str; 8] = [
            "row_number",
            "reference_number",
            "identifiers",
            "business_number",
            "corporate_number",
            "sources_url",
            "source_url",
            "url",
        ];
        const OF_STAFF: [&str; 4] = [
            "contact",
            "contact_phone",
            "contact_email",
            "lead_department",
        ];
        let found = self.mapping.get(column)?;
        let field = found.field.as_deref().unwrap_or_default();
        let is_stated = matches!(found.rule, MappingRule::Given | MappingRule::Remembered);
        let header = &self.layout.headers[column];
        let is_office = personal::of_header(header) == Some(Personal::Office);
        Some(match () {
            () if self.exported.is_some() && field == "identifiers" => return None,
            () if self.exported.is_some() || is_stated && field == "note" => Reach::All,
            () if NUMBERS.contains(&field) || OF_STAFF.contains(&field) => Reach::All,
            () if is_office => Reach::Offices,
            () => Reach::None,
        })
    }
}

/// Returns the key of a set of headers, by which mappings are remembered.
pub fn headers_key(layout: &Layout) -> String {
    let headers = layout.headers.iter().take(layout.width);
    let headers: Vec<String> = headers.map(|h| mapping::plain(h)).collect();
    format!(
        "{:032x}",
        xxhash_rust::xxh3::xxh3_128(headers.join("\n").as_bytes())
    )
}

/// Plans the record of each row, as it is checked on a day.
///
/// # Errors
/// `internal_error` if the description has no schema of the record.
pub fn rows(
    kind: ImportKind,
    ledger: &Ledger<'_>,
    names: &Names<'_>,
    today: NaiveDate,
) -> Result<Vec<Row>, ApiError> {
    let data = &ledger.layout.rows;
    let mut rows: Vec<Row> = match kind {
        ImportKind::Agreements => {
            let groups = groups(ledger);
            let groups = groups.iter();
            groups
                .map(|group| agreement(ledger, group, names))
                .collect()
        }
        ImportKind::Organizations => {
            let rows = data.iter().map(|data| organization(ledger, data, names));
            rows.collect()
        }
        ImportKind::Meetings => {
            let rows = data.iter().map(|data| meeting(ledger, data, names));
            rows.collect()
        }
        ImportKind::Announcements => {
            let rows = data.iter().map(|data| announcement(ledger, data, names));
            rows.collect()
        }
        ImportKind::Milestones => {
            let rows = data.iter().flat_map(|data| milestones(ledger, data, names));
            rows.collect()
        }
    };
    repeated(records::of(kind), ledger, &mut rows);
    for row in &mut rows {
        check(records::of(kind), ledger, row, today)?;
    }
    Ok(rows)
}

/// Returns the first text of a title.
pub fn title_of(title: &Value) -> String {
    let text = title["ko"].as_str().or(title["en"].as_str());
    text.unwrap_or_default().to_owned()
}

/// Asks about rows that repeat an earlier one.
fn repeated(records: &dyn Records, ledger: &Ledger<'_>, rows: &mut [Row]) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for row in rows {
        let keys = match row.record {
            Some(id) => vec![format!("id {id}")],
            None => records.repeated(&row.body),
        };
        let first = keys.iter().find_map(|key| seen.get(key).copied());
        for key in keys {
            seen.entry(key).or_insert(row.row);
        }
        let Some(first) = first else {
            continue;
        };
        let id = format!("{}:repeated", String::from(row.position()));
        let answer = ledger.answer(&id, |answer| matches!(answer, "record" | "skip"));
        let message = Message::new(
            format!("{first}행과 같은 기록입니다. 그래도 기록합니까?"),
            format!("This is the same record as in row {first}. Record it all the same?"),
        );
        match answer.as_deref() {
            Some("record") => {}
            Some("skip") => row.problems.push(ImportNote {
                cell: None,
                pointer: None,
                code: "repeated".into(),
                message,
            }),
            _ => row.questions.push(ImportQuestion {
                id,
                cell: None,
                code: "repeated".into(),
                message,
                choices: vec![
                    ImportChoice {
                        value: "record".into(),
                        message: Message::fixed("기록함", "Record it"),
                    },
                    ImportChoice {
                        value: "skip".into(),
                        message: Message::fixed("기록하지 않음", "Leave it out"),
                    },
                ],
            }),
        }
    }
}

/// Adds a problem for each error that the schema or the rules of the type find in a row's body.
fn check(
    records: &dyn Records,
    ledger: &Ledger<'_>,
    row: &mut Row,
    today: NaiveDate,
) -> Result<(), ApiError> {
    let body = records.posted(Value::Object(row.body.clone()));
    let mut errors = contract::check(&input_name(records.schema()), Members::Closed, &body)?;
    if errors.is_empty() {
        let past = PastDays::of(&body).wrong(today);
        match records.broken_rules(with_stand_ins(body), today) {
            Ok(broken) => errors = [broken, past].concat(),
            Err(error) => {
                let message = Message::new("본문을 읽을 수 없습니다.", error.to_string());
                errors.push(FieldError::body("", "invalid", message));
            }
        }
    }
    for error in errors {
        let problem = problem(ledger, row, error);
        let is_told = |told: &ImportNote| told.pointer.is_some() && told.pointer == problem.pointer;
        if !row.problems.iter().any(is_told) {
            row.problems.push(problem);
        }
    }
    Ok(())
}

/// Returns an error in a body as a problem of the row.
pub fn problem(ledger: &Ledger<'_>, row: &Row, error: FieldError) -> ImportNote {
    let pointer = match error.place {
        Place::Body(pointer) => pointer,
        Place::Query(_) | Place::Header(_) => String::new(),
    };
    let member = pointer.split('/').nth(1).unwrap_or_default();
    let (_, last) = pointer.rsplit_once('/').unwrap_or_default();
    let fields: &[&str] = match member {
        "effective_until" | "renewal" => &["effective_until", "effective_period"],
        "effective_from" => &["effective_from", "effective_period"],
        "signed_on" => &["signed_on", "signing_planned_on"],
        "organization" | "other_parties" => &["parties"],
        "commitments" => &["commitment_amount", "commitment_persons", "commitment_area"],
        "sources" => &["sources_url", "sources_published_on"],
        "contact" if last == "email" => &["contact_email"],
        "contact" if last == "phone" => &["contact_phone"],
        "contact" => &["contact", "contact_phone"],
        "transitions" => &["terminated_on", "completed_on", "ended_on", "status"],
        "attendee_ids" => &["attendees"],
        "outcomes" if last == "on" => &["outcome_on", "outcome"],
        "forecasts" | "outcomes" => &[last, "target", "first_target"],
        "identifiers" => &["business_number", "corporate_number", "identifiers"],
        _ => &[member],
    };
    let column = fields.iter().find_map(|field| ledger.first(field));
    let column = match row.shift {
        0 => row.column.or(column),
        shift => column.map(|column| column + shift),
    };
    ImportNote {
        cell: column.map(|column| super::book::address(row.row - 1, column)),
        pointer: (!pointer.is_empty()).then_some(pointer),
        code: error.code,
        message: error.message,
    }
}

/// Returns a body with an id in place of each organization that it names.
fn with_stand_ins(mut body: Value) -> Value {
    let parties = body.get_mut("parties").and_then(Value::as_array_mut);
    for (n, party) in parties.into_iter().flatten().enumerate() {
        if let Some(party) = party.as_object_mut()
            && party.remove("organization").is_some()
        {
            party.insert(
                "organization_id".into(),
                json!(Uuid::from_u128(n as u128 + 1)),
            );
        }
    }
    let attendees = body.get_mut("attendee_ids").and_then(Value::as_array_mut);
    for (n, attendee) in attendees.into_iter().flatten().enumerate() {
        if attendee.is_object() {
            *attendee = json!(Uuid::from_u128(n as u128 + 1));
        }
    }
    body
}

/// Returns the table's origin, columns and answers as the rows read them.
pub fn ledger<'a>(
    table: &'a Table<'a>,
    origin: &'a Origin,
    content: &'a ImportContent,
) -> Ledger<'a> {
    let sheet = table.book.sheets.get(table.layout.sheet);
    let name = sheet.map_or("", |sheet| sheet.name.as_str());
    Ledger::new(
        &table.layout,
        (&table.mapping, table.exported.as_ref()),
        origin,
        name,
        content,
    )
}
