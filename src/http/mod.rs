//! HTTP building blocks shared by all handlers.
//!
//! A handler takes the ids in its [`Path`], then one of these requests, which holds the caller's
//! [`Session`] and runs the work in one transaction. The work is a function of the slice's store.
//! It takes the connection and the [`RequestContext`](crate::ledger::RequestContext), and knows of
//! HTTP only the [`IfMatch`] and the [`Patch`] of a change:
//!
//! | request | consists of | answers |
//! |---|---|---|
//! | [`Read<Q>`](Read) | query | [`Single`], or [`Answered`] |
//! | [`List<F>`](List) beside a [`Session`] | filters and page | [`Paged`] |
//! | [`Post<T, Q>`](Post) | idempotency key, conditions, query, JSON body | [`Posted`]: `201` or `200` |
//! | [`FilePost<Q>`](attached::FilePost) | idempotency key, conditions, query, file | [`Posted`]: `201` |
//! | [`PostWithFile<T, Q>`](attached::PostWithFile) | idempotency key, conditions, query, JSON body, perhaps a file | [`Posted`]: `201` |
//! | [`Step<Q>`](Step) | idempotency key, conditions, query | [`Posted`]: `200` |
//! | [`Change<T, Q>`](Change) | `If-Match`, query, merge patch | [`Single`] |
//! | [`Remove<Q>`](Remove) | `If-Match`, query | [`Deleted`] |
//!
//! Without `Q`, every query parameter is refused. A refusal names all invalid parameters, or if there
//! are none, everything that is wrong with the body, see [`checked`].
//!
//! ```ignore
//! #[post("/webhooks")]
//! async fn create_webhook(post: Post<WebhookContent>) -> Result<Posted<Webhook>, ApiError> {
//!     let location = |new: &Webhook| format!("/api/v1/webhooks/{}", new.meta.id);
//!     post.created(location, store::create).await
//! }
//!
//! #[patch("/webhooks/{id}")]
//! async fn update_webhook(
//!     Path(id): Path<WebhookId>,
//!     change: Change<WebhookContent>,
//! ) -> Result<Single<Webhook>, ApiError> {
//!     change
//!         .changed(move |conn, cx, expected, patch| store::update(conn, cx, id, expected, patch))
//!         .await
//! }
//! ```

mod accept;
mod addresses;
mod answer;
mod asked;
pub mod attached;
pub mod body;
pub mod checked;
mod codes;
pub mod conditional;
pub mod contract;
pub mod download;
mod fields;
pub mod filed;
pub mod forms;
pub mod fragments;
mod holders;
pub mod kept;
mod kept_rows;
pub mod middleware;
pub mod mount;
pub mod named;
pub mod office_data;
pub mod openapi;
pub mod permissions;
pub mod posted;
mod preconditions;
pub mod public_url;
pub mod query;
pub mod question;
pub mod reader;
mod reads;
mod received;
pub mod repair;
pub mod request;
pub mod session;
pub mod session_cookie;
pub mod signed_in;
mod spec;
mod state;
mod strict_json;
pub mod tables;
pub mod upload;
mod uri;
mod violations;
pub mod words;
mod worth;

#[cfg(test)]
mod tests;

pub use accept::Accepted;
pub use addresses::{AddressFilter, AddressSort};
pub use answer::{Answer, Answered, Paged, Single};
pub use body::Patch;
pub use conditional::{Deleted, IfMatch};
pub use fields::Rows;
pub use fragments::Fragments;
pub use kept::Answers;
pub use kept_rows::{Shown, Texts};
pub use posted::Posted;
pub use public_url::{PublicUrl, link};
pub use query::{AsOf, AsOfTable, Filter, List, NoParams, Paging, encode_cursor};
pub use request::{Ask, Change, Post, Read, Remove, Step};
pub use session::{RECORDED_AS_OF, Session};
pub use spec::{input_name, install_spec, spec};
pub use state::State;

pub use crate::kernel::BASE;
pub use received::apart;

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev, web};
use serde::de::DeserializeOwned;

use crate::kernel::error::ApiError;

/// The ids in the path: one, or a tuple of them in order. A malformed id means `not_found`.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Path<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    #[expect(
        clippy::disallowed_types,
        reason = "its errors become `not_found` here"
    )]
    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let ids = web::Path::<T>::extract(req).into_inner();
        ready(match ids {
            Ok(ids) => Ok(Self(ids.into_inner())),
            Err(_) => Err(ApiError::not_found()),
        })
    }
}
