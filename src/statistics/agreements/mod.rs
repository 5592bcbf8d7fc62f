//! `/statistics/agreements`: how agreements and their commitments are carried out.
//!
//! One pass over the agreements that are asked for makes the facts of each ([`facts`]); figures count
//! them, and the lists behind the figures show them, by the same rules.

mod facts;
mod figures;
mod handlers;
mod types;

pub use handlers::configure;
pub use types::{AgreementFigure, AgreementGroup};
