//! Agreements with their parties, commitments, documents, reviews, publications, duties and transitions.

pub mod anchors;
mod approval;
mod contact;
pub mod council;
mod create;
mod derived;
pub mod doc;
pub mod duties;
pub mod figures;
mod file_handlers;
pub mod files;
pub mod force;
pub mod freshness;
pub mod gaps;
mod handlers;
pub mod individuals;
mod known;
pub mod ledger;
mod links;
pub mod list;
mod look_alikes;
mod part_handlers;
mod parties;
pub mod parts;
mod parts_of_list;
mod past_list;
pub mod publications;
pub mod read;
pub mod records;
mod renewal;
pub mod renewing;
pub mod reports;
pub mod reviews;
pub mod rules;
pub mod sharing;
mod signatures;
pub mod snapshot;
pub mod sources;
pub mod stale;
pub mod start;
pub mod step_days;
mod steps;
pub mod store;
pub mod summary;
mod timeline;
mod transitions;
pub mod types;
mod view;
pub mod withheld;

pub use approval::{may_approve, may_change};
pub use create::{create, record};
pub use list::AgreementSort;
pub use parts::{AgreementWithPart, PartContent, add as add_part};
pub use steps::{transition, transition_without};

use crate::files::Edition;
use crate::http::mount::Mount;
use crate::ledger::Visibility;
use crate::projections::freshness::FreshnessState;
use crate::projections::policies::DutyKind;

pub fn configure(config: &mut impl Mount) {
    config
        .tag(
            "agreements",
            "협약: agreements with their parties, commitments, transitions and progress reports",
        )
        .tag(
            "duties",
            "의무: duties that policies impose on agreements, with due dates and fulfilment",
        )
        .schema::<list::AgreementSort>()
        .schema::<types::InForce>()
        .schema::<types::AgreementKind>()
        .schema::<types::AgreementStatus>()
        .schema::<Visibility>()
        .schema::<DutyKind>()
        .schema::<duties::types::DutyStatus>()
        .schema::<duties::DutySort>()
        .schema::<reports::ReportSort>()
        .schema::<reports::types::Standing>()
        .schema::<FreshnessState>()
        .schema::<Edition>();
    handlers::configure(config);
    part_handlers::configure(config);
    file_handlers::configure(config);
    reviews::configure(config);
    council::configure(config);
    publications::configure(config);
    duties::configure(config);
    reports::configure(config);
    reports::files::configure(config);
    withheld::configure(config);
    ledger::configure(config);
}
