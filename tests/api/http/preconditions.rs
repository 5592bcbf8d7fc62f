//! Conditions of POSTs and of reads (RFC 9110 13).

use serde_json::json;

use super::every_operation::needed;
use crate::support::city::City;
use crate::support::records::mou;
use crate::support::spec::operations;
use crate::support::{Answer, Api};

on_both!(new:
    every_post_looks_at_its_conditions, a_post_is_held_to_the_state_of_its_record,
    what_nobody_may_do_is_refused_for_that, a_read_is_held_to_its_tag);

const JSON: (&str, &str) = ("content-type", "application/json");

/// The number of the last entry of the log.
async fn logged(api: &Api) -> i64 {
    let head = api.read("/changes/checkpoint").await;
    head.body["size"].as_i64().unwrap()
}

async fn every_post_looks_at_its_conditions(api: Api) {
    let mut city = City::new(&api, "4128000000").await.with_report().await;
    let webhook = city.body("create_webhook", "");
    let webhook = api.create("/webhooks", &webhook).await.id().to_owned();
    let test = format!("/webhooks/{webhook}/test");
    let delivery = api.act(&test, &json!({})).await.id().to_owned();
    let holder = city.viewer.read("/me").await.body["token_id"].clone();
    city.paths.extend([
        ("webhooks", webhook),
        ("{delivery_id}", delivery),
        ("sign-ins", holder.as_str().unwrap().to_owned()),
    ]);
    let admin = api.find("/tokens?role=admin").await;
    let other = api.organization("다른 기업").await;
    let before = logged(&api).await;
    let (mut asked, mut unmet) = (0, Vec::new());
    for (template, _, operation) in operations().filter(|(_, method, _)| *method == "post") {
        let id = operation["operationId"].as_str().unwrap();
        let path = city.fill(template.trim_start_matches("/api/v1"), &admin);
        let query = match id {
            "create_import" | "create_announcement_feed" | "read_paper" => {
                format!("?municipality_id={}", city.id)
            }
            id => needed(id).to_owned(),
        };
        let body = operation.get("requestBody").map(|_| match id {
            id if id.ends_with("_file") || id == "read_paper" => b"%PDF-1.7".to_vec(),
            "create_import" => "협약명\n가 협약\n".into(),
            "create_announcement_feed" => {
                b"<rss version=\"2.0\"><channel><title>a</title></channel></rss>".to_vec()
            }
            _ => city.body(id, &other).to_string().into(),
        });
        for condition in [("if-match", "\"999-x\""), ("if-none-match", "*")] {
            // JSON is no ledger.
            let kind = match id {
                "create_import" => ("content-type", "text/csv"),
                _ => JSON,
            };
            let headers = [kind, condition];
            let address = format!("{path}{query}");
            let answer = api.send("POST", &address, &headers, body.clone()).await;
            asked += 1;
            if answer.status != 412 {
                unmet.push(format!(
                    "{id} {condition:?}: {} {}",
                    answer.status, answer.text
                ));
            }
        }
    }
    assert!(asked > 100, "{asked}");
    assert!(unmet.is_empty(), "{unmet:#?}");
    assert_eq!(logged(&api).await, before);
}

async fn post(api: &Api, path: &str, header: (&str, &str), body: &serde_json::Value) -> Answer {
    let body = Some(body.to_string().into_bytes());
    api.send("POST", path, &[JSON, header], body).await
}

async fn a_post_is_held_to_the_state_of_its_record(api: Api) {
    let city = api.municipality().await;
    let party = api.organization("가").await;
    let new = mou(
        &[&city, &party],
        json!({"commitments": [{"text": {"ko": "교육"}}]}),
    );
    let made = api.create("/agreements", &new).await;
    let foreign = api.create("/agreements", &new).await.etag().to_owned();
    let path = format!("/agreements/{}", made.id());
    let stale = made.etag().to_owned();
    let changed = api
        .update(&path, &stale, &json!({"venue": {"ko": "시청"}}))
        .await;
    let seen = changed.etag().to_owned();
    let weak = format!("W/{seen}");
    let steps = format!("{path}/transitions");
    let step = json!({"to": "in_review"});
    for (name, tag) in [
        ("if-match", &*stale),
        ("if-match", &*foreign),
        ("if-match", &*weak),
        ("if-match", "nonsense"),
        ("if-none-match", "*"),
        ("if-none-match", &*seen),
        ("if-none-match", &*weak),
    ] {
        let refused = post(&api, &steps, (name, tag), &step).await.expect(412);
        assert_eq!(refused.body["code"], "precondition_failed", "{name}: {tag}");
    }
    assert_eq!(api.read(&path).await.body["version"], 2);
    // A step that is not allowed any more is refused since the state is another.
    let back = json!({"to": "signed", "on": {"edtf": "2026-11-01"}});
    post(&api, &steps, ("if-match", &*stale), &back)
        .await
        .expect(412);
    let several = format!("\"0\", {seen}");
    let taken = post(&api, &steps, ("if-match", &*several), &step).await;
    assert_eq!(taken.expect(200).body["status"], "in_review");
    // Of another state than the one that is known, the POST is wanted.
    let part = format!("{path}/commitments");
    let commitment = json!({"text": {"ko": "연구"}});
    post(&api, &part, ("if-none-match", &*seen), &commitment)
        .await
        .expect(201);
    post(&api, &part, ("if-match", "*"), &commitment)
        .await
        .expect(201);
    // The first answer is given again, whatever became of the state.
    let now = api.read(&path).await.etag().to_owned();
    let headers = [
        JSON,
        ("if-match", now.as_str()),
        ("idempotency-key", "once"),
    ];
    for replayed in [None, Some("true")] {
        let body = Some(commitment.to_string().into_bytes());
        let answer = api.send("POST", &part, &headers, body).await.expect(201);
        let told = answer.headers.get("idempotent-replayed");
        assert_eq!(told.map(String::as_str), replayed);
    }
    // A collection has no tag of a record.
    let company = json!({"kind": "company", "name": {"ko": "나"}});
    let list = api.read("/organizations").await.etag().to_owned();
    for header in [("if-match", &*list), ("if-none-match", "*")] {
        post(&api, "/organizations", header, &company)
            .await
            .expect(412);
    }
    let any = [("if-match", "*"), ("if-none-match", "\"0\"")];
    post(&api, "/organizations", any[0], &company)
        .await
        .expect(201);
    let company = json!({"kind": "company", "name": {"ko": "다"}});
    post(&api, "/organizations", any[1], &company)
        .await
        .expect(201);
}

async fn what_nobody_may_do_is_refused_for_that(api: Api) {
    let city = City::new(&api, "4128000000").await.with_report().await;
    let steps = format!("/agreements/{}/transitions", city.agreement);
    let step = json!({"to": "in_review"});
    let stale = ("if-match", "\"0\"");
    let stranger = api.with(None);
    post(&stranger, &steps, stale, &step).await.expect(401);
    post(&city.viewer, &steps, stale, &step).await.expect(403);
    let other = City::new(&api, "4111000000").await;
    post(&other.editor, &steps, stale, &step).await.expect(404);
    // A report has a tag beside that of its agreement.
    let report = format!(
        "/agreements/{}/commitments/{}/reports/{}",
        city.named("reported agreement"),
        city.named("reported commitment"),
        city.named("{report_id}")
    );
    let seen = city.editor.read(&report).await.etag().to_owned();
    let retraction = format!("{report}/retraction");
    let reason = json!({"reason": {"ko": "잘못"}});
    post(&city.editor, &retraction, stale, &reason)
        .await
        .expect(412);
    post(&city.editor, &retraction, ("if-match", &*seen), &reason)
        .await
        .expect(200);
}

async fn a_read_is_held_to_its_tag(api: Api) {
    let record = format!("/organizations/{}", api.organization("가").await);
    for path in [
        &*record,
        "/organizations",
        "/organizations.csv",
        "/timeline.ics",
        "/openapi.json",
    ] {
        let seen = api.read(path).await.etag().to_owned();
        let weak = format!("W/{seen}");
        let several = format!("\"0\", {seen}");
        for (tag, status) in [
            ("*", 200),
            (&*seen, 200),
            (&*several, 200),
            ("\"0\"", 412),
            (&*weak, 412),
            ("nonsense", 412),
        ] {
            let answer = api.send("GET", path, &[("if-match", tag)], None).await;
            let answer = answer.expect(status);
            if status == 412 {
                assert_eq!(answer.body["code"], "precondition_failed", "{path}");
            }
        }
        // The first of both conditions that is not met decides.
        let both = [("if-match", "\"0\""), ("if-none-match", &*seen)];
        api.send("GET", path, &both, None).await.expect(412);
        let both = [("if-match", &*seen), ("if-none-match", &*seen)];
        api.send("GET", path, &both, None).await.expect(304);
        api.send("HEAD", path, &[("if-match", "\"0\"")], None)
            .await
            .expect(412);
    }
}
