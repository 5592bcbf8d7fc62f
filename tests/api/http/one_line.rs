//! Titles, names and other texts on one line: line breaks and control characters are refused in every
//! request, and kept in texts of several lines.

use std::collections::BTreeSet;

use mou_registry::http::openapi::LINE;
use serde_json::{Value, json};

use crate::support::Api;
use crate::support::records::mou;
use crate::support::spec::{operations, resolved};

on_both!(new: no_line_of_a_body_is_broken, texts_of_several_lines_keep_them);

/// A body with a broken line in every text on one line. Gathers their places.
fn broken(schema: &'static Value, at: &str, places: &mut Vec<String>) -> Option<Value> {
    let schema = resolved(schema);
    let some = schema["oneOf"]
        .as_array()
        .and_then(|all| all.iter().find(|one| one["type"] != "null"));
    let schema = resolved(some.unwrap_or(schema));
    if let Some(members) = schema["properties"].as_object() {
        let members = members.iter().filter_map(|(name, member)| {
            Some((
                name.clone(),
                broken(member, &format!("{at}/{name}"), places)?,
            ))
        });
        let members: serde_json::Map<_, _> = members.collect();
        (!members.is_empty()).then_some(Value::Object(members))
    } else if let Some(items) = schema.get("items") {
        broken(items, &format!("{at}/0"), places).map(|item| json!([item]))
    } else if schema["pattern"] == LINE {
        places.push(at.to_owned());
        Some(json!("한\n줄"))
    } else {
        None
    }
}

async fn no_line_of_a_body_is_broken(api: Api) {
    let missing = "0178d7fa-2c00-7000-8000-00000000ffff";
    let mut lines = BTreeSet::new();
    for (template, method, operation) in operations() {
        let Some(content) = operation["requestBody"]["content"].as_object() else {
            continue;
        };
        let (kind, media) = content.iter().next().unwrap();
        let mut places = Vec::new();
        let Some(body) = broken(&media["schema"], "", &mut places) else {
            continue;
        };
        let parts = template.split('/').map(|part| match part {
            "{place}" => "0",
            part if part.starts_with('{') => missing,
            part => part,
        });
        let path = parts.collect::<Vec<_>>().join("/");
        let headers = [("content-type", kind.as_str()), ("if-match", "*")];
        lines.extend(places.iter().map(|place| place.replace("/0", "")));
        for (name, member) in body.as_object().unwrap() {
            let sent = json!({name: member}).to_string().into_bytes();
            let refused = api
                .send(&method.to_uppercase(), &path, &headers, Some(sent))
                .await;
            let refused = refused.expect(422);
            for error in refused.body["errors"].as_array().unwrap() {
                if error["code"] == "line_break" {
                    let place = error["pointer"].as_str().unwrap();
                    places.retain(|p| p != place);
                }
            }
        }
        assert!(
            places.is_empty(),
            "{method} {template} lets pass {places:?} of {body}"
        );
    }
    for line in [
        "/title/ko",
        "/title/en",
        "/name/ko",
        "/name",
        "/short_name/ko",
        "/other_names/ko",
        "/venue/ko",
        "/topics/ko",
        "/lead_department",
        "/reference_number",
        "/parties/signatory/name",
        "/documents/title/ko",
        "/documents/media_type",
        "/sources/publisher",
        "/milestones/title/ko",
        "/officers/name",
        "/identifiers/id",
        "/contact/name",
        "/members/role/ko",
    ] {
        let known = lines.iter().any(|place| place.ends_with(line));
        assert!(known, "{line} is not among {lines:?}");
    }
}

async fn texts_of_several_lines_keep_them(api: Api) {
    let city = api.municipality().await;
    let company = api.organization("기업").await;
    let text = json!({"ko": "첫째 줄\n둘째 줄\t끝"});
    let more = json!({"purpose": text, "commitments": [{"text": text}]});
    let made = api
        .create("/agreements", &mou(&[&city, &company], more))
        .await;
    assert_eq!(made.body["purpose"]["ko"], text["ko"]);
    for wrong in ["\r\n", "\u{85}", "\u{2028}", "\t", "\u{1b}", "\u{7f}"] {
        let title = json!({"title": {"ko": format!("협약{wrong}서")}});
        let refused = api
            .post("/agreements", &mou(&[&city, &company], title))
            .await;
        let error = refused.expect(422).body["errors"][0].clone();
        assert_eq!(error["pointer"], "/title/ko", "{wrong:?}");
        assert_eq!(error["code"], "line_break", "{wrong:?}");
        assert!(
            error["message"].as_str().unwrap().contains("한 줄"),
            "{error}"
        );
    }
    // A blank line is blank.
    let blank = mou(&[&city, &company], json!({"title": {"ko": "  "}}));
    let refused = api.post("/agreements", &blank).await.expect(422);
    assert_eq!(refused.body["errors"][0]["code"], "blank");
}
