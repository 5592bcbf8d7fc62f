//! Checks on every operation of the spec. New operations need no line here.

use serde_json::{Value, json};

use crate::support::Api;
use crate::support::spec::{operations, parameters, resolved};

on_both!(with_demo:
    every_read_answers_as_the_spec_says, every_operation_refuses_what_it_does_not_know,
    every_bad_member_of_a_body_is_named);

/// Fills a path with ids of the demonstration, found on the lists above it.
async fn filled(api: &Api, template: &str) -> Option<String> {
    let mut path = String::new();
    for part in template.trim_start_matches("/api/v1").split('/').skip(1) {
        let part = if part == "{resource}" {
            "agreements"
        } else {
            part
        };
        if !part.starts_with('{') {
            path = format!("{path}/{part}");
            continue;
        }
        let list = match path.as_str() {
            "/milestones" => {
                let project = api.find("/projects").await;
                format!("/projects/{project}/milestones")
            }
            "/meetings" | "/calendar-feeds" | "/change-feeds" => return None,
            path if path.ends_with("/files") => return None,
            // An association with members, and an agreement with parts.
            "/associations" => "/associations?q=KOREA".into(),
            "/agreements" => "/agreements?signed_from=2021-04-16&signed_to=2021-04-16".into(),
            _ => path.clone(),
        };
        let items = api.read(&list).await;
        let id = items.body["items"][0]["id"].as_str()?.to_owned();
        path = format!("{path}/{id}");
    }
    Some(if template.starts_with("/api") {
        path
    } else {
        template.to_owned()
    })
}

/// The parameters that an operation needs to answer or to end.
pub fn needed(operation: &str) -> &'static str {
    match operation {
        "search" => "?q=a",
        "stream_changes" | "get_change_feed" => "?after=0&limit=1",
        id if id.starts_with("delete_") && id.ends_with("_file") => "?reason=a",
        "get_council_report" => "?from=2021-01-01&to=2024-12-31",
        "list_reconciliation" | "get_reconciliation_figures" => {
            "?municipality_id=0178d7fa-2c00-7000-8000-000000000001"
        }
        _ => "",
    }
}

async fn every_read_answers_as_the_spec_says(api: Api) {
    let mut unread = Vec::new();
    for (template, _, operation) in operations().filter(|(_, method, _)| *method == "get") {
        let Some(path) = filled(&api, template).await else {
            unread.push(template);
            continue;
        };
        let query = needed(operation["operationId"].as_str().unwrap());
        // The client checks the answer against the spec.
        api.read(&format!("{path}{query}")).await;
    }
    // The demonstration has none of these; their own tests read them.
    assert_eq!(
        unread,
        [
            "/api/v1/agreements/{id}/commitments/{commitment_id}/reports/{report_id}",
            "/api/v1/agreements/{id}/commitments/{commitment_id}/reports/{report_id}/files/{file_id}",
            "/api/v1/agreements/{id}/council-actions/{action_id}",
            "/api/v1/agreements/{id}/council-actions/{action_id}/files/{file_id}",
            "/api/v1/agreements/{id}/documents/{document_id}",
            "/api/v1/agreements/{id}/documents/{document_id}/file",
            "/api/v1/agreements/{id}/documents/{document_id}/files/{file_id}",
            "/api/v1/agreements/{id}/publications/{publication_id}",
            "/api/v1/agreements/{id}/reviews/{review_id}",
            "/api/v1/calendar-feeds/{feed}",
            "/api/v1/calendars/{id}",
            "/api/v1/change-feeds/{stream}",
            "/api/v1/change-streams/{id}",
            "/api/v1/files/{file_id}/text",
            "/api/v1/imports/{id}",
            "/api/v1/meetings/{id}",
            "/api/v1/meetings/{id}/files/{file_id}",
            "/api/v1/milestones/{id}/files/{file_id}",
            "/api/v1/reference/holidays/{id}",
            "/api/v1/webhooks/{id}",
            "/api/v1/webhooks/{id}/deliveries"
        ]
    );
}

async fn every_operation_refuses_what_it_does_not_know(api: Api) {
    let missing = "0178d7fa-2c00-7000-8000-00000000ffff";
    for (template, method, operation) in operations().filter(|(path, ..)| path.starts_with("/api"))
    {
        let name = operation["operationId"].as_str().unwrap();
        let path: String = template
            .split('/')
            .map(|p| match p {
                "{resource}" => "agreements",
                "{place}" => "0",
                p if p.starts_with('{') => missing,
                p => p,
            })
            .collect::<Vec<_>>()
            .join("/");
        let method = method.to_uppercase();
        let kind = if method == "PATCH" {
            "application/merge-patch+json"
        } else {
            "application/json"
        };
        let headers = [("content-type", kind), ("if-match", "*")];
        let body = operation
            .get("requestBody")
            .map(|_| b"{\"colour\":1}".to_vec());
        let refused = api
            .send(
                &method,
                &format!("{path}?colour=red"),
                &headers,
                body.clone(),
            )
            .await;
        assert!(
            [400, 422].contains(&refused.status.as_u16()),
            "{name}: {}",
            refused.text
        );
        assert!(
            refused.places().iter().any(|p| p.contains("colour")),
            "{name}: {}",
            refused.text
        );
        // Invisible text counts as empty, in the query as in a body.
        for parameter in parameters(operation) {
            let pattern = parameter["schema"]["pattern"].as_str().unwrap_or_default();
            let name = parameter["name"].as_str().unwrap_or_default();
            if pattern.contains("200b") {
                let unseen = format!("{path}?{name}=%E2%80%8B");
                let refused = api
                    .send(&method, &unseen, &headers, Some(b"{}".to_vec()))
                    .await;
                assert_eq!(
                    refused.status, 400,
                    "{} {name}: {}",
                    operation["operationId"], refused.text
                );
            }
        }
        // A file has no members.
        let is_file = ["create_import", "create_announcement_feed", "read_paper"].contains(&name)
            || name.ends_with("_file");
        if body.is_some() && !is_file {
            let refused = api.send(&method, &path, &headers, body).await.expect(422);
            assert!(
                refused.places().contains(&"/colour"),
                "{name}: {}",
                refused.text
            );
            api.send(
                &method,
                &path,
                &[("content-type", "text/plain"), ("if-match", "*")],
                Some(b"{}".to_vec()),
            )
            .await
            .expect(415);
        }
        if ["PATCH", "DELETE"].contains(&method.as_str()) {
            let body = (method == "PATCH").then(|| b"{}".to_vec());
            api.send(&method, &path, &[("content-type", kind)], body.clone())
                .await
                .expect(428);
            let path = format!("{path}{}", needed(name));
            api.send(&method, &path, &headers, body).await.expect(404);
        }
        if method == "GET" && template.contains('{') {
            api.get(&format!("{path}{}", needed(name)))
                .await
                .expect(404);
        }
    }
}

async fn every_bad_member_of_a_body_is_named(api: Api) {
    let missing = "0178d7fa-2c00-7000-8000-00000000ffff";
    for (template, method, operation) in operations() {
        let Some(content) = operation["requestBody"]["content"].as_object() else {
            continue;
        };
        let (kind, media) = content.iter().next().unwrap();
        // A file has no members.
        if kind != "application/json" && kind != "application/merge-patch+json" {
            continue;
        }
        let (mut body, mut places) = (json!({}), Vec::new());
        spoil(&media["schema"], "", &mut body, &mut places);
        let parts = template.split('/');
        let parts = parts.map(|part| match part {
            "{place}" => "0",
            part if part.starts_with('{') => missing,
            part => part,
        });
        let path = parts.collect::<Vec<_>>().join("/");
        let headers = [("content-type", kind.as_str()), ("if-match", "*")];
        // Each member by itself: a refusal lists a hundred errors at most.
        for (name, member) in body.as_object().unwrap() {
            let sent = Some(json!({name: member}).to_string().into_bytes());
            let refused = api
                .send(&method.to_uppercase(), &path, &headers, sent)
                .await;
            let refused = refused.expect(422);
            let named = refused.places();
            places.retain(|place| !named.contains(&place.as_str()));
        }
        assert!(
            places.is_empty(),
            "{method} {template} lets pass {places:?} of {body}"
        );
    }
}

/// A body with an unknown member in every object, and values of a wrong type in the known ones.
/// Gathers the places of both.
fn spoil(schema: &'static Value, at: &str, body: &mut Value, places: &mut Vec<String>) {
    let schema = resolved(schema);
    let some = schema["oneOf"]
        .as_array()
        .and_then(|all| all.iter().find(|one| one["type"] != "null"));
    let schema = resolved(some.unwrap_or(schema));
    if let Some(members) = schema["properties"].as_object() {
        *body = json!({"colour": 1});
        places.push(format!("{at}/colour"));
        for (name, member) in members {
            spoil(member, &format!("{at}/{name}"), &mut body[name], places);
        }
    } else if let Some(items) = schema.get("items") {
        *body = json!([null]);
        spoil(items, &format!("{at}/0"), &mut body[0], places);
    } else {
        // Neither a text nor a whole number, a boolean or a value of an enumeration.
        let number = schema["type"].to_string().contains("number");
        *body = if number { json!("1") } else { json!(1.5) };
        places.push(at.to_owned());
    }
}
