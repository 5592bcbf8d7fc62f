//! A registry on a database, asked as the model is.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::memory::Model;
use super::ops::{Day, Op};
use crate::harness::{Answer, Api, Backend};

/// A registry, and the ids that it gave, by the order in which they were seen.
pub struct Registry {
    pub api: Api,
    seen: HashMap<String, usize>,
    project: String,
    parties: [String; 2],
    agreements: Vec<String>,
    milestones: Vec<String>,
}

impl Registry {
    pub async fn new(backend: Backend) -> Self {
        let api = Api::new(backend).await;
        let city = api.municipality().await;
        let company = api.organization("회사").await;
        let project = json!({"municipality_id": city, "kind": "other", "title": {"ko": "사업"},
            "milestones": [{"kind": "groundbreaking"}, {"kind": "completion"}]});
        let project = api.post("/projects", &project).await.expect(201);
        let milestones = project.body["milestones"].as_array().unwrap().iter();
        Self {
            milestones: milestones
                .map(|m| m["id"].as_str().unwrap().to_owned())
                .collect(),
            project: project.id().to_owned(),
            parties: [city, company],
            agreements: Vec::new(),
            seen: HashMap::new(),
            api,
        }
    }

    /// The answer with each id replaced by its place in the order in which they were seen.
    pub fn symbolic(&mut self, answer: &Answer) -> (u16, Value) {
        let mut body = answer.body.clone();
        self.replace(&mut body);
        (answer.status.as_u16(), body)
    }

    fn replace(&mut self, value: &mut Value) {
        match value {
            Value::String(text) if uuid::Uuid::try_parse(text).is_ok() => {
                let next = self.seen.len();
                *value = json!(self.seen.entry(text.clone()).or_insert(next));
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.replace(item)),
            Value::Object(map) => {
                // These hold ids or follow from the moment.
                for hidden in ["next_cursor", "instance", "request_id", "detail", "errors"] {
                    map.remove(hidden);
                }
                map.values_mut().for_each(|member| self.replace(member));
            }
            _ => {}
        }
    }

    pub async fn apply(&mut self, op: &Op, model: &Model) -> Answer {
        let api = self.api.clone();
        let tag = |fresh: bool, i: usize| {
            let version = model.agreements[i].version;
            format!("\"{}-0\"", if fresh { version } else { version + 7 })
        };
        let edtf = |day: &Option<Day>| day.as_ref().map(|day| json!({"edtf": day}));
        match op {
            Op::Record {
                signed,
                until,
                supersedes,
            } => {
                let [city, company] = &self.parties;
                let old = supersedes.and_then(|old| model.pick(old));
                let body = json!({"municipality_id": city, "kind": "mou", "title": {"ko": format!("협약 {}", self.agreements.len())},
                    "status": if signed.is_some() { "signed" } else { "draft" }, "signed_on": edtf(signed), "effective_until": edtf(until),
                    "supersedes_id": old.map(|i| &self.agreements[i]),
                    "parties": [{"organization_id": city, "role": "lead"}, {"organization_id": company}]});
                let answer = api.post("/agreements", &body).await;
                if answer.status == 201 {
                    self.agreements.push(answer.id().to_owned());
                }
                answer
            }
            Op::Step {
                which,
                to,
                on,
                reason,
            } => {
                let Some(i) = model.pick(*which) else {
                    return api.get("/healthz").await;
                };
                let body = json!({"to": to, "on": edtf(on), "reason": reason.then(|| json!({"ko": "합의"}))});
                api.post(
                    &format!("/agreements/{}/transitions", self.agreements[i]),
                    &body,
                )
                .await
            }
            Op::Advance { which, on } => {
                let step = model.advance(*which, on);
                Box::pin(self.apply(&step, model)).await
            }
            Op::Extend {
                which,
                until,
                reason,
                fresh,
            } => {
                let Some(i) = model.pick(*which) else {
                    return api.get("/healthz").await;
                };
                let query = if *reason { "?correction_reason=a" } else { "" };
                let path = format!("/agreements/{}{query}", self.agreements[i]);
                api.patch(
                    &path,
                    &tag(*fresh, i),
                    &json!({"effective_until": edtf(until)}),
                )
                .await
            }
            Op::Delete { which, fresh } => {
                let Some(i) = model.pick(*which) else {
                    return api.get("/healthz").await;
                };
                api.delete(
                    &format!("/agreements/{}", self.agreements[i]),
                    &tag(*fresh, i),
                )
                .await
            }
            Op::List { filter, limit } => {
                let mut query = format!("/agreements?with_total=true&limit={limit}");
                for (name, value) in [
                    ("status", filter.status.map(str::to_owned)),
                    ("in_force", filter.in_force.map(str::to_owned)),
                    ("expired", filter.expired.map(|e| e.to_string())),
                    ("signed_from", filter.signed_from.clone()),
                ] {
                    query.extend(value.map(|v| format!("&{name}={v}")));
                }
                let mut first = api.get(&query).await.expect(200);
                let mut next = first.body["next_cursor"].take();
                while let Some(cursor) = next.as_str() {
                    let mut page = api
                        .get(&format!("{query}&cursor={cursor}"))
                        .await
                        .expect(200);
                    next = page.body["next_cursor"].take();
                    let more = page.body["items"].as_array().unwrap().clone();
                    first.body["items"].as_array_mut().unwrap().extend(more);
                }
                first
            }
            Op::Forecast {
                which,
                target,
                stated_on,
            } => {
                let path = format!("/milestones/{}/forecasts", self.milestones[which.index(2)]);
                let body = json!({"target": {"edtf": target}, "stated_on": {"edtf": stated_on}});
                api.post(&path, &body).await
            }
            Op::Outcome { which, kind, on } => {
                let path = format!("/milestones/{}/outcomes", self.milestones[which.index(2)]);
                api.post(&path, &json!({"kind": kind, "on": {"edtf": on}}))
                    .await
            }
            Op::Retract { which, nth } => {
                let milestone = format!("/milestones/{}", self.milestones[which.index(2)]);
                let record = api.get(&milestone).await.expect(200);
                let forecasts = record.body["forecasts"].as_array().unwrap();
                if forecasts.is_empty() {
                    return record;
                }
                let id = forecasts[nth.index(forecasts.len())]["id"]
                    .as_str()
                    .unwrap();
                let path = format!("{milestone}/forecasts/{id}/retraction");
                api.post(&path, &json!({"reason": {"ko": "오기"}})).await
            }
            Op::Timeline { as_of } => {
                let path = format!("/projects/{}/timeline?as_of={as_of}", self.project);
                api.get(&path).await.expect(200)
            }
        }
    }
}

/// What of an answer the model foretells, in its form.
pub fn told(op: &Op, body: &Value) -> Value {
    let reached = |m: &Value| json!([m["status"], m["target"]["edtf"]]);
    match op {
        Op::List { .. } => {
            let items = body["items"].as_array().unwrap().iter();
            let titles: Vec<&Value> = items.map(|i| &i["title"]["ko"]).collect();
            json!({"total": body["total"], "titles": titles})
        }
        Op::Forecast { .. } | Op::Outcome { .. } | Op::Retract { .. } => reached(body),
        Op::Timeline { .. } => {
            let mut items: Vec<Value> = body["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(reached)
                .collect();
            items.sort_by_key(Value::to_string);
            json!(items)
        }
        _ => {
            json!({"status": body["status"], "in_force": body["in_force"], "version": body["version"],
                "allowed_transitions": body["allowed_transitions"]})
        }
    }
}
