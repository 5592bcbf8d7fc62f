mod approvals;
mod bounds;
mod leaks;
pub mod matrix;
mod merged_tokens;
mod oidc;
mod tokens;
