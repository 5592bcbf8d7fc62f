//! Organizations of every kind: municipalities, associations, hospitals, companies and others.

pub mod annual_reports;
mod associations;
mod handlers;
pub mod identifiers;
pub mod list;
pub mod matching;
pub mod members;
pub mod merged;
pub mod named;
pub mod records;
pub mod rules;
pub mod store;
pub mod types;
mod views;

pub use handlers::OrganizationSort;

use crate::http::mount::Mount;

pub fn configure(config: &mut impl Mount) {
    config
        .tag(
            "organizations",
            "기관: participating organizations of any kind",
        )
        .tag(
            "associations",
            "협회: organizations with member organizations",
        )
        .schema::<handlers::OrganizationSort>()
        .schema::<types::OrganizationKind>()
        .schema::<named::NamedOrganization>();
    handlers::configure(config);
    associations::configure(config);
}
