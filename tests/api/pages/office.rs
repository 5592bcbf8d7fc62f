//! The pages of people who are signed in: sessions, forms, and what each role may do with them.

use actix_web::test::TestRequest;
use serde_json::json;

use super::{BROWSER, holds, lacks, page};
use crate::support::city::City;
use crate::support::records::{mou, signed_mou};
use crate::support::{Answer, Api, CITY};

on_both!(with_demo:
    what_was_typed_outlives_the_session, forms_of_other_sites_are_refused,
    officers_report_what_they_see, refusals_lead_back);
on_both!(new:
    a_fresh_registry_leads_to_the_first_agreement, each_role_does_what_its_token_may, sessions_end,
    guessed_tokens_are_limited);

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

    /// Sends a form with a file.
    pub async fn upload(&self, path: &str, fields: &[(&str, &str)], file: (&str, &[u8])) -> Answer {
        let mut body = Vec::new();
        for (name, value) in fields {
            let part = format!(
                "--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
            body.extend_from_slice(part.as_bytes());
        }
        let (name, bytes) = file;
        let part = format!(
            "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\ncontent-type: application/octet-stream\r\n\r\n"
        );
        body.extend_from_slice(part.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n--x--\r\n");
        let request = TestRequest::post()
            .uri(path)
            .insert_header(("accept", BROWSER))
            .insert_header(("content-type", "multipart/form-data; boundary=x"))
            .insert_header(("sec-fetch-site", "same-origin"))
            .insert_header(("cookie", self.cookie.as_str()))
            .set_payload(body);
        self.api.call(request).await
    }

    /// Sends a form that is accepted, and opens the page to which it leads.
    pub async fn goes_on(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let sent = self.send(path, fields).await.expect(303);
        let to = sent.headers["location"]
            .trim_start_matches("../")
            .to_owned();
        self.open(&format!("/{to}")).await.expect(200).text
    }
}

/// The tag of the state that a form shows.
pub fn tag(text: &str) -> String {
    let at = text.split("name=\"tag\" value=\"").nth(1).unwrap();
    let tag = at.split('"').next().unwrap();
    tag.replace("&quot;", "\"").replace("&#34;", "\"")
}

/// The fields of the form of a page, as a browser sends them.
pub fn fields_of(text: &str) -> Vec<(String, String)> {
    let form = text.split("class=\"entry\"").nth(1).unwrap();
    let form = form.split("</form>").next().unwrap();
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut is_first = false;
    for tag in form.split('<') {
        let of = |name: &str| {
            let value = tag.split(&format!(" {name}=\"")).nth(1);
            unescaped(value.map_or("", |value| value.split('"').next().unwrap()))
        };
        if tag.starts_with("input ") {
            let is_choice = tag.contains("type=\"radio\"") || tag.contains("type=\"checkbox\"");
            if !is_choice || tag.contains(" checked") {
                fields.push((of("name"), of("value")));
            }
        } else if tag.starts_with("textarea ") {
            let typed = tag.split_once('>').unwrap().1;
            fields.push((of("name"), unescaped(typed.trim_start_matches('\n'))));
        } else if tag.starts_with("select ") {
            fields.push((of("name"), String::new()));
            is_first = true;
        } else if tag.starts_with("option ") {
            if is_first || tag.contains(" selected") {
                fields.last_mut().unwrap().1 = of("value");
            }
            is_first = false;
        }
    }
    fields
}

fn unescaped(text: &str) -> String {
    let escapes = [
        ("&#34;", "\""),
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#39;", "'"),
        ("&#38;", "&"),
    ];
    let text = text.to_owned();
    escapes
        .iter()
        .fold(text, |text, (escape, plain)| text.replace(escape, plain))
}

/// Fields of which some have other values, and new ones.
pub fn changed<'a>(
    fields: &'a [(String, String)],
    changes: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let same = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let same = same.filter(|(name, _)| changes.iter().all(|(other, _)| other != name));
    same.chain(changes.iter().copied()).collect()
}

pub async fn submit(
    api: &Api,
    cookie: Option<&str>,
    path: &str,
    fields: &[(&str, &str)],
) -> Answer {
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

async fn officers_report_what_they_see(api: Api) {
    let editor = editor_of_goyang(&api).await;
    let partner = api.organization("드론 연구원").await;
    let more = json!({"title": {"ko": "내부 드론 협약"}, "visibility": "internal"});
    let internal = signed_mou(&[CITY, &partner], "2022-03-02", more);
    api.create("/agreements", &internal).await;
    let days = "from=2021-01-01&to=2024-12-31";
    let public = format!("/municipalities/{CITY}/council-report?{days}");
    lacks(
        &page(&api.with(None), &public).await.expect(200).text,
        &["내부 드론 협약"],
    );

    let browser = Browser::as_caller(&editor).await;
    let path = format!("/office/municipalities/{CITY}/council-report");
    let desk = browser.open("/office").await.expect(200).text;
    holds(&desk, &[&format!("action=\".{path}\"")]);
    let report = browser.open(&format!("{path}?{days}")).await.expect(200);
    holds(&report.text, &["업무협약 추진현황 보고", "내부 드론 협약"]);
    assert_eq!(report.headers["cache-control"], "no-store");
    let reversed = format!("{path}?from=2024-01-01&to=2023-01-01");
    let reversed = browser.open(&reversed).await.expect(400);
    holds(&reversed.text, &["기간의 끝이 시작보다 앞섭니다"]);
    let wrong = browser.open(&format!("{path}?from=soon")).await.expect(400);
    holds(
        &wrong.text,
        &[
            "f-from-error1\">연월일이 다 있는",
            "f-to-error1\">연월일이 다 있는",
        ],
    );
    let long = browser
        .open(&format!("{path}?from=2001-01-01&to=2024-12-31"))
        .await;
    holds(&long.expect(400).text, &["기간은 10년을 넘을 수 없습니다"]);
}

async fn refusals_lead_back(api: Api) {
    let browser = Browser::as_caller(&editor_of_goyang(&api).await).await;
    let nowhere = format!(
        "/office/agreements/{}",
        "0193c5a0-0000-7000-8000-000000000000"
    );
    let text = browser.open(&nowhere).await.expect(404).text;
    holds(
        &text,
        &[
            "href=\"../../office\">내 업무로 돌아가기",
            "href=\"../../agreements\"",
        ],
    );
}

pub async fn editor_of_goyang(api: &Api) -> Api {
    let new = json!({"name": "고양시 담당자", "role": "editor", "municipality_ids": [CITY]});
    api.caller(new).await
}

pub const NEW: &str = "/office/agreements/new";

/// The fields of an agreement with a party that is recorded with it.
pub const AGREEMENT: [(&str, &str); 15] = [
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
    ("commitments/0/owed_by", "0"),
    ("commitments/0/due", "2026년 하반기"),
];

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
    let path = "/office/municipalities/new";
    for (typed, offered) in [
        ("고양", &["경기도 고양시 (4128000000)"][..]),
        ("고양시청", &["경기도 고양시 (4128000000)"]),
        ("서울시", &["서울특별시 (1100000000)"]),
        ("고성군", &["강원특별자치도 고성군", "경상남도 고성군"]),
        (
            "전라북도",
            &["전북특별자치도 (5200000000, 이전 명칭 전라북도)"],
        ),
    ] {
        let asked = browser.send(path, &[("code", typed)]).await.expect(422);
        holds(
            &asked.text,
            &["f-code-error1", &format!("value=\"{typed}\"")],
        );
        holds(&asked.text, offered);
    }
    let none = browser.send(path, &[("code", "없는시")]).await.expect(422);
    holds(&none.text, &["f-code-error1", "value=\"없는시\""]);
    // The only one is chosen already, and is recorded once it was shown.
    let asked = browser
        .send(path, &[("code", "고양시")])
        .await
        .expect(422)
        .text;
    let fields = fields_of(&asked);
    let text = browser.goes_on(path, &changed(&fields, &[])).await;
    holds(&text, &["office/agreements/new"]);
    // Sent once more, the form is the same request.
    browser.send(path, &changed(&fields, &[])).await.expect(303);
    let asked = browser
        .send(path, &[("code", "고양시")])
        .await
        .expect(422)
        .text;
    holds(&asked, &["이미 기록된 곳", "/municipalities/"]);
    holds(
        &browser.open(NEW).await.expect(200).text,
        &["value=\"고양시\""],
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
            // The name that the server gives it where it is reached by https.
            .insert_header(("cookie", format!("__Host-{}", browser.cookie)));
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
    // An editor is not led to what only an approver does.
    let editor = Browser::as_caller(&own.editor).await;
    let step = [("on", "2026-11-01")];
    let text = editor
        .goes_on(&format!("{page}/steps/in_review"), &step)
        .await;
    holds(&text, &["/steps/withdrawn", "/edit"]);
    lacks(&text, &["/steps/approved"]);
    // An approver is not led to approve their own work.
    let policy = json!({"policies": [{"self_approval": false}]});
    api.update(&format!("/municipalities/{}", own.id), "*", &policy)
        .await;
    let draft = mou(&[&own.id, &own.partner], json!({}));
    let drafted = own.approver.create("/agreements", &draft).await;
    let drafted = format!("/office/agreements/{}", drafted.id());
    let approver = Browser::as_caller(&own.approver).await;
    let text = approver
        .goes_on(&format!("{drafted}/steps/in_review"), &step)
        .await;
    lacks(&text, &["/steps/approved"]);
    approver
        .open(&format!("{drafted}/steps/approved"))
        .await
        .expect(403);
    let text = approver.open(&page).await.expect(200).text;
    holds(&text, &["/steps/approved"]);
    // Nor is an editor led to an organization that another city recorded.
    let parties = [own.id.as_str(), other.partner.as_str()];
    let new = mou(&parties, json!({"title": {"ko": "남의 기관"}}));
    let shared = own.editor.create("/agreements", &new).await;
    let parts = format!("/office/agreements/{}/parts", shared.id());
    let text = editor.open(&parts).await.expect(200).text;
    lacks(&text, &["기관 정보 수정"]);
    let text = editor.open(&format!("{page}/parts")).await.expect(200).text;
    holds(
        &text,
        &[&format!("office/organizations/{}/edit", own.partner)],
    );
    let edit = format!("/office/organizations/{}/edit", other.partner);
    editor.open(&edit).await.expect(403);
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
    let form = format!("{NEW}?municipality={}", own.id);
    let refused = viewer.open(&form).await.expect(403).text;
    holds(&refused, &["이 작업에 필요한 역할: 관리자, 승인자, 편집자"]);
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
    let text = two
        .goes_on("/office/sign-out", &[("everywhere", "1")])
        .await;
    holds(&text, &["모든 곳에서 로그아웃했습니다."]);
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
