//! Tables in HTML.

use std::collections::BTreeSet;

use scraper::{ElementRef, Html, Node, Selector};

use super::super::book::{Book, Cell, Format, Merge, Sheet};
use super::room::Room;
use super::{FileProblem, MOST_COLUMNS, MOST_ROWS, encoding, of_text};

/// Reads every table of a page as a sheet.
///
/// # Errors
/// [`FileProblem::Encoding`], or [`FileProblem::NoTable`] for a page without a table.
pub fn read(bytes: &[u8]) -> Result<Book, FileProblem> {
    let (text, encoding) = encoding::decode(bytes)?;
    let page = Html::parse_document(&text);
    let mut open = vec![(page.tree.root(), 0)];
    while let Some((node, depth)) = open.pop() {
        if depth > DEEPEST {
            return Err(FileProblem::TooDeep);
        }
        open.extend(node.children().map(|child| (child, depth + 1)));
    }
    let selector = Selector::parse("table").map_err(|_| FileProblem::NoTable("HTML"))?;
    let (mut sheets, mut room) = (Vec::new(), Room::default());
    for (i, table) in page.select(&selector).enumerate() {
        let mut sheet = sheet(table, &mut room)?;
        sheet.name = format!("표 {}", i + 1);
        sheets.push(sheet);
    }
    if sheets.is_empty() {
        return Err(FileProblem::NoTable("HTML"));
    }
    // Pages of old systems state the narrower name of the encoding.
    let head = text.get(..text.len().min(2_000)).unwrap_or(&text);
    let stated = head.to_ascii_lowercase().contains("euc-kr");
    let encoding = if encoding == "cp949" && stated {
        "euc-kr"
    } else {
        encoding
    };
    let mut book = of_text(Format::Html, encoding, Sheet::default());
    book.sheets = sheets;
    Ok(book)
}

/// Maximum number of elements inside one another.
const DEEPEST: usize = 256;

/// Returns the rows of a table itself, without those of tables inside it.
fn rows(table: ElementRef<'_>) -> Vec<ElementRef<'_>> {
    let mut rows = Vec::new();
    for child in table.child_elements() {
        match child.value().name() {
            "tr" => rows.push(child),
            "thead" | "tbody" | "tfoot" => {
                rows.extend(child.child_elements().filter(|e| e.value().name() == "tr"));
            }
            _ => {}
        }
    }
    rows
}

fn sheet(table: ElementRef<'_>, room: &mut Room) -> Result<Sheet, FileProblem> {
    let rows = rows(table);
    if rows.len() > MOST_ROWS {
        return Err(FileProblem::TooManyRows(rows.len()));
    }
    let mut sheet = Sheet::default();
    // By column, the row before which a cell from above ends.
    let mut taken: Vec<usize> = Vec::new();
    let (mut hidden, mut visible) = (BTreeSet::new(), BTreeSet::new());
    for (row, element) in rows.iter().enumerate() {
        if is_hidden(*element) {
            sheet.hidden_rows.push(row);
        }
        let mut column = 0;
        let cells = element.child_elements();
        for cell in cells.filter(|e| matches!(e.value().name(), "td" | "th")) {
            while taken.get(column).is_some_and(|until| *until > row) {
                column += 1;
            }
            let across = span(cell, "colspan").min(MOST_COLUMNS);
            let down = match span(cell, "rowspan") {
                0 => rows.len() - row,
                down => down.min(rows.len() - row),
            };
            let (right, bottom) = (column + across.max(1) - 1, row + down - 1);
            if right >= MOST_COLUMNS {
                return Err(FileProblem::TooManyColumns);
            }
            if taken.len() <= right {
                taken.resize(right + 1, 0);
            }
            taken[column..=right].fill(bottom + 1);
            match is_hidden(cell) {
                true => hidden.insert(column),
                false => visible.insert(column),
            };
            let content = Cell::text(&text(cell)).linked(link(cell).unwrap_or_default());
            room.put(&mut sheet, (row, column), content)?;
            if (right, bottom) != (column, row) {
                let (top, left) = (row, column);
                sheet.merges.push(Merge {
                    top,
                    left,
                    bottom,
                    right,
                });
            }
            column = right + 1;
        }
    }
    sheet.hidden_columns = hidden.difference(&visible).copied().collect();
    Ok(sheet)
}

fn span(cell: ElementRef<'_>, name: &str) -> usize {
    cell.attr(name)
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(1)
}

fn is_hidden(element: ElementRef<'_>) -> bool {
    let style = element.attr("style").unwrap_or_default().replace(' ', "");
    element.attr("hidden").is_some() || style.to_ascii_lowercase().contains("display:none")
}

/// Returns the first link of a cell that leads to another page.
fn link(cell: ElementRef<'_>) -> Option<&str> {
    let mut elements = cell.descendent_elements();
    elements.find_map(|e| e.attr("href").filter(|link| link.starts_with("http")))
}

/// Returns the text of a cell: line breaks and paragraphs end lines, other white space is a space. A table in
/// it is one of its own.
fn text(cell: ElementRef<'_>) -> String {
    let mut text = String::new();
    let mut open: Vec<_> = cell.children().rev().collect();
    while let Some(node) = open.pop() {
        match node.value() {
            Node::Text(part) => {
                let mut spaced = String::new();
                for c in part.chars() {
                    match c {
                        ' ' | '\n' | '\r' | '\t' if spaced.ends_with(' ') => {}
                        ' ' | '\n' | '\r' | '\t' => spaced.push(' '),
                        c => spaced.push(c),
                    }
                }
                text.push_str(&spaced);
            }
            Node::Element(e) if matches!(e.name(), "script" | "style" | "table") => continue,
            Node::Element(e) if matches!(e.name(), "br" | "p" | "div" | "li") => text.push('\n'),
            _ => {}
        }
        open.extend(node.children().rev());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(html: &str) -> (Vec<Vec<String>>, Sheet) {
        let book = read(html.as_bytes()).unwrap();
        let sheet = book.sheets[0].clone();
        let row = |row: &Vec<Cell>| row.iter().map(Cell::words).collect();
        (sheet.rows.iter().map(row).collect(), sheet)
    }

    #[test]
    fn a_table_in_a_cell_is_one_of_its_own() {
        let book = read(
            "<table><tr><td>밖<table><tr><td>안</td></tr></table></td></tr></table>".as_bytes(),
        );
        let sheets = book.unwrap().sheets;
        let cells: Vec<String> = sheets
            .iter()
            .map(|sheet| sheet.rows[0][0].words())
            .collect();
        assert_eq!(cells, ["밖", "안"]);
    }

    #[test]
    fn links_are_read() {
        let (_, sheet) = words(
            "<table><tr><td><a href='#top'>위</a><a href='https://go.kr/1?a=1&amp;b=2'>바로가기</a></td>\
             <td><a href='https://go.kr/2'>https://go.kr/2</a></td><td><a href='javascript:x()'>창</a></td></tr></table>",
        );
        let addresses: Vec<_> = sheet.rows[0].iter().map(Cell::address).collect();
        let right = [
            Some("https://go.kr/1?a=1&b=2"),
            Some("https://go.kr/2"),
            None,
        ];
        assert_eq!(addresses, right);
        assert_eq!(sheet.rows[0][0].words(), "위바로가기");
    }

    #[test]
    fn depth_is_bounded() {
        let deep = |depth: usize| {
            let (open, close) = ("<span>".repeat(depth), "</span>".repeat(depth));
            let html = format!("<table><tr><td>{open}가{close}</td></tr></table>");
            read(html.as_bytes()).map(|book| book.sheets[0].rows[0][0].words())
        };
        assert_eq!(deep(100), Ok("가".to_owned()));
        assert_eq!(deep(DEEPEST), Err(FileProblem::TooDeep));
    }

    #[test]
    fn spans_and_breaks_are_read() {
        let (rows, sheet) = words(
            "<table><tr><th>구분</th><th>협약&nbsp;명</th><th hidden>메모</th></tr>\
             <!-- <tr><td>옛</td></tr> -->\
             <tr><td rowspan=2>경제</td><td>가<br>나\n 다</td></tr><tr><td>라</td></tr>\
             <tr style='display: none'><td colspan=\"2\">합계</td></tr></table>",
        );
        let right: [&[&str]; 4] = [
            &["구분", "협약 명", "메모"],
            &["경제", "가\n나 다"],
            &["", "라"],
            &["합계"],
        ];
        assert_eq!(rows, right);
        let merge = |top, left, bottom, right| Merge {
            top,
            left,
            bottom,
            right,
        };
        assert_eq!(sheet.merges, [merge(1, 0, 2, 0), merge(3, 0, 3, 1)]);
        assert_eq!(sheet.hidden_rows, [3]);
        assert_eq!(sheet.hidden_columns, [2]);
    }
}
