//! Lists as files, read back by other readers.

mod open_data;

use std::collections::HashMap;
use std::io::Cursor;

use actix_web::test;
use calamine::{Data, Reader, Xlsx};
use encoding_rs::EUC_KR;
use serde_json::{Value, json};

use crate::support::records::{mou, signed_mou, with};
use crate::support::{Api, CITY, SPEC, spec};

on_both!(new:
    a_list_is_csv_by_suffix_and_by_accept, a_workbook_has_cells_of_their_types,
    cp949_names_what_it_cannot_hold, a_file_has_no_pages_and_may_have_fewer_columns,
    a_file_shows_no_more_than_the_list, all_pages_are_in_the_file, a_file_of_the_past,
    the_ledger_has_the_columns_of_ordinances, a_file_is_in_the_language_that_its_link_names, values_in_a_cell_keep_their_places);
on_both!(with_demo: every_list_is_a_file, a_slip_history_is_a_table);

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// An answer whose body is not JSON.
struct File {
    status: u16,
    headers: HashMap<String, String>,
    bytes: Vec<u8>,
}

async fn file(api: &Api, path: &str, headers: &[(&str, &str)]) -> File {
    let response = api.open(path, headers).await;
    File {
        status: response.status().as_u16(),
        headers: response
            .headers()
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.to_string(), value)
            })
            .collect(),
        bytes: test::read_body(response).await.to_vec(),
    }
}

/// Reads CSV: the headers, and each row by them.
fn rows(bytes: &[u8]) -> (Vec<String>, Vec<HashMap<String, String>>) {
    let text = std::str::from_utf8(bytes).unwrap();
    let mut reader = csv::Reader::from_reader(text.strip_prefix('\u{FEFF}').unwrap().as_bytes());
    let headers: Vec<String> = reader
        .headers()
        .unwrap()
        .iter()
        .map(str::to_owned)
        .collect();
    let rows = reader.deserialize().map(Result::unwrap).collect();
    (headers, rows)
}

/// Reads the only sheet of a workbook, by the headers.
fn sheet(bytes: Vec<u8>) -> (String, Vec<HashMap<String, Data>>) {
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    let name = book.sheet_names().remove(0);
    let range = book.worksheet_range(&name).unwrap();
    let mut all = range.rows();
    let headers: Vec<String> = all
        .next()
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect();
    let rows = all.map(|row| headers.iter().cloned().zip(row.iter().cloned()).collect());
    (name, rows.collect())
}

/// Records two agreements of a city: one of 2021, and one with a formula for a title.
async fn two_agreements(api: &Api) -> String {
    let city = api.municipality().await;
    let party = api.organization("한국바이오의약품협회").await;
    let body = json!({"municipality_id": city, "title": {"ko": "의료·바이오 협약"},
        "reference_number": "0012", "signed_on": {"edtf": "2021-04-16", "as_stated": "지난 16일"},
        "effective_until": {"edtf": "../2024", "as_stated": "2024년까지"}, "lead_department": "전략산업과"});
    api.create(
        "/agreements",
        &with(mou(&[&city, &party], json!({"status": "signed"})), body),
    )
    .await;
    let body = json!({"municipality_id": city, "title": {"ko": "=HYPERLINK(\"http://a.example\")", "en": "@b"},
        "signed_on": {"edtf": "2020"}});
    api.create(
        "/agreements",
        &with(mou(&[&city, &party], json!({"status": "signed"})), body),
    )
    .await;
    city
}

async fn a_list_is_csv_by_suffix_and_by_accept(api: Api) {
    let city = two_agreements(&api).await;
    let query = format!("municipality_id={city}&sort=signed_on");
    let by_suffix = file(&api, &format!("/agreements.csv?{query}"), &[]).await;
    let csv = [("accept", "text/csv")];
    let by_accept = file(&api, &format!("/agreements?{query}"), &csv).await;
    assert_eq!((by_suffix.status, by_accept.status), (200, 200));
    assert_eq!(by_suffix.bytes, by_accept.bytes);
    assert_eq!(
        by_suffix.headers["content-type"],
        "text/csv; charset=utf-8; header=present"
    );
    assert_eq!(
        by_suffix.headers["content-disposition"],
        "attachment; filename=\"agreements_2026-11-23.csv\"; filename*=UTF-8''%ED%98%91%EC%95%BD_2026%2D11%2D23.csv"
    );
    assert_eq!(by_suffix.headers["content-language"], "ko");
    let (headers, found) = rows(&by_suffix.bytes);
    assert_eq!(headers[..4], ["관리번호", "제목", "제목(영문)", "종류"]);
    let column = |name: &str| {
        found
            .iter()
            .map(|row| row[name].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        column("제목"),
        ["'=HYPERLINK(\"http://a.example\")", "의료·바이오 협약"]
    );
    assert_eq!(column("제목(영문)"), ["'@b", ""]);
    assert_eq!(column("관리번호"), ["", "0012"]);
    assert_eq!(column("체결일"), ["2020년", "2021-04-16"]);
    assert_eq!(column("효력 종료일"), ["", "2024년까지"]);
    assert_eq!(column("종류"), ["업무협약(MOU)", "업무협약(MOU)"]);
    assert!(column("협약 당사자")[0].ends_with(", 한국바이오의약품협회"));
    // The same rows have the same tag, which no other form has.
    let tag = by_suffix.headers["etag"].clone();
    let known = file(
        &api,
        &format!("/agreements.csv?{query}"),
        &[("if-none-match", &tag)],
    )
    .await;
    assert_eq!((known.status, known.bytes.len()), (304, 0));
    let list = api.read(&format!("/agreements?{query}")).await;
    assert_ne!(list.etag(), tag);
    assert!(list.vary().contains(&"accept".to_owned()));
    let english = [("accept-language", "en")];
    let english = file(&api, &format!("/agreements.csv?{query}"), &english).await;
    let (headers, found) = rows(&english.bytes);
    assert_eq!(
        headers[..3],
        ["Reference number", "Title", "Title (Korean)"]
    );
    let titles = (&found[0]["Title"], &found[0]["Title (Korean)"]);
    let korean = "'=HYPERLINK(\"http://a.example\")".to_owned();
    assert_eq!(titles, (&"'@b".to_owned(), &korean));
    assert_eq!(found[1]["Effective until"], "by 2024");
    assert_eq!(
        english.headers["content-disposition"],
        "attachment; filename=\"agreements_2026-11-23.csv\""
    );
    // Only lists have files, and only for reading.
    for (method, path) in [
        ("GET", format!("/agreements/{city}.csv")),
        ("GET", "/statistics/agreements.csv".into()),
        ("GET", "/agreements.pdf".into()),
        ("POST", "/statistics/agreements.csv".into()),
    ] {
        api.send(method, &path, &[], None).await.expect(404);
    }
    for method in ["POST", "PATCH", "DELETE"] {
        let refused = api.send(method, "/agreements.csv", &[], None).await;
        assert_eq!(refused.expect(405).headers["allow"], "GET, HEAD");
    }
    let offered = api.send("OPTIONS", "/agreements.xlsx", &[], None).await;
    assert_eq!(offered.expect(204).headers["allow"], "GET, HEAD");
}

async fn a_workbook_has_cells_of_their_types(api: Api) {
    let city = two_agreements(&api).await;
    let path = format!("/agreements.xlsx?municipality_id={city}&sort=signed_on");
    let book = file(&api, &path, &[]).await;
    assert_eq!((book.status, &*book.headers["content-type"]), (200, XLSX));
    let by_accept = path.replace(".xlsx", "");
    let again = file(&api, &by_accept, &[("accept", XLSX)]).await;
    assert_eq!(again.bytes, book.bytes);
    let (name, rows) = sheet(book.bytes);
    assert_eq!((name.as_str(), rows.len()), ("협약", 2));
    let text = |text: &str| Data::String(text.into());
    assert_eq!(rows[0]["제목"], text("=HYPERLINK(\"http://a.example\")"));
    assert_eq!(rows[0]["체결일"], text("2020년"));
    assert_eq!(rows[1]["관리번호"], text("0012"));
    assert_eq!(rows[1]["협약 사항 수"], Data::Float(0.0));
    let Data::DateTime(day) = &rows[1]["체결일"] else {
        panic!("{:?}", rows[1]["체결일"])
    };
    let day = day.as_datetime().unwrap().date();
    assert_eq!(day.to_string(), "2021-04-16");
}

async fn cp949_names_what_it_cannot_hold(api: Api) {
    let name = "똠방각하 협회";
    api.organization(name).await;
    let held = file(&api, "/organizations.csv?encoding=cp949", &[]).await;
    assert_eq!(
        (held.status, &*held.headers["content-type"]),
        (200, "text/csv; charset=euc-kr; header=present")
    );
    let (text, _, is_wrong) = EUC_KR.decode(&held.bytes);
    assert!(!is_wrong && text.starts_with("이름,") && text.contains(name));
    api.organization("이모지😀협회").await;
    let refused = api
        .get("/organizations.csv?encoding=cp949")
        .await
        .expect(406);
    assert_eq!(refused.places(), ["encoding"]);
    let error = &refused.body["errors"][0];
    assert_eq!(error["code"], "not_in_cp949");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("행 '이름': 😀 (U+1F600)"), "{message}");
}

async fn a_file_has_no_pages_and_may_have_fewer_columns(api: Api) {
    two_agreements(&api).await;
    for (path, place, code) in [
        ("/agreements.csv?limit=10", "limit", "not_for_files"),
        ("/agreements.csv?cursor=7b7d", "cursor", "not_for_files"),
        ("/agreements.csv?fields=version", "fields", "unknown_field"),
        (
            "/agreements.xlsx?with_total=true",
            "with_total",
            "not_for_files",
        ),
        ("/agreements.xlsx?encoding=cp949", "encoding", "not_for_csv"),
        ("/agreements?encoding=cp949", "encoding", "not_for_csv"),
        ("/agreements?lang=en", "lang", "only_for_files"),
        ("/agreements.csv?lang=fr", "lang", "enum"),
        ("/agreements.csv?encoding=latin1", "encoding", "enum"),
        ("/agreements.csv?color=red", "color", "unknown_parameter"),
        ("/agreements.csv?fields=color", "fields", "unknown_field"),
    ] {
        let refused = api.get(path).await.expect(400);
        assert_eq!(refused.places(), [place], "{path}");
        assert_eq!(refused.body["errors"][0]["code"], code, "{path}");
    }
    // All that is wrong is named at once.
    for (query, wrong) in [
        (
            "cursor=zz&encoding=cp949&fields=color&limit=0&signed_from=2025-01-01&signed_to=2024-01-01",
            &["cursor", "encoding", "fields", "limit", "signed_to"][..],
        ),
        (
            "color=red&fields=color&lang=en",
            &["color", "fields", "lang"],
        ),
    ] {
        let refused = api.get(&format!("/agreements?{query}")).await.expect(400);
        let mut places = refused.places();
        places.sort_unstable();
        assert_eq!(places, wrong, "{query}");
    }
    let some = file(&api, "/agreements.csv?fields=title,signed_on", &[]).await;
    let (headers, _) = rows(&some.bytes);
    assert_eq!(headers, ["제목", "제목(영문)", "체결일", "ID"]);
    let both = api.get("/agreements.csv?cursor=x&limit=0&color=red").await;
    assert_eq!(both.expect(400).places(), ["color", "cursor", "limit"]);
    let one = file(&api, "/agreements.csv?fields=roles_of_parties", &[]).await;
    assert_eq!(rows(&one.bytes).0, ["당사자 역할", "ID"]);
    let image = [("accept", "image/png")];
    api.send("GET", "/agreements", &image, None)
        .await
        .expect(406);
    let head = api.send("HEAD", "/agreements.csv", &[], None).await;
    assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""));
}

async fn a_file_shows_no_more_than_the_list(api: Api) {
    let city = two_agreements(&api).await;
    let draft = json!({"municipality_id": city, "title": {"ko": "검토 중"}});
    api.create("/agreements", &with(mou(&[&city], json!({})), draft))
        .await;
    let anyone = api.with(None);
    for (caller, count) in [(&api, 3), (&anyone, 2)] {
        let listed = caller.read("/agreements?with_total=true").await;
        let (_, found) = rows(&file(caller, "/agreements.csv", &[]).await.bytes);
        assert_eq!(
            (listed.body["total"].as_u64(), found.len()),
            (Some(count), count as usize)
        );
    }
}

async fn all_pages_are_in_the_file(api: Api) {
    for number in 0..510 {
        api.organization(&format!("기관 {number:04}")).await;
    }
    let (_, found) = rows(
        &file(
            &api,
            "/organizations.csv?sort=name&q=%EA%B8%B0%EA%B4%80",
            &[],
        )
        .await
        .bytes,
    );
    let names: Vec<String> = found.iter().map(|row| row["이름"].clone()).collect();
    let expected: Vec<String> = (0..510).map(|number| format!("기관 {number:04}")).collect();
    assert_eq!(names, expected);
    let (_, found) = sheet(
        file(
            &api,
            "/organizations.xlsx?sort=name&q=%EA%B8%B0%EA%B4%80",
            &[],
        )
        .await
        .bytes,
    );
    assert_eq!(found.len(), 510);
}

async fn a_file_of_the_past(api: Api) {
    two_agreements(&api).await;
    let before = "recorded_as_of=2020-01-01T00:00:00Z";
    let before = file(&api, &format!("/agreements.csv?{before}"), &[]).await;
    assert!(rows(&before.bytes).1.is_empty());
    let then = file(&api, "/agreements.csv?as_of=2020-12-31", &[]).await;
    let (_, found) = rows(&then.bytes);
    assert_eq!(found.len(), 1);
}

/// Every list that the spec offers as a file has as many rows as it has items, in both formats.
async fn every_list_is_a_file(api: Api) {
    let mut count = 0;
    for (path, method, operation) in spec::operations() {
        let content = &operation["responses"]["200"]["content"];
        let is_list = spec::parameter(operation, "with_total").is_some();
        if method != "get" || !is_list || content.get("text/csv").is_none() {
            continue;
        }
        count += 1;
        let path = path.trim_start_matches("/api/v1");
        let Some(path) = filled(&api, path).await else {
            continue;
        };
        let beside = match path.as_str() {
            "/reconciliation" => format!("municipality_id={CITY}"),
            _ => String::new(),
        };
        let listed = api.read(&format!("{path}?with_total=true&{beside}")).await;
        let total = usize::try_from(listed.body["total"].as_u64().unwrap()).unwrap();
        let csv = file(&api, &format!("{path}.csv?{beside}"), &[]).await;
        assert_eq!(csv.status, 200, "{path}");
        let (_, found) = rows(&csv.bytes);
        assert_eq!(found.len(), total, "{path}");
        let book = file(&api, &format!("{path}.xlsx?{beside}"), &[]).await;
        let (_, found) = sheet(book.bytes);
        assert_eq!(found.len(), total, "{path}");
        every_header_selects_its_column(&api, &path, &beside).await;
    }
    assert!(count > 20, "{count} lists: {}", SPEC["info"]["title"]);
}

/// The names of columns that a file shows are those that `fields` takes.
async fn every_header_selects_its_column(api: &Api, path: &str, beside: &str) {
    let english = [("accept-language", "en")];
    let whole = file(api, &format!("{path}.csv?{beside}"), &english).await;
    let (headers, _) = rows(&whole.bytes);
    for header in &headers {
        let is_letter = |c: char| c.is_ascii_alphabetic();
        let lower = header.to_lowercase();
        let words = lower
            .split(|c| !is_letter(c))
            .filter(|word| !word.is_empty());
        let name = words.collect::<Vec<_>>().join("_");
        let selected = format!("{path}.csv?fields={name}&{beside}");
        let some = file(api, &selected, &english).await;
        assert_eq!(some.status, 200, "{selected}");
        assert!(rows(&some.bytes).0.contains(header), "{selected}");
    }
}

/// Returns the path of a list with the ids of records that exist; `None` for a record that the
/// demonstration lacks.
async fn filled(api: &Api, path: &str) -> Option<String> {
    let Some((before, after)) = path.split_once("/{id}") else {
        return Some(path.to_owned());
    };
    if after.contains('{') {
        return None;
    }
    let all = match before {
        "/milestones" => {
            let projects = api.read("/projects").await;
            let project = projects.items()[0]["id"].as_str().unwrap().to_owned();
            format!("/projects/{project}/milestones")
        }
        list => list.to_owned(),
    };
    let found = api.read(&all).await;
    let id = found
        .items()
        .first()
        .map(|item: &Value| item["id"].as_str().unwrap().to_owned())?;
    Some(format!("{before}/{id}{after}"))
}

async fn a_slip_history_is_a_table(api: Api) {
    let projects = api.read("/projects").await;
    let is_ilsan = |project: &&Value| {
        project["title"]["ko"]
            .as_str()
            .unwrap()
            .contains("일산테크노밸리")
    };
    let project = projects.items().iter().find(is_ilsan).unwrap();
    let project = project["id"].as_str().unwrap();
    let path = format!("/projects/{project}/slip-history");
    let history = api.read(&path).await;
    let milestones = history.body["milestones"].as_array().unwrap();
    let points = milestones
        .iter()
        .flat_map(|milestone| milestone["points"].as_array().unwrap());
    let (headers, found) = rows(&file(&api, &format!("{path}.csv"), &[]).await.bytes);
    assert_eq!(headers[..3], ["사업", "종류", "제목"]);
    assert_eq!(found.len(), points.count());
    let met = |row: &&HashMap<String, String>| row["종류"] == "착공" && row["목표"] == "2023-10-26";
    assert_eq!(found.iter().filter(met).count(), 1);
    let (_, found) = sheet(file(&api, &format!("{path}.xlsx"), &[]).await.bytes);
    assert!(!found.is_empty());
    let old = file(&api, &format!("{path}.csv?encoding=cp949"), &[]).await;
    let (text, _, is_wrong) = EUC_KR.decode(&old.bytes);
    assert!(old.status == 200 && !is_wrong && text.starts_with("사업,종류,제목"));
    for path in [format!("{path}.xlsx"), path] {
        let refused = api.get(&format!("{path}?encoding=cp949")).await.expect(400);
        assert_eq!(refused.body["errors"][0]["code"], "not_for_csv");
    }
}

async fn the_ledger_has_the_columns_of_ordinances(api: Api) {
    let city = api.municipality().await;
    let party = api.organization("병원").await;
    for (day, title) in [("2024-05-02", "나중"), ("2021-04-16", "먼저")] {
        let more = json!({"title": {"ko": title}, "purpose": {"ko": "의료 협력"}, "note": {"ko": "9개 대학 동시 체결"},
            "financial_obligation": false, "commitments": [{"text": {"ko": "인력, 장비"}}, {"text": {"ko": "정보 교환"}}],
            "other_parties": {"count": 25, "as_stated": "외 25개사"},
            "cost": {"min_amount": 5_000_000, "max_amount": 7_000_000, "currency": "USD", "approximate": true}});
        api.create("/agreements", &signed_mou(&[&city, &party], day, more))
            .await;
    }
    let path = format!("/municipalities/{city}/ledger");
    let listed = api.read(&path).await;
    assert_eq!(listed.items()[0]["title"]["ko"], "먼저");
    assert_eq!(listed.items()[0]["commitments"][1]["ko"], "정보 교환");
    let (name, found) = sheet(file(&api, &format!("{path}.xlsx"), &[]).await.bytes);
    assert_eq!(name, "협약 관리대장");
    assert_eq!(found[1]["연번"], Data::Float(2.0));
    for (header, text) in [
        ("제목", "나중"),
        ("목적", "의료 협력"),
        ("협약 사항", "\"인력, 장비\", 정보 교환"),
        ("그 밖의 당사자", "외 25개사"),
        ("비용 통화", "USD"),
        ("비용 어림값 여부", "예"),
        ("재정 부담", "아니요"),
        ("내용·비고", "9개 대학 동시 체결"),
    ] {
        assert_eq!(found[1][header], Data::String(text.into()), "{header}");
    }
    for (header, number) in [
        ("그 밖의 당사자 수", 25.0),
        ("비용(최소)", 5_000_000.0),
        ("비용(최대)", 7_000_000.0),
    ] {
        assert_eq!(found[1][header], Data::Float(number), "{header}");
    }
    assert_eq!(found[1]["비용"], Data::Empty);
    api.get(&format!("/municipalities/{party}/ledger"))
        .await
        .expect(404);
}

/// The nth value in one column belongs to the nth in another, whatever is unknown.
async fn values_in_a_cell_keep_their_places(api: Api) {
    let city = api.municipality().await;
    let one = api.organization("A, Inc.").await;
    let other = api.organization("가 \"나\"; 다").await;
    let implementers = json!([{"organization_id": city}, {"organization_id": one, "share_percent": 30},
        {"organization_id": other, "share_percent": 70}]);
    let new = json!({"municipality_id": city, "kind": "facility", "title": {"ko": "사업"},
        "implementers": implementers,
        "locations": [{"name": {"ko": "갑동"}}, {"name": {"ko": "을동"}, "code": "4128710400",
            "position": {"longitude": 126.75, "latitude": 37.5}}, {"name": {"ko": "병동"}}],
        "statements": [{"stated_on": {"edtf": "2020"}, "implementers": implementers,
            "budget": {"min_amount": 5, "max_amount": 7, "currency": "KRW"}}]});
    let project = api.create("/projects", &new).await;
    let (_, found) = rows(&file(&api, "/projects.csv", &[]).await.bytes);
    let names = "고양시, \"A, Inc.\", \"가 \"\"나\"\"; 다\"";
    for (header, cell) in [
        ("시행자", names),
        ("시행자 지분(%)", ", 30, 70"),
        ("위치", "갑동, 을동, 병동"),
        ("위치 법정동코드", ", 4128710400, "),
        ("위치 경도", ", 126.75, "),
        ("위치 위도", ", 37.5, "),
        ("사업비(최소)", "5"),
        ("사업비 통화", "KRW"),
    ] {
        assert_eq!(found[0][header], cell, "{header}");
    }
    let path = format!("/projects/{}/statements", project.id());
    let listed = api.read(&path).await;
    let named = &listed.items()[0]["implementing_organizations"];
    assert_eq!(named[1]["name"]["ko"], "A, Inc.");
    let (_, found) = rows(&file(&api, &format!("{path}.csv"), &[]).await.bytes);
    assert_eq!(found[0]["시행자"], names);
    assert_eq!(found[0]["시행자 지분(%)"], ", 30, 70");
    assert_eq!(found[0]["사업비(최대)"], "7");
}

/// The files to which the pages lead are in the language of the page, whatever the browser prefers.
async fn a_file_is_in_the_language_that_its_link_names(api: Api) {
    two_agreements(&api).await;
    let korean = [("accept-language", "ko-KR")];
    let named = file(&api, "/agreements.csv?lang=en", &korean).await;
    assert_eq!(
        (named.status, &*named.headers["content-language"]),
        (200, "en")
    );
    let (headers, _) = rows(&named.bytes);
    let english = file(&api, "/agreements.csv", &[("accept-language", "en")]).await;
    assert_eq!(headers, rows(&english.bytes).0);
    let own = file(&api, "/agreements.csv", &korean).await;
    assert_eq!(own.headers["content-language"], "ko");
    for list in [
        "agreements",
        "projects",
        "timeline",
        "working-groups",
        "announcements",
        "publications",
    ] {
        let text = crate::pages::page(&api, &format!("/{list}?lang=en"))
            .await
            .expect(200)
            .text;
        if text.contains(&format!("{list}.csv")) {
            let query = text.split(&format!("{list}.csv?")).nth(1).unwrap();
            assert!(
                query.split('"').next().unwrap().contains("lang=en"),
                "{list}"
            );
        }
    }
}
