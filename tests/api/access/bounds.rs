//! Attempts to get around the limits of roles and scopes.

use serde_json::{Value, json};

use crate::support::Api;
use crate::support::city::City;
use crate::support::records::{mou, signed_mou};

on_both!(new:
    a_municipality_is_its_admins, what_is_gone_keeps_its_name, a_token_keeps_its_organization,
    a_partner_is_bound_to_municipalities, merging_takes_the_right_over_both,
    what_is_approved_stays_so, what_was_approved_and_withdrawn_stays_so, who_changes_a_draft_does_not_approve_it,
    the_policy_names_who_approves, a_filter_tells_nothing_of_what_is_hidden);

fn admin_of(city: &str) -> Value {
    json!({"name": "관리", "role": "admin", "municipality_ids": [city]})
}

async fn a_municipality_is_its_admins(api: Api) {
    let city = City::new(&api, "4128000000").await;
    let admin = api.caller(admin_of(&city.id)).await;
    for (_, staff) in city.staff() {
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
        .update(&path, "*", &json!({"website": "https://example.com/"}))
        .await;
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
        let told = api.read(&path).await;
        let of_city = told.items().iter();
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
        let made = api.create("/tokens", &new).await;
        api.delete(&path, "*").await.expect(409);
        let revoke = format!("/tokens/{}/revocation", made.id());
        api.act(&revoke, &json!({})).await;
        api.delete(&path, "*").await.expect(204);
        // The entry still names the organization and municipalities.
        let entry = api.read(&format!("/tokens/{}", made.id())).await;
        assert_eq!(entry.body["organization"], made.body["organization"]);
        assert_eq!(entry.body["municipalities"], made.body["municipalities"]);
        api.read("/tokens").await;
    }
}

async fn a_partner_is_bound_to_municipalities(api: Api) {
    let (own, other) = (
        City::new(&api, "4128000000").await,
        City::new(&api, "4111000000").await,
    );
    let admin = api.caller(admin_of(&own.id)).await;
    let company = api.organization("두 도시의 기업").await;
    let agreement = async |city: &str| {
        let more = json!({"status": "signed", "visibility": "partners",
            "commitments": [{"text": {"ko": "할 일"}, "owed_by": [company], "owed_to": []}]});
        let new = mou(&[city, &company], more);
        let made = api.create("/agreements", &new).await;
        let commitment = made.body["commitments"][0]["id"].as_str().unwrap();
        let agreement = format!("/agreements/{}", made.id());
        let reports = format!("{agreement}/commitments/{commitment}/reports");
        (agreement, reports)
    };
    let [(of_own, own_reports), (of_other, other_reports)] =
        [agreement(&own.id).await, agreement(&other.id).await];
    let partner = json!({"name": "p", "role": "partner", "organization_id": company});
    let made = api.create("/tokens", &partner).await;
    let everywhere = api.with(made.body["token"].as_str());
    // A local admin can neither create, see nor revoke a token with a wider scope than its own.
    admin.post("/tokens", &partner).await.expect(403);
    admin
        .get(&format!("/tokens/{}", made.id()))
        .await
        .expect(404);
    let mut bound = partner.clone();
    bound["municipality_ids"] = json!([other.id]);
    admin.post("/tokens", &bound).await.expect(403);
    bound["municipality_ids"] = json!([own.id]);
    let here = admin.caller(bound).await;
    let me = here.read("/me").await.body;
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
    // The bound partner cannot report on an agreement that it sees only because it is public.
    let public = json!({"visibility": "public"});
    api.update(&format!("{of_other}?correction_reason=x"), "*", &public)
        .await;
    here.read(&of_other).await;
    let report = json!({"on": {"edtf": "2026-01-01"}, "status": "in_progress"});
    here.create(&own_reports, &report).await;
    here.post(&other_reports, &report).await.expect(403);
    everywhere.create(&other_reports, &report).await;
}

async fn merging_takes_the_right_over_both(api: Api) {
    let (own, other) = (
        City::new(&api, "4128000000").await,
        City::new(&api, "4111000000").await,
    );
    let editor = &own.editor;
    let merge = format!("/organizations/{}/merge", own.partner);
    let into = json!({"into_id": other.partner});
    editor.post(&merge, &into).await.expect(403);
    assert_eq!(
        api.get(&format!("/organizations/{}", other.partner))
            .await
            .body["version"],
        1
    );
    api.act(&merge, &into).await;
}

/// An agreement in review that an editor drafted and may not approve. Returns its path.
async fn approved(api: &Api, city: &City) -> String {
    let strict = json!({"policies": []});
    api.update(&format!("/municipalities/{}", city.id), "*", &strict)
        .await;
    let new = mou(&[&city.id, &city.partner], json!({}));
    let made = city.editor.create("/agreements", &new).await;
    let path = format!("/agreements/{}", made.id());
    let steps = format!("{path}/transitions");
    city.editor.act(&steps, &json!({"to": "in_review"})).await;
    path
}

async fn what_is_approved_stays_so(api: Api) {
    let city = City::new(&api, "4128000000").await;
    let path = approved(&api, &city).await;
    let (approver, editor) = (&city.approver, &city.editor);
    let steps = format!("{path}/transitions");
    approver.act(&steps, &json!({"to": "approved"})).await;
    let title = json!({"title": {"ko": "다른 협약"}});
    editor.patch(&path, "*", &title).await.expect(403);
    let more = json!({"text": {"ko": "90억 부담"}, "owed_by": [city.id], "owed_to": []});
    editor
        .post(&format!("{path}/commitments"), &more)
        .await
        .expect(403);
    // Council actions are not part of the approved content: consent comes after approval.
    let consent = json!({"kind": "consent", "on": {"edtf": "2026-01-01"}, "occasion": "signing", "result": "accepted"});
    editor
        .create(&format!("{path}/council-actions"), &consent)
        .await;
    let document = json!({"title": {"ko": "협약서"}, "url": "https://example.com/b.pdf"});
    let documents = format!("{path}/documents");
    editor.post(&documents, &document).await.expect(403);
    editor.delete(&path, "*").await.expect(403);
    // A change by an approver counts as approved.
    approver.update(&path, "*", &title).await;
    let made = approver.create(&documents, &document).await;
    let made = made.body["documents"][0]["id"].as_str().unwrap().to_owned();
    let one = format!("{documents}/{made}");
    let other = json!({"title": {"ko": "다른 협약서"}});
    editor.patch(&one, "*", &other).await.expect(403);
    editor.delete(&one, "*").await.expect(403);
    editor
        .act(
            &steps,
            &json!({"to": "signed", "on": {"edtf": "2026-11-23"}}),
        )
        .await;
    // After the signing, files are added as they are found.
    editor.create(&documents, &document).await;
}

async fn what_was_approved_and_withdrawn_stays_so(api: Api) {
    let city = City::new(&api, "4128000000").await;
    let path = approved(&api, &city).await;
    let (approver, editor) = (&city.approver, &city.editor);
    let steps = format!("{path}/transitions");
    approver.act(&steps, &json!({"to": "approved"})).await;
    let given_up = json!({"to": "withdrawn", "reason": {"ko": "사업 취소"}});
    editor.act(&steps, &given_up).await;
    let title = json!({"title": {"ko": "다른 협약"}});
    editor.patch(&path, "*", &title).await.expect(403);
    editor.delete(&path, "*").await.expect(403);
    approver.delete(&path, "*").await.expect(204);
}

async fn who_changes_a_draft_does_not_approve_it(api: Api) {
    let city = City::new(&api, "4128000000").await;
    let path = approved(&api, &city).await;
    let approver = &city.approver;
    let steps = format!("{path}/transitions");
    let more = json!({"text": {"ko": "할 일"}, "owed_by": [], "owed_to": []});
    approver.create(&format!("{path}/commitments"), &more).await;
    approver
        .post(&steps, &json!({"to": "approved"}))
        .await
        .expect(403);
    let second = api.staff("approver", &city.id).await;
    second.act(&steps, &json!({"to": "approved"})).await;
}

async fn the_policy_names_who_approves(api: Api) {
    let city = City::new(&api, "4128000000").await;
    let path = approved(&api, &city).await;
    let approver = &city.approver;
    let mayor = json!({"name": "시장", "role": "approver", "municipality_ids": [city.id]});
    let mayor = api.caller(mayor).await;
    let id = mayor.read("/me").await.body["token_id"].clone();
    let policy = json!({"policies": [{"approver_ids": [id]}]});
    let municipality = format!("/municipalities/{}", city.id);
    api.update(&municipality, "*", &policy).await;
    let steps = format!("{path}/transitions");
    let step = json!({"to": "approved"});
    let refused = approver.post(&steps, &step).await.expect(403);
    assert!(refused.text.contains("정책"), "{}", refused.text);
    mayor.act(&steps, &step).await;
    let title = json!({"title": {"ko": "다른 협약"}});
    approver.patch(&path, "*", &title).await.expect(403);
    let nobody = json!({"policies": [{"approver_ids": []}]});
    api.patch(&municipality, "*", &nobody).await.expect(422);
}

async fn a_filter_tells_nothing_of_what_is_hidden(api: Api) {
    let city = api.municipality().await;
    let company = api.organization("협력 기업").await;
    let project = json!({"municipality_id": city, "kind": "other", "title": {"ko": "사업"}, "visibility": "internal"});
    let project = api.create("/projects", &project).await;
    let projects = json!({"project_ids": [project.id()]});
    let agreement = signed_mou(&[&city, &company], "2024-01-01", projects);
    let agreement = api.create("/agreements", &agreement).await;
    let group =
        json!({"municipality_id": city, "name": {"ko": "협의체"}, "project_id": project.id()});
    api.create("/working-groups", &group).await;
    let anonymous = api.with(None);
    // The log does not reveal the project either.
    for path in [
        "/changes?limit=500".to_owned(),
        format!("/agreements/{}/history", agreement.id()),
    ] {
        assert!(api.read(&path).await.text.contains(project.id()));
        let told = anonymous.read(&path).await.text;
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
        let count = async |api: &Api| api.read(&path).await.items().len();
        assert_eq!(
            (count(&api).await, count(&anonymous).await),
            (seen, 0),
            "{path}"
        );
    }
}
