//! `/statistics/agreements`: the execution of agreements and their commitments.
//!
//! One pass over the selected agreements yields the [`facts`] of each, from a small text beside its
//! document. The figures count them and the lists behind the figures show them, by the same rules.

mod facts;
pub mod figures;
mod handlers;
mod records;
pub mod types;

pub use handlers::configure;
pub use types::{AgreementFigure, AgreementGroup};
