mod bounds;
pub mod matrix;
mod oidc;
mod tokens;
