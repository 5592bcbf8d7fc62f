//! A registry on a database, driven like the model.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::dates::Date;
use super::memory::Model;
use super::ops::{Day, Op, Target};
use crate::support::case::ids;
use crate::support::{Answer, Api, Backend};

/// A registry, with the ids that it assigned in order of appearance.
pub struct Registry {
    pub api: Api,
    seen: HashMap<String, usize>,
    project: String,
    /// The city, and its successor once that is recorded.
    pub municipalities: Vec<String>,
    company: String,
    agreements: Vec<String>,
    /// The two commitments of each agreement.
    commitments: Vec<[String; 2]>,
    milestones: Vec<String>,
    partner: Api,
}

impl Registry {
    pub async fn new(backend: Backend) -> Self {
        let api = Api::new(backend).await;
        // Yeosu, whose successor stands in the official list.
        let city = json!({"code": "4613000000", "policies": [{"self_approval": true}]});
        let city = api.create("/municipalities", &city).await.id().to_owned();
        let company = api.organization("회사").await;
        let project = json!({"municipality_id": city, "kind": "other", "title": {"ko": "사업"},
            "milestones": [{"kind": "groundbreaking"}, {"kind": "completion"}]});
        let project = api.create("/projects", &project).await;
        let milestones = project.body["milestones"].as_array().unwrap().iter();
        Self {
            milestones: milestones
                .map(|m| m["id"].as_str().unwrap().to_owned())
                .collect(),
            project: project.id().to_owned(),
            partner: api.partner(&company).await,
            municipalities: vec![city],
            company,
            agreements: Vec::new(),
            commitments: Vec::new(),
            seen: HashMap::new(),
            api,
        }
    }

    /// The answer with each id replaced by its place in order of appearance.
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
                // These contain ids or depend on the moment.
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
        // The tag of the present state, or one of no state.
        let tag = async |fresh: bool, i: usize| {
            let read = api
                .get(&format!("/agreements/{}", self.agreements[i]))
                .await;
            let present = (fresh && read.status == 200).then(|| read.etag().to_owned());
            present.unwrap_or_else(|| "\"0-0-0\"".to_owned())
        };
        let edtf = |day: &Option<Day>| day.as_ref().map(|day| json!({"edtf": day}));
        let date = |date: &Option<Date>| date.as_ref().map(Date::json);
        let city = self.municipalities.last().unwrap();
        match op {
            Op::Record {
                signed,
                from,
                until,
                supersedes,
                due,
            } => {
                let company = &self.company;
                let old = supersedes.and_then(|old| model.pick(old));
                let body = json!({"municipality_id": city, "kind": "mou", "title": {"ko": format!("협약 {}", self.agreements.len())},
                    "status": if signed.is_some() { "signed" } else { "draft" }, "signed_on": edtf(signed), "effective_until": date(until),
                    "effective_from": date(from),
                    "supersedes_id": old.map(|i| &self.agreements[i]),
                    "parties": [{"organization_id": city, "role": "lead"}, {"organization_id": company}],
                    "commitments": [{"text": {"ko": "교육"}, "owed_by": [company], "due": date(due)}, {"text": {"ko": "지원"}}]});
                let answer = api.post("/agreements", &body).await;
                if answer.status == 201 {
                    self.agreements.push(answer.id().to_owned());
                    self.commitments.push(ids(&answer.body).try_into().unwrap());
                }
                answer
            }
            Op::Step {
                which,
                to,
                on,
                reason,
                becomes,
            } => {
                let Some(i) = model.pick(*which) else {
                    return api.get("/healthz").await;
                };
                let decided = model.agreements[i].decided(to, *becomes);
                let decided = decided.into_iter().map(
                    |(place, becomes)| json!({"commitment_id": self.commitments[i][place], "becomes": becomes}),
                );
                let body = json!({"to": to, "on": edtf(on), "reason": reason.then(|| json!({"ko": "합의"})),
                    "commitments": decided.collect::<Vec<_>>()});
                api.post(
                    &format!("/agreements/{}/transitions", self.agreements[i]),
                    &body,
                )
                .await
            }
            Op::Advance { which, on, becomes } => {
                let step = model.advance(*which, on, *becomes);
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
                    &tag(*fresh, i).await,
                    &json!({"effective_until": date(until)}),
                )
                .await
            }
            Op::Delete { which, fresh } => {
                let Some(i) = model.pick(*which) else {
                    return api.get("/healthz").await;
                };
                api.delete(
                    &format!("/agreements/{}", self.agreements[i]),
                    &tag(*fresh, i).await,
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
                if filter.of_city {
                    query.push_str(&format!("&municipality_id={city}"));
                }
                let mut first = api.read(&query).await;
                let mut next = first.body["next_cursor"].take();
                while let Some(cursor) = next.as_str() {
                    let mut page = api.read(&format!("{query}&cursor={cursor}")).await;
                    next = page.body["next_cursor"].take();
                    let more = page.items().clone();
                    first.body["items"].as_array_mut().unwrap().extend(more);
                }
                first
            }
            Op::Forecast {
                which,
                target,
                stated_on,
            } => {
                let i = which.index(2);
                let path = format!("/milestones/{}/forecasts", self.milestones[i]);
                let target = match target {
                    Target::Edtf(edtf) => json!({"edtf": edtf}),
                    Target::AfterOther(months) => json!({"as_stated": "그 뒤", "relative_to":
                        {"anchor": "milestone", "milestone_id": self.milestones[1 - i], "months": months}}),
                };
                let body = json!({"target": target, "stated_on": {"edtf": stated_on}});
                api.post(&path, &body).await
            }
            Op::Outcome { which, kind, on } => {
                let path = format!("/milestones/{}/outcomes", self.milestones[which.index(2)]);
                api.post(&path, &json!({"kind": kind, "on": {"edtf": on}}))
                    .await
            }
            Op::Retract { which, nth } => {
                let milestone = format!("/milestones/{}", self.milestones[which.index(2)]);
                let record = api.read(&milestone).await;
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
            Op::Succeed => {
                let successor = json!({"code": "1213000000"});
                let answer = api.post("/municipalities", &successor).await;
                if answer.status == 201 {
                    self.municipalities.push(answer.id().to_owned());
                }
                answer
            }
            Op::Timeline { as_of } => {
                let path = format!("/projects/{}/timeline?as_of={as_of}", self.project);
                api.read(&path).await
            }
            Op::Report {
                which,
                place,
                partner,
                status,
                on,
            } => {
                let Some(i) = model.reportable(*which) else {
                    return api.get("/healthz").await;
                };
                let (agreement, commitment) = (&self.agreements[i], &self.commitments[i][*place]);
                let path = format!("/agreements/{agreement}/commitments/{commitment}/reports");
                let body = json!({"on": {"edtf": on}, "status": status});
                self.caller(*partner).post(&path, &body).await
            }
            Op::Decide { which, confirm } => {
                let Some(found) = model.awaiting(*which) else {
                    return api.get("/healthz").await;
                };
                let (act, body) = if *confirm {
                    ("confirm", json!({}))
                } else {
                    ("decline", json!({"reason": {"ko": "증빙이 없음"}}))
                };
                let path = format!("{}/{act}", self.reported(found).await);
                api.post(&path, &body).await
            }
            Op::TakeBack { which, partner } => {
                let Some(found) = model.reported(*which) else {
                    return api.get("/healthz").await;
                };
                let path = format!("{}/retraction", self.reported(found).await);
                let body = json!({"reason": {"ko": "오기"}});
                self.caller(*partner).post(&path, &body).await
            }
            Op::Show { which, as_of } => {
                let Some(i) = model.reportable(*which) else {
                    return api.get("/healthz").await;
                };
                let path = format!("/agreements/{}?as_of={as_of}", self.agreements[i]);
                api.get(&path).await
            }
        }
    }

    fn caller(&self, partner: bool) -> &Api {
        if partner { &self.partner } else { &self.api }
    }

    /// The path of a report, by its agreement and its place in order of recording.
    async fn reported(&self, (i, nth): (usize, usize)) -> String {
        let agreement = &self.agreements[i];
        let list = format!("/reports?agreement_id={agreement}&sort=created_at&limit=200");
        let all = self.api.read(&list).await;
        let report = &all.body["items"][nth];
        let of = |member: &str| report[member].as_str().unwrap();
        let (commitment, id) = (of("commitment_id"), of("id"));
        format!("/agreements/{agreement}/commitments/{commitment}/reports/{id}")
    }
}

/// The part of an answer that the model predicts, in the model's form.
pub fn told(op: &Op, body: &Value, municipalities: &[String]) -> Value {
    let day = |day: &Value, open: &str| day.as_str().unwrap_or(open).to_owned();
    let dated =
        |date: &Value| json!([day(&date["earliest"], "0000"), day(&date["latest"], "9999")]);
    let reached = |m: &Value| {
        json!([
            m["status"],
            m["target"].is_object().then(|| dated(&m["target"]))
        ])
    };
    match op {
        Op::List { .. } => {
            let items = body["items"].as_array().unwrap().iter();
            let row = |i: &Value| json!([i["title"]["ko"], i["fulfilment"]["status"]]);
            let rows: Vec<Value> = items.map(row).collect();
            json!({"total": body["total"], "rows": rows})
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
        Op::Report { .. } | Op::Decide { .. } | Op::TakeBack { .. } => body["standing"].clone(),
        _ => {
            let commitment = |c: &Value| {
                json!([
                    c["status"],
                    c["reported_on"]["edtf"],
                    c["overdue"],
                    c["report_count"],
                    c["pending_reports"]
                ])
            };
            let commitments = body["commitments"].as_array().unwrap().iter();
            let owner = municipalities
                .iter()
                .position(|id| body["municipality_id"] == json!(id));
            json!({"status": body["status"], "in_force": body["in_force"], "version": body["version"],
                "expires_in": body["expires_in"], "ended_by": body["ended_by"], "owner": owner,
                "allowed_transitions": body["allowed_transitions"], "fulfilment": body["fulfilment"]["status"],
                "commitments": commitments.map(commitment).collect::<Vec<_>>()})
        }
    }
}
