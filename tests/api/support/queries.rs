//! Watches the queries of requests.

use std::collections::HashMap;
use std::sync::{Mutex, Once};

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use diesel::prelude::*;
use diesel::sql_types::Text;
use mou_registry::db::{AnyConnection, DatabaseUrl, dialect};

use super::{Answer, Api, Backend, database};

/// The queries of watched databases, by URL.
static ASKED: Mutex<Option<HashMap<String, Vec<String>>>> = Mutex::new(None);

#[derive(Default)]
struct Watcher(Option<String>);

impl Instrumentation for Watcher {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartEstablishConnection { url, .. } => {
                // The program adds parameters of its own.
                self.0 = url.split('?').next().map(str::to_owned);
            }
            InstrumentationEvent::StartQuery { query, .. } => {
                let mut asked = ASKED
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                let watched = self.0.as_ref().and_then(|url| asked.as_mut()?.get_mut(url));
                if let Some(queries) = watched {
                    let text = query.to_string();
                    let sql = text.split(" -- binds:").next().unwrap_or_default();
                    if sql.starts_with("SELECT") {
                        queries.push(sql.to_owned());
                    }
                }
            }
            _ => {}
        }
    }
}

fn path(url: &DatabaseUrl) -> &str {
    match url {
        DatabaseUrl::Sqlite(path) => path,
        DatabaseUrl::Postgres(url) => url,
    }
}

/// A registry with the demonstration's records on a watched database.
pub async fn watched(backend: Backend) -> Api {
    static WATCH: Once = Once::new();
    WATCH.call_once(|| {
        set_default_instrumentation(|| Some(Box::new(Watcher::default()))).unwrap();
    });
    let url = database(backend);
    ASKED
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .get_or_insert_default()
        .insert(path(&url).to_owned(), Vec::new());
    let api = Api::on(url).await;
    mou_registry::app::demo::load(&api.state).await.unwrap();
    api
}

/// The answer to a request, and its queries.
pub async fn answered(api: &Api, request: &str, headers: &[(&str, &str)]) -> (Answer, Vec<String>) {
    taken(api);
    let answer = api.send("GET", request, headers, None).await;
    (answer, taken(api))
}

/// The queries since the last call, without the one that each new connection asks.
pub fn taken(api: &Api) -> Vec<String> {
    let mut asked = ASKED
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let queries = asked.as_mut().and_then(|a| a.get_mut(path(&api.url)));
    let mut queries = std::mem::take(queries.unwrap());
    queries.retain(|sql| !sql.contains("sqlite_master"));
    queries
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// Fails if a query of a registry on SQLite scans a whole table.
pub fn scan_no_table(api: &Api, request: &str, queries: &[String]) {
    for query in queries {
        for step in plan(api, query) {
            let whole = step
                .strip_prefix("SCAN ")
                .is_some_and(|rest| !rest.contains("INDEX") && !rest.starts_with("CONSTANT ROW"));
            assert!(!whole, "{request}: {step} in {query}");
        }
    }
}

/// The steps of the plan of a query of a registry on SQLite.
pub fn plan(api: &Api, query: &str) -> Vec<String> {
    let mut conn = dialect::connect(&api.url).unwrap();
    let AnyConnection::Sqlite(conn) = &mut conn else {
        unreachable!("the registry is on SQLite");
    };
    let steps: Vec<Step> = diesel::sql_query(format!("EXPLAIN QUERY PLAN {query}"))
        .load(conn)
        .unwrap();
    steps.into_iter().map(|step| step.detail).collect()
}
