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

/// Returns a sheet with merged cells, each by its first and last row and column.
fn merged(rows: &[&[&str]], merges: &[(usize, usize, usize, usize)]) -> Sheet {
    let mut sheet = sheet("대장", rows);
    let merges = merges.iter().map(|(top, left, bottom, right)| Merge {
        top: *top,
        left: *left,
        bottom: *bottom,
        right: *right,
    });
    sheet.merges = merges.collect();
    sheet
}

#[test]
fn merged_rows_of_a_header_are_one_header() {
    let layout = found(vec![merged(
        &[
            &["연번", "협약명", "협약당사자", "", "체결일", "비고"],
            &["", "", "갑", "을", "", ""],
            &["1", "가 협약", "갑시", "을재단", "2021.1.1", ""],
            &["연번", "협약명", "협약당사자", "", "체결일", "비고"],
            &["", "", "갑", "을", "", ""],
            &["2", "나 협약", "갑시", "병재단", "2021.2.1", ""],
        ],
        &[
            (0, 0, 1, 0),
            (0, 1, 1, 1),
            (0, 2, 0, 3),
            (0, 4, 1, 4),
            (0, 5, 1, 5),
        ],
    )]);
    assert_eq!(layout.header_rows, [0, 1]);
    assert_eq!(layout.headers[2..4], ["협약당사자 갑", "협약당사자 을"]);
    assert_eq!(rows(&layout), [2, 5]);
    let layout = found(vec![merged(
        &[
            &["구분", "협약명", "체결", ""],
            &["", "", "상대", "일자"],
            &["", "", "기관", ""],
            &["복지", "가 협약", "을재단", "2021.1.1"],
        ],
        &[(0, 0, 2, 0), (0, 1, 2, 1), (0, 2, 0, 3), (1, 3, 2, 3)],
    )]);
    assert_eq!(layout.header_rows, [0, 1, 2]);
    assert_eq!(layout.headers[2..], ["체결 상대 기관", "체결 일자"]);
    assert_eq!(rows(&layout), [3]);
}

#[test]
fn sheets_beside_the_one_that_is_read_are_told() {
    let year = |title: &'static str| {
        [
            vec!["연번", "협약명", "협약기관", "체결일"],
            vec!["1", title, "나", "2021"],
        ]
    };
    let (one, two) = (year("가"), year("다"));
    let rows = |year: &[Vec<&'static str>; 2]| -> Sheet {
        let rows: Vec<&[&str]> = year.iter().map(Vec::as_slice).collect();
        sheet("", &rows)
    };
    let mut old = rows(&two);
    old.hidden = true;
    let layout = found(vec![
        rows(&one),
        sheet("", &[&["연도", "건수"], &["2019", "6"]]),
        rows(&two),
        old,
    ]);
    assert_eq!((layout.sheet, &layout.others[..]), (0, &[2][..]));
}

#[test]
fn a_table_without_a_header_loses_no_row() {
    let table = &[
        &["1", "청년 협약", "을대학교", "2021.4.16"][..],
        &["2", "여성 협약", "병여성회", "2021.5.1"],
    ];
    let layout = found(vec![sheet("", table)]);
    assert_eq!(
        (&layout.header_rows[..], rows(&layout)),
        (&[][..], vec![0, 1])
    );
    assert_eq!(layout.headers, ["", "", "", ""]);
}

/// Returns the rows that are left out as those of a further table.
fn of_other_tables(layout: &Layout) -> Vec<usize> {
    let left = layout.left_out.iter();
    let left = left.filter(|left| left.why == Why::OtherTable);
    left.map(|left| left.row).collect()
}

#[test]
fn a_further_table_in_the_sheet_is_told() {
    let mut table: Vec<Vec<String>> = vec![
        ["연번", "협약명", "협약기관", "체결일", "", ""]
            .map(str::to_owned)
            .to_vec(),
    ];
    for n in 1..=6 {
        let row = [&n.to_string(), "가 협약", "을전자", "2021.1.1", "", ""];
        table.push(row.map(str::to_owned).to_vec());
    }
    for row in [
        &[""; 6],
        &["2. 투자협약", "", "", "", "", ""],
        &[
            "연번",
            "협약명",
            "기업명",
            "체결일",
            "투자금액(억원)",
            "고용인원",
        ],
        &["1", "나 협약", "병전자", "2022.1.1", "10", "20"],
    ] {
        table.push(row.map(str::to_owned).to_vec());
    }
    let cells: Vec<Vec<&str>> = table
        .iter()
        .map(|row| row.iter().map(String::as_str).collect())
        .collect();
    let whole: Vec<&[&str]> = cells.iter().map(Vec::as_slice).collect();
    // The longer table is read, wherever it stands.
    let layout = found(vec![sheet("", &whole)]);
    assert_eq!(
        (&layout.header_rows[..], rows(&layout)),
        (&[0][..], (1..7).collect())
    );
    assert_eq!(
        (&layout.tables[..], of_other_tables(&layout)),
        (&[9][..], vec![9, 10])
    );
    assert_eq!(layout.remarks, ["2. 투자협약"]);
    // The other one is read if the caller says so.
    let book = book(vec![sheet("", &whole)]);
    let layout = find(ImportKind::Agreements, &book, None, Some(&[9]));
    assert_eq!(rows(&layout), [10]);
    assert_eq!(
        (&layout.tables[..], of_other_tables(&layout)),
        (&[0][..], (0..7).collect())
    );
}

#[test]
fn a_header_in_another_order_begins_another_table() {
    let layout = found(vec![sheet(
        "",
        &[
            &["협약명", "협약기관", "체결일"],
            &["가 협약", "을전자", "2021.1.1"],
            &[],
            &["협약기관", "협약명", "체결일"],
            &["병은행", "나 협약", "2021.2.2"],
            &["협약명", "협약기관", "체결일자"],
            &["다 협약", "을전자", "2021.3.3"],
        ],
    )]);
    assert_eq!(rows(&layout), [1, 6]);
    assert_eq!(of_other_tables(&layout), [3, 4]);
}

#[test]
fn a_table_goes_on_beside_its_left_half() {
    let layout = found(vec![sheet(
        "",
        &[
            &[
                "연번",
                "협약명",
                "협약기관",
                "체결일",
                "",
                "연번",
                "협약명",
                "협약기관",
                "체결일",
            ],
            &[
                "1",
                "가 협약",
                "을전자",
                "2023.4.16.",
                "",
                "1",
                "다 협약",
                "병은행",
                "2024.1.2.",
            ],
            &["", "", "", "", "", "2", "라 협약", "병은행", "2024.1.3."],
        ],
    )]);
    assert_eq!((layout.beside, layout.right_half), (None, Some(5)));
    assert_eq!((rows(&layout), layout.width), (vec![1, 1, 2], 4));
    let titles: Vec<String> = layout.rows.iter().map(|row| row.cells[1].words()).collect();
    assert_eq!(titles, ["가 협약", "다 협약", "라 협약"]);
    let shifts: Vec<usize> = layout.rows.iter().map(|row| row.shift).collect();
    assert_eq!(shifts, [0, 5, 5]);
}

#[test]
fn a_table_beside_another_is_told() {
    let layout = found(vec![sheet(
        "",
        &[
            &[
                "연번",
                "협약명",
                "협약기관",
                "체결일",
                "",
                "연번",
                "협약명",
                "협약기관",
                "비고",
            ],
            &[
                "1",
                "가 협약",
                "을전자",
                "2023.4.16.",
                "",
                "1",
                "다 협약",
                "병은행",
                "",
            ],
            &["", "", "", "", "", "2", "라 협약", "병은행", ""],
        ],
    )]);
    assert_eq!((layout.beside, layout.width), (Some(5), 4));
    assert_eq!(rows(&layout), [1]);
    assert_eq!(layout.rows[0].cells.len(), 5);
    let one = found(vec![sheet(
        "",
        &[
            &["연번", "협약명", "갑", "을", "체결일", "", "비고"],
            &["1", "가 협약", "갑시", "을전자", "2023.4.16.", "", ""],
        ],
    )]);
    assert_eq!(one.beside, None);
}

#[test]
fn footers_are_no_records_wherever_they_stand() {
    for footer in [
        "끝",
        "끝.",
        "이상",
        "- 이 하 여 백 -",
        "이하 여백",
        "문의: 기업지원과",
        "문의처 : 031-000-0000",
        "출처: 시청",
        "자료 : 기획과",
        "작성자: 홍길동",
        "담당: 기획과",
        "붙임 : 협약서 사본 1부",
        "붙임 협약서 1부",
        "비고: 없음",
        "총 2건",
        "2건",
        "1) 변경 협약 포함",
        "작성일자 2024.1.2",
        "확인자 (인)",
    ] {
        let rows_of = |cells: &[&str]| {
            let layout = found(vec![sheet(
                "대장",
                &[
                    &["협약기관", "협약명", "체결일"],
                    &["을전자", "가 협약", "2021.3.4"],
                    &["병은행", "나 협약", "2021.3.5"],
                    cells,
                ],
            )]);
            (rows(&layout), layout.left_out.len())
        };
        assert_eq!(rows_of(&[footer]), (vec![1, 2], 1), "{footer}");
        assert_eq!(rows_of(&["", footer]), (vec![1, 2], 1), "{footer}");
    }
    for name in [
        "정대학교",
        "이상전자",
        "출처연구소",
        "2건물관리",
        "1) 정대학교",
    ] {
        let layout = found(vec![sheet(
            "대장",
            &[
                &["협약기관", "협약명", "체결일"],
                &["을전자", "가 협약", "2021.3.4"],
                &["병은행", "나 협약", "2021.3.5"],
                &[name],
            ],
        )]);
        assert_eq!(rows(&layout), [1, 2, 3], "{name}");
    }
}
