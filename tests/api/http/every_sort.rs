//! Every declared order sorts its list, and the pages of every list join to the whole. The orders
//! come from the spec: a new one needs no line here.

use serde_json::Value;

use super::lists::{List, rows};
use crate::support::Api;
use crate::support::full::full;
use crate::support::spec::{enumerated, operations, parameter, schema};

on_both!(with_demo: every_declared_order_sorts, pages_join_to_the_whole_list);

/// The lists that have a parameter.
async fn lists_with(api: &Api, name: &str) -> Vec<List> {
    let mut lists = Vec::new();
    for (template, method, operation) in operations() {
        // Two ids on the way: the reports on a commitment, whose own tests turn their pages.
        let deep = template.matches('{').count() > 1;
        // Features hold their members apart; their list is that of the projects, by the same query.
        let is_list = !template.ends_with(".geojson");
        if method == "get" && !deep && is_list && parameter(operation, name).is_some() {
            let list = List::new(api, template, operation).await;
            lists.push(list);
        }
    }
    lists
}

async fn items(list: &List, api: &Api, query: &[(&str, &str)]) -> Vec<Value> {
    let listed = list.ask(api, query).await.unwrap();
    rows(&listed.body).clone()
}

async fn every_declared_order_sorts(api: Api) {
    let api = full(api).await;
    let mut wrong = Vec::new();
    for list in lists_with(&api, "sort").await {
        let sorts = enumerated(schema(parameter(list.operation, "sort").unwrap()));
        for down in sorts.iter().filter(|sort| sort.starts_with('-')) {
            let up = down.trim_start_matches('-');
            assert!(sorts.contains(&up), "{} has no {up}", list.id);
            let rising = items(&list, &api, &[("sort", up)]).await;
            let mut falling = items(&list, &api, &[("sort", down)]).await;
            falling.reverse();
            let keys: Vec<String> = rising.iter().filter_map(|item| key(item, up)).collect();
            if rising.len() < 2 || keys.len() < 2 {
                wrong.push(format!("{} has too few to sort by {up}", list.id));
            } else if rising != falling {
                wrong.push(format!("{}: {down} is not the reverse of {up}", list.id));
            } else if !keys.is_sorted() {
                wrong.push(format!("{} is not sorted by {up}: {keys:?}", list.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The text by which an item sorts: a text in lower case, or the last day of a date and then its
/// first. Nothing for what is not known.
fn key(item: &Value, sort: &str) -> Option<String> {
    let member = &item[sort];
    let text = |name: &str| member[name].as_str();
    let text = member.as_str().or(text("ko")).or(text("en"));
    let day = |name: &str| Some(member[name].as_str()?.to_owned());
    let date = || {
        Some(format!(
            "{}/{}",
            day("latest")?,
            day("earliest").unwrap_or_default()
        ))
    };
    text.map(str::to_lowercase).or_else(date)
}

async fn pages_join_to_the_whole_list(api: Api) {
    let api = full(api).await;
    for list in lists_with(&api, "cursor").await {
        let sorts = parameter(list.operation, "sort").map(|sort| enumerated(schema(sort)));
        for sort in sorts.unwrap_or(vec![""]) {
            let query: &[_] = match sort {
                "" => &[],
                sort => &[("sort", sort)],
            };
            let query = [query, list.needed()].concat();
            let whole = items(&list, &api, &query).await;
            let limit = (whole.len() / 3).max(1).to_string();
            let (mut joined, mut cursor) = (Vec::new(), None);
            while joined.len() < whole.len() {
                let mut query = query.clone();
                query.push(("limit", &limit));
                query.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
                let page = list.ask(&api, &query).await.unwrap().body;
                joined.extend(rows(&page).clone());
                let Some(next) = page["next_cursor"].as_str() else {
                    break;
                };
                cursor = Some(next.to_owned());
            }
            assert!(joined.starts_with(&whole), "{} {sort}", list.id);
        }
    }
}
