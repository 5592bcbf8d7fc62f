//! The rows below a header: which are records, and what their cells hold.

use super::{DataRow, Layout, LeftOut, Spans, Why};
use crate::imports::book::{Cell, Sheet};
use crate::imports::{exported, mapping};

/// Sorts the rows into records and others.
pub(super) fn fill(layout: &mut Layout, sheet: &Sheet, spans: &Spans<'_>) {
    let first = layout.header_rows.first().copied().unwrap_or(0);
    // Without a header, the first row is a record.
    let below = layout.header_rows.last().map_or(0, |last| last + 1);
    for row in 0..first.min(sheet.rows.len()) {
        remark(sheet, row, &mut layout.remarks);
    }
    let headers: Vec<String> = layout.headers.iter().map(|h| mapping::plain(h)).collect();
    let ids = layout.headers.iter().position(|h| exported::is_id(h));
    // A row with the id of a record is one, whatever its texts are.
    let is_record = |row| ids.is_some_and(|c| exported::id_in(sheet.cell(row, c)).is_some());
    let mut records = Vec::new();
    for row in below..sheet.rows.len() {
        if sheet.is_blank(row) {
            continue;
        }
        let own: Vec<String> = sheet.rows[row].iter().map(Cell::words).collect();
        let why = match repeats_header(layout, sheet, row) {
            true => Some(Why::RepeatedHeader),
            false => no_record(&headers, spans, row, &own),
        };
        let Some(why) = why.filter(|_| !is_record(row)) else {
            records.push(row);
            continue;
        };
        if why == Why::Remark {
            remark(sheet, row, &mut layout.remarks);
        }
        let stated = own.iter().map(String::as_str).filter(|w| !w.is_empty());
        let text = stated.collect::<Vec<_>>().join(" ");
        layout.left_out.push(LeftOut { row, why, text });
    }
    // Nothing of a row is dropped, also right of the last header.
    let used = records.iter().map(|row| sheet.rows[*row].len());
    let width = used.chain([layout.width]).max().unwrap_or(0);
    layout.headers.resize(width, String::new());
    for row in records {
        let shared = (0..width).map(|column| {
            let merge = spans
                .at(row, column)
                .filter(|m| m.bottom > m.top && m.top >= below);
            merge.map(|m| m.top)
        });
        let mut data = DataRow {
            row,
            hidden: sheet.hidden_rows.binary_search(&row).is_ok(),
            cells: (0..width).map(|c| spans.value(row, c).clone()).collect(),
            shared: shared.collect(),
            ditto: Vec::new(),
        };
        repeat_above(layout, &mut data);
        layout.rows.push(data);
    }
}

/// Returns whether a row repeats one of the rows of the header.
fn repeats_header(layout: &Layout, sheet: &Sheet, row: usize) -> bool {
    let cells = || {
        sheet.rows[row]
            .iter()
            .enumerate()
            .filter(|(_, c)| !c.is_empty())
    };
    let repeats = |header: &usize| {
        let same = cells().filter(|(column, cell)| sheet.cell(*header, *column) == *cell);
        let same = same.count();
        same >= 2 && same * 3 >= cells().count() * 2
    };
    layout.header_rows.iter().any(repeats)
}

/// Puts the value above in place of each mark that repeats it. Without one, the mark states nothing.
fn repeat_above(layout: &Layout, data: &mut DataRow) {
    for column in 0..data.cells.len() {
        let header = &layout.headers[column];
        if data.shared[column].is_some() || !is_ditto(&data.cells[column], header) {
            continue;
        }
        let above = layout.rows.last().map(|row| row.cells[column].clone());
        data.cells[column] = above.unwrap_or_default();
        data.ditto.push(column);
    }
}

/// Returns whether a cell says that it is the same as the one above. 상동 is the name of places too.
fn is_ditto(cell: &Cell, header: &str) -> bool {
    const MARKS: [&str; 13] = [
        "〃", "″", "\"", "''", "\"\"", "”", "“", "々", "ˮ", "´´", "ditto", "do.", "〃〃",
    ];
    const WORDS: [&str; 6] = [
        "상동",
        "위와같음",
        "위와동일",
        "동상",
        "상기와같음",
        "상기동일",
    ];
    let Cell::Text(text) = cell else {
        return false;
    };
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let word = plain.trim_matches(['(', ')', '.', '"', '“', '”']);
    let is_place = ["위치", "장소", "주소", "소재", "지역", "동명"]
        .iter()
        .any(|place| header.contains(place));
    let plain = plain.to_lowercase();
    MARKS.contains(&plain.as_str()) || WORDS.contains(&word) && !(is_place && word == "상동")
}

fn remark(sheet: &Sheet, row: usize, remarks: &mut Vec<String>) {
    let cells = sheet.rows[row].iter().filter(|cell| !cell.is_empty());
    remarks.extend(cells.map(|cell| cell.words().replace('\n', " ")));
}

/// Returns why a row is no record, or `None` if it is one.
///
/// `headers` are in plain form.
fn no_record(headers: &[String], spans: &Spans<'_>, row: usize, own: &[String]) -> Option<Why> {
    let stated: Vec<&String> = own.iter().filter(|w| !w.is_empty()).collect();
    let same = own
        .iter()
        .zip(headers)
        .filter(|(word, header)| {
            !word.is_empty() && {
                let word = mapping::plain(word);
                word == **header || header.ends_with(&word) && word.chars().count() > 1
            }
        })
        .count();
    if same >= 2 && same * 3 >= stated.len() * 2 {
        return Some(Why::RepeatedHeader);
    }
    if let Some(why) = stated.iter().take(3).find_map(|word| total(word)) {
        return Some(why);
    }
    let [only] = stated[..] else {
        return None;
    };
    let mut merges = spans.by_row.get(&row).into_iter().flatten();
    let across = merges
        .any(|m| m.top == row && (m.right + 1).saturating_sub(m.left) >= headers.len().max(3));
    let is_note = only.starts_with(['※', '*', '＊', '☞'])
        || only.starts_with("주:")
        || only.starts_with("주)")
        || only.contains("기준")
        || only == "끝"
        || only.starts_with("이하 여백");
    (across || is_note).then_some(Why::Remark)
}

/// Returns whether a word marks a row with a sum.
fn total(word: &str) -> Option<Why> {
    let plain: String = word.chars().filter(|c| !c.is_whitespace()).collect();
    let plain = plain
        .trim_matches(['[', ']', '<', '>', '(', ')', '【', '】'])
        .to_lowercase();
    let rest = |name: &str| plain.strip_prefix(name).map(str::to_owned);
    let is_end = |rest: &String| {
        let mut chars = rest.chars();
        chars.all(|c| c.is_ascii_digit() || "건개명원,.:()=총".contains(c))
    };
    let is = |name: &str| rest(name).as_ref().is_some_and(is_end);
    if is("소계") || is("중계") || is("subtotal") {
        return Some(Why::Subtotal);
    }
    let totals = [
        "총합계",
        "합계",
        "총계",
        "누계",
        "총건수",
        "계",
        "total",
        "sum",
    ];
    totals.iter().any(|name| is(name)).then_some(Why::Total)
}
