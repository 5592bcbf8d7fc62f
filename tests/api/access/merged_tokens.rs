//! Tokens of organizations that were merged: they grant nothing until renewed.

use serde_json::{Value, json};

use crate::support::city::City;
use crate::support::log::wrong;
use crate::support::records::signed_mou;
use crate::support::{Answer, Api};

on_both!(new: a_merge_hands_no_token_more_than_it_had, the_survivor_is_renewed_too, only_an_admin_of_all_renews,
    a_renewal_holds_for_one_survivor, a_calendar_rests_with_its_token);

/// An agreement for partners, of the city and an organization. Returns its path.
async fn of(city: &City, organization: &str) -> String {
    let new = signed_mou(
        &[&city.id, organization],
        "2024-01-02",
        json!({"visibility": "partners"}),
    );
    format!(
        "/agreements/{}",
        city.editor.create("/agreements", &new).await.id()
    )
}

/// A partner of an organization, with the path of its token.
async fn partner(api: &Api, organization: &str) -> (String, Api) {
    let new = json!({"name": "협회 담당", "role": "partner", "organization_id": organization});
    let (id, partner) = api.new_token(new).await;
    (format!("/tokens/{id}"), partner)
}

fn warned(merged: &Answer) -> Option<&str> {
    let mut all = merged.body["warnings"].as_array().unwrap().iter();
    let found = all.find(|warning| warning["code"] == "tokens_suspended")?;
    found["message"]["ko"].as_str()
}

async fn a_merge_hands_no_token_more_than_it_had(api: Api) {
    let city = City::new(&api, "4128000000").await;
    let (gone, kept) = (
        api.organization("중복").await,
        api.organization("원본").await,
    );
    let (of_gone, of_kept) = (of(&city, &gone).await, of(&city, &kept).await);
    let (token, caller) = partner(&api, &gone).await;
    let (other, of_survivor) = partner(&api, &kept).await;
    let (revoked, _) = partner(&api, &gone).await;
    api.act(&format!("{revoked}/revocation"), &json!({})).await;
    caller.read(&of_gone).await;
    caller.get(&of_kept).await.expect(404);
    assert_eq!(api.read(&token).await.body["suspended"], false);

    let merged = api.merge(&gone, &kept).await;
    assert!(
        warned(&merged).is_some_and(|message| message.contains("2개")),
        "{}",
        merged.text
    );
    for path in [&of_gone, &of_kept, "/me", "/agreements"] {
        let refused = caller.get(path).await.expect(401);
        assert!(refused.text.contains("정지"), "{}", refused.text);
    }
    caller
        .post("/calendars", &json!({"name": "일정"}))
        .await
        .expect(401);
    assert_eq!(api.read(&token).await.body["suspended"], true);
    let listed = api.read("/tokens?role=partner").await;
    let suspended = listed
        .items()
        .iter()
        .filter(|token| token["suspended"] == true);
    assert_eq!(suspended.count(), 3);
    for path in [&of_gone, &of_kept, "/me"] {
        of_survivor.get(path).await.expect(401);
    }

    // Undone, it is as before.
    api.act(&format!("/organizations/{gone}/unmerge"), &json!({}))
        .await;
    caller.read(&of_gone).await;
    caller.get(&of_kept).await.expect(404);
    of_survivor.read(&of_kept).await;
    of_survivor.get(&of_gone).await.expect(404);
    for token in [&token, &other] {
        assert_eq!(api.read(token).await.body["suspended"], false);
    }
    // A duplicate that no record names brings nothing to see.
    let plain = api.organization("또 다른 중복").await;
    assert_eq!(warned(&api.merge(&plain, &kept).await), None);
}

async fn the_survivor_is_renewed_too(api: Api) {
    let city = City::new(&api, "4128000000").await;
    let ids = ["중복", "또 다른 중복", "원본"].map(|name| api.organization(name));
    let [gone, late, kept] = futures_util::future::join_all(ids)
        .await
        .try_into()
        .unwrap();
    let (of_gone, of_late) = (of(&city, &gone).await, of(&city, &late).await);
    let (token, caller) = partner(&api, &kept).await;
    let preview = json!({ "into_id": kept });
    let path = format!("/organizations/{gone}/merge-preview");
    let preview = api.post(&path, &preview).await.expect(200);
    assert_eq!(preview.body["token_count"], 1);
    api.merge(&gone, &kept).await;
    caller.get("/me").await.expect(401);
    api.act(&format!("{token}/renewal"), &json!({})).await;
    caller.read(&of_gone).await;
    // Each merge asks anew, of those too who came by an earlier one.
    let (_, of_first) = partner(&api, &gone).await;
    of_first.read(&of_gone).await;
    api.merge(&late, &kept).await;
    for caller in [&caller, &of_first] {
        caller.get(&of_gone).await.expect(401);
    }
    api.act(&format!("{token}/renewal"), &json!({})).await;
    caller.read(&of_late).await;
    assert_eq!(wrong(&api), None);
}

async fn only_an_admin_of_all_renews(api: Api) {
    let city = City::new(&api, "4128000000").await;
    let (gone, kept) = (
        api.organization("중복").await,
        api.organization("원본").await,
    );
    let (of_gone, of_kept) = (of(&city, &gone).await, of(&city, &kept).await);
    let bound = json!({"name": "담당", "role": "partner", "organization_id": gone, "municipality_ids": [city.id]});
    let (id, caller) = api.new_token(bound).await;
    let renewal = format!("/tokens/{id}/renewal");
    // Nothing to renew yet.
    assert_eq!(api.act(&renewal, &json!({})).await.body["version"], 1);
    api.merge(&gone, &kept).await;
    let own = json!({"name": "관리자", "role": "admin", "municipality_ids": [city.id]});
    let own = api.caller(own).await;
    own.read(&format!("/tokens/{id}")).await;
    for (caller, status) in [
        (&own, 403),
        (&city.editor, 403),
        (&api.with(None), 401),
        (&caller, 401),
    ] {
        caller.post(&renewal, &json!({})).await.expect(status);
    }
    let renewed = api.act(&renewal, &json!({})).await;
    assert_eq!(
        (&renewed.body["suspended"], &renewed.body["version"]),
        (&json!(false), &json!(2))
    );
    for path in [&of_gone, &of_kept] {
        caller.read(path).await;
    }
    let history = api.read("/changes?types=token").await;
    assert_eq!(history.items().last().unwrap()["operation"], "renew_token");
    api.act(&format!("/tokens/{id}/revocation"), &json!({}))
        .await;
    api.post(&renewal, &json!({})).await.expect(409);
}

async fn a_renewal_holds_for_one_survivor(api: Api) {
    let ids = ["하나", "둘", "셋"].map(|name| api.organization(name));
    let [first, second, third] = futures_util::future::join_all(ids)
        .await
        .try_into()
        .unwrap();
    let (token, caller) = partner(&api, &first).await;
    let state = async || api.read(&token).await.body["suspended"].clone();
    api.merge(&first, &second).await;
    api.act(&format!("{token}/renewal"), &json!({})).await;
    caller.read("/me").await;
    // The survivor is merged in its turn.
    assert!(warned(&api.merge(&second, &third).await).is_some());
    assert_eq!(state().await, true);
    caller.get("/me").await.expect(401);
    api.act(&format!("{token}/renewal"), &json!({})).await;
    let me = caller.read("/me").await;
    assert_eq!(me.body["organization"]["id"], Value::String(third.clone()));
    // A token that is made for a duplicate is meant for the survivor.
    let (late, caller) = partner(&api, &first).await;
    assert_eq!(api.read(&late).await.body["suspended"], false);
    caller.read("/me").await;
}

async fn a_calendar_rests_with_its_token(api: Api) {
    let (gone, kept) = (
        api.organization("중복").await,
        api.organization("원본").await,
    );
    let (token, caller) = partner(&api, &gone).await;
    let calendar = caller.create("/calendars", &json!({"name": "일정"})).await;
    let address = calendar.body["address"].as_str().unwrap();
    let address = &address[address.find("/api/").unwrap()..];
    let anyone = api.with(None);
    anyone.read(address).await;
    api.merge(&gone, &kept).await;
    anyone.get(address).await.expect(404);
    api.act(&format!("{token}/renewal"), &json!({})).await;
    anyone.read(address).await;
}
