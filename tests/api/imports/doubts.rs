//! What a file does not say plainly is asked for or told, and nothing of it becomes public unseen.

use serde_json::{Value, json};

use super::kinds::upload;
use super::{city, codes};
use crate::support::Api;

on_both!(new: doubtful_cells_are_asked_for, officers_stay_with_the_staff, other_promises_are_a_change,
    joined_headers_and_further_sheets_are_told, numbers_of_persons_are_never_recorded,
    answers_to_no_question_are_refused, one_number_is_one_organization, further_tables_are_told,
    what_is_internal_stays_so_and_what_ended_has_its_day, a_name_within_a_longer_one_is_asked_about);

const DOUBTS: &str = "협약명,협약기관,체결일,진행상황,담당부서\n\
    가 협약,을재단,2021.1.1,추진중,총무과\n\
    나 협약,〃,2021.2.1,사업 무산,〃\n\
    다 협약,사업시행자,2021.3.1,추진중,총무과\n\
    라 협약,#REF!,2021.4.1,추진중,총무과\n\
    마 협약,관내 농가 30개소,2021.5.1,추진중,총무과,덧붙임\n";

async fn doubtful_cells_are_asked_for(api: Api) {
    let (municipality, editor) = city(&api).await;
    let made = upload(&editor, &municipality, "agreements", DOUBTS).await;
    let rows = made.body["rows"].as_array().unwrap();
    let valid: Vec<bool> = rows.iter().map(|row| row["valid"] == true).collect();
    assert_eq!(valid, [true, false, false, false, true], "{}", made.text);
    assert_eq!(codes(&rows[1]["notes"]), ["as_above", "as_above"]);
    assert_eq!(rows[1]["questions"][0]["code"], "status_unclear");
    assert_eq!(rows[1]["body"]["lead_department"], "총무과");
    assert_eq!(rows[3]["problems"][0]["cell"], "B5");
    assert_eq!(rows[4]["body"]["other_parties"]["count"], 30);
    assert!(codes(&rows[4]["notes"]).contains(&"beyond_header"));
    let id = |row: usize| rows[row]["questions"][0]["id"].as_str().unwrap();
    let answers = json!({"answers": {id(1): "terminated", id(2): "unnamed"}});
    let import = format!("/imports/{}", made.id());
    let answered = editor.update(&import, made.etag(), &answers).await;
    let row = &answered.body["rows"][1];
    assert_eq!(
        (&row["valid"], &row["body"]["status"]),
        (&json!(true), &json!("terminated"))
    );
    let others = &answered.body["rows"][2]["body"]["other_parties"];
    assert_eq!(*others, json!({"count": 1, "as_stated": "사업시행자"}));
    let applied = editor.act(&format!("{import}/apply"), &json!({})).await;
    assert_eq!(applied.body["counts"]["recorded"], 4, "{}", applied.text);
}

const OFFICERS: &str = "협약명,협약기관,체결일,담당부서(담당자),이메일,실무자 생년월일\n\
    가 협약,을재단,2021.1.1,아동과(홍길동),hong@example.com,1980.1.1\n";

async fn officers_stay_with_the_staff(api: Api) {
    let (municipality, editor) = city(&api).await;
    let made = upload(&editor, &municipality, "agreements", OFFICERS).await;
    let row = &made.body["rows"][0];
    assert_eq!(
        codes(&row["notes"]),
        ["officer_apart", "personal_data"],
        "{row}"
    );
    let applied = editor
        .act(&format!("/imports/{}/apply", made.id()), &json!({}))
        .await;
    let id = applied.body["rows"][0]["record_id"].as_str().unwrap();
    let path = format!("/agreements/{id}");
    let own = editor.read(&path).await;
    let contact = &own.body["contact"];
    assert_eq!(contact["name"], "홍길동", "{}", own.text);
    assert_eq!(contact["email"], "hong@example.com");
    assert_eq!(own.body["lead_department"], "아동과");
    let public = api.with(None).read(&path).await;
    for private in ["홍길동", "hong@", "1980"] {
        assert!(!public.text.contains(private), "{}", public.text);
    }
}

const INVESTMENT: &str = "관리번호,협약명,투자기업,체결일,투자액(억원),담당자,관련링크\n\
    I-1,공장 투자협약,을산업(주),2021.1.1,100,홍길동,https://example.com/1\n";

async fn other_promises_are_a_change(api: Api) {
    let (municipality, editor) = city(&api).await;
    let made = upload(&editor, &municipality, "agreements", INVESTMENT).await;
    editor
        .act(&format!("/imports/{}/apply", made.id()), &json!({}))
        .await;
    let again = upload(&editor, &municipality, "agreements", INVESTMENT).await;
    assert_eq!(again.body["counts"]["same"], 1, "{}", again.text);
    let more = INVESTMENT.replace(",100,", ",350,");
    let more = upload(&editor, &municipality, "agreements", &more).await;
    let row = &more.body["rows"][0];
    assert_eq!(
        (&row["outcome"], &row["valid"]),
        (&json!("change"), &json!(false))
    );
    assert_eq!(row["questions"][0]["code"], "commitments_differ", "{row}");
    let other = INVESTMENT
        .replace("홍길동", "김철수")
        .replace("com/1", "com/2");
    let other = upload(&editor, &municipality, "agreements", &other).await;
    let changes = &other.body["rows"][0]["changes"];
    assert_eq!(changes["contact"]["name"], "김철수", "{changes}");
    assert_eq!(changes["sources"].as_array().unwrap().len(), 3, "{changes}");
    let import = format!("/imports/{}", other.id());
    let applied = editor.act(&format!("{import}/apply"), &json!({})).await;
    assert_eq!(applied.body["counts"]["recorded"], 1, "{}", applied.text);
    let id = applied.body["rows"][0]["record_id"].as_str().unwrap();
    let read = editor.read(&format!("/agreements/{id}")).await;
    assert_eq!(read.body["contact"]["name"], "김철수", "{}", read.text);
    editor.act(&format!("{import}/undo"), &json!({})).await;
    let read = editor.read(&format!("/agreements/{id}")).await;
    assert_eq!(read.body["sources"].as_array().unwrap().len(), 2);
    // An import keeps no contact, so the replaced one does not come back.
    assert_eq!(read.body["contact"]["name"], "김철수", "{}", read.text);
}

const TABLES: &str = "<html><body>\
    <table><tr><th rowspan=2>연번</th><th rowspan=2>협약명</th><th colspan=2>체결기관</th><th rowspan=2>체결일</th>\
    <th rowspan=2 style='display:none'>내부 메모</th></tr><tr><th>기관명</th><th>대표자</th></tr>\
    <tr><td>1</td><td>가 협약</td><td>을재단</td><td>홍길동</td><td>2021.1.1</td><td style='display:none'>비공개</td></tr></table>\
    <table><tr><th>연번</th><th>협약명</th><th>체결기관</th><th>체결일</th></tr>\
    <tr><td>1</td><td>나 협약</td><td>병재단</td><td>2022.1.1</td></tr></table></body></html>";

async fn joined_headers_and_further_sheets_are_told(api: Api) {
    let (municipality, editor) = city(&api).await;
    let path = format!("/imports?municipality_id={municipality}&file_name=list.xls");
    let headers = [("content-type", "application/vnd.ms-excel")];
    let body = Some(TABLES.as_bytes().to_vec());
    let made = editor.send("POST", &path, &headers, body).await.expect(201);
    assert_eq!(made.body["header_rows"], json!([1, 2]), "{}", made.text);
    let rows = made.body["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 1);
    let parties = rows[0]["body"]["parties"].as_array().unwrap();
    assert_eq!(parties.len(), 2, "{}", made.text);
    assert_eq!(rows[0]["body"]["note"]["ko"], "체결기관 대표자: 홍길동");
    assert_eq!(codes(&rows[0]["notes"]), ["hidden_column"]);
    assert_eq!(
        codes(&made.body["problems"]),
        ["other_sheet", "hidden_columns"]
    );
    let hidden = &made.body["columns"][5];
    assert_eq!(
        (&hidden["rule"], &hidden["field"]),
        (&json!("hidden"), &Value::Null)
    );
    let mapping = json!({"mapping": {"F": "note"}});
    let shown = editor
        .update(&format!("/imports/{}", made.id()), made.etag(), &mapping)
        .await;
    let note = shown.body["rows"][0]["body"]["note"]["ko"]
        .as_str()
        .unwrap();
    assert!(note.contains("내부 메모: 비공개"), "{note}");
}

const NUMBERS: &str = "협약명,협약기관,체결일,대표자 주민등록번호,비고,사업자등록번호\n\
    가 협약,을재단,2021.1.1,800101-1234567,\"문의 010-1234-5678, 계좌 302-1234-5678-91\",214-81-00554\n";

async fn numbers_of_persons_are_never_recorded(api: Api) {
    let (municipality, editor) = city(&api).await;
    let made = upload(&editor, &municipality, "agreements", NUMBERS).await;
    assert!(!made.text.contains("1234567"), "{}", made.text);
    let import = format!("/imports/{}", made.id());
    // Not even where the caller maps the column to the remarks.
    let mapped = json!({"mapping": {"D": "note"}});
    let mapped = editor.update(&import, made.etag(), &mapped).await;
    let row = &mapped.body["rows"][0];
    assert!(codes(&row["notes"]).contains(&"personal_data"), "{row}");
    let applied = editor.act(&format!("{import}/apply"), &json!({})).await;
    let id = applied.body["rows"][0]["record_id"].as_str().unwrap();
    let own = editor.read(&format!("/agreements/{id}")).await;
    for number in ["800101", "010-1234", "302-1234"] {
        assert!(!own.text.contains(number), "{}", own.text);
    }
    let note = own.body["note"]["ko"].as_str().unwrap();
    assert!(note.contains("사업자등록번호: 214-81-00554"), "{note}");
}

async fn answers_to_no_question_are_refused(api: Api) {
    let (municipality, editor) = city(&api).await;
    let text = "협약명,협약기관,체결일\n가 협약,을재단,04.05.06\n";
    let made = upload(&editor, &municipality, "agreements", text).await;
    let import = format!("/imports/{}", made.id());
    let question = &made.body["rows"][0]["questions"][0];
    assert_eq!(question["id"], "C2", "{question}");
    let answers = json!({"answers": {"C2": "1850-01-01", "C9": "x", "B3:party:갑/을": "y"}});
    let refused = editor
        .patch(&import, made.etag(), &answers)
        .await
        .expect(422);
    let places = ["/answers/B3:party:갑~1을", "/answers/C2", "/answers/C9"];
    assert_eq!(refused.places(), places);
    let answers = json!({"answers": {"C2": question["choices"][0]["value"]}});
    let answered = editor.update(&import, made.etag(), &answers).await;
    assert_eq!(answered.body["counts"]["valid"], 1, "{}", answered.text);
    // An answer can be another one later.
    let answers = json!({"answers": {"C2": question["choices"][1]["value"]}});
    let again = editor.update(&import, answered.etag(), &answers).await;
    assert_eq!(again.body["counts"]["valid"], 1, "{}", again.text);
}

const TWICE: &str = "기관명,구분,사업자등록번호,대표자,비고\n\
    타전자(주),기업,2148100554,홍길동,첫째\n파협회,협회,2148100554,김철수,둘째\n";

async fn one_number_is_one_organization(api: Api) {
    let (municipality, editor) = city(&api).await;
    let made = upload(&editor, &municipality, "organizations", TWICE).await;
    let rows = &made.body["rows"];
    assert_eq!(rows[0]["valid"], true, "{}", made.text);
    assert_eq!(rows[1]["questions"][0]["code"], "repeated", "{}", made.text);
}

const TURNED: &str = "협약명,협약기관,체결일\n가 협약,을전자,2021.1.1\n,,\n\
    협약기관,협약명,체결일\n병은행,나 협약,2021.2.2\n";

async fn further_tables_are_told(api: Api) {
    let (municipality, editor) = city(&api).await;
    let made = upload(&editor, &municipality, "agreements", TURNED).await;
    assert_eq!(made.body["counts"]["rows"], 1, "{}", made.text);
    assert_eq!(codes(&made.body["problems"]), ["other_table"]);
    assert_eq!(made.body["left_out"][1]["why"], "other_table");
    let import = format!("/imports/{}", made.id());
    let other = json!({"header_rows": [4]});
    let read = editor.update(&import, made.etag(), &other).await;
    assert_eq!(read.body["rows"][0]["body"]["title"]["ko"], "나 협약");
}

const ENDED: &str = "협약명,협약기관,체결일,공개여부,협약기간,진행상황,해지일,해지사유\n\
    가 협약,을재단,2021.1.1,비공개,,,2023.5.1,합의\n\
    나 협약,을재단,2021.1.2,공개,2021.1.2.~2022.1.1.,기간만료,,\n\
    다 협약,을재단,2021.1.3,부분공개,,해지(2022.5.1.),,\n\
    라 협약,을재단,체결예정,,,,,\n";

async fn what_is_internal_stays_so_and_what_ended_has_its_day(api: Api) {
    let (municipality, editor) = city(&api).await;
    let made = upload(&editor, &municipality, "agreements", ENDED).await;
    assert_eq!(made.body["counts"]["valid"], 3, "{}", made.text);
    let question = &made.body["rows"][2]["questions"][0];
    let answers = json!({"answers": {question["id"].as_str().unwrap(): "partners"}});
    let import = format!("/imports/{}", made.id());
    editor.update(&import, made.etag(), &answers).await;
    let applied = editor.act(&format!("{import}/apply"), &json!({})).await;
    assert_eq!(applied.body["counts"]["recorded"], 4, "{}", applied.text);
    let path = |row: usize| {
        let id = applied.body["rows"][row]["record_id"].as_str().unwrap();
        format!("/agreements/{id}")
    };
    let first = editor.read(&path(0)).await;
    let step = &first.body["transitions"][1];
    assert_eq!(first.body["visibility"], "internal", "{}", first.text);
    assert_eq!(step["to"], "terminated", "{}", first.text);
    assert_eq!(step["on"]["edtf"], "2023-05-01");
    assert_eq!(step["reason"]["ko"], "합의");
    let expired = editor.read(&path(1)).await;
    assert_eq!(expired.body["status"], "signed");
    assert_eq!(expired.body["ended_by"], "expiry");
    let third = editor.read(&path(2)).await;
    assert_eq!(third.body["visibility"], "partners");
    assert_eq!(third.body["transitions"][1]["on"]["edtf"], "2022-05-01");
    assert_eq!(editor.read(&path(3)).await.body["status"], "draft");
    let open = api.with(None).read("/agreements?limit=10").await;
    for (title, is_open) in [("가 협약", false), ("나 협약", true), ("다 협약", false)] {
        assert_eq!(open.text.contains(title), is_open, "{title} {}", open.text);
    }
    let again = upload(&editor, &municipality, "agreements", ENDED).await;
    assert_eq!(again.body["counts"]["new"], 0, "{}", again.text);
}

/// An organization whose name ends a longer one, and a municipality that English names otherwise, are offered.
async fn a_name_within_a_longer_one_is_asked_about(api: Api) {
    let (municipality, editor) = city(&api).await;
    let code = json!({"code": "4111000000"});
    let suwon = api.create("/municipalities", &code).await;
    let suwon = suwon.id().to_owned();
    let hospital = api.organization("명지병원").await;
    let text = "협약명,협약기관,체결일\n가 협약,명지의료재단 명지병원,2021.4.16\n\
        나 협약,Suwon City,2021.4.17\n다 협약,신명지병원,2021.4.18\n";
    let made = upload(&editor, &municipality, "agreements", text).await;
    let rows = made.body["rows"].as_array().unwrap();
    let offered = |row: usize| -> Vec<&str> {
        let questions = rows[row]["questions"].as_array().unwrap().iter();
        let choices = questions.flat_map(|asked| asked["choices"].as_array().unwrap());
        choices.filter_map(|one| one["value"].as_str()).collect()
    };
    assert!(offered(0).contains(&hospital.as_str()), "{}", made.text);
    assert!(offered(1).contains(&suwon.as_str()), "{}", made.text);
    // A part of a word is no word of its own.
    assert!(!offered(2).contains(&hospital.as_str()), "{}", made.text);
}
