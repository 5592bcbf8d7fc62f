//! Merges that leave one row where two became one, lose nothing in silence, and can be undone.

use serde_json::{Value, json};

use crate::support::log::program;
use crate::support::records::signed_mou;
use crate::support::{Answer, Api};

on_both!(new:
    members_become_one, implementers_become_one, seats_become_one, facts_are_kept_or_named,
    a_merge_is_undone, what_was_changed_since_stays, merges_are_undone_in_turn);

impl Api {
    async fn unmerge(&self, id: &str) -> Answer {
        let path = format!("/organizations/{id}/unmerge");
        self.act(&path, &json!({"reason": {"ko": "다른 기관"}}))
            .await
    }
}

fn codes(answer: &Value) -> Vec<&str> {
    let warnings = answer["warnings"].as_array().unwrap().iter();
    warnings.map(|w| w["code"].as_str().unwrap()).collect()
}

/// The log and the derived tables fit what is recorded.
fn verified(api: &Api) {
    let output = program(api, &["audit", "verify"]);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{text}");
}

async fn two(api: &Api) -> (String, String) {
    (
        api.organization("가나병원").await,
        api.organization("다라병원").await,
    )
}

async fn members_become_one(api: Api) {
    let (gone, keep) = two(&api).await;
    let association = api
        .create("/associations", &json!({"name": {"ko": "협회"}}))
        .await;
    let other = api
        .create("/associations", &json!({"name": {"ko": "다른 협회"}}))
        .await;
    let members = format!("/associations/{}/members", association.id());
    let first =
        json!({"organization_id": gone, "joined": {"edtf": "2011"}, "role": {"ko": "간사"}});
    api.create(&members, &first).await;
    let second = json!({"organization_id": keep, "role": {"ko": "이사"}});
    let second = api.create(&members, &second).await;
    // What ended is another membership.
    let ended = json!({"organization_id": gone, "left": {"edtf": "2005"}});
    api.create(&members, &ended).await;
    let asked = json!({"into_id": keep});
    let preview = format!("/organizations/{gone}/merge-preview");
    let preview = api.act(&preview, &asked).await.body;
    assert_eq!(preview["membership_count"], 2);
    assert_eq!(preview["joined_membership_count"], 1);
    assert_eq!(codes(&preview), ["merge_dropped"]);
    let merged = api.merge(&gone, &keep).await;
    let dropped = |answer: &Value| answer["warnings"][0]["pointer"].clone();
    assert_eq!(dropped(&preview), dropped(&merged.body));
    assert_eq!(codes(&merged.body), ["merge_dropped"]);
    assert!(merged.text.contains("간사"));
    let listed = api.read(&format!("{members}?with_total=true")).await.body;
    assert_eq!(listed["total"], 2);
    let shown = api.read(&format!("{members}/{}", second.id())).await.body;
    assert_eq!(
        (&shown["joined"]["edtf"], &shown["role"]["ko"]),
        (&json!("2011"), &json!("이사"))
    );
    let counted = api
        .read(&format!("/associations/{}", association.id()))
        .await
        .body;
    assert_eq!(counted["recorded_members"], 2);
    // Associations that are merged have each member once.
    let members = format!("/associations/{}/members", other.id());
    api.create(&members, &json!({"organization_id": keep}))
        .await;
    api.merge(association.id(), other.id()).await;
    verified(&api);
    let listed = api.read(&format!("{members}?with_total=true")).await.body;
    assert_eq!(listed["total"], 2);
    api.unmerge(association.id()).await;
    let listed = api.read(&format!("{members}?with_total=true")).await.body;
    assert_eq!(listed["total"], 1);
    api.unmerge(&gone).await;
    let members = format!("/associations/{}/members", association.id());
    let listed = api.read(&format!("{members}?with_total=true")).await.body;
    assert_eq!(listed["total"], 3);
    let shown = api.read(&format!("{members}/{}", second.id())).await.body;
    assert_eq!(shown["joined"], json!(null));
    verified(&api);
}

async fn implementers_become_one(api: Api) {
    let city = api.municipality().await;
    let (gone, keep) = two(&api).await;
    let new = json!({"municipality_id": city, "kind": "other", "title": {"ko": "사업"},
        "implementers": [{"organization_id": gone, "share_percent": 35.0},
            {"organization_id": city, "share_percent": 25.0}, {"organization_id": keep, "share_percent": 40.0}]});
    let project = api.create("/projects", &new).await;
    api.merge(&gone, &keep).await;
    let path = format!("/projects/{}", project.id());
    let shown = api.read(&path).await.body;
    let shares = shown["implementers"].as_array().unwrap().iter();
    let shares: Vec<_> = shares
        .map(|i| (&i["organization_id"], &i["share_percent"]))
        .collect();
    assert_eq!(
        shares,
        [(&json!(keep), &json!(75.0)), (&json!(city), &json!(25.0))]
    );
    assert_eq!(
        shown["implementing_organizations"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(codes(&shown), ["implementers_merged"]);
    let row = api.read("/projects").await.body["items"][0].clone();
    assert_eq!(row["implementers"], shown["implementers"]);
    verified(&api);
    api.unmerge(&gone).await;
    let shown = api.read(&path).await.body;
    assert_eq!(shown["implementers"].as_array().unwrap().len(), 3);
    for id in [&gone, &keep] {
        assert_eq!(
            api.find(&format!("/projects?organization_id={id}")).await,
            project.id()
        );
    }
}

async fn seats_become_one(api: Api) {
    let city = api.municipality().await;
    let (gone, keep) = two(&api).await;
    let new = json!({"municipality_id": city, "name": {"ko": "협의체"}, "members": [
        {"organization_id": gone, "chair_terms": [{"from": {"edtf": "2021"}}]},
        {"organization_id": keep, "joined": {"edtf": "2020"}},
        {"organization_id": gone, "post": {"ko": "원장"}}]});
    let group = api.create("/working-groups", &new).await;
    let meeting =
        json!({"title": {"ko": "회의"}, "held_on": {"edtf": "2026-11-20"}, "attendee_ids": [gone]});
    let path = format!("/working-groups/{}", group.id());
    api.create(&format!("{path}/meetings"), &meeting).await;
    api.merge(&gone, &keep).await;
    let shown = api.read(&path).await.body;
    let members = shown["members"].as_array().unwrap();
    assert_eq!(members.len(), 2);
    assert_eq!(members[0]["joined"]["edtf"], "2020");
    assert_eq!(shown["chair_ids"], json!([members[0]["id"]]));
    assert_eq!(codes(&shown), ["members_merged"]);
    let again = json!({"organization_id": keep});
    let refused = api
        .post(&format!("{path}/members"), &again)
        .await
        .expect(422);
    assert_eq!(refused.places(), ["/organization_id"]);
    let one = format!("{path}/members/{}", members[0]["id"].as_str().unwrap());
    let left = json!({"left": {"edtf": "2025"}});
    let shown = api.update(&one, "*", &left).await.body;
    assert_eq!(shown["members"].as_array().unwrap().len(), 2);
    api.unmerge(&gone).await;
    let shown = api.read(&path).await.body;
    assert_eq!(shown["members"].as_array().unwrap().len(), 3);
    for id in [&gone, &keep] {
        assert_eq!(
            api.find(&format!("/working-groups?organization_id={id}"))
                .await,
            group.id()
        );
    }
    verified(&api);
}

async fn facts_are_kept_or_named(api: Api) {
    let both = |name: &str, more: Value| {
        crate::support::records::with(json!({"kind": "company", "name": {"ko": name}}), more)
    };
    let gone = both(
        "가",
        json!({"kind": "hospital", "website": "https://a.example/", "founded": {"edtf": "1999"},
        "short_name": {"ko": "ㄱ사"}, "officers": [{"title": {"ko": "원장"}, "name": "김"}],
        "identifiers": [{"scheme": "KR-BRN", "id": "1248100998"}]}),
    );
    let gone = api.create("/organizations", &gone).await;
    let keep = both(
        "나",
        json!({"founded": {"edtf": "2001"}, "short_name": {"ko": "ㄴ사"}}),
    );
    let keep = api.create("/organizations", &keep).await;
    let merged = api.merge(gone.id(), keep.id()).await;
    assert_eq!(merged.body["website"], "https://a.example/");
    assert_eq!(merged.body["officers"][0]["name"], "김");
    assert_eq!(
        merged.body["other_names"],
        json!([{"ko": "가", "en": null}, {"ko": "ㄱ사", "en": null}])
    );
    let warnings = merged.body["warnings"].as_array().unwrap().iter();
    let named: Vec<_> = warnings
        .map(|w| (w["code"].as_str(), w["pointer"].as_str()))
        .collect();
    let dropped = |at| (Some("merge_dropped"), Some(at));
    assert_eq!(named, [dropped("/kind"), dropped("/founded")]);
    let back = api.unmerge(gone.id()).await;
    for member in [
        "name",
        "kind",
        "website",
        "founded",
        "officers",
        "identifiers",
    ] {
        assert_eq!(back.body[member], gone.body[member], "{member}");
    }
    let shown = api
        .read(&format!("/organizations/{}", keep.id()))
        .await
        .body;
    for member in [
        "name",
        "kind",
        "website",
        "founded",
        "officers",
        "identifiers",
        "other_names",
    ] {
        assert_eq!(shown[member], keep.body[member], "{member}");
    }
    assert_eq!(
        api.find("/organizations?identifier=1248100998").await,
        gone.id()
    );
}

async fn a_merge_is_undone(api: Api) {
    let city = api.municipality().await;
    let (gone, keep) = two(&api).await;
    let promise = json!({"commitments": [{"text": {"ko": "제공"}, "owed_by": [gone]}]});
    let made = signed_mou(&[&city, &gone, &keep], "2021-04-16", promise);
    let made = api.create("/agreements", &made).await;
    let path = format!("/agreements/{}", made.id());
    let commitment = made.body["commitments"][0]["id"].as_str().unwrap();
    let partner = api.partner(&gone).await;
    let report = json!({"on": {"edtf": "2025-06-30"}, "status": "fulfilled"});
    let reports = format!("{path}/commitments/{commitment}/reports");
    partner.create(&reports, &report).await;
    api.merge(&gone, &keep).await;
    let undone = api.unmerge(&gone).await;
    assert_eq!((undone.id(), codes(&undone.body)), (gone.as_str(), vec![]));
    let shown = api.read(&path).await.body;
    let parties = shown["parties"].as_array().unwrap().iter();
    let parties: Vec<_> = parties.map(|p| p["organization_id"].clone()).collect();
    assert_eq!(parties, [json!(city), json!(gone), json!(keep)]);
    assert_eq!(shown["commitments"][0]["owed_by"], json!([gone]));
    for id in [&gone, &keep] {
        assert_eq!(
            api.find(&format!("/agreements?organization_id={id}")).await,
            made.id()
        );
        assert_eq!(api.read(&format!("/organizations/{id}")).await.id(), id);
    }
    let found = api.read(&format!("/reports?organization_id={gone}")).await;
    assert_eq!(found.items().len(), 1);
    let found = api.read(&format!("/reports?organization_id={keep}")).await;
    assert_eq!(found.items().len(), 0);
    verified(&api);
    let again = format!("/organizations/{gone}/unmerge");
    api.post(&again, &json!({})).await.expect(409);
    let history = api.read(&format!("/organizations/{gone}/history")).await;
    assert!(history.text.contains("다른 기관"), "{}", history.text);
}

async fn what_was_changed_since_stays(api: Api) {
    let city = api.municipality().await;
    let gone = json!({"kind": "company", "name": {"ko": "가"}, "website": "https://a.example/"});
    let gone = api.create("/organizations", &gone).await.id().to_owned();
    let keep = api.organization("나").await;
    let made = signed_mou(&[&city, &gone], "2021-04-16", json!({}));
    let made = api.create("/agreements", &made).await;
    api.merge(&gone, &keep).await;
    let path = format!("/organizations/{keep}");
    api.update(&path, "*", &json!({"website": "https://b.example/"}))
        .await;
    let party = made.body["parties"][1]["id"].as_str().unwrap();
    let party = format!(
        "/agreements/{}/parties/{party}?correction_reason=x",
        made.id()
    );
    let other = json!({"organization_id": api.organization("다").await});
    api.update(&party, "*", &other).await;
    let undone = api.unmerge(&gone).await;
    assert_eq!(codes(&undone.body), ["changed_since_merge"; 2]);
    assert_eq!(undone.body["warnings"][0]["pointer"], "/website");
    assert_eq!(
        undone.body["warnings"][1]["agreements"][0]["id"],
        json!(made.id())
    );
    let shown = api.read(&path).await.body;
    assert_eq!(shown["website"], "https://b.example/");
}

async fn merges_are_undone_in_turn(api: Api) {
    let (first, second) = two(&api).await;
    let third = api.organization("마바병원").await;
    api.merge(&first, &second).await;
    api.merge(&second, &third).await;
    let path = format!("/organizations/{first}/unmerge");
    api.post(&path, &json!({})).await.expect(409);
    api.unmerge(&second).await;
    assert_eq!(
        api.read(&format!("/organizations/{first}")).await.id(),
        second
    );
    api.unmerge(&first).await;
    for id in [&first, &second, &third] {
        let shown = api.read(&format!("/organizations/{id}")).await;
        assert_eq!(
            (shown.id(), &shown.body["other_names"]),
            (id.as_str(), &json!([]))
        );
    }
}
