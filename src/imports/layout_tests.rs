use super::*;
use crate::imports::book::Format;

fn book(sheets: Vec<Sheet>) -> Book {
    Book {
        format: Format::Xlsx,
        encoding: None,
        separator: None,
        sheets,
    }
}

fn sheet(name: &str, rows: &[&[&str]]) -> Sheet {
    let row = |row: &&[&str]| row.iter().map(|cell| Cell::text(cell)).collect();
    Sheet {
        name: name.into(),
        rows: rows.iter().map(row).collect(),
        ..Sheet::default()
    }
}

fn found(sheets: Vec<Sheet>) -> Layout {
    find(ImportKind::Agreements, &book(sheets), None, None)
}

fn rows(layout: &Layout) -> Vec<usize> {
    layout.rows.iter().map(|row| row.row).collect()
}

#[test]
fn the_header_is_found_among_titles() {
    let layout = found(vec![sheet(
        "대장",
        &[
            &["갑시 업무협약(MOU) 체결 현황"],
            &[],
            &["", "", "(2024. 12. 31. 기준)"],
            &["번호", "MOU명", "상대처", "협약일자"],
            &["1", "스마트도시", "을정보통신(주)", "'21. 5. 3"],
            &["번호", "MOU명", "상대처", "협약일자"],
            &["소 계", "1건"],
            &["2", "계", "병수의사회", "'22.10.20."],
            &["2", "계곡 정비 협약", "병군", "2022"],
            &["합계 2건"],
            &["※ 미체결 제외"],
        ],
    )]);
    assert_eq!(layout.header_rows, [3]);
    assert_eq!(rows(&layout), [4, 8]);
    let why: Vec<(usize, Why)> = layout.left_out.iter().map(|l| (l.row, l.why)).collect();
    let right = [
        (5, Why::RepeatedHeader),
        (6, Why::Subtotal),
        (7, Why::Total),
        (9, Why::Total),
        (10, Why::Remark),
    ];
    assert_eq!(why, right);
    assert_eq!(layout.remarks[1], "(2024. 12. 31. 기준)");
}

#[test]
fn two_rows_of_a_header_are_joined() {
    let mut merged = sheet(
        "대장",
        &[
            &["사업별 협약 현황"],
            &["구분", "협약명", "체결", "", "사업비(백만원)", "", "비고"],
            &["", "", "일자", "기관", "계", "시비"],
            &["복지", "돌봄 협약", "2023.1.10", "을복지재단", "120", "60"],
            &["", "급식 협약", "2023.02.", "병봉사회", "35", "35", "매월"],
        ],
    );
    let plain = merged.clone();
    for (top, left, bottom, right) in [
        (0, 0, 0, 6),
        (1, 0, 2, 0),
        (1, 1, 2, 1),
        (1, 2, 1, 3),
        (1, 4, 1, 5),
        (1, 6, 2, 6),
        (3, 0, 4, 0),
    ] {
        merged.merges.push(Merge {
            top,
            left,
            bottom,
            right,
        });
    }
    let right = [
        "구분",
        "협약명",
        "체결 일자",
        "체결 기관",
        "사업비(백만원) 계",
        "사업비(백만원) 시비",
        "비고",
    ];
    let layout = found(vec![merged]);
    assert_eq!(layout.header_rows, [1, 2]);
    assert_eq!(layout.headers, right);
    assert_eq!(layout.rows[1].cells[0], Cell::Text("복지".into()));
    assert_eq!(layout.rows[1].shared[0], Some(3));
    let layout = found(vec![plain]);
    assert_eq!(
        (&layout.header_rows[..], &layout.headers[..]),
        (&[1, 2][..], &right.map(str::to_owned)[..])
    );
}

#[test]
fn the_sheet_with_the_ledger_is_chosen() {
    let ledger = &[
        &["연번", "협약명", "협약기관", "체결일"][..],
        &["1", "가", "나", "2021"],
    ][..];
    let mut old = sheet("구대장", ledger);
    old.hidden = true;
    let layout = found(vec![
        sheet("표지", &[&["업무협약 관리대장"], &["2024년"]]),
        old,
        sheet("통계", &[&["연도", "건수"], &["2019", "6"]]),
        sheet("현황", ledger),
    ]);
    assert_eq!(layout.sheet, 3);
    assert_eq!(rows(&layout), [1]);
}

#[test]
fn unknown_headers_are_headers() {
    let layout = found(vec![sheet("", &[&["항목가", "항목나"], &["값1", "2"]])]);
    assert_eq!((layout.header_rows, layout.known), (vec![0], 0));
}
