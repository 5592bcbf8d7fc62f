//! What the API answers to people who are signed in, by their session.

use actix_web::test::TestRequest;
use serde_json::json;

use super::office::Browser;
use super::{BROWSER, holds, lacks, page};
use crate::support::Api;
use crate::support::city::City;
use crate::support::records::signed_mou;

on_both!(new:
    officers_download_what_they_see, the_next_page_is_read_by_the_session_too, nothing_but_records_is_read_by_a_session,
    a_secure_server_takes_its_own_cookie_alone);

async fn public_agreement(city: &City) {
    let more = json!({"title": {"ko": "공개 협약"}});
    let new = signed_mou(&[&city.id, &city.partner], "2024-01-05", more);
    city.approver.create("/agreements", &new).await;
}

async fn officers_download_what_they_see(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.editor).await;
    public_agreement(&city).await;
    let internal = "내부 협약 4111000000";
    let list = browser.open("/office/agreements").await.expect(200).text;
    holds(
        &list,
        &[
            "\"../office/data/agreements.csv?lang=ko\"",
            "\"../office/data/agreements.xlsx?lang=ko\"",
            "\"../office/data/agreements\"",
            "office/data/timeline.ics?",
        ],
    );
    let csv = browser
        .open("/office/data/agreements.csv")
        .await
        .expect(200);
    assert!(csv.headers["content-type"].starts_with("text/csv"));
    assert!(csv.headers["content-disposition"].contains("attachment"));
    assert_eq!(csv.headers["cache-control"], "no-store");
    holds(&csv.text, &[internal]);
    let narrowed = "/office/data/agreements.csv?status=signed";
    lacks(&browser.open(narrowed).await.expect(200).text, &[internal]);
    let xlsx = browser
        .open("/office/data/agreements.xlsx")
        .await
        .expect(200);
    assert!(xlsx.headers["content-type"].contains("spreadsheetml"));
    let ics = browser
        .open("/office/data/timeline.ics?type=milestone")
        .await;
    holds(&ics.expect(200).text, &["내부 사업 4111000000"]);
    for (list, name) in [
        ("projects", "내부 사업"),
        ("working-groups", "내부 협의체"),
        ("announcements", "내부 발표"),
    ] {
        let text = browser.open(&format!("/office/{list}")).await.expect(200);
        holds(&text.text, &[&format!("office/data/{list}.csv")]);
        let file = browser.open(&format!("/office/data/{list}.csv")).await;
        holds(&file.expect(200).text, &[name]);
    }
    // The file of a document, which nobody else reads.
    let one = format!("/office/agreements/{}", city.agreement);
    let text = browser.open(&one).await.expect(200).text;
    let at = text.split("../office/data/").find(|part| {
        let path = part.split('"').next().unwrap_or_default();
        path.ends_with("/file")
    });
    let path = at.unwrap().split('"').next().unwrap().to_owned();
    let file = browser
        .open(&format!("/office/data/{path}"))
        .await
        .expect(200);
    holds(&file.text, &["%PDF-1.7"]);
    page(&api.with(None), &format!("/api/v1/{path}"))
        .await
        .expect(404);
    // Public pages lead to the API, which takes no cookie.
    let public = page(&api.with(None), "/agreements").await.expect(200).text;
    holds(&public, &["\"./api/v1/agreements.csv?lang=ko\""]);
    lacks(&public, &["office/data"]);
    let csv = browser.open("/api/v1/agreements.csv").await.expect(200);
    lacks(&csv.text, &[internal]);
    // Errors are those of the API.
    let wrong = browser.open("/office/data/agreements.csv?colour=red").await;
    assert_eq!(wrong.expect(400).places(), ["colour"]);
}

async fn the_next_page_is_read_by_the_session_too(mut api: Api) {
    let city = City::new(&api, "4111000000").await;
    public_agreement(&city).await;
    let mut browser = Browser::as_caller(&city.editor).await;
    let first = "/office/data/agreements?limit=1";
    let relative = browser.open(first).await.expect(200);
    assert!(relative.headers["link"].starts_with("<?limit=1&cursor="));
    let public = "https://mou.goyang.example/registry";
    api.state.public_url = Some(public.parse().unwrap());
    browser.api = api.served().await.with(None);
    browser.cookie = format!("__Host-{}", browser.cookie);
    let link = &browser.open(first).await.expect(200).headers["link"];
    let next = link.strip_prefix(&format!("<{public}")).unwrap();
    let next = next.split('>').next().unwrap();
    assert!(next.starts_with("/office/data/agreements?"), "{next}");
    browser.open(next).await.expect(200);
}

async fn nothing_but_records_is_read_by_a_session(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let path = "/office/data/agreements.csv";
    // Whoever is signed out meets the page to sign in.
    let refused = page(&api.with(None), path).await.expect(401);
    holds(&refused.text, &["name=\"token\""]);
    let browser = Browser::as_caller(&city.editor).await;
    browser.open(path).await.expect(200);
    let admin = Browser::as_caller(&api).await;
    for other in ["tokens", "webhooks", "me", "nothing", "changes/stream", ""] {
        let answer = admin.open(&format!("/office/data/{other}")).await;
        assert_eq!(answer.status, 404, "{other}: {}", answer.text);
    }
    let new = json!({"kind": "company", "name": {"ko": "새 기업"}}).to_string();
    for method in ["POST", "PATCH", "DELETE"] {
        for path in ["organizations", &format!("agreements/{}", city.agreement)] {
            let request = TestRequest::default()
                .method(method.parse().unwrap())
                .uri(&format!("/office/data/{path}"))
                .insert_header(("accept", BROWSER))
                .insert_header(("content-type", "application/json"))
                .insert_header(("if-match", "*"))
                .insert_header(("cookie", admin.cookie.as_str()))
                .set_payload(new.clone());
            api.with(None).call(request).await.expect(404);
        }
    }
    // A partner reads what it takes part in, and no more.
    let other = City::new(&api, "4128000000").await;
    let partner = Browser::as_caller(&api.partner(&other.partner).await).await;
    let text = partner.open(path).await.expect(200).text;
    lacks(&text, &["내부 협약 4111000000"]);
    browser.send("/office/sign-out", &[]).await.expect(303);
    holds(
        &browser.open(path).await.expect(401).text,
        &["name=\"token\""],
    );
}

async fn a_secure_server_takes_its_own_cookie_alone(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.viewer).await;
    let secret = browser.cookie.split_once('=').unwrap().1;
    for (scheme, name, status) in [
        ("http", "mou_session", 200),
        ("http", "__Host-mou_session", 401),
        ("https", "mou_session", 401),
        ("https", "__Host-mou_session", 200),
    ] {
        let cookie = format!("{name}={secret}");
        let request = TestRequest::get()
            .uri("/office")
            .insert_header(("accept", BROWSER))
            .insert_header(("x-forwarded-proto", scheme))
            .insert_header(("cookie", cookie.as_str()));
        let answer = api.with(None).call(request).await;
        assert_eq!(answer.status, status, "{scheme} {name}");
    }
}
