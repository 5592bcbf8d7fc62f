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

/// Largest number of characters of the wording.
const LONGEST: usize = 500;

impl OtherParties {
    /// Returns these parties and others with these names, which the wording has as far as it can hold
    /// them.
    pub fn with_names(others: Option<Self>, names: &[String]) -> Self {
        let stated = others.as_ref().and_then(|others| others.as_stated.clone());
        let count = others.map_or(Some(0), |others| others.count);
        let mut wording = String::new();
        for name in stated.iter().chain(names) {
            let comma = if wording.is_empty() { "" } else { ", " };
            if wording.chars().count() + comma.len() + name.chars().count() <= LONGEST {
                wording = format!("{wording}{comma}{name}");
            }
        }
        Self {
            count: count.and_then(|count| count.checked_add(u32::try_from(names.len()).ok()?)),
            as_stated: Some(wording).filter(|wording| !wording.is_empty()),
        }
    }

    /// Returns the number of parties that there are at least.
    pub fn at_least(&self) -> usize {
        self.count.map_or(1, |count| count as usize)
    }
}
