//! The pages of people who are signed in: sessions, forms, and what each role may do with them.

use actix_web::test::TestRequest;
use serde_json::{Value, json};

use super::{BROWSER, NASTY, holds, lacks};
use crate::support::city::City;
use crate::support::records::{signed_mou, with};
use crate::support::{Answer, Api, CITY};

on_both!(with_demo:
    an_officer_records_an_agreement, a_draft_goes_to_its_signing, a_partner_reports_and_the_city_confirms,
    everything_wrong_is_named_at_its_field, an_organization_is_chosen_among_those_alike,
    what_was_typed_outlives_the_session, a_form_sent_twice_records_once,
    forms_of_other_sites_are_refused, what_is_typed_is_escaped);
on_both!(new:
    a_fresh_registry_leads_to_the_first_agreement, a_change_meets_one_of_another_window,
    each_role_does_what_its_token_may, sessions_end, guessed_tokens_are_limited,
    a_correction_has_a_reason);

/// A browser in which somebody is signed in.
pub struct Browser {
    pub api: Api,
    pub cookie: String,
}

impl Browser {
    pub async fn of(api: &Api, token: &str) -> Self {
        let api = api.with(None);
        let answer = submit(&api, None, "/office/sign-in", &[("token", token)]).await;
        let cookie = answer.expect(303).headers["set-cookie"].clone();
        assert!(cookie.contains("HttpOnly; SameSite=Lax"), "{cookie}");
        let cookie = cookie.split(';').next().unwrap().to_owned();
        Self { api, cookie }
    }

    /// Returns the browser of whoever has the token of a caller.
    pub async fn as_caller(caller: &Api) -> Self {
        Self::of(caller, caller.token().unwrap()).await
    }

    pub async fn open(&self, path: &str) -> Answer {
        let request = TestRequest::get()
            .uri(path)
            .insert_header(("accept", BROWSER))
            .insert_header(("cookie", self.cookie.as_str()));
        self.api.call(request).await
    }

    pub async fn send(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        submit(&self.api, Some(&self.cookie), path, fields).await
    }

    /// Sends a form that is accepted, and opens the page to which it leads.
    #[track_caller]
    pub fn goes_on<'a>(
        &'a self,
        path: &'a str,
        fields: &'a [(&'a str, &'a str)],
    ) -> impl Future<Output = String> + 'a {
        async move {
            let sent = self.send(path, fields).await.expect(303);
            let to = sent.headers["location"]
                .trim_start_matches("../")
                .to_owned();
            self.open(&format!("/{to}")).await.expect(200).text
        }
    }
}

async fn submit(api: &Api, cookie: Option<&str>, path: &str, fields: &[(&str, &str)]) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let mut request = TestRequest::post()
        .uri(path)
        .insert_header(("accept", BROWSER))
        .insert_header(("content-type", "application/x-www-form-urlencoded"))
        .insert_header(("sec-fetch-site", "same-origin"))
        .set_payload(body);
    if let Some(cookie) = cookie {
        request = request.insert_header(("cookie", cookie));
    }
    api.call(request).await
}

async fn editor_of_goyang(api: &Api) -> Api {
    let new = json!({"name": "고양시 담당자", "role": "editor", "municipality_ids": [CITY]});
    api.caller(new).await
}

const NEW: &str = "/office/agreements/new";

/// The fields of an agreement with a party that is recorded with it.
const AGREEMENT: [(&str, &str); 15] = [
    ("municipality", CITY),
    ("status", "signed"),
    ("kind", "mou"),
    ("title/ko", "드론 산업 육성 업무협약"),
    ("signed_on", "'21.4.16."),
    (
        "effective_until",
        "체결일로부터 2년, 이의 없으면 1년씩 자동 연장",
    ),
    ("parties/0/organization", "고양시"),
    ("parties/0/role", "lead"),
    ("parties/0/signatory/title/ko", "고양시장"),
    ("parties/2/organization", "새 드론 연구원"),
    ("parties/2/organization/kind", "research_institute"),
    ("parties/2/role", "partner"),
    ("commitments/0/text/ko", "시험 비행장 제공"),
    ("commitments/0/owed_by/0", "0"),
    ("commitments/0/due", "2026년 하반기"),
];

async fn an_officer_records_an_agreement(api: Api) {
    let browser = Browser::as_caller(&editor_of_goyang(&api).await).await;
    let text = browser.open(NEW).await.expect(200).text;
    holds(
        &text,
        &[
            "name=\"title/ko\"",
            "value=\"고양시\"",
            "고양시 담당자",
            "로그아웃",
        ],
    );
    let text = browser.goes_on(NEW, &AGREEMENT).await;
    holds(
        &text,
        &[
            "기록했습니다.",
            "드론 산업 육성 업무협약",
            "2021.\u{a0}4.\u{a0}16.",
            "새 드론 연구원",
            "2026년 하반기",
            "고양시장",
        ],
    );
    let found = api.read("/agreements?q=%EB%93%9C%EB%A1%A0").await;
    let id = found.body["items"][0]["id"].as_str().unwrap().to_owned();
    let one = api.read(&format!("/agreements/{id}")).await.body;
    assert_eq!(one["signed_on"]["as_stated"], "'21.4.16.");
    assert_eq!(one["signed_on"]["edtf"], "2021-04-16");
    assert_eq!(one["auto_renews"], true);
    assert_eq!(one["renewal"]["months"], 12);
    // The empty item in between is left out, and the party of the commitment with it.
    assert_eq!(one["parties"].as_array().unwrap().len(), 2);
    assert_eq!(one["commitments"][0]["owed_by"], json!([CITY]));
    let history = api.read(&format!("/agreements/{id}/history")).await.text;
    holds(&history, &["고양시 담당자"]);
    // A report follows.
    let commitment = one["commitments"][0]["id"].as_str().unwrap();
    let path = format!("/office/agreements/{id}/commitments/{commitment}/report");
    holds(
        &browser.open(&path).await.expect(200).text,
        &["시험 비행장 제공", "이행률"],
    );
    let report = [
        ("on", "2026. 6. 30."),
        ("status", "in_progress"),
        ("percent", "40"),
        ("note/ko", "부지 선정"),
    ];
    let text = browser.goes_on(&path, &report).await;
    holds(&text, &["기록했습니다.", "추진 중", "40%", "부지 선정"]);
}

async fn a_draft_goes_to_its_signing(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.approver).await;
    let path = format!("/office/agreements/{}", city.agreement);
    let text = browser.open(&path).await.expect(200).text;
    holds(&text, &["/steps/in_review", "/edit"]);
    for to in ["in_review", "approved"] {
        let text = browser
            .goes_on(&format!("{path}/steps/{to}"), &[("on", "2026-11-01")])
            .await;
        holds(&text, &["기록했습니다."]);
    }
    let text = browser
        .open(&format!("{path}/steps/signed"))
        .await
        .expect(200)
        .text;
    holds(
        &text,
        &[
            "name=\"signatures/0/party_id\"",
            "name=\"signatures/1/signatory/name\"",
        ],
    );
    let party = text
        .split("name=\"signatures/0/party_id\" value=\"")
        .nth(1)
        .unwrap();
    let party = party.split('"').next().unwrap();
    let signing = [
        ("on", "2026. 11. 2."),
        ("signatures/0/party_id", party),
        ("signatures/0/signatory/title/ko", "수원시장"),
        ("signatures/0/signatory/name", "홍길동"),
    ];
    let text = browser
        .goes_on(&format!("{path}/steps/signed"), &signing)
        .await;
    holds(&text, &["체결", "수원시장", "홍길동"]);
    // What is not allowed now is refused in words, and the form stays.
    let refused = browser
        .send(&format!("{path}/steps/approved"), &[("on", "2026-11-03")])
        .await;
    let text = refused.expect(409).text;
    holds(
        &text,
        &[
            "role=\"alert\"",
            "아직 기록하지 않았습니다",
            "value=\"2026-11-03\"",
        ],
    );
    // An end needs the outcome of each open commitment.
    let ending = format!("{path}/steps/terminated");
    let text = browser.open(&ending).await.expect(200).text;
    if text.contains("commitments/0/commitment_id") {
        let refused = browser
            .send(&ending, &[("on", "2026-11-20"), ("reason/ko", "사업 취소")])
            .await;
        holds(
            &refused.expect(422).text,
            &["commitments/0/becomes", "사업 취소"],
        );
    }
}

async fn a_partner_reports_and_the_city_confirms(api: Api) {
    let city = City::new(&api, "4111000000").await.with_report().await;
    let partner = api
        .caller(json!({"name": "협력 기업", "role": "partner", "organization_id": city.partner}))
        .await;
    let owed = json!([{"text": {"ko": "장비 제공"}, "owed_by": [city.partner]}]);
    let new = signed_mou(
        &[&city.id, &city.partner],
        "2026-01-05",
        with(
            json!({"title": {"ko": "장비 협약"}}),
            json!({"commitments": owed}),
        ),
    );
    let one = city.approver.create("/agreements", &new).await;
    let (id, commitment) = (
        one.id().to_owned(),
        one.body["commitments"][0]["id"]
            .as_str()
            .unwrap()
            .to_owned(),
    );
    let browser = Browser::as_caller(&partner).await;
    holds(
        &browser.open("/office").await.expect(200).text,
        &["우리 기관의 협약", "장비 협약"],
    );
    let path = format!("/office/agreements/{id}");
    let text = browser.open(&path).await.expect(200).text;
    holds(&text, &["협약 사항 1 이행 보고"]);
    lacks(&text, &["/edit", "/steps/"]);
    let report = format!("{path}/commitments/{commitment}/report");
    let text = browser
        .goes_on(&report, &[("on", "2026-06-30"), ("status", "fulfilled")])
        .await;
    holds(&text, &["확인"]);
    // The city's desk shows it, and it counts once confirmed.
    let officer = Browser::as_caller(&city.editor).await;
    let desk = officer.open("/office").await.expect(200).text;
    holds(&desk, &["장비 제공"]);
    let at = desk
        .find(&format!("office/agreements/{id}/commitments/"))
        .unwrap();
    let review = format!("/{}", desk[at..].split('"').next().unwrap());
    holds(
        &officer.open(&review).await.expect(200).text,
        &["이행", "협력 기관의 보고 확인"],
    );
    let refused = officer
        .send(&review, &[("decision", "declined")])
        .await
        .expect(422)
        .text;
    holds(&refused, &["aria-invalid"]);
    officer.goes_on(&review, &[("decision", "counted")]).await;
    let one = api.read(&format!("/agreements/{id}")).await.body;
    assert_eq!(one["commitments"][0]["status"], "fulfilled");
}

async fn everything_wrong_is_named_at_its_field(api: Api) {
    let browser = Browser::as_caller(&editor_of_goyang(&api).await).await;
    let before = api.read("/agreements?with_total=true").await.body["total"].clone();
    let wrong = [
        ("municipality", CITY),
        ("status", "signed"),
        ("kind", "mou"),
        ("title/ko", ""),
        ("signed_on", "04.05.06"),
        ("parties/0/organization", "고양시"),
        ("parties/1/organization", "아무도 모르는 곳"),
        ("sources/0/url", "누리집"),
    ];
    let answer = browser.send(NEW, &wrong).await.expect(422);
    assert_eq!(answer.headers["content-type"], "text/html; charset=utf-8");
    let text = answer.text;
    holds(
        &text,
        &[
            "아직 기록하지 않았습니다",
            "value=\"아무도 모르는 곳\"",
            "value=\"누리집\"",
            "여러 가지로 읽힙니다",
        ],
    );
    for wrong in [
        "f-title-ko",
        "f-signed_on",
        "f-parties-1-organization",
        "f-sources-0-url",
    ] {
        let field = text.split(&format!("id=\"{wrong}\"")).nth(1).unwrap();
        let field = field.split('>').next().unwrap();
        holds(
            field,
            &["aria-invalid=\"true\"", &format!("{wrong}-error1")],
        );
        holds(&text, &[&format!("href=\"#{wrong}\"")]);
    }
    assert_eq!(text.matches(" autofocus").count(), 1);
    assert_eq!(
        api.read("/agreements?with_total=true").await.body["total"],
        before
    );
    // One more item is offered without a word of reproof.
    let more = [&wrong[..], &[("more", "parties")]].concat();
    let text = browser.send(NEW, &more).await.expect(200).text;
    holds(
        &text,
        &["name=\"parties/2/organization\"", "value=\"누리집\""],
    );
    lacks(&text, &["aria-invalid", "role=\"alert\""]);
}

async fn an_organization_is_chosen_among_those_alike(api: Api) {
    let browser = Browser::as_caller(&editor_of_goyang(&api).await).await;
    let known = api
        .create(
            "/organizations",
            &json!({"kind": "company", "name": {"ko": "하나로봇"}}),
        )
        .await;
    let mut fields = AGREEMENT.to_vec();
    fields.retain(|(name, _)| !name.starts_with("parties/2"));
    let base = fields.clone();
    fields.extend([
        ("parties/1/organization", "(주)하나로봇"),
        ("parties/1/organization/kind", "hospital"),
    ]);
    let text = browser.send(NEW, &fields).await.expect(422).text;
    holds(&text, &["어느 기관입니까?", known.id(), "value=\"anew\""]);
    // The choice holds for the name for which it was made.
    let chosen = [
        ("parties/1/organization", "(주)하나로봇"),
        ("parties/1/organization/for", "(주)하나로봇"),
        ("parties/1/organization/choice", known.id()),
    ];
    let text = browser.goes_on(NEW, &[&base[..], &chosen].concat()).await;
    holds(&text, &["하나로봇"]);
    let found = api.read("/agreements?q=%EB%93%9C%EB%A1%A0").await.body;
    let names: Vec<&Value> = found["items"][0]["parties"]
        .as_array()
        .unwrap()
        .iter()
        .collect();
    assert!(
        names
            .iter()
            .any(|party| party["organization"]["id"] == known.id()),
        "{found}"
    );
}

async fn what_was_typed_outlives_the_session(api: Api) {
    let editor = editor_of_goyang(&api).await;
    let browser = Browser::as_caller(&editor).await;
    browser.send("/office/sign-out", &[]).await.expect(303);
    let text = browser.send(NEW, &AGREEMENT).await.expect(401).text;
    holds(
        &text,
        &[
            "적은 내용은 그대로 있습니다",
            "name=\"kept:title/ko\" value=\"드론 산업 육성 업무협약\"",
            "name=\"next\" value=\"/office/agreements/new\"",
        ],
    );
    let kept: Vec<(String, String)> = AGREEMENT
        .iter()
        .map(|(name, value)| (format!("kept:{name}"), (*value).to_owned()))
        .collect();
    let mut fields: Vec<(&str, &str)> = kept
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    fields.extend([("token", editor.token().unwrap()), ("next", NEW)]);
    let text = submit(&api.with(None), None, "/office/sign-in", &fields)
        .await
        .expect(200)
        .text;
    holds(
        &text,
        &[
            "action=\"../office/agreements/new\"",
            "name=\"title/ko\" value=\"드론 산업 육성 업무협약\"",
            "적은 내용 보내기",
        ],
    );
    // A path elsewhere is no page to go on to.
    let away = [
        ("token", editor.token().unwrap()),
        ("next", "//elsewhere.example/office"),
    ];
    let answer = submit(&api.with(None), None, "/office/sign-in", &away)
        .await
        .expect(303);
    assert_eq!(answer.headers["location"], "../office");
}

async fn a_fresh_registry_leads_to_the_first_agreement(api: Api) {
    let browser = Browser::as_caller(&api).await;
    let text = browser.open("/office").await.expect(200).text;
    holds(
        &text,
        &["등록부가 비어 있습니다", "office/municipalities/new"],
    );
    let wrong = browser
        .send("/office/municipalities/new", &[("code", "고양")])
        .await
        .expect(422);
    holds(&wrong.text, &["f-code-error1", "value=\"고양\""]);
    let text = browser
        .goes_on("/office/municipalities/new", &[("code", "고양시")])
        .await;
    holds(&text, &["office/agreements/new"]);
    holds(
        &browser.open(NEW).await.expect(200).text,
        &["value=\"고양시\""],
    );
}

async fn a_form_sent_twice_records_once(api: Api) {
    let browser = Browser::as_caller(&editor_of_goyang(&api).await).await;
    let before = api.read("/agreements?with_total=true").await.body["total"].as_i64();
    let fields = [&AGREEMENT[..], &[("key", "0193-abc")]].concat();
    let first = browser.send(NEW, &fields).await.expect(303);
    let second = browser.send(NEW, &fields).await.expect(303);
    assert_eq!(first.headers["location"], second.headers["location"]);
    let after = api.read("/agreements?with_total=true").await.body["total"].as_i64();
    assert_eq!(after, before.map(|count| count + 1));
    // Another content with the same key is shown again and not lost.
    let other = [&fields[..], &[("venue/ko", "시청")]].concat();
    let text = browser.send(NEW, &other).await.expect(422).text;
    holds(&text, &["이미 보냈습니다", "value=\"시청\""]);
}

async fn a_change_meets_one_of_another_window(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.editor).await;
    let path = format!("/office/agreements/{}/edit", city.agreement);
    let tag_of = |text: &str| {
        let tag = text.split("name=\"tag\" value=\"").nth(1).unwrap();
        tag.split("\">")
            .next()
            .unwrap()
            .replace("&#34;", "\"")
            .replace("&quot;", "\"")
    };
    let opened = browser.open(&path).await.expect(200).text;
    let title = opened.split("name=\"title/ko\" value=\"").nth(1).unwrap();
    let title = title.split('"').next().unwrap().to_owned();
    let fields = |tag: &str, venue: &str| {
        [
            ("tag", tag),
            ("title/ko", title.as_str()),
            ("venue/ko", venue),
        ]
        .map(|(n, v)| (n.to_owned(), v.to_owned()))
    };
    let send = async |fields: [(String, String); 3]| {
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        browser.send(&path, &fields).await
    };
    let tag = tag_of(&opened);
    send(fields(&tag, "시청 본관")).await.expect(303);
    let refused = send(fields(&tag, "시청 별관")).await.expect(412).text;
    holds(&refused, &["다른 사람이", "value=\"시청 별관\""]);
    // Sent again from the page that said so, it is the last word.
    send(fields(&tag_of(&refused), "시청 별관"))
        .await
        .expect(303);
    let one = city
        .editor
        .read(&format!("/agreements/{}", city.agreement))
        .await
        .body;
    assert_eq!(one["venue"]["ko"], "시청 별관");
    // What was not touched stays as it was stated; what is emptied is unknown again.
    let opened = browser.open(&path).await.expect(200).text;
    send(fields(&tag_of(&opened), "")).await.expect(303);
    let one = city
        .editor
        .read(&format!("/agreements/{}", city.agreement))
        .await
        .body;
    assert_eq!(one["venue"], Value::Null);
    assert_eq!(one["title"]["ko"], title);
}

async fn a_correction_has_a_reason(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let new = signed_mou(&[&city.id, &city.partner], "2026-01-05", json!({}));
    let one = city.approver.create("/agreements", &new).await;
    let browser = Browser::as_caller(&city.approver).await;
    let path = format!("/office/agreements/{}/edit", one.id());
    let opened = browser.open(&path).await.expect(200).text;
    let tag = opened
        .split("name=\"tag\" value=\"")
        .nth(1)
        .unwrap()
        .split("\">")
        .next()
        .unwrap();
    let tag = tag.replace("&#34;", "\"").replace("&quot;", "\"");
    let fields = [("tag", tag.as_str()), ("venue/ko", "시청")];
    let refused = browser.send(&path, &fields).await;
    assert_eq!(refused.status, 400, "{}", refused.text);
    holds(
        &refused.text,
        &["value=\"시청\"", "f-correction_reason-error1"],
    );
    let reason = [&fields[..], &[("correction_reason", "장소 누락")]].concat();
    holds(
        &browser.goes_on(&path, &reason).await,
        &["체결 후 정정", "장소 누락", "시청"],
    );
}

async fn forms_of_other_sites_are_refused(api: Api) {
    let browser = Browser::as_caller(&editor_of_goyang(&api).await).await;
    let sent = async |headers: &[(&'static str, &str)]| {
        let mut request = TestRequest::post()
            .uri("/office/sign-out")
            .insert_header(("accept", BROWSER))
            .insert_header(("content-type", "application/x-www-form-urlencoded"))
            .insert_header(("host", "registry.example"))
            .insert_header(("cookie", browser.cookie.as_str()));
        for header in headers {
            request = request.insert_header(*header);
        }
        api.call(request).await.status
    };
    for refused in [
        &[][..],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "none")],
        &[("origin", "http://elsewhere.example")],
        &[("origin", "null")],
        &[
            ("sec-fetch-site", "cross-site"),
            ("origin", "http://registry.example"),
        ],
    ] {
        assert_eq!(sent(refused).await, 403, "{refused:?}");
    }
    browser.open("/office").await.expect(200);
    assert_eq!(sent(&[("origin", "http://registry.example")]).await, 303);
    browser.open("/office").await.expect(401);
}

async fn each_role_does_what_its_token_may(api: Api) {
    let own = City::new(&api, "4111000000").await;
    let other = City::new(&api, "4113000000").await;
    let page = format!("/office/agreements/{}", own.agreement);
    // Nobody of another city finds a draft, nor a way to change it.
    let stranger = Browser::as_caller(&other.editor).await;
    for path in ["", "/edit", "/steps/in_review"] {
        stranger.open(&format!("{page}{path}")).await.expect(404);
    }
    stranger
        .send(&format!("{page}/steps/in_review"), &[("on", "2026-11-01")])
        .await
        .expect(404);
    // Whoever reads sees no way to write, and is refused in words.
    let viewer = Browser::as_caller(&own.viewer).await;
    let text = viewer.open(&page).await.expect(200).text;
    lacks(&text, &["/edit", "/steps/"]);
    let fields = [
        ("municipality", own.id.as_str()),
        ("title/ko", "협약"),
        ("kind", "mou"),
        ("status", "draft"),
    ];
    let refused = viewer.send(NEW, &fields).await.expect(403).text;
    holds(&refused, &["role=\"alert\"", "value=\"협약\""]);
    // Pages for readers show nothing more to whoever is signed in.
    let public = TestRequest::get()
        .uri(&format!("/agreements/{}", own.agreement))
        .insert_header(("accept", BROWSER))
        .insert_header(("cookie", viewer.cookie.as_str()));
    api.with(None).call(public).await.expect(404);
    // The cookie is no credential of the API.
    let request = TestRequest::get()
        .uri(&format!("/api/v1/agreements/{}", own.agreement))
        .insert_header(("cookie", viewer.cookie.as_str()));
    api.with(None).call(request).await.expect(404);
}

async fn sessions_end(api: Api) {
    let now = crate::support::api::now();
    let later = |minutes: i64| (now + chrono::Duration::minutes(minutes)).to_rfc3339();
    let created = json!({"name": "담당자", "role": "viewer", "all_municipalities": true});
    let created = api.create("/tokens", &created).await;
    let token = created.body["token"].as_str().unwrap().to_owned();
    let browser = Browser::of(&api, &token).await;
    let at = async |minutes: i64| {
        let api = api.at(&later(minutes)).await.with(None);
        let browser = Browser {
            api,
            cookie: browser.cookie.clone(),
        };
        browser.open("/office").await.status
    };
    assert_eq!(at(119).await, 200);
    assert_eq!(at(12 * 60).await, 401);
    // One of two sessions of a token ends by itself, or with the other.
    let (one, two) = (
        Browser::of(&api, &token).await,
        Browser::of(&api, &token).await,
    );
    one.send("/office/sign-out", &[]).await.expect(303);
    one.open("/office").await.expect(401);
    two.open("/office").await.expect(200);
    let three = Browser::of(&api, &token).await;
    two.send("/office/sign-out", &[("everywhere", "1")])
        .await
        .expect(303);
    three.open("/office").await.expect(401);
    // A token that is revoked ends its sessions.
    let four = Browser::of(&api, &token).await;
    let path = format!("/tokens/{}/revocation", created.id());
    api.act(&path, &json!({})).await.expect(200);
    four.open("/office").await.expect(401);
    let refused = submit(
        &api.with(None),
        None,
        "/office/sign-in",
        &[("token", &token)],
    )
    .await
    .expect(401);
    holds(&refused.text, &["취소되었거나"]);
}

async fn guessed_tokens_are_limited(api: Api) {
    let api = api
        .edged(&["--rate-limit-failures", "3"])
        .await
        .from("198.51.100.7");
    let guess = format!("mou_{}", "0".repeat(64));
    for _ in 0..3 {
        submit(
            &api.with(None),
            None,
            "/office/sign-in",
            &[("token", &guess)],
        )
        .await
        .expect(401);
    }
    let right = [("token", api.token().unwrap())];
    submit(&api.with(None), None, "/office/sign-in", &right)
        .await
        .expect(429);
}

async fn what_is_typed_is_escaped(api: Api) {
    let browser = Browser::as_caller(&editor_of_goyang(&api).await).await;
    let long = "가".repeat(2_000);
    let fields = [
        ("municipality", CITY),
        ("title/ko", NASTY),
        ("venue/ko", long.as_str()),
        ("purpose/ko", "</textarea><script>x</script>"),
        ("kind", "\"><script>"),
        ("parties/0/organization", NASTY),
        ("parties/0/organization/choice", "\"><script>"),
        ("more\"><script>", "x"),
    ];
    let text = browser.send(NEW, &fields).await.expect(422).text;
    lacks(&text, &["<script>alert", "<script>x", "\"><script>"]);
    holds(&text, &[&long]);
}
