//! The rows below a header: which are records, and what their cells hold.

use super::{DataRow, Header, Layout, LeftOut, Spans, Why};
use crate::imports::book::{Cell, Sheet};
use crate::imports::kind::ImportKind;
use crate::imports::{exported, mapping};

/// Sorts the rows into records and others.
pub(super) fn fill(kind: ImportKind, layout: &mut Layout, sheet: &Sheet, spans: &Spans<'_>) {
    let first = layout.header_rows.first().copied().unwrap_or(0);
    // Without a header, the first row is a record.
    let below = layout.header_rows.last().map_or(0, |last| last + 1);
    let other = OtherTables::of(kind, layout, sheet, spans);
    other.leave_above(first.min(sheet.rows.len()), layout, sheet);
    let mut in_other = false;
    let headers: Vec<String> = layout.headers.iter().map(|h| mapping::plain(h)).collect();
    let ids = layout.headers.iter().position(|h| exported::is_id(h));
    // A row with the id of a record is one, whatever its texts are.
    let is_record = |row| ids.is_some_and(|c| exported::id_in(sheet.cell(row, c)).is_some());
    let mut records = Vec::new();
    for row in below..sheet.rows.len() {
        let is_left = |beside: usize| sheet.rows[row].iter().take(beside).all(Cell::is_empty);
        if sheet.is_blank(row) || layout.beside.is_some_and(is_left) {
            continue;
        }
        let begins = !is_record(row) && other.begin(row);
        let repeats = !begins && repeats_header(layout, sheet, row);
        in_other = begins || in_other && !repeats && !is_record(row);
        if in_other && stated(sheet, row) >= 2 {
            leave_other(layout, sheet, row, begins);
            continue;
        }
        // The title of a table.
        let is_title = stated(sheet, row) == 1 && (in_other || other.begins_below(row));
        if is_title {
            remark(sheet, row, &mut layout.remarks);
            continue;
        }
        let own: Vec<String> = sheet.rows[row].iter().map(Cell::words).collect();
        let why = match repeats {
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
    add(layout, sheet, spans, (&records, below));
}

/// Adds the rows that are records; the table begins `below` its header.
fn add(layout: &mut Layout, sheet: &Sheet, spans: &Spans<'_>, (records, below): (&[usize], usize)) {
    // Nothing of a row is dropped, also right of the last header.
    let used = records.iter().map(|row| sheet.rows[*row].len());
    let width = used.chain([layout.width]).max().unwrap_or(0);
    let width = layout.beside.map_or(width, |beside| beside.min(width));
    layout.headers.resize(width, String::new());
    let ids = layout.headers.iter().position(|h| exported::is_id(h));
    for row in records.iter().copied() {
        let shared = (0..width).map(|column| {
            let merge = spans
                .at(row, column)
                .filter(|m| m.bottom > m.top && m.top >= below);
            merge.map(|m| m.top)
        });
        let mut data = DataRow {
            row,
            shift: 0,
            hidden: sheet.hidden_rows.binary_search(&row).is_ok(),
            cells: (0..width).map(|c| spans.value(row, c).clone()).collect(),
            shared: shared.collect(),
            ditto: Vec::new(),
            withheld: Vec::new(),
        };
        // What was exported says all of itself, also where it is titled 상동.
        if ids.is_none_or(|c| exported::id_in(&data.cells[c]).is_none()) {
            repeat_above(layout, &mut data);
        }
        layout.rows.push(data);
    }
}

/// Returns the number of cells of a row that hold something.
fn stated(sheet: &Sheet, row: usize) -> usize {
    let cells = sheet.rows[row].iter();
    cells.filter(|cell| !cell.is_empty()).count()
}

/// Leaves out a row of a further table; `begins` if it is the header.
fn leave_other(layout: &mut Layout, sheet: &Sheet, row: usize, begins: bool) {
    if begins {
        layout.tables.push(row);
    }
    let words = sheet.rows[row].iter().map(Cell::words);
    let words: Vec<String> = words.filter(|words| !words.is_empty()).collect();
    layout.left_out.push(LeftOut {
        row,
        why: Why::OtherTable,
        text: words.join(" "),
    });
}

/// The rows of a sheet at which further tables begin.
struct OtherTables {
    begin: Vec<usize>,
    /// The last row before each that holds anything.
    above: Vec<usize>,
}

impl OtherTables {
    fn of(kind: ImportKind, layout: &Layout, sheet: &Sheet, spans: &Spans<'_>) -> Self {
        let (mut begin, mut above) = (Vec::new(), Vec::new());
        let fields = |headers: &[String]| -> Vec<Option<String>> {
            let mapped = mapping::map(kind, headers).into_iter();
            mapped.map(|found| found.field).collect()
        };
        let own = fields(&layout.headers);
        let mut last = None;
        for row in 0..sheet.rows.len() {
            if layout.header_rows.is_empty() || stated(sheet, row) == 0 {
                continue;
            }
            let is_own = layout.header_rows.contains(&row);
            if !is_own && is_texts_alone(sheet, row) {
                let header = Header::at(kind, sheet, spans, &[row]);
                // A repeated header has the same fields in the same places.
                let found = fields(&header.names).into_iter();
                let found = found.take(layout.beside.unwrap_or(usize::MAX));
                let mut pairs = found.zip(own.iter().chain(std::iter::repeat(&None)));
                let differs = pairs.any(|(found, own)| found.is_some() && found != *own);
                let is_above = layout.header_rows.iter().all(|own| row < *own);
                if header.is_certain && (differs || is_above) && !is_below(layout, sheet, row) {
                    begin.push(row);
                    above.extend(last);
                }
            }
            last = Some(row);
        }
        Self { begin, above }
    }

    /// Sorts the rows above a header: those of a further table, and remarks.
    fn leave_above(&self, header: usize, layout: &mut Layout, sheet: &Sheet) {
        let mut in_other = false;
        for row in 0..header {
            in_other = in_other || self.begin(row);
            match in_other && stated(sheet, row) >= 2 {
                true => leave_other(layout, sheet, row, self.begin(row)),
                false => remark(sheet, row, &mut layout.remarks),
            }
        }
    }

    fn begin(&self, row: usize) -> bool {
        self.begin.binary_search(&row).is_ok()
    }

    fn begins_below(&self, row: usize) -> bool {
        self.above.contains(&row)
    }
}

/// Returns whether a row repeats a lower row of the header, or stands in it.
fn is_below(layout: &Layout, sheet: &Sheet, row: usize) -> bool {
    let ends = layout.header_rows.first().zip(layout.header_rows.last());
    let is_inside = ends.is_some_and(|(first, last)| (*first..=*last).contains(&row));
    is_inside || layout.header_rows.len() > 1 && repeats_header(layout, sheet, row)
}

/// Returns whether a row consists of short texts without figures, as headers do; a quick look.
fn is_texts_alone(sheet: &Sheet, row: usize) -> bool {
    let is_name = |cell: &Cell| match cell.as_text() {
        Some(text) => text.len() <= 120 && !text.contains(|c: char| c.is_ascii_digit()),
        None => cell.is_empty(),
    };
    stated(sheet, row) >= 2 && sheet.rows[row].iter().all(is_name)
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
    let Some(text) = cell.as_text() else {
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
    let only = match stated[..] {
        [only] => only,
        // `문의:` beside who answers
        [label, _] if has_label(label) => return Some(Why::Remark),
        _ => return None,
    };
    let mut merges = spans.by_row.get(&row).into_iter().flatten();
    let across = merges
        .any(|m| m.top == row && (m.right + 1).saturating_sub(m.left) >= headers.len().max(3));
    if is_count(only) {
        return Some(Why::Total);
    }
    (across || is_footer(only)).then_some(Why::Remark)
}

/// Words at the foot of a table that stand alone, written together.
const ENDS: &[&str] = &[
    "끝",
    "이상",
    "이상끝",
    "이하여백",
    "여백",
    "이하빈칸",
    "이하없음",
    "end",
    "endoftable",
];

/// Labels at the foot of a table, written together, with a colon behind them.
const LABELS: &[&str] = &[
    "주",
    "비고",
    "참고",
    "참고사항",
    "유의사항",
    "단위",
    "자료",
    "자료출처",
    "자료원",
    "출처",
    "근거",
    "문의",
    "문의처",
    "문의사항",
    "담당",
    "담당자",
    "담당부서",
    "연락처",
    "작성",
    "작성자",
    "작성일",
    "작성일자",
    "작성부서",
    "작성기관",
    "확인",
    "확인자",
    "확인일",
    "검토자",
    "결재",
    "붙임",
    "첨부",
    "첨부파일",
    "별첨",
    "기준일",
    "현행화",
    "source",
    "contact",
    "note",
    "notes",
    "preparedby",
    "attachment",
    "date",
];

/// Those of them that need no colon: `붙임 협약서 1부`, `확인자 (인)`.
const PLAIN_LABELS: &[&str] = &[
    "붙임",
    "첨부",
    "별첨",
    "출처",
    "자료출처",
    "문의처",
    "작성자",
    "작성일",
    "작성일자",
    "작성부서",
    "확인자",
    "검토자",
    "확인일",
    "기준일",
    "이하 여백",
];

/// Ends of numbered notes: `1) 변경 협약 포함`.
const NOTE_ENDS: &[&str] = &["포함", "제외", "참조", "참고", "기준", "별도"];

/// Returns whether a text that stands alone in its row belongs to the table and is no record: `끝.`,
/// `문의: 기업지원과`, `- 이 하 여 백 -`.
fn is_footer(text: &str) -> bool {
    let plain = mapping::plain(text);
    let mut labels = PLAIN_LABELS.iter();
    let is_labelled = labels.any(|label| {
        let behind = text.trim().strip_prefix(label);
        behind.is_some_and(|behind| !behind.starts_with(char::is_alphabetic))
    });
    let numbered = text.trim().trim_start_matches(['(', '주']);
    let number = numbered.split_once(')').map(|(number, _)| number);
    let is_numbered = number.is_some_and(|n| n.len() <= 2 && n.bytes().all(|b| b.is_ascii_digit()));
    text.starts_with(['※', '*', '＊', '☞'])
        || text.starts_with("주)")
        || text.contains("기준")
        || ENDS.contains(&plain.as_str())
        || has_label(text)
        || is_labelled
        || is_numbered && NOTE_ENDS.iter().any(|end| plain.ends_with(end))
}

/// Returns whether a text begins with a label at the foot of a table and a colon.
fn has_label(text: &str) -> bool {
    let label = text.split_once([':', '：']).map(|(label, _)| label);
    label.is_some_and(|label| LABELS.contains(&mapping::plain(label).as_str()))
}

/// Returns whether a text that stands alone in its row counts the rows: `총 2건`.
fn is_count(text: &str) -> bool {
    let plain = mapping::plain(text);
    let number = plain.strip_prefix('총').unwrap_or(&plain);
    let number = number.strip_suffix("건").or(number.strip_suffix("개협약"));
    number.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
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
