//! Open sessions, as an admin sees and ends them on pages and by the API.

use serde_json::json;

use super::office::Browser;
use super::{holds, lacks};
use crate::support::Api;
use crate::support::city::City;

on_both!(new: an_admin_ends_the_sessions_of_one_person, an_admin_of_a_city_ends_those_of_its_own);

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
