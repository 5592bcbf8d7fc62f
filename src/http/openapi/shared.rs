//! Parts shared by operations: problem documents, conditional headers, idempotency keys, examples.

use serde_json::{Map, Value, json};

use super::{examples, files, has_past, media_mut, reference, referred};
use crate::http::permissions::Access;
use crate::http::posted::KEY_LENGTH;
use crate::http::{BASE, RECORDED_AS_OF};
use crate::kernel::error::Code;

/// The codes of the problem documents that operations answer with, in the order of their statuses.
const PROBLEMS: &[Code] = &[
    Code::MalformedRequest,
    Code::Unauthenticated,
    Code::Forbidden,
    Code::NotFound,
    Code::NotAcceptable,
    Code::RequestTimeout,
    Code::Conflict,
    Code::PreconditionFailed,
    Code::TooLarge,
    Code::UnsupportedMediaType,
    Code::RangeNotSatisfiable,
    Code::Invalid,
    Code::PreconditionRequired,
    Code::RateLimited,
    Code::Internal,
    Code::Unavailable,
];

/// The statuses of problem documents, which have one response for all operations: stated one by
/// one, they would be a tenth of the document.
const REFUSED: [&str; 2] = ["4XX", "5XX"];

/// Operations whose responses contain a secret, so they are not kept for an idempotency key.
const SECRETS: &[&str] = &[
    "create_token",
    "create_calendar",
    "create_change_stream",
    "create_webhook",
    "rotate_webhook_secret",
];

/// Operations whose requests ask and record nothing, so that a repetition needs no key.
const QUESTIONS: &[&str] = &[
    "read_wording",
    "read_paper",
    "preview_municipality_policies",
    "preview_organization_merge",
];

/// Returns the shared response with a problem document.
pub fn problems() -> Value {
    let statuses = PROBLEMS.iter().map(|code| {
        let status = code.status().as_u16();
        format!("- `{status}` `{}`: {}\n", code.as_str(), code.title().en)
    });
    let statuses: String = statuses.collect();
    let headers = ["Retry-After", "RateLimit", "RateLimit-Policy"];
    let headers = headers.map(|name| {
        (
            name.to_owned(),
            reference("headers", &name.replace('-', "")),
        )
    });
    let code = Code::Invalid;
    json!({"Problem": {
        "description": format!("A problem document (RFC 9457), whose `code` tells what is wrong:\n\n{}", statuses.trim_end()),
        "headers": Map::from_iter(headers),
        "content": {"application/problem+json": {
            "schema": reference("schemas", "Problem"),
            "example": {
                "type": format!("/docs/problems#{}", code.as_str()), "title": code.title().ko,
                "status": code.status().as_u16(), "detail": null, "code": code.as_str(),
                "request_id": "019ab0f2-7d2c-7c1e-8a44-3f1f6d6f7a10",
                "errors": [{"pointer": "/title", "parameter": null, "header": null, "code": "required", "message": "필수 항목입니다."}],
            },
        }},
    }})
}

/// An entity tag.
const TAG: &str = "\"1-0123456789abcdef-fedcba9876543210\"";

/// Returns the shared parameters of requests.
pub fn parameters() -> Value {
    let header = |name: &str, required: bool, schema: Value, description: &str| json!({"name": name, "in": "header", "required": required, "description": description, "schema": schema});
    let key = json!({"type": "string", "minLength": 1, "maxLength": KEY_LENGTH, "pattern": "^[!-~]+$",
            "example": "5f2b6a0c-2021-04-16"});
    json!({
        "RecordedAsOf": {
            "name": RECORDED_AS_OF, "in": "query", "required": false,
            "schema": {"type": "string", "format": "date-time", "examples": ["2026-11-24T00:00:00Z"]},
            "description": "System time: returns the registry as it was recorded at this instant, before later corrections and \
                deletions. Can be combined with `as_of`. Records withdrawn from the public since stay hidden.",
        },
        "IfMatch": header("If-Match", true, json!({"type": "string", "example": "*"}),
            "The `ETag` of the state to change, of whichever content coding, or `*`. Weak tags match nothing."),
        "IfNoneMatch": header("If-None-Match", false, json!({"type": "string", "examples": [TAG]}),
            "The `ETag` of the response that the client already has: `304` if nothing has changed."),
        "LastEventId": header("Last-Event-ID", false,
            json!({"type": "string", "pattern": "^[0-9]+$", "maxLength": 18, "examples": ["42"]}), "The `id` of the last event received; the stream begins after it."),
        "IdempotencyKey": header("Idempotency-Key", false, key,
            "A key chosen by the caller, of visible ASCII characters. For 24 hours, a request with the same key, \
             address and body returns the first response again, without personal data, which is not kept, and only while the \
             caller can see the record."),
    })
}

/// Returns the shared headers of responses.
pub fn headers() -> Value {
    let text = |description: &str, example: &str| json!({"description": description, "required": true, "schema": {"type": "string"}, "example": example});
    let limit = |description: &str, example: &str| {
        let mut header = text(description, example);
        header["required"] = json!(false);
        header
    };
    let mut link = text(
        "Link to the next page (RFC 8288); absent on the last page.",
        "<?cursor=7b226f>; rel=\"next\"",
    );
    link["required"] = json!(false);
    json!({
        "ETag": text("Entity tag of the response; a record's tag begins with its version.", TAG),
        "IdempotentReplayed": json!({"description": "`true` if this is the first response to the idempotency key, again.",
            "required": false, "schema": {"type": "string", "const": "true"}, "example": "true"}),
        "Location": text("Path of the new record, or its URL if the server knows its public one.", "/api/v1/agreements/0178d7fa-2c00-7000-8000-000000000001"),
        "Link": link,
        "RateLimit": limit("Remaining requests, and the seconds until more are allowed \
            (draft-ietf-httpapi-ratelimit-headers).", "\"default\";r=0;t=1"),
        "RateLimitPolicy": limit("The limit: number of requests per number of seconds.", "\"default\";q=600;w=60"),
        "RetryAfter": json!({"description": "Seconds to wait before retrying, for `429` and `503`.", "required": false,
            "schema": {"type": "integer", "minimum": 0}, "example": 1}),
    })
}

/// Adds the shared parts to an operation.
#[expect(clippy::too_many_lines, reason = "one step after another")]
pub fn complete(
    path: &str,
    method: &str,
    operation: &mut Value,
    access: Option<Access>,
    components: &Value,
) {
    let api = path.starts_with(BASE);
    if method == "get" {
        files::offer(operation);
    }
    let change = matches!(method, "patch" | "delete");
    let answers = |kind| {
        let pointer = format!("/responses/200/content/{kind}");
        operation.pointer(&pointer).is_some()
    };
    // Files are sent in parts, and have tags as well.
    let is_file = operation.pointer("/responses/206").is_some();
    let has_tag = is_file || TAGGED.into_iter().chain([JSON_LINES]).any(answers);
    let cached = api && method == "get" && has_tag;
    let mut shared = Vec::new();
    let id = operation["operationId"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let id = id.as_str();
    let unkept = SECRETS.contains(&id) || QUESTIONS.contains(&id);
    let keyed = api && method == "post" && !unkept;
    if api {
        shared.extend(change.then_some("IfMatch"));
        shared.extend(keyed.then_some("IdempotencyKey"));
        shared.extend(cached.then_some("IfNoneMatch"));
        shared.extend(matches!(id, "stream_changes" | "get_change_feed").then_some("LastEventId"));
    }
    let past = access.is_some_and(|access| has_past(access, method));
    shared.extend(past.then_some("RecordedAsOf"));
    add_parameters(operation, &shared);
    if let Some(access) = access {
        say_for_whom(operation, access);
    }
    for statuses in REFUSED {
        operation["responses"][statuses] = reference("responses", "Problem");
    }
    if cached {
        operation["responses"]["304"] = json!({
            "description": "Unchanged since the response that `If-None-Match` names.",
            "headers": {"ETag": reference("headers", "ETag")},
        });
    }
    if let Some(request) = operation.get_mut("requestBody") {
        request["required"] = json!(true);
        let body = examples::body(id);
        for (kind, media) in media_mut(request) {
            // A file, which utoipa describes as a list of numbers.
            if !kind.contains("json") {
                media["schema"] = json!({"type": "string", "format": "binary"});
            }
            media["example"] = body
                .clone()
                .unwrap_or_else(|| example(&media["schema"], components, 0));
        }
    }
    let responses = operation
        .get_mut("responses")
        .and_then(Value::as_object_mut);
    for (status, response) in responses.into_iter().flatten() {
        if api {
            add_headers(response, status, cached || method != "get");
            if keyed && status.starts_with('2') {
                response["headers"]["Idempotent-Replayed"] =
                    reference("headers", "IdempotentReplayed");
            }
        }
    }
}

/// Adds shared parameters, by their names, to those of the operation.
fn add_parameters(operation: &mut Value, shared: &[&str]) {
    let own = operation["parameters"].as_array();
    let mut parameters = own.cloned().unwrap_or_default();
    parameters.extend(shared.iter().map(|name| reference("parameters", name)));
    if let Some(operation) = operation.as_object_mut() {
        operation.remove("parameters");
        if !parameters.is_empty() {
            operation.insert("parameters".into(), Value::Array(parameters));
        }
    }
}

/// Adds the headers of a response with content.
fn add_headers(response: &mut Value, status: &str, tagged: bool) {
    let mut schemas = TAGGED
        .iter()
        .filter_map(|kind| response.pointer(&format!("/content/{kind}/schema")));
    let Some(schema) = schemas.next() else {
        return;
    };
    let list = referred(schema).is_some_and(|name| name.ends_with("Page"));
    let mut names = Vec::new();
    names.extend(tagged.then_some("ETag"));
    names.extend(list.then_some("Link"));
    names.extend((status == "201").then_some("Location"));
    for name in names {
        response["headers"][name] = reference("headers", name);
    }
}

/// Adds the roles allowed to call the operation to its description and to `security`.
fn say_for_whom(operation: &mut Value, access: Access) {
    let text = operation["description"].as_str().unwrap_or_default();
    let sign = if text.is_empty() { "" } else { "\n\n" };
    operation["description"] = json!(format!("{text}{sign}{}", access.words()));
    let token = json!({"token": []});
    operation["security"] = match access {
        Access::Open | Access::Address => json!([]),
        Access::Read | Access::Timeless => json!([{}, token]),
        Access::Write | Access::Report | Access::Manage | Access::Own => json!([token]),
    };
}

/// Returns the ways in which callers authenticate.
pub fn security_schemes() -> Value {
    json!({"token": {
        "type": "http", "scheme": "bearer", "bearerFormat": "mou_…",
        "description": "A token of this registry, created by an admin at `/tokens` or on the command line. If the \
            server has a single sign-on, also a JWT of its issuer, whose claims determine the role and the municipalities.",
    }})
}

/// The media types whose responses have an entity tag, as segments of JSON Pointers.
const JSON: &str = "application~1json";
const CALENDAR: &str = "text~1calendar";
const JSON_LINES: &str = "application~1jsonl";
/// Those of the responses whose entity tag is stated.
const TAGGED: [&str; 4] = [
    JSON,
    CALENDAR,
    "application~1ld+json",
    "application~1geo+json",
];
/// Adds examples to the webhook requests.
pub fn give_webhooks_examples(document: &mut Value) {
    let components = document["components"].clone();
    let webhooks = document["webhooks"].as_object_mut().into_iter().flatten();
    for (_, item) in webhooks {
        if let Some(request) = item.pointer_mut("/post/requestBody") {
            give_examples(request, &components);
        }
    }
}

fn give_examples(message: &mut Value, components: &Value) {
    for (kind, media) in media_mut(message) {
        if kind.ends_with("json") && media.get("example").is_none() {
            media["example"] = example(&media["schema"], components, 0);
        }
    }
}

/// Builds an example of a schema from the examples of its members.
fn example(schema: &Value, components: &Value, depth: usize) -> Value {
    if let Some(example) = schema.get("example") {
        return example.clone();
    }
    if let Some(name) = referred(schema) {
        return example(&components["schemas"][name], components, depth + 1);
    }
    if let Some(branches) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
        let branch = branches
            .iter()
            .find(|b| b["type"] != "null")
            .filter(|_| depth < 12);
        return branch.map_or(Value::Null, |b| example(b, components, depth));
    }
    if let Some(first) = schema["enum"].get(0).or(schema.get("default")) {
        return first.clone();
    }
    let kind = schema["type"]
        .as_str()
        .or(schema["type"].get(0).and_then(Value::as_str));
    match (kind, schema["format"].as_str()) {
        _ if schema.get("properties").is_some() => {
            let properties = schema["properties"].as_object().into_iter().flatten();
            // Those of requests alone stand in place of another member.
            properties
                .filter(|(_, p)| p.get("writeOnly").is_none())
                .map(|(name, p)| (name.clone(), example(p, components, depth + 1)))
                .collect()
        }
        (Some("array"), _) if depth < 12 => {
            json!([example(&schema["items"], components, depth + 1)])
        }
        (Some("array"), _) => json!([]),
        (Some("integer" | "number"), _) => schema.get("minimum").cloned().unwrap_or(json!(1)),
        (Some("boolean"), _) => json!(false),
        (Some("string"), Some("uuid")) => json!("0178d7fa-2c00-7000-8000-000000000001"),
        (Some("string"), Some("date")) => json!("2021-04-16"),
        (Some("string"), Some("date-time")) => json!("2021-04-16T01:00:00Z"),
        (Some("string"), Some("uri")) => json!("https://www.hankyung.com/article/202104199856Y"),
        (Some("string"), Some("edtf")) => json!("2021-04-16"),
        (Some("string"), _) => json!("일산테크노밸리"),
        _ => Value::Null,
    }
}
