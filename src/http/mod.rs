//! HTTP building blocks shared by all handlers.

pub mod body;
pub mod checked;
pub mod conditional;
pub mod contract;
pub mod logged;
pub mod middleware;
pub mod mount;
pub mod openapi;
pub mod permissions;
pub mod posted;
pub mod query;
pub mod repair;
pub mod request;
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
pub use request::{Change, Post};
pub use session::{RECORDED_AS_OF, Session};
pub use spec::{input_name, install_spec, spec};
pub use state::State;

pub use crate::kernel::BASE;

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev};
use uuid::Uuid;

use crate::kernel::error::ApiError;

/// The ids in the path, in order. A malformed id means `not_found`.
pub struct Ids<const N: usize>(pub [Uuid; N]);

/// The single id in the path.
pub type Id = Ids<1>;

impl<const N: usize> FromRequest for Ids<N> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let mut values = req
            .match_info()
            .iter()
            .map(|(_, value)| Uuid::try_parse(value));
        let mut ids = [Uuid::nil(); N];
        for id in &mut ids {
            match values.next() {
                Some(Ok(value)) => *id = value,
                _ => return ready(Err(ApiError::not_found())),
            }
        }
        ready(Ok(Self(ids)))
    }
}
