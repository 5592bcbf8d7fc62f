//! `/tokens` and `/me`

use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::access::types::{CreatedToken, EndedSessions, Me, SignedInHolder, Token, TokenContent};
use crate::access::{bound_tokens, open_sessions, tokens};
use crate::db::AnyConnection;
use crate::db::page::{Order, PageBody};
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{Filter, List, Paged, Paging, Path, Post, Posted, Read, Session, Single, Step};
use crate::kernel::error::ApiError;
use crate::kernel::ids::TokenId;
use crate::ledger;
use crate::ledger::RequestContext;
use crate::ledger::caller::{Caller, Reach, Role};

/// Orders of a list of tokens; `-` for descending.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub enum TokenSort {
    #[serde(rename = "id")]
    Id,
    #[serde(rename = "-id")]
    IdDown,
}

/// Filters for tokens.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TokenFilter {
    /// Only tokens with this role.
    pub role: Option<Role>,
    /// Order of the list. Defaults to newest first.
    #[param(example = "-id")]
    sort: Option<TokenSort>,
}

impl Filter for TokenFilter {
    fn order(&self) -> Order {
        match self.sort.unwrap_or(TokenSort::IdDown) {
            TokenSort::Id => Order::ascending("tokens.id", "tokens.id"),
            TokenSort::IdDown => Order::descending("tokens.id", "tokens.id"),
        }
    }
}

/// List tokens
///
/// Returns the entries of all tokens, including revoked ones, that reach no further than the
/// caller. The registry does not store the tokens themselves.
#[utoipa::path(tag = "access", operation_id = "list_tokens", params(TokenFilter, Paging),
    responses((status = 200, description = "One page of tokens", body = PageBody<Token>)))]
#[get("/tokens")]
async fn list_tokens(session: Session, list: List<TokenFilter>) -> Result<Paged<Token>, ApiError> {
    let List { filter, page } = list;
    let listed = session.read(move |conn, cx| tokens::list(conn, cx, filter.role, &page));
    // The last use of a token is not logged.
    session.page(listed.await?)
}

/// Create a token
///
/// The answer contains the token itself, which is shown only this once; an idempotency key has no
/// effect here. A token cannot reach further than the one that creates it.
#[utoipa::path(tag = "access", operation_id = "create_token", request_body = TokenContent,
    responses((status = 201, description = "The token and its entry", body = CreatedToken)))]
#[post("/tokens")]
async fn create_token(post: Post<TokenContent>) -> Result<Posted<CreatedToken>, ApiError> {
    let location = |new: &CreatedToken| format!("/api/v1/tokens/{}", new.entry.meta.id);
    // An answer stored for its key would store the token.
    post.unkept()
        .created(location, |conn, cx, new| {
            let (entry, secret) = tokens::create(conn, cx, new)?;
            let token = secret.as_str().to_owned();
            Ok(CreatedToken { entry, token })
        })
        .await
}

/// Read a token's entry
///
/// Returns its holder, what it grants, and whether it is still valid.
#[utoipa::path(tag = "access", operation_id = "get_token",
    params(("id" = Uuid, Path, description = "The token's id")),
    responses((status = 200, description = "The token's entry", body = Token)))]
#[get("/tokens/{id}")]
async fn get_token(Path(id): Path<TokenId>, read: Read) -> Result<Single<Token>, ApiError> {
    read.unlogged(move |conn, cx| tokens::get(conn, cx, id))
        .await
}

/// Revoke a token
///
/// Takes effect at once and cannot be undone. The entry remains; revoking a token again changes
/// nothing.
#[utoipa::path(tag = "access", operation_id = "revoke_token",
    params(("id" = Uuid, Path, description = "The token's id")),
    responses((status = 200, description = "The token's entry", body = Token)))]
#[post("/tokens/{id}/revocation")]
async fn revoke_token(Path(id): Path<TokenId>, step: Step) -> Result<Posted<Token>, ApiError> {
    step.changed(move |conn, cx| tokens::revoke(conn, cx, id))
        .await
}

/// Renew a suspended token
///
/// Merging an organization into another suspends the tokens that are bound to either, so that none
/// reaches what the other one takes part in. Renewed, a token does. For admins of all municipalities;
/// renewing a token that is not suspended changes nothing.
#[utoipa::path(tag = "access", operation_id = "renew_token",
    params(("id" = Uuid, Path, description = "The token's id")),
    responses((status = 200, description = "The token's entry", body = Token)))]
#[post("/tokens/{id}/renewal")]
async fn renew_token(Path(id): Path<TokenId>, step: Step) -> Result<Posted<Token>, ApiError> {
    step.changed(move |conn, cx| bound_tokens::renew(conn, cx, id))
        .await
}

/// Orders of a list of holders; `-` for descending.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub enum SignInSort {
    #[serde(rename = "id")]
    Id,
    #[serde(rename = "-id")]
    IdDown,
}

/// Order of the list of those who are signed in.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SignInFilter {
    /// Order of the list. Defaults to the order of the ids.
    #[param(example = "id")]
    sort: Option<SignInSort>,
}

impl Filter for SignInFilter {
    fn order(&self) -> Order {
        match self.sort.unwrap_or(SignInSort::Id) {
            SignInSort::Id => Order::ascending("sign_ins.id", "sign_ins.id"),
            SignInSort::IdDown => Order::descending("sign_ins.id", "sign_ins.id"),
        }
    }
}

/// List those who are signed in
///
/// Returns whoever has open sessions on the pages for officers, by a token or by single sign-on, and
/// reaches no further than the caller.
#[utoipa::path(tag = "access", operation_id = "list_sign_ins", params(SignInFilter, Paging),
    responses((status = 200, description = "One page of holders", body = PageBody<SignedInHolder>)))]
#[get("/sign-ins")]
async fn list_sign_ins(
    session: Session,
    list: List<SignInFilter>,
) -> Result<Paged<SignedInHolder>, ApiError> {
    let List { page, .. } = list;
    let oidc = session.oidc.clone();
    let listed =
        session.read(move |conn, cx| open_sessions::list(conn, cx, oidc.as_deref(), &page));
    // Sessions are not logged.
    session.page(listed.await?)
}

/// End the sessions of a holder
///
/// Signs the holder of a token, or the subject of the single sign-on, out everywhere at once. The token
/// itself stays valid: revoke it to keep its holder out. Ending the sessions of a token again changes
/// nothing. A subject is known by its sessions alone, and not found without any.
#[utoipa::path(tag = "access", operation_id = "end_sign_ins",
    params(("id" = Uuid, Path, description = "The holder's id")),
    responses((status = 200, description = "The number of sessions", body = EndedSessions)))]
#[post("/sign-ins/{id}/end")]
async fn end_sign_ins(
    Path(id): Path<TokenId>,
    step: Step,
) -> Result<Posted<EndedSessions>, ApiError> {
    let oidc = step.session.oidc.clone();
    step.changed(move |conn, cx| open_sessions::end(conn, cx, oidc.as_deref(), id))
        .await
}

/// Read the caller
///
/// Returns the role and reach of the request's token, or those of an anonymous caller.
#[utoipa::path(tag = "access", operation_id = "get_me",
    responses((status = 200, description = "The caller", body = Me)))]
#[get("/me")]
async fn get_me(read: Read) -> Result<Single<Me>, ApiError> {
    read.unlogged(me).await
}

fn me(conn: &mut AnyConnection, cx: &RequestContext) -> Result<Me, ApiError> {
    let name = cx.caller.own_name().to_owned();
    let Caller {
        id,
        role,
        reach,
        organization_id,
        ..
    } = cx.caller.as_ref().clone();
    let municipalities = match &reach {
        Reach::All => Vec::new(),
        Reach::Of(some) => some.iter().copied().collect(),
    };
    let referred = municipalities.iter().copied().chain(organization_id);
    let known = ledger::names_ever(conn, referred.collect())?;
    Ok(Me {
        token_id: id,
        name,
        role,
        all_municipalities: reach == Reach::All,
        municipalities: known.owners(municipalities, cx.today)?,
        organization: organization_id.map(|id| known.get(id)).transpose()?,
    })
}

pub fn configure(config: &mut impl Mount) {
    config
        .tag("access", "Tokens, roles and permissions")
        .schema::<TokenSort>()
        .schema::<SignInSort>()
        .schema::<Role>();
    config
        .route(list_tokens, Access::Manage)
        .route(create_token, Access::Manage)
        .route(get_token, Access::Manage)
        .route(revoke_token, Access::Manage)
        .route(renew_token, Access::Manage)
        .route(list_sign_ins, Access::Manage)
        .route(end_sign_ins, Access::Manage)
        .route(get_me, Access::Open);
}
