//! An agreement with commitments, and its reporters.

use serde_json::{Value, json};

use super::records::{signed_mou, with};
use super::{Answer, Api};

/// A city, an association that owes the first of two commitments, and their agreement.
pub struct Case {
    pub api: Api,
    pub city: String,
    pub association: String,
    pub id: String,
    pub commitments: Vec<String>,
    pub partner: Api,
}

pub fn ids(agreement: &Value) -> Vec<String> {
    let commitments = agreement["commitments"].as_array().unwrap().iter();
    commitments
        .map(|c| c["id"].as_str().unwrap().to_owned())
        .collect()
}

impl Case {
    pub async fn new(api: Api) -> Self {
        Self::with(api, json!({})).await
    }

    pub async fn with(api: Api, more: Value) -> Self {
        let city = api.municipality().await;
        let association = api.organization("한국바이오의약품협회").await;
        let base = json!({"commitments": [
            {"text": {"ko": "전문인력 교육"}, "owed_by": [association], "due": {"edtf": "2024"}},
            {"text": {"en": "Support for venture firms"}}]});
        let new = signed_mou(&[&city, &association], "2021-04-16", with(base, more));
        let made = api.create("/agreements", &new).await;
        Self {
            partner: api.partner(&association).await,
            id: made.id().to_owned(),
            commitments: ids(&made.body),
            api,
            city,
            association,
        }
    }

    pub fn path(&self, place: usize) -> String {
        let commitment = &self.commitments[place];
        format!("/agreements/{}/commitments/{commitment}/reports", self.id)
    }

    pub async fn report(&self, place: usize, on: &str, status: &str) -> Answer {
        let body = json!({"on": {"edtf": on}, "status": status});
        self.api.create(&self.path(place), &body).await
    }

    pub async fn read(&self, query: &str) -> Value {
        let path = format!("/agreements/{}{query}", self.id);
        self.api.read(&path).await.body
    }

    pub async fn status(&self, place: usize, query: &str) -> Value {
        self.read(query).await["commitments"][place]["status"].clone()
    }

    pub async fn step(&self, body: Value) -> Answer {
        let path = format!("/agreements/{}/transitions", self.id);
        self.api.post(&path, &body).await
    }
}
