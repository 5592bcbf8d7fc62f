//! The table of operations and roles, and the records each caller sees.

use std::collections::BTreeSet;

use mou_registry::app::spec;
use mou_registry::http::permissions::Access;
use serde_json::json;

use crate::http::every_operation::needed;
use crate::support::city::City;
use crate::support::records::signed_mou;
use crate::support::{Api, SPEC};

on_both!(new: every_operation_is_for_whom_the_table_says, each_sees_its_part);
tests!(sync: the_table_holds_every_operation);

pub fn the_table_holds_every_operation() {
    let table = &spec().operations;
    let told: BTreeSet<&str> = table.iter().map(|o| o.id.as_str()).collect();
    assert_eq!(told.len(), table.len(), "an operation stands twice");
    let paths = SPEC["paths"].as_object().unwrap().values();
    let offered: BTreeSet<&str> = paths
        .flat_map(|item| item.as_object().unwrap().values())
        .map(|operation| operation["operationId"].as_str().unwrap())
        .collect();
    assert_eq!(told, offered);
}

/// The refusal that an operation on an internal record answers, or `None` if the caller is allowed
/// and any status but 401, 403 and 404 is right. `own` means that the caller works for the record's
/// municipality.
fn expected(
    id: &str,
    access: Access,
    role: &str,
    own: bool,
    single: bool,
    read: bool,
) -> Option<u16> {
    // Records that do not belong to a single municipality.
    let shared = [
        "municipalit",
        "organization",
        "association",
        "token",
        "withheld",
        "council_report",
        "holiday",
        "sign_ins",
    ];
    let shared = shared.iter().any(|word| id.contains(word)) || !single && read;
    match (access, role) {
        (Access::Open | Access::Address, _) => None,
        (Access::Own, "anonymous") => Some(401),
        (Access::Own, "admin") => None,
        // The editor created the calendar and the stream, an admin the webhook.
        (Access::Own, "editor") if own && (id.contains("calendar") || id.contains("stream")) => {
            None
        }
        // Records of other tokens do not exist for the caller; lists hold the caller's own.
        (Access::Own, _) => single.then_some(404),
        (Access::Read | Access::Timeless, _) if shared || own || role == "admin" => None,
        (Access::Read | Access::Timeless, _) => Some(404),
        (_, "anonymous") => Some(401),
        (_, "admin") => None,
        (Access::Report, "partner") => Some(404),
        (Access::Manage, _) | (_, "viewer" | "partner") => Some(403),
        (Access::Write | Access::Report, _) if own => None,
        // Organizations can be created by the staff of any municipality.
        (Access::Write, _) if shared && !single => None,
        (Access::Write, _) if shared || !single => Some(403),
        (Access::Write | Access::Report, _) => Some(404),
    }
}

async fn every_operation_is_for_whom_the_table_says(api: Api) {
    let mut city = City::new(&api, "4128000000").await.with_report().await;
    let webhook = json!({"name": "w", "url": "https://hooks.example.com/"});
    let webhook = api.create("/webhooks", &webhook).await;
    let webhook = webhook.id().to_owned();
    let test = format!("/webhooks/{webhook}/test");
    let delivery = api.act(&test, &json!({})).await;
    let holiday = city.body("create_reference_holiday", "");
    let holiday = api.create("/reference/holidays", &holiday).await;
    city.paths.push(("holidays", holiday.id().to_owned()));
    // The holder of a token of the city, without open sessions.
    let holder = city.viewer.read("/me").await.body["token_id"].clone();
    city.paths
        .push(("sign-ins", holder.as_str().unwrap().to_owned()));
    city.paths.push(("webhooks", webhook));
    city.paths.push(("{delivery_id}", delivery.id().to_owned()));
    let other = City::new(&api, "4111000000").await;
    let partner = json!({"name": "partner", "role": "partner", "organization_id": other.partner});
    let partner = api.caller(partner).await;
    let admin = api.find("/tokens?role=admin").await;
    let mut callers = vec![
        ("admin", true, api.clone()),
        ("anonymous", false, api.with(None)),
        ("partner", false, partner),
    ];
    for (owner, own) in [(&city, true), (&other, false)] {
        let staff = owner.staff().into_iter();
        callers.extend(staff.map(|(role, api)| (role, own, api.clone())));
    }
    // Callers that are allowed come last, since they change the record.
    callers.sort_by_key(|(role, own, _)| *own && ["editor", "approver", "admin"].contains(role));
    let mut walked = 0;
    for (template, item) in SPEC["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            let mut table = spec().operations.iter();
            let access = table.find(|o| o.id == id).unwrap().access;
            let single = template.contains('{');
            // A question that is too long for a query.
            let is_read = method == "get" || id == "read_wording" || id.starts_with("preview_");
            let method = method.to_uppercase();
            let path = city.fill(template.trim_start_matches("/api/v1"), &admin);
            let query = match id {
                "create_import" | "create_announcement_feed" | "read_paper" => {
                    format!("?municipality_id={}", city.id)
                }
                id => needed(id).to_owned(),
            };
            let kind = if method == "PATCH" {
                "application/merge-patch+json"
            } else {
                "application/json"
            };
            // An entity tag that never matches, so that nothing is deleted.
            let mut headers = vec![("content-type", kind)];
            if ["PATCH", "DELETE"].contains(&method.as_str()) {
                headers.push(("if-match", "\"999-x\""));
            }
            for (role, own, caller) in &callers {
                // These work only once: the token would revoke itself, and a merged organization
                // resolves to the survivor.
                if id == "revoke_token" && *role == "admin"
                    || id == "merge_organization" && *own && !["editor", "viewer"].contains(role)
                {
                    continue;
                }
                let body = operation.get("requestBody").map(|_| match id {
                    id if id.ends_with("_file") || id == "read_paper" => b"%PDF-1.7".to_vec(),
                    _ => city.body(id, &other.partner).to_string().into(),
                });
                let answer = caller
                    .send(&method, &format!("{path}{query}"), &headers, body)
                    .await;
                let status = answer.status.as_u16();
                walked += 1;
                match expected(id, access, role, *own, single, is_read) {
                    Some(refusal) => assert_eq!(
                        status, refusal,
                        "{id} for {role} (own: {own}): {}",
                        answer.text
                    ),
                    None => assert!(
                        ![401, 403, 404].contains(&status),
                        "{id} for {role} (own: {own}): {}",
                        answer.text
                    ),
                }
            }
        }
    }
    assert!(walked > 700, "{walked}");
}

async fn each_sees_its_part(api: Api) {
    let city = City::new(&api, "4128000000").await;
    let other = City::new(&api, "4111000000").await;
    let contact = json!({"department": "전략산업과", "name": "김담당", "phone": "031-000-0000", "email": "a@example.com"});
    let mut ids = Vec::new();
    for visibility in ["public", "partners", "internal"] {
        let more = json!({"title": {"ko": format!("가려진 {visibility}")},
            "effective_until": {"edtf": "2030-01-01"}, "visibility": visibility,
            "withholding": (visibility != "public").then(|| json!({"legal_basis": "제9조제1항제5호", "until": "2027-12-31"})),
            "contact": contact});
        let new = signed_mou(&[&city.id, &city.partner], "2022-03-01", more);
        ids.push(api.create("/agreements", &new).await.id().to_owned());
    }
    let party = api.partner(&city.partner).await;
    let stranger = api.partner(&other.partner).await;
    let viewer = city.viewer.clone();
    let foreign = other.editor.clone();
    let callers = [
        ("anonymous", api.with(None), 1),
        ("stranger", stranger, 1),
        ("foreign editor", foreign, 1),
        ("party", party, 2),
        ("viewer", viewer, 3),
        ("admin", api.clone(), 3),
    ];
    for (who, caller, seen) in &callers {
        let own = *seen == 3;
        for (i, id) in ids.iter().enumerate() {
            let status = if i < *seen { 200 } else { 404 };
            let answer = caller
                .get(&format!("/agreements/{id}"))
                .await
                .expect(status);
            caller
                .get(&format!("/agreements/{id}/parties"))
                .await
                .expect(status);
            assert_eq!(
                answer.body["contact"].is_object(),
                own && status == 200,
                "{who}"
            );
            // Before the signing, only the staff of the municipality see it.
            let before = if own { 404 } else { status.max(404) };
            caller
                .get(&format!("/agreements/{id}?as_of=2021-01-01"))
                .await
                .expect(before);
        }
        let total = async |path: &str| caller.read(path).await.body["total"].as_u64().unwrap();
        let listed = total(&format!(
            "/agreements?municipality_id={}&status=signed&with_total=true",
            city.id
        ))
        .await;
        assert_eq!(listed, *seen as u64, "{who}");
        let q = "q=%EA%B0%80%EB%A0%A4%EC%A7%84"; // 가려진
        assert_eq!(
            total(&format!("/search?{q}&with_total=true")).await,
            *seen as u64,
            "{who}"
        );
        assert_eq!(
            total(&format!("/agreements?{q}&with_total=true")).await,
            *seen as u64,
            "{who}"
        );
        assert_eq!(
            total("/timeline?types=signing&with_total=true").await,
            *seen as u64,
            "{who}"
        );
        assert_eq!(
            total(&format!(
                "/timeline?organization_id={}&types=expiry&with_total=true",
                city.partner
            ))
            .await,
            *seen as u64,
            "{who}"
        );
        // The draft, the project and the working group are internal, and so are their parts.
        let inner = u64::from(own);
        let of = |n: u64| {
            if *who == "admin" {
                2 * n
            } else if *who == "foreign editor" {
                1
            } else {
                n
            }
        };
        for path in [
            "/projects",
            "/working-groups",
            "/timeline?types=milestone",
            "/timeline?types=meeting",
        ] {
            let sign = if path.contains('?') { '&' } else { '?' };
            assert_eq!(
                total(&format!("{path}{sign}with_total=true")).await,
                of(inner),
                "{who}: {path}"
            );
        }
        let withheld = caller
            .read(&format!("/municipalities/{}/withheld-agreements", city.id))
            .await;
        assert_eq!(withheld.body["count"], 2, "{who}");
        assert_eq!(
            withheld.body["groups"],
            json!([{"withholding": {"legal_basis": "제9조제1항제5호", "until": "2027-12-31"}, "count": 2}])
        );
    }
    // References of a public record to records that the caller may not see are left out.
    let editor = &city.editor;
    let successor = json!({"municipality_id": city.id, "kind": "mou", "title": {"ko": "후속"}, "supersedes_id": ids[0],
        "project_ids": [city.named("projects")]});
    editor.create("/agreements", &successor).await;
    let path = format!("/agreements/{}", ids[0]);
    let patch = json!({"project_ids": [city.named("projects")]});
    let etag = editor.get(&path).await.etag().to_owned();
    editor
        .update(&format!("{path}?correction_reason=x"), &etag, &patch)
        .await;
    for (who, caller, seen) in &callers {
        let shown = caller.read(&path).await;
        let own = *seen == 3;
        assert_eq!(shown.body["superseded_by"].is_object(), own, "{who}");
        assert_eq!(
            shown.body["projects"].as_array().unwrap().len(),
            usize::from(own),
            "{who}"
        );
        assert_eq!(
            shown.body["project_ids"].as_array().unwrap().len(),
            usize::from(own),
            "{who}"
        );
    }
    // An agreement of another municipality cannot be superseded.
    let foreign = &other.editor;
    let taking = json!({"municipality_id": other.id, "kind": "mou", "title": {"ko": "남의 것"}, "supersedes_id": ids[0]});
    foreign.post("/agreements", &taking).await.expect(403);
    let hidden = json!({"municipality_id": other.id, "kind": "mou", "title": {"ko": "남의 것"}, "supersedes_id": ids[2]});
    assert_eq!(
        foreign
            .post("/agreements", &hidden)
            .await
            .expect(422)
            .places(),
        ["/supersedes_id"]
    );
    // When a project becomes public, so do its milestones.
    let project = format!("/projects/{}", city.named("projects"));
    let etag = editor.get(&project).await.etag().to_owned();
    editor
        .update(&project, &etag, &json!({"visibility": "public"}))
        .await;
    let shown = api
        .with(None)
        .get("/timeline?types=milestone&with_total=true")
        .await;
    assert_eq!(shown.body["total"], 1);
    api.with(None)
        .read(&format!("/milestones/{}", city.named("milestones")))
        .await;
    let draft = api
        .with(None)
        .get(&format!("/agreements/{}", city.agreement))
        .await
        .expect(404);
    let missing = api
        .with(None)
        .get("/agreements/0178d7fa-2c00-7000-8000-00000000ffff")
        .await
        .expect(404);
    assert_eq!(draft.body["detail"], missing.body["detail"]);
}
