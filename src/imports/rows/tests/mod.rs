use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::{Value, json};

use super::{
    Names, Projects, Row, agreement, announcement, groups, meeting, milestones, organization,
};
use crate::imports::book::{Book, Cell, Format, Merge, Sheet};
use crate::imports::files::{Limits, read};
use crate::imports::kind::ImportKind;
use crate::imports::plan;
use crate::imports::types::{ImportContent, Origin};

mod ends;
mod kept;
mod meetings;
mod milestones;
mod persons;
mod repeated;
mod status;
mod visibility;

fn book(text: &str) -> Book {
    let limits = Limits { unpacked: 100_000 };
    read(text.as_bytes(), "text/csv", limits).unwrap()
}

/// Returns the rows of a book as the caller answers and maps it.
fn planned(kind: ImportKind, book: &Book, content: &ImportContent) -> Vec<Row> {
    let mut table = plan::table(kind, book, content);
    table.withhold();
    let origin = Origin {
        municipality_id: uuid::Uuid::nil().into(),
        file_name: None,
        received_on: "2026-11-28".into(),
    };
    let ledger = plan::ledger(&table, &origin, content);
    let is_known = |name: &str| matches!(name, "갑시" | "을도");
    let names = Names {
        own: uuid::Uuid::nil().into(),
        is_known: &is_known,
        matched: HashMap::new(),
        groups: HashMap::new(),
        recorded: HashSet::new(),
        projects: Projects::default(),
    };
    let data = &ledger.layout.rows;
    match kind {
        ImportKind::Agreements => {
            let groups = groups(&ledger);
            let rows = groups.iter().map(|group| agreement(&ledger, group, &names));
            rows.collect()
        }
        ImportKind::Milestones => {
            let rows = data
                .iter()
                .flat_map(|data| milestones(&ledger, data, &names));
            rows.collect()
        }
        ImportKind::Meetings => data
            .iter()
            .map(|data| meeting(&ledger, data, &names))
            .collect(),
        ImportKind::Announcements => data
            .iter()
            .map(|data| announcement(&ledger, data, &names))
            .collect(),
        ImportKind::Organizations => data
            .iter()
            .map(|data| organization(&ledger, data, &names))
            .collect(),
    }
}

fn rows(kind: ImportKind, text: &str) -> Vec<Row> {
    planned(kind, &book(text), &ImportContent::default())
}

fn agreements(text: &str) -> Vec<Row> {
    rows(ImportKind::Agreements, text)
}

fn body(row: &Row) -> Value {
    Value::Object(row.body.clone())
}

fn codes(row: &Row) -> Vec<&str> {
    row.notes.iter().map(|note| note.code.as_str()).collect()
}

fn asked(row: &Row) -> Vec<&str> {
    row.questions
        .iter()
        .map(|asked| asked.code.as_str())
        .collect()
}

/// Returns the rest of a body that is public or can become so.
fn public(row: &Row) -> String {
    let mut body = body(row);
    body["contact"] = Value::Null;
    body.to_string()
}

fn of_parties(row: &Row) -> Vec<String> {
    let body = body(row);
    let parties = body["parties"].as_array().unwrap().iter();
    let named = parties.filter_map(|party| party["organization"]["name"].as_object());
    named
        .filter_map(|name| name.values().next()?.as_str().map(str::to_owned))
        .collect()
}

#[test]
fn links_behind_cells_are_kept() {
    let table = |head: &str, cells: &str| {
        let html = format!("<table><tr>{head}</tr><tr>{cells}</tr></table>");
        let limits = Limits { unpacked: 100_000 };
        read(html.as_bytes(), "text/html", limits).unwrap()
    };
    let cell = |text: &str, link: &str| format!("<td><a href='{link}'>{text}</a></td>");
    let kept = |kind, book: &Book| {
        planned(kind, book, &ImportContent::default())
            .pop()
            .unwrap()
    };

    let cells = [
        cell("가 협약", "https://go.kr/1"),
        "<td>을재단</td><td>2021.1.1</td>".to_owned(),
        cell("바로가기", "https://go.kr/2"),
    ];
    let head = "<th>협약명</th><th>협약기관</th><th>체결일</th><th>홈페이지 링크</th>";
    let row = kept(ImportKind::Agreements, &table(head, &cells.concat()));
    let urls: Vec<_> = body(&row)["sources"].as_array().unwrap()[1..]
        .iter()
        .map(|source| (source["title"].clone(), source["url"].clone()))
        .collect();
    let right = [
        (json!("홈페이지 링크"), json!("https://go.kr/2")),
        (json!("협약명"), json!("https://go.kr/1")),
    ];
    assert_eq!(urls, right);

    let cells = [
        cell("가 협약 체결", "https://go.kr/1"),
        "<td>2021.1.1</td>".into(),
    ];
    let book = table("<th>제목</th><th>보도일</th>", &cells.concat());
    let row = kept(ImportKind::Announcements, &book);
    assert_eq!(body(&row)["url"], "https://go.kr/1");
    let once = body(&row).to_string();
    assert_eq!(once.matches("https://go.kr/1").count(), 1);

    let cells = [
        cell("을재단", "https://go.kr/1"),
        cell("누리집", "https://eul.kr"),
    ];
    let book = table("<th>기관명</th><th>홈페이지</th>", &cells.concat());
    let row = kept(ImportKind::Organizations, &book);
    assert_eq!(body(&row)["website"], "https://eul.kr");
    let source = body(&row)["sources"][0]["title"].to_string();
    assert!(source.contains("기관명: https://go.kr/1"), "{source}");
}

#[test]
fn hidden_columns_wait_for_a_word() {
    let mut book = book("협약명,협약기관,체결일,내부 메모\n가 협약,을재단,2021.1.1,비공개 의견\n");
    book.sheets[0].hidden_columns = vec![3];
    let row = &planned(ImportKind::Agreements, &book, &ImportContent::default())[0];
    assert!(!public(row).contains("비공개"));
    assert_eq!(codes(row), ["hidden_column"]);
    let content = ImportContent {
        mapping: BTreeMap::from([("D".into(), "note".into())]),
        ..ImportContent::default()
    };
    let row = &planned(ImportKind::Agreements, &book, &content)[0];
    assert!(public(row).contains("비공개 의견"));
}

#[test]
fn cells_beyond_the_header_are_kept() {
    let text = "협약명,협약기관,체결일\n가 협약,을재단,2021.1.1,2023년 연장,덧붙임\n나 협약,병재단,2021.1.2\n";
    let rows = agreements(text);
    let note = body(&rows[0])["note"]["ko"].clone();
    assert_eq!(note, "2023년 연장\n덧붙임");
    assert_eq!(codes(&rows[0]), ["beyond_header", "beyond_header"]);
    assert_eq!(body(&rows[1])["note"], Value::Null);
}

#[test]
fn days_stand_in_columns_of_their_own() {
    let signed = |row: &Row| body(row)["signed_on"]["edtf"].clone();
    for header in [
        "체결연도,월,일",
        "년,월,일",
        "체결일 년,체결일 월,체결일 일",
    ] {
        let text = format!(
            "협약명,협약기관,{header}\n가 협약,을재단,2006,5,1\n,병재단,2007,2,3\n,정재단,,,\n"
        );
        let rows = agreements(&text);
        let found: Vec<Value> = rows.iter().map(signed).collect();
        assert_eq!(found, ["2006-05-01", "2007-02-03"], "{header}");
        assert_eq!(of_parties(&rows[1]), ["병재단", "정재단"]);
    }
    let text = "협약명,협약기관,체결일,월\n가 협약,을재단,2006.5.1,3\n";
    let row = &agreements(text)[0];
    assert_eq!(signed(row), "2006-05-01");
    assert_eq!(body(row)["note"]["ko"], "월: 3");
    let text = "협약명,협약기관,체결연도,일\n가 협약,을재단,2006,3\n";
    let row = &agreements(text)[0];
    assert_eq!(
        (signed(row), &body(row)["note"]["ko"]),
        (json!("2006"), &json!("일: 3"))
    );
}

/// Returns a ledger whose cells below a header are numbers or texts.
fn workbook(header: &[&str], rows: Vec<Vec<Cell>>, merges: Vec<Merge>) -> Book {
    let header = header.iter().map(|text| Cell::text(text)).collect();
    Book {
        format: Format::Xlsx,
        encoding: None,
        separator: None,
        sheets: vec![Sheet {
            rows: [vec![header], rows].concat(),
            merges,
            ..Sheet::default()
        }],
    }
}

#[test]
fn a_number_can_be_january_or_october() {
    let row = |number: f64| {
        let cells = vec![
            Cell::text("가 협약"),
            Cell::text("을재단"),
            Cell::Number(number),
        ];
        let book = workbook(&["협약명", "협약기관", "체결일"], vec![cells], vec![]);
        planned(ImportKind::Agreements, &book, &ImportContent::default()).remove(0)
    };
    let open = row(2021.1);
    assert_eq!(asked(&open), ["several_readings"]);
    let choices = open.questions[0]
        .choices
        .iter()
        .map(|choice| choice.value.as_str());
    assert_eq!(
        choices.collect::<Vec<_>>(),
        ["2021-01", "2021-10", "wording"]
    );
    assert_eq!(body(&open)["signed_on"]["edtf"], Value::Null);
    assert_eq!(body(&row(2021.11))["signed_on"]["edtf"], "2021-11");
}

#[test]
fn a_figure_over_several_agreements_is_asked_about() {
    let row = |title: &str, party: &str, amount: Cell| {
        vec![
            Cell::text(title),
            Cell::text(party),
            Cell::text("2021.1.1"),
            amount,
        ]
    };
    let book = workbook(
        &["협약명", "협약기관", "체결일", "사업비(백만원)"],
        vec![
            row("가 협약", "을재단", Cell::Number(100.0)),
            row("나 협약", "병재단", Cell::Empty),
        ],
        vec![Merge {
            top: 1,
            left: 3,
            bottom: 2,
            right: 3,
        }],
    );
    let rows = planned(ImportKind::Agreements, &book, &ImportContent::default());
    let ids: Vec<&str> = rows
        .iter()
        .map(|row| row.questions[0].id.as_str())
        .collect();
    assert_eq!(ids, ["D2:joint_figure", "D2:joint_figure"]);
    for (answer, right) in [
        ("each", [json!(100_000_000), json!(100_000_000)]),
        ("first", [json!(100_000_000), Value::Null]),
        ("wording", [Value::Null, Value::Null]),
    ] {
        let content = ImportContent {
            answers: BTreeMap::from([("D2:joint_figure".into(), answer.into())]),
            ..ImportContent::default()
        };
        let rows = planned(ImportKind::Agreements, &book, &content);
        let costs: Vec<Value> = rows
            .iter()
            .map(|row| body(row)["cost"]["amount"].clone())
            .collect();
        assert_eq!(costs, right, "{answer}");
        for (row, cost) in rows.iter().zip(&right) {
            assert!(row.questions.is_empty());
            assert_eq!(
                cost.is_null(),
                body(row)["note"]["ko"] == "사업비(백만원): 100"
            );
        }
    }
}

#[test]
fn marks_repeat_the_cell_above() {
    let text = "협약명,협약기관,체결일,담당부서,장소\n가 협약,을재단,2021.1.1,총무과,시청\n\
        나 협약,〃,2021.2.1,\"〃\",상동\n다 협약,상동,2021.3.1,(위와 같음),시청\n";
    let rows = agreements(text);
    for row in &rows[1..] {
        assert_eq!(of_parties(row), ["을재단"]);
        assert_eq!(body(row)["lead_department"], "총무과");
        assert_eq!(codes(row), ["as_above", "as_above"]);
    }
    assert_eq!(body(&rows[1])["venue"]["ko"], "상동");
    let first = &agreements("협약명,협약기관,체결일\n가 협약,상동,2021.1.1\n")[0];
    assert!(of_parties(first).is_empty());
    assert_eq!(first.problems[0].code, "nothing_above");
}

#[test]
fn exported_rows_repeat_nothing() {
    let text = "ID,협약명,협약기관,체결일\n\
        0178d7fa-2c00-7000-8000-000000000001,가 협약,을재단,2021.1.1\n\
        0178d7fa-2c00-7000-8000-000000000002,〃,을재단,2021.2.1\n\
        ,〃,을재단,2021.3.1\n";
    let rows = agreements(text);
    let titles: Vec<Value> = rows
        .iter()
        .map(|row| body(row)["title"]["ko"].clone())
        .collect();
    assert_eq!(titles, ["가 협약", "〃", "〃"]);
}

#[test]
fn errors_of_formulas_state_nothing() {
    let text = "협약명,협약기관,체결일,비고\n가 협약,#REF!,2021.1.1,#VALUE!\n";
    let row = &agreements(text)[0];
    let cells: Vec<&str> = row
        .problems
        .iter()
        .filter_map(|p| p.cell.as_deref())
        .collect();
    assert_eq!(&cells[..2], ["B2", "D2"]);
    assert!(!public(row).contains('#'));
}

#[test]
fn bodies_without_a_name_of_their_own_are_asked_about() {
    let of = |party: &str| {
        let text = format!("협약명,협약기관,체결일\n가 협약,\"{party}\",2021.1.1\n");
        agreements(&text).remove(0)
    };
    for party in [
        "시",
        "본청",
        "사업시행자",
        "을도지사",
        "정대학교 홍길동 총장",
        "관내 고등학교",
    ] {
        let row = of(party);
        assert_eq!(row.questions.len(), 1, "{party}");
        assert!(row.questions[0].code.starts_with("party:"), "{party}");
    }
    for party in ["을전통시장", "정대학교", "병시장상인회"] {
        assert!(of(party).questions.is_empty(), "{party}");
    }
    let counted = of("민간기업 3개사, 한강은행");
    assert_eq!(of_parties(&counted), ["한강은행"]);
    assert_eq!(body(&counted)["other_parties"]["count"], 3);
}

#[test]
fn long_texts_are_kept_whole() {
    let place = "가".repeat(600);
    let text = format!("협약명,협약기관,체결일,장소\n가 협약,을재단,2021.1.1,{place}\n");
    let row = &agreements(&text)[0];
    assert_eq!(codes(row), ["wording_cut"]);
    assert!(body(row)["note"]["ko"].as_str().unwrap().contains(&place));
}

#[test]
fn other_numbers_keep_their_headers() {
    for header in ["사업자등록번호", "법인등록번호", "공고번호", "우편번호"] {
        let text =
            format!("협약명,협약기관,체결일,{header}\n가 협약,을재단,2021.1.1,214-81-00554\n");
        let body = body(&agreements(&text)[0]);
        assert_eq!(body["reference_number"], Value::Null, "{header}");
        assert_eq!(body["note"]["ko"], format!("{header}: 214-81-00554"));
    }
}

#[test]
fn kinds_that_no_member_names_are_other() {
    let kind = |kind: &str, title: &str| {
        let text = format!("협약명,협약기관,체결일,협약구분\n{title},을재단,2021.1.1,{kind}\n");
        let row = agreements(&text).remove(0);
        (body(&row)["kind"].clone(), body(&row)["note"]["ko"].clone())
    };
    for words in [
        "기타",
        "other",
        "계약",
        "위수탁협약",
        "LOI",
        "행정협약",
        "특수",
    ] {
        let kept = json!(format!("협약구분: {words}"));
        assert_eq!(kind(words, "가 협약"), (json!("other"), kept), "{words}");
    }
    assert_eq!(kind("협약", "가 협약").0, "mou");
    assert_eq!(kind("특수", "나 업무협약").0, "mou");
}

#[test]
fn a_table_states_its_unit_once() {
    let cost = |above: &str, header: &str| {
        let text =
            format!("{above}\n협약명,협약기관,체결일,\"{header}\"\n가 협약,을재단,2021.1.1,100\n");
        let row = agreements(&text).remove(0);
        (body(&row)["cost"]["amount"].clone(), row.questions.len())
    };
    for above in [
        ",,,\"(단위: 천원)\"",
        "단위 : 천원,,,",
        "\"[단위:천원, 명]\",,,",
        "\"(단위: 명, 천원)\",,,",
        "(단위：천원),,,",
    ] {
        assert_eq!(cost(above, "사업비"), (json!(100_000), 0), "{above}");
    }
    assert_eq!(
        cost("(단위: 천원),,,", "사업비(억원)").0,
        10_000_000_000_u64
    );
    assert_eq!(cost("(단위: 명),,,", "사업비").1, 1);
    for (header, amount) in [
        ("사업비(억)", 10_000_000_000_u64),
        ("사업비(KRW million)", 100_000_000),
        ("사업비, 백만원", 100_000_000),
    ] {
        assert_eq!(cost("표,,,", header), (json!(amount), 0), "{header}");
    }
}

#[test]
fn a_day_without_its_year_keeps_its_words() {
    let text = "협약명,협약기관,체결일 년,체결일 월,체결일 일\n가 협약,을재단,,5,1\n";
    let row = &agreements(text)[0];
    let right = json!({"edtf": null, "as_stated": "5월 1일"});
    assert_eq!(body(row)["signed_on"], right);
    assert!(codes(row).contains(&"year_missing"));
}

#[test]
fn an_open_range_is_no_day_of_signing() {
    let text = "협약명,협약기관,체결일\n가 협약,을재단,2021. 4. 16. ~ \n";
    let row = &agreements(text)[0];
    assert_eq!(asked(row), ["several_readings"]);
    assert_eq!(row.questions[0].choices[0].value, "2021-04-16");
    assert_eq!(body(row)["signed_on"]["edtf"], Value::Null);
    let content = ImportContent {
        answers: BTreeMap::from([("C2".into(), "2021-04-16".into())]),
        ..ImportContent::default()
    };
    let row = &planned(ImportKind::Agreements, &book(text), &content)[0];
    assert_eq!(body(row)["signed_on"]["edtf"], "2021-04-16");
}

/// The left and the right half of a printed page.
#[test]
fn halves_of_a_table_are_read_one_after_the_other() {
    let text = "연번,협약명,협약기관,체결일,,연번,협약명,협약기관,체결일\n\
        1,가 협약,을재단,2021.1.1,,3,다 협약,정재단 031-123-4567,2021.1.3\n\
        2,나 협약,병재단,2021.1.2,,4,라 협약,무재단,2021.1.4\n\
        ,,,,,5,,기재단,2021.1.5\n";
    let all = agreements(text);
    let titles: Vec<&str> = all
        .iter()
        .filter_map(|row| row.body["title"]["ko"].as_str())
        .collect();
    assert_eq!(
        titles,
        [
            "가 협약",
            "나 협약",
            "다 협약",
            "라 협약",
            "기재단 업무협약"
        ]
    );
    let places: Vec<String> = all.iter().map(|row| row.position().into()).collect();
    assert_eq!(places, ["2", "3", "F2", "F3", "F4"]);
    assert_eq!(all[2].notes[0].cell.as_deref(), Some("H2"));
    assert_eq!(all[4].questions[0].cell.as_deref(), Some("G4"));
}

#[test]
fn a_number_beside_a_name_is_told_from_it() {
    let text = "협약명,협약기관,체결일,담당자(연락처)\n가,을재단,2021.1.1,홍길동(031-980-1234)\n";
    let contact = body(&agreements(text)[0])["contact"].clone();
    assert_eq!(
        contact,
        json!({ "name": "홍길동", "phone": "031-980-1234" })
    );
}
