//! The examples of the spec, held to the demonstration: each request is accepted, also a second
//! time, and each answer has the shape of its example.
//!
//! With `MOU_RECORD_EXAMPLES=1`, the answers on SQLite are written to `src/http/openapi/answers.json`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::databases::Backend;
use crate::support::spec::{operations, resolved};
use crate::support::{Api, SPEC};

on_both!(with_demo: the_demonstration_accepts_and_answers_the_examples);

/// Requests that end a record, or undo what others need, so they come last.
const LAST: &[&str] = &[
    "create_agreement_transition",
    "retract_commitment_report",
    "unmerge_organization",
];

/// The longest answer that is an example, in bytes. Reports and statistics are longer: a viewer
/// composes examples of them, and trying them out shows them.
const LONGEST: usize = 5_000;

const RECORDED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/http/openapi/answers.json");

/// The walk through the operations.
struct Walk {
    api: Api,
    /// Ids of records that were made, by the names of their schemas.
    made: BTreeMap<String, String>,
    /// The answers, by the names of their schemas.
    answers: BTreeMap<String, Value>,
}

async fn the_demonstration_accepts_and_answers_the_examples(api: Api) {
    let mut walk = Walk {
        api,
        made: BTreeMap::new(),
        answers: BTreeMap::new(),
    };
    let mut all: Vec<_> = operations().collect();
    let place = |method: &str, operation: &Value| {
        let id = operation["operationId"].as_str().unwrap();
        match method {
            _ if LAST.contains(&id) => 4,
            // What would be done is asked before it is.
            _ if id.starts_with("preview_") => 1,
            "post" if id.starts_with("create") => 0,
            "get" => 2,
            "patch" => 1,
            _ => 3,
        }
    };
    all.sort_by_key(|(path, method, operation)| {
        (place(method, operation), path.matches('/').count())
    });
    for (path, method, operation) in all {
        // A deletion shows nothing, and the stream does not end.
        let id = operation["operationId"].as_str().unwrap();
        let streams = ["stream_changes", "get_change_feed"].contains(&id);
        if method != "delete" && !streams {
            walk.ask(path, method, operation).await;
        }
    }
    walk.compare();
}

impl Walk {
    async fn ask(&mut self, template: &str, method: &str, operation: &'static Value) {
        let Some(path) = self.path(template, operation).await else {
            return;
        };
        let id = operation["operationId"].as_str().unwrap();
        let mut headers = vec![("accept-language", "en")];
        let content = operation["requestBody"]["content"].as_object();
        let request = content.and_then(|content| content.iter().next());
        let body = request.map(|(kind, media)| {
            headers.push(("content-type", kind));
            match example(media) {
                // A file.
                Value::String(text) => text.clone().into_bytes(),
                body => body.to_string().into_bytes(),
            }
        });
        if method == "patch" {
            headers.push(("if-match", "*"));
        }
        if method == "post" && parameter(operation, "Idempotency-Key").is_some() {
            headers.push(("idempotency-key", "5f2b6a0c-2021-04-16"));
        }
        let method = method.to_uppercase();
        for time in ["first", "second"] {
            let answer = self.api.send(&method, &path, &headers, body.clone()).await;
            // The key of a calendar's address is secret, so its example is none.
            let is_shown = body.is_some() || method == "GET" && id != "get_calendar_feed";
            if !answer.status.is_success() && is_shown {
                let text = &answer.text;
                panic!(
                    "the demonstration refuses the example of {id} the {time} time (are the ids in \
                     src/http/openapi/examples.json those of its records?): {path} {text}"
                );
            }
            if answer.status.is_success() {
                let status = answer.status.as_str().to_owned();
                let response = resolved(&operation["responses"][&status]);
                self.keep(
                    &response["content"]["application/json"]["schema"],
                    answer.body,
                );
            }
        }
    }

    /// The path with the examples of its parameters, or with the ids of records that were made; none
    /// if there is no such record.
    async fn path(&self, template: &str, operation: &'static Value) -> Option<String> {
        let id = operation["operationId"].as_str().unwrap();
        if ["confirm_commitment_report", "decline_commitment_report"].contains(&id) {
            let verb = template.rsplit('/').next().unwrap();
            return Some(format!("{}/{verb}", self.report_of_a_partner().await));
        }
        let mut path = template.to_owned();
        let mut query = Vec::new();
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let parameter = resolved(parameter);
            let name = parameter["name"].as_str().unwrap();
            match parameter["in"].as_str().unwrap() {
                "path" => {
                    let hole = format!("{{{name}}}");
                    let value = match parameter["example"].as_str() {
                        Some(example) => example.to_owned(),
                        None => {
                            self.known(path.split(&hole).next().unwrap(), name, parameter)
                                .await?
                        }
                    };
                    path = path.replace(&hole, &value);
                }
                "query" if !parameter["example"].is_null() => {
                    let value = parameter["example"].as_str().unwrap();
                    let value: String =
                        url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
                    query.push(format!("{name}={value}"));
                }
                _ => {}
            }
        }
        Some(
            format!("{path}?{}", query.join("&"))
                .trim_end_matches('?')
                .to_owned(),
        )
    }

    /// The id of a record that was made.
    async fn known(&self, list: &str, name: &str, parameter: &Value) -> Option<String> {
        let described = parameter["description"].as_str().unwrap_or_default();
        let made = self.made.iter().find(|(schema, _)| {
            described
                .to_lowercase()
                .starts_with(&format!("the {}'s id", schema.to_lowercase()))
        });
        if let Some((_, id)) = made {
            return Some(id.clone());
        }
        let list = list.trim_end_matches('/');
        crate::support::api::operation("GET", list)?;
        let answer = self.api.read(list).await.body;
        let first = answer["items"].get(0)?;
        (name != "feed").then(|| first["id"].as_str().map(str::to_owned))?
    }

    /// The path of a new report by the partner that owes a commitment.
    async fn report_of_a_partner(&self) -> String {
        let association = example_id("AssociationId");
        let body = json!({"name": "partner", "role": "partner", "organization_id": association});
        let token = self.api.create("/tokens", &body).await.body;
        let partner = self.api.with(token["token"].as_str());
        let list = format!(
            "/api/v1/agreements/{}/commitments",
            example_id("AgreementId")
        );
        let all = self.api.read(&list).await.body;
        let owed = |commitment: &&Value| {
            let owed_by = commitment["owed_by"].as_array().unwrap();
            !owed_by.is_empty()
        };
        let owed = all["items"].as_array().unwrap().iter().find(owed).unwrap();
        let list = format!("{list}/{}/reports", owed["id"].as_str().unwrap());
        let operation =
            &SPEC["paths"]["/api/v1/agreements/{id}/commitments/{commitment_id}/reports"]["post"];
        let body = example(&operation["requestBody"]["content"]["application/json"]);
        let report = partner.create(&list, body).await;
        format!("{list}/{}", report.body["id"].as_str().unwrap())
    }

    /// Keeps an answer, or the first row of a page, under the name of its schema.
    fn keep(&mut self, schema: &'static Value, mut answer: Value) {
        let Some(name) = name_of(schema) else {
            return;
        };
        let items = &resolved(schema)["properties"]["items"]["items"];
        if let Some(row) = name_of(items).filter(|_| name.ends_with("Page")) {
            if let Some(first) = answer["items"].get(0) {
                let mut first = first.clone();
                shorten(&mut first);
                self.answers.entry(row.to_owned()).or_insert(first);
            }
            return;
        }
        if let Some(id) = answer["id"].as_str() {
            self.made.insert(name.to_owned(), id.to_owned());
        }
        // Secrets are no examples.
        shorten(&mut answer);
        let is_secret = name.starts_with("Created") || name.starts_with("Rotated");
        if !is_secret && answer.to_string().len() <= LONGEST {
            self.answers.insert(name.to_owned(), answer);
        }
    }

    fn compare(&self) {
        let schemas = &SPEC["components"]["schemas"];
        if std::env::var_os("MOU_RECORD_EXAMPLES").is_some() {
            if self.api.backend() == Backend::Sqlite {
                let text = serde_json::to_string_pretty(&self.answers).unwrap();
                std::fs::write(RECORDED, text + "\n").unwrap();
            }
            return;
        }
        assert!(self.answers.len() > 35, "{}", self.answers.len());
        for (name, answer) in &self.answers {
            let differs = different(&schemas[name]["example"], answer, String::new());
            assert!(
                differs.is_none(),
                "the example of {name} differs from the demonstration's answer at {differs:?}; record the \
                 answers anew with `MOU_RECORD_EXAMPLES=1 cargo test --test api examples`, then write the \
                 spec with `cargo run -- openapi`"
            );
        }
    }
}

fn example(media: &'static Value) -> &'static Value {
    let shared = media["examples"].get("default");
    shared.map_or(&media["example"], |shared| &resolved(shared)["value"])
}

fn parameter(operation: &'static Value, name: &str) -> Option<&'static Value> {
    let all = operation["parameters"].as_array().into_iter().flatten();
    all.map(resolved)
        .find(|parameter| parameter["name"] == name)
}

fn example_id(parameter: &str) -> &'static str {
    SPEC["components"]["parameters"][parameter]["example"]
        .as_str()
        .unwrap()
}

fn name_of(schema: &'static Value) -> Option<&'static str> {
    schema["$ref"].as_str()?.rsplit('/').next()
}

/// Leaves one item in each list.
fn shorten(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.truncate(1);
            items.iter_mut().for_each(shorten);
        }
        Value::Object(map) => map.values_mut().for_each(shorten),
        _ => {}
    }
}

/// The place where two answers have different shapes. Null and empty lists have any.
fn different(example: &Value, answer: &Value, at: String) -> Option<String> {
    match (example, answer) {
        (Value::Object(example), Value::Object(answer)) => {
            let (here, there) = (example.keys(), answer.keys());
            let mut names: Vec<_> = here.chain(there).collect();
            names.sort();
            names.dedup();
            names.into_iter().find_map(|name| {
                let at = format!("{at}/{name}");
                match (example.get(name), answer.get(name)) {
                    (Some(a), Some(b)) => different(a, b, at),
                    _ => Some(at),
                }
            })
        }
        (Value::Array(example), Value::Array(answer)) => {
            let both = example.first().zip(answer.first());
            both.and_then(|(a, b)| different(a, b, at + "/0"))
        }
        // The value of a step of a patch is whatever was changed.
        _ if at.ends_with("/value") => None,
        (Value::Null, _) if at.is_empty() => Some("/".into()),
        (Value::Null, _) | (_, Value::Null) => None,
        (Value::String(_), Value::String(_))
        | (Value::Number(_), Value::Number(_))
        | (Value::Bool(_), Value::Bool(_)) => None,
        _ => Some(at),
    }
}
