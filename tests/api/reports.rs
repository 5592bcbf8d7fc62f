//! Reports on commitments, and what follows from them.

use serde_json::{Value, json};

use crate::audit::wrong;
use crate::harness::{Answer, Api};

on_both!(new: the_citys_report_counts_at_once, a_partners_report_counts_once_it_is_confirmed, who_may_report,
    a_mistake_is_retracted_and_stays, nothing_of_before_the_day_and_the_instant, the_timeline_follows,
    an_end_asks_what_becomes_of_commitments, a_renewal_carries_commitments_over, a_renewal_that_is_signed_late,
    what_cannot_be_reported, a_broken_promise_is_shown_as_one, a_commitment_that_was_reported_on_stays, a_merged_partner_reports_on,
    a_report_is_found_and_told, two_who_report_at_once);

/// A city, an association that owes the first of two commitments, and an agreement of theirs.
struct Case {
    api: Api,
    city: String,
    association: String,
    id: String,
    commitments: Vec<String>,
    partner: Api,
}

fn ids(agreement: &Value) -> Vec<String> {
    let commitments = agreement["commitments"].as_array().unwrap().iter();
    commitments
        .map(|c| c["id"].as_str().unwrap().to_owned())
        .collect()
}

async fn token(api: &Api, more: Value) -> Api {
    let made = api.post("/tokens", &more).await.expect(201);
    api.with(Some(made.body["token"].as_str().unwrap()))
}

async fn partner(api: &Api, organization: &str) -> Api {
    let new = json!({"name": "협회 담당", "role": "partner", "organization_id": organization});
    token(api, new).await
}

impl Case {
    async fn new(api: Api) -> Self {
        Self::with(api, json!({})).await
    }

    async fn with(api: Api, more: Value) -> Self {
        let city = api.municipality().await;
        let association = api.organization("한국바이오의약품협회").await;
        let mut body = json!({"municipality_id": city, "kind": "mou", "title": {"ko": "협약"}, "status": "signed",
            "signed_on": {"edtf": "2021-04-16"}, "parties": [{"organization_id": city}, {"organization_id": association}],
            "commitments": [{"text": {"ko": "전문인력 교육"}, "owed_by": [association], "due": {"edtf": "2024"}},
                {"text": {"en": "Support for venture firms"}}]});
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        let made = api.post("/agreements", &body).await.expect(201);
        Self {
            partner: partner(&api, &association).await,
            id: made.id().to_owned(),
            commitments: ids(&made.body),
            api,
            city,
            association,
        }
    }

    fn path(&self, place: usize) -> String {
        let commitment = &self.commitments[place];
        format!("/agreements/{}/commitments/{commitment}/reports", self.id)
    }

    async fn report(&self, place: usize, on: &str, status: &str) -> Answer {
        let body = json!({"on": {"edtf": on}, "status": status});
        let made = self.api.post(&self.path(place), &body).await;
        made.expect(201)
    }

    async fn read(&self, query: &str) -> Value {
        let path = format!("/agreements/{}{query}", self.id);
        self.api.get(&path).await.expect(200).body
    }

    async fn status(&self, place: usize, query: &str) -> Value {
        self.read(query).await["commitments"][place]["status"].clone()
    }

    async fn step(&self, body: Value) -> Answer {
        let path = format!("/agreements/{}/transitions", self.id);
        self.api.post(&path, &body).await
    }
}

async fn the_citys_report_counts_at_once(api: Api) {
    let case = Case::new(api).await;
    let before = case.read("").await;
    assert_eq!(before["fulfilment"]["status"], "unknown");
    let open = &before["commitments"][0];
    assert_eq!(
        (&open["status"], &open["overdue"], &open["report_count"]),
        (&json!("unknown"), &json!(true), &json!(0))
    );
    // Nobody knows by when the other is due.
    assert_eq!(before["commitments"][1]["overdue"], Value::Null);
    let body = json!({"on": {"edtf": "2023-06"}, "status": "in_progress", "percent": 40, "note": {"ko": "수료 40명"},
        "evidence": [{"title": {"ko": "결과 보고"}, "url": "https://example.com/r.pdf"}]});
    let made = case.api.post(&case.path(0), &body).await.expect(201);
    assert_eq!(made.body["standing"], "counted");
    assert_eq!(made.body["by_partner"], false);
    assert_eq!(
        made.body["reported_by"],
        json!({"name": "tests", "organization": null})
    );
    assert_eq!(made.body["gaps"], json!([]));
    let location = &made.headers["location"];
    let read = case.api.get(location).await.expect(200);
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
    // The agreement itself did not change, but what is sent of it did.
    assert_eq!(after["version"], before["version"]);
    case.report(0, "2024-02-01", "fulfilled").await;
    case.report(1, "2024-02-01", "dropped").await;
    let after = case.read("").await;
    assert_eq!(after["fulfilment"]["status"], "fulfilled");
    assert_eq!(after["commitments"][0]["overdue"], false);
    let path = format!("/agreements/{}/commitments", case.id);
    let listed = case.api.get(&path).await.expect(200);
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
    let made = case.partner.post(&case.path(0), &body).await.expect(201);
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
    let confirmed = case
        .api
        .post(&format!("{path}/confirm"), &note)
        .await
        .expect(200);
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
    // What the city has confirmed is the city's to retract.
    let why = json!({"reason": {"ko": "오기", "en": null}});
    case.partner
        .post(&format!("{path}/retraction"), &why)
        .await
        .expect(403);
    // A second one is declined, and both stay visible.
    let body = json!({"on": {"edtf": "2024-03-01"}, "status": "unfulfilled"});
    let other = case.partner.post(&case.path(0), &body).await.expect(201);
    let path = format!("{}/{}", case.path(0), other.id());
    let declined = case
        .api
        .post(&format!("{path}/decline"), &why)
        .await
        .expect(200);
    assert_eq!(declined.body["standing"], "declined");
    assert_eq!(declined.body["refusal"]["reason"], why["reason"]);
    assert_eq!(case.status(0, "").await, "fulfilled");
    let all = case.api.with(None).get(&case.path(0)).await.expect(200);
    assert_eq!(all.body["items"].as_array().unwrap().len(), 2);
    assert_eq!(wrong(&case.api), None);
}

async fn who_may_report(api: Api) {
    let case = Case::new(api).await;
    let body = json!({"on": {"edtf": "2024-01-15"}, "status": "in_progress"});
    let bare = json!({"code": "4111000000", "policies": [{"self_approval": true}]});
    let other = case.api.post("/municipalities", &bare).await.expect(201);
    let stranger = case.api.organization("남").await;
    let stranger = partner(&case.api, &stranger).await;
    let staff = async |role: &str, city: &str| {
        let new = json!({"name": role, "role": role, "municipality_ids": [city]});
        token(&case.api, new).await
    };
    // The commitment of which nobody knows who owes it is no partner's.
    case.partner.post(&case.path(1), &body).await.expect(403);
    stranger.post(&case.path(0), &body).await.expect(403);
    staff("viewer", &case.city)
        .await
        .post(&case.path(0), &body)
        .await
        .expect(403);
    staff("editor", other.id())
        .await
        .post(&case.path(0), &body)
        .await
        .expect(403);
    case.api
        .with(None)
        .post(&case.path(0), &body)
        .await
        .expect(401);
    staff("editor", &case.city)
        .await
        .post(&case.path(0), &body)
        .await
        .expect(201);
    // A report of another is not a partner's to retract.
    let all = case.api.get(&case.path(0)).await.expect(200);
    let id = all.body["items"][0]["id"].as_str().unwrap();
    let path = format!("{}/{id}/retraction", case.path(0));
    let why = json!({"reason": {"ko": "오기"}});
    case.partner.post(&path, &why).await.expect(403);
    // What is withheld does not exist for those who may not see it.
    let agreement = format!("/agreements/{}?correction_reason=x", case.id);
    let hide = json!({"visibility": "partners"});
    case.api.patch(&agreement, "*", &hide).await.expect(200);
    for (caller, status) in [
        (&case.partner, 200),
        (&stranger, 404),
        (&case.api.with(None), 404),
    ] {
        caller.get(&case.path(0)).await.expect(status);
        caller
            .get(&format!("{}/{id}", case.path(0)))
            .await
            .expect(status);
    }
    stranger.post(&case.path(0), &body).await.expect(404);
    case.partner.post(&case.path(0), &body).await.expect(201);
    let seen = case
        .api
        .with(None)
        .get("/changes?types=commitment_report")
        .await;
    assert_eq!(seen.expect(200).body["items"], json!([]));
    let seen = case.partner.get("/changes?types=commitment_report").await;
    assert_eq!(seen.expect(200).body["items"].as_array().unwrap().len(), 2);
}

async fn a_mistake_is_retracted_and_stays(api: Api) {
    let case = Case::new(api).await;
    case.report(0, "2023-01-01", "in_progress").await;
    let mistake = case.report(0, "2023-05-01", "fulfilled").await;
    let path = format!("{}/{}/retraction", case.path(0), mistake.id());
    case.api.post(&path, &json!({})).await.expect(422);
    let why = json!({"reason": {"ko": "다른 협약의 실적"}});
    let gone = case.api.post(&path, &why).await.expect(200);
    assert_eq!(gone.body["standing"], "retracted");
    assert_eq!(gone.body["retraction"]["retracted_on"], "2026-11-23");
    case.api.post(&path, &why).await.expect(409);
    assert_eq!(case.status(0, "").await, "in_progress");
    let all = case.api.get(&case.path(0)).await.expect(200);
    assert_eq!(all.body["items"].as_array().unwrap().len(), 2);
    // A partner's own, as long as it is not confirmed.
    let body = json!({"on": {"edtf": "2024"}, "status": "fulfilled"});
    let own = case.partner.post(&case.path(0), &body).await.expect(201);
    let path = format!("{}/{}", case.path(0), own.id());
    case.partner
        .post(&format!("{path}/retraction"), &why)
        .await
        .expect(200);
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
    later.post(&case.path(0), &body).await.expect(201);
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
        let listed = later.get(&format!("{commitments}{query}")).await;
        assert_eq!(listed.expect(200).body["items"][0], *commitment, "{query}");
        let one = format!("{commitments}/{}{query}", case.commitments[0]);
        assert_eq!(
            later.get(&one).await.expect(200).body,
            *commitment,
            "{query}"
        );
        let list = format!("{}{query}", case.path(0));
        let listed = later.get(&list).await.expect(200).body;
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

async fn the_timeline_follows(api: Api) {
    let case = Case::new(api).await;
    let line = async |query: &str| {
        let path = format!(
            "/timeline?types=commitment&organization_id={}{query}",
            case.association
        );
        let items = case.api.get(&path).await.expect(200).body["items"].clone();
        items[0].clone()
    };
    assert_eq!(line("").await["status"], "overdue");
    case.report(0, "2024-01", "in_progress").await;
    assert_eq!(line("").await["status"], "overdue");
    case.report(0, "2025-02-01", "fulfilled").await;
    let met = line("").await;
    assert_eq!(
        (&met["status"], &met["actual"]["edtf"]),
        (&json!("met_late"), &json!("2025-02-01"))
    );
    assert_eq!(met["slip"], json!({"min_days": 32, "max_days": 397}));
    assert_eq!(met["when"]["edtf"], "2025-02-01");
    assert_eq!(line("&as_of=2025-01-31").await["status"], "overdue");
    assert_eq!(line("&as_of=2022-01-31").await["status"], "planned");
    case.report(0, "2025-03-01", "dropped").await;
    assert_eq!(line("").await["status"], "cancelled");
    // Other changes of the agreement leave it so.
    let path = format!("/agreements/{}?correction_reason=x", case.id);
    case.api
        .patch(&path, "*", &json!({"venue": {"ko": "시청"}}))
        .await
        .expect(200);
    assert_eq!(line("").await["status"], "cancelled");
    assert_eq!(line("&as_of=2025-02-01").await["status"], "met_late");
    assert_eq!(
        line("&recorded_as_of=2026-11-24T00:00:00Z").await["status"],
        "cancelled"
    );
}

async fn a_broken_promise_is_shown_as_one(api: Api) {
    let due = json!([{"text": {"ko": "교육"}, "due": {"edtf": "2024"}}, {"text": {"ko": "조사"}, "due": {"edtf": "2024"}},
        {"text": {"ko": "홍보"}, "due": {"edtf": "2024"}}]);
    let case = Case::with(api, json!({"commitments": due})).await;
    let lines = async |query: &str| -> Vec<Value> {
        let path = format!("/timeline?types=commitment{query}");
        let items = case.api.get(&path).await.expect(200).body["items"].clone();
        let of = |id: &String| {
            let mut items = items.as_array().unwrap().iter();
            let item = items.find(|item| item["id"] == **id);
            item.map_or(Value::Null, |item| item["status"].clone())
        };
        case.commitments.iter().map(of).collect()
    };
    case.report(0, "2025-02", "unfulfilled").await;
    // The timeline and the commitment agree, from the day on which the report counts.
    let told = &case.read("").await["commitments"][0];
    assert_eq!(
        (&told["status"], &told["overdue"]),
        (&json!("unfulfilled"), &json!(false))
    );
    assert_eq!(lines("").await, ["failed", "overdue", "overdue"]);
    let before = lines("&as_of=2025-02-27").await;
    assert_eq!(before, ["overdue", "overdue", "overdue"]);
    assert_eq!(lines("&as_of=2025-02-28").await[0], "failed");
    let none = Value::Null;
    assert_eq!(
        lines("&status=failed").await,
        [json!("failed"), none.clone(), none.clone()]
    );
    assert_eq!(lines("&status=overdue,cancelled").await[0], none);
    // It stays so after the end, where others become so or are cancelled.
    let body = json!({"to": "terminated", "on": {"edtf": "2026-10-31"}, "reason": {"ko": "합의 해지"}, "commitments": [
        {"commitment_id": case.commitments[1], "becomes": "unfulfilled"},
        {"commitment_id": case.commitments[2], "becomes": "dropped"}]});
    case.step(body).await.expect(200);
    let ended = ["failed", "failed", "cancelled"];
    assert_eq!(lines("").await, ended);
    assert_eq!(lines("&recorded_as_of=2026-11-24T00:00:00Z").await, ended);
    let path = "/timeline.ics?types=commitment&status=failed&lang=en";
    let text = case.api.get(path).await.expect(200).text;
    let text = text.replace("\r\n ", "");
    for (part, times) in [
        ("\r\nSTATUS:CONFIRMED\r\n", 2),
        ("Status: not fulfilled", 2),
        ("BEGIN:VEVENT", 2),
    ] {
        assert_eq!(text.matches(part).count(), times, "{part}: {text}");
    }
    let kept = json!({"name": "불이행", "types": ["commitment"], "status": ["failed"]});
    let kept = case.api.post("/calendars", &kept).await.expect(201);
    let address = kept.body["address"].as_str().unwrap();
    let text = case.api.get(address).await.expect(200).text;
    assert_eq!(text.matches("BEGIN:VEVENT").count(), 2, "{text}");
    // Unless it is made good.
    case.report(0, "2026-11-10", "fulfilled").await;
    assert_eq!(lines("").await[0], "met_late");
    assert_eq!(lines("&as_of=2026-11-09").await[0], "failed");
    assert_eq!(wrong(&case.api), None);
}

async fn an_end_asks_what_becomes_of_commitments(api: Api) {
    let case = Case::new(api).await;
    let [first, second] = &case.commitments[..] else {
        unreachable!("the agreement has two commitments");
    };
    let reason = json!({"ko": "기간 만료"});
    let codes = |answer: &Answer| -> Vec<Value> {
        let errors = answer.body["errors"].as_array().unwrap().iter();
        errors.map(|e| json!([e["pointer"], e["code"]])).collect()
    };
    // All that is wrong at once, each commitment by its text.
    let body = json!({"to": "completed", "on": {"edtf": "2026-10-31"}});
    let refused = case.step(body).await.expect(422);
    assert_eq!(
        codes(&refused),
        [
            json!(["/reason", "required"]),
            json!(["/commitments", "commitment_undecided"]),
            json!(["/commitments", "commitment_undecided"]),
        ]
    );
    let messages = refused.body["errors"].to_string();
    assert!(
        messages.contains("전문인력 교육") && messages.contains("venture firms"),
        "{messages}"
    );
    case.report(1, "2026-01-01", "unfulfilled").await;
    let missing = "0178d7fa-2c00-7000-8000-00000000ffff";
    let body = json!({"to": "completed", "reason": reason, "commitments": [
        {"commitment_id": first, "becomes": "carried_over"}, {"commitment_id": first, "becomes": "dropped"},
        {"commitment_id": second, "becomes": "fulfilled"}, {"commitment_id": missing, "becomes": "dropped"}]});
    assert_eq!(
        codes(&case.step(body).await.expect(422)),
        [
            json!(["/commitments/0/becomes", "not_superseded"]),
            json!(["/commitments/1/commitment_id", "commitment_twice"]),
            json!(["/commitments/2/commitment_id", "commitment_settled"]),
            json!(["/commitments/3/commitment_id", "unknown_id"]),
        ]
    );
    // Nobody asks where nothing ends.
    let body = json!({"to": "voided", "reason": reason, "commitments": [{"commitment_id": first, "becomes": "dropped"}]});
    let refused = case.step(body).await.expect(422);
    assert_eq!(codes(&refused), [json!(["/commitments", "not_asked"])]);
    let body = json!({"to": "completed", "on": {"edtf": "2026-10-31"}, "reason": reason, "commitments": [
        {"commitment_id": first, "becomes": "fulfilled", "note": {"ko": "수료 120명"}}]});
    let ended = case.step(body).await.expect(200);
    assert_eq!(ended.body["commitments"][0]["status"], "fulfilled");
    assert_eq!(ended.body["fulfilment"]["status"], "partly_fulfilled");
    let report = case.api.get(&case.path(0)).await.body["items"][0].clone();
    assert_eq!(
        (
            &report["on"]["edtf"],
            &report["at_end"],
            &report["note"]["ko"]
        ),
        (&json!("2026-10-31"), &json!(true), &json!("수료 120명"))
    );
    assert_eq!(case.status(0, "?as_of=2026-10-30").await, "unknown");
    assert!(
        !ended.body["gaps"]
            .to_string()
            .contains("commitment_outcome")
    );
    assert_eq!(wrong(&case.api), None);
    // What is recorded as ended is asked nothing: unknown stays unknown, and is named.
    let mut body = json!({"municipality_id": case.city, "kind": "mou", "title": {"ko": "옛 협약"}, "status": "completed",
        "parties": [{"organization_id": case.city}, {"organization_id": case.association}], "commitments": [{"text": {"ko": "할 일"}}]});
    let old = case.api.post("/agreements", &body).await.expect(201);
    assert_eq!(old.body["commitments"][0]["status"], "unknown");
    let gaps = old.body["gaps"].as_array().unwrap();
    let named = |g: &&Value| g["code"] == "commitment_outcome_unknown";
    assert_eq!(
        gaps.iter().find(named).unwrap()["pointer"],
        "/commitments/0/status"
    );
    let decided = json!([{"commitment_id": missing, "becomes": "dropped"}]);
    body["transitions"] = json!([{"to": "completed", "commitments": decided}]);
    let refused = case.api.post("/agreements", &body).await.expect(422);
    assert_eq!(refused.places(), ["/transitions/0/commitments"]);
    // It can still be reported on.
    let commitment = &ids(&old.body)[0];
    let path = format!("/agreements/{}/commitments/{commitment}/reports", old.id());
    let report = json!({"on": {"edtf": "2020"}, "status": "fulfilled"});
    case.api.post(&path, &report).await.expect(201);
}

async fn a_renewal_carries_commitments_over(api: Api) {
    let case = Case::new(api).await;
    case.report(1, "2023-01-01", "fulfilled").await;
    let body = json!({"municipality_id": case.city, "kind": "mou", "title": {"ko": "재협약"}, "status": "signed",
        "signed_on": {"edtf": "2024-01"}, "supersedes_id": case.id,
        "parties": [{"organization_id": case.city}, {"organization_id": case.association}]});
    let new = case.api.post("/agreements", &body).await.expect(201);
    let old = case.read("").await;
    assert_eq!(old["status"], "superseded");
    assert_eq!(
        (
            &old["commitments"][0]["status"],
            &old["commitments"][1]["status"]
        ),
        (&json!("carried_over"), &json!("fulfilled"))
    );
    assert_eq!(old["fulfilment"]["status"], "fulfilled");
    // The day follows that of the signing.
    let path = format!("/agreements/{}?correction_reason=x", new.id());
    let change = json!({"signed_on": {"edtf": "2024-02-15"}});
    case.api.patch(&path, "*", &change).await.expect(200);
    assert_eq!(
        case.read("").await["commitments"][0]["reported_on"]["edtf"],
        "2024-02-15"
    );
    assert_eq!(case.status(0, "?as_of=2024-02-14").await, "unknown");
    // A renewal that is voided took nothing on.
    let path = format!("/agreements/{}/transitions", new.id());
    let body = json!({"to": "voided", "reason": {"ko": "오기"}});
    case.api.post(&path, &body).await.expect(200);
    let old = case.read("").await;
    assert_eq!(
        (&old["status"], &old["commitments"][0]["status"]),
        (&json!("signed"), &json!("unknown"))
    );
    let all = case.api.get(&case.path(0)).await.expect(200);
    let standings = all.body["items"].as_array().unwrap().iter();
    assert!(standings.map(|r| &r["standing"]).all(|s| s == "retracted"));
    assert_eq!(wrong(&case.api), None);
    // By hand it is said of each.
    let body = json!({"to": "superseded", "reason": {"ko": "재협약"}, "commitments": [
        {"commitment_id": case.commitments[0], "becomes": "carried_over"}]});
    let ended = case.step(body).await.expect(200);
    assert_eq!(ended.body["commitments"][0]["status"], "carried_over");
}

async fn a_renewal_that_is_signed_late(api: Api) {
    let case = Case::with(api, json!({"status": "approved", "signed_on": null})).await;
    let body = json!({"on": {"edtf": "2024"}, "status": "fulfilled"});
    case.api.post(&case.path(0), &body).await.expect(409);
    // The day of the renewal's signing is not known: it is carried over as of today.
    let body = json!({"municipality_id": case.city, "kind": "mou", "title": {"ko": "재협약"}, "status": "signed",
        "supersedes_id": case.id, "parties": [{"organization_id": case.city}, {"organization_id": case.association}]});
    case.api.post("/agreements", &body).await.expect(201);
    let signed = case
        .step(json!({"to": "signed", "on": {"edtf": "2021-04-16"}}))
        .await
        .expect(200);
    assert_eq!(signed.body["status"], "superseded");
    for commitment in signed.body["commitments"].as_array().unwrap() {
        assert_eq!(
            (&commitment["status"], &commitment["reported_on"]["edtf"]),
            (&json!("carried_over"), &json!("2026-11-23"))
        );
    }
    assert_eq!(wrong(&case.api), None);
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
        case.api.post(&path, &body).await.expect(201);
    }
    let missing = "0178d7fa-2c00-7000-8000-00000000ffff";
    let of_none = format!("/agreements/{}/commitments/{missing}/reports", case.id);
    let body = json!({"on": {"edtf": "2024"}, "status": "in_progress"});
    case.api.post(&of_none, &body).await.expect(404);
    case.api.get(&of_none).await.expect(404);
    // A report is one of its own commitment.
    let made = case.api.post(&path, &body).await.expect(201);
    case.api
        .get(&format!("{}/{}", case.path(1), made.id()))
        .await
        .expect(404);
    let void = json!({"to": "voided", "reason": {"ko": "오기"}});
    case.step(void).await.expect(200);
    case.api.post(&path, &body).await.expect(409);
}

async fn a_commitment_that_was_reported_on_stays(api: Api) {
    let case = Case::new(api).await;
    let made = case.report(0, "2024", "in_progress").await;
    let why = json!({"reason": {"ko": "오기"}});
    let path = format!("{}/{}/retraction", case.path(0), made.id());
    case.api.post(&path, &why).await.expect(200);
    let path = |place: usize| {
        let commitment = &case.commitments[place];
        format!(
            "/agreements/{}/commitments/{commitment}?correction_reason=x",
            case.id
        )
    };
    case.api.delete(&path(0), "*").await.expect(409);
    case.api.delete(&path(1), "*").await.expect(204);
}

async fn a_merged_partner_reports_on(api: Api) {
    let case = Case::new(api).await;
    let body = json!({"on": {"edtf": "2024"}, "status": "in_progress"});
    case.partner.post(&case.path(0), &body).await.expect(201);
    let survivor = case.api.organization("협회").await;
    let path = format!("/organizations/{}/merge", case.association);
    case.api
        .post(&path, &json!({"into_id": survivor}))
        .await
        .expect(200);
    let own = case.partner.post(&case.path(0), &body).await.expect(201);
    let late = partner(&case.api, &survivor).await;
    let made = late.post(&case.path(0), &body).await.expect(201);
    let all = case.api.get(&case.path(0)).await.expect(200);
    for report in all.body["items"].as_array().unwrap() {
        assert_eq!(report["reported_by"]["organization"]["id"], json!(survivor));
    }
    for id in [own.id(), made.id()] {
        let path = format!("{}/{id}/retraction", case.path(0));
        late.post(&path, &json!({"reason": {"ko": "오기"}}))
            .await
            .expect(200);
    }
    assert_eq!(wrong(&case.api), None);
}

async fn a_report_is_found_and_told(api: Api) {
    let case = Case::new(api).await;
    let body =
        json!({"on": {"edtf": "2024"}, "status": "in_progress", "note": {"ko": "수료생 마흔 명"}});
    let made = case.api.post(&case.path(0), &body).await.expect(201);
    let found = case
        .api
        .get("/search?q=%EB%A7%88%ED%9D%94")
        .await
        .expect(200);
    assert_eq!(found.body["items"][0]["id"], json!(case.id));
    let told = case
        .api
        .get("/changes?types=commitment_report")
        .await
        .expect(200);
    let change = &told.body["items"][0];
    assert_eq!(
        (&change["record_id"], &change["operation"]),
        (&json!(made.id()), &json!("create_commitment_report"))
    );
    let history = case
        .api
        .get(&format!("/agreements/{}/history", case.id))
        .await;
    let history = history.expect(200).body["items"].clone();
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

async fn two_who_report_at_once(api: Api) {
    let case = Case::new(api).await;
    let (path, end) = (case.path(0), format!("/agreements/{}/transitions", case.id));
    let body = json!({"on": {"edtf": "2024"}, "status": "in_progress"});
    let ends = json!({"to": "completed", "reason": {"ko": "만료"}, "commitments": [
        {"commitment_id": case.commitments[0], "becomes": "fulfilled"},
        {"commitment_id": case.commitments[1], "becomes": "dropped"}]});
    let (one, two, three) = futures_util::future::join3(
        case.api.post(&path, &body),
        case.api.post(&path, &body),
        case.api.post(&end, &ends),
    )
    .await;
    one.expect(201);
    two.expect(201);
    three.expect(200);
    let told = case.read("").await;
    assert_eq!(told["commitments"][0]["report_count"], 3);
    assert_eq!(wrong(&case.api), None);
}
