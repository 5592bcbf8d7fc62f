//! Official codes of municipalities in requests: wherever a path, a filter or a member of a body
//! takes the id of a municipality, it takes its ten-digit code, too. The code is replaced before
//! anything else of the request is read, so that no handler knows of it.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;

use actix_web::dev::ServiceRequest;
use actix_web::http::Uri;
use actix_web::web;
use serde_json::Value;
use uuid::Uuid;

use super::{BASE, State};
use crate::db::{ReadClass, Turn};
use crate::directory::codes::{DIGITS, is_code, recorded};
use crate::directory::municipalities::municipality;
use crate::edge::client_key;
use crate::kernel::error::ApiError;

/// Name of the filter by municipality.
pub(super) const FILTER: &str = "municipality_id";
/// Path of the municipalities, below the base.
pub(super) const PATH: &str = "/municipalities/";
/// Members of bodies that are ids of municipalities, or lists of them.
const MEMBERS: [&str; 4] = [
    "municipality_id",
    "municipality_ids",
    "co_owner_ids",
    "successor_ids",
];

/// The ids of codes.
struct Ids(HashMap<String, String>);

impl Ids {
    async fn load(state: &State, turn: Turn, codes: BTreeSet<String>) -> Result<Self, ApiError> {
        let load = state.db.read_in(ReadClass::Cheap, turn, move |conn| {
            let known = codes.into_iter().map(|code| {
                // However many there are in a body, only those of the official list are looked up.
                let id = match municipality(&code) {
                    Some(_) => recorded(conn, &code)?,
                    None => None,
                };
                Ok((code, id.map_or(Uuid::nil(), Uuid::from).to_string()))
            });
            known.collect::<Result<_, ApiError>>()
        });
        load.await.map(Self)
    }

    /// Returns the id of a code. One that leads to no recorded municipality is like the id of none.
    fn of(&self, code: &str) -> Option<&str> {
        self.0.get(code).map(String::as_str)
    }
}

/// Replaces the codes in the path and the query of a request by ids, in the turn of its address.
///
/// # Errors
/// `unavailable` if the database does not answer.
pub async fn replace_in_url(req: &mut ServiceRequest, origin: IpAddr) -> Result<(), ApiError> {
    let codes: BTreeSet<String> = in_path(req.path())
        .into_iter()
        .map(str::to_owned)
        .chain(in_query(req.query_string()))
        .collect();
    let state = req.app_data::<web::Data<State>>().cloned();
    let Some(state) = state.filter(|_| !codes.is_empty()) else {
        return Ok(());
    };
    let ids = Ids::load(&state, Turn::of(&client_key(origin)), codes).await?;
    let (mut path, mut query) = (req.path().to_owned(), req.query_string().to_owned());
    if let Some(id) = in_path(&path).and_then(|code| ids.of(code)) {
        let rest = &path[BASE.len() + PATH.len() + DIGITS..];
        path = format!("{BASE}{PATH}{id}{rest}");
    }
    let pairs = query.split('&').map(|pair| {
        let id = filtered(pair).and_then(|code| ids.of(&code).map(str::to_owned));
        id.map_or_else(|| pair.to_owned(), |id| format!("{FILTER}={id}"))
    });
    query = pairs.collect::<Vec<_>>().join("&");
    let written = match query.is_empty() {
        true => path,
        false => format!("{path}?{query}"),
    };
    let mut parts = req.head().uri.clone().into_parts();
    parts.path_and_query = Some(written.parse().map_err(ApiError::internal)?);
    let uri = Uri::from_parts(parts).map_err(ApiError::internal)?;
    req.match_info_mut().get_mut().update(&uri);
    req.head_mut().uri = uri;
    Ok(())
}

/// Returns the code in the path of a municipality.
fn in_path(path: &str) -> Option<&str> {
    let below = path.strip_prefix(BASE)?.strip_prefix(PATH)?;
    below.split('/').next().filter(|segment| is_code(segment))
}

fn in_query(query: &str) -> impl Iterator<Item = String> {
    query.split('&').filter_map(filtered)
}

/// Returns the code in a pair of a query, if it is the filter by municipality.
fn filtered(pair: &str) -> Option<String> {
    let (name, value) = url::form_urlencoded::parse(pair.as_bytes()).next()?;
    (name == FILTER && is_code(&value)).then(|| value.into_owned())
}

/// Replaces the codes in a body by ids.
///
/// # Errors
/// `unavailable` if the database does not answer.
pub(super) async fn replace_in_body(
    state: &State,
    turn: Turn,
    body: &mut Value,
) -> Result<(), ApiError> {
    let mut codes = BTreeSet::new();
    each_code(body, &mut |code| {
        codes.insert(code.clone());
    });
    if codes.is_empty() {
        return Ok(());
    }
    let ids = Ids::load(state, turn, codes).await?;
    each_code(body, &mut |code| {
        if let Some(id) = ids.of(code) {
            *code = id.to_owned();
        }
    });
    Ok(())
}

/// Visits every code in a body.
fn each_code(value: &mut Value, visit: &mut impl FnMut(&mut String)) {
    match value {
        Value::Object(map) => {
            for (name, member) in map {
                match member {
                    Value::String(text) if is_member(name) && is_code(text) => visit(text),
                    Value::Array(items) if is_member(name) => {
                        let codes = items.iter_mut().filter_map(|item| match item {
                            Value::String(text) if is_code(text) => Some(text),
                            _ => None,
                        });
                        codes.for_each(&mut *visit);
                    }
                    member => each_code(member, visit),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| each_code(item, visit)),
        _ => {}
    }
}

/// Returns true if a member of a body is the id of a municipality, or a list of such ids.
pub(super) fn is_member(name: &str) -> bool {
    MEMBERS.contains(&name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn codes_are_found_where_ids_of_municipalities_are_taken() {
        let code = "4128000000";
        let path = format!("/api/v1/municipalities/{code}");
        assert_eq!(in_path(&path), Some(code));
        assert_eq!(in_path(&format!("{path}/council-report")), Some(code));
        for other in [
            "/api/v1/organizations/4128000000",
            "/api/v1/municipalities/41280000001",
            "/api/v1/municipalities",
            "/municipalities/4128000000",
        ] {
            assert_eq!(in_path(other), None, "{other}");
        }
        let found = |query| in_query(query).collect::<Vec<_>>();
        assert_eq!(found("a=b&municipality_id=4128000000"), [code]);
        assert_eq!(found("municipality%5Fid=412800000%30"), [code]);
        assert!(found("code=4128000000&municipality_id=").is_empty());
    }

    #[test]
    fn members_of_bodies() {
        let mut body = json!({"municipality_id": "4128000000", "code": "4128000000",
            "identifiers": [{"id": "1248100998"}],
            "content": [{"co_owner_ids": ["2600000000", "x"]}]});
        let mut found = Vec::new();
        each_code(&mut body, &mut |code| found.push(code.clone()));
        found.sort();
        assert_eq!(found, ["2600000000", "4128000000"]);
    }
}
