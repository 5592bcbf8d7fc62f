//! The names of organizations, their legal forms, and the official list of municipalities.

pub mod legal_forms;
pub mod municipalities;
pub mod names;
