//! Agreements with their parties, commitments, documents, reviews, duties and steps.

mod approval;
pub mod contact;
pub mod council;
mod derived;
pub mod doc;
pub mod duties;
pub mod freshness;
mod handlers;
pub mod list;
mod part_handlers;
mod parts;
pub mod read;
mod renewal;
pub mod reports;
pub mod reviews;
pub mod rules;
pub mod silent;
pub mod standing;
mod steps;
pub mod store;
mod summary;
pub mod types;
pub mod withheld;

pub use handlers::AsOf;
pub use list::AgreementSort;

use crate::http::mount::Mount;

pub fn configure(config: &mut impl Mount) {
    handlers::configure(config);
    part_handlers::configure(config);
    reviews::configure(config);
    council::configure(config);
    duties::configure(config);
    reports::configure(config);
    withheld::configure(config);
}
