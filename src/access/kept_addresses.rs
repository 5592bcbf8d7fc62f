//! Secret addresses as their makers see them: made, listed and revoked, without the key.

use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;
use uuid::Uuid;

use super::address::{Address, Kind};
use crate::db::schema::{addresses as a, tokens as t};
use crate::db::{AnyConnection, Json};
use crate::kernel::clock::six_digits;
use crate::kernel::error::{ApiError, Code};
use crate::kernel::ids::{AddressId, TokenId};
use crate::kernel::values::{Meta, stored, stored_id};
use crate::ledger;
use crate::ledger::{Reach, RequestContext, Role};

/// Maximum number of addresses of a kind per token, including those revoked within a day. Needed
/// because callers without any other write permission can make them.
const MAX_PER_TOKEN: i64 = 50;

/// Reference to a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TokenRef {
    /// Id of the token.
    pub id: TokenId,
    /// Name of the token.
    #[schema(example = "전략산업과 협약 담당")]
    pub name: String,
}

/// By whom an address was made, and whether it is valid.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AddressState {
    /// Token that made the address; what is read at it is what this token can see.
    pub token: TokenRef,
    /// Whether the address is valid: neither it nor its token is revoked or expired.
    #[schema(example = true)]
    pub active: bool,
    /// Time of the last recorded use; null if never used. Uses are recorded at most once an hour,
    /// so the address may have been read since.
    #[serde(serialize_with = "six_digits")]
    pub last_used_at: Option<DateTime<Utc>>,
    /// Time of revocation; null if not revoked.
    #[schema(example = json!(null))]
    #[serde(serialize_with = "six_digits")]
    pub revoked_at: Option<DateTime<Utc>>,
}

/// An address with its settings, without its key.
#[derive(Clone, Debug)]
pub struct KeptAddress<T> {
    pub meta: Meta<AddressId>,
    pub content: T,
    pub state: AddressState,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = a)]
struct Row {
    id: String,
    version: i64,
    token_id: String,
    doc: String,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
    last_used_at: Option<NaiveDateTime>,
    revoked_at: Option<NaiveDateTime>,
}

/// Name, expiry and revocation time of an address's token.
type OfToken = (String, Option<NaiveDateTime>, Option<NaiveDateTime>);

/// Makes an address for the caller's token. Returns its id and its path.
///
/// # Errors
/// `forbidden` for a caller without a token of this registry; `conflict` if the token has too many
/// addresses.
pub fn create<T: Serialize>(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    kind: Kind,
    name: &str,
    content: &T,
) -> Result<(AddressId, String), ApiError> {
    let token_id = token_of(conn, cx)?;
    let lately = a::revoked_at.gt(cx.now - Duration::days(1));
    let counted = a::revoked_at.is_null().or(lately.assume_not_null());
    let count: i64 = a::table
        .filter(a::token_id.eq(&token_id).and(counted))
        .filter(a::kind.eq(kind.as_str()))
        .count()
        .get_result(conn)?;
    if count >= MAX_PER_TOKEN {
        return Err(ApiError::with(
            Code::Conflict,
            format!(
                "한 토큰의 주소는 지난 하루에 취소한 것까지 합해 종류마다 {MAX_PER_TOKEN}개까지입니다."
            ),
            format!(
                "A token has at most {MAX_PER_TOKEN} addresses of a kind, those revoked within a day included."
            ),
        ));
    }
    let (address, path) = Address::new(kind)?;
    let id = AddressId::from(Uuid::now_v7());
    diesel::insert_into(a::table)
        .values((
            a::id.eq(id.to_string()),
            a::version.eq(1),
            a::kind.eq(kind.as_str()),
            a::token_id.eq(token_id),
            a::handle.eq(address.digest().handle()),
            a::hash.eq(address.digest().as_str()),
            a::name.eq(name),
            a::doc.eq(Json(content)),
            a::created_at.eq(cx.now),
            a::updated_at.eq(cx.now),
        ))
        .execute(conn)?;
    ledger::append(conn, cx, kind.record(), &id.to_string(), None)?;
    Ok((id, path))
}

/// Returns the id of the caller's token.
///
/// Callers by single sign-on have none, so nothing would end their addresses.
///
/// # Errors
/// `forbidden` if the caller has no token of this registry.
fn token_of(conn: &mut AnyConnection, cx: &RequestContext) -> Result<String, ApiError> {
    let id = cx.caller.id.map(|id| id.to_string()).unwrap_or_default();
    let token = t::table.find(id).select(t::id).first(conn).optional()?;
    token.ok_or_else(|| {
        ApiError::with(
            Code::Forbidden,
            "주소는 이 등록부의 토큰에 매입니다. 통합 로그인으로는 만들 수 없습니다.",
            "An address is bound to a token of this registry: the single sign-on makes none.",
        )
    })
}

/// Loads all addresses of a kind of the caller's token, which are few. An admin of all municipalities
/// gets those of all tokens.
pub fn load<T: DeserializeOwned>(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    kind: Kind,
    id: Option<AddressId>,
) -> Result<Vec<KeptAddress<T>>, ApiError> {
    let mut query = a::table
        .inner_join(t::table.on(t::id.eq(a::token_id)))
        .filter(a::kind.eq(kind.as_str()))
        .into_boxed();
    if let Some(id) = id {
        query = query.filter(a::id.eq(id.to_string()));
    }
    if cx.caller.role != Some(Role::Admin) || cx.caller.reach != Reach::All {
        let own = cx.caller.id.map(|id| id.to_string());
        query = query.filter(a::token_id.eq(own.unwrap_or_default()));
    }
    let rows: Vec<(Row, OfToken)> = query
        .select((Row::as_select(), (t::name, t::expires_at, t::revoked_at)))
        .order(a::id)
        .load(conn)?;
    let kept = rows
        .into_iter()
        .map(|(row, token)| kept(&row, token, cx.now));
    kept.collect()
}

fn kept<T: DeserializeOwned>(
    row: &Row,
    (name, expires_at, ended): OfToken,
    now: NaiveDateTime,
) -> Result<KeptAddress<T>, ApiError> {
    let valid = ended.is_none() && expires_at.is_none_or(|end| now < end);
    Ok(KeptAddress {
        meta: Meta::read(&row.id, row.version, row.created_at, row.updated_at)?,
        content: stored(&row.doc)?,
        state: AddressState {
            token: TokenRef {
                id: stored_id(&row.token_id)?,
                name,
            },
            active: valid && row.revoked_at.is_none(),
            last_used_at: row.last_used_at.map(|at| at.and_utc()),
            revoked_at: row.revoked_at.map(|at| at.and_utc()),
        },
    })
}

/// Revokes an address permanently. Revoking it again changes nothing.
///
/// # Errors
/// `not_found`, also if the address belongs to another token.
pub fn revoke(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    kind: Kind,
    id: AddressId,
) -> Result<(), ApiError> {
    let found = load::<serde_json::Value>(conn, cx, kind, Some(id))?.pop();
    let found = found.ok_or_else(ApiError::not_found)?;
    if found.state.revoked_at.is_some() {
        return Ok(());
    }
    diesel::update(a::table.find(id.to_string()))
        .set((
            a::revoked_at.eq(cx.now),
            a::version.eq(found.meta.version + 1),
            a::updated_at.eq(cx.now),
        ))
        .execute(conn)?;
    ledger::append(conn, cx, kind.record(), &id.to_string(), None)
}
