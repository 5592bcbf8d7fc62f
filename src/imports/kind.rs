//! What the rows of a file are.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Kind of records of which a file holds one a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportKind {
    #[default]
    Agreements,
}
