//! Imprecise dates count once their whole range has passed, on every kind of record.

use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::support::log::wrong;
use crate::support::{Answer, Api};

on_both!(new: nothing_has_happened_that_has_not_passed,
    quotes_and_sources_are_of_the_past, what_ends_today_counts_from_today,
    words_alone_are_a_date, ends_are_compared_as_ranges, what_happened_in_words_had_happened_when_it_was_recorded,
    dates_are_read_in_the_language_of_the_request, a_date_of_another_form_is_offered);

/// A city with a signed agreement and a project with a milestone.
struct Case {
    api: Api,
    city: String,
    agreement: String,
    commitment: String,
    milestone: String,
}

impl Case {
    async fn new(api: Api) -> Self {
        let city = api.municipality().await;
        let association = api.organization("협회").await;
        let body = json!({"municipality_id": city, "kind": "mou", "title": {"ko": "협약"}, "status": "signed",
            "signed_on": {"edtf": "2021-04-16"}, "parties": [{"organization_id": city}, {"organization_id": association}],
            "commitments": [{"text": {"ko": "교육"}, "due": {"edtf": "2024"}}]});
        let agreement = api.create("/agreements", &body).await;
        let body = json!({"municipality_id": city, "kind": "facility", "title": {"ko": "사업"}, "milestones": [
            {"kind": "groundbreaking", "forecasts": [{"target": {"edtf": "2024"}, "stated_on": {"edtf": "2021-04-16"}}]}]});
        let project = api.create("/projects", &body).await;
        let id = |value: &Value| value["id"].as_str().unwrap().to_owned();
        Self {
            city,
            agreement: agreement.id().to_owned(),
            commitment: id(&agreement.body["commitments"][0]),
            milestone: id(&project.body["milestones"][0]),
            api,
        }
    }

    /// The paths, bodies and members at which an event can be recorded with a date.
    fn all(&self, edtf: &str) -> [(String, Value, &'static str); 5] {
        let agreement = format!("/agreements/{}", self.agreement);
        let on = json!({"edtf": edtf});
        [
            (
                format!("{agreement}/commitments/{}/reports", self.commitment),
                json!({"on": on, "status": "fulfilled"}),
                "/on",
            ),
            (
                format!("{agreement}/reviews"),
                json!({"on": on, "rating": "good"}),
                "/on",
            ),
            (
                format!("{agreement}/council-actions"),
                json!({"on": on, "kind": "post_report", "occasion": "signing"}),
                "/on",
            ),
            (
                format!("{agreement}/publications"),
                json!({"extent": "full_text", "published_on": on}),
                "/published_on",
            ),
            (
                format!("/milestones/{}/outcomes", self.milestone),
                json!({"on": on, "kind": "met"}),
                "/on",
            ),
        ]
    }
}

async fn nothing_has_happened_that_has_not_passed(api: Api) {
    let case = Case::new(api).await;
    for (date, code) in [
        ("2026", "in_future"),
        ("2026-11", "in_future"),
        ("../2026", "in_future"),
        ("2026-11-24", "in_future"),
        ("2025/..", "open_ended"),
    ] {
        for (path, body, place) in case.all(date) {
            let refused = case.api.post(&path, &body).await.expect(422);
            assert_eq!(refused.places(), [place], "{path} {date}");
            let error = &refused.body["errors"][0];
            assert_eq!(error["code"], code, "{path} {date}");
            if date == "2026" {
                // The message suggests what can be recorded instead.
                let message = error["message"].as_str().unwrap();
                assert!(message.contains("2026-01-01/2026-11-23"), "{message}");
            }
        }
    }
    let milestone = json!({"kind": "completion", "outcomes": [
        {"kind": "started", "on": {"edtf": "2025"}}, {"kind": "met", "on": {"edtf": "2026"}}]});
    let project = json!({"municipality_id": case.city, "kind": "facility", "title": {"ko": "사업"}, "milestones": [
        {"kind": "compensation"}, milestone]});
    let refused = case.api.post("/projects", &project).await.expect(422);
    assert_eq!(refused.places(), ["/milestones/1/outcomes/1/on"]);
    let mut made = project.clone();
    made["milestones"] = json!([]);
    let made = case.api.create("/projects", &made).await;
    let path = format!("/projects/{}/milestones", made.id());
    let refused = case.api.post(&path, &milestone).await.expect(422);
    assert_eq!(refused.places(), ["/outcomes/1/on"]);
}

async fn what_ends_today_counts_from_today(api: Api) {
    let case = Case::new(api).await;
    for (path, body, _) in case.all("2026-01-01/2026-11-23") {
        let made = case.api.post(&path, &body).await;
        assert!(made.status == 200 || made.status == 201, "{path}");
    }
    let later = case.api.at("2027-02-01T03:00:00Z").await;
    for (query, counts) in [
        ("", true),
        ("?as_of=2026-11-23", true),
        ("?as_of=2026-11-22", false),
    ] {
        for api in [&case.api, &later] {
            let read = async |path: String| api.read(&format!("{path}{query}")).await;
            let agreement = read(format!("/agreements/{}", case.agreement)).await.body;
            let milestone = read(format!("/milestones/{}", case.milestone)).await.body;
            let seen = [
                agreement["commitments"][0]["status"] == "fulfilled",
                agreement["reviews"] != json!([]),
                agreement["council_actions"] != json!([]),
                agreement["publications"] != json!([]),
                milestone["status"] == "met_late",
            ];
            assert_eq!(seen, [counts; 5], "{query}");
        }
    }
    assert_eq!(wrong(&case.api), None);
}

/// A term, a due date and a target can be known in words alone: nothing is invented, and nothing
/// that depends on the day is certain.
async fn words_alone_are_a_date(api: Api) {
    let city = api.municipality().await;
    let partner = api.organization("갑").await;
    let words = |text: &str| json!({"as_stated": text});
    let body = json!({"municipality_id": city, "kind": "mou", "title": {"ko": "협약"}, "status": "signed",
        "signed_on": {"edtf": "2024-01-15"}, "effective_until": words("별도 해지 시까지"),
        "parties": [{"organization_id": city}, {"organization_id": partner}],
        "commitments": [{"text": {"ko": "본계약"}, "due": words("착공 후 6개월 이내")}]});
    let made = api.create("/agreements", &body).await;
    let until = json!({"edtf": null, "as_stated": "별도 해지 시까지", "earliest": null, "latest": null,
        "precision": null, "approximate": false, "text": "별도 해지 시까지"});
    assert_eq!(made.body["effective_until"], until);
    assert_eq!(made.body["in_force"], Value::Null);
    assert_eq!(made.body["expires_in_days"], Value::Null);
    assert_eq!(
        made.body["commitments"][0]["due"]["as_stated"],
        "착공 후 6개월 이내"
    );
    assert_eq!(api.find("/agreements?in_force=unknown").await, made.id());

    let body = json!({"municipality_id": city, "kind": "facility", "title": {"ko": "사업"}, "milestones": [
        {"kind": "completion", "forecasts": [{"target": words("착공 후 36개월"), "stated_on": {"edtf": "2021"}}]}]});
    let project = api.create("/projects", &body).await;
    let milestone = &project.body["milestones"][0];
    assert_eq!(milestone["status"], "unknown");
    assert_eq!(milestone["target"]["as_stated"], "착공 후 36개월");

    let entries = api.read("/timeline?types=milestone&status=unknown").await;
    assert_eq!(
        entries.body["items"][0]["target"]["as_stated"],
        "착공 후 36개월"
    );
    let calendar = api.read("/timeline.ics").await;
    assert!(
        !calendar.text.contains("착공 후 36개월"),
        "{}",
        calendar.text
    );

    // A patch can change the wording, remove it, or date it.
    let at = format!("/agreements/{}?correction_reason=x", made.id());
    let same = json!({"effective_until": {"as_stated": "해지할 때까지"}});
    let changed = api.patch(&at, "*", &same).await.expect(200);
    assert_eq!(
        changed.body["effective_until"]["as_stated"],
        "해지할 때까지"
    );
    let none = json!({"effective_until": {"as_stated": null}});
    let refused = api.patch(&at, "*", &none).await.expect(422);
    assert_eq!(refused.places(), ["/effective_until/edtf"]);
    assert_eq!(refused.body["errors"][0]["code"], "one_required");
    let dated = json!({"effective_until": {"edtf": "2030"}});
    let changed = api.patch(&at, "*", &dated).await.expect(200);
    assert_eq!(changed.body["in_force"], true);
}

async fn what_happened_in_words_had_happened_when_it_was_recorded(api: Api) {
    let case = Case::new(api).await;
    for (path, mut body, member) in case.all("2021") {
        body[&member[1..]] = json!({"as_stated": "협약 직후"});
        let made = case.api.post(&path, &body).await;
        assert!(made.status.is_success(), "{path}: {}", made.text);
        assert!(
            made.text
                .contains(r#""edtf":"../2026-11-23","as_stated":"협약 직후""#),
            "{path}: {}",
            made.text
        );
    }
    let read = case
        .api
        .read(&format!("/agreements/{}", case.agreement))
        .await;
    assert_eq!(read.body["commitments"][0]["status"], "fulfilled");
    let step =
        json!({"to": "completed", "on": {"as_stated": "지난 봄"}, "reason": {"ko": "이행 완료"}});
    let done = case
        .api
        .post(
            &format!("/agreements/{}/transitions", case.agreement),
            &step,
        )
        .await
        .expect(200);
    assert_eq!(
        (&done.body["status"], &done.body["in_force"]),
        (&json!("completed"), &json!(false))
    );
}

async fn ends_are_compared_as_ranges(api: Api) {
    let city = api.municipality().await;
    let attempt = async |edtf: &str| {
        let body = json!({"municipality_id": city, "kind": "facility", "title": {"ko": "사업"}, "milestones": [
            {"kind": "completion", "forecasts": [{"target": {"edtf": edtf}, "stated_on": {"edtf": "2021"}}]}]});
        api.post("/projects", &body).await
    };
    let made = attempt("2022-06/2022").await.expect(201);
    let target = &made.body["milestones"][0]["forecasts"][0]["target"];
    assert_eq!(target["edtf"], "2022-06/2022");
    assert_eq!(
        (&target["earliest"], &target["latest"]),
        (&json!("2022-06-01"), &json!("2022-12-31"))
    );
    for (edtf, words) in [
        ("2022-40/2022-33", "ends before it begins"),
        ("2022-07/2022-06", "ends before it begins"),
        ("2022-21", "valid EDTF"),
        ("202X", "valid EDTF"),
        ("2022?", "valid EDTF"),
        ("2022-13", "no such month"),
    ] {
        let refused = attempt(edtf).await.expect(422);
        assert_eq!(refused.body["errors"][0]["code"], "format_edtf", "{edtf}");
        let body = json!({"municipality_id": city, "kind": "mou", "title": {"ko": "협약"}, "signed_on": {"edtf": edtf}});
        let headers = [
            ("content-type", "application/json"),
            ("accept-language", "en"),
        ];
        let refused = api.send(
            "POST",
            "/agreements",
            &headers,
            Some(body.to_string().into()),
        );
        let refused = refused.await.expect(422);
        assert_eq!(refused.places(), ["/signed_on/edtf"], "{edtf}");
        let message = refused.body["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains(words), "{edtf}: {message}");
    }
}

async fn dates_are_read_in_the_language_of_the_request(api: Api) {
    let city = api.municipality().await;
    let body = json!({"municipality_id": city, "kind": "mou", "title": {"ko": "협약"},
        "effective_until": {"edtf": "2030-H2", "as_stated": "2030년 하반기 중"}});
    let made = api.create("/agreements", &body).await;
    assert_eq!(made.body["effective_until"]["text"], "2030년 하반기");
    let path = format!("/agreements/{}", made.id());
    let token = format!("Bearer {}", api.token().unwrap());
    let get = |uri: &str| {
        let request = TestRequest::get().uri(uri);
        request.insert_header(("authorization", token.as_str()))
    };
    for path in [path.as_str(), "/agreements"] {
        let read = |language: &'static str| {
            let uri = format!("/api/v1{path}");
            let request = get(&uri);
            api.call(request.insert_header(("accept-language", language)))
        };
        let (ko, en) = (read("ko").await.expect(200), read("en").await.expect(200));
        let text = |answer: &Answer| {
            let record = answer.body.pointer("/items/0").unwrap_or(&answer.body);
            record["effective_until"]["text"].clone()
        };
        assert_eq!(text(&ko), "2030년 하반기");
        assert_eq!(text(&en), "the second half of 2030");
        // Each language has a tag of its own, and caches tell them apart.
        assert_ne!(ko.etag(), en.etag());
        assert!(
            ko.vary().contains(&"accept-language".to_owned()),
            "{:?}",
            ko.vary()
        );
        let uri = format!("/api/v1{path}");
        for (tag, status) in [(&en, 304), (&ko, 200)] {
            let request = get(&uri);
            let request = request.insert_header(("accept-language", "en"));
            let request = request.insert_header(("if-none-match", tag.etag()));
            api.call(request).await.expect(status);
        }
    }
    // A change takes the tag of any language.
    let uri = format!("/api/v1{path}");
    let english = get(&uri);
    let english = english.insert_header(("accept-language", "en"));
    let tag = api.call(english).await.etag().to_owned();
    let note = json!({"effective_from": {"edtf": "2026"}});
    api.patch(&path, &tag, &note).await.expect(200);
    // The log holds what was recorded, in no language.
    let history = api.read(&format!("{path}/history")).await;
    assert!(!history.text.contains("\"text\":"), "{}", history.text);
}

/// A date that a person wrote in another form is named in the accepted one, and not taken.
async fn a_date_of_another_form_is_offered(api: Api) {
    let city = api.municipality().await;
    let said = |answer: &Answer| answer.body["errors"][0]["message"].clone();
    let day = "이 형식은 받지 않습니다. 2024-02-29로 적으십시오.";
    for (text, message) in [
        ("'24.2.29.", day),
        ("2024.2.29.", day),
        ("令和6年2月29日", day),
        ("단기 4357년 2월 29일", day),
        (
            "令和6年",
            "연월일이 다 있는 하루로 적으십시오. 예: 2026-12-01",
        ),
        (
            "2024-02-30",
            "연월일이 다 있는 하루로 적으십시오. 예: 2026-12-01",
        ),
    ] {
        let query: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        for path in ["timeline?to", "agreements?as_of", "duties?due_from"] {
            let refused = api.get(&format!("/{path}={query}")).await.expect(400);
            assert_eq!(said(&refused), message, "{path} {text}");
        }
        let policies = json!({"policies": [{"valid_from": text}]});
        let refused = api
            .patch(&format!("/municipalities/{city}"), "*", &policies)
            .await;
        assert_eq!(said(&refused.expect(422)), message, "{text}");
        let page = format!("/agreements?as_of={query}");
        let page = api.call(
            TestRequest::get()
                .uri(&page)
                .insert_header(("accept", "text/html")),
        );
        assert!(page.await.expect(400).text.contains(message), "{text}");
    }
    let signed = async |on: serde_json::Value| {
        let new = json!({"municipality_id": city, "kind": "mou", "title": {"ko": "협약"}, "signed_on": on});
        api.post("/agreements", &new).await.expect(422)
    };
    for (text, form) in [("令和6年", "2024로"), ("2024. 12. 30.", "2024-12-30으로")] {
        let refused = signed(json!({"edtf": text})).await;
        let message = said(&refused).as_str().unwrap().to_owned();
        assert!(message.contains(&format!("{form} 적")), "{message}");
    }
    let refused = signed(json!("04.05.06")).await;
    let message = said(&refused).as_str().unwrap().to_owned();
    assert!(message.contains("2004-05-06, "), "{message}");
}

async fn quotes_and_sources_are_of_the_past(api: Api) {
    let case = Case::new(api).await;
    let source = |member: &str, edtf: &str| json!([{"title": "보도자료", member: {"edtf": edtf}}]);
    let city = &case.city;
    let agreement = json!({"municipality_id": city, "kind": "mou", "title": {"ko": "협약"}});
    let project = json!({"municipality_id": city, "kind": "facility", "title": {"ko": "사업"}});
    let organization = json!({"kind": "company", "name": {"ko": "을전자"}});
    let group = json!({"municipality_id": city, "name": {"ko": "협의체"}});
    for (path, body) in [
        ("/agreements", agreement),
        ("/projects", project),
        ("/organizations", organization),
        ("/working-groups", group),
    ] {
        for member in ["published_on", "retrieved_on"] {
            let mut body = body.clone();
            for edtf in ["2026-11-24", "2099", "2026"] {
                body["sources"] = source(member, edtf);
                let refused = case.api.post(path, &body).await.expect(422);
                assert_eq!(
                    refused.places(),
                    [format!("/sources/0/{member}")],
                    "{path} {edtf}"
                );
                assert_eq!(refused.body["errors"][0]["code"], "in_future");
            }
        }
    }
    let path = format!("/agreements/{}?correction_reason=x", case.agreement);
    let quote = |edtf: &str| json!({"statements": [{"speaker": "시장", "text": {"ko": "말"}, "said_on": {"edtf": edtf}}]});
    let refused = case
        .api
        .patch(&path, "*", &quote("2099-01-01"))
        .await
        .expect(422);
    assert_eq!(refused.places(), ["/statements/0/said_on"]);
    let kept = case.api.update(&path, "*", &quote("2026-11-23")).await;
    assert_eq!(kept.body["statements"].as_array().unwrap().len(), 1);
    let sources = json!({"sources": source("published_on", "2026-10")});
    case.api.update(&path, "*", &sources).await;
}
