//! What rows of every kind tell of their cells.

use serde_json::{Value, json};

use super::row::{Reader, line};
use crate::imports::book::Cell;
use crate::imports::exported::{DERIVED, ID};
use crate::imports::kind::ImportKind;
use crate::imports::layout::DataRow;
use crate::imports::mapping::fields;
use crate::kernel::language::Message;
use crate::kernel::personal::{Reach, Withheld, without};

/// Tells of the cells of a row that are read otherwise than they stand there, or not at all: formulas in
/// error, marks that repeat the cell above, and cells beyond the header.
pub fn cells(reader: &mut Reader<'_>) {
    let data = reader.data;
    cells_of(reader, data);
}

/// Tells of the cells of a further row of the same record.
pub fn cells_of(reader: &mut Reader<'_>, data: &DataRow) {
    for (column, cell) in data.cells.iter().enumerate() {
        if reader.ledger.columns[column].is_hidden {
            continue;
        }
        let row = data.shared[column].unwrap_or(data.row);
        let at = (row, column + data.shift);
        let is_ditto = data.ditto.contains(&column);
        let is_beyond = column >= reader.ledger.layout.width && reader.ledger.layout.width > 0;
        match cell {
            Cell::Error { error } => {
                let message = Message::new(
                    format!("수식의 값이 없습니다({error}). 값을 고치거나 비우십시오."),
                    format!("The formula has no value ({error}). Correct the cell or empty it."),
                );
                reader.problem_in(at, "formula_error", message);
            }
            Cell::Empty if is_ditto => {
                let message = Message::fixed(
                    "위와 같다고 적혔으나 위에 값이 없습니다. 값을 적으십시오.",
                    "The cell repeats the one above, which states nothing. Write the value.",
                );
                reader.problem_in(at, "nothing_above", message);
            }
            cell if is_ditto => {
                let value = line(&cell.words(), 100);
                let message = Message::new(
                    format!("위와 같다고 적혀 “{value}”(으)로 읽었습니다."),
                    format!("The cell repeats the one above; it is read as “{value}”."),
                );
                reader.note_in(at, "as_above", message);
            }
            cell if is_beyond && !cell.is_empty() => {
                let message = Message::fixed(
                    "머리글이 없는 칸이어서 비고에 남깁니다. CSV라면 쉼표가 든 글을 따옴표로 묶었는지, 앞의 칸들이 밀리지 않았는지 확인하십시오.",
                    "The cell has no header, so it is kept in the remarks. In CSV, check whether texts with commas are quoted, and whether the cells before are in their places.",
                );
                reader.note_in(at, "beyond_header", message);
            }
            _ => {}
        }
    }
    for (column, withheld) in &data.withheld {
        let row = data.shared[*column].unwrap_or(data.row);
        let header = &reader.ledger.columns[*column].header;
        reader.note_in(
            (row, *column + data.shift),
            "personal_data",
            left_out(header, *withheld),
        );
    }
}

/// Returns what is told of personal data that were left out of a cell; never the data.
fn left_out(header: &str, withheld: Withheld) -> Message {
    let [ko, en] = match header {
        "" => ["이 칸".to_owned(), "This cell".to_owned()],
        header => [format!("“{header}”"), format!("“{header}”")],
    };
    match withheld {
        Withheld::Number => Message::new(
            format!(
                "{ko}에 개인을 식별하는 번호(주민등록·외국인등록·여권·계좌번호 등)가 있어 적지 않습니다."
            ),
            format!(
                "{en} holds a number that identifies a person, such as one of a resident, a passport or an account; it is left out."
            ),
        ),
        Withheld::Name => Message::new(
            format!("{ko}에 담당자 등의 이름이 있어, 누구나 볼 수 있는 곳에는 적지 않습니다."),
            format!(
                "{en} names an officer or another person; the name is left out, since everyone could see it."
            ),
        ),
        Withheld::Reach => Message::new(
            format!("{ko}에 있는 전화번호나 전자우편 주소는 누구나 볼 수 있는 곳에 적지 않습니다."),
            format!(
                "{en} holds a telephone number or an address of mail; it is left out, since everyone could see it."
            ),
        ),
    }
}

/// Keeps every column that no field takes, unless it is hidden or holds data about persons.
pub fn unmapped(reader: &mut Reader<'_>, kind: ImportKind) {
    for column in 0..reader.ledger.columns.len() {
        if is_left(reader, column, kind)
            && let Some(text) = reader.stated(column)
        {
            keep_unless_private(reader, column, &text);
        }
    }
    // An agreement has them as sources.
    if kind != ImportKind::Agreements {
        for (column, link) in further_links(reader) {
            let is_told = reader.out.body.get("url") == Some(&json!(link));
            if !is_told {
                reader.keep(column, link);
            }
        }
    }
}

/// Returns the addresses behind cells whose field is no address, such as a title; without those of columns
/// that are hidden or about persons.
pub fn further_links<'a>(reader: &Reader<'a>) -> Vec<(usize, &'a str)> {
    const ADDRESSES: [&str; 4] = ["sources_url", "source_url", "url", "website"];
    let columns = reader.ledger.columns.iter().enumerate();
    let further = columns.filter(|(_, column)| {
        let field = column.field.as_deref();
        let is_address = field.is_some_and(|field| ADDRESSES.contains(&field));
        !column.is_hidden && !column.is_personal && !column.header.is_empty() && !is_address
    });
    let linked = further.filter_map(|(at, _)| match reader.cell(at) {
        Cell::Linked { link, .. } => Some((at, link.as_str())),
        _ => None,
    });
    linked.collect()
}

/// Returns whether no field takes a column.
fn is_left(reader: &Reader<'_>, column: usize, kind: ImportKind) -> bool {
    let field = reader.ledger.columns[column].field.as_deref();
    let is_taken =
        |field| matches!(field, DERIVED | ID) || fields(kind).binary_search(&field).is_ok();
    !field.is_some_and(is_taken)
}

/// Keeps a cell in the remarks, which are perhaps public. What perhaps nobody was meant to see is left out
/// instead, and told.
pub fn keep_unless_private(reader: &mut Reader<'_>, column: usize, text: &str) {
    let found = &reader.ledger.columns[column];
    if found.is_hidden {
        let message = Message::fixed(
            "숨긴 열의 값이어서 적지 않습니다. 적으려면 열의 뜻(mapping)을 정하십시오.",
            "The column is hidden, so the value is left out. To record it, state what the column means (mapping).",
        );
        reader.note(Some(column), "", "hidden_column", message);
    } else if found.field.is_none() && found.is_personal {
        let message = Message::fixed(
            "개인정보로 보여 적지 않습니다. 공개되어도 되면 열의 뜻(mapping)을 비고(note)로 정하십시오.",
            "This looks like personal data and is left out. If it may be public, map the column to `note`.",
        );
        reader.note(Some(column), "", "personal_data", message);
    } else {
        reader.keep(column, text);
    }
}

/// Returns the texts of the columns of a field, with their columns.
pub fn stated(reader: &Reader<'_>, field: &str) -> Vec<(usize, String)> {
    let columns = reader.ledger.of(field);
    columns
        .filter_map(|c| Some((c, reader.stated(c)?)))
        .collect()
}

/// Returns a text on one line for a member that holds a number of characters. A longer one is kept whole in
/// the remarks.
pub fn short(reader: &mut Reader<'_>, column: usize, text: &str, most: usize) -> String {
    let short = line(text, most);
    if short.len() < line(text, usize::MAX).len() {
        let message = Message::fixed(
            "글이 길어 앞부분만 적고, 전체는 비고에 남깁니다.",
            "The text is long; its beginning is recorded, and the whole is kept in the remarks.",
        );
        reader.note(Some(column), "", "wording_cut", message);
        reader.keep(column, text);
    }
    short
}

/// Returns a text in its language: English if it has Latin letters alone.
pub fn localized(text: &str) -> Value {
    let is_english = text.is_ascii() && text.contains(|c: char| c.is_ascii_alphabetic());
    json!({ if is_english { "en" } else { "ko" }: text })
}

/// Returns the file and the row of a record.
pub fn place(reader: &Reader<'_>) -> String {
    let ledger = reader.ledger;
    let file = ledger.origin.file_name.as_deref().unwrap_or("가져온 파일");
    let sheet = match ledger.sheet {
        "" => String::new(),
        sheet => format!(" [{sheet}]"),
    };
    let number = stated(reader, "row_number").pop();
    let number = number.map_or_else(String::new, |(_, n)| format!(", 연번 {n}"));
    let place = format!("{file}{sheet} {}행{number}", reader.out.row);
    // The names of files and sheets are public with the source.
    without(&place, "", Reach::None).map_or(place, |(kept, _)| kept)
}
