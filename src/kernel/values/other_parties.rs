//! Parties that are counted, not named.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

/// Parties that a source counts or mentions without naming them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"count": 25, "as_stated": "외 25개사"}))]
pub struct OtherParties {
    /// Number of these parties; null if the source does not state it.
    #[schema(minimum = 1, maximum = 100_000)]
    pub count: Option<u32>,
    /// The source's wording.
    #[schema(max_length = 500, pattern = r"\S")]
    pub as_stated: Option<String>,
}

impl OtherParties {
    /// Returns the number of parties that there are at least.
    pub fn at_least(&self) -> usize {
        self.count.map_or(1, |count| count as usize)
    }
}
