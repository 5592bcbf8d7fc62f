//! What every handler shares.

pub mod body;
pub mod conditional;
pub mod contract;
pub mod language;
pub mod logged;
pub mod middleware;
pub mod mount;
pub mod posted;
pub mod query;

#[cfg(test)]
mod tests;

pub use body::{Body, Patch};
pub use conditional::{Deleted, IfMatch, Paged, Single};
pub use logged::{Logged, Tags};
pub use posted::{Keyed, Posted};
pub use query::{Filter, List, NoParams, Paging, Params};

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev};
use uuid::Uuid;

use crate::error::ApiError;

/// The ids in the path, in their order; one that is no id names no record.
pub struct Ids<const N: usize>(pub [Uuid; N]);

/// The one id in the path.
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
