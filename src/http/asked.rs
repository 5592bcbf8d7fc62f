//! A request before the database is asked about its caller.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use chrono::{DateTime, Utc};

use super::State;
use super::fragments::Fragments;
use super::openapi::Operation;
use crate::access::address::{self, Address};
use crate::access::{oidc, sign_ins, tokens};
use crate::db::{AnyConnection, Turn};
use crate::edge::client_key;
use crate::kernel::clock::{Clock, NewIds};
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::ledger::{Caller, RequestContext};

/// Credentials of a request.
#[derive(Clone)]
pub enum Credentials {
    /// No credentials.
    None,
    /// A token of this registry, by its digest.
    Token(tokens::Digest),
    /// The subject of a single sign-on JWT.
    Oidc(oidc::Identity),
    /// A secret address, whose caller is the token that made it; `None` if the path is not a valid
    /// address.
    Address(Option<Address>),
    /// The session of somebody who signed in, by its digest, with the single sign-on by which people
    /// may sign in.
    SignIn(tokens::Digest, Option<Arc<oidc::Oidc>>),
}

impl Credentials {
    /// # Errors
    /// Fails with `unauthenticated` if the header is not `Bearer` and a token, or with `forbidden`
    /// for a JWT that grants nothing, or with `unavailable` if the keys of the single sign-on cannot
    /// be fetched.
    pub async fn of(headers: &HeaderMap, state: &State) -> Result<Self, ApiError> {
        let mut values = headers.get_all(AUTHORIZATION);
        let (Some(value), None) = (values.next(), values.next()) else {
            return if headers.contains_key(AUTHORIZATION) {
                Err(refused())
            } else {
                Ok(Self::None)
            };
        };
        let text = value.to_str().map_err(|_| refused())?;
        let (scheme, token) = text.split_once(' ').ok_or_else(refused)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(refused());
        }
        let token = token.trim();
        if let Some(oidc) = state.oidc.as_deref()
            && !token.starts_with(tokens::PREFIX)
        {
            let now = RequestContext::new(&state.clock, NewIds::Random).now;
            return Ok(Self::Oidc(oidc.identify(token, now).await?));
        }
        let digest = tokens::Digest::of(token).ok_or_else(refused)?;
        Ok(Self::Token(digest))
    }

    /// Returns the turn in which the caller is served: each token has its own, and without one each
    /// address.
    pub fn turn(&self, origin: IpAddr) -> Turn {
        match self {
            Self::Token(digest) => Turn::of(digest),
            Self::Oidc(identity) => Turn::of(&identity.id()),
            Self::Address(Some(address)) => Turn::of(address),
            Self::SignIn(digest, _) => Turn::of(digest),
            Self::None | Self::Address(None) => Turn::of(&client_key(origin)),
        }
    }
}

/// Returns the error for any invalid token, whatever is wrong with it.
fn refused() -> ApiError {
    ApiError::with(
        Code::Unauthenticated,
        "토큰이 없거나, 만료되었거나, 취소되었거나, 정지되었습니다.",
        "The token is unknown, expired, revoked or suspended.",
    )
}

/// Returns the error for a page that only those see who are signed in.
pub(super) fn signed_out() -> ApiError {
    ApiError::with(
        Code::Unauthenticated,
        "로그인하지 않았거나, 로그인이 끝났습니다.",
        "You are not signed in, or your session has ended.",
    )
}

/// A request before the database is asked about its caller.
#[derive(Clone)]
pub(super) struct Asked {
    pub credentials: Credentials,
    pub operation: &'static Operation,
    pub request_id: Arc<str>,
    /// IP address of the client.
    pub origin: IpAddr,
    pub clock: Clock,
    pub anonymous_served: bool,
    /// The turn in which the caller is served.
    pub turn: Turn,
    /// Whether the credentials were looked up and are valid.
    pub known: Arc<AtomicBool>,
    /// Instant of `recorded_as_of`, `None` for the present. An invalid value is reported together
    /// with the other errors of the query.
    pub recorded_as_of: Result<Option<DateTime<Utc>>, FieldError>,
}

impl Asked {
    /// Looks up the caller, checks its access, and fixes the current instant.
    pub fn enter(&self, conn: &mut AnyConnection) -> Result<RequestContext, ApiError> {
        let cx = RequestContext::new(&self.clock, NewIds::Random);
        let mut caller = match &self.credentials {
            Credentials::None => Caller::anonymous(),
            Credentials::Token(digest) => {
                tokens::caller(conn, digest, cx.now)?.ok_or_else(refused)?
            }
            Credentials::Oidc(identity) => identity.caller(conn)?,
            Credentials::Address(None) => return Err(ApiError::not_found()),
            Credentials::Address(Some(address)) => address::caller(conn, address, cx.now)?,
            Credentials::SignIn(digest, oidc) => {
                sign_ins::caller(conn, digest, oidc.as_deref(), cx.now)?.ok_or_else(signed_out)?
            }
        };
        caller.reach.widen(conn, cx.today)?;
        self.admit(cx, caller)
    }

    /// Like [`Self::enter`], for a read at a place in the log: the holder of a token is kept while
    /// nobody's rights change.
    pub fn enter_at(
        &self,
        conn: &mut AnyConnection,
        at: i64,
        fragments: &Fragments,
    ) -> Result<RequestContext, ApiError> {
        let Credentials::Token(digest) = &self.credentials else {
            return self.enter(conn);
        };
        let cx = RequestContext::new(&self.clock, NewIds::Random);
        if let Some(holder) = fragments.holder(digest, at, &cx) {
            return self.admit(cx, holder.ok_or_else(refused)?);
        }
        let mut holder = tokens::holder_of(conn, digest)?.ok_or_else(refused)?;
        holder.caller.reach.widen(conn, cx.today)?;
        let caller = holder.at(cx.now).ok_or_else(refused)?;
        fragments.keep_holder(digest, at, &cx, holder);
        self.admit(cx, caller)
    }

    /// Like [`Self::enter_at`], for what is known of the caller without asking the database.
    pub fn enter_known(&self, at: i64, fragments: &Fragments) -> Option<RequestContext> {
        let cx = RequestContext::new(&self.clock, NewIds::Random);
        let caller = match &self.credentials {
            Credentials::None => Caller::anonymous(),
            Credentials::Token(digest) => fragments.holder(digest, at, &cx)??,
            Credentials::Oidc(_) | Credentials::Address(_) | Credentials::SignIn(..) => {
                return None;
            }
        };
        self.admit(cx, caller).ok()
    }

    fn admit(&self, cx: RequestContext, caller: Caller) -> Result<RequestContext, ApiError> {
        if !matches!(self.credentials, Credentials::None) {
            self.known.store(true, Ordering::Relaxed);
        }
        self.operation
            .access
            .check(&caller, self.anonymous_served)?;
        Ok(cx.by(caller, &self.operation.id, self.request_id.clone()))
    }
}
