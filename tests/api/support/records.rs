//! Records that tests begin with. Each has defaults, which the members of `more` replace.

use serde_json::{Value, json};

use super::{Answer, Api};

/// `base` with the members of `more` added or replaced.
pub fn with(mut base: Value, mut more: Value) -> Value {
    let members = base.as_object_mut().unwrap();
    members.append(more.as_object_mut().unwrap());
    base
}

/// The draft of an MOU. The first party is the city.
pub fn mou(parties: &[&str], more: Value) -> Value {
    let city = parties[0];
    let parties: Vec<Value> = (parties.iter())
        .map(|id| json!({"organization_id": id}))
        .collect();
    let base = json!({"municipality_id": city, "kind": "mou", "title": {"ko": "협약"}, "parties": parties});
    with(base, more)
}

/// Like [`mou`], but signed on a day.
pub fn signed_mou(parties: &[&str], on: &str, more: Value) -> Value {
    let signed = json!({"status": "signed", "signed_on": {"edtf": on}});
    mou(parties, with(signed, more))
}

/// The draft of an MOU of a city, which leads, with a new company.
pub async fn agreement(api: &Api, city: &str, more: Value) -> Value {
    let mut new = mou(&[city, &api.organization("회사").await], json!({}));
    new["parties"][0]["role"] = json!("lead");
    with(new, more)
}

/// Records the [`agreement`].
pub async fn record(api: &Api, city: &str, more: Value) -> Answer {
    let new = agreement(api, city, more).await;
    api.create("/agreements", &new).await
}

/// Like [`record`], but signed on a day.
pub async fn signed(api: &Api, city: &str, on: &str, more: Value) -> Answer {
    let signed = json!({"status": "signed", "signed_on": {"edtf": on}});
    record(api, city, with(signed, more)).await
}

/// Posts the [`agreement`], which may be refused.
pub async fn attempt(api: &Api, city: &str, more: Value) -> Answer {
    let new = agreement(api, city, more).await;
    api.post("/agreements", &new).await
}

/// A policy like the ordinance of Busan: a review at least once a year.
pub fn busan() -> Value {
    json!({"valid_from": "2022-01-01", "reference": {"title": "부산광역시 업무협약 관리 조례", "article": "제7조"},
        "review_interval_months": 12})
}

/// Replaces the policies of a municipality.
pub async fn demand(api: &Api, city: &str, policies: Value) -> Answer {
    let path = format!("/municipalities/{city}");
    api.update(&path, "*", &json!({"policies": policies})).await
}

impl Api {
    /// Records Goyang, whose policy allows authors to approve. Returns its id.
    pub async fn municipality(&self) -> String {
        let new = json!({"code": "4128000000", "policies": [{"self_approval": true}]});
        self.create("/municipalities", &new).await.id().to_owned()
    }

    /// Records Suwon, which has no policy. Returns its id.
    pub async fn other_municipality(&self) -> String {
        let new = json!({"code": "4111000000"});
        self.create("/municipalities", &new).await.id().to_owned()
    }

    /// Records a company. Returns its id.
    pub async fn organization(&self, name: &str) -> String {
        let new = json!({"kind": "company", "name": {"ko": name}});
        self.create("/organizations", &new).await.id().to_owned()
    }

    /// Merges an organization into another.
    pub async fn merge(&self, gone: &str, keep: &str) -> Answer {
        let path = format!("/organizations/{gone}/merge");
        self.act(&path, &json!({"into_id": keep})).await
    }

    /// Like [`Self::merge`], and renews the token of a partner of the duplicate.
    pub async fn merge_renewing(&self, partner: &Self, gone: &str, keep: &str) -> Answer {
        let token = partner.read("/me").await.body["token_id"].clone();
        let merged = self.merge(gone, keep).await;
        let renewal = format!("/tokens/{}/renewal", token.as_str().unwrap());
        self.act(&renewal, &json!({})).await;
        merged
    }

    /// Creates a token. Returns its id, and `self` with the token.
    pub async fn new_token(&self, new: Value) -> (String, Self) {
        let made = self.create("/tokens", &new).await;
        (made.id().to_owned(), self.with(made.body["token"].as_str()))
    }

    /// Like `self`, with a new token.
    pub async fn caller(&self, new: Value) -> Self {
        self.new_token(new).await.1
    }

    /// Like `self`, asked by a member of a municipality's staff.
    pub async fn staff(&self, role: &str, city: &str) -> Self {
        let new = json!({"name": role, "role": role, "municipality_ids": [city]});
        self.caller(new).await
    }

    /// Like `self`, asked by a partner.
    pub async fn partner(&self, organization: &str) -> Self {
        let new = json!({"name": "협회 담당", "role": "partner", "organization_id": organization});
        self.caller(new).await
    }
}
