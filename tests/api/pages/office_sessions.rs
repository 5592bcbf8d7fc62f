//! Open sessions, as an admin sees and ends them on pages and by the API.

use serde_json::json;

use super::office::{Browser, editor_of_goyang};
use super::{holds, lacks};
use crate::support::city::City;
use crate::support::issuer::file;
use crate::support::provider::Provider;
use crate::support::records::mou;
use crate::support::{Api, CITY};

on_both!(with_demo: a_form_with_a_file_outlives_the_session);
on_both!(new:
    an_admin_ends_the_sessions_of_one_person, an_admin_of_a_city_ends_those_of_its_own,
    a_holder_has_some_sessions_at_most, a_subject_is_reached_in_all_its_sessions_or_in_none);

const PATH: &str = "/office/admin/sessions";

async fn an_admin_ends_the_sessions_of_one_person(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let new = json!({"name": "김담당", "role": "editor", "municipality_ids": [city.id]});
    let (id, caller) = api.new_token(new).await;
    assert_eq!(api.read("/sign-ins").await.items().len(), 0);
    let (one, two) = (
        Browser::as_caller(&caller).await,
        Browser::as_caller(&caller).await,
    );
    let admin = Browser::as_caller(&api).await;
    let viewer = Browser::as_caller(&city.viewer).await;
    let listed = api.read("/sign-ins").await;
    let found = listed
        .items()
        .iter()
        .find(|holder| holder["id"] == json!(id))
        .unwrap();
    assert_eq!(found["name"], "김담당");
    assert_eq!(found["person"], json!(null));
    assert_eq!(found["sessions"].as_array().unwrap().len(), 2);
    assert_eq!(listed.items().len(), 3);
    lacks(&listed.text, &["mous_", "hash"]);
    let text = admin.open(PATH).await.expect(200).text;
    holds(
        &text,
        &["로그인한 사람", "김담당", &format!("sessions/{id}/end")],
    );
    let asked = admin
        .open(&format!("{PATH}/{id}/end"))
        .await
        .expect(200)
        .text;
    holds(
        &asked,
        &["로그인을 끝냅니까?", "김담당, 편집자, 로그인 2개"],
    );
    one.open("/office").await.expect(200);
    let text = admin.goes_on(&format!("{PATH}/{id}/end"), &[]).await;
    holds(&text, &["기록했습니다."]);
    lacks(&text, &["김담당"]);
    one.open("/office").await.expect(401);
    two.open("/office").await.expect(401);
    // Others stay, the token is still valid, and nothing happens a second time.
    viewer.open("/office").await.expect(200);
    Browser::as_caller(&caller)
        .await
        .open("/office")
        .await
        .expect(200);
    let path = format!("/sign-ins/{id}/end");
    assert_eq!(api.act(&path, &json!({})).await.body, json!({"ended": 1}));
    assert_eq!(api.act(&path, &json!({})).await.body, json!({"ended": 0}));
    admin.open(&format!("{PATH}/{id}/end")).await.expect(404);
    // Only admins see and end sessions.
    viewer.open(PATH).await.expect(403);
    viewer
        .send(&format!("{PATH}/{id}/end"), &[])
        .await
        .expect(403);
    lacks(&viewer.open("/office").await.text, &["admin/sessions"]);
    let unknown = "/sign-ins/0178d7fa-2c00-7000-8000-00000000ffff/end";
    api.post(unknown, &json!({})).await.expect(404);
}

async fn an_admin_of_a_city_ends_those_of_its_own(api: Api) {
    let (city, other) = (
        City::new(&api, "4111000000").await,
        City::new(&api, "4128000000").await,
    );
    let admin = json!({"name": "시 관리자", "role": "admin", "municipality_ids": [city.id]});
    let admin = api.caller(admin).await;
    let own = Browser::as_caller(&city.editor).await;
    let foreign = Browser::as_caller(&other.editor).await;
    Browser::as_caller(&api).await;
    let listed = admin.read("/sign-ins").await;
    let names: Vec<_> = listed
        .items()
        .iter()
        .map(|holder| holder["name"].clone())
        .collect();
    assert_eq!(names, [json!("editor 4111000000")]);
    let id = listed.items()[0]["id"].as_str().unwrap().to_owned();
    let all = api.read("/sign-ins").await;
    let ids = all
        .items()
        .iter()
        .map(|holder| holder["id"].as_str().unwrap().to_owned());
    for other in ids.filter(|other| *other != id) {
        let path = format!("/sign-ins/{other}/end");
        admin.post(&path, &json!({})).await.expect(404);
    }
    let path = format!("/sign-ins/{id}/end");
    assert_eq!(admin.act(&path, &json!({})).await.body, json!({"ended": 1}));
    own.open("/office").await.expect(401);
    foreign.open("/office").await.expect(200);
}

async fn a_holder_has_some_sessions_at_most(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let other = Browser::as_caller(&city.editor).await;
    let first = Browser::as_caller(&city.viewer).await;
    let second = Browser::as_caller(&city.viewer).await;
    for _ in 0..19 {
        Browser::as_caller(&city.viewer).await;
    }
    let listed = api.read("/sign-ins").await;
    let counts = listed.items().iter();
    let counts: Vec<_> = counts
        .map(|holder| holder["sessions"].as_array().unwrap().len())
        .collect();
    assert_eq!(counts, [1, 20]);
    first.open("/office").await.expect(401);
    second.open("/office").await.expect(200);
    other.open("/office").await.expect(200);
}

async fn a_subject_is_reached_in_all_its_sessions_or_in_none(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let rules = json!({"claim": "groups", "rules": [
        {"value": "viewers", "role": "viewer", "municipalities": ["4111000000"]},
        {"value": "admins", "role": "admin", "municipalities": "all"}]});
    let mut provider = Provider::new(&api).await;
    provider.settings.oidc_mapping = Some(file(&rules.to_string()));
    provider.api = provider.opened().await;
    let signed_in = async |group: &str| {
        *provider.changes.lock().unwrap() = json!({"groups": [group]});
        provider.browser().await
    };
    let admin = json!({"name": "시 관리자", "role": "admin", "municipality_ids": [city.id]});
    let admin = api.caller(admin).await;
    let admin = provider.api.with(admin.token());
    let all = provider.api.with(api.token());
    let low = signed_in("viewers").await;
    let listed = admin.read("/sign-ins").await;
    assert_eq!(listed.items().len(), 1, "{}", listed.text);
    let id = listed.items()[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(listed.items()[0]["person"], "김담당");
    let end = format!("/sign-ins/{id}/end");
    // The same person as an admin of all is out of reach in every session.
    let high = signed_in("admins").await;
    assert_eq!(admin.read("/sign-ins").await.items().len(), 0);
    admin.post(&end, &json!({})).await.expect(404);
    low.open("/office").await.expect(200);
    let listed = all.read("/sign-ins").await;
    assert_eq!(listed.items()[0]["role"], "admin");
    assert_eq!(listed.items()[0]["sessions"].as_array().unwrap().len(), 2);
    assert_eq!(all.act(&end, &json!({})).await.body, json!({"ended": 2}));
    for ended in [&low, &high] {
        ended.open("/office").await.expect(401);
    }
    // Without sessions, nothing is known of the subject. A second click leads to the list.
    all.post(&end, &json!({})).await.expect(404);
    let token = Browser {
        api: all.with(None),
        cookie: format!("__Host-{}", Browser::as_caller(&api).await.cookie),
    };
    let text = token.goes_on(&format!("{PATH}/{id}/end"), &[]).await;
    holds(&text, &["로그인한 사람"]);
    lacks(&text, &["기록했습니다."]);
}

/// The texts of a form with a file are kept, and the file is asked for again.
async fn a_form_with_a_file_outlives_the_session(api: Api) {
    let editor = editor_of_goyang(&api).await;
    let agreement = mou(&[CITY, &api.organization("협력사").await], json!({}));
    let agreement = api.create("/agreements", &agreement).await;
    let form = format!("/office/agreements/{}/documents/new", agreement.id());
    let browser = Browser::as_caller(&editor).await;
    browser.send("/office/sign-out", &[]).await.expect(303);
    let large = vec![b'x'; 3_000_000];
    for (file, lost) in [(("협약서.pdf", &large[..]), true), (("", &b""[..]), false)] {
        let key = "0192aaaa-0000-7000-8000-000000000001";
        let typed = [
            ("key", key),
            ("title/ko", "협약서 사본"),
            ("file_number", "서고-3"),
        ];
        let text = browser.upload(&form, &typed, file).await.expect(401).text;
        holds(
            &text,
            &[
                "적은 내용은 그대로 있습니다",
                "name=\"kept:title/ko\" value=\"협약서 사본\"",
            ],
        );
        let mut again = typed.to_vec();
        if lost {
            holds(&text, &["name=\"kept:file/lost\""]);
            again.push(("file/lost", "1"));
        }
        let signed_in = Browser::as_caller(&editor).await;
        let answer = signed_in.send(&form, &again).await;
        if lost {
            let text = answer.expect(422).text;
            holds(&text, &["파일을 다시 고르십시오", "서고-3"]);
        } else {
            answer.expect(303);
        }
    }
}
