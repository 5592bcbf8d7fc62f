//! Workbooks: the cells of each row as a line.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use chrono::NaiveTime;

use super::{Text, Unreadable};

/// Reads the sheets of an XLSX workbook.
pub fn read(bytes: &[u8], out: &mut Text) -> Result<(), Unreadable> {
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(|_| Unreadable)?;
    for (number, name) in (1..).zip(book.sheet_names()) {
        let Ok(range) = book.worksheet_range(&name) else {
            out.lacks_some();
            continue;
        };
        let first = range.start().map_or(0, |(row, _)| row);
        for (row, cells) in (first + 1..).zip(range.rows()) {
            let filled = cells.iter().filter(|cell| !matches!(cell, Data::Empty));
            let line: Vec<String> = filled.map(shown).collect();
            out.row(number, row, &line.join(" "));
        }
        out.end_passage();
    }
    Ok(())
}

/// Returns a cell as text. Days are stored as numbers from 1 on, which nobody reads or searches for.
fn shown(cell: &Data) -> String {
    let at = match cell {
        Data::DateTime(stored) if stored.is_datetime() && stored.as_f64() >= 1.0 => {
            stored.as_datetime()
        }
        _ => None,
    };
    match at {
        Some(at) if at.time() == NaiveTime::MIN => at.date().to_string(),
        Some(at) => at.to_string(),
        None => cell.to_string(),
    }
}
