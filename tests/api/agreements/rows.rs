//! The outcome shown by a row of the list of agreements.

use serde_json::{Value, json};

use crate::support::Api;
use crate::support::case::Case;

on_both!(new:
    a_row_shows_what_the_agreement_shows,
    a_row_shows_what_was_recorded_by_an_instant,
    commitments_name_who_owes_them,
    agreements_are_found_by_parties_departments_and_topics,
    projects_stand_in_one_order,
    texts_are_kept_without_what_is_not_seen_around_them);

async fn row(api: &Api, id: &str, query: &str) -> Value {
    let mut listed = api.read(&format!("/agreements?limit=200{query}")).await;
    let items = listed.body["items"].take();
    let mut rows = items.as_array().unwrap().iter();
    rows.find(|row| row["id"] == json!(id)).cloned().unwrap()
}

/// The row's fulfilment and freshness, which equal the agreement's.
async fn told(case: &Case) -> (Value, Value) {
    let (row, whole) = (row(&case.api, &case.id, "").await, case.read("").await);
    for member in ["fulfilment", "freshness"] {
        assert_eq!(row[member], whole[member], "{member}");
    }
    let [fulfilment, freshness] = ["fulfilment", "freshness"].map(|m| row[m].clone());
    (fulfilment, freshness)
}

async fn state(case: &Case) -> [Value; 4] {
    let (fulfilment, freshness) = told(case).await;
    let [status, unknown] = [&fulfilment["status"], &fulfilment["counts"]["unknown"]];
    [status, unknown, &freshness["state"], &freshness["by"]].map(Value::clone)
}

async fn a_row_shows_what_the_agreement_shows(api: Api) {
    let case = Case::new(api).await;
    let is = |a: &str, n: u64, b: &str, c: &str| [json!(a), json!(n), json!(b), json!(c)];
    assert_eq!(state(&case).await, is("unknown", 2, "stale", "signing"));
    // A partner's report does not count until it is confirmed.
    let body = json!({"on": {"edtf": "2025-06-30"}, "status": "fulfilled"});
    let made = case.partner.create(&case.path(0), &body).await;
    assert_eq!(state(&case).await, is("unknown", 2, "stale", "signing"));
    let path = format!("{}/{}", case.path(0), made.id());
    let confirm = format!("{path}/confirm");
    case.api.act(&confirm, &json!({})).await;
    assert_eq!(state(&case).await, is("in_progress", 1, "ageing", "report"));
    case.report(1, "2026-11-20", "unfulfilled").await;
    let kept = is("partly_fulfilled", 0, "current", "report");
    assert_eq!(state(&case).await, kept);
    // The policy in force on the day decides what is fresh.
    let city = format!("/municipalities/{}", case.city);
    let strict = json!({"policies": [{"ageing_after_months": 1, "stale_after_months": 2, "self_approval": true}]});
    case.api.update(&city, "*", &strict).await;
    assert_eq!(state(&case).await, kept);
    let later = case.api.at("2026-12-25T03:00:00Z").await;
    let then = row(&later, &case.id, "&freshness=ageing").await;
    assert_eq!(then["freshness"]["state"], "ageing");
    let why = json!({"reason": {"ko": "오기"}});
    let retraction = format!("{path}/retraction");
    case.api.act(&retraction, &why).await;
    assert_eq!(
        state(&case).await,
        is("in_progress", 1, "current", "report")
    );
    let review = json!({"on": {"edtf": "2026-11-22"}, "rating": "good"});
    let reviews = format!("/agreements/{}/reviews", case.id);
    case.api.create(&reviews, &review).await;
    assert_eq!(
        state(&case).await,
        is("in_progress", 1, "current", "review")
    );
    let more = json!({"text": {"ko": "해외시장 조사"}});
    let parts = format!("/agreements/{}/commitments?correction_reason=x", case.id);
    case.api.create(&parts, &more).await;
    assert_eq!(
        state(&case).await,
        is("in_progress", 2, "current", "review")
    );
    let open: Vec<String> = crate::support::case::ids(&case.read("").await);
    let decided: Vec<Value> = [&open[0], &open[2]]
        .map(|id| json!({"commitment_id": id, "becomes": "dropped"}))
        .to_vec();
    let end = json!({"to": "completed", "reason": {"ko": "만료"}, "commitments": decided});
    case.step(end).await.expect(200);
    let (fulfilment, freshness) = told(&case).await;
    assert_eq!(fulfilment["status"], "unfulfilled");
    assert_eq!(fulfilment["counts"]["dropped"], 2);
    assert_eq!(freshness, Value::Null);
}

async fn a_row_shows_what_was_recorded_by_an_instant(api: Api) {
    let case = Case::new(api).await;
    let later = case.api.at("2026-12-05T03:00:00Z").await;
    let body = json!({"on": {"edtf": "2026-11-30"}, "status": "fulfilled"});
    later.create(&case.path(0), &body).await;
    for (instant, fulfilled, by) in [("2026-12-01", 0, "signing"), ("2026-12-06", 1, "report")] {
        let query = format!("recorded_as_of={instant}T00:00:00Z");
        let row = row(&later, &case.id, &format!("&{query}")).await;
        let whole = later
            .read(&format!("/agreements/{}?{query}", case.id))
            .await;
        let whole = whole.body;
        assert_eq!(row["fulfilment"], whole["fulfilment"], "{instant}");
        assert_eq!(row["freshness"], whole["freshness"], "{instant}");
        assert_eq!(row["fulfilment"]["counts"]["fulfilled"], fulfilled);
        assert_eq!(row["freshness"]["by"], by);
    }
}

async fn agreements_are_found_by_parties_departments_and_topics(api: Api) {
    let city = api.municipality().await;
    let hospital = json!({"kind": "hospital", "name": {"ko": "명지 병원", "en": "Myongji Hospital"},
        "activities": [{"text": {"ko": "심장 수술"}}]});
    let hospital = api.create("/organizations", &hospital).await;
    let body = |title: &str, department: &str, topic: &str, party: &str| {
        json!({"municipality_id": city, "kind": "mou", "title": {"ko": title},
            "lead_department": department, "topics": [{"ko": topic, "en": "Health"}],
            "parties": [{"organization_id": city}, {"organization_id": party}]})
    };
    let other = api.organization("협회").await;
    let with = body("갑", "전략산업과", "공공 의료", hospital.id());
    let with = api.create("/agreements", &with).await;
    let without = body("을", "보건소", "관광_100%", &other);
    let without = api.create("/agreements", &without).await;
    let found = |filter: String| {
        let api = api.clone();
        async move {
            let listed = api.read(&format!("/agreements?sort=title&{filter}")).await;
            let ids = listed
                .items()
                .iter()
                .map(|row| row["id"].as_str().unwrap().to_owned());
            ids.collect::<Vec<_>>()
        }
    };
    let both = [with.id(), without.id()];
    for (name, text, expected) in [
        ("q", "명지병원", &both[..1]),
        ("q", "명지 병", &both[..1]),
        ("q", "ㅁㅈㅂㅇ", &both[..1]),
        ("q", "myongji", &both[..1]),
        ("q", "협회", &both[1..]),
        ("q", "공공의료", &both[..1]),
        // The names of a party are looked up, not what else is known of it.
        ("q", "심장", &[]),
        ("q", "%", &[]),
        ("department", "전략산업과", &both[..1]),
        ("department", "전략산업", &[]),
        ("topic", "공공의료", &both[..1]),
        ("topic", "공공", &[]),
        ("topic", "관광 100", &both[1..]),
        ("topic", "health", &both),
        ("topic", "%", &[]),
    ] {
        let text: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        assert_eq!(
            found(format!("{name}={text}")).await,
            expected,
            "{name}={text}"
        );
    }
    // A change is found by what it changed.
    let at = format!("/agreements/{}", without.id());
    let change = json!({"lead_department": "총무과", "topics": []});
    api.update(&at, "*", &change).await;
    assert_eq!(
        found("department=%EC%B4%9D%EB%AC%B4%EA%B3%BC".into()).await,
        [without.id()]
    );
    assert_eq!(found("topic=health".into()).await, [with.id()]);
}

async fn commitments_name_who_owes_them(api: Api) {
    let city = api.municipality().await;
    let other = api.organization("협회").await;
    let body = json!({"municipality_id": city, "kind": "mou", "title": {"ko": "협약"},
        "parties": [{"organization_id": city}, {"organization_id": other}],
        "commitments": [{"text": {"ko": "교육"}, "owed_by": [other], "owed_to": []}]});
    let made = api.create("/agreements", &body).await;
    let path = format!("/agreements/{}", made.id());
    let whole = api.read(&path).await.body["commitments"][0].take();
    let listed = api.read(&format!("{path}/commitments")).await.items()[0].clone();
    for commitment in [&made.body["commitments"][0], &whole, &listed] {
        assert_eq!(commitment["owed_by"], json!([other]));
        let named = &commitment["owed_by_organizations"];
        assert_eq!(named[0]["id"], json!(other));
        assert_eq!(named[0]["name"]["ko"], "협회");
        assert_eq!(commitment["owed_to_organizations"], json!([]));
    }
}

async fn projects_stand_in_one_order(api: Api) {
    let city = api.municipality().await;
    let mut projects = Vec::new();
    for title in ["첫 사업", "둘째 사업"] {
        let body = json!({"municipality_id": city, "kind": "facility", "title": {"ko": title}});
        projects.push(api.create("/projects", &body).await.id().to_owned());
    }
    projects.reverse();
    let more = json!({"project_ids": projects});
    let made = crate::support::records::record(&api, &city, more).await;
    let ids = |projects: &Value| -> Vec<Value> {
        let all = projects.as_array().unwrap().iter();
        all.map(|project| project["id"].clone()).collect()
    };
    let whole = api.read(&format!("/agreements/{}", made.id())).await.body;
    assert_eq!(whole["project_ids"], json!(projects));
    assert_eq!(json!(ids(&whole["projects"])), json!(projects));
    let row = row(&api, made.id(), "").await;
    assert_eq!(json!(ids(&row["projects"])), json!(projects));
}

async fn texts_are_kept_without_what_is_not_seen_around_them(api: Api) {
    let city = api.municipality().await;
    let mut made = Vec::new();
    for number in [" 2024-7 ", "2024-7\u{200b}", "２０２４-7"] {
        let more = json!({"reference_number": number, "lead_department": "경제과",
            "title": {"ko": " \u{feff}제목 "}, "purpose": {"ko": " 첫 줄\n  둘째 줄 \n"}});
        let new = crate::support::records::record(&api, &city, more).await;
        assert_eq!(new.body["title"]["ko"], "제목");
        assert_eq!(new.body["purpose"]["ko"], "첫 줄\n  둘째 줄");
        made.push(new.id().to_owned());
    }
    for number in ["2024-7", "%202024-7%E2%80%8B", "%EF%BC%92024-7"] {
        let found = api
            .read(&format!("/agreements?reference_number={number}"))
            .await;
        let mut found: Vec<&str> = found
            .items()
            .iter()
            .map(|a| a["id"].as_str().unwrap())
            .collect();
        found.sort_unstable();
        assert_eq!(found, made, "{number}");
    }
    // The import of a ledger knows the agreement by its number.
    let more = json!({"reference_number": "2024-8", "title": {"ko": "다른 협약"}});
    let other = crate::support::records::record(&api, &city, more).await;
    let ledger = "관리번호,협약명,협약기관,체결일\n２０２４-8,새 이름의 협약,을전자,2021.1.1\n";
    let imported = crate::imports::kinds::upload(&api, &city, "agreements", ledger).await;
    assert_eq!(
        imported.body["rows"][0]["record_id"],
        other.id(),
        "{}",
        imported.text
    );
    let organization = json!({"kind": "company", "name": {"ko": " 앞공백 회사 "}});
    let organization = api.create("/organizations", &organization).await;
    assert_eq!(organization.body["name"]["ko"], "앞공백 회사");
    let signed = json!({"status": "signed", "signed_on": {"edtf": "2024-03-01"}, "lead_department": "경제과"});
    crate::support::records::record(&api, &city, signed).await;
    for department in [
        "%EA%B2%BD%EC%A0%9C%EA%B3%BC",
        "%20%EA%B2%BD%EC%A0%9C%EA%B3%BC",
    ] {
        let path = format!(
            "/statistics/agreements/records?group_by=department&figure=agreements&group={department}"
        );
        assert!(!api.read(&path).await.items().is_empty(), "{department}");
        let path = format!("/reconciliation?municipality_id={city}&department={department}");
        assert!(!api.read(&path).await.items().is_empty(), "{department}");
    }
}
