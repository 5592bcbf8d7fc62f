//! Kinds of records in the rows of a file.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Kind of records of which a file holds one a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportKind {
    #[default]
    Agreements,
    Organizations,
    Meetings,
    Announcements,
    Milestones,
}

impl std::str::FromStr for ImportKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "agreements" => Ok(Self::Agreements),
            "organizations" => Ok(Self::Organizations),
            "meetings" => Ok(Self::Meetings),
            "announcements" => Ok(Self::Announcements),
            "milestones" => Ok(Self::Milestones),
            _ => Err(
                "expected agreements, organizations, meetings, milestones or announcements"
                    .to_owned(),
            ),
        }
    }
}
