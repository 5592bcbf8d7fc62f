//! mou-registry: a registry of a city's agreements and commitments.
//!
//! The modules stand on floors, and a module uses only modules of lower floors (see
//! `docs/ARCHITECTURE.md`; `tests/floors.rs` holds the code to it):
//!
//! - [`kernel`]: errors, languages, values and their wording, legal days, the clock. [`db`]: both
//!   databases.
//! - [`directory`]: names of organizations, official municipalities, holidays. [`outbound`]: guarded
//!   HTTP requests.
//! - [`ledger`]: the hash-chained log, the caller, and the scope of what a caller sees.
//! - [`mod@extract`]: the text of files, read in a child process.
//! - [`access`]: tokens, single sign-on, secret addresses. [`projections`]: tables derived from
//!   records.
//! - [`edge`]: limits and headers. [`texts`]: texts of files for the search.
//! - [`http`]: extractors, sessions, the spec, and the responders that handlers share.
//! - The records: [`organizations`], [`tokens`], [`mod@reference`], [`projects`], [`agreements`],
//!   [`municipalities`], [`working_groups`], [`holidays`], [`announcements`].
//! - [`records`]: the list of all kinds of records.
//! - The views of records: [`timeline`], [`search`], [`statistics`], [`changes`], and [`merges`] of
//!   organizations; and [`imports`] of ledgers.
//! - What is built on views: [`webhooks`], [`council_report`], [`calendars`], and [`backup`].
//! - [`pages`]: the pages that people read, on the same stores as the API.
//! - [`app`]: the program that puts all of it together.

pub mod access;
pub mod agreements;
pub mod announcements;
pub mod app;
pub mod backup;
pub mod calendars;
pub mod changes;
pub mod council_report;
pub mod db;
pub mod directory;
pub mod edge;
pub mod extract;
pub mod files;
pub mod holidays;
pub mod http;
pub mod imports;
pub mod kernel;
pub mod ledger;
pub mod merges;
pub mod municipalities;
pub mod organizations;
pub mod outbound;
pub mod pages;
pub mod projections;
pub mod projects;
pub mod records;
pub mod reference;
pub mod search;
pub mod statistics;
pub mod texts;
pub mod timeline;
pub mod tokens;
pub mod webhooks;
pub mod working_groups;
