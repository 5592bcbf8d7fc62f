//! What is exported imports again without a question and without a change.

use actix_web::test;
use serde_json::{Value, json};

use super::upload;
use crate::support::records::{mou, signed_mou, with};
use crate::support::{Answer, Api};

on_both!(with_demo: the_demonstration_comes_back);
on_both!(new: nasty_values_come_back, a_changed_cell_is_a_change, an_emptied_cell_is_asked_for,
    rows_without_their_ids_come_back, a_ledger_comes_in_elsewhere_as_it_was);

/// Exports a list, and imports it.
pub async fn back(api: &Api, (city, kind): (&str, &str), path: &str, language: &str) -> Answer {
    let response = api.open(path, &[("accept-language", language)]).await;
    assert_eq!(response.status(), 200, "{path}");
    let media_type = response.headers().get("content-type").unwrap();
    let media_type = media_type.to_str().unwrap().to_owned();
    let bytes = test::read_body(response).await.to_vec();
    let path = format!("/imports?municipality_id={city}&kind={kind}");
    let headers = [("content-type", media_type.as_str())];
    let made = api.send("POST", &path, &headers, Some(bytes)).await;
    made.expect(201)
}

/// Asserts that every row is the same as its record.
pub fn assert_same(import: &Answer, rows: usize, path: &str) {
    let counts = &import.body["counts"];
    for row in import.body["rows"].as_array().unwrap() {
        let is_same = row["outcome"] == "same" && row["valid"] == true;
        assert!(is_same, "{path}: {row}");
        assert_eq!(row["notes"], json!([]), "{path}: {row}");
    }
    assert_eq!(counts["rows"], rows, "{path}: {}", import.text);
    assert_eq!(counts["same"], rows, "{path}: {}", import.text);
    assert_eq!(import.body["left_out"], json!([]), "{path}");
    assert_eq!(import.body["problems"], json!([]), "{path}");
}

/// Exports lists in every form, and expects them to come back the same.
pub async fn all_forms(api: &Api, (city, kind): (&str, &str), lists: &[&str]) {
    for list in lists {
        let (path, query) = list.split_once('?').unwrap_or((list, "with_total=false"));
        let rows = api.read(&format!("{path}?{query}&limit=200")).await;
        let rows = rows.items().len();
        assert!(rows > 0);
        let fields = query.replace("with_total=false", "");
        for language in ["ko", "en"] {
            for form in ["csv?encoding=utf-8", "csv?encoding=cp949", "xlsx?"] {
                let path = format!("{path}.{form}&{fields}");
                let path = path.trim_end_matches('&').replace("?&", "?");
                let path = path.trim_end_matches('?');
                let import = back(api, (city, kind), path, language).await;
                assert_same(&import, rows, path);
                let apply = format!("/imports/{}/apply", import.id());
                let applied = api.act(&apply, &json!({})).await;
                assert_eq!(applied.body["counts"]["recorded"], 0, "{}", applied.text);
            }
        }
    }
}

async fn the_demonstration_comes_back(api: Api) {
    let agreements = api.read("/agreements?limit=1").await;
    let city = agreements.items()[0]["municipality"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let ledger = format!("/municipalities/{city}/ledger");
    all_forms(&api, (&city, "agreements"), &["/agreements", &ledger]).await;
}

/// Agreements whose texts look like something else.
async fn nasty(api: &Api) -> String {
    let city = api.municipality().await;
    let company = api.organization("주식회사 가").await;
    let other = api.organization("가㈜").await;
    let foreign = api.organization("A, Inc.; \"B\"").await;
    let parties = [city.as_str(), &company];
    let alike = signed_mou(
        &parties,
        "2020-05-01",
        json!({"title": {"ko": "같은 협약"}}),
    );
    let mut all = vec![alike.clone(), alike];
    for title in [
        "합계",
        "-",
        "소계 5건",
        "제목",
        "=1+1",
        "'=1",
        "'-",
        "@가",
        "\"가\", 나",
        "2021.4.16",
        "0012",
        "1,200",
        "_x0041_가",
        "계",
        "true",
        "가  나",
        "※ 비고",
        "－가",
    ] {
        all.push(signed_mou(
            &parties,
            "2021-04-16",
            json!({"title": {"ko": title}}),
        ));
    }
    all.push(mou(
        &parties[..1],
        json!({"title": {"en": "Only English, \"draft\""}}),
    ));
    all.push(signed_mou(&[&city, &company, &other, &foreign], "2021", json!({
        "title": {"ko": "긴 글", "en": "Longer"}, "reference_number": "제2021-1호",
        "purpose": {"ko": "첫째 줄\n- 둘째 줄\n\n=셋째 줄"}, "note": {"ko": "총계: 없음\n문서번호: 7"},
        "topics": [{"ko": "바이오, 의료"}, {"ko": "경제"}], "lead_department": "-",
        "cost": {"amount": 849300000000_i64, "currency": "KRW", "approximate": true, "as_stated": "약 8,493억 원"},
        "other_parties": {"count": 25, "as_stated": "외 25개사"}, "visibility": "internal",
        "effective_until": {"edtf": "../2024", "as_stated": "2024년까지"}})));
    all.push(signed_mou(
        &[&city, &foreign],
        "2021-03/2021-05",
        json!({
        "title": {"ko": "기간"}, "cost": {"as_stated": "비예산"}, "financial_obligation": false,
        "effective_until": {"edtf": null, "as_stated": "별도 해지 시까지"}}),
    ));
    let two_years = json!({"as_stated": "체결일로부터 2년",
        "relative_to": {"anchor": "signing", "years": 2}});
    all.push(signed_mou(
        &[&city, &foreign],
        "2021-04-16",
        json!({"title": {"ko": "상대"}, "effective_until": two_years}),
    ));
    let over = json!([{"to": "signed", "on": {"edtf": "2019"}}, {"to": "terminated",
        "on": {"edtf": "2020"}, "reason": {"ko": "해지"}}]);
    all.push(mou(
        &parties,
        json!({"title": {"ko": "끝난 협약"}, "status": "terminated", "transitions": over}),
    ));
    for new in all {
        api.create("/agreements", &new).await;
    }
    city
}

async fn nasty_values_come_back(api: Api) {
    let city = nasty(&api).await;
    let voided = api.find("/agreements?q=%EA%B8%B0%EA%B0%84").await;
    let step = json!({"to": "voided", "reason": {"ko": "잘못 등록"}});
    api.act(&format!("/agreements/{voided}/transitions"), &step)
        .await;
    let ledger = format!("/municipalities/{city}/ledger");
    all_forms(&api, (&city, "agreements"), &["/agreements", &ledger]).await;
    let fields = format!("{ledger}?fields=title,signed_on,note,purpose,id");
    all_forms(&api, (&city, "agreements"), &[&fields]).await;
}

/// Returns an exported CSV as text.
async fn csv(api: &Api, path: &str) -> String {
    let response = api.open(path, &[]).await;
    String::from_utf8(test::read_body(response).await.to_vec()).unwrap()
}

async fn a_changed_cell_is_a_change(api: Api) {
    let city = api.municipality().await;
    let company = api.organization("을전자㈜").await;
    let content = json!({"title": {"ko": "청년 협약", "en": "Youth"}, "reference_number": "7",
        "effective_until": {"edtf": "2024-04-15"}, "lead_department": "경제과"});
    let new = with(
        signed_mou(&[&city, &company], "2021-04-16", json!({})),
        content,
    );
    let made = api.create("/agreements", &new).await;
    let text = csv(&api, "/agreements.csv").await;
    // What a spreadsheet writes in another form is no change.
    let saved = text.replace("2021-04-16", "2021. 4. 16.");
    let same = upload(&api, &city, "text/csv", saved.as_bytes())
        .await
        .expect(201);
    assert_eq!(same.body["counts"]["same"], 1, "{}", same.text);
    let changed = saved.replace("청년 협약", "청년 창업 협약");
    let import = upload(&api, &city, "text/csv", changed.as_bytes())
        .await
        .expect(201);
    let row = &import.body["rows"][0];
    assert_eq!(
        row["changes"],
        json!({"title": {"ko": "청년 창업 협약", "en": "Youth"}}),
        "{row}"
    );
    assert_eq!(
        (&row["valid"], &row["record_version"]),
        (&json!(true), &json!(1))
    );
    let path = format!("/imports/{}", import.id());
    api.act(&format!("{path}/apply"), &json!({})).await;
    let agreement = format!("/agreements/{}", made.id());
    let corrected = api.read(&agreement).await;
    assert_eq!(
        corrected.body["title"],
        json!({"ko": "청년 창업 협약", "en": "Youth"})
    );
    assert_eq!(corrected.body["lead_department"], "경제과");
    // Whether a row of another status, and of another party, corrects the rest is asked.
    let ended = saved
        .replace(",체결,", ",완료,")
        .replace("청년 협약", "청년 창업 지원 협약")
        .replace("을전자㈜", "병전자㈜");
    let import = upload(&api, &city, "text/csv", ended.as_bytes())
        .await
        .expect(201);
    let row = &import.body["rows"][0];
    assert_eq!(
        super::codes(&row["questions"]),
        ["status_differs", "parties_differ"],
        "{row}"
    );
    assert_eq!(row["valid"], Value::Bool(false));
    let path = format!("/imports/{}", import.id());
    let answered = async |party: &str| {
        let answers = json!({"answers": {"2:status_differs": "keep", "2:parties_differ": party}});
        let tag = api.read(&path).await.etag().to_owned();
        api.update(&path, &tag, &answers).await
    };
    let held = answered("hold").await;
    let row = &held.body["rows"][0];
    assert_eq!(super::codes(&row["problems"]), ["parties_differ"], "{row}");
    let kept = answered("keep").await;
    let row = &kept.body["rows"][0];
    assert_eq!(row["valid"], Value::Bool(true), "{row}");
    let title = json!({"ko": "청년 창업 지원 협약", "en": "Youth"});
    assert_eq!(row["changes"], json!({ "title": title }));
    api.act(&format!("{path}/apply"), &json!({})).await;
    let corrected = api.read(&agreement).await.body;
    assert_eq!(corrected["title"], title);
    assert_eq!(corrected["status"], "signed");
    assert_eq!(corrected["parties"].as_array().unwrap().len(), 2);
}

async fn rows_without_their_ids_come_back(api: Api) {
    let city = api.municipality().await;
    let company = api.organization("을전자㈜").await;
    for (title, on) in [
        ("가 협약", "2021-04-16"),
        ("나 협약", "2022-33"),
        ("다 협약", "2020"),
    ] {
        let content = json!({"title": {"ko": title}, "kind": "moa", "visibility": "internal"});
        let new = with(signed_mou(&[&city, &company], on, json!({})), content);
        api.create("/agreements", &new).await;
    }
    let text = csv(&api, "/agreements.csv").await;
    let without = text
        .lines()
        .filter_map(|line| Some(format!("{}\n", line.rsplit_once(',')?.0)));
    let without: String = without.collect();
    let import = upload(&api, &city, "text/csv", without.as_bytes()).await;
    assert_same(&import.expect(201), 3, "without ids");
    // In an empty registry, the rows are new and say the same.
    let elsewhere = text.lines().map(|line| match line.rsplit_once(',') {
        Some((start, id)) if id.len() > 30 => format!("{start},\n"),
        _ => format!("{line}\n"),
    });
    let elsewhere: String = elsewhere.collect::<String>().replace("협약,", "약속,");
    let import = upload(&api, &city, "text/csv", elsewhere.as_bytes())
        .await
        .expect(201);
    assert_eq!(import.body["counts"]["new"], 3, "{}", import.text);
    let body = &import.body["rows"][0]["body"];
    assert_eq!(
        (&body["kind"], &body["visibility"]),
        (&json!("moa"), &json!("internal"))
    );
    let note = body["note"].to_string();
    assert!(!note.contains("이행 상태"), "{note}");
}

/// What a ledger states of costs, parties and topics is the same in a registry that has none of it.
async fn a_ledger_comes_in_elsewhere_as_it_was(api: Api) {
    let city = api.municipality().await;
    let nasty = api.organization("A, Inc.; \"B\"").await;
    let other = api.organization("가나, 다라 재단").await;
    let members = ["cost", "other_parties", "topics", "financial_obligation"];
    let costs = [
        json!({"min_amount": 5_000, "max_amount": 7_000, "currency": "USD", "approximate": true,
            "as_stated": "5천~7천 달러"}),
        json!({"amount": 849_300_000_000_i64, "currency": "KRW"}),
        json!({"as_stated": "별도 협의"}),
    ];
    let mut recorded = Vec::new();
    for (at, cost) in costs.into_iter().enumerate() {
        let content = json!({"title": {"ko": format!("제{at} 협약")}, "cost": cost,
            "financial_obligation": true, "other_parties": {"count": 25, "as_stated": "외 25개사"},
            "topics": [{"ko": "바이오, 의료"}, {"ko": "경제; \"통상\""}]});
        let new = signed_mou(&[&city, &nasty, &other], "2021-04-16", content);
        recorded.push(api.create("/agreements", &new).await);
    }
    let fields = "title,parties,other_parties,signed_on,cost,financial_obligation";
    for (path, fields) in [
        (
            format!("/municipalities/{city}/ledger.csv?fields={fields}"),
            &members[..2],
        ),
        ("/agreements.csv?sort=signed_on".into(), &members[1..3]),
    ] {
        let text = csv(&api, &path).await;
        let elsewhere = text.lines().map(|line| match line.rsplit_once(',') {
            Some((start, id)) if id.len() > 30 => format!("{start},\n"),
            _ => format!("{line}\n"),
        });
        let elsewhere: String = elsewhere.collect::<String>().replace(" 협약,", " 약속,");
        let import = upload(&api, &city, "text/csv", elsewhere.as_bytes()).await;
        let import = import.expect(201);
        assert_eq!(import.body["counts"]["new"], 3, "{}", import.text);
        for (row, was) in import.body["rows"]
            .as_array()
            .unwrap()
            .iter()
            .zip(&recorded)
        {
            assert_eq!(row["questions"], json!([]), "{row}");
            let parties = row["body"]["parties"].as_array().unwrap().iter();
            let parties: Vec<&Value> = parties.map(|party| &party["organization_id"]).collect();
            assert_eq!(
                parties,
                [&json!(city), &json!(nasty), &json!(other)],
                "{row}"
            );
            for member in fields {
                let stated = row["body"][*member].clone();
                let mut was = was.body[*member].clone();
                without_nulls(&mut was);
                let mut stated = stated;
                without_nulls(&mut stated);
                assert_eq!(stated, was, "{member}: {row}");
            }
        }
    }
}

/// Removes what is null or false, which a body may leave out.
fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, value| !value.is_null() && *value != false);
            members.values_mut().for_each(without_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(without_nulls),
        _ => {}
    }
}

async fn an_emptied_cell_is_asked_for(api: Api) {
    let city = api.municipality().await;
    let company = api.organization("주식회사 가").await;
    let more = json!({"lead_department": "기획과", "purpose": {"ko": "협력"}});
    let agreement = api
        .create("/agreements", &mou(&[&city, &company], more))
        .await;
    let path = format!("/agreements/{}", agreement.id());
    let response = api
        .open("/agreements.csv", &[("accept-language", "ko")])
        .await;
    let text = test::read_body(response).await.to_vec();
    let text = String::from_utf8(text).unwrap();
    let emptied = text.replace("기획과", "");
    assert_ne!(emptied, text);
    let made = upload(&api, &city, "text/csv", emptied.as_bytes()).await;
    let made = made.expect(201);
    let row = &made.body["rows"][0];
    assert_eq!(row["valid"], false, "{row}");
    assert_eq!(row["questions"][0]["code"], "emptied");
    let (import, id) = (
        format!("/imports/{}", made.id()),
        &row["questions"][0]["id"],
    );
    let answer = |value: &str| json!({"answers": {id.as_str().unwrap(): value}});
    let kept = api.update(&import, made.etag(), &answer("keep")).await;
    assert_eq!(kept.body["counts"]["same"], 1, "{}", kept.text);
    let cleared = api.update(&import, kept.etag(), &answer("clear")).await;
    let row = &cleared.body["rows"][0];
    assert_eq!(row["changes"], json!({"lead_department": null}), "{row}");
    api.act(&format!("{import}/apply"), &json!({})).await;
    assert_eq!(api.read(&path).await.body["lead_department"], Value::Null);
    api.act(&format!("{import}/undo"), &json!({})).await;
    assert_eq!(api.read(&path).await.body["lead_department"], "기획과");
}
