//! What roles and scopes do not reach, by whichever way it is tried.

use serde_json::{Value, json};

use crate::city::{City, token};
use crate::harness::Api;

on_both!(new: a_municipality_is_its_admins, what_is_gone_keeps_its_name, a_token_keeps_its_organization,
    a_partner_is_bound_to_municipalities, merging_takes_the_right_over_both, what_is_approved_stays_so,
    who_changes_a_draft_does_not_approve_it, the_policy_names_who_approves, a_filter_tells_nothing_of_what_is_hidden);

fn admin_of(city: &str) -> Value {
    json!({"name": "관리", "role": "admin", "municipality_ids": [city]})
}

async fn a_municipality_is_its_admins(api: Api) {
    let city = City::new(&api, "4128000000").await;
    let admin = api.with(Some(&token(&api, admin_of(&city.id)).await));
    for (_, staff) in &city.staff {
        for path in ["municipalities", "organizations"] {
            let path = format!("/{path}/{}", city.id);
            staff
                .patch(&path, "*", &json!({"website": "https://example.com/"}))
                .await
                .expect(403);
            staff.delete(&path, "*").await.expect(403);
        }
    }
    let path = format!("/organizations/{}", city.id);
    admin
        .patch(&path, "*", &json!({"website": "https://example.com/"}))
        .await
        .expect(200);
    admin.delete(&path, "*").await.expect(403);
}

async fn what_is_gone_keeps_its_name(api: Api) {
    let city = api.municipality().await;
    api.delete(&format!("/municipalities/{city}"), "*")
        .await
        .expect(204);
    for path in [
        "/changes".to_owned(),
        format!("/municipalities/{city}/history"),
    ] {
        let told = api.get(&path).await.expect(200);
        let of_city = told.body["items"].as_array().unwrap().iter();
        let mut of_city = of_city.filter(|change| change["record_id"] == city);
        assert_eq!(
            of_city.next().unwrap()["municipality"]["name"]["ko"],
            "고양시"
        );
        assert_eq!(of_city.next().unwrap()["patch"][0]["value"], Value::Null);
    }
}

async fn a_token_keeps_its_organization(api: Api) {
    let (city, company) = (
        api.municipality().await,
        api.organization("협력 기업").await,
    );
    let partner = json!({"name": "p", "role": "partner", "organization_id": company});
    let editor = json!({"name": "e", "role": "editor", "municipality_ids": [city]});
    for (new, path) in [
        (partner, format!("/organizations/{company}")),
        (editor, format!("/municipalities/{city}")),
    ] {
        let made = api.post("/tokens", &new).await.expect(201);
        api.delete(&path, "*").await.expect(409);
        let revoke = format!("/tokens/{}/revocation", made.id());
        api.post(&revoke, &json!({})).await.expect(200);
        api.delete(&path, "*").await.expect(204);
        // Its entry still says for whom it was.
        let entry = api.get(&format!("/tokens/{}", made.id())).await.expect(200);
        assert_eq!(entry.body["organization"], made.body["organization"]);
        assert_eq!(entry.body["municipalities"], made.body["municipalities"]);
        api.get("/tokens").await.expect(200);
    }
}

async fn a_partner_is_bound_to_municipalities(api: Api) {
    let (own, other) = (
        City::new(&api, "4128000000").await,
        City::new(&api, "4111000000").await,
    );
    let admin = api.with(Some(&token(&api, admin_of(&own.id)).await));
    let company = api.organization("두 도시의 기업").await;
    let agreement = async |city: &str| {
        let new = json!({"municipality_id": city, "kind": "mou", "title": {"ko": "협약"}, "status": "signed",
            "visibility": "partners", "parties": [{"organization_id": city}, {"organization_id": company}],
            "commitments": [{"text": {"ko": "할 일"}, "owed_by": [company], "owed_to": []}]});
        let made = api.post("/agreements", &new).await.expect(201);
        let commitment = made.body["commitments"][0]["id"].as_str().unwrap();
        let agreement = format!("/agreements/{}", made.id());
        let reports = format!("{agreement}/commitments/{commitment}/reports");
        (agreement, reports)
    };
    let [(of_own, own_reports), (of_other, other_reports)] =
        [agreement(&own.id).await, agreement(&other.id).await];
    let partner = json!({"name": "p", "role": "partner", "organization_id": company});
    let made = api.post("/tokens", &partner).await.expect(201);
    let everywhere = api.with(made.body["token"].as_str());
    // What reaches further than its maker is not made, seen or revoked by it.
    admin.post("/tokens", &partner).await.expect(403);
    admin
        .get(&format!("/tokens/{}", made.id()))
        .await
        .expect(404);
    let mut bound = partner.clone();
    bound["municipality_ids"] = json!([other.id]);
    admin.post("/tokens", &bound).await.expect(403);
    bound["municipality_ids"] = json!([own.id]);
    let here = api.with(Some(&token(&admin, bound).await));
    let me = here.get("/me").await.expect(200).body;
    assert_eq!(
        (&me["all_municipalities"], &me["municipalities"][0]["id"]),
        (&json!(false), &json!(own.id))
    );
    for (path, caller, status) in [
        (&of_own, &here, 200),
        (&of_other, &here, 404),
        (&of_own, &everywhere, 200),
        (&of_other, &everywhere, 200),
    ] {
        caller.get(path).await.expect(status);
    }
    assert_eq!(
        here.get("/agreements?with_total=true").await.body["total"],
        1
    );
    assert_eq!(
        everywhere.get("/agreements?with_total=true").await.body["total"],
        2
    );
    // Nor does it report where it sees the agreement as everybody does.
    let public = json!({"visibility": "public"});
    api.patch(&format!("{of_other}?correction_reason=x"), "*", &public)
        .await
        .expect(200);
    here.get(&of_other).await.expect(200);
    let report = json!({"on": {"edtf": "2026-01-01"}, "status": "in_progress"});
    here.post(&own_reports, &report).await.expect(201);
    here.post(&other_reports, &report).await.expect(403);
    everywhere.post(&other_reports, &report).await.expect(201);
}

async fn merging_takes_the_right_over_both(api: Api) {
    let (own, other) = (
        City::new(&api, "4128000000").await,
        City::new(&api, "4111000000").await,
    );
    let editor = &own.staff[1].1;
    let merge = format!("/organizations/{}/merge", own.partner);
    let into = json!({"into_id": other.partner});
    editor.post(&merge, &into).await.expect(403);
    assert_eq!(
        api.get(&format!("/organizations/{}", other.partner))
            .await
            .body["version"],
        1
    );
    api.post(&merge, &into).await.expect(200);
}

/// An agreement that an editor drafted and an approver has approved, whose author is not to approve it.
async fn approved(api: &Api, city: &City) -> String {
    let strict = json!({"policies": []});
    api.patch(&format!("/municipalities/{}", city.id), "*", &strict)
        .await
        .expect(200);
    let new = json!({"municipality_id": city.id, "kind": "mou", "title": {"ko": "협약"},
        "parties": [{"organization_id": city.id}, {"organization_id": city.partner}]});
    let made = city.staff[1].1.post("/agreements", &new).await.expect(201);
    let path = format!("/agreements/{}", made.id());
    let steps = format!("{path}/transitions");
    city.staff[1]
        .1
        .post(&steps, &json!({"to": "in_review"}))
        .await
        .expect(200);
    path
}

async fn what_is_approved_stays_so(api: Api) {
    let city = City::new(&api, "4128000000").await;
    let path = approved(&api, &city).await;
    let (approver, editor) = (&city.staff[0].1, &city.staff[1].1);
    let steps = format!("{path}/transitions");
    approver
        .post(&steps, &json!({"to": "approved"}))
        .await
        .expect(200);
    let title = json!({"title": {"ko": "다른 협약"}});
    editor.patch(&path, "*", &title).await.expect(403);
    let more = json!({"text": {"ko": "90억 부담"}, "owed_by": [city.id], "owed_to": []});
    editor
        .post(&format!("{path}/commitments"), &more)
        .await
        .expect(403);
    // What is no part of it is still added: the council consents afterwards.
    let consent = json!({"kind": "consent", "on": {"edtf": "2026-01-01"}, "occasion": "signing", "result": "accepted"});
    editor
        .post(&format!("{path}/council-actions"), &consent)
        .await
        .expect(201);
    // Who may approve it approves what it changes.
    approver.patch(&path, "*", &title).await.expect(200);
    editor
        .post(&steps, &json!({"to": "signed"}))
        .await
        .expect(200);
}

async fn who_changes_a_draft_does_not_approve_it(api: Api) {
    let city = City::new(&api, "4128000000").await;
    let path = approved(&api, &city).await;
    let approver = &city.staff[0].1;
    let steps = format!("{path}/transitions");
    let more = json!({"text": {"ko": "할 일"}, "owed_by": [], "owed_to": []});
    approver
        .post(&format!("{path}/commitments"), &more)
        .await
        .expect(201);
    approver
        .post(&steps, &json!({"to": "approved"}))
        .await
        .expect(403);
    let second = json!({"name": "a", "role": "approver", "municipality_ids": [city.id]});
    let second = api.with(Some(&token(&api, second).await));
    second
        .post(&steps, &json!({"to": "approved"}))
        .await
        .expect(200);
}

async fn the_policy_names_who_approves(api: Api) {
    let city = City::new(&api, "4128000000").await;
    let path = approved(&api, &city).await;
    let approver = &city.staff[0].1;
    let mayor = json!({"name": "시장", "role": "approver", "municipality_ids": [city.id]});
    let mayor = api.with(Some(&token(&api, mayor).await));
    let id = mayor.get("/me").await.expect(200).body["token_id"].clone();
    let policy = json!({"policies": [{"approver_ids": [id]}]});
    let municipality = format!("/municipalities/{}", city.id);
    api.patch(&municipality, "*", &policy).await.expect(200);
    let steps = format!("{path}/transitions");
    let step = json!({"to": "approved"});
    let refused = approver.post(&steps, &step).await.expect(403);
    assert!(refused.text.contains("정책"), "{}", refused.text);
    mayor.post(&steps, &step).await.expect(200);
    let title = json!({"title": {"ko": "다른 협약"}});
    approver.patch(&path, "*", &title).await.expect(403);
    let nobody = json!({"policies": [{"approver_ids": []}]});
    api.patch(&municipality, "*", &nobody).await.expect(422);
}

async fn a_filter_tells_nothing_of_what_is_hidden(api: Api) {
    let city = api.municipality().await;
    let company = api.organization("협력 기업").await;
    let project = json!({"municipality_id": city, "kind": "other", "title": {"ko": "사업"}, "visibility": "internal"});
    let project = api.post("/projects", &project).await.expect(201);
    let agreement = json!({"municipality_id": city, "kind": "mou", "title": {"ko": "협약"}, "status": "signed",
        "signed_on": {"edtf": "2024-01-01"}, "project_ids": [project.id()],
        "parties": [{"organization_id": city}, {"organization_id": company}]});
    let agreement = api.post("/agreements", &agreement).await.expect(201);
    let group =
        json!({"municipality_id": city, "name": {"ko": "협의체"}, "project_id": project.id()});
    api.post("/working-groups", &group).await.expect(201);
    let anonymous = api.with(None);
    // Nor does the log.
    for path in [
        "/changes?limit=500".to_owned(),
        format!("/agreements/{}/history", agreement.id()),
    ] {
        assert!(api.get(&path).await.expect(200).text.contains(project.id()));
        let told = anonymous.get(&path).await.expect(200).text;
        assert!(
            told.contains(agreement.id()) && !told.contains(project.id()),
            "{told}"
        );
    }
    for (path, seen) in [
        (format!("/agreements?project_id={}", project.id()), 1),
        (format!("/timeline?project_id={}", project.id()), 1),
        (format!("/working-groups?project_id={}", project.id()), 1),
        (format!("/projects?agreement_id={}", agreement.id()), 1),
    ] {
        let count = async |api: &Api| {
            api.get(&path).await.expect(200).body["items"]
                .as_array()
                .unwrap()
                .len()
        };
        assert_eq!(
            (count(&api).await, count(&anonymous).await),
            (seen, 0),
            "{path}"
        );
    }
}
