//! Reports on commitments, and their effects.

use serde_json::{Value, json};

use crate::support::Api;
use crate::support::case::Case;
use crate::support::log::wrong;

on_both!(new:
    the_citys_report_counts_at_once, a_partners_report_counts_once_it_is_confirmed,
    a_mistake_is_retracted_and_stays, nothing_of_before_the_day_and_the_instant,
    what_cannot_be_reported, a_report_is_found_and_told);

async fn the_citys_report_counts_at_once(api: Api) {
    let case = Case::new(api).await;
    let before = case.read("").await;
    assert_eq!(before["fulfilment"]["status"], "unknown");
    let open = &before["commitments"][0];
    assert_eq!(
        (&open["status"], &open["overdue"], &open["report_count"]),
        (&json!("unknown"), &json!(true), &json!(0))
    );
    // The other commitment has no due date.
    assert_eq!(before["commitments"][1]["overdue"], Value::Null);
    let body = json!({"on": {"edtf": "2023-06"}, "status": "in_progress", "percent": 40, "note": {"ko": "수료 40명"},
        "evidence": [{"title": {"ko": "결과 보고"}, "url": "https://example.com/r.pdf"}]});
    let made = case.api.create(&case.path(0), &body).await;
    assert_eq!(made.body["standing"], "counted");
    assert_eq!(made.body["by_partner"], false);
    assert_eq!(
        made.body["reported_by"],
        json!({"name": "tests", "organization": null})
    );
    assert_eq!(made.body["gaps"], json!([]));
    let location = &made.headers["location"];
    let read = case.api.read(location).await;
    assert_eq!(read.body, made.body);
    let after = case.read("").await;
    let told = &after["commitments"][0];
    assert_eq!(
        (
            &told["status"],
            &told["percent"],
            &told["reported_on"]["edtf"]
        ),
        (&json!("in_progress"), &json!(40), &json!("2023-06"))
    );
    assert_eq!(
        (&told["overdue"], &told["report_count"]),
        (&json!(true), &json!(1))
    );
    assert_eq!(after["fulfilment"]["status"], "in_progress");
    let counts = &after["fulfilment"]["counts"];
    assert_eq!(
        (&counts["in_progress"], &counts["unknown"]),
        (&json!(1), &json!(1))
    );
    // The agreement's version is unchanged, its representation is not.
    assert_eq!(after["version"], before["version"]);
    case.report(0, "2024-02-01", "fulfilled").await;
    case.report(1, "2024-02-01", "dropped").await;
    let after = case.read("").await;
    assert_eq!(after["fulfilment"]["status"], "fulfilled");
    assert_eq!(after["commitments"][0]["overdue"], false);
    let path = format!("/agreements/{}/commitments", case.id);
    let listed = case.api.read(&path).await;
    assert_eq!(listed.body["items"], after["commitments"]);
    let all = case
        .api
        .get(&format!("{}?with_total=true&limit=1", case.path(0)))
        .await;
    assert_eq!(
        (&all.body["total"], &all.body["items"][0]),
        (&json!(2), &made.body)
    );
    assert_eq!(wrong(&case.api), None);
}

async fn a_partners_report_counts_once_it_is_confirmed(api: Api) {
    let case = Case::new(api).await;
    let body = json!({"on": {"edtf": "2024-01-15"}, "status": "fulfilled", "percent": 100});
    let made = case.partner.create(&case.path(0), &body).await;
    assert_eq!(made.body["standing"], "awaiting_confirmation");
    assert_eq!(made.body["by_partner"], true);
    assert_eq!(
        made.body["reported_by"]["organization"]["id"],
        json!(case.association)
    );
    assert_eq!(made.body["gaps"][0]["pointer"], "/evidence");
    let told = &case.read("").await["commitments"][0];
    assert_eq!(
        (
            &told["status"],
            &told["pending_reports"],
            &told["report_count"]
        ),
        (&json!("unknown"), &json!(1), &json!(0))
    );
    let path = format!("{}/{}", case.path(0), made.id());
    for act in ["confirm", "decline"] {
        let body = json!({"reason": {"ko": "아님"}});
        let body = if act == "confirm" { json!({}) } else { body };
        case.partner
            .post(&format!("{path}/{act}"), &body)
            .await
            .expect(403);
    }
    let note = json!({"note": {"ko": "수료증 확인", "en": null}});
    let confirmed = case.api.act(&format!("{path}/confirm"), &note).await;
    assert_eq!(confirmed.body["standing"], "counted");
    assert_eq!(confirmed.body["version"], 2);
    assert_eq!(
        (
            &confirmed.body["confirmation"]["by"],
            &confirmed.body["confirmation"]["note"]
        ),
        (&json!("tests"), &note["note"])
    );
    assert_eq!(case.status(0, "").await, "fulfilled");
    for act in ["confirm", "decline"] {
        let body = json!({"reason": {"ko": "아님"}});
        let body = if act == "confirm" { json!({}) } else { body };
        case.api
            .post(&format!("{path}/{act}"), &body)
            .await
            .expect(409);
    }
    // A partner cannot retract a report that the city has confirmed.
    let why = json!({"reason": {"ko": "오기", "en": null}});
    case.partner
        .post(&format!("{path}/retraction"), &why)
        .await
        .expect(403);
    // A second report is declined, and both stay visible.
    let body = json!({"on": {"edtf": "2024-03-01"}, "status": "unfulfilled"});
    let other = case.partner.create(&case.path(0), &body).await;
    let path = format!("{}/{}", case.path(0), other.id());
    let declined = case.api.act(&format!("{path}/decline"), &why).await;
    assert_eq!(declined.body["standing"], "declined");
    assert_eq!(declined.body["refusal"]["reason"], why["reason"]);
    assert_eq!(case.status(0, "").await, "fulfilled");
    let all = case.api.with(None).read(&case.path(0)).await;
    assert_eq!(all.items().len(), 2);
    assert_eq!(wrong(&case.api), None);
}

async fn a_mistake_is_retracted_and_stays(api: Api) {
    let case = Case::new(api).await;
    case.report(0, "2023-01-01", "in_progress").await;
    let mistake = case.report(0, "2023-05-01", "fulfilled").await;
    let path = format!("{}/{}/retraction", case.path(0), mistake.id());
    case.api.post(&path, &json!({})).await.expect(422);
    let why = json!({"reason": {"ko": "다른 협약의 실적"}});
    let gone = case.api.act(&path, &why).await;
    assert_eq!(gone.body["standing"], "retracted");
    assert_eq!(gone.body["retraction"]["retracted_on"], "2026-11-23");
    case.api.post(&path, &why).await.expect(409);
    assert_eq!(case.status(0, "").await, "in_progress");
    let all = case.api.read(&case.path(0)).await;
    assert_eq!(all.items().len(), 2);
    // A partner can retract its own report until it is confirmed.
    let body = json!({"on": {"edtf": "2024"}, "status": "fulfilled"});
    let own = case.partner.create(&case.path(0), &body).await;
    let path = format!("{}/{}", case.path(0), own.id());
    case.partner.act(&format!("{path}/retraction"), &why).await;
    case.api
        .post(&format!("{path}/confirm"), &json!({}))
        .await
        .expect(409);
}

async fn nothing_of_before_the_day_and_the_instant(api: Api) {
    let case = Case::new(api).await;
    let later = case.api.at("2026-12-05T03:00:00Z").await;
    case.report(0, "2022-06-30", "in_progress").await;
    let body = json!({"on": {"edtf": "2023"}, "status": "fulfilled"});
    later.create(&case.path(0), &body).await;
    for (query, status) in [
        ("?as_of=2022-06-29", "unknown"),
        ("?as_of=2022-06-30", "in_progress"),
        ("?as_of=2023-12-30", "in_progress"),
        ("?as_of=2023-12-31", "fulfilled"),
        ("?recorded_as_of=2026-11-22T00:00:00Z", ""),
        ("?recorded_as_of=2026-12-01T00:00:00Z", "in_progress"),
        (
            "?recorded_as_of=2026-12-01T00:00:00Z&as_of=2022-06-01",
            "unknown",
        ),
        ("?recorded_as_of=2026-12-06T00:00:00Z", "fulfilled"),
    ] {
        let path = format!("/agreements/{}{query}", case.id);
        let read = later.get(&path).await;
        if status.is_empty() {
            read.expect(404);
            continue;
        }
        let body = read.expect(200).body;
        assert_eq!(body["commitments"][0]["status"], status, "{query}");
        let commitments = format!("/agreements/{}/commitments", case.id);
        let commitment = &body["commitments"][0];
        let listed = later.read(&format!("{commitments}{query}")).await;
        assert_eq!(listed.body["items"][0], *commitment, "{query}");
        let one = format!("{commitments}/{}{query}", case.commitments[0]);
        assert_eq!(later.read(&one).await.body, *commitment, "{query}");
        let list = format!("{}{query}", case.path(0));
        let listed = later.read(&list).await.body;
        let count = &body["commitments"][0]["report_count"];
        assert_eq!(
            json!(listed["items"].as_array().unwrap().len()),
            *count,
            "{query}"
        );
    }
    later
        .get(&format!("{}?as_of=2021-04-15", case.path(0)))
        .await
        .expect(404);
}

async fn what_cannot_be_reported(api: Api) {
    let case = Case::new(api).await;
    let path = case.path(0);
    for (body, code, places) in [
        (json!({}), 422, vec!["/on", "/status"]),
        (
            json!({"on": {"edtf": "2027"}, "status": "in_progress"}),
            422,
            vec!["/on"],
        ),
        (
            json!({"on": {"edtf": "2021-03"}, "status": "in_progress"}),
            422,
            vec!["/on"],
        ),
        (
            json!({"on": {"edtf": "2024/.."}, "status": "in_progress"}),
            422,
            vec!["/on"],
        ),
        (
            json!({"on": {"edtf": "2024"}, "status": "carried_over"}),
            422,
            vec!["/status"],
        ),
        (
            json!({"on": {"edtf": "2024"}, "status": "unknown"}),
            422,
            vec!["/status"],
        ),
        (
            json!({"on": {"edtf": "2024"}, "status": "fulfilled", "percent": 99}),
            422,
            vec!["/percent"],
        ),
        (
            json!({"on": {"edtf": "2024"}, "status": "not_started", "percent": 1}),
            422,
            vec!["/percent"],
        ),
        (
            json!({"on": {"edtf": "2024"}, "status": "in_progress", "percent": 101}),
            422,
            vec!["/percent"],
        ),
        (
            json!({"on": {"edtf": "2024"}, "status": "in_progress", "percent": -1, "note": {}, "standing": "counted",
            "evidence": [{"title": {"ko": "a"}, "url": "javascript:alert(1)"}]}),
            422,
            vec!["/evidence/0/url", "/note", "/percent", "/standing"],
        ),
        // The rules on the date are checked although the schema refuses other members.
        (
            json!({"on": {"edtf": "2021-03"}, "status": "done"}),
            422,
            vec!["/on", "/status"],
        ),
        (
            json!({"on": {"edtf": "2027"}, "status": "fulfilled", "percent": "all"}),
            422,
            vec!["/on", "/percent"],
        ),
    ] {
        let refused = case.api.post(&path, &body).await.expect(code);
        assert_eq!(refused.places(), places, "{body}");
    }
    for (status, percent) in [
        ("fulfilled", json!(100)),
        ("fulfilled", Value::Null),
        ("not_started", json!(0.0)),
    ] {
        let body = json!({"on": {"edtf": "2024"}, "status": status, "percent": percent});
        case.api.create(&path, &body).await;
    }
    let missing = "0178d7fa-2c00-7000-8000-00000000ffff";
    let of_none = format!("/agreements/{}/commitments/{missing}/reports", case.id);
    let body = json!({"on": {"edtf": "2024"}, "status": "in_progress"});
    case.api.post(&of_none, &body).await.expect(404);
    case.api.get(&of_none).await.expect(404);
    // A report is found only under its own commitment.
    let made = case.api.create(&path, &body).await;
    case.api
        .get(&format!("{}/{}", case.path(1), made.id()))
        .await
        .expect(404);
    let void = json!({"to": "voided", "reason": {"ko": "오기"}});
    case.step(void).await.expect(200);
    case.api.post(&path, &body).await.expect(409);
}

async fn a_report_is_found_and_told(api: Api) {
    let case = Case::new(api).await;
    let body =
        json!({"on": {"edtf": "2024"}, "status": "in_progress", "note": {"ko": "수료생 마흔 명"}});
    let made = case.api.create(&case.path(0), &body).await;
    let found = case.api.read("/search?q=%EB%A7%88%ED%9D%94").await;
    assert_eq!(found.body["items"][0]["id"], json!(case.id));
    let told = case.api.read("/changes?types=commitment_report").await;
    let change = &told.body["items"][0];
    assert_eq!(
        (&change["record_id"], &change["operation"]),
        (&json!(made.id()), &json!("create_commitment_report"))
    );
    let history = case
        .api
        .read(&format!("/agreements/{}/history", case.id))
        .await;
    let history = history.body["items"].clone();
    let types = history
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["record_type"].clone());
    assert_eq!(
        types.collect::<Vec<_>>(),
        ["agreement", "commitment_report"]
    );
}
