//! The names of organizations, their legal forms, the official list of municipalities, and the
//! public holidays.

pub mod holidays;
pub mod legal_forms;
pub mod municipalities;
pub mod names;
