//! A registry in which every filter finds a record and leaves one out, and every column is filled.

use mou_registry::extract::{Extracted, Passage, TextStatus};
use mou_registry::texts::table;
use serde_json::{Value, json};

use super::city::City;
use super::provider::signed_in_once;
use super::receiver::{
    Receiver, Reply, all_sent, deliveries, dispatcher, outbound, until, webhook,
};
use super::records::{demand, mou, signed_mou, with};
use super::spec::enumerated;
use super::{Api, CITY, SPEC};
use crate::pages::office::Browser;

const WITHHELD: &str = "공공기관의 정보공개에 관한 법률 제9조제1항제5호";

fn values(schema: &str) -> Vec<&'static str> {
    enumerated(&SPEC["components"]["schemas"][schema])
}

/// Adds records of every kind to the demonstration.
pub async fn full(api: Api) -> Api {
    let other = City::new(&api, "4111000000").await.with_report().await;
    policies(&api).await;
    let holiday = json!({"day": "2029-10-04", "name": {"ko": "임시공휴일"}, "source": "관보"});
    api.create("/reference/holidays", &holiday).await;
    let partner = organizations(&api).await;
    phase(&api).await;
    let project = projects(&api, &partner).await;
    let agreement = agreements(&api, &partner, &project).await;
    reports(&api, &partner, &agreement).await;
    groups(&api, &partner, &project, &agreement["id"]).await;
    announcements(&api, &project, &agreement["id"]).await;
    readers(&api, &other).await;
    for caller in [&api, &other.viewer] {
        Browser::as_caller(caller).await;
    }
    signed_in_once(&api).await;
    webhooks(&api, &partner).await;
    let path = format!("/imports?municipality_id={CITY}&file_name=ledger.csv");
    let ledger = "협약명,협약기관\n나 협약,병재단\n".into();
    let imported = api.send("POST", &path, &[("content-type", "text/csv")], Some(ledger));
    imported.await.expect(201);
    api
}

async fn policies(api: &Api) {
    let metropolis = json!({"code": "2600000000", "policies": [{"disclosure_within_days": 30}]});
    api.create("/municipalities", &metropolis).await;
    // Gunsan before and after 2024-01-18.
    for code in ["4513000000", "5213000000"] {
        let new = json!({"code": code});
        api.create("/municipalities", &new).await;
    }
    let policy = json!({"self_approval": true, "review_interval_months": 12, "disclosure_within_days": 30,
        "renewal_decision_days_before_expiry": 90, "prior_consent": {"money": "consent", "property": "report"},
        "council_report": {"in_next_session": true},
        "reference": {"title": "고양시 업무협약 관리 조례", "article": "제7조"}});
    demand(api, CITY, json!([policy])).await;
}

/// A company with an identifier, into which another was merged. Returns its id.
async fn organizations(api: &Api) -> String {
    let new = json!({"kind": "company", "name": {"ko": "삼성전자"},
        "identifiers": [{"scheme": "KR-BRN", "id": "1248100998"}]});
    let kept = api.create("/organizations", &new).await.id().to_owned();
    let gone = api.organization("삼성전자(주)").await;
    api.merge(&gone, &kept).await;
    kept
}

/// A phase in each project of the demonstration, with one of its milestones.
async fn phase(api: &Api) {
    for project in api.read("/projects").await.items() {
        let project = format!("/projects/{}", project["id"].as_str().unwrap());
        let phases = json!({"phases": [{"key": "2", "title": {"ko": "2단계"}}]});
        let made = api.update(&project, "*", &phases).await;
        let milestones = made.body["milestones"].as_array().unwrap();
        for milestone in milestones.iter().take(1) {
            let milestone = format!("/milestones/{}", milestone["id"].as_str().unwrap());
            api.update(&milestone, "*", &json!({"phase": "2"})).await;
        }
    }
}

/// A project of each kind and of each status. Returns the last.
async fn projects(api: &Api, partner: &str) -> String {
    let kinds = values("ProjectKind").into_iter();
    let statuses = values("ProjectStatus").into_iter();
    let kinds = kinds.map(|kind| json!({"kind": kind}));
    let all = kinds.chain(statuses.map(|status| json!({"kind": "other", "status": status})));
    let stated = |target: &str, on: &str, code: &str| json!({"target": {"edtf": target}, "stated_on": {"edtf": on}, "reason_code": code});
    let mut last = String::new();
    for (place, more) in all.enumerate() {
        let base = json!({"municipality_id": CITY, "title": {"ko": format!("사업 {place}")},
            "implementers": [{"organization_id": partner}],
            "phases": [{"key": "2", "title": {"ko": "2단계"}}],
            "milestones": [
                {"kind": "completion", "phase": "2", "forecasts": [stated("2027", "2021", "other"), stated("2028", "2022-03", "budget"),
                    stated("2026", "2026-10", "approval")]},
                {"kind": "groundbreaking", "forecasts": [stated("2023", "2021", "other")],
                    "outcomes": [{"kind": "met", "on": {"edtf": "2022-05-01"}}]}]});
        let made = api.create("/projects", &with(base, more)).await;
        last = made.id().to_owned();
    }
    last
}

/// An agreement of each kind, in each status and of each visibility. Returns one with every fact.
async fn agreements(api: &Api, partner: &str, project: &str) -> Value {
    let parties = [CITY, partner];
    let department = |n: usize| format!("부서 {n}");
    for (n, kind) in values("AgreementKind").into_iter().enumerate() {
        let more = json!({"kind": kind, "title": {"ko": format!("협약 {n}")}, "lead_department": department(n)});
        let day = format!("202{}-01-02", n % 6);
        api.create("/agreements", &signed_mou(&parties, &day, more))
            .await;
    }
    for status in values("AgreementStatus") {
        let more = json!({"status": status, "title": {"ko": status}});
        api.create("/agreements", &mou(&parties, more)).await;
    }
    for visibility in values("Visibility") {
        let more = json!({"visibility": visibility, "effective_until": {"edtf": "2025-06-30"},
            "withholding": (visibility != "public").then(|| json!({"legal_basis": WITHHELD, "until": "2027-01-01"}))});
        api.create("/agreements", &signed_mou(&parties, "2023-07-01", more))
            .await;
    }
    let more = json!({"effective_from": {"edtf": "2026-01-02"}, "effective_until": {"edtf": "2027-01-31"},
        "lead_department": "전략산업과", "reference_number": "2026-001", "note": {"ko": "시장 면담 때 체결"}, "project_ids": [project], "financial_obligation": true, "public_property": true,
        "contact": {"name": "홍길동", "phone": "031-123-4567"},
        "commitments": [{"text": {"ko": "교육"}, "owed_by": [partner], "due": {"edtf": "2026-03"}}, {"text": {"ko": "지원"}, "target": {"value": 50, "unit": "persons"}},
            {"text": {"ko": "투자"}, "target": {"value": 5, "unit": "items"}}],
        "council_actions": [{"kind": "consent", "on": {"edtf": "2025-12-01"}, "occasion": "signing"}],
        "documents": [{"title": {"ko": "협약서"}, "url": "https://example.com/a.pdf"},
            {"title": {"ko": "서명본"}, "place_kept": {"ko": "문서고"}, "file_number": "전략산업과-12"}],
        "publications": [{"extent": "partial_text", "published_on": {"edtf": "2026-01-20"}, "url": "https://example.com/a.pdf",
            "place": {"ko": "시보 제1호"}, "withheld": [{"part": {"ko": "제3조"}, "legal_basis": WITHHELD, "until": "2026-06-30"}]}]});
    let busan = api.find("/municipalities?code=2600000000").await;
    let published = json!([{"extent": "summary", "published_on": {"edtf": "2020-03"}, "municipality_id": busan}]);
    let shared = json!({"title": {"ko": "두 도시의 협약"}, "co_owner_ids": [busan], "publications": published});
    let shared = signed_mou(&[CITY, &busan], "2020-01-02", shared);
    api.create("/agreements", &shared).await;
    let milestones = api.read(&format!("/projects/{project}/milestones")).await;
    let after =
        json!({"anchor": "milestone", "milestone_id": milestones.items()[0]["id"], "years": 1});
    let until = json!({"as_stated": "준공 후 1년", "relative_to": after});
    let relative = json!({"title": {"ko": "준공에 따르는 협약"}, "project_ids": [project], "effective_until": until});
    api.create("/agreements", &signed_mou(&parties, "2020-03-02", relative))
        .await;
    let framework = json!({"title": {"ko": "기본협약"},
        "publications": [{"extent": "full_text", "published_on": {"edtf": "2021-01-10"}}]});
    let framework = signed_mou(&parties, "2021-01-02", framework);
    let framework = api.create("/agreements", &framework).await;
    let target = json!({"as_stated": "체결일로부터 2년",
        "relative_to": {"anchor": "signing", "agreement_id": framework.id(), "years": 2}});
    let following = json!({"municipality_id": CITY, "kind": "other", "title": {"ko": "협약에 따르는 사업"},
        "milestones": [{"kind": "completion", "forecasts": [{"target": target, "stated_on": {"edtf": "2021-02-01"}}]}]});
    api.create("/projects", &following).await;
    let old = signed_mou(
        &parties,
        "2022-01-02",
        json!({"title": {"ko": "먼저 맺은 협약"}}),
    );
    let old = api.create("/agreements", &old).await;
    let more = with(
        more,
        json!({"supersedes_id": old.id(), "implements_id": framework.id()}),
    );
    let made = api
        .create("/agreements", &signed_mou(&parties, "2026-01-02", more))
        .await;
    files(api, &made.body).await;
    made.body
}

/// A file of a document, and one that was erased.
async fn files(api: &Api, agreement: &Value) {
    let document = agreement["documents"][0]["id"].as_str().unwrap();
    let id = agreement["id"].as_str().unwrap();
    let files = format!("/agreements/{id}/documents/{document}/files");
    let add = async |edition: &str, bytes: &[u8]| {
        let path = format!("{files}?edition={edition}");
        let added = api.send("POST", &path, &[], Some(bytes.to_vec())).await;
        added.expect(201)
    };
    let whole = add("full", b"%PDF-1.7 the whole").await;
    let digest = whole.body["documents"][0]["files"][0]["sha256"].as_str();
    let digest = digest.unwrap().parse().unwrap();
    let text = Extracted {
        status: TextStatus::Text,
        passages: vec![Passage {
            page: Some(1),
            paragraph: Some(1),
            text: "the whole".into(),
        }],
        is_protected: false,
    };
    let now = api.state.clock.now().naive_utc();
    let written = api
        .state
        .db
        .write(move |conn| table::write(conn, &digest, &text, now));
    written.await.unwrap();
    let erased = add("redacted", b"%PDF-1.7 badly redacted").await;
    let erased = &erased.headers["location"];
    let erased = api.delete(&format!("{erased}?reason=a"), "*").await;
    erased.expect(204);
}

/// Reports of the city and the partner, in every standing.
async fn reports(api: &Api, partner: &str, agreement: &Value) {
    let reporter = api.partner(partner).await;
    let id = agreement["id"].as_str().unwrap();
    let commitment = agreement["commitments"][0]["id"].as_str().unwrap();
    let path = format!("/agreements/{id}/commitments/{commitment}/reports");
    let reason = json!({"reason": {"ko": "증빙이 없음"}});
    for (caller, day, act) in [
        (api, "2026-02-01", None),
        (&reporter, "2026-03-01", Some("decline")),
        (&reporter, "2026-04-01", Some("retraction")),
        (&reporter, "2026-05-01", None),
    ] {
        let body = json!({"on": {"edtf": day}, "status": "in_progress"});
        let made = caller.create(&path, &body).await;
        if let Some(act) = act {
            api.act(&format!("{path}/{}/{act}", made.id()), &reason)
                .await;
        }
    }
    let path = format!("/agreements/{id}/reviews");
    let review = json!({"on": {"edtf": "2026-11-01"}, "rating": "good"});
    api.create(&path, &review).await;
}

async fn groups(api: &Api, partner: &str, project: &str, agreement: &Value) {
    let new = json!({"municipality_id": CITY, "name": {"ko": "공동 협의체"}, "project_id": project,
        "agreement_id": agreement, "established": {"edtf": "2025-01"}, "members": [{"organization_id": partner}]});
    let group = api.create("/working-groups", &new).await;
    let path = format!("/working-groups/{}/meetings", group.id());
    for (status, day) in [
        ("held", "2026-10-01"),
        ("planned", "2026-12-01"),
        ("cancelled", "2026-11-01"),
    ] {
        let meeting = json!({"title": {"ko": "협의"}, "held_on": {"edtf": day}, "status": status,
            "attendee_ids": [partner]});
        api.create(&path, &meeting).await;
    }
}

/// An announcement of each kind, standing and visibility, with every fact and without; one is confirmed
/// of an agreement and differs from it, one of a milestone, and one is announced twice.
async fn announcements(api: &Api, project: &str, agreement: &Value) {
    let record = async |title: &str, more: Value| {
        let base = json!({"municipality_id": CITY, "kind": "signing", "title": {"ko": title}});
        let made = api.create("/announcements", &with(base, more)).await;
        format!("/announcements/{}", made.id())
    };
    for kind in values("AnnouncementKind") {
        record(&format!("소식 {kind}"), json!({"kind": kind})).await;
    }
    for (visibility, day) in
        values("Visibility")
            .into_iter()
            .zip(["2020-02-03", "2022-03-04", "2025-05-06"])
    {
        let more = json!({"visibility": visibility, "announced_on": {"edtf": day}, "publisher": visibility,
            "url": format!("https://city.example/{visibility}"), "amount": {"amount": 5_000_000, "currency": "KRW"}});
        record(&format!("보도 {visibility}"), more).await;
    }
    let told = json!({"announced_on": {"edtf": "2026-01-05"}, "happened_on": {"edtf": "2025-12-30"},
        "publisher": "고양시", "url": "https://city.example/1"});
    for _ in 0..2 {
        let one = record("체결 보도", told.clone()).await;
        api.act(
            &format!("{one}/confirm"),
            &json!({"agreement_id": agreement}),
        )
        .await;
    }
    let milestones = api.read(&format!("/projects/{project}/milestones")).await;
    let milestone = &milestones.items()[0]["id"];
    let one = record("준공 보도", json!({"kind": "completion"})).await;
    api.act(
        &format!("{one}/confirm"),
        &json!({"milestone_id": milestone}),
    )
    .await;
    let one = record("행사 안내", json!({})).await;
    api.act(
        &format!("{one}/reject"),
        &json!({"reason": {"ko": "행사 안내"}}),
    )
    .await;
}

/// Tokens, calendars, a repeated request, and reads of personal data.
async fn readers(api: &Api, other: &City) {
    let ended = json!({"name": "끝난 토큰", "role": "viewer", "municipality_ids": [CITY],
        "expires_at": "2026-12-31T00:00:00Z"});
    let (id, viewer) = api.new_token(ended).await;
    let revoked = viewer
        .create("/calendars", &json!({"name": "지난 일정"}))
        .await;
    let address = revoked.body["address"].as_str().unwrap();
    api.with(None).read(address).await;
    // Streams whose address is valid, and not.
    let stream = json!({"name": "현황판"});
    viewer.create("/change-streams", &stream).await;
    api.create("/change-streams", &stream).await;
    viewer
        .act(
            &format!("/calendars/{}/revocation", revoked.id()),
            &json!({}),
        )
        .await;
    api.act(&format!("/tokens/{id}/revocation"), &json!({}))
        .await;
    let key = [
        ("content-type", "application/json"),
        ("idempotency-key", "k"),
    ];
    let new = mou(&[&other.id], json!({"contact": {"name": "김철수"}}));
    let body = Some(new.to_string().into_bytes());
    let made = other.editor.send("POST", "/agreements", &key, body).await;
    let later = other.viewer.at("2026-11-23T05:00:00Z").await;
    let path = format!("/agreements/{}", made.expect(201).id());
    later.from("192.0.2.10").read(&path).await;
}

/// Webhooks that are on, off, and failing, and their deliveries.
async fn webhooks(api: &Api, changed: &str) {
    let mut api = api.clone();
    api.state.outbound = outbound(&["127.0.0.0/8"]);
    let api = api.served().await;
    let [willing, broken, gone] = [
        Receiver::willing(),
        Receiver::new(|_| Reply::Raw("HTTP/1.1 500 X\r\ncontent-length: 2\r\n\r\nno".into())),
        Receiver::new(|_| Reply::Nothing),
    ];
    let only = json!({"record_types": ["organization"]});
    let sent = webhook(
        &api,
        &willing,
        with(
            json!({"daily_digest": true, "municipality_id": CITY}),
            only.clone(),
        ),
    )
    .await;
    api.act(&format!("/webhooks/{}/secret", sent.id()), &json!({}))
        .await;
    webhook(&api, &willing, json!({"enabled": false})).await;
    let failing = [
        webhook(&api, &broken, only.clone()).await,
        webhook(&api, &gone, only).await,
    ];
    let path = format!("/organizations/{changed}");
    api.update(&path, "*", &json!({"short_name": {"ko": "삼성"}}))
        .await;
    let at_work = dispatcher(&api, 1.0);
    for _ in 0..2 {
        let test = format!("/webhooks/{}/test", sent.id());
        api.act(&test, &json!({})).await;
    }
    all_sent(&api, sent.id()).await;
    for webhook in failing {
        until("an attempt failed", async || {
            let all = deliveries(&api, webhook.id()).await;
            let tried = all.first()?["attempts"].as_array()?;
            (!tried.is_empty()).then_some(())
        })
        .await;
    }
    at_work.stop().await;
}
