//! The names of organizations, their legal forms, the official list of municipalities and their
//! codes, who succeeded whom, and the public holidays.

pub mod codes;
pub mod holidays;
pub mod legal_forms;
pub mod municipalities;
pub mod names;
pub mod succession;
