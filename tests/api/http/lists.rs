//! Reads lists that the spec declares, whatever they hold.

use serde_json::Value;

use crate::support::spec::{operations, parameter, schema};
use crate::support::{Answer, Api, CITY};

/// A list as the spec declares it, filled for the records of a registry.
pub struct List {
    pub id: &'static str,
    pub operation: &'static Value,
    path: String,
}

/// An answer to a request for a list.
pub struct Listed {
    pub body: Value,
    /// What it shows, without the links that repeat the request.
    pub shown: String,
    /// The number of its items, over all pages where the list counts them.
    pub size: usize,
}

impl List {
    /// The list at a path of the spec. Of the records to which the list can belong, it takes the
    /// one with most items.
    pub async fn new(api: &Api, template: &str, operation: &'static Value) -> Self {
        let id = operation["operationId"].as_str().unwrap();
        let template = template.trim_start_matches("/api/v1");
        let template = template.replace("{resource}", "agreements");
        let list = |path: String| Self {
            id,
            operation,
            path,
        };
        let Some((records, rest)) = template.split_once("/{id}") else {
            return list(template);
        };
        let (mut most, mut path) = (None, String::new());
        for record in Self::records(api, records).await {
            let record = record["id"].as_str().unwrap();
            let one = list(format!("{records}/{record}{rest}"));
            let size = one.ask(api, &[]).await.map(|listed| listed.size);
            if size > most {
                (most, path) = (size, one.path);
            }
        }
        list(path)
    }

    /// The records of a path, from the list of them; milestones are listed by project.
    async fn records(api: &Api, path: &str) -> Vec<Value> {
        let listed = operations().filter(|(at, method, operation)| {
            let is_list = *method == "get" && parameter(operation, "cursor").is_some();
            is_list && at.ends_with(path) && !at.contains("/statistics/")
        });
        let (template, _, operation) = listed.min_by_key(|(at, ..)| at.len()).unwrap();
        let list = Box::pin(Self::new(api, template, operation)).await;
        let listed = list.ask(api, &[]).await.unwrap();
        listed.body["items"].as_array().unwrap().clone()
    }

    /// The parameters without which the list does not answer.
    pub fn needed(&self) -> &'static [(&'static str, &'static str)] {
        match self.id {
            "search" => &[("q", "협약")],
            "list_reconciliation" => &[("municipality_id", CITY)],
            _ => &[],
        }
    }

    /// Asks for the longest page, counted where the list can be. Returns nothing if the request is
    /// refused.
    pub async fn ask(&self, api: &Api, query: &[(&str, &str)]) -> Option<Listed> {
        let declared = |name: &str| parameter(self.operation, name);
        let needed = self.needed().iter();
        let needed = needed.filter(|(name, _)| query.iter().all(|(given, _)| given != name));
        let mut pairs: Vec<String> = query
            .iter()
            .chain(needed)
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect();
        if query.iter().all(|(name, _)| *name != "limit") {
            let longest = declared("limit").map(|limit| &schema(limit)["maximum"]);
            pairs.extend(longest.map(|most| format!("limit={most}")));
        }
        pairs.extend(declared("with_total").map(|_| "with_total=true".into()));
        let path = format!("{}?{}", self.path, pairs.join("&"));
        let answer = api.get(&path).await;
        if answer.status == 400 {
            return None;
        }
        let answer = answer.expect(200);
        let is_whole = answer.body["next_cursor"].is_null() && !path.contains("cursor=");
        let listed = Listed::of(answer);
        if declared("with_total").is_some() && is_whole {
            let rows = rows(&listed.body);
            assert_eq!(listed.body["total"], rows.len(), "{path} lists and counts");
        }
        Some(listed)
    }
}

/// The rows of a page: the groups of statistics, else the items.
pub fn rows(page: &Value) -> &Vec<Value> {
    let groups = page["groups"].as_array();
    groups.or(page["items"].as_array()).unwrap()
}

impl Listed {
    /// Reads a page, statistics or a calendar.
    fn of(answer: Answer) -> Self {
        let items = answer.body["items"].as_array();
        let total = answer.body["total"].as_u64();
        let counted = answer.body.pointer("/totals/count/count");
        let number = counted.and_then(Value::as_u64).or(total);
        let number = number.map(|number| number as usize).or(items.map(Vec::len));
        let size = number.unwrap_or_else(|| answer.text.matches("BEGIN:VEVENT").count());
        let shown = match (items, counted) {
            (Some(_), _) => answer.body["items"].to_string(),
            (None, Some(_)) => size.to_string(),
            (None, None) => answer.text,
        };
        Self {
            body: answer.body,
            shown,
            size,
        }
    }
}

/// The text as part of a query.
fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    text.bytes()
        .map(|byte| match byte {
            byte if plain(byte) => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}
