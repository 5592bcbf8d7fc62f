//! The names of organizations, their legal forms and heads, the official list of municipalities and their
//! codes, who succeeded whom, and the public holidays.

pub mod codes;
pub mod heads;
pub mod holidays;
pub mod legal_forms;
pub mod municipalities;
pub mod names;
pub mod succession;
