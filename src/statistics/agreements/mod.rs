//! `/statistics/agreements`: the execution of agreements and their commitments.
//!
//! One pass over the selected agreements yields the [`facts`] of each. The figures count them and
//! the lists behind the figures show them, by the same rules.

mod facts;
pub mod figures;
mod handlers;
pub mod types;

pub(super) use facts::known_on;
pub use handlers::configure;
pub use types::{AgreementFigure, AgreementGroup};
