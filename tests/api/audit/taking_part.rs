//! Changes for those who come to see a record by taking part in it, and who see it no more.

use serde_json::{Value, json};

use crate::support::records::{signed, signed_mou};
use crate::support::{Answer, Api};

on_both!(new: parties_get_the_whole_record, implementers_and_members_get_the_whole_record,
    co_owners_get_the_whole_record, parts_come_whole_with_their_next_change);

/// A caller who reads on where it left off.
struct Reader {
    api: Api,
    after: u64,
}

impl Reader {
    async fn new(api: Api) -> Self {
        let mut reader = Self { api, after: 0 };
        reader.changes().await;
        reader
    }

    async fn changes(&mut self) -> Vec<Value> {
        let path = format!("/changes?limit=500&after={}", self.after);
        let read = self.api.read(&path).await;
        self.after = read.body["last_seq"].as_u64().unwrap();
        read.items().clone()
    }

    /// Returns how each new change of a record is told: as `whole`, as a `patch` or as `gone`.
    async fn told(&mut self, id: &str) -> Vec<&'static str> {
        let changes = self.changes().await;
        let own = changes.iter().filter(|change| change["record_id"] == id);
        own.map(
            |change| match change["patch"].as_array().unwrap().as_slice() {
                [one] if one["path"] == "" && one["value"].is_null() => "gone",
                [one] if one["path"] == "" => "whole",
                _ => "patch",
            },
        )
        .collect()
    }
}

async fn parties_get_the_whole_record(api: Api) {
    let city = api.municipality().await;
    let company = api.organization("협력 기업").await;
    let more = json!({"visibility": "partners"});
    let made: Answer = signed(&api, &city, "2024-03-04", more).await;
    let id = made.id().to_owned();
    // Everyone sees that it is recorded, so that readers know of all entries until here.
    let other = api.organization("다른 기업").await;
    let mut reader = Reader::new(api.partner(&company).await).await;
    let mut stranger = Reader::new(api.partner(&other).await).await;
    let parties = format!("/agreements/{id}/parties");
    let party = json!({"organization_id": company});
    let joined = api
        .create(&format!("{parties}?correction_reason=x"), &party)
        .await;
    assert_eq!(reader.told(&id).await, ["whole"]);
    let change = format!("/agreements/{id}?correction_reason=x");
    api.update(&change, "*", &json!({"note": {"ko": "메모"}}))
        .await;
    assert_eq!(reader.told(&id).await, ["patch"]);
    let party = joined.body["parties"].as_array().unwrap().last().unwrap();
    let party = party["id"].as_str().unwrap();
    let one = format!("{parties}/{party}?correction_reason=x");
    api.delete(&one, "*").await.expect(204);
    assert_eq!(reader.told(&id).await, ["gone"]);
    api.update(&change, "*", &json!({"note": {"ko": "비밀"}}))
        .await;
    assert_eq!(reader.told(&id).await, Vec::<&str>::new());
    assert_eq!(stranger.told(&id).await, Vec::<&str>::new());
    // What everyone sees is told as before.
    let open = signed(&api, &city, "2024-03-05", json!({})).await;
    reader.changes().await;
    let parties = format!("/agreements/{}/parties?correction_reason=x", open.id());
    api.create(&parties, &json!({"organization_id": company}))
        .await;
    assert_eq!(reader.told(open.id()).await, ["patch"]);
}

async fn implementers_and_members_get_the_whole_record(api: Api) {
    let city = api.municipality().await;
    let company = api.organization("협력 기업").await;
    let project = json!({"municipality_id": city, "kind": "facility", "title": {"ko": "사업"}, "visibility": "partners"});
    let project = api.create("/projects", &project).await.id().to_owned();
    let group =
        json!({"municipality_id": city, "name": {"ko": "협의체"}, "visibility": "partners"});
    let group = api.create("/working-groups", &group).await.id().to_owned();
    api.organization("다른 기업").await;
    let mut reader = Reader::new(api.partner(&company).await).await;
    let path = format!("/projects/{project}");
    let implementers = json!({"implementers": [{"organization_id": company}]});
    api.update(&path, "*", &implementers).await;
    assert_eq!(reader.told(&project).await, ["whole"]);
    api.update(&path, "*", &json!({"implementers": []})).await;
    assert_eq!(reader.told(&project).await, ["gone"]);
    let members = format!("/working-groups/{group}/members");
    let joined = api
        .act(&members, &json!({"organization_id": company}))
        .await;
    let member = joined.body["members"][0]["id"].as_str().unwrap();
    assert_eq!(reader.told(&group).await, ["whole"]);
    api.delete(&format!("{members}/{member}"), "*")
        .await
        .expect(204);
    assert_eq!(reader.told(&group).await, ["gone"]);
}

async fn co_owners_get_the_whole_record(api: Api) {
    let city = api.municipality().await;
    let other = api
        .create("/municipalities", &json!({"code": "4111000000"}))
        .await;
    let other = other.id();
    let staff = json!({"name": "수원", "role": "viewer", "municipality_ids": [other]});
    let more = json!({"visibility": "internal"});
    let made = api
        .create(
            "/agreements",
            &signed_mou(&[&city, other], "2024-03-04", more),
        )
        .await;
    api.organization("다른 기업").await;
    let mut reader = Reader::new(api.caller(staff).await).await;
    let change = format!("/agreements/{}?correction_reason=x", made.id());
    api.update(&change, "*", &json!({"co_owner_ids": [other]}))
        .await;
    assert_eq!(reader.told(made.id()).await, ["whole"]);
    api.update(&change, "*", &json!({"co_owner_ids": []})).await;
    assert_eq!(reader.told(made.id()).await, ["gone"]);
}

async fn parts_come_whole_with_their_next_change(api: Api) {
    let city = api.municipality().await;
    let company = api.organization("협력 기업").await;
    let project = json!({"municipality_id": city, "kind": "facility", "title": {"ko": "사업"}, "visibility": "partners",
        "milestones": [{"kind": "groundbreaking"}]});
    let project = api.create("/projects", &project).await;
    let milestone = project.body["milestones"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    api.organization("다른 기업").await;
    let mut readers = [
        Reader::new(api.partner(&company).await).await,
        Reader::new(api.with(None)).await,
    ];
    let path = format!("/projects/{}", project.id());
    let shown = [
        json!({"implementers": [{"organization_id": company}]}),
        json!({"visibility": "public"}),
    ];
    let title = |n: usize| json!({"title": {"ko": format!("착공 {n}")}});
    for (n, (change, reader)) in shown.iter().zip(&mut readers).enumerate() {
        api.update(&path, "*", change).await;
        assert_eq!(reader.told(project.id()).await, ["whole"], "{n}");
        api.update(&format!("/milestones/{milestone}"), "*", &title(n))
            .await;
        assert_eq!(reader.told(&milestone).await, ["whole"], "{n}");
        api.update(&format!("/milestones/{milestone}"), "*", &title(n + 10))
            .await;
        assert_eq!(reader.told(&milestone).await, ["patch"], "{n}");
    }
}
