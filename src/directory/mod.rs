//! The names of organizations, and the official list of municipalities.

pub mod municipalities;
pub mod names;
