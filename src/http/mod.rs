//! HTTP building blocks shared by all handlers.

pub mod body;
pub mod conditional;
pub mod contract;
pub mod logged;
pub mod middleware;
pub mod mount;
pub mod openapi;
pub mod permissions;
pub mod posted;
pub mod query;
pub mod session;
mod spec;
mod state;

#[cfg(test)]
mod tests;

pub use body::{Body, Patch};
pub use conditional::{Deleted, IfMatch, Paged, Single};
pub use logged::{Logged, Tags};
pub use posted::{Keyed, Posted};
pub use query::{AsOf, Filter, List, NoParams, Paging, Params};
pub use session::{RECORDED_AS_OF, Session};
pub use spec::{input_name, install_spec, spec};
pub use state::State;

pub use crate::kernel::BASE;

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev, web};
use serde::de::DeserializeOwned;

use crate::kernel::error::ApiError;

/// The ids in the path: one, or a tuple of them in order. A malformed id means `not_found`.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Path<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let ids = web::Path::<T>::extract(req).into_inner();
        ready(match ids {
            Ok(ids) => Ok(Self(ids.into_inner())),
            Err(_) => Err(ApiError::not_found()),
        })
    }
}
