//! Duties that follow from policies, as of any day, and their list.

use serde_json::{Value, json};

use crate::support::Api;
use crate::support::records::{busan, demand, record, signed};

on_both!(new:
    lists_are_filtered, who_sees_the_agreement_sees_its_duties, other_policies_make_other_duties,
    a_session_makes_its_reports_overdue, duties_as_of_a_day,
    missed_reviews_are_counted_across_policies, reviews_after_the_end,
    another_policy_writes_what_it_changes);
on_both!(with_demo:
    the_mou_of_goyang_under_a_policy_like_that_of_busan, duties_as_recorded_at_an_instant);

/// The duties on a list as text: kind, occasion, due date and status.
pub async fn listed(api: &Api, query: &str) -> Vec<String> {
    let list = format!("/duties?limit=200&with_total=true{query}");
    let found = api.read(&list).await;
    let items = found.items();
    assert_eq!(found.body["total"], items.len(), "{query}");
    items.iter().map(words).collect()
}

pub fn words(duty: &Value) -> String {
    let due = duty["due"]["edtf"].as_str().unwrap_or("-");
    let of = |member: &str| duty[member].as_str().unwrap().to_owned();
    format!("{}/{} {due} {}", of("kind"), of("occasion"), of("status"))
}

async fn lists_are_filtered(api: Api) {
    let city = api.municipality().await;
    let other = json!({"code": "2600000000", "policies": [{"disclosure_within_days": 30}]});
    let other = api.create("/municipalities", &other).await;
    let policy = json!({"review_interval_months": 12, "council_report": {"in_next_session": true}, "renewal_decision_days_before_expiry": 90});
    demand(&api, &city, json!([policy])).await;
    let department =
        json!({"lead_department": "전략산업과", "effective_until": {"edtf": "2027-12-31"}});
    let one = signed(&api, &city, "2026-01-02", department).await;
    let two = signed(&api, &city, "2024-06-30", json!({})).await;
    signed(&api, other.id(), "2026-11-01", json!({})).await;
    assert_eq!(
        listed(&api, "").await,
        [
            "review/review 2025-06-30 overdue",
            "disclosure/signing 2026-12-01 open",
            "review/review 2027-01-04 open",
            "renewal_decision/expiry 2027-10-02 open",
            "council_report/signing 2024-06-30/.. open",
            "council_report/signing 2026-01-02/.. open",
        ]
    );
    for (query, count) in [
        (format!("&municipality_id={city}"), 5),
        (format!("&agreement_id={}", one.id()), 3),
        ("&kind=review,disclosure".into(), 3),
        ("&status=overdue".into(), 1),
        ("&status=open".into(), 5),
        ("&status=overdue,open".into(), 6),
        ("&status=done,done_late,waived".into(), 0),
        ("&due_before=2026-12-31".into(), 4),
        ("&due_after=2026-12-02".into(), 4),
        ("&due_after=2026-12-01&due_before=2026-12-31".into(), 3),
        (
            "&department=%EC%A0%84%EB%9E%B5%EC%82%B0%EC%97%85%EA%B3%BC".into(),
            3,
        ), // 전략산업과
    ] {
        assert_eq!(listed(&api, &query).await.len(), count, "{query}");
    }
    let down = listed(&api, "&sort=-due").await;
    assert_eq!(
        down.first().unwrap(),
        "council_report/signing 2026-01-02/.. open"
    );
    // Paging returns each duty once.
    let mut seen = Vec::new();
    let mut next = "/duties?limit=4".to_owned();
    loop {
        let page = api.read(&next).await;
        seen.extend(page.items().iter().map(words));
        let Some(cursor) = page.body["next_cursor"].as_str() else {
            break;
        };
        next = format!("/duties?limit=4&cursor={cursor}");
    }
    assert_eq!(seen, listed(&api, "").await);
    let found = api.read("/duties?kind=review&status=overdue").await;
    let duty = &found.body["items"][0];
    assert_eq!(duty["agreement"]["id"], json!(two.id()));
    assert_eq!(duty["municipality"]["name"]["ko"], "고양시");
    assert_eq!(duty["missed"], 2);
    api.get("/duties?status=late").await.expect(400);
    // An agreement shows the same duties as the list.
    let own = api.get(&format!("/agreements/{}", two.id())).await;
    let list = api.get(&format!("/duties?agreement_id={}", two.id())).await;
    let mut own = own.body["duties"].as_array().unwrap().clone();
    own.sort_by_key(|duty| duty["due"]["latest"].is_null());
    assert_eq!(Value::from(own), list.body["items"]);
}

async fn who_sees_the_agreement_sees_its_duties(api: Api) {
    let city = api.municipality().await;
    let policy = json!({"prior_consent": {"money": "consent"}, "disclosure_within_days": 30});
    demand(&api, &city, json!([policy])).await;
    let partner = api.organization("협력사").await;
    let parties = json!([{"organization_id": city, "role": "lead"}, {"organization_id": partner}]);
    let costly = |visibility: &str| json!({"financial_obligation": true, "visibility": visibility, "parties": parties});
    for visibility in ["public", "partners", "internal"] {
        signed(&api, &city, "2026-11-01", costly(visibility)).await;
    }
    // Drafts have duties too, visible to the city's staff.
    record(&api, &city, costly("public")).await;
    let viewer = json!({"name": "v", "role": "viewer", "municipality_ids": [city]});
    let viewer = api.caller(viewer).await;
    let partner = json!({"name": "p", "role": "partner", "organization_id": partner});
    let partner = api.caller(partner).await;
    let other = api
        .post("/municipalities", &json!({"code": "2600000000"}))
        .await;
    let stranger = json!({"name": "s", "role": "editor", "municipality_ids": [other.id()]});
    let stranger = api.caller(stranger).await;
    for (caller, count) in [
        (&api, 7),
        (&viewer, 7),
        (&partner, 4),
        (&stranger, 2),
        (&api.with(None), 2),
    ] {
        assert_eq!(listed(caller, "").await.len(), count);
    }
}

async fn other_policies_make_other_duties(api: Api) {
    let city = api.municipality().await;
    let made = signed(&api, &city, "2024-04-16", json!({})).await;
    assert_eq!(listed(&api, "").await, [""; 0]);
    let path = format!("/agreements/{}", made.id());
    let before = api.read(&path).await;
    assert_eq!(before.body["duties"], json!([]));
    demand(&api, &city, json!([busan()])).await;
    assert_eq!(listed(&api, "").await, ["review/review 2025-04-16 overdue"]);
    let after = api.read(&path).await;
    assert_eq!(
        words(&after.body["duties"][0]),
        "review/review 2025-04-16 overdue"
    );
    // The version is unchanged, the representation is not.
    assert_eq!(after.body["version"], before.body["version"]);
    assert_ne!(after.etag(), before.etag());
    let slower = json!([{"review_interval_months": 36, "disclosure_within_days": 30}]);
    demand(&api, &city, slower).await;
    assert_eq!(
        listed(&api, "").await,
        [
            "disclosure/signing 2024-05-16 overdue",
            "review/review 2027-04-16 open"
        ]
    );
    let link = json!({"extent": "full_text", "url": "https://www.goyang.go.kr/mou", "published_on": {"edtf": "2024-05"}});
    let added = api.create(&format!("{path}/publications"), &link).await;
    // The disclosure may have been in time.
    assert_eq!(
        words(&added.body["duties"][0]),
        "disclosure/signing 2024-05-16 done"
    );
    let voided = json!({"to": "voided", "reason": {"ko": "잘못 등록"}});
    api.act(&format!("{path}/transitions"), &voided).await;
    assert_eq!(listed(&api, "").await, [""; 0]);
    demand(&api, &city, json!([])).await;
    assert_eq!(listed(&api, "&as_of=2025-01-01").await, [""; 0]);
}

async fn a_session_makes_its_reports_overdue(api: Api) {
    let city = api.municipality().await;
    let policy = |sessions: Value| json!([{"council_report": {"in_next_session": true, "sessions": sessions}}]);
    demand(&api, &city, policy(json!([]))).await;
    let made = signed(&api, &city, "2024-04-16", json!({})).await;
    let path = format!("/agreements/{}", made.id());
    let untold = ["council_report/signing 2024-04-16/.. open"];
    assert_eq!(listed(&api, "").await, untold);
    let later = api.at("2026-11-24T03:00:00Z").await;
    let session = json!({"name": "제280회 임시회", "from": "2024-06-10", "until": "2024-06-28"});
    demand(&later, &city, policy(json!([session]))).await;
    for (day, status) in [("2024-06-28", "open"), ("2024-06-29", "overdue")] {
        let told = [format!("council_report/signing 2024-06-28 {status}")];
        assert_eq!(listed(&later, &format!("&as_of={day}")).await, told);
        let shown = later.read(&format!("{path}?as_of={day}")).await;
        assert_eq!(words(&shown.body["duties"][0]), told[0]);
    }
    let found = later.read("/duties?status=overdue").await;
    let duty = &found.body["items"][0];
    assert_eq!(duty["due_as_stated"]["ko"], "다음 회기(제280회 임시회)");
    let report = format!("/municipalities/{city}/council-report?from=2024-01-01&to=2024-12-31");
    let report = later.read(&report).await;
    assert_eq!(report.body["overdue_duties"], found.body["items"]);
    // The past state predates the session.
    let then = listed(&later, "&recorded_as_of=2026-11-23T04:00:00Z").await;
    assert_eq!(then, untold);
}

async fn duties_as_of_a_day(api: Api) {
    let city = api.municipality().await;
    let policy = json!({"prior_consent": {"money": "consent"}, "review_interval_months": 12});
    demand(&api, &city, json!([policy])).await;
    let more = json!({"financial_obligation": true, "transitions": [{"to": "approved", "on": {"edtf": "2023-12-01"}}],
        "council_actions": [{"kind": "consent", "on": {"edtf": "2024-02-01"}, "occasion": "signing", "result": "accepted"}],
        "reviews": [{"on": {"edtf": "2025-06-01"}, "rating": "stalled"}]});
    let made = signed(&api, &city, "2024-03-15", more).await;
    let path = format!("/agreements/{}", made.id());
    for (day, seen) in [
        ("2024-01-01", &["consent/signing - open"][..]),
        ("2024-02-01", &["consent/signing - done"]),
        (
            "2024-03-15",
            &[
                "consent/signing 2024-03-15 done",
                "review/review 2025-03-17 open",
            ],
        ),
        (
            "2025-05-31",
            &[
                "consent/signing 2024-03-15 done",
                "review/review 2025-03-17 overdue",
            ],
        ),
        (
            "2026-11-23",
            &[
                "consent/signing 2024-03-15 done",
                "review/review 2025-03-17 done_late",
                "review/review 2026-06-01 overdue",
            ],
        ),
    ] {
        assert_eq!(listed(&api, &format!("&as_of={day}")).await, seen, "{day}");
        let own = api.read(&format!("{path}?as_of={day}")).await;
        let own = own.body["duties"].as_array().unwrap();
        assert_eq!(own.iter().map(words).collect::<Vec<_>>(), seen, "{day}");
    }
    // Before the signing, only the city's staff see it.
    let anyone = api.with(None);
    assert_eq!(listed(&anyone, "&as_of=2024-01-01").await, [""; 0]);
    assert_eq!(listed(&anyone, "&as_of=2024-03-15").await.len(), 2);
}

async fn the_mou_of_goyang_under_a_policy_like_that_of_busan(api: Api) {
    let city = api.find("/municipalities?code=4128000000").await;
    let mou = "/agreements?signed_from=2021-04-16&signed_to=2021-04-16";
    let id = api.find(mou).await;
    demand(&api, &city, json!([busan()])).await;
    let found = api.read(&format!("/duties?agreement_id={id}")).await;
    let duty = &found.body["items"][0];
    assert_eq!(words(duty), "review/review 2023-01-02 overdue");
    assert_eq!(duty["missed"], 4);
    assert_eq!(duty["legal_basis"], "부산광역시 업무협약 관리 조례 제7조");
    let shown = api.read(&format!("/agreements/{id}")).await;
    assert_eq!(shown.body["duties"], found.body["items"]);
}

async fn duties_as_recorded_at_an_instant(api: Api) {
    let city = api.find("/municipalities?code=4128000000").await;
    demand(&api, &city, json!([busan()])).await;
    let before = api.read("/duties?with_total=true").await;
    let mou = "/agreements?signed_from=2021-04-16&signed_to=2021-04-16";
    let path = format!("/agreements/{}", api.find(mou).await);
    let shown = api.read(&path).await;
    let later = api.at("2026-11-24T03:00:00Z").await;
    let review = json!({"on": {"edtf": "2026-11-24"}, "rating": "stalled"});
    later.create(&format!("{path}/reviews"), &review).await;
    let latest = api.at("2026-11-25T03:00:00Z").await;
    demand(&latest, &city, json!([])).await;
    assert_eq!(latest.get("/duties?with_total=true").await.body["total"], 0);
    let then = "recorded_as_of=2026-11-23T04:00:00Z";
    // The answer is the same as on that day.
    let again = api.read(&format!("/duties?with_total=true&{then}")).await;
    assert_eq!(again.body, before.body);
    let again = api.read(&format!("{path}?{then}")).await;
    assert_eq!(again.body, shown.body);
    // Reviewed, and still under the policy.
    let between = "recorded_as_of=2026-11-24T04:00:00Z";
    let reviewed = latest.read(&format!("{path}?{between}")).await;
    assert_eq!(
        words(&reviewed.body["duties"][0]),
        "review/review 2023-01-02 done_late"
    );
    let change = json!({"visibility": "internal"});
    let corrected = format!("{path}?correction_reason=x");
    latest.update(&corrected, "*", &change).await;
    // Withdrawal from the public also hides past duties.
    let id = path.rsplit('/').next().unwrap();
    let own = format!("/duties?agreement_id={id}&with_total=true&{between}");
    assert_eq!(latest.read(&own).await.body["total"], 2);
    let anyone = latest.with(None);
    assert_eq!(anyone.read(&own).await.body["total"], 0);
}

async fn missed_reviews_are_counted_across_policies(api: Api) {
    let city = api.municipality().await;
    signed(&api, &city, "2021-04-16", json!({})).await;
    let yearly = |from: &str, until: Value, title: &str| json!({"valid_from": from, "valid_until": until, "review_interval_months": 12, "reference": {"title": title}});
    let one = json!([yearly("2022-01-01", Value::Null, "조례")]);
    let two = json!([
        yearly("2022-01-01", json!("2024-12-31"), "조례"),
        yearly("2025-01-01", Value::Null, "새 조례")
    ]);
    let pause = json!([
        yearly("2022-01-01", json!("2023-12-31"), "조례"),
        yearly("2025-01-01", Value::Null, "새 조례")
    ]);
    for (policies, missed) in [(one, 4), (two, 4), (pause, 2)] {
        demand(&api, &city, policies).await;
        let found = api.read("/duties").await;
        let duty = &found.body["items"][0];
        assert_eq!(words(duty), "review/review 2023-01-02 overdue");
        assert_eq!(duty["missed"], missed);
        assert_eq!(duty["legal_basis"], "조례");
    }
}

async fn reviews_after_the_end(api: Api) {
    let city = api.municipality().await;
    let policy = json!({"valid_from": "2020-01-01", "review_interval_months": 12});
    demand(&api, &city, json!([policy])).await;
    let more = json!({"reviews": [{"on": {"edtf": "2023-02-01"}, "rating": "good"},
        {"on": {"edtf": "2024-01-15"}, "rating": "done"}]});
    let made = signed(&api, &city, "2022-03-01", more).await;
    let done = [
        "review/review 2023-03-02 done",
        "review/review 2024-02-01 done",
    ];
    let open = [&done[..], &["review/review 2025-01-15 overdue"]].concat();
    assert_eq!(listed(&api, "").await, open);
    let step =
        json!({"to": "completed", "on": {"edtf": "2024-01-20"}, "reason": {"ko": "목적 달성"}});
    let path = format!("/agreements/{}/transitions", made.id());
    api.act(&path, &step).await;
    assert_eq!(listed(&api, "").await, done);
    // The end has no date, so no review is open.
    for status in ["completed", "terminated", "superseded"] {
        let ended = signed(&api, &city, "2022-03-01", json!({"status": status})).await;
        assert_eq!(ended.body["duties"], json!([]), "{status}");
    }
    assert_eq!(listed(&api, "").await, done);
}

/// Uses more agreements than one statement writes duties of.
async fn another_policy_writes_what_it_changes(api: Api) {
    let policy = |months: u32, days: u32| {
        let mut policy = busan();
        policy["review_interval_months"] = json!(months);
        policy["disclosure_within_days"] = json!(days);
        policy["prior_consent"] = json!({"money": "consent"});
        json!([policy])
    };
    let city = api.municipality().await;
    for _ in 0..90 {
        let review = json!([{"on": {"edtf": "2024-04"}, "rating": "good"}]);
        let more = json!({"financial_obligation": true, "reviews": review});
        signed(&api, &city, "2023-03-15", more).await;
    }
    let written =
        async |kind: &str| listed(&api, &format!("&municipality_id={city}&kind={kind}")).await;
    let mut seen = Vec::new();
    for (months, days) in [(12, 30), (12, 60), (6, 60), (12, 30)] {
        demand(&api, &city, policy(months, days)).await;
        let found = (written("review").await, written("disclosure").await);
        assert_eq!((found.0.len(), found.1.len()), (180, 90));
        seen.push(found);
    }
    assert_eq!(seen[0].0, seen[1].0);
    assert_ne!(seen[0].1, seen[1].1);
    assert_ne!(seen[1].0, seen[2].0);
    assert_eq!(seen[1].1, seen[2].1);
    assert_eq!(seen[0], seen[3]);
    demand(&api, &city, json!([])).await;
    assert_eq!(written("disclosure").await, [""; 0]);
}
