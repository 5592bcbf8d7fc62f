//! The demonstration: the real record of Goyang City and Ilsan Technovalley, built in.
//!
//! The records are written as request bodies, with `@key` as a reference to an earlier one, and
//! pass the same checks and stores as any request. Their ids are the same every time, so readers
//! can follow examples.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use anyhow::{Context, bail};
use diesel::prelude::*;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::access::tokens;
use crate::access::tokens::Secret;
use crate::access::types::TokenContent;
use crate::agreements;
use crate::agreements::types::AgreementCreate;
use crate::announcements::store as announcements;
use crate::announcements::types::AnnouncementCreate;
use crate::db::AnyConnection;
use crate::db::schema::{agreements as agreements_table, organizations};
use crate::http::BASE;
use crate::http::State;
use crate::http::checked::decode;
use crate::http::contract::Members;
use crate::http::input_name;
use crate::kernel::clock::{Clock, NewIds};
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::values::{stored, stored_id};
use crate::ledger::{RequestContext, Role};
use crate::municipalities::store as municipalities;
use crate::municipalities::types::MunicipalityCreate;
use crate::organizations::store::Doc;
use crate::organizations::types::{
    AssociationCreate, MemberCreate, OrganizationCreate, OrganizationKind,
};
use crate::organizations::{members, store as organizations_store};
use crate::projects::store as projects;
use crate::projects::types::ProjectCreate;
use crate::working_groups::store as working_groups;
use crate::working_groups::types::WorkingGroupCreate;

const GOYANG: &str = include_str!("goyang.json");

/// An agreement that is no part of the record: the partner's token has something to report on, which no
/// source tells of a real partner. Only the parties see it.
const EXAMPLE: &str = include_str!("example.json");

/// Id of the first record, which identifies a loaded demonstration.
const FIRST: &str = "0178d7fa-2c00-7000-8000-000000000001";

#[derive(Deserialize)]
struct Record {
    municipalities: Vec<Entry>,
    associations: Vec<Entry>,
    organizations: Vec<Entry>,
    members: Vec<MemberEntry>,
    projects: Vec<Entry>,
    agreements: Vec<Entry>,
    working_groups: Vec<Entry>,
    announcements: Vec<Value>,
}

#[derive(Deserialize)]
struct Entry {
    key: String,
    body: Value,
}

#[derive(Deserialize)]
struct MemberEntry {
    association: String,
    body: Value,
}

/// Loads the demonstration into an empty registry, once.
///
/// # Errors
/// Fails if the registry contains other records or cannot be written.
pub async fn load(state: &State) -> anyhow::Result<()> {
    super::spec();
    let clock = state.clock.clone();
    let loaded = state.db.write(move |conn| fill(conn, &clock)).await;
    if !loaded.context("cannot load the demonstration")? {
        bail!("this database holds other records; the demonstration needs one of its own");
    }
    Ok(())
}

/// Fills an empty registry; returns false if it contains other records.
///
/// # Errors
/// Returns the error of a store.
pub fn fill(conn: &mut AnyConnection, clock: &Clock) -> Result<bool, ApiError> {
    let ids: Vec<String> = organizations::table
        .select(organizations::id)
        .limit(1)
        .load(conn)?;
    if !ids.is_empty() {
        let first = organizations::table
            .find(FIRST)
            .select(organizations::id)
            .first::<String>(conn);
        return Ok(first.optional()?.is_some());
    }
    let cx = RequestContext::new(clock, NewIds::Sequence(Arc::new(AtomicU64::new(1))));
    let record: Record = stored(GOYANG)?;
    let mut known = Known(HashMap::new());
    for Entry { key, body } in record.municipalities {
        let new: MunicipalityCreate = known.body(body)?;
        let new = municipalities::create(conn, &cx, &new)?.into_organization();
        known.0.insert(key, new.meta.id.into());
    }
    for Entry { key, body } in record.associations {
        let AssociationCreate { content } = known.body(body)?;
        let doc = Doc {
            member_count: content.member_count,
            ..Doc::of(content.content)
        };
        let new = organizations_store::create(conn, &cx, OrganizationKind::Association, &doc)?;
        known.0.insert(key, new.into_organization().meta.id.into());
    }
    for Entry { key, body } in record.organizations {
        let OrganizationCreate { kind, content } = known.body(body)?;
        let new = organizations_store::create(conn, &cx, kind, &Doc::of(content))?;
        known.0.insert(key, new.into_organization().meta.id.into());
    }
    for MemberEntry { association, body } in record.members {
        let association = known.id(&association)?.into();
        let new: MemberCreate = known.body(body)?;
        members::create(conn, &cx, association, &new)?;
    }
    for Entry { key, body } in record.projects {
        let new: ProjectCreate = known.body(body)?;
        let project = projects::create(conn, &cx, &new)?;
        known.0.insert(key, project.meta.id.into());
    }
    for Entry { key, body } in record.agreements {
        let new: AgreementCreate = known.body(body)?;
        let agreement = agreements::create(conn, &cx, &new)?;
        known.0.insert(key, agreement.meta.id.into());
    }
    for Entry { key, body } in record.working_groups {
        let new: WorkingGroupCreate = known.body(body)?;
        let group = working_groups::create(conn, &cx, &new)?;
        known.0.insert(key, group.meta.id.into());
    }
    for body in record.announcements {
        let new: AnnouncementCreate = known.body(body)?;
        announcements::create(conn, &cx, &new)?;
    }
    Ok(true)
}

/// The ids of the records loaded so far, by key.
struct Known(HashMap<String, Uuid>);

impl Known {
    fn id(&self, key: &str) -> Result<Uuid, ApiError> {
        self.0
            .get(key)
            .copied()
            .ok_or_else(|| ApiError::internal(format!("no record @{key} so far")))
    }

    fn body<T: ToSchema + DeserializeOwned + Validate>(
        &self,
        mut body: Value,
    ) -> Result<T, ApiError> {
        self.resolve(&mut body)?;
        decode(&input_name(&T::name()), Members::Closed, body)
    }

    fn resolve(&self, value: &mut Value) -> Result<(), ApiError> {
        match value {
            Value::String(text) => {
                if let Some(key) = text.strip_prefix('@') {
                    *text = self.id(key)?.to_string();
                }
                Ok(())
            }
            Value::Array(items) => items.iter_mut().try_for_each(|item| self.resolve(item)),
            Value::Object(map) => map.values_mut().try_for_each(|member| self.resolve(member)),
            _ => Ok(()),
        }
    }
}

/// Returns the validity of the demonstration's tokens.
fn tokens_last() -> chrono::Duration {
    chrono::Duration::days(1)
}

/// Makes a token for each role and an agreement on which the partner can report, once; at later starts, the same tokens get new secrets, since the
/// registry keeps no secret that it could print again.
///
/// # Errors
/// Fails if the registry cannot be written.
pub async fn make_tokens(state: &State) -> anyhow::Result<Vec<(Role, Secret)>> {
    let clock = state.clock.clone();
    let made = state.db.write(move |conn| {
        let cx = RequestContext::new(&clock, NewIds::Random);
        tokens::revoke_named(conn, &cx, FORMER_NAME)?;
        record_example(conn, &cx)?;
        Role::ALL
            .into_iter()
            .map(|role| {
                let end = cx.now + tokens_last();
                if let Some(secret) = tokens::renew_named(conn, &cx, token_name(role), end)? {
                    return Ok((role, secret));
                }
                let municipality = first_of(conn, OrganizationKind::Municipality)?;
                let association = first_of(conn, OrganizationKind::Association)?;
                let partner = role == Role::Partner;
                let admin = role == Role::Admin;
                let new = TokenContent {
                    name: token_name(role).into(),
                    role,
                    all_municipalities: admin,
                    municipality_ids: municipality
                        .filter(|_| !partner && !admin)
                        .into_iter()
                        .collect(),
                    organization_id: association.filter(|_| partner),
                    expires_at: Some(end.and_utc()),
                };
                Ok((role, tokens::create(conn, &cx, &new)?.1))
            })
            .collect()
    });
    made.await
        .context("cannot make the tokens of the demonstration")
}

/// Records the [example](EXAMPLE) unless it is there.
fn record_example(conn: &mut AnyConnection, cx: &RequestContext) -> Result<(), ApiError> {
    let city = first_of(conn, OrganizationKind::Municipality)?;
    let partner = first_of(conn, OrganizationKind::Association)?;
    let Some((city, partner)) = city.zip(partner) else {
        return Ok(());
    };
    let known = HashMap::from([
        ("goyang".to_owned(), city.into()),
        ("partner".to_owned(), partner.into()),
    ]);
    let new: AgreementCreate = Known(known).body(stored(EXAMPLE)?)?;
    let recorded = agreements_table::table
        .filter(agreements_table::reference_number.eq(&new.content.reference_number))
        .filter(agreements_table::municipality_id.eq(city.to_string()));
    if recorded.count().get_result::<i64>(conn)? == 0 {
        agreements::create(conn, cx, &new)?;
    }
    Ok(())
}

/// Name of every token of the demonstration in former versions.
const FORMER_NAME: &str = "demo";

/// Returns the name of the demonstration's token of a role, which tells who acts with it.
fn token_name(role: Role) -> &'static str {
    match role {
        Role::Admin => "시연: 전체 관리자",
        Role::Approver => "시연: 고양시 결재자",
        Role::Editor => "시연: 고양시 담당자",
        Role::Viewer => "시연: 고양시 열람자",
        Role::Partner => "시연: 한국바이오의약품협회",
    }
}

/// Returns the first record of a kind: the demonstration's ids are in the order of its records.
fn first_of(
    conn: &mut AnyConnection,
    kind: OrganizationKind,
) -> Result<Option<OrganizationId>, ApiError> {
    let id = organizations::table
        .filter(organizations::kind.eq(kind.as_str()))
        .order(organizations::id)
        .select(organizations::id)
        .first::<String>(conn)
        .optional()?;
    id.as_deref().map(stored_id).transpose()
}

/// Returns the text printed at start: URLs to try first, and a token for each role.
pub fn greeting(url: &str, tokens: &[(Role, Secret)]) -> String {
    let api = format!("{url}{BASE}");
    let tokens: String = tokens
        .iter()
        .map(|(role, secret)| {
            let name = token_name(*role);
            format!("{} {} ({name})\n", role.as_str(), secret.as_str())
        })
        .collect();
    format!(
        "mou-registry serves the record of Goyang City on {url}\n\n  \
         pages to read         {url}/\n  \
         documentation         {url}/docs/\n  \
         what was overdue      {api}/timeline?as_of=2023-06-30&status=overdue\n  \
         what readers knew     {api}/timeline?as_of=2021-12-31&type=milestone\n  \
         what is said of 협약   {api}/search?q=%ED%98%91%EC%95%BD\n  \
         report to the council {api}/municipalities/{FIRST}/council-report?from=2021-01-01&to=2024-12-31\n\n\
         Tokens of this run, to be sent as `Authorization: Bearer …`:\n\n{tokens}\n"
    )
}
